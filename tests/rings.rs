//! Rollouts in rings as scenarios ask for them: the presets by hand, and what is told of a rollout that stands still.

#![allow(clippy::unwrap_used)]

use fleetcast::control::upgrade::Hold;
use fleetcast::environment::demand::level::Level;
use fleetcast::scenario::{self, Study};
use fleetcast::simulation::observer::{Happening, Observer, Unfinished};
use fleetcast::simulation::run::Replication;
use fleetcast::time::{DAY, MINUTE, Time};

/// Twenty groups of two at one site, updates of ten minutes, a release after a day, nothing fails.
const WORLD: &str = r#"
name = "rings"
start = "2026-01-05T00:00:00[UTC]"
horizon = "30d"
initial = "fresh"
replications = 1
[instances.medium]
capacity_mbps = 100.0
idle_cpu_percent = 0.0
[[fleet.regions]]
name = "eu"
[[fleet.sites]]
name = "fra"
region = "eu"
time_zone = "UTC"
[[fleet.groups]]
name = "app"
count = 20
site = "fra"
connectors = 2
instance = "medium"
demand = "users"
[demand.users]
users = 0
[updates]
duration = { dist = "constant", value = "10m" }
"#;

fn study(rest: &str) -> Study {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rings.toml");
    std::fs::write(&path, format!("{WORLD}{rest}")).unwrap();
    scenario::load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

#[derive(Default)]
struct Group {
    begun: Vec<(Time, usize)>,
    rolled_back: Vec<(Time, usize)>,
    unfinished: Option<Unfinished>,
}

impl Observer for Group {
    fn happened(&mut self, at: Time, what: Happening) {
        match what {
            Happening::RolloutBegan { release, .. } => self.begun.push((at, release)),
            Happening::RolledBack { release, .. } => self.rolled_back.push((at, release)),
            Happening::Unfinished(unfinished) => self.unfinished = Some(unfinished),
            _ => {}
        }
    }
}

fn groups(rest: &str) -> Vec<Group> {
    let study = study(rest);
    Replication::new(&study.model, 0, 0, Level::new()).run_all(|_| Group::default())
}

/// How many groups began at each minute, ascending.
fn beginnings(groups: &[Group]) -> Vec<(i64, usize)> {
    let mut begun: Vec<i64> = groups.iter().flat_map(|of| &of.begun).map(|(at, _)| at.0 / MINUTE.0).collect();
    begun.sort_unstable();
    begun.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect()
}

const RELEASE: &str = "[releases]\ndates = [\"1d\"]\n";
const DAY_MINUTES: i64 = 24 * 60;

/// Of 20 groups a hundredth is one, a tenth two, half ten. A group of two takes twenty minutes, which is seen at the next
/// quarter, so the rings open 24 h and 30 min after one another.
#[test]
fn the_preset_rings_takes_one_two_ten_and_all() {
    let groups = groups(&format!("{RELEASE}[policies.p]\nupgrade = {{ preset = \"rings\" }}\n"));
    let step = DAY_MINUTES + 30;
    let expected = [(0, 1), (1, 1), (2, 8), (3, 10)].map(|(ring, n)| (DAY_MINUTES + ring * step, n));
    assert_eq!(beginnings(&groups), expected);
    assert!(groups.iter().all(|group| group.unfinished.is_none()));
}

/// A tenth, and a week later the others; or the chosen places first.
#[test]
fn the_preset_two_phase_waits_a_week() {
    let others = 8 * DAY_MINUTES + 30;
    let preset = format!("{RELEASE}[policies.p]\nupgrade = {{ preset = \"two-phase\" }}\n");
    assert_eq!(beginnings(&groups(&preset)), [(DAY_MINUTES, 2), (others, 18)]);
    let chosen = format!(
        "{RELEASE}[policies.p]\nupgrade = {{ preset = \"two-phase\", rings = [{{ where = {{ group = \"app-007\" }} }}, {{}}] }}\n"
    );
    let groups = groups(&chosen);
    assert_eq!(beginnings(&groups), [(DAY_MINUTES, 1), (others, 19)]);
    assert_eq!(groups[7].begun, [(Time(DAY.0), 1)]);
}

/// Ten groups may begin within an hour: ten at once and ten an hour later.
#[test]
fn a_rate_limit_alone_makes_one_ring_of_everybody() {
    let limited = format!("{RELEASE}[policies.p]\nupgrade.rate_limit = {{ groups = 10, per = \"1h\" }}\n");
    assert_eq!(beginnings(&groups(&limited)), [(DAY_MINUTES, 10), (DAY_MINUTES + 60, 10)]);
}

/// An urgent release a day after the first finds the second ring closed, and goes everywhere at once.
#[test]
fn an_urgent_release_begins_everywhere_at_its_publication() {
    let urgent = "[releases]\ndates = [\"1d\", { at = \"2d\", urgent = true }]\n[policies.p]\nupgrade = { preset = \"two-phase\" }\n";
    assert_eq!(beginnings(&groups(urgent)), [(DAY_MINUTES, 2), (2 * DAY_MINUTES, 20)]);
}

/// Every attempt fails and nobody repairs within the run: the group of the first ring stands halted, so the second never
/// opens. Everybody is told of, since the release began or was published, which is the same instant, with the rule.
#[test]
fn a_rollout_that_stands_still_says_where_since_when_and_why() {
    let policy = "[policies.p]\nupgrade = { preset = \"rings\", attempts = 1000 }\n";
    let groups = groups(&format!("persistent_failure = 1.0\n{RELEASE}{policy}"));
    let of: Vec<Unfinished> = groups.iter().filter_map(|group| group.unfinished).collect();
    let expected = |hold| Unfinished { release: 1, connectors: 2, since: Time(DAY.0), hold };
    let with = |hold| of.iter().filter(|&&of| of == expected(hold)).count();
    assert_eq!([with(Hold::Halted), with(Hold::NotBegun), of.len()], [1, 19, 20], "{of:?}");
}

/// Two of the three connectors that a bad release has reached are down at once soon after it came: it is rolled back there,
/// and the others, of whom nobody ran it, wait for the next.
#[test]
fn a_release_that_breaks_connectors_is_rolled_back() {
    let groups = groups(
        "[releases]\ndates = [{ at = \"1d\", bad = true }]\nbad = { failure_multiplier = 1e6 }\n\
         [failures.node]\ntime_to_failure = { dist = \"exponential\", mean = \"10000d\" }\n\
         time_to_restore = { dist = \"constant\", value = \"12h\" }\n\
         [policies.p]\nupgrade = { preset = \"rings\" }\n",
    );
    let rolled_back = groups.iter().filter(|group| !group.rolled_back.is_empty()).count();
    let holds =
        |hold| groups.iter().filter(|group| group.unfinished.is_some_and(|of| of.hold == hold)).count();
    assert_eq!([rolled_back, holds(Hold::RolledBack), holds(Hold::NotBegun)], [1, 1, 19]);
}
