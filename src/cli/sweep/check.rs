//! Every scenario of a sweep is checked before anything is simulated, and all problems are reported at once.
//!
//! What many points have in common is reported once, under the first that has it.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::super::CliError;
use super::super::args::SweepOptions;
use super::super::output::{colours, note};
use super::super::run::policy_index;
use crate::report::sweep::Factor;
use crate::scenario::{self, Problems, Study};

/// The scenarios of a sweep, free of problems.
pub(super) struct Checked {
    /// That of the first point.
    pub(super) first: Box<Study>,
    /// The policies simulated, by name.
    pub(super) policies: Vec<String>,
    /// In order.
    pub(super) points: Vec<CheckedPoint>,
    /// How many are simulated at the same time.
    pub(super) abreast: usize,
}

/// A point whose scenario has no problems.
pub(super) struct CheckedPoint {
    /// By factor: which of its values.
    pub(super) levels: Vec<usize>,
    /// Of its self-contained scenario: it is read again when its turn comes.
    pub(super) hash: String,
    /// Whether its warm-up is to be worked out.
    pub(super) truncates: bool,
    /// Group-replications of one policy.
    work: u64,
}

impl Checked {
    /// Group-replications of all points and policies.
    pub(super) fn work(&self) -> u64 {
        self.policies.len() as u64 * self.points.iter().map(|point| point.work).sum::<u64>()
    }
}

/// The settings of a point, after those of all points.
pub(super) fn overrides(options: &SweepOptions, factors: &[Factor], levels: &[usize]) -> Vec<String> {
    let own = factors.iter().zip(levels).map(|(factor, &level)| setting(factor, level));
    options.changes.overrides().into_iter().chain(own).collect()
}

fn setting(factor: &Factor, level: usize) -> String {
    format!("{}={}", factor.path, factor.values[level])
}

/// Checks all points in the current pool of threads.
pub(super) fn checked(
    options: &SweepOptions,
    factors: &[Factor],
    combinations: Vec<Vec<usize>>,
) -> Result<Checked, CliError> {
    let mut said = Said { factors, known: BTreeSet::new(), text: String::new() };
    let (mut first, mut points, mut faulty) = (None, Vec::new(), 0);
    let (total, width) = (combinations.len(), rayon::current_num_threads());
    let mut abreast = width;
    for wave in combinations.chunks(width) {
        let load =
            |levels: &Vec<usize>| scenario::load(&options.scenario, &overrides(options, factors, levels));
        let studies: Vec<Result<Study, Problems>> = wave.par_iter().map(load).collect();
        for (levels, study) in wave.iter().zip(studies) {
            match study {
                Ok(study) => {
                    said.warn(levels, &study);
                    policies(options, &study)?;
                    abreast = abreast.min(fitting(&study, width)?);
                    points.push(CheckedPoint::of(levels, &study));
                    first.get_or_insert_with(|| Box::new(study));
                }
                Err(problems) => {
                    faulty += 1;
                    said.add(levels, problems);
                }
            }
        }
    }
    match first {
        Some(first) if faulty == 0 => {
            unused_precision(&first);
            Ok(Checked { policies: policies(options, &first)?, first, points, abreast })
        }
        _ => Err(CliError::Scenario(format!("{}{faulty} of {total} points have problems\n", said.text))),
    }
}

impl CheckedPoint {
    fn of(levels: &[usize], study: &Study) -> CheckedPoint {
        let work = u64::from(study.replications) * study.model.fleet.groups.len() as u64;
        CheckedPoint { levels: levels.to_vec(), hash: study.hash.clone(), truncates: study.truncates, work }
    }
}

/// The policies that the user named, or all.
fn policies(options: &SweepOptions, study: &Study) -> Result<Vec<String>, CliError> {
    let names =
        |indices: Vec<usize>| indices.into_iter().map(|at| study.model.policies[at].name.clone()).collect();
    if options.policies.is_empty() {
        return Ok(names((0..study.model.policies.len()).collect()));
    }
    let named = options.policies.iter().map(|name| policy_index(study, Some(name.trim())));
    let mut indices: Vec<usize> = named.collect::<Result<_, _>>()?;
    indices.sort_unstable();
    indices.dedup();
    Ok(names(indices))
}

/// How many such studies fit into memory at the same time, one per thread or one.
fn fitting(study: &Study, threads: usize) -> Result<usize, CliError> {
    if study.memory_refusal(threads, threads).is_none() {
        return Ok(threads);
    }
    study.memory_refusal(threads, 1).map_or(Ok(1), |refusal| Err(CliError::Usage(refusal)))
}

fn unused_precision(study: &Study) {
    if study.estimates.precision.is_some() {
        note(&format!(
            "warning: estimates.precision has no effect on a sweep, which simulates {} replications of every point",
            study.replications
        ));
    }
}

/// What was said already, and the problems.
struct Said<'a> {
    factors: &'a [Factor],
    known: BTreeSet<String>,
    text: String,
}

impl Said<'_> {
    fn warn(&mut self, levels: &[usize], study: &Study) {
        let mut warnings = study.warnings.clone();
        warnings.leave_out(&mut self.known);
        if !warnings.is_empty() {
            note(&format!("{}:\n{}", self.point(levels), warnings.render(colours())));
        }
    }

    fn add(&mut self, levels: &[usize], mut problems: Problems) {
        problems.leave_out(&mut self.known);
        if !problems.is_empty() {
            self.text.push_str(&format!("{}:\n{}\n", self.point(levels), problems.render(colours())));
        }
    }

    fn point(&self, levels: &[usize]) -> String {
        let settings = self.factors.iter().zip(levels).map(|(factor, &level)| setting(factor, level));
        settings.collect::<Vec<_>>().join(" ")
    }
}
