//! Experiments: policies × replications → outcomes.

use crate::recording::{CpuBucket, GroupTally, Overview, Rollout};

/// What came of one policy.
#[derive(Clone, Debug)]
pub struct PolicyOutcome {
    /// Index of the policy in the model.
    pub policy: usize,
    /// By index of replication.
    pub replications: Vec<ReplicationOutcome>,
    /// By group in scenario order, merged over replications.
    pub groups: Vec<GroupOutcome>,
    /// Charts of the selected groups, by replication, then group.
    pub cpu_load: Vec<CpuChart>,
}

/// What came of one replication, over all groups.
#[derive(Clone, Debug)]
pub struct ReplicationOutcome {
    /// Index of the replication.
    pub replication: u64,
    /// All groups merged.
    pub tally: GroupTally,
    /// Price of all connector-hours, in millionths.
    pub cost_micros: i128,
    /// Counts over time.
    pub overview: Overview,
    /// By release.
    pub rollouts: Vec<Rollout>,
}

/// What came of one group over all replications.
#[derive(Clone, Debug)]
pub struct GroupOutcome {
    /// All replications merged.
    pub tally: GroupTally,
    /// Hours overloaded in each replication.
    pub overloaded_hours: Vec<f64>,
}

/// The chart of one group in one replication.
#[derive(Clone, Debug)]
pub struct CpuChart {
    /// Index of the replication.
    pub replication: u64,
    /// Index of the group.
    pub group: usize,
    /// Consecutive buckets.
    pub buckets: Vec<CpuBucket>,
}
