//! The engine and the reference simulator write the same rows.
//!
//! On a mismatch the test names the seed and the first rows that differ. `TWIN_SEED=17 cargo test --test twin
//! agreement -- --nocapture` replays one seed; `TWIN_SEEDS=1000..2000` tries others.

use fleetcast::environment::demand::level::Level;
use fleetcast::recording::auditor::Auditor;
use fleetcast::recording::rows::Rows;
use fleetcast::recording::{GroupRow, SlotRow};
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{GroupDisplay, Happening, Observer, SlotDisplay};
use fleetcast::simulation::run::Replication;

use crate::{reference, swarm::scaled_swarm};

/// How many seeds are tried by default.
const SEEDS: u64 = 300;

fn seeds() -> Vec<u64> {
    let number = |text: &str| text.parse::<u64>().expect("a seed is a number");
    if let Ok(seed) = std::env::var("TWIN_SEED") {
        return vec![number(&seed)];
    }
    match std::env::var("TWIN_SEEDS") {
        Ok(range) => {
            let (from, to) = range.split_once("..").expect("TWIN_SEEDS=FROM..TO");
            (number(from)..number(to)).collect()
        }
        Err(_) => (0..SEEDS).collect(),
    }
}

/// The engine's rows, and what the auditor has against them.
fn engine(model: &Model, replication: u64) -> (Vec<SlotRow>, Vec<GroupRow>, Vec<String>) {
    let watched = Replication::new(model, 0, replication, Level::new())
        .run_all(|group| (Rows { group: group as u32, ..Rows::default() }, Auditor::new(model, 0, group)));
    let (mut slots, mut groups, mut violations) = (Vec::new(), Vec::new(), Vec::new());
    for (rows, auditor) in watched {
        slots.extend(rows.slots);
        groups.extend(rows.groups);
        violations.extend(auditor.violations().iter().cloned());
    }
    (slots, groups, violations)
}

/// The cause before is not written to any file: a change of the cause alone is no row.
fn without_cause_before(mut row: SlotRow) -> SlotRow {
    if let Some(from) = &mut row.from {
        from.cause = Default::default();
    }
    row
}

fn slot_line(row: &SlotRow) -> String {
    let told = |display: SlotDisplay| {
        let SlotDisplay { status, cause, agent, image } = display;
        format!("{} ({cause:?}) agent {agent} image {image}", status.word())
    };
    let from = row.from.map_or("nothing".into(), told);
    format!("{} ms, slot {}/{}: {from} -> {}", row.at.0, row.group, row.slot, told(row.to))
}

fn group_line(row: &GroupRow) -> String {
    let told = |display: GroupDisplay| {
        let GroupDisplay { status, warning, icon, cause } = display;
        format!("{} ({cause:?}) warning {warning} [{}]", status.word(), icon.reasons())
    };
    let from = row.from.map_or("nothing".into(), told);
    format!("{} ms, group {}: {from} -> {}", row.at.0, row.group, told(row.to))
}

/// The first difference with the rows of the same group around it.
fn difference<T: PartialEq>(what: &str, engine: &[T], twin: &[T], line: fn(&T) -> String) -> Option<String> {
    let first = (0..engine.len().max(twin.len())).find(|&index| engine.get(index) != twin.get(index))?;
    let around = |rows: &[T]| -> String {
        let (from, to) = (first.saturating_sub(3).min(rows.len()), (first + 3).min(rows.len()));
        rows[from..to].iter().map(|row| format!("    {}\n", line(row))).collect()
    };
    Some(format!(
        "{what} {first} differs ({} of the engine, {} of the twin)\n  engine:\n{}  twin:\n{}",
        engine.len(),
        twin.len(),
        around(engine),
        around(twin)
    ))
}

fn disagreement(seed: u64) -> Option<String> {
    let (model, replication) = (scaled_swarm(seed), seed % 3);
    let (slots, groups, _) = engine(&model, replication);
    let (twin_slots, twin_groups) = reference::rows(&model, 0, replication);
    let slots: Vec<SlotRow> = slots.into_iter().map(without_cause_before).collect();
    let twin_slots: Vec<SlotRow> = twin_slots.into_iter().map(without_cause_before).collect();
    difference("slot row", &slots, &twin_slots, slot_line)
        .or_else(|| difference("group row", &groups, &twin_groups, group_line))
}

fn objection(seed: u64) -> Option<String> {
    let (_, _, violations) = engine(&scaled_swarm(seed), seed % 3);
    violations.first().map(|first| format!("{first} (the first of {})", violations.len()))
}

/// Fails with the first three seeds of which `wrong` has something to say.
fn try_seeds(wrong: impl Fn(u64) -> Option<String>) {
    let found: Vec<(u64, String)> =
        seeds().into_iter().filter_map(|seed| wrong(seed).map(|text| (seed, text))).collect();
    let first: Vec<String> = found
        .iter()
        .take(3)
        .map(|(seed, text)| format!("seed {seed} (replay: TWIN_SEED={seed}): {text}\n"))
        .collect();
    assert!(found.is_empty(), "{} seeds are wrong; the first:\n{}", found.len(), first.concat());
}

#[test]
fn engine_and_twin_write_the_same_rows() {
    try_seeds(disagreement);
}

#[test]
fn the_auditor_has_nothing_against_the_engine() {
    try_seeds(objection);
}

/// What rings and administrators do, counted.
#[derive(Default)]
struct Deeds {
    disabled: usize,
    enabled: usize,
    revoked: usize,
    deleted: usize,
    rotated: usize,
    begun: usize,
    held: usize,
    opened: usize,
    rolled_back: usize,
    returned: usize,
    skipped: usize,
}

impl Observer for Deeds {
    fn happened(&mut self, _at: fleetcast::time::Time, what: Happening) {
        match what {
            Happening::RolloutBegan { .. } => self.begun += 1,
            Happening::GateHolds { holds: true, .. } => self.held += 1,
            Happening::GateHolds { .. } => self.opened += 1,
            Happening::RolledBack { .. } => self.rolled_back += 1,
            Happening::Returned { .. } => self.returned += 1,
            Happening::Skipped { .. } => self.skipped += 1,
            Happening::Admitted { enabled: false, .. } | Happening::GroupAdmitted { enabled: false } => {
                self.disabled += 1;
            }
            Happening::Admitted { .. } | Happening::GroupAdmitted { .. } => self.enabled += 1,
            Happening::Revoked { .. } => self.revoked += 1,
            Happening::Deleted { .. } => self.deleted += 1,
            Happening::KeyRotated => self.rotated += 1,
            _ => {}
        }
    }
}

/// That engine and twin agree on rings says something only if the models have each thing that rings do, many times.
#[test]
fn the_random_models_reach_everything_that_rings_do() {
    let mut all = Deeds::default();
    for seed in 0..2 * SEEDS {
        let model = scaled_swarm(seed);
        if model.policies[0].upgrade.rings.is_none() {
            continue;
        }
        for of in Replication::new(&model, 0, seed % 3, Level::new()).run_all(|_| Deeds::default()) {
            all.begun += of.begun;
            all.held += of.held;
            all.opened += of.opened;
            all.rolled_back += of.rolled_back;
            all.returned += of.returned;
            all.skipped += of.skipped;
        }
    }
    let counts = [all.begun, all.held, all.opened, all.rolled_back, all.returned, all.skipped];
    assert!(counts.iter().all(|&count| count >= 10), "{counts:?}");
}

/// The same of administrative actions.
#[test]
fn the_random_models_reach_every_administrative_action() {
    let mut all = [0; 5];
    for seed in 0..SEEDS {
        let model = scaled_swarm(seed);
        for of in Replication::new(&model, 0, seed % 3, Level::new()).run_all(|_| Deeds::default()) {
            let of = [of.disabled, of.enabled, of.revoked, of.deleted, of.rotated];
            all.iter_mut().zip(of).for_each(|(sum, count)| *sum += count);
        }
    }
    assert!(all.iter().all(|&count| count >= 20), "{all:?}");
}
