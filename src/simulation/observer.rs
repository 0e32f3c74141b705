//! What the simulation tells whoever watches: the only way results leave it.
//!
//! An observer watches one group through one replication. Every method has an empty default, calls are static, so
//! what nobody watches costs nothing. Between two calls of [`Observer::span`] nothing that it reports changes.

use super::load::Capacity;
use crate::control::crew::TaskKind;
use crate::control::provisioning::Step;
use crate::control::upgrade::Hold;
use crate::fleet::{Axes, Cause, GroupStatus, SlotSet, Status, VersionIcon};
use crate::time::{Span, Time};

/// What is displayed of one slot at the end of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotDisplay {
    /// Its status.
    pub status: Status,
    /// The cause of a status other than `Connected`.
    pub cause: Cause,
    /// Release of its agent, from 0.
    pub agent: u16,
    /// Image of its operating system, from 0.
    pub image: u16,
}

/// What is displayed of a group at the end of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupDisplay {
    /// Its status.
    pub status: GroupStatus,
    /// Whether users failed to reach resources within the last hour, as of the last tick.
    pub warning: bool,
    /// Its version icon.
    pub icon: VersionIcon,
    /// The cause of `Disconnected`.
    pub cause: Cause,
}

/// Everything about a group that stays the same between two instants.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// What is displayed of the group.
    pub display: GroupDisplay,
    /// Whether the running average exceeds the threshold (whoever serves).
    pub over_threshold: bool,
    /// Where its connectors stand; what is displayed of them follows from it.
    pub axes: &'a Axes,
    /// Slots that serve.
    pub serving: SlotSet,
    /// In-service connectors that do not run the newest published release (none, before the first).
    pub outdated: SlotSet,
    /// In-service connectors that run a release older than the newest one published as urgent.
    pub urgently_outdated: SlotSet,
    /// In-service connectors with a published vulnerability.
    pub vulnerable: SlotSet,
}

/// Consecutive ticks with the same connectors serving.
#[derive(Clone, Copy, Debug)]
pub struct TickRun<'a> {
    /// Index of the first tick.
    pub first: usize,
    /// Whether a slot is meant to serve.
    pub is_meant: bool,
    /// Whether users are sent to the group.
    pub receives: bool,
    /// Demand at each tick in Mbps; 0 while nobody is sent to the group.
    pub demand: &'a [f32],
    /// Its sum.
    pub demand_sum: f64,
    /// Offered (uncapped) CPU at each tick in hundredths of a percent; empty where nobody serves.
    pub offered: &'a [i32],
    /// The greatest of it; 0 where nobody serves.
    pub most_offered: i32,
    /// Displayed CPU at each tick in hundredths of a percent, at most 10,000; empty where nobody serves.
    pub samples: &'a [i32],
    /// How many of the ticks are overloaded.
    pub overloaded: usize,
}

/// Demand of consecutive ticks with the same connectors serving, of which a part was not served.
#[derive(Clone, Copy, Debug)]
pub struct Shortfall<'a> {
    /// Demand at each tick in Mbps.
    pub demand: &'a [f32],
    /// How long the demand of a tick lasts, in milliseconds.
    pub length: f64,
    /// By how much shorter the last one lasts, in milliseconds.
    pub cut: f64,
    /// What those serving can carry.
    pub capacity: &'a Capacity,
    /// What was not served, in Mbps·ms: the same number that [`Observer::traffic`] tells.
    pub unserved: f64,
}

/// A thing that happened to a slot or group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Happening {
    /// A connector's sessions were dropped.
    SessionsDropped {
        /// Slot.
        slot: usize,
        /// How many, not rounded.
        sessions: f64,
    },
    /// A release was published.
    Published {
        /// Release, from 1.
        release: usize,
    },
    /// The rollout of a release began: it became the group's target.
    RolloutBegan {
        /// Release, from 1.
        release: usize,
        /// How many connectors are now pending.
        pending: usize,
    },
    /// With rings, a release that was due never began here: a newer one did, or the run is over.
    Skipped {
        /// Release.
        release: usize,
        /// How many connectors were in service.
        connectors: usize,
    },
    /// The gate of the target release was breached, and nothing starts here, or that is over.
    GateHolds {
        /// Release.
        release: usize,
        /// Whether it holds now.
        holds: bool,
    },
    /// The rollout of a release was rolled back: the group's target is again what it was before.
    RolledBack {
        /// The release that is left.
        release: usize,
        /// The target, 0 where there was none.
        to: usize,
        /// How many connectors are now pending, to go back or because they never came so far.
        pending: usize,
    },
    /// A connector left a release that was rolled back.
    Returned {
        /// Slot.
        slot: usize,
        /// The release that it runs again.
        to: usize,
    },
    /// A decision began to go against an update; only told where decisions are watched.
    Held {
        /// The rule.
        hold: Hold,
    },
    /// An update began.
    UpdateStarted {
        /// Slot.
        slot: usize,
        /// Release.
        release: usize,
    },
    /// An update ended with success.
    UpdateSucceeded {
        /// Slot.
        slot: usize,
        /// Release.
        release: usize,
    },
    /// An update ended with failure.
    UpdateFailed {
        /// Slot.
        slot: usize,
        /// Release.
        release: usize,
    },
    /// An update was cancelled by a publication or aborted by a loss of the link.
    UpdateAborted {
        /// Slot.
        slot: usize,
        /// Release.
        release: usize,
    },
    /// The group began to be halted.
    Halted {
        /// Release.
        release: usize,
    },
    /// The halt ended.
    Resumed,
    /// A repair task opened because attempts were exhausted.
    RepairOpened {
        /// The slot whose failure opened it.
        slot: usize,
    },
    /// The repair task ended.
    RepairEnded,
    /// No slot is pending any more.
    RolloutComplete {
        /// Release.
        release: usize,
    },
    /// A connector runs a bad release from now on: an update to it succeeded, or a new connector came with it.
    RanBadRelease {
        /// Slot.
        slot: usize,
        /// Release.
        release: usize,
    },
    /// A connector does not run a bad release any more: it was updated, went back, or expired.
    LeftBadRelease {
        /// Slot.
        slot: usize,
        /// Release.
        release: usize,
    },
    /// A connector failed (one of its own outages, or a wide one, began).
    Failed {
        /// Slot.
        slot: usize,
        /// Of what.
        cause: Cause,
    },
    /// A connector's outage ended.
    Restored {
        /// Slot.
        slot: usize,
        /// Of what.
        cause: Cause,
    },
    /// A connector was enabled by hand.
    Enabled {
        /// Slot.
        slot: usize,
    },
    /// A connector was disabled by hand.
    Disabled {
        /// Slot.
        slot: usize,
    },
    /// The group as a whole was enabled by hand.
    GroupEnabled,
    /// The group as a whole was disabled by hand.
    GroupDisabled,
    /// A connector was revoked.
    Revoked {
        /// Slot.
        slot: usize,
    },
    /// A connector was deleted: by hand, or a while after it died.
    Deleted {
        /// Slot.
        slot: usize,
    },
    /// The group got another provisioning key by hand.
    KeyRotated,
    /// A connector expired.
    Expired {
        /// Slot.
        slot: usize,
    },
    /// A new connector passed a step on its way into service.
    Passed {
        /// Slot.
        slot: usize,
        /// The step.
        step: Step,
        /// When it began.
        since: Time,
        /// How long it took.
        took: Span,
    },
    /// A new connector did not pass a step on its way into service: it is removed, or the run is over.
    NotPassed {
        /// Slot.
        slot: usize,
        /// The step.
        step: Step,
        /// When it began.
        since: Time,
        /// Whether it is still at it, at the end of the run.
        is_open: bool,
    },
    /// Scaling ordered a connector.
    Ordered {
        /// Slot.
        slot: usize,
        /// Slots that are configured from now on.
        configured: SlotSet,
    },
    /// A connector that scaling ordered came into service.
    Added {
        /// Slot.
        slot: usize,
    },
    /// Scaling began to remove a connector: it is disabled.
    Draining {
        /// Slot.
        slot: usize,
    },
    /// A connector is not removed after all: it is enabled again.
    Recalled {
        /// Slot.
        slot: usize,
    },
    /// Scaling removed a connector.
    Removed {
        /// Slot.
        slot: usize,
        /// Slots that are configured from now on.
        configured: SlotSet,
    },
    /// A replacement came into service.
    Replaced {
        /// Slot.
        slot: usize,
    },
    /// At the horizon the rollout of a due release is not complete here.
    Unfinished(Unfinished),
    /// Something waits for a crew.
    TaskOpened {
        /// What is to be done.
        job: Job,
    },
    /// A member of the crew began work on it.
    TaskBegun {
        /// What is to be done.
        job: Job,
        /// Since it opened.
        waited: Span,
    },
    /// It is done, or its reason is gone, or the run is over while somebody works on it.
    TaskClosed {
        /// What was to be done.
        job: Job,
        /// Whether somebody worked on it, who is free now.
        is_begun: bool,
    },
}

/// A rollout that is not complete in a group at the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The release.
    pub release: usize,
    /// Connectors in service that do not run it.
    pub connectors: usize,
    /// Since when nothing moved: the last success in it, or else its publication.
    pub since: Time,
    /// The rule that holds it up.
    pub hold: Hold,
}

/// Something that a crew is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// Index of the crew.
    pub crew: usize,
    /// What is to be done.
    pub kind: TaskKind,
    /// Slot.
    pub slot: usize,
}

/// Watches one group through one replication.
pub trait Observer {
    /// Whether it wants the rows of slots; if nobody does, none are made.
    const WATCHES_SLOTS: bool = true;
    /// Whether it wants to know why no update starts.
    const WATCHES_DECISIONS: bool = false;

    /// Whether it wants to know what is missing, and what for: [`Observer::absent`], [`Observer::strained`],
    /// [`Observer::overloaded`] and [`Observer::shortfall`]; if nobody does, it is not worked out.
    const WATCHES_ABSENCE: bool = false;

    /// A slot's row: at 0 with no `from`, and whenever status or versions differ at the end of an instant.
    fn slot(&mut self, _at: Time, _slot: usize, _from: Option<SlotDisplay>, _to: SlotDisplay) {}

    /// The group's row: at 0 with no `from`, and whenever anything in it differs at the end of an instant.
    fn group(&mut self, _at: Time, _from: Option<GroupDisplay>, _to: GroupDisplay) {}

    /// From the end of the instant `from` to the beginning of the instant `to` everything stood like this.
    fn span(&mut self, _from: Time, _to: Time, _standing: &Standing<'_>) {}

    /// Ticks with constant serving connectors.
    fn ticks(&mut self, _run: TickRun<'_>) {}

    /// Demand and unserved demand of an interval, in Mbps·ms.
    fn traffic(&mut self, _demand: f64, _unserved: f64) {}

    /// In the span that is told next the connector in `slot` does not serve.
    fn absent(&mut self, _slot: usize, _cause: Cause) {}

    /// In the span that is told next these serve on a bad release; not told if there are none.
    fn strained(&mut self, _slots: SlotSet) {}

    /// Tick `first + index` is overloaded; `demand` is that of the run of ticks that begins with tick `first` and is told
    /// afterwards. Ascending; its span is told afterwards too.
    fn overloaded(&mut self, _first: usize, _index: usize, _demand: &[f32]) {}

    /// A part of the demand was not served; the span in which that was is told afterwards.
    fn shortfall(&mut self, _of: Shortfall<'_>) {}

    /// Something happened; several may happen in one instant, in this order.
    fn happened(&mut self, _at: Time, _what: Happening) {}

    /// The warm-up is over: only what is told from now on counts, and what stands at the instant `at` counts from there on.
    /// Before it `events` model events were executed. Not told where there is no warm-up.
    fn measure(&mut self, _at: Time, _events: u64) {}

    /// The horizon is reached; `events` model events were executed, renewals included, ticks not.
    fn finish(&mut self, _at: Time, _events: u64) {}
}

/// Watches nothing.
impl Observer for () {
    const WATCHES_SLOTS: bool = false;
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    const WATCHES_SLOTS: bool = A::WATCHES_SLOTS || B::WATCHES_SLOTS;
    const WATCHES_DECISIONS: bool = A::WATCHES_DECISIONS || B::WATCHES_DECISIONS;
    const WATCHES_ABSENCE: bool = A::WATCHES_ABSENCE || B::WATCHES_ABSENCE;

    fn slot(&mut self, at: Time, slot: usize, from: Option<SlotDisplay>, to: SlotDisplay) {
        self.0.slot(at, slot, from, to);
        self.1.slot(at, slot, from, to);
    }
    fn group(&mut self, at: Time, from: Option<GroupDisplay>, to: GroupDisplay) {
        self.0.group(at, from, to);
        self.1.group(at, from, to);
    }
    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        self.0.span(from, to, standing);
        self.1.span(from, to, standing);
    }
    fn ticks(&mut self, run: TickRun<'_>) {
        self.0.ticks(run);
        self.1.ticks(run);
    }
    fn traffic(&mut self, demand: f64, unserved: f64) {
        self.0.traffic(demand, unserved);
        self.1.traffic(demand, unserved);
    }
    fn absent(&mut self, slot: usize, cause: Cause) {
        self.0.absent(slot, cause);
        self.1.absent(slot, cause);
    }
    fn strained(&mut self, slots: SlotSet) {
        self.0.strained(slots);
        self.1.strained(slots);
    }
    fn overloaded(&mut self, first: usize, index: usize, demand: &[f32]) {
        self.0.overloaded(first, index, demand);
        self.1.overloaded(first, index, demand);
    }
    fn shortfall(&mut self, of: Shortfall<'_>) {
        self.0.shortfall(of);
        self.1.shortfall(of);
    }
    fn happened(&mut self, at: Time, what: Happening) {
        self.0.happened(at, what);
        self.1.happened(at, what);
    }
    fn measure(&mut self, at: Time, events: u64) {
        self.0.measure(at, events);
        self.1.measure(at, events);
    }
    fn finish(&mut self, at: Time, events: u64) {
        self.0.finish(at, events);
        self.1.finish(at, events);
    }
}

impl<A: Observer> Observer for Option<A> {
    const WATCHES_SLOTS: bool = A::WATCHES_SLOTS;
    const WATCHES_DECISIONS: bool = A::WATCHES_DECISIONS;
    const WATCHES_ABSENCE: bool = A::WATCHES_ABSENCE;

    fn slot(&mut self, at: Time, slot: usize, from: Option<SlotDisplay>, to: SlotDisplay) {
        if let Some(inner) = self {
            inner.slot(at, slot, from, to);
        }
    }
    fn group(&mut self, at: Time, from: Option<GroupDisplay>, to: GroupDisplay) {
        if let Some(inner) = self {
            inner.group(at, from, to);
        }
    }
    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        if let Some(inner) = self {
            inner.span(from, to, standing);
        }
    }
    fn ticks(&mut self, run: TickRun<'_>) {
        if let Some(inner) = self {
            inner.ticks(run);
        }
    }
    fn traffic(&mut self, demand: f64, unserved: f64) {
        if let Some(inner) = self {
            inner.traffic(demand, unserved);
        }
    }
    fn absent(&mut self, slot: usize, cause: Cause) {
        if let Some(inner) = self {
            inner.absent(slot, cause);
        }
    }
    fn strained(&mut self, slots: SlotSet) {
        if let Some(inner) = self {
            inner.strained(slots);
        }
    }
    fn overloaded(&mut self, first: usize, index: usize, demand: &[f32]) {
        if let Some(inner) = self {
            inner.overloaded(first, index, demand);
        }
    }
    fn shortfall(&mut self, of: Shortfall<'_>) {
        if let Some(inner) = self {
            inner.shortfall(of);
        }
    }
    fn happened(&mut self, at: Time, what: Happening) {
        if let Some(inner) = self {
            inner.happened(at, what);
        }
    }
    fn measure(&mut self, at: Time, events: u64) {
        if let Some(inner) = self {
            inner.measure(at, events);
        }
    }
    fn finish(&mut self, at: Time, events: u64) {
        if let Some(inner) = self {
            inner.finish(at, events);
        }
    }
}
