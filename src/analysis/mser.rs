//! Where the initial transient of a steady-state simulation ends, by MSER-5.
//!
//! The Marginal Standard Error Rule of K. P. White ("An effective truncation heuristic for bias reduction in simulation
//! output", Simulation 69, 1997) cuts as many first observations as makes the confidence interval of the mean of
//! the rest narrowest: bias that is still there widens it, and so does cutting too much. MSER-5 applies it to means of
//! five consecutive observations (White, Cobb, Spratt, "A comparison of five steady-state truncation heuristics for
//! simulation", Proceedings of the 2000 Winter Simulation Conference). If the least lies in the second half, the run is
//! too short to tell.

/// Consecutive observations in a batch.
pub const BATCH: usize = 5;

/// What MSER-5 says of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// Whole batches of the series; what is left over at its end is not used.
    pub batches: usize,
    /// Of these, how many to cut.
    pub cut: usize,
    /// Mean of all batches.
    pub mean_of_all: f64,
    /// Mean of those that are kept.
    pub mean_of_kept: f64,
}

impl Truncation {
    /// Of a series of equally spaced observations; none below ten batches, which say nothing.
    pub fn mser5(series: &[f64]) -> Option<Truncation> {
        let batches: Vec<f64> =
            series.chunks_exact(BATCH).map(|batch| batch.iter().sum::<f64>() / BATCH as f64).collect();
        // The last few alone would have a narrow interval by luck; they are never all that is kept.
        let most = batches.len().checked_sub(BATCH).filter(|&most| most >= BATCH)?;
        let tails = Tails::of(&batches);
        let rule =
            |cut: usize| tails.squares[cut] / ((batches.len() - cut) as f64 * (batches.len() - cut) as f64);
        let cut = (0..=most).min_by(|&a, &b| rule(a).total_cmp(&rule(b)))?;
        Some(Truncation {
            batches: batches.len(),
            cut,
            mean_of_all: tails.means[0],
            mean_of_kept: tails.means[cut],
        })
    }

    /// Whether the cut lies in the first half: otherwise the run is too short to tell.
    pub fn is_conclusive(&self) -> bool {
        2 * self.cut <= self.batches
    }
}

/// By first batch: mean, and sum of squares around it, of all from there on.
struct Tails {
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl Tails {
    /// Welford's recursion from the end, which is exact for a constant series.
    fn of(batches: &[f64]) -> Tails {
        let (mut means, mut squares) = (vec![0.0; batches.len()], vec![0.0; batches.len()]);
        let (mut mean, mut sum) = (0.0, 0.0);
        for (index, &batch) in batches.iter().enumerate().rev() {
            let count = (batches.len() - index) as f64;
            let off = batch - mean;
            mean += off / count;
            sum += off * (batch - mean);
            (means[index], squares[index]) = (mean, sum);
        }
        Tails { means, squares }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn repeated(batches: &[f64]) -> Vec<f64> {
        batches.iter().flat_map(|&mean| [mean; BATCH]).collect()
    }

    /// By hand: batches 9, 5, then 1, −1, 1, −1, … ten times. Squares around the mean of the last ten are 10, so the rule
    /// gives 10/10² = 0.1 there; with 5 before it 10 + 25·10/11 = 32.7 over 11² = 0.27; with 9 too more still. Of the
    /// ten, cutting one leaves 80/9 over 9² = 0.11: nothing is gained by cutting more.
    #[test]
    fn a_transient_is_cut_and_no_more() {
        let batches = [9.0, 5.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0];
        let mut series = repeated(&batches);
        series.extend([100.0; 4]);
        let of = Truncation::mser5(&series).unwrap();
        assert_eq!((of.batches, of.cut, of.is_conclusive()), (12, 2, true));
        assert!((of.mean_of_all - 14.0 / 12.0).abs() < 1e-12 && of.mean_of_kept.abs() < 1e-12);
    }

    #[test]
    fn a_constant_series_is_not_cut_and_a_ramp_is_inconclusive() {
        let of = Truncation::mser5(&[0.1; 200]).unwrap();
        assert_eq!((of.cut, of.mean_of_all, of.mean_of_kept), (0, of.mean_of_kept, of.mean_of_all));
        let ramp: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(!Truncation::mser5(&ramp).unwrap().is_conclusive());
        assert_eq!(Truncation::mser5(&[1.0; 49]), None);
    }

    /// An autoregressive series that starts ten standard deviations off, whose bias 10·0.9^t is below a tenth of one after
    /// 44 observations, nine batches; and one that starts as it goes on. Of five thousand other seeds 23 and 20
    /// missed these bounds, so that this test would fail once in a hundred; its seed is fixed.
    #[test]
    fn the_bias_of_an_autoregressive_start_is_found() {
        for (start, least, most) in [(10.0, 2, 100), (0.0, 0, 100)] {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
            let mut x = start;
            let mut next = || {
                let noise: f64 = StandardNormal.sample(&mut rng);
                let now = x;
                x = 0.9 * x + f64::sqrt(0.19) * noise;
                now
            };
            let series: Vec<f64> = (0..2_000).map(|_| next()).collect();
            let of = Truncation::mser5(&series).unwrap();
            assert!((least..=most).contains(&of.cut), "{start}: {of:?}");
        }
    }
}
