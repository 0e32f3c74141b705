//! What the updater sees of its group, and when it looks again.
//!
//! A policy with a detection delay sees links and load as they were a while ago: the sets at the ends of the last instants
//! are kept until they are old enough. Whatever can let an update start later, without an event of the group, is one
//! pending look: the opening of a window, the end of a freeze, the moment from which a rollout is forced, the moment at
//! which an older state, or the load of the next tick, comes into sight.

use std::collections::VecDeque;

use super::*;
use crate::control::UpgradePolicy;
use crate::control::upgrade::Hold;
use crate::control::view;
use crate::time::Span;

/// The links and who serves, as they come into sight.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    delay: Span,
    /// Whether a decision can change as time passes, without an event of the group.
    by_the_clock: bool,
    /// What changed when, ascending; the first is in sight or from the start.
    states: VecDeque<(Time, SlotSet, SlotSet)>,
}

impl Sight {
    pub(super) fn of(policy: &UpgradePolicy) -> Sight {
        let UpgradePolicy { detection_delay: delay, hours, gate, .. } = policy;
        let by_the_clock = *delay > Span::ZERO || hours.is_some() || gate.is_some();
        Sight { delay: *delay, by_the_clock, states: VecDeque::new() }
    }

    /// Whether a decision can change as time passes, without an event of the group.
    pub(super) fn depends_on_time(&self) -> bool {
        self.by_the_clock
    }

    /// Reachable and serving slots as seen at `now`; `None` without a delay, and before there is anything to see.
    #[inline]
    pub(super) fn seen(&self, now: Time) -> Option<(SlotSet, SlotSet)> {
        if self.delay == Span::ZERO {
            return None;
        }
        let in_sight = self.states.iter().rev().find(|(since, ..)| *since + self.delay <= now);
        in_sight.or(self.states.front()).map(|&(_, reachable, serving)| (reachable, serving))
    }

    /// When the next state comes into sight; `state` is that of the instant `now`, which is not over.
    fn next(&self, now: Time, state: (SlotSet, SlotSet)) -> Time {
        let kept = self.states.iter().map(|(since, ..)| *since + self.delay).find(|&at| at > now);
        let is_new = self.states.back().is_none_or(|&(_, reachable, serving)| (reachable, serving) != state);
        kept.unwrap_or(if is_new { now + self.delay } else { Time::NEVER })
    }

    /// Keeps the state at the end of the instant `now`.
    fn keep(&mut self, now: Time, state: (SlotSet, SlotSet)) {
        if self.states.back().is_some_and(|&(_, reachable, serving)| (reachable, serving) == state) {
            return;
        }
        while self.states.get(1).is_some_and(|(since, ..)| *since + self.delay <= now) {
            self.states.pop_front();
        }
        self.states.push_back((now, state.0, state.1));
    }
}

impl<'m, O: Observer> Group<'m, O> {
    /// Keeps what the open instant ends with for whoever sees it later.
    #[inline]
    pub(super) fn remember_sight(&mut self) {
        if self.sight.delay > Span::ZERO {
            let state = self.state_to_see();
            self.sight.keep(self.now, state);
        }
    }

    /// Who is reachable as far as the policy can see at `at`, up to which nothing happens.
    pub(super) fn reachable_as_seen(&self, at: Time) -> SlotSet {
        let is_in_sight = self.now + self.sight.delay <= at;
        let seen = if is_in_sight { None } else { self.sight.seen(at) };
        seen.map_or(!self.axes.link_down, |(reachable, _)| reachable)
    }

    /// When more of the links comes into the policy's sight after `at`, up to which nothing happens.
    pub fn next_sight_after(&self, at: Time) -> Time {
        if self.sight.delay == Span::ZERO {
            return Time::NEVER;
        }
        let kept = self.sight.states.iter().map(|(since, ..)| *since).chain([self.now]);
        kept.map(|since| since + self.sight.delay).find(|&seen| seen > at).unwrap_or(Time::NEVER)
    }

    fn state_to_see(&self) -> (SlotSet, SlotSet) {
        (!self.axes.link_down, self.axes.serving())
    }

    /// Sets the timer of the next moment at which the decision can be another one without an event of the group.
    pub(super) fn look_again(&mut self, hold: Hold) {
        let policy = &self.setting.policy.upgrade;
        let forced = Some(self.rollout.forced_from).filter(|&at| at > self.now).unwrap_or(Time::NEVER);
        let next = match hold {
            Hold::NothingPending | Hold::Halted | Hold::ReleaseGate => return,
            Hold::NotBegun | Hold::RolledBack | Hold::GivenUp => return,
            Hold::Permit if self.sight.depends_on_time() => self.next_control_period(),
            Hold::Permit => return,
            Hold::Hours => self.next_start().min(forced),
            Hold::NobodyReady | Hold::Budget if policy.detection_delay > Span::ZERO => self.next_sight(),
            Hold::NobodyReady | Hold::Budget => return,
            Hold::Gate => self.next_sight().min(forced).min(self.next_tick_in_sight()),
        };
        self.agenda.set(self.places.look, next, Kind::Look);
    }

    /// Whether an update that could start, but is not permitted, still could is asked at control periods.
    fn next_control_period(&self) -> Time {
        let period = self.setting.model.control_period.0;
        Time((self.now.0 / period + 1) * period)
    }

    fn next_sight(&self) -> Time {
        self.sight.next(self.now, self.state_to_see())
    }

    /// The load that the updater sees.
    #[inline]
    pub(super) fn seen_load(&self) -> view::Load {
        let instance = &self.setting.model.fleet.instances[self.configured.instance];
        let gated = self.setting.policy.upgrade.gate.is_some();
        view::Load {
            average: if gated { self.load.mean_before(self.ticks_in_sight()) } else { None },
            idle: instance.idle_cpu_percent * 100.0,
            efficiency: self.configured.efficiency,
        }
    }

    fn ticks_in_sight(&self) -> usize {
        let until = self.now - self.sight.delay + Span(1);
        self.setting.model.ticks.before(until)
    }

    fn next_tick_in_sight(&self) -> Time {
        let next = self.ticks_in_sight();
        if next < self.load.ticks {
            self.setting.model.ticks.at(next) + self.sight.delay
        } else {
            Time::NEVER
        }
    }
}
