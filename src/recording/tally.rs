//! What is measured of a group: integers, so that merging is exact in any order.

use fearless_simd::Level;

use super::Lengths;
use crate::environment::DemandSeries;
use crate::fleet::{GroupStatus, SlotSet};
use crate::simulation::Model;
use crate::simulation::load::{LoadCounts, LoadHistograms, demand_max};
use crate::simulation::observer::{GroupDisplay, Happening, Observer, Standing, TickRun};
use crate::time::{MONTH, Span, Time};

/// One group in one replication, or several of either, merged.
#[derive(Clone, Debug, Default)]
pub struct GroupTally {
    /// Model events executed, renewals included, ticks not.
    pub events: u64,
    /// Ticks evaluated.
    pub ticks: u64,
    /// Connector-milliseconds of slots meant to serve.
    pub meant: i64,
    /// Of these, serving.
    pub served: i64,
    /// Group-milliseconds with a slot meant to serve.
    pub group_meant: i64,
    /// Of these, with a connector serving.
    pub group_served: i64,
    /// Ticks of groups with a slot meant to serve.
    pub meant_ticks: u64,
    /// Overloaded ticks.
    pub overloaded_ticks: u64,
    /// Milliseconds overloaded (ticks × length).
    pub overloaded: i64,
    /// Demand in user-milliseconds.
    pub demand_users: i128,
    /// Unserved demand in user-milliseconds.
    pub unserved_users: i128,
    /// Sessions dropped, in thousandths.
    pub sessions_dropped: i64,
    /// Connectors that expired.
    pub expired: u64,
    /// Replacements that came into service.
    pub replaced: u64,
    /// Update attempts that succeeded.
    pub updates: u64,
    /// Update attempts that failed.
    pub update_failures: u64,
    /// Times a group began to be halted.
    pub halts: u64,
    /// Groups halted at the horizon.
    pub stuck_groups: u64,
    /// Connector-milliseconds in service on a release that is not the newest.
    pub version_skew: i64,
    /// Connector-milliseconds in service with a published vulnerability.
    pub vulnerable: i64,
    /// Connectors that ran a bad release (each bad release counts anew).
    pub exposed: u64,
    /// Group outages: times a group began to be `Disconnected`, at 0 included.
    pub outages: u64,
    /// The longest, in milliseconds.
    pub longest_outage: i64,
    /// How long they lasted, up to the horizon.
    pub outage_lengths: Lengths,
    /// Overload episodes: times a group began to be `Overloaded`.
    pub overload_episodes: u64,
    /// The longest, in milliseconds.
    pub longest_overload: i64,
    /// How long they lasted, up to the horizon.
    pub overload_lengths: Lengths,
    /// Group-months (730 h, the last one may be shorter) with a slot meant to serve.
    pub months: u64,
    /// Of these, months in which the time with a connector serving fell short of the objective.
    pub broken_months: u64,
    /// Connector-milliseconds in existence (every slot that is not `Deleted`).
    pub existing: i64,
    /// Milliseconds simulated, summed over groups and replications.
    pub duration: i64,
    /// Sum over ticks with somebody serving of the offered CPU, hundredths of a percent.
    pub cpu_sum: i64,
    /// Such ticks.
    pub cpu_ticks: u64,
    /// The largest offered CPU, hundredths of a percent.
    pub cpu_max: i32,
    /// Sum over ticks at which users are sent to the group of demand, in bit/s.
    pub demand_sum: i128,
    /// Such ticks.
    pub demand_ticks: u64,
    /// The largest demand in Mbps.
    pub demand_max: f32,
    /// Distributions of offered CPU and demand over these ticks.
    pub load: LoadCounts,
}

impl GroupTally {
    /// Adds another tally; exact in any order.
    pub fn merge(&mut self, other: &GroupTally) {
        self.events += other.events;
        self.ticks += other.ticks;
        self.meant += other.meant;
        self.served += other.served;
        self.group_meant += other.group_meant;
        self.group_served += other.group_served;
        self.meant_ticks += other.meant_ticks;
        self.overloaded_ticks += other.overloaded_ticks;
        self.overloaded += other.overloaded;
        self.demand_users += other.demand_users;
        self.unserved_users += other.unserved_users;
        self.sessions_dropped += other.sessions_dropped;
        self.expired += other.expired;
        self.replaced += other.replaced;
        self.updates += other.updates;
        self.update_failures += other.update_failures;
        self.halts += other.halts;
        self.stuck_groups += other.stuck_groups;
        self.version_skew += other.version_skew;
        self.vulnerable += other.vulnerable;
        self.exposed += other.exposed;
        self.outages += other.outages;
        self.longest_outage = self.longest_outage.max(other.longest_outage);
        self.outage_lengths.merge(&other.outage_lengths);
        self.overload_episodes += other.overload_episodes;
        self.longest_overload = self.longest_overload.max(other.longest_overload);
        self.overload_lengths.merge(&other.overload_lengths);
        self.months += other.months;
        self.broken_months += other.broken_months;
        self.existing += other.existing;
        self.duration += other.duration;
        self.cpu_sum += other.cpu_sum;
        self.cpu_ticks += other.cpu_ticks;
        self.cpu_max = self.cpu_max.max(other.cpu_max);
        self.demand_sum += other.demand_sum;
        self.demand_ticks += other.demand_ticks;
        self.demand_max = self.demand_max.max(other.demand_max);
        self.load.merge(&other.load);
    }
}

/// Fills the tally of one group in one replication.
#[derive(Clone, Debug)]
pub struct Tallier<'m> {
    objective: f64,
    series: &'m DemandSeries,
    tick: Span,
    slots: usize,
    tally: GroupTally,
    load: LoadHistograms,
    level: Level,
    /// Demand and unserved demand in Mbps·ms. Summed by one thread in order of time, made whole at the end.
    demand: f64,
    unserved: f64,
    demand_sum: f64,
    dropped: f64,
    halted: bool,
    /// How many slots are meant to serve; that does not change during a run.
    meant_slots: i64,
    outage_since: Option<Time>,
    overload_since: Option<Time>,
    month: Month,
}

/// How the month that ends at `end` went so far.
#[derive(Clone, Copy, Debug)]
struct Month {
    end: Time,
    served: i64,
}

impl<'m> Tallier<'m> {
    /// For group `index` of `model`; `objective` is the share of a month that should have a connector serving.
    pub fn new(model: &'m Model, index: usize, objective: f64, level: Level) -> Tallier<'m> {
        let group = &model.fleet.groups[index];
        Tallier {
            objective,
            series: &model.environment.demands[group.demand],
            tick: model.ticks.length,
            slots: group.slots.len(),
            tally: GroupTally::default(),
            load: LoadHistograms::default(),
            level,
            demand: 0.0,
            unserved: 0.0,
            demand_sum: 0.0,
            dropped: 0.0,
            halted: false,
            meant_slots: if group.resources == 0 || group.disabled {
                0
            } else {
                group.slots.iter().filter(|slot| !slot.disabled).count() as i64
            },
            outage_since: None,
            overload_since: None,
            month: Month { end: Time::ZERO + MONTH, served: 0 },
        }
    }

    /// What was measured.
    pub fn tally(self) -> GroupTally {
        self.tally
    }

    fn months(&mut self, mut from: Time, to: Time, served: bool) {
        while to > self.month.end {
            let end = self.month.end;
            self.month.served += if served { (end - from).0 } else { 0 };
            self.close_month(end);
            from = end;
            self.month = Month { end: end + MONTH, served: 0 };
        }
        self.month.served += if served { (to - from).0 } else { 0 };
    }

    /// Closes the open month at `end`, its own end or the horizon.
    fn close_month(&mut self, end: Time) {
        let length = (end - self.month.end + MONTH).0;
        if self.meant_slots > 0 && length > 0 {
            self.tally.months += 1;
            let kept = self.month.served as f64 >= self.objective * length as f64;
            self.tally.broken_months += u64::from(!kept);
        }
    }

    fn end_outage(&mut self, at: Time) {
        if let Some(since) = self.outage_since.take() {
            self.tally.longest_outage = self.tally.longest_outage.max((at - since).0);
            self.tally.outage_lengths.record(at - since);
        }
    }

    fn end_overload(&mut self, at: Time) {
        if let Some(since) = self.overload_since.take() {
            self.tally.longest_overload = self.tally.longest_overload.max((at - since).0);
            self.tally.overload_lengths.record(at - since);
        }
    }
}

/// The sum of `values`, of which the greatest is `most`; in 32 bits as long as they cannot overflow, for speed.
fn sum(values: &[i32], most: i32) -> i64 {
    if i64::from(most) * values.len() as i64 <= i64::from(i32::MAX) {
        i64::from(values.iter().sum::<i32>())
    } else {
        values.iter().map(|&value| i64::from(value)).sum()
    }
}

impl Observer for Tallier<'_> {
    const WATCHES_SLOTS: bool = false;

    fn group(&mut self, at: Time, from: Option<GroupDisplay>, to: GroupDisplay) {
        if from.map(|from| from.status) == Some(to.status) {
            return;
        }
        self.end_outage(at);
        self.end_overload(at);
        match to.status {
            GroupStatus::Disconnected => {
                self.tally.outages += 1;
                self.outage_since = Some(at);
            }
            GroupStatus::Overloaded => {
                self.tally.overload_episodes += 1;
                self.overload_since = Some(at);
            }
            _ => {}
        }
    }

    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        let length = (to - from).0;
        let times = |set: SlotSet| if set.is_empty() { 0 } else { set.len() as i64 * length };
        let tally = &mut self.tally;
        tally.existing -= times(standing.axes.empty);
        tally.version_skew += times(standing.outdated);
        tally.vulnerable += times(standing.vulnerable);
        if self.meant_slots > 0 {
            let served = !standing.serving.is_empty();
            tally.served += times(standing.serving);
            tally.group_served += if served { length } else { 0 };
            self.months(from, to, served);
        }
    }

    fn ticks(&mut self, run: TickRun<'_>) {
        let n = run.demand.len() as u64;
        let tally = &mut self.tally;
        tally.ticks += n;
        if self.meant_slots > 0 {
            tally.meant_ticks += n;
            tally.overloaded_ticks += run.overloaded as u64;
            tally.overloaded += run.overloaded as i64 * self.tick.0;
        }
        if run.receives {
            tally.demand_ticks += n;
            self.demand_sum += run.demand_sum;
            self.load.add_demand(self.level, run.demand);
            tally.demand_max = tally.demand_max.max(demand_max(self.level, run.demand));
        }
        tally.cpu_ticks += run.offered.len() as u64;
        tally.cpu_sum += sum(run.offered, run.most_offered);
        tally.cpu_max = tally.cpu_max.max(run.most_offered);
        self.load.add_cpu(self.level, run.offered);
    }

    fn traffic(&mut self, demand: f64, unserved: f64) {
        self.demand += demand;
        self.unserved += unserved;
    }

    fn happened(&mut self, _at: Time, what: Happening) {
        let tally = &mut self.tally;
        match what {
            Happening::SessionsDropped { sessions, .. } => self.dropped += sessions,
            Happening::UpdateSucceeded { .. } => tally.updates += 1,
            Happening::UpdateFailed { .. } => tally.update_failures += 1,
            Happening::Halted { .. } => {
                tally.halts += 1;
                self.halted = true;
            }
            Happening::Resumed => self.halted = false,
            Happening::Expired { .. } => tally.expired += 1,
            Happening::Replaced { .. } => tally.replaced += 1,
            Happening::RanBadRelease { .. } => tally.exposed += 1,
            _ => {}
        }
    }

    fn finish(&mut self, at: Time, events: u64) {
        self.end_outage(at);
        self.end_overload(at);
        self.close_month(at);
        let users = |mbps_ms: f64| libm::round(mbps_ms / self.series.mbps_per_user) as i128;
        self.tally.events = events;
        self.tally.load = self.load.counts();
        self.tally.duration = at.0;
        self.tally.meant = self.meant_slots * at.0;
        self.tally.group_meant = if self.meant_slots > 0 { at.0 } else { 0 };
        self.tally.existing += self.slots as i64 * at.0;
        self.tally.stuck_groups = u64::from(self.halted);
        self.tally.demand_users = users(self.demand);
        self.tally.unserved_users = users(self.unserved);
        self.tally.sessions_dropped = libm::round(self.dropped * 1e3) as i64;
        self.tally.demand_sum = libm::round(self.demand_sum * 1e6) as i128;
    }
}
