//! Noise on the logarithm of demand: a stationary AR(1), a block of ticks at a time.
//!
//! A block is cut into [`LANES`] lanes of [`LANE_LENGTH`] consecutive ticks, so that a vector holds one tick of every
//! lane and the recursion x ← φ·x + s·z runs down all lanes at once, each from 0. Afterwards the lanes are joined: the
//! recursion is linear, so tick m of a lane still lacks φ^(m+1) times the value before the lane's first tick, which is
//! the last one of the lane before. z are standard normals by Box and Muller's method from one xoshiro128++ generator
//! a lane (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021). The least
//! uniform is 2⁻³², so |z| reaches 6.6.
//!
//! Two constants are folded in: x is kept in units of ln 2, so that the factor is a power of two, and s is taken under
//! the square root of the radius.
//!
//! The invariant: lanes, precision (f32) and the order of operations are part of the numbers, and a level changes none.

use super::elementary::{exp2, ln, sin_cos};
use super::level::{Floats, Ints, Words};
use super::{BLOCK, LANE_LENGTH, LANES, Noise};
use crate::random::{Entity, Generator, Purpose, Streams};
use fearless_simd::prelude::*;
use rand::Rng;

/// Where a group stands in its noise: 272 bytes.
#[derive(Clone, Debug)]
pub struct NoiseState {
    /// The generators' states: word by word, a column a lane.
    words: [[u32; LANES]; 4],
    /// x at the last tick, in units of ln 2.
    carry: f32,
    phi: f32,
    /// −2s², in squared units of ln 2.
    gain: f32,
    /// −σ²/2, in units of ln 2.
    centre: f32,
}

impl NoiseState {
    /// Before the first tick; x there is a draw of its own from the stationary distribution.
    pub(super) fn new(noise: Noise, streams: Streams, group: Entity) -> NoiseState {
        let unit = std::f64::consts::LOG2_E;
        let sigma = noise.sigma * unit;
        let start = streams.draw(group, Purpose::named("demand noise start"), 0);
        // The recursion runs with the rounded φ, and near 1 that is far from the written one in 1 − φ².
        let phi = noise.phi as f32;
        let squared = f64::from(phi) * f64::from(phi);
        NoiseState {
            words: lane_states(streams, group),
            carry: (sigma * normal(start)) as f32,
            phi,
            gain: (-2.0 * sigma * sigma * (1.0 - squared)) as f32,
            centre: (-0.5 * noise.sigma * noise.sigma * unit) as f32,
        }
    }

    /// The state where there is no noise.
    pub(super) fn still() -> NoiseState {
        NoiseState { words: [[0; LANES]; 4], carry: 0.0, phi: 0.0, gain: 0.0, centre: 0.0 }
    }
}

/// The state of each lane's generator: draw i of the key holds those of lanes 2i and 2i + 1.
fn lane_states(streams: Streams, group: Entity) -> [[u32; LANES]; 4] {
    let purpose = Purpose::named("demand noise");
    let mut words = [[0; LANES]; 4];
    for pair in 0..LANES / 2 {
        let bytes = streams.state(group, purpose, pair as u64);
        for (at, half) in bytes.chunks_exact(16).enumerate() {
            let lane = 2 * pair + at;
            for (word, four) in words.iter_mut().zip(half.chunks_exact(4)) {
                word[lane] = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
            }
            // A generator that is all zeros stays so.
            if words.iter().all(|word| word[lane] == 0) {
                words[0][lane] = 0x9E37_79B9;
            }
        }
    }
    words
}

/// A standard normal in f64, for the one draw outside the lanes.
fn normal(mut generator: Generator) -> f64 {
    let unit = 1.0 / (1u64 << 53) as f64;
    let u = ((generator.next_u64() >> 11) + 1) as f64 * unit;
    let v = (generator.next_u64() >> 11) as f64 * unit;
    (-2.0 * libm::log(u)).sqrt() * libm::cos(2.0 * std::f64::consts::PI * v)
}

/// Fills `out` with shape × exp(x − σ²/2) for the next block of ticks.
#[inline(always)]
pub(super) fn block<S: Simd>(simd: S, state: &mut NoiseState, shape: &[f32; BLOCK], out: &mut [f32; BLOCK]) {
    let mut rows = [[0.0; LANES]; LANE_LENGTH];
    let width = Floats::<S>::LEN;
    for lane in (0..LANES).step_by(width) {
        recursion(simd, state, lane, &mut rows);
        for row in (0..LANE_LENGTH).step_by(width) {
            transpose(simd, &rows, row, lane, out);
        }
    }
    join(simd, state, &rows[LANE_LENGTH - 1], shape, out);
}

/// The recursion down the lanes `lane`, `lane` + 1, … of one vector, from 0.
#[inline(always)]
fn recursion<S: Simd>(simd: S, state: &mut NoiseState, lane: usize, rows: &mut [[f32; LANES]; LANE_LENGTH]) {
    let lanes = lane..lane + Floats::<S>::LEN;
    let mut generators = [Words::<S>::simd_from(simd, 0u32); 4];
    for (generator, word) in generators.iter_mut().zip(&state.words) {
        *generator = Words::<S>::from_slice(simd, &word[lanes.clone()]);
    }
    let phi = Floats::<S>::simd_from(simd, state.phi);
    let mut x = Floats::<S>::simd_from(simd, 0.0);
    for pair in rows.chunks_exact_mut(2) {
        let (first, second) = normals::<S>(&mut generators, state.gain);
        x = x * phi + first;
        x.store_slice(&mut pair[0][lanes.clone()]);
        x = x * phi + second;
        x.store_slice(&mut pair[1][lanes.clone()]);
    }
    for (generator, word) in generators.iter().zip(&mut state.words) {
        generator.store_slice(&mut word[lanes.clone()]);
    }
}

/// The next word of each lane's xoshiro128++.
#[inline(always)]
fn next<S: Simd>(s: &mut [Words<S>; 4]) -> Words<S> {
    let sum = s[0] + s[3];
    let result = ((sum << 7) | (sum >> 25)) + s[0];
    let shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >> 21);
    result
}

/// Two independent normals of variance −gain/2 for each lane.
///
/// The radius takes the upper 31 bits of the first word, the angle within a half turn the second; the half is that
/// word's last bit, which is worth less than the rounding of the angle.
#[inline(always)]
fn normals<S: Simd>(generators: &mut [Words<S>; 4], gain: f32) -> (Floats<S>, Floats<S>) {
    let radius: Ints<S> = (next::<S>(generators) >> 1).bitcast();
    let uniform: Floats<S> = radius.to_float();
    let uniform = (uniform + 0.5) * (1.0 / 2_147_483_648.0);
    let radius = (ln::<S>(uniform) * gain).sqrt();

    let word = next::<S>(generators);
    let (sine, cosine) = sin_cos::<S>(word.bitcast());
    let sign: Words<S> = word << 31;
    let cosine: Words<S> = cosine.bitcast();
    let cosine: Floats<S> = (cosine ^ sign).bitcast();
    (radius * sine, radius * cosine)
}

/// Moves a square of `rows` (ticks × lanes) to its place in `out`, which is in the order of time.
#[inline(always)]
fn transpose<S: Simd>(
    simd: S,
    rows: &[[f32; LANES]; LANE_LENGTH],
    row: usize,
    lane: usize,
    out: &mut [f32; BLOCK],
) {
    let width = Floats::<S>::LEN;
    let mut square = [Floats::<S>::simd_from(simd, 0.0); 16];
    for i in 0..width {
        square[i] = Floats::<S>::from_slice(simd, &rows[row + i][lane..lane + width]);
    }
    // Shuffling the first half of the vectors with the second log₂(width) times transposes the square.
    let mut stage = 1;
    while stage < width {
        let mut next = square;
        for i in 0..width / 2 {
            next[2 * i] = square[i].zip_low(square[i + width / 2]);
            next[2 * i + 1] = square[i].zip_high(square[i + width / 2]);
        }
        square = next;
        stage *= 2;
    }
    for (i, vector) in square.iter().enumerate().take(width) {
        let at = (lane + i) * LANE_LENGTH + row;
        vector.store_slice(&mut out[at..at + width]);
    }
}

/// Joins the lanes in `out` and turns x into demand.
#[inline(always)]
fn join<S: Simd>(
    simd: S,
    state: &mut NoiseState,
    last: &[f32; LANES],
    shape: &[f32; BLOCK],
    out: &mut [f32; BLOCK],
) {
    let powers = powers(state.phi);
    let width = Floats::<S>::LEN;
    for (lane, &last) in last.iter().enumerate() {
        let carry = Floats::<S>::simd_from(simd, state.carry);
        for tick in (0..LANE_LENGTH).step_by(width) {
            let here = lane * LANE_LENGTH + tick..lane * LANE_LENGTH + tick + width;
            let x = Floats::<S>::from_slice(simd, &out[here.clone()]);
            let power = Floats::<S>::from_slice(simd, &powers[tick..tick + width]);
            let factor = exp2::<S>(x + power * carry + state.centre);
            let shape = Floats::<S>::from_slice(simd, &shape[here.clone()]);
            (shape * factor).store_slice(&mut out[here]);
        }
        state.carry = last + powers[LANE_LENGTH - 1] * state.carry;
    }
}

/// φ, φ², …, φ^64, each half from the one before; 0 from where they no longer matter, as subnormals are slow.
#[inline(always)]
fn powers(phi: f32) -> [f32; LANE_LENGTH] {
    let mut powers = [phi; LANE_LENGTH];
    let mut known = 1;
    while known < LANE_LENGTH {
        let step = powers[known - 1];
        for m in 0..known {
            let power = powers[m] * step;
            powers[known + m] = if power.abs() < 1e-20 { 0.0 } else { power };
        }
        known *= 2;
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::Xoshiro128PlusPlus;
    use rand_xoshiro::rand_core::SeedableRng;

    const STREAMS: Streams = Streams { seed: 7, replication: 3 };

    #[test]
    fn a_lane_is_the_published_generator() {
        let group = Entity::named("group", "a");
        let state = NoiseState::new(Noise { sigma: 0.25, phi: 0.95 }, STREAMS, group);
        for lane in 0..LANES {
            let bytes = STREAMS.state(group, Purpose::named("demand noise"), lane as u64 / 2);
            let half: [u8; 16] = bytes[lane % 2 * 16..][..16].try_into().unwrap();
            let mut reference = Xoshiro128PlusPlus::from_seed(half);
            let mut words = state.words.map(|word| word[lane]);
            for _ in 0..100 {
                assert_eq!(scalar_next(&mut words), reference.next_u32());
            }
        }
    }

    fn scalar_next(s: &mut [u32; 4]) -> u32 {
        let mut out = [0; 16];
        fearless_simd::dispatch!(super::super::level::Level::new(), simd => vector_next(simd, s, &mut out));
        out[0]
    }

    #[inline(always)]
    fn vector_next<S: Simd>(simd: S, s: &mut [u32; 4], out: &mut [u32; 16]) {
        let mut vectors = [Words::<S>::simd_from(simd, 0u32); 4];
        for (vector, &word) in vectors.iter_mut().zip(s.iter()) {
            *vector = Words::<S>::simd_from(simd, word);
        }
        next::<S>(&mut vectors).store_slice(&mut out[..Words::<S>::LEN]);
        for (word, vector) in s.iter_mut().zip(&vectors) {
            *word = vector.as_slice()[0];
        }
    }

    #[test]
    fn the_state_is_small() {
        assert_eq!(std::mem::size_of::<NoiseState>(), 272);
    }

    /// An AR(1) with steps of variance s² = −gain/2 has the stationary variance s²/(1 − φ²), with the φ that it runs with.
    #[test]
    fn the_stationary_variance_is_the_one_asked_for() {
        let group = Entity::named("group", "a");
        for phi in [0.0, 0.95, -0.95, 0.9999, 0.999_999, -0.999_999, 0.999_999_9] {
            let state = NoiseState::new(Noise { sigma: 0.25, phi }, STREAMS, group);
            let phi = f64::from(state.phi);
            let variance = -0.5 * f64::from(state.gain) / (1.0 - phi * phi);
            let sigma = variance.sqrt() * std::f64::consts::LN_2;
            assert!((sigma / 0.25 - 1.0).abs() < 1e-6, "{phi} {sigma}");
        }
    }

    #[test]
    fn powers_are_powers() {
        for phi in [0.95f64, -0.5, 0.999, 1e-3, 0.0] {
            for (m, power) in powers(phi as f32).into_iter().enumerate() {
                let exact = f64::from(phi as f32).powi(m as i32 + 1);
                assert!((f64::from(power) - exact).abs() <= 1e-6 * exact.abs() + 1e-20, "{phi} {m}");
            }
        }
    }

    /// The recursion tick by tick in f64, from the same normals, is what the joined lanes give.
    #[test]
    fn joined_lanes_are_one_recursion() {
        let noise = Noise { sigma: 0.5, phi: 0.9 };
        let group = Entity::named("group", "b");
        let mut state = NoiseState::new(noise, STREAMS, group);
        let mut white = NoiseState { phi: 0.0, carry: 0.0, centre: 0.0, ..state.clone() };
        let level = super::super::level::Level::new();
        let mut x = f64::from(state.carry);
        for _ in 0..3 {
            let (mut demand, mut steps) = ([0.0; BLOCK], [0.0; BLOCK]);
            let ones = [1.0; BLOCK];
            fearless_simd::dispatch!(level, simd => block(simd, &mut state, &ones, &mut demand));
            fearless_simd::dispatch!(level, simd => block(simd, &mut white, &ones, &mut steps));
            for (demand, step) in demand.into_iter().zip(steps) {
                x = f64::from(state.phi) * x + libm::log2(f64::from(step));
                let expected = libm::exp2(x + f64::from(state.centre));
                assert!((f64::from(demand) / expected - 1.0).abs() < 1e-5);
            }
        }
    }
}
