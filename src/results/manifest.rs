//! manifest.json: what a folder of results is. No wall clock, host name or absolute path, so that the same scenario and
//! seed give the same bytes.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{MANIFEST, MODEL_REVISION, ResultsError};
use crate::files::{FileError, Written};
use crate::scenario::Study;

/// What a folder of results is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The program: `fleetcast`.
    pub program: String,
    /// Its version.
    pub version: String,
    /// The revision of its model.
    pub model_revision: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// BLAKE3 of the self-contained scenario.
    pub scenario_hash: String,
    /// The causes that were taken away from the scenario.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// How much of the beginning of every run was simulated and not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<String>,
    /// What worked that out, if the scenario did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated_by: Option<String>,
    /// Seed of all random streams.
    pub seed: u64,
    /// How many replications were simulated of each policy.
    pub replications: u64,
    /// Whether the user stopped the run before all replications were simulated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Of a sweep: the settings that were varied; every combination of their values is a point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub varied: Vec<Varied>,
    /// Of a sweep: how many points were simulated, in order, the last setting varying fastest.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub points: u64,
    /// The policies simulated.
    pub policies: Vec<String>,
    /// The files beside this one, by name.
    pub files: Vec<Entry>,
    /// The traces that the scenario read.
    pub traces: Vec<TraceEntry>,
}

/// What kind of results a folder holds: those of one kind have the same files, and replace each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of runs, compared or not.
    Runs,
    /// Of a plan.
    Plan,
    /// Of a sweep.
    Sweep,
}

impl Kind {
    /// The commands that write them.
    pub fn commands(self) -> &'static str {
        match self {
            Kind::Runs => "`fleetcast run` or `compare`",
            Kind::Plan => "`fleetcast plan`",
            Kind::Sweep => "`fleetcast sweep`",
        }
    }
}

/// A setting of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Varied {
    /// Its dotted path.
    pub path: String,
    /// Its values.
    pub values: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// BLAKE3 of its bytes.
    pub blake3: String,
    /// Rows without the header; none for a file that is not a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// A file that the scenario read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    /// Its name relative to the scenario; only its last part where the scenario gives an absolute one.
    pub file: String,
    /// BLAKE3 of its bytes.
    pub blake3: String,
}

impl Entry {
    /// The entry of a file called `name`.
    pub fn new(name: &str, written: &Written) -> Entry {
        let rows = name.ends_with(".csv").then(|| written.lines.saturating_sub(1));
        Entry { name: name.to_owned(), blake3: written.digest.to_hex().to_string(), rows }
    }
}

impl Manifest {
    /// The manifest of a run of `study`, without files.
    pub fn new(study: &Study, policies: Vec<String>, replications: u64) -> Manifest {
        let trace = |trace: &crate::scenario::TraceDigest| TraceEntry {
            file: trace.file.clone(),
            blake3: trace.blake3.clone(),
        };
        Manifest {
            program: "fleetcast".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model_revision: MODEL_REVISION,
            scenario: study.name.clone(),
            scenario_hash: study.hash.clone(),
            without: study.without.clone(),
            warm_up: study.warm_up(),
            truncated_by: study.is_truncated.then(|| "mser-5".to_owned()),
            seed: study.model.seed,
            replications,
            interrupted: false,
            varied: Vec::new(),
            points: 0,
            policies,
            files: Vec::new(),
            traces: study.traces.iter().map(trace).collect(),
        }
    }

    /// What kind of results it is of: only a plan writes plan.csv, and only a sweep sweep.csv.
    pub fn kind(&self) -> Kind {
        let has = |name: &str| self.files.iter().any(|entry| entry.name == name);
        match (has("plan.csv"), has("sweep.csv")) {
            (true, _) => Kind::Plan,
            (_, true) => Kind::Sweep,
            _ => Kind::Runs,
        }
    }

    /// The manifest in `folder`; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or is no manifest.
    pub fn read(folder: &Path) -> Result<Option<Manifest>, ResultsError> {
        let path = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(source) => return Err(FileError { action: "read", path, source }.into()),
        };
        let bad = |reason: serde_json::Error| ResultsError::BadManifest { path, reason: reason.to_string() };
        serde_json::from_str(&text).map(Some).map_err(bad)
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a manifest has only text and numbers");
        format!("{text}\n")
    }
}
