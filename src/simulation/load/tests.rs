//! The load of a stretch against its definitions, at every level.

use super::*;
use crate::environment::demand::level;
use proptest::prelude::*;

const UNIT: Unit = Unit { capacity_mbps: 500.0, idle_cpu_percent: 5.0, efficiency: 0.02 };

/// The definitions at the head of this file, connector by connector, in f64.
struct Twin {
    shares: Vec<f64>,
    capacities: Vec<f64>,
    idle: f64,
    configured: Option<usize>,
}

impl Twin {
    fn new(unit: Unit, serving: &[Serving], configured: Option<usize>) -> Twin {
        let weights: f64 = serving.iter().map(|one| one.weight).sum();
        let alone = unit.capacity_mbps / (1.0 + unit.efficiency * (serving.len() as f64 - 1.0));
        Twin {
            shares: serving.iter().map(|one| one.weight / weights).collect(),
            capacities: serving.iter().map(|one| alone / one.cpu_multiplier).collect(),
            idle: unit.idle_cpu_percent,
            configured,
        }
    }

    fn loads(&self, demand: f32) -> impl Iterator<Item = f64> {
        let parts = self.shares.iter().zip(&self.capacities);
        parts.map(move |(share, capacity)| f64::from(demand) * share / capacity)
    }

    /// In hundredths, unrounded.
    fn offered(&self, demand: f32) -> f64 {
        let sum: f64 = self.loads(demand).map(|load| self.idle + (100.0 - self.idle) * load).sum();
        100.0 * sum / self.shares.len() as f64
    }

    fn sample(&self, demand: f32) -> f64 {
        let sum: f64 =
            self.loads(demand).map(|load| (self.idle + (100.0 - self.idle) * load).min(100.0)).sum();
        100.0 * sum / self.configured.unwrap_or(self.shares.len()) as f64
    }

    fn unserved(&self, demand: f32) -> f64 {
        self.loads(demand)
            .zip(&self.capacities)
            .map(|(load, capacity)| (load - 1.0).max(0.0) * capacity)
            .sum()
    }
}

/// Whether `rounded` is `exact` rounded half up, give or take what f32 loses before.
fn rounds(rounded: i32, exact: f64) -> bool {
    let slack = 0.5 + 1e-6 * exact;
    (f64::from(rounded) - exact).abs() <= slack
}

fn path(length: usize, scale: f32) -> Vec<f32> {
    let mut word = 1u32;
    let mut next = || {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        word as f32 / u32::MAX as f32
    };
    (0..length).map(|_| scale * next()).collect()
}

fn servings() -> impl Strategy<Value = Vec<Serving>> {
    let equal = (1usize..9, 0.5..3.0)
        .prop_map(|(count, cpu_multiplier)| vec![Serving { weight: 1.0, cpu_multiplier }; count]);
    let one = (0.2..1.8, prop_oneof![Just(1.0), 0.5..3.0])
        .prop_map(|(weight, cpu_multiplier)| Serving { weight, cpu_multiplier });
    prop_oneof![equal, prop::collection::vec(one, 1..9)]
}

proptest! {
    #[test]
    fn agrees_with_the_definitions(
        serving in servings(),
        absent in prop::option::of(0usize..3),
        length in 0usize..300,
        scale in 10f32..6000.0,
    ) {
        let configured = absent.map(|absent| serving.len() + absent);
        let capacity = Capacity::new(UNIT, &serving, configured);
        let twin = Twin::new(UNIT, &serving, configured);
        let demand = path(length, scale);
        let (mut offered, mut samples) = (vec![0; length], vec![0; length]);
        let level = Level::new();
        let most = capacity.offered(level, &demand, &mut offered);
        prop_assert_eq!(most, offered.iter().copied().max().unwrap_or(0));
        capacity.samples(level, &demand, &offered, most, &mut samples);
        let mut unserved = 0.0;
        for (tick, &demand) in demand.iter().enumerate() {
            prop_assert!(rounds(offered[tick], twin.offered(demand)), "{} {}", offered[tick], twin.offered(demand));
            prop_assert!(rounds(samples[tick], twin.sample(demand)), "{} {}", samples[tick], twin.sample(demand));
            unserved += twin.unserved(demand);
        }
        let served = capacity.unserved(level, &demand, most);
        prop_assert!((served - unserved).abs() <= 1e-9 * demand_sum(level, &demand), "{served} {unserved}");
    }

    #[test]
    fn every_level_gives_the_same_bits(
        serving in servings(),
        absent in prop::option::of(0usize..3),
        length in 0usize..300,
        scale in 10f32..6000.0,
    ) {
        let configured = absent.map(|absent| serving.len() + absent);
        let capacity = Capacity::new(UNIT, &serving, configured);
        let demand = path(length, scale);
        let all = |level| {
            let (mut offered, mut samples) = (vec![0; length], vec![0; length]);
            let most = capacity.offered(level, &demand, &mut offered);
            capacity.samples(level, &demand, &offered, most, &mut samples);
            let mut histograms = LoadHistograms::default();
            histograms.add_cpu(level, &offered);
            histograms.add_demand(level, &demand);
            let counts = histograms.counts();
            let unserved = capacity.unserved(level, &demand, most).to_bits();
            let sums = (demand_sum(level, &demand).to_bits(), demand_max(level, &demand).to_bits());
            (offered, samples, most, counts, unserved, sums)
        };
        let expected = all(Level::new());
        for (name, level) in level::all() {
            prop_assert!(all(level) == expected, "{name}");
        }
    }

    /// A stretch cut in two gives the same ticks: what the shortcuts leave out is exactly nothing.
    #[test]
    fn shortcuts_change_nothing(serving in servings(), scale in 10f32..6000.0) {
        let capacity = Capacity::new(UNIT, &serving, None);
        let (level, demand) = (Level::new(), path(200, scale));
        let mut offered = vec![0; 200];
        let most = capacity.offered(level, &demand, &mut offered);
        let mut together = vec![0; 200];
        capacity.samples(level, &demand, &offered, most, &mut together);
        for tick in 0..200 {
            let (demand, offered) = (&demand[tick..=tick], &offered[tick..=tick]);
            let mut alone = [0];
            capacity.samples(level, demand, offered, offered[0], &mut alone);
            prop_assert_eq!(alone[0], together[tick]);
            prop_assert_eq!(capacity.unserved(level, demand, offered[0]), capacity.unserved_at(demand[0]));
        }
    }
}

#[test]
fn worked_example() {
    // Two connectors of 500 Mbps that hinder each other by a quarter: 400 Mbps each, 5 % idle.
    let unit = Unit { efficiency: 0.25, ..UNIT };
    let two = [Serving { weight: 1.0, cpu_multiplier: 1.0 }; 2];
    let capacity = Capacity::new(unit, &two, Some(4));
    let demand = [0.0, 400.0, 800.0, 1000.0];
    let (mut offered, mut samples) = ([0; 4], [0; 4]);
    let most = capacity.offered(Level::new(), &demand, &mut offered);
    assert_eq!(offered, [500, 5250, 10_000, 12_375]);
    assert_eq!(most, 12_375);
    capacity.samples(Level::new(), &demand, &offered, most, &mut samples);
    assert_eq!(samples, [250, 2625, 5000, 5000]);
    assert_eq!(capacity.unserved(Level::new(), &demand, most), 200.0);
}

#[test]
fn nobody_serving_serves_nothing() {
    let capacity = Capacity::new(UNIT, &[], None);
    assert_eq!(capacity.unserved(Level::new(), &[3.0, 4.5], 0), 7.5);
    assert_eq!(capacity.unserved_at(4.5), 4.5);
}

#[test]
fn the_offered_cpu_is_cut_where_an_integer_ends() {
    let capacity = Capacity::new(UNIT, &[Serving { weight: 1.0, cpu_multiplier: 1.0 }], None);
    let mut offered = [0; 20];
    assert_eq!(capacity.offered(Level::new(), &[1e30; 20], &mut offered), 2_147_483_520);
    assert_eq!(offered, [2_147_483_520; 20]);
}
