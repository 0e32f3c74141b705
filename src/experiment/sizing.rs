//! The sizing search: the smallest number of connectors with which a group meets its targets.
//!
//! Sizes are tried in increasing order, from one that arithmetic says is a little too small ([`arithmetic`]). A [`Trial`] is a size
//! with its replications. It ends as soon as every target is shown to be met or one is shown to be missed, each by a
//! one-sided limit, looked at after a few, some and many replications. The error that the user allows a group is divided
//! among its targets, the sizes tried and the looks, so that all limits of a group hold together (Bonferroni): with
//! that confidence the reported size truly meets the targets.
//!
//! A size is the number of a group's slots: the connectors that it has under a static policy, the most that it may grow to under
//! one that scales.
//!
//! All sizes of a group meet the same luck, since streams are keyed by names, and the same demand, which is made once
//! per replication. Groups are sized one by one as if each were alone. Where they share something, the fleet
//! of the sizes found is simulated as a whole afterwards ([`verify`]).

pub mod arithmetic;
pub mod calendar;
mod chance;
mod search;
mod target;
mod trial;
pub mod verify;

pub use search::{GroupSize, Verdict, size_groups};
pub use target::{Event, Kind, Sense, Target};
pub use trial::{Decision, Finding, Trial};

use super::Progress;
use crate::control::ScalingPolicy;
use crate::environment::{Action, Deed};
use crate::fleet::MOST_SLOTS;
use crate::simulation::Model;

/// The model with so many connectors in every group; none where there cannot be one.
pub type Models<'m> = dyn Fn(usize) -> Option<&'m Model> + Sync + 'm;

/// What is asked for.
pub struct Question<'m> {
    /// The fleet as it is configured; demand is taken from it.
    pub configured: &'m Model,
    /// The fleet of any size; demand is not taken from it.
    pub models: &'m Models<'m>,
    /// Index of the policy.
    pub policy: usize,
    /// What is to hold of each group, at least one.
    pub targets: &'m [Target],
    /// After how many replications a trial is looked at, ascending; the last is the most there may be.
    pub looks: &'m [u64],
    /// The error allowed per group.
    pub alpha: f64,
    /// Sizes to try, ascending; none: those around what arithmetic says.
    pub sizes: Option<&'m [usize]>,
    /// By group, the smallest size there is.
    pub least: &'m [usize],
    /// The largest size to try.
    pub most: usize,
    /// Demand is multiplied by this.
    pub demand_factor: f64,
    /// Share of a month in which a group should have a connector serving.
    pub objective: f64,
    /// How far the work is.
    pub progress: &'m Progress,
}

/// Sizes that get an equal part of the error where nobody says how many are to be tried.
const FIRST: usize = 4;

impl Question<'_> {
    /// The part of a group's error that the size tried as number `index` may use, from 0 on. Of a list that was asked for
    /// each gets the same. Else the first four get a fifth each, and those behind share the last one by
    /// 1/(j(j + 1)), j = 1, 2, …, which add up to one however many there are.
    fn share_of_size(&self, index: usize) -> f64 {
        match (self.sizes, index.checked_sub(FIRST)) {
            (Some(sizes), _) => 1.0 / sizes.len() as f64,
            (None, None) => 1.0 / (FIRST + 1) as f64,
            (None, Some(behind)) => 1.0 / ((FIRST + 1) * (behind + 1) * (behind + 2)) as f64,
        }
    }

    /// The error of one limit of that size at the look with this number.
    fn alpha_at(&self, index: usize, look: usize) -> f64 {
        self.alpha * self.share_of_size(index) * self.share_of_look(look) / self.targets.len() as f64
    }

    /// The part of an error that the look with this number may use: half of it is for the last.
    fn share_of_look(&self, look: usize) -> f64 {
        let earlier = self.looks.len() - 1;
        if earlier == 0 {
            1.0
        } else if look == earlier {
            0.5
        } else {
            0.5 / earlier as f64
        }
    }

    /// The size that a group has as it is configured.
    fn configured_size(&self, group: usize) -> usize {
        self.scaling().ceiling(&self.configured.fleet.groups[group])
    }

    fn scaling(&self) -> &ScalingPolicy {
        &self.configured.policies[self.policy].scaling
    }

    /// Whether somebody can be sent to a group at all: it is enabled, or will be, and has a resource.
    fn is_used(&self, index: usize) -> bool {
        let Model { fleet, environment, .. } = self.configured;
        let enables = |action: &Action| {
            action.deed == Deed::Enable
                && action.is_of_groups()
                && !action.place.covers(fleet, index).is_empty()
        };
        let group = &fleet.groups[index];
        group.resources > 0 && (!group.disabled || environment.actions.iter().any(enables))
    }

    /// The smallest size from that of `least` on in which so many slots of a group can serve.
    fn with_usable(&self, group: usize, usable: usize) -> usize {
        let slots = &self.configured.fleet.groups[group].slots;
        let scales = self.scaling().dynamic().is_some();
        // A policy that scales orders connectors for slots that are empty.
        let idle = |size: usize| {
            slots.iter().take(size).filter(|slot| slot.disabled || slot.empty && !scales).count()
        };
        let enough = |&size: &usize| size - idle(size) >= usable;
        (self.least[group]..=MOST_SLOTS).find(enough).unwrap_or(MOST_SLOTS)
    }

    /// The smallest size of a group that carries its peak, of which arithmetic says that it takes `at_peak` connectors; more than
    /// there can be where none does.
    fn carries_peak(&self, group: usize, at_peak: Option<usize>) -> usize {
        at_peak.map_or(MOST_SLOTS + 1, |usable| self.with_usable(group, usable))
    }

    /// The replications before the last look.
    fn most_replications(&self) -> u64 {
        self.looks.last().copied().unwrap_or(0)
    }
}

/// Looks after 4, 10, 25, … replications, the last after `most`: clear cases are decided early.
pub fn looks(most: u64) -> Vec<u64> {
    let mut looks = Vec::new();
    let mut next: u64 = 4;
    while next < most {
        looks.push(next);
        next = (next * 5).div_ceil(2);
    }
    looks.push(most);
    looks
}

#[cfg(test)]
mod tests {
    use super::looks;

    #[test]
    fn looks_grow_and_end_with_the_most() {
        assert_eq!(looks(10), [4, 10]);
        assert_eq!(looks(100), [4, 10, 25, 63, 100]);
        assert_eq!(looks(3), [3]);
        assert_eq!(looks(4), [4]);
    }
}
