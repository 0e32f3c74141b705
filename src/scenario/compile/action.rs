//! Administrative actions: from dates and places to one list in the order in which they are taken.

use std::cmp::Reverse;

use super::Compiler;
use super::fleet::Index;
use crate::environment::failure::Place;
use crate::environment::{Action, Deed};
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::{self, Scenario};
use crate::time::{Span, Time};

impl Compiler<'_, '_> {
    pub(super) fn actions(&mut self, spec: &Scenario, fleet: &Fleet, index: &Index) -> Vec<Action> {
        let mut actions = Vec::new();
        for (number, given) in spec.actions.iter().enumerate() {
            let path = Path::of("actions").index(number);
            let deed = self.deed(&path, spec, given);
            let at = self.date(&path.key("at"), &given.at).unwrap_or(Time::ZERO);
            self.within_run(&path.key("at"), at, 0);
            let dates =
                self.recurrences(&path.key("every"), given.every.map(|every| every.0), Span::ZERO, at);
            for place in self.selected(&path.key("where"), &given.place, fleet, index) {
                actions.extend(dates.iter().map(|&at| Action { at, deed, place }));
            }
        }
        actions.sort_by_key(|action| (action.at, Reverse(width(action.place))));
        actions
    }

    fn deed(&mut self, path: &Path, spec: &Scenario, given: &spec::Action) -> Deed {
        let replaced = |default: bool| given.replace.unwrap_or(default);
        let deed = match given.deed {
            spec::Deed::Revoke => return Deed::Revoke { replaced: replaced(true) },
            spec::Deed::Delete => return Deed::Delete { replaced: replaced(false) },
            spec::Deed::Enable => Deed::Enable,
            spec::Deed::Disable => Deed::Disable,
            spec::Deed::RegenerateKey => Deed::RegenerateKey,
        };
        if deed == Deed::RegenerateKey && spec.provisioning.key_regeneration.is_none() {
            let message =
                "this has no effect: without `provisioning.key_regeneration` keys never get too old";
            self.report.warning(&path.key("do"), message, "give `key_regeneration`, or leave it out");
        }
        if given.replace.is_some() {
            let message = "only what is revoked or deleted can be replaced";
            self.report.meaning(&path.key("replace"), message, "leave it out");
        }
        deed
    }
}

/// Wider places come first within an instant.
fn width(place: Place) -> u8 {
    match place {
        Place::Connector(..) => 0,
        Place::Group(_) => 1,
        Place::Domain(..) => 2,
        Place::Site(_) => 3,
        Place::Region(_) => 4,
        Place::Fleet => 5,
    }
}
