//! Sizes that can be worked out: by arithmetic, from the binomial distribution, from the normal one; and by trying all.

use fleetcast::environment::demand::Noise;
use fleetcast::environment::{Scope, Start};
use fleetcast::experiment::sizing::{Decision, Verdict};
use fleetcast::random::Variate;
use fleetcast::simulation::Model;
use fleetcast::time::{HOUR, Time};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::builder::{add_demand, add_failures, hours, model};
use crate::search::{size, size_of, target};

/// A group of connectors of 500 Mbps, idle 5 %, with this demand for 30 days.
fn loaded(mbps: f32) -> Model {
    let mut model = model();
    model.horizon = Time::ZERO + hours(720);
    add_demand(&mut model, mbps);
    model
}

pub(crate) fn exponential(mean_hours: f64) -> Variate {
    Variate::exponential(mean_hours * HOUR.0 as f64).unwrap()
}

/// n connectors carry n·500·65/95 Mbps at 70 %: 342.1 each. Nothing is left to chance, so one replication tells all.
#[test]
fn constant_demand_needs_what_arithmetic_says() {
    for (mbps, expected) in [(100.0, 1), (342.0, 1), (343.0, 2), (1_026.0, 3), (1_030.0, 4), (2_000.0, 6)] {
        let found = size(&loaded(mbps), &[target("overloaded_hours_per_month<=0")], 20);
        assert_eq!(found.verdict, Verdict::Met(expected), "{mbps} Mbps");
        assert_eq!(found.at_peak, Some(expected));
        assert!(found.trials.iter().all(|trial| trial.samples.len() == 1));
    }
}

/// One connector is always out somewhere in the month, so that it takes one more than arithmetic says; two cannot be out at
/// once. A connector is out for 10 h every 15 days and overloads N for as long: 20 h a month each.
#[test]
fn a_spare_is_found_where_one_is_missing() {
    for (mbps, arithmetic) in [(600.0, 2), (1_000.0, 3)] {
        let mut model = loaded(mbps);
        let every_15_days = Variate::constant(350.0 * HOUR.0 as f64).unwrap();
        let lasting = Variate::constant(10.0 * HOUR.0 as f64).unwrap();
        add_failures(&mut model, Scope::Connector, every_15_days, lasting, 0.0);
        // All connectors fail at the same time when they begin afresh: in equilibrium they do not.
        model.environment.start = Start::Equilibrium;
        let found = size(&model, &[target("overloaded_hours_per_month<=8")], 60);
        assert_eq!(found.verdict.connectors(), Some(arithmetic + 1), "{mbps} Mbps: {:?}", found.verdict);
        assert_eq!(found.at_peak, Some(arithmetic));
    }
}

/// A connector is down for 25 of 125 h, independently of the others: somebody serves for 1 − 0.2ⁿ of the time, which is
/// 0.9984 for four and 0.99968 for five.
#[test]
fn availability_is_binomial() {
    let mut model = model();
    model.environment.start = Start::Equilibrium;
    model.environment.demands.iter_mut().for_each(|series| series.shape.clear());
    model.horizon = Time::ZERO + hours(2_000);
    add_failures(&mut model, Scope::Connector, exponential(100.0), exponential(25.0), 0.0);
    for (wanted, expected) in [("0.9", 2), ("0.97", 3), ("0.997", 4), ("0.9992", 5)] {
        let found = size(&model, &[target(&format!("group_availability>={wanted}"))], 400);
        assert_eq!(found.verdict, Verdict::Met(expected), "{wanted}");
        for trial in &found.trials {
            let loss = trial.findings[0].loss.unwrap();
            let theory = f64::powi(0.2, trial.connectors as i32);
            assert!(loss.lower <= theory && theory <= loss.upper, "{}: {loss:?}", trial.connectors);
        }
    }
}

/// Overloaded where exp(σz − σ²/2)·300 > n·342.1: P = 1 − Φ((ln(n·342.1/300) + σ²/2)/σ), with σ = 0.5 0.304 for one,
/// 0.0288 for two, 0.0034 for three and 0.0005 for four.
#[test]
fn demand_exceeds_a_lognormal_quantile() {
    let sigma = 0.5;
    let share = |n: f64| {
        let z = (libm::log(n * 500.0 * 65.0 / 95.0 / 300.0) + sigma * sigma / 2.0) / sigma;
        Normal::new(0.0, 1.0).unwrap().sf(z)
    };
    for (wanted, expected) in [(0.35, 1), (0.05, 2), (0.01, 3), (0.002, 4)] {
        assert!(share(expected as f64) < wanted && (expected == 1 || share(expected as f64 - 1.0) > wanted));
        let mut model = loaded(300.0);
        model.overload.window = 1;
        model.environment.demands.last_mut().unwrap().noise = Some(Noise { sigma, phi: 0.9 });
        let found = size(&model, &[target(&format!("overloaded_share<={wanted}"))], 30);
        assert_eq!(found.verdict, Verdict::Met(expected), "{wanted}");
    }
}

/// Every size by itself, with all replications at once: what is decided there the search must not contradict, and the
/// smallest size that meets is the same.
#[test]
fn the_search_agrees_with_trying_every_size() {
    for seed in 0..8 {
        let mut model = loaded(700.0);
        model.seed = seed;
        model.environment.start = Start::Equilibrium;
        model.environment.demands.last_mut().unwrap().noise = Some(Noise { sigma: 0.3, phi: 0.95 });
        add_failures(&mut model, Scope::Connector, exponential(300.0), exponential(12.0), 0.0);
        let targets = [target("overloaded_hours_per_month<=12"), target("group_availability>=0.999")];
        let found = size(&model, &targets, 60);
        let alone: Vec<(usize, Decision)> = (1..=6)
            .map(|connectors| {
                let of = size_of(&model, &targets, 60, Some(&[connectors]));
                (connectors, of.trials[0].decision())
            })
            .collect();
        let first = alone.iter().find(|(_, decision)| *decision == Decision::Met).map(|(size, _)| *size);
        assert_eq!(found.verdict.connectors(), first, "seed {seed}: {alone:?}");
        assert_eq!(found.not_monotone, None);
    }
}

/// A site that is out for a tenth of the time: no number of connectors mends that, and the search says whose fault it is.
#[test]
fn an_outage_of_the_site_cannot_be_mended() {
    let mut model = loaded(300.0);
    model.environment.start = Start::Equilibrium;
    add_failures(&mut model, Scope::Site, exponential(90.0), exponential(10.0), 0.0);
    let found = size(&model, &[target("group_availability>=0.99")], 40);
    assert_eq!(found.verdict, Verdict::Missed);
    let blame = found.blame.unwrap();
    let causes: Vec<_> =
        blame.by_cause(&["site_power".to_owned()]).map(|(cause, _)| cause.to_owned()).collect();
    assert_eq!(causes[0], "site_power");
    assert!(found.trials.len() < 12, "it is given up where more connectors do not help");
}
