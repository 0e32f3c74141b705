//! overview.csv: how many connectors and groups stand where, one row a sampling interval.

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::recording::overview::COLUMNS;

/// The whole file.
pub fn overview(names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header(&format!("policy,replication,time_s,time,{}", COLUMNS.join(",")));
    for outcome in outcomes {
        for replication in &outcome.replications {
            for (index, row) in replication.overview.rows.iter().enumerate() {
                let mut line = Line::of(&mut out, names, outcome.policy, replication.replication);
                line.time(names, replication.overview.at(index));
                row.iter().for_each(|&count| {
                    line.integer(i64::from(count));
                });
                line.end();
            }
        }
    }
    out
}
