//! The capacity calendar: when a growing group needs its next connector.
//!
//! Demand grows by the factor (1 + growth)^(t/365 d). Freed of its growth and held at the level of day d, a run says whether a
//! size would meet its targets if that day lasted. The day at which the mean loss passes the tolerance is when the next
//! connector is due; the days at which its upper and lower limits pass it are the interval. The days are halved in on, to
//! within four and sixteen; in between the loss is taken to be a straight line. Losses grow with demand, which is what makes
//! halving right.
//!
//! Only targets of load count, for the others do not grow with it; and where one more connector does not help, no date
//! is given. The limits here are Student's, for the date of one group, without what was not seen: an event that no
//! replication showed would make every group due today.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use fearless_simd::Level;
use rayon::prelude::*;

use super::Question;
use super::arithmetic::{self, Shape};
use super::search::Search;
use super::target::Target;
use crate::analysis::Limits;
use crate::experiment::Interrupted;
use crate::time::{DAY, Time};

/// Days of the coming year.
const YEAR: usize = 365;
/// Within so many days the mean loss, and either limit of it, is taken to be a straight line.
const STRAIGHT: [usize; 3] = [4, 16, 16];

/// The most replications of a day and size.
const MOST: u64 = 10;

/// One more connector helps if it leaves less than this part of the excess.
const HELPS: f64 = 0.9;

/// When a group needs more connectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due {
    /// Index of the group.
    pub group: usize,
    /// How many it has until then.
    pub from: usize,
    /// How many it needs from then on.
    pub to: usize,
    /// Days after the start, 0 if it needs them now; none if not within a year.
    pub day: Option<f64>,
    /// Not before this day; none if not within a year.
    pub earliest: Option<f64>,
    /// Not after this day; none if perhaps not within a year.
    pub latest: Option<f64>,
}

/// The calendar of `groups`, whose demand grows by `growth` per year, from their configured sizes on; with the two-sided
/// `confidence` of each date. In the order of groups, then of time; groups that do not grow or are not used have no part in
/// it, and without a target of load there is none.
///
/// # Errors
/// If the work is interrupted.
pub fn calendar(
    question: &Question<'_>,
    groups: &[usize],
    growth: &(dyn Fn(usize) -> f64 + Sync),
    confidence: f64,
) -> Result<Vec<Due>, Interrupted> {
    let level = Level::new();
    let of = |&group: &usize| {
        if question.progress.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let search = Search::new(question, group, level);
        let alpha = (1.0 - confidence) / 2.0;
        let growth = growth(group);
        Some(Year { question, search, group, growth, alpha, known: BTreeMap::new() }.dues())
    };
    let loads = question.targets.iter().any(is_of_load);
    let grows = |&group: &usize| loads && growth(group) > 0.0 && question.is_used(group);
    let growing: Vec<usize> = groups.iter().copied().filter(grows).collect();
    let dues: Vec<Option<Vec<Due>>> = growing.par_iter().map(of).collect();
    let dues: Option<Vec<Vec<Due>>> = dues.into_iter().collect();
    Ok(dues.ok_or(Interrupted)?.concat())
}

/// The coming year of one group.
struct Year<'q, 'm> {
    question: &'q Question<'m>,
    search: Search<'q, 'm>,
    group: usize,
    growth: f64,
    alpha: f64,
    /// By size and day: by how much the mean, upper and lower limit of the worst target exceed its tolerance.
    known: BTreeMap<(usize, usize), [f64; 3]>,
}

impl Year<'_, '_> {
    fn dues(mut self) -> Vec<Due> {
        let configured = self.question.configured_size(self.group);
        let Some(mut size) = self.needed_now(configured) else { return Vec::new() };
        let mut dues = Vec::new();
        if size > configured {
            let now = Some(0.0);
            let (group, from) = (self.group, configured);
            dues.push(Due { group, from, to: size, day: now, earliest: now, latest: now });
        }
        while size < self.question.most {
            let crossings = [0, 1, 2].map(|which| self.crossing(size, which));
            let [day, earliest, latest] = crossings.map(|crossing| crossing.map(|(day, _)| day));
            let due = Due { group: self.group, from: size, to: size + 1, day, earliest, latest };
            if earliest.is_some() || dues.is_empty() {
                dues.push(due);
            }
            match crossings[0] {
                Some((_, short)) if self.helps(size, short) => size += 1,
                _ => break,
            }
        }
        dues
    }

    /// The size from `configured` on that is enough today; none where more connectors do not help.
    fn needed_now(&mut self, configured: usize) -> Option<usize> {
        if self.excess(configured, 0)[0] <= 0.0 {
            return Some(configured);
        }
        let mut size = self.carries_today().clamp(configured, self.question.most.max(configured));
        while self.excess(size, 0)[0] > 0.0 {
            if size >= self.question.most || !self.helps(size, 0) {
                return None;
            }
            size += 1;
        }
        while size > configured + 1 && self.excess(size - 1, 0)[0] <= 0.0 {
            size -= 1;
        }
        Some(size)
    }

    /// The size that arithmetic begins with at today's level: far below it one more may leave just as much overload.
    fn carries_today(&self) -> usize {
        let model = self.question.configured;
        let group = &model.fleet.groups[self.group];
        let series = &model.environment.demands[group.demand];
        let mut today = series.shape.clone();
        self.hold(&mut today, 0.0);
        let sigma = series.noise.map_or(0.0, |noise| noise.sigma);
        let shape = Shape::of_values(&today, sigma, self.question.demand_factor);
        let serving = arithmetic::start(model, group, &shape, self.question.targets);
        self.question.with_usable(self.group, serving)
    }

    /// Whether one more connector takes away a part of the excess that is worth it.
    fn helps(&mut self, size: usize, day: usize) -> bool {
        let (with, without) = (self.excess(size + 1, day)[0], self.excess(size, day)[0]);
        with <= 0.0 || with < HELPS * without
    }

    /// The day at which the excess of a kind becomes positive for a size, and a whole day near it at which it is.
    fn crossing(&mut self, size: usize, which: usize) -> Option<(f64, usize)> {
        if self.excess(size, 0)[which] > 0.0 {
            return Some((0.0, 0));
        }
        if self.excess(size, YEAR)[which] <= 0.0 {
            return None;
        }
        let (mut below, mut above) = (0, YEAR);
        let straight = if self.search.is_certain() { 1 } else { STRAIGHT[which] };
        while above - below > straight {
            let middle = (below + above) / 2;
            if self.excess(size, middle)[which] > 0.0 { above = middle } else { below = middle }
        }
        let (low, high) = (self.excess(size, below)[which], self.excess(size, above)[which]);
        let part = if high.is_finite() && low.is_finite() { -low / (high - low) } else { 0.0 };
        Some((below as f64 + part * (above - below) as f64, above))
    }

    fn excess(&mut self, size: usize, day: usize) -> [f64; 3] {
        if let Some(known) = self.known.get(&(size, day)) {
            return *known;
        }
        let excess = self.simulate(size, day as f64 / YEAR as f64);
        self.known.insert((size, day), excess);
        excess
    }

    /// Runs a size at the level of demand that it has after so many years. A size that does not exist is enough.
    fn simulate(&self, size: usize, years: f64) -> [f64; 3] {
        let Some(model) = (self.question.models)(size) else { return [f64::NEG_INFINITY; 3] };
        let certain = self.search.is_certain();
        let replications = if certain { 1 } else { self.question.most_replications().min(MOST) };
        let sample = |index| self.search.sample(model, index, &self.held(index, years));
        let samples: Vec<_> = (0..replications).map(sample).collect();
        if !samples.iter().any(|sample| sample.served) {
            return [f64::INFINITY; 3];
        }
        let mut excess = [f64::NEG_INFINITY; 3];
        let targets = self.question.targets.iter().enumerate();
        for (index, target) in targets.filter(|(_, target)| is_of_load(target)) {
            let losses: Vec<f64> =
                samples.iter().filter_map(|of| of.values[index]).map(|value| target.loss(value)).collect();
            let limits = match losses[..] {
                [loss] if certain => Some(Limits::certain(loss)),
                _ => Limits::of_mean(&losses, self.alpha),
            };
            if let Some(limits) = limits {
                worst(&mut excess, target, limits);
            }
        }
        excess
    }

    /// The demand of a replication without its growth, at the level of so many years from the start.
    fn held(&self, index: u64, years: f64) -> Vec<f32> {
        let mut path = self.search.demand(index).to_vec();
        self.hold(&mut path, years);
        path
    }

    /// Takes the growth out of a demand, one value a tick, and puts it at the level of so many years from the start.
    fn hold(&self, path: &mut [f32], years: f64) {
        let ticks = self.question.configured.ticks;
        let rate = libm::log1p(self.growth);
        let year = (YEAR as i64 * DAY.0) as f64;
        let per_tick = rate * ticks.length.0 as f64 / year;
        let first = rate * (years - (ticks.first - Time::ZERO).0 as f64 / year);
        let growth = |ticks: usize| libm::exp(-per_tick * ticks as f64);
        // A power for each tick of a day and one for each day, instead of one for each tick.
        let step = (DAY.0 / ticks.length.0).max(1) as usize;
        let within: Vec<f32> = (0..step).map(|tick| growth(tick) as f32).collect();
        for (day, ticks) in path.chunks_mut(step).enumerate() {
            let factor = (libm::exp(first) * growth(day * step)) as f32;
            ticks.iter_mut().zip(&within).for_each(|(mbps, within)| *mbps *= factor * within);
        }
    }
}

fn is_of_load(target: &Target) -> bool {
    target.limit_percent.is_some()
}

/// Raises the excess to that of `target` where it is larger, as a share of the tolerance where there is one.
fn worst(excess: &mut [f64; 3], target: &Target, limits: Limits) {
    let tolerance = target.tolerance();
    let scale = if tolerance > 0.0 { tolerance } else { 1.0 };
    for (worst, loss) in excess.iter_mut().zip([limits.mean, limits.upper, limits.lower]) {
        *worst = worst.max((loss - tolerance) / scale);
    }
}
