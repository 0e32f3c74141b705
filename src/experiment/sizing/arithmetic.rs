//! Sizes by arithmetic: what a group needs while every connector serves.
//!
//! With n connectors of capacity C a group carries n·C/(1 + β(n − 1)) Mbps, and demand d gives it a CPU of
//! idle + (100 − idle)·d/capacity. The closed form *at peak* is the smallest n whose CPU at the highest demand without noise stays
//! at or below the threshold; one more is N+1, two more N+2. It knows no noise, outage or update.
//!
//! A search starts from a second one, which allows for noise: demand is shape × exp(σz − σ²/2), z standard normal, so the share
//! of ticks above a limit is the mean of Φ((ln(shape/limit) − σ²/2)/σ) over the shape, here over its histogram.

use super::target::Target;
use crate::fleet::{Group, InstanceType, MOST_SLOTS};
use crate::simulation::Model;

/// Bins of the logarithm of a shape, a percent each.
const BIN: f64 = 0.01;

/// The noise-free demand of a series, as a histogram of its logarithm.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The highest, in Mbps.
    pub peak: f64,
    sigma: f64,
    /// (demand in Mbps, share of the ticks), ascending.
    bins: Vec<(f64, f64)>,
}

impl Shape {
    /// The shape of the demand series with this index, times `factor`.
    pub fn of(model: &Model, series: usize, factor: f64) -> Shape {
        let series = &model.environment.demands[series];
        Shape::of_values(&series.shape, series.noise.map_or(0.0, |noise| noise.sigma), factor)
    }

    /// The shape of noise-free `values` in Mbps, one a tick, times `factor`, with noise of this σ.
    pub fn of_values(values: &[f32], sigma: f64, factor: f64) -> Shape {
        let mut counts = std::collections::BTreeMap::<i64, u64>::new();
        let mut peak = 0.0_f32;
        for &mbps in values {
            peak = if mbps > peak { mbps } else { peak };
            if mbps > 0.0 {
                *counts.entry(libm::floor(libm::log(f64::from(mbps)) / BIN) as i64).or_default() += 1;
            }
        }
        let ticks = values.len().max(1) as f64;
        let middle = |bin: i64| factor * libm::exp((bin as f64 + 0.5) * BIN);
        Shape {
            peak: factor * f64::from(peak),
            sigma,
            bins: counts.into_iter().map(|(bin, count)| (middle(bin), count as f64 / ticks)).collect(),
        }
    }

    /// The share of the ticks with more than `mbps`.
    pub fn share_above(&self, mbps: f64) -> f64 {
        let above = |demand: f64| {
            let distance = libm::log(demand / mbps);
            match self.sigma {
                0.0 => f64::from(u8::from(distance > 0.0)),
                sigma => {
                    let z = (distance - sigma * sigma / 2.0) / sigma;
                    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
                }
            }
        };
        self.bins.iter().map(|&(demand, share)| share * above(demand)).sum()
    }
}

/// Mbps that `n` connectors carry.
pub fn carries(group: &Group, instance: &InstanceType, n: usize) -> f64 {
    let n = n as f64;
    n * instance.capacity_mbps / (1.0 + group.efficiency * (n - 1.0).max(0.0))
}

/// Mbps at which `n` connectors reach a CPU of `percent`.
fn carries_at(group: &Group, instance: &InstanceType, n: usize, percent: f64) -> f64 {
    let idle = instance.idle_cpu_percent;
    carries(group, instance, n) * (percent - idle).max(0.0) / (100.0 - idle)
}

/// The smallest size that carries the peak without noise at or below the threshold, all its connectors serving.
pub fn at_peak(model: &Model, group: &Group, shape: &Shape) -> Option<usize> {
    let instance = &model.fleet.instances[group.instance];
    let threshold = f64::from(model.overload.threshold) / 100.0;
    (1..=MOST_SLOTS).find(|&n| shape.peak <= carries_at(group, instance, n, threshold))
}

/// The size to try first: one less than that which meets every target of load while all its connectors serve; the largest there
/// can be where none does.
pub fn start(model: &Model, group: &Group, shape: &Shape, targets: &[Target]) -> usize {
    let instance = &model.fleet.instances[group.instance];
    let threshold = f64::from(model.overload.threshold) / 100.0;
    let meets = |target: &Target, percent: f64, n: usize| {
        shape.share_above(carries_at(group, instance, n, percent)) <= target.share_of_time
    };
    let needed = |target: &Target| {
        let percent = target.limit_percent.map(|limit| if limit > 0.0 { limit } else { threshold })?;
        Some((1..=MOST_SLOTS).find(|&n| meets(target, percent, n)).unwrap_or(MOST_SLOTS + 1))
    };
    targets.iter().filter_map(needed).max().map_or(1, |needed| (needed - 1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of the ticks at 100 and half at 200 Mbps, σ = 0.5: P(d > 200) = ½Φ(−0.25 − ln 2/0.5) + ½Φ(−0.25), by hand
    /// from the table of the normal distribution: ½·Φ(−1.636) + ½·Φ(−0.25) = ½·0.0509 + ½·0.4013.
    #[test]
    fn noise_is_allowed_for() {
        let bins = vec![(100.0, 0.5), (200.0, 0.5)];
        let noisy = Shape { peak: 200.0, sigma: 0.5, bins };
        assert!((noisy.share_above(200.0) - (0.0509 + 0.4013) / 2.0).abs() < 1e-4);
        let still = Shape { sigma: 0.0, ..noisy };
        assert_eq!(still.share_above(150.0), 0.5);
    }
}
