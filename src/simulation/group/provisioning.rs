//! A new connector on its way into service: order, boot, link, key, announcement, confirmation.
//!
//! A step ends with an event of the slot, and the next one begins in it. Whatever a connector waits for, it tries anew when
//! that has come, so what was lost in the meantime (a link) is noticed.

use std::sync::LazyLock;

use super::*;
use crate::control::Service;
use crate::control::crew::TaskKind;
use crate::control::provisioning::Step;
use crate::random::Purpose;
use crate::simulation::observer::Happening;

static BOOT: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("boot"));
static ORDER: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("order"));
static KEY: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("key regeneration"));
static CONFIRMATION: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("confirmation"));

/// Where the connector in a slot stands on its way into service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passage {
    step: Step,
    since: Time,
}

impl Passage {
    pub(super) const NONE: Passage = Passage { step: Step::Boot, since: Time::ZERO };
}

impl<'m, O: Observer> Group<'m, O> {
    /// A machine is ordered for `slot`, which has no connector.
    pub(super) fn order(&mut self, slot: usize) {
        let order = &self.setting.policy.provisioning.order;
        self.begin_passage(slot, if order.is_some() { Step::Order } else { Step::Boot });
        match order {
            None => self.boot(slot),
            Some(Service::After(delay)) => {
                let after = delay.span(&mut self.draw_of_instance(slot, *ORDER));
                self.agenda.set(self.places.slot(slot), self.now + after, Kind::OrderPlaced);
            }
            Some(Service::Crews(crews)) => self.await_provisioning(TaskKind::Order, slot, crews[self.index]),
        }
    }

    /// The machine that was ordered begins to boot.
    pub(super) fn place_order(&mut self, slot: usize) {
        self.close_task(TaskKind::Order, slot);
        self.axes.ordered.remove(slot);
        self.step_to(slot, Step::Boot);
        self.boot(slot);
    }

    /// A machine that replaces another begins to boot.
    pub(super) fn deploy(&mut self, slot: usize) {
        self.begin_passage(slot, Step::Boot);
        self.boot(slot);
    }

    fn begin_passage(&mut self, slot: usize, step: Step) {
        self.axes.leave(slot);
        self.axes.deploying.insert(slot);
        self.axes.ordered.set(slot, step == Step::Order);
        self.rollout.failed.remove(slot);
        self.slots[slot].passage = Passage { step, since: self.now };
        self.slots[slot].is_addition = false;
    }

    fn boot(&mut self, slot: usize) {
        let instance = &self.setting.model.fleet.instances[self.configured.instance];
        let boot = instance.boot.span(&mut self.draw_of_instance(slot, *BOOT));
        self.agenda.set(self.places.slot(slot), self.now + boot, Kind::Deployed);
    }

    /// The draw of the newest instance in `slot` for `purpose`.
    pub(super) fn draw_of_instance(&self, slot: usize, purpose: Purpose) -> crate::random::Generator {
        let entity = self.configured.slots[slot].entity;
        self.setting.streams.draw(entity, purpose, self.slots[slot].instances)
    }

    /// The step that `slot` is at ends, unless it is at `next` already.
    fn step_to(&mut self, slot: usize, next: Step) {
        let Passage { step, .. } = self.slots[slot].passage;
        if step != next {
            self.end_step(slot);
            self.slots[slot].passage = Passage { step: next, since: self.now };
        }
    }

    fn end_step(&mut self, slot: usize) {
        let Passage { step, since } = self.slots[slot].passage;
        self.observer.happened(self.now, Happening::Passed { slot, step, since, took: self.now - since });
    }

    /// Tells at the horizon at which step those are that are on their way.
    pub(super) fn tell_on_the_way(&mut self) {
        for slot in (self.axes.deploying | self.axes.announced).iter() {
            self.leave_step(slot, true);
        }
    }

    /// The connector that is on its way to `slot`, if there is one, comes no further.
    pub(super) fn leave_way(&mut self, slot: usize) {
        if (self.axes.deploying | self.axes.announced).contains(slot) {
            self.leave_step(slot, false);
        }
    }

    fn leave_step(&mut self, slot: usize, is_open: bool) {
        let Passage { step, since } = self.slots[slot].passage;
        self.observer.happened(self.now, Happening::NotPassed { slot, step, since, is_open });
    }

    /// The machine is up, or what it waited for has come: it enrols, unless its link is down or the key too old.
    pub(super) fn enrol(&mut self, slot: usize) {
        let is_down = self.axes.link_down.contains(slot);
        let admitted = self.setting.policy.provisioning.admits(&self.key, self.now);
        self.awaiting_link.set(slot, is_down);
        self.awaiting_key.set(slot, !is_down && !admitted);
        if is_down {
            self.step_to(slot, Step::Link);
        } else if admitted {
            self.announce(slot);
        } else {
            self.step_to(slot, Step::Key);
            self.regenerate_key(slot);
        }
    }

    /// Somebody is to regenerate the key, unless somebody is about it: `slot` was the first to miss it.
    fn regenerate_key(&mut self, slot: usize) {
        let Setting { policy, streams, .. } = self.setting;
        let Some(service) = &policy.provisioning.key_regeneration else { return };
        if std::mem::replace(&mut self.key.in_regeneration, true) {
            return;
        }
        self.regenerations += 1;
        match service {
            Service::After(delay) => {
                let rng = &mut streams.draw(self.configured.entity, *KEY, self.regenerations);
                self.agenda.set(self.places.key, self.now + delay.span(rng), Kind::KeyIssued);
            }
            Service::Crews(crews) => self.await_provisioning(TaskKind::Key, slot, crews[self.index]),
        }
    }

    /// The group has a new key: whoever waits for it tries again.
    pub(super) fn issue_key(&mut self) {
        self.close_key();
        self.key.issue(self.now);
        for slot in std::mem::take(&mut self.awaiting_key).iter() {
            self.agenda.set(self.places.slot(slot), self.now, Kind::Deployed);
        }
    }

    /// The connector has enrolled, on the newest versions; it waits to be confirmed, if anybody is to.
    fn announce(&mut self, slot: usize) {
        self.axes.deploying.remove(slot);
        self.slots[slot].first_renewal = self.now + self.setting.model.environment.validation.period;
        self.slots[slot].image = self.newest_image;
        self.run_agent(slot, self.rollout.target as u16);
        let Some(confirmation) = &self.setting.policy.provisioning.confirmation else {
            self.end_step(slot);
            return self.enter_service(slot);
        };
        self.step_to(slot, Step::Confirmation);
        self.axes.announced.insert(slot);
        match confirmation {
            Service::After(delay) => {
                let after = delay.span(&mut self.draw_of_instance(slot, *CONFIRMATION));
                self.agenda.set(self.places.slot(slot), self.now + after, Kind::Confirmed);
            }
            Service::Crews(crews) => {
                self.await_provisioning(TaskKind::Confirmation, slot, crews[self.index]);
            }
        }
    }

    /// Somebody confirms the connector in `slot`.
    pub(super) fn confirm(&mut self, slot: usize) {
        self.close_task(TaskKind::Confirmation, slot);
        self.end_step(slot);
        self.axes.announced.remove(slot);
        self.enter_service(slot);
        self.watch_link(slot);
    }

    fn enter_service(&mut self, slot: usize) {
        self.axes.in_service.insert(slot);
        self.axes.established = true;
        self.start_instance(slot);
        let is_addition = self.slots[slot].is_addition;
        let what = if is_addition { Happening::Added { slot } } else { Happening::Replaced { slot } };
        self.observer.happened(self.now, what);
    }
}
