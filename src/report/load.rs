//! Quantiles of the load of groups: the middle of a histogram's bin, at most the largest value seen. Bins of the offered
//! CPU are half a percent wide (the last, from 255.5 %, is open), bins of demand 1.6 % of it.

use crate::recording::GroupTally;
use crate::simulation::load::{CPU_BIN_WIDTH, CPU_BINS};

/// The width of a bin of the offered CPU, in percent.
pub const CPU_BIN: f64 = CPU_BIN_WIDTH as f64 / 100.0;

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

#[cfg(test)]
mod tests {
    use fearless_simd::Level;

    use super::*;
    use crate::simulation::load::LoadHistograms;

    #[test]
    fn a_quantile_is_the_middle_of_its_bin_and_at_most_the_maximum() {
        let mut load = LoadHistograms::default();
        load.add_cpu(Level::new(), &[1_000; 98]);
        load.add_cpu(Level::new(), &[6_120, 6_120]);
        load.add_demand(Level::new(), &[300.0; 10]);
        let mut tally = GroupTally::default();
        (tally.load, tally.cpu_max, tally.demand_max) = (load.counts(), 6_120, 300.0);
        assert_eq!(cpu(&tally, 0.5), Some(10.25));
        assert_eq!(cpu(&tally, 0.99), Some(61.2));
        assert!((demand(&tally, 0.5).unwrap() / 300.0 - 1.0).abs() < 0.008);
        assert_eq!(cpu(&GroupTally::default(), 0.5), None);
    }
}
