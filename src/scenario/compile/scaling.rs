//! Scaling policies: defaults of each kind, numbers by the wall clock, what does not fit together.

use std::collections::BTreeMap;

use super::Compiler;
use super::fleet::{Index, highest_idle};
use crate::calendar::LocalClock;
use crate::control::ScalingPolicy;
use crate::control::scaling::{
    self, HoltWinters, NPlusK, Predictive, Rule, TargetTracking, Threshold, Timetable,
};
use crate::fleet::{Fleet, MOST_SLOTS};
use crate::scenario::document::Path;
use crate::scenario::spec::week::recurrences;
use crate::scenario::spec::{ForecastKind, Scaling, ScalingKind, Scenario, ScheduledNumber, Smoothing};
use crate::time::{HOUR, MINUTE, Span, Time};

/// After so long load repeats itself.
const WEEK: Span = Span(7 * 24 * HOUR.0);

/// How many slots a group of so many `connectors` needs under the policies of `spec`, of which `disabled` are no use to them.
pub(super) fn slots(spec: &Scenario, connectors: usize, disabled: usize) -> usize {
    let scaled = spec.policies.iter().map(|(_, policy)| &policy.scaling);
    let scaled = scaled.filter(|scaling| scaling.kind != ScalingKind::Static);
    let most = scaled.map(|scaling| {
        let most = scaling.max.map_or(2 * connectors, |max| max as usize);
        disabled + most.max(scaling.min.unwrap_or(1) as usize)
    });
    most.max().unwrap_or(0).max(connectors).min(MOST_SLOTS)
}

/// A key, whether it is given, and the kinds that use it.
type Use = (&'static str, bool, &'static [ScalingKind]);

fn uses(of: &Scaling) -> [Use; 9] {
    use ScalingKind::{NPlusK, Predictive, Scheduled, TargetTracking, Threshold};
    [
        ("target_percent", of.target_percent.is_some(), &[NPlusK, Threshold, TargetTracking, Predictive]),
        ("k", of.k.is_some(), &[NPlusK]),
        ("tolerance", of.tolerance.is_some(), &[TargetTracking]),
        ("for", of.lasting.is_some(), &[Threshold]),
        ("schedule", of.schedule.is_some(), &[Scheduled]),
        ("forecast", of.forecast.is_some(), &[Predictive]),
        ("lead", of.lead.is_some(), &[Predictive]),
        ("margin", of.margin.is_some(), &[Predictive]),
        ("smoothing", of.smoothing.is_some(), &[Predictive]),
    ]
}

impl Compiler<'_, '_> {
    /// `detection_delay` is the age of what operators see, `overload` the threshold above which a group is overloaded.
    pub(super) fn scaling(
        &mut self,
        path: &Path,
        written: &Scaling,
        (fleet, index): (&Fleet, &Index),
        (detection_delay, overload): (Span, i32),
    ) -> ScalingPolicy {
        self.only_what_is_used(path, written);
        if written.kind == ScalingKind::Static {
            return ScalingPolicy::Static;
        }
        let (least, most) = (written.min.unwrap_or(1), written.max);
        if most.is_some_and(|most| most < least) {
            self.report.meaning(
                &path.key("max"),
                "the most are fewer than the fewest",
                "give at least `min`",
            );
        }
        let follows = matches!(written.kind, ScalingKind::NPlusK | ScalingKind::TargetTracking);
        let zero_or =
            |span: &Option<crate::scenario::spec::DurationOrZero>, or: Span| span.map_or(or, |span| span.0);
        ScalingPolicy::Dynamic(Box::new(scaling::Scaling {
            rule: self.rule(path, written, (fleet, index), overload),
            least: least as usize,
            most: most.map(|most| most as usize),
            cooldown: zero_or(&written.cooldown, Span::ZERO),
            period: self.period(path, written),
            stabilise_out: zero_or(&written.stabilise_out, Span::ZERO),
            stabilise_in: zero_or(&written.stabilise_in, if follows { HOUR } else { Span::ZERO }),
            // A tick is the last event of its instant: its load is seen a millisecond later at the earliest.
            detection_delay: detection_delay.max(Span(1)),
        }))
    }

    fn only_what_is_used(&mut self, path: &Path, written: &Scaling) {
        for (key, _, _) in uses(written).into_iter().filter(|(_, is, by)| *is && !by.contains(&written.kind))
        {
            let message = "this kind of scaling does not use it";
            self.report.meaning(&path.key(key), message, "leave it out, or choose another `kind`");
        }
        let general = [
            ("min", written.min.is_some()),
            ("max", written.max.is_some()),
            ("period", written.period.is_some()),
            ("cooldown", written.cooldown.is_some()),
            ("stabilise_out", written.stabilise_out.is_some()),
            ("stabilise_in", written.stabilise_in.is_some()),
        ];
        for (key, _) in general.into_iter().filter(|(_, is)| *is && written.kind == ScalingKind::Static) {
            let message = "static scaling leaves the number of connectors as it is";
            self.report.meaning(&path.key(key), message, "leave it out, or choose another `kind`");
        }
    }

    /// Decisions stand at ticks.
    fn period(&mut self, path: &Path, written: &Scaling) -> Span {
        let tick = self.ticks.length.0.max(1);
        let usual = (5 * MINUTE.0).div_euclid(tick).max(1) * tick;
        let Some(period) = written.period else { return Span(usual) };
        if period.0.0 % tick != 0 {
            let message = format!("decisions stand at ticks, and {} is no multiple of one", period.0);
            let remedy = format!("give a multiple of {}", self.ticks.length);
            self.report.meaning(&path.key("period"), &message, &remedy);
        }
        period.0
    }

    fn rule(
        &mut self,
        path: &Path,
        written: &Scaling,
        (fleet, index): (&Fleet, &Index),
        overload: i32,
    ) -> Rule {
        let percent = written.target_percent.unwrap_or(60.0);
        if written.kind != ScalingKind::Scheduled {
            self.target_can_be_met(path, percent, fleet);
        }
        let limit = percent * 100.0;
        match written.kind {
            ScalingKind::NPlusK => Rule::NPlusK(NPlusK { spare: written.k.unwrap_or(1) as usize, limit }),
            ScalingKind::Threshold => {
                let sustained = written.lasting.map_or(HOUR, |span| span.0);
                Rule::Threshold(Threshold { sustained, overload, limit })
            }
            ScalingKind::Static | ScalingKind::TargetTracking => Rule::TargetTracking(TargetTracking {
                target: (libm::round(limit) as i64).max(1),
                tolerance: libm::round(written.tolerance.unwrap_or(0.1) * 1e6) as i64,
            }),
            ScalingKind::Scheduled => Rule::Scheduled(self.timetable(path, written, fleet, index)),
            ScalingKind::Predictive => Rule::Predictive(self.prediction(path, written, limit)),
        }
    }

    /// Idle connectors must be below the target.
    fn target_can_be_met(&mut self, path: &Path, percent: f64, fleet: &Fleet) {
        let idle = highest_idle(fleet);
        if percent <= idle {
            let message = format!("idle connectors already have {idle} % CPU, so there can never be enough");
            self.report.meaning(&path.key("target_percent"), &message, "give a higher target");
        }
    }

    fn prediction(&mut self, path: &Path, written: &Scaling, limit: f64) -> Predictive {
        let period = self.period(path, written);
        if period > Span::ZERO && WEEK.0 % period.0 != 0 {
            let message = format!("a week is no multiple of {period}");
            self.report.meaning(&path.key("period"), &message, "give a period that divides a week");
        }
        let forecast = written.forecast.unwrap_or_default();
        if written.smoothing.is_some() && forecast != ForecastKind::HoltWinters {
            let message = "the load of last week is not smoothed";
            self.report.meaning(
                &path.key("smoothing"),
                message,
                "leave it out, or forecast = \"holt-winters\"",
            );
        }
        let lead = written.lead.map_or(Span(15 * MINUTE.0), |span| span.0);
        if lead.0 > WEEK.0 / 2 {
            self.report.meaning(&path.key("lead"), "this is too far ahead", "give at most half a week");
        }
        let Smoothing { level, trend, season } = written.smoothing.unwrap_or_default();
        Predictive {
            forecast: match forecast {
                ForecastKind::LastWeek => scaling::Forecast::LastSeason,
                ForecastKind::HoltWinters => {
                    scaling::Forecast::HoltWinters(HoltWinters { level, trend, season })
                }
            },
            lead,
            margin: written.margin.unwrap_or(0.2),
            season: WEEK,
            limit,
        }
    }

    fn timetable(&mut self, path: &Path, written: &Scaling, fleet: &Fleet, index: &Index) -> Timetable {
        let path = path.key("schedule");
        let entries = written.schedule.as_deref().unwrap_or_default();
        if entries.is_empty() {
            let remedy = "give [{ days = [\"mon\"], from = \"08:00\", length = \"10h\", connectors = 4 }]";
            self.report.meaning(&path, "there is no schedule", remedy);
        }
        for (at, _) in entries.iter().enumerate().filter(|(_, entry)| entry.days.is_empty()) {
            let message = "this never begins";
            self.report.meaning(&path.index(at).key("days"), message, "name a day, for instance \"mon\"");
        }
        let least = written.min.unwrap_or(1) as usize;
        let clocks = self.local_clocks(index.zones.iter().map(String::as_str));
        let (mut kinds, mut known) = (Vec::new(), BTreeMap::new());
        let of_group = fleet.groups.iter().map(|group| {
            let zone = index.zones[group.site].as_str();
            *known.entry(zone).or_insert_with(|| {
                let numbers = clocks.get(zone).map(|clock| self.numbers(entries, least, clock));
                kinds.push(numbers.unwrap_or_default());
                kinds.len() - 1
            })
        });
        let of_group = of_group.collect();
        Timetable { kinds, of_group }
    }

    /// From when on how many: the greatest number of those that hold, else `least`.
    fn numbers(&self, entries: &[ScheduledNumber], least: usize, clock: &LocalClock) -> Vec<(Time, usize)> {
        let mut edges: BTreeMap<Time, Vec<(usize, i32)>> = BTreeMap::new();
        for entry in entries {
            let (first, last) = (Time::ZERO - entry.length.0, self.horizon);
            for wall in recurrences(&entry.days, entry.from, clock.wall(first), clock.wall(last)) {
                let from = clock.instant(wall);
                edges.entry(from).or_default().push((entry.connectors as usize, 1));
                edges.entry(from + entry.length.0).or_default().push((entry.connectors as usize, -1));
            }
        }
        let mut holding: BTreeMap<usize, i32> = BTreeMap::new();
        let mut numbers = vec![(Time(i64::MIN), least)];
        for (at, changes) in edges {
            for (number, change) in changes {
                *holding.entry(number).or_default() += change;
            }
            holding.retain(|_, entries| *entries > 0);
            numbers.push((at, holding.keys().last().map_or(least, |&most| most.max(least))));
        }
        numbers
    }
}
