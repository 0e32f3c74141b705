//! Histograms of offered CPU and of demand, filled tick by tick.
//!
//! Bin numbers are computed in vectors and counted one by one, into two tables in turn: neighbouring ticks tend to
//! fall into the same bin, and a counter that was just written is slow to read. When a replication is over, its counts
//! are reduced to the stretch of bins in use. Counts are integers, so merging is exact in any order.

use super::{map_floats, map_ints};
use crate::environment::demand::level::{Floats, Ints};
use crate::tally::Counts;
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

/// Counts ticks of one group in one replication by offered CPU and by demand. Takes room when the first is counted.
#[derive(Clone, Debug, Default)]
pub struct LoadHistograms(Option<Box<Tables>>);

#[derive(Clone, Debug)]
struct Tables {
    cpu: [[u32; CPU_BINS]; TABLES],
    demand: [[u32; DEMAND_BINS]; TABLES],
    /// Room for the bins of a batch.
    bins: [i32; BATCH],
}

impl Tables {
    const EMPTY: Tables =
        Tables { cpu: [[0; CPU_BINS]; TABLES], demand: [[0; DEMAND_BINS]; TABLES], bins: [0; BATCH] };
}

/// What was counted, in the room that it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadCounts {
    cpu: Counts,
    demand: Counts,
}

impl LoadHistograms {
    /// Counts ticks with somebody serving by their `offered` CPU, ≥ 0. At most 2³² ticks in all.
    pub fn add_cpu(&mut self, level: Level, offered: &[i32]) {
        let Tables { cpu, bins, .. } = self.tables();
        for batch in offered.chunks(BATCH) {
            dispatch!(level, simd => count_cpu(simd, batch, &mut bins[..batch.len()], cpu));
        }
    }

    /// Counts ticks by their `demand`, ≥ 0. At most 2³² ticks in all.
    pub fn add_demand(&mut self, level: Level, demand: &[f32]) {
        let Tables { demand: tables, bins, .. } = self.tables();
        for batch in demand.chunks(BATCH) {
            dispatch!(level, simd => count_demand(simd, batch, &mut bins[..batch.len()], tables));
        }
    }

    fn tables(&mut self) -> &mut Tables {
        self.0.get_or_insert_with(|| Box::new(Tables::EMPTY))
    }

    /// What was counted.
    pub fn counts(&self) -> LoadCounts {
        let Some(tables) = &self.0 else { return LoadCounts::default() };
        LoadCounts { cpu: joined(&tables.cpu), demand: joined(&tables.demand) }
    }
}

fn joined<const BINS: usize>(tables: &[[u32; BINS]; TABLES]) -> Counts {
    let mut sums = [0; BINS];
    for table in tables {
        sums.iter_mut().zip(table).for_each(|(sum, &count)| *sum += u64::from(count));
    }
    Counts::of(&sums)
}

impl LoadCounts {
    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &LoadCounts) {
        self.cpu.merge(&other.cpu);
        self.demand.merge(&other.demand);
    }

    /// By [`cpu_bin`].
    pub fn cpu(&self) -> &Counts {
        &self.cpu
    }

    /// By [`demand_bin`].
    pub fn demand(&self) -> &Counts {
        &self.demand
    }

    /// The `q` quantile of the offered CPU in percent, the middle of its bin.
    pub fn cpu_percent(&self, q: f64) -> Option<f64> {
        let width = f64::from(CPU_BIN_WIDTH) / 100.0;
        self.cpu.quantile(q).map(|bin| (bin as f64 + 0.5) * width)
    }

    /// The `q` quantile of demand in Mbps, the middle of its bin; 0 for the first.
    pub fn demand_mbps(&self, q: f64) -> Option<f64> {
        let floor = |bin| f64::from(demand_bin_floor(bin));
        self.demand.quantile(q).map(|bin| if bin == 0 { 0.0 } else { (floor(bin) + floor(bin + 1)) / 2.0 })
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
        assert_eq!(*histograms.counts().cpu(), Counts::of(&expected));
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
        let counts = histograms.counts();
        assert_eq!(*counts.demand(), Counts::of(&expected));
        let mut twice = counts.clone();
        twice.merge(&counts);
        assert_eq!(twice.demand().total(), 2000);
    }
}
