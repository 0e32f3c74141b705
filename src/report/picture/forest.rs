//! Paired differences from the baseline with their intervals: a forest plot, one panel per metric.
//!
//! Each panel has a scale of its own, the line of no difference, and a band of differences that the margin calls the
//! same. A point is drawn in the colour of its verdict.

use super::canvas::{Anchor, Canvas, drawn};
use super::frame::grouped;
use super::marks::{dot, signed_ticks};
use super::palette::{self, Colour, FAINT, GRID, INK};
use crate::analysis::{Estimate, Verdict};
use crate::report::comparison::{Contest, margin};
use crate::report::csv::number::real_text;
use crate::report::metrics::Metric;
use crate::report::terminal::cut;

const LEFT: f64 = 260.0;
const RIGHT: f64 = 1_000.0;
const ROW: f64 = 24.0;
/// Title, axis and the space between panels.
const AROUND: f64 = 78.0;

/// The figure; `subtitle` says of what.
pub fn forest(contest: &Contest<'_>, subtitle: &str) -> String {
    let (metrics, policies) = (contest.shown(), contest.others().count());
    let panel = AROUND + ROW * policies as f64;
    let height = 70.0 + panel * metrics.len() as f64;
    drawn(1200, height as u32, |canvas| {
        let title = format!("Differences from {}", contest.name(contest.baseline));
        canvas.title(&title, (24.0, 26.0), 18.0, INK);
        canvas.text(subtitle, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        for (index, metric) in metrics.iter().enumerate() {
            panel_of(canvas, contest, metric, 76.0 + panel * index as f64);
        }
    })
}

/// A horizontal scale with its 0.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn px(&self, value: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

fn panel_of(canvas: &Canvas<'_>, contest: &Contest<'_>, metric: &'static Metric, y: f64) {
    let rows: Vec<(usize, Option<Estimate>, Verdict)> = contest
        .others()
        .filter_map(|of| contest.find(of, metric.name))
        .map(|row| (row.of, row.paired.map(|paired| paired.difference), row.verdict))
        .collect();
    let margin = margin(contest.subject, metric.name);
    let bottom = y + 16.0 + ROW * rows.len() as f64;
    let scale = scale(rows.iter().filter_map(|row| row.1), margin);
    canvas.title(&format!("{} ({})", metric.name, metric.unit), (24.0, y), 13.0, INK);
    if margin > 0.0 {
        canvas.rect((scale.px(-margin), y + 10.0), (scale.px(margin), bottom), palette::CALM, 0.5);
    }
    axis(canvas, &scale, y + 10.0, bottom);
    for (index, &(of, difference, verdict)) in rows.iter().enumerate() {
        let y = y + 16.0 + ROW * (index as f64 + 0.5);
        canvas.text(&cut(contest.name(of)), (LEFT - 14.0, y), 12.0, INK, Anchor::End);
        let colour = colour(verdict);
        canvas.text(verdict.word(), (RIGHT + 16.0, y), 12.0, colour, Anchor::Start);
        let Some(difference) = difference else { continue };
        if let Some((low, high)) = difference.interval() {
            canvas.line(&[(scale.px(low), y), (scale.px(high), y)], colour, 2.0, 1.0);
        }
        dot(canvas, (scale.px(difference.mean), y), 4.5, colour, 1.0);
    }
}

/// From the least to the largest end of an interval, 0 included, and a little more.
fn scale(differences: impl Iterator<Item = Estimate>, margin: f64) -> Scale {
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for difference in differences {
        let (from, to) = difference.interval().unwrap_or((difference.mean, difference.mean));
        (low, high) = (low.min(from), high.max(to));
    }
    // A margin far wider than the differences would hide them.
    let span = if high > low { high - low } else { 1.0 };
    if margin <= 3.0 * span {
        (low, high) = (low.min(-margin), high.max(margin));
    }
    let span = if high > low { high - low } else { 1.0 };
    Scale { low: low - 0.06 * span, high: high + 0.06 * span }
}

fn axis(canvas: &Canvas<'_>, scale: &Scale, top: f64, bottom: f64) {
    for value in signed_ticks(scale.low, scale.high, 8) {
        let x = scale.px(value);
        let (ink, width) = if value == 0.0 { (INK, 1.2) } else { (GRID, 0.8) };
        canvas.line(&[(x, top), (x, bottom)], ink, width, 1.0);
        canvas.text(&grouped(&real_text(Some(value))), (x, bottom + 13.0), 11.0, FAINT, Anchor::Middle);
    }
    canvas.line(&[(LEFT, bottom), (RIGHT, bottom)], INK, 1.0, 1.0);
}

fn colour(verdict: Verdict) -> Colour {
    match verdict {
        Verdict::Better => palette::line(2),
        Verdict::Worse => palette::ALARM,
        Verdict::Same => palette::line(0),
        Verdict::Undecided => FAINT,
    }
}
