//! The table of metrics: name, unit, definition and formula of everything that is measured of a replication.
//!
//! metrics.csv, summary.csv, the terminal and the reference page are made from this table, in this order. A metric
//! without a value in a replication (a rollout that was not reached, a share of nothing) is `None` there, not 0.

use super::csv::rollouts::reached;
use super::load;
use crate::experiment::ReplicationOutcome;
use crate::fleet::Cause;
use crate::recording::{Exposure, GroupTally, Rollout};
use crate::simulation::Model;
use crate::time::{HOUR, MINUTE, MONTH, Span};

/// One number per replication.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name in files and on the command line.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it is, in one line.
    pub definition: &'static str,
    /// The value that says that no event was seen; `None` where there is no such value.
    pub bound: Option<f64>,
    /// Of a mean over the releases of a run: the value of one, `None` where it was not reached.
    pub of_rollout: Option<fn(&Rollout) -> Option<f64>>,
    /// Of a mean over releases: which of them it is about.
    pub concerns: fn(&Rollout) -> bool,
    /// Of what is read from a histogram: the width of a bin, in the metric's unit.
    pub bin: Option<f64>,
    /// Its value in a replication.
    pub value: fn(&ReplicationOutcome, &Model) -> Option<f64>,
}

/// The metric with this name.
pub fn named(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

const fn metric(
    name: &'static str,
    unit: &'static str,
    bound: Option<f64>,
    value: fn(&ReplicationOutcome, &Model) -> Option<f64>,
    definition: &'static str,
) -> Metric {
    Metric { name, unit, definition, bound, of_rollout: None, concerns: somebody_pending, bin: None, value }
}

/// Where there is no crew there is no work of one, which is another thing than a crew without work.
fn of_crews(model: &Model, value: f64) -> Option<f64> {
    (!model.crews.is_empty()).then_some(value)
}

/// A quantile of the offered CPU.
const fn cpu(
    name: &'static str,
    value: fn(&ReplicationOutcome, &Model) -> Option<f64>,
    definition: &'static str,
) -> Metric {
    Metric { bin: Some(load::CPU_BIN), ..metric(name, "percent", None, value, definition) }
}

/// A mean over the releases of a run.
const fn rollout(
    name: &'static str,
    of_rollout: fn(&Rollout) -> Option<f64>,
    value: fn(&ReplicationOutcome, &Model) -> Option<f64>,
    definition: &'static str,
) -> Metric {
    Metric { of_rollout: Some(of_rollout), ..metric(name, "h", None, value, definition) }
}

const NONE_LOST: Option<f64> = Some(1.0);
const NONE_SEEN: Option<f64> = Some(0.0);

/// All metrics, in the order of the result files.
pub const METRICS: [Metric; 48] = [
    metric(
        "availability",
        "share",
        NONE_LOST,
        |of, _| share(of.tally.served, of.tally.meant),
        "connector-time serving, of the time in which slots were meant to serve (not disabled by an \
         administrator, in a group with a resource)",
    ),
    metric(
        "group_availability",
        "share",
        NONE_LOST,
        |of, _| share(of.tally.group_served, of.tally.group_meant),
        "group-time with a connector serving, of the time of groups with a slot meant to serve",
    ),
    metric(
        "overloaded_share",
        "share",
        NONE_SEEN,
        |of, _| share(of.tally.overloaded_ticks as i64, of.tally.meant_ticks as i64),
        "ticks with the running average CPU above the threshold and somebody serving, of the ticks of groups with \
         a slot meant to serve",
    ),
    metric(
        "overloaded_hours_per_month",
        "h/month",
        NONE_SEEN,
        |of, _| per_month(Span(of.tally.overloaded).as_hours(), &of.tally),
        "hours overloaded in a month of 730 h, mean per group",
    ),
    metric(
        "unserved_share",
        "share",
        NONE_SEEN,
        |of, _| {
            let demand = of.tally.demand_users as f64;
            (demand > 0.0).then(|| of.tally.unserved_users as f64 / demand)
        },
        "demand that found no capacity, of all demand",
    ),
    metric(
        "unserved_user_minutes_per_month",
        "user-min/month",
        NONE_SEEN,
        |of, _| per_month(user_minutes(of.tally.unserved_users), &of.tally),
        "minutes of active users without service in a month of 730 h, mean per group",
    ),
    metric(
        "user_minutes_lost",
        "user-min",
        NONE_SEEN,
        |of, _| Some(user_minutes(of.tally.unserved_users)),
        "minutes of active users without service in the whole run, all groups: the integral of active users times \
         the unserved share",
    ),
    metric(
        "sessions_dropped",
        "sessions",
        NONE_SEEN,
        |of, _| Some(of.tally.sessions_dropped as f64 / 1e3),
        "sessions that connectors carried when they were lost",
    ),
    metric("expired", "connectors", NONE_SEEN, |of, _| count(of.tally.expired), "connectors that expired"),
    metric(
        "replaced",
        "connectors",
        NONE_SEEN,
        |of, _| count(of.tally.replaced),
        "replacements that came into service",
    ),
    metric(
        "provisioning_hours",
        "connector-h",
        NONE_SEEN,
        |of, _| Some(Span(of.tally.provisioned.total()).as_hours()),
        "hours that new connectors spent from their order (a replacement, from the beginning of its deployment) to their \
         service, to the end of the run where they are not there yet, or to their removal; provisioning.csv says at which step",
    ),
    metric(
        "scale_outs",
        "connectors",
        None,
        |of, _| count(of.tally.scale_outs),
        "connectors that scaling ordered and that came into service",
    ),
    metric(
        "scale_ins",
        "connectors",
        None,
        |of, _| count(of.tally.scale_ins),
        "connectors that scaling removed, orders that it cancelled included",
    ),
    metric(
        "updates",
        "attempts",
        NONE_SEEN,
        |of, _| count(of.tally.updates),
        "update attempts that succeeded",
    ),
    metric(
        "update_failures",
        "attempts",
        NONE_SEEN,
        |of, _| count(of.tally.update_failures),
        "update attempts that failed, on the way back from a release that was rolled back too",
    ),
    metric(
        "rolled_back",
        "connectors",
        NONE_SEEN,
        |of, _| count(of.tally.returned),
        "connectors that went back to the release before after one was rolled back; they are no updates",
    ),
    metric(
        "halts",
        "halts",
        NONE_SEEN,
        |of, _| count(of.tally.halts),
        "times a group began to be halted, on the way back from a release too",
    ),
    metric(
        "stuck_groups",
        "groups",
        NONE_SEEN,
        |of, _| count(of.tally.stuck_groups),
        "groups that stand halted at the end of the run",
    ),
    metric(
        "unfinished_groups",
        "groups",
        NONE_SEEN,
        |of, _| count(of.tally.unfinished_groups),
        "groups in which the rollout of the release due at the end of the run is not complete; unfinished.csv says since \
         when nothing moved and which rule holds it up",
    ),
    rollout(
        "rollout_p50",
        half,
        |of, _| over_releases(of, half),
        "hours from a release's publication until half of the connectors pending then had succeeded, mean over the \
         releases of the run for which that was reached",
    ),
    rollout(
        "rollout_p99",
        nearly_all,
        |of, _| over_releases(of, nearly_all),
        "hours from a release's publication until 99 % of the connectors pending then had succeeded, mean over the \
         releases of the run for which that was reached",
    ),
    rollout(
        "rollout_complete",
        complete,
        |of, _| over_releases(of, complete),
        "hours from a release's publication until no group had a connector pending, mean over the releases of the \
         run for which that was reached before the next release; those that took too long are left out, the note in \
         summary.csv says how many",
    ),
    metric(
        "version_skew_hours",
        "connector-h",
        NONE_SEEN,
        |of, _| Some(Span(of.tally.version_skew).as_hours()),
        "connector-hours in service on a release that is not the newest",
    ),
    metric(
        "urgent_exposure_hours",
        "connector-h",
        NONE_SEEN,
        |of, _| Some(Span(of.tally.urgent_exposure).as_hours()),
        "connector-hours in service on a release older than the newest one that was published as urgent: how long what an \
         urgent release mends is out there",
    ),
    metric(
        "vulnerable_connector_hours",
        "connector-h",
        NONE_SEEN,
        |of, _| Some(Span(of.tally.vulnerable).as_hours()),
        "connector-hours in service on an image with a published vulnerability",
    ),
    metric(
        "exposed_to_bad_release",
        "connectors",
        NONE_SEEN,
        |of, _| count(of.tally.exposed),
        "times a connector began to run a bad release; each bad release counts anew, and so does a replacement, so that \
         it can exceed the number of connectors",
    ),
    metric(
        "exposed_groups",
        "groups",
        NONE_SEEN,
        |of, _| count(exposures(of).map(|exposure| exposure.groups).sum()),
        "groups in which a connector ran a bad release; each bad release counts anew",
    ),
    metric(
        "bad_release_hours",
        "connector-h",
        NONE_SEEN,
        |of, _| Some(Span(exposures(of).map(|exposure| exposure.time).sum()).as_hours()),
        "connector-hours in service on a bad release",
    ),
    Metric {
        concerns: |rollout| rollout.is_measured && rollout.exposure.connectors > 0,
        ..rollout(
            "bad_release_contained",
            contained,
            |of, _| over_releases(of, contained),
            "hours from the publication of a bad release until the last connector had left it, mean over the bad releases of \
             the run that a connector ran and all have left",
        )
    },
    metric(
        "bad_release_user_minutes",
        "user-min",
        NONE_SEEN,
        |of, _| Some(user_minutes(of.blame.charged_to(Cause::BadRelease).unserved_users)),
        "the part of user_minutes_lost that is charged to bad releases: failures of connectors that ran one, and capacity \
         that they took",
    ),
    metric(
        "group_outages",
        "outages",
        NONE_SEEN,
        |of, _| count(of.tally.outages),
        "times a group began to be Disconnected",
    ),
    metric(
        "longest_group_outage",
        "h",
        NONE_SEEN,
        |of, _| Some(Span(of.tally.longest_outage).as_hours()),
        "the longest time that a group was Disconnected without a break",
    ),
    metric(
        "groups_breaking_objective",
        "share",
        NONE_SEEN,
        |of, _| share(of.tally.broken_months as i64, of.tally.months as i64),
        "group-months of 730 h in which a connector served for less of the time than the objective (99.9 %), of all \
         group-months with a slot meant to serve; what is left of the run behind its last whole month counts as one",
    ),
    cpu(
        "cpu_p50",
        |of, _| load::cpu(&of.tally, 0.5),
        "median of the offered CPU over group-ticks with somebody serving",
    ),
    cpu(
        "cpu_p95",
        |of, _| load::cpu(&of.tally, 0.95),
        "95 % quantile of the offered CPU over group-ticks with somebody serving",
    ),
    cpu(
        "cpu_p99",
        |of, _| load::cpu(&of.tally, 0.99),
        "99 % quantile of the offered CPU over group-ticks with somebody serving",
    ),
    metric(
        "cpu_max",
        "percent",
        None,
        |of, _| (of.tally.cpu_ticks > 0).then(|| f64::from(of.tally.cpu_max) / 100.0),
        "the largest offered CPU of a group-tick; above 100 where demand exceeds capacity",
    ),
    metric(
        "connector_hours",
        "connector-h",
        None,
        |of, _| Some(Span(of.tally.existing).as_hours()),
        "connector-hours in existence, serving or not",
    ),
    metric(
        "operator_hours",
        "h",
        NONE_SEEN,
        |of, model| of_crews(model, of.operators.all.work.as_hours()),
        "hours that members of crews worked, up to the end of the run; work after a plain delay is not counted; no value without crews",
    ),
    metric(
        "tasks",
        "tasks",
        NONE_SEEN,
        |of, model| of_crews(model, of.operators.all.tasks as f64),
        "tasks that opened for crews of operators",
    ),
    metric(
        "task_wait_mean",
        "h",
        None,
        |of, _| {
            let all = &of.operators.all;
            (all.begun > 0).then(|| all.waited.as_hours() / all.begun as f64)
        },
        "hours from a task's opening until a crew begins it, mean over the tasks that were begun",
    ),
    metric(
        "task_wait_p95",
        "h",
        None,
        |of, _| of.operators.all.wait_p95,
        "95 % quantile of these waiting times",
    ),
    metric(
        "queue_max",
        "tasks",
        NONE_SEEN,
        |of, model| of_crews(model, of.operators.longest_queue as f64),
        "the most tasks that waited for one crew at the same time",
    ),
    metric(
        "cost_connectors",
        "currency",
        None,
        |of, _| Some(cost_of_connectors(of)),
        "price of all connector-hours at the cost_per_hour of their instance type",
    ),
    metric(
        "cost_operators",
        "currency",
        NONE_SEEN,
        |of, model| of_crews(model, priced(model.prices.operator_hour, cost_of_operators(of, model))?),
        "price of all operator_hours at prices.operator_hour; no value without crews or where that is 0",
    ),
    metric(
        "cost_lost_users",
        "currency",
        NONE_SEEN,
        |of, model| priced(model.prices.lost_user_minute, cost_of_lost_users(of, model)),
        "price of all user_minutes_lost at prices.lost_user_minute; no value where that is 0",
    ),
    metric(
        "cost",
        "currency",
        None,
        |of, model| Some(spent(of, model) + cost_of_lost_users(of, model)),
        "price of the whole run: the sum of these three, without those that have no value",
    ),
    metric(
        "events",
        "events",
        None,
        |of, _| count(of.tally.events),
        "model events executed, renewals included, ticks not",
    ),
];

fn count(value: u64) -> Option<f64> {
    Some(value as f64)
}

fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn user_minutes(user_millis: i128) -> f64 {
    user_millis as f64 / MINUTE.0 as f64
}

/// `amount` per group and month of 730 h: `tally.duration` is summed over groups.
pub(super) fn per_month(amount: f64, tally: &GroupTally) -> Option<f64> {
    (tally.duration > 0).then(|| amount * (MONTH.0 as f64 / tally.duration as f64))
}

/// What has no price has no cost, which is another thing than a cost of 0.
fn priced(price: f64, cost: f64) -> Option<f64> {
    (price > 0.0).then_some(cost)
}

/// What is spent on connectors and operators, in the currency of the prices.
pub fn spent(of: &ReplicationOutcome, model: &Model) -> f64 {
    cost_of_connectors(of) + cost_of_operators(of, model)
}

fn cost_of_connectors(of: &ReplicationOutcome) -> f64 {
    of.cost_micros as f64 / 1e6
}

fn cost_of_operators(of: &ReplicationOutcome, model: &Model) -> f64 {
    of.operators.all.work.as_hours() * model.prices.operator_hour
}

fn cost_of_lost_users(of: &ReplicationOutcome, model: &Model) -> f64 {
    user_minutes(of.tally.unserved_users) * model.prices.lost_user_minute
}

fn half(rollout: &Rollout) -> Option<f64> {
    hours_until(rollout, 0.5)
}

fn nearly_all(rollout: &Rollout) -> Option<f64> {
    hours_until(rollout, 0.99)
}

fn complete(rollout: &Rollout) -> Option<f64> {
    rollout.completed().map(|at| (at - rollout.published).as_hours())
}

/// Of how many rollouts a metric is the mean, and how many there were, over all replications; `None` for what is not a
/// mean over rollouts. Releases that found no connector pending are none.
pub fn rollouts_reached(metric: &Metric, replications: &[ReplicationOutcome]) -> Option<(usize, usize)> {
    let of_rollout = metric.of_rollout?;
    let concerns = metric.concerns;
    let all = || replications.iter().flat_map(|of| &of.rollouts).filter(|rollout| concerns(rollout));
    Some((all().filter(|rollout| of_rollout(rollout).is_some()).count(), all().count()))
}

fn contained(rollout: &Rollout) -> Option<f64> {
    rollout.exposure.contained().map(|at| (at - rollout.published).as_hours())
}

fn exposures(of: &ReplicationOutcome) -> impl Iterator<Item = &Exposure> {
    of.rollouts.iter().map(|rollout| &rollout.exposure)
}

fn somebody_pending(rollout: &Rollout) -> bool {
    rollout.is_measured && rollout.connectors > 0
}

fn hours_until(rollout: &Rollout, share: f64) -> Option<f64> {
    reached(rollout, share).map(|seconds| seconds as f64 * 1e3 / HOUR.0 as f64)
}

fn over_releases(of: &ReplicationOutcome, hours: impl Fn(&Rollout) -> Option<f64>) -> Option<f64> {
    let reached: Vec<f64> =
        of.rollouts.iter().filter(|rollout| rollout.is_measured).filter_map(hours).collect();
    (!reached.is_empty()).then(|| reached.iter().sum::<f64>() / reached.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::simulation::Prices;

    fn value(name: &str) -> Option<f64> {
        (named(name).unwrap().value)(&sample::replication(0), &sample::model())
    }

    #[test]
    fn names_are_those_of_the_interface_and_unique() {
        let documented = "availability group_availability overloaded_share overloaded_hours_per_month unserved_share \
             unserved_user_minutes_per_month user_minutes_lost sessions_dropped expired replaced provisioning_hours scale_outs scale_ins \
             updates update_failures rolled_back halts stuck_groups unfinished_groups rollout_p50 rollout_p99 rollout_complete version_skew_hours urgent_exposure_hours \
             vulnerable_connector_hours exposed_to_bad_release exposed_groups bad_release_hours \
             bad_release_contained bad_release_user_minutes group_outages longest_group_outage \
             groups_breaking_objective cpu_p50 cpu_p95 cpu_p99 cpu_max connector_hours operator_hours tasks task_wait_mean \
             task_wait_p95 queue_max cost_connectors cost_operators cost_lost_users cost events";
        let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.join(" "), documented);
    }

    #[test]
    fn formulas_give_what_a_hand_computes_from_the_sample() {
        // The sample: 2 groups for 730 h, 5 slots, of which 36.5 connector-hours are lost.
        assert_eq!(value("availability"), Some(1.0 - 36.5 / 3650.0));
        assert_eq!(value("group_availability"), Some(1.0 - 7.3 / 1460.0));
        assert_eq!(value("overloaded_hours_per_month"), Some(1.5));
        assert_eq!(value("overloaded_share"), Some(36.0 / 17_520.0));
        assert_eq!(value("unserved_share"), Some(0.01));
        assert_eq!(value("user_minutes_lost"), Some(7_200.0));
        assert_eq!(value("unserved_user_minutes_per_month"), Some(3_600.0));
        assert_eq!(value("sessions_dropped"), Some(12.5));
        assert_eq!(value("longest_group_outage"), Some(7.3));
        assert_eq!(value("cost"), Some(693.5));
        assert_eq!(value("groups_breaking_objective"), Some(0.5));
    }

    #[test]
    fn what_has_a_price_is_charged() {
        let mut model = sample::model();
        model.prices = Prices { operator_hour: 40.0, lost_user_minute: 0.25 };
        let mut of = sample::replication(0);
        of.operators.all.work = Span(3 * HOUR.0 / 2);
        let value = |name: &str, model: &Model| (named(name).unwrap().value)(&of, model);
        // 3,650 h at 0.19; an hour and a half at 40; 7,200 user-minutes at 0.25.
        assert_eq!(value("cost_connectors", &model), Some(693.5));
        assert_eq!(value("cost_lost_users", &model), Some(1_800.0));
        assert_eq!(value("cost", &model), Some(693.5 + 60.0 + 1_800.0));
        assert_eq!(value("cost_operators", &model), None, "there is no crew");
        let unpriced = sample::model();
        assert_eq!((value("cost_lost_users", &unpriced), value("cost", &unpriced)), (None, Some(693.5)));
    }

    #[test]
    fn rollouts_count_only_where_they_were_reached() {
        // Release 1: 600, 1200, 1800, 2400 and 3600 s, complete. Release 2: only one of five, after 900 s.
        assert_eq!(value("rollout_p50"), Some(0.5));
        assert_eq!(value("rollout_p99"), Some(1.0));
        assert_eq!(value("rollout_complete"), Some(1.0));
    }

    #[test]
    fn rollouts_that_were_cut_off_are_counted() {
        let replications = [sample::replication(0), sample::replication(1), sample::nothing()];
        let of = |name| rollouts_reached(named(name).unwrap(), &replications);
        assert_eq!(["rollout_p50", "rollout_complete"].map(of), [Some((2, 4)); 2]);
        assert_eq!(of("availability"), None);
        let mut first = sample::replication(0);
        first.rollouts[1].connectors = 0;
        assert_eq!(
            rollouts_reached(named("rollout_p99").unwrap(), &[first]),
            Some((1, 1)),
            "nobody was pending"
        );
    }

    #[test]
    fn what_may_mislead_is_said_in_the_definition() {
        for (name, words) in [
            ("exposed_to_bad_release", "can exceed the number of connectors"),
            ("groups_breaking_objective", "behind its last whole month counts as one"),
            ("rollout_complete", "are left out"),
        ] {
            assert!(named(name).unwrap().definition.contains(words), "{name}");
        }
    }

    #[test]
    fn a_share_of_nothing_is_not_a_number() {
        let empty = sample::nothing();
        for name in ["availability", "overloaded_share", "unserved_share", "cpu_max", "rollout_p50"] {
            assert_eq!((named(name).unwrap().value)(&empty, &sample::model()), None, "{name}");
        }
    }
}
