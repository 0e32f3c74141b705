//! `fleetcast replay`: one connector's or group's life in a replication of earlier results.
//!
//! Nothing is looked up in result files: the group is simulated again from the scenario beside them, which gives the
//! same rows because draws are keyed by names, whatever was recorded the first time.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use fearless_simd::Level;

use super::CliError;
use super::args::ReplayOptions;
use super::output::print;
use super::run::policy_index;
use crate::files::write_whole;
use crate::fleet::Status;
use crate::recording::SlotRow;
use crate::recording::rows::Rows;
use crate::report::life::Life;
use crate::report::picture;
use crate::report::subject::Subject;
use crate::results::{Kind, Results};
use crate::scenario::Study;
use crate::simulation::observer::{Happening, Observer};
use crate::simulation::run::Replication;
use crate::time::Time;

/// The command.
pub(super) fn replay(options: &ReplayOptions) -> Result<ExitCode, CliError> {
    let Results { study, manifest, .. } = Results::open(&options.results)?;
    if let Some(refusal) = many_lives(manifest.kind()) {
        return Err(CliError::Usage(format!("{} {refusal}", options.results.display())));
    }
    let policy =
        policy_index(&study, options.policy.as_deref().or(manifest.policies.first().map(String::as_str)))?;
    if options.replication >= manifest.replications {
        return Err(CliError::Usage(format!(
            "there is no replication {}; the results have 0 to {}",
            options.replication,
            manifest.replications.saturating_sub(1)
        )));
    }
    let (group, slot) = whose(&study, options)?;
    let (mut rows, mut happened) = simulated(&study, policy, options.replication, group);
    let subject = Subject::of(&study);
    let (causes, dates) = (study.causes(), subject.local_dates(group));
    let name = &study.model.fleet.groups[group].name;
    if let Some(path) = &options.svg {
        let policy = &study.model.policies[policy].name;
        let of = format!("{}, policy {policy}, replication {}", study.name, options.replication);
        let svg = picture::gantt::gantt(&dates, &rows, (Time::ZERO, study.model.horizon), name, &of);
        write_whole(path, svg.as_bytes())?;
    }
    if !options.why {
        happened.0.retain(|(_, what)| !matches!(what, Happening::Held { .. }));
    }
    if slot.is_none() {
        say_once(&mut rows, &mut happened);
    }
    let life = Life {
        group: name,
        rows: &rows,
        happened: &happened.0,
        causes: &causes,
        horizon: study.model.horizon,
        dates: &dates,
    };
    print(&slot.map_or_else(|| life.group(), |slot| life.connector(slot)))?;
    Ok(ExitCode::SUCCESS)
}

/// Why results of this kind have more than one life to tell of a group, and how to get at one of them.
fn many_lives(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Runs => None,
        Kind::Plan => Some(
            "holds a plan, which tries many sizes; simulate the size with `fleetcast run` and --set \
             fleet.groups.NAME.connectors=N, and replay that",
        ),
        Kind::Sweep => Some(
            "holds a sweep, which has many scenarios; simulate the point with `fleetcast run` and --set, and replay that",
        ),
    }
}

/// Group and slot that the options name.
fn whose(study: &Study, options: &ReplayOptions) -> Result<(usize, Option<usize>), CliError> {
    let (name, slot) = match (&options.connector, &options.group) {
        (Some(connector), _) => {
            let parts = connector.rsplit_once('/');
            let parts = parts.and_then(|(group, slot)| Some((group, Some(slot.parse::<usize>().ok()?))));
            parts.ok_or_else(|| {
                let group = nearest(study, connector.split('/').next().unwrap_or(connector));
                CliError::Usage(format!(
                    "`{connector}` is no connector: give group/ordinal, for instance {group}/0"
                ))
            })?
        }
        (None, Some(group)) => (group.as_str(), None),
        (None, None) => return Err(CliError::Usage("give --connector or --group".to_owned())),
    };
    let groups = &study.model.fleet.groups;
    let Some(index) = groups.iter().position(|group| group.name == name) else {
        let near = nearest(study, name);
        return Err(CliError::Usage(format!("there is no group `{name}`; did you mean `{near}`?")));
    };
    let slots = groups[index].slots.len();
    match slot {
        Some(slot) if slot >= slots => Err(CliError::Usage(format!(
            "group `{name}` has connectors {name}/0 to {name}/{}, not {name}/{slot}",
            slots.saturating_sub(1)
        ))),
        _ => Ok((index, slot)),
    }
}

/// The name of the group that is most like `name`: least edits, of equals the first in the scenario.
fn nearest<'s>(study: &'s Study, name: &str) -> &'s str {
    let edits = |group: &&str| strsim::osa_distance(&group.to_lowercase(), &name.to_lowercase());
    let groups = study.model.fleet.groups.iter().map(|group| group.name.as_str());
    groups.min_by_key(edits).unwrap_or_default()
}

/// Leaves out what a line of a group's life would say twice: of an outage and an expiry the change of status stays, which
/// names the cause; of an update what happened stays, which names the release.
fn say_once(rows: &mut Rows, happened: &mut Happened) {
    let changes: BTreeMap<(Time, usize), SlotRow> = rows
        .slots
        .iter()
        .filter(|row| row.from.is_some_and(|from| from.status != row.to.status))
        .map(|row| ((row.at, row.slot as usize), *row))
        .collect();
    let mut updates = BTreeSet::new();
    happened.0.retain(|&(at, what)| {
        let change = |slot: usize| changes.get(&(at, slot));
        match what {
            Happening::UpdateStarted { slot, .. }
            | Happening::UpdateSucceeded { slot, .. }
            | Happening::Returned { slot, .. }
            | Happening::UpdateFailed { slot, .. } => {
                updates.insert((at, slot));
                true
            }
            Happening::Failed { slot, cause } => change(slot).is_none_or(|row| row.to.cause != cause),
            Happening::Restored { slot, cause } => {
                change(slot).and_then(|row| row.from).is_none_or(|from| from.cause != cause)
            }
            Happening::Expired { slot } => change(slot).is_none_or(|row| row.to.status != Status::Expired),
            _ => true,
        }
    });
    rows.slots.retain(|row| {
        let statuses = (row.from.map(|from| from.status), row.to.status);
        let of_update = matches!(
            statuses,
            (Some(Status::Connected), Status::Updating) | (Some(Status::Updating), Status::Connected)
        );
        !(of_update && updates.contains(&(row.at, row.slot as usize)))
    });
}

/// What happened, in order.
#[derive(Default)]
struct Happened(Vec<(Time, Happening)>);

impl Observer for Happened {
    const WATCHES_DECISIONS: bool = true;

    fn happened(&mut self, at: Time, what: Happening) {
        self.0.push((at, what));
    }
}

/// The rows of one group and what happened in it. Where groups meet, all are simulated.
fn simulated(study: &Study, policy: usize, replication: u64, group: usize) -> (Rows, Happened) {
    let run = Replication::new(&study.model, policy, replication, Level::new());
    let watch = || (Rows { group: group as u32, ..Rows::default() }, Happened::default());
    if !study.model.policies[policy].couples_groups() {
        return run.run_group(group, watch());
    }
    let all = run.run_all(|index| (index == group).then(watch));
    all.into_iter().nth(group).flatten().unwrap_or_default()
}
