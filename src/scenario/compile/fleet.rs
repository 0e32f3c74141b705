//! Regions, sites, groups and slots: templates expanded, names resolved to indices.

use std::collections::BTreeMap;

use super::{Compiler, scaling};
use crate::calendar::Zone;
use crate::fleet::{Fleet, Group, InstanceType, MOST_SLOTS, Region, Site, Slot};
use crate::random::Entity;
use crate::scenario::document::Path;
use crate::scenario::memory;
use crate::scenario::spec::{self, OneOrMore, Placement, Scenario};
use crate::time::Span;

/// Where names lead: full names and names of templates to indices, in order.
#[derive(Default)]
pub(super) struct Index {
    pub regions: BTreeMap<String, Vec<usize>>,
    pub sites: BTreeMap<String, Vec<usize>>,
    pub groups: BTreeMap<String, Vec<usize>>,
    /// For each group its entry in the scenario and its number within the template.
    pub written: Vec<(usize, usize)>,
    /// IANA name of each site's zone.
    pub zones: Vec<String>,
}

/// The highest CPU in percent that a connector of the fleet has without traffic. A group's instance type may be missing, which
/// is reported elsewhere.
pub(super) fn highest_idle(fleet: &Fleet) -> f64 {
    let instances = fleet.groups.iter().filter_map(|group| fleet.instances.get(group.instance));
    instances.map(|instance| instance.idle_cpu_percent).fold(0.0, f64::max)
}

impl Compiler<'_, '_> {
    /// The fleet; groups' demands are filled in later.
    pub(super) fn fleet(&mut self, spec: &Scenario) -> (Fleet, Index) {
        let mut fleet = Fleet { instances: self.instances(spec), ..Fleet::default() };
        let mut index = Index::default();
        self.regions(spec, &mut fleet, &mut index);
        self.sites(spec, &mut fleet, &mut index);
        if self.fits(spec) {
            self.groups(spec, &mut fleet, &mut index);
        } else {
            self.report.poison(&Path::of("fleet").key("groups"));
        }
        for name in spec.instances.names() {
            if spec.fleet.groups.iter().all(|group| group.instance != name) {
                self.report.unused(&Path::of("instances").key(name));
            }
        }
        if spec.fleet.groups.is_empty() {
            self.report.meaning(
                &Path::of("fleet").key("groups"),
                "there are no groups",
                "add [[fleet.groups]]",
            );
        }
        (fleet, index)
    }

    fn instances(&mut self, spec: &Scenario) -> Vec<InstanceType> {
        let compile = |(name, instance): (&str, &spec::Instance)| InstanceType {
            name: name.to_owned(),
            capacity_mbps: instance.capacity_mbps,
            idle_cpu_percent: instance.idle_cpu_percent,
            cost_per_hour: instance.cost_per_hour,
            boot: self.variate(&Path::of("instances").key(name).key("boot"), &instance.boot),
        };
        spec.instances.iter().map(compile).collect()
    }

    fn regions(&mut self, spec: &Scenario, fleet: &mut Fleet, index: &mut Index) {
        for (at, region) in spec.fleet.regions.iter().enumerate() {
            let path = Path::of("fleet").key("regions").index(at).key("name");
            self.name(&path, &region.name);
            self.register(&mut index.regions, &path, &region.name, at);
            let entity = Entity::named("region", &region.name);
            fleet.regions.push(Region { name: region.name.clone(), entity });
        }
    }

    fn sites(&mut self, spec: &Scenario, fleet: &mut Fleet, index: &mut Index) {
        for (at, site) in spec.fleet.sites.iter().enumerate() {
            let path = Path::of("fleet").key("sites").index(at);
            self.name(&path.key("name"), &site.name);
            let region = match index.regions.get(&site.region) {
                Some(found) => found[0],
                None => {
                    let known = spec.fleet.regions.iter().map(|region| region.name.as_str());
                    self.report.unknown(&path.key("region"), "region", &site.region, known);
                    0
                }
            };
            if let Err(error) = Zone::named(&site.time_zone) {
                let remedy = "give an IANA name such as \"Europe/Berlin\"";
                self.report.meaning(&path.key("time_zone"), &error.to_string(), remedy);
            }
            for number in 0..site.count {
                let name = expanded(&site.name, site.count, number);
                self.register_one(&mut index.sites, &path.key("name"), &site.name, &name, fleet.sites.len());
                let domains = (0..site.fault_domains)
                    .map(|domain| Entity::named("domain", &format!("{name}/{domain}")));
                let domains = domains.collect();
                let entity = Entity::named("site", &name);
                fleet.sites.push(Site { name, entity, region, domains });
                index.zones.push(site.time_zone.clone());
            }
        }
    }

    /// Whether the slots fit into memory at all.
    fn fits(&mut self, spec: &Scenario) -> bool {
        let groups = spec.fleet.groups.iter();
        let (groups, slots) = groups.fold((0u64, 0u64), |(groups, slots), group| {
            let count = u64::from(group.count);
            (groups + count, slots + count * slots_of(spec, group) as u64)
        });
        if !self.countable(slots) {
            return false;
        }
        let needed = memory::fleet(groups, slots);
        let available = memory::available().unwrap_or(u64::MAX);
        if needed <= available {
            return true;
        }
        let message = format!("{groups} groups with {slots} connectors need {} MB of memory", needed >> 20);
        self.report.meaning(&Path::of("fleet").key("groups"), &message, "lower `count` or `connectors`");
        false
    }

    /// Whether the time of all connectors together can be summed in milliseconds.
    fn countable(&mut self, slots: u64) -> bool {
        const MOST: u128 = 1 << 62;
        let horizon = Span(self.horizon.0);
        let countable = u128::from(slots) * (horizon.0 as u128) < MOST;
        if !countable {
            let message =
                format!("{slots} connectors for {horizon} are more connector-time than can be counted");
            let remedy = "shorten the horizon, or lower `count` or `connectors` of the groups";
            self.report.meaning(&Path::of("horizon"), &message, remedy);
        }
        countable
    }

    fn groups(&mut self, spec: &Scenario, fleet: &mut Fleet, index: &mut Index) {
        let mut in_site = BTreeMap::new();
        for (at, group) in spec.fleet.groups.iter().enumerate() {
            let path = Path::of("fleet").key("groups").index(at);
            self.name(&path.key("name"), &group.name);
            let sites = self.sites_of(spec, &path, &group.site, index);
            let instance = spec.instances.position(&group.instance).unwrap_or_else(|| {
                self.report.unknown(
                    &path.key("instance"),
                    "instance type",
                    &group.instance,
                    spec.instances.names(),
                );
                0
            });
            if !self.report.is_poisoned(&path.key("connectors")) {
                self.ordinals(&path.key("disabled_slots"), &group.disabled_slots, group.connectors);
                self.ordinals(&path.key("empty_slots"), &group.empty_slots, group.connectors);
            }
            for number in 0..group.count {
                let Some(&site) = sites.get(number as usize % sites.len().max(1)) else { continue };
                let name = expanded(&group.name, group.count, number);
                self.register_one(
                    &mut index.groups,
                    &path.key("name"),
                    &group.name,
                    &name,
                    fleet.groups.len(),
                );
                let position: &mut usize = in_site.entry(site).or_default();
                let domains = fleet.sites[site].domains.len();
                let slots = slots_of(spec, group);
                fleet.groups.push(compiled(group, name, (site, instance, slots), domains, *position));
                *position += 1;
                index.written.push((at, number as usize));
            }
        }
    }

    /// The sites of a group's template, templates of sites expanded.
    fn sites_of(&mut self, spec: &Scenario, path: &Path, names: &OneOrMore, index: &Index) -> Vec<usize> {
        let mut sites = Vec::new();
        for (at, name) in names.names().iter().enumerate() {
            match index.sites.get(name) {
                Some(found) => sites.extend(found),
                None => {
                    let path = item(&path.key("site"), names, at);
                    let known = spec.fleet.sites.iter().map(|site| site.name.as_str());
                    self.report.unknown(&path, "site", name, known);
                }
            }
        }
        sites
    }

    fn ordinals(&mut self, path: &Path, ordinals: &[u32], connectors: u32) {
        for (at, ordinal) in ordinals.iter().enumerate() {
            if *ordinal >= connectors {
                let message = format!("there is no slot {ordinal}");
                let remedy = format!("the slots are 0 to {}", connectors.max(1) - 1);
                self.report.meaning(&path.index(at), &message, &remedy);
            }
        }
    }

    fn register(&mut self, names: &mut BTreeMap<String, Vec<usize>>, path: &Path, name: &str, at: usize) {
        if names.contains_key(name) {
            self.report.meaning(path, &format!("the name \"{name}\" is used twice"), "choose another");
        }
        names.entry(name.to_owned()).or_default().push(at);
    }

    /// Registers an instance of a template under its own name and that of its template.
    fn register_one(
        &mut self,
        names: &mut BTreeMap<String, Vec<usize>>,
        path: &Path,
        template: &str,
        name: &str,
        at: usize,
    ) {
        self.register(names, path, name, at);
        if template != name {
            names.entry(template.to_owned()).or_default().push(at);
        }
    }
}

/// The path of one name among one or more.
pub(super) fn item(path: &Path, names: &OneOrMore, at: usize) -> Path {
    if matches!(names, OneOrMore::One(_)) { path.clone() } else { path.index(at) }
}

/// The name of instance `number` of a template of `count`.
pub(super) fn expanded(name: &str, count: u32, number: u32) -> String {
    if count == 1 {
        return name.to_owned();
    }
    let digits = (count - 1).to_string().len().max(3);
    format!("{name}-{number:0digits$}")
}

/// How many slots a group has, those that scaling can add included.
fn slots_of(spec: &Scenario, group: &spec::Group) -> usize {
    let connectors = group.connectors.min(MOST_SLOTS as u32) as usize;
    scaling::slots(spec, connectors, group.disabled_slots.len())
}

fn compiled(
    group: &spec::Group,
    name: String,
    (site, instance, slots): (usize, usize, usize),
    domains: usize,
    position: usize,
) -> Group {
    let slot = |ordinal: u32| Slot {
        entity: Entity::named("slot", &format!("{name}/{ordinal}")),
        domain: (domains > 0).then(|| match group.placement {
            Placement::Spread => ordinal as usize % domains,
            Placement::Packed => position % domains,
        }),
        disabled: group.disabled_slots.contains(&ordinal),
        empty: group.empty_slots.contains(&ordinal),
        spare: ordinal >= group.connectors,
    };
    Group {
        entity: Entity::named("group", &name),
        site,
        instance,
        slots: (0..slots as u32).map(slot).collect(),
        resources: group.resources,
        efficiency: group.group_efficiency,
        balance_spread: group.balance_spread,
        disabled: group.disabled,
        demand: 0,
        name,
    }
}
