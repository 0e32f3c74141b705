//! Rollouts that are not complete at the horizon: where, since when nothing moved, and the rule that holds them up.

use std::cell::RefCell;

use crate::simulation::observer::{Happening, Observer, Unfinished};
use crate::time::Time;

/// Takes down the unfinished rollout of a group, if it has one, in the list that the groups of a replication share.
#[derive(Debug)]
pub struct UnfinishedRecorder<'r> {
    group: u32,
    list: &'r RefCell<Vec<(u32, Unfinished)>>,
}

impl<'r> UnfinishedRecorder<'r> {
    /// For the group with this index.
    pub fn new(group: usize, list: &'r RefCell<Vec<(u32, Unfinished)>>) -> UnfinishedRecorder<'r> {
        UnfinishedRecorder { group: group as u32, list }
    }
}

impl Observer for UnfinishedRecorder<'_> {
    const WATCHES_SLOTS: bool = false;

    fn happened(&mut self, _at: Time, what: Happening) {
        if let Happening::Unfinished(unfinished) = what {
            self.list.borrow_mut().push((self.group, unfinished));
        }
    }
}
