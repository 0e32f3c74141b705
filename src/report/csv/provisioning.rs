//! provisioning.csv: which step of provisioning took the time of new connectors, over all groups and replications.

use super::{Line, Names, header};
use crate::control::provisioning::Step;
use crate::experiment::PolicyOutcome;
use crate::report::provisioning::spent;
use crate::time::MINUTE;

/// The whole file: a row for each step that a connector passed or is still at when the run ends.
pub fn provisioning(names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header("policy,step,connectors,open,mean_min,longest_min,share");
    for outcome in outcomes {
        let spent = spent(outcome);
        let all = spent.total() as f64;
        for step in Step::ALL {
            let at = spent.steps[step as usize];
            if at.passed + at.open == 0 && at.all() == 0 {
                continue;
            }
            let minutes = |millis: f64| Some(millis / MINUTE.0 as f64);
            let mut line = Line::new(&mut out);
            line.raw(names.policy(outcome.policy)).raw(step.word()).integer(at.passed as i64);
            let mean = (at.passed > 0).then(|| at.total as f64 / at.passed as f64);
            line.integer(at.open as i64).number(mean.and_then(minutes)).number(minutes(at.longest as f64));
            line.number((all > 0.0).then(|| at.all() as f64 / all)).end();
        }
    }
    out
}
