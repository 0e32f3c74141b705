//! A scenario with another size of every group: the candidates that a plan tries.
//!
//! Like [`Study::without`] it is the self-contained scenario with a few settings changed, read like any other, so that it
//! means exactly what a user's own edit would have meant. Random streams are keyed by names: the connectors that two
//! sizes have in common have the same luck.
//!
//! What a size is depends on the policy. Under a static one it is the number of connectors. Under one that scales it is
//! the most that a group may grow to: `max` is the size, and what it starts with, `min` and the numbers of a schedule are
//! at most that. In both cases it is the number of the group's slots. A slot that the scenario names, for an outage or an
//! update that fails, has to exist: the groups of such slots are never smaller ([`Study::least_connectors`]).

use std::ops::Range;
use std::path::Path;

use toml::{Table, Value};

use super::explain;
use super::problem::Problems;
use super::study::Study;

impl Study {
    /// The study with `size` connectors in every group, or room for so many under the policy with this index if it scales;
    /// more in groups of which the scenario names further slots. Slots that are disabled or empty from the start stay
    /// so as far as they exist. Other policies do not scale in it.
    ///
    /// # Errors
    /// If it is no scenario.
    pub fn with_connectors(&self, size: usize, policy: usize) -> Result<Study, Problems> {
        let least = self.least_connectors();
        let mut root = self.contained.clone();
        let widest = least.iter().copied().max().map_or(size, |least| least.max(size));
        let scales = self.bound_scaling(&mut root, widest, policy);
        let templates = self.templates();
        for (group, (_, groups)) in groups(&mut root).into_iter().flatten().zip(&templates) {
            let widest = least[groups.clone()].iter().copied().max().map_or(size, |least| least.max(size));
            if let Value::Table(group) = group {
                resize(group, widest, scales);
            }
        }
        let name = format!("the scenario with {size} connectors in a group");
        let mut study = super::read(&explain::document(&root), &name, Path::new(""), &[])?;
        study.model.fleet.keep_first(|group| least[group].max(size));
        Ok(study)
    }

    /// Bounds the numbers of the policy with this index by `size`, and takes the scaling of all others away. Whether it
    /// scales.
    fn bound_scaling(&self, root: &mut Value, size: usize, policy: usize) -> bool {
        let planned = &self.model.policies[policy];
        let policies = root.get_mut("policies").and_then(Value::as_table_mut);
        for (name, policy) in policies.into_iter().flatten() {
            let Value::Table(policy) = policy else { continue };
            if *name != planned.name {
                policy.remove("scaling");
            } else if let Some(Value::Table(scaling)) = policy.get_mut("scaling") {
                bound(scaling, size);
            }
        }
        planned.scaling.dynamic().is_some()
    }

    /// By group, the smallest size that has all slots which the scenario names; 1 where it names none.
    pub fn least_connectors(&self) -> Vec<usize> {
        let mut least = vec![1; self.model.fleet.groups.len()];
        let mut named = Vec::new();
        connectors(&self.contained, &mut named);
        for (group, ordinal) in named.iter().filter_map(|name| name.rsplit_once('/')) {
            let group = self.model.fleet.groups.iter().position(|known| known.name == group);
            if let Some((group, ordinal)) = group.zip(ordinal.parse::<usize>().ok()) {
                least[group] = least[group].max(ordinal + 1);
            }
        }
        least
    }

    /// The templates of groups by name, each with the indices of its groups, in scenario order.
    pub fn templates(&self) -> Vec<(String, Range<usize>)> {
        let mut next = 0;
        let template = |group: &Value| {
            let name = group.get("name")?.as_str()?.to_owned();
            let count = group.get("count").and_then(Value::as_integer).unwrap_or(1) as usize;
            next += count;
            Some((name, next - count..next))
        };
        let groups = self.contained.get("fleet").and_then(|fleet| fleet.get("groups")?.as_array());
        groups.into_iter().flatten().filter_map(template).collect()
    }
}

fn groups(root: &mut Value) -> Option<&mut Vec<Value>> {
    root.get_mut("fleet")?.get_mut("groups")?.as_array_mut()
}

/// Gives a template so many connectors, or at most so many to start with if it is scaled.
fn resize(group: &mut Table, size: usize, scales: bool) {
    let written = group.get("connectors").and_then(Value::as_integer).unwrap_or(1);
    let connectors = if scales { written.min(size as i64) } else { size as i64 };
    group.insert("connectors".to_owned(), Value::Integer(connectors));
    for key in ["disabled_slots", "empty_slots"] {
        if let Some(Value::Array(slots)) = group.get_mut(key) {
            slots.retain(|slot| slot.as_integer().is_some_and(|slot| slot < connectors));
        }
    }
}

/// Bounds what a policy may scale to.
fn bound(scaling: &mut Table, size: usize) {
    let size = size as i64;
    if scaling.get("kind").and_then(Value::as_str) == Some("static") {
        return;
    }
    scaling.insert("max".to_owned(), Value::Integer(size));
    let schedule = scaling.get_mut("schedule").and_then(Value::as_array_mut);
    let numbers = schedule.into_iter().flatten().filter_map(|entry| entry.get_mut("connectors"));
    numbers.for_each(|number| clip(number, size));
    if let Some(min) = scaling.get_mut("min") {
        clip(min, size);
    }
}

fn clip(number: &mut Value, most: i64) {
    if let Value::Integer(number) = number {
        *number = most.min(*number);
    }
}

/// Every connector that is named, `group/ordinal`, wherever it is.
fn connectors<'v>(value: &'v Value, named: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| connectors(item, named)),
        Value::Table(table) => {
            for (key, inner) in table {
                match inner {
                    Value::String(name) if key == "connector" => named.push(name),
                    inner => connectors(inner, named),
                }
            }
        }
        _ => {}
    }
}
