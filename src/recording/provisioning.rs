//! Where the time of new connectors goes, step by step.

use crate::control::provisioning::Step;
use crate::time::Span;

/// What connectors spent at one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many passed it.
    pub passed: u64,
    /// Milliseconds of all of them.
    pub total: i64,
    /// Of the longest.
    pub longest: i64,
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

    /// Adds what others spent; exact in any order.
    pub fn merge(&mut self, other: &Provisioned) {
        for (spent, more) in self.steps.iter_mut().zip(&other.steps) {
            spent.passed += more.passed;
            spent.total += more.total;
            spent.longest = spent.longest.max(more.longest);
        }
    }

    /// Milliseconds at all steps.
    pub fn total(&self) -> i64 {
        self.steps.iter().map(|spent| spent.total).sum()
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
            Spent { passed: 2, total: 3 * HOUR.0, longest: 2 * HOUR.0 }
        );
        assert_eq!(both.total(), 6 * HOUR.0);
    }
}
