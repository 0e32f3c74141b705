//! `where`: from a selector to the places of a scope.

use super::Compiler;
use super::fleet::Index;
use crate::environment::Scope;
use crate::environment::failure::Place;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::Selector;

impl Compiler<'_, '_> {
    /// The parts of the fleet that `selector` at `path` names: one, or those of a template. Empty if it names none,
    /// which is reported.
    pub(super) fn selected(
        &mut self,
        path: &Path,
        selector: &Selector,
        fleet: &Fleet,
        index: &Index,
    ) -> Vec<Place> {
        let keys = [
            ("region", &selector.region),
            ("site", &selector.site),
            ("domain", &selector.domain),
            ("group", &selector.group),
            ("connector", &selector.connector),
        ];
        let given: Vec<(&str, &String)> =
            keys.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?))).collect();
        let &[(key, name)] = given.as_slice() else {
            if given.is_empty() {
                return vec![Place::Fleet];
            }
            self.report.meaning(path, "`where` names more than one kind of place", "give one key");
            return Vec::new();
        };
        let path = path.key(key);
        match key {
            "region" => self.named(&path, "region", name, &index.regions, Place::Region),
            "site" => self.named(&path, "site", name, &index.sites, Place::Site),
            "group" => self.named(&path, "group", name, &index.groups, Place::Group),
            "domain" => self.domain(&path, name, fleet, index).into_iter().collect(),
            _ => self.connector(&path, name, fleet, index).into_iter().collect(),
        }
    }

    fn named(
        &mut self,
        path: &Path,
        what: &str,
        name: &str,
        names: &std::collections::BTreeMap<String, Vec<usize>>,
        place: fn(usize) -> Place,
    ) -> Vec<Place> {
        match names.get(name) {
            Some(found) => found.iter().copied().map(place).collect(),
            None => {
                self.unknown_part(path, what, name, names.keys().map(String::as_str));
                Vec::new()
            }
        }
    }

    fn domain(&mut self, path: &Path, name: &str, fleet: &Fleet, index: &Index) -> Option<Place> {
        let parts = name.rsplit_once('/').and_then(|(site, number)| Some((site, number.parse().ok()?)));
        let Some((site, number)) = parts else {
            let message = format!("\"{name}\" is no fault domain");
            self.report.meaning(path, &message, "write \"SITE/NUMBER\", counted from 0");
            return None;
        };
        let Some(&[site]) = index.sites.get(site).map(Vec::as_slice) else {
            self.unknown_part(path, "site", site, index.sites.keys().map(String::as_str));
            return None;
        };
        let domains = fleet.sites[site].domains.len();
        if number >= domains {
            let message = format!("the site has {domains} fault domains, counted from 0");
            self.report.meaning(path, &message, "set `fault_domains` of the site, or name another");
            return None;
        }
        Some(Place::Domain(site, number))
    }

    /// The connector that `name` means: `GROUP/ORDINAL`.
    pub(super) fn connector(
        &mut self,
        path: &Path,
        name: &str,
        fleet: &Fleet,
        index: &Index,
    ) -> Option<Place> {
        let parts = name.rsplit_once('/').and_then(|(group, slot)| Some((group, slot.parse().ok()?)));
        let Some((group, slot)) = parts else {
            let message = format!("\"{name}\" is no connector");
            self.report.meaning(path, &message, "write \"GROUP/ORDINAL\", ordinals counted from 0");
            return None;
        };
        let Some(&[group]) = index.groups.get(group).map(Vec::as_slice) else {
            self.unknown_part(path, "group", group, index.groups.keys().map(String::as_str));
            return None;
        };
        let slots: usize = fleet.groups[group].slots.len();
        if slot >= slots {
            let message = format!("the group has {slots} connectors, counted from 0");
            self.unknown_slot(path, &message);
            return None;
        }
        Some(Place::Connector(group, slot))
    }

    fn unknown_slot(&mut self, path: &Path, message: &str) {
        if !self.report.is_poisoned(&Path::of("fleet")) {
            self.report.meaning(path, message, "name one of them");
        }
    }

    /// An unknown name, unless stand-ins in the fleet may be why.
    fn unknown_part<'n>(
        &mut self,
        path: &Path,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) {
        if !self.report.is_poisoned(&Path::of("fleet")) {
            self.report.unknown(path, what, name, known);
        }
    }
}

/// The places of `scope` that lie within `part`; `None` if the part is narrower than a place of the scope.
pub(super) fn within(scope: Scope, part: Place, fleet: &Fleet) -> Option<Vec<Place>> {
    let sites =
        |keep: &dyn Fn(usize) -> bool| (0..fleet.sites.len()).filter(|&site| keep(site)).collect::<Vec<_>>();
    let of_part = |site: usize| match part {
        Place::Fleet => true,
        Place::Region(region) => fleet.sites[site].region == region,
        Place::Site(only) | Place::Domain(only, _) => only == site,
        Place::Group(group) | Place::Connector(group, _) => fleet.groups[group].site == site,
    };
    let found = match (scope, part) {
        (Scope::Connector, part) => (0..fleet.groups.len())
            .flat_map(|group| {
                covered(part, fleet, group).into_iter().map(move |slot| Place::Connector(group, slot))
            })
            .collect(),
        (_, Place::Group(_) | Place::Connector(..)) => return None,
        (Scope::Domain, Place::Domain(..)) => vec![part],
        (_, Place::Domain(..)) => return None,
        (Scope::Domain, _) => sites(&of_part)
            .into_iter()
            .flat_map(|site| {
                (0..fleet.sites[site].domains.len()).map(move |domain| Place::Domain(site, domain))
            })
            .collect(),
        (Scope::Site, _) => sites(&of_part).into_iter().map(Place::Site).collect(),
        (_, Place::Site(_)) => return None,
        (Scope::Region, Place::Region(_)) => vec![part],
        (Scope::Region, _) => (0..fleet.regions.len()).map(Place::Region).collect(),
        (Scope::Fleet, Place::Fleet) => vec![part],
        (Scope::Fleet, _) => return None,
    };
    Some(found)
}

fn covered(part: Place, fleet: &Fleet, group: usize) -> Vec<usize> {
    part.covers(fleet, group).iter().collect()
}
