//! CPU of a group over a stretch of ticks in which the connectors serving stay the same.
//!
//! CPU is counted in hundredths of a percent. With idle CPU a (of every connector), and connector i of weight wᵢ and
//! capacity cᵢ = C/(1 + β(n − 1)) ÷ (CPU multiplier), n connectors serving, demand d gives it
//!
//! - the share sᵢ = d·wᵢ/Σw, of which max(0, sᵢ − cᵢ) is not served,
//! - the offered CPU a + bᵢ·d with bᵢ = (10000 − a)·(wᵢ/Σw)/cᵢ, of which at most 10000 is displayed.
//!
//! A group's offered CPU is floor(mean(a + bᵢ·d) + ½), computed from the mean slope; its sample is
//! floor(mean(min(a + bᵢ·d, 10000)) + ½), computed like the offered CPU wherever no connector is full, so that the two
//! agree there to the bit. Where connectors that do not serve count as zeros, the sample's sum is divided by the
//! number of those configured; the offered CPU stays a mean over those serving.
//!
//! Both are f32 until they are rounded. Sums of Mbps are f64 in sixteen interleaved partial sums, tick t in sum t mod
//! 16, added pairwise at the end. So results do not depend on the level of vector instructions.

mod histogram;

pub use histogram::{
    CPU_BIN_WIDTH, CPU_BINS, DEMAND_BINS, LoadCounts, LoadHistograms, cpu_bin, demand_bin, demand_bin_floor,
};

use std::sync::LazyLock;

use super::{AbsentInAverage, Model};
use crate::environment::demand::level::{Floats, Ints};
use crate::fleet::{Group, Slot, SlotSet};
use crate::random::{Purpose, Streams, open_unit};
use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

/// 100 %, in hundredths of a percent.
pub const FULL: i32 = 10_000;

/// The greatest offered CPU: the last f32 that is an i32. More is cut to it.
const MOST_OFFERED: f32 = 2_147_483_520.0;

/// What a group's connectors have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// C: traffic at 100 % CPU of a connector that serves alone, in Mbps, > 0.
    pub capacity_mbps: f64,
    /// CPU without traffic, in percent, in [0, 100).
    pub idle_cpu_percent: f64,
    /// β, ≥ 0.
    pub efficiency: f64,
}

impl Unit {
    /// C/(1 + β(n − 1)): what each of n connectors carries.
    fn of_each(self, serving: f64) -> f64 {
        self.capacity_mbps / (1.0 + self.efficiency * (serving - 1.0))
    }
}

/// A connector that serves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Serving {
    /// Its balance weight, > 0; only ratios matter.
    pub weight: f64,
    /// Its release's CPU multiplier, > 0.
    pub cpu_multiplier: f64,
}

/// What those serving together do with a demand.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    serving: f32,
    /// a.
    idle: f32,
    /// The mean of bᵢ.
    slope: f32,
    /// bᵢ; empty if all are equal.
    slopes: Vec<f32>,
    /// The greatest of bᵢ.
    steepest: f32,
    /// (wᵢ/Σw, cᵢ); empty if all are equal.
    parts: Vec<(f64, f64)>,
    /// Σc.
    total: f64,
    /// As long as the offered CPU is at most this, no connector is full: two hundredths below the exact bound, which
    /// covers all rounding.
    safe: i32,
    /// How many are configured, where those that do not serve count as zeros.
    configured: Option<f32>,
}

static WEIGHT: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("balance weight"));

/// Weights 1 + spread·u of a group's slots, u uniform on (−1, 1), once per slot.
pub fn balance_weights(streams: Streams, group: &Group) -> Vec<f64> {
    let weight = |slot: &Slot| match group.balance_spread {
        0.0 => 1.0,
        spread => 1.0 + spread * (2.0 * open_unit(&mut streams.draw(slot.entity, *WEIGHT, 0)) - 1.0),
    };
    group.slots.iter().map(weight).collect()
}

impl Capacity {
    /// The capacity of the slots of `group` that serve, of which `bad` run a bad release, with so many `configured`.
    pub fn of_group(
        model: &Model,
        group: &Group,
        weights: &[f64],
        serving: SlotSet,
        bad: SlotSet,
        configured: usize,
    ) -> Capacity {
        let instance = &model.fleet.instances[group.instance];
        let unit = Unit {
            capacity_mbps: instance.capacity_mbps,
            idle_cpu_percent: instance.idle_cpu_percent,
            efficiency: group.efficiency,
        };
        let multiplier = model.environment.releases.bad.cpu_multiplier;
        let configured = (model.overload.absent == AbsentInAverage::AsZero).then_some(configured);
        if group.balance_spread == 0.0 && bad.is_empty() {
            return Capacity::alike(unit, serving.len(), 1.0, configured);
        }
        let connector = |slot| Serving {
            weight: weights[slot],
            cpu_multiplier: if bad.contains(slot) { multiplier } else { 1.0 },
        };
        let connectors: Vec<Serving> = serving.iter().map(connector).collect();
        Capacity::new(unit, &connectors, configured)
    }

    /// Whether nobody serves.
    pub fn is_nobody(&self) -> bool {
        self.serving == 0.0
    }

    /// Whether `demand` is more than they can carry, in Mbps.
    pub fn saturates(&self, demand: f32) -> bool {
        self.unserved_at(demand) > 0.0
    }

    /// The capacity of `serving`, by ordinal. `configured` is the number of configured connectors if those that do not
    /// serve count as zeros in samples, `None` if they are left out. With nobody serving nothing is served.
    pub fn new(unit: Unit, serving: &[Serving], configured: Option<usize>) -> Capacity {
        if serving.iter().all(|one| *one == serving[0]) {
            let cpu_multiplier = serving.first().map_or(1.0, |one| one.cpu_multiplier);
            return Capacity::alike(unit, serving.len(), cpu_multiplier, configured);
        }
        let count = serving.len() as f64;
        let idle = 100.0 * unit.idle_cpu_percent;
        let alone = unit.of_each(count);
        let weights: f64 = serving.iter().map(|one| one.weight).sum();
        let parts: Vec<(f64, f64)> =
            serving.iter().map(|one| (one.weight / weights, alone / one.cpu_multiplier)).collect();
        let slopes: Vec<f64> =
            parts.iter().map(|(share, capacity)| (f64::from(FULL) - idle) * share / capacity).collect();
        let slope = slopes.iter().sum::<f64>() / count;
        let steepest = slopes.iter().copied().fold(0.0, f64::max);
        let safe = idle + (f64::from(FULL) - idle) * slope / steepest;
        Capacity {
            serving: count as f32,
            idle: idle as f32,
            slope: slope as f32,
            slopes: slopes.iter().map(|&slope| slope as f32).collect(),
            steepest: steepest as f32,
            total: parts.iter().map(|(_, capacity)| capacity).sum(),
            parts,
            safe: safe as i32 - 2,
            configured: configured.map(|configured| configured as f32),
        }
    }

    /// The capacity of so many connectors that are all alike, the usual case.
    fn alike(unit: Unit, serving: usize, cpu_multiplier: f64, configured: Option<usize>) -> Capacity {
        let count = serving as f64;
        let idle = 100.0 * unit.idle_cpu_percent;
        let each = unit.of_each(count) / cpu_multiplier;
        let slope = if serving > 0 { (f64::from(FULL) - idle) * (1.0 / count) / each } else { 0.0 };
        Capacity {
            serving: count as f32,
            idle: idle as f32,
            slope: slope as f32,
            slopes: Vec::new(),
            steepest: slope as f32,
            parts: Vec::new(),
            total: count * each,
            safe: FULL - 2,
            configured: configured.map(|configured| configured as f32),
        }
    }

    /// Whether samples may differ from the offered CPU in a stretch whose greatest offered CPU is `most_offered`.
    pub fn differs(&self, most_offered: i32) -> bool {
        self.configured.is_some() || most_offered > self.safe
    }

    /// Whether somebody serves and no connector is full at any tick whose sample is at most `sample`, in a stretch whose
    /// greatest offered CPU is `most_offered`.
    pub fn none_is_full_below(&self, sample: i32, most_offered: i32) -> bool {
        let alike = self.slopes.is_empty() && self.configured.is_none();
        !self.is_nobody() && (most_offered <= self.safe || alike && sample <= self.safe)
    }

    /// Fills `out` with the offered CPU, uncapped, at each tick and returns the greatest, 0 if there is none. Somebody
    /// serves; `demand` is in Mbps, ≥ 0, and as long as `out`.
    pub fn offered(&self, level: Level, demand: &[f32], out: &mut [i32]) -> i32 {
        dispatch!(level, simd => self.offered_in(simd, demand, out))
    }

    /// Fills `out` with the samples, in [0, 10000], at each tick, given the `offered` CPU and its greatest. Somebody
    /// serves; all three are equally long.
    pub fn samples(&self, level: Level, demand: &[f32], offered: &[i32], most: i32, out: &mut [i32]) {
        if !self.differs(most) {
            out.copy_from_slice(offered);
        } else if self.slopes.is_empty() && self.configured.is_none() {
            for (sample, &offered) in out.iter_mut().zip(offered) {
                *sample = offered.min(FULL);
            }
        } else {
            dispatch!(level, simd => self.samples_in(simd, demand, out));
        }
    }

    /// The unserved Mbps, summed over the ticks; exactly 0 without a look at them if `most_offered`, the greatest
    /// offered CPU of the stretch, leaves no connector full. With nobody serving (`most_offered` does not matter) it is
    /// all demand.
    pub fn unserved(&self, level: Level, demand: &[f32], most_offered: i32) -> f64 {
        if self.serving == 0.0 {
            return demand_sum(level, demand);
        }
        if most_offered <= self.safe {
            return 0.0;
        }
        dispatch!(level, _simd => sum(demand, #[inline(always)] |demand| self.unserved_at(demand)))
    }

    /// The unserved Mbps at one demand.
    #[inline(always)]
    pub fn unserved_at(&self, demand: f32) -> f64 {
        let demand = f64::from(demand);
        if self.serving == 0.0 {
            return demand;
        }
        if self.parts.is_empty() {
            return (demand - self.total).max(0.0);
        }
        let mut unserved = 0.0;
        for &(share, capacity) in &self.parts {
            let excess = demand * share - capacity;
            unserved += if excess > 0.0 { excess } else { 0.0 };
        }
        unserved
    }

    #[inline(always)]
    fn offered_in<S: Simd>(&self, simd: S, demand: &[f32], out: &mut [i32]) -> i32 {
        // Rounding is monotone: the greatest offered CPU is that of the greatest unrounded.
        let mut most = Floats::<S>::simd_from(simd, 0.0);
        map_floats(
            simd,
            demand,
            out,
            #[inline(always)]
            |demand| {
                let rounded = (demand * self.slope + self.idle + 0.5).min(MOST_OFFERED);
                most = most.max(rounded);
                rounded.to_int()
            },
        );
        most.reduce_max() as i32
    }

    #[inline(always)]
    fn samples_in<S: Simd>(&self, simd: S, demand: &[f32], out: &mut [i32]) {
        let full = FULL as f32;
        map_floats(
            simd,
            demand,
            out,
            #[inline(always)]
            |demand| {
                let mut mean = demand * self.slope + self.idle;
                if self.slopes.is_empty() {
                    mean = mean.min(full);
                } else {
                    let mut sum = Floats::<S>::simd_from(simd, 0.0);
                    for &slope in &self.slopes {
                        sum += (demand * slope + self.idle).min(full);
                    }
                    let nobody_full = (demand * self.steepest + self.idle).simd_le(full);
                    mean = nobody_full.select(mean, sum / self.serving);
                }
                if let Some(configured) = self.configured {
                    mean = mean * self.serving / configured;
                }
                (mean + 0.5).to_int()
            },
        );
    }
}

/// Defines a function that applies `f` to vectors of its input. What is left at the end is covered by a last vector
/// that overlaps the one before, or, in fewer ticks than a vector has, by one filled up with zeros.
macro_rules! map {
    ($name:ident, $vector:ident, $element:ty) => {
        #[inline(always)]
        fn $name<S: Simd>(
            simd: S,
            input: &[$element],
            out: &mut [i32],
            mut f: impl FnMut($vector<S>) -> Ints<S>,
        ) {
            assert_eq!(input.len(), out.len());
            let width = $vector::<S>::LEN;
            let Some(last) = input.len().checked_sub(width) else {
                if input.is_empty() {
                    return;
                }
                let mut padded = $vector::<S>::simd_from(simd, <$element>::default());
                padded.as_mut_slice()[..input.len()].copy_from_slice(input);
                return out.copy_from_slice(&f(padded).as_slice()[..input.len()]);
            };
            for from in (0..last).step_by(width) {
                let here = from..from + width;
                f($vector::<S>::from_slice(simd, &input[here.clone()])).store_slice(&mut out[here]);
            }
            f($vector::<S>::from_slice(simd, &input[last..])).store_slice(&mut out[last..]);
        }
    };
}

map!(map_floats, Floats, f32);
map!(map_ints, Ints, i32);

/// The sum of `demand`, in Mbps times ticks.
pub fn demand_sum(level: Level, demand: &[f32]) -> f64 {
    dispatch!(level, _simd => sum(demand, f64::from))
}

/// The greatest of `demand`, which is ≥ 0; 0 if it is empty.
pub fn demand_max(level: Level, demand: &[f32]) -> f32 {
    dispatch!(level, _simd => max(demand))
}

/// Partial sums of [`sum`] and [`max`].
const PARTS: usize = 16;

#[inline(always)]
fn sum(demand: &[f32], f: impl Fn(f32) -> f64) -> f64 {
    let mut parts = [0.0; PARTS];
    let (full, rest) = demand.as_chunks::<PARTS>();
    for chunk in full {
        for i in 0..PARTS {
            parts[i] += f(chunk[i]);
        }
    }
    for (part, &demand) in parts.iter_mut().zip(rest) {
        *part += f(demand);
    }
    let mut half = PARTS / 2;
    while half > 0 {
        for i in 0..half {
            parts[i] += parts[i + half];
        }
        half /= 2;
    }
    parts[0]
}

#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn max(demand: &[f32]) -> f32 {
    let mut parts = [0.0; PARTS];
    let (full, rest) = demand.as_chunks::<PARTS>();
    for chunk in full {
        for i in 0..PARTS {
            parts[i] = greater(chunk[i], parts[i]);
        }
    }
    rest.iter().chain(&parts).copied().fold(0.0, greater)
}

#[cfg(test)]
mod tests;
