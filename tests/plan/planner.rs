//! What a planner may run into: groups that nobody is sent to or that never serve, slots that a scenario names, connectors that
//! stand in each other's way, results that are in the way.

use crate::cases::{Planned, again, plan};
use crate::commands::{code, fleetcast, said};

const OVERLOAD: &[&str] = &["--target", "overloaded_hours_per_month<=0"];

/// A group of two with 300 Mbps, and what a test adds to it.
fn group(more: &str) -> String {
    format!(
        "[demand.flat]\nusers = 300\nmbps_per_user = 1.0\n[[fleet.groups]]\nname = \"app\"\nsite = \"fra\"\nconnectors = 2\n\
         instance = \"medium\"\ndemand = \"flat\"\n{more}"
    )
}

fn only(planned: &Planned) -> (String, String, String) {
    let group = &planned.groups()[0];
    (group["verdict"].clone(), group["connectors"].clone(), group["reason"].clone())
}

/// Nobody is overloaded where nobody serves: with two of two slots disabled it takes a third connector, and two do not do.
#[test]
fn a_size_at_which_nobody_serves_meets_nothing() {
    for slots in ["disabled_slots = [0, 1]\n", "empty_slots = [0, 1]\n"] {
        let few = plan(&group(slots), &[OVERLOAD, &["--sizes", "1..2"]].concat());
        let (verdict, connectors, reason) = only(&few);
        assert_eq!((few.code(), verdict.as_str(), connectors.as_str()), (4, "unattainable", ""));
        assert!(
            reason.contains("nobody ever serves with 2 connectors: every slot is disabled or empty"),
            "{reason}"
        );
        let enough = plan(&group(slots), OVERLOAD);
        assert_eq!(only(&enough), ("met".into(), "3".into(), String::new()), "{}", enough.said());
        // An empty slot costs nothing, a disabled connector what any costs: 73 a month.
        assert_eq!(enough.column("cost_change"), ["73"], "one more in either case");
    }
}

#[test]
fn a_group_that_nobody_is_sent_to_needs_nothing_and_keeps_nobody_from_an_answer() {
    for (key, words) in [("disabled = true\n", "is disabled"), ("resources = 0\n", "has no resource")] {
        let alone = plan(&group(key), OVERLOAD);
        let (verdict, connectors, reason) = only(&alone);
        assert_eq!((alone.code(), verdict.as_str(), connectors.as_str()), (4, "unused", ""));
        assert!(reason.contains(words) && alone.said().contains("no group is used"), "{reason}");
        let two = group(key)
            + "[[fleet.groups]]\nname = \"b\"\nsite = \"fra\"\nconnectors = 2\ninstance = \"medium\"\ndemand = \"flat\"\n";
        let two = plan(&two, OVERLOAD);
        assert_eq!(
            (two.code(), two.column("verdict")),
            (0, vec!["unused".into(), "met".into()]),
            "{}",
            two.said()
        );
    }
}

/// A group that is enabled on a date is used from then on, and sized; one slot of it that is named then has to exist.
#[test]
fn a_group_that_administrators_enable_is_sized() {
    let later = |place: &str| {
        let actions =
            format!("[[actions]]\nat = \"2026-01-12T00:00:00\"\ndo = \"enable\"\nwhere = {{ {place} }}\n");
        plan(&(group("disabled = true\n") + &actions), OVERLOAD)
    };
    let enabled = later("group = \"app\"");
    assert_eq!(only(&enabled), ("met".into(), "1".into(), String::new()), "{}", enabled.said());
    assert_eq!(
        only(&later("connector = \"app/1\"")).0,
        "unused",
        "enabling a connector does not enable its group"
    );
    let revoked = group("")
        + "[[actions]]\nat = \"2026-01-12T00:00:00\"\ndo = \"revoke\"\nwhere = { connector = \"app/1\" }\n";
    let revoked = plan(&revoked, &["--target", "group_availability>=0.5"]);
    assert_eq!(only(&revoked).1, "2", "{}", revoked.said());
}

/// One connector carries the load. A scenario that fails slot 3 has to have it: four is the least that can be tried.
#[test]
fn slots_that_the_scenario_names_are_there_at_every_size() {
    let named = "[failures.day]\nscope = \"connector\"\nschedule = [{ at = \"2026-01-07T00:00:00\", for = \"1h\", where = { connector = \
                 \"app/3\" } }]\n[[fleet.groups]]\nname = \"b\"\nsite = \"fra\"\nconnectors = 2\ninstance = \"medium\"\ndemand = \"flat\"\n";
    let four = group("").replace("connectors = 2", "connectors = 4") + named;
    let rarely = ["--target", "overloaded_hours_per_month<=10"];
    let planned = plan(&four, &rarely);
    assert_eq!(planned.code(), 0, "{}", planned.said());
    assert_eq!(planned.column("connectors"), ["4", "1"], "the other group has no such slot");
    let reason = &planned.column("reason")[0];
    assert_eq!(reason, "fewer than 4 cannot be tried, for the scenario names slot 3");
    assert!(
        planned.said().contains("slots that the scenario names have to exist: 1 group not tried with fewer")
    );
    let below = plan(&four, &[&rarely[..], &["--sizes", "1..3"]].concat());
    assert_eq!((below.code(), below.column("verdict")), (4, vec!["unattainable".into(), "met".into()]));
    assert!(
        below.column("reason")[0].starts_with("no size was tried; fewer than 4"),
        "{:?}",
        below.column("reason")
    );
}

/// The same for updates that are to fail, and under a policy that scales, whose spare slots can be named too.
#[test]
fn an_update_that_fails_names_a_slot_as_well() {
    let fails = group("")
        + "[releases]\ndates = [\"2026-01-08\"]\nfails = [{ release = 1, connector = \"app/1\", attempts = 1 }]\n";
    let planned = plan(&fails, &["--target", "group_outages<=100"]);
    assert_eq!(only(&planned).1, "2", "{}", planned.said());
    let scaled =
        fails.replace("app/1", "app/4") + "[policies.p]\nscaling = { kind = \"n-plus-k\", max = 6 }\n";
    let planned = plan(&scaled, &["--target", "group_outages<=100"]);
    assert_eq!(only(&planned).1, "5", "{}", planned.said());
}

/// With β = 2 n connectors carry n/(1 + 2(n − 1)) of one: 1, 2/3, 3/5. At 70 % these are 342, 228 and 205 Mbps. Demand is 400, 300 and
/// 100 Mbps, twice as long, so that one is overloaded for a quarter of the time and two for half of it.
#[test]
fn connectors_that_stand_in_each_others_way_are_said_to() {
    let busy = group("group_efficiency = 2.0\n").replace(
        "mbps_per_user = 1.0\n",
        "mbps_per_user = 1.0\nprofile = { step = \"6h\", values = [1.3333333333333333, 1.0, 0.3333333333333333, 0.3333333333333333] }\n",
    );
    let noisy =
        busy.replace("mbps_per_user = 1.0\n", "mbps_per_user = 1.0\nnoise = { sigma = 0.05, phi = 0.5 }\n");
    for (scenario, sizes, words) in [
        (&busy, "1..3", "2 connectors are worse than 1"),
        (&noisy, "1..3", "2 connectors are worse than 1"),
        (&busy, "1,3", "3 connectors are worse than 1"),
    ] {
        let planned = plan(scenario, &["--target", "overloaded_share<=0.1", "--sizes", sizes]);
        let (verdict, _, reason) = only(&planned);
        assert_eq!(verdict, "unattainable");
        assert!(reason.contains(words) && planned.said().contains(words), "{reason}");
    }
    let fine = plan(&group(""), &["--target", "cpu_p99<=10", "--sizes", "1..3"]);
    assert!(!only(&fine).2.contains("worse"), "{}", only(&fine).2);
}

/// What no number of connectors can change is said to be so: idle load, a load beyond 64 connectors, and what they cost.
#[test]
fn what_cannot_be_is_told_as_such() {
    for (target, more, words) in [
        ("cpu_p99<=4", "", "idle connectors already have 5 % CPU"),
        (
            "overloaded_share<=0.1",
            "instances.medium.idle_cpu_percent=80",
            "idle connectors already have 80 % CPU",
        ),
        ("overloaded_share<=0.1", "demand.flat.users=30000", "the load is too much for 64 connectors"),
        ("cost_connectors<=1", "", "more connectors cost more"),
    ] {
        let set = if more.is_empty() { "seed=1" } else { more };
        let planned = plan(&group(""), &["--target", target, "--set", set]);
        let (verdict, _, reason) = only(&planned);
        assert_eq!(verdict, "unattainable", "{target}");
        assert!(reason.ends_with(words) || reason.contains(&format!("; {words}")), "{reason}");
        assert!(!reason.contains("worse"), "{reason}");
    }
}

#[test]
fn a_metric_has_one_target() {
    let twice = ["--target", "overloaded_share<=0.1", "--target", "overloaded_share<=0.2"];
    let refused = plan(&group(""), &twice);
    assert_eq!(refused.code(), 2);
    assert!(refused.said().contains("keep the stricter one"), "{}", refused.said());
}

/// Noise that overloads one connector most of the time: no confidence, however near to 1, takes that for enough.
#[test]
fn next_to_certainty_is_not_carelessness() {
    let noisy = group("").replace(
        "users = 300
mbps_per_user = 1.0
",
        "users = 400
mbps_per_user = 1.0
noise = { sigma = 0.1, phi = 0.5 }
",
    );
    for confidence in ["0.999999999999", "0.9999999999999999"] {
        let planned = plan(&noisy, &["--target", "overloaded_share<=0.01", "--confidence", confidence]);
        assert_ne!(only(&planned).1, "1", "{}", planned.said());
    }
}

/// Nothing planned is no 0, and nothing that changes no −0.
#[test]
fn what_there_is_none_of_is_not_zero() {
    let short = plan(&group(""), &["--target", "cpu_p99<=10", "--sizes", "1"]);
    let row = short.said().lines().find(|line| line.starts_with(" app ")).unwrap().to_owned();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["app", "1", "2", "–", "1", "1"], "{row}");
    let same = plan(&group(""), &["--target", "overloaded_hours_per_month<=0", "--sizes", "2"]);
    let row = same.said().lines().find(|line| line.starts_with(" app ")).unwrap().to_owned();
    assert_eq!(
        row.split_whitespace().collect::<Vec<_>>(),
        ["app", "1", "2", "2", "2", "1", "146", "0", "1"],
        "{row}"
    );
}

#[test]
fn a_plan_does_not_replace_a_run_nor_a_run_a_plan() {
    let planned = plan(&group(""), OVERLOAD);
    let home = planned.home.path();
    for command in [&["run"][..], &["sweep", "--vary", "demand.flat.users=1,2"]] {
        let refused = fleetcast(home, [command, &["case.toml", "--out", "out", "--quiet"]].concat());
        assert_eq!(code(&refused), 3);
        assert!(said(&refused).contains("results of `fleetcast plan`") && said(&refused).contains("--out"));
    }
    let told = fleetcast(home, ["replay", "out", "--group", "app"]);
    assert!(code(&told) == 2 && said(&told).contains("holds a plan"), "{}", said(&told));
    assert_eq!(code(&again(home, OVERLOAD)), 0, "a plan replaces a plan");
    let ran = fleetcast(home, ["run", "case.toml", "--out", "ran", "--quiet"]);
    assert_eq!(code(&ran), 0, "{}", said(&ran));
    assert_eq!(code(&fleetcast(home, ["compare", "case.toml", "--out", "ran", "--quiet"])), 2, "one policy");
    let refused = fleetcast(home, ["plan", "case.toml", "--out", "ran", "--target", "group_outages<=1"]);
    assert!(said(&refused).contains("results of `fleetcast run` or `compare`"), "{}", said(&refused));
}

#[test]
fn a_confidence_is_between_none_and_all() {
    for confidence in ["0", "1", "-0.5", "95", "NaN"] {
        let refused = plan(&group(""), &[OVERLOAD, &["--confidence", confidence]].concat());
        assert_eq!(refused.code(), 2);
        assert!(
            refused.said().contains("--confidence must be above 0 and below 1")
                && !refused.said().contains("--set")
        );
    }
    let sure = plan(&group(""), &[OVERLOAD, &["--confidence", "0.9999999999"]].concat());
    assert!(sure.said().contains("99.99999999 % confidence per group"), "{}", sure.said());
}

/// A connector carries 342 Mbps at the threshold, (70 − 5)/95 of 500: three carry 1,026 of 1,000 on average, 1.3 standard
/// deviations, and four carry 1,368, which noise never asks for. Which smaller sizes are tried says nothing of that.
#[test]
fn a_size_that_is_too_small_says_nothing_of_larger_ones() {
    let noisy = group("").replace("users = 300", "users = 1000\nnoise = { sigma = 0.02 }");
    let target =
        ["--target", "overloaded_hours_per_month<=1", "--sensitivity", "0", "--max-replications", "60"];
    let free = plan(&noisy, &target);
    let listed = plan(&noisy, &[&target[..], &["--sizes", "1..6"]].concat());
    assert_eq!((free.code(), listed.code()), (0, 0), "{}{}", free.said(), listed.said());
    assert_eq!(only(&free).1, "4", "{}", free.said());
    assert_eq!(only(&listed).1, "4", "{}", listed.said());
}

/// What is missed is named, not what is merely undecided: no connector costs less than 1 a month.
#[test]
fn the_reason_is_about_the_target_that_is_missed() {
    let failing = group("")
        + "[failures.node]\ntime_to_failure = { dist = \"exponential\", mean = \"20d\" }\n\
           time_to_restore = { dist = \"exponential\", mean = \"1d\" }\n";
    let targets =
        ["--target", "cost_connectors<=1", "--target", "group_availability>=0.9999", "--sensitivity", "0"];
    let dear = plan(&failing, &targets);
    let (verdict, _, reason) = only(&dear);
    assert_eq!((dear.code(), verdict.as_str()), (4, "unattainable"), "{}", dear.said());
    assert!(reason.contains("cost_connectors") && !reason.contains("group_availability"), "{reason}");
}
