//! Rings of an upgrade: which groups stand in which, and whether each ever opens.

use super::Compiler;
use super::fleet::Index;
use crate::control::rings::{self, Members, OnBreach, RateLimit, ReleaseGate, Ring, Rings};
use crate::environment::failure::Place;
use crate::environment::release::ReleaseDates;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::{self, Upgrade};
use crate::time::Span;

impl Compiler<'_, '_> {
    /// How a release spreads over the fleet; nothing: everywhere at once.
    pub(super) fn rings(
        &mut self,
        upgrade_path: &Path,
        upgrade: &Upgrade,
        (fleet, index): (&Fleet, &Index),
        dates: &ReleaseDates,
    ) -> Option<Rings> {
        let has_rings = !upgrade.rings.is_empty();
        if !has_rings && upgrade.gate.is_none() && upgrade.rate_limit.is_none() {
            return None;
        }
        let all = [spec::Ring::default()];
        let written = if has_rings { upgrade.rings.as_slice() } else { &all };
        let path = upgrade_path.key("rings");
        let rings: Vec<Ring> = written
            .iter()
            .enumerate()
            .map(|(at, ring)| Ring {
                members: self.members(&path.index(at), ring, (fleet, index)),
                bake: ring.bake.unwrap_or(upgrade.bake).0,
            })
            .collect();
        let rings = Rings {
            rings,
            done_share: upgrade.done_share,
            gate: upgrade.gate.as_ref().map(release_gate),
            rate: upgrade
                .rate_limit
                .as_ref()
                .map(|rate| RateLimit { groups: rate.groups as usize, per: rate.per.0 }),
        };
        self.every_group_has_a_ring(&path, &rings, fleet);
        self.shares_grow(&path, &rings, fleet.groups.len());
        self.last_ring_opens(&path, &rings, dates);
        self.rate_is_enough(&upgrade_path.key("rate_limit"), &rings, fleet.groups.len());
        Some(rings)
    }

    fn members(&mut self, path: &Path, ring: &spec::Ring, (fleet, index): (&Fleet, &Index)) -> Members {
        if ring.share.is_some() && ring.place.is_some() {
            let message = "both `share` and `where` are given";
            self.report.meaning(&path.key("where"), message, "give one of them");
        }
        let Some(selector) = &ring.place else { return Members::Share(ring.share.unwrap_or(1.0)) };
        let places = self.selected(&path.key("where"), selector, fleet, index);
        self.whole_groups(&path.key("where"), &places, "a ring");
        let is_in =
            |group: usize| places.iter().any(|place| place.covers(fleet, group) == fleet.groups[group].all());
        Members::Groups((0..fleet.groups.len()).map(is_in).collect())
    }

    /// What is decided for a group holds for all of its connectors.
    pub(super) fn whole_groups(&mut self, path: &Path, places: &[Place], what: &str) {
        if places.iter().any(|place| matches!(place, Place::Domain(..) | Place::Connector(..))) {
            let message = format!("{what} is for whole groups");
            self.report.meaning(path, &message, "name a region, a site or a group");
        }
    }

    fn every_group_has_a_ring(&mut self, path: &Path, rings: &Rings, fleet: &Fleet) {
        // Whatever the draws, as many groups are left over.
        let ring_of = rings.assign(&vec![0; fleet.groups.len()]);
        let left = ring_of.iter().filter(|&&ring| ring == rings.rings.len()).count();
        let is_by_share = |ring: &Ring| matches!(ring.members, Members::Share(_));
        if left > 0 && !rings.rings.iter().any(|ring| ring.members == Members::Share(1.0)) {
            let what = if rings.rings.iter().any(is_by_share) { "some groups are" } else { "a group is" };
            let message = format!("{what} in no ring, so that no release ever reaches them");
            self.report.meaning(path, &message, "end with a ring without share and where: { }");
        }
    }

    /// Shares include the rings before: one that is not larger has no groups.
    fn shares_grow(&mut self, path: &Path, rings: &Rings, groups: usize) {
        let mut largest: Option<f64> = None;
        for (at, ring) in rings.rings.iter().enumerate() {
            let Members::Share(share) = ring.members else { continue };
            if largest.is_some_and(|before| share <= before) {
                let message = "the ring has no groups: shares include those of the rings before";
                self.report.meaning(&path.index(at).key("share"), message, "give a larger share");
            } else if rings::groups_in(share, groups) == rings::groups_in(largest.unwrap_or(0.0), groups) {
                let message = format!("among {groups} groups this ring has none of its own");
                self.report.warning(&path.index(at), &message, "leave it out, or give a larger share");
            }
            largest = Some(share);
        }
    }

    /// A ring that bakes beyond the horizon, or beyond the next release, keeps the next one closed.
    fn last_ring_opens(&mut self, path: &Path, rings: &Rings, dates: &ReleaseDates) {
        let before_last = rings.rings.split_last().map_or(&[][..], |(_, before)| before);
        let bake = Span(before_last.iter().map(|ring| ring.bake.0).sum());
        if bake >= self.horizon.since_start() {
            let message = format!("the last ring never opens: those before it bake for {bake}");
            self.report.meaning(path, &message, "give shorter bake times, or a longer horizon");
            return;
        }
        if let Some(gap) = longest_gap(dates).filter(|&gap| gap <= bake) {
            let message = format!(
                "the last ring opens for the last release only: those before it bake for {bake}, and another release comes within {gap}"
            );
            self.report.warning(path, &message, "give shorter bake times");
        }
    }

    /// Each interval but the first lets as many groups begin as the limit says.
    fn rate_is_enough(&mut self, path: &Path, rings: &Rings, groups: usize) {
        let Some(RateLimit { groups: at_once, per }) = rings.rate else { return };
        let waves = groups.div_ceil(at_once) as i64 - 1;
        let needed = Span(per.0.saturating_mul(waves));
        if needed >= self.horizon.since_start() {
            let message = format!("{groups} groups take {needed} to begin, longer than the run");
            self.report.meaning(path, &message, "allow more groups, or a longer horizon");
        }
    }
}

fn release_gate(gate: &spec::ReleaseGate) -> ReleaseGate {
    ReleaseGate {
        failed_share: gate.failed_share,
        disconnected_share: gate.disconnected_share,
        at_least: gate.at_least as usize,
        on_breach: match gate.on_breach {
            spec::OnBreach::Hold => OnBreach::Hold,
            spec::OnBreach::Halt => OnBreach::Stop,
            spec::OnBreach::Rollback => OnBreach::RollBack,
        },
    }
}

/// The longest time from one release to the next, where it is drawn, that of all but a thousandth; `None` with one or none.
fn longest_gap(dates: &ReleaseDates) -> Option<Span> {
    match dates {
        ReleaseDates::Explicit(dates) => dates.windows(2).map(|pair| pair[1].at - pair[0].at).max(),
        ReleaseDates::Renewal { every, .. } => Some(Span::drawn(every.quantile(0.999))),
    }
}
