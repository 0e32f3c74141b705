//! The vendor's own updater: publications, attempts, halts, repairs, and permits where groups share a limit.

use fleetcast::random::{Purpose, Streams, chance};

use super::Reference;
use super::calendar::Event;
use super::state::{Halt, Update};

impl Reference<'_> {
    /// A release is published everywhere: whatever ran for the one before is cancelled.
    pub(super) fn publish(&mut self, release: u16) {
        self.state.newest_release = release;
        for group in 0..self.state.groups.len() {
            self.cancel_update(group);
            self.cancel_halt(group);
            self.state.groups[group].failures = 0;
            for slot in 0..self.state.groups[group].slots.len() {
                let in_service = self.state.in_service(group, slot);
                let connector = &mut self.state.groups[group].slots[slot];
                connector.pending = in_service;
                connector.update_failed = false;
            }
        }
    }

    /// The running update ends without an attempt being counted.
    pub(super) fn cancel_update(&mut self, group: usize) {
        if let Some(update) = self.state.groups[group].running.take() {
            self.calendar.cancel(Some(update.end));
        }
    }

    /// The halt ends before its retry or repair does.
    pub(super) fn cancel_halt(&mut self, group: usize) {
        if let Some(halt) = self.state.groups[group].halt.take() {
            self.calendar.cancel(Some(halt.end));
        }
    }

    pub(super) fn end_halt(&mut self, group: usize) {
        self.state.groups[group].halt = None;
    }

    pub(super) fn update_repaired(&mut self, group: usize) {
        let halt = self.state.groups[group].halt.take().expect("a repair lasts as long as its halt");
        let release = self.state.newest_release;
        self.state.groups[group].slots[halt.culprit].repaired.insert(release);
        self.state.groups[group].failures = 0;
    }

    /// Starts the next update of a group if it may and can.
    pub(super) fn try_start(&mut self, group: usize) {
        let limited = self.policy().upgrade.max_groups_at_once.is_some();
        if limited && !self.state.groups[group].permit {
            return;
        }
        let Some(slot) = self.state.next_to_update(group) else { return };
        let release = self.state.newest_release;
        let starts = self.state.groups[group].slots[slot].starts.entry(release).or_default();
        let start = *starts;
        *starts += 1;
        let updates = &self.state.model.environment.updates;
        let mut rng = self.streams.draw(
            self.slot_entity(group, slot),
            Purpose::named("update attempt"),
            attempt(release, start),
        );
        let length = updates.duration.span(&mut rng).min(updates.limit);
        let end = self.schedule_for_group(group, length, Event::UpdateEnd { group });
        self.state.groups[group].running = Some(Update { slot, release, start, end });
    }

    pub(super) fn update_ends(&mut self, group: usize) {
        let update = self.state.groups[group].running.take().expect("an update was running");
        let failed = self.attempt_fails(group, update);
        *self.state.groups[group].slots[update.slot].completed.entry(update.release).or_default() += 1;
        if failed {
            self.halt(group, update.slot);
            return;
        }
        let rate = self.rate_of(group, update.slot);
        let connector = &mut self.state.groups[group].slots[update.slot];
        connector.agent = update.release;
        connector.pending = false;
        connector.update_failed = false;
        self.state.groups[group].failures = 0;
        self.change_rate(group, update.slot, rate);
    }

    fn attempt_fails(&self, group: usize, update: Update) -> bool {
        let nature = &self.state.model.environment;
        let connector = &self.state.groups[group].slots[update.slot];
        let entity = self.slot_entity(group, update.slot);
        let bad = self.state.is_bad(update.release);
        let multiplier = if bad { nature.releases.bad.update_failure_multiplier } else { 1.0 };
        let comes_true = |purpose: &str, index: u64, probability: f64| {
            let streams: Streams = self.streams;
            let mut rng = streams.draw(entity, Purpose::named(purpose), index);
            chance(&mut rng, (probability * multiplier).min(1.0))
        };
        let key = attempt(update.release, update.start);
        let mut rng = self.streams.draw(entity, Purpose::named("update attempt"), key);
        let _duration = nature.updates.duration.span(&mut rng);
        let transient = chance(&mut rng, (nature.updates.transient_failure * multiplier).min(1.0));
        let persistent =
            comes_true("persistent fault", u64::from(update.release), nature.updates.persistent_failure);
        let completed = connector.completed.get(&update.release).copied().unwrap_or(0);
        let scheduled = nature.releases.faults.iter().any(|fault| {
            (fault.release, fault.group, fault.slot) == (usize::from(update.release), group, update.slot)
                && completed < fault.attempts
        });
        transient || ((persistent || scheduled) && !connector.repaired.contains(&update.release))
    }

    /// A failed attempt halts the group until a retry, or until a repair where attempts are exhausted.
    fn halt(&mut self, group: usize, culprit: usize) {
        let policy = &self.policy().upgrade;
        self.state.groups[group].slots[culprit].update_failed = true;
        self.state.groups[group].failures += 1;
        let failures = self.state.groups[group].failures;
        let end = if failures >= policy.attempts {
            self.state.groups[group].repairs += 1;
            let number = self.state.groups[group].repairs;
            let entity = self.state.model.fleet.groups[group].entity;
            let mut rng = self.streams.draw(entity, Purpose::named("update repair"), number);
            let delay = self.policy().repair_after.span(&mut rng);
            self.schedule_for_group(group, delay, Event::UpdateRepaired { group })
        } else {
            self.schedule_for_group(group, policy.backoff.after(failures), Event::Retry { group })
        };
        self.state.groups[group].halt = Some(Halt { culprit, end });
    }

    /// A control period: permits to update are kept while they are of use, and handed to others in scenario order.
    pub(super) fn control(&mut self) {
        let most = self.policy().upgrade.max_groups_at_once.map_or(usize::MAX, |most| most as usize);
        for group in 0..self.state.groups.len() {
            let of_use = self.wants_permit(group);
            self.state.groups[group].permit &= of_use;
        }
        for group in 0..self.state.groups.len() {
            let held = self.state.groups.iter().filter(|group| group.permit).count();
            if held < most && !self.state.groups[group].permit && self.state.next_to_update(group).is_some() {
                self.state.groups[group].permit = true;
            }
        }
        let next = self.now + self.state.model.control_period;
        self.schedule_for_all(next, Event::Control);
    }

    fn wants_permit(&self, group: usize) -> bool {
        self.state.groups[group].running.is_some() || self.state.next_to_update(group).is_some()
    }
}

/// The index of the draws of an attempt.
fn attempt(release: u16, start: u64) -> u64 {
    u64::from(release) << 32 | start
}
