//! TOML text to a tree of values that know their place.

use toml::de::{DeTable, DeValue};

use super::{Entry, Node, Origin, Table, Value};

/// A mistake in the syntax: what, what to do about it, and where.
pub(in crate::scenario) struct SyntaxError {
    pub message: String,
    pub remedy: String,
    pub start: usize,
    pub end: usize,
}

/// The tree of source number `source`; or every mistake in its syntax.
pub(in crate::scenario) fn document(text: &str, source: usize) -> Result<Node, Vec<SyntaxError>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        // The root spans the start of the text only: it is pointed at where something is missing.
        let origin = Origin { source, start: 0, end: text.find('\n').unwrap_or(text.len()) };
        return tree(table.into_inner(), source)
            .map(|table| Node { value: Value::Table(table), origin })
            .map_err(|error| vec![error]);
    }
    Err(errors.iter().map(|error| syntax_error(error, text)).collect())
}

/// The value that `text` writes, `offset` bytes into source number `source`; `None` if it is not TOML.
pub(in crate::scenario) fn value(text: &str, source: usize, offset: usize) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut node = node(value, source).ok()?;
    shift(&mut node, offset);
    Some(node)
}

/// Moves everything in `node` by `offset` bytes.
fn shift(node: &mut Node, offset: usize) {
    let moved = |origin: Origin| Origin { start: origin.start + offset, end: origin.end + offset, ..origin };
    node.origin = moved(node.origin);
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, offset)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_origin = moved(entry.key_origin);
                shift(&mut entry.node, offset);
            }
        }
        _ => {}
    }
}

fn syntax_error(error: &toml::de::Error, text: &str) -> SyntaxError {
    let span = error.span().unwrap_or(0..text.len().min(1));
    let written = text.get(span.clone()).unwrap_or_default().trim();
    SyntaxError {
        message: error.message().to_owned(),
        remedy: remedy(error.message(), written),
        start: span.start,
        end: span.end,
    }
}

/// What the parser's messages ask for, by how they begin.
const REMEDIES: [(&str, &str); 10] = [
    ("unclosed", "close what was opened: a table or list with `]`, an inline table with `}`"),
    ("missing comma", "put a comma between the two"),
    ("extra comma", "leave one out"),
    ("duplicate key", "keep one of the two"),
    ("missing value", "write a value behind the `=`"),
    ("missing assignment", "write it as `key = value`"),
    ("key with no value", "write it as `key = value`"),
    ("invalid unquoted key", "use letters, digits, `-` and `_`, or put the key in quotes"),
    ("invalid basic string", "close the quotes on the same line"),
    ("carriage return", "end lines with a line feed, or with both"),
];

fn remedy(message: &str, written: &str) -> String {
    if message.starts_with("string values must be quoted") {
        return match written {
            "" => "write a value behind the `=`".to_owned(),
            text => format!("if this is meant as text, write \"{text}\""),
        };
    }
    let known = REMEDIES.iter().find(|(begins, _)| message.starts_with(begins));
    known.map_or("see how TOML is written at https://toml.io", |(_, remedy)| remedy).to_owned()
}

fn tree(table: DeTable<'_>, source: usize) -> Result<Table, SyntaxError> {
    let mut entries = Vec::new();
    for (key, value) in table {
        let span = key.span();
        let key_origin = Origin { source, start: span.start, end: span.end };
        entries.push(Entry { key: key.into_inner().into_owned(), key_origin, node: node(value, source)? });
    }
    Ok(Table { entries })
}

fn node(value: toml::Spanned<DeValue<'_>>, source: usize) -> Result<Node, SyntaxError> {
    let span = value.span();
    let origin = Origin { source, start: span.start, end: span.end };
    let unreadable = |what: &str| SyntaxError {
        message: format!("{what} is out of range"),
        remedy: "give one of 64 bits".to_owned(),
        start: span.start,
        end: span.end,
    };
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(digits) => Value::Integer(
            i64::from_str_radix(digits.as_str(), digits.radix())
                .map_err(|_| unreadable("the whole number"))?,
        ),
        DeValue::Float(digits) => {
            Value::Float(digits.as_str().parse().map_err(|_| unreadable("the number"))?)
        }
        DeValue::Boolean(truth) => Value::Boolean(truth),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(items) => {
            Value::Array(items.into_iter().map(|item| node(item, source)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Value::Table(tree(table, source)?),
    };
    Ok(Node { value, origin })
}
