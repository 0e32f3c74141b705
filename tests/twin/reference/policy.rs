//! The policy's decision: which update would start now, by everything that the model says about it, asked anew each time.

use fleetcast::control::scaling::Mean;
use fleetcast::control::{AbsentMember, BudgetCounts, RetryOrder, UpdateOrder, UpgradePolicy};
use fleetcast::random::{Purpose, Streams};
use fleetcast::time::{Span, Time};
use rand::Rng;

use super::state::State;

impl State<'_> {
    fn upgrade(&self) -> &UpgradePolicy {
        &self.model.policies[self.policy].upgrade
    }

    /// Links, and who served, as the updater sees them at `now`.
    pub(crate) fn seen(&self, group: usize, now: Time) -> (Vec<bool>, Vec<usize>) {
        let delay = self.upgrade().detection_delay;
        let history = &self.groups[group].history;
        let old = history.iter().rev().find(|(at, ..)| *at + delay <= now).or(history.first());
        match old {
            Some((_, links, serving)) if delay > Span::ZERO => (links.clone(), serving.clone()),
            _ => {
                let slots = 0..self.groups[group].slots.len();
                (slots.map(|slot| self.link_up(group, slot)).collect(), self.serving(group))
            }
        }
    }

    /// The average of the samples in the window, as the updater sees it at `now`.
    fn seen_average(&self, group: usize, now: Time) -> Option<Mean> {
        let until = now - self.upgrade().detection_delay;
        let ticks = &self.model.ticks;
        let samples = &self.groups[group].samples;
        let seen = (0..samples.len()).take_while(|&index| ticks.at(index) <= until).count();
        let window = &samples[seen.saturating_sub(self.model.overload.window)..seen];
        let known: Vec<i64> = window.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| Mean { sum: known.iter().sum(), number: known.len() as i64 })
    }

    /// A while after the rollout's first chance: the first instant from its beginning on at which its hours are open.
    pub(crate) fn forced_from(&self, group: usize) -> Option<Time> {
        let begun = self.groups[group].begun;
        let after = self.upgrade().force_after?;
        let Some(schedule) = &self.upgrade().hours else { return Some(begun + after) };
        let hours = schedule.of(group);
        let windows = hours.windows.iter().flatten().map(|window| window.0);
        let openings = windows.chain(hours.freezes.iter().map(|freeze| freeze.1));
        let chances = openings.chain([begun]).filter(|&at| at >= begun && self.in_hours(group, at, false));
        chances.min().map(|chance| chance + after)
    }

    fn forced(&self, group: usize, now: Time) -> bool {
        self.forced_from(group).is_some_and(|from| now >= from)
    }

    /// Whether the policy's hours let an update start.
    fn open(&self, group: usize, now: Time) -> bool {
        let target = self.groups[group].target;
        let urgent = target > 0 && self.releases[usize::from(target) - 1].urgent;
        let urgent = (urgent && self.upgrade().urgent_track) || self.groups[group].left > 0;
        self.in_hours(group, now, urgent || self.forced(group, now))
    }

    /// Whether `at` is in no freeze, and in a window unless `anyway`.
    fn in_hours(&self, group: usize, at: Time, anyway: bool) -> bool {
        let Some(schedule) = &self.upgrade().hours else { return true };
        let hours = schedule.of(group);
        let in_window = hours.windows.as_ref().is_none_or(|windows| {
            windows.iter().any(|&(from, to)| from <= at && at < to && at + hours.must_fit <= to)
        });
        let frozen = hours.freezes.iter().any(|&(from, to)| from <= at && at < to);
        !frozen && (in_window || anyway)
    }

    /// The slot whose update would start now if nobody else had a say.
    pub(crate) fn next_to_update(&self, group: usize, now: Time, streams: Streams) -> Option<usize> {
        let policy = self.upgrade();
        if self.groups[group].halt.is_some()
            || self.groups[group].held == Some(false)
            || !self.open(group, now)
        {
            return None;
        }
        let (links, serving) = self.seen(group, now);
        let mut candidates = Vec::new();
        for (slot, state) in self.groups[group].slots.iter().enumerate() {
            if !state.pending || state.rest.is_some() || self.updating(group, slot) {
                continue;
            }
            if links[slot] {
                candidates.push(slot);
            } else if policy.absent_member == AbsentMember::Blocks {
                break;
            }
        }
        candidates.retain(|&slot| self.link_up(group, slot));
        let retries_only = self.groups[group].held == Some(true);
        candidates.retain(|&slot| !retries_only || self.groups[group].slots[slot].update_failed);
        candidates.retain(|&slot| self.within_budget(group, slot));
        let spares = self.forced(group, now) || self.gate_opens(group, now);
        candidates.retain(|slot| spares || !serving.contains(slot));
        candidates.into_iter().min_by(|&a, &b| {
            let key = |slot: usize| {
                let last = policy.retry_order == RetryOrder::FailedLast;
                let failed = last && self.groups[group].slots[slot].update_failed;
                (failed, self.precedence(group, slot, &serving, streams), slot)
            };
            key(a).partial_cmp(&key(b)).expect("no key is NaN")
        })
    }

    fn precedence(&self, group: usize, slot: usize, serving: &[usize], streams: Streams) -> (u64, f64) {
        let state = &self.groups[group].slots[slot];
        match self.upgrade().order {
            UpdateOrder::Slot => (0, 0.0),
            UpdateOrder::OldestVersion => (u64::from(state.agent), 0.0),
            UpdateOrder::Random => {
                let entity = self.model.fleet.groups[group].slots[slot].entity;
                let index = u64::from(self.groups[group].target);
                (streams.draw(entity, Purpose::named("update order"), index).next_u64(), 0.0)
            }
            UpdateOrder::LeastLoaded if serving.contains(&slot) => {
                let bad = self.is_bad(state.agent);
                let multiplier = if bad { self.model.environment.releases.bad.cpu_multiplier } else { 1.0 };
                (0, state.weight * multiplier)
            }
            UpdateOrder::LeastLoaded => (0, 0.0),
        }
    }

    /// Whether those that stay can carry the load that the updater sees.
    fn gate_opens(&self, group: usize, now: Time) -> bool {
        let Some(gate) = self.upgrade().gate else { return true };
        let (_, serving) = self.seen(group, now);
        let spare = serving.iter().filter(|&&slot| !self.updating(group, slot)).count();
        let configured = &self.model.fleet.groups[group];
        let idle = self.model.fleet.instances[configured.instance].idle_cpu_percent * 100.0;
        let average = self.seen_average(group, now);
        gate.admits(serving.len(), spare, average, idle, configured.efficiency)
    }

    fn within_budget(&self, group: usize, next: usize) -> bool {
        let budget = &self.upgrade().budget;
        let slots = 0..self.groups[group].slots.len();
        let configured = self.configured(group);
        let disrupted = slots.filter(|&slot| {
            let connector = &self.groups[group].slots[slot];
            let counts_all = budget.counts == BudgetCounts::All && connector.configured;
            slot == next
                || self.updating(group, slot)
                || connector.removal.is_some()
                || (counts_all && !self.serves(group, slot))
        });
        disrupted.count() <= budget.max_unavailable(configured)
    }
}
