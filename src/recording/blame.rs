//! Blame: which causes connector-time, overloads and lost user-minutes are charged to.
//!
//! A span with a configured connector that does not serve is charged to the cause of its displayed status. A load is
//! judged by what would have been with every configured connector serving and every release good (`ideal`):
//!
//! - An overloaded tick whose running average would have exceeded the threshold even so is charged to `demand`. Any other is
//!   charged to the causes in proportion to the connector-time missing over the ticks of the averaging window, that is,
//!   over (t − window · tick length, t]. A window of one tick is the value of that tick alone, so there it is those
//!   missing at t that count; and so it is where nobody was missing before t.
//! - Of unserved demand, what would have remained unserved even so, at most what was, goes to `demand`, the rest to the
//!   causes of those missing at that time, each connector counting the same.
//!
//! A connector that serves on a bad release counts as (m − 1)/m of one that is missing by `bad_release`, m the CPU multiplier,
//! to a millionth. Nothing missing by anything: `demand`.
//!
//! **Invariant**: milliseconds overloaded and user-milliseconds unserved add up to those of the tally of the same group
//! ([`super::tally`]), every one charged once. Shares are rounded down and the rest goes to the first cause that has a
//! share. User-milliseconds are rounded as running totals, so that rounding is not added up.

mod ideal;

use std::cell::RefCell;
use std::collections::VecDeque;

use fearless_simd::Level;

use crate::fleet::{Cause, SlotSet};
use crate::simulation::Model;
use crate::simulation::observer::{Happening, Observer, Shortfall, Standing, TickRun};
use crate::time::{Span, Time};
use ideal::Ideal;

/// The causes other than failure classes, in their order after these.
const NAMED: [Cause; 10] = [
    Cause::Update,
    Cause::Expired,
    Cause::Deploying,
    Cause::AwaitingConfirm,
    Cause::Disabled,
    Cause::Revoked,
    Cause::Deleted,
    Cause::BadRelease,
    Cause::Redeploy,
    Cause::Draining,
];
/// What is charged to no cause of a missing connector.
const DEMAND: &str = "demand";

/// One missing connector in the weights that charges are divided by.
const WHOLE: i64 = 1_000_000;

/// What was charged to one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charges {
    /// Connector-milliseconds of configured slots that did not serve.
    pub missing: i64,
    /// Milliseconds overloaded (ticks × length).
    pub overloaded: i64,
    /// Unserved demand in user-milliseconds.
    pub unserved_users: i128,
}

impl Charges {
    fn merge(&mut self, other: &Charges) {
        self.missing += other.missing;
        self.overloaded += other.overloaded;
        self.unserved_users += other.unserved_users;
    }
}

/// What was charged to every cause, of any number of groups and replications.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blame {
    /// Failure classes in scenario order, the other causes, demand.
    charges: Vec<Charges>,
}

impl Blame {
    /// Nothing charged yet, in a model with so many failure classes.
    pub fn new(classes: usize) -> Blame {
        Blame { charges: vec![Charges::default(); classes + NAMED.len() + 1] }
    }

    /// With these charges, those of no cause being charged to demand.
    pub fn of(classes: usize, charges: impl IntoIterator<Item = (Option<Cause>, Charges)>) -> Blame {
        let mut blame = Blame::new(classes);
        for (cause, more) in charges {
            let index = cause.map_or(blame.demand(), |cause| blame.index(cause));
            blame.charges[index].merge(&more);
        }
        blame
    }

    /// Adds another; exact in any order.
    pub fn merge(&mut self, other: &Blame) {
        if self.charges.len() < other.charges.len() {
            self.charges.resize(other.charges.len(), Charges::default());
        }
        self.charges.iter_mut().zip(&other.charges).for_each(|(sum, more)| sum.merge(more));
    }

    /// The causes that something was charged to, in the order of result files, under their labels; `classes` are those
    /// of the failure classes.
    pub fn by_cause<'a>(&'a self, classes: &'a [String]) -> impl Iterator<Item = (&'a str, Charges)> {
        debug_assert!(self.charges.is_empty() || self.charges.len() == classes.len() + NAMED.len() + 1);
        let labels = classes.iter().map(String::as_str);
        let labels = labels.chain(NAMED.iter().map(|cause| cause.label(classes))).chain([DEMAND]);
        labels.zip(self.charges.iter().copied()).filter(|(_, charges)| *charges != Charges::default())
    }

    /// What is charged to this cause.
    pub fn charged_to(&self, cause: Cause) -> Charges {
        self.charges.get(self.index(cause)).copied().unwrap_or_default()
    }

    /// All causes together.
    pub fn total(&self) -> Charges {
        self.charges.iter().fold(Charges::default(), |mut total, charges| {
            total.merge(charges);
            total
        })
    }

    /// The place of a cause in the order; that of demand for none.
    fn index(&self, cause: Cause) -> usize {
        let demand = self.demand();
        match cause {
            Cause::Class(class) => usize::from(class),
            named => {
                NAMED.iter().position(|&known| known == named).map_or(demand, |at| at + demand - NAMED.len())
            }
        }
    }

    fn demand(&self) -> usize {
        self.charges.len() - 1
    }
}

/// Divides `total` in proportion to `weights`, rounded down, and hands each share out with its index; the rest is part of
/// the first share. Without any weight it is all of `otherwise`.
fn divide(total: i128, weights: &[i64], otherwise: usize, mut give: impl FnMut(usize, i128)) {
    let sum: i64 = weights.iter().sum();
    if sum == 0 {
        return give(otherwise, total);
    }
    // Most totals are small, and a division of 128 bits is slow.
    let small = i64::try_from(total).ok().filter(|total| total.checked_mul(sum).is_some());
    let share = |weight: i64| match small {
        Some(total) => i128::from(total * weight / sum),
        None => total * i128::from(weight) / i128::from(sum),
    };
    let (mut first, mut rest) = (None, total);
    for (index, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0) {
        if weight == sum {
            return give(index, total);
        }
        let share = share(weight);
        rest -= share;
        first = first.or(Some(index));
        give(index, share);
    }
    if let Some(first) = first.filter(|_| rest > 0) {
        give(first, rest);
    }
}

/// What one cause keeps from serving.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// Its place in the order.
    cause: usize,
    /// Connectors that do not serve.
    connectors: i64,
    /// These and what bad releases cost, in millionths of a connector.
    weight: i64,
}

/// An interval in which something was missing.
#[derive(Clone, Debug)]
struct Absence {
    from: Time,
    to: Time,
    parts: Vec<Part>,
}

/// Charges one group in one replication.
#[derive(Debug)]
pub struct BlameRecorder<'b> {
    blame: &'b RefCell<Blame>,
    /// What its own group is charged.
    own: Blame,
    ideal: Ideal<'b>,
    /// Whether overloaded ticks count: somebody serves at them, who is meant to if the group has a resource.
    is_meant: bool,
    first_tick: Time,
    tick: Span,
    /// How far back an overloaded tick looks; nothing where the average is of one tick.
    window: Span,
    mbps_per_user: f64,
    /// What a connector on a bad release lacks, in millionths.
    bad_weight: i64,
    /// Who is missing in the span that comes next.
    now: Vec<Part>,
    /// Who was missing within the window.
    past: VecDeque<Absence>,
    /// Overloaded ticks that are not charged to demand, until their span is told.
    ticks: Vec<Time>,
    /// User-milliseconds that are not charged to demand, until their span is told.
    users: i128,
    /// Mbps·ms unserved, and of these what would have been unserved with everybody serving.
    unserved: f64,
    unserved_by_demand: f64,
    /// User-milliseconds told of both so far.
    told: i128,
    told_by_demand: i128,
    weights: Vec<i64>,
}

impl<'b> BlameRecorder<'b> {
    /// For group `index` of `model`, whose slots have these balance weights; what it is charged is added to `blame`.
    pub fn new(
        model: &'b Model,
        index: usize,
        weights: &[f64],
        level: Level,
        blame: &'b RefCell<Blame>,
    ) -> BlameRecorder<'b> {
        let group = &model.fleet.groups[index];
        let ticks = model.overload.window as i64;
        let lacks = 1.0 - 1.0 / model.environment.releases.bad.cpu_multiplier;
        let own = Blame { charges: vec![Charges::default(); blame.borrow().charges.len()] };
        BlameRecorder {
            blame,
            ideal: Ideal::new(model, group, weights, level),
            is_meant: group.resources > 0,
            first_tick: model.ticks.first,
            tick: model.ticks.length,
            window: if ticks > 1 { Span(ticks * model.ticks.length.0) } else { Span::ZERO },
            mbps_per_user: model.environment.demands[group.demand].mbps_per_user,
            bad_weight: libm::round(lacks.max(0.0) * WHOLE as f64) as i64,
            now: Vec::new(),
            past: VecDeque::new(),
            ticks: Vec::new(),
            users: 0,
            unserved: 0.0,
            unserved_by_demand: 0.0,
            told: 0,
            told_by_demand: 0,
            weights: vec![0; own.charges.len()],
            own,
        }
    }

    fn add(&mut self, cause: Cause, connectors: i64, weight: i64) {
        let cause = self.own.index(cause);
        match self.now.iter_mut().find(|part| part.cause == cause) {
            Some(part) => {
                part.connectors += connectors;
                part.weight += weight;
            }
            None => self.now.push(Part { cause, connectors, weight }),
        }
    }

    fn charge_time(&mut self, length: Span) {
        for part in &self.now {
            self.own.charges[part.cause].missing += part.connectors * length.0;
        }
    }

    /// Charges the overloaded ticks of the span that begins at `from`. Those whose window lies in it are all alike.
    fn charge_ticks(&mut self, from: Time) {
        let steady = self.ticks.partition_point(|&at| at - self.window < from);
        for index in 0..steady {
            let (at, since) = (self.ticks[index], self.ticks[index] - self.window);
            self.weights.fill(0);
            for absence in &self.past {
                let overlap = absence.to.min(at) - absence.from.max(since);
                weigh(&mut self.weights, &absence.parts, overlap.0.max(0));
            }
            weigh(&mut self.weights, &self.now, (at - from).0);
            self.charge_alike(1);
        }
        self.weights.fill(0);
        self.charge_alike(self.ticks.len() - steady);
        self.ticks.clear();
    }

    /// Charges so many overloaded ticks by the weights, or without any to those missing now.
    fn charge_alike(&mut self, ticks: usize) {
        if self.weights.iter().all(|&weight| weight == 0) {
            weigh(&mut self.weights, &self.now, 1);
        }
        let demand = self.own.demand();
        divide(self.tick.0.into(), &self.weights, demand, |cause, share| {
            self.own.charges[cause].overloaded += share as i64 * ticks as i64;
        });
    }

    /// Charges the unserved demand of the open span.
    fn charge_users(&mut self) {
        let users = std::mem::take(&mut self.users);
        self.weights.fill(0);
        weigh(&mut self.weights, &self.now, 1);
        let demand = self.own.demand();
        divide(users, &self.weights, demand, |cause, share| {
            self.own.charges[cause].unserved_users += share;
            self.told_by_demand += if cause == demand { share } else { 0 };
        });
    }

    /// Keeps who was missing from `from` to `to` as long as a window can reach it.
    fn remember(&mut self, from: Time, to: Time) {
        if self.window == Span::ZERO {
            return self.now.clear();
        }
        while self.past.front().is_some_and(|absence| absence.to <= to - self.window) {
            self.past.pop_front();
        }
        if !self.now.is_empty() {
            self.past.push_back(Absence { from, to, parts: std::mem::take(&mut self.now) });
        }
    }
}

/// Adds the weights of `parts` over `time`.
fn weigh(weights: &mut [i64], parts: &[Part], time: i64) {
    parts.iter().for_each(|part| weights[part.cause] += part.weight * time);
}

impl Observer for BlameRecorder<'_> {
    const WATCHES_SLOTS: bool = false;
    const WATCHES_ABSENCE: bool = true;

    fn absent(&mut self, _slot: usize, cause: Cause) {
        self.add(cause, 1, WHOLE);
    }

    fn strained(&mut self, slots: SlotSet) {
        self.add(Cause::BadRelease, 0, slots.len() as i64 * self.bad_weight);
    }

    fn overloaded(&mut self, first: usize, index: usize, demand: &[f32]) {
        if !self.is_meant {
            return;
        }
        if self.ideal.is_over(first, index, demand) {
            let demand = self.own.demand();
            self.own.charges[demand].overloaded += self.tick.0;
        } else {
            self.ticks.push(self.first_tick + Span(self.tick.0 * (first + index) as i64));
        }
    }

    fn ticks(&mut self, run: TickRun<'_>) {
        self.ideal.follow(&run);
    }

    fn shortfall(&mut self, of: Shortfall<'_>) {
        self.unserved += of.unserved;
        self.unserved_by_demand += self.ideal.unserved(&of);
        let users = |mbps_ms: f64| libm::round(mbps_ms / self.mbps_per_user) as i128;
        let told = users(self.unserved);
        let more = told - self.told;
        let by_demand = (users(self.unserved_by_demand) - self.told_by_demand).clamp(0, more);
        self.told = told;
        self.told_by_demand += by_demand;
        self.users += more - by_demand;
        let demand = self.own.demand();
        self.own.charges[demand].unserved_users += by_demand;
    }

    fn happened(&mut self, _at: Time, what: Happening) {
        if let Happening::Ordered { configured, .. } | Happening::Removed { configured, .. } = what {
            self.ideal.configure(configured);
        }
    }

    fn span(&mut self, from: Time, to: Time, _standing: &Standing<'_>) {
        if !self.now.is_empty() {
            self.charge_time(to - from);
        }
        if !self.ticks.is_empty() {
            self.charge_ticks(from);
        }
        if self.users > 0 {
            self.charge_users();
        }
        self.remember(from, to);
    }

    /// Nothing is pending then: its spans are told. Who was missing before it stays known, for windows that reach back.
    fn measure(&mut self, _at: Time, _events: u64) {
        self.own.charges.fill(Charges::default());
        (self.unserved, self.unserved_by_demand, self.told, self.told_by_demand) = (0.0, 0.0, 0, 0);
    }

    fn finish(&mut self, _at: Time, _events: u64) {
        self.blame.borrow_mut().merge(&self.own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(total: i128, weights: &[i64]) -> Vec<(usize, i128)> {
        let mut shares = std::collections::BTreeMap::new();
        divide(total, weights, 9, |index, share| *shares.entry(index).or_default() += share);
        shares.into_iter().collect()
    }

    #[test]
    fn what_is_divided_is_whole_and_adds_up() {
        // 100 in thirds: 33 each, and the one that is left is the first one's.
        assert_eq!(divided(100, &[0, 1, 1, 0, 1]), [(1, 34), (2, 33), (4, 33)]);
        assert_eq!(divided(300, &[1, 2]), [(0, 100), (1, 200)]);
        assert_eq!(divided(7, &[0, 0]), [(9, 7)]);
        assert_eq!(divided(7, &[0, 3]), [(1, 7)]);
        // Beyond 64 bits.
        let much = 3 * i128::from(i64::MAX);
        assert_eq!(divided(much + 1, &[1, 2]), [(0, much / 3 + 1), (1, 2 * (much / 3))]);
    }

    #[test]
    fn causes_stand_in_their_order_and_those_of_nothing_do_not() {
        let missing = |missing| Charges { missing, ..Charges::default() };
        let overloaded = Charges { overloaded: 5, ..Charges::default() };
        let blame = Blame::of(
            2,
            [
                (Some(Cause::Update), missing(3)),
                (None, overloaded),
                (Some(Cause::Class(1)), missing(2)),
                (Some(Cause::Draining), missing(4)),
            ],
        );
        let mut twice = Blame::default();
        twice.merge(&blame);
        twice.merge(&blame);
        let classes = ["node".to_owned(), "power".to_owned()];
        let causes: Vec<_> = twice.by_cause(&classes).map(|(label, of)| (label, of.missing)).collect();
        assert_eq!(causes, [("power", 4), ("update", 6), ("draining", 8), ("demand", 0)]);
        assert_eq!(twice.total(), Charges { missing: 18, overloaded: 10, unserved_users: 0 });
    }
}
