//! What is true of the fleet at an instant, and what is displayed of it.

use std::collections::{BTreeMap, BTreeSet};

use fleetcast::environment::Scope;
use fleetcast::environment::failure::Place;
use fleetcast::fleet::{Cause, Fleet, GroupStatus, Release, Status, VersionIcon};
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{GroupDisplay, SlotDisplay};
use fleetcast::time::Time;

use super::calendar::{Source, Ticket};

/// Where the instance of a slot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    /// There is none.
    Empty,
    /// Its machine boots.
    Booting,
    /// It has booted and waits for its link to enrol.
    Enrolling,
    /// It waits for a new key to enrol.
    WithoutKey,
    /// It has enrolled and waits to be confirmed.
    Announced,
    InService,
    Expired,
    /// Revoked, and not deleted yet.
    Revoked,
}

#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) lifecycle: Lifecycle,
    pub(crate) disabled: bool,
    pub(crate) agent: u16,
    pub(crate) image: u16,
    pub(crate) update_failed: bool,
    pub(crate) pending: bool,
    /// It failed and waits for a back-off or a repair of its own.
    pub(crate) rest: Option<Ticket>,
    /// Failures since the last repair, where connectors fail one by one.
    pub(crate) failures: u32,
    pub(crate) weight: f64,
    pub(crate) renewal: Option<Ticket>,
    pub(crate) grace: Option<Ticket>,
    pub(crate) auto_delete: Option<Ticket>,
    /// Instances that stood, or were to stand, in the slot since the one at 0.
    pub(crate) instances: u64,
    /// Its next step into service.
    pub(crate) coming: Option<Ticket>,
    pub(crate) configured: bool,
    /// Nobody lives in it, and nothing is to come into it.
    pub(crate) vacant: bool,
    /// The end of its removal by scaling, while that lasts.
    pub(crate) removal: Option<Ticket>,
    /// Starts of updates by release, aborted ones included.
    pub(crate) starts: BTreeMap<u16, u64>,
    /// Starts of ways back, by the release that was left.
    pub(crate) returns: BTreeMap<u16, u64>,
    /// Attempts that ended by themselves, by release.
    pub(crate) completed: BTreeMap<u16, u32>,
    /// Releases that no longer fail persistently or by schedule here.
    pub(crate) repaired: BTreeSet<u16>,
}

/// An update that is running in a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Update {
    pub(crate) slot: usize,
    pub(crate) release: u16,
    /// The release that is left, on the way back; 0 otherwise.
    pub(crate) left: u16,
    pub(crate) start: u64,
    pub(crate) end: Ticket,
}

/// Why and how long a group is halted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halt {
    pub(crate) culprit: usize,
    /// The retry, or the end of the repair.
    pub(crate) end: Ticket,
    pub(crate) in_repair: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) slots: Vec<Slot>,
    /// Disabled as a whole.
    pub(crate) disabled: bool,
    /// The release that is being rolled out; 0 before the first.
    pub(crate) target: u16,
    /// The target before it.
    pub(crate) target_before: u16,
    /// The release that was rolled back; 0 if none was.
    pub(crate) left: u16,
    /// Where the gate of the release lets nothing start: whether those that failed may try again.
    pub(crate) held: Option<bool>,
    /// When its rollout began.
    pub(crate) begun: Time,
    pub(crate) running: Vec<Update>,
    /// Links and who served at the end of every instant.
    pub(crate) history: Vec<(Time, Vec<bool>, Vec<usize>)>,
    pub(crate) halt: Option<Halt>,
    pub(crate) failures: u32,
    pub(crate) repairs: u64,
    pub(crate) permit: bool,
    /// The provisioning key: when it was issued, whether somebody regenerates it, how often somebody did.
    pub(crate) key_issued: Time,
    pub(crate) key_in_work: bool,
    pub(crate) key_ticket: Option<Ticket>,
    pub(crate) keys: u64,
    pub(crate) scaling: super::scaling::Memory,
    pub(crate) ever_in_service: bool,
    /// Demand of every tick of the run, whoever is sent there.
    pub(crate) demand: Vec<f32>,
    /// The demand of the last tick.
    pub(crate) current_demand: f32,
    /// The displayed CPU at every tick so far; `None` where nobody served.
    pub(crate) samples: Vec<Option<i64>>,
    /// At every tick so far: how many served, and how many were configured.
    pub(crate) heads: Vec<(usize, usize)>,
    pub(crate) over_threshold: bool,
    pub(crate) warning: bool,
    /// The last instant at which a loss dropped sessions.
    pub(crate) last_drop: Option<Time>,
    /// The end of the last interval with unserved demand.
    pub(crate) unserved_until: Option<Time>,
    /// The cause of the last loss that left nobody serving.
    pub(crate) last_loss: Option<Cause>,
    /// The cause displayed while `Disconnected`.
    pub(crate) cause: Cause,
}

/// An outage that lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) class: usize,
    pub(crate) source: Source,
    pub(crate) place: Place,
    pub(crate) cause: Cause,
}

/// Everything that displayed statuses derive from.
pub(crate) struct State<'a> {
    pub(crate) model: &'a Model,
    /// Index of the policy.
    pub(crate) policy: usize,
    pub(crate) releases: Vec<Release>,
    pub(crate) newest_image: u16,
    pub(crate) groups: Vec<Group>,
    /// In the order in which they began.
    pub(crate) outages: Vec<Outage>,
}

/// Whether `place` covers slot `slot` of group `group`.
pub(crate) fn covers(fleet: &Fleet, place: Place, group: usize, slot: usize) -> bool {
    let site = fleet.groups[group].site;
    match place {
        Place::Fleet => true,
        Place::Region(region) => fleet.sites[site].region == region,
        Place::Site(of) => of == site,
        Place::Domain(of, domain) => of == site && fleet.groups[group].slots[slot].domain == Some(domain),
        Place::Group(of) => of == group,
        Place::Connector(of, ordinal) => (of, ordinal) == (group, slot),
    }
}

impl State<'_> {
    /// The outages that cover a slot, in the order in which they began.
    fn outages_of(&self, group: usize, slot: usize) -> impl Iterator<Item = &Outage> {
        self.outages.iter().filter(move |outage| covers(&self.model.fleet, outage.place, group, slot))
    }

    pub(crate) fn link_up(&self, group: usize, slot: usize) -> bool {
        self.outages_of(group, slot).next().is_none()
    }

    /// Whether an outage that can expire a connector covers the slot.
    pub(crate) fn can_expire(&self, group: usize, slot: usize) -> bool {
        let nature = &self.model.environment;
        self.outages_of(group, slot).any(|outage| {
            nature.validation.region_outage_expires || nature.failures[outage.class].scope != Scope::Region
        })
    }

    pub(crate) fn is_bad(&self, release: u16) -> bool {
        release > 0 && self.releases[usize::from(release) - 1].bad
    }

    pub(crate) fn in_service(&self, group: usize, slot: usize) -> bool {
        self.groups[group].slots[slot].lifecycle == Lifecycle::InService
    }

    pub(crate) fn updating(&self, group: usize, slot: usize) -> bool {
        self.groups[group].running.iter().any(|update| update.slot == slot)
    }

    fn disabled(&self, group: usize, slot: usize) -> bool {
        self.groups[group].disabled || self.groups[group].slots[slot].disabled
    }

    pub(crate) fn serves(&self, group: usize, slot: usize) -> bool {
        self.in_service(group, slot)
            && !self.disabled(group, slot)
            && self.link_up(group, slot)
            && (!self.updating(group, slot) || self.model.environment.updates.serve_while_updating)
    }

    /// The ordinals of the connectors that serve.
    pub(crate) fn serving(&self, group: usize) -> Vec<usize> {
        (0..self.groups[group].slots.len()).filter(|&slot| self.serves(group, slot)).collect()
    }

    fn status(&self, group: usize, slot: usize) -> Status {
        match self.groups[group].slots[slot].lifecycle {
            Lifecycle::Empty => Status::Deleted,
            Lifecycle::Booting | Lifecycle::Enrolling | Lifecycle::WithoutKey => Status::Deploying,
            Lifecycle::Announced => Status::Announced,
            Lifecycle::Expired => Status::Expired,
            Lifecycle::InService | Lifecycle::Revoked if self.disabled(group, slot) => Status::Disabled,
            Lifecycle::Revoked => Status::Disconnected,
            Lifecycle::InService if self.updating(group, slot) => Status::Updating,
            Lifecycle::InService if !self.link_up(group, slot) => Status::Disconnected,
            Lifecycle::InService => Status::Connected,
        }
    }

    pub(crate) fn slot_display(&self, group: usize, slot: usize) -> SlotDisplay {
        let status = self.status(group, slot);
        let cause = match status {
            Status::Deleted => Cause::Deleted,
            Status::Deploying => Cause::Deploying,
            Status::Announced => Cause::AwaitingConfirm,
            Status::Expired => Cause::Expired,
            Status::Disabled if self.groups[group].slots[slot].removal.is_some() => Cause::Draining,
            Status::Disabled => Cause::Disabled,
            Status::Updating => Cause::Update,
            Status::Disconnected if self.groups[group].slots[slot].lifecycle == Lifecycle::Revoked => {
                Cause::Revoked
            }
            Status::Disconnected => {
                self.outages_of(group, slot).next().map_or(Cause::None, |first| first.cause)
            }
            Status::Connected => Cause::None,
        };
        let Slot { agent, image, .. } = self.groups[group].slots[slot];
        SlotDisplay { status, cause, agent, image }
    }

    pub(crate) fn group_status(&self, group: usize) -> GroupStatus {
        let configured = &self.model.fleet.groups[group];
        let slots = 0..configured.slots.len();
        let in_service: Vec<usize> = slots.filter(|&slot| self.in_service(group, slot)).collect();
        let all_disabled = in_service.iter().all(|&slot| self.groups[group].slots[slot].disabled);
        if self.groups[group].disabled || (!in_service.is_empty() && all_disabled) {
            GroupStatus::Disabled
        } else if configured.resources == 0 || !self.groups[group].ever_in_service {
            GroupStatus::Unestablished
        } else if self.serving(group).is_empty() {
            GroupStatus::Disconnected
        } else if self.groups[group].over_threshold {
            GroupStatus::Overloaded
        } else {
            GroupStatus::Connected
        }
    }

    pub(crate) fn group_display(&self, group: usize) -> GroupDisplay {
        let status = self.group_status(group);
        let Group { warning, cause, .. } = self.groups[group];
        let cause = if status == GroupStatus::Disconnected { cause } else { Cause::None };
        GroupDisplay { status, warning, icon: self.icon(group), cause }
    }

    /// Yellow if one of its connectors is; a slot that is empty or being deployed has none.
    fn icon(&self, group: usize) -> VersionIcon {
        let slots = self.groups[group].slots.iter();
        let connectors: Vec<&Slot> = slots
            .filter(|slot| {
                matches!(
                    slot.lifecycle,
                    Lifecycle::Announced | Lifecycle::InService | Lifecycle::Expired | Lifecycle::Revoked
                )
            })
            .collect();
        VersionIcon {
            update_failed: connectors.iter().any(|slot| slot.update_failed),
            image_vulnerable: connectors.iter().any(|slot| self.vulnerable(slot.image)),
        }
    }

    /// Whether a newer published image fixes a vulnerability of `image`.
    fn vulnerable(&self, image: u16) -> bool {
        let published = &self.model.environment.images[..usize::from(self.newest_image)];
        published[usize::from(image)..].iter().any(|newer| newer.fixes_vulnerability)
    }
}
