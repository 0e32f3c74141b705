//! Standard output for results, standard error for everything else.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::CliError;
use crate::scenario::Problems;

/// Prints text that ends with a line break to standard output.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Prints a line to standard error. If that is closed too, nobody can be told.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// Shows what a scenario says without effect, if anything, on standard error.
pub(super) fn warn(warnings: &Problems) {
    if !warnings.is_empty() {
        note(&warnings.render(colours()));
    }
}

/// Whether standard error shows colours.
pub(super) fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Whether a write failed because nobody reads any more.
pub(super) fn is_closed_pipe(written: &io::Result<()>) -> bool {
    written.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
