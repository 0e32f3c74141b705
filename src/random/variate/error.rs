//! Why a distribution cannot be made.

use thiserror::Error;

/// A parameter that a distribution cannot have. `what` is its name in scenario files.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum VariateError {
    /// Zero, negative, infinite or not a number.
    #[error("`{what}` must be above 0 and finite, not {value}")]
    NotPositive {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// Negative, infinite or not a number.
    #[error("`{what}` must be at least 0 and finite, not {value}")]
    Negative {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// Bounds that cross.
    #[error("`{low}` ({low_value}) must not be above `{high}` ({high_value})")]
    OutOfOrder {
        /// The parameter that should be the smaller.
        low: &'static str,
        /// Its value.
        low_value: f64,
        /// The parameter that should be the larger.
        high: &'static str,
        /// Its value.
        high_value: f64,
    },
    /// Outside of what can be computed.
    #[error("`{what}` must be between {least} and {most}, not {value}")]
    OutOfRange {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The smallest value possible.
        least: f64,
        /// The largest value possible.
        most: f64,
    },
    /// An empirical distribution of nothing.
    #[error("an empirical distribution needs at least one value")]
    NoValues,
}

pub(super) fn positive(what: &'static str, value: f64) -> Result<f64, VariateError> {
    if value > 0.0 && value.is_finite() { Ok(value) } else { Err(VariateError::NotPositive { what, value }) }
}

pub(super) fn not_negative(what: &'static str, value: f64) -> Result<f64, VariateError> {
    if value >= 0.0 && value.is_finite() { Ok(value) } else { Err(VariateError::Negative { what, value }) }
}

pub(super) fn in_range(what: &'static str, value: f64, least: f64, most: f64) -> Result<f64, VariateError> {
    if !(least..=most).contains(&value) {
        return Err(VariateError::OutOfRange { what, value, least, most });
    }
    Ok(value)
}

pub(super) fn in_order(
    (low, low_value): (&'static str, f64),
    (high, high_value): (&'static str, f64),
) -> Result<(), VariateError> {
    if low_value > high_value {
        return Err(VariateError::OutOfOrder { low, low_value, high, high_value });
    }
    Ok(())
}
