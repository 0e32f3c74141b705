//! Where groups share something, the fleet of the sizes found is simulated as a whole.
//!
//! Sized alone, a group has the crew and the permits for itself. The whole fleet is run in fresh replications, which the
//! search has not seen, looked at after as many as the search looks after, until every group is decided or there may be no
//! more. A group that misses a target there, or whose mean still lies beyond one, gets one more connector, and
//! the fleet is run again in the next fresh ones. That ends when nothing is raised, or after [`ROUNDS`] rounds without convergence.
//! The error of a group is divided among its targets, these rounds, of which the first gets half, and the looks.

use std::sync::atomic::Ordering;

use fearless_simd::Level;
use rayon::prelude::*;

use super::chance::{is_certain, outage_hours, overload_hours};
use super::trial::{Decision, Sample};
use super::{GroupSize, Question, Trial};
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
    /// What the whole fleet showed of a group; none where it was not judged.
    pub fn of(&self, group: usize) -> Option<&Trial> {
        self.judged[group].then(|| &self.groups[group])
    }

    /// How many groups were judged.
    pub fn judged(&self) -> usize {
        self.judged.iter().filter(|judged| **judged).count()
    }

    /// How many groups that were judged are not shown to meet their targets.
    pub fn not_met(&self) -> usize {
        let judged = (0..self.groups.len()).filter_map(|group| self.of(group));
        judged.filter(|trial| trial.decision() != Decision::Met).count()
    }
}

/// Runs the fleet with the sizes that were found of each group `alone`; nothing where none was found at all.
///
/// # Errors
/// If the work is interrupted.
pub fn verify(question: &Question<'_>, alone: &[GroupSize]) -> Result<Option<Verified>, Interrupted> {
    let found: Vec<Option<usize>> = alone.iter().map(|of| of.verdict.connectors()).collect();
    let judged: Vec<bool> = found.iter().map(Option::is_some).collect();
    if !judged.contains(&true) {
        return Ok(None);
    }
    let configured = |group: usize| question.configured_size(group);
    let mut sizes: Vec<usize> =
        found.iter().enumerate().map(|(group, size)| size.unwrap_or(configured(group))).collect();
    let mut raised = vec![0; sizes.len()];
    let mut rounds = 0;
    loop {
        let groups = run(question, &sizes, (alone, &judged), rounds)?;
        rounds += 1;
        let short = |group: &usize| {
            judged[*group] && sizes[*group] < question.most && falls_short(question, &groups[*group])
        };
        let failing: Vec<usize> = (0..sizes.len()).filter(short).collect();
        let converged = failing.is_empty();
        if converged || rounds == ROUNDS {
            return Ok(Some(Verified { groups, raised, judged, rounds, converged }));
        }
        for group in failing {
            sizes[group] += 1;
            raised[group] += 1;
        }
    }
}

/// The part of a group's error that a round may use: most fleets need one, which gets half of it.
fn share_of_round(round: usize) -> f64 {
    if round == 0 { 0.5 } else { 0.5 / (ROUNDS - 1) as f64 }
}

/// Missed, or open with the mean on the wrong side.
fn falls_short(question: &Question<'_>, trial: &Trial) -> bool {
    let beyond = |(finding, target): (&super::Finding, &super::Target)| {
        let mean_is = finding.loss.is_some_and(|loss| loss.mean > target.tolerance());
        finding.decision == Decision::Missed || finding.decision != Decision::Met && mean_is
    };
    trial.findings.iter().zip(question.targets).any(beyond)
}

/// The round behind `rounds` others: every group's trial in the whole fleet, until all that are judged are decided.
fn run(
    question: &Question<'_>,
    sizes: &[usize],
    (alone, judged): (&[GroupSize], &[bool]),
    rounds: usize,
) -> Result<Vec<Trial>, Interrupted> {
    let model = assembled(question, sizes);
    let mut trials: Vec<Trial> = sizes.iter().map(|&size| Trial::new(size)).collect();
    let begun = (rounds as u64 + 1) * question.most_replications();
    for (number, &look) in question.looks.iter().enumerate() {
        let done = trials.first().map_or(0, |trial| trial.samples.len() as u64);
        for samples in batch(question, &model, begun + done..begun + look)? {
            trials.iter_mut().zip(samples).for_each(|(trial, sample)| trial.samples.push(sample));
        }
        let share = share_of_round(rounds) * question.share_of_look(number);
        let alpha = question.alpha * share / question.targets.len() as f64;
        for (group, trial) in trials.iter_mut().enumerate() {
            let hours = unseen(question, &alone[group], trial);
            let certain = is_certain(&model, question.policy, group);
            trial.look(&model, question.targets, alpha, hours, certain);
        }
        let open =
            |(trial, judged): (&Trial, &bool)| *judged && matches!(trial.decision(), Decision::Open(_));
        if !trials.iter().zip(judged).any(open) {
            break;
        }
    }
    Ok(trials)
}

/// How long an outage and an overload last that the fleet did not show. An outage may wait for what groups share, so that only
/// those of the fleet are gone by; overloads last as long as the group's day is busy, be it alone or not.
fn unseen(question: &Question<'_>, alone: &GroupSize, trial: &Trial) -> [f64; 2] {
    let others: Vec<&Trial> = alone.trials.iter().collect();
    let outage = outage_hours(question, alone.group, &[trial]);
    let carries = question.carries_peak(alone.group, alone.at_peak);
    [outage, overload_hours(question, alone.group, carries, (trial, &others), outage)]
}

/// Some replications of the whole fleet: by replication and group.
fn batch(
    question: &Question<'_>,
    model: &Model,
    fresh: std::ops::Range<u64>,
) -> Result<Vec<Vec<Sample>>, Interrupted> {
    let level = Level::new();
    let replication = |index: u64| {
        if question.progress.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let samples = together(question, model, index, level);
        question.progress.done.fetch_add(samples.len() as u64, Ordering::Relaxed);
        Some(samples)
    };
    let all: Vec<Option<Vec<Sample>>> = fresh.into_par_iter().map(replication).collect();
    all.into_iter().collect::<Option<_>>().ok_or(Interrupted)
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

/// The fleet with these sizes: the one in which every group has the largest of them, without the slots that are too many. So
/// whatever is listed by slot, such as an outage of a whole group, knows all of them.
fn assembled(question: &Question<'_>, sizes: &[usize]) -> Model {
    let largest = sizes.iter().copied().max().unwrap_or(1);
    let mut model = (question.models)(largest).unwrap_or(question.configured).clone();
    let demands = model.environment.demands.iter_mut().zip(&question.configured.environment.demands);
    demands.for_each(|(series, configured)| series.shape.clone_from(&configured.shape));
    model.fleet.keep_first(|group| sizes[group]);
    model
}
