//! Working hours of a crew, as instants of the run.
//!
//! Hours recur by the week in local time and skip holidays; they are worked out for the whole run when the scenario is
//! compiled, so that the simulation knows no time zones.

use crate::time::{Span, Time};

/// When the members of a crew are at work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shifts {
    /// Intervals [from, to), ascending and apart; `None`: always.
    spans: Option<Vec<(Time, Time)>>,
}

impl Shifts {
    /// Around the clock.
    pub fn always() -> Shifts {
        Shifts { spans: None }
    }

    /// In these intervals, in any order; those that meet or overlap become one.
    pub fn of(mut spans: Vec<(Time, Time)>) -> Shifts {
        spans.retain(|(from, to)| from < to);
        spans.sort();
        let mut apart: Vec<(Time, Time)> = Vec::new();
        for (from, to) in spans {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => apart.push((from, to)),
            }
        }
        Shifts { spans: Some(apart) }
    }

    /// Intervals [from, to), ascending and apart; `None`: always.
    pub fn spans(&self) -> Option<&[(Time, Time)]> {
        self.spans.as_deref()
    }

    /// Whether nobody ever works.
    pub fn is_never(&self) -> bool {
        self.spans.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether it is working time at `at`.
    pub fn are_on(&self, at: Time) -> bool {
        self.next_on(at) == at
    }

    /// The first instant of working time from `at` on.
    pub fn next_on(&self, at: Time) -> Time {
        let Some(spans) = &self.spans else { return at };
        let next = spans.partition_point(|&(_, to)| to <= at);
        spans.get(next).map_or(Time::NEVER, |&(from, _)| from.max(at))
    }

    /// The instant at which `work` (above zero) of working time has passed since `from`.
    pub fn after(&self, from: Time, work: Span) -> Time {
        let Some(spans) = &self.spans else { return from + work };
        let first = spans.partition_point(|&(_, to)| to <= from);
        let mut left = work;
        for &(begin, end) in &spans[first..] {
            let begin = begin.max(from);
            if begin + left <= end {
                return begin + left;
            }
            left = left - (end - begin);
        }
        Time::NEVER
    }

    /// The working time in [0, `horizon`).
    pub fn before(&self, horizon: Time) -> Span {
        let Some(spans) = &self.spans else { return horizon.since_start() };
        let of = |&(from, to): &(Time, Time)| (to.min(horizon) - from.max(Time::ZERO)).0.max(0);
        Span(spans.iter().map(of).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    fn hour(n: i64) -> Time {
        Time(n * HOUR.0)
    }

    fn hours(n: i64) -> Span {
        Span(n * HOUR.0)
    }

    /// From 8 to 17 on two days.
    fn days() -> Shifts {
        Shifts::of(vec![(hour(32), hour(41)), (hour(8), hour(12)), (hour(12), hour(17))])
    }

    #[test]
    fn working_time_ends_before_its_last_instant() {
        let shifts = days();
        for (at, next) in [(0, 8), (8, 8), (12, 12), (17, 32), (40, 40)] {
            assert_eq!(shifts.next_on(hour(at)), hour(next), "{at}");
            assert_eq!(shifts.are_on(hour(at)), at == next);
        }
        assert_eq!(shifts.next_on(hour(41)), Time::NEVER);
        assert_eq!(Shifts::always().next_on(hour(3)), hour(3));
    }

    #[test]
    fn what_takes_working_time_goes_on_the_next_day() {
        let shifts = days();
        let table = [(0, 1, 9), (9, 8, 17), (9, 9, 33), (16, 2, 33), (20, 9, 41)];
        for (from, work, done) in table {
            assert_eq!(shifts.after(hour(from), hours(work)), hour(done), "{work} h from {from}");
        }
        assert_eq!(shifts.after(hour(20), hours(10)), Time::NEVER);
        assert_eq!(Shifts::always().after(hour(20), hours(10)), hour(30));
    }

    #[test]
    fn working_time_is_counted_within_the_run() {
        assert_eq!(days().before(hour(34)), hours(11));
        assert_eq!(Shifts::of(vec![(hour(-3), hour(2))]).before(hour(34)), hours(2));
        assert_eq!(Shifts::always().before(hour(34)), hours(34));
        assert!(Shifts::of(vec![(hour(1), hour(1))]).is_never());
    }
}
