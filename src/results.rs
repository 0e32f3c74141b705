//! A folder of results: written as a whole, read back for replay.
//!
//! All files are collected in a folder inside and take their places together at the end. `manifest.json` comes last and
//! is removed first, so a folder with a manifest is complete, and a run that stops early, or finds the disk full, leaves
//! an earlier run's results as they were. One run at a time writes to a folder. It belongs to one scenario, by name, and to one
//! kind of results: runs, compared or not, a plan, or a sweep. Files that a user adds are left alone.

pub mod folder;
mod lock;
pub mod manifest;
pub mod spool;

pub use folder::Folder;
pub use manifest::{Entry, Kind, Manifest, TraceEntry};
pub use spool::Spool;

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::files::{FileError, read_text};
use crate::scenario::{self, Problems, Study};

/// Counts the changes of the model that change results for the same scenario and seed.
pub const MODEL_REVISION: u32 = 1;

/// The name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The name of the self-contained scenario.
pub const SCENARIO: &str = "scenario.toml";

/// Why results cannot be written or read.
#[derive(Debug, Error)]
pub enum ResultsError {
    /// A file or folder cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder holds something else.
    #[error("{} holds results of the scenario `{other}`; choose another folder with --out, or delete it", path.display())]
    OtherScenario {
        /// The folder.
        path: PathBuf,
        /// The scenario whose results it holds.
        other: String,
    },
    /// The folder holds results of another kind.
    #[error(
        "{} holds results of {}, and those of {} would replace them; choose another folder with --out, or delete it",
        path.display(),
        other.commands(),
        kind.commands()
    )]
    OtherKind {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        other: Kind,
        /// What was to be written.
        kind: Kind,
    },
    /// The folder has files, but no results.
    #[error(
        "{} is not a folder of results, but holds `{found}`; choose an empty or new folder with --out",
        path.display()
    )]
    NotResults {
        /// The folder.
        path: PathBuf,
        /// A file in it.
        found: String,
    },
    /// There is no manifest.
    #[error(
        "{} holds no complete results: it has no {MANIFEST}; give the folder that `fleetcast run` wrote, or run again",
        path.display()
    )]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest is not one.
    #[error("cannot read {}: {reason}; run the scenario again", path.display())]
    BadManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The results come from another revision of the model.
    #[error(
        "the results in {} were made by fleetcast {version} with model revision {revision}, this program has revision \
         {MODEL_REVISION}; use that version, or run the scenario again",
        path.display()
    )]
    OtherRevision {
        /// The folder.
        path: PathBuf,
        /// The program that made them.
        version: String,
        /// Its model revision.
        revision: u32,
    },
    /// The scenario in the folder cannot be read.
    #[error("{} in the folder of results has problems:\n{}", SCENARIO, problems.render(false))]
    Scenario {
        /// What is wrong with it.
        problems: Box<Problems>,
    },
    /// The scenario in the folder is not the one that was simulated.
    #[error("{} was changed after the run that made these results; run it again", path.display())]
    ScenarioChanged {
        /// The file.
        path: PathBuf,
    },
    /// Another run has not ended.
    #[error("another run is writing to {}; wait for its end, or choose another folder with --out", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A file could not be written, before anything was replaced.
    #[error(
        "cannot write {}: {source}; check free space and permissions; earlier results there are untouched",
        path.display()
    )]
    Unwritten {
        /// The place it would have.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be put in place or removed, while earlier results were being replaced.
    #[error("cannot {action} {}: {source}; the results there are incomplete now, run again", path.display())]
    Incomplete {
        /// What was tried: "write" or "remove".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Rows could not be set aside or joined.
    #[error(
        "cannot write rows of {name} in {}: {source}; check the free space; earlier results there are untouched",
        path.display()
    )]
    Spool {
        /// The result file.
        name: &'static str,
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl ResultsError {
    fn unwritten(path: &Path, source: std::io::Error) -> ResultsError {
        ResultsError::Unwritten { path: path.to_owned(), source }
    }
}

/// Complete results, read back.
#[derive(Debug)]
pub struct Results {
    /// Where they are.
    pub path: PathBuf,
    /// What they are.
    pub manifest: Manifest,
    /// The study that they come from, compiled from the scenario beside them.
    pub study: Study,
}

impl Results {
    /// Opens the folder at `path`.
    ///
    /// # Errors
    /// If it holds no complete results of this revision of the model, or its scenario was changed.
    pub fn open(path: &Path) -> Result<Results, ResultsError> {
        let manifest = Manifest::read(path)?;
        let Some(manifest) = manifest else {
            return Err(match std::fs::metadata(path) {
                Ok(_) => ResultsError::NoManifest { path: path.to_owned() },
                Err(source) => FileError { action: "read", path: path.to_owned(), source }.into(),
            });
        };
        if manifest.model_revision != MODEL_REVISION {
            let Manifest { version, model_revision: revision, .. } = manifest;
            return Err(ResultsError::OtherRevision { path: path.to_owned(), version, revision });
        }
        let scenario = path.join(SCENARIO);
        let text = read_text(&scenario)?;
        let study = scenario::read(&text, SCENARIO, path, &[])
            .map_err(|problems| ResultsError::Scenario { problems: Box::new(problems) })?;
        if study.hash != manifest.scenario_hash {
            return Err(ResultsError::ScenarioChanged { path: scenario });
        }
        Ok(Results { path: path.to_owned(), manifest, study })
    }
}
