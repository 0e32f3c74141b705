//! Presets agree with the data that they cite, where the data are at hand.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use fleetcast::environment::failure::Renewal;
use fleetcast::scenario;
use fleetcast::time::{DAY, HOUR, MINUTE};

/// The process of a failure preset.
fn process(preset: &str) -> Renewal {
    let text = format!(
        "name = \"p\"\nhorizon = \"1d\"\n[instances.i]\ncapacity_mbps = 1\n[[fleet.regions]]\nname = \"r\"\n\
         [[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n[[fleet.groups]]\nname = \"g\"\nsite = \"s\"\n\
         connectors = 1\ninstance = \"i\"\ndemand = \"d\"\n[demand.d]\nusers = 1\n[failures.f]\npreset = \"{preset}\"\n"
    );
    let study = scenario::read(&text, "t.toml", Path::new(""), &[]).unwrap_or_else(|p| panic!("{p}"));
    study.model.environment.failures[0].process.clone().unwrap()
}

/// A column of numbers, or nothing where the data are not at hand.
fn rows(file: &str) -> Option<Vec<csv::StringRecord>> {
    let folders = ["../shared/data", "../../shared/data"].map(PathBuf::from);
    let path = folders.into_iter().map(|folder| folder.join(file)).find(|path| path.exists())?;
    Some(csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect())
}

fn near(value: f64, expected: f64, tolerance: f64) {
    assert!((value / expected - 1.0).abs() <= tolerance, "{value} is not {expected}");
}

/// Mean and shape of the time to failure are those of system 18 of Los Alamos: all observed time over the failures,
/// and the root of the censored likelihood's equation for the shape.
#[test]
fn node_failures_are_those_of_los_alamos() {
    let preset = process("lanl-node");
    let Some(rows) = rows("lanl-uptimes-censored.csv") else { return };
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    let spells: Vec<(f64, bool)> =
        rows.iter().filter(|row| &row[0] == "18").map(|row| (number(&row[1]), &row[2] == "1")).collect();
    let failures = spells.iter().filter(|(_, observed)| *observed).count() as f64;
    let total: f64 = spells.iter().map(|(minutes, _)| minutes).sum();
    near(preset.time_to_failure.mean() / MINUTE.0 as f64, total / failures, 0.001);

    // At the maximum of the likelihood: Σ t^k ln t / Σ t^k − 1/k − mean ln t over failures = 0, increasing in k.
    let times: Vec<(f64, bool)> = spells.into_iter().filter(|(minutes, _)| *minutes > 0.0).collect();
    let slope = |shape: f64| {
        let sums = times.iter().fold((0.0, 0.0), |(powers, logs), (minutes, _)| {
            let power = libm::pow(*minutes, shape);
            (powers + power, logs + power * libm::log(*minutes))
        });
        let observed = times.iter().filter(|(_, observed)| *observed).map(|(minutes, _)| libm::log(*minutes));
        let count = observed.clone().count() as f64;
        sums.1 / sums.0 - 1.0 / shape - observed.sum::<f64>() / count
    };
    assert!(slope(0.595) < 0.0 && slope(0.597) > 0.0, "the shape is not 0.596");
    // A Weibull of that shape has its median at mean · (ln 2)^(1/k) / Γ(1 + 1/k).
    let median = preset.time_to_failure.quantile(0.5);
    let expected = 300.0 * libm::pow(libm::log(2.0), 1.0 / 0.596) / libm::tgamma(1.0 + 1.0 / 0.596);
    near(median / DAY.0 as f64, expected, 1e-9);
}

#[test]
fn node_repairs_are_those_of_los_alamos() {
    let preset = process("lanl-node");
    let Some(rows) = rows("lanl-failures.csv") else { return };
    let mut minutes: Vec<f64> = rows.iter().map(|row| row[4].parse().unwrap()).collect();
    minutes.sort_by(f64::total_cmp);
    near(
        preset.time_to_restore.mean() / MINUTE.0 as f64,
        minutes.iter().sum::<f64>() / minutes.len() as f64,
        0.002,
    );
    near(preset.time_to_restore.quantile(0.5) / MINUTE.0 as f64, minutes[minutes.len() / 2], 0.005);
}

/// The availability of the Grid'5000 log is 0.814, the median outage 3 minutes.
#[test]
fn short_disconnections_have_the_published_availability() {
    let preset = process("grid5000-short");
    let (up, down) = (preset.time_to_failure.mean(), preset.time_to_restore.mean());
    near(up / (up + down), 0.814, 0.001);
    near(preset.time_to_restore.quantile(0.5), (3 * MINUTE.0) as f64, 0.02);
}

#[test]
fn a_wan_link_is_up_for_999_thousandths() {
    let preset = process("wan-link");
    let (up, down) = (preset.time_to_failure.mean(), preset.time_to_restore.mean());
    near(up / (up + down), 0.999, 1e-9);
    near(down, (4 * HOUR.0) as f64, 1e-9);
}

#[test]
fn presets_and_schema_name_the_same() {
    let schema = scenario::schema();
    for preset in scenario::presets() {
        let of_table =
            |table: &str| schema["$defs"][table]["properties"]["preset"]["enum"].as_array().cloned();
        let of_upgrades = || {
            let kinds = schema["$defs"]["UpgradePreset"]["oneOf"].as_array();
            kinds.map(|kinds| kinds.iter().map(|kind| kind["const"].clone()).collect::<Vec<_>>())
        };
        let names = match preset.kind.as_str() {
            "failures" => of_table("Failure"),
            "demand" => of_table("Demand"),
            _ => of_upgrades(),
        };
        assert!(names.unwrap().contains(&preset.name.as_str().into()), "{preset:?}");
    }
}
