//! Where a steady-state study that asks for it begins to count: worked out from its first replications, before anything
//! is measured, and once for everything that is compared. The longest cut of all policies is that of each, so that
//! pairs stay pairs.
//!
//! What is done here does not count as progress: nobody knows beforehand whether it is to be done.

use std::path::Path;
use std::sync::atomic::Ordering;

use super::CliError;
use super::error::nothing_written;
use super::output::colours;
use super::simulate::{BATCH, measured};
use crate::experiment::Progress;
use crate::report::warm_up::WarmUp;
use crate::scenario::Study;
use crate::time::Span;

/// The study with its warm-up worked out for `policies`, if it asks for that; in the current pool of threads. Until
/// `progress` is interrupted: then nothing is written to `folder`.
pub(super) fn truncated(
    study: Study,
    policies: &[usize],
    progress: &Progress,
    folder: &Path,
) -> Result<Study, CliError> {
    let cut = cut(&study, policies, progress, folder)?;
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
pub(super) fn cut(
    study: &Study,
    policies: &[usize],
    progress: &Progress,
    folder: &Path,
) -> Result<Option<Span>, CliError> {
    if !study.truncates {
        return Ok(None);
    }
    let cut = |&policy| cut_under(study, policy, progress, folder);
    let cuts = policies.iter().map(cut).collect::<Result<Vec<_>, _>>()?;
    progress.done.store(0, Ordering::Relaxed);
    Ok(cuts.into_iter().max())
}

fn cut_under(study: &Study, policy: usize, progress: &Progress, folder: &Path) -> Result<Span, CliError> {
    let first = u64::from(study.replications).min(BATCH);
    let interval = study.outputs.overview_every;
    let outcome = measured(study, policy, first, interval, progress, folder)?;
    let outcome = outcome.ok_or_else(|| nothing_written("the warm-up was worked out", folder))?;
    let found = WarmUp::of(&outcome, &study.outputs.key_metric);
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
