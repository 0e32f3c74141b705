//! Rollouts: which share of the connectors pending at a release's publication runs it, against the time since then.
//!
//! One line per policy: the median over all releases of all replications, in a band from the 10 % to the 90 %
//! quantile (from the least to the largest where there are fewer than 20). A release that was superseded keeps the
//! share that it had reached.

use super::canvas::{Anchor, Canvas, drawn};
use super::frame::Frame;
use super::palette::{self, FAINT, INK};
use crate::analysis::quantile_type7;
use crate::experiment::PolicyOutcome;
use crate::recording::Rollout;
use crate::report::summary::ENOUGH;

/// Points of a curve.
const GRID: usize = 300;

/// The figure; `names` are those of the policies by index, `subtitle` says of what.
pub fn rollouts(names: &[&str], outcomes: &[PolicyOutcome], subtitle: &str) -> String {
    drawn(1200, 620, |canvas| {
        canvas.title("Share of connectors that run a release", (24.0, 26.0), 18.0, INK);
        canvas.text(subtitle, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        let longest = outcomes.iter().filter_map(|outcome| span(&published(outcome))).max();
        let Some(longest) = longest else {
            canvas.text("no release was rolled out", (600.0, 300.0), 14.0, FAINT, Anchor::Middle);
            return;
        };
        let across = (0.0, longest as f64 * 1.05);
        let frame = Frame { x: 70.0, y: 70.0, width: 1100.0, height: 480.0, across, top: 100.0 };
        frame.value_axis(canvas, 5, " %");
        let (unit, word) = unit(across.1);
        frame.number_axis(canvas, unit, 12);
        let below = (frame.x + frame.width / 2.0, frame.bottom() + 36.0);
        canvas.text(&format!("{word} since publication"), below, 12.0, INK, Anchor::Middle);
        for (index, outcome) in outcomes.iter().enumerate() {
            policy(canvas, &frame, index, names[outcome.policy], &published(outcome));
        }
    })
}

fn published(outcome: &PolicyOutcome) -> Vec<&Rollout> {
    let all = outcome.replications.iter().flat_map(|replication| &replication.rollouts);
    all.filter(|rollout| rollout.connectors > 0).collect()
}

/// Seconds within which nine in ten rollouts came as far as they ever came.
fn span(rollouts: &[&Rollout]) -> Option<u64> {
    let mut last: Vec<u64> = rollouts
        .iter()
        .filter(|rollout| !rollout.reached.is_empty())
        .map(|rollout| rollout.reached.max())
        .collect();
    last.sort_unstable();
    last.get(last.len().saturating_sub(1) * 9 / 10).copied()
}

fn unit(seconds: f64) -> (f64, &'static str) {
    if seconds > 4.0 * 86_400.0 {
        (86_400.0, "days")
    } else if seconds > 2.0 * 3_600.0 {
        (3_600.0, "hours")
    } else {
        (60.0, "minutes")
    }
}

fn policy(canvas: &Canvas<'_>, frame: &Frame, index: usize, name: &str, rollouts: &[&Rollout]) {
    if rollouts.is_empty() {
        return;
    }
    let shares: Vec<Vec<f64>> = rollouts.iter().map(|rollout| curve(rollout, frame.across.1)).collect();
    let band = if rollouts.len() < ENOUGH { (0.0, 1.0) } else { (0.1, 0.9) };
    let (mut low, mut middle, mut high) = (Vec::new(), Vec::new(), Vec::new());
    for step in 0..=GRID {
        let mut at: Vec<f64> = shares.iter().map(|curve| curve[step]).collect();
        at.sort_by(f64::total_cmp);
        let x = frame.px(frame.across.1 * step as f64 / GRID as f64);
        let point = |share| (x, frame.py(100.0 * quantile_type7(&at, share).unwrap_or(0.0)));
        low.push(point(band.0));
        middle.push(point(0.5));
        high.push(point(band.1));
    }
    low.reverse();
    high.append(&mut low);
    let colour = palette::line(index);
    canvas.polygon(&high, colour, 0.18);
    canvas.line(&middle, colour, 2.2, 1.0);
    let y = frame.bottom() - 24.0 - 20.0 * index as f64;
    let extent = if rollouts.len() < ENOUGH { "least to largest" } else { "10 % to 90 %" };
    canvas.line(&[(frame.right() - 430.0, y), (frame.right() - 400.0, y)], colour, 2.2, 1.0);
    let text = format!("{name}: median and {extent} of {} rollouts", rollouts.len());
    canvas.text(&text, (frame.right() - 394.0, y), 12.0, INK, Anchor::Start);
}

/// The share reached at [`GRID`] + 1 equally spaced times in [0, `end`] seconds.
fn curve(rollout: &Rollout, end: f64) -> Vec<f64> {
    let mut steps = rollout.reached.iter_recorded().peekable();
    let mut reached = 0;
    let share = |step: usize| {
        let limit = end * step as f64 / GRID as f64;
        while let Some(next) = steps.next_if(|next| next.value_iterated_to() as f64 <= limit) {
            reached += next.count_since_last_iteration();
        }
        reached as f64 / rollout.connectors as f64
    };
    (0..=GRID).map(share).collect()
}
