//! Civil time: calendar dates, time zones and what repeats by the week.
//!
//! A simulation counts whole milliseconds from its start and knows no dates. A [`Clock`] translates at the border:
//! dates of a scenario to [`Time`], and [`Time`] to the text of results. Within a run a [`LocalClock`] does the same
//! for one site's wall clock, with integers alone. Zone rules are those bundled with the program, never the
//! machine's, so results do not depend on where they are computed.
//!
//! A wall-clock time that a change of the clocks skips moves forward by the gap; one that occurs twice means the
//! first. (Temporal and iCalendar, RFC 5545, call this compatible.)

mod error;
mod local;
mod presets;
mod profile;
mod text;
mod wall;
mod zone;

pub use error::{CalendarError, ProfileError};
pub use local::LocalClock;
pub use presets::PROFILE_PRESETS;
pub use profile::{Profile, Shape, Sine};
pub use text::TimeText;
pub use wall::{time_of_day, wall_day};
pub use zone::Zone;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;

use crate::time::Time;

/// The start of a run as a date, and the zone in which dates without an offset are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    start: Timestamp,
    zone: Zone,
}

impl Clock {
    /// The clock of a run that starts at `text`, for instance `2026-01-05T00:00:00+01:00[Europe/Berlin]`. Without a
    /// zone in brackets its zone is the offset, without an offset UTC; a date alone is midnight.
    ///
    /// # Errors
    /// If it is no date or time, has a fraction of a millisecond, names an unknown zone, or if offset and zone
    /// contradict each other.
    pub fn parse(text: &str) -> Result<Clock, CalendarError> {
        let (start, zone) = resolve(text, &Zone::utc())?;
        Ok(Clock { start, zone })
    }

    /// The start.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The zone of the start.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The simulated time of `text`: an RFC 3339 time, or a civil time or date in the zone of the start. Before the
    /// start it is negative.
    ///
    /// # Errors
    /// As for [`Clock::parse`].
    pub fn time(&self, text: &str) -> Result<Time, CalendarError> {
        let (instant, _) = resolve(text, &self.zone)?;
        Ok(Time(instant.as_millisecond() - self.start.as_millisecond()))
    }

    /// `time` in UTC as RFC 3339, with milliseconds only where there are some: `2026-01-04T23:00:00Z`. The years are
    /// those from 0 to 9999; what lies outside becomes the nearest.
    #[inline]
    pub fn text(&self, time: Time) -> TimeText {
        TimeText::of_epoch_milliseconds(self.start.as_millisecond().saturating_add(time.0))
    }

    /// The wall clock of `zone` over this run up to `until`.
    pub fn local(&self, zone: &Zone, until: Time) -> LocalClock {
        LocalClock::new(self.start, zone, until)
    }
}

/// The instant that `text` means and its zone: in brackets, else the offset, else `default`.
fn resolve(text: &str, default: &Zone) -> Result<(Timestamp, Zone), CalendarError> {
    let unreadable =
        |error: jiff::Error| CalendarError::Unreadable { text: text.into(), reason: error.to_string() };
    let pieces = DateTimeParser::new().parse_pieces(text).map_err(unreadable)?;
    let named = Zone::of_annotation(&pieces, text)?;
    let offset = pieces.to_numeric_offset();
    let civil = pieces.date().to_datetime(pieces.time().unwrap_or_default());
    let fixed = offset.map(|offset| Zone::from(TimeZone::fixed(offset)));
    let zone = named.as_ref().or(fixed.as_ref()).unwrap_or(default).clone();
    let instant = match offset {
        Some(offset) => offset.to_timestamp(civil),
        None => zone.rules().to_timestamp(civil),
    };
    let instant = instant.map_err(unreadable)?;
    if offset.is_some_and(|offset| zone.rules().to_offset(instant) != offset) {
        return Err(CalendarError::Contradiction { text: text.into(), zone: zone.name() });
    }
    if instant.subsec_nanosecond() % 1_000_000 != 0 {
        return Err(CalendarError::TooFine { text: text.into() });
    }
    Ok((instant, zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR, MINUTE};

    fn berlin() -> Clock {
        Clock::parse("2026-01-05T00:00:00+01:00[Europe/Berlin]").unwrap()
    }

    #[test]
    fn dates_become_simulated_times() {
        let clock = berlin();
        let at = |text| clock.time(text).unwrap();
        assert_eq!(at("2026-01-05"), Time::ZERO);
        assert_eq!(at("2026-01-06T12:00:00"), Time(36 * HOUR.0));
        assert_eq!(at("2026-01-04T23:00:00Z"), Time::ZERO);
        assert_eq!(at("2026-01-05T08:00:00+09:00[Asia/Tokyo]"), Time::ZERO);
        assert_eq!(at("2026-01-04T23:59:59.999+01:00"), Time(-1));
    }

    /// On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00, on 25 October from 03:00 back to 02:00.
    #[test]
    fn a_skipped_time_moves_forward_and_a_repeated_one_is_the_first() {
        let clock = berlin();
        let text = |time| clock.text(clock.time(time).unwrap()).to_string();
        assert_eq!(text("2026-03-29T02:30:00"), "2026-03-29T01:30:00Z");
        assert_eq!(text("2026-10-25T02:30:00"), "2026-10-25T00:30:00Z");
        assert_eq!(text("2026-10-25T02:30:00+01:00[Europe/Berlin]"), "2026-10-25T01:30:00Z");
    }

    #[test]
    fn results_show_utc_with_milliseconds_only_where_needed() {
        let clock = berlin();
        assert_eq!(clock.text(Time::ZERO).as_str(), "2026-01-04T23:00:00Z");
        assert_eq!(clock.text(Time(1)).as_str(), "2026-01-04T23:00:00.001Z");
        assert_eq!(clock.text(Time::ZERO + HOUR + MINUTE).as_str(), "2026-01-05T00:01:00Z");
        assert_eq!(clock.text(Time::NEVER).as_str(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_start_without_a_zone_is_in_its_offset_or_utc() {
        assert_eq!(Clock::parse("2026-01-05").unwrap().zone().name(), "UTC");
        assert_eq!(Clock::parse("2026-01-05T00:00:00+05:30").unwrap().zone().name(), "+05:30");
        let clock = Clock::parse("2026-01-05[Europe/Berlin]").unwrap();
        assert_eq!(clock, berlin());
    }

    #[test]
    fn what_is_no_date_is_refused_with_the_reason() {
        let message = |text| Clock::parse(text).unwrap_err().to_string();
        assert!(message("tomorrow").contains("tomorrow"));
        assert!(message("2026-02-30").contains("2026-02-30"));
        assert!(message("2026-01-05T00:00:00+03:00[Europe/Berlin]").contains("Europe/Berlin"));
        assert!(message("2026-01-05T00:00:00.0001Z").contains("millisecond"));
        assert!(message("2026-01-05[Europe/Berlni]").contains("Europe/Berlin"));
    }
}
