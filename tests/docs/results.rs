//! `docs/reference/results.md` describes every file of a result folder and every column, in order.

use std::path::Path;

use crate::pages::read;
use crate::snippets::run;

/// The names in the first cells of the table under the heading of `file`.
fn described(page: &str, file: &str) -> Vec<String> {
    let heading = format!("\n## `{file}`\n");
    let start = page.find(&heading).unwrap_or_else(|| panic!("no section for {file}"));
    let section = &page[start + heading.len()..];
    let section = section.find("\n## ").map_or(section, |end| &section[..end]);
    let cell = |row: &str| Some(row.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    section.lines().filter_map(cell).collect()
}

fn header(path: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    // A varied setting has a column of its own name.
    let generic = |name: &str| if name.contains('.') { "PATH" } else { name }.to_owned();
    reader.headers().unwrap().iter().map(generic).collect()
}

/// Every file that a command leaves in a folder is described, and every column of a table in its order.
fn described_whole(command: &str) {
    let page = read("docs/reference/results.md");
    let folder = tempfile::tempdir().unwrap();
    let (code, output) = run(&format!("{command} --quiet --out out"), folder.path());
    assert_eq!(code, 0, "{output}");
    for entry in std::fs::read_dir(folder.path().join("out")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name} is not described");
        if name.ends_with(".csv") {
            assert_eq!(described(&page, name), header(&path), "columns of {name}");
        }
    }
}

#[test]
fn every_file_and_column_is_described_in_order() {
    let scenario = crate::pages::root().join("scenarios/game-day.toml");
    described_whole(&format!("fleetcast run {}", scenario.display()));
}

#[test]
fn those_of_a_sweep_too() {
    let scenario = crate::pages::root().join("scenarios/capacity-what-if.toml");
    let vary = "--vary demand.office.users=1200,2000 --set horizon=7d --replications 2";
    described_whole(&format!("fleetcast sweep {} {vary}", scenario.display()));
}

#[test]
fn those_of_a_comparison_too() {
    let scenario = crate::pages::root().join("scenarios/staggered.toml");
    described_whole(&format!("fleetcast compare {} --set horizon=45d --select 100", scenario.display()));
}
