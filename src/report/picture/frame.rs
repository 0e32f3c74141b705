//! A rectangle with a horizontal and a vertical axis.

use super::axis::{Dates, round_ticks};
use super::canvas::{Anchor, Canvas};
use super::palette::{FAINT, GRID, INK};
use crate::report::csv::number::real_text;
use crate::time::Time;

/// Durations that a reader knows, in seconds.
const DURATIONS: [(f64, &str); 17] = [
    (1.0, "1 s"),
    (10.0, "10 s"),
    (60.0, "1 min"),
    (120.0, "2 min"),
    (300.0, "5 min"),
    (600.0, "10 min"),
    (1_200.0, "20 min"),
    (3_600.0, "1 h"),
    (10_800.0, "3 h"),
    (21_600.0, "6 h"),
    (43_200.0, "12 h"),
    (86_400.0, "1 d"),
    (172_800.0, "2 d"),
    (604_800.0, "1 w"),
    (1_209_600.0, "2 w"),
    (2_419_200.0, "4 w"),
    (31_536_000.0, "1 y"),
];

/// Room for the label of a duration.
const LABEL: f64 = 44.0;

/// Where a diagram stands on the sheet, and the ranges of its axes.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Values at the left and right edge.
    pub across: (f64, f64),
    /// The value at the upper edge; that at the lower edge is 0.
    pub top: f64,
}

impl Frame {
    /// The position of a value of the horizontal axis, on or between the edges.
    pub fn px(&self, value: f64) -> f64 {
        let share = (value - self.across.0) / (self.across.1 - self.across.0);
        self.x + self.width * share.clamp(0.0, 1.0)
    }

    /// The position of a value of the vertical axis, on or between the edges.
    pub fn py(&self, value: f64) -> f64 {
        self.bottom() - self.height * (value / self.top).clamp(0.0, 1.0)
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Draws round numbers and their grid lines on the vertical axis, with `most` steps at most.
    pub fn value_axis(&self, canvas: &Canvas<'_>, most: usize) {
        for value in round_ticks(self.top, most).into_iter().filter(|&value| value <= self.top * 1.000_001) {
            self.level(canvas, value, &grouped(&real_text(Some(value))));
        }
    }

    /// Draws the grid line of a value of the vertical axis with its label.
    pub fn level(&self, canvas: &Canvas<'_>, value: f64, label: &str) {
        let y = self.py(value);
        canvas.line(&[(self.x, y), (self.right(), y)], GRID, 0.8, 1.0);
        canvas.text(label, (self.x - 7.0, y), 11.0, FAINT, Anchor::End);
    }

    /// Draws dates on the horizontal axis, whose values are milliseconds; labels only if `labelled`.
    pub fn date_axis(&self, canvas: &Canvas<'_>, dates: &Dates, labelled: bool) {
        let (from, to) = (Time(self.across.0 as i64), Time(self.across.1 as i64));
        for (at, label) in dates.ticks(from, to, (self.width / 92.0) as usize) {
            let x = self.px(at.0 as f64);
            self.tick(canvas, x, labelled.then_some(label.as_str()));
        }
        self.base(canvas);
    }

    /// Draws durations on the horizontal axis, whose values are natural logarithms of seconds.
    pub fn duration_axis(&self, canvas: &Canvas<'_>) {
        let mut free = self.x;
        for (seconds, label) in DURATIONS {
            let value = libm::log(seconds);
            if (self.across.0..=self.across.1).contains(&value) && self.px(value) >= free {
                self.tick(canvas, self.px(value), Some(label));
                free = self.px(value) + LABEL;
            }
        }
        self.base(canvas);
    }

    fn tick(&self, canvas: &Canvas<'_>, x: f64, label: Option<&str>) {
        canvas.line(&[(x, self.y), (x, self.bottom())], GRID, 0.8, 1.0);
        if let Some(label) = label {
            canvas.line(&[(x, self.bottom()), (x, self.bottom() + 4.0)], INK, 1.0, 1.0);
            canvas.text(label, (x, self.bottom() + 14.0), 11.0, FAINT, Anchor::Middle);
        }
    }

    fn base(&self, canvas: &Canvas<'_>) {
        canvas.line(&[(self.x, self.bottom()), (self.right(), self.bottom())], INK, 1.0, 1.0);
    }
}

/// A number with a comma between thousands.
pub fn grouped(number: &str) -> String {
    let (whole, fraction) =
        number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left.is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    fraction.map_or(text.clone(), |fraction| format!("{text}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (from, to) in [("5", "5"), ("1200", "1,200"), ("-1200.5", "-1,200.5"), ("1000000", "1,000,000")] {
            assert_eq!(grouped(from), to);
        }
        assert_eq!(grouped("-120"), "-120");
    }
}
