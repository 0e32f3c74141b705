//! Releases: when they are published, and how good they are.

use crate::random::Variate;
use crate::time::{Span, Time};

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
    /// Explicit, in order; `bad` overrides the draw.
    Explicit(Vec<(Time, Option<bool>)>),
    /// A renewal process from 0.
    Renewal {
        /// From one release to the next regular one.
        every: Variate,
        /// Probability that a release is followed by a hotfix.
        hotfix_probability: f64,
        /// From a release to its hotfix; a hotfix that would not come before the next release is that release.
        hotfix_after: Span,
    },
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
