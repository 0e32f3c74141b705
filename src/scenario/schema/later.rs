//! What the scenario language names but the engine does not simulate yet.
//!
//! Such a setting is refused in so many words: to accept it in silence would give the results of another scenario.

use crate::scenario::document::{Path, Step};

/// Keys by path, `*` for any name, and what they are for.
const KEYS: &[(&str, &str)] = &[
    ("policies.*.redeploy.within", "redeploys of images"),
    ("policies.*.redeploy.crew", "redeploys of images"),
];

/// Words by path, and what they stand for.
const WORDS: &[(&str, &[&str], &str)] =
    &[("policies.*.redeploy.kind", &["within", "surge", "in-place"], "redeploys of images")];

/// What the key at `path` is for, if it is one for later.
pub(super) fn key(path: &Path) -> Option<&'static str> {
    KEYS.iter().find(|(pattern, _)| matches(pattern, path)).map(|(_, what)| *what)
}

/// What `word` at `path` stands for, if it is one for later.
pub(super) fn value(path: &Path, word: &str) -> Option<&'static str> {
    WORDS
        .iter()
        .find(|(pattern, words, _)| matches(pattern, path) && words.contains(&word))
        .map(|(_, _, what)| *what)
}

fn matches(pattern: &str, path: &Path) -> bool {
    let mut steps = path.0.iter();
    let all = pattern.split('.').all(|wanted| match steps.next() {
        Some(Step::Key(key)) => wanted == "*" || wanted == key,
        _ => false,
    });
    all && steps.next().is_none()
}
