//! Demand ticks: between two events of a group, one tight loop.
//!
//! While nothing else happens the connectors that serve stay the same, so a run of ticks is: demand (vector), CPU
//! (vector), and — only where a sample or the window comes near the threshold, a connector saturates, or a warning is
//! on — the running average tick by tick. Most runs of most groups never need that last part.

use std::collections::VecDeque;

use super::*;
use crate::control::scaling::{Mean, Sample};
use crate::environment::DemandSeries;
use crate::environment::demand::{BLOCK, NoiseState};
use crate::simulation::AbsentInAverage;
use crate::simulation::load::{Capacity, balance_weights, demand_sum};
use crate::simulation::observer::{Shortfall, TickRun};
use crate::time::{HOUR, Span};

/// Ticks evaluated in one go; divides [`BLOCK`].
const RUN: usize = 256;

/// Demand and CPU of a group.
#[derive(Clone, Debug)]
pub(super) struct Load<'m> {
    series: &'m DemandSeries,
    /// Demand at each tick where somebody else made it; else it is made here, block by block.
    given: Option<&'m [f32]>,
    noise: NoiseState,
    /// The block of demand that holds the last tick evaluated; empty before the first.
    block: Vec<f32>,
    /// How many ticks the run has.
    pub(super) ticks: usize,
    /// The next tick to evaluate.
    next: usize,
    /// Demand in force, in Mbps, whether or not it is sent to the group.
    current: f32,
    /// Whether users are sent to the group.
    pub(super) receives: bool,
    /// Whether a slot is meant to serve.
    pub(super) is_meant: bool,
    /// What those serving can carry, and who serves on what.
    capacity: Capacity,
    capacity_of: (SlotSet, SlotSet, SlotSet),
    weights: Vec<f64>,
    window: Window,
    /// Samples of the last ticks, as many as whoever sees the load late needs; empty if nobody does.
    trail: VecDeque<Sample>,
    trail_length: usize,
    room: Room,
    /// Whether the running average exceeds the threshold.
    pub(super) over: bool,
    pub(super) warning: bool,
    /// The group shows a warning at ticks before this instant.
    warn_until: Time,
}

/// Room for what is computed of a run of ticks; kept, so that it need not be cleared for each.
#[derive(Clone, Debug, Default)]
struct Room {
    demand: Vec<f32>,
    offered: Vec<i32>,
    samples: Vec<i32>,
}

impl Room {
    fn new() -> Room {
        Room { demand: vec![0.0; RUN], offered: vec![0; RUN], samples: vec![0; RUN] }
    }
}

/// The samples of the last ticks.
#[derive(Clone, Debug)]
struct Window {
    /// Hundredths of a percent; negative where nobody served.
    samples: Vec<i32>,
    oldest: usize,
    sum: i64,
    count: i64,
    /// Samples above the threshold.
    high: usize,
    /// Hundredths of a percent above which the average is an overload.
    threshold: i32,
}

const NOBODY: i32 = -1;

impl Window {
    fn new(ticks: usize, threshold: i32) -> Window {
        Window { samples: vec![NOBODY; ticks], oldest: 0, sum: 0, count: 0, high: 0, threshold }
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
        self.high += usize::from(sample > self.threshold);
        self.high -= usize::from(left > self.threshold);
    }

    /// Pushes all of `samples`, of which only the last can matter.
    fn remember(&mut self, samples: &[i32]) {
        let from = samples.len().saturating_sub(self.samples.len());
        samples[from..].iter().for_each(|&sample| self.push(sample));
    }

    /// Whether the average exceeds the threshold.
    fn is_over(&self) -> bool {
        self.sum > i64::from(self.threshold) * self.count
    }

    /// How many samples come before the first that exceeds the threshold.
    fn calm_ticks(&self, samples: &[i32]) -> usize {
        let calm =
            |chunk: &[i32; 16]| !chunk.iter().fold(false, |any, &sample| any | (sample > self.threshold));
        let (chunks, _) = samples.as_chunks::<16>();
        let skipped = 16 * chunks.iter().take_while(|chunk| calm(chunk)).count();
        let rest = &samples[skipped..];
        skipped + rest.iter().position(|&sample| sample > self.threshold).unwrap_or(rest.len())
    }
}

/// How many samples back a policy looks that has a capacity gate, or scales.
fn trail_length(setting: Setting<'_>) -> usize {
    let Setting { model, policy, .. } = setting;
    let gated = policy.upgrade.gate.as_ref().map(|_| policy.upgrade.detection_delay);
    let scaled = policy.scaling.dynamic().map(|scaling| scaling.detection_delay);
    gated.max(scaled).map_or(0, |delay| {
        let late = delay.0 as u64 / model.ticks.length.0.max(1) as u64 + 2;
        model.overload.window + late as usize
    })
}

impl<'m> Load<'m> {
    pub(super) fn new(setting: Setting<'m>, group: &fleet::Group) -> Load<'m> {
        let model = setting.model;
        let series = &model.environment.demands[group.demand];
        let ticks = model.ticks.before(model.horizon);
        let known = setting.demand.map_or(series.shape.len(), <[f32]>::len);
        Load {
            series,
            given: setting.demand,
            noise: series.noise_state(setting.streams, group.entity),
            block: Vec::new(),
            ticks: ticks.min(known),
            next: 0,
            current: 0.0,
            receives: false,
            is_meant: false,
            capacity: Capacity::of_group(model, group, &[], SlotSet::EMPTY, SlotSet::EMPTY, 0),
            capacity_of: (SlotSet::EMPTY, SlotSet::EMPTY, SlotSet::EMPTY),
            weights: balance_weights(setting.streams, group),
            window: Window::new(model.overload.window, model.overload.threshold),
            trail: VecDeque::new(),
            trail_length: trail_length(setting),
            room: if ticks > 0 { Room::new() } else { Room::default() },
            over: false,
            warning: false,
            warn_until: Time(i64::MIN),
        }
    }

    /// Fills the block that begins with the next tick.
    fn next_block(&mut self, level: Level) {
        if let Some(given) = self.given {
            let rest = &given[self.next.min(given.len())..];
            self.block.clear();
            return self.block.extend_from_slice(&rest[..rest.len().min(BLOCK)]);
        }
        self.block.resize(BLOCK, 0.0);
        if let Some(block) = self.block.first_chunk_mut::<BLOCK>() {
            self.series.block(level, &mut self.noise, self.next / BLOCK, block);
        }
    }

    /// The running average as it was displayed after the first `ticks` ticks, all of them taken.
    pub(super) fn mean_before(&self, ticks: usize) -> Option<Mean> {
        let seen = self.window_before(ticks);
        let (sum, number) =
            seen.fold((0, 0), |(sum, number), sample| (sum + i64::from(sample.cpu), number + 1));
        (number > 0).then_some(Mean { sum, number })
    }

    /// The samples that it is the mean of, in order of time.
    pub(super) fn window_before(&self, ticks: usize) -> impl Iterator<Item = Sample> {
        let end = self.trail.len().saturating_sub(self.next.saturating_sub(ticks));
        let window = self.trail.range(end.saturating_sub(self.window.samples.len())..end);
        window.copied().filter(|sample| sample.cpu != NOBODY)
    }

    /// Keeps `samples` of those who serve, with how many they are the mean over.
    fn follow(&mut self, samples: &[i32], absent: AbsentInAverage) {
        if self.trail_length > 0 {
            let (serving, _, configured) = self.capacity_of;
            let over = match absent {
                AbsentInAverage::LeftOut => serving,
                AbsentInAverage::AsZero => configured,
            };
            let (serving, over) = (serving.len() as u8, over.len() as u8);
            self.trail.extend(samples.iter().map(|&cpu| Sample { cpu, serving, over }));
            let surplus = self.trail.len().saturating_sub(self.trail_length);
            self.trail.drain(..surplus);
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
        if self.tick_at(self.load.next) == self.now {
            self.run_ticks(1, None);
        }
    }

    /// Lets time pass from the open instant to `to`, in which only ticks happen.
    pub(super) fn coast(&mut self, to: Time) {
        let mut since = self.now;
        if self.load.ticks == 0 {
            return self.stand(since, to);
        }
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
        self.stand(since, to);
    }

    /// Demand `mbps` from `from` to `to`, within one tick.
    fn carry(&mut self, mbps: f32, from: Time, to: Time) {
        if mbps <= 0.0 || from >= to {
            return;
        }
        let length = (to - from).0 as f64;
        let unserved = self.load.capacity.unserved_at(mbps);
        self.observer.traffic(f64::from(mbps) * length, unserved * length);
        if unserved > 0.0 {
            self.load.warn_until = self.load.warn_until.max(to + HOUR);
            self.fall_short(&[mbps], length, 0.0, unserved * length);
        }
    }

    /// Tells that so much of the demand was not served.
    #[inline]
    fn fall_short(&mut self, demand: &[f32], length: f64, cut: f64, unserved: f64) {
        if O::WATCHES_ABSENCE {
            let capacity = &self.load.capacity;
            self.observer.shortfall(Shortfall { demand, length, cut, capacity, unserved });
        }
    }

    /// Evaluates the next `n` ticks, which lie in one block. Between events, `passing` says until when the last one
    /// lasts at most and since when what is displayed stands; then demand is accounted for and changes are displayed.
    /// At the tick of an instant that is being settled neither is done here.
    fn run_ticks(&mut self, n: usize, mut passing: Option<(Time, &mut Time)>) {
        self.refresh_capacity();
        let first = self.load.next;
        if first.is_multiple_of(BLOCK) {
            self.load.next_block(self.setting.level);
        }
        let mut room = std::mem::take(&mut self.load.room);
        let Room { demand, offered, samples } = &mut room;
        let (demand, offered, samples) = (&mut demand[..n], &mut offered[..n], &mut samples[..n]);
        demand.copy_from_slice(&self.load.block[first % BLOCK..][..n]);
        self.load.current = demand[n - 1];
        if !self.load.receives {
            demand.fill(0.0);
        }
        let (level, capacity) = (self.setting.level, &self.load.capacity);
        let served = !capacity.is_nobody();
        let mut most = 0;
        if served {
            most = capacity.offered(level, demand, offered);
            capacity.samples(level, demand, offered, most, samples);
        } else {
            samples.fill(NOBODY);
        }
        let overloaded = self.average(first, demand, samples, most, passing.as_mut());
        self.load.next += n;
        self.load.follow(samples, self.setting.model.overload.absent);
        let sum = demand_sum(level, demand);
        if let Some((to, _)) = passing {
            self.account(first, demand, sum, most, to);
        }
        let (offered, samples): (&[i32], &[i32]) = if served { (offered, samples) } else { (&[], &[]) };
        self.observer.ticks(TickRun {
            first,
            is_meant: self.load.is_meant,
            receives: self.load.receives,
            demand,
            demand_sum: sum,
            offered,
            most_offered: most,
            samples,
            overloaded,
        });
        self.load.room = room;
    }

    /// The running average and the warning; returns how many ticks are overloaded. While nothing is on and no sample
    /// exceeds the threshold there is nothing to decide, so ticks are taken one by one only in between.
    fn average(
        &mut self,
        first: usize,
        demand: &[f32],
        samples: &[i32],
        most: i32,
        mut passing: Option<&mut (Time, &mut Time)>,
    ) -> usize {
        let (mut overloaded, mut i) = (0, 0);
        while i < samples.len() {
            if self.is_calm(first + i, most) {
                let calm = self.load.window.calm_ticks(&samples[i..]);
                self.load.window.remember(&samples[i..i + calm]);
                i += calm;
            }
            if i < samples.len() {
                let over = self.average_at(first + i, demand[i], samples[i], passing.as_deref_mut());
                overloaded += usize::from(over);
                if over && O::WATCHES_ABSENCE {
                    self.observer.overloaded(first, i, demand);
                }
                i += 1;
            }
        }
        overloaded
    }

    /// Whether, as long as no sample exceeds the threshold, no tick from tick `index` on can change what is displayed.
    fn is_calm(&self, index: usize, most: i32) -> bool {
        let Load { over, warning, warn_until, capacity, window, .. } = &self.load;
        !over
            && !warning
            && self.tick_at(index) >= *warn_until
            && capacity.none_is_full_below(window.threshold, most)
            && window.high == 0
    }

    /// The running average and the warning at one tick; whether it is overloaded.
    fn average_at(
        &mut self,
        index: usize,
        mbps: f32,
        sample: i32,
        passing: Option<&mut (Time, &mut Time)>,
    ) -> bool {
        let ticks = self.setting.model.ticks;
        let (at, load) = (ticks.at(index), &mut self.load);
        load.window.push(sample);
        let unserved = load.capacity.saturates(mbps);
        let (over, warning) = (load.window.is_over(), unserved || at < load.warn_until);
        if let (true, Some((to, _))) = (unserved, &passing) {
            load.warn_until = load.warn_until.max((at + ticks.length).min(*to) + HOUR);
        }
        if (over, warning) != (load.over, load.warning) {
            (load.over, load.warning) = (over, warning);
            if let Some((_, since)) = passing {
                self.stand(**since, at);
                **since = at;
                self.show_load(at);
            }
        }
        over && sample != NOBODY
    }

    /// Accounts for the demand of a run of ticks, the last of which lasts to `to` at most.
    fn account(&mut self, first: usize, demand: &[f32], sum: f64, most: i32, to: Time) {
        let Setting { level, model, .. } = self.setting;
        let last = demand[demand.len() - 1];
        let cut = (model.ticks.at(first + demand.len()) - to).max(Span::ZERO).0 as f64;
        let over_time = |sum: f64, of_last: f64| sum * model.ticks.length.0 as f64 - of_last * cut;
        let capacity = &self.load.capacity;
        let unserved = match capacity.unserved(level, demand, most) {
            0.0 => 0.0,
            sum => over_time(sum, capacity.unserved_at(last)).max(0.0),
        };
        let offered = over_time(sum, f64::from(last));
        self.observer.traffic(offered, unserved);
        if unserved > 0.0 {
            self.fall_short(demand, model.ticks.length.0 as f64, cut, unserved);
        }
    }

    /// Works out again what those serving can carry, if they are not the same as before.
    fn refresh_capacity(&mut self) {
        let serving = self.axes.serving();
        let bad = self.on_bad_release(serving);
        let configured = self.axes.configured;
        if self.load.capacity_of != (serving, bad, configured) {
            self.load.capacity_of = (serving, bad, configured);
            let (model, weights) = (self.setting.model, &self.load.weights);
            self.load.capacity =
                Capacity::of_group(model, self.configured, weights, serving, bad, configured.len());
        }
    }

    /// What a share of the demand costs the connector in `slot`, relative to others of the group.
    pub(super) fn need_of(&self, slot: usize) -> f64 {
        let bad = self.runs_bad_release(slot);
        let multiplier = if bad { self.setting.model.environment.releases.bad.cpu_multiplier } else { 1.0 };
        self.load.weights[slot] * multiplier
    }

    /// What those who serve carry, in Mbps, as of the event before: somebody enabled in this very instant carries his share.
    fn carried(&self) -> f32 {
        if self.axes.has_resource { self.load.current } else { 0.0 }
    }

    /// Drops the sessions of those of `slots` that serve.
    pub(super) fn drop_sessions(&mut self, slots: SlotSet) {
        let serving = self.axes.serving();
        let mbps = f64::from(self.carried());
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
    }

    /// Drops the sessions of `slots` because they are about to be lost against anybody's will, which shows a warning.
    pub(super) fn lose_sessions(&mut self, slots: SlotSet) {
        if self.axes.serving().meets(slots) && self.carried() > 0.0 {
            self.load.warn_until = self.load.warn_until.max(self.now + HOUR);
        }
        self.drop_sessions(slots);
    }
}
