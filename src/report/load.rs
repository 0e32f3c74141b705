//! Quantiles of the load of groups.

use crate::recording::GroupTally;

/// The `share` quantile of the offered CPU over ticks with somebody serving, in percent; `None` without such ticks.
pub fn cpu(_tally: &GroupTally, _share: f64) -> Option<f64> {
    None
}

/// The `share` quantile of demand over ticks at which users are sent to the group, in Mbps.
pub fn demand(_tally: &GroupTally, _share: f64) -> Option<f64> {
    None
}
