//! summary.csv: mean, interval and quantiles of every metric over replications ([`crate::report::summary`]).

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::report::summary::summaries;
use crate::simulation::Model;

/// The whole file.
pub fn summary(names: &Names, model: &Model, outcomes: &[PolicyOutcome], confidence: f64) -> Vec<u8> {
    let mut out =
        header("policy,metric,unit,mean,half_width,confidence,replications,p05,p50,p95,upper_limit,note");
    for outcome in outcomes {
        for of in summaries(model, outcome, confidence) {
            let estimate = of.estimate;
            let mut line = Line::new(&mut out);
            line.raw(names.policy(outcome.policy)).raw(of.metric.name).raw(of.metric.unit);
            line.number(estimate.map(|estimate| estimate.mean));
            line.number(estimate.and_then(|estimate| estimate.half_width)).number(Some(confidence));
            line.integer(estimate.map_or(0, |estimate| estimate.replications as i64));
            for index in 0..3 {
                line.number(of.quantiles.map(|quantiles| quantiles[index]));
            }
            line.number(of.upper_limit).text(&of.note).end();
        }
    }
    out
}
