//! The executor: a batch of replications of one policy, in parallel, with the same outcome on any number of threads.
//!
//! Groups that do not meet run in blocks, each block through all replications of the batch; memory holds a few blocks
//! at a time. Groups that do meet run together, one replication per task.

use std::io;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use fearless_simd::Level;
use rayon::prelude::*;

use super::{CpuChart, GroupOutcome, Partial, Records, ReplicationOutcome};
use crate::recording::auditor::Auditor;
use crate::recording::blame::BlameRecorder;
use crate::recording::cpu_load::CpuLoad;
use crate::recording::operators::OperatorRecorder;
use crate::recording::rollout::RolloutRecorder;
use crate::recording::rows::Rows;
use crate::recording::tally::Tallier;
use crate::recording::unfinished::UnfinishedRecorder;
use crate::simulation::Model;
use crate::simulation::run::Replication;

/// Groups in a block: enough work for a task, few enough that many blocks keep all threads busy.
const BLOCK: usize = 16;
/// Blocks handed out per thread before their rows are written.
const BLOCKS_AHEAD: usize = 16;

/// Takes the rows of recorded groups, in scenario order within each replication.
pub trait Sink {
    /// Rows of one group in one replication. Replications come in any order; groups of one replication in theirs.
    fn rows(&mut self, replication: u64, rows: &Rows) -> io::Result<()>;

    /// What the auditor found wrong with a group's rows.
    fn violations(&mut self, replication: u64, found: &[String]) -> io::Result<()>;
}

/// How far the work is, and whether it should stop. Shared with whoever shows or interrupts it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Group-replications done.
    pub done: AtomicU64,
    /// Set to stop at the next opportunity.
    pub interrupted: AtomicBool,
}

/// The work was stopped before the batch was complete; nothing of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Replications of one policy.
#[derive(Debug)]
pub struct Batch {
    /// In order of index.
    pub replications: Vec<ReplicationOutcome>,
    /// By group in scenario order.
    pub groups: Vec<GroupOutcome>,
    /// Charts of the selected groups, by replication, then group.
    pub cpu_load: Vec<CpuChart>,
}

type Observer<'m, 'p> = (
    Tallier<'m>,
    (
        ((RolloutRecorder<'p>, UnfinishedRecorder<'p>), (OperatorRecorder<'p>, BlameRecorder<'p>)),
        (
            &'p std::cell::RefCell<crate::recording::Overview>,
            (Option<Rows>, (Option<CpuLoad>, Option<Auditor<'m>>)),
        ),
    ),
);

/// What one group in one replication left behind, beside its tallies.
struct Traces {
    replication: u64,
    rows: Option<Rows>,
    chart: Option<CpuChart>,
    violations: Vec<String>,
}

/// Runs `replications` of the policy with index `policy`, in the current rayon pool.
pub fn execute(
    model: &Model,
    policy: usize,
    replications: Range<u64>,
    records: &Records,
    sink: &mut dyn Sink,
    progress: &Progress,
) -> io::Result<Result<Batch, Interrupted>> {
    let level = Level::new();
    let replications: Vec<_> =
        replications.map(|index| (index, Replication::new(model, policy, index, level))).collect();
    let work = Work { model, policy, records, replications, progress, level };
    if model.policies[policy].couples_groups() { work.coupled(sink) } else { work.in_blocks(sink) }
}

struct Work<'m> {
    model: &'m Model,
    policy: usize,
    records: &'m Records,
    replications: Vec<(u64, Replication<'m>)>,
    progress: &'m Progress,
    level: Level,
}

impl<'m> Work<'m> {
    fn in_blocks(&self, sink: &mut dyn Sink) -> io::Result<Result<Batch, Interrupted>> {
        let groups: Vec<usize> = (0..self.model.fleet.groups.len()).collect();
        let pool = Mutex::new(Vec::new());
        let mut outcomes = Vec::with_capacity(groups.len());
        let mut charts = Vec::new();
        for wave in groups.chunks(BLOCK * BLOCKS_AHEAD * rayon::current_num_threads()) {
            let blocks: Vec<_> = wave.par_chunks(BLOCK).map(|block| self.block(block, &pool)).collect();
            for (block, traces) in blocks {
                outcomes.extend(block);
                self.hand_over(traces, sink, &mut charts)?;
            }
            if self.progress.interrupted.load(Ordering::Relaxed) {
                return Ok(Err(Interrupted));
            }
        }
        let partials = pool.into_inner().unwrap_or_default().into_iter().reduce(|mut all, more| {
            all.iter_mut().zip(more).for_each(|(partial, more): (&mut Partial, Partial)| partial.merge(more));
            all
        });
        Ok(Ok(self.batch(partials.unwrap_or_else(|| self.partials()), outcomes, charts)))
    }

    /// Runs a block of groups through all replications of the batch.
    fn block(&self, block: &[usize], pool: &Mutex<Vec<Vec<Partial>>>) -> (Vec<GroupOutcome>, Vec<Traces>) {
        if self.progress.interrupted.load(Ordering::Relaxed) {
            return (Vec::new(), Vec::new());
        }
        let free = pool.lock().ok().and_then(|mut pool| pool.pop());
        let mut partials = free.unwrap_or_else(|| self.partials());
        let (mut outcomes, mut traces) = (Vec::with_capacity(block.len()), Vec::new());
        for &group in block {
            let mut outcome = GroupOutcome::default();
            for (replication, partial) in self.replications.iter().zip(&mut partials) {
                let done = replication.1.run_group(group, self.observer(replication, group, partial));
                let (tally, left) = self.take_apart(replication.0, group, done);
                partial.add(self.model, &self.model.fleet.groups[group], &tally);
                outcome.add(&tally);
                traces.extend(left);
            }
            self.progress.done.fetch_add(self.replications.len() as u64, Ordering::Relaxed);
            outcomes.push(outcome);
        }
        if let Ok(mut pool) = pool.lock() {
            pool.push(partials);
        }
        (outcomes, traces)
    }

    fn coupled(&self, sink: &mut dyn Sink) -> io::Result<Result<Batch, Interrupted>> {
        let groups = self.model.fleet.groups.len();
        let mut outcomes = vec![GroupOutcome::default(); groups];
        let (mut partials, mut charts) = (Vec::new(), Vec::new());
        for wave in self.replications.chunks(rayon::current_num_threads()) {
            let together: Vec<_> = wave.par_iter().map(|replication| self.together(replication)).collect();
            for (partial, tallies, traces) in together {
                outcomes.iter_mut().zip(&tallies).for_each(|(outcome, tally)| outcome.add(tally));
                self.hand_over(traces, sink, &mut charts)?;
                partials.push(partial);
            }
            if self.progress.interrupted.load(Ordering::Relaxed) {
                return Ok(Err(Interrupted));
            }
        }
        Ok(Ok(self.batch(partials, outcomes, charts)))
    }

    /// Runs all groups of one replication together.
    fn together(
        &self,
        of: &(u64, Replication<'m>),
    ) -> (Partial, Vec<crate::recording::GroupTally>, Vec<Traces>) {
        let (index, replication) = of;
        let mut partial = Partial::new(self.model, self.records, replication.releases());
        let done = replication.run_coupled(|group| self.observer(of, group, &partial));
        let apart = done.into_iter().enumerate().map(|(group, done)| self.take_apart(*index, group, done));
        let (tallies, traces): (Vec<_>, Vec<_>) = apart.unzip();
        for (group, tally) in self.model.fleet.groups.iter().zip(&tallies) {
            partial.add(self.model, group, tally);
        }
        self.progress.done.fetch_add(tallies.len() as u64, Ordering::Relaxed);
        (partial, tallies, traces.into_iter().flatten().collect())
    }

    fn partials(&self) -> Vec<Partial> {
        let new = |replication: &Replication| Partial::new(self.model, self.records, replication.releases());
        self.replications.iter().map(|(_, replication)| new(replication)).collect()
    }

    fn observer<'p>(
        &self,
        (replication, of): &(u64, Replication<'m>),
        group: usize,
        partial: &'p Partial,
    ) -> Observer<'m, 'p>
    where
        'm: 'p,
    {
        let replication = *replication;
        let Records { transitions, group_status, cpu_load, bucket, objective, audit, .. } = self.records;
        let rows = transitions.contains(replication, group) || group_status.contains(replication, group);
        let chart = cpu_load.contains(replication, group);
        let weights = of.balance_weights(group);
        let blame = BlameRecorder::new(self.model, group, &weights, self.level, &partial.blame);
        (
            Tallier::new(self.model, group, *objective, self.level),
            (
                (
                    (
                        RolloutRecorder::new(&partial.rollouts),
                        UnfinishedRecorder::new(group, &partial.unfinished),
                    ),
                    (OperatorRecorder::new(&partial.operators), blame),
                ),
                (
                    &partial.overview,
                    (
                        rows.then(|| Rows { group: group as u32, ..Rows::default() }),
                        (
                            chart.then(|| CpuLoad::new(*bucket, self.model.ticks, self.model.horizon)),
                            audit.then(|| Auditor::new(self.model, self.policy, group)),
                        ),
                    ),
                ),
            ),
        )
    }

    fn take_apart(
        &self,
        replication: u64,
        group: usize,
        (tally, (_, (_, (rows, (chart, auditor))))): Observer<'m, '_>,
    ) -> (crate::recording::GroupTally, Option<Traces>) {
        let rows = rows.map(|mut rows| {
            if !self.records.transitions.contains(replication, group) {
                rows.slots.clear();
            }
            if !self.records.group_status.contains(replication, group) {
                rows.groups.clear();
            }
            rows
        });
        let chart = chart.map(|chart| CpuChart { replication, group, buckets: chart.buckets() });
        let violations = auditor.map_or_else(Vec::new, |auditor| auditor.violations().to_vec());
        let left = rows.is_some() || chart.is_some() || !violations.is_empty();
        (tally.tally(), left.then_some(Traces { replication, rows, chart, violations }))
    }

    fn hand_over(
        &self,
        traces: Vec<Traces>,
        sink: &mut dyn Sink,
        charts: &mut Vec<CpuChart>,
    ) -> io::Result<()> {
        for Traces { replication, rows, chart, violations } in traces {
            if let Some(rows) = rows {
                sink.rows(replication, &rows)?;
            }
            if !violations.is_empty() {
                sink.violations(replication, &violations)?;
            }
            charts.extend(chart);
        }
        Ok(())
    }

    fn batch(&self, partials: Vec<Partial>, groups: Vec<GroupOutcome>, mut cpu_load: Vec<CpuChart>) -> Batch {
        cpu_load.sort_by_key(|chart| (chart.replication, chart.group));
        let indices = self.replications.iter().map(|(index, _)| *index);
        let replications = indices.zip(partials).map(|(index, partial)| partial.outcome(index)).collect();
        Batch { replications, groups, cpu_load }
    }
}
