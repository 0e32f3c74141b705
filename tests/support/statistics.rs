//! Comparison of what a simulation measured with what theory says.
//!
//! A [`Sample`] holds one number for each of many independent runs. Its mean is compared with the expected value in
//! units of its own standard error; the bound is the two-sided Student t quantile at [`FALSE_ALARM`], so a right
//! engine fails one comparison in ten thousand seeds. Seeds are fixed: a test that passes once passes always.

#![allow(dead_code)]

use fleetcast::analysis::student_t_quantile;

/// The probability that one comparison of a right engine fails.
pub(crate) const FALSE_ALARM: f64 = 1e-4;

/// One number for each independent run.
#[derive(Debug)]
pub(crate) struct Sample {
    what: String,
    values: Vec<f64>,
}

impl Sample {
    /// What was measured, and its values.
    pub(crate) fn new(what: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Sample {
        Sample { what: what.into(), values: values.into_iter().collect() }
    }

    pub(crate) fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// The standard error of the mean.
    pub(crate) fn standard_error(&self) -> f64 {
        let (n, mean) = (self.values.len() as f64, self.mean());
        let squares: f64 = self.values.iter().map(|value| (value - mean) * (value - mean)).sum();
        (squares / (n - 1.0) / n).sqrt()
    }

    /// Fails if the mean is too far from `expected` for chance.
    #[track_caller]
    pub(crate) fn has_mean(&self, expected: f64) {
        self.has_mean_within(expected, 0.0);
    }

    /// Like [`Sample::has_mean`] where theory itself is only known up to `bias`.
    #[track_caller]
    pub(crate) fn has_mean_within(&self, expected: f64, bias: f64) {
        let (mean, error) = (self.mean(), self.standard_error());
        let bound = student_t_quantile(1.0 - FALSE_ALARM / 2.0, self.values.len() as f64 - 1.0);
        let off = ((mean - expected).abs() - bias).max(0.0);
        let Sample { what, values } = self;
        println!("{what}: {mean:.6} for {expected:.6}, {:.2} standard errors", (mean - expected) / error);
        assert!(
            off <= bound * error,
            "{what}: {mean} over {} runs, expected {expected}: {:.1} standard errors of {error:.3e}",
            values.len(),
            (mean - expected) / error,
        );
        assert!(error.is_finite() && (error > 0.0 || mean == expected), "{what}: every run gave {mean}");
    }

    /// Fails if the standard error is more than `share` of `expected`: then the comparison says little.
    #[track_caller]
    pub(crate) fn is_sharp(&self, expected: f64, share: f64) {
        let error = self.standard_error();
        assert!(error <= share * expected.abs(), "{}: standard error {error} of {expected}", self.what);
    }
}
