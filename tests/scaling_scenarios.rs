//! Scaling and provisioning as scenarios write them: defaults, what is refused, numbers by the wall clock.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use fleetcast::control::scaling::{Rule, TargetTracking, Threshold};
use fleetcast::scenario::{self, Problems, Study};
use fleetcast::time::{HOUR, MINUTE, Span, Time};

/// A minimal scenario of two connectors with `more` behind it.
fn tiny(more: &str) -> Result<Study, Problems> {
    let text = format!(
        "name = \"tiny\"\nstart = \"2026-03-28T00:00:00+01:00[Europe/Berlin]\"\nhorizon = \"3d\"\n\
         [instances.i]\ncapacity_mbps = 100\nidle_cpu_percent = 5\n\
         [[fleet.regions]]\nname = \"r\"\n[[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n\
         time_zone = \"Europe/Berlin\"\n[[fleet.groups]]\nname = \"g\"\nsite = \"s\"\nconnectors = 2\n\
         instance = \"i\"\ndemand = \"d\"\n{more}"
    );
    scenario::read(&text, "tiny.toml", Path::new("scenarios"), &[])
}

fn scaled(scaling: &str) -> Result<Study, Problems> {
    tiny(&format!("[demand.d]\nusers = 1\n[policies.p]\nscaling = {{ {scaling} }}\n"))
}

#[test]
fn scaling_has_the_defaults_of_its_kind() {
    let of = |scaling: &str| {
        let study = scaled(scaling).unwrap_or_else(|problems| panic!("{problems}"));
        (study.model.policies[0].scaling.dynamic().unwrap().clone(), study.model.fleet.groups[0].clone())
    };
    let (tracking, group) = of("kind = \"target-tracking\"");
    assert_eq!(tracking.rule, Rule::TargetTracking(TargetTracking { target: 6_000, tolerance: 100_000 }));
    assert_eq!((tracking.stabilise_out, tracking.stabilise_in), (Span::ZERO, HOUR));
    assert_eq!((tracking.period, tracking.detection_delay), (Span(5 * MINUTE.0), Span(8 * MINUTE.0)));
    assert_eq!(group.slots.len(), 2 * group.connectors(), "twice as many at the most");
    let (threshold, group) = of("kind = \"threshold\", max = 9");
    assert_eq!(
        threshold.rule,
        Rule::Threshold(Threshold { sustained: HOUR, overload: 7_000, limit: 6_000.0 })
    );
    assert_eq!((threshold.stabilise_in, group.slots.len()), (Span::ZERO, 9));
}

#[test]
fn what_a_kind_of_scaling_does_not_use_is_refused() {
    for (scaling, key) in [
        ("kind = \"static\", min = 2", "min"),
        ("kind = \"threshold\", k = 2", "k"),
        ("kind = \"scheduled\"", "schedule"),
        ("kind = \"n-plus-k\", min = 3, max = 2", "max"),
        ("kind = \"predictive\", period = \"7m\"", "period"),
        ("kind = \"predictive\", period = \"25m\"", "period"),
        ("kind = \"target-tracking\", target_percent = 4", "target_percent"),
        ("kind = \"predictive\", smoothing = { level = 0.1 }", "smoothing"),
        (
            "kind = \"scheduled\", schedule = [{ days = [], from = \"08:00\", length = \"1h\", connectors = 2 }]",
            "days",
        ),
    ] {
        let problems = scaled(scaling).unwrap_err().to_string();
        assert!(problems.contains(key) && problems.contains("policies.p.scaling"), "{scaling}: {problems}");
    }
}

/// Berlin's clocks go forward on Sunday, 29 March 2026 at 02:00, so eight hours from 22:00 end at 07:00. Of two that hold
/// the greater counts, and at other times the fewest.
#[test]
fn a_schedule_of_connectors_follows_the_local_clock() {
    let text = "[demand.d]\nusers = 1\n[policies.p.scaling]\nkind = \"scheduled\"\nmin = 2\nschedule = [\n\
                { days = [\"sat\"], from = \"22:00\", length = \"8h\", connectors = 5 },\n\
                { days = [\"sun\"], from = \"06:30\", length = \"1h\", connectors = 3 },\n]\n";
    let study = tiny(text).unwrap_or_else(|problems| panic!("{problems}"));
    let Rule::Scheduled(table) = &study.model.policies[0].scaling.dynamic().unwrap().rule else { panic!() };
    let hours = |n: f64| Time((n * HOUR.0 as f64) as i64);
    let run: Vec<(Time, usize)> =
        table.kinds[0].iter().copied().filter(|&(at, _)| at >= Time::ZERO && at < hours(48.0)).collect();
    // 07:00 local time is 30 hours after the start, 06:30 is 29.5 and 07:30 is 30.5.
    assert_eq!(run, [(hours(22.0), 5), (hours(29.5), 5), (hours(30.0), 3), (hours(30.5), 2)]);
}

#[test]
fn keys_that_nobody_regenerates_cannot_be_too_old() {
    let of = |given: &str| tiny(&format!("[demand.d]\nusers = 1\n[provisioning]\n{given}\n"));
    let problems = of("key_age = \"15d\"").unwrap_err().to_string();
    assert!(problems.contains("provisioning.key_age"), "{problems}");
    let regenerated =
        "key_age = \"15d\"\nkey_regeneration = { after = { dist = \"constant\", value = \"1h\" } }";
    let study = of(regenerated).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(study.model.policies[0].provisioning.key_age, Span(15 * 24 * HOUR.0));
}
