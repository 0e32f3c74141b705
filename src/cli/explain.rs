//! `fleetcast explain`: the resolved scenario, its files named as seen from the folder in which the user stands, where
//! what is printed is likely to be kept.

use std::path::Path;
use std::process::ExitCode;

use super::CliError;
use super::args::ExplainOptions;
use super::load::load;
use super::output::print;

/// The command.
pub(super) fn explain(options: &ExplainOptions) -> Result<ExitCode, CliError> {
    let study = load(&options.scenario, &options.changes, &options.changes.overrides())?;
    let folder = options.scenario.parent().unwrap_or(Path::new(""));
    print(&study.explain_from(folder))?;
    Ok(ExitCode::SUCCESS)
}
