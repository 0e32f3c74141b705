//! Bins of equal relative width over positive numbers, for instance demand in Mbps.
//!
//! The bin of an `f32` is read off its bits: the exponent and the six highest bits of the mantissa, so 64 bins an
//! octave, each at most 1/64 (below 1.6 %) of its lower edge wide. Log-linear bins as in HdrHistogram (G. Tene),
//! whose integers would need a unit to be chosen.

use super::quantile_index;

const SUB_BINS: i32 = 64;
const MANTISSA_BITS_LEFT: u32 = 23 - 6;
/// The key (exponent and sub-bin) of 2⁻²⁴, the smallest number with a bin of its own.
const FIRST_KEY: i32 = (127 - 24) * SUB_BINS;
const OCTAVES: i32 = 64;

/// Counts of numbers that are not negative, in 64 bins an octave from 2⁻²⁴ to 2⁴⁰ and one for zero.
///
/// Only the stretch of bins that is in use is stored: some hundred counts for one group's demand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogHistogram {
    /// The bin that `counts` begins with. It and the last one are never empty, so equal contents are equal values.
    first: usize,
    counts: Vec<u64>,
    total: u64,
}

/// The numbers of one bin: `lower` ≤ x < `upper`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lower edge.
    pub lower: f64,
    /// The upper edge; infinite for the last bin, 2⁻²⁴ for that of zero.
    pub upper: f64,
}

impl Range {
    /// The middle of the bin, 0 for that of zero; the lower edge of the last bin, which has no middle.
    pub fn middle(self) -> f64 {
        if self.lower == 0.0 {
            0.0
        } else if self.upper.is_infinite() {
            self.lower
        } else {
            self.lower + (self.upper - self.lower) / 2.0
        }
    }
}

impl LogHistogram {
    /// The number of bins, that of zero (index 0) included.
    pub const BINS: usize = (OCTAVES * SUB_BINS + 1) as usize;

    /// The bin of `value`: 0 below 2⁻²⁴ (and for what is negative), the last one from 2⁴⁰ on.
    #[inline(always)]
    pub fn index(value: f32) -> usize {
        // Negative numbers have the sign bit and so a negative key.
        let key = (value.to_bits() as i32) >> MANTISSA_BITS_LEFT;
        (key - (FIRST_KEY - 1)).clamp(0, OCTAVES * SUB_BINS) as usize
    }

    /// The numbers in bin `index`.
    pub fn range(index: usize) -> Range {
        let edge = |bin: usize| match bin {
            0 => 0.0,
            LogHistogram::BINS.. => f64::INFINITY,
            _ => f64::from(f32::from_bits(((bin as i32 + FIRST_KEY - 1) as u32) << MANTISSA_BITS_LEFT)),
        };
        Range { lower: edge(index), upper: edge(index + 1) }
    }

    /// The number of values recorded.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The bins in use with their counts, in ascending order.
    pub fn bins(&self) -> impl Iterator<Item = (usize, u64)> {
        let counts = self.counts.iter().enumerate();
        counts.filter(|&(_, &count)| count > 0).map(|(i, &count)| (self.first + i, count))
    }

    /// Records `value`.
    pub fn record(&mut self, value: f32) {
        self.add(LogHistogram::index(value), 1);
    }

    /// Adds `count` to bin `index`; an index beyond the last bin is taken as the last.
    pub fn add(&mut self, index: usize, count: u64) {
        if count == 0 {
            return;
        }
        let index = index.min(LogHistogram::BINS - 1);
        if self.counts.is_empty() {
            self.first = index;
        } else if index < self.first {
            self.counts.splice(0..0, std::iter::repeat_n(0, self.first - index));
            self.first = index;
        }
        let place = index - self.first;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += count;
        self.total += count;
    }

    /// Adds counts that were gathered in a table over all bins, as [`LogHistogram::index`] numbers them.
    pub fn add_binned(&mut self, counts: &[u32]) {
        for (index, &count) in counts.iter().enumerate() {
            self.add(index, u64::from(count));
        }
    }

    /// Adds all that `other` has recorded.
    pub fn merge(&mut self, other: &LogHistogram) {
        for (index, count) in other.bins() {
            self.add(index, count);
        }
    }

    /// The bin that holds the q-quantile, `q` in [0, 1]; none if nothing was recorded.
    pub fn quantile(&self, q: f64) -> Option<Range> {
        quantile_index(&self.counts, self.total, q).map(|bin| LogHistogram::range(self.first + bin))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recorded(values: &[f32]) -> LogHistogram {
        let mut histogram = LogHistogram::default();
        values.iter().for_each(|&value| histogram.record(value));
        histogram
    }

    fn merged(one: &LogHistogram, other: &LogHistogram) -> LogHistogram {
        let mut all = one.clone();
        all.merge(other);
        all
    }

    #[test]
    fn what_has_no_bin_of_its_own_goes_to_the_ends() {
        for zero in [0.0, -0.0, -3.0, f32::MIN_POSITIVE, 5e-8] {
            assert_eq!(LogHistogram::index(zero), 0, "{zero}");
        }
        assert_eq!(LogHistogram::index(2f32.powi(-24)), 1);
        for large in [2f32.powi(40), 1e30, f32::INFINITY] {
            assert_eq!(LogHistogram::index(large), LogHistogram::BINS - 1, "{large}");
        }
    }

    #[test]
    fn bins_join_without_gaps_and_are_narrow() {
        for index in 1..LogHistogram::BINS - 1 {
            let range = LogHistogram::range(index);
            assert_eq!(range.upper, LogHistogram::range(index + 1).lower);
            assert!(range.upper / range.lower <= 1.0 + 1.0 / 64.0);
        }
        assert_eq!(LogHistogram::range(0), Range { lower: 0.0, upper: 2f64.powi(-24) });
        assert_eq!(LogHistogram::range(LogHistogram::BINS - 1).upper, f64::INFINITY);
    }

    #[test]
    fn a_table_over_all_bins_is_the_same_as_recording() {
        let values = [0.0, 0.3, 17.0, 17.1, 4e9, 1e15];
        let mut table = vec![0u32; LogHistogram::BINS];
        values.iter().for_each(|&value| table[LogHistogram::index(value)] += 1);
        let mut histogram = LogHistogram::default();
        histogram.add_binned(&table);
        assert_eq!(histogram, recorded(&values));
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bin(value in 6e-8f32..1e12) {
            let range = LogHistogram::range(LogHistogram::index(value));
            prop_assert!(range.lower <= f64::from(value) && f64::from(value) < range.upper);
        }

        #[test]
        fn merging_is_recording_everything_in_one(
            a in prop::collection::vec(0.0f32..1e6, 0..50),
            b in prop::collection::vec(0.0f32..1e-3, 0..50),
            c in prop::collection::vec(0.0f32..10.0, 0..50),
        ) {
            let (x, y, z) = (recorded(&a), recorded(&b), recorded(&c));
            let all = recorded(&[a, b, c].concat());
            prop_assert_eq!(&merged(&merged(&x, &y), &z), &all);
            prop_assert_eq!(&merged(&x, &merged(&y, &z)), &all);
            prop_assert_eq!(&merged(&z, &merged(&y, &x)), &all);
        }

        #[test]
        fn a_quantiles_bin_holds_the_order_statistic(
            mut values in prop::collection::vec(0.001f32..1e6, 1..60),
            q in 0.0..1.0f64,
        ) {
            let histogram = recorded(&values);
            values.sort_by(f32::total_cmp);
            let exact = f64::from(values[((q * values.len() as f64).ceil() as usize).max(1) - 1]);
            let range = histogram.quantile(q).unwrap();
            prop_assert!(range.lower <= exact && exact < range.upper);
            prop_assert!((range.middle() / exact - 1.0).abs() < 0.008);
        }
    }
}
