//! A steady-state study whose warm-up was worked out: its `truncate` becomes a `warm_up`.
//!
//! Like [`Study::with_connectors`] it is the self-contained scenario with settings changed, read like any other. So what is
//! written beside the results says what was measured, and gives the same results again without working it out anew.

use std::path::Path;

use toml::Value;

use super::explain;
use super::problem::Problems;
use super::study::Study;
use crate::time::Span;

impl Study {
    /// The study with everything before `cut` as its warm-up.
    ///
    /// # Errors
    /// If that is no scenario, because the cut is not shorter than the run.
    pub fn measured_from(&self, cut: Span) -> Result<Study, Problems> {
        let mut root = self.contained.clone();
        if let Some(table) = root.as_table_mut() {
            table.insert("truncate".to_owned(), Value::String("never".to_owned()));
            table.insert("warm_up".to_owned(), Value::String(cut.to_string()));
        }
        let study =
            super::read(&explain::document(&root), "the scenario with its warm-up", Path::new(""), &[])?;
        // What the file says about itself is that of the original.
        Ok(Study {
            is_truncated: true,
            without: self.without.clone(),
            warnings: self.warnings.clone(),
            traces: self.traces.clone(),
            ..study
        })
    }
}
