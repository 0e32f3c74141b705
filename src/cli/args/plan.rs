//! Options of `plan`.

use std::path::PathBuf;

use clap::{Args as Arguments, ValueEnum};

use super::{Changes, Work, count};

const EXAMPLES: &str = "\
Examples:
  fleetcast plan scenario.toml --target 'overloaded_hours_per_month<=1'
  fleetcast plan scenario.toml --target 'unserved_share<=0.0001' --target 'group_availability>=0.9995'
  fleetcast plan scenario.toml --target 'overloaded_hours_per_month<=1' --set demand.office.users=1560
  fleetcast plan scenario.toml --target 'cpu_p99<=70' --sizes 2..6 --replications 50 --format json";

/// Whose targets are met with the confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ConfidenceFor {
    /// Those of each group
    #[default]
    Group,
    /// Those of all groups together
    Fleet,
}

/// Options of `plan`.
#[derive(Clone, Debug, Arguments)]
#[command(after_help = EXAMPLES)]
pub struct PlanOptions {
    /// The scenario file
    pub scenario: PathBuf,
    /// What is to hold of every group, METRIC<=VALUE or METRIC>=VALUE; repeatable
    #[arg(long = "target", value_name = "TARGET", required = true)]
    pub targets: Vec<String>,
    /// The policy under which groups live [default: the scenario's first]
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,
    /// Confidence with which the sizes meet the targets [default: the scenario's, 0.95]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub confidence: Option<f64>,
    /// Whether it is of each group or of all groups together
    #[arg(long, value_enum, value_name = "WHOM", default_value_t)]
    pub confidence_for: ConfidenceFor,
    /// The largest size to try
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = count::<usize>, allow_negative_numbers = true)]
    pub max_connectors: usize,
    /// The sizes to try, `2..6`, `2..16:2` or `2,3,5` [default: some from what arithmetic says]
    #[arg(long, value_name = "SIZES")]
    pub sizes: Option<String>,
    /// How many groups are sized again under other assumptions, evenly spread over the fleet; 0: none
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<usize>, allow_negative_numbers = true)]
    pub sensitivity: usize,
    /// What is different from the file; --replications is the most that a size gets
    #[command(flatten)]
    pub changes: Changes,
    /// The most replications of a size that is not decided [default: as many as the scenario has]
    #[arg(long, value_name = "N", value_parser = count::<u64>, allow_negative_numbers = true)]
    pub max_replications: Option<u64>,
    /// How the work is done, and what is said of it
    #[command(flatten)]
    pub work: Work,
}

impl PlanOptions {
    /// The overrides of settings, dedicated options last.
    pub fn overrides(&self) -> Vec<String> {
        let confidence = self.confidence.map(|confidence| format!("estimates.confidence={confidence:?}"));
        self.changes.overrides().into_iter().chain(confidence).collect()
    }
}
