//! Dates, zones and profiles that cannot be used.

use thiserror::Error;

/// A date or a zone that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// Not a date or time.
    #[error(
        "`{text}` is not a date or time such as 2026-01-05 or 2026-01-05T08:00:00+01:00[Europe/Berlin]: {reason}"
    )]
    Unreadable {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Offset and zone contradict each other.
    #[error("the offset in `{text}` is not in force in {zone} then; leave the offset out")]
    Contradiction {
        /// What was written.
        text: String,
        /// The zone.
        zone: String,
    },
    /// A fraction of a millisecond.
    #[error("`{text}` has a fraction of a millisecond; times are whole milliseconds")]
    TooFine {
        /// What was written.
        text: String,
    },
    /// A zone that is not in the IANA database.
    #[error("there is no time zone `{name}`{}", suggestion(.near))]
    UnknownZone {
        /// What was written.
        name: String,
        /// The names most like it, best first.
        near: Vec<String>,
    },
}

fn suggestion(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) }
}

/// A profile of demand that cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ProfileError {
    /// The step is not a divisor of a week.
    #[error("a step of {step} does not divide a week")]
    Step {
        /// The step.
        step: String,
    },
    /// The values do not fill a week or a part of it that repeats.
    #[error(
        "{values} values of {step} cover {covered}; a profile covers a week or a whole part of one, such as a day"
    )]
    Length {
        /// The number of values.
        values: usize,
        /// The step.
        step: String,
        /// Their product.
        covered: String,
    },
    /// A value that is negative, infinite or not a number.
    #[error("value {index} of the profile is {value}; it must be at least 0 and finite")]
    Value {
        /// Its place, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A sine wave that goes below zero, or never ends.
    #[error(
        "a sine needs an amplitude from 0 to 1, a period above 0 and a finite phase, not {amplitude}, {period} and {phase}"
    )]
    Sine {
        /// The amplitude.
        amplitude: f64,
        /// The period.
        period: String,
        /// The phase, in radians.
        phase: f64,
    },
}
