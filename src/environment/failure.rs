//! Failure classes: alternating renewal processes at the places of a scope, and scheduled outages.

use crate::fleet::SlotSet;
use crate::random::{Purpose, Variate};
use crate::time::{Span, Time};

/// What one outage of a class covers. Wider scopes come later in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One connector; the process belongs to the instance.
    Connector,
    /// A fault domain of a site.
    Domain,
    /// A site.
    Site,
    /// A region.
    Region,
    /// Everything.
    Fleet,
}

/// A failure class.
#[derive(Clone, Debug)]
pub struct FailureClass {
    /// Its name in the scenario.
    pub name: String,
    /// The cause label in result files.
    pub cause: String,
    /// What one outage covers.
    pub scope: Scope,
    /// The random process; `None` where the class has only a schedule.
    pub process: Option<Renewal>,
    /// Scheduled outages, in scenario order, one entry for each place struck.
    pub schedule: Vec<ScheduledOutage>,
    /// The places where the random process runs.
    pub places: Place,
}

/// An alternating renewal process.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Time to failure.
    pub time_to_failure: Variate,
    /// Time to restore, or the operator's work where one is needed.
    pub time_to_restore: Variate,
    /// Share of outages that do not restore without an operator; connector scope only, else 0.
    pub needs_operator: f64,
    /// Purpose of the draws of times to failure (index 0: the state at 0; n ≥ 1: the n-th).
    pub failure_purpose: Purpose,
    /// Purpose of the draws of times to restore.
    pub restore_purpose: Purpose,
}

/// An outage at a fixed time. It belongs to the place, not to the connector instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledOutage {
    /// When it begins.
    pub at: Time,
    /// How long it lasts.
    pub length: Span,
    /// Where: one place of the class's scope.
    pub place: Place,
}

/// A place, by indices into the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The whole fleet.
    Fleet,
    /// A region.
    Region(usize),
    /// A site.
    Site(usize),
    /// A fault domain of a site: (site, domain).
    Domain(usize, usize),
    /// A group.
    Group(usize),
    /// A slot of a group: (group, ordinal).
    Connector(usize, usize),
}

impl Place {
    /// The slots of group `index` of `fleet` that the place covers.
    pub fn covers(self, fleet: &crate::fleet::Fleet, index: usize) -> SlotSet {
        let group = &fleet.groups[index];
        let all_if = |covered: bool| if covered { group.all() } else { SlotSet::EMPTY };
        match self {
            Place::Fleet => group.all(),
            Place::Region(region) => all_if(fleet.sites[group.site].region == region),
            Place::Site(site) => all_if(group.site == site),
            Place::Domain(site, domain) if group.site == site => {
                (0..group.slots.len()).filter(|&slot| group.slots[slot].domain == Some(domain)).collect()
            }
            Place::Domain(..) => SlotSet::EMPTY,
            Place::Group(group) => all_if(group == index),
            Place::Connector(group, slot) if group == index => SlotSet::one(slot),
            Place::Connector(..) => SlotSet::EMPTY,
        }
    }
}
