//! Intervals, sequential stopping and selection against what is known exactly.
//!
//! The intervals are made from a simulated scenario: connectors that fail and are restored, begun in equilibrium, so
//! that the share of time out of service is MTTR/(MTTF + MTTR) in every replication of whatever length (Ross,
//! *Stochastic Processes*, 2nd ed., 1996, chapter 3). A share of the outages waits for a repair that the second policy
//! makes twice as slow, so the difference of the policies is known too. The selection is fed with normal variates.
//!
//! Every test has a fixed seed and states its rate of false alarms for a right program. The long ones are for
//! `cargo test --release --test statistics_of_comparison -- --ignored --nocapture`, which prints what the page on
//! statistics cites.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "support/builder.rs"]
mod builder;

use builder::{add_failures, add_group, hours, model};
use fleetcast::analysis::{Estimate, KimNelson, Paired};
use fleetcast::control::Service;
use fleetcast::environment::demand::level::Level;
use fleetcast::environment::{Scope, Start};
use fleetcast::random::Variate;
use fleetcast::recording::tally::Tallier;
use fleetcast::simulation::Model;
use fleetcast::simulation::run::Replication;
use fleetcast::time::{HOUR, Time};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

const MTTF: f64 = 20.0;
const MTTR: f64 = 3.0;
const NEEDS_OPERATOR: f64 = 0.4;
/// Mean hours until a repair, by policy.
const REPAIR: [f64; 2] = [4.0, 8.0];

/// Connector-time out of service in equilibrium, as a share.
fn expected(policy: usize) -> f64 {
    let down = MTTR + NEEDS_OPERATOR * REPAIR[policy];
    down / (MTTF + down)
}

fn scenario(groups: usize, connectors: usize, length: i64) -> Model {
    let of_hours = |mean: f64| mean * HOUR.0 as f64;
    let mut model = model();
    model.environment.start = Start::Equilibrium;
    model.horizon = Time::ZERO + hours(length);
    model.environment.demands.iter_mut().for_each(|series| series.shape.clear());
    (0..groups).for_each(|index| {
        add_group(&mut model, &format!("group-{index}"), connectors);
    });
    let up = Variate::weibull(of_hours(MTTF), 0.8).unwrap();
    let down = Variate::gamma(of_hours(MTTR), 2.5).unwrap();
    add_failures(&mut model, Scope::Connector, up, down, NEEDS_OPERATOR);
    let mut slow = model.policies[0].clone();
    slow.name = "slow".into();
    model.policies.push(slow);
    for (policy, mean) in model.policies.iter_mut().zip(REPAIR) {
        policy.repair = Service::After(Variate::exponential(of_hours(mean)).unwrap());
    }
    model
}

/// The share of connector-time out of service in a replication.
fn out_of_service(model: &Model, policy: usize, replication: u64) -> f64 {
    let level = Level::new();
    let tallier = |group| Tallier::new(model, group, 0.999, level);
    let tallies = Replication::new(model, policy, replication, level).run_all(tallier);
    let sums = tallies
        .into_iter()
        .map(Tallier::tally)
        .fold((0, 0), |(served, meant), tally| (served + tally.served, meant + tally.meant));
    1.0 - sums.0 as f64 / sums.1 as f64
}

fn covers(estimate: &Estimate, truth: f64) -> bool {
    estimate.interval().is_some_and(|(low, high)| low <= truth && truth <= high)
}

struct Coverage {
    single: f64,
    paired: f64,
    variance_reduction: f64,
}

/// `experiments` experiments of 20 replications of two policies, with intervals at 95 %.
fn coverage(experiments: u64) -> Coverage {
    let model = scenario(2, 4, 200);
    let experiment = |index: u64| {
        let replications = 20 * index..20 * (index + 1);
        let pairs: Vec<(f64, f64)> = replications
            .map(|index| (out_of_service(&model, 0, index), out_of_service(&model, 1, index)))
            .collect();
        let baseline: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
        let single = Estimate::from_values(&baseline, 0.95).unwrap();
        let paired = Paired::from_pairs(&pairs, 0.95).unwrap();
        let hits = [covers(&single, expected(0)), covers(&paired.difference, expected(1) - expected(0))];
        (hits.map(u64::from), paired.variance_reduction.unwrap())
    };
    let all: Vec<_> = (0..experiments).into_par_iter().map(experiment).collect();
    let share = |side: usize| all.iter().map(|(hits, _)| hits[side]).sum::<u64>() as f64 / experiments as f64;
    let reductions: f64 = all.iter().map(|(_, reduction)| reduction).sum();
    Coverage { single: share(0), paired: share(1), variance_reduction: reductions / experiments as f64 }
}

/// 500 experiments: within five standard deviations (4.9 %) of 95 %; false alarms below 10⁻⁵.
#[test]
fn intervals_cover_the_truth() {
    let Coverage { single, paired, .. } = coverage(500);
    for share in [single, paired] {
        assert!((share - 0.95).abs() <= 5.0 * f64::sqrt(0.95 * 0.05 / 500.0), "{share}");
    }
}

/// 10,000 experiments have a standard deviation of 0.22 %, so an interval that covers with exactly 95 % fails one seed
/// in 100,000; the values are only nearly normal, which is part of what is tested.
#[test]
#[ignore = "long: 400,000 replications"]
fn intervals_cover_the_truth_within_a_percent() {
    let Coverage { single, paired, variance_reduction } = coverage(10_000);
    println!("single {single:.4}, paired {paired:.4}, variance reduction {variance_reduction:.3}");
    for share in [single, paired] {
        assert!((0.94..=0.96).contains(&share), "{share}");
    }
}

/// The rule of `--precision`: looked at after 20 replications and then after every 10, until the half-width is at most
/// a tenth of the mean. Whether the interval covers, and the replications used.
fn sequential(experiments: u64) -> (f64, f64) {
    let model = scenario(1, 4, 50);
    let experiment = |index: u64| {
        let first = 100_000 * index;
        let mut values: Vec<f64> = Vec::new();
        loop {
            let next = if values.is_empty() { 20 } else { 10 };
            let from = first + values.len() as u64;
            values.extend((from..from + next).map(|index| out_of_service(&model, 0, index)));
            let estimate = Estimate::from_values(&values, 0.95).unwrap();
            if estimate.is_precise(0.1, estimate.mean) {
                return (u64::from(covers(&estimate, expected(0))), values.len() as u64);
            }
        }
    };
    let all: Vec<(u64, u64)> = (0..experiments).into_par_iter().map(experiment).collect();
    let sum = |of: fn(&(u64, u64)) -> u64| all.iter().map(of).sum::<u64>() as f64 / experiments as f64;
    (sum(|one| one.0), sum(|one| one.1))
}

/// 300 experiments: at least 93 % less five standard deviations; false alarms below 10⁻⁶ at a coverage of 93 %.
#[test]
fn sequential_intervals_cover_nearly_as_often() {
    let (share, _) = sequential(300);
    assert!(share >= 0.93 - 5.0 * f64::sqrt(0.93 * 0.07 / 300.0), "{share}");
}

/// 4,000 experiments, with a standard deviation of 0.4 %: at a true coverage of 94.5 % one seed in 10,000 fails.
#[test]
#[ignore = "long: some 400,000 replications"]
fn sequential_intervals_cover_at_least_93_percent() {
    let (share, replications) = sequential(4_000);
    println!("coverage {share:.4} with {replications:.1} replications in the mean");
    assert!(share >= 0.93, "{share}");
}

/// Selects among five systems with unit variances of which the first is ahead by δ and the others are equal, the
/// hardest case: how often it is selected, and the observations used per system.
fn selections(count: u64, correlation: f64) -> (f64, f64) {
    const SYSTEMS: usize = 5;
    const FIRST: usize = 20;
    let delta = 1.0 / f64::sqrt(FIRST as f64);
    let select = |seed: u64| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut selection = KimNelson::new(SYSTEMS, delta, 0.95, FIRST);
        let mut used = 0;
        while selection.selected().is_none() {
            let shared: f64 = StandardNormal.sample(&mut rng);
            let own: [f64; SYSTEMS] = std::array::from_fn(|_| StandardNormal.sample(&mut rng));
            used += selection.contention().len();
            selection.observe(|system| {
                let ahead = if system == 0 { delta } else { 0.0 };
                ahead + correlation.sqrt() * shared + f64::sqrt(1.0 - correlation) * own[system]
            });
        }
        (u64::from(selection.selected() == Some(0)), used as f64 / SYSTEMS as f64)
    };
    let all: Vec<(u64, f64)> = (0..count).into_par_iter().map(|index| select(1_000 + index)).collect();
    let correct = all.iter().map(|one| one.0).sum::<u64>() as f64 / count as f64;
    (correct, all.iter().map(|one| one.1).sum::<f64>() / count as f64)
}

/// At least 95 % less `deviations` standard deviations. The guarantee is conservative, so the rate of false alarms is
/// below that of a system that is right in exactly 95 %: 0.13 % for three.
fn hold_selections(count: u64, deviations: f64) {
    for correlation in [0.0, 0.6] {
        let (correct, used) = selections(count, correlation);
        println!("correlation {correlation}: {correct:.4} correct with {used:.1} observations per system");
        let least = 0.95 - deviations * f64::sqrt(0.95 * 0.05 / count as f64);
        assert!(correct >= least, "{correct} of {count} at correlation {correlation}, at least {least}");
    }
}

#[test]
fn the_best_is_selected_as_often_as_promised() {
    hold_selections(200, 4.0);
}

#[test]
#[ignore = "long: 1,000 selections a case"]
fn the_best_is_selected_in_a_thousand_trials() {
    hold_selections(1_000, 3.0);
}

/// Eight of ten systems are ten δ behind. With h² = 11.5 they are out when h² · 2/(2δr) is near 1, after some 115
/// observations in the mean over their variances; the one that is a single δ behind stays several times as long.
#[test]
fn clearly_worse_systems_stop_early() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut selection = KimNelson::new(10, 0.1, 0.95, 20);
    while selection.selected().is_none() {
        let own: [f64; 10] = std::array::from_fn(|_| StandardNormal.sample(&mut rng));
        selection
            .observe(|system| own[system] + if system == 0 { 1.0 } else { 0.9 * f64::from(system == 1) });
    }
    let early = (2..10).filter_map(|system| selection.eliminated_after(system)).max().unwrap();
    assert!(2 * early < selection.taken(), "{early} of {}", selection.taken());
}
