//! unfinished.csv: the groups in which the rollout of the release that was due at the horizon is not complete.

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;

/// The whole file: a row per policy, replication and group.
pub fn unfinished(names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header("policy,replication,group,release,connectors,since_s,since,rule");
    for outcome in outcomes {
        for of in &outcome.replications {
            for (group, unfinished) in &of.unfinished {
                let mut line = Line::of(&mut out, names, outcome.policy, of.replication);
                line.raw(names.group(*group as usize)).integer(unfinished.release as i64);
                line.integer(unfinished.connectors as i64).time(names, unfinished.since);
                line.raw(unfinished.hold.word()).end();
            }
        }
    }
    out
}
