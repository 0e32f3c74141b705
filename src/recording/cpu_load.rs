//! The chart "average CPU load": buckets of time, incomplete where data are missing.

use crate::fleet::Status;
use crate::simulation::Ticks;
use crate::simulation::observer::{Observer, SlotDisplay, Standing, TickRun};
use crate::time::{Span, Time};

/// A bucket of cpu_load.csv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuBucket {
    /// Where it begins.
    pub from: Time,
    /// Mean of the group's samples in it, in hundredths of a percent; `None` where it is incomplete or has no sample.
    pub average: Option<i32>,
    /// Whether an in-service, enabled connector had its link down or came into service in it.
    pub incomplete: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    sum: i64,
    samples: i64,
    incomplete: bool,
}

/// Records the chart of one group. A bucket that holds no tick shows the sample in force when it begins.
#[derive(Clone, Debug)]
pub struct CpuLoad {
    length: Span,
    ticks: Ticks,
    buckets: Vec<Bucket>,
    /// The last sample of each bucket, where buckets are shorter than ticks.
    in_force: Vec<i32>,
}

const NOBODY: i32 = -1;

impl CpuLoad {
    /// Buckets of `length` up to `horizon`.
    pub fn new(length: Span, ticks: Ticks, horizon: Time) -> CpuLoad {
        let n = (horizon.0 as u64).div_ceil(length.0 as u64) as usize;
        let in_force = if length < ticks.length { vec![NOBODY; n] } else { Vec::new() };
        CpuLoad { length, ticks, buckets: vec![Bucket::default(); n], in_force }
    }

    /// The chart.
    pub fn buckets(self) -> Vec<CpuBucket> {
        let mut last = NOBODY;
        let mut chart = Vec::with_capacity(self.buckets.len());
        for (index, bucket) in self.buckets.iter().enumerate() {
            let sample = self.in_force.get(index).copied().unwrap_or(NOBODY);
            let average = match bucket.samples {
                0 if self.has_tick(index) => None,
                0 => Some(last).filter(|&last| last != NOBODY && !self.in_force.is_empty()),
                n => Some(((2 * bucket.sum + n) / (2 * n)) as i32),
            };
            last = if self.has_tick(index) { sample } else { last };
            let (from, incomplete) = (Time(self.length.0 * index as i64), bucket.incomplete);
            chart.push(CpuBucket { from, average: average.filter(|_| !incomplete), incomplete });
        }
        chart
    }

    fn has_tick(&self, index: usize) -> bool {
        let from = Time(self.length.0 * index as i64);
        self.ticks.before(from + self.length) > self.ticks.before(from)
    }

    fn mark(&mut self, from: Time, to: Time) {
        let behind = (to.0 as u64).div_ceil(self.length.0 as u64) as usize;
        let first = (from.0 / self.length.0) as usize;
        let behind = behind.max(first + 1).min(self.buckets.len());
        self.buckets[first.min(behind)..behind].iter_mut().for_each(|bucket| bucket.incomplete = true);
    }
}

impl Observer for CpuLoad {
    fn slot(&mut self, at: Time, _slot: usize, from: Option<SlotDisplay>, to: SlotDisplay) {
        let came = from.is_some_and(|from| matches!(from.status, Status::Deploying | Status::Announced));
        if came && matches!(to.status, Status::Connected | Status::Updating | Status::Disconnected) {
            self.mark(at, at);
        }
    }

    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        if !standing.axes.unreachable().is_empty() {
            self.mark(from, to);
        }
    }

    fn ticks(&mut self, run: TickRun<'_>) {
        for index in 0..run.demand.len() {
            let at = self.ticks.at(run.first + index);
            let bucket = (at.0 / self.length.0) as usize;
            let sample = run.samples.get(index).copied().unwrap_or(NOBODY);
            if let Some(cell) = self.in_force.get_mut(bucket) {
                *cell = sample;
            }
            if sample != NOBODY {
                self.buckets[bucket].sum += i64::from(sample);
                self.buckets[bucket].samples += 1;
            }
        }
    }
}
