//! CPU of the selected groups over time: one small diagram each, with the threshold.
//!
//! A bucket without complete data is a gap in the line and a mark on the strip beneath. Where there are more buckets
//! than the width can show, the line is the mean and the band goes from the least to the largest bucket of a whole
//! number of days.

use super::MOST_POINTS;
use super::axis::Dates;
use super::canvas::{Anchor, Canvas, drawn};
use super::frame::Frame;
use super::palette::{self, ALARM, FAINT, INK};
use crate::experiment::CpuChart;
use crate::recording::CpuBucket;
use crate::time::{DAY, HOUR, MINUTE, Span, Time};

/// The most groups in one figure.
const MOST_GROUPS: usize = 20;
/// The upper edge of the first diagram.
const TOP: f64 = 112.0;
/// From one diagram to the next.
const STEP: f64 = 118.0;

/// The figure: `charts` with the names of their groups, the threshold in percent.
pub fn cpu(
    dates: &Dates,
    charts: &[(&str, &CpuChart)],
    threshold: f64,
    horizon: Time,
    subtitle: &str,
) -> String {
    let shown = charts.len().min(MOST_GROUPS);
    drawn(1200, (TOP + 28.0 + STEP * shown.max(1) as f64) as u32, |canvas| {
        canvas.title("Average CPU load of connector groups", (24.0, 26.0), 18.0, INK);
        let left_out = match charts.len() - shown {
            0 => String::new(),
            _ => format!(", the first {shown} of {} groups", charts.len()),
        };
        canvas.text(&format!("{subtitle}{left_out}"), (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        if shown == 0 {
            canvas.text("no group was selected", (600.0, 130.0), 14.0, FAINT, Anchor::Middle);
        }
        for (index, &(name, chart)) in charts[..shown].iter().enumerate() {
            let y = TOP + STEP * index as f64;
            // What is displayed is never above 100 %.
            let across = (0.0, horizon.0 as f64);
            let frame = Frame { x: 70.0, y, width: 1100.0, height: 80.0, across, top: 100.0 };
            panel(canvas, dates, &frame, name, chart, threshold, index + 1 == shown);
        }
        let middle = TOP + STEP * shown.max(1) as f64 / 2.0 - 19.0;
        canvas.upwards("displayed CPU, %", (26.0, middle), 12.0, INK);
        let key = format!(
            "{}; dashed: threshold of overload, {threshold} %; grey marks: incomplete data; dates in {}",
            charts.first().map_or(String::new(), |(_, chart)| caption(&chart.buckets)),
            dates.zone_name()
        );
        canvas.text(&key, (24.0, 70.0), 12.0, INK, Anchor::Start);
    })
}

/// What line and band are.
fn caption(buckets: &[CpuBucket]) -> String {
    let [first, second, ..] = buckets else { return "line: average".to_owned() };
    let length = second.from - first.from;
    let average = match length {
        MINUTE => "average of a minute".to_owned(),
        HOUR => "average of an hour".to_owned(),
        DAY => "average of a day".to_owned(),
        length => format!("average of {length}"),
    };
    // More than one bucket is a whole number of days, see [`size`].
    let point = match size(buckets) as i64 * length.0 {
        point if point == length.0 => return format!("line: {average}"),
        point if point == DAY.0 => "a day".to_owned(),
        point => Span(point).to_string(),
    };
    format!("line: mean of {point}; band: least to largest {average} in it")
}

fn panel(
    canvas: &Canvas<'_>,
    dates: &Dates,
    frame: &Frame,
    name: &str,
    chart: &CpuChart,
    threshold: f64,
    labelled: bool,
) {
    canvas.text(name, (frame.x, frame.y - 11.0), 12.0, INK, Anchor::Start);
    frame.value_axis(canvas, 2);
    frame.date_axis(canvas, dates, labelled);
    let intervals: Vec<Interval> =
        chart.buckets.chunks(size(&chart.buckets)).map(|buckets| Interval::of(buckets, frame)).collect();
    for run in intervals.split(|interval| interval.mean.is_none()) {
        let mut outline: Vec<(f64, f64)> = run.iter().map(|of| (of.x, frame.py(of.most))).collect();
        outline.extend(run.iter().rev().map(|of| (of.x, frame.py(of.least))));
        let line: Vec<(f64, f64)> =
            run.iter().filter_map(|of| of.mean.map(|mean| (of.x, frame.py(mean)))).collect();
        canvas.polygon(&outline, palette::line(0), 0.25);
        canvas.line(&line, palette::line(0), 1.0, 1.0);
    }
    for interval in intervals.iter().filter(|interval| interval.incomplete) {
        let y = frame.bottom();
        canvas.rect((interval.x - 0.5, y + 1.0), (interval.x + 0.5, y + 5.0), FAINT, 1.0);
    }
    canvas.dashes(frame.x, frame.right(), frame.py(threshold), ALARM);
}

/// Buckets per point: one, or if there are too many a whole number of days, so that the course of a day does not hide
/// that of the year.
fn size(buckets: &[CpuBucket]) -> usize {
    if buckets.len() <= MOST_POINTS {
        return 1;
    }
    let a_day = (DAY.0 / (buckets[1].from - buckets[0].from).0.max(1)).max(1) as usize;
    buckets.len().div_ceil(MOST_POINTS).next_multiple_of(a_day)
}

/// Consecutive buckets drawn as one point.
struct Interval {
    x: f64,
    mean: Option<f64>,
    least: f64,
    most: f64,
    incomplete: bool,
}

impl Interval {
    fn of(buckets: &[CpuBucket], frame: &Frame) -> Interval {
        let values =
            || buckets.iter().filter_map(|bucket| bucket.average).map(|value| f64::from(value) / 100.0);
        let count = values().count();
        Interval {
            x: frame.px(buckets[0].from.0 as f64),
            mean: (count > 0).then(|| values().sum::<f64>() / count as f64),
            least: values().fold(f64::INFINITY, f64::min),
            most: values().fold(0.0, f64::max),
            incomplete: buckets.iter().any(|bucket| bucket.incomplete),
        }
    }
}
