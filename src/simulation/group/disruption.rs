//! The one procedure that takes a connector out of service on purpose: drain, stop, change, verify, or roll back.
//!
//! Whoever decides on a disruption, and whatever for, it is begun, ended and aborted here. An update of the vendor's
//! drains at once and verifies itself, so that only the change takes time; a failed one leaves the old version.

use super::*;
use crate::environment::update::Attempt;
use crate::simulation::observer::Happening;

impl<'m, O: Observer> Group<'m, O> {
    fn attempt(&self, slot: usize) -> Attempt {
        let Slot { starts, completed, .. } = self.slots[slot];
        Attempt {
            place: (self.index, slot),
            slot: self.configured.slots[slot].entity,
            release: self.rollout.target,
            left: self.rollout.left,
            bad: self.is_bad(self.rollout.target),
            starts,
            completed,
            mended: self.rollout.mended.contains(slot),
        }
    }

    pub(super) fn start_update(&mut self, slot: usize) {
        let Setting { model, streams, .. } = self.setting;
        let (duration, fails) = model.environment.draw_update(streams, self.attempt(slot));
        self.slots[slot].fails = fails;
        if model.environment.updates.drops_sessions {
            self.drop_sessions(SlotSet::one(slot));
        }
        self.axes.updating.insert(slot);
        self.agenda.set(self.places.slot(slot), self.now + duration, Kind::UpdateEnds);
        self.observer.happened(self.now, Happening::UpdateStarted { slot, release: self.rollout.target });
    }

    /// Aborts the updates of `slots`: no attempt is counted, and they stay pending.
    pub(super) fn abort_updates(&mut self, slots: SlotSet) {
        for slot in slots.iter() {
            self.axes.updating.remove(slot);
            self.slots[slot].starts += 1;
            self.agenda.unset(self.places.slot(slot), Kind::UpdateEnds);
            self.observer.happened(self.now, Happening::UpdateAborted { slot, release: self.rollout.target });
        }
    }

    pub(super) fn end_update(&mut self, slot: usize) {
        let fails = self.slots[slot].fails;
        self.axes.updating.remove(slot);
        self.slots[slot].starts += 1;
        self.slots[slot].completed += 1;
        if fails { self.update_failed(slot) } else { self.update_succeeded(slot) }
    }
}
