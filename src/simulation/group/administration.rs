//! Administrative actions on dates: connectors and groups are enabled, disabled, revoked, deleted, keys regenerated.
//!
//! An action is one event of the group, whatever number of its connectors it is done to. What it is done to is what it
//! finds: who has nothing to lose is passed over, and a connector that scaling is removing can only be removed sooner.

use super::*;
use crate::environment::{Action, Deed};
use crate::simulation::observer::Happening;

/// An action that concerns the group.
#[derive(Clone, Debug)]
pub(super) struct Appointment {
    at: Time,
    deed: Deed,
    cover: SlotSet,
    of_group: bool,
}

/// What is on the calendar for group `index`, the last one first.
pub(super) fn calendar(model: &Model, index: usize) -> Vec<Appointment> {
    let appointment = |action: &Action| Appointment {
        at: action.at,
        deed: action.deed,
        cover: action.place.covers(&model.fleet, index),
        of_group: action.is_of_groups(),
    };
    let actions = model.environment.actions.iter().map(appointment);
    actions.filter(|action| !action.cover.is_empty()).rev().collect()
}

impl<'m, O: Observer> Group<'m, O> {
    /// Sets the timer of the next action.
    pub(super) fn schedule_action(&mut self) {
        let next = self.actions.last().map_or(Time::NEVER, |action| action.at);
        self.agenda.set(self.places.actions, next, Kind::Administer);
    }

    /// Takes the action that is due.
    pub(super) fn administer(&mut self) {
        if let Some(Appointment { deed, cover, of_group, .. }) = self.actions.pop() {
            match deed {
                Deed::Enable | Deed::Disable if of_group => self.switch_group(deed == Deed::Enable),
                Deed::Enable | Deed::Disable => self.switch(cover, deed == Deed::Enable),
                Deed::Revoke { replaced } => self.revoke(cover, replaced),
                Deed::Delete { replaced } => self.delete_all(cover, replaced),
                Deed::RegenerateKey => self.rotate_key(),
            }
        }
        self.schedule_action();
    }

    fn switch_group(&mut self, enabled: bool) {
        if self.axes.group_disabled == enabled {
            self.axes.group_disabled = !enabled;
            let what = if enabled { Happening::GroupEnabled } else { Happening::GroupDisabled };
            self.observer.happened(self.now, what);
        }
    }

    fn switch(&mut self, cover: SlotSet, enabled: bool) {
        let known = (cover & self.axes.configured) - self.removing;
        let changed = if enabled { known & self.axes.disabled } else { known - self.axes.disabled };
        for slot in changed.iter() {
            self.axes.disabled.set(slot, !enabled);
            let what = if enabled { Happening::Enabled { slot } } else { Happening::Disabled { slot } };
            self.observer.happened(self.now, what);
        }
    }

    /// Revokes whoever has enrolled, all at once, and rotates the key if anybody had.
    fn revoke(&mut self, cover: SlotSet, replaced: bool) {
        let enrolled = cover & (self.axes.in_service | self.axes.announced);
        self.lose(enrolled);
        for slot in enrolled.iter() {
            self.end_instance(slot);
            self.axes.revoked.insert(slot);
            self.observer.happened(self.now, Happening::Revoked { slot });
            self.leave_dead(slot, replaced);
        }
        if !enrolled.is_empty() {
            self.rotate_key();
        }
    }

    /// Deletes whoever the cloud service knows of, all at once; a replacement that is under way goes on.
    fn delete_all(&mut self, cover: SlotSet, replaced: bool) {
        let enrolled = cover & (self.axes.in_service | self.axes.announced);
        let dead = cover & (self.axes.expired | self.axes.revoked);
        self.lose(enrolled);
        for slot in (enrolled | dead).iter() {
            if enrolled.contains(slot) {
                self.end_instance(slot);
            }
            self.observer.happened(self.now, Happening::Deleted { slot });
            self.quit_rollout(slot);
            if self.removing.contains(slot) {
                self.remove(slot);
            } else {
                self.clear_deletion(slot);
                self.empty(slot);
                if replaced && !self.awaits_replacement(slot) {
                    self.replace_in_time(slot);
                }
                self.vacate(slot);
            }
        }
    }

    /// What `slots` carry is lost, and what is done to them ends.
    fn lose(&mut self, slots: SlotSet) {
        self.lose_sessions(slots & self.axes.in_service);
        self.abort_updates(slots & self.axes.updating);
    }

    /// The group gets another provisioning key, at once: whoever waits for one tries again.
    fn rotate_key(&mut self) {
        self.agenda.unset(self.places.key, Kind::KeyIssued);
        self.issue_key();
        self.observer.happened(self.now, Happening::KeyRotated);
    }
}
