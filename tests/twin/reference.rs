//! The reference simulator: the whole fleet, one heap of events, no shortcut, written from the model's description.
//!
//! It is slow on purpose. Nothing is cached that can be derived: whether a link is up is asked of the list of outages,
//! whether a connector serves is asked of its axes, every time. It shares with the engine time, streams, variates, the
//! releases drawn and the demand series, which have tests of their own, and nothing else. After every event every
//! group is asked whether an update can start, and at the end of every instant what is displayed is compared with what
//! was displayed before.

mod administration;
mod calendar;
mod crews;
mod failures;
mod load;
mod policy;
mod provisioning;
mod rings;
mod scaling;
mod state;
mod updates;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use fleetcast::environment::failure::Place;
use fleetcast::environment::{Deed, Expiry, Scope};
use fleetcast::fleet::{Cause, GroupStatus, Status};
use fleetcast::random::{Entity, Purpose, Streams, open_unit};
use fleetcast::recording::{GroupRow, SlotRow};
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{GroupDisplay, SlotDisplay};
use fleetcast::time::{Span, Time};

use calendar::{Calendar, Event, Source, Ticket, Turn};
use failures::Process;
use state::{Group, Lifecycle, Slot, State};

/// Every row of one policy and replication, by group, then time, then slot.
pub(crate) fn rows(model: &Model, policy: usize, replication: u64) -> (Vec<SlotRow>, Vec<GroupRow>) {
    let mut reference = Reference::new(model, policy, replication);
    reference.run();
    (reference.slot_rows.concat(), reference.group_rows.concat())
}

struct Reference<'a> {
    state: State<'a>,
    streams: Streams,
    now: Time,
    calendar: Calendar,
    /// The random failure processes by class and place.
    processes: BTreeMap<(usize, Place), Process>,
    /// What waits for a crew or is worked on by one.
    tasks: Vec<crews::Task>,
    /// How the newest release spreads, where there are rings.
    spread: rings::Spread,
    shown_slots: Vec<Vec<Option<SlotDisplay>>>,
    shown_groups: Vec<Option<GroupDisplay>>,
    slot_rows: Vec<Vec<SlotRow>>,
    group_rows: Vec<Vec<GroupRow>>,
}

/// What a group was like before an event.
struct Before {
    serving: Vec<usize>,
    demand: f32,
}

impl<'a> Reference<'a> {
    fn new(model: &'a Model, policy: usize, replication: u64) -> Reference<'a> {
        let streams = Streams { seed: model.seed, replication };
        let releases = model.environment.releases.draw(streams, model.horizon);
        let groups: Vec<Group> =
            (0..model.fleet.groups.len()).map(|group| at_zero(model, streams, group)).collect();
        Reference {
            shown_slots: groups.iter().map(shown_before).collect(),
            shown_groups: vec![None; groups.len()],
            slot_rows: vec![Vec::new(); groups.len()],
            group_rows: vec![Vec::new(); groups.len()],
            state: State { model, policy, releases, newest_image: 0, groups, outages: Vec::new() },
            streams,
            now: Time::ZERO,
            calendar: Calendar::default(),
            processes: BTreeMap::new(),
            tasks: Vec::new(),
            spread: rings::Spread::default(),
        }
    }

    fn run(&mut self) {
        self.begin();
        let horizon = self.state.model.horizon;
        loop {
            while let Some(at) = self.calendar.due().filter(|&at| at < horizon) {
                if at > self.now {
                    self.pass();
                } else if let Some(event) = self.calendar.next() {
                    self.take(event);
                }
            }
            // The end of the last instant can schedule one more: somebody looks.
            self.end_of_instant();
            if self.calendar.due().is_none_or(|at| at >= horizon) {
                return;
            }
        }
    }

    /// Ends the instant, which may schedule more, and lets time pass to the next.
    fn pass(&mut self) {
        self.end_of_instant();
        if let Some(at) = self.calendar.due() {
            self.state.pass_to(at);
            self.now = at;
        }
    }

    /// Everything that stands before the first event.
    fn begin(&mut self) {
        let model = self.state.model;
        self.first_keys();
        self.begin_failures();
        for group in 0..self.state.groups.len() {
            for slot in 0..self.state.groups[group].slots.len() {
                if self.state.in_service(group, slot) {
                    self.begin_validation(group, slot);
                }
            }
        }
        for (index, release) in self.state.releases.clone().iter().enumerate() {
            self.schedule_for_all(release.published, Event::ReleasePublished { release: index as u16 + 1 });
        }
        self.schedule_looks();
        self.schedule_decisions();
        self.schedule_actions();
        for (index, image) in model.environment.images.iter().enumerate() {
            self.schedule_for_all(image.published, Event::ImagePublished { image: index as u16 + 1 });
        }
        if self.policy().couples_groups() {
            self.schedule_for_all(Time::ZERO + model.control_period, Event::Control);
        }
        for index in 0..model.ticks.before(model.horizon) {
            self.schedule_for_all(model.ticks.at(index), Event::Tick { index });
        }
    }

    /// Everything by the clock that may let an update start.
    fn schedule_looks(&mut self) {
        let model = self.state.model;
        let policy = &model.policies[self.state.policy].upgrade;
        if policy.wait > Span::ZERO && policy.rings.is_none() {
            for (index, release) in self.state.releases.clone().iter().enumerate() {
                let begun = (index as u16 + 1).saturating_sub(policy.behind as u16);
                self.schedule_for_all(
                    release.published + policy.wait,
                    Event::BeginRollout { release: begun },
                );
            }
        }
        for group in 0..self.state.groups.len() {
            let mut instants = Vec::new();
            if let Some(schedule) = &policy.hours {
                let hours = schedule.of(group);
                instants.extend(hours.windows.iter().flatten().map(|window| window.0));
                instants.extend(hours.freezes.iter().map(|freeze| freeze.1));
            }
            if policy.gate.is_some() {
                let ticks = 0..model.ticks.before(model.horizon);
                instants.extend(ticks.map(|index| model.ticks.at(index) + policy.detection_delay));
            }
            for at in instants.into_iter().filter(|&at| at >= Time::ZERO) {
                self.schedule_for_group(group, at - Time::ZERO, Event::Look { group });
            }
        }
    }

    /// The first renewal of a connector that is in service at 0. A clock of grace began with the outage, if any.
    fn begin_validation(&mut self, group: usize, slot: usize) {
        let validation = &self.state.model.environment.validation;
        if validation.expiry == Expiry::AtRenewal {
            let entity = self.slot_entity(group, slot);
            let mut rng = self.streams.draw(entity, Purpose::named("validation phase"), 0);
            let first = match &validation.phase {
                Some(phase) => phase.span(&mut rng),
                None => Span::drawn(open_unit(&mut rng) * validation.period.0 as f64),
            };
            self.schedule_renewal(group, slot, first);
        }
    }

    /// One event, with the start of the updates that it allows, and what it did to each group.
    fn take(&mut self, event: Event) {
        let groups = 0..self.state.groups.len();
        let before: Vec<Before> = groups
            .clone()
            .map(|group| Before { serving: self.state.serving(group), demand: self.state.demand(group) })
            .collect();
        self.execute(event);
        for group in groups.clone() {
            let lost_now = before[group].serving.iter().any(|&slot| !self.state.serves(group, slot));
            let by_force = self.is_by_force(event);
            if by_force && lost_now && before[group].demand > 0.0 {
                self.state.groups[group].last_drop = Some(self.now);
            }
            if self.concerns(event, group) {
                self.try_start(group);
            }
        }
        for group in groups {
            self.note_loss(group, &before[group]);
        }
    }

    /// Whether whoever is lost by an event is lost with its sessions.
    fn is_by_force(&self, event: Event) -> bool {
        match event {
            Event::Fail { .. } => true,
            Event::Administer { action } => {
                let deed = self.state.model.environment.actions[action].deed;
                matches!(deed, Deed::Revoke { .. } | Deed::Delete { .. })
            }
            _ => false,
        }
    }

    /// Whether an event is one of the group's.
    fn concerns(&self, event: Event, of: usize) -> bool {
        let fleet = &self.state.model.fleet;
        match event {
            Event::Restore { class, source } | Event::Fail { class, source } => {
                let place = match source {
                    Source::Random(place) => place,
                    Source::Scheduled(index) => {
                        self.state.model.environment.failures[class].schedule[index].place
                    }
                };
                (0..fleet.groups[of].slots.len()).any(|slot| state::covers(fleet, place, of, slot))
            }
            Event::Renew { group, .. }
            | Event::GraceOver { group, .. }
            | Event::UpdateEnd { group, .. }
            | Event::Retry { group }
            | Event::RestEnds { group, .. }
            | Event::Deployed { group, .. }
            | Event::Confirmed { group, .. }
            | Event::KeyIssued { group }
            | Event::OrderPlaced { group, .. }
            | Event::AutoDelete { group, .. }
            | Event::UpdateRepaired { group }
            | Event::SlotRepaired { group, .. }
            | Event::Replace { group, .. }
            | Event::Remove { group, .. }
            | Event::Scale { group }
            | Event::Look { group } => group == of,
            Event::Administer { action } => {
                let place = self.state.model.environment.actions[action].place;
                (0..fleet.groups[of].slots.len()).any(|slot| state::covers(fleet, place, of, slot))
            }
            Event::ReleasePublished { .. } | Event::ImagePublished { .. } => true,
            Event::BeginRollout { .. } | Event::Control => true,
            Event::Tick { .. } => false,
        }
    }

    fn execute(&mut self, event: Event) {
        match event {
            Event::Restore { class, source } => self.restore(class, source),
            Event::Fail { class, source } => self.fail(class, source),
            Event::Renew { group, slot } => self.renew(group, slot),
            Event::GraceOver { group, slot } => self.expire(group, slot),
            Event::UpdateEnd { group, slot } => self.update_ends(group, slot),
            Event::Retry { group } => self.end_halt(group),
            Event::RestEnds { group, slot } => self.end_rest(group, slot, false),
            Event::ReleasePublished { release } => self.publish(release),
            Event::ImagePublished { image } => self.state.newest_image = image,
            Event::BeginRollout { release } => self.begin_rollout(release),
            Event::Deployed { group, slot } => self.enrol(group, slot),
            Event::Confirmed { group, slot } => self.confirm(group, slot),
            Event::KeyIssued { group } => self.issue_key(group),
            Event::OrderPlaced { group, slot } => self.boot(group, slot, Span::ZERO),
            Event::Administer { action } => self.administer(action),
            Event::AutoDelete { group, slot } => self.auto_delete(group, slot),
            Event::UpdateRepaired { group } => self.update_repaired(group),
            Event::SlotRepaired { group, slot } => self.end_rest(group, slot, true),
            Event::Replace { group, slot } => self.replace(group, slot),
            Event::Look { .. } => {}
            Event::Remove { group, slot } => self.remove(group, slot),
            Event::Scale { group } => self.scale(group),
            Event::Control => {
                self.control();
                self.direct_crews();
            }
            Event::Tick { index } => self.state.tick(index, self.now),
        }
    }

    /// The cause of a loss that left nobody serving: that of the lowest ordinal lost in this event.
    fn note_loss(&mut self, group: usize, before: &Before) {
        if self.state.serving(group).is_empty()
            && let Some(&lost) = before.serving.first()
        {
            let cause = self.state.slot_display(group, lost).cause;
            self.state.groups[group].last_loss = Some(cause);
            self.state.groups[group].cause = cause;
        }
    }

    /// A group that is newly displayed as `Disconnected` takes the cause of the last such loss, else of the lowest
    /// ordinal.
    fn find_cause(&mut self, group: usize) {
        let shown = self.shown_groups[group].map(|display| display.status);
        if shown != Some(GroupStatus::Disconnected) {
            let first = self.state.groups[group].slots.iter().position(|slot| slot.configured);
            let lowest = self.state.slot_display(group, first.unwrap_or(0)).cause;
            self.state.groups[group].cause = self.state.groups[group].last_loss.unwrap_or(lowest);
        }
    }

    /// Writes a row for whatever is displayed otherwise than at the end of the instant before.
    fn end_of_instant(&mut self) {
        for group in 0..self.state.groups.len() {
            for slot in 0..self.state.groups[group].slots.len() {
                let to = self.state.slot_display(group, slot);
                let from = self.shown_slots[group][slot].replace(to);
                let told = |display: SlotDisplay| (display.status, display.agent, display.image);
                if from.map(told) != Some(told(to)) {
                    let (group_index, slot_index) = (group as u32, slot as u32);
                    let row = SlotRow { at: self.now, group: group_index, slot: slot_index, from, to };
                    self.slot_rows[group].push(row);
                }
            }
            self.keep_in_sight(group);
            self.keep_sightings(group);
            self.find_cause(group);
            let to = self.state.group_display(group);
            let from = self.shown_groups[group].replace(to);
            if from != Some(to) {
                self.group_rows[group].push(GroupRow { at: self.now, group: group as u32, from, to });
            }
        }
    }

    /// What the updater of a group sees of this instant, when its delay is over.
    fn keep_in_sight(&mut self, group: usize) {
        let slots = 0..self.state.groups[group].slots.len();
        let links = slots.map(|slot| self.state.link_up(group, slot)).collect();
        let entry = (self.now, links, self.state.serving(group));
        let last = self.state.groups[group].history.last();
        let delay = self.policy().upgrade.detection_delay;
        if last.is_none_or(|(_, links, serving)| (links, serving) != (&entry.1, &entry.2)) {
            self.state.groups[group].history.push(entry);
            if delay > Span::ZERO {
                self.schedule_for_group(group, delay, Event::Look { group });
            }
        }
    }

    fn renew(&mut self, group: usize, slot: usize) {
        if self.state.in_service(group, slot) && self.state.can_expire(group, slot) {
            self.expire(group, slot);
        } else {
            self.schedule_renewal(group, slot, self.state.model.environment.validation.period);
        }
    }

    fn schedule_renewal(&mut self, group: usize, slot: usize, after: Span) {
        let ticket = self.schedule_for_slot(group, slot, after, Event::Renew { group, slot });
        self.state.groups[group].slots[slot].renewal = Some(ticket);
    }

    fn expire(&mut self, group: usize, slot: usize) {
        let validation = &self.state.model.environment.validation;
        self.end_connector(group, slot, Lifecycle::Expired);
        if self.state.groups[group].slots[slot].removal.is_some() {
            return self.remove(group, slot);
        }
        self.call_replacement(group, slot);
        if let Some(after) = validation.auto_delete_after {
            let ticket = self.schedule_for_slot(group, slot, after, Event::AutoDelete { group, slot });
            self.state.groups[group].slots[slot].auto_delete = Some(ticket);
        }
    }

    fn auto_delete(&mut self, group: usize, slot: usize) {
        let connector = &mut self.state.groups[group].slots[slot];
        connector.auto_delete = None;
        connector.lifecycle = Lifecycle::Empty;
        connector.update_failed = false;
        connector.disabled = false;
        self.state.groups[group].slots[slot].vacant = !self.is_awaited(group, slot);
    }

    fn policy(&self) -> &'a fleetcast::control::Policy {
        &self.state.model.policies[self.state.policy]
    }

    fn slot_entity(&self, group: usize, slot: usize) -> Entity {
        self.state.model.fleet.groups[group].slots[slot].entity
    }

    fn position(&self, place: Place) -> [usize; 5] {
        let fleet = &self.state.model.fleet;
        let region = |site: usize| fleet.sites[site].region;
        let site = |group: usize| fleet.groups[group].site;
        match place {
            Place::Fleet => [0; 5],
            Place::Region(index) => [index, 0, 0, 0, 0],
            Place::Site(index) => [region(index), index, 0, 0, 0],
            Place::Domain(index, domain) => [region(index), index, domain, 0, 0],
            Place::Group(group) => [region(site(group)), site(group), 0, group, 0],
            Place::Connector(group, slot) => [region(site(group)), site(group), 0, group, slot],
        }
    }

    fn schedule_for_slot(&mut self, group: usize, slot: usize, after: Span, event: Event) -> Ticket {
        let place = self.position(Place::Connector(group, slot));
        let turn = Turn { scope: Reverse(Scope::Connector), class: 0, place };
        self.calendar.schedule(self.now + after, turn, event)
    }

    fn schedule_for_group(&mut self, group: usize, after: Span, event: Event) -> Ticket {
        self.schedule_for_slot(group, 0, after, event)
    }

    fn schedule_action(&mut self, action: usize, at: Time) {
        let turn = Turn { scope: Reverse(Scope::Fleet), class: action, place: [0; 5] };
        self.calendar.schedule(at, turn, Event::Administer { action });
    }

    fn schedule_for_all(&mut self, at: Time, event: Event) {
        let turn = Turn { scope: Reverse(Scope::Fleet), class: 0, place: [0; 5] };
        self.calendar.schedule(at, turn, event);
    }
}

/// Nothing was displayed of the slots of a group before the start; those that are not configured have no connector.
fn shown_before(group: &Group) -> Vec<Option<SlotDisplay>> {
    let none = SlotDisplay { status: Status::Deleted, cause: Cause::Deleted, agent: 0, image: 0 };
    group.slots.iter().map(|slot| (!slot.configured).then_some(none)).collect()
}

/// A group before anything happened.
fn at_zero(model: &Model, streams: Streams, group: usize) -> Group {
    let configured = &model.fleet.groups[group];
    let slot = |index: usize| Slot {
        lifecycle: if configured.slots[index].empty || configured.slots[index].spare {
            Lifecycle::Empty
        } else {
            Lifecycle::InService
        },
        disabled: configured.slots[index].disabled,
        agent: 0,
        image: 0,
        update_failed: false,
        pending: false,
        rest: None,
        failures: 0,
        weight: load::weight(model, streams, group, index),
        renewal: None,
        grace: None,
        auto_delete: None,
        instances: 0,
        coming: None,
        configured: !configured.slots[index].spare,
        vacant: configured.slots[index].empty,
        removal: None,
        starts: BTreeMap::new(),
        returns: BTreeMap::new(),
        completed: BTreeMap::new(),
        repaired: BTreeSet::new(),
    };
    let slots: Vec<Slot> = (0..configured.slots.len()).map(slot).collect();
    Group {
        ever_in_service: slots.iter().any(|slot| slot.lifecycle == Lifecycle::InService),
        slots,
        target: 0,
        target_before: 0,
        left: 0,
        held: None,
        begun: Time::ZERO,
        running: Vec::new(),
        history: Vec::new(),
        halt: None,
        failures: 0,
        repairs: 0,
        permit: false,
        key_issued: Time::ZERO,
        key_in_work: false,
        key_ticket: None,
        disabled: configured.disabled,
        scaling: scaling::Memory::default(),
        keys: 0,
        demand: load::demand(model, streams, group),
        current_demand: 0.0,
        samples: Vec::new(),
        heads: Vec::new(),
        over_threshold: false,
        warning: false,
        last_drop: None,
        unserved_until: None,
        last_loss: None,
        cause: Cause::None,
    }
}
