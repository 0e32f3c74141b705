//! Small models for tests, a few lines each: constants everywhere, nothing happens unless a test says so.
//!
//! [`model`] has one region, one site, no group and one policy; a test adds groups and changes what it is about, for
//! the fields are public.

// Each test program uses a part of it.
#![allow(dead_code)]

use fleetcast::control::crew::{Order, Shifts, Work};
use fleetcast::control::{Crew, Policy, Provisioning, ScalingPolicy, Service, UpgradePolicy};
use fleetcast::environment::failure::{Place, Renewal};
use fleetcast::environment::release::{PlannedRelease, ReleaseDates};
use fleetcast::environment::{
    BadRelease, DemandSeries, Environment, Expiry, FailureClass, ReleasePlan, ScheduledOutage, Scope, Start,
    Updates, Validation,
};
use fleetcast::fleet::{Fleet, Group, InstanceType, Region, Site, Slot};
use fleetcast::random::{Entity, Purpose, Variate};
use fleetcast::simulation::{AbsentInAverage, Model, Overload, Prices, Ticks};
use fleetcast::time::{DAY, HOUR, MINUTE, Span, Time};

/// The span of `n` minutes.
pub(crate) fn minutes(n: i64) -> Span {
    Span(n * MINUTE.0)
}

/// The span of `n` hours.
pub(crate) fn hours(n: i64) -> Span {
    Span(n * HOUR.0)
}

/// The instant `n` minutes after the start.
pub(crate) fn minute(n: i64) -> Time {
    Time(n * MINUTE.0)
}

/// The instant `n` hours after the start.
pub(crate) fn hour(n: i64) -> Time {
    Time(n * HOUR.0)
}

/// Always `span`.
pub(crate) fn constant(span: Span) -> Variate {
    Variate::constant(span.0 as f64).expect("not negative")
}

/// Two days in which nothing happens: no group, no demand, no failure, no release, validation after 100 days.
pub(crate) fn model() -> Model {
    let mut model = Model {
        seed: 1,
        horizon: hour(48),
        measured_from: Time::ZERO,
        ticks: Ticks { first: Time::ZERO, length: minutes(5) },
        control_period: minutes(15),
        fleet: Fleet::default(),
        environment: environment(),
        overload: Overload { threshold: 7_000, window: 3, absent: AbsentInAverage::LeftOut },
        crews: Vec::new(),
        policies: vec![vendor_default()],
        prices: Prices::default(),
    };
    model.fleet.instances.push(InstanceType {
        name: "medium".into(),
        capacity_mbps: 500.0,
        idle_cpu_percent: 5.0,
        cost_per_hour: 0.0,
        boot: constant(minutes(5)),
    });
    add_region(&mut model, "eu");
    add_site(&mut model, "fra", 0, 0);
    add_demand(&mut model, 0.0);
    model
}

fn environment() -> Environment {
    Environment {
        failures: Vec::new(),
        start: Start::Fresh,
        validation: Validation {
            period: Span(100 * DAY.0),
            expiry: Expiry::AtRenewal,
            region_outage_expires: true,
            phase: Some(constant(Span(100 * DAY.0))),
            auto_delete_after: None,
        },
        releases: ReleasePlan {
            dates: ReleaseDates::Explicit(Vec::new()),
            bad: BadRelease {
                probability: 0.0,
                failure_multiplier: 1.0,
                cpu_multiplier: 1.0,
                update_failure_multiplier: 1.0,
            },
            faults: Vec::new(),
        },
        updates: Updates {
            duration: constant(minutes(10)),
            limit: minutes(15),
            transient_failure: 0.0,
            persistent_failure: 0.0,
            serve_while_updating: false,
            drops_sessions: false,
        },
        images: Vec::new(),
        actions: Vec::new(),
        demands: Vec::new(),
    }
}

fn vendor_default() -> Policy {
    Policy {
        name: "vendor-default".into(),
        upgrade: UpgradePolicy::vendor_default(),
        scaling: ScalingPolicy::Static,
        provisioning: Provisioning::immediate(),
        repair: Service::After(constant(hours(4))),
        replacement: Service::After(constant(hours(24))),
        detection_delay: Span::ZERO,
    }
}

/// Adds a region; its index.
pub(crate) fn add_region(model: &mut Model, name: &str) -> usize {
    model.fleet.regions.push(Region { name: name.into(), entity: Entity::named("region", name) });
    model.fleet.regions.len() - 1
}

/// Adds a site with fault domains; its index.
pub(crate) fn add_site(model: &mut Model, name: &str, region: usize, domains: usize) -> usize {
    let domain = |index| Entity::named("domain", &format!("{name}/{index}"));
    model.fleet.sites.push(Site {
        name: name.into(),
        entity: Entity::named("site", name),
        region,
        domains: (0..domains).map(domain).collect(),
    });
    model.fleet.sites.len() - 1
}

/// Adds a demand that is the same at every tick; its index.
pub(crate) fn add_demand(model: &mut Model, mbps: f32) -> usize {
    let shape = vec![mbps; model.ticks.before(model.horizon)];
    let name = format!("demand-{}", model.environment.demands.len());
    model.environment.demands.push(DemandSeries { name, mbps_per_user: 0.25, shape, noise: None });
    model.environment.demands.len() - 1
}

/// Adds a group at the last site, its slots spread over the site's fault domains, with the last demand; its index.
pub(crate) fn add_group(model: &mut Model, name: &str, connectors: usize) -> usize {
    let site = model.fleet.sites.len() - 1;
    let domains = model.fleet.sites[site].domains.len();
    let slot = |ordinal: usize| Slot {
        entity: Entity::named("slot", &format!("{name}/{ordinal}")),
        domain: (domains > 0).then(|| ordinal % domains),
        disabled: false,
        empty: false,
        spare: false,
    };
    model.fleet.groups.push(Group {
        name: name.into(),
        entity: Entity::named("group", name),
        site,
        instance: 0,
        slots: (0..connectors).map(slot).collect(),
        resources: 1,
        efficiency: 0.0,
        balance_spread: 0.0,
        disabled: false,
        demand: model.environment.demands.len() - 1,
    });
    model.fleet.groups.len() - 1
}

/// Adds slots to a group that scaling can use.
pub(crate) fn add_spares(model: &mut Model, group: usize, spares: usize) {
    let name = model.fleet.groups[group].name.clone();
    let domains = model.fleet.sites[model.fleet.groups[group].site].domains.len();
    for ordinal in model.fleet.groups[group].slots.len()..model.fleet.groups[group].slots.len() + spares {
        model.fleet.groups[group].slots.push(Slot {
            entity: Entity::named("slot", &format!("{name}/{ordinal}")),
            domain: (domains > 0).then(|| ordinal % domains),
            disabled: false,
            empty: false,
            spare: true,
        });
    }
}

/// Adds a failure class that is only scheduled: (from, length, where); its index.
pub(crate) fn add_outages(model: &mut Model, scope: Scope, outages: &[(Time, Span, Place)]) -> usize {
    let schedule = outages.iter().map(|&(at, length, place)| ScheduledOutage { at, length, place }).collect();
    add_class(model, scope, None, schedule)
}

/// Adds a failure class that is only random, everywhere; its index.
pub(crate) fn add_failures(
    model: &mut Model,
    scope: Scope,
    time_to_failure: Variate,
    time_to_restore: Variate,
    needs_operator: f64,
) -> usize {
    let index = model.environment.failures.len();
    let process = Renewal {
        time_to_failure,
        time_to_restore,
        needs_operator,
        failure_purpose: Purpose::named(&format!("time to failure/class-{index}")),
        restore_purpose: Purpose::named(&format!("time to restore/class-{index}")),
    };
    add_class(model, scope, Some(process), Vec::new())
}

fn add_class(
    model: &mut Model,
    scope: Scope,
    process: Option<Renewal>,
    schedule: Vec<ScheduledOutage>,
) -> usize {
    let name = format!("class-{}", model.environment.failures.len());
    model.environment.failures.push(FailureClass {
        cause: name.clone(),
        name,
        scope,
        process,
        schedule,
        places: Place::Fleet,
    });
    model.environment.failures.len() - 1
}

/// A crew that is there around the clock and begins at the next control period: constants of an hour, repairs as drawn.
pub(crate) fn crew(size: usize) -> Crew {
    let hour = constant(hours(1));
    let work = Work {
        repair: None,
        replace: hour.clone(),
        update_repair: hour.clone(),
        key: hour.clone(),
        confirmation: hour.clone(),
        order: hour,
    };
    Crew {
        name: "crew".into(),
        size,
        shifts: Shifts::always(),
        response: constant(Span::ZERO),
        work,
        order: Order::FirstCome,
        call_out_at: 1,
    }
}

/// Publishes good releases at these instants.
pub(crate) fn publish(model: &mut Model, dates: &[Time]) {
    model.environment.releases.dates =
        ReleaseDates::Explicit(dates.iter().map(|&at| PlannedRelease::regular(at, Some(false))).collect());
}
