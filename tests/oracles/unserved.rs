//! Demand that is not served and sessions that are dropped.
//!
//! For a lognormal demand D of mean m, E max(0, D − c) = m Φ(d) − c Φ(d − σ) with d = (ln(m/c) + σ²/2)/σ, the formula of
//! Black and Scholes ("The pricing of options and corporate liabilities", J. Political Economy 81, 1973) without
//! interest.

use fleetcast::environment::demand::Noise;
use fleetcast::environment::{Scope, Start};
use fleetcast::random::Variate;
use fleetcast::recording::GroupTally;
use fleetcast::simulation::Model;
use fleetcast::time::{HOUR, Time};
use statrs::distribution::{Binomial, ContinuousCDF, Discrete, Normal};

use crate::builder::{add_demand, add_failures, hours, model};
use crate::runs::{add_groups, tallies};
use crate::statistics::Sample;

const CAPACITY: f64 = 500.0;
const MBPS_PER_USER: f64 = 0.25;
const HOURS: f64 = 24.0 * 7.0;

fn loaded(mean: f64, connectors: usize, noise: Option<Noise>) -> Model {
    let mut model = model();
    model.horizon = Time::ZERO + hours(HOURS as i64);
    let demand = add_demand(&mut model, mean as f32);
    model.environment.demands[demand].noise = noise;
    add_groups(&mut model, 40, connectors);
    model
}

/// Connectors are up 10 h and down 2 h, in equilibrium.
fn add_exponential_failures(model: &mut Model) {
    model.environment.start = Start::Equilibrium;
    let exponential = |mean: f64| Variate::exponential(mean * HOUR.0 as f64).unwrap();
    add_failures(model, Scope::Connector, exponential(10.0), exponential(2.0), 0.0);
}

const UP: f64 = 10.0 / 12.0;

/// E max(0, D − c).
fn excess(mean: f64, sigma: f64, c: f64) -> f64 {
    if c == 0.0 {
        return mean;
    }
    let normal = Normal::standard();
    let d = (libm::log(mean / c) + sigma * sigma / 2.0) / sigma;
    mean * normal.cdf(d) - c * normal.cdf(d - sigma)
}

/// Mean Mbps behind user-milliseconds of a run.
fn mbps(user_milliseconds: i128) -> f64 {
    user_milliseconds as f64 * MBPS_PER_USER / (HOURS * HOUR.0 as f64)
}

#[test]
fn a_constant_demand_beyond_the_capacity_is_unserved_exactly() {
    let tally = &tallies(&loaded(1_250.0, 2, None), 1)[0];
    assert_eq!(mbps(tally.demand_users), 1_250.0);
    assert_eq!(mbps(tally.unserved_users), 250.0);
    let tally = &tallies(&loaded(1_000.0, 2, None), 1)[0];
    assert_eq!(tally.unserved_users, 0);
}

#[test]
fn the_excess_of_a_lognormal_demand_is_unserved() {
    for (mean, sigma, phi) in [(700.0, 0.3, 0.0), (900.0, 0.2, 0.8), (1_000.0, 0.5, 0.5)] {
        let model = loaded(mean, 2, Some(Noise { sigma, phi }));
        let tallies = tallies(&model, 20);
        let of = |part: fn(&GroupTally) -> i128| tallies.iter().map(move |tally| mbps(part(tally)));
        Sample::new(format!("demand {mean}"), of(|tally| tally.demand_users)).has_mean(mean);
        let unserved = Sample::new(format!("unserved of {mean}"), of(|tally| tally.unserved_users));
        let expected = excess(mean, sigma, 2.0 * CAPACITY);
        unserved.has_mean(expected);
        unserved.is_sharp(expected, 0.05);
    }
}

/// Mixed over the number serving, which is binomial and independent of the demand; with nobody serving all is lost.
#[test]
fn failures_take_capacity_away() {
    let (n, mean, sigma) = (3_usize, 800.0, 0.3);
    let mut model = loaded(mean, n, Some(Noise { sigma, phi: 0.6 }));
    add_exponential_failures(&mut model);
    let serving = Binomial::new(UP, n as u64).unwrap();
    let expected: f64 =
        (0..=n).map(|j| serving.pmf(j as u64) * excess(mean, sigma, CAPACITY * j as f64)).sum();
    let unserved = tallies(&model, 40).into_iter().map(|tally| mbps(tally.unserved_users));
    let unserved = Sample::new("unserved with failures", unserved);
    unserved.has_mean(expected);
    unserved.is_sharp(expected, 0.02);
}

/// A failure drops the connector's share of the users. Each of the N serving fails at the rate λ and carries U/N of
/// them, so sessions are dropped at the rate λ U P(N ≥ 1): for one connector λ times its mean sessions.
#[test]
fn failures_drop_the_sessions_carried() {
    for n in [1, 2, 4] {
        let mut model = loaded(600.0, n, Some(Noise { sigma: 0.3, phi: 0.6 }));
        add_exponential_failures(&mut model);
        model.fleet.groups.iter_mut().for_each(|group| group.balance_spread = 0.4);
        let users = 600.0 / MBPS_PER_USER;
        let somebody = 1.0 - libm::pow(1.0 - UP, n as f64);
        let expected = HOURS / 10.0 * users * somebody;
        let dropped = tallies(&model, 40).into_iter().map(|tally| tally.sessions_dropped as f64 / 1e3);
        let dropped = Sample::new(format!("sessions dropped, {n} connectors"), dropped);
        dropped.has_mean(expected);
        dropped.is_sharp(expected, 0.02);
    }
}
