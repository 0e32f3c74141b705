#[path = "../benches/fleet0/engine.rs"]
mod engine;
fn main() {
    for ticks in if std::env::args().nth(2).is_some() { vec![false] } else { vec![false, true] } {
        let model = engine::model(std::env::args().nth(1).map_or(4000, |a| a.parse().unwrap()), 365, ticks);
        let t = std::time::Instant::now();
        let tally = engine::run(&model, fearless_simd::Level::new());
        let s = t.elapsed().as_secs_f64();
        println!("ticks {ticks}: {s:.3} s, events {} = {:.1} ns/event, ticks {} = {:.2} ns/tick", tally.events, s*1e9/tally.events as f64, tally.ticks, s*1e9/tally.ticks.max(1) as f64);
        println!("avail {:.6} expired {} replaced {} updates {} fails {} over {:.5} cpu max {}", tally.served as f64/tally.meant as f64, tally.expired, tally.replaced, tally.updates, tally.update_failures, tally.overloaded_ticks as f64/tally.meant_ticks.max(1) as f64, tally.cpu_max);
    }
}
