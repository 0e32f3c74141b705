//! The pages say what is so: snippets run, commands, columns and keys are described, links lead somewhere.
//!
//! `FLEETCAST_UPDATE=1 cargo test --test docs` writes the pages that are made from the code; with `--release` and
//! `-- --ignored` also the table and the figures of the README.

#![allow(clippy::unwrap_used)]

mod commands;
mod pages;
mod readme;
mod reference;
mod results;
mod snippets;
