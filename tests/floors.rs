//! The house stands on floors: a module imports only what ARCHITECTURE.md allows it, and only from below.
//!
//! The table of allowed imports is the one in ARCHITECTURE.md; it is read from there, so it cannot say anything else.
//! Every `crate::` in `src/` outside of comments is held against it, tests inside of modules included.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const HOUSE: &str = include_str!("../ARCHITECTURE.md");
const ROOT: &str = include_str!("../src/lib.rs");

/// Modules from the ground up, each with those it may import.
fn table() -> Vec<(String, BTreeSet<String>)> {
    let (_, rest) = HOUSE.split_once("<!-- imports -->").expect("the table begins with <!-- imports -->");
    let (table, _) = rest.split_once("<!-- /imports -->").expect("the table ends with <!-- /imports -->");
    let names =
        |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [_, module, imports, _] = cells[..] else { panic!("four cells are wanted in `{row}`") };
        (names(module).concat(), names(imports).into_iter().collect())
    })
    .collect()
}

/// The modules that `lib.rs` declares.
fn declared() -> BTreeSet<String> {
    let declaration = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    ROOT.lines().filter_map(declaration).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The top modules that a text names by `crate::x` or `crate::{x, y}`, comments left out.
fn imports(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for (at, mark) in code.match_indices("crate::") {
        let rest = &code[at + mark.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(first_words(group)),
            None => found.extend(word(rest)),
        }
    }
    found
}

/// The first word of each path in `a::b, c::{d, e}, f}`.
fn first_words(group: &str) -> Vec<String> {
    let (mut depth, mut words, mut wanted) = (0, Vec::new(), true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => wanted = true,
            _ if wanted && depth == 0 && !character.is_whitespace() => {
                words.extend(word(&group[at..]));
                wanted = false;
            }
            _ => {}
        }
    }
    words
}

fn word(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// What each top module imports, with the file that does it.
fn imported() -> BTreeMap<(String, String), PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let mut all = BTreeMap::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let first = inside.iter().next().unwrap().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first).to_owned();
        for import in imports(&std::fs::read_to_string(&file).unwrap()) {
            all.entry((module.clone(), import)).or_insert_with(|| inside.to_owned());
        }
    }
    all
}

#[test]
fn every_module_is_in_the_table_once() {
    let rows: Vec<String> = table().into_iter().map(|(module, _)| module).collect();
    let once: BTreeSet<String> = rows.iter().cloned().collect();
    assert_eq!((rows.len(), &once), (once.len(), &declared()));
}

/// So there is no cycle.
#[test]
fn a_module_may_import_only_what_stands_below_it() {
    let mut below = BTreeSet::new();
    for (module, allowed) in table() {
        let above: Vec<_> = allowed.difference(&below).collect();
        assert!(above.is_empty(), "{module} may not import {above:?}: they do not stand below it");
        below.insert(module);
    }
}

#[test]
fn the_two_wings_have_no_door_and_the_ground_is_bare() {
    let table: BTreeMap<_, _> = table().into_iter().collect();
    assert!(!table["control"].contains("environment") && !table["environment"].contains("control"));
    for ground in ["time", "tally", "analysis", "files"] {
        assert!(table[ground].is_empty(), "{ground} knows nothing of ours");
    }
}

#[test]
fn no_module_imports_anything_else() {
    let table: BTreeMap<_, _> = table().into_iter().collect();
    let (modules, mut wrong) = (declared(), Vec::new());
    for ((module, import), file) in imported() {
        let allowed = table.get(&module).is_some_and(|allowed| allowed.contains(&import));
        if module != import && !allowed && modules.contains(&import) {
            wrong.push(format!("src/{}: {module} imports {import}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "not in the table of ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_wherever_they_stand() {
    let text = "use crate::{fleet::{Group, Slot}, time,\n    random::Streams};\n// crate::cli\nlet x = crate::files::y();";
    assert_eq!(imports(text).into_iter().collect::<Vec<_>>(), ["files", "fleet", "random", "time"]);
}
