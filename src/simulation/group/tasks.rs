//! Tasks of the group that wait for a crew, or that a crew works on.
//!
//! A task opens with the event that needs an operator and closes when its work is done or its reason is gone; whoever works
//! on it is free at once. Which tasks are begun is decided at control periods (`coordinator`); beginning one sets the event
//! with which its work ends.

use super::*;
use crate::control::crew::{Crew, TaskKind, Waiting};
use crate::environment::process::Source;
use crate::random::Purpose;
use crate::simulation::observer::{Happening, Job};

/// Something that an operator is to do.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    pub(super) kind: TaskKind,
    /// Index of the crew.
    pub crew: usize,
    slot: usize,
    /// Of a repair, the index of the outage's process.
    process: usize,
    /// Its number among those with the same keys of draws.
    number: u64,
    /// The work of a repair as nature drew it.
    length: Span,
    opened: Time,
    ready: Option<Time>,
    /// Whether somebody works on it.
    pub is_begun: bool,
}

impl Task {
    /// Whether it is of this kind and about `slot`.
    pub(super) fn is(&self, kind: TaskKind, slot: usize) -> bool {
        self.kind == kind && self.slot == slot
    }

    fn job(&self) -> Job {
        Job { crew: self.crew, kind: self.kind, slot: self.slot }
    }
}

/// Purposes of the draws of a task, by kind; repairs have some for each failure class.
fn purpose(kind: TaskKind, of: &str, class: &str) -> Purpose {
    match kind {
        TaskKind::Repair => Purpose::named(&format!("repair {of}/{class}")),
        TaskKind::Replacement => Purpose::named(&format!("replacement {of}")),
        TaskKind::UpdateRepair => Purpose::named(&format!("update repair {of}")),
        TaskKind::Key => Purpose::named(&format!("key {of}")),
        TaskKind::Confirmation => Purpose::named(&format!("confirmation {of}")),
        TaskKind::Order => Purpose::named(&format!("order {of}")),
    }
}

impl<'m, O: Observer> Group<'m, O> {
    fn open_task(&mut self, task: Task) {
        self.tasks.push(task);
        self.observer.happened(self.now, Happening::TaskOpened { job: task.job() });
    }

    fn new_task(&self, crew: usize, kind: TaskKind, slot: usize, number: u64) -> Task {
        let (process, length, opened) = (0, Span::ZERO, self.now);
        Task { kind, crew, slot, process, number, length, opened, ready: None, is_begun: false }
    }

    /// The outage of process `index` waits for an operator to work for `length`.
    pub(super) fn await_repair(&mut self, index: usize, length: Span) {
        let process = &self.processes[index];
        let number = match process.source {
            Source::Random { outages, .. } => outages,
            Source::Scheduled { .. } => 0,
        };
        if let (Some(crew), Some(slot)) =
            (self.setting.policy.repair.crew_of(self.index), process.cover.lowest())
        {
            let task = self.new_task(crew, TaskKind::Repair, slot, number);
            self.open_task(Task { process: index, length, ..task });
        }
    }

    /// The expired connector in `slot` waits for a crew to replace it, if the policy calls one.
    pub(super) fn await_replacement(&mut self, slot: usize) -> bool {
        let crew = self.setting.policy.replacement.crew_of(self.index);
        if let Some(crew) = crew {
            self.open_task(self.new_task(crew, TaskKind::Replacement, slot, self.slots[slot].instances));
        }
        crew.is_some()
    }

    /// The fault of the update in `slot`, the group's `number`-th, waits for a crew, if the policy calls one.
    pub(super) fn await_update_repair(&mut self, slot: usize, number: u64) -> bool {
        let crew = self.setting.policy.repair.crew_of(self.index);
        if let Some(crew) = crew {
            self.open_task(self.new_task(crew, TaskKind::UpdateRepair, slot, number));
        }
        crew.is_some()
    }

    /// The new connector in `slot` waits for the crew with this index to do a step of its provisioning.
    pub(super) fn await_provisioning(&mut self, kind: TaskKind, slot: usize, crew: usize) {
        let number = match kind {
            TaskKind::Key => self.regenerations,
            _ => self.slots[slot].instances,
        };
        self.open_task(self.new_task(crew, kind, slot, number));
    }

    /// Closes the tasks that `are_over`: done, or void.
    fn close_tasks(&mut self, are_over: impl Fn(&Task) -> bool) {
        let Group { tasks, observer, now, .. } = self;
        tasks.retain(|task| {
            let over = are_over(task);
            if over {
                let (job, is_begun) = (task.job(), task.is_begun);
                observer.happened(*now, Happening::TaskClosed { job, is_begun });
            }
            !over
        });
    }

    pub(super) fn close_repair(&mut self, process: usize) {
        self.close_tasks(|task| task.kind == TaskKind::Repair && task.process == process);
    }

    /// Closes the task of this kind that is about `slot`, if there is one.
    pub(super) fn close_task(&mut self, kind: TaskKind, slot: usize) {
        self.close_tasks(|task| task.is(kind, slot));
    }

    pub(super) fn close_key(&mut self) {
        self.close_tasks(|task| task.kind == TaskKind::Key);
    }

    pub(super) fn close_all_update_repairs(&mut self) {
        self.close_tasks(|task| task.kind == TaskKind::UpdateRepair);
    }

    /// Work that goes on beyond the horizon is counted up to it.
    pub(super) fn leave_work(&mut self) {
        self.close_tasks(|task| task.is_begun);
    }

    /// The open tasks.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    fn detected(&self, task: &Task) -> Time {
        task.opened + self.setting.policy.detection_delay
    }

    /// Calls the crews to the tasks that they can see at `at`.
    pub fn call_crews(&mut self, at: Time) {
        for index in 0..self.tasks.len() {
            let task = self.tasks[index];
            let detected = self.detected(&task);
            if task.ready.is_some() || task.is_begun || detected > at {
                continue;
            }
            let crew = &self.setting.model.crews[task.crew];
            let since =
                if task.kind.is_down() { self.called_since(crew, task.crew, at) } else { Some(detected) };
            let Some(since) = since else { continue };
            let response = crew.response.span(&mut self.draw_of_task(&task, "response"));
            self.tasks[index].ready = Some(crew.ready(since.max(detected), response));
        }
    }

    fn called_since(&self, crew: &Crew, index: usize, at: Time) -> Option<Time> {
        let down = self.tasks.iter().filter(|task| task.crew == index && task.kind.is_down());
        let detected = down.map(|task| (task.slot, self.detected(task))).filter(|&(_, since)| since <= at);
        crew.called_since(self.axes.configured.len(), &detected.collect::<Vec<_>>())
    }

    fn draw_of_task(&self, task: &Task, what: &str) -> crate::random::Generator {
        let class = match task.kind {
            TaskKind::Repair => {
                let class = usize::from(self.processes[task.process].class);
                self.setting.model.environment.failures[class].name.as_str()
            }
            _ => "",
        };
        let entity = match task.kind {
            TaskKind::UpdateRepair | TaskKind::Key => self.configured.entity,
            _ => self.configured.slots[task.slot].entity,
        };
        self.setting.streams.draw(entity, purpose(task.kind, what, class), task.number)
    }

    /// Task `index`, on which nobody works yet, as its crew sees it.
    pub fn waiting(&self, index: usize) -> Waiting {
        let task = &self.tasks[index];
        let expires = || self.agenda.due(self.places.slot(task.slot), Kind::Expire);
        let is_repair = task.kind == TaskKind::Repair;
        Waiting {
            kind: task.kind,
            opened: task.opened,
            detected: self.detected(task),
            ready: task.ready,
            deadline: if is_repair { expires().unwrap_or(Time::NEVER) } else { Time::NEVER },
            place: (self.index, task.slot, task.process),
        }
    }

    /// A member of the crew begins task `index` at the control period `at`: sets when the work ends.
    pub fn begin_task(&mut self, index: usize, at: Time) {
        self.move_to(at);
        self.tasks[index].is_begun = true;
        let task = self.tasks[index];
        let work = &self.setting.model.crews[task.crew].work;
        let rng = &mut self.draw_of_task(&task, "work");
        let waited = at - task.opened;
        self.observer.happened(at, Happening::TaskBegun { job: task.job(), waited });
        match task.kind {
            TaskKind::Repair => {
                let length = work.repair.as_ref().map_or(task.length, |work| work.span(rng));
                self.agenda.set(task.process, at + length, Kind::Restore);
            }
            TaskKind::Replacement => {
                let ends = at + work.replace.span(rng);
                self.agenda.set(self.places.slot(task.slot), ends, Kind::BeginReplacement);
            }
            TaskKind::UpdateRepair => self.end_update_repair_at(task.slot, at + work.update_repair.span(rng)),
            TaskKind::Key => self.agenda.set(self.places.key, at + work.key.span(rng), Kind::KeyIssued),
            TaskKind::Order => {
                let ends = at + work.order.span(rng);
                self.agenda.set(self.places.slot(task.slot), ends, Kind::OrderPlaced);
            }
            TaskKind::Confirmation => {
                let ends = at + work.confirmation.span(rng);
                self.agenda.set(self.places.slot(task.slot), ends, Kind::Confirmed);
            }
        }
    }
}
