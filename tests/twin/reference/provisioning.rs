//! New connectors: boot, link, key, announcement, confirmation.

use fleetcast::control::Service;
use fleetcast::control::crew::TaskKind;
use fleetcast::environment::Expiry;
use fleetcast::random::Purpose;
use fleetcast::time::{Span, Time};

use super::Reference;
use super::calendar::Event;
use super::state::Lifecycle;

impl Reference<'_> {
    /// A replacement begins: the old instance is deleted, the new machine boots.
    pub(super) fn replace(&mut self, group: usize, slot: usize) {
        self.drop_tasks(TaskKind::Replacement, group, slot);
        let ticket = self.state.groups[group].slots[slot].auto_delete.take();
        self.calendar.cancel(ticket);
        self.boot(group, slot, Span::ZERO);
    }

    /// A machine boots once `order` is over.
    pub(super) fn boot(&mut self, group: usize, slot: usize, order: Span) {
        self.drop_tasks(TaskKind::Order, group, slot);
        let connector = &mut self.state.groups[group].slots[slot];
        connector.lifecycle = Lifecycle::Booting;
        connector.update_failed = false;
        let instance = self.state.model.fleet.groups[group].instance;
        let boot = self.state.model.fleet.instances[instance].boot.clone();
        let boot = boot.span(&mut self.draw_of_instance(group, slot, "boot"));
        let ticket = self.schedule_for_slot(group, slot, order + boot, Event::Deployed { group, slot });
        self.state.groups[group].slots[slot].coming = Some(ticket);
    }

    pub(super) fn draw_of_instance(
        &self,
        group: usize,
        slot: usize,
        what: &str,
    ) -> fleetcast::random::Generator {
        let number = self.state.groups[group].slots[slot].instances;
        self.streams.draw(self.slot_entity(group, slot), Purpose::named(what), number)
    }

    /// A booted connector enrols, unless its link is down or the key too old.
    pub(super) fn enrol(&mut self, group: usize, slot: usize) {
        let given = &self.policy().provisioning;
        self.state.groups[group].slots[slot].coming = None;
        if !self.state.link_up(group, slot) {
            self.state.groups[group].slots[slot].lifecycle = Lifecycle::Enrolling;
            return;
        }
        let age = self.now - self.state.groups[group].key_issued;
        match &given.key_regeneration {
            Some(service) if age > given.key_lifetime => {
                self.state.groups[group].slots[slot].lifecycle = Lifecycle::WithoutKey;
                if !self.state.groups[group].key_in_work {
                    self.state.groups[group].key_in_work = true;
                    self.state.groups[group].keys += 1;
                    self.call_for_key(group, slot, service);
                }
            }
            _ => self.announce(group, slot),
        }
    }

    /// Somebody is to regenerate the key of a group, which the connector in `slot` was the first to miss.
    fn call_for_key(&mut self, group: usize, slot: usize, service: &Service) {
        let number = self.state.groups[group].keys;
        match service {
            Service::After(delay) => {
                let entity = self.state.model.fleet.groups[group].entity;
                let mut rng = self.streams.draw(entity, Purpose::named("key regeneration"), number);
                let ticket = self.schedule_for_group(group, delay.span(&mut rng), Event::KeyIssued { group });
                self.state.groups[group].key_ticket = Some(ticket);
            }
            Service::Crews(crews) => self.open(TaskKind::Key, crews[group], group, slot, number),
        }
    }

    pub(super) fn issue_key(&mut self, group: usize) {
        self.drop_key_task(group);
        self.state.groups[group].key_issued = self.now;
        self.state.groups[group].key_in_work = false;
        self.state.groups[group].key_ticket = None;
        for slot in 0..self.state.groups[group].slots.len() {
            if self.state.groups[group].slots[slot].lifecycle == Lifecycle::WithoutKey {
                let ticket = self.schedule_for_slot(group, slot, Span::ZERO, Event::Deployed { group, slot });
                self.state.groups[group].slots[slot].coming = Some(ticket);
            }
        }
    }

    /// It carries the newest versions from here on.
    fn announce(&mut self, group: usize, slot: usize) {
        let (agent, image) = (self.state.groups[group].target, self.state.newest_image);
        let connector = &mut self.state.groups[group].slots[slot];
        connector.lifecycle = Lifecycle::Announced;
        connector.agent = agent;
        connector.image = image;
        let validation = &self.state.model.environment.validation;
        if validation.expiry == Expiry::AtRenewal {
            self.schedule_renewal(group, slot, validation.period);
        }
        match &self.policy().provisioning.confirmation {
            None => self.confirm(group, slot),
            Some(Service::After(delay)) => {
                let after = delay.span(&mut self.draw_of_instance(group, slot, "confirmation"));
                let ticket = self.schedule_for_slot(group, slot, after, Event::Confirmed { group, slot });
                self.state.groups[group].slots[slot].coming = Some(ticket);
            }
            Some(Service::Crews(crews)) => {
                let number = self.state.groups[group].slots[slot].instances;
                self.open(TaskKind::Confirmation, crews[group], group, slot, number);
            }
        }
    }

    pub(super) fn confirm(&mut self, group: usize, slot: usize) {
        self.drop_tasks(TaskKind::Confirmation, group, slot);
        self.state.groups[group].slots[slot].coming = None;
        self.state.groups[group].slots[slot].lifecycle = Lifecycle::InService;
        self.state.groups[group].ever_in_service = true;
        self.watch_grace(group, slot, false);
        self.start_processes(group, slot);
    }

    /// When the groups' keys were issued that are there at the start.
    pub(super) fn first_keys(&mut self) {
        let issued = Time::ZERO - self.policy().provisioning.key_age;
        self.state.groups.iter_mut().for_each(|group| group.key_issued = issued);
    }
}
