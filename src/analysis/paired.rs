//! Two systems compared replication by replication.
//!
//! Both have met the same luck, so the differences of the pairs are independent of one another and usually far less
//! scattered than either system alone: the paired t interval (Law, *Simulation Modeling and Analysis*, 5th ed., 2015,
//! section 10.2.1) needs neither equal variances nor independence of the two. [`Paired::variance_reduction`] says what
//! the common random numbers were worth (section 11.2).

use super::estimate::{mean, variance};
use super::{Estimate, student_t_two_sided};

/// Pairs of a baseline's and a system's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Mean of the baseline over the pairs.
    pub baseline_mean: f64,
    /// Mean of the system over the pairs.
    pub mean: f64,
    /// System minus baseline.
    pub difference: Estimate,
    /// Whether every pair has a difference of exactly 0.
    pub all_equal: bool,
    /// Pearson's correlation of the pairs; none for one pair, or where either side is constant.
    pub correlation: Option<f64>,
    /// 1 − var(difference) / (var(baseline) + var(system)): the share of the variance that pairing takes away, below 0
    /// where it adds some; none for one pair, or where both sides are constant.
    pub variance_reduction: Option<f64>,
    /// Student's two-sided p-value against a difference of 0; none for one pair, unless all are equal.
    pub p_value: Option<f64>,
}

impl Paired {
    /// From (baseline, system) pairs; the interval of the difference has `confidence` in (0, 1). None without pairs.
    ///
    /// Where all differences are 0 the half-width is 0 and p is 1, even for one pair.
    pub fn from_pairs(pairs: &[(f64, f64)], confidence: f64) -> Option<Paired> {
        let baseline: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
        let system: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
        let differences: Vec<f64> = pairs.iter().map(|pair| pair.1 - pair.0).collect();
        let all_equal = differences.iter().all(|&difference| difference == 0.0);
        let mut difference = Estimate::from_values(&differences, confidence)?;
        if all_equal {
            difference.half_width = Some(0.0);
        }
        let variances = variance(&baseline).zip(variance(&system));
        Some(Paired {
            baseline_mean: mean(&baseline)?,
            mean: mean(&system)?,
            difference,
            all_equal,
            correlation: correlation(pairs),
            variance_reduction: variances.and_then(|(a, b)| reduction(a + b, variance(&differences)?)),
            p_value: if all_equal { Some(1.0) } else { p_value(&differences) },
        })
    }
}

fn reduction(independent: f64, paired: f64) -> Option<f64> {
    (independent > 0.0).then(|| 1.0 - paired / independent)
}

fn p_value(differences: &[f64]) -> Option<f64> {
    let n = differences.len() as f64;
    let error = (variance(differences)? / n).sqrt();
    let mean = mean(differences)?;
    Some(if error > 0.0 { student_t_two_sided(mean / error, n - 1.0) } else { 0.0 })
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let of = |value: fn(&(f64, f64)) -> f64| {
        let values: Vec<f64> = pairs.iter().map(value).collect();
        let mean = mean(&values)?;
        Some(values.into_iter().map(|value| value - mean).collect::<Vec<f64>>())
    };
    let (a, b) = (of(|pair| pair.0)?, of(|pair| pair.1)?);
    let products = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let scale = (products(&a, &a) * products(&b, &b)).sqrt();
    (pairs.len() > 1 && scale > 0.0).then(|| (products(&a, &b) / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: differences 1, 2, 3, 2 with mean 2 and variance 2/3; t(0.975; 3) = 3.182, so ± 3.182·√(1/6) = 1.299.
    /// t = 2/√(1/6), and with three degrees of freedom p = 1 − (2/π)(atan x + x/(1 + x²)) for x = t/√3 = √8. The sides
    /// 1, 2, 3, 4 and 2, 4, 6, 6 have variances 5/3 and 11/3 and the covariance 7/3.
    #[test]
    fn agrees_with_hand() {
        let pairs = [(1.0, 2.0), (2.0, 4.0), (3.0, 6.0), (4.0, 6.0)];
        let of = Paired::from_pairs(&pairs, 0.95).unwrap();
        assert_eq!((of.baseline_mean, of.mean, of.difference.mean), (2.5, 4.5, 2.0));
        assert!((of.difference.half_width.unwrap() - 1.299).abs() < 5e-4);
        let x = f64::sqrt(8.0);
        let p = 1.0 - 2.0 / std::f64::consts::PI * (libm::atan(x) + x / 9.0);
        assert!((of.p_value.unwrap() - p).abs() < 1e-9, "{:?} {p}", of.p_value);
        let correlation = (7.0 / 3.0) / f64::sqrt(5.0 / 3.0 * 11.0 / 3.0);
        assert!((of.correlation.unwrap() - correlation).abs() < 1e-12);
        assert!((of.variance_reduction.unwrap() - (1.0 - 2.0 / 3.0 / (16.0 / 3.0))).abs() < 1e-12);
        assert!(!of.all_equal);
    }

    #[test]
    fn equal_pairs_are_the_same_beyond_doubt() {
        for pairs in [vec![(0.1, 0.1); 7], vec![(3.0, 3.0)], vec![(1.0, 1.0), (2.0, 2.0)]] {
            let of = Paired::from_pairs(&pairs, 0.95).unwrap();
            assert_eq!((of.difference.mean, of.difference.half_width), (0.0, Some(0.0)));
            assert_eq!((of.p_value, of.all_equal), (Some(1.0), true));
        }
        assert_eq!(Paired::from_pairs(&[], 0.95), None);
    }

    #[test]
    fn what_is_constant_has_no_correlation() {
        let of = Paired::from_pairs(&[(1.0, 2.0), (1.0, 3.0)], 0.95).unwrap();
        assert_eq!(of.correlation, None);
        assert_eq!(of.variance_reduction, Some(0.0));
        let of = Paired::from_pairs(&[(1.0, 2.0), (1.0, 2.0)], 0.95).unwrap();
        assert_eq!((of.variance_reduction, of.p_value), (None, Some(0.0)));
        assert_eq!(of.difference.half_width, Some(0.0));
    }

    #[test]
    fn one_pair_that_differs_says_nothing_of_its_spread() {
        let of = Paired::from_pairs(&[(1.0, 2.0)], 0.95).unwrap();
        assert_eq!((of.difference.half_width, of.p_value), (None, None));
        assert_eq!((of.correlation, of.variance_reduction), (None, None));
    }
}
