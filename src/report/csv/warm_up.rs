//! warm_up.csv: what MSER-5 says of the beginning of a steady-state study, see [`crate::report::warm_up`].

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::report::warm_up::WarmUp;

/// The whole file: a row a policy.
pub fn warm_up(names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out =
        header("policy,batches,batches_to_cut,warm_up_h,conclusive,connected_share,connected_share_after");
    for outcome in outcomes {
        let Some(of) = WarmUp::of(outcome) else { continue };
        let mut line = Line::new(&mut out);
        line.raw(names.policy(outcome.policy)).integer(of.truncation.batches as i64);
        line.integer(of.truncation.cut as i64).number(Some(of.length().as_hours()));
        line.truth(of.truncation.is_conclusive());
        line.number(Some(of.truncation.mean_of_all)).number(Some(of.truncation.mean_of_kept)).end();
    }
    out
}
