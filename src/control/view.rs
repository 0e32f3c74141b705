//! What a policy may see of a group: displayed things only.

use crate::fleet::SlotSet;

/// A group as the vendor's updater sees it, without delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// How many connectors are configured.
    pub configured: usize,
    /// Connectors whose link is up.
    pub reachable: SlotSet,
    /// Connectors that serve.
    pub serving: SlotSet,
    /// Connectors that are being updated.
    pub updating: SlotSet,
    /// Connectors that wait for the target release, those being updated included.
    pub pending: SlotSet,
    /// Connectors whose last attempt at the target release failed.
    pub failed: SlotSet,
    /// Whether the group is halted.
    pub halted: bool,
}

/// What a policy wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Update this slot's agent to the group's target release.
    Update(usize),
}
