//! Demand, CPU, and what changes only at ticks: the running average and the warning.

use fleetcast::environment::demand::{BLOCK, level::Level};
use fleetcast::random::{Purpose, Streams, open_unit};
use fleetcast::simulation::{AbsentInAverage, Model};
use fleetcast::time::{HOUR, Time};

use super::state::State;

/// The demand of a group at every tick of the run, in Mbps.
pub(crate) fn demand(model: &Model, streams: Streams, group: usize) -> Vec<f32> {
    let group = &model.fleet.groups[group];
    let series = &model.environment.demands[group.demand];
    let ticks = model.ticks.before(model.horizon);
    let mut noise = series.noise_state(streams, group.entity);
    let mut demand = Vec::new();
    let mut block = [0.0; BLOCK];
    for index in 0..ticks.div_ceil(BLOCK) {
        series.block(Level::new(), &mut noise, index, &mut block);
        demand.extend(block);
    }
    demand.truncate(ticks);
    demand
}

/// The balance weight of a slot.
pub(crate) fn weight(model: &Model, streams: Streams, group: usize, slot: usize) -> f64 {
    let group = &model.fleet.groups[group];
    let mut rng = streams.draw(group.slots[slot].entity, Purpose::named("balance weight"), 0);
    1.0 + group.balance_spread * (2.0 * open_unit(&mut rng) - 1.0)
}

impl State<'_> {
    /// The demand in force: that of the last tick, 0 while nobody is sent to the group.
    pub(crate) fn demand(&self, group: usize) -> f32 {
        if self.group_status(group).receives_demand() { self.groups[group].current_demand } else { 0.0 }
    }

    /// The capacity of a connector in Mbps while `serving` connectors of its group serve.
    fn capacity(&self, group: usize, slot: usize, serving: usize) -> f64 {
        let configured = &self.model.fleet.groups[group];
        let nominal = self.model.fleet.instances[configured.instance].capacity_mbps;
        let shared = nominal / (1.0 + configured.efficiency * (serving as f64 - 1.0));
        if self.is_bad(self.groups[group].slots[slot].agent) {
            shared / self.model.environment.releases.bad.cpu_multiplier
        } else {
            shared
        }
    }

    /// The sum of the weights of the connectors in `serving`.
    fn total_weight(&self, group: usize, serving: &[usize]) -> f64 {
        serving.iter().map(|&slot| self.groups[group].slots[slot].weight).sum()
    }

    /// Whether some demand finds no capacity.
    pub(crate) fn unserved(&self, group: usize) -> bool {
        let demand = f64::from(self.demand(group));
        let serving = self.serving(group);
        if serving.is_empty() {
            return demand > 0.0;
        }
        let total = self.total_weight(group, &serving);
        serving.iter().any(|&slot| {
            let share = demand * self.groups[group].slots[slot].weight / total;
            share > self.capacity(group, slot, serving.len())
        })
    }

    /// The displayed CPU of the group in hundredths of a percent; `None` where nobody serves.
    fn cpu(&self, group: usize) -> Option<i64> {
        let configured = &self.model.fleet.groups[group];
        let serving = self.serving(group);
        if serving.is_empty() {
            return None;
        }
        let idle = self.model.fleet.instances[configured.instance].idle_cpu_percent;
        let total = self.total_weight(group, &serving);
        let slope = |&slot: &usize| {
            let weight = self.groups[group].slots[slot].weight;
            ((100.0 - idle) * 100.0 * weight / total / self.capacity(group, slot, serving.len())) as f32
        };
        let slopes: Vec<f32> = serving.iter().map(slope).collect();
        let (base, demand) = ((idle * 100.0) as f32, self.demand(group));
        let displayed: Vec<f32> = slopes.iter().map(|slope| (base + slope * demand).min(10_000.0)).collect();
        let mut mean = if slopes.iter().all(|slope| *slope == slopes[0]) {
            displayed[0]
        } else {
            displayed.iter().sum::<f32>() / serving.len() as f32
        };
        if self.model.overload.absent == AbsentInAverage::AsZero {
            mean *= serving.len() as f32 / self.configured(group) as f32;
        }
        Some((mean + 0.5).floor() as i64)
    }

    /// Whether the average of the samples in the window exceeds the threshold.
    fn exceeds(&self, group: usize) -> bool {
        let overload = &self.model.overload;
        let samples = &self.groups[group].samples;
        let window = &samples[samples.len().saturating_sub(overload.window)..];
        let (sum, number) = window.iter().flatten().fold((0, 0), |(sum, n), sample| (sum + sample, n + 1));
        number > 0 && sum > i64::from(overload.threshold) * number
    }

    /// Whether users failed to reach resources in (at − 1 h, at].
    fn warns(&self, group: usize, at: Time) -> bool {
        let recent = |instant: Option<Time>| instant.is_some_and(|instant| instant > at - HOUR);
        let group_state = &self.groups[group];
        recent(group_state.last_drop) || recent(group_state.unserved_until) || self.unserved(group)
    }

    /// Time has come to `at`: whatever was unserved since the instant before was so up to here.
    pub(crate) fn pass_to(&mut self, at: Time) {
        for group in 0..self.groups.len() {
            if self.unserved(group) {
                self.groups[group].unserved_until = Some(at);
            }
        }
    }

    /// The demand tick `index`, at `at`.
    pub(crate) fn tick(&mut self, index: usize, at: Time) {
        for group in 0..self.groups.len() {
            self.groups[group].current_demand = self.groups[group].demand[index];
            let sample = self.cpu(group);
            let heads = (self.serving(group).len(), self.configured(group));
            self.groups[group].samples.push(sample);
            self.groups[group].heads.push(heads);
            self.groups[group].over_threshold = self.exceeds(group);
            self.groups[group].warning = self.warns(group, at);
        }
    }
}
