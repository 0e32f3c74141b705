//! The summary of a run on one screen, and the same as JSON.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};
use serde_json::{Value, json};

use super::blame::{MEASURES, Shares, shares};
use super::capacity::capacity;
use super::picture::frame::grouped;
use super::provisioning;
use super::run_length;
use super::subject::Subject;
use super::summary::{Summary, counted, summaries};
use super::unfinished;
use super::warm_up::{self, WarmUp};
use crate::analysis::{Estimate, Truncation, ten_digits};
use crate::experiment::PolicyOutcome;
use crate::recording::blame::Charges;
use crate::simulation::Model;
use crate::time::{MINUTE, Span};

/// The metrics on the screen, with what they are called there.
const SHOWN: [(&str, &str); 25] = [
    ("availability", "connector-time serving"),
    ("group_availability", "group-time with a connector serving"),
    ("groups_breaking_objective", "group-months below the objective"),
    ("longest_group_outage", "longest outage of a group"),
    ("overloaded_hours_per_month", "overloaded, per group"),
    ("unserved_share", "demand unserved, share"),
    ("cpu_p99", "CPU, 99 % quantile"),
    ("user_minutes_lost", "user-minutes lost in the run"),
    ("sessions_dropped", "sessions dropped"),
    ("expired", "connectors expired"),
    ("update_failures", "update attempts that failed"),
    ("halts", "rollouts halted in a group"),
    ("rollout_p50", "rollout: half of the connectors"),
    ("rollout_p99", "rollout: 99 % of the connectors"),
    ("rollout_complete", "rollout: complete"),
    ("unfinished_groups", "groups with a rollout unfinished"),
    ("rolled_back", "connectors that went back"),
    ("exposed_to_bad_release", "exposed to bad releases, each anew"),
    ("bad_release_contained", "bad release: until nobody runs it"),
    ("bad_release_user_minutes", "user-minutes lost by bad releases"),
    ("vulnerable_connector_hours", "with a vulnerable image"),
    ("cost_connectors", "cost of connectors"),
    ("cost_operators", "cost of operators"),
    ("cost_lost_users", "cost of lost users"),
    ("cost", "cost"),
];

/// How many of the worst groups are shown.
const WORST: usize = 10;
/// How many causes are shown.
const CHARGED: usize = 5;
/// The longest name on the screen.
const LONGEST_NAME: usize = 30;

/// The screen of one policy, at most about 45 lines of 100 columns.
pub fn screen(subject: &Subject<'_>, outcome: &PolicyOutcome) -> String {
    let summaries = summaries(subject.model, outcome, subject.confidence);
    let mut text = heading(subject, outcome);
    text.push_str(&lines(&metric_table(subject, outcome, &summaries)));
    text.push_str(&cut_off(&summaries));
    text.push_str(&warm_up::told(subject, outcome));
    let charged = shares(&subject.study.causes(), outcome);
    if !charged.is_empty() {
        text.push('\n');
        text.push_str(&lines(&blame_table(&charged)));
    }
    let worst = worst(subject, outcome);
    if worst.is_empty() {
        text.push_str("\nNo group was overloaded or left demand unserved.\n");
    } else {
        text.push_str(&format!("\nWorst groups, of {}\n", grouped(&outcome.groups.len().to_string())));
        text.push_str(&lines(&group_table(subject, &worst)));
    }
    text.push_str(&provisioning::screen(outcome));
    text.push_str(&unfinished::screen(subject, outcome));
    text
}

fn heading(subject: &Subject<'_>, outcome: &PolicyOutcome) -> String {
    let model = subject.model;
    let without = &subject.study.without;
    let connectors: usize = model.fleet.groups.iter().map(|group| group.connectors()).sum();
    format!(
        "{}{}: policy {}, {} of {}, seed {}\n{} with {} at {}\n\n",
        subject.study.name,
        if without.is_empty() { String::new() } else { format!(" without {}", without.join(", ")) },
        model.policies[outcome.policy].name,
        counted(outcome.replications.len(), "replication"),
        run_length(model),
        model.seed,
        counted(model.fleet.groups.len(), "group"),
        counted(connectors, "connector"),
        counted(model.fleet.sites.len(), "site"),
    )
}

pub(super) fn table(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header.iter().copied());
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

pub(super) fn lines(table: &Table) -> String {
    format!("{}\n", table.trim_fmt())
}

/// What the numbers of rollouts in the table mean, if there are any.
fn cut_off(summaries: &[Summary]) -> String {
    if summaries.iter().any(|of| of.estimate.is_some() && partly(of).is_some()) {
        " (n of m): rollouts that got there before the next release or the horizon; the mean is of these\n"
            .into()
    } else {
        String::new()
    }
}

/// How many of how many rollouts a mean is over, if not all.
fn partly(of: &Summary) -> Option<(usize, usize)> {
    of.rollouts.filter(|(reached, all)| reached < all)
}

/// Whether there can be anything to see of a metric; always of the key metric.
fn has_meaning(name: &str, subject: &Subject<'_>, outcome: &PolicyOutcome) -> bool {
    let model = subject.model;
    let any_bad = || outcome.replications.iter().any(|of| of.rollouts.iter().any(|rollout| rollout.bad));
    name == subject.study.outputs.key_metric
        || match name {
            "vulnerable_connector_hours" => !model.environment.images.is_empty(),
            "cost" => prices(model) > 0,
            "cost_connectors" => prices(model) > 1 && machines_are_priced(model),
            "cost_operators" => prices(model) > 1 && model.prices.operator_hour > 0.0,
            "cost_lost_users" => prices(model) > 1 && model.prices.lost_user_minute > 0.0,
            "exposed_to_bad_release" | "bad_release_contained" | "bad_release_user_minutes" => any_bad(),
            "rolled_back" => model.policies[outcome.policy].upgrade.rings.is_some(),
            "unfinished_groups" => outcome.replications.iter().any(|of| !of.unfinished.is_empty()),
            _ => true,
        }
}

/// How many kinds of things have a price.
fn prices(model: &Model) -> usize {
    let others = [model.prices.operator_hour, model.prices.lost_user_minute];
    usize::from(machines_are_priced(model)) + others.iter().filter(|&&price| price > 0.0).count()
}

fn machines_are_priced(model: &Model) -> bool {
    model.fleet.instances.iter().any(|instance| instance.cost_per_hour > 0.0)
}

fn metric_table(subject: &Subject<'_>, outcome: &PolicyOutcome, summaries: &[Summary]) -> Table {
    let interval = format!("± {}", percent(subject.confidence));
    let mut table = table(&["", "mean", &interval, "unit", "metric"], &[1, 2]);
    let key = subject.study.outputs.key_metric.as_str();
    for (name, words) in SHOWN.into_iter().filter(|(name, _)| has_meaning(name, subject, outcome)) {
        let of = summaries.iter().find(|summary| summary.metric.name == name);
        let Some((of, estimate)) = of.and_then(|of| Some((of, of.estimate?))) else { continue };
        let mark = if name == key { " *" } else { "" };
        let (mean, half_width, unit) = readable(of, estimate);
        let words = match partly(of) {
            Some((reached, all)) => {
                format!("{words} ({} of {})", grouped(&reached.to_string()), grouped(&all.to_string()))
            }
            None => words.to_owned(),
        };
        table.add_row([words, mean, half_width, unit.to_owned(), format!("{name}{mark}")]);
    }
    table
}

/// Mean and half-width as text with as many digits as the half-width allows, shares in percent. Where the interval is
/// narrower than the bins of the values, the width of a bin.
fn readable(of: &Summary, estimate: Estimate) -> (String, String, &'static str) {
    let (factor, unit) = if of.metric.unit == "share" { (100.0, "%") } else { (1.0, of.metric.unit) };
    if let Some(bin) = of.bin {
        let mean = decimals_for(estimate.mean * factor, bin * factor, 2);
        return (mean, format!("bin {}", short(bin * factor)), unit);
    }
    let half_width = match (estimate.half_width, of.upper_limit) {
        (Some(half_width), _) => decimals_for(half_width * factor, half_width * factor, 2),
        (None, Some(_)) => "none seen".to_owned(),
        (None, None) => String::new(),
    };
    let mean = match estimate.half_width {
        Some(half_width) if half_width > 0.0 => decimals_for(estimate.mean * factor, half_width * factor, 2),
        _ => short(estimate.mean * factor),
    };
    (mean, half_width, unit)
}

/// A number with three significant digits, or all digits before the point.
pub(super) fn short(value: f64) -> String {
    decimals_for(value, value, 3)
}

/// A share in percent, exactly as it was given: near 1 every digit matters.
pub(super) fn percent(share: f64) -> String {
    let text = share.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = format!("{part:0<2}");
    let (hundredths, rest) = part.split_at(2);
    let number = format!("{whole}{hundredths}");
    let number = match number.trim_start_matches('0') {
        "" => "0",
        number => number,
    };
    if rest.is_empty() { format!("{number} %") } else { format!("{number}.{rest} %") }
}

/// `value` with as many decimals as `size` needs to show so many `digits`, at most six.
pub(super) fn decimals_for(value: f64, size: f64, digits: i32) -> String {
    let enough = libm::pow(10.0, f64::from(digits - 1)) * 0.999_999;
    let mut decimals = 0;
    let mut scaled = size.abs();
    while scaled > 0.0 && scaled < enough && decimals < 6 {
        scaled *= 10.0;
        decimals += 1;
    }
    let text = format!("{value:.decimals$}");
    // What rounds to nothing has no sign.
    let text = if text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        &text
    } else {
        text.trim_start_matches('-')
    };
    let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    grouped(text)
}

/// The causes with the greatest shares of lost user-minutes or overloaded time, in the order of lost user-minutes.
fn blame_table(charged: &[Shares]) -> Table {
    let mut table = table(&["charged to", MEASURES[2].0, MEASURES[1].0, MEASURES[0].0], &[1, 2, 3]);
    let percent = |share: Option<f64>| match share {
        Some(share) if share >= 1e-4 => format!("{} %", short(100.0 * share)),
        Some(share) if share > 0.0 => "< 0.01 %".to_owned(),
        _ => String::new(),
    };
    let mut rows: Vec<(usize, &Shares)> = charged.iter().enumerate().collect();
    rows.sort_by(|(_, a), (_, b)| b.felt().total_cmp(&a.felt()));
    rows.truncate(CHARGED);
    rows.sort_by_key(|(place, _)| *place);
    for (_, Shares { cause, of: [missing, overloaded, lost] }) in rows {
        table.add_row([cut(cause), percent(*lost), percent(*overloaded), percent(*missing)]);
    }
    table
}

/// A group with why it is among the worst.
#[derive(Clone, Debug)]
pub struct Worst {
    /// Index of the group.
    pub group: usize,
    /// Configured connectors; under a scaling policy the most that it may have.
    pub connectors: usize,
    /// Hours overloaded per month.
    pub overloaded: f64,
    /// Unserved user-minutes per month.
    pub unserved: f64,
    /// 99 % quantile of its CPU.
    pub cpu_p99: Option<f64>,
    /// In a few words.
    pub why: String,
}

/// The groups whose users lost most, then those with the most overloaded hours; at most ten, none without either.
pub fn worst(subject: &Subject<'_>, outcome: &PolicyOutcome) -> Vec<Worst> {
    let mut order: Vec<usize> = (0..outcome.groups.len())
        .filter(|&group| {
            let tally = &outcome.groups[group].tally;
            tally.overloaded > 0 || tally.unserved_users > 0
        })
        .collect();
    order.sort_by_key(|&group| {
        let tally = &outcome.groups[group].tally;
        (std::cmp::Reverse((tally.unserved_users, tally.overloaded)), group)
    });
    order.truncate(WORST);
    order.into_iter().map(|group| described(subject, outcome, group)).collect()
}

fn described(subject: &Subject<'_>, outcome: &PolicyOutcome, group: usize) -> Worst {
    let of = &outcome.groups[group];
    let capacity = capacity(subject.model, outcome.policy, group, of, 0.0, subject.confidence);
    Worst {
        group,
        connectors: capacity.connectors,
        overloaded: capacity.overloaded.map_or(0.0, |estimate| estimate.mean),
        unserved: capacity.unserved.map_or(0.0, |estimate| estimate.mean),
        cpu_p99: capacity.cpu_quantiles[2],
        why: why(capacity.connectors, capacity.connectors_needed, of),
    }
}

/// Too small for its demand, or else what is missing.
fn why(connectors: usize, needed: Option<usize>, of: &crate::experiment::GroupOutcome) -> String {
    let tally = &of.tally;
    let mut reasons = Vec::new();
    if let Some(needed) = needed.filter(|&needed| needed > connectors) {
        reasons.push(format!("demand needs {needed}"));
    }
    if tally.outages > 0 {
        let a_replication = tally.outages as f64 / of.replications.len().max(1) as f64;
        let longest = Span(tally.longest_outage).as_hours();
        reasons.push(format!("{} outages/run, longest {} h", short(a_replication), short(longest)));
    }
    let missing = 100.0 * (tally.meant - tally.served) as f64 / tally.meant.max(1) as f64;
    if reasons.is_empty() && missing >= 0.01 {
        reasons.push(format!("{} % of connector-time missing", short(missing)));
    }
    let disabled = tally.existing - tally.meant;
    if reasons.is_empty() && disabled > 0 {
        let share = 100.0 * disabled as f64 / tally.existing.max(1) as f64;
        reasons.push(format!("{} % of connector-time disabled", short(share)));
    }
    if reasons.is_empty() { "demand".to_owned() } else { reasons.join("; ") }
}

fn group_table(subject: &Subject<'_>, worst: &[Worst]) -> Table {
    let header =
        ["group", "connectors", "overloaded\nh/month", "unserved\nuser-min/month", "CPU p99\n%", "why"];
    let mut table = table(&header, &[1, 2, 3, 4]);
    for of in worst {
        table.add_row([
            Cell::new(cut(&subject.model.fleet.groups[of.group].name)),
            Cell::new(of.connectors),
            Cell::new(short(of.overloaded)),
            Cell::new(short(of.unserved)),
            Cell::new(of.cpu_p99.map_or(String::new(), short)),
            Cell::new(&of.why),
        ]);
    }
    table
}

/// A name that fits the screen.
pub(super) fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

/// The same for a program: every metric, the worst groups.
pub fn json(subject: &Subject<'_>, outcome: &PolicyOutcome) -> Value {
    let metrics: serde_json::Map<String, Value> = summaries(subject.model, outcome, subject.confidence)
        .iter()
        .map(|summary| (summary.metric.name.to_owned(), metric_json(summary)))
        .collect();
    let worst: Vec<Value> = worst(subject, outcome)
        .into_iter()
        .map(|of| {
            json!({
                "group": subject.model.fleet.groups[of.group].name,
                "connectors": of.connectors,
                "overloaded_hours_per_month": ten_digits(of.overloaded),
                "unserved_user_minutes_per_month": ten_digits(of.unserved),
                "cpu_p99": of.cpu_p99,
                "why": of.why,
            })
        })
        .collect();
    json!({
        "policy": subject.model.policies[outcome.policy].name,
        "replications": outcome.replications.len(),
        "metrics": metrics,
        "warm_up": warm_up_json(subject, outcome),
        "worst_groups": worst,
        "stuck_groups": stuck_json(subject, outcome),
        "blame": blame_json(subject, outcome),
    })
}

fn stuck_json(subject: &Subject<'_>, outcome: &PolicyOutcome) -> Vec<Value> {
    let horizon = subject.model.horizon;
    let stuck = unfinished::stuck(horizon, outcome).into_iter();
    let group = |of: unfinished::Stuck| {
        json!({
            "group": subject.model.fleet.groups[of.group].name,
            "release": of.longest.release,
            "hours": ten_digits((horizon - of.longest.since).as_hours()),
            "replications": of.replications,
            "rule": of.longest.hold.word(),
        })
    };
    stuck.map(group).collect()
}

/// What was cut, and of a steady-state study what MSER-5 says, null of others.
fn warm_up_json(subject: &Subject<'_>, outcome: &PolicyOutcome) -> Value {
    let study = subject.study;
    let found = WarmUp::of(outcome, &study.outputs.key_metric).filter(|_| study.is_steady_state);
    let series = |of: &WarmUp| {
        let one = |(series, truncation): &(warm_up::Series, Truncation)| {
            json!({
                "series": series.name(),
                "hours": of.cut(truncation).as_hours(),
                "conclusive": truncation.is_conclusive(),
                "mean": ten_digits(truncation.mean_of_all),
                "mean_after": ten_digits(truncation.mean_of_kept),
            })
        };
        of.findings.iter().map(one).collect::<Vec<_>>()
    };
    json!({
        "cut_hours": subject.model.measured_from.since_start().as_hours(),
        "truncated": study.is_truncated,
        "mser5": found.as_ref().map(series),
    })
}

fn blame_json(subject: &Subject<'_>, outcome: &PolicyOutcome) -> Vec<Value> {
    let (blame, classes) = (outcome.blame(), subject.study.causes());
    let minutes = |millis: f64| ten_digits(millis / MINUTE.0 as f64);
    let cause = |(cause, of): (&str, Charges)| {
        json!({
            "cause": cause,
            "connector_minutes": minutes(of.missing as f64),
            "overloaded_minutes": minutes(of.overloaded as f64),
            "unserved_user_minutes": minutes(of.unserved_users as f64),
        })
    };
    blame.by_cause(&classes).map(cause).collect()
}

pub(super) fn metric_json(of: &Summary) -> Value {
    json!({
        "unit": of.metric.unit,
        "mean": of.estimate.map(|estimate| ten_digits(estimate.mean)),
        "half_width": of.estimate.and_then(|estimate| estimate.half_width).map(ten_digits),
        "confidence": of.estimate.map(|estimate| estimate.confidence),
        "replications": of.estimate.map_or(0, |estimate| estimate.replications),
        "p05": of.quantiles.map(|quantiles| ten_digits(quantiles[0])),
        "p50": of.quantiles.map(|quantiles| ten_digits(quantiles[1])),
        "p95": of.quantiles.map(|quantiles| ten_digits(quantiles[2])),
        "upper_limit": of.upper_limit.map(ten_digits),
        "note": of.note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_have_the_digits_that_their_half_width_allows() {
        assert_eq!(decimals_for(99.912_345, 0.004_2, 2), "99.9123");
        assert_eq!(decimals_for(1_234_567.8, 4_321.0, 2), "1,234,568");
        assert_eq!(short(0.0), "0");
        assert_eq!(short(12.345), "12.3");
        assert_eq!(short(-0.5), "-0.5");
        assert_eq!((short(-0.0), decimals_for(-0.000_4, 0.03, 2).as_str()), ("0".to_owned(), "0"));
        assert_eq!(short(100.0), "100");
    }

    #[test]
    fn a_share_keeps_its_digits_in_percent() {
        let shares = [0.95, 0.9, 0.5, 0.005, 0.9995, 0.999_999_999_9, 1.0, 0.0];
        let told = ["95 %", "90 %", "50 %", "0.5 %", "99.95 %", "99.99999999 %", "100 %", "0 %"];
        assert_eq!(shares.map(percent), told);
    }

    fn study() -> crate::scenario::Study {
        crate::report::sample::study("[failures.node]\npreset = \"lanl-node\"\n", &[])
    }

    #[test]
    fn a_run_fits_one_screen() {
        let study = study();
        let text = screen(&Subject::of(&study), &crate::report::sample::outcome());
        assert!(text.lines().count() <= 45);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        insta::assert_snapshot!(text, @"
        small: policy vendor-default, 2 replications of 730h, seed 1
        2 groups with 5 connectors at 1 site

                                                    mean     ± 95 %  unit        metric
         connector-time serving                       99          0  %           availability
         group-time with a connector serving        99.5          0  %           group_availability
         group-months below the objective             50          0  %           groups_breaking_objective
         longest outage of a group                   7.3          0  h           longest_group_outage
         overloaded, per group                       1.5          0  h/month     overloaded_hours_per_month
         demand unserved, share                        1          0  %           unserved_share
         user-minutes lost in the run              7,200          0  user-min    user_minutes_lost *
         sessions dropped                           12.5          0  sessions    sessions_dropped
         connectors expired                            1          0  connectors  expired
         update attempts that failed                   0  none seen  attempts    update_failures
         rollouts halted in a group                    0  none seen  halts       halts
         rollout: half of the connectors (2 of 4)    0.5          0  h           rollout_p50
         rollout: 99 % of the connectors (2 of 4)      1          0  h           rollout_p99
         rollout: complete (2 of 4)                    1          0  h           rollout_complete
         (n of m): rollouts that got there before the next release or the horizon; the mean is of these

         charged to  lost user-minutes  overloaded time  connector-time missing
         node                     75 %           33.3 %                  98.6 %
         demand                   25 %           66.7 %
         update                                                          1.37 %

        Worst groups, of 2
         group  connectors  overloaded        unserved  CPU p99  why
                               h/month  user-min/month        %
         app             3           2           3,600           0.5 outages/run, longest 7.3 h
         db              2           2           3,600           0.5 outages/run, longest 7.3 h
        ");
    }

    /// Overloaded for an hour without a loss is less than a user lost.
    #[test]
    fn lost_users_come_before_overloads() {
        let study = study();
        let mut outcome = crate::report::sample::outcome();
        (outcome.groups[0].tally.unserved_users, outcome.groups[0].tally.overloaded) = (0, 3_600_000);
        (outcome.groups[1].tally.unserved_users, outcome.groups[1].tally.overloaded) = (1, 0);
        let order: Vec<usize> = worst(&Subject::of(&study), &outcome).iter().map(|of| of.group).collect();
        assert_eq!(order, [1, 0]);
    }

    /// Both replications of the sample have the same 99 % quantile, in a bin of half a percent.
    #[test]
    fn the_screen_does_not_claim_more_than_a_bin() {
        let study = study();
        let mut outcome = crate::report::sample::outcome();
        let mut load = crate::simulation::load::LoadHistograms::default();
        load.add_cpu(fearless_simd::Level::new(), &[6_460; 10]);
        outcome.replications.iter_mut().for_each(|of| of.tally.load = load.counts());
        let text = screen(&Subject::of(&study), &outcome);
        let line = text.lines().find(|line| line.contains("cpu_p99")).unwrap();
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>().join(" "),
            "CPU, 99 % quantile 64.75 bin 0.5 percent cpu_p99"
        );
    }

    #[test]
    fn json_holds_every_metric() {
        let study = study();
        let value = json(&Subject::of(&study), &crate::report::sample::outcome());
        let metrics = value["metrics"].as_object().unwrap();
        assert_eq!(metrics.len(), crate::report::metrics::METRICS.len());
        assert_eq!(metrics["availability"]["mean"], 0.99);
        assert_eq!(value["worst_groups"][0]["group"], "app");
    }
}
