//! Nature: what happens whatever anyone decides.
//!
//! Everything here is drawn from streams keyed by names and does not depend on any policy. Nothing here may import
//! [`crate::control`], and control may not import this: the two wings meet only in [`crate::simulation`].

pub mod action;
pub mod demand;
pub mod failure;
pub mod process;
pub mod release;
pub mod update;

pub use action::{Action, Deed};
pub use demand::DemandSeries;
pub use failure::{FailureClass, ScheduledOutage, Scope};
pub use release::{BadRelease, ReleasePlan, UpdateFault};

use crate::fleet::Image;
use crate::random::Variate;
use crate::time::Span;

/// What nature does to the fleet, compiled.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Failure classes in scenario order.
    pub failures: Vec<FailureClass>,
    /// How failure processes begin.
    pub start: Start,
    /// Renewal of validation.
    pub validation: Validation,
    /// When releases are published, and how good they are.
    pub releases: ReleasePlan,
    /// How an update goes.
    pub updates: Updates,
    /// Images, by publication.
    pub images: Vec<Image>,
    /// What administrators do on dates, by time; of one instant the wider place first, then in scenario order.
    pub actions: Vec<Action>,
    /// Demand series; groups refer to them by index.
    pub demands: Vec<DemandSeries>,
}

/// How random failure processes stand at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// In equilibrium: up or down with the long-run probability, with a residual life.
    Equilibrium,
    /// All up, with new clocks.
    Fresh,
}

/// Renewal of a connector's validation.
#[derive(Clone, Debug)]
pub struct Validation {
    /// From one renewal to the next.
    pub period: Span,
    /// When a disconnected connector expires.
    pub expiry: Expiry,
    /// Whether outages of region scope alone can expire a connector.
    pub region_outage_expires: bool,
    /// First renewal of the connectors that exist at 0; `None`: uniform on (0, period].
    pub phase: Option<Variate>,
    /// How long after its expiry a connector that was not replaced is deleted.
    pub auto_delete_after: Option<Span>,
}

/// When a disconnected connector expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At a renewal that finds its link down.
    AtRenewal,
    /// After its link has been down for so long without a break.
    Grace(Span),
}

/// How an update of the agent goes.
#[derive(Clone, Debug)]
pub struct Updates {
    /// Time of one attempt.
    pub duration: Variate,
    /// Longer attempts are cut to this.
    pub limit: Span,
    /// Probability that an attempt fails, each anew.
    pub transient_failure: f64,
    /// Probability that every attempt of a (slot, release) fails until an operator repairs it.
    pub persistent_failure: f64,
    /// Whether a connector serves while it is updated.
    pub serve_while_updating: bool,
    /// Whether the start of an update drops the sessions carried.
    pub drops_sessions: bool,
}
