//! Maintenance windows and freezes: from days and times by the wall clock to instants of the run, once for each zone.

use std::collections::BTreeMap;

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
        let freezes = self.freezes(path, upgrade);
        let clocks = self.local_clocks(index.zones.iter().map(String::as_str));
        let (mut kinds, mut known) = (Vec::new(), BTreeMap::new());
        let of_group = (0..fleet.groups.len()).map(|group| {
            let part = parts.iter().position(|(places, _)| {
                places.iter().any(|place| place.covers(fleet, group) == fleet.groups[group].all())
            });
            let zone = index.zones[fleet.groups[group].site].as_str();
            *known.entry((part, zone)).or_insert_with(|| {
                let window = part.map_or(base, |part| parts[part].1);
                let starts = clocks.get(zone).map(|clock| self.starts(window, clock));
                kinds.push(Hours {
                    windows: starts.filter(|_| !window.days.is_empty()),
                    length: window.length.0,
                    must_fit,
                    freezes: freezes.clone(),
                });
                kinds.len() - 1
            })
        });
        let of_group = of_group.collect();
        Some(Schedule { kinds, of_group })
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

    /// The instants of the run at which a window opens; the first may lie before it.
    fn starts(&self, window: Window<'_>, clock: &LocalClock) -> Vec<Time> {
        let (first, last) = (Time::ZERO - window.length.0, self.horizon);
        let mut starts: Vec<Time> =
            recurrences(window.days, window.from, clock.wall(first), clock.wall(last))
                .map(|wall| clock.instant(wall))
                .filter(|&from| from < self.horizon && from + window.length.0 > Time::ZERO)
                .collect();
        starts.sort_unstable();
        starts
    }

    fn freezes(&mut self, path: &Path, upgrade: &Upgrade) -> Vec<(Time, Time)> {
        let mut freezes = Vec::new();
        for (at, freeze) in upgrade.freeze.iter().enumerate() {
            let path = path.key("freeze").index(at);
            let from = self.date(&path.key("from"), &freeze.from);
            let to = self.date(&path.key("to"), &freeze.to);
            if let (Some(from), Some(to)) = (from, to) {
                if to <= from {
                    self.report.meaning(
                        &path.key("to"),
                        "the freeze ends before it begins",
                        "give a later date",
                    );
                }
                freezes.push((from, to));
            }
        }
        Hours::frozen(freezes).freezes
    }
}
