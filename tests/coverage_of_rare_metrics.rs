//! How often a 95 % interval covers the truth where events are rare: expirations and outages of groups.
//!
//! Student's t asks for values that are nearly normal, which counts of rare events are not until there are enough of them.
//! Two metrics have expectations that are known exactly, whatever the distributions, because failure processes begin in
//! equilibrium, where a connector is down with probability q = MTTR/(MTTF + MTTR) at any instant, and fails at the rate
//! q/MTTR (Ross, *Stochastic Processes*, 2nd ed., 1996, chapter 3):
//!
//! - **expirations** in a run shorter than a period: a connector's only renewal comes at a uniform instant of the period, so it
//!   expires with probability q · run/period.
//! - **outages of groups** of two: one fails while the other is down at the rate 2 · q/MTTR · q, and both are down at 0 with
//!   probability q².
//!
//! Coverage is measured and published in docs/background/statistics.md, not asserted:
//! `cargo test --release --test coverage_of_rare_metrics -- --ignored --nocapture` prints the table. That the expectations are right
//! is asserted.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "support/builder.rs"]
mod builder;
#[path = "support/statistics.rs"]
mod statistics;

use builder::{add_failures, add_group, hours, model};
use fleetcast::analysis::Estimate;
use fleetcast::environment::demand::level::Level;
use fleetcast::environment::{Scope, Start};
use fleetcast::random::Variate;
use fleetcast::recording::GroupTally;
use fleetcast::recording::tally::Tallier;
use fleetcast::simulation::Model;
use fleetcast::simulation::run::Replication;
use fleetcast::time::{HOUR, Time};
use rayon::prelude::*;
use statistics::Sample;

const GROUPS: usize = 10;
/// Of each group.
const CONNECTORS: usize = 2;
/// Hours.
const RUN: f64 = 240.0;
const PERIOD: f64 = 480.0;
const MTTR: f64 = 3.0;

/// What is counted, and how often it is expected in a replication.
#[derive(Clone, Copy, Debug)]
enum Rare {
    Expirations(f64),
    GroupOutages(f64),
}

impl Rare {
    fn expected(self) -> f64 {
        match self {
            Rare::Expirations(expected) | Rare::GroupOutages(expected) => expected,
        }
    }

    /// The probability of being down that brings the expectation about.
    fn down(self) -> f64 {
        match self {
            Rare::Expirations(expected) => expected / (GROUPS * CONNECTORS) as f64 * PERIOD / RUN,
            Rare::GroupOutages(expected) => (expected / GROUPS as f64 / (2.0 * RUN / MTTR + 1.0)).sqrt(),
        }
    }

    fn model(self) -> Model {
        let of_hours = |mean: f64| mean * HOUR.0 as f64;
        let mut model = model();
        model.environment.start = Start::Equilibrium;
        model.horizon = Time::ZERO + hours(RUN as i64);
        model.environment.demands.iter_mut().for_each(|series| series.shape.clear());
        if let Rare::Expirations(_) = self {
            model.environment.validation.period = hours(PERIOD as i64);
            model.environment.validation.phase = None;
        }
        (0..GROUPS).for_each(|index| {
            add_group(&mut model, &format!("group-{index}"), CONNECTORS);
        });
        let down = self.down();
        let up = Variate::weibull(of_hours(MTTR * (1.0 - down) / down), 0.8).unwrap();
        add_failures(&mut model, Scope::Connector, up, Variate::gamma(of_hours(MTTR), 2.5).unwrap(), 0.0);
        model
    }

    fn count(self, tally: &GroupTally) -> u64 {
        match self {
            Rare::Expirations(_) => tally.expired,
            Rare::GroupOutages(_) => tally.outages,
        }
    }

    /// The count of each of so many replications.
    fn counts(self, replications: u64) -> Vec<f64> {
        let (model, level) = (self.model(), Level::new());
        let count = |index: u64| {
            let tallier = |group| Tallier::new(&model, group, 0.999, level);
            let tallies = Replication::new(&model, 0, index, level).run_all(tallier);
            tallies.into_iter().map(|tallier| self.count(&tallier.tally())).sum::<u64>() as f64
        };
        (0..replications).into_par_iter().map(count).collect()
    }
}

/// One comparison with a mean at each expectation; each fails one seed in ten thousand.
fn is_as_expected(rare: Rare, counts: &[f64]) {
    Sample::new(format!("{rare:?}"), counts.iter().copied()).has_mean(rare.expected());
}

#[test]
fn rare_events_are_as_frequent_as_theory_says() {
    for rare in [Rare::Expirations(0.5), Rare::GroupOutages(0.5)] {
        is_as_expected(rare, &rare.counts(20_000));
    }
}

/// Of experiments with `n` replications each: the share whose interval covers the truth, and the share without an interval, as
/// none of its replications saw an event.
fn coverage(counts: &[f64], n: usize, truth: f64) -> (f64, f64) {
    let experiments = counts.chunks_exact(n);
    let number = experiments.len() as f64;
    let (mut covered, mut unseen) = (0.0, 0.0);
    for values in experiments {
        let (low, high) = Estimate::from_values(values, 0.95).unwrap().interval().unwrap();
        let none = values.iter().all(|&count| count == 0.0);
        unseen += f64::from(u8::from(none));
        covered += f64::from(u8::from(!none && low <= truth && truth <= high));
    }
    (covered / number, unseen / number)
}

/// 400,000 replications of each of eight settings, cut into experiments: 20,000 of 20 replications, 400 of 1,000, whose
/// shares have standard errors of 0.15 and 1.1 % at 95 %.
#[test]
#[ignore = "long: 3.2 million replications"]
fn coverage_of_rare_metrics_by_the_number_of_replications() {
    const SIZES: [usize; 6] = [10, 20, 50, 100, 300, 1_000];
    println!("| events expected in a replication | {} |", SIZES.map(|n| n.to_string()).join(" | "));
    for of in [Rare::Expirations as fn(f64) -> Rare, Rare::GroupOutages] {
        for expected in [0.02, 0.1, 0.5, 2.0] {
            let rare = of(expected);
            let counts = rare.counts(400_000);
            is_as_expected(rare, &counts);
            let cell = |n: usize| {
                let (covered, unseen) = coverage(&counts, n, expected);
                let none = if unseen < 5e-4 { String::new() } else { format!(" ({:.1})", 100.0 * unseen) };
                format!("{:.1}{none}", 100.0 * covered)
            };
            println!("| {rare:?} | {} |", SIZES.map(cell).join(" | "));
        }
    }
}
