//! From the dates of a scenario to simulated time.
//!
//! A date without an offset is in the zone of the scenario's start. A time of day that does not exist (when clocks go
//! forward) moves forward by the gap, one that occurs twice is the first: what jiff calls compatible.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::spec::duration;
use crate::time::Time;

/// The instant at which a run begins, and the zone of its dates.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    start: Zoned,
}

impl Clock {
    /// Reads a start: `2026-01-05T00:00:00+01:00[Europe/Berlin]`; with an offset only, that offset is the zone; with
    /// neither, UTC.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn new(text: &str) -> Result<Clock, String> {
        let zoned = if text.contains('[') {
            text.parse::<Zoned>().map_err(|error| brief(&error))?
        } else if let Ok(zoned) = format!("{text}[UTC]").parse::<Zoned>() {
            zoned
        } else if let Ok(instant) = text.parse::<Timestamp>() {
            let pieces = jiff::fmt::temporal::Pieces::parse(text).map_err(|error| brief(&error))?;
            let offset = pieces.to_numeric_offset().unwrap_or(jiff::tz::Offset::UTC);
            instant.to_zoned(TimeZone::fixed(offset))
        } else {
            let local: DateTime = text.parse().map_err(|error| brief(&error))?;
            local.to_zoned(TimeZone::UTC).map_err(|error| brief(&error))?
        };
        Ok(Clock { start: zoned })
    }

    /// A clock that begins with 1970 in UTC.
    pub(super) fn epoch() -> Clock {
        Clock { start: Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC) }
    }

    /// The start as an instant.
    pub fn start(&self) -> Timestamp {
        self.start.timestamp()
    }

    /// The zone of dates without an offset.
    pub fn zone(&self) -> &TimeZone {
        self.start.time_zone()
    }

    /// The instant of a simulated time.
    ///
    /// Times far outside of civil time are cut to its limits.
    pub fn timestamp(&self, time: Time) -> Timestamp {
        let end = if time.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let milliseconds = self.start().as_millisecond().saturating_add(time.0);
        Timestamp::from_millisecond(milliseconds).unwrap_or(end)
    }

    /// Reads a date, a date with a time of day, either with an offset or a zone, or a duration since the start.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn time(&self, text: &str) -> Result<Time, String> {
        if let Ok(span) = duration::parse(text) {
            return Ok(Time(span.0));
        }
        let instant = if text.contains('[') {
            text.parse::<Zoned>().map_err(|error| brief(&error))?.timestamp()
        } else if let Ok(instant) = text.parse::<Timestamp>() {
            instant
        } else {
            let local: DateTime = text.parse().map_err(|error| brief(&error))?;
            let zoned = local.to_zoned(self.zone().clone()).map_err(|error| brief(&error))?;
            zoned.timestamp()
        };
        Ok(Time(instant.as_millisecond() - self.start().as_millisecond()))
    }
}

/// Milliseconds since Monday 00:00 in the civil time of `zone` at `instant`.
pub(super) fn since_monday(zone: &TimeZone, instant: Timestamp) -> i64 {
    let local = zone.to_datetime(instant);
    let day = i64::from(local.weekday().to_monday_zero_offset());
    let (hour, minute, second) =
        (i64::from(local.hour()), i64::from(local.minute()), i64::from(local.second()));
    (((day * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + i64::from(local.millisecond())
}

fn brief(error: &jiff::Error) -> String {
    let text = error.to_string();
    text.split(": ").last().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR};

    #[test]
    fn dates_are_in_the_zone_of_the_start() {
        let clock = Clock::new("2026-01-05T00:00:00+01:00[Europe/Berlin]").unwrap();
        assert_eq!(clock.time("2026-01-06"), Ok(Time(DAY.0)));
        assert_eq!(clock.time("2026-01-06T00:00:00Z"), Ok(Time(DAY.0 + HOUR.0)));
        assert_eq!(clock.time("3d"), Ok(Time(3 * DAY.0)));
        // Daylight saving begins on 29 March 2026, so that local midnights come an hour earlier.
        assert_eq!(clock.time("2026-06-01"), Ok(Time(147 * DAY.0 - HOUR.0)));
        // 02:30 does not exist on that day and is 03:30; 02:30 on 25 October is the first of the two.
        assert_eq!(clock.time("2026-03-29T02:30:00"), clock.time("2026-03-29T01:30:00Z"));
        assert_eq!(clock.time("2026-10-25T02:30:00"), clock.time("2026-10-25T00:30:00Z"));
        assert!(clock.time("2026-02-30").is_err());
        assert!(clock.time("next Monday").is_err());
    }

    #[test]
    fn a_start_may_have_a_zone_an_offset_or_neither() {
        assert_eq!(Clock::new("2026-01-05").unwrap().start(), "2026-01-05T00:00:00Z".parse().unwrap());
        let fixed = Clock::new("2026-01-05T00:00:00+01:00").unwrap();
        assert_eq!(fixed.start(), "2026-01-04T23:00:00Z".parse().unwrap());
        assert_eq!(fixed.time("2026-07-06"), Ok(Time(182 * DAY.0)));
        assert!(Clock::new("2026-01-05T00:00:00+07:00[Europe/Berlin]").is_err());
    }

    #[test]
    fn the_week_begins_on_monday_in_local_time() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        assert_eq!(since_monday(&zone, "2026-01-04T18:30:00Z".parse().unwrap()), 0);
        assert_eq!(since_monday(&zone, "2026-01-04T18:29:59Z".parse().unwrap()), 7 * DAY.0 - 1_000);
    }
}
