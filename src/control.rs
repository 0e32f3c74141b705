//! Control: what the vendor and the operators decide from what they can see.
//!
//! A policy is data plus one pure function from a [`view`] to proposals; the [`arbiter`] admits proposals within the
//! disruption budget. Nothing here may import [`crate::environment`]: no policy can see a hazard, the quality of a
//! release or future demand.

pub mod arbiter;
pub mod crew;
pub mod hours;
pub mod provisioning;
pub mod rings;
pub mod scaling;
pub mod upgrade;
pub mod view;

use crate::time::{DAY, HOUR, Span, Time};
pub use crew::{Crew, Service};
pub use hours::{Hours, Schedule};
pub use provisioning::Provisioning;
pub use rings::Rings;
use scaling::Mean;
pub use scaling::ScalingPolicy;

/// A policy of the fleet's operators, compiled.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name in the scenario.
    pub name: String,
    /// How the agent's software is updated.
    pub upgrade: UpgradePolicy,
    /// How many connectors a group has.
    pub scaling: ScalingPolicy,
    /// How connectors come and go.
    pub provisioning: Provisioning,
    /// Who begins work after a failure that needs an operator, or a fault of an update; a plain delay passes before it.
    pub repair: Service,
    /// Who replaces an expired connector; after a plain delay the replacement begins.
    pub replacement: Service,
    /// From an event to its being seen by a crew.
    pub detection_delay: Span,
}

impl Policy {
    /// Whether its decisions couple groups, so that they must be run together.
    pub fn couples_groups(&self) -> bool {
        let UpgradePolicy { max_groups_at_once, rings, .. } = &self.upgrade;
        let upgrade = max_groups_at_once.is_some() || rings.is_some();
        let services = self.repair.is_shared() || self.replacement.is_shared();
        upgrade || services || self.provisioning.is_shared()
    }
}

/// How the agent's software is updated in each group.
#[derive(Clone, Debug, PartialEq)]
pub struct UpgradePolicy {
    /// Failures of a group at which a repair task opens, ≥ 1.
    pub attempts: u32,
    /// Time from a failure to the next start.
    pub backoff: Backoff,
    /// Who comes first.
    pub order: UpdateOrder,
    /// What a failure does to the others.
    pub on_failure: OnFailure,
    /// Who is tried first after a failure.
    pub retry_order: RetryOrder,
    /// What a pending connector whose link is down does to the others.
    pub absent_member: AbsentMember,
    /// The disruption budget.
    pub budget: Budget,
    /// How many groups may update at once in the fleet; decided at control periods.
    pub max_groups_at_once: Option<u32>,
    /// In which parts of the fleet a release begins one after the other; decided at control periods. Nothing: everywhere.
    pub rings: Option<Rings>,
    /// From a publication to the beginning of its rollout.
    pub wait: Span,
    /// Whether a release that is published as urgent begins at once and everywhere, in and out of windows.
    pub urgent_track: bool,
    /// How many releases the rollout stays behind the newest: 1 begins a release when the next one is published.
    pub behind: usize,
    /// When updates may start; nothing: at any time.
    pub hours: Option<Schedule>,
    /// The load above which no connector may be spared.
    pub gate: Option<CapacityGate>,
    /// From the first chance of a rollout, the first window after its beginning, to its becoming forced: window and gate no
    /// longer hold it, the budget does.
    pub force_after: Option<Span>,
    /// Age of what the policy sees of links and load. What the updater itself does and learns it knows at once.
    pub detection_delay: Span,
}

impl UpgradePolicy {
    /// The release whose rollout is due at `at`, of those published by then, told by when and whether as urgent, and whether
    /// that is the urgent track; 0: none yet.
    pub fn due(&self, published: impl Iterator<Item = (Time, bool)>, at: Time) -> (usize, bool) {
        let (mut waited, mut urgent) = (0, 0);
        for (index, (then, is_urgent)) in published.enumerate() {
            waited = if then + self.wait <= at { index + 1 } else { waited };
            urgent = if is_urgent && self.urgent_track { index + 1 } else { urgent };
        }
        let waited = waited.saturating_sub(self.behind);
        (waited.max(urgent), urgent > 0 && urgent >= waited)
    }

    /// The vendor's own: one connector of a group at a time, from publication on, halting on a failure.
    pub fn vendor_default() -> UpgradePolicy {
        UpgradePolicy {
            attempts: 5,
            backoff: Backoff { first: HOUR, factor: 2.0, max: DAY },
            order: UpdateOrder::Slot,
            on_failure: OnFailure::Halt,
            retry_order: RetryOrder::Same,
            absent_member: AbsentMember::IsSkipped,
            budget: Budget {
                max_unavailable: Amount::Count(1),
                max_surge: Amount::Count(0),
                counts: BudgetCounts::Voluntary,
            },
            max_groups_at_once: None,
            rings: None,
            wait: Span::ZERO,
            urgent_track: true,
            behind: 0,
            hours: None,
            gate: None,
            force_after: None,
            detection_delay: Span::ZERO,
        }
    }
}

/// Which pending connector is updated first; among equals the lowest ordinal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateOrder {
    /// The lowest ordinal.
    Slot,
    /// In an order drawn for each group and release.
    Random,
    /// The oldest agent version.
    OldestVersion,
    /// Who carries least: those that do not serve, then by balance weight and the release's need of CPU.
    LeastLoaded,
}

/// What the failure of an update does to the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The whole group waits for the back-off, or for a repair once attempts are exhausted.
    Halt,
    /// The failed connector is left on its version until the next release; the others go on.
    Skip,
    /// The failed connector alone waits for its back-off, or for its repair; the others go on.
    Continue,
}

/// A capacity gate: no update starts that would leave the others with more load than `limit`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapacityGate {
    /// CPU in hundredths of a percent.
    pub limit: f64,
}

impl CapacityGate {
    /// Whether one of `spare` connectors may be spared, when the displayed average was `average` with `serving` of them;
    /// `idle` in hundredths of a percent, `efficiency` is β.
    ///
    /// Load is proportional to 1/n connectors, and to 1 + β(n − 1) for what each of them loses by standing in a group. No
    /// average means that nobody knows of any load. Nothing is divided, so that a load that just fits is admitted.
    pub fn admits(
        &self,
        serving: usize,
        spare: usize,
        average: Option<Mean>,
        idle: f64,
        efficiency: f64,
    ) -> bool {
        if spare < 2 {
            return false;
        }
        let Some(Mean { sum, number }) = average else { return idle <= self.limit };
        let (before, after, number) = (serving as f64, spare as f64 - 1.0, number as f64);
        let loss = |n: f64| 1.0 + efficiency * (n - 1.0);
        let load = (sum as f64 - idle * number) * before * loss(after);
        load <= (self.limit - idle) * number * after * loss(before)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two connectors at 40 %, 5 % of which idle: one alone would have 5 + 35·2 = 75 %.
    #[test]
    fn the_gate_foresees_the_load_of_those_that_stay() {
        let gate = |limit| CapacityGate { limit };
        let mean = |sum| Some(Mean { sum, number: 1 });
        assert!(gate(7_500.0).admits(2, 2, mean(4_000), 500.0, 0.0));
        assert!(!gate(7_499.0).admits(2, 2, mean(4_000), 500.0, 0.0));
        assert!(!gate(10_000.0).admits(1, 1, mean(600), 500.0, 0.0), "nobody would be left");
        assert!(gate(500.0).admits(2, 2, None, 500.0, 0.0), "no load is known");
        // With β = 0.1 each of three has 1/1.2 of its capacity and each of two 1/1.1: 5 + 30·(3/2)·(1.1/1.2) = 46.25 %.
        // Three samples whose mean is 36 2/3 %: two of three carry 5 + 31 2/3·3/2 = 52.5 %, to the last digit.
        let third = Some(Mean { sum: 11_000, number: 3 });
        assert!(gate(5_250.0).admits(3, 3, third, 500.0, 0.0));
        assert!(!gate(5_249.0).admits(3, 3, third, 500.0, 0.0));
        assert!(gate(4_625.001).admits(3, 3, mean(3_500), 500.0, 0.1));
        assert!(!gate(4_624.999).admits(3, 3, mean(3_500), 500.0, 0.1));
        // One of three is already out: two are to carry the load of three, then one.
        assert!(!gate(9_499.0).admits(3, 2, mean(3_500), 500.0, 0.0));
        assert!(gate(9_500.0).admits(3, 2, mean(3_500), 500.0, 0.0));
    }
}
