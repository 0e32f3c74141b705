//! Quantiles of the textbook distributions behind intervals and tests.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The value below which Student's t with `degrees` of freedom lies with probability `p`; not a number unless
/// 0 < `p` < 1 and `degrees` > 0.
pub fn student_t_quantile(p: f64, degrees: f64) -> f64 {
    if degrees > NEARLY_NORMAL {
        return nearly_normal_quantile(normal_quantile(p), degrees);
    }
    inverse(StudentsT::new(0.0, 1.0, degrees).ok(), p)
}

/// The probability that Student's t with `degrees` of freedom lies at least as far from 0 as `t`; not a number unless
/// `degrees` > 0.
pub fn student_t_two_sided(t: f64, degrees: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees).map_or(f64::NAN, |students| 2.0 * students.sf(t.abs()))
}

/// Above so many degrees of freedom `statrs` 0.19 loses digits (all but two of them at ten million).
const NEARLY_NORMAL: f64 = 10_000.0;

/// Student's quantile from the normal one `z` for many degrees of freedom: Abramowitz and Stegun 26.7.5, whose next
/// term is of the order of z⁷/(384 degrees³).
fn nearly_normal_quantile(z: f64, degrees: f64) -> f64 {
    let z2 = z * z;
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    z + (first + second / degrees) / degrees
}

/// The value below which a standard normal variate lies with probability `p`; not a number unless 0 < `p` < 1.
pub fn normal_quantile(p: f64) -> f64 {
    inverse(Normal::new(0.0, 1.0).ok(), p)
}

fn inverse(distribution: Option<impl ContinuousCDF<f64, f64>>, p: f64) -> f64 {
    let inside = p > 0.0 && p < 1.0;
    distribution.filter(|_| inside).map_or(f64::NAN, |distribution| distribution.inverse_cdf(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, three decimals.
    #[test]
    fn agrees_with_the_published_table_of_students_t() {
        for (p, degrees, published) in [
            (0.975, 1.0, 12.706),
            (0.975, 2.0, 4.303),
            (0.95, 4.0, 2.132),
            (0.975, 5.0, 2.571),
            (0.975, 10.0, 2.228),
            (0.995, 10.0, 3.169),
            (0.90, 19.0, 1.328),
            (0.975, 30.0, 2.042),
            (0.999, 30.0, 3.385),
            (0.975, 100.0, 1.984),
        ] {
            let computed = student_t_quantile(p, degrees);
            assert!((computed - published).abs() <= 0.000_501, "{p} {degrees}: {computed}");
        }
    }

    /// With one and two degrees of freedom the quantiles have closed forms: tan(π(p − ½)) and
    /// (2p − 1)/√(2p(1 − p)).
    #[test]
    fn agrees_with_the_closed_forms() {
        for p in [1e-4, 0.02, 0.3, 0.6, 0.975, 0.999_5] {
            let one = libm::tan(std::f64::consts::PI * (p - 0.5));
            let two = (2.0 * p - 1.0) / f64::sqrt(2.0 * p * (1.0 - p));
            assert!((student_t_quantile(p, 1.0) / one - 1.0).abs() < 1e-9, "{p}");
            assert!((student_t_quantile(p, 2.0) / two - 1.0).abs() < 1e-9, "{p}");
        }
    }

    /// NIST/SEMATECH, table 1.3.6.7.1, and its common percentiles; many degrees of freedom are nearly normal.
    #[test]
    fn agrees_with_the_published_normal_quantiles() {
        for (p, published) in [(0.95, 1.644_854), (0.975, 1.959_964), (0.995, 2.575_829), (0.025, -1.959_964)]
        {
            assert!((normal_quantile(p) - published).abs() < 1e-6);
            assert!((student_t_quantile(p, 1e7) - published).abs() < 2e-6);
            let (below, above) = (student_t_quantile(p, 10_000.0), student_t_quantile(p, 10_000.1));
            assert!((below / above - 1.0).abs() < 1e-8, "a jump where the method changes");
        }
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    /// The tail is where the quantile says it is, and has a closed form for one degree: 1 − 2 atan(t)/π.
    #[test]
    fn tails_agree_with_quantiles() {
        for (p, degrees) in [(0.975, 3.0), (0.995, 10.0), (0.999_9, 30.0), (0.6, 1.0), (0.975, 500.0)] {
            let tail = student_t_two_sided(-student_t_quantile(p, degrees), degrees);
            assert!((tail / (2.0 - 2.0 * p) - 1.0).abs() < 1e-8, "{p} {degrees}: {tail}");
        }
        let closed = 1.0 - 2.0 * libm::atan(2.5) / std::f64::consts::PI;
        assert!((student_t_two_sided(2.5, 1.0) - closed).abs() < 1e-10);
        assert_eq!(student_t_two_sided(0.0, 5.0), 1.0);
        assert!(student_t_two_sided(1.0, 0.0).is_nan());
    }

    #[test]
    fn impossible_arguments_have_no_quantile() {
        assert!(student_t_quantile(0.975, 0.0).is_nan());
        assert!(student_t_quantile(1.0, 5.0).is_nan() && normal_quantile(0.0).is_nan());
        assert!(normal_quantile(f64::NAN).is_nan());
    }
}
