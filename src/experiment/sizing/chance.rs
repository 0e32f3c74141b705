//! What is left to chance in the life of a group: whether anything is, and how long what was not seen would last.
//!
//! In a size that is large enough nothing may have gone wrong in any replication. An outage of the kind that was not seen
//! is taken to last as long as those of the size tried with the longest ones do on average, and at least as long as what can
//! strike the group takes to restore on average, with the plain delays of whoever mends or replaces; a day at least
//! where too few were seen to go by.
//!
//! An overload is an event only in a size that carries the peak while all its connectors serve. A smaller one is overloaded by its
//! size, for hours or for ever, which tells nothing of larger ones. Where the peak is carried an overload needs somebody missing or
//! a burst of noise: it is taken to last as long as the longest seen in any such size, and at least as long as an outage that was not
//! seen or as noise remembers. So what other sizes were tried does not matter, as long as they are too small.

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

/// How long an outage lasts in hours that no replication of a trial showed, by what `trials` of group `index` had of them.
pub(super) fn outage_hours(question: &Question<'_>, index: usize, trials: &[&Trial]) -> f64 {
    let alive = || trials.iter().filter(|trial| !trial.is_dead());
    let restore = restore_hours(question.configured, question.policy, index);
    let seen: u64 = alive().map(|trial| trial.episodes(0)).sum();
    let least = if seen < ENOUGH { restore.max(DAY_HOURS) } else { restore };
    let telling = alive().filter(|trial| trial.episodes(0) >= ENOUGH);
    let hours = telling.map(|trial| trial.mean_outage_hours()).fold(least, f64::max);
    hours.min(question.configured.measured().as_hours())
}

/// How long an overload lasts in hours that `trial` of group `index` did not show, by what it and `others` had of them. Sizes
/// from `carries` on carry the peak; an outage that was not seen lasts `outage` hours.
pub(super) fn overload_hours(
    question: &Question<'_>,
    index: usize,
    carries: usize,
    (trial, others): (&Trial, &[&Trial]),
    outage: f64,
) -> f64 {
    let telling = others.iter().filter(|other| other.connectors >= carries);
    let seen =
        telling.map(|other| other.longest_overload_hours()).fold(trial.longest_overload_hours(), f64::max);
    let missing = if loses_nobody(question.configured, question.policy, index) { 0.0 } else { outage };
    let hours = seen.max(missing).max(burst_hours(question.configured, index));
    hours.min(question.configured.measured().as_hours())
}

/// How long noise keeps the demand of group `index` above where it was, in hours: until its correlation has fallen to 1/e, and as
/// long as load is averaged over.
fn burst_hours(model: &Model, index: usize) -> f64 {
    let series = &model.environment.demands[model.fleet.groups[index].demand];
    let phi = series.noise.map_or(0.0, |noise| noise.phi.abs());
    let remembered = if phi > 0.0 { -1.0 / libm::log(phi) } else { 0.0 };
    remembered.max(model.overload.window as f64).max(1.0) * model.ticks.length.as_hours()
}

/// Whether nothing about group `index` is left to chance under the policy with this index: no noise, and nobody missing for a time
/// that is drawn. One replication tells all then.
pub(super) fn is_certain(model: &Model, policy: usize, index: usize) -> bool {
    let noise = model.environment.demands[model.fleet.groups[index].demand].noise;
    noise.is_none_or(|noise| noise.sigma == 0.0) && loses_nobody(model, policy, index)
}

/// Whether nobody of group `index` is ever missing by chance: no outage, no update, nobody who is replaced after an action, no luck
/// in how load is shared, and if it scales no step of a new connector that takes now so long, now so long.
fn loses_nobody(model: &Model, policy: usize, index: usize) -> bool {
    let Model { environment, fleet, policies, .. } = model;
    let policy = &policies[policy];
    let group = &fleet.groups[index];
    let never_updated =
        matches!(&environment.releases.dates, ReleaseDates::Explicit(dates) if dates.is_empty());
    let scales = policy.scaling.dynamic().is_some();
    let added_for_certain = !scales || policy.provisioning.is_constant(&fleet.instances[group.instance].boot);
    let drawn = |action: &Action| {
        leaves_to_chance(action.deed, scales) && !action.place.covers(fleet, index).is_empty()
    };
    !environment.actions.iter().any(drawn)
        && never_updated
        && group.balance_spread == 0.0
        && processes(environment, fleet, index).is_empty()
        && added_for_certain
}

/// Whether what follows a deed takes a time that is drawn. What an administrator takes away for good is gone for certain; who
/// replaces it may take longer or shorter, and a new key matters only to connectors that are made later.
fn leaves_to_chance(deed: Deed, scales: bool) -> bool {
    match deed {
        Deed::Enable | Deed::Disable => false,
        Deed::Delete { replaced } => replaced,
        Deed::Revoke { replaced } => replaced || scales,
        Deed::RegenerateKey => scales,
    }
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
