//! The program as its users run it: commands, files, exit codes.

#![allow(clippy::unwrap_used)]

#[path = "support/commands.rs"]
mod commands;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use commands::{code, contents, said};

fn fleetcast(folder: &Path, arguments: &[&str]) -> Output {
    commands::fleetcast(folder, arguments.iter().copied())
}

/// Every time is constant, so the run can be worked out by hand: see [`transitions_are_those_worked_out_by_hand`].
const BY_HAND: &str = r#"
name = "by-hand"
start = "2026-01-05T00:00:00+00:00[UTC]"
horizon = "2d"
replications = 1
initial = "fresh"
[instances.small]
capacity_mbps = 100.0
boot = { dist = "constant", value = "10m" }
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
[[fleet.groups]]
name = "app"
site = "fra"
connectors = 2
instance = "small"
demand = "none"
[demand.none]
users = 0
mbps_per_user = 1.0
[failures.link]
scope = "connector"
schedule = [
  { at = "2026-01-05T01:05:00", for = "30m", where = { connector = "app/1" } },
  { at = "2026-01-05T23:00:00", for = "2h", where = { connector = "app/0" } },
]
[validation]
period = "7d"
phase = { dist = "constant", value = "24h" }
[releases]
dates = ["2026-01-05T01:00:00"]
fails = [{ release = 1, connector = "app/0", attempts = 1 }]
[updates]
duration = { dist = "constant", value = "10m" }
[policies.vendor-default]
upgrade = { preset = "vendor-default", backoff = { first = "1h", factor = 2.0, max = "24h" } }
repair = { after = { dist = "constant", value = "1h" } }
replacement = { after = { dist = "constant", value = "6h" } }
"#;

/// Two sites, failures, updates and load, small enough to run in a moment.
const SMALL: &str = r#"
name = "small"
start = "2026-03-01T00:00:00+01:00[Europe/Berlin]"
horizon = "60d"
replications = 12
seed = 7
[instances.small]
capacity_mbps = 100.0
idle_cpu_percent = 4.0
cost_per_hour = 0.1
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
time_zone = "Europe/Berlin"
[[fleet.sites]]
name = "lis"
region = "eu"
time_zone = "Europe/Lisbon"
[[fleet.groups]]
name = "app"
count = 40
site = ["fra", "lis"]
connectors = 3
instance = "small"
demand = "office"
[demand.office]
users = 700
mbps_per_user = 0.25
profile = { preset = "office-week" }
noise = { sigma = 0.2, phi = 0.95 }
[failures.node]
scope = "connector"
time_to_failure = { dist = "weibull", mean = "20d", shape = 0.7 }
time_to_restore = { dist = "lognormal", mean = "6h", cv = 2.0 }
needs_operator = 0.3
[failures.power]
scope = "site"
time_to_failure = { dist = "exponential", mean = "60d" }
time_to_restore = { dist = "lognormal", mean = "5h", cv = 1.5 }
[validation]
period = "14d"
[releases]
every = { dist = "exponential", mean = "15d" }
bad = { probability = 0.3, failure_multiplier = 20.0, cpu_multiplier = 1.5, update_failure_multiplier = 3.0 }
[updates]
duration = { dist = "triangular", min = "4m", mode = "8m", max = "15m" }
transient_failure = 0.05
[outputs]
transitions = { replications = [0, 11], groups = "all" }
"#;

fn folder_with(name: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    folder
}

/// At 1:00 slot 0 begins its update; at 1:05 slot 1 loses its link. At 1:10 the first attempt of slot 0 fails, as the
/// scenario says, and halts the group for an hour. Slot 1 is back at 1:35. At 2:10 slot 0 is tried again and succeeds
/// at 2:20, then slot 1 until 2:30. At 23:00 slot 0 loses its link; its renewal at 24:00 finds it so: it expires. Six
/// hours later, at 30:00, its replacement begins to deploy, and ten minutes later it serves, on release 1.
#[test]
fn transitions_are_those_worked_out_by_hand() {
    let folder = folder_with("by-hand.toml", BY_HAND);
    let run = fleetcast(folder.path(), &["run", "by-hand.toml", "--audit"]);
    assert_eq!(code(&run), 0, "{}", said(&run));
    let rows = fs::read_to_string(folder.path().join("results/by-hand/transitions.csv")).unwrap();
    let expected = "\
policy,replication,time_s,time,region,site,group,slot,from,to,cause,agent,image
vendor-default,0,0,2026-01-05T00:00:00Z,eu,fra,app,0,,Connected,,0,0
vendor-default,0,0,2026-01-05T00:00:00Z,eu,fra,app,1,,Connected,,0,0
vendor-default,0,3600,2026-01-05T01:00:00Z,eu,fra,app,0,Connected,Updating,update,0,0
vendor-default,0,3900,2026-01-05T01:05:00Z,eu,fra,app,1,Connected,Disconnected,link,0,0
vendor-default,0,4200,2026-01-05T01:10:00Z,eu,fra,app,0,Updating,Connected,,0,0
vendor-default,0,5700,2026-01-05T01:35:00Z,eu,fra,app,1,Disconnected,Connected,,0,0
vendor-default,0,7800,2026-01-05T02:10:00Z,eu,fra,app,0,Connected,Updating,update,0,0
vendor-default,0,8400,2026-01-05T02:20:00Z,eu,fra,app,0,Updating,Connected,,1,0
vendor-default,0,8400,2026-01-05T02:20:00Z,eu,fra,app,1,Connected,Updating,update,0,0
vendor-default,0,9000,2026-01-05T02:30:00Z,eu,fra,app,1,Updating,Connected,,1,0
vendor-default,0,82800,2026-01-05T23:00:00Z,eu,fra,app,0,Connected,Disconnected,link,1,0
vendor-default,0,86400,2026-01-06T00:00:00Z,eu,fra,app,0,Disconnected,Expired,expired,1,0
vendor-default,0,108000,2026-01-06T06:00:00Z,eu,fra,app,0,Expired,Deploying,deploying,1,0
vendor-default,0,108600,2026-01-06T06:10:00Z,eu,fra,app,0,Deploying,Connected,,1,0
";
    // The file is ordered by group, then time, so one group's rows are in order of time.
    assert_eq!(rows, expected);
}

#[test]
fn the_same_bytes_come_from_any_number_of_threads_and_from_explain() {
    let folder = folder_with("small.toml", SMALL);
    for threads in ["1", "2", "7"] {
        let run = fleetcast(
            folder.path(),
            &["run", "small.toml", "--threads", threads, "--out", threads, "--quiet"],
        );
        assert_eq!(code(&run), 0, "{}", said(&run));
    }
    let first = contents(&folder.path().join("1"));
    assert!(first.iter().any(|(name, _)| name == "manifest.json") && first.len() > 8);
    assert!(first == contents(&folder.path().join("2")) && first == contents(&folder.path().join("7")));

    let explained = fleetcast(folder.path(), &["explain", "small.toml"]);
    fs::write(folder.path().join("explained.toml"), &explained.stdout).unwrap();
    let run = fleetcast(folder.path(), &["run", "explained.toml", "--out", "again", "--quiet"]);
    assert_eq!(code(&run), 0, "{}", said(&run));
    assert!(first == contents(&folder.path().join("again")));
}

#[test]
fn a_coupled_run_gives_the_same_bytes_and_replays() {
    let coupled = SMALL.replace("replications = 12", "replications = 3").replace("[0, 11]", "[0]")
        + "[policies.staggered]\nupgrade = { preset = \"vendor-default\", max_groups_at_once = 3 }\n";
    let folder = folder_with("small.toml", &coupled);
    for threads in ["1", "2"] {
        let run = fleetcast(
            folder.path(),
            &["run", "small.toml", "--threads", threads, "--out", threads, "--audit"],
        );
        assert_eq!(code(&run), 0, "{}", said(&run));
    }
    assert!(contents(&folder.path().join("1")) == contents(&folder.path().join("2")));
    let life = fleetcast(folder.path(), &["replay", "1", "--replication", "2", "--connector", "app-007/1"]);
    assert_eq!(code(&life), 0, "{}", said(&life));
    assert!(said(&life).contains("Updating"), "{}", said(&life));
}

/// What replay says of a replication that was written agrees with its rows.
#[test]
fn replay_tells_what_was_written() {
    let folder = folder_with("small.toml", SMALL);
    let run = fleetcast(folder.path(), &["run", "small.toml", "--out", "out", "--quiet"]);
    assert_eq!(code(&run), 0, "{}", said(&run));
    let rows = fs::read_to_string(folder.path().join("out/transitions.csv")).unwrap();
    let written =
        rows.lines().filter(|row| row.starts_with("vendor-default,11,") && row.contains(",app-003,2,"));
    let life =
        fleetcast(folder.path(), &["replay", "out", "--replication", "11", "--connector", "app-003/2"]);
    let told = said(&life);
    let updates = written.filter(|row| row.contains(",Connected,Updating,")).count();
    let told_updates =
        told.lines().filter(|line| line.contains("Connected") && line.contains("Updating")).count();
    assert!(updates > 0 && told_updates >= updates, "{updates} written, {told_updates} told:\n{told}");
}

#[test]
fn errors_have_their_exit_codes_and_leave_earlier_results_alone() {
    let folder = folder_with(
        "small.toml",
        &SMALL.replace("replications = 12", "replications = 1").replace(", 11", ""),
    );
    let at = folder.path();
    let expect = |arguments: &[&str], wanted: i32, text: &str| {
        let output = fleetcast(at, arguments);
        assert_eq!(code(&output), wanted, "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(text), "{arguments:?} should say {text:?}: {}", said(&output));
    };
    expect(&["run", "small.toml", "--out", "out"], 0, "availability");
    let before = contents(&at.join("out"));
    expect(&["run", "missing.toml"], 2, "missing.toml");
    expect(&["run", "."], 2, "");
    expect(&["run", "small.toml", "--set", "horizonn=\"1d\"", "--out", "out"], 2, "horizon");
    expect(&["run", "small.toml", "--policy", "rings", "--out", "out"], 2, "rings");
    expect(&["run", "small.toml", "--set", "name=\"other\"", "--out", "out"], 3, "out");
    fs::write(at.join("file"), "").unwrap();
    expect(&["run", "small.toml", "--out", "file"], 3, "file");
    expect(
        &["run", "small.toml", "--out", "p", "--precision", "0.000001", "--max-replications", "20"],
        4,
        "half-width",
    );
    expect(&["replay", "nowhere", "--group", "app-000"], 3, "nowhere");
    expect(&["replay", "out", "--group", "app-999"], 2, "app-999");
    expect(&["replay", "out", "--connector", "app-000/9"], 2, "app-000");
    expect(&["run", "small.toml", "--seed", "-1"], 2, "a seed is a whole number from 0 to");
    expect(&["frobnicate"], 2, "frobnicate");
    assert!(contents(&at.join("out")) == before);
}

/// A scenario with a trace and measured durations, printed here or kept with results, can be simulated where it is.
#[test]
fn explained_scenarios_and_those_of_results_work_where_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir_all(at.join("plans/data")).unwrap();
    fs::write(at.join("plans/data/load.csv"), "time_s,mbps\n0,1\n3600,2\n").unwrap();
    fs::write(at.join("plans/data/restore.csv"), "restore_s\n600\n1200\n").unwrap();
    let absolute = at.join("plans/data/restore.csv").display().to_string();
    let traced = BY_HAND.replace("users = 0\n", "trace = { file = \"data/load.csv\", repeat = true }\n");
    let files = traced
        + "[failures.node]\nscope = \"connector\"\ntime_to_failure = { dist = \"exponential\", mean = \"1d\" }\n\
           time_to_restore = { dist = \"empirical\", file = \"ABSOLUTE\", column = \"restore_s\" }\n";
    fs::write(at.join("plans/files.toml"), files.replace("ABSOLUTE", &absolute)).unwrap();
    let run = |here: &Path, arguments: &[&str]| {
        let output = fleetcast(here, arguments);
        assert_eq!(code(&output), 0, "{arguments:?}: {}", said(&output));
        output
    };
    run(at, &["run", "plans/files.toml", "--out", "out", "--quiet"]);
    let read = |path: &str| fs::read_to_string(at.join(path)).unwrap();
    for name in ["out/manifest.json", "out/scenario.toml"] {
        assert!(!read(name).contains(&at.display().to_string()), "{}", read(name));
    }
    assert!(read("out/manifest.json").contains("\"file\": \"restore.csv\""), "{}", read("out/manifest.json"));

    let explained = run(at, &["explain", "plans/files.toml"]);
    assert!(said(&explained).contains("\"plans/data/load.csv\""), "{}", said(&explained));
    fs::write(at.join("explained.toml"), &explained.stdout).unwrap();
    run(at, &["run", "explained.toml", "--out", "again", "--quiet"]);
    fs::create_dir(at.join("elsewhere")).unwrap();
    fs::rename(at.join("plans"), at.join("gone")).unwrap();
    fs::copy(at.join("out/scenario.toml"), at.join("elsewhere/scenario.toml")).unwrap();
    run(&at.join("elsewhere"), &["run", "scenario.toml", "--out", "moved", "--quiet"]);
    for name in ["transitions.csv", "metrics.csv", "scenario.toml"] {
        let first = read(&format!("out/{name}"));
        assert_eq!(first, read(&format!("again/{name}")));
        assert_eq!(first, read(&format!("elsewhere/moved/{name}")));
    }
}

/// A group that does not exist brings the nearest that does, never the name of a template.
#[test]
fn errors_of_replay_and_out_say_what_to_type_instead() {
    let one = SMALL.replace("replications = 12", "replications = 1").replace(", 11", "");
    let folder = folder_with("small.toml", &one);
    let at = folder.path();
    assert_eq!(code(&fleetcast(at, &["run", "small.toml", "--out", "out", "--quiet"])), 0);
    let expect = |arguments: &[&str], wanted: i32, text: &str| {
        let output = fleetcast(at, arguments);
        assert_eq!(code(&output), wanted, "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(text), "{arguments:?} should say {text:?}: {}", said(&output));
    };
    expect(&["replay", "out", "--group", "app-17"], 2, "did you mean `app-017`?");
    expect(&["replay", "out", "--group", "app"], 2, "did you mean `app-000`?");
    expect(&["replay", "out", "--connector", "apps-031/1"], 2, "did you mean `app-031`?");
    expect(&["replay", "out", "--connector", "app-031"], 2, "for instance app-031/0");
    fs::write(at.join("file"), "").unwrap();
    expect(
        &["run", "small.toml", "--out", "file"],
        3,
        "a file of this name is in the way, choose another folder",
    );
    expect(&["run", "small.toml", "--out", "file/in"], 3, "a part of the path is a file");
}

/// Of an outage the life of a group tells the change of status, of an update the release.
#[test]
fn the_life_of_a_group_says_nothing_twice() {
    let folder = folder_with("by-hand.toml", BY_HAND);
    assert_eq!(code(&fleetcast(folder.path(), &["run", "by-hand.toml", "--out", "out", "--quiet"])), 0);
    let life = said(&fleetcast(folder.path(), &["replay", "out", "--group", "app"]));
    let told = |time: &str| {
        let line = life.lines().find(|line| line.contains(time)).unwrap_or_else(|| panic!("{time}: {life}"));
        line.split("  ").last().unwrap().trim().to_owned()
    };
    assert_eq!(told("01:05:00"), "slot 1: Connected → Disconnected (link)");
    assert_eq!(told("01:35:00"), "slot 1: Disconnected → Connected");
    assert_eq!(told("02:10:00"), "halt ends; slot 0 updates to release 1");
    assert_eq!(told("02:20:00"), "slot 0 runs release 1; slot 1 updates to release 1");
    assert_eq!(told("01-06 00:00:00"), "slot 0: Disconnected → Expired (expired)");
    assert!(!life.contains("Updating") && !life.contains("fails:") && !life.contains("restored"), "{life}");
}

/// Warnings go to standard error and change neither exit code nor results.
#[test]
fn what_has_no_effect_is_warned_of_and_simulated() {
    let late =
        BY_HAND.replace("dates = [\"2026-01-05T01:00:00\"]", "dates = [\"2026-01-05T01:00:00\", \"3d\"]");
    let folder = folder_with("by-hand.toml", &(late + "[demand.idle]\nusers = 1\n"));
    let line = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    for arguments in [&["check", "by-hand.toml"][..], &["run", "by-hand.toml", "--quiet"]] {
        let output = fleetcast(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{}", said(&output));
        let warned = line(&output);
        assert!(warned.contains("warning: releases.dates[1]: this has no effect"), "{warned}");
        assert!(warned.contains("--> by-hand.toml:34:"), "{warned}");
        assert!(warned.contains("warning: demand.idle: no group uses this"), "{warned}");
        assert!(warned.contains("2 warnings"), "{warned}");
    }
    let json = fleetcast(folder.path(), &["check", "by-hand.toml", "--format", "json"]);
    assert_eq!(code(&json), 0);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json[0]["problems"].as_array().unwrap().len(), 0);
    assert_eq!(
        (&json[0]["warnings"][0]["path"], &json[0]["warnings"][0]["line"]),
        (&"releases.dates[1]".into(), &34.into())
    );
    fs::write(folder.path().join("by-hand.toml"), BY_HAND).unwrap();
    assert_eq!(line(&fleetcast(folder.path(), &["run", "by-hand.toml", "--quiet"])), "");
}

/// While one run writes to a folder another is refused; finished folders hold no lock.
#[test]
fn two_runs_do_not_share_a_folder() {
    let folder = folder_with("by-hand.toml", BY_HAND);
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let lock = fs::File::create(out.join(".fleetcast.lock")).unwrap();
    lock.try_lock().unwrap();
    let arguments = ["run", "by-hand.toml", "--out", "out", "--quiet"];
    let run = fleetcast(folder.path(), &arguments);
    assert_eq!(code(&run), 3, "{}", said(&run));
    assert!(said(&run).contains("another run is writing to out"), "{}", said(&run));
    drop(lock);
    for _ in 0..2 {
        let run = fleetcast(folder.path(), &arguments);
        assert_eq!(code(&run), 0, "{}", said(&run));
        assert!(contents(&out).iter().all(|(name, _)| !name.starts_with('.')));
    }
}

/// A number of replications on the command line gives what the file gives with that number and no precision.
#[test]
fn replications_typed_win_over_the_precision_of_the_file() {
    let precise = format!("{SMALL}\n[estimates]\nprecision = 0.000001\nmax_replications = 400\n");
    let folder = folder_with("precise.toml", &precise);
    fs::write(folder.path().join("fixed.toml"), format!("{SMALL}\n[estimates]\nmax_replications = 400\n"))
        .unwrap();
    for name in ["precise", "fixed"] {
        let scenario = format!("{name}.toml");
        let typed = ["run", &scenario, "--replications", "3", "--seed", "5", "--out", name, "--quiet"];
        let run = fleetcast(folder.path(), &typed);
        assert_eq!(code(&run), 0, "{}", said(&run));
    }
    assert!(contents(&folder.path().join("precise")) == contents(&folder.path().join("fixed")));

    let typed = ["explain", "precise.toml", "--replications", "3", "--seed", "5", "--set", "horizon=30d"];
    let explained = fleetcast(folder.path(), &typed);
    assert_eq!(code(&explained), 0, "{}", said(&explained));
    for text in ["replications = 3\n", "seed = 5\n"] {
        assert!(said(&explained).contains(text), "{}", said(&explained));
    }
    assert!(!said(&explained).contains("\nprecision"), "{}", said(&explained));
    let both = ["run", "fixed.toml", "--replications", "3", "--precision", "0.1"];
    assert_eq!(code(&fleetcast(folder.path(), &both)), 2);
}

/// A pipe that is closed early is no defect.
#[test]
fn a_closed_pipe_is_not_a_panic() {
    let folder = folder_with("by-hand.toml", BY_HAND);
    let mut child = Command::new(env!("CARGO_BIN_EXE_fleetcast"))
        .current_dir(folder.path())
        .args(["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
    assert_ne!(output.status.code(), Some(101));
}

/// An interrupt keeps the replications that are complete and says so.
#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_is_finished() {
    // Ten replications take a fraction of a second, all of them minutes.
    let long = SMALL.replace("replications = 12", "replications = 20000").replace("[0, 11]", "[0]");
    let folder = folder_with("small.toml", &long);
    let out = folder.path().join("out");
    let mut child = Command::new(env!("CARGO_BIN_EXE_fleetcast"))
        .current_dir(folder.path())
        .args(["run", "small.toml", "--out", "out", "--quiet"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(6));
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() && since.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("replications were complete"), "{said}");
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let replications = manifest["replications"].as_u64().unwrap();
    assert!(replications >= 10 && replications.is_multiple_of(10), "{replications}");
    assert!(replications < 20_000, "{replications}");
    assert_eq!(manifest["interrupted"], true);
    // The scenario is the one that was asked for: run again it gives all of them.
    let scenario = fs::read_to_string(out.join("scenario.toml")).unwrap();
    assert!(scenario.contains("replications = 20000\n"), "{scenario}");
    let metrics = fs::read_to_string(out.join("metrics.csv")).unwrap();
    let rows = metrics.lines().filter(|row| row.contains(",availability,")).count();
    assert_eq!(rows as u64, replications);
}

/// Rows of a CSV file without its header, cell by cell.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn sum(rows: &[Vec<String>], column: usize) -> f64 {
    rows.iter().map(|row| row[column].parse::<f64>().unwrap()).sum()
}

#[test]
fn blame_adds_up_to_the_metrics_of_the_run() {
    let folder = folder_with("small.toml", SMALL);
    let run = fleetcast(folder.path(), &["run", "small.toml"]);
    assert_eq!(code(&run), 0, "{}", said(&run));
    assert!(said(&run).contains("charged to"), "{}", said(&run));
    let results = folder.path().join("results/small");
    let (blame, metrics) = (rows(&results.join("blame.csv")), rows(&results.join("metrics.csv")));
    let of = |name: &str| metrics.iter().filter(|row| row[2] == name).cloned().collect::<Vec<_>>();
    // Ten digits are written.
    let near = |a: f64, b: f64| assert!(a > 0.0 && (a / b - 1.0).abs() < 1e-8, "{a} and {b}");
    near(sum(&blame, 4), sum(&of("user_minutes_lost"), 4));
    // 40 groups over 60 days of 24 h, in months of 730 h.
    let months = 40.0 * 60.0 * 24.0 / 730.0;
    near(sum(&blame, 3), sum(&of("overloaded_hours_per_month"), 4) * 60.0 * months);
}

/// Without site power and updates there is no outage of that class and nobody is away for an update; the rest of the
/// causes stay. The scenario of the results is the changed one.
#[test]
fn a_run_without_a_cause_tells_so_and_can_be_repeated() {
    let folder = folder_with("small.toml", SMALL);
    let run = fleetcast(folder.path(), &["run", "small.toml", "--without", "power", "--without", "update"]);
    assert_eq!(code(&run), 0, "{}", said(&run));
    assert!(said(&run).starts_with("small without power, update: "), "{}", said(&run));
    let results = folder.path().join("results/small-without-power-without-update");
    let causes: Vec<String> =
        rows(&results.join("blame.csv")).into_iter().map(|row| row[1].clone()).collect();
    assert!(causes.contains(&"node".to_owned()), "{causes:?}");
    assert!(!causes.iter().any(|cause| cause == "power" || cause == "update"), "{causes:?}");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(results.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["without"], serde_json::json!(["power", "update"]));

    let scenario = results.join("scenario.toml");
    let again = fleetcast(folder.path(), &["run", scenario.to_str().unwrap(), "--out", "again", "--quiet"]);
    assert_eq!(code(&again), 0, "{}", said(&again));
    for name in ["scenario.toml", "metrics.csv", "blame.csv", "transitions.csv"] {
        let same = fs::read(results.join(name)).unwrap()
            == fs::read(folder.path().join("again").join(name)).unwrap();
        assert!(same, "{name}");
    }
}

/// Failures of nodes have the same luck whether or not there is another class: at a site whose connectors never expire,
/// the rows of a run without the site's outages are those of its node failures.
#[test]
fn what_is_left_keeps_its_luck() {
    let folder = folder_with("small.toml", SMALL);
    for (out, more) in [("whole", None), ("part", Some("power"))] {
        let mut arguments = vec!["run", "small.toml", "--quiet", "--out", out, "--without", "expired"];
        arguments.extend(["--without", "update", "--without", "bad_release"]);
        arguments.extend(more.iter().flat_map(|&cause| ["--without", cause]));
        let run = fleetcast(folder.path(), &arguments);
        assert_eq!(code(&run), 0, "{}", said(&run));
    }
    let disconnections = |out: &str| {
        let rows = rows(&folder.path().join(out).join("transitions.csv"));
        let node =
            |row: &&Vec<String>| row[10] == "node" && row[9] == "Disconnected" && row[8] == "Connected";
        rows.iter()
            .filter(node)
            .map(|row| (row[1].clone(), row[2].clone(), row[6].clone(), row[7].clone()))
            .collect()
    };
    let (whole, part): (std::collections::BTreeSet<_>, std::collections::BTreeSet<_>) =
        (disconnections("whole"), disconnections("part"));
    assert!(whole.len() > 100 && whole.is_subset(&part), "{} of {}", whole.len(), part.len());
}

#[test]
fn a_cause_that_is_not_there_cannot_be_taken_away() {
    let folder = folder_with("small.toml", SMALL);
    for (cause, hint) in [("pwer", "did you mean `power`?"), ("deploying", "cannot be taken away by itself")]
    {
        let run = fleetcast(folder.path(), &["run", "small.toml", "--without", cause]);
        assert_eq!(code(&run), 2, "{}", said(&run));
        assert!(said(&run).contains(hint), "{}", said(&run));
        assert!(!folder.path().join("results").exists());
    }
}
