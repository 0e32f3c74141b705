//! Places in the week: days and times of day by the wall clock.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::calendar::time_of_day;
use crate::time::{DAY, MINUTE, Span};

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// A time of day by the wall clock, as what has passed since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay(pub Span);

impl TimeOfDay {
    /// Reads `"02:30"`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<TimeOfDay, String> {
        // 24:00 is an end of a day, not a time in it.
        let time = time_of_day(text).filter(|&time| time < DAY);
        time.map(TimeOfDay).ok_or_else(|| format!("{text:?} is no time of day from 00:00 to 23:59"))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let minutes = self.0.0 / MINUTE.0;
        to.collect_str(&format_args!("{:02}:{:02}", minutes / 60, minutes % 60))
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<TimeOfDay, D::Error> {
        TimeOfDay::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for TimeOfDay {
    fn schema_name() -> Cow<'static, str> {
        "TimeOfDay".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A time of day by the wall clock.",
            "format": "fleetcast-time-of-day",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            "examples": ["02:00", "23:30"]
        })
    }
}

/// Wall-clock times since a Monday 00:00 at which the days of `days` reach `from`, from the week of `first` to that of
/// `last`.
pub(in crate::scenario) fn recurrences(
    days: &[Weekday],
    from: TimeOfDay,
    first: i64,
    last: i64,
) -> impl Iterator<Item = i64> {
    let week = 7 * DAY.0;
    let mut of_week: Vec<i64> = days.iter().map(|&day| day as i64 * DAY.0 + from.0.0).collect();
    of_week.sort_unstable();
    of_week.dedup();
    (first.div_euclid(week)..=last.div_euclid(week))
        .flat_map(move |number| of_week.clone().into_iter().map(move |at| number * week + at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    #[test]
    fn times_of_day_have_two_digits_each() {
        assert_eq!(TimeOfDay::parse("02:30"), Ok(TimeOfDay(Span(150 * MINUTE.0))));
        for text in ["", "2:30", "24:00", "12:60", "12", "12:3", "-1:00", "12:30:00"] {
            assert!(TimeOfDay::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_recur_every_week_in_order() {
        let found: Vec<i64> = recurrences(&[Weekday::Wed, Weekday::Mon], TimeOfDay(HOUR), 0, 8 * DAY.0)
            .map(|at| at / HOUR.0)
            .collect();
        assert_eq!(found, [1, 49, 169, 217]);
    }
}
