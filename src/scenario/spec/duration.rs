//! Durations as text with a unit: `"15m"`, `"1.5h"`, `"1h30m"`, `"5w"`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::time::{DAY, HOUR, MINUTE, SECOND, Span};

/// The units and their length in milliseconds; the longest word that matches decides.
const UNITS: [(&str, i64); 6] =
    [("ms", 1), ("s", SECOND.0), ("m", MINUTE.0), ("h", HOUR.0), ("d", DAY.0), ("w", 7 * DAY.0)];
const PATTERN: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$";

/// A duration above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub Span);

/// A duration of 0 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DurationOrZero(pub Span);

impl Duration {
    /// Milliseconds.
    pub fn milliseconds(self) -> f64 {
        self.0.0 as f64
    }
}

impl DurationOrZero {
    /// Milliseconds.
    pub fn milliseconds(self) -> f64 {
        self.0.0 as f64
    }
}

/// Reads a duration: one or more numbers, each with a unit; whole milliseconds, at most 10,000 years.
///
/// # Errors
/// What is wrong with the text.
pub fn parse(text: &str) -> Result<Span, String> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return Err("an empty text is no duration".to_owned());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let letters = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, next) = behind.split_at(letters);
        if number.starts_with('.') || number.is_empty() {
            return Err(format!("{text:?} is no duration"));
        }
        let Ok(number) = number.parse::<f64>() else { return Err(format!("{number:?} is no number")) };
        if unit.is_empty() {
            return Err(format!("{text:?} has no unit"));
        }
        let Some((_, length)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("there is no unit {unit:?}"));
        };
        total += number * *length as f64;
        rest = next.trim_start();
    }
    if total > Span::LONGEST.0 as f64 {
        return Err(format!("{text:?} is longer than 10,000 years"));
    }
    let whole = libm::round(total);
    if (whole - total).abs() > 1e-6 {
        return Err(format!("{text:?} is not a whole number of milliseconds"));
    }
    Ok(Span(whole as i64))
}

/// What to write instead.
pub const REMEDY: &str =
    "write a number with a unit (ms, s, m, h, d, w), for instance \"15m\", \"1.5h\" or \"1h30m\"";

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl Serialize for DurationOrZero {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        parse(&String::deserialize(from)?).map(Duration).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for DurationOrZero {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<DurationOrZero, D::Error> {
        parse(&String::deserialize(from)?).map(DurationOrZero).map_err(D::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A duration above 0 with its unit.",
            "format": "fleetcast-duration",
            "pattern": PATTERN,
            "examples": ["15m", "1.5h", "1h30m", "35d", "5w"]
        })
    }
}

impl JsonSchema for DurationOrZero {
    fn schema_name() -> Cow<'static, str> {
        "DurationOrZero".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A duration of 0 or more with its unit.",
            "format": "fleetcast-duration-or-zero",
            "pattern": PATTERN,
            "examples": ["0s", "15m", "1.5h"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, milliseconds) in [
            ("15m", 900_000),
            ("1.5h", 5_400_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("250ms", 250),
            ("5w", 35 * 86_400_000),
            ("0s", 0),
            ("0.1s", 100),
        ] {
            assert_eq!(parse(text), Ok(Span(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_has_no_unit_or_an_unknown_one_is_refused() {
        for text in
            ["", "15", "15 minutes", "m", "-5m", "1.2.3h", ".5h", "1y", "0.1ms", "9e9d", "99999999w", "5m3"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for milliseconds in [1, 999, 1_000, 90_000, 5_400_000, 35 * 86_400_000, 86_400_001] {
            assert_eq!(parse(&Span(milliseconds).to_string()), Ok(Span(milliseconds)));
        }
    }
}
