//! Policies compared with a baseline, metric by metric, under common random numbers.
//!
//! The n-th replication of every policy meets the same failures, releases and demand, so values are paired by
//! replication. The interval of a difference holds together with those of the metric's other policies (Bonferroni over
//! policies, not over metrics); the verdict comes from it and the scenario's margin, never from a p-value. p-values are
//! for a number of replications that was fixed beforehand: after looking repeatedly they would be too small.

pub mod directions;
pub mod pareto;

pub use directions::{DIRECTIONS, Direction, direction};
pub use pareto::Pareto;

use super::metrics::{METRICS, Metric};
use super::subject::Subject;
use crate::analysis::{KimNelson, Paired, Verdict, bonferroni, holm};
use crate::experiment::PolicyOutcome;
use crate::simulation::Model;

/// One metric of one policy against the baseline.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Position of the policy among the outcomes.
    pub of: usize,
    /// Which metric.
    pub metric: &'static Metric,
    /// Over the replications in which both have a value; `None` without any. The difference's interval is the
    /// simultaneous one.
    pub paired: Option<Paired>,
    /// The p-value adjusted for the number of policies, for a fixed number of replications.
    pub p_adjusted: Option<f64>,
    /// What can be said.
    pub verdict: Verdict,
}

impl Comparison {
    /// The p-value, for a fixed number of replications.
    pub fn p_value(&self) -> Option<f64> {
        self.p_adjusted.and(self.paired?.p_value)
    }

    /// In how many replications both have a value.
    pub fn replications(&self) -> usize {
        self.paired.map_or(0, |paired| paired.difference.replications)
    }
}

/// The selection of the best policy of a metric.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The metric.
    pub metric: &'static Metric,
    /// Differences up to this do not matter, in the metric's unit.
    pub indifference: f64,
    /// The procedure, with the outcomes as systems.
    pub procedure: KimNelson,
}

/// Outcomes of several policies, and what their comparison says.
#[derive(Clone, Debug)]
pub struct Contest<'a> {
    /// The study.
    pub subject: &'a Subject<'a>,
    /// In the order of the scenario's policies.
    pub outcomes: &'a [PolicyOutcome],
    /// Position of the baseline among them.
    pub baseline: usize,
    /// By policy, baseline left out, then metric.
    pub comparisons: Vec<Comparison>,
    /// The efficient policies.
    pub pareto: Pareto,
    /// The selection, if one was asked for.
    pub selection: Option<Selection>,
}

impl<'a> Contest<'a> {
    /// Compares `outcomes` with the one at position `baseline`; p-values only if the number of replications was `fixed`.
    pub fn new(
        subject: &'a Subject<'a>,
        outcomes: &'a [PolicyOutcome],
        baseline: usize,
        fixed: bool,
        selection: Option<Selection>,
    ) -> Contest<'a> {
        let of_metric = |metric| compared(subject, outcomes, baseline, metric, fixed);
        let mut comparisons: Vec<Comparison> = METRICS.iter().flat_map(of_metric).collect();
        comparisons.sort_by_key(|comparison| comparison.of);
        let pareto = Pareto::of(subject.model, outcomes);
        Contest { subject, outcomes, baseline, comparisons, pareto, selection }
    }

    /// The name of the policy at position `of` of the outcomes.
    pub fn name(&self, of: usize) -> &str {
        &self.subject.model.policies[self.outcomes[of].policy].name
    }

    /// The positions of the policies that are not the baseline.
    pub fn others(&self) -> impl Iterator<Item = usize> {
        let baseline = self.baseline;
        (0..self.outcomes.len()).filter(move |&of| of != baseline)
    }

    /// What a reader should know about the pairs of `row`: that there are not as many as replications; empty if nothing.
    pub fn note(&self, row: &Comparison) -> String {
        let replications = |of: usize| self.outcomes[of].replications.len();
        let common = replications(row.of).min(replications(self.baseline));
        match row.replications() {
            pairs if pairs < common => format!("both have a value in {pairs} of {common} replications"),
            _ => String::new(),
        }
    }

    /// The comparison of the policy at position `of` in the metric `name`.
    pub fn find(&self, of: usize, name: &str) -> Option<&Comparison> {
        self.comparisons.iter().find(|comparison| comparison.of == of && comparison.metric.name == name)
    }

    /// The key metric, then the objectives.
    pub fn shown(&self) -> Vec<&'static Metric> {
        let key = super::metrics::named(&self.subject.study.outputs.key_metric);
        let objectives = self.pareto.objectives.iter().copied();
        let mut shown: Vec<&'static Metric> = key.into_iter().collect();
        shown.extend(objectives.filter(|metric| Some(metric.name) != key.map(|key| key.name)));
        shown
    }
}

/// One metric of all policies but the baseline.
fn compared(
    subject: &Subject<'_>,
    outcomes: &[PolicyOutcome],
    baseline: usize,
    metric: &'static Metric,
    fixed: bool,
) -> Vec<Comparison> {
    let confidence = bonferroni(subject.confidence, outcomes.len().saturating_sub(1));
    let margin = margin(subject, metric.name);
    let better = direction(metric.name).better;
    let others = outcomes.iter().enumerate().filter(|&(of, _)| of != baseline);
    let mut comparisons: Vec<Comparison> = others
        .map(|(of, outcome)| {
            let pairs = pairs(metric, subject.model, &outcomes[baseline], outcome);
            let paired = Paired::from_pairs(&pairs, confidence);
            let verdict = paired.map_or(Verdict::Undecided, |paired| Verdict::of(&paired, margin, better));
            Comparison { of, metric, paired, p_adjusted: None, verdict }
        })
        .collect();
    if fixed {
        adjust(&mut comparisons);
    }
    comparisons
}

/// Holm's adjustment over the policies that have a p-value.
fn adjust(comparisons: &mut [Comparison]) {
    let with_p: Vec<(usize, f64)> = comparisons
        .iter()
        .enumerate()
        .filter_map(|(index, comparison)| Some((index, comparison.paired?.p_value?)))
        .collect();
    let p_values: Vec<f64> = with_p.iter().map(|&(_, p)| p).collect();
    for (&(index, _), adjusted) in with_p.iter().zip(holm(&p_values)) {
        comparisons[index].p_adjusted = Some(adjusted);
    }
}

/// The margin of a metric in its unit; 0 if the scenario gives none.
pub fn margin(subject: &Subject<'_>, metric: &str) -> f64 {
    let margins = &subject.study.estimates.margins;
    margins.iter().find(|(name, _)| name == metric).map_or(0.0, |&(_, margin)| margin)
}

/// Values of `metric` in the replications in which both outcomes have one: (baseline, policy).
pub fn pairs(
    metric: &Metric,
    model: &Model,
    baseline: &PolicyOutcome,
    policy: &PolicyOutcome,
) -> Vec<(f64, f64)> {
    let both = baseline.replications.iter().zip(&policy.replications);
    both.filter_map(|(a, b)| Some(((metric.value)(a, model)?, (metric.value)(b, model)?))).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::report::sample;
    use crate::scenario::Study;

    /// Three policies; a day or so of cost does not matter.
    const POLICIES: &str = r#"
        [policies.a]
        [policies.b]
        [policies.c]
        [outputs]
        key_metric = "cost"
        [estimates]
        margins = { cost = 20.0 }
    "#;

    pub(crate) fn study() -> Study {
        sample::study(POLICIES, &["replications=4".to_owned()])
    }

    /// An outcome of policy `policy` with these costs, and lost sessions that are a tenth of them.
    fn outcome(policy: usize, costs: &[f64]) -> PolicyOutcome {
        let mut outcome = sample::outcome();
        outcome.policy = policy;
        let replication = |(index, &cost): (usize, &f64)| {
            let mut replication = sample::replication(index as u64);
            replication.cost_micros = (cost * 1e6) as i128;
            replication.tally.sessions_dropped = (cost * 100.0) as _;
            replication
        };
        outcome.replications = costs.iter().enumerate().map(replication).collect();
        outcome
    }

    pub(crate) fn outcomes() -> Vec<PolicyOutcome> {
        vec![
            outcome(0, &[100.0, 200.0, 300.0, 400.0]),
            outcome(1, &[111.0, 209.0, 312.0, 408.0]),
            outcome(2, &[50.0, 100.0, 260.0, 330.0]),
        ]
    }

    #[test]
    fn verdicts_are_paired_simultaneous_and_heed_the_margin() {
        let (study, outcomes) = (study(), outcomes());
        let subject = Subject::of(&study);
        let contest = Contest::new(&subject, &outcomes, 0, true, None);
        let find = |of: usize, name: &str| contest.find(of, name).unwrap();
        // Differences 11, 9, 12, 8: mean 10, variance 10/3; two policies, so t(0.9875; 3) = 4.1765.
        let paired = find(1, "cost").paired.unwrap();
        assert_eq!((paired.baseline_mean, paired.mean, paired.difference.mean), (250.0, 260.0, 10.0));
        let half_width = 4.1765 * f64::sqrt(10.0 / 3.0 / 4.0);
        assert!((paired.difference.half_width.unwrap() - half_width).abs() < 1e-3, "{half_width}");
        assert_eq!(find(1, "cost").verdict, Verdict::Same);
        // A tenth, without a margin.
        assert_eq!(find(1, "sessions_dropped").verdict, Verdict::Worse);
        // Differences −50, −100, −40, −70: mean −65, s² = 700, ± 4.1765·√175 = 55.2.
        assert_eq!(find(2, "cost").verdict, Verdict::Better);
        // What is equal in every pair.
        let equal = find(2, "availability");
        assert_eq!((equal.verdict, equal.p_value(), equal.p_adjusted), (Verdict::Same, Some(1.0), Some(1.0)));
    }

    #[test]
    fn p_values_are_adjusted_over_policies_and_only_for_a_fixed_number() {
        let (study, outcomes) = (study(), outcomes());
        let subject = Subject::of(&study);
        let contest = Contest::new(&subject, &outcomes, 0, true, None);
        let p = |of: usize| {
            let comparison = contest.find(of, "cost").unwrap();
            (comparison.p_value().unwrap(), comparison.p_adjusted.unwrap())
        };
        let ((small, adjusted), (large, unchanged)) = (p(1), p(2));
        assert!(small < large && (adjusted - 2.0 * small).abs() < 1e-15);
        assert_eq!(unchanged, large.max(adjusted));
        let sequential = Contest::new(&subject, &outcomes, 0, false, None);
        assert!(sequential.comparisons.iter().all(|of| of.p_value().is_none() && of.p_adjusted.is_none()));
    }

    #[test]
    fn pairs_that_are_missing_are_noted() {
        let (study, mut outcomes) = (study(), outcomes());
        outcomes[1].replications[2].rollouts.clear();
        let subject = Subject::of(&study);
        let contest = Contest::new(&subject, &outcomes, 0, true, None);
        let note = |of: usize, name: &str| contest.note(contest.find(of, name).unwrap());
        assert_eq!(note(1, "rollout_p50"), "both have a value in 3 of 4 replications");
        assert_eq!((note(2, "rollout_p50"), note(1, "cost")), (String::new(), String::new()));
    }

    #[test]
    fn any_policy_can_be_the_baseline() {
        let (study, outcomes) = (study(), outcomes());
        let subject = Subject::of(&study);
        let contest = Contest::new(&subject, &outcomes, 1, true, None);
        assert_eq!(contest.others().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(contest.find(0, "cost").unwrap().paired.unwrap().difference.mean, -10.0);
        assert!(contest.find(1, "cost").is_none());
        assert_eq!(contest.comparisons.len(), 2 * METRICS.len());
    }
}
