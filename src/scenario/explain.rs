//! Writes TOML for people: sections for what is a table of the scenario, the rest on one line each.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::document::path::quoted;

/// Longest line a table may take before it becomes a section.
const WIDTH: usize = 110;

/// The whole document.
pub(super) fn document(root: &Value) -> String {
    let mut text = String::new();
    if let Value::Table(table) = root {
        section(&mut text, "", table);
    }
    text
}

/// A value on one line.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::Table(table) if table.is_empty() => "{}".to_owned(),
        Value::Table(table) => {
            let pairs: Vec<String> =
                table.iter().map(|(key, value)| format!("{} = {}", quoted(key), inline(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn section(text: &mut String, name: &str, table: &Table) {
    let (sections, lines): (Vec<_>, Vec<_>) =
        table.iter().partition(|(key, value)| is_section(name, key, value));
    for (key, value) in lines {
        line(text, key, value);
    }
    for (key, value) in sections {
        let path = if name.is_empty() { quoted(key) } else { format!("{name}.{}", quoted(key)) };
        match value {
            Value::Table(inner) => {
                let only_sections =
                    !inner.is_empty() && inner.iter().all(|(key, value)| is_section(&path, key, value));
                if !only_sections {
                    let _ = write!(text, "\n[{path}]\n");
                }
                section(text, &path, inner);
            }
            Value::Array(items) => {
                for item in items {
                    let _ = write!(text, "\n[[{path}]]\n");
                    if let Value::Table(inner) = item {
                        inner.iter().for_each(|(key, value)| line(text, key, value));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Tables of the root and of its named tables are sections, and so is what does not fit a line.
fn is_section(name: &str, key: &str, value: &Value) -> bool {
    match value {
        Value::Table(table) => {
            let shallow = name.is_empty() || matches!(name, "instances" | "demand" | "failures" | "policies");
            shallow || table.contains_key("preset") && inline(value).len() > WIDTH
        }
        Value::Array(items) => name == "fleet" && !items.is_empty() && key != "import",
        _ => false,
    }
}

fn line(text: &mut String, key: &str, value: &Value) {
    let _ = writeln!(text, "{} = {}", quoted(key), inline(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "a = 1\nb = \"x\\ny\"\n\n[failures.\"od d\"]\nf = { dist = \"constant\", value = 1.0 }\ne = {}\n\n\
                    [policies.p]\n\n[[fleet.groups]]\nname = \"g\"\nlist = [1, 2]\n";
        let value: Value = toml::from_str::<Table>(text).map(Value::Table).unwrap();
        let written = document(&value);
        assert_eq!(toml::from_str::<Table>(&written).map(Value::Table).unwrap(), value, "{written}");
        assert_eq!(document(&toml::from_str::<Table>(&written).map(Value::Table).unwrap()), written);
    }
}
