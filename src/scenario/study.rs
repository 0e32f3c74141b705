//! A compiled, valid scenario.

use std::path::Path;

use serde::Serialize;
use toml::Value;

use super::explain;
use super::problem::Problems;
use crate::calendar::{Clock, Zone};
use crate::simulation::Model;
use crate::time::Span;

/// A compiled, valid scenario: nothing in it can fail when it is simulated.
#[derive(Clone, Debug)]
pub struct Study {
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub description: String,
    /// What is simulated.
    pub model: Model,
    /// When it begins.
    pub clock: Clock,
    /// The zones of the sites, in their order.
    pub zones: Vec<Zone>,
    /// Growth of the demand series per year, in their order; 0.2: by a fifth.
    pub growth_per_year: Vec<f64>,
    /// Whether it is about the long run, and not about its own time.
    pub is_steady_state: bool,
    /// Whether its warm-up is still to be worked out, by MSER-5.
    pub truncates: bool,
    /// Whether its warm-up was worked out so ([`Study::measured_from`]).
    pub is_truncated: bool,
    /// How many replications it asks for.
    pub replications: u32,
    /// What is recorded.
    pub outputs: Outputs,
    /// How results are judged.
    pub estimates: Estimates,
    /// The files that were read beside scenario files.
    pub traces: Vec<TraceDigest>,
    /// BLAKE3 of the self-contained scenario, in hexadecimal.
    pub hash: String,
    /// The causes that were taken away from it ([`Study::without`]); none as it is read.
    pub without: Vec<String>,
    /// What it says without effect; often nothing.
    pub warnings: Problems,
    pub(super) resolved: toml::Value,
    pub(super) contained: toml::Value,
}

impl Study {
    /// The resolved scenario as a scenario file: imports and presets inlined, every default filled in. Compiled in
    /// the folder of the original it gives an identical study.
    pub fn explain(&self) -> String {
        explain::document(&self.resolved)
    }

    /// Like [`Study::explain`], for a reader who stands elsewhere: files are named by way of `folder`, the folder of the
    /// original as seen from there.
    pub fn explain_from(&self, folder: &Path) -> String {
        let mut resolved = self.resolved.clone();
        move_files(&mut resolved, folder);
        explain::document(&resolved)
    }

    /// Like [`Study::explain`], with the contents of traces and measured durations in place of the names of their
    /// files, so that it can be simulated anywhere.
    pub fn self_contained(&self) -> String {
        explain::document(&self.contained)
    }

    /// How much of the beginning of every run is not counted, where that is anything or was worked out.
    pub fn warm_up(&self) -> Option<String> {
        let cut = self.model.measured_from.since_start();
        (cut > Span::ZERO || self.is_truncated).then(|| cut.to_string())
    }

    /// The cause labels of the failure classes, in their order.
    pub fn causes(&self) -> Vec<String> {
        self.model.environment.failures.iter().map(|class| class.cause.clone()).collect()
    }
}

/// Puts `folder` before the name of every file that is relative.
fn move_files(value: &mut Value, folder: &Path) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| move_files(item, folder)),
        Value::Table(table) => {
            for (key, inner) in table.iter_mut() {
                match inner {
                    Value::String(file) if key == "file" => {
                        *file = folder.join(file.as_str()).to_string_lossy().into_owned();
                    }
                    inner => move_files(inner, folder),
                }
            }
        }
        _ => {}
    }
}

/// A file that was read beside scenario files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceDigest {
    /// Its name relative to the scenario; only its last part where the scenario gives an absolute one, so that results
    /// do not depend on the machine.
    pub file: String,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub blake3: String,
}

/// What is recorded, groups by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Outputs {
    /// Every change of a connector.
    pub transitions: Selection,
    /// Every change of a group.
    pub group_status: Selection,
    /// The chart of the CPU load.
    pub cpu_load: Selection,
    /// Length of a bucket of that chart.
    pub bucket: Span,
    /// Sampling interval of the overview.
    pub overview_every: Span,
    /// Name of the metric that reports show first.
    pub key_metric: String,
}

/// Which replications and groups are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The replications; `None`: all.
    pub replications: Option<Vec<u32>>,
    /// The groups by index, ascending; `None`: all.
    pub groups: Option<Vec<usize>>,
}

impl Selection {
    /// Whether anything of `replication` is recorded.
    pub fn replication(&self, replication: u32) -> bool {
        self.replications.as_ref().is_none_or(|these| these.contains(&replication))
    }

    /// Whether `group` is recorded, in the replications that are.
    pub fn group(&self, group: usize) -> bool {
        self.groups.as_ref().is_none_or(|these| these.binary_search(&group).is_ok())
    }
}

/// How results are estimated and judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimates {
    /// Confidence of intervals.
    pub confidence: f64,
    /// Replications are added until the half-width of the key metric is at most this share of its mean.
    pub precision: Option<f64>,
    /// With `precision`: at most so many.
    pub max_replications: u32,
    /// Margins by metric, in the metric's unit.
    pub margins: Vec<(String, f64)>,
    /// Share of a month in which a group should have a serving connector.
    pub objective: f64,
}

impl Estimates {
    /// How many replications there may be because of the precision asked for; 0 without one.
    pub fn max_replications_if_precise(&self) -> u32 {
        if self.precision.is_some() { self.max_replications } else { 0 }
    }
}
