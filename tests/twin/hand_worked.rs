//! Cases small enough to be worked out by hand from the model's description; the times stand in the tests.

mod actions;

use fleetcast::control::crew::Shifts;
use fleetcast::control::rings::{Members, OnBreach, ReleaseGate, Ring, Rings};
use fleetcast::control::scaling::{Rule, Scaling, TargetTracking, Timetable};
use fleetcast::control::{AbsentMember, Crew, RetryOrder, ScalingPolicy, Service};
use fleetcast::environment::failure::Place;
use fleetcast::environment::release::{PlannedRelease, ReleaseDates, UpdateFault};
use fleetcast::environment::{Expiry, Scope};
use fleetcast::fleet::{Cause, GroupStatus, Image, Status};
use fleetcast::recording::rows::of_replication;
use fleetcast::simulation::Model;
use fleetcast::time::{MINUTE, Span, Time};

use crate::builder::{
    add_demand, add_failures, add_group, add_outages, add_region, add_site, add_spares, constant, crew, hour,
    hours, minute, minutes, model, publish,
};
use crate::reference;

/// A slot's life: (minute, ordinal, status, cause, agent) of every row.
fn lives(model: &Model) -> Vec<(i64, u32, Status, Cause, u16)> {
    let (slots, _) = reference::rows(model, 0, 0);
    slots
        .iter()
        .map(|row| (row.at.0 / MINUTE.0, row.slot, row.to.status, row.to.cause, row.to.agent))
        .collect()
}

/// The group's life: (minute, status, cause, warning) of every row.
fn group_life(model: &Model) -> Vec<(i64, GroupStatus, Cause, bool)> {
    let (_, groups) = reference::rows(model, 0, 0);
    groups.iter().map(|row| (row.at.0 / MINUTE.0, row.to.status, row.to.cause, row.to.warning)).collect()
}

use Status::{Announced, Connected, Deleted, Deploying, Disabled, Disconnected, Expired, Updating};

/// Three connectors, a release at 1 h, ten minutes each, one after the other.
#[test]
fn an_update_goes_through_a_group_in_ordinal_order() {
    let mut model = model();
    add_group(&mut model, "app", 3);
    publish(&mut model, &[hour(1)]);
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (0, 1, Connected, Cause::None, 0),
        (0, 2, Connected, Cause::None, 0),
        (60, 0, Updating, Cause::Update, 0),
        (70, 0, Connected, Cause::None, 1),
        (70, 1, Updating, Cause::Update, 0),
        (80, 1, Connected, Cause::None, 1),
        (80, 2, Updating, Cause::Update, 0),
        (90, 2, Connected, Cause::None, 1),
    ];
    assert_eq!(lives(&model), expected);
}

/// A drawn time above the limit is cut to it.
#[test]
fn an_update_lasts_at_most_its_limit() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    publish(&mut model, &[hour(1)]);
    model.environment.updates.duration = constant(hours(2));
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (60, 0, Updating, Cause::Update, 0),
        (75, 0, Connected, Cause::None, 1),
    ];
    assert_eq!(lives(&model), expected);
}

/// Slot 0 fails twice by schedule: starts at 60, ends at 70, retried after 1 h at 130, fails at 140, after 2 h at 260.
fn failing_twice(order: RetryOrder) -> Vec<(i64, u32, Status, Cause, u16)> {
    let mut model = model();
    add_group(&mut model, "app", 2);
    publish(&mut model, &[hour(1)]);
    model.environment.releases.faults.push(UpdateFault { release: 1, group: 0, slot: 0, attempts: 2 });
    model.policies[0].upgrade.retry_order = order;
    lives(&model).into_iter().filter(|row| row.2 == Updating || row.4 == 1).collect()
}

#[test]
fn a_failed_attempt_is_retried_first_and_blocks_the_others() {
    let expected = [
        (60, 0, Updating, Cause::Update, 0),
        (130, 0, Updating, Cause::Update, 0),
        (260, 0, Updating, Cause::Update, 0),
        (270, 0, Connected, Cause::None, 1),
        (270, 1, Updating, Cause::Update, 0),
        (280, 1, Connected, Cause::None, 1),
    ];
    assert_eq!(failing_twice(RetryOrder::Same), expected);
}

/// The success of slot 1 at 140 resets the count, so the second failure of slot 0 at 150 waits 1 h again.
#[test]
fn those_that_failed_can_be_retried_last() {
    let expected = [
        (60, 0, Updating, Cause::Update, 0),
        (130, 1, Updating, Cause::Update, 0),
        (140, 0, Updating, Cause::Update, 0),
        (140, 1, Connected, Cause::None, 1),
        (210, 0, Updating, Cause::Update, 0),
        (220, 0, Connected, Cause::None, 1),
    ];
    assert_eq!(failing_twice(RetryOrder::FailedLast), expected);
}

/// With two attempts allowed: failures at 70 and 140, then a repair of four hours to 380, and success at 390.
#[test]
fn exhausted_attempts_wait_for_a_repair_that_ends_the_fault() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    publish(&mut model, &[hour(1)]);
    model.environment.releases.faults.push(UpdateFault { release: 1, group: 0, slot: 0, attempts: 100 });
    model.policies[0].upgrade.attempts = 2;
    let minutes: Vec<i64> = lives(&model).iter().map(|row| row.0).collect();
    assert_eq!(minutes, [0, 60, 70, 130, 140, 380, 390]);
    let (_, groups) = reference::rows(&model, 0, 0);
    let yellow: Vec<(i64, bool)> =
        groups.iter().map(|row| (row.at.0 / MINUTE.0, row.to.icon.update_failed)).collect();
    let expected = [(0, false), (60, false), (70, true), (130, true), (140, true), (380, true), (390, false)];
    assert_eq!(yellow, expected);
}

/// A publication at 65 cancels the update that began at 60; the same slot starts anew, so no row is written until 75.
#[test]
fn a_publication_cancels_the_running_update() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    publish(&mut model, &[hour(1), minute(65)]);
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (60, 0, Updating, Cause::Update, 0),
        (75, 0, Connected, Cause::None, 2),
    ];
    assert_eq!(lives(&model), expected);
}

/// Slot 0 loses its link at 65 for an hour: its update is aborted and slot 1 is next; slot 0 starts anew at 125.
#[test]
fn a_lost_link_aborts_an_update_without_a_halt() {
    let mut model = model();
    add_group(&mut model, "app", 2);
    publish(&mut model, &[hour(1)]);
    add_outages(&mut model, Scope::Connector, &[(minute(65), hours(1), Place::Connector(0, 0))]);
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (0, 1, Connected, Cause::None, 0),
        (60, 0, Updating, Cause::Update, 0),
        (65, 0, Disconnected, Cause::Class(0), 0),
        (65, 1, Updating, Cause::Update, 0),
        (75, 1, Connected, Cause::None, 1),
        (125, 0, Updating, Cause::Update, 0),
        (135, 0, Connected, Cause::None, 1),
    ];
    assert_eq!(lives(&model), expected);
    model.policies[0].upgrade.absent_member = AbsentMember::Blocks;
    let starts: Vec<(i64, u32)> =
        lives(&model).iter().filter(|row| row.2 == Updating).map(|row| (row.0, row.1)).collect();
    assert_eq!(starts, [(60, 0), (125, 0), (135, 1)]);
}

/// Renewal at 3 h finds the link down. The replacement begins a day later and boots in five minutes; the outage of the
/// place from 27 h to 28 h 40 min makes it wait. It carries the newest release and is not pending.
#[test]
fn an_expired_connector_is_replaced_and_enrols_when_its_link_is_up() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    publish(&mut model, &[hour(20)]);
    model.environment.validation.phase = Some(constant(hours(3)));
    let place = Place::Connector(0, 0);
    let outages = [(hour(2), hours(2), place), (hour(27), minutes(100), place)];
    add_outages(&mut model, Scope::Connector, &outages);
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (120, 0, Disconnected, Cause::Class(0), 0),
        (180, 0, Expired, Cause::Expired, 0),
        (27 * 60, 0, Deploying, Cause::Deploying, 0),
        (28 * 60 + 40, 0, Connected, Cause::None, 1),
    ];
    assert_eq!(lives(&model), expected);
}

/// The same replacement where every step takes time: it begins at 27 h, boots to 27:05 and waits for its link to 28:40. The
/// key of day 0 is older than a day, and somebody takes 40 minutes for a new one: enrolled at 29:20 it is confirmed an
/// hour later. Release 2, published at 29:40, finds it announced: it takes it at once.
#[test]
fn a_connector_goes_through_every_step_of_its_provisioning() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    publish(&mut model, &[hour(20), minute(29 * 60 + 40)]);
    model.environment.validation.phase = Some(constant(hours(3)));
    let place = Place::Connector(0, 0);
    let outages = [(hour(2), hours(2), place), (hour(27), minutes(100), place)];
    add_outages(&mut model, Scope::Connector, &outages);
    let given = &mut model.policies[0].provisioning;
    given.key_lifetime = hours(24);
    given.key_regeneration = Some(Service::After(constant(minutes(40))));
    given.confirmation = Some(Service::After(constant(hours(1))));
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (120, 0, Disconnected, Cause::Class(0), 0),
        (180, 0, Expired, Cause::Expired, 0),
        (27 * 60, 0, Deploying, Cause::Deploying, 0),
        (29 * 60 + 20, 0, Announced, Cause::AwaitingConfirm, 1),
        (29 * 60 + 40, 0, Announced, Cause::AwaitingConfirm, 2),
        (30 * 60 + 20, 0, Connected, Cause::None, 2),
    ];
    assert_eq!(lives(&model), expected);
    model.policies[0].provisioning.key_lifetime = minutes(28 * 60 + 40);
    let confirmed = lives(&model).last().copied();
    assert_eq!(confirmed.map(|row| row.0), Some(29 * 60 + 40), "a key of exactly its lifetime is valid");
}

/// One decision every quarter of an hour, on what was seen eight minutes before, between one and ten connectors.
fn scaled(rule: Rule) -> ScalingPolicy {
    ScalingPolicy::Dynamic(Box::new(Scaling {
        rule,
        least: 1,
        most: Some(10),
        cooldown: Span::ZERO,
        period: minutes(15),
        stabilise_out: Span::ZERO,
        stabilise_in: Span::ZERO,
        detection_delay: minutes(8),
    }))
}

/// So many connectors from these minutes on.
fn scheduled(numbers: &[(i64, usize)]) -> ScalingPolicy {
    let entries = numbers.iter().map(|&(at, number)| (minute(at), number)).collect();
    scaled(Rule::Scheduled(Timetable { kinds: vec![entries], of_group: vec![0] }))
}

/// A second connector is decided on at 15 days: ordered for half an hour and booted for five minutes it enrols at 15 d 0:35,
/// when the key of day 0 is older than 14 days; a new one takes two hours, and ten minutes later the connector is confirmed.
/// A third one, ordered at 15 d 1:00, is up at 1:35, waits for the same key, and takes the release that came meanwhile.
#[test]
fn a_scale_out_waits_for_a_key_that_has_expired() {
    let mut model = model();
    model.horizon = hour(16 * 24);
    add_demand(&mut model, 0.0);
    let group = add_group(&mut model, "app", 1);
    add_spares(&mut model, group, 2);
    let day = 15 * 24 * 60;
    publish(&mut model, &[minute(day + 120)]);
    model.policies[0].scaling = scheduled(&[(0, 1), (day, 2), (day + 60, 3)]);
    let given = &mut model.policies[0].provisioning;
    given.key_lifetime = hours(14 * 24);
    given.key_regeneration = Some(Service::After(constant(hours(2))));
    given.order = Some(Service::After(constant(minutes(30))));
    given.confirmation = Some(Service::After(constant(minutes(10))));
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (day, 1, Deploying, Cause::Deploying, 0),
        (day + 60, 2, Deploying, Cause::Deploying, 0),
        (day + 120, 0, Updating, Cause::Update, 0),
        (day + 130, 0, Connected, Cause::None, 1),
        (day + 155, 1, Announced, Cause::AwaitingConfirm, 1),
        (day + 155, 2, Announced, Cause::AwaitingConfirm, 1),
        (day + 165, 1, Connected, Cause::None, 1),
        (day + 165, 2, Connected, Cause::None, 1),
    ];
    assert_eq!(lives(&model), expected);
}

/// Three connectors are to be two from 1 h on, when slot 0 begins to update: the budget of one is used up, and the only
/// connector that may go is the one that is out already. It is disabled and updates on to 70, drains for 15 minutes and
/// the others are watched for 15, while nobody else updates; it is deleted at 90, and slots 1 and 2 follow.
#[test]
fn a_scale_in_during_an_update_takes_whom_the_update_takes() {
    let mut model = model();
    add_group(&mut model, "app", 3);
    publish(&mut model, &[hour(1)]);
    model.policies[0].scaling = scheduled(&[(0, 3), (60, 2)]);
    model.policies[0].provisioning.drain = minutes(15);
    model.policies[0].provisioning.watch = minutes(15);
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (0, 1, Connected, Cause::None, 0),
        (0, 2, Connected, Cause::None, 0),
        (60, 0, Disabled, Cause::Draining, 0),
        (70, 0, Disabled, Cause::Draining, 1),
        (90, 0, Deleted, Cause::Deleted, 1),
        (90, 1, Updating, Cause::Update, 0),
        (100, 1, Connected, Cause::None, 1),
        (100, 2, Updating, Cause::Update, 0),
        (110, 2, Connected, Cause::None, 1),
    ];
    assert_eq!(lives(&model), expected);
}

/// The same an instant earlier: at 45 slot 2 begins to drain. The release of 60 finds the budget used up, so that the only
/// one to update is slot 2, which serves nobody, from 60 to 70; it is deleted at 75, and slot 0 is next.
#[test]
fn an_update_during_a_scale_in_waits_for_it() {
    let mut model = model();
    add_group(&mut model, "app", 3);
    publish(&mut model, &[hour(1)]);
    model.policies[0].scaling = scheduled(&[(0, 3), (45, 2)]);
    model.policies[0].provisioning.drain = minutes(30);
    let rows: Vec<(i64, u32, Status, Cause, u16)> = lives(&model).split_off(3);
    let expected = [
        (45, 2, Disabled, Cause::Draining, 0),
        (70, 2, Disabled, Cause::Draining, 1),
        (75, 0, Updating, Cause::Update, 0),
        (75, 2, Deleted, Cause::Deleted, 1),
        (85, 0, Connected, Cause::None, 1),
        (85, 1, Updating, Cause::Update, 0),
        (95, 1, Connected, Cause::None, 1),
    ];
    assert_eq!(rows, expected);
}

/// Two connectors of 500 Mbps, idle at 5 %, with 1,000 Mbps: full at every tick. A target of 60 % at 15 asks for
/// ⌈2 · 100/60⌉ = 4; slots 2 and 3 are up at 20. What is seen at 30 is the state of 22, four that serve, and the average of
/// the ticks 10, 15 and 20, at 100, 100 and 5 + 95·250/500 = 52.5 %: 84.17. ⌈4 · 84.17/60⌉ = 6, where four would do.
#[test]
fn target_tracking_sees_the_average_late_and_orders_too_much() {
    let mut model = model();
    add_demand(&mut model, 1_000.0);
    let group = add_group(&mut model, "app", 2);
    add_spares(&mut model, group, 8);
    model.horizon = minute(40);
    model.policies[0].scaling =
        scaled(Rule::TargetTracking(TargetTracking { target: 6_000, tolerance: 100_000 }));
    let orders: Vec<(i64, u32)> =
        lives(&model).iter().filter(|row| row.2 == Deploying).map(|row| (row.0, row.1)).collect();
    assert_eq!(orders, [(15, 2), (15, 3), (30, 4), (30, 5)]);
}

/// Two outages of two hours that overlap: no break, so three hours of grace are over at 4 h; with a break at 3 h of no
/// length they are not.
#[test]
fn grace_is_measured_without_a_break() {
    let place = Place::Site(0);
    let expiries = |outages: &[(Time, Span, Place)]| -> Vec<i64> {
        let mut model = model();
        add_group(&mut model, "app", 1);
        model.environment.validation.expiry = Expiry::Grace(hours(3));
        add_outages(&mut model, Scope::Site, outages);
        lives(&model).iter().filter(|row| row.2 == Expired).map(|row| row.0).collect()
    };
    assert_eq!(expiries(&[(hour(1), hours(2), place), (hour(2), hours(3), place)]), [240]);
    assert!(expiries(&[(hour(1), hours(2), place), (hour(3), hours(2), place)]).is_empty());
    assert!(expiries(&[(hour(1), hours(3), place)]).is_empty());
}

/// An outage of the region alone expires nobody where the switch says so; one of the site does.
#[test]
fn outages_of_the_region_can_be_harmless() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    model.environment.validation.phase = Some(constant(hours(2)));
    model.environment.validation.region_outage_expires = false;
    add_outages(&mut model, Scope::Region, &[(hour(1), hours(2), Place::Region(0))]);
    assert!(lives(&model).iter().all(|row| row.2 != Expired));
    add_outages(&mut model, Scope::Site, &[(hour(1), hours(2), Place::Site(0))]);
    assert!(lives(&model).iter().any(|row| row.2 == Expired));
}

/// A life of 10 h on release 0. The update at 4 h leaves 6 h minus ten minutes, spent at twice the rate.
#[test]
fn a_bad_release_spends_what_is_left_of_a_life_faster() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    add_failures(&mut model, Scope::Connector, constant(hours(10)), constant(hours(1)), 0.0);
    model.environment.releases.dates =
        ReleaseDates::Explicit(vec![PlannedRelease::regular(hour(4), Some(true))]);
    model.environment.releases.bad.failure_multiplier = 2.0;
    let failure = 4 * 60 + 10 + (6 * 60 - 10) / 2;
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (240, 0, Updating, Cause::Update, 0),
        (250, 0, Connected, Cause::None, 1),
        (failure, 0, Disconnected, Cause::BadRelease, 1),
        (failure + 60, 0, Connected, Cause::None, 1),
        (failure + 60 + 300, 0, Disconnected, Cause::BadRelease, 1),
    ];
    assert_eq!(lives(&model)[..6], expected);
}

/// 950 Mbps over two connectors of 500: 5 + 95·0.95 = 95.25 %, overloaded at once; over one: 450 are unserved.
#[test]
fn load_overload_and_warnings_change_at_ticks() {
    let mut model = model();
    add_demand(&mut model, 950.0);
    add_group(&mut model, "app", 2);
    let outage = (minute(62), minutes(7), Place::Connector(0, 1));
    add_outages(&mut model, Scope::Connector, &[outage]);
    use GroupStatus::Overloaded;
    // Sessions are dropped at 62; demand is unserved to 69; the last tick that warns is the one at 125.
    let expected = [
        (0, Overloaded, Cause::None, false),
        (65, Overloaded, Cause::None, true),
        (130, Overloaded, Cause::None, false),
    ];
    assert_eq!(group_life(&model), expected);
}

/// A quarter of an hour of ticks every five minutes: the last three samples are averaged.
#[test]
fn the_running_average_looks_back_three_ticks() {
    let mut model = model();
    add_demand(&mut model, 600.0);
    add_group(&mut model, "app", 2);
    // Both: 62 %. One, at ticks 65 and 70: 100 %. Averages: 65: 74.67, 70: 87.33, 75: 87.33, 80: 74.67, 85: 62.
    let outage = (minute(62), minutes(9), Place::Connector(0, 1));
    add_outages(&mut model, Scope::Connector, &[outage]);
    let life: Vec<(i64, GroupStatus)> = group_life(&model).iter().map(|row| (row.0, row.1)).collect();
    let (overloaded, connected) = (GroupStatus::Overloaded, GroupStatus::Connected);
    // The warning, from the drop at 62 and the demand unserved to 71, ends at 135.
    assert_eq!(life, [(0, connected), (65, overloaded), (85, connected), (135, connected)]);
}

/// The site fails at the instant at which the update of slot 0 would end: the failure comes first. At its end slot 1's
/// domain is still down. The group is without anybody from 70 to 130, lost by the site's outage.
#[test]
fn a_failure_comes_before_the_end_of_an_update_at_the_same_instant() {
    let mut model = model();
    add_region(&mut model, "us");
    add_site(&mut model, "nyc", 1, 2);
    add_group(&mut model, "app", 2);
    publish(&mut model, &[hour(1)]);
    let domain = add_outages(&mut model, Scope::Domain, &[(minute(70), hours(2), Place::Domain(1, 1))]);
    let site = add_outages(&mut model, Scope::Site, &[(minute(70), hours(1), Place::Site(1))]);
    let (by_domain, by_site) = (Cause::Class(domain as u16), Cause::Class(site as u16));
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (0, 1, Connected, Cause::None, 0),
        (60, 0, Updating, Cause::Update, 0),
        (70, 0, Disconnected, by_site, 0),
        (70, 1, Disconnected, by_site, 0),
        (130, 0, Updating, Cause::Update, 0),
        (140, 0, Connected, Cause::None, 1),
        (190, 1, Updating, Cause::Update, 0),
        (200, 1, Connected, Cause::None, 1),
    ];
    assert_eq!(lives(&model), expected);
    let causes: Vec<(i64, Cause)> = group_life(&model)
        .iter()
        .filter(|row| row.1 == GroupStatus::Disconnected)
        .map(|row| (row.0, row.2))
        .collect();
    assert_eq!(causes, [(70, by_site)]);
    assert_ne!(by_domain, by_site);
}

/// Only the enabled ones serve; when the last enabled one expires, all that are in service are disabled.
#[test]
fn a_group_is_disabled_when_every_connector_in_service_is() {
    let mut model = model();
    add_group(&mut model, "app", 2);
    model.fleet.groups[0].slots[0].disabled = true;
    model.environment.validation.phase = Some(constant(hours(3)));
    add_outages(&mut model, Scope::Connector, &[(hour(2), hours(2), Place::Connector(0, 1))]);
    let expected = [
        (0, GroupStatus::Connected, Cause::None, false),
        (120, GroupStatus::Disconnected, Cause::Class(0), false),
        (180, GroupStatus::Disabled, Cause::None, false),
        (27 * 60 + 5, GroupStatus::Connected, Cause::None, false),
    ];
    assert_eq!(group_life(&model), expected);
}

/// Permits are given every quarter of an hour: group a has the only one from 60 and needs it until 80, so b waits for 90.
#[test]
fn groups_that_share_a_limit_take_turns_at_control_periods() {
    let mut model = model();
    add_group(&mut model, "a", 2);
    add_group(&mut model, "b", 1);
    publish(&mut model, &[hour(1)]);
    model.policies[0].upgrade.max_groups_at_once = Some(1);
    let (slots, _) = reference::rows(&model, 0, 0);
    let starts: Vec<(i64, u32, u32)> = slots
        .iter()
        .filter(|row| row.to.status == Updating)
        .map(|row| (row.at.0 / MINUTE.0, row.group, row.slot))
        .collect();
    // Publication at 60 comes before the control period of that instant.
    assert_eq!(starts, [(60, 0, 0), (70, 0, 1), (90, 1, 0)]);
}

/// An image that fixes a vulnerability makes those that lack it yellow until they are replaced; a routine one does not.
#[test]
fn a_published_fix_makes_older_images_yellow() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    model.environment.images = vec![
        Image { published: hour(1), fixes_vulnerability: false },
        Image { published: hour(2), fixes_vulnerability: true },
    ];
    let (_, groups) = reference::rows(&model, 0, 0);
    let yellow: Vec<(i64, &str)> =
        groups.iter().map(|row| (row.at.0 / MINUTE.0, row.to.icon.reasons())).collect();
    assert_eq!(yellow, [(0, ""), (120, "image_vulnerable")]);
}

/// An expired connector is deleted six hours later; its replacement still comes a day after it expired.
#[test]
fn an_expired_connector_can_be_deleted_before_it_is_replaced() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    model.environment.validation.phase = Some(constant(hours(3)));
    model.environment.validation.auto_delete_after = Some(hours(6));
    add_outages(&mut model, Scope::Fleet, &[(hour(2), hours(2), Place::Fleet)]);
    let statuses: Vec<(i64, Status)> = lives(&model).iter().map(|row| (row.0, row.2)).collect();
    let expected = [
        (0, Connected),
        (120, Disconnected),
        (180, Expired),
        (540, Status::Deleted),
        (27 * 60, Deploying),
        (27 * 60 + 5, Connected),
    ];
    assert_eq!(statuses, expected);
}

/// One operator, at work from 8 to 17, who answers half an hour after the eight minutes of detection, for repairs and
/// replacements.
fn with_an_operator(model: &mut Model) {
    let shifts = Shifts::of(vec![(hour(8), hour(17)), (hour(32), hour(41))]);
    model.crews = vec![Crew { shifts, response: constant(minutes(30)), ..crew(1) }];
    model.policies[0].repair = Service::Crews(vec![0]);
    model.policies[0].replacement = Service::Crews(vec![0]);
    model.policies[0].detection_delay = minutes(8);
}

/// A connector fails again and again after so many minutes, until an operator has worked for an hour.
fn fails_after(model: &mut Model, slot: usize, life: i64) {
    let class = add_failures(model, Scope::Connector, constant(minutes(life)), constant(hours(1)), 1.0);
    model.environment.failures[class].places = Place::Connector(0, slot);
}

/// What the twin and the engine say alike.
fn both(model: &Model) -> Vec<(i64, u32, Status)> {
    let of_twin: Vec<(i64, u32, Status)> = lives(model).iter().map(|row| (row.0, row.1, row.2)).collect();
    let of_engine: Vec<(i64, u32, Status)> = of_replication(model, 0, 0)
        .iter()
        .flat_map(|rows| &rows.slots)
        .map(|row| (row.at.0 / MINUTE.0, row.slot, row.to.status))
        .collect();
    assert_eq!(of_engine, of_twin);
    of_twin
}

/// 0 fails at 540: seen at 548, answered at 578, begun at the control period at 585. 1 fails at 550 and is answered at 588,
/// but the operator is free at 645 only, which is a control period. 2 fails at 1005: seen at 1013, and of the answer
/// seven minutes pass until 1020, when the day ends, and the rest until 1943 on the next, so work begins at 1950. 0 and 1,
/// which failed in the evening, are answered at 1950; they failed later than 2, so they wait for it, one after the other.
#[test]
fn one_operator_works_through_a_queue_in_working_hours() {
    let mut model = model();
    add_group(&mut model, "app", 3);
    with_an_operator(&mut model);
    [540, 550, 1005].into_iter().enumerate().for_each(|(slot, life)| fails_after(&mut model, slot, life));
    let expected = [
        (0, 0, Connected),
        (0, 1, Connected),
        (0, 2, Connected),
        (540, 0, Disconnected),
        (550, 1, Disconnected),
        (645, 0, Connected),
        (705, 1, Connected),
        (1005, 2, Disconnected),
        (645 + 540, 0, Disconnected),
        (705 + 550, 1, Disconnected),
        (2010, 2, Connected),
        (2070, 0, Connected),
        (2130, 1, Connected),
        (2070 + 540, 0, Disconnected),
        (2130 + 550, 1, Disconnected),
    ];
    assert_eq!(both(&model), expected);
}

/// It fails at 1080, after work, and expires at 1200 before anybody comes: the repair is dropped, and the replacement, seen at
/// 1208 and answered in the first half hour of the next day, is begun at 1950 and lasts an hour; then the machine boots.
#[test]
fn a_connector_that_expires_while_it_waits_is_replaced() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    with_an_operator(&mut model);
    fails_after(&mut model, 0, 1080);
    model.environment.validation.phase = Some(constant(minutes(1200)));
    let expected = [
        (0, 0, Connected),
        (1080, 0, Disconnected),
        (1200, 0, Expired),
        (2010, 0, Deploying),
        (2015, 0, Connected),
    ];
    assert_eq!(both(&model), expected);
}

/// With two to be down before the operator is called, 0 waits from 540 until 1 is seen to be down too, at 608; both are
/// answered at 638 and begun at 645 and 705. So it is again when 1, down since 1365, is seen at 1373, after work.
#[test]
fn an_operator_is_called_when_two_are_down() {
    let mut model = model();
    add_group(&mut model, "app", 2);
    with_an_operator(&mut model);
    model.crews[0].call_out_at = 2;
    fails_after(&mut model, 0, 540);
    fails_after(&mut model, 1, 600);
    let expected = [
        (0, 0, Connected),
        (0, 1, Connected),
        (540, 0, Disconnected),
        (600, 1, Disconnected),
        (705, 0, Connected),
        (765, 1, Connected),
        (705 + 540, 0, Disconnected),
        (765 + 600, 1, Disconnected),
        (2010, 0, Connected),
        (2070, 1, Connected),
        (2010 + 540, 0, Disconnected),
        (2070 + 600, 1, Disconnected),
    ];
    assert_eq!(both(&model), expected);
}

/// Groups a and b of one connector each, a ring of its own each, an hour of bake, a release at 60. In a it runs from 70; at
/// 75 that is seen and the ring bakes. The connector of a is down from 80 to 130, which breaches the gate at 90.
fn two_rings(on_breach: OnBreach) -> Model {
    let mut model = model();
    add_group(&mut model, "a", 1);
    add_group(&mut model, "b", 1);
    publish(&mut model, &[hour(1)]);
    add_outages(&mut model, Scope::Connector, &[(minute(80), minutes(50), Place::Connector(0, 0))]);
    let ring = |members| Ring { members: Members::Groups(members), bake: hours(1) };
    let gate = ReleaseGate { failed_share: 0.0, disconnected_share: 0.0, at_least: 1, on_breach };
    model.policies[0].upgrade.rings = Some(Rings {
        rings: vec![ring(vec![true, false]), ring(vec![false, true])],
        done_share: 1.0,
        gate: Some(gate),
        rate: None,
    });
    model
}

/// Rolled back at 90, the connector cannot be reached before 130; then it goes back in ten minutes. The release never comes
/// to b.
#[test]
fn a_ring_that_breaches_its_gate_rolls_back() {
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (60, 0, Updating, Cause::Update, 0),
        (70, 0, Connected, Cause::None, 1),
        (80, 0, Disconnected, Cause::Class(0), 1),
        (130, 0, Updating, Cause::Update, 1),
        (140, 0, Connected, Cause::None, 0),
        (0, 0, Connected, Cause::None, 0),
    ];
    assert_eq!(lives(&two_rings(OnBreach::RollBack)), expected);
}

/// At 135 the connector is back: the ring bakes anew, an hour from then, and b begins at 195.
#[test]
fn a_gate_that_holds_opens_again() {
    let begins = |on_breach| -> Vec<i64> {
        let rows = lives(&two_rings(on_breach)).into_iter().filter(|row| row.2 == Updating);
        rows.map(|row| row.0).collect()
    };
    assert_eq!(begins(OnBreach::Hold), [60, 195]);
    assert_eq!(begins(OnBreach::Stop), [60]);
}
