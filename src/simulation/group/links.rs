//! Links: outages begin and end, and what follows at once.

use super::*;
use crate::environment::Scope;
use crate::environment::process::{self, Initial, Source};
use crate::simulation::observer::Happening;
use crate::time::Span;

/// An outage that lasts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outage {
    process: usize,
    cause: Cause,
    cover: SlotSet,
    expires: bool,
}

impl<'m, O: Observer> Group<'m, O> {
    /// Sets every process as it stands at 0.
    pub(super) fn begin_processes(&mut self) {
        for index in 0..self.processes.len() {
            self.begin_process(index);
        }
    }

    fn begin_process(&mut self, index: usize) {
        let process = &self.processes[index];
        let (renewal, entity) = match process.source {
            Source::Scheduled { at, .. } => return self.agenda.set(index, at, Kind::Fail),
            Source::Random { renewal, entity, .. } => (renewal, entity),
        };
        if process.belongs_to_instance() && !process.cover.meets(self.axes.in_service) {
            return;
        }
        let Setting { model, policy, streams, .. } = self.setting;
        match renewal.initial(model.environment.start, streams, entity, policy.repair.delay()) {
            None => self.schedule_failure(index),
            Some(Initial::Up(residual)) => self.agenda.set(index, self.now + residual, Kind::Fail),
            Some(Initial::Down(outage)) => {
                self.begin_outage(index, self.class_cause(index));
                self.end_of_outage(index, outage);
            }
        }
    }

    /// An outage that has begun restores after its length, or waits for an operator.
    fn end_of_outage(&mut self, index: usize, outage: process::Outage) {
        if outage.is_attended {
            self.await_repair(index, outage.length);
        } else {
            self.agenda.set(index, self.now + outage.length, Kind::Restore);
        }
    }

    /// Draws the next time to failure of a random process; on a bad release it is spent faster.
    fn schedule_failure(&mut self, index: usize) {
        let rate = self.failure_rate(index);
        let streams = self.setting.streams;
        if let Source::Random { renewal, entity, failures, .. } = &mut self.processes[index].source {
            *failures += 1;
            let drawn = renewal.time_to_failure(streams, *entity, *failures);
            let spent = if rate == 1.0 { drawn } else { Span::drawn(drawn.0 as f64 / rate) };
            self.agenda.set(index, self.now + spent, Kind::Fail);
        }
    }

    /// How fast the connector of an instance's process spends its time to failure.
    fn failure_rate(&self, index: usize) -> f64 {
        let process = &self.processes[index];
        match process.cover.lowest() {
            Some(slot) if process.belongs_to_instance() => self.rate_of(slot),
            _ => 1.0,
        }
    }

    fn rate_of(&self, slot: usize) -> f64 {
        let bad = self.runs_bad_release(slot);
        if bad { self.setting.model.environment.releases.bad.failure_multiplier } else { 1.0 }
    }

    /// Whether the release that runs in `slot` is bad.
    pub(super) fn runs_bad_release(&self, slot: usize) -> bool {
        self.rollout.any_bad && self.is_bad(usize::from(self.slots[slot].agent))
    }

    /// Whether a release is bad.
    pub(super) fn is_bad(&self, release: usize) -> bool {
        release > 0 && self.setting.releases[release - 1].bad
    }

    /// `slot` leaves the release that runs in it.
    pub(super) fn leave_release(&mut self, slot: usize) {
        if self.runs_bad_release(slot) {
            let release = usize::from(self.slots[slot].agent);
            self.observer.happened(self.now, Happening::LeftBadRelease { slot, release });
        }
    }

    /// Those of `slots` that run a bad release.
    pub(super) fn on_bad_release(&self, slots: SlotSet) -> SlotSet {
        if !self.rollout.any_bad {
            return SlotSet::EMPTY;
        }
        slots.iter().filter(|&slot| self.runs_bad_release(slot)).collect()
    }

    /// Gives `slot` another agent version; what remains of its times to failure is spent at the new release's rate.
    pub(super) fn run_agent(&mut self, slot: usize, release: u16) {
        self.shown.versions_changed.insert(slot);
        let before = self.rate_of(slot);
        self.slots[slot].agent = release;
        let after = self.rate_of(slot);
        if before != after {
            for index in 0..self.processes.len() {
                if self.is_of_instance(index, slot) {
                    self.rescale(index, before / after);
                }
            }
        }
        if self.runs_bad_release(slot) {
            let release = usize::from(release);
            self.observer.happened(self.now, Happening::RanBadRelease { slot, release });
        }
    }

    fn rescale(&mut self, index: usize, ratio: f64) {
        if let Some(due) = self.agenda.due(index, Kind::Fail).filter(|&due| due > self.now) {
            let rest = Span::drawn((due - self.now).0 as f64 * ratio);
            self.agenda.set(index, self.now + rest, Kind::Fail);
        }
    }

    /// Whether process `index` belongs to the instance in `slot`.
    fn is_of_instance(&self, index: usize, slot: usize) -> bool {
        let process = &self.processes[index];
        process.belongs_to_instance() && process.cover.contains(slot)
    }

    /// Starts the processes of a new instance.
    pub(super) fn start_instance(&mut self, slot: usize) {
        for index in 0..self.processes.len() {
            if self.is_of_instance(index, slot) {
                self.schedule_failure(index);
            }
        }
    }

    /// Stops the processes of an instance: its own outages end, their repairs are dropped.
    pub(super) fn stop_instance(&mut self, slot: usize) {
        for index in 0..self.processes.len() {
            if self.is_of_instance(index, slot) {
                self.agenda.unset(index, Kind::Fail);
                self.agenda.unset(index, Kind::Restore);
                self.close_repair(index);
                self.outages.retain(|outage| outage.process != index);
            }
        }
        self.links_changed();
    }

    pub(super) fn fail(&mut self, index: usize) {
        let Setting { policy, streams, .. } = self.setting;
        let process = &mut self.processes[index];
        let scope = process.scope;
        let outage = match &mut process.source {
            Source::Scheduled { length, .. } => process::Outage { length: *length, is_attended: false },
            Source::Random { renewal, entity, outages, .. } => {
                *outages += 1;
                renewal.outage(scope, streams, *entity, *outages, policy.repair.delay())
            }
        };
        self.end_of_outage(index, outage);
        let slot = self.processes[index].cover.lowest().unwrap_or_default();
        let ran_bad = self.processes[index].belongs_to_instance() && self.runs_bad_release(slot);
        let cause = if ran_bad { Cause::BadRelease } else { self.class_cause(index) };
        self.lose_sessions(self.processes[index].cover);
        self.abort_updates(self.axes.updating & self.processes[index].cover);
        self.begin_outage(index, cause);
    }

    fn class_cause(&self, index: usize) -> Cause {
        Cause::Class(self.processes[index].class)
    }

    fn begin_outage(&mut self, index: usize, cause: Cause) {
        let Process { cover, scope, .. } = self.processes[index];
        let expires =
            scope != Scope::Region || self.setting.model.environment.validation.region_outage_expires;
        self.outages.push(Outage { process: index, cause, cover, expires });
        self.links_changed();
        for slot in (cover & self.axes.in_service).iter() {
            self.observer.happened(self.now, Happening::Failed { slot, cause });
        }
    }

    pub(super) fn restore(&mut self, index: usize) {
        self.close_repair(index);
        let cover = self.processes[index].cover;
        let ended = self.outages.iter().position(|outage| outage.process == index);
        if let Some(at) = ended {
            let Outage { cause, .. } = self.outages.remove(at);
            for slot in (cover & self.axes.in_service).iter() {
                self.observer.happened(self.now, Happening::Restored { slot, cause });
            }
        }
        self.links_changed();
        self.schedule_failure(index);
        for slot in (self.awaiting_link - self.axes.link_down).iter() {
            self.agenda.set(self.places.slot(slot), self.now, Kind::Deployed);
        }
    }

    /// Recomputes what is derived from the active outages.
    fn links_changed(&mut self) {
        let (mut down, mut expirable) = (SlotSet::EMPTY, SlotSet::EMPTY);
        for outage in &self.outages {
            down |= outage.cover;
            expirable |= if outage.expires { outage.cover } else { SlotSet::EMPTY };
        }
        expirable &= self.axes.in_service;
        self.axes.link_down = down;
        let before = std::mem::replace(&mut self.expirable, expirable);
        for slot in (expirable - before).iter() {
            let due = self.expiry_if_down_from_now(slot);
            self.agenda.set(self.places.slot(slot), due, Kind::Expire);
        }
        for slot in (before - expirable).iter() {
            self.agenda.unset(self.places.slot(slot), Kind::Expire);
        }
    }

    /// A connector has come into service, maybe with its link down: then it expires at a renewal after this instant.
    pub(super) fn watch_link(&mut self, slot: usize) {
        self.links_changed();
        let place = self.places.slot(slot);
        if self.agenda.due(place, Kind::Expire) == Some(self.now) {
            let period = self.setting.model.environment.validation.period;
            self.agenda.set(place, self.now + period, Kind::Expire);
        }
    }

    /// The cause of the outage that began first and still lasts.
    pub(super) fn outage_cause(&self, slot: usize) -> Cause {
        let first = self.outages.iter().find(|outage| outage.cover.contains(slot));
        first.map_or(Cause::None, |outage| outage.cause)
    }
}
