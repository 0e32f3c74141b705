//! What a plan says in words: why a group's answer is what it is, and how sensitive it is.

use super::{Plan, Variant};
use crate::experiment::sizing::{GroupSize, Trial, Verdict};
use crate::report::csv::number::real_text;
use crate::report::summary::counted;

/// A size whose loss is this share of that of the size before it has not helped.
const NO_HELP: f64 = 0.9;
/// A cause with this share of the blame is the reason.
const CHIEF: f64 = 0.2;

impl Plan<'_> {
    /// Why the answer is what it is, in a few words; empty where nothing needs to be said.
    pub fn reason(&self, of: &GroupSize) -> String {
        let mut reasons = Vec::new();
        match of.verdict {
            Verdict::Met(_) => {}
            Verdict::Enough(size, more) => {
                let open = of.trials.iter().find(|trial| trial.connectors < size && is_open(trial));
                let open = open.map_or(size, |trial| trial.connectors);
                reasons.push(format!("whether {open} suffice {}", needs(more)));
            }
            Verdict::Open(more) => reasons.push(needs(more)),
            Verdict::Missed => reasons.push(self.missed(of)),
        }
        if let Some(size) = of.not_monotone {
            reasons.push(format!("{size} connectors are worse than {}", size - 1));
        }
        if let Some(verified) = self.verified.as_ref().filter(|verified| verified.raised[of.group] > 0) {
            reasons.push(format!(
                "the whole fleet needs {} more than the group alone",
                verified.raised[of.group]
            ));
        }
        reasons.join("; ")
    }

    /// Why no size will do.
    fn missed(&self, of: &GroupSize) -> String {
        let Some((index, trial)) = self.binding(of) else { return String::new() };
        let value = self.told(trial, index).map(|told| told.value);
        let name = self.goals[index].metric.name;
        let came = format!(
            "{name} is {} with {}",
            real_text(value.map(rounded)),
            counted(trial.connectors, "connector")
        );
        let helps = helps(of, index);
        let blamed = self.blamed(of, name);
        match (helps, blamed) {
            (true, _) => format!("{came}; larger sizes were not tried"),
            (false, None) => format!("{came}; more connectors do not help"),
            (false, Some(cause)) => format!("{came}; {cause}, which no number of connectors mends"),
        }
    }

    /// The causes that the largest size is charged with.
    fn blamed(&self, of: &GroupSize, metric: &str) -> Option<String> {
        let (blame, classes) = (of.blame.as_ref()?, self.subject.study.causes());
        let total = blame.total();
        let measure = |charges: &crate::recording::blame::Charges| -> f64 {
            if metric.starts_with("overloaded") && total.overloaded > 0 {
                charges.overloaded as f64 / total.overloaded as f64
            } else if metric != "availability" && total.unserved_users > 0 {
                charges.unserved_users as f64 / total.unserved_users as f64
            } else if total.missing > 0 {
                charges.missing as f64 / total.missing as f64
            } else {
                0.0
            }
        };
        let mut shares: Vec<(f64, &str)> =
            blame.by_cause(&classes).map(|(cause, charges)| (measure(&charges), cause)).collect();
        shares.sort_by(|a, b| b.0.total_cmp(&a.0));
        shares.retain(|(share, _)| *share >= CHIEF);
        let text: Vec<String> = shares
            .iter()
            .map(|(share, cause)| format!("{} % by {cause}", libm::round(100.0 * share)))
            .collect();
        (!text.is_empty()).then(|| text.join(", "))
    }
}

/// Whether the last step to a larger size made the loss of a target smaller.
fn helps(of: &GroupSize, index: usize) -> bool {
    let loss = |trial: &Trial| trial.findings[index].loss.map_or(0.0, |loss| loss.mean);
    let [.., before, last] = &of.trials[..] else { return of.trials.len() == 1 };
    loss(last) < NO_HELP * loss(before)
}

fn is_open(trial: &Trial) -> bool {
    matches!(trial.decision(), crate::experiment::sizing::Decision::Open(_))
}

fn needs(more: Option<u64>) -> String {
    match more {
        Some(more) => format!("needs {}", counted(more as usize, "more replication")),
        None => "cannot be told with any number of replications that one would wait for".to_owned(),
    }
}

fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// How a variant's sizes differ from the plan's, over the groups that have a size in both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Changes {
    /// How many groups have a size in both.
    pub compared: usize,
    /// Connectors of these groups in the plan.
    pub before: usize,
    /// And in the variant.
    pub after: usize,
    /// How many groups need more.
    pub more: usize,
    /// How many need fewer.
    pub fewer: usize,
    /// How many of the groups sized again have no size in the variant.
    pub not_met: usize,
    /// Price of a month in the plan.
    pub cost_before: f64,
    /// And in the variant.
    pub cost_after: f64,
}

/// What a variant changes.
pub fn changes(plan: &Plan<'_>, variant: &Variant) -> Changes {
    let mut changes = Changes::default();
    for of in &variant.groups {
        let after = of.verdict.connectors();
        changes.not_met += usize::from(after.is_none());
        let before = plan.groups[of.group].verdict.connectors();
        if let Some((before, after)) = before.zip(after) {
            changes.compared += 1;
            changes.before += before;
            changes.after += after;
            changes.more += usize::from(after > before);
            changes.fewer += usize::from(after < before);
            changes.cost_before += plan.price(of.group, before);
            changes.cost_after += plan.price(of.group, after);
        }
    }
    changes
}
