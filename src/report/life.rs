//! The life of a connector or a group, line by line, with causes.
//!
//! A line is an instant: what happened in it, the displayed status before and after, the cause, the versions, and how
//! long that stood. Sums by status end the table; they add up to the whole run.

use std::collections::BTreeMap;

use super::duration;
use super::picture::axis::{Dates, plain};
use crate::control::crew::TaskKind;
use crate::fleet::{GroupStatus, Status};
use crate::recording::rows::Rows;
use crate::recording::{GroupRow, SlotRow};
use crate::simulation::observer::{Happening, Unfinished};
use crate::time::Time;

/// A group watched through one replication.
#[derive(Clone, Debug)]
pub struct Life<'a> {
    /// The group's name.
    pub group: &'a str,
    /// Its rows.
    pub rows: &'a Rows,
    /// What happened in it, in order.
    pub happened: &'a [(Time, Happening)],
    /// The cause labels of failure classes.
    pub causes: &'a [String],
    /// End of the run.
    pub horizon: Time,
    /// Local time of its site.
    pub dates: &'a Dates,
}

/// A line of the table.
struct Line {
    at: Time,
    status: String,
    cause: String,
    versions: String,
    stood: String,
    what: Vec<String>,
}

impl Life<'_> {
    /// The life of the connector in `slot`.
    pub fn connector(&self, slot: usize) -> String {
        let rows: Vec<&SlotRow> = self.rows.slots.iter().filter(|row| row.slot as usize == slot).collect();
        let mut lines = BTreeMap::new();
        let mut sums = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            let until = rows.get(index + 1).map_or(self.horizon, |next| next.at);
            *sums.entry(std::cmp::Reverse(row.to.status)).or_insert(0) += (until - row.at).0;
            lines.insert(row.at, self.slot_line(row, until));
        }
        self.tell(&mut lines, |what| slot_of(what).is_none_or(|of| of == slot));
        let sums = sums.into_iter().map(|(status, sum)| (status.0.word(), sum)).collect();
        self.text(&format!("{}/{slot}", self.group), lines, sums)
    }

    /// The life of the group.
    pub fn group(&self) -> String {
        let rows = &self.rows.groups;
        let mut lines = BTreeMap::new();
        let mut sums = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            let until = rows.get(index + 1).map_or(self.horizon, |next| next.at);
            *sums.entry(std::cmp::Reverse(row.to.status)).or_insert(0) += (until - row.at).0;
            lines.insert(row.at, self.group_line(row, until));
        }
        for row in &self.rows.slots {
            if let Some(from) = row.from.filter(|from| from.status != row.to.status) {
                let cause = row.to.cause.label(self.causes);
                let because = if cause.is_empty() { String::new() } else { format!(" ({cause})") };
                let what =
                    format!("slot {}: {} → {}{because}", row.slot, from.status.word(), row.to.status.word());
                lines.entry(row.at).or_insert_with(|| Line::at(row.at)).what.push(what);
            }
        }
        self.tell(&mut lines, |_| true);
        let sums = sums.into_iter().map(|(status, sum)| (status.0.word(), sum)).collect();
        self.text(self.group, lines, sums)
    }

    fn slot_line(&self, row: &SlotRow, until: Time) -> Line {
        Line {
            status: change(row.from.map(|from| from.status), row.to.status, Status::word),
            cause: row.to.cause.label(self.causes).to_owned(),
            versions: format!("{}/{}", row.to.agent, row.to.image),
            stood: duration(until - row.at),
            ..Line::at(row.at)
        }
    }

    fn group_line(&self, row: &GroupRow, until: Time) -> Line {
        let mut line = Line {
            status: change(row.from.map(|from| from.status), row.to.status, GroupStatus::word),
            cause: row.to.cause.label(self.causes).to_owned(),
            versions: row.to.icon.word().to_owned(),
            stood: duration(until - row.at),
            ..Line::at(row.at)
        };
        let warned = row.from.is_some_and(|from| from.warning);
        if row.to.warning != warned {
            line.what.push(if row.to.warning { "warning" } else { "warning ends" }.to_owned());
        }
        let icon = row.from.map(|from| from.icon).unwrap_or_default();
        if row.to.icon != icon && !row.to.icon.reasons().is_empty() {
            line.what.push(row.to.icon.reasons().replace(';', ", "));
        }
        line
    }

    /// Puts what happened on the lines of its instants.
    fn tell(&self, lines: &mut BTreeMap<Time, Line>, concerns: impl Fn(&Happening) -> bool) {
        for (at, what) in self.happened.iter().filter(|(_, what)| concerns(what)) {
            let words = words(what, *at, self.causes);
            lines.entry(*at).or_insert_with(|| Line::at(*at)).what.push(words);
        }
    }

    fn text(&self, name: &str, lines: BTreeMap<Time, Line>, sums: Vec<(&str, i64)>) -> String {
        let count = lines.len();
        let mut text = format!("{name}, times in {}\n\n", self.dates.zone_name());
        let row = |at: &str, status: &str, cause: &str, versions: &str, stood: &str, what: &str| {
            let line = format!("{at:<19}  {status:<27}  {cause:<16}  {versions:<7}  {stood:>9}  {what}");
            format!("{}\n", line.trim_end())
        };
        let versions = if name == self.group { "icon" } else { "ag/im" };
        text.push_str(&row("time", "status", "cause", versions, "stood", "what happened"));
        for line in lines.into_values() {
            let at = plain(&self.dates.local(line.at));
            let what = line.what.join("; ");
            text.push_str(&row(&at, &line.status, &line.cause, &line.versions, &line.stood, &what));
        }
        text.push_str(&format!("\n{count} instants. Time by status:\n"));
        for (status, sum) in sums {
            let share = 100.0 * sum as f64 / self.horizon.0.max(1) as f64;
            let sum = duration(crate::time::Span(sum));
            text.push_str(&format!("  {status:<15} {sum:>10}  {share:8.4} %\n"));
        }
        text
    }
}

impl Line {
    fn at(at: Time) -> Line {
        let nothing = String::new;
        Line {
            at,
            status: nothing(),
            cause: nothing(),
            versions: nothing(),
            stood: nothing(),
            what: Vec::new(),
        }
    }
}

fn change<S: PartialEq + Copy>(from: Option<S>, to: S, word: impl Fn(S) -> &'static str) -> String {
    match from {
        Some(from) if from != to => format!("{} → {}", word(from), word(to)),
        _ => word(to).to_owned(),
    }
}

/// The slot that a happening is about; `None` if it is about the group.
fn slot_of(what: &Happening) -> Option<usize> {
    match *what {
        Happening::SessionsDropped { slot, .. }
        | Happening::UpdateStarted { slot, .. }
        | Happening::UpdateSucceeded { slot, .. }
        | Happening::UpdateFailed { slot, .. }
        | Happening::UpdateAborted { slot, .. }
        | Happening::RepairOpened { slot }
        | Happening::Failed { slot, .. }
        | Happening::Restored { slot, .. }
        | Happening::Expired { slot }
        | Happening::Revoked { slot }
        | Happening::Deleted { slot }
        | Happening::Enabled { slot }
        | Happening::Disabled { slot }
        | Happening::RanBadRelease { slot, .. }
        | Happening::Passed { slot, .. }
        | Happening::NotPassed { slot, .. }
        | Happening::Ordered { slot, .. }
        | Happening::Added { slot }
        | Happening::Draining { slot }
        | Happening::Recalled { slot }
        | Happening::Removed { slot, .. }
        | Happening::LeftBadRelease { slot, .. }
        | Happening::Returned { slot, .. }
        | Happening::Replaced { slot } => Some(slot),
        Happening::TaskOpened { job }
        | Happening::TaskBegun { job, .. }
        | Happening::TaskClosed { job, .. } => Some(job.slot),
        Happening::Published { .. }
        | Happening::Held { .. }
        | Happening::RolloutBegan { .. }
        | Happening::GateHolds { .. }
        | Happening::Skipped { .. }
        | Happening::RolledBack { .. }
        | Happening::Unfinished(_)
        | Happening::Halted { .. }
        | Happening::Resumed
        | Happening::RepairEnded
        | Happening::GroupEnabled
        | Happening::GroupDisabled
        | Happening::KeyRotated
        | Happening::RolloutComplete { .. } => None,
    }
}

fn words(what: &Happening, at: Time, causes: &[String]) -> String {
    match *what {
        Happening::SessionsDropped { slot, sessions } => {
            format!("slot {slot} dropped {sessions:.0} sessions")
        }
        Happening::Held { hold } => format!("no update: {}", hold.words()),
        Happening::Published { release } => format!("release {release} published"),
        Happening::RolloutBegan { release, pending } => {
            format!("rollout of release {release} begins, {pending} pending")
        }
        Happening::Skipped { release, .. } => format!("release {release} never began here"),
        Happening::GateHolds { release, holds: true } => format!("the gate of release {release} is breached"),
        Happening::GateHolds { release, .. } => format!("the gate of release {release} opens again"),
        Happening::RolledBack { release, to, pending } => {
            format!("release {release} is rolled back to {to}, {pending} pending")
        }
        Happening::Returned { slot, to } => format!("slot {slot} runs release {to} again"),
        Happening::LeftBadRelease { slot, .. } => format!("slot {slot} is off the bad release"),
        Happening::Unfinished(Unfinished { release, connectors, since, hold }) => format!(
            "release {release} not complete: {connectors} left, nothing moved for {}, {}",
            duration(at - since),
            hold.words()
        ),
        Happening::UpdateStarted { slot, release } => format!("slot {slot} updates to release {release}"),
        Happening::UpdateSucceeded { slot, release } => format!("slot {slot} runs release {release}"),
        Happening::UpdateFailed { slot, release } => {
            format!("slot {slot} failed to install release {release}")
        }
        Happening::UpdateAborted { slot, release } => {
            format!("slot {slot}: update to release {release} aborted")
        }
        Happening::Halted { release } => format!("rollout of release {release} halts"),
        Happening::Resumed => "halt ends".to_owned(),
        Happening::RepairOpened { slot } => format!("attempts exhausted, slot {slot} waits for repair"),
        Happening::RepairEnded => "repaired".to_owned(),
        Happening::RolloutComplete { release } => format!("release {release} complete"),
        Happening::Failed { slot, cause } => format!("slot {slot} fails: {}", cause.label(causes)),
        Happening::Restored { slot, cause } => format!("slot {slot} restored from {}", cause.label(causes)),
        Happening::RanBadRelease { slot, .. } => format!("slot {slot} runs a bad release"),
        Happening::Expired { slot } => format!("slot {slot} expires: disconnected when due for renewal"),
        Happening::Revoked { slot } => format!("slot {slot} is revoked"),
        Happening::Deleted { slot } => format!("slot {slot} is deleted"),
        Happening::Enabled { slot } => format!("slot {slot} is enabled"),
        Happening::Disabled { slot } => format!("slot {slot} is disabled"),
        Happening::GroupEnabled => "the group is enabled".to_owned(),
        Happening::GroupDisabled => "the group is disabled".to_owned(),
        Happening::KeyRotated => "the group has another provisioning key".to_owned(),
        Happening::Passed { slot, step, took, .. } => {
            format!("slot {slot}: {} took {}", step.word(), duration(took))
        }
        Happening::NotPassed { slot, step, is_open: true, .. } => {
            format!("slot {slot}: still at {}", step.word())
        }
        Happening::NotPassed { slot, step, .. } => format!("slot {slot}: cancelled at {}", step.word()),
        Happening::Ordered { slot, configured } => {
            format!("scaled out to {}: slot {slot} ordered", configured.len())
        }
        Happening::Added { slot } => format!("slot {slot} added"),
        Happening::Draining { slot } => format!("slot {slot} drains, to be removed"),
        Happening::Recalled { slot } => format!("slot {slot} stays after all"),
        Happening::Removed { slot, configured } => {
            format!("scaled in to {}: slot {slot} removed", configured.len())
        }
        Happening::Replaced { slot } => format!("slot {slot} replaced by a new connector"),
        Happening::TaskOpened { job } => format!("slot {}: {} waits for operators", job.slot, task(job.kind)),
        Happening::TaskBegun { job, waited } => {
            format!("slot {}: operators begin {} after {}", job.slot, task(job.kind), duration(waited))
        }
        Happening::TaskClosed { job, is_begun } => {
            let how = if is_begun { "operators leave" } else { "no operator is needed any more for" };
            format!("slot {}: {how} {}", job.slot, task(job.kind))
        }
    }
}

fn task(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Repair => "the repair",
        TaskKind::Replacement => "the replacement",
        TaskKind::UpdateRepair => "the repair of its update",
        TaskKind::Key => "a new key",
        TaskKind::Confirmation => "the confirmation",
        TaskKind::Order => "the order",
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::fleet::Cause;
    use crate::simulation::observer::SlotDisplay;
    use crate::time::HOUR;

    #[test]
    fn a_life_is_told_with_causes_and_sums() {
        let up = SlotDisplay { status: Status::Connected, cause: Cause::None, agent: 0, image: 0 };
        let down = SlotDisplay { status: Status::Disconnected, cause: Cause::Class(0), ..up };
        let row = |hour: i64, slot, from, to| SlotRow { at: Time(hour * HOUR.0), group: 0, slot, from, to };
        let rows = Rows {
            slots: vec![
                row(0, 0, None, up),
                row(0, 1, None, up),
                row(6, 1, Some(up), down),
                row(9, 1, Some(down), up),
            ],
            ..Rows::default()
        };
        let happened = [
            (Time(6 * HOUR.0), Happening::Failed { slot: 1, cause: Cause::Class(0) }),
            (Time(6 * HOUR.0), Happening::SessionsDropped { slot: 1, sessions: 41.7 }),
            (Time(7 * HOUR.0), Happening::Failed { slot: 0, cause: Cause::Class(0) }),
            (Time(9 * HOUR.0), Happening::Restored { slot: 1, cause: Cause::Class(0) }),
            (Time(10 * HOUR.0), Happening::RolloutBegan { release: 1, pending: 2 }),
        ];
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let dates = Dates { start_unix_millis: crate::report::sample::START, zone };
        let causes = ["node".to_owned()];
        let life = Life {
            group: "app",
            rows: &rows,
            happened: &happened,
            causes: &causes,
            horizon: Time(12 * HOUR.0),
            dates: &dates,
        };
        insta::assert_snapshot!(life.connector(1), @"
        app/1, times in Europe/Berlin

        time                 status                       cause             ag/im        stood  what happened
        2026-01-05 01:00:00  Connected                                      0/0         6h 00m
        2026-01-05 07:00:00  Connected → Disconnected     node              0/0         3h 00m  slot 1 fails: node; slot 1 dropped 42 sessions
        2026-01-05 10:00:00  Disconnected → Connected                       0/0         3h 00m  slot 1 restored from node
        2026-01-05 11:00:00                                                                     rollout of release 1 begins, 2 pending

        4 instants. Time by status:
          Connected           9h 00m   75.0000 %
          Disconnected        3h 00m   25.0000 %
        ");
    }
}
