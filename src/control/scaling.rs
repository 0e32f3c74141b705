//! How many connectors a group should have: decided within the group at regular ticks, from what is displayed, late.
//!
//! A rule recommends a number from a [`View`]. What follows is the same for every rule: recommendations are stabilised
//! (of those of the last while the least to scale out, the greatest to scale in), kept within bounds, and none is followed
//! within the cooldown after a change. What the rules remember is plain data in [`Memory`].
//!
//! **Invariant**: a policy sees the displayed running average and links as old as its detection delay, never demand.

pub mod n_plus_k;
pub mod predictive;
pub mod scheduled;
pub mod target_tracking;
pub mod threshold;

use std::collections::VecDeque;

use crate::fleet::{Group, MOST_SLOTS};
use crate::time::{Span, Time};
pub use n_plus_k::NPlusK;
pub use predictive::{Forecast, HoltWinters, Predictive};
pub use scheduled::Timetable;
pub use target_tracking::TargetTracking;
pub use threshold::Threshold;

/// How many connectors a group has.
#[derive(Clone, Debug, PartialEq)]
pub enum ScalingPolicy {
    /// As configured.
    Static,
    /// As many as a rule says.
    Dynamic(Box<Scaling>),
}

impl ScalingPolicy {
    /// What decides, if anything does.
    pub fn dynamic(&self) -> Option<&Scaling> {
        match self {
            ScalingPolicy::Static => None,
            ScalingPolicy::Dynamic(scaling) => Some(scaling),
        }
    }

    /// How many slots of `group` it may come to use: those that it starts with, or the most that it may grow to beside those
    /// that are disabled.
    pub fn ceiling(&self, group: &Group) -> usize {
        let disabled = || group.slots.iter().filter(|slot| slot.disabled).count();
        let most = self.dynamic().map(|scaling| disabled() + scaling.bounds(group.connectors()).1);
        most.map_or(group.connectors(), |most| most.max(group.connectors()).min(MOST_SLOTS))
    }
}

/// A rule, and what bounds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// What recommends a number.
    pub rule: Rule,
    /// The fewest connectors, ≥ 1.
    pub least: usize,
    /// The most; `None`: twice as many as a group has at the start.
    pub most: Option<usize>,
    /// From a change to the next one.
    pub cooldown: Span,
    /// From one decision to the next, a multiple of a tick.
    pub period: Span,
    /// How far back a recommendation must not have been lower, to scale out.
    pub stabilise_out: Span,
    /// How far back a recommendation must not have been higher, to scale in.
    pub stabilise_in: Span,
    /// Age of what is seen, at least a millisecond: a tick is the last event of its instant.
    pub detection_delay: Span,
}

/// What recommends a number of connectors.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// As many as the load needs, and some to spare.
    NPlusK(NPlusK),
    /// One more or less where a state lasts.
    Threshold(Threshold),
    /// The rule of the Kubernetes autoscaler.
    TargetTracking(TargetTracking),
    /// By the wall clock.
    Scheduled(Timetable),
    /// As many as the load is going to need.
    Predictive(Predictive),
}

/// A group as its scaling policy sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The present.
    pub at: Time,
    /// Index of the group.
    pub group: usize,
    /// Connectors that the group has at the start.
    pub configured: usize,
    /// Connectors that it has or has ordered now, without those that are being removed or disabled.
    pub current: usize,
    /// Of these, those that were seen to serve.
    pub serving: usize,
    /// Those that were seen in service with their link down.
    pub missing: usize,
    /// Those that were seen neither in service nor expired: ordered, deploying or announced.
    pub not_ready: usize,
    /// The displayed running average of CPU; none before the first tick, nor where nobody served.
    pub average: Option<Mean>,
    /// The load over the same samples, see [`load`].
    pub load: Option<f64>,
    /// Idle CPU of its instances, in hundredths of a percent.
    pub idle: f64,
    /// β of the group.
    pub efficiency: f64,
}

/// A mean of samples, in hundredths of a percent: exactly, as their sum and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mean {
    /// The sum of the samples.
    pub sum: i64,
    /// Their number, ≥ 1.
    pub number: i64,
}

impl Mean {
    /// As a float.
    pub fn value(self) -> f64 {
        self.sum as f64 / self.number as f64
    }
}

/// The displayed CPU at a tick, and who it was the CPU of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// In hundredths of a percent.
    pub cpu: i32,
    /// How many connectors served.
    pub serving: u8,
    /// Over how many connectors the CPU is the mean: those serving, or all where the others count as zeros.
    pub over: u8,
}

impl Sample {
    /// The CPU above idle of all connectors together that it would be of one alone; `idle` in hundredths of a percent.
    fn load(self, idle: f64, efficiency: f64) -> f64 {
        let Sample { cpu, serving, over } = self;
        let (serving, together) = (f64::from(serving), f64::from(cpu) * f64::from(over));
        (together - idle * serving).max(0.0) / (1.0 + efficiency * (serving - 1.0))
    }
}

/// The load of a group over `samples`, in order of time, at each of which somebody served: the mean CPU above idle, in
/// hundredths of a percent, that it would be of one connector alone. Every sample counts with those who served then, so that
/// the load does not grow because connectors were added since. None without a sample.
pub fn load(samples: impl Iterator<Item = Sample>, idle: f64, efficiency: f64) -> Option<f64> {
    let loads = samples.map(|sample| sample.load(idle, efficiency));
    let (sum, number) = loads.fold((0.0, 0), |(sum, number), load| (sum + load, number + 1));
    (number > 0).then(|| sum / f64::from(number))
}

impl View {
    /// The smallest number of connectors that carry `load` at `limit` hundredths of a percent of CPU.
    pub fn needed(&self, load: f64, limit: f64) -> usize {
        let each = |n: f64| self.idle + load * (1.0 + self.efficiency * (n - 1.0)) / n;
        (1..MOST_SLOTS).find(|&n| each(n as f64) <= limit).unwrap_or(MOST_SLOTS)
    }
}

/// What a scaling policy remembers of a group.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Recommendations that can still count, with their instants, ascending.
    recommended: VecDeque<(Time, usize)>,
    /// The last change.
    changed: Option<Time>,
    /// What the threshold rule waits for.
    clocks: threshold::Clocks,
    /// What the predictive rule has observed.
    observed: predictive::Observed,
}

impl Memory {
    /// Of a group that has so many connectors at 0: what first sees a group takes its present number for a recommendation, as
    /// the autoscaler of Kubernetes does (`recordInitialRecommendation` of its horizontal controller). So the windows of
    /// stabilisation hold from the start.
    pub fn of(connectors: usize) -> Memory {
        Memory { recommended: [(Time::ZERO, connectors)].into(), ..Memory::default() }
    }

    /// The number of connectors was changed at `at`.
    pub fn note_change(&mut self, at: Time) {
        self.changed = Some(at);
        self.clocks = threshold::Clocks::default();
    }
}

impl Scaling {
    /// The fewest and the most connectors of a group that has so many at the start.
    pub fn bounds(&self, configured: usize) -> (usize, usize) {
        let most = self.most.unwrap_or(2 * configured).min(MOST_SLOTS);
        (self.least, most.max(self.least))
    }

    /// How many connectors the group should have from now on.
    pub fn desired(&self, view: &View, memory: &mut Memory) -> usize {
        let (least, most) = self.bounds(view.configured);
        let recommended = self.recommended(view, memory);
        let desired = recommended.map_or(view.current, |number| self.stabilised(number, view, memory));
        let rests = memory.changed.is_some_and(|at| view.at < at + self.cooldown);
        if rests { view.current } else { desired.clamp(least, most) }
    }

    fn recommended(&self, view: &View, memory: &mut Memory) -> Option<usize> {
        match &self.rule {
            Rule::NPlusK(rule) => rule.recommends(view),
            Rule::Threshold(rule) => rule.recommends(view, &mut memory.clocks),
            Rule::TargetTracking(rule) => rule.recommends(view),
            Rule::Scheduled(timetable) => timetable.recommends(view),
            Rule::Predictive(rule) => rule.recommends(view, self, &mut memory.observed),
        }
    }

    /// The number nearest to the present one between the least recommendation of the window of scaling out and the
    /// greatest of that of scaling in.
    fn stabilised(&self, number: usize, view: &View, memory: &mut Memory) -> usize {
        memory.recommended.push_back((view.at, number));
        let longest = self.stabilise_out.max(self.stabilise_in);
        let behind = memory.recommended.partition_point(|&(at, _)| at + longest <= view.at);
        memory.recommended.drain(..behind.min(memory.recommended.len() - 1));
        let within = |window: Span| {
            let all = memory.recommended.iter();
            all.filter(move |&&(at, _)| at + window > view.at).map(|&(_, number)| number).chain([number])
        };
        let out = within(self.stabilise_out).min().unwrap_or(number);
        let into = within(self.stabilise_in).max().unwrap_or(number);
        view.current.max(out).min(into)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::time::{HOUR, MINUTE};

    /// `current` connectors that all serve, at `percent` CPU without idle, at minute `at`.
    pub(crate) fn view(at: i64, current: usize, percent: i64) -> View {
        View {
            at: Time(at * MINUTE.0),
            group: 0,
            configured: 4,
            current,
            serving: current,
            missing: 0,
            not_ready: 0,
            average: Some(Mean { sum: 300 * percent, number: 3 }),
            load: Some(100.0 * percent as f64 * current as f64),
            idle: 0.0,
            efficiency: 0.0,
        }
    }

    pub(crate) fn scaling(rule: Rule) -> Scaling {
        Scaling {
            rule,
            least: 1,
            most: Some(10),
            cooldown: Span::ZERO,
            period: Span(5 * MINUTE.0),
            stabilise_out: Span::ZERO,
            stabilise_in: Span::ZERO,
            detection_delay: Span(1),
        }
    }

    fn tracking() -> Scaling {
        scaling(Rule::TargetTracking(TargetTracking { target: 6_000, tolerance: 100_000 }))
    }

    /// Four at 30 % of a target of 60 need two, but one recommendation of 4 was heard less than an hour ago.
    #[test]
    fn the_greatest_recommendation_of_the_last_hour_holds_a_scale_in_back() {
        let policy = Scaling { stabilise_in: HOUR, ..tracking() };
        let mut memory = Memory::default();
        assert_eq!(policy.desired(&view(0, 4, 60), &mut memory), 4);
        assert_eq!(policy.desired(&view(5, 4, 30), &mut memory), 4);
        assert_eq!(policy.desired(&view(55, 4, 45), &mut memory), 4);
        // (0, 60] holds 2 and 3, whose greatest is 3.
        assert_eq!(policy.desired(&view(60, 4, 30), &mut memory), 3);
        assert_eq!(policy.desired(&view(114, 3, 40), &mut memory), 3);
        assert_eq!(policy.desired(&view(115, 3, 40), &mut memory), 2);
    }

    #[test]
    fn the_least_recommendation_of_a_window_holds_a_scale_out_back() {
        let policy = Scaling { stabilise_out: Span(10 * MINUTE.0), ..tracking() };
        let mut memory = Memory::default();
        let asked = [(0, 60), (5, 90), (10, 75), (15, 90)];
        let heard = asked.map(|(at, percent)| policy.desired(&view(at, 4, percent), &mut memory));
        // (0, 10] holds 6 and 5; (5, 15] 5 and 6.
        assert_eq!(heard, [4, 4, 5, 5]);
    }

    #[test]
    fn bounds_and_cooldown_come_last() {
        let policy = Scaling { least: 3, most: Some(5), cooldown: HOUR, ..tracking() };
        let mut memory = Memory::default();
        assert_eq!(policy.desired(&view(0, 4, 100), &mut memory), 5, "seven are recommended");
        memory.note_change(Time::ZERO);
        assert_eq!(policy.desired(&view(59, 5, 10), &mut memory), 5);
        assert_eq!(policy.desired(&view(60, 5, 10), &mut memory), 3);
        assert_eq!(Scaling { most: None, ..tracking() }.bounds(4), (1, 8));
        assert_eq!(Scaling { most: None, ..tracking() }.bounds(40), (1, 64));
    }

    /// Three at 45 % over an idle of 5 %: 40·3 = 120 % of one. At 70 %: 5 + 120/2 = 65 fits two. With β = 0.1 each of
    /// three has 1/1.2 of its capacity: 100 % of one alone; two then have 5 + 100·1.1/2 = 60 %.
    #[test]
    fn load_is_told_apart_from_the_number_that_carries_it() {
        let load = |samples: &[(i32, u8, u8)], efficiency| {
            let samples = samples.iter().map(|&(cpu, serving, over)| Sample { cpu, serving, over });
            load(samples, 500.0, efficiency).map(|load| libm::round(load * 1e6) / 1e6)
        };
        let three = View { idle: 500.0, ..view(0, 3, 45) };
        assert_eq!(load(&[(4_500, 3, 3); 3], 0.0), Some(12_000.0));
        assert_eq!((three.needed(12_000.0, 7_000.0), three.needed(12_000.0, 6_499.0)), (2, 3));
        let joined = View { efficiency: 0.1, ..three };
        assert_eq!(load(&[(4_500, 3, 3); 3], 0.1), Some(10_000.0));
        assert_eq!((joined.needed(10_000.0, 6_001.0), joined.needed(10_000.0, 5_999.0)), (2, 3));
        // Where the one that is out of four counts as a zero 45·3/4 = 33.75 % are displayed, of the same load.
        assert_eq!(load(&[(3_375, 3, 4)], 0.0), Some(12_000.0));
        // Two at 65 %, then four at 35 %: 120 % of one at either time, however many serve now.
        assert_eq!(load(&[(6_500, 2, 2), (3_500, 4, 4)], 0.0), Some(12_000.0));
        assert_eq!((load(&[], 0.0), load(&[(400, 2, 2)], 0.0)), (None, Some(0.0)));
    }

    /// What is there at 0 counts as recommended then: four at 30 % need two, and four at 90 % six, but not before an hour,
    /// or ten minutes, are over.
    #[test]
    fn the_number_at_the_start_is_a_recommendation() {
        let asked = |policy: &Scaling, percent| {
            let mut memory = Memory::of(4);
            [0, 5, 9, 10, 59, 60].map(|at| policy.desired(&view(at, 4, percent), &mut memory))
        };
        let slow_in = Scaling { stabilise_in: HOUR, ..tracking() };
        assert_eq!(asked(&slow_in, 30), [4, 4, 4, 4, 4, 2]);
        assert_eq!(asked(&slow_in, 90), [6; 6]);
        let slow_out = Scaling { stabilise_out: Span(10 * MINUTE.0), ..tracking() };
        assert_eq!(asked(&slow_out, 90), [4, 4, 4, 6, 6, 6]);
        assert_eq!(asked(&slow_out, 30), [2; 6]);
    }
}
