//! Histograms of offered CPU and of demand, filled tick by tick.
//!
//! Bin numbers are computed in vectors and counted one by one, into two tables in turn: neighbouring ticks tend to
//! fall into the same bin, and a counter that was just written is slow to read. Counters of 32 bits are emptied into
//! totals of 64 before they can overflow. Counts are integers, so merging is exact in any order.

use super::{map_floats, map_ints};
use crate::environment::demand::level::{Floats, Ints};
use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

/// Bins of offered CPU; the last one also takes all that is beyond.
pub const CPU_BINS: usize = 512;
/// Width of a bin of offered CPU, in hundredths of a percent.
pub const CPU_BIN_WIDTH: i32 = 50;
/// Bins of demand: 64 in each of 32 octaves from 2⁻⁸ to 2²⁴ Mbps; the first also takes what is below, the last what
/// is above.
pub const DEMAND_BINS: usize = 2048;

/// A bin of demand is told by the exponent and the upper six bits of the fraction.
const DEMAND_SHIFT: u32 = 17;
const LEAST_DEMAND: f32 = 1.0 / 256.0;
/// The last float below 2²⁴.
const MOST_DEMAND: f32 = 16_777_215.0;
const FIRST_BIN: i32 = (LEAST_DEMAND.to_bits() >> DEMAND_SHIFT) as i32;

/// The bin of an offered CPU ≥ 0: bin b has [50·b, 50·b + 50).
pub fn cpu_bin(offered: i32) -> usize {
    ((offered / CPU_BIN_WIDTH) as usize).min(CPU_BINS - 1)
}

/// The bin of a demand ≥ 0.
pub fn demand_bin(demand: f32) -> usize {
    let bits = demand.clamp(LEAST_DEMAND, MOST_DEMAND).to_bits();
    ((bits >> DEMAND_SHIFT) as i32 - FIRST_BIN) as usize
}

/// The least demand of a bin; 0 for the first.
pub fn demand_bin_floor(bin: usize) -> f32 {
    if bin == 0 { 0.0 } else { f32::from_bits((bin as u32 + FIRST_BIN as u32) << DEMAND_SHIFT) }
}

/// Ticks at a time whose bins are computed before they are counted.
const BATCH: usize = 256;
/// Tables that are filled in turn.
const TABLES: usize = 2;

/// Counts of ticks by offered CPU and by demand.
#[derive(Clone, Debug)]
pub struct LoadHistograms {
    recent: Box<Recent>,
    /// At least as much as any counter of `recent`.
    pending: u64,
    cpu: Vec<u64>,
    demand: Vec<u64>,
}

#[derive(Clone, Debug)]
struct Recent {
    cpu: [[u32; CPU_BINS]; TABLES],
    demand: [[u32; DEMAND_BINS]; TABLES],
    /// Room for the bins of a batch.
    bins: [i32; BATCH],
}

impl Recent {
    const EMPTY: Recent =
        Recent { cpu: [[0; CPU_BINS]; TABLES], demand: [[0; DEMAND_BINS]; TABLES], bins: [0; BATCH] };
}

impl Default for LoadHistograms {
    fn default() -> Self {
        LoadHistograms {
            recent: Box::new(Recent::EMPTY),
            pending: 0,
            cpu: vec![0; CPU_BINS],
            demand: vec![0; DEMAND_BINS],
        }
    }
}

impl LoadHistograms {
    /// Counts ticks with somebody serving by their `offered` CPU, ≥ 0.
    pub fn add_cpu(&mut self, level: Level, offered: &[i32]) {
        for batch in offered.chunks(BATCH) {
            self.make_room(batch.len());
            let Recent { cpu, bins, .. } = &mut *self.recent;
            dispatch!(level, simd => count_cpu(simd, batch, &mut bins[..batch.len()], cpu));
        }
    }

    /// Counts ticks by their `demand`, ≥ 0.
    pub fn add_demand(&mut self, level: Level, demand: &[f32]) {
        for batch in demand.chunks(BATCH) {
            self.make_room(batch.len());
            let Recent { demand, bins, .. } = &mut *self.recent;
            dispatch!(level, simd => count_demand(simd, batch, &mut bins[..batch.len()], demand));
        }
    }

    fn make_room(&mut self, ticks: usize) {
        if self.pending + ticks as u64 > u64::from(u32::MAX) {
            self.settle();
        }
        self.pending += ticks as u64;
    }

    /// The counts by [`cpu_bin`].
    pub fn cpu(&mut self) -> &[u64] {
        self.settle();
        &self.cpu
    }

    /// The counts by [`demand_bin`].
    pub fn demand(&mut self) -> &[u64] {
        self.settle();
        &self.demand
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &mut LoadHistograms) {
        other.settle();
        self.cpu.iter_mut().zip(&other.cpu).for_each(|(count, other)| *count += other);
        self.demand.iter_mut().zip(&other.demand).for_each(|(count, other)| *count += other);
    }

    /// Forgets all counts.
    pub fn clear(&mut self) {
        self.settle();
        self.cpu.fill(0);
        self.demand.fill(0);
    }

    fn settle(&mut self) {
        if self.pending == 0 {
            return;
        }
        for table in &self.recent.cpu {
            self.cpu.iter_mut().zip(table).for_each(|(count, &recent)| *count += u64::from(recent));
        }
        for table in &self.recent.demand {
            self.demand.iter_mut().zip(table).for_each(|(count, &recent)| *count += u64::from(recent));
        }
        *self.recent = Recent::EMPTY;
        self.pending = 0;
    }
}

#[inline(always)]
fn count<const BINS: usize>(tables: &mut [[u32; BINS]; TABLES], bins: &[i32]) {
    let (turns, last) = bins.as_chunks::<TABLES>();
    for turn in turns {
        for (table, &bin) in tables.iter_mut().zip(turn) {
            // The remainder is the bin itself; it spares a check of bounds.
            table[bin as usize % BINS] += 1;
        }
    }
    for &bin in last {
        tables[0][bin as usize % BINS] += 1;
    }
}

/// Counts in the bins that [`cpu_bin`] gives.
#[inline(always)]
fn count_cpu<S: Simd>(simd: S, offered: &[i32], bins: &mut [i32], tables: &mut [[u32; CPU_BINS]; TABLES]) {
    map_ints(
        simd,
        offered,
        bins,
        #[inline(always)]
        |offered| {
            let cpu: Floats<S> = offered.to_float();
            // With half a hundredth more, no quotient is within a hundredth of an integer.
            let quotient = (cpu + 0.5) * (1.0 / CPU_BIN_WIDTH as f32);
            quotient.min((CPU_BINS - 1) as f32).to_int()
        },
    );
    count(tables, bins);
}

/// Counts in the bins that [`demand_bin`] gives.
#[inline(always)]
fn count_demand<S: Simd>(
    simd: S,
    demand: &[f32],
    bins: &mut [i32],
    tables: &mut [[u32; DEMAND_BINS]; TABLES],
) {
    map_floats(
        simd,
        demand,
        bins,
        #[inline(always)]
        |demand| {
            let bits: Ints<S> = demand.max(LEAST_DEMAND).min(MOST_DEMAND).bitcast();
            (bits >> DEMAND_SHIFT) - FIRST_BIN
        },
    );
    count(tables, bins);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_cpu_falls_into_its_bin() {
        let offered: Vec<i32> = (0..30_000).chain([1_000_000, 2_147_483_520]).collect();
        let mut histograms = LoadHistograms::default();
        for &offered in &offered {
            histograms.add_cpu(Level::new(), &[offered; 17]);
        }
        let mut expected = vec![0; CPU_BINS];
        offered.iter().for_each(|&offered| expected[cpu_bin(offered)] += 17);
        assert_eq!(histograms.cpu(), expected);
        assert_eq!(expected[0], 50 * 17);
    }

    #[test]
    fn bins_of_demand_begin_at_their_floor() {
        for bin in 1..DEMAND_BINS {
            let floor = demand_bin_floor(bin);
            assert_eq!(demand_bin(floor), bin);
            assert_eq!(demand_bin(floor.next_down()), bin - 1);
            assert!(bin == 1 || floor / demand_bin_floor(bin - 1) <= 1.0 + 1.0 / 64.0);
        }
        assert_eq!(demand_bin(0.0), 0);
        assert_eq!(demand_bin(f32::MAX), DEMAND_BINS - 1);
        assert_eq!(demand_bin_floor(8 * 64), 1.0);
    }

    #[test]
    fn counts_are_those_of_the_bins() {
        let demand: Vec<f32> = (0..1000).map(|tick| libm::expf(tick as f32 / 40.0 - 8.0)).collect();
        let mut expected = vec![0; DEMAND_BINS];
        demand.iter().for_each(|&demand| expected[demand_bin(demand)] += 1);
        let mut histograms = LoadHistograms::default();
        histograms.add_demand(Level::new(), &demand);
        assert_eq!(histograms.demand(), expected);
        let mut twice = histograms.clone();
        twice.merge(&mut histograms);
        assert_eq!(twice.demand().iter().sum::<u64>(), 2000);
        twice.clear();
        assert!(twice.demand().iter().chain(histograms.cpu()).all(|&count| count == 0));
    }
}
