//! Demand of a group, tick by tick: a shape that groups share, times the group's own noise.
//!
//! A series is compiled once for each (demand, time zone, set of special events that apply) and shared by the groups
//! and replications that have them in common. Noise is a stationary AR(1) on the logarithm, keyed by the group.

use crate::random::{Entity, Streams};

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

/// Where a group stands in its noise.
#[derive(Clone, Debug)]
pub struct NoiseState {}

impl DemandSeries {
    /// The noise of `group` before its first block.
    pub fn noise_state(&self, _streams: Streams, _group: Entity) -> NoiseState {
        NoiseState {}
    }
}

impl DemandSeries {
    /// Temporary.
    pub fn block(
        &self,
        _level: fearless_simd::Level,
        _state: &mut NoiseState,
        index: usize,
        out: &mut [f32; BLOCK],
    ) {
        for (i, cell) in out.iter_mut().enumerate() {
            *cell = self.shape.get(index * BLOCK + i).copied().unwrap_or(0.0);
        }
    }
}
