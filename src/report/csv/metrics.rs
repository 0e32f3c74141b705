//! metrics.csv: every metric of every replication; a metric without a value has no row.

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::report::metrics::METRICS;
use crate::simulation::Model;

/// The whole file.
pub fn metrics(names: &Names, model: &Model, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header("policy,replication,metric,unit,value");
    for outcome in outcomes {
        for replication in &outcome.replications {
            for metric in &METRICS {
                if let Some(value) = (metric.value)(replication, model) {
                    let mut line = Line::of(&mut out, names, outcome.policy, replication.replication);
                    line.raw(metric.name).raw(metric.unit).number(Some(value)).end();
                }
            }
        }
    }
    out
}
