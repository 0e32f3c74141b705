//! Blame, worked out by hand in small cases, and its sums in hundreds of random models.
//!
//! Unless a test says otherwise: connectors carry 500 Mbps and idle at 5 %, a user needs 0.25 Mbps, a tick comes every five
//! minutes, the average is over three of them and the threshold is 70 %. Charges are told as lines
//! `cause connector-minutes overloaded-minutes unserved-user-minutes`.

#![allow(clippy::unwrap_used)]

#[path = "support/builder.rs"]
mod builder;
#[path = "support/swarm.rs"]
mod swarm;

use std::cell::RefCell;

use fearless_simd::Level;
use fleetcast::environment::Scope;
use fleetcast::environment::failure::Place;
use fleetcast::environment::release::{PlannedRelease, ReleaseDates};
use fleetcast::recording::blame::BlameRecorder;
use fleetcast::recording::tally::Tallier;
use fleetcast::recording::{Blame, GroupTally};
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Observer, Standing};
use fleetcast::simulation::run::Replication;
use fleetcast::time::{MINUTE, Time};

use builder::{add_demand, add_group, add_outages, hour, minute, model};

/// Connector-milliseconds of configured slots that did not serve, counted slot by slot.
#[derive(Default)]
struct Missing(i64);

impl Observer for Missing {
    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        let slots = standing.axes.configured.iter();
        self.0 += slots.filter(|&slot| !standing.serving.contains(slot)).count() as i64 * (to - from).0;
    }
}

/// What is charged in replication 0, its tally, and the connector-milliseconds missing.
fn charged(model: &Model) -> (Blame, GroupTally, i64) {
    let blame = RefCell::new(Blame::new(model.environment.failures.len()));
    let level = Level::new();
    let replication = Replication::new(model, 0, 0, level);
    let observer = |group| {
        let weights = replication.balance_weights(group);
        let recorder = BlameRecorder::new(model, group, &weights, level, &blame);
        (Tallier::new(model, group, 0.999, level), (recorder, Missing::default()))
    };
    let (mut sum, mut missing) = (GroupTally::default(), 0);
    for (tally, (_, of_group)) in replication.run_all(observer) {
        sum.merge(&tally.tally());
        missing += of_group.0;
    }
    (blame.into_inner(), sum, missing)
}

/// Asserts the charges of `model`, and that they add up.
#[track_caller]
fn charges(model: &Model, expected: &[&str]) {
    let (blame, tally, missing) = charged(model);
    let classes: Vec<String> = model.environment.failures.iter().map(|class| class.cause.clone()).collect();
    let minutes = |millis: i128| {
        assert_eq!(millis % i128::from(MINUTE.0), 0, "not whole minutes");
        millis / i128::from(MINUTE.0)
    };
    let line = |(cause, of): (&str, fleetcast::recording::blame::Charges)| {
        let (missing, overloaded) = (minutes(of.missing.into()), minutes(of.overloaded.into()));
        format!("{cause} {missing} {overloaded} {}", minutes(of.unserved_users))
    };
    let lines: Vec<String> = blame.by_cause(&classes).map(line).collect();
    assert_eq!(lines, expected);
    add_up(&blame, &tally, missing);
}

#[track_caller]
fn add_up(blame: &Blame, tally: &GroupTally, missing: i64) {
    let total = blame.total();
    assert_eq!(total.overloaded, tally.overloaded, "milliseconds overloaded");
    assert_eq!(total.unserved_users, tally.unserved_users, "user-milliseconds unserved");
    assert_eq!(total.missing, missing, "connector-milliseconds missing");
}

/// A group of so many under a constant demand.
fn group_of(connectors: usize, mbps: f32) -> Model {
    let mut model = model();
    add_demand(&mut model, mbps);
    add_group(&mut model, "app", connectors);
    model
}

/// A class of its own for outages of these slots.
fn outage(model: &mut Model, slots: &[usize], from: Time, to: Time) {
    let outages: Vec<_> = slots.iter().map(|&slot| (from, to - from, Place::Connector(0, slot))).collect();
    add_outages(model, Scope::Connector, &outages);
}

/// 500 Mbps on two connectors are 52.5 %, on one 100 %. Slot 0 is out from 1:00 to 2:00. The average is 68.3 % at 1:00,
/// 84.2 % at 1:05, 100 % from 1:10 on, 84.2 % at 2:00 and 68.3 % at 2:05: twelve ticks are overloaded. One connector
/// carries it all.
#[test]
fn one_missing_connector_of_two_is_to_blame() {
    let mut model = group_of(2, 500.0);
    outage(&mut model, &[0], hour(1), hour(2));
    charges(&model, &["class-0 60 60 0"]);
}

/// 800 Mbps on two connectors are 81 %: overloaded for all of the two days, and an hour with one connector changes
/// nothing about that. In this hour 300 Mbps, 1,200 users, find no room that would have been there.
#[test]
fn demand_is_to_blame_for_what_all_connectors_could_not_carry() {
    let mut model = group_of(2, 800.0);
    charges(&model, &["demand 0 2880 0"]);
    outage(&mut model, &[1], hour(1), hour(2));
    charges(&model, &["class-0 60 0 72000", "demand 0 2880 0"]);
}

/// 1,200 Mbps are 200 Mbps, 800 users, too many for two connectors: 800 × 2,880 min. For an hour only one serves: 700 Mbps
/// are left, of which 500, 2,000 users, are due to the outage.
#[test]
fn unserved_demand_is_divided_into_what_remains_and_what_is_missing() {
    let mut model = group_of(2, 1_200.0);
    outage(&mut model, &[1], hour(1), hour(2));
    charges(&model, &["class-0 60 0 120000", "demand 0 2880 2304000"]);
}

/// A bad release doubles what traffic costs. 600 Mbps on two good connectors are 62 %; a bad one would be at 119 %, is
/// displayed with 100 %, and leaves 50 of its 300 Mbps. Updates serve on: slot 0 is bad from 1:10, slot 1 from 1:20. The
/// average is 68.3 % at 1:10 and 74.7 % at 1:15: overloaded for 105 minutes up to the end at 3:00. Unserved are 200 users
/// for ten minutes and 400 for a hundred.
#[test]
fn a_bad_release_is_to_blame_while_everybody_serves() {
    let mut model = group_of(2, 600.0);
    bad_release(&mut model);
    charges(&model, &["bad_release 0 105 42000"]);
}

/// A bad release with CPU multiplier 2 at 1:00, and updates that serve on; the run ends at 3:00.
fn bad_release(model: &mut Model) {
    let planned = PlannedRelease::regular(hour(1), Some(true));
    model.environment.releases.dates = ReleaseDates::Explicit(vec![planned]);
    model.environment.releases.bad.cpu_multiplier = 2.0;
    model.environment.updates.serve_while_updating = true;
    model.horizon = hour(3);
}

/// The same with 400 Mbps, and slot 1 out from 2:00 to 2:30. With 200 Mbps each a good connector is at 43 %, a bad one
/// at 81 %: samples are 62 % at 1:10 and 1:15 and 81 % or more from 1:20 on, the average is 68.3 % at 1:20 and 74.7 % at 1:25,
/// so 95 minutes are overloaded. Up to 2:00 nothing but the release takes part. In the window of the tick at 2:05 it
/// has ten minutes of two halves and five of one half, 12.5 connector-minutes, and the outage 5: it gets 5/7. At 2:10 it
/// is 10 to 10, from 2:15 to 2:30 it is 7.5 to 15; 2:35 is like 2:10, 2:40 like 2:05, and then the release is alone again.
/// While slot 0 is alone it leaves 150 Mbps, 600 users, which are divided 1 : 2.
#[test]
fn what_serves_badly_is_weighed_against_what_is_missing() {
    let mut model = group_of(2, 400.0);
    bad_release(&mut model);
    outage(&mut model, &[1], hour(2), minute(150));
    let (blame, tally, missing) = charged(&model);
    add_up(&blame, &tally, missing);
    let classes = ["outage".to_owned()];
    let charges: Vec<_> = blame.by_cause(&classes).collect();
    let [("outage", outage), ("bad_release", bad)] = charges[..] else { panic!("{charges:?}") };
    assert_eq!(outage.missing, 30 * MINUTE.0);
    assert_eq!(outage.unserved_users, 600 * 30 * i128::from(MINUTE.0) * 2 / 3);
    assert_eq!(bad.unserved_users, 600 * 30 * i128::from(MINUTE.0) / 3);
    // The rest of a division is the outage's: classes come first in the order.
    let shares = [300_000 * 5 / 7, 150_000, 100_000, 100_000, 100_000, 100_000, 150_000, 300_000 * 5 / 7];
    let later = 95 * MINUTE.0 - 8 * 5 * MINUTE.0;
    assert_eq!(bad.overloaded, later + shares.iter().sum::<i64>());
}

/// 600 Mbps on four connectors are 33.5 %, on one it is full and leaves 100 Mbps, 400 users. One connector is missing by
/// class 0 and two by class 1, from 1:00 to 2:00: twelve ticks, from 1:05 to 2:00, and all lost user-minutes 1 : 2.
#[test]
fn two_causes_share_in_proportion_to_their_connectors() {
    let mut model = group_of(4, 600.0);
    outage(&mut model, &[0], hour(1), hour(2));
    outage(&mut model, &[2, 3], hour(1), hour(2));
    charges(&model, &["class-0 60 20 8000", "class-1 120 40 16000"]);
}

/// One of two is missing from 1:00 to 1:05 by class 0 and on to 1:15 by class 1. Overloaded are 1:05 (only class 0 lies
/// before it), 1:10 (five minutes of each) and 1:15 (five and ten).
#[test]
fn two_causes_share_in_proportion_to_time_in_the_window() {
    let mut model = group_of(2, 500.0);
    outage(&mut model, &[0], hour(1), minute(65));
    outage(&mut model, &[0], minute(65), minute(75));
    let (blame, tally, missing) = charged(&model);
    add_up(&blame, &tally, missing);
    let classes = ["a".to_owned(), "b".to_owned()];
    let charges: Vec<_> = blame.by_cause(&classes).map(|(cause, of)| (cause, of.overloaded)).collect();
    assert_eq!(charges, [("a", 300_000 + 150_000 + 100_000), ("b", 150_000 + 200_000)]);
}

/// Slot 0 is out from 1:00 to 3:00, the whole site from 2:00 to 4:00; slot 0 is out by the class that began first until
/// that ends. From 2:00 all 2,000 users are lost: for an hour both classes keep one connector, then the second both. With
/// nobody serving a tick is not overloaded, so these are the eleven from 1:05 to 1:55.
#[test]
fn whoever_keeps_a_connector_when_nobody_serves_has_its_share() {
    let mut model = group_of(2, 500.0);
    outage(&mut model, &[0], hour(1), hour(3));
    add_outages(&mut model, Scope::Site, &[(hour(2), hour(4) - hour(2), Place::Site(0))]);
    charges(&model, &["class-0 120 55 60000", "class-1 180 0 180000"]);
}

/// An average of one tick is that of those serving at it. The ticks from 1:00 to 1:55 are overloaded; nobody is missing
/// before 1:00. With a threshold of 60 % and three ticks, 1:00 (68.3 %) is too, and 2:05: fourteen ticks.
#[test]
fn a_connector_lost_at_the_tick_itself_is_to_blame() {
    let mut model = group_of(2, 500.0);
    outage(&mut model, &[0], hour(1), hour(2));
    model.overload.window = 1;
    charges(&model, &["class-0 60 60 0"]);
    (model.overload.window, model.overload.threshold) = (3, 6_000);
    charges(&model, &["class-0 60 70 0"]);
}

/// A slot without a connector and a disabled one do not serve for two days; the third carries 500 Mbps at 100 %, which on
/// three would be 36.7 %.
#[test]
fn empty_and_disabled_slots_are_missing_as_well() {
    let mut model = group_of(3, 500.0);
    model.fleet.groups[0].slots[1].empty = true;
    model.fleet.groups[0].slots[2].disabled = true;
    charges(&model, &["disabled 2880 1440 0", "deleted 2880 1440 0"]);
}

/// In random models everything overloaded, unserved or missing is charged exactly once.
#[test]
fn charges_add_up_in_random_models() {
    let (mut overloaded, mut unserved) = (0, 0);
    for seed in 0..400 {
        let (blame, tally, missing) = charged(&swarm::scaled_swarm(seed));
        let total = blame.total();
        assert_eq!(
            (total.overloaded, total.unserved_users, total.missing),
            (tally.overloaded, tally.unserved_users, missing),
            "seed {seed}"
        );
        overloaded += usize::from(total.overloaded > 0);
        unserved += usize::from(total.unserved_users > 0);
    }
    assert!(overloaded > 100 && unserved > 100, "{overloaded} and {unserved} models say something");
}
