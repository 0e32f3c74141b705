//! Elementary functions over vectors of f32: logarithm, sine and cosine, power of two.
//!
//! Each reduces its argument exactly and ends in a minimax polynomial (Remez's algorithm, coefficients rounded to
//! f32) in Estrin's scheme, whose chains are short enough for two multiplications a cycle. The invariant: an element's result depends on
//! that element alone and has the same bits at every level. The errors stated were measured over dense grids; the
//! tests hold them.

use super::level::{Floats, Ints, Words};
use fearless_simd::prelude::*;

/// c₀ + c₁·x + … + c₄·x⁴.
#[inline(always)]
fn quartic<S: Simd>(x: Floats<S>, c: [f32; 5]) -> Floats<S> {
    let x2 = x * x;
    (x * c[1] + c[0]) + x2 * ((x * c[3] + c[2]) + x2 * c[4])
}

/// c₀ + c₁·x + … + c₆·x⁶.
#[inline(always)]
fn sextic<S: Simd>(x: Floats<S>, c: [f32; 7]) -> Floats<S> {
    let x2 = x * x;
    let low = (x * c[1] + c[0]) + x2 * (x * c[3] + c[2]);
    low + (x2 * x2) * ((x * c[5] + c[4]) + x2 * c[6])
}

/// Natural logarithm of `u`, which is normal and positive; relative error ≤ 4e-7, exactly 0 at 1, never above 0 below
/// 1. With m in [2/3, 4/3): ln u = e·ln 2 + ln m.
#[inline(always)]
pub(super) fn ln<S: Simd>(u: Floats<S>) -> Floats<S> {
    const TWO_THIRDS: i32 = 0x3f2a_aaab;
    let bits: Ints<S> = u.bitcast();
    let exponent = (bits - TWO_THIRDS) >> 23;
    let mantissa: Floats<S> = (bits - (exponent << 23)).bitcast();
    let f = mantissa - 1.0;
    let tail = sextic::<S>(
        f,
        [-0.499_999_6, 0.333_367_35, -0.250_063_24, 0.198_181_7, -0.164_408_1, 0.169_905_51, -0.152_668_14],
    );
    let exponent: Floats<S> = exponent.to_float();
    exponent * std::f32::consts::LN_2 + (f + f * f * tail)
}

/// Sine and cosine of π·(w − 2³¹)/2³², an angle in [−π/2, π/2), for a word w seen as signed: the half turn that the
/// integer leaves out is the caller's sign. Absolute errors ≤ 3e-7.
#[inline(always)]
pub(super) fn sin_cos<S: Simd>(half_turn: Ints<S>) -> (Floats<S>, Floats<S>) {
    const RADIANS: f32 = std::f32::consts::FRAC_PI_2 / 2_147_483_648.0;
    let fraction: Floats<S> = half_turn.to_float();
    let angle = fraction * RADIANS;
    let square = angle * angle;
    let sine = quartic::<S>(square, [1.0, -0.166_666_6, 0.008_333_066_5, -0.000_198_096_02, 2.605_780_8e-6]);
    let cosine = quartic::<S>(square, [1.0, -0.499_999_3, 0.041_663_99, -0.001_385_592_7, 2.319_438_9e-5]);
    (angle * sine, cosine)
}

/// 2 to the power `y`, held within [−126, 126]; relative error ≤ 2e-7, exactly 1 at 0.
#[inline(always)]
pub(super) fn exp2<S: Simd>(y: Floats<S>) -> Floats<S> {
    /// 1.5·2²³: adding it leaves the nearest integer in the low bits.
    const ROUNDER: f32 = 12_582_912.0;
    let y = y.max(-126.0).min(126.0);
    let rounded = y + ROUNDER;
    let fraction = y - (rounded - ROUNDER);
    let power = sextic::<S>(
        fraction,
        [1.0, 0.693_147_24, 0.240_226_52, 0.055_503_104, 0.009_617_693, 0.001_340_664_3, 0.000_155_946_73],
    );
    let exponent: Words<S> = rounded.bitcast();
    let power: Words<S> = power.bitcast();
    (power + (exponent << 23)).bitcast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::demand::level;
    use fearless_simd::dispatch;

    #[derive(Clone, Copy)]
    enum Function {
        Ln,
        Exp2,
        Sine,
        Cosine,
    }

    /// The function of words (the bits of f32, or the half turn).
    fn evaluate(level: level::Level, function: Function, words: &[u32]) -> Vec<f32> {
        let mut out = vec![0.0; words.len()];
        dispatch!(level, simd => fill(simd, function, words, &mut out));
        out
    }

    #[inline(always)]
    fn fill<S: Simd>(simd: S, function: Function, words: &[u32], out: &mut [f32]) {
        let width = Floats::<S>::LEN;
        for (words, out) in words.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            let words = Words::<S>::from_slice(simd, words);
            let result = match function {
                Function::Ln => ln::<S>(words.bitcast()),
                Function::Exp2 => exp2::<S>(words.bitcast()),
                Function::Sine => sin_cos::<S>(words.bitcast()).0,
                Function::Cosine => sin_cos::<S>(words.bitcast()).1,
            };
            result.store_slice(out);
        }
    }

    fn grid(count: u32, word: impl Fn(u32) -> u32) -> Vec<u32> {
        (0..count).map(word).collect()
    }

    fn worst(function: Function, words: &[u32], error: impl Fn(u32, f64) -> f64) -> f64 {
        let values = evaluate(level::Level::new(), function, words);
        words.iter().zip(values).map(|(&word, value)| error(word, f64::from(value)).abs()).fold(0.0, f64::max)
    }

    fn real(word: u32) -> f64 {
        f64::from(f32::from_bits(word))
    }

    #[test]
    fn logarithm_is_accurate() {
        // Every 512th float of [2⁻³², 1), and the 2²⁰ floats just below 1, where the logarithm is small.
        let wide = grid((0x3f80_0000 - 0x2f80_0000) / 512, |i| 0x2f80_0000 + 512 * i);
        let near = grid(1 << 20, |i| 0x3f80_0000 - (1 << 20) + i);
        for words in [wide, near] {
            let worst = worst(Function::Ln, &words, |u, value| value / libm::log(real(u)) - 1.0);
            assert!(worst < 4e-7, "{worst:e}");
        }
        assert_eq!(evaluate(level::Level::new(), Function::Ln, &[0x3f80_0000; 16]), [0.0; 16]);
    }

    #[test]
    fn power_of_two_is_accurate() {
        let words = grid(1 << 20, |i| ((i as f32 - 524_288.0) / 524_288.0 * 126.0).to_bits());
        let worst = worst(Function::Exp2, &words, |y, value| value / libm::exp2(real(y)) - 1.0);
        assert!(worst < 2e-7, "{worst:e}");
        let special = [0.0f32, -0.0, 1e9, -1e9, f32::MAX, f32::MIN_POSITIVE, 1e-9, -1e-9].map(f32::to_bits);
        let values = evaluate(level::Level::new(), Function::Exp2, &[special, special].concat());
        let (most, least) = (2f32.powi(126), 2f32.powi(-126));
        assert_eq!(values[..8], [1.0, 1.0, most, least, most, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn sine_and_cosine_are_accurate() {
        let words = grid(1 << 20, |i| i << 12);
        let angle = |word: u32| f64::from(word as i32) / 2f64.powi(32) * std::f64::consts::PI;
        let sine = worst(Function::Sine, &words, |word, value| value - libm::sin(angle(word)));
        let cosine = worst(Function::Cosine, &words, |word, value| value - libm::cos(angle(word)));
        assert!(sine < 3e-7 && cosine < 3e-7, "{sine:e} {cosine:e}");
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let words = grid(1 << 16, |i| i.wrapping_mul(0x9E37_79B1));
        for function in [Function::Ln, Function::Exp2, Function::Sine, Function::Cosine] {
            let normal: Vec<u32> = match function {
                // Positive and normal, or at least numbers.
                Function::Ln => words.iter().map(|word| 0x0080_0000 + word % 0x7f00_0000).collect(),
                Function::Exp2 => words.iter().map(|word| word & 0xbfff_ffff).collect(),
                _ => words.clone(),
            };
            let bits =
                |level| evaluate(level, function, &normal).into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let expected = bits(level::Level::new());
            for (name, level) in level::all() {
                assert!(bits(level) == expected, "{name}");
            }
        }
    }
}
