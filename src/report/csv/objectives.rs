//! objectives.csv: how often each group breaks the objective in a month.

use super::{Line, Names, header};
use crate::analysis::{Estimate, exact_upper_limit};
use crate::experiment::{GroupOutcome, PolicyOutcome};

/// The whole file: a row a group.
pub fn objectives(names: &Names, outcomes: &[PolicyOutcome], confidence: f64) -> Vec<u8> {
    let mut out = header(
        "policy,group,months,broken_months,broken_share,half_width,confidence,replications,upper_limit",
    );
    for outcome in outcomes {
        for (index, group) in outcome.groups.iter().enumerate() {
            let mut line = Line::new(&mut out);
            line.raw(names.policy(outcome.policy)).raw(names.group(index));
            cells(line, group, confidence);
        }
    }
    out
}

fn cells(mut line: Line<'_>, group: &GroupOutcome, confidence: f64) {
    let counted = || group.replications.iter().filter(|of| of.months > 0);
    let broken: u32 = counted().map(|of| of.broken_months).sum();
    let shares: Vec<f64> = counted().map(|of| f64::from(of.broken_months) / f64::from(of.months)).collect();
    let estimate = Estimate::from_values(&shares, confidence);
    line.integer(counted().map(|of| i64::from(of.months)).sum()).integer(i64::from(broken));
    line.number(estimate.map(|of| of.mean));
    line.number(estimate.and_then(|of| of.half_width).filter(|_| broken > 0));
    line.number(Some(confidence)).integer(shares.len() as i64);
    let none_seen = broken == 0 && !shares.is_empty();
    line.number(none_seen.then(|| exact_upper_limit(1.0 - confidence, shares.len()))).end();
}
