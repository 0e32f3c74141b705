//! The engine on cases small enough to be worked out by hand from the model's description: constant times, scheduled
//! outages, no chance. What is expected is written as the lines of transitions.csv that a reader would look for:
//!
//! `time slot from->to cause agent`, and for groups `time from->to cause warning reasons`, `-` for what is empty.
//!
//! Unless a test says otherwise: an update takes ten minutes; a failed one is retried after 1 h, then 2 h; an expired
//! connector is replaced a day later and boots in five minutes; validation is not renewed within the run.

#![allow(clippy::unwrap_used)]

#[path = "support/builder.rs"]
mod builder;

use fleetcast::environment::failure::Place;
use fleetcast::environment::release::UpdateFault;
use fleetcast::environment::{Expiry, Scope};
use fleetcast::recording::rows;
use fleetcast::recording::{GroupRow, SlotRow};
use fleetcast::simulation::Model;
use fleetcast::time::{HOUR, MINUTE, SECOND, Span, Time};

use builder::{
    add_demand, add_group, add_outages, add_site, constant, hour, hours, minute, minutes, model, publish,
};

/// `2:05`, or `2:05:00.001` where it is no whole minute.
fn clock(at: Time) -> String {
    let (hours, minutes) = (at.0 / HOUR.0, at.0 % HOUR.0 / MINUTE.0);
    match at.0 % MINUTE.0 {
        0 => format!("{hours}:{minutes:02}"),
        rest => format!("{hours}:{minutes:02}:{:02}.{:03}", rest / SECOND.0, rest % SECOND.0),
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn causes(model: &Model) -> Vec<String> {
    model.environment.failures.iter().map(|class| class.cause.clone()).collect()
}

fn slot_line(row: &SlotRow, causes: &[String]) -> String {
    let from = row.from.map_or("", |from| from.status.word());
    let (to, cause) = (row.to.status.word(), or_dash(row.to.cause.label(causes)));
    format!("{} {} {from}->{to} {cause} {}", clock(row.at), row.slot, row.to.agent)
}

fn group_line(row: &GroupRow, causes: &[String]) -> String {
    let from = row.from.map_or("", |from| from.status.word());
    let (to, cause) = (row.to.status.word(), or_dash(row.to.cause.label(causes)));
    let (warning, reasons) = (if row.to.warning { "warning" } else { "-" }, row.to.icon.reasons());
    format!("{} {from}->{to} {cause} {warning} {}", clock(row.at), or_dash(reasons))
}

/// The lines of the slots of group 0 after the first instant.
#[track_caller]
fn slots(model: &Model, expected: &[&str]) {
    let rows = rows::of_replication(model, 0, 0).swap_remove(0);
    let later = rows.slots.iter().filter(|row| row.from.is_some());
    let lines: Vec<String> = later.map(|row| slot_line(row, &causes(model))).collect();
    assert_eq!(lines, expected);
}

/// The lines of group 0 after the first instant.
#[track_caller]
fn group(model: &Model, expected: &[&str]) {
    let rows = rows::of_replication(model, 0, 0).swap_remove(0);
    let later = rows.groups.iter().filter(|row| row.from.is_some());
    let lines: Vec<String> = later.map(|row| group_line(row, &causes(model))).collect();
    assert_eq!(lines, expected);
}

/// A group of so many, and a release at 1:00.
fn updating(connectors: usize) -> Model {
    let mut model = model();
    add_group(&mut model, "app", connectors);
    publish(&mut model, &[hour(1)]);
    model
}

/// Attempts of `slot` at release 1 that fail.
fn fail_attempts(model: &mut Model, slot: usize, attempts: u32) {
    model.environment.releases.faults.push(UpdateFault { release: 1, group: 0, slot, attempts });
}

/// An outage of one connector of group 0.
fn outage(model: &mut Model, slot: usize, from: Time, to: Time) {
    add_outages(model, Scope::Connector, &[(from, to - from, Place::Connector(0, slot))]);
}

const MS: Span = Span(1);

/// Slot 0 succeeds at 1:10. Slot 1 fails at 1:20: it serves again on release 0, and slot 2, whose turn it would be, has
/// to wait. An hour later slot 1 is first again, then slot 2. The group is yellow from the failure to the success.
#[test]
fn a_failed_update_halts_its_group() {
    let mut model = updating(3);
    fail_attempts(&mut model, 1, 1);
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Connected - 1",
            "1:10 1 Connected->Updating update 0",
            "1:20 1 Updating->Connected - 0",
            "2:20 1 Connected->Updating update 0",
            "2:30 1 Updating->Connected - 1",
            "2:30 2 Connected->Updating update 0",
            "2:40 2 Updating->Connected - 1",
        ],
    );
    group(&model, &["1:20 Connected->Connected - - update_failed", "2:30 Connected->Connected - - -"]);
}

/// Two attempts are allowed. Failures at 1:10 and 2:20; the repair takes four hours from the second, to 6:20, and ends
/// the fault: success at 6:30.
#[test]
fn exhausted_attempts_wait_for_a_repair() {
    let mut model = updating(1);
    fail_attempts(&mut model, 0, 100);
    model.policies[0].upgrade.attempts = 2;
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Connected - 0",
            "2:10 0 Connected->Updating update 0",
            "2:20 0 Updating->Connected - 0",
            "6:20 0 Connected->Updating update 0",
            "6:30 0 Updating->Connected - 1",
        ],
    );
}

/// The link of slot 0 is lost in the middle of its update: no failed attempt, so no halt, and slot 1 is next in the same
/// instant. When the link is back slot 1 is done and slot 0 begins anew, for the full ten minutes.
#[test]
fn a_failure_aborts_an_update_and_the_next_connector_begins() {
    let mut model = updating(2);
    outage(&mut model, 0, minute(65), minute(105));
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:05 0 Updating->Disconnected class-0 0",
            "1:05 1 Connected->Updating update 0",
            "1:15 1 Updating->Connected - 1",
            "1:45 0 Disconnected->Updating update 0",
            "1:55 0 Updating->Connected - 1",
        ],
    );
    // Slot 1 serves while slot 0 is down, except from 1:05 to 1:15.
    group(&model, &["1:05 Connected->Disconnected update - -", "1:15 Disconnected->Connected - - -"]);
}

/// A failure comes before the end of an update at the same instant, so the update is aborted; a millisecond later it
/// finds the release installed.
#[test]
fn a_failure_at_the_end_of_an_update() {
    let mut model = updating(1);
    outage(&mut model, 0, minute(70), minute(80));
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Disconnected class-0 0",
            "1:20 0 Disconnected->Updating update 0",
            "1:30 0 Updating->Connected - 1",
        ],
    );
    let mut model = updating(1);
    outage(&mut model, 0, minute(70) + MS, minute(80));
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Connected - 1",
            "1:10:00.001 0 Connected->Disconnected class-0 1",
            "1:20 0 Disconnected->Connected - 1",
        ],
    );
}

/// One connector that is first renewed at 3:00, and again a day later.
fn renewed_at_three(from: Time, to: Time) -> Model {
    let mut model = model();
    add_group(&mut model, "app", 1);
    model.environment.validation.period = hours(24);
    model.environment.validation.phase = Some(constant(hours(3)));
    outage(&mut model, 0, from, to);
    model
}

/// A link that is back before the renewal, or at its very instant, is renewed: restore comes before renewal.
#[test]
fn a_link_that_is_back_in_time_does_not_expire() {
    slots(
        &renewed_at_three(hour(2), hour(3) - MS),
        &["2:00 0 Connected->Disconnected class-0 0", "2:59:59.999 0 Disconnected->Connected - 0"],
    );
    slots(
        &renewed_at_three(hour(2), hour(3)),
        &["2:00 0 Connected->Disconnected class-0 0", "3:00 0 Disconnected->Connected - 0"],
    );
    slots(
        &renewed_at_three(hour(3) - MS, hour(3)),
        &["2:59:59.999 0 Connected->Disconnected class-0 0", "3:00 0 Disconnected->Connected - 0"],
    );
}

/// A millisecond late is too late. The replacement is first renewed a day after it enrols.
#[test]
fn a_link_that_is_back_too_late_has_expired() {
    slots(
        &renewed_at_three(hour(2), hour(3) + MS),
        &[
            "2:00 0 Connected->Disconnected class-0 0",
            "3:00 0 Disconnected->Expired expired 0",
            "27:00 0 Expired->Deploying deploying 0",
            "27:05 0 Deploying->Connected - 0",
        ],
    );
}

/// A failure at the instant of the renewal comes first and expires the connector: one row, from the first status to the
/// last. A millisecond later it is renewed.
#[test]
fn a_failure_at_the_instant_of_the_renewal_expires() {
    slots(
        &renewed_at_three(hour(3), hour(4)),
        &[
            "3:00 0 Connected->Expired expired 0",
            "27:00 0 Expired->Deploying deploying 0",
            "27:05 0 Deploying->Connected - 0",
        ],
    );
    slots(
        &renewed_at_three(hour(3) + MS, hour(4)),
        &["3:00:00.001 0 Connected->Disconnected class-0 0", "4:00 0 Disconnected->Connected - 0"],
    );
}

/// The second renewal, at 27:00, counts like the first.
#[test]
fn every_renewal_counts() {
    slots(
        &renewed_at_three(hour(26), hour(28)),
        &["26:00 0 Connected->Disconnected class-0 0", "27:00 0 Disconnected->Expired expired 0"],
    );
}

/// With a grace of one hour an outage of exactly an hour is over in time; one of a millisecond more is not.
#[test]
fn an_outage_as_long_as_the_grace_does_not_expire() {
    let mut model = renewed_at_three(hour(2), hour(3));
    model.environment.validation.expiry = Expiry::Grace(hours(1));
    slots(&model, &["2:00 0 Connected->Disconnected class-0 0", "3:00 0 Disconnected->Connected - 0"]);
    let mut model = renewed_at_three(hour(2), hour(3) + MS);
    model.environment.validation.expiry = Expiry::Grace(hours(1));
    model.horizon = hour(26);
    slots(&model, &["2:00 0 Connected->Disconnected class-0 0", "3:00 0 Disconnected->Expired expired 0"]);
}

/// Release 2 comes at 1:15, five minutes into the update of slot 1: that one serves at once on release 0, and all three
/// are pending, slot 0 first. Rows of an instant are in slot order.
#[test]
fn a_release_supersedes_an_unfinished_one() {
    let mut model = updating(3);
    publish(&mut model, &[hour(1), minute(75)]);
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Connected - 1",
            "1:10 1 Connected->Updating update 0",
            "1:15 0 Connected->Updating update 1",
            "1:15 1 Updating->Connected - 0",
            "1:25 0 Updating->Connected - 2",
            "1:25 1 Connected->Updating update 0",
            "1:35 1 Updating->Connected - 2",
            "1:35 2 Connected->Updating update 0",
            "1:45 2 Updating->Connected - 2",
        ],
    );
}

/// Slot 0 fails at 1:10 and would be retried at 2:10; the next release at 1:30 ends the halt and clears the icon.
#[test]
fn a_release_ends_a_halt() {
    let mut model = updating(2);
    publish(&mut model, &[hour(1), minute(90)]);
    fail_attempts(&mut model, 0, 9);
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Connected - 0",
            "1:30 0 Connected->Updating update 0",
            "1:40 0 Updating->Connected - 2",
            "1:40 1 Connected->Updating update 0",
            "1:50 1 Updating->Connected - 2",
        ],
    );
    group(&model, &["1:10 Connected->Connected - - update_failed", "1:30 Connected->Connected - - -"]);
}

/// A disabled connector is updated in its turn and stays `Disabled` on display: its row at 1:10 tells the new version
/// alone. While the enabled one is updated nobody serves.
#[test]
fn a_disabled_connector_is_updated_too() {
    let mut model = updating(2);
    model.fleet.groups[0].slots[0].disabled = true;
    slots(
        &model,
        &[
            "1:10 0 Disabled->Disabled disabled 1",
            "1:10 1 Connected->Updating update 0",
            "1:20 1 Updating->Connected - 1",
        ],
    );
    group(&model, &["1:10 Connected->Disconnected update - -", "1:20 Disconnected->Connected - - -"]);
}

#[test]
fn a_group_of_one_is_disconnected_by_its_update() {
    let model = updating(1);
    slots(&model, &["1:00 0 Connected->Updating update 0", "1:10 0 Updating->Connected - 1"]);
    group(&model, &["1:00 Connected->Disconnected update - -", "1:10 Disconnected->Connected - - -"]);
}

/// It serves while it is updated where the switch says so: its status still shows the update, the group's does not.
#[test]
fn a_group_of_one_can_serve_through_its_update() {
    let mut model = updating(1);
    model.environment.updates.serve_while_updating = true;
    slots(&model, &["1:00 0 Connected->Updating update 0", "1:10 0 Updating->Connected - 1"]);
    group(&model, &[]);
}

/// A connector's own outage and its site's begin at 2:00. The wider one comes first and gives the cause, also of what
/// is lost in the same event; that the site is back at 3:00 changes the cause but no status, so no row is written.
#[test]
fn of_outages_at_one_instant_the_wider_comes_first() {
    let mut model = model();
    add_group(&mut model, "app", 2);
    outage(&mut model, 0, hour(2), hour(4));
    add_outages(&mut model, Scope::Site, &[(hour(2), hours(1), Place::Site(0))]);
    slots(
        &model,
        &[
            "2:00 0 Connected->Disconnected class-1 0",
            "2:00 1 Connected->Disconnected class-1 0",
            "3:00 1 Disconnected->Connected - 0",
            "4:00 0 Disconnected->Connected - 0",
        ],
    );
    group(&model, &["2:00 Connected->Disconnected class-1 - -", "3:00 Disconnected->Connected - - -"]);
}

/// Classes of one scope in the order of the scenario.
#[test]
fn of_outages_of_one_scope_the_first_class_comes_first() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    outage(&mut model, 0, hour(2), hour(3));
    outage(&mut model, 0, hour(2), hour(4));
    slots(&model, &["2:00 0 Connected->Disconnected class-0 0", "4:00 0 Disconnected->Connected - 0"]);
}

/// The end of an outage and the beginning of the next at one instant: nothing is displayed in between, and a break of no
/// length is a break for the update that waits: it begins and is aborted, unseen, and begins when the link is back.
#[test]
fn what_lasts_no_time_is_not_displayed() {
    let mut model = updating(1);
    outage(&mut model, 0, minute(30), hour(2));
    outage(&mut model, 0, hour(2), hour(3));
    slots(
        &model,
        &[
            "0:30 0 Connected->Disconnected class-0 0",
            "3:00 0 Disconnected->Updating update 0",
            "3:10 0 Updating->Connected - 1",
        ],
    );
    group(&model, &["0:30 Connected->Disconnected class-0 - -", "3:10 Disconnected->Connected - - -"]);
}

/// Release 2 is published at the instant at which the first update ends: the update ends first, with success, and slot 1
/// begins; the publication cancels that unseen and slot 0 is first again. Its row tells the version alone.
#[test]
fn an_update_ends_before_a_publication_at_the_same_instant() {
    let mut model = updating(2);
    publish(&mut model, &[hour(1), minute(70)]);
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Updating update 1",
            "1:20 0 Updating->Connected - 2",
            "1:20 1 Connected->Updating update 0",
            "1:30 1 Updating->Connected - 2",
        ],
    );
}

/// Slot 0 expires at 3:00 and its replacement enrols at 27:05, when a release is published: publication comes first, so
/// the replacement carries it and is not pending. Slot 1 is.
#[test]
fn a_connector_that_enrols_at_a_publication_carries_it() {
    let mut model = renewed_at_three(hour(2), hour(4));
    model.fleet.groups.clear();
    add_group(&mut model, "app", 2);
    publish(&mut model, &[hour(27) + minutes(5)]);
    slots(
        &model,
        &[
            "2:00 0 Connected->Disconnected class-0 0",
            "3:00 0 Disconnected->Expired expired 0",
            "27:00 0 Expired->Deploying deploying 0",
            "27:05 0 Deploying->Connected - 1",
            "27:05 1 Connected->Updating update 0",
            "27:15 1 Updating->Connected - 1",
        ],
    );
}

/// Slot 0 fails its update at 1:10, loses its link at 1:20 and expires at 1:30: the culprit takes the halt with it, and
/// slot 1 begins at once. The failure stays on display until its instance is deleted, a day later.
#[test]
fn a_culprit_that_expires_takes_its_halt_along() {
    let mut model = updating(2);
    fail_attempts(&mut model, 0, 9);
    model.environment.validation.phase = Some(constant(minutes(90)));
    outage(&mut model, 0, minute(80), minute(100));
    slots(
        &model,
        &[
            "1:00 0 Connected->Updating update 0",
            "1:10 0 Updating->Connected - 0",
            "1:20 0 Connected->Disconnected class-0 0",
            "1:30 0 Disconnected->Expired expired 0",
            "1:30 1 Connected->Updating update 0",
            "1:40 1 Updating->Connected - 1",
            "25:30 0 Expired->Deploying deploying 0",
            "25:35 0 Deploying->Connected - 1",
        ],
    );
    group(
        &model,
        &[
            "1:10 Connected->Connected - - update_failed",
            "1:30 Connected->Disconnected update - update_failed",
            "1:40 Disconnected->Connected - - update_failed",
            "25:30 Connected->Connected - - -",
        ],
    );
}

/// A demand tick comes after everything else of its instant: a failure at 1:05, when a tick stands, is in its sample.
/// 400 Mbps over two connectors of 500 are 5 + 95·0.4 = 43 %, over one 81 %, which a window of one tick shows at once.
/// The sessions that were dropped at 1:05 warn at the ticks up to 2:00: at 2:05 they are an hour old.
#[test]
fn a_tick_sees_what_happened_at_its_instant() {
    let mut model = model();
    add_demand(&mut model, 400.0);
    add_group(&mut model, "app", 2);
    model.overload.window = 1;
    outage(&mut model, 1, minute(65), minute(80));
    group(
        &model,
        &[
            "1:05 Connected->Overloaded - warning -",
            "1:20 Overloaded->Connected - warning -",
            "2:05 Connected->Connected - - -",
        ],
    );
}

/// The same between two ticks: the failure is seen at the next one.
#[test]
fn a_failure_between_ticks_shows_at_the_next() {
    let mut model = model();
    add_demand(&mut model, 400.0);
    add_group(&mut model, "app", 2);
    model.overload.window = 1;
    outage(&mut model, 1, minute(65) + MS, minute(80) + MS);
    group(
        &model,
        &[
            "1:10 Connected->Overloaded - warning -",
            "1:25 Overloaded->Connected - warning -",
            "2:10 Connected->Connected - - -",
        ],
    );
}

/// Two connectors in two fault domains of one site, then the site: both are gone once the second domain fails, by the
/// cause of that loss; the site's outage that follows changes nothing that is displayed.
#[test]
fn the_group_is_disconnected_by_the_last_loss() {
    let mut model = model();
    model.fleet.sites.clear();
    add_site(&mut model, "lhr", 0, 2);
    add_group(&mut model, "app", 2);
    let domain = |index| Place::Domain(0, index);
    add_outages(&mut model, Scope::Domain, &[(hour(1), hours(4), domain(0))]);
    add_outages(&mut model, Scope::Domain, &[(hour(2), hours(2), domain(1))]);
    add_outages(&mut model, Scope::Site, &[(hour(3), hours(3), Place::Site(0))]);
    slots(
        &model,
        &[
            "1:00 0 Connected->Disconnected class-0 0",
            "2:00 1 Connected->Disconnected class-1 0",
            "6:00 0 Disconnected->Connected - 0",
            "6:00 1 Disconnected->Connected - 0",
        ],
    );
    group(&model, &["2:00 Connected->Disconnected class-1 - -", "6:00 Disconnected->Connected - - -"]);
}
