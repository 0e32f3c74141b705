//! Tallies: statistics that are integers and merge exactly.
//!
//! Every tally is a multiset of what was recorded, reduced to whole counts. Merging adds counts, so it is exact,
//! associative and commutative: replications, blocks of groups and threads may be joined in any order and give the
//! same bytes. What is not an integer by nature is put in a bin first.
//!
//! Quantiles are order statistics: the q-quantile of n values is the one of rank ⌈q n⌉ (the smallest value with at
//! least a share q of all at or below it), known to the width of its bin.

mod bins;
mod log;

pub use bins::BinHistogram;
pub use log::{LogHistogram, Range};

/// The index of the bin that holds the q-quantile of the values counted in `counts`; none if there are no values.
fn quantile_index(counts: &[u64], total: u64, q: f64) -> Option<usize> {
    let rank = (libm::ceil(q * total as f64) as u64).clamp(1, total.max(1));
    let mut below = 0;
    counts.iter().position(|&count| {
        below += count;
        below >= rank
    })
}

#[cfg(test)]
mod tests {
    use super::quantile_index;

    #[test]
    fn a_quantile_is_the_value_of_rank_ceil_q_n() {
        let counts = [0, 1, 0, 2, 1];
        let index = |q| quantile_index(&counts, 4, q);
        assert_eq!([0.0, 0.25, 0.26, 0.75, 0.76, 1.0].map(index), [1, 1, 3, 3, 4, 4].map(Some));
        assert_eq!(quantile_index(&[0, 0], 0, 0.5), None);
    }
}
