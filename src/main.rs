//! The program: parse, dispatch, exit.

fn main() -> std::process::ExitCode {
    fleetcast::cli::main()
}
