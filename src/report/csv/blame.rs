//! blame.csv: what connector-time, overloads and lost user-minutes of all replications are charged to.
//!
//! A row per cause that anything is charged to: failure classes in scenario order, the other causes in that of the model,
//! `demand` last. How charges are found is told in [`crate::recording::blame`].

use super::{Line, Names, header};
use crate::experiment::PolicyOutcome;
use crate::time::MINUTE;

/// The whole file; `classes` are the cause labels of the failure classes.
pub fn blame(classes: &[String], names: &Names, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header("policy,cause,connector_minutes,overloaded_minutes,unserved_user_minutes");
    for outcome in outcomes {
        for (cause, charges) in outcome.blame().by_cause(classes) {
            let minutes = |millis: f64| Some(millis / MINUTE.0 as f64);
            let mut line = Line::new(&mut out);
            line.raw(names.policy(outcome.policy)).text(cause);
            line.number(minutes(charges.missing as f64)).number(minutes(charges.overloaded as f64));
            line.number(minutes(charges.unserved_users as f64)).end();
        }
    }
    out
}
