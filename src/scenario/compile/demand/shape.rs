//! One number per tick: base × growth × events, computed in double precision and rounded once.

use std::collections::BTreeMap;

use super::base::{Base, Event};
use crate::calendar::{LocalClock, Zone};
use crate::scenario::compile::Compiler;
use crate::time::DAY;

impl Compiler<'_, '_> {
    /// (1 + growth)^(t/365 d) at each tick, by the bits of the growth; empty without growth.
    pub(super) fn growths(&self, growths: impl Iterator<Item = f64>) -> BTreeMap<u64, Vec<f64>> {
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
    pub(in crate::scenario::compile) fn local_clocks<'z>(
        &self,
        zones: impl Iterator<Item = &'z str>,
    ) -> BTreeMap<&'z str, LocalClock> {
        let local = |name| Some(self.clock.as_ref()?.local(&Zone::named(name).ok()?, self.horizon));
        zones.filter_map(|name| Some((name, local(name)?))).collect()
    }

    pub(super) fn shape(
        &self,
        base: &Base,
        growth: &[f64],
        local: Option<&LocalClock>,
        events: &[&Event],
    ) -> Vec<f32> {
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
