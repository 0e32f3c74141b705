//! What varied settings do to the key metric of a sweep: main effects, and interactions of pairs.
//!
//! A point is the mean over all points of the sweep that have the value, its bar the confidence interval of that mean.
//! The bars overlap even where a difference is certain: all points have met the same luck, so differences are known
//! better than means, and stand in effects.csv. Lines that run in parallel say that two settings do not interact.

use super::canvas::{Anchor, Canvas, drawn};
use super::frame::grouped;
use super::marks::{dot, signed_ticks};
use super::palette::{self, Colour, FAINT, GRID, INK};
use crate::analysis::{Estimate, Factorial, Level};
use crate::report::csv::number::real_text;
use crate::report::sweep::{Sweep, bare, ending, shortened};

const PANEL: (f64, f64) = (400.0, 320.0);
/// Panels side by side.
const ACROSS: usize = 3;
/// The most panels; more pairs than that nobody looks at.
const MOST_PANELS: usize = 12;
/// The most characters below a value of the horizontal axis.
const LONGEST_VALUE: usize = 12;
/// The most characters of a panel's title.
const LONGEST_TITLE: usize = 50;
/// The most characters of each of two paths in a panel's title.
const LONGEST_PATH: usize = 24;
const TOP: f64 = 70.0;

/// A line of a panel: its colour, and its estimates by value of the horizontal axis.
struct Series {
    name: String,
    colour: Colour,
    means: Vec<Estimate>,
}

/// A diagram: over the values of a setting, one line or several.
struct Panel {
    title: String,
    values: Vec<String>,
    lines: Vec<Series>,
    /// Whether the lines are named in the panel itself.
    keyed: bool,
}

/// The means at each value of each setting, a panel per setting and a line per policy; none unless complete.
pub fn main_effects(sweep: &Sweep, subtitle: &str) -> Option<String> {
    let of: Vec<(usize, Factorial)> = policies(sweep);
    let path = |factor: usize, most| ending(&sweep.factors[factor].path, most);
    let line = |factor: usize, (policy, of): &(usize, Factorial)| Series {
        name: sweep.policies[*policy].clone(),
        colour: palette::line(*policy),
        means: means(of, factor, None),
    };
    let panel = |factor: usize| Panel {
        title: path(factor, LONGEST_TITLE),
        values: values(sweep, factor),
        lines: of.iter().map(|of| line(factor, of)).collect(),
        keyed: sweep.policies.len() > 1,
    };
    let panels: Vec<Panel> = (0..sweep.factors.len()).map(panel).collect();
    (!of.is_empty()).then(|| figure("Main effects", sweep, subtitle, &panels))
}

/// The means at each pair of values of two settings, a panel per policy and pair, a line per value of the second; none
/// unless complete, or with fewer than two settings.
pub fn interactions(sweep: &Sweep, subtitle: &str) -> Option<String> {
    let path = |factor: usize, most| ending(&sweep.factors[factor].path, most);
    let panel = |policy: usize, of: &Factorial, (a, b): (usize, usize)| {
        let several =
            if sweep.policies.len() > 1 { format!(", {}", sweep.policies[policy]) } else { String::new() };
        let line = |level: usize| Series {
            name: bare(&sweep.factors[b].values[level]).to_owned(),
            colour: palette::line(level),
            means: means(of, a, Some((b, level))),
        };
        Panel {
            title: format!("{} by {}{several}", path(a, LONGEST_PATH), path(b, LONGEST_PATH)),
            values: values(sweep, a),
            lines: (0..sweep.factors[b].values.len()).map(line).collect(),
            keyed: true,
        }
    };
    let of = policies(sweep);
    let all = of.iter().flat_map(|(policy, of)| of.pairs().map(move |pair| panel(*policy, of, pair)));
    let mut panels: Vec<Panel> = all.collect();
    let left_out = panels.len().saturating_sub(MOST_PANELS);
    panels.truncate(MOST_PANELS);
    let more = if left_out > 0 { format!("; {left_out} more in effects.csv") } else { String::new() };
    (!panels.is_empty()).then(|| figure("Interactions", sweep, &format!("{subtitle}{more}"), &panels))
}

/// The policies that have effects.
fn policies(sweep: &Sweep) -> Vec<(usize, Factorial)> {
    let of = |policy| Some((policy, sweep.factorial(policy, sweep.key)?));
    (0..sweep.policies.len()).filter_map(of).collect()
}

fn values(sweep: &Sweep, factor: usize) -> Vec<String> {
    sweep.factors[factor].values.iter().map(|value| bare(value).to_owned()).collect()
}

/// The means over a factor's levels, at a level of another one.
fn means(of: &Factorial, factor: usize, other: Option<Level>) -> Vec<Estimate> {
    let at = |level| [(factor, level)].into_iter().chain(other).collect::<Vec<Level>>();
    (0..of.levels()[factor]).map(|level| of.mean(&at(level))).collect()
}

fn figure(title: &str, sweep: &Sweep, subtitle: &str, panels: &[Panel]) -> String {
    let rows = panels.len().div_ceil(ACROSS);
    let width = PANEL.0 * panels.len().min(ACROSS) as f64 + 30.0;
    let height = TOP + PANEL.1 * rows as f64;
    let range = range(panels);
    drawn(width as u32, height as u32, |canvas| {
        let unit = format!("{title} on {} ({})", sweep.key.name, sweep.key.unit);
        canvas.title(&unit, (24.0, 26.0), 18.0, INK);
        let bars =
            format!("{subtitle}; bars: {} % confidence of a mean", real_text(Some(100.0 * sweep.confidence)));
        canvas.text(&bars, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        for (index, panel) in panels.iter().enumerate() {
            let corner = ((index % ACROSS) as f64 * PANEL.0, TOP + (index / ACROSS) as f64 * PANEL.1);
            panel.draw(canvas, corner, range);
        }
    })
}

/// From the least to the largest end of an interval and a little more: one scale for all panels.
fn range(panels: &[Panel]) -> (f64, f64) {
    let all = panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.means);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mean| {
        let (from, to) = mean.interval().unwrap_or((mean.mean, mean.mean));
        (low.min(from), high.max(to))
    });
    let span = if high > low { high - low } else { high.abs().max(1.0) };
    (low - 0.06 * span, high + 0.06 * span)
}

impl Panel {
    fn draw(&self, canvas: &Canvas<'_>, (left, top): (f64, f64), (low, high): (f64, f64)) {
        let (x, y) = (left + 90.0, top + 34.0);
        let (right, bottom) = (left + PANEL.0 - 10.0, top + PANEL.1 - 74.0);
        let py = |value: f64| bottom - (bottom - y) * ((value - low) / (high - low)).clamp(0.0, 1.0);
        let step = (right - x) / self.values.len() as f64;
        let px = |level: usize| x + step * (level as f64 + 0.5);
        canvas.title(&self.title, (left + 24.0, top + 14.0), 12.0, INK);
        for value in signed_ticks(low, high, 5) {
            canvas.line(&[(x, py(value)), (right, py(value))], GRID, 0.8, 1.0);
            canvas.text(&grouped(&real_text(Some(value))), (x - 7.0, py(value)), 11.0, FAINT, Anchor::End);
        }
        canvas.line(&[(x, bottom), (right, bottom)], INK, 1.0, 1.0);
        let every = (60.0 / step).max(1.0) as usize;
        for (level, value) in self.values.iter().enumerate().step_by(every) {
            let text = shortened(value, LONGEST_VALUE);
            canvas.text(&text, (px(level), bottom + 14.0), 11.0, FAINT, Anchor::Middle);
        }
        for line in &self.lines {
            line.draw(canvas, px, py);
        }
        if self.keyed {
            self.key(canvas, (left + 24.0, bottom + 36.0));
        }
    }

    /// The lines' names, in two rows at most.
    fn key(&self, canvas: &Canvas<'_>, (left, top): (f64, f64)) {
        let (mut x, mut y) = (left, top);
        for line in &self.lines {
            let name = shortened(&line.name, 18);
            let width = 24.0 + 6.6 * name.chars().count() as f64;
            if x > left && x + width > left + PANEL.0 - 30.0 {
                (x, y) = (left, y + 17.0);
            }
            if y > top + 17.0 {
                return;
            }
            dot(canvas, (x + 4.0, y), 4.0, line.colour, 1.0);
            canvas.text(&name, (x + 12.0, y), 11.0, INK, Anchor::Start);
            x += width;
        }
    }
}

impl Series {
    fn draw(&self, canvas: &Canvas<'_>, px: impl Fn(usize) -> f64, py: impl Fn(f64) -> f64) {
        let at: Vec<(f64, f64)> =
            self.means.iter().enumerate().map(|(level, mean)| (px(level), py(mean.mean))).collect();
        canvas.line(&at, self.colour, 1.6, 0.9);
        for (&(x, y), mean) in at.iter().zip(&self.means) {
            if let Some((low, high)) = mean.interval() {
                canvas.line(&[(x, py(low)), (x, py(high))], self.colour, 1.4, 0.6);
            }
            dot(canvas, (x, y), 3.5, self.colour, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sweep::tests::sweep;

    /// With `FLEETCAST_PICTURES=DIR` they are written there, to be looked at.
    #[test]
    fn effects_are_drawn() {
        let sweep = sweep();
        for (name, svg) in [
            ("main_effects.svg", main_effects(&sweep, "small, 2 replications").unwrap()),
            ("interactions.svg", interactions(&sweep, "small, 2 replications").unwrap()),
        ] {
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
            for words in ["cost", "users", "y,z", "90 % confidence"] {
                assert!(svg.contains(words), "{name}: {words}");
            }
            if let Ok(folder) = std::env::var("FLEETCAST_PICTURES") {
                std::fs::write(std::path::Path::new(&folder).join(name), svg).unwrap();
            }
        }
    }

    #[test]
    fn one_setting_has_no_interactions_and_half_a_sweep_no_effects() {
        let mut half = sweep();
        half.points.pop();
        assert!(main_effects(&half, "").is_none() && interactions(&half, "").is_none());
        let mut one = sweep();
        one.factors.truncate(1);
        one.points = vec![one.points[0].clone(), one.points[3].clone()];
        one.points.iter_mut().for_each(|point| point.levels.truncate(1));
        assert!(main_effects(&one, "").is_some() && interactions(&one, "").is_none());
    }
}
