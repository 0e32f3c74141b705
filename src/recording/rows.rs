//! The timeline: every change of what is displayed.

use fearless_simd::Level;

use crate::simulation::Model;
use crate::simulation::observer::{GroupDisplay, Observer, SlotDisplay};
use crate::simulation::run::Replication;
use crate::time::Time;

/// A row of transitions.csv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRow {
    /// When.
    pub at: Time,
    /// Group index.
    pub group: u32,
    /// Slot ordinal.
    pub slot: u32,
    /// What was displayed before; `None` at 0.
    pub from: Option<SlotDisplay>,
    /// What is displayed from now on.
    pub to: SlotDisplay,
}

/// A row of group_status.csv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// When.
    pub at: Time,
    /// Group index.
    pub group: u32,
    /// What was displayed before; `None` at 0.
    pub from: Option<GroupDisplay>,
    /// What is displayed from now on.
    pub to: GroupDisplay,
}

/// Keeps the rows of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Index of the group.
    pub group: u32,
    /// Its slots' rows, by time, then ordinal.
    pub slots: Vec<SlotRow>,
    /// Its own rows, by time.
    pub groups: Vec<GroupRow>,
}

impl Observer for Rows {
    fn slot(&mut self, at: Time, slot: usize, from: Option<SlotDisplay>, to: SlotDisplay) {
        self.slots.push(SlotRow { at, group: self.group, slot: slot as u32, from, to });
    }

    fn group(&mut self, at: Time, from: Option<GroupDisplay>, to: GroupDisplay) {
        self.groups.push(GroupRow { at, group: self.group, from, to });
    }
}

/// All rows of replication `index` under the policy with index `policy`, group by group.
pub fn of_replication(model: &Model, policy: usize, index: u64) -> Vec<Rows> {
    let new = |group: usize| Rows { group: group as u32, ..Rows::default() };
    Replication::new(model, policy, index, Level::new()).run_all(new)
}
