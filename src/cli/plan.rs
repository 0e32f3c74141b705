//! `fleetcast plan`: search the sizes of groups, check them, ask what if, write the results, print the plan.

mod ladder;
mod sizes;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::CliError;
use super::args::{ConfidenceFor, Format, PlanOptions};
use super::error::nothing_written;
use super::load::load;
use super::output::{note, print, warn};
use super::progress::{Bar, stopped_by_interrupt};
use super::run::{policy_index, pool};
use super::truncate::truncated;
use crate::experiment::sizing::calendar::calendar;
use crate::experiment::sizing::verify::verify;
use crate::experiment::sizing::{GroupSize, Models, Question, Target, looks, size_groups};
use crate::experiment::{Interrupted, Progress};
use crate::fleet::MOST_SLOTS;
use crate::report::csv::plan as csv;
use crate::report::picture::plan as picture;
use crate::report::plan::{Goal, Plan, Standing, Variant, goals, json as plan_json, screen};
use crate::report::subject::Subject;
use crate::report::summary::counted;
use crate::results::{Folder, Kind, Manifest, SCENARIO};
use crate::scenario::Study;
use ladder::{Ladder, VARIANTS};

/// What the user asks for, read and checked.
struct Asked {
    policy: usize,
    goals: Vec<Goal>,
    targets: Vec<Target>,
    sizes: Option<Vec<usize>>,
    least: Vec<usize>,
    most: usize,
    looks: Vec<u64>,
    alpha: f64,
}

/// The command.
pub(super) fn plan(options: &PlanOptions) -> Result<ExitCode, CliError> {
    if options.confidence.is_some_and(|confidence| !(confidence > 0.0 && confidence < 1.0)) {
        let message = "--confidence must be above 0 and below 1; write 0.95 for 95 %";
        return Err(CliError::Usage(message.to_owned()));
    }
    let study = load(&options.scenario, &options.changes, &options.overrides())?;
    warn(&study.warnings);
    let asked = Asked::of(options, &study)?;
    let pool = pool(options.work.threads)?;
    let place = options.work.folder(&format!("{}-plan", study.name));
    let progress = stopped_by_interrupt();
    let study = pool.install(|| truncated(study, &[asked.policy], &progress, &place))?;
    let subject = Subject::of(&study);
    let mut folder = Folder::create(&place, &study.name, Kind::Plan)?;
    if options.work.verbose {
        note(&intent(&study, &asked, &place));
    }
    let plan = pool.install(|| planned(options, &subject, &asked, &progress, &place))?;
    write(&plan, &mut folder)?;
    let policies = vec![study.model.policies[plan.policy].name.clone()];
    let manifest = Manifest { interrupted: plan.interrupted, ..Manifest::new(&study, policies, plan.most) };
    let manifest = folder.finish(manifest)?;
    if !options.work.reporting.quiet {
        print(&printed(options.work.reporting.format, &plan, &manifest, &place))?;
    }
    conclude(&plan, &place)
}

impl Asked {
    fn of(options: &PlanOptions, study: &Study) -> Result<Asked, CliError> {
        let usage = |message: String| CliError::Usage(message);
        let goal = |text: &String| Goal::parse(text).map_err(|error| usage(format!("--target: {error}")));
        let goals: Vec<Goal> = options.targets.iter().map(goal).collect::<Result<_, _>>()?;
        goals::of_different_metrics(&goals).map_err(|error| usage(format!("--target: {error}")))?;
        if !(1..=MOST_SLOTS).contains(&options.max_connectors) {
            return Err(usage(format!("--max-connectors must be from 1 to {MOST_SLOTS}")));
        }
        if options.max_replications == Some(0) {
            return Err(usage("--max-replications must be at least 1".to_owned()));
        }
        let sizes = options.sizes.as_deref().map(|text| sizes::parse(text).map_err(usage)).transpose()?;
        let replications = u64::from(study.replications).max(options.max_replications.unwrap_or(0));
        let family = match options.confidence_for {
            ConfidenceFor::Group => 1,
            ConfidenceFor::Fleet => study.model.fleet.groups.len().max(1),
        };
        Ok(Asked {
            policy: policy_index(study, options.policy.as_deref())?,
            targets: goals.iter().map(|goal| goal.target).collect(),
            goals,
            sizes,
            least: study.least_connectors(),
            most: options.max_connectors,
            looks: looks(replications),
            alpha: (1.0 - study.estimates.confidence) / family as f64,
        })
    }

    fn question<'q>(
        &'q self,
        study: &'q Study,
        ladder: &'q Models<'q>,
        progress: &'q Progress,
    ) -> Question<'q> {
        Question {
            configured: &study.model,
            models: ladder,
            policy: self.policy,
            targets: &self.targets,
            looks: &self.looks,
            alpha: self.alpha,
            sizes: self.sizes.as_deref(),
            least: &self.least,
            most: self.most,
            demand_factor: 1.0,
            objective: study.estimates.objective,
            progress,
        }
    }
}

fn intent(study: &Study, asked: &Asked, place: &Path) -> String {
    format!(
        "scenario {} ({}), policy {}, seed {}, {} groups, looks after {:?} replications; results go to {}",
        study.name,
        study.hash.get(..12).unwrap_or(&study.hash),
        study.model.policies[asked.policy].name,
        study.model.seed,
        study.model.fleet.groups.len(),
        asked.looks,
        place.display()
    )
}

/// The search, its verification, the what-ifs and the calendar, in the current pool of threads.
fn planned<'a>(
    options: &PlanOptions,
    subject: &'a Subject<'a>,
    asked: &'a Asked,
    progress: &Arc<Progress>,
    place: &Path,
) -> Result<Plan<'a>, CliError> {
    let study = subject.study;
    let ladder = Ladder::new(study, asked.policy);
    let models = |size| ladder.model(size);
    let question = asked.question(study, &models, progress);
    let all: Vec<usize> = (0..study.model.fleet.groups.len()).collect();
    let expected = all.len() as u64 * (asked.looks[0] * 3 + asked.looks[asked.looks.len() - 1]);
    let _bar = Bar::new(progress, expected, !options.work.reporting.quiet);
    let groups =
        size_groups(&question, &all).map_err(|_| nothing_written("the search was complete", place))?;
    ladder.complain()?;
    let mut plan = Plan {
        subject,
        policy: asked.policy,
        goals: &asked.goals,
        groups,
        least: asked.least.clone(),
        templates: study.templates(),
        confidence: study.estimates.confidence,
        for_fleet: options.confidence_for == ConfidenceFor::Fleet,
        most: asked.looks[asked.looks.len() - 1],
        verified: None,
        sensitivity: Vec::new(),
        calendar: Vec::new(),
        interrupted: false,
    };
    plan.interrupted = beyond(options, &question, &mut plan).is_err();
    Ok(plan)
}

/// What comes after the search; an interrupt leaves the plan with what is finished.
fn beyond(options: &PlanOptions, question: &Question<'_>, plan: &mut Plan<'_>) -> Result<(), Interrupted> {
    let study = plan.subject.study;
    if plan.is_coupled() {
        plan.verified = verify(question, &plan.groups)?;
    }
    let growth = &plan.subject.growth_per_year;
    let all: Vec<usize> = (0..plan.groups.len()).collect();
    plan.calendar = calendar(question, &all, &|group| growth[group], plan.confidence)?;
    let sample = spread(plan.groups.len(), options.sensitivity);
    for variant in VARIANTS.iter().filter(|_| !sample.is_empty()) {
        let ladder = Ladder::with(study, question.policy, variant);
        let models = |size| ladder.model(size);
        let question = Question { models: &models, demand_factor: variant.demand_factor, ..*question };
        let groups: Vec<GroupSize> = size_groups(&question, &sample)?;
        plan.sensitivity.push(Variant { what: variant.what, groups });
    }
    Ok(())
}

/// At most `most` of `groups`, evenly spread.
fn spread(groups: usize, most: usize) -> Vec<usize> {
    let count = groups.min(most);
    (0..count).map(|index| index * groups / count).collect()
}

fn write(plan: &Plan<'_>, folder: &mut Folder) -> Result<(), CliError> {
    let study = plan.subject.study;
    folder.write(SCENARIO, study.self_contained().as_bytes())?;
    folder.write("plan.csv", &csv::plan(plan))?;
    folder.write("sizes.csv", &csv::sizes(plan))?;
    folder.write("sensitivity.csv", &csv::sensitivity(plan))?;
    folder.write("calendar.csv", &csv::calendar(plan))?;
    let title = format!("{}, at most {}", study.name, counted(plan.most as usize, "replication"));
    folder.write("sizes.svg", picture::sizes(plan, &title).as_bytes())?;
    let drawn = picture::calendar(plan, &plan.subject.dates(), &title);
    Ok(folder.write("calendar.svg", drawn.as_bytes())?)
}

fn printed(format: Format, plan: &Plan<'_>, manifest: &Manifest, place: &Path) -> String {
    match format {
        Format::Text => {
            let files = manifest.files.len() + 1;
            format!(
                "{}\nResults: {files} files in {}; see plan.csv and sizes.svg\n",
                screen(plan),
                place.display()
            )
        }
        Format::Json => {
            let value = json!({
                "scenario": manifest.scenario,
                "scenario_hash": manifest.scenario_hash,
                "seed": manifest.seed,
                "plan": plan_json(plan),
                "results": place,
                "files": manifest.files,
            });
            format!("{value:#}\n")
        }
    }
}

fn conclude(plan: &Plan<'_>, place: &Path) -> Result<ExitCode, CliError> {
    if plan.interrupted {
        return Err(CliError::Interrupted(format!(
            "interrupted: the search was complete, and {} holds its results",
            place.display()
        )));
    }
    if plan.is_met() {
        return Ok(ExitCode::SUCCESS);
    }
    let used = plan.groups.iter().filter(|of| plan.standing(of) != Standing::Unused).count();
    let without = used - plan.groups.iter().filter(|of| plan.connectors(of).is_some()).count();
    let what = match (used, &plan.verified) {
        (0, _) => "no group is used: all are disabled or without a resource".to_owned(),
        (_, Some(verified)) if !verified.converged => {
            let rounds = counted(verified.rounds, "round");
            format!("{without} of {used} groups without a size: the whole fleet did not converge in {rounds}")
        }
        _ => format!(
            "{without} of {} without a size that is shown to meet the targets",
            counted(used, "group")
        ),
    };
    Err(CliError::Target(format!("{what}; see plan.csv in {}", place.display())))
}
