//! What a policy may see of a group: displayed things only, and links and load as old as its detection delay.

use super::scaling::Mean;
use crate::fleet::SlotSet;

/// A group as its updater sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupView {
    /// Slots that are configured.
    pub configured: SlotSet,
    /// Connectors whose link was up when the policy last saw it.
    pub seen_reachable: SlotSet,
    /// Connectors that served then.
    pub seen_serving: SlotSet,
    /// Connectors whose link is up now: a proposal about another one is void.
    pub reachable: SlotSet,
    /// Connectors that serve now; for the arbiter.
    pub serving: SlotSet,
    /// Connectors that are being updated.
    pub updating: SlotSet,
    /// Connectors that are being removed.
    pub draining: SlotSet,
    /// Connectors that wait for the target release, those being updated included.
    pub pending: SlotSet,
    /// Connectors whose last attempt at the target release failed.
    pub failed: SlotSet,
    /// Of these, those that wait for a back-off or a repair of their own.
    pub resting: SlotSet,
    /// Whether the group is halted.
    pub halted: bool,
    /// Whether the gate of the release holds its rollout, and how much of it.
    pub held: Option<Held>,
    /// Whether the rollout has waited so long that window and gate no longer hold it.
    pub forced: bool,
    /// Its load when the policy last saw it.
    pub load: Load,
}

/// What the gate of a release holds up in the groups that it has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Everybody but those that failed at it: they try again.
    Others,
    /// Everybody.
    Everybody,
}

/// The load of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// The displayed running average; none before the first tick, nor where nobody served.
    pub average: Option<Mean>,
    /// Idle CPU of its instances, in hundredths of a percent.
    pub idle: f64,
    /// β of the group.
    pub efficiency: f64,
}
