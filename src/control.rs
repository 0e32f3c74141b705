//! Control: what the vendor and the operators decide from what they can see.
//!
//! A policy is data plus one pure function from a [`view`] to proposals; the [`arbiter`] admits proposals within the
//! disruption budget. Nothing here may import [`crate::environment`]: no policy can see a hazard, the quality of a
//! release or future demand.

pub mod arbiter;
pub mod upgrade;
pub mod view;

use crate::random::Variate;
use crate::time::{DAY, HOUR, Span};

/// A policy of the fleet's operators, compiled.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name in the scenario.
    pub name: String,
    /// How the agent's software is updated.
    pub upgrade: UpgradePolicy,
    /// How many connectors a group has.
    pub scaling: ScalingPolicy,
    /// From a failure that needs an operator, or a fault of an update, to the beginning of work.
    pub repair_after: Variate,
    /// From an expiry to the beginning of a replacement.
    pub replacement_after: Variate,
}

/// How the agent's software is updated in each group.
#[derive(Clone, Debug, PartialEq)]
pub struct UpgradePolicy {
    /// Failures of a group at which a repair task opens, ≥ 1.
    pub attempts: u32,
    /// Time from a failure to the next start.
    pub backoff: Backoff,
    /// Who is tried first after a failure.
    pub retry_order: RetryOrder,
    /// What a pending connector whose link is down does to the others.
    pub absent_member: AbsentMember,
    /// The disruption budget.
    pub budget: Budget,
    /// How many groups may update at once in the fleet; decided at control periods.
    pub max_groups_at_once: Option<u32>,
}

impl UpgradePolicy {
    /// The vendor's own rollout: one connector at a time, a halt after a failure that doubles from an hour to a day, and
    /// a repair task at the fifth.
    pub fn vendor_default() -> UpgradePolicy {
        UpgradePolicy {
            attempts: 5,
            backoff: Backoff { first: HOUR, factor: 2.0, max: DAY },
            retry_order: RetryOrder::Same,
            absent_member: AbsentMember::IsSkipped,
            budget: Budget {
                max_unavailable: Amount::Count(1),
                max_surge: Amount::Count(0),
                counts: BudgetCounts::Voluntary,
            },
            max_groups_at_once: None,
        }
    }
}

/// Time from a failure to the next start: `first`·`factor`^(failures − 1), at most `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Span,
    /// Growth per failure, ≥ 1.
    pub factor: f64,
    /// At most this.
    pub max: Span,
}

impl Backoff {
    /// The pause after the group's `failures`-th failure (≥ 1) since its last success.
    pub fn after(&self, failures: u32) -> Span {
        let grown = self.first.0 as f64 * libm::pow(self.factor, f64::from(failures.saturating_sub(1)));
        if grown >= self.max.0 as f64 { self.max } else { Span::drawn(grown) }
    }
}

/// Which connector is tried first after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOrder {
    /// The failed one first again: it blocks the others.
    Same,
    /// Those that failed last, in ordinal order.
    FailedLast,
}

/// What a pending connector whose link is down does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbsentMember {
    /// It is passed over and updated when it is back.
    IsSkipped,
    /// It blocks those of higher ordinal.
    Blocks,
}

/// The disruption budget of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many connectors may be disrupted at once.
    pub max_unavailable: Amount,
    /// How many extra connectors may stand in for them.
    pub max_surge: Amount,
    /// Which connectors count.
    pub counts: BudgetCounts,
}

/// A number of connectors, absolute or relative to the configured ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(u32),
    /// So many percent of the configured ones.
    Percent(u32),
}

impl Budget {
    /// How many of `configured` connectors may be unavailable at once: percentages rounded down, `max_surge` up, and
    /// at least 1 where both come to 0.
    #[inline]
    pub fn max_unavailable(&self, configured: usize) -> usize {
        let unavailable = match self.max_unavailable {
            Amount::Count(count) => count as usize,
            Amount::Percent(percent) => configured * percent as usize / 100,
        };
        if unavailable == 0 && self.max_surge(configured) == 0 { 1 } else { unavailable }
    }

    /// How many connectors may be added at once beyond `configured`.
    #[inline]
    pub fn max_surge(&self, configured: usize) -> usize {
        match self.max_surge {
            Amount::Count(count) => count as usize,
            Amount::Percent(percent) => (configured * percent as usize).div_ceil(100),
        }
    }
}

/// Which connectors count against the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetCounts {
    /// Only those that are updating, redeploying or draining.
    Voluntary,
    /// Every configured connector that does not serve.
    All,
}

/// How many connectors a group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingPolicy {
    /// As configured.
    Static,
}
