//! Files are written whole or not at all.
//!
//! What is written goes to a temporary file in the same folder and takes its name in one step at the end, so a
//! reader never sees half a file, and a run that is interrupted leaves the old one as it was. Digest (BLAKE3) and
//! number of lines are taken on the way, for the manifest. Errors name the path and what to do about it.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

/// A file or folder that could not be read or written.
#[derive(Debug, Error)]
#[error("cannot {action} {}: {source}{}", path.display(), remedy(source))]
pub struct FileError {
    /// What was tried: "read", "write" or "create".
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl FileError {
    fn new(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
        move |source| FileError { action, path: path.to_owned(), source }
    }
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "; check the path, and that the folder it is in exists",
        ErrorKind::PermissionDenied => "; check the permissions of the file and its folder",
        ErrorKind::ReadOnlyFilesystem => "; the disk is read-only, choose another folder",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "; free some space or choose another folder, nothing was changed there"
        }
        ErrorKind::IsADirectory => "; it is a folder, name a file",
        ErrorKind::AlreadyExists => "; a file of this name is in the way, choose another folder",
        ErrorKind::NotADirectory => "; a part of the path is a file, not a folder",
        _ => "",
    }
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// Its BLAKE3 digest.
    pub digest: blake3::Hash,
    /// Its length in bytes.
    pub bytes: u64,
    /// The number of lines that end in it, a header included.
    pub lines: u64,
}

/// A file that is being written and appears at its path only when it is [finished](WholeFile::finish). Dropped
/// before, it leaves no trace.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    sink: BufWriter<Counted>,
}

impl WholeFile {
    /// Begins the file at `path`, in a folder that exists.
    ///
    /// # Errors
    /// If the folder is missing or cannot be written to.
    pub fn create(path: impl Into<PathBuf>) -> Result<WholeFile, FileError> {
        let path = path.into();
        let file = temporary_in(folder_of(&path)).map_err(FileError::new("write", &path))?;
        let counted = Counted { file, hasher: blake3::Hasher::new(), bytes: 0, lines: 0 };
        Ok(WholeFile { path, sink: BufWriter::with_capacity(1 << 16, counted) })
    }

    /// The path it will have.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The error for a write to it that failed, with its path.
    pub fn failed(&self, source: io::Error) -> FileError {
        FileError { action: "write", path: self.path.clone(), source }
    }

    /// Gives the file its name, in place of one that has it, with all that was written safely on the disk.
    ///
    /// # Errors
    /// If the rest cannot be written or the file cannot take its name; what was at the path is then unchanged.
    pub fn finish(self) -> Result<Written, FileError> {
        let WholeFile { path, sink } = self;
        let fail = |source| FileError { action: "write", path: path.clone(), source };
        let counted = sink.into_inner().map_err(|error| fail(error.into_error()))?;
        counted.file.as_file().sync_all().map_err(fail)?;
        counted.file.persist(&path).map_err(|error| fail(error.error))?;
        let (digest, bytes, lines) = (counted.hasher.finalize(), counted.bytes, counted.lines);
        Ok(Written { path, digest, bytes, lines })
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Counts and hashes what reaches the file; below the buffer, so in large pieces.
#[derive(Debug)]
struct Counted {
    file: NamedTempFile,
    hasher: blake3::Hasher,
    bytes: u64,
    lines: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.as_file_mut().write(bytes)?;
        let written = &bytes[..length];
        self.hasher.update(written);
        self.bytes += length as u64;
        self.lines += written.iter().filter(|&&byte| byte == b'\n').count() as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// Writes `bytes` as the whole file at `path`.
///
/// # Errors
/// As for [`WholeFile`].
pub fn write_whole(path: impl Into<PathBuf>, bytes: &[u8]) -> Result<Written, FileError> {
    let mut file = WholeFile::create(path)?;
    file.write_all(bytes).map_err(|source| file.failed(source))?;
    file.finish()
}

/// The text of the file at `path`.
///
/// # Errors
/// If it cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    std::fs::read_to_string(path).map_err(FileError::new("read", path))
}

/// The BLAKE3 digest of the file at `path`.
///
/// # Errors
/// If it cannot be read.
pub fn digest(path: &Path) -> Result<blake3::Hash, FileError> {
    digest_of(path).map_err(FileError::new("read", path))
}

fn digest_of(path: &Path) -> io::Result<blake3::Hash> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()),
            length => hasher.update(&buffer[..length]),
        };
    }
}

/// Makes the folder `path` and those it is in, unless they exist.
///
/// # Errors
/// If that is not allowed, or a file is in the way.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    std::fs::create_dir_all(path).map_err(FileError::new("create", path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file with a name of its own until it is finished. It is opened as any other, so that a result may be read by whoever
/// the user's mask allows, and used as what it is: an error then speaks of the result, not of a name nobody has seen.
fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .make_in(folder, |path| File::options().read(true).write(true).create_new(true).open(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_it_is_finished_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.csv");
        std::fs::write(&path, "old").unwrap();
        let mut file = WholeFile::create(&path).unwrap();
        for row in 0..10_000 {
            writeln!(file, "{row},availability").unwrap();
        }
        assert_eq!(read_text(&path).unwrap(), "old");
        let written = file.finish().unwrap();
        let content = std::fs::read(&path).unwrap();
        assert_eq!(names(folder.path()), ["metrics.csv"]);
        assert_eq!((written.bytes, written.lines), (content.len() as u64, 10_000));
        assert_eq!(written.digest, blake3::hash(&content));
        assert_eq!(written.digest, digest(&path).unwrap());
    }

    /// Its mode is that of a file made in the usual way, the user's mask applied.
    #[test]
    #[cfg(unix)]
    fn a_result_has_the_usual_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        std::fs::write(folder.path().join("usual"), "x").unwrap();
        write_whole(folder.path().join("ours"), b"x").unwrap();
        assert_eq!(mode("ours"), mode("usual"));
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = WholeFile::create(folder.path().join("half.csv")).unwrap();
        file.write_all(b"a,b\n").unwrap();
        drop(file);
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn errors_name_the_path_and_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nowhere").join("file.csv");
        let message = write_whole(&missing, b"").unwrap_err().to_string();
        assert!(message.contains("nowhere") && message.contains("folder it is in exists"), "{message}");
        assert!(!message.contains("at path"), "a temporary name is nobody's business: {message}");
        let message = digest(&missing).unwrap_err().to_string();
        assert!(message.starts_with("cannot read ") && message.contains("nowhere"), "{message}");

        let file = folder.path().join("file");
        write_whole(&file, b"x").unwrap();
        let message = create_folder(&file.join("below")).unwrap_err().to_string();
        assert!(message.contains("is a file, not a folder"), "{message}");
    }

    #[test]
    fn a_folder_cannot_be_replaced_by_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        create_folder(&taken).unwrap();
        let error = write_whole(&taken, b"x").unwrap_err();
        assert_eq!(error.path, taken);
        assert_eq!(names(folder.path()), ["taken"]);
    }

    /// Writing to Linux's `/dev/full` fails as on a full disk; the remedy is that of the error's kind.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_named_as_such() {
        let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let source = full.write_all(b"x").unwrap_err();
        let error = FileError { action: "write", path: "results/metrics.csv".into(), source };
        let message = error.to_string();
        assert!(message.contains("results/metrics.csv") && message.contains("free some space"), "{message}");
    }

    #[test]
    fn a_name_without_a_folder_is_in_the_current_one() {
        assert_eq!(folder_of(Path::new("metrics.csv")), Path::new("."));
        assert_eq!(folder_of(Path::new("results/metrics.csv")), Path::new("results"));
    }
}
