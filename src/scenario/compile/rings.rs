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
            self.rings_are_meant(upgrade_path, upgrade);
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
        self.every_group_has_a_ring(&path, &rings);
        self.rings_have_groups(&path, written, &rings, fleet.groups.len());
        self.last_ring_opens(&path, &rings, dates);
        self.rate_is_enough(&upgrade_path.key("rate_limit"), &rings, fleet.groups.len(), dates);
        Some(rings)
    }

    /// Without rings nothing bakes and nothing is done.
    fn rings_are_meant(&mut self, path: &Path, upgrade: &Upgrade) {
        let default = Upgrade::default();
        let mut unused = |key: &str| {
            let message = "this has no effect: there are no rings";
            self.report.warning(&path.key(key), message, "give `rings`, or leave it out");
        };
        if upgrade.bake != default.bake {
            unused("bake");
        }
        if upgrade.done_share != default.done_share {
            unused("done_share");
        }
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

    /// Where a share is drawn, a group that no place names and no share of 1 reaches may be left out.
    fn every_group_has_a_ring(&mut self, path: &Path, rings: &Rings) {
        let members = || rings.rings.iter().map(|ring| &ring.members);
        let takes_all = members().any(|of| matches!(of, Members::Share(share) if *share >= 1.0));
        let groups = members().find_map(|of| match of {
            Members::Groups(which) => Some(which.len()),
            Members::Share(_) => None,
        });
        let named = |group| members().any(|of| matches!(of, Members::Groups(which) if which[group]));
        if !takes_all && !groups.is_some_and(|groups| (0..groups).all(named)) {
            let message = "some groups may be in no ring, so that no release ever reaches them";
            self.report.meaning(path, message, "end with a ring without share and where: { }");
        }
    }

    /// Warns of rings that never have a group of their own.
    fn rings_have_groups(&mut self, path: &Path, written: &[spec::Ring], rings: &Rings, groups: usize) {
        let mut named = vec![false; groups];
        let mut largest: f64 = 0.0;
        for (at, (ring, written)) in rings.rings.iter().zip(written).enumerate() {
            let path = path.index(at);
            match &ring.members {
                _ if largest >= 1.0 => {
                    let message = "the ring has no groups: one before it has all that are left";
                    self.report.warning(&path, message, "leave it out, or put it first");
                }
                Members::Groups(which) => {
                    if which.iter().zip(&named).all(|(is_in, named)| !is_in || *named) {
                        let message = "the ring has no groups: they are all in rings before it";
                        self.report.warning(&path, message, "leave it out, or put it first");
                    }
                    named.iter_mut().zip(which).for_each(|(named, is_in)| *named |= is_in);
                }
                Members::Share(share) if *share <= largest && written.share.is_some() => {
                    let message = "the ring has no groups: shares include those of the rings before";
                    self.report.meaning(&path.key("share"), message, "give a larger share");
                }
                Members::Share(share) => {
                    let before = named.iter().filter(|named| **named).count();
                    if rings::groups_in(*share, groups) <= rings::groups_in(largest, groups).max(before) {
                        let message = format!("among {groups} groups this ring has none of its own");
                        self.report.warning(&path, &message, "leave it out, or give a larger share");
                    }
                    largest = largest.max(*share);
                }
            }
        }
    }

    /// A ring that bakes beyond the horizon, or beyond the next release, keeps the next one closed. Each ring is also a control
    /// period or more: to open, and for its being done to be seen.
    fn last_ring_opens(&mut self, path: &Path, rings: &Rings, dates: &ReleaseDates) {
        let before_last = rings.rings.split_last().map_or(&[][..], |(_, before)| before);
        let bake = Span(before_last.iter().map(|ring| ring.bake.0).sum());
        let periods = self.control_period.0.saturating_mul(rings.rings.len() as i64);
        let opens = Span(bake.0.saturating_add(periods));
        if opens >= self.horizon.since_start() {
            let message = format!(
                "the last ring never opens: those before it bake for {bake}, and each takes a control period of {}",
                self.control_period
            );
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
    fn rate_is_enough(&mut self, path: &Path, rings: &Rings, groups: usize, dates: &ReleaseDates) {
        let Some(RateLimit { groups: at_once, per }) = rings.rate else { return };
        let waves = groups.div_ceil(at_once) as i64 - 1;
        let needed = Span(per.0.saturating_mul(waves));
        let remedy = "allow more groups, or a longer horizon";
        if needed >= self.horizon.since_start() {
            let message = format!("{groups} groups take {needed} to begin, longer than the run");
            self.report.meaning(path, &message, remedy);
        } else if let Some(gap) = longest_gap(dates).filter(|&gap| gap <= needed) {
            let message = format!(
                "{groups} groups take {needed} to begin, and another release comes within {gap}: some groups get the last one only"
            );
            self.report.warning(path, &message, "allow more groups");
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
