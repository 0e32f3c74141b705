//! Texts that are made from the program itself: schema, completions, manual pages.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::CliError;
use super::args::Args;
use super::output::print;
use crate::files::{create_folder, write_whole};
use crate::scenario;

/// `fleetcast schema`.
pub(super) fn schema() -> Result<ExitCode, CliError> {
    print(&format!("{:#}\n", scenario::schema()))?;
    Ok(ExitCode::SUCCESS)
}

/// `fleetcast completions SHELL`.
pub(super) fn completions(shell: Shell) -> Result<ExitCode, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "fleetcast", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// `fleetcast man`.
pub(super) fn man(out: Option<&Path>) -> Result<ExitCode, CliError> {
    let Some(folder) = out else {
        print(&page(Args::command())?)?;
        return Ok(ExitCode::SUCCESS);
    };
    create_folder(folder)?;
    let mut command = Args::command();
    command.build();
    write_whole(folder.join("fleetcast.1"), page(command.clone())?.as_bytes())?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("fleetcast-{}", sub.get_name());
        let path = folder.join(format!("{name}.1"));
        write_whole(path, page(sub.clone().name(name.leak() as &'static str))?.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn page(command: clap::Command) -> Result<String, CliError> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
