//! The program `fleetcast`: what the user typed ([`args`]), what it means, and how it ends.
//!
//! A command is a function from its plain options to an [`ExitCode`] or a [`CliError`], whose kinds have the documented
//! exit codes. Results go to standard output and files, everything else to standard error. A closed pipe ends the
//! program quietly; a defect in the program ends it with code 101 and a note on what to report.

pub mod args;
mod check;
mod compare;
mod error;
mod explain;
mod load;
mod output;
mod panic;
mod plan;
mod progress;
mod replay;
mod run;
mod simulate;
mod sweep;
mod texts;
mod truncate;

pub use error::CliError;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::{Args, Command};

/// The program.
pub fn main() -> ExitCode {
    panic::install();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    match dispatch(args.command) {
        Ok(code) => code,
        Err(CliError::ClosedPipe) => ExitCode::SUCCESS,
        Err(error) => {
            let prefix = if error.is_plain() { "" } else { "error: " };
            output::note(&format!("{prefix}{error}"));
            ExitCode::from(error.code())
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Run(options) => run::run(&options),
        Command::Compare(options) => compare::compare(&options),
        Command::Plan(options) => plan::plan(&options),
        Command::Sweep(options) => sweep::sweep(&options),
        Command::Check(options) => check::check(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::Replay(options) => replay::replay(&options),
        Command::Schema => texts::schema(),
        Command::Completions { shell } => texts::completions(shell),
        Command::Man { out } => texts::man(out.as_deref()),
    }
}

/// Help and version are no errors.
fn usage(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            ExitCode::from(if printed.is_ok() || output::is_closed_pipe(&printed) { 0 } else { 3 })
        }
        _ => ExitCode::from(2),
    }
}
