//! FLEET-0 (c): the bare arithmetic of the ticks: noise, exponential, profile, CPU and histogram.
//!
//! The engine's own kernels, precision, generator and level, and nothing else: no connector ever fails. It bounds what
//! any engine with these numbers can do.

use crate::heap::{DAY, SLOTS};
use fleetcast::environment::demand::level::Level;
use fleetcast::environment::demand::{BLOCK, DemandSeries, Noise};
use fleetcast::random::{Entity, Streams};
use fleetcast::simulation::load::{Capacity, LoadHistograms, Serving, Unit};

/// How many of the hours of a day groups are shifted by.
const PHASES: usize = 24;

/// The demand of FLEET-0 over `ticks` ticks, a series for each phase.
pub(crate) struct Arithmetic {
    series: Vec<DemandSeries>,
    capacity: Capacity,
    ticks: usize,
}

impl Arithmetic {
    /// Prepares `days` of ticks.
    pub(crate) fn new(days: f64) -> Arithmetic {
        let ticks = (days * DAY / 300.0) as usize;
        let noise = Noise { sigma: 0.25, phi: 0.95 };
        // The noise of the engine has mean 1, that of FLEET-0 median 1.
        let level = 1.2 * libm::exp(noise.sigma * noise.sigma / 2.0);
        let shape = |phase: usize, tick: usize| {
            let turns = (tick + 1) as f64 * 300.0 / DAY + phase as f64 / PHASES as f64;
            (level * (1.0 + 0.6 * libm::sin(std::f64::consts::TAU * turns))) as f32
        };
        let series = |phase| DemandSeries {
            name: format!("phase {phase}"),
            mbps_per_user: 1.0,
            shape: (0..ticks).map(|tick| shape(phase, tick)).collect(),
            noise: Some(noise),
        };
        let unit = Unit { capacity_mbps: 1.0, idle_cpu_percent: 0.0, efficiency: 0.0 };
        let serving = [Serving { weight: 1.0, cpu_multiplier: 1.0 }; SLOTS];
        Arithmetic {
            series: (0..PHASES).map(series).collect(),
            capacity: Capacity::new(unit, &serving, None),
            ticks,
        }
    }

    /// Computes the ticks of `groups` groups and returns how many had a CPU of 70 % or more.
    pub(crate) fn run(&self, level: Level, groups: usize) -> u64 {
        let mut histograms = LoadHistograms::default();
        let streams = Streams { seed: 1, replication: 0 };
        let (mut demand, mut offered) = ([0.0; BLOCK], [0; BLOCK]);
        for group in 0..groups {
            let series = &self.series[group % PHASES];
            let mut noise = series.noise_state(streams, Entity([group as u64, 0]));
            for (index, from) in (0..self.ticks).step_by(BLOCK).enumerate() {
                let count = BLOCK.min(self.ticks - from);
                series.block(level, &mut noise, index, &mut demand);
                self.capacity.offered(level, &demand[..count], &mut offered[..count]);
                histograms.add_cpu(level, &offered[..count]);
            }
        }
        let counts = histograms.counts();
        counts.cpu().bins().filter(|(bin, _)| *bin >= 140).map(|(_, count)| count).sum()
    }

    /// Ticks of a group.
    pub(crate) fn ticks(&self) -> usize {
        self.ticks
    }
}
