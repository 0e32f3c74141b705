//! What a plan says in words: why a group's answer is what it is, and how sensitive it is.

use super::{Plan, Variant};
use crate::experiment::sizing::{Decision, GroupSize, Trial, Verdict};
use crate::fleet::MOST_SLOTS;
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
            Verdict::Open(None) if self.asks_for_perfection(of) => reasons.push(
                "that nothing ever happens cannot be shown where something is left to chance; allow a little"
                    .to_owned(),
            ),
            Verdict::Open(more) => reasons.push(needs(more)),
            Verdict::Missed => reasons.push(self.missed(of)),
            Verdict::Unused => reasons.push(self.unused(of.group).to_owned()),
        }
        if let Some((smaller, larger)) = of.not_monotone {
            reasons.push(format!("{} worse than {smaller}", are(larger)));
        }
        reasons.extend(self.named(of));
        reasons.extend(self.raised(of));
        reasons.join("; ")
    }

    /// Why nobody is sent to a group.
    fn unused(&self, group: usize) -> &'static str {
        match self.subject.model.fleet.groups[group].disabled {
            true => "the group is disabled, so nobody is sent to it",
            false => "the group has no resource, so nobody is sent to it",
        }
    }

    /// Whether the target that is open allows no loss at all.
    fn asks_for_perfection(&self, of: &GroupSize) -> bool {
        let target = |index: usize| &self.goals[index].target;
        self.binding(of)
            .is_some_and(|(index, _)| target(index).best().is_some() && target(index).tolerance() == 0.0)
    }

    /// That smaller sizes were not tried because the scenario names a slot of the group.
    fn named(&self, of: &GroupSize) -> Option<String> {
        let least = self.least[of.group];
        let smallest = of.trials.first().map_or(least, |trial| trial.connectors);
        let slot = format!("the scenario names slot {}", least.checked_sub(1)?);
        (least > 1 && smallest == least && of.verdict != Verdict::Unused)
            .then(|| format!("fewer than {least} cannot be tried, for {slot}"))
    }

    /// What the whole fleet showed, where it is something else.
    fn raised(&self, of: &GroupSize) -> Option<String> {
        let verified = self.verified.as_ref()?;
        let (raised, trial) = (verified.raised[of.group], verified.of(of.group)?);
        let (index, _) = self.binding(of)?;
        let more = (raised > 0).then(|| format!("the whole fleet needs {raised} more than the group alone"));
        let came = || format!("in the whole fleet {}", self.came(trial, index));
        let open = match trial.decision() {
            Decision::Met => return more,
            Decision::Open(more) => format!("{}, which {}", came(), needs(more)),
            Decision::Missed if verified.converged => format!("{}, the most that may be tried", came()),
            Decision::Missed => came(),
        };
        let ended = match verified.converged {
            true => String::new(),
            false => format!("; it did not converge in {}", counted(verified.rounds, "round")),
        };
        Some(format!("{open}{ended}"))
    }

    /// What a target came to at a size.
    fn came(&self, trial: &Trial, index: usize) -> String {
        let value = self.told(trial, index).map(|told| told.value);
        let size = counted(trial.connectors, "connector");
        let with = if self.is_scaled() { "with room for" } else { "with" };
        format!("{} is {} {with} {size}", self.goals[index].metric.name, real_text(value.map(rounded)))
    }

    /// Why no size will do.
    fn missed(&self, of: &GroupSize) -> String {
        let Some((index, trial)) = self.binding(of) else { return "no size was tried".to_owned() };
        if trial.is_dead() {
            return self.dead(of.group, trial.connectors);
        }
        let name = self.goals[index].metric.name;
        let came = self.came(trial, index);
        if let Some(why) = self.impossible(of, index) {
            return format!("{came}; {why}");
        }
        let helps = helps(of, index);
        let blamed = self.blamed(of, name);
        match (helps, blamed) {
            (true, _) => format!("{came}; larger sizes were not tried"),
            (false, None) => format!("{came}; more connectors do not help"),
            (false, Some(cause)) if self.is_scaled() => {
                format!("{came}; {cause}, which no room to grow mends under this policy")
            }
            (false, Some(cause)) => format!("{came}; {cause}, which no number of connectors mends"),
        }
    }

    /// What no number of connectors can change about a target.
    fn impossible(&self, of: &GroupSize, index: usize) -> Option<String> {
        let (model, target) = (self.subject.model, &self.goals[index].target);
        if target.is_price {
            return Some("more connectors cost more".to_owned());
        }
        let idle = model.fleet.instances[model.fleet.groups[of.group].instance].idle_cpu_percent;
        let threshold = f64::from(model.overload.threshold) / 100.0;
        let limit = target.limit_percent.map(|limit| if limit > 0.0 { limit } else { threshold })?;
        if limit <= idle {
            return Some(format!("idle connectors already have {} % CPU", real_text(Some(idle))));
        }
        let largest = of.trials.last().is_some_and(|trial| trial.connectors == MOST_SLOTS);
        (largest && of.at_peak.is_none())
            .then(|| format!("the load is too much for {MOST_SLOTS} connectors, all that a group can have"))
    }

    /// Why nobody serves at a size.
    fn dead(&self, group: usize, size: usize) -> String {
        let slots = &self.subject.model.fleet.groups[group].slots;
        let idle = slots.iter().take(size).filter(|slot| slot.disabled || slot.empty).count();
        let with = counted(size, "connector");
        match idle == size {
            true => format!("nobody ever serves with {with}: every slot is disabled or empty from the start"),
            false => format!("nobody ever serves with {with}"),
        }
    }

    /// The causes that the largest size is charged with.
    fn blamed(&self, of: &GroupSize, metric: &str) -> Option<String> {
        if metric.starts_with("cpu") {
            return None;
        }
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
    matches!(trial.decision(), Decision::Open(_))
}

fn are(size: usize) -> String {
    format!("{} {}", counted(size, "connector"), if size == 1 { "is" } else { "are" })
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
        changes.not_met += usize::from(after.is_none() && of.verdict != Verdict::Unused);
        let before = plan.groups[of.group].verdict.connectors();
        if let Some((before, after)) = before.zip(after) {
            changes.compared += 1;
            changes.before += before;
            changes.after += after;
            changes.more += usize::from(after > before);
            changes.fewer += usize::from(after < before);
            changes.cost_before += plan.cost_alone(&plan.groups[of.group]);
            changes.cost_after += plan.cost_alone(of);
        }
    }
    changes
}
