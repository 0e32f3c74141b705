//! Small scenarios for the command: one kind of connector that carries 342.1 Mbps at 70 % (500 Mbps, 5 % idle, so
//! 500·65/95), one site, no chance unless a test adds some.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::commands::{fleetcast, rows, said};

const BASE: &str = r#"
name = "case"
start = "2026-01-05T00:00:00+00:00[UTC]"
horizon = "28d"
replications = 20
[instances.medium]
capacity_mbps = 500.0
idle_cpu_percent = 5.0
cost_per_hour = 0.1
boot = { dist = "constant", value = "1m" }
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
"#;

/// A plan that was asked for.
pub(crate) struct Planned {
    pub(crate) home: TempDir,
    output: Output,
}

/// A folder with the case, `more` in its file.
pub(crate) fn case(more: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("case.toml"), format!("{BASE}{more}")).unwrap();
    home
}

/// Plans the case with `more` in its file.
pub(crate) fn plan(more: &str, arguments: &[&str]) -> Planned {
    let home = case(more);
    let output = again(home.path(), arguments);
    Planned { home, output }
}

/// Plans what is in `home` again.
pub(crate) fn again(home: &Path, arguments: &[&str]) -> Output {
    fleetcast(home, ["plan", "case.toml", "--out", "out"].iter().chain(arguments).copied())
}

impl Planned {
    /// Its exit code.
    pub(crate) fn code(&self) -> i32 {
        crate::commands::code(&self.output)
    }

    /// What it said on both streams.
    pub(crate) fn said(&self) -> String {
        said(&self.output)
    }

    /// A row of plan.csv for each group, by column.
    pub(crate) fn groups(&self) -> Vec<BTreeMap<String, String>> {
        let mut rows = rows(&self.home.path().join("out/plan.csv")).into_iter();
        let header = rows.next().unwrap();
        rows.map(|row| header.iter().cloned().zip(row).collect()).collect()
    }

    /// A column of plan.csv.
    pub(crate) fn column(&self, name: &str) -> Vec<String> {
        self.groups().iter().map(|group| group[name].clone()).collect()
    }
}
