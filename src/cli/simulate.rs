//! All replications of one policy: a fixed number, or batches until the precision asked for is reached.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::CliError;
use super::error::nothing_written;
use super::progress::Bar;
use crate::analysis::Estimate;
use crate::experiment::{self, PolicyOutcome, Progress, Records, Sink, execute};
use crate::recording::rows::Rows;
use crate::report::csv::{Names, rows};
use crate::report::metrics::{self, Metric};
use crate::report::subject::Subject;
use crate::report::summary::values;
use crate::results::{ResultsError, Spool};
use crate::scenario::{Selection, Study};
use crate::time::Span;

/// Replications before the precision is first checked.
pub(super) const BEFORE_FIRST_CHECK: u64 = 20;
/// Replications in a batch: what is finished when an interrupt comes, and the step from check to check.
pub(super) const BATCH: u64 = 10;

/// Rows of the two large files, set aside.
pub(super) struct Rowfiles<'a> {
    pub(super) names: &'a Names,
    pub(super) policy: usize,
    pub(super) transitions: Spool,
    pub(super) group_status: Spool,
    pub(super) violations: Vec<String>,
}

/// The most violations that are kept.
const MOST_VIOLATIONS: usize = 20;

impl Sink for Rowfiles<'_> {
    fn rows(&mut self, replication: u64, of: &Rows) -> io::Result<()> {
        let (names, policy) = (self.names, self.policy);
        let whose = (policy, replication);
        self.transitions.append(whose, |out| {
            of.slots.iter().for_each(|row| rows::transition(out, names, policy, replication, row));
        })?;
        self.group_status.append(whose, |out| {
            of.groups.iter().for_each(|row| rows::group_status(out, names, policy, replication, row));
        })
    }

    fn violations(&mut self, replication: u64, found: &[String]) -> io::Result<()> {
        let room = MOST_VIOLATIONS.saturating_sub(self.violations.len());
        self.violations
            .extend(found.iter().take(room).map(|what| format!("replication {replication}: {what}")));
        Ok(())
    }
}

/// How a simulation ended.
pub(super) enum Ended {
    /// As planned.
    Done,
    /// At the limit of replications, with this relative precision.
    Imprecise(Option<f64>),
    /// By an interrupt, after these complete replications; there is at least one.
    Interrupted(u64),
}

/// Simulates `policy` of the subject's study in the current pool of threads.
pub(super) fn simulate(
    subject: &Subject<'_>,
    policy: usize,
    audit: bool,
    sink: &mut Rowfiles<'_>,
    (progress, shown): (&Arc<Progress>, bool),
    folder: &Path,
) -> Result<(PolicyOutcome, Ended), CliError> {
    let study = subject.study;
    let records = records(study, audit);
    let plan = Plan::of(study);
    let groups = study.model.fleet.groups.len();
    let mut outcome = PolicyOutcome::new(policy, groups);
    let bar = Bar::new(progress, plan.expected * groups as u64, shown);
    let mut done = 0;
    let mut next = plan.first;
    loop {
        let batch = execute(&study.model, policy, done..done + next, &records, sink, progress);
        let batch = batch.map_err(|source| unspooled(folder, source))?;
        let Ok(batch) = batch else {
            if done > 0 {
                sink.transitions.keep(|(_, replication)| replication < done);
                sink.group_status.keep(|(_, replication)| replication < done);
                return Ok((outcome, Ended::Interrupted(done)));
            }
            return Err(too_early(next, folder));
        };
        outcome.extend(batch);
        done += next;
        match plan.after(subject, &outcome, done)? {
            After::Enough(ended) => return Ok((outcome, ended)),
            After::More(more) => next = more,
        }
        bar.extend(plan.expected.max(done + next) * groups as u64);
    }
}

/// Rows could not be set aside.
pub(super) fn unspooled(folder: &Path, source: io::Error) -> ResultsError {
    ResultsError::Spool { name: "transitions.csv and group_status.csv", path: folder.to_owned(), source }
}

/// Nothing is written of what is only measured.
struct Nobody;

impl Sink for Nobody {
    fn rows(&mut self, _: u64, _: &Rows) -> io::Result<()> {
        Ok(())
    }

    fn violations(&mut self, _: u64, _: &[String]) -> io::Result<()> {
        Ok(())
    }
}

/// What the first `count` replications of a policy measure, with an overview every so often, for results in `folder`; none
/// if they were interrupted. In the current pool of threads.
pub(super) fn measured(
    study: &Study,
    policy: usize,
    count: u64,
    overview_every: Span,
    progress: &Progress,
    folder: &Path,
) -> Result<Option<PolicyOutcome>, CliError> {
    let records = Records::measures(overview_every, study.estimates.objective);
    let mut outcome = PolicyOutcome::new(policy, study.model.fleet.groups.len());
    let mut done = 0;
    while done < count {
        let next = (count - done).min(BATCH);
        let batch = execute(&study.model, policy, done..done + next, &records, &mut Nobody, progress);
        let Ok(batch) = batch.map_err(|source| unspooled(folder, source))? else {
            return Ok(None);
        };
        outcome.extend(batch);
        done += next;
    }
    Ok(Some(outcome))
}

/// An interrupt before there is anything to write.
pub(super) fn too_early(first: u64, folder: &Path) -> CliError {
    nothing_written(&format!("the first {first} replications were complete"), folder)
}

/// When to stop.
struct Plan {
    first: u64,
    /// How many replications there will be, or at least be.
    expected: u64,
    precision: Option<(f64, &'static Metric, u64)>,
}

enum After {
    Enough(Ended),
    More(u64),
}

impl Plan {
    fn of(study: &Study) -> Plan {
        let Some(precision) = study.estimates.precision else {
            let expected = u64::from(study.replications);
            return Plan { first: expected.min(BATCH), expected, precision: None };
        };
        let metric = metrics::named(&study.outputs.key_metric)
            .unwrap_or_else(|| unreachable!("a scenario names metrics of the table"));
        let most = u64::from(study.estimates.max_replications);
        let first = BEFORE_FIRST_CHECK.min(most);
        Plan { first, expected: first, precision: Some((precision, metric, most)) }
    }

    fn after(&self, subject: &Subject<'_>, outcome: &PolicyOutcome, done: u64) -> Result<After, CliError> {
        let Some((precision, metric, most)) = self.precision else {
            return Ok(match self.expected - done {
                0 => After::Enough(Ended::Done),
                left => After::More(left.min(BATCH)),
            });
        };
        let values = values(metric, subject.model, outcome);
        let estimate = Estimate::from_values(&values, subject.confidence);
        let Some(estimate) = estimate.filter(|estimate| estimate.mean != 0.0) else {
            return Err(CliError::Usage(format!(
                "a relative precision has no meaning for {}: its mean over {done} replications is zero; give a fixed \
                 number with --replications, or another key metric with --set outputs.key_metric=NAME",
                metric.name
            )));
        };
        if estimate.is_precise(precision, estimate.mean) {
            return Ok(After::Enough(Ended::Done));
        }
        Ok(match most - done {
            0 => After::Enough(Ended::Imprecise(estimate.relative_precision())),
            left => After::More(left.min(BATCH)),
        })
    }
}

pub(super) fn records(study: &Study, audit: bool) -> Records {
    let outputs = &study.outputs;
    Records {
        transitions: selection(&outputs.transitions),
        group_status: selection(&outputs.group_status),
        cpu_load: selection(&outputs.cpu_load),
        bucket: outputs.bucket,
        overview_every: outputs.overview_every,
        objective: study.estimates.objective,
        audit,
    }
}

fn selection(of: &Selection) -> experiment::Selection {
    experiment::Selection {
        replications: of.replications.as_ref().map(|these| these.iter().map(|&index| index.into()).collect()),
        groups: of.groups.clone(),
    }
}
