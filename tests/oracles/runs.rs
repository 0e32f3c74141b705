//! Runs of a model: one observer for every (replication, group), all of them independent where no outage is shared.

use fleetcast::environment::demand::level::Level;
use fleetcast::recording::GroupTally;
use fleetcast::recording::tally::Tallier;
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Happening, Observer, Standing};
use fleetcast::simulation::run::Replication;
use fleetcast::time::{Span, Time};
use rayon::prelude::*;

use crate::builder::add_group;

/// What `new` observes of every group in every replication, replication by replication.
pub(crate) fn watch<O: Observer + Send>(
    model: &Model,
    replications: u64,
    new: impl Fn(usize) -> O + Sync,
) -> Vec<O> {
    let run = |index| Replication::new(model, 0, index, Level::new()).run_all(&new);
    (0..replications).into_par_iter().flat_map(run).collect()
}

/// The tallies of every group in every replication.
pub(crate) fn tallies(model: &Model, replications: u64) -> Vec<GroupTally> {
    let tallier = |group| Tallier::new(model, group, 0.999, Level::new());
    watch(model, replications, tallier).into_iter().map(Tallier::tally).collect()
}

/// Adds `groups` alike.
pub(crate) fn add_groups(model: &mut Model, groups: usize, connectors: usize) {
    for index in 0..groups {
        add_group(model, &format!("group-{index}"), connectors);
    }
}

/// Sets the end of the run and leaves out demand: only the state of connectors matters.
pub(crate) fn run_without_demand(model: &mut Model, length: Span) {
    model.horizon = Time::ZERO + length;
    model.environment.demands.iter_mut().for_each(|series| series.shape.clear());
}

/// Counts happenings after 0.
#[derive(Default)]
pub(crate) struct Count {
    /// Failures of connectors.
    pub(crate) failed: u64,
    /// Times the group began to be halted.
    pub(crate) halted: u64,
    /// Attempts to update that ended with failure.
    pub(crate) attempts_failed: u64,
    /// When the rollout was complete.
    pub(crate) complete: Option<Time>,
    /// Releases published.
    pub(crate) published: u64,
}

impl Observer for Count {
    fn happened(&mut self, at: Time, what: Happening) {
        match what {
            Happening::Failed { .. } if at > Time::ZERO => self.failed += 1,
            Happening::Halted { .. } => self.halted += 1,
            Happening::UpdateFailed { .. } => self.attempts_failed += 1,
            Happening::RolloutComplete { .. } => self.complete = Some(at),
            Happening::Published { .. } => self.published += 1,
            _ => {}
        }
    }
}

/// Measures the time with at least so many connectors serving.
pub(crate) struct AtLeast {
    /// So many.
    pub(crate) serving: usize,
    /// Milliseconds with fewer.
    pub(crate) fewer: i64,
    /// Milliseconds in all.
    pub(crate) total: i64,
}

impl AtLeast {
    pub(crate) fn new(serving: usize) -> AtLeast {
        AtLeast { serving, fewer: 0, total: 0 }
    }

    /// Share of the time with fewer.
    pub(crate) fn unavailability(&self) -> f64 {
        self.fewer as f64 / self.total as f64
    }
}

impl Observer for AtLeast {
    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        let length = (to - from).0;
        self.total += length;
        if standing.serving.len() < self.serving {
            self.fewer += length;
        }
    }
}
