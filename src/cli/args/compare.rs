//! Options of `compare`.

use std::path::PathBuf;

use clap::Args as Arguments;

use super::{Changes, Work, count};

const EXAMPLES: &str = "\
Examples:
  fleetcast compare scenario.toml
  fleetcast compare scenario.toml --policies night-window,rings --baseline vendor-default
  fleetcast compare scenario.toml --precision 0.05 --max-replications 500
  fleetcast compare scenario.toml --select 100 --set outputs.key_metric=sessions_dropped";

/// Options of `compare`.
#[derive(Clone, Debug, Arguments)]
#[command(after_help = EXAMPLES)]
pub struct CompareOptions {
    /// The scenario file
    pub scenario: PathBuf,
    /// The policies to compare, separated by commas [default: all of the scenario]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub policies: Vec<String>,
    /// The policy that the others are compared with [default: the first]
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// What is different from the file
    #[command(flatten)]
    pub changes: Changes,
    /// Add replications until the half-widths of the key metric's differences are at most R·|baseline's mean|
    #[arg(long, value_name = "R", conflicts_with = "replications", allow_negative_numbers = true)]
    pub precision: Option<f64>,
    /// Select the best policy of the key metric; differences up to DELTA, in its unit, do not matter
    #[arg(long, value_name = "DELTA", conflicts_with = "precision", allow_negative_numbers = true)]
    pub select: Option<f64>,
    /// Confidence of all intervals, and of the selection [default: the scenario's, 0.95]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub confidence: Option<f64>,
    /// With --precision or --select: at most so many replications [default: the scenario's, 1000]
    #[arg(long, value_name = "N", value_parser = count::<u64>, allow_negative_numbers = true)]
    pub max_replications: Option<u64>,
    /// Check every transition with an independent auditor
    #[arg(long)]
    pub audit: bool,
    /// How the work is done, and what is said of it
    #[command(flatten)]
    pub work: Work,
}

impl CompareOptions {
    /// The overrides of settings, dedicated options last.
    pub fn overrides(&self) -> Vec<String> {
        let dedicated = [
            self.precision.map(|precision| format!("estimates.precision={precision:?}")),
            self.confidence.map(|confidence| format!("estimates.confidence={confidence:?}")),
            self.max_replications.map(|count| format!("estimates.max_replications={count}")),
        ];
        self.changes.overrides().into_iter().chain(dedicated.into_iter().flatten()).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Args, Command};

    fn parse(more: &[&str]) -> Result<CompareOptions, i32> {
        let typed = ["fleetcast", "compare", "a.toml"].iter().chain(more);
        match Args::try_parse_from(typed).map_err(|error| error.exit_code())?.command {
            Command::Compare(options) => Ok(options),
            _ => panic!("not compare"),
        }
    }

    #[test]
    fn policies_are_a_list() {
        let options = parse(&["--policies", "a,b", "--baseline", "c", "--confidence", "0.9"]).unwrap();
        assert_eq!(options.policies, ["a", "b"]);
        assert_eq!(options.overrides(), ["estimates.confidence=0.9"]);
    }

    #[test]
    fn ways_to_stop_exclude_each_other() {
        assert_eq!(parse(&["--precision", "0.1", "--replications", "5"]).unwrap_err(), 2);
        assert_eq!(parse(&["--precision", "0.1", "--select", "5"]).unwrap_err(), 2);
        assert!(parse(&["--select", "5", "--replications", "30"]).is_ok());
    }
}
