//! Demand as the engine's ticks show it: the law of its noise, growth, and a profile when the clocks change.

use std::path::Path;

use fleetcast::environment::demand::Noise;
use fleetcast::scenario;
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Observer, TickRun};
use fleetcast::time::{DAY, Time};

use crate::builder::{add_demand, minutes, model};
use crate::runs::{add_groups, watch};
use crate::statistics::Sample;

/// The demand of each tick.
#[derive(Default)]
struct Series(Vec<f32>);

impl Observer for Series {
    fn ticks(&mut self, run: TickRun<'_>) {
        assert_eq!(run.first, self.0.len(), "ticks come in order, each once");
        self.0.extend(run.demand);
    }
}

/// exp(x − σ²/2): mean 1, autocovariance at lag k exp(σ²φᵏ) − 1.
#[test]
fn noise_is_a_stationary_lognormal_process() {
    let (mean, sigma, phi) = (200.0, 0.4, 0.8);
    let mut model = model();
    model.horizon = Time(21 * DAY.0);
    let demand = add_demand(&mut model, mean);
    model.environment.demands[demand].noise = Some(Noise { sigma, phi });
    add_groups(&mut model, 50, 1);
    let paths: Vec<Vec<f64>> = watch(&model, 4, |_| Series::default())
        .into_iter()
        .map(|series| series.0.into_iter().map(|mbps| f64::from(mbps / mean)).collect())
        .collect();
    assert!(paths.iter().all(|path| path.len() == 21 * 288));
    let average = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let over_path = |what: &str, part: &dyn Fn(&[f64]) -> Vec<f64>| {
        Sample::new(what, paths.iter().map(|path| average(part(path))))
    };
    over_path("mean of noise", &|path| path.to_vec()).has_mean(1.0);
    for lag in [0, 1, 2, 5, 10, 64] {
        let covariance = libm::exp(sigma * sigma * libm::pow(phi, lag as f64)) - 1.0;
        let products = |path: &[f64]| {
            let later = &path[lag..];
            path.iter().zip(later).map(|(a, b)| (a - 1.0) * (b - 1.0)).collect()
        };
        over_path(&format!("autocovariance at lag {lag}"), &products).has_mean(covariance);
    }
    // Stationary from the first tick on.
    let first = |tick: usize| Sample::new(format!("tick {tick}"), paths.iter().map(|path| path[tick]));
    [0, 1, 63, 64, 1023, 1024].into_iter().for_each(|tick| first(tick).has_mean(1.0));
}

/// A scenario with one group and the settings of one demand.
fn compiled(start: &str, horizon: &str, zone: &str, demand: &str) -> Model {
    let text = format!(
        "name = \"demand\"\nstart = \"{start}\"\nhorizon = \"{horizon}\"\n\
         [instances.i]\ncapacity_mbps = 100\n[[fleet.regions]]\nname = \"r\"\n\
         [[fleet.sites]]\nname = \"s\"\nregion = \"r\"\ntime_zone = \"{zone}\"\n\
         [[fleet.groups]]\nname = \"g\"\nsite = \"s\"\nconnectors = 1\ninstance = \"i\"\ndemand = \"d\"\n\
         [demand.d]\n{demand}"
    );
    let study = scenario::read(&text, "demand.toml", Path::new("."), &[]);
    study.unwrap_or_else(|problems| panic!("{problems}")).model
}

fn series(model: &Model) -> Vec<f32> {
    watch(model, 1, |_| Series::default()).swap_remove(0).0
}

/// (1 + g)^(t/365 d): 1,000 Mbps become 1,210 after two years at 10 % a year, and 1,000·1.1^(1/365) after a day.
#[test]
fn demand_grows_by_the_year() {
    let demand = "users = 4000\nmbps_per_user = 0.25\ngrowth_per_year = 0.1\n";
    let model = compiled("2025-01-06T00:00:00Z", "731d", "UTC", demand);
    let series = series(&model);
    let at_day = |day: usize| f64::from(series[day * 288]);
    for (day, expected) in
        [(0, 1_000.0), (1, 1_000.0 * libm::pow(1.1, 1.0 / 365.0)), (365, 1_100.0), (730, 1_210.0)]
    {
        // An f32 has 24 significant bits.
        assert!((at_day(day) / expected - 1.0).abs() < 1e-7, "day {day}: {} for {expected}", at_day(day));
    }
}

/// The demand at the full hours of a run in `zone` whose demand in Mbps is the hour of the local day.
fn hours_of_the_day(start: &str, zone: &str) -> Vec<f32> {
    let values: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let demand = format!(
        "users = 1\nmbps_per_user = 1\nprofile = {{ step = \"1h\", values = [{}] }}\n",
        values.join(", ")
    );
    let model = compiled(start, "26h", zone, &demand);
    assert_eq!(model.ticks.length, minutes(5));
    let series = series(&model);
    // Within an hour nothing changes.
    assert!(series.chunks(12).all(|hour| hour.iter().all(|mbps| *mbps == hour[0])));
    series.into_iter().step_by(12).collect()
}

/// On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00: the hour from two is not lived through. On 25 October
/// they go back from 03:00 to 02:00: it is lived through twice. In UTC both days are ordinary.
#[test]
fn a_profile_follows_the_wall_clock() {
    let spring = hours_of_the_day("2026-03-29T00:00:00[Europe/Berlin]", "Europe/Berlin");
    let expected: Vec<f32> = [0, 1].into_iter().chain(3..24).chain(0..3).map(|hour| hour as f32).collect();
    assert_eq!(spring, expected);
    let autumn = hours_of_the_day("2026-10-25T00:00:00[Europe/Berlin]", "Europe/Berlin");
    let expected: Vec<f32> = (0..=2).chain(2..24).chain(0..1).map(|hour| hour as f32).collect();
    assert_eq!(autumn, expected);
    let utc = hours_of_the_day("2026-03-29T00:00:00Z", "UTC");
    assert_eq!(utc, (0..24).chain(0..2).map(|hour| hour as f32).collect::<Vec<f32>>());
}
