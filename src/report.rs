//! Reports: outcomes to bytes. Nothing here opens a file; [`crate::results`] writes what comes out of here.
//!
//! [`metrics`] is the one table of what is measured and how it is computed; [`csv`] has the result files, [`picture`]
//! the figures, [`terminal`] the screen and the JSON of `--format json`.

pub mod blame;
pub mod capacity;
pub mod comparison;
pub mod csv;
pub mod life;
pub mod load;
pub mod metrics;
pub mod picture;
pub mod plan;
pub mod provisioning;
#[cfg(test)]
pub(crate) mod sample;
pub mod subject;
pub mod summary;
pub mod sweep;
pub mod terminal;
pub mod unfinished;
pub mod verdicts;
pub mod warm_up;

use crate::time::{DAY, HOUR, MINUTE, Span};

/// A duration as a reader of tables wants it: its two largest units.
/// How long a run is, and how much of it does not count.
pub(crate) fn run_length(model: &crate::simulation::Model) -> String {
    let run = Span(model.horizon.0);
    match model.measured_from.since_start() {
        Span::ZERO => run.to_string(),
        cut => format!("{run} (the first {cut} cut)"),
    }
}

fn duration(span: Span) -> String {
    let Span(millis) = span;
    if millis >= DAY.0 {
        format!("{}d {:02}h", millis / DAY.0, millis % DAY.0 / HOUR.0)
    } else if millis >= HOUR.0 {
        format!("{}h {:02}m", millis / HOUR.0, millis % HOUR.0 / MINUTE.0)
    } else if millis >= MINUTE.0 {
        format!("{}m {:02}s", millis / MINUTE.0, millis % MINUTE.0 / 1000)
    } else {
        format!("{}s", millis as f64 / 1e3)
    }
}
