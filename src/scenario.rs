//! Scenario files: what the user wrote, exactly, and what it means.
//!
//! A file passes four stages. `document` reads it and its imports into a tree in which every value knows where it
//! is written, lays `--set` overrides on top and presets underneath. `schema` checks the form of the
//! tree against the JSON Schema that is derived from the types in [`spec`]. Those types are read, and `compile`
//! gives them their meaning. All problems of all stages are collected with their places ([`Problems`]); the result is
//! a [`Study`] on which the engine cannot fail.

mod compile;
mod document;
mod explain;
mod measured;
mod memory;
mod preset;
mod problem;
mod report;
mod resized;
mod schema;
pub mod spec;
mod study;
mod without;

pub use preset::{Preset, presets};
pub use problem::{Problem, Problems};
pub(crate) use report::nearest;
pub use schema::schema;
pub use study::{Estimates, Outputs, Selection, Study, TraceDigest};
pub use without::WithoutError;

use std::path::Path as FilePath;
use std::sync::Arc;

use serde::Deserialize;

use document::Node;
use document::import::Reader;
use report::Reporter;

/// Reads the scenario file at `path`, with `sets` (`PATH=VALUE`) laid over it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &FilePath, sets: &[String]) -> Result<Study, Problems> {
    let mut reader = Reader::default();
    let root = reader.file(path);
    study(reader, root, sets)
}

/// Reads a scenario from `text`; files are relative to `directory`, and problems are shown under `name`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(text: &str, name: &str, directory: &FilePath, sets: &[String]) -> Result<Study, Problems> {
    let mut reader = Reader::default();
    let root = reader.text(name, text.to_owned(), directory);
    study(reader, root, sets)
}

/// The path and the value of a setting `PATH=VALUE`, as they are written; none if there is no path or no `=` behind it.
pub fn setting(text: &str) -> Option<(&str, &str)> {
    document::set::parts(text)
}

/// The keys and names that the dotted `path` of a setting leads through, without quotes and numbers of elements.
pub fn keys(path: &str) -> Vec<String> {
    document::set::keys(path)
}

/// The tables whose entries have names that a scenario chooses.
const NAMED: [&str; 5] = ["instances", "demand", "failures", "operators", "policies"];

/// Of the dotted `path` of a setting: the name in it that the file, with `sets` over it, does not have, and those that it
/// has in the same table. None where it makes no new entry, or the file cannot be read: that is said elsewhere.
pub fn unnamed(file: &FilePath, sets: &[String], path: &str) -> Option<(String, Vec<String>)> {
    let mut reader = Reader::default();
    let mut root = reader.file(file)?;
    reader.set(&mut root, sets);
    let (table, name) = document::set::entry(path)?;
    let known = NAMED.contains(&table.as_str()).then(|| root.keys_of(&table))?;
    // Without any policy there is one with this name.
    let is_default = table == "policies" && known.is_empty() && name == spec::default::POLICY;
    (!is_default && !known.contains(&name)).then_some((name, known))
}

fn study(mut reader: Reader, root: Option<Node>, sets: &[String]) -> Result<Study, Problems> {
    let Some(mut root) = root else {
        return Err(Problems::new(reader.problems, Arc::new(reader.sources)));
    };
    reader.set(&mut root, sets);
    let without_preset = preset::expand(&mut root, &mut reader);
    document::import::rebase_files(&mut root, &reader.sources);
    let Reader { sources, mut problems, .. } = reader;
    let mut report = Reporter::new(&sources, &root);
    without_preset.iter().for_each(|path| report.poison(path));
    let study = compiled(&root, &sources, &mut report);
    let (more, warnings) = report.finish();
    problems.extend(more);
    let sources = Arc::new(sources);
    match study {
        Some(study) if problems.is_empty() => {
            Ok(Study { warnings: Problems::warnings(warnings, sources), ..study })
        }
        _ => Err(Problems::new(problems, sources)),
    }
}

fn compiled<'a>(root: &'a Node, sources: &'a [document::Source], report: &mut Reporter<'a>) -> Option<Study> {
    let checked = schema::check(root, report);
    let spec = match spec::Scenario::deserialize(checked) {
        Ok(spec) => spec,
        Err(error) => {
            // The schema admits only what the types read; should they ever differ, the user still gets an answer.
            report.at(
                &document::Path::default(),
                error.message(),
                "compare the file with `fleetcast schema`",
            );
            return None;
        }
    };
    let directory = sources.first().map(|source| source.directory.as_path()).unwrap_or(FilePath::new(""));
    compile::study(spec, directory, report)
}
