//! The standard normal distribution: its quantiles, to about the precision of an `f64`.
//!
//! Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988),
//! 477–484, routine PPND16: a ratio of two polynomials of degree 7 in one of three regions. The coefficients are
//! the paper's; the polynomials are summed in pairs, which is quicker than Horner's rule and as exact.

const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_6,
        133.141_667_891_784_38,
        1_971.590_950_306_551_4,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];

const TAIL: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

const FAR_TAIL: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_9,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

/// The z below which a standard normal variate lies with probability `u` in (0, 1).
#[inline]
pub fn quantile(u: f64) -> f64 {
    let offset = u - 0.5;
    if offset.abs() <= 0.425 {
        return offset * ratio(&CENTRE, 0.180_625 - offset * offset);
    }
    let tail = if offset < 0.0 { u } else { 1.0 - u };
    let depth = (-libm::log(tail)).sqrt();
    let z = if depth <= 5.0 { ratio(&TAIL, depth - 1.6) } else { ratio(&FAR_TAIL, depth - 5.0) };
    if offset < 0.0 { -z } else { z }
}

/// The probability of at most `z`.
pub fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[inline]
fn ratio([above, below]: &[[f64; 8]; 2], x: f64) -> f64 {
    polynomial(above, x) / polynomial(below, x)
}

#[inline]
fn polynomial(c: &[f64; 8], x: f64) -> f64 {
    let x2 = x * x;
    let low = (c[0] + c[1] * x) + (c[2] + c[3] * x) * x2;
    let high = (c[4] + c[5] * x) + (c[6] + c[7] * x) * x2;
    low + high * (x2 * x2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.1, and Abramowitz and Stegun, *Handbook of
    /// Mathematical Functions* (1964), table 26.5; the tail values are those AS 241 gives to test an
    /// implementation with.
    #[test]
    fn agrees_with_published_quantiles() {
        let published = [
            (0.25, -0.674_489_750_196_081_7, 1e-15),
            (0.001, -3.090_232_306_167_814, 1e-14),
            (1e-20, -9.262_340_089_798_408, 1e-13),
            (0.975, 1.959_963_984_540_054, 1e-14),
            (0.95, 1.644_853_626_951_472_7, 1e-14),
            (0.995, 2.575_829_303_548_901, 1e-14),
        ];
        for (u, z, tolerance) in published {
            assert!((quantile(u) - z).abs() < tolerance, "{u}: {} instead of {z}", quantile(u));
        }
        assert_eq!(quantile(0.5), 0.0);
    }

    /// The error function is independent of the approximation; its own error dominates the bound.
    #[test]
    fn inverts_the_distribution_function_in_every_region() {
        for exponent in 1..=300 {
            let u = libm::exp(-2.3 * f64::from(exponent));
            assert!((cdf(quantile(u)) / u - 1.0).abs() < 5e-13, "{u:e}");
        }
        for step in 1..1000 {
            let u = f64::from(step) / 1000.0;
            assert!((cdf(quantile(u)) - u).abs() < 4e-16, "{u}");
        }
    }

    #[test]
    fn is_symmetric_and_does_not_jump_between_regions() {
        for u in [0.01, 0.075, 0.3, 2f64.powi(-53)] {
            // Of so few digits that 1 − u is exact.
            let u = 1.0 - (1.0 - u);
            assert_eq!(quantile(u), -quantile(1.0 - u));
        }
        for border in [0.075, libm::exp(-25.0)] {
            let (left, right) = (quantile(border * (1.0 - 1e-15)), quantile(border * (1.0 + 1e-15)));
            assert!(left <= right && right - left < 1e-14, "{left} {right}");
        }
    }
}
