//! Blame: how connector-time missing, overloaded time and lost user-minutes are divided among causes.
//!
//! A bar per measure, for each policy, from the left in the same order of causes and the same colours, so that one cause
//! can be followed from bar to bar: what takes most time away is often not what users lose most by. Causes beyond the
//! colours are one part, `others`.

use super::canvas::{Anchor, Canvas, drawn, legend};
use super::palette::{self, Colour, FAINT, INK, PAPER};
use crate::experiment::PolicyOutcome;
use crate::report::blame::{MEASURES, Shares, shares};

/// The most causes with a colour of their own.
const CAUSES: usize = 7;
const LEFT: f64 = 190.0;
const WIDTH: f64 = 970.0;
const BAR: f64 = 26.0;
/// Height of the bars of a policy with its name.
const BLOCK: f64 = 3.0 * (BAR + 10.0) + 34.0;
/// The least share that has room for its number.
const WRITTEN: f64 = 0.045;
/// The longest label in the legend.
const LONGEST: usize = 20;

/// The figure; `classes` are the cause labels of the failure classes, `names` those of the policies by index, `subtitle`
/// says of what.
pub fn blame(classes: &[String], names: &[&str], outcomes: &[PolicyOutcome], subtitle: &str) -> String {
    let of_policies: Vec<Vec<Shares>> = outcomes.iter().map(|outcome| shares(classes, outcome)).collect();
    let (causes, others) = causes(&of_policies);
    let height = 150.0 + BLOCK * outcomes.len() as f64;
    drawn(1200, height as u32, |canvas| {
        canvas.title(
            "What missing connectors, overloads and lost user-minutes are charged to",
            (24.0, 26.0),
            18.0,
            INK,
        );
        canvas.text(subtitle, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        if causes.is_empty() {
            canvas.text("nothing is charged to anything", (600.0, 90.0), 14.0, FAINT, Anchor::Middle);
            return;
        }
        key(canvas, &causes, others);
        for (index, (outcome, shares)) in outcomes.iter().zip(&of_policies).enumerate() {
            let y = 118.0 + BLOCK * index as f64;
            canvas.text(names[outcome.policy], (24.0, y), 13.0, INK, Anchor::Start);
            for (row, (words, _)) in MEASURES.iter().enumerate() {
                let y = y + 18.0 + (BAR + 10.0) * row as f64;
                canvas.text(words, (LEFT - 10.0, y + BAR / 2.0), 12.0, INK, Anchor::End);
                bar(canvas, y, &parts(&causes, shares, row));
            }
        }
        let kept =
            "Charges add up; causes overlap, so a run without one of them (--without) can save more or less.";
        canvas.text(kept, (24.0, height - 14.0), 11.0, FAINT, Anchor::Start);
    })
}

/// The causes with a colour: those with the greatest shares of anything, in the order of the first policy that has them;
/// and whether there are others.
fn causes(of_policies: &[Vec<Shares>]) -> (Vec<String>, bool) {
    let mut all: Vec<(&str, f64)> = Vec::new();
    for shares in of_policies.iter().flatten() {
        let most = shares.of.iter().flatten().copied().fold(0.0, f64::max);
        match all.iter_mut().find(|(cause, _)| *cause == shares.cause) {
            Some((_, known)) => *known = known.max(most),
            None => all.push((&shares.cause, most)),
        }
    }
    let mut greatest: Vec<f64> = all.iter().map(|(_, most)| *most).collect();
    greatest.sort_by(|a, b| b.total_cmp(a));
    let least = greatest.get(CAUSES - 1).copied().unwrap_or(0.0);
    let others = all.len() > CAUSES;
    let coloured = all.into_iter().filter(|(_, most)| *most >= least).take(CAUSES);
    (coloured.map(|(cause, _)| cause.to_owned()).collect(), others)
}

/// The coloured parts of a bar, what is left of it last; empty where there is nothing to divide.
fn parts(causes: &[String], shares: &[Shares], measure: usize) -> Vec<(f64, Colour)> {
    let share = |cause: &String| shares.iter().find(|of| of.cause == *cause)?.of[measure];
    if shares.iter().all(|of| of.of[measure].is_none()) {
        return Vec::new();
    }
    let mut parts: Vec<(f64, Colour)> = causes
        .iter()
        .enumerate()
        .map(|(index, cause)| (share(cause).unwrap_or(0.0), palette::line(index)))
        .collect();
    let named: f64 = parts.iter().map(|(share, _)| share).sum();
    parts.push(((1.0 - named).max(0.0), palette::OTHERS));
    parts
}

fn bar(canvas: &Canvas<'_>, y: f64, parts: &[(f64, Colour)]) {
    if parts.is_empty() {
        return canvas.text("none", (LEFT, y + BAR / 2.0), 12.0, FAINT, Anchor::Start);
    }
    let mut x = LEFT;
    for &(share, colour) in parts.iter().filter(|(share, _)| *share > 0.0) {
        let right = (x + WIDTH * share).min(LEFT + WIDTH);
        canvas.rect((x, y), (right, y + BAR), colour, 1.0);
        if share >= WRITTEN {
            let percent = format!("{:.0} %", 100.0 * share);
            let middle = ((x + right) / 2.0, y + BAR / 2.0);
            canvas.rect((middle.0 - 19.0, middle.1 - 8.0), (middle.0 + 19.0, middle.1 + 8.0), PAPER, 0.85);
            canvas.text(&percent, middle, 12.0, INK, Anchor::Middle);
        }
        x = right;
    }
}

fn key(canvas: &Canvas<'_>, causes: &[String], others: bool) {
    let cut = |label: &String| label.chars().take(LONGEST).collect::<String>();
    let labels: Vec<String> = causes.iter().map(cut).collect();
    let mut entries: Vec<(&str, Colour)> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        entries.push((label, palette::line(index)));
    }
    if others {
        entries.push(("others", palette::OTHERS));
    }
    legend(canvas, (24.0, 80.0), &entries);
}
