//! Administrative actions on dates, worked out by hand.

use fleetcast::environment::{Action, Deed};

use super::*;

/// A group of two with one action after another, each at its minute.
fn with_actions(actions: &[(i64, Deed, Place)]) -> Model {
    let mut model = model();
    add_group(&mut model, "app", 2);
    let action = |&(at, deed, place)| Action { at: minute(at), deed, place };
    model.environment.actions = actions.iter().map(action).collect();
    model
}

const FIRST: Place = Place::Connector(0, 0);
const ALL: Place = Place::Group(0);

/// Revoked at 60 it is disconnected for good; its replacement begins a day later and boots for five minutes. The sessions it
/// carried are dropped, and the other one carries on.
#[test]
fn a_revoked_connector_is_disconnected_until_another_one_comes() {
    let model = with_actions(&[(60, Deed::Revoke { replaced: true }, FIRST)]);
    let expected = [
        (0, 0, Connected, Cause::None, 0),
        (0, 1, Connected, Cause::None, 0),
        (60, 0, Disconnected, Cause::Revoked, 0),
        (1500, 0, Deploying, Cause::Deploying, 0),
        (1505, 0, Connected, Cause::None, 0),
    ];
    assert_eq!(lives(&model), expected);
    assert_eq!(both(&model).len(), expected.len());
}

/// What nobody replaces stays: revoked, deleted after two hours where the model says so, or deleted at once.
#[test]
fn nobody_replaces_what_is_not_to_be_replaced() {
    let mut model = with_actions(&[(60, Deed::Revoke { replaced: false }, FIRST)]);
    assert_eq!(both(&model)[2..], [(60, 0, Disconnected)]);
    model.environment.validation.auto_delete_after = Some(hours(2));
    assert_eq!(both(&model)[2..], [(60, 0, Disconnected), (180, 0, Deleted)]);
    let deleted = with_actions(&[(60, Deed::Delete { replaced: false }, FIRST)]);
    assert_eq!(both(&deleted)[2..], [(60, 0, Deleted)]);
    let replaced = with_actions(&[(60, Deed::Delete { replaced: true }, FIRST)]);
    assert_eq!(both(&replaced)[2..], [(60, 0, Deleted), (1500, 0, Deploying), (1505, 0, Connected)]);
}

/// Slot 0 is disabled by itself from 60 on, the group from 120 to 180; enabling the group leaves slot 0 disabled, enabling
/// slot 0 does not enable a group.
#[test]
fn enabling_a_group_leaves_those_disabled_one_by_one() {
    let model = with_actions(&[
        (60, Deed::Disable, FIRST),
        (120, Deed::Disable, ALL),
        (150, Deed::Enable, FIRST),
        (160, Deed::Disable, FIRST),
        (180, Deed::Enable, ALL),
        (240, Deed::Enable, FIRST),
    ]);
    let expected = [
        (0, 0, Connected),
        (0, 1, Connected),
        (60, 0, Disabled),
        (120, 1, Disabled),
        (180, 1, Connected),
        (240, 0, Connected),
    ];
    assert_eq!(both(&model), expected);
    let statuses: Vec<(i64, GroupStatus)> = group_life(&model).iter().map(|row| (row.0, row.1)).collect();
    let expected = [(0, GroupStatus::Connected), (120, GroupStatus::Disabled), (180, GroupStatus::Connected)];
    assert_eq!(statuses, expected);
}

/// Both in the group at 60: revoking shows a warning for an hour, since users lose their sessions; disabling does not, and
/// the group is `Disabled`, where it is `Disconnected` with the cause `revoked`.
#[test]
fn revoking_drops_sessions_and_disabling_does_not() {
    let after = |deed| {
        let mut model = with_actions(&[(60, deed, ALL)]);
        model.environment.demands[0].shape.fill(100.0);
        group_life(&model)[1..].to_vec()
    };
    // Nobody serves from then on, so the warning lasts as long as demand is unserved.
    let revoked = [(60, GroupStatus::Disconnected, Cause::Revoked, true)];
    assert_eq!(after(Deed::Revoke { replaced: false }), revoked);
    let disabled = [(60, GroupStatus::Disabled, Cause::None, false)];
    assert_eq!(after(Deed::Disable), disabled);
    // One is lost and the other carries its share: the warning is for the sessions.
    let mut model = with_actions(&[(60, Deed::Delete { replaced: false }, FIRST)]);
    model.environment.demands[0].shape.fill(100.0);
    let warned =
        [(60, GroupStatus::Connected, Cause::None, true), (120, GroupStatus::Connected, Cause::None, false)];
    assert_eq!(group_life(&model)[1..], warned);
}

/// The key is of day −14. Slot 1, deleted at 60, is replaced at 1500, up at 1505, and finds it too old; somebody takes two
/// hours for another, to 1625. Revoking slot 0 at 1530 rotates the key, so that slot 1 enrols then. Slot 0 is replaced a
/// day later, with that key.
#[test]
fn a_revoke_rotates_the_key_of_the_group() {
    let waits = [(60, Deed::Delete { replaced: true }, Place::Connector(0, 1))];
    let lives_of = |actions: &[(i64, Deed, Place)]| {
        let mut model = with_actions(actions);
        let given = &mut model.policies[0].provisioning;
        given.key_lifetime = hours(14 * 24);
        given.key_age = hours(14 * 24);
        given.key_regeneration = Some(Service::After(constant(hours(2))));
        both(&model).split_off(2)
    };
    let alone = [(60, 1, Deleted), (1500, 1, Deploying), (1625, 1, Connected)];
    assert_eq!(lives_of(&waits), alone);
    let revoked = (1530, Deed::Revoke { replaced: true }, FIRST);
    let expected = [(60, 1, Deleted), (1500, 1, Deploying), (1530, 0, Disconnected), (1530, 1, Connected)];
    assert_eq!(lives_of(&[waits[0], revoked]), expected);
    let regenerated = (1530, Deed::RegenerateKey, ALL);
    let expected = [(60, 1, Deleted), (1500, 1, Deploying), (1530, 1, Connected)];
    assert_eq!(lives_of(&[waits[0], regenerated]), expected);
}

/// Slot 0 updates from 60; disabled at 65 it updates on. Revoked at 65 the update is aborted, without an attempt or a halt:
/// slot 1 is next at once.
#[test]
fn an_update_survives_disabling_and_not_revoking() {
    let during = |deed| {
        let mut model = with_actions(&[(65, deed, FIRST)]);
        publish(&mut model, &[hour(1)]);
        lives(&model).into_iter().skip(2).map(|row| (row.0, row.1, row.2)).collect::<Vec<_>>()
    };
    let disabled =
        [(60, 0, Updating), (65, 0, Disabled), (70, 0, Disabled), (70, 1, Updating), (80, 1, Connected)];
    assert_eq!(during(Deed::Disable), disabled);
    let revoked = [(60, 0, Updating), (65, 0, Disconnected), (65, 1, Updating), (75, 1, Connected)];
    assert_eq!(during(Deed::Revoke { replaced: false }), revoked);
}

/// An announced connector can be revoked before it is confirmed: it never serves. The place is not used until the next one.
#[test]
fn an_announced_connector_can_be_revoked() {
    let mut model = with_actions(&[
        (60, Deed::Revoke { replaced: true }, FIRST),
        (1510, Deed::Revoke { replaced: false }, FIRST),
    ]);
    model.policies[0].provisioning.confirmation = Some(Service::After(constant(hours(1))));
    let expected =
        [(60, 0, Disconnected), (1500, 0, Deploying), (1505, 0, Announced), (1510, 0, Disconnected)];
    assert_eq!(both(&model)[2..], expected);
}

/// Two are wanted. Slot 1, deleted by hand at 60, is ordered anew by the decision of that instant, which comes after it.
#[test]
fn scaling_orders_anew_whom_an_administrator_deletes() {
    let mut model = with_actions(&[(60, Deed::Delete { replaced: false }, Place::Connector(0, 1))]);
    model.policies[0].scaling = scheduled(&[(0, 2)]);
    model.policies[0].provisioning.order = Some(Service::After(constant(minutes(30))));
    let expected = [(60, 1, Deploying), (95, 1, Connected)];
    assert_eq!(both(&model)[2..], expected);
}

/// A crew of one orders, regenerates keys and confirms. A second connector is wanted from 60 on: it is seen at 60, ordered
/// for an hour to 120, boots to 125 and finds the key too old. The crew begins a new one at the control period at 135 and is
/// done at 195, when the connector enrols; an hour for its confirmation begins then, which is a control period.
#[test]
fn a_crew_can_order_regenerate_keys_and_confirm() {
    let mut model = with_actions(&[]);
    add_spares(&mut model, 0, 1);
    model.crews = vec![crew(1)];
    model.policies[0].scaling = scheduled(&[(0, 2), (60, 3)]);
    let given = &mut model.policies[0].provisioning;
    given.key_lifetime = hours(1);
    given.key_regeneration = Some(Service::Crews(vec![0]));
    given.order = Some(Service::Crews(vec![0]));
    given.confirmation = Some(Service::Crews(vec![0]));
    let expected = [(60, 2, Deploying), (195, 2, Announced), (255, 2, Connected)];
    assert_eq!(both(&model)[2..], expected);
    // Somebody else regenerates the key by hand meanwhile: the crew is free at once, and confirms from 150 on.
    let action = Action { at: minute(140), deed: Deed::RegenerateKey, place: ALL };
    model.environment.actions = vec![action];
    let expected = [(60, 2, Deploying), (140, 2, Announced), (210, 2, Connected)];
    assert_eq!(both(&model)[2..], expected);
}
