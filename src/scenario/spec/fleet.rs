//! `[instances.*]` and `[fleet]`: what there is, where, and how much of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Distribution, default};

/// An instance type: what the connectors of a group run on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Traffic at 100 % CPU, in Mbps.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1e9))]
    pub capacity_mbps: f64,
    /// CPU without traffic, in percent; below 100.
    #[serde(default)]
    #[schemars(range(min = 0), extend("exclusiveMaximum" = 100))]
    pub idle_cpu_percent: f64,
    /// Price of an hour, in any currency.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1e9))]
    pub cost_per_hour: f64,
    /// From the order of a machine to its being booted.
    #[serde(default = "default::boot")]
    pub boot: Distribution,
}

/// Regions, sites and connector groups, in the order that breaks ties.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fleet {
    /// Regions of the cloud service.
    pub regions: Vec<Region>,
    /// Data centers and branches.
    pub sites: Vec<Site>,
    /// Connector groups.
    pub groups: Vec<Group>,
}

/// A region of the cloud service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Unique name.
    pub name: String,
}

/// A site, or a template of `count` like ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Unique name; with a `count` above 1 the sites are `name-000`, `name-001`, ….
    pub name: String,
    /// How many there are.
    #[serde(default = "default::one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub count: u32,
    /// Name of its region.
    pub region: String,
    /// IANA time zone of its users.
    #[serde(default = "default::time_zone")]
    pub time_zone: String,
    /// Fault domains `site/0`, `site/1`, …; 0: none.
    #[serde(default)]
    #[schemars(range(min = 0, max = 64))]
    pub fault_domains: u32,
}

/// A connector group, or a template of `count` like ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Unique name; with a `count` above 1 the groups are `name-000`, `name-001`, ….
    pub name: String,
    /// How many there are.
    #[serde(default = "default::one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub count: u32,
    /// Name of its site, or of a template of sites, or a list of them: the groups of a template take the sites in turn.
    pub site: OneOrMore,
    /// Slots for connectors.
    #[schemars(range(min = 1, max = 64))]
    pub connectors: u32,
    /// Name of its instance type.
    pub instance: String,
    /// Name of its demand, or a list: the groups of a template take them in turn.
    pub demand: OneOrMore,
    /// Private resources assigned; 0 makes the group `Unestablished`.
    #[serde(default = "default::one")]
    pub resources: u32,
    /// How slots are placed over the fault domains of the site.
    #[serde(default)]
    pub placement: Placement,
    /// Half-width of the random weights with which load is balanced; 0 is even, below 1.
    #[serde(default)]
    #[schemars(range(min = 0), extend("exclusiveMaximum" = 1))]
    pub balance_spread: f64,
    /// β ≥ 0: n connectors carry n·C/(1 + β(n − 1)).
    #[serde(default)]
    #[schemars(range(min = 0, max = 1e6))]
    pub group_efficiency: f64,
    /// Whether the group is disabled from the start.
    #[serde(default)]
    pub disabled: bool,
    /// Ordinals of the slots whose connector is disabled from the start; in each group of a template.
    #[serde(default)]
    pub disabled_slots: Vec<u32>,
    /// Ordinals of the slots without a connector at the start; in each group of a template.
    #[serde(default)]
    pub empty_slots: Vec<u32>,
}

/// How slots are placed over the fault domains of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Slot i in domain i mod n.
    #[default]
    Spread,
    /// All slots in domain (group's index in the site) mod n.
    Packed,
}

/// One name or a list of names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum OneOrMore {
    /// A name.
    One(String),
    /// Names, taken in turn.
    More(#[schemars(length(min = 1))] Vec<String>),
}

impl OneOrMore {
    /// The names.
    pub fn names(&self) -> &[String] {
        match self {
            OneOrMore::One(name) => std::slice::from_ref(name),
            OneOrMore::More(names) => names,
        }
    }
}

/// A part of the fleet; at most one key, none means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Selector {
    /// Name of a region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Name of a site or of a template of sites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// A fault domain, `"fra/0"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Name of a group or of a template of groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A connector, `"fra-app-007/1"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
}
