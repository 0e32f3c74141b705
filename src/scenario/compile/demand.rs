//! Demand: profiles, growth, events and traces to one number per tick, shared by the groups that have them in common.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use super::Compiler;
use super::fleet::{Index, item};
use crate::calendar::{LocalClock, Profile, ProfileError, Shape, Sine, Zone};
use crate::environment::DemandSeries;
use crate::environment::demand::Noise;
use crate::environment::failure::Place;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::memory;
use crate::scenario::spec::{self, Demand, Scenario, default};
use crate::time::{DAY, Time};

/// An event as compiled: when, how much, which groups.
struct Event {
    begin: Time,
    end: Time,
    factor: f64,
    parts: Vec<Place>,
}

/// What a demand is before growth, noise and events.
enum Base {
    /// Mbps times a factor.
    Users(f64, Option<Shape>),
    /// By tick.
    Ticks(Vec<f64>),
}

impl Base {
    fn is_local(&self) -> bool {
        matches!(self, Base::Users(_, Some(Shape::Steps(_))))
    }
}

impl Compiler<'_, '_> {
    /// The distinct series, and the index of each group's.
    pub(super) fn demands(
        &mut self,
        spec: &Scenario,
        fleet: &Fleet,
        index: &Index,
    ) -> (Vec<DemandSeries>, Vec<usize>) {
        let bases: Vec<Base> = spec.demand.iter().map(|(name, demand)| self.base(name, demand)).collect();
        let events: Vec<Vec<Event>> =
            spec.demand.iter().map(|(name, demand)| self.events(name, demand, fleet, index)).collect();
        let demand_of = self.references(spec, index);
        let mut keys: BTreeMap<(usize, &str, Vec<usize>), usize> = BTreeMap::new();
        let mut order = Vec::new();
        let mut series_of = Vec::new();
        for (group, &demand) in demand_of.iter().enumerate() {
            let Some(base) = bases.get(demand) else {
                series_of.push(0);
                continue;
            };
            let site = fleet.groups[group].site;
            // Only steps of the week depend on the zone; any will do for a sine.
            let zone = if base.is_local() { index.zones[site].as_str() } else { "UTC" };
            let matching = (0..events[demand].len())
                .filter(|&event| events[demand][event].parts.iter().any(|part| covers(*part, fleet, group)));
            let key = (demand, zone, matching.collect());
            let next = keys.len();
            let series = *keys.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                next
            });
            series_of.push(series);
        }
        if !self.demand_fits(order.len()) {
            return (Vec::new(), series_of);
        }
        let growths = self.growths(order.iter().map(|(demand, ..)| spec.demand.0[*demand].1.growth_per_year));
        let clocks = self.local_clocks(order.iter().map(|(_, zone, _)| *zone));
        let series = order.into_iter().map(|(demand, zone, matching)| {
            let (name, written) = &spec.demand.0[demand];
            let matching: Vec<&Event> = matching.into_iter().map(|event| &events[demand][event]).collect();
            DemandSeries {
                name: name.clone(),
                mbps_per_user: written.mbps_per_user,
                shape: self.shape(
                    &bases[demand],
                    &growths[&written.growth_per_year.to_bits()],
                    clocks.get(zone),
                    &matching,
                ),
                noise: written.noise.as_ref().map(|noise| Noise { sigma: noise.sigma, phi: noise.phi }),
            }
        });
        (series.collect(), series_of)
    }

    /// (1 + growth)^(t/365 d) at each tick, by the bits of the growth; empty without growth.
    fn growths(&self, growths: impl Iterator<Item = f64>) -> BTreeMap<u64, Vec<f64>> {
        const YEAR: f64 = (365 * DAY.0) as f64;
        let mut factors = BTreeMap::new();
        for growth in growths {
            factors.entry(growth.to_bits()).or_insert_with(|| {
                let ticks = if growth == 0.0 { 0 } else { self.ticks.before(self.horizon) };
                let factor = |tick| libm::pow(1.0 + growth, self.ticks.at(tick).0 as f64 / YEAR);
                (0..ticks).map(factor).collect()
            });
        }
        factors
    }

    /// The wall clocks of the zones.
    fn local_clocks<'z>(&self, zones: impl Iterator<Item = &'z str>) -> BTreeMap<&'z str, LocalClock> {
        let local = |name| Some(self.clock.as_ref()?.local(&Zone::named(name).ok()?, self.horizon));
        zones.filter_map(|name| Some((name, local(name)?))).collect()
    }

    /// The index of each group's demand among those of the scenario.
    fn references(&mut self, spec: &Scenario, index: &Index) -> Vec<usize> {
        let mut written: Vec<Vec<usize>> = Vec::new();
        for (at, group) in spec.fleet.groups.iter().enumerate() {
            let path = Path::of("fleet").key("groups").index(at).key("demand");
            let mut demands = Vec::new();
            for (number, name) in group.demand.names().iter().enumerate() {
                match spec.demand.position(name) {
                    Some(found) => demands.push(found),
                    None => {
                        let path = item(&path, &group.demand, number);
                        self.report.unknown(&path, "demand", name, spec.demand.names());
                    }
                }
            }
            written.push(demands);
        }
        let of = |&(at, number): &(usize, usize)| {
            let demands: &Vec<usize> = &written[at];
            demands.get(number % demands.len().max(1)).copied().unwrap_or(usize::MAX)
        };
        index.written.iter().map(of).collect()
    }

    fn demand_fits(&mut self, series: usize) -> bool {
        let ticks = self.ticks.before(self.horizon);
        let needed = memory::demand(series as u64, ticks as u64);
        let available = memory::available().unwrap_or(u64::MAX);
        if needed > available {
            let message =
                format!("{series} series of demand of {ticks} ticks need {} MB of memory", needed >> 20);
            self.report.meaning(&Path::of("horizon"), &message, "shorten the horizon or lengthen the tick");
        }
        needed <= available
    }

    fn base(&mut self, name: &str, demand: &Demand) -> Base {
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

    fn events(&mut self, name: &str, demand: &Demand, fleet: &Fleet, index: &Index) -> Vec<Event> {
        let mut events = Vec::new();
        for (number, event) in demand.events.iter().enumerate() {
            let path = Path::of("demand").key(name).key("events").index(number);
            events.push(self.event(&path, event, fleet, index));
        }
        events
    }

    fn event(&mut self, path: &Path, event: &spec::DemandEvent, fleet: &Fleet, index: &Index) -> Event {
        let begin = self.date(&path.key("at"), &event.at).unwrap_or(Time::ZERO);
        let place = path.key("where");
        let parts = self.selected(&place, &event.place, fleet, index);
        if parts.iter().any(|part| matches!(part, Place::Domain(..) | Place::Connector(..))) {
            let remedy = "give `region`, `site` or `group`";
            self.report.meaning(&place, "demand is that of whole groups", remedy);
        }
        Event { begin, end: begin + event.length.0, factor: event.factor, parts }
    }

    fn shape(&self, base: &Base, growth: &[f64], local: Option<&LocalClock>, events: &[&Event]) -> Vec<f32> {
        let count = self.ticks.before(self.horizon);
        let mbps: Vec<f64> = match (base, local) {
            (Base::Ticks(values), _) => values.clone(),
            (Base::Users(mbps, Some(shape)), Some(local)) => {
                let factors = shape.series(local, self.ticks.first, self.ticks.length, count);
                factors.into_iter().map(|factor| mbps * factor).collect()
            }
            (Base::Users(mbps, _), _) => vec![*mbps; count],
        };
        let at_tick = |(tick, mbps): (usize, &f64)| {
            let time = self.ticks.at(tick);
            let grown = mbps * growth.get(tick).copied().unwrap_or(1.0);
            let now = events.iter().filter(|event| event.begin <= time && time < event.end);
            let factor: f64 = now.map(|event| event.factor).product();
            ((grown * factor) as f32).min(f32::MAX)
        };
        mbps.iter().enumerate().map(at_tick).collect()
    }
}

fn covers(part: Place, fleet: &Fleet, group: usize) -> bool {
    match part {
        Place::Domain(..) | Place::Connector(..) => false,
        part => !part.covers(fleet, group).is_empty(),
    }
}
