//! The lognormal family: times to repair and other work whose steps multiply.

use super::error::{VariateError, not_negative, positive};
use super::{Family, normal};

/// Lognormal: `mu` and `sigma` are mean and standard deviation of the logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    mu: f64,
    sigma: f64,
}

impl LogNormal {
    pub(super) fn with_sigma(mean: f64, sigma: f64) -> Result<LogNormal, VariateError> {
        let mean = positive("mean", mean)?;
        let sigma = not_negative("sigma", sigma)?;
        Ok(LogNormal { mu: libm::log(mean) - sigma * sigma / 2.0, sigma })
    }

    pub(super) fn with_cv(mean: f64, cv: f64) -> Result<LogNormal, VariateError> {
        let cv = not_negative("cv", cv)?;
        LogNormal::with_sigma(mean, libm::log1p(cv * cv).sqrt())
    }
}

impl Family for LogNormal {
    #[inline]
    fn quantile(&self, u: f64) -> f64 {
        libm::exp(self.mu + self.sigma * normal::quantile(u))
    }

    fn cdf(&self, x: f64) -> f64 {
        if x > 0.0 { normal::cdf((libm::log(x) - self.mu) / self.sigma) } else { 0.0 }
    }

    fn mean(&self) -> f64 {
        libm::exp(self.mu + self.sigma * self.sigma / 2.0)
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        mean * mean * libm::expm1(self.sigma * self.sigma)
    }

    /// The bias multiplies the density by x = exp(ln x), which moves the mean of the logarithm by sigma².
    fn length_biased_quantile(&self, u: f64) -> f64 {
        LogNormal { mu: self.mu + self.sigma * self.sigma, ..*self }.quantile(u)
    }

    fn scaled(self, factor: f64) -> LogNormal {
        LogNormal { mu: self.mu + libm::log(factor), ..self }
    }
}
