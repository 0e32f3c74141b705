//! Which step of provisioning takes the time of new connectors: on the screen, and by step for provisioning.csv.

use super::picture::frame::grouped;
use super::terminal::short;
use crate::control::provisioning::Step;
use crate::experiment::PolicyOutcome;
use crate::recording::provisioning::Provisioned;
use crate::time::Span;

/// What all replications together spent.
pub fn spent(outcome: &PolicyOutcome) -> Provisioned {
    outcome.replications.iter().fold(Provisioned::default(), |mut sum, of| {
        sum.merge(&of.tally.provisioned);
        sum
    })
}

/// In a sentence or two; nothing where machines only boot and wait for their link.
pub fn screen(outcome: &PolicyOutcome) -> String {
    let spent = spent(outcome);
    let mut steps: Vec<Step> =
        Step::ALL.into_iter().filter(|&step| spent.steps[step as usize].all() > 0).collect();
    if steps.iter().all(|step| matches!(step, Step::Boot | Step::Link)) {
        return String::new();
    }
    steps.sort_by_key(|&step| std::cmp::Reverse(spent.steps[step as usize].all()));
    let replications = outcome.replications.len().max(1) as f64;
    let share = |&step: &Step| {
        let share = spent.steps[step as usize].all() as f64 / spent.total() as f64;
        format!("{} {} %", step.word(), short(100.0 * share))
    };
    let hours = Span(spent.total()).as_hours() / replications;
    let shares = steps.iter().map(share).collect::<Vec<_>>().join(", ");
    let open: u64 = spent.steps.iter().map(|step| step.open).sum();
    let open = match open {
        0 => String::new(),
        open => format!("; {} a run are not there at its end", grouped(&short(open as f64 / replications))),
    };
    format!(
        "\nNew connectors were on their way for {} connector-h a run:\n{shares}{open}; see provisioning.csv\n",
        short(hours)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::time::HOUR;

    /// Two replications: three hours of confirmation and one of booting in the first, in the second six hours of a
    /// confirmation that never comes.
    #[test]
    fn the_step_that_takes_most_comes_first_passed_or_not() {
        let mut outcome = sample::outcome();
        let tallies: Vec<_> = outcome.replications.iter_mut().map(|of| &mut of.tally.provisioned).collect();
        let [first, second] = tallies.try_into().unwrap();
        first.record(Step::Boot, HOUR);
        first.record(Step::Confirmation, Span(3 * HOUR.0));
        second.not_passed(Step::Confirmation, Span(6 * HOUR.0), true);
        let told = screen(&outcome);
        assert!(told.contains("for 5 connector-h a run:\nconfirmation 90 %, boot 10 %; 0.5 a run"), "{told}");
        outcome.replications.truncate(1);
        outcome.replications[0].tally.provisioned = Provisioned::default();
        outcome.replications[0].tally.provisioned.record(Step::Boot, HOUR);
        assert_eq!(screen(&outcome), "");
    }
}
