//! How long a plan takes: 2,500 groups over a year, ten replications where they are needed, on two threads.
//!
//! It prints how many group-years that took, and how many a plain grid of four sizes and ten replications would have, with a
//! digest of the sizes, so that a faster wrong answer shows. `cargo bench --bench sizing`; under `cargo test --benches` the fleet is
//! a hundredth of that.

#![allow(clippy::print_stdout)]

use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use fleetcast::experiment::Progress;
use fleetcast::experiment::sizing::{GroupSize, Question, looks, size_groups};
use fleetcast::fleet::MOST_SLOTS;
use fleetcast::report::plan::Goal;
use fleetcast::scenario::{self, Study};
use fleetcast::simulation::Model;

const REPLICATIONS: u64 = 10;
/// Sizes of the plain grid.
const GRID: u64 = 4;

/// The shipped fleet, so many times as large.
fn fleet(times: usize) -> Study {
    let counts = [("branch", 15), ("office", 8), ("campus", 2)];
    let sets = counts.map(|(name, count)| format!("fleet.groups.{name}.count={}", count * times));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/capacity-plan.toml");
    scenario::load(&file, &sets).unwrap_or_else(|problems| panic!("{problems}"))
}

fn plan(study: &Study) -> Vec<GroupSize> {
    let rungs: Vec<OnceLock<Option<Model>>> = (0..MOST_SLOTS).map(|_| OnceLock::new()).collect();
    let make = |size: usize| study.with_connectors(size, 0).ok().map(|study| study.model);
    let models = |size: usize| rungs.get(size - 1)?.get_or_init(|| make(size)).as_ref();
    let goal = Goal::parse("overloaded_hours_per_month<=1").expect("a target");
    let question = Question {
        configured: &study.model,
        models: &models,
        policy: 0,
        targets: &[goal.target],
        looks: &looks(REPLICATIONS),
        alpha: 0.05,
        sizes: None,
        least: &study.least_connectors(),
        most: MOST_SLOTS,
        demand_factor: 1.0,
        objective: study.estimates.objective,
        progress: &Progress::default(),
    };
    let groups: Vec<usize> = (0..study.model.fleet.groups.len()).collect();
    size_groups(&question, &groups).expect("nobody interrupts")
}

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let study = fleet(if measured { 100 } else { 1 });
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
    let begun = Instant::now();
    let found = pool.install(|| plan(&study));
    let seconds = begun.elapsed().as_secs_f64();
    let runs: u64 = found.iter().map(|of| of.runs).sum();
    let sizes: Vec<u8> = found.iter().map(|of| of.verdict.connectors().unwrap_or(0) as u8).collect();
    let digest = blake3::hash(&sizes).to_hex();
    let (groups, grid) = (found.len(), found.len() as u64 * GRID * REPLICATIONS);
    println!("{groups} groups in {seconds:.1} s on two threads: {runs} group-years; a plain grid has {grid}");
    println!("sizes {}", &digest[..16]);
}
