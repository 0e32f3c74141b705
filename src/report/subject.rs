//! What reports need to know of a study beside its outcomes: names, dates, growth, confidence.

use super::csv::Names;
use super::picture::Dates;
use crate::calendar::Zone;
use crate::scenario::Study;
use crate::simulation::Model;

/// A study as reports see it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its model.
    pub model: &'a Model,
    /// Names for result files.
    pub names: Names,
    /// Growth of demand per year, by group.
    pub growth_per_year: Vec<f64>,
    /// Confidence of intervals.
    pub confidence: f64,
}

impl<'a> Subject<'a> {
    /// What reports need to know of `study`.
    pub fn of(study: &'a Study) -> Subject<'a> {
        let growth = |group: &crate::fleet::Group| study.growth_per_year[group.demand];
        Subject {
            study,
            model: &study.model,
            names: Names::new(&study.model, study.clock.clone()),
            growth_per_year: study.model.fleet.groups.iter().map(growth).collect(),
            confidence: study.estimates.confidence,
        }
    }

    /// Dates in the zone of the scenario's start.
    pub fn dates(&self) -> Dates {
        self.dates_in(self.study.clock.zone())
    }

    /// Dates in the zone of a group's site.
    pub fn local_dates(&self, group: usize) -> Dates {
        self.dates_in(&self.study.zones[self.model.fleet.groups[group].site])
    }

    fn dates_in(&self, zone: &Zone) -> Dates {
        let start_unix_millis = self.study.clock.start().as_millisecond();
        Dates { start_unix_millis, zone: zone.rules().clone() }
    }

    /// The threshold of overload in percent.
    pub fn threshold(&self) -> f64 {
        f64::from(self.model.overload.threshold) / 100.0
    }
}
