//! The verdicts of a comparison on one screen, and the same as JSON.
//!
//! The screen shows the key metric and the objectives, of which a person can keep sight; every metric is in
//! comparison.csv and in the JSON.

use comfy_table::Table;
use serde_json::{Map, Value, json};

use super::comparison::{Comparison, Contest, Selection};
use super::metrics::Metric;
use super::run_length;
use super::summary::counted;
use super::terminal::{cut, decimals_for, lines, percent, short, table};
use crate::analysis::{Paired, Verdict, ten_digits};

/// The screen: heading, table of verdicts, what pairing was worth, the selection.
pub fn screen(contest: &Contest<'_>) -> String {
    let mut text = heading(contest);
    text.push_str(&lines(&verdict_table(contest)));
    text.push('\n');
    for line in [efficient(contest), pairing(contest)].into_iter().flatten().chain(notes(contest)) {
        text.push_str(&format!("{line}\n"));
    }
    for of in contest.others() {
        text.push_str(&format!("{}\n", tally(contest, of)));
    }
    if let Some(selection) = &contest.selection {
        text.push_str(&format!("\n{}\n", selected(contest, selection)));
    }
    text
}

fn heading(contest: &Contest<'_>) -> String {
    let (study, model) = (contest.subject.study, contest.subject.model);
    let count = |of: usize| contest.outcomes[of].replications.len();
    let all = (0..contest.outcomes.len()).map(count);
    let (least, most) = (all.clone().min().unwrap_or(0), all.max().unwrap_or(0));
    let replications =
        if least == most { counted(most, "replication") } else { format!("{least} to {most} replications") };
    format!(
        "{}: {} compared with {}, {replications} of {}, seed {}\n\n",
        study.name,
        if contest.outcomes.len() == 2 {
            "1 policy".to_owned()
        } else {
            format!("{} policies", contest.outcomes.len() - 1)
        },
        contest.name(contest.baseline),
        run_length(model),
        model.seed,
    )
}

fn verdict_table(contest: &Contest<'_>) -> Table {
    let interval = format!("± {}", percent(contest.subject.confidence));
    let baseline = cut(contest.name(contest.baseline));
    let header = ["policy", "metric", &baseline, "difference", &interval, "unit", "verdict"];
    let mut table = table(&header, &[2, 3, 4]);
    let key = contest.subject.study.outputs.key_metric.as_str();
    for of in contest.others() {
        let mark = if contest.pareto.is_efficient(of) { " †" } else { "" };
        let mut policy = format!("{}{mark}", cut(contest.name(of)));
        for metric in contest.shown() {
            let Some(comparison) = contest.find(of, metric.name) else { continue };
            let star = if metric.name == key { " *" } else { "" };
            let [mean, difference, half_width] = numbers(comparison);
            table.add_row([
                std::mem::take(&mut policy),
                format!("{}{star}", metric.name),
                mean,
                difference,
                half_width,
                scale(metric).1.to_owned(),
                comparison.verdict.word().to_owned(),
            ]);
        }
    }
    table
}

/// Shares are shown in percent.
fn scale(metric: &Metric) -> (f64, &'static str) {
    if metric.unit == "share" { (100.0, "%") } else { (1.0, metric.unit) }
}

/// Baseline's mean, difference and half-width, with as many digits as the half-width allows.
fn numbers(of: &Comparison) -> [String; 3] {
    let Some(Paired { baseline_mean, difference, .. }) = of.paired else {
        return ["no value".to_owned(), String::new(), String::new()];
    };
    let factor = scale(of.metric).0;
    let half_width = difference.half_width.map(|half_width| half_width * factor);
    let precise = |value: f64| match half_width {
        Some(half_width) if half_width > 0.0 => decimals_for(value * factor, half_width, 2),
        _ => short(value * factor),
    };
    let shown = half_width.map_or(String::new(), |half_width| decimals_for(half_width, half_width, 2));
    [precise(baseline_mean), precise(difference.mean), shown]
}

/// Who is efficient in what.
fn efficient(contest: &Contest<'_>) -> Option<String> {
    let objectives: Vec<&str> = contest.pareto.objectives.iter().map(|metric| metric.name).collect();
    let efficient: Vec<&str> = (0..contest.outcomes.len())
        .filter(|&of| contest.pareto.is_efficient(of))
        .map(|of| contest.name(of))
        .collect();
    (objectives.len() > 1).then(|| {
        let (objectives, efficient) = (objectives.join(", "), efficient.join(", "));
        format!("† Pareto-efficient in the means of {objectives}: {efficient}")
    })
}

/// What common random numbers were worth for the key metric.
fn pairing(contest: &Contest<'_>) -> Option<String> {
    let key = contest.subject.study.outputs.key_metric.as_str();
    let of_policy = |of: usize| {
        let reduction = reduction(contest, of)?;
        Some(format!("{} {} %", contest.name(of), decimals_for(100.0 * reduction, 100.0, 3)))
    };
    let all: Vec<String> = contest.others().filter_map(of_policy).collect();
    let text = format!(
        "Share of the variance of the difference in {key} that pairing took away: {}",
        all.join(", ")
    );
    (!all.is_empty()).then_some(text)
}

/// What rests on fewer pairs than replications, of what is shown.
fn notes(contest: &Contest<'_>) -> Vec<String> {
    let shown = contest
        .others()
        .flat_map(|of| contest.shown().into_iter().filter_map(move |metric| contest.find(of, metric.name)));
    let noted = shown.map(|row| (row, contest.note(row))).filter(|(_, note)| !note.is_empty());
    noted.map(|(row, note)| format!("{}, {}: {note}", contest.name(row.of), row.metric.name)).collect()
}

fn reduction(contest: &Contest<'_>, of: usize) -> Option<f64> {
    contest.find(of, &contest.subject.study.outputs.key_metric)?.paired?.variance_reduction
}

/// All metrics of a policy that have a value in pairs, in one line.
fn tally(contest: &Contest<'_>, of: usize) -> String {
    let rows = contest.comparisons.iter().filter(|row| row.of == of && row.paired.is_some());
    let verdicts: Vec<Verdict> = rows.map(|row| row.verdict).collect();
    let count = |verdict: Verdict| {
        let count = verdicts.iter().filter(|&&other| other == verdict).count();
        format!("{count} {}", verdict.word())
    };
    let counts = [Verdict::Better, Verdict::Worse, Verdict::Same, Verdict::Undecided].map(count);
    format!("{}, all {} metrics: {}", contest.name(of), verdicts.len(), counts.join(", "))
}

fn selected(contest: &Contest<'_>, selection: &Selection) -> String {
    let Selection { metric, indifference, procedure } = selection;
    let setting = format!(
        "{} (procedure KN, indifference {} {}, confidence {})",
        metric.name,
        short(*indifference),
        metric.unit,
        percent(contest.subject.confidence)
    );
    let out = |of: usize| {
        let after = procedure.eliminated_after(of)?;
        Some(format!("{} out after {after}", contest.name(of)))
    };
    let out: Vec<String> = (0..contest.outcomes.len()).filter_map(out).collect();
    let out = if out.is_empty() { String::new() } else { format!(": {}", out.join(", ")) };
    let taken = counted(procedure.taken(), "replication");
    match procedure.selected() {
        Some(of) => format!("Selected in {setting}: {} after {taken}{out}", contest.name(of)),
        None => format!("None selected yet in {setting} after {taken}{out}"),
    }
}

/// The comparison for a program: every metric of every policy but the baseline, the efficient ones, the selection.
pub fn json(contest: &Contest<'_>) -> Value {
    let policies: Vec<Value> = contest.others().map(|of| policy_json(contest, of)).collect();
    let names = |keep: &dyn Fn(usize) -> bool| -> Vec<&str> {
        (0..contest.outcomes.len()).filter(|&of| keep(of)).map(|of| contest.name(of)).collect()
    };
    json!({
        "baseline": contest.name(contest.baseline),
        "confidence": contest.subject.confidence,
        "comparisons": policies,
        "pareto": {
            "objectives": contest.pareto.objectives.iter().map(|metric| metric.name).collect::<Vec<_>>(),
            "efficient": names(&|of| contest.pareto.is_efficient(of)),
        },
        "selection": contest.selection.as_ref().map(|selection| selection_json(contest, selection)),
    })
}

fn policy_json(contest: &Contest<'_>, of: usize) -> Value {
    let rows = contest.comparisons.iter().filter(|row| row.of == of);
    let metrics: Map<String, Value> =
        rows.map(|row| (row.metric.name.to_owned(), metric_json(row))).collect();
    json!({
        "policy": contest.name(of),
        "efficient": contest.pareto.is_efficient(of),
        "variance_reduction": reduction(contest, of).map(ten_digits),
        "metrics": metrics,
    })
}

fn metric_json(row: &Comparison) -> Value {
    let number = |value: fn(&Paired) -> Option<f64>| row.paired.as_ref().and_then(value).map(ten_digits);
    json!({
        "unit": row.metric.unit,
        "baseline_mean": number(|paired| Some(paired.baseline_mean)),
        "mean": number(|paired| Some(paired.mean)),
        "difference": number(|paired| Some(paired.difference.mean)),
        "half_width": number(|paired| paired.difference.half_width),
        "replications": row.replications(),
        "p_value": row.p_value().map(ten_digits),
        "p_adjusted": row.p_adjusted.map(ten_digits),
        "correlation": number(|paired| paired.correlation),
        "verdict": row.verdict.word(),
    })
}

fn selection_json(contest: &Contest<'_>, selection: &Selection) -> Value {
    let Selection { metric, indifference, procedure } = selection;
    let eliminated: Map<String, Value> = (0..contest.outcomes.len())
        .filter_map(|of| Some((contest.name(of).to_owned(), json!(procedure.eliminated_after(of)?))))
        .collect();
    json!({
        "procedure": "KN",
        "metric": metric.name,
        "indifference": indifference,
        "replications": procedure.taken(),
        "selected": procedure.selected().map(|of| contest.name(of)),
        "eliminated_after": eliminated,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::comparison::tests::{outcomes, study};
    use crate::report::subject::Subject;

    #[test]
    fn verdicts_fit_one_screen() {
        let (study, outcomes) = (study(), outcomes());
        let subject = Subject::of(&study);
        let text = screen(&Contest::new(&subject, &outcomes, 0, true, None));
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
        insta::assert_snapshot!(text, @"
        small: 2 policies compared with a, 4 replications of 730h, seed 1

         policy  metric                      a  difference  ± 95 %  unit        verdict
         b †     cost *                    250          10     3.8  currency    same
                 rollout_p99                 1           0       0  h           same
                 user_minutes_lost       7,200           0       0  user-min    same
                 exposed_to_bad_release      0           0       0  connectors  same
         c †     cost *                    250         -65      55  currency    better
                 rollout_p99                 1           0       0  h           same
                 user_minutes_lost       7,200           0       0  user-min    same
                 exposed_to_bad_release      0           0       0  connectors  same

        † Pareto-efficient in the means of rollout_p99, user_minutes_lost, exposed_to_bad_release: a, b, c
        Share of the variance of the difference in cost that pairing took away: b 100 %, c 98 %
        b, all 37 metrics: 0 better, 2 worse, 35 same, 0 undecided
        c, all 37 metrics: 3 better, 0 worse, 34 same, 0 undecided
        ");
    }

    #[test]
    fn json_holds_every_metric_and_verdict() {
        let (study, outcomes) = (study(), outcomes());
        let subject = Subject::of(&study);
        let value = json(&Contest::new(&subject, &outcomes, 0, true, None));
        assert_eq!(value["baseline"], "a");
        assert_eq!(value["comparisons"][1]["policy"], "c");
        assert_eq!(value["comparisons"][1]["metrics"]["cost"]["difference"], -65.0);
        assert_eq!(value["comparisons"][1]["metrics"]["cost"]["verdict"], "better");
        assert_eq!(value["comparisons"][0]["metrics"]["availability"]["p_value"], 1.0);
        assert!(value["selection"].is_null());
    }
}
