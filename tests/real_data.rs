//! Measured data: traces replayed as demand, and failures of real machines.
//!
//! The data lie outside the project (`../shared/data`, or the folder FLEETCAST_DATA); where they are absent each test
//! says that it is skipped. A trace is read here by a few lines of its own, and everything is compared with that.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "support/data.rs"]
mod data;
#[path = "support/statistics.rs"]
mod statistics;

use std::path::Path;

use fleetcast::environment::demand::level::Level;
use fleetcast::recording::GroupTally;
use fleetcast::recording::tally::Tallier;
use fleetcast::scenario::{self, Problems, Study};
use fleetcast::simulation::load::demand_bin;
use fleetcast::simulation::observer::{Happening, Observer, TickRun};
use fleetcast::simulation::run::Replication;
use fleetcast::time::Time;

use statistics::Sample;

/// A file of measurements: its columns of time and value, and what turns values into Mbps.
struct Source {
    file: &'static str,
    time: &'static str,
    value: &'static str,
    scale: f64,
}

const AZURE: Source =
    Source { file: "azure-vm-cpu-5min.csv", time: "time_s", value: "cpu_core_percent", scale: 1e-4 };
const ACADEMIC: Source =
    Source { file: "uk-academic-traffic-5min.csv", time: "time", value: "traffic_relative", scale: 1e3 };

const fn nab(file: &'static str) -> Source {
    Source { file, time: "timestamp", value: "value", scale: 1.0 }
}

/// Rows of a trace: the line, the time in seconds, the value as written.
struct Row {
    line: usize,
    time: f64,
    text: String,
    value: f64,
}

fn rows(path: &Path, source: &Source) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().enumerate();
    let header: Vec<&str> = lines.next().unwrap().1.split(',').collect();
    let column = |name| header.iter().position(|known| *known == name).unwrap();
    let (time, value) = (column(source.time), column(source.value));
    let row = |(index, line): (usize, &str)| {
        let cells: Vec<&str> = line.split(',').collect();
        let value = cells[value].parse().unwrap();
        Row { line: index + 1, time: seconds(cells[time]), text: line.to_owned(), value }
    };
    lines.map(row).collect()
}

/// Seconds from any beginning: a number, or a date and time of day.
fn seconds(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| {
        let civil: jiff::civil::DateTime = cell.parse().unwrap();
        civil.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second() as f64
    })
}

const STEP: f64 = 300.0;

/// The rows whose distance from the row before is not the step.
fn breaks(rows: &[Row]) -> Vec<usize> {
    (1..rows.len()).filter(|&index| rows[index].time - rows[index - 1].time != STEP).collect()
}

/// A scenario file beside the trace `file` that replays it over `ticks` ticks.
fn scenario(
    folder: &Path,
    file: &str,
    source: &Source,
    ticks: usize,
    repeat: bool,
) -> Result<Study, Problems> {
    let Source { time, value, scale, .. } = source;
    let text = format!(
        "name = \"replay\"\nstart = \"2026-01-05T00:00:00Z\"\nhorizon = \"{}m\"\n\
         [instances.i]\ncapacity_mbps = 1000\n[[fleet.regions]]\nname = \"r\"\n\
         [[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n\
         [[fleet.groups]]\nname = \"g\"\nsite = \"s\"\nconnectors = 2\ninstance = \"i\"\ndemand = \"measured\"\n\
         [demand.measured.trace]\n\
         file = \"{file}\"\ntime = \"{time}\"\nvalue = \"{value}\"\nscale = {scale}\nrepeat = {repeat}\n",
        5 * ticks
    );
    let path = folder.join("replay.toml");
    std::fs::write(&path, text).unwrap();
    scenario::load(&path, &[])
}

/// The demand of each tick.
#[derive(Default)]
struct Series(Vec<f32>);

impl Observer for Series {
    fn ticks(&mut self, run: TickRun<'_>) {
        self.0.extend(run.demand);
    }
}

fn replay(study: &Study) -> (Vec<f32>, GroupTally) {
    let level = Level::new();
    let replication = Replication::new(&study.model, 0, 0, level);
    let observer = (Series::default(), Tallier::new(&study.model, 0, 0.999, level));
    let (series, tallier) = replication.run_group(0, observer);
    (series.0, tallier.tally())
}

/// Writes `rows` to a folder of their own, replays them and compares demand and tally with them.
fn replays(source: &Source, header: &str, rows: &[Row]) {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    std::fs::write(folder.path().join("trace.csv"), format!("{header}\n{}\n", lines.join("\n"))).unwrap();
    let mbps: Vec<f64> = rows.iter().map(|row| source.scale * row.value).collect();
    let expected: Vec<f32> = mbps.iter().map(|mbps| *mbps as f32).collect();

    let study = scenario(folder.path(), "trace.csv", source, rows.len(), false);
    let (demand, tally) = replay(&study.unwrap_or_else(|problems| panic!("{problems}")));
    assert!(demand == expected, "{}: the demand replayed is the trace", source.file);
    tallied(source.file, &tally, &mbps);

    let longer = rows.len() * 3 / 2;
    assert!(scenario(folder.path(), "trace.csv", source, longer, false).is_err(), "it ends too early");
    let study = scenario(folder.path(), "trace.csv", source, longer, true).unwrap();
    let repeated: Vec<f32> = expected.iter().cycle().take(longer).copied().collect();
    assert!(replay(&study).0 == repeated, "{}: it begins again", source.file);
}

/// Mean and maximum to 10⁻⁶; quantiles, which are those of rank ⌈q n⌉, to their bin.
fn tallied(file: &str, tally: &GroupTally, mbps: &[f64]) {
    let n = mbps.len();
    assert_eq!(tally.demand_ticks, n as u64, "{file}");
    let near = |measured: f64, expected: f64| (measured / expected - 1.0).abs() <= 1e-6;
    let mean = tally.demand_sum as f64 / 1e6 / n as f64;
    let expected = mbps.iter().sum::<f64>() / n as f64;
    assert!(near(mean, expected), "{file}: mean {mean} for {expected}");
    let most = mbps.iter().copied().fold(0.0, f64::max);
    assert!(near(f64::from(tally.demand_max), most), "{file}: maximum {} for {most}", tally.demand_max);
    let mut sorted = mbps.to_vec();
    sorted.sort_by(f64::total_cmp);
    for q in [0.5, 0.95, 0.99] {
        let rank = (q * n as f64).ceil() as usize;
        let bin = tally.load.demand().quantile(q).unwrap();
        assert_eq!(bin, demand_bin(sorted[rank - 1] as f32), "{file}: the {q}-quantile {}", sorted[rank - 1]);
    }
    // The capacity is 2,000 Mbps: what is beyond is unserved, and nothing else.
    let unserved = mbps.iter().map(|mbps| (mbps - 2_000.0).max(0.0)).sum::<f64>() / n as f64;
    let measured = tally.unserved_users as f64 / (n as f64 * STEP * 1e3);
    assert!((measured - unserved).abs() <= 1e-6 * expected, "{file}: unserved {measured} for {unserved}");
}

/// Replays a trace without gaps.
fn replays_whole(test: &str, source: &Source) {
    let Some(path) = data::file(test, source.file) else { return };
    let rows = rows(&path, source);
    assert!(rows.len() > 4_000 && breaks(&rows).is_empty(), "{}", source.file);
    replays(source, &format!("{},{}", source.time, source.value), &rows);
}

#[test]
fn the_load_of_a_cloud_region_is_replayed() {
    replays_whole("the_load_of_a_cloud_region_is_replayed", &AZURE);
}

#[test]
fn the_traffic_of_a_backbone_is_replayed() {
    replays_whole("the_traffic_of_a_backbone_is_replayed", &ACADEMIC);
}

#[test]
fn cpu_with_anomalies_is_replayed() {
    let test = "cpu_with_anomalies_is_replayed";
    replays_whole(test, &nab("nab/ec2_cpu_utilization_5f5533.csv"));
    replays_whole(test, &nab("nab/cpu_utilization_asg_misconfiguration.csv"));
}

/// A trace with gaps is refused with the line of the first one; its longest regular stretch is replayed.
#[test]
fn traces_with_gaps_are_refused_by_line_and_replayed_in_part() {
    let test = "traces_with_gaps_are_refused_by_line_and_replayed_in_part";
    for source in [nab("nab/elb_request_count_8c0756.csv"), nab("nab/rds_cpu_utilization_cc0c53.csv")] {
        let Some(path) = data::file(test, source.file) else { return };
        let rows = rows(&path, &source);
        let breaks = breaks(&rows);
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(&path, folder.path().join("gaps.csv")).unwrap();
        let problems = scenario(folder.path(), "gaps.csv", &source, 288, false).unwrap_err();
        let line = format!("gaps.csv line {}: a step of 10m where it was 5m", rows[breaks[0]].line);
        let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, [line.as_str()], "{}", source.file);
        assert_eq!(problems.iter().next().unwrap().path, "demand.measured.trace.file");
        let edges: Vec<usize> = [0].into_iter().chain(breaks).chain([rows.len()]).collect();
        let longest = edges.windows(2).max_by_key(|edge| edge[1] - edge[0]).unwrap();
        replays(&source, "timestamp,value", &rows[longest[0]..longest[1]]);
    }
}

/// Failures after 0 of a group of [`NODES`], beside its tally.
#[derive(Default)]
struct Failures(u64);

impl Observer for Failures {
    fn happened(&mut self, at: Time, what: Happening) {
        self.0 += u64::from(matches!(what, Happening::Failed { .. }) && at > Time::ZERO);
    }
}

const NODES: usize = 50;
const DAYS: f64 = 300.0;

/// Runs nodes that fail as `failures` says and compares availability and failures with mean times up and down in
/// minutes, which are granted `bias` in relative terms.
fn nodes(folder: &Path, failures: &str, up: f64, down: f64, bias: f64) {
    let text = format!(
        "name = \"nodes\"\nstart = \"2026-01-05T00:00:00Z\"\nhorizon = \"{DAYS}d\"\n\
         [validation]\nperiod = \"1000d\"\nphase = {{ dist = \"constant\", value = \"1000d\" }}\n\
         [instances.i]\ncapacity_mbps = 1000\n[[fleet.regions]]\nname = \"r\"\n\
         [[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n[[fleet.groups]]\nname = \"g\"\nsite = \"s\"\n\
         connectors = {NODES}\ninstance = \"i\"\ndemand = \"none\"\n[demand.none]\nusers = 0\n\
         [failures.node]\n{failures}\n"
    );
    let study = scenario::read(&text, "nodes.toml", folder, &[]);
    let model = study.unwrap_or_else(|problems| panic!("{problems}")).model;
    let level = Level::new();
    let run = |index| {
        let observer = (Failures::default(), Tallier::new(&model, 0, 0.999, level));
        let (failures, tallier) = Replication::new(&model, 0, index, level).run_group(0, observer);
        let tally = tallier.tally();
        (1.0 - tally.served as f64 / tally.meant as f64, failures.0 as f64 / NODES as f64)
    };
    let (unavailable, failed): (Vec<f64>, Vec<f64>) = (0..400).map(run).unzip();
    let expected = down / (up + down);
    Sample::new("unavailability of nodes", unavailable).has_mean_within(expected, bias * expected);
    let expected = DAYS * 1440.0 / (up + down);
    Sample::new("failures of a node", failed).has_mean_within(expected, bias * expected);
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Nodes of Los Alamos, in equilibrium: as the preset has them, whose means are rounded (300 d, 398 min: both to less
/// than 0.2 %), and with the very durations that were measured. A false alarm in 10,000 seeds for each comparison.
#[test]
fn nodes_fail_as_those_that_were_measured() {
    let test = "nodes_fail_as_those_that_were_measured";
    let (Some(failures), Some(uptimes)) =
        (data::file(test, "lanl-failures.csv"), data::file(test, "lanl-uptimes-censored.csv"))
    else {
        return;
    };
    let cells = |path: &Path, column: usize, wanted: &dyn Fn(&csv::StringRecord) -> bool| -> Vec<f64> {
        let records = csv::Reader::from_path(path).unwrap().into_records().map(Result::unwrap);
        records.filter(wanted).map(|record| record[column].parse().unwrap()).collect()
    };
    let down = cells(&failures, 4, &|_| true);
    let lived = cells(&uptimes, 1, &|record| &record[0] == "18");
    let up = cells(&uptimes, 1, &|record| &record[0] == "18" && &record[2] == "1");
    assert_eq!((down.len(), up.len()), (17_977, 3_012));
    let folder = tempfile::tempdir().unwrap();
    // All the time that was observed, over the failures in it.
    let mttf = lived.iter().sum::<f64>() / up.len() as f64;
    nodes(folder.path(), "preset = \"lanl-node\"", mttf, mean(&down), 0.002);
    for (file, minutes) in [("up.csv", &up), ("down.csv", &down)] {
        let seconds: Vec<String> = minutes.iter().map(|minutes| (60.0 * minutes).to_string()).collect();
        std::fs::write(folder.path().join(file), format!("seconds\n{}\n", seconds.join("\n"))).unwrap();
    }
    let measured = "scope = \"connector\"\n\
        time_to_failure = { dist = \"empirical\", file = \"up.csv\", column = \"seconds\" }\n\
        time_to_restore = { dist = \"empirical\", file = \"down.csv\", column = \"seconds\" }";
    nodes(folder.path(), measured, mean(&up), mean(&down), 0.0);
}
