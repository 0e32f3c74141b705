//! `docs/reference/commands.md` describes every command, option and exit code of the program.

use clap::{Command, CommandFactory};
use fleetcast::cli::args::Args;

use crate::pages::read;

/// The part of the page under the heading of a command.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start =
        page.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section `## {heading}`"));
    let rest = &page[start + 1..];
    rest[3..].find("\n## ").map_or(rest, |end| &rest[..end + 3])
}

fn described(page: &str, command: &Command) {
    let section = section(page, &format!("`fleetcast {}`", command.get_name()));
    for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
        let name = match (argument.get_long(), argument.get_value_names()) {
            (Some(long), _) => format!("`--{long}"),
            (None, Some([name, ..])) => format!("`{name}"),
            (None, _) => continue,
        };
        assert!(section.contains(&name), "{}: {name} is not described", command.get_name());
    }
}

#[test]
fn commands_and_options_are_described() {
    let page = read("docs/reference/commands.md");
    let mut program = Args::command();
    program.build();
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        described(&page, command);
    }
}

#[test]
fn nothing_else_is_described() {
    let page = read("docs/reference/commands.md");
    let program = Args::command();
    for heading in page.lines().filter_map(|line| line.strip_prefix("## `fleetcast ")) {
        let name = heading.trim_end_matches('`');
        let command = program.find_subcommand(name).unwrap_or_else(|| panic!("there is no command {name}"));
        let body = section(&page, &format!("`fleetcast {name}`"));
        for row in body.lines().filter(|line| line.starts_with("| `--")) {
            let long = row.trim_start_matches("| `--").split(['`', ' ']).next().unwrap();
            let known = command.get_arguments().any(|argument| argument.get_long() == Some(long));
            assert!(known || long == "help", "{name} has no option --{long}");
        }
    }
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let help = Args::command().get_after_help().unwrap().to_string();
    let first = |line: &str| line.split_whitespace().next()?.parse::<u8>().ok();
    let of_help: Vec<u8> = help.lines().filter_map(first).collect();
    let page = read("docs/reference/commands.md");
    let table = section(&page, "Exit codes");
    let of_page: Vec<u8> = table.lines().filter_map(|line| first(line.strip_prefix("| ")?)).collect();
    assert_eq!(of_page, of_help);
}
