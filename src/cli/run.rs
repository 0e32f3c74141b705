//! `fleetcast run`: simulate one policy, write the results, print the summary.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::CliError;
use super::args::{Format, RunOptions};
use super::load::load;
use super::output::{colours, note, print, warn};
use super::progress::stopped_by_interrupt;
use super::simulate::{Ended, Rowfiles, simulate};
use super::truncate::truncated;
use crate::experiment::{PolicyOutcome, Progress};
use crate::report::csv::{self, rows};
use crate::report::picture;
use crate::report::subject::Subject;
use crate::report::summary::counted;
use crate::report::terminal;
use crate::results::{Folder, Kind, Manifest, SCENARIO};
use crate::scenario::{Study, WithoutError};

/// The command.
pub(super) fn run(options: &RunOptions) -> Result<ExitCode, CliError> {
    let study = load(&options.scenario, &options.changes, &options.overrides())?;
    let study = without(study, options)?;
    warn(&study.warnings);
    let policy = policy_index(&study, options.policy.as_deref())?;
    if let Some(refusal) = study.memory_refusal(threads(options.work.threads)?.max(1), 1) {
        return Err(CliError::Usage(refusal));
    }
    let pool = pool(options.work.threads)?;
    let place = options.work.folder(&folder_name(&study));
    let progress = stopped_by_interrupt();
    let study = pool.install(|| truncated(study, &[policy], &progress, &place))?;
    let subject = Subject::of(&study);
    let folder = Folder::create(&place, &study.name, Kind::Runs)?;
    if options.work.verbose {
        note(&plan(&subject, policy, &place));
    }
    let (outcome, ended, mut folder) = simulated(options, &subject, policy, folder, &pool, &progress)?;
    let interrupted = matches!(ended, Ended::Interrupted(_));
    let outcomes = std::slice::from_ref(&outcome);
    write(&subject, outcomes, &mut folder)?;
    let manifest = finish(&subject, outcomes, folder, interrupted)?;
    if !options.work.reporting.quiet {
        print(&summary(options.work.reporting.format, &subject, &outcome, &manifest, &place))?;
    }
    match ended {
        Ended::Done => Ok(ExitCode::SUCCESS),
        Ended::Interrupted(done) => Err(CliError::Interrupted(format!(
            "interrupted: {} complete, and {} holds their results",
            if done == 1 { "1 replication was".to_owned() } else { format!("{done} replications were") },
            place.display()
        ))),
        Ended::Imprecise(reached) => Err(imprecise(&study, &outcome, reached)),
    }
}

/// The study without the causes that the user wants away.
fn without(study: Study, options: &RunOptions) -> Result<Study, CliError> {
    if options.without.is_empty() {
        return Ok(study);
    }
    let folder = options.scenario.parent().unwrap_or(Path::new(""));
    study.without(&options.without, folder).map_err(|error| match error {
        WithoutError::Cause(message) => CliError::Usage(format!("--without: {message}")),
        WithoutError::Scenario(problems) => CliError::Scenario(problems.render(colours())),
    })
}

/// The default name of the folder: that of the scenario, and what it is without.
fn folder_name(study: &Study) -> String {
    let safe = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '-' };
    let causes = study.without.iter().map(|cause| cause.chars().map(safe).collect::<String>());
    causes.fold(study.name.clone(), |name, cause| format!("{name}-without-{cause}"))
}

/// The index of the policy called `name`, the first by default.
pub(super) fn policy_index(study: &Study, name: Option<&str>) -> Result<usize, CliError> {
    let policies = &study.model.policies;
    let Some(name) = name else { return Ok(0) };
    policies.iter().position(|policy| policy.name == name).ok_or_else(|| {
        let known: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        CliError::Usage(format!("there is no policy `{name}`; the scenario has {}", known.join(", ")))
    })
}

fn plan(subject: &Subject<'_>, policy: usize, place: &std::path::Path) -> String {
    let study = subject.study;
    format!(
        "scenario {} ({}), policy {}, seed {}, {} groups; results go to {}",
        study.name,
        study.hash.get(..12).unwrap_or(&study.hash),
        study.model.policies[policy].name,
        study.model.seed,
        study.model.fleet.groups.len(),
        place.display()
    )
}

/// The simulation in its pool of threads, and the two large files.
fn simulated(
    options: &RunOptions,
    subject: &Subject<'_>,
    policy: usize,
    mut folder: Folder,
    pool: &rayon::ThreadPool,
    progress: &Arc<Progress>,
) -> Result<(PolicyOutcome, Ended, Folder), CliError> {
    let mut sink = Rowfiles {
        names: &subject.names,
        policy,
        transitions: folder.spool("transitions.csv")?,
        group_status: folder.spool("group_status.csv")?,
        violations: Vec::new(),
    };
    let place = folder.path().to_owned();
    let shown = (progress, !options.work.reporting.quiet);
    let (outcome, ended) =
        pool.install(|| simulate(subject, policy, options.audit, &mut sink, shown, &place))?;
    write_rows(&mut folder, sink)?;
    Ok((outcome, ended, folder))
}

/// The two large files, unless the auditor objects.
pub(super) fn write_rows(folder: &mut Folder, mut sink: Rowfiles<'_>) -> Result<(), CliError> {
    if !sink.violations.is_empty() {
        return Err(CliError::Audit(format!(
            "the auditor found rows that break the rules of the model; please report this defect with the scenario:\n  \
             {}",
            sink.violations.join("\n  ")
        )));
    }
    folder.write_spooled("transitions.csv", rows::TRANSITIONS, &mut sink.transitions)?;
    folder.write_spooled("group_status.csv", rows::GROUP_STATUS, &mut sink.group_status)?;
    Ok(())
}

/// More than any machine has processors for, and fewer than its memory has stacks for.
const MOST_THREADS: usize = 1_024;

/// The size of the pool of threads; 0: one per processor.
pub(super) fn threads(given: Option<usize>) -> Result<usize, CliError> {
    match given {
        Some(0) => Err(CliError::Usage("--threads must be at least 1".to_owned())),
        Some(many) if many > MOST_THREADS => {
            Err(CliError::Usage(format!("--threads must be at most {MOST_THREADS}")))
        }
        given => Ok(given.unwrap_or(0)),
    }
}

/// The pool of threads in which a command simulates.
pub(super) fn pool(given: Option<usize>) -> Result<rayon::ThreadPool, CliError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads(given)?).build();
    pool.map_err(|error| CliError::Usage(format!("cannot start the threads: {error}")))
}

/// The files that any simulation of policies leaves behind.
pub(super) fn write(
    subject: &Subject<'_>,
    outcomes: &[PolicyOutcome],
    folder: &mut Folder,
) -> Result<(), CliError> {
    let Subject { study, model, names, confidence, growth_per_year, .. } = subject;
    folder.write(SCENARIO, study.self_contained().as_bytes())?;
    folder.write("metrics.csv", &csv::metrics::metrics(names, model, outcomes))?;
    folder.write("summary.csv", &csv::summary::summary(names, model, outcomes, *confidence))?;
    folder.write("overview.csv", &csv::overview::overview(names, outcomes))?;
    folder.write("cpu_load.csv", &csv::cpu_load::cpu_load(names, outcomes))?;
    let capacity = csv::capacity::capacity(names, model, outcomes, growth_per_year, *confidence);
    folder.write("capacity.csv", &capacity)?;
    folder.write("episodes.csv", &csv::episodes::episodes(names, model, outcomes, *confidence))?;
    if study.is_steady_state {
        let (key, cut) = (&study.outputs.key_metric, model.measured_from.since_start());
        folder.write("warm_up.csv", &csv::warm_up::warm_up(names, outcomes, key, cut))?;
    }
    folder.write("objectives.csv", &csv::objectives::objectives(names, outcomes, *confidence))?;
    folder.write("rollouts.csv", &csv::rollouts::rollouts(names, outcomes))?;
    folder.write("operators.csv", &csv::operators::operators(names, model, outcomes))?;
    folder.write("provisioning.csv", &csv::provisioning::provisioning(names, outcomes))?;
    folder.write("unfinished.csv", &csv::unfinished::unfinished(names, outcomes))?;
    folder.write("blame.csv", &csv::blame::blame(&study.causes(), names, outcomes))?;
    draw(subject, outcomes, folder)
}

/// Puts all files in their place.
pub(super) fn finish(
    subject: &Subject<'_>,
    outcomes: &[PolicyOutcome],
    folder: Folder,
    interrupted: bool,
) -> Result<Manifest, CliError> {
    let Subject { study, model, .. } = subject;
    let policies = outcomes.iter().map(|outcome| model.policies[outcome.policy].name.clone()).collect();
    let replications = outcomes.iter().map(|outcome| outcome.replications.len()).max().unwrap_or(0);
    let manifest = Manifest { interrupted, ..Manifest::new(study, policies, replications as u64) };
    Ok(folder.finish(manifest)?)
}

/// The figures of the first policy, the rollouts and the blame of all.
fn draw(subject: &Subject<'_>, outcomes: &[PolicyOutcome], folder: &mut Folder) -> Result<(), CliError> {
    let (study, model, dates) = (subject.study, subject.model, subject.dates());
    let policies: Vec<&str> = model.policies.iter().map(|policy| policy.name.as_str()).collect();
    let Some(outcome) = outcomes.first() else { return Ok(()) };
    let policy = policies[outcome.policy];
    let of = |replication: u64| format!("{}, policy {policy}, replication {replication}", study.name);
    if let Some(first) = outcome.replications.first() {
        let svg = picture::fleet::fleet(&dates, &first.overview, model.horizon, &of(first.replication));
        folder.write("fleet.svg", svg.as_bytes())?;
    }
    let title = format!("{}, {}", study.name, counted(outcome.replications.len(), "replication"));
    folder.write("rollouts.svg", picture::rollout::rollouts(&policies, outcomes, &title).as_bytes())?;
    let svg = picture::blame::blame(&study.causes(), &policies, outcomes, &title);
    folder.write("blame.svg", svg.as_bytes())?;
    let Some(shown) = outcome.cpu_load.first().map(|chart| chart.replication) else { return Ok(()) };
    let charts: Vec<_> = outcome
        .cpu_load
        .iter()
        .filter(|chart| chart.replication == shown)
        .map(|chart| (model.fleet.groups[chart.group].name.as_str(), chart))
        .collect();
    let svg = picture::cpu::cpu(&dates, &charts, subject.threshold(), model.horizon, &of(shown));
    folder.write("cpu_load.svg", svg.as_bytes())?;
    draw_week(subject, outcome, folder)
}

/// The mean week of the charted groups, unless the buckets are too long for hours.
fn draw_week(subject: &Subject<'_>, outcome: &PolicyOutcome, folder: &mut Folder) -> Result<(), CliError> {
    let (study, model) = (subject.study, subject.model);
    let dates = |group| subject.local_dates(group);
    let name = |group: usize| model.fleet.groups[group].name.as_str();
    let policy = &model.policies[outcome.policy].name;
    let subtitle = format!("{}, policy {policy}", study.name);
    let bucket = study.outputs.bucket;
    let mut charts = outcome.cpu_load.clone();
    charts.iter_mut().for_each(|chart| chart.buckets.retain(|of| of.from >= model.measured_from));
    match picture::week::week(&charts, bucket, name, dates, subject.threshold(), &subtitle) {
        Some(svg) => Ok(folder.write("cpu_week.svg", svg.as_bytes())?),
        None => Ok(()),
    }
}

fn summary(
    format: Format,
    subject: &Subject<'_>,
    outcome: &PolicyOutcome,
    manifest: &Manifest,
    place: &std::path::Path,
) -> String {
    match format {
        Format::Text => {
            let (screen, files) = (terminal::screen(subject, outcome), manifest.files.len() + 1);
            format!(
                "{screen}\nResults: {files} files in {}; see summary.csv and fleet.svg\n",
                place.display()
            )
        }
        Format::Json => {
            let value = json!({
                "scenario": manifest.scenario,
                "scenario_hash": manifest.scenario_hash,
                "seed": manifest.seed,
                "policies": [terminal::json(subject, outcome)],
                "results": place,
                "files": manifest.files,
            });
            format!("{value:#}\n")
        }
    }
}

fn imprecise(study: &Study, outcome: &PolicyOutcome, reached: Option<f64>) -> CliError {
    let reached = reached.map_or_else(|| "no precision".to_owned(), |reached| format!("{reached:.3}"));
    CliError::Precision(format!(
        "after {} the half-width of {} is {reached} of its mean, not {}; the results are written; allow \
         more with --max-replications",
        counted(outcome.replications.len(), "replication"),
        study.outputs.key_metric,
        study.estimates.precision.unwrap_or(0.0),
    ))
}
