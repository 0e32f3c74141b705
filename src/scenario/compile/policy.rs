//! Policies.

use super::Compiler;
use super::operators::Crews;
use crate::control::{self, Budget, Policy, ScalingPolicy, UpgradePolicy};
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::{AbsentMember, Amount, BudgetCounts, RetryOrder, Scenario, Upgrade};

impl Compiler<'_, '_> {
    pub(super) fn policies(&mut self, spec: &Scenario, fleet: &Fleet, crews: &mut Crews) -> Vec<Policy> {
        if spec.policies.0.is_empty() {
            let remedy = "leave out [policies] for the vendor's own, or name one";
            self.report.meaning(&Path::of("policies"), "there are no policies", remedy);
        }
        let mut policies = Vec::new();
        for (name, policy) in spec.policies.iter() {
            let path = Path::of("policies").key(name);
            policies.push(Policy {
                name: name.to_owned(),
                upgrade: self.upgrade(&path.key("upgrade"), &policy.upgrade),
                scaling: ScalingPolicy::Static,
                repair: self.service(&path.key("repair"), &policy.repair, fleet, crews),
                replacement: self.service(&path.key("replacement"), &policy.replacement, fleet, crews),
                detection_delay: policy.upgrade.detection_delay.0,
            });
        }
        policies
    }

    fn upgrade(&mut self, path: &Path, upgrade: &Upgrade) -> UpgradePolicy {
        self.one_at_a_time(path, upgrade);
        let backoff = &upgrade.backoff;
        if backoff.max < backoff.first {
            let path = path.key("backoff").key("max");
            self.report.meaning(
                &path,
                "the longest pause is shorter than the first",
                "give at least `first`",
            );
        }
        UpgradePolicy {
            attempts: upgrade.attempts,
            backoff: control::Backoff { first: backoff.first.0, factor: backoff.factor, max: backoff.max.0 },
            retry_order: match upgrade.retry_order {
                RetryOrder::Same => control::RetryOrder::Same,
                RetryOrder::FailedLast => control::RetryOrder::FailedLast,
            },
            absent_member: match upgrade.absent_member {
                AbsentMember::IsSkipped => control::AbsentMember::IsSkipped,
                AbsentMember::Blocks => control::AbsentMember::Blocks,
            },
            budget: Budget {
                max_unavailable: amount(upgrade.max_unavailable),
                max_surge: amount(upgrade.max_surge),
                counts: match upgrade.budget_counts {
                    BudgetCounts::Voluntary => control::BudgetCounts::Voluntary,
                    BudgetCounts::All => control::BudgetCounts::All,
                },
            },
            max_groups_at_once: upgrade.max_groups_at_once,
            ..UpgradePolicy::vendor_default()
        }
    }

    /// The vendor's updater, the only one yet, has one update of a group running and adds no connectors.
    fn one_at_a_time(&mut self, path: &Path, upgrade: &Upgrade) {
        if upgrade.max_unavailable != Amount::Count(1) {
            let message = "not simulated yet: other than one connector of a group updating at a time";
            self.report.meaning(&path.key("max_unavailable"), message, "leave it out for now: it is 1");
        }
        if upgrade.max_surge != Amount::Count(0) {
            let message = "not simulated yet: extra connectors that stand in during an update";
            self.report.meaning(&path.key("max_surge"), message, "leave it out for now: it is 0");
        }
    }
}

fn amount(amount: Amount) -> control::Amount {
    match amount {
        Amount::Count(count) => control::Amount::Count(count),
        Amount::Percent(percent) => control::Amount::Percent(percent),
    }
}
