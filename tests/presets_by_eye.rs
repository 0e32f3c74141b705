//! Every upgrade preset on the shipped scenario on which they all differ, worked out by hand: who is updated when.
//!
//! `scenarios/presets-by-eye.toml` has a pilot and a pair of two connectors and a trio of three, updates of ten minutes, and releases at
//! noon of Tuesday 3, Tuesday 10 (bad), Thursday 12 and Tuesday 24 March. The link of pair/1 is down on the 3rd from 11:00 to 15:00;
//! the first attempt to bring release 1 to trio/0 fails, and after a failure the pause is an hour. Operators see links and load
//! eight minutes late. The guide `docs/guides/presets.md` tells the same for readers.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use fleetcast::environment::demand::level::Level;
use fleetcast::fleet::Status;
use fleetcast::recording::rows::Rows;
use fleetcast::scenario::{self, Study};
use fleetcast::simulation::run::Replication;
use fleetcast::time::MINUTE;

const GROUPS: [&str; 3] = ["pilot", "pair", "trio"];

/// The starts of updates in each group: a line a day, with `slot@time`.
type Starts = [&'static [&'static str]; 3];

/// At publication, one at a time, seeing links at once. On the 3rd the pair's only connector is taken although nobody else serves,
/// because the budget counts updates alone; the other follows when its link is back. The trio is halted from 12:10 to 13:10.
const VENDOR_DEFAULT: Starts = [
    &["Tue 03 0@12:00 1@12:10", "Tue 10 0@12:00 1@12:10", "Thu 12 0@12:00 1@12:10", "Tue 24 0@12:00 1@12:10"],
    &["Tue 03 0@12:00 1@15:00", "Tue 10 0@12:00 1@12:10", "Thu 12 0@12:00 1@12:10", "Tue 24 0@12:00 1@12:10"],
    &[
        "Tue 03 0@12:00 0@13:10 1@13:20 2@13:30",
        "Tue 10 0@12:00 1@12:10 2@12:20",
        "Thu 12 0@12:00 1@12:10 2@12:20",
        "Tue 24 0@12:00 1@12:10 2@12:20",
    ],
];

/// Everybody at publication. pair/1 is seen to be back at 15:08; trio/0 alone waits for its hour, from 12:10.
const ALL_AT_ONCE: Starts = [
    &["Tue 03 0@12:00 1@12:00", "Tue 10 0@12:00 1@12:00", "Thu 12 0@12:00 1@12:00", "Tue 24 0@12:00 1@12:00"],
    &["Tue 03 0@12:00 1@15:08", "Tue 10 0@12:00 1@12:00", "Thu 12 0@12:00 1@12:00", "Tue 24 0@12:00 1@12:00"],
    &[
        "Tue 03 0@12:00 1@12:00 2@12:00 0@13:10",
        "Tue 10 0@12:00 1@12:00 2@12:00",
        "Thu 12 0@12:00 1@12:00 2@12:00",
        "Tue 24 0@12:00 1@12:00 2@12:00",
    ],
];

/// Tuesdays from 02:00 to 06:00. Release 1 comes ten hours after a window and waits for that of the 10th; release 2 comes ten
/// hours after that one and is superseded before the next, in which release 3 goes out. The window after release 4 lies
/// beyond the run. The halt of the trio, an hour, ends within the window.
const WEEKLY_WINDOW: Starts = [
    &["Tue 10 0@02:00 1@02:10", "Tue 17 0@02:00 1@02:10"],
    &["Tue 10 0@02:00 1@02:10", "Tue 17 0@02:00 1@02:10"],
    &["Tue 10 0@02:00 0@03:10 1@03:20 2@03:30", "Tue 17 0@02:00 1@02:10 2@02:20"],
];

/// A week after its publication, then Saturday at 02:00. Release 1 may begin from noon of the 10th: Saturday 14. Release 2 may
/// from the 17th and release 3 from the 19th, both before Saturday 21, when the newer goes out. Release 4 may not before the 31st.
const PREFERRED_DAY: Starts = [
    &["Sat 14 0@02:00 1@02:10", "Sat 21 0@02:00 1@02:10"],
    &["Sat 14 0@02:00 1@02:10", "Sat 21 0@02:00 1@02:10"],
    &["Sat 14 0@02:00 0@03:10 1@03:20 2@03:30", "Sat 21 0@02:00 1@02:10 2@02:20"],
];

/// The others must stay at 70 % CPU or below, as was displayed eight minutes ago, over three samples of five minutes.
///
/// - The pilot has 10 %, and one of two would have 20 %. Slot 0 ends at 12:10, and at 12:18 that is seen.
/// - The pair has 57 % until 16:00 and 14.25 % from then on. On the 3rd, slot 1 is down until 15:00, which uses the budget up, and
///   seen until 15:08; then one would have 114 %. The sample of 16:00 makes the average (57 + 57 + 14.25)/3 = 42.75 %, for
///   one 85.5 %; that of 16:05 makes it (57 + 14.25 + 14.25)/3 = 28.5 %, for one 57 %, which is seen at 16:13. Slot 0 ends at
///   16:23. With one serving at 16:15 and 16:20 the samples were 28.5 %. At 16:31 it is seen that two serve since 16:23, with the
///   average of 16:20, (14.25 + 28.5 + 28.5)/3 = 23.75 %, for one 47.5 %.
/// - The trio has 38 %, and two would have 57 %. While slot 0 is updated the samples of 12:00 and 12:05 are 57 %. At 12:18 it is
///   seen that three serve since 12:10, with (57 + 57 + 38)/3 = 50.7 %, for two 76 %; at 12:23 the sample of 12:15 is seen,
///   (57 + 38 + 38)/3 = 44.3 %, for two 66.5 %. Slot 1 ends at 12:33, with samples of 57 % at 12:25 and 12:30; at 12:41 it is seen,
///   with an average at 12:30 of (38 + 57 + 57)/3, for two 76 %; at 12:43 that of 12:35, (57 + 57 + 38)/3, the same; at
///   12:48 that of 12:40, (57 + 38 + 38)/3, for two 66.5 %.
/// - On the 3rd trio/0 fails at 12:10 and halts the group until 13:10, when all is as before the first attempt. It ends at 13:20;
///   the samples of 13:10 and 13:15 are 57 %, and at 13:33 that of 13:25 makes 44.3 %. Slot 1 ends at 13:43; samples of 57 % at
///   13:35 and 13:40; at 13:58 that of 13:50 is seen.
/// - Least loaded first is in the order of slots here, as all carry the same.
const CAPACITY_AWARE: Starts = [
    &["Tue 03 0@12:00 1@12:18", "Tue 10 0@12:00 1@12:18", "Thu 12 0@12:00 1@12:18", "Tue 24 0@12:00 1@12:18"],
    &["Tue 03 0@16:13 1@16:31", "Tue 10 0@16:13 1@16:31", "Thu 12 0@16:13 1@16:31", "Tue 24 0@16:13 1@16:31"],
    &[
        "Tue 03 0@12:00 0@13:10 1@13:33 2@13:58",
        "Tue 10 0@12:00 1@12:23 2@12:48",
        "Thu 12 0@12:00 1@12:23 2@12:48",
        "Tue 24 0@12:00 1@12:23 2@12:48",
    ],
];

/// A release begins when the next one is published: the bad one just when the one that mends it is out, and for twelve days.
const DEFERRED: Starts = [
    &["Tue 10 0@12:00 1@12:10", "Thu 12 0@12:00 1@12:10", "Tue 24 0@12:00 1@12:10"],
    &["Tue 10 0@12:00 1@12:10", "Thu 12 0@12:00 1@12:10", "Tue 24 0@12:00 1@12:10"],
    &[
        "Tue 10 0@12:00 0@13:10 1@13:20 2@13:30",
        "Thu 12 0@12:00 1@12:10 2@12:20",
        "Tue 24 0@12:00 1@12:10 2@12:20",
    ],
];

/// The pilot first, the pair a day after it is seen to be done, the trio a day after that; what is done is seen at the quarter. On
/// the 10th the pilot takes the bad release and fails a day later, slot 0 (from 12:10) at 11:39:22.5 and slot 1 (from 12:20) at
/// 11:49:21. Eight minutes later each is seen, both at the control period of 12:00 on the 11th, half an hour before the
/// next ring would have opened: rolled back. Slot 0 is back at 13:39:22.5 and seen eight minutes later, but slot 1 is still down and
/// uses up the budget, until 13:49:21. Slot 1 is seen at 13:57:21 and goes back when slot 0 has.
const RINGS: Starts = [
    &[
        "Tue 03 0@12:00 1@12:10",
        "Tue 10 0@12:00 1@12:10",
        "Wed 11 0@13:49:21 1@13:59:21",
        "Thu 12 0@12:00 1@12:10",
        "Tue 24 0@12:00 1@12:10",
    ],
    &["Wed 04 0@12:30 1@12:40", "Fri 13 0@12:30 1@12:40", "Wed 25 0@12:30 1@12:40"],
    &[
        "Thu 05 0@13:00 0@14:10 1@14:20 2@14:30",
        "Sat 14 0@13:00 1@13:10 2@13:20",
        "Thu 26 0@13:00 1@13:10 2@13:20",
    ],
];

/// The pilot at once, the others a week after it is seen to be done at 12:30. Releases 1 and 2 are superseded before, half an hour and five
/// days; the second phase of release 4 lies beyond the run. Nobody looks, so the pilot has the bad release for two days.
const TWO_PHASE: Starts = [
    &["Tue 03 0@12:00 1@12:10", "Tue 10 0@12:00 1@12:10", "Thu 12 0@12:00 1@12:10", "Tue 24 0@12:00 1@12:10"],
    &["Thu 19 0@12:30 1@12:40"],
    &["Thu 19 0@12:30 1@12:40 2@12:50"],
];

/// A policy for each preset, by the preset's name.
const EXPECTED: [(&str, Starts); 8] = [
    ("vendor-default", VENDOR_DEFAULT),
    ("all-at-once", ALL_AT_ONCE),
    ("weekly-window", WEEKLY_WINDOW),
    ("preferred-day", PREFERRED_DAY),
    ("capacity-aware", CAPACITY_AWARE),
    ("deferred", DEFERRED),
    ("rings", RINGS),
    ("two-phase", TWO_PHASE),
];

fn study() -> Study {
    scenario::load(Path::new("scenarios/presets-by-eye.toml"), &[]).unwrap_or_else(|found| panic!("{found}"))
}

/// The rows of all groups under the policy of this name.
fn rows(study: &Study, policy: &str) -> Vec<Rows> {
    let index = study.model.policies.iter().position(|of| of.name == policy).unwrap();
    let replication = Replication::new(&study.model, index, 0, Level::new());
    replication.run_all(|group| Rows { group: group as u32, ..Rows::default() })
}

fn starts(study: &Study, rows: &Rows) -> Vec<String> {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let mut days: Vec<String> = Vec::new();
    for row in rows.slots.iter().filter(|row| row.to.status == Status::Updating) {
        let civil = study.clock.start().to_zoned(zone.clone()) + jiff::SignedDuration::from_millis(row.at.0);
        let time = if row.at.0 % MINUTE.0 == 0 { "%H:%M" } else { "%H:%M:%S" };
        let (day, time) = (civil.strftime("%a %d").to_string(), civil.strftime(time).to_string());
        match days.last_mut() {
            Some(last) if last.starts_with(&day) => last.push_str(&format!(" {}@{time}", row.slot)),
            _ => days.push(format!("{day} {}@{time}", row.slot)),
        }
    }
    days
}

#[test]
fn every_preset_updates_when_it_should() {
    let study = study();
    for (policy, expected) in EXPECTED {
        for (rows, (group, expected)) in rows(&study, policy).iter().zip(GROUPS.iter().zip(expected)) {
            assert_eq!(starts(&study, rows), expected, "{policy} {group}");
        }
    }
}

#[test]
fn every_preset_is_there_and_no_two_are_alike() {
    let presets = scenario::presets().into_iter().filter(|preset| preset.kind == "upgrade");
    let mut names: Vec<String> = presets.map(|preset| preset.name).collect();
    let mut here: Vec<&str> = EXPECTED.iter().map(|(name, _)| *name).collect();
    names.sort();
    here.sort_unstable();
    assert_eq!(here, names, "the scenario, this table and docs/guides/presets.md have a part for each");
    for (index, one) in EXPECTED.iter().enumerate() {
        assert!(EXPECTED[..index].iter().all(|other| other.1 != one.1), "{}", one.0);
    }
}

/// On the bad release a connector spends what is left of its 400 days 400 times as fast. Release 2 is there from the end of the first
/// update, on the 10th at 12:10, 8 days and 12:10 after the start; the other 391 days and 11:50 are over in 23 h 29 min 23 s,
/// on the 11th at 11:39. Who begins it two days later fails at 11:32 on the 13th: 389 days and 11:50 last 23 h 22 min. An outage
/// of two hours and a day follow one another from there.
#[test]
fn the_bad_release_strikes_a_day_later() {
    let study = study();
    let first = |policy: &str| {
        let rows = rows(&study, policy);
        let bad = rows[1].slots.iter().filter(|row| row.to.cause == fleetcast::fleet::Cause::BadRelease);
        let at: Vec<i64> = bad.map(|row| row.at.0 / MINUTE.0).collect();
        (at.first().map(|at| (at / 1_440 + 2, at / 60 % 24, at % 60)), at.len())
    };
    assert_eq!(first("vendor-default"), (Some((11, 11, 39)), 2));
    assert_eq!(first("deferred"), (Some((13, 11, 32)), 22));
    assert_eq!(first("weekly-window"), (None, 0));
    assert_eq!(first("preferred-day"), (None, 0));
}
