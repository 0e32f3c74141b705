//! Demand: profiles, growth, events and traces to one number per tick, shared by the groups that have them in common.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::Compiler;
use super::fleet::{Index, item};
use crate::environment::DemandSeries;
use crate::environment::demand::Noise;
use crate::environment::failure::Place;
use crate::fleet::Fleet;
use crate::scenario::clock::since_monday;
use crate::scenario::document::Path;
use crate::scenario::spec::{self, Demand, Profile, Scenario, default};
use crate::scenario::{memory, preset};
use crate::time::{DAY, Span, Time};

const WEEK: i64 = 7 * DAY.0;

/// An event as compiled: when, how much, which groups.
struct Event {
    begin: Time,
    end: Time,
    factor: f64,
    parts: Vec<Place>,
}

/// What a demand is before growth, noise and events.
enum Base {
    /// Times the users' traffic, by local time.
    Week { mbps: f64, values: Vec<f64>, step: i64 },
    /// Times the users' traffic, by time since the start.
    Sine { mbps: f64, amplitude: f64, period: f64, phase: f64 },
    /// By tick.
    Ticks(Vec<f64>),
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
            let zone = if matches!(base, Base::Week { .. }) { index.zones[site].as_str() } else { "" };
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
        let weeks = self.weeks(order.iter().map(|(_, zone, _)| *zone));
        let series = order.into_iter().map(|(demand, zone, matching)| {
            let (name, written) = &spec.demand.0[demand];
            let matching: Vec<&Event> = matching.into_iter().map(|event| &events[demand][event]).collect();
            DemandSeries {
                name: name.clone(),
                mbps_per_user: written.mbps_per_user,
                shape: self.shape(
                    &bases[demand],
                    &growths[&written.growth_per_year.to_bits()],
                    &weeks[zone],
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

    /// Milliseconds since Monday 00:00 in local time at each tick, by zone; empty for the zone "", which is none.
    fn weeks<'z>(&self, zones: impl Iterator<Item = &'z str>) -> BTreeMap<&'z str, Vec<u32>> {
        let mut weeks = BTreeMap::new();
        for name in zones {
            weeks.entry(name).or_insert_with(|| {
                let ticks = if name.is_empty() { 0 } else { self.ticks.before(self.horizon) };
                let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
                let local = |tick| since_monday(&zone, self.clock.timestamp(self.ticks.at(tick))) as u32;
                (0..ticks).map(local).collect()
            });
        }
        weeks
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
            return self.profile(&path.key("profile"), demand.profile.as_ref(), mbps);
        };
        for (key, given) in [("users", demand.users.is_some()), ("profile", demand.profile.is_some())] {
            if given {
                let message = format!("a trace stands in place of `{key}`");
                self.report.meaning(&path.key(key), &message, "give one of the two");
            }
        }
        Base::Ticks(self.trace(&path.key("trace"), trace))
    }

    fn profile(&mut self, path: &Path, profile: Option<&Profile>, mbps: f64) -> Base {
        let constant = Base::Week { mbps, values: vec![1.0], step: WEEK };
        let Some(profile) = profile else { return constant };
        let given = [profile.preset.is_some(), profile.values.is_some(), profile.sine.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            self.report.meaning(
                path,
                "a profile is exactly one of three things",
                "give `preset`, `values` or `sine`",
            );
            return constant;
        }
        if let (Some(_), None) = (profile.step, &profile.values) {
            self.report.meaning(&path.key("step"), "`step` belongs to `values`", "leave it out");
        }
        if let Some(sine) = &profile.sine {
            return Base::Sine {
                mbps,
                amplitude: sine.amplitude,
                period: sine.period.milliseconds(),
                phase: sine.phase,
            };
        }
        if let Some(preset) = profile.preset {
            let values = preset::profile(preset.name());
            return Base::Week { mbps, values, step: default::PROFILE_STEP.0.0 };
        }
        let values = profile.values.clone().unwrap_or_default();
        let step = profile.step.unwrap_or(default::PROFILE_STEP).0;
        self.weekly(path, &values, step);
        if values.is_empty() || values.len() as i64 > WEEK / step.0.max(1) {
            constant
        } else {
            Base::Week { mbps, values, step: step.0 }
        }
    }

    /// Values and step of a profile must make whole weeks.
    fn weekly(&mut self, path: &Path, values: &[f64], step: Span) {
        for (at, value) in values.iter().enumerate() {
            if !(*value >= 0.0) {
                self.report.meaning(&path.key("values").index(at), "a factor is 0 or more", "give 0 or more");
            }
        }
        if WEEK % step.0 != 0 {
            let remedy = "choose a step such as \"15m\", \"1h\" or \"1d\"";
            self.report.meaning(&path.key("step"), &format!("{step} does not divide a week"), remedy);
            return;
        }
        let steps = WEEK / step.0;
        if values.is_empty() || steps % values.len() as i64 != 0 {
            let message = format!("{} values of {step} do not repeat evenly in a week", values.len());
            let remedy =
                format!("give {steps} values, or a number that divides it, for instance those of one day");
            self.report.meaning(&path.key("values"), &message, &remedy);
        }
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

    fn shape(&self, base: &Base, growth: &[f64], week: &[u32], events: &[&Event]) -> Vec<f32> {
        let at_tick = |tick: usize| {
            let time = self.ticks.at(tick);
            let mbps = match base {
                Base::Ticks(values) => values.get(tick).copied().unwrap_or(0.0),
                Base::Week { mbps, values, .. } if values.len() == 1 => mbps * values[0],
                Base::Week { mbps, values, step } => {
                    mbps * values[(i64::from(week[tick]) / step) as usize % values.len()]
                }
                Base::Sine { mbps, amplitude, period, phase } => {
                    let turns = time.0 as f64 / period + phase;
                    mbps * (1.0 + amplitude * libm::sin(std::f64::consts::TAU * turns))
                }
            };
            let grown = mbps * growth.get(tick).copied().unwrap_or(1.0);
            let factor: f64 = events
                .iter()
                .filter(|event| event.begin <= time && time < event.end)
                .map(|event| event.factor)
                .product();
            ((grown * factor) as f32).min(f32::MAX)
        };
        (0..self.ticks.before(self.horizon)).map(at_tick).collect()
    }
}

fn covers(part: Place, fleet: &Fleet, group: usize) -> bool {
    match part {
        Place::Domain(..) | Place::Connector(..) => false,
        part => !part.covers(fleet, group).is_empty(),
    }
}
