//! How long a release takes through a group, and how often it halts.
//!
//! Attempts are independent: the number K of failures of a connector before its success is geometric, P(K ≥ j) = pʲ.
//! The count that opens a repair begins anew with each connector (a success resets it), so of its K failures ⌊K/a⌋ are
//! followed by a repair and the others by a back-off.

use fleetcast::control::{Backoff, Service};
use fleetcast::simulation::Model;
use fleetcast::time::{HOUR, Time};

use crate::builder::{constant, hour, hours, minutes, model, publish};
use crate::runs::{Count, add_groups, run_without_demand, watch};
use crate::statistics::Sample;

const CONNECTORS: usize = 5;
/// Hours: an attempt, the pause after a failure, a repair.
const ATTEMPT: f64 = 0.2;
const PAUSE: f64 = 1.0;
const REPAIR: f64 = 7.0;
const ATTEMPTS: i32 = 3;

fn rolling_out() -> Model {
    let mut model = model();
    run_without_demand(&mut model, hours(24 * 60));
    add_groups(&mut model, 400, CONNECTORS);
    publish(&mut model, &[hour(1)]);
    model.environment.updates.duration = constant(minutes(12));
    model.policies[0].upgrade.backoff = Backoff { first: hours(1), factor: 1.0, max: hours(1) };
    model.policies[0].upgrade.attempts = ATTEMPTS as u32;
    model.policies[0].repair = Service::After(constant(hours(7)));
    model
}

/// Compares hours from publication to completion, halts and failed attempts of a group.
fn compare(what: &str, model: &Model, duration: f64, failures: f64) {
    let watched = watch(model, 40, |_| Count::default());
    let hours_to = |at: Time| (at - hour(1)).0 as f64 / HOUR.0 as f64;
    let took = watched.iter().map(|count| hours_to(count.complete.expect("every group completes")));
    Sample::new(format!("duration, {what}"), took).has_mean(duration);
    let failed: Vec<f64> = watched.iter().map(|count| count.attempts_failed as f64).collect();
    Sample::new(format!("failed attempts, {what}"), failed).has_mean(failures);
    // Every failure comes while nothing is halted, so each begins a halt of its own.
    assert!(watched.iter().all(|count| count.halted == count.attempts_failed), "{what}");
}

#[test]
fn without_failures_it_takes_one_update_after_the_other() {
    let model = rolling_out();
    let expected = hour(1) + minutes(12 * CONNECTORS as i64);
    let watched = watch(&model, 1, |_| Count::default());
    assert!(watched.iter().all(|count| count.complete == Some(expected) && count.halted == 0));
}

#[test]
fn transient_failures_add_pauses_and_repairs() {
    for p in [0.1, 0.3, 0.6] {
        let mut model = rolling_out();
        model.environment.updates.transient_failure = p;
        let (failures, beyond) = (p / (1.0 - p), libm::pow(p, f64::from(ATTEMPTS)));
        let repairs = beyond / (1.0 - beyond);
        let each = ATTEMPT * (1.0 + failures) + PAUSE * (failures - repairs) + REPAIR * repairs;
        let n = CONNECTORS as f64;
        compare(&format!("transient {p}"), &model, n * each, n * failures);
    }
}

/// With probability q every attempt fails until the repair: `ATTEMPTS` failures, the last one followed by a repair.
#[test]
fn persistent_failures_last_until_the_repair() {
    let (q, a) = (0.2, f64::from(ATTEMPTS));
    let mut model = rolling_out();
    model.environment.updates.persistent_failure = q;
    let each = ATTEMPT + q * (a * ATTEMPT + (a - 1.0) * PAUSE + REPAIR);
    let n = CONNECTORS as f64;
    compare("persistent", &model, n * each, n * q * a);
}

/// The pause doubles with each failure of a connector: b, 2b, 4b, …, which is b(2ᴷ − 1) in sum, E 2ᴷ = (1 − p)/(1 − 2p)
/// for p < ½, up to the bound of 24 h that K ≥ 6 exceeds: each such case shortens the sum by less than b·2ᴷ, in sum
/// less than b Σ (2p)ᴷ(1 − p) from 6 on, the bias that is granted.
#[test]
fn the_pause_doubles() {
    let p = 0.1;
    let mut model = rolling_out();
    model.environment.updates.transient_failure = p;
    model.policies[0].upgrade.backoff = Backoff { first: hours(1), factor: 2.0, max: hours(24) };
    model.policies[0].upgrade.attempts = 1_000;
    let each = ATTEMPT / (1.0 - p) + PAUSE * ((1.0 - p) / (1.0 - 2.0 * p) - 1.0);
    let bias = PAUSE * (1.0 - p) * libm::pow(2.0 * p, 6.0) / (1.0 - 2.0 * p);
    let watched = watch(&model, 40, |_| Count::default());
    let took = watched
        .iter()
        .map(|count| (count.complete.expect("every group completes") - hour(1)).0 as f64 / HOUR.0 as f64);
    let n = CONNECTORS as f64;
    Sample::new("duration with doubling pauses", took).has_mean_within(n * each, n * bias);
}
