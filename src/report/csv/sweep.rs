//! sweep.csv and effects.csv: the points of a sweep, and what each value does.

use super::{Line, header, quoted};
use crate::analysis::{Estimate, Factorial, Level};
use crate::report::metrics::{METRICS, Metric};
use crate::report::summary::Summary;
use crate::report::sweep::{Factor, Sweep, bare};

/// sweep.csv: for each point a row per policy and metric, its values first.
pub fn sweep(sweep: &Sweep) -> Vec<u8> {
    let paths: String = sweep.factors.iter().map(|factor| format!("{},", quoted(&factor.path))).collect();
    let mut out = header(&format!(
        "{paths}policy,metric,unit,mean,half_width,confidence,replications,p05,p50,p95,upper_limit,note"
    ));
    for point in &sweep.points {
        for (policy, response) in sweep.policies.iter().zip(&point.responses) {
            for summary in &response.summaries {
                let mut line = Line::new(&mut out);
                for factor in 0..sweep.factors.len() {
                    line.text(sweep.value(point, factor));
                }
                line.text(policy).raw(summary.metric.name).raw(summary.metric.unit);
                numbers(line, summary, response.confidence);
            }
        }
    }
    out
}

fn numbers(mut line: Line<'_>, of: &Summary, confidence: f64) {
    estimate(&mut line, of.estimate, confidence);
    for index in 0..3 {
        line.number(of.quantiles.map(|quantiles| quantiles[index]));
    }
    line.number(of.upper_limit).text(&of.note).end();
}

/// Mean, half-width, confidence, replications.
fn estimate(line: &mut Line<'_>, of: Option<Estimate>, confidence: f64) {
    line.number(of.map(|of| of.mean)).number(of.and_then(|of| of.half_width)).number(Some(confidence));
    line.integer(of.map_or(0, |of| of.replications as i64));
}

/// effects.csv: for each policy and metric a row per value, and one per pair of values of different settings.
pub fn effects(sweep: &Sweep) -> Vec<u8> {
    let mut out = header(
        "policy,metric,unit,setting,value,with_setting,with_value,mean,effect,half_width,confidence,replications",
    );
    for (index, policy) in sweep.policies.iter().enumerate() {
        for metric in &METRICS {
            if let Some(of) = sweep.factorial(index, metric) {
                Effects { sweep, policy, metric, of: &of }.rows(&mut out);
            }
        }
    }
    out
}

struct Effects<'a> {
    sweep: &'a Sweep,
    policy: &'a str,
    metric: &'a Metric,
    of: &'a Factorial,
}

impl Effects<'_> {
    fn rows(&self, out: &mut Vec<u8>) {
        let levels = |factor: usize| (0..self.of.levels()[factor]).map(move |level| (factor, level));
        for level in (0..self.sweep.factors.len()).flat_map(levels) {
            self.row(out, &[level], self.of.main_effect(level));
        }
        for (a, b) in self.of.pairs() {
            for (a, b) in levels(a).flat_map(|a| levels(b).map(move |b| (a, b))) {
                self.row(out, &[a, b], self.of.interaction(a, b));
            }
        }
    }

    fn row(&self, out: &mut Vec<u8>, at: &[Level], effect: Estimate) {
        let mut line = Line::new(out);
        line.text(self.policy).raw(self.metric.name).raw(self.metric.unit);
        for place in 0..2 {
            let (path, value) = at.get(place).map_or(("", ""), |&level| names(&self.sweep.factors, level));
            line.text(path).text(value);
        }
        line.number(Some(self.of.mean(at).mean));
        estimate(&mut line, Some(effect), effect.confidence);
        line.end();
    }
}

fn names(factors: &[Factor], (factor, level): Level) -> (&str, &str) {
    (&factors[factor].path, bare(&factors[factor].values[level]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sweep::tests::sweep as sample;

    fn rows(bytes: Vec<u8>) -> Vec<Vec<String>> {
        let mut reader = ::csv::Reader::from_reader(&bytes[..]);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_point_is_told_by_its_values() {
        let rows = rows(sweep(&sample()));
        assert_eq!(rows.len(), 6 * 2 * METRICS.len());
        let of = |at: [&str; 4]| rows.iter().find(|row| row[..4] == at).unwrap().clone();
        // Costs 11 and 12: mean 11.5, half-width t(0.95; 1)·0.5 = 6.3138·0.5.
        let cost = of(["200", "y,z", "b", "cost"]);
        assert_eq!((cost[5].as_str(), cost[7].as_str(), cost[8].as_str()), ("11.5", "0.9", "2"));
        assert!(cost[6].starts_with("3.156"), "{}", cost[6]);
    }

    #[test]
    fn effects_are_told_by_value_and_by_pair() {
        let rows = rows(effects(&sample()));
        let of = |setting: &str, with: &str| {
            let mine = rows
                .iter()
                .filter(|row| row[0] == "a" && row[1] == "cost" && row[3] == setting && row[5] == with);
            mine.cloned().collect::<Vec<_>>()
        };
        let users = of("demand.office.users", "");
        assert_eq!(users.len(), 2);
        assert_eq!(users[1][4..], ["200", "", "", "11.5", "5", "0", "0.9", "2"]);
        assert_eq!(of("policies.a.upgrade.preset", "").len(), 3);
        let pairs = of("demand.office.users", "policies.a.upgrade.preset");
        assert_eq!(pairs.len(), 6);
        assert_eq!(pairs[4][4..], ["200", "policies.a.upgrade.preset", "y,z", "11.5", "0", "0", "0.9", "2"]);
    }
}
