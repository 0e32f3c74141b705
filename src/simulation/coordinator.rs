//! Where groups meet: at control periods, and only if the policy has something that couples them.
//!
//! Between two control periods every group runs by itself. At a control period, after all other events of that instant
//! but before its demand tick, the coordinator decides who may start updates: a group keeps its permit as long as it
//! has an update running or could start one; free permits go to groups that could start one, in scenario order.
//!
//! Whether a group could start an update changes only with its events, so the coordinator goes from the control period
//! at or after one event straight to the one at or after the next.

use super::group::Group;
use super::observer::Observer;
use crate::time::{Span, Time};

/// Runs `groups` together to `horizon` under a limit on the number of groups that may update at once.
pub fn run<O: Observer>(groups: &mut [Group<'_, O>], limit: usize, control_period: Span, horizon: Time) {
    let mut due = Time::ZERO;
    loop {
        let periods = (due.0.max(1) as u64).div_ceil(control_period.0 as u64) as i64;
        let at = Time(periods.saturating_mul(control_period.0));
        if at >= horizon {
            return;
        }
        for group in groups.iter_mut().filter(|group| group.next_due() <= at) {
            group.advance(at + Span(1));
        }
        grant_permits(groups, limit, at);
        due = groups.iter().map(Group::next_due).min().unwrap_or(Time::NEVER);
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
