//! A folder that results are written to.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{Entry, MANIFEST, Manifest, ResultsError, SCENARIO, Spool};
use crate::files::{FileError, WholeFile, create_folder, write_whole};

/// The files that a run may write, apart from the manifest. A folder without a manifest that holds others only is not
/// ours.
const OURS: [&str; 16] = [
    SCENARIO,
    "metrics.csv",
    "summary.csv",
    "comparison.csv",
    "transitions.csv",
    "group_status.csv",
    "overview.csv",
    "cpu_load.csv",
    "capacity.csv",
    "rollouts.csv",
    "blame.csv",
    "report.html",
    "fleet.svg",
    "rollouts.svg",
    "cpu_load.svg",
    "pareto.svg",
];

/// A folder of results under construction. Until the first file is written, an earlier run's results are untouched.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    earlier: Option<Manifest>,
    began: bool,
    files: Vec<Entry>,
}

impl Folder {
    /// Prepares the folder at `path`, made if it does not exist, for results of `scenario`.
    ///
    /// # Errors
    /// If it holds anything but results of this scenario, or cannot be written to.
    pub fn create(path: &Path, scenario: &str) -> Result<Folder, ResultsError> {
        create_folder(path)?;
        let earlier = match Manifest::read(path) {
            Err(ResultsError::BadManifest { .. }) => None,
            other => other?,
        };
        match &earlier {
            Some(manifest) if manifest.scenario != scenario => {
                let other = manifest.scenario.clone();
                return Err(ResultsError::OtherScenario { path: path.to_owned(), other });
            }
            Some(_) => {}
            None => refuse_foreign(path)?,
        }
        // Whether files can be made there is better known before the simulation than after it.
        WholeFile::create(path.join(MANIFEST))?;
        Ok(Folder { path: path.to_owned(), earlier, began: false, files: Vec::new() })
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
        Spool::new(&self.path).map_err(|source| ResultsError::Spool { name, path: self.path.clone(), source })
    }

    /// Writes the file `name`.
    ///
    /// # Errors
    /// If that fails; a file of that name is then unchanged.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), ResultsError> {
        self.begin()?;
        let written = write_whole(self.path.join(name), bytes)?;
        self.files.push(Entry::new(name, &written));
        Ok(())
    }

    /// Writes the file `name` from its `header` line and the rows of `spool`.
    ///
    /// # Errors
    /// As for [`Folder::write`].
    pub fn write_spooled(&mut self, name: &str, header: &str, spool: &mut Spool) -> Result<(), ResultsError> {
        self.begin()?;
        let mut file = WholeFile::create(self.path.join(name))?;
        let joined = writeln!(file, "{header}").and_then(|()| spool.join(&mut file));
        joined.map_err(|source| file.failed(source))?;
        self.files.push(Entry::new(name, &file.finish()?));
        Ok(())
    }

    /// Removes what is left of an earlier run and writes the manifest: the results are complete.
    ///
    /// # Errors
    /// If a file cannot be removed or written.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<Manifest, ResultsError> {
        self.begin()?;
        let earlier = self.earlier.take().into_iter().flat_map(|earlier| earlier.files);
        let ours = OURS.into_iter().map(str::to_owned);
        for name in earlier.map(|entry| entry.name).chain(ours) {
            let safe = Path::new(&name).file_name().is_some_and(|last| last == name.as_str());
            if safe && self.files.iter().all(|entry| entry.name != name) {
                remove(&self.path.join(name))?;
            }
        }
        self.files.sort_by(|a, b| a.name.cmp(&b.name));
        manifest.files = self.files;
        write_whole(self.path.join(MANIFEST), manifest.to_json().as_bytes())?;
        Ok(manifest)
    }

    /// From now on the folder is incomplete.
    fn begin(&mut self) -> Result<(), ResultsError> {
        if !self.began {
            remove(&self.path.join(MANIFEST))?;
            self.began = true;
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<(), ResultsError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(FileError { action: "remove", path: path.to_owned(), source: error }.into())
        }
        _ => Ok(()),
    }
}

/// Refuses a folder without a manifest that holds files of others and none of ours.
fn refuse_foreign(path: &Path) -> Result<(), ResultsError> {
    let fail = |source| FileError { action: "read", path: path.to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(fail)? {
        names.push(entry.map_err(fail)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let foreign = |name: &&String| !OURS.contains(&name.as_str()) && *name != MANIFEST;
    match names.iter().find(foreign) {
        Some(found) => Err(ResultsError::NotResults { path: path.to_owned(), found: found.clone() }),
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
            seed: 1,
            replications: 2,
            policies: vec!["p".into()],
            files: Vec::new(),
            traces: Vec::new(),
        }
    }

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_second_run_replaces_the_first_and_keeps_the_users_files() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("results/a");
        let mut folder = Folder::create(&path, "a").unwrap();
        folder.write("metrics.csv", b"x\n1\n2\n").unwrap();
        folder.write("cpu_load.csv", b"x\n").unwrap();
        let written = folder.finish(manifest("a")).unwrap();
        assert_eq!(written.files[1].rows, Some(2));
        std::fs::write(path.join("notes.md"), "mine").unwrap();

        let folder = Folder::create(&path, "a").unwrap();
        drop(folder);
        assert_eq!(names(&path), ["cpu_load.csv", "manifest.json", "metrics.csv", "notes.md"]);

        let mut folder = Folder::create(&path, "a").unwrap();
        let mut spool = folder.spool("metrics.csv").unwrap();
        spool.append((0, 0), |out| out.extend_from_slice(b"3\n")).unwrap();
        folder.write_spooled("metrics.csv", "x", &mut spool).unwrap();
        assert!(!path.join(MANIFEST).exists(), "incomplete from the first file on");
        folder.finish(manifest("a")).unwrap();
        assert_eq!(names(&path), ["manifest.json", "metrics.csv", "notes.md"]);
        assert_eq!(std::fs::read_to_string(path.join("metrics.csv")).unwrap(), "x\n3\n");
        assert_eq!(Manifest::read(&path).unwrap().unwrap().files.len(), 1);
    }

    #[test]
    fn a_folder_of_another_scenario_or_of_others_is_refused() {
        let home = tempfile::tempdir().unwrap();
        Folder::create(home.path(), "a").unwrap().finish(manifest("a")).unwrap();
        let message = Folder::create(home.path(), "b").unwrap_err().to_string();
        assert!(message.contains("results of the scenario `a`"), "{message}");
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("thesis.tex"), "").unwrap();
        let message = Folder::create(other.path(), "a").unwrap_err().to_string();
        assert!(message.contains("thesis.tex"), "{message}");
    }

    #[test]
    fn what_an_interrupted_run_left_is_taken_over() {
        let home = tempfile::tempdir().unwrap();
        let mut folder = Folder::create(home.path(), "a").unwrap();
        folder.write("metrics.csv", b"x\n").unwrap();
        drop(folder);
        Folder::create(home.path(), "a").unwrap().finish(manifest("a")).unwrap();
        assert_eq!(names(home.path()), ["manifest.json"]);
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(Folder::create(&path, "a"), Err(ResultsError::File(_))));
    }
}
