//! A scenario with another number of connectors in every group: the candidates that a plan tries.
//!
//! Like [`Study::without`] it is the self-contained scenario with a few settings changed, read like any other, so that it
//! means exactly what a user's own edit would have meant. Random streams are keyed by names: the connectors that two
//! sizes have in common have the same luck.

use std::ops::Range;
use std::path::Path;

use toml::Value;

use super::explain;
use super::problem::Problems;
use super::study::Study;

impl Study {
    /// The study with `connectors` in every group. Slots that are disabled or empty from the start stay so as far as
    /// they exist.
    ///
    /// # Errors
    /// If it is no scenario, for instance because it names a connector that does not exist any more.
    pub fn with_connectors(&self, connectors: usize) -> Result<Study, Problems> {
        let mut root = self.contained.clone();
        for group in groups(&mut root).into_iter().flatten().filter_map(Value::as_table_mut) {
            group.insert("connectors".to_owned(), Value::Integer(connectors as i64));
            for key in ["disabled_slots", "empty_slots"] {
                if let Some(Value::Array(slots)) = group.get_mut(key) {
                    slots.retain(|slot| slot.as_integer().is_some_and(|slot| slot < connectors as i64));
                }
            }
        }
        let name = format!("the scenario with {connectors} connectors in a group");
        super::read(&explain::document(&root), &name, Path::new(""), &[])
    }

    /// The templates of groups by name, each with the indices of its groups, in scenario order.
    pub fn templates(&self) -> Vec<(String, Range<usize>)> {
        let mut next = 0;
        let mut root = self.contained.clone();
        let template = |group: &mut Value| {
            let name = group.get("name")?.as_str()?.to_owned();
            let count = group.get("count").and_then(Value::as_integer).unwrap_or(1) as usize;
            next += count;
            Some((name, next - count..next))
        };
        groups(&mut root).into_iter().flatten().filter_map(template).collect()
    }
}

fn groups(root: &mut Value) -> Option<&mut Vec<Value>> {
    root.get_mut("fleet")?.get_mut("groups")?.as_array_mut()
}
