//! operators.csv: what crews had to do, how long it waited, how busy they were.

use super::{Line, Names, header};
use crate::control::crew::TaskKind;
use crate::experiment::PolicyOutcome;
use crate::recording::operators::Workload;
use crate::simulation::Model;
use crate::time::Span;

/// The whole file: for each replication a row per crew and kind of task.
pub fn operators(names: &Names, model: &Model, outcomes: &[PolicyOutcome]) -> Vec<u8> {
    let mut out = header(
        "policy,replication,crew,kind,tasks,begun,wait_mean_h,wait_p95_h,wait_max_h,work_h,utilisation",
    );
    for outcome in outcomes {
        let provisioning = &model.policies[outcome.policy].provisioning;
        for of in &outcome.replications {
            for (index, workloads) in of.operators.crews.iter().enumerate() {
                let kinds = TaskKind::ALL.into_iter().zip(workloads);
                for (kind, workload) in kinds.filter(|(kind, _)| provisioning.may_call_crew(*kind)) {
                    let mut line = Line::of(&mut out, names, outcome.policy, of.replication);
                    line.text(&model.crews[index].name).raw(word(kind));
                    cells(line, workload, paid(model, index));
                }
            }
        }
    }
    out
}

/// Working time of all members of a crew while it counts.
fn paid(model: &Model, crew: usize) -> f64 {
    let crew = &model.crews[crew];
    let (until, since) = (crew.shifts.before(model.horizon), crew.shifts.before(model.measured_from));
    crew.size as f64 * (until - since).as_hours()
}

fn word(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Repair => "repair",
        TaskKind::Replacement => "replacement",
        TaskKind::UpdateRepair => "update_repair",
        TaskKind::Key => "key",
        TaskKind::Confirmation => "confirmation",
        TaskKind::Order => "order",
    }
}

fn cells(mut line: Line<'_>, workload: &Workload, paid: f64) {
    let Workload { tasks, begun, waited, wait_p95, wait_max, work } = *workload;
    let of_begun = |hours: Span| (begun > 0).then(|| hours.as_hours());
    line.integer(tasks as i64).integer(begun as i64);
    line.number(of_begun(waited).map(|hours| hours / begun as f64));
    line.number(wait_p95).number(of_begun(wait_max)).number(Some(work.as_hours()));
    line.number((paid > 0.0).then(|| work.as_hours() / paid)).end();
}
