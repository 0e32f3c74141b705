//! Where the ticks of an axis stand: round numbers, and dates of a calendar.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit, Zoned};

use crate::time::{DAY, Time};

/// Simulated time as dates of a time zone.
#[derive(Clone, Debug)]
pub struct Dates {
    /// Time 0, in milliseconds since 1970 in UTC.
    pub start_unix_millis: i64,
    /// The zone of the dates.
    pub zone: TimeZone,
}

impl Dates {
    /// The local date and time of an instant.
    pub fn local(&self, at: Time) -> Zoned {
        let millis = self.start_unix_millis.saturating_add(at.0);
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX).to_zoned(self.zone.clone())
    }

    /// The instant of a local date and time.
    fn instant(&self, local: DateTime) -> Option<Time> {
        let zoned = local.to_zoned(self.zone.clone()).ok()?;
        Some(Time(zoned.timestamp().as_millisecond() - self.start_unix_millis))
    }

    /// The zone's name.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Ticks in [from, to), at most `most`, at whole units of the calendar, with their labels.
    pub fn ticks(&self, from: Time, to: Time, most: usize) -> Vec<(Time, String)> {
        for step in STEPS {
            let ticks = self.ticks_every(from, to, step, most);
            if let Some(ticks) = ticks {
                return ticks;
            }
        }
        Vec::new()
    }

    fn ticks_every(&self, from: Time, to: Time, step: Step, most: usize) -> Option<Vec<(Time, String)>> {
        // A month has at most 31 days, a tick cannot come later than that; this bounds the loop.
        if (to - from).0 as f64 > most as f64 * step.longest() {
            return None;
        }
        let mut ticks = Vec::new();
        let mut local = step.floor(self.local(from).datetime())?;
        let mut days = DayLabel::default();
        while let Some(at) = self.instant(local).filter(|&at| at < to) {
            if at >= from && ticks.last().is_none_or(|&(last, _)| last < at) {
                ticks.push((at, days.label(local, step)));
            }
            local = step.next(local)?;
        }
        (ticks.len() <= most).then_some(ticks)
    }
}

/// A date is written beside a time of day only where it changes.
#[derive(Default)]
struct DayLabel {
    last: Option<jiff::civil::Date>,
}

impl DayLabel {
    fn label(&mut self, local: DateTime, step: Step) -> String {
        let format = match step {
            Step::Minutes(_) if self.last == Some(local.date()) => "%H:%M",
            Step::Minutes(_) => "%-d %b %H:%M",
            Step::Days(_) if self.last.is_none_or(|last| last.year() != local.year()) => "%-d %b %Y",
            Step::Days(_) => "%-d %b",
            Step::Months(_) => "%b %Y",
        };
        self.last = Some(local.date());
        local.strftime(format).to_string()
    }
}

#[derive(Clone, Copy)]
enum Step {
    /// Divides a day.
    Minutes(i64),
    Days(i64),
    /// Divides a year.
    Months(i8),
}

const STEPS: [Step; 20] = [
    Step::Minutes(1),
    Step::Minutes(5),
    Step::Minutes(15),
    Step::Minutes(30),
    Step::Minutes(60),
    Step::Minutes(120),
    Step::Minutes(180),
    Step::Minutes(360),
    Step::Minutes(720),
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(60),
    Step::Months(120),
];

impl Step {
    /// The longest time from one tick to the next, in milliseconds.
    fn longest(self) -> f64 {
        match self {
            Step::Minutes(minutes) => minutes as f64 * 60_000.0 + 3_600_000.0,
            Step::Days(days) => (days + 1) as f64 * DAY.0 as f64,
            Step::Months(months) => f64::from(months) * 32.0 * DAY.0 as f64,
        }
    }

    /// The last tick at or before `local`.
    fn floor(self, local: DateTime) -> Option<DateTime> {
        let midnight = local.date().to_datetime(jiff::civil::Time::midnight());
        match self {
            Step::Minutes(minutes) => {
                let since = i64::from(local.hour()) * 60 + i64::from(local.minute());
                midnight.checked_add((since / minutes * minutes).minutes()).ok()
            }
            Step::Days(1 | 2) => Some(midnight),
            Step::Days(_) => {
                let monday = local.date().weekday().to_monday_zero_offset();
                midnight.checked_sub(i64::from(monday).days()).ok()
            }
            Step::Months(months) if months < 12 => {
                let first = (local.month() - 1) / months * months + 1;
                midnight.with().month(first).day(1).build().ok()
            }
            Step::Months(months) => {
                let years = i16::from(months / 12);
                midnight.with().year(local.year() / years * years).month(1).day(1).build().ok()
            }
        }
    }

    fn next(self, local: DateTime) -> Option<DateTime> {
        match self {
            Step::Minutes(minutes) => local.checked_add(minutes.minutes()).ok(),
            Step::Days(days) => local.checked_add(days.days()).ok(),
            Step::Months(months) => local.checked_add(i64::from(months).months()).ok(),
        }
    }
}

/// Round numbers 0, step, 2·step, … that cover [0, `max`] in at most `most` steps; the last is ≥ `max`.
pub fn round_ticks(max: f64, most: usize) -> Vec<f64> {
    let max = if max > 0.0 && max.is_finite() { max } else { 1.0 };
    let mut unit = 1.0;
    while unit * most as f64 > max * 10.0 {
        unit /= 10.0;
    }
    while unit * (most as f64) * 10.0 < max {
        unit *= 10.0;
    }
    let fits = |step: &f64| step * most as f64 >= max;
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].map(|digit| digit * unit).into_iter().find(fits);
    let step = step.unwrap_or(max);
    let count = libm::ceil(max / step - 1e-9) as usize;
    (0..=count).map(|index| index as f64 * step).collect()
}

/// A date and time as a reader of figures and tables wants it: to the second, without the zone.
pub fn plain(local: &Zoned) -> String {
    let rounded = local.round(Unit::Second).unwrap_or_else(|_| local.clone());
    rounded.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::START;
    use crate::time::{HOUR, Span};

    fn dates() -> Dates {
        Dates { start_unix_millis: START, zone: TimeZone::get("Europe/Berlin").unwrap() }
    }

    #[test]
    fn a_year_has_months_and_a_day_has_hours() {
        let year = dates().ticks(Time(0), Time(365 * DAY.0), 12);
        assert_eq!(year[0].1, "Feb 2026");
        assert_eq!(year.len(), 12);
        // 2026-01-05 01:00 in Berlin.
        let day = dates().ticks(Time(0), Time(DAY.0), 8);
        assert_eq!(day[0].1, "5 Jan 03:00");
        assert_eq!(day[1].1, "06:00");
    }

    #[test]
    fn ticks_stand_at_local_midnight_on_both_sides_of_the_change_of_clocks() {
        let from = Time::ZERO + Span(80 * DAY.0);
        let ticks = dates().ticks(from, from + Span(8 * DAY.0), 9);
        assert!(ticks.iter().all(|&(at, _)| dates().local(at).hour() == 0));
        let gaps: Vec<i64> = ticks.windows(2).map(|pair| (pair[1].0 - pair[0].0).0 / HOUR.0).collect();
        assert!(gaps.contains(&23), "{gaps:?}");
    }

    #[test]
    fn any_length_has_a_few_ticks() {
        for hours in [1, 2, 5, 11, 24, 100, 1_000, 5_000, 8_760, 50_000, 200_000] {
            let ticks = dates().ticks(Time(0), Time(hours * HOUR.0), 10);
            assert!((2..=10).contains(&ticks.len()), "{hours} h: {}", ticks.len());
        }
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(round_ticks(103.0, 5), [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(round_ticks(4.0, 5), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(round_ticks(0.0, 5).last(), Some(&1.0));
        assert!(round_ticks(1e9, 5).len() <= 6);
        assert!(round_ticks(1e-9, 5).len() <= 6);
    }
}
