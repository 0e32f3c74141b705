//! What summaries say of one number per replication.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Confidence of every interval in the result files.
pub const CONFIDENCE: f64 = 0.95;

/// The fewest replications for which quantiles over replications are given, and for which a mean is not noted.
pub const ENOUGH: usize = 20;

/// A mean over replications with the half-width of its Student t interval; no half-width from one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half of the length of the confidence interval.
    pub half_width: Option<f64>,
    /// How many values.
    pub replications: usize,
}

impl Estimate {
    /// The estimate from `values`; `None` if there are none.
    pub fn of(values: &[f64]) -> Option<Estimate> {
        if values.is_empty() {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let half_width = (values.len() > 1).then(|| {
            let t = StudentsT::new(0.0, 1.0, n - 1.0).map_or(f64::NAN, |law| law.inverse_cdf(0.975));
            t * (squares / (n - 1.0) / n).sqrt()
        });
        Some(Estimate { mean, half_width, replications: values.len() })
    }
}

/// The `share` quantile of type 7 (Hyndman, Fan 1996): linear between order statistics.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = share * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (position - below as f64) * (sorted[above] - sorted[below]))
}

/// The exact one-sided limit on a share of which nothing was seen in `n` trials: 1 − α^(1/n).
pub fn upper_limit(n: usize) -> f64 {
    1.0 - libm::pow(1.0 - CONFIDENCE, 1.0 / n as f64)
}
