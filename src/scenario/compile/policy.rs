//! Policies.

use super::Compiler;
use super::fleet::{Index, highest_idle};
use super::operators::Crews;
use crate::control::{self, Budget, Policy, UpgradePolicy};
use crate::environment::release::ReleaseDates;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::{
    self, AbsentMember, Amount, BudgetCounts, OnFailure, RetryOrder, Scenario, UpdateOrder, Upgrade,
    UpgradePreset,
};
use crate::time::{Span, Time};

impl Compiler<'_, '_> {
    pub(super) fn policies(
        &mut self,
        spec: &Scenario,
        (fleet, index): (&Fleet, &Index),
        dates: &ReleaseDates,
        crews: &mut Crews,
    ) -> Vec<Policy> {
        if spec.policies.0.is_empty() {
            let remedy = "leave out [policies] for the vendor's own, or name one";
            self.report.meaning(&Path::of("policies"), "there are no policies", remedy);
        }
        let provisioning = self.provisioning(spec, fleet, crews);
        let mut policies = Vec::new();
        for (name, policy) in spec.policies.iter() {
            let path = Path::of("policies").key(name);
            let limit = spec.updates.limit.0;
            let overload = libm::round(spec.overload.threshold_percent * 100.0) as i32;
            let seen = (policy.upgrade.detection_delay.0, overload);
            let upgrade = path.key("upgrade");
            self.delay_has_effect(&upgrade, policy);
            self.wait_ends(&upgrade, policy.upgrade.wait.0);
            let rings = self.rings(&upgrade, &policy.upgrade, (fleet, index), dates);
            policies.push(Policy {
                name: name.to_owned(),
                upgrade: UpgradePolicy {
                    rings,
                    ..self.upgrade(&upgrade, &policy.upgrade, limit, (fleet, index))
                },
                scaling: self.scaling(&path.key("scaling"), &policy.scaling, (fleet, index), seen),
                provisioning: provisioning.clone(),
                repair: self.service(&path.key("repair"), &policy.repair, fleet, crews),
                replacement: self.service(&path.key("replacement"), &policy.replacement, fleet, crews),
                detection_delay: policy.upgrade.detection_delay.0,
            });
        }
        policies
    }

    fn upgrade(
        &mut self,
        path: &Path,
        upgrade: &Upgrade,
        limit: Span,
        (fleet, index): (&Fleet, &Index),
    ) -> UpgradePolicy {
        self.no_surge(path, upgrade);
        let backoff = &upgrade.backoff;
        if backoff.max < backoff.first {
            let path = path.key("backoff").key("max");
            self.report.meaning(
                &path,
                "the longest pause is shorter than the first",
                "give at least `first`",
            );
        }
        self.gate_can_open(path, upgrade, fleet);
        let budget = self.budget(path, upgrade);
        self.budget_leaves_room(path, upgrade, &budget, fleet);
        let gate = upgrade
            .capacity_gate
            .as_ref()
            .map(|gate| control::CapacityGate { limit: gate.limit_percent * 100.0 });
        UpgradePolicy {
            attempts: upgrade.attempts,
            backoff: control::Backoff { first: backoff.first.0, factor: backoff.factor, max: backoff.max.0 },
            order: match upgrade.order {
                UpdateOrder::Slot => control::UpdateOrder::Slot,
                UpdateOrder::Random => control::UpdateOrder::Random,
                UpdateOrder::OldestVersion => control::UpdateOrder::OldestVersion,
                UpdateOrder::LeastLoaded => control::UpdateOrder::LeastLoaded,
            },
            on_failure: match upgrade.on_failure {
                OnFailure::Halt => control::OnFailure::Halt,
                OnFailure::Skip => control::OnFailure::Skip,
                OnFailure::Continue => control::OnFailure::Continue,
            },
            retry_order: match upgrade.retry_order {
                RetryOrder::Same => control::RetryOrder::Same,
                RetryOrder::FailedLast => control::RetryOrder::FailedLast,
            },
            absent_member: match upgrade.absent_member {
                AbsentMember::IsSkipped => control::AbsentMember::IsSkipped,
                AbsentMember::Blocks => control::AbsentMember::Blocks,
            },
            budget,
            max_groups_at_once: upgrade.max_groups_at_once,
            rings: None,
            wait: upgrade.wait.0,
            urgent_track: upgrade.urgent_track,
            behind: upgrade.behind as usize,
            hours: self.hours(path, upgrade, limit, (fleet, index)),
            gate,
            force_after: upgrade.force_after.map(|after| after.0),
            detection_delay: match upgrade.preset {
                UpgradePreset::VendorDefault => Span::ZERO,
                _ => upgrade.detection_delay.0,
            }
            // A tick is the last event of its instant: its load is seen a millisecond later at the earliest.
            .max(if gate.is_some() { Span(1) } else { Span::ZERO }),
        }
    }

    fn budget(&mut self, path: &Path, upgrade: &Upgrade) -> Budget {
        let nothing = |amount| matches!(amount, Amount::Count(0) | Amount::Percent(0));
        if nothing(upgrade.max_unavailable) && nothing(upgrade.max_surge) {
            let message = "no connector may ever be disrupted, so no update could start";
            self.report.meaning(&path.key("max_unavailable"), message, "give at least 1");
        }
        Budget {
            max_unavailable: amount(upgrade.max_unavailable),
            max_surge: amount(upgrade.max_surge),
            counts: match upgrade.budget_counts {
                BudgetCounts::Voluntary => control::BudgetCounts::Voluntary,
                BudgetCounts::All => control::BudgetCounts::All,
            },
        }
    }

    /// The vendor's own updater sees the present; only crews see late then.
    fn delay_has_effect(&mut self, path: &Path, policy: &spec::Policy) {
        let upgrade = &policy.upgrade;
        let is_default = upgrade.detection_delay == Upgrade::default().detection_delay;
        let has_crew = [&policy.repair, &policy.replacement].iter().any(|service| service.crew.is_some());
        if upgrade.preset == UpgradePreset::VendorDefault && !is_default && !has_crew {
            let message =
                "this has no effect: the vendor's own updater sees links at once, and no crew is called";
            let remedy = "leave it out, name a crew, or start from another preset";
            self.report.warning(&path.key("detection_delay"), message, remedy);
        }
    }

    /// A release that waits longer than the run lasts is never rolled out.
    fn wait_ends(&mut self, path: &Path, wait: Span) {
        if Time(wait.0) >= self.horizon {
            let message = format!("no rollout ever begins: the run ends after {}", Span(self.horizon.0));
            self.report.warning(&path.key("wait"), &message, "wait for less, or lengthen `horizon`");
        }
    }

    /// Idle connectors must be below the limit, and a gate never spares the only connector of a group.
    fn gate_can_open(&mut self, path: &Path, upgrade: &Upgrade, fleet: &Fleet) {
        let Some(gate) = &upgrade.capacity_gate else { return };
        let idle = highest_idle(fleet);
        if gate.limit_percent < idle {
            let message = format!("idle connectors already have {idle} % CPU, so the gate would never open");
            self.report.meaning(
                &path.key("capacity_gate").key("limit_percent"),
                &message,
                "give a higher limit",
            );
        }
        let alone = fleet.groups.iter().filter(|group| group.connectors() == 1).count();
        if alone > 0 && upgrade.force_after.is_none() {
            let rings = no_ring_after(upgrade);
            let message =
                format!("{alone} groups of one connector are never updated: nobody could stand in{rings}");
            self.report.warning(
                &path.key("capacity_gate"),
                &message,
                "give `force_after`, or a second connector",
            );
        }
    }

    /// Where everybody who does not serve counts, disabled connectors and empty slots use the budget up for good.
    fn budget_leaves_room(&mut self, path: &Path, upgrade: &Upgrade, budget: &Budget, fleet: &Fleet) {
        if budget.counts != control::BudgetCounts::All {
            return;
        }
        let stuck = fleet.groups.iter().filter(|group| {
            let out = group.slots.iter().filter(|slot| slot.disabled || slot.empty).count();
            out > 0 && out >= budget.max_unavailable(group.connectors())
        });
        let stuck = stuck.count();
        if stuck > 0 {
            let message = format!(
                "in {stuck} groups disabled connectors and empty slots use the budget up, so the others are never updated{}",
                no_ring_after(upgrade)
            );
            let remedy = "give a larger `max_unavailable`, or `budget_counts = \"voluntary\"`";
            self.report.warning(&path.key("budget_counts"), &message, remedy);
        }
    }

    /// Updates add no connectors yet.
    fn no_surge(&mut self, path: &Path, upgrade: &Upgrade) {
        if upgrade.max_surge != Amount::Count(0) {
            let message = "not simulated yet: extra connectors that stand in during an update";
            self.report.meaning(&path.key("max_surge"), message, "leave it out for now: it is 0");
        }
    }
}

/// A ring is done when its connectors run the release.
fn no_ring_after(upgrade: &Upgrade) -> &'static str {
    if upgrade.rings.is_empty() { "" } else { ", and no ring behind theirs opens" }
}

fn amount(amount: Amount) -> control::Amount {
    match amount {
        Amount::Count(count) => control::Amount::Count(count),
        Amount::Percent(percent) => control::Amount::Percent(percent),
    }
}
