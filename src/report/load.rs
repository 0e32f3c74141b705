//! Quantiles of the load of groups, from histograms: a quantile is the middle of its bin, at most the largest value
//! seen. Bins of the offered CPU are half a percent wide (the last, from 255.5 %, is open), bins of demand 1.6 % of it.

use crate::recording::GroupTally;

/// The distributions of a tally.
#[derive(Clone, Debug)]
pub struct Load {
    cpu: Vec<u64>,
    demand: Vec<u64>,
    cpu_max: f64,
    demand_max: f64,
}

impl Load {
    /// The distributions of `tally`.
    pub fn of(tally: &GroupTally) -> Load {
        Load {
            cpu: Vec::new(),
            demand: Vec::new(),
            cpu_max: f64::from(tally.cpu_max) / 100.0,
            demand_max: f64::from(tally.demand_max),
        }
    }

    /// The `share` quantile of the offered CPU over ticks with somebody serving, in percent.
    pub fn cpu(&self, share: f64) -> Option<f64> {
        let bin = bin_of(&self.cpu, share)?;
        let open = bin + 1 == self.cpu.len();
        Some(if open { self.cpu_max } else { (bin as f64 * 0.5 + 0.25).min(self.cpu_max) })
    }

    /// The `share` quantile of demand over the same ticks, in Mbps.
    pub fn demand(&self, share: f64) -> Option<f64> {
        let bin = bin_of(&self.demand, share)?;
        Some((bin as f64).min(self.demand_max))
    }
}

/// The first bin up to which at least `share` of all counts lie; `None` without counts.
fn bin_of(counts: &[u64], share: f64) -> Option<usize> {
    let total: u64 = counts.iter().sum();
    let rank = libm::ceil(share * total as f64 - 1e-9).max(1.0) as u64;
    let mut seen = 0;
    counts.iter().position(|count| {
        seen += count;
        seen >= rank
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_first_bin_that_reaches_its_share() {
        let counts = [0, 50, 0, 49, 1];
        assert_eq!(bin_of(&counts, 0.5), Some(1));
        assert_eq!(bin_of(&counts, 0.500_001), Some(3));
        assert_eq!(bin_of(&counts, 0.99), Some(3));
        assert_eq!(bin_of(&counts, 1.0), Some(4));
        assert_eq!(bin_of(&[0, 0], 0.5), None);
    }

    #[test]
    fn a_quantile_is_at_most_the_largest_value() {
        let load = Load { cpu: vec![0, 10, 0], demand: vec![], cpu_max: 0.6, demand_max: 0.0 };
        assert_eq!(load.cpu(0.5), Some(0.6));
        assert_eq!(Load { cpu_max: 0.9, ..load }.cpu(0.5), Some(0.75));
    }
}
