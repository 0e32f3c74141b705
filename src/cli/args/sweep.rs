//! Options of `sweep`.

use std::path::PathBuf;

use clap::Args as Arguments;

use super::{Changes, Work};

const EXAMPLES: &str = "\
Examples:
  fleetcast sweep scenario.toml --vary demand.office.users=1000,1500,2000
  fleetcast sweep scenario.toml --vary fleet.groups.app.connectors=2..6 --vary failures.node.needs_operator=0,0.3
  fleetcast sweep scenario.toml --vary validation.period=14d..56d:14d --policies vendor-default,night-window";

/// Options of `sweep`.
#[derive(Clone, Debug, Arguments)]
#[command(after_help = EXAMPLES)]
pub struct SweepOptions {
    /// The scenario file
    pub scenario: PathBuf,
    /// A setting and its values, separated by commas, or FROM..TO:STEP; repeatable: every combination is simulated
    #[arg(long, value_name = "PATH=VALUES", required = true)]
    pub vary: Vec<String>,
    /// The policies to simulate, separated by commas [default: all of the scenario]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub policies: Vec<String>,
    /// What is different from the file at every point
    #[command(flatten)]
    pub changes: Changes,
    /// The most combinations that are simulated; more are refused
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub max_points: usize,
    /// How the work is done, and what is said of it
    #[command(flatten)]
    pub work: Work,
}
