//! One run at a time writes to a folder.
//!
//! An advisory lock on a file in the folder. The system releases it when a run is killed, so a file that is left over
//! locks nobody out; otherwise the file goes with the run, and finished folders have none.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::ResultsError;

/// The name of the file.
pub(super) const LOCK: &str = ".fleetcast.lock";

/// The lock on a folder, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock of `folder`.
    ///
    /// # Errors
    /// If another run has it, or no file can be made there.
    pub(super) fn take(folder: &Path) -> Result<Lock, ResultsError> {
        let path = folder.join(LOCK);
        let fail = |source| ResultsError::unwritten(&path, source);
        loop {
            let file =
                OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(fail)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    return Err(ResultsError::InUse { path: folder.to_owned() });
                }
                // Some network file systems know no locks; that should not keep anybody from simulating there.
                Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
                    return Err(fail(error));
                }
                _ if is_removed(&file) => {}
                _ => return Ok(Lock { path, _file: file }),
            }
        }
    }
}

/// Whether the run before removed the file after we had opened it: our lock would then be on nothing.
#[cfg(unix)]
fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|of| of.nlink() == 0)
}

#[cfg(not(unix))]
fn is_removed(_: &File) -> bool {
    false
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while still locked; what cannot be removed is in nobody's way.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let message = Lock::take(folder.path()).unwrap_err().to_string();
        assert!(message.contains("another run"), "{message}");
        drop(first);
        assert!(!folder.path().join(LOCK).exists());
        drop(Lock::take(folder.path()).unwrap());
    }

    #[test]
    fn the_file_of_a_killed_run_locks_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LOCK), "").unwrap();
        drop(Lock::take(folder.path()).unwrap());
        assert!(!folder.path().join(LOCK).exists());
    }
}
