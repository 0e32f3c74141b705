//! Is a group large enough? What its load says of the number of its connectors.
//!
//! With n connectors of capacity C serving, a group carries n·C/(1 + β(n − 1)) Mbps (β its efficiency loss), and the
//! CPU is idle + (100 − idle)·demand/capacity. From this, with *threshold* the CPU above which a group is overloaded:
//!
//! - **connectors**: those configured at the start; under a scaling policy the most that it may have.
//! - **capacity**: with all of them serving, a good release on each.
//! - **headroom**: by how much demand could grow before the 99 % quantile of the offered CPU, as it was measured with
//!   all the outages and updates of the run, reaches the threshold: (threshold − idle)/(p99 − idle) − 1, in percent.
//!   Negative where it is above already; none where there was no load. Under a scaling policy the CPU of the run says
//!   nothing of that, for it stays where the policy holds it: there it is by how much the 99 % quantile of demand could grow
//!   before all that the policy may have, serving, are at the threshold.
//! - **connectors needed**: the smallest n ≤ 64 with idle + (100 − idle)·demand p99/capacity(n) ≤ threshold: enough for
//!   the 99 % quantile of demand while all n serve, without a spare.
//! - **runway**: days until growth has used up the headroom: 365·ln(1 + headroom)/ln(1 + growth per year), 0 where there
//!   is none, nothing without growth.

use super::load;
use crate::experiment::{GroupOutcome, GroupReplication};
use crate::fleet::{Group, InstanceType, MOST_SLOTS};
use crate::simulation::Model;
use crate::time::MONTH;

use crate::analysis::Estimate;

/// What capacity.csv says of one group over all replications of a policy.
#[derive(Clone, Debug)]
pub struct Capacity {
    /// Connectors configured at the start; under a scaling policy the most that it may have.
    pub connectors: usize,
    /// Mean number in existence.
    pub connectors_mean: Option<f64>,
    /// Mbps with all of them serving.
    pub capacity_mbps: f64,
    /// Mean demand in Mbps.
    pub demand_mean: Option<f64>,
    /// 99 % quantile of demand in Mbps.
    pub demand_p99: Option<f64>,
    /// Largest demand in Mbps.
    pub demand_max: Option<f64>,
    /// Mean offered CPU in percent.
    pub cpu_mean: Option<f64>,
    /// 50, 95 and 99 % quantiles of the offered CPU in percent.
    pub cpu_quantiles: [Option<f64>; 3],
    /// Largest offered CPU in percent.
    pub cpu_max: Option<f64>,
    /// Hours overloaded per month of 730 h, with its interval over replications.
    pub overloaded: Option<Estimate>,
    /// Unserved user-minutes per month, with its interval over replications.
    pub unserved: Option<Estimate>,
    /// How much demand could grow, in percent.
    pub headroom_percent: Option<f64>,
    /// The smallest sufficient number of connectors.
    pub connectors_needed: Option<usize>,
    /// Days until growth has used up the headroom.
    pub runway_days: Option<f64>,
}

/// The capacity of group `index` under `policy`, whose demand grows by `growth_per_year` (0.2: by a fifth).
pub fn capacity(
    model: &Model,
    policy: usize,
    index: usize,
    outcome: &GroupOutcome,
    growth_per_year: f64,
    confidence: f64,
) -> Capacity {
    let group = &model.fleet.groups[index];
    let instance = &model.fleet.instances[group.instance];
    let threshold = model.overload.threshold as f64 / 100.0;
    let tally = &outcome.tally;
    let cpu_quantiles = [0.5, 0.95, 0.99].map(|q| load::cpu(tally, q));
    let idle = instance.idle_cpu_percent;
    let demand_p99 = load::demand(tally, 0.99);
    let scaling = model.policies[policy].scaling.dynamic();
    let connectors = scaling.map_or(group.connectors(), |scaling| scaling.bounds(group.connectors()).1);
    let capacity_mbps = capacity_of(group, instance, connectors);
    let cpu = |demand: f64| idle + (100.0 - idle) * demand / capacity_mbps;
    let busiest = if scaling.is_some() { demand_p99.map(cpu) } else { cpu_quantiles[2] };
    let headroom = busiest.and_then(|p99| headroom(idle, p99, threshold));
    Capacity {
        connectors,
        connectors_mean: (tally.duration > 0).then(|| tally.existing as f64 / tally.duration as f64),
        capacity_mbps,
        demand_mean: mean(tally.demand_sum as f64 / 1e6, tally.demand_ticks),
        demand_p99,
        demand_max: (tally.demand_ticks > 0).then(|| f64::from(tally.demand_max)),
        cpu_mean: mean(tally.cpu_sum as f64 / 100.0, tally.cpu_ticks),
        cpu_quantiles,
        cpu_max: (tally.cpu_ticks > 0).then(|| f64::from(tally.cpu_max) / 100.0),
        overloaded: per_month(model, outcome, |of| of.overloaded_hours, confidence),
        unserved: per_month(model, outcome, |of| of.unserved_user_minutes, confidence),
        headroom_percent: headroom.map(|headroom| headroom * 100.0),
        connectors_needed: demand_p99.and_then(|demand| needed(group, instance, demand, threshold)),
        runway_days: headroom.and_then(|headroom| runway_days(headroom, growth_per_year)),
    }
}

/// A quantity of a group in a month of 730 h, estimated over replications; none without any.
pub fn per_month(
    model: &Model,
    outcome: &GroupOutcome,
    quantity: impl Fn(&GroupReplication) -> f64,
    confidence: f64,
) -> Option<Estimate> {
    let months = model.measured().0 as f64 / MONTH.0 as f64;
    let values: Vec<f64> = outcome.replications.iter().map(|of| quantity(of) / months).collect();
    Estimate::from_values(&values, confidence)
}

/// Mbps that `n` connectors carry.
pub fn capacity_of(group: &Group, instance: &InstanceType, n: usize) -> f64 {
    let n = n as f64;
    n * instance.capacity_mbps / (1.0 + group.efficiency * (n - 1.0).max(0.0))
}

fn mean(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

fn headroom(idle: f64, p99: f64, threshold: f64) -> Option<f64> {
    (p99 > idle).then(|| (threshold - idle) / (p99 - idle) - 1.0)
}

fn needed(group: &Group, instance: &InstanceType, demand: f64, threshold: f64) -> Option<usize> {
    let idle = instance.idle_cpu_percent;
    (1..=MOST_SLOTS).find(|&n| idle + (100.0 - idle) * demand / capacity_of(group, instance, n) <= threshold)
}

fn runway_days(headroom: f64, growth_per_year: f64) -> Option<f64> {
    if growth_per_year <= 0.0 {
        None
    } else if headroom <= 0.0 {
        Some(0.0)
    } else {
        Some(365.0 * libm::log1p(headroom) / libm::log1p(growth_per_year))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn efficiency_is_applied_to_capacity() {
        let model = sample::model();
        let group = &model.fleet.groups[0];
        let instance = &model.fleet.instances[0];
        // Three connectors of 500 Mbps with β = 0.05.
        assert_eq!(capacity_of(group, instance, 3), 1500.0 / 1.1);
    }

    #[test]
    fn the_smallest_sufficient_number_is_found() {
        let model = sample::model();
        let (group, instance) = (&model.fleet.groups[1], &model.fleet.instances[0]);
        // β = 0, idle 5 %: n = 2 gives 5 + 95·650/1000 = 66.75 %, n = 1 gives 128.5 %.
        assert_eq!(needed(group, instance, 650.0, 70.0), Some(2));
        assert_eq!(needed(group, instance, 1e6, 70.0), None);
        let saturating = Group { efficiency: 1.0, ..group.clone() };
        assert_eq!(needed(&saturating, instance, 650.0, 70.0), None, "β = 1 never carries more than C");
    }

    /// Two of 500 Mbps at the start, four at most, idle 5 %, threshold 70 %: four are at 5 + 95·684/2,000 = 37.49 % at the demand of
    /// 684 Mbps (its bin: ± 0.8 %), which may then double. Two would be at 70 %; the CPU measured says nothing of it.
    #[test]
    fn headroom_under_scaling_is_that_of_all_it_may_have() {
        use crate::control::ScalingPolicy;
        use crate::control::scaling::tests::scaling;
        use crate::control::scaling::{NPlusK, Rule};
        let mut model = sample::model();
        let mut load = crate::simulation::load::LoadHistograms::default();
        load.add_cpu(fearless_simd::Level::new(), &[6_900; 10]);
        load.add_demand(fearless_simd::Level::new(), &[684.0; 10]);
        let mut outcome = GroupOutcome::default();
        (outcome.tally.load, outcome.tally.cpu_max, outcome.tally.demand_max) = (load.counts(), 6_900, 684.0);
        (outcome.tally.existing, outcome.tally.duration) = (25, 10);
        let of = |model: &Model| capacity(model, 0, 1, &outcome, 1.0, 0.95);
        let fixed = of(&model);
        assert_eq!((fixed.connectors, fixed.connectors_mean, fixed.capacity_mbps), (2, Some(2.5), 1_000.0));
        assert!(fixed.headroom_percent.unwrap() < 3.0);
        let rule = Rule::NPlusK(NPlusK { spare: 1, limit: 6_000.0 });
        model.policies[0].scaling = ScalingPolicy::Dynamic(Box::new(crate::control::scaling::Scaling {
            most: Some(4),
            ..scaling(rule)
        }));
        let scaled = of(&model);
        assert_eq!((scaled.connectors, scaled.capacity_mbps), (4, 2_000.0));
        assert!((scaled.headroom_percent.unwrap() - 100.0).abs() < 2.0, "{:?}", scaled.headroom_percent);
        assert!((scaled.runway_days.unwrap() - 365.0).abs() < 6.0);
        assert_eq!((scaled.connectors_needed, fixed.connectors_needed), (Some(2), Some(2)));
    }

    #[test]
    fn headroom_and_runway_agree_with_the_formula() {
        // From 37.5 % to 70 % over idle 5 %: demand can double; at 100 % growth a year that is one year.
        assert_eq!(headroom(5.0, 37.5, 70.0), Some(1.0));
        assert!((runway_days(1.0, 1.0).unwrap() - 365.0).abs() < 1e-9);
        assert_eq!(runway_days(-0.1, 0.2), Some(0.0));
        assert_eq!(runway_days(1.0, 0.0), None);
        assert_eq!(headroom(5.0, 5.0, 70.0), None);
    }
}
