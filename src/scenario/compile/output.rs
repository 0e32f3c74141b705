//! Outputs and estimates.

use std::collections::BTreeSet;

use super::Compiler;
use super::fleet::Index;
use crate::scenario::document::Path;
use crate::scenario::spec::{Bucket, GroupSelection, KeyMetric, ReplicationSelection, Scenario};
use crate::scenario::study::{Estimates, Outputs, Selection};
use crate::simulation::Model;
use crate::time::{DAY, HOUR, MINUTE};

impl Compiler<'_, '_> {
    pub(super) fn outputs(&mut self, spec: &Scenario, model: &Model, index: &Index) -> Outputs {
        let outputs = &spec.outputs;
        let path = Path::of("outputs");
        let mut selection = |key: &str, replications: &ReplicationSelection, groups: &GroupSelection| {
            let path = path.key(key);
            let most = spec.estimates.precision.map_or(0, |_| spec.estimates.max_replications);
            Selection {
                replications: self.replications(&path, replications, spec.replications.max(most)),
                groups: self.group_selection(&path.key("groups"), groups, model, index),
            }
        };
        Outputs {
            transitions: selection(
                "transitions",
                &outputs.transitions.replications,
                &outputs.transitions.groups,
            ),
            group_status: selection(
                "group_status",
                &outputs.group_status.replications,
                &outputs.group_status.groups,
            ),
            cpu_load: selection("cpu_load", &outputs.cpu_load.replications, &outputs.cpu_load.groups),
            bucket: match outputs.cpu_load.bucket {
                Bucket::Minute => MINUTE,
                Bucket::Hour => HOUR,
                Bucket::Day => DAY,
            },
            overview_every: outputs.overview_every.0,
            key_metric: outputs.key_metric.name().to_owned(),
        }
    }

    fn replications(
        &mut self,
        path: &Path,
        selection: &ReplicationSelection,
        number: u32,
    ) -> Option<Vec<u32>> {
        let ReplicationSelection::These(these) = selection else { return None };
        // Fewer replications on the command line than in the file are a wish, not a mistake.
        let overridden = self.report.is_set(&Path::of("replications"));
        for (at, replication) in these.iter().enumerate() {
            if *replication >= number && !overridden {
                let message = format!("there is no replication {replication}");
                let remedy = format!("replications count from 0 to {}", number - 1);
                self.report.meaning(&path.key("replications").index(at), &message, &remedy);
            }
        }
        Some(these.clone())
    }

    fn group_selection(
        &mut self,
        path: &Path,
        selection: &GroupSelection,
        model: &Model,
        index: &Index,
    ) -> Option<Vec<usize>> {
        match selection {
            GroupSelection::All => None,
            GroupSelection::Busiest(number) => Some(busiest(model, *number as usize)),
            GroupSelection::These(names) => {
                let mut groups = BTreeSet::new();
                for (at, name) in names.iter().enumerate() {
                    match index.groups.get(name) {
                        Some(found) => groups.extend(found),
                        None if self.report.is_poisoned(&Path::of("fleet")) => {}
                        None => {
                            let known = index.groups.keys().map(String::as_str);
                            self.report.unknown(&path.index(at), "group", name, known);
                        }
                    }
                }
                Some(groups.into_iter().collect())
            }
        }
    }

    pub(super) fn estimates(&mut self, spec: &Scenario) -> Estimates {
        let estimates = &spec.estimates;
        let path = Path::of("estimates").key("margins");
        let metrics = KeyMetric::ALL.iter().map(|metric| metric.name());
        for (metric, margin) in estimates.margins.iter() {
            if !metrics.clone().any(|known| known == metric) {
                self.report.unknown(&path.key(metric), "metric", metric, metrics.clone());
            }
            if *margin < 0.0 {
                self.report.meaning(&path.key(metric), "a margin is 0 or more", "give 0 or more");
            }
        }
        Estimates {
            confidence: estimates.confidence,
            precision: estimates.precision,
            max_replications: estimates.max_replications,
            margins: estimates.margins.0.clone(),
            objective: estimates.objective,
        }
    }
}

/// The `number` groups of the highest mean demand per capacity, by index; of equals the first.
fn busiest(model: &Model, number: usize) -> Vec<usize> {
    let means: Vec<f64> = model
        .environment
        .demands
        .iter()
        .map(|series| series.shape.iter().map(|&mbps| f64::from(mbps)).sum::<f64>())
        .collect();
    let load = |group: usize| {
        let group = &model.fleet.groups[group];
        let capacity =
            model.fleet.instances.get(group.instance).map_or(1.0, |instance| instance.capacity_mbps);
        means.get(group.demand).copied().unwrap_or(0.0) / (capacity * group.connectors().max(1) as f64)
    };
    let mut groups: Vec<usize> = (0..model.fleet.groups.len()).collect();
    groups.sort_by(|&a, &b| load(b).total_cmp(&load(a)).then(a.cmp(&b)));
    groups.truncate(number);
    groups.sort_unstable();
    groups
}
