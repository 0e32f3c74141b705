//! Crews of operators: what waits for them, and who takes what at every control period.

use fleetcast::control::Crew;
use fleetcast::control::crew::{Order, Shifts, TaskKind};
use fleetcast::environment::failure::Place;
use fleetcast::random::{Generator, Purpose};
use fleetcast::time::{Span, Time};

use super::Reference;
use super::calendar::{Event, Source};

/// Something that an operator is to do.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    kind: TaskKind,
    crew: usize,
    group: usize,
    slot: usize,
    /// Of a repair.
    class: usize,
    number: u64,
    /// The work of a repair as nature drew it.
    length: Span,
    opened: Time,
    called: Option<Time>,
    begun: bool,
}

fn is_on(shifts: &Shifts, at: Time) -> bool {
    shifts.spans().is_none_or(|spans| spans.iter().any(|&(from, to)| from <= at && at < to))
}

/// The working time from `from` to `to`.
fn working_time(shifts: &Shifts, from: Time, to: Time) -> i64 {
    let Some(spans) = shifts.spans() else { return (to - from).0 };
    spans.iter().map(|&(begin, end)| (end.min(to) - begin.max(from)).0.max(0)).sum()
}

impl Reference<'_> {
    fn crew(&self, index: usize) -> &Crew {
        &self.state.model.crews[index]
    }

    pub(super) fn open(&mut self, kind: TaskKind, crew: usize, group: usize, slot: usize, number: u64) {
        let (class, length) = (0, Span::ZERO);
        let (opened, called) = (self.now, None);
        self.tasks.push(Task {
            kind,
            crew,
            group,
            slot,
            class,
            number,
            length,
            opened,
            called,
            begun: false,
        });
    }

    pub(super) fn await_repair(&mut self, class: usize, place: Place, number: u64, length: Span) {
        let Place::Connector(group, slot) = place else { panic!("only connectors need an operator") };
        let crew = self.policy().repair.crew_of(group).expect("a crew repairs");
        self.open(TaskKind::Repair, crew, group, slot, number);
        let task = self.tasks.last_mut().expect("it was just opened");
        (task.class, task.length) = (class, length);
    }

    /// Whether a crew sees to the replacement of an expired connector.
    pub(super) fn await_replacement(&mut self, group: usize, slot: usize, number: u64) -> bool {
        let crew = self.policy().replacement.crew_of(group);
        if let Some(crew) = crew {
            self.open(TaskKind::Replacement, crew, group, slot, number);
        }
        crew.is_some()
    }

    /// Whether a crew sees to the fault of an update.
    pub(super) fn await_update_repair(&mut self, group: usize, slot: usize, number: u64) -> bool {
        let crew = self.policy().repair.crew_of(group);
        if let Some(crew) = crew {
            self.open(TaskKind::UpdateRepair, crew, group, slot, number);
        }
        crew.is_some()
    }

    pub(super) fn has_task(&self, kind: TaskKind, group: usize, slot: usize) -> bool {
        self.tasks.iter().any(|task| (task.kind, task.group, task.slot) == (kind, group, slot))
    }

    /// Drops the tasks of a slot that are done or have lost their reason.
    pub(super) fn drop_tasks(&mut self, kind: TaskKind, group: usize, slot: usize) {
        self.tasks.retain(|task| (task.kind, task.group, task.slot) != (kind, group, slot));
    }

    /// Drops what waits for a group's key.
    pub(super) fn drop_key_task(&mut self, group: usize) {
        self.tasks.retain(|task| (task.kind, task.group) != (TaskKind::Key, group));
    }

    pub(super) fn drop_repair(&mut self, class: usize, group: usize, slot: usize) {
        let this = (TaskKind::Repair, class, group, slot);
        self.tasks.retain(|task| (task.kind, task.class, task.group, task.slot) != this);
    }

    fn detected(&self, task: &Task) -> Time {
        task.opened + self.policy().detection_delay
    }

    fn draw(&self, task: &Task, what: &str) -> Generator {
        let group = &self.state.model.fleet.groups[task.group];
        let class = self.state.model.environment.failures.get(task.class);
        let (entity, purpose) = match task.kind {
            TaskKind::Repair => {
                let class = &class.expect("it has a class").name;
                (group.slots[task.slot].entity, format!("repair {what}/{class}"))
            }
            TaskKind::Replacement => (group.slots[task.slot].entity, format!("replacement {what}")),
            TaskKind::UpdateRepair => (group.entity, format!("update repair {what}")),
            TaskKind::Confirmation => (group.slots[task.slot].entity, format!("confirmation {what}")),
            TaskKind::Order => (group.slots[task.slot].entity, format!("order {what}")),
            TaskKind::Key => (group.entity, format!("key {what}")),
        };
        self.streams.draw(entity, Purpose::named(&purpose), task.number)
    }

    /// Since when enough connectors of the task's group are known to be down.
    fn called_since(&self, task: &Task) -> Option<Time> {
        let down = |kind| matches!(kind, TaskKind::Repair | TaskKind::Replacement);
        if !down(task.kind) {
            return Some(self.detected(task));
        }
        let slots = self.state.groups[task.group].slots.len();
        let mut known: Vec<Time> = Vec::new();
        for slot in 0..slots {
            let of_slot = self.tasks.iter().filter(|other| {
                (other.group, other.slot, other.crew) == (task.group, slot, task.crew)
                    && down(other.kind)
                    && self.detected(other) <= self.now
            });
            known.extend(of_slot.map(|other| self.detected(other)).min());
        }
        known.sort();
        let configured = self.state.configured(task.group).max(1);
        known.get(self.crew(task.crew).call_out_at.min(configured) - 1).copied()
    }

    /// A control period: crews are called to what they see, and free members take what they have responded to.
    pub(super) fn direct_crews(&mut self) {
        for index in 0..self.tasks.len() {
            let task = self.tasks[index].clone();
            if task.called.is_none() && self.detected(&task) <= self.now {
                self.tasks[index].called = self.called_since(&task).map(|at| at.max(self.detected(&task)));
            }
        }
        for crew in 0..self.state.model.crews.len() {
            while self.take_up(crew) {}
        }
    }

    /// One free member takes a task, if there is one.
    fn take_up(&mut self, crew: usize) -> bool {
        let busy = self.tasks.iter().filter(|task| task.crew == crew && task.begun).count();
        if busy >= self.crew(crew).size || !is_on(&self.crew(crew).shifts, self.now) {
            return false;
        }
        let waiting = (0..self.tasks.len()).filter(|&index| self.can_begin(crew, &self.tasks[index]));
        let next = waiting.min_by_key(|&index| self.turn(&self.tasks[index]));
        if let Some(index) = next {
            self.begin_work(index);
        }
        next.is_some()
    }

    fn can_begin(&self, crew: usize, task: &Task) -> bool {
        let Some(called) = task.called else { return false };
        if task.crew != crew || task.begun {
            return false;
        }
        let response = self.crew(crew).response.span(&mut self.draw(task, "response"));
        working_time(&self.crew(crew).shifts, called, self.now) >= response.0
    }

    fn turn(&self, task: &Task) -> (TaskKind, Time, Time, usize, usize, usize) {
        let deadline = match (self.crew(task.crew).order, task.kind) {
            (Order::NearestDeadline, TaskKind::Repair) => self.expiry(task.group, task.slot),
            _ => Time::NEVER,
        };
        // The order of processes is by class: those of connectors all have the same scope.
        (task.kind, deadline, task.opened, task.group, task.slot, task.class)
    }

    /// When the connector in a slot expires if its link stays down.
    fn expiry(&self, group: usize, slot: usize) -> Time {
        let connector = &self.state.groups[group].slots[slot];
        let pending = connector.renewal.or(connector.grace);
        pending.and_then(|ticket| self.calendar.instant(ticket)).unwrap_or(Time::NEVER)
    }

    fn begin_work(&mut self, index: usize) {
        self.tasks[index].begun = true;
        let task = self.tasks[index].clone();
        let Task { group, slot, class, .. } = task;
        let work = self.crew(task.crew).work.clone();
        let mut rng = self.draw(&task, "work");
        match task.kind {
            TaskKind::Repair => {
                let length = work.repair.map_or(task.length, |work| work.span(&mut rng));
                let place = Place::Connector(group, slot);
                let event = Event::Restore { class, source: Source::Random(place) };
                let ticket = self.schedule_at_place(class, place, self.now + length, event);
                self.processes.get_mut(&(class, place)).expect("it is down").next = Some(ticket);
            }
            TaskKind::Replacement => {
                let length = work.replace.span(&mut rng);
                let ticket = self.schedule_for_slot(group, slot, length, Event::Replace { group, slot });
                self.state.groups[group].slots[slot].coming = Some(ticket);
            }
            TaskKind::Confirmation => {
                let length = work.confirmation.span(&mut rng);
                let ticket = self.schedule_for_slot(group, slot, length, Event::Confirmed { group, slot });
                self.state.groups[group].slots[slot].coming = Some(ticket);
            }
            TaskKind::Order => {
                let length = work.order.span(&mut rng);
                let ticket = self.schedule_for_slot(group, slot, length, Event::OrderPlaced { group, slot });
                self.state.groups[group].slots[slot].coming = Some(ticket);
            }
            TaskKind::Key => {
                let length = work.key.span(&mut rng);
                let ticket = self.schedule_for_group(group, length, Event::KeyIssued { group });
                self.state.groups[group].key_ticket = Some(ticket);
            }
            TaskKind::UpdateRepair => {
                let length = work.update_repair.span(&mut rng);
                self.begin_update_repair(group, slot, length);
            }
        }
    }
}
