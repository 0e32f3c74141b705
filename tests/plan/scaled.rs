//! Plans under policies that scale: the size is the most that a group may grow to.

use std::path::Path;

use fleetcast::environment::demand::level::Level;
use fleetcast::recording::GroupTally;
use fleetcast::recording::tally::Tallier;
use fleetcast::scenario::{self, Study};
use fleetcast::simulation::Model;
use fleetcast::simulation::run::Replication;

use crate::cases::plan;

/// 300 Mbps at night, which one connector carries, and 1,000 from 08:00 to 20:00, which take three; by the clock there are
/// five from 07:00 to 21:00 and one at other times.
const BY_THE_CLOCK: &str = r#"
[[fleet.groups]]
name = "app"
site = "fra"
connectors = 6
instance = "medium"
demand = "day"
[demand.day]
users = 1000
mbps_per_user = 1.0
profile = { step = "4h", values = [0.3, 0.3, 1.0, 1.0, 1.0, 0.3] }
[provisioning]
drain = "0s"
watch = "0s"
[policies.clock.scaling]
kind = "scheduled"
max = 8
schedule = [{ days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from = "07:00", length = "14h", connectors = 5 }]
[policies.other]
scaling = { kind = "n-plus-k", max = 40 }
"#;

/// Three are needed at the peak, and one may grow to no more: there are three for 14 h a day and one for 10, in the mean 52/24.
/// As it is configured the group may grow to eight and has five for 14 h, in the mean 80/24.
#[test]
fn the_size_is_the_ceiling_and_the_mean_is_what_is_used() {
    let planned = plan(BY_THE_CLOCK, &["--target", "overloaded_hours_per_month<=0"]);
    assert_eq!(planned.code(), 0, "{}", planned.said());
    let group = &planned.groups()[0];
    let number = |column: &str| group[column].parse::<f64>().unwrap();
    assert_eq!((number("configured"), number("connectors"), number("at_peak")), (8.0, 3.0, 3.0));
    assert!((number("mean_connectors") - 52.0 / 24.0).abs() < 1e-9, "{}", group["mean_connectors"]);
    assert!((number("cost_per_month") - 730.0 * 0.1 * 52.0 / 24.0).abs() < 1e-6);
    assert!((number("cost_change") - 730.0 * 0.1 * (52.0 - 80.0) / 24.0).abs() < 1e-6);
    assert!(planned.said().contains("a size is the most that a group may grow to"));
}

/// Of a static policy the slots that another one may use are not configured.
#[test]
fn what_another_policy_may_grow_to_is_not_configured() {
    let steady =
        BY_THE_CLOCK.replace("[policies.clock.scaling]", "[policies.still]\n[policies.clock.scaling]");
    let planned = plan(&steady, &["--target", "overloaded_hours_per_month<=0"]);
    assert_eq!(
        (planned.column("configured"), planned.column("connectors")),
        (vec!["6".into()], vec!["3".into()])
    );
    assert_eq!(planned.column("mean_connectors"), [""]);
    assert!(!planned.said().contains("may grow to"));
}

/// Five scheduled connectors that may be two at most: enough at night and not by day.
#[test]
fn a_schedule_is_clipped_to_the_ceiling() {
    let planned = plan(BY_THE_CLOCK, &["--target", "overloaded_hours_per_month<=0", "--sizes", "2"]);
    assert_eq!((planned.code(), planned.column("verdict")), (4, vec!["unattainable".into()]));
    let value: f64 = planned.column("value")[0].parse().unwrap();
    // Twelve hours a day are overloaded, as far as the average of a quarter of an hour has it.
    assert!((value - 365.0).abs() < 10.0, "{value}");
}

fn tally(model: &Model) -> GroupTally {
    let replication = Replication::new(model, 0, 0, Level::new());
    replication.run_group(0, Tallier::new(model, 0, 0.999, Level::new())).tally()
}

fn study(sets: &[&str]) -> Study {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/autoscale.toml");
    let sets: Vec<String> = ["horizon=21d"].iter().chain(sets).map(|set| (*set).to_owned()).collect();
    scenario::load(&file, &sets).unwrap()
}

/// A group of which a larger fleet's slots are taken away lives as one with the ceiling written into its file: what a
/// policy wants beyond the slots that there are, it does not get.
#[test]
fn slots_are_the_ceiling_whatever_the_policy_says() {
    for (policy, path) in [(1, "tracking"), (3, "last-week"), (4, "by-hand")] {
        let all = study(&[]);
        let mut cut = all.with_connectors(7, policy).unwrap().model;
        cut.fleet.keep_first(|_| 5);
        let written = study(&["fleet.groups.app.connectors=5", &format!("policies.{path}.scaling.max=5")]);
        let mut written = written.model;
        cut.policies.swap(0, policy);
        written.policies.swap(0, policy);
        assert_eq!(format!("{:?}", tally(&cut)), format!("{:?}", tally(&written)), "{path}");
    }
}
