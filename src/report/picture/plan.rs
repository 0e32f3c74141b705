//! A plan in pictures: what each size comes to, and the calendar of connectors that are due.

use super::Dates;
use super::canvas::{Anchor, Canvas, drawn};
use super::frame::Frame;
use super::marks::dot;
use super::palette::{self, ALARM, FAINT, GRID, INK};
use crate::experiment::sizing::calendar::Due;
use crate::experiment::sizing::{GroupSize, Trial};
use crate::report::plan::Plan;
use crate::report::terminal::cut;
use crate::time::{DAY, Time};

/// The most panels of [`sizes`].
const PANELS: usize = 9;
/// The most rows of [`calendar`].
const ROWS: usize = 40;
const ROW: f64 = 22.0;

/// The deciding target against the number of connectors with the band of its limits, one panel for each template: that
/// of its group with the largest answer.
pub fn sizes(plan: &Plan<'_>, subtitle: &str) -> String {
    let shown: Vec<&GroupSize> = plan
        .templates
        .iter()
        .filter_map(|(_, groups)| {
            let groups = &plan.groups[groups.clone()];
            groups.iter().max_by_key(|of| (plan.connectors(of), std::cmp::Reverse(of.group)))
        })
        .take(PANELS)
        .collect();
    let height = 80 + 250 * shown.len().div_ceil(3).max(1) as u32;
    drawn(1200, height, |canvas| {
        canvas.title("What each size comes to", (24.0, 26.0), 18.0, INK);
        let note = "line: mean; band: one-sided limits on either side; dashed: target; dot: the size to take";
        canvas.text(&format!("{subtitle}; {note}"), (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        for (index, of) in shown.iter().enumerate() {
            panel(canvas, plan, of, (60.0 + 390.0 * (index % 3) as f64, 90.0 + 250.0 * (index / 3) as f64));
        }
    })
}

fn panel(canvas: &Canvas<'_>, plan: &Plan<'_>, of: &GroupSize, (x, y): (f64, f64)) {
    let Some((target, _)) = plan.binding(of) else { return };
    let goal = &plan.goals[target];
    let trials: Vec<&Trial> = of.trials.iter().chain(&of.next).collect();
    let loss = |trial: &Trial| trial.findings.get(target).and_then(|finding| finding.loss);
    let tolerance = goal.target.tolerance();
    let of_answer = of.answer().or(of.trials.last()).and_then(loss).map_or(0.0, |loss| loss.mean);
    // What lies far above the target is cut off.
    let top = 4.0 * tolerance.max(of_answer).max(f64::MIN_POSITIVE);
    let (first, last) = (trials[0].connectors as f64, trials[trials.len() - 1].connectors as f64);
    let across = (first - 0.5, last.max(first) + 0.5);
    let frame = Frame { x, y: y + 26.0, width: 320.0, height: 160.0, across, top };
    let name = &plan.subject.model.fleet.groups[of.group].name;
    canvas.title(&cut(name), (x, y), 13.0, INK);
    let best = goal.target.best().filter(|&best| best != 0.0);
    let what = best.map_or(goal.metric.name.to_owned(), |best| format!("{best} − {}", goal.metric.name));
    canvas.text(&format!("{what} ({})", goal.metric.unit), (x, y + 14.0), 11.0, FAINT, Anchor::Start);
    frame.value_axis(canvas, 4);
    for trial in &trials {
        let at = frame.px(trial.connectors as f64);
        canvas.line(&[(at, frame.y), (at, frame.bottom())], GRID, 0.8, 1.0);
        canvas.text(&trial.connectors.to_string(), (at, frame.bottom() + 14.0), 11.0, FAINT, Anchor::Middle);
    }
    band(canvas, &frame, &trials, loss);
    canvas.dashes(frame.x, frame.right(), frame.py(tolerance), ALARM);
    if let Some((answer, loss)) = of.answer().and_then(|answer| Some((answer, loss(answer)?))) {
        dot(canvas, (frame.px(answer.connectors as f64), frame.py(loss.mean)), 5.0, palette::line(0), 1.0);
    }
}

fn band(
    canvas: &Canvas<'_>,
    frame: &Frame,
    trials: &[&Trial],
    loss: impl Fn(&Trial) -> Option<crate::analysis::Limits>,
) {
    let of: Vec<(f64, crate::analysis::Limits)> =
        trials.iter().filter_map(|trial| Some((frame.px(trial.connectors as f64), loss(trial)?))).collect();
    let finite = |value: f64| if value.is_finite() { value } else { frame.top };
    let upper = of.iter().map(|(x, loss)| (*x, frame.py(finite(loss.upper))));
    let lower = of.iter().rev().map(|(x, loss)| (*x, frame.py(finite(loss.lower).max(0.0))));
    canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), palette::line(0), 0.2);
    let means: Vec<(f64, f64)> = of.iter().map(|(x, loss)| (*x, frame.py(loss.mean))).collect();
    canvas.line(&means, palette::line(0), 1.6, 1.0);
}

/// Which group needs its next connector when: a dot at the date, a bar from the earliest to the latest.
pub fn calendar(plan: &Plan<'_>, dates: &Dates, subtitle: &str) -> String {
    let mut rows: Vec<(usize, Vec<&Due>)> = Vec::new();
    for due in plan.calendar.iter().filter(|due| due.earliest.is_some()) {
        match rows.last_mut() {
            Some((group, dues)) if *group == due.group => dues.push(due),
            _ => rows.push((due.group, vec![due])),
        }
    }
    let day = |due: &Due| due.day.unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| day(a.1[0]).total_cmp(&day(b.1[0])).then(a.0.cmp(&b.0)));
    let left_out = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    let height = 130.0 + ROW * rows.len().max(1) as f64;
    drawn(1200, height as u32, |canvas| {
        canvas.title("When the next connectors are due", (24.0, 26.0), 18.0, INK);
        let more = if left_out > 0 {
            format!("; {left_out} groups that come later are left out")
        } else {
            String::new()
        };
        let note =
            format!("{subtitle}; dot: due, with the number from then on; bar: earliest to latest{more}");
        canvas.text(&note, (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        let across = (0.0, 365.0 * DAY.0 as f64);
        let frame = Frame { x: 250.0, y: 70.0, width: 900.0, height: height - 110.0, across, top: 1.0 };
        frame.date_axis(canvas, dates, true);
        if rows.is_empty() {
            canvas.text("none within a year", (270.0, 86.0), 12.0, FAINT, Anchor::Start);
        }
        for (index, (group, dues)) in rows.iter().enumerate() {
            let y = frame.y + ROW * (index as f64 + 0.5);
            let name = &plan.subject.model.fleet.groups[*group].name;
            canvas.text(&cut(name), (frame.x - 10.0, y), 11.0, INK, Anchor::End);
            dues.iter().enumerate().for_each(|(which, due)| mark(canvas, &frame, y, which, due));
        }
    })
}

fn mark(canvas: &Canvas<'_>, frame: &Frame, y: f64, which: usize, due: &Due) {
    let x = |day: f64| frame.px(Time((day * DAY.0 as f64) as i64).0 as f64);
    let ink = palette::line(which);
    let until = due.latest.map_or(frame.right(), x);
    if let Some(earliest) = due.earliest {
        canvas.line(&[(x(earliest), y), (until, y)], ink, 5.0, 0.35);
    }
    if let Some(day) = due.day {
        dot(canvas, (x(day), y), 4.0, ink, 1.0);
        canvas.text(&due.to.to_string(), (x(day) + 7.0, y - 6.0), 10.0, INK, Anchor::Start);
    }
}
