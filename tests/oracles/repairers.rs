//! Machines under a limited number of repairers: the finite-source queue M/M/c//n.
//!
//! With n machines that fail at the rate λ while they are up and c repairers of rate μ, the number that is down is a
//! birth-death chain with the rates (n − k)λ up and min(k, c)μ down (Feller, *An Introduction to Probability Theory and
//! Its Applications*, vol. I, 3rd ed., 1968, XVII.7). Each test works its stationary distribution out.
//!
//! Here a repairer takes the next machine at a control period, so a repair lasts up to a control period longer. The control
//! period is 1/1,000 of the mean repair, and what the theory says of a mean repair that is longer by all of it bounds the
//! bias.

use fleetcast::control::{Crew, Service};
use fleetcast::environment::{Scope, Start};
use fleetcast::random::Variate;
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Happening, Observer, Standing};
use fleetcast::time::{HOUR, Span, Time};
use serde_json::Value;

use crate::builder::{add_failures, crew, model};
use crate::data;
use crate::runs::{add_groups, run_without_demand, watch};
use crate::statistics::Sample;

/// Control periods in a mean repair.
const FINE: f64 = 1000.0;

#[derive(Clone, Copy, Debug)]
struct System {
    machines: usize,
    repairers: usize,
    /// In hours.
    mttf: f64,
    mttr: f64,
}

impl System {
    /// The stationary probabilities of 0, 1, …, n machines down.
    fn distribution(&self) -> Vec<f64> {
        let mut weights = vec![1.0];
        for down in 0..self.machines {
            let (up, busy) = ((self.machines - down) as f64, (down + 1).min(self.repairers) as f64);
            weights.push(weights[down] * up / self.mttf / (busy / self.mttr));
        }
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.distribution().iter().enumerate().map(|(down, p)| p * of(down)).sum()
    }

    /// The probability that a machine that fails finds a repairer free: states weighted with the rate of failures.
    fn immediate(&self) -> f64 {
        let up = |down: usize| (self.machines - down) as f64;
        self.mean(|down| if down < self.repairers { up(down) } else { 0.0 }) / self.mean(up)
    }

    /// With every repair a control period longer.
    fn slower(&self) -> System {
        System { mttr: self.mttr * (1.0 + 1.0 / FINE), ..*self }
    }

    /// `systems` alike, side by side, each with repairers of its own; a system may be spread over several groups.
    fn model(&self, systems: usize, groups_each: usize, hours: f64) -> Model {
        let mut model = model();
        model.seed = 6;
        model.environment.start = Start::Fresh;
        run_without_demand(&mut model, span(hours));
        model.control_period = span(self.mttr / FINE);
        model.environment.validation.period = Span::LONGEST;
        model.environment.validation.phase = Some(Variate::constant(Span::LONGEST.0 as f64).unwrap());
        add_groups(&mut model, systems * groups_each, self.machines / groups_each);
        let exponential = |mean: f64| Variate::exponential(mean * HOUR.0 as f64).unwrap();
        add_failures(&mut model, Scope::Connector, exponential(self.mttf), exponential(self.mttr), 1.0);
        let of_system = |index: usize| Crew { name: format!("crew-{index}"), ..crew(self.repairers) };
        model.crews = (0..systems).map(of_system).collect();
        model.policies[0].repair =
            Service::Crews((0..systems * groups_each).map(|group| group / groups_each).collect());
        model
    }
}

fn span(hours: f64) -> Span {
    Span((hours * HOUR.0 as f64) as i64)
}

/// What is measured of a group behind the warm-up.
struct Seen {
    warm: Time,
    /// Machine-milliseconds down.
    down: i64,
    /// Milliseconds with fewer than so many up.
    needed: usize,
    fewer: i64,
    total: i64,
    /// Tasks begun, and those that did not wait longer than for the next control period.
    begun: u64,
    immediate: u64,
    period: Span,
}

impl Seen {
    fn new(model: &Model, warm: Time, needed: usize) -> Seen {
        let period = model.control_period;
        Seen { warm, down: 0, needed, fewer: 0, total: 0, begun: 0, immediate: 0, period }
    }
}

impl Observer for Seen {
    const WATCHES_SLOTS: bool = false;

    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        let length = (to - from.max(self.warm)).0.max(0);
        let (configured, up) = (standing.axes.configured.len(), standing.serving.len());
        self.total += length;
        self.down += length * (configured - up) as i64;
        self.fewer += if up < self.needed { length } else { 0 };
    }

    fn happened(&mut self, at: Time, what: Happening) {
        if let Happening::TaskBegun { waited, .. } = what
            && at >= self.warm
        {
            self.begun += 1;
            self.immediate += u64::from(waited <= self.period + Span(1));
        }
    }
}

/// A quantity of each system in ten replications of forty systems; the first twentieth of a run is its warm-up.
fn measured(
    system: &System,
    groups_each: usize,
    hours: f64,
    needed: usize,
    of: fn(&Seen) -> f64,
) -> Vec<f64> {
    let model = system.model(40, groups_each, hours);
    let warm = Time(model.horizon.0 / 20);
    let seen = watch(&model, 10, |_| Seen::new(&model, warm, needed));
    seen.chunks(groups_each).map(|groups| groups.iter().map(of).sum()).collect()
}

fn mean_down(seen: &Seen) -> f64 {
    seen.down as f64 / seen.total as f64
}

#[test]
fn the_mean_number_down_is_that_of_the_birth_death_chain() {
    for (machines, repairers) in [(1, 1), (4, 1), (4, 2), (6, 3), (6, 6)] {
        let system = System { machines, repairers, mttf: 20.0, mttr: 8.0 };
        let down = |system: &System| system.mean(|down| down as f64);
        let bias = down(&system.slower()) - down(&system);
        assert!(bias > 0.0 && bias < 2e-3 * down(&system));
        let sample = Sample::new(
            format!("{machines} machines, {repairers} repairers"),
            measured(&system, 1, 4_000.0, 0, mean_down),
        );
        sample.has_mean_within(down(&system), bias);
        sample.is_sharp(down(&system), 0.01);
    }
}

/// A row of `known-answers.csv` with fewer repairers than machines.
fn answer(text: &str, id: &str) -> (System, usize, f64) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|known| known == name).unwrap();
    let row = reader.records().map(Result::unwrap).find(|row| &row[column("id")] == id).unwrap();
    let params: Value = serde_json::from_str(&row[column("params")]).unwrap();
    let number = |names: [&str; 2]| names.iter().find_map(|&name| params[name].as_f64());
    let system = System {
        machines: number(["n", "N"]).unwrap() as usize,
        repairers: number(["repairers", ""]).unwrap() as usize,
        mttf: number(["mttf", "mttf_h"]).unwrap(),
        mttr: number(["mttr", "mttr_h"]).unwrap(),
    };
    let needed = number(["k", ""]).unwrap_or(0.0) as usize;
    (system, needed, row[column("expected")].parse().unwrap())
}

/// Compares with a published number; theory as worked out here must agree with it to what was printed.
fn published(test: &str, id: &str, of: fn(&Seen) -> f64, theory: fn(&System, usize) -> f64, hours: f64) {
    let Some(path) = data::file(test, "known-answers.csv") else { return };
    let (system, needed, expected) = answer(&std::fs::read_to_string(path).unwrap(), id);
    let computed = theory(&system, needed);
    assert!((computed - expected).abs() <= 0.005 * expected, "{id}: {computed} for {expected}");
    let bias = (theory(&system.slower(), needed) - computed).abs();
    let groups_each = system.machines.div_ceil(50);
    let sample = Sample::new(id, measured(&system, groups_each, hours * system.mttf, needed, of));
    sample.has_mean_within(computed, bias);
    sample.is_sharp(computed.min(1.0 - computed).abs(), 0.05);
}

#[test]
fn published_means_of_machines_down_are_reproduced() {
    let test = "published_means_of_machines_down_are_reproduced";
    for (id, hours) in [("KA058", 400.0), ("KA110", 400.0), ("KA112", 60.0)] {
        published(test, id, mean_down, |system, _| system.mean(|down| down as f64), hours);
    }
}

/// KA056: two thirds of those that fail find the repairer free. Of those that do not, about a share of 2/1,000 waits no longer
/// than for a control period, which is less than the test can see.
#[test]
fn the_published_share_of_immediate_repairs_is_reproduced() {
    let test = "the_published_share_of_immediate_repairs_is_reproduced";
    let share = |seen: &Seen| seen.immediate as f64 / seen.begun as f64;
    published(test, "KA056", share, |system, _| system.immediate(), 400.0);
}

/// KA102 and KA104: k out of n with one repairer.
#[test]
fn published_availabilities_with_one_repairer_are_reproduced() {
    let test = "published_availabilities_with_one_repairer_are_reproduced";
    let up = |seen: &Seen| 1.0 - seen.fewer as f64 / seen.total as f64;
    let theory = |system: &System, needed: usize| {
        system.mean(|down| if system.machines - down >= needed { 1.0 } else { 0.0 })
    };
    for id in ["KA102", "KA104"] {
        published(test, id, up, theory, 60.0);
    }
}
