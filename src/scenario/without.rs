//! A scenario without one of its causes: the counterfactual that blame is compared with.
//!
//! What is taken away is taken out of the resolved scenario, which is then read like any other, so it can be written
//! down and simulated again. Random streams are keyed by names, so everything else has the same luck.

use std::path::Path;

use toml::{Table, Value};

use super::explain;
use super::problem::Problems;
use super::report::nearest;
use super::study::Study;
use crate::fleet::cause::RESERVED;

/// Causes that can be taken away beside failure classes.
const NATURE: [&str; 3] = ["update", "bad_release", "expired"];

/// Why there is no such scenario.
#[derive(Debug)]
pub enum WithoutError {
    /// No such cause, or one that cannot be taken away.
    Cause(String),
    /// What is left is no scenario.
    Scenario(Problems),
}

impl Study {
    /// The study without `causes`: failure classes by their names or cause labels; `update` (connectors serve while they
    /// are updated), `bad_release` (every release is good), `expired` (nobody expires). `folder` is that of the scenario.
    ///
    /// # Errors
    /// If a cause is unknown or a consequence of others.
    pub fn without(&self, causes: &[String], folder: &Path) -> Result<Study, WithoutError> {
        let mut root = self.resolved.as_table().cloned().unwrap_or_default();
        for cause in causes {
            self.take_away(&mut root, cause).map_err(WithoutError::Cause)?;
        }
        let note = format!("Without {}.", causes.join(", "));
        let description = format!("{} {note}", self.description);
        root.insert("description".to_owned(), description.trim().into());
        let text = explain::document(&Value::Table(root));
        let study = super::read(&text, "the scenario without the causes", folder, &[]);
        let study = study.map_err(WithoutError::Scenario)?;
        // Its own warnings would point into the text that was made here.
        Ok(Study { without: causes.to_vec(), warnings: self.warnings.clone(), ..study })
    }

    fn take_away(&self, root: &mut Table, cause: &str) -> Result<(), String> {
        let horizon = root.get("horizon").cloned().unwrap_or("1d".into());
        match cause {
            "update" => {
                set(root, "updates", "serve_while_updating", true.into());
                set(root, "updates", "update_drops_sessions", false.into());
            }
            "bad_release" => every_release_is_good(root),
            "expired" => {
                // Nobody is down for longer than the run.
                set(root, "validation", "expiry", "grace".into());
                set(root, "validation", "grace", horizon);
            }
            class => {
                let name = self.class(class)?;
                if let Some(Value::Table(classes)) = root.get_mut("failures") {
                    classes.remove(name);
                }
            }
        }
        Ok(())
    }

    /// The name of the failure class that is called so, or whose cause is.
    fn class(&self, cause: &str) -> Result<&str, String> {
        let classes = &self.model.environment.failures;
        if let Some(class) = classes.iter().find(|class| class.cause == cause || class.name == cause) {
            return Ok(&class.name);
        }
        if RESERVED.contains(&cause) {
            return Err(format!(
                "`{cause}` follows from other causes or from settings and cannot be taken away by itself; {}",
                self.known()
            ));
        }
        let labels = classes.iter().flat_map(|class| [class.cause.as_str(), class.name.as_str()]);
        let meant = nearest(cause, labels.chain(NATURE));
        let hint = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
        Err(format!("there is no cause `{cause}`; {hint}{}", self.known()))
    }

    fn known(&self) -> String {
        let classes = self.model.environment.failures.iter().map(|class| class.cause.as_str());
        let known: Vec<&str> = classes.chain(NATURE).collect();
        format!("it can be {}", known.join(", "))
    }
}

fn table<'a>(root: &'a mut Table, name: &str) -> Option<&'a mut Table> {
    root.entry(name).or_insert(Value::Table(Table::new())).as_table_mut()
}

fn set(root: &mut Table, name: &str, key: &str, value: Value) {
    if let Some(table) = table(root, name) {
        table.insert(key.to_owned(), value);
    }
}

fn every_release_is_good(root: &mut Table) {
    let Some(releases) = table(root, "releases") else { return };
    if let Some(bad) = table(releases, "bad") {
        bad.insert("probability".to_owned(), 0.0.into());
    }
    let dates = releases.get_mut("dates").and_then(Value::as_array_mut);
    for release in dates.into_iter().flatten().filter_map(Value::as_table_mut) {
        if release.contains_key("bad") {
            release.insert("bad".to_owned(), false.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Expiry;
    use crate::environment::release::ReleaseDates;
    use crate::time::{DAY, Span};

    const SCENARIO: &str = r#"
        name = "small"
        start = "2026-01-05T00:00:00+00:00[UTC]"
        horizon = "30d"
        [instances.medium]
        capacity_mbps = 500.0
        [[fleet.regions]]
        name = "eu"
        [[fleet.sites]]
        name = "fra"
        region = "eu"
        [[fleet.groups]]
        name = "app"
        site = "fra"
        connectors = 3
        instance = "medium"
        demand = "office"
        [demand.office]
        users = 1000
        mbps_per_user = 0.25
        [failures.node]
        preset = "lanl-node"
        [failures.site_power]
        cause = "power"
        scope = "site"
        time_to_failure = { dist = "exponential", mean = "40d" }
        time_to_restore = { dist = "constant", value = "5h" }
        [releases]
        dates = [{ at = "2026-01-19T00:00:00", bad = true }, "2026-01-26T00:00:00"]
        bad = { probability = 0.5, cpu_multiplier = 2.0 }
    "#;

    fn small() -> Study {
        crate::scenario::read(SCENARIO, "small.toml", Path::new(""), &[]).unwrap()
    }

    fn without(causes: &[&str]) -> Result<Study, String> {
        let causes: Vec<String> = causes.iter().map(|&cause| cause.to_owned()).collect();
        small().without(&causes, Path::new("")).map_err(|error| match error {
            WithoutError::Cause(message) => message,
            WithoutError::Scenario(problems) => problems.to_string(),
        })
    }

    #[test]
    fn a_class_is_taken_away_by_its_name_or_its_cause() {
        assert_eq!(without(&["site_power"]).unwrap().causes(), ["node"]);
        assert_eq!(without(&["power"]).unwrap().causes(), ["node"]);
        let neither = without(&["power", "node"]).unwrap();
        assert!(neither.causes().is_empty());
        assert_eq!(neither.without, ["power", "node"]);
        assert_eq!(neither.description, "Without power, node.");
    }

    #[test]
    fn nature_is_without_updates_bad_releases_or_expiry() {
        assert!(without(&["update"]).unwrap().model.environment.updates.serve_while_updating);
        let releases = without(&["bad_release"]).unwrap().model.environment.releases;
        assert_eq!((releases.bad.probability, releases.bad.cpu_multiplier), (0.0, 2.0));
        let ReleaseDates::Explicit(dates) = releases.dates else { panic!("not dates") };
        assert_eq!(dates.iter().map(|date| date.bad).collect::<Vec<_>>(), [Some(false), None]);
        let expiry = without(&["expired"]).unwrap().model.environment.validation.expiry;
        assert_eq!(expiry, Expiry::Grace(Span(30 * DAY.0)));
    }

    #[test]
    fn what_is_left_can_be_read_again() {
        let left = without(&["node", "update", "bad_release", "expired"]).unwrap();
        let again =
            crate::scenario::read(&left.self_contained(), "scenario.toml", Path::new(""), &[]).unwrap();
        assert_eq!(again.hash, left.hash);
        assert_ne!(left.hash, small().hash);
    }

    #[test]
    fn unknown_causes_are_refused_with_the_nearest() {
        let message = without(&["pwoer"]).unwrap_err();
        assert!(message.contains("no cause `pwoer`; did you mean `power`?"), "{message}");
        assert!(message.contains("node, power, update, bad_release, expired"), "{message}");
        let message = without(&["demand"]).unwrap_err();
        assert!(message.contains("`demand` follows from"), "{message}");
    }
}
