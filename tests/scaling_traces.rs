//! Measured loads as demand under each scaling policy: the table of docs/background/traces.md.
//!
//! The data are not part of the project; where they are not at hand there is nothing to test. `cargo test --test
//! scaling_traces -- --ignored --nocapture` prints the table.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "support/builder.rs"]
mod builder;
#[path = "support/data.rs"]
mod data;

use fleetcast::control::scaling::{
    Forecast, HoltWinters, NPlusK, Predictive, Rule, Scaling, TargetTracking, Threshold,
};
use fleetcast::control::{ScalingPolicy, Service};
use fleetcast::environment::demand::level::Level;
use fleetcast::recording::GroupTally;
use fleetcast::recording::tally::Tallier;
use fleetcast::simulation::Model;
use fleetcast::simulation::run::Replication;
use fleetcast::time::{DAY, HOUR, Span, Time};

use builder::{add_demand, add_group, add_spares, constant, minutes, model};

/// The trace's name, its file, and the column with its values.
const TRACES: [(&str, &str, usize); 6] = [
    ("virtual machines of a cloud region", "azure-vm-cpu-5min.csv", 1),
    ("traffic of the UK academic backbone", "uk-academic-traffic-5min.csv", 1),
    ("requests of a load balancer", "nab/elb_request_count_8c0756.csv", 1),
    ("CPU of an autoscaling group", "nab/cpu_utilization_asg_misconfiguration.csv", 1),
    ("CPU of an instance", "nab/ec2_cpu_utilization_5f5533.csv", 1),
    ("CPU of a database", "nab/rds_cpu_utilization_cc0c53.csv", 1),
];

/// Connectors that carry the greatest load of a trace at 60 % CPU.
const PEAK: usize = 8;
/// CPU at which they are to be kept, in hundredths of a percent.
const TARGET: f64 = 6_000.0;

/// The values of a trace, one each five minutes, so that the greatest is what [`PEAK`] connectors carry at the target.
fn demand(file: &str, column: usize) -> Option<Vec<f32>> {
    let text = std::fs::read_to_string(data::file("scaling on traces", file)?).ok()?;
    let value = |line: &str| line.split(',').nth(column)?.trim().parse::<f64>().ok();
    let values: Vec<f64> = text.lines().skip(1).filter_map(value).collect();
    let greatest = values.iter().copied().fold(0.0, f64::max);
    // 5 % idle, 500 Mbps each.
    let peak = PEAK as f64 * 500.0 * (TARGET / 100.0 - 5.0) / 95.0;
    Some(values.iter().map(|value| (value / greatest * peak) as f32).collect())
}

/// A group with `connectors` under `scaling`; a script orders in two minutes and confirms in one, a machine boots in five.
fn scaled(demand: &[f32], connectors: usize, scaling: ScalingPolicy) -> Model {
    let mut model = model();
    model.horizon = Time(demand.len() as i64 * minutes(5).0);
    let series = add_demand(&mut model, 0.0);
    model.environment.demands[series].shape = demand.to_vec();
    let group = add_group(&mut model, "app", connectors);
    if scaling.dynamic().is_some() {
        add_spares(&mut model, group, 2 * PEAK - connectors);
    }
    let policy = &mut model.policies[0];
    policy.scaling = scaling;
    policy.provisioning.order = Some(Service::After(constant(minutes(2))));
    policy.provisioning.confirmation = Some(Service::After(constant(minutes(1))));
    policy.provisioning.drain = minutes(15);
    policy.provisioning.watch = minutes(15);
    model
}

fn dynamic(rule: Rule, stabilise_in: Span) -> ScalingPolicy {
    ScalingPolicy::Dynamic(Box::new(Scaling {
        rule,
        least: 1,
        most: Some(2 * PEAK),
        cooldown: Span::ZERO,
        period: minutes(5),
        stabilise_out: Span::ZERO,
        stabilise_in,
        detection_delay: minutes(8),
    }))
}

fn predictive(forecast: Forecast) -> ScalingPolicy {
    let season = Span(7 * DAY.0);
    let rule = Predictive { forecast, lead: minutes(30), margin: 0.2, season, limit: TARGET };
    dynamic(Rule::Predictive(rule), HOUR)
}

/// Every policy with its name and the number of connectors at the start; `mean` is what the mean load needs.
fn policies(mean: usize) -> Vec<(&'static str, usize, ScalingPolicy)> {
    let threshold = Threshold { sustained: minutes(30), overload: 7_000, limit: TARGET };
    let tracking = TargetTracking { target: TARGET as i64, tolerance: 100_000 };
    let smoothing = HoltWinters { level: 0.05, trend: 0.0, season: 0.3 };
    vec![
        ("static, for the peak", PEAK, ScalingPolicy::Static),
        ("static, for the mean", mean, ScalingPolicy::Static),
        ("threshold, an operator after 30 min", mean, dynamic(Rule::Threshold(threshold), Span::ZERO)),
        ("target-tracking", mean, dynamic(Rule::TargetTracking(tracking), HOUR)),
        ("n-plus-k, k = 1", mean, dynamic(Rule::NPlusK(NPlusK { spare: 1, limit: TARGET }), HOUR)),
        ("predictive, last week + 20 %", mean, predictive(Forecast::LastSeason)),
        ("predictive, Holt-Winters + 20 %", mean, predictive(Forecast::HoltWinters(smoothing))),
    ]
}

fn tally(model: &Model) -> GroupTally {
    let level = Level::new();
    let tallier = Tallier::new(model, 0, 0.999, level);
    Replication::new(model, 0, 0, level).run_group(0, tallier).tally()
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Served share in percent, hours overloaded in percent, connector-hours as a share of those of the first policy.
fn rows(demand: &[f32]) -> Vec<(&'static str, f64, f64, f64)> {
    let sum: f64 = demand.iter().copied().map(f64::from).sum();
    let mean = sum / demand.len() as f64 / (500.0 * (TARGET / 100.0 - 5.0) / 95.0);
    let all =
        policies(((mean - 1e-6).ceil() as usize).max(1)).into_iter().map(|(name, connectors, scaling)| {
            let tally = tally(&scaled(demand, connectors, scaling));
            let served = 100.0 * (1.0 - share(tally.unserved_users as f64, tally.demand_users as f64));
            let overloaded = 100.0 * share(tally.overloaded_ticks as f64, tally.meant_ticks as f64);
            (name, served, overloaded, tally.existing as f64)
        });
    let all: Vec<_> = all.collect();
    let peak = all[0].3;
    all.into_iter()
        .map(|(name, served, overloaded, hours)| (name, served, overloaded, hours / peak))
        .collect()
}

#[test]
#[ignore = "prints a table; the data are not part of the project"]
fn the_table_of_the_page() {
    for (name, file, column) in TRACES {
        let Some(demand) = demand(file, column) else { continue };
        println!("\n{name}, {} days\n", demand.len() / 288);
        println!("| policy | served | overloaded | connector-hours |\n|---|---:|---:|---:|");
        for (policy, served, overloaded, hours) in rows(&demand) {
            println!("| {policy} | {served:.3} % | {overloaded:.2} % | {:.0} % |", 100.0 * hours);
        }
    }
}

/// A load that is the same every week, of two levels by day: who is sized for the peak serves everything, and last week
/// tells this one from the second week on, with fewer connector-hours.
#[test]
fn a_week_that_repeats_itself_is_foreseen() {
    let level = |tick: usize| if tick % 288 < 144 { 0.25 } else { 1.0 };
    let peak = PEAK as f64 * 500.0 * 55.0 / 95.0;
    let demand: Vec<f32> = (0..3 * 2_016).map(|tick| (peak * level(tick)) as f32).collect();
    let rows = rows(&demand);
    let of = |name: &str| *rows.iter().find(|row| row.0.starts_with(name)).unwrap();
    assert_eq!((of("static, for the peak").1, of("static, for the peak").3), (100.0, 1.0));
    // Five connectors carry the mean at 60 %; at the peak they have 5 + 55·8/5 = 93 % CPU, and serve.
    assert_eq!(of("static, for the mean").1, 100.0);
    assert!((of("static, for the mean").3 - 0.625).abs() < 1e-12);
    let (foreseen, tracked) = (of("predictive, last week"), of("target-tracking"));
    assert!(foreseen.2 < tracked.2, "overloads: {foreseen:?} {tracked:?}");
    assert!(foreseen.3 < 1.0 && tracked.3 < 1.0, "{foreseen:?} {tracked:?}");
}
