//! Rings: a release spreads over the fleet a part of its groups at a time, and each part has to prove it.
//!
//! The rollout of a release opens ring after ring. A ring is *done* when enough of its connectors run the release; then it
//! *bakes*, and after that the next ring opens. All the while a *gate* compares the connectors that the release has
//! reached with those of groups that it has not: where too many failed to update or are disconnected, the rollout is held,
//! stopped, or rolled back. [`Rings::decide`] is one function from what is seen at a control period, and what it
//! remembers ([`Memory`]), to what is to be done.
//!
//! The shape is that of staged rollouts everywhere: rings and bake time of Microsoft's "safe deployment practices", the
//! canary against its control of Google's "Site Reliability Workbook", chapter 16.

use std::collections::VecDeque;

use crate::time::{Span, Time};

/// How a release spreads over the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Rings {
    /// In the order in which they open; together they have every group.
    pub rings: Vec<Ring>,
    /// A ring is done when this share of its connectors that could, runs the release; in (0, 1].
    pub done_share: f64,
    /// What holds the rollout up.
    pub gate: Option<ReleaseGate>,
    /// How fast groups may begin.
    pub rate: Option<RateLimit>,
}

/// A part of the fleet's groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    /// Which groups belong to it, as far as no earlier ring has them.
    pub members: Members,
    /// From its being done to the opening of the next ring, or to the end of the gate.
    pub bake: Span,
}

/// Which groups belong to a ring.
#[derive(Clone, Debug, PartialEq)]
pub enum Members {
    /// This share of all groups, those of earlier rings included, rounded up, in an order drawn for each replication.
    Share(f64),
    /// Those that are true, by the group's index.
    Groups(Vec<bool>),
}

/// What holds a rollout up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReleaseGate {
    /// The share of the connectors reached whose last attempt failed, above which it is breached.
    pub failed_share: f64,
    /// By how much the share of the connectors reached that are disconnected may exceed that of groups not reached.
    pub disconnected_share: f64,
    /// How many must have failed, or be disconnected, for that to count.
    pub at_least: usize,
    /// What a breach does.
    pub on_breach: OnBreach,
}

/// What a breach of the gate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBreach {
    /// Nothing starts and no ring opens as long as it lasts; then the ring bakes anew.
    Hold,
    /// Nothing starts and no ring opens until a newer release comes.
    Stop,
    /// Connectors that run the release go back to the one that their group had before, and it is not tried again.
    RollBack,
}

/// At most so many groups begin within any interval of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many groups, ≥ 1.
    pub groups: usize,
    /// Within how long.
    pub per: Span,
}

/// What the coordinator sees of one group: releases, starts and failures as they are, links as late as the policy sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whether the release has begun there.
    pub begun: bool,
    /// Connectors in service.
    pub in_service: usize,
    /// Of these, disconnected.
    pub disconnected: usize,
    /// Connectors in service that run the release.
    pub running: usize,
    /// Connectors in service whose last attempt at it failed.
    pub failed: usize,
    /// Of those that run it or failed, disconnected.
    pub reached_disconnected: usize,
    /// Connectors that wait for it and are not disconnected, those being updated included.
    pub waiting: usize,
}

/// What is remembered from one control period to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The release whose rollout is under way or over; 0 before the first.
    pub release: usize,
    /// How many rings have opened.
    open: usize,
    /// Since when the ring opened last is seen to be done.
    done_since: Option<Time>,
    /// The share of connectors disconnected in groups that the release had not reached, when there were any.
    baseline: f64,
    state: Going,
    /// When groups began, as long as it matters.
    begun: VecDeque<Time>,
}

/// Whether a rollout goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Going {
    /// There is none, or every ring has baked.
    #[default]
    Over,
    On,
    Held,
    /// Stopped or rolled back.
    Stopped,
}

/// What is to be done at a control period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The release begins in this group.
    Begin(usize),
    /// Groups that have begun start no update.
    Hold,
    /// They do again.
    Resume,
    /// They go back to the release that they had before.
    RollBack,
}

impl Memory {
    /// A newer release is due: it takes the place of the one before. An `urgent` one has begun everywhere.
    pub fn turn_to(&mut self, release: usize, rings: usize, urgent: bool) {
        self.release = release;
        self.open = if urgent { rings } else { 0 };
        self.done_since = None;
        self.state = Going::On;
    }

    /// Whether something may be decided at the next control period although nothing happens.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, Going::On | Going::Held)
    }
}

impl Rings {
    /// The ring of each group, by the group's index; `draws` has a number for each, by which shares are filled. A group
    /// that no ring has stands behind the last.
    pub fn assign(&self, draws: &[u64]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..draws.len()).collect();
        order.sort_by_key(|&group| (draws[group], group));
        let mut ring_of = vec![self.rings.len(); draws.len()];
        for (ring, Ring { members, .. }) in self.rings.iter().enumerate() {
            let mut claim = |group: usize| ring_of[group] = ring_of[group].min(ring);
            match members {
                Members::Groups(which) => (0..draws.len()).filter(|&group| which[group]).for_each(&mut claim),
                Members::Share(share) => {
                    order[..groups_in(*share, draws.len())].iter().copied().for_each(&mut claim);
                }
            }
        }
        ring_of
    }

    /// What is to be done at the control period `at`, and what to remember. `ring_of` and `seen` are by group.
    pub fn decide(&self, memory: &mut Memory, ring_of: &[usize], seen: &[Seen], at: Time) -> Vec<Step> {
        if !memory.is_under_way() {
            return Vec::new();
        }
        let mut steps = Vec::new();
        if self.is_breached(memory, seen) {
            steps.extend(self.breach(memory));
            return steps;
        }
        if memory.state == Going::Held {
            memory.state = Going::On;
            steps.push(Step::Resume);
        }
        self.open_rings(memory, ring_of, seen, at);
        steps.extend(self.begin_groups(memory, ring_of, seen, at));
        steps
    }

    fn is_breached(&self, memory: &mut Memory, seen: &[Seen]) -> bool {
        let Some(gate) = &self.gate else { return false };
        let sum = |of: fn(&Seen) -> usize, begun: bool| -> usize {
            seen.iter().filter(|group| group.begun == begun).map(of).sum()
        };
        let others = sum(|group| group.in_service, false);
        if others > 0 {
            memory.baseline = sum(|group| group.disconnected, false) as f64 / others as f64;
        }
        let failed = sum(|group| group.failed, true);
        let disconnected = sum(|group| group.reached_disconnected, true);
        let reached = sum(|group| group.running + group.failed, true) as f64;
        let too_many = |count: usize, limit: f64| count >= gate.at_least && count as f64 > limit * reached;
        too_many(failed, gate.failed_share)
            || too_many(disconnected, memory.baseline + gate.disconnected_share)
    }

    fn breach(&self, memory: &mut Memory) -> Option<Step> {
        memory.done_since = None;
        let was_held = memory.state == Going::Held;
        match self.gate?.on_breach {
            OnBreach::Hold => {
                memory.state = Going::Held;
                (!was_held).then_some(Step::Hold)
            }
            OnBreach::Stop => {
                memory.state = Going::Stopped;
                Some(Step::Hold)
            }
            OnBreach::RollBack => {
                memory.state = Going::Stopped;
                Some(Step::RollBack)
            }
        }
    }

    /// Opens the next ring if the last one has baked; rings without groups are passed over.
    fn open_rings(&self, memory: &mut Memory, ring_of: &[usize], seen: &[Seen], at: Time) {
        if memory.open > 0 {
            if !self.is_done(memory.open - 1, ring_of, seen) {
                memory.done_since = None;
                return;
            }
            let since = *memory.done_since.get_or_insert(at);
            if since + self.rings[memory.open - 1].bake > at {
                return;
            }
        }
        memory.done_since = None;
        let is_empty = |ring: usize| !ring_of.contains(&ring);
        memory.open += 1;
        while memory.open <= self.rings.len() && is_empty(memory.open - 1) {
            memory.open += 1;
        }
        if memory.open > self.rings.len() {
            memory.open = self.rings.len();
            memory.state = Going::Over;
        }
    }

    fn is_done(&self, ring: usize, ring_of: &[usize], seen: &[Seen]) -> bool {
        let members = || ring_of.iter().zip(seen).filter(|(of, _)| **of == ring).map(|(_, seen)| seen);
        let running: usize = members().map(|group| group.running).sum();
        let could: usize = members().map(|group| group.running + group.waiting).sum();
        members().all(|group| group.begun) && running as f64 >= self.done_share * could as f64
    }

    /// Groups of open rings that have not begun, ring by ring in scenario order, as far as the rate allows.
    fn begin_groups(&self, memory: &mut Memory, ring_of: &[usize], seen: &[Seen], at: Time) -> Vec<Step> {
        let mut due: Vec<usize> =
            (0..seen.len()).filter(|&group| ring_of[group] < memory.open && !seen[group].begun).collect();
        due.sort_by_key(|&group| (ring_of[group], group));
        if let Some(RateLimit { groups, per }) = self.rate {
            while memory.begun.front().is_some_and(|&then| then + per <= at) {
                memory.begun.pop_front();
            }
            due.truncate(groups.saturating_sub(memory.begun.len()));
            memory.begun.extend(due.iter().map(|_| at));
        }
        due.into_iter().map(Step::Begin).collect()
    }
}

/// The least number of `groups` that is at least this share of them; a share is meant to nine decimals.
pub fn groups_in(share: f64, groups: usize) -> usize {
    let billionths = libm::round(share * 1e9) as u64 as u128;
    ((billionths * groups as u128).div_ceil(1_000_000_000) as usize).min(groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    fn share(share: f64, bake: i64) -> Ring {
        Ring { members: Members::Share(share), bake: Span(bake * HOUR.0) }
    }

    fn rings(rings: Vec<Ring>) -> Rings {
        Rings { rings, done_share: 1.0, gate: None, rate: None }
    }

    fn hour(n: i64) -> Time {
        Time(n * HOUR.0)
    }

    /// A group of two connectors: not begun, waiting, or running the release, with so many of them disconnected.
    fn group(begun: bool, running: usize, disconnected: usize) -> Seen {
        Seen {
            begun,
            in_service: 2,
            disconnected,
            running,
            failed: 0,
            reached_disconnected: if begun { disconnected.min(running) } else { 0 },
            waiting: if begun { 2 - running } else { 0 },
        }
    }

    /// Five groups: a tenth of them is rounded up to one, half to three, those of the first ring included. The draws put
    /// group 3 first, then 0, 4, 1, 2.
    #[test]
    fn shares_count_the_rings_before_and_are_filled_in_the_order_of_the_draws() {
        let draws = [20, 40, 50, 10, 30];
        let thirds = rings(vec![share(0.1, 0), share(0.5, 0), share(1.0, 0)]);
        assert_eq!(thirds.assign(&draws), [1, 2, 2, 0, 1]);
        let chosen =
            Ring { members: Members::Groups(vec![false, false, true, true, false]), bake: Span::ZERO };
        // The chosen ones count among the half, so of 3, 0 and 4 two are left for it.
        assert_eq!(rings(vec![chosen, share(0.5, 0)]).assign(&draws), [1, 2, 0, 0, 1]);
    }

    #[test]
    fn a_share_is_exact_to_nine_decimals() {
        // In floats 0.07 × 100 is 7.000000000000001.
        assert_eq!([groups_in(0.07, 100), groups_in(0.01, 250), groups_in(1.0, 3)], [7, 3, 3]);
    }

    /// Two rings of one group each, an hour of bake: open, wait for the update, bake, open, and over after the last bake.
    #[test]
    fn rings_open_one_after_the_other() {
        let rings = rings(vec![share(0.5, 1), share(1.0, 1)]);
        let ring_of = rings.assign(&[1, 2]);
        let mut memory = Memory::default();
        memory.turn_to(1, 2, false);
        let none = group(false, 0, 0);
        let (half, whole) = (group(true, 1, 0), group(true, 2, 0));
        let table = [
            (1, [none, none], vec![Step::Begin(0)]),
            (2, [half, none], vec![]),
            (3, [whole, none], vec![]),
            (4, [whole, none], vec![Step::Begin(1)]),
            (5, [whole, whole], vec![]),
        ];
        for (at, seen, expected) in table {
            assert_eq!(rings.decide(&mut memory, &ring_of, &seen, hour(at)), expected, "at {at} h");
            assert!(memory.is_under_way());
        }
        assert_eq!(rings.decide(&mut memory, &ring_of, &[whole, whole], hour(6)), []);
        assert!(!memory.is_under_way());
    }

    #[test]
    fn an_urgent_release_is_everywhere_and_still_watched() {
        let mut rings = rings(vec![share(0.5, 1), share(1.0, 1)]);
        rings.gate = Some(gate(OnBreach::Hold));
        let mut memory = Memory::default();
        memory.turn_to(1, 2, true);
        let seen = [group(true, 2, 2), group(true, 0, 0)];
        assert_eq!(rings.decide(&mut memory, &[0, 1], &seen, hour(1)), [Step::Hold]);
    }

    fn gate(on_breach: OnBreach) -> ReleaseGate {
        ReleaseGate { failed_share: 0.2, disconnected_share: 0.2, at_least: 1, on_breach }
    }

    /// One of two connectors of the first group is disconnected, half of those reached; of the other group as many are,
    /// or none. Only what exceeds the others' share by more than a fifth counts.
    #[test]
    fn the_gate_compares_with_groups_that_the_release_has_not_reached() {
        for (elsewhere, expected) in [(0, vec![Step::Hold]), (1, vec![])] {
            let rings =
                Rings { gate: Some(gate(OnBreach::Hold)), ..rings(vec![share(0.5, 9), share(1.0, 0)]) };
            let mut memory = Memory::default();
            memory.turn_to(1, 2, false);
            memory.open = 1;
            let seen = [group(true, 2, 1), group(false, 0, elsewhere)];
            assert_eq!(rings.decide(&mut memory, &[0, 1], &seen, hour(1)), expected, "{elsewhere}");
        }
    }

    #[test]
    fn what_a_breach_does() {
        let table = [
            (OnBreach::Hold, vec![Step::Hold], vec![Step::Resume, Step::Begin(1)]),
            (OnBreach::Stop, vec![Step::Hold], vec![]),
            (OnBreach::RollBack, vec![Step::RollBack], vec![]),
        ];
        for (on_breach, at_breach, after) in table {
            let rings = Rings { gate: Some(gate(on_breach)), ..rings(vec![share(0.5, 0), share(1.0, 0)]) };
            let mut memory = Memory::default();
            memory.turn_to(1, 2, false);
            memory.open = 1;
            let failed = Seen { failed: 1, running: 1, waiting: 1, ..group(true, 1, 0) };
            let others = group(false, 0, 0);
            let mut decide = |first, at| rings.decide(&mut memory, &[0, 1], &[first, others], hour(at));
            assert_eq!(decide(failed, 1), at_breach, "{on_breach:?}");
            assert_eq!(decide(failed, 2), [], "{on_breach:?}: said once");
            assert_eq!(decide(group(true, 2, 0), 3), after, "{on_breach:?}");
        }
    }

    /// Two groups an hour: of five two begin at once, the next at the first control period an hour later.
    #[test]
    fn the_rate_limits_beginnings_within_any_interval() {
        let rings = Rings { rate: Some(RateLimit { groups: 2, per: HOUR }), ..rings(vec![share(1.0, 0)]) };
        let mut memory = Memory::default();
        memory.turn_to(1, 1, false);
        let mut seen = [group(false, 0, 0); 5];
        let mut begun = Vec::new();
        for quarter in 0..12 {
            for step in rings.decide(&mut memory, &[0; 5], &seen, Time(quarter * HOUR.0 / 4)) {
                let Step::Begin(group) = step else { panic!("{step:?}") };
                seen[group].begun = true;
                begun.push((quarter, group));
            }
        }
        assert_eq!(begun, [(0, 0), (0, 1), (4, 2), (4, 3), (8, 4)]);
    }
}
