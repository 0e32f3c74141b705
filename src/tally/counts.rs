//! Counts by bin, kept for the stretch of bins in use, so that a group's histogram takes no more room than it needs.
//!
//! Quantiles are order statistics: the q-quantile of n values is the one of rank ⌈q n⌉ (the smallest value with at
//! least a share q of all at or below it), known to the width of its bin.

/// How many values fell into each bin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The bin that `counts` begins with. It and the last one are never empty, so equal contents are equal values.
    first: usize,
    counts: Vec<u64>,
    total: u64,
}

impl Counts {
    /// The counts in a table over all bins.
    pub fn of(table: &[u64]) -> Counts {
        let used = |count: &u64| *count > 0;
        let Some(first) = table.iter().position(used) else { return Counts::default() };
        let behind = table.iter().rposition(used).map_or(first, |last| last + 1);
        let counts = table[first..behind].to_vec();
        Counts { first, total: counts.iter().sum(), counts }
    }

    /// The number of values.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The bins in use with their counts, in ascending order.
    pub fn bins(&self) -> impl Iterator<Item = (usize, u64)> {
        let counts = self.counts.iter().enumerate();
        counts.filter(|&(_, &count)| count > 0).map(|(i, &count)| (self.first + i, count))
    }

    /// Adds all that `other` counted.
    pub fn merge(&mut self, other: &Counts) {
        if self.counts.is_empty() {
            self.clone_from(other);
            return;
        }
        if other.counts.is_empty() {
            return;
        }
        let first = self.first.min(other.first);
        self.counts.splice(0..0, std::iter::repeat_n(0, self.first - first));
        self.first = first;
        let place = other.first - first;
        self.counts.resize(self.counts.len().max(place + other.counts.len()), 0);
        self.counts[place..].iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self.total += other.total;
    }

    /// The bin that holds the q-quantile, `q` in [0, 1]; none if nothing was counted.
    pub fn quantile(&self, q: f64) -> Option<usize> {
        let rank = (libm::ceil(q * self.total as f64) as u64).clamp(1, self.total.max(1));
        let mut below = 0;
        let reached = self.counts.iter().position(|&count| {
            below += count;
            below >= rank
        });
        reached.map(|place| self.first + place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quantile_is_the_value_of_rank_ceil_q_n() {
        let counts = Counts::of(&[0, 1, 0, 2, 1]);
        let bin = |q| counts.quantile(q);
        assert_eq!([0.0, 0.25, 0.26, 0.75, 0.76, 1.0].map(bin), [1, 1, 3, 3, 4, 4].map(Some));
        assert_eq!(Counts::of(&[0, 0]).quantile(0.5), None);
    }

    proptest! {
        #[test]
        fn merging_is_adding_in_any_order(
            tables in prop::collection::vec(prop::collection::vec(0u64..4, 12), 1..6),
        ) {
            let sum: Vec<u64> = (0..12).map(|bin| tables.iter().map(|table| table[bin]).sum()).collect();
            let merged = |tables: &mut dyn Iterator<Item = &Vec<u64>>| {
                tables.fold(Counts::default(), |mut all, table| {
                    all.merge(&Counts::of(table));
                    all
                })
            };
            prop_assert_eq!(&merged(&mut tables.iter()), &Counts::of(&sum));
            prop_assert_eq!(&merged(&mut tables.iter().rev()), &Counts::of(&sum));
            prop_assert_eq!(Counts::of(&sum).bins().map(|(_, count)| count).sum::<u64>(), sum.iter().sum::<u64>());
        }
    }
}
