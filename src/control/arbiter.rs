//! The one place where a disruption is admitted: every proposal passes here, and the budget is kept here.

use super::view::GroupView;
use super::{Budget, BudgetCounts};
use crate::fleet::SlotSet;

/// Those of `slots` of which any one can be taken out within the group's disruption budget, by what is true and not by what
/// is seen. Where whoever does not serve counts, taking out somebody who is out already costs nothing.
#[inline]
pub fn admissible(budget: &Budget, view: &GroupView, slots: SlotSet) -> SlotSet {
    let disrupted = match budget.counts {
        BudgetCounts::Voluntary => view.updating | view.draining,
        BudgetCounts::All => (view.configured - view.serving) | view.updating | view.draining,
    };
    let most = budget.max_unavailable(view.configured.len());
    if disrupted.has_more_than(most) {
        SlotSet::EMPTY
    } else if most > 0 && !disrupted.has_more_than(most - 1) {
        slots
    } else {
        slots & disrupted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Amount;
    use crate::control::view::Load;

    #[test]
    fn a_budget_of_all_counts_whoever_does_not_serve() {
        let view = GroupView {
            configured: SlotSet::first(4),
            seen_reachable: SlotSet::first(4),
            seen_serving: SlotSet::first(4),
            reachable: SlotSet::first(3),
            serving: SlotSet::first(3),
            updating: SlotSet::EMPTY,
            draining: SlotSet::EMPTY,
            pending: SlotSet::first(4),
            failed: SlotSet::EMPTY,
            resting: SlotSet::EMPTY,
            halted: false,
            held: None,
            forced: false,
            load: Load { average: None, idle: 0.0, efficiency: 0.0 },
        };
        let budget =
            |max_unavailable, counts| Budget { max_unavailable, max_surge: Amount::Count(0), counts };
        let admits = |budget: &Budget, view: &GroupView, slot: usize| {
            admissible(budget, view, SlotSet::first(4) - view.updating).contains(slot)
        };
        let start = 0;
        assert!(admits(&budget(Amount::Count(1), BudgetCounts::Voluntary), &view, start));
        assert!(!admits(&budget(Amount::Count(1), BudgetCounts::All), &view, start));
        assert!(admits(&budget(Amount::Percent(50), BudgetCounts::All), &view, start));
        assert!(admits(&budget(Amount::Count(1), BudgetCounts::All), &view, 3), "slot 3 is out already");
    }

    #[test]
    fn percentages_round_down_and_never_to_a_standstill() {
        let percent = |p| Budget {
            max_unavailable: Amount::Percent(p),
            max_surge: Amount::Count(0),
            counts: BudgetCounts::All,
        };
        assert_eq!((percent(25).max_unavailable(7), percent(25).max_unavailable(3)), (1, 1));
        let surge = Budget {
            max_unavailable: Amount::Count(0),
            max_surge: Amount::Percent(10),
            counts: BudgetCounts::All,
        };
        assert_eq!((surge.max_unavailable(7), surge.max_surge(7)), (0, 1));
    }
}
