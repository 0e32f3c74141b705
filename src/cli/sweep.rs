//! `fleetcast sweep`: every combination of the values of some settings, simulated with the same luck.
//!
//! All resulting scenarios are checked before the first is simulated. Points are simulated a few at a time, and kept in
//! their order, so an interrupt leaves the first ones complete.

mod check;
mod points;
mod settings;
mod vary;

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::CliError;
use super::args::{Format, SweepOptions};
use super::error::nothing_written;
use super::output::{note, print};
use super::progress::{Bar, stopped_by_interrupt};
use super::run::pool;
use super::truncate;
use crate::report::picture::effects;
use crate::report::run_length;
use crate::report::summary::counted;
use crate::report::sweep::{Factor, Sweep, combinations, screen};
use crate::report::{csv, metrics};
use crate::results::manifest::Varied;
use crate::results::{Folder, Kind, Manifest, SCENARIO};
use crate::scenario::Study;
use check::{Checked, checked};

/// The first figure.
const MAIN_EFFECTS: &str = "main_effects.svg";

/// The command.
pub(super) fn sweep(options: &SweepOptions) -> Result<ExitCode, CliError> {
    let factors = factors(options)?;
    factors.iter().try_for_each(|factor| settings::can_be_varied(options, factor))?;
    let pool = pool(options.work.threads)?;
    let counts: Vec<usize> = factors.iter().map(|factor| factor.values.len()).collect();
    let checked = pool.install(|| checked(options, &factors, combinations(&counts)))?;
    let place = options.work.folder(&format!("{}-sweep", checked.first.name));
    let progress = stopped_by_interrupt();
    let cut = pool.install(|| points::cut(options, &factors, &checked, &progress, &place))?;
    let first = &truncate::measured_from((*checked.first).clone(), cut)?;
    let mut folder = Folder::create(&place, &first.name, Kind::Sweep)?;
    if options.work.verbose {
        note(&plan(&checked, &place));
    }
    let bar = Bar::new(&progress, checked.work(), !options.work.reporting.quiet);
    let points = pool.install(|| points::simulated(options, &factors, &checked, cut, &progress))?;
    drop(bar);
    if points.is_empty() {
        return Err(nothing_written("the first point was complete", &place));
    }
    let sweep = Sweep {
        policies: checked.policies.clone(),
        points,
        key: metrics::named(&first.outputs.key_metric)
            .unwrap_or_else(|| unreachable!("a scenario names metrics of the table")),
        confidence: first.estimates.confidence,
        factors,
    };
    write(&sweep, first, &mut folder)?;
    let manifest = finish(&sweep, first, folder)?;
    if !options.work.reporting.quiet {
        print(&printed(options.work.reporting.format, &sweep, first, &manifest, &place))?;
    }
    conclude(&sweep, &checked, &place)
}

/// What is varied, and not more than the user allows.
fn factors(options: &SweepOptions) -> Result<Vec<Factor>, CliError> {
    let mut factors: Vec<Factor> = Vec::new();
    for text in &options.vary {
        let factor = vary::factor(text).map_err(CliError::Usage)?;
        if factors.iter().any(|known| known.path == factor.path) {
            let message = format!("--vary {} is there twice; put all its values into one", factor.path);
            return Err(CliError::Usage(message));
        }
        factors.push(factor);
    }
    let counts = factors.iter().map(|factor| factor.values.len());
    let points = counts.clone().try_fold(1_usize, usize::checked_mul);
    if points.is_some_and(|points| points <= options.max_points) {
        return Ok(factors);
    }
    let product = counts.map(|count| count.to_string()).collect::<Vec<_>>().join(" × ");
    Err(CliError::Usage(format!(
        "the sweep has {product} points, and --max-points allows {}; vary fewer values, or allow more",
        options.max_points
    )))
}

fn plan(checked: &Checked, place: &Path) -> String {
    let first = &checked.first;
    format!(
        "scenario {}, {}, policies {}, seed {}; results go to {}",
        first.name,
        counted(checked.points.len(), "point"),
        checked.policies.join(", "),
        first.model.seed,
        place.display()
    )
}

fn write(sweep: &Sweep, first: &Study, folder: &mut Folder) -> Result<(), CliError> {
    folder.write(SCENARIO, first.self_contained().as_bytes())?;
    folder.write("sweep.csv", &csv::sweep::sweep(sweep))?;
    if sweep.is_complete() {
        folder.write("effects.csv", &csv::sweep::effects(sweep))?;
    }
    let subtitle = format!("{}, {}", first.name, screen::heading(sweep));
    let figures = [
        (MAIN_EFFECTS, effects::main_effects(sweep, &subtitle)),
        ("interactions.svg", effects::interactions(sweep, &subtitle)),
    ];
    for (name, svg) in figures {
        if let Some(svg) = svg {
            folder.write(name, svg.as_bytes())?;
        }
    }
    Ok(())
}

fn finish(sweep: &Sweep, first: &Study, folder: Folder) -> Result<Manifest, CliError> {
    let varied = |factor: &Factor| Varied { path: factor.path.clone(), values: factor.values.clone() };
    let manifest = Manifest {
        interrupted: !sweep.is_complete(),
        varied: sweep.factors.iter().map(varied).collect(),
        points: sweep.points.len() as u64,
        ..Manifest::new(first, sweep.policies.clone(), u64::from(first.replications))
    };
    Ok(folder.finish(manifest)?)
}

fn printed(format: Format, sweep: &Sweep, first: &Study, manifest: &Manifest, place: &Path) -> String {
    match format {
        Format::Text => format!(
            "{}: {}, {} of {}, seed {}\n\n{}\nResults: {} files in {}; see sweep.csv{}\n",
            first.name,
            screen::heading(sweep),
            counted(first.replications as usize, "replication"),
            run_length(&first.model),
            first.model.seed,
            screen::screen(sweep),
            manifest.files.len() + 1,
            place.display(),
            // An interrupted sweep has no effects.
            if manifest.files.iter().any(|file| file.name == MAIN_EFFECTS) {
                format!(" and {MAIN_EFFECTS}")
            } else {
                String::new()
            }
        ),
        Format::Json => {
            let value = json!({
                "scenario": manifest.scenario,
                "seed": manifest.seed,
                "sweep": screen::json(sweep),
                "results": place,
                "files": manifest.files,
            });
            format!("{value:#}\n")
        }
    }
}

fn conclude(sweep: &Sweep, checked: &Checked, place: &Path) -> Result<ExitCode, CliError> {
    if sweep.is_complete() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(CliError::Interrupted(format!(
        "interrupted: the first {} of {} points were complete, and {} holds their results",
        sweep.points.len(),
        checked.points.len(),
        place.display()
    )))
}
