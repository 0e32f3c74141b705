//! Reports: outcomes to bytes. Nothing here opens a file; [`crate::results`] writes what comes out of here.
//!
//! [`metrics`] is the one table of what is measured and how it is computed; [`csv`] has the result files, [`picture`]
//! the figures, [`terminal`] the screen and the JSON of `--format json`.

pub mod capacity;
pub mod csv;
pub mod load;
pub mod metrics;
pub mod picture;
#[cfg(test)]
pub(crate) mod sample;
pub mod summary;
