//! Targets: what is to hold of a group, and how far a replication is from perfect.

use super::super::ReplicationOutcome;
use crate::simulation::Model;

/// Which way a target bounds its metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// The mean is to be at most the value.
    AtMost,
    /// The mean is to be at least the value.
    AtLeast,
}

/// A condition on the mean of a metric of a group.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The metric of a group in a replication.
    pub measure: fn(&ReplicationOutcome, &Model) -> Option<f64>,
    /// Which way it is bounded.
    pub sense: Sense,
    /// The bound.
    pub value: f64,
    /// The value of a replication in which nothing went wrong; none where there is no such value.
    pub perfect: Option<f64>,
    /// By how much an event changes the metric that lasts as long as told.
    pub event: fn(&Event) -> f64,
    /// What kind of event makes up its losses.
    pub kind: Kind,
    /// The CPU in percent above which the metric suffers; the threshold of overload where it is 0, none where load does
    /// not matter.
    pub limit_percent: Option<f64>,
    /// The share of the time that may be spent above that limit.
    pub share_of_time: f64,
    /// Whether it grows with the number of connectors, as their price does.
    pub is_price: bool,
}

/// What makes up the losses of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Outages of the group.
    Outages,
    /// Overloads of the group.
    Overloads,
    /// Both.
    Either,
    /// So many small things that they are not counted.
    Many,
}

/// An event of the kind that was not seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// How long an outage lasts, in hours.
    pub outage_hours: f64,
    /// How long an overload lasts, in hours.
    pub overload_hours: f64,
    /// How long a replication is, in hours.
    pub horizon_hours: f64,
    /// The most users at a time.
    pub peak_users: f64,
    /// The mean number of users.
    pub mean_users: f64,
}

impl Target {
    /// The loss of a replication, which is to be at most [`Target::tolerance`]: the distance from perfect, or else the
    /// value, turned so that less is better.
    pub fn loss(&self, value: f64) -> f64 {
        match (self.best(), self.sense) {
            (Some(best), _) => (value - best).abs(),
            (None, Sense::AtMost) => value,
            (None, Sense::AtLeast) => -value,
        }
    }

    /// The loss that is just allowed.
    pub fn tolerance(&self) -> f64 {
        match (self.best(), self.sense) {
            (Some(best), Sense::AtMost) => self.value - best,
            (Some(best), Sense::AtLeast) => best - self.value,
            (None, _) => self.loss(self.value),
        }
    }

    /// The value with this loss.
    pub fn value_of(&self, loss: f64) -> f64 {
        match (self.best(), self.sense) {
            (Some(best), Sense::AtMost) => best + loss,
            (Some(best), Sense::AtLeast) => best - loss,
            (None, Sense::AtMost) => loss,
            (None, Sense::AtLeast) => -loss,
        }
    }

    /// The perfect value, if it lies on the side of the target: none is below 0 events, or above an availability of 1.
    pub fn best(&self) -> Option<f64> {
        let side = |best: &f64| match self.sense {
            Sense::AtMost => *best == 0.0,
            Sense::AtLeast => *best == 1.0,
        };
        self.perfect.filter(side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(sense: Sense, value: f64, perfect: Option<f64>) -> Target {
        Target {
            measure: |_, _| None,
            sense,
            value,
            perfect,
            event: |event| event.outage_hours,
            kind: Kind::Outages,
            limit_percent: None,
            share_of_time: 0.0,
            is_price: false,
        }
    }

    #[test]
    fn losses_are_distances_from_perfect() {
        let availability = target(Sense::AtLeast, 0.75, Some(1.0));
        assert_eq!((availability.loss(0.5), availability.tolerance()), (0.5, 0.25));
        assert_eq!(availability.value_of(0.25), 0.75);
        let hours = target(Sense::AtMost, 2.0, Some(0.0));
        assert_eq!((hours.loss(3.0), hours.tolerance(), hours.value_of(2.0)), (3.0, 2.0, 2.0));
        let cost = target(Sense::AtLeast, 5.0, None);
        assert_eq!((cost.loss(7.0), cost.tolerance(), cost.value_of(-5.0)), (-7.0, -5.0, 5.0));
        assert_eq!(target(Sense::AtLeast, 1.0, Some(0.0)).best(), None, "a target on the far side");
    }
}
