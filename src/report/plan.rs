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
use crate::control::ScalingPolicy;
use crate::experiment::sizing::calendar::Due;
use crate::experiment::sizing::verify::Verified;
use crate::experiment::sizing::{Decision, Finding, GroupSize, Trial, Verdict};
use crate::time::MONTH;

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
    /// By group, the smallest size that has every slot which the scenario names.
    pub least: Vec<usize>,
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
    /// Whether the user stopped it before the fleet was verified, or the sensitivity or the calendar complete.
    pub interrupted: bool,
}

/// What a group would need if something were otherwise.
pub struct Variant {
    /// What is otherwise.
    pub what: &'static str,
    /// The groups that were sized again, as they came out.
    pub groups: Vec<GroupSize>,
}

/// What is known of a group's size when all is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A size meets the targets, the smaller ones that were tried miss one.
    Met,
    /// A size meets the targets; whether a smaller one does is open.
    Enough,
    /// Nothing is shown either way.
    Unresolved,
    /// Every size misses a target.
    Unattainable,
    /// Nobody is ever sent to the group.
    Unused,
}

impl Standing {
    /// All of them, in the order of tables.
    pub const ALL: [Standing; 5] =
        [Standing::Met, Standing::Enough, Standing::Unresolved, Standing::Unattainable, Standing::Unused];

    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Met => "met",
            Standing::Enough => "enough",
            Standing::Unresolved => "unresolved",
            Standing::Unattainable => "unattainable",
            Standing::Unused => "unused",
        }
    }
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
    /// Of a finding of `goal`; none where the metric has no value.
    pub fn of(goal: &Goal, finding: &Finding) -> Option<Told> {
        let (loss, target) = (finding.loss?, &goal.target);
        // A limit may lie beyond what the metric can be.
        let most = match goal.metric.unit {
            "share" => 1.0,
            "h/month" => MONTH.as_hours(),
            _ => f64::INFINITY,
        };
        let possible = |value: f64| value.clamp(0.0, most);
        let finite = |loss: f64| Some(target.value_of(loss)).filter(|value| value.is_finite()).map(possible);
        Some(Told { value: target.value_of(loss.mean), worst: finite(loss.upper), best: finite(loss.lower) })
    }
}

impl Plan<'_> {
    /// The size of a group as it is configured: its connectors, or the most that its policy lets it grow to.
    pub fn configured(&self, group: usize) -> usize {
        self.scaling().ceiling(&self.subject.model.fleet.groups[group])
    }

    /// How the policy decides on the number of connectors.
    pub fn scaling(&self) -> &ScalingPolicy {
        &self.subject.model.policies[self.policy].scaling
    }

    /// Whether sizes are what groups may grow to, and not what they have.
    pub fn is_scaled(&self) -> bool {
        self.scaling().dynamic().is_some()
    }

    /// Whether groups share something, so that the fleet is verified as a whole.
    pub fn is_coupled(&self) -> bool {
        self.subject.model.policies[self.policy].couples_groups()
    }

    /// Whether groups share something and an interrupt came before the fleet was verified: then what they showed alone is no
    /// answer.
    pub fn is_unverified(&self) -> bool {
        self.is_coupled() && self.interrupted && self.verified.is_none()
    }

    /// What the whole fleet showed of a group, where groups share something and it has a size.
    pub fn in_fleet(&self, group: usize) -> Option<&Trial> {
        self.verified.as_ref()?.of(group)
    }

    /// What is known of a group's size: what the whole fleet showed overrides what the group showed alone.
    pub fn standing(&self, of: &GroupSize) -> Standing {
        let converged = self.verified.as_ref().is_none_or(|verified| verified.converged);
        match (of.verdict, self.in_fleet(of.group).map(Trial::decision)) {
            (Verdict::Unused, _) => Standing::Unused,
            (Verdict::Missed, _) => Standing::Unattainable,
            (Verdict::Open(_), _) | (_, Some(Decision::Open(_))) => Standing::Unresolved,
            _ if self.is_unverified() => Standing::Unresolved,
            (_, Some(Decision::Missed)) if converged => Standing::Unattainable,
            (_, Some(Decision::Missed)) => Standing::Unresolved,
            (Verdict::Met(_), _) => Standing::Met,
            (Verdict::Enough(..), _) => Standing::Enough,
        }
    }

    /// The size a group should have: that of the answer, raised if the whole fleet showed that more is needed; none where
    /// no size is shown to meet the targets.
    pub fn connectors(&self, of: &GroupSize) -> Option<usize> {
        let shown = matches!(self.standing(of), Standing::Met | Standing::Enough);
        let verified = self.in_fleet(of.group).map(|trial| trial.connectors);
        of.verdict.connectors().map(|size| verified.unwrap_or(size)).filter(|_| shown)
    }

    /// The name of the template of a group.
    pub fn template(&self, group: usize) -> &str {
        let found = self.templates.iter().find(|(_, groups)| groups.contains(&group));
        found.map_or("", |(name, _)| name.as_str())
    }

    /// Whether every group that is used, and there is one, has a size that is shown to meet the targets.
    pub fn is_met(&self) -> bool {
        let standings = || self.groups.iter().map(|of| self.standing(of));
        let shown = |standing| matches!(standing, Standing::Met | Standing::Enough);
        standings().any(shown) && standings().all(|standing| shown(standing) || standing == Standing::Unused)
    }

    /// Price of a month of a group with `connectors` that stay, apart from slots that are empty.
    fn price(&self, group: usize, connectors: usize) -> f64 {
        let fleet = &self.subject.model.fleet;
        let group = &fleet.groups[group];
        let empty = group.slots.iter().take(connectors).filter(|slot| slot.empty).count();
        fleet.instances[group.instance].cost_per_hour * 730.0 * (connectors - empty) as f64
    }

    /// The trial of a group's answer: in the whole fleet, where groups share something.
    pub fn shown<'t>(&'t self, of: &'t GroupSize) -> Option<&'t Trial> {
        self.connectors(of)?;
        self.in_fleet(of.group).or(of.answer())
    }

    /// Price of a month of a group's answer, as it was measured.
    pub fn cost(&self, of: &GroupSize) -> Option<f64> {
        self.shown(of).map(Trial::cost_per_month)
    }

    /// Price of a month of a group as it is configured: of its connectors, or as it was measured where it is scaled.
    pub fn cost_configured(&self, of: &GroupSize) -> Option<f64> {
        match self.is_scaled() {
            true => of.as_configured.as_ref().map(Trial::cost_per_month),
            false => Some(self.price(of.group, self.configured(of.group))),
        }
    }

    /// What a group's answer costs more than the group as it is configured, in a month; nothing where they differ by roundings.
    pub fn cost_change(&self, of: &GroupSize) -> Option<f64> {
        let (cost, before) = self.cost(of).zip(self.cost_configured(of))?;
        Some(if (cost - before).abs() < 1e-9 * before { 0.0 } else { cost - before })
    }

    /// Price of a month of what a group alone was found to need.
    fn cost_alone(&self, of: &GroupSize) -> f64 {
        match (self.is_scaled(), of.answer()) {
            (true, Some(trial)) => trial.cost_per_month(),
            _ => self.price(of.group, of.verdict.connectors().unwrap_or(0)),
        }
    }

    /// The connectors that a group with its answer has in the mean, where it is scaled.
    pub fn used(&self, of: &GroupSize) -> Option<f64> {
        self.shown(of).filter(|_| self.is_scaled()).map(Trial::mean_connectors)
    }

    /// The index of the target that decides the size of a group, and the trial that shows it: of the targets that the size
    /// below missed, or else of those that are open, or else of all, the one with least room.
    pub fn binding<'t>(&'t self, of: &'t GroupSize) -> Option<(usize, &'t Trial)> {
        let shown = self.in_fleet(of.group).or(of.answer()).or(of.trials.last())?;
        let below = of.trials.iter().rev().find(|trial| trial.connectors < shown.connectors);
        let judged = below.filter(|_| self.connectors(of).is_some()).unwrap_or(shown);
        let gravity = |index: &usize| match judged.findings[*index].decision {
            Decision::Missed => 2,
            Decision::Open(_) => 1,
            Decision::Met => 0,
        };
        let gravest = (0..self.goals.len()).map(|index| gravity(&index)).max()?;
        let candidates = (0..self.goals.len()).filter(|index| gravity(index) == gravest);
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
        Told::of(&self.goals[index], trial.findings.get(index)?)
    }

    /// The size behind a group's answer; none where the whole fleet raised it.
    pub fn next<'t>(&self, of: &'t GroupSize) -> Option<&'t Trial> {
        of.next.as_ref().filter(|next| self.connectors(of).is_some_and(|size| next.connectors == size + 1))
    }

    /// How many more replications would resolve what is open.
    pub fn more(&self, of: &GroupSize) -> Option<u64> {
        match (self.in_fleet(of.group).map(Trial::decision), of.verdict) {
            (Some(Decision::Open(more)), _) | (_, Verdict::Open(more)) => more,
            (None | Some(Decision::Met), Verdict::Enough(_, more)) => more,
            _ => None,
        }
    }
}
