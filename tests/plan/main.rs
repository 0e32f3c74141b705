//! The sizing search against theory, against brute force, and against its own promise.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../support/builder.rs"]
mod builder;
mod command;
#[path = "../support/commands.rs"]
mod commands;
mod promise;
mod search;
mod theory;
