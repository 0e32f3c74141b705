//! The three families of lifetimes: exponential, Weibull and gamma.

use rand::Rng;
use rand_distr::Distribution;

use super::error::{VariateError, in_range, positive};
use super::{Family, Variate, incomplete_gamma};

/// Exponential: a hazard that does not change with age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    mean: f64,
}

impl Exponential {
    pub(super) fn new(mean: f64) -> Result<Exponential, VariateError> {
        Ok(Exponential { mean: positive("mean", mean)? })
    }
}

impl Family for Exponential {
    #[inline]
    fn quantile(&self, u: f64) -> f64 {
        // Exact: 1 − u loses nothing for the uniform numbers we draw.
        self.mean * -libm::log(1.0 - u)
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-x.max(0.0) / self.mean)
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean
    }

    fn length_biased_quantile(&self, u: f64) -> f64 {
        self.mean * incomplete_gamma::quantile(2.0, u)
    }

    fn scaled(self, factor: f64) -> Exponential {
        Exponential { mean: self.mean * factor }
    }

    fn residual<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        Variate::Exponential(*self).sample(rng)
    }
}

/// Weibull: a power of an exponential variate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weibull {
    scale: f64,
    shape: f64,
    inverse_shape: f64,
}

impl Weibull {
    /// Γ(1 + 1/shape), by which scale and mean differ, overflows below.
    const LEAST_SHAPE: f64 = 0.006;

    pub(super) fn with_mean(mean: f64, shape: f64) -> Result<Weibull, VariateError> {
        let mean = positive("mean", mean)?;
        let unit = Weibull::with_scale(1.0, shape)?;
        Ok(Weibull { scale: mean / unit.moment(1.0), ..unit })
    }

    pub(super) fn with_scale(scale: f64, shape: f64) -> Result<Weibull, VariateError> {
        let scale = positive("scale", scale)?;
        let shape = in_range("shape", positive("shape", shape)?, Weibull::LEAST_SHAPE, 1e6)?;
        Ok(Weibull { scale, shape, inverse_shape: 1.0 / shape })
    }

    /// E[(X/scale)ⁿ].
    fn moment(&self, n: f64) -> f64 {
        libm::tgamma(1.0 + n * self.inverse_shape)
    }
}

impl Family for Weibull {
    #[inline]
    fn quantile(&self, u: f64) -> f64 {
        self.scale * libm::pow(-libm::log(1.0 - u), self.inverse_shape)
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-libm::pow(x.max(0.0) / self.scale, self.shape))
    }

    fn mean(&self) -> f64 {
        self.scale * self.moment(1.0)
    }

    fn variance(&self) -> f64 {
        let mean = self.moment(1.0);
        self.scale * self.scale * (self.moment(2.0) - mean * mean)
    }

    /// With W = (X/scale)^shape exponential, the bias multiplies W's density by W^(1/shape): a gamma density.
    fn length_biased_quantile(&self, u: f64) -> f64 {
        let power = incomplete_gamma::quantile(1.0 + self.inverse_shape, u);
        self.scale * libm::pow(power, self.inverse_shape)
    }

    fn scaled(self, factor: f64) -> Weibull {
        Weibull { scale: self.scale * factor, ..self }
    }
}

/// Gamma: for a whole shape, the sum of so many exponential variates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    scale: f64,
    shape: f64,
}

impl Gamma {
    pub(super) fn with_mean(mean: f64, shape: f64) -> Result<Gamma, VariateError> {
        let mean = positive("mean", mean)?;
        let shape = in_range("shape", positive("shape", shape)?, 0.01, 1e6)?;
        Ok(Gamma { scale: mean / shape, shape })
    }
}

impl Family for Gamma {
    fn quantile(&self, u: f64) -> f64 {
        self.scale * incomplete_gamma::quantile(self.shape, u)
    }

    fn cdf(&self, x: f64) -> f64 {
        incomplete_gamma::tails(self.shape, x / self.scale).0
    }

    fn mean(&self) -> f64 {
        self.scale * self.shape
    }

    fn variance(&self) -> f64 {
        self.scale * self.scale * self.shape
    }

    fn length_biased_quantile(&self, u: f64) -> f64 {
        self.scale * incomplete_gamma::quantile(self.shape + 1.0, u)
    }

    fn scaled(self, factor: f64) -> Gamma {
        Gamma { scale: self.scale * factor, ..self }
    }
}
