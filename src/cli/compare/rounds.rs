//! The replications of several policies, in rounds: each takes the same next replications of every policy in
//! contention, so that an interrupt, a precision reached or a selection finds complete pairs.

use std::path::Path;
use std::sync::Arc;

use super::field::Field;
use crate::analysis::{Better, Estimate, KimNelson, Paired, bonferroni};
use crate::cli::CliError;
use crate::cli::progress::Bar;
use crate::cli::simulate::{BATCH, BEFORE_FIRST_CHECK, Rowfiles, records, too_early, unspooled};
use crate::experiment::{PolicyOutcome, Progress, execute};
use crate::report::comparison::{Selection, direction, pairs};
use crate::report::metrics::{self, Metric};
use crate::report::subject::Subject;
use crate::scenario::Study;

/// How a comparison ended.
pub(super) enum Ended {
    /// As planned.
    Done,
    /// At the limit of replications, with this half-width as a share of the baseline's mean.
    Imprecise { done: u64, reached: Option<f64> },
    /// At the limit of replications, without a selection.
    Unselected(u64),
    /// By an interrupt, after these complete replications; there is at least one.
    Interrupted(u64),
}

/// When to stop.
pub(super) enum Goal {
    /// After so many replications.
    Fixed(u64),
    /// When the differences are precise, or after so many.
    Precise { precision: f64, metric: &'static Metric, most: u64 },
    /// When a policy is selected, or after so many.
    Select { selection: Selection, first: u64, most: u64 },
}

/// What came of all policies.
pub(super) struct Simulated {
    pub(super) outcomes: Vec<PolicyOutcome>,
    pub(super) selection: Option<Selection>,
    pub(super) ended: Ended,
}

/// What comes after a round.
enum After {
    Enough(Ended),
    More(u64),
}

impl Goal {
    /// A selection if `select` is given, else a precision if the study asks for one, else its number of replications.
    pub(super) fn of(study: &Study, field: &Field, select: Option<f64>) -> Result<Goal, CliError> {
        let most = u64::from(study.estimates.max_replications);
        if let Some(indifference) = select {
            if !(indifference > 0.0 && indifference.is_finite()) {
                return Err(CliError::Usage(
                    "--select needs a difference above 0, in the unit of the key metric".to_owned(),
                ));
            }
            let metric = key_metric(study, "--select")?;
            let first = u64::from(study.replications).max(BEFORE_FIRST_CHECK).min(most);
            let systems = field.policies.len();
            let procedure = KimNelson::new(systems, indifference, study.estimates.confidence, first as usize);
            let selection = Selection { metric, indifference, procedure };
            return Ok(Goal::Select { selection, first, most });
        }
        let Some(precision) = study.estimates.precision else {
            return Ok(Goal::Fixed(u64::from(study.replications)));
        };
        Ok(Goal::Precise { precision, metric: key_metric(study, "--precision")?, most })
    }

    /// How many replications there will be, or at least be.
    fn expected(&self) -> u64 {
        match self {
            Goal::Fixed(count) => *count,
            Goal::Precise { most, .. } => BEFORE_FIRST_CHECK.min(*most),
            Goal::Select { first, .. } => *first,
        }
    }

    /// The positions of the policies that go on.
    fn contention(&self, policies: usize) -> Vec<usize> {
        match self {
            Goal::Select { selection, .. } => selection.procedure.contention().to_vec(),
            Goal::Fixed(_) | Goal::Precise { .. } => (0..policies).collect(),
        }
    }

    fn after(
        &mut self,
        subject: &Subject<'_>,
        outcomes: &[PolicyOutcome],
        baseline: usize,
        done: u64,
    ) -> Result<After, CliError> {
        let expected = self.expected();
        if done < expected {
            return Ok(After::More((expected - done).min(BATCH)));
        }
        let (most, ended) = match self {
            Goal::Fixed(_) => return Ok(After::Enough(Ended::Done)),
            Goal::Precise { precision, metric, most } => {
                let scale = scale(subject, outcomes, baseline, metric)?;
                let widest = widest(subject, outcomes, baseline, metric);
                let reached = widest.map(|half_width| half_width / scale);
                if reached.is_some_and(|reached| reached <= *precision) {
                    return Ok(After::Enough(Ended::Done));
                }
                (*most, Ended::Imprecise { done, reached })
            }
            Goal::Select { selection, most, .. } => {
                observe(selection, subject, outcomes, done)?;
                if selection.procedure.selected().is_some() {
                    return Ok(After::Enough(Ended::Done));
                }
                (*most, Ended::Unselected(done))
            }
        };
        Ok(match most - done {
            0 => After::Enough(ended),
            left => After::More(left.min(BATCH)),
        })
    }

    fn selection(self) -> Option<Selection> {
        match self {
            Goal::Select { selection, .. } => Some(selection),
            Goal::Fixed(_) | Goal::Precise { .. } => None,
        }
    }
}

fn key_metric(study: &Study, option: &str) -> Result<&'static Metric, CliError> {
    let name = study.outputs.key_metric.as_str();
    metrics::named(name).ok_or_else(|| {
        CliError::Usage(format!(
            "{option} needs a key metric that is measured, `{name}` is not; set outputs.key_metric"
        ))
    })
}

/// The size of the baseline's mean, which a relative precision is a share of.
fn scale(
    subject: &Subject<'_>,
    outcomes: &[PolicyOutcome],
    baseline: usize,
    metric: &Metric,
) -> Result<f64, CliError> {
    let values = crate::report::summary::values(metric, subject.model, &outcomes[baseline]);
    let estimate = Estimate::from_values(&values, subject.confidence);
    let scale = estimate.map(|estimate| estimate.mean.abs()).filter(|&mean| mean > 0.0);
    scale.ok_or_else(|| {
        CliError::Usage(format!(
            "a relative precision has no meaning for {}: the baseline's mean over {} replications is zero; give a \
             fixed number with --replications, another --baseline, or another key metric with --set \
             outputs.key_metric=NAME",
            metric.name,
            outcomes[baseline].replications.len()
        ))
    })
}

/// The largest half-width of a difference from the baseline; none if there is no interval.
fn widest(
    subject: &Subject<'_>,
    outcomes: &[PolicyOutcome],
    baseline: usize,
    metric: &Metric,
) -> Option<f64> {
    let confidence = bonferroni(subject.confidence, outcomes.len() - 1);
    let mut widest = 0.0_f64;
    for (_, outcome) in outcomes.iter().enumerate().filter(|&(of, _)| of != baseline) {
        let pairs = pairs(metric, subject.model, &outcomes[baseline], outcome);
        widest = widest.max(Paired::from_pairs(&pairs, confidence)?.difference.half_width?);
    }
    Some(widest)
}

/// Feeds the procedure with the replications up to `done`, in order of index.
fn observe(
    selection: &mut Selection,
    subject: &Subject<'_>,
    outcomes: &[PolicyOutcome],
    done: u64,
) -> Result<(), CliError> {
    let Selection { metric, procedure, .. } = selection;
    let sign = if direction(metric.name).better == Better::More { 1.0 } else { -1.0 };
    for replication in procedure.taken()..done as usize {
        let mut values = vec![0.0; outcomes.len()];
        for &of in procedure.contention() {
            let value = (metric.value)(&outcomes[of].replications[replication], subject.model);
            values[of] =
                sign * value.ok_or_else(|| undefined(subject, metric, &outcomes[of], replication))?;
        }
        procedure.observe(|of| values[of]);
        if procedure.selected().is_some() {
            break;
        }
    }
    Ok(())
}

fn undefined(
    subject: &Subject<'_>,
    metric: &Metric,
    outcome: &PolicyOutcome,
    replication: usize,
) -> CliError {
    CliError::Usage(format!(
        "a selection needs a value in every replication: {} has none in replication {replication} of {}; choose another \
         key metric with --set outputs.key_metric=NAME",
        metric.name, subject.model.policies[outcome.policy].name
    ))
}

/// Simulates the policies of the subject's study in the current pool of threads.
pub(super) fn simulate(
    subject: &Subject<'_>,
    field: &Field,
    mut goal: Goal,
    audit: bool,
    sink: &mut Rowfiles<'_>,
    (progress, shown): (&Arc<Progress>, bool),
    folder: &Path,
) -> Result<Simulated, CliError> {
    let groups = subject.model.fleet.groups.len();
    let mut outcomes: Vec<PolicyOutcome> =
        field.policies.iter().map(|&policy| PolicyOutcome::new(policy, groups)).collect();
    let records = records(subject.study, audit);
    let a_round = |replications: u64, policies: usize| replications * (policies * groups) as u64;
    let mut total = a_round(goal.expected(), field.policies.len());
    let bar = Bar::new(progress, total, shown);
    let (mut done, mut next) = (0, goal.expected().min(BATCH));
    loop {
        let mut round = Vec::new();
        for of in goal.contention(field.policies.len()) {
            sink.policy = field.policies[of];
            let batch = execute(subject.model, sink.policy, done..done + next, &records, sink, progress);
            let Ok(batch) = batch.map_err(|source| unspooled(folder, source))? else {
                if done == 0 {
                    return Err(too_early(next, folder));
                }
                sink.transitions.keep(|(_, replication)| replication < done);
                sink.group_status.keep(|(_, replication)| replication < done);
                let ended = Ended::Interrupted(done);
                return Ok(Simulated { outcomes, selection: goal.selection(), ended });
            };
            round.push((of, batch));
        }
        round.into_iter().for_each(|(of, batch)| outcomes[of].extend(batch));
        done += next;
        match goal.after(subject, &outcomes, field.baseline, done)? {
            After::Enough(ended) => return Ok(Simulated { outcomes, selection: goal.selection(), ended }),
            After::More(more) => next = more,
        }
        if done >= goal.expected() {
            total += a_round(next, goal.contention(field.policies.len()).len());
            bar.extend(total);
        }
    }
}
