//! Where a steady-state study that asks for it begins to count: worked out from its first replications, before anything
//! is measured, and once for everything that is compared. The longest cut of all policies is that of each, so that
//! pairs stay pairs.
//!
//! An interrupt ends the program at once here: there is nothing yet that could be lost.

use std::io;

use super::CliError;
use super::output::colours;
use super::simulate::BATCH;
use crate::experiment::{PolicyOutcome, Progress, Records, Selection, Sink, execute};
use crate::recording::rows::Rows;
use crate::report::warm_up::WarmUp;
use crate::scenario::Study;
use crate::time::Span;

/// Nothing is written of what only a cut is worked out from.
pub(super) struct Nobody;

impl Sink for Nobody {
    fn rows(&mut self, _: u64, _: &Rows) -> io::Result<()> {
        Ok(())
    }

    fn violations(&mut self, _: u64, _: &[String]) -> io::Result<()> {
        Ok(())
    }
}

/// The study with its warm-up worked out for `policies`, if it asks for that; in the current pool of threads.
pub(super) fn truncated(study: Study, policies: &[usize]) -> Result<Study, CliError> {
    let cut = cut(&study, policies)?;
    measured_from(study, cut)
}

/// The study with this cut, if there is one and it asks for it.
pub(super) fn measured_from(study: Study, cut: Option<Span>) -> Result<Study, CliError> {
    match cut.filter(|_| study.truncates) {
        Some(cut) if 2 * cut.0 > study.model.horizon.0 => Err(CliError::Precision(format!(
            "truncate: the longest cut of all that is compared is {cut}, and a run of {} is too short for it; lengthen \
             horizon, or give a fixed warm_up in place of truncate",
            Span(study.model.horizon.0)
        ))),
        Some(cut) => {
            study.measured_from(cut).map_err(|problems| CliError::Scenario(problems.render(colours())))
        }
        None => Ok(study),
    }
}

/// The cut that suits all of `policies`; none where the study does not ask for one.
pub(super) fn cut(study: &Study, policies: &[usize]) -> Result<Option<Span>, CliError> {
    if !study.truncates {
        return Ok(None);
    }
    let cuts = policies.iter().map(|&policy| cut_under(study, policy)).collect::<Result<Vec<_>, _>>()?;
    Ok(cuts.into_iter().max())
}

fn cut_under(study: &Study, policy: usize) -> Result<Span, CliError> {
    let first = u64::from(study.replications).min(BATCH);
    let found = WarmUp::of(&first_replications(study, policy, first)?, &study.outputs.key_metric);
    let name = &study.model.policies[policy].name;
    let run = Span(study.model.horizon.0);
    match found {
        Some(found) if found.is_conclusive() => Ok(found.length()),
        Some(_) => Err(CliError::Precision(format!(
            "truncate: under policy {name} MSER-5 finds no end of the transient in the first half of {first} \
             replications: a run of {run} is too short; lengthen horizon, or give a fixed warm_up in place of truncate"
        ))),
        None => Err(CliError::Usage(format!(
            "truncate: MSER-5 needs at least 50 sampling instants, and a run of {run} has fewer; lengthen horizon, shorten \
             outputs.overview_every, or give a fixed warm_up in place of truncate"
        ))),
    }
}

fn first_replications(study: &Study, policy: usize, first: u64) -> Result<PolicyOutcome, CliError> {
    let records = Records {
        transitions: Selection::nothing(),
        group_status: Selection::nothing(),
        cpu_load: Selection::nothing(),
        bucket: study.outputs.bucket,
        overview_every: study.outputs.overview_every,
        objective: study.estimates.objective,
        audit: false,
    };
    let mut outcome = PolicyOutcome::new(policy, study.model.fleet.groups.len());
    let batch = execute(&study.model, policy, 0..first, &records, &mut Nobody, &Progress::default());
    if let Ok(Ok(batch)) = batch {
        outcome.extend(batch);
    }
    Ok(outcome)
}
