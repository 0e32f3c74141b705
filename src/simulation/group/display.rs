//! What is displayed at the end of an instant, and the rows that follow from it.

use super::*;
use crate::fleet::{GroupStatus, VersionIcon};
use crate::simulation::observer::{GroupDisplay, SlotDisplay, Standing};

/// What was displayed last.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    display: GroupDisplay,
    over_threshold: bool,
    serving: SlotSet,
    outdated: SlotSet,
    urgently_outdated: SlotSet,
    vulnerable: SlotSet,
    /// Where the connectors stood; kept for the rows of slots only.
    axes: Axes,
    slots: Vec<SlotDisplay>,
    /// Slots whose agent or image changed since.
    pub(super) versions_changed: SlotSet,
    /// Whether nothing was displayed yet.
    is_first: bool,
}

impl Shown {
    /// Before the first instant is settled.
    pub(super) fn nothing(axes: Axes) -> Shown {
        let display = GroupDisplay {
            status: GroupStatus::Unestablished,
            warning: false,
            icon: VersionIcon::default(),
            cause: Cause::None,
        };
        Shown {
            display,
            over_threshold: false,
            serving: SlotSet::EMPTY,
            outdated: SlotSet::EMPTY,
            urgently_outdated: SlotSet::EMPTY,
            vulnerable: SlotSet::EMPTY,
            axes,
            slots: Vec::new(),
            versions_changed: SlotSet::EMPTY,
            is_first: true,
        }
    }

    /// What stands since the last instant was settled, with the connectors on `axes`.
    #[inline]
    pub(super) fn standing<'a>(&self, axes: &'a Axes) -> Standing<'a> {
        let Shown { display, over_threshold, serving, outdated, urgently_outdated, vulnerable, .. } = *self;
        Standing { display, over_threshold, axes, serving, outdated, urgently_outdated, vulnerable }
    }
}

impl<'m, O: Observer> Group<'m, O> {
    /// Ends the open instant: its tick is taken, then what changed is displayed.
    pub(super) fn settle(&mut self) {
        let serving = self.axes.serving();
        let at_rest = self.axes.group_status(serving, false);
        if self.load.ticks > 0 {
            self.load.receives = at_rest.receives_demand();
            self.load.is_meant = !self.axes.meant().is_empty();
            self.tick_now();
        }
        let first = std::mem::take(&mut self.shown.is_first);
        let vulnerable = self.vulnerable();
        let display = self.group_display(at_rest.with_overload(self.load.over), vulnerable);
        let before = std::mem::replace(&mut self.shown.display, display);
        self.shown.over_threshold = self.load.over;
        self.shown.serving = serving;
        self.shown.outdated = self.axes.in_service & self.outdated();
        self.shown.urgently_outdated = self.axes.in_service & self.urgently_outdated();
        self.shown.vulnerable = vulnerable & self.axes.in_service;
        if first || display != before {
            self.observer.group(self.now, (!first).then_some(before), display);
        }
        self.lost_now = false;
        self.remember_sight();
        if let Some(scaler) = &mut self.scaler {
            scaler.keep(self.now, &self.axes);
        }
        if O::WATCHES_SLOTS {
            self.show_slots(first);
        }
    }

    /// Tells how everything stood from `since` to `to`.
    #[inline]
    pub(super) fn stand(&mut self, since: Time, to: Time) {
        if O::WATCHES_ABSENCE {
            self.tell_absence();
        }
        self.observer.span(since, to, &self.shown.standing(&self.axes));
    }

    /// Tells who is missing since the last instant was settled, and who serves on a bad release.
    fn tell_absence(&mut self) {
        for slot in (self.axes.configured - self.shown.serving).iter() {
            let cause = self.cause_of(slot);
            self.observer.absent(slot, cause);
        }
        let strained = self.on_bad_release(self.shown.serving);
        if !strained.is_empty() {
            self.observer.strained(strained);
        }
    }

    /// Slots whose connector does not run the newest release: all, as long as its rollout has not begun here; then those
    /// still pending or given up, for every connector in service was pending when it began or came with it. Where it was
    /// rolled back some still run it.
    fn outdated(&self) -> SlotSet {
        if self.rollout.target == self.published {
            self.rollout.pending | self.rollout.given_up
        } else if self.rollout.left == self.published {
            self.axes.configured - self.running(self.published)
        } else {
            self.axes.configured
        }
    }

    /// Slots whose connector is older than the newest release that was published as urgent.
    fn urgently_outdated(&self) -> SlotSet {
        if self.newest_urgent == 0 {
            return SlotSet::EMPTY;
        }
        let older = |slot: &usize| usize::from(self.slots[*slot].agent) < self.newest_urgent;
        self.axes.configured.iter().filter(older).collect()
    }

    /// Slots with this release.
    pub(super) fn running(&self, release: usize) -> SlotSet {
        self.axes.configured.iter().filter(|&slot| usize::from(self.slots[slot].agent) == release).collect()
    }

    /// Connectors with a published vulnerability, in service or dead.
    fn vulnerable(&self) -> SlotSet {
        if self.rollout.fix == 0 {
            return SlotSet::EMPTY;
        }
        let exists = self.axes.configured - self.axes.empty - self.axes.deploying;
        exists.iter().filter(|&slot| self.slots[slot].image < self.rollout.fix).collect()
    }

    fn group_display(&self, status: GroupStatus, vulnerable: SlotSet) -> GroupDisplay {
        let icon = VersionIcon {
            update_failed: !self.rollout.failed.is_empty(),
            image_vulnerable: !vulnerable.is_empty(),
        };
        GroupDisplay { status, warning: self.load.warning, icon, cause: self.group_cause(status) }
    }

    /// Slots whose status or versions are not what was displayed last.
    fn moved_slots(&mut self) -> SlotSet {
        let versions = std::mem::take(&mut self.shown.versions_changed);
        let before = std::mem::replace(&mut self.shown.axes, self.axes);
        let versions = versions | (before.configured - self.axes.configured);
        let (before, now) = (before.by_status(), self.axes.by_status());
        now.into_iter().zip(before).fold(versions, |moved, (now, before)| moved | (now - before))
    }

    /// The cause of `Disconnected`, kept until the status changes or somebody who served again is lost again.
    fn group_cause(&self, status: GroupStatus) -> Cause {
        let shown = self.shown.display;
        if status != GroupStatus::Disconnected {
            Cause::None
        } else if shown.status == status && !self.lost_now {
            shown.cause
        } else {
            let lowest = self.axes.configured.lowest().unwrap_or(0);
            self.loss_cause.unwrap_or_else(|| self.cause_of(lowest))
        }
    }

    fn show_slots(&mut self, first: bool) {
        let moved = self.moved_slots();
        if first {
            return self.show_all_slots();
        }
        for slot in moved.iter() {
            let to = self.slot_display(slot);
            let from = std::mem::replace(&mut self.shown.slots[slot], to);
            if (from.status, from.agent, from.image) != (to.status, to.agent, to.image) {
                self.observer.slot(self.now, slot, Some(from), to);
            }
        }
    }

    /// The rows of the first instant; of spare slots only those that it has made use of.
    fn show_all_slots(&mut self) {
        for slot in 0..self.slots.len() {
            let to = self.slot_display(slot);
            self.shown.slots.push(to);
            let none = SlotDisplay { status: Status::Deleted, cause: Cause::Deleted, agent: 0, image: 0 };
            let is_spare = self.configured.slots[slot].spare;
            if !is_spare || self.axes.configured.contains(slot) {
                self.observer.slot(self.now, slot, is_spare.then_some(none), to);
            }
        }
    }

    fn slot_display(&self, slot: usize) -> SlotDisplay {
        let status = self.axes.status(slot);
        let Slot { agent, image, .. } = self.slots[slot];
        SlotDisplay { status, cause: self.cause_by_status(slot, status), agent, image }
    }

    /// Displays what a tick between two events changed, from `at` on: the average and the warning only.
    pub(super) fn show_load(&mut self, at: Time) {
        let status = self.axes.group_status(self.axes.serving(), self.load.over);
        let from = self.shown.display;
        let to = GroupDisplay { status, warning: self.load.warning, ..from };
        self.shown.over_threshold = self.load.over;
        self.shown.display = to;
        if from != to {
            self.observer.group(at, Some(from), to);
        }
    }
}
