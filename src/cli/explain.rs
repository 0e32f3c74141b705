//! `fleetcast explain`: the resolved scenario.

use std::process::ExitCode;

use super::CliError;
use super::args::ExplainOptions;
use super::output::{colours, print};
use crate::scenario;

/// The command.
pub(super) fn explain(options: &ExplainOptions) -> Result<ExitCode, CliError> {
    let study = scenario::load(&options.scenario, &options.sets)
        .map_err(|problems| CliError::Scenario(problems.render(colours())))?;
    print(&study.explain())?;
    Ok(ExitCode::SUCCESS)
}
