//! The fleet over time: how many connectors and groups stand where, at fixed sampling instants.

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
    /// The instant of row `index`.
    pub fn at(&self, index: usize) -> Time {
        Time(self.every.0 * index as i64)
    }
}
