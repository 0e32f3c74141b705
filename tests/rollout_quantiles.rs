//! rollouts.csv says what transitions.csv says: quantiles and completion of every release, worked out again from the rows
//! of the same run, with nothing in common but the files.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use fleetcast::experiment::{PolicyOutcome, Progress, Records, Selection, Sink, execute};
use fleetcast::recording::rows::Rows;
use fleetcast::report::csv::rollouts::rollouts;
use fleetcast::report::csv::{Names, rows};
use fleetcast::scenario::{self, Study};
use fleetcast::time::DAY;

/// Slow updates, so that the second release finds the first unfinished, and one connector that never gets the third.
const SCENARIO: &str = r#"
name = "rollouts"
horizon = "40d"
seed = 11
[instances.i]
capacity_mbps = 100
[[fleet.regions]]
name = "r"
[[fleet.sites]]
name = "s"
region = "r"
[[fleet.groups]]
name = "g"
count = 12
site = "s"
connectors = 3
instance = "i"
demand = "d"
[demand.d]
users = 0
[failures.node]
scope = "connector"
time_to_failure = { dist = "weibull", mean = "5d", shape = 0.7 }
time_to_restore = { dist = "lognormal", mean = "8h", cv = 2.0 }
[validation]
expiry = "grace"
grace = "365d"
[releases]
dates = ["5d", "5.5d", "15d", "25d"]
fails = [{ release = 3, connector = "g-003/1", attempts = 100000 }]
[updates]
duration = { dist = "triangular", min = "30m", mode = "3h", max = "8h" }
limit = "9h"
transient_failure = 0.1
[policies.vendor-default]
upgrade = { attempts = 1000000, backoff = { first = "1h", factor = 1.5, max = "4h" } }
"#;

const REPLICATIONS: u64 = 3;

/// Keeps the text of transitions.csv.
struct Text<'a>(&'a Names, Vec<u8>);

impl Sink for Text<'_> {
    fn rows(&mut self, replication: u64, of: &Rows) -> io::Result<()> {
        of.slots.iter().for_each(|row| rows::transition(&mut self.1, self.0, 0, replication, row));
        Ok(())
    }

    fn violations(&mut self, replication: u64, found: &[String]) -> io::Result<()> {
        panic!("replication {replication}: {found:?}");
    }
}

/// The cells of the two files.
fn files(study: &Study) -> [Vec<BTreeMap<String, String>>; 2] {
    let names = Names::new(&study.model, study.clock.clone());
    let all = Selection { replications: None, groups: None };
    let records = Records {
        transitions: all,
        group_status: Selection::nothing(),
        cpu_load: Selection::nothing(),
        bucket: DAY,
        overview_every: DAY,
        objective: 0.999,
        audit: true,
    };
    let mut text = Text(&names, format!("{}\n", rows::TRANSITIONS).into_bytes());
    let batch = execute(&study.model, 0, 0..REPLICATIONS, &records, &mut text, &Progress::default());
    let mut outcome = PolicyOutcome::new(0, study.model.fleet.groups.len());
    outcome.extend(batch.unwrap().unwrap());
    [cells(&text.1), cells(&rollouts(&names, &[outcome]))]
}

fn cells(text: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text);
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

fn milliseconds(seconds: &str) -> i64 {
    (seconds.parse::<f64>().unwrap() * 1e3).round() as i64
}

/// What is displayed of a slot from an instant on.
struct Row {
    at: i64,
    ends_update: bool,
    in_service: bool,
    agent: usize,
}

/// By group and slot, in order of time.
type Slots = BTreeMap<(String, String), Vec<Row>>;

fn slots(transitions: &[BTreeMap<String, String>], replication: u64) -> Slots {
    let mut slots = Slots::new();
    for row in transitions.iter().filter(|row| row["replication"] == replication.to_string()) {
        slots.entry((row["group"].clone(), row["slot"].clone())).or_default().push(Row {
            at: milliseconds(&row["time_s"]),
            ends_update: row["from"] == "Updating",
            in_service: ["Connected", "Disconnected", "Disabled", "Updating"].contains(&row["to"].as_str()),
            agent: row["agent"].parse().unwrap(),
        });
    }
    slots
}

/// Whether a slot has an in-service connector at the end of instant `at` that runs something older than `release`.
fn is_pending(rows: &[Row], at: i64, release: usize) -> bool {
    rows.iter().rfind(|row| row.at <= at).is_some_and(|row| row.in_service && row.agent < release)
}

/// Seconds from `published`, rounded up, to the end of each update that brought `release`; ascending.
fn reached(slots: &Slots, release: usize, published: i64) -> Vec<u64> {
    let mut reached = Vec::new();
    for rows in slots.values() {
        for pair in rows.windows(2) {
            if pair[1].ends_update && pair[0].agent < release && pair[1].agent == release {
                reached.push((pair[1].at - published).unsigned_abs().div_ceil(1_000));
            }
        }
    }
    reached.sort_unstable();
    reached
}

/// The first instant in [`published`, `end`) at which no slot of the group is pending.
fn completed(rows: &[&Vec<Row>], release: usize, published: i64, end: i64) -> Option<i64> {
    let changes = rows.iter().flat_map(|rows| rows.iter().map(|row| row.at));
    let free = |at: &i64| rows.iter().all(|rows| !is_pending(rows, *at, release));
    changes.chain([published]).filter(|at| (published..end).contains(at)).filter(free).min()
}

/// The lower edge of a bin with 11 significant bits, as the file has it: exact below 2,048.
fn edge(seconds: u64) -> u64 {
    let dropped = seconds.checked_ilog2().unwrap_or(0).saturating_sub(10);
    seconds >> dropped << dropped
}

#[test]
fn quantiles_and_completion_are_those_of_the_transitions() {
    let study = scenario::read(SCENARIO, "rollouts.toml", Path::new(""), &[]);
    let study = study.unwrap_or_else(|problems| panic!("{problems}"));
    let [transitions, rollouts] = files(&study);
    let (mut filled, mut empty, mut coarse) = ([0; 4], [0; 4], 0);
    for replication in 0..REPLICATIONS {
        let slots = slots(&transitions, replication);
        let mut groups: BTreeMap<&str, Vec<&Vec<Row>>> = BTreeMap::new();
        slots.iter().for_each(|((group, _), rows)| groups.entry(group).or_default().push(rows));
        let of_run: Vec<_> =
            rollouts.iter().filter(|row| row["replication"] == replication.to_string()).collect();
        assert_eq!(of_run.len(), 4);
        for (index, row) in of_run.iter().enumerate() {
            let (release, published) = (index + 1, milliseconds(&row["published_s"]));
            let end = of_run
                .get(index + 1)
                .map_or(study.model.horizon.0, |next| milliseconds(&next["published_s"]));
            let pending = |rows: &&Vec<Row>| is_pending(rows, published, release);
            let connectors = slots.values().filter(pending).count();
            assert_eq!(row["connectors"], connectors.to_string(), "{row:?}");
            let reached = reached(&slots, release, published);
            let quantile = |percent: usize| reached.get((connectors * percent).div_ceil(100).max(1) - 1);
            coarse += reached.iter().filter(|&&seconds| edge(seconds) != seconds).count();

            let concerned = groups.values().filter(|rows| rows.iter().any(&pending));
            let each: Vec<_> = concerned.map(|rows| completed(rows, release, published, end)).collect();
            assert_eq!(row["groups"], each.len().to_string(), "{row:?}");
            let all = each.into_iter().collect::<Option<Vec<i64>>>().and_then(|all| all.into_iter().max());

            let [p50, p90, p99] = [50, 90, 99].map(|percent| quantile(percent).map(|&it| edge(it) as f64));
            let expected = [p50, p90, p99, all.map(|at| at as f64 / 1e3)];
            for (at, column) in ["p50_s", "p90_s", "p99_s", "completed_s"].into_iter().enumerate() {
                let written = Some(&row[column]).filter(|cell| !cell.is_empty());
                let written = written.map(|cell| cell.parse::<f64>().unwrap());
                assert_eq!(written, expected[at], "{column} of {row:?}");
                *(if written.is_some() { &mut filled[at] } else { &mut empty[at] }) += 1;
            }
        }
    }
    // The scenario is no test of a column that is always full or always empty, nor of bins if all are exact.
    assert!(
        filled.iter().all(|&count| count > 1) && empty[2..].iter().all(|&count| count > 1),
        "{filled:?} {empty:?}"
    );
    assert!(coarse > 10, "{coarse}");
}
