//! Scenario files as users meet them: those that are shipped, overrides, imports, and what `explain` gives back.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use fleetcast::control::UpgradePolicy;
use fleetcast::environment::failure::Place;
use fleetcast::scenario::{self, Problems, Study};
use fleetcast::simulation::Model;
use fleetcast::time::{DAY, HOUR, Span, Time};

const SHIPPED: [&str; 15] = [
    "autoscale",
    "reference",
    "two-sites",
    "quickstart",
    "fleet-0",
    "game-day",
    "staggered",
    "rollout-what-if",
    "presets-by-eye",
    "two-or-three",
    "two-operators",
    "urgent-fixes",
    "capacity-what-if",
    "host-maintenance",
    "leaked-key",
];

fn path(name: &str) -> PathBuf {
    Path::new("scenarios").join(name).with_extension("toml")
}

fn load(name: &str, sets: &[&str]) -> Result<Study, Problems> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    scenario::load(&path(name), &sets)
}

fn study(name: &str, sets: &[&str]) -> Study {
    load(name, sets).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A model as demand shapes and the text of everything else.
fn parts(mut model: Model) -> (Vec<Vec<f32>>, String) {
    let shapes = model.environment.demands.iter_mut().map(|series| std::mem::take(&mut series.shape));
    (shapes.collect(), format!("{model:?}"))
}

/// A minimal scenario with `more` behind it.
fn tiny(more: &str) -> Result<Study, Problems> {
    tiny_set(more, &[])
}

/// The same with overrides.
fn tiny_set(more: &str, sets: &[&str]) -> Result<Study, Problems> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let text = format!(
        "name = \"tiny\"\nstart = \"2026-01-05T00:00:00Z\"\nhorizon = \"2d\"\n\
         [instances.i]\ncapacity_mbps = 100\n\
         [[fleet.regions]]\nname = \"r\"\n[[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n\
         [[fleet.groups]]\nname = \"g\"\nsite = \"s\"\nconnectors = 2\ninstance = \"i\"\ndemand = \"d\"\n{more}"
    );
    scenario::read(&text, "tiny.toml", Path::new("scenarios"), &sets)
}

fn shape(more: &str) -> Vec<f32> {
    tiny(more).unwrap_or_else(|problems| panic!("{problems}")).model.environment.demands[0].shape.clone()
}

#[test]
fn all_shipped_scenarios_compile() {
    for name in SHIPPED {
        study(name, &[]);
    }
}

#[test]
fn explained_scenarios_compile_to_the_same_study() {
    for name in SHIPPED {
        let original = study(name, &[]);
        for text in [original.explain(), original.self_contained()] {
            let again = scenario::read(&text, "explained.toml", Path::new("scenarios"), &[]);
            let again = again.unwrap_or_else(|problems| panic!("{name}: {problems}"));
            assert_eq!(again.hash, original.hash, "{name}");
            assert_eq!(parts(again.model.clone()), parts(original.model.clone()), "{name}");
            assert_eq!(again.self_contained(), original.self_contained(), "{name}");
        }
        let again = scenario::read(&original.explain(), "explained.toml", Path::new("scenarios"), &[]);
        assert_eq!(again.unwrap().explain(), original.explain(), "{name}");
    }
}

#[test]
fn self_contained_scenarios_need_no_files() {
    let contained = study("reference", &[]).self_contained();
    let again = scenario::read(&contained, "contained.toml", Path::new("/nowhere"), &[]);
    let again = again.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(again.hash, study("reference", &[]).hash);
    assert!(again.traces.is_empty());
}

#[test]
fn the_quickstart_is_as_large_as_it_says() {
    let fleet = study("quickstart", &[]).model.fleet;
    assert_eq!(fleet.groups.len(), 1_000);
    assert_eq!(fleet.groups.iter().map(|group| group.slots.len()).sum::<usize>(), 3_500);
    assert_eq!((fleet.regions.len(), fleet.sites.len()), (5, 36));
    assert_eq!(fleet.groups[0].name, "branch-000");
    assert_eq!(fleet.sites[fleet.groups[0].site].name, "london-000");
}

#[test]
fn settings_from_the_command_line_override_those_of_the_file() {
    let sets = [
        "horizon=30d",
        "seed = 7",
        "fleet.groups.fra-app.connectors=5",
        "fleet.groups[1].resources=0",
        "fleet.sites[name=nyc].fault_domains=3",
        "failures.node.time_to_failure.mean=60d",
        "demand.office.profile={ preset = \"flat\" }",
        "policies.vendor-default.upgrade.backoff.first=2h",
        "policies.late={}",
    ];
    let changed = study("two-sites", &sets).model;
    assert_eq!(changed.horizon, Time(30 * DAY.0));
    assert_eq!(changed.seed, 7);
    assert_eq!(changed.fleet.groups[0].slots.len(), 5);
    assert_eq!(changed.fleet.groups[40].resources, 0);
    assert_eq!(changed.fleet.sites[1].domains.len(), 3);
    assert_eq!(changed.policies[0].upgrade.backoff.first, Span(2 * HOUR.0));
    assert_eq!(changed.policies.len(), 3);
    let process = changed.environment.failures[0].process.as_ref().unwrap();
    assert!((process.time_to_failure.mean() / (60 * DAY.0) as f64 - 1.0).abs() < 1e-9);
}

#[test]
fn overrides_that_lead_nowhere_are_problems() {
    let sets = ["fleet.groups.nobody.connectors=1", "fleet.groups[7].connectors=1", "horizon", "name.x=1"];
    let problems = load("two-sites", &sets).unwrap_err();
    assert_eq!(problems.len(), 4, "{problems}");
    assert!(problems.iter().all(|problem| problem.file == "--set"));
}

#[test]
fn imports_are_overridden_table_by_table_and_lists_whole() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let base = std::fs::read_to_string("scenarios/two-sites.toml").unwrap();
    write("shared/base.toml", &base);
    write("shared/data/load.csv", "time_s,mbps\n0,1\n3600,2\n");
    write(
        "mine.toml",
        "import = \"shared/base.toml\"\nseed = 9\n[failures.site_power]\ntime_to_failure = { dist = \"constant\", \
         value = \"9d\" }\nschedule = []\n",
    );
    write("circle.toml", "import = [\"circle.toml\"]");
    let study = scenario::load(&folder.path().join("mine.toml"), &[]).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(study.model.seed, 9);
    let class = &study.model.environment.failures[1];
    assert_eq!(class.process.as_ref().unwrap().time_to_failure.mean(), (9 * DAY.0) as f64);
    assert!(class.schedule.is_empty());
    assert_eq!(study.traces[0].file, "shared/data/load.csv");
    let problems = scenario::load(&folder.path().join("circle.toml"), &[]).unwrap_err();
    assert!(problems.to_string().contains("imports itself"), "{problems}");
}

#[test]
fn a_class_of_narrower_scope_strikes_each_place() {
    let reference = study("reference", &[]).model;
    let of = |name: &str| reference.environment.failures.iter().find(|class| class.name == name).unwrap();
    let place = |name: &str| of(name).schedule.iter().map(|outage| outage.place).collect::<Vec<_>>();
    assert_eq!(place("site_power"), [Place::Site(0)]);
    assert_eq!(place("hiccup"), [Place::Connector(1, 0)]);
    assert_eq!(of("hiccup").places, Place::Group(0));
    let sets = ["failures.hiccup.schedule[0].where={ site = \"fra\" }"];
    let wide = study("reference", &sets).model;
    let class = &wide.environment.failures[2];
    // Three and two connectors, and up to twelve that scaling can add, one of the second group's being disabled.
    let slots = |group: usize| (0..wide.fleet.groups[group].slots.len()).map(move |slot| (group, slot));
    assert_eq!([0, 1].map(|group| wide.fleet.groups[group].connectors()), [3, 2]);
    let places = slots(0).chain(slots(1)).map(|(group, slot)| Place::Connector(group, slot));
    assert!(class.schedule.iter().map(|outage| outage.place).eq(places));
}

/// By hand: clocks in Berlin go forward on 29 March 2026, so 19:00 is 18:00 UTC before and 17:00 after. The run starts
/// on 1 March at 00:00, 23:00 UTC on the day before.
#[test]
fn an_outage_that_comes_again_keeps_its_time_of_day() {
    let begins = |schedule: &str| {
        let text = format!(
            "name = \"t\"\nstart = \"2026-03-01T00:00:00+01:00[Europe/Berlin]\"\nhorizon = \"63d\"\n[failures.f]\nscope = \
             \"fleet\"\nschedule = [{{ {schedule} }}]\n"
        );
        let fleet = "[[fleet.regions]]\nname = \"r\"\n[[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n[[fleet.groups]]\nname = \
                     \"g\"\nsite = \"s\"\nconnectors = 1\ninstance = \"i\"\ndemand = \"d\"\n[instances.i]\ncapacity_mbps = \
                     100\n[demand.d]\nusers = 1\nmbps_per_user = 1\n";
        let study = scenario::read(&format!("{text}{fleet}"), "t.toml", Path::new(""), &[])?;
        let schedule = &study.model.environment.failures[0].schedule;
        Ok::<_, Problems>(schedule.iter().map(|outage| outage.at.0 / HOUR.0).collect::<Vec<i64>>())
    };
    let monthly = begins("at = \"2026-03-04T19:00:00\", for = \"2h\", every = \"2w\"").unwrap();
    assert_eq!(monthly, [91, 91 + 336, 91 + 672 - 1, 91 + 1008 - 1, 91 + 1344 - 1]);
    // What is no whole number of days counts hours.
    let hours = begins("at = \"10h\", for = \"1h\", every = \"500h\"").unwrap();
    assert_eq!(hours, [10, 510, 1010, 1510]);
    assert_eq!(begins("at = \"62d\", for = \"1h\", every = \"1d\"").unwrap(), [62 * 24]);
    for (schedule, why) in [
        ("at = \"1d\", for = \"2h\", every = \"2h\"", "would come again before it ends"),
        ("at = \"0s\", for = \"1m\", every = \"2h\"", "756 times in a run, and may 500 times"),
    ] {
        let problems = begins(schedule).unwrap_err().to_string();
        assert!(problems.contains(why) && problems.contains("failures.f.schedule[0].every"), "{problems}");
    }
}

#[test]
fn a_profile_is_in_local_time_and_follows_daylight_saving() {
    let more = "time_zone = \"Europe/Berlin\"\n";
    let text = "name = \"t\"\nstart = \"2026-03-29T00:00:00Z\"\nhorizon = \"4h\"\ntick = \"30m\"\n\
         [instances.i]\ncapacity_mbps = 100\n\
         [[fleet.regions]]\nname = \"r\"\n[[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n";
    let rest = "[[fleet.groups]]\nname = \"g\"\nsite = \"s\"\nconnectors = 2\ninstance = \"i\"\ndemand = \"d\"\n\
         [demand.d]\nusers = 1\nprofile = { values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, \
         18, 19, 20, 21, 22, 23] }\n";
    let study = scenario::read(&format!("{text}{more}{rest}"), "t.toml", Path::new(""), &[]).unwrap();
    // 00:00 UTC is 01:00 in Berlin; an hour later the clocks go from 02:00 to 03:00.
    let expected = [1.0, 1.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0];
    assert_eq!(study.model.environment.demands[0].shape, expected);
}

#[test]
fn demand_grows_and_has_events() {
    let more = "[demand.d]\nusers = 10\nmbps_per_user = 2\ngrowth_per_year = 0.5\n\
                events = [{ at = \"2026-01-06\", for = \"10m\", factor = 3, where = { group = \"g\" } }]\n";
    let shape = shape(more);
    assert_eq!(shape.len(), 576);
    assert_eq!(shape[0], 20.0);
    let grown = |tick: f64| 20.0 * libm::pow(1.5, tick / (288.0 * 365.0));
    let close = |value: f32, expected: f64| (f64::from(value) / expected - 1.0).abs() < 1e-6;
    assert!(close(shape[287], grown(287.0)));
    assert!(close(shape[288], 3.0 * grown(288.0)));
    assert!(close(shape[289], 3.0 * grown(289.0)));
    assert!(close(shape[290], grown(290.0)));
}

#[test]
fn a_trace_is_put_onto_the_ticks() {
    let hourly =
        "[demand.d.trace]\nvalues = [10, 20, 60]\nstep = \"2.5m\"\nrepeat = true\nscale = 2\nskip = \"5m\"\n";
    // [5 m, 10 m) of the trace is half 60 and half, it repeats, 10.
    assert_eq!(shape(hourly)[..3], [70.0, 80.0, 30.0]);
    let too_short = tiny("[demand.d.trace]\nvalues = [10, 20, 60]\n").unwrap_err();
    assert!(too_short.to_string().contains("the trace ends after 15m"), "{too_short}");
}

#[test]
fn groups_share_a_series_where_nothing_tells_them_apart() {
    let model = study("two-sites", &[]).model;
    assert_eq!(model.environment.demands.len(), 2);
    // 15 demands, each in up to nine time zones.
    let model = study("quickstart", &[]).model;
    assert!(model.environment.demands.len() <= 135, "{}", model.environment.demands.len());
}

/// In single precision, in which noise runs, numbers nearer to 1 than 2⁻²⁵ are 1.
#[test]
fn noise_that_would_never_change_is_refused() {
    let with = |phi: &str| tiny(&format!("[demand.d]\nusers = 1\nnoise = {{ sigma = 0.1, phi = {phi} }}\n"));
    for phi in ["0.99999999", "-0.99999999"] {
        let problems = with(phi).unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!((problems.len(), problem.path.as_str()), (1, "demand.d.noise.phi"), "{problems}");
        assert_eq!(problem.value, phi);
        assert_eq!(problem.remedy, "give one from -0.9999999 to 0.9999999");
    }
    assert!(with("0.9999999").is_ok() && with("-0.9999999").is_ok());
}

/// Path, line and beginning of the message of each warning.
fn warnings(study: &Study) -> Vec<(String, usize, String)> {
    let brief = |message: &str| message.split(':').next().unwrap().to_owned();
    study.warnings.iter().map(|it| (it.path.clone(), it.line, brief(&it.message))).collect()
}

/// The run lasts two days. What begins at its very end is too late, what begins a second earlier is not.
#[test]
fn what_has_no_effect_is_warned_of_with_its_place() {
    let more = "[demand.d]\nusers = 1\nevents = [{ at = \"47h\", for = \"2h\", factor = 2 }, { at = \"3d\", for = \"2h\", \
                factor = 2 }]\n[demand.idle]\nusers = 1\n[instances.spare]\ncapacity_mbps = 1\n\
                [failures.f]\nscope = \"site\"\nschedule = [{ at = \"2d\", for = \"1h\" }, { at = \"172799s\", for = \"1h\" }]\n\
                [releases]\ndates = [\"1d\", \"2d\", { at = \"3d\" }]\n[images]\ndates = [\"2026-01-06\", \"2026-01-07\"]\n";
    let study = tiny(more).unwrap_or_else(|problems| panic!("{problems}"));
    let expected = [
        ("demand.d.events[1].at", 19, "this has no effect"),
        ("demand.idle", 20, "no group uses this"),
        ("instances.spare", 22, "no group uses this"),
        ("failures.f.schedule[0].at", 26, "this has no effect"),
        ("releases.dates[1]", 28, "this and the 1 after it have no effect"),
        ("images.dates[1]", 30, "this has no effect"),
    ];
    assert_eq!(warnings(&study), expected.map(|(path, line, what)| (path.to_owned(), line, what.to_owned())));
    assert!(study.warnings.iter().all(|warning| !warning.remedy.is_empty()));
    let text = study.warnings.render(false);
    assert!(text.starts_with("warning: demand.d.events[1].at") && text.ends_with("6 warnings\n"), "{text}");
}

/// Hours, waiting and delays that leave nothing to do, in a run of two days from Monday.
#[test]
fn upgrades_that_never_come_are_warned_of() {
    let warned = |upgrade: &str| {
        let study = tiny(&format!("[demand.d]\nusers = 1\n[policies.p]\nupgrade = {{ {upgrade} }}\n"));
        warnings(&study.unwrap_or_else(|problems| panic!("{problems}")))
            .into_iter()
            .map(|(path, _, message)| (path.trim_start_matches("policies.p.").to_owned(), message))
            .collect::<Vec<_>>()
    };
    let window = |place: &str| {
        format!("{{ where = {{ {place} }}, days = [\"mon\"], from = \"02:00\", length = \"1h\" }}")
    };
    let (region, group) = (window("region = \"r\""), window("group = \"g\""));
    let none: [(&str, &str); 0] = [];
    let frozen = "no update ever starts";
    let no_window = "some groups have no window in the run, which ends after 2d";
    let table: [(String, &[(&str, &str)]); 10] = [
        ("freeze = [{ from = \"2026-01-01\", to = \"2026-02-01\" }]".into(), &[("upgrade.freeze", frozen)]),
        (
            "freeze = [{ from = \"1d\", to = \"2d\" }, { from = \"0s\", to = \"1d\" }]".into(),
            &[("upgrade.freeze", frozen)],
        ),
        ("freeze = [{ from = \"2026-01-01\", to = \"2026-01-06\" }]".into(), &none),
        (
            "freeze = [{ from = \"2025-12-20\", to = \"2026-01-02\" }]".into(),
            &[("upgrade.freeze[0].to", "this has no effect")],
        ),
        (
            "freeze = [{ from = \"2026-02-20\", to = \"2026-03-02\" }]".into(),
            &[("upgrade.freeze[0].from", "this has no effect")],
        ),
        ("preset = \"weekly-window\", days = [\"wed\"]".into(), &[("upgrade", no_window)]),
        ("wait = \"2d\"".into(), &[("upgrade.wait", "no rollout ever begins")]),
        (format!("windows = [{region}, {group}]"), &[("upgrade.windows[1]", "this has no effect")]),
        ("detection_delay = \"1m\"".into(), &[("upgrade.detection_delay", "this has no effect")]),
        ("preset = \"deferred\", detection_delay = \"1m\"".into(), &none),
    ];
    for (upgrade, expected) in table {
        let expected: Vec<_> =
            expected.iter().map(|&(path, what)| (path.to_owned(), what.to_owned())).collect();
        assert_eq!(warned(&upgrade), expected, "{upgrade}");
    }
}

/// The vendor's updater does not see late, but the crews of the same policy do.
#[test]
fn a_detection_delay_has_an_effect_on_crews() {
    let crew = "[demand.d]\nusers = 1\n[operators.o]\nsize = 1\n[policies.p]\nupgrade.detection_delay = \"1m\"\n\
                repair.crew = \"o\"\n";
    assert_eq!(warnings(&tiny(crew).unwrap_or_else(|problems| panic!("{problems}"))), []);
}

/// What is wrong inside a value from the command line is pointed at there.
#[test]
fn a_value_inside_an_override_is_pointed_at() {
    let set = "policies.late = { upgrade = { attempts = 0, wait = \"soon\" } }";
    let problems = load("two-sites", &[set]).unwrap_err();
    let found: Vec<_> = problems.iter().map(|it| (it.column, it.value.as_str())).collect();
    let column = |text: &str| set.find(text).unwrap() + 1;
    assert_eq!(found, [(column("0,"), "0"), (column("\"soon"), "\"soon\"")], "{problems}");
}

/// The reference shows alternatives, which no group needs all of.
#[test]
fn shipped_scenarios_have_effect() {
    for name in SHIPPED.iter().filter(|&&name| name != "reference") {
        assert_eq!(warnings(&study(name, &[])), [], "{name}");
    }
}

#[test]
fn the_default_policy_is_the_vendors() {
    let policies = tiny("[demand.d]\nusers = 1\n").unwrap().model.policies;
    assert_eq!(policies[0].upgrade, UpgradePolicy::vendor_default());
}

#[test]
fn without_policies_the_vendor_decides() {
    let policies = tiny("[demand.d]\nusers = 1\n").unwrap().model.policies;
    assert_eq!(policies.len(), 1);
    assert_eq!(policies[0].name, "vendor-default");
}

#[test]
fn what_is_not_simulated_yet_is_refused_in_so_many_words() {
    let more = "[demand.d]\nusers = 1\n[policies.p]\nredeploy = { kind = \"surge\", within = \"3d\" }\n";
    let problems = tiny(more).unwrap_err();
    let later = problems.iter().filter(|problem| problem.message.starts_with("not simulated yet")).count();
    assert_eq!(later, 2, "{problems}");
}

/// Berlin's clocks go forward on Sunday, 29 March 2026 at 02:00: from 01:00 to 05:00 is three hours, and Friday's shift
/// from 22:00 to 06:00 is eight. The Thursday is a holiday.
#[test]
fn working_hours_follow_the_local_clock_and_skip_holidays() {
    let text = "[demand.d]\nusers = 1\n\
                [operators.night]\nsize = 1\nhours = { days = [\"thu\", \"fri\"], from = \"22:00\", to = \"06:00\", \
                time_zone = \"Europe/Berlin\", holidays = [\"2026-03-26\"] }\n[operators.sunday]\nsize = 1\n\
                hours = { days = [\"sun\", \"mon\"], from = \"01:00\", to = \"05:00\", time_zone = \"Europe/Berlin\" }\n";
    let start = "start=2026-03-26T00:00:00+01:00[Europe/Berlin]";
    let crews = tiny_set(text, &[start, "horizon=6d"]).unwrap().model.crews;
    let hours = |crew: usize| -> Vec<(i64, i64)> {
        let spans = crews[crew].shifts.spans().unwrap().iter();
        spans.map(|(from, to)| (from.0 / HOUR.0, to.0 / HOUR.0)).collect()
    };
    assert_eq!(hours(0), [(46, 54)]);
    assert_eq!(hours(1), [(73, 76), (96, 100)]);
}

/// Each group is served by the first crew named that serves it.
#[test]
fn crews_serve_their_part_of_the_fleet() {
    let crews = |of_policy: &str| {
        let head = "name = \"t\"\n[instances.i]\ncapacity_mbps = 1\n[[fleet.regions]]\nname = \"eu\"\n\
                    [[fleet.regions]]\nname = \"us\"\n[[fleet.sites]]\nname = \"fra\"\nregion = \"eu\"\n\
                    [[fleet.sites]]\nname = \"nyc\"\nregion = \"us\"\n[[fleet.groups]]\nname = \"g\"\ncount = 4\n\
                    site = [\"fra\", \"nyc\"]\nconnectors = 1\ninstance = \"i\"\ndemand = \"d\"\n\
                    [demand.d]\nusers = 1\n[operators.emea]\nsize = 1\nserves = { region = \"eu\" }\n\
                    [operators.all]\nsize = 1\n[policies.p]\nreplacement = { crew = \"all\" }\n";
        scenario::read(&format!("{head}repair = {{ crew = {of_policy} }}\n"), "t.toml", Path::new(""), &[])
    };
    let repair = |of_policy: &str| {
        let policy = &crews(of_policy).unwrap().model.policies[0];
        (0..4).map(|group| policy.repair.crew_of(group).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(repair("[\"emea\", \"all\"]"), [0, 1, 0, 1]);
    assert_eq!(repair("\"all\""), [1, 1, 1, 1]);
    let half = "policies.p.repair.crew: no crew named here serves 2 of the groups, g-001 for one";
    assert_eq!(only(crews("\"emea\"")), half);
    let idle = "policies.p.repair.crew: the crew emea has nobody to serve here";
    assert_eq!(only(crews("[\"all\", \"emea\"]")), idle);
}

/// The only problem of a scenario, as a message.
fn only(result: Result<Study, Problems>) -> String {
    let problems = result.expect_err("it is refused");
    assert_eq!(problems.len(), 1, "{problems}");
    problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

const DEMAND: &str = "[demand.d]\nusers = 1\n";

#[test]
fn a_budget_lets_some_connector_be_updated_and_adds_none() {
    let upgrade = |setting: &str| tiny(&format!("{DEMAND}[policies.p]\nupgrade = {{ {setting} }}\n"));
    for setting in
        ["max_unavailable = 1", "max_unavailable = 2", "max_unavailable = \"25%\"", "max_surge = 0"]
    {
        upgrade(setting).unwrap_or_else(|problems| panic!("{problems}"));
    }
    for setting in
        ["max_unavailable = 0", "max_unavailable = \"0%\"", "max_unavailable = 0, budget_counts = \"all\""]
    {
        assert!(only(upgrade(setting)).contains("no update could start"), "{setting}");
    }
    assert!(only(upgrade("max_surge = 1")).contains("not simulated yet"));
}

#[test]
fn a_run_lasts_at_most_a_hundred_years_and_its_connector_time_is_countable() {
    let sets = ["tick=1d", "control_period=1d"];
    let with = |more: [&'static str; 2]| tiny_set(DEMAND, &[&sets[..], &more].concat());
    assert!(with(["horizon=36525d", "fleet.groups.g.count=1"]).is_ok());
    assert!(only(with(["horizon=36526d", "fleet.groups.g.count=1"])).contains("longer than 100 years"));
    // 2^62 ms are 1.46 million connectors for 100 years.
    let message = only(with(["horizon=36525d", "fleet.groups.g.count=800000"]));
    assert!(message.starts_with("horizon: 1600000 connectors for"), "{message}");
}

#[test]
fn there_are_not_more_releases_and_images_than_versions() {
    let dates = |number: i32| (1..=number).map(|at| format!("\"{at}s\"")).collect::<Vec<_>>().join(",");
    let (most, more) = (dates(65_535), dates(65_536));
    let of = |table: &str, dates: &str| tiny(&format!("{DEMAND}[{table}]\ndates = [{dates}]\n"));
    assert!(of("releases", &most).is_ok());
    assert_eq!(only(of("releases", &more)), "releases.dates: 65536 dates are more than 65535");
    assert_eq!(only(of("images", &more)), "images.dates: 65536 dates are more than 65535");
    let every = |rest: &str| {
        let releases = "[releases]\nevery = { dist = \"exponential\", mean = \"1m\" }\n";
        tiny_set(&format!("{DEMAND}{releases}{rest}"), &["horizon=4d"])
    };
    assert!(every("").is_ok());
    let hotfix = only(every("hotfix = { probability = 0.1, after = \"1s\" }\n"));
    assert_eq!(hotfix, "releases.every: about 11520 releases, hotfixes included, are more than 10000");
}

#[test]
fn imports_end_and_a_file_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let load = |name: &str| scenario::load(&folder.path().join(name), &[]);
    let last = "name = \"t\"\n[instances.i]\ncapacity_mbps = 100\n[[fleet.regions]]\nname = \"r\"\n\
                [[fleet.sites]]\nname = \"s\"\nregion = \"r\"\n[[fleet.groups]]\nname = \"g\"\nsite = \"s\"\n\
                connectors = 1\ninstance = \"i\"\ndemand = \"d\"\n[demand.d]\nusers = 1\n";
    // Read anew at each of them, the last file would be read 2^32 times.
    for number in 0..33 {
        let next = number + 1;
        write(&format!("c{number}.toml"), &format!("import = [\"c{next}.toml\", \"./c{next}.toml\"]\n"));
    }
    write("c33.toml", last);
    load("c1.toml").unwrap_or_else(|problems| panic!("{problems}"));
    let deep = load("c0.toml").unwrap_err();
    assert!(deep.to_string().contains("imported through more than 32 files"), "{deep}");
    assert!(deep.iter().all(|problem| problem.line == 1 && problem.path == "import"));

    let names = |number: u32| (0..number).map(|at| format!("\"n{at}.toml\"")).collect::<Vec<_>>().join(",");
    (0..1_000).for_each(|at| write(&format!("n{at}.toml"), ""));
    write("many.toml", &format!("import = [{}]\n{last}", names(999)));
    write("more.toml", &format!("import = [{}]\n{last}", names(1_000)));
    assert!(load("many.toml").is_ok());
    assert!(only(load("more.toml")).contains("one file more than the 1000"));
}

#[test]
fn one_mistake_does_not_hide_another() {
    let messages = |result: Result<Study, Problems>| {
        result.unwrap_err().iter().map(|problem| problem.path.clone()).collect::<Vec<_>>()
    };
    let sets = ["start=\"2026-13-01\"", "releases.dates=[\"2026-02-30\", \"2020-01-01\"]"];
    assert_eq!(messages(tiny_set(DEMAND, &sets)), ["start", "releases.dates[0]"]);
    let sets = ["fleet.groups.g.balance_spread=2", "fleet.groups.g.disabled_slots=[1, 2]"];
    let expected = ["fleet.groups.g.balance_spread", "fleet.groups.g.disabled_slots[1]"];
    assert_eq!(messages(tiny_set(DEMAND, &sets)), expected);
}

#[test]
fn charts_and_averages_need_memory() {
    let estimate = |sets: &[&str]| study("quickstart", sets).memory_estimate(1);
    let base = ["replications=20", "outputs.cpu_load.replications=[]"];
    let all =
        ["replications=20", "outputs.cpu_load={ replications = \"all\", groups = \"all\", bucket = \"1m\" }"];
    let minutes = study("quickstart", &[]).model.horizon.0 as u64 / 60_000;
    assert_eq!(estimate(&all) - estimate(&base), 24 * minutes * 1_000 * 20);
    let coupled = "policies.vendor-default.upgrade.max_groups_at_once=5";
    let windows = ["overload.averaging=0s", "overload.averaging=1d"].map(|set| estimate(&[coupled, set]));
    let ticks = study("quickstart", &["overload.averaging=1d"]).model.overload.window as u64;
    assert_eq!(windows[1] - windows[0], 4 * (ticks - 1) * 1_000);
}

#[test]
fn memory_is_estimated() {
    let estimate = study("quickstart", &[]).memory_estimate(2);
    assert!((50 << 20..2 << 30).contains(&estimate), "{estimate}");
}
