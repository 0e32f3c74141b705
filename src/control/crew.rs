//! Crews of operators: whom they are called to, and which task is taken next.
//!
//! A task waits for its detection, is answered after the crew's response, which elapses in working time only, and is
//! taken by a free member at a control period in working time. Repairs come before replacements, these before faults of
//! updates, and confirmations last; within a kind the order is the crew's. Everything here is a function of what is displayed and of the
//! tasks themselves: how long work will take is drawn when it begins.

mod shifts;

pub use shifts::Shifts;

use crate::random::Variate;
use crate::time::{Span, Time};

/// Who does a kind of work, and when it is done.
#[derive(Clone, Debug)]
pub enum Service {
    /// After a plain delay, from the event itself, by as many as are needed.
    After(Variate),
    /// By crews: the index of the crew of each group.
    Crews(Vec<usize>),
}

impl Service {
    /// The plain delay, if it is one.
    pub fn delay(&self) -> Option<&Variate> {
        match self {
            Service::After(delay) => Some(delay),
            Service::Crews(_) => None,
        }
    }

    /// The crew of `group`, if one is called; every group has one then.
    pub fn crew_of(&self, group: usize) -> Option<usize> {
        match self {
            Service::After(_) => None,
            Service::Crews(crews) => Some(crews[group]),
        }
    }

    /// Whether groups share whoever does it.
    pub fn is_shared(&self) -> bool {
        matches!(self, Service::Crews(_))
    }
}

/// A crew of operators.
#[derive(Clone, Debug)]
pub struct Crew {
    /// Its name in the scenario.
    pub name: String,
    /// How many tasks it can work on at once, ≥ 1.
    pub size: usize,
    /// When its members begin work and respond. What they have begun they finish outside of it too.
    pub shifts: Shifts,
    /// From its being called to its being ready, in working time.
    pub response: Variate,
    /// How long its work takes.
    pub work: Work,
    /// Which of the tasks of a kind is taken first.
    pub order: Order,
    /// How many connectors of a group must have a task before the crew is called there, ≥ 1; all of a smaller group.
    pub call_out_at: usize,
}

/// How long the work of a task takes.
#[derive(Clone, Debug)]
pub struct Work {
    /// The repair of a connector; `None`: the drawn time to restore of its outage.
    pub repair: Option<Variate>,
    /// The replacement of an expired connector, before its machine begins to deploy.
    pub replace: Variate,
    /// The mending of an update that failed too often.
    pub update_repair: Variate,
    /// A new provisioning key.
    pub key: Variate,
    /// The confirmation of a connector that is announced.
    pub confirmation: Variate,
    /// The order for a machine.
    pub order: Variate,
}

/// Which of the tasks of a kind is taken first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The one that opened first.
    FirstCome,
    /// The one whose connector expires first, if nobody comes; then the one that opened first.
    NearestDeadline,
}

/// What is to be done. Earlier kinds come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskKind {
    /// A connector's outage needs an operator.
    Repair,
    /// An expired connector is to be replaced.
    Replacement,
    /// An update failed too often.
    UpdateRepair,
    /// A group needs a new provisioning key.
    Key,
    /// A connector is announced and is to be confirmed.
    Confirmation,
    /// A machine is to be ordered.
    Order,
}

impl TaskKind {
    /// All kinds, in order.
    pub const ALL: [TaskKind; TaskKind::COUNT] = [
        TaskKind::Repair,
        TaskKind::Replacement,
        TaskKind::UpdateRepair,
        TaskKind::Key,
        TaskKind::Confirmation,
        TaskKind::Order,
    ];

    /// How many there are.
    pub const COUNT: usize = 6;

    /// Whether it is a step of a new connector on its way into service.
    pub fn is_of_provisioning(self) -> bool {
        matches!(self, TaskKind::Key | TaskKind::Confirmation | TaskKind::Order)
    }

    /// Whether the connector is down as long as the task is open.
    pub fn is_down(self) -> bool {
        matches!(self, TaskKind::Repair | TaskKind::Replacement)
    }
}

/// A task that nobody works on yet, as its crew sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What is to be done.
    pub kind: TaskKind,
    /// Since when.
    pub opened: Time,
    /// When the crew can see it.
    pub detected: Time,
    /// When the crew has responded; `None` while it is not called.
    pub ready: Option<Time>,
    /// When the connector expires, if nobody comes.
    pub deadline: Time,
    /// Group, slot and failure class: who comes first among equals.
    pub place: (usize, usize, usize),
}

impl Crew {
    /// Since when the crew is called to a group of `configured` slots whose down connectors have tasks that were
    /// `detected` at these (slot, instant), all of them past; `None` while there are too few.
    pub fn called_since(&self, configured: usize, detected: &[(usize, Time)]) -> Option<Time> {
        let mut detected: Vec<(usize, Time)> = detected.to_vec();
        detected.sort();
        detected.dedup_by_key(|(slot, _)| *slot);
        let mut instants: Vec<Time> = detected.into_iter().map(|(_, at)| at).collect();
        instants.sort();
        instants.get(self.call_out_at.clamp(1, configured.max(1)) - 1).copied()
    }

    /// When the crew is ready if it is called at `at` and its response takes `response` of working time.
    pub fn ready(&self, at: Time, response: Span) -> Time {
        self.shifts.after(at, response)
    }

    /// The tasks of `queue`, by index, that free members begin at `now`, the first one first; `busy` members are not free.
    pub fn takes(&self, now: Time, busy: usize, queue: &[Waiting]) -> Vec<usize> {
        if busy >= self.size || !self.shifts.are_on(now) {
            return Vec::new();
        }
        let is_ready = |task: &Waiting| task.ready.is_some_and(|ready| ready <= now);
        let mut ready: Vec<usize> = (0..queue.len()).filter(|&index| is_ready(&queue[index])).collect();
        ready.sort_by_key(|&index| self.precedence(&queue[index]));
        ready.truncate(self.size - busy);
        ready
    }

    fn precedence(&self, task: &Waiting) -> (TaskKind, Time, Time, (usize, usize, usize)) {
        let deadline = match self.order {
            Order::FirstCome => Time::NEVER,
            Order::NearestDeadline => task.deadline,
        };
        (task.kind, deadline, task.opened, task.place)
    }

    /// When, after `now`, something of `queue` comes into sight or could be taken without an event of a group.
    /// What can be taken at `now` is not in it any more.
    pub fn next_look(&self, now: Time, busy: usize, queue: &[Waiting]) -> Time {
        let of = |task: &Waiting| match task.ready {
            None if task.detected > now => task.detected,
            None => Time::NEVER,
            Some(ready) if ready > now => ready,
            Some(_) if busy < self.size => self.shifts.next_on(now + Span(1)),
            Some(_) => Time::NEVER,
        };
        queue.iter().map(of).min().unwrap_or(Time::NEVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;
    use TaskKind::{Repair, Replacement, UpdateRepair};

    fn hour(n: i64) -> Time {
        Time(n * HOUR.0)
    }

    fn crew(size: usize, order: Order) -> Crew {
        let constant = Variate::constant(1.0).unwrap();
        let work = Work {
            repair: None,
            replace: constant.clone(),
            update_repair: constant.clone(),
            key: constant.clone(),
            confirmation: constant.clone(),
            order: constant.clone(),
        };
        let shifts = Shifts::of(vec![(hour(8), hour(17)), (hour(32), hour(41))]);
        Crew { name: "crew".into(), size, shifts, response: constant, work, order, call_out_at: 1 }
    }

    /// A task that is ready an hour after it opened.
    fn task(kind: TaskKind, opened: i64, deadline: i64) -> Waiting {
        Waiting {
            kind,
            opened: hour(opened),
            detected: hour(opened),
            ready: Some(hour(opened + 1)),
            deadline: hour(deadline),
            place: (0, 0, 0),
        }
    }

    #[test]
    fn free_members_take_the_first_tasks() {
        let queue = [
            task(UpdateRepair, 8, 99),
            task(Repair, 10, 50),
            task(Replacement, 8, 99),
            task(Repair, 9, 60),
            task(Repair, 12, 40),
            Waiting { place: (0, 0, 1), ..task(Repair, 9, 60) },
        ];
        let (first, nearest) = (Order::FirstCome, Order::NearestDeadline);
        let table: [(usize, Order, i64, usize, &[usize]); 8] = [
            (1, first, 13, 0, &[3]),
            (1, first, 13, 1, &[]),
            (6, first, 13, 1, &[3, 5, 1, 4, 2]),
            (6, first, 12, 0, &[3, 5, 1, 2, 0]),
            (6, nearest, 13, 0, &[4, 1, 3, 5, 2, 0]),
            (2, nearest, 12, 0, &[1, 3]),
            (6, first, 17, 0, &[]),
            (1, first, 32, 0, &[3]),
        ];
        for (size, order, now, busy, taken) in table {
            assert_eq!(
                crew(size, order).takes(hour(now), busy, &queue),
                taken,
                "{size} {order:?} {now} {busy}"
            );
        }
    }

    #[test]
    fn a_crew_is_called_when_enough_are_down() {
        let detected = [(2, hour(5)), (0, hour(3)), (2, hour(4)), (1, hour(9))];
        let table = [(1, 3, Some(3)), (2, 3, Some(4)), (3, 3, Some(9)), (4, 4, None), (4, 3, Some(9))];
        for (call_out_at, configured, since) in table {
            let crew = Crew { call_out_at, ..crew(1, Order::FirstCome) };
            assert_eq!(
                crew.called_since(configured, &detected),
                since.map(hour),
                "{call_out_at} of {configured}"
            );
        }
        assert_eq!(crew(1, Order::FirstCome).called_since(3, &[]), None);
    }

    #[test]
    fn the_next_look_is_where_something_can_change() {
        let crew = crew(1, Order::FirstCome);
        let unseen = Waiting { ready: None, detected: hour(14), ..task(Repair, 13, 99) };
        let not_called = Waiting { ready: None, ..task(Repair, 9, 99) };
        let table: [(i64, usize, &[Waiting], Time); 6] = [
            (13, 0, &[], Time::NEVER),
            (13, 0, &[unseen], hour(14)),
            (13, 0, &[not_called], Time::NEVER),
            (13, 1, &[task(Repair, 9, 99)], Time::NEVER),
            (13, 1, &[task(Repair, 13, 99)], hour(14)),
            (20, 0, &[task(Repair, 9, 99)], hour(32)),
        ];
        for (now, busy, queue, look) in table {
            assert_eq!(crew.next_look(hour(now), busy, queue), look, "{now} {busy} {queue:?}");
        }
    }
}
