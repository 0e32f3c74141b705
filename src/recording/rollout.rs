//! Rollouts: how a release spreads.

use hdrhistogram::Histogram;

use crate::time::Time;

/// The rollout of one release in one replication, over all groups.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// When it was published.
    pub published: Time,
    /// First start of an update to it.
    pub started: Option<Time>,
    /// When the last group completed; only meaningful if `completed_groups == groups`.
    pub last_completed: Option<Time>,
    /// Seconds from publication to each connector's success.
    pub reached: Histogram<u32>,
    /// Groups that had it as a target with a connector pending.
    pub groups: u64,
    /// Of these, the groups in which no connector was pending before the next release or the horizon.
    pub completed_groups: u64,
    /// Connectors pending at its publication.
    pub connectors: u64,
    /// Attempts that ended by themselves, with success or failure.
    pub attempts: u64,
    /// Attempts that ended with failure.
    pub failures: u64,
    /// Times a group began to be halted.
    pub halts: u64,
    /// Groups that stood halted when it was superseded or the run ended.
    pub stuck_groups: u64,
    /// Whether a newer release was published within the run.
    pub superseded: bool,
    /// Whether it was bad.
    pub bad: bool,
    /// Connectors that ran it, if it was bad.
    pub exposed: u64,
}
