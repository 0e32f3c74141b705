//! Quantiles of the load of groups: the middle of a histogram's bin, at most the largest value seen. Bins of the offered
//! CPU are half a percent wide (the last, from 255.5 %, is open), bins of demand 1.6 % of it.

use crate::recording::GroupTally;
use crate::simulation::load::CPU_BINS;

/// The `q` quantile of the offered CPU over ticks with somebody serving, in percent.
pub fn cpu(tally: &GroupTally, q: f64) -> Option<f64> {
    let most = f64::from(tally.cpu_max) / 100.0;
    let open = tally.load.cpu().quantile(q)? + 1 == CPU_BINS;
    tally.load.cpu_percent(q).map(|middle| if open { most } else { middle.min(most) })
}

/// The `q` quantile of demand over ticks at which users are sent to the group, in Mbps.
pub fn demand(tally: &GroupTally, q: f64) -> Option<f64> {
    tally.load.demand_mbps(q).map(|middle| middle.min(f64::from(tally.demand_max)))
}
