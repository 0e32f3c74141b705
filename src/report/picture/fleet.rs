//! The fleet over time: where its connectors stand, and the three tiles of the overview beneath.
//!
//! The statuses other than `Connected` are stacked from the bottom, so that few of many can be seen; what is left up to
//! the number of all connectors is `Connected`. Where there are more sampling instants than the width can show, areas
//! are means and lines are maxima over equal intervals.

use super::axis::{Dates, round_ticks};
use super::canvas::{Anchor, Canvas, drawn, legend};
use super::frame::{Frame, grouped};
use super::palette::{self, ALARM, FAINT, INK};
use super::thinned;
use crate::fleet::Status;
use crate::recording::Overview;
use crate::time::{Span, Time};

/// The stacked statuses from the bottom, with their columns in the overview.
const STACK: [(Status, usize); 7] = [
    (Status::Disconnected, 1),
    (Status::Expired, 4),
    (Status::Deploying, 6),
    (Status::Announced, 5),
    (Status::Updating, 3),
    (Status::Disabled, 2),
    (Status::Deleted, 7),
];

const TILES: [(&str, usize); 3] =
    [("groups Disconnected", 13), ("groups with a Warning", 14), ("groups with Overloaded CPU", 15)];

const LEFT: f64 = 70.0;
const WIDTH: f64 = 1100.0;

/// The figure of one replication; `subtitle` says which.
pub fn fleet(dates: &Dates, overview: &Overview, horizon: Time, subtitle: &str) -> String {
    drawn(1200, 760, |canvas| {
        canvas.title("Connectors by status", (24.0, 26.0), 18.0, INK);
        canvas.text(subtitle, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        legend(canvas, (LEFT, 74.0), &words(overview));
        stack(canvas, dates, overview, horizon);
        for (index, (name, column)) in TILES.into_iter().enumerate() {
            let y = 450.0 + 95.0 * index as f64;
            tile(canvas, dates, overview, horizon, (name, column), y, index == TILES.len() - 1);
        }
        let zone = format!("dates in {}", dates.zone_name());
        canvas.text(&zone, (LEFT + WIDTH, 748.0), 11.0, FAINT, Anchor::End);
    })
}

/// The statuses that occur, with their colours.
fn words(overview: &Overview) -> Vec<(&'static str, palette::Colour)> {
    std::iter::once((Status::Connected, 0))
        .chain(STACK)
        .filter(|&(_, column)| overview.rows.iter().any(|row| row[column] > 0))
        .map(|(status, _)| (status.word(), colour(status)))
        .collect()
}

fn stack(canvas: &Canvas<'_>, dates: &Dates, overview: &Overview, horizon: Time) {
    let (chunks, size) = thinned(&overview.rows);
    let means: Vec<[f64; 8]> = chunks.map(heights).collect();
    let total = means.iter().map(|of| of[7]).fold(1.0, f64::max);
    let not_connected = means.iter().map(|of| of[6]).fold(0.0, f64::max);
    let top = if not_connected > 0.5 * total { total } else { (not_connected * 1.25).clamp(1.0, total) };
    let frame = Frame { x: LEFT, y: 96.0, width: WIDTH, height: 310.0, across: (0.0, horizon.0 as f64), top };
    let of_all = format!("not Connected, of {} connectors", grouped(&format!("{total:.0}")));
    let step = Span(overview.every.0 * size as i64);
    let mut below = vec![0.0; means.len()];
    for layer in 0..8 {
        let above: Vec<f64> = means.iter().map(|of| of[layer]).collect();
        let status = STACK.get(layer).map_or(Status::Connected, |&(status, _)| status);
        if above.iter().zip(&below).any(|(above, below)| above > below) {
            band(canvas, &frame, step, &below, &above, colour(status));
        }
        below = above;
    }
    frame.value_axis(canvas, 6);
    frame.date_axis(canvas, dates, true);
    canvas.text(&of_all, (LEFT + 8.0, frame.y + 14.0), 12.0, INK, Anchor::Start);
}

/// The colour of a layer: `Connected` is the pale ground on which the others are seen.
fn colour(status: Status) -> palette::Colour {
    if status == Status::Connected { palette::CALM } else { palette::status(status) }
}

/// Upper edges of the layers, means over `rows`: the seven of the stack, then all connectors.
fn heights(rows: &[[i32; 18]]) -> [f64; 8] {
    let mean = |column: usize| rows.iter().map(|row| f64::from(row[column])).sum::<f64>() / rows.len() as f64;
    let mut edges = [0.0; 8];
    let mut edge = 0.0;
    for (layer, (_, column)) in STACK.into_iter().enumerate() {
        edge += mean(column);
        edges[layer] = edge;
    }
    edges[7] = edge + mean(0);
    edges
}

/// The area between two step functions of time.
fn band(canvas: &Canvas<'_>, frame: &Frame, step: Span, below: &[f64], above: &[f64], fill: palette::Colour) {
    let mut outline = steps(frame, step, above);
    let mut back = steps(frame, step, below);
    back.reverse();
    outline.append(&mut back);
    canvas.polygon(&outline, fill, 1.0);
}

fn steps(frame: &Frame, step: Span, values: &[f64]) -> Vec<(f64, f64)> {
    let edge = |index: usize| frame.px((index as i64 * step.0) as f64);
    let mut points = Vec::with_capacity(2 * values.len());
    for (index, &value) in values.iter().enumerate() {
        let y = frame.py(value);
        if points.last().is_none_or(|&(_, last)| last != y) {
            points.push((edge(index), y));
        }
        points.push((edge(index + 1), y));
    }
    points
}

fn tile(
    canvas: &Canvas<'_>,
    dates: &Dates,
    overview: &Overview,
    horizon: Time,
    (name, column): (&str, usize),
    y: f64,
    labelled: bool,
) {
    let (chunks, size) = thinned(&overview.rows);
    let maxima: Vec<f64> =
        chunks.map(|rows| rows.iter().map(|row| f64::from(row[column])).fold(0.0, f64::max)).collect();
    let top = *round_ticks(maxima.iter().copied().fold(1.0, f64::max), 2).last().unwrap_or(&1.0);
    let frame = Frame { x: LEFT, y, width: WIDTH, height: 62.0, across: (0.0, horizon.0 as f64), top };
    frame.value_axis(canvas, 2);
    frame.date_axis(canvas, dates, labelled);
    if maxima.iter().all(|&most| most == 0.0) {
        let middle = (LEFT + WIDTH / 2.0, y + frame.height / 2.0);
        canvas.text("none", middle, 12.0, FAINT, Anchor::Middle);
    } else {
        let step = Span(overview.every.0 * size as i64);
        canvas.line(&steps(&frame, step, &maxima), ALARM, 1.1, 1.0);
    }
    canvas.text(name, (LEFT, y - 12.0), 12.0, INK, Anchor::Start);
}
