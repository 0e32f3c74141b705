//! Administrative actions on dates: sections 2, 4 and 7 of the model, connector by connector.

use fleetcast::control::crew::TaskKind;
use fleetcast::environment::Deed;
use fleetcast::environment::failure::Place;
use fleetcast::random::Purpose;

use super::Reference;
use super::calendar::Event;
use super::state::{Lifecycle, covers};

impl Reference<'_> {
    pub(super) fn schedule_actions(&mut self) {
        for (index, action) in self.state.model.environment.actions.iter().enumerate() {
            self.schedule_action(index, action.at);
        }
    }

    pub(super) fn administer(&mut self, index: usize) {
        let action = self.state.model.environment.actions[index];
        let one_by_one = matches!(action.place, Place::Domain(..) | Place::Connector(..));
        for group in 0..self.state.groups.len() {
            let slots = 0..self.state.groups[group].slots.len();
            let covered: Vec<usize> =
                slots.filter(|&slot| covers(&self.state.model.fleet, action.place, group, slot)).collect();
            if covered.is_empty() {
                continue;
            }
            match action.deed {
                Deed::Enable | Deed::Disable if !one_by_one => {
                    self.state.groups[group].disabled = action.deed == Deed::Disable;
                }
                Deed::Enable | Deed::Disable => {
                    for slot in covered {
                        let connector = &mut self.state.groups[group].slots[slot];
                        if connector.configured && connector.removal.is_none() {
                            connector.disabled = action.deed == Deed::Disable;
                        }
                    }
                }
                Deed::Revoke { replaced } => self.revoke(group, &covered, replaced),
                Deed::Delete { replaced } => self.delete(group, &covered, replaced),
                Deed::RegenerateKey => self.new_key(group),
            }
        }
    }

    fn has_enrolled(&self, group: usize, slot: usize) -> bool {
        matches!(self.state.groups[group].slots[slot].lifecycle, Lifecycle::InService | Lifecycle::Announced)
    }

    fn revoke(&mut self, group: usize, covered: &[usize], replaced: bool) {
        let enrolled: Vec<usize> =
            covered.iter().copied().filter(|&slot| self.has_enrolled(group, slot)).collect();
        for &slot in &enrolled {
            self.end_connector(group, slot, Lifecycle::Revoked);
            if self.state.groups[group].slots[slot].removal.is_some() {
                self.remove(group, slot);
                continue;
            }
            if replaced {
                self.call_replacement(group, slot);
            }
            if let Some(after) = self.state.model.environment.validation.auto_delete_after {
                let ticket = self.schedule_for_slot(group, slot, after, Event::AutoDelete { group, slot });
                self.state.groups[group].slots[slot].auto_delete = Some(ticket);
            }
        }
        if !enrolled.is_empty() {
            self.new_key(group);
        }
    }

    fn delete(&mut self, group: usize, covered: &[usize], replaced: bool) {
        for &slot in covered {
            let is_dead = matches!(
                self.state.groups[group].slots[slot].lifecycle,
                Lifecycle::Expired | Lifecycle::Revoked
            );
            if self.has_enrolled(group, slot) {
                self.end_connector(group, slot, Lifecycle::Empty);
            } else if !is_dead {
                continue;
            }
            if self.state.groups[group].slots[slot].removal.is_some() {
                self.remove(group, slot);
                continue;
            }
            let connector = &mut self.state.groups[group].slots[slot];
            connector.lifecycle = Lifecycle::Empty;
            connector.update_failed = false;
            let ticket = connector.auto_delete.take();
            self.calendar.cancel(ticket);
            if replaced && !self.is_awaited(group, slot) {
                self.call_replacement(group, slot);
            }
            self.state.groups[group].slots[slot].vacant = !self.is_awaited(group, slot);
        }
    }

    /// Whether a replacement is to come into an empty slot.
    pub(super) fn is_awaited(&self, group: usize, slot: usize) -> bool {
        self.state.groups[group].slots[slot].coming.is_some()
            || self.has_task(TaskKind::Replacement, group, slot)
    }

    /// The connector is neither updated, nor confirmed, nor renewed any more; its own failures are over.
    pub(super) fn end_connector(&mut self, group: usize, slot: usize, into: Lifecycle) {
        self.cancel_update(group, slot);
        self.stop_processes(group, slot);
        self.drop_tasks(TaskKind::Confirmation, group, slot);
        let connector = &mut self.state.groups[group].slots[slot];
        connector.lifecycle = into;
        connector.pending = false;
        let tickets = [connector.renewal.take(), connector.grace.take(), connector.coming.take()];
        tickets.into_iter().for_each(|ticket| self.calendar.cancel(ticket));
        self.cancel_rest(group, slot);
        if self.state.groups[group].halt.is_some_and(|halt| halt.culprit == slot) {
            self.cancel_halt(group);
        }
    }

    /// The policy's replacement is called to a slot.
    pub(super) fn call_replacement(&mut self, group: usize, slot: usize) {
        self.state.groups[group].slots[slot].instances += 1;
        let number = self.state.groups[group].slots[slot].instances;
        if !self.await_replacement(group, slot, number) {
            let entity = self.slot_entity(group, slot);
            let mut rng = self.streams.draw(entity, Purpose::named("replacement delay"), number);
            let delay = self.policy().replacement.delay().expect("no crew is called").span(&mut rng);
            let ticket = self.schedule_for_slot(group, slot, delay, Event::Replace { group, slot });
            self.state.groups[group].slots[slot].coming = Some(ticket);
        }
    }

    /// Another key, at once; whoever was at work on one need not go on.
    fn new_key(&mut self, group: usize) {
        let ticket = self.state.groups[group].key_ticket.take();
        self.calendar.cancel(ticket);
        self.issue_key(group);
    }
}
