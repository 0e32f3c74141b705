//! A plan: how many connectors each group needs, with what confidence, why, and what one more would gain.
//!
//! [`goals`] says which metrics a plan can have a target for and reads targets as they are typed. The search itself is
//! [`crate::experiment::sizing`]; here is what is told of its outcome, in the words and units of the user. `screen` prints it;
//! the CSV files are in [`super::csv::plan`], the pictures in [`super::picture::plan`].

pub mod goals;
mod screen;
mod words;

pub use goals::{Goal, GoalError};
pub use screen::{json, screen};
pub use words::{Changes, changes};

use std::ops::Range;

use super::subject::Subject;
use crate::experiment::sizing::calendar::Due;
use crate::experiment::sizing::verify::Verified;
use crate::experiment::sizing::{Decision, Finding, GroupSize, Target, Trial, Verdict};

/// A plan as it is reported.
pub struct Plan<'a> {
    /// The study.
    pub subject: &'a Subject<'a>,
    /// Index of the policy.
    pub policy: usize,
    /// The targets.
    pub goals: &'a [Goal],
    /// By group, in scenario order.
    pub groups: Vec<GroupSize>,
    /// Templates with their groups.
    pub templates: Vec<(String, Range<usize>)>,
    /// Confidence of the plan.
    pub confidence: f64,
    /// Whether it holds for all groups together.
    pub for_fleet: bool,
    /// The most replications of a size.
    pub most: u64,
    /// The whole fleet of these sizes, where groups share something.
    pub verified: Option<Verified>,
    /// What if things were otherwise.
    pub sensitivity: Vec<Variant>,
    /// When growing groups need their next connectors.
    pub calendar: Vec<Due>,
    /// Whether the user stopped it before the sensitivity or the calendar was complete.
    pub interrupted: bool,
}

/// What a group would need if something were otherwise.
pub struct Variant {
    /// What is otherwise.
    pub what: &'static str,
    /// The groups that were sized again, as they came out.
    pub groups: Vec<GroupSize>,
}

/// What a target came to at a size, in its metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// The mean.
    pub value: f64,
    /// The limit on the bad side, which has to meet the target; none without one.
    pub worst: Option<f64>,
    /// The limit on the good side.
    pub best: Option<f64>,
}

impl Told {
    /// Of a finding of `target`; none where the metric has no value.
    pub fn of(target: &Target, finding: &Finding) -> Option<Told> {
        let loss = finding.loss?;
        let finite = |loss: f64| Some(target.value_of(loss)).filter(|value| value.is_finite());
        Some(Told { value: target.value_of(loss.mean), worst: finite(loss.upper), best: finite(loss.lower) })
    }
}

impl Plan<'_> {
    /// The connectors that are configured in a group.
    pub fn configured(&self, group: usize) -> usize {
        self.subject.model.fleet.groups[group].slots.len()
    }

    /// The connectors a group should have: those of the answer, raised if the whole fleet showed that more are needed.
    pub fn connectors(&self, of: &GroupSize) -> Option<usize> {
        let verified = self.verified.as_ref().map(|verified| verified.groups[of.group].connectors);
        of.verdict.connectors().map(|size| verified.unwrap_or(size))
    }

    /// The name of the template of a group.
    pub fn template(&self, group: usize) -> &str {
        let found = self.templates.iter().find(|(_, groups)| groups.contains(&group));
        found.map_or("", |(name, _)| name.as_str())
    }

    /// Whether every group has a size that is shown to meet the targets, and the whole fleet agrees.
    pub fn is_met(&self) -> bool {
        self.groups.iter().all(|of| of.verdict.connectors().is_some())
            && self.verified.as_ref().is_none_or(Verified::is_met)
    }

    /// Price of a month of a group with `connectors` that stay.
    pub fn price(&self, group: usize, connectors: usize) -> f64 {
        let fleet = &self.subject.model.fleet;
        fleet.instances[fleet.groups[group].instance].cost_per_hour * 730.0 * connectors as f64
    }

    /// Price of a month of a group's answer: as it was measured, with what verification added.
    pub fn cost(&self, of: &GroupSize) -> Option<f64> {
        let verified = self.verified.as_ref().filter(|verified| verified.judged[of.group]);
        let trial = of.answer()?;
        Some(verified.map_or(trial, |verified| &verified.groups[of.group]).cost_per_month())
    }

    /// The index of the target that decides the size of a group, and the trial that shows it: the target that the size
    /// below missed by most, or else the one with least room.
    pub fn binding<'t>(&self, of: &'t GroupSize) -> Option<(usize, &'t Trial)> {
        let shown = of.answer().or(of.trials.last())?;
        let below = of.trials.iter().rev().find(|trial| trial.connectors < shown.connectors);
        let judged = below.filter(|_| of.verdict.connectors().is_some()).unwrap_or(shown);
        let unmet = |index: &usize| judged.findings[*index].decision != Decision::Met;
        let any_unmet = (0..self.goals.len()).any(|index| unmet(&index));
        let candidates = (0..self.goals.len()).filter(|index| !any_unmet || unmet(index));
        let strain = |&index: &usize| {
            let tolerance = self.goals[index].target.tolerance();
            let loss = judged.findings[index].loss.map_or(0.0, |loss| loss.upper);
            if tolerance > 0.0 { loss / tolerance } else { loss }
        };
        let index = candidates.max_by(|a, b| strain(a).total_cmp(&strain(b)).then(b.cmp(a)))?;
        Some((index, shown))
    }

    /// What a trial says of the target with this index.
    pub fn told(&self, trial: &Trial, index: usize) -> Option<Told> {
        Told::of(&self.goals[index].target, trial.findings.get(index)?)
    }

    /// The word for a group's verdict in files: `met`, `enough`, `unresolved` or `unattainable`.
    pub fn verdict(of: &GroupSize) -> &'static str {
        match of.verdict {
            Verdict::Met(_) => "met",
            Verdict::Enough(..) => "enough",
            Verdict::Open(_) => "unresolved",
            Verdict::Missed => "unattainable",
        }
    }

    /// How many more replications would resolve what is open.
    pub fn more(of: &GroupSize) -> Option<u64> {
        match of.verdict {
            Verdict::Enough(_, more) | Verdict::Open(more) => more,
            Verdict::Met(_) | Verdict::Missed => None,
        }
    }
}
