//! episodes.csv: how often and how long each group was disconnected or overloaded, over all replications.
//!
//! An episode is an unbroken stretch of the displayed status, `Disconnected` for an outage and `Overloaded` for an
//! overload; one that the horizon cuts off counts with what it lasted. Quantiles are known to 0.8 %
//! ([`crate::recording::episodes`]) and are at most the longest.

use super::{Line, Names, header};
use crate::analysis::Estimate;
use crate::experiment::{GroupReplication, PolicyOutcome};
use crate::recording::Lengths;
use crate::report::capacity::per_month;
use crate::simulation::Model;
use crate::time::Span;

/// The whole file: two rows a group.
pub fn episodes(names: &Names, model: &Model, outcomes: &[PolicyOutcome], confidence: f64) -> Vec<u8> {
    let mut out =
        header("policy,group,kind,episodes,total_h,longest_h,p50_h,p90_h,p99_h,per_month,half_width");
    for outcome in outcomes {
        for (index, group) in outcome.groups.iter().enumerate() {
            let tally = &group.tally;
            let often = |number: fn(&GroupReplication) -> u32| {
                per_month(model, group, |of| f64::from(number(of)), confidence)
            };
            for (kind, lengths, longest, often) in [
                ("outage", &tally.outage_lengths, tally.longest_outage, often(|of| of.outages)),
                ("overload", &tally.overload_lengths, tally.longest_overload, often(|of| of.overloads)),
            ] {
                let mut line = Line::new(&mut out);
                line.raw(names.policy(outcome.policy)).raw(names.group(index)).raw(kind);
                cells(line, lengths, Span(longest), often);
            }
        }
    }
    out
}

fn cells(mut line: Line<'_>, lengths: &Lengths, longest: Span, often: Option<Estimate>) {
    let number = lengths.episodes();
    line.integer(number as i64).number(Some(lengths.total().as_hours()));
    line.number((number > 0).then(|| longest.as_hours()));
    for q in [0.5, 0.9, 0.99] {
        line.number(lengths.quantile(q).map(|length| length.min(longest).as_hours()));
    }
    // Where none was seen the interval would have no width and say nothing.
    let half_width = often.filter(|_| number > 0).and_then(|often| often.half_width);
    line.number(often.map(|often| often.mean)).number(half_width).end();
}
