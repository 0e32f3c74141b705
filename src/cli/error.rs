//! Why a command ends without success, and with which exit code.

use std::path::Path;

use thiserror::Error;

use crate::files::FileError;
use crate::results::{MANIFEST, ResultsError};

/// Why a command ends without success.
#[derive(Debug, Error)]
pub enum CliError {
    /// The options do not make sense together, or with the scenario.
    #[error("{0}")]
    Usage(String),
    /// The scenario has problems; they are printed as they are.
    #[error("{0}")]
    Scenario(String),
    /// Results cannot be read or written.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Standard output cannot be written to.
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    /// Nobody reads standard output any more: not an error.
    #[error("nobody reads the output")]
    ClosedPipe,
    /// The precision asked for was not reached.
    #[error("{0}")]
    Precision(String),
    /// A target of a plan was not met, or not shown to be.
    #[error("{0}")]
    Target(String),
    /// The user stopped it.
    #[error("{0}")]
    Interrupted(String),
    /// The auditor found rows that break the model's rules: the engine has a defect.
    #[error("{0}")]
    Audit(String),
}

impl CliError {
    /// The documented exit code.
    pub fn code(&self) -> u8 {
        match self {
            CliError::ClosedPipe => 0,
            CliError::Usage(_) | CliError::Scenario(_) => 2,
            CliError::Results(_) | CliError::File(_) | CliError::Output(_) => 3,
            CliError::Precision(_) | CliError::Target(_) => 4,
            CliError::Audit(_) => 101,
            CliError::Interrupted(_) => 130,
        }
    }

    /// Whether the message has its own heading.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, CliError::Scenario(_) | CliError::Interrupted(_))
    }
}

/// An interrupt before `what`, of a command that would have written to `folder`.
pub(super) fn nothing_written(what: &str, folder: &Path) -> CliError {
    let earlier = match folder.join(MANIFEST).exists() {
        true => format!(", and earlier results in {} are untouched", folder.display()),
        false => String::new(),
    };
    CliError::Interrupted(format!("interrupted before {what}; nothing was written{earlier}"))
}

impl From<std::io::Error> for CliError {
    /// Of standard output.
    fn from(error: std::io::Error) -> CliError {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            CliError::ClosedPipe
        } else {
            CliError::Output(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn kinds_of_errors_have_their_documented_codes() {
        let code = |error: CliError| error.code();
        assert_eq!(code(CliError::Usage(String::new())), 2);
        assert_eq!(code(CliError::Scenario(String::new())), 2);
        assert_eq!(code(ResultsError::NoManifest { path: "x".into() }.into()), 3);
        assert_eq!(code(Error::from(ErrorKind::StorageFull).into()), 3);
        assert_eq!(code(CliError::Precision(String::new())), 4);
        assert_eq!(code(CliError::Interrupted(String::new())), 130);
        assert_eq!(code(CliError::Audit(String::new())), 101);
    }

    #[test]
    fn an_interrupt_speaks_of_earlier_results_only_where_there_are_some() {
        let folder = tempfile::tempdir().unwrap();
        let said = || nothing_written("it began", folder.path()).to_string();
        assert_eq!(said(), "interrupted before it began; nothing was written");
        std::fs::write(folder.path().join(MANIFEST), "{}").unwrap();
        assert!(said().ends_with("are untouched"));
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        assert_eq!(CliError::from(Error::from(ErrorKind::BrokenPipe)).code(), 0);
    }
}
