//! What is measured of a group: integers, so that merging is exact in any order.

use crate::simulation::load::LoadHistograms;

/// One group in one replication, or several of either, merged.
#[derive(Clone, Debug, Default)]
pub struct GroupTally {
    /// Model events executed, renewals included, ticks not.
    pub events: u64,
    /// Ticks evaluated.
    pub ticks: u64,
    /// Connector-milliseconds of slots meant to serve.
    pub meant: i64,
    /// Of these, serving.
    pub served: i64,
    /// Group-milliseconds with a slot meant to serve.
    pub group_meant: i64,
    /// Of these, with a connector serving.
    pub group_served: i64,
    /// Ticks of groups with a slot meant to serve.
    pub meant_ticks: u64,
    /// Overloaded ticks.
    pub overloaded_ticks: u64,
    /// Milliseconds overloaded (ticks × length).
    pub overloaded: i64,
    /// Demand in user-milliseconds.
    pub demand_users: i128,
    /// Unserved demand in user-milliseconds.
    pub unserved_users: i128,
    /// Sessions dropped, in thousandths.
    pub sessions_dropped: i64,
    /// Connectors that expired.
    pub expired: u64,
    /// Replacements that came into service.
    pub replaced: u64,
    /// Update attempts that succeeded.
    pub updates: u64,
    /// Update attempts that failed.
    pub update_failures: u64,
    /// Times a group began to be halted.
    pub halts: u64,
    /// Groups halted at the horizon.
    pub stuck_groups: u64,
    /// Connector-milliseconds in service on a release that is not the newest.
    pub version_skew: i64,
    /// Connector-milliseconds in service with a published vulnerability.
    pub vulnerable: i64,
    /// Connectors that ran a bad release (each bad release counts anew).
    pub exposed: u64,
    /// Group outages: times a group began to be `Disconnected`, at 0 included.
    pub outages: u64,
    /// The longest, in milliseconds.
    pub longest_outage: i64,
    /// Overload episodes.
    pub overload_episodes: u64,
    /// The longest, in milliseconds.
    pub longest_overload: i64,
    /// Group-months (730 h, the last one may be shorter) with a slot meant to serve.
    pub months: u64,
    /// Of these, months in which less than 99.9 % of the time had a connector serving.
    pub broken_months: u64,
    /// Connector-milliseconds in existence (every slot that is not `Deleted`).
    pub existing: i64,
    /// Milliseconds simulated, summed over groups and replications.
    pub duration: i64,
    /// Sum over ticks with somebody serving of the offered CPU, hundredths of a percent.
    pub cpu_sum: i64,
    /// Such ticks.
    pub cpu_ticks: u64,
    /// The largest offered CPU, hundredths of a percent.
    pub cpu_max: i32,
    /// Sum over ticks at which users are sent to the group of demand, in bit/s.
    pub demand_sum: i128,
    /// Such ticks.
    pub demand_ticks: u64,
    /// The largest demand in Mbps.
    pub demand_max: f32,
    /// Distributions of offered CPU and demand over these ticks.
    pub load: LoadHistograms,
}
