//! A valid value in place of an invalid one, so that one mistake does not hide the others.

use serde_json::Value as Json;

use super::{alternatives, text};
use crate::scenario::document::Value;

/// Whether a value is of the schema's kind, whatever its bounds.
pub(super) fn fits(schema: &Json, value: &Value) -> bool {
    let kind = |wanted: &str| match value {
        Value::String(_) => wanted == "string",
        Value::Integer(_) => matches!(wanted, "integer" | "number"),
        Value::Float(number) => wanted == "number" && number.is_finite(),
        Value::Boolean(_) => wanted == "boolean",
        Value::Array(_) => wanted == "array",
        Value::Table(_) => wanted == "object",
    };
    match schema.get("type") {
        Some(Json::String(wanted)) => kind(wanted),
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).any(kind),
        _ => true,
    }
}

/// A value that fits `schema`: its default, its first example, or the simplest of its kind.
pub(super) fn of(root: &Json, schema: &Json) -> toml::Value {
    if let Some(value) = schema.get("default").and_then(toml_value) {
        return value;
    }
    let choices = alternatives(root, schema);
    let Some(&choice) = choices.first() else { return toml::Value::Boolean(false) };
    if let Some(value) = choice.pointer("/examples/0").and_then(toml_value) {
        return value;
    }
    let wanted = match choice.get("type") {
        Some(Json::Array(several)) => several[0].as_str(),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match wanted {
        Some("string") => text::words(choice).first().copied().unwrap_or("?").into(),
        Some("integer") => (bound(choice, 0.0) as i64).into(),
        Some("number") => bound(choice, 1.0).into(),
        Some("array") => {
            let least = choice.get("minItems").and_then(Json::as_u64).unwrap_or(0);
            let item = choice.get("items").filter(|_| least > 0).map(|item| of(root, item));
            toml::Value::Array(item.into_iter().collect())
        }
        Some("object") => toml::Value::Table(object(root, choice)),
        _ => toml::Value::Boolean(false),
    }
}

fn object(root: &Json, schema: &Json) -> toml::Table {
    let known = text::properties(schema);
    text::required(schema)
        .filter_map(|name| known.iter().find(|(known, _)| *known == name))
        .map(|(name, property)| ((*name).to_owned(), of(root, property)))
        .collect()
}

/// The least value allowed, or `above` more than what it must exceed.
fn bound(schema: &Json, otherwise: f64) -> f64 {
    let number = |key| schema.get(key).and_then(Json::as_f64);
    let upper = number("maximum").or(number("exclusiveMaximum"));
    match (number("minimum"), number("exclusiveMinimum"), upper) {
        (Some(least), _, _) => least,
        (_, Some(below), Some(above)) => (below + above) / 2.0,
        (_, Some(below), None) => below + 1.0,
        _ => otherwise,
    }
}

/// A JSON value as TOML; `None` for null.
fn toml_value(json: &Json) -> Option<toml::Value> {
    toml::Value::try_from(json).ok()
}
