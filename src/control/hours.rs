//! When updates may start at a site: maintenance windows and freezes, as instants of the run.
//!
//! A window recurs by the week in local time; it is worked out for the whole run when the scenario is compiled, so that the
//! simulation knows no time zones.

use crate::time::{Span, Time};

/// When updates may start, by group: each kind of hours once.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The hours in use.
    pub kinds: Vec<Hours>,
    /// Which of them hold in each group, by the group's index.
    pub of_group: Vec<usize>,
}

impl Schedule {
    /// The hours of the group with this index.
    pub fn of(&self, group: usize) -> &Hours {
        &self.kinds[self.of_group[group]]
    }
}

/// When updates may start.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    /// The windows [from, to), ascending and apart, each as long as what must fit into it; `None`: no window restricts updates.
    pub windows: Option<Vec<(Time, Time)>>,
    /// What must fit into the rest of the window at a start; zero: it may merely start.
    pub must_fit: Span,
    /// Intervals [from, to) without any start, ascending and apart.
    pub freezes: Vec<(Time, Time)>,
}

impl Hours {
    /// At any time but in these intervals, which may overlap.
    pub fn frozen(freezes: Vec<(Time, Time)>) -> Hours {
        Hours { windows: None, must_fit: Span::ZERO, freezes: joined(freezes) }
    }

    /// Besides, only in these windows, which may overlap or adjoin and are one then, where `must_fit` still fits in.
    pub fn within(self, windows: Vec<(Time, Time)>, must_fit: Span) -> Hours {
        Hours { windows: Some(joined(windows)), must_fit, ..self }
    }

    /// The first instant from `now` on at which an update may start. A `forced` one ignores windows.
    pub fn next_start(&self, now: Time, forced: bool) -> Time {
        let mut at = now;
        loop {
            let in_window = if forced { at } else { self.in_window(at) };
            let thawed = self.thawed(in_window);
            if thawed == at || thawed == Time::NEVER {
                return thawed;
            }
            at = thawed;
        }
    }

    /// The first instant from `at` on that lies in a window.
    fn in_window(&self, at: Time) -> Time {
        let Some(windows) = &self.windows else { return at };
        let next = windows.partition_point(|&(from, _)| from <= at);
        let open = windows[..next].last().is_some_and(|&(_, to)| match self.must_fit {
            Span::ZERO => at < to,
            must_fit => at + must_fit <= to,
        });
        if open { at } else { windows.get(next).map_or(Time::NEVER, |&(from, _)| from) }
    }

    fn thawed(&self, at: Time) -> Time {
        let next = self.freezes.partition_point(|&(from, _)| from <= at);
        match self.freezes[..next].last() {
            Some(&(_, to)) if at < to => to,
            _ => at,
        }
    }
}

/// These intervals in order, those that overlap or adjoin as one.
fn joined(mut intervals: Vec<(Time, Time)>) -> Vec<(Time, Time)> {
    intervals.sort();
    let mut apart: Vec<(Time, Time)> = Vec::new();
    for (from, to) in intervals {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR, MINUTE};

    fn hour(n: i64) -> Time {
        Time(n * HOUR.0)
    }

    /// From 02:00 to 05:00 on two days, with updates of at most 15 minutes.
    fn nights(must_fit: Span) -> Hours {
        Hours::frozen(Vec::new()).within(vec![(hour(2), hour(5)), (hour(26), hour(29))], must_fit)
    }

    #[test]
    fn a_window_opens_at_its_beginning_and_closes_before_its_end() {
        let merely = nights(Span::ZERO);
        assert_eq!(merely.next_start(Time::ZERO, false), hour(2));
        assert_eq!(merely.next_start(hour(4), false), hour(4));
        assert_eq!(merely.next_start(hour(5) - Span(1), false), hour(5) - Span(1));
        assert_eq!(merely.next_start(hour(5), false), hour(26));
        assert_eq!(merely.next_start(hour(29), false), Time::NEVER);
    }

    #[test]
    fn an_update_that_must_end_in_the_window_starts_in_time() {
        let quarter = Span(15 * MINUTE.0);
        let fits = nights(quarter);
        assert_eq!(fits.next_start(hour(5) - quarter, false), hour(5) - quarter);
        assert_eq!(fits.next_start(hour(5) - quarter + Span(1), false), hour(26));
    }

    /// On Monday and Tuesday, all day long: an update may straddle the midnight between them.
    #[test]
    fn windows_that_adjoin_or_overlap_are_one() {
        let quarter = Span(15 * MINUTE.0);
        let days = |length: i64| vec![(hour(24), hour(24 + length)), (hour(0), hour(length))];
        for length in [24, 30] {
            let hours = Hours::frozen(Vec::new()).within(days(length), quarter);
            assert_eq!(hours.windows, Some(vec![(hour(0), hour(24 + length))]));
            let midnight = hour(24) - Span(MINUTE.0);
            assert_eq!(hours.next_start(midnight, false), midnight);
            assert_eq!(hours.next_start(hour(24 + length), false), Time::NEVER);
        }
        let apart = Hours::frozen(Vec::new()).within(days(23), quarter);
        assert_eq!(apart.next_start(hour(23) - Span(MINUTE.0), false), hour(24));
    }

    #[test]
    fn a_freeze_holds_even_what_is_forced() {
        let hours = Hours {
            freezes: Hours::frozen(vec![(hour(3), hour(27)), (hour(1), hour(3))]).freezes,
            ..nights(Span::ZERO)
        };
        assert_eq!(hours.next_start(hour(2), false), hour(27));
        assert_eq!(hours.next_start(hour(2), true), hour(27));
        assert_eq!(hours.next_start(Time::ZERO, true), Time::ZERO);
        assert_eq!(Hours::frozen(vec![(hour(1), hour(2))]).next_start(hour(1), false), hour(2));
    }
}
