//! Failures of updates within the group, and what follows them: halts, rests, back-off, repair.

use std::sync::LazyLock;

use super::*;
use crate::control::OnFailure;
use crate::control::crew::TaskKind;
use crate::random::Purpose;
use crate::simulation::observer::Happening;
use crate::time::Span;

static REPAIR: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update repair"));

impl<'m, O: Observer> Group<'m, O> {
    pub(super) fn update_failed(&mut self, slot: usize) {
        let release = self.rollout.target;
        self.rollout.failed.insert(slot);
        self.rollout.failures += 1;
        self.observer.happened(self.now, Happening::UpdateFailed { slot, release });
        match self.setting.policy.upgrade.on_failure {
            OnFailure::Halt => self.halt(slot),
            OnFailure::Skip => {
                self.rollout.given_up.insert(slot);
                self.leave_rollout(slot);
            }
            OnFailure::Continue => self.rest(slot),
        }
    }

    /// `slot` waits for its own back-off, or for its own repair once attempts are exhausted.
    fn rest(&mut self, slot: usize) {
        let policy = self.setting.policy;
        self.slots[slot].failures += 1;
        let failures = self.slots[slot].failures;
        self.slots[slot].rests_until = if failures < policy.upgrade.attempts {
            (self.now + policy.upgrade.backoff.after(failures), Kind::Retry)
        } else {
            self.rollout.repairs += 1;
            self.observer.happened(self.now, Happening::RepairOpened { slot });
            (self.repair_ends(slot), Kind::RepairEnds)
        };
        self.rollout.resting.insert(slot);
        self.schedule_end_of_rest();
    }

    /// The place of the halt is pending for the first of those that rest.
    fn schedule_end_of_rest(&mut self) {
        match self.first_to_end_rest() {
            Some(slot) => {
                let (until, kind) = self.slots[slot].rests_until;
                self.agenda.set(self.places.halt, until, kind);
            }
            None => self.agenda.set(self.places.halt, Time::NEVER, Kind::Retry),
        }
    }

    fn first_to_end_rest(&self) -> Option<usize> {
        let order = |slot: usize| {
            let (until, kind) = self.slots[slot].rests_until;
            (until, kind as u8, slot)
        };
        self.rollout.resting.iter().min_by_key(|&slot| order(slot))
    }

    /// Ends the rest that is over, if connectors rest one by one; its slot.
    fn end_rest(&mut self) -> Option<usize> {
        let slot = self.first_to_end_rest()?;
        self.rollout.resting.remove(slot);
        self.schedule_end_of_rest();
        Some(slot)
    }

    fn halt(&mut self, slot: usize) {
        if !self.rollout.halted {
            self.rollout.halted = true;
            self.rollout.culprit = Some(slot);
            self.observer.happened(self.now, Happening::Halted { release: self.rollout.target });
        }
        let policy = &self.setting.policy.upgrade;
        if self.rollout.in_repair.is_some() {
            return;
        }
        if self.rollout.failures < policy.attempts {
            let resume = self.now + policy.backoff.after(self.rollout.failures);
            self.agenda.set(self.places.halt, resume, Kind::Retry);
        } else {
            self.open_repair(slot);
        }
    }

    fn open_repair(&mut self, slot: usize) {
        self.rollout.repairs += 1;
        self.rollout.in_repair = Some(slot);
        self.rollout.culprit = Some(slot);
        let ends = self.repair_ends(slot);
        self.agenda.set(self.places.halt, ends, Kind::RepairEnds);
        self.observer.happened(self.now, Happening::RepairOpened { slot });
    }

    /// When the repair of the fault of `slot` that opens now ends: after the plain delay, or when a crew sees to it.
    fn repair_ends(&mut self, slot: usize) -> Time {
        if self.await_update_repair(slot, self.rollout.repairs) {
            return Time::NEVER;
        }
        let Setting { policy, streams, .. } = self.setting;
        let rng = &mut streams.draw(self.configured.entity, *REPAIR, self.rollout.repairs);
        self.now + policy.repair.delay().map_or(Span::ZERO, |delay| delay.span(rng))
    }

    /// A crew has begun to repair the fault of `slot`.
    pub(super) fn end_update_repair_at(&mut self, slot: usize, ends: Time) {
        if self.rollout.resting.contains(slot) {
            self.slots[slot].rests_until = (ends, Kind::RepairEnds);
            self.schedule_end_of_rest();
        } else {
            self.agenda.set(self.places.halt, ends, Kind::RepairEnds);
        }
    }

    pub(super) fn end_repair(&mut self) {
        self.observer.happened(self.now, Happening::RepairEnded);
        if let Some(slot) = self.end_rest() {
            self.close_task(TaskKind::UpdateRepair, slot);
            self.rollout.mended.insert(slot);
            self.slots[slot].failures = 0;
            return;
        }
        if let Some(slot) = self.rollout.in_repair {
            self.rollout.mended.insert(slot);
        }
        self.rollout.failures = 0;
        self.resume();
    }

    pub(super) fn retry(&mut self) {
        if self.end_rest().is_none() {
            self.resume();
        }
    }

    /// Ends a halt, whatever would have ended it.
    pub(super) fn resume(&mut self) {
        self.agenda.unset(self.places.halt, Kind::Retry);
        self.agenda.unset(self.places.halt, Kind::RepairEnds);
        if let Some(slot) = self.rollout.in_repair.take() {
            self.close_task(TaskKind::UpdateRepair, slot);
        }
        self.rollout.culprit = None;
        if std::mem::take(&mut self.rollout.halted) {
            self.observer.happened(self.now, Happening::Resumed);
        }
    }

    /// The connector in `slot` is gone: the release is neither pending for it nor given up.
    pub(super) fn quit_rollout(&mut self, slot: usize) {
        if self.rollout.given_up.contains(slot) {
            self.rollout.given_up.remove(slot);
            self.tell_if_complete();
        }
        self.leave_rollout(slot);
    }

    /// `slot` is not pending any more; the culprit of a halt takes the halt with it.
    pub(super) fn leave_rollout(&mut self, slot: usize) {
        if !self.rollout.pending.contains(slot) {
            return;
        }
        self.rollout.pending.remove(slot);
        if self.rollout.culprit == Some(slot) {
            self.resume();
        }
        if self.rollout.resting.contains(slot) {
            self.rollout.resting.remove(slot);
            self.close_task(TaskKind::UpdateRepair, slot);
            self.schedule_end_of_rest();
        }
        self.tell_if_complete();
    }

    fn tell_if_complete(&mut self) {
        let complete = self.rollout.pending.is_empty() && self.rollout.given_up.is_empty();
        if complete && self.rollout.left == 0 {
            self.observer.happened(self.now, Happening::RolloutComplete { release: self.rollout.target });
        }
    }
}
