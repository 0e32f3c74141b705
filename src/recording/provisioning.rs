//! Where the time of new connectors goes, step by step. A step that is not finished by the horizon, or
//! whose connector is removed before, counts with what it lasted until then: else the step at which most is waited for would show least.

use crate::control::provisioning::Step;
use crate::time::Span;

/// What connectors spent at one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many passed it.
    pub passed: u64,
    /// Milliseconds of all of them.
    pub total: i64,
    /// How many are still at it at the horizon.
    pub open: u64,
    /// Milliseconds of these, and of those that were removed while they were at it.
    pub not_passed_total: i64,
    /// Of the longest, passed or not.
    pub longest: i64,
}

impl Spent {
    /// Milliseconds of all who were at it.
    pub fn all(&self) -> i64 {
        self.total + self.not_passed_total
    }
}

/// What new connectors spent at each step, of any number of groups and replications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provisioned {
    /// In the order of [`Step::ALL`].
    pub steps: [Spent; Step::ALL.len()],
}

impl Provisioned {
    /// A connector passed `step`, which took so long.
    pub fn record(&mut self, step: Step, took: Span) {
        let spent = &mut self.steps[step as usize];
        spent.passed += 1;
        spent.total += took.0;
        spent.longest = spent.longest.max(took.0);
    }

    /// A connector that was at `step` for so long comes no further: at the horizon it is still there (`is_open`), or it is
    /// removed.
    pub fn not_passed(&mut self, step: Step, lasted: Span, is_open: bool) {
        let spent = &mut self.steps[step as usize];
        spent.open += u64::from(is_open);
        spent.not_passed_total += lasted.0;
        spent.longest = spent.longest.max(lasted.0);
    }

    /// Adds what others spent; exact in any order.
    pub fn merge(&mut self, other: &Provisioned) {
        for (spent, more) in self.steps.iter_mut().zip(&other.steps) {
            spent.passed += more.passed;
            spent.total += more.total;
            spent.open += more.open;
            spent.not_passed_total += more.not_passed_total;
            spent.longest = spent.longest.max(more.longest);
        }
    }

    /// Milliseconds at all steps.
    pub fn total(&self) -> i64 {
        self.steps.iter().map(Spent::all).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    #[test]
    fn steps_add_up_in_any_order() {
        let (mut one, mut other) = (Provisioned::default(), Provisioned::default());
        one.record(Step::Boot, HOUR);
        one.record(Step::Key, Span(3 * HOUR.0));
        other.record(Step::Boot, Span(2 * HOUR.0));
        let mut both = one;
        both.merge(&other);
        other.merge(&one);
        assert_eq!(both, other);
        assert_eq!(
            both.steps[Step::Boot as usize],
            Spent { passed: 2, total: 3 * HOUR.0, longest: 2 * HOUR.0, ..Spent::default() }
        );
        assert_eq!(both.total(), 6 * HOUR.0);
        both.not_passed(Step::Key, Span(5 * HOUR.0), true);
        let key = both.steps[Step::Key as usize];
        assert_eq!((key.passed, key.open, key.longest, key.all()), (1, 1, 5 * HOUR.0, 8 * HOUR.0));
        assert_eq!(both.total(), 11 * HOUR.0);
    }
}
