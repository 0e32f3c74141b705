//! How one attempt to update one connector goes: drawn from streams keyed by (slot, release, start).

use std::sync::LazyLock;

use super::{Environment, Updates};
use crate::random::{Entity, Purpose, Streams, chance};
use crate::time::Span;

static ATTEMPT: LazyLock<Purpose> = LazyLock::new(|| Purpose::named("update attempt"));
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
    /// The release that was rolled back, where the connector goes back; 0 otherwise.
    pub left: usize,
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
    /// How long the attempt takes, cut to the limit, and whether it fails: transiently, persistently, or because the
    /// scenario says so; on the way back transiently only. Duration and transient failure are the first two numbers of one draw.
    #[inline]
    pub fn draw_update(&self, streams: Streams, attempt: Attempt) -> (Span, bool) {
        let Updates { duration, limit, transient_failure, persistent_failure, .. } = &self.updates;
        let multiplier = if attempt.bad { self.releases.bad.update_failure_multiplier } else { 1.0 };
        let rng = &mut streams.draw(attempt.slot, *ATTEMPT, attempt.index());
        let duration = duration.span(rng).min(*limit);
        let transient = chance(rng, (transient_failure * multiplier).min(1.0));
        if attempt.left > 0 {
            return (duration, transient);
        }
        let persistent = || {
            let probability = (persistent_failure * multiplier).min(1.0);
            let index = attempt.release as u64;
            probability > 0.0 && chance(&mut streams.draw(attempt.slot, *PERSISTENT, index), probability)
        };
        let fails = transient || !attempt.mended && (self.is_scheduled_to_fail(attempt) || persistent());
        (duration, fails)
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
    /// On the way back it is keyed by the release that is left, apart from the draws of the way there.
    fn index(self) -> u64 {
        match self.left {
            0 => (self.release as u64) << 32 | self.starts,
            left => (left as u64) << 32 | 1 << 31 | self.starts,
        }
    }
}
