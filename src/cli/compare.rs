//! `fleetcast compare`: simulate policies under common random numbers, write the results, print the verdicts.

mod field;
mod rounds;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::CliError;
use super::args::{CompareOptions, Format};
use super::load::load;
use super::output::{note, print, warn};
use super::progress::stopped_by_interrupt;
use super::run::{finish, pool, threads, write, write_rows};
use super::simulate::Rowfiles;
use super::truncate::truncated;
use crate::experiment::Progress;
use crate::report::comparison::Contest;
use crate::report::csv;
use crate::report::picture;
use crate::report::subject::Subject;
use crate::report::summary::counted;
use crate::report::{terminal, verdicts};
use crate::results::{Folder, Kind, Manifest};
use field::Field;
use rounds::{Ended, Goal, Simulated, simulate};

/// The command.
pub(super) fn compare(options: &CompareOptions) -> Result<ExitCode, CliError> {
    let study = load(&options.scenario, &options.changes, &options.overrides())?;
    warn(&study.warnings);
    let field = Field::of(&study, &options.policies, options.baseline.as_deref())?;
    let goal = Goal::of(&study, &field, options.select)?;
    if let Some(refusal) = study.memory_refusal(threads(options.work.threads)?.max(1), field.policies.len()) {
        return Err(CliError::Usage(refusal));
    }
    let pool = pool(options.work.threads)?;
    let place = options.work.folder(&study.name);
    let progress = stopped_by_interrupt();
    let study = pool.install(|| truncated(study, &field.policies, &progress, &place))?;
    let subject = Subject::of(&study);
    let mut folder = Folder::create(&place, &study.name, Kind::Runs)?;
    if options.work.verbose {
        note(&plan(&subject, &field, &place));
    }
    let fixed = matches!(goal, Goal::Fixed(_));
    let Simulated { outcomes, selection, ended } =
        simulated(options, &subject, &field, goal, &mut folder, &pool, &progress)?;
    let interrupted = matches!(ended, Ended::Interrupted(_));
    // An interrupt comes when it comes, whatever the results so far: the number is as good as fixed.
    let contest = Contest::new(&subject, &outcomes, field.baseline, fixed, selection);
    write(&subject, &outcomes, &mut folder)?;
    write_comparison(&contest, &mut folder)?;
    let manifest = finish(&subject, &outcomes, folder, interrupted)?;
    if !options.work.reporting.quiet {
        print(&printed(options.work.reporting.format, &contest, &manifest, &place))?;
    }
    conclude(&contest, ended, &place)
}

fn plan(subject: &Subject<'_>, field: &Field, place: &Path) -> String {
    let study = subject.study;
    let names: Vec<&str> =
        field.policies.iter().map(|&policy| study.model.policies[policy].name.as_str()).collect();
    format!(
        "scenario {} ({}), policies {}, baseline {}, seed {}, {} groups; results go to {}",
        study.name,
        study.hash.get(..12).unwrap_or(&study.hash),
        names.join(", "),
        names[field.baseline],
        study.model.seed,
        study.model.fleet.groups.len(),
        place.display()
    )
}

/// The simulation in its pool of threads, and the two large files.
fn simulated(
    options: &CompareOptions,
    subject: &Subject<'_>,
    field: &Field,
    goal: Goal,
    folder: &mut Folder,
    pool: &rayon::ThreadPool,
    progress: &Arc<Progress>,
) -> Result<Simulated, CliError> {
    let mut sink = Rowfiles {
        names: &subject.names,
        policy: field.policies[0],
        transitions: folder.spool("transitions.csv")?,
        group_status: folder.spool("group_status.csv")?,
        violations: Vec::new(),
    };
    let place = folder.path().to_owned();
    let shown = (progress, !options.work.reporting.quiet);
    let simulated =
        pool.install(|| simulate(subject, field, goal, options.audit, &mut sink, shown, &place))?;
    write_rows(folder, sink)?;
    Ok(simulated)
}

fn write_comparison(contest: &Contest<'_>, folder: &mut Folder) -> Result<(), CliError> {
    let names = &contest.subject.names;
    folder.write("comparison.csv", &csv::comparison::comparison(names, contest))?;
    folder.write("pareto.csv", &csv::comparison::pareto(names, contest))?;
    if let Some(selection) = &contest.selection {
        folder.write("selection.csv", &csv::comparison::selection(names, contest, selection))?;
    }
    let most = contest.outcomes.iter().map(|outcome| outcome.replications.len()).max().unwrap_or(0);
    let title = format!("{}, {}", contest.subject.study.name, counted(most, "replication"));
    folder.write("comparison.svg", picture::forest::forest(contest, &title).as_bytes())?;
    folder.write("pareto.svg", picture::pareto::pareto(contest, &title).as_bytes())?;
    if let Some(svg) = picture::cost_risk::cost_risk(contest, &title) {
        folder.write("cost_risk.svg", svg.as_bytes())?;
    }
    Ok(())
}

fn printed(format: Format, contest: &Contest<'_>, manifest: &Manifest, place: &Path) -> String {
    match format {
        Format::Text => format!(
            "{}\nResults: {} files in {}; see comparison.csv and comparison.svg\n",
            verdicts::screen(contest),
            manifest.files.len() + 1,
            place.display()
        ),
        Format::Json => {
            let policies: Vec<_> =
                contest.outcomes.iter().map(|outcome| terminal::json(contest.subject, outcome)).collect();
            let value = json!({
                "scenario": manifest.scenario,
                "scenario_hash": manifest.scenario_hash,
                "seed": manifest.seed,
                "comparison": verdicts::json(contest),
                "policies": policies,
                "results": place,
                "files": manifest.files,
            });
            format!("{value:#}\n")
        }
    }
}

fn conclude(contest: &Contest<'_>, ended: Ended, place: &Path) -> Result<ExitCode, CliError> {
    let study = contest.subject.study;
    let key = &study.outputs.key_metric;
    Err(match ended {
        Ended::Done => return Ok(ExitCode::SUCCESS),
        Ended::Interrupted(done) => CliError::Interrupted(format!(
            "interrupted: {done} replications of each policy were complete, and {} holds their results",
            place.display()
        )),
        Ended::Imprecise { done, reached } => CliError::Precision(format!(
            "after {} the half-width of the difference in {key} is {} of the baseline's mean, not {}; the results are \
             written; allow more with --max-replications",
            counted(done as usize, "replication"),
            reached.map_or_else(|| "no precision".to_owned(), |reached| format!("{reached:.3}")),
            study.estimates.precision.unwrap_or(0.0),
        )),
        Ended::Unselected(done) => CliError::Precision(format!(
            "after {} no policy is selected in {key}; the results are written; allow more with --max-replications, or \
             a larger --select",
            counted(done as usize, "replication"),
        )),
    })
}
