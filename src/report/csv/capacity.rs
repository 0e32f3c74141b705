//! capacity.csv: one row per policy and group; the formulas are in [`crate::report::capacity`].

use super::{Line, Names, header, number};
use crate::experiment::PolicyOutcome;
use crate::report::capacity::{Capacity, capacity as of};
use crate::simulation::Model;

/// The whole file; `growth_per_year` is by group.
pub fn capacity(
    names: &Names,
    model: &Model,
    outcomes: &[PolicyOutcome],
    growth_per_year: &[f64],
    confidence: f64,
) -> Vec<u8> {
    let mut out = header(
        "policy,group,connectors,connectors_mean,capacity_mbps,demand_mean_mbps,demand_p99_mbps,demand_max_mbps,cpu_mean,cpu_p50,\
         cpu_p95,cpu_p99,cpu_max,overloaded_hours_per_month,overloaded_half_width,unserved_user_minutes_per_month,\
         unserved_half_width,headroom_percent,connectors_needed,runway_days",
    );
    for outcome in outcomes {
        for (index, group) in outcome.groups.iter().enumerate() {
            let mut line = Line::new(&mut out);
            line.raw(names.policy(outcome.policy)).raw(names.group(index));
            cells(
                line,
                &of(
                    model,
                    outcome.policy,
                    index,
                    group,
                    growth_per_year.get(index).copied().unwrap_or(0.0),
                    confidence,
                ),
            );
        }
    }
    out
}

fn cells(mut line: Line<'_>, of: &Capacity) {
    line.integer(of.connectors as i64).number(of.connectors_mean).number(Some(of.capacity_mbps));
    line.number(of.demand_mean).number(of.demand_p99).number(of.demand_max);
    for percent in [of.cpu_mean].into_iter().chain(of.cpu_quantiles).chain([of.cpu_max]) {
        let cell = line.comma();
        if let Some(percent) = percent {
            number::hundredths(cell, libm::round(percent * 100.0) as i64);
        }
    }
    line.number(of.overloaded.map(|hours| hours.mean));
    line.number(of.overloaded.and_then(|hours| hours.half_width));
    line.number(of.unserved.map(|minutes| minutes.mean));
    line.number(of.unserved.and_then(|minutes| minutes.half_width)).number(of.headroom_percent);
    match of.connectors_needed {
        Some(needed) => line.integer(needed as i64),
        None => line.raw(""),
    };
    line.number(of.runway_days).end();
}
