//! `--set PATH=VALUE`: a setting from the command line laid over those of the file.
//!
//! A path is dotted; an element of a list is `[3]`, `[name=fra-app]`, or its index or name as a plain step:
//! `fleet.groups.fra-app.connectors=4`. A key with dots in it is quoted. The value is TOML; what is not TOML is text,
//! so that `horizon=30d` needs no quotes.

use super::super::report::nearest;
use super::{Entry, Node, Origin, Step, Table, Value, parse};

/// Why an override cannot be applied: message and remedy.
pub(in crate::scenario) type Refusal = (String, String);

/// Applies the override `text`, which is source number `source`, to `root`.
pub(in crate::scenario) fn apply(root: &mut Node, text: &str, source: usize) -> Result<(), Refusal> {
    let (steps, value_at) = steps(text)?;
    let value_text = text[value_at..].trim();
    let start = value_at + text[value_at..].len() - text[value_at..].trim_start().len();
    let written = Origin { source, start, end: start + value_text.len() };
    let value = parse::value(value_text, source, start)
        .unwrap_or_else(|| Node { value: Value::String(value_text.to_owned()), origin: written });
    let key_origin = Origin { source, start: 0, end: value_at - 1 };
    place(root, &steps, value, key_origin)
}

/// The path and the value of `PATH=VALUE`, as they are written; none if there is no path or no `=` behind it.
pub(in crate::scenario) fn parts(text: &str) -> Option<(&str, &str)> {
    let (steps, value_at) = steps(text).ok()?;
    (!steps.is_empty()).then(|| (text[..value_at - 1].trim(), text[value_at..].trim()))
}

/// The keys and names in `path`, unquoted; none if it is no path.
pub(in crate::scenario) fn keys(path: &str) -> Vec<String> {
    let steps = steps(&format!("{path}=")).map_or(Vec::new(), |(steps, _)| steps);
    let key = |step| match step {
        Step::Key(key) => Some(key),
        Step::Index(_) => None,
    };
    steps.into_iter().filter_map(key).collect()
}

/// The table and the entry that `path` leads to first; none if it has fewer steps.
pub(in crate::scenario) fn entry(path: &str) -> Option<(String, String)> {
    match steps(&format!("{path}=")).ok()?.0.as_slice() {
        [Step::Key(table), Step::Key(name), ..] => Some((table.clone(), name.clone())),
        _ => None,
    }
}

/// The steps of `PATH=` and the offset of the value behind it.
fn steps(text: &str) -> Result<(Vec<Step>, usize), Refusal> {
    let refuse = |message: &str| {
        Err((message.to_owned(), "write --set PATH=VALUE, for instance --set horizon=30d".to_owned()))
    };
    let mut steps = Vec::new();
    let mut word = String::new();
    let mut chars = text.char_indices().peekable();
    let mut after_bracket = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' | '\'' if word.is_empty() => {
                word = chars.by_ref().map(|(_, c)| c).take_while(|&inner| inner != c).collect();
            }
            '[' => {
                if !word.is_empty() {
                    steps.push(Step::Key(std::mem::take(&mut word)));
                }
                let inside: String = chars.by_ref().map(|(_, c)| c).take_while(|&c| c != ']').collect();
                let name = inside.strip_prefix("name=").map(|name| name.trim_matches(['"', '\'']));
                steps.push(match (name, inside.parse()) {
                    (Some(name), _) => Step::Key(name.to_owned()),
                    (None, Ok(index)) => Step::Index(index),
                    _ => return refuse("an element of a list is [3] or [name=NAME]"),
                });
                after_bracket = true;
            }
            '.' | '=' => {
                if !word.is_empty() {
                    steps.push(Step::Key(std::mem::take(&mut word)));
                } else if !after_bracket {
                    return refuse("the path has an empty step");
                }
                after_bracket = false;
                if c == '=' {
                    return Ok((steps, at + 1));
                }
            }
            ' ' => {}
            _ => word.push(c),
        }
    }
    refuse("there is no `=`")
}

fn place(node: &mut Node, steps: &[Step], value: Node, key_origin: Origin) -> Result<(), Refusal> {
    let Some((step, rest)) = steps.split_first() else {
        node.overlay(value);
        return Ok(());
    };
    match (&mut node.value, step) {
        (Value::Array(items), step) => {
            let index = element(items, step)?;
            place(&mut items[index], rest, value, key_origin)
        }
        (Value::Table(table), Step::Key(key)) => {
            table.entries.retain(|entry| super::instead_of(key) != Some(entry.key.as_str()));
            if table.get(key).is_none() {
                let empty = Node { value: Value::Table(Table::default()), origin: key_origin };
                table.entries.push(Entry { key: key.clone(), key_origin, node: empty });
            }
            match table.get_mut(key) {
                Some(inner) if rest.is_empty() && super::replaces_whole(key) => *inner = value,
                Some(inner) => return place(inner, rest, value, key_origin),
                None => {}
            }
            Ok(())
        }
        _ => Err((
            format!("the path leads into {}, which has nothing inside", node.kind()),
            "name a setting as it is written in the file, table by table".to_owned(),
        )),
    }
}

fn element(items: &[Node], step: &Step) -> Result<usize, Refusal> {
    let by_number = |index: usize| (index < items.len()).then_some(index);
    let found = match step {
        Step::Index(index) => by_number(*index),
        Step::Key(name) => items
            .iter()
            .position(|item| item.name() == Some(name))
            .or_else(|| name.parse().ok().and_then(by_number)),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = items.iter().filter_map(Node::name).take(8).collect();
        let wanted = match step {
            Step::Index(index) => format!("number {index}"),
            Step::Key(name) => format!("`{name}`"),
        };
        let known = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        let meant = match step {
            Step::Key(name) => nearest(name, items.iter().filter_map(Node::name)),
            Step::Index(_) => None,
        };
        let remedy = match (meant, items.len()) {
            (Some(meant), _) => format!("did you mean `{meant}`?"),
            (None, 1) => format!("it has 1 element{known}, counted from 0"),
            (None, many) => format!("it has {many} elements{known}, counted from 0"),
        };
        (format!("the list has no element {wanted}"), remedy)
    })
}
