//! A group's life: one row of bars per slot, coloured by displayed status, under the status of the group.

use std::collections::BTreeMap;

use super::axis::Dates;
use super::canvas::{Anchor, Canvas, drawn, legend};
use super::frame::Frame;
use super::palette::{self, Colour, FAINT, INK};
use crate::fleet::{GroupStatus, Status};
use crate::recording::rows::Rows;
use crate::time::Time;

const ROW: f64 = 30.0;

/// The least width of a bar: less would be a mixture of its colour and its neighbours', which may look like a third.
const LEAST: f64 = 2.0;

/// A bar: from, to, its colour.
type Bar = (Time, Time, Colour);

/// The figure of the rows of one group in [`from`, `to`); `title` names it.
pub fn gantt(dates: &Dates, rows: &Rows, (from, to): (Time, Time), title: &str, subtitle: &str) -> String {
    let slots = slot_bars(rows, to);
    let height = 190.0 + ROW * (slots.len() + 1) as f64;
    drawn(1200, height as u32, |canvas| {
        canvas.title(title, (24.0, 26.0), 18.0, INK);
        canvas.text(subtitle, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        keys(canvas);
        let across = (from.0 as f64, to.0 as f64);
        let frame = Frame {
            x: 110.0,
            y: 128.0,
            width: 1060.0,
            height: ROW * (slots.len() + 1) as f64,
            across,
            top: 1.0,
        };
        frame.date_axis(canvas, dates, true);
        row(canvas, &frame, 0, "group", &group_bars(rows, to));
        for (index, (slot, bars)) in slots.iter().enumerate() {
            row(canvas, &frame, index + 1, &format!("slot {slot}"), bars);
        }
        let zone = format!("local time, {}", dates.zone_name());
        canvas.text(&zone, (1170.0, frame.bottom() + 38.0), 11.0, FAINT, Anchor::End);
    })
}

fn keys(canvas: &Canvas<'_>) {
    let groups = [
        GroupStatus::Connected,
        GroupStatus::Overloaded,
        GroupStatus::Disconnected,
        GroupStatus::Disabled,
        GroupStatus::Unestablished,
    ]
    .map(|status| (status.word(), palette::group_status(status)));
    let mut statuses = Status::ALL;
    statuses.reverse();
    canvas.text("group", (100.0, 78.0), 12.0, INK, Anchor::End);
    legend(canvas, (110.0, 78.0), &groups);
    canvas.text("slots", (100.0, 102.0), 12.0, INK, Anchor::End);
    legend(canvas, (110.0, 102.0), &statuses.map(|status| (status.word(), palette::status(status))));
}

fn row(canvas: &Canvas<'_>, frame: &Frame, index: usize, name: &str, bars: &[Bar]) {
    let y = frame.y + ROW * index as f64;
    canvas.text(name, (frame.x - 10.0, y + ROW / 2.0), 12.0, INK, Anchor::End);
    let inset = if index == 0 { 4.0 } else { 7.0 };
    for &(from, to, colour) in bars {
        let visible = (to.0 as f64) > frame.across.0 && (from.0 as f64) < frame.across.1;
        if visible {
            let (left, right) = edges(frame, from, to);
            canvas.rect((left, y + inset), (right, y + ROW - inset), colour, 1.0);
        }
    }
}

/// Where a bar begins and ends: at whole points, so that no colour is blended at its edges.
fn edges(frame: &Frame, from: Time, to: Time) -> (f64, f64) {
    let at = |time: Time| libm::round(frame.px(time.0 as f64));
    let left = at(from).min(frame.right() - LEAST);
    (left, at(to).max(left + LEAST))
}

/// Long bars first, so that short ones are drawn over their neighbours and stay visible.
fn long_first(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by_key(|&(from, to, _)| (std::cmp::Reverse(to - from), from));
    bars
}

fn bars(changes: &[(Time, Colour)], end: Time) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for &(at, colour) in changes {
        match bars.last_mut() {
            Some(last) if last.2 == colour => continue,
            Some(last) => last.1 = at,
            None => {}
        }
        bars.push((at, end, colour));
    }
    long_first(bars)
}

fn group_bars(rows: &Rows, end: Time) -> Vec<Bar> {
    let changes: Vec<_> =
        rows.groups.iter().map(|row| (row.at, palette::group_status(row.to.status))).collect();
    bars(&changes, end)
}

fn slot_bars(rows: &Rows, end: Time) -> BTreeMap<u32, Vec<Bar>> {
    let mut changes: BTreeMap<u32, Vec<(Time, Colour)>> = BTreeMap::new();
    for row in &rows.slots {
        changes.entry(row.slot).or_default().push((row.at, palette::status(row.to.status)));
    }
    changes.into_iter().map(|(slot, changes)| (slot, bars(&changes, end))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, MINUTE};

    #[test]
    fn a_short_bar_has_a_width_and_a_colour_of_its_own() {
        let across = (0.0, 365.0 * DAY.0 as f64);
        let frame = Frame { x: 110.0, y: 0.0, width: 1060.0, height: 30.0, across, top: 1.0 };
        let year = 365 * DAY.0;
        for at in [0, 1, year / 3, year - 10 * MINUTE.0] {
            let (left, right) = edges(&frame, Time(at), Time(at + 9 * MINUTE.0));
            assert_eq!((left % 1.0, right - left), (0.0, LEAST), "{at}");
            assert!(frame.x <= left && right <= frame.right());
        }
        assert_eq!(edges(&frame, Time(0), Time(year)), (frame.x, frame.right()));
    }

    #[test]
    fn bars_meet_and_equal_neighbours_are_one() {
        let (red, blue) = ((1, 0, 0), (0, 0, 1));
        let changes = [(Time(0), red), (Time(5), red), (Time(7), blue), (Time(8), red)];
        let expected = [(Time(0), Time(7), red), (Time(8), Time(10), red), (Time(7), Time(8), blue)];
        assert_eq!(bars(&changes, Time(10)), expected);
    }
}
