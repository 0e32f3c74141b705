//! `fleetcast sweep` as its users run it: files, the same luck at every point, problems, exit codes.

#![allow(clippy::unwrap_used)]

#[path = "support/commands.rs"]
mod commands;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use commands::{code, contents, rows, said};

const SCENARIO: &str = r#"
name = "what-if"
start = "2026-03-01T00:00:00+01:00[Europe/Berlin]"
horizon = "20d"
replications = 6
seed = 7
[instances.small]
capacity_mbps = 100.0
cost_per_hour = 0.5
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
[[fleet.groups]]
name = "app"
count = 5
site = "fra"
connectors = 2
instance = "small"
demand = "office"
[demand.office]
users = 200
mbps_per_user = 0.3
noise = { sigma = 0.2 }
[failures.node]
time_to_failure = { dist = "exponential", mean = "10d" }
time_to_restore = { dist = "exponential", mean = "3h" }
[releases]
dates = ["2026-03-05", "2026-03-12"]
[policies.all]
[policies.waves]
upgrade = { max_groups_at_once = 2 }
"#;

const VARY: [&str; 4] =
    ["--vary", "demand.office.users=200,400", "--vary", "failures.node.time_to_restore.mean=1h..5h:2h"];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("what-if.toml"), SCENARIO).unwrap();
    folder
}

fn fleetcast(folder: &Path, command: &str, more: &[&str]) -> Output {
    commands::fleetcast(folder, [command, "what-if.toml"].into_iter().chain(more.iter().copied()))
}

fn sweep(folder: &Path, more: &[&str]) -> Output {
    fleetcast(folder, "sweep", &[&VARY, more].concat())
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn threads_do_not_change_a_byte() {
    let folder = folder();
    for threads in ["1", "3"] {
        let output = sweep(folder.path(), &["--threads", threads, "--out", threads, "--quiet"]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        assert!(said(&output).is_empty(), "{}", said(&output));
    }
    let (one, three) = (contents(&folder.path().join("1")), contents(&folder.path().join("3")));
    assert!(one == three);
    let names: Vec<&str> = one.keys().map(String::as_str).collect();
    let files = [
        "effects.csv",
        "interactions.svg",
        "main_effects.svg",
        "manifest.json",
        "scenario.toml",
        "sweep.csv",
    ];
    assert_eq!(names, files);
}

/// The promise behind common random numbers: a point is what `run` gives with the same settings, to the last digit.
#[test]
fn a_point_is_the_run_with_these_settings() {
    let folder = folder();
    assert_eq!(code(&sweep(folder.path(), &["--quiet"])), 0);
    let all = rows(&folder.path().join("results/what-if-sweep/sweep.csv"));
    assert_eq!(
        all[0][..4],
        ["demand.office.users", "failures.node.time_to_restore.mean", "policy", "metric"]
    );
    let at = |users: &str, mean: &str| {
        let mine = all.iter().filter(|row| row[..3] == [users, mean, "waves"]);
        mine.map(|row| row[2..].to_vec()).collect::<Vec<_>>()
    };
    for (users, mean) in [("200", "1h"), ("400", "5h")] {
        let sets =
            [format!("demand.office.users={users}"), format!("failures.node.time_to_restore.mean={mean}")];
        let options = ["--policy", "waves", "--quiet", "--out", "one", "--set", &sets[0], "--set", &sets[1]];
        let output = fleetcast(folder.path(), "run", &options);
        assert_eq!(code(&output), 0, "{}", said(&output));
        let summary = rows(&folder.path().join("one/summary.csv"));
        assert!(summary[1..] == at(users, mean));
    }
}

#[test]
fn points_come_in_order_and_effects_add_up() {
    let folder = folder();
    let output = sweep(folder.path(), &["--policies", "all", "--format", "json"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let points = printed["sweep"]["points"].as_array().unwrap();
    let settings: Vec<String> = points.iter().map(|point| point["settings"].to_string()).collect();
    assert_eq!(settings.len(), 6);
    assert!(settings[1].contains("200") && settings[1].contains("3h") && settings[3].contains("400"));
    let place = folder.path().join("results/what-if-sweep");
    let effects = rows(&place.join("effects.csv"));
    let lost = |place: &str, with: &str| -> Vec<f64> {
        let mine =
            effects.iter().filter(|row| row[1] == "user_minutes_lost" && row[3] == place && row[5] == with);
        mine.map(|row| row[8].parse().unwrap()).collect()
    };
    let (users, mean) = ("demand.office.users", "failures.node.time_to_restore.mean");
    for (effects, count) in [(lost(users, ""), 2), (lost(mean, ""), 3), (lost(users, mean), 6)] {
        assert_eq!(effects.len(), count);
        let size: f64 = effects.iter().map(|effect| effect.abs()).sum();
        assert!(effects.iter().sum::<f64>().abs() <= 1e-8 * size && size > 0.0, "{effects:?}");
    }
    let manifest = manifest(&place);
    assert_eq!((manifest["points"].as_u64(), manifest["varied"][0]["path"].as_str()), (Some(6), Some(users)));
    assert!(manifest.get("interrupted").is_none());
}

#[test]
fn problems_of_all_points_are_reported_before_anything_is_simulated() {
    let folder = folder();
    let options = ["--vary", "fleet.groups.app.connectors=0,2,99", "--vary", "control_period=15m,20x"];
    let output = fleetcast(folder.path(), "sweep", &options);
    let text = said(&output);
    assert_eq!(code(&output), 2, "{text}");
    for words in ["connectors=0", "connectors=99", "20x", "5 of 6 points have problems"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    // What points have in common is said once.
    assert_eq!(text.matches("--> --set").count() + text.matches("::: --set").count(), 3, "{text}");
    assert!(!folder.path().join("results").exists());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let folder = folder();
    let refused = |options: &[&str], words: &str| {
        let output = fleetcast(folder.path(), "sweep", options);
        assert_eq!(code(&output), 2, "{}", said(&output));
        assert!(said(&output).contains(words), "{words}\n{}", said(&output));
    };
    refused(&["--vary", "seed=1..300"], "the sweep has 300 points, and --max-points allows 200");
    refused(&["--vary", "seed=1,2", "--vary", "seed=3"], "--vary seed is there twice");
    refused(&["--vary", "seed"], "there is no path with a `=` behind it");
    let users = "demand.office.users=1,2";
    refused(&["--vary", users, "--policies", "nobody"], "there is no policy `nobody`");
    refused(&["--vary", "demand.office.usres=1,2"], "demand.office.usres");
    refused(&[], "--vary");
    let longer = "policies.wave.upgrade.max_groups_at_once=1,2";
    refused(
        &["--vary", longer],
        "has no `wave` there, and a sweep makes none; did you mean `waves`? it has all, waves",
    );
    refused(&["--vary", "failures.nodes.needs_operator=0,0.3"], "did you mean `node`?");
    refused(&["--vary", "operators.emea.size=1,2"], "it has none");
    refused(&["--vary", "fleet.groups.ap.connectors=2..3"], "help: did you mean `app`?");
    refused(&["--vary", "fleet.groups.app.conectors=2..3"], "help: did you mean `connectors`?");
    refused(&["--vary", "fleet.groups[7].connectors=2..3"], "it has 1 element (app), counted from 0");
}

/// What all points have in common, as the pages promise and the heading says, is not varied.
#[test]
fn settings_of_the_experiment_are_refused_with_the_option_that_sets_them() {
    let folder = folder();
    for (vary, remedy) in [
        ("replications=2,4", "--replications N"),
        ("\"seed\"=1,2", "--seed N"),
        ("horizon=10d,20d", "--set horizon=VALUE"),
        ("start=\"2026-03-01\",\"2026-04-01\"", "--set start=VALUE"),
        ("study=terminating,steady-state", "--set study=VALUE"),
        ("warm_up=0s,1d", "--set warm_up=VALUE"),
        ("truncate=never,mser-5", "--set truncate=VALUE"),
        ("name=a,b", "--set name=VALUE"),
        ("description=a,b", "changes nothing"),
        ("estimates.confidence=0.9,0.99", "--set estimates.confidence=VALUE"),
        ("estimates={ confidence = 0.9 },{ confidence = 0.99 }", "--set estimates=VALUE"),
        ("outputs.key_metric=cost,availability", "--set outputs.key_metric=VALUE"),
        ("outputs.transitions.groups=all", "--set outputs.transitions.groups=VALUE"),
    ] {
        let output = fleetcast(folder.path(), "sweep", &["--vary", vary]);
        let text = said(&output);
        assert!(code(&output) == 2 && text.contains(remedy), "{vary}: {text}");
        assert!(text.contains("--vary ") && !folder.path().join("results").exists(), "{text}");
    }
}

/// How the model begins, how often it is looked at and what is counted as broken is part of the question.
#[test]
fn settings_of_the_model_are_varied() {
    let folder = folder();
    for vary in [
        "initial=equilibrium,fresh",
        "tick=5m,15m",
        "control_period=15m,1h",
        "estimates.objective=0.99,0.999",
        "overload.threshold_percent=60,70",
    ] {
        let output = fleetcast(folder.path(), "sweep", &["--vary", vary, "--replications", "2", "--quiet"]);
        assert_eq!(code(&output), 0, "{vary}: {}", said(&output));
    }
}

/// Fault domains change nothing where no failure is of their scope.
#[test]
fn a_response_that_does_not_change_has_no_sign() {
    let folder = folder();
    let vary = ["--vary", "fleet.sites.fra.fault_domains=1,2,3", "--policies", "all"];
    let text = said(&fleetcast(folder.path(), "sweep", &vary));
    assert!(text.contains("main_effects.svg") && !text.contains("-0"), "{text}");
    let json = said(&fleetcast(folder.path(), "sweep", &[&vary[..], &["--format", "json"]].concat()));
    assert!(!json.contains("-0.0"), "{json}");
    let effects = fs::read_to_string(folder.path().join("results/what-if-sweep/effects.csv")).unwrap();
    assert!(!effects.contains(",-0,") && effects.lines().count() > 3, "{effects}");
}

#[test]
fn a_sweep_is_not_replayed() {
    let folder = folder();
    assert_eq!(code(&sweep(folder.path(), &["--quiet"])), 0);
    let output = Command::new(env!("CARGO_BIN_EXE_fleetcast"))
        .current_dir(folder.path())
        .args(["replay", "results/what-if-sweep", "--group", "app-000"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("holds a sweep"), "{}", said(&output));
}

/// An interrupt keeps the first points and says so.
#[test]
#[cfg(unix)]
fn an_interrupt_keeps_the_points_that_are_finished() {
    let folder = folder();
    let options = [
        "sweep",
        "what-if.toml",
        "--vary",
        "demand.office.users=1..2000",
        "--max-points",
        "2000",
        "--threads",
        "1",
    ];
    let child = Command::new(env!("CARGO_BIN_EXE_fleetcast"))
        .current_dir(folder.path())
        .args(options)
        .args(["--set", "horizon=200d", "--out", "out"])
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // All points are checked first; the folder is made when the first begins.
    let begun = Instant::now();
    while !folder.path().join("out").exists() && begun.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(700));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", said(&output));
    assert!(said(&output).contains("of 2000 points were complete"), "{}", said(&output));
    let out = folder.path().join("out");
    let manifest = manifest(&out);
    let points = manifest["points"].as_u64().unwrap();
    assert_eq!(manifest["interrupted"], true);
    let table = rows(&out.join("sweep.csv"));
    let mut users: Vec<u64> = table[1..].iter().map(|row| row[0].parse().unwrap()).collect();
    users.dedup();
    assert_eq!(users, (1..=points).collect::<Vec<_>>());
    assert!(!out.join("effects.csv").exists(), "effects need every point");
    assert!(
        !out.join("main_effects.svg").exists() && !said(&output).contains("main_effects"),
        "{}",
        said(&output)
    );
}
