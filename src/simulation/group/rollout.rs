//! The rollout of a release within the group: who is pending, halts, back-off, repair.

use std::sync::LazyLock;

use super::*;
use crate::control::upgrade::{self, Hold};
use crate::control::view::GroupView;
use crate::control::{Hours, OnFailure, UpdateOrder, UpgradePolicy};
use crate::random::Purpose;
use crate::simulation::observer::Happening;
use crate::time::Span;

static REPAIR: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update repair"));
static ORDER: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update order"));

/// Where a group stands with its target release.
#[derive(Clone, Debug, Default)]
pub(super) struct Rollout {
    /// The target release; 0 before the first.
    pub(super) target: usize,
    /// When window and gate no longer hold it.
    pub(super) forced_from: Time,
    /// Whether it skips windows.
    urgent: bool,
    /// Slots that are to run it and do not yet.
    pub(super) pending: SlotSet,
    /// Slots that failed and are left alone until the next release.
    pub(super) given_up: SlotSet,
    /// Slots that wait for a back-off or a repair of their own.
    resting: SlotSet,
    /// Connectors whose last attempt at it failed.
    pub(super) failed: SlotSet,
    /// Slots whose faults at it were mended.
    pub(super) mended: SlotSet,
    /// The slot whose failure halted the group.
    culprit: Option<usize>,
    /// The slot whose failure opened the repair task, while that is open.
    in_repair: Option<usize>,
    halted: bool,
    /// The rule that held the last decision, if somebody watches decisions.
    held_by: Option<Hold>,
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
    /// Sets the timers of the next publications.
    pub(super) fn schedule_publications(&mut self) {
        let Setting { model, releases, .. } = self.setting;
        let next_release = releases.get(self.published).map_or(Time::NEVER, |release| release.published);
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
        self.published += 1;
        self.observer.happened(self.now, Happening::Published { release: self.published });
        let UpgradePolicy { wait, behind, .. } = self.setting.policy.upgrade;
        if self.setting.releases[self.published - 1].urgent {
            self.begin_rollout(self.published);
        } else if wait == Span::ZERO && self.published > behind {
            self.begin_rollout(self.published - behind);
        } else {
            self.schedule_rollout();
        }
        self.schedule_publications();
    }

    /// Sets the timer of the next rollout that begins later than at a publication.
    fn schedule_rollout(&mut self) {
        let UpgradePolicy { wait, behind, .. } = self.setting.policy.upgrade;
        if wait == Span::ZERO {
            return;
        }
        let next = (self.rollout.target + behind..self.published)
            .map(|index| self.setting.releases[index].published + wait)
            .find(|&at| at >= self.now);
        self.agenda.set(self.places.rollout, next.unwrap_or(Time::NEVER), Kind::BeginRollout);
    }

    /// Begins the rollout whose time has come.
    pub(super) fn begin_due_rollout(&mut self) {
        let UpgradePolicy { wait, behind, .. } = self.setting.policy.upgrade;
        let releases = &self.setting.releases[..self.published];
        let due = releases.partition_point(|release| release.published + wait <= self.now);
        self.begin_rollout(due.saturating_sub(behind));
        self.schedule_rollout();
    }

    /// Makes `release` the target, unless a newer one is.
    fn begin_rollout(&mut self, release: usize) {
        if release <= self.rollout.target {
            return;
        }
        self.abort_updates(self.axes.updating);
        let pending = self.axes.in_service;
        self.observer.happened(self.now, Happening::RolloutBegan { release, pending: pending.len() });
        self.resume();
        self.close_all_update_repairs();
        let Rollout { target, any_bad, repairs, images, fix, .. } = self.rollout;
        let newest = self.setting.releases[release - 1];
        let any_bad = any_bad || self.setting.releases[target..release].iter().any(|release| release.bad);
        self.rollout = Rollout {
            target: release,
            forced_from: self.forced_from(),
            urgent: newest.urgent,
            pending,
            repairs,
            images,
            fix,
            any_bad,
            ..Rollout::default()
        };
        for slot in &mut self.slots {
            (slot.starts, slot.completed, slot.failures) = (0, 0, 0);
        }
        // Who serves nobody yet takes a release at once.
        for slot in self.axes.announced.iter() {
            self.run_agent(slot, release as u16);
        }
    }

    /// Starts every update that the policy decides on.
    pub(super) fn start_updates(&mut self) {
        let hold = loop {
            match self.decide() {
                Ok(slot) if self.permitted => {
                    self.rollout.held_by = None;
                    self.start_update(slot);
                }
                Ok(_) => break Hold::Permit,
                Err(hold) => break hold,
            }
        };
        self.look_again(hold);
        self.tell_hold(hold);
    }

    /// Tells whoever asks why that no update starts, once as long as the rule stays the same.
    fn tell_hold(&mut self, hold: Hold) {
        if O::WATCHES_DECISIONS && hold != Hold::NothingPending && self.rollout.held_by != Some(hold) {
            self.rollout.held_by = Some(hold);
            self.observer.happened(self.now, Happening::Held { hold });
        }
    }

    /// The connector to update next, or why none.
    fn decide(&self) -> Result<usize, Hold> {
        if self.rollout.pending.is_empty() {
            return Err(Hold::NothingPending);
        }
        let policy = &self.setting.policy.upgrade;
        let open = policy.hours.is_none() || self.next_start() == self.now;
        let view = self.view();
        upgrade::decide(policy, &view, open, |slot| self.precedence(slot, view.seen_serving))
    }

    /// When the policy's hours next let an update start; now if they do.
    pub(super) fn next_start(&self) -> Time {
        let forced = self.is_forced() || self.rollout.urgent;
        self.hours().map_or(self.now, |hours| hours.next_start(self.now, forced))
    }

    fn hours(&self) -> Option<&'m Hours> {
        self.setting.policy.upgrade.hours.as_ref().map(|schedule| schedule.of(self.index))
    }

    /// When a rollout that begins now is forced.
    fn forced_from(&self) -> Time {
        let chance = self.hours().map_or(self.now, |hours| hours.next_start(self.now, false));
        self.setting.policy.upgrade.force_after.map_or(Time::NEVER, |after| chance + after)
    }

    fn is_forced(&self) -> bool {
        self.now >= self.rollout.forced_from
    }

    pub(super) fn view(&self) -> GroupView {
        let serving = self.axes.serving();
        let reachable = !self.axes.link_down;
        let (seen_reachable, seen_serving) = self.sight.seen(self.now).unwrap_or((reachable, serving));
        GroupView {
            configured: self.axes.configured,
            seen_reachable,
            seen_serving,
            reachable,
            serving,
            updating: self.axes.updating,
            draining: self.removing,
            pending: self.rollout.pending,
            failed: self.rollout.failed,
            resting: self.rollout.resting,
            halted: self.rollout.halted,
            forced: self.is_forced(),
            load: self.seen_load(),
        }
    }

    fn precedence(&self, slot: usize, serving: SlotSet) -> u64 {
        match self.setting.policy.upgrade.order {
            UpdateOrder::Slot => 0,
            UpdateOrder::OldestVersion => u64::from(self.slots[slot].agent),
            UpdateOrder::Random => {
                let entity = self.configured.slots[slot].entity;
                rand::Rng::next_u64(&mut self.setting.streams.draw(
                    entity,
                    *ORDER,
                    self.rollout.target as u64,
                ))
            }
            // Positive floats are ordered like their bits.
            UpdateOrder::LeastLoaded if serving.contains(slot) => self.need_of(slot).to_bits(),
            UpdateOrder::LeastLoaded => 0,
        }
    }

    /// Whether the group would start an update at once if it were permitted to at `at`, or has one running. No event may
    /// be due up to then.
    pub fn wants_permit(&mut self, at: Time) -> bool {
        if !self.axes.updating.is_empty() {
            return true;
        }
        if self.sight.depends_on_time() && !self.rollout.pending.is_empty() {
            self.move_to(at);
        }
        self.decide().is_ok()
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
            self.close_update_repair(slot);
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
    fn resume(&mut self) {
        self.agenda.unset(self.places.halt, Kind::Retry);
        self.agenda.unset(self.places.halt, Kind::RepairEnds);
        if let Some(slot) = self.rollout.in_repair.take() {
            self.close_update_repair(slot);
        }
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
        if self.rollout.resting.contains(slot) {
            self.rollout.resting.remove(slot);
            self.close_update_repair(slot);
            self.schedule_end_of_rest();
        }
        if self.rollout.pending.is_empty() && self.rollout.given_up.is_empty() {
            self.observer.happened(self.now, Happening::RolloutComplete { release: self.rollout.target });
        }
    }
}
