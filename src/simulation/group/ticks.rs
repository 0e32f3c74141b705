//! Demand ticks: between two events of a group, one tight loop.
//!
//! While nothing else happens the connectors that serve stay the same, so a run of ticks is: demand (vector), CPU
//! (vector), and — only where a sample or the window comes near the threshold, a connector saturates, or a warning is
//! on — the running average tick by tick. Most runs of most groups never need that last part.

use super::*;
use crate::environment::DemandSeries;
use crate::environment::demand::{BLOCK, NoiseState};
use crate::simulation::load::Capacity;
use crate::simulation::observer::TickRun;
use crate::time::{HOUR, Span};

/// Ticks evaluated in one go; divides [`BLOCK`].
const RUN: usize = 256;
const NO_DEMAND: [f32; RUN] = [0.0; RUN];

/// Demand and CPU of a group.
#[derive(Clone, Debug)]
pub(super) struct Load<'m> {
    series: &'m DemandSeries,
    noise: NoiseState,
    block: Box<[f32; BLOCK]>,
    /// How many ticks the run has.
    ticks: usize,
    /// The next tick to evaluate.
    next: usize,
    /// Demand in force, in Mbps, whether or not it is sent to the group.
    current: f32,
    /// Whether users are sent to the group.
    pub(super) receives: bool,
    /// What those serving can carry, and who serves on what.
    capacity: Capacity,
    capacity_of: (SlotSet, SlotSet),
    weights: Vec<f64>,
    window: Window,
    /// Whether the running average exceeds the threshold.
    pub(super) over: bool,
    pub(super) warning: bool,
    /// The group shows a warning at ticks before this instant.
    warn_until: Time,
}

/// The samples of the last ticks.
#[derive(Clone, Debug)]
struct Window {
    /// Hundredths of a percent; negative where nobody served.
    samples: Vec<i32>,
    oldest: usize,
    sum: i64,
    count: i64,
}

const NOBODY: i32 = -1;

impl Window {
    fn new(ticks: usize) -> Window {
        Window { samples: vec![NOBODY; ticks], oldest: 0, sum: 0, count: 0 }
    }

    fn push(&mut self, sample: i32) {
        let left = std::mem::replace(&mut self.samples[self.oldest], sample);
        self.oldest = if self.oldest + 1 == self.samples.len() { 0 } else { self.oldest + 1 };
        for (value, sign) in [(left, -1), (sample, 1)] {
            if value != NOBODY {
                self.sum += sign * i64::from(value);
                self.count += sign;
            }
        }
    }

    fn exceeds(&self, threshold: i64) -> bool {
        self.sum > threshold * self.count
    }

    fn all_at_most(&self, threshold: i64) -> bool {
        self.samples.iter().all(|&sample| i64::from(sample) <= threshold)
    }
}

impl<'m> Load<'m> {
    pub(super) fn new(setting: Setting<'m>, group: &fleet::Group) -> Load<'m> {
        let model = setting.model;
        let series = &model.environment.demands[group.demand];
        let ticks = model.ticks.before(model.horizon);
        Load {
            series,
            noise: series.noise_state(setting.streams, group.entity),
            block: Box::new([0.0; BLOCK]),
            ticks: ticks.min(series.shape.len()),
            next: 0,
            current: 0.0,
            receives: false,
            capacity: Capacity::nobody(),
            capacity_of: (SlotSet::EMPTY, SlotSet::EMPTY),
            weights: crate::simulation::load::balance_weights(setting.streams, group),
            window: Window::new(model.overload.window),
            over: false,
            warning: false,
            warn_until: Time(i64::MIN),
        }
    }

    fn in_force(&self) -> f32 {
        if self.receives { self.current } else { 0.0 }
    }
}

impl<'m, O: Observer> Group<'m, O> {
    fn tick_at(&self, index: usize) -> Time {
        if index < self.load.ticks { self.setting.model.ticks.at(index) } else { Time::NEVER }
    }

    /// Takes the tick of the open instant, if it has one.
    pub(super) fn tick_now(&mut self) {
        self.load.receives &= self.load.ticks > 0;
        if self.tick_at(self.load.next) == self.now {
            self.run_ticks(1, None);
        }
    }

    /// Lets time pass from the open instant to `to`, in which only ticks happen.
    pub(super) fn coast(&mut self, to: Time) {
        let mut since = self.now;
        self.refresh_capacity();
        let rest = self.tick_at(self.load.next).min(to);
        self.carry(self.load.in_force(), self.now, rest);
        while self.tick_at(self.load.next) < to {
            let first = self.load.next;
            let length = self.setting.model.ticks.length;
            let before = ((to - self.tick_at(first)).0 as u64).div_ceil(length.0 as u64) as usize;
            let n = before.min(self.load.ticks - first).min(RUN - first % RUN);
            self.run_ticks(n, Some((to, &mut since)));
        }
        self.observer.span(since, to, &self.shown.standing);
    }

    /// Demand `mbps` from `from` to `to`, within one tick.
    fn carry(&mut self, mbps: f32, from: Time, to: Time) {
        if mbps <= 0.0 || from >= to {
            return;
        }
        let length = (to - from).0 as f64;
        let unserved = self.load.capacity.unserved(self.setting.level, &[mbps]);
        self.observer.traffic(f64::from(mbps) * length, unserved * length);
        if self.load.capacity.saturates(mbps) {
            self.load.warn_until = self.load.warn_until.max(to + HOUR);
        }
    }

    /// Evaluates the next `n` ticks, which lie in one block. Between events, `passing` says until when the last one
    /// lasts at most and since when what is displayed stands; then demand is accounted for and changes are displayed.
    /// At the tick of an instant that is being settled neither is done here.
    fn run_ticks(&mut self, n: usize, mut passing: Option<(Time, &mut Time)>) {
        self.refresh_capacity();
        let first = self.load.next;
        if first.is_multiple_of(BLOCK) {
            self.load.series.block(
                self.setting.level,
                &mut self.load.noise,
                first / BLOCK,
                &mut self.load.block,
            );
        }
        let mut demand = [0.0; RUN];
        let demand = &mut demand[..n];
        demand.copy_from_slice(&self.load.block[first % BLOCK..][..n]);
        self.load.current = demand[n - 1];
        if !self.load.receives {
            demand.copy_from_slice(&NO_DEMAND[..n]);
        }
        let (mut offered, mut samples) = ([0; RUN], [NOBODY; RUN]);
        let (offered, samples) = (&mut offered[..n], &mut samples[..n]);
        let served = !self.load.capacity.is_nobody();
        if served {
            self.load.capacity.cpu(self.setting.level, demand, offered, samples);
        }
        let overloaded = if self.is_calm(first, demand, samples) {
            samples[n.saturating_sub(self.load.window.samples.len())..]
                .iter()
                .for_each(|&sample| self.load.window.push(sample));
            0
        } else {
            self.average(first, demand, samples, passing.as_mut())
        };
        self.load.next += n;
        if let Some((to, _)) = passing {
            self.account(first, demand, to);
        }
        let (offered, samples): (&[i32], &[i32]) = if served { (offered, samples) } else { (&[], &[]) };
        self.observer.ticks(TickRun { first, demand, offered, samples, overloaded });
    }

    /// Whether no tick of the run can change what is displayed.
    fn is_calm(&self, first: usize, demand: &[f32], samples: &[i32]) -> bool {
        let Load { over, warning, warn_until, capacity, window, .. } = &self.load;
        let threshold = self.setting.model.overload.threshold;
        let quiet = !over && !warning && self.tick_at(first) >= *warn_until;
        quiet
            && !capacity.is_nobody()
            && i64::from(samples.iter().copied().fold(NOBODY, i32::max)) <= threshold
            && window.all_at_most(threshold)
            && !capacity.saturates(demand.iter().copied().fold(0.0, f32::max))
    }

    /// The running average and the warning, tick by tick; returns how many ticks are overloaded.
    fn average(
        &mut self,
        first: usize,
        demand: &[f32],
        samples: &[i32],
        mut passing: Option<&mut (Time, &mut Time)>,
    ) -> usize {
        let threshold = self.setting.model.overload.threshold;
        let length = self.setting.model.ticks.length;
        let mut overloaded = 0;
        for (i, (&mbps, &sample)) in demand.iter().zip(samples).enumerate() {
            let at = self.setting.model.ticks.at(first + i);
            let load = &mut self.load;
            load.window.push(sample);
            let unserved = load.capacity.saturates(mbps);
            let (over, warning) = (load.window.exceeds(threshold), unserved || at < load.warn_until);
            if let (true, Some((to, _))) = (unserved, &passing) {
                load.warn_until = load.warn_until.max((at + length).min(*to) + HOUR);
            }
            overloaded += usize::from(over && sample != NOBODY);
            if (over, warning) != (load.over, load.warning) {
                (load.over, load.warning) = (over, warning);
                if let Some((_, since)) = passing.as_deref_mut() {
                    self.observer.span(**since, at, &self.shown.standing);
                    **since = at;
                    self.show_load(at);
                }
            }
        }
        overloaded
    }

    /// Accounts for the demand of a run of ticks, the last of which lasts to `to` at most.
    fn account(&mut self, first: usize, demand: &[f32], to: Time) {
        let level = self.setting.level;
        let length = self.setting.model.ticks.length;
        let last = &demand[demand.len() - 1..];
        let cut = (self.setting.model.ticks.at(first + demand.len()) - to).max(Span::ZERO).0 as f64;
        let capacity = &self.load.capacity;
        let over_time = |sum: f64, of_last: f64| sum * length.0 as f64 - of_last * cut;
        let offered = crate::simulation::load::demand_sum(level, demand);
        let unserved = over_time(capacity.unserved(level, demand), capacity.unserved(level, last));
        self.observer.traffic(over_time(offered, f64::from(last[0])), unserved.max(0.0));
    }

    /// Works out again what those serving can carry, if they are not the same as before.
    fn refresh_capacity(&mut self) {
        let serving = self.axes.serving();
        let bad = if self.rollout.any_bad {
            serving.iter().filter(|&slot| self.runs_bad_release(slot)).collect()
        } else {
            SlotSet::EMPTY
        };
        if self.load.capacity_of != (serving, bad) {
            self.load.capacity_of = (serving, bad);
            self.load.capacity =
                Capacity::new(self.setting.model, self.configured, &self.load.weights, serving, bad);
        }
    }

    /// Drops the sessions of those of `slots` that serve, because they are about to be lost.
    pub(super) fn drop_sessions(&mut self, slots: SlotSet) {
        let serving = self.axes.serving();
        let mbps = f64::from(self.load.in_force());
        let lost = serving & slots;
        if lost.is_empty() || mbps <= 0.0 {
            return;
        }
        let weight = |set: SlotSet| set.iter().map(|slot| self.load.weights[slot]).sum::<f64>();
        let per_weight = mbps / self.load.series.mbps_per_user / weight(serving);
        for slot in lost.iter() {
            let sessions = per_weight * self.load.weights[slot];
            self.observer.happened(
                self.now,
                crate::simulation::observer::Happening::SessionsDropped { slot, sessions },
            );
        }
        self.load.warn_until = self.load.warn_until.max(self.now + HOUR);
    }
}
