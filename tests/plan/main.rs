//! The sizing search against theory, against brute force, and against its own promise.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../support/builder.rs"]
mod builder;
mod cases;
mod command;
#[path = "../support/commands.rs"]
mod commands;
mod coupled;
mod planner;
mod promise;
mod runway;
mod scaled;
mod search;
mod theory;
