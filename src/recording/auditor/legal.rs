//! Which displayed status of a connector can follow which, from one instant to another.
//!
//! Between the two ends of a row an instant may hold several events, so a connector whose update is aborted by a
//! failure at the very instant of its renewal goes from `Updating` to `Expired` in one row.

use crate::fleet::{Cause, Status};
use crate::simulation::observer::SlotDisplay;

/// What else than nature and updates can move a connector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moves {
    /// The policy scales.
    pub(super) scales: bool,
    /// Administrators act on dates.
    pub(super) acts: bool,
}

/// Whether a row may lead from one display to the other.
pub(super) fn transition(from: SlotDisplay, to: SlotDisplay, moves: Moves) -> bool {
    use Status::{Announced, Connected, Deleted, Deploying, Disabled, Disconnected, Expired, Updating};
    let Moves { scales, acts } = moves;
    let by_hand = scales || acts;
    let same_versions = (from.agent, from.image) == (to.agent, to.image);
    match (from.status, to.status) {
        // Nobody comes back from expiry but by a replacement.
        (Deleted, Deploying) | (Expired, Deploying | Deleted) => same_versions,
        // Enrolment brings the newest versions; a control period of that instant may bring another.
        (Deploying, Announced | Connected | Disabled | Updating) => true,
        // Who is announced takes every release at once.
        (Announced, Announced | Connected | Disconnected | Disabled | Updating) => from.image == to.image,
        // An update that succeeded.
        (Updating, Connected) | (Updating, Updating) | (Disabled, Disabled) => from.image == to.image,
        (Updating, Disconnected | Expired) => same_versions,
        (Connected, Updating | Disconnected | Expired) => same_versions,
        (Disconnected, Connected | Updating | Expired) => same_versions,
        (Disabled, Expired) => same_versions,
        // Scaling removes a connector at any stage, disabled before if it is in service, and may take it back.
        // An administrator does the same, and revokes: from then on it is disconnected until another one comes.
        (_, Deleted) if by_hand => true,
        (Disabled, Deploying) | (Connected | Disconnected, Disabled) if by_hand => same_versions,
        (Updating, Disabled) | (Disabled, Connected | Disconnected) if by_hand => from.image == to.image,
        (Disabled, Updating) if by_hand => same_versions,
        (Disconnected, Deploying) if acts => same_versions,
        // Whom an administrator deletes scaling may order anew at once.
        (_, Deploying) if scales && acts => true,
        (Deploying, Disconnected) if acts => true,
        _ => false,
    }
}

/// Whether the cause fits the status.
pub(super) fn cause(display: SlotDisplay) -> bool {
    match display.status {
        Status::Deleted => display.cause == Cause::Deleted,
        Status::Deploying => display.cause == Cause::Deploying,
        Status::Announced => display.cause == Cause::AwaitingConfirm,
        Status::Expired => display.cause == Cause::Expired,
        Status::Disabled => matches!(display.cause, Cause::Disabled | Cause::Draining),
        Status::Updating => display.cause == Cause::Update,
        Status::Disconnected => {
            matches!(display.cause, Cause::Class(_) | Cause::BadRelease | Cause::Revoked)
        }
        Status::Connected => display.cause == Cause::None,
    }
}
