//! What a steady-state study must not have: anything by which one time differs from another for good.
//!
//! A long-run mean exists only where the run repeats itself, if by the week: growth, dates and a trace that ends have no
//! long run. What comes again and again may stay.

use super::Compiler;
use crate::scenario::document::Path;
use crate::scenario::spec::{Initial, Scenario, StudyKind, Truncate};
use crate::time::{Span, Time};

const REMEDY: &str = "leave it out, or declare `study = \"terminating\"`";

impl Compiler<'_, '_> {
    pub(super) fn steady(&mut self, spec: &Scenario) {
        if spec.study != StudyKind::SteadyState {
            return;
        }
        if spec.initial == Initial::Fresh {
            self.unsteady(&Path::of("initial"), "starts in equilibrium");
        }
        self.steady_demand(spec);
        self.steady_nature(spec);
        self.steady_control(spec);
    }

    /// The end of the warm-up; that of none stands in for one that cannot be.
    pub(super) fn warm_up(&mut self, spec: &Scenario) -> Time {
        let (warm_up, run) = (spec.warm_up.0, self.horizon.since_start());
        let truncates = spec.truncate == Truncate::Mser5;
        if truncates && spec.study != StudyKind::SteadyState {
            let remedy = "declare `study = \"steady-state\"`, or give a fixed `warm_up`";
            self.report.meaning(&Path::of("truncate"), "only a steady-state study is truncated", remedy);
        }
        if truncates && warm_up > Span::ZERO {
            let remedy = "leave one of them out";
            self.report.meaning(&Path::of("warm_up"), "`truncate` works the warm-up out", remedy);
        }
        if warm_up < run {
            return Time::ZERO + warm_up;
        }
        let message = format!("a warm-up of {warm_up} leaves nothing of a run of {run}");
        self.report.meaning(&Path::of("warm_up"), &message, "lengthen `horizon`, or shorten the warm-up");
        Time::ZERO
    }

    fn unsteady(&mut self, path: &Path, why: &str) {
        self.report.meaning(path, &format!("a steady-state study {why}"), REMEDY);
    }

    fn steady_demand(&mut self, spec: &Scenario) {
        for (name, demand) in spec.demand.iter() {
            let path = Path::of("demand").key(name);
            if demand.growth_per_year != 0.0 {
                self.unsteady(&path.key("growth_per_year"), "has no growth");
            }
            if !demand.events.is_empty() {
                self.unsteady(&path.key("events"), "has no dated events");
            }
            if demand.trace.as_ref().is_some_and(|trace| !trace.repeat) {
                let path = path.key("trace").key("repeat");
                self.report.meaning(
                    &path,
                    "a steady-state study has no trace that ends",
                    "set `repeat = true`, or declare `study = \"terminating\"`",
                );
            }
        }
    }

    fn steady_nature(&mut self, spec: &Scenario) {
        for (name, failure) in spec.failures.iter() {
            let path = Path::of("failures").key(name).key("schedule");
            for (index, _) in failure.schedule.iter().enumerate().filter(|(_, outage)| outage.every.is_none())
            {
                self.unsteady(&path.index(index), "has no outage that comes once");
            }
        }
        let releases = Path::of("releases");
        if !spec.releases.dates.is_empty() {
            self.report.meaning(
                &releases.key("dates"),
                "a steady-state study has no dated releases",
                "give `every`, or declare `study = \"terminating\"`",
            );
        }
        if !spec.releases.fails.is_empty() {
            self.unsteady(&releases.key("fails"), "has no update that fails once");
        }
        for (index, _) in spec.actions.iter().enumerate().filter(|(_, action)| action.every.is_none()) {
            self.unsteady(&Path::of("actions").index(index), "has no dated actions");
        }
        if !spec.images.dates.is_empty() {
            self.unsteady(&Path::of("images").key("dates"), "has no dated images");
        }
    }

    fn steady_control(&mut self, spec: &Scenario) {
        for (name, _) in spec.policies.iter().filter(|(_, policy)| !policy.upgrade.freeze.is_empty()) {
            self.unsteady(
                &Path::of("policies").key(name).key("upgrade").key("freeze"),
                "has no dated freezes",
            );
        }
        for (name, crew) in spec.operators.iter() {
            if crew.hours.as_ref().is_some_and(|hours| !hours.holidays.is_empty()) {
                let path = Path::of("operators").key(name).key("hours").key("holidays");
                self.unsteady(&path, "has no dated holidays");
            }
        }
    }
}
