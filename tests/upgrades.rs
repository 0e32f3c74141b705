//! Upgrade policies by hand: small scenarios with constant times, whose updates are worked out in the comments.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use fleetcast::environment::demand::level::Level;
use fleetcast::fleet::Status;
use fleetcast::recording::rows::Rows;
use fleetcast::scenario::{self, Study};
use fleetcast::simulation::run::Replication;

/// A site in Berlin with one group of three, updates of ten minutes, no failures; a day and a half of quiet by default.
const WORLD: &str = r#"
name = "upgrades"
start = "2026-03-23T00:00:00[Europe/Berlin]"
horizon = "10d"
initial = "fresh"
replications = 1
tick = "5m"
[instances.medium]
capacity_mbps = 100.0
idle_cpu_percent = 0.0
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
time_zone = "Europe/Berlin"
[[fleet.groups]]
name = "app"
site = "fra"
connectors = 3
instance = "medium"
demand = "users"
[updates]
duration = { dist = "constant", value = "10m" }
transient_failure = 0.0
persistent_failure = 0.0
"#;

fn study(rest: &str) -> Study {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upgrades.toml");
    let demand = if rest.contains("[demand.users]") { "" } else { "[demand.users]\nusers = 0\n" };
    std::fs::write(&path, format!("{WORLD}{demand}{rest}")).unwrap();
    scenario::load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Starts of updates: slot and local time, one a line; and what each attempt came to.
fn starts(rest: &str) -> String {
    let study = study(rest);
    let rows = Replication::new(&study.model, 0, 0, Level::new()).run_group(0, Rows::default());
    let mut told = String::new();
    for row in rows.slots.iter().filter(|row| row.to.status == Status::Updating) {
        let civil = study.clock.start().to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap())
            + jiff::SignedDuration::from_millis(row.at.0);
        writeln!(told, "{} {}", row.slot, civil.strftime("%a %d %H:%M:%S")).unwrap();
    }
    told
}

const MONDAY: &str = "[releases]\ndates = [\"2026-03-23T12:00:00\"]\n";

/// Published on Monday at noon; nothing is seen late that matters, so one follows the other.
#[test]
fn the_vendor_begins_at_publication() {
    assert_eq!(starts(MONDAY), "0 Mon 23 12:00:00\n1 Mon 23 12:10:00\n2 Mon 23 12:20:00\n");
}

#[test]
fn all_at_once_takes_everybody() {
    let policy = format!("{MONDAY}[policies.p]\nupgrade = {{ preset = \"all-at-once\" }}\n");
    assert_eq!(starts(&policy), "0 Mon 23 12:00:00\n1 Mon 23 12:00:00\n2 Mon 23 12:00:00\n");
}

/// In the night to Sunday, 29 March, the clocks of Berlin go from 02:00 to 03:00, so a window from 02:30 opens at 03:30 and
/// lasts its half hour of real time: with updates that must be able to end at their limit of 15 minutes, one starts at
/// 03:30 and the next, at 03:40, could end at 03:55; the third could end only at 04:05 and waits a week.
#[test]
fn a_window_that_the_clocks_skip_moves_by_the_gap() {
    let policy = format!(
        "{MONDAY}[policies.p]\nupgrade = {{ preset = \"weekly-window\", days = [\"sun\"], from = \"02:30\", length = \"30m\" }}\n"
    );
    assert_eq!(starts(&policy), "0 Sun 29 03:30:00\n1 Sun 29 03:40:00\n");
    let merely = policy.replace("length", "must_end = false, length");
    assert_eq!(starts(&merely), "0 Sun 29 03:30:00\n1 Sun 29 03:40:00\n2 Sun 29 03:50:00\n");
}

/// Published on Monday at 23:48. On Mondays and Tuesdays, all day long, the update that begins at 23:58 straddles the midnight
/// between them, which ends no window. On Tuesdays alone all wait for midnight.
#[test]
fn windows_that_adjoin_are_one() {
    let late = MONDAY.replace("12:00", "23:48");
    let policy = |days: &str| {
        format!(
            "{late}[policies.p]\nupgrade = {{ preset = \"weekly-window\", days = {days}, from = \"00:00\", length = \"24h\" }}\n"
        )
    };
    let straddles = "0 Mon 23 23:48:00\n1 Mon 23 23:58:00\n2 Tue 24 00:08:00\n";
    assert_eq!(starts(&policy("[\"mon\", \"tue\"]")), straddles);
    assert_eq!(starts(&policy("[\"tue\"]")), "0 Tue 24 00:00:00\n1 Tue 24 00:10:00\n2 Tue 24 00:20:00\n");
}

/// A week after Monday noon is Monday 30; the first Saturday after it is 4 April, beyond the ten days. On a Tuesday it is
/// the 31st at 02:00.
#[test]
fn a_preferred_day_comes_after_a_week() {
    let policy =
        format!("{MONDAY}[policies.p]\nupgrade = {{ preset = \"preferred-day\", days = [\"tue\"] }}\n");
    assert_eq!(starts(&policy), "0 Tue 31 02:00:00\n1 Tue 31 02:10:00\n2 Tue 31 02:20:00\n");
}

/// The link of slot 0 is down through the whole window on Tuesday, and the budget counts it, so nobody else may be taken out.
/// 48 hours after the window opened, on Thursday at 02:00, the rollout is forced; the link came back on Wednesday.
#[test]
fn what_misses_its_window_is_forced() {
    let policy = format!(
        "{MONDAY}[policies.p]\nupgrade = {{ preset = \"weekly-window\", days = [\"tue\"], force_after = \"48h\" }}\n\
         [failures.line]\nscope = \"connector\"\n\
         schedule = [{{ at = \"2026-03-24T00:00:00\", for = \"36h\", where = {{ connector = \"app/0\" }} }}]\n"
    );
    assert_eq!(starts(&policy), "0 Thu 26 02:00:00\n1 Thu 26 02:10:00\n2 Thu 26 02:20:00\n");
}

/// Each part of the fleet may have a window of its own; the others keep the policy's.
#[test]
fn a_part_may_have_its_own_window() {
    let policy = format!(
        "{MONDAY}[policies.p]\nupgrade = {{ preset = \"weekly-window\", windows = [{{ where = {{ site = \"fra\" }}, \
         days = [\"wed\"], from = \"03:00\", length = \"1h\" }}] }}\n"
    );
    assert_eq!(starts(&policy), "0 Wed 25 03:00:00\n1 Wed 25 03:10:00\n2 Wed 25 03:20:00\n");
}

/// The freeze ends at midnight of Wednesday.
#[test]
fn a_freeze_holds_updates_back() {
    let policy = format!(
        "{MONDAY}[policies.p]\nupgrade.freeze = [{{ from = \"2026-03-23\", to = \"2026-03-25\" }}]\n"
    );
    assert_eq!(starts(&policy), "0 Wed 25 00:00:00\n1 Wed 25 00:10:00\n2 Wed 25 00:20:00\n");
}

/// A freeze that began before the run holds until it ends.
#[test]
fn a_freeze_may_have_begun_before_the_run() {
    let policy = format!(
        "{MONDAY}[policies.p]\nupgrade.freeze = [{{ from = \"2026-03-01\", to = \"2026-03-24\" }}]\n"
    );
    assert_eq!(starts(&policy), "0 Tue 24 00:00:00\n1 Tue 24 00:10:00\n2 Tue 24 00:20:00\n");
}

/// One behind: the first release begins when the second is published, at 18:00. An urgent second begins at once and the
/// first is never rolled out.
#[test]
fn one_behind_unless_urgent() {
    let policy = "[policies.p]\nupgrade = { preset = \"deferred\" }\n";
    let two = format!("[releases]\ndates = [\"2026-03-23T12:00:00\", \"2026-03-23T18:00:00\"]\n{policy}");
    let six = "0 Mon 23 18:00:00\n1 Mon 23 18:10:00\n2 Mon 23 18:20:00\n";
    assert_eq!(starts(&two), six);
    let agents = |text: &str| {
        let study = study(text);
        let rows = Replication::new(&study.model, 0, 0, Level::new()).run_group(0, Rows::default());
        rows.slots.last().unwrap().to.agent
    };
    assert_eq!(agents(&two), 1);
    let urgent = two.replace("\"2026-03-23T18:00:00\"", "{ at = \"2026-03-23T18:00:00\", urgent = true }");
    assert_eq!((starts(&urgent).as_str(), agents(&urgent)), (six, 2));
}

/// Three carry 150 Mbps at 50 %; without one it would be 75 %, above the gate's 70 %, so nobody is spared until the demand
/// halves on Tuesday at 12:00. The sample of that tick is 25 % and the running average of three samples (50 + 50 + 25)/3 =
/// 41.7 %, for two of three 62.5 %; it is seen 8 minutes later. At 12:18 the updater sees 12:10: two serving at
/// (25 + 25 + 37.5)/3 = 29.2 %, for one of them 58.3 %. At 12:28 it sees 12:20, two serving at 37.5 %, for one of them 75 %,
/// and waits; at 12:36 it sees that three serve since 12:28, with an average still 37.5 %, for two of three 56.3 %.
#[test]
fn a_gate_holds_while_the_load_is_high_and_then_opens() {
    let policy = format!(
        "{MONDAY}[policies.p]\nupgrade = {{ preset = \"capacity-aware\" }}\n\
         [demand.users]\nusers = 150\nmbps_per_user = 1.0\n\
         events = [{{ at = \"2026-03-24T12:00:00\", for = \"6d\", factor = 0.5 }}]\n"
    );
    assert_eq!(starts(&policy), "0 Tue 24 12:08:00\n1 Tue 24 12:18:00\n2 Tue 24 12:36:00\n");
}

/// Slot 1 fails twice. Halting, nobody else is updated for an hour and then for two. Skipping, slot 2 goes on and slot 1
/// is left alone. Continuing, slot 2 goes on and slot 1 is tried again an hour after its first failure and two after its second.
#[test]
fn a_failure_halts_or_is_skipped_or_waits_alone() {
    let fails = "fails = [{ release = 1, connector = \"app/1\", attempts = 2 }]\n";
    let with = |word: &str| {
        starts(&format!("{MONDAY}{fails}[policies.p]\nupgrade = {{ on_failure = \"{word}\" }}\n"))
    };
    assert_eq!(
        with("halt"),
        "0 Mon 23 12:00:00\n1 Mon 23 12:10:00\n1 Mon 23 13:20:00\n1 Mon 23 15:30:00\n2 Mon 23 15:40:00\n"
    );
    assert_eq!(with("skip"), "0 Mon 23 12:00:00\n1 Mon 23 12:10:00\n2 Mon 23 12:20:00\n");
    assert_eq!(
        with("continue"),
        "0 Mon 23 12:00:00\n1 Mon 23 12:10:00\n2 Mon 23 12:20:00\n1 Mon 23 13:20:00\n1 Mon 23 15:30:00\n"
    );
}

/// Slot 2 is down at publication, seen 8 minutes late: it comes back at 13:00 and is updated at 13:08. The vendor's own
/// updater sees it at once.
#[test]
fn links_are_seen_late_by_others_than_the_vendor() {
    let outage = "[failures.line]\nscope = \"connector\"\n\
        schedule = [{ at = \"2026-03-23T11:00:00\", for = \"2h\", where = { connector = \"app/2\" } }]\n";
    let own = format!(
        "{MONDAY}{outage}[policies.p]\nupgrade = {{ preset = \"deferred\", behind = 0, budget_counts = \"voluntary\" }}\n"
    );
    assert_eq!(starts(&own), "0 Mon 23 12:00:00\n1 Mon 23 12:10:00\n2 Mon 23 13:08:00\n");
    let vendor = format!("{MONDAY}{outage}");
    assert_eq!(starts(&vendor), "0 Mon 23 12:00:00\n1 Mon 23 12:10:00\n2 Mon 23 13:00:00\n");
}
