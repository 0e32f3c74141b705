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
        self.load.receives = self.axes.group_status(false).receives_demand();
        self.tick_now();
        let standing = self.standing();
        let first = self.shown.is_first();
        if first || standing.display != self.shown.standing.display {
            let from = (!first).then_some(self.shown.standing.display);
            self.observer.group(self.now, from, standing.display);
        }
        self.show_slots(&standing.by_status);
        self.shown.standing = standing;
        self.lost_now = false;
    }

    fn standing(&self) -> Standing {
        let axes = &self.axes;
        let exists = axes.configured - axes.empty - axes.deploying;
        let vulnerable = if self.rollout.fix > 0 {
            exists.iter().filter(|&slot| self.slots[slot].image < self.rollout.fix).collect()
        } else {
            SlotSet::EMPTY
        };
        let status = axes.group_status(self.load.over);
        let icon = VersionIcon {
            update_failed: !self.rollout.failed.is_empty(),
            image_vulnerable: !vulnerable.is_empty(),
        };
        Standing {
            display: GroupDisplay {
                status,
                warning: self.load.warning,
                icon,
                cause: self.group_cause(status),
            },
            over_threshold: self.load.over,
            by_status: axes.by_status(),
            serving: axes.serving(),
            unreachable: (axes.in_service - axes.out_of_use()) & axes.link_down,
            meant: axes.meant(),
            // Every connector in service was pending when the newest release came, or came with it.
            latest_agent: axes.in_service - self.rollout.pending,
            vulnerable: vulnerable & axes.in_service,
            on_bad_release: self.on_bad_release(axes.in_service),
        }
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

    fn show_slots(&mut self, by_status: &[SlotSet; 8]) {
        if self.shown.is_first() {
            for slot in 0..self.slots.len() {
                let to = self.slot_display(slot, by_status);
                self.shown.slots.push(to);
                self.observer.slot(self.now, slot, None, to);
            }
        }
        let moved = Status::ALL.iter().fold(SlotSet::EMPTY, |moved, &status| {
            let status = status as usize;
            moved | (by_status[status] - self.shown.standing.by_status[status])
        });
        let versions = std::mem::take(&mut self.shown.versions_changed);
        for slot in (moved | versions).iter() {
            let to = self.slot_display(slot, by_status);
            let from = std::mem::replace(&mut self.shown.slots[slot], to);
            if (from.status, from.agent, from.image) != (to.status, to.agent, to.image) {
                self.observer.slot(self.now, slot, Some(from), to);
            }
        }
    }

    fn slot_display(&self, slot: usize, by_status: &[SlotSet; 8]) -> SlotDisplay {
        let holds = |status: &Status| by_status[*status as usize].contains(slot);
        let status = Status::ALL.into_iter().find(holds).unwrap_or(Status::Deleted);
        let Slot { agent, image, .. } = self.slots[slot];
        SlotDisplay { status, cause: self.cause_by_status(slot, status), agent, image }
    }

    /// Displays what a tick between two events changed, from `at` on: the average and the warning only.
    pub(super) fn show_load(&mut self, at: Time) {
        let status = self.axes.group_status(self.load.over);
        let from = self.shown.standing.display;
        let to = GroupDisplay { status, warning: self.load.warning, ..from };
        self.shown.standing.over_threshold = self.load.over;
        self.shown.standing.display = to;
        if from != to {
            self.observer.group(at, Some(from), to);
        }
    }
}
