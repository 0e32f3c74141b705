//! Validation, releases, updates and images.

use std::collections::BTreeSet;

use super::Compiler;
use super::fleet::Index;
use crate::environment::failure::Place;
use crate::environment::release::{MOST_RELEASES, PlannedRelease, ReleaseDates};
use crate::environment::{self, Expiry, ReleasePlan, UpdateFault};
use crate::fleet::{self, Fleet};
use crate::scenario::document::Path;
use crate::scenario::spec::{self, ExpiryKind, ReleaseEntry, Scenario};
use crate::time::MINUTE;

impl Compiler<'_, '_> {
    pub(super) fn validation(&mut self, spec: &Scenario) -> environment::Validation {
        let validation = &spec.validation;
        let path = Path::of("validation");
        self.recurs(&path.key("period"), validation.period.milliseconds());
        let expiry = match (validation.expiry, validation.grace) {
            (ExpiryKind::Grace, Some(grace)) => Expiry::Grace(grace.0),
            (ExpiryKind::Grace, None) => {
                self.report.meaning(
                    &path.key("grace"),
                    "`grace` is missing",
                    "say after how long a connector expires",
                );
                Expiry::AtRenewal
            }
            (ExpiryKind::AtRenewal, given) => {
                if given.is_some() {
                    let remedy = "set `expiry` = \"grace\", or leave `grace` out";
                    self.report.meaning(
                        &path.key("grace"),
                        "connectors expire at a renewal, without grace",
                        remedy,
                    );
                }
                Expiry::AtRenewal
            }
        };
        environment::Validation {
            period: validation.period.0,
            expiry,
            region_outage_expires: validation.region_outage_expires,
            phase: validation.phase.as_ref().map(|phase| self.variate(&path.key("phase"), phase)),
            auto_delete_after: validation.auto_delete_after.map(|span| span.0),
        }
    }

    pub(super) fn releases(&mut self, spec: &Scenario, fleet: &Fleet) -> ReleasePlan {
        let releases = &spec.releases;
        let bad = &releases.bad;
        ReleasePlan {
            dates: self.release_dates(releases),
            bad: environment::BadRelease {
                probability: bad.probability,
                failure_multiplier: bad.failure_multiplier,
                cpu_multiplier: bad.cpu_multiplier,
                update_failure_multiplier: bad.update_failure_multiplier,
            },
            faults: self.faults(releases, fleet),
        }
    }

    fn release_dates(&mut self, releases: &spec::Releases) -> ReleaseDates {
        let path = Path::of("releases");
        let texts = releases.dates.iter().map(|entry| match entry {
            ReleaseEntry::At(at) => (at.as_str(), false),
            ReleaseEntry::Full(full) => (full.at.as_str(), true),
        });
        self.countable_dates(&path.key("dates"), releases.dates.len());
        let dates = self.dates(&path.key("dates"), texts);
        if let Some(every) = &releases.every {
            if !releases.dates.is_empty() {
                self.report.meaning(
                    &path.key("every"),
                    "both `dates` and `every` are given",
                    "give one of them",
                );
            }
            let hotfix = releases.hotfix.as_ref();
            let every = self.variate(&path.key("every"), every);
            self.recurs(&path.key("every"), every.mean());
            self.release_rate(
                &path.key("every"),
                every.mean(),
                hotfix.is_some_and(|it| it.probability > 0.0),
            );
            return ReleaseDates::Renewal {
                every,
                hotfix_probability: hotfix.map_or(0.0, |hotfix| hotfix.probability),
                hotfix_after: hotfix.map_or(crate::time::DAY, |hotfix| hotfix.after.0),
                hotfix_urgent: hotfix.is_some_and(|hotfix| hotfix.urgent),
            };
        }
        if releases.hotfix.is_some() {
            let remedy = "list the hotfixes among the dates, or use `every`";
            self.report.meaning(&path.key("hotfix"), "hotfixes are drawn only with `every`", remedy);
        }
        let planned = dates.into_iter().zip(&releases.dates).map(|(at, entry)| match entry {
            ReleaseEntry::At(_) => PlannedRelease::regular(at, None),
            ReleaseEntry::Full(full) => PlannedRelease { at, bad: full.bad, urgent: full.urgent },
        });
        ReleaseDates::Explicit(planned.collect())
    }

    /// Versions are counted in 16 bits.
    fn countable_dates(&mut self, path: &Path, number: usize) {
        if number > MOST_RELEASES {
            let message = format!("{number} dates are more than {MOST_RELEASES}");
            self.report.meaning(path, &message, "leave some out");
        }
    }

    /// Far fewer releases on average than a replication may have, so that chance does not exceed that.
    fn release_rate(&mut self, path: &Path, mean: f64, hotfixes: bool) {
        const MOST: f64 = 10_000.0;
        let number = self.horizon.0 as f64 / mean.max(1.0) * if hotfixes { 2.0 } else { 1.0 };
        if number > MOST && mean >= MINUTE.0 as f64 {
            let message = format!("about {number:.0} releases, hotfixes included, are more than {MOST}");
            self.report.meaning(path, &message, "give a longer mean, or shorten the horizon");
        }
    }

    fn faults(&mut self, releases: &spec::Releases, fleet: &Fleet) -> Vec<UpdateFault> {
        let mut faults: Vec<UpdateFault> = Vec::new();
        let mut known = BTreeSet::new();
        let groups = fleet.groups.iter().enumerate().map(|(at, group)| (group.name.clone(), vec![at]));
        let index = Index { groups: groups.collect(), ..Index::default() };
        for (number, fails) in releases.fails.iter().enumerate() {
            let path = Path::of("releases").key("fails").index(number);
            let release = fails.release as usize;
            if releases.every.is_none() && release > releases.dates.len() {
                let message = format!("there is no release {release}");
                let remedy = format!("the dates count from 1 to {}", releases.dates.len());
                self.report.meaning(&path.key("release"), &message, &remedy);
            }
            let Some(Place::Connector(group, slot)) =
                self.connector(&path.key("connector"), &fails.connector, fleet, &index)
            else {
                continue;
            };
            if !known.insert((release, group, slot)) {
                self.report.meaning(
                    &path,
                    "the connector already fails for this release",
                    "raise its `attempts`",
                );
            }
            faults.push(UpdateFault { release, group, slot, attempts: fails.attempts });
        }
        faults
    }

    pub(super) fn updates(&mut self, spec: &Scenario) -> environment::Updates {
        let updates = &spec.updates;
        environment::Updates {
            duration: self.variate(&Path::of("updates").key("duration"), &updates.duration),
            limit: updates.limit.0,
            transient_failure: updates.transient_failure,
            persistent_failure: updates.persistent_failure,
            serve_while_updating: updates.serve_while_updating,
            drops_sessions: updates.update_drops_sessions,
        }
    }

    pub(super) fn images(&mut self, spec: &Scenario) -> Vec<fleet::Image> {
        let images = &spec.images.dates;
        let texts = images.iter().map(|image| match image {
            spec::Image::At(at) => (at.as_str(), false),
            spec::Image::Full(full) => (full.at.as_str(), true),
        });
        let path = Path::of("images").key("dates");
        self.countable_dates(&path, images.len());
        let dates = self.dates(&path, texts);
        let fixes = images.iter().map(|image| match image {
            spec::Image::At(_) => false,
            spec::Image::Full(full) => full.fixes_vulnerability,
        });
        let image = |(published, fixes_vulnerability)| fleet::Image { published, fixes_vulnerability };
        dates.into_iter().zip(fixes).map(image).collect()
    }
}
