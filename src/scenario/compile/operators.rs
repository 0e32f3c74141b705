//! Crews of operators, and which of them serves which group.

use super::Compiler;
use super::fleet::Index;
use crate::calendar::{Zone, time_of_day, wall_day};
use crate::control::crew::{self, Crew, Shifts};
use crate::environment::failure::Place;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::{self, Scenario, TaskOrder, WorkingHours};
use crate::time::{DAY, MINUTE, Span, Time};

/// The crews of a scenario, and whom they serve.
pub(super) struct Crews {
    pub(super) compiled: Vec<Crew>,
    /// For each crew and group, whether it serves it.
    serves: Vec<Vec<bool>>,
    /// Whether a policy calls the crew.
    called: Vec<bool>,
}

impl Compiler<'_, '_> {
    pub(super) fn crews(&mut self, spec: &Scenario, fleet: &Fleet, index: &Index) -> Crews {
        let mut crews = Crews { compiled: Vec::new(), serves: Vec::new(), called: Vec::new() };
        for (name, operators) in spec.operators.iter() {
            let path = Path::of("operators").key(name);
            crews.serves.push(self.serves(&path.key("serves"), operators, fleet, index));
            crews.compiled.push(self.crew(&path, name, operators));
            crews.called.push(false);
        }
        crews
    }

    fn crew(&mut self, path: &Path, name: &str, operators: &spec::Operators) -> Crew {
        let (work, at) = (&operators.work, path.key("work"));
        Crew {
            name: name.to_owned(),
            size: operators.size as usize,
            shifts: match &operators.hours {
                Some(hours) => self.shifts(&path.key("hours"), hours),
                None => Shifts::always(),
            },
            response: self.variate(&path.key("response"), &operators.response),
            work: crew::Work {
                repair: work.repair.as_ref().map(|repair| self.variate(&at.key("repair"), repair)),
                replace: self.variate(&at.key("replace"), &work.replace),
                update_repair: self.variate(&at.key("update_repair"), &work.update_repair),
                key: self.variate(&at.key("key"), &work.key),
                confirmation: self.variate(&at.key("confirmation"), &work.confirmation),
                order: self.variate(&at.key("order"), &work.order),
            },
            order: match operators.order {
                TaskOrder::FirstCome => crew::Order::FirstCome,
                TaskOrder::NearestDeadline => crew::Order::NearestDeadline,
            },
            call_out_at: operators.call_out_at as usize,
        }
    }

    /// The groups that a crew serves: all of whose connectors lie within the part of the fleet that is named.
    fn serves(
        &mut self,
        path: &Path,
        operators: &spec::Operators,
        fleet: &Fleet,
        index: &Index,
    ) -> Vec<bool> {
        let mut serves = vec![false; fleet.groups.len()];
        for place in self.selected(path, &operators.serves, fleet, index) {
            if matches!(place, Place::Domain(..) | Place::Connector(..)) {
                let message = "a crew serves whole groups";
                self.report.meaning(path, message, "name a region, a site or a group");
                self.report.poison(path);
                continue;
            }
            for (group, serves) in serves.iter_mut().enumerate() {
                *serves |= !place.covers(fleet, group).is_empty();
            }
        }
        serves
    }

    fn shifts(&mut self, path: &Path, hours: &WorkingHours) -> Shifts {
        let (from, to) =
            (self.time_of_day(path, "from", &hours.from), self.time_of_day(path, "to", &hours.to));
        let holidays = self.holidays(path, hours);
        let zone = Zone::named(&hours.time_zone).map_err(|error| {
            let remedy = "name one of the IANA database, for instance \"Europe/Berlin\"";
            self.report.meaning(&path.key("time_zone"), &error.to_string(), remedy);
        });
        let (Some(from), Some(to), Ok(zone), Some(clock)) = (from, to, zone, &self.clock) else {
            return Shifts::always();
        };
        if from == to {
            let message = "working hours begin and end at the same time";
            self.report.meaning(path, message, "leave `hours` out for a crew that is there around the clock");
            return Shifts::always();
        }
        let length = if to > from { to - from } else { to - from + DAY };
        let local = clock.local(&zone, self.horizon);
        let days = local.wall(Time::ZERO).div_euclid(DAY.0) - 1..=local.wall(self.horizon).div_euclid(DAY.0);
        let works = |day: &i64| {
            let weekday = day.rem_euclid(7) as usize;
            hours.days.iter().any(|&worked| worked as usize == weekday) && !holidays.contains(day)
        };
        let shift = |day: i64| {
            let begin = day * DAY.0 + from.0;
            (local.instant(begin), local.instant(begin + length.0))
        };
        let in_run = |&(from, to): &(Time, Time)| to > Time::ZERO && from < self.horizon;
        let shifts = Shifts::of(days.filter(works).map(shift).filter(in_run).collect());
        if shifts.is_never() {
            let message = "the crew does not work at all within the run";
            self.report.meaning(path, message, "give `days` and hours in which it does");
            return Shifts::always();
        }
        shifts
    }

    fn time_of_day(&mut self, path: &Path, key: &str, text: &str) -> Option<Span> {
        let time = time_of_day(text);
        if time.is_none() {
            let remedy = "write \"08:00\", from \"00:00\" to \"24:00\"";
            self.report.meaning(&path.key(key), "this is no time of day", remedy);
        }
        time
    }

    fn holidays(&mut self, path: &Path, hours: &WorkingHours) -> Vec<i64> {
        let mut days = Vec::new();
        for (index, text) in hours.holidays.iter().enumerate() {
            match wall_day(text) {
                Some(day) => days.push(day),
                None => {
                    let path = path.key("holidays").index(index);
                    self.report.meaning(&path, "this is no date", "write \"2026-12-25\"");
                }
            }
        }
        days
    }

    /// Who does the work at `path`: after a plain delay, or crews, the first of those named that serves the group.
    pub(super) fn service(
        &mut self,
        path: &Path,
        service: &spec::Service,
        fleet: &Fleet,
        crews: &mut Crews,
    ) -> crate::control::Service {
        let delay = |compiler: &mut Self| {
            let nobody = spec::Distribution::Constant { value: spec::DurationOrZero(MINUTE) };
            let after = service.after.as_ref().unwrap_or(&nobody);
            crate::control::Service::After(compiler.variate(&path.key("after"), after))
        };
        let (message, remedy) = match (&service.after, &service.crew) {
            (None, Some(crew)) => return self.called(&path.key("crew"), crew.names(), fleet, crews),
            (Some(_), None) => return delay(self),
            (Some(_), Some(_)) => ("both `after` and `crew` are given", "give one of them"),
            (None, None) => (
                "nobody does this",
                "give `after`, a plain delay, or `crew`, the name of a table [operators.NAME]",
            ),
        };
        self.report.meaning(path, message, remedy);
        delay(self)
    }

    fn called(
        &mut self,
        path: &Path,
        names: &[String],
        fleet: &Fleet,
        crews: &mut Crews,
    ) -> crate::control::Service {
        let position = |name: &String| crews.compiled.iter().position(|crew| crew.name == *name);
        let unknown: Vec<&String> = names.iter().filter(|name| position(name).is_none()).collect();
        for name in &unknown {
            self.report.unknown(path, "crew", name, crews.compiled.iter().map(|crew| crew.name.as_str()));
        }
        let asked: Vec<usize> = names.iter().filter_map(position).collect();
        asked.iter().for_each(|&crew| crews.called[crew] = true);
        let first = |group: usize| asked.iter().copied().find(|&crew| crews.serves[crew][group]);
        let of_groups: Vec<Option<usize>> = (0..fleet.groups.len()).map(first).collect();
        let is_sure = |crew: &usize| {
            let name = &crews.compiled[*crew].name;
            !self.report.is_poisoned(&Path::of("operators").key(name).key("serves"))
        };
        if unknown.is_empty() && asked.iter().all(is_sure) && !self.report.is_poisoned(&Path::of("fleet")) {
            self.unserved(path, &of_groups, fleet);
            self.idle(path, &asked, &of_groups, crews);
        }
        crate::control::Service::Crews(of_groups.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Every group needs a crew.
    fn unserved(&mut self, path: &Path, of_groups: &[Option<usize>], fleet: &Fleet) {
        let left: Vec<usize> = (0..of_groups.len()).filter(|&group| of_groups[group].is_none()).collect();
        if let Some(&group) = left.first() {
            let name = &fleet.groups[group].name;
            let message = match left.len() {
                1 => format!("no crew named here serves the group {name}"),
                more => format!("no crew named here serves {more} of the groups, {name} for one"),
            };
            let remedy = "name another crew too, [\"one\", \"other\"], or let one of them serve more";
            self.report.meaning(path, &message, remedy);
        }
    }

    /// A crew that is named serves somebody.
    fn idle(&mut self, path: &Path, asked: &[usize], of_groups: &[Option<usize>], crews: &Crews) {
        for &crew in asked {
            if !of_groups.is_empty() && !of_groups.contains(&Some(crew)) {
                let message = format!("the crew {} has nobody to serve here", crews.compiled[crew].name);
                let remedy =
                    "leave it out, name it before others that serve the same groups, or change its `serves`";
                self.report.meaning(path, &message, remedy);
            }
        }
    }

    /// Warns of crews that no policy calls.
    pub(super) fn uncalled(&mut self, crews: &Crews) {
        for (crew, _) in crews.compiled.iter().zip(&crews.called).filter(|(_, called)| !**called) {
            let path = Path::of("operators").key(&crew.name);
            let remedy = "name it as `crew` in a policy's `repair` or `replacement` or in `provisioning`, or leave it out";
            self.report.warning(&path, "no policy calls this crew", remedy);
        }
    }
}
