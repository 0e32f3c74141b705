//! A small hand-made outcome for the tests of reports: two groups, five slots, one month of 730 h.

use hdrhistogram::Histogram;

use super::csv::Names;
use crate::calendar::Clock;
use crate::control::{Policy, Provisioning, ScalingPolicy, Service, UpgradePolicy};
use crate::environment::{
    BadRelease, DemandSeries, Environment, Expiry, FailureClass, ReleasePlan, Scope, Updates, Validation,
    failure, release,
};
use crate::experiment::{CpuChart, GroupOutcome, GroupReplication, PolicyOutcome, ReplicationOutcome};
use crate::fleet::{Cause, Fleet, Group, InstanceType, Region, Site, Slot};
use crate::random::{Entity, Variate};
use crate::recording::blame::Charges;
use crate::recording::{Blame, CpuBucket, Exposure, GroupTally, Lengths, Overview, Rollout, Staffing};
use crate::scenario::{self, Study};
use crate::simulation::{AbsentInAverage, Model, Overload, Prices, Ticks};
use crate::time::{DAY, HOUR, MINUTE, MONTH, Span, Time};

/// 2026-01-05T00:00:00Z.
pub(crate) const START: i64 = 1_767_571_200_000;

/// Two groups at one site, `more` behind them, with these overrides.
pub(crate) fn study(more: &str, overrides: &[String]) -> Study {
    const SMALL: &str = r#"
        name = "small"
        horizon = "730h"
        [instances.medium]
        capacity_mbps = 500.0
        idle_cpu_percent = 5.0
        [[fleet.regions]]
        name = "eu"
        [[fleet.sites]]
        name = "fra"
        region = "eu"
        [[fleet.groups]]
        name = "app"
        site = "fra"
        connectors = 3
        instance = "medium"
        demand = "office"
        [[fleet.groups]]
        name = "db"
        site = "fra"
        connectors = 2
        instance = "medium"
        demand = "office"
        [demand.office]
        users = 1000
        mbps_per_user = 0.25
    "#;
    let text = format!("{SMALL}{more}");
    scenario::read(&text, "small.toml", std::path::Path::new(""), overrides).unwrap()
}

fn constant(span: Span) -> Variate {
    Variate::constant(span.0 as f64).unwrap()
}

fn group(name: &str, slots: usize, efficiency: f64) -> Group {
    let slot = |ordinal: usize| Slot {
        entity: Entity::named("slot", &format!("{name}/{ordinal}")),
        domain: None,
        disabled: false,
        empty: false,
        spare: false,
    };
    Group {
        name: name.into(),
        entity: Entity::named("group", name),
        site: 0,
        instance: 0,
        slots: (0..slots).map(slot).collect(),
        resources: 1,
        efficiency,
        balance_spread: 0.0,
        disabled: false,
        demand: 0,
    }
}

fn fleet() -> Fleet {
    Fleet {
        regions: vec![Region { name: "eu".into(), entity: Entity::named("region", "eu") }],
        sites: vec![Site {
            name: "fra".into(),
            entity: Entity::named("site", "fra"),
            region: 0,
            domains: Vec::new(),
        }],
        groups: vec![group("app", 3, 0.05), group("db, main", 2, 0.0)],
        instances: vec![InstanceType {
            name: "medium".into(),
            capacity_mbps: 500.0,
            idle_cpu_percent: 5.0,
            cost_per_hour: 0.19,
            boot: constant(MINUTE),
        }],
    }
}

fn environment() -> Environment {
    Environment {
        failures: vec![FailureClass {
            name: "node".into(),
            cause: "node".into(),
            scope: Scope::Connector,
            process: None,
            schedule: Vec::new(),
            places: failure::Place::Fleet,
        }],
        start: crate::environment::Start::Fresh,
        validation: Validation {
            period: Span(35 * DAY.0),
            expiry: Expiry::AtRenewal,
            region_outage_expires: true,
            phase: None,
            auto_delete_after: None,
        },
        releases: ReleasePlan {
            dates: release::ReleaseDates::Explicit(Vec::new()),
            bad: BadRelease {
                probability: 0.0,
                failure_multiplier: 1.0,
                cpu_multiplier: 1.0,
                update_failure_multiplier: 1.0,
            },
            faults: Vec::new(),
        },
        updates: Updates {
            duration: constant(MINUTE),
            limit: Span(15 * MINUTE.0),
            transient_failure: 0.0,
            persistent_failure: 0.0,
            serve_while_updating: false,
            drops_sessions: false,
        },
        images: Vec::new(),
        actions: Vec::new(),
        demands: vec![DemandSeries {
            name: "office".into(),
            mbps_per_user: 0.25,
            shape: Vec::new(),
            noise: None,
        }],
    }
}

fn policy() -> Policy {
    Policy {
        name: "default".into(),
        upgrade: UpgradePolicy::vendor_default(),
        scaling: ScalingPolicy::Static,
        provisioning: Provisioning::immediate(),
        repair: Service::After(constant(HOUR)),
        replacement: Service::After(constant(DAY)),
        detection_delay: Span::ZERO,
    }
}

pub(crate) fn model() -> Model {
    Model {
        seed: 42,
        horizon: Time(MONTH.0),
        measured_from: Time::ZERO,
        ticks: Ticks { first: Time::ZERO, length: Span(5 * MINUTE.0) },
        control_period: Span(15 * MINUTE.0),
        fleet: fleet(),
        environment: environment(),
        overload: Overload { threshold: 7_000, window: 3, absent: AbsentInAverage::LeftOut },
        crews: Vec::new(),
        policies: vec![policy()],
        prices: Prices::default(),
    }
}

pub(crate) fn names() -> Names {
    Names::new(&model(), Clock::parse("2026-01-05T00:00:00Z").unwrap())
}

fn lengths(millis: &[i64]) -> Lengths {
    let mut lengths = Lengths::default();
    millis.iter().for_each(|&millis| lengths.record(Span(millis)));
    lengths
}

fn tally() -> GroupTally {
    let hours = |hours: f64| (hours * HOUR.0 as f64).round() as i64;
    GroupTally {
        events: 321,
        ticks: 17_520,
        meant: hours(3650.0),
        served: hours(3650.0 - 36.5),
        group_meant: hours(1460.0),
        group_served: hours(1460.0 - 7.3),
        meant_ticks: 17_520,
        overloaded_ticks: 36,
        overloaded: hours(3.0),
        demand_users: 7_200 * 100 * i128::from(MINUTE.0),
        unserved_users: 7_200 * i128::from(MINUTE.0),
        sessions_dropped: 12_500,
        expired: 1,
        updates: 6,
        months: 2,
        broken_months: 1,
        outages: 1,
        longest_outage: hours(7.3),
        outage_lengths: lengths(&[hours(7.3)]),
        overload_episodes: 2,
        longest_overload: hours(2.0),
        overload_lengths: lengths(&[hours(1.0), hours(2.0)]),
        existing: hours(3650.0),
        duration: hours(1460.0),
        cpu_sum: 17_000 * 3_000,
        cpu_ticks: 17_000,
        cpu_max: 11_250,
        demand_sum: 17_520 * 300_000_000,
        demand_ticks: 17_520,
        demand_max: 812.5,
        ..GroupTally::default()
    }
}

/// Adds up to the tally.
fn blame() -> Blame {
    let (hour, users) = (HOUR.0, 1_800 * i128::from(MINUTE.0));
    let charged = |missing, overloaded, unserved_users| Charges { missing, overloaded, unserved_users };
    Blame::of(
        1,
        [
            (Some(Cause::Class(0)), charged(36 * hour, hour, 3 * users)),
            (Some(Cause::Update), charged(hour / 2, 0, 0)),
            (None, charged(0, 2 * hour, users)),
        ],
    )
}

fn rollout(published: Time, reached: &[u64], complete: bool) -> Rollout {
    let mut histogram = Histogram::new(3).unwrap();
    reached.iter().for_each(|&seconds| histogram.record(seconds).unwrap());
    Rollout {
        published,
        started: Some(published),
        last_completed: complete
            .then(|| published + Span(1000 * reached.iter().copied().max().unwrap() as i64)),
        reached: histogram,
        groups: 2,
        completed_groups: if complete { 2 } else { 0 },
        connectors: 5,
        attempts: reached.len() as u64,
        failures: 0,
        halts: 0,
        stuck_groups: 0,
        superseded: complete,
        bad: false,
        is_measured: true,
        rolled_back_groups: 0,
        rolled_back: None,
        exposure: Exposure::default(),
    }
}

pub(crate) fn replication(index: u64) -> ReplicationOutcome {
    let mut row = [0; 18];
    (row[0], row[8], row[16]) = (5, 2, 5);
    ReplicationOutcome {
        replication: index,
        tally: tally(),
        cost_micros: 693_500_000,
        overview: Overview { every: HOUR, rows: vec![row; 3] },
        rollouts: vec![
            rollout(Time(14 * DAY.0), &[600, 1200, 1800, 2400, 3600], true),
            rollout(Time(28 * DAY.0), &[900], false),
        ],
        unfinished: Vec::new(),
        operators: Staffing::default(),
        blame: blame(),
    }
}

/// A replication in which nothing was.
pub(crate) fn nothing() -> ReplicationOutcome {
    ReplicationOutcome {
        replication: 0,
        tally: GroupTally::default(),
        cost_micros: 0,
        overview: Overview { every: HOUR, rows: Vec::new() },
        rollouts: Vec::new(),
        unfinished: Vec::new(),
        operators: Staffing::default(),
        blame: Blame::new(1),
    }
}

pub(crate) fn outcome() -> PolicyOutcome {
    let of = |overloaded_hours, outages| GroupReplication {
        overloaded_hours,
        unserved_user_minutes: 3_400.0 + 100.0 * overloaded_hours,
        outages,
        overloads: 1,
        months: 1,
        broken_months: outages,
    };
    let group = GroupOutcome { tally: tally(), replications: vec![of(1.0, 0), of(3.0, 1)] };
    let bucket =
        |hour: i64, average| CpuBucket { from: Time(hour * HOUR.0), average, incomplete: average.is_none() };
    PolicyOutcome {
        policy: 0,
        replications: vec![replication(0), replication(1)],
        groups: vec![group.clone(), group],
        cpu_load: vec![CpuChart {
            replication: 0,
            group: 1,
            buckets: vec![bucket(0, Some(4_250)), bucket(1, None), bucket(2, Some(7_001))],
        }],
    }
}
