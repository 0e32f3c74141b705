//! Common random numbers: the policies of a replication meet the same luck, stream by stream.
//!
//! Policies differ here in all that an updater can do, on a fleet with failures of every scope, bad releases, expiry and
//! replacement. What each of them used of a stream is read from what its run tells: the n-th life of a slot in standard time (what it
//! spent on a bad release counts by the multiplier), its n-th outage, the n-th start of an update, the outages of wider scopes, the
//! demand. Two policies may use different numbers of draws; where both used the n-th it must be the same one. Nothing is a
//! matter of chance beyond the seeds, which are fixed, and every comparison is exact but for the rounding of lives that change
//! their rate, up to a millisecond a change.

#![allow(clippy::unwrap_used)]

#[path = "support/builder.rs"]
mod builder;

use std::collections::BTreeMap;

use builder::{add_failures, add_group, add_region, add_site, hour, hours, minutes, model};
use fleetcast::control::rings::{Members, OnBreach, ReleaseGate, Ring, Rings};
use fleetcast::control::{
    Amount, BudgetCounts, CapacityGate, Hours, OnFailure, Policy, RetryOrder, Schedule, Service, UpdateOrder,
    UpgradePolicy,
};
use fleetcast::environment::demand::Noise;
use fleetcast::environment::demand::level::Level;
use fleetcast::environment::release::ReleaseDates;
use fleetcast::environment::{BadRelease, Scope, Start};
use fleetcast::fleet::{Cause, Release};
use fleetcast::random::Variate;
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Happening, Observer, TickRun};
use fleetcast::simulation::run::Replication;
use fleetcast::time::{HOUR, MINUTE, Span, Time};

const DAYS: i64 = 40;
/// Rate of lives on a bad release.
const FASTER: i64 = 8;
const REPLICATIONS: u64 = 12;

fn of_hours(mean: f64) -> f64 {
    mean * HOUR.0 as f64
}

/// Three groups at two sites, with two fault domains each; releases are bad with this probability.
fn fleet(bad: f64) -> Model {
    let mut model = model();
    model.horizon = hour(24 * DAYS);
    model.environment.start = Start::Equilibrium;
    model.environment.demands.clear();
    demand(&mut model);
    add_region(&mut model, "us");
    for (index, (site, connectors)) in [("lhr", 4), ("nyc", 3), ("sfo", 2)].into_iter().enumerate() {
        add_site(&mut model, site, index.min(1), 2);
        add_group(&mut model, &format!("{site}-app"), connectors);
    }
    failures(&mut model);
    let validation = &mut model.environment.validation;
    (validation.period, validation.phase) = (hours(5 * 24), None);
    let releases = &mut model.environment.releases;
    releases.dates = ReleaseDates::Renewal {
        every: Variate::uniform(of_hours(40.0), of_hours(120.0)).unwrap(),
        hotfix_probability: 0.3,
        hotfix_after: hours(20),
        hotfix_urgent: true,
    };
    releases.bad = BadRelease {
        probability: bad,
        failure_multiplier: FASTER as f64,
        cpu_multiplier: 1.3,
        update_failure_multiplier: 2.0,
    };
    let updates = &mut model.environment.updates;
    updates.duration = Variate::uniform(4.0 * MINUTE.0 as f64, 14.0 * MINUTE.0 as f64).unwrap();
    (updates.transient_failure, updates.persistent_failure) = (0.1, 0.05);
    model.policies = policies(&model);
    model
}

fn demand(model: &mut Model) {
    builder::add_demand(model, 300.0);
    model.environment.demands[0].noise = Some(Noise { sigma: 0.2, phi: 0.95 });
}

/// Class 0 is that of connectors, a part of which waits for an operator.
fn failures(model: &mut Model) {
    let classes = [
        (Scope::Connector, 60.0, 5.0, 0.4),
        (Scope::Domain, 300.0, 4.0, 0.0),
        (Scope::Site, 400.0, 6.0, 0.0),
        (Scope::Region, 700.0, 3.0, 0.0),
    ];
    for (scope, up, down, needs_operator) in classes {
        let up = Variate::weibull(of_hours(up), 0.7).unwrap();
        let down = Variate::gamma(of_hours(down), 1.5).unwrap();
        add_failures(model, scope, up, down, needs_operator);
    }
}

/// Nightly windows for everybody.
fn nights(model: &Model) -> Schedule {
    let windows = (0..DAYS).map(|day| (hour(24 * day + 2), hour(24 * day + 5))).collect();
    let nights = Hours::frozen(vec![(hour(240), hour(300))]).within(windows, minutes(15));
    Schedule { kinds: vec![nights], of_group: vec![0; model.fleet.groups.len()] }
}

/// A third of the groups first, and back if many of its connectors are gone.
fn rings() -> Rings {
    let ring = |share| Ring { members: Members::Share(share), bake: hours(4) };
    Rings {
        rings: vec![ring(0.3), ring(1.0)],
        done_share: 0.9,
        gate: Some(ReleaseGate {
            failed_share: 0.4,
            disconnected_share: 0.3,
            at_least: 2,
            on_breach: OnBreach::RollBack,
        }),
        rate: None,
    }
}

/// Updaters that differ in everything, all with the same repair and replacement; and one whose repairs take longer.
fn policies(model: &Model) -> Vec<Policy> {
    let vendor = UpgradePolicy::vendor_default();
    let mut at_once = UpgradePolicy { on_failure: OnFailure::Continue, ..vendor.clone() };
    at_once.budget.max_unavailable = Amount::Percent(100);
    let mut gated = UpgradePolicy {
        gate: Some(CapacityGate { limit: 7_000.0 }),
        order: UpdateOrder::LeastLoaded,
        force_after: Some(hours(30)),
        detection_delay: minutes(8),
        ..vendor.clone()
    };
    gated.budget.counts = BudgetCounts::All;
    let late = UpgradePolicy {
        wait: hours(30),
        behind: 1,
        on_failure: OnFailure::Skip,
        order: UpdateOrder::Random,
        ..vendor.clone()
    };
    let at_night =
        UpgradePolicy { hours: Some(nights(model)), retry_order: RetryOrder::FailedLast, ..vendor.clone() };
    let ringed = UpgradePolicy { rings: Some(rings()), ..vendor.clone() };
    let in_turn = UpgradePolicy { max_groups_at_once: Some(1), attempts: 2, ..vendor.clone() };
    let exponential = |mean: f64| Service::After(Variate::exponential(of_hours(mean)).unwrap());
    let policy = |upgrade: UpgradePolicy, repair: f64| Policy {
        upgrade,
        repair: exponential(repair),
        replacement: exponential(10.0),
        ..model.policies[0].clone()
    };
    let updaters = [vendor.clone(), at_once, gated, late, at_night, in_turn, ringed];
    let mut policies: Vec<Policy> = updaters.into_iter().map(|upgrade| policy(upgrade, 4.0)).collect();
    policies.push(policy(vendor, 12.0));
    policies
}

/// What a group's run tells.
#[derive(Default)]
struct Told {
    happened: Vec<(Time, Happening)>,
    demand: blake3::Hasher,
    ticks: usize,
}

impl Observer for Told {
    fn happened(&mut self, at: Time, what: Happening) {
        self.happened.push((at, what));
    }

    fn ticks(&mut self, run: TickRun<'_>) {
        assert_eq!(run.first, self.ticks);
        self.ticks += run.demand.len();
        for mbps in run.demand {
            self.demand.update(&mbps.to_bits().to_le_bytes());
        }
    }
}

/// What a slot used of its streams, by the index of the draw; nothing of what was cut short.
#[derive(Debug, Default, PartialEq)]
struct Used {
    /// Standard time from the beginning of a life to its failure, and how often its rate changed.
    lives: BTreeMap<u64, (i64, i64)>,
    /// Lengths of outages of the connector's own; 0 is the one that stands at 0.
    outages: BTreeMap<u64, Span>,
    /// By release and number of the start: how long an update took.
    updates: BTreeMap<(usize, u64), Span>,
    /// By release: whether its first start, before any repair, failed; nothing if it was aborted.
    first_fails: BTreeMap<usize, bool>,
    /// Beginnings of outages of wider scopes, by class.
    wide: Vec<(Time, u16)>,
    /// When it first expired.
    expired: Option<Time>,
}

/// Follows one slot through what a run told.
struct Follower<'r> {
    releases: &'r [Release],
    slot: usize,
    used: Used,
    bad: bool,
    /// The life under way: its index, standard time spent up to the instant, and changes of rate, to begin with from 1.
    life: Option<(u64, i64, Time, i64)>,
    outage: Option<Time>,
    lives: u64,
    outages: u64,
    starts: BTreeMap<usize, u64>,
    update: Option<Time>,
    /// The group's release was rolled back, and updates lead away from it: they have draws of their own.
    goes_back: bool,
}

impl<'r> Follower<'r> {
    fn new(releases: &'r [Release], slot: usize, told: &Told) -> Follower<'r> {
        let stands_at_0 = told.happened.iter().any(|&(at, what)| {
            at == Time::ZERO && what == Happening::Failed { slot, cause: Cause::Class(0) }
        });
        Follower {
            releases,
            slot,
            used: Used::default(),
            bad: false,
            life: (!stands_at_0).then_some((0, 0, Time::ZERO, 0)),
            outage: None,
            lives: 0,
            outages: u64::from(!stands_at_0),
            starts: BTreeMap::new(),
            update: None,
            goes_back: false,
        }
    }

    fn is_bad(&self, release: usize) -> bool {
        release > 0 && self.releases[release - 1].bad
    }

    fn spend(&mut self, at: Time) {
        if let Some((_, spent, since, _)) = &mut self.life {
            *spent += (at - *since).0 * if self.bad { FASTER } else { 1 };
            *since = at;
        }
    }

    fn runs(&mut self, at: Time, bad: bool) {
        self.spend(at);
        if let Some((.., changes)) = self.life.as_mut().filter(|_| self.bad != bad) {
            *changes += 1;
        }
        self.bad = bad;
    }

    fn begin_life(&mut self, at: Time) {
        self.lives += 1;
        self.life = Some((self.lives, 0, at, i64::from(self.bad)));
    }

    fn end_update(&mut self, at: Time, release: usize, fails: Option<bool>) {
        if self.goes_back {
            return;
        }
        let start = self.starts.entry(release).or_default();
        let began = self.update.take().unwrap();
        if let Some(fails) = fails {
            self.used.updates.insert((release, *start), at - began);
            if *start == 0 {
                self.used.first_fails.insert(release, fails);
            }
        }
        *start += 1;
    }

    fn hear(&mut self, at: Time, what: Happening) {
        match what {
            Happening::Failed { slot, cause: Cause::Class(0) | Cause::BadRelease } if slot == self.slot => {
                self.spend(at);
                if let Some((index, spent, _, changes)) = self.life.take() {
                    self.used.lives.insert(index, (spent, changes));
                }
                self.outage = Some(at);
            }
            Happening::Restored { slot, cause: Cause::Class(0) | Cause::BadRelease } if slot == self.slot => {
                self.used.outages.insert(self.outages, at - self.outage.take().unwrap());
                self.outages += 1;
                self.begin_life(at);
            }
            Happening::Failed { slot, cause: Cause::Class(class) } if slot == self.slot => {
                self.used.wide.push((at, class));
            }
            Happening::Expired { slot } if slot == self.slot => {
                self.outages += u64::from(self.outage.take().is_some());
                (self.life, self.bad) = (None, false);
                self.used.expired.get_or_insert(at);
            }
            Happening::Replaced { slot } if slot == self.slot => self.begin_life(at),
            Happening::RolledBack { .. } => self.goes_back = true,
            Happening::RolloutBegan { .. } => self.goes_back = false,
            Happening::Returned { slot, to } if slot == self.slot => self.runs(at, self.is_bad(to)),
            Happening::RanBadRelease { slot, .. } if slot == self.slot => self.runs(at, true),
            Happening::UpdateStarted { slot, .. } if slot == self.slot => self.update = Some(at),
            Happening::UpdateSucceeded { slot, release } if slot == self.slot => {
                self.runs(at, self.is_bad(release));
                self.end_update(at, release, Some(false));
            }
            Happening::UpdateFailed { slot, release } if slot == self.slot => {
                self.end_update(at, release, Some(true));
            }
            Happening::UpdateAborted { slot, release } if slot == self.slot => {
                self.end_update(at, release, None);
            }
            _ => {}
        }
    }
}

fn used(told: &Told, releases: &[Release], slot: usize) -> Used {
    let mut follower = Follower::new(releases, slot, told);
    told.happened.iter().for_each(|&(at, what)| follower.hear(at, what));
    follower.used
}

fn run(model: &Model, policy: usize, replication: u64) -> (Vec<Release>, Vec<Told>) {
    let replication = Replication::new(model, policy, replication, Level::new());
    (replication.releases().to_vec(), replication.run_all(|_| Told::default()))
}

/// Asserts that two maps agree where both have a value; how often that was.
fn agree<K: Ord + std::fmt::Debug, V>(
    one: &BTreeMap<K, V>,
    other: &BTreeMap<K, V>,
    same: impl Fn(&V, &V) -> bool,
    what: &str,
) -> usize {
    let both = one.iter().filter_map(|(key, value)| Some((key, value, other.get(key)?)));
    both.inspect(|(key, one, other)| assert!(same(one, other), "{what}: draw {key:?}")).count()
}

/// A life that changed its rate is rounded up by less than a millisecond at each change and at its end.
fn same_life(one: &(i64, i64), other: &(i64, i64)) -> bool {
    let changes = one.1 + other.1;
    (one.0 - other.0).abs() <= if changes == 0 { 0 } else { (changes + 2) * FASTER }
}

/// How many draws of each kind were compared.
#[derive(Debug, Default)]
struct Compared {
    lives: usize,
    changed: usize,
    outages: usize,
    updates: usize,
    wide: usize,
    rolled_back: usize,
}

fn compare(one: &Used, other: &Used, repair_alike: bool, what: &str, compared: &mut Compared) {
    let changed = one.lives.values().chain(other.lives.values()).filter(|life| life.1 > 0).count();
    compared.changed += changed;
    // What stands at 0 depends on how long outages last, and so on the repair.
    let from = |lives: &BTreeMap<u64, (i64, i64)>| {
        lives.iter().filter(|(index, _)| repair_alike || **index > 0).map(|(&i, &life)| (i, life)).collect()
    };
    compared.lives += agree(&from(&one.lives), &from(&other.lives), same_life, &format!("{what}, lives"));
    if repair_alike {
        let what = format!("{what}, outages");
        compared.outages += agree(&one.outages, &other.outages, Span::eq, &what);
    }
    compared.updates += agree(&one.updates, &other.updates, Span::eq, &format!("{what}, updates"));
    agree(&one.first_fails, &other.first_fails, bool::eq, &format!("{what}, outcomes"));
    // Who has expired is not in service, and is not told of outages until it is replaced.
    let until = [one.expired, other.expired].into_iter().flatten().min().unwrap_or(Time::NEVER);
    let [wide, others] = [one, other].map(|used| &used.wide[..used.wide.partition_point(|of| of.0 < until)]);
    assert_eq!(wide, others, "{what}, wide outages");
    compared.wide += wide.len();
}

#[test]
fn policies_use_the_same_draws() {
    let model = fleet(0.4);
    let mut compared = Compared::default();
    for replication in 0..REPLICATIONS {
        let (releases, baseline) = run(&model, 0, replication);
        for policy in 1..model.policies.len() {
            let (its_releases, told) = run(&model, policy, replication);
            assert_eq!(its_releases, releases, "dates and quality");
            let repair_alike = policy + 1 < model.policies.len();
            for (group, (one, other)) in baseline.iter().zip(&told).enumerate() {
                let is_rollback = |&&(_, what): &&_| matches!(what, Happening::RolledBack { .. });
                compared.rolled_back += other.happened.iter().filter(is_rollback).count();
                assert_eq!(one.demand.finalize(), other.demand.finalize(), "the demand of group {group}");
                for slot in 0..model.fleet.groups[group].slots.len() {
                    let what =
                        format!("replication {replication}, policy {policy}, connector {group}/{slot}");
                    let [one, other] = [one, other].map(|told| used(told, &releases, slot));
                    compare(&one, &other, repair_alike, &what, &mut compared);
                }
            }
        }
    }
    // Some 9 connectors, 12 replications and 7 policies, with a life in three days and a release in four.
    let Compared { lives, changed, outages, updates, wide, rolled_back } = compared;
    assert!(lives > 3_000 && changed > 500 && outages > 2_000, "{compared:?}");
    assert!(updates > 1_000 && wide > 500 && rolled_back > 10, "{compared:?}");
}

/// What a connector goes through, updates left out.
fn fates(told: &Told) -> Vec<(Time, Happening)> {
    let is_fate = |what: &Happening| {
        use Happening::{Expired, Failed, Replaced, Restored};
        matches!(what, Failed { .. } | Restored { .. } | Expired { .. } | Replaced { .. })
    };
    told.happened.iter().copied().filter(|(_, what)| is_fate(what)).collect()
}

/// Without bad releases an updater has no say in who fails when, nor in who expires and is replaced. Who repairs has.
#[test]
fn without_bad_releases_failures_come_at_the_same_instants() {
    let model = fleet(0.0);
    let (last, mut fates_of_all, mut differ) = (model.policies.len() - 1, 0, 0);
    for replication in 0..REPLICATIONS {
        let of = |policy| -> Vec<_> { run(&model, policy, replication).1.iter().map(fates).collect() };
        let baseline = of(0);
        for policy in 1..last {
            assert!(of(policy) == baseline, "replication {replication}, policy {policy}");
        }
        fates_of_all += baseline.iter().map(Vec::len).sum::<usize>();
        differ += usize::from(of(last) != baseline);
    }
    assert!(fates_of_all > 1_000 && differ == REPLICATIONS as usize, "{fates_of_all} {differ}");
}

/// On bad releases the same lives are spent faster, so that instants do differ.
#[test]
fn on_bad_releases_failures_come_at_other_instants() {
    let model = fleet(0.4);
    let of = |policy| -> Vec<_> { run(&model, policy, 0).1.iter().map(fates).collect() };
    assert!(of(0) != of(3));
}
