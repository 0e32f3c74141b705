//! The simulation: one group, from one event to the next, to the horizon.
//!
//! Start with [`group`]: its `advance` is the heart of the book.

pub mod coordinator;
pub mod group;
pub mod load;
pub mod observer;
pub mod run;

use crate::control::{Crew, Policy};
use crate::environment::Environment;
use crate::fleet::Fleet;
use crate::time::{Span, Time};

/// Everything that is simulated, compiled from a scenario: the engine cannot fail on it.
#[derive(Clone, Debug)]
pub struct Model {
    /// The seed of all random streams.
    pub seed: u64,
    /// The run covers [0, horizon).
    pub horizon: Time,
    /// The end of the warm-up: what comes before it is simulated and not counted. Below the horizon.
    pub measured_from: Time,
    /// When ticks stand.
    pub ticks: Ticks,
    /// Decisions across groups are taken at multiples of this.
    pub control_period: Span,
    /// The nouns.
    pub fleet: Fleet,
    /// What happens whatever anyone decides.
    pub environment: Environment,
    /// When a group is overloaded.
    pub overload: Overload,
    /// The crews of operators that policies call.
    pub crews: Vec<Crew>,
    /// At least one.
    pub policies: Vec<Policy>,
    /// What reports charge for; nothing that is simulated depends on it.
    pub prices: Prices,
}

impl Model {
    /// The length of the part of the run that counts.
    pub fn measured(&self) -> Span {
        self.horizon - self.measured_from
    }
}

/// Prices beside those of machines, in the same currency; 0: not priced.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    /// Of an hour that a member of a crew works.
    pub operator_hour: f64,
    /// Of a minute of an active user without service.
    pub lost_user_minute: f64,
}

/// The instants at which demand changes: `first`, `first` + `length`, … below the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    /// The first tick.
    pub first: Time,
    /// From one to the next.
    pub length: Span,
}

impl Ticks {
    /// How many ticks stand before `horizon`.
    pub fn before(&self, horizon: Time) -> usize {
        let room = (horizon - self.first).0;
        if room <= 0 { 0 } else { (room as u64).div_ceil(self.length.0 as u64) as usize }
    }

    /// The instant of tick `index`.
    pub fn at(&self, index: usize) -> Time {
        self.first + Span(self.length.0 * index as i64)
    }
}

/// When a group is overloaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overload {
    /// The running average above which it is, in hundredths of a percent.
    pub threshold: i32,
    /// How many ticks the running average looks back, ≥ 1.
    pub window: usize,
    /// What a connector that does not serve adds to the mean.
    pub absent: AbsentInAverage,
}

/// What a connector that does not serve adds to the mean over a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbsentInAverage {
    /// Nothing: the mean is over those serving.
    LeftOut,
    /// A zero.
    AsZero,
}
