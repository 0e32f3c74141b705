//! How much memory a study needs, so that one that cannot fit is refused before it begins.
//!
//! The figures are upper estimates of what the engine holds, not measurements of an allocator.

use super::study::Study;
use crate::control::Policy;
use crate::environment::release::ReleaseDates;
use crate::fleet::{Group, Slot};

/// Working state of a group that waits for others at a control period: a block of demand, histograms, the rest.
const GROUP_STATE: u64 = 36 << 10;
/// What is kept of a group until the results are written.
const GROUP_OUTCOME: u64 = 9 << 10;
/// What is kept of a group in one replication, until the results are written.
const GROUP_REPLICATION: u64 = 32;
/// The rollout of one release in one replication.
const ROLLOUT: u64 = 64 << 10;
/// A sample of the overview.
const SAMPLE: u64 = 72;
/// A bucket of the chart of the CPU load.
const BUCKET: u64 = 24;
/// A sample in the window of the running average.
const AVERAGED: u64 = size_of::<f32>() as u64;
/// Replications that a thread works on at a time.
const BATCH: u64 = 10;
/// The same of a slot.
const SLOT_STATE: u64 = 256;
/// A recorded row.
const ROW: u64 = 64;
/// What every thread needs at least.
const THREAD: u64 = 16 << 20;
/// Names on the heap, and allocations around them.
const NAME: u64 = 64;

/// Bytes of the nouns.
pub(super) fn fleet(groups: u64, slots: u64) -> u64 {
    groups * (size_of::<Group>() as u64 + 3 * NAME) + slots * size_of::<Slot>() as u64
}

/// Bytes of demand.
pub(super) fn demand(series: u64, ticks: u64) -> u64 {
    series.saturating_mul(ticks).saturating_mul(size_of::<f32>() as u64)
}

/// Bytes of memory that are free, where the operating system tells.
pub(super) fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}

impl Study {
    /// An upper estimate of the bytes that a run on so many threads needs.
    pub fn memory_estimate(&self, threads: usize) -> u64 {
        let threads = threads.max(1) as u64;
        self.memory_terms(threads, 1).iter().fold(0, |sum, (bytes, _)| sum.saturating_add(*bytes))
    }

    /// The parts of the estimate for so many policies, each with what it is for.
    fn memory_terms(&self, threads: u64, policies: u64) -> [(u64, &'static str); 5] {
        let groups = self.model.fleet.groups.len() as u64;
        let slots: u64 = self.model.fleet.groups.iter().map(|group| group.slots.len() as u64).sum();
        let ticks = self.model.ticks.before(self.model.horizon) as u64;
        let series = self.model.environment.demands.len() as u64;
        let coupled = self.model.policies.iter().any(Policy::couples_groups);
        let window = self.model.overload.window as u64 * AVERAGED;
        let in_flight = if coupled { groups * (GROUP_STATE + window) + slots * SLOT_STATE } else { window };
        let rows = (slots as f64 * self.rows_per_slot()) as u64;
        let samples = (self.model.horizon.0 / self.outputs.overview_every.0.max(1)) as u64;
        let replication = samples.saturating_mul(SAMPLE) + self.releases() as u64 * ROLLOUT;
        let kept = u64::from(self.replications.max(self.estimates.max_replications_if_precise()));
        [
            (
                fleet(groups, slots) + groups * (GROUP_OUTCOME + GROUP_REPLICATION * kept) * policies,
                "the fleet",
            ),
            (demand(series, ticks), "demand"),
            (
                replication.saturating_mul(kept + threads * BATCH).saturating_mul(policies),
                "overviews and rollouts of the replications",
            ),
            (self.charts(kept).saturating_mul(policies), "charts of the CPU load"),
            (threads.saturating_mul(THREAD + in_flight + rows.saturating_mul(ROW)), "the threads"),
        ]
    }

    /// Bytes of the charts of the CPU load, of at most `kept` replications.
    fn charts(&self, kept: u64) -> u64 {
        let (selection, bucket) = (&self.outputs.cpu_load, self.outputs.bucket.0.max(1) as u64);
        let groups = selection.groups.as_ref().map_or(self.model.fleet.groups.len(), Vec::len) as u64;
        let replications = selection.replications.as_ref().map_or(kept, |these| kept.min(these.len() as u64));
        let buckets = (self.model.horizon.0 as u64).div_ceil(bucket);
        (BUCKET * buckets).saturating_mul(groups).saturating_mul(replications)
    }

    /// Why simulating so many policies on so many threads cannot fit into the memory that is free; `None` if it can, or
    /// if the operating system does not tell.
    pub fn memory_refusal(&self, threads: usize, policies: usize) -> Option<String> {
        self.refusal(threads, policies, available()?)
    }

    fn refusal(&self, threads: usize, policies: usize, available: u64) -> Option<String> {
        let terms = self.memory_terms(threads.max(1) as u64, policies as u64);
        let needed = terms.iter().fold(0, |sum: u64, (bytes, _)| sum.saturating_add(*bytes));
        let (most, what) = terms.into_iter().max()?;
        (needed > available).then(|| {
            format!(
                "the scenario needs about {} MB of memory, of which {} MB for {what}, and {} MB are free: lower the \
                 number of groups, the horizon, --replications or --threads, lengthen outputs.overview_every, or \
                 select less in outputs.cpu_load",
                needed >> 20,
                most >> 20,
                available >> 20
            )
        })
    }

    /// Rows of transitions of a slot in one replication: two for each outage and each update.
    fn rows_per_slot(&self) -> f64 {
        let horizon = self.model.horizon.0 as f64;
        let failures = self.model.environment.failures.iter().filter_map(|class| class.process.as_ref());
        let outages: f64 = failures
            .map(|process| {
                horizon / (process.time_to_failure.mean() + process.time_to_restore.mean()).max(1.0)
            })
            .sum();
        1.0 + 2.0 * (outages + self.releases())
    }

    /// About how many releases a replication has.
    fn releases(&self) -> f64 {
        match &self.model.environment.releases.dates {
            ReleaseDates::Explicit(dates) => dates.len() as f64,
            ReleaseDates::Renewal { every, .. } => self.model.horizon.0 as f64 / every.mean().max(1.0),
        }
    }
}
