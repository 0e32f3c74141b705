//! As many connectors as the load is going to need when a new one can be there, by what was observed before.
//!
//! At every decision the load that was seen is kept. The load `lead` ahead is then that of the same time a season (a
//! week) ago, or what Holt and Winters' additive method makes of all that was seen; either way with a margin. In the
//! first season, and where nothing was seen a season ago, it is the load of the present. CPU is displayed at 100 % at
//! most, so a load that nobody could carry is seen as smaller than it was.
//!
//! Holt (1957) and Winters, "Forecasting sales by exponentially weighted moving averages", Management Science 6 (1960).

use std::collections::VecDeque;

use super::{Scaling, View};
use crate::time::Span;

/// By what was observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predictive {
    /// How the load ahead is told.
    pub forecast: Forecast,
    /// How far ahead.
    pub lead: Span,
    /// How much more than that is provided for: 0.2, a fifth.
    pub margin: f64,
    /// After so long load repeats itself, a multiple of the period of decisions.
    pub season: Span,
    /// CPU up to which the load is to be carried, in hundredths of a percent.
    pub limit: f64,
}

/// How the load ahead is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forecast {
    /// It is that of a season ago.
    LastSeason,
    /// Smoothed level, trend and season.
    HoltWinters(HoltWinters),
}

/// The constants of exponential smoothing, each in [0, 1]: the weight of what is new.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoltWinters {
    /// α, of the level.
    pub level: f64,
    /// β, of the trend.
    pub trend: f64,
    /// γ, of the season.
    pub season: f64,
}

/// What was observed at decisions so far.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// How many decisions there were.
    decisions: usize,
    /// Loads of the last season, the newest last; where nobody knows, nothing.
    loads: VecDeque<Option<f64>>,
    smoothed: Option<Smoothed>,
}

#[derive(Clone, Debug)]
struct Smoothed {
    level: f64,
    trend: f64,
    /// By the number of the decision modulo their number in a season.
    seasonal: Vec<f64>,
}

impl Predictive {
    pub(super) fn recommends(&self, view: &View, of: &Scaling, observed: &mut Observed) -> Option<usize> {
        let season = steps(self.season, of.period);
        let ahead = steps(self.lead + of.detection_delay, of.period);
        let seen = view.load;
        let before = observed.a_season_ago(season, ahead);
        observed.add(seen, season, &self.forecast);
        let told = match self.forecast {
            Forecast::LastSeason => before,
            Forecast::HoltWinters(_) => observed.smoothed_ahead(ahead),
        };
        let load = told.or(seen)? * (1.0 + self.margin);
        Some(view.needed(load, self.limit))
    }
}

/// How many periods cover `span`.
fn steps(span: Span, period: Span) -> usize {
    (span.0 as u64).div_ceil(period.0 as u64) as usize
}

impl Observed {
    /// What the decision saw that stands a season before the one `ahead` of the present, which is not kept yet.
    fn a_season_ago(&self, season: usize, ahead: usize) -> Option<f64> {
        let back = season.checked_sub(ahead)?;
        let index = self.loads.len().checked_sub(back)?;
        self.loads.get(index).copied().flatten()
    }

    fn add(&mut self, seen: Option<f64>, season: usize, forecast: &Forecast) {
        self.loads.push_back(seen);
        if self.loads.len() > season {
            self.loads.pop_front();
        }
        self.decisions += 1;
        let Forecast::HoltWinters(constants) = forecast else { return };
        match (&mut self.smoothed, seen) {
            (Some(smoothed), Some(load)) => smoothed.add(load, (self.decisions - 1) % season, constants),
            (Some(_), None) => {}
            (None, _) if self.decisions == season => self.smoothed = Smoothed::of_first(&self.loads),
            (None, _) => {}
        }
    }

    fn smoothed_ahead(&self, ahead: usize) -> Option<f64> {
        let Smoothed { level, trend, seasonal } = self.smoothed.as_ref()?;
        let season = seasonal[(self.decisions - 1 + ahead) % seasonal.len()];
        Some((level + ahead as f64 * trend + season).max(0.0))
    }
}

impl Smoothed {
    /// The first season: its mean, no trend, and what differs from the mean. What is not known does not differ.
    fn of_first(loads: &VecDeque<Option<f64>>) -> Option<Smoothed> {
        let known = loads.iter().flatten().count();
        let level = (known > 0).then(|| loads.iter().flatten().sum::<f64>() / known as f64)?;
        let seasonal = loads.iter().map(|load| load.map_or(0.0, |load| load - level)).collect();
        Some(Smoothed { level, trend: 0.0, seasonal })
    }

    fn add(&mut self, load: f64, at: usize, constants: &HoltWinters) {
        let HoltWinters { level: alpha, trend: beta, season: gamma } = *constants;
        let before = self.level;
        self.level = alpha * (load - self.seasonal[at]) + (1.0 - alpha) * (before + self.trend);
        self.trend = beta * (self.level - before) + (1.0 - beta) * self.trend;
        self.seasonal[at] = gamma * (load - self.level) + (1.0 - gamma) * self.seasonal[at];
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::super::tests::{scaling, view};
    use super::*;
    use crate::time::MINUTE;

    /// A season of four decisions, seen at once, one decision ahead, without a margin, at 50 %.
    fn rule(forecast: Forecast) -> Predictive {
        let minutes = |n: i64| Span(n * MINUTE.0);
        Predictive { forecast, lead: minutes(4), margin: 0.0, season: minutes(20), limit: 5_000.0 }
    }

    /// Two connectors at these percentages, decision by decision: what is recommended.
    fn recommended(forecast: Forecast, percents: &[i64]) -> Vec<Option<usize>> {
        let (rule, mut observed) = (rule(forecast), Observed::default());
        let of = scaling(Rule::Predictive(rule));
        let one = |(index, &percent): (usize, &i64)| {
            rule.recommends(&view(5 * index as i64, 2, percent), &of, &mut observed)
        };
        percents.iter().enumerate().map(one).collect()
    }

    /// The load of one alone is twice the percentage, of which each of n is to have at most 50: n = ⌈percent/25⌉.
    #[test]
    fn the_same_time_of_the_last_season_tells_what_is_needed_next() {
        let told = recommended(Forecast::LastSeason, &[25, 50, 75, 100, 25, 25]);
        // The present, up to the decision one before a season is full; then those of 0, 5 and 10 minutes.
        assert_eq!(told, [1, 2, 3, 1, 2, 3].map(Some));
    }

    /// A load that repeats itself exactly is forecast exactly, whatever the constants.
    #[test]
    fn holt_and_winters_follow_a_season() {
        let constants = HoltWinters { level: 0.5, trend: 0.1, season: 0.5 };
        let twice = [25, 50, 75, 100, 25, 50, 75, 100];
        let told = recommended(Forecast::HoltWinters(constants), &twice);
        assert_eq!(told, [1, 2, 3, 1, 2, 3, 4, 1].map(Some));
    }

    /// Level and trend of a flat first season at 200 that then jumps to 240, by hand: α = β = 0.5, γ = 0. The level is
    /// 0.5·240 + 0.5·200 = 220, the trend 0.5·20 = 10; then 0.5·240 + 0.5·230 = 235 and 0.5·15 + 0.5·10 = 12.5.
    #[test]
    fn level_and_trend_by_hand() {
        let constants = HoltWinters { level: 0.5, trend: 0.5, season: 0.0 };
        let flat: VecDeque<Option<f64>> = [Some(200.0); 4].into();
        let mut smoothed = Smoothed::of_first(&flat).unwrap();
        smoothed.add(240.0, 0, &constants);
        assert_eq!((smoothed.level, smoothed.trend), (220.0, 10.0));
        smoothed.add(240.0, 1, &constants);
        assert_eq!((smoothed.level, smoothed.trend), (235.0, 12.5));
    }
}
