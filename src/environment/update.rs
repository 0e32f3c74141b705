//! How one attempt to update one connector goes: drawn from streams keyed by (slot, release, start).

use std::sync::LazyLock;

use super::Environment;
use crate::random::{Entity, Purpose, Streams, chance};
use crate::time::Span;

static DURATION: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update duration"));
static OUTCOME: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update outcome"));
static PERSISTENT: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("persistent fault"));

/// One start of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The group's index and the slot's ordinal.
    pub place: (usize, usize),
    /// The slot's key.
    pub slot: Entity,
    /// The release, from 1.
    pub release: usize,
    /// Whether the release is bad.
    pub bad: bool,
    /// Starts of this slot and release before this one, aborted ones included.
    pub starts: u64,
    /// Of these, those that ended by themselves.
    pub completed: u32,
    /// Whether an operator has mended this slot and release.
    pub mended: bool,
}

impl Environment {
    /// How long the attempt takes, cut to the limit.
    pub fn update_duration(&self, streams: Streams, attempt: Attempt) -> Span {
        let drawn = self.updates.duration.span(&mut streams.draw(attempt.slot, *DURATION, attempt.index()));
        drawn.min(self.updates.limit)
    }

    /// Whether the attempt fails: transiently, persistently, or because the scenario says so.
    pub fn update_fails(&self, streams: Streams, attempt: Attempt) -> bool {
        let multiplier = if attempt.bad { self.releases.bad.update_failure_multiplier } else { 1.0 };
        let fails = |probability: f64, purpose, index| {
            let probability = (probability * multiplier).min(1.0);
            probability > 0.0 && chance(&mut streams.draw(attempt.slot, purpose, index), probability)
        };
        if fails(self.updates.transient_failure, *OUTCOME, attempt.index()) {
            return true;
        }
        !attempt.mended
            && (self.is_scheduled_to_fail(attempt)
                || fails(self.updates.persistent_failure, *PERSISTENT, attempt.release as u64))
    }

    fn is_scheduled_to_fail(&self, attempt: Attempt) -> bool {
        self.releases.faults.iter().any(|fault| {
            (fault.group, fault.slot) == attempt.place
                && fault.release == attempt.release
                && attempt.completed < fault.attempts
        })
    }
}

impl Attempt {
    fn index(self) -> u64 {
        (self.release as u64) << 32 | self.starts
    }
}
