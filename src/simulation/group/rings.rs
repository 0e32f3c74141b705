//! The group in a rollout over the whole fleet: what the coordinator sees of it and does to it at control periods.

use super::*;
use crate::control::rings::Seen;
use crate::simulation::observer::Happening;

impl<'m, O: Observer> Group<'m, O> {
    /// What is seen of the group at `at`, before which no event may be due.
    pub fn seen_of_release(&self, release: usize, at: Time) -> Seen {
        let in_service = self.axes.in_service;
        let disconnected = in_service - self.reachable_as_seen(at);
        let begun = self.rollout.target == release;
        if !begun {
            let (in_service, disconnected) = (in_service.len(), disconnected.len());
            return Seen { in_service, disconnected, ..Seen::default() };
        }
        let running = in_service & self.running(release);
        let failed = in_service & self.rollout.failed;
        Seen {
            begun,
            in_service: in_service.len(),
            disconnected: disconnected.len(),
            running: running.len(),
            failed: failed.len(),
            reached_disconnected: ((running | failed) & disconnected).len(),
            waiting: (self.rollout.pending - disconnected).len(),
        }
    }

    /// The release that is rolled out here; 0 before the first.
    pub fn target(&self) -> usize {
        self.rollout.target
    }

    /// The ring of the group has opened: the release begins here at the control period `at`.
    pub fn begin_release(&mut self, release: usize, at: Time) {
        self.move_to(at);
        self.event(|group| group.begin_rollout(release));
    }

    /// The gate of the release `holds` the group, or does so no longer.
    pub fn hold_release(&mut self, holds: bool, at: Time) {
        self.move_to(at);
        self.rollout.held = holds;
        self.observer.happened(at, Happening::GateHolds { release: self.rollout.target, holds });
        self.event(|_| {});
    }

    /// The release is rolled back: who runs it is pending to go back to the one before, whatever the window.
    pub fn roll_back(&mut self, at: Time) {
        self.move_to(at);
        self.event(Self::turn_back);
    }

    fn turn_back(&mut self) {
        let Rollout { target: left, previous: target, .. } = self.rollout;
        let pending = self.axes.in_service - self.running(target);
        let rollout = Rollout { left, urgent: true, ..Rollout::towards(target, target, pending) };
        self.aim(rollout, Happening::RolledBack { release: left, to: target, pending: pending.len() });
    }
}
