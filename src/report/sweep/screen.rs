//! A sweep on one screen, and as JSON.
//!
//! The screen shows the key metric: which setting matters, and the points, of many the least and the largest.

use comfy_table::Table;
use serde_json::{Map, Value, json};

use super::{Sweep, bare, ending};
use crate::analysis::{Estimate, Factorial, ten_digits};
use crate::report::metrics::named;
use crate::report::picture::frame::grouped;
use crate::report::summary::{Summary, counted};
use crate::report::terminal::{cut, decimals_for, lines, metric_json, short, table};

/// The most points on the screen.
const MOST_POINTS: usize = 24;
/// The most characters of a path.
const LONGEST_PATH: usize = 26;

/// The screen below a heading.
pub fn screen(sweep: &Sweep) -> String {
    let mut text = String::new();
    for (policy, name) in sweep.policies.iter().enumerate() {
        if let Some(of) = sweep.factorial(policy, sweep.key) {
            text.push_str(&format!("{} under {}\n", sweep.key.name, cut(name)));
            text.push_str(&format!("{}\n", lines(&effect_table(sweep, &of))));
        }
    }
    text.push_str(&point_table(sweep));
    text
}

/// One row per setting: the values with the least and the largest mean, and how much of the variation it explains.
fn effect_table(sweep: &Sweep, of: &Factorial) -> Table {
    let interval = format!("± {} %", short(100.0 * sweep.confidence));
    let header = ["setting", "least at", "mean", "largest at", "mean", "difference", &interval, "variation"];
    let mut table = table(&header, &[2, 4, 5, 6, 7]);
    let shares = of.shares();
    let percent = |share: Option<f64>| share.map_or(String::new(), |share| format!("{:.1} %", 100.0 * share));
    for (index, factor) in sweep.factors.iter().enumerate() {
        let mean = |level: &usize| of.mean(&[(index, *level)]).mean;
        let levels = || (0..factor.values.len()).map(|level| (level, mean(&level)));
        let Some(least) = levels().min_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
        let Some(largest) = levels().max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
        let difference = of.difference((index, least.0), (index, largest.0));
        let [difference_text, half_width] = with_digits(sweep, difference);
        table.add_row([
            ending(&factor.path, LONGEST_PATH),
            cut(bare(&factor.values[least.0])),
            shown(sweep, least.1),
            cut(bare(&factor.values[largest.0])),
            shown(sweep, largest.1),
            difference_text,
            half_width,
            percent(shares.as_ref().map(|shares| shares.main[index])),
        ]);
    }
    if let Some(shares) = &shares {
        let together = shares.pairs.iter().map(|(_, share)| share).sum::<f64>();
        let rows = [("pairs of settings", together, 2), ("three or more", shares.rest, 3)];
        for (words, share, _) in rows.into_iter().filter(|row| sweep.factors.len() >= row.2) {
            let mut row = vec![words.to_owned()];
            row.resize(7, String::new());
            row.push(percent(Some(share)));
            table.add_row(row);
        }
    }
    table
}

/// Shares in percent.
fn scale(sweep: &Sweep) -> (f64, &'static str) {
    if sweep.key.unit == "share" { (100.0, "%") } else { (1.0, sweep.key.unit) }
}

fn shown(sweep: &Sweep, value: f64) -> String {
    short(value * scale(sweep).0)
}

/// Mean and half-width with as many digits as the half-width allows.
fn with_digits(sweep: &Sweep, of: Estimate) -> [String; 2] {
    let factor = scale(sweep).0;
    match of.half_width.map(|half_width| half_width * factor) {
        Some(size) if size > 0.0 => [decimals_for(of.mean * factor, size, 2), decimals_for(size, size, 2)],
        Some(_) => [short(of.mean * factor), "0".to_owned()],
        None => [short(of.mean * factor), String::new()],
    }
}

/// The points with their key metric, and with their cost where that is another one and not 0 everywhere.
fn point_table(sweep: &Sweep) -> String {
    let cost = named("cost").filter(|cost| cost.name != sweep.key.name);
    let priced = cost.filter(|cost| {
        let mut responses = sweep.points.iter().flat_map(|point| &point.responses);
        responses.any(|response| mean(response.summary(cost)).is_some_and(|mean| mean != 0.0))
    });
    let paths = sweep.factors.iter().map(|factor| ending(&factor.path, LONGEST_PATH));
    let several = sweep.policies.len() > 1;
    let policy = several.then(|| "policy".to_owned());
    let key = format!("{}\n{}", sweep.key.name, scale(sweep).1);
    let interval = format!("± {} %", short(100.0 * sweep.confidence));
    let header: Vec<String> = paths
        .chain(policy)
        .chain([key, interval])
        .chain(priced.map(|cost| format!("{}\n{}", cost.name, cost.unit)))
        .collect();
    let names = sweep.factors.len() + usize::from(several);
    let right: Vec<usize> = (names..header.len()).collect();
    let mut table = table(&header.iter().map(String::as_str).collect::<Vec<_>>(), &right);
    let (rows, what) = chosen(sweep);
    for (point, policy) in rows {
        let (of, response) = (&sweep.points[point], &sweep.points[point].responses[policy]);
        let mut row: Vec<String> =
            (0..sweep.factors.len()).map(|factor| cut(sweep.value(of, factor))).collect();
        row.extend(several.then(|| cut(&sweep.policies[policy])));
        let estimate = response.summary(sweep.key).and_then(|summary| summary.estimate);
        row.extend(estimate.map_or(Default::default(), |estimate| with_digits(sweep, estimate)));
        row.extend(priced.map(|cost| mean(response.summary(cost)).map_or(String::new(), short)));
        table.add_row(row);
    }
    format!("{what}{}", lines(&table))
}

fn mean(of: Option<&Summary>) -> Option<f64> {
    of.and_then(|summary| summary.estimate).map(|estimate| estimate.mean)
}

/// Which points and policies are shown: all in their order, or of many those with the least and the largest key metric.
fn chosen(sweep: &Sweep) -> (Vec<(usize, usize)>, String) {
    let policies = 0..sweep.policies.len();
    let mut all: Vec<(usize, usize)> = (0..sweep.points.len())
        .flat_map(|point| policies.clone().map(move |policy| (point, policy)))
        .collect();
    if all.len() <= MOST_POINTS {
        return (all, String::new());
    }
    let value = |&(point, policy): &(usize, usize)| {
        mean(sweep.points[point].responses[policy].summary(sweep.key)).unwrap_or(f64::INFINITY)
    };
    all.sort_by(|a, b| value(a).total_cmp(&value(b)));
    let (total, half) = (all.len(), MOST_POINTS / 2);
    all.drain(half..total - half);
    let total = grouped(&total.to_string());
    (all, format!("The {half} least and the {half} largest of {total} values of {}\n", sweep.key.name))
}

/// Which settings are varied, in a few words.
pub fn heading(sweep: &Sweep) -> String {
    format!(
        "{} varied, {}, {}",
        counted(sweep.factors.len(), "setting"),
        counted(sweep.points.len(), "point"),
        if sweep.policies.len() == 1 {
            format!("policy {}", sweep.policies[0])
        } else {
            format!("{} policies", sweep.policies.len())
        }
    )
}

/// The same for a program: settings, every metric of every point.
pub fn json(sweep: &Sweep) -> Value {
    let settings: Vec<Value> = sweep
        .factors
        .iter()
        .map(|factor| {
            let values: Vec<&str> = factor.values.iter().map(|value| bare(value)).collect();
            json!({ "path": factor.path, "values": values })
        })
        .collect();
    let shares: Map<String, Value> = sweep
        .policies
        .iter()
        .enumerate()
        .filter_map(|(index, policy)| Some((policy.clone(), shares(sweep, index)?)))
        .collect();
    let points: Vec<Value> = (0..sweep.points.len()).map(|point| point_json(sweep, point)).collect();
    json!({ "varied": settings, "key_metric": sweep.key.name, "variation": shares, "points": points })
}

/// How the variation of the key metric divides.
fn shares(sweep: &Sweep, policy: usize) -> Option<Value> {
    let shares = sweep.factorial(policy, sweep.key)?.shares()?;
    let path = |factor: usize| sweep.factors[factor].path.as_str();
    let main = shares.main.iter().enumerate().map(|(factor, share)| (vec![path(factor)], *share));
    let pairs = shares.pairs.iter().map(|&((a, b), share)| (vec![path(a), path(b)], share));
    let parts: Vec<Value> =
        main.chain(pairs).map(|(of, share)| json!({ "settings": of, "share": ten_digits(share) })).collect();
    Some(json!({ "of": parts, "rest": ten_digits(shares.rest) }))
}

fn point_json(sweep: &Sweep, point: usize) -> Value {
    let of = &sweep.points[point];
    let setting =
        |(index, factor): (usize, &super::Factor)| (factor.path.clone(), Value::from(sweep.value(of, index)));
    let settings: Map<String, Value> = sweep.factors.iter().enumerate().map(setting).collect();
    let policies: Map<String, Value> = sweep
        .policies
        .iter()
        .zip(&of.responses)
        .map(|(policy, response)| {
            let metric = |summary: &Summary| (summary.metric.name.to_owned(), metric_json(summary));
            (policy.clone(), Value::Object(response.summaries.iter().map(metric).collect()))
        })
        .collect();
    json!({ "settings": settings, "policies": policies })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sweep::tests::sweep;

    #[test]
    fn the_screen_says_which_setting_matters() {
        let text = screen(&sweep());
        // Means over the other setting: users 1.5 and 11.5, presets 5.5, 6.5 and 7.5; SS 150 and 4 of 154.
        for words in ["cost under a", "97.4 %", "2.6 %", "demand.office.users", "11.5", "pairs of settings"] {
            assert!(text.contains(words), "{words}\n{text}");
        }
        assert!(!text.contains("three or more"), "{text}");
        assert_eq!(text.matches("y,z").count(), 4, "{text}");
    }

    #[test]
    fn of_many_points_the_ends_are_shown() {
        let mut many = sweep();
        many.points = (0..6).flat_map(|_| sweep().points).collect();
        let text = screen(&many);
        assert!(text.contains("The 12 least and the 12 largest of 72 values of cost"), "{text}");
    }

    #[test]
    fn json_has_every_metric_of_every_point() {
        let value = json(&sweep());
        assert_eq!(value["points"].as_array().unwrap().len(), 6);
        assert_eq!(value["points"][3]["settings"]["demand.office.users"], "200");
        assert_eq!(value["points"][3]["policies"]["b"]["cost"]["mean"], 10.5);
        let share = value["variation"]["a"]["of"][0]["share"].as_f64().unwrap();
        assert!((share - 150.0 / 154.0).abs() < 1e-9);
    }
}
