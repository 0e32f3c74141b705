//! The timers of a group, laid out in the order of the tie law.

use crate::events::Agenda;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An outage of this process ends.
    Restore(u16),
    /// An outage of this process begins.
    Fail(u16),
    /// The connector cannot renew its validation, or its grace is over.
    Expire(u8),
    /// The update of this slot ends.
    UpdateEnds(u8),
    /// The group's back-off ends.
    Retry,
    /// A release is published.
    Publish,
    /// An image is published.
    NewImage,
    /// The machine of this slot is up and tries to enrol.
    Deployed(u8),
    /// An expired connector is deleted.
    AutoDelete(u8),
    /// The repair of an update fault ends.
    RepairEnds,
    /// A replacement begins to deploy.
    BeginReplacement(u8),
}

/// The number of each timer, or of the first of a run of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timers {
    pub(super) restore: usize,
    pub(super) fail: usize,
    pub(super) expire: usize,
    pub(super) update_ends: usize,
    pub(super) retry: usize,
    pub(super) publish: usize,
    pub(super) new_image: usize,
    pub(super) deployed: usize,
    pub(super) auto_delete: usize,
    pub(super) repair_ends: usize,
    pub(super) begin_replacement: usize,
}

impl Timers {
    /// Adds the timers of a group with these numbers of processes and slots; `deletes`: whether expired connectors are
    /// ever deleted before they are replaced. The order of the lines is the order in
    /// which simultaneous events are taken; processes come in the order of `environment::process::processes`, wider
    /// scope first. Control periods and ticks come after all of them.
    pub(super) fn lay_out(
        agenda: &mut Agenda<Kind>,
        processes: usize,
        slots: usize,
        deletes: bool,
    ) -> Timers {
        fn run<I>(agenda: &mut Agenda<Kind>, n: usize, kind: fn(I) -> Kind) -> usize
        where
            I: TryFrom<usize>,
        {
            let first = agenda.len();
            for kind in (0..n).filter_map(|i| I::try_from(i).ok()).map(kind) {
                agenda.add(kind);
            }
            first
        }
        Timers {
            restore: run(agenda, processes, Kind::Restore),
            fail: run(agenda, processes, Kind::Fail),
            expire: run(agenda, slots, Kind::Expire),
            update_ends: run(agenda, slots, Kind::UpdateEnds),
            retry: agenda.add(Kind::Retry),
            publish: agenda.add(Kind::Publish),
            new_image: agenda.add(Kind::NewImage),
            deployed: run(agenda, slots, Kind::Deployed),
            auto_delete: run(agenda, if deletes { slots } else { 0 }, Kind::AutoDelete),
            repair_ends: agenda.add(Kind::RepairEnds),
            begin_replacement: run(agenda, slots, Kind::BeginReplacement),
        }
    }
}
