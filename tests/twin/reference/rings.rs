//! Rings: at every control period, what the page of the model says about them, worked out from nothing.

use fleetcast::control::rings::{Members, OnBreach};
use fleetcast::random::Purpose;
use fleetcast::time::{Span, Time};
use rand::Rng;

use super::Reference;

/// Where the rollout of the newest due release stands.
#[derive(Debug, Default)]
pub(super) struct Spread {
    release: u16,
    /// Rings that have opened.
    opened: usize,
    /// Since when the last of them bakes.
    bakes_since: Option<Time>,
    /// The share of connectors disconnected where the release had not begun.
    elsewhere: f64,
    held: bool,
    over: bool,
    /// When groups began.
    beginnings: Vec<Time>,
}

impl Reference<'_> {
    /// Whether releases begin in rings.
    pub(super) fn has_rings(&self) -> bool {
        self.policy().upgrade.rings.is_some()
    }

    pub(super) fn spread_release(&mut self) {
        if !self.has_rings() {
            return;
        }
        let due = self.newest_due();
        if due > self.spread.release {
            let urgent =
                self.policy().upgrade.urgent_track && self.state.releases[usize::from(due) - 1].urgent;
            self.spread.release = due;
            self.spread.opened = if urgent { self.ring_count() } else { 0 };
            (self.spread.bakes_since, self.spread.held, self.spread.over) = (None, false, false);
        }
        if self.spread.release == 0 || self.spread.over {
            return;
        }
        if self.is_breached() {
            return self.breached();
        }
        if self.spread.held {
            self.spread.held = false;
            self.hold_begun(false);
        }
        self.open_next_ring();
        self.begin_where_open();
    }

    fn ring_count(&self) -> usize {
        self.policy().upgrade.rings.as_ref().map_or(0, |rings| rings.rings.len())
    }

    /// The newest release that is urgent and published, or so many behind one that has waited long enough.
    fn newest_due(&self) -> u16 {
        let upgrade = &self.policy().upgrade;
        let releases = &self.state.releases;
        let is_due = |index: usize| {
            let announced = releases.get(index + upgrade.behind);
            let urgent =
                upgrade.urgent_track && releases[index].urgent && releases[index].published <= self.now;
            urgent || announced.is_some_and(|release| release.published + upgrade.wait <= self.now)
        };
        (0..releases.len()).rev().find(|&index| is_due(index)).map_or(0, |index| index as u16 + 1)
    }

    fn ring_of(&self, group: usize) -> usize {
        let rings = &self.policy().upgrade.rings.as_ref().expect("there are rings").rings;
        let groups = self.state.groups.len();
        let place = |of: usize| {
            let entity = self.state.model.fleet.groups[of].entity;
            (self.streams.draw(entity, Purpose::named("ring"), 0).next_u64(), of)
        };
        let before = (0..groups).filter(|&other| place(other) < place(group)).count() as u128;
        let is_in = |members: &Members| match members {
            Members::Groups(which) => which[group],
            Members::Share(share) => before * 1_000_000_000 < (share * 1e9).round() as u128 * groups as u128,
        };
        rings.iter().position(|ring| is_in(&ring.members)).unwrap_or(rings.len())
    }

    fn has_begun(&self, group: usize) -> bool {
        self.state.groups[group].target == self.spread.release
    }

    /// Connectors in service of the groups that `which` selects.
    fn connectors(&self, which: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
        let groups = (0..self.state.groups.len()).filter(|&group| which(group));
        let all =
            groups.flat_map(|group| (0..self.state.groups[group].slots.len()).map(move |slot| (group, slot)));
        all.filter(|&(group, slot)| self.state.in_service(group, slot)).collect()
    }

    fn seen_down(&self, (group, slot): (usize, usize)) -> bool {
        !self.state.seen(group, self.now).0[slot]
    }

    fn runs_it(&self, (group, slot): (usize, usize)) -> bool {
        self.state.groups[group].slots[slot].agent == self.spread.release
    }

    fn is_breached(&mut self) -> bool {
        let Some(gate) = self.policy().upgrade.rings.as_ref().and_then(|rings| rings.gate) else {
            return false;
        };
        let others = self.connectors(|group| !self.has_begun(group));
        if !others.is_empty() {
            let down = others.iter().filter(|&&connector| self.seen_down(connector)).count();
            self.spread.elsewhere = down as f64 / others.len() as f64;
        }
        let failed = |(group, slot): (usize, usize)| self.state.groups[group].slots[slot].update_failed;
        let mut reached = self.connectors(|group| self.has_begun(group));
        reached.retain(|&connector| self.runs_it(connector) || failed(connector));
        let all = reached.len() as f64;
        let failures = reached.iter().filter(|&&connector| failed(connector)).count();
        let down = reached.iter().filter(|&&connector| self.seen_down(connector)).count();
        let by_failures = failures >= gate.at_least && failures as f64 > gate.failed_share * all;
        let limit = self.spread.elsewhere + gate.disconnected_share;
        by_failures || down >= gate.at_least && down as f64 > limit * all
    }

    fn breached(&mut self) {
        let gate = self.policy().upgrade.rings.as_ref().and_then(|rings| rings.gate).expect("it is breached");
        self.spread.bakes_since = None;
        match gate.on_breach {
            OnBreach::Hold => {
                self.spread.held = true;
                self.hold_begun(true);
            }
            OnBreach::Stop => {
                self.spread.over = true;
                self.hold_begun(true);
            }
            OnBreach::RollBack => {
                self.spread.over = true;
                for group in
                    (0..self.state.groups.len()).filter(|&group| self.has_begun(group)).collect::<Vec<_>>()
                {
                    self.roll_back(group);
                }
            }
        }
    }

    fn hold_begun(&mut self, held: bool) {
        for group in 0..self.state.groups.len() {
            if self.has_begun(group) {
                self.state.groups[group].held = held;
            }
        }
    }

    /// Whoever does not run the release before goes to it, and whatever was under way ends.
    fn roll_back(&mut self, group: usize) {
        let left = self.spread.release;
        let back_to = self.state.groups[group].target_before;
        self.aim(group, back_to);
        self.state.groups[group].left = left;
        for slot in 0..self.state.groups[group].slots.len() {
            let in_service = self.state.in_service(group, slot);
            let connector = &mut self.state.groups[group].slots[slot];
            connector.pending = in_service && connector.agent != back_to;
        }
    }

    fn open_next_ring(&mut self) {
        let rings = self.policy().upgrade.rings.as_ref().expect("there are rings");
        if self.spread.opened > 0 {
            let ring = self.spread.opened - 1;
            let mut members: Vec<usize> = (0..self.state.groups.len()).collect();
            members.retain(|&group| self.ring_of(group) == ring);
            let connectors = self.connectors(|group| members.contains(&group));
            let run = connectors.iter().filter(|&&connector| self.runs_it(connector)).count();
            let wait = connectors.iter().filter(|&&(group, slot)| {
                self.state.groups[group].slots[slot].pending && !self.seen_down((group, slot))
            });
            let could = run + wait.count();
            let all_begun = members.iter().all(|&group| self.has_begun(group));
            if !(all_begun && run as f64 >= rings.done_share * could as f64) {
                self.spread.bakes_since = None;
                return;
            }
            let since = self.spread.bakes_since.unwrap_or(self.now);
            self.spread.bakes_since = Some(since);
            if self.now < since + rings.rings[ring].bake {
                return;
            }
        }
        self.spread.bakes_since = None;
        let next = (self.spread.opened..rings.rings.len())
            .find(|&ring| (0..self.state.groups.len()).any(|group| self.ring_of(group) == ring));
        match next {
            Some(ring) => self.spread.opened = ring + 1,
            None => self.spread.over = true,
        }
    }

    fn begin_where_open(&mut self) {
        let rate = self.policy().upgrade.rings.as_ref().and_then(|rings| rings.rate);
        for ring in 0..self.spread.opened {
            for group in 0..self.state.groups.len() {
                let lately =
                    |per: Span| self.spread.beginnings.iter().filter(|&&then| then + per > self.now).count();
                let may = rate.is_none_or(|rate| lately(rate.per) < rate.groups);
                if self.ring_of(group) == ring && !self.has_begun(group) && may {
                    self.begin_in(group, self.spread.release);
                    self.spread.beginnings.push(self.now);
                }
            }
        }
    }
}
