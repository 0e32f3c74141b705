//! Simulated time: whole milliseconds since the scenario's start.
//!
//! Integers make equal times really equal, so that the order of simultaneous events is decided by the tie law
//! and never by rounding, and make sums of durations exact in any order.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An instant: milliseconds since the scenario's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A duration in milliseconds, never negative in a compiled scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

/// Milliseconds in a second.
pub const SECOND: Span = Span(1_000);
/// Milliseconds in a minute.
pub const MINUTE: Span = Span(60_000);
/// Milliseconds in an hour.
pub const HOUR: Span = Span(3_600_000);
/// Milliseconds in a day of 24 hours.
pub const DAY: Span = Span(86_400_000);
/// A month in rates "per month": 730 hours.
pub const MONTH: Span = Span(730 * 3_600_000);

impl Time {
    /// The start of the run.
    pub const ZERO: Time = Time(0);
    /// Later than every event: the time of a timer that is not set.
    pub const NEVER: Time = Time(i64::MAX);

    /// The span from the start of the run.
    pub fn since_start(self) -> Span {
        Span(self.0)
    }

    /// Seconds since the start, exact to the millisecond.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e3
    }
}

impl Span {
    /// No time.
    pub const ZERO: Span = Span(0);
    /// The longest duration that is ever drawn: 10,000 years, so that sums cannot overflow.
    pub const LONGEST: Span = Span(10_000 * 366 * 86_400_000);

    /// A drawn duration of `milliseconds`, rounded up to the next whole one and at least one.
    pub fn drawn(milliseconds: f64) -> Span {
        if milliseconds >= Self::LONGEST.0 as f64 {
            Self::LONGEST
        } else {
            let whole = milliseconds as i64;
            Span((whole + i64::from((whole as f64) < milliseconds)).max(1))
        }
    }

    /// Hours.
    pub fn as_hours(self) -> f64 {
        self.0 as f64 / HOUR.0 as f64
    }

    /// Seconds.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e3
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Span> for Time {
    type Output = Time;
    fn sub(self, span: Span) -> Time {
        Time(self.0 - span.0)
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Time) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0 - other.0)
    }
}

impl fmt::Display for Span {
    /// The largest unit that divides the span: `15m`, `35d`, `1500ms`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, name) in [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")] {
            if self.0 != 0 && self.0 % unit.0 == 0 {
                return write!(out, "{}{name}", self.0 / unit.0);
            }
        }
        if self.0 == 0 { out.write_str("0s") } else { write!(out, "{}ms", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_durations_are_rounded_up_to_at_least_one_millisecond() {
        assert_eq!(Span::drawn(0.0), Span(1));
        assert_eq!(Span::drawn(1.0), Span(1));
        assert_eq!(Span::drawn(1.000_001), Span(2));
        assert_eq!(Span::drawn(f64::INFINITY), Span::LONGEST);
    }

    #[test]
    fn spans_are_written_in_their_largest_unit() {
        assert_eq!(Span(900_000).to_string(), "15m");
        assert_eq!(Span(35 * DAY.0).to_string(), "35d");
        assert_eq!(Span(1_500).to_string(), "1500ms");
        assert_eq!(Span::ZERO.to_string(), "0s");
    }
}
