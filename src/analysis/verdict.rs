//! The verdict on a difference, from its simultaneous interval and a margin that does not matter.
//!
//! "Not shown to differ" is no verdict: `same` has to be shown too, by an interval within ± the margin (an
//! equivalence test by inclusion of the interval).

use super::Paired;

/// Which values of a metric are the better ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The larger.
    More,
    /// The smaller.
    Less,
}

/// What can be said of a system against the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The difference does not matter: the interval lies within ± the margin.
    Same,
    /// The interval excludes 0, on the good side.
    Better,
    /// The interval excludes 0, on the bad side.
    Worse,
    /// None of these: more replications are needed, or a margin.
    Undecided,
}

impl Verdict {
    /// The verdict on `of` with a `margin` ≥ 0 in the unit of its values.
    pub fn of(of: &Paired, margin: f64, better: Better) -> Verdict {
        let Some((low, high)) = of.difference.interval() else { return Verdict::Undecided };
        if low >= -margin && high <= margin {
            return Verdict::Same;
        }
        match (low > 0.0, high < 0.0, better) {
            (true, _, Better::More) | (_, true, Better::Less) => Verdict::Better,
            (true, _, Better::Less) | (_, true, Better::More) => Verdict::Worse,
            (false, false, _) => Verdict::Undecided,
        }
    }

    /// The word in result files.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Undecided => "undecided",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;

    fn paired(mean: f64, half_width: Option<f64>) -> Paired {
        Paired {
            baseline_mean: 10.0,
            mean: 10.0 + mean,
            difference: Estimate { mean, half_width, confidence: 0.95, replications: 20 },
            all_equal: mean == 0.0 && half_width == Some(0.0),
            correlation: None,
            variance_reduction: None,
            p_value: None,
        }
    }

    /// Mean difference, half-width, margin; the verdict where less is better, and where more is.
    #[test]
    fn the_table_of_verdicts() {
        use Verdict::{Better, Same, Undecided, Worse};
        for (mean, half_width, margin, if_less, if_more) in [
            // All differences are 0.
            (0.0, Some(0.0), 0.0, Same, Same),
            // The interval excludes 0.
            (2.0, Some(1.0), 0.0, Worse, Better),
            (-2.0, Some(1.0), 0.0, Better, Worse),
            // Every difference is the same, and not 0.
            (-2.0, Some(0.0), 0.0, Better, Worse),
            // It contains 0, or touches it.
            (0.5, Some(1.0), 0.0, Undecided, Undecided),
            (1.0, Some(1.0), 0.0, Undecided, Undecided),
            // It lies within the margin, its ends included, whether it contains 0 or not.
            (0.5, Some(1.0), 1.5, Same, Same),
            (2.0, Some(1.0), 3.0, Same, Same),
            (-2.0, Some(1.0), 3.0, Same, Same),
            // It reaches beyond the margin.
            (2.0, Some(1.0), 2.5, Worse, Better),
            (-2.0, Some(1.0), 1.0, Better, Worse),
            (0.5, Some(1.0), 1.0, Undecided, Undecided),
            // A single replication.
            (2.0, None, 0.0, Undecided, Undecided),
            (0.1, None, 100.0, Undecided, Undecided),
        ] {
            let of = paired(mean, half_width);
            let verdicts =
                [super::Better::Less, super::Better::More].map(|way| Verdict::of(&of, margin, way));
            assert_eq!(verdicts, [if_less, if_more], "{mean} ± {half_width:?}, margin {margin}");
        }
    }
}
