//! The nouns: regions, sites, connector groups, slots, releases, images, causes and statuses.
//!
//! Nothing here moves. A slot is a place in a group, named `group/ordinal`; the connector instance in it may be
//! replaced, the slot stays. What a connector *is* at an instant is a set of separate axes, and the status that is
//! displayed is derived from them, never stored ([`status`]).

pub mod axes;
pub mod cause;
pub mod set;
pub mod status;

pub use axes::Axes;
pub use cause::Cause;
pub use set::SlotSet;
pub use status::{GroupStatus, Status, VersionIcon};

use crate::random::Entity;
use crate::time::Time;

/// The most slots a group can have, surge connectors included.
pub const MOST_SLOTS: usize = 64;

/// A fleet: regions ⊃ sites ⊃ groups ⊃ slots, in scenario order.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// Regions of the cloud service.
    pub regions: Vec<Region>,
    /// Data centers and branches.
    pub sites: Vec<Site>,
    /// Connector groups.
    pub groups: Vec<Group>,
    /// Instance types.
    pub instances: Vec<InstanceType>,
}

/// A region of the cloud service.
#[derive(Clone, Debug)]
pub struct Region {
    /// Unique name.
    pub name: String,
    /// Key of its random streams.
    pub entity: Entity,
}

/// A data center or branch.
#[derive(Clone, Debug)]
pub struct Site {
    /// Unique name.
    pub name: String,
    /// Key of its random streams.
    pub entity: Entity,
    /// Index of its region.
    pub region: usize,
    /// Keys of its fault domains `name/0`, `name/1`, …; empty where it has none.
    pub domains: Vec<Entity>,
}

/// What the connectors of a group run on.
#[derive(Clone, Debug)]
pub struct InstanceType {
    /// Unique name.
    pub name: String,
    /// Traffic at 100 % CPU, in Mbps.
    pub capacity_mbps: f64,
    /// CPU without traffic, in percent, in [0, 100).
    pub idle_cpu_percent: f64,
    /// Price of an hour.
    pub cost_per_hour: f64,
    /// From the order to a booted machine.
    pub boot: crate::random::Variate,
}

/// A connector group as configured.
#[derive(Clone, Debug)]
pub struct Group {
    /// Unique name.
    pub name: String,
    /// Key of its random streams.
    pub entity: Entity,
    /// Index of its site.
    pub site: usize,
    /// Index of its instance type.
    pub instance: usize,
    /// Its slots, by ordinal: first those that are configured at the start, then those that scaling can add.
    pub slots: Vec<Slot>,
    /// Private resources assigned; 0 makes it `Unestablished`.
    pub resources: u32,
    /// β: n connectors carry n·C/(1 + β(n − 1)).
    pub efficiency: f64,
    /// Half-width of the slots' random balance weights, in [0, 1).
    pub balance_spread: f64,
    /// Disabled as a whole from the start.
    pub disabled: bool,
    /// Index into the model's demand series, and the users and unit demand behind it.
    pub demand: usize,
}

/// A place for a connector.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Key of its random streams, from its full name `group/ordinal`.
    pub entity: Entity,
    /// Index of its fault domain in the site, if the site has any.
    pub domain: Option<usize>,
    /// Administratively disabled from the start.
    pub disabled: bool,
    /// Without a connector from the start.
    pub empty: bool,
    /// Not configured at the start: a scaling policy can order a connector for it.
    pub spare: bool,
}

impl Fleet {
    /// Takes the slots of each group away that come after the first so many.
    pub fn keep_first(&mut self, slots: impl Fn(usize) -> usize) {
        for (index, group) in self.groups.iter_mut().enumerate() {
            group.slots.truncate(slots(index));
        }
    }
}

impl Group {
    /// All its slots, those that scaling can add included.
    pub fn all(&self) -> SlotSet {
        SlotSet::first(self.slots.len())
    }

    /// The slots that are configured at the start.
    pub fn at_start(&self) -> SlotSet {
        SlotSet::first(self.connectors())
    }

    /// How many they are.
    pub fn connectors(&self) -> usize {
        self.slots.partition_point(|slot| !slot.spare)
    }
}

/// A release of the agent software in one replication. Releases count from 1; release 0 runs at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// When it is published.
    pub published: Time,
    /// Whether it is bad (latent: no policy may read it).
    pub bad: bool,
    /// Whether it was published as urgent: its rollout begins at once and skips windows.
    pub urgent: bool,
}

/// A version of the base operating system. Images count from 1; image 0 runs at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// When it is published.
    pub published: Time,
    /// Whether it fixes a published vulnerability of every earlier image.
    pub fixes_vulnerability: bool,
}
