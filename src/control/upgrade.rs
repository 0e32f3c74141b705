//! Which connector of a group is updated next: in the policy's order, nothing while the group is halted.

use super::arbiter;
use super::view::{GroupView, Held};
use super::{AbsentMember, RetryOrder, UpdateOrder, UpgradePolicy};
use crate::fleet::SlotSet;

/// Why no update starts now: the rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nobody waits for the target release.
    NothingPending,
    /// The newest release has not begun here: it waits, or its ring has not opened.
    NotBegun,
    /// The release was rolled back.
    RolledBack,
    /// The group is halted after a failure.
    Halted,
    /// The gate of the release is breached.
    ReleaseGate,
    /// The window is closed or a freeze is on.
    Hours,
    /// Those that wait are updating already, absent, blocked by an absent one, or waiting for a back-off or repair.
    NobodyReady,
    /// One more would exceed the disruption budget.
    Budget,
    /// The others could not carry the load.
    Gate,
    /// As many groups of the fleet update as may.
    Permit,
    /// Those that do not run it failed and were given up.
    GivenUp,
}

impl Hold {
    /// Its name in result files.
    pub fn word(self) -> &'static str {
        match self {
            Hold::NothingPending => "nothing_pending",
            Hold::NotBegun => "not_begun",
            Hold::RolledBack => "rolled_back",
            Hold::Halted => "halted",
            Hold::ReleaseGate => "release_gate",
            Hold::Hours => "hours",
            Hold::NobodyReady => "nobody_ready",
            Hold::Budget => "budget",
            Hold::Gate => "capacity_gate",
            Hold::Permit => "max_groups_at_once",
            Hold::GivenUp => "given_up",
        }
    }

    /// The rule in words.
    pub fn words(self) -> &'static str {
        match self {
            Hold::NothingPending => "nobody is pending",
            Hold::NotBegun => "the newest release has not begun here",
            Hold::RolledBack => "the release was rolled back",
            Hold::Halted => "the group is halted",
            Hold::ReleaseGate => "the gate of the release is breached",
            Hold::Hours => "the window is closed or a freeze is on",
            Hold::NobodyReady => "whoever is pending is updating, absent, blocked or resting",
            Hold::Budget => "one more would exceed the disruption budget",
            Hold::Gate => "the others could not carry the load",
            Hold::Permit => "as many groups of the fleet update as may",
            Hold::GivenUp => "whoever is left failed and was given up",
        }
    }
}

/// The connector to update next, or why none. `precedence` orders those that are ready, the least first; among equals the
/// lowest ordinal. Whether the policy's hours are open is for the caller to say.
#[inline]
pub fn decide(
    policy: &UpgradePolicy,
    view: &GroupView,
    open: bool,
    precedence: impl Fn(usize) -> u64,
) -> Result<usize, Hold> {
    if view.pending.is_empty() {
        return Err(Hold::NothingPending);
    }
    if view.halted {
        return Err(Hold::Halted);
    }
    let allowed = match view.held {
        None => view.pending,
        Some(Held::Others) => view.failed,
        Some(Held::Everybody) => SlotSet::EMPTY,
    };
    if allowed.is_empty() {
        return Err(Hold::ReleaseGate);
    }
    if !open {
        return Err(Hold::Hours);
    }
    let ready = ready(policy, view) & allowed;
    if ready.is_empty() {
        return Err(Hold::NobodyReady);
    }
    let admissible = arbiter::admissible(&policy.budget, view, ready);
    if admissible.is_empty() {
        return Err(Hold::Budget);
    }
    // Who serves nobody can be spared whatever the load.
    let spared = if can_spare(policy, view) { admissible } else { admissible - view.seen_serving };
    first(policy, view, spared, precedence).ok_or(Hold::Gate)
}

/// Pending connectors that the policy would update now, were it not for budget and load.
#[inline]
fn ready(policy: &UpgradePolicy, view: &GroupView) -> SlotSet {
    let waiting = view.pending - view.updating - view.resting;
    let first_absent = (waiting - view.seen_reachable).lowest();
    let unblocked = match (policy.absent_member, first_absent) {
        (AbsentMember::Blocks, Some(absent)) => SlotSet::first(absent),
        _ => view.seen_reachable,
    };
    // A proposal about a connector that is away by now is void.
    waiting & view.seen_reachable & unblocked & view.reachable
}

/// Whether the gate, if there is one that holds, lets a serving connector go.
#[inline]
fn can_spare(policy: &UpgradePolicy, view: &GroupView) -> bool {
    view.forced
        || policy.gate.as_ref().is_none_or(|gate| {
            let spare = (view.seen_serving - view.updating).len();
            let load = &view.load;
            gate.admits(view.seen_serving.len(), spare, load.average, load.idle, load.efficiency)
        })
}

#[inline]
fn first(
    policy: &UpgradePolicy,
    view: &GroupView,
    slots: SlotSet,
    precedence: impl Fn(usize) -> u64,
) -> Option<usize> {
    let fresh = slots - view.failed;
    let slots = if policy.retry_order == RetryOrder::FailedLast && !fresh.is_empty() { fresh } else { slots };
    match policy.order {
        UpdateOrder::Slot => slots.lowest(),
        _ => slots.iter().min_by_key(|&slot| (precedence(slot), slot)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::scaling::Mean;
    use crate::control::view::Load;
    use crate::control::{Amount, BudgetCounts, CapacityGate};

    fn policy(retry_order: RetryOrder, absent_member: AbsentMember) -> UpgradePolicy {
        UpgradePolicy { retry_order, absent_member, ..UpgradePolicy::vendor_default() }
    }

    fn set(slots: &[usize]) -> SlotSet {
        slots.iter().copied().collect()
    }

    fn view(pending: &[usize], reachable: &[usize], failed: &[usize]) -> GroupView {
        GroupView {
            configured: SlotSet::first(4),
            seen_reachable: set(reachable),
            seen_serving: set(reachable),
            reachable: set(reachable),
            serving: set(reachable),
            updating: SlotSet::EMPTY,
            draining: SlotSet::EMPTY,
            pending: set(pending),
            failed: set(failed),
            resting: SlotSet::EMPTY,
            halted: false,
            held: None,
            forced: false,
            load: Load { average: Some(Mean { sum: 6_000, number: 1 }), idle: 500.0, efficiency: 0.0 },
        }
    }

    #[test]
    fn the_order_of_starts() {
        use AbsentMember::{Blocks, IsSkipped};
        use RetryOrder::{FailedLast, Same};
        let absent = Err(Hold::NobodyReady);
        let table = [
            (Same, IsSkipped, view(&[0, 1, 2], &[0, 1, 2], &[]), Ok(0)),
            (Same, IsSkipped, view(&[0, 1, 2], &[0, 1, 2], &[0]), Ok(0)),
            (FailedLast, IsSkipped, view(&[0, 1, 2], &[0, 1, 2], &[0]), Ok(1)),
            (FailedLast, IsSkipped, view(&[0, 2], &[0, 1, 2], &[0, 2]), Ok(0)),
            (Same, IsSkipped, view(&[0, 1], &[1], &[]), Ok(1)),
            (Same, Blocks, view(&[0, 1], &[1], &[]), absent),
            (FailedLast, Blocks, view(&[0, 1], &[1], &[0]), absent),
            (FailedLast, Blocks, view(&[0, 1, 2], &[0, 1], &[0]), Ok(1)),
            (Same, IsSkipped, view(&[], &[0, 1], &[]), Err(Hold::NothingPending)),
            (Same, IsSkipped, GroupView { halted: true, ..view(&[0], &[0], &[]) }, Err(Hold::Halted)),
            (Same, IsSkipped, GroupView { resting: set(&[0]), ..view(&[0, 1], &[0, 1], &[0]) }, Ok(1)),
        ];
        for (order, absent, view, expected) in table {
            let decision = decide(&policy(order, absent), &view, true, |_| 0);
            assert_eq!(decision, expected, "{order:?} {absent:?} {view:?}");
        }
    }

    #[test]
    fn precedence_orders_and_ties_go_to_the_lowest_ordinal() {
        let policy = UpgradePolicy { order: UpdateOrder::OldestVersion, ..UpgradePolicy::vendor_default() };
        let versions = [3, 2, 1, 1];
        let all = view(&[0, 1, 2, 3], &[0, 1, 2, 3], &[]);
        assert_eq!(decide(&policy, &all, true, |slot| versions[slot]), Ok(2));
    }

    #[test]
    fn a_proposal_about_a_connector_that_is_away_by_now_is_void() {
        let gone = GroupView { reachable: set(&[1]), ..view(&[0, 1], &[0, 1], &[]) };
        let vendor = UpgradePolicy::vendor_default();
        assert_eq!(decide(&vendor, &gone, true, |_| 0), Ok(1));
        let not_seen_yet = GroupView { seen_reachable: set(&[0]), ..gone };
        assert_eq!(decide(&vendor, &not_seen_yet, true, |_| 0), Err(Hold::NobodyReady));
    }

    #[test]
    fn the_rule_that_decides_is_named() {
        let gated =
            UpgradePolicy { gate: Some(CapacityGate { limit: 7_000.0 }), ..UpgradePolicy::vendor_default() };
        let two = view(&[0, 1], &[0, 1], &[]);
        assert_eq!(decide(&gated, &two, true, |_| 0), Err(Hold::Gate));
        assert_eq!(decide(&gated, &GroupView { forced: true, ..two }, true, |_| 0), Ok(0));
        assert_eq!(decide(&gated, &two, false, |_| 0), Err(Hold::Hours));
        let one_is_down = GroupView { seen_serving: set(&[0]), serving: set(&[0]), ..two };
        assert_eq!(decide(&gated, &one_is_down, true, |_| 0), Ok(1), "who serves nobody is spared");
        let busy = GroupView { updating: set(&[3]), ..two };
        assert_eq!(decide(&gated, &busy, true, |_| 0), Err(Hold::Budget));
    }

    fn gated(limit: f64) -> UpgradePolicy {
        UpgradePolicy { gate: Some(CapacityGate { limit }), ..UpgradePolicy::vendor_default() }
    }

    fn budgeted(max_unavailable: Amount, counts: BudgetCounts) -> UpgradePolicy {
        let mut policy = UpgradePolicy::vendor_default();
        policy.budget.max_unavailable = max_unavailable;
        policy.budget.counts = counts;
        policy
    }

    /// Four serve at 60 % with 5 % idle, so that three would have 5 + 55 · 4/3 = 78.3 %; where each loses by standing in a group
    /// (β = 0.5), 5 + 55 · (2/3)/(2.5/4) = 63.7 %.
    #[test]
    fn the_budget_and_the_load_admit_what_they_should() {
        use BudgetCounts::{All, Voluntary};
        let four = view(&[0, 1, 2, 3], &[0, 1, 2, 3], &[]);
        let three = view(&[0, 1, 2, 3], &[1, 2, 3], &[]);
        let one_updates = GroupView { updating: set(&[0]), serving: set(&[1, 2, 3]), ..four };
        let with_load = |load: Load| GroupView { load, ..four };
        let crowded = with_load(Load { efficiency: 0.5, ..four.load });
        let unknown = with_load(Load { average: None, ..four.load });
        let (one, two, half) = (Amount::Count(1), Amount::Count(2), Amount::Percent(50));
        let table = [
            ("one of four", budgeted(one, Voluntary), four, Ok(0)),
            ("the second of one", budgeted(one, Voluntary), one_updates, Err(Hold::Budget)),
            ("the second of two", budgeted(two, Voluntary), one_updates, Ok(1)),
            ("a half, one updates", budgeted(half, All), one_updates, Ok(1)),
            ("who is down does not count", budgeted(one, Voluntary), three, Ok(1)),
            ("who is down counts", budgeted(one, All), three, Err(Hold::Budget)),
            ("a half, one is down", budgeted(half, All), three, Ok(1)),
            ("78.3 % of 70", gated(7_000.0), four, Err(Hold::Gate)),
            ("78.3 % of 80", gated(8_000.0), four, Ok(0)),
            ("63.7 % of 70", gated(7_000.0), crowded, Ok(0)),
            ("no load is known", gated(7_000.0), unknown, Ok(0)),
            ("forced", gated(7_000.0), GroupView { forced: true, ..four }, Ok(0)),
            ("forced, second", gated(9_000.0), GroupView { forced: true, ..one_updates }, Err(Hold::Budget)),
        ];
        for (what, policy, view, expected) in table {
            assert_eq!(decide(&policy, &view, true, |_| 0), expected, "{what}");
        }
    }

    /// Where several rules hold, the first of them is named: one after the other ceases to.
    #[test]
    fn rules_are_asked_in_their_order() {
        let policy =
            UpgradePolicy { gate: Some(CapacityGate { limit: 0.0 }), ..UpgradePolicy::vendor_default() };
        let nobody = GroupView {
            halted: true,
            held: Some(Held::Everybody),
            updating: set(&[0]),
            ..view(&[], &[1, 2], &[])
        };
        let halted = GroupView { pending: set(&[3]), ..nobody };
        let held = GroupView { halted: false, ..halted };
        let closed = GroupView { held: None, ..held };
        let busy = GroupView { pending: set(&[1, 3]), ..closed };
        let loaded = GroupView { updating: SlotSet::EMPTY, ..busy };
        let table = [
            (nobody, false, Err(Hold::NothingPending)),
            (halted, false, Err(Hold::Halted)),
            (held, false, Err(Hold::ReleaseGate)),
            (closed, false, Err(Hold::Hours)),
            (closed, true, Err(Hold::NobodyReady)),
            (busy, true, Err(Hold::Budget)),
            (loaded, true, Err(Hold::Gate)),
            (GroupView { forced: true, ..loaded }, true, Ok(1)),
        ];
        for (view, open, expected) in table {
            assert_eq!(decide(&policy, &view, open, |_| 0), expected, "{view:?}");
        }
    }
}
