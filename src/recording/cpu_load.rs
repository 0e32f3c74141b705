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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Axes, Cause, GroupStatus, SlotSet, VersionIcon};
    use crate::simulation::observer::GroupDisplay;
    use crate::time::MINUTE;

    fn minute(n: i64) -> Time {
        Time(n * MINUTE.0)
    }

    /// A tick every 5 minutes, to minute 40.
    fn chart(bucket: i64) -> CpuLoad {
        CpuLoad::new(Span(bucket * MINUTE.0), ticks(), minute(40))
    }

    fn ticks() -> Ticks {
        Ticks { first: Time::ZERO, length: Span(5 * MINUTE.0) }
    }

    fn sampled(chart: &mut CpuLoad, first: usize, samples: &[i32]) {
        run_of(chart, first, samples.len(), samples);
    }

    /// Ticks of which those without a sample had nobody serving.
    fn run_of(chart: &mut CpuLoad, first: usize, length: usize, samples: &[i32]) {
        chart.ticks(TickRun {
            first,
            is_meant: true,
            receives: true,
            demand: &vec![0.0; length],
            demand_sum: 0.0,
            offered: samples,
            most_offered: 0,
            samples,
            overloaded: 0,
        });
    }

    /// Two slots in service.
    fn axes() -> Axes {
        Axes {
            configured: SlotSet::first(2),
            empty: SlotSet::EMPTY,
            deploying: SlotSet::EMPTY,
            announced: SlotSet::EMPTY,
            in_service: SlotSet::first(2),
            expired: SlotSet::EMPTY,
            revoked: SlotSet::EMPTY,
            disabled: SlotSet::EMPTY,
            group_disabled: false,
            link_down: SlotSet::EMPTY,
            updating: SlotSet::EMPTY,
            has_resource: true,
            established: true,
            serve_while_updating: false,
        }
    }

    fn stood(chart: &mut CpuLoad, from: i64, to: i64, axes: &Axes) {
        let display = GroupDisplay {
            status: GroupStatus::Connected,
            warning: false,
            icon: VersionIcon::default(),
            cause: Cause::None,
        };
        let standing = Standing {
            display,
            over_threshold: false,
            axes,
            serving: axes.serving(),
            outdated: SlotSet::EMPTY,
            urgently_outdated: SlotSet::EMPTY,
            vulnerable: SlotSet::EMPTY,
        };
        chart.span(minute(from), minute(to), &standing);
    }

    fn averages(chart: CpuLoad) -> Vec<Option<i32>> {
        chart.buckets().iter().map(|bucket| bucket.average).collect()
    }

    fn incomplete(chart: CpuLoad) -> Vec<bool> {
        chart.buckets().iter().map(|bucket| bucket.incomplete).collect()
    }

    #[test]
    fn a_bucket_shows_the_rounded_mean_of_its_samples() {
        let mut chart = chart(10);
        sampled(&mut chart, 0, &[100, 201, 7]);
        run_of(&mut chart, 3, 1, &[]);
        run_of(&mut chart, 4, 2, &[]);
        sampled(&mut chart, 6, &[30, 40]);
        let buckets = chart.clone().buckets();
        assert_eq!(buckets.iter().map(|bucket| bucket.from).collect::<Vec<_>>(), [0, 10, 20, 30].map(minute));
        assert!(buckets.iter().all(|bucket| !bucket.incomplete));
        // 150.5 is rounded up; ticks without a sample do not count; a bucket with none of them has no mean.
        assert_eq!(averages(chart), [Some(151), Some(7), None, Some(35)]);
    }

    #[test]
    fn a_bucket_shorter_than_a_tick_shows_the_sample_in_force() {
        let mut chart = chart(2);
        sampled(&mut chart, 0, &[500, 700]);
        run_of(&mut chart, 2, 1, &[]);
        // Ticks stand at minutes 0, 5, 10; buckets begin at 0, 2, 4, 6, 8, 10, 12. That of minute 4 holds the tick of 5.
        let shown = [Some(500), Some(500), Some(700), Some(700), Some(700), None, None];
        assert_eq!(averages(chart)[..7], shown);
    }

    #[test]
    fn a_link_that_is_down_makes_every_bucket_it_touches_incomplete() {
        let down = Axes { link_down: SlotSet::one(1), ..axes() };
        let mut late = chart(10);
        sampled(&mut late, 0, &[100; 8]);
        stood(&mut late, 0, 19, &axes());
        stood(&mut late, 19, 30, &down);
        stood(&mut late, 30, 40, &axes());
        assert_eq!(incomplete(late.clone()), [false, true, true, false]);
        assert_eq!(averages(late), [Some(100), None, None, Some(100)]);
        let mut edge = chart(10);
        stood(&mut edge, 10, 20, &down);
        assert_eq!(incomplete(edge), [false, true, false, false]);
    }

    #[test]
    fn disabled_and_updating_connectors_leave_buckets_complete() {
        let one = SlotSet::one(1);
        let mut chart = chart(10);
        stood(&mut chart, 0, 10, &Axes { disabled: one, link_down: one, ..axes() });
        stood(&mut chart, 10, 20, &Axes { updating: one, ..axes() });
        stood(&mut chart, 20, 30, &Axes { group_disabled: true, link_down: one, ..axes() });
        let expired = Axes { in_service: SlotSet::one(0), expired: one, link_down: one, ..axes() };
        stood(&mut chart, 30, 40, &expired);
        assert_eq!(incomplete(chart), [false; 4]);
    }

    #[test]
    fn coming_into_service_makes_its_bucket_incomplete() {
        let shown = |status| SlotDisplay { status, cause: Cause::None, agent: 0, image: 0 };
        let mut chart = chart(10);
        let mut change = |at, from: Option<Status>, to| chart.slot(minute(at), 0, from.map(shown), shown(to));
        change(0, None, Status::Connected);
        change(5, Some(Status::Disconnected), Status::Connected);
        change(12, Some(Status::Announced), Status::Disabled);
        change(20, Some(Status::Deploying), Status::Connected);
        change(35, Some(Status::Deploying), Status::Announced);
        assert_eq!(incomplete(chart), [false, false, true, false]);
    }
}
