//! The empirical family: values that were measured, each as likely as the others.

use std::sync::Arc;

use super::Family;
use super::error::{VariateError, not_negative};

/// One of given values. Clones share them.
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    /// In ascending order.
    values: Arc<[f64]>,
    /// The sums of the first 1, 2, … values.
    sums: Arc<[f64]>,
}

impl Empirical {
    pub(super) fn new(mut values: Vec<f64>) -> Result<Empirical, VariateError> {
        if values.is_empty() {
            return Err(VariateError::NoValues);
        }
        for &value in &values {
            not_negative("values", value)?;
        }
        values.sort_by(f64::total_cmp);
        Ok(Empirical::sorted(values))
    }

    fn sorted(values: Vec<f64>) -> Empirical {
        let running = |sum: &mut f64, value: &f64| {
            *sum += value;
            Some(*sum)
        };
        let sums = values.iter().scan(0.0, running).collect();
        Empirical { values: values.into(), sums }
    }

    fn count(&self) -> f64 {
        self.values.len() as f64
    }

    fn total(&self) -> f64 {
        self.sums[self.sums.len() - 1]
    }
}

impl Family for Empirical {
    #[inline]
    fn quantile(&self, u: f64) -> f64 {
        let rank = libm::ceil(u * self.count()) as usize;
        self.values[rank.clamp(1, self.values.len()) - 1]
    }

    fn cdf(&self, x: f64) -> f64 {
        self.values.partition_point(|&value| value <= x) as f64 / self.count()
    }

    fn mean(&self) -> f64 {
        self.total() / self.count()
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / self.count()
    }

    /// Each value weighs as much as it is long.
    fn length_biased_quantile(&self, u: f64) -> f64 {
        let goal = u * self.total();
        let rank = self.sums.partition_point(|&sum| sum < goal);
        self.values[rank.min(self.values.len() - 1)]
    }

    fn scaled(self, factor: f64) -> Empirical {
        Empirical::sorted(self.values.iter().map(|value| value * factor).collect())
    }
}
