//! Observers: what is measured of a run, as integers that merge in any order.

pub mod auditor;
pub mod blame;
pub mod cpu_load;
pub mod episodes;
pub mod operators;
pub mod overview;
pub mod provisioning;
pub mod rollout;
pub mod rows;
pub mod tally;
pub mod unfinished;

pub use blame::Blame;
pub use cpu_load::CpuBucket;
pub use episodes::Lengths;
pub use operators::{Operators, Staffing};
pub use overview::Overview;
pub use rollout::{Exposure, Rollout};
pub use rows::{GroupRow, SlotRow};
pub use tally::GroupTally;
