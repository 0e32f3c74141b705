//! What a demand is made of: users and a profile, or a trace, and special events.

use std::f64::consts::TAU;

use crate::calendar::{Profile, ProfileError, Shape, Sine};
use crate::environment::failure::Place;
use crate::fleet::Fleet;
use crate::scenario::compile::Compiler;
use crate::scenario::compile::fleet::Index;
use crate::scenario::document::Path;
use crate::scenario::spec::{self, Demand, default};
use crate::time::Time;

/// An event as compiled: when, how much, which groups.
pub(super) struct Event {
    pub begin: Time,
    pub end: Time,
    pub factor: f64,
    pub parts: Vec<Place>,
}

/// What a demand is before growth, noise and events.
pub(super) enum Base {
    /// Mbps times a factor.
    Users(f64, Option<Shape>),
    /// By tick.
    Ticks(Vec<f64>),
}

impl Base {
    pub(super) fn is_local(&self) -> bool {
        matches!(self, Base::Users(_, Some(Shape::Steps(_))))
    }
}

impl Compiler<'_, '_> {
    pub(super) fn base(&mut self, name: &str, demand: &Demand) -> Base {
        let path = Path::of("demand").key(name);
        let Some(trace) = &demand.trace else {
            if demand.users.is_none() {
                let remedy = "say how many users each group has, or give a `trace`";
                self.report.meaning(&path.key("users"), "`users` is missing", remedy);
            }
            let mbps = demand.users.unwrap_or(0.0) * demand.mbps_per_user;
            return Base::Users(mbps, self.profile(&path.key("profile"), demand.profile.as_ref()));
        };
        for (key, given) in [("users", demand.users.is_some()), ("profile", demand.profile.is_some())] {
            if given {
                let message = format!("a trace stands in place of `{key}`");
                self.report.meaning(&path.key(key), &message, "give one of the two");
            }
        }
        Base::Ticks(self.trace(&path.key("trace"), trace))
    }

    fn profile(&mut self, path: &Path, profile: Option<&spec::Profile>) -> Option<Shape> {
        let profile = profile?;
        if let (Some(_), None) = (profile.step, &profile.values) {
            self.report.meaning(&path.key("step"), "`step` belongs to `values`", "leave it out");
        }
        match (profile.preset, &profile.values, &profile.sine) {
            (Some(preset), None, None) => Profile::preset(preset.name()).map(Shape::Steps),
            (None, Some(values), None) => {
                let step = profile.step.unwrap_or(default::PROFILE_STEP).0;
                self.weekly(path, Profile::new(step, values.clone())).map(Shape::Steps)
            }
            (None, None, Some(sine)) => {
                // The scenario counts the phase in periods, the calendar in radians.
                let phase = TAU * sine.phase;
                self.weekly(path, Sine::new(sine.amplitude, sine.period.0, phase)).map(Shape::Sine)
            }
            _ => {
                let remedy = "give one of `preset`, `values` and `sine`";
                self.report.meaning(path, "a profile is exactly one of three things", remedy);
                None
            }
        }
    }

    fn weekly<T>(&mut self, path: &Path, made: Result<T, ProfileError>) -> Option<T> {
        made.map_err(|error| {
            let (path, remedy) = match &error {
                ProfileError::Step { .. } => {
                    (path.key("step"), "choose one such as \"15m\", \"1h\" or \"1d\"")
                }
                ProfileError::Length { .. } => {
                    (path.key("values"), "give as many values as a day or a week has steps")
                }
                ProfileError::Value { index, .. } => (path.key("values").index(*index), "give 0 or more"),
                ProfileError::Sine { .. } => (path.key("sine"), "correct it"),
            };
            self.report.meaning(&path, &error.to_string(), remedy);
        })
        .ok()
    }

    pub(super) fn events(&mut self, name: &str, demand: &Demand, fleet: &Fleet, index: &Index) -> Vec<Event> {
        let mut events = Vec::new();
        for (number, event) in demand.events.iter().enumerate() {
            let path = Path::of("demand").key(name).key("events").index(number);
            events.push(self.event(&path, event, fleet, index));
        }
        events
    }

    fn event(&mut self, path: &Path, event: &spec::DemandEvent, fleet: &Fleet, index: &Index) -> Event {
        let begin = self.date(&path.key("at"), &event.at).unwrap_or(Time::ZERO);
        self.within_run(&path.key("at"), begin, 0);
        let place = path.key("where");
        let parts = self.selected(&place, &event.place, fleet, index);
        if parts.iter().any(|part| matches!(part, Place::Domain(..) | Place::Connector(..))) {
            let remedy = "give `region`, `site` or `group`";
            self.report.meaning(&place, "demand is that of whole groups", remedy);
        }
        Event { begin, end: begin + event.length.0, factor: event.factor, parts }
    }
}
