//! The group as it would be with every configured connector serving and every release good, under the same demand.
//!
//! A tick at which nobody is sent to the group has no sample, in the group as it is and in this one. Where scaling changes
//! which connectors are configured, every tick has those of its own time.

use std::collections::VecDeque;

use fearless_simd::Level;

use crate::fleet::{Group, SlotSet};
use crate::simulation::Model;
use crate::simulation::load::{Capacity, demand_max};
use crate::simulation::observer::{Shortfall, TickRun};

/// In place of a demand: nobody is sent to the group.
const NOT_SENT: f32 = -1.0;

/// What `slots` carry, all of them serving on a good release.
fn capacity(model: &Model, group: &Group, weights: &[f64], slots: SlotSet) -> Capacity {
    Capacity::of_group(model, group, weights, slots, SlotSet::EMPTY, slots.len())
}

/// The group with nothing missing.
#[derive(Debug)]
pub(super) struct Ideal<'m> {
    model: &'m Model,
    group: &'m Group,
    weights: Vec<f64>,
    capacity: Capacity,
    level: Level,
    threshold: i32,
    window: usize,
    /// The last ticks before the open run, one fewer than the window has.
    recent: VecDeque<Past>,
    /// The first tick of the run that `sums` are of.
    run: Option<usize>,
    /// Sum and number of the samples up to each tick, those of `recent` first.
    sums: Vec<(i64, i64)>,
    room: Room,
}

/// A tick that is over.
#[derive(Clone, Copy, Debug)]
struct Past {
    mbps: f32,
    /// Its sample, if others were configured then.
    sample: Option<i32>,
}

#[derive(Debug, Default)]
struct Room {
    demand: Vec<f32>,
    offered: Vec<i32>,
    samples: Vec<i32>,
}

impl<'m> Ideal<'m> {
    pub(super) fn new(model: &'m Model, group: &'m Group, weights: &[f64], level: Level) -> Ideal<'m> {
        Ideal {
            model,
            group,
            weights: weights.to_vec(),
            capacity: capacity(model, group, weights, group.at_start()),
            level,
            threshold: model.overload.threshold,
            window: model.overload.window,
            recent: VecDeque::new(),
            run: None,
            sums: Vec::new(),
            room: Room::default(),
        }
    }

    /// These slots are configured from now on.
    pub(super) fn configure(&mut self, slots: SlotSet) {
        for past in self.recent.iter_mut().filter(|past| past.mbps != NOT_SENT && past.sample.is_none()) {
            let (mut offered, mut sample) = ([0], [0]);
            let most = self.capacity.offered(self.level, &[past.mbps], &mut offered);
            self.capacity.samples(self.level, &[past.mbps], &offered, most, &mut sample);
            past.sample = Some(sample[0]);
        }
        self.capacity = capacity(self.model, self.group, &self.weights, slots);
        self.run = None;
    }

    /// Whether its running average would exceed the threshold at tick `first + index`; `demand` is that of the run from
    /// tick `first` on.
    pub(super) fn is_over(&mut self, first: usize, index: usize, demand: &[f32]) -> bool {
        if self.run != Some(first) {
            self.run = Some(first);
            self.add_up(demand);
        }
        let last = self.recent.len() + index + 1;
        let (to, from) = (self.sums[last], self.sums[last.saturating_sub(self.window)]);
        to.0 - from.0 > i64::from(self.threshold) * (to.1 - from.1)
    }

    /// Works out the samples of the run with this demand.
    fn add_up(&mut self, demand: &[f32]) {
        let Room { demand: all, offered, samples } = &mut self.room;
        all.clear();
        all.extend(self.recent.iter().map(|past| past.mbps.max(0.0)));
        all.extend_from_slice(demand);
        offered.resize(all.len(), 0);
        samples.resize(all.len(), 0);
        let most = self.capacity.offered(self.level, all, offered);
        self.capacity.samples(self.level, all, offered, most, samples);
        self.sums.clear();
        let (mut sum, mut number) = (0, 0);
        self.sums.push((sum, number));
        let now = Past { mbps: 0.0, sample: None };
        let ticks = self.recent.iter().copied().chain(std::iter::repeat(now));
        for (&sample, tick) in samples.iter().zip(ticks) {
            if tick.mbps != NOT_SENT {
                sum += i64::from(tick.sample.unwrap_or(sample));
                number += 1;
            }
            self.sums.push((sum, number));
        }
    }

    /// The run is over.
    pub(super) fn follow(&mut self, run: &TickRun<'_>) {
        let kept = self.window - 1;
        if kept == 0 {
            return;
        }
        let new = &run.demand[run.demand.len().saturating_sub(kept)..];
        let surplus = (self.recent.len() + new.len()).saturating_sub(kept);
        self.recent.drain(..surplus);
        let tick = |&mbps: &f32| Past { mbps: if run.receives { mbps } else { NOT_SENT }, sample: None };
        self.recent.extend(new.iter().map(tick));
    }

    /// What it would leave unserved of a demand that was not all served, at each tick at most what was: in Mbps·ms.
    pub(super) fn unserved(&self, of: &Shortfall<'_>) -> f64 {
        if self.capacity == *of.capacity {
            return of.unserved;
        }
        if !self.capacity.saturates(demand_max(self.level, of.demand)) {
            return 0.0;
        }
        let at = |mbps: f32| self.capacity.unserved_at(mbps).min(of.capacity.unserved_at(mbps));
        let sum: f64 = of.demand.iter().map(|&mbps| at(mbps)).sum();
        let cut = of.demand.last().map_or(0.0, |&last| at(last) * of.cut);
        (sum * of.length - cut).max(0.0)
    }
}
