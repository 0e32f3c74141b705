//! An estimate is a type, not a number: a mean, how far off it may be, and what that rests on.

use super::student_t_quantile;

/// The mean over replications with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of the interval around the mean; none for a single replication, which says nothing of it.
    pub half_width: Option<f64>,
    /// The probability with which such an interval covers the true mean, for instance 0.95.
    pub confidence: f64,
    /// The number of replications.
    pub replications: usize,
}

impl Estimate {
    /// The estimate from one value a replication, with `confidence` in (0, 1); none without values.
    pub fn from_values(values: &[f64], confidence: f64) -> Option<Estimate> {
        let mean = mean(values)?;
        let half_width = standard_error(values, mean)
            .map(|error| error * student_t_quantile(0.5 + confidence / 2.0, values.len() as f64 - 1.0));
        Some(Estimate { mean, half_width, confidence, replications: values.len() })
    }

    /// The ends of the interval; none for a single replication.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.half_width.map(|half_width| (self.mean - half_width, self.mean + half_width))
    }

    /// Is the half-width at most `relative` · |`scale`|? Sequential stopping takes the mean as scale, a comparison
    /// the baseline's mean. A single replication is never precise; with a scale of 0 only an exact result is.
    pub fn is_precise(&self, relative: f64, scale: f64) -> bool {
        self.half_width.is_some_and(|half_width| half_width <= relative * scale.abs())
    }

    /// The half-width as a share of |mean|; none for a single replication or a mean of 0.
    pub fn relative_precision(&self) -> Option<f64> {
        let half_width = self.half_width.filter(|_| self.mean != 0.0)?;
        Some(half_width / self.mean.abs())
    }
}

/// With no event in `replications` ones, the largest probability of an event in a replication that is still
/// compatible with that at level `alpha`: the exact one-sided limit 1 − α^(1/n) (Clopper and Pearson, Biometrika 26,
/// 1934), near 3/n for α = 0.05. Without replications it is 1.
pub fn exact_upper_limit(alpha: f64, replications: usize) -> f64 {
    if replications == 0 { 1.0 } else { -libm::expm1(libm::log(alpha) / replications as f64) }
}

pub(super) fn mean(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    // Around the first value, so that equal values have exactly their mean.
    Some(first + values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64)
}

fn standard_error(values: &[f64], mean: f64) -> Option<f64> {
    variance_around(values, mean).map(|variance| (variance / values.len() as f64).sqrt())
}

/// The sample variance; none for a single value.
pub(super) fn variance(values: &[f64]) -> Option<f64> {
    variance_around(values, mean(values)?)
}

fn variance_around(values: &[f64], mean: f64) -> Option<f64> {
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (values.len() > 1).then(|| squares / (values.len() as f64 - 1.0))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    /// By hand: the values 1, 2, 3, 4 have mean 2.5, variance 5/3, and t(0.975; 3) = 3.182
    /// from the published table.
    #[test]
    fn the_interval_is_students() {
        let estimate = Estimate::from_values(&[1.0, 2.0, 3.0, 4.0], 0.95).unwrap();
        let by_hand = 3.182 * f64::sqrt(5.0 / 3.0 / 4.0);
        assert_eq!((estimate.mean, estimate.replications), (2.5, 4));
        assert!((estimate.half_width.unwrap() - by_hand).abs() < 0.0005);
        let (low, high) = estimate.interval().unwrap();
        assert!((low + high - 5.0).abs() < 1e-12 && low < 0.5 && high > 4.5);
    }

    #[test]
    fn one_replication_says_nothing_about_its_spread() {
        let estimate = Estimate::from_values(&[7.0], 0.95).unwrap();
        assert_eq!((estimate.mean, estimate.half_width, estimate.interval()), (7.0, None, None));
        assert!(!estimate.is_precise(1e9, 7.0));
        assert_eq!(Estimate::from_values(&[], 0.95), None);
    }

    #[test]
    fn equal_values_are_their_mean_exactly() {
        let estimate = Estimate::from_values(&[0.1; 30], 0.95).unwrap();
        assert_eq!((estimate.mean, estimate.half_width), (0.1, Some(0.0)));
    }

    #[test]
    fn precision_is_relative_to_a_scale() {
        let estimate = Estimate { mean: -20.0, half_width: Some(1.0), confidence: 0.95, replications: 20 };
        assert!(estimate.is_precise(0.05, estimate.mean) && !estimate.is_precise(0.049, estimate.mean));
        assert_eq!(estimate.relative_precision(), Some(0.05));
        assert_eq!(Estimate { mean: 0.0, ..estimate }.relative_precision(), None);
    }

    /// The limit is the probability p at which n quiet replications have probability α: (1 − p)ⁿ = α.
    #[test]
    fn the_limit_without_events_is_exact() {
        for (alpha, n) in [(0.05, 1), (0.05, 20), (0.01, 300)] {
            let limit = exact_upper_limit(alpha, n);
            assert!((libm::pow(1.0 - limit, n as f64) / alpha - 1.0).abs() < 1e-10);
        }
        assert_eq!(exact_upper_limit(0.05, 0), 1.0);
    }

    /// 4,000 intervals from ten normal values each: the number that covers 0 is binomial, within five standard
    /// deviations of its mean but for one seed in 1.7 million, for each confidence.
    #[test]
    fn intervals_cover_the_truth_as_often_as_they_say() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(21);
        for confidence in [0.5, 0.9, 0.95, 0.99] {
            let trials = 4_000;
            let covered = (0..trials)
                .filter(|_| {
                    let values: [f64; 10] = std::array::from_fn(|_| StandardNormal.sample(&mut rng));
                    let (low, high) = Estimate::from_values(&values, confidence).unwrap().interval().unwrap();
                    low <= 0.0 && 0.0 <= high
                })
                .count() as f64;
            let n = f64::from(trials);
            let deviation = (n * confidence * (1.0 - confidence)).sqrt();
            assert!((covered - n * confidence).abs() < 5.0 * deviation, "{confidence}: {covered} of {n}");
        }
    }
}
