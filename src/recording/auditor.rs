//! An independent check of every row.

use crate::simulation::Model;
use crate::simulation::observer::Observer;

/// To come.
#[derive(Debug)]
pub struct Auditor<'m> {
    model: &'m Model,
}

impl<'m> Auditor<'m> {
    /// To come.
    pub fn new(model: &'m Model, _policy: usize, _group: usize) -> Self {
        Auditor { model }
    }
    /// To come.
    pub fn violations(&self) -> &[String] {
        let _ = self.model;
        &[]
    }
}

impl Observer for Auditor<'_> {}
