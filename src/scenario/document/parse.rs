//! TOML text to a tree of values that know their place.

use toml::de::{DeTable, DeValue};

use super::{Entry, Node, Origin, Table, Value};

/// A mistake in the syntax: what, and where.
pub(in crate::scenario) struct SyntaxError {
    pub message: String,
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
    node.origin = Origin { source, start: offset, end: offset + text.len() };
    Some(node)
}

fn syntax_error(error: &toml::de::Error, text: &str) -> SyntaxError {
    let span = error.span().unwrap_or(0..text.len().min(1));
    SyntaxError { message: error.message().to_owned(), start: span.start, end: span.end }
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
