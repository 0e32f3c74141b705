//! When releases come, and what a bad one does to its connectors.

use fleetcast::environment::demand::level::Level;
use fleetcast::environment::release::{PlannedRelease, ReleaseDates};
use fleetcast::environment::{Scope, Start};
use fleetcast::random::Variate;
use fleetcast::simulation::Model;
use fleetcast::simulation::run::Replication;
use fleetcast::time::{DAY, HOUR, Span, Time};

use crate::builder::{add_failures, add_group, constant, hour, hours, model};
use crate::runs::{Count, add_groups, run_without_demand, watch};
use crate::statistics::Sample;

const REPLICATIONS: u64 = 4_000;

/// A year of releases every 13 days on average.
fn releasing(every: Variate, hotfix_probability: f64, hotfix_after: Span) -> Model {
    let mut model = model();
    run_without_demand(&mut model, Span(365 * DAY.0));
    model.environment.releases.dates =
        ReleaseDates::Renewal { every, hotfix_probability, hotfix_after, hotfix_urgent: false };
    model
}

fn published(model: &Model) -> Sample {
    let number = |index| Replication::new(model, 0, index, Level::new()).releases().len() as f64;
    Sample::new("releases", (0..REPLICATIONS).map(number))
}

fn thirteen_days() -> f64 {
    13.0 * DAY.0 as f64
}

/// A Poisson process has t/m of them in [0, t); of one whose intervals are the sum of two exponential ones, every
/// second point of a Poisson process of twice the rate is one: t/m − (1 − exp(−4t/m))/4.
#[test]
fn releases_are_a_renewal_process() {
    let t = 365.0 / 13.0;
    let exponential = Variate::exponential(thirteen_days()).unwrap();
    published(&releasing(exponential, 0.0, DAY)).has_mean(t);
    let erlang = Variate::gamma(thirteen_days(), 2.0).unwrap();
    published(&releasing(erlang, 0.0, DAY)).has_mean(t - (1.0 - libm::exp(-4.0 * t)) / 4.0);
    let constant = releasing(constant(Span(13 * DAY.0)), 0.0, DAY);
    assert_eq!(Replication::new(&constant, 0, 0, Level::new()).releases().len(), 365 / 13);
}

/// A release at s has a hotfix at s + h with probability q, unless the next one comes first: with exponential intervals
/// q·exp(−h/m) for each release in [0, t − h).
#[test]
fn hotfixes_follow_unless_the_next_release_does() {
    let (q, h, m, t) = (0.4, 5.0, 13.0, 365.0);
    let exponential = Variate::exponential(thirteen_days()).unwrap();
    let model = releasing(exponential, q, Span(5 * DAY.0));
    published(&model).has_mean(t / m + q * libm::exp(-h / m) * (t - h) / m);
}

#[test]
fn a_share_of_releases_is_bad_and_every_group_is_told_of_all() {
    let exponential = Variate::exponential(thirteen_days()).unwrap();
    let mut model = releasing(exponential, 0.0, DAY);
    model.environment.releases.bad.probability = 0.15;
    add_group(&mut model, "app", 1);
    let mut bad = Vec::new();
    for (index, count) in watch(&model, REPLICATIONS / 4, |_| Count::default()).into_iter().enumerate() {
        let replication = Replication::new(&model, 0, index as u64, Level::new());
        assert_eq!(count.published, replication.releases().len() as u64);
        bad.push(replication.releases().iter().filter(|release| release.bad).count() as f64);
    }
    Sample::new("bad releases", bad).has_mean(0.15 * 365.0 / 13.0);
}

/// One bad release at `at`, installed within a millisecond wherever the link is up.
fn turning_bad(at: Time, length: Span, multiplier: f64) -> Model {
    let mut model = model();
    run_without_demand(&mut model, length);
    add_groups(&mut model, 400, 1);
    model.environment.releases.dates = ReleaseDates::Explicit(vec![PlannedRelease::regular(at, Some(true))]);
    model.environment.releases.bad.failure_multiplier = multiplier;
    model.environment.updates.duration = constant(Span(1));
    model
}

/// Exponential lives: a two-state Markov chain that fails at λ before and at mλ after the release. From A₀ at the
/// release the availability relaxes to A₁ at the rate mλ + μ, and failures come at mλ A(t).
#[test]
fn a_bad_release_multiplies_the_rate_of_failures() {
    let (life, down, m, at, length) = (20.0, 3.0, 6.0, 10.0, 30.0);
    let mut model = turning_bad(hour(10), hours(30), m);
    model.environment.start = Start::Equilibrium;
    let exponential = |mean: f64| Variate::exponential(mean * HOUR.0 as f64).unwrap();
    add_failures(&mut model, Scope::Connector, exponential(life), exponential(down), 0.0);
    let availability = |rate: f64| 1.0 / (1.0 + rate * down);
    let (before, after) = (availability(1.0 / life), availability(m / life));
    let (relax, t) = (m / life + 1.0 / down, length - at);
    let up_after = after * t + (before - after) * (1.0 - libm::exp(-relax * t)) / relax;
    let expected = before * at / life + m / life * up_after;
    let failed = watch(&model, 40, |_| Count::default()).into_iter().map(|count| count.failed as f64);
    Sample::new("failures around a bad release", failed).has_mean(expected);
}

/// Any lives: what is left of one at the release is spent m times as fast, so P(fail by t) = F(s + m(t − s)).
#[test]
fn a_bad_release_spends_any_life_faster() {
    let (at, length, m) = (10.0, 22.0, 4.0);
    let hour_f = HOUR.0 as f64;
    for (name, life) in [
        ("weibull", Variate::weibull(40.0 * hour_f, 2.0).unwrap()),
        ("lognormal", Variate::log_normal_cv(40.0 * hour_f, 0.7).unwrap()),
    ] {
        let mut model = turning_bad(hour(10), hours(22), m);
        let expected = life.cdf((at + m * (length - at)) * hour_f);
        add_failures(&mut model, Scope::Connector, life, constant(hours(1_000)), 0.0);
        let failed = watch(&model, 40, |_| Count::default()).into_iter().map(|count| count.failed as f64);
        Sample::new(format!("share that failed, {name}"), failed).has_mean(expected);
    }
}
