//! The disruption budget is never exceeded, whatever policies and faults come together.

#![allow(clippy::unwrap_used)]

#[path = "support/builder.rs"]
mod builder;
#[path = "support/swarm.rs"]
mod swarm;

use fleetcast::control::{Budget, BudgetCounts};
use fleetcast::environment::demand::level::Level;
use fleetcast::fleet::SlotSet;
use fleetcast::simulation::observer::{Happening, Observer, Standing};
use fleetcast::simulation::run::Replication;
use fleetcast::time::Time;
use proptest::prelude::*;

/// Watches the starts of updates in one group.
struct Watch {
    budget: Budget,
    configured: usize,
    serving: SlotSet,
    updating: SlotSet,
    /// The instant, who started in it, and whether something else took a connector out in it.
    now: Time,
    started: SlotSet,
    disturbed: bool,
    starts: usize,
    broken: Vec<String>,
}

impl Watch {
    fn new(budget: Budget, configured: usize) -> Watch {
        Watch {
            budget,
            configured,
            serving: SlotSet::EMPTY,
            updating: SlotSet::EMPTY,
            now: Time::ZERO,
            started: SlotSet::EMPTY,
            disturbed: false,
            starts: 0,
            broken: Vec::new(),
        }
    }

    fn come_to(&mut self, at: Time) {
        if at > self.now {
            (self.now, self.started, self.disturbed) = (at, SlotSet::EMPTY, false);
        }
    }

    /// At the end of an instant in which somebody who served was taken out: as many are out as may, at the most. Where
    /// another loss came in the same instant, it may have come after the start, and nothing is said.
    fn judge(&mut self, serving: SlotSet) {
        let taken = self.started & self.serving;
        let out = match self.budget.counts {
            BudgetCounts::Voluntary => self.updating,
            BudgetCounts::All => (SlotSet::first(self.configured) - serving) | self.updating,
        };
        let most = self.budget.max_unavailable(self.configured);
        if !taken.is_empty() && !self.disturbed && out.len() > most {
            self.broken.push(format!("{:?}: {out:?} are out, at most {most} may be", self.now));
        }
    }
}

impl Observer for Watch {
    const WATCHES_SLOTS: bool = false;

    fn happened(&mut self, at: Time, what: Happening) {
        self.come_to(at);
        match what {
            Happening::UpdateStarted { slot, .. } => {
                self.starts += 1;
                self.started.insert(slot);
                self.updating.insert(slot);
            }
            Happening::UpdateSucceeded { slot, .. }
            | Happening::Returned { slot, .. }
            | Happening::UpdateFailed { slot, .. } => self.updating.remove(slot),
            Happening::UpdateAborted { slot, .. } => {
                self.updating.remove(slot);
                self.disturbed = true;
            }
            Happening::Failed { .. } | Happening::Expired { .. } => self.disturbed = true,
            _ => {}
        }
    }

    fn span(&mut self, from: Time, _to: Time, standing: &Standing<'_>) {
        if from == self.now {
            self.judge(standing.serving);
        }
        self.serving = standing.serving;
    }
}

/// How many updates were started under the policy of a random model; panics if the budget was exceeded.
fn starts_within_budget(seed: u64) -> usize {
    let model = swarm::swarm(seed);
    let budget = model.policies[0].upgrade.budget;
    let watched = Replication::new(&model, 0, 0, Level::new())
        .run_all(|group| Watch::new(budget, model.fleet.groups[group].slots.len()));
    for watch in &watched {
        assert!(watch.broken.is_empty(), "seed {seed}: {:?}", watch.broken);
    }
    watched.iter().map(|watch| watch.starts).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_policy_and_no_fault_exceed_it(seed in 0..1_000_000_000u64) {
        starts_within_budget(seed);
    }
}

/// The property says something: in these models thousands of updates are started.
#[test]
fn the_random_models_update() {
    let starts: usize = (0..100).map(starts_within_budget).sum();
    assert!(starts > 1_000, "{starts}");
}
