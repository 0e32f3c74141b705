//! The engine against theory: each test computes what renewal theory, the binomial distribution, Markov chains or
//! integrals of the normal distribution say, and compares it with what the simulation measured.
//!
//! False alarms: 10⁻⁴ for every comparison of [`statistics::Sample`], with a fixed seed. A test that compares otherwise
//! states its own.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod alternating;
#[path = "../support/builder.rs"]
mod builder;
#[path = "../support/data.rs"]
mod data;
mod demand;
mod expiration;
mod known_answers;
mod overload;
mod redundancy;
mod releases;
mod repairers;
mod rings;
mod rollouts;
mod runs;
#[path = "../support/statistics.rs"]
mod statistics;
mod unserved;
mod windows;
