//! Steady-state studies: what is refused, and what is said of their beginning.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use fleetcast::scenario::{self, Problems, Study};

/// A fleet whose expired connectors wait twenty days for a replacement: at 0 nobody waits, so there is a transient.
const SCENARIO: &str = r#"
name = "long-run"
start = "2026-01-05T00:00:00+00:00[UTC]"
horizon = "400d"
study = "steady-state"
replications = 4
[instances.small]
capacity_mbps = 100.0
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
[[fleet.groups]]
name = "app"
count = 200
site = "fra"
connectors = 4
instance = "small"
demand = "flat"
[demand.flat]
users = 1
mbps_per_user = 1.0
[failures.node]
time_to_failure = { dist = "exponential", mean = "40d" }
time_to_restore = { dist = "exponential", mean = "1d" }
[releases]
every = { dist = "exponential", mean = "30d" }
[policies.default]
replacement = { after = { dist = "constant", value = "20d" } }
"#;

fn study(sets: &[&str]) -> Result<Study, Problems> {
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    scenario::read(SCENARIO, "long-run.toml", Path::new("scenarios"), &sets)
}

#[test]
fn what_has_no_long_run_is_refused_with_its_place() {
    assert!(study(&[]).unwrap().is_steady_state);
    let again = "failures.node.schedule=[{ at = \"3d\", for = \"1h\", every = \"4w\" }]";
    assert!(study(&[again]).is_ok());
    for (set, path) in [
        ("initial=fresh", "initial"),
        ("demand.flat.growth_per_year=0.1", "demand.flat.growth_per_year"),
        ("demand.flat.events=[{ at = \"3d\", for = \"1d\", factor = 2.0 }]", "demand.flat.events"),
        (
            "demand.flat={ mbps_per_user = 1.0, trace = { file = \"data/load.csv\", time = \"time_s\", value = \"mbps\" } }",
            "demand.flat.trace.repeat",
        ),
        ("failures.node.schedule=[{ at = \"3d\", for = \"1h\" }]", "failures.node.schedule"),
        ("images.dates=[\"2026-02-01\"]", "images.dates"),
        ("releases.fails=[{ release = 1, connector = \"app-000/0\", attempts = 1 }]", "releases.fails"),
        (
            "policies.default.upgrade.freeze=[{ from = \"2026-02-01\", to = \"2026-02-02\" }]",
            "policies.default.upgrade.freeze",
        ),
    ] {
        let problems = study(&[set]).unwrap_err();
        let found =
            problems.iter().any(|of| of.path.starts_with(path) && of.message.contains("steady-state study"));
        assert!(found, "{set}: {problems}");
    }
    let dated =
        SCENARIO.replace("every = { dist = \"exponential\", mean = \"30d\" }", "dates = [\"2026-02-01\"]");
    let problems = scenario::read(&dated, "long-run.toml", Path::new(""), &[]).unwrap_err();
    assert!(problems.to_string().contains("no dated releases"), "{problems}");
    assert!(study(&["study=terminating", "demand.flat.growth_per_year=0.1"]).is_ok());
}

/// By hand: a connector is down 1 of 41 days and so meets its renewal, every 35 days, down with probability 1/41. It is
/// then gone for twenty days: at first nobody is, in the long run 20/(35·41 + 20) = 1.37 % of the slots are. The
/// transient lasts twenty days and lifts the mean of 400 days by about 1.37·10/400 = 0.03 points. Of a hundred other seeds
/// one broke these bounds; the seed is fixed.
#[test]
fn the_transient_of_replacements_is_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("long-run.toml"), SCENARIO).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fleetcast"))
        .current_dir(folder.path())
        .args(["run", "long-run.toml"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("Steady state: MSER-5 would cut the first"), "{text}");
    let table = std::fs::read_to_string(folder.path().join("results/long-run/warm_up.csv")).unwrap();
    let row: Vec<&str> = table.lines().nth(1).unwrap().split(',').collect();
    let number = |at: usize| row[at].parse::<f64>().unwrap();
    assert_eq!((row[0], number(1), row[4]), ("default", 1_920.0, "true"));
    assert!(number(3) >= 24.0, "{} h", number(3));
    let lifted = 100.0 * (number(5) - number(6));
    assert!((-0.02..0.1).contains(&lifted), "{lifted} points");
}
