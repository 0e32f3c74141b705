//! comparison.csv, pareto.csv and selection.csv: what [`crate::report::comparison`] says.

use super::{Line, Names, header};
use crate::analysis::Estimate;
use crate::report::comparison::{Contest, Selection};

/// comparison.csv: one row per policy but the baseline and metric.
pub fn comparison(names: &Names, contest: &Contest<'_>) -> Vec<u8> {
    let mut out = header(
        "policy,baseline,metric,unit,baseline_mean,mean,difference,half_width,confidence,p_value,p_adjusted,\
         correlation,verdict,replications,note",
    );
    let baseline = contest.outcomes[contest.baseline].policy;
    for of in &contest.comparisons {
        let paired = of.paired;
        let mut line = Line::new(&mut out);
        line.raw(names.policy(contest.outcomes[of.of].policy)).raw(names.policy(baseline));
        line.raw(of.metric.name).raw(of.metric.unit);
        line.number(paired.map(|paired| paired.baseline_mean)).number(paired.map(|paired| paired.mean));
        line.number(paired.map(|paired| paired.difference.mean));
        line.number(paired.and_then(|paired| paired.difference.half_width));
        line.number(Some(contest.subject.confidence));
        line.number(of.p_value().map(readable)).number(of.p_adjusted.map(readable));
        line.number(paired.and_then(|paired| paired.correlation)).raw(of.verdict.word());
        line.integer(of.replications() as i64).text(&contest.note(of)).end();
    }
    out
}

/// Twelve decimals: what is smaller is 0 to any reader, and would be a long row of zeros.
fn readable(p: f64) -> f64 {
    libm::round(p * 1e12) / 1e12
}

/// pareto.csv: one row per policy and objective.
pub fn pareto(names: &Names, contest: &Contest<'_>) -> Vec<u8> {
    let mut out = header("policy,metric,unit,mean,efficient,dominated_by");
    let pareto = &contest.pareto;
    for (of, outcome) in contest.outcomes.iter().enumerate() {
        let by = pareto.dominated_by[of].map(|by| names.policy(contest.outcomes[by].policy));
        for (metric, &mean) in pareto.objectives.iter().zip(&pareto.means[of]) {
            let mut line = Line::new(&mut out);
            line.raw(names.policy(outcome.policy)).raw(metric.name).raw(metric.unit).number(Some(mean));
            line.truth(pareto.is_efficient(of)).raw(by.unwrap_or_default()).end();
        }
    }
    out
}

/// selection.csv: one row per policy.
pub fn selection(names: &Names, contest: &Contest<'_>, selection: &Selection) -> Vec<u8> {
    let mut out = header("policy,metric,mean,replications,eliminated_after,selected");
    let Selection { metric, procedure, .. } = selection;
    for (of, outcome) in contest.outcomes.iter().enumerate() {
        let eliminated = procedure.eliminated_after(of);
        let used = eliminated.unwrap_or(procedure.taken());
        let values = outcome.replications.iter().take(used);
        let values: Vec<f64> =
            values.filter_map(|replication| (metric.value)(replication, contest.subject.model)).collect();
        let mean = Estimate::from_values(&values, contest.subject.confidence).map(|estimate| estimate.mean);
        let mut line = Line::new(&mut out);
        line.raw(names.policy(outcome.policy)).raw(metric.name).number(mean).integer(used as i64);
        line.number(eliminated.map(|after| after as f64)).truth(procedure.selected() == Some(of)).end();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::KimNelson;
    use crate::report::comparison::tests::{outcomes, study};
    use crate::report::metrics::named;
    use crate::report::subject::Subject;

    #[test]
    fn rows_say_what_the_comparison_says() {
        let (study, outcomes) = (study(), outcomes());
        let subject = Subject::of(&study);
        let mut procedure = KimNelson::new(3, 30.0, 0.95, 4);
        let cost = named("cost").unwrap();
        for r in 0..4 {
            procedure
                .observe(|of| -(cost.value)(&outcomes[of].replications[r], subject.model).unwrap_or(0.0));
        }
        let chosen = Selection { metric: cost, indifference: 30.0, procedure };
        let contest = Contest::new(&subject, &outcomes, 0, true, Some(chosen.clone()));
        let file = String::from_utf8(comparison(&subject.names, &contest)).unwrap();
        let row = |start: &str| file.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        assert!(
            row("b,a,availability,").starts_with("b,a,availability,share,0.99,0.99,0,0,0.95,1,1,,same,4,"),
            "{}",
            row("b,a,availability,")
        );
        assert!(row("b,a,cost,").starts_with("b,a,cost,currency,250,260,10,3.81"), "{}", row("b,a,cost,"));
        assert!(row("c,a,cost,").ends_with(",better,4,"));
        let file = String::from_utf8(pareto(&subject.names, &contest)).unwrap();
        assert!(file.contains("b,user_minutes_lost,user-min,7200,true,\n"), "{file}");
        let file = String::from_utf8(selection(&subject.names, &contest, &chosen)).unwrap();
        assert!(file.contains("c,cost,185,4,,"), "{file}");
    }
}
