//! How long a steady-state study needs to forget its beginning.
//!
//! Outages start in equilibrium, demand noise starts stationary and renewals at random phases. What does not are those
//! things of which the long run is not known beforehand: expired connectors that wait for a replacement, queues of
//! crews, updates under way. All of them show in who is displayed as `Connected`. So MSER-5 ([`Truncation`]) is
//! applied to the share of connectors that are, at the sampling instants of the overview, averaged over replications.
//! It is a finding about the run and takes nothing away from it: every metric is over the whole run. The two means say
//! what a cut would change.

use crate::analysis::Truncation;
use crate::experiment::PolicyOutcome;
use crate::time::Span;

/// What MSER-5 says of a policy's run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    /// The truncation of the share of connectors displayed as `Connected`.
    pub truncation: Truncation,
    /// From one sampling instant to the next.
    pub every: Span,
}

impl WarmUp {
    /// Of a policy's replications; none where there are too few sampling instants.
    pub fn of(outcome: &PolicyOutcome) -> Option<WarmUp> {
        let overviews = || outcome.replications.iter().map(|replication| &replication.overview);
        let first = overviews().next()?;
        let share = |index: usize| {
            let counts = overviews().filter_map(|overview| overview.rows.get(index));
            let (connected, all) = counts.fold((0_i64, 0_i64), |(connected, all), row| {
                (
                    connected + i64::from(row[0]),
                    all + row[..8].iter().map(|&count| i64::from(count)).sum::<i64>(),
                )
            });
            connected as f64 / all.max(1) as f64
        };
        let series: Vec<f64> = (0..first.rows.len()).map(share).collect();
        Some(WarmUp { truncation: Truncation::mser5(&series)?, every: first.every })
    }

    /// How long the part of the run is that MSER-5 would cut.
    pub fn length(&self) -> Span {
        Span(self.every.0 * (self.truncation.cut * crate::analysis::MSER_BATCH) as i64)
    }

    /// In a sentence.
    pub fn told(&self) -> String {
        let percent = |share: f64| format!("{:.4} %", 100.0 * share);
        let Truncation { mean_of_all, mean_of_kept, .. } = self.truncation;
        if !self.truncation.is_conclusive() {
            return "Steady state: MSER-5 finds no end of the transient in the first half of the run; lengthen horizon"
                .to_owned();
        }
        if self.truncation.cut == 0 {
            return "Steady state: MSER-5 finds no transient at the start; nothing is cut".to_owned();
        }
        format!(
            "Steady state: MSER-5 would cut the first {}, which would change connectors displayed as connected from {} to \
             {}; nothing is cut",
            super::duration(self.length()),
            percent(mean_of_all),
            percent(mean_of_kept)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Overview;
    use crate::report::sample;
    use crate::time::HOUR;

    /// Two replications of 300 h, ten connectors each; for the first 20 h none of the first replication is connected.
    fn outcome(missing: usize) -> PolicyOutcome {
        let mut outcome = sample::outcome();
        for (index, replication) in outcome.replications.iter_mut().enumerate() {
            let row = |hour: usize| {
                let mut row = [0; 18];
                let lost = hour < missing && index == 0;
                (row[0], row[1]) =
                    if lost { (0, 10) } else { (9 + (hour % 2) as i32, 1 - (hour % 2) as i32) };
                row
            };
            replication.overview = Overview { every: HOUR, rows: (0..300).map(row).collect() };
        }
        outcome
    }

    #[test]
    fn a_transient_is_told_with_what_it_changes() {
        let of = WarmUp::of(&outcome(20)).unwrap();
        assert_eq!((of.truncation.cut, of.length()), (4, Span(20 * HOUR.0)));
        // 95 % while all is well; in the first 20 of 300 h half of it is missing: 95·(280 + 10)/300 = 91.83 %.
        let told = of.told();
        assert!(told.contains("20h 00m") && told.contains("from 91.8333 % to 95.0000 %"), "{told}");
    }

    #[test]
    fn without_a_transient_or_without_an_end_of_it_that_is_said() {
        let told = |missing| WarmUp::of(&outcome(missing)).unwrap().told();
        assert!(told(0).contains("no transient") || told(0).contains("from 95"), "{}", told(0));
        let mut rising = outcome(0);
        for (hour, row) in
            rising.replications.iter_mut().flat_map(|of| of.overview.rows.iter_mut().enumerate())
        {
            (row[0], row[1]) = (hour as i32, 300 - hour as i32);
        }
        let told = WarmUp::of(&rising).unwrap().told();
        assert!(told.contains("lengthen horizon"), "{told}");
        let mut short = outcome(0);
        short.replications.iter_mut().for_each(|of| of.overview.rows.truncate(40));
        assert_eq!(WarmUp::of(&short), None);
    }
}
