//! The result files in CSV: comma, UTF-8, header, LF, with the same bytes for the same outcome.
//!
//! `transitions.csv` and `group_status.csv` have millions of rows and are appended row by row ([`rows`]) without an
//! allocation; the others are built at once from the outcomes. Rows are ordered by policy, replication, group in
//! scenario order, then time.

pub mod blame;
pub mod capacity;
pub mod comparison;
pub mod cpu_load;
pub mod episodes;
pub mod metrics;
pub mod names;
pub mod number;
pub mod objectives;
pub mod operators;
pub mod overview;
pub mod plan;
pub mod provisioning;
pub mod rollouts;
pub mod rows;
pub mod summary;
pub mod sweep;
pub mod unfinished;
pub mod warm_up;

pub use names::Names;

use crate::time::Time;
use names::quoted;

/// A line of a result file under construction: cells separated by commas.
struct Line<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Line<'a> {
    fn new(out: &'a mut Vec<u8>) -> Line<'a> {
        Line { out, first: true }
    }

    /// The line of one policy and replication, begun with their cells.
    fn of(out: &'a mut Vec<u8>, names: &Names, policy: usize, replication: u64) -> Line<'a> {
        let mut line = Line::new(out);
        line.raw(names.policy(policy)).integer(replication as i64);
        line
    }

    fn comma(&mut self) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out
    }

    /// A text that is already quoted where it needs it.
    fn raw(&mut self, text: &str) -> &mut Self {
        self.comma().extend_from_slice(text.as_bytes());
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.raw(&quoted(text))
    }

    fn integer(&mut self, value: i64) -> &mut Self {
        number::integer(self.comma(), value);
        self
    }

    fn number(&mut self, value: Option<f64>) -> &mut Self {
        number::real(self.comma(), value);
        self
    }

    fn truth(&mut self, value: bool) -> &mut Self {
        self.raw(if value { "true" } else { "false" })
    }

    fn seconds(&mut self, at: Option<Time>) -> &mut Self {
        let out = self.comma();
        if let Some(at) = at {
            number::seconds(out, at.0);
        }
        self
    }

    /// The two cells `time_s` and `time`.
    fn time(&mut self, names: &Names, at: Time) -> &mut Self {
        self.seconds(Some(at));
        let text = names.clock().text(at);
        self.comma().extend_from_slice(text.as_bytes());
        self
    }

    fn end(&mut self) {
        self.out.push(b'\n');
    }
}

/// A header line.
fn header(columns: &str) -> Vec<u8> {
    format!("{columns}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    /// Every line has as many cells as the header.
    fn rows(bytes: Vec<u8>) -> Vec<Vec<String>> {
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn an_overview_row_has_counts_in_the_documented_order() {
        let file = text(overview::overview(&sample::names(), &[sample::outcome()]));
        assert_eq!(
            file.lines().nth(2).unwrap(),
            "default,0,3600,2026-01-05T01:00:00Z,5,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,5,0"
        );
    }

    #[test]
    fn an_incomplete_bucket_is_a_gap() {
        let file = text(cpu_load::cpu_load(&sample::names(), &[sample::outcome()]));
        let rest: Vec<&str> = file.lines().skip(1).collect();
        assert_eq!(
            rest,
            [
                "default,0,0,2026-01-05T00:00:00Z,\"db, main\",42.5,false",
                "default,0,3600,2026-01-05T01:00:00Z,\"db, main\",,true",
                "default,0,7200,2026-01-05T02:00:00Z,\"db, main\",70.01,false",
            ]
        );
    }

    #[test]
    fn a_rollout_that_was_not_reached_has_empty_cells() {
        let rows = rows(rollouts::rollouts(&sample::names(), &[sample::outcome()]));
        assert_eq!(rows[1][2..9], ["1", "1209600", "1209600", "1800", "3600", "3600", "1213200"]);
        assert_eq!(rows[2][2..9], ["2", "2419200", "2419200", "", "", "", ""]);
        assert_eq!(rows[1][9..18], ["2", "5", "5", "0", "0", "0", "true", "false", "0"]);
        assert_eq!(rows[1][18..], ["0", "0", "", "", "0"], "nobody was exposed, nothing rolled back");
    }

    #[test]
    fn charges_of_all_replications_are_told_by_cause() {
        let rows = rows(blame::blame(&["node".into()], &sample::names(), &[sample::outcome()]));
        // Twice 36 h and 1 h and 5,400 user-minutes, and so on: there are two replications.
        let expected = [
            ["default", "node", "4320", "120", "10800"],
            ["default", "update", "60", "0", "0"],
            ["default", "demand", "0", "240", "3600"],
        ];
        assert_eq!(rows[1..], expected);
    }

    #[test]
    fn episodes_of_a_group_are_told_by_kind() {
        let model = sample::model();
        let rows = rows(episodes::episodes(&sample::names(), &model, &[sample::outcome()], 0.95));
        assert_eq!(rows.len(), 1 + 2 * 2);
        // One outage of 7.3 h, which is every quantile, in one of two months: 0.5 ± 12.706·0.5; two overloads, of 1 h and 2 h, each known to 0.8 %.
        assert_eq!(
            rows[1],
            ["default", "app", "outage", "1", "7.3", "7.3", "7.3", "7.3", "7.3", "0.5", "6.353102368"]
        );
        assert_eq!(rows[2][..6], ["default", "app", "overload", "2", "3", "2"]);
        let quantiles = rows[2][6..9].iter().map(|cell| cell.parse::<f64>().unwrap());
        for (told, hours) in quantiles.zip([1.0, 2.0, 2.0]) {
            assert!((told / hours - 1.0).abs() <= 0.008, "{told} for {hours}");
        }
        let mut outcome = sample::outcome();
        outcome.groups[0] = crate::experiment::GroupOutcome::default();
        let file = text(episodes::episodes(&sample::names(), &model, &[outcome], 0.95));
        assert!(file.contains("\ndefault,app,outage,0,0,,,,,,\n"), "{file}");
    }

    #[test]
    fn broken_months_of_a_group_are_told_with_their_interval_or_limit() {
        let mut outcome = sample::outcome();
        outcome.groups[1].replications.iter_mut().for_each(|of| of.broken_months = 0);
        let rows = rows(objectives::objectives(&sample::names(), &[outcome], 0.95));
        // One of two months broken, one in each replication: 0.5 ± 12.706·0.5.
        assert_eq!(rows[1], ["default", "app", "2", "1", "0.5", "6.353102368", "0.95", "2", ""]);
        // None of two: 1 − 0.05^(1/2).
        assert_eq!(rows[2][3..6], ["0", "0", ""]);
        assert!(rows[2][8].starts_with("0.77639"), "{}", rows[2][8]);
    }

    #[test]
    fn metrics_without_a_value_have_no_row() {
        let mut outcome = sample::outcome();
        outcome.replications = vec![sample::nothing()];
        let (names, model) = (sample::names(), sample::model());
        let file = text(metrics::metrics(&names, &model, &[outcome.clone()]));
        assert!(!file.contains("availability"));
        assert!(file.contains("default,0,expired,connectors,0\n"));
        let file = text(summary::summary(&names, &model, &[outcome], 0.95));
        assert!(
            file.contains("default,availability,share,,,0.95,0,,,,,defined in 0 of 1 replication\n"),
            "{file}"
        );
    }

    #[test]
    fn summaries_and_capacity_have_the_documented_columns() {
        let (names, model) = (sample::names(), sample::model());
        let summary = rows(summary::summary(&names, &model, &[sample::outcome()], 0.95));
        assert!(summary.iter().all(|row| row.len() == 12));
        let capacity = rows(capacity::capacity(&names, &model, &[sample::outcome()], &[0.0, 0.2], 0.95));
        assert!(capacity.iter().all(|row| row.len() == 20));
        // 1 and 3 hours in months of 730 h: mean 2, half-width t(0.975, 1)·1 = 12.7062.
        assert_eq!(capacity[1][2..6], ["3", "2.5", "1363.636364", "300"]);
        assert_eq!(capacity[2][13], "2");
        assert!(capacity[2][14].starts_with("12.7062"), "{}", capacity[2][14]);
        assert_eq!(capacity[1][8], "30");
        assert_eq!(capacity[1][12], "112.5");
        // 3,500 and 3,700 user-minutes.
        assert_eq!(capacity[2][15], "3600");
        assert!(capacity[2][16].starts_with("1270.62"), "{}", capacity[2][16]);
    }
}
