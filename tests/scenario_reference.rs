//! `scenarios/reference.toml` says the truth: it shows every key, and every default as it is.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use fleetcast::report::metrics::METRICS;
use fleetcast::scenario;
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

const REFERENCE: &str = include_str!("../scenarios/reference.toml");

/// What a walk through schema and reference together finds.
struct Walk {
    schema: Json,
    seen: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Walk {
    fn resolve(&self, schema: &Json) -> Vec<Json> {
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            return self.resolve(&self.schema.pointer(&reference[1..]).unwrap().clone());
        }
        match schema.get("anyOf").or(schema.get("oneOf")).and_then(Json::as_array) {
            Some(choices) => choices.iter().flat_map(|choice| self.resolve(choice)).collect(),
            None => vec![schema.clone()],
        }
    }

    fn visit(&mut self, schema: &Json, value: &DeValue<'_>, path: &str) {
        for choice in self.resolve(schema) {
            match value {
                DeValue::Table(table) if choice.get("properties").is_some() => {
                    self.table(&choice, table, path)
                }
                DeValue::Table(table) => {
                    for (key, inner) in table {
                        let inner_schema = choice.get("additionalProperties").cloned().unwrap_or_default();
                        self.visit(&inner_schema, inner.get_ref(), &format!("{path}.{}", key.get_ref()));
                    }
                }
                DeValue::Array(items) => {
                    let inner = choice.get("items").cloned().unwrap_or_default();
                    items.iter().for_each(|item| self.visit(&inner, item.get_ref(), path));
                }
                _ => {}
            }
        }
    }

    fn table(&mut self, schema: &Json, table: &DeTable<'_>, path: &str) {
        let tag = schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .find(|(_, property)| property.get("const").is_some());
        if let Some((tag, property)) = tag {
            let given = table
                .iter()
                .find(|(key, _)| key.get_ref() == tag)
                .and_then(|(_, value)| value.get_ref().as_str());
            if given != property["const"].as_str() {
                return;
            }
        }
        for (key, value) in table {
            let Some(property) = schema["properties"].get(key.get_ref().as_ref()) else { continue };
            let inner = format!("{path}.{}", key.get_ref());
            self.seen.insert(identity(schema, key.get_ref()));
            let before = self.wrong.len();
            let is_default = self.default(property, value, &inner);
            self.visit(property, value.get_ref(), &inner);
            if is_default {
                // What is inside of a default needs no default of its own.
                self.wrong.truncate(before);
            }
        }
    }

    /// A value is its default, or its line says that it is not.
    fn default(&mut self, property: &Json, value: &toml::Spanned<DeValue<'_>>, path: &str) -> bool {
        let default = property.get("default").filter(|default| !default.is_null());
        let written = plain(value.get_ref());
        if default.is_some_and(|default| toml::Value::try_from(default).unwrap() == written) {
            return true;
        }
        let tables = |items: &[toml::Value]| items.first().is_some_and(toml::Value::is_table);
        if written.is_table() || written.as_array().is_some_and(|items| tables(items)) {
            return false;
        }
        let line = line_of(value.span().start);
        if !["(example", "(required"].iter().any(|mark| line.contains(mark)) {
            self.wrong.push(format!("{path}: `{written}` is not the default {default:?} and not marked"));
        }
        false
    }
}

fn plain(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(digits) => digits.as_str().parse::<i64>().unwrap().into(),
        DeValue::Float(digits) => digits.as_str().parse::<f64>().unwrap().into(),
        DeValue::Boolean(truth) => (*truth).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect::<Vec<_>>().into(),
        DeValue::Table(table) => {
            let entries =
                table.iter().map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref())));
            toml::Value::Table(entries.collect())
        }
    }
}

/// The line of an offset, with the comment line above it.
fn line_of(offset: usize) -> String {
    let number = REFERENCE[..offset].matches('\n').count();
    let lines: Vec<&str> = REFERENCE.lines().collect();
    let above = number.checked_sub(1).map(|above| lines[above]).filter(|above| above.starts_with('#'));
    format!("{} {}", above.unwrap_or_default(), lines[number])
}

fn identity(table: &Json, key: &str) -> String {
    format!("{}: {key}", table["description"].as_str().unwrap_or_default())
}

#[test]
fn every_default_is_shown_as_it_is_and_every_key_is_there() {
    let schema = scenario::schema();
    let mut walk = Walk { schema: schema.clone(), seen: BTreeSet::new(), wrong: Vec::new() };
    let document = DeTable::parse(REFERENCE).unwrap();
    walk.table(&schema, document.get_ref(), "");
    assert!(walk.wrong.is_empty(), "{:#?}", walk.wrong);

    let mut missing = Vec::new();
    let mut tables = vec![schema.clone()];
    for definition in schema["$defs"].as_object().unwrap().values() {
        tables.extend(walk.resolve(definition));
    }
    for table in tables.iter().filter(|table| table.get("properties").is_some()) {
        for key in table["properties"].as_object().unwrap().keys() {
            let commented = REFERENCE.lines().any(|line| {
                line.split_once('#').is_some_and(|(_, comment)| comment.contains(&format!("{key} = ")))
            });
            if !walk.seen.contains(&identity(table, key)) && !commented {
                missing.push(identity(table, key));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_key_is_documented() {
    let schema = scenario::schema();
    let walk = Walk { schema: schema.clone(), seen: BTreeSet::new(), wrong: Vec::new() };
    let mut bare = Vec::new();
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        for table in walk.resolve(definition) {
            for (key, property) in table.get("properties").and_then(Json::as_object).into_iter().flatten() {
                if property.get("description").is_none() && property.get("const").is_none() {
                    bare.push(format!("{name}.{key}"));
                }
            }
        }
    }
    assert!(bare.is_empty(), "{bare:?}");
}

#[test]
fn defaults_fill_a_scenario_that_says_nothing_with_what_the_schema_says() {
    let text = "name = \"reference\"\n[instances.i]\ncapacity_mbps = 1\n[[fleet.regions]]\nname = \"r\"\n\
                [[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n[[fleet.groups]]\nname = \"g\"\nsite = \"s\"\n\
                connectors = 1\ninstance = \"i\"\ndemand = \"d\"\n[demand.d]\nusers = 1\n";
    let study =
        scenario::read(text, "t.toml", std::path::Path::new(""), &[]).unwrap_or_else(|p| panic!("{p}"));
    let explained: toml::Table = toml::from_str(&study.explain()).unwrap();
    let schema = scenario::schema();
    for (key, property) in schema["properties"].as_object().unwrap() {
        if let (Some(default), Some(value)) = (property.get("default"), explained.get(key)) {
            let filled = ["instances", "fleet", "demand"].contains(&key.as_str());
            assert!(filled || toml::Value::try_from(default).unwrap() == *value, "{key}: {default} {value}");
        }
    }
}

#[test]
fn the_metrics_that_can_be_named_are_those_that_are_measured() {
    let schema = scenario::schema();
    let named: Vec<&str> =
        schema["$defs"]["KeyMetric"]["enum"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    assert_eq!(named, METRICS.map(|metric| metric.name));
}

/// Editors read the schema beside the scenarios; `FLEETCAST_UPDATE=1` writes it anew.
#[test]
fn the_schema_beside_the_scenarios_is_current() {
    let current = serde_json::to_string_pretty(&scenario::schema()).unwrap() + "\n";
    let path = "scenarios/fleetcast.schema.json";
    if std::env::var_os("FLEETCAST_UPDATE").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == current, "run this test with FLEETCAST_UPDATE=1");
}
