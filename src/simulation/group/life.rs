//! Life and death of an instance: validation, expiry, replacement.
//!
//! Renewals are resolved lazily: a renewal that finds the link up changes nothing, so none is scheduled. When a link
//! goes down, the instant of the next renewal is worked out, and if the link is still down then, the connector expires.

use std::sync::LazyLock;

use super::*;
use crate::control::crew::TaskKind;
use crate::environment::Expiry;
use crate::random::{Purpose, open_unit};
use crate::simulation::observer::Happening;
use crate::time::Span;

static PHASE: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("validation phase"));
static DELAY: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("replacement delay"));

impl<'m, O: Observer> Group<'m, O> {
    /// Draws the phase of the validation of the connectors that exist at 0.
    pub(super) fn begin_validation(&mut self) {
        let validation = &self.setting.model.environment.validation;
        for slot in self.axes.in_service.iter() {
            let rng = &mut self.setting.streams.draw(self.configured.slots[slot].entity, *PHASE, 0);
            let phase = match &validation.phase {
                Some(variate) => variate.span(rng),
                None => Span::drawn(open_unit(rng) * validation.period.0 as f64),
            };
            self.slots[slot].first_renewal = Time::ZERO + phase;
        }
    }

    /// When the connector expires if its link, down from now on, stays down.
    pub(super) fn expiry_if_down_from_now(&self, slot: usize) -> Time {
        let validation = &self.setting.model.environment.validation;
        match validation.expiry {
            Expiry::Grace(grace) => self.now + grace,
            Expiry::AtRenewal => {
                let first = self.slots[slot].first_renewal;
                let late = (self.now - first).0.max(0) as u64;
                let periods = late.div_ceil(validation.period.0 as u64) as i64;
                first + Span(periods * validation.period.0)
            }
        }
    }

    /// Renewals that the instance in `slot` has lived through before `end`.
    pub(super) fn renewals(&self, slot: usize, end: Time) -> u64 {
        let Slot { first_renewal, .. } = self.slots[slot];
        let validation = &self.setting.model.environment.validation;
        if validation.expiry != Expiry::AtRenewal || first_renewal >= end {
            return 0;
        }
        1 + ((end - first_renewal).0 - 1) as u64 / validation.period.0 as u64
    }

    pub(super) fn renewals_of_all(&self, end: Time) -> u64 {
        self.axes.in_service.iter().map(|slot| self.renewals(slot, end)).sum()
    }

    pub(super) fn expire(&mut self, slot: usize) {
        self.end_instance(slot);
        self.axes.expired.insert(slot);
        self.observer.happened(self.now, Happening::Expired { slot });
        self.leave_dead(slot, true);
    }

    /// The connector in `slot`, which has expired or was revoked, stays until another one comes, if it is `replaced`, or it
    /// is deleted; at once where scaling removes it anyway.
    pub(super) fn leave_dead(&mut self, slot: usize, replaced: bool) {
        self.quit_rollout(slot);
        if self.removing.contains(slot) {
            return self.remove(slot);
        }
        self.delete_in_time(slot);
        if replaced {
            self.replace_in_time(slot);
        }
        self.vacate(slot);
    }

    /// The life of the instance in `slot` ends: it leaves its release, and its processes stop.
    pub(super) fn end_instance(&mut self, slot: usize) {
        if self.axes.in_service.contains(slot) {
            self.events += self.renewals(slot, self.now);
        }
        self.leave_release(slot);
        self.close_task(TaskKind::Confirmation, slot);
        self.agenda.unset(self.places.slot(slot), Kind::Confirmed);
        self.leave_way(slot);
        self.axes.leave(slot);
        self.stop_instance(slot);
    }

    /// Whoever never connects again is deleted after a while, if the model says so.
    fn delete_in_time(&mut self, slot: usize) {
        let after = self.setting.model.environment.validation.auto_delete_after;
        if let (Some(after), Some(place)) = (after, self.places.deletion(slot)) {
            self.agenda.set(place, self.now + after, Kind::Delete);
        }
    }

    /// Another instance is to come into `slot`: after a plain delay, or when a crew has seen to it.
    pub(super) fn replace_in_time(&mut self, slot: usize) {
        self.slots[slot].instances += 1;
        if self.await_replacement(slot) {
            return;
        }
        let rng = &mut self.draw_of_instance(slot, *DELAY);
        let delay = self.setting.policy.replacement.delay().map_or(Span::ZERO, |delay| delay.span(rng));
        self.agenda.set(self.places.slot(slot), self.now + delay, Kind::BeginReplacement);
    }

    /// An expired or revoked connector that nobody replaced is deleted, or one that scaling removes.
    pub(super) fn delete(&mut self, slot: usize) {
        if self.removing.contains(slot) {
            return self.remove(slot);
        }
        self.observer.happened(self.now, Happening::Deleted { slot });
        self.empty(slot);
        self.vacate(slot);
    }

    /// There is no connector in `slot` any more; whoever disabled it disabled that one.
    pub(super) fn empty(&mut self, slot: usize) {
        self.axes.disabled.remove(slot);
        self.axes.leave(slot);
        self.axes.empty.insert(slot);
        self.rollout.failed.remove(slot);
    }

    /// Whether another instance is to come into `slot`.
    pub(super) fn awaits_replacement(&self, slot: usize) -> bool {
        let is_due = self.agenda.due(self.places.slot(slot), Kind::BeginReplacement).is_some();
        is_due || self.tasks.iter().any(|task| task.is(TaskKind::Replacement, slot))
    }

    pub(super) fn begin_replacement(&mut self, slot: usize) {
        self.close_task(TaskKind::Replacement, slot);
        self.clear_deletion(slot);
        self.deploy(slot);
    }
}
