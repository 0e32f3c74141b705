//! How long a steady-state study needs to forget its beginning, and what is left out of it.
//!
//! Outages start in equilibrium, demand noise starts stationary and renewals at random phases. What does not are those
//! things of which the long run is not known beforehand: expired connectors that wait for a replacement, queues of
//! crews, updates under way, numbers of connectors that scaling finds. MSER-5 ([`Truncation`]) is applied to series that
//! show them, at the sampling instants of the overview, averaged over replications:
//!
//! - the share of connectors displayed as `Connected`, and their number, which under a scaling policy is another thing.
//!   Load follows from the two and from demand, which is stationary from the start, so its transient ends with theirs;
//! - the share on the newest release, where the key metric is about releases.
//!
//! The cut is the longest that one of them asks for: S. Robinson, "Simulation: the practice of model development and use"
//! (2nd ed., 2014, section 9.5) has every response looked at and the longest warm-up taken. Overloads themselves
//! are none of the series. They are rare, and of a series that is zero but for a few instants the rule cuts everything up
//! to the last of them: what is left is then without any variance, and without any overload.
//!
//! Where the least lies behind the middle of a run it is too short to tell (K. Hoad, S. Robinson, R. Davies, "Automating
//! warm-up length estimation", Journal of the Operational Research Society 61, 2010), so a cut is at most half of it.

use super::subject::Subject;
use crate::analysis::{MSER_BATCH, Truncation};
use crate::experiment::PolicyOutcome;
use crate::recording::overview::COLUMNS;
use crate::time::Span;

/// Metrics about releases begin like this.
const OF_RELEASES: [&str; 11] = [
    "updates",
    "update_failures",
    "rolled_back",
    "halts",
    "stuck_groups",
    "unfinished_groups",
    "rollout_",
    "version_skew",
    "urgent_exposure",
    "exposed_",
    "bad_release_",
];

/// What is looked at at every sampling instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// The share of connectors displayed as `Connected`.
    ConnectedShare,
    /// Their number.
    Connected,
    /// The share of connectors in service on the newest release.
    LatestShare,
}

impl Series {
    /// Its name in warm_up.csv.
    pub fn name(self) -> &'static str {
        match self {
            Series::ConnectedShare => "connected_share",
            Series::Connected => "connected",
            Series::LatestShare => "on_latest_agent_share",
        }
    }

    /// In words.
    fn words(self) -> &'static str {
        match self {
            Series::ConnectedShare => "the share of connectors displayed as connected",
            Series::Connected => "the number of connectors displayed as connected",
            Series::LatestShare => "the share of connectors on the newest release",
        }
    }

    /// What there is to look at where this is the key metric.
    fn of(key_metric: &str) -> Vec<Series> {
        let about_releases = OF_RELEASES.iter().any(|begin| key_metric.starts_with(begin));
        let releases = about_releases.then_some(Series::LatestShare);
        [Series::ConnectedShare, Series::Connected].into_iter().chain(releases).collect()
    }

    /// Above and below the line, in one row of the overview.
    fn fraction(self, row: &[i32; COLUMNS.len()]) -> (i64, i64) {
        let sum = |cells: &[i32]| cells.iter().map(|&count| i64::from(count)).sum();
        match self {
            Series::ConnectedShare => (row[0].into(), sum(&row[..8])),
            Series::Connected => (row[0].into(), 1),
            Series::LatestShare => (row[16].into(), sum(&row[..4])),
        }
    }

    fn number(self, value: f64) -> String {
        match self {
            Series::ConnectedShare | Series::LatestShare => format!("{:.4} %", 100.0 * value),
            Series::Connected => format!("{value:.2}"),
        }
    }

    /// Averaged over the replications of `outcome`.
    fn averaged(self, outcome: &PolicyOutcome) -> Vec<f64> {
        let overviews = || outcome.replications.iter().map(|replication| &replication.overview);
        let at = |index: usize| {
            let rows = overviews().filter_map(|overview| overview.rows.get(index));
            let (above, below) = rows.fold((0, 0), |(above, below), row| {
                let (more, of) = self.fraction(row);
                (above + more, below + of)
            });
            above as f64 / below.max(1) as f64
        };
        (0..overviews().next().map_or(0, |first| first.rows.len())).map(at).collect()
    }
}

/// What MSER-5 says of a policy's run.
#[derive(Clone, Debug, PartialEq)]
pub struct WarmUp {
    /// By series.
    pub findings: Vec<(Series, Truncation)>,
    /// From one sampling instant to the next.
    pub every: Span,
}

impl WarmUp {
    /// Of a policy's replications, for a key metric; none where there are too few sampling instants.
    pub fn of(outcome: &PolicyOutcome, key_metric: &str) -> Option<WarmUp> {
        let every = outcome.replications.first()?.overview.every;
        let finding = |series: Series| Some((series, Truncation::mser5(&series.averaged(outcome))?));
        let findings = Series::of(key_metric).into_iter().map(finding).collect::<Option<_>>()?;
        Some(WarmUp { findings, every })
    }

    /// How much of the beginning a truncation takes.
    pub fn cut(&self, truncation: &Truncation) -> Span {
        Span(self.every.0 * (truncation.cut * MSER_BATCH) as i64)
    }

    /// The series that asks for the longest cut, with its truncation.
    pub fn longest(&self) -> (Series, Truncation) {
        let mut longest = self.findings[0];
        for &finding in &self.findings[1..] {
            if finding.1.cut > longest.1.cut {
                longest = finding;
            }
        }
        longest
    }

    /// How long the part of the run is that MSER-5 would cut.
    pub fn length(&self) -> Span {
        self.cut(&self.longest().1)
    }

    /// Whether the run is long enough to tell.
    pub fn is_conclusive(&self) -> bool {
        self.findings.iter().all(|(_, truncation)| truncation.is_conclusive())
    }

    /// What it says, in a sentence without its end; of these `replications` where it was asked of fewer before.
    fn asks(&self, replications: Option<usize>) -> String {
        let (series, Truncation { mean_of_all, mean_of_kept, .. }) = self.longest();
        let of_all = replications.map_or(String::new(), |count| format!("of all {count} replications "));
        if !self.is_conclusive() {
            return format!(
                "{of_all}MSER-5 finds no end of the transient in the first half of the run; lengthen horizon"
            );
        }
        if self.length() == Span::ZERO {
            return format!("{of_all}MSER-5 finds no transient at the start");
        }
        format!(
            "{of_all}MSER-5 {} for a cut of {}, after which\n{} is {} in place of {}",
            if replications.is_some() { "would ask" } else { "asks" },
            super::duration(self.length()),
            series.words(),
            series.number(mean_of_kept),
            series.number(mean_of_all),
        )
    }
}

/// How much of a run is left out and what MSER-5 says of it, on lines of their own; nothing where neither has a meaning.
pub fn told(subject: &Subject<'_>, outcome: &PolicyOutcome) -> String {
    let (study, model) = (subject.study, subject.model);
    let cut = model.measured_from.since_start();
    let left_out = match (cut, study.is_truncated) {
        (Span::ZERO, true) => "nothing is cut, as MSER-5 said of the first replications".to_owned(),
        (Span::ZERO, false) => "nothing is cut".to_owned(),
        (cut, by_itself) => format!(
            "the first {} of {} are cut{}: simulated, and not counted",
            super::duration(cut),
            Span(model.horizon.0),
            if by_itself { ", as MSER-5 said of the first replications" } else { "" },
        ),
    };
    let found = WarmUp::of(outcome, &study.outputs.key_metric).filter(|_| study.is_steady_state);
    match found {
        Some(found) => {
            let again = study.is_truncated.then_some(outcome.replications.len());
            format!("\nSteady state: {left_out};\n{}\n", found.asks(again))
        }
        None if cut > Span::ZERO => format!("\nWarm-up: {left_out}\n"),
        None => String::new(),
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

    fn found(outcome: &PolicyOutcome) -> Option<WarmUp> {
        WarmUp::of(outcome, "user_minutes_lost")
    }

    #[test]
    fn a_transient_is_told_with_what_it_changes() {
        let of = found(&outcome(20)).unwrap();
        assert_eq!((of.longest().1.cut, of.length()), (4, Span(20 * HOUR.0)));
        // 95 % while all is well; in the first 20 of 300 h half of it is missing: 95·(280 + 10)/300 = 91.83 %.
        let told = of.asks(None);
        assert!(told.contains("20h 00m") && told.contains("95.0000 % in place of 91.8333 %"), "{told}");
        assert!(told.starts_with("MSER-5 asks"), "{told}");
        let again = of.asks(Some(100));
        assert!(
            again.starts_with("of all 100 replications MSER-5 would ask for a cut of 20h 00m"),
            "{again}"
        );
    }

    #[test]
    fn without_a_transient_or_without_an_end_of_it_that_is_said() {
        let told = |missing| found(&outcome(missing)).unwrap().asks(None);
        assert!(told(0).contains("no transient"), "{}", told(0));
        let mut rising = outcome(0);
        for (hour, row) in
            rising.replications.iter_mut().flat_map(|of| of.overview.rows.iter_mut().enumerate())
        {
            (row[0], row[1]) = (hour as i32, 300 - hour as i32);
        }
        let told = found(&rising).unwrap().asks(None);
        assert!(told.contains("lengthen horizon"), "{told}");
        let mut short = outcome(0);
        short.replications.iter_mut().for_each(|of| of.overview.rows.truncate(40));
        assert_eq!(found(&short), None);
    }

    /// Two connectors for 30 h, then four, all connected: their share says nothing, their number does. What runs an old
    /// release for 50 h asks for the longest cut where releases are what it is about.
    #[test]
    fn the_series_that_remembers_longest_decides() {
        let mut outcome = outcome(0);
        for replication in &mut outcome.replications {
            for (hour, row) in replication.overview.rows.iter_mut().enumerate() {
                let connectors = if hour < 30 { 2 } else { 4 };
                *row = [0; 18];
                (row[0], row[16]) = (connectors, if hour < 50 { 0 } else { connectors });
            }
        }
        let of = |key| WarmUp::of(&outcome, key).map(|of| (of.longest().0, of.length().0 / HOUR.0));
        assert_eq!(of("overloaded_hours_per_month"), Some((Series::Connected, 30)));
        assert_eq!(of("rollout_p99"), Some((Series::LatestShare, 50)));
        assert_eq!(of("version_skew_hours"), of("rollout_p99"));
    }
}
