//! The updater: publications, attempts, halts, repairs, and permits where groups share a limit.

use fleetcast::control::OnFailure;
use fleetcast::control::crew::TaskKind;
use fleetcast::random::{Purpose, Streams, chance};
use fleetcast::time::Span;

use super::Reference;
use super::calendar::Event;
use super::state::{Halt, Lifecycle, Update};

impl Reference<'_> {
    /// A release is published everywhere. Where the policy does not wait, a rollout begins: of this release, or of the one
    /// that is so far behind.
    pub(super) fn publish(&mut self, release: u16) {
        let policy = &self.policy().upgrade;
        let behind = policy.behind as u16;
        if self.state.releases[usize::from(release) - 1].urgent && policy.urgent_track {
            self.begin_rollout(release);
        } else if self.has_rings() {
            // At the control periods.
        } else if policy.wait == Span::ZERO {
            self.begin_rollout(release.saturating_sub(behind));
        }
    }

    /// A release becomes the target of every group that has no newer one.
    pub(super) fn begin_rollout(&mut self, release: u16) {
        for group in 0..self.state.groups.len() {
            if release > self.state.groups[group].target {
                self.begin_in(group, release);
            }
        }
    }

    /// A release becomes the target of a group: everybody in service is pending.
    pub(super) fn begin_in(&mut self, group: usize, release: u16) {
        self.state.groups[group].target_before = self.state.groups[group].target;
        self.aim(group, release);
        for slot in 0..self.state.groups[group].slots.len() {
            self.state.groups[group].slots[slot].pending = self.state.in_service(group, slot);
        }
    }

    /// The target becomes another one: whatever ran for the one before is cancelled.
    pub(super) fn aim(&mut self, group: usize, release: u16) {
        for slot in 0..self.state.groups[group].slots.len() {
            self.cancel_update(group, slot);
            self.cancel_rest(group, slot);
            let connector = &mut self.state.groups[group].slots[slot];
            connector.update_failed = false;
            connector.failures = 0;
            if connector.lifecycle == Lifecycle::Announced {
                connector.agent = release;
            }
        }
        self.cancel_halt(group);
        let state = &mut self.state.groups[group];
        (state.failures, state.held, state.left) = (0, None, 0);
        (state.target, state.begun) = (release, self.now);
        if let Some(from) = self.state.forced_from(group) {
            self.schedule_for_group(group, from - self.now, Event::Look { group });
        }
    }

    /// A running update ends without an attempt being counted.
    pub(super) fn cancel_update(&mut self, group: usize, slot: usize) {
        let running = &mut self.state.groups[group].running;
        if let Some(index) = running.iter().position(|update| update.slot == slot) {
            let update = running.remove(index);
            self.calendar.cancel(Some(update.end));
        }
    }

    pub(super) fn cancel_rest(&mut self, group: usize, slot: usize) {
        let rest = self.state.groups[group].slots[slot].rest.take();
        self.calendar.cancel(rest);
        self.drop_tasks(TaskKind::UpdateRepair, group, slot);
    }

    /// The halt ends before its retry or repair does.
    pub(super) fn cancel_halt(&mut self, group: usize) {
        if let Some(halt) = self.state.groups[group].halt.take() {
            self.calendar.cancel(Some(halt.end));
            self.drop_tasks(TaskKind::UpdateRepair, group, halt.culprit);
        }
    }

    pub(super) fn end_halt(&mut self, group: usize) {
        self.state.groups[group].halt = None;
    }

    pub(super) fn update_repaired(&mut self, group: usize) {
        let halt = self.state.groups[group].halt.take().expect("a repair lasts as long as its halt");
        self.drop_tasks(TaskKind::UpdateRepair, group, halt.culprit);
        let release = self.state.groups[group].target;
        self.state.groups[group].slots[halt.culprit].repaired.insert(release);
        self.state.groups[group].failures = 0;
    }

    pub(super) fn end_rest(&mut self, group: usize, slot: usize, repaired: bool) {
        self.drop_tasks(TaskKind::UpdateRepair, group, slot);
        let release = self.state.groups[group].target;
        let connector = &mut self.state.groups[group].slots[slot];
        connector.rest = None;
        if repaired {
            connector.repaired.insert(release);
            connector.failures = 0;
        }
    }

    /// Starts the next updates of a group as long as it may and can.
    pub(super) fn try_start(&mut self, group: usize) {
        let limited = self.policy().upgrade.max_groups_at_once.is_some();
        while !limited || self.state.groups[group].permit {
            let Some(slot) = self.state.next_to_update(group, self.now, self.streams) else { return };
            self.start(group, slot);
        }
    }

    fn start(&mut self, group: usize, slot: usize) {
        let (release, left) = (self.state.groups[group].target, self.state.groups[group].left);
        let connector = &mut self.state.groups[group].slots[slot];
        let starts = if left > 0 {
            connector.returns.entry(left).or_default()
        } else {
            connector.starts.entry(release).or_default()
        };
        let start = *starts;
        *starts += 1;
        let updates = &self.state.model.environment.updates;
        let mut rng = self.streams.draw(
            self.slot_entity(group, slot),
            Purpose::named("update attempt"),
            attempt(release, left, start),
        );
        let length = updates.duration.span(&mut rng).min(updates.limit);
        let end = self.schedule_for_slot(group, slot, length, Event::UpdateEnd { group, slot });
        self.state.groups[group].running.push(Update { slot, release, left, start, end });
    }

    pub(super) fn update_ends(&mut self, group: usize, slot: usize) {
        let running = &mut self.state.groups[group].running;
        let index = running.iter().position(|update| update.slot == slot).expect("an update was running");
        let update = running.remove(index);
        let failed = self.attempt_fails(group, update);
        if update.left == 0 {
            *self.state.groups[group].slots[slot].completed.entry(update.release).or_default() += 1;
        }
        if failed {
            self.state.groups[group].slots[slot].update_failed = true;
            self.state.groups[group].failures += 1;
            match self.policy().upgrade.on_failure {
                OnFailure::Halt => self.halt(group, slot),
                OnFailure::Skip => self.state.groups[group].slots[slot].pending = false,
                OnFailure::Continue => self.rest(group, slot),
            }
            return;
        }
        let rate = self.rate_of(group, slot);
        let connector = &mut self.state.groups[group].slots[slot];
        connector.agent = update.release;
        connector.pending = false;
        connector.update_failed = false;
        self.state.groups[group].failures = 0;
        self.change_rate(group, slot, rate);
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
        let key = attempt(update.release, update.left, update.start);
        let mut rng = self.streams.draw(entity, Purpose::named("update attempt"), key);
        let _duration = nature.updates.duration.span(&mut rng);
        let transient = chance(&mut rng, (nature.updates.transient_failure * multiplier).min(1.0));
        if update.left > 0 {
            return transient;
        }
        let persistent =
            comes_true("persistent fault", u64::from(update.release), nature.updates.persistent_failure);
        let completed = connector.completed.get(&update.release).copied().unwrap_or(0);
        let scheduled = nature.releases.faults.iter().any(|fault| {
            (fault.release, fault.group, fault.slot) == (usize::from(update.release), group, update.slot)
                && completed < fault.attempts
        });
        transient || ((persistent || scheduled) && !connector.repaired.contains(&update.release))
    }

    /// How long the repair of a slot's fault takes; as long as no crew has begun it, longer than any run.
    fn repair_delay(&mut self, group: usize, slot: usize) -> Span {
        self.state.groups[group].repairs += 1;
        let number = self.state.groups[group].repairs;
        if self.await_update_repair(group, slot, number) {
            return Span::LONGEST;
        }
        let entity = self.state.model.fleet.groups[group].entity;
        self.policy().repair.delay().expect("no crew is called").span(&mut self.streams.draw(
            entity,
            Purpose::named("update repair"),
            number,
        ))
    }

    /// A crew repairs the fault of a slot from now on.
    pub(super) fn begin_update_repair(&mut self, group: usize, slot: usize, length: Span) {
        if let Some(rest) = self.state.groups[group].slots[slot].rest {
            self.calendar.cancel(Some(rest));
            let ticket = self.schedule_for_slot(group, slot, length, Event::SlotRepaired { group, slot });
            self.state.groups[group].slots[slot].rest = Some(ticket);
        } else {
            let end = self.schedule_for_group(group, length, Event::UpdateRepaired { group });
            let halt = self.state.groups[group].halt.as_mut().expect("the fault halted its group");
            let waiting = std::mem::replace(&mut halt.end, end);
            self.calendar.cancel(Some(waiting));
        }
    }

    /// A failed connector waits by itself for a retry, or for a repair where its attempts are exhausted.
    fn rest(&mut self, group: usize, slot: usize) {
        let policy = &self.policy().upgrade;
        self.state.groups[group].slots[slot].failures += 1;
        let failures = self.state.groups[group].slots[slot].failures;
        let (length, end) = if failures >= policy.attempts {
            (self.repair_delay(group, slot), Event::SlotRepaired { group, slot })
        } else {
            (policy.backoff.after(failures), Event::RestEnds { group, slot })
        };
        let ticket = self.schedule_for_slot(group, slot, length, end);
        self.state.groups[group].slots[slot].rest = Some(ticket);
    }

    /// A failed attempt halts the group until a retry, or until a repair where attempts are exhausted. Another failure
    /// while it is halted prolongs the pause, unless somebody repairs already.
    fn halt(&mut self, group: usize, slot: usize) {
        let policy = &self.policy().upgrade;
        let halt = self.state.groups[group].halt;
        if halt.is_some_and(|halt| halt.in_repair) {
            return;
        }
        self.cancel_halt(group);
        let failures = self.state.groups[group].failures;
        let in_repair = failures >= policy.attempts;
        let (length, end) = if in_repair {
            (self.repair_delay(group, slot), Event::UpdateRepaired { group })
        } else {
            (policy.backoff.after(failures), Event::Retry { group })
        };
        let end = self.schedule_for_group(group, length, end);
        let culprit = if in_repair { slot } else { halt.map_or(slot, |halt| halt.culprit) };
        self.state.groups[group].halt = Some(Halt { culprit, end, in_repair });
    }

    /// A control period: permits to update are kept while they are of use, and handed to others in scenario order.
    pub(super) fn control(&mut self) {
        self.spread_release();
        let most = self.policy().upgrade.max_groups_at_once.map_or(usize::MAX, |most| most as usize);
        for group in 0..self.state.groups.len() {
            let of_use = self.wants_permit(group);
            self.state.groups[group].permit &= of_use;
        }
        for group in 0..self.state.groups.len() {
            let held = self.state.groups.iter().filter(|group| group.permit).count();
            if held < most
                && !self.state.groups[group].permit
                && self.state.next_to_update(group, self.now, self.streams).is_some()
            {
                self.state.groups[group].permit = true;
            }
        }
        let next = self.now + self.state.model.control_period;
        self.schedule_for_all(next, Event::Control);
    }

    fn wants_permit(&self, group: usize) -> bool {
        !self.state.groups[group].running.is_empty()
            || self.state.next_to_update(group, self.now, self.streams).is_some()
    }
}

/// The index of the draws of an attempt to install `release`, or on the way back to it from the release `left`.
fn attempt(release: u16, left: u16, start: u64) -> u64 {
    if left > 0 { u64::from(left) << 32 | 1 << 31 | start } else { u64::from(release) << 32 | start }
}
