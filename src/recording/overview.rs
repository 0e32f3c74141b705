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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Axes, Cause, VersionIcon};
    use crate::simulation::observer::GroupDisplay;
    use crate::time::HOUR;

    /// Every ten milliseconds, to 40: four sampling instants.
    fn overview() -> Overview {
        Overview::new(Span(10), Time(40))
    }

    /// Four slots: one is deployed, three are in service, one of them with its link down.
    fn axes() -> Axes {
        Axes {
            configured: SlotSet::first(4),
            empty: SlotSet::EMPTY,
            deploying: SlotSet::one(3),
            announced: SlotSet::EMPTY,
            in_service: SlotSet::first(3),
            expired: SlotSet::EMPTY,
            revoked: SlotSet::EMPTY,
            disabled: SlotSet::EMPTY,
            group_disabled: false,
            link_down: SlotSet::one(1),
            updating: SlotSet::EMPTY,
            has_resource: true,
            established: true,
            serve_while_updating: false,
        }
    }

    fn standing(axes: &Axes, status: GroupStatus, warning: bool, over_threshold: bool) -> Standing<'_> {
        let display = GroupDisplay { status, warning, icon: VersionIcon::default(), cause: Cause::None };
        let (outdated, vulnerable) = (SlotSet::one(0), SlotSet::first(2));
        Standing {
            display,
            over_threshold,
            axes,
            serving: axes.serving(),
            outdated,
            urgently_outdated: SlotSet::EMPTY,
            vulnerable,
        }
    }

    fn column(overview: &Overview, name: &str) -> Vec<i32> {
        let at = COLUMNS.iter().position(|column| *column == name).unwrap();
        overview.rows.iter().map(|row| row[at]).collect()
    }

    /// A span that begins at a sampling instant is seen there, one that ends at it is not, and one between two is never
    /// seen.
    #[test]
    fn what_stands_at_a_sampling_instant_is_counted() {
        let axes = axes();
        let recorded = RefCell::new(overview());
        let mut observer = &recorded;
        let spans = [
            (0, 10, GroupStatus::Connected),
            (10, 11, GroupStatus::Overloaded),
            (11, 19, GroupStatus::Disconnected),
            (19, 40, GroupStatus::Connected),
        ];
        for (from, to, status) in spans {
            observer.span(Time(from), Time(to), &standing(&axes, status, false, false));
        }
        let counted = recorded.into_inner().summed();
        assert_eq!((0..4).map(|row| counted.at(row)).collect::<Vec<_>>(), [0, 10, 20, 30].map(Time));
        assert_eq!(column(&counted, "groups_connected"), [1, 0, 1, 1]);
        assert_eq!(column(&counted, "groups_overloaded"), [0, 1, 0, 0]);
        assert_eq!(column(&counted, "groups_disconnected"), [0; 4]);
        for (name, count) in [("connected", 2), ("disconnected", 1), ("deploying", 1), ("deleted", 0)] {
            assert_eq!(column(&counted, name), [count; 4], "{name}");
        }
        assert_eq!(column(&counted, "on_latest_agent"), [2; 4]);
        assert_eq!(column(&counted, "vulnerable"), [2; 4]);
    }

    #[test]
    fn each_tile_has_its_own_condition() {
        let axes = axes();
        let mut recorded = overview();
        recorded.add(Time(0), Time(10), &standing(&axes, GroupStatus::Disconnected, false, false));
        recorded.add(Time(10), Time(20), &standing(&axes, GroupStatus::Connected, true, false));
        // Over the threshold, but shown as something else.
        recorded.add(Time(20), Time(30), &standing(&axes, GroupStatus::Disconnected, true, true));
        recorded.add(Time(30), Time(40), &standing(&axes, GroupStatus::Overloaded, false, true));
        let counted = recorded.summed();
        assert_eq!(column(&counted, "tile_disconnected"), [1, 0, 1, 0]);
        assert_eq!(column(&counted, "tile_warning"), [0, 1, 1, 0]);
        assert_eq!(column(&counted, "tile_overloaded_cpu"), [0, 0, 1, 1]);
    }

    #[test]
    fn groups_add_up_in_any_order() {
        let axes = axes();
        let of = |from, to| {
            let mut one = overview();
            one.add(Time(from), Time(to), &standing(&axes, GroupStatus::Connected, false, false));
            one
        };
        let (mut first, mut second) = (of(0, 25), of(10, 40));
        first.merge(&of(10, 40));
        second.merge(&of(0, 25));
        assert_eq!(first, second);
        assert_eq!(column(&first.summed(), "connected"), [2, 4, 4, 2]);
    }

    #[test]
    fn a_last_interval_that_is_shorter_has_its_sample() {
        assert_eq!(Overview::new(HOUR, Time(HOUR.0 + 1)).rows.len(), 2);
        assert_eq!(Overview::new(HOUR, Time(HOUR.0)).rows.len(), 1);
    }
}
