//! A scenario exactly as written: a tree of values that know their file and place in it.
//!
//! The tree keeps the order of keys (the order of failure classes and policies has a meaning) and every leaf keeps
//! its origin through imports, presets and `--set`, so that whatever is found wrong later can be shown where it was
//! written. Nothing here knows what a key means.

pub(super) mod import;
pub(super) mod parse;
pub(super) mod path;
pub(super) mod set;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

pub(super) use path::{Path, Step};

/// A text that values come from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The file as it was named, `--set`, or the preset.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where relative paths in it start.
    pub directory: PathBuf,
}

impl Source {
    /// Line and column, both from 1, of a byte offset.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// Where something is written: bytes `start..end` of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// Index of the source.
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

impl Origin {
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub value: Value,
    pub origin: Origin,
}

/// A TOML value; dates are text.
#[derive(Clone, Debug)]
pub(super) enum Value {
    String(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Array(Vec<Node>),
    Table(Table),
}

/// A table in the order in which its keys are first written.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub key_origin: Origin,
    pub node: Node,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at).node)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }
}

impl Node {
    pub(super) fn as_table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    pub(super) fn as_table_mut(&mut self) -> Option<&mut Table> {
        if let Value::Table(table) = &mut self.value { Some(table) } else { None }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The keys of the table under `key`; none if there is no such table.
    pub(super) fn keys_of(&self, key: &str) -> Vec<String> {
        let inner = self.as_table().and_then(|table| table.get(key)?.as_table());
        inner.map_or_else(Vec::new, |table| table.entries.iter().map(|entry| entry.key.clone()).collect())
    }

    /// The `name` of a table that has one.
    pub(super) fn name(&self) -> Option<&str> {
        self.as_table()?.get("name")?.as_str()
    }

    /// What kind of value this is, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::String(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(number) if !number.is_finite() => "a number that is not finite",
            Value::Float(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// The value on one line, cut to a readable length.
    pub(super) fn brief(&self) -> String {
        const LONGEST: usize = 60;
        let text = self.to_string();
        if text.chars().count() <= LONGEST {
            return text;
        }
        text.chars().take(LONGEST - 1).chain(['…']).collect()
    }

    /// Lays `over` on top of this value: tables key by key, anything else whole. A table that chooses another kind
    /// (`dist`, `kind`, `after` or `crew`) than the one below, or that is a `profile` or `where`, replaces it whole.
    pub(super) fn overlay(&mut self, over: Node) {
        let (Value::Table(base), Value::Table(above)) = (&mut self.value, &over.value) else {
            *self = over;
            return;
        };
        let chooses_anew = ["dist", "kind"].iter().any(|&tag| match (base.get(tag), above.get(tag)) {
            (Some(below), Some(above)) => below.as_str() != above.as_str(),
            _ => false,
        });
        let takes_the_place = |entry: &Entry| instead_of(&entry.key).is_some_and(|of| base.get(of).is_some());
        let chooses_anew = chooses_anew || above.entries.iter().any(takes_the_place);
        let Value::Table(above) = over.value else { return };
        if chooses_anew {
            *self = Node { value: Value::Table(above), origin: over.origin };
            return;
        }
        for entry in above.entries {
            let whole = replaces_whole(&entry.key);
            match base.get_mut(&entry.key) {
                Some(below) if whole => *below = entry.node,
                Some(below) => below.overlay(entry.node),
                None => base.entries.push(entry),
            }
        }
        self.origin = over.origin;
    }
}

/// The key that this one takes the place of: whoever names a crew does without a delay, and the other way round.
fn instead_of(key: &str) -> Option<&'static str> {
    match key {
        "after" => Some("crew"),
        "crew" => Some("after"),
        _ => None,
    }
}

/// Whether a table under this key replaces the one below it whole.
pub(super) fn replaces_whole(key: &str) -> bool {
    matches!(key, "profile" | "where")
}

impl fmt::Display for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", super::explain::inline(&toml::Value::from(self)))
    }
}

impl From<&Node> for toml::Value {
    fn from(node: &Node) -> toml::Value {
        match &node.value {
            Value::String(text) => toml::Value::String(text.clone()),
            Value::Integer(number) => toml::Value::Integer(*number),
            Value::Float(number) => toml::Value::Float(*number),
            Value::Boolean(truth) => toml::Value::Boolean(*truth),
            Value::Array(items) => toml::Value::Array(items.iter().map(toml::Value::from).collect()),
            Value::Table(table) => toml::Value::Table(
                table.entries.iter().map(|entry| (entry.key.clone(), (&entry.node).into())).collect(),
            ),
        }
    }
}
