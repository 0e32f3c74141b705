//! How long a release waits for a window.
//!
//! A release that is published at a uniform instant of the period T falls into a gap of length g with probability g/T and then
//! waits for g/2 in the mean, the other times not at all: the mean wait is Σ g²/(2T) (the inspection paradox; Feller, *An
//! Introduction to Probability Theory and Its Applications*, vol. II, 2nd ed., 1971, I.4). An update that must end in its window
//! makes every gap longer by its limit; a freeze joins gaps.
//!
//! The mean is taken over the middles of all stretches of five minutes of a week. The wait is linear on each of them, as every window
//! begins and closes at their ends, so that this is the integral, and nothing here is a matter of chance.

use fleetcast::control::{Hours, Schedule};
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Happening, Observer};
use fleetcast::time::{HOUR, Span, Time};

use crate::builder::{hour, hours, minute, minutes, model, publish};
use crate::runs::{add_groups, run_without_demand, watch};

/// Hours.
const WEEK: i64 = 168;
/// Stretches of five minutes in a week.
const STRETCHES: i64 = 12 * WEEK;

/// When the first update starts.
#[derive(Default)]
struct FirstStart(Option<Time>);

impl Observer for FirstStart {
    fn happened(&mut self, at: Time, what: Happening) {
        if let Happening::UpdateStarted { .. } = what {
            self.0 = self.0.or(Some(at));
        }
    }
}

/// One connector for two weeks in each of which these intervals, in hours, recur.
fn waiting(windows: &[(i64, i64)], must_fit: Span, freezes: &[(i64, i64)]) -> Model {
    let mut model = model();
    run_without_demand(&mut model, hours(2 * WEEK));
    add_groups(&mut model, 1, 1);
    let recurring = |intervals: &[(i64, i64)]| -> Vec<(Time, Time)> {
        let of_week = |week: i64| intervals.iter().map(move |of| (hour(week + of.0), hour(week + of.1)));
        [0, WEEK].into_iter().flat_map(of_week).collect()
    };
    let hours = Hours::frozen(recurring(freezes)).within(recurring(windows), must_fit);
    model.policies[0].upgrade.hours = Some(Schedule { kinds: vec![hours], of_group: vec![0] });
    model
}

/// Compares the mean wait, and how often there is none, with those of gaps of these lengths in hours.
fn compare(mut model: Model, gaps: &[f64]) {
    let mut wait = |stretch: i64| {
        let published = minute(5 * stretch) + Span(150_000);
        publish(&mut model, &[published]);
        let started = watch(&model, 1, |_| FirstStart::default()).remove(0).0;
        (started.expect("a window opens in the next week") - published).0 as f64 / HOUR.0 as f64
    };
    let waits: Vec<f64> = (0..STRETCHES).map(&mut wait).collect();
    let (week, number) = (WEEK as f64, STRETCHES as f64);
    let at_once = waits.iter().filter(|&&wait| wait == 0.0).count() as f64 / number;
    assert!((at_once - (1.0 - gaps.iter().sum::<f64>() / week)).abs() < 1e-9, "{at_once} at once, {gaps:?}");
    let mean = waits.iter().sum::<f64>() / number;
    let expected = gaps.iter().map(|gap| gap * gap).sum::<f64>() / (2.0 * week);
    assert!((mean - expected).abs() < 1e-9 * expected, "{mean} h for {expected}, {gaps:?}");
}

#[test]
fn a_release_waits_for_half_of_its_gap() {
    compare(waiting(&[(26, 29)], Span::ZERO, &[]), &[165.0]);
    compare(waiting(&[(26, 29), (50, 53), (74, 77)], Span::ZERO, &[]), &[21.0, 21.0, 117.0]);
}

#[test]
fn what_must_end_in_its_window_waits_longer() {
    compare(waiting(&[(26, 29), (50, 53)], minutes(15), &[]), &[21.25, 141.25]);
    // Two days on end are one window.
    compare(waiting(&[(24, 48), (48, 72)], minutes(15), &[]), &[120.25]);
}

/// From 48:00 to 60:00 all is frozen, the second night with it.
#[test]
fn a_freeze_joins_gaps() {
    let nights = [(26, 29), (50, 53), (74, 77)];
    compare(waiting(&nights, Span::ZERO, &[(48, 60)]), &[45.0, 117.0]);
}
