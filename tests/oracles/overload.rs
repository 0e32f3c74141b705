//! How often a group is overloaded.
//!
//! Without idle CPU a demand d over j connectors of capacity C is a CPU of 100·d/(jC) %, which is rounded to hundredths:
//! it exceeds 70 % where d ≥ 0.70005·jC. With `averaging = "0s"` the window is the tick itself, so the share of
//! overloaded ticks is a probability of the demand alone, or mixed over the number serving.

use fleetcast::environment::demand::Noise;
use fleetcast::environment::{Scope, Start};
use fleetcast::random::Variate;
use fleetcast::recording::GroupTally;
use fleetcast::simulation::Model;
use fleetcast::time::HOUR;
use statrs::distribution::{Binomial, ContinuousCDF, Discrete, Normal};

use crate::builder::{add_demand, add_failures, add_group, hours, model};
use crate::runs::{add_groups, run_without_demand, tallies};
use crate::statistics::Sample;

const CAPACITY: f64 = 500.0;
/// The least share of the capacity that shows as more than 70 %.
const THRESHOLD: f64 = 0.700_05;

/// A group of `connectors` with a constant demand.
fn loaded(demand: f32, connectors: usize, groups: usize) -> Model {
    let mut model = model();
    model.horizon = fleetcast::time::Time::ZERO + hours(24 * 7);
    model.fleet.instances[0].idle_cpu_percent = 0.0;
    model.overload.window = 1;
    add_demand(&mut model, demand);
    add_groups(&mut model, groups, connectors);
    model
}

fn share(tally: &GroupTally) -> f64 {
    tally.overloaded_ticks as f64 / tally.meant_ticks as f64
}

/// 350 of 500 Mbps are 70.00 %: at the threshold is not above it. 350.02 are 70.004 %, which shows as 70.00 %;
/// 350.03 are 70.006 %, which shows as 70.01 %.
#[test]
fn at_the_threshold_is_not_overloaded() {
    for window in [1, 3, 12] {
        for (demand, connectors, expected) in [
            (0.0, 1, 0.0),
            (350.0, 1, 0.0),
            (350.02, 1, 0.0),
            (350.03, 1, 1.0),
            (1050.0, 3, 0.0),
            (1050.09, 3, 1.0),
            (5000.0, 1, 1.0),
        ] {
            let mut model = loaded(demand, connectors, 1);
            model.overload.window = window;
            let tally = &tallies(&model, 1)[0];
            assert_eq!(share(tally), expected, "{demand} Mbps over {connectors}, window {window}");
            assert_eq!(tally.ticks, 7 * 24 * 12);
        }
    }
}

/// Idle CPU of 20 % leaves 80 points to traffic: 20 + 80·312.5/500 = 70 %.
#[test]
fn idle_cpu_counts() {
    for (demand, expected) in [(312.5, 0.0), (312.6, 1.0)] {
        let mut model = loaded(demand, 1, 1);
        model.fleet.instances[0].idle_cpu_percent = 20.0;
        assert_eq!(share(&tallies(&model, 1)[0]), expected, "{demand}");
    }
}

/// P(demand ≥ limit) where demand is `mean`·exp(x − σ²/2), x normal.
fn exceeds(limit: f64, mean: f64, sigma: f64) -> f64 {
    Normal::standard().sf((libm::log(limit / mean) + sigma * sigma / 2.0) / sigma)
}

fn noisy(mean: f64, connectors: usize, noise: Noise) -> Model {
    let mut model = loaded(mean as f32, connectors, 40);
    model.environment.demands.last_mut().unwrap().noise = Some(noise);
    model
}

#[test]
fn a_lognormal_demand_exceeds_the_threshold_as_often_as_it_should() {
    for (mean, sigma, phi) in [(300.0, 0.25, 0.0), (250.0, 0.2, 0.9), (350.0, 0.5, 0.5)] {
        let model = noisy(mean, 1, Noise { sigma, phi });
        let expected = exceeds(THRESHOLD * CAPACITY, mean, sigma);
        let sample = Sample::new(format!("overloaded, mean {mean}"), tallies(&model, 20).iter().map(share));
        sample.has_mean(expected);
        sample.is_sharp(expected, 0.05);
    }
}

/// The window averages the last ticks: a single high one is seen for as many ticks as the window is long, as long as
/// it lifts their mean above the threshold.
#[test]
fn a_single_high_tick_shows_for_as_long_as_the_window() {
    for window in [1, 2, 3, 6] {
        // The others show 60 %, the high one 100 %, which lifts a mean of up to three above 70 %.
        let mut model = loaded(300.0, 1, 1);
        model.overload.window = window;
        model.environment.demands.last_mut().unwrap().shape[100] = 600.0;
        let expected = if window <= 3 { window as u64 } else { 0 };
        assert_eq!(tallies(&model, 1)[0].overloaded_ticks, expected, "window {window}");
    }
}

/// Connectors fail: a tick finds j of them serving with the binomial probability, independently of the demand.
#[test]
fn failures_mix_the_share_over_the_number_serving() {
    let (n, mean, sigma, up) = (4_usize, 1_000.0, 0.3, 10.0 / 12.0);
    let mut model = noisy(mean, n, Noise { sigma, phi: 0.6 });
    model.environment.start = Start::Equilibrium;
    let exponential = |mean: f64| Variate::exponential(mean * HOUR.0 as f64).unwrap();
    add_failures(&mut model, Scope::Connector, exponential(10.0), exponential(2.0), 0.0);
    let serving = Binomial::new(up, n as u64).unwrap();
    let expected: f64 =
        (1..=n).map(|j| serving.pmf(j as u64) * exceeds(THRESHOLD * CAPACITY * j as f64, mean, sigma)).sum();
    let sample = Sample::new("overloaded with failures", tallies(&model, 40).iter().map(share));
    sample.has_mean(expected);
    sample.is_sharp(expected, 0.02);
}

/// Without demand nothing is overloaded, and no tick is lost.
#[test]
fn a_run_without_demand_has_no_ticks() {
    let mut model = model();
    add_group(&mut model, "app", 1);
    run_without_demand(&mut model, hours(10));
    let tally = &tallies(&model, 1)[0];
    assert_eq!((tally.ticks, tally.overloaded_ticks), (0, 0));
}
