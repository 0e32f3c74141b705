//! What is left to chance in the life of a group: whether anything is, and how long what was not seen would last.
//!
//! In a size that is large enough nothing may have gone wrong in any replication. An outage of the kind that was not seen
//! is taken to last as long as those of the size tried with the longest ones do on average, and at least as long as what can
//! strike the group takes to restore on average, with the plain delays of whoever mends or replaces. An overload is
//! taken to last as long as the longest that the group had in any size tried: overloads come several at a time, on one busy
//! day. Where too few were seen to go by, either lasts a day at least.

use crate::environment::process::{Source, processes};
use crate::environment::release::ReleaseDates;
use crate::environment::{Action, Deed};
use crate::simulation::Model;
use crate::time::HOUR;

use super::{Question, Trial};

/// So many episodes are enough to go by.
const ENOUGH: u64 = 10;
/// How long an event lasts of which nothing is known.
const DAY_HOURS: f64 = 24.0;

/// How long an outage and an overload last in hours that no replication of a trial showed, by what `trials` of group `index`
/// had of them.
pub(super) fn event_hours(question: &Question<'_>, index: usize, trials: &[&Trial]) -> [f64; 2] {
    let measured = question.configured.measured().0 as f64 / HOUR.0 as f64;
    let restore = restore_hours(question.configured, question.policy, index);
    let seen = |kind: usize| trials.iter().map(|trial| trial.episodes(kind)).sum::<u64>();
    let least = |kind: usize| if seen(kind) < ENOUGH { restore.max(DAY_HOURS) } else { 0.0 };
    let outage =
        trials.iter().filter(|trial| trial.episodes(0) >= ENOUGH).map(|trial| trial.mean_outage_hours());
    let overload = trials.iter().map(|trial| trial.longest_overload_hours());
    [outage.fold(restore.max(least(0)), f64::max), overload.fold(least(1), f64::max)]
        .map(|hours| hours.min(measured))
}

/// Whether nothing about group `index` is left to chance under the policy with this index: no noise, no outage, no update,
/// nobody who takes a connector away, and if it scales no step of a new connector that takes now so long, now so long. One replication tells all then.
pub(super) fn is_certain(model: &Model, policy: usize, index: usize) -> bool {
    let Model { environment, fleet, policies, .. } = model;
    let policy = &policies[policy];
    let group = &fleet.groups[index];
    let still = environment.demands[group.demand].noise.is_none_or(|noise| noise.sigma == 0.0);
    let never_updated =
        matches!(&environment.releases.dates, ReleaseDates::Explicit(dates) if dates.is_empty());
    let added_for_certain = policy.scaling.dynamic().is_none()
        || policy.provisioning.is_constant(&fleet.instances[group.instance].boot);
    let takes_away = |action: &Action| {
        !matches!(action.deed, Deed::Enable | Deed::Disable) && !action.place.covers(fleet, index).is_empty()
    };
    still
        && !environment.actions.iter().any(takes_away)
        && never_updated
        && group.balance_spread == 0.0
        && processes(environment, fleet, index).is_empty()
        && added_for_certain
}

/// The longest mean time, in hours, that what can strike group `index` lasts: that to restore of each failure class, with
/// the plain delay of an operator where one is needed, and that of a replacement.
fn restore_hours(model: &Model, policy: usize, index: usize) -> f64 {
    let policy = &model.policies[policy];
    let delay = |service: &crate::control::Service| service.delay().map_or(0.0, |delay| delay.mean());
    let lasts = |source: &Source<'_>| match source {
        Source::Scheduled { length, .. } => length.0 as f64,
        Source::Random { renewal, .. } => {
            let operator = if renewal.needs_operator > 0.0 { delay(&policy.repair) } else { 0.0 };
            renewal.time_to_restore.mean() + operator
        }
    };
    let outages = processes(&model.environment, &model.fleet, index);
    let longest = outages.iter().map(|process| lasts(&process.source)).fold(0.0, f64::max);
    let replaced = if outages.is_empty() { 0.0 } else { delay(&policy.replacement) };
    longest.max(replaced) / HOUR.0 as f64
}
