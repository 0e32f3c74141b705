//! Levels of vector instructions, chosen at run time.
//!
//! The kernels of the tick loop are written once over `fearless_simd`'s vector types and compiled for every level.
//! They use additions, multiplications, divisions, square roots and integer operations only, never a fused
//! multiply-add, in an order that does not depend on the width: a level changes the speed and no bit of a result.
//! Every helper on the way is `#[inline(always)]`; one that is not stays at the lowest level, silently.

pub use fearless_simd::Level;
use fearless_simd::Simd;

/// A vector of f32 as wide as the level has.
pub type Floats<S> = <S as Simd>::f32s;
/// A vector of u32 as wide as the level has.
pub type Words<S> = <S as Simd>::u32s;
/// A vector of i32 as wide as the level has.
pub type Ints<S> = <S as Simd>::i32s;

/// The levels that this processor runs, lowest first, with their names; the last is the one to use. For tests and
/// benchmarks that force a level.
pub fn all() -> Vec<(&'static str, Level)> {
    let best = Level::new();
    let mut levels = Vec::new();
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        levels.extend(best.as_sse2().map(|token| ("SSE2", token.level())));
        levels.extend(best.as_sse4_2().map(|token| ("SSE4.2", token.level())));
        levels.extend(best.as_avx2().map(|token| ("AVX2", token.level())));
        levels.extend(best.as_avx512().map(|token| ("AVX-512", token.level())));
    }
    if levels.is_empty() {
        levels.push(("baseline", best));
    }
    levels
}
