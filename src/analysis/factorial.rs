//! A full factorial experiment: every combination of the levels of several factors, each simulated with the same
//! replications.
//!
//! The mean response splits into a grand mean, a main effect of each level, an interaction of each pair of levels, and
//! what only three or more factors do together (Montgomery, *Design and Analysis of Experiments*, 9th ed., 2017,
//! section 5.4; Law, *Simulation Modeling and Analysis*, 5th ed., 2015, chapter 12). Under common random numbers the
//! points of one replication are not independent of one another, but replications are: so every mean and effect is
//! worked out within each replication, and its interval is Student's over the replications. An interval holds by
//! itself, not together with others.

use super::Estimate;
use super::estimate::mean;

/// A factor and one of its levels, by index.
pub type Level = (usize, usize);

/// The responses of a full factorial experiment.
#[derive(Clone, Debug)]
pub struct Factorial {
    levels: Vec<usize>,
    responses: Vec<Vec<f64>>,
    confidence: f64,
}

/// How the variation of the points' means divides, as shares of their sum of squares around the grand mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// By factor: what its main effects explain.
    pub main: Vec<f64>,
    /// By pair of factors, the first below the second: what their interaction explains beyond that.
    pub pairs: Vec<((usize, usize), f64)>,
    /// What only three or more factors together explain.
    pub rest: f64,
}

impl Factorial {
    /// `levels`: how many each factor has. `responses`: by replication, then point, the last factor varying fastest.
    /// None without replications, or if one of them has not exactly a response for each combination.
    pub fn new(levels: Vec<usize>, responses: Vec<Vec<f64>>, confidence: f64) -> Option<Factorial> {
        let points: usize = levels.iter().product();
        let whole = responses.iter().all(|of| of.len() == points);
        (points > 0 && !responses.is_empty() && whole).then_some(Factorial { levels, responses, confidence })
    }

    /// How many levels each factor has.
    pub fn levels(&self) -> &[usize] {
        &self.levels
    }

    /// All pairs of factors, the first below the second.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let factors = self.levels.len();
        (0..factors).flat_map(move |a| (a + 1..factors).map(move |b| (a, b)))
    }

    /// The mean over all points that have these levels; without any level the grand mean.
    pub fn mean(&self, at: &[Level]) -> Estimate {
        self.estimate(&self.means(at))
    }

    /// By how much the mean at a level differs from the grand mean.
    pub fn main_effect(&self, level: Level) -> Estimate {
        let (at, all) = (self.means(&[level]), self.means(&[]));
        self.estimate(&at.iter().zip(all).map(|(at, all)| at - all).collect::<Vec<_>>())
    }

    /// By how much the mean at two levels of different factors differs from what their main effects add up to.
    pub fn interaction(&self, a: Level, b: Level) -> Estimate {
        let [both, of_a, of_b, all] = [&[a, b][..], &[a], &[b], &[]].map(|at| self.means(at));
        let effect = |r: usize| both[r] - of_a[r] - of_b[r] + all[r];
        self.estimate(&(0..both.len()).map(effect).collect::<Vec<_>>())
    }

    /// By how much the means at two levels of a factor differ: `to` minus `from`.
    pub fn difference(&self, from: Level, to: Level) -> Estimate {
        let (from, to) = (self.means(&[from]), self.means(&[to]));
        self.estimate(&to.iter().zip(from).map(|(to, from)| to - from).collect::<Vec<_>>())
    }

    /// How the variation of the points' means divides; none where they do not vary.
    pub fn shares(&self) -> Option<Shares> {
        let points = self.points() as f64;
        let grand = self.mean(&[]).mean;
        let total: f64 =
            (0..self.points()).map(|point| square(self.mean(&self.at(point)).mean - grand)).sum();
        if total <= square(1e-12 * grand) * points {
            return None;
        }
        let of_factor = |factor: usize| {
            let levels = self.levels[factor];
            let squares = (0..levels).map(|level| square(self.main_effect((factor, level)).mean));
            squares.sum::<f64>() * points / levels as f64 / total
        };
        let main: Vec<f64> = (0..self.levels.len()).map(of_factor).collect();
        let pairs: Vec<_> = self.pairs().map(|pair| (pair, self.explained(pair) / total)).collect();
        let explained = main.iter().sum::<f64>() + pairs.iter().map(|(_, share)| share).sum::<f64>();
        Some(Shares { main, pairs, rest: (1.0 - explained).max(0.0) })
    }

    /// Sum of squares of the interaction of a pair.
    fn explained(&self, (a, b): (usize, usize)) -> f64 {
        let cells = (0..self.levels[a]).flat_map(|i| (0..self.levels[b]).map(move |j| (i, j)));
        let squares = cells.map(|(i, j)| square(self.interaction((a, i), (b, j)).mean));
        squares.sum::<f64>() * self.points() as f64 / (self.levels[a] * self.levels[b]) as f64
    }

    fn points(&self) -> usize {
        self.levels.iter().product()
    }

    /// All levels of a point.
    fn at(&self, point: usize) -> Vec<Level> {
        (0..self.levels.len()).map(|factor| (factor, self.level(point, factor))).collect()
    }

    /// The level that a factor has at a point.
    fn level(&self, point: usize, factor: usize) -> usize {
        let faster: usize = self.levels[factor + 1..].iter().product();
        point / faster % self.levels[factor]
    }

    /// The mean over the points at these levels, by replication.
    fn means(&self, at: &[Level]) -> Vec<f64> {
        let has = |&point: &usize| at.iter().all(|&(factor, level)| self.level(point, factor) == level);
        let points: Vec<usize> = (0..self.points()).filter(has).collect();
        let of = |responses: &Vec<f64>| {
            let values: Vec<f64> = points.iter().map(|&point| responses[point]).collect();
            mean(&values).unwrap_or(f64::NAN)
        };
        self.responses.iter().map(of).collect()
    }

    fn estimate(&self, values: &[f64]) -> Estimate {
        Estimate::from_values(values, self.confidence).unwrap_or(Estimate {
            mean: f64::NAN,
            half_width: None,
            confidence: self.confidence,
            replications: 0,
        })
    }
}

fn square(x: f64) -> f64 {
    x * x
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two factors of two and three levels. Without noise y = 10 + {−2, 2} + {−3, 0, 3} + an interaction of ±1 at the
    /// ends of the second factor; the noise of a replication is the same at all points.
    fn experiment() -> Factorial {
        let replication = |noise: f64| [4.0, 8.0, 12.0, 10.0, 12.0, 14.0].map(|y| y + noise).to_vec();
        Factorial::new(vec![2, 3], [-1.0, 0.0, 1.0].map(replication).to_vec(), 0.95).unwrap()
    }

    #[test]
    fn effects_are_those_of_a_hand_computation() {
        let of = experiment();
        assert_eq!(of.mean(&[]).mean, 10.0);
        assert_eq!([0, 1].map(|level| of.main_effect((0, level)).mean), [-2.0, 2.0]);
        assert_eq!([0, 1, 2].map(|level| of.main_effect((1, level)).mean), [-3.0, 0.0, 3.0]);
        let interaction = |i, j| of.interaction((0, i), (1, j)).mean;
        assert_eq!(
            [interaction(0, 0), interaction(0, 1), interaction(1, 0), interaction(1, 2)],
            [-1.0, 0.0, 1.0, -1.0]
        );
        assert_eq!(of.difference((1, 0), (1, 2)).mean, 6.0);
        // Sums of squares: 6·4 = 24, 2·(9 + 9) = 36, 1·4 = 4 of 64.
        let shares = of.shares().unwrap();
        assert_eq!(
            (shares.main, shares.pairs, shares.rest),
            (vec![0.375, 0.5625], vec![((0, 1), 0.0625)], 0.0)
        );
    }

    /// What is common to all points of a replication takes nothing from the certainty of an effect.
    #[test]
    fn common_noise_widens_means_and_not_effects() {
        let of = experiment();
        assert_eq!(of.main_effect((0, 1)).half_width, Some(0.0));
        assert_eq!(of.interaction((0, 0), (1, 0)).half_width, Some(0.0));
        // Means −1, 0, 1 around 10: s = 1, t(0.975; 2) = 4.3027.
        assert!((of.mean(&[]).half_width.unwrap() - 4.3027 / f64::sqrt(3.0)).abs() < 1e-4);
    }

    #[test]
    fn what_does_not_vary_has_no_shares_and_what_is_incomplete_is_none() {
        let flat = Factorial::new(vec![2, 2], vec![vec![0.1; 4]; 3], 0.95).unwrap();
        assert_eq!(flat.shares(), None);
        assert!(Factorial::new(vec![2, 2], vec![vec![1.0; 3]], 0.95).is_none());
        assert!(Factorial::new(vec![2], Vec::new(), 0.95).is_none());
    }

    proptest! {
        /// Main effects of a factor sum to 0, interactions over either factor too, and the parts to the mean.
        #[test]
        fn the_parts_add_up(values in prop::collection::vec(-1e3_f64..1e3, 24)) {
            let of = Factorial::new(vec![3, 4], values.chunks(12).map(<[f64]>::to_vec).collect(), 0.9).unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            prop_assert!(near((0..4).map(|level| of.main_effect((1, level)).mean).sum(), 0.0));
            for i in 0..3 {
                prop_assert!(near((0..4).map(|j| of.interaction((0, i), (1, j)).mean).sum(), 0.0));
                let parts = of.mean(&[]).mean + of.main_effect((0, i)).mean + of.main_effect((1, 2)).mean;
                prop_assert!(near(parts + of.interaction((0, i), (1, 2)).mean, of.mean(&[(0, i), (1, 2)]).mean));
            }
            let shares = of.shares().unwrap();
            prop_assert!(near(shares.main.iter().sum::<f64>() + shares.pairs[0].1, 1.0) && shares.rest < 1e-9);
        }
    }
}
