//! The rollout of a release over the fleet, ring by ring: what [`Rings`] decides at a control period is carried out here.

use std::sync::LazyLock;

use crate::control::rings::{Memory, Rings, Seen, Step};
use crate::random::Purpose;
use crate::simulation::group::{Group, Setting};
use crate::simulation::observer::Observer;
use crate::time::{Span, Time};

static RING: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("ring"));

/// The rollouts of one replication, one after the other.
pub(super) struct Releases<'m> {
    setting: Setting<'m>,
    rings: &'m Rings,
    /// By group.
    ring_of: Vec<usize>,
    memory: Memory,
}

impl<'m> Releases<'m> {
    /// Those of `setting`, if its policy has rings.
    pub(super) fn of(setting: Setting<'m>) -> Option<Releases<'m>> {
        let rings = setting.policy.upgrade.rings.as_ref()?;
        let draw = |group: &crate::fleet::Group| {
            rand::Rng::next_u64(&mut setting.streams.draw(group.entity, *RING, 0))
        };
        let draws: Vec<u64> = setting.model.fleet.groups.iter().map(draw).collect();
        Some(Releases { setting, rings, ring_of: rings.assign(&draws), memory: Memory::default() })
    }

    /// Decides at the control period `at`; when to decide again, if no group has an event before.
    pub(super) fn direct<O: Observer>(&mut self, groups: &mut [Group<'m, O>], at: Time) -> Time {
        self.turn_to_due(at);
        let release = self.memory.release;
        if self.memory.is_under_way() {
            let seen: Vec<Seen> = groups.iter().map(|group| group.seen_of_release(release, at)).collect();
            for step in self.rings.decide(&mut self.memory, &self.ring_of, &seen, at) {
                self.take(step, groups, at);
            }
        }
        if self.memory.is_under_way() { at + Span(1) } else { self.next_due(at) }
    }

    fn turn_to_due(&mut self, at: Time) {
        let Setting { policy, releases, .. } = self.setting;
        let published = releases.iter().take_while(|release| release.published <= at);
        let (due, urgent) =
            policy.upgrade.due(published.map(|release| (release.published, release.urgent)), at);
        if due > self.memory.release {
            self.memory.turn_to(due, self.rings.rings.len(), urgent);
        }
    }

    /// When the next release is due that is published by then and waits.
    fn next_due(&self, at: Time) -> Time {
        let wait = self.setting.policy.upgrade.wait;
        let dates = self.setting.releases.iter().map(|release| release.published + wait);
        dates.filter(|&due| due > at).min().unwrap_or(Time::NEVER)
    }

    fn take<O: Observer>(&self, step: Step, groups: &mut [Group<'m, O>], at: Time) {
        let release = self.memory.release;
        let begun = |group: &&mut Group<'m, O>| group.target() == release;
        match step {
            Step::Begin(group) => groups[group].begin_release(release, at),
            Step::Hold => groups.iter_mut().filter(begun).for_each(|group| group.hold_release(true, at)),
            Step::Resume => groups.iter_mut().filter(begun).for_each(|group| group.hold_release(false, at)),
            Step::RollBack => groups.iter_mut().filter(begun).for_each(|group| group.roll_back(at)),
        }
    }
}
