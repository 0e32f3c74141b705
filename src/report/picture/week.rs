//! The mean week of groups: displayed CPU by hour of the week in the local time of their sites, a row per group.
//!
//! A cell is the mean of the buckets of the group's charts that begin in the hour, over all charted replications;
//! incomplete buckets are left out. Below the threshold cells are blue, the fuller the darker; above it orange.

use std::collections::BTreeMap;

use super::axis::Dates;
use super::canvas::{Anchor, Canvas, drawn, legend};
use super::palette::{self, ALARM, FAINT, INK};
use crate::experiment::CpuChart;
use crate::report::terminal::cut;
use crate::time::{HOUR, Span};

const MOST_GROUPS: usize = 20;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS: usize = 168;
const LEFT: f64 = 210.0;
const TOP: f64 = 112.0;
const CELL: (f64, f64) = (5.8, 22.0);

/// Sum in hundredths of a percent and number of buckets, by hour of the week.
type Week = [(i64, i64); HOURS];

/// The figure; none without charts, or if their buckets are longer than an hour. `threshold` is in percent.
pub fn week<'a>(
    charts: &[CpuChart],
    bucket: Span,
    name: impl Fn(usize) -> &'a str,
    dates: impl Fn(usize) -> Dates,
    threshold: f64,
    subtitle: &str,
) -> Option<String> {
    let weeks = weeks(charts, dates);
    if weeks.is_empty() || bucket > HOUR {
        return None;
    }
    let shown = weeks.len().min(MOST_GROUPS);
    let left_out = if shown < weeks.len() {
        format!(", the first {shown} of {} groups", weeks.len())
    } else {
        String::new()
    };
    let height = TOP + CELL.1 * shown as f64 + 24.0;
    Some(drawn(1200, height as u32, |canvas| {
        canvas.title("Mean week of connector groups: displayed CPU", (24.0, 26.0), 18.0, INK);
        let words = format!("{subtitle}{left_out}; by hour of the week, in local time of each site");
        canvas.text(&words, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        scale(canvas, threshold);
        for (row, (&group, week)) in weeks.iter().take(shown).enumerate() {
            let y = TOP + CELL.1 * row as f64;
            canvas.text(&cut(name(group)), (LEFT - 10.0, y + CELL.1 / 2.0), 12.0, INK, Anchor::End);
            cells(canvas, week, threshold, y);
        }
        for (day, word) in DAYS.iter().enumerate() {
            let x = LEFT + CELL.0 * 24.0 * day as f64;
            canvas.text(word, (x + 3.0, TOP - 10.0), 11.0, FAINT, Anchor::Start);
            canvas.line(&[(x, TOP - 16.0), (x, TOP + CELL.1 * shown as f64)], FAINT, 0.8, 0.7);
        }
    }))
}

/// By group, what its buckets add up to.
fn weeks(charts: &[CpuChart], dates: impl Fn(usize) -> Dates) -> BTreeMap<usize, Week> {
    let mut weeks: BTreeMap<usize, Week> = BTreeMap::new();
    for chart in charts {
        let (dates, week) = (dates(chart.group), weeks.entry(chart.group).or_insert([(0, 0); HOURS]));
        for bucket in &chart.buckets {
            let Some(average) = bucket.average else { continue };
            let local = dates.local(bucket.from);
            let hour = 24 * local.weekday().to_monday_zero_offset() as usize + local.hour() as usize;
            let (sum, count) = week[hour];
            week[hour] = (sum + i64::from(average), count + 1);
        }
    }
    weeks
}

fn cells(canvas: &Canvas<'_>, week: &Week, threshold: f64, y: f64) {
    for (hour, &(sum, count)) in week.iter().enumerate().filter(|(_, of)| of.1 > 0) {
        let x = LEFT + CELL.0 * hour as f64;
        let percent = sum as f64 / count as f64 / 100.0;
        let (fill, alpha) = shade(percent, threshold);
        canvas.rect((x, y + 1.0), (x + CELL.0, y + CELL.1 - 1.0), fill, alpha);
    }
}

/// The colour of a mean CPU in percent.
fn shade(percent: f64, threshold: f64) -> (palette::Colour, f64) {
    if percent > threshold {
        return (ALARM, 0.55 + 0.45 * ((percent - threshold) / (100.0 - threshold).max(1.0)).min(1.0));
    }
    (palette::line(0), 0.08 + 0.82 * (percent / threshold.max(1.0)).clamp(0.0, 1.0))
}

/// Boxes with what their colours mean.
fn scale(canvas: &Canvas<'_>, threshold: f64) {
    let mut x = LEFT;
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let percent = libm::round(threshold * share * 10.0) / 10.0;
        let (fill, alpha) = shade(percent, threshold);
        canvas.rect((x, 67.0), (x + 14.0, 77.0), fill, alpha);
        canvas.text(&format!("{percent} %"), (x + 19.0, 72.0), 11.0, INK, Anchor::Start);
        x += 70.0;
    }
    legend(canvas, (x, 72.0), &[("above the threshold of overload", ALARM)]);
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::recording::CpuBucket;
    use crate::report::sample::START;
    use crate::time::Time;

    fn dates(_: usize) -> Dates {
        Dates { start_unix_millis: START, zone: TimeZone::get("Europe/Berlin").unwrap() }
    }

    /// Four weeks from Monday 00:00 UTC; the CPU is the hour in UTC, and one hour is incomplete.
    fn chart() -> CpuChart {
        let bucket = |hour: i64| CpuBucket {
            from: Time(hour * HOUR.0),
            average: (hour != 30).then_some(400 * (hour % 24) as i32),
            incomplete: hour == 30,
        };
        CpuChart { replication: 0, group: 3, buckets: (0..672).map(bucket).collect() }
    }

    #[test]
    fn hours_are_local_and_incomplete_ones_left_out() {
        let weeks = weeks(&[chart()], dates);
        let week = weeks[&3];
        // 00:00 UTC on Monday is 01:00 in Berlin; Monday 00:00 there is Sunday 23:00 in UTC.
        assert_eq!((week[1], week[0]), ((0, 4), (4 * 9_200, 4)));
        // Hour 30 is Tuesday 06:00 in UTC, 07:00 in Berlin.
        assert_eq!((week[31].1, week[32].1), (3, 4));
        assert_eq!(week.iter().map(|cell| cell.1).sum::<i64>(), 671);
    }

    /// With `FLEETCAST_PICTURES=DIR` it is written there, to be looked at.
    #[test]
    fn weeks_are_drawn_from_hours_and_not_from_days() {
        let draw =
            |charts: &[CpuChart], bucket| week(charts, bucket, |_| "fra-app-007", dates, 70.0, "small");
        let svg = draw(&[chart()], HOUR).unwrap();
        for words in ["fra-app-007", "Mon", "above the threshold", "52.5 %"] {
            assert!(svg.contains(words), "{words}");
        }
        if let Ok(folder) = std::env::var("FLEETCAST_PICTURES") {
            std::fs::write(std::path::Path::new(&folder).join("cpu_week.svg"), &svg).unwrap();
        }
        assert!(draw(&[chart()], crate::time::DAY).is_none() && draw(&[], HOUR).is_none());
    }
}
