//! Standard output for results, standard error for everything else.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::CliError;

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

/// Whether standard error shows colours.
pub(super) fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Whether a write failed because nobody reads any more.
pub(super) fn is_closed_pipe(written: &io::Result<()>) -> bool {
    written.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
