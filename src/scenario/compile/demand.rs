//! Demand: which groups share a series, and the series themselves.
//!
//! [`base`] reads what a demand is made of, [`shape`] turns it into one number per tick.

mod base;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use base::{Base, Event};

use super::Compiler;
use super::fleet::{Index, item};
use crate::environment::DemandSeries;
use crate::environment::demand::Noise;
use crate::environment::failure::Place;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::memory;
use crate::scenario::spec::{self, Scenario};
use crate::time::Span;

/// What makes a series: groups with the same key share it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'z> {
    demand: usize,
    zone: &'z str,
    events: Vec<usize>,
}

impl Compiler<'_, '_> {
    /// The distinct series, and the index of each group's.
    pub(super) fn demands(
        &mut self,
        spec: &Scenario,
        fleet: &Fleet,
        index: &Index,
    ) -> (Vec<DemandSeries>, Vec<usize>) {
        let demand_of = self.references(spec, index);
        self.unused_demands(spec, &demand_of);
        let mut written = Vec::new();
        for (name, demand) in spec.demand.iter() {
            self.noise(&Path::of("demand").key(name).key("noise"), demand.noise.as_ref());
            written.push((self.base(name, demand), self.events(name, demand, fleet, index)));
        }
        let (keys, series_of) = distinct(&written, &demand_of, fleet, index);
        if !self.demand_fits(keys.len()) {
            return (Vec::new(), series_of);
        }
        let growths = self.growths(keys.iter().map(|key| spec.demand.0[key.demand].1.growth_per_year));
        let clocks = self.local_clocks(keys.iter().map(|key| key.zone));
        let mut series = Vec::new();
        for key in keys {
            let (name, demand) = &spec.demand.0[key.demand];
            let (base, events) = &written[key.demand];
            let events: Vec<&Event> = key.events.iter().map(|&event| &events[event]).collect();
            let growth = &growths[&demand.growth_per_year.to_bits()];
            let shape = self.shape(base, growth, clocks.get(key.zone), &events);
            self.bounded(&Path::of("demand").key(name), &shape);
            series.push(DemandSeries {
                name: name.clone(),
                mbps_per_user: demand.mbps_per_user,
                shape,
                noise: demand.noise.as_ref().map(|noise| Noise { sigma: noise.sigma, phi: noise.phi }),
            });
        }
        (series, series_of)
    }

    /// Noise runs in single precision, in which a coefficient too near to ±1 is ±1 and the noise would never change.
    fn noise(&mut self, path: &Path, noise: Option<&spec::Noise>) {
        if noise.is_some_and(|noise| noise.phi.abs() < 1.0 && (noise.phi as f32).abs() >= 1.0) {
            let message = "the coefficient cannot be told from 1 or −1 in the single precision of noise";
            self.report.meaning(&path.key("phi"), message, "give one from -0.9999999 to 0.9999999");
        }
    }

    /// What grows beyond all measure is a mistake, and would not be finite for long.
    fn bounded(&mut self, path: &Path, shape: &[f32]) {
        const MOST: f32 = 1e9;
        if let Some(tick) = shape.iter().position(|mbps| *mbps > MOST) {
            let message = format!("the demand exceeds {MOST} Mbps after {}", Span(self.ticks.at(tick).0));
            self.report.meaning(path, &message, "lower the users, the growth or the factors");
        }
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

    fn unused_demands(&mut self, spec: &Scenario, demand_of: &[usize]) {
        let used: BTreeSet<usize> = demand_of.iter().copied().collect();
        for (at, name) in spec.demand.names().enumerate() {
            if !used.contains(&at) {
                self.report.unused(&Path::of("demand").key(name));
            }
        }
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
}

/// The distinct series in the order of their first groups, and the index of each group's.
fn distinct<'z>(
    written: &[(Base, Vec<Event>)],
    demand_of: &[usize],
    fleet: &Fleet,
    index: &'z Index,
) -> (Vec<Key<'z>>, Vec<usize>) {
    let mut known = BTreeMap::new();
    let mut keys = Vec::new();
    let mut series_of = Vec::new();
    for (group, &demand) in demand_of.iter().enumerate() {
        let Some((base, events)) = written.get(demand) else {
            series_of.push(0);
            continue;
        };
        // Only steps of the week depend on the zone; any will do for a sine.
        let zone = if base.is_local() { index.zones[fleet.groups[group].site].as_str() } else { "UTC" };
        let concerns = |event: &Event| event.parts.iter().any(|part| covers(*part, fleet, group));
        let events = (0..events.len()).filter(|&event| concerns(&events[event])).collect();
        let key = Key { demand, zone, events };
        let series = *known.entry(key.clone()).or_insert(keys.len());
        if series == keys.len() {
            keys.push(key);
        }
        series_of.push(series);
    }
    (keys, series_of)
}

fn covers(part: Place, fleet: &Fleet, group: usize) -> bool {
    match part {
        Place::Domain(..) | Place::Connector(..) => false,
        part => !part.covers(fleet, group).is_empty(),
    }
}
