//! What reports need to know of a study beside its outcomes: names, dates, growth, confidence.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use toml::{Table, Value};

use super::csv::Names;
use super::picture::Dates;
use crate::calendar::Clock;
use crate::scenario::Study;
use crate::simulation::Model;
use crate::time::Time;

/// A study as reports see it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its model.
    pub model: &'a Model,
    /// Names for result files.
    pub names: Names,
    /// Growth of demand per year, by group.
    pub growth_per_year: Vec<f64>,
    /// Confidence of intervals.
    pub confidence: f64,
    zones: BTreeMap<String, TimeZone>,
}

impl<'a> Subject<'a> {
    /// What reports need to know of `study`.
    pub fn of(study: &'a Study) -> Subject<'a> {
        let said: Table = toml::from_str(&study.explain()).unwrap_or_default();
        let clock = Clock::parse(&study.clock.timestamp(Time::ZERO).to_string());
        Subject {
            study,
            model: &study.model,
            names: Names::new(&study.model, clock.expect("an instant in UTC is a date")),
            growth_per_year: growth(&study.model, &said),
            confidence: study.estimates.confidence,
            zones: zones(&said),
        }
    }

    /// Dates in the zone of the scenario's start.
    pub fn dates(&self) -> Dates {
        self.dates_in(self.study.clock.zone().clone())
    }

    /// Dates in the zone of a group's site.
    pub fn local_dates(&self, group: usize) -> Dates {
        let site = &self.model.fleet.sites[self.model.fleet.groups[group].site].name;
        let zone = self.zones.get(site).or_else(|| self.zones.get(template(site)));
        self.dates_in(zone.unwrap_or(self.study.clock.zone()).clone())
    }

    fn dates_in(&self, zone: TimeZone) -> Dates {
        Dates { start_unix_millis: self.study.clock.start().as_millisecond(), zone }
    }

    /// The threshold of overload in percent.
    pub fn threshold(&self) -> f64 {
        self.model.overload.threshold as f64 / 100.0
    }
}

/// The name of the template that a name with an ordinal was made from.
fn template(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches('-')
}

fn growth(model: &Model, said: &Table) -> Vec<f64> {
    let of = |demand: &str| {
        let table = said.get("demand")?.get(demand)?;
        let growth = table.get("growth_per_year")?;
        growth.as_float().or_else(|| growth.as_integer().map(|whole| whole as f64))
    };
    let demands = &model.environment.demands;
    model.fleet.groups.iter().map(|group| of(&demands[group.demand].name).unwrap_or(0.0)).collect()
}

fn zones(said: &Table) -> BTreeMap<String, TimeZone> {
    let sites = said.get("fleet").and_then(|fleet| fleet.get("sites")).and_then(Value::as_array);
    let zone = |site: &Value| {
        let name = site.get("name")?.as_str()?.to_owned();
        Some((name, TimeZone::get(site.get("time_zone")?.as_str()?).ok()?))
    };
    sites.into_iter().flatten().filter_map(zone).collect()
}
