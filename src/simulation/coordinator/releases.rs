//! The rollout of a release over the fleet, ring by ring: what [`Rings`] decides at a control period is carried out here.

use std::sync::LazyLock;

use crate::control::rings::{Memory, Rings, Seen, Step};
use crate::control::upgrade::Hold;
use crate::control::view::Held;
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
    /// Whether anything was decided at the last control period.
    acted: bool,
}

impl<'m> Releases<'m> {
    /// Those of `setting`, if its policy has rings.
    pub(super) fn of(setting: Setting<'m>) -> Option<Releases<'m>> {
        let rings = setting.policy.upgrade.rings.as_ref()?;
        let draw = |group: &crate::fleet::Group| {
            rand::Rng::next_u64(&mut setting.streams.draw(group.entity, *RING, 0))
        };
        let draws: Vec<u64> = setting.model.fleet.groups.iter().map(draw).collect();
        Some(Releases {
            setting,
            rings,
            ring_of: rings.assign(&draws),
            memory: Memory::default(),
            acted: false,
        })
    }

    /// Decides at the control period `at`; when to decide again, if no group has an event before.
    pub(super) fn direct<O: Observer>(&mut self, groups: &mut [Group<'m, O>], at: Time) -> Time {
        self.turn_to_due(at);
        let release = self.memory.release;
        if self.memory.is_under_way() {
            let seen: Vec<Seen> = groups.iter().map(|group| group.seen_of_release(release, at)).collect();
            let before = self.memory.clone();
            let steps = self.rings.decide(&mut self.memory, &self.ring_of, &seen, at);
            self.acted = self.memory != before;
            steps.into_iter().for_each(|step| self.take(step, groups, at));
        }
        if !self.memory.is_under_way() {
            return self.next_due(at);
        }
        let in_sight = groups.iter().map(|group| group.next_sight_after(at)).min().unwrap_or(Time::NEVER);
        // What was begun or decided now is looked at again at the next control period.
        let next = self.rings.next_look(&self.memory).min(in_sight).min(self.next_due(at));
        if self.acted { at + Span(1) } else { next.max(at + Span(1)) }
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
        let (held, why) = match step {
            Step::Begin(group) => return groups[group].begin_release(release, at),
            Step::Hold { retries: true } => (Some(Held::Others), Some(Hold::ReleaseGate)),
            Step::Hold { retries: false } => (Some(Held::Everybody), Some(Hold::ReleaseGate)),
            Step::Resume => (None, None),
            Step::RollBack => (None, Some(Hold::RolledBack)),
        };
        for group in groups {
            if group.target() != release {
                group.withhold(release, why);
            } else if step == Step::RollBack {
                group.roll_back(at);
            } else {
                group.hold_release(held, at);
            }
        }
    }
}
