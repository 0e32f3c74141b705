//! plan.csv, sizes.csv, sensitivity.csv and calendar.csv: what [`crate::report::plan`] says.

use super::{Line, Names, header};
use crate::experiment::sizing::{Decision, GroupSize};
use crate::report::plan::{Plan, Told, changes};
use crate::time::{DAY, Time};

/// plan.csv: one row per group.
pub fn plan(plan: &Plan<'_>) -> Vec<u8> {
    let mut out = header(
        "policy,template,group,configured,connectors,mean_connectors,verdict,more_replications,replications,target,unit,value,limit,\
         cost_per_month,cost_change,next_value,next_cost_per_month,at_peak,raised,fleet,reason",
    );
    let names = &plan.subject.names;
    for of in &plan.groups {
        let mut line = Line::new(&mut out);
        line.raw(names.policy(plan.policy)).text(plan.template(of.group)).raw(names.group(of.group));
        line.integer(plan.configured(of.group) as i64);
        count(&mut line, plan.connectors(of))
            .number(plan.used(of))
            .raw(plan.standing(of).word())
            .number(plan.more(of).map(|more| more as f64));
        binding(&mut line, plan, of);
        count(&mut line, of.at_peak);
        fleet(&mut line, plan, of.group);
        line.text(&plan.reason(of)).end();
    }
    out
}

fn count<'l, 'a>(line: &'l mut Line<'a>, count: Option<usize>) -> &'l mut Line<'a> {
    line.number(count.map(|count| count as f64))
}

/// From `replications` to `next_cost_per_month`.
fn binding(line: &mut Line<'_>, plan: &Plan<'_>, of: &GroupSize) {
    let bound = plan.binding(of);
    let trial = bound.map(|(_, trial)| trial);
    count(line, trial.map(|trial| trial.samples.len()));
    let goal = bound.map(|(index, _)| &plan.goals[index]);
    line.text(&goal.map_or(String::new(), |goal| goal.text())).raw(goal.map_or("", |goal| goal.metric.unit));
    let told = bound.and_then(|(index, trial)| plan.told(trial, index));
    line.number(told.map(|told| told.value)).number(told.and_then(|told| told.worst));
    let cost = plan.cost(of);
    line.number(cost).number(plan.cost_change(of));
    let next = bound.zip(plan.next(of)).and_then(|((index, _), next)| plan.told(next, index));
    line.number(next.map(|told| told.value));
    line.number(plan.next(of).map(|next| next.cost_per_month()));
}

/// `raised` and `fleet`.
fn fleet(line: &mut Line<'_>, plan: &Plan<'_>, group: usize) {
    let verified = plan.in_fleet(group).zip(plan.verified.as_ref());
    count(line, verified.map(|(_, verified)| verified.raised[group]));
    line.raw(verified.map_or("", |(trial, _)| decided(trial.decision()).0));
}

/// A decision as a word, and the replications that it wants.
fn decided(decision: Decision) -> (&'static str, Option<u64>) {
    match decision {
        Decision::Met => ("met", None),
        Decision::Missed => ("missed", None),
        Decision::Open(more) => ("unresolved", more),
    }
}

/// sizes.csv: one row per group, size tried and target.
pub fn sizes(plan: &Plan<'_>) -> Vec<u8> {
    let mut out = header(
        "policy,group,connectors,target,unit,value,limit,other_limit,decision,more_replications,replications,with_loss,alpha",
    );
    let names = &plan.subject.names;
    for of in &plan.groups {
        for trial in &of.trials {
            for (goal, finding) in plan.goals.iter().zip(&trial.findings) {
                let told = Told::of(goal, finding);
                let (word, more) = decided(finding.decision);
                let mut line = Line::new(&mut out);
                line.raw(names.policy(plan.policy)).raw(names.group(of.group));
                line.integer(trial.connectors as i64).text(&goal.text()).raw(goal.metric.unit);
                line.number(told.map(|told| told.value)).number(told.and_then(|told| told.worst));
                line.number(told.and_then(|told| told.best)).raw(word).number(more.map(|more| more as f64));
                line.integer(finding.of as i64).integer(finding.seen as i64).number(Some(trial.alpha)).end();
            }
        }
    }
    out
}

/// sensitivity.csv: one row per change.
pub fn sensitivity(plan: &Plan<'_>) -> Vec<u8> {
    let mut out = header(
        "policy,what,groups,compared,connectors_before,connectors,more,fewer,not_met,cost_per_month_before,cost_per_month",
    );
    for variant in &plan.sensitivity {
        let of = changes(plan, variant);
        let mut line = Line::new(&mut out);
        line.raw(plan.subject.names.policy(plan.policy)).text(variant.what);
        for count in [variant.groups.len(), of.compared, of.before, of.after, of.more, of.fewer, of.not_met] {
            line.integer(count as i64);
        }
        line.number(Some(of.cost_before)).number(Some(of.cost_after)).end();
    }
    out
}

/// calendar.csv: one row per group and connector.
pub fn calendar(plan: &Plan<'_>) -> Vec<u8> {
    let mut out = header("policy,group,from,to,day,date,earliest,latest");
    let names = &plan.subject.names;
    for due in &plan.calendar {
        let mut line = Line::new(&mut out);
        line.raw(names.policy(plan.policy)).raw(names.group(due.group));
        line.integer(due.from as i64).integer(due.to as i64);
        line.number(due.day.map(|day| libm::round(day * 10.0) / 10.0));
        for day in [due.day, due.earliest, due.latest] {
            date(&mut line, names, day);
        }
        line.end();
    }
    out
}

/// The date of a day after the start.
fn date(line: &mut Line<'_>, names: &Names, day: Option<f64>) {
    let text = day.map_or(String::new(), |day| names.clock().text(Time(instant(day))).to_string());
    line.raw(text.split('T').next().unwrap_or(""));
}

fn instant(day: f64) -> i64 {
    libm::round(day * DAY.0 as f64) as i64
}
