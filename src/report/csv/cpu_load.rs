//! cpu_load.csv: the chart "average CPU load" of the selected groups, in percent.

use super::{Line, Names, header, number};
use crate::experiment::PolicyOutcome;

/// The whole file.
pub fn cpu_load(names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header("policy,replication,time_s,time,group,average_cpu,incomplete");
    for outcome in outcomes {
        for chart in &outcome.cpu_load {
            for bucket in &chart.buckets {
                let mut line = Line::of(&mut out, names, outcome.policy, chart.replication);
                line.time(names, bucket.from).raw(names.group(chart.group));
                let cell = line.comma();
                if let Some(average) = bucket.average.filter(|_| !bucket.incomplete) {
                    number::hundredths(cell, i64::from(average));
                }
                line.truth(bucket.incomplete).end();
            }
        }
    }
    out
}
