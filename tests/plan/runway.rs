//! The capacity calendar and the runway of a run against what growth says: demand d·(1 + g)^(t/365 d) reaches what n
//! connectors carry at the threshold, n·342.1 Mbps, after 365·ln(n·342.1/d)/ln(1 + g) days.
//!
//! Without noise every day is certain. With noise exp(σz − σ²/2) a size is overloaded for a share p of the time at the demand
//! whose 1 − p quantile is that limit: n·342.1·exp(σ²/2 − zσ), z = Φ⁻¹(1 − p).

use fleetcast::environment::demand::Noise;
use fleetcast::simulation::Model;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::builder::{add_demand, hours, model};
use crate::cases::case;
use crate::commands::{code, fleetcast, rows, said};
use crate::search::{target, year};

/// Mbps that a connector of 500 Mbps and 5 % idle carries at 70 %.
const AT_THRESHOLD: f64 = 500.0 * 65.0 / 95.0;
/// Mbps at the start.
const TODAY: f64 = 300.0;

/// A month of demand that grows.
fn growing(growth: f64, sigma: f64) -> Model {
    let mut model = model();
    model.horizon = fleetcast::time::Time::ZERO + hours(720);
    model.overload.window = 1;
    add_demand(&mut model, TODAY as f32);
    let series = model.environment.demands.last_mut().unwrap();
    for (tick, mbps) in series.shape.iter_mut().enumerate() {
        *mbps = (TODAY * libm::pow(1.0 + growth, tick as f64 / (365.0 * 288.0))) as f32;
    }
    series.noise = (sigma > 0.0).then_some(Noise { sigma, phi: 0.9 });
    model
}

/// The day at which `n` connectors are overloaded for the share `p` of the time.
fn day(n: f64, growth: f64, sigma: f64, p: f64) -> f64 {
    let quantile = if sigma > 0.0 {
        let z = Normal::new(0.0, 1.0).unwrap().inverse_cdf(1.0 - p);
        sigma * sigma / 2.0 - z * sigma
    } else {
        0.0
    };
    365.0 * (libm::log(n * AT_THRESHOLD / TODAY) + quantile) / libm::log(1.0 + growth)
}

/// By hand for a demand that triples: 1 → 2 after 43.6 days, 2 → 3 after 273.9, 3 → 4 after 408.6, which is beyond the year; and
/// for one that grows by a half 118.2 days, and then 742.
#[test]
fn without_noise_the_day_is_what_arithmetic_says() {
    for (growth, by_hand) in [(2.0, &[43.6, 273.9][..]), (0.5, &[118.2])] {
        let dues = year(&growing(growth, 0.0), 1, target("overloaded_hours_per_month<=0"), 20, growth);
        assert_eq!(dues.len(), by_hand.len(), "{dues:?}");
        for (number, (due, by_hand)) in dues.iter().zip(by_hand).enumerate() {
            let n = number + 1;
            let expected = day(n as f64, growth, 0.0, 0.0);
            assert!((expected - by_hand).abs() < 0.1);
            assert_eq!((due.from, due.to), (n, n + 1));
            assert!((due.day.unwrap() - expected).abs() <= 1.0, "{due:?}, {expected}");
            assert_eq!((due.earliest, due.latest), (due.day, due.day), "nothing is left to chance");
        }
    }
}

/// Nothing is due within the year where growth is too slow for that; and what is short today is due today.
#[test]
fn nothing_is_due_or_it_is_due_now() {
    let wanted = target("overloaded_hours_per_month<=0");
    let slow = year(&growing(0.1, 0.0), 1, wanted, 20, 0.1);
    assert_eq!(slow.iter().map(|due| (due.from, due.day)).collect::<Vec<_>>(), [(1, None)]);
    let mut short = growing(0.1, 0.0);
    short.environment.demands.last_mut().unwrap().shape.iter_mut().for_each(|mbps| *mbps *= 3.0);
    let now = year(&short, 1, wanted, 20, 0.1)[0];
    assert_eq!((now.from, now.to, now.day, now.latest), (1, 3, Some(0.0), Some(0.0)), "900 Mbps need three");
}

/// With noise of σ = 0.3 and a twentieth of the time allowed, with 300 seeds. Each interval has 95 % two-sided, so that
/// at least 95 % less three standard errors, 274, hold the true day unless one run of 700 is unlucky, and the mean of the
/// days is within three of its standard errors and half a day of it.
#[test]
fn with_noise_the_interval_holds_the_day_of_the_lognormal_quantile() {
    let (growth, sigma, p) = (1.0, 0.3, 0.05);
    let mut model = growing(growth, sigma);
    let truth = day(2.0, growth, sigma, p);
    assert!((100.0..300.0).contains(&truth), "{truth}");
    let wanted = target(&format!("overloaded_share<={p}"));
    let (mut held, mut days) = (0, Vec::new());
    for seed in 0..300 {
        model.seed = seed;
        let due = year(&model, 2, wanted, 10, growth)[0];
        let (earliest, latest) = (due.earliest.unwrap(), due.latest.unwrap());
        held += usize::from(earliest <= truth && truth <= latest);
        days.push(due.day.unwrap());
    }
    let n = days.len() as f64;
    let mean = days.iter().sum::<f64>() / n;
    let deviation = (days.iter().map(|day| (day - mean) * (day - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    println!("{held} of {n} intervals hold day {truth:.1}; mean {mean:.2}, deviation {deviation:.2}");
    assert!(held >= 274, "{held}");
    assert!((mean - truth).abs() <= 0.5 + 3.0 * deviation / n.sqrt(), "{mean} {truth}");
}

/// The runway of a run of 28 days, in which demand grows as well: it is counted from the level of the 99 % quantile of the load. Without
/// noise that is the demand after 27.72 days. With noise it is the quantile of the mixture of all days, found by halving. A quantile is read
/// to half a bin of 0.5 percent CPU. Over 100 replications of 8,064 ticks, of which (1 + φ)/(1 − φ) = 19 count as one, a share of 0.01 has a
/// standard error of 0.0005, which at a density of φ(2.33)/0.3 = 0.089 is 0.0055 of the logarithm, and 1.8 days: four of them are missed in one
/// of 15,000 runs.
#[test]
fn the_runway_of_a_run_counts_from_the_load_that_was_measured() {
    let growth = 2.0_f64;
    let normal = Normal::new(0.0, 1.0).unwrap();
    for (sigma, tolerance) in [(0.0, 0.0), (0.3, 4.0 * 1.8)] {
        let home = case(&format!(
            "[demand.grows]\nusers = 300\nmbps_per_user = 1.0\ngrowth_per_year = {growth:?}\nnoise = {{ sigma = {sigma:?}, phi = 0.9 }}\n\
             [[fleet.groups]]\nname = \"app\"\nsite = \"fra\"\nconnectors = 2\ninstance = \"medium\"\ndemand = \"grows\"\n"
        ));
        let ran =
            fleetcast(home.path(), ["run", "case.toml", "--out", "out", "--quiet", "--replications", "100"]);
        assert_eq!(code(&ran), 0, "{}", said(&ran));
        let table = rows(&home.path().join("out/capacity.csv"));
        let column = table[0].iter().position(|name| name == "runway_days").unwrap();
        let runway: f64 = table[1][column].parse().unwrap();
        let exceeds = |mbps: f64, day: f64| {
            let level = libm::log(mbps / TODAY) - libm::log(1.0 + growth) * day / 365.0;
            if sigma > 0.0 {
                normal.sf((level + sigma * sigma / 2.0) / sigma)
            } else {
                f64::from(u8::from(level < 0.0))
            }
        };
        let share = |mbps: f64| {
            (0..2_800).map(|step| exceeds(mbps, (f64::from(step) + 0.5) / 100.0)).sum::<f64>() / 2_800.0
        };
        let (mut low, mut high) = (TODAY / 2.0, TODAY * 10.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if share(middle) > 0.01 { low = middle } else { high = middle }
        }
        let expected = 365.0 * libm::log(2.0 * AT_THRESHOLD / low) / libm::log(1.0 + growth);
        let half_a_bin = 0.25 / (95.0 * low / 1_000.0);
        let tolerance = tolerance + 365.0 * libm::log1p(half_a_bin) / libm::log1p(growth);
        println!("sigma {sigma}: runway {runway:.2}, expected {expected:.2}");
        assert!((runway - expected).abs() <= tolerance, "{runway} {expected}");
        if sigma == 0.0 {
            assert!((expected - (day(2.0, growth, 0.0, 0.0) - 27.72)).abs() < 0.1, "{expected}");
        }
    }
}
