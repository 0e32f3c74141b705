//! How long episodes lasted: their total and their distribution, in whole numbers that merge in any order.
//!
//! A length falls into a bin of 1/64 of its power of two: exact below 128 ms, else at most 1/64 wide relative to its
//! lower edge. A quantile is the middle of its bin, so it is off by at most 0.8 %. Only bins in use are kept: without
//! an episode nothing is allocated, and merging nothing costs nothing.

use std::collections::BTreeMap;

use crate::time::Span;

/// Bits of a length that its bin keeps below the leading one.
const BITS: u32 = 6;

/// Lengths of episodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    total: i64,
    /// Episodes by [`bin`].
    counts: BTreeMap<u16, u64>,
}

impl Lengths {
    /// Adds an episode.
    pub fn record(&mut self, length: Span) {
        self.total += length.0;
        *self.counts.entry(bin(length)).or_insert(0) += 1;
    }

    /// Adds the episodes of `other`; exact in any order.
    pub fn merge(&mut self, other: &Lengths) {
        self.total += other.total;
        for (&bin, &count) in &other.counts {
            *self.counts.entry(bin).or_insert(0) += count;
        }
    }

    /// How many there were.
    pub fn episodes(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How long they lasted together.
    pub fn total(&self) -> Span {
        Span(self.total)
    }

    /// The length of rank ⌈`q`·n⌉ of n, `q` in [0, 1], to 0.8 %: the middle of its bin. None without an episode.
    pub fn quantile(&self, q: f64) -> Option<Span> {
        let number = self.episodes();
        let rank = (libm::ceil(q * number as f64) as u64).clamp(1, number.max(1));
        let mut below = 0;
        let reached = self.counts.iter().find(|&(_, &count)| {
            below += count;
            below >= rank
        });
        reached.map(|(&bin, _)| Span((floor(bin) + floor(bin + 1) - 1) / 2))
    }
}

/// The bin of a length ≥ 0.
fn bin(length: Span) -> u16 {
    let millis = length.0.unsigned_abs();
    let shift = (u64::BITS - millis.leading_zeros()).saturating_sub(BITS + 1);
    ((shift << BITS) as u64 + (millis >> shift)) as u16
}

/// The shortest length of a bin, in milliseconds.
fn floor(bin: u16) -> i64 {
    let shift = (bin >> BITS).saturating_sub(1);
    i64::from(bin - (shift << BITS)) << shift
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::{HOUR, MINUTE};

    fn lengths(millis: &[i64]) -> Lengths {
        let mut lengths = Lengths::default();
        millis.iter().for_each(|&millis| lengths.record(Span(millis)));
        lengths
    }

    #[test]
    fn bins_follow_each_other_without_gaps() {
        for bin_ in 0..2_600 {
            let (low, next) = (floor(bin_), floor(bin_ + 1));
            assert_eq!([bin(Span(low)), bin(Span(next - 1)), bin(Span(next))], [bin_, bin_, bin_ + 1]);
            assert!(next - low == 1 || (next - low) * 64 <= low, "{low} ms to {next} ms");
        }
        assert!(floor(2_600) > 60 * 366 * 24 * HOUR.0, "sixty years are covered");
    }

    /// Ranks by hand: of 20 episodes the median is the 10th, the 90 % quantile the 18th, the 99 % quantile the last.
    #[test]
    fn quantiles_are_those_of_the_sorted_lengths_to_a_hundredth() {
        let minutes: Vec<i64> = (1..=20).map(|n| n * n * MINUTE.0).collect();
        let of = lengths(&minutes);
        for (q, rank) in [(0.0, 1_i64), (0.5, 10), (0.9, 18), (0.99, 20), (1.0, 20)] {
            let exact = (rank * rank * MINUTE.0) as f64;
            let told = of.quantile(q).unwrap().0 as f64;
            assert!((told / exact - 1.0).abs() <= 1.0 / 128.0, "{q}: {told} for {exact}");
        }
        assert_eq!((of.episodes(), of.total()), (20, Span(2_870 * MINUTE.0)));
        assert_eq!(Lengths::default().quantile(0.5), None);
    }

    proptest! {
        #[test]
        fn merging_is_recording_everything_in_any_order(parts in prop::collection::vec(
            prop::collection::vec(1_i64..10_000_000_000, 0..6), 1..5)) {
            let together = lengths(&parts.concat());
            let merged = |order: Vec<&Vec<i64>>| order.iter().fold(Lengths::default(), |mut all, part| {
                all.merge(&lengths(part));
                all
            });
            prop_assert_eq!(&merged(parts.iter().collect()), &together);
            prop_assert_eq!(&merged(parts.iter().rev().collect()), &together);
        }
    }
}
