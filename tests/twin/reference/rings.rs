//! Rings: at every control period, what the page of the model says about them, worked out from nothing.

use fleetcast::control::rings::{Members, OnBreach};
use fleetcast::random::Purpose;
use fleetcast::time::{Span, Time};
use rand::Rng;

use super::Reference;

/// Shares are exact to nine decimals.
const BILLION: u64 = 1_000_000_000;

fn billionths(share: f64) -> u64 {
    (share * 1e9).round() as u64
}

/// Where the rollout of the newest due release stands.
#[derive(Debug, Default)]
pub(super) struct Spread {
    release: u16,
    /// Rings that have opened.
    opened: usize,
    /// Since when the last of them bakes.
    bakes_since: Option<Time>,
    /// The share of connectors disconnected where the release had not begun.
    elsewhere: (u64, u64),
    urgent: bool,
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
            (self.spread.release, self.spread.urgent) = (due, urgent);
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
            self.hold_begun(None);
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

    /// The ring of each group: chosen places, or as many as are missing for the share, first come in the order of the draws.
    fn places(&self) -> Vec<Option<usize>> {
        let rings = &self.policy().upgrade.rings.as_ref().expect("there are rings").rings;
        let groups = self.state.groups.len();
        let mut queue: Vec<usize> = (0..groups).collect();
        queue.sort_by_key(|&group| {
            let entity = self.state.model.fleet.groups[group].entity;
            (self.streams.draw(entity, Purpose::named("ring"), 0).next_u64(), group)
        });
        let mut places = vec![None; groups];
        for (index, ring) in rings.iter().enumerate() {
            for &group in &queue {
                let placed = places.iter().flatten().count();
                let wanted = match &ring.members {
                    Members::Groups(which) => which[group],
                    Members::Share(share) => placed as u64 * BILLION < billionths(*share) * groups as u64,
                };
                if wanted && places[group].is_none() {
                    places[group] = Some(index);
                }
            }
        }
        places
    }

    fn ring_of(&self, group: usize) -> usize {
        self.places()[group].unwrap_or(self.ring_count())
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
            self.spread.elsewhere = (down as u64, others.len() as u64);
        }
        let failed = |(group, slot): (usize, usize)| self.state.groups[group].slots[slot].update_failed;
        let mut reached = self.connectors(|group| self.has_begun(group));
        reached.retain(|&connector| self.runs_it(connector) || failed(connector));
        let all = reached.len() as u64;
        let failures = reached.iter().filter(|&&connector| failed(connector)).count();
        let down = reached.iter().filter(|&&connector| self.seen_down(connector)).count();
        let by_failures =
            failures >= gate.at_least && failures as u64 * BILLION > billionths(gate.failed_share) * all;
        // down/all > out/others + share, brought to one denominator.
        let (out, others) = self.spread.elsewhere;
        let others = others.max(1);
        let excess = down as u64 * others * BILLION
            > (out * BILLION + billionths(gate.disconnected_share) * others) * all;
        by_failures || down >= gate.at_least && excess
    }

    fn breached(&mut self) {
        let gate = self.policy().upgrade.rings.as_ref().and_then(|rings| rings.gate).expect("it is breached");
        self.spread.bakes_since = None;
        match gate.on_breach {
            OnBreach::Hold => {
                self.spread.held = true;
                self.hold_begun(Some(true));
            }
            OnBreach::Stop => {
                self.spread.over = true;
                self.hold_begun(Some(false));
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

    /// Nothing starts in the groups reached, but retries where `held` says so.
    fn hold_begun(&mut self, held: Option<bool>) {
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
            let first = if self.spread.urgent { 0 } else { self.spread.opened - 1 };
            let watched = first..self.spread.opened;
            if !watched.clone().all(|ring| self.is_done(ring)) {
                self.spread.bakes_since = None;
                return;
            }
            let since = self.spread.bakes_since.unwrap_or(self.now);
            self.spread.bakes_since = Some(since);
            if watched.into_iter().any(|ring| self.now < since + rings.rings[ring].bake) {
                return;
            }
        }
        self.spread.bakes_since = None;
        let places = self.places();
        match (self.spread.opened..rings.rings.len()).find(|&ring| places.contains(&Some(ring))) {
            Some(ring) => self.spread.opened = ring + 1,
            None => self.spread.over = true,
        }
    }

    fn is_done(&self, ring: usize) -> bool {
        let rings = self.policy().upgrade.rings.as_ref().expect("there are rings");
        let mut members: Vec<usize> = (0..self.state.groups.len()).collect();
        let places = self.places();
        members.retain(|&group| places[group] == Some(ring));
        let connectors = self.connectors(|group| members.contains(&group));
        let run = connectors.iter().filter(|&&connector| self.runs_it(connector)).count() as u64;
        let wait = connectors.iter().filter(|&&(group, slot)| {
            self.state.groups[group].slots[slot].pending && !self.seen_down((group, slot))
        });
        let could = run + wait.count() as u64;
        let enough = run * BILLION >= billionths(rings.done_share) * could;
        let all_begun = members.iter().all(|&group| self.has_begun(group));
        all_begun && enough && (run > 0 || connectors.is_empty())
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
