//! Demand of a group, tick by tick: a shape that groups share, times the group's own noise.
//!
//! A series is compiled once for each (demand, time zone, set of special events that apply) and shared by the groups
//! and replications that have them in common. Noise is a stationary AR(1) on the logarithm, keyed by the group.

mod elementary;
pub mod level;
mod noise;

pub use noise::NoiseState;

use crate::random::{Entity, Streams};
use fearless_simd::{Level, dispatch};

/// Ticks in a block of demand: [`LANES`] lanes of [`LANE_LENGTH`] consecutive ticks.
pub const BLOCK: usize = LANES * LANE_LENGTH;
/// Lanes of the noise generator. Part of the numbers: changing it changes results.
pub const LANES: usize = 16;
/// Consecutive ticks in a lane. Part of the numbers: changing it changes results.
pub const LANE_LENGTH: usize = 64;

/// Demand of the groups that refer to it.
#[derive(Clone, Debug)]
pub struct DemandSeries {
    /// Name of the demand in the scenario.
    pub name: String,
    /// Mbps of one active user, > 0.
    pub mbps_per_user: f64,
    /// Mbps at each tick without noise, one per tick of the run.
    pub shape: Vec<f32>,
    /// Noise on the logarithm.
    pub noise: Option<Noise>,
}

/// exp(x − σ²/2) with x a stationary AR(1) per tick: standard deviation `sigma`, coefficient `phi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Standard deviation of x, ≥ 0.
    pub sigma: f64,
    /// Coefficient per tick, in (−1, 1).
    pub phi: f64,
}

impl DemandSeries {
    /// The noise of `group` before its first block.
    pub fn noise_state(&self, streams: Streams, group: Entity) -> NoiseState {
        match self.noise {
            Some(noise) if !self.shape.is_empty() => NoiseState::new(noise, streams, group),
            _ => NoiseState::still(),
        }
    }

    /// Fills `out` with the demand in Mbps of ticks `index`·[`BLOCK`], …, 0 beyond the last of the run. Call it with
    /// `index` 0, 1, 2, …: the state goes on from block to block.
    pub fn block(&self, level: Level, state: &mut NoiseState, index: usize, out: &mut [f32; BLOCK]) {
        let rest = &self.shape[(index * BLOCK).min(self.shape.len())..];
        let Some((shape, _)) = rest.split_first_chunk::<BLOCK>() else {
            let mut padded = [0.0; BLOCK];
            padded[..rest.len()].copy_from_slice(rest);
            return self.full_block(level, state, &padded, out);
        };
        self.full_block(level, state, shape, out);
    }

    /// The demand of `group` in Mbps at every tick of the run.
    pub fn path(&self, level: Level, streams: Streams, group: Entity) -> Vec<f32> {
        let mut state = self.noise_state(streams, group);
        let mut path = vec![0.0; self.shape.len().next_multiple_of(BLOCK)];
        let (blocks, _) = path.as_chunks_mut::<BLOCK>();
        for (index, block) in blocks.iter_mut().enumerate() {
            self.block(level, &mut state, index, block);
        }
        path.truncate(self.shape.len());
        path
    }

    fn full_block(&self, level: Level, state: &mut NoiseState, shape: &[f32; BLOCK], out: &mut [f32; BLOCK]) {
        if self.noise.is_some() {
            dispatch!(level, simd => noise::block(simd, state, shape, out));
        } else {
            *out = *shape;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAMS: Streams = Streams { seed: 1, replication: 0 };

    fn series(ticks: usize, noise: Option<Noise>) -> DemandSeries {
        let shape = (0..ticks).map(|tick| 100.0 + (tick % 288) as f32).collect();
        DemandSeries { name: "office".into(), mbps_per_user: 0.5, shape, noise }
    }

    fn path(series: &DemandSeries, level: Level, blocks: usize) -> Vec<f32> {
        let mut state = series.noise_state(STREAMS, Entity::named("group", "fra"));
        let mut path = Vec::new();
        for index in 0..blocks {
            let mut out = [f32::NAN; BLOCK];
            series.block(level, &mut state, index, &mut out);
            path.extend(out);
        }
        path
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        for noise in [Noise { sigma: 0.25, phi: 0.95 }, Noise { sigma: 2.0, phi: -0.3 }] {
            let series = series(5000, Some(noise));
            let bits = |level| path(&series, level, 5).into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let expected = bits(Level::new());
            for (name, level) in level::all() {
                assert!(bits(level) == expected, "{name}");
            }
        }
    }

    /// Value-breaking: a new hash here means that every result with noise changes, which the changelog must say.
    #[test]
    fn the_first_block_is_what_it_was() {
        let path = path(&series(BLOCK, Some(Noise { sigma: 0.25, phi: 0.95 })), Level::new(), 1);
        let bytes: Vec<u8> = path.iter().flat_map(|demand| demand.to_le_bytes()).collect();
        assert_eq!(blake3::hash(&bytes).to_hex()[..16], *"8ac8c9f2d754d603");
    }

    #[test]
    fn without_noise_it_is_the_shape() {
        let series = series(1500, None);
        let path = path(&series, Level::new(), 3);
        assert_eq!(path[..1500], series.shape[..]);
        assert!(path[1500..].iter().all(|&demand| demand == 0.0));
    }

    #[test]
    fn a_sigma_of_zero_is_no_noise() {
        let series = series(1500, Some(Noise { sigma: 0.0, phi: 0.5 }));
        let path = path(&series, Level::new(), 2);
        assert_eq!(path[..1500], series.shape[..]);
        assert!(path[1500..].iter().all(|&demand| demand == 0.0));
    }

    #[test]
    fn groups_and_replications_differ() {
        let series = series(BLOCK, Some(Noise { sigma: 0.25, phi: 0.95 }));
        let first = |streams, name| {
            let mut out = [0.0; BLOCK];
            let mut state = series.noise_state(streams, Entity::named("group", name));
            series.block(Level::new(), &mut state, 0, &mut out);
            out
        };
        let base = first(STREAMS, "fra");
        for other in [first(STREAMS, "lhr"), first(Streams { replication: 1, ..STREAMS }, "fra")] {
            assert!(base.iter().zip(other).filter(|(a, b)| **a == *b).count() < 10);
        }
    }
}
