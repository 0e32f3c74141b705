//! What a run costs, against a bill worked out by hand.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use fleetcast::experiment::{PolicyOutcome, Progress, Records, Selection, Sink, execute};
use fleetcast::recording::rows::Rows;
use fleetcast::report::metrics::METRICS;
use fleetcast::scenario::{self, Study};
use fleetcast::time::HOUR;

/// One group of two connectors and 100 users for ten days, nothing random. Both connectors fail on day 6, and a crew of
/// one works on each for three hours; detection takes no time, the response 30 min. On day 5 the site is gone for
/// two hours.
const SCENARIO: &str = r#"
name = "bill"
start = "2026-01-05T00:00:00+00:00[UTC]"
horizon = "10d"
replications = 1
initial = "fresh"
[instances.small]
capacity_mbps = 500.0
cost_per_hour = 0.25
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
demand = "flat"
[demand.flat]
users = 100
mbps_per_user = 1.0
[failures.node]
time_to_failure = { dist = "constant", value = "6d" }
time_to_restore = { dist = "constant", value = "3h" }
needs_operator = 1.0
[failures.power]
scope = "site"
schedule = [{ at = "5d", for = "2h" }]
[operators.crew]
size = 1
response = { dist = "constant", value = "30m" }
[prices]
operator_hour = 60.0
lost_user_minute = 0.01
[policies.default]
upgrade = { detection_delay = "0s" }
repair = { crew = "crew" }
"#;

struct Nobody;

impl Sink for Nobody {
    fn rows(&mut self, _: u64, _: &Rows) -> std::io::Result<()> {
        Ok(())
    }

    fn violations(&mut self, _: u64, found: &[String]) -> std::io::Result<()> {
        panic!("{found:?}")
    }
}

fn study(sets: &[&str]) -> Study {
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    scenario::read(SCENARIO, "bill.toml", Path::new(""), &sets).unwrap()
}

fn metrics(study: &Study) -> BTreeMap<&'static str, f64> {
    let records = Records {
        transitions: Selection::nothing(),
        group_status: Selection::nothing(),
        cpu_load: Selection::nothing(),
        bucket: HOUR,
        overview_every: HOUR,
        objective: 0.999,
        audit: true,
    };
    let batch = execute(&study.model, 0, 0..1, &records, &mut Nobody, &Progress::default()).unwrap().unwrap();
    let mut outcome = PolicyOutcome::new(0, 1);
    outcome.extend(batch);
    let of = |metric: &fleetcast::report::metrics::Metric| {
        Some((metric.name, (metric.value)(&outcome.replications[0], &study.model)?))
    };
    METRICS.iter().filter_map(of).collect()
}

#[test]
fn the_bill_is_that_of_a_hand_computation() {
    let of = metrics(&study(&[]));
    // Both connectors fail on day 6, are seen at once, and begun 30 min later, one after the other: 3 h of work each.
    assert_eq!(of["operator_hours"], 6.0);
    assert_eq!(of["cost_operators"], 360.0);
    // 2 connectors for 240 h at 0.25: a machine that is down is paid for too.
    assert_eq!(of["cost_connectors"], 120.0);
    // Two hours without the site, and the 3.5 h until the first of the two is repaired: 100 users for 330 min.
    assert_eq!(of["user_minutes_lost"], 33_000.0);
    assert_eq!(of["cost_lost_users"], 330.0);
    assert_eq!(of["cost"], 810.0);
}

#[test]
fn what_has_no_price_has_no_cost() {
    let of = metrics(&study(&["prices.operator_hour=0", "prices.lost_user_minute=0"]));
    assert_eq!((of.get("cost_operators"), of.get("cost_lost_users"), of["cost"]), (None, None, 120.0));
}

#[test]
fn a_price_of_operators_without_a_crew_is_warned_of() {
    let text = SCENARIO.replace("repair = { crew = \"crew\" }", "");
    let (before, after) = text.split_once("[operators.crew]").unwrap();
    let rest = &after[after.find("[prices]").unwrap()..];
    let study = scenario::read(&format!("{before}{rest}"), "bill.toml", Path::new(""), &[]).unwrap();
    let warnings = study.warnings.to_string();
    assert!(warnings.contains("prices.operator_hour") && warnings.contains("there is no crew"), "{warnings}");
}
