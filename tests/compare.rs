//! `fleetcast compare` as its users run it: files, verdicts, exit codes.

#![allow(clippy::unwrap_used)]

#[path = "support/commands.rs"]
mod commands;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use commands::{code, contents, rows, said};

/// The vendor's rollout, a copy of it, and one that has to wait.
const SCENARIO: &str = r#"
name = "three"
start = "2026-03-01T00:00:00+01:00[Europe/Berlin]"
horizon = "20d"
replications = 12
seed = 7
[instances.small]
capacity_mbps = 100.0
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
[[fleet.groups]]
name = "app"
count = 12
site = "fra"
connectors = 2
instance = "small"
demand = "office"
[demand.office]
users = 200
mbps_per_user = 0.3
[failures.node]
time_to_failure = { dist = "exponential", mean = "10d" }
time_to_restore = { dist = "exponential", mean = "3h" }
[releases]
dates = ["2026-03-05", "2026-03-12"]
[policies.all]
[policies.copy]
[policies.waves]
upgrade = { max_groups_at_once = 2 }
[outputs]
key_metric = "user_minutes_lost"
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("three.toml"), SCENARIO).unwrap();
    folder
}

fn compare(folder: &Path, more: &[&str]) -> Output {
    commands::fleetcast(folder, ["compare", "three.toml"].into_iter().chain(more.iter().copied()))
}

#[test]
fn threads_do_not_change_a_byte() {
    let folder = folder();
    for threads in ["1", "3"] {
        let output = compare(folder.path(), &["--threads", threads, "--out", threads, "--quiet", "--audit"]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        assert!(said(&output).is_empty(), "{}", said(&output));
    }
    let (one, three) = (contents(&folder.path().join("1")), contents(&folder.path().join("3")));
    assert!(one == three);
    for name in
        ["comparison.csv", "pareto.csv", "comparison.svg", "pareto.svg", "rollouts.svg", "metrics.csv"]
    {
        assert!(one.contains_key(name), "{name}");
    }
}

/// Under common random numbers a policy that does the same is the same, and what `run` simulates is what is compared.
#[test]
fn equal_policies_are_the_same_and_runs_agree() {
    let folder = folder();
    assert_eq!(code(&compare(folder.path(), &["--quiet", "--out", "all"])), 0);
    let comparison = rows(&folder.path().join("all/comparison.csv"));
    for row in comparison.iter().filter(|row| row[0] == "copy" && !row[5].is_empty()) {
        assert_eq!((row[4].as_str(), &row[6..8]), (row[5].as_str(), &["0".to_owned(), "0".to_owned()][..]));
        assert_eq!((row[9].as_str(), row[12].as_str()), ("1", "same"), "{row:?}");
    }
    let p50 = comparison.iter().find(|row| row[0] == "waves" && row[2] == "rollout_p50").unwrap();
    assert_eq!(p50[12], "worse", "{p50:?}");
    let run = ["run", "three.toml", "--policy", "waves", "--quiet", "--out", "one"];
    let run = Command::new(env!("CARGO_BIN_EXE_fleetcast")).current_dir(folder.path()).args(run).output();
    assert_eq!(code(&run.unwrap()), 0);
    for name in ["metrics.csv", "summary.csv", "rollouts.csv", "transitions.csv"] {
        let of_waves: Vec<_> = rows(&folder.path().join("all").join(name))
            .into_iter()
            .filter(|row| row[0] == "waves" || row[0] == "policy")
            .collect();
        assert!(of_waves == rows(&folder.path().join("one").join(name)), "{name}");
    }
}

#[test]
fn the_mean_difference_is_that_of_the_pairs_in_the_file() {
    let folder = folder();
    assert_eq!(code(&compare(folder.path(), &["--quiet", "--out", "out", "--baseline", "waves"])), 0);
    let metrics = rows(&folder.path().join("out/metrics.csv"));
    let lost = |policy: &str| -> Vec<f64> {
        let of = metrics.iter().filter(|row| row[0] == policy && row[2] == "user_minutes_lost");
        of.map(|row| row[4].parse().unwrap()).collect()
    };
    let (all, waves) = (lost("all"), lost("waves"));
    let mean = all.iter().zip(&waves).map(|(a, b)| a - b).sum::<f64>() / 12.0;
    let comparison = rows(&folder.path().join("out/comparison.csv"));
    let row = comparison.iter().find(|row| row[0] == "all" && row[2] == "user_minutes_lost").unwrap();
    assert_eq!(row[1], "waves");
    let difference: f64 = row[6].parse().unwrap();
    assert!((difference - mean).abs() <= 1e-6 * mean.abs().max(1.0), "{difference} {mean}");
}

#[test]
fn a_precision_adds_replications_and_may_be_missed() {
    let folder = folder();
    let precise = ["--precision", "0.9", "--out", "out", "--format", "json"];
    let output = compare(folder.path(), &precise);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lost = &value["comparison"]["comparisons"][1]["metrics"]["user_minutes_lost"];
    let number = |key: &str| lost[key].as_f64().unwrap();
    assert!(number("half_width") <= 0.9 * number("baseline_mean").abs());
    assert!(lost["p_value"].is_null() && number("replications") >= 20.0);
    let output =
        compare(folder.path(), &["--precision", "0.0001", "--max-replications", "30", "--out", "out", "-q"]);
    assert_eq!(code(&output), 4);
    assert!(said(&output).contains("after 30 replications the half-width"), "{}", said(&output));
    assert!(folder.path().join("out/comparison.csv").exists());
}

#[test]
fn the_best_is_selected() {
    let folder = folder();
    let select = ["--select", "0.5", "--set", "outputs.key_metric=rollout_p99", "--out", "out"];
    let output = compare(folder.path(), &select);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("Selected in rollout_p99"), "{}", said(&output));
    let rows = rows(&folder.path().join("out/selection.csv"));
    assert_eq!(rows.iter().filter(|row| row[5] == "true").count(), 1);
    let waves = rows.iter().find(|row| row[0] == "waves").unwrap();
    assert_eq!((waves[3].as_str(), waves[4].as_str(), waves[5].as_str()), ("20", "20", "false"));
    let tiny = ["--select", "0.0001", "--max-replications", "20", "--out", "out", "--quiet"];
    let output = compare(folder.path(), &tiny);
    // `copy` never differs from `all`, but the procedure cannot know that before enough observations.
    assert_eq!(code(&output), 4, "{}", said(&output));
    assert!(said(&output).contains("no policy is selected"), "{}", said(&output));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = folder();
    for (more, what) in [
        (&["--policies", "all,nobody"][..], "no policy `nobody`"),
        (&["--policies", "copy"], "needs two policies"),
        (&["--select", "0"], "above 0"),
        (&["--precision", "0.1", "--set", "outputs.key_metric=exposed_to_bad_release"], "is zero"),
        (
            &["--select", "1", "--set", "releases.dates=[]", "--set", "outputs.key_metric=rollout_p50"],
            "none in",
        ),
        (&["--confidence", "1.5"], "estimates.confidence"),
    ] {
        let output = compare(folder.path(), more);
        assert_eq!(code(&output), 2, "{more:?}: {}", said(&output));
        assert!(said(&output).contains(what), "{more:?}: {}", said(&output));
    }
    assert!(!folder.path().join("results/three/manifest.json").exists());
}
