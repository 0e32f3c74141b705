//! The one heap of events, and the law that orders those of one instant.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use fleetcast::environment::Scope;
use fleetcast::environment::failure::Place;
use fleetcast::time::Time;

/// What keeps an outage of a class apart from others of the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The random process at a place.
    Random(Place),
    /// The scheduled outage with this index.
    Scheduled(usize),
}

/// An event. The variants stand in the order in which events of one instant are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    Restore {
        class: usize,
        source: Source,
    },
    Fail {
        class: usize,
        source: Source,
    },
    Renew {
        group: usize,
        slot: usize,
    },
    GraceOver {
        group: usize,
        slot: usize,
    },
    UpdateEnd {
        group: usize,
        slot: usize,
    },
    Retry {
        group: usize,
    },
    RestEnds {
        group: usize,
        slot: usize,
    },
    ReleasePublished {
        release: u16,
    },
    ImagePublished {
        image: u16,
    },
    BeginRollout {
        release: u16,
    },
    Deployed {
        group: usize,
        slot: usize,
    },
    Confirmed {
        group: usize,
        slot: usize,
    },
    Administer {
        action: usize,
    },
    AutoDelete {
        group: usize,
        slot: usize,
    },
    Remove {
        group: usize,
        slot: usize,
    },
    UpdateRepaired {
        group: usize,
    },
    SlotRepaired {
        group: usize,
        slot: usize,
    },
    Replace {
        group: usize,
        slot: usize,
    },
    KeyIssued {
        group: usize,
    },
    OrderPlaced {
        group: usize,
        slot: usize,
    },
    /// The updater of a group looks: at a window that opens, or at what comes into sight.
    Look {
        group: usize,
    },
    /// The number of connectors is decided.
    Scale {
        group: usize,
    },
    Control,
    Tick {
        index: usize,
    },
}

impl Event {
    /// The kind's turn within an instant: sections 7 and 10 of the model.
    fn turn(self) -> u32 {
        match self {
            Event::Restore { .. } => 0,
            Event::Fail { .. } => 1,
            Event::Renew { .. } | Event::GraceOver { .. } => 2,
            Event::UpdateEnd { .. } => 3,
            Event::Retry { .. } | Event::RestEnds { .. } => 4,
            Event::ReleasePublished { .. } | Event::ImagePublished { .. } => 5,
            Event::BeginRollout { .. } => 6,
            Event::Deployed { .. } => 7,
            Event::Confirmed { .. } => 8,
            Event::Administer { .. } => 9,
            Event::AutoDelete { .. } | Event::Remove { .. } => 10,
            Event::UpdateRepaired { .. } | Event::SlotRepaired { .. } => 11,
            Event::Replace { .. } => 12,
            Event::KeyIssued { .. } => 13,
            Event::OrderPlaced { .. } => 14,
            Event::Look { .. } => 15,
            Event::Scale { .. } => 16,
            Event::Control => 17,
            Event::Tick { .. } => 18,
        }
    }
}

/// Where an event stands among those of its kind and instant: the wider scope first, then the class, then region,
/// site, domain, group and slot; a random outage before a scheduled one of the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) scope: Reverse<Scope>,
    pub(crate) class: usize,
    pub(crate) place: [usize; 5],
}

/// Names a scheduled event, so that it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// An event in the heap: its instant, the turn of its kind, its turn within the kind.
type Entry = (Time, u32, Turn, Event, Ticket);

/// The pending events.
#[derive(Debug, Default)]
pub(crate) struct Calendar {
    heap: BinaryHeap<Reverse<Entry>>,
    cancelled: BTreeSet<Ticket>,
    scheduled: u64,
}

impl Calendar {
    pub(crate) fn schedule(&mut self, at: Time, turn: Turn, event: Event) -> Ticket {
        let ticket = Ticket(self.scheduled);
        self.scheduled += 1;
        self.heap.push(Reverse((at, event.turn(), turn, event, ticket)));
        ticket
    }

    /// Cancels an event that has not been taken yet; nothing for `None`.
    pub(crate) fn cancel(&mut self, ticket: Option<Ticket>) {
        self.cancelled.extend(ticket);
    }

    /// When an event that was not taken yet is due.
    pub(crate) fn instant(&self, wanted: Ticket) -> Option<Time> {
        self.heap.iter().map(|Reverse(entry)| entry).find(|entry| entry.4 == wanted).map(|entry| entry.0)
    }

    /// When the next event that was not cancelled is due.
    pub(crate) fn due(&mut self) -> Option<Time> {
        loop {
            let Reverse((at, _, _, _, ticket)) = *self.heap.peek()?;
            if !self.cancelled.remove(&ticket) {
                return Some(at);
            }
            self.heap.pop();
        }
    }

    /// Takes the next event that was not cancelled.
    pub(crate) fn next(&mut self) -> Option<Event> {
        self.due()?;
        self.heap.pop().map(|Reverse((_, _, _, event, _))| event)
    }
}
