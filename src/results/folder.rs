//! A folder that results are written to.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::lock::{LOCK, Lock};
use super::{Entry, Kind, MANIFEST, Manifest, ResultsError, SCENARIO, Spool};
use crate::files::{FileError, WholeFile, Written, create_folder};

/// The files that a run may write, apart from the manifest. A folder without a manifest that holds others only is not
/// ours.
const OURS: [&str; 38] = [
    SCENARIO,
    "metrics.csv",
    "summary.csv",
    "comparison.csv",
    "pareto.csv",
    "selection.csv",
    "sweep.csv",
    "effects.csv",
    "transitions.csv",
    "group_status.csv",
    "overview.csv",
    "cpu_load.csv",
    "capacity.csv",
    "episodes.csv",
    "objectives.csv",
    "warm_up.csv",
    "rollouts.csv",
    "unfinished.csv",
    "operators.csv",
    "provisioning.csv",
    "blame.csv",
    "plan.csv",
    "sizes.csv",
    "sensitivity.csv",
    "calendar.csv",
    "sizes.svg",
    "calendar.svg",
    "report.html",
    "fleet.svg",
    "rollouts.svg",
    "cpu_load.svg",
    "cpu_week.svg",
    "comparison.svg",
    "blame.svg",
    "pareto.svg",
    "cost_risk.svg",
    "main_effects.svg",
    "interactions.svg",
];

/// Beginning of the name of the folder inside in which a run collects its files.
const NEW: &str = ".fleetcast-new-";

/// A folder of results under construction. Until it is [finished](Folder::finish), an earlier run's results are
/// untouched; dropped before, it leaves no trace.
#[derive(Debug)]
pub struct Folder {
    // Dropped before the lock, so that nobody takes it for that of a killed run.
    new: TempDir,
    _lock: Lock,
    // Dropped last: what is in the folder keeps it.
    _made: Made,
    path: PathBuf,
    earlier: Option<Manifest>,
    files: Vec<Entry>,
}

impl Folder {
    /// Prepares the folder at `path`, made if it does not exist, for results of this kind of `scenario`.
    ///
    /// # Errors
    /// If it holds anything but results of this kind of this scenario, cannot be written to, or another run is writing
    /// to it.
    pub fn create(path: &Path, scenario: &str, kind: Kind) -> Result<Folder, ResultsError> {
        let made = Made::missing(path);
        create_folder(path)?;
        let lock = Lock::take(path)?;
        let earlier = match Manifest::read(path) {
            Err(ResultsError::BadManifest { .. }) => None,
            other => other?,
        };
        match &earlier {
            Some(manifest) if manifest.scenario != scenario => {
                let other = manifest.scenario.clone();
                return Err(ResultsError::OtherScenario { path: path.to_owned(), other });
            }
            Some(manifest) if manifest.kind() != kind => {
                let other = manifest.kind();
                return Err(ResultsError::OtherKind { path: path.to_owned(), other, kind });
            }
            Some(_) => {}
            None => refuse_foreign(path)?,
        }
        remove_left_over(path)?;
        let new = tempfile::Builder::new().prefix(NEW).tempdir_in(path);
        let new = new.map_err(|source| ResultsError::unwritten(path, source))?;
        Ok(Folder { new, _lock: lock, _made: made, path: path.to_owned(), earlier, files: Vec::new() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files written so far.
    pub fn files(&self) -> &[Entry] {
        &self.files
    }

    /// An empty spool on the same disk, for rows of the file `name`.
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn spool(&self, name: &'static str) -> Result<Spool, ResultsError> {
        Spool::new(self.new.path()).map_err(|source| ResultsError::Spool {
            name,
            path: self.path.clone(),
            source,
        })
    }

    /// Writes the file `name`.
    ///
    /// # Errors
    /// If that fails.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), ResultsError> {
        let written = self.collect(name, |file| file.write_all(bytes))?;
        self.files.push(Entry::new(name, &written));
        Ok(())
    }

    /// Writes the file `name` from its `header` line and the rows of `spool`.
    ///
    /// # Errors
    /// As for [`Folder::write`].
    pub fn write_spooled(&mut self, name: &str, header: &str, spool: &mut Spool) -> Result<(), ResultsError> {
        let written = self.collect(name, |file| {
            writeln!(file, "{header}")?;
            spool.join(file)
        })?;
        self.files.push(Entry::new(name, &written));
        Ok(())
    }

    /// Puts the files in place of an earlier run's and writes the manifest: the results are complete.
    ///
    /// # Errors
    /// If a file cannot be written, removed or put in place; the error says whether earlier results are untouched.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<Manifest, ResultsError> {
        self.files.sort_by(|a, b| a.name.cmp(&b.name));
        manifest.files = std::mem::take(&mut self.files);
        // The last that needs space on the disk.
        self.collect(MANIFEST, |file| file.write_all(manifest.to_json().as_bytes()))?;
        let path = self.path.join(MANIFEST);
        remove(&path).map_err(|source| ResultsError::unwritten(&path, source))?;
        for entry in &manifest.files {
            self.put_in_place(&entry.name)?;
        }
        self.remove_stale(&manifest)?;
        self.put_in_place(MANIFEST)?;
        Ok(manifest)
    }

    /// Writes a file among the new ones.
    fn collect(
        &self,
        name: &str,
        write: impl FnOnce(&mut WholeFile) -> io::Result<()>,
    ) -> Result<Written, ResultsError> {
        let fail = |source| ResultsError::unwritten(&self.path.join(name), source);
        let mut file = WholeFile::create(self.new.path().join(name)).map_err(|error| fail(error.source))?;
        write(&mut file).map_err(fail)?;
        file.finish().map_err(|error| fail(error.source))
    }

    fn put_in_place(&self, name: &str) -> Result<(), ResultsError> {
        let path = self.path.join(name);
        std::fs::rename(self.new.path().join(name), &path).map_err(|source| ResultsError::Incomplete {
            action: "write",
            path,
            source,
        })
    }

    /// Removes what only an earlier run wrote.
    fn remove_stale(&self, manifest: &Manifest) -> Result<(), ResultsError> {
        let earlier = self.earlier.iter().flat_map(|earlier| &earlier.files).map(|entry| entry.name.as_str());
        for name in earlier.chain(OURS) {
            let safe = Path::new(name).file_name().is_some_and(|last| last == name);
            if safe && manifest.files.iter().all(|entry| entry.name != name) {
                let path = self.path.join(name);
                remove(&path).map_err(|source| ResultsError::Incomplete {
                    action: "remove",
                    path,
                    source,
                })?;
            }
        }
        Ok(())
    }
}

/// The folders that did not exist before, the innermost first. Dropped, those that are empty go again.
#[derive(Debug)]
struct Made(Vec<PathBuf>);

impl Made {
    fn missing(path: &Path) -> Made {
        let named = path.ancestors().filter(|folder| !folder.as_os_str().is_empty());
        Made(named.take_while(|folder| !folder.exists()).map(Path::to_owned).collect())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // A folder that holds something stays, for it cannot be removed like this.
        self.0.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes what runs that were killed had collected.
fn remove_left_over(path: &Path) -> Result<(), ResultsError> {
    for name in names(path)?.iter().filter(|name| name.starts_with(NEW)) {
        let left = path.join(name);
        std::fs::remove_dir_all(&left).map_err(|source| FileError {
            action: "remove",
            path: left,
            source,
        })?;
    }
    Ok(())
}

/// The names of all that is in a folder, in order.
fn names(path: &Path) -> Result<Vec<String>, FileError> {
    let fail = |source| FileError { action: "read", path: path.to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(fail)? {
        names.push(entry.map_err(fail)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Refuses a folder without a manifest that holds files of others and none of ours.
fn refuse_foreign(path: &Path) -> Result<(), ResultsError> {
    let ours = |name: &str| OURS.contains(&name) || name == MANIFEST || name == LOCK || name.starts_with(NEW);
    match names(path)?.into_iter().find(|name| !ours(name)) {
        Some(found) => Err(ResultsError::NotResults { path: path.to_owned(), found }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(scenario: &str) -> Manifest {
        Manifest {
            program: "fleetcast".into(),
            version: "0.0.0".into(),
            model_revision: 1,
            scenario: scenario.into(),
            scenario_hash: "00".into(),
            without: Vec::new(),
            warm_up: None,
            truncated_by: None,
            seed: 1,
            replications: 2,
            interrupted: false,
            varied: Vec::new(),
            points: 0,
            policies: vec!["p".into()],
            files: Vec::new(),
            traces: Vec::new(),
        }
    }

    fn names(path: &Path) -> Vec<String> {
        super::names(path).unwrap()
    }

    #[test]
    fn a_second_run_replaces_the_first_and_keeps_the_users_files() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("results/a");
        let mut folder = Folder::create(&path, "a", Kind::Runs).unwrap();
        folder.write("metrics.csv", b"x\n1\n2\n").unwrap();
        folder.write("cpu_load.csv", b"x\n").unwrap();
        let written = folder.finish(manifest("a")).unwrap();
        assert_eq!(written.files[1].rows, Some(2));
        std::fs::write(path.join("notes.md"), "mine").unwrap();

        let folder = Folder::create(&path, "a", Kind::Runs).unwrap();
        drop(folder);
        assert_eq!(names(&path), ["cpu_load.csv", "manifest.json", "metrics.csv", "notes.md"]);

        let mut folder = Folder::create(&path, "a", Kind::Runs).unwrap();
        let mut spool = folder.spool("metrics.csv").unwrap();
        spool.append((0, 0), |out| out.extend_from_slice(b"3\n")).unwrap();
        folder.write_spooled("metrics.csv", "x", &mut spool).unwrap();
        assert_eq!(std::fs::read_to_string(path.join("metrics.csv")).unwrap(), "x\n1\n2\n");
        folder.finish(manifest("a")).unwrap();
        assert_eq!(names(&path), ["manifest.json", "metrics.csv", "notes.md"]);
        assert_eq!(std::fs::read_to_string(path.join("metrics.csv")).unwrap(), "x\n3\n");
        assert_eq!(Manifest::read(&path).unwrap().unwrap().files.len(), 1);
    }

    #[test]
    fn a_folder_of_another_scenario_or_of_others_is_refused() {
        let home = tempfile::tempdir().unwrap();
        Folder::create(home.path(), "a", Kind::Runs).unwrap().finish(manifest("a")).unwrap();
        let message = Folder::create(home.path(), "b", Kind::Runs).unwrap_err().to_string();
        assert!(message.contains("results of the scenario `a`"), "{message}");
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("thesis.tex"), "").unwrap();
        let message = Folder::create(other.path(), "a", Kind::Runs).unwrap_err().to_string();
        assert!(message.contains("thesis.tex"), "{message}");
    }

    /// A run into the folder of a plan would take its files away, and the other way round.
    #[test]
    fn results_of_another_kind_are_not_replaced() {
        let home = tempfile::tempdir().unwrap();
        let mut planned = Folder::create(home.path(), "a", Kind::Plan).unwrap();
        planned.write("plan.csv", b"x\n").unwrap();
        planned.finish(manifest("a")).unwrap();
        for kind in [Kind::Runs, Kind::Sweep] {
            let message = Folder::create(home.path(), "a", kind).unwrap_err().to_string();
            assert!(
                message.contains("results of `fleetcast plan`") && message.contains("--out"),
                "{message}"
            );
        }
        assert_eq!(names(home.path()), ["manifest.json", "plan.csv"]);
        drop(Folder::create(home.path(), "a", Kind::Plan).unwrap());
    }

    #[test]
    fn a_run_that_stops_leaves_no_folder_that_it_made() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("results/a");
        drop(Folder::create(&path, "a", Kind::Runs).unwrap());
        assert_eq!(names(home.path()), [""; 0]);
        std::fs::create_dir(home.path().join("results")).unwrap();
        drop(Folder::create(&path, "a", Kind::Runs).unwrap());
        assert_eq!(names(home.path()), ["results"], "it was there before");
    }

    #[test]
    fn a_run_that_fails_leaves_earlier_results_as_they_were() {
        let home = tempfile::tempdir().unwrap();
        let mut folder = Folder::create(home.path(), "a", Kind::Runs).unwrap();
        folder.write("metrics.csv", b"x\n1\n").unwrap();
        folder.finish(manifest("a")).unwrap();
        let before = Manifest::read(home.path()).unwrap();

        let mut folder = Folder::create(home.path(), "a", Kind::Runs).unwrap();
        folder.write("metrics.csv", b"x\n2\n").unwrap();
        std::fs::remove_dir_all(folder.new.path()).unwrap();
        let message = folder.write("summary.csv", b"x\n").unwrap_err().to_string();
        let path = home.path().join("summary.csv").display().to_string();
        assert!(message.contains(&path) && message.contains("untouched"), "{message}");
        let message = folder.finish(manifest("a")).unwrap_err().to_string();
        assert!(message.contains("untouched"), "{message}");
        assert_eq!(names(home.path()), ["manifest.json", "metrics.csv"]);
        assert_eq!(std::fs::read_to_string(home.path().join("metrics.csv")).unwrap(), "x\n1\n");
        assert_eq!(Manifest::read(home.path()).unwrap(), before);
    }

    #[test]
    fn an_error_while_files_take_their_places_says_that_results_are_incomplete() {
        let home = tempfile::tempdir().unwrap();
        let mut folder = Folder::create(home.path(), "a", Kind::Runs).unwrap();
        folder.write("metrics.csv", b"x\n").unwrap();
        std::fs::create_dir(home.path().join("metrics.csv")).unwrap();
        let message = folder.finish(manifest("a")).unwrap_err().to_string();
        assert!(message.contains("incomplete") && !message.contains("untouched"), "{message}");
        assert_eq!(names(home.path()), ["metrics.csv"]);
    }

    #[test]
    fn what_a_killed_run_left_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let left = home.path().join(".fleetcast-new-abc");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join("metrics.csv"), "x\n").unwrap();
        std::fs::write(home.path().join("metrics.csv"), "x\n").unwrap();
        std::fs::write(home.path().join(LOCK), "").unwrap();
        Folder::create(home.path(), "a", Kind::Runs).unwrap().finish(manifest("a")).unwrap();
        assert_eq!(names(home.path()), ["manifest.json"]);
    }

    #[test]
    fn two_runs_cannot_write_to_one_folder() {
        let home = tempfile::tempdir().unwrap();
        let mut first = Folder::create(home.path(), "a", Kind::Runs).unwrap();
        assert!(matches!(Folder::create(home.path(), "a", Kind::Runs), Err(ResultsError::InUse { .. })));
        first.write("metrics.csv", b"x\n").unwrap();
        first.finish(manifest("a")).unwrap();
        assert_eq!(names(home.path()), ["manifest.json", "metrics.csv"]);
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(Folder::create(&path, "a", Kind::Runs), Err(ResultsError::File(_))));
    }
}
