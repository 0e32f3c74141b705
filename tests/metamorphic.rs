//! What must not change a result, on random small models: the order of groups, the company they keep, the number of
//! threads, the instruction set, what comes after. And what must hold within every result.
//!
//! Nothing here is a matter of chance beyond the choice of models: the same seeds give the same models always, and
//! every comparison is exact. A failure names its seed.

#![allow(clippy::unwrap_used)]

#[path = "support/builder.rs"]
mod builder;
#[path = "support/swarm.rs"]
mod swarm;

use std::io;

use fleetcast::control::Service;
use fleetcast::control::rings::Members;
use fleetcast::environment::demand::level::{self, Level};
use fleetcast::environment::failure::Place;
use fleetcast::experiment::{Batch, Progress, Records, Selection, Sink, execute};
use fleetcast::fleet::{GroupStatus, Status};
use fleetcast::random::{Entity, Variate};
use fleetcast::recording::rows::{self, Rows};
use fleetcast::recording::tally::Tallier;
use fleetcast::recording::{GroupRow, GroupTally, SlotRow};
use fleetcast::simulation::Model;
use fleetcast::simulation::run::Replication;
use fleetcast::time::{HOUR, Time};
use hdrhistogram::Histogram;

/// Random models whose groups do not meet.
fn uncoupled(seeds: u64) -> impl Iterator<Item = (u64, Model)> {
    (0..seeds).map(|seed| {
        let mut model = swarm::swarm(10_000 + seed);
        let delay = Service::After(Variate::exponential(4.0 * HOUR.0 as f64).unwrap());
        let policy = &mut model.policies[0];
        policy.upgrade.max_groups_at_once = None;
        policy.upgrade.rings = None;
        for service in [&mut policy.repair, &mut policy.replacement] {
            if service.is_shared() {
                *service = delay.clone();
            }
        }
        (10_000 + seed, model)
    })
}

/// The rows of a group, wherever it stands in the fleet.
fn anonymous(rows: &Rows) -> Rows {
    let mut rows = Rows { group: 0, ..rows.clone() };
    rows.slots.iter_mut().for_each(|row| row.group = 0);
    rows.groups.iter_mut().for_each(|row| row.group = 0);
    rows
}

fn rows_of(model: &Model) -> Vec<Rows> {
    rows::of_replication(model, 0, 0).iter().map(anonymous).collect()
}

fn tallies_of(model: &Model, level: Level) -> Vec<GroupTally> {
    let replication = Replication::new(model, 0, 0, level);
    replication
        .run_all(|group| Tallier::new(model, group, 0.999, level))
        .into_iter()
        .map(Tallier::tally)
        .collect()
}

fn texts(tallies: &[GroupTally]) -> Vec<String> {
    tallies.iter().map(|tally| format!("{tally:?}")).collect()
}

/// The model with only the groups `chosen`, in that order. What was meant for the others strikes nobody.
fn with_groups(model: &Model, chosen: &[usize]) -> Model {
    let mut part = model.clone();
    part.fleet.groups = chosen.iter().map(|&group| model.fleet.groups[group].clone()).collect();
    let new_index = |old: usize| chosen.iter().position(|&group| group == old);
    let moved = |place: Place| match place {
        Place::Group(group) => new_index(group).map(Place::Group),
        Place::Connector(group, slot) => new_index(group).map(|group| Place::Connector(group, slot)),
        place => Some(place),
    };
    for class in &mut part.environment.failures {
        class.places = moved(class.places).unwrap_or(Place::Group(usize::MAX));
        class.schedule.retain(|outage| moved(outage.place).is_some());
        class.schedule.iter_mut().for_each(|outage| outage.place = moved(outage.place).unwrap());
    }
    for policy in &mut part.policies {
        if let Some(schedule) = &mut policy.upgrade.hours {
            schedule.of_group = chosen.iter().map(|&group| schedule.of_group[group]).collect();
        }
        for ring in policy.upgrade.rings.iter_mut().flat_map(|rings| &mut rings.rings) {
            if let Members::Groups(which) = &mut ring.members {
                *which = chosen.iter().map(|&group| which[group]).collect();
            }
        }
    }
    let faults = &mut part.environment.releases.faults;
    faults.retain(|fault| new_index(fault.group).is_some());
    faults.iter_mut().for_each(|fault| fault.group = new_index(fault.group).unwrap());
    part
}

/// Random models whose groups meet in rings only, and not by their order: without a limit on how many begin.
fn in_rings(seeds: u64) -> impl Iterator<Item = (u64, Model)> {
    uncoupled(seeds).filter_map(|(seed, mut model)| {
        let mut rings = swarm::swarm(seed).policies[0].upgrade.rings.clone()?;
        rings.rate = None;
        model.policies[0].upgrade.rings = Some(rings);
        Some((seed, model))
    })
}

#[test]
fn permuting_groups_permutes_results() {
    for (seed, model) in uncoupled(80).chain(in_rings(80)) {
        let n = model.fleet.groups.len();
        let (rows, tallies) = (rows_of(&model), texts(&tallies_of(&model, Level::new())));
        let reversed: Vec<usize> = (0..n).rev().collect();
        let rotated: Vec<usize> = (0..n).map(|group| (group + 1) % n).collect();
        for order in [reversed, rotated] {
            let permuted = with_groups(&model, &order);
            let (new_rows, new_tallies) = (rows_of(&permuted), texts(&tallies_of(&permuted, Level::new())));
            for (new, &old) in order.iter().enumerate() {
                assert!(new_rows[new] == rows[old], "seed {seed}: the rows of group {old}");
                assert_eq!(new_tallies[new], tallies[old], "seed {seed}: the tally of group {old}");
            }
        }
    }
}

#[test]
fn a_fleet_in_two_parts_lives_as_it_does_in_one() {
    for (seed, model) in uncoupled(80) {
        let n = model.fleet.groups.len();
        let (even, odd): (Vec<usize>, Vec<usize>) = (0..n).partition(|group| group % 2 == 0);
        let rows = rows_of(&model);
        for part in [even, odd] {
            let alone = rows_of(&with_groups(&model, &part));
            let together: Vec<&Rows> = part.iter().map(|&group| &rows[group]).collect();
            assert!(alone.iter().collect::<Vec<_>>() == together, "seed {seed}: groups {part:?}");
        }
    }
}

/// The future does not reach back: with a horizon twice as far, what happens below the old one is the same.
#[test]
fn a_longer_run_begins_like_a_shorter_one() {
    for seed in 20_000..20_080 {
        let model = swarm::swarm(seed);
        let mut longer = model.clone();
        longer.horizon = Time(2 * model.horizon.0);
        let ticks = longer.ticks.before(longer.horizon);
        for series in &mut longer.environment.demands {
            let known = series.shape.len();
            series.shape.extend((known..ticks).map(|tick| (tick % 7) as f32 * 50.0));
        }
        let before_slots = |row: &SlotRow| row.at < model.horizon;
        let before_groups = |row: &GroupRow| row.at < model.horizon;
        for (short, mut long) in rows_of(&model).into_iter().zip(rows_of(&longer)) {
            long.slots.retain(before_slots);
            long.groups.retain(before_groups);
            assert!(short == long, "seed {seed}");
        }
    }
}

/// Every group so many times, under new names.
fn multiplied(mut model: Model, times: usize) -> Model {
    let originals = model.fleet.groups.clone();
    for copy in 1..times {
        for group in &originals {
            let mut group = group.clone();
            group.name = format!("{}-{copy}", group.name);
            group.entity = Entity::named("group", &group.name);
            for (ordinal, slot) in group.slots.iter_mut().enumerate() {
                slot.entity = Entity::named("slot", &format!("{}/{ordinal}", group.name));
            }
            model.fleet.groups.push(group);
        }
    }
    for policy in &mut model.policies {
        for service in [&mut policy.repair, &mut policy.replacement] {
            if let Service::Crews(crews) = service {
                *crews = crews.repeat(times);
            }
        }
        if let Some(schedule) = &mut policy.upgrade.hours {
            schedule.of_group = schedule.of_group.repeat(times);
        }
    }
    model
}

/// Keeps what it is given.
#[derive(Default)]
struct Given(Vec<(u64, Rows)>);

impl Sink for Given {
    fn rows(&mut self, replication: u64, rows: &Rows) -> io::Result<()> {
        self.0.push((replication, rows.clone()));
        Ok(())
    }

    fn violations(&mut self, replication: u64, found: &[String]) -> io::Result<()> {
        panic!("replication {replication}: {found:?}");
    }
}

fn everything() -> Records {
    let all = Selection { replications: None, groups: None };
    Records {
        transitions: all.clone(),
        group_status: all.clone(),
        cpu_load: all,
        bucket: HOUR,
        overview_every: HOUR,
        objective: 0.999,
        audit: true,
    }
}

fn executed(model: &Model, threads: usize) -> (Batch, Vec<(u64, Rows)>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut given = Given::default();
    let run = || execute(model, 0, 0..3, &everything(), &mut given, &Progress::default());
    let batch = pool.install(run).unwrap().expect("nobody interrupts");
    // Replications may come in any order, groups within one may not.
    given.0.sort_by_key(|(replication, _)| *replication);
    (batch, given.0)
}

/// All that came of a batch. A histogram remembers how it was merged in fields of its own that no result shows, so of
/// one only what it counted is taken.
fn described(mut batch: Batch) -> String {
    let mut spread = Vec::new();
    for rollout in batch.replications.iter_mut().flat_map(|replication| &mut replication.rollouts) {
        let reached = rollout.reached.iter_recorded();
        let counts: Vec<(u64, u32)> =
            reached.map(|step| (step.value_iterated_to(), step.count_at_value())).collect();
        spread.push((counts, rollout.reached.max()));
        rollout.reached = Histogram::new(3).unwrap();
    }
    format!("{batch:?} {spread:?}")
}

fn is_the_same_on_any_number_of_threads(model: &Model, seed: u64) {
    let (one, rows) = executed(model, 1);
    let one = described(one);
    let order: Vec<(u64, u32)> = rows.iter().map(|(replication, rows)| (*replication, rows.group)).collect();
    assert!(order.is_sorted(), "seed {seed}: rows in order");
    for threads in [2, 7] {
        let (many, many_rows) = executed(model, threads);
        assert!(described(many) == one, "seed {seed}: outcomes of {threads} threads");
        assert!(many_rows == rows, "seed {seed}: rows of {threads} threads");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for (seed, model) in uncoupled(6) {
        is_the_same_on_any_number_of_threads(&multiplied(model, 40), seed);
    }
}

#[test]
fn the_number_of_threads_changes_nothing_where_groups_meet() {
    for seed in 30_000..30_006 {
        let mut model = multiplied(swarm::swarm(seed), 8);
        model.policies[0].upgrade.max_groups_at_once = Some(2);
        is_the_same_on_any_number_of_threads(&model, seed);
    }
}

#[test]
fn every_instruction_set_gives_the_same_rows_and_tallies() {
    for (seed, model) in uncoupled(40) {
        let observed = |level: Level| {
            let replication = Replication::new(&model, 0, 1, level);
            let new = |group| {
                (Rows { group: group as u32, ..Rows::default() }, Tallier::new(&model, group, 0.999, level))
            };
            let (rows, talliers): (Vec<_>, Vec<_>) = replication.run_all(new).into_iter().unzip();
            (rows, texts(&talliers.into_iter().map(Tallier::tally).collect::<Vec<_>>()))
        };
        let (rows, tallies) = observed(Level::new());
        for (name, level) in level::all() {
            let (forced_rows, forced_tallies) = observed(level);
            assert!(forced_rows == rows, "seed {seed}: rows at {name}");
            assert_eq!(forced_tallies, tallies, "seed {seed}: tallies at {name}");
        }
    }
}

#[test]
fn tallies_merge_in_any_order() {
    for (seed, model) in uncoupled(40) {
        let tallies = tallies_of(&model, Level::new());
        let merged = |order: &mut dyn Iterator<Item = &GroupTally>| {
            let mut sum = GroupTally::default();
            order.for_each(|tally| sum.merge(tally));
            format!("{sum:?}")
        };
        assert_eq!(merged(&mut tallies.iter()), merged(&mut tallies.iter().rev()), "seed {seed}");
    }
}

/// At every sampling instant each connector and each group has exactly one status.
#[test]
fn the_overview_counts_everybody_once() {
    for (seed, model) in uncoupled(40) {
        let slots: usize = model.fleet.groups.iter().map(|group| group.slots.len()).sum();
        let groups = model.fleet.groups.len();
        let (batch, _) = executed(&model, 2);
        for replication in &batch.replications {
            let samples = (model.horizon.0 as u64).div_ceil(HOUR.0 as u64) as usize;
            assert_eq!(replication.overview.rows.len(), samples);
            for (sample, row) in replication.overview.rows.iter().enumerate() {
                let sum = |columns: std::ops::Range<usize>| row[columns].iter().sum::<i32>() as usize;
                assert_eq!(sum(0..8), slots, "seed {seed}: connectors at sample {sample}");
                assert_eq!(sum(8..13), groups, "seed {seed}: groups at sample {sample}");
                assert_eq!(row[12], row[13], "seed {seed}: the tile shows disconnected groups");
                assert!(row.iter().all(|count| *count >= 0), "seed {seed}: {row:?}");
            }
        }
    }
}

/// The overview at a sampling instant is what the rows up to and at that instant say.
#[test]
fn the_overview_agrees_with_the_rows() {
    for (seed, model) in uncoupled(20) {
        let (batch, rows) = executed(&model, 2);
        for replication in &batch.replications {
            let own = || rows.iter().filter(|(index, _)| *index == replication.replication);
            for (sample, row) in replication.overview.rows.iter().enumerate() {
                let at = replication.overview.at(sample);
                let expired: usize = own().map(|(_, rows)| standing(rows, at, Status::Expired)).sum();
                let connected: usize = own().map(|(_, rows)| standing(rows, at, Status::Connected)).sum();
                assert_eq!((row[0] as usize, row[4] as usize), (connected, expired), "seed {seed} at {at:?}");
            }
        }
    }
}

/// How many slots stand in `status` at `at` by their rows.
fn standing(rows: &Rows, at: Time, status: Status) -> usize {
    let slots = rows.slots.iter().filter(|row| row.at == Time::ZERO).count() as u32;
    let last = |slot: u32| rows.slots.iter().rev().find(|row| row.slot == slot && row.at <= at).unwrap();
    (0..slots).filter(|&slot| last(slot).to.status == status).count()
}

/// Connector-milliseconds in one of `statuses`, by the rows.
fn time_in(rows: &Rows, statuses: &[Status], horizon: Time) -> i64 {
    let until_next = |index: usize| {
        let row = &rows.slots[index];
        let next = rows.slots[index + 1..].iter().find(|later| later.slot == row.slot);
        (next.map_or(horizon, |next| next.at) - row.at).0
    };
    let within = |index: &usize| statuses.contains(&rows.slots[*index].to.status);
    (0..rows.slots.len()).filter(within).map(until_next).sum()
}

/// The parts of a tally add up, and what can be told from the rows is the same in both.
#[test]
fn tallies_are_consistent_in_themselves_and_with_the_rows() {
    for (seed, model) in uncoupled(120) {
        let rows = rows_of(&model);
        for ((tally, rows), group) in
            tallies_of(&model, Level::new()).iter().zip(&rows).zip(&model.fleet.groups)
        {
            let all = group.slots.len() as i64 * model.horizon.0;
            within_bounds(tally, all, &model, seed);
            told_by_rows(tally, rows, group.resources > 0, &model, seed);
        }
    }
}

fn within_bounds(tally: &GroupTally, all: i64, model: &Model, seed: u64) {
    let horizon = model.horizon.0;
    let ordered = [
        ("served", 0, tally.served, tally.meant),
        ("meant", 0, tally.meant, all),
        ("group_served", 0, tally.group_served, tally.group_meant),
        ("group_meant", 0, tally.group_meant, horizon),
        ("existing", tally.served, tally.existing, all),
        ("version_skew", 0, tally.version_skew, tally.existing),
        ("vulnerable", 0, tally.vulnerable, tally.existing),
        ("longest_outage", 0, tally.longest_outage, horizon),
        ("longest_overload", 0, tally.longest_overload, horizon),
    ];
    for (what, least, value, most) in ordered {
        assert!(least <= value && value <= most, "seed {seed}: {what} {value} in {least}..={most}");
    }
    let counts = [
        ("overloaded_ticks", tally.overloaded_ticks, tally.meant_ticks),
        ("meant_ticks", tally.meant_ticks, tally.ticks),
        ("cpu_ticks", tally.cpu_ticks, tally.ticks),
        ("demand_ticks", tally.demand_ticks, tally.ticks),
        ("replaced", tally.replaced, tally.expired),
        ("halts", tally.halts, tally.update_failures),
        ("stuck_groups", tally.stuck_groups, tally.halts.min(1)),
        ("broken_months", tally.broken_months, tally.months),
    ];
    for (what, part, whole) in counts {
        assert!(part <= whole, "seed {seed}: {what} {part} of {whole}");
    }
    assert!(0 <= tally.unserved_users && tally.unserved_users <= tally.demand_users, "seed {seed}");
    assert_eq!(tally.duration, horizon, "seed {seed}");
    assert_eq!(tally.overloaded, tally.overloaded_ticks as i64 * model.ticks.length.0, "seed {seed}");
    assert_eq!(tally.ticks, model.ticks.before(model.horizon) as u64, "seed {seed}");
    assert_eq!(tally.load.cpu().total(), tally.cpu_ticks, "seed {seed}");
    assert_eq!(tally.load.demand().total(), tally.demand_ticks, "seed {seed}");
    assert_eq!(tally.longest_outage > 0, tally.outages > 0, "seed {seed}");
    for (number, longest, lengths) in [
        (tally.outages, tally.longest_outage, &tally.outage_lengths),
        (tally.overload_episodes, tally.longest_overload, &tally.overload_lengths),
    ] {
        let total = lengths.total().0;
        assert_eq!(lengths.episodes(), number, "seed {seed}: every episode has a length");
        assert!(longest <= total && total <= number as i64 * longest, "seed {seed}: {total} ms in {number}");
    }
}

fn told_by_rows(tally: &GroupTally, rows: &Rows, has_resource: bool, model: &Model, seed: u64) {
    let serving: &[Status] = if model.environment.updates.serve_while_updating {
        &[Status::Connected, Status::Updating]
    } else {
        &[Status::Connected]
    };
    let served = if has_resource { time_in(rows, serving, model.horizon) } else { 0 };
    assert_eq!(tally.served, served, "seed {seed}: time served");
    let missing = time_in(rows, &[Status::Deleted], model.horizon);
    let all = time_in(rows, &Status::ALL, model.horizon);
    assert_eq!(tally.existing, all - missing, "seed {seed}: time in existence");
    let expired = rows.slots.iter().filter(|row| row.to.status == Status::Expired).count() as u64;
    assert_eq!(tally.expired, expired, "seed {seed}: expired");
    let begins =
        |row: &&GroupRow, status| row.to.status == status && row.from.map(|from| from.status) != Some(status);
    let begun = |status| rows.groups.iter().filter(|row| begins(row, status)).count() as u64;
    assert_eq!(tally.outages, begun(GroupStatus::Disconnected), "seed {seed}: outages");
    // A tick comes last in its instant: it stands under the status that the instant ends with.
    let ends = rows.groups.iter().skip(1).map(|row| row.at).chain([model.horizon]);
    let ticks = |(row, end): (&GroupRow, Time)| match row.to.status.receives_demand() {
        true => model.ticks.before(end) - model.ticks.before(row.at),
        false => 0,
    };
    let received: usize = rows.groups.iter().zip(ends).map(ticks).sum();
    assert_eq!(tally.demand_ticks, received as u64, "seed {seed}: ticks with demand");
    assert_eq!(tally.overload_episodes, begun(GroupStatus::Overloaded), "seed {seed}: episodes");
    let ends = rows.groups.iter().skip(1).map(|row| row.at).chain([model.horizon]);
    let spans: Vec<_> = rows.groups.iter().zip(ends).collect();
    let time = |status| {
        let within = spans.iter().filter(|(row, _)| row.to.status == status);
        within.map(|(row, end)| (*end - row.at).0).sum::<i64>()
    };
    let told = [&tally.outage_lengths, &tally.overload_lengths].map(|lengths| lengths.total().0);
    assert_eq!(told, [GroupStatus::Disconnected, GroupStatus::Overloaded].map(time), "seed {seed}: lengths");
}
