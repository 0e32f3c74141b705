//! The chart "average CPU load": buckets of time, incomplete where data are missing.

use crate::time::Time;

/// A bucket of cpu_load.csv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuBucket {
    /// Where it begins.
    pub from: Time,
    /// Mean of the group's samples in it, in hundredths of a percent; `None` where it is incomplete or has no sample.
    pub average: Option<i32>,
    /// Whether an in-service, enabled connector had its link down or came into service in it.
    pub incomplete: bool,
}
