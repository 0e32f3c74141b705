//! What policies are paid for, and what users pay for it: money across, harm up, a cross of intervals for each policy.
//!
//! Money is what is spent on connectors and operators; the price of lost users is left out, as the harm stands on the other
//! axis. Lower left is best; what lies between two policies in neither is a matter of taste.

use super::canvas::{Anchor, Canvas, drawn};
use super::frame::grouped;
use super::marks::{dot, signed_ticks};
use super::palette::{self, FAINT, GRID, INK};
use crate::analysis::Estimate;
use crate::experiment::ReplicationOutcome;
use crate::report::comparison::Contest;
use crate::report::csv::number::real_text;
use crate::report::metrics::{Metric, named, spent};
use crate::report::terminal::cut;

/// The harms, a panel each.
const HARMS: [&str; 2] = ["user_minutes_lost", "overloaded_hours_per_month"];
const PANEL: f64 = 500.0;

/// The figure; none where nothing has a price. `subtitle` says of what.
pub fn cost_risk(contest: &Contest<'_>, subtitle: &str) -> Option<String> {
    let model = contest.subject.model;
    let money = estimates(contest, |of| Some(spent(of, model)));
    if money.iter().flatten().all(|estimate| estimate.mean == 0.0) {
        return None;
    }
    let height = 490.0 + 20.0 * contest.outcomes.len() as f64;
    Some(drawn((2.0 * PANEL + 40.0) as u32, height as u32, |canvas| {
        canvas.title("Cost and risk", (24.0, 26.0), 18.0, INK);
        let bars = real_text(Some(100.0 * contest.subject.confidence));
        canvas.text(&format!("{subtitle}; bars: {bars} %"), (24.0, 48.0), 12.0, FAINT, Anchor::Start);
        for (index, metric) in HARMS.iter().filter_map(|name| named(name)).enumerate() {
            let harm = estimates(contest, |of| (metric.value)(of, model));
            panel(canvas, metric, &money, &harm, PANEL * index as f64);
        }
        for of in 0..contest.outcomes.len() {
            let y = 490.0 + 20.0 * of as f64;
            dot(canvas, (110.0, y), 5.0, palette::line(of), 1.0);
            canvas.text(&cut(contest.name(of)), (122.0, y), 12.0, INK, Anchor::Start);
        }
    }))
}

/// By policy.
fn estimates(
    contest: &Contest<'_>,
    value: impl Fn(&ReplicationOutcome) -> Option<f64>,
) -> Vec<Option<Estimate>> {
    let of = |outcome: &crate::experiment::PolicyOutcome| {
        let values: Vec<f64> = outcome.replications.iter().filter_map(&value).collect();
        Estimate::from_values(&values, contest.subject.confidence)
    };
    contest.outcomes.iter().map(of).collect()
}

/// Values at the edges of an axis: the intervals and a little more.
fn range(of: &[Option<Estimate>]) -> (f64, f64) {
    let ends = of.iter().flatten().map(ends);
    let (low, high) = ends
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (from, to)| (low.min(from), high.max(to)));
    let span = if high > low { high - low } else { high.abs().max(1.0) };
    (low - 0.08 * span, high + 0.08 * span)
}

fn ends(of: &Estimate) -> (f64, f64) {
    of.interval().unwrap_or((of.mean, of.mean))
}

fn panel(
    canvas: &Canvas<'_>,
    metric: &Metric,
    money: &[Option<Estimate>],
    harm: &[Option<Estimate>],
    left: f64,
) {
    let (x, y, right, bottom) = (left + 110.0, 96.0, left + PANEL - 10.0, 420.0);
    let (across, up) = (range(money), range(harm));
    let share = |value: f64, (low, high): (f64, f64)| ((value - low) / (high - low)).clamp(0.0, 1.0);
    let px = |value: f64| x + (right - x) * share(value, across);
    let py = |value: f64| bottom - (bottom - y) * share(value, up);
    canvas.text(&format!("{} ({})", metric.name, metric.unit), (left + 24.0, 78.0), 12.0, INK, Anchor::Start);
    for value in signed_ticks(up.0, up.1, 5) {
        canvas.line(&[(x, py(value)), (right, py(value))], GRID, 0.8, 1.0);
        canvas.text(&grouped(&real_text(Some(value))), (x - 7.0, py(value)), 11.0, FAINT, Anchor::End);
    }
    for value in signed_ticks(across.0, across.1, 5) {
        canvas.line(&[(px(value), y), (px(value), bottom)], GRID, 0.8, 1.0);
        canvas.text(
            &grouped(&real_text(Some(value))),
            (px(value), bottom + 14.0),
            11.0,
            FAINT,
            Anchor::Middle,
        );
    }
    canvas.line(&[(x, bottom), (right, bottom)], INK, 1.0, 1.0);
    let words = "spent on connectors and operators (currency)";
    canvas.text(words, ((x + right) / 2.0, bottom + 36.0), 12.0, INK, Anchor::Middle);
    for (of, (money, harm)) in money.iter().zip(harm).enumerate() {
        let (Some(money), Some(harm)) = (money, harm) else { continue };
        let colour = palette::line(of);
        let ((from, to), (low, high)) = (ends(money), ends(harm));
        canvas.line(&[(px(from), py(harm.mean)), (px(to), py(harm.mean))], colour, 1.6, 0.7);
        canvas.line(&[(px(money.mean), py(low)), (px(money.mean), py(high))], colour, 1.6, 0.7);
        dot(canvas, (px(money.mean), py(harm.mean)), 5.0, colour, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::comparison::tests::{outcomes, study};
    use crate::report::subject::Subject;

    /// With `FLEETCAST_PICTURES=DIR` it is written there, to be looked at.
    #[test]
    fn policies_are_drawn_between_money_and_harm() {
        let (study, mut outcomes) = (study(), outcomes());
        outcomes[2].replications[1].tally.unserved_users *= 3;
        let subject = Subject::of(&study);
        let contest = Contest::new(&subject, &outcomes, 0, true, None);
        let svg = cost_risk(&contest, "small").unwrap();
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        for words in ["user_minutes_lost", "overloaded_hours_per_month", "bars: 95 %"] {
            assert!(svg.contains(words), "{words}");
        }
        if let Ok(folder) = std::env::var("FLEETCAST_PICTURES") {
            std::fs::write(std::path::Path::new(&folder).join("cost_risk.svg"), &svg).unwrap();
        }
        outcomes.iter_mut().flat_map(|of| &mut of.replications).for_each(|of| of.cost_micros = 0);
        let contest = Contest::new(&subject, &outcomes, 0, true, None);
        assert!(cost_risk(&contest, "").is_none(), "nothing has a price");
    }
}
