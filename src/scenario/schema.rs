//! The JSON Schema of scenario files, and the check of a file against it.
//!
//! The schema is derived from the types in `spec`; nothing else knows which keys exist. The check goes
//! through the whole file and collects every problem of form: unknown keys (with the nearest known one), wrong kinds,
//! values out of bounds, words that are not among those allowed, missing keys. It returns the values with whatever is
//! wrong replaced by a valid stand-in, so that the problems of meaning are found in the same run.

mod later;
mod standin;
mod text;

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::document::{Node, Path, Table, Value};
use super::report::{Reporter, nearest};
use super::spec::Scenario;

/// The JSON Schema (draft 2020-12) of a scenario file.
pub fn schema() -> Json {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Scenario>().to_value();
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        let import = serde_json::json!({
            "description": "Files whose settings this file takes over and overrides, relative to it.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]
        });
        properties.insert("import".to_owned(), import);
    }
    allow_presets(&mut schema, "Failure", &super::preset::names("failures"));
    allow_presets(&mut schema, "Demand", &super::preset::names("demand"));
    schema
}

/// Tables that may name a preset have a key for it in the published schema; when a file is checked, presets have been
/// replaced by what they stand for.
fn allow_presets(schema: &mut Json, table: &str, names: &[String]) {
    let Some(definition) = schema.pointer_mut(&format!("/$defs/{table}")) else { return };
    if let Some(properties) = definition.get_mut("properties").and_then(Json::as_object_mut) {
        let preset = serde_json::json!({
            "description": "Settings that come with the program; what stands beside it overrides them.",
            "type": "string",
            "enum": names
        });
        properties.insert("preset".to_owned(), preset);
    }
}

/// Checks the form of `root` and returns it with stand-ins for what is wrong.
pub(super) fn check(root: &Node, report: &mut Reporter<'_>) -> toml::Value {
    let schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Scenario>().to_value();
    Checker { root: &schema, report }.value(&schema, root, &Path::default())
}

struct Checker<'a, 'b, 'r> {
    root: &'a Json,
    report: &'b mut Reporter<'r>,
}

impl<'a> Checker<'a, '_, '_> {
    fn value(&mut self, schema: &'a Json, node: &Node, path: &Path) -> toml::Value {
        let alternatives = alternatives(self.root, schema);
        let fitting: Vec<&Json> =
            alternatives.iter().copied().filter(|one| standin::fits(one, &node.value)).collect();
        match (fitting.as_slice(), &node.value) {
            ([], _) => self.wrong_kind(&alternatives, schema, node, path),
            ([one], Value::Table(table)) if one.get("properties").is_some() => self.table(one, table, path),
            (_, Value::Table(table)) if fitting.iter().all(|one| text::tag(one).is_some()) => {
                self.tagged(&fitting, table, path)
            }
            ([one], Value::Table(table)) => self.named(one, table, path),
            ([one, ..], Value::Array(items)) => self.list(one, items, node, path),
            (_, Value::String(word)) => self.word(&fitting, word, schema, path),
            ([one, ..], Value::Integer(number)) => self.number(one, *number as f64, schema, node, path),
            ([one, ..], Value::Float(number)) => self.number(one, *number, schema, node, path),
            _ => node.into(),
        }
    }

    fn table(&mut self, schema: &'a Json, table: &Table, path: &Path) -> toml::Value {
        let known = text::properties(schema);
        let mut checked = toml::Table::new();
        let mut mistyped = Vec::new();
        for entry in &table.entries {
            let inner = path.key(&entry.key);
            match known.iter().find(|(name, _)| *name == entry.key) {
                Some((_, property)) => {
                    checked.insert(entry.key.clone(), self.value(property, &entry.node, &inner));
                }
                None => mistyped.extend(self.unknown_key(&known, table, entry, &inner)),
            }
        }
        // What is for later may stand in place of what is missing now.
        let for_later = table.keys().any(|key| later::key(&path.key(key)).is_some());
        for name in text::required(schema) {
            if checked.contains_key(name) {
                continue;
            }
            let Some((_, property)) = known.iter().find(|(known, _)| *known == name) else { continue };
            let missing = path.key(name);
            let explained = for_later || mistyped.iter().any(|meant| meant == name);
            if !explained {
                let example = text::describe(self.root, property);
                self.report.missing(&missing, &format!("`{name}` is missing"), &format!("give {example}"));
            }
            self.report.poison(&missing);
            checked.insert(name.to_owned(), standin::of(self.root, property));
        }
        toml::Value::Table(checked)
    }

    /// Reports an unknown key and returns the known one that was probably meant.
    fn unknown_key(
        &mut self,
        known: &[(&'a str, &'a Json)],
        table: &Table,
        entry: &super::document::Entry,
        path: &Path,
    ) -> Option<String> {
        if let Some(what) = later::key(path) {
            let message = format!("not simulated yet: {what}");
            self.report.key(path, entry.key_origin, &message, "leave it out for now");
            return None;
        }
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let meant = nearest(&entry.key, names.iter().copied());
        let remedy = match meant {
            // What lies under an override of another source is what was to be changed.
            Some(name) if table.get(name).is_some_and(|of| of.origin.source == entry.key_origin.source) => {
                format!("`{name}` is given too: remove one of them")
            }
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("known keys: {}", names.join(", ")),
        };
        self.report.key(path, entry.key_origin, &format!("unknown key `{}`", entry.key), &remedy);
        meant.map(str::to_owned)
    }

    fn tagged(&mut self, variants: &[&'a Json], table: &Table, path: &Path) -> toml::Value {
        let tags: Vec<(&str, &str)> = variants.iter().filter_map(|one| text::tag(one)).collect();
        let key = tags[0].0;
        let words: Vec<&str> = tags.iter().map(|(_, word)| *word).collect();
        let given = table.get(key);
        let word = given.and_then(Node::as_str);
        if let Some(at) = word.and_then(|word| words.iter().position(|known| *known == word)) {
            return self.table(variants[at], table, path);
        }
        let remedy = format!("one of {}", words.join(", "));
        match (given, word) {
            (None, _) => self.report.missing(&path.key(key), &format!("`{key}` is missing"), &remedy),
            (Some(_), Some(word)) => {
                let remedy = match nearest(word, words.iter().copied()) {
                    Some(meant) => format!("did you mean \"{meant}\"? {remedy}"),
                    None => remedy,
                };
                self.report.at(&path.key(key), &format!("there is no {key} \"{word}\""), &remedy);
            }
            (Some(node), None) => {
                let message = format!("expected a text, found {}", node.kind());
                self.report.at(&path.key(key), &message, &remedy);
            }
        }
        self.report.poison(path);
        standin::of(self.root, variants[0])
    }

    fn named(&mut self, schema: &'a Json, table: &Table, path: &Path) -> toml::Value {
        let Some(inner) = schema.get("additionalProperties") else {
            return toml::Value::Table(toml::Table::new());
        };
        let entries = table
            .entries
            .iter()
            .map(|entry| (entry.key.clone(), self.value(inner, &entry.node, &path.key(&entry.key))));
        toml::Value::Table(entries.collect())
    }

    fn list(&mut self, schema: &'a Json, items: &[Node], node: &Node, path: &Path) -> toml::Value {
        if schema.get("minItems").and_then(Json::as_u64).is_some_and(|least| (items.len() as u64) < least) {
            self.report.value(path, node, "the list is empty", "give at least one element");
            self.report.poison(path);
            return standin::of(self.root, schema);
        }
        let Some(inner) = schema.get("items") else { return node.into() };
        items
            .iter()
            .enumerate()
            .map(|(index, item)| self.value(inner, item, &path.index(index)))
            .collect::<Vec<_>>()
            .into()
    }

    fn word(&mut self, fitting: &[&'a Json], word: &str, schema: &'a Json, path: &Path) -> toml::Value {
        let words: Vec<&str> = fitting.iter().flat_map(|one| text::words(one)).collect();
        let allowed = text::describe(self.root, schema);
        let complaint = if words.is_empty() {
            fitting.iter().find_map(|one| text::complaint(one, word))
        } else if words.contains(&word) {
            None
        } else if let Some(what) = later::value(path, word) {
            Some((format!("not simulated yet: {what}"), format!("for now {allowed}")))
        } else {
            let remedy = match nearest(word, words.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"? {allowed}"),
                None => allowed,
            };
            Some((format!("there is no \"{word}\" here"), remedy))
        };
        let Some((message, remedy)) = complaint else { return toml::Value::String(word.to_owned()) };
        self.report.at(path, &message, &remedy);
        self.report.poison(path);
        standin::of(self.root, schema)
    }

    fn number(
        &mut self,
        bounds: &'a Json,
        number: f64,
        schema: &'a Json,
        node: &Node,
        path: &Path,
    ) -> toml::Value {
        if text::within(bounds, number) {
            return node.into();
        }
        let remedy = format!("give {}", text::describe(self.root, bounds));
        self.report.value(path, node, &format!("{} is out of range", node.brief()), &remedy);
        self.report.poison(path);
        standin::of(self.root, schema)
    }

    fn wrong_kind(
        &mut self,
        alternatives: &[&'a Json],
        schema: &'a Json,
        node: &Node,
        path: &Path,
    ) -> toml::Value {
        let remedy = format!("give {}", text::describe(self.root, schema));
        let expected = text::kind(alternatives[0]);
        self.report.value(path, node, &format!("expected {expected}, found {}", node.kind()), &remedy);
        self.report.poison(path);
        standin::of(self.root, schema)
    }
}

/// The schemas of which a value must fit one: references followed, `null` left out.
fn alternatives<'a>(root: &'a Json, schema: &'a Json) -> Vec<&'a Json> {
    if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        let target = root.pointer(reference.trim_start_matches('#'));
        return target.map_or_else(Vec::new, |target| alternatives(root, target));
    }
    match schema.get("anyOf").or(schema.get("oneOf")).and_then(Json::as_array) {
        Some(choices) => choices.iter().flat_map(|choice| alternatives(root, choice)).collect(),
        None if schema.get("type").and_then(Json::as_str) == Some("null") => Vec::new(),
        None => vec![schema],
    }
}
