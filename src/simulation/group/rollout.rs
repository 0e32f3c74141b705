//! The rollout of a release within the group: when it begins, who is pending, who is updated next.

use std::sync::LazyLock;

use super::*;
use crate::control::upgrade::{self, Hold};
use crate::control::view::{GroupView, Held};
use crate::control::{Hours, UpdateOrder, UpgradePolicy};
use crate::random::Purpose;
use crate::simulation::observer::{Happening, Unfinished};
use crate::time::Span;

static ORDER: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update order"));

/// Where a group stands with its target release.
#[derive(Clone, Debug, Default)]
pub(super) struct Rollout {
    /// The target release; 0 before the first.
    pub(super) target: usize,
    /// The target before it.
    pub(super) previous: usize,
    /// The release that was rolled back to the target; 0: none was.
    pub(super) left: usize,
    /// Whether the gate of the release holds its rollout everywhere.
    pub(super) held: Option<Held>,
    /// The group's last success, at this or an earlier target.
    pub(super) moved: Option<Time>,
    /// The newest release that began here or was told as skipped.
    pub(super) told: usize,
    /// When window and gate no longer hold it.
    pub(super) forced_from: Time,
    /// Whether it skips windows.
    pub(super) urgent: bool,
    /// Slots that are to run it and do not yet.
    pub(super) pending: SlotSet,
    /// Slots that failed and are left alone until the next release.
    pub(super) given_up: SlotSet,
    /// Slots that wait for a back-off or a repair of their own.
    pub(super) resting: SlotSet,
    /// Connectors whose last attempt at it failed.
    pub(super) failed: SlotSet,
    /// Slots whose faults at it were mended.
    pub(super) mended: SlotSet,
    /// The slot whose failure halted the group.
    pub(super) culprit: Option<usize>,
    /// The slot whose failure opened the repair task, while that is open.
    pub(super) in_repair: Option<usize>,
    pub(super) halted: bool,
    /// The rule that held the last decision, if somebody watches decisions.
    pub(super) held_by: Option<Hold>,
    /// The group's failures since its last success.
    pub(super) failures: u32,
    pub(super) repairs: u64,
    pub(super) images: usize,
    /// The newest image that fixes a vulnerability; 0: none yet.
    pub(super) fix: u16,
    /// Whether a release up to the target is bad.
    pub(super) any_bad: bool,
}

impl Rollout {
    /// A rollout of `target` to the slots `pending`, before anything happened in it.
    pub(super) fn towards(target: usize, previous: usize, pending: SlotSet) -> Rollout {
        Rollout { target, previous, pending, ..Rollout::default() }
    }
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
        let UpgradePolicy { wait, behind, urgent_track, ref rings, .. } = self.setting.policy.upgrade;
        let urgent = self.setting.releases[self.published - 1].urgent;
        if urgent {
            self.newest_urgent = self.published;
        }
        if urgent && urgent_track {
            self.begin_rollout(self.published);
        } else if rings.is_some() {
            // The coordinator opens its ring.
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
        self.begin_rollout(self.due(self.now));
        self.schedule_rollout();
    }

    /// The release that is due at `at`, rings or not.
    fn due(&self, at: Time) -> usize {
        let releases = self.setting.releases[..self.published].iter();
        self.setting.policy.upgrade.due(releases.map(|release| (release.published, release.urgent)), at).0
    }

    /// Makes `release` the target, unless a newer one is.
    pub(super) fn begin_rollout(&mut self, release: usize) {
        let target = self.rollout.target;
        if release <= target {
            return;
        }
        self.tell_skipped(release);
        let any_bad = self.setting.releases[target..release].iter().any(|release| release.bad);
        let newest = self.setting.releases[release - 1];
        let pending = self.axes.in_service;
        let rollout = Rollout {
            urgent: newest.urgent && self.setting.policy.upgrade.urgent_track,
            any_bad,
            ..Rollout::towards(release, target, pending)
        };
        self.aim(rollout, Happening::RolloutBegan { release, pending: pending.len() });
    }

    /// Turns the group to another target, which is told as `what`: whatever was under way for the one before ends.
    pub(super) fn aim(&mut self, rollout: Rollout, what: Happening) {
        self.abort_updates(self.axes.updating);
        self.observer.happened(self.now, what);
        self.resume();
        self.close_all_update_repairs();
        let Rollout { any_bad, repairs, images, fix, moved, told, .. } = self.rollout;
        let (forced_from, told) = (self.forced_from(), told.max(rollout.target));
        let any_bad = any_bad || rollout.any_bad;
        self.rollout = Rollout { told, moved, forced_from, any_bad, repairs, images, fix, ..rollout };
        for slot in &mut self.slots {
            (slot.starts, slot.completed, slot.failures) = (0, 0, 0);
        }
        // Who serves nobody yet takes a release at once.
        for slot in self.axes.announced.iter() {
            self.leave_release(slot);
            self.run_agent(slot, self.rollout.target as u16);
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
        if !O::WATCHES_DECISIONS {
            return;
        }
        let hold = if hold == Hold::NothingPending { self.hold_of_idle() } else { hold };
        if hold != Hold::NothingPending && self.rollout.held_by != Some(hold) {
            self.rollout.held_by = Some(hold);
            self.observer.happened(self.now, Happening::Held { hold });
        }
    }

    /// Why a group in which nobody is pending does not run the newest release.
    fn hold_of_idle(&self) -> Hold {
        if self.rollout.target == self.published {
            Hold::NothingPending
        } else {
            let due = self.due(self.now);
            let withheld = self.withheld.filter(|&(release, _)| release == due).map(|(_, why)| why);
            let went_back = self.rollout.left > 0 && self.rollout.left == due;
            if went_back { Hold::RolledBack } else { withheld.unwrap_or(Hold::NotBegun) }
        }
    }

    /// Tells of the releases older than `than` that never began here for want of an open ring.
    fn tell_skipped(&mut self, than: usize) {
        if self.setting.policy.upgrade.rings.is_none() {
            return;
        }
        let connectors = self.axes.in_service.len();
        for release in self.rollout.told + 1..than {
            self.observer.happened(self.now, Happening::Skipped { release, connectors });
        }
        self.rollout.told = self.rollout.told.max(than - 1);
    }

    /// Tells, at the horizon, of a due release whose rollout is not complete here.
    pub(super) fn tell_unfinished(&mut self) {
        let release = self.due(self.now - Span(1));
        self.tell_skipped(release + 1);
        let waiting = self.axes.in_service - self.running(release);
        if release == 0 || waiting.is_empty() {
            return;
        }
        let begun = self.rollout.target == release;
        let hold = match self.decide() {
            _ if !begun => self.hold_of_idle(),
            Err(Hold::NothingPending) => Hold::GivenUp,
            Err(hold) => hold,
            Ok(_) if !self.permitted => Hold::Permit,
            // What the run's end kept from starting was not ready before.
            Ok(_) => Hold::NobodyReady,
        };
        let since = self.waits_since(waiting);
        let unfinished = Unfinished { release, connectors: waiting.len(), since, hold };
        self.observer.happened(self.now, Happening::Unfinished(unfinished));
    }

    /// Since when nothing moved for `waiting` connectors: the group's last success, or the publication of the first release that
    /// one of them lacks.
    fn waits_since(&self, waiting: SlotSet) -> Time {
        let next = |slot: usize| self.setting.releases.get(usize::from(self.slots[slot].agent));
        let first =
            waiting.iter().filter_map(next).map(|release| release.published).min().unwrap_or(self.now);
        self.rollout.moved.map_or(first, |moved| moved.max(first))
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
            held: self.rollout.held,
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
        self.rollout.moved = Some(self.now);
        self.leave_release(slot);
        self.run_agent(slot, release as u16);
        let goes_back = self.rollout.left > 0;
        self.observer.happened(
            self.now,
            if goes_back {
                Happening::Returned { slot, to: release }
            } else {
                Happening::UpdateSucceeded { slot, release }
            },
        );
        self.leave_rollout(slot);
    }
}
