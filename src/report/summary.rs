//! What summary.csv, the terminal and the JSON say of a metric over the replications of a policy.
//!
//! The interval is Student's t. Where no replication saw an event (every value is the metric's bound) the
//! interval would have length 0 and say nothing: there is none, and the exact one-sided limit 1 − α^(1/n) on the
//! share of replications with an event stands instead. A mean that rests on few events is noted.

use super::metrics::{METRICS, Metric};
use super::picture::frame::grouped;
use crate::analysis::{Estimate, exact_upper_limit, quantile_type7, sorted};
use crate::experiment::PolicyOutcome;
use crate::simulation::Model;

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
    /// What a reader should know about the mean; empty if nothing.
    pub note: String,
}

/// All metrics of one policy, in the order of the table.
pub fn summaries(model: &Model, outcome: &PolicyOutcome, confidence: f64) -> Vec<Summary> {
    let replications = outcome.replications.len();
    let of = |metric| summary(metric, &values(metric, model, outcome), replications, confidence);
    METRICS.iter().map(of).collect()
}

/// The values of one metric, by replication, where it has one.
pub fn values(metric: &Metric, model: &Model, outcome: &PolicyOutcome) -> Vec<f64> {
    outcome.replications.iter().filter_map(|replication| (metric.value)(replication, model)).collect()
}

fn summary(metric: &'static Metric, values: &[f64], replications: usize, confidence: f64) -> Summary {
    let with_event = values.iter().filter(|&&value| Some(value) != metric.bound).count();
    let none_seen = !values.is_empty() && with_event == 0;
    let mut estimate = Estimate::from_values(values, confidence);
    if none_seen {
        estimate = estimate.map(|estimate| Estimate { half_width: None, ..estimate });
    }
    Summary {
        metric,
        estimate,
        quantiles: quantiles(values),
        upper_limit: none_seen.then(|| exact_upper_limit(1.0 - confidence, values.len())),
        note: note(metric, values.len(), with_event, replications),
    }
}

fn quantiles(values: &[f64]) -> Option<[f64; 3]> {
    let sorted = sorted(values.to_vec());
    (sorted.len() >= ENOUGH).then_some(())?;
    Some([quantile_type7(&sorted, 0.05)?, quantile_type7(&sorted, 0.5)?, quantile_type7(&sorted, 0.95)?])
}

fn note(metric: &Metric, defined: usize, with_event: usize, replications: usize) -> String {
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
    notes.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::metrics::named;

    #[test]
    fn without_an_event_there_is_a_limit_instead_of_an_interval() {
        let of = summary(named("expired").unwrap(), &[0.0; 30], 30, 0.95);
        assert_eq!(of.estimate.unwrap().half_width, None);
        assert!((of.upper_limit.unwrap() - (1.0 - libm::pow(0.05, 1.0 / 30.0))).abs() < 1e-12);
        assert_eq!(of.note, "no event in 30 replications");
        let of = summary(named("availability").unwrap(), &[1.0; 30], 30, 0.95);
        assert!(of.upper_limit.is_some());
    }

    #[test]
    fn few_events_are_noted() {
        let mut values = [0.0; 30];
        values[3] = 2.0;
        let of = summary(named("expired").unwrap(), &values, 30, 0.95);
        assert_eq!(of.note, "mean rests on 1 replication that is not zero");
        assert!(of.estimate.unwrap().half_width.is_some());
        let of = summary(named("rollout_p50").unwrap(), &[1.0; 25], 30, 0.95);
        assert_eq!(of.note, "defined in 25 of 30 replications");
    }

    #[test]
    fn quantiles_need_twenty_replications() {
        let values: Vec<f64> = (0..21).map(f64::from).collect();
        assert_eq!(summary(named("cost").unwrap(), &values[..19], 19, 0.95).quantiles, None);
        assert_eq!(summary(named("cost").unwrap(), &values, 21, 0.95).quantiles, Some([1.0, 10.0, 19.0]));
    }
}
