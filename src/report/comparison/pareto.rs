//! The policies that no other beats in every objective at once: time to roll out, users' loss, blast radius, work, and where
//! a policy scales what it runs.
//!
//! A view of means over the replications that all policies have; how sure a difference is says the comparison.

use super::direction;
use crate::analysis::{Better, dominators};
use crate::experiment::PolicyOutcome;
use crate::report::metrics::{Metric, named};
use crate::simulation::Model;

/// What a rollout's time is taken from, the first that has a value in every replication. `rollout_complete` is a mean
/// over the rollouts that completed, so it flatters a policy whose slow ones do not; it stands in only.
const COMPLETION: [&str; 2] = ["rollout_p99", "rollout_complete"];
/// The other objectives, where they are measured.
const OTHERS: [&str; 3] = ["user_minutes_lost", "exposed_to_bad_release", "operator_hours"];
/// Where a policy scales: elsewhere the number of connectors is given, and a slot that is empty for a while is no saving.
const OF_SCALING: &str = "connector_hours";

/// Objectives, and who is efficient in them.
#[derive(Clone, Debug)]
pub struct Pareto {
    /// The metrics that have a value in every replication of every policy.
    pub objectives: Vec<&'static Metric>,
    /// Their means, by position of the policy among the outcomes, then objective.
    pub means: Vec<Vec<f64>>,
    /// By policy: the first other one that is at least as good in all objectives and better in one.
    pub dominated_by: Vec<Option<usize>>,
}

impl Pareto {
    pub(super) fn of(model: &Model, outcomes: &[PolicyOutcome]) -> Pareto {
        let common = outcomes.iter().map(|outcome| outcome.replications.len()).min().unwrap_or(0);
        let means_of = |name: &str| {
            let metric = named(name)?;
            let means: Option<Vec<f64>> =
                outcomes.iter().map(|outcome| mean(metric, model, outcome, common)).collect();
            Some((metric, means?))
        };
        let completion = COMPLETION.into_iter().find_map(means_of);
        let scales = outcomes.iter().any(|of| model.policies[of.policy].scaling.dynamic().is_some());
        let others = OTHERS.into_iter().chain(scales.then_some(OF_SCALING)).filter_map(means_of);
        let all: Vec<(&Metric, Vec<f64>)> = completion.into_iter().chain(others).collect();
        let objectives: Vec<&'static Metric> = all.iter().map(|&(metric, _)| metric).collect();
        let means: Vec<Vec<f64>> =
            (0..outcomes.len()).map(|of| all.iter().map(|(_, means)| means[of]).collect()).collect();
        let dominated_by =
            dominators(&means.iter().map(|means| costs(&objectives, means)).collect::<Vec<_>>());
        Pareto { objectives, means, dominated_by }
    }

    /// Whether no other policy beats the one at position `of`.
    pub fn is_efficient(&self, of: usize) -> bool {
        self.dominated_by[of].is_none()
    }
}

/// The mean over the first `common` replications; none if one of them has no value, or there are none.
fn mean(metric: &Metric, model: &Model, outcome: &PolicyOutcome, common: usize) -> Option<f64> {
    let values: Option<Vec<f64>> =
        outcome.replications.iter().take(common).map(|of| (metric.value)(of, model)).collect();
    values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
}

/// The same with less being better everywhere.
fn costs(objectives: &[&Metric], means: &[f64]) -> Vec<f64> {
    let cost = |(metric, &mean): (&&Metric, &f64)| match direction(metric.name).better {
        Better::Less => mean,
        Better::More => -mean,
    };
    objectives.iter().zip(means).map(cost).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::ScalingPolicy;
    use crate::control::scaling::{NPlusK, Rule, Scaling};
    use crate::report::sample;
    use crate::time::{MINUTE, Span};

    #[test]
    fn objectives_without_a_value_everywhere_are_left_out() {
        let (full, mut none) = (sample::outcome(), sample::outcome());
        none.replications[1].rollouts.clear();
        let pareto = Pareto::of(&sample::model(), &[full.clone(), full.clone()]);
        let names = |pareto: &Pareto| pareto.objectives.iter().map(|metric| metric.name).collect::<Vec<_>>();
        assert_eq!(names(&pareto)[..3], ["rollout_p99", "user_minutes_lost", "exposed_to_bad_release"]);
        let pareto = Pareto::of(&sample::model(), &[full, none]);
        assert_eq!(names(&pareto)[..2], ["user_minutes_lost", "exposed_to_bad_release"]);
        assert_eq!(pareto.dominated_by, [None, None]);
    }

    #[test]
    fn what_runs_is_an_objective_where_a_policy_scales() {
        let scaling = Scaling {
            rule: Rule::NPlusK(NPlusK { spare: 1, limit: 7_000.0 }),
            least: 1,
            most: None,
            cooldown: Span::ZERO,
            period: MINUTE,
            stabilise_out: Span::ZERO,
            stabilise_in: Span::ZERO,
            detection_delay: MINUTE,
        };
        let mut model = sample::model();
        let last = |model: &Model| {
            let pareto = Pareto::of(model, &[sample::outcome(), sample::outcome()]);
            pareto.objectives.last().unwrap().name
        };
        assert_ne!(last(&model), OF_SCALING);
        model.policies[0].scaling = ScalingPolicy::Dynamic(Box::new(scaling));
        assert_eq!(last(&model), OF_SCALING);
    }

    #[test]
    fn the_policy_that_loses_more_for_nothing_is_dominated() {
        let (good, mut bad) = (sample::outcome(), sample::outcome());
        bad.replications[0].tally.unserved_users *= 2;
        let pareto = Pareto::of(&sample::model(), &[bad, good]);
        assert_eq!(pareto.dominated_by, [Some(1), None]);
        assert!(!pareto.is_efficient(0) && pareto.is_efficient(1));
    }
}
