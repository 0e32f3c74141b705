//! `fleetcast explain`: the resolved scenario.

use std::process::ExitCode;

use super::CliError;
use super::args::ExplainOptions;
use super::load::load;
use super::output::print;

/// The command.
pub(super) fn explain(options: &ExplainOptions) -> Result<ExitCode, CliError> {
    let study = load(&options.scenario, &options.changes, &options.changes.overrides())?;
    print(&study.explain())?;
    Ok(ExitCode::SUCCESS)
}
