//! What crews of operators had to do in a replication: tasks, waiting times, work, the longest queue.

use std::cell::RefCell;

use crate::analysis::{quantile_type7, sorted};
use crate::control::crew::TaskKind;
use crate::simulation::observer::{Happening, Job, Observer};
use crate::time::{Span, Time};

/// What crews had to do, group by group; kept while a replication runs.
#[derive(Debug, Default)]
pub struct Operators {
    /// By crew, then by kind.
    desks: Vec<[Desk; TaskKind::COUNT]>,
    /// By crew: one more or one less waiting, in any order.
    queues: Vec<Vec<(Time, i32)>>,
}

#[derive(Clone, Debug, Default)]
struct Desk {
    tasks: u64,
    /// Waiting times of the tasks that were begun.
    waits: Vec<Span>,
    work: Span,
}

/// The tasks of one kind that one crew had.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Workload {
    /// Tasks that opened.
    pub tasks: u64,
    /// Of these, how many were begun.
    pub begun: u64,
    /// The sum of the waiting times of those.
    pub waited: Span,
    /// 95 % of them waited at most so long, in hours (quantile of type 7).
    pub wait_p95: Option<f64>,
    /// The longest waiting time.
    pub wait_max: Span,
    /// Time that members of the crew worked.
    pub work: Span,
}

/// What crews had to do in a replication.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Staffing {
    /// By crew, then by kind in the order of [`TaskKind::ALL`].
    pub crews: Vec<[Workload; TaskKind::COUNT]>,
    /// All tasks of all crews.
    pub all: Workload,
    /// The most tasks that waited for one crew at the end of an instant.
    pub longest_queue: u64,
}

impl Operators {
    /// Of so many crews, before anything happened.
    pub fn of(crews: usize) -> Operators {
        Operators { desks: vec![Default::default(); crews], queues: vec![Vec::new(); crews] }
    }

    /// Adds what other groups had for the same crews.
    pub fn merge(&mut self, other: Operators) {
        for (desks, more) in self.desks.iter_mut().zip(other.desks) {
            for (desk, more) in desks.iter_mut().zip(more) {
                desk.add(more);
            }
        }
        for (queue, more) in self.queues.iter_mut().zip(other.queues) {
            queue.extend(more);
        }
    }

    /// The replication is over.
    pub fn summed(self) -> Staffing {
        let mut all = Desk::default();
        self.desks.iter().flatten().for_each(|desk| all.add(desk.clone()));
        Staffing {
            crews: self.desks.into_iter().map(|desks| desks.map(Desk::summed)).collect(),
            all: all.summed(),
            longest_queue: self.queues.into_iter().map(longest).max().unwrap_or(0),
        }
    }
}

impl Desk {
    fn add(&mut self, more: Desk) {
        self.tasks += more.tasks;
        self.waits.extend(more.waits);
        self.work += more.work;
    }

    fn summed(self) -> Workload {
        let hours = sorted(self.waits.iter().map(|wait| wait.as_hours()).collect());
        Workload {
            tasks: self.tasks,
            begun: self.waits.len() as u64,
            waited: Span(self.waits.iter().map(|wait| wait.0).sum()),
            wait_p95: quantile_type7(&hours, 0.95),
            wait_max: self.waits.into_iter().max().unwrap_or(Span::ZERO),
            work: self.work,
        }
    }
}

/// The longest that a queue is at the end of an instant.
fn longest(mut changes: Vec<(Time, i32)>) -> u64 {
    changes.sort_unstable();
    let (mut waiting, mut most) = (0i64, 0);
    for (index, &(at, change)) in changes.iter().enumerate() {
        waiting += i64::from(change);
        if changes.get(index + 1).is_none_or(|&(next, _)| next > at) {
            most = most.max(waiting);
        }
    }
    most as u64
}

/// Adds a group to what the crews of a replication have, which its groups share.
///
/// After a warm-up tasks count that open from there on, waiting times of those that are begun, whole, and work that is
/// done; whoever waits then is in the queue.
#[derive(Debug)]
pub struct OperatorRecorder<'r> {
    operators: &'r RefCell<Operators>,
    /// What its own group adds to them.
    own: Operators,
    /// What is worked on, and since when.
    begun: Vec<(Job, Time)>,
}

impl<'r> OperatorRecorder<'r> {
    /// For one group.
    pub fn new(operators: &'r RefCell<Operators>) -> OperatorRecorder<'r> {
        let own = Operators::of(operators.borrow().desks.len());
        OperatorRecorder { operators, own, begun: Vec::new() }
    }

    fn add(&mut self, job: Job, change: impl FnOnce(&mut Desk)) {
        let kind = TaskKind::ALL.iter().position(|&kind| kind == job.kind).unwrap_or(0);
        change(&mut self.own.desks[job.crew][kind]);
    }

    fn queue(&mut self, job: Job, at: Time, change: i32) {
        self.own.queues[job.crew].push((at, change));
    }
}

impl Observer for OperatorRecorder<'_> {
    const WATCHES_SLOTS: bool = false;

    fn happened(&mut self, at: Time, what: Happening) {
        match what {
            Happening::TaskOpened { job } => {
                self.add(job, |desk| desk.tasks += 1);
                self.queue(job, at, 1);
            }
            Happening::TaskBegun { job, waited } => {
                self.add(job, |desk| desk.waits.push(waited));
                self.queue(job, at, -1);
                self.begun.push((job, at));
            }
            Happening::TaskClosed { job, is_begun: false } => self.queue(job, at, -1),
            Happening::TaskClosed { job, .. } => {
                if let Some(index) = self.begun.iter().position(|(begun, _)| *begun == job) {
                    let (_, since) = self.begun.swap_remove(index);
                    self.add(job, |desk| desk.work += at - since);
                }
            }
            _ => {}
        }
    }

    fn measure(&mut self, at: Time, _events: u64) {
        self.own.desks.fill(Default::default());
        for queue in &mut self.own.queues {
            let waiting = queue.iter().map(|(_, change)| change).sum();
            *queue = vec![(at, waiting)];
        }
        self.begun.iter_mut().for_each(|(_, since)| *since = at);
    }

    fn finish(&mut self, _at: Time, _events: u64) {
        self.operators.borrow_mut().merge(std::mem::take(&mut self.own));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    fn hour(n: i64) -> Time {
        Time(n * HOUR.0)
    }

    #[test]
    fn waits_work_and_queues_are_added_up() {
        let operators = RefCell::new(Operators::of(2));
        let mut recorder = OperatorRecorder::new(&operators);
        let job = |slot| Job { crew: 1, kind: TaskKind::Replacement, slot };
        let waited = |hours| Span(hours * HOUR.0);
        for (at, what) in [
            (1, Happening::TaskOpened { job: job(0) }),
            (2, Happening::TaskOpened { job: job(1) }),
            (2, Happening::TaskBegun { job: job(0), waited: waited(1) }),
            (3, Happening::TaskOpened { job: job(2) }),
            (4, Happening::TaskClosed { job: job(2), is_begun: false }),
            (5, Happening::TaskClosed { job: job(0), is_begun: true }),
            (5, Happening::TaskBegun { job: job(1), waited: waited(3) }),
            (9, Happening::TaskClosed { job: job(1), is_begun: true }),
        ] {
            recorder.happened(hour(at), what);
        }
        recorder.finish(hour(9), 0);
        let staffing = operators.into_inner().summed();
        let kind = TaskKind::ALL.iter().position(|&kind| kind == TaskKind::Replacement).unwrap();
        let replacements = staffing.crews[1][kind];
        assert_eq!((replacements.tasks, replacements.begun), (3, 2));
        assert_eq!((replacements.waited, replacements.work), (waited(4), waited(7)));
        // Two values: 1 + 0.95·2 hours.
        assert!((replacements.wait_p95.unwrap() - 2.9).abs() < 1e-12);
        assert_eq!(replacements.wait_max, waited(3));
        assert_eq!(staffing.crews[0], [Workload::default(); TaskKind::COUNT]);
        assert_eq!(staffing.all, replacements);
        // From 3 to 4 two wait; at 2 the second opens as the first is begun.
        assert_eq!(staffing.longest_queue, 2);
    }
}
