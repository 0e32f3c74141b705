//! episodes.csv: how often and how long each group was disconnected or overloaded, over all replications.
//!
//! An episode is an unbroken stretch of the displayed status, `Disconnected` for an outage and `Overloaded` for an
//! overload; one that the horizon cuts off counts with what it lasted. Quantiles are known to 0.8 %
//! ([`crate::recording::episodes`]) and are at most the longest.

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::recording::Lengths;
use crate::time::Span;

/// The whole file: two rows a group.
pub fn episodes(names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header("policy,group,kind,episodes,total_h,longest_h,p50_h,p90_h,p99_h");
    for outcome in outcomes {
        for (index, group) in outcome.groups.iter().enumerate() {
            let tally = &group.tally;
            for (kind, lengths, longest) in [
                ("outage", &tally.outage_lengths, tally.longest_outage),
                ("overload", &tally.overload_lengths, tally.longest_overload),
            ] {
                let mut line = Line::new(&mut out);
                line.raw(names.policy(outcome.policy)).raw(names.group(index)).raw(kind);
                cells(line, lengths, Span(longest));
            }
        }
    }
    out
}

fn cells(mut line: Line<'_>, lengths: &Lengths, longest: Span) {
    let number = lengths.episodes();
    line.integer(number as i64).number(Some(lengths.total().as_hours()));
    line.number((number > 0).then(|| longest.as_hours()));
    for q in [0.5, 0.9, 0.99] {
        line.number(lengths.quantile(q).map(|length| length.min(longest).as_hours()));
    }
    line.end();
}
