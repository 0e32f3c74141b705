//! What a scenario means: from what is written to a valid [`Study`].
//!
//! Each part of the scenario has a file here. They report every problem of meaning (unknown names, dates out of order,
//! settings that contradict each other, traces with bad cells) and go on with a stand-in, so that one run finds them
//! all; a study comes out only if there was none.

mod action;
mod data;
mod demand;
mod distribution;
mod failure;
mod fleet;
mod hours;
mod nature;
mod operators;
mod output;
mod place;
mod policy;
mod provisioning;
mod rings;
mod scaling;
mod steady;
mod trace;

use std::path::Path as FilePath;

use super::document::{Path, Step};
use super::explain;
use super::problem::Problems;
use super::report::Reporter;
use super::spec::{AbsentInAverage, Scenario, StudyKind, Truncate, default, duration};
use super::study::{Study, TraceDigest};
use crate::calendar::{CalendarError, Clock, Zone};
use crate::environment::{Environment, Start};
use crate::simulation::{self, Model, Overload, Prices, Ticks};
use crate::time::{DAY, MINUTE, SECOND, Span, Time};

/// The most ticks a run may have.
const MOST_TICKS: usize = 20_000_000;
/// The longest run: 100 years.
const LONGEST_RUN: Span = Span(36_525 * DAY.0);

/// What the parts of a compilation share.
struct Compiler<'a, 'r> {
    report: &'r mut Reporter<'a>,
    clock: Option<Clock>,
    ticks: Ticks,
    horizon: Time,
    control_period: Span,
    directory: &'r FilePath,
    digests: Vec<TraceDigest>,
    contained: toml::Value,
}

/// Compiles `spec`, whose files are relative to `directory`.
pub(super) fn study<'a>(spec: Scenario, directory: &FilePath, report: &mut Reporter<'a>) -> Option<Study> {
    let resolved = toml::Value::try_from(&spec).ok()?;
    let horizon = horizon(&spec, report);
    let mut compiler = Compiler {
        clock: start(&spec, report),
        ticks: ticks(&spec, horizon, report),
        horizon,
        control_period: spec.control_period.0,
        directory,
        digests: Vec::new(),
        contained: resolved.clone(),
        report,
    };
    compiler.names(&spec);
    compiler.steady(&spec);
    let (fleet, index) = compiler.fleet(&spec);
    let (demands, demand_of) = compiler.demands(&spec, &fleet, &index);
    let mut fleet = fleet;
    for (group, demand) in fleet.groups.iter_mut().zip(demand_of) {
        group.demand = demand;
    }
    let environment = Environment {
        failures: compiler.failures(&spec, &fleet, &index),
        start: match spec.initial {
            super::spec::Initial::Equilibrium => Start::Equilibrium,
            super::spec::Initial::Fresh => Start::Fresh,
        },
        validation: compiler.validation(&spec),
        releases: compiler.releases(&spec, &fleet),
        updates: compiler.updates(&spec),
        images: compiler.images(&spec),
        actions: compiler.actions(&spec, &fleet, &index),
        demands,
    };
    let overload = compiler.overload(&spec);
    let mut crews = compiler.crews(&spec, &fleet, &index);
    let policies = compiler.policies(&spec, (&fleet, &index), &environment.releases.dates, &mut crews);
    compiler.uncalled(&crews);
    let prices = compiler.prices(&spec);
    let model = Model {
        seed: spec.seed,
        horizon: compiler.horizon,
        measured_from: compiler.warm_up(&spec),
        ticks: compiler.ticks,
        control_period: spec.control_period.0,
        fleet,
        environment,
        overload,
        crews: crews.compiled,
        policies,
        prices,
    };
    let outputs = compiler.outputs(&spec, &model, &index);
    let estimates = compiler.estimates(&spec);
    let Compiler { clock, digests, contained, .. } = compiler;
    let zones = index.zones.iter().filter_map(|name| Zone::named(name).ok()).collect();
    let growth_of = |name: &String| spec.demand.iter().find(|(demand, _)| *demand == name);
    let growth_per_year = model
        .environment
        .demands
        .iter()
        .map(|series| growth_of(&series.name).map_or(0.0, |(_, demand)| demand.growth_per_year));
    Some(Study {
        without: Vec::new(),
        warnings: Problems::default(),
        growth_per_year: growth_per_year.collect(),
        zones,
        name: spec.name,
        description: spec.description,
        model,
        clock: clock?,
        replications: spec.replications,
        is_steady_state: spec.study == StudyKind::SteadyState,
        truncates: spec.truncate == Truncate::Mser5,
        is_truncated: false,
        outputs,
        estimates,
        traces: digests,
        hash: blake3::hash(explain::document(&contained).as_bytes()).to_hex().to_string(),
        resolved,
        contained,
    })
}

fn start(spec: &Scenario, report: &mut Reporter<'_>) -> Option<Clock> {
    Clock::parse(&spec.start)
        .map_err(|error| {
            let remedy = "write it as \"2026-01-05T00:00:00+01:00[Europe/Berlin]\"";
            report.meaning(&Path::of("start"), &unusable(&error), remedy);
        })
        .ok()
}

/// Why a date cannot be used, without the text that the problem shows anyway.
fn unusable(error: &CalendarError) -> String {
    match error {
        CalendarError::Unreadable { .. } => "this is no date".to_owned(),
        other => other.to_string(),
    }
}

/// The end of the run; that of the longest one stands in for a later one.
fn horizon(spec: &Scenario, report: &mut Reporter<'_>) -> Time {
    let horizon = spec.horizon.0;
    if horizon > LONGEST_RUN {
        let message = format!("{horizon} is longer than 100 years");
        report.meaning(&Path::of("horizon"), &message, &format!("give at most \"{LONGEST_RUN}\""));
    }
    Time(horizon.min(LONGEST_RUN).0)
}

fn ticks(spec: &Scenario, horizon: Time, report: &mut Reporter<'_>) -> Ticks {
    for (key, span) in [("tick", spec.tick), ("control_period", spec.control_period)] {
        if span.0 < SECOND {
            report.meaning(
                &Path::of(key),
                &format!("{} is less than a second", span.0),
                "give at least \"1s\"",
            );
        }
    }
    let ticks = Ticks { first: Time(spec.first_tick.0.0), length: spec.tick.0 };
    let number = ticks.before(horizon);
    if number <= MOST_TICKS {
        return ticks;
    }
    let message = format!("{number} ticks of {} are more than {MOST_TICKS}", spec.tick.0);
    report.meaning(&Path::of("horizon"), &message, "shorten the horizon or lengthen the tick");
    Ticks { first: horizon, length: DAY }
}

impl Compiler<'_, '_> {
    /// Names that go into file names and tables.
    fn names(&mut self, spec: &Scenario) {
        self.name(&Path::of("name"), &spec.name);
        let tables = [
            ("instances", spec.instances.names().collect::<Vec<_>>()),
            ("demand", spec.demand.names().collect()),
            ("failures", spec.failures.names().collect()),
            ("operators", spec.operators.names().collect()),
            ("policies", spec.policies.names().collect()),
        ];
        for (table, names) in tables {
            names.into_iter().for_each(|name| self.name(&Path::of(table).key(name), name));
        }
    }

    /// A name must stand in a path, in a cell and in `a/b`.
    fn name(&mut self, path: &Path, name: &str) {
        let bad = name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '"'));
        if bad || name.is_empty() || name.trim() != name || matches!(name, "." | "..") {
            let message = format!("{name:?} cannot be a name");
            self.report.meaning(path, &message, "use letters, digits, `-` and `_`");
        }
    }

    /// A date, or a duration since the start, as simulated time; one before the start is a problem.
    fn date(&mut self, path: &Path, text: &str) -> Option<Time> {
        let time = self.any_date(path, text)?;
        if time >= Time::ZERO {
            return Some(time);
        }
        if !self.report.is_poisoned(&Path::of("start")) {
            let message = "the date lies before the start of the run";
            self.report.meaning(path, message, "give one from `start` on");
        }
        None
    }

    /// The same, wherever it lies.
    fn any_date(&mut self, path: &Path, text: &str) -> Option<Time> {
        if let Ok(span) = duration::parse(text) {
            return Some(Time(span.0));
        }
        let time = match &self.clock {
            Some(clock) => clock.time(text),
            // Without a usable start no date can be placed, but its form can be checked.
            None => Clock::parse(&default::start()).and_then(|clock| clock.time(text)),
        };
        match time {
            Ok(time) => self.clock.is_some().then_some(time),
            Err(error) => {
                let remedy = "write \"2026-06-01\" or \"2026-06-01T08:00:00\", with an offset if need be, or a \
                              duration since the start";
                self.report.meaning(path, &unusable(&error), remedy);
                None
            }
        }
    }

    /// Warns of what begins only when the run is over; it and the `more` behind it do nothing.
    fn within_run(&mut self, path: &Path, begin: Time, more: usize) {
        if begin < self.horizon {
            return;
        }
        let what = match more {
            0 => "this has no effect".to_owned(),
            more => format!("this and the {more} after it have no effect"),
        };
        let message = format!("{what}: the run ends after {}", Span(self.horizon.0));
        self.report.warning(path, &message, "lengthen `horizon`, give an earlier date, or leave it out");
    }

    /// Dates that must follow one another.
    fn dates<'t>(&mut self, path: &Path, texts: impl Iterator<Item = (&'t str, bool)>) -> Vec<Time> {
        let (mut dates, mut paths): (Vec<Time>, Vec<Path>) = Default::default();
        for (index, (text, in_table)) in texts.enumerate() {
            let path = path.index(index);
            let path = if in_table { path.key("at") } else { path };
            let Some(date) = self.date(&path, text) else { continue };
            if dates.last().is_some_and(|last| date <= *last) {
                let remedy = "list the dates in order; give two of one day a time of day";
                self.report.meaning(&path, "the date does not come after the one before it", remedy);
            }
            dates.push(date);
            paths.push(path);
        }
        if let Some(first) = dates.iter().position(|date| *date >= self.horizon) {
            self.within_run(&paths[first], dates[first], dates.len() - first - 1);
        }
        dates
    }

    /// Something that recurs must not do so faster than once a minute on average, or a run would not end in a lifetime.
    fn recurs(&mut self, path: &Path, mean: f64) {
        if mean < MINUTE.0 as f64 {
            let message = "this recurs more than once a minute on average";
            self.report.meaning(path, message, "give a mean of at least \"1m\"");
        }
    }

    fn overload(&mut self, spec: &Scenario) -> Overload {
        let averaging = spec.overload.averaging.0;
        if averaging > DAY {
            let path = Path::of("overload").key("averaging");
            self.report.meaning(&path, &format!("{averaging} is longer than a day"), "give at most \"1d\"");
        }
        let samples = (averaging.min(DAY).0 as u64).div_ceil(self.ticks.length.0.max(1) as u64);
        Overload {
            threshold: libm::round(spec.overload.threshold_percent * 100.0) as i32,
            window: (samples as usize).max(1),
            absent: match spec.overload.absent_in_average {
                AbsentInAverage::LeftOut => simulation::AbsentInAverage::LeftOut,
                AbsentInAverage::AsZero => simulation::AbsentInAverage::AsZero,
            },
        }
    }

    fn prices(&mut self, spec: &Scenario) -> Prices {
        let of = &spec.prices;
        if of.operator_hour > 0.0 && spec.operators.0.is_empty() {
            let path = Path::of("prices").key("operator_hour");
            let remedy = "add a crew in [operators.NAME], whose hours are counted, or leave it out";
            self.report.warning(&path, "this has no effect: there is no crew", remedy);
        }
        Prices { operator_hour: of.operator_hour, lost_user_minute: of.lost_user_minute }
    }

    /// Puts `table` in place of the one at `path` in the self-contained scenario.
    fn contain(&mut self, path: &Path, table: toml::Value) {
        let mut value = &mut self.contained;
        for step in &path.0 {
            let inner = match step {
                Step::Key(key) => value.get_mut(key.as_str()),
                Step::Index(index) => value.get_mut(*index),
            };
            let Some(inner) = inner else { return };
            value = inner;
        }
        *value = table;
    }
}
