//! Time zones by their IANA names, from the bundled database alone.

use std::sync::LazyLock;

use jiff::fmt::temporal::Pieces;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::CalendarError;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The rules of a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl From<TimeZone> for Zone {
    fn from(rules: TimeZone) -> Zone {
        Zone(rules)
    }
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// The zone called `name` in the IANA database, for instance `Europe/Berlin`.
    ///
    /// # Errors
    /// If there is none; the error lists the names most like it.
    pub fn named(name: &str) -> Result<Zone, CalendarError> {
        let unknown = |_| CalendarError::UnknownZone { name: name.into(), near: near(name) };
        DATABASE.get(name).map(Zone).map_err(unknown)
    }

    /// The IANA name, or the offset of a zone that is one.
    pub fn name(&self) -> String {
        let offset = || self.0.to_fixed_offset().map_or_else(|_| "?".into(), |offset| offset.to_string());
        self.0.iana_name().map_or_else(offset, String::from)
    }

    /// The rules, as the library behind has them.
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// The zone in the brackets of a date, if there are any.
    pub(super) fn of_annotation(pieces: &Pieces<'_>, text: &str) -> Result<Option<Zone>, CalendarError> {
        let Ok(zone) = pieces.to_time_zone_with(&DATABASE) else {
            let name = text.split(['[', ']']).nth(1).unwrap_or(text);
            return Zone::named(name.trim_start_matches('!')).map(Some);
        };
        Ok(zone.map(Zone))
    }
}

/// Up to three names like `name`, or whose city is, best first.
fn near(name: &str) -> Vec<String> {
    let wanted = name.to_lowercase();
    let likeness = |known: &str| {
        let known = known.to_lowercase();
        let city = known.rsplit('/').next().unwrap_or(&known);
        let wanted_city = wanted.rsplit('/').next().unwrap_or(&wanted);
        strsim::jaro_winkler(&known, &wanted).max(0.99 * strsim::jaro_winkler(city, wanted_city))
    };
    let known = DATABASE.available().map(|name| name.as_str().to_owned());
    let mut scored: Vec<(f64, String)> = known.map(|name| (likeness(&name), name)).collect();
    scored.retain(|(score, _)| *score > 0.85);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_their_iana_names() {
        assert_eq!(Zone::named("Europe/Berlin").unwrap().name(), "Europe/Berlin");
        assert_eq!(Zone::named("UTC").unwrap().name(), "UTC");
    }

    #[test]
    fn an_unknown_zone_is_answered_with_near_names() {
        let near = |name| match Zone::named(name) {
            Err(CalendarError::UnknownZone { near, .. }) => near,
            other => panic!("{other:?}"),
        };
        assert_eq!(near("Europe/Berln")[0], "Europe/Berlin");
        assert_eq!(near("Berlin")[0], "Europe/Berlin");
        assert_eq!(near("Xyzzy"), Vec::<String>::new());
        let message = Zone::named("America/New York").unwrap_err().to_string();
        assert!(message.contains("America/New_York"), "{message}");
    }
}
