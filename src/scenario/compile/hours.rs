//! Maintenance windows and freezes: from days and times by the wall clock to instants of the run, once for each zone.

use std::collections::{BTreeMap, BTreeSet};

use super::Compiler;
use super::fleet::Index;
use crate::calendar::LocalClock;
use crate::control::{Hours, Schedule};
use crate::environment::failure::Place;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::week::recurrences;
use crate::scenario::spec::{Duration, TimeOfDay, Upgrade, Weekday};
use crate::time::{Span, Time};

/// What a window of the scenario says.
#[derive(Clone, Copy)]
struct Window<'u> {
    days: &'u [Weekday],
    from: TimeOfDay,
    length: Duration,
}

impl Compiler<'_, '_> {
    /// When updates may start, by group; nothing, if always.
    pub(super) fn hours(
        &mut self,
        path: &Path,
        upgrade: &Upgrade,
        limit: Span,
        (fleet, index): (&Fleet, &Index),
    ) -> Option<Schedule> {
        if upgrade.days.is_empty() && upgrade.windows.is_empty() && upgrade.freeze.is_empty() {
            return None;
        }
        let must_fit = if upgrade.must_end { limit } else { Span::ZERO };
        let base = Window { days: &upgrade.days, from: upgrade.from, length: upgrade.length };
        if !upgrade.days.is_empty() {
            self.long_enough(path, base, must_fit);
        }
        let parts = self.parts(path, upgrade, must_fit, (fleet, index));
        let frozen = Hours::frozen(self.freezes(path, upgrade));
        let clocks = self.local_clocks(index.zones.iter().map(String::as_str));
        let (mut kinds, mut known) = (Vec::new(), BTreeMap::new());
        let of_group = (0..fleet.groups.len()).map(|group| {
            let part = parts.iter().position(|(places, _)| {
                places.iter().any(|place| place.covers(fleet, group) == fleet.groups[group].all())
            });
            let zone = index.zones[fleet.groups[group].site].as_str();
            *known.entry((part, zone)).or_insert_with(|| {
                let window = part.map_or(base, |part| parts[part].1);
                let openings = clocks.get(zone).filter(|_| !window.days.is_empty());
                let openings = openings.map(|clock| self.openings(window, clock));
                let hours = frozen.clone();
                kinds.push(match openings {
                    Some(openings) => hours.within(openings, must_fit),
                    None => hours,
                });
                kinds.len() - 1
            })
        });
        let of_group = of_group.collect();
        let used: BTreeSet<usize> = known.keys().filter_map(|(part, _)| *part).collect();
        self.without_a_group(path, (0..parts.len()).filter(|part| !used.contains(part)));
        self.leave_a_chance(path, &kinds);
        Some(Schedule { kinds, of_group })
    }

    /// Entries of `windows` all of whose groups have an earlier one, or that have no group.
    fn without_a_group(&mut self, path: &Path, parts: impl Iterator<Item = usize>) {
        for at in parts {
            let message = "this has no effect: no group is left to it by the windows before it";
            let remedy = "put the narrower `where` first, or leave it out";
            self.report.warning(&path.key("windows").index(at), message, remedy);
        }
    }

    /// Hours that let no update start in the whole run.
    fn leave_a_chance(&mut self, path: &Path, kinds: &[Hours]) {
        let end = Span(self.horizon.0);
        let never =
            |forced: bool| kinds.iter().any(|hours| hours.next_start(Time::ZERO, forced) >= self.horizon);
        if never(true) {
            let message = format!(
                "no update ever starts: it is frozen from the beginning of the run to its end after {end}"
            );
            self.report.warning(
                &path.key("freeze"),
                &message,
                "end the freeze earlier, or lengthen `horizon`",
            );
        } else if never(false) {
            let message = format!(
                "some groups have no window in the run, which ends after {end}: nothing but urgent releases is rolled out there"
            );
            let remedy = "lengthen `horizon`, or give a window that freezes leave open";
            self.report.warning(path, &message, remedy);
        }
    }

    /// The places of `windows`, each with what holds there.
    fn parts<'u>(
        &mut self,
        path: &Path,
        upgrade: &'u Upgrade,
        must_fit: Span,
        (fleet, index): (&Fleet, &Index),
    ) -> Vec<(Vec<Place>, Window<'u>)> {
        let mut parts = Vec::new();
        for (at, written) in upgrade.windows.iter().enumerate() {
            let path = path.key("windows").index(at);
            let window = Window { days: &written.days, from: written.from, length: written.length };
            if written.days.is_empty() {
                self.report.meaning(
                    &path.key("days"),
                    "the window never opens",
                    "name a day, for instance \"tue\"",
                );
            }
            self.long_enough(&path, window, must_fit);
            let places = self.selected(&path.key("where"), &written.place, fleet, index);
            self.whole_groups(&path.key("where"), &places, "a window");
            parts.push((places, window));
        }
        parts
    }

    /// A window shorter than an update that must end in it never lets one start.
    fn long_enough(&mut self, path: &Path, window: Window<'_>, must_fit: Span) {
        let length = window.length.0;
        if length < must_fit {
            let message = format!("no update can end within {length}: one may take {must_fit}");
            let remedy = format!("give at least \"{must_fit}\" (updates.limit), or `must_end = false`");
            self.report.meaning(&path.key("length"), &message, &remedy);
        }
    }

    /// The windows of the run, in order; the first may begin before it.
    fn openings(&self, window: Window<'_>, clock: &LocalClock) -> Vec<(Time, Time)> {
        let (first, last) = (Time::ZERO - window.length.0, self.horizon);
        recurrences(window.days, window.from, clock.wall(first), clock.wall(last))
            .map(|wall| clock.instant(wall))
            .map(|from| (from, from + window.length.0))
            .filter(|&(from, to)| from < self.horizon && to > Time::ZERO)
            .collect()
    }

    /// Freezes; one that began before the run holds from its start.
    fn freezes(&mut self, path: &Path, upgrade: &Upgrade) -> Vec<(Time, Time)> {
        let mut freezes = Vec::new();
        for (at, freeze) in upgrade.freeze.iter().enumerate() {
            let path = path.key("freeze").index(at);
            let from = self.any_date(&path.key("from"), &freeze.from);
            let to = self.any_date(&path.key("to"), &freeze.to);
            let (Some(from), Some(to)) = (from, to) else { continue };
            if to <= from {
                let message = "the freeze ends before it begins";
                self.report.meaning(&path.key("to"), message, "give a later date");
            } else if to <= Time::ZERO {
                let message = "this has no effect: the freeze ends before the run begins";
                self.report.warning(&path.key("to"), message, "give a later date, or leave it out");
            }
            self.within_run(&path.key("from"), from, 0);
            freezes.push((from, to));
        }
        freezes
    }
}
