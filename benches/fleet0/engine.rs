//! FLEET-0 on fleetcast's engine: the benchmark model as a compiled [`Model`].

use fearless_simd::Level;
use fleetcast::control::*;
use fleetcast::environment::demand::Noise;
use fleetcast::environment::failure::{Place, Renewal};
use fleetcast::environment::release::{BadRelease, PlannedRelease, ReleaseDates, ReleasePlan};
use fleetcast::environment::*;
use fleetcast::fleet::{Fleet, Group, InstanceType, Region, Site, Slot};
use fleetcast::random::{Entity, Purpose, Variate};
use fleetcast::recording::GroupTally;
use fleetcast::recording::tally::Tallier;
use fleetcast::simulation::run::Replication;
use fleetcast::simulation::{AbsentInAverage, Model, Overload, Prices, Ticks};
use fleetcast::time::{DAY, HOUR, MINUTE, Span, Time};

/// Connectors of a group.
const SLOTS: usize = 4;

fn variate(made: Result<Variate, fleetcast::random::variate::VariateError>) -> Variate {
    made.expect("the parameters of FLEET-0 are valid")
}

fn ms(span: Span) -> f64 {
    span.0 as f64
}

/// FLEET-0 with `connectors` for `days`; without `ticks`, state events only.
pub(crate) fn model(connectors: usize, days: i64, ticks: bool) -> Model {
    let horizon = Time(days * DAY.0);
    Model {
        seed: 1,
        horizon,
        measured_from: Time::ZERO,
        ticks: Ticks { first: Time(300_000), length: Span(300_000) },
        control_period: Span(15 * MINUTE.0),
        fleet: fleet(connectors / SLOTS),
        environment: environment(horizon, ticks),
        overload: Overload { threshold: 7_000, window: 1, absent: AbsentInAverage::LeftOut },
        crews: Vec::new(),
        policies: vec![policy()],
        prices: Prices::default(),
    }
}

fn fleet(groups: usize) -> Fleet {
    let group = |index: usize| {
        let name = format!("g-{index:06}");
        let slot = |ordinal| Slot {
            entity: Entity::named("slot", &format!("{name}/{ordinal}")),
            domain: None,
            disabled: false,
            empty: false,
            spare: false,
        };
        Group {
            entity: Entity::named("group", &name),
            site: 0,
            instance: 0,
            slots: (0..SLOTS).map(slot).collect(),
            resources: 1,
            efficiency: 0.0,
            balance_spread: 0.0,
            disabled: false,
            demand: index % 24,
            name,
        }
    };
    Fleet {
        regions: vec![Region { name: "r".into(), entity: Entity::named("region", "r") }],
        sites: vec![Site {
            name: "s".into(),
            entity: Entity::named("site", "s"),
            region: 0,
            domains: Vec::new(),
        }],
        groups: (0..groups).map(group).collect(),
        instances: vec![InstanceType {
            name: "unit".into(),
            capacity_mbps: 1.0,
            idle_cpu_percent: 0.0,
            cost_per_hour: 0.0,
            boot: variate(Variate::constant(0.0)),
        }],
    }
}

fn environment(horizon: Time, ticks: bool) -> Environment {
    let node = FailureClass {
        name: "node".into(),
        cause: "node".into(),
        scope: Scope::Connector,
        process: Some(Renewal {
            time_to_failure: variate(Variate::exponential(30.0 * ms(DAY))),
            time_to_restore: variate(Variate::log_normal(4.0 * ms(HOUR), 1.0)),
            needs_operator: 0.0,
            failure_purpose: Purpose::named("time to failure/node"),
            restore_purpose: Purpose::named("time to restore/node"),
        }),
        schedule: Vec::new(),
        places: Place::Fleet,
    };
    let bad = BadRelease {
        probability: 0.0,
        failure_multiplier: 1.0,
        cpu_multiplier: 1.0,
        update_failure_multiplier: 1.0,
    };
    let dates = (1..=26)
        .map(|r| PlannedRelease::regular(Time(14 * DAY.0 * r), Some(false)))
        .filter(|release| release.at < horizon)
        .collect();
    Environment {
        failures: vec![node],
        start: Start::Fresh,
        validation: Validation {
            period: Span(7 * DAY.0),
            expiry: Expiry::AtRenewal,
            region_outage_expires: true,
            phase: None,
            auto_delete_after: None,
        },
        releases: ReleasePlan { dates: ReleaseDates::Explicit(dates), bad, faults: Vec::new() },
        updates: Updates {
            duration: variate(Variate::uniform(300e3, 900e3)),
            limit: Span(15 * MINUTE.0),
            transient_failure: 0.02,
            persistent_failure: 0.0,
            serve_while_updating: false,
            drops_sessions: false,
        },
        images: Vec::new(),
        actions: Vec::new(),
        demands: (0..24).map(|phase| demand(phase, horizon, ticks)).collect(),
    }
}

fn demand(phase: usize, horizon: Time, ticks: bool) -> DemandSeries {
    let clock = Ticks { first: Time(300_000), length: Span(300_000) };
    let n = if ticks { clock.before(horizon) } else { 0 };
    let turn = std::f64::consts::TAU;
    let at = |tick: usize| {
        let t = clock.at(tick).as_seconds() / 86_400.0;
        (1.2 * (1.0 + 0.6 * libm::sin(turn * t + turn * phase as f64 / 24.0)) * libm::exp(0.25 * 0.25 / 2.0))
            as f32
    };
    DemandSeries {
        name: format!("phase-{phase}"),
        mbps_per_user: 1.0,
        shape: (0..n).map(at).collect(),
        noise: Some(Noise { sigma: 0.25, phi: 0.95 }),
    }
}

fn policy() -> Policy {
    Policy {
        name: "vendor-default".into(),
        upgrade: UpgradePolicy {
            attempts: u32::MAX,
            backoff: Backoff { first: HOUR, factor: 1.0, max: HOUR },
            ..UpgradePolicy::vendor_default()
        },
        scaling: ScalingPolicy::Static,
        provisioning: Provisioning::immediate(),
        repair: Service::After(variate(Variate::constant(0.0))),
        replacement: Service::After(variate(Variate::log_normal(24.0 * ms(HOUR), 0.5))),
        detection_delay: Span::ZERO,
    }
}

/// The outputs of FLEET-0 that a tally has, for comparison with the other implementations.
pub(crate) fn outputs(tally: &GroupTally) -> String {
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    format!(
        "{} events, {} ticks, availability {:.6}, expired {}, updates {}, failed {}, overloaded {:.6}, cpu max {:.4}, \
         hash {}",
        tally.events,
        tally.ticks,
        share(tally.served as f64, tally.meant as f64),
        tally.expired,
        tally.updates,
        tally.update_failures,
        share(tally.overloaded_ticks as f64, tally.meant_ticks as f64),
        f64::from(tally.cpu_max) / 1e4,
        &blake3::hash(format!("{tally:?}").as_bytes()).to_hex()[..16],
    )
}

/// Runs one replication, group by group, on one thread.
pub(crate) fn run(model: &Model, level: Level) -> GroupTally {
    let replication = Replication::new(model, 0, 0, level);
    let mut all = GroupTally::default();
    for group in 0..model.fleet.groups.len() {
        all.merge(&replication.run_group(group, Tallier::new(model, group, 0.999, level)).tally());
    }
    all
}
