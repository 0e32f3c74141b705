//! Snippets of the pages are executed, page by page, in the order in which a reader meets them.
//!
//! A page has a folder of its own, with the shipped scenarios in `scenarios/`. In it
//!
//! - ` ```toml scenario ` is a scenario; it must load. `file=NAME` writes it there, `append=NAME` behind what is there.
//! - ` ```console ` has commands behind `$ `; each runs in `sh` and must end with 0 (`exit=N`: the last one with N). What
//!   stands below a command is its output, errors included: `...` alone stands for any lines, within a line for any
//!   text, and one blank for any number, as columns are as wide as their luck. Nothing below: any output. `slow` is left out.

use std::path::Path;
use std::process::Command;

use crate::pages::{Fence, Page, fences, pages, root};

#[test]
fn scenarios_load_and_commands_print_what_the_pages_say() {
    let mut wrong = Vec::new();
    for page in pages() {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("scenarios"), &folder.path().join("scenarios"));
        for fence in fences(&page.text) {
            if let Err(what) = execute(&fence, folder.path()) {
                wrong.push(format!("{}:{}: {what}", page.path.display(), fence.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

fn execute(fence: &Fence, folder: &Path) -> Result<(), String> {
    let words: Vec<&str> = fence.words().collect();
    match words[..] {
        ["toml", "scenario", ..] => scenario(fence, folder),
        ["console", ..] if !words.contains(&"slow") => console(fence, folder),
        _ => Ok(()),
    }
}

fn scenario(fence: &Fence, folder: &Path) -> Result<(), String> {
    let append = fence.value("append");
    let path = folder.join(append.or(fence.value("file")).unwrap_or("scenario.toml"));
    let before = append.map(|_| std::fs::read_to_string(&path).unwrap()).unwrap_or_default();
    std::fs::write(&path, before + &fence.body).unwrap();
    let study = fleetcast::scenario::load(&path, &[]);
    study.map(|_| ()).map_err(|problems| problems.render(false).to_string())
}

fn console(fence: &Fence, folder: &Path) -> Result<(), String> {
    let last = fence.value("exit").map_or(0, |code| code.parse().unwrap());
    let commands: Vec<(&str, Vec<&str>)> = commands(&fence.body);
    let count = commands.len();
    for (index, (command, expected)) in commands.into_iter().enumerate() {
        let (code, output) = run(command, folder);
        let wanted = if index + 1 == count { last } else { 0 };
        if code != wanted {
            return Err(format!("`{command}` ended with {code}, not {wanted}:\n{output}"));
        }
        let lines: Vec<&str> = output.trim_end().lines().map(str::trim_end).collect();
        if !expected.is_empty() && !matches(&expected, &lines) {
            return Err(format!("`{command}` printed\n{output}\nand not\n{}", expected.join("\n")));
        }
    }
    Ok(())
}

fn commands(body: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in body.lines() {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push((command, Vec::new())),
            (None, Some((_, output))) => output.push(line.trim_end()),
            (None, None) => panic!("output before the first command: {line}"),
        }
    }
    found
}

/// Exit code, and what was printed to either stream.
pub(crate) fn run(command: &str, folder: &Path) -> (i32, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_fleetcast"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let shell = ["-c", &format!("{{ {command}\n}} 2>&1")].map(str::to_owned);
    let output = Command::new("sh").args(shell).current_dir(folder).env("PATH", path).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
}

/// Whether `lines` are what is expected, `...` standing for anything.
fn matches(expected: &[&str], lines: &[&str]) -> bool {
    match (expected.split_first(), lines.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((&"...", rest)), _) => (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..])),
        (Some((first, rest)), Some((line, others))) => {
            line_matches(&squeezed(first), &squeezed(line)) && matches(rest, others)
        }
        (Some(_), None) => false,
    }
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line_matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.split("...");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn elisions_stand_for_any_text() {
    assert!(matches(&["a", "...", "z"], &["a", "b", "c", "z"]) && matches(&["...", "z"], &["z"]));
    assert!(!matches(&["a", "...", "z"], &["a", "b"]) && !matches(&["a"], &["a", "b"]));
    assert!(matches(&["mean 3 ... h"], &["  mean     3   0.1   h"]) && !matches(&["mean 3"], &["mean 33"]));
    assert!(line_matches("mean ... of ... h", "mean 3 of 7 h") && !line_matches("mean ... h", "mean 3 min"));
}

#[test]
fn every_block_says_what_it_is() {
    let known = ["toml", "console", "text", "sh", "rust", "csv", "json", "yaml"];
    for Page { path, text } in pages() {
        for fence in fences(&text) {
            let language = fence.words().next().unwrap_or_default();
            assert!(known.contains(&language), "{}:{}: `{}`", path.display(), fence.line, fence.info);
        }
    }
}
