//! A defect in the program: what to report, instead of a bare panic.

use std::io::Write;

/// Replaces the message of a panic. Rust ends the program with exit code 101 after it.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let message = info
            .payload()
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let arguments: Vec<String> =
            std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let _ = writeln!(
            std::io::stderr().lock(),
            "\nfleetcast stopped because of a defect in the program, not in your scenario.\n\
             Please report it with the scenario and these lines:\n  \
             version   {} ({} {})\n  command   {}\n  message   {}\n  place     {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            arguments.join(" "),
            message,
            place,
        );
    }));
}
