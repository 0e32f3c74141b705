//! Fleets whose groups share a crew of one: sized alone, verified together, raised, or given up.
//!
//! A connector fails after 100 h of service in the mean and needs the crew's one member for a constant time. Alone its group
//! is up for about 100 of 100 + work hours. Together, however many connectors there are, at most 1/work of them are repaired
//! an hour, and as many fail: of N connectors at most 100/work are up in the mean.

use crate::cases::{Planned, plan};

fn fleet(groups: usize, work: &str, replications: usize, arguments: &[&str]) -> Planned {
    let scenario = format!(
        "[demand.flat]\nusers = 1\nmbps_per_user = 1.0\n[[fleet.groups]]\nname = \"app\"\ncount = {groups}\nsite = \"fra\"\n\
         connectors = 1\ninstance = \"medium\"\ndemand = \"flat\"\n\
         [failures.node]\nscope = \"connector\"\ntime_to_failure = {{ dist = \"exponential\", mean = \"100h\" }}\n\
         time_to_restore = {{ dist = \"constant\", value = \"1h\" }}\nneeds_operator = 1.0\n\
         [policies.shared]\nrepair = {{ crew = \"one\" }}\n\
         [operators.one]\nsize = 1\nresponse = {{ dist = \"constant\", value = \"1ms\" }}\n\
         work = {{ repair = {{ dist = \"constant\", value = \"{work}\" }} }}\n[validation]\nperiod = \"1000d\"\n"
    );
    let replications = replications.to_string();
    plan(
        &scenario,
        &[&["--replications", replications.as_str(), "--set", "horizon=365d"][..], arguments].concat(),
    )
}

/// Eight machines and work of 8 h: alone 100/108.3 = 0.923, a quarter of an hour for control periods. Together each waits for the
/// others. By Palm's model of machine interference, with work that is exponential the crew is idle for p₀ = 1/Σ 8!/(8−k)!·0.08ᵏ = 1/2.267 of the
/// time and (1 − p₀)·100/(8·8) = 0.873 of the connectors are up, which are 100 of 114.5 h, 6.5 of them waiting. Constant work has about half of
/// that wait: 100 of 111.5 h, 0.897, below 0.91 as well. With two each at most 12.5 of 16 are up, and the crew hardly rests: both
/// are out for about (1 − 12.5/16)² = 0.05 of the time.
#[test]
fn a_fleet_is_raised_where_a_group_alone_would_do() {
    let planned = fleet(8, "8h", 20, &["--target", "group_availability>=0.91"]);
    assert_eq!(planned.code(), 0, "{}", planned.said());
    assert_eq!(planned.column("connectors"), ["2"; 8]);
    assert_eq!(
        (planned.column("raised"), planned.column("fleet")),
        (vec!["1".into(); 8], vec!["met".into(); 8])
    );
    let reason = &planned.column("reason")[0];
    assert_eq!(reason, "the whole fleet needs 1 more than the group alone");
    assert!(
        planned.said().contains("8 groups raised in 2 rounds; every target is met"),
        "{}",
        planned.said()
    );
    for value in planned.column("value") {
        let value: f64 = value.parse().unwrap();
        assert!((0.91..0.98).contains(&value), "what is told is of the whole fleet: {value}");
    }
}

/// Twelve machines and work of 10 h, so that at most 10 connectors are up however many there are: with k each at most 10/(12·k) are, and
/// somebody of a group for at most 1 − (1 − 10/12/k)ᵏ if they fail independently, 0.83, 0.66, 0.62, … Alone one is up for 100/110 of the time.
#[test]
fn a_fleet_that_only_gets_worse_does_not_converge() {
    let planned = fleet(12, "10h", 20, &["--target", "group_availability>=0.88", "--set", "horizon=120d"]);
    assert_eq!(planned.code(), 4);
    let said = planned.said();
    assert!(
        said.contains("12 groups raised in 6 rounds; it did not converge: 12 groups not shown to meet"),
        "{said}"
    );
    assert!(
        said.contains("12 of 12 groups without a size: the whole fleet did not converge in 6 rounds"),
        "{said}"
    );
    assert_eq!(
        (planned.column("raised"), planned.column("fleet")),
        (vec!["5".into(); 12], vec!["missed".into(); 12])
    );
    assert_eq!(
        (planned.column("connectors"), planned.column("verdict")),
        (vec![String::new(); 12], vec!["unresolved".into(); 12])
    );
    let reason = &planned.column("reason")[0];
    assert!(reason.starts_with("in the whole fleet group_availability is 0."), "{reason}");
    assert!(reason.contains("with 6 connectors; it did not converge in 6 rounds"), "{reason}");
}

/// One connector may be all: nothing can be raised, so that it ends, and is missed.
#[test]
fn what_may_not_be_raised_is_missed() {
    let planned = fleet(12, "10h", 20, &["--target", "group_availability>=0.88", "--max-connectors", "1"]);
    assert_eq!((planned.code(), planned.column("verdict")), (4, vec!["unattainable".into(); 12]));
    assert!(planned.column("reason")[0].contains("with 1 connector, the most that may be tried"));
    assert!(
        planned.said().contains("0 groups raised in 1 round; 12 groups not shown to meet"),
        "{}",
        planned.said()
    );
}

/// Where no group has a size there is nothing to verify, and nothing is said to be met.
#[test]
fn a_fleet_without_sizes_is_not_verified() {
    let planned = fleet(2, "10h", 10, &["--target", "group_availability>=0.99", "--sizes", "1"]);
    assert_eq!(planned.code(), 4);
    let said = planned.said();
    assert!(
        said.contains("was not simulated, for no group has a size") && !said.contains("is met"),
        "{said}"
    );
}

/// Two groups that hardly meet: more replications than the first look has are run only where they are needed to tell, at most
/// those that `--max-replications` allows.
#[test]
fn the_fleet_gets_the_replications_that_it_needs() {
    let of = |target: &str| {
        let planned = fleet(2, "1h", 4, &["--target", target, "--max-replications", "100"]);
        let replications: usize = planned.column("replications")[0].parse().unwrap();
        (replications, planned.column("fleet")[0].clone())
    };
    assert_eq!(of("group_availability>=0.9"), (4, "met".into()), "one is up for 100/101.4 of the time");
    let (replications, fleet) = of("group_availability>=0.9855");
    assert!(replications > 4 && replications <= 100, "{replications} {fleet}");
}
