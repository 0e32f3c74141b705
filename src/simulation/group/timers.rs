//! The kinds of event of a group in the order of the tie law, and the places at which they are pending.

use crate::events::{Agenda, Ranked};

/// The kinds of event. **Their order is the order in which simultaneous ones are taken.** Control periods and demand
/// ticks come after all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// An outage of a process ends.
    Restore,
    /// An outage of a process begins.
    Fail,
    /// A connector cannot renew its validation, or its grace is over.
    Expire,
    /// The update of a slot ends.
    UpdateEnds,
    /// The group's back-off ends.
    Retry,
    /// A release is published.
    Publish,
    /// An image is published.
    NewImage,
    /// The rollout of a release that was published earlier begins.
    BeginRollout,
    /// The machine of a slot is up and tries to enrol.
    Deployed,
    /// An announced connector is confirmed.
    Confirmed,
    /// An administrative action is due.
    Administer,
    /// An expired connector is deleted, or one that scaling removes.
    Delete,
    /// The repair of an update fault ends.
    RepairEnds,
    /// A replacement begins to deploy.
    BeginReplacement,
    /// The group has a new provisioning key.
    KeyIssued,
    /// The machine that was ordered for a slot begins to boot.
    OrderPlaced,
    /// Something that the updater waits for: a window opens, or it sees what happened a while ago.
    Look,
    /// The number of connectors is decided.
    Scale,
}

const KINDS: [Kind; 18] = [
    Kind::Restore,
    Kind::Fail,
    Kind::Expire,
    Kind::UpdateEnds,
    Kind::Retry,
    Kind::Publish,
    Kind::NewImage,
    Kind::BeginRollout,
    Kind::Deployed,
    Kind::Confirmed,
    Kind::Administer,
    Kind::Delete,
    Kind::RepairEnds,
    Kind::BeginReplacement,
    Kind::KeyIssued,
    Kind::OrderPlaced,
    Kind::Look,
    Kind::Scale,
];

impl Ranked for Kind {
    fn rank(self) -> u8 {
        self as u8
    }

    fn of_rank(rank: u8) -> Kind {
        KINDS[usize::from(rank)]
    }
}

/// Where events are pending. Processes come first and in the order of `environment::process::processes`, wider scope
/// first: a process is either up or down. A slot's connector is updated only while its link is up, expires only while
/// it is down, and is deployed, confirmed or replaced only when it is out of service, so a slot has one place — and another one
/// for its deletion, where connectors are ever deleted. A halt waits for a
/// back-off or for a repair; where connectors rest one by one, the first of them to be over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    slots: usize,
    deletions: usize,
    pub(super) halt: usize,
    pub(super) releases: usize,
    pub(super) images: usize,
    pub(super) rollout: usize,
    pub(super) look: usize,
    pub(super) key: usize,
    pub(super) scaling: usize,
    pub(super) actions: usize,
}

impl Places {
    /// The places of a group with these numbers of processes and slots; `deletes`: whether connectors are ever
    /// deleted other than by their replacement.
    pub(super) fn of(processes: usize, slots: usize, deletes: bool) -> (Places, Agenda<Kind>) {
        let deletions = processes + slots;
        let halt = deletions + if deletes { slots } else { 0 };
        let places = Places {
            slots: processes,
            deletions,
            halt,
            releases: halt + 1,
            images: halt + 2,
            rollout: halt + 3,
            look: halt + 4,
            key: halt + 5,
            scaling: halt + 6,
            actions: halt + 7,
        };
        (places, Agenda::with_places(halt + 8))
    }

    /// The place of a slot.
    pub(super) fn slot(&self, slot: usize) -> usize {
        self.slots + slot
    }

    /// The place of a slot's deletion, if connectors are ever deleted.
    pub(super) fn deletion(&self, slot: usize) -> Option<usize> {
        (self.deletions != self.halt).then_some(self.deletions + slot)
    }

    /// The slot of a place that belongs to one.
    pub(super) fn slot_at(&self, place: usize) -> usize {
        place - if place < self.deletions { self.slots } else { self.deletions }
    }
}
