//! Releases: when they are published, and how good they are.

use crate::fleet::Release;
use crate::random::{Entity, Purpose, Streams, Variate, chance};
use crate::time::{Span, Time};

/// The most releases of a replication after the initial one.
pub const MOST_RELEASES: usize = u16::MAX as usize;

/// When releases are published, and how good they are.
#[derive(Clone, Debug)]
pub struct ReleasePlan {
    /// The dates.
    pub dates: ReleaseDates,
    /// What a bad release does, and how often one is bad where the date does not say.
    pub bad: BadRelease,
    /// Scheduled update failures.
    pub faults: Vec<UpdateFault>,
}

/// Dates of publication.
#[derive(Clone, Debug)]
pub enum ReleaseDates {
    /// Explicit, in order.
    Explicit(Vec<PlannedRelease>),
    /// A renewal process from 0.
    Renewal {
        /// From one release to the next regular one.
        every: Variate,
        /// Probability that a release is followed by a hotfix.
        hotfix_probability: f64,
        /// From a release to its hotfix; a hotfix that would not come before the next release is that release.
        hotfix_after: Span,
        /// Whether hotfixes are urgent.
        hotfix_urgent: bool,
    },
}

/// A release of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedRelease {
    /// When it is published.
    pub at: Time,
    /// Whether it is bad; `None`: it is drawn.
    pub bad: Option<bool>,
    /// Whether it is urgent.
    pub urgent: bool,
}

impl PlannedRelease {
    /// A regular release at `at`.
    pub fn regular(at: Time, bad: Option<bool>) -> PlannedRelease {
        PlannedRelease { at, bad, urgent: false }
    }
}

/// What a bad release does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadRelease {
    /// Probability that a release is bad.
    pub probability: f64,
    /// Rate at which times to failure of connector scope are spent on it.
    pub failure_multiplier: f64,
    /// A connector's capacity is divided by this on it.
    pub cpu_multiplier: f64,
    /// The probability that an attempt to install it fails is multiplied by this.
    pub update_failure_multiplier: f64,
}

/// A scheduled update failure: the first `attempts` completed attempts of a (slot, release) fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateFault {
    /// Release, from 1.
    pub release: usize,
    /// Group index.
    pub group: usize,
    /// Slot ordinal.
    pub slot: usize,
    /// How many attempts fail.
    pub attempts: u32,
}

impl ReleasePlan {
    /// The releases published before `horizon` in the replication of `streams`: release 1 first, in order of time.
    pub fn draw(&self, streams: Streams, horizon: Time) -> Vec<Release> {
        let dates = match &self.dates {
            ReleaseDates::Explicit(dates) => dates.clone(),
            ReleaseDates::Renewal { every, hotfix_probability, hotfix_after, hotfix_urgent } => {
                renewals(every, (*hotfix_probability, *hotfix_after, *hotfix_urgent), streams, horizon)
            }
        };
        let before_horizon = dates.into_iter().filter(|planned| planned.at < horizon);
        before_horizon
            .enumerate()
            .map(|(index, planned)| Release {
                published: planned.at,
                bad: planned.bad.unwrap_or_else(|| self.is_bad(streams, index + 1)),
                urgent: planned.urgent,
            })
            .collect()
    }

    /// The quality of a release belongs to its number, so that it stays when dates move.
    fn is_bad(&self, streams: Streams, number: usize) -> bool {
        let release = Entity::named("release", &number.to_string());
        let mut rng = streams.draw(release, Purpose::named("release quality"), 0);
        chance(&mut rng, self.bad.probability)
    }
}

/// Regular releases, each with its hotfix if it has one, in order of time, until one is at or after `horizon`, and at
/// most [`MOST_RELEASES`].
fn renewals(
    every: &Variate,
    (hotfix_probability, hotfix_after, hotfix_urgent): (f64, Span, bool),
    streams: Streams,
    horizon: Time,
) -> Vec<PlannedRelease> {
    let (fleet, purpose) = (Entity::named("fleet", ""), Purpose::named("release dates"));
    let (mut dates, mut regular, mut hotfix) = (Vec::new(), Time::ZERO, None);
    for n in 1.. {
        let mut rng = streams.draw(fleet, purpose, n);
        let next = regular + every.span(&mut rng);
        dates.extend(hotfix.filter(|hotfix: &PlannedRelease| hotfix.at < next));
        if next >= horizon || dates.len() >= MOST_RELEASES {
            break;
        }
        dates.push(PlannedRelease::regular(next, None));
        let mend = PlannedRelease { at: next + hotfix_after, bad: None, urgent: hotfix_urgent };
        hotfix = chance(&mut rng, hotfix_probability).then_some(mend);
        regular = next;
    }
    dates.truncate(MOST_RELEASES);
    dates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY;

    const HORIZON: Time = Time(10 * DAY.0);

    fn plan(dates: ReleaseDates, probability: f64) -> ReleasePlan {
        let bad = BadRelease {
            probability,
            failure_multiplier: 1.0,
            cpu_multiplier: 1.0,
            update_failure_multiplier: 1.0,
        };
        ReleasePlan { dates, bad, faults: Vec::new() }
    }

    fn every_three_days(hotfix_probability: f64, hotfix_after: Span) -> ReleaseDates {
        let every = Variate::constant(3.0 * DAY.0 as f64).unwrap();
        ReleaseDates::Renewal { every, hotfix_probability, hotfix_after, hotfix_urgent: true }
    }

    fn days(plan: &ReleasePlan) -> Vec<i64> {
        let streams = Streams { seed: 1, replication: 0 };
        plan.draw(streams, HORIZON).iter().map(|release| release.published.0 / DAY.0).collect()
    }

    #[test]
    fn explicit_dates_are_taken_up_to_the_horizon() {
        let dates =
            [1, 9, 10, 11].map(|day| PlannedRelease::regular(Time(day * DAY.0), Some(day == 9))).to_vec();
        let releases =
            plan(ReleaseDates::Explicit(dates), 0.5).draw(Streams { seed: 1, replication: 0 }, HORIZON);
        let expected = [(1, false), (9, true)].map(|(day, bad)| Release {
            published: Time(day * DAY.0),
            bad,
            urgent: false,
        });
        assert_eq!(releases, expected);
    }

    #[test]
    fn a_hotfix_stands_between_regular_releases_or_not_at_all() {
        assert_eq!(days(&plan(every_three_days(0.0, DAY), 0.0)), [3, 6, 9]);
        assert_eq!(days(&plan(every_three_days(1.0, DAY), 0.0)), [3, 4, 6, 7, 9]);
        assert_eq!(days(&plan(every_three_days(1.0, Span(3 * DAY.0)), 0.0)), [3, 6, 9]);
        let drawn = plan(every_three_days(1.0, DAY), 0.0).draw(Streams { seed: 1, replication: 0 }, HORIZON);
        assert_eq!(
            drawn.iter().map(|release| release.urgent).collect::<Vec<_>>(),
            [false, true, false, true, false]
        );
        let nearly_a_day = Span(DAY.0 - 1);
        assert_eq!(days(&plan(every_three_days(1.0, nearly_a_day), 0.0)), [3, 3, 6, 6, 9, 9]);
    }

    #[test]
    fn releases_that_follow_too_fast_end_before_the_horizon() {
        let every = Variate::constant(1.0).unwrap();
        for (hotfix_probability, hotfix_after) in [(0.0, DAY), (1.0, Span(0))] {
            let every = every.clone();
            let dates =
                ReleaseDates::Renewal { every, hotfix_probability, hotfix_after, hotfix_urgent: false };
            assert_eq!(days(&plan(dates, 0.0)).len(), MOST_RELEASES);
        }
    }

    #[test]
    fn quality_is_certain_at_the_ends_and_belongs_to_the_number() {
        let streams = Streams { seed: 3, replication: 5 };
        let quality = |plan: ReleasePlan| -> Vec<bool> {
            plan.draw(streams, HORIZON).iter().map(|release| release.bad).collect()
        };
        assert_eq!(quality(plan(every_three_days(0.0, DAY), 0.0)), [false; 3]);
        assert_eq!(quality(plan(every_three_days(0.0, DAY), 1.0)), [true; 3]);
        let explicit = ReleaseDates::Explicit(
            (1..=3).map(|day| PlannedRelease::regular(Time(day * DAY.0), None)).collect(),
        );
        assert_eq!(quality(plan(explicit, 0.5)), quality(plan(every_three_days(0.0, DAY), 0.5)));
    }
}
