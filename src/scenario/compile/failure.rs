//! Failure classes: their processes, and where and when they strike.

use std::collections::BTreeSet;

use super::Compiler;
use super::fleet::Index;
use super::place;
use crate::environment::failure::{Place, Renewal};
use crate::environment::{FailureClass, ScheduledOutage, Scope};
use crate::fleet::Fleet;
use crate::fleet::cause::RESERVED;
use crate::random::Purpose;
use crate::scenario::document::Path;
use crate::scenario::spec::{Failure, FailureScope, Scenario};
use crate::time::{DAY, Span, Time};

/// The most times that one entry of a schedule may come: each is an event that every group under it keeps pending.
const MOST_RECURRENCES: u64 = 500;

impl Compiler<'_, '_> {
    pub(super) fn failures(&mut self, spec: &Scenario, fleet: &Fleet, index: &Index) -> Vec<FailureClass> {
        let mut causes = BTreeSet::new();
        let mut classes = Vec::new();
        for (name, failure) in spec.failures.iter() {
            let path = Path::of("failures").key(name);
            let cause = failure.cause.as_deref().unwrap_or(name);
            self.cause(&path, cause, failure.cause.is_some(), &mut causes);
            let scope = scope(failure.scope);
            classes.push(FailureClass {
                name: name.to_owned(),
                cause: cause.to_owned(),
                scope,
                process: self.process(&path, name, failure),
                schedule: self.schedule(&path, failure, scope, fleet, index),
                places: self.places(&path, failure, scope, fleet, index),
            });
        }
        classes
    }

    fn cause(&mut self, path: &Path, cause: &str, given: bool, causes: &mut BTreeSet<String>) {
        let at = if given { path.key("cause") } else { path.clone() };
        if RESERVED.contains(&cause) {
            let message = format!("the cause \"{cause}\" means something else in result files");
            self.report.meaning(&at, &message, "give another `cause`");
        } else if given && (cause.is_empty() || cause.chars().any(char::is_control)) {
            self.report.meaning(&at, "a cause is a word", "give another, or leave it out");
        }
        if !causes.insert(cause.to_owned()) {
            let message = format!("two failure classes have the cause \"{cause}\"");
            self.report.meaning(&at, &message, "give one of them another `cause`");
        }
    }

    fn process(&mut self, path: &Path, name: &str, failure: &Failure) -> Option<Renewal> {
        if failure.needs_operator > 0.0 && failure.scope != FailureScope::Connector {
            let remedy = "leave it out, or give the class the scope \"connector\"";
            self.report.meaning(&path.key("needs_operator"), "operators repair connectors only", remedy);
        }
        match (&failure.time_to_failure, &failure.time_to_restore) {
            (Some(to_failure), Some(to_restore)) => {
                let time_to_failure = self.variate(&path.key("time_to_failure"), to_failure);
                let time_to_restore = self.variate(&path.key("time_to_restore"), to_restore);
                self.recurs(&path.key("time_to_failure"), time_to_failure.mean() + time_to_restore.mean());
                Some(Renewal {
                    time_to_failure,
                    time_to_restore,
                    needs_operator: failure.needs_operator,
                    failure_purpose: Purpose::named(&format!("time to failure/{name}")),
                    restore_purpose: Purpose::named(&format!("time to restore/{name}")),
                })
            }
            (None, None) => {
                if failure.schedule.is_empty() {
                    let remedy = "give `time_to_failure` and `time_to_restore`, a `preset`, or a `schedule`";
                    self.report.meaning(path, "the failure class does nothing", remedy);
                }
                None
            }
            (Some(_), None) => {
                let missing = path.key("time_to_restore");
                self.report.meaning(&missing, "`time_to_restore` is missing", "say how long an outage lasts");
                None
            }
            (None, Some(_)) => {
                let missing = path.key("time_to_failure");
                self.report.meaning(&missing, "`time_to_failure` is missing", "say how often it fails");
                None
            }
        }
    }

    /// The part of the fleet in which the random process runs.
    fn places(
        &mut self,
        path: &Path,
        failure: &Failure,
        scope: Scope,
        fleet: &Fleet,
        index: &Index,
    ) -> Place {
        let path = path.key("where");
        let parts = self.selected(&path, &failure.place, fleet, index);
        let part = match parts.as_slice() {
            [] => return Place::Fleet,
            [one] => *one,
            _ => {
                let remedy = "name one site or group, or a region, or make a class for each";
                self.report.meaning(&path, "a random process runs in one part of the fleet", remedy);
                return Place::Fleet;
            }
        };
        if part != Place::Fleet {
            self.strike(&path, scope, part, fleet);
        }
        part
    }

    fn schedule(
        &mut self,
        path: &Path,
        failure: &Failure,
        scope: Scope,
        fleet: &Fleet,
        index: &Index,
    ) -> Vec<ScheduledOutage> {
        let mut schedule = Vec::new();
        for (number, outage) in failure.schedule.iter().enumerate() {
            let path = path.key("schedule").index(number);
            let at = self.date(&path.key("at"), &outage.at).unwrap_or(Time::ZERO);
            self.within_run(&path.key("at"), at, 0);
            let (every, length) = (outage.every.map(|every| every.0), outage.length.0);
            let begins = self.recurrences(&path.key("every"), every, length, at);
            for part in self.selected(&path.key("where"), &outage.place, fleet, index) {
                for place in self.strike(&path.key("where"), scope, part, fleet) {
                    schedule.extend(begins.iter().map(|&at| ScheduledOutage { at, length, place }));
                }
            }
        }
        schedule
    }

    /// When something of this length that is first due at `first` begins within the run.
    pub(super) fn recurrences(
        &mut self,
        path: &Path,
        every: Option<Span>,
        length: Span,
        first: Time,
    ) -> Vec<Time> {
        let Some(every) = every else { return vec![first] };
        if every <= length {
            let message = format!("an outage of {length} would come again before it ends");
            self.report.meaning(path, &message, "give more than `for`");
            return vec![first];
        }
        let count = ((self.horizon - first).0.max(1) as u64).div_ceil(every.0.unsigned_abs().max(1));
        if count > MOST_RECURRENCES {
            let message = format!("this comes {count} times in a run, and may {MOST_RECURRENCES} times");
            let remedy = "give a longer time, or let it happen at random by `time_to_failure`";
            self.report.meaning(path, &message, remedy);
            return vec![first];
        }
        let whole_days = every.0 % DAY.0 == 0;
        let wall =
            self.clock.as_ref().map(|clock| clock.local(clock.zone(), self.horizon)).filter(|_| whole_days);
        let after = |n: u64| Span(every.0 * n as i64);
        let at = |n: u64| match &wall {
            Some(wall) => wall.instant(wall.wall(first) + after(n).0),
            None => first + after(n),
        };
        // A change of clocks may move the last one beyond the end.
        let begins = (1..=count).map(at).take_while(|at| *at < self.horizon);
        [first].into_iter().chain(begins).collect()
    }

    /// The places of `scope` in `part`, reported if there are none.
    fn strike(&mut self, path: &Path, scope: Scope, part: Place, fleet: &Fleet) -> Vec<Place> {
        let places = place::within(scope, part, fleet);
        let word = format!("{scope:?}").to_lowercase();
        match places {
            None => {
                let message = format!("the place is narrower than the class's scope, {word}");
                self.report.meaning(
                    path,
                    &message,
                    "choose a wider place, or give the class a narrower `scope`",
                );
                Vec::new()
            }
            Some(places) => {
                if places.is_empty() && !self.report.is_poisoned(&Path::of("fleet")) {
                    let message = format!("there is nothing of the class's scope, {word}, in this place");
                    self.report.meaning(path, &message, "choose another place or `scope`");
                }
                places
            }
        }
    }
}

fn scope(scope: FailureScope) -> Scope {
    match scope {
        FailureScope::Connector => Scope::Connector,
        FailureScope::Domain => Scope::Domain,
        FailureScope::Site => Scope::Site,
        FailureScope::Region => Scope::Region,
        FailureScope::Fleet => Scope::Fleet,
    }
}
