//! Where groups meet: at control periods, and only if the policy has something that couples them.
//!
//! Between two control periods every group runs by itself. At a control period, after all other events of that instant
//! but before its demand tick, the coordinator decides who may start updates and what crews of operators work on:
//!
//! - rings open, and a breached gate holds a release or rolls it back (`releases`);
//! - a group keeps its permit as long as it has an update running or could start one; free permits go to groups that could
//!   start one, in scenario order;
//! - the free members of each crew begin the tasks that [`Crew::takes`](crate::control::Crew::takes) says.
//!
//! Whether a group could start an update changes only with its events, and a queue changes with the events of groups or at
//! the next instant at which a task comes into sight, is answered, or working time begins. So the coordinator goes from
//! the control period at or after one such instant straight to the one at or after the next.

mod releases;

use super::group::{Group, Setting};
use super::observer::Observer;
use crate::control::Crew;
use crate::control::crew::Waiting;
use crate::time::{Span, Time};
use releases::Releases;

/// Runs `groups`, all of `setting`, together to the horizon under a policy that couples them.
pub fn run<'m, O: Observer>(groups: &mut [Group<'m, O>], setting: Setting<'m>) {
    let Setting { model, policy, .. } = setting;
    let control_period = model.control_period;
    let mut releases = Releases::of(setting);
    let mut due = Time::ZERO;
    loop {
        let periods = (due.0.max(1) as u64).div_ceil(control_period.0 as u64) as i64;
        let at = Time(periods.saturating_mul(control_period.0));
        if at >= model.horizon {
            return;
        }
        for group in groups.iter_mut().filter(|group| group.next_due() <= at) {
            group.advance(at + Span(1));
        }
        let ring = releases.as_mut().map_or(Time::NEVER, |releases| releases.direct(groups, at));
        if let Some(limit) = policy.upgrade.max_groups_at_once {
            grant_permits(groups, limit as usize, at);
        }
        let look = direct_crews(groups, &model.crews, at);
        due = groups.iter().map(Group::next_due).min().unwrap_or(Time::NEVER).min(look).min(ring);
    }
}

fn grant_permits<O: Observer>(groups: &mut [Group<'_, O>], limit: usize, at: Time) {
    let mut free = limit;
    for group in groups.iter_mut().filter(|group| group.has_permit()) {
        if group.wants_permit(at) {
            free -= 1;
        } else {
            group.permit(at, false);
        }
    }
    let waiting = groups.iter_mut().filter(|group| !group.has_permit());
    let waiting = waiting.filter_map(|group| group.wants_permit(at).then_some(group));
    waiting.take(free).for_each(|group| group.permit(at, true));
}

/// What one crew has to do.
#[derive(Default)]
struct Desk {
    busy: usize,
    queue: Vec<Waiting>,
    /// Group and task of each entry of the queue.
    tasks: Vec<(usize, usize)>,
}

/// Lets free members begin their next tasks; when to look again, if no group has an event before.
fn direct_crews<O: Observer>(groups: &mut [Group<'_, O>], crews: &[Crew], at: Time) -> Time {
    let mut desks: Vec<Desk> = crews.iter().map(|_| Desk::default()).collect();
    for (index, group) in groups.iter_mut().enumerate().filter(|(_, group)| !group.tasks().is_empty()) {
        group.call_crews(at);
        for (number, task) in group.tasks().iter().enumerate() {
            let desk = &mut desks[task.crew];
            if task.is_begun {
                desk.busy += 1;
            } else {
                desk.queue.push(group.waiting(number));
                desk.tasks.push((index, number));
            }
        }
    }
    let looks = crews.iter().zip(&mut desks).map(|(crew, desk)| direct(groups, crew, desk, at));
    looks.min().unwrap_or(Time::NEVER)
}

fn direct<O: Observer>(groups: &mut [Group<'_, O>], crew: &Crew, desk: &mut Desk, at: Time) -> Time {
    let mut taken = crew.takes(at, desk.busy, &desk.queue);
    for &entry in &taken {
        let (group, task) = desk.tasks[entry];
        groups[group].begin_task(task, at);
    }
    desk.busy += taken.len();
    taken.sort_unstable_by(|a, b| b.cmp(a));
    for entry in taken {
        desk.queue.swap_remove(entry);
    }
    crew.next_look(at, desk.busy, &desk.queue)
}
