//! warm_up.csv: what MSER-5 says of the beginning of a steady-state study, see [`crate::report::warm_up`].

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::report::warm_up::WarmUp;
use crate::time::Span;

/// The whole file: a row a policy and series; of every run the first `cut` is not counted.
pub fn warm_up(names: &Names, outcomes: &[PolicyOutcome], key_metric: &str, cut: Span) -> Vec<u8> {
    let mut out = header("policy,series,batches,batches_to_cut,warm_up_h,conclusive,mean,mean_after,cut_h");
    for outcome in outcomes {
        let Some(of) = WarmUp::of(outcome, key_metric) else { continue };
        for (series, truncation) in &of.findings {
            let mut line = Line::new(&mut out);
            line.raw(names.policy(outcome.policy)).raw(series.name());
            line.integer(truncation.batches as i64).integer(truncation.cut as i64);
            line.number(Some(of.cut(truncation).as_hours())).truth(truncation.is_conclusive());
            line.number(Some(truncation.mean_of_all)).number(Some(truncation.mean_of_kept));
            line.number(Some(cut.as_hours())).end();
        }
    }
    out
}
