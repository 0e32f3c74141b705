//! Families on an interval: constant, uniform, triangular.

use super::Family;
use super::error::{VariateError, in_order, not_negative};

/// Always the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    value: f64,
}

impl Constant {
    pub(super) fn new(value: f64) -> Result<Constant, VariateError> {
        Ok(Constant { value: not_negative("value", value)? })
    }
}

impl Family for Constant {
    #[inline]
    fn quantile(&self, _: f64) -> f64 {
        self.value
    }

    fn cdf(&self, x: f64) -> f64 {
        if x >= self.value { 1.0 } else { 0.0 }
    }

    fn mean(&self) -> f64 {
        self.value
    }

    fn variance(&self) -> f64 {
        0.0
    }

    fn length_biased_quantile(&self, _: f64) -> f64 {
        self.value
    }

    fn scaled(self, factor: f64) -> Constant {
        Constant { value: self.value * factor }
    }
}

/// Equally likely between `min` and `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform {
    min: f64,
    max: f64,
}

impl Uniform {
    pub(super) fn new(min: f64, max: f64) -> Result<Uniform, VariateError> {
        not_negative("min", min)?;
        not_negative("max", max)?;
        in_order(("min", min), ("max", max))?;
        Ok(Uniform { min, max })
    }
}

impl Family for Uniform {
    #[inline]
    fn quantile(&self, u: f64) -> f64 {
        self.min + (self.max - self.min) * u
    }

    fn cdf(&self, x: f64) -> f64 {
        ((x - self.min) / (self.max - self.min)).clamp(0.0, 1.0)
    }

    fn mean(&self) -> f64 {
        self.min + (self.max - self.min) / 2.0
    }

    fn variance(&self) -> f64 {
        let width = self.max - self.min;
        width * width / 12.0
    }

    /// The biased distribution function is (x² − min²) / (max² − min²).
    fn length_biased_quantile(&self, u: f64) -> f64 {
        let floor = (self.min / self.max) * (self.min / self.max);
        self.max * (floor + u * (1.0 - floor)).sqrt()
    }

    fn scaled(self, factor: f64) -> Uniform {
        Uniform { min: self.min * factor, max: self.max * factor }
    }
}

/// A density that rises in a straight line from `min` to `mode` and falls in one to `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Triangular {
    min: f64,
    mode: f64,
    max: f64,
}

impl Triangular {
    pub(super) fn new(min: f64, mode: f64, max: f64) -> Result<Triangular, VariateError> {
        not_negative("min", min)?;
        not_negative("mode", mode)?;
        not_negative("max", max)?;
        in_order(("min", min), ("mode", mode))?;
        in_order(("mode", mode), ("max", max))?;
        Ok(Triangular { min, mode, max })
    }

    fn width(&self) -> f64 {
        self.max - self.min
    }

    /// The share of the mean that values up to `x` contribute: ∫ t f(t) dt / mean.
    fn length_biased_cdf(&self, x: f64) -> f64 {
        if x <= self.mode {
            let rise = x - self.min;
            let area = if rise > 0.0 { rise / self.width() * (rise / (self.mode - self.min)) } else { 0.0 };
            area * (self.min + rise * 2.0 / 3.0) / self.mean()
        } else {
            let fall = self.max - x;
            let area = fall / self.width() * (fall / (self.max - self.mode));
            1.0 - area * (self.max - fall * 2.0 / 3.0) / self.mean()
        }
    }
}

impl Family for Triangular {
    #[inline]
    fn quantile(&self, u: f64) -> f64 {
        let rise = self.mode - self.min;
        if u * self.width() <= rise {
            self.min + (u * self.width() * rise).sqrt()
        } else {
            self.max - ((1.0 - u) * self.width() * (self.max - self.mode)).sqrt()
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= self.min {
            0.0
        } else if x >= self.max {
            1.0
        } else if x <= self.mode {
            (x - self.min) / self.width() * ((x - self.min) / (self.mode - self.min))
        } else {
            1.0 - (self.max - x) / self.width() * ((self.max - x) / (self.max - self.mode))
        }
    }

    fn mean(&self) -> f64 {
        (self.min + self.mode + self.max) / 3.0
    }

    fn variance(&self) -> f64 {
        let (left, right) = (self.mode - self.min, self.max - self.mode);
        (left * left + left * right + right * right) / 18.0
    }

    /// A cubic, solved by halving down to neighbouring numbers.
    fn length_biased_quantile(&self, u: f64) -> f64 {
        let (mut low, mut high) = (self.min, self.max);
        loop {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                return high;
            }
            if self.length_biased_cdf(middle) < u {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    fn scaled(self, factor: f64) -> Triangular {
        Triangular { min: self.min * factor, mode: self.mode * factor, max: self.max * factor }
    }
}
