//! Failure classes: alternating renewal processes at places, and scheduled outages.

use std::cmp::Reverse;

use fleetcast::environment::failure::{Place, Renewal};
use fleetcast::environment::{Expiry, Scope, Start};
use fleetcast::fleet::Cause;
use fleetcast::random::{Entity, Generator, Variate, chance, open_unit};
use fleetcast::time::{Span, Time};
use rand_distr::Distribution;

use super::Reference;
use super::calendar::{Event, Source, Ticket, Turn};
use super::state::{Lifecycle, Outage, covers};

/// The random process of one class at one place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Process {
    /// Times to failure drawn, the state at 0 not counted.
    lives: u64,
    /// Outages drawn, the state at 0 not counted.
    outages: u64,
    /// The next failure or restoration.
    pub(super) next: Option<Ticket>,
    /// When it fails next; `None` while it is down or stopped.
    fails_at: Option<Time>,
}

impl Reference<'_> {
    fn class_cause(class: usize) -> Cause {
        Cause::Class(class as u16)
    }

    fn renewal(&self, class: usize) -> &Renewal {
        let process = &self.state.model.environment.failures[class].process;
        process.as_ref().expect("only classes with a random process draw")
    }

    fn entity(&self, place: Place) -> Entity {
        let fleet = &self.state.model.fleet;
        match place {
            Place::Fleet => Entity::named("fleet", ""),
            Place::Region(region) => fleet.regions[region].entity,
            Place::Site(site) => fleet.sites[site].entity,
            Place::Domain(site, domain) => fleet.sites[site].domains[domain],
            Place::Group(group) => fleet.groups[group].entity,
            Place::Connector(group, slot) => fleet.groups[group].slots[slot].entity,
        }
    }

    /// Every place of a scope, in scenario order.
    fn places_of(&self, scope: Scope) -> Vec<Place> {
        let fleet = &self.state.model.fleet;
        let groups = 0..fleet.groups.len();
        let sites = 0..fleet.sites.len();
        match scope {
            Scope::Fleet => vec![Place::Fleet],
            Scope::Region => (0..fleet.regions.len()).map(Place::Region).collect(),
            Scope::Site => sites.map(Place::Site).collect(),
            Scope::Domain => sites
                .flat_map(|site| (0..fleet.sites[site].domains.len()).map(move |d| Place::Domain(site, d)))
                .collect(),
            Scope::Connector => groups
                .flat_map(|group| {
                    (0..fleet.groups[group].slots.len()).map(move |s| Place::Connector(group, s))
                })
                .collect(),
        }
    }

    /// Whether `place` lies in the part of the fleet that `part` names.
    fn lies_in(&self, place: Place, part: Place) -> bool {
        let fleet = &self.state.model.fleet;
        match (place, part) {
            (_, Place::Fleet) => true,
            (Place::Connector(group, slot), part) => covers(fleet, part, group, slot),
            (Place::Domain(site, _) | Place::Site(site), Place::Region(region)) => {
                fleet.sites[site].region == region
            }
            (Place::Domain(site, _), Place::Site(of)) => site == of,
            (place, part) => place == part,
        }
    }

    pub(super) fn begin_failures(&mut self) {
        let model = self.state.model;
        let mut classes: Vec<usize> = (0..model.environment.failures.len()).collect();
        classes.sort_by_key(|&class| (Reverse(model.environment.failures[class].scope), class));
        for class in classes {
            let failure_class = &model.environment.failures[class];
            for (index, outage) in failure_class.schedule.iter().enumerate() {
                let event = Event::Fail { class, source: Source::Scheduled(index) };
                self.schedule_at_place(class, outage.place, outage.at, event);
            }
            if failure_class.process.is_none() {
                continue;
            }
            for place in self.places_of(failure_class.scope) {
                if !self.lies_in(place, failure_class.places) {
                    continue;
                }
                self.processes.insert((class, place), Process::default());
                if !self.is_empty_slot(place) {
                    match model.environment.start {
                        Start::Fresh => self.live(class, place),
                        Start::Equilibrium => self.begin_in_equilibrium(class, place),
                    }
                }
            }
        }
    }

    fn is_empty_slot(&self, place: Place) -> bool {
        match place {
            Place::Connector(group, slot) => {
                self.state.groups[group].slots[slot].lifecycle == Lifecycle::Empty
            }
            _ => false,
        }
    }

    fn begin_in_equilibrium(&mut self, class: usize, place: Place) {
        let renewal = self.renewal(class);
        let mut rng = self.streams.draw(self.entity(place), renewal.failure_purpose, 0);
        let repair = self.policy().repair.delay();
        let mean_repair = repair.filter(|_| renewal.needs_operator > 0.0).map_or(0.0, Variate::mean);
        let (mean_up, mean_restore) = (renewal.time_to_failure.mean(), renewal.time_to_restore.mean());
        let mean_down = mean_restore + renewal.needs_operator * mean_repair;
        if open_unit(&mut rng) >= mean_down / (mean_up + mean_down) {
            let left = Span::drawn(renewal.time_to_failure.residual(&mut rng));
            return self.schedule_failure(class, place, left);
        }
        let Some(repair) = repair else {
            // Operators come when they can: what is left of an outage is left of their work.
            let attended = open_unit(&mut rng) < renewal.needs_operator;
            let total = renewal.time_to_restore.length_biased(&mut rng);
            let left = Span::drawn(open_unit(&mut rng) * total);
            let cause = Self::class_cause(class);
            return self.begin_outage(class, Source::Random(place), place, cause, (left, attended));
        };
        let operator_share = renewal.needs_operator * (mean_restore + mean_repair) / mean_down;
        let total = if open_unit(&mut rng) >= operator_share {
            renewal.time_to_restore.length_biased(&mut rng)
        } else if open_unit(&mut rng) < mean_restore / (mean_restore + mean_repair) {
            renewal.time_to_restore.length_biased(&mut rng) + repair.sample(&mut rng)
        } else {
            renewal.time_to_restore.sample(&mut rng) + repair.length_biased(&mut rng)
        };
        let left = Span::drawn(open_unit(&mut rng) * total);
        self.begin_outage(class, Source::Random(place), place, Self::class_cause(class), (left, false));
    }

    /// The rate at which times to failure are spent at `place`.
    fn rate(&self, place: Place) -> f64 {
        let bad = matches!(place, Place::Connector(group, slot) if self.runs_bad_release(group, slot));
        if bad { self.state.model.environment.releases.bad.failure_multiplier } else { 1.0 }
    }

    fn runs_bad_release(&self, group: usize, slot: usize) -> bool {
        self.state.is_bad(self.state.groups[group].slots[slot].agent)
    }

    /// The process is up from now on: draws its next time to failure.
    fn live(&mut self, class: usize, place: Place) {
        let process = self.processes.get_mut(&(class, place)).expect("it has begun");
        process.lives += 1;
        let number = process.lives;
        let renewal = self.renewal(class);
        let mut rng = self.streams.draw(self.entity(place), renewal.failure_purpose, number);
        let drawn = renewal.time_to_failure.span(&mut rng);
        let rate = self.rate(place);
        let life = if rate == 1.0 { drawn } else { Span::drawn(drawn.0 as f64 / rate) };
        self.schedule_failure(class, place, life);
    }

    fn schedule_failure(&mut self, class: usize, place: Place, after: Span) {
        let at = self.now + after;
        let event = Event::Fail { class, source: Source::Random(place) };
        let ticket = self.schedule_at_place(class, place, at, event);
        let process = self.processes.get_mut(&(class, place)).expect("it has begun");
        process.next = Some(ticket);
        process.fails_at = Some(at);
    }

    pub(super) fn schedule_at_place(&mut self, class: usize, place: Place, at: Time, event: Event) -> Ticket {
        let scope = Reverse(self.state.model.environment.failures[class].scope);
        let turn = Turn { scope, class, place: self.position(place) };
        self.calendar.schedule(at, turn, event)
    }

    pub(super) fn fail(&mut self, class: usize, source: Source) {
        match source {
            Source::Scheduled(index) => {
                let outage = &self.state.model.environment.failures[class].schedule[index];
                let (place, length) = (outage.place, outage.length);
                self.begin_outage(class, source, place, Self::class_cause(class), (length, false));
            }
            Source::Random(place) => {
                let process = self.processes.get_mut(&(class, place)).expect("it has begun");
                process.outages += 1;
                let number = process.outages;
                let length = self.outage_length(class, place, number);
                let bad =
                    matches!(place, Place::Connector(group, slot) if self.runs_bad_release(group, slot));
                let cause = if bad { Cause::BadRelease } else { Self::class_cause(class) };
                self.begin_outage(class, source, place, cause, length);
            }
        }
    }

    /// How long an outage lasts, or how long somebody has to work on it and whether that is so.
    fn outage_length(&self, class: usize, place: Place, number: u64) -> (Span, bool) {
        let renewal = self.renewal(class);
        let mut rng: Generator = self.streams.draw(self.entity(place), renewal.restore_purpose, number);
        let connector = matches!(place, Place::Connector(..));
        let needs_operator = connector && chance(&mut rng, renewal.needs_operator);
        let restore = renewal.time_to_restore.span(&mut rng);
        match self.policy().repair.delay() {
            Some(delay) if needs_operator => (delay.span(&mut rng) + restore, false),
            delay => (restore, needs_operator && delay.is_none()),
        }
    }

    /// Every connector under `place` loses its link before any group reacts.
    fn begin_outage(
        &mut self,
        class: usize,
        source: Source,
        place: Place,
        cause: Cause,
        (length, attended): (Span, bool),
    ) {
        let restore = Event::Restore { class, source };
        let restored = (!attended).then(|| self.schedule_at_place(class, place, self.now + length, restore));
        if let Source::Random(_) = source {
            let process = self.processes.get_mut(&(class, place)).expect("it has begun");
            process.next = restored;
            process.fails_at = None;
            let number = process.outages;
            if attended {
                self.await_repair(class, place, number, length);
            }
        }
        let under = self.slots_under(place);
        let could_expire: Vec<bool> =
            under.iter().map(|&(group, slot)| self.state.can_expire(group, slot)).collect();
        self.state.outages.push(Outage { class, source, place, cause });
        for (&(group, slot), could_expire) in under.iter().zip(could_expire) {
            if self.state.updating(group, slot) {
                self.cancel_update(group, slot);
            }
            self.watch_grace(group, slot, could_expire);
        }
    }

    fn slots_under(&self, place: Place) -> Vec<(usize, usize)> {
        let fleet = &self.state.model.fleet;
        (0..fleet.groups.len())
            .flat_map(|group| (0..fleet.groups[group].slots.len()).map(move |slot| (group, slot)))
            .filter(|&(group, slot)| covers(fleet, place, group, slot))
            .collect()
    }

    /// Sets the clock of a connector in service whose link is down from now on, for outages that can expire it.
    pub(super) fn watch_grace(&mut self, group: usize, slot: usize, could_expire: bool) {
        let Expiry::Grace(grace) = self.state.model.environment.validation.expiry else { return };
        if self.state.in_service(group, slot) && !could_expire && self.state.can_expire(group, slot) {
            let ticket = self.schedule_for_slot(group, slot, grace, Event::GraceOver { group, slot });
            self.state.groups[group].slots[slot].grace = Some(ticket);
        }
    }

    pub(super) fn restore(&mut self, class: usize, source: Source) {
        let ended =
            self.state.outages.iter().position(|outage| (outage.class, outage.source) == (class, source));
        let outage = self.state.outages.remove(ended.expect("it lasted until now"));
        if let Source::Random(Place::Connector(group, slot)) = source {
            self.drop_repair(class, group, slot);
        }
        for (group, slot) in self.slots_under(outage.place) {
            if !self.state.can_expire(group, slot) {
                self.calendar.cancel(self.state.groups[group].slots[slot].grace.take());
            }
            let enrolling = self.state.groups[group].slots[slot].lifecycle == Lifecycle::Enrolling;
            if enrolling && self.state.link_up(group, slot) {
                self.schedule_for_slot(group, slot, Span::ZERO, Event::Deployed { group, slot });
            }
        }
        if let Source::Random(place) = source {
            self.live(class, place);
        }
    }

    /// The classes of connector scope whose process runs, or ran, in a slot.
    fn processes_of(&self, group: usize, slot: usize) -> Vec<usize> {
        let own = Place::Connector(group, slot);
        self.processes.keys().filter(|(_, place)| *place == own).map(|&(class, _)| class).collect()
    }

    /// The instance is gone: its outages end, their repairs are dropped, its clocks stop.
    pub(super) fn stop_processes(&mut self, group: usize, slot: usize) {
        let place = Place::Connector(group, slot);
        for class in self.processes_of(group, slot) {
            let process = self.processes.get_mut(&(class, place)).expect("it was listed");
            self.calendar.cancel(process.next.take());
            process.fails_at = None;
            self.drop_repair(class, group, slot);
        }
        self.state.outages.retain(|outage| outage.source != Source::Random(place));
    }

    /// A new instance is in service: the slot's processes go on with their next draws.
    pub(super) fn start_processes(&mut self, group: usize, slot: usize) {
        for class in self.processes_of(group, slot) {
            self.live(class, Place::Connector(group, slot));
        }
    }

    /// The connector runs another release from now on: what is left of its times to failure is spent at its rate.
    pub(super) fn change_rate(&mut self, group: usize, slot: usize, old: f64) {
        let place = Place::Connector(group, slot);
        let new = self.rate(place);
        if old == new {
            return;
        }
        for class in self.processes_of(group, slot) {
            let process = self.processes[&(class, place)];
            if let Some(at) = process.fails_at {
                self.calendar.cancel(process.next);
                let left = Span::drawn((at - self.now).0 as f64 * old / new);
                self.schedule_failure(class, place, left);
            }
        }
    }

    pub(super) fn rate_of(&self, group: usize, slot: usize) -> f64 {
        self.rate(Place::Connector(group, slot))
    }
}
