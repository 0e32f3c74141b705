//! rollouts.csv: one row per policy, replication and release.
//!
//! `published_s`, `started_s` and `completed_s` are instants, in seconds since the scenario's start; `p50_s`, `p90_s`
//! and `p99_s` are durations, in seconds from publication until that share of the connectors pending at publication
//! had succeeded, empty where it was not reached. `completed_s` is empty unless every group with a pending connector
//! completed before the next release or the horizon. Durations come from a histogram whose bins are at most 0.1 %
//! wide; the lower edge is written. `contained_s` is the instant at which the last connector left a bad release, empty
//! where none ran it or one still does.

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::recording::{Exposure, Rollout};
use crate::time::Span;

/// The whole file. Releases count from 1.
pub fn rollouts(names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header(
        "policy,replication,release,published_s,started_s,p50_s,p90_s,p99_s,completed_s,groups,connectors,\
         attempts,failures,halts,stuck_groups,superseded,bad,exposed,exposed_groups,exposed_h,contained_s,\
         rolled_back_s,rolled_back_groups",
    );
    for outcome in outcomes {
        for replication in &outcome.replications {
            for (index, rollout) in replication.rollouts.iter().enumerate() {
                let mut line = Line::of(&mut out, names, outcome.policy, replication.replication);
                line.integer(index as i64 + 1).seconds(Some(rollout.published)).seconds(rollout.started);
                for share in [0.5, 0.9, 0.99] {
                    line.number(reached(rollout, share).map(|seconds| seconds as f64));
                }
                line.seconds(rollout.completed());
                for count in [
                    rollout.groups,
                    rollout.connectors,
                    rollout.attempts,
                    rollout.failures,
                    rollout.halts,
                    rollout.stuck_groups,
                ] {
                    line.integer(count as i64);
                }
                let Exposure { connectors, groups, time, .. } = rollout.exposure;
                line.truth(rollout.superseded).truth(rollout.bad);
                line.integer(connectors as i64).integer(groups as i64).number(Some(Span(time).as_hours()));
                line.seconds(rollout.exposure.contained()).seconds(rollout.rolled_back);
                line.integer(rollout.rolled_back_groups as i64).end();
            }
        }
    }
    out
}

/// Seconds from publication until `share` of the connectors pending at publication had succeeded: the
/// ⌈share·connectors⌉-th success.
pub fn reached(rollout: &Rollout, share: f64) -> Option<u64> {
    let rank = libm::ceil(share * rollout.connectors as f64 - 1e-9).max(1.0) as u64;
    let mut seen = 0;
    for step in rollout.reached.iter_recorded() {
        seen += step.count_since_last_iteration();
        if seen >= rank {
            return Some(rollout.reached.lowest_equivalent(step.value_iterated_to()));
        }
    }
    None
}
