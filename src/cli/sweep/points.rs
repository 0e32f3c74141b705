//! The points of a sweep are simulated a few at a time and kept in their order.

use std::path::Path;

use rayon::prelude::*;

use super::super::CliError;
use super::super::args::SweepOptions;
use super::super::output::colours;
use super::super::run::policy_index;
use super::super::simulate::measured;
use super::super::truncate;
use super::check::{Checked, CheckedPoint, overrides};
use crate::experiment::{PolicyOutcome, Progress};
use crate::report::sweep::{Factor, Point, Response};
use crate::scenario::{self, Study};
use crate::time::Span;

/// The points in their order, in the current pool of threads; after an interrupt the first ones that are complete.
pub(super) fn simulated(
    options: &SweepOptions,
    factors: &[Factor],
    checked: &Checked,
    cut: Option<Span>,
    progress: &Progress,
) -> Result<Vec<Point>, CliError> {
    let mut points = Vec::with_capacity(checked.points.len());
    for wave in checked.points.chunks(checked.abreast.max(1)) {
        let point =
            |of: &CheckedPoint| point(&study(options, factors, of, cut)?, of, &checked.policies, progress);
        let done: Vec<Result<Option<Point>, CliError>> = wave.par_iter().map(point).collect();
        for of in done {
            match of? {
                Some(point) => points.push(point),
                None => return Ok(points),
            }
        }
    }
    Ok(points)
}

/// The cut that suits all points that ask for one, under all policies; none where no point does. In the current pool of
/// threads.
pub(super) fn cut(
    options: &SweepOptions,
    factors: &[Factor],
    checked: &Checked,
    progress: &Progress,
    folder: &Path,
) -> Result<Option<Span>, CliError> {
    let mut longest = None;
    for of in checked.points.iter().filter(|of| of.truncates) {
        let study = study(options, factors, of, None)?;
        let indices = checked.policies.iter().map(|name| policy_index(&study, Some(name)));
        let indices = indices.collect::<Result<Vec<_>, _>>()?;
        longest = longest.max(truncate::cut(&study, &indices, progress, folder)?);
    }
    Ok(longest)
}

/// The scenario of a point, read again, from `cut` on if it asks for that.
fn study(
    options: &SweepOptions,
    factors: &[Factor],
    of: &CheckedPoint,
    cut: Option<Span>,
) -> Result<Study, CliError> {
    let study = scenario::load(&options.scenario, &overrides(options, factors, &of.levels))
        .map_err(|problems| CliError::Scenario(problems.render(colours())))?;
    if study.hash != of.hash {
        let name = options.scenario.display();
        return Err(CliError::Usage(format!("{name} was changed while the sweep ran; run it again")));
    }
    truncate::measured_from(study, cut)
}

/// One point; none if it was interrupted.
fn point(
    study: &Study,
    of: &CheckedPoint,
    policies: &[String],
    progress: &Progress,
) -> Result<Option<Point>, CliError> {
    let mut responses = Vec::with_capacity(policies.len());
    for name in policies {
        match all_replications(study, policy_index(study, Some(name))?, progress)? {
            Some(outcome) => {
                responses.push(Response::of(&study.model, &outcome, study.estimates.confidence));
            }
            None => return Ok(None),
        }
    }
    Ok(Some(Point { levels: of.levels.clone(), responses }))
}

/// All replications of one policy; none if they were interrupted.
fn all_replications(
    study: &Study,
    policy: usize,
    progress: &Progress,
) -> Result<Option<PolicyOutcome>, CliError> {
    let (all, whole_run) = (u64::from(study.replications), Span(study.model.horizon.0));
    measured(study, policy, all, whole_run, progress, "a sweep".as_ref())
}
