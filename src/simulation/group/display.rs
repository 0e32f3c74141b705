//! What is displayed at the end of an instant, and the rows that follow from it.

use super::*;
use crate::fleet::{GroupStatus, VersionIcon};
use crate::simulation::observer::{GroupDisplay, SlotDisplay, Standing};

/// What was displayed last.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) standing: Standing,
    slots: Vec<SlotDisplay>,
    /// Slots whose agent or image changed since.
    pub(super) versions_changed: SlotSet,
}

impl Shown {
    /// Before the first instant is settled.
    pub(super) fn nothing() -> Shown {
        let display = GroupDisplay {
            status: GroupStatus::Unestablished,
            warning: false,
            icon: VersionIcon::default(),
            cause: Cause::None,
        };
        let standing = Standing {
            display,
            over_threshold: false,
            by_status: [SlotSet::EMPTY; 8],
            in_service: SlotSet::EMPTY,
            serving: SlotSet::EMPTY,
            unreachable: SlotSet::EMPTY,
            meant: SlotSet::EMPTY,
            latest_agent: SlotSet::EMPTY,
            vulnerable: SlotSet::EMPTY,
            on_bad_release: SlotSet::EMPTY,
        };
        Shown { standing, slots: Vec::new(), versions_changed: SlotSet::EMPTY }
    }

    fn is_first(&self) -> bool {
        self.slots.is_empty()
    }
}

impl<'m, O: Observer> Group<'m, O> {
    /// Ends the open instant: its tick is taken, then what changed is displayed.
    pub(super) fn settle(&mut self) {
        let serving = self.axes.serving();
        let at_rest = self.axes.group_status(serving, false);
        self.load.receives = at_rest.receives_demand() && self.load.ticks > 0;
        if self.load.ticks > 0 {
            self.tick_now();
        }
        let status = at_rest.with_overload(self.load.over);
        let first = self.shown.is_first();
        let by_status = self.axes.by_status();
        let moved = self.moved_slots(&by_status);
        let vulnerable = self.vulnerable();
        let display = self.group_display(status, vulnerable);
        let before = std::mem::replace(&mut self.shown.standing.display, display);
        if first || display != before {
            self.observer.group(self.now, (!first).then_some(before), display);
        }
        let on_bad_release = self.on_bad_release(self.axes.in_service);
        let standing = &mut self.shown.standing;
        standing.over_threshold = self.load.over;
        standing.by_status = by_status;
        standing.in_service = self.axes.in_service;
        standing.serving = serving;
        standing.meant = self.axes.meant();
        standing.unreachable = (self.axes.in_service - self.axes.out_of_use()) & self.axes.link_down;
        // Every connector in service was pending when the newest release came, or came with it.
        standing.latest_agent = self.axes.in_service - self.rollout.pending;
        standing.vulnerable = vulnerable & self.axes.in_service;
        standing.on_bad_release = on_bad_release;
        self.lost_now = false;
        self.show_slots(moved, first);
    }

    /// Connectors with a published vulnerability, in service or expired.
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
    fn moved_slots(&mut self, by_status: &[SlotSet; 8]) -> SlotSet {
        let versions = std::mem::take(&mut self.shown.versions_changed);
        let shown = &self.shown.standing.by_status;
        by_status.iter().zip(shown).fold(versions, |moved, (&now, &before)| moved | (now - before))
    }

    /// The cause of `Disconnected`, kept until the status changes or somebody who served again is lost again.
    fn group_cause(&self, status: GroupStatus) -> Cause {
        let shown = self.shown.standing.display;
        if status != GroupStatus::Disconnected {
            Cause::None
        } else if shown.status == status && !self.lost_now {
            shown.cause
        } else {
            self.loss_cause.unwrap_or_else(|| self.cause_of(0))
        }
    }

    fn show_slots(&mut self, moved: SlotSet, first: bool) {
        if first {
            for slot in 0..self.slots.len() {
                let to = self.slot_display(slot);
                self.shown.slots.push(to);
                self.observer.slot(self.now, slot, None, to);
            }
            return;
        }
        for slot in moved.iter() {
            let to = self.slot_display(slot);
            let from = std::mem::replace(&mut self.shown.slots[slot], to);
            if (from.status, from.agent, from.image) != (to.status, to.agent, to.image) {
                self.observer.slot(self.now, slot, Some(from), to);
            }
        }
    }

    fn slot_display(&self, slot: usize) -> SlotDisplay {
        let by_status = &self.shown.standing.by_status;
        let holds = |status: &Status| by_status[*status as usize].contains(slot);
        // A slot has one status, so the search may begin at the likeliest.
        let status = Status::ALL.into_iter().rev().find(holds).unwrap_or(Status::Deleted);
        let Slot { agent, image, .. } = self.slots[slot];
        SlotDisplay { status, cause: self.cause_by_status(slot, status), agent, image }
    }

    /// Displays what a tick between two events changed, from `at` on: the average and the warning only.
    pub(super) fn show_load(&mut self, at: Time) {
        let status = self.axes.group_status(self.axes.serving(), self.load.over);
        let from = self.shown.standing.display;
        let to = GroupDisplay { status, warning: self.load.warning, ..from };
        self.shown.standing.over_threshold = self.load.over;
        self.shown.standing.display = to;
        if from != to {
            self.observer.group(at, Some(from), to);
        }
    }
}
