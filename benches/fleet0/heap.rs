//! FLEET-0 (d): the whole fleet on one binary heap, as one writes it in an afternoon.
//!
//! Everything of all groups is in one queue, except ticks: one event in five minutes loops over the groups, which is a
//! good deal faster than an event a group. Times are f64, cancelled events stay in the queue and are told by a stamp,
//! random numbers come from one xoshiro256++ through the samplers of `rand_distr`.

// A program on its own terms: it may use the platform's elementary functions.
#![allow(clippy::disallowed_methods)]

use crate::outputs::{BINS, Outputs, quantile};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp, LogNormal, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

pub(crate) const HOUR: f64 = 3600.0;
pub(crate) const DAY: f64 = 24.0 * HOUR;
pub(crate) const SLOTS: usize = 4;
const TICK: f64 = 300.0;
const WEEK: f64 = 7.0 * DAY;
const RELEASES: f64 = 14.0 * DAY;

/// What to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) connectors: usize,
    pub(crate) days: f64,
    pub(crate) ticks: bool,
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Up,
    Down,
    Replacing,
}

struct Slot {
    state: State,
    updating: bool,
    pending: bool,
    /// Of the next failure, repair or replacement.
    clock: u32,
    /// Of the end of the update.
    update: u32,
}

struct Group {
    slots: [Slot; SLOTS],
    available: usize,
    updating: Option<usize>,
    /// Since when a rollout is under way.
    rollout: Option<f64>,
    halted: bool,
    /// Of the retry.
    retry: u32,
    x: f64,
    phase: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Fail,
    Repair,
    Renew,
    Replace,
    Release,
    UpdateEnd,
    Retry,
    Tick,
}

#[derive(Clone, Copy)]
struct Event {
    time: f64,
    kind: Kind,
    group: u32,
    slot: u8,
    stamp: u32,
}

impl Ord for Event {
    /// The earliest is the greatest.
    fn cmp(&self, other: &Event) -> Ordering {
        other.time.total_cmp(&self.time)
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Event) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Event) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

struct Simulation {
    now: f64,
    queue: BinaryHeap<Event>,
    groups: Vec<Group>,
    rng: Xoshiro256PlusPlus,
    failure: Exp<f64>,
    repair: LogNormal<f64>,
    replacement: LogNormal<f64>,
    available: usize,
    changed: f64,
    available_time: f64,
    completion_time: f64,
    overloaded: u64,
    zero: u64,
    histogram: [u64; BINS],
    out: Outputs,
}

fn lognormal(mean: f64, sigma: f64) -> LogNormal<f64> {
    LogNormal::new(mean.ln() - sigma * sigma / 2.0, sigma).expect("finite parameters")
}

/// Runs FLEET-0.
pub(crate) fn run(plan: Plan) -> Outputs {
    let mut simulation = Simulation::new(plan);
    let horizon = plan.days * DAY;
    while let Some(event) = simulation.queue.pop() {
        if event.time > horizon {
            break;
        }
        simulation.now = event.time;
        simulation.execute(event);
    }
    simulation.finish(horizon)
}

impl Simulation {
    fn new(plan: Plan) -> Simulation {
        let count = plan.connectors / SLOTS;
        let mut simulation = Simulation {
            now: 0.0,
            queue: BinaryHeap::new(),
            groups: Vec::with_capacity(count),
            rng: Xoshiro256PlusPlus::seed_from_u64(plan.seed),
            failure: Exp::new(1.0 / (30.0 * DAY)).expect("a positive rate"),
            repair: lognormal(4.0 * HOUR, 1.0),
            replacement: lognormal(24.0 * HOUR, 0.5),
            available: count * SLOTS,
            changed: 0.0,
            available_time: 0.0,
            completion_time: 0.0,
            overloaded: 0,
            zero: 0,
            histogram: [0; BINS],
            out: Outputs::default(),
        };
        for group in 0..count {
            simulation.add_group(group);
        }
        simulation.schedule(RELEASES, Kind::Release, 0, 0, 0);
        if plan.ticks {
            simulation.schedule(TICK, Kind::Tick, 0, 0, 0);
        }
        simulation
    }

    fn add_group(&mut self, group: usize) {
        let slot = || Slot { state: State::Up, updating: false, pending: false, clock: 0, update: 0 };
        let z: f64 = StandardNormal.sample(&mut self.rng);
        self.groups.push(Group {
            slots: std::array::from_fn(|_| slot()),
            available: SLOTS,
            updating: None,
            rollout: None,
            halted: false,
            retry: 0,
            x: 0.25 * z,
            phase: std::f64::consts::TAU * (group % 24) as f64 / 24.0,
        });
        for slot in 0..SLOTS {
            let failure = self.failure.sample(&mut self.rng);
            self.schedule(failure, Kind::Fail, group, slot, 0);
            let renewal = self.rng.random_range(0.0..WEEK);
            self.schedule(renewal, Kind::Renew, group, slot, 0);
        }
    }

    fn schedule(&mut self, delay: f64, kind: Kind, group: usize, slot: usize, stamp: u32) {
        let event = Event { time: self.now + delay, kind, group: group as u32, slot: slot as u8, stamp };
        self.queue.push(event);
    }

    fn execute(&mut self, event: Event) {
        let (group, slot) = (event.group as usize, usize::from(event.slot));
        let current = match event.kind {
            Kind::Fail | Kind::Repair | Kind::Replace => self.groups[group].slots[slot].clock,
            Kind::UpdateEnd => self.groups[group].slots[slot].update,
            Kind::Retry => self.groups[group].retry,
            Kind::Renew | Kind::Release | Kind::Tick => event.stamp,
        };
        if event.stamp != current {
            return;
        }
        let groups = self.groups.len() as u64;
        self.out.events[event.kind as usize] +=
            if matches!(event.kind, Kind::Release | Kind::Tick) { groups } else { 1 };
        match event.kind {
            Kind::Fail => self.fail(group, slot),
            Kind::Repair | Kind::Replace => self.up(group, slot, event.kind == Kind::Replace),
            Kind::Renew => self.renew(group, slot),
            Kind::Release => self.release(),
            Kind::UpdateEnd => self.update_end(group, slot),
            Kind::Retry => {
                self.groups[group].halted = false;
                self.try_start(group);
            }
            Kind::Tick => self.tick(),
        }
    }

    /// A slot becomes available or stops being so.
    fn change(&mut self, group: usize, by: isize) {
        self.available_time += self.available as f64 * (self.now - self.changed);
        self.changed = self.now;
        self.available = self.available.wrapping_add_signed(by);
        let group = &mut self.groups[group];
        group.available = group.available.wrapping_add_signed(by);
    }

    fn clock(&mut self, group: usize, slot: usize, state: State, kind: Kind, delay: f64) {
        let entry = &mut self.groups[group].slots[slot];
        entry.state = state;
        entry.clock += 1;
        let stamp = entry.clock;
        self.schedule(delay, kind, group, slot, stamp);
    }

    fn fail(&mut self, group: usize, slot: usize) {
        if self.groups[group].slots[slot].updating {
            self.stop_update(group, slot);
        }
        self.change(group, -1);
        let delay = self.repair.sample(&mut self.rng);
        self.clock(group, slot, State::Down, Kind::Repair, delay);
        self.try_start(group);
    }

    fn up(&mut self, group: usize, slot: usize, new: bool) {
        self.change(group, 1);
        let delay = self.failure.sample(&mut self.rng);
        self.clock(group, slot, State::Up, Kind::Fail, delay);
        if new {
            self.schedule(WEEK, Kind::Renew, group, slot, 0);
        }
        self.try_start(group);
    }

    fn renew(&mut self, group: usize, slot: usize) {
        if self.groups[group].slots[slot].state == State::Up {
            self.schedule(WEEK, Kind::Renew, group, slot, 0);
            return;
        }
        self.out.expired += 1;
        self.groups[group].slots[slot].pending = false;
        let delay = self.replacement.sample(&mut self.rng);
        self.clock(group, slot, State::Replacing, Kind::Replace, delay);
        self.try_start(group);
    }

    fn release(&mut self) {
        for group in 0..self.groups.len() {
            if let Some(slot) = self.groups[group].updating {
                self.stop_update(group, slot);
            }
            let entry = &mut self.groups[group];
            entry.retry += 1;
            entry.halted = false;
            entry.rollout = Some(self.now);
            for slot in &mut entry.slots {
                slot.pending = slot.state != State::Replacing;
            }
            self.try_start(group);
        }
        self.schedule(RELEASES, Kind::Release, 0, 0, 0);
    }

    /// Ends an update, whatever comes of it.
    fn stop_update(&mut self, group: usize, slot: usize) {
        let entry = &mut self.groups[group];
        entry.updating = None;
        entry.slots[slot].updating = false;
        entry.slots[slot].update += 1;
        self.change(group, 1);
    }

    fn update_end(&mut self, group: usize, slot: usize) {
        self.stop_update(group, slot);
        if self.rng.random_bool(0.02) {
            let entry = &mut self.groups[group];
            entry.halted = true;
            entry.retry += 1;
            let stamp = entry.retry;
            self.schedule(HOUR, Kind::Retry, group, 0, stamp);
        } else {
            self.groups[group].slots[slot].pending = false;
        }
        self.try_start(group);
    }

    fn try_start(&mut self, group: usize) {
        let entry = &mut self.groups[group];
        let Some(start) = entry.rollout else { return };
        if entry.halted || entry.updating.is_some() {
            return;
        }
        if entry.slots.iter().all(|slot| !slot.pending) {
            entry.rollout = None;
            self.out.completed_rollouts += 1;
            self.completion_time += self.now - start;
            return;
        }
        let next = entry.slots.iter().position(|slot| slot.pending && slot.state == State::Up);
        if let Some(slot) = next {
            entry.updating = Some(slot);
            entry.slots[slot].updating = true;
            let stamp = entry.slots[slot].update;
            self.change(group, -1);
            let delay = self.rng.random_range(300.0..900.0);
            self.schedule(delay, Kind::UpdateEnd, group, slot, stamp);
        }
    }

    fn tick(&mut self) {
        const PHI: f64 = 0.95;
        let step = 0.25 * (1.0 - PHI * PHI).sqrt();
        let angle = std::f64::consts::TAU * self.now / DAY;
        for group in &mut self.groups {
            let z: f64 = StandardNormal.sample(&mut self.rng);
            group.x = PHI * group.x + step * z;
            let demand = 1.2 * (1.0 + 0.6 * (angle + group.phase).sin()) * group.x.exp();
            if group.available == 0 {
                self.zero += 1;
                continue;
            }
            let cpu = demand / group.available as f64;
            self.histogram[((100.0 * cpu) as usize).min(BINS - 1)] += 1;
            self.overloaded += u64::from(cpu > 0.70);
            self.out.max_cpu = self.out.max_cpu.max(cpu);
        }
        self.schedule(TICK, Kind::Tick, 0, 0, 0);
    }

    fn finish(mut self, horizon: f64) -> Outputs {
        self.available_time += self.available as f64 * (horizon - self.changed);
        let ticks = self.out.events[Kind::Tick as usize].max(1) as f64;
        Outputs {
            availability: self.available_time / (horizon * (self.groups.len() * SLOTS) as f64),
            overloaded_share: self.overloaded as f64 / ticks,
            zero_share: self.zero as f64 / ticks,
            mean_completion: self.completion_time / self.out.completed_rollouts.max(1) as f64,
            median_cpu: quantile(&self.histogram, 0.5),
            p99_cpu: quantile(&self.histogram, 0.99),
            ..self.out
        }
    }
}

/// Two seeds agree with renewal theory on availability.
///
/// A failure comes after 30 days of being up on average. Renewals find a connector at a time uniform in the week, so a
/// repair of length D expires it with probability E\[D\]/week and it is down for E\[D\] − E\[D²\]/(2 week) before. The
/// standard error of a run of 400 connector-years is about 1.6·10⁻⁴; five of them allow a false alarm in 10⁶ seeds.
pub(crate) fn check_against_theory() {
    let (mean, square) = (4.0 * HOUR, (4.0 * HOUR).powi(2) * 1f64.exp());
    let (week, up) = (WEEK, 30.0 * DAY);
    let down = mean - square / (2.0 * week) + mean / week * 24.0 * HOUR;
    let updates = 26.0 * 600.0 / (365.0 * DAY) / 0.98;
    let expected = up / (up + down) - updates;
    for seed in [1, 2] {
        let found = run(Plan { connectors: 400, days: 365.0, ticks: false, seed }).availability;
        assert!((found - expected).abs() < 8e-4, "availability {found}, in theory {expected}");
    }
}
