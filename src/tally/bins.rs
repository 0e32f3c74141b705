//! Equal bins over integers, for instance CPU in hundredths of a percent.

use super::quantile_index;

/// Counts of integers in bins of one width; the last bin has no upper edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinHistogram {
    width: u64,
    counts: Box<[u64]>,
    total: u64,
}

impl BinHistogram {
    /// `bins` empty bins of `width`: bin i holds [i·width, (i+1)·width), the last one everything from its lower edge.
    /// Both are taken as at least 1.
    pub fn new(width: u64, bins: usize) -> BinHistogram {
        BinHistogram { width: width.max(1), counts: vec![0; bins.max(1)].into(), total: 0 }
    }

    /// The width of a bin.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// The count of each bin.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The number of values recorded.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The bin of `value`.
    #[inline]
    pub fn index(&self, value: u64) -> usize {
        ((value / self.width) as usize).min(self.counts.len() - 1)
    }

    /// Records `value`.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.record_many(value, 1);
    }

    /// Records `value` as often as `times`.
    #[inline]
    pub fn record_many(&mut self, value: u64, times: u64) {
        self.counts[self.index(value)] += times;
        self.total += times;
    }

    /// Adds counts that were gathered elsewhere, bin by bin; what is beyond our last bin goes there.
    pub fn add_binned(&mut self, counts: &[u32]) {
        let last = self.counts.len() - 1;
        for (bin, &count) in counts.iter().enumerate() {
            self.counts[bin.min(last)] += u64::from(count);
            self.total += u64::from(count);
        }
    }

    /// Adds all that `other` has recorded.
    ///
    /// # Panics
    /// If the bins differ, which is a defect of the program.
    pub fn merge(&mut self, other: &BinHistogram) {
        assert_eq!(
            (self.width, self.counts.len()),
            (other.width, other.counts.len()),
            "histograms with different bins cannot be merged"
        );
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }

    /// The lower edge of the bin with the q-quantile, `q` in [0, 1]; none if nothing was recorded. With a width of 1
    /// it is the exact order statistic, unless it is the last bin's.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        quantile_index(&self.counts, self.total, q).map(|bin| bin as u64 * self.width)
    }

    /// The number of values in the bins from that of `value` on.
    pub fn count_from(&self, value: u64) -> u64 {
        self.counts[self.index(value)..].iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recorded(values: &[u64]) -> BinHistogram {
        let mut histogram = BinHistogram::new(3, 20);
        values.iter().for_each(|&value| histogram.record(value));
        histogram
    }

    fn merged(one: &BinHistogram, other: &BinHistogram) -> BinHistogram {
        let mut all = one.clone();
        all.merge(other);
        all
    }

    #[test]
    fn the_last_bin_takes_the_rest() {
        let mut histogram = BinHistogram::new(10, 3);
        [0, 9, 10, 19, 20, 1_000].iter().for_each(|&value| histogram.record(value));
        histogram.add_binned(&[0, 1, 0, 5]);
        assert_eq!(histogram.counts(), [2, 3, 7]);
        assert_eq!((histogram.count(), histogram.count_from(15)), (12, 10));
    }

    proptest! {
        #[test]
        fn merging_is_recording_everything_in_one(
            a in prop::collection::vec(0u64..100, 0..50),
            b in prop::collection::vec(0u64..100, 0..50),
            c in prop::collection::vec(0u64..100, 0..50),
        ) {
            let (x, y, z) = (recorded(&a), recorded(&b), recorded(&c));
            let all = recorded(&[a, b, c].concat());
            prop_assert_eq!(&merged(&merged(&x, &y), &z), &all);
            prop_assert_eq!(&merged(&x, &merged(&y, &z)), &all);
            prop_assert_eq!(&merged(&z, &merged(&y, &x)), &all);
        }

        /// With bins of 1 the quantile is the order statistic itself.
        #[test]
        fn quantiles_are_order_statistics(mut values in prop::collection::vec(0u64..1000, 1..60), q in 0.0..1.0f64) {
            let mut histogram = BinHistogram::new(1, 1000);
            values.iter().for_each(|&value| histogram.record(value));
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).max(1);
            prop_assert_eq!(histogram.quantile(q), Some(values[rank - 1]));
        }
    }
}
