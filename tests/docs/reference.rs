//! Reference pages that are made from the code: scenario keys from the JSON Schema, presets and metrics from their tables.
//!
//! Each page is compared with what the code says; with `FLEETCAST_UPDATE=1` it is written.

use std::fmt::Write;

use fleetcast::analysis::Better;
use fleetcast::report::comparison::direction;
use fleetcast::report::metrics::METRICS;
use fleetcast::scenario;
use serde_json::Value as Json;

use crate::pages::{read, root};

const MADE: &str =
    "<!-- Made from the code by tests/docs/reference.rs; FLEETCAST_UPDATE=1 writes it anew. -->";

fn hold(path: &str, page: &str) {
    if std::env::var_os("FLEETCAST_UPDATE").is_some() {
        std::fs::write(root().join(path), page).unwrap();
    } else {
        assert!(read(path) == page, "{path} is out of date: run this test with FLEETCAST_UPDATE=1");
    }
}

#[test]
fn metrics_are_those_of_the_table() {
    let mut page = format!(
        "# Metrics\n\n{MADE}\n\nOne number a replication and metric, in `metrics.csv`; over replications in `summary.csv`. \
         A metric without a value in a\nreplication (a rollout that was not reached, a share of nothing) has no row there. \
         The last column is the value that says\nthat no event was seen: where all replications agree on it, the summary \
         gives an exact upper limit instead of an interval\n(see [statistics](../background/statistics.md)).\nWhich way is better is what `compare` calls `better`, with the reason below.\n\n\
         | metric | unit | what it is | no event | better |\n|---|---|---|---|---|\n"
    );
    for metric in &METRICS {
        let bound = metric.bound.map_or(String::new(), |bound| bound.to_string());
        let better = match direction(metric.name).better {
            Better::More => "more",
            Better::Less => "less",
        };
        writeln!(
            page,
            "| `{}` | {} | {} | {bound} | {better} |",
            metric.name, metric.unit, metric.definition
        )
        .unwrap();
    }
    page.push_str("\nWhy:\n\n");
    let mut told = Vec::new();
    for reason in METRICS.iter().map(|metric| direction(metric.name).reason) {
        if !told.contains(&reason) {
            told.push(reason);
            let same = METRICS.iter().filter(|metric| direction(metric.name).reason == reason);
            let names: Vec<String> = same.map(|metric| format!("`{}`", metric.name)).collect();
            writeln!(page, "- {}: {reason}.", names.join(", ")).unwrap();
        }
    }
    hold("docs/reference/metrics.md", &page);
}

#[test]
fn presets_are_those_that_come_with_the_program() {
    let mut page = format!(
        "# Presets\n\n{MADE}\n\n`preset = \"NAME\"` in a table lays these settings under it; every one can be overridden \
         beside the name. `fleetcast explain`\nshows what came of it.\n"
    );
    let texts: toml::Table = toml::from_str(include_str!("../../src/scenario/presets.toml")).unwrap();
    for preset in scenario::presets() {
        write!(page, "\n## `{}` in `[{}.…]`\n\n{}\n\n```toml\n", preset.name, preset.kind, preset.source)
            .unwrap();
        let table = texts[&preset.kind][&preset.name].as_table().unwrap();
        for (key, value) in table.iter().filter(|(key, _)| *key != "source") {
            writeln!(page, "{key} = {}", inline(value)).unwrap();
        }
        page.push_str("```\n");
    }
    page.push_str("\n## Profiles: `profile = { preset = \"…\" }`\n\n");
    let schema = scenario::schema();
    page.push_str(&words(&schema["$defs"]["ProfilePreset"]).concat());
    page.push_str("\n## Upgrades: `upgrade = { preset = \"…\" }`\n\n");
    page.push_str(&words(&schema["$defs"]["UpgradePreset"]).concat());
    hold("docs/reference/presets.md", &page);
}

fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) if table.is_empty() => "{}".to_owned(),
        toml::Value::Table(table) => {
            let pairs: Vec<String> =
                table.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        toml::Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// `- `word`: what it means` of every word that a schema lists.
fn words(schema: &Json) -> Vec<String> {
    let choices = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let line = |choice: &Json| Some(format!("- `\"{}\"`: {}\n", choice["const"].as_str()?, told(choice)));
    choices.iter().filter_map(line).collect()
}

/// The description in one line.
fn told(schema: &Json) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

#[test]
fn scenario_keys_are_those_of_the_schema() {
    let schema = scenario::schema();
    let mut keys = Keys { defs: schema["$defs"].clone(), told: Vec::new(), page: String::new() };
    keys.page = format!(
        "# Scenario files\n\n{MADE}\n\nA scenario is a TOML file. [`scenarios/reference.toml`](../../scenarios/reference.toml) \
         shows every key in place, and\n[the JSON Schema](../../scenarios/fleetcast.schema.json) (also `fleetcast schema`) \
         lets editors complete and check it. Durations\nhave a unit (`ms`, `s`, `m`, `h`, `d`, `w`), shares are in [0, 1], \
         percentages only where a key says `percent`. Dates without an\noffset are in the zone of `start`; where a date is \
         wanted, a duration since the start will do.\n\nA key without a default and not required is left out by default.\n"
    );
    keys.object("Top level", &schema);
    hold("docs/reference/scenario.md", &keys.page);
}

/// Writes the page, each definition once, in the order in which it is met.
struct Keys {
    defs: Json,
    told: Vec<String>,
    page: String,
}

impl Keys {
    /// The name of the definition that a schema refers to, through optional and lists.
    fn reference(schema: &Json) -> Option<String> {
        let direct = schema["$ref"].as_str().map(|path| path.rsplit('/').next().unwrap().to_owned());
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        direct
            .or_else(|| choices.filter(|choice| choice["type"] != "null").find_map(Keys::reference))
            .or_else(|| schema.get("items").and_then(Keys::reference))
            .or_else(|| schema.get("additionalProperties").and_then(Keys::reference))
    }

    fn object(&mut self, heading: &str, schema: &Json) {
        write!(self.page, "\n## {heading}\n\n{}\n\n", told(schema)).unwrap();
        self.properties(schema);
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        for (key, property) in &properties {
            let Some(name) = Keys::reference(property) else { continue };
            let within = if heading == "Top level" {
                String::new()
            } else {
                format!("{}.", heading.trim_matches('`'))
            };
            let many = property["type"] == "array";
            let named = property.get("additionalProperties").is_some_and(Json::is_object);
            let suffix = if many {
                "[]"
            } else if named {
                ".NAME"
            } else {
                ""
            };
            self.definition(&name, &format!("`{within}{key}{suffix}`"));
        }
    }

    /// Where a definition is met for the first time it is told; simple types and words stand in the tables.
    fn definition(&mut self, name: &str, path: &str) {
        let definition = self.defs[name].clone();
        if self.told.iter().any(|told| told == name) {
            return;
        }
        self.told.push(name.to_owned());
        if definition["properties"].is_object() {
            self.object(path, &definition);
        } else if definition["oneOf"].as_array().is_some_and(|all| all[0]["properties"].is_object()) {
            write!(self.page, "\n## {name}\n\n{}\n\n", told(&definition)).unwrap();
            for choice in definition["oneOf"].as_array().unwrap() {
                let tag = choice["properties"].as_object().unwrap().iter();
                let tag =
                    tag.filter_map(|(key, tag)| Some(format!("`{key} = \"{}\"`", tag["const"].as_str()?)));
                write!(self.page, "### {}\n\n{}\n\n", tag.collect::<String>(), told(choice)).unwrap();
                self.properties(choice);
                self.page.push('\n');
            }
        }
    }

    fn properties(&mut self, schema: &Json) {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let mut explained = Vec::new();
        self.page.push_str("| key | type | default | what it is |\n|---|---|---|---|\n");
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            if property.get("const").is_some() {
                continue;
            }
            let default = match property.get("default").filter(|default| !default.is_null()) {
                Some(default) => shortened(&inline(&toml::Value::try_from(default).unwrap())),
                None if required.contains(&key.as_str()) => "required".to_owned(),
                None => String::new(),
            };
            let kind = self.kind(property);
            writeln!(self.page, "| `{key}` | {kind} | {default} | {} |", told(property)).unwrap();
            if let Some(name) = Keys::reference(property).filter(|name| name != "ProfilePreset") {
                let lines = words(&self.defs[&name]).concat();
                if !lines.is_empty() {
                    explained.push(format!("\n`{key}`:\n\n{lines}"));
                }
            }
        }
        self.page.push_str(&explained.concat());
    }

    fn kind(&self, schema: &Json) -> String {
        if let Some(name) = schema["$ref"].as_str().map(|path| path.rsplit('/').next().unwrap()) {
            return self.kind_of_definition(name);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let kinds: Vec<String> = choices
                .iter()
                .filter(|choice| choice["type"] != "null")
                .map(|choice| self.kind(choice))
                .collect();
            return kinds.join(", or ");
        }
        let types = match &schema["type"] {
            Json::Array(types) => {
                types.iter().filter_map(Json::as_str).find(|kind| *kind != "null").unwrap_or("")
            }
            other => other.as_str().unwrap_or(""),
        };
        match types {
            "array" => format!("list: {}", self.kind(&schema["items"])),
            "object" if schema["additionalProperties"].is_object() => {
                format!("tables by name: {}", self.kind(&schema["additionalProperties"]))
            }
            "object" => "table".to_owned(),
            "boolean" => "`true` or `false`".to_owned(),
            "string" if schema["enum"].is_array() => {
                let words: Vec<String> =
                    schema["enum"].as_array().unwrap().iter().map(|word| format!("`{word}`")).collect();
                words.join(" or ")
            }
            "string" => "text".to_owned(),
            kind => format!("{kind}{}", bounds(schema)),
        }
    }

    fn kind_of_definition(&self, name: &str) -> String {
        let definition = &self.defs[name];
        match name {
            "Duration" => "duration".to_owned(),
            "DurationOrZero" => "duration or `\"0s\"`".to_owned(),
            "Distribution" => "[distribution](#distribution)".to_owned(),
            "KeyMetric" => "[metric](metrics.md)".to_owned(),
            "Amount" => "integer, or text `\"25%\"`".to_owned(),
            "ProfilePreset" => "[profile](presets.md)".to_owned(),
            _ if definition["properties"].is_object() => "table".to_owned(),
            _ if definition["oneOf"].is_array() => "a word".to_owned(),
            _ => self.kind(definition),
        }
    }
}

fn bounds(schema: &Json) -> String {
    let bound = |key: &str, sign: &str| schema.get(key).map(|value| format!("{sign} {}", number(value)));
    let all = [("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")];
    let all: Vec<String> = all.iter().filter_map(|(key, sign)| bound(key, sign)).collect();
    if all.is_empty() { String::new() } else { format!(" {}", all.join(", ")) }
}

/// Powers of ten that are only there to keep numbers within reason are written short.
fn number(value: &Json) -> String {
    match value.as_f64() {
        Some(9_223_372_036_854_775_807.0) => "2⁶³ − 1".to_owned(),
        Some(number) if number >= 1e6 => format!("{number:e}"),
        _ => value.to_string().trim_end_matches(".0").to_owned(),
    }
}

/// Defaults of whole tables are told key by key.
fn shortened(default: &str) -> String {
    if default.chars().count() > 60 { "see below".to_owned() } else { format!("`{default}`") }
}
