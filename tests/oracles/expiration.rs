//! Expiry of connectors whose link is down when their validation should be renewed.
//!
//! Phases are uniform and independent of outages, so an outage of length D that begins while the connector is up
//! covers a renewal with probability min(1, D/period); with a grace period g it expires the connector if D > g.

use fleetcast::environment::{Expiry, Scope};
use fleetcast::random::Variate;
use fleetcast::recording::GroupTally;
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Happening, Observer};
use fleetcast::time::{DAY, HOUR, Span, Time};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::builder::{add_failures, constant, hours, model};
use crate::runs::{add_groups, run_without_demand, tallies, watch};
use crate::statistics::Sample;

const PERIOD: i64 = 24;

fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// A lognormal variate of this mean in hours and this σ.
fn log_normal(mean: f64, sigma: f64) -> Variate {
    Variate::log_normal(mean * HOUR.0 as f64, sigma).expect("the mean is positive")
}

/// Connectors that fail after `mttf` hours, exponentially, for `outage`; the period is a day.
fn failing(mttf: f64, outage: Variate, length: Span) -> Model {
    let mut model = model();
    run_without_demand(&mut model, length);
    add_groups(&mut model, 200, 5);
    let life = Variate::exponential(mttf * HOUR.0 as f64).expect("the mean is positive");
    add_failures(&mut model, Scope::Connector, life, outage, 0.0);
    model.environment.validation.period = hours(PERIOD);
    model.environment.validation.phase = None;
    model
}

/// Where a connector stands with its first outage.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Before,
    During,
    Behind,
}

/// What became of the first outage of each connector, of those that begin before `until`.
struct FirstOutages {
    until: Time,
    stages: Vec<Stage>,
    outages: f64,
    expired: f64,
}

impl Observer for FirstOutages {
    fn happened(&mut self, at: Time, what: Happening) {
        match what {
            Happening::Failed { slot, .. } if self.stages[slot] == Stage::Before => {
                let counts = at < self.until;
                self.outages += f64::from(u8::from(counts));
                self.stages[slot] = if counts { Stage::During } else { Stage::Behind };
            }
            Happening::Expired { slot } if self.stages[slot] == Stage::During => {
                self.expired += 1.0;
                self.stages[slot] = Stage::Behind;
            }
            Happening::Restored { slot, .. } => self.stages[slot] = Stage::Behind,
            _ => {}
        }
    }
}

/// Compares the share of first outages that expire their connector with `probability`.
fn first_outages_expire(what: &str, outage: Variate, probability: f64) {
    let model = failing(20.0, outage, hours(4 * PERIOD));
    // An outage that begins a period before the end is decided by then, however long it lasts.
    let until = model.horizon - hours(PERIOD);
    let new = |_| FirstOutages { until, stages: vec![Stage::Before; 5], outages: 0.0, expired: 0.0 };
    let watched = watch(&model, 40, new);
    let excess = watched.iter().map(|first| first.expired - probability * first.outages);
    Sample::new(format!("expired beyond expectation, outages {what}"), excess).has_mean(0.0);
    let shares = watched.iter().map(|first| first.expired / first.outages.max(1.0));
    Sample::new(what, shares).is_sharp(probability, 0.03);
}

/// The phase has not been looked at before the first outage, so the law is exact for it.
#[test]
fn the_first_outage_covers_a_renewal_with_its_length_over_the_period() {
    let period = PERIOD as f64;
    first_outages_expire("of 6 h", constant(hours(6)), 0.25);
    first_outages_expire("of 30 h", constant(hours(30)), 1.0);
    let (mean, sigma) = (8.0, 1.0);
    let mu = libm::log(mean) - sigma * sigma / 2.0;
    let z = (libm::log(period) - mu) / sigma;
    let limited = mean * normal_cdf(z - sigma) + period * normal_cdf(-z);
    first_outages_expire("lognormal", log_normal(mean, sigma), limited / period);
}

fn excess(tallies: &[GroupTally], per_hour: f64) -> Vec<f64> {
    let of = |tally: &GroupTally| tally.expired as f64 - per_hour * tally.served as f64 / HOUR.0 as f64;
    tallies.iter().map(of).collect()
}

fn expirations_per_group(what: &str, tallies: &[GroupTally]) -> f64 {
    Sample::new(what, tallies.iter().map(|tally| tally.expired as f64)).mean()
}

/// With replacements over the years: at the rate λ·E[min(1, D/period)] per hour of a connector that is up.
///
/// A connector that has lived through an outage of length D tells that no renewal fell into it, and a new one renews
/// exactly one period after it enrols; both move the law by at most λ·(D + period) = 0.6 % in relative terms, as long
/// as failures are that much rarer than renewals. The bound is granted to the comparison.
#[test]
fn expirations_come_at_the_rate_of_failures_times_the_share_covered() {
    let (mttf, outage) = (5_000.0, 6);
    let model = failing(mttf, constant(hours(outage)), Span(5_000 * DAY.0));
    let tallies = tallies(&model, 2);
    let rate = outage as f64 / PERIOD as f64 / mttf;
    let bias = (outage + PERIOD) as f64 / mttf * expirations_per_group("expired", &tallies);
    Sample::new("expirations beyond expectation", excess(&tallies, rate)).has_mean_within(0.0, bias);
    let replaced: u64 = tallies.iter().map(|tally| tally.replaced).sum();
    let expired: u64 = tallies.iter().map(|tally| tally.expired).sum();
    assert!(replaced <= expired && expired - replaced < 50, "all but the last are replaced");
}

/// The variant with a grace period has no phase: exactly λ·P(D > grace) per hour of a connector that is up. Only an
/// outage that begins within the last grace period of the run is not decided: a bias of grace/length = 3·10⁻⁵.
#[test]
fn with_a_grace_period_long_outages_expire() {
    let (grace, mean, sigma) = (4.0, 3.0, 0.8);
    let mut model = failing(200.0, log_normal(mean, sigma), Span(5_000 * DAY.0));
    model.environment.validation.expiry = Expiry::Grace(hours(4));
    let mu = libm::log(mean) - sigma * sigma / 2.0;
    let longer = normal_cdf(-(libm::log(grace) - mu) / sigma);
    let tallies = tallies(&model, 1);
    let bias = grace / (5_000.0 * 24.0) * expirations_per_group("expired", &tallies);
    Sample::new("expirations by grace beyond expectation", excess(&tallies, longer / 200.0))
        .has_mean_within(0.0, bias);
}
