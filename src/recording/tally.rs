//! What is measured of a group: integers, so that merging is exact in any order.

use fearless_simd::Level;

use super::Lengths;
use super::provisioning::Provisioned;
use crate::environment::DemandSeries;
use crate::fleet::{Group, GroupStatus, SlotSet};
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
    /// What new connectors spent at each step on their way into service.
    pub provisioned: Provisioned,
    /// Connectors that scaling ordered and that came into service.
    pub scale_outs: u64,
    /// Connectors that scaling removed.
    pub scale_ins: u64,
    /// Update attempts that succeeded.
    pub updates: u64,
    /// Connectors that went back to the release before after one was rolled back.
    pub returned: u64,
    /// Update attempts that failed.
    pub update_failures: u64,
    /// Times a group began to be halted.
    pub halts: u64,
    /// Groups halted at the horizon.
    pub stuck_groups: u64,
    /// Groups in which the rollout of the release due at the horizon was not complete.
    pub unfinished_groups: u64,
    /// Connector-milliseconds in service on a release that is not the newest.
    pub version_skew: i64,
    /// Connector-milliseconds in service on a release older than the newest urgent one.
    pub urgent_exposure: i64,
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
    /// Milliseconds measured, summed over groups and replications.
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
        self.provisioned.merge(&other.provisioned);
        self.scale_outs += other.scale_outs;
        self.scale_ins += other.scale_ins;
        self.updates += other.updates;
        self.returned += other.returned;
        self.update_failures += other.update_failures;
        self.halts += other.halts;
        self.stuck_groups += other.stuck_groups;
        self.unfinished_groups += other.unfinished_groups;
        self.version_skew += other.version_skew;
        self.urgent_exposure += other.urgent_exposure;
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

/// Fills the tally of one group in one replication. What is measured from the end of a warm-up on is what would be
/// measured of a run that began there, in the state that it has then.
#[derive(Clone, Debug)]
pub struct Tallier<'m> {
    objective: f64,
    series: &'m DemandSeries,
    tick: Span,
    /// Since when things count.
    since: Time,
    /// Events executed before that.
    events: u64,
    /// How many are configured at the start.
    slots: i64,
    tally: GroupTally,
    load: LoadHistograms,
    level: Level,
    /// Demand and unserved demand in Mbps·ms. Summed by one thread in order of time, made whole at the end.
    demand: f64,
    unserved: f64,
    demand_sum: f64,
    dropped: f64,
    halted: bool,
    outage_since: Option<Time>,
    overload_since: Option<Time>,
    month: Month,
}

/// How the month that ends at `end` went so far.
#[derive(Clone, Copy, Debug)]
struct Month {
    end: Time,
    meant: i64,
    served: i64,
}

impl Month {
    fn until(end: Time) -> Month {
        Month { end, meant: 0, served: 0 }
    }

    fn add(&mut self, length: Span, is_meant: bool, served: bool) {
        self.meant += if is_meant { length.0 } else { 0 };
        self.served += if served { length.0 } else { 0 };
    }
}

impl<'m> Tallier<'m> {
    /// For group `index` of `model`; `objective` is the share of a month that should have a connector serving.
    pub fn new(model: &'m Model, index: usize, objective: f64, level: Level) -> Tallier<'m> {
        let group = &model.fleet.groups[index];
        let series = &model.environment.demands[group.demand];
        Tallier::of_group(group, series, model.ticks.length, objective, level)
    }

    fn of_group(
        group: &Group,
        series: &'m DemandSeries,
        tick: Span,
        objective: f64,
        level: Level,
    ) -> Tallier<'m> {
        Tallier {
            objective,
            series,
            tick,
            since: Time::ZERO,
            events: 0,
            slots: group.connectors() as i64,
            tally: GroupTally::default(),
            load: LoadHistograms::default(),
            level,
            demand: 0.0,
            unserved: 0.0,
            demand_sum: 0.0,
            dropped: 0.0,
            halted: false,
            outage_since: None,
            overload_since: None,
            month: Month::until(Time::ZERO + MONTH),
        }
    }

    /// What was measured.
    pub fn tally(self) -> GroupTally {
        self.tally
    }

    fn months(&mut self, mut from: Time, to: Time, is_meant: bool, served: bool) {
        while to > self.month.end {
            let end = self.month.end;
            self.month.add(end - from, is_meant, served);
            self.close_month();
            from = end;
            self.month = Month::until(end + MONTH);
        }
        self.month.add(to - from, is_meant, served);
    }

    /// Closes the open month, which ends or is the last.
    fn close_month(&mut self) {
        let Month { meant, served, .. } = self.month;
        if meant > 0 {
            self.tally.months += 1;
            let kept = served as f64 >= self.objective * meant as f64;
            self.tally.broken_months += u64::from(!kept);
        }
    }

    /// An episode counts when it ends, at the horizon at the latest. One that ends at the very end of the warm-up lasted
    /// only before it.
    fn end_outage(&mut self, at: Time) {
        if let Some(since) = self.outage_since.take().filter(|since| *since < at) {
            self.tally.outages += 1;
            self.tally.longest_outage = self.tally.longest_outage.max((at - since).0);
            self.tally.outage_lengths.record(at - since);
        }
    }

    fn end_overload(&mut self, at: Time) {
        if let Some(since) = self.overload_since.take().filter(|since| *since < at) {
            self.tally.overload_episodes += 1;
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
            GroupStatus::Disconnected => self.outage_since = Some(at),
            GroupStatus::Overloaded => self.overload_since = Some(at),
            _ => {}
        }
    }

    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        let length = (to - from).0;
        let times = |set: SlotSet| if set.is_empty() { 0 } else { set.len() as i64 * length };
        let tally = &mut self.tally;
        let axes = standing.axes;
        let none = axes.empty | axes.ordered;
        tally.existing += (axes.configured.len() as i64 - self.slots) * length - times(none);
        tally.version_skew += times(standing.outdated);
        tally.urgent_exposure += times(standing.urgently_outdated);
        tally.vulnerable += times(standing.vulnerable);
        let meant = axes.meant();
        let (is_meant, served) = (!meant.is_empty(), !(standing.serving & meant).is_empty());
        tally.meant += times(meant);
        tally.served += times(standing.serving & meant);
        tally.group_meant += if is_meant { length } else { 0 };
        tally.group_served += if served { length } else { 0 };
        self.months(from, to, is_meant, served);
    }

    fn ticks(&mut self, run: TickRun<'_>) {
        let n = run.demand.len() as u64;
        let tally = &mut self.tally;
        tally.ticks += n;
        if run.is_meant {
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

    fn happened(&mut self, at: Time, what: Happening) {
        let tally = &mut self.tally;
        match what {
            Happening::SessionsDropped { sessions, .. } => self.dropped += sessions,
            Happening::UpdateSucceeded { .. } => tally.updates += 1,
            Happening::Returned { .. } => tally.returned += 1,
            Happening::UpdateFailed { .. } => tally.update_failures += 1,
            Happening::Unfinished(_) => tally.unfinished_groups += 1,
            Happening::Halted { .. } => {
                tally.halts += 1;
                self.halted = true;
            }
            Happening::Resumed => self.halted = false,
            Happening::Expired { .. } => tally.expired += 1,
            Happening::Replaced { .. } => tally.replaced += 1,
            Happening::Added { .. } => tally.scale_outs += 1,
            Happening::Removed { .. } => tally.scale_ins += 1,
            Happening::Passed { step, since, took, .. } => {
                tally.provisioned.record(step, since + took - since.max(self.since));
            }
            Happening::NotPassed { step, since, is_open, .. } => {
                tally.provisioned.not_passed(step, at - since.max(self.since), is_open);
            }
            Happening::RanBadRelease { .. } => tally.exposed += 1,
            _ => {}
        }
    }

    fn measure(&mut self, at: Time, events: u64) {
        (self.since, self.events) = (at, events);
        self.tally = GroupTally::default();
        self.load = LoadHistograms::default();
        (self.demand, self.unserved, self.demand_sum, self.dropped) = (0.0, 0.0, 0.0, 0.0);
        self.month = Month::until(at + MONTH);
        self.outage_since = self.outage_since.and(Some(at));
        self.overload_since = self.overload_since.and(Some(at));
    }

    fn finish(&mut self, at: Time, events: u64) {
        let measured = (at - self.since).0;
        self.end_outage(at);
        self.end_overload(at);
        self.close_month();
        let users = |mbps_ms: f64| libm::round(mbps_ms / self.series.mbps_per_user) as i128;
        self.tally.events = events - self.events;
        self.tally.load = self.load.counts();
        self.tally.duration = measured;
        self.tally.existing += self.slots * measured;
        self.tally.stuck_groups = u64::from(self.halted);
        self.tally.demand_users = users(self.demand);
        self.tally.unserved_users = users(self.unserved);
        self.tally.sessions_dropped = libm::round(self.dropped * 1e3) as i64;
        self.tally.demand_sum = libm::round(self.demand_sum * 1e6) as i128;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Axes, Cause, Slot, VersionIcon};
    use crate::time::{HOUR, MINUTE};

    /// Three slots; 0.5 Mbps per user; a tick every 5 minutes; three quarters of a month are to be served.
    struct Given {
        group: Group,
        series: DemandSeries,
    }

    impl Given {
        fn new() -> Given {
            let slot = |_| Slot {
                entity: Default::default(),
                domain: None,
                disabled: false,
                empty: false,
                spare: false,
            };
            let group = Group {
                name: "g".into(),
                entity: Default::default(),
                site: 0,
                instance: 0,
                slots: (0..3).map(slot).collect(),
                resources: 1,
                efficiency: 0.0,
                balance_spread: 0.0,
                disabled: false,
                demand: 0,
            };
            let series =
                DemandSeries { name: "d".into(), mbps_per_user: 0.5, shape: Vec::new(), noise: None };
            Given { group, series }
        }

        fn tallier(&self) -> Tallier<'_> {
            let tick = Span(5 * MINUTE.0);
            Tallier::of_group(&self.group, &self.series, tick, 0.75, Level::new())
        }

        /// Stands from hour to hour with these slots serving, and ends.
        fn served(&self, spans: &[(i64, i64, SlotSet)]) -> GroupTally {
            let mut tallier = self.tallier();
            for &(from, to, serving) in spans {
                self.stand(&mut tallier, (from, to), serving, SlotSet::EMPTY);
            }
            tallier.finish(hour(spans.last().unwrap().1), 9);
            tallier.tally()
        }

        /// `late` are outdated and vulnerable, the first of them not vulnerable; that one alone is urgently outdated.
        fn stand(&self, tallier: &mut Tallier, (from, to): (i64, i64), serving: SlotSet, late: SlotSet) {
            let axes = Axes::at_start(&self.group, false);
            let first = late.lowest().map_or(late, SlotSet::one);
            let display = shown(GroupStatus::Connected);
            let standing = Standing {
                display,
                over_threshold: false,
                axes: &axes,
                serving,
                outdated: late,
                urgently_outdated: first,
                vulnerable: late - first,
            };
            tallier.span(hour(from), hour(to), &standing);
        }
    }

    fn hour(n: i64) -> Time {
        Time(n * HOUR.0)
    }

    fn shown(status: GroupStatus) -> GroupDisplay {
        GroupDisplay { status, warning: false, icon: VersionIcon::default(), cause: Cause::None }
    }

    /// Tells changes of status by hour, then the end at hour 100.
    fn displayed(changes: &[(i64, GroupStatus)]) -> GroupTally {
        let given = Given::new();
        let mut tallier = given.tallier();
        let mut before = None;
        for &(at, status) in changes {
            tallier.group(hour(at), before, shown(status));
            before = Some(shown(status));
        }
        tallier.finish(hour(100), 0);
        tallier.tally()
    }

    fn happened(changes: &[Happening]) -> GroupTally {
        let given = Given::new();
        let mut tallier = given.tallier();
        changes.iter().for_each(|&what| tallier.happened(hour(1), what));
        tallier.finish(hour(100), 0);
        tallier.tally()
    }

    const NONE: SlotSet = SlotSet::EMPTY;

    fn some() -> SlotSet {
        SlotSet::first(2)
    }

    fn months(tally: &GroupTally) -> (u64, u64) {
        (tally.months, tally.broken_months)
    }

    /// 730 h a month, of which 547.5 h are to be served; the third month has 20 h, of which 15 h are.
    #[test]
    fn a_month_is_broken_if_less_than_the_objective_was_served() {
        let given = Given::new();
        let kept = given.served(&[
            (0, 182, NONE),
            (182, 1_460, some()),
            (1_460, 1_465, NONE),
            (1_465, 1_480, some()),
        ]);
        assert_eq!(months(&kept), (3, 0));
        let first = given.served(&[(0, 183, NONE), (183, 1_480, some())]);
        assert_eq!(months(&first), (3, 1));
        let second = given.served(&[(0, 1_277, some()), (1_277, 1_460, NONE), (1_460, 1_480, some())]);
        assert_eq!(months(&second), (3, 1));
        let last = given.served(&[(0, 1_460, some()), (1_460, 1_466, NONE), (1_466, 1_480, some())]);
        assert_eq!(months(&last), (3, 1));
        // An outage across the end of a month counts in both, 182 h here and 183 h there.
        let across = given.served(&[(0, 548, some()), (548, 913, NONE), (913, 1_460, some())]);
        assert_eq!(months(&across), (2, 1));
    }

    #[test]
    fn a_run_that_ends_with_a_month_has_no_empty_one_behind_it() {
        let given = Given::new();
        assert_eq!(months(&given.served(&[(0, 1_460, some())])), (2, 0));
        assert_eq!(months(&given.served(&[(0, 730, NONE)])), (1, 1));
        assert_eq!(months(&given.served(&[(0, 1, some())])), (1, 0));
    }

    #[test]
    fn a_group_that_is_not_meant_to_serve_has_no_months() {
        let mut given = Given::new();
        given.group.disabled = true;
        let tally = given.served(&[(0, 800, NONE)]);
        assert_eq!((months(&tally), tally.meant, tally.group_meant), ((0, 0), 0, 0));
        given.group.disabled = false;
        given.group.slots[1].disabled = true;
        let tally = given.served(&[(0, 800, SlotSet::one(0))]);
        assert_eq!((months(&tally), tally.meant), ((2, 0), 2 * 800 * HOUR.0));
        given.group.resources = 0;
        assert_eq!(months(&given.served(&[(0, 800, NONE)])), (0, 0));
    }

    /// Disabled for all of a month but 100 h, of which it serves for 70: less than three quarters of the time in which it
    /// is meant to. Disabled throughout there is no month to break.
    #[test]
    fn a_month_is_judged_by_the_time_in_which_a_group_is_meant_to_serve() {
        let (given, mut disabled) = (Given::new(), Given::new());
        disabled.group.disabled = true;
        let mut tallier = given.tallier();
        given.stand(&mut tallier, (0, 70), some(), NONE);
        given.stand(&mut tallier, (70, 100), NONE, NONE);
        disabled.stand(&mut tallier, (100, 1_460), NONE, NONE);
        tallier.finish(hour(1_460), 9);
        let tally = tallier.tally();
        assert_eq!(months(&tally), (1, 1));
        assert_eq!((tally.meant, tally.group_meant), (300 * HOUR.0, 100 * HOUR.0));
    }

    #[test]
    fn time_is_counted_by_connector_and_by_group() {
        let mut given = Given::new();
        given.group.slots[2].empty = true;
        let mut tallier = given.tallier();
        given.stand(&mut tallier, (0, 10), SlotSet::first(2), SlotSet::first(2));
        given.stand(&mut tallier, (10, 14), SlotSet::one(0), SlotSet::EMPTY);
        given.stand(&mut tallier, (14, 20), SlotSet::EMPTY, SlotSet::one(1));
        tallier.finish(hour(20), 9);
        let tally = tallier.tally();
        let hours = |of: i64| of / HOUR.0;
        assert_eq!((hours(tally.meant), hours(tally.served)), (60, 24));
        assert_eq!((hours(tally.group_meant), hours(tally.group_served)), (20, 14));
        assert_eq!((hours(tally.version_skew), hours(tally.vulnerable)), (26, 10));
        assert_eq!(hours(tally.urgent_exposure), 16, "one of them for 10 h, then the other for 6");
        assert_eq!((hours(tally.existing), hours(tally.duration), tally.events), (40, 20, 9));
    }

    /// From 0 to 3 and from 10 to 18; the change within is one of another kind. The last lasts to the end at 100.
    #[test]
    fn outages_begin_and_end_with_the_status() {
        use GroupStatus::{Connected, Disconnected, Overloaded};
        let two =
            [(0, Disconnected), (3, Connected), (10, Disconnected), (12, Disconnected), (18, Connected)];
        let tally = displayed(&two);
        assert_eq!((tally.outages, tally.longest_outage), (2, 8 * HOUR.0));
        let open = displayed(&[(0, Connected), (20, Disconnected), (25, Connected), (90, Disconnected)]);
        assert_eq!((open.outages, open.longest_outage), (2, 10 * HOUR.0));
        let both = displayed(&[(0, Connected), (5, Overloaded), (9, Disconnected), (10, Overloaded)]);
        assert_eq!((both.outages, both.longest_outage), (1, HOUR.0));
        assert_eq!((both.overload_episodes, both.longest_overload), (2, 90 * HOUR.0));
        assert_eq!(displayed(&[(0, Connected)]).outages, 0);
    }

    #[test]
    fn a_group_is_stuck_if_it_is_halted_at_the_end() {
        let (halted, resumed) = (Happening::Halted { release: 1 }, Happening::Resumed);
        let counts = |changes: &[Happening]| {
            let tally = happened(changes);
            (tally.halts, tally.stuck_groups)
        };
        assert_eq!(counts(&[]), (0, 0));
        assert_eq!(counts(&[halted]), (1, 1));
        assert_eq!(counts(&[halted, resumed]), (1, 0));
        assert_eq!(counts(&[halted, resumed, halted]), (2, 1));
    }

    #[test]
    fn what_happens_is_counted_by_kind() {
        let (slot, release) = (0, 1);
        let tally = happened(&[
            Happening::UpdateSucceeded { slot, release },
            Happening::UpdateFailed { slot, release },
            Happening::UpdateFailed { slot, release },
            Happening::UpdateAborted { slot, release },
            Happening::Expired { slot },
            Happening::Replaced { slot },
            Happening::RanBadRelease { slot, release },
            Happening::SessionsDropped { slot, sessions: 0.25 },
            Happening::SessionsDropped { slot, sessions: 1.5 },
        ]);
        assert_eq!((tally.updates, tally.update_failures), (1, 2));
        assert_eq!((tally.expired, tally.replaced, tally.exposed), (1, 1, 1));
        assert_eq!(tally.sessions_dropped, 1_750);
    }

    #[test]
    fn ticks_and_traffic_are_summed() {
        let given = Given::new();
        let mut tallier = given.tallier();
        let run = TickRun {
            first: 0,
            is_meant: true,
            receives: true,
            demand: &[1.0, 3.0, 2.0],
            demand_sum: 6.0,
            offered: &[4_000, 12_000, 8_000],
            most_offered: 12_000,
            samples: &[4_000, 10_000, 8_000],
            overloaded: 2,
        };
        tallier.ticks(run);
        let unserved =
            TickRun { first: 3, offered: &[], most_offered: 0, samples: &[], overloaded: 0, ..run };
        tallier.ticks(TickRun { receives: false, demand: &[0.0], demand_sum: 0.0, ..unserved });
        tallier.traffic(1_000.0, 250.0);
        tallier.traffic(500.0, 0.0);
        tallier.finish(hour(1), 0);
        let tally = tallier.tally();
        assert_eq!((tally.ticks, tally.meant_ticks), (4, 4));
        assert_eq!((tally.overloaded_ticks, tally.overloaded), (2, 10 * MINUTE.0));
        assert_eq!((tally.cpu_ticks, tally.cpu_sum, tally.cpu_max), (3, 24_000, 12_000));
        assert_eq!((tally.demand_ticks, tally.demand_sum, tally.demand_max), (3, 6_000_000, 3.0));
        // In user-milliseconds, at 0.5 Mbps a user.
        assert_eq!((tally.demand_users, tally.unserved_users), (3_000, 500));
    }

    #[test]
    fn merging_adds_counts_and_keeps_the_longest() {
        use GroupStatus::{Connected, Disconnected};
        let long = displayed(&[(0, Disconnected), (7, Connected)]);
        let short = displayed(&[(0, Connected), (50, Disconnected), (51, Connected)]);
        for (first, other) in [(&long, &short), (&short, &long)] {
            let mut both = first.clone();
            both.merge(other);
            assert_eq!((both.outages, both.longest_outage), (2, 7 * HOUR.0));
            assert_eq!(both.duration, 200 * HOUR.0);
        }
        let given = Given::new();
        let mut both = given.served(&[(0, 1_460, NONE)]);
        both.merge(&given.served(&[(0, 730, some())]));
        assert_eq!(months(&both), (3, 2));
    }
}
