//! The names that result files repeat in every row, quoted once.

use std::borrow::Cow;

use crate::calendar::Clock;
use crate::fleet::Cause;
use crate::simulation::Model;

/// Names of a model as cells of CSV, and the clock of their instants.
#[derive(Clone, Debug)]
pub struct Names {
    clock: Clock,
    policies: Vec<String>,
    groups: Vec<String>,
    places: Vec<String>,
    causes: Vec<String>,
}

impl Names {
    /// The names of `model`, whose instants `clock` tells.
    pub fn new(model: &Model, clock: Clock) -> Names {
        let fleet = &model.fleet;
        let place = |group: &crate::fleet::Group| {
            let site = &fleet.sites[group.site];
            let region = &fleet.regions[site.region].name;
            format!("{},{},{}", quoted(region), quoted(&site.name), quoted(&group.name))
        };
        Names {
            clock,
            policies: model.policies.iter().map(|policy| quoted(&policy.name).into_owned()).collect(),
            groups: fleet.groups.iter().map(|group| quoted(&group.name).into_owned()).collect(),
            places: fleet.groups.iter().map(place).collect(),
            causes: model
                .environment
                .failures
                .iter()
                .map(|class| quoted(&class.cause).into_owned())
                .collect(),
        }
    }

    /// What tells instants.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The name of a policy.
    pub fn policy(&self, index: usize) -> &str {
        &self.policies[index]
    }

    /// The name of a group.
    pub fn group(&self, index: usize) -> &str {
        &self.groups[index]
    }

    /// The three cells region, site, group.
    pub fn place(&self, group: usize) -> &str {
        &self.places[group]
    }

    /// The word for a cause.
    pub fn cause(&self, cause: Cause) -> &str {
        cause.label(&self.causes)
    }
}

/// `text` as a cell: quoted if it holds a comma, a quote or a line break.
pub fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_only_where_needed() {
        assert_eq!(quoted("fra-app 7"), "fra-app 7");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
    }
}
