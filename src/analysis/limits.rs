//! One-sided limits of a mean loss, for decisions: is it at most so large, and with what confidence?
//!
//! A loss is a number ≥ 0 per replication that says how far the replication was from perfect. Its mean lies below the
//! upper limit with probability 1 − α at least, and above the lower one likewise. Three things are allowed for:
//!
//! - **Spread**: Student's t, as everywhere ([`Estimate`](super::Estimate)).
//! - **Rarity**: where fewer than fifty events made up all losses together, Student's interval is too short, for their number and
//!   their sizes are skewed. A Poisson number N of events with exponential sizes has a sum with the variance of a scaled
//!   χ² variate with N degrees of freedom, which gives the limit sum·N/χ²(α; N). It knows nothing of sizes; where
//!   it is known what an event costs at most, so many at the exact rate of Garwood (Biometrika 28, 1936) are a limit too,
//!   and the smaller of the two counts beside Student's.
//! - **What was not seen**: where all replications agree, an event that would have made a difference came in none of n
//!   replications. Its rate is then at most −ln α/n, which is 1 − α^(1/n) ([`exact_upper_limit`](super::exact_upper_limit)) as the
//!   share of replications with one, and what an event costs must be known from elsewhere.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::estimate::{mean, variance};
use super::student_t_quantile;

/// With fewer events than these a mean rests on few.
const RARE: f64 = 50.0;

/// Losses, one per replication, and what is known of the events behind them.
#[derive(Clone, Copy, Debug)]
pub struct Losses<'a> {
    /// All ≥ 0.
    pub values: &'a [f64],
    /// How many events made them up; none where they are not made up of events.
    pub events: Option<u64>,
    /// What an event costs that was not seen, or at most.
    pub event: f64,
}

/// Between which limits a mean lies, each of them held with confidence 1 − α.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The mean of the values.
    pub mean: f64,
    /// It is not less than this.
    pub lower: f64,
    /// It is not more than this; infinite where the values say nothing of it.
    pub upper: f64,
}

impl Limits {
    /// What is known for certain.
    pub fn certain(value: f64) -> Limits {
        Limits { mean: value, lower: value, upper: value }
    }

    /// Student's limits of the mean of `values`; without limits for a single one, none without any.
    pub fn of_mean(values: &[f64], alpha: f64) -> Option<Limits> {
        let mean = mean(values)?;
        let n = values.len() as f64;
        let error = variance(values)
            .map_or(f64::INFINITY, |variance| (variance / n).sqrt() * upper_student_t(alpha, n - 1.0));
        Some(Limits { mean, lower: mean - error, upper: mean + error })
    }

    /// The limits of the mean of losses.
    pub fn of_losses(losses: Losses<'_>, alpha: f64) -> Option<Limits> {
        let Losses { values, events, event } = losses;
        let Limits { mean, lower, upper } = Limits::of_mean(values, alpha)?;
        let n = values.len() as f64;
        if agree(values) {
            // Had it been another value in a share of replications, that share would have been seen.
            let lower = mean * libm::pow(alpha, 1.0 / n);
            return Some(Limits { mean, lower, upper: mean + rate_limit(0.0, n, alpha) * event });
        }
        let rare = events.map_or(0.0, |events| rare_limit(mean, events as f64, n, event, alpha));
        Some(Limits { mean, lower: lower.max(0.0), upper: upper.max(rare) })
    }
}

fn agree(values: &[f64]) -> bool {
    values.iter().all(|&value| value == values[0])
}

/// The limit of a mean loss that `events` in `n` replications made up; 0 where they are not rare.
fn rare_limit(mean: f64, events: f64, n: f64, event: f64, alpha: f64) -> f64 {
    if events >= RARE {
        return 0.0;
    }
    let events = events.max(1.0);
    let of_sum = mean * events / chi_squared(alpha, events);
    of_sum.min(rate_limit(events, n, alpha) * event)
}

/// The largest rate of events per replication that is compatible with so many in `n` replications: −ln α/n for none.
fn rate_limit(events: f64, n: f64, alpha: f64) -> f64 {
    if events == 0.0 { -libm::log(alpha) / n } else { chi_squared(1.0 - alpha, 2.0 * events + 2.0) / 2.0 / n }
}

/// The value that Student's t exceeds with probability `alpha`: by symmetry, for 1 − α may be 1 to the last digit. Infinite
/// where it cannot be told.
fn upper_student_t(alpha: f64, degrees: f64) -> f64 {
    let quantile = -student_t_quantile(alpha, degrees);
    if quantile.is_nan() { f64::INFINITY } else { quantile }
}

fn chi_squared(p: f64, degrees: f64) -> f64 {
    let quantile = ChiSquared::new(degrees).map_or(f64::NAN, |chi_squared| chi_squared.inverse_cdf(p));
    // 1 − α that is 1 to the last digit: any rate is possible then.
    if quantile.is_nan() || p >= 1.0 { f64::INFINITY } else { quantile }
}

/// How many replications would bring the limit of a mean loss to the other side of `tolerance`, should what was seen so
/// far go on; none where it lies just there, or where they would be more than ten million.
pub fn replications_for(losses: Losses<'_>, tolerance: f64, alpha: f64) -> Option<u64> {
    let Losses { values, events, event } = losses;
    let mean = mean(values)?;
    if agree(values) {
        let enough = -libm::log(alpha) * event / (tolerance - mean);
        return (enough > 0.0 && enough <= MOST as f64).then(|| libm::ceil(enough) as u64);
    }
    let deviation = variance(values)?.sqrt();
    let rate = events.map(|events| events as f64 / values.len() as f64);
    let decides = |n: u64| {
        let size = n as f64;
        let error = deviation / size.sqrt() * upper_student_t(alpha, size - 1.0);
        let rare = rate.map_or(0.0, |rate| rare_limit(mean, rate * size, size, event, alpha));
        if mean > tolerance { mean - error > tolerance } else { (mean + error).max(rare) <= tolerance }
    };
    let mut enough = values.len() as u64 + 1;
    while !decides(enough) {
        enough = enough + enough / 2 + 1;
        if enough > MOST {
            return None;
        }
    }
    let mut short = values.len() as u64;
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if decides(middle) { enough = middle } else { short = middle }
    }
    Some(enough)
}

/// More replications than these nobody waits for.
const MOST: u64 = 10_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 1, 2, 3, 4 have mean 2.5 and variance 5/3; t(0.95; 3) = 2.353 from the published table.
    #[test]
    fn limits_are_students() {
        let limits = Limits::of_mean(&[1.0, 2.0, 3.0, 4.0], 0.05).unwrap();
        let error = 2.353 * f64::sqrt(5.0 / 12.0);
        assert!((limits.upper - 2.5 - error).abs() < 5e-4 && (2.5 - limits.lower - error).abs() < 5e-4);
        assert_eq!(Limits::of_mean(&[7.0], 0.05).unwrap().upper, f64::INFINITY);
        assert_eq!(Limits::of_mean(&[], 0.05), None);
    }

    /// With so little error that 1 − α is 1 to the last digit the limits still hold, and are not narrower than others.
    #[test]
    fn next_to_no_error_makes_wide_limits() {
        let mut values = [0.0; 10];
        values[3] = 5.0;
        let of = |alpha| {
            Limits::of_losses(Losses { values: &values, events: Some(1), event: 5.0 }, alpha).unwrap()
        };
        for (alpha, smaller) in [(1e-6, 1e-12), (1e-12, 1e-18), (1e-18, 1e-30)] {
            assert!(of(smaller).upper >= of(alpha).upper && of(smaller).lower <= of(alpha).lower);
        }
        assert!(of(1e-18).upper > 5.0 && of(0.0).upper == f64::INFINITY);
    }

    /// No event in n replications has probability e^(−λn) at rate λ, which is α at the limit.
    #[test]
    fn what_was_not_seen_may_come_at_the_exact_rate() {
        let none = Losses { values: &[0.0; 10], events: Some(0), event: 24.0 };
        let limits = Limits::of_losses(none, 0.05).unwrap();
        assert_eq!((limits.mean, limits.lower), (0.0, 0.0));
        let rate = limits.upper / 24.0;
        assert!((libm::exp(-10.0 * rate) / 0.05 - 1.0).abs() < 1e-12);
        assert!((-libm::expm1(-rate) / crate::analysis::exact_upper_limit(0.05, 10) - 1.0).abs() < 1e-12);
    }

    /// One event in ten replications that costs at most 5: its rate is at most λ with e^(−10λ)(1 + 10λ) = α.
    #[test]
    fn few_events_widen_the_limits() {
        let mut values = [0.0; 10];
        values[3] = 5.0;
        let limits =
            Limits::of_losses(Losses { values: &values, events: Some(1), event: 5.0 }, 0.05).unwrap();
        let expected = limits.upper / 5.0 * 10.0;
        assert!((libm::exp(-expected) * (1.0 + expected) / 0.05 - 1.0).abs() < 1e-6, "{expected}");
        assert!(limits.upper > Limits::of_mean(&values, 0.05).unwrap().upper);
        assert_eq!(limits.lower, 0.0);
    }

    /// χ²(0.05; 10) = 3.940 from the published table: ten events whose sum is 10 have a mean of at most 10/3.940·1.
    #[test]
    fn sizes_of_few_events_are_uncertain_too() {
        let values: Vec<f64> = (0..20).map(|index| f64::from(index % 2)).collect();
        let losses = Losses { values: &values, events: Some(10), event: f64::INFINITY };
        let limits = Limits::of_losses(losses, 0.05).unwrap();
        assert!((limits.upper - 0.5 * 10.0 / 3.940).abs() < 1e-3, "{}", limits.upper);
    }

    /// At the mean that Student's limit reaches after N replications: t·s/√N = tolerance − mean.
    #[test]
    fn the_number_of_replications_suffices_and_one_less_does_not() {
        let losses = Losses { values: &[1.0, 3.0, 2.0, 2.0], events: None, event: 0.0 };
        let n = replications_for(losses, 2.2, 0.05).unwrap() as f64;
        let error = |n: f64| student_t_quantile(0.95, n - 1.0) * f64::sqrt(2.0 / 3.0 / n);
        assert!(error(n) <= 0.2 && error(n - 1.0) > 0.2, "{n}");
        // None seen: −ln(0.05)·24 h/1 h = 71.9.
        let none = Losses { values: &[0.0; 5], events: Some(0), event: 24.0 };
        assert_eq!(replications_for(none, 1.0, 0.05), Some(72));
        assert_eq!(replications_for(losses, 2.0, 0.05), None, "the mean lies just there");
    }
}
