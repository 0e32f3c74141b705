//! Scaling: the configured connectors of a group follow what its policy decides at regular ticks.
//!
//! Scaling out takes back whoever is being removed, then orders connectors for the lowest free ordinals. Scaling in removes
//! those that are not in service at once, the highest ordinal first; then, within the disruption budget, connectors in
//! service, those first whose link was seen down: one is disabled, which drains it, and deleted when the others have been
//! watched for a while. A slot whose connector was removed is not configured any more.
//!
//! A group under a static policy has no [`Scaler`], and no event of its own.

use std::collections::VecDeque;

use super::*;
use crate::control::arbiter;
use crate::control::crew::TaskKind;
use crate::control::scaling::{Memory, Scaling, View, load};
use crate::simulation::observer::Happening;

/// What decides on the number of connectors of a group, and what it can see.
#[derive(Clone, Debug)]
pub(super) struct Scaler<'m> {
    policy: &'m Scaling,
    memory: Memory,
    /// What changed when, ascending; the first is in sight or from the start.
    states: VecDeque<(Time, Seen)>,
    /// Slots without a connector, or with a dead one, for which none was ordered and none is to come.
    vacant: SlotSet,
    decisions: i64,
}

/// What is displayed of connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    serving: SlotSet,
    in_service: SlotSet,
    /// Expired or revoked.
    dead: SlotSet,
    link_down: SlotSet,
}

impl Seen {
    fn of(axes: &Axes) -> Seen {
        let Axes { in_service, expired, revoked, link_down, .. } = *axes;
        Seen { serving: axes.serving(), in_service, dead: expired | revoked, link_down }
    }
}

impl<'m> Scaler<'m> {
    /// Of a group that is scaled at all: its policy does so and it has a resource.
    pub(super) fn of(setting: Setting<'m>, axes: &Axes) -> Option<Box<Scaler<'m>>> {
        let policy = setting.policy.scaling.dynamic()?;
        let (states, vacant) = (VecDeque::new(), axes.empty);
        let memory = Memory::of((axes.configured - vacant - axes.disabled).len());
        let scaler = Scaler { policy, memory, states, vacant, decisions: 0 };
        axes.has_resource.then(|| Box::new(scaler))
    }

    /// Keeps the state at the end of the instant `now`.
    pub(super) fn keep(&mut self, now: Time, axes: &Axes) {
        let seen = Seen::of(axes);
        if self.states.back().is_some_and(|(_, last)| *last == seen) {
            return;
        }
        while self.states.get(1).is_some_and(|(since, _)| *since + self.policy.detection_delay <= now) {
            self.states.pop_front();
        }
        self.states.push_back((now, seen));
    }

    /// What is seen at `now`: at the start, before anything is, what is there.
    fn seen(&self, now: Time, axes: &Axes) -> Seen {
        let old = self.states.iter().rev().find(|(since, _)| *since + self.policy.detection_delay <= now);
        old.or(self.states.front()).map_or_else(|| Seen::of(axes), |&(_, seen)| seen)
    }
}

impl<'m, O: Observer> Group<'m, O> {
    /// Sets the timer of the next decision, at a tick.
    pub(super) fn schedule_scaling(&mut self) {
        if let Some(scaler) = &self.scaler {
            let first = self.setting.model.ticks.first;
            let next = first + Span(scaler.policy.period.0 * scaler.decisions);
            self.agenda.set(self.places.scaling, next, Kind::Scale);
        }
    }

    /// Decides on the number of connectors.
    pub(super) fn scale(&mut self) {
        let Some(mut scaler) = self.scaler.take() else { return };
        scaler.decisions += 1;
        let seen = scaler.seen(self.now, &self.axes);
        let view = self.scaling_view(&scaler, seen);
        let desired = scaler.policy.desired(&view, &mut scaler.memory);
        let desired = if self.axes.group_disabled { view.current } else { desired };
        let changed = if desired > view.current {
            self.scale_out(desired - view.current, &mut scaler.vacant)
        } else {
            self.scale_in(view.current - desired, seen, scaler.vacant)
        };
        if changed {
            scaler.memory.note_change(self.now);
        }
        self.scaler = Some(scaler);
        self.schedule_scaling();
    }

    /// Connectors that the group has or gets and that nobody takes away from it.
    fn members(&self, vacant: SlotSet) -> SlotSet {
        self.axes.configured - vacant - self.axes.disabled
    }

    fn scaling_view(&self, scaler: &Scaler<'_>, seen: Seen) -> View {
        let members = self.members(scaler.vacant);
        let instance = &self.setting.model.fleet.instances[self.configured.instance];
        let (idle, efficiency) = (instance.idle_cpu_percent * 100.0, self.configured.efficiency);
        let ticks = self.ticks_until(self.now - scaler.policy.detection_delay);
        View {
            at: self.now,
            group: self.index,
            configured: self.configured.at_start().len(),
            current: members.len(),
            serving: (members & seen.serving).len(),
            missing: (members & seen.in_service & seen.link_down).len(),
            not_ready: (members - seen.in_service - seen.dead).len(),
            average: self.load.mean_before(ticks),
            load: load(self.load.window_before(ticks), idle, efficiency),
            idle,
            efficiency,
        }
    }

    /// How many ticks stand up to `at`.
    fn ticks_until(&self, at: Time) -> usize {
        self.setting.model.ticks.before(at + Span(1))
    }

    /// Gets `more` connectors; whether it got any.
    fn scale_out(&mut self, more: usize, vacant: &mut SlotSet) -> bool {
        let recalled: SlotSet = self.removing.iter().take(more).collect();
        recalled.iter().for_each(|slot| self.recall(slot));
        let free = SlotSet::first(self.slots.len()) - (self.axes.configured - *vacant) - self.axes.disabled;
        let ordered: SlotSet = free.iter().take(more - recalled.len()).collect();
        *vacant = *vacant - ordered;
        ordered.iter().for_each(|slot| self.add(slot));
        !recalled.is_empty() || !ordered.is_empty()
    }

    /// Scaling can order a connector for `slot`, where nobody lives any more, unless a replacement is to come into it.
    pub(super) fn vacate(&mut self, slot: usize) {
        let awaited = self.awaits_replacement(slot);
        if let Some(scaler) = &mut self.scaler {
            scaler.vacant.set(slot, !awaited);
        }
    }

    /// The connector in `slot` is not removed after all.
    fn recall(&mut self, slot: usize) {
        self.removing.remove(slot);
        self.axes.disabled.remove(slot);
        self.clear_deletion(slot);
        self.observer.happened(self.now, Happening::Recalled { slot });
    }

    fn add(&mut self, slot: usize) {
        self.clear_deletion(slot);
        self.slots[slot].instances += 1;
        self.axes.configured.insert(slot);
        self.order(slot);
        self.slots[slot].is_addition = true;
        let configured = self.axes.configured;
        self.observer.happened(self.now, Happening::Ordered { slot, configured });
    }

    /// Begins to remove up to `fewer` connectors; whether there was any that may go.
    fn scale_in(&mut self, fewer: usize, seen: Seen, vacant: SlotSet) -> bool {
        let members = self.members(vacant);
        let absent = members - self.axes.in_service;
        let gone: SlotSet = highest(absent).take(fewer).collect();
        gone.iter().for_each(|slot| self.remove(slot));
        let mut left = fewer - gone.len();
        let present = members & self.axes.in_service;
        let unreachable = present & seen.link_down;
        for slot in highest(unreachable).chain(highest(present - unreachable)) {
            if left > 0 && self.may_be_removed(slot) {
                left -= 1;
                self.begin_removal(slot);
            }
        }
        left < fewer
    }

    fn may_be_removed(&self, slot: usize) -> bool {
        let budget = &self.setting.policy.upgrade.budget;
        arbiter::admissible(budget, &self.view(), SlotSet::one(slot)).contains(slot)
    }

    /// The connector in `slot` is disabled, so that it drains, until it is deleted.
    fn begin_removal(&mut self, slot: usize) {
        let provisioning = &self.setting.policy.provisioning;
        let until = self.now + provisioning.drain + provisioning.watch;
        if until == self.now {
            return self.remove(slot);
        }
        self.observer.happened(self.now, Happening::Draining { slot });
        self.removing.insert(slot);
        self.axes.disabled.insert(slot);
        if let Some(place) = self.places.deletion(slot) {
            self.agenda.set(place, until, Kind::Delete);
        }
    }

    pub(super) fn clear_deletion(&mut self, slot: usize) {
        if let Some(place) = self.places.deletion(slot) {
            self.agenda.unset(place, Kind::Delete);
        }
    }

    /// The connector in `slot` is deleted, at whatever stage of its life, and the slot is not configured any more.
    pub(super) fn remove(&mut self, slot: usize) {
        if (self.axes.in_service | self.axes.announced).contains(slot) {
            self.leave_release(slot);
        }
        if self.axes.in_service.contains(slot) {
            self.events += self.renewals(slot, self.now);
            self.lose_sessions(SlotSet::one(slot));
            self.abort_updates(self.axes.updating & SlotSet::one(slot));
        }
        self.leave_way(slot);
        self.axes.forget(slot);
        self.stop_instance(slot);
        self.clear_slot(slot);
        self.quit_rollout(slot);
        self.rollout.failed.remove(slot);
        let configured = self.axes.configured;
        self.observer.happened(self.now, Happening::Removed { slot, configured });
    }

    /// Nothing is pending for `slot` and nobody works on it.
    fn clear_slot(&mut self, slot: usize) {
        self.removing.remove(slot);
        self.awaiting_link.remove(slot);
        self.awaiting_key.remove(slot);
        for kind in [TaskKind::Replacement, TaskKind::Order, TaskKind::Confirmation] {
            self.close_task(kind, slot);
        }
        self.clear_deletion(slot);
        self.agenda.set(self.places.slot(slot), Time::NEVER, Kind::Deployed);
    }
}

/// From the highest ordinal down.
fn highest(slots: SlotSet) -> impl Iterator<Item = usize> {
    (0..crate::fleet::MOST_SLOTS).rev().filter(move |&slot| slots.contains(slot))
}
