//! The benchmark model FLEET-0, in parts that are measured together:
//!
//! - (a) the engine, state events only and with ticks,
//! - (b) the quickstart scenario,
//! - (c) the bare arithmetic of the ticks, at each level of vector instructions: the floor below (a),
//! - (d) the same model on one binary heap, as one writes it in an afternoon.
//!
//! `cargo bench --bench fleet0` measures a year of 1,000 and 10,000 connectors; `cargo test --benches` runs each part
//! once, small. Results are printed with a hash, so that a faster wrong answer shows.

#![allow(missing_docs, clippy::print_stderr)]

#[path = "fleet0/arithmetic.rs"]
mod arithmetic;
#[path = "fleet0/engine.rs"]
mod engine;
#[path = "fleet0/heap.rs"]
mod heap;
#[path = "fleet0/outputs.rs"]
mod outputs;

use arithmetic::Arithmetic;
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use fleetcast::environment::demand::level;
use fleetcast::experiment::{Progress, Records, Sink, execute};
use fleetcast::recording::rows::Rows;
use heap::Plan;
use std::time::Duration;

/// Connectors and days to run: a year when measuring, a month of a small fleet in tests.
fn sizes() -> (&'static [usize], f64) {
    let measuring = std::env::args().any(|argument| argument == "--bench");
    if measuring { (&[1_000, 10_000], 365.0) } else { (&[40], 30.0) }
}

/// (a)
fn engine(criterion: &mut Criterion) {
    let (sizes, days) = sizes();
    let mut benches = criterion.benchmark_group("fleet0/a-engine");
    benches.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(5));
    for (name, ticks) in [("states", false), ("ticks", true)] {
        for &connectors in sizes {
            let model = engine::model(connectors, days as i64, ticks);
            let level = fearless_simd::Level::new();
            let tally = engine::run(&model, level);
            eprintln!("(a) {name}, {connectors} connectors: {}", engine::outputs(&tally));
            benches.throughput(Throughput::Elements(tally.events + tally.ticks));
            benches.bench_function(BenchmarkId::new(name, connectors), |bencher| {
                bencher.iter(|| engine::run(&model, level))
            });
        }
    }
    benches.finish();
}

/// (b)
fn quickstart(criterion: &mut Criterion) {
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let horizon = if measuring { "horizon=365d" } else { "horizon=20d" };
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quickstart.toml");
    let sets = ["replications=1", horizon].map(String::from);
    let Ok(study) = fleetcast::scenario::load(&path, &sets) else {
        panic!("the quickstart is a valid scenario")
    };
    let records = Records::measures(study.outputs.overview_every, study.estimates.objective);
    let run = || execute(&study.model, 0, 0..1, &records, &mut Nowhere, &Progress::default());
    let mut benches = criterion.benchmark_group("fleet0/b-quickstart");
    benches.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(5));
    benches.throughput(Throughput::Elements(study.model.fleet.groups.len() as u64));
    benches.bench_function("one replication, all threads", |bencher| bencher.iter(run));
    benches.finish();
}

/// Takes no rows.
struct Nowhere;

impl Sink for Nowhere {
    fn rows(&mut self, _replication: u64, _rows: &Rows) -> std::io::Result<()> {
        Ok(())
    }
    fn violations(&mut self, _replication: u64, _found: &[String]) -> std::io::Result<()> {
        Ok(())
    }
}

/// (c)
fn arithmetic(criterion: &mut Criterion) {
    let (sizes, days) = sizes();
    let arithmetic = Arithmetic::new(days);
    let mut benches = criterion.benchmark_group("fleet0/c-arithmetic");
    benches.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(5));
    for &connectors in sizes {
        let groups = connectors / heap::SLOTS;
        benches.throughput(Throughput::Elements((groups * arithmetic.ticks()) as u64));
        let mut results = Vec::new();
        for (name, level) in level::all() {
            let id = BenchmarkId::new(name, connectors);
            let mut overloaded = 0;
            benches.bench_function(id, |bencher| {
                bencher.iter(|| overloaded = arithmetic.run(level, groups));
            });
            results.push((name, overloaded));
        }
        let best = results.last().map_or("none", |(name, _)| *name);
        eprintln!(
            "(c) {connectors} connectors, the level in use is {best}; ticks of 70 % or more: {results:?}"
        );
    }
    benches.finish();
}

/// (d)
fn heap(criterion: &mut Criterion) {
    heap::check_against_theory();
    let (sizes, days) = sizes();
    let mut benches = criterion.benchmark_group("fleet0/d-heap");
    benches.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(5));
    for (name, ticks) in [("states", false), ("ticks", true)] {
        for &connectors in sizes {
            let plan = Plan { connectors, days, ticks, seed: 1 };
            let outputs = heap::run(plan);
            eprintln!("(d) {name}, {connectors} connectors, hash {:016x}: {outputs:?}", outputs.hash());
            let events: Vec<_> = outputs::KINDS.iter().zip(outputs.events).collect();
            eprintln!("    {} events: {events:?}", outputs.total());
            benches.throughput(Throughput::Elements(outputs.total()));
            benches.bench_function(BenchmarkId::new(name, connectors), |bencher| {
                bencher.iter(|| heap::run(plan))
            });
        }
    }
    benches.finish();
}

criterion_group!(benches, engine, quickstart, arithmetic, heap);
criterion_main!(benches);
