//! The rollout of a release within the group: who is pending, halts, back-off, repair.

use std::sync::LazyLock;

use super::*;
use crate::control::view::{GroupView, Proposal};
use crate::control::{arbiter, upgrade};
use crate::random::Purpose;
use crate::simulation::observer::Happening;

static REPAIR: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update repair"));

/// Where a group stands with its target release.
#[derive(Clone, Debug, Default)]
pub(super) struct Rollout {
    /// The target release; 0 before the first.
    pub(super) target: usize,
    /// Slots that are to run it and do not yet.
    pub(super) pending: SlotSet,
    /// Connectors whose last attempt at it failed.
    pub(super) failed: SlotSet,
    /// Slots whose faults at it were mended.
    pub(super) mended: SlotSet,
    /// The slot whose failure halted the group.
    culprit: Option<usize>,
    /// The slot whose failure opened the repair task, while that is open.
    in_repair: Option<usize>,
    halted: bool,
    /// The group's failures since its last success.
    failures: u32,
    repairs: u64,
    images: usize,
    /// The newest image that fixes a vulnerability; 0: none yet.
    pub(super) fix: u16,
    /// Whether a release up to the target is bad.
    pub(super) any_bad: bool,
}

impl<'m, O: Observer> Group<'m, O> {
    /// Sets the timers of the first publications.
    pub(super) fn schedule_publications(&mut self) {
        let Setting { model, releases, .. } = self.setting;
        let next_release = releases.get(self.rollout.target).map_or(Time::NEVER, |release| release.published);
        let next_image =
            model.environment.images.get(self.rollout.images).map_or(Time::NEVER, |image| image.published);
        self.agenda.set(self.places.releases, next_release, Kind::Publish);
        self.agenda.set(self.places.images, next_image, Kind::NewImage);
    }

    pub(super) fn publish_image(&mut self) {
        self.rollout.images += 1;
        self.newest_image = self.rollout.images as u16;
        if self.setting.model.environment.images[self.rollout.images - 1].fixes_vulnerability {
            self.rollout.fix = self.newest_image;
        }
        self.schedule_publications();
    }

    pub(super) fn publish(&mut self) {
        self.abort_updates(self.axes.updating);
        let Rollout { target, repairs, images, fix, any_bad, .. } = self.rollout;
        let pending = self.axes.in_service;
        let published = Happening::Published { release: target + 1, pending: pending.len() };
        self.observer.happened(self.now, published);
        self.resume();
        let any_bad = any_bad || self.setting.releases[target].bad;
        self.rollout =
            Rollout { target: target + 1, pending, repairs, images, fix, any_bad, ..Rollout::default() };
        for slot in &mut self.slots {
            (slot.starts, slot.completed) = (0, 0);
        }
        self.schedule_publications();
    }

    /// Starts every update that the policy proposes and the arbiter admits.
    pub(super) fn start_updates(&mut self) {
        while self.permitted {
            let Some(Proposal::Update(slot)) = self.admitted() else { return };
            self.start_update(slot);
        }
    }

    fn admitted(&self) -> Option<Proposal> {
        if self.rollout.pending.is_empty() || self.rollout.halted {
            return None;
        }
        let (policy, view) = (&self.setting.policy.upgrade, self.view());
        upgrade::propose(policy, &view).filter(|&proposal| arbiter::admits(&policy.budget, &view, proposal))
    }

    fn view(&self) -> GroupView {
        GroupView {
            configured: self.slots.len(),
            reachable: !self.axes.link_down,
            serving: self.axes.serving(),
            updating: self.axes.updating,
            pending: self.rollout.pending,
            failed: self.rollout.failed,
            halted: self.rollout.halted,
        }
    }

    /// Whether the group would start an update at once if it were permitted to, or has one running.
    pub fn wants_permit(&self) -> bool {
        !self.axes.updating.is_empty() || self.admitted().is_some()
    }

    /// Whether it may start updates.
    pub fn has_permit(&self) -> bool {
        self.permitted
    }

    /// Gives or takes the permission to start updates, at a control period.
    pub fn permit(&mut self, at: Time, permitted: bool) {
        self.permitted = permitted;
        if permitted {
            self.move_to(at);
            self.event(|_| {});
        }
    }

    pub(super) fn update_succeeded(&mut self, slot: usize) {
        let release = self.rollout.target;
        self.rollout.failures = 0;
        self.rollout.failed.remove(slot);
        self.run_agent(slot, release as u16);
        self.observer.happened(self.now, Happening::UpdateSucceeded { slot, release });
        self.leave_rollout(slot);
    }

    pub(super) fn update_failed(&mut self, slot: usize) {
        let release = self.rollout.target;
        self.rollout.failed.insert(slot);
        self.rollout.failures += 1;
        self.observer.happened(self.now, Happening::UpdateFailed { slot, release });
        if !self.rollout.halted {
            self.rollout.halted = true;
            self.rollout.culprit = Some(slot);
            self.observer.happened(self.now, Happening::Halted { release });
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
        let Setting { policy, streams, .. } = self.setting;
        self.rollout.repairs += 1;
        self.rollout.in_repair = Some(slot);
        self.rollout.culprit = Some(slot);
        let rng = &mut streams.draw(self.configured.entity, *REPAIR, self.rollout.repairs);
        self.agenda.set(self.places.halt, self.now + policy.repair_after.span(rng), Kind::RepairEnds);
        self.observer.happened(self.now, Happening::RepairOpened { slot });
    }

    pub(super) fn end_repair(&mut self) {
        self.observer.happened(self.now, Happening::RepairEnded);
        if let Some(slot) = self.rollout.in_repair {
            self.rollout.mended.insert(slot);
        }
        self.rollout.failures = 0;
        self.resume();
    }

    pub(super) fn retry(&mut self) {
        self.resume();
    }

    /// Ends a halt, whatever would have ended it.
    fn resume(&mut self) {
        self.agenda.unset(self.places.halt, Kind::Retry);
        self.agenda.unset(self.places.halt, Kind::RepairEnds);
        self.rollout.in_repair = None;
        self.rollout.culprit = None;
        if std::mem::take(&mut self.rollout.halted) {
            self.observer.happened(self.now, Happening::Resumed);
        }
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
        if self.rollout.pending.is_empty() {
            self.observer.happened(self.now, Happening::RolloutComplete { release: self.rollout.target });
        }
    }
}
