//! Rollouts: which share of the connectors pending at a release's publication runs it, against the time since then.
//!
//! One line per policy: the median over all releases of all replications, in a band from the 10 % to the 90 %
//! quantile (from the least to the largest where there are fewer than 20). A release that was superseded keeps the
//! share that it had reached. Time is logarithmic: half of the connectors take minutes, the last ones days or weeks.
//! Beneath, the share that does not run it yet, logarithmic as well, since what remains then is far below a percent.

use super::canvas::{Anchor, Canvas, drawn};
use super::frame::Frame;
use super::palette::{self, Colour, FAINT, INK};
use crate::analysis::{quantile_type7, sorted};
use crate::experiment::PolicyOutcome;
use crate::recording::Rollout;
use crate::report::summary::{ENOUGH, counted};

/// Decades of the lower diagram, from 100 % down.
const DECADES: f64 = 4.0;

/// Points of a curve.
const GRID: usize = 300;

/// The figure; `names` are those of the policies by index, `subtitle` says of what.
pub fn rollouts(names: &[&str], outcomes: &[PolicyOutcome], subtitle: &str) -> String {
    let height = 740.0 + 20.0 * outcomes.len() as f64;
    drawn(1200, height as u32, |canvas| {
        canvas.title("Share of connectors that run a release", (24.0, 26.0), 18.0, INK);
        canvas.text(subtitle, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        let all: Vec<&Rollout> = outcomes.iter().flat_map(published).collect();
        let Some(across) = across(&all) else {
            canvas.text("no release was rolled out", (600.0, 300.0), 14.0, FAINT, Anchor::Middle);
            return;
        };
        let above = Frame { x: 70.0, y: 70.0, width: 1100.0, height: 330.0, across, top: 1.0 };
        let below = Frame { y: 450.0, height: 220.0, top: DECADES, ..above };
        axes(canvas, &above, &below);
        let middle = (below.x + below.width / 2.0, below.bottom() + 36.0);
        canvas.text("time since publication, logarithmic", middle, 12.0, INK, Anchor::Middle);
        let opacity = 0.18 / (outcomes.len() as f64 / 4.0).max(1.0);
        let mut courses = Vec::new();
        for (index, outcome) in outcomes.iter().enumerate() {
            let (name, rollouts) = (names[outcome.policy], published(outcome));
            if let Some(course) = Course::of(&rollouts, across) {
                let colour = palette::line(index);
                course.draw_band(canvas, &above, (colour, opacity), |share| share);
                course.draw_band(canvas, &below, (colour, opacity), missing);
                let at = (below.x, below.bottom() + 56.0 + 20.0 * index as f64);
                key(canvas, at, (colour, opacity), &words(name, &rollouts));
                courses.push((course, colour));
            }
        }
        for (course, colour) in courses {
            course.draw_line(canvas, &above, colour, |share| share);
            course.draw_line(canvas, &below, colour, missing);
        }
        let kept = "A rollout that the next release or the end of the run cuts off keeps the share that it had reached.";
        canvas.text(kept, (24.0, height - 12.0), 11.0, FAINT, Anchor::Start);
    })
}

fn published(outcome: &PolicyOutcome) -> Vec<&Rollout> {
    let all = outcome.replications.iter().flat_map(|replication| &replication.rollouts);
    all.filter(|rollout| rollout.connectors > 0).collect()
}

/// The range of the axis in logarithms of seconds: from before the first success to after the last.
fn across(rollouts: &[&Rollout]) -> Option<(f64, f64)> {
    let reached = || rollouts.iter().map(|rollout| &rollout.reached).filter(|reached| !reached.is_empty());
    let first = reached().map(|reached| reached.min()).min()?.max(1);
    let last = reached().map(|reached| reached.max()).max()?.max(first);
    Some((libm::log(first as f64 * 0.8), libm::log(last as f64 * 1.25)))
}

fn axes(canvas: &Canvas<'_>, above: &Frame, below: &Frame) {
    for fifth in 0..=5 {
        above.level(canvas, f64::from(fifth) / 5.0, &format!("{} %", 20 * fifth));
    }
    for (decade, label) in ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"].into_iter().enumerate() {
        below.level(canvas, decade as f64, label);
    }
    above.duration_axis(canvas);
    below.duration_axis(canvas);
    let title = (below.x, below.y - 12.0);
    canvas.text("Share that does not run it yet, logarithmic", title, 12.0, INK, Anchor::Start);
}

/// The height in the lower diagram of what is missing of `share`, in decades above its lower edge.
fn missing(share: f64) -> f64 {
    let missing = 1.0 - share;
    if missing > 0.0 { DECADES + libm::log10(missing) } else { 0.0 }
}

/// The shares that the rollouts of a policy reached, over the width of the figure.
struct Course {
    times: Vec<f64>,
    low: Vec<f64>,
    middle: Vec<f64>,
    high: Vec<f64>,
}

impl Course {
    fn of(rollouts: &[&Rollout], (from, to): (f64, f64)) -> Option<Course> {
        let times: Vec<f64> = (0..=GRID).map(|step| from + (to - from) * step as f64 / GRID as f64).collect();
        let shares: Vec<Vec<f64>> = rollouts.iter().map(|rollout| curve(rollout, &times)).collect();
        let band = if rollouts.len() < ENOUGH { (0.0, 1.0) } else { (0.1, 0.9) };
        let column = |step: usize| sorted(shares.iter().map(|curve| curve[step]).collect());
        let columns: Vec<Vec<f64>> = (0..=GRID).map(column).collect();
        let quantile =
            |q| columns.iter().map(|shares| quantile_type7(shares, q)).collect::<Option<Vec<f64>>>();
        Some(Course { low: quantile(band.0)?, middle: quantile(0.5)?, high: quantile(band.1)?, times })
    }

    /// Where `shares` lie, at the heights that `value` gives to them.
    fn points(&self, shares: &[f64], frame: &Frame, value: fn(f64) -> f64) -> Vec<(f64, f64)> {
        let places = self.times.iter().zip(shares);
        places.map(|(&time, &share)| (frame.px(time), frame.py(value(share)))).collect()
    }

    fn draw_band(
        &self,
        canvas: &Canvas<'_>,
        frame: &Frame,
        (colour, opacity): (Colour, f64),
        value: fn(f64) -> f64,
    ) {
        let mut outline = self.points(&self.high, frame, value);
        outline.extend(self.points(&self.low, frame, value).into_iter().rev());
        canvas.polygon(&outline, colour, opacity);
    }

    fn draw_line(&self, canvas: &Canvas<'_>, frame: &Frame, colour: Colour, value: fn(f64) -> f64) {
        canvas.line(&self.points(&self.middle, frame, value), colour, 2.2, 1.0);
    }
}

fn key(canvas: &Canvas<'_>, (x, y): (f64, f64), (colour, opacity): (Colour, f64), words: &str) {
    canvas.rect((x, y - 6.0), (x + 30.0, y + 6.0), colour, opacity);
    canvas.line(&[(x, y), (x + 30.0, y)], colour, 2.2, 1.0);
    canvas.text(words, (x + 38.0, y), 12.0, INK, Anchor::Start);
}

fn words(name: &str, rollouts: &[&Rollout]) -> String {
    let extent = if rollouts.len() < ENOUGH { "least to largest" } else { "10 % to 90 %" };
    let complete = rollouts.iter().filter(|rollout| rollout.completed().is_some()).count();
    format!(
        "{name}: median (line) and {extent} (band) of {}, of which {complete} reached everybody",
        counted(rollouts.len(), "rollout")
    )
}

/// The share reached at each of `times`, logarithms of seconds in ascending order.
fn curve(rollout: &Rollout, times: &[f64]) -> Vec<f64> {
    let mut steps = rollout.reached.iter_recorded().peekable();
    let mut reached = 0;
    let share = |&time: &f64| {
        let limit = libm::exp(time);
        while let Some(next) = steps.next_if(|next| next.value_iterated_to() as f64 <= limit) {
            reached += next.count_since_last_iteration();
        }
        reached as f64 / rollout.connectors as f64
    };
    times.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// The second rollout of the sample: one of five connectors after 900 s, no more. The first: all, 600 s to 3600 s.
    #[test]
    fn a_curve_rises_where_connectors_succeed_and_stays_where_the_rollout_was_cut_off() {
        let replication = sample::replication(0);
        let times = [599.0, 601.0, 899.0, 901.0, 1_801.0, 1e6].map(libm::log);
        assert_eq!(curve(&replication.rollouts[0], &times), [0.0, 0.2, 0.2, 0.2, 0.6, 1.0]);
        assert_eq!(curve(&replication.rollouts[1], &times), [0.0, 0.0, 0.0, 0.2, 0.2, 0.2]);
    }

    #[test]
    fn what_is_missing_is_told_in_decades() {
        for (share, decades) in [(0.0, 4.0), (0.9, 3.0), (0.999, 1.0), (0.9999, 0.0), (1.0, 0.0)] {
            assert!((missing(share) - decades).abs() < 1e-9, "{share}");
        }
    }

    #[test]
    fn the_axis_holds_the_first_and_the_last_success() {
        let replication = sample::replication(0);
        let (from, to) = across(&replication.rollouts.iter().collect::<Vec<_>>()).unwrap();
        assert!((libm::exp(from) - 480.0).abs() < 1e-9 && (libm::exp(to) - 4_500.0).abs() < 4.5);
        assert_eq!(across(&[]), None);
        let words = words("vendor", &replication.rollouts.iter().collect::<Vec<_>>());
        assert!(
            words.ends_with("least to largest (band) of 2 rollouts, of which 1 reached everybody"),
            "{words}"
        );
    }
}
