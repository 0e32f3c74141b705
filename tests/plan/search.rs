//! A search on a small model: what it needs, in a few lines.

use fleetcast::experiment::Progress;
use fleetcast::experiment::sizing::{GroupSize, Question, Target, looks, size_groups};
use fleetcast::report::plan::Goal;
use fleetcast::simulation::Model;

use crate::builder::add_group;

/// The largest size of these tests.
const MOST: usize = 12;

/// A target as it is typed.
pub(crate) fn target(text: &str) -> Target {
    Goal::parse(text).unwrap().target
}

/// Sizes the only group of a fleet, which `model` is without, at most `most` replications a size.
pub(crate) fn size(model: &Model, targets: &[Target], most: u64) -> GroupSize {
    size_of(model, targets, most, None)
}

/// The same, of these sizes.
pub(crate) fn size_of(model: &Model, targets: &[Target], most: u64, sizes: Option<&[usize]>) -> GroupSize {
    let with = |connectors: usize| {
        let mut model = model.clone();
        add_group(&mut model, "group", connectors);
        model
    };
    let configured = with(1);
    let models: Vec<Model> = (1..=MOST).map(with).collect();
    let question = Question {
        configured: &configured,
        models: &|size| models.get(size - 1),
        policy: 0,
        targets,
        looks: &looks(most),
        alpha: 0.05,
        sizes,
        most: MOST,
        demand_factor: 1.0,
        objective: 0.999,
        progress: &Progress::default(),
    };
    size_groups(&question, &[0]).unwrap().remove(0)
}
