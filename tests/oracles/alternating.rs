//! Connectors that fail and are restored: alternating renewal processes (Ross, *Stochastic Processes*, 2nd ed., 1996,
//! chapter 3). In equilibrium the availability is MTTF/(MTTF + MTTR) at every instant and failures come at the rate
//! 1/(MTTF + MTTR), whatever the distributions.

use fleetcast::control::Service;
use fleetcast::environment::{Scope, Start};
use fleetcast::random::Variate;
use fleetcast::recording::tally::Tallier;
use fleetcast::simulation::Model;
use fleetcast::time::HOUR;

use crate::builder::{add_failures, hours, model};
use crate::runs::{Count, add_groups, run_without_demand, watch};
use crate::statistics::Sample;

const MTTF: f64 = 20.0;
const MTTR: f64 = 3.0;
const CONNECTORS: usize = 4;
const GROUPS: usize = 50;

/// Distributions with a mean of so many hours.
fn families(mean: f64) -> Vec<(&'static str, Variate)> {
    let mean = mean * HOUR.0 as f64;
    let drawn = [
        ("constant", Variate::constant(mean)),
        ("exponential", Variate::exponential(mean)),
        ("weibull", Variate::weibull(mean, 0.6)),
        ("lognormal", Variate::log_normal_cv(mean, 1.5)),
        ("gamma", Variate::gamma(mean, 2.5)),
        ("uniform", Variate::uniform(0.2 * mean, 1.8 * mean)),
        ("triangular", Variate::triangular(0.5 * mean, mean, 1.5 * mean)),
        ("empirical", Variate::empirical(vec![0.5 * mean, mean, 1.5 * mean])),
    ];
    drawn.map(|(name, variate)| (name, variate.expect("the mean is positive"))).to_vec()
}

fn failing(start: Start, length: i64) -> Model {
    let mut model = model();
    model.environment.start = start;
    run_without_demand(&mut model, hours(length));
    add_groups(&mut model, GROUPS, CONNECTORS);
    model
}

/// Compares availability and the number of failures after 0, per connector.
fn compare(what: &str, model: &Model, replications: u64, availability: f64, failures: f64) {
    let new = |group| {
        let level = fleetcast::environment::demand::level::Level::new();
        (Tallier::new(model, group, 0.999, level), Count::default())
    };
    let (mut up, mut failed) = (Vec::new(), Vec::new());
    for (tallier, count) in watch(model, replications, new) {
        let tally = tallier.tally();
        up.push(tally.served as f64 / tally.meant as f64);
        failed.push(count.failed as f64 / CONNECTORS as f64);
    }
    Sample::new(format!("availability, {what}"), up).has_mean(availability);
    let failed = Sample::new(format!("failures, {what}"), failed);
    failed.has_mean(failures);
    failed.is_sharp(failures, 0.02);
}

/// A run of 50 h: short enough for the state at 0 to matter, so a wrong residual life would show.
#[test]
fn in_equilibrium_any_distributions_give_the_ratio_of_means() {
    let mut pairs: Vec<_> = families(MTTF).into_iter().zip(families(MTTR).into_iter().rev()).collect();
    pairs.extend(families(MTTF).into_iter().zip(families(MTTR)).skip(1));
    for ((up_name, up), (down_name, down)) in pairs {
        let mut model = failing(Start::Equilibrium, 50);
        add_failures(&mut model, Scope::Connector, up, down, 0.0);
        let what = format!("{up_name} up and {down_name} down");
        compare(&what, &model, 80, MTTF / (MTTF + MTTR), 50.0 / (MTTF + MTTR));
    }
}

/// A share of the outages waits for an operator first: the mean time down grows by that share of the mean wait.
#[test]
fn outages_that_need_an_operator_last_longer() {
    for (name, wait) in families(8.0) {
        let mut model = failing(Start::Equilibrium, 50);
        let (_, up) = families(MTTF).swap_remove(2);
        let (_, down) = families(MTTR).swap_remove(3);
        add_failures(&mut model, Scope::Connector, up, down, 0.4);
        model.policies[0].repair = Service::After(wait);
        let mean_down = MTTR + 0.4 * 8.0;
        let what = format!("a wait that is {name}");
        compare(&what, &model, 80, MTTF / (MTTF + mean_down), 50.0 / (MTTF + mean_down));
    }
}

/// From new clocks, with rates λ and μ: A(t) = A + (1 − A) exp(−(λ + μ)t), and failures come at the rate λ A(t).
#[test]
fn from_new_clocks_exponential_availability_decays_to_its_limit() {
    let (rate, length) = (1.0 / MTTF + 1.0 / MTTR, 6);
    let (limit, t) = (MTTF / (MTTF + MTTR), f64::from(length));
    let mean = limit + (1.0 - limit) * (1.0 - libm::exp(-rate * t)) / (rate * t);
    let mut model = failing(Start::Fresh, i64::from(length));
    let (up, down) = (families(MTTF).swap_remove(1).1, families(MTTR).swap_remove(1).1);
    add_failures(&mut model, Scope::Connector, up, down, 0.0);
    assert!(mean - limit > 0.03, "far enough from the limit to tell them apart");
    compare("new exponential clocks", &model, 200, mean, mean * t / MTTF);
}
