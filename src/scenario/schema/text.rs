//! What a schema says, in words and in numbers.

use serde_json::Value as Json;

use super::alternatives;
use crate::scenario::spec::{Amount, GroupSelection, TimeOfDay, duration};

/// The properties of an object by name.
pub(super) fn properties(schema: &Json) -> Vec<(&str, &Json)> {
    let map = schema.get("properties").and_then(Json::as_object);
    map.into_iter().flatten().map(|(name, property)| (name.as_str(), property)).collect()
}

/// The names of the properties that must be there.
pub(super) fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

/// The words that a text may be; empty where it may be any.
pub(super) fn words(schema: &Json) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    listed.chain(schema.get("const")).filter_map(Json::as_str).collect()
}

/// The key and word that mark a variant of a tagged table.
pub(super) fn tag(schema: &Json) -> Option<(&str, &str)> {
    properties(schema)
        .into_iter()
        .find_map(|(name, property)| property.get("const").and_then(Json::as_str).map(|word| (name, word)))
}

/// What is wrong with a text of a special form, and the remedy.
pub(super) fn complaint(schema: &Json, text: &str) -> Option<(String, String)> {
    fn with(remedy: &str) -> impl Fn(String) -> (String, String) {
        move |message| (message, remedy.to_owned())
    }
    match schema.get("format").and_then(Json::as_str)? {
        "fleetcast-duration" => match duration::parse(text) {
            Ok(span) if span.0 > 0 => None,
            Ok(_) => Some(("a duration above 0 is needed".to_owned(), "for instance \"15m\"".to_owned())),
            Err(message) => Some(with(duration::REMEDY)(message)),
        },
        "fleetcast-duration-or-zero" => duration::parse(text).err().map(with(duration::REMEDY)),
        "fleetcast-percentage" => Amount::parse(text).err().map(with("give a whole number, or \"25%\"")),
        "fleetcast-time-of-day" => TimeOfDay::parse(text).err().map(with("write it as \"02:00\"")),
        "fleetcast-groups" => {
            GroupSelection::parse(text).err().map(with("\"all\", \"busiest:10\", or a list of names"))
        }
        _ => None,
    }
}

/// Whether a number is within the bounds of its schema.
pub(super) fn within(schema: &Json, number: f64) -> bool {
    let bound = |key| schema.get(key).and_then(Json::as_f64);
    bound("minimum").is_none_or(|least| number >= least)
        && bound("maximum").is_none_or(|most| number <= most)
        && bound("exclusiveMinimum").is_none_or(|below| number > below)
        && bound("exclusiveMaximum").is_none_or(|above| number < above)
}

/// The kind of value a schema wants, with its article.
pub(super) fn kind(schema: &Json) -> &'static str {
    let first = match schema.get("type") {
        Some(Json::Array(several)) => several.first().and_then(Json::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match first {
        Some("string") if schema.get("format").is_some() => match schema["format"].as_str() {
            Some("fleetcast-duration" | "fleetcast-duration-or-zero") => "a duration",
            _ => "a text",
        },
        Some("string") => "a text",
        Some("integer") => "a whole number",
        Some("number") => "a number",
        Some("boolean") => "true or false",
        Some("array") => "a list",
        _ => "a table",
    }
}

/// What to give: the kinds with their bounds, words or an example.
pub(super) fn describe(root: &Json, schema: &Json) -> String {
    let choices = alternatives(root, schema);
    let words: Vec<&str> = choices.iter().flat_map(|one| words(one)).collect();
    let tags: Vec<(&str, &str)> = choices.iter().filter_map(|one| tag(one)).collect();
    let mut kinds = Vec::new();
    if !words.is_empty() {
        kinds.push(format!("one of {}", words.join(", ")));
    }
    if let Some((key, _)) = tags.first() {
        let words: Vec<&str> = tags.iter().map(|(_, word)| *word).collect();
        kinds.push(format!("a table with `{key}` = {}", words.join(", ")));
    }
    let plain = |one: &&&Json| self::words(one).is_empty() && tag(one).is_none();
    kinds.extend(choices.iter().filter(plain).map(|one| match one.pointer("/examples/0") {
        Some(example) => format!("{}, for instance {example}", kind(one)),
        None => format!("{}{}", kind(one), bounds(one)),
    }));
    kinds.join(", or ")
}

fn bounds(schema: &Json) -> String {
    let bound = |key: &str| schema.get(key).and_then(Json::as_f64).filter(|number| number.abs() < 4e9);
    let lower = match (bound("minimum"), bound("exclusiveMinimum")) {
        (Some(least), _) => Some(format!("from {least}")),
        (_, Some(below)) => Some(format!("above {below}")),
        _ => None,
    };
    let upper = match (bound("maximum"), bound("exclusiveMaximum")) {
        (Some(most), _) => Some(format!("up to {most}")),
        (_, Some(above)) => Some(format!("below {above}")),
        _ => None,
    };
    match (lower, upper) {
        (Some(lower), Some(upper)) => format!(" {lower} {upper}"),
        (Some(only), None) | (None, Some(only)) => format!(" {only}"),
        _ => String::new(),
    }
}
