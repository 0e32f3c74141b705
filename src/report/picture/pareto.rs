//! The policies among their objectives: the first objective across, one panel for each other one.
//!
//! Efficient policies are full, the others pale. Less is better on every axis, so the lower left corner is best.

use super::axis::round_ticks;
use super::canvas::{Anchor, Canvas, drawn};
use super::frame::{Frame, grouped};
use super::marks::dot;
use super::palette::{self, FAINT, GRID, INK};
use crate::report::comparison::Contest;
use crate::report::csv::number::real_text;

/// The figure; `subtitle` says of what.
pub fn pareto(contest: &Contest<'_>, subtitle: &str) -> String {
    let panels = contest.pareto.objectives.len().saturating_sub(1);
    let width = 480 * panels.clamp(1, 3) + 40;
    let height = labels(contest).last().map_or(0.0, |(_, at)| at.1) + 34.0;
    drawn(width as u32, height as u32, |canvas| {
        canvas.title("Policies among their objectives", (24.0, 26.0), 18.0, INK);
        canvas.text(subtitle, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        if panels == 0 {
            let middle = (width as f64 / 2.0, 280.0);
            canvas.text("there is one objective or none", middle, 14.0, FAINT, Anchor::Middle);
        }
        for panel in 0..panels.min(3) {
            panel_of(canvas, contest, panel + 1, 480.0 * panel as f64);
        }
        legend(canvas, contest);
    })
}

fn panel_of(canvas: &Canvas<'_>, contest: &Contest<'_>, objective: usize, left: f64) {
    let pareto = &contest.pareto;
    let (across, up) = (pareto.objectives[0], pareto.objectives[objective]);
    let end = |objective: usize| {
        let largest = pareto.means.iter().map(|means| means[objective]).fold(0.0, f64::max);
        round_ticks(largest * 1.05, 5).last().copied().unwrap_or(1.0)
    };
    let frame = Frame {
        x: left + 100.0,
        y: 96.0,
        width: 370.0,
        height: 340.0,
        across: (0.0, end(0)),
        top: end(objective),
    };
    canvas.text(&format!("{} ({})", up.name, up.unit), (left + 24.0, 78.0), 12.0, INK, Anchor::Start);
    grid(canvas, &frame);
    let below = (frame.x + frame.width / 2.0, frame.bottom() + 36.0);
    canvas.text(&format!("{} ({})", across.name, across.unit), below, 12.0, INK, Anchor::Middle);
    for (of, means) in pareto.means.iter().enumerate() {
        let at = (frame.px(means[0]), frame.py(means[objective]));
        dot(canvas, at, 6.0, palette::line(of), alpha(contest, of));
    }
}

/// Round numbers on both axes.
fn grid(canvas: &Canvas<'_>, frame: &Frame) {
    for value in round_ticks(frame.top, 5) {
        let y = frame.py(value);
        canvas.line(&[(frame.x, y), (frame.right(), y)], GRID, 0.8, 1.0);
        canvas.text(&grouped(&real_text(Some(value))), (frame.x - 7.0, y), 11.0, FAINT, Anchor::End);
    }
    for value in round_ticks(frame.across.1, 5) {
        let x = frame.px(value);
        canvas.line(&[(x, frame.y), (x, frame.bottom())], GRID, 0.8, 1.0);
        let below = (x, frame.bottom() + 14.0);
        canvas.text(&grouped(&real_text(Some(value))), below, 11.0, FAINT, Anchor::Middle);
    }
    canvas.line(&[(frame.x, frame.bottom()), (frame.right(), frame.bottom())], INK, 1.0, 1.0);
}

fn alpha(contest: &Contest<'_>, of: usize) -> f64 {
    if contest.pareto.is_efficient(of) { 1.0 } else { 0.35 }
}

/// Names beside their dots, in rows.
fn legend(canvas: &Canvas<'_>, contest: &Contest<'_>) {
    for (of, (text, at)) in labels(contest).into_iter().enumerate() {
        dot(canvas, at, 5.0, palette::line(of), alpha(contest, of));
        canvas.text(&text, (at.0 + 12.0, at.1), 12.0, INK, Anchor::Start);
    }
}

/// The words of the legend, and where their dots stand.
fn labels(contest: &Contest<'_>) -> Vec<(String, (f64, f64))> {
    let (mut x, mut y) = (100.0, 506.0);
    let label = |of: usize| {
        let efficient = if contest.pareto.is_efficient(of) { " (efficient)" } else { "" };
        let text = format!("{}{efficient}", contest.name(of));
        let width = 30.0 + 6.9 * text.chars().count() as f64;
        if x > 100.0 && x + width > 510.0 {
            (x, y) = (100.0, y + 20.0);
        }
        x += width;
        (text, (x - width, y))
    };
    (0..contest.outcomes.len()).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::comparison::tests::{outcomes, study};
    use crate::report::picture::forest::forest;
    use crate::report::subject::Subject;

    /// With `FLEETCAST_PICTURES=DIR` they are written there, to be looked at.
    #[test]
    fn comparisons_are_drawn() {
        let (study, mut outcomes) = (study(), outcomes());
        outcomes[1].replications.iter_mut().for_each(|of| of.tally.exposed = 40);
        outcomes[2].replications.iter_mut().for_each(|of| of.tally.exposed = 70);
        outcomes[2].replications[1].tally.unserved_users *= 3;
        let subject = Subject::of(&study);
        let contest = Contest::new(&subject, &outcomes, 0, true, None);
        for (name, svg) in
            [("comparison.svg", forest(&contest, "small")), ("pareto.svg", pareto(&contest, "small"))]
        {
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
            if let Ok(folder) = std::env::var("FLEETCAST_PICTURES") {
                std::fs::write(std::path::Path::new(&folder).join(name), svg).unwrap();
            }
        }
    }
}
