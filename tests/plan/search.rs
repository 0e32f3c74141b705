//! A search on a small model: what it needs, in a few lines.

use fleetcast::experiment::Progress;
use fleetcast::experiment::sizing::calendar::{Due, calendar};
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

/// A fleet whose groups are all of the size asked for.
type Fleet<'f> = &'f dyn Fn(usize) -> Model;

/// Puts a question about the fleet whose groups have `configured` connectors.
fn ask<T>(
    fleet: Fleet<'_>,
    configured: usize,
    (targets, sizes): (&[Target], Option<&[usize]>),
    most: u64,
    answer: impl FnOnce(&Question<'_>) -> T,
) -> T {
    let models: Vec<Model> = (1..=MOST).map(fleet).collect();
    let least = vec![1; models[0].fleet.groups.len()];
    answer(&Question {
        configured: &models[configured - 1],
        models: &|size| models.get(size - 1),
        policy: 0,
        targets,
        looks: &looks(most),
        alpha: 0.05,
        sizes,
        least: &least,
        most: MOST,
        demand_factor: 1.0,
        objective: 0.999,
        progress: &Progress::default(),
    })
}

/// Sizes the only group of a fleet, which `model` is without, at most `most` replications a size.
pub(crate) fn size(model: &Model, targets: &[Target], most: u64) -> GroupSize {
    size_of(model, targets, most, None)
}

/// The same, of these sizes.
pub(crate) fn size_of(model: &Model, targets: &[Target], most: u64, sizes: Option<&[usize]>) -> GroupSize {
    ask(&alone(model), 1, (targets, sizes), most, |question| size_groups(question, &[0]).unwrap().remove(0))
}

/// The coming year of that group, from `configured` connectors on.
pub(crate) fn year(model: &Model, configured: usize, wanted: Target, most: u64, growth: f64) -> Vec<Due> {
    ask(&alone(model), configured, (&[wanted], None), most, |question| {
        calendar(question, &[0], &|_| growth, 0.95).unwrap()
    })
}

fn alone(model: &Model) -> impl Fn(usize) -> Model {
    |connectors| {
        let mut model = model.clone();
        add_group(&mut model, "group", connectors);
        model
    }
}
