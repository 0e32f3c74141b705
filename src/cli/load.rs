//! The study that `run` and `explain` work on.

use std::path::Path;

use super::CliError;
use super::args::Changes;
use super::output::colours;
use crate::scenario::{self, Problems, Study};

/// The scenario at `path` with `overrides`, of which `changes` are a part.
///
/// A number of replications that the user types wins over a precision that the file asks for.
pub(super) fn load(path: &Path, changes: &Changes, overrides: &[String]) -> Result<Study, CliError> {
    let problems = |problems: Problems| CliError::Scenario(problems.render(colours()));
    let study = scenario::load(path, overrides).map_err(problems)?;
    if changes.replications.is_none() || study.estimates.precision.is_none() {
        return Ok(study);
    }
    // No override takes a setting away, so it is taken out of the resolved scenario, which gives the same study.
    let Some(text) = without_precision(&study.explain()) else { return Ok(study) };
    let folder = path.parent().unwrap_or(Path::new(""));
    let sets: Vec<String> =
        changes.replications.iter().map(|count| format!("replications={count}")).collect();
    let mut fixed = scenario::read(&text, &path.display().to_string(), folder, &sets).map_err(problems)?;
    // Those of the second study would point into the text that was made here.
    fixed.warnings = study.warnings;
    Ok(fixed)
}

fn without_precision(text: &str) -> Option<String> {
    let mut root: toml::Table = toml::from_str(text).ok()?;
    root.get_mut("estimates")?.as_table_mut()?.remove("precision")?;
    toml::to_string(&root).ok()
}
