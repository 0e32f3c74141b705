//! What-ifs over settings: every combination of the values of some settings, each simulated with the same luck.
//!
//! Points come in the order of the combinations, the last setting varying fastest. An interrupt leaves the first ones.
//! Effects need all of them ([`Factorial`]) and, of the replications, those in which the metric has a value at every
//! point.

pub mod screen;

use super::metrics::{METRICS, Metric};
use super::summary::{Summary, summaries};
use crate::analysis::Factorial;
use crate::experiment::PolicyOutcome;
use crate::simulation::Model;

/// A setting that is varied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its dotted path.
    pub path: String,
    /// Its values as they were written.
    pub values: Vec<String>,
}

/// One combination of values.
#[derive(Clone, Debug)]
pub struct Point {
    /// By factor: which of its values.
    pub levels: Vec<usize>,
    /// By policy.
    pub responses: Vec<Response>,
}

/// What came of one policy at one point.
#[derive(Clone, Debug)]
pub struct Response {
    /// By metric.
    pub summaries: Vec<Summary>,
    /// Confidence of their intervals.
    pub confidence: f64,
    /// By metric, then replication.
    values: Vec<Vec<Option<f64>>>,
}

impl Response {
    /// Of what was simulated.
    pub fn of(model: &Model, outcome: &PolicyOutcome, confidence: f64) -> Response {
        let by_replication = |metric: &Metric| {
            outcome.replications.iter().map(|replication| (metric.value)(replication, model)).collect()
        };
        Response {
            summaries: summaries(model, outcome, confidence),
            confidence,
            values: METRICS.iter().map(by_replication).collect(),
        }
    }

    /// The summary of a metric.
    pub fn summary(&self, metric: &Metric) -> Option<&Summary> {
        self.summaries.iter().find(|summary| summary.metric.name == metric.name)
    }
}

/// All that came of a sweep.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// What is varied.
    pub factors: Vec<Factor>,
    /// Names of the policies, in the order of the first point's scenario.
    pub policies: Vec<String>,
    /// The first points; all of them unless it was interrupted.
    pub points: Vec<Point>,
    /// The metric that reports show.
    pub key: &'static Metric,
    /// Confidence of the intervals of effects.
    pub confidence: f64,
}

impl Sweep {
    /// Whether every combination was simulated.
    pub fn is_complete(&self) -> bool {
        self.points.len() == self.factors.iter().map(|factor| factor.values.len()).product::<usize>()
    }

    /// The responses in a metric of the policy at position `policy`; none unless complete, or if no replication has a
    /// value at every point.
    pub fn factorial(&self, policy: usize, metric: &Metric) -> Option<Factorial> {
        let at = METRICS.iter().position(|other| other.name == metric.name)?;
        let values: Vec<&[Option<f64>]> =
            self.points.iter().map(|point| &point.responses[policy].values[at][..]).collect();
        let replications = values.iter().map(|values| values.len()).min().filter(|_| self.is_complete())?;
        let whole = |replication| values.iter().map(|values| values[replication]).collect();
        let responses: Vec<Vec<f64>> = (0..replications).filter_map(whole).collect();
        let levels = self.factors.iter().map(|factor| factor.values.len()).collect();
        Factorial::new(levels, responses, self.confidence)
    }

    /// The value of a factor at a point, without the quotes that it may have been written in.
    pub fn value<'a>(&'a self, point: &Point, factor: usize) -> &'a str {
        bare(&self.factors[factor].values[point.levels[factor]])
    }
}

/// A value without quotes around it.
pub fn bare(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// A text of at most so many characters, cut at its beginning: paths differ at their ends.
pub fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    ['…'].into_iter().chain(text.chars().skip(count + 1 - most)).collect()
}

/// The last steps of a path that fit into so many characters, one at least.
pub fn ending(path: &str, most: usize) -> String {
    let fits = |&at: &usize| path.len() - at < most;
    let begin = path.match_indices('.').map(|(at, _)| at + 1).find(fits).or(path.rfind('.').map(|at| at + 1));
    match begin {
        Some(begin) if path.chars().count() > most => shortened(&format!("…{}", &path[begin..]), most),
        _ => shortened(path, most),
    }
}

/// All combinations of levels, the last factor varying fastest; `counts` says how many each factor has.
pub fn combinations(counts: &[usize]) -> Vec<Vec<usize>> {
    counts.iter().fold(vec![Vec::new()], |before, &count| {
        let with = |levels: Vec<usize>| {
            (0..count).map(move |level| levels.iter().copied().chain([level]).collect::<Vec<usize>>())
        };
        before.into_iter().flat_map(with).collect()
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::report::metrics::named;
    use crate::report::sample;

    /// Two settings of two and three values; the cost of replication r at levels (i, j) is 10·i + j + r.
    pub(crate) fn sweep() -> Sweep {
        let factors = vec![
            Factor { path: "demand.office.users".into(), values: vec!["100".into(), "200".into()] },
            Factor {
                path: "policies.a.upgrade.preset".into(),
                values: ["\"x\"", "y,z", "w"].map(String::from).into(),
            },
        ];
        let model = sample::model();
        let point = |levels: Vec<usize>| {
            let mut outcome = sample::outcome();
            for (r, replication) in outcome.replications.iter_mut().enumerate() {
                replication.cost_micros = ((10 * levels[0] + levels[1] + r) * 1_000_000) as i128;
            }
            let responses = vec![Response::of(&model, &outcome, 0.9), Response::of(&model, &outcome, 0.9)];
            Point { levels, responses }
        };
        Sweep {
            points: combinations(&[2, 3]).into_iter().map(point).collect(),
            factors,
            policies: vec!["a".into(), "b".into()],
            key: named("cost").unwrap(),
            confidence: 0.9,
        }
    }

    #[test]
    fn the_last_factor_varies_fastest() {
        assert_eq!(combinations(&[2, 2]), [[0, 0], [0, 1], [1, 0], [1, 1]]);
        assert_eq!(combinations(&[3, 0]), Vec::<Vec<usize>>::new());
        let sweep = sweep();
        let values: Vec<[&str; 2]> =
            sweep.points.iter().map(|at| [0, 1].map(|f| sweep.value(at, f))).collect();
        assert_eq!(values[..4], [["100", "x"], ["100", "y,z"], ["100", "w"], ["200", "x"]]);
    }

    #[test]
    fn paths_are_cut_between_steps() {
        assert_eq!(ending("demand.office.users", 26), "demand.office.users");
        assert_eq!(ending("fleet.groups.fra-app.connectors", 26), "…groups.fra-app.connectors");
        assert_eq!(ending("policies.vendor-default.repair.after.mean", 26), "…repair.after.mean");
        assert_eq!(ending("a.an-unusually-long-name-of-a-key", 10), "…-of-a-key");
    }

    #[test]
    fn effects_are_paired_by_replication_and_need_every_point() {
        let mut sweep = sweep();
        let cost = sweep.factorial(1, sweep.key).unwrap();
        assert_eq!(cost.main_effect((0, 1)).mean, 5.0);
        assert_eq!(cost.main_effect((0, 1)).half_width, Some(0.0));
        // A replication without a value at one point is left out at all.
        let at = METRICS.iter().position(|metric| metric.name == "cost").unwrap();
        sweep.points[2].responses[1].values[at][0] = None;
        assert_eq!(sweep.factorial(1, sweep.key).unwrap().mean(&[]).replications, 1);
        sweep.points.pop();
        assert!(sweep.factorial(0, sweep.key).is_none());
    }
}
