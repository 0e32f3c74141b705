//! Which way each metric is better, so that a comparison can say `better` and `worse`.
//!
//! Most metrics count what nobody wants. For the few that only describe, the way is a convention, and the reason
//! stands beside it.

use crate::analysis::Better::{self, Less, More};

/// Which way a metric is better, and why.
#[derive(Clone, Copy, Debug)]
pub struct Direction {
    /// The metric.
    pub metric: &'static str,
    /// The better values.
    pub better: Better,
    /// Why.
    pub reason: &'static str,
}

const fn is(metric: &'static str, better: Better, reason: &'static str) -> Direction {
    Direction { metric, better, reason }
}

const SERVICE: &str = "service is what the fleet is for";
const HARM: &str = "it counts harm to users";
const LOAD: &str = "load on users' sessions";
const TROUBLE: &str = "it counts trouble";
const SPEED: &str = "a rollout that ends sooner leaves less time on two versions";
const EXPOSURE: &str = "time or connectors at risk";

/// All directions, in the order of the metrics.
pub const DIRECTIONS: [Direction; 48] = [
    is("availability", More, SERVICE),
    is("group_availability", More, SERVICE),
    is("overloaded_share", Less, HARM),
    is("overloaded_hours_per_month", Less, HARM),
    is("unserved_share", Less, HARM),
    is("unserved_user_minutes_per_month", Less, HARM),
    is("user_minutes_lost", Less, HARM),
    is("sessions_dropped", Less, HARM),
    is("expired", Less, TROUBLE),
    is("replaced", Less, "a replacement is work, and follows a loss"),
    is("provisioning_hours", Less, "a connector that is on its way serves nobody"),
    is("scale_outs", Less, "each is work; what is gained by it is in the metrics of service"),
    is("scale_ins", Less, "each is work; what is gained by it is in connector_hours"),
    is(
        "updates",
        Less,
        "each takes a connector out of service for a while; what is gained by it is in version_skew_hours",
    ),
    is("update_failures", Less, TROUBLE),
    is("rolled_back", Less, TROUBLE),
    is("halts", Less, TROUBLE),
    is("stuck_groups", Less, TROUBLE),
    is("unfinished_groups", Less, TROUBLE),
    is("rollout_p50", Less, SPEED),
    is("rollout_p99", Less, SPEED),
    is("rollout_complete", Less, SPEED),
    is("version_skew_hours", Less, EXPOSURE),
    is("urgent_exposure_hours", Less, EXPOSURE),
    is("vulnerable_connector_hours", Less, EXPOSURE),
    is("exposed_to_bad_release", Less, EXPOSURE),
    is("exposed_groups", Less, EXPOSURE),
    is("bad_release_hours", Less, EXPOSURE),
    is("bad_release_contained", Less, EXPOSURE),
    is("bad_release_user_minutes", Less, HARM),
    is("group_outages", Less, HARM),
    is("longest_group_outage", Less, HARM),
    is("groups_breaking_objective", Less, HARM),
    is("cpu_p50", Less, LOAD),
    is("cpu_p95", Less, LOAD),
    is("cpu_p99", Less, LOAD),
    is("cpu_max", Less, LOAD),
    is("connector_hours", Less, "they are paid for; what they are good for is in the metrics of service"),
    is("operator_hours", Less, "it is work"),
    is("tasks", Less, "it is work"),
    is("task_wait_mean", Less, "whoever waits is out of service"),
    is("task_wait_p95", Less, "whoever waits is out of service"),
    is("queue_max", Less, "whoever waits is out of service"),
    is("cost_connectors", Less, "it is paid"),
    is("cost_operators", Less, "it is paid"),
    is("cost_lost_users", Less, "it is paid"),
    is("cost", Less, "it is paid"),
    is("events", Less, "a quieter fleet; it says nothing about service"),
];

/// The direction of a metric. One that is not in the table counts as something nobody wants.
pub fn direction(metric: &str) -> Direction {
    let known = DIRECTIONS.iter().find(|direction| direction.metric == metric);
    known.copied().unwrap_or(Direction { metric: "", better: Less, reason: TROUBLE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::metrics::METRICS;

    #[test]
    fn every_metric_has_a_direction_once() {
        for metric in &METRICS {
            let count = DIRECTIONS.iter().filter(|direction| direction.metric == metric.name).count();
            assert_eq!(count, 1, "{}", metric.name);
        }
    }
}
