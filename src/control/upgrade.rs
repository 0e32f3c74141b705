//! The vendor's updater: one connector after the other, the lowest ordinal first, nothing while the group is halted.

use super::view::{GroupView, Proposal};
use super::{AbsentMember, RetryOrder, UpgradePolicy};
use crate::fleet::SlotSet;

/// The connector to update next, if any. The arbiter decides whether it may start now.
#[inline]
pub fn propose(policy: &UpgradePolicy, view: &GroupView) -> Option<Proposal> {
    if view.halted {
        return None;
    }
    let waiting = view.pending - view.updating;
    let first_absent = (waiting - view.reachable).lowest();
    let unblocked = match (policy.absent_member, first_absent) {
        (AbsentMember::Blocks, Some(absent)) => SlotSet::first(absent),
        _ => view.reachable,
    };
    let candidates = waiting & view.reachable & unblocked;
    let next = match policy.retry_order {
        RetryOrder::Same => candidates.lowest(),
        RetryOrder::FailedLast => (candidates - view.failed).lowest().or(candidates.lowest()),
    };
    next.map(Proposal::Update)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Amount, Backoff, Budget, BudgetCounts};
    use crate::time::{HOUR, Span};

    fn policy(retry_order: RetryOrder, absent_member: AbsentMember) -> UpgradePolicy {
        UpgradePolicy {
            attempts: 5,
            backoff: Backoff { first: HOUR, factor: 2.0, max: Span(24 * HOUR.0) },
            retry_order,
            absent_member,
            budget: Budget {
                max_unavailable: Amount::Count(1),
                max_surge: Amount::Count(0),
                counts: BudgetCounts::Voluntary,
            },
            max_groups_at_once: None,
        }
    }

    fn view(pending: &[usize], reachable: &[usize], failed: &[usize]) -> GroupView {
        let set = |slots: &[usize]| slots.iter().copied().collect::<SlotSet>();
        GroupView {
            configured: 4,
            reachable: set(reachable),
            serving: set(reachable),
            updating: SlotSet::EMPTY,
            pending: set(pending),
            failed: set(failed),
            halted: false,
        }
    }

    #[test]
    fn the_order_of_starts() {
        use AbsentMember::{Blocks, IsSkipped};
        use RetryOrder::{FailedLast, Same};
        let table = [
            (Same, IsSkipped, view(&[0, 1, 2], &[0, 1, 2], &[]), Some(0)),
            (Same, IsSkipped, view(&[0, 1, 2], &[0, 1, 2], &[0]), Some(0)),
            (FailedLast, IsSkipped, view(&[0, 1, 2], &[0, 1, 2], &[0]), Some(1)),
            (FailedLast, IsSkipped, view(&[0, 2], &[0, 1, 2], &[0, 2]), Some(0)),
            (Same, IsSkipped, view(&[0, 1], &[1], &[]), Some(1)),
            (Same, Blocks, view(&[0, 1], &[1], &[]), None),
            (FailedLast, Blocks, view(&[0, 1], &[1], &[0]), None),
            (FailedLast, Blocks, view(&[0, 1, 2], &[0, 1], &[0]), Some(1)),
            (Same, IsSkipped, view(&[], &[0, 1], &[]), None),
            (Same, IsSkipped, GroupView { halted: true, ..view(&[0], &[0], &[]) }, None),
        ];
        for (order, absent, view, expected) in table {
            let proposal = propose(&policy(order, absent), &view);
            assert_eq!(proposal, expected.map(Proposal::Update), "{order:?} {absent:?} {view:?}");
        }
    }
}
