//! The fleet over time: how many connectors and groups stand where, at fixed sampling instants.
//!
//! A group's contribution is written as differences: a span adds its counts at the first sampling instant that it
//! covers and takes them away at the first one behind it, so that recording costs nothing per instant, and
//! overviews of groups add up in any order. [`Overview::summed`] turns differences into counts.

use std::cell::RefCell;

use crate::fleet::{GroupStatus, SlotSet, Status};
use crate::simulation::observer::{Observer, Standing};
use crate::time::{Span, Time};

/// The columns of overview.csv after `time`, in order.
pub const COLUMNS: [&str; 18] = [
    "connected",
    "disconnected",
    "disabled",
    "updating",
    "expired",
    "announced",
    "deploying",
    "deleted",
    "groups_connected",
    "groups_overloaded",
    "groups_disabled",
    "groups_unestablished",
    "groups_disconnected",
    "tile_disconnected",
    "tile_warning",
    "tile_overloaded_cpu",
    "on_latest_agent",
    "vulnerable",
];

/// Counts at the sampling instants 0, `every`, 2·`every`, … of one replication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The sampling interval.
    pub every: Span,
    /// One row per sampling instant, in the order of [`COLUMNS`]; while recording, the differences to the row before.
    pub rows: Vec<[i32; 18]>,
}

impl Overview {
    /// Nothing yet, for a run to `horizon`.
    pub fn new(every: Span, horizon: Time) -> Overview {
        let samples = (horizon.0 as u64).div_ceil(every.0 as u64) as usize;
        Overview { every, rows: vec![[0; 18]; samples] }
    }

    /// The instant of row `index`.
    pub fn at(&self, index: usize) -> Time {
        Time(self.every.0 * index as i64)
    }

    /// Adds another overview of the same run.
    pub fn merge(&mut self, other: &Overview) {
        for (row, more) in self.rows.iter_mut().zip(&other.rows) {
            row.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
    }

    /// Counts, from the differences that were recorded.
    pub fn summed(mut self) -> Overview {
        let mut counts = [0; 18];
        for row in &mut self.rows {
            counts.iter_mut().zip(&*row).for_each(|(count, difference)| *count += difference);
            *row = counts;
        }
        self
    }

    /// Adds what stood from `from` until `to`.
    fn add(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        let index = |at: Time| (at.0 as u64).div_ceil(self.every.0 as u64) as usize;
        let (first, behind) = (index(from), index(to));
        if first == behind || first >= self.rows.len() {
            return;
        }
        let counts = counts(standing);
        self.rows[first].iter_mut().zip(counts).for_each(|(cell, count)| *cell += count);
        if let Some(row) = self.rows.get_mut(behind) {
            row.iter_mut().zip(counts).for_each(|(cell, count)| *cell -= count);
        }
    }
}

fn counts(standing: &Standing<'_>) -> [i32; 18] {
    let slots = |set: SlotSet| set.len() as i32;
    let by_status = standing.axes.by_status();
    let with = |status: Status| slots(by_status[status as usize]);
    let display = standing.display;
    let group = |status: GroupStatus| i32::from(display.status == status);
    [
        with(Status::Connected),
        with(Status::Disconnected),
        with(Status::Disabled),
        with(Status::Updating),
        with(Status::Expired),
        with(Status::Announced),
        with(Status::Deploying),
        with(Status::Deleted),
        group(GroupStatus::Connected),
        group(GroupStatus::Overloaded),
        group(GroupStatus::Disabled),
        group(GroupStatus::Unestablished),
        group(GroupStatus::Disconnected),
        group(GroupStatus::Disconnected),
        i32::from(display.warning),
        i32::from(standing.over_threshold),
        slots(standing.axes.in_service - standing.outdated),
        slots(standing.vulnerable),
    ]
}

/// The groups of a replication add to one overview, one after the other or in turns.
impl Observer for &RefCell<Overview> {
    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        self.borrow_mut().add(from, to, standing);
    }
}
