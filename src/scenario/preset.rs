//! Presets: settings that come with the program, each with its source.
//!
//! They are data (`presets.toml`), laid under the table that names them before anything is checked,
//! so that every value in them can be overridden beside the name.

use std::path::Path as FilePath;

use super::document::{Node, Path, import::Reader, parse};
use super::report::nearest;

const TEXT: &str = include_str!("presets.toml");

/// A preset: the table it is for, its name and where its numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// `failures`, `demand` or `upgrade`.
    pub kind: String,
    /// What a scenario calls it.
    pub name: String,
    /// Where its numbers come from.
    pub source: String,
}

/// All presets, in the order of the reference.
pub fn presets() -> Vec<Preset> {
    let mut list = Vec::new();
    for kind in ["failures", "demand", "upgrade"] {
        for name in names(kind) {
            let source = table(kind, &name, 0)
                .and_then(|node| node.as_table()?.get("source")?.as_str().map(str::to_owned))
                .unwrap_or_default();
            list.push(Preset { kind: kind.to_owned(), name, source });
        }
    }
    list
}

/// The names of the presets for `kind`.
pub(super) fn names(kind: &str) -> Vec<String> {
    parse::document(TEXT, 0)
        .ok()
        .and_then(|root| Some(root.as_table()?.get(kind)?.as_table()?.keys().map(str::to_owned).collect()))
        .unwrap_or_default()
}

/// Lays the presets that `root` names under the tables that name them, and returns the tables whose preset there is
/// not.
pub(super) fn expand(root: &mut Node, reader: &mut Reader) -> Vec<Path> {
    let mut unknown = Vec::new();
    for kind in ["failures", "demand"] {
        let Some(tables) = root.as_table_mut().and_then(|table| table.get_mut(kind)) else { continue };
        let Some(tables) = tables.as_table_mut() else { continue };
        for entry in &mut tables.entries {
            if expand_one(kind, &entry.key, &mut entry.node, reader).is_none() {
                unknown.push(Path::of(kind).key(&entry.key));
            }
        }
    }
    expand_upgrades(root, reader);
    unknown
}

/// The same for the upgrades of policies, which keep the name: it says whether the updater is the vendor's own. A name
/// that is none stays, for the schema knows which are to come.
fn expand_upgrades(root: &mut Node, reader: &mut Reader) {
    let policies =
        root.as_table_mut().and_then(|table| table.get_mut("policies")).and_then(Node::as_table_mut);
    for policy in policies.into_iter().flat_map(|policies| &mut policies.entries) {
        let upgrade = policy.node.as_table_mut().and_then(|table| table.get_mut("upgrade"));
        let preset = upgrade.as_deref().and_then(|upgrade| upgrade.as_table()?.get("preset"));
        let name = preset.and_then(|preset| preset.as_str()).map(str::to_owned);
        if let (Some(upgrade), Some(name)) = (upgrade, name) {
            lay_under("upgrade", &name, upgrade, reader);
        }
    }
}

/// Lays the preset under `node`, if there is one of this name.
fn lay_under(kind: &str, name: &str, node: &mut Node, reader: &mut Reader) -> Option<()> {
    let source = reader.add(&format!("preset {name}"), TEXT.to_owned(), FilePath::new(""));
    let mut base = table(kind, name, source)?;
    if let Some(table) = base.as_table_mut() {
        table.remove("source");
    }
    let written = std::mem::replace(node, base);
    node.overlay(written);
    Some(())
}

/// Replaces `preset` in `node`; `None`, with a problem, if it names none.
fn expand_one(kind: &str, place: &str, node: &mut Node, reader: &mut Reader) -> Option<()> {
    let Some(choice) = node.as_table_mut().and_then(|table| table.remove("preset")) else { return Some(()) };
    let known = names(kind);
    let Some(name) = choice.as_str().filter(|name| known.iter().any(|known| known == name)) else {
        let path = format!("{kind}.{place}.preset");
        let meant = choice.as_str().and_then(|name| nearest(name, known.iter().map(String::as_str)));
        let hint = meant.map_or(String::new(), |meant| format!("did you mean \"{meant}\"? "));
        let remedy = format!("{hint}one of {}", known.join(", "));
        reader.problem(choice.origin, &path, format!("there is no preset {choice}"), remedy);
        return None;
    };
    lay_under(kind, name, node, reader)
}

fn table(kind: &str, name: &str, source: usize) -> Option<Node> {
    let root = parse::document(TEXT, source).ok()?;
    root.as_table()?.get(kind)?.as_table()?.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_cites_its_source() {
        let list = presets();
        assert!(list.len() >= 5);
        assert!(list.iter().all(|preset| preset.source.len() > 40), "{list:?}");
    }
}
