//! The separate axes of a group's connectors, as sets of slots, and everything that is derived from them.
//!
//! Exactly one of `empty`, `deploying`, `announced`, `in_service`, `expired`, `revoked` holds for each configured slot, and none for
//! any other; the other axes are independent. Nothing derived is stored, so nothing can disagree.

use super::{Group, GroupStatus, SlotSet, Status};

/// Where the connectors of one group stand on each axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axes {
    /// Configured slots.
    pub configured: SlotSet,
    /// Slots without a connector.
    pub empty: SlotSet,
    /// Lifecycle: the machine is being deployed.
    pub deploying: SlotSet,
    /// Lifecycle: enrolled, to be confirmed.
    pub announced: SlotSet,
    /// Lifecycle: in service.
    pub in_service: SlotSet,
    /// Lifecycle: expired for good.
    pub expired: SlotSet,
    /// Lifecycle: revoked, and not deleted yet.
    pub revoked: SlotSet,
    /// Admin: slots disabled one by one.
    pub disabled: SlotSet,
    /// Admin: the whole group is disabled.
    pub group_disabled: bool,
    /// Link: down.
    pub link_down: SlotSet,
    /// Agent: an update is in progress.
    pub updating: SlotSet,
    /// Whether the group has a private resource.
    pub has_resource: bool,
    /// Whether a slot has been in service since the group was made.
    pub established: bool,
    /// Whether a connector serves while it is updated.
    pub serve_while_updating: bool,
}

impl Axes {
    /// The axes of `group` at 0, before any failure.
    pub fn at_start(group: &Group, serve_while_updating: bool) -> Axes {
        let those = |test: fn(&super::Slot) -> bool| -> SlotSet {
            (0..group.slots.len()).filter(|&slot| test(&group.slots[slot])).collect()
        };
        let empty = those(|slot| slot.empty);
        Axes {
            configured: group.at_start(),
            empty,
            deploying: SlotSet::EMPTY,
            announced: SlotSet::EMPTY,
            in_service: group.at_start() - empty,
            expired: SlotSet::EMPTY,
            revoked: SlotSet::EMPTY,
            disabled: those(|slot| slot.disabled),
            group_disabled: group.disabled,
            link_down: SlotSet::EMPTY,
            updating: SlotSet::EMPTY,
            has_resource: group.resources > 0,
            established: group.at_start() != empty,
            serve_while_updating,
        }
    }

    /// `slot` is not configured any more.
    pub fn forget(&mut self, slot: usize) {
        self.leave(slot);
        for set in [&mut self.configured, &mut self.disabled] {
            set.remove(slot);
        }
    }

    /// The connector in `slot` ends whatever part of its life it is in; another must begin.
    pub fn leave(&mut self, slot: usize) {
        let Axes { empty, deploying, announced, in_service, expired, revoked, updating, .. } = self;
        for set in [empty, deploying, announced, in_service, expired, revoked, updating] {
            set.remove(slot);
        }
    }

    /// Connectors that serve: in service, enabled, link up, not updating unless that is allowed.
    #[inline]
    pub fn serving(&self) -> SlotSet {
        if self.group_disabled {
            return SlotSet::EMPTY;
        }
        let able = self.in_service - self.disabled - self.link_down;
        if self.serve_while_updating { able } else { able - self.updating }
    }

    /// Slots that are meant to serve: an administrator has disabled neither them nor their group, and it has a resource.
    #[inline]
    pub fn meant(&self) -> SlotSet {
        if self.group_disabled || !self.has_resource {
            SlotSet::EMPTY
        } else {
            self.configured - self.disabled
        }
    }

    /// In-service connectors that are disabled, one by one or with their group.
    pub fn out_of_use(&self) -> SlotSet {
        if self.group_disabled { self.in_service } else { self.in_service & self.disabled }
    }

    /// In-service, enabled connectors whose link is down.
    pub fn unreachable(&self) -> SlotSet {
        (self.in_service - self.out_of_use()) & self.link_down
    }

    /// Slots by displayed status, indexed by `Status as usize`; the first match wins.
    pub fn by_status(&self) -> [SlotSet; 8] {
        let enrolled = self.in_service | self.revoked;
        let disabled = if self.group_disabled { enrolled } else { enrolled & self.disabled };
        let enabled = self.in_service - disabled;
        let updating = enabled & self.updating;
        let unreachable = (enabled - updating) & self.link_down;
        let connected = enabled - updating - unreachable;
        let disconnected = unreachable | (self.revoked - disabled);
        [
            self.empty,
            self.deploying,
            self.announced,
            self.expired,
            disabled,
            updating,
            disconnected,
            connected,
        ]
    }

    /// The displayed status of one slot.
    pub fn status(&self, slot: usize) -> Status {
        let sets = self.by_status();
        Status::ALL
            .into_iter()
            .find(|&status| sets[status as usize].contains(slot))
            .unwrap_or(Status::Deleted)
    }

    /// The group's displayed status with these connectors `serving`; `over` says whether the running average exceeds the
    /// threshold.
    pub fn group_status(&self, serving: SlotSet, over: bool) -> GroupStatus {
        // Whoever serves is enabled; most groups most of the time have somebody who does.
        if !serving.is_empty() && self.has_resource && self.established {
            return GroupStatus::Connected.with_overload(over);
        }
        let all_out_of_use = !self.in_service.is_empty() && (self.in_service - self.disabled).is_empty();
        if self.group_disabled || all_out_of_use {
            GroupStatus::Disabled
        } else if !self.has_resource || !self.established {
            GroupStatus::Unestablished
        } else {
            GroupStatus::Disconnected
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Axes {
        fn displayed(&self, over: bool) -> GroupStatus {
            self.group_status(self.serving(), over)
        }
    }

    fn axes(slots: usize) -> Axes {
        Axes {
            configured: SlotSet::first(slots),
            empty: SlotSet::EMPTY,
            deploying: SlotSet::EMPTY,
            announced: SlotSet::EMPTY,
            in_service: SlotSet::first(slots),
            expired: SlotSet::EMPTY,
            revoked: SlotSet::EMPTY,
            disabled: SlotSet::EMPTY,
            group_disabled: false,
            link_down: SlotSet::EMPTY,
            updating: SlotSet::EMPTY,
            has_resource: true,
            established: true,
            serve_while_updating: false,
        }
    }

    #[test]
    fn the_first_matching_status_of_a_connector_wins() {
        let one = SlotSet::one(0);
        let down = Axes { link_down: one, ..axes(1) };
        assert_eq!(down.status(0), Status::Disconnected);
        assert_eq!(Axes { updating: one, ..axes(1) }.status(0), Status::Updating);
        assert_eq!(Axes { updating: one, disabled: one, ..axes(1) }.status(0), Status::Disabled);
        assert_eq!(Axes { group_disabled: true, ..down }.status(0), Status::Disabled);
        let expired = Axes { in_service: SlotSet::EMPTY, expired: one, group_disabled: true, ..down };
        assert_eq!(expired.status(0), Status::Expired);
        let revoked = Axes { in_service: SlotSet::EMPTY, revoked: one, ..axes(1) };
        assert_eq!(revoked.status(0), Status::Disconnected);
        assert_eq!(Axes { disabled: one, ..revoked }.status(0), Status::Disabled);
        assert_eq!(axes(1).status(0), Status::Connected);
    }

    #[test]
    fn every_slot_has_exactly_one_status() {
        let mixed = Axes {
            empty: SlotSet::one(0),
            in_service: SlotSet::first(6) - SlotSet::first(2),
            expired: SlotSet::one(1),
            disabled: SlotSet::one(2),
            updating: SlotSet::one(3) | SlotSet::one(2),
            link_down: SlotSet::one(4) | SlotSet::one(1),
            ..axes(6)
        };
        let sets = mixed.by_status();
        assert_eq!(sets.iter().map(|set| set.len()).sum::<usize>(), 6);
        assert_eq!(sets.iter().fold(SlotSet::EMPTY, |all, &set| all | set), SlotSet::first(6));
        assert_eq!(mixed.serving(), SlotSet::one(5));
    }

    #[test]
    fn a_group_is_disabled_when_all_in_service_are_and_expired_ones_do_not_count() {
        let both = SlotSet::first(2);
        assert_eq!(Axes { disabled: both, ..axes(2) }.displayed(false), GroupStatus::Disabled);
        assert_eq!(Axes { disabled: SlotSet::one(0), ..axes(2) }.displayed(false), GroupStatus::Connected);
        let last_enabled_expired = Axes {
            in_service: SlotSet::one(0),
            expired: SlotSet::one(1),
            disabled: SlotSet::one(0),
            ..axes(2)
        };
        assert_eq!(last_enabled_expired.displayed(false), GroupStatus::Disabled);
        let all_expired = Axes { in_service: SlotSet::EMPTY, expired: both, disabled: both, ..axes(2) };
        assert_eq!(all_expired.displayed(true), GroupStatus::Disconnected);
    }

    #[test]
    fn unestablished_comes_before_disconnected_and_overloaded_last() {
        let alone = axes(1);
        assert_eq!(Axes { has_resource: false, ..alone }.displayed(true), GroupStatus::Unestablished);
        assert_eq!(Axes { established: false, ..alone }.displayed(true), GroupStatus::Unestablished);
        assert_eq!(Axes { link_down: SlotSet::one(0), ..alone }.displayed(true), GroupStatus::Disconnected);
        assert_eq!(alone.displayed(true), GroupStatus::Overloaded);
    }
}
