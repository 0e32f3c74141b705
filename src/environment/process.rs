//! Outage processes: what can take the link of a group's connectors down.
//!
//! A process stands at a place — the fleet, a region, a site, a fault domain or a slot — and covers the slots of the
//! group under that place. A wide process is keyed by its place, so every group under it lives through the same
//! outages without asking the others.

use super::failure::{FailureClass, Place, Renewal, Scope};
use super::{Environment, Start};
use crate::fleet::{Fleet, SlotSet};
use crate::random::{Entity, Streams, Variate, chance, open_unit};
use crate::time::{Span, Time};
use rand_distr::Distribution;

/// One source of outages of a group's connectors.
#[derive(Clone, Debug)]
pub struct Process<'m> {
    /// Index of the failure class.
    pub class: u16,
    /// What one outage covers.
    pub scope: Scope,
    /// The slots of the group that it covers.
    pub cover: SlotSet,
    /// How its outages come about.
    pub source: Source<'m>,
}

/// How outages come about.
#[derive(Clone, Debug)]
pub enum Source<'m> {
    /// Once, at a fixed time; it belongs to the place, not to the instance.
    Scheduled {
        /// When it begins.
        at: Time,
        /// How long it lasts.
        length: Span,
    },
    /// Again and again, from the place's streams.
    Random {
        /// The distributions.
        renewal: &'m Renewal,
        /// The place's key.
        entity: Entity,
        /// Times to failure drawn so far.
        failures: u64,
        /// Outages drawn so far.
        outages: u64,
    },
}

/// How a random process stands at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// Up, failing after so long.
    Up(Span),
    /// Down, for so long.
    Down(Outage),
}

/// An outage of a random process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// How long it lasts; or the operator's work, if it waits for one.
    pub length: Span,
    /// Whether it lasts until an operator has come and worked for its length.
    pub is_attended: bool,
}

impl Process<'_> {
    /// Whether it belongs to a connector instance and stops with it.
    pub fn belongs_to_instance(&self) -> bool {
        self.scope == Scope::Connector && matches!(self.source, Source::Random { .. })
    }
}

/// The processes of group `index`, in the order of the tie law: wider scope, class, place; scheduled before random.
pub fn processes<'m>(environment: &'m Environment, fleet: &Fleet, index: usize) -> Vec<Process<'m>> {
    let mut keyed = Vec::new();
    for (class_index, class) in environment.failures.iter().enumerate() {
        for (place_index, (place, entity)) in places(class.scope, fleet, index).into_iter().enumerate() {
            let cover = place.covers(fleet, index);
            if cover.is_empty() {
                continue;
            }
            let process = |source| Process { class: class_index as u16, scope: class.scope, cover, source };
            let scheduled = class.schedule.iter().filter(|outage| outage.place == place);
            let all = scheduled
                .map(|outage| Source::Scheduled { at: outage.at, length: outage.length })
                .chain(random(class, place, entity, fleet))
                .map(process);
            keyed.extend(
                all.map(|process| ((std::cmp::Reverse(class.scope), class_index, place_index), process)),
            );
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, process)| process).collect()
}

fn random<'m>(class: &'m FailureClass, place: Place, entity: Entity, fleet: &Fleet) -> Option<Source<'m>> {
    let renewal = class.process.as_ref().filter(|_| place.lies_within(class.places, fleet))?;
    Some(Source::Random { renewal, entity, failures: 0, outages: 0 })
}

/// The places of `scope` that cover connectors of group `index`.
fn places(scope: Scope, fleet: &Fleet, index: usize) -> Vec<(Place, Entity)> {
    let group = &fleet.groups[index];
    let site = &fleet.sites[group.site];
    match scope {
        Scope::Fleet => vec![(Place::Fleet, Entity::named("fleet", ""))],
        Scope::Region => vec![(Place::Region(site.region), fleet.regions[site.region].entity)],
        Scope::Site => vec![(Place::Site(group.site), site.entity)],
        Scope::Domain => {
            let domains = site.domains.iter().enumerate();
            domains.map(|(domain, &entity)| (Place::Domain(group.site, domain), entity)).collect()
        }
        Scope::Connector => {
            let slots = group.slots.iter().enumerate();
            slots.map(|(slot, configured)| (Place::Connector(index, slot), configured.entity)).collect()
        }
    }
}

impl Place {
    /// Whether the place is `other` or a part of it.
    pub fn lies_within(self, other: Place, fleet: &Fleet) -> bool {
        let (region, site, domain, group) = match self {
            Place::Fleet => (None, None, None, None),
            Place::Region(region) => (Some(region), None, None, None),
            Place::Site(site) => (Some(fleet.sites[site].region), Some(site), None, None),
            Place::Domain(site, domain) => (Some(fleet.sites[site].region), Some(site), Some(domain), None),
            Place::Group(group) => {
                let site = fleet.groups[group].site;
                (Some(fleet.sites[site].region), Some(site), None, Some(group))
            }
            Place::Connector(group, slot) => {
                let site = fleet.groups[group].site;
                (
                    Some(fleet.sites[site].region),
                    Some(site),
                    fleet.groups[group].slots[slot].domain,
                    Some(group),
                )
            }
        };
        match other {
            Place::Fleet => true,
            Place::Region(wanted) => region == Some(wanted),
            Place::Site(wanted) => site == Some(wanted),
            Place::Domain(at, wanted) => site == Some(at) && domain == Some(wanted),
            Place::Group(wanted) => group == Some(wanted),
            Place::Connector(..) => self == other,
        }
    }
}

impl Renewal {
    /// Long-run mean time down; `repair_after` is the mean wait for an operator.
    pub fn mean_down(&self, repair_after: f64) -> f64 {
        self.time_to_restore.mean() + self.needs_operator * repair_after
    }

    /// How the process of `entity` stands at 0. `repair_after` is the plain delay of operators. Without one they come when
    /// they can, which nobody knows beforehand: the equilibrium is then that of operators who come at once, and what is left
    /// of an outage is left of their work.
    pub fn initial(
        &self,
        start: Start,
        streams: Streams,
        entity: Entity,
        repair_after: Option<&Variate>,
    ) -> Option<Initial> {
        if start == Start::Fresh {
            return None;
        }
        let rng = &mut streams.draw(entity, self.failure_purpose, 0);
        let (up, down) =
            (self.time_to_failure.mean(), self.mean_down(repair_after.map_or(0.0, Variate::mean)));
        if open_unit(rng) >= down / (up + down) {
            return Some(Initial::Up(Span::drawn(self.time_to_failure.residual(rng))));
        }
        let restore = &self.time_to_restore;
        let Some(wait) = repair_after else {
            let is_attended = open_unit(rng) < self.needs_operator;
            let length = restore.length_biased(rng);
            let length = Span::drawn(open_unit(rng) * length);
            return Some(Initial::Down(Outage { length, is_attended }));
        };
        let attended = self.needs_operator * (restore.mean() + wait.mean()) / down;
        let length = if open_unit(rng) >= attended {
            restore.length_biased(rng)
        } else if open_unit(rng) < restore.mean() / (restore.mean() + wait.mean()) {
            restore.length_biased(rng) + wait.sample(rng)
        } else {
            restore.sample(rng) + wait.length_biased(rng)
        };
        let length = Span::drawn(open_unit(rng) * length);
        Some(Initial::Down(Outage { length, is_attended: false }))
    }

    /// The `n`-th time to failure (n ≥ 1) at `entity`.
    pub fn time_to_failure(&self, streams: Streams, entity: Entity, n: u64) -> Span {
        self.time_to_failure.span(&mut streams.draw(entity, self.failure_purpose, n))
    }

    /// The `n`-th outage (n ≥ 1) at `entity`. If it needs an operator, who comes after the plain delay `repair_after`, it
    /// lasts for the delay and the restore; without a plain delay it is attended.
    pub fn outage(
        &self,
        scope: Scope,
        streams: Streams,
        entity: Entity,
        n: u64,
        repair_after: Option<&Variate>,
    ) -> Outage {
        let rng = &mut streams.draw(entity, self.restore_purpose, n);
        let attended = scope == Scope::Connector && chance(rng, self.needs_operator);
        let restore = self.time_to_restore.span(rng);
        let wait = repair_after.filter(|_| attended).map_or(Span::ZERO, |wait| wait.span(rng));
        Outage { length: restore + wait, is_attended: attended && repair_after.is_none() }
    }
}
