//! A site's wall clock during a run, with integers alone.
//!
//! A zone's offset is constant between the changes of its clocks, and a run meets few of them: they are found once,
//! and from then on a wall-clock time is one addition. Wall-clock times are milliseconds since Monday 1970-01-05
//! 00:00 by that wall clock, so that the place in the week is a remainder.

use jiff::Timestamp;

use super::Zone;
use crate::time::{DAY, Span, Time};

/// A week of wall-clock time.
pub(super) const WEEK: i64 = 7 * DAY.0;
/// 1970-01-01 was a Thursday.
const FIRST_MONDAY: i64 = 4 * DAY.0;
/// What lies before and after the run may matter too: windows that began, dates looked ahead to.
const MARGIN: i64 = 366 * DAY.0;

/// The wall clock of one zone, exact from a year before the run's start to a year after its end; beyond that the
/// nearest offset is taken to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalClock {
    /// The stretches of one offset, in ascending order.
    stretches: Vec<Stretch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    /// Its first instant; the first stretch has none before it.
    from: i64,
    /// Wall-clock time minus simulated time.
    ahead: i64,
}

impl LocalClock {
    pub(super) fn new(start: Timestamp, zone: &Zone, until: Time) -> LocalClock {
        let start = start.as_millisecond();
        let clamped = |time: i64| {
            let milliseconds = start.saturating_add(time);
            let (least, most) = (Timestamp::MIN.as_millisecond() + 1, Timestamp::MAX.as_millisecond());
            Timestamp::from_millisecond(milliseconds.clamp(least, most)).unwrap_or(Timestamp::MAX)
        };
        let (first, last) = (clamped(-MARGIN), clamped(until.0.saturating_add(MARGIN)));
        let ahead = |offset: jiff::tz::Offset| start + i64::from(offset.seconds()) * 1000 - FIRST_MONDAY;
        let mut stretches = vec![Stretch { from: i64::MIN, ahead: ahead(zone.rules().to_offset(first)) }];
        for change in zone.rules().following(first).take_while(|change| change.timestamp() <= last) {
            let from = change.timestamp().as_millisecond() - start;
            stretches.push(Stretch { from, ahead: ahead(change.offset()) });
        }
        stretches.dedup_by_key(|stretch| stretch.ahead);
        LocalClock { stretches }
    }

    /// The wall-clock time at `time`: milliseconds since a Monday 00:00.
    #[inline]
    pub fn wall(&self, time: Time) -> i64 {
        time.0.saturating_add(self.stretches[self.stretch_at(time)].ahead)
    }

    /// How much of the week has passed at `time` by the wall clock, from Monday 00:00: 0 or more and below 7 days.
    #[inline]
    pub fn of_week(&self, time: Time) -> Span {
        Span(self.wall(time).rem_euclid(WEEK))
    }

    /// The instant at which the wall clock shows `wall`: the first of two, and a time that is skipped moves forward by
    /// the gap.
    pub fn instant(&self, wall: i64) -> Time {
        let ends_after = |next: &Stretch, this: &Stretch| wall - this.ahead < next.from;
        let pairs = self.stretches.windows(2);
        let at = pairs.into_iter().position(|pair| ends_after(&pair[1], &pair[0]));
        let at = at.unwrap_or(self.stretches.len() - 1);
        let skipped = wall - self.stretches[at].ahead < self.stretches[at].from;
        Time(wall - self.stretches[if skipped { at - 1 } else { at }].ahead)
    }

    /// The wall-clock times at `first`, `first + step`, …: as [`LocalClock::wall`], for a `step` above 0 without a
    /// search for each.
    pub fn walls(&self, first: Time, step: Span, count: usize) -> impl Iterator<Item = i64> {
        let mut at = self.stretch_at(first);
        (0..count).map(move |i| {
            let time = first.0 + i as i64 * step.0;
            while self.stretches.get(at + 1).is_some_and(|next| next.from <= time) {
                at += 1;
            }
            time + self.stretches[at].ahead
        })
    }

    #[inline]
    fn stretch_at(&self, time: Time) -> usize {
        self.stretches.partition_point(|stretch| stretch.from <= time.0) - 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::Clock;
    use crate::time::HOUR;

    const ZONES: [&str; 6] = [
        "Europe/Berlin",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "America/New_York",
        "Asia/Kolkata",
        "UTC",
    ];

    #[test]
    fn the_week_begins_on_monday_at_midnight() {
        let clock = Clock::parse("2026-01-05T00:00:00+01:00[Europe/Berlin]").unwrap();
        let local = clock.local(clock.zone(), Time::ZERO + DAY);
        assert_eq!(local.of_week(Time::ZERO), Span::ZERO);
        assert_eq!(local.of_week(Time(-1)), Span(WEEK - 1));
        let tokyo = clock.local(&Zone::named("Asia/Tokyo").unwrap(), Time::ZERO + DAY);
        assert_eq!(tokyo.of_week(Time::ZERO), Span(8 * HOUR.0));
    }

    proptest! {
        /// Against jiff, whose disambiguation is called compatible, within two years around 2026.
        #[test]
        fn agrees_with_jiff(zone in prop::sample::select(&ZONES[..]), time in -300 * DAY.0..700 * DAY.0) {
            let clock = Clock::parse("2026-01-05").unwrap();
            let zone = Zone::named(zone).unwrap();
            let local = clock.local(&zone, Time(400 * DAY.0));
            let instant = Timestamp::from_millisecond(clock.start().as_millisecond() + time).unwrap();
            let civil = zone.rules().to_datetime(instant);
            let monday = jiff::civil::date(1970, 1, 5).at(0, 0, 0, 0);
            let expected = civil.duration_since(monday).as_millis() as i64;
            prop_assert_eq!(local.wall(Time(time)), expected);

            let back = zone.rules().to_timestamp(civil).unwrap().as_millisecond();
            prop_assert_eq!(local.instant(expected).0, back - clock.start().as_millisecond());
        }

        /// Most random times are far from a change of the clocks; these are within three hours of one.
        #[test]
        fn agrees_with_jiff_around_the_changes(
            zone in prop::sample::select(&ZONES[..]), pick in 0usize..4, off in -3 * HOUR.0..3 * HOUR.0,
        ) {
            let clock = Clock::parse("2026-01-05").unwrap();
            let zone = Zone::named(zone).unwrap();
            let local = clock.local(&zone, Time(400 * DAY.0));
            let Some(change) = zone.rules().following(clock.start()).nth(pick) else { return Ok(()) };
            let before = change.timestamp() - jiff::SignedDuration::from_hours(4);
            let wall_change = zone.rules().to_datetime(before) + jiff::SignedDuration::from_hours(4);
            let civil = wall_change + jiff::SignedDuration::from_millis(off);
            let monday = jiff::civil::date(1970, 1, 5).at(0, 0, 0, 0);
            let wall = civil.duration_since(monday).as_millis() as i64;
            let expected = zone.rules().to_timestamp(civil).unwrap().as_millisecond();
            prop_assert_eq!(local.instant(wall).0, expected - clock.start().as_millisecond());
        }

        #[test]
        fn a_walk_is_the_same_as_looking_each_time_up(
            zone in prop::sample::select(&ZONES[..]), first in -DAY.0..400 * DAY.0, step in 1..5 * DAY.0,
        ) {
            let clock = Clock::parse("2026-01-05").unwrap();
            let local = clock.local(&Zone::named(zone).unwrap(), Time(400 * DAY.0));
            for (i, wall) in local.walls(Time(first), Span(step), 200).enumerate() {
                prop_assert_eq!(wall, local.wall(Time(first + i as i64 * step)));
            }
        }
    }
}
