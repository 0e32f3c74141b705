//! Variates: positive random quantities, by inversion.

/// A distribution of a duration in milliseconds (or another positive quantity).
#[derive(Clone, Debug, PartialEq)]
pub enum Variate {
    /// Always the same.
    Constant(f64),
}
