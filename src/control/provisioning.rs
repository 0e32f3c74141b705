//! Provisioning: what stands between the order for a connector and its first user, and how one is taken out for good.
//!
//! A new connector is ordered, boots, enrols with its group's provisioning key once its link is up, is announced, and
//! serves when a person or a script has confirmed it. Each of these is a [`Step`] with a time of its own, so any of them
//! can be the bottleneck. Removing one drains it, disabled for new sessions, then watches how the others do, then
//! deletes it.
//!
//! **Invariant**: a step that a scenario does not name takes no time at all: it is not an event, and draws nothing.

use super::Service;
use super::crew::TaskKind;
use crate::random::Variate;
use crate::time::{Span, Time};

/// How connectors come and go.
#[derive(Clone, Debug)]
pub struct Provisioning {
    /// How old a provisioning key may be when a connector enrols with it.
    pub key_lifetime: Span,
    /// How old the groups' keys are at 0.
    pub key_age: Span,
    /// Who regenerates a key that has expired, from the moment at which a connector finds it so; `None`: keys are renewed
    /// before they expire.
    pub key_regeneration: Option<Service>,
    /// Who orders the machine of a connector that scaling adds, from the decision on; `None`: it begins to boot at once.
    pub order: Option<Service>,
    /// Who confirms an announced connector; `None`: it is confirmed as it enrols.
    pub confirmation: Option<Service>,
    /// How long a connector that is to be removed is drained.
    pub drain: Span,
    /// How long the others are watched after that, before it is deleted.
    pub watch: Span,
}

impl Provisioning {
    /// At once, wherever that is possible.
    pub fn immediate() -> Provisioning {
        Provisioning {
            key_lifetime: Span::LONGEST,
            key_age: Span::ZERO,
            key_regeneration: None,
            order: None,
            confirmation: None,
            drain: Span::ZERO,
            watch: Span::ZERO,
        }
    }

    /// Whether groups share whoever does one of its steps.
    pub fn is_shared(&self) -> bool {
        TaskKind::ALL.into_iter().any(|kind| self.calls_crew(kind))
    }

    /// Whether a crew is called to tasks of this kind, if it is a step of provisioning.
    pub fn calls_crew(&self, kind: TaskKind) -> bool {
        let service = match kind {
            TaskKind::Key => &self.key_regeneration,
            TaskKind::Confirmation => &self.confirmation,
            TaskKind::Order => &self.order,
            TaskKind::Repair | TaskKind::Replacement | TaskKind::UpdateRepair => return false,
        };
        service.as_ref().is_some_and(Service::is_shared)
    }

    /// Whether tasks of this kind can come up at all as a step of provisioning, or are no such step.
    pub fn may_call_crew(&self, kind: TaskKind) -> bool {
        self.calls_crew(kind) || !kind.is_of_provisioning()
    }

    /// Whether every step of a new connector takes as long each time, where it boots for `boot`.
    pub fn is_constant(&self, boot: &Variate) -> bool {
        let constant = |delay: &Variate| matches!(delay, Variate::Constant(_));
        let steps = [&self.order, &self.key_regeneration, &self.confirmation];
        let mut steps = steps.into_iter().flatten();
        constant(boot) && steps.all(|service| service.delay().is_some_and(constant))
    }

    /// Whether a connector can enrol with `key` at `at`.
    pub fn admits(&self, key: &Key, at: Time) -> bool {
        self.key_regeneration.is_none() || at - key.issued <= self.key_lifetime
    }
}

/// What a new connector goes through, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A machine is ordered.
    Order,
    /// It boots.
    Boot,
    /// It waits for its link.
    Link,
    /// It waits for a key that is regenerated.
    Key,
    /// It is announced and waits to be confirmed.
    Confirmation,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Step; 5] = [Step::Order, Step::Boot, Step::Link, Step::Key, Step::Confirmation];

    /// The word in result files.
    pub fn word(self) -> &'static str {
        match self {
            Step::Order => "order",
            Step::Boot => "boot",
            Step::Link => "link",
            Step::Key => "key",
            Step::Confirmation => "confirmation",
        }
    }
}

/// The provisioning key of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// When it was issued.
    pub issued: Time,
    /// Whether somebody regenerates it.
    pub in_regeneration: bool,
}

impl Key {
    /// One that is `age` old at 0.
    pub fn aged(age: Span) -> Key {
        Key { issued: Time::ZERO - age, in_regeneration: false }
    }

    /// One that is issued at `at` in its place.
    pub fn issue(&mut self, at: Time) {
        *self = Key { issued: at, in_regeneration: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY;

    fn day(n: i64) -> Time {
        Time(n * DAY.0)
    }

    /// (age at 0, issued anew on day, asked at, whether a connector can enrol), lifetime 14 days: the day itself counts.
    #[test]
    fn a_key_admits_up_to_its_lifetime_and_anew_from_its_rotation_on() {
        let fortnight = Span(14 * DAY.0);
        let given = Provisioning {
            key_lifetime: fortnight,
            key_regeneration: Variate::constant(1.0).ok().map(Service::After),
            ..Provisioning::immediate()
        };
        let table = [
            (0, None, day(0), true),
            (0, None, day(14), true),
            (0, None, day(14) + Span(1), false),
            (13, None, day(1), true),
            (13, None, day(1) + Span(1), false),
            (0, Some(3), day(17), true),
            (0, Some(3), day(17) + Span(1), false),
            (13, Some(20), day(20), true),
        ];
        for (age, rotated, at, admitted) in table {
            let mut key = Key::aged(Span(age * DAY.0));
            key.in_regeneration = rotated.is_some();
            rotated.into_iter().for_each(|on| key.issue(day(on)));
            assert_eq!(given.admits(&key, at), admitted, "{age} {rotated:?} {at:?}");
            assert!(!key.in_regeneration, "whoever regenerated it is done");
            assert!(Provisioning::immediate().admits(&key, at), "it is renewed before it expires");
        }
    }
}
