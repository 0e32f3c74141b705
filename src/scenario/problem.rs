//! What is wrong with a scenario: every problem at once, each with its place and a remedy.
//!
//! A problem names the setting by its dotted path, the file, line and column it was written at, the offending value
//! and what to do instead. [`Problems`] are in the order in which the files are read, so that a terminal shows them
//! from top to bottom.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use super::document::{Origin, Source};

/// One thing that is wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The setting, dotted: `fleet.groups.fra-app.connectors`. Empty where it is a whole file.
    pub path: String,
    /// The file, as it was named; `--set` for a value from the command line.
    pub file: String,
    /// Line, from 1; 0 where the file could not be read.
    pub line: usize,
    /// Column in characters, from 1; 0 where the file could not be read.
    pub column: usize,
    /// The offending value as TOML, shortened; empty where something is missing.
    pub value: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    #[serde(skip)]
    pub(super) origin: Option<Origin>,
}

/// Everything that is wrong with a scenario, never empty; or all that it says without effect.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    sources: Arc<Vec<Source>>,
    are_warnings: bool,
}

impl Problems {
    pub(super) fn new(mut list: Vec<Problem>, sources: Arc<Vec<Source>>) -> Problems {
        list.sort_by_key(|problem| problem.origin.map(|origin| (origin.source, origin.start)));
        list.dedup();
        Problems { list, sources, are_warnings: false }
    }

    /// What does not keep a scenario from being simulated.
    pub(super) fn warnings(list: Vec<Problem>, sources: Arc<Vec<Source>>) -> Problems {
        Problems { are_warnings: true, ..Problems::new(list, sources) }
    }

    /// The problems, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none; never so for those that [`super::load`] fails with.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Leaves out those that are `known`, and adds the others to these: the same scenario with other settings has many
    /// problems in common.
    pub fn leave_out(&mut self, known: &mut BTreeSet<String>) {
        self.list.retain(|problem| {
            let Problem { path, file, line, column, value, message, .. } = problem;
            known.insert(format!("{file}:{line}:{column} {path} {value} {message}"))
        });
    }

    /// The problems for a person, each with its line and the offending value underlined; with terminal colours if
    /// `color`.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for problem in &self.list {
            text.push_str(&renderer.render(&[self.report(problem)]));
            text.push_str("\n\n");
        }
        let word = if self.are_warnings { "warning" } else { "problem" };
        text.push_str(&match self.list.len() {
            1 => format!("1 {word}\n"),
            many => format!("{many} {word}s\n"),
        });
        text
    }

    /// The problems for a program: an array of objects with the public fields of [`Problem`].
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.list).unwrap_or_default()
    }

    fn report<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let title = match problem.path.as_str() {
            "" if problem.origin.is_none() => format!("{}: {}", problem.file, problem.message),
            "" => problem.message.clone(),
            path => format!("{path}: {}", problem.message),
        };
        let level = if self.are_warnings { Level::WARNING } else { Level::ERROR };
        let mut group = Group::with_title(level.primary_title(title));
        if let Some(origin) = problem.origin {
            let source = &self.sources[origin.source];
            let snippet = Snippet::source(source.text.as_str())
                .path(source.name.as_str())
                .annotation(AnnotationKind::Primary.span(visible(&source.text, origin.range())));
            group = group.element(snippet);
        }
        if problem.remedy.is_empty() {
            return group;
        }
        group.element(Level::HELP.message(problem.remedy.as_str()))
    }
}

/// A range that may be underlined: on character boundaries, not empty where the text is not, and cut to its first
/// line.
fn visible(text: &str, range: Range<usize>) -> Range<usize> {
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(range.start);
    let end = boundary(range.end.max(start));
    let first_line = text[start..end].find('\n').map_or(end, |length| start + length);
    start..first_line
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}
