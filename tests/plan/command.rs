//! The command: its files, its exit codes, and the same bytes on any number of threads.

use std::path::Path;
use std::process::{Command, Output};

use fleetcast::environment::demand::level::Level;
use fleetcast::recording::tally::Tallier;
use fleetcast::scenario;
use fleetcast::simulation::run::Replication;

use crate::commands::contents;

fn scenario_file() -> String {
    format!("{}/scenarios/capacity-plan.toml", env!("CARGO_MANIFEST_DIR"))
}

/// Plans a quick version of the shipped scenario in `folder`.
fn plan(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetcast"));
    command.current_dir(folder).arg("plan").arg(scenario_file());
    let quick = ["--replications", "6", "--set", "horizon=90d", "--sensitivity", "5", "--quiet"];
    command.args(quick).args(more).output().unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_same_bytes_come_from_any_number_of_threads() {
    let home = tempfile::tempdir().unwrap();
    for policy in ["vendor-default", "two-technicians"] {
        let of = |threads: &str| {
            let out = format!("{policy}-{threads}");
            let target = ["--target", "overloaded_hours_per_month<=3", "--target", "group_availability>=0.9"];
            let more = ["--policy", policy, "--threads", threads, "--out", &out];
            let done = plan(home.path(), &[&target[..], &more[..]].concat());
            assert!([0, 4].contains(&done.status.code().unwrap()), "{}", error(&done));
            contents(&home.path().join(out))
        };
        let one = of("1");
        assert_eq!(one.len(), 8);
        assert!(one == of("2") && one == of("7"), "{policy}");
    }
}

#[test]
fn the_exit_code_says_whether_the_targets_are_met() {
    let home = tempfile::tempdir().unwrap();
    let with = |target: &str, more: &[&str]| plan(home.path(), &[&["--target", target][..], more].concat());
    assert_eq!(with("overloaded_hours_per_month<=700", &["--sizes", "8"]).status.code(), Some(0));
    let short = with("overloaded_hours_per_month<=1", &["--sizes", "1"]);
    assert_eq!(short.status.code(), Some(4));
    assert!(error(&short).contains("without a size that is shown to meet the targets; see plan.csv"));
    let plan = std::fs::read_to_string(home.path().join("results/capacity-plan-plan/plan.csv")).unwrap();
    assert!(plan.contains(",unattainable,") && plan.contains("larger sizes were not tried"), "{plan}");
}

#[test]
fn what_cannot_be_planned_is_refused_with_a_remedy() {
    let home = tempfile::tempdir().unwrap();
    for (more, words) in [
        (["--target", "rollout_p99<=5", "--threads", "1"], "a group cannot be held to `rollout_p99`"),
        (["--target", "overloaded_hours<=5", "--threads", "1"], "did you mean `overloaded_share`?"),
        (["--target", "cpu_p99<=70", "--sizes", "9..3"], "write `2..6`"),
        (["--target", "cpu_p99<=70", "--max-connectors", "65"], "from 1 to 64"),
        (["--target", "cpu_p99<=70", "--policy", "x"], "there is no policy `x`"),
    ] {
        let refused = plan(home.path(), &more);
        assert_eq!(refused.status.code(), Some(2), "{more:?}");
        assert!(error(&refused).contains(words), "{}", error(&refused));
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was written");
}

/// A group that is given its demand lives as one that makes it: nothing that is counted differs.
#[test]
fn a_given_demand_changes_nothing() {
    let study = scenario::load(Path::new(&scenario_file()), &["horizon=40d".to_owned()]).unwrap();
    let model = &study.model;
    for group in [0, 25, 39] {
        let replication = Replication::new(model, 0, 3, Level::new());
        let tallier = || Tallier::new(model, group, 0.999, Level::new());
        let made = replication.run_group(group, tallier()).tally();
        let given = replication.run_alone(group, &replication.demand(group), tallier()).tally();
        assert_eq!(format!("{made:?}"), format!("{given:?}"));
    }
}

/// With as many connectors as it has a template is what it was, draws included; slots that are gone are not disabled.
#[test]
fn a_resized_scenario_has_so_many_connectors_in_every_group() {
    let study = scenario::load(Path::new(&scenario_file()), &["horizon=10d".to_owned()]).unwrap();
    let resized = study.with_connectors(3, 0).unwrap();
    assert!(resized.model.fleet.groups.iter().all(|group| group.slots.len() == 3));
    let entity = |study: &scenario::Study| {
        study.model.fleet.groups[30].slots.iter().map(|slot| slot.entity).collect::<Vec<_>>()
    };
    assert_eq!(entity(&study), entity(&resized), "an office has three");
    let templates = study.templates();
    assert_eq!(
        templates.iter().map(|(name, groups)| (name.as_str(), groups.len())).collect::<Vec<_>>(),
        [("branch", 24), ("office", 12), ("campus", 4)]
    );
    let disabled = ["horizon=10d".to_owned(), "fleet.groups.campus.disabled_slots=[0, 5]".to_owned()];
    let study = scenario::load(Path::new(&scenario_file()), &disabled).unwrap();
    let campus = &study.with_connectors(2, 0).unwrap().model.fleet.groups[39];
    assert_eq!(campus.slots.iter().map(|slot| slot.disabled).collect::<Vec<_>>(), [true, false]);
}
