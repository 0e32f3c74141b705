//! A connector group, run from one event to the next. This is the heart of the simulation.
//!
//! A group keeps a few pending events ([`Agenda`]), where its connectors stand on each axis ([`Axes`]), its rollout, and its
//! demand. [`Group::advance`] takes the next event, and everything else follows from two rules:
//!
//! - **An instant is settled when the next one begins.** Events of the same instant are taken in the order of
//!   their kinds and places, which is the tie law (`timers`); when time moves on, the demand tick of the instant is taken last, and only then is
//!   anything displayed, so what lasts no time is never seen.
//! - **Between two instants nothing changes but demand**, so the ticks in between are one tight loop (`ticks`).

mod administration;
mod display;
mod disruption;
mod life;
mod links;
mod look;
mod provisioning;
mod rings;
mod rollout;
mod scaling;
mod setbacks;
mod tasks;
mod ticks;
mod timers;

use fearless_simd::Level;

use super::Model;
use super::observer::Observer;
use crate::control::Policy;
use crate::control::provisioning::Key;
use crate::control::upgrade::Hold;
use crate::environment::process::Process;
use crate::events::Agenda;
use crate::fleet::{self, Axes, Cause, Release, SlotSet, Status};
use crate::random::Streams;
use crate::time::{Span, Time};
use administration::Appointment;
use display::Shown;
use links::Outage;
use look::Sight;
use provisioning::Passage;
use rollout::Rollout;
use scaling::Scaler;
use tasks::Task;
use ticks::Load;
use timers::{Kind, Places};

/// What a group is run with.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'m> {
    /// What is simulated.
    pub model: &'m Model,
    /// The policy.
    pub policy: &'m Policy,
    /// The replication's streams.
    pub streams: Streams,
    /// The replication's releases, in order of publication.
    pub releases: &'m [Release],
    /// The instruction set of the vector kernels; results do not depend on it.
    pub level: Level,
    /// Demand in Mbps at each tick of the run, in place of what the model says; only where a group runs alone.
    pub demand: Option<&'m [f32]>,
}

/// One slot's counters and versions.
#[derive(Clone, Copy, Debug)]
struct Slot {
    agent: u16,
    image: u16,
    /// First renewal of the instance that is, or was last, in the slot.
    first_renewal: Time,
    /// Failures at the target release since the last repair, where connectors fail one by one.
    failures: u32,
    /// Until when it rests after a failure of its own, and what ends the rest.
    rests_until: (Time, Kind),
    /// Starts and completed attempts of the current target release.
    starts: u64,
    completed: u32,
    /// How the update that is under way will end.
    fails: bool,
    /// Instances that stood, or were to stand, in the slot since the one at 0.
    instances: u64,
    passage: Passage,
    /// Whether scaling ordered it: it replaces nobody.
    is_addition: bool,
}

/// A connector group in one replication under one policy.
#[derive(Debug)]
pub struct Group<'m, O> {
    setting: Setting<'m>,
    index: usize,
    configured: &'m fleet::Group,
    observer: O,
    now: Time,
    agenda: Agenda<Kind>,
    places: Places,
    processes: Vec<Process<'m>>,
    /// Active outages in the order in which they began.
    outages: Vec<Outage>,
    axes: Axes,
    /// Connectors whose link is down by an outage that can expire them.
    expirable: SlotSet,
    /// Deployed machines that wait for their link to enrol.
    awaiting_link: SlotSet,
    /// Those that wait for a new key.
    awaiting_key: SlotSet,
    key: Key,
    /// How often the key was regenerated.
    regenerations: u64,
    slots: Vec<Slot>,
    scaler: Option<Box<Scaler<'m>>>,
    /// Connectors that scaling removes.
    removing: SlotSet,
    /// What administrators will do, the last first.
    actions: Vec<Appointment>,
    rollout: Rollout,
    /// What waits for a crew or is worked on by one, in the order in which it opened.
    tasks: Vec<Task>,
    /// Releases published so far.
    published: usize,
    /// The newest of them that was published as urgent; 0: none yet.
    newest_urgent: usize,
    newest_image: u16,
    sight: Sight,
    load: Load<'m>,
    shown: Shown,
    /// The cause of the connector whose loss last left nobody serving.
    loss_cause: Option<Cause>,
    /// Whether that was in the open instant.
    lost_now: bool,
    /// A release that is due and does not begin here, with the reason.
    withheld: Option<(usize, Hold)>,
    /// Whether the fleet's limit on groups that update at once lets this one start updates.
    permitted: bool,
    events: u64,
}

impl<'m, O: Observer> Group<'m, O> {
    /// Group `index` at 0, before the first event.
    pub fn new(setting: Setting<'m>, index: usize, observer: O) -> Self {
        let Model { environment, fleet, .. } = setting.model;
        let configured = &fleet.groups[index];
        let processes = crate::environment::process::processes(environment, fleet, index);
        let slots = configured.slots.len();
        let scales = setting.policy.scaling.dynamic().is_some();
        let deletes = scales || environment.validation.auto_delete_after.is_some();
        let (places, agenda) = Places::of(processes.len(), slots, deletes);
        let slot = Slot {
            agent: 0,
            image: 0,
            first_renewal: Time::NEVER,
            failures: 0,
            rests_until: (Time::NEVER, Kind::Retry),
            starts: 0,
            completed: 0,
            fails: false,
            instances: 0,
            passage: Passage::NONE,
            is_addition: false,
        };
        let axes = Axes::at_start(configured, environment.updates.serve_while_updating);
        let mut group = Group {
            setting,
            index,
            configured,
            observer,
            now: Time::ZERO,
            agenda,
            places,
            processes,
            outages: Vec::new(),
            axes,
            expirable: SlotSet::EMPTY,
            awaiting_link: SlotSet::EMPTY,
            awaiting_key: SlotSet::EMPTY,
            key: Key::aged(setting.policy.provisioning.key_age),
            regenerations: 0,
            slots: vec![slot; slots],
            scaler: Scaler::of(setting, &axes),
            removing: SlotSet::EMPTY,
            actions: administration::calendar(setting.model, index),
            rollout: Rollout::default(),
            tasks: Vec::new(),
            published: 0,
            newest_urgent: 0,
            newest_image: 0,
            sight: Sight::of(&setting.policy.upgrade),
            load: Load::new(setting, configured),
            shown: Shown::nothing(axes),
            loss_cause: None,
            lost_now: false,
            withheld: None,
            permitted: setting.policy.upgrade.max_groups_at_once.is_none(),
            events: 0,
        };
        group.begin_validation();
        group.begin_processes();
        group.schedule_publications();
        group.schedule_scaling();
        group.schedule_action();
        group
    }

    /// Executes every event before `until`. The last instant stays open: what is still to come at it may be added.
    pub fn advance(&mut self, until: Time) {
        while let Some((due, kind, place)) = self.agenda.take_before(until) {
            self.move_to(due);
            self.execute(kind, place);
        }
    }

    /// Settles the instant that is open and lets time pass to `instant`, before which no event may be due. At the end of
    /// the warm-up it stops on the way, so that nothing that is told lasts from before it till after it.
    pub fn move_to(&mut self, instant: Time) {
        let measured_from = self.setting.model.measured_from;
        if self.now < measured_from && measured_from <= instant {
            self.pass_to(measured_from);
            let events = self.events + self.renewals_of_all(measured_from);
            self.observer.measure(measured_from, events);
        }
        if instant > self.now {
            self.pass_to(instant);
        }
    }

    fn pass_to(&mut self, instant: Time) {
        self.settle();
        self.coast(instant);
        self.now = instant;
    }

    /// Runs to the horizon and returns the observer.
    pub fn finish(mut self) -> O {
        let horizon = self.setting.model.horizon;
        self.advance(horizon);
        self.move_to(horizon);
        self.leave_work();
        self.tell_unfinished();
        self.tell_on_the_way();
        let renewals = self.renewals_of_all(horizon);
        self.observer.finish(horizon, self.events + renewals);
        self.observer
    }

    /// When the next event is due.
    pub fn next_due(&self) -> Time {
        self.agenda.next_due()
    }

    fn execute(&mut self, kind: Kind, place: usize) {
        self.events += u64::from(!matches!(kind, Kind::Look | Kind::Scale));
        let slot = |group: &Self| group.places.slot_at(place);
        self.event(|group| match kind {
            Kind::Restore => group.restore(place),
            Kind::Fail => group.fail(place),
            Kind::Expire => group.expire(slot(group)),
            Kind::UpdateEnds => group.end_update(slot(group)),
            Kind::Retry => group.retry(),
            Kind::Publish => group.publish(),
            Kind::NewImage => group.publish_image(),
            Kind::BeginRollout => group.begin_due_rollout(),
            Kind::Deployed => group.enrol(slot(group)),
            Kind::Confirmed => group.confirm(slot(group)),
            Kind::Administer => group.administer(),
            Kind::Delete => group.delete(slot(group)),
            Kind::RepairEnds => group.end_repair(),
            Kind::BeginReplacement => group.begin_replacement(slot(group)),
            Kind::KeyIssued => group.issue_key(),
            Kind::OrderPlaced => group.place_order(slot(group)),
            Kind::Look => {}
            Kind::Scale => group.scale(),
        });
    }

    /// What belongs to every event: the updates that it allows start, and if it leaves nobody serving, the cause of that
    /// is the cause of the lowest ordinal among those lost.
    fn event(&mut self, what: impl FnOnce(&mut Self)) {
        let before = self.axes.serving();
        what(self);
        self.start_updates();
        let after = self.axes.serving();
        if after.is_empty() && !before.is_empty() {
            self.loss_cause = before.lowest().map(|slot| self.cause_of(slot));
            self.lost_now = true;
        }
    }

    /// Why a slot does not serve, by its displayed status.
    fn cause_of(&self, slot: usize) -> Cause {
        self.cause_by_status(slot, self.axes.status(slot))
    }

    fn cause_by_status(&self, slot: usize, status: Status) -> Cause {
        match status {
            Status::Deleted => Cause::Deleted,
            Status::Deploying => Cause::Deploying,
            Status::Announced => Cause::AwaitingConfirm,
            Status::Expired => Cause::Expired,
            Status::Disabled if self.removing.contains(slot) => Cause::Draining,
            Status::Disabled => Cause::Disabled,
            Status::Updating => Cause::Update,
            Status::Disconnected if self.axes.revoked.contains(slot) => Cause::Revoked,
            Status::Disconnected => self.outage_cause(slot),
            Status::Connected => Cause::None,
        }
    }
}
