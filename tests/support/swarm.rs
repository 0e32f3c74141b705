//! Random small models: a seed draws which features are on, then every parameter.
//!
//! Leaving features out at random reaches more combinations than turning every one on in every model, where one drowns
//! another (Groce, Zhang, Eide, Chen, Regehr, "Swarm testing", ISSTA 2012). Times are round so that events often meet
//! in one instant.

// Each test program uses a part of it.
#![allow(dead_code)]

use fleetcast::control::crew::{Order, Shifts, Work};
use fleetcast::control::rings::{Members, OnBreach, RateLimit, ReleaseGate, Ring};
use fleetcast::control::scaling::{
    Forecast, HoltWinters, NPlusK, Predictive, Rule, Scaling, TargetTracking, Threshold, Timetable,
};
use fleetcast::control::{
    AbsentMember, Amount, BudgetCounts, CapacityGate, Crew, Hours, OnFailure, RetryOrder, Rings,
    ScalingPolicy, Schedule, Service, UpdateOrder,
};
use fleetcast::environment::demand::Noise;
use fleetcast::environment::failure::Place;
use fleetcast::environment::release::{PlannedRelease, ReleaseDates, UpdateFault};
use fleetcast::environment::{Action, BadRelease, Deed, Expiry, Scope, Start};
use fleetcast::fleet::Image;
use fleetcast::random::{Generator, Variate, open_unit};
use fleetcast::simulation::{AbsentInAverage, Model, Ticks};
use fleetcast::time::{MINUTE, Span, Time};
use rand::SeedableRng;

use crate::builder::{
    add_demand, add_failures, add_group, add_outages, add_region, add_site, add_spares, constant, hour,
    hours, minutes, model,
};

/// The model of a seed: groups keep the number of their connectors, and new ones come into service as they enrol.
pub(crate) fn swarm(seed: u64) -> Model {
    rolled(seed).0
}

/// The same where new connectors go through every step, and groups are scaled.
pub(crate) fn scaled_swarm(seed: u64) -> Model {
    let (mut model, mut dice) = rolled(seed);
    if dice.one_in(2) {
        provisioning(&mut dice, &mut model);
    }
    if dice.one_in(2) {
        scaling(&mut dice, &mut model);
    }
    if dice.one_in(3) {
        actions(&mut dice, &mut model);
    }
    model
}

fn rolled(seed: u64) -> (Model, Dice) {
    let mut dice = Dice(Generator::seed_from_u64(seed));
    let mut model = model();
    model.seed = seed;
    model.horizon = hour(dice.among(&[24, 72, 240, 480])) + Span(dice.among(&[0, 0, 1, 333_333]));
    let tick = minutes(dice.among(&[5, 5, 15, 60]));
    let first = Time(if dice.one_in(3) { dice.among(&[1, 60_000, 299_999, 7_200_000]) } else { 0 });
    model.ticks = Ticks { first, length: tick };
    model.control_period = minutes(dice.among(&[1, 15, 60, 7]));
    places(&mut dice, &mut model);
    groups(&mut dice, &mut model);
    failures(&mut dice, &mut model);
    validation(&mut dice, &mut model);
    releases(&mut dice, &mut model);
    updates(&mut dice, &mut model);
    overload(&mut dice, &mut model);
    policy(&mut dice, &mut model);
    (model, dice)
}

struct Dice(Generator);

impl Dice {
    fn unit(&mut self) -> f64 {
        open_unit(&mut self.0)
    }

    /// One of 0, …, n − 1.
    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn among<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A round length of about `typical`.
    fn round(&mut self, typical: Span) -> Span {
        let length = self.among(&[0.25, 0.5, 1.0, 1.0, 2.0]) * typical.0 as f64;
        Span(((length / MINUTE.0 as f64) as i64).max(1) * MINUTE.0)
    }

    /// A distribution with a mean of about `typical`: often a round constant.
    fn variate(&mut self, typical: Span) -> Variate {
        let round = self.round(typical);
        let mean = round.0 as f64;
        let drawn = match self.below(8) {
            0 => Variate::exponential(mean),
            1 => Variate::weibull(mean, 0.7),
            2 => Variate::log_normal_cv(mean, 1.0),
            3 => Variate::uniform(0.0, 2.0 * mean),
            4 => Variate::gamma(mean, 2.5),
            5 => Variate::empirical(vec![mean, 2.0 * mean, 3.0 * mean]),
            6 => Variate::triangular(0.5 * mean, mean, 1.5 * mean),
            _ => Ok(constant(round)),
        };
        drawn.expect("the mean is positive")
    }

    /// A round instant of the run, the start included.
    fn instant(&mut self, horizon: Time) -> Time {
        let at = self.unit() * horizon.0 as f64;
        let step = self.among(&[60, 60, 360, 5]) * MINUTE.0;
        Time(at as i64 / step * step)
    }

    fn instants(&mut self, horizon: Time, most: usize) -> Vec<Time> {
        let number = self.below(most + 1);
        let mut instants: Vec<Time> = (0..number).map(|_| self.instant(horizon)).collect();
        instants.sort();
        instants.dedup();
        instants
    }
}

fn places(dice: &mut Dice, model: &mut Model) {
    (1..1 + dice.below(2)).for_each(|region| {
        add_region(model, &format!("region-{region}"));
    });
    let regions = model.fleet.regions.len();
    model.fleet.sites.clear();
    for site in 0..1 + dice.below(3) {
        let (region, domains) = (dice.below(regions), dice.below(4));
        add_site(model, &format!("site-{site}"), region, domains);
    }
    model.fleet.instances[0].capacity_mbps = dice.among(&[100.0, 250.0, 333.3]);
    model.fleet.instances[0].idle_cpu_percent = dice.among(&[0.0, 5.0, 12.5]);
    model.fleet.instances[0].boot = dice.variate(minutes(10));
}

fn groups(dice: &mut Dice, model: &mut Model) {
    let (spread, efficiency, disabled) = (dice.one_in(3), dice.one_in(3), dice.one_in(2));
    let (empty, poor, noise, loaded) = (dice.one_in(3), dice.one_in(4), dice.one_in(2), !dice.one_in(6));
    let sites = model.fleet.sites.len();
    for index in 0..1 + dice.below(6) {
        let connectors = 1 + dice.below(6);
        let capacity = model.fleet.instances[0].capacity_mbps * connectors as f64;
        let demand = add_demand(model, 0.0);
        let level = if loaded { capacity * dice.between(0.4, 1.1) } else { 0.0 };
        for mbps in &mut model.environment.demands[demand].shape {
            *mbps = (level * dice.between(0.8, 1.2)) as f32;
        }
        model.environment.demands[demand].noise =
            noise.then(|| Noise { sigma: dice.between(0.02, 0.3), phi: dice.among(&[0.0, 0.5, 0.95]) });
        let group = add_group(model, &format!("group-{index}"), connectors);
        let site = dice.below(sites);
        let domains = model.fleet.sites[site].domains.len();
        let group = &mut model.fleet.groups[group];
        group.site = site;
        group.balance_spread = if spread { dice.between(0.0, 0.5) } else { 0.0 };
        group.efficiency = if efficiency { dice.between(0.0, 0.1) } else { 0.0 };
        group.disabled = disabled && dice.one_in(6);
        group.resources = u32::from(!(poor && dice.one_in(4)));
        for (ordinal, slot) in group.slots.iter_mut().enumerate() {
            slot.domain = (domains > 0).then(|| ordinal % domains);
            slot.disabled = disabled && dice.one_in(4);
            slot.empty = empty && dice.one_in(4);
        }
    }
}

fn failures(dice: &mut Dice, model: &mut Model) {
    let scopes = [Scope::Connector, Scope::Domain, Scope::Site, Scope::Region, Scope::Fleet];
    model.environment.start = dice.among(&[Start::Fresh, Start::Equilibrium]);
    let (scheduled, operator) = (!dice.one_in(3), dice.one_in(2));
    for _ in 0..dice.below(5) {
        let scope = dice.among(&[scopes[0], scopes[0], scopes[1], scopes[2], scopes[3], scopes[4]]);
        if scheduled && dice.one_in(2) {
            let outages = outages(dice, model, scope);
            add_outages(model, scope, &outages);
            if dice.one_in(2) {
                continue;
            }
            let schedule = model.environment.failures.pop().expect("it was just added").schedule;
            random_class(dice, model, scope, operator);
            model.environment.failures.last_mut().expect("it was just added").schedule = schedule;
        } else {
            random_class(dice, model, scope, operator);
        }
    }
}

fn random_class(dice: &mut Dice, model: &mut Model, scope: Scope, operator: bool) {
    let (up, down) = (dice.variate(hours(24)), dice.variate(hours(4)));
    let needs_operator =
        if operator && scope == Scope::Connector { dice.among(&[0.0, 0.3, 1.0]) } else { 0.0 };
    let class = add_failures(model, scope, up, down, needs_operator);
    if dice.one_in(4) {
        let part = match scope {
            Scope::Connector => Place::Group(dice.below(model.fleet.groups.len())),
            Scope::Domain | Scope::Site => Place::Site(dice.below(model.fleet.sites.len())),
            Scope::Region => Place::Region(dice.below(model.fleet.regions.len())),
            Scope::Fleet => Place::Fleet,
        };
        model.environment.failures[class].places = part;
    }
}

fn outages(dice: &mut Dice, model: &Model, scope: Scope) -> Vec<(Time, Span, Place)> {
    let instants = dice.instants(model.horizon, 6);
    let mut outages = Vec::new();
    for at in instants {
        for _ in 0..1 + dice.below(2) {
            if let Some(place) = place(dice, model, scope) {
                outages.push((at, dice.round(hours(4)), place));
            }
        }
    }
    outages
}

fn place(dice: &mut Dice, model: &Model, scope: Scope) -> Option<Place> {
    let fleet = &model.fleet;
    let site = dice.below(fleet.sites.len());
    let group = dice.below(fleet.groups.len());
    Some(match scope {
        Scope::Connector => Place::Connector(group, dice.below(fleet.groups[group].slots.len())),
        Scope::Domain if fleet.sites[site].domains.is_empty() => return None,
        Scope::Domain => Place::Domain(site, dice.below(fleet.sites[site].domains.len())),
        Scope::Site => Place::Site(site),
        Scope::Region => Place::Region(fleet.sites[site].region),
        Scope::Fleet => Place::Fleet,
    })
}

fn validation(dice: &mut Dice, model: &mut Model) {
    let validation = &mut model.environment.validation;
    validation.period = dice.round(hours(24));
    validation.phase = if dice.one_in(2) { None } else { Some(dice.variate(hours(24))) };
    validation.expiry = if dice.one_in(3) { Expiry::Grace(dice.round(hours(4))) } else { Expiry::AtRenewal };
    validation.region_outage_expires = !dice.one_in(3);
    validation.auto_delete_after = if dice.one_in(3) { Some(dice.round(hours(8))) } else { None };
}

fn releases(dice: &mut Dice, model: &mut Model) {
    let horizon = model.horizon;
    let bad = dice.one_in(2);
    let plan = &mut model.environment.releases;
    plan.dates = match dice.below(4) {
        0 => ReleaseDates::Renewal {
            every: dice.variate(hours(24)),
            hotfix_probability: dice.among(&[0.0, 0.5]),
            hotfix_after: dice.round(hours(4)),
            hotfix_urgent: dice.one_in(2),
        },
        1 if dice.one_in(2) => ReleaseDates::Explicit(Vec::new()),
        _ => {
            let dates = dice.instants(horizon, 8);
            let urgent = dice.one_in(3);
            let mut planned = |at| PlannedRelease {
                at,
                bad: dice.among(&[None, Some(bad)]),
                urgent: urgent && dice.one_in(3),
            };
            ReleaseDates::Explicit(dates.into_iter().map(&mut planned).collect())
        }
    };
    plan.bad = BadRelease {
        probability: if bad { 0.5 } else { 0.0 },
        failure_multiplier: dice.among(&[1.0, 2.0, 20.0, 7.3]),
        cpu_multiplier: dice.among(&[1.0, 1.5]),
        update_failure_multiplier: dice.among(&[1.0, 3.0]),
    };
    for _ in 0..if dice.one_in(2) { dice.below(6) } else { 0 } {
        let group = dice.below(model.fleet.groups.len());
        let slot = dice.below(model.fleet.groups[group].slots.len());
        let (release, attempts) = (1 + dice.below(4), 1 + dice.below(6) as u32);
        plan.faults.push(UpdateFault { release, group, slot, attempts });
    }
    if dice.one_in(2) {
        let images = dice.instants(horizon, 4);
        model.environment.images = images
            .into_iter()
            .map(|published| Image { published, fixes_vulnerability: dice.one_in(2) })
            .collect();
    }
}

fn updates(dice: &mut Dice, model: &mut Model) {
    let updates = &mut model.environment.updates;
    updates.duration = dice.variate(minutes(10));
    updates.limit = minutes(dice.among(&[15, 15, 60]));
    updates.transient_failure = dice.among(&[0.0, 0.0, 0.1, 0.4]);
    updates.persistent_failure = dice.among(&[0.0, 0.0, 0.1, 0.5]);
    updates.serve_while_updating = dice.one_in(4);
    updates.drops_sessions = dice.one_in(3);
}

fn overload(dice: &mut Dice, model: &mut Model) {
    model.overload.threshold = dice.among(&[7_000, 5_000, 9_000]);
    model.overload.window = dice.among(&[1, 3, 3, 12]);
    model.overload.absent = dice.among(&[AbsentInAverage::LeftOut, AbsentInAverage::AsZero]);
}

fn policy(dice: &mut Dice, model: &mut Model) {
    let most = dice.one_in(3).then(|| 1 + dice.below(3) as u32);
    let policy = &mut model.policies[0];
    policy.upgrade.attempts = dice.among(&[1, 2, 5]);
    policy.upgrade.backoff.first = dice.round(hours(1));
    policy.upgrade.backoff.factor = dice.among(&[1.0, 2.0, 1.5]);
    policy.upgrade.backoff.max = dice.round(hours(12)).max(policy.upgrade.backoff.first);
    policy.upgrade.retry_order = dice.among(&[RetryOrder::Same, RetryOrder::FailedLast]);
    policy.upgrade.absent_member = dice.among(&[AbsentMember::IsSkipped, AbsentMember::Blocks]);
    policy.upgrade.budget.counts =
        dice.among(&[BudgetCounts::Voluntary, BudgetCounts::Voluntary, BudgetCounts::All]);
    policy.upgrade.max_groups_at_once = most;
    if dice.one_in(2) {
        own_rollout(dice, model);
    }
    if dice.one_in(3) {
        model.policies[0].upgrade.rings = Some(rings(dice, model));
    }
    let policy = &mut model.policies[0];
    policy.repair = Service::After(dice.variate(hours(4)));
    policy.replacement = Service::After(dice.variate(hours(8)));
    if dice.one_in(2) {
        crews(dice, model);
    }
}

/// What administrators do, in order of time.
fn actions(dice: &mut Dice, model: &mut Model) {
    let scopes = [Scope::Connector, Scope::Connector, Scope::Domain, Scope::Site, Scope::Region];
    for at in dice.instants(model.horizon, 12) {
        for _ in 0..1 + dice.below(2) {
            let scope = dice.among(&scopes);
            let deed = match dice.below(7) {
                0 | 1 => Deed::Disable,
                2 | 3 => Deed::Enable,
                4 => Deed::Revoke { replaced: !dice.one_in(4) },
                5 => Deed::Delete { replaced: dice.one_in(2) },
                _ => Deed::RegenerateKey,
            };
            let place = if dice.one_in(4) {
                Some(Place::Group(dice.below(model.fleet.groups.len())))
            } else {
                place(dice, model, scope)
            };
            model.environment.actions.extend(place.map(|place| Action { at, deed, place }));
        }
    }
}

/// Groups that grow and shrink.
fn scaling(dice: &mut Dice, model: &mut Model) {
    for group in 0..model.fleet.groups.len() {
        add_spares(model, group, dice.below(6));
    }
    let period = Span(model.ticks.length.0 * dice.among(&[1, 1, 2, 4]));
    let limit = dice.among(&[3_000.0, 5_000.0, 6_000.0, 8_000.0]);
    let season = Span(period.0 * dice.among(&[3, 24, 60]));
    let rule = match dice.below(6) {
        0 => Rule::NPlusK(NPlusK { spare: dice.below(3), limit }),
        1 => Rule::Threshold(Threshold {
            sustained: dice.round(hours(1)),
            overload: model.overload.threshold,
            limit,
        }),
        2 | 3 => Rule::TargetTracking(TargetTracking {
            target: limit as i64,
            tolerance: dice.among(&[100_000, 100_000, 0, 300_000]),
        }),
        4 => Rule::Scheduled(timetable(dice, model)),
        _ => Rule::Predictive(Predictive {
            forecast: dice.among(&[
                Forecast::LastSeason,
                Forecast::HoltWinters(HoltWinters { level: 0.5, trend: 0.1, season: 0.3 }),
            ]),
            lead: dice.among(&[Span::ZERO, minutes(15)]),
            margin: dice.among(&[0.0, 0.2]),
            season,
            limit,
        }),
    };
    let windows = [Span::ZERO, Span::ZERO, hours(1), minutes(20)];
    model.policies[0].scaling = ScalingPolicy::Dynamic(Box::new(Scaling {
        rule,
        least: 1 + dice.below(2),
        most: dice.among(&[None, Some(3), Some(6)]),
        cooldown: dice.among(&[Span::ZERO, minutes(30), hours(6)]),
        period,
        stabilise_out: dice.among(&windows),
        stabilise_in: dice.among(&windows),
        detection_delay: dice.among(&[Span(1), minutes(8), minutes(60)]),
    }));
}

fn timetable(dice: &mut Dice, model: &Model) -> Timetable {
    let mut day = vec![(Time(i64::MIN), 1 + dice.below(4))];
    day.extend(dice.instants(model.horizon, 12).into_iter().map(|at| (at, 1 + dice.below(6))));
    Timetable { kinds: vec![Vec::new(), day], of_group: model.fleet.groups.iter().map(|_| 1).collect() }
}

/// Steps of new connectors that take time.
fn provisioning(dice: &mut Dice, model: &mut Model) {
    let (crews, groups) = (model.crews.len(), model.fleet.groups.len());
    let given = &mut model.policies[0].provisioning;
    if dice.one_in(2) {
        given.key_lifetime = dice.round(hours(24));
        given.key_age = dice.among(&[Span::ZERO, hours(6), hours(30)]);
        given.key_regeneration = service(dice, crews, groups, hours(2));
    }
    given.order = if dice.one_in(2) { service(dice, crews, groups, hours(1)) } else { None };
    given.confirmation = if dice.one_in(3) { None } else { service(dice, crews, groups, hours(3)) };
    given.drain = dice.among(&[Span::ZERO, minutes(15), minutes(60)]);
    given.watch = dice.among(&[Span::ZERO, minutes(15)]);
}

/// A crew, if there is one, or a delay of about `typical`.
fn service(dice: &mut Dice, crews: usize, groups: usize, typical: Span) -> Option<Service> {
    if crews > 0 && dice.one_in(2) {
        return Some(Service::Crews((0..groups).map(|_| dice.below(crews)).collect()));
    }
    Some(Service::After(dice.variate(typical)))
}

/// Crews that repair, replace or both, for groups in turn.
fn crews(dice: &mut Dice, model: &mut Model) {
    let number = 1 + dice.below(2);
    model.crews = (0..number).map(|index| crew(dice, model, index)).collect();
    let groups = model.fleet.groups.len();
    let mut of_groups = || Service::Crews((0..groups).map(|_| dice.below(number)).collect());
    let (repair, replacement) = (of_groups(), of_groups());
    let (repairs, replaces) = dice.among(&[(true, true), (true, true), (true, false), (false, true)]);
    let policy = &mut model.policies[0];
    if repairs {
        policy.repair = repair;
    }
    if replaces {
        policy.replacement = replacement;
    }
    policy.detection_delay = dice.among(&[Span::ZERO, Span(1), minutes(8), minutes(60)]);
}

fn crew(dice: &mut Dice, model: &Model, index: usize) -> Crew {
    Crew {
        name: format!("crew-{index}"),
        size: dice.among(&[1, 1, 2, 50]),
        shifts: if dice.one_in(2) { Shifts::always() } else { shifts(dice, model) },
        response: dice.variate(minutes(30)),
        work: Work {
            repair: if dice.one_in(2) { None } else { Some(dice.variate(hours(2))) },
            replace: dice.variate(hours(2)),
            update_repair: dice.variate(hours(1)),
            key: dice.variate(minutes(20)),
            confirmation: dice.variate(minutes(30)),
            order: dice.variate(minutes(40)),
        },
        order: dice.among(&[Order::FirstCome, Order::NearestDeadline]),
        call_out_at: dice.among(&[1, 1, 2, 3]),
    }
}

fn shifts(dice: &mut Dice, model: &Model) -> Shifts {
    let days = model.horizon.0 / hours(24).0 + 1;
    let (from, length) = (dice.round(hours(8)), dice.among(&[hours(9), hours(3), minutes(10)]));
    let begins = (0..days).map(|day| hour(24 * day) + from);
    let kept: Vec<Time> = begins.filter(|_| !dice.one_in(3)).collect();
    Shifts::of(kept.into_iter().map(|from| (from, from + length)).collect())
}

/// A rollout other than the vendor's own.
fn own_rollout(dice: &mut Dice, model: &mut Model) {
    let limit = model.environment.updates.limit;
    let kinds = (0..model.fleet.sites.len()).map(|_| hours_of(dice, model, limit)).collect();
    let of_group = model.fleet.groups.iter().map(|group| group.site).collect();
    let upgrade = &mut model.policies[0].upgrade;
    upgrade.budget.max_unavailable =
        dice.among(&[Amount::Count(1), Amount::Count(2), Amount::Percent(50), Amount::Percent(100)]);
    upgrade.order = dice.among(&[
        UpdateOrder::Slot,
        UpdateOrder::Random,
        UpdateOrder::OldestVersion,
        UpdateOrder::LeastLoaded,
    ]);
    upgrade.on_failure = dice.among(&[OnFailure::Halt, OnFailure::Skip, OnFailure::Continue]);
    upgrade.wait = dice.among(&[Span::ZERO, Span::ZERO, hours(3), hours(30)]);
    upgrade.behind = dice.among(&[0, 0, 1]);
    upgrade.urgent_track = !dice.one_in(4);
    upgrade.hours = if dice.one_in(2) { Some(Schedule { kinds, of_group }) } else { None };
    upgrade.force_after = if dice.one_in(3) { Some(dice.round(hours(4))) } else { None };
    upgrade.detection_delay = dice.among(&[Span::ZERO, Span(1), minutes(8), minutes(60)]);
    if dice.one_in(3) {
        upgrade.gate = Some(CapacityGate { limit: dice.among(&[5_000.0, 7_000.0, 10_000.0]) });
        upgrade.detection_delay = upgrade.detection_delay.max(Span(1));
    }
}

/// Rings, which need not have every group.
fn rings(dice: &mut Dice, model: &Model) -> Rings {
    let groups = model.fleet.groups.len();
    let mut ring = |last: bool| Ring {
        members: match dice.below(3) {
            _ if last => Members::Share(1.0),
            0 => Members::Groups((0..groups).map(|_| dice.one_in(2)).collect()),
            _ => Members::Share(dice.among(&[0.01, 0.3, 0.5, 0.9])),
        },
        bake: dice.among(&[Span::ZERO, minutes(15), hours(1), hours(8)]),
    };
    let mut rings: Vec<Ring> = [false, false, false].into_iter().map(&mut ring).collect();
    let last = ring(true);
    rings.truncate(dice.below(4));
    if rings.is_empty() || !dice.one_in(5) {
        rings.push(last);
    }
    let gate = ReleaseGate {
        failed_share: dice.among(&[0.0, 0.2, 1.0]),
        disconnected_share: dice.among(&[0.0, 0.1, 0.5]),
        at_least: 1 + dice.below(2),
        on_breach: dice.among(&[
            OnBreach::Hold,
            OnBreach::Hold,
            OnBreach::Hold,
            OnBreach::Stop,
            OnBreach::RollBack,
            OnBreach::RollBack,
        ]),
    };
    let rate = RateLimit { groups: 1 + dice.below(2), per: dice.round(hours(2)) };
    Rings {
        rings,
        done_share: dice.among(&[1.0, 0.95, 0.5]),
        gate: (!dice.one_in(3)).then_some(gate),
        rate: dice.one_in(3).then_some(rate),
    }
}

fn hours_of(dice: &mut Dice, model: &Model, limit: Span) -> Hours {
    let freezes = dice.instants(model.horizon, 3).into_iter().map(|from| (from, from + dice.round(hours(4))));
    let hours = Hours::frozen(freezes.collect());
    if !dice.one_in(2) {
        return hours;
    }
    let (openings, length) = (dice.instants(model.horizon, 8), dice.round(minutes(120)));
    let must_fit = if dice.one_in(2) { limit.min(length) } else { Span::ZERO };
    hours.within(openings.into_iter().map(|from| (from, from + length)).collect(), must_fit)
}
