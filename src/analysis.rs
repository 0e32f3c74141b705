//! Analysis of outcomes: estimates with their uncertainty. It knows nothing of what is estimated.
//!
//! The unit of evidence is the replication: one number each, independent and alike, so that the mean over n of them
//! has a Student t interval with n − 1 degrees of freedom (Law, *Simulation Modeling and Analysis*, 5th ed., 2015,
//! section 9.4). Sums run in the order of the replications, so the thread that ran one does not matter.
//!
//! The quantiles of Student's t and the normal distribution come from `statrs`, which may use the platform's
//! mathematics and so differ in a last bit. They reach summaries only, never a simulation, and summaries are
//! written with [ten significant digits](ten_digits).

mod distributions;
mod estimate;
mod factorial;
mod limits;
mod mser;
mod multiplicity;
mod paired;
mod pareto;
mod quantiles;
mod selection;
mod verdict;

pub use distributions::{normal_quantile, student_t_quantile, student_t_two_sided};
pub use estimate::{Estimate, exact_upper_limit};
pub use factorial::{Factorial, Level, Shares};
pub use limits::{Limits, Losses, replications_for};
pub use mser::{BATCH as MSER_BATCH, Truncation};
pub use multiplicity::{bonferroni, holm};
pub use paired::Paired;
pub use pareto::dominators;
pub use quantiles::{quantile_type7, sorted};
pub use selection::KimNelson;
pub use verdict::{Better, Verdict};

/// `x` rounded to ten significant digits, as numbers of summaries are written.
pub fn ten_digits(x: f64) -> f64 {
    // A zero without a sign.
    format!("{x:.9e}").parse().unwrap_or(x) + 0.0
}

#[cfg(test)]
mod tests {
    use super::ten_digits;

    #[test]
    fn ten_digits_are_kept() {
        assert_eq!(ten_digits(0.1 + 0.2), 0.3);
        assert_eq!(ten_digits(-12_345.678_912_345), -12_345.678_91);
        assert_eq!(ten_digits(0.0), 0.0);
        assert!(ten_digits(f64::INFINITY).is_infinite() && ten_digits(f64::NAN).is_nan());
    }
}
