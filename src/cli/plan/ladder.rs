//! The fleet of any size, made when it is first asked for, as it is or with something otherwise.

use std::sync::OnceLock;

use crate::cli::CliError;
use crate::cli::output::colours;
use crate::fleet::MOST_SLOTS;
use crate::scenario::{Problems, Study};
use crate::simulation::Model;

/// Something that may be otherwise than the scenario says.
pub(super) struct Change {
    pub(super) what: &'static str,
    pub(super) demand_factor: f64,
    failure_rate: f64,
    efficiency: f64,
}

/// What a plan is tested against.
pub(super) const VARIANTS: [Change; 4] = [
    Change { what: "20 % more users", demand_factor: 1.2, failure_rate: 1.0, efficiency: 0.0 },
    Change { what: "20 % fewer users", demand_factor: 0.8, failure_rate: 1.0, efficiency: 0.0 },
    Change { what: "failures twice as often", demand_factor: 1.0, failure_rate: 2.0, efficiency: 0.0 },
    Change { what: "group_efficiency + 0.05", demand_factor: 1.0, failure_rate: 1.0, efficiency: 0.05 },
];

/// Models of a study under a policy, by the size of every group.
pub(super) struct Ladder<'s> {
    study: &'s Study,
    policy: usize,
    rungs: Vec<OnceLock<Result<Model, Problems>>>,
    change: Option<&'s Change>,
}

impl<'s> Ladder<'s> {
    pub(super) fn new(study: &'s Study, policy: usize) -> Ladder<'s> {
        Ladder { study, policy, rungs: (0..MOST_SLOTS).map(|_| OnceLock::new()).collect(), change: None }
    }

    /// With something otherwise.
    pub(super) fn with(study: &'s Study, policy: usize, change: &'s Change) -> Ladder<'s> {
        Ladder { change: Some(change), ..Ladder::new(study, policy) }
    }

    /// The model in which every group is of this size; none where the scenario cannot have them.
    pub(super) fn model(&self, size: usize) -> Option<&Model> {
        let rung = self.rungs.get(size.checked_sub(1)?)?;
        rung.get_or_init(|| self.make(size)).as_ref().ok()
    }

    fn make(&self, size: usize) -> Result<Model, Problems> {
        let mut model = self.study.with_connectors(size, self.policy)?.model;
        // The search brings demand along; here it would only take room.
        model.environment.demands.iter_mut().for_each(|series| series.shape = Vec::new());
        if let Some(change) = self.change {
            change.make(&mut model);
        }
        Ok(model)
    }

    /// Says what is wrong with a size that was asked for, if anything is.
    pub(super) fn complain(&self) -> Result<(), CliError> {
        let wrong = self.rungs.iter().filter_map(OnceLock::get).find_map(|rung| rung.as_ref().err());
        wrong.map_or(Ok(()), |problems| Err(CliError::Scenario(problems.render(colours()))))
    }
}

impl Change {
    fn make(&self, model: &mut Model) {
        for class in &mut model.environment.failures {
            if let Some(process) = &mut class.process {
                process.time_to_failure = process.time_to_failure.clone().scaled(1.0 / self.failure_rate);
            }
        }
        model.fleet.groups.iter_mut().for_each(|group| group.efficiency += self.efficiency);
    }
}
