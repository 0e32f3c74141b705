//! The dotted path of a setting: how it is built, followed, read from text and shown.

use super::{Node, Origin, Value};

/// One step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::scenario) enum Step {
    Key(String),
    Index(usize),
}

/// A path from the root of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::scenario) struct Path(pub Vec<Step>);

impl Path {
    /// The path of a key of the root.
    pub(in crate::scenario) fn of(key: &str) -> Path {
        Path::default().key(key)
    }

    /// The path of `key` in the table that this path leads to.
    pub(in crate::scenario) fn key(&self, key: &str) -> Path {
        self.step(Step::Key(key.to_owned()))
    }

    /// The path of element `index` of the list that this path leads to.
    pub(in crate::scenario) fn index(&self, index: usize) -> Path {
        self.step(Step::Index(index))
    }

    fn step(&self, step: Step) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }

    /// Whether this path leads through `other` or to it.
    pub(in crate::scenario) fn is_within(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value that the path leads to from `root`, if it exists.
    pub(in crate::scenario) fn find<'a>(&self, root: &'a Node) -> Option<&'a Node> {
        self.0.iter().try_fold(root, |node, step| follow(node, step))
    }

    /// Where to point for this path: its value; where that is missing, the key of the nearest table around it.
    pub(in crate::scenario) fn place(&self, root: &Node) -> Origin {
        let mut node = root;
        let mut origin = root.origin;
        for (depth, step) in self.0.iter().enumerate() {
            let Some(inner) = follow(node, step) else { break };
            let last = depth + 1 == self.0.len();
            origin = match (node.as_table(), step) {
                (Some(table), Step::Key(key)) if !last && matches!(inner.value, Value::Table(_)) => {
                    table.entries.iter().find(|entry| &entry.key == key).map_or(origin, |e| e.key_origin)
                }
                _ => inner.origin,
            };
            node = inner;
        }
        origin
    }

    /// The path as text; elements of lists by their name where they have one.
    pub(in crate::scenario) fn show(&self, root: &Node) -> String {
        let mut text = String::new();
        let mut node = Some(root);
        for step in &self.0 {
            let inner = node.and_then(|node| follow(node, step));
            match (step, inner.and_then(Node::name)) {
                (Step::Key(key), _) => push_key(&mut text, key),
                (Step::Index(_), Some(name)) => push_key(&mut text, name),
                (Step::Index(index), None) => text.push_str(&format!("[{index}]")),
            }
            node = inner;
        }
        text
    }
}

fn push_key(text: &mut String, key: &str) {
    if !text.is_empty() {
        text.push('.');
    }
    text.push_str(&quoted(key));
}

/// A key as TOML writes it: bare if it can be.
pub(in crate::scenario) fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { key.to_owned() } else { toml::Value::String(key.to_owned()).to_string() }
}

fn follow<'a>(node: &'a Node, step: &Step) -> Option<&'a Node> {
    match (&node.value, step) {
        (Value::Table(table), Step::Key(key)) => table.get(key),
        (Value::Array(items), Step::Index(index)) => items.get(*index),
        _ => None,
    }
}
