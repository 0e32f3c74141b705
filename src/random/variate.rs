//! Variates: random durations and other quantities that are never negative, by inversion.
//!
//! A sample is the quantile of one uniform number in (0, 1). The same number therefore stands for the same level
//! of luck whatever the family or its parameters: two policies or two settings that take the same draw stay in
//! step, which is what makes paired comparisons sharp (inversion as the method for common random numbers: Law,
//! *Simulation Modeling and Analysis*, 5th ed., 2015, section 11.2). Elementary functions come from `libm`, so
//! samples have the same bits on every platform.
//!
//! The constructors refuse what has no meaning (not-a-number included), so sampling cannot fail: it neither
//! panics nor loops, and an overflow becomes infinity, which [`Span::drawn`] cuts.

mod bounded;
mod empirical;
mod error;
pub mod incomplete_gamma;
mod lifetime;
mod log_normal;
pub mod normal;

pub use bounded::{Constant, Triangular, Uniform};
pub use empirical::Empirical;
pub use error::VariateError;
pub use lifetime::{Exponential, Gamma, Weibull};
pub use log_normal::LogNormal;

use rand::Rng;
use rand_distr::Distribution;

use super::open_unit;
use crate::time::Span;

/// A distribution of a duration in milliseconds, or of another quantity that is never negative.
///
/// Made by the constructors below only: the families keep their parameters private.
#[derive(Clone, Debug, PartialEq)]
pub enum Variate {
    /// Always the same.
    Constant(Constant),
    /// Without memory.
    Exponential(Exponential),
    /// Lifetimes whose hazard falls (shape below 1) or grows (above 1).
    Weibull(Weibull),
    /// The exponential of a normal variate.
    LogNormal(LogNormal),
    /// Sums of exponentials, and in between.
    Gamma(Gamma),
    /// Equally likely between two bounds.
    Uniform(Uniform),
    /// A density that rises to a mode and falls from it.
    Triangular(Triangular),
    /// One of given values.
    Empirical(Empirical),
}

/// What each family knows about itself; `u` is in (0, 1).
trait Family {
    fn quantile(&self, u: f64) -> f64;
    fn cdf(&self, x: f64) -> f64;
    fn mean(&self) -> f64;
    fn variance(&self) -> f64;
    /// The quantile of the distribution with density x f(x) / mean.
    fn length_biased_quantile(&self, u: f64) -> f64;
    fn scaled(self, factor: f64) -> Self;

    fn residual<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let elapsed = open_unit(rng);
        elapsed * self.length_biased_quantile(open_unit(rng))
    }
}

macro_rules! each_family {
    ($variate:expr, $family:ident => $body:expr) => {
        match $variate {
            Variate::Constant($family) => $body,
            Variate::Exponential($family) => $body,
            Variate::Weibull($family) => $body,
            Variate::LogNormal($family) => $body,
            Variate::Gamma($family) => $body,
            Variate::Uniform($family) => $body,
            Variate::Triangular($family) => $body,
            Variate::Empirical($family) => $body,
        }
    };
}

/// Constructors. Each fails with the [`VariateError`] that names the parameter it cannot use.
impl Variate {
    /// Always `value`, at least 0.
    pub fn constant(value: f64) -> Result<Variate, VariateError> {
        Ok(Variate::Constant(Constant::new(value)?))
    }

    /// Exponential with this `mean` above 0.
    pub fn exponential(mean: f64) -> Result<Variate, VariateError> {
        Ok(Variate::Exponential(Exponential::new(mean)?))
    }

    /// Weibull with this `mean` and `shape`, both above 0.
    pub fn weibull(mean: f64, shape: f64) -> Result<Variate, VariateError> {
        Ok(Variate::Weibull(Weibull::with_mean(mean, shape)?))
    }

    /// Weibull with this `scale` (its 63.2 % quantile) and `shape`, both above 0.
    pub fn weibull_scale(scale: f64, shape: f64) -> Result<Variate, VariateError> {
        Ok(Variate::Weibull(Weibull::with_scale(scale, shape)?))
    }

    /// Lognormal with this `mean` above 0; `sigma` is the standard deviation of the logarithm (0: constant).
    pub fn log_normal(mean: f64, sigma: f64) -> Result<Variate, VariateError> {
        let log_normal = LogNormal::with_sigma(mean, sigma)?;
        if sigma == 0.0 { Variate::constant(mean) } else { Ok(Variate::LogNormal(log_normal)) }
    }

    /// Lognormal with this `mean` above 0; `cv` is the standard deviation over the mean (0: constant).
    pub fn log_normal_cv(mean: f64, cv: f64) -> Result<Variate, VariateError> {
        let log_normal = LogNormal::with_cv(mean, cv)?;
        if cv == 0.0 { Variate::constant(mean) } else { Ok(Variate::LogNormal(log_normal)) }
    }

    /// Gamma with this `mean` above 0 and a `shape` from 0.01 to 1,000,000.
    pub fn gamma(mean: f64, shape: f64) -> Result<Variate, VariateError> {
        Ok(Variate::Gamma(Gamma::with_mean(mean, shape)?))
    }

    /// Uniform with 0 ≤ `min` ≤ `max` (equal: constant).
    pub fn uniform(min: f64, max: f64) -> Result<Variate, VariateError> {
        let uniform = Uniform::new(min, max)?;
        if min == max { Variate::constant(min) } else { Ok(Variate::Uniform(uniform)) }
    }

    /// Triangular with 0 ≤ `min` ≤ `mode` ≤ `max` (all equal: constant).
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Variate, VariateError> {
        let triangular = Triangular::new(min, mode, max)?;
        if min == max { Variate::constant(min) } else { Ok(Variate::Triangular(triangular)) }
    }

    /// One of `values`, in any order, each as likely: at least one, none below 0.
    pub fn empirical(values: Vec<f64>) -> Result<Variate, VariateError> {
        Ok(Variate::Empirical(Empirical::new(values)?))
    }
}

impl Variate {
    /// The smallest x with cdf(x) ≥ `u`, for `u` in (0, 1). Values nearer to 1 than 2⁻⁵³ are not told apart.
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        each_family!(self, family => family.quantile(u))
    }

    /// The probability of a value of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        each_family!(self, family => family.cdf(x))
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        each_family!(self, family => family.mean())
    }

    /// The variance; infinite where it is above the largest number.
    pub fn variance(&self) -> f64 {
        each_family!(self, family => family.variance())
    }

    /// A sample in milliseconds, rounded up to a whole one and at least one.
    #[inline]
    pub fn span<R: Rng + ?Sized>(&self, rng: &mut R) -> Span {
        Span::drawn(self.sample(rng))
    }

    /// A sample of the length of the interval that covers a random instant, in a renewal process whose intervals
    /// have this distribution: density x f(x) / mean. Takes one uniform number.
    pub fn length_biased<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let u = open_unit(rng);
        each_family!(self, family => family.length_biased_quantile(u))
    }

    /// A sample of what is left of that interval at the random instant (the equilibrium residual life, density
    /// (1 − F(x)) / mean): a uniform share of a [length-biased](Variate::length_biased) one. For the exponential,
    /// which has no memory, a plain sample.
    ///
    /// Feller, *An Introduction to Probability Theory and Its Applications*, vol. II, 2nd ed., 1971, section XI.4.
    pub fn residual<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        each_family!(self, family => family.residual(rng))
    }

    /// The distribution of `factor` times the variate; `factor` is finite and at least 0.
    pub fn scaled(self, factor: f64) -> Variate {
        debug_assert!(factor.is_finite() && factor >= 0.0, "a variate cannot be scaled by {factor}");
        match self {
            Variate::Constant(family) => Variate::Constant(family.scaled(factor)),
            Variate::Exponential(family) => Variate::Exponential(family.scaled(factor)),
            Variate::Weibull(family) => Variate::Weibull(family.scaled(factor)),
            Variate::LogNormal(family) => Variate::LogNormal(family.scaled(factor)),
            Variate::Gamma(family) => Variate::Gamma(family.scaled(factor)),
            Variate::Uniform(family) => Variate::Uniform(family.scaled(factor)),
            Variate::Triangular(family) => Variate::Triangular(family.scaled(factor)),
            Variate::Empirical(family) => Variate::Empirical(family.scaled(factor)),
        }
    }
}

impl Distribution<f64> for Variate {
    #[inline]
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.quantile(open_unit(rng))
    }
}
