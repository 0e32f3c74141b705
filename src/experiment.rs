//! Experiments: policies × replications → outcomes.
//!
//! [`execute`] runs a batch of replications of one policy in parallel: over blocks of groups where groups do not meet,
//! over replications where they do. Everything that is merged is an integer, and what is written is handed over in
//! order, so the outcome is the same on any number of threads. [`sizing`] searches the smallest groups that meet targets.

mod execute;
pub mod sizing;

pub use execute::{Batch, Interrupted, Progress, Sink, execute};

use std::cell::RefCell;

use crate::fleet::{Group, Release};
use crate::recording::{Blame, CpuBucket, GroupTally, Operators, Overview, Rollout, Staffing};
use crate::simulation::Model;
use crate::simulation::observer::Unfinished;
use crate::time::{HOUR, MINUTE, Span};

/// What is recorded of each replication beside the tallies.
#[derive(Clone, Debug)]
pub struct Records {
    /// Groups and replications whose connectors' changes are handed to the sink.
    pub transitions: Selection,
    /// Groups and replications whose changes of group status are handed to the sink.
    pub group_status: Selection,
    /// Groups and replications whose CPU is charted.
    pub cpu_load: Selection,
    /// Length of a bucket of that chart.
    pub bucket: Span,
    /// Sampling interval of the overview.
    pub overview_every: Span,
    /// Share of a month in which a group should have a connector serving.
    pub objective: f64,
    /// Whether an independent auditor checks every row.
    pub audit: bool,
}

impl Records {
    /// Only what is measured: no rows, no charts, no auditor.
    pub fn measures(overview_every: Span, objective: f64) -> Records {
        Records {
            transitions: Selection::nothing(),
            group_status: Selection::nothing(),
            cpu_load: Selection::nothing(),
            bucket: HOUR,
            overview_every,
            objective,
            audit: false,
        }
    }
}

/// Which replications and groups are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The replications; `None`: all.
    pub replications: Option<Vec<u64>>,
    /// The groups by index, ascending; `None`: all.
    pub groups: Option<Vec<usize>>,
}

impl Selection {
    /// Nothing.
    pub fn nothing() -> Selection {
        Selection { replications: Some(Vec::new()), groups: Some(Vec::new()) }
    }

    /// Whether `group` is recorded in `replication`.
    pub fn contains(&self, replication: u64, group: usize) -> bool {
        self.replications.as_ref().is_none_or(|these| these.contains(&replication))
            && self.groups.as_ref().is_none_or(|these| these.binary_search(&group).is_ok())
    }
}

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
    /// Groups, by index, in which the rollout of the release due at the horizon is not complete.
    pub unfinished: Vec<(u32, Unfinished)>,
    /// By crew of operators.
    pub operators: Staffing,
    /// What time missing, overloads and lost user-minutes are charged to.
    pub blame: Blame,
}

impl ReplicationOutcome {
    /// What came of one group alone, of which nothing but this was recorded.
    fn of_group(replication: u64, tally: GroupTally, cost_micros: i128) -> ReplicationOutcome {
        ReplicationOutcome {
            replication,
            tally,
            cost_micros,
            overview: Overview { every: HOUR, rows: Vec::new() },
            rollouts: Vec::new(),
            operators: Staffing::default(),
            blame: Blame::default(),
            unfinished: Vec::new(),
        }
    }
}

/// What came of one group over all replications.
#[derive(Clone, Debug, Default)]
pub struct GroupOutcome {
    /// All replications merged.
    pub tally: GroupTally,
    /// By index of replication: what intervals over replications are made of.
    pub replications: Vec<GroupReplication>,
}

/// What is kept of one group in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupReplication {
    /// Hours overloaded.
    pub overloaded_hours: f64,
    /// Minutes of active users without service.
    pub unserved_user_minutes: f64,
    /// Times it began to be `Disconnected`.
    pub outages: u32,
    /// Times it began to be `Overloaded`.
    pub overloads: u32,
    /// Months with a slot meant to serve.
    pub months: u32,
    /// Of these, months that broke the objective.
    pub broken_months: u32,
}

impl GroupReplication {
    fn of(tally: &GroupTally) -> GroupReplication {
        GroupReplication {
            overloaded_hours: Span(tally.overloaded).as_hours(),
            unserved_user_minutes: tally.unserved_users as f64 / MINUTE.0 as f64,
            outages: tally.outages as u32,
            overloads: tally.overload_episodes as u32,
            months: tally.months as u32,
            broken_months: tally.broken_months as u32,
        }
    }
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

impl PolicyOutcome {
    /// Of the policy with this index, before any replication.
    pub fn new(policy: usize, groups: usize) -> PolicyOutcome {
        let groups = vec![GroupOutcome::default(); groups];
        PolicyOutcome { policy, replications: Vec::new(), groups, cpu_load: Vec::new() }
    }

    /// What all replications together are charged to.
    pub fn blame(&self) -> Blame {
        self.replications.iter().fold(Blame::default(), |mut sum, replication| {
            sum.merge(&replication.blame);
            sum
        })
    }

    /// Adds the next batch of replications.
    pub fn extend(&mut self, batch: Batch) {
        self.replications.extend(batch.replications);
        self.cpu_load.extend(batch.cpu_load);
        for (group, more) in self.groups.iter_mut().zip(batch.groups) {
            group.merge(more);
        }
    }
}

impl GroupOutcome {
    fn merge(&mut self, more: GroupOutcome) {
        if self.replications.is_empty() {
            *self = more;
        } else {
            self.tally.merge(&more.tally);
            self.replications.extend(more.replications);
        }
    }

    /// Adds the tally of the next replication.
    fn add(&mut self, tally: &GroupTally) {
        self.tally.merge(tally);
        self.replications.push(GroupReplication::of(tally));
    }
}

/// A replication under construction: its groups add to it in any order.
#[derive(Debug)]
struct Partial {
    tally: GroupTally,
    cost_micros: i128,
    overview: RefCell<Overview>,
    rollouts: RefCell<Vec<Rollout>>,
    unfinished: RefCell<Vec<(u32, Unfinished)>>,
    operators: RefCell<Operators>,
    blame: RefCell<Blame>,
}

impl Partial {
    fn new(model: &Model, records: &Records, releases: &[Release]) -> Partial {
        Partial {
            tally: GroupTally::default(),
            cost_micros: 0,
            overview: RefCell::new(Overview::new(records.overview_every, model.horizon)),
            rollouts: RefCell::new(Rollout::of(releases, model.measured_from)),
            unfinished: RefCell::default(),
            operators: RefCell::new(Operators::of(model.crews.len())),
            blame: RefCell::new(Blame::new(model.environment.failures.len())),
        }
    }

    fn add(&mut self, model: &Model, group: &Group, tally: &GroupTally) {
        self.tally.merge(tally);
        let hours = tally.existing as f64 / HOUR.0 as f64;
        self.cost_micros +=
            libm::round(hours * model.fleet.instances[group.instance].cost_per_hour * 1e6) as i128;
    }

    fn merge(&mut self, other: Partial) {
        self.tally.merge(&other.tally);
        self.cost_micros += other.cost_micros;
        self.overview.get_mut().merge(&other.overview.into_inner());
        self.blame.get_mut().merge(&other.blame.into_inner());
        for (rollout, more) in self.rollouts.get_mut().iter_mut().zip(other.rollouts.into_inner()) {
            rollout.merge(&more);
        }
        self.unfinished.get_mut().extend(other.unfinished.into_inner());
        self.operators.get_mut().merge(other.operators.into_inner());
    }

    fn outcome(self, replication: u64) -> ReplicationOutcome {
        let mut unfinished = self.unfinished.into_inner();
        unfinished.sort_unstable_by_key(|&(group, _)| group);
        ReplicationOutcome {
            replication,
            tally: self.tally,
            cost_micros: self.cost_micros,
            overview: self.overview.into_inner().summed(),
            rollouts: self.rollouts.into_inner(),
            unfinished,
            operators: self.operators.into_inner().summed(),
            blame: self.blame.into_inner(),
        }
    }
}
