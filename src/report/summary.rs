//! What summary.csv, the terminal and the JSON say of a metric over the replications of a policy.
//!
//! The interval is Student's t. Where no replication saw an event (every value is the metric's bound) the
//! interval would have length 0 and say nothing: there is none, and the exact one-sided limit 1 − α^(1/n) on the
//! share of replications with an event stands instead. A mean that rests on few events is noted, and so are a mean over
//! rollouts that leaves some out, and an interval narrower than the bins that its values were read from.

use super::metrics::{METRICS, Metric, rollouts_reached};
use super::picture::frame::grouped;
use crate::analysis::{Estimate, exact_upper_limit, quantile_type7, sorted};
use crate::experiment::PolicyOutcome;
use crate::simulation::Model;
use crate::time::Span;

/// The fewest replications for which quantiles over replications are given, and for which a mean is not noted.
pub const ENOUGH: usize = 20;

/// So many of what is named in the singular.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(&count.to_string()), if count == 1 { "" } else { "s" })
}

/// One metric of one policy.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Which.
    pub metric: &'static Metric,
    /// Mean and interval over the replications in which it has a value; `None` if there are none.
    pub estimate: Option<Estimate>,
    /// 5 %, 50 % and 95 % quantiles over replications (type 7), from 20 values on.
    pub quantiles: Option<[f64; 3]>,
    /// The limit on the share of replications with an event, where none was seen.
    pub upper_limit: Option<f64>,
    /// Of how many rollouts it is the mean, of how many; `None` for what is not a mean over rollouts.
    pub rollouts: Option<(usize, usize)>,
    /// The width of the bins that the values were read from, where the interval is narrower: it says nothing then.
    pub bin: Option<f64>,
    /// What a reader should know about the mean; empty if nothing.
    pub note: String,
}

/// All metrics of one policy, in the order of the table.
pub fn summaries(model: &Model, outcome: &PolicyOutcome, confidence: f64) -> Vec<Summary> {
    let replications = outcome.replications.len();
    let cut = model.measured_from.since_start();
    let of = |metric| {
        let rollouts = rollouts_reached(metric, &outcome.replications);
        let mut of = summary(metric, &values(metric, model, outcome), rollouts, replications, confidence);
        if cut > Span::ZERO {
            let noted = if of.note.is_empty() { String::new() } else { format!("{}; ", of.note) };
            of.note = format!("{noted}the first {cut} of every run cut");
        }
        of
    };
    METRICS.iter().map(of).collect()
}

/// The values of one metric, by replication, where it has one.
pub fn values(metric: &Metric, model: &Model, outcome: &PolicyOutcome) -> Vec<f64> {
    outcome.replications.iter().filter_map(|replication| (metric.value)(replication, model)).collect()
}

fn summary(
    metric: &'static Metric,
    values: &[f64],
    rollouts: Option<(usize, usize)>,
    replications: usize,
    confidence: f64,
) -> Summary {
    let with_event = values.iter().filter(|&&value| Some(value) != metric.bound).count();
    let none_seen = !values.is_empty() && with_event == 0;
    let mut estimate = Estimate::from_values(values, confidence);
    if none_seen {
        estimate = estimate.map(|estimate| Estimate { half_width: None, ..estimate });
    }
    let half_width = estimate.and_then(|estimate| estimate.half_width);
    let bin = metric.bin.filter(|&bin| half_width.is_some_and(|half_width| half_width < bin));
    let mut notes = notes(metric, values.len(), with_event, replications);
    notes.extend(rollouts.filter(|(reached, all)| reached < all).map(|(reached, all)| {
        format!("in {reached} of {} before the next release or the horizon", counted(all, "rollout"))
    }));
    notes
        .extend(bin.map(|bin| format!("read from bins of {bin} {}, wider than the half-width", metric.unit)));
    Summary {
        metric,
        estimate,
        quantiles: quantiles(values),
        upper_limit: none_seen.then(|| exact_upper_limit(1.0 - confidence, values.len())),
        rollouts,
        bin,
        note: notes.join("; "),
    }
}

fn quantiles(values: &[f64]) -> Option<[f64; 3]> {
    let sorted = sorted(values.to_vec());
    (sorted.len() >= ENOUGH).then_some(())?;
    Some([quantile_type7(&sorted, 0.05)?, quantile_type7(&sorted, 0.5)?, quantile_type7(&sorted, 0.95)?])
}

fn notes(metric: &Metric, defined: usize, with_event: usize, replications: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if defined < replications {
        notes.push(format!("defined in {defined} of {}", counted(replications, "replication")));
    }
    if defined > 0 && with_event == 0 {
        notes.push(format!("no event in {}", counted(defined, "replication")));
    } else if defined > 0 && with_event < ENOUGH {
        let which = match metric.bound {
            Some(0.0) if with_event == 1 => " that is not zero",
            Some(0.0) => " that are not zero",
            Some(_) => " with an event",
            None => "",
        };
        notes.push(format!("mean rests on {}{which}", counted(with_event, "replication")));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::metrics::named;

    #[test]
    fn without_an_event_there_is_a_limit_instead_of_an_interval() {
        let of = summary(named("expired").unwrap(), &[0.0; 30], None, 30, 0.95);
        assert_eq!(of.estimate.unwrap().half_width, None);
        assert!((of.upper_limit.unwrap() - (1.0 - libm::pow(0.05, 1.0 / 30.0))).abs() < 1e-12);
        assert_eq!(of.note, "no event in 30 replications");
        let of = summary(named("availability").unwrap(), &[1.0; 30], None, 30, 0.95);
        assert!(of.upper_limit.is_some());
    }

    #[test]
    fn few_events_are_noted() {
        let mut values = [0.0; 30];
        values[3] = 2.0;
        let of = summary(named("expired").unwrap(), &values, None, 30, 0.95);
        assert_eq!(of.note, "mean rests on 1 replication that is not zero");
        assert!(of.estimate.unwrap().half_width.is_some());
        let of = summary(named("rollout_p50").unwrap(), &[1.0; 25], None, 30, 0.95);
        assert_eq!(of.note, "defined in 25 of 30 replications");
    }

    #[test]
    fn rollouts_that_were_cut_off_are_noted() {
        let complete = named("rollout_complete").unwrap();
        let of = |rollouts| summary(complete, &[1.0; 25], Some(rollouts), 25, 0.95).note;
        assert_eq!(of((112, 240)), "in 112 of 240 rollouts before the next release or the horizon");
        assert_eq!(of((240, 240)), "");
    }

    #[test]
    fn an_interval_narrower_than_a_bin_is_noted() {
        let cpu = named("cpu_p99").unwrap();
        let of = summary(cpu, &[64.75; 25], None, 25, 0.95);
        assert_eq!((of.bin, of.estimate.unwrap().half_width), (Some(0.5), Some(0.0)));
        assert_eq!(of.note, "read from bins of 0.5 percent, wider than the half-width");
        let wide: Vec<f64> = (0..25).map(f64::from).collect();
        let of = summary(cpu, &wide, None, 25, 0.95);
        assert_eq!((of.bin, of.note.as_str()), (None, ""));
        assert_eq!(summary(named("cost").unwrap(), &[7.0; 25], None, 25, 0.95).note, "", "a cost is exact");
    }

    #[test]
    fn quantiles_need_twenty_replications() {
        let values: Vec<f64> = (0..21).map(f64::from).collect();
        assert_eq!(summary(named("cost").unwrap(), &values[..19], None, 19, 0.95).quantiles, None);
        assert_eq!(
            summary(named("cost").unwrap(), &values, None, 21, 0.95).quantiles,
            Some([1.0, 10.0, 19.0])
        );
    }
}
