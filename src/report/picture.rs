//! The figures, as SVG text: no font, system library or network is needed to draw or to show them.
//!
//! Every figure is drawn on a [`canvas`] in points with one decimal place; [`axis`] chooses dates and round numbers for
//! its ticks, [`palette`] has all colours. Lines are thinned to what the width can show, each figure says how.

pub mod axis;
pub mod blame;
pub mod canvas;
pub mod cost_risk;
pub mod cpu;
pub mod effects;
pub mod fleet;
pub mod forest;
pub mod frame;
pub mod gantt;
pub mod marks;
pub mod palette;
pub mod pareto;
pub mod rollout;
pub mod week;

pub use axis::Dates;

/// The most points of a line: about as many as there are pixels across.
pub const MOST_POINTS: usize = 1_200;

/// `rows` cut into at most [`MOST_POINTS`] chunks of equal length, and that length.
fn thinned<T>(rows: &[T]) -> (impl Iterator<Item = &[T]>, usize) {
    let size = rows.len().div_ceil(MOST_POINTS).max(1);
    (rows.chunks(size), size)
}

#[cfg(test)]
mod tests {
    //! The figures of an invented year. With `FLEETCAST_PICTURES=DIR` they are written there, to be looked at.

    use jiff::tz::TimeZone;

    use super::*;
    use crate::experiment::{CpuChart, PolicyOutcome};
    use crate::fleet::{Cause, GroupStatus, Status, VersionIcon};
    use crate::recording::rows::Rows;
    use crate::recording::{CpuBucket, GroupRow, Overview, SlotRow};
    use crate::report::sample;
    use crate::simulation::observer::{GroupDisplay, SlotDisplay};
    use crate::time::{DAY, HOUR, MINUTE, Time};

    const YEAR: Time = Time(365 * DAY.0);

    fn dates() -> Dates {
        Dates { start_unix_millis: sample::START, zone: TimeZone::get("Europe/Berlin").unwrap() }
    }

    fn check(name: &str, svg: &str) {
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        assert!(svg.len() < 2_000_000, "{name}: {} bytes", svg.len());
        if let Ok(folder) = std::env::var("FLEETCAST_PICTURES") {
            std::fs::write(std::path::Path::new(&folder).join(name), svg).unwrap();
        }
    }

    /// Numbers that look random.
    fn noise(index: i64) -> i64 {
        (index.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33)
            .rem_euclid(1000)
    }

    fn year() -> Overview {
        let row = |hour: i64| {
            let mut row = [0; 18];
            row[1] = (noise(hour) % 5) as i32 + if (3_000..3_072).contains(&hour) { 40 } else { 0 };
            row[3] = if hour % 336 < 30 { 18 - (hour % 336) as i32 / 2 } else { 0 };
            row[4] = (noise(hour / 24) % 4) as i32;
            row[6] = (noise(hour / 5) % 3) as i32;
            row[2] = 2;
            row[0] = 1200 - row[1..8].iter().sum::<i32>();
            row[13] = i32::from((3_000..3_072).contains(&hour)) * 9;
            row[14] = (noise(hour / 3) % 7) as i32;
            row[15] = if hour % 24 > 8 && hour % 24 < 17 { (noise(hour) % 12) as i32 } else { 0 };
            row
        };
        Overview { every: HOUR, rows: (0..8_760).map(row).collect() }
    }

    #[test]
    fn the_fleets_year_is_drawn() {
        let svg = fleet::fleet(&dates(), &year(), YEAR, "two-sites, policy vendor-default, replication 0");
        check("fleet.svg", &svg);
        assert!(svg.contains("Expired") && !svg.contains("\nnone\n"));
        assert!(!svg.contains("Announced") && !svg.contains("Deleted"), "statuses that never occur");
    }

    #[test]
    fn a_tile_without_a_group_says_none() {
        let mut year = year();
        year.rows.iter_mut().for_each(|row| row[13] = 0);
        let svg = fleet::fleet(&dates(), &year, YEAR, "");
        assert_eq!(svg.matches("\nnone\n").count(), 1, "one of three");
        check("fleet-none.svg", &svg);
    }

    #[test]
    fn an_empty_overview_is_drawn() {
        let empty = Overview { every: HOUR, rows: Vec::new() };
        check("fleet-empty.svg", &fleet::fleet(&dates(), &empty, YEAR, ""));
    }

    fn policy(index: usize, slow: u64) -> PolicyOutcome {
        let mut outcome = sample::outcome();
        outcome.policy = index;
        let template = outcome.replications[0].rollouts[0].clone();
        for replication in &mut outcome.replications {
            replication.rollouts = (0..15)
                .map(|release: i64| {
                    let mut rollout = template.clone();
                    rollout.connectors = 100;
                    rollout.reached.reset();
                    for connector in 0..98 {
                        let spread = noise(release * 131 + connector) as u64 * (1 + release as u64 % 3);
                        rollout.reached.record(slow * (400 + spread * connector as u64 / 10)).unwrap();
                    }
                    rollout
                })
                .collect();
        }
        outcome
    }

    #[test]
    fn blame_is_drawn_with_its_shares() {
        let svg =
            blame::blame(&["node".into()], &["default"], &[sample::outcome()], "two-sites, 2 replications");
        check("blame.svg", &svg);
        // Of connector-time 36/36.5, of overloads 1/3 and 2/3, of user-minutes 3/4 and 1/4.
        for text in ["node", "update", "demand", "99 %", "33 %", "67 %", "75 %", "25 %"] {
            assert!(svg.contains(&format!("\n{text}\n")), "{text}");
        }
        assert!(!svg.contains("\nothers\n") && !svg.contains("\nnone\n"));
        let mut calm = sample::outcome();
        calm.replications = vec![sample::nothing()];
        let svg = blame::blame(&["node".into()], &["default"], &[calm], "");
        assert!(svg.contains("nothing is charged to anything"));
    }

    #[test]
    fn rollouts_are_drawn() {
        let names = ["vendor-default", "night-window"];
        let svg = rollout::rollouts(&names, &[policy(0, 1), policy(1, 2)], "two-sites, 20 replications");
        check("rollouts.svg", &svg);
        // From 400 s to half a day.
        for label in ["10 min", "1 h", "6 h", "(band)", "0.01 %"] {
            assert!(svg.contains(label), "{label}");
        }
        assert!(!svg.contains("1 min"));
        check("rollouts-none.svg", &rollout::rollouts(&names, &[], ""));
    }

    #[test]
    fn cpu_is_drawn_with_gaps() {
        let bucket = |group: i64, hour: i64| {
            let incomplete = noise(hour / 7 + group) < 8 || (4_000..4_200).contains(&hour);
            let load = if hour % 24 > 7 && hour % 24 < 18 { 4_000 } else { 900 };
            let load = load + 4 * noise(hour * 7 + group) as i32 + (hour / 8) as i32;
            CpuBucket { from: Time(hour * HOUR.0), average: (!incomplete).then_some(load), incomplete }
        };
        let chart = |group: i64, hours: i64| CpuChart {
            replication: 0,
            group: group as usize,
            buckets: (0..hours).map(|hour| bucket(group, hour)).collect(),
        };
        let year: Vec<CpuChart> = (0..10).map(|group| chart(group, 8_760)).collect();
        let named: Vec<(&str, &CpuChart)> = year.iter().map(|chart| ("fra-app-007", chart)).collect();
        let svg = cpu::cpu(&dates(), &named, 70.0, YEAR, "busiest groups, replication 0");
        check("cpu.svg", &svg);
        assert_eq!(svg.matches("fra-app-007").count(), 10, "all that were selected");
        assert!(svg.contains("displayed CPU, %"));
        assert!(
            svg.contains("line: mean of a day; band: least to largest average of an hour in it; dashed"),
            "{svg}"
        );
        let week = chart(3, 168);
        let svg = cpu::cpu(&dates(), &[("one", &week)], 70.0, Time(7 * DAY.0), "a week");
        check("cpu-week.svg", &svg);
        assert!(svg.contains("line: average of an hour; dashed") && svg.contains("\n100\n"));
        let many: Vec<(&str, &CpuChart)> = vec![("one", &week); 21];
        let svg = cpu::cpu(&dates(), &many, 70.0, Time(7 * DAY.0), "a week");
        assert!(svg.contains("a week, the first 20 of 21 groups"));
    }

    fn life() -> Rows {
        let mut rows = Rows::default();
        let display = |status, cause| SlotDisplay { status, cause, agent: 0, image: 0 };
        for slot in 0..4_i64 {
            let mut from = None;
            for step in 0..40_i64 {
                let hour = step * 9 + noise(step * 17 + slot) % 9;
                let (status, minutes) = match (step + slot) % 5 {
                    0 => (Status::Updating, 9),
                    1 => (Status::Disconnected, 200),
                    2 if slot == 2 && step > 20 => (Status::Expired, 3000),
                    _ => continue,
                };
                for (at, status) in [(hour * 60, status), (hour * 60 + minutes, Status::Connected)] {
                    let to = display(status, Cause::None);
                    let at = Time(at * MINUTE.0);
                    rows.slots.push(SlotRow { at, group: 0, slot: slot as u32, from, to });
                    from = Some(to);
                }
            }
        }
        let display = |status| GroupDisplay {
            status,
            warning: false,
            icon: VersionIcon::default(),
            cause: Cause::None,
        };
        for (hour, status) in [
            (0, GroupStatus::Connected),
            (90, GroupStatus::Overloaded),
            (97, GroupStatus::Disconnected),
            (101, GroupStatus::Connected),
        ] {
            rows.groups.push(GroupRow { at: Time(hour * HOUR.0), group: 0, from: None, to: display(status) });
        }
        rows
    }

    #[test]
    fn a_life_is_drawn() {
        let window = (Time(0), Time(15 * DAY.0));
        let svg = gantt::gantt(&dates(), &life(), window, "fra-app-007", "vendor-default, replication 3");
        check("gantt.svg", &svg);
    }
}
