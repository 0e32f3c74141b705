//! Where groups share something, the fleet of the sizes found is simulated as a whole.
//!
//! Sized alone, a group has the crew and the permits for itself. The whole fleet is run in fresh replications, which the
//! search has not seen; a group that misses a target there, or whose mean lies beyond one, gets one more connector, and
//! the fleet is run again in the next fresh ones. That ends when nothing is raised, or after [`ROUNDS`] rounds without convergence.
//! The error of a group is divided by its targets and these rounds.

use std::sync::atomic::Ordering;

use fearless_simd::Level;
use rayon::prelude::*;

use super::chance::event_hours;
use super::trial::{Decision, Sample};
use super::{Question, Trial};
use crate::experiment::Interrupted;
use crate::recording::tally::Tallier;
use crate::simulation::Model;
use crate::simulation::run::Replication;

/// Rounds after which it is given up.
pub const ROUNDS: usize = 6;

/// The fleet of the sizes found, as a whole.
#[derive(Clone, Debug)]
pub struct Verified {
    /// By group, as of the last round.
    pub groups: Vec<Trial>,
    /// How many connectors were added to each group.
    pub raised: Vec<usize>,
    /// Whether a size was found for the group at all; the others are as configured and not judged.
    pub judged: Vec<bool>,
    /// Rounds that it took.
    pub rounds: usize,
    /// Whether the last round raised nothing.
    pub converged: bool,
}

impl Verified {
    /// Whether every group that was judged meets its targets.
    pub fn is_met(&self) -> bool {
        self.converged && self.not_met() == 0
    }

    /// How many groups that were judged are not shown to meet their targets.
    pub fn not_met(&self) -> usize {
        let judged = self.groups.iter().zip(&self.judged).filter(|(_, judged)| **judged);
        judged.filter(|(trial, _)| trial.decision() != Decision::Met).count()
    }
}

/// Runs the fleet with these sizes, none where no size was found.
///
/// # Errors
/// If the work is interrupted.
pub fn verify(question: &Question<'_>, found: &[Option<usize>]) -> Result<Verified, Interrupted> {
    let configured = |group: usize| question.configured.fleet.groups[group].slots.len();
    let mut sizes: Vec<usize> =
        found.iter().enumerate().map(|(group, size)| size.unwrap_or(configured(group))).collect();
    let judged: Vec<bool> = found.iter().map(Option::is_some).collect();
    let mut raised = vec![0; sizes.len()];
    for round in 1..=ROUNDS {
        let groups = run(question, &sizes, round)?;
        let short = |group: &usize| {
            judged[*group] && sizes[*group] < question.most && falls_short(question, &groups[*group])
        };
        let failing: Vec<usize> = (0..sizes.len()).filter(short).collect();
        let converged = failing.is_empty();
        if converged || round == ROUNDS {
            return Ok(Verified { groups, raised, judged, rounds: round, converged });
        }
        for group in failing {
            sizes[group] += 1;
            raised[group] += 1;
        }
    }
    unreachable!("the last round returns")
}

/// Missed, or open with the mean on the wrong side.
fn falls_short(question: &Question<'_>, trial: &Trial) -> bool {
    let beyond = |(finding, target): (&super::Finding, &super::Target)| {
        finding.decision != Decision::Met && finding.loss.is_some_and(|loss| loss.mean > target.tolerance())
    };
    trial.findings.iter().zip(question.targets).any(beyond)
}

/// One round: every group's trial in the whole fleet.
fn run(question: &Question<'_>, sizes: &[usize], round: usize) -> Result<Vec<Trial>, Interrupted> {
    let model = assembled(question, sizes);
    let (level, most) = (Level::new(), question.most_replications());
    let fresh: Vec<u64> = (round as u64 * most..(round as u64 + 1) * most).collect();
    let replication = |&index: &u64| {
        if question.progress.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let samples = together(question, &model, index, level);
        question.progress.done.fetch_add(samples.len() as u64, Ordering::Relaxed);
        Some(samples)
    };
    let all: Vec<Option<Vec<Sample>>> = fresh.par_iter().map(replication).collect();
    let all: Vec<Vec<Sample>> = all.into_iter().collect::<Option<_>>().ok_or(Interrupted)?;
    let alpha = question.alpha / (question.targets.len() * ROUNDS) as f64;
    let trial = |group: usize| {
        let mut trial = Trial::new(sizes[group]);
        trial.samples = all.iter().map(|samples| samples[group].clone()).collect();
        let hours = event_hours(question, group, &[&trial]);
        trial.look(&model, question.targets, alpha, hours, false);
        trial
    };
    Ok((0..sizes.len()).map(trial).collect())
}

fn together(question: &Question<'_>, model: &Model, index: u64, level: Level) -> Vec<Sample> {
    let replication = Replication::new(model, question.policy, index, level);
    let tallier = |group| Tallier::new(model, group, question.objective, level);
    let done = replication.run_all(tallier).into_iter().enumerate();
    let sample = |(group, tallier): (usize, Tallier<'_>)| {
        Sample::new(model, &model.fleet.groups[group], tallier.tally(), index, question.targets)
    };
    done.map(sample).collect()
}

/// The fleet with these sizes.
fn assembled(question: &Question<'_>, sizes: &[usize]) -> Model {
    let mut model = question.configured.clone();
    for (group, &size) in sizes.iter().enumerate() {
        if let Some(sized) = (question.models)(size) {
            model.fleet.groups[group].slots = sized.fleet.groups[group].slots.clone();
        }
    }
    model
}
