//! A plan on one screen, and the same as JSON.

use comfy_table::Table;
use serde_json::{Value, json};

use super::words::changes;
use super::{Plan, Standing, Variant};
use crate::analysis::ten_digits;
use crate::experiment::sizing::GroupSize;
use crate::experiment::sizing::calendar::Due;
use crate::report::metrics::Metric;
use crate::report::run_length;
use crate::report::summary::counted;
use crate::report::terminal::{cut, lines, percent, short, table};
use crate::time::{DAY, Time};

/// How many groups are shown.
const SHOWN: usize = 12;
/// How many dates are shown.
const DATES: usize = 10;

/// The screen: heading, templates, the groups that need action first, sensitivity, dates.
pub fn screen(plan: &Plan<'_>) -> String {
    let mut text = heading(plan);
    text.push_str(&lines(&template_table(plan)));
    text.push_str(&legend(plan));
    let first = first(plan);
    if !first.is_empty() {
        let of = counted(plan.groups.len(), "group");
        text.push_str(&format!("\nGroups to act on first, of {of}\n"));
        text.push_str(&lines(&group_table(plan, &first)));
        text.push_str(&reasons(plan, &first));
    }
    if plan.is_coupled() {
        text.push_str(&format!("\n{}\n", fleet(plan)));
    }
    if !plan.sensitivity.is_empty() {
        text.push('\n');
        text.push_str(&lines(&sensitivity_table(plan)));
    }
    if !plan.calendar.is_empty() {
        text.push_str(&calendar(plan));
    }
    text
}

fn heading(plan: &Plan<'_>) -> String {
    let (study, model) = (plan.subject.study, plan.subject.model);
    let targets: Vec<String> = plan.goals.iter().map(super::Goal::text).collect();
    format!(
        "{}: policy {}, {}\n{} confidence {}, at most {} of {}, seed {}\n\n",
        study.name,
        model.policies[plan.policy].name,
        targets.join(", "),
        percent(plan.confidence),
        if plan.for_fleet { "for all groups together" } else { "per group" },
        counted(plan.most as usize, "replication"),
        run_length(model),
        model.seed,
    )
}

/// What is told of the groups of a template.
struct Summary {
    configured: usize,
    /// Of those with an answer; none without any.
    planned: Option<usize>,
    sizes: Option<(usize, usize)>,
    at_peak: Option<usize>,
    used: Option<f64>,
    cost: Option<f64>,
    change: Option<f64>,
    /// By standing.
    standings: [usize; Standing::ALL.len()],
}

impl Summary {
    fn of(plan: &Plan<'_>, groups: &[GroupSize]) -> Summary {
        let sizes = || groups.iter().filter_map(|of| plan.connectors(of));
        let of_answers = |value: &dyn Fn(&GroupSize) -> Option<f64>| {
            let answered = groups.iter().filter(|of| plan.connectors(of).is_some());
            answered.map(value).sum::<Option<f64>>().filter(|_| sizes().next().is_some())
        };
        let count = |standing| groups.iter().filter(|of| plan.standing(of) == standing).count();
        Summary {
            configured: groups.iter().map(|of| plan.configured(of.group)).sum(),
            planned: sizes().next().map(|_| sizes().sum()),
            sizes: sizes().min().zip(sizes().max()),
            at_peak: groups.iter().filter_map(|of| of.at_peak).max(),
            used: of_answers(&|of| plan.used(of)),
            cost: of_answers(&|of| plan.cost(of)),
            change: of_answers(&|of| plan.cost_change(of)),
            standings: Standing::ALL.map(count),
        }
    }
}

fn template_table(plan: &Plan<'_>) -> Table {
    let unused = plan.groups.iter().any(|of| plan.standing(of) == Standing::Unused);
    let standings = &Standing::ALL[..Standing::ALL.len() - usize::from(!unused)];
    let mut header =
        vec!["template", "groups", "configured", "planned", "per group", "at peak", "cost/month", "change"];
    if plan.is_scaled() {
        header.insert(5, "used");
    }
    header.extend(standings.iter().map(|standing| standing.word()));
    let right: Vec<usize> = (1..header.len()).collect();
    let mut table = table(&header, &right);
    for (name, groups) in &plan.templates {
        let groups = &plan.groups[groups.clone()];
        let of = Summary::of(plan, groups);
        let shown = |value: Option<f64>| value.map_or(String::new(), short);
        let per_group = match of.sizes {
            None => String::new(),
            Some((least, most)) if least == most => least.to_string(),
            Some((least, most)) => format!("{least}–{most}"),
        };
        let mut row = vec![
            cut(name),
            groups.len().to_string(),
            of.configured.to_string(),
            of.planned.map_or("–".to_owned(), |planned| planned.to_string()),
            per_group,
            of.at_peak.map_or(String::new(), |size| size.to_string()),
            shown(of.cost),
            of.change.map_or(String::new(), signed),
        ];
        if plan.is_scaled() {
            row.insert(5, shown(of.used));
        }
        let counts = of.standings.iter().take(standings.len());
        row.extend(counts.map(|&count| if count > 0 { count.to_string() } else { String::new() }));
        table.add_row(row);
    }
    table
}

/// With its sign, unless what is shown of it is 0.
fn signed(value: f64) -> String {
    let text = short(value);
    match text.strip_prefix('-') {
        Some(digits) if !digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) => digits.to_owned(),
        _ if value > 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) => format!("+{text}"),
        _ => text,
    }
}

/// What the columns mean, as far as they are not plain.
fn legend(plan: &Plan<'_>) -> String {
    let any = |standing| plan.groups.iter().any(|of| plan.standing(of) == standing);
    let mut text =
        " at peak: N by arithmetic at the highest demand without noise, nobody missing; N+1 is one more\n"
            .to_owned();
    if plan.is_scaled() {
        text.push_str(
            " the policy scales: a size is the most that a group may grow to; used: connectors in the mean over time\n",
        );
    }
    if any(Standing::Enough) {
        text.push_str(" enough: meets the targets; whether one fewer does needs more replications\n");
    }
    if any(Standing::Unused) {
        text.push_str(" unused: disabled as a whole or without a resource, so nobody is sent there\n");
    }
    let named = plan.least.iter().filter(|&&least| least > 1).count();
    if named > 0 {
        let of = counted(named, "group");
        text.push_str(&format!(" slots that the scenario names have to exist: {of} not tried with fewer\n"));
    }
    text
}

/// Those that no size is known for, then those that need more, then those that have too many; the largest steps first.
fn first<'p>(plan: &'p Plan<'_>) -> Vec<&'p GroupSize> {
    let urgency = |of: &GroupSize| {
        let configured = plan.configured(of.group);
        match plan.connectors(of) {
            None if plan.standing(of) == Standing::Unattainable => (4, 0),
            None if plan.standing(of) == Standing::Unresolved => (3, 0),
            None => (0, 0),
            Some(size) if size > configured => (2, size - configured),
            Some(size) if size < configured => (1, configured - size),
            Some(_) => (0, 0),
        }
    };
    let mut first: Vec<&GroupSize> = plan.groups.iter().filter(|of| urgency(of).0 > 0).collect();
    first.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then(a.group.cmp(&b.group)));
    first.truncate(SHOWN);
    first
}

fn group_table(plan: &Plan<'_>, first: &[&GroupSize]) -> Table {
    let (has, needs) = if plan.is_scaled() { ("may have", "should") } else { ("has", "needs") };
    let header =
        ["group", has, needs, "at peak", "decided by", "value", "limit", "one more", "cost/month", "verdict"];
    let mut table = table(&header, &[1, 2, 3, 5, 6, 7, 8]);
    for of in first {
        let bound = plan.binding(of);
        let told = bound.and_then(|(index, trial)| plan.told(trial, index));
        let metric = bound.map(|(index, _)| plan.goals[index].metric);
        let next = bound.zip(plan.next(of)).and_then(|((index, _), next)| plan.told(next, index));
        let shown = |value: Option<f64>| {
            value.zip(metric).map_or(String::new(), |(value, metric)| number(metric, value))
        };
        let count = |count: Option<usize>| count.map_or("–".to_owned(), |count| count.to_string());
        table.add_row([
            cut(&plan.subject.model.fleet.groups[of.group].name),
            plan.configured(of.group).to_string(),
            count(plan.connectors(of)),
            count(of.at_peak),
            metric.map_or("", |metric| metric.name).to_owned(),
            shown(told.map(|told| told.value)),
            shown(told.and_then(|told| told.worst)),
            shown(next.map(|told| told.value)),
            plan.cost(of).map_or(String::new(), short),
            plan.standing(of).word().to_owned(),
        ]);
    }
    table
}

/// Shares near 1 keep the digits that matter.
fn number(metric: &Metric, value: f64) -> String {
    if metric.unit == "share" {
        format!("{} %", crate::report::csv::number::real_text(Some(libm::round(value * 1e6) / 1e4)))
    } else {
        short(value)
    }
}

/// Why, where something is to be said; groups with the same reason together.
fn reasons(plan: &Plan<'_>, first: &[&GroupSize]) -> String {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for of in first {
        let (reason, name) = (plan.reason(of), plan.subject.model.fleet.groups[of.group].name.as_str());
        match told.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => told.push((reason, vec![name])),
        }
    }
    let line = |(reason, names): &(String, Vec<&str>)| {
        let more = if names.len() > 2 { format!(" and {} more", names.len() - 2) } else { String::new() };
        let names: Vec<String> = names.iter().take(2).map(|name| cut(name)).collect();
        format!(" {}{more}: {reason}\n", names.join(", "))
    };
    told.iter().filter(|(reason, _)| !reason.is_empty()).map(line).collect()
}

/// What the whole fleet showed.
fn fleet(plan: &Plan<'_>) -> String {
    const SHARING: &str = "The whole fleet, whose groups share operators or permits,";
    let Some(verified) = &plan.verified else {
        let why = if plan.is_unverified() {
            "the plan was interrupted: what groups showed alone is no answer"
        } else {
            "no group has a size"
        };
        return format!("{SHARING} was not simulated, for {why}");
    };
    let raised = verified.raised.iter().filter(|&&raised| raised > 0).count();
    let short = counted(verified.not_met(), "group");
    let ended = match (verified.converged, verified.not_met()) {
        (false, _) => format!("it did not converge: {short} not shown to meet the targets"),
        (true, 0) => "every target is met".to_owned(),
        (true, _) => format!("{short} not shown to meet the targets"),
    };
    let without = match verified.judged.len() - verified.judged() {
        0 => String::new(),
        without => format!(", {} without a size as configured and not judged", counted(without, "group")),
    };
    format!(
        "{SHARING} in fresh replications: {} raised in {}; {ended}{without}",
        counted(raised, "group"),
        counted(verified.rounds, "round"),
    )
}

fn sensitivity_table(plan: &Plan<'_>) -> Table {
    let of = plan.sensitivity.first().map_or(0, |variant| variant.groups.len());
    let what = format!("if, {} sized again", counted(of, "group"));
    let header =
        [what.as_str(), "connectors", "groups with more", "with fewer", "with no size", "cost/month"];
    let mut table = table(&header, &[1, 2, 3, 4, 5]);
    for variant in &plan.sensitivity {
        table.add_row(variant_row(plan, variant));
    }
    table
}

fn variant_row(plan: &Plan<'_>, variant: &Variant) -> [String; 6] {
    let of = changes(plan, variant);
    [
        variant.what.to_owned(),
        format!("{} → {}", of.before, of.after),
        of.more.to_string(),
        of.fewer.to_string(),
        of.not_met.to_string(),
        signed(of.cost_after - of.cost_before),
    ]
}

/// The next dates.
fn calendar(plan: &Plan<'_>) -> String {
    let mut due: Vec<&Due> = plan.calendar.iter().filter(|due| due.day.is_some()).collect();
    due.sort_by(|a, b| a.day.unwrap_or(0.0).total_cmp(&b.day.unwrap_or(0.0)).then(a.group.cmp(&b.group)));
    let mut groups: Vec<usize> = plan.calendar.iter().map(|due| due.group).collect();
    groups.dedup();
    if due.is_empty() {
        return format!(
            "\nOf {} that grow none needs another connector within a year\n",
            counted(groups.len(), "group")
        );
    }
    let connectors: usize = due.iter().map(|due| due.to - due.from).sum();
    let mut text = format!(
        "\nConnectors due within a year: {connectors} in {} that grow; the first\n",
        counted(groups.len(), "group")
    );
    let mut table = table(&["group", "connectors", "due", "between"], &[1]);
    for due in due.into_iter().take(DATES) {
        let date = |day: Option<f64>| day.map_or("later".to_owned(), |day| date(plan, day));
        let now = due.latest == Some(0.0);
        table.add_row([
            cut(&plan.subject.model.fleet.groups[due.group].name),
            format!("{} → {}", due.from, due.to),
            if now { "now".to_owned() } else { date(due.day) },
            if now { String::new() } else { format!("{} and {}", date(due.earliest), date(due.latest)) },
        ]);
    }
    text.push_str(&lines(&table));
    text
}

fn date(plan: &Plan<'_>, day: f64) -> String {
    let at = Time(libm::round(day * DAY.0 as f64) as i64);
    plan.subject.dates().local(at).strftime("%Y-%m-%d").to_string()
}

/// The same for a program.
pub fn json(plan: &Plan<'_>) -> Value {
    let groups: Vec<Value> = plan.groups.iter().map(|of| group_json(plan, of)).collect();
    let templates: Vec<Value> = plan
        .templates
        .iter()
        .map(|(name, groups)| {
            let of = Summary::of(plan, &plan.groups[groups.clone()]);
            json!({
                "template": name,
                "groups": groups.len(),
                "configured": of.configured,
                "connectors": of.planned,
                "least": of.sizes.map(|sizes| sizes.0),
                "most": of.sizes.map(|sizes| sizes.1),
                "cost_per_month": of.cost.map(ten_digits),
            })
        })
        .collect();
    let sensitivity: Vec<Value> = plan.sensitivity.iter().map(|variant| {
        let of = changes(plan, variant);
        json!({ "what": variant.what, "groups": variant.groups.len(), "connectors_before": of.before, "connectors": of.after,
            "more": of.more, "fewer": of.fewer, "not_met": of.not_met })
    }).collect();
    json!({
        "policy": plan.subject.model.policies[plan.policy].name,
        "targets": plan.goals.iter().map(super::Goal::text).collect::<Vec<_>>(),
        "confidence": plan.confidence,
        "confidence_for": if plan.for_fleet { "fleet" } else { "group" },
        "met": plan.is_met(),
        "group_replications": plan.groups.iter().map(|of| of.runs).sum::<u64>(),
        "templates": templates,
        "groups": groups,
        "sensitivity": sensitivity,
        "interrupted": plan.interrupted,
        "calendar": (!plan.interrupted || !plan.calendar.is_empty())
            .then(|| plan.calendar.iter().filter(|due| due.day.is_some()).count()),
        "converged": plan.verified.as_ref().map(|verified| verified.converged),
    })
}

fn group_json(plan: &Plan<'_>, of: &GroupSize) -> Value {
    let bound = plan.binding(of);
    let told = bound.and_then(|(index, trial)| plan.told(trial, index));
    json!({
        "group": plan.subject.model.fleet.groups[of.group].name,
        "configured": plan.configured(of.group),
        "connectors": plan.connectors(of),
        "mean_connectors": plan.used(of).map(ten_digits),
        "verdict": plan.standing(of).word(),
        "more_replications": plan.more(of),
        "target": bound.map(|(index, _)| plan.goals[index].text()),
        "value": told.map(|told| ten_digits(told.value)),
        "limit": told.and_then(|told| told.worst).map(ten_digits),
        "cost_per_month": plan.cost(of).map(ten_digits),
        "at_peak": of.at_peak,
        "reason": plan.reason(of),
    })
}
