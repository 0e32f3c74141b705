# Commands of every day. `just` lists them.

_default:
    @just --list

# Simulate the quickstart.
quickstart:
    cargo run --release -- run scenarios/quickstart.toml

# Format, lint and test.
check:
    cargo fmt
    cargo clippy --all-targets -- -D warnings
    cargo test

# Everything that must hold before a change is merged.
ci:
    .ci/run

# Compare engine and reference simulator on one seed.
twin seed:
    TWIN_SEED={{seed}} cargo test --test twin agreement -- --nocapture

# Write the reference pages again from the code.
reference:
    FLEETCAST_UPDATE=1 cargo test --test docs
    FLEETCAST_UPDATE=1 cargo test --test scenario_reference

# Write the table and the figures of the README again from a run.
readme:
    FLEETCAST_UPDATE=1 cargo test --release --test docs -- --ignored

# Measure.
bench:
    cargo bench
