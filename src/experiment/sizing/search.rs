//! The search of one group: sizes in increasing order until one meets the targets.
//!
//! A trial of a size runs replications up to a look and stops where the look decides. If the first size meets the
//! targets already, smaller ones are tried until one does not; only the largest of those that truly miss can then be taken
//! for one that meets them, so that the error of the group stays within what it was divided into. Behind the answer the next
//! size is run for as many replications as the first look has, to say what one more connector would gain.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use fearless_simd::Level;
use rayon::prelude::*;

use super::arithmetic::{self, Shape};
use super::chance::{is_certain, outage_hours, overload_hours};
use super::trial::{Decision, Sample};
use super::{FIRST, Question, Trial};
use crate::analysis::Limits;
use crate::experiment::Interrupted;
use crate::recording::Blame;
use crate::recording::blame::BlameRecorder;
use crate::recording::tally::Tallier;
use crate::simulation::Model;
use crate::simulation::run::Replication;

/// Replications whose demand is kept for other sizes.
const KEPT: usize = 32;
/// A size helps that leaves less than this part of the loss of the one before it.
const HELPS: f64 = 0.9;

/// What the search found for a group.
#[derive(Clone, Debug)]
pub struct GroupSize {
    /// Index of the group.
    pub group: usize,
    /// Every size that was tried, ascending.
    pub trials: Vec<Trial>,
    /// What came out.
    pub verdict: Verdict,
    /// The next size, for comparison; none where there is none, or no answer.
    pub next: Option<Trial>,
    /// The closed form: the size that carries the peak, all its connectors serving.
    pub at_peak: Option<usize>,
    /// A size and a larger one that is worse in some target, which no search should rely on.
    pub not_monotone: Option<(usize, usize)>,
    /// What the group comes to as it is configured, where it is scaled and has an answer: its cost.
    pub as_configured: Option<Trial>,
    /// What the largest size is charged with, where every size misses.
    pub blame: Option<Blame>,
    /// Group-replications that it took.
    pub runs: u64,
}

/// What came out of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This size meets the targets, every smaller one that was tried misses one.
    Met(usize),
    /// This size meets the targets; whether a smaller one does is open, with the replications that would tell.
    Enough(usize, Option<u64>),
    /// No size is shown to meet them, but one is open, with the replications that would tell.
    Open(Option<u64>),
    /// Every size misses one.
    Missed,
    /// Nobody is ever sent to the group, so there is nothing to size.
    Unused,
}

impl Verdict {
    /// The size to take, if there is one.
    pub fn connectors(self) -> Option<usize> {
        match self {
            Verdict::Met(size) | Verdict::Enough(size, _) => Some(size),
            Verdict::Open(_) | Verdict::Missed | Verdict::Unused => None,
        }
    }
}

impl GroupSize {
    /// The trial of `connectors`.
    pub fn trial(&self, connectors: usize) -> Option<&Trial> {
        self.trials.iter().find(|trial| trial.connectors == connectors)
    }

    /// The trial of the answer.
    pub fn answer(&self) -> Option<&Trial> {
        self.trial(self.verdict.connectors()?)
    }
}

/// Sizes `groups` of the question's fleet, each as if it were alone, in the current pool of threads; in their order.
///
/// # Errors
/// If the work is interrupted.
pub fn size_groups(question: &Question<'_>, groups: &[usize]) -> Result<Vec<GroupSize>, Interrupted> {
    let shapes = shapes(question, groups);
    let level = Level::new();
    let size = |&group: &usize| {
        if question.progress.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let shape = &shapes[&question.configured.fleet.groups[group].demand];
        Some(Search::new(question, group, level).run(shape))
    };
    let found: Vec<Option<GroupSize>> = groups.par_iter().map(size).collect();
    found.into_iter().collect::<Option<_>>().ok_or(Interrupted)
}

fn shapes(question: &Question<'_>, groups: &[usize]) -> BTreeMap<usize, Shape> {
    let fleet = &question.configured.fleet;
    let mut series: Vec<usize> = groups.iter().map(|&group| fleet.groups[group].demand).collect();
    series.sort_unstable();
    series.dedup();
    let shape = |&series: &usize| (series, Shape::of(question.configured, series, question.demand_factor));
    series.par_iter().map(shape).collect()
}

/// The search of one group under way.
pub(super) struct Search<'q, 'm> {
    question: &'q Question<'m>,
    group: usize,
    level: Level,
    /// The closed form; none before the search begins.
    at_peak: Option<usize>,
    /// Demand by replication, for the first of them.
    paths: RefCell<Vec<Rc<[f32]>>>,
    trials: BTreeMap<usize, Trial>,
    runs: u64,
}

impl<'q, 'm> Search<'q, 'm> {
    pub(super) fn new(question: &'q Question<'m>, group: usize, level: Level) -> Search<'q, 'm> {
        let (paths, trials) = (RefCell::default(), BTreeMap::new());
        Search { question, group, level, at_peak: None, paths, trials, runs: 0 }
    }

    fn run(mut self, shape: &Shape) -> GroupSize {
        let (model, least) = (self.question.configured, self.question.least[self.group]);
        self.at_peak = arithmetic::at_peak(model, &model.fleet.groups[self.group], shape);
        match self.question.sizes {
            _ if !self.question.is_used(self.group) => {}
            Some(sizes) => self.go_through(sizes.iter().copied().filter(|&size| size >= least)),
            None => {
                let start = self.start(shape);
                self.go_through(start..=self.question.most);
                self.go_down(start);
            }
        }
        let verdict = self.verdict();
        let next = verdict.connectors().and_then(|size| self.glimpse(size + 1));
        let as_configured = verdict.connectors().and_then(|_| self.as_configured());
        let blame = (verdict == Verdict::Missed).then(|| self.blame()).flatten();
        GroupSize {
            group: self.group,
            verdict,
            next,
            at_peak: self.at_peak,
            not_monotone: self.not_monotone(),
            as_configured,
            blame,
            runs: self.runs,
            trials: self.trials.into_values().collect(),
        }
    }

    /// Tries sizes in increasing order until one meets the targets, or some have been tried and more do not help.
    fn go_through(&mut self, sizes: impl Iterator<Item = usize>) {
        for (index, size) in sizes.enumerate() {
            let decision = self.try_size(size, index);
            let asked = self.question.sizes.is_some();
            if decision == Some(Decision::Met) || !asked && index + 1 >= FIRST && !self.helps() {
                break;
            }
        }
    }

    /// Whether the last size left a smaller loss in every target that it does not meet.
    fn helps(&self) -> bool {
        let mut largest = self.trials.values().rev();
        let (Some(last), Some(before)) = (largest.next(), largest.next()) else { return true };
        let loss = |trial: &Trial, index: usize| trial.findings[index].loss.map_or(0.0, |loss| loss.mean);
        if before.is_dead() {
            return true;
        }
        let helps = |index: &usize| loss(last, *index) < HELPS * loss(before, *index);
        let unmet = |index: &usize| last.findings[*index].decision != Decision::Met;
        (0..last.findings.len()).filter(unmet).all(|index| helps(&index))
    }

    /// The size to try first.
    fn start(&self, shape: &Shape) -> usize {
        let question = self.question;
        let group = &question.configured.fleet.groups[self.group];
        let serving = arithmetic::start(question.configured, group, shape, question.targets);
        question.with_usable(self.group, serving).min(question.most.max(question.least[self.group]))
    }

    /// Below a first size that meets the targets, sizes in decreasing order until one does not.
    fn go_down(&mut self, first: usize) {
        let mut size = first;
        while size > self.question.least[self.group]
            && self.trials.get(&size).is_some_and(|trial| trial.decision() == Decision::Met)
        {
            size -= 1;
            self.try_size(size, 0);
        }
    }

    /// Runs a size, tried as number `index`, until a look decides or replications run out; none where there is no such size.
    fn try_size(&mut self, size: usize, index: usize) -> Option<Decision> {
        let model = (self.question.models)(size)?;
        let certain = self.is_certain();
        let mut trial = Trial::new(size);
        for (number, &look) in self.question.looks.iter().enumerate() {
            self.extend(&mut trial, model, if certain { 1 } else { look });
            self.look(&mut trial, self.question.alpha_at(index, number), certain);
            if certain || !matches!(trial.decision(), Decision::Open(_)) {
                break;
            }
        }
        let decision = trial.decision();
        self.trials.insert(size, trial);
        Some(decision)
    }

    /// Whether nothing about the group is left to chance.
    pub(super) fn is_certain(&self) -> bool {
        is_certain(self.question.configured, self.question.policy, self.group)
    }

    fn look(&self, trial: &mut Trial, alpha: f64, certain: bool) {
        let (question, group) = (self.question, self.group);
        let others: Vec<&Trial> = self.trials.values().collect();
        let outage = outage_hours(question, group, &[&others[..], &[&*trial]].concat());
        let carries = question.carries_peak(group, self.at_peak);
        let overload = overload_hours(question, group, carries, (trial, &others), outage);
        trial.look(question.configured, question.targets, alpha, [outage, overload], certain);
    }

    /// Runs the replications of a trial that are missing before `until`.
    fn extend(&mut self, trial: &mut Trial, model: &'m Model, until: u64) {
        for index in trial.samples.len() as u64..until {
            let demand = self.demand(index);
            trial.samples.push(self.sample(model, index, &demand));
            self.runs += 1;
            self.question.progress.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One replication at the size of `model`.
    pub(super) fn sample(&self, model: &'m Model, index: u64, demand: &[f32]) -> Sample {
        let question = self.question;
        let replication = Replication::new(model, question.policy, index, self.level);
        let tallier = Tallier::new(model, self.group, question.objective, self.level);
        let tally = replication.run_alone(self.group, demand, tallier).tally();
        Sample::new(model, &model.fleet.groups[self.group], tally, index, question.targets)
    }

    /// The group's demand in a replication, which does not depend on its size.
    pub(super) fn demand(&self, index: u64) -> Rc<[f32]> {
        let known = self.paths.borrow().get(index as usize).cloned();
        if let Some(known) = known {
            return known;
        }
        let question = self.question;
        let replication = Replication::new(question.configured, question.policy, index, self.level);
        let mut path = replication.demand(self.group);
        if question.demand_factor != 1.0 {
            path.iter_mut().for_each(|mbps| *mbps *= question.demand_factor as f32);
        }
        let path: Rc<[f32]> = path.into();
        let mut paths = self.paths.borrow_mut();
        if paths.len() == index as usize && paths.len() < KEPT {
            paths.push(path.clone());
        }
        path
    }

    fn verdict(&self) -> Verdict {
        let decisions = || self.trials.values().map(|trial| (trial.connectors, trial.decision()));
        let met = decisions().find(|(_, decision)| *decision == Decision::Met).map(|(size, _)| size);
        let open = decisions().filter(|(size, _)| met.is_none_or(|met| *size < met));
        let open = open.filter_map(|(_, decision)| match decision {
            Decision::Open(more) => Some(more),
            _ => None,
        });
        match (met, least(open)) {
            (Some(size), None) => Verdict::Met(size),
            (Some(size), Some(more)) => Verdict::Enough(size, more),
            (None, Some(more)) => Verdict::Open(more),
            (None, None) if !self.question.is_used(self.group) => Verdict::Unused,
            (None, None) => Verdict::Missed,
        }
    }

    /// A size for as many replications as the first look has; none behind the largest.
    fn glimpse(&mut self, size: usize) -> Option<Trial> {
        let model = (size <= self.question.most).then(|| (self.question.models)(size)).flatten()?;
        let certain = self.is_certain();
        let mut trial = Trial::new(size);
        self.extend(&mut trial, model, if certain { 1 } else { self.question.looks[0] });
        self.look(&mut trial, self.question.alpha_at(0, 0), certain);
        Some(trial)
    }

    /// Of a group that is scaled, what it comes to as it is configured: its cost follows from no arithmetic.
    fn as_configured(&mut self) -> Option<Trial> {
        self.question.scaling().dynamic()?;
        let size = self.question.configured_size(self.group);
        self.trials.get(&size).cloned().or_else(|| self.glimpse(size))
    }

    /// The first size whose losses are larger than those of the size tried before it, in pairs of the same luck.
    fn not_monotone(&self) -> Option<(usize, usize)> {
        let trials: Vec<&Trial> = self.trials.values().filter(|trial| !trial.is_dead()).collect();
        let worse = |pair: &&[&Trial]| {
            let targets = self.question.targets;
            (0..targets.len()).filter(|&target| !targets[target].is_price).any(|target| {
                let losses = |trial: &Trial| trial.losses(targets, target);
                let differences: Vec<f64> =
                    losses(pair[1]).iter().zip(losses(pair[0])).map(|(more, less)| more - less).collect();
                let limits = match differences[..] {
                    [difference] if self.is_certain() => Some(Limits::certain(difference)),
                    _ => Limits::of_mean(&differences, self.question.alpha_at(0, 0)),
                };
                limits.is_some_and(|limits| limits.lower > 0.0)
            })
        };
        trials.windows(2).find(worse).map(|pair| (pair[0].connectors, pair[1].connectors))
    }

    /// What the largest size tried is charged with.
    fn blame(&self) -> Option<Blame> {
        let size = *self.trials.keys().next_back()?;
        let model = (self.question.models)(size)?;
        let blame = RefCell::new(Blame::new(model.environment.failures.len()));
        for index in 0..self.question.looks[0] {
            let replication = Replication::new(model, self.question.policy, index, self.level);
            let weights = replication.balance_weights(self.group);
            let recorder = BlameRecorder::new(model, self.group, &weights, self.level, &blame);
            replication.run_alone(self.group, &self.demand(index), recorder);
        }
        Some(blame.into_inner())
    }
}

/// Of several numbers of replications the least that is known; none if there are no several.
fn least(mut open: impl Iterator<Item = Option<u64>>) -> Option<Option<u64>> {
    let first = open.next()?;
    Some(open.fold(first, |least, more| match (least, more) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }))
}
