//! To come: vector kernels.

use std::sync::LazyLock;

use fearless_simd::Level;

use super::Model;
use crate::fleet::{Group, SlotSet};
use crate::random::{Purpose, Streams, open_unit};

static WEIGHT: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("balance weight"));

/// Weights 1 + spread·u of a group's slots, u uniform on (−1, 1).
pub fn balance_weights(streams: Streams, group: &Group) -> Vec<f64> {
    let weight = |slot: &crate::fleet::Slot| match group.balance_spread {
        0.0 => 1.0,
        spread => 1.0 + spread * (2.0 * open_unit(&mut streams.draw(slot.entity, *WEIGHT, 0)) - 1.0),
    };
    group.slots.iter().map(weight).collect()
}

/// Histograms of offered CPU and demand.
#[derive(Clone, Debug, Default)]
pub struct LoadHistograms {}

/// What the connectors that serve can carry.
#[derive(Clone, Debug)]
pub struct Capacity {
    idle: f32,
    slopes: Vec<f32>,
    shares: Vec<(f64, f64)>,
    divisor: f32,
}

impl Capacity {
    /// Nobody serves.
    pub fn nobody() -> Capacity {
        Capacity { idle: 0.0, slopes: Vec::new(), shares: Vec::new(), divisor: 1.0 }
    }

    /// Those `serving`, of which `bad` run a bad release.
    pub fn new(model: &Model, group: &Group, weights: &[f64], serving: SlotSet, bad: SlotSet) -> Capacity {
        let instance = &model.fleet.instances[group.instance];
        let n = serving.len();
        let total: f64 = serving.iter().map(|slot| weights[slot]).sum();
        let each = instance.capacity_mbps / (1.0 + group.efficiency * (n as f64 - 1.0));
        let shares: Vec<(f64, f64)> = serving
            .iter()
            .map(|slot| {
                let slower =
                    if bad.contains(slot) { model.environment.releases.bad.cpu_multiplier } else { 1.0 };
                (weights[slot] / total, each / slower)
            })
            .collect();
        let idle = instance.idle_cpu_percent;
        let slopes = shares
            .iter()
            .map(|(share, capacity)| ((100.0 - idle) * 100.0 * share / capacity) as f32)
            .collect();
        let divisor = match model.overload.absent {
            super::AbsentInAverage::LeftOut => n,
            super::AbsentInAverage::AsZero => group.slots.len(),
        };
        Capacity { idle: (idle * 100.0) as f32, slopes, shares, divisor: divisor as f32 }
    }

    /// Whether nobody serves.
    pub fn is_nobody(&self) -> bool {
        self.slopes.is_empty()
    }

    /// Whether `mbps` is more than they can carry.
    pub fn saturates(&self, mbps: f32) -> bool {
        if self.is_nobody() { mbps > 0.0 } else { self.unserved_at(mbps) > 0.0 }
    }

    fn unserved_at(&self, mbps: f32) -> f64 {
        self.shares.iter().map(|(share, capacity)| (f64::from(mbps) * share - capacity).max(0.0)).sum()
    }

    /// Sum over ticks of what they cannot carry.
    pub fn unserved(&self, level: Level, demand: &[f32]) -> f64 {
        if self.is_nobody() {
            return demand_sum(level, demand);
        }
        demand.iter().map(|&mbps| self.unserved_at(mbps)).sum()
    }

    /// Offered and displayed CPU.
    pub fn cpu(&self, _level: Level, demand: &[f32], offered: &mut [i32], samples: &mut [i32]) {
        for (i, &mbps) in demand.iter().enumerate() {
            let n = self.slopes.len() as f32;
            let sum: f32 = self.slopes.iter().map(|slope| self.idle + slope * mbps).sum();
            let capped: f32 = self.slopes.iter().map(|slope| (self.idle + slope * mbps).min(10_000.0)).sum();
            offered[i] = (sum / n + 0.5).floor() as i32;
            samples[i] = (capped / self.divisor + 0.5).floor() as i32;
        }
    }
}

/// Sum of demand.
pub fn demand_sum(_level: Level, demand: &[f32]) -> f64 {
    demand.iter().map(|&mbps| f64::from(mbps)).sum()
}

impl LoadHistograms {
    /// Adds offered CPU.
    pub fn add_cpu(&mut self, _offered: &[i32]) {}

    /// Adds demand and returns its sum.
    pub fn add_demand(&mut self, demand: &[f32]) -> f64 {
        demand.iter().map(|&mbps| f64::from(mbps)).sum()
    }

    /// Adds another's.
    pub fn merge(&mut self, _other: &LoadHistograms) {}
}
