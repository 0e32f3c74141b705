//! What the user types.

mod compare;
mod plan;
mod sweep;

pub use compare::CompareOptions;
pub use plan::{ConfidenceFor, PlanOptions};
pub use sweep::SweepOptions;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    2  usage, or a scenario that has problems, is missing or unreadable
    3  results or other data cannot be read or written
    4  a gate, target or precision was not met
    5  reserved
  101  a defect in the program
  130  interrupted";

/// Simulates fleets of network connectors: capacity, upgrades, outages and expiry, with confidence intervals.
#[derive(Clone, Debug, Parser)]
#[command(name = "fleetcast", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// A command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Simulate all replications of a scenario under one policy
    Run(RunOptions),
    /// Compare policies pair by pair under common random numbers, with verdicts
    Compare(CompareOptions),
    /// Find the smallest number of connectors per group that meets targets, with its confidence
    Plan(PlanOptions),
    /// Simulate every combination of the values of some settings, with the same luck
    Sweep(SweepOptions),
    /// Report every problem in scenario files; simulate nothing
    Check(CheckOptions),
    /// Print a scenario with every default filled in, as a scenario file
    Explain(ExplainOptions),
    /// Tell the life of a connector or group in a replication of earlier results, with causes
    Replay(ReplayOptions),
    /// Print the JSON Schema of scenario files
    Schema,
    /// Print shell completions
    Completions {
        /// For this shell
        shell: Shell,
    },
    /// Print the manual page, or write those of all commands to a folder
    Man {
        /// Write the pages of all commands to this folder
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person
    #[default]
    Text,
    /// For a program
    Json,
}

const RUN_EXAMPLES: &str = "\
Examples:
  fleetcast run scenario.toml
  fleetcast run scenario.toml --policy night-window --replications 100 --out results/night
  fleetcast run scenario.toml --set demand.office.users=2000 --set updates.transient_failure=0
  fleetcast run scenario.toml --without site_power --without update
  fleetcast run scenario.toml --precision 0.05 --format json | jq .policies";

/// Options of `run`.
#[derive(Clone, Debug, Arguments)]
#[command(after_help = RUN_EXAMPLES)]
pub struct RunOptions {
    /// The scenario file
    pub scenario: PathBuf,
    /// The policy to simulate [default: the scenario's first]
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,
    /// What is different from the file
    #[command(flatten)]
    pub changes: Changes,
    /// Take a cause away, with the same luck in everything else; repeatable: a failure class, update, bad_release or
    /// expired
    #[arg(long, value_name = "CAUSE")]
    pub without: Vec<String>,
    /// Add replications until the key metric's half-width is at most R·|mean|
    #[arg(long, value_name = "R", conflicts_with = "replications", allow_negative_numbers = true)]
    pub precision: Option<f64>,
    /// With --precision: at most so many replications [default: the scenario's, 1000]
    #[arg(long, value_name = "N", value_parser = count::<u64>, allow_negative_numbers = true)]
    pub max_replications: Option<u64>,
    /// Check every transition with an independent auditor
    #[arg(long)]
    pub audit: bool,
    /// How the work is done, and what is said of it
    #[command(flatten)]
    pub work: Work,
}

/// Settings in place of those of a file.
#[derive(Clone, Debug, Default, Arguments)]
pub struct Settings {
    /// Any setting of the scenario, in place of the file's; repeatable
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
}

/// How the outcome is reported.
#[derive(Clone, Copy, Debug, Default, Arguments)]
pub struct Reporting {
    /// Print problems and warnings only; no summary, no progress
    #[arg(long, short)]
    pub quiet: bool,
    /// For a person or for a program
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How a command that simulates does its work, and what it says of it.
#[derive(Clone, Debug, Default, Arguments)]
pub struct Work {
    /// Worker threads; results do not depend on it [default: one per processor]
    #[arg(long, value_name = "N", value_parser = count::<usize>, allow_negative_numbers = true)]
    pub threads: Option<usize>,
    /// Folder of the results [default: results/NAME of the scenario, with -without-CAUSE, -plan or -sweep behind it]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How it is reported
    #[command(flatten)]
    pub reporting: Reporting,
    /// Say what is being done
    #[arg(long, short, conflicts_with = "quiet")]
    pub verbose: bool,
}

impl Work {
    /// The folder of the results: the one that is asked for, or `name` among the others.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from("results").join(name))
    }
}

/// What is different from the scenario file.
#[derive(Clone, Debug, Default, Arguments)]
pub struct Changes {
    /// Single settings
    #[command(flatten)]
    pub settings: Settings,
    /// Seed of all random streams, in place of the scenario's
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// How many replications, in place of the scenario's number or precision
    #[arg(long, value_name = "N", value_parser = count::<u64>, allow_negative_numbers = true)]
    pub replications: Option<u64>,
}

/// A seed as it can be written in a scenario file, where whole numbers have 64 bits with a sign.
fn seed(text: &str) -> Result<u64, String> {
    let seed = text.parse().ok().filter(|&seed: &u64| i64::try_from(seed).is_ok());
    seed.ok_or_else(|| format!("a seed is a whole number from 0 to {}", i64::MAX))
}

/// A number of things, or the index of one.
fn count<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "this is a whole number, 0 or more".to_owned())
}

impl Changes {
    /// The overrides of settings, dedicated options last.
    pub fn overrides(&self) -> Vec<String> {
        let dedicated = [
            self.seed.map(|seed| format!("seed={seed}")),
            self.replications.map(|count| format!("replications={count}")),
        ];
        self.settings.sets.iter().cloned().chain(dedicated.into_iter().flatten()).collect()
    }
}

impl RunOptions {
    /// The overrides of settings, dedicated options last.
    pub fn overrides(&self) -> Vec<String> {
        let dedicated = [
            self.precision.map(|precision| format!("estimates.precision={precision:?}")),
            self.max_replications.map(|count| format!("estimates.max_replications={count}")),
        ];
        self.changes.overrides().into_iter().chain(dedicated.into_iter().flatten()).collect()
    }
}

/// Options of `check`.
#[derive(Clone, Debug, Arguments)]
pub struct CheckOptions {
    /// Scenario files
    #[arg(required = true)]
    pub scenarios: Vec<PathBuf>,
    /// What is different from the files
    #[command(flatten)]
    pub settings: Settings,
    /// How it is reported
    #[command(flatten)]
    pub reporting: Reporting,
}

/// Options of `explain`.
#[derive(Clone, Debug, Arguments)]
pub struct ExplainOptions {
    /// The scenario file
    pub scenario: PathBuf,
    /// What is different from the file
    #[command(flatten)]
    pub changes: Changes,
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  fleetcast replay results/two-sites --connector fra-app-007/1
  fleetcast replay results/two-sites --replication 3 --group fra-app-007 --svg life.svg";

/// Options of `replay`.
#[derive(Clone, Debug, Arguments)]
#[command(after_help = REPLAY_EXAMPLES)]
#[command(group(clap::ArgGroup::new("whose").required(true).args(["connector", "group"])))]
pub struct ReplayOptions {
    /// The folder of results
    pub results: PathBuf,
    /// The policy [default: the first of the results]
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,
    /// The replication
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = count::<u64>, allow_negative_numbers = true)]
    pub replication: u64,
    /// The connector, `group/ordinal`
    #[arg(long, value_name = "GROUP/SLOT")]
    pub connector: Option<String>,
    /// The group
    #[arg(long, value_name = "GROUP")]
    pub group: Option<String>,
    /// Tell of every decision against an update which rule decided
    #[arg(long)]
    pub why: bool,
    /// Draw the group's life to this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn dedicated_options_come_after_settings() {
        let typed = ["fleetcast", "run", "a.toml", "--seed", "7", "--set", "seed=1", "--precision", "0.05"];
        let Command::Run(options) = Args::try_parse_from(typed).unwrap().command else { panic!("not run") };
        assert_eq!(options.overrides(), ["seed=1", "seed=7", "estimates.precision=0.05"]);
    }

    #[test]
    fn a_precision_and_a_fixed_number_exclude_each_other() {
        let typed = ["fleetcast", "run", "a.toml", "--replications", "5", "--precision", "0.1"];
        assert_eq!(Args::try_parse_from(typed).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_seed_out_of_range_is_refused_with_the_range() {
        for seed in ["-1", "9223372036854775808", "99999999999999999999", "x"] {
            let error = Args::try_parse_from(["fleetcast", "run", "a.toml", "--seed", seed]).unwrap_err();
            let message = error.to_string();
            assert!(message.contains("--seed"), "{message}");
            assert!(message.contains("from 0 to 9223372036854775807"), "{message}");
        }
        let largest = ["fleetcast", "explain", "a.toml", "--seed", "9223372036854775807"];
        assert!(Args::try_parse_from(largest).is_ok());
    }

    /// A value that begins with a dash is one, not an option that nobody knows.
    #[test]
    fn negative_values_are_refused_for_what_they_are() {
        for (command, option) in
            [("run", "--replications"), ("run", "--threads"), ("compare", "--max-replications")]
                .into_iter()
                .chain(["--max-replications", "--max-connectors", "--threads"].map(|option| ("plan", option)))
        {
            let error = Args::try_parse_from(["fleetcast", command, "a.toml", option, "-5"]).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(&format!("'-5' for '{option}")), "{message}");
            assert!(message.contains("whole number, 0 or more") && !message.contains("tip"), "{message}");
        }
        for typed in [["run", "--precision"], ["compare", "--select"], ["compare", "--confidence"]] {
            let [command, option] = typed;
            assert!(Args::try_parse_from(["fleetcast", command, "a.toml", option, "-0.5"]).is_ok());
        }
    }

    #[test]
    fn replay_wants_a_connector_or_a_group() {
        let parse = |more: &[&str]| {
            let typed = ["fleetcast", "replay", "results/a"].iter().chain(more);
            Args::try_parse_from(typed).map(|_| ()).map_err(|error| error.exit_code())
        };
        assert_eq!(parse(&["--group", "g"]), Ok(()));
        assert_eq!(parse(&["--connector", "g/1", "--replication", "2"]), Ok(()));
        assert_eq!(parse(&[]), Err(2));
        assert_eq!(parse(&["--connector", "g/1", "--group", "g"]), Err(2));
    }

    #[test]
    fn help_names_every_command_and_exit_code() {
        insta::assert_snapshot!(Args::command().term_width(100).render_help(), @"
        Simulates fleets of network connectors: capacity, upgrades, outages and expiry, with confidence
        intervals

        Usage: fleetcast <COMMAND>

        Commands:
          run          Simulate all replications of a scenario under one policy
          compare      Compare policies pair by pair under common random numbers, with verdicts
          plan         Find the smallest number of connectors per group that meets targets, with its
                       confidence
          sweep        Simulate every combination of the values of some settings, with the same luck
          check        Report every problem in scenario files; simulate nothing
          explain      Print a scenario with every default filled in, as a scenario file
          replay       Tell the life of a connector or group in a replication of earlier results, with
                       causes
          schema       Print the JSON Schema of scenario files
          completions  Print shell completions
          man          Print the manual page, or write those of all commands to a folder
          help         Print this message or the help of the given subcommand(s)

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Exit codes:
            0  done
            2  usage, or a scenario that has problems, is missing or unreadable
            3  results or other data cannot be read or written
            4  a gate, target or precision was not met
            5  reserved
          101  a defect in the program
          130  interrupted
        ");
    }
}
