//! Do the variates follow their laws? Checked against theory and against `rand_distr`, whose samplers use other
//! algorithms.
//!
//! Kolmogorov–Smirnov tests use the asymptotic bound P(√n D > λ) ≤ 2 exp(−2 λ²). With λ = 2.8 a correct sampler
//! fails once in 3.2 million seeds; some fifty such tests here, so a false alarm in this file once in 60,000.

#![allow(clippy::unwrap_used, reason = "helpers of tests are outside of test functions")]

use fleetcast::random::{Generator, Variate, VariateError};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::Distribution;

const SAMPLES: usize = 20_000;
const LAMBDA: f64 = 2.8;

fn generator(seed: u64) -> Generator {
    Generator::seed_from_u64(seed)
}

/// √n D between `samples` and the law with distribution function `cdf`.
fn distance(mut samples: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let n = samples.len() as f64;
    let at = |(i, &x): (usize, &f64)| {
        let level = cdf(x);
        (level - i as f64 / n).max((i + 1) as f64 / n - level)
    };
    samples.iter().enumerate().map(at).fold(0.0, f64::max) * n.sqrt()
}

fn assert_follows(samples: Vec<f64>, cdf: impl Fn(f64) -> f64, what: &str) {
    let distance = distance(samples, cdf);
    assert!(distance < LAMBDA, "{what}: √n D = {distance}");
}

/// One of each continuous family, and where they behave differently more.
fn continuous() -> Vec<(&'static str, Variate)> {
    let made = [
        ("exponential", Variate::exponential(3.0)),
        ("weibull of infant mortality", Variate::weibull(3.0, 0.48)),
        ("weibull of wear", Variate::weibull_scale(3.0, 2.5)),
        ("lognormal", Variate::log_normal(4.0, 1.0)),
        ("lognormal by cv", Variate::log_normal_cv(4.0, 0.3)),
        ("gamma of small shape", Variate::gamma(3.0, 0.4)),
        ("gamma", Variate::gamma(3.0, 7.3)),
        ("gamma of large shape", Variate::gamma(3.0, 250.0)),
        ("uniform", Variate::uniform(2.0, 6.0)),
        ("triangular", Variate::triangular(4.0, 8.0, 15.0)),
        ("triangular, mode at its least", Variate::triangular(4.0, 4.0, 15.0)),
        ("triangular, mode at its most", Variate::triangular(0.0, 15.0, 15.0)),
    ];
    made.into_iter().map(|(name, variate)| (name, variate.unwrap())).collect()
}

#[test]
fn samples_follow_their_own_law() {
    for (name, variate) in continuous() {
        let samples = variate.clone().sample_iter(generator(11)).take(SAMPLES).collect();
        assert_follows(samples, |x| variate.cdf(x), name);
    }
}

#[test]
fn other_samplers_follow_our_laws() {
    fn check(oracle: impl Distribution<f64>, variate: Result<Variate, VariateError>, what: &str) {
        let variate = variate.unwrap();
        let samples = oracle.sample_iter(generator(12)).take(SAMPLES).collect();
        assert_follows(samples, |x| variate.cdf(x), what);
    }
    check(rand_distr::Exp::new(0.25).unwrap(), Variate::exponential(4.0), "exponential");
    check(rand_distr::Weibull::new(3.0, 0.6).unwrap(), Variate::weibull_scale(3.0, 0.6), "weibull");
    // Γ(1 + 1/2) = √π/2.
    let mean = 3.0 * std::f64::consts::PI.sqrt() / 2.0;
    check(rand_distr::Weibull::new(3.0, 2.0).unwrap(), Variate::weibull(mean, 2.0), "weibull by mean");
    let mu = libm::log(4.0) - 0.5 * 0.8 * 0.8;
    check(rand_distr::LogNormal::new(mu, 0.8).unwrap(), Variate::log_normal(4.0, 0.8), "lognormal");
    let by_cv = rand_distr::LogNormal::from_mean_cv(4.0, 1.5).unwrap();
    check(by_cv, Variate::log_normal_cv(4.0, 1.5), "lognormal by cv");
    check(rand_distr::Gamma::new(0.4, 2.0).unwrap(), Variate::gamma(0.8, 0.4), "gamma");
    check(rand_distr::Gamma::new(30.0, 2.0).unwrap(), Variate::gamma(60.0, 30.0), "gamma");
    check(rand_distr::Uniform::new(2.0, 6.0).unwrap(), Variate::uniform(2.0, 6.0), "uniform");
    let triangular = rand_distr::Triangular::new(4.0, 15.0, 8.0).unwrap();
    check(triangular, Variate::triangular(4.0, 8.0, 15.0), "triangular");
}

/// Each value k of {1, 2, 2, 5} comes up with its share, k times its share when biased by length: counts within
/// five standard deviations of the binomial mean (once in 1.7 million each, six counts).
#[test]
fn an_empirical_variate_draws_its_values_in_their_shares() {
    let variate = Variate::empirical(vec![2.0, 5.0, 1.0, 2.0]).unwrap();
    let mut rng = generator(13);
    let plain: Vec<f64> = (0..SAMPLES).map(|_| variate.sample(&mut rng)).collect();
    let biased: Vec<f64> = (0..SAMPLES).map(|_| variate.length_biased(&mut rng)).collect();
    for (samples, shares) in [(plain, [0.25, 0.5, 0.25]), (biased, [0.1, 0.4, 0.5])] {
        for (value, share) in [1.0, 2.0, 5.0].into_iter().zip(shares) {
            let count = samples.iter().filter(|&&sample| sample == value).count() as f64;
            let n = SAMPLES as f64;
            assert!((count - n * share).abs() < 5.0 * (n * share * (1.0 - share)).sqrt(), "{value}: {count}");
        }
    }
    assert_eq!((variate.mean(), variate.variance()), (2.5, 2.25));
    assert_eq!((variate.cdf(0.9), variate.cdf(2.0), variate.cdf(5.0)), (0.0, 0.75, 1.0));
    assert_eq!((variate.quantile(0.25), variate.quantile(0.26), variate.quantile(0.76)), (1.0, 2.0, 5.0));
}

/// E g(X) by Gauss's three-point rule on the quantile function between many levels.
fn expectation(variate: &Variate, g: impl Fn(f64) -> f64) -> f64 {
    let pieces = 100_000;
    let node = f64::sqrt(0.6) / 2.0;
    let piece = |i: i32| {
        let at = |offset: f64| g(variate.quantile((f64::from(i) + 0.5 + offset) / f64::from(pieces)));
        (5.0 * at(-node) + 8.0 * at(0.0) + 5.0 * at(node)) / 18.0
    };
    (0..pieces).map(piece).sum::<f64>() / f64::from(pieces)
}

#[test]
fn moments_are_those_of_the_quantile_function() {
    for (name, variate) in continuous() {
        let mean = expectation(&variate, |x| x);
        let variance = expectation(&variate, |x| (x - mean) * (x - mean));
        assert!((mean / variate.mean() - 1.0).abs() < 1e-3, "{name}: mean {mean}, {}", variate.mean());
        assert!(
            (variance / variate.variance() - 1.0).abs() < 2e-2,
            "{name}: {variance}, {}",
            variate.variance()
        );
    }
}

/// The biased law has the density x f(x) / mean, so its distribution function at x = q(u) is the integral of the
/// quantile function up to u over the mean, here summed on a fine grid.
#[test]
fn length_biased_samples_weigh_values_by_their_length() {
    for (name, variate) in continuous() {
        let steps = 20_000;
        let values: Vec<f64> =
            (0..steps).map(|i| variate.quantile((f64::from(i) + 0.5) / f64::from(steps))).collect();
        let mut sums = vec![0.0];
        sums.extend(values.iter().scan(0.0, |sum, value| {
            *sum += value / variate.mean() / f64::from(steps);
            Some(*sum)
        }));
        let biased_cdf = |x: f64| sums[(variate.cdf(x) * f64::from(steps)).round() as usize];
        let mut rng = generator(14);
        let samples = (0..SAMPLES).map(|_| variate.length_biased(&mut rng)).collect();
        // The grid adds up to half a step's weight, below 0.05 in √n D, and the sum's end error in the heavy tails.
        assert!(distance(samples, biased_cdf) < LAMBDA + 0.25, "{name}");
    }
}

/// The residual life has the distribution function ∫₀ˣ (1 − F) / mean, here by Simpson's rule, and the mean
/// E X² / (2 E X) (Feller II, XI.4), checked within six standard errors (false alarm once in 500 million each).
#[test]
fn residual_lives_are_those_of_equilibrium() {
    for (name, variate) in continuous() {
        let mut rng = generator(15);
        let samples: Vec<f64> = (0..SAMPLES).map(|_| variate.residual(&mut rng)).collect();
        let n = SAMPLES as f64;
        let mean = samples.iter().sum::<f64>() / n;
        let spread = (samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
        let theory = (variate.variance() + variate.mean() * variate.mean()) / (2.0 * variate.mean());
        assert!((mean - theory).abs() < 6.0 * spread / n.sqrt(), "{name}: {mean} instead of {theory}");
        assert_follows(samples, equilibrium_cdf(&variate), name);
    }
}

fn equilibrium_cdf(variate: &Variate) -> impl Fn(f64) -> f64 {
    let (steps, end) = (40_000, 40.0 * variate.mean());
    let width = end / f64::from(steps);
    let survival = |x: f64| (1.0 - variate.cdf(x)) / variate.mean();
    let mut levels = vec![0.0];
    let mut level = 0.0;
    for i in 0..steps {
        let x = f64::from(i) * width;
        level += width / 6.0 * (survival(x) + 4.0 * survival(x + width / 2.0) + survival(x + width));
        levels.push(level);
    }
    move |x: f64| {
        let place = (x / width).min(f64::from(steps) - 1.0);
        let (at, rest) = (place as usize, place.fract());
        levels[at] + rest * (levels[at + 1] - levels[at])
    }
}

#[test]
fn constructors_refuse_what_has_no_meaning() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
        let refused = [
            Variate::constant(bad),
            Variate::exponential(bad),
            Variate::weibull(bad, 1.0),
            Variate::weibull(1.0, bad),
            Variate::weibull_scale(bad, 1.0),
            Variate::log_normal(bad, 1.0),
            Variate::log_normal(1.0, bad),
            Variate::log_normal_cv(1.0, bad),
            Variate::gamma(bad, 1.0),
            Variate::gamma(1.0, bad),
            Variate::uniform(bad, 1.0),
            Variate::uniform(0.0, bad),
            Variate::triangular(bad, 1.0, 2.0),
            Variate::triangular(0.0, bad, 2.0),
            Variate::triangular(0.0, 1.0, bad),
            Variate::empirical(vec![1.0, bad]),
        ];
        for (i, result) in refused.iter().enumerate() {
            assert!(result.is_err(), "{bad} was accepted by case {i}");
        }
    }
    assert!(Variate::exponential(0.0).is_err());
    assert!(Variate::weibull(0.0, 1.0).is_err() && Variate::weibull(1.0, 0.0).is_err());
    assert!(Variate::gamma(1.0, 0.001).is_err() && Variate::weibull(1.0, 0.001).is_err());
    assert!(Variate::uniform(2.0, 1.0).is_err() && Variate::triangular(0.0, 3.0, 2.0).is_err());
    assert_eq!(Variate::empirical(vec![]), Err(VariateError::NoValues));
}

#[test]
fn what_cannot_vary_is_constant() {
    let constant = Variate::constant(2.0);
    assert_eq!(Variate::uniform(2.0, 2.0), constant);
    assert_eq!(Variate::triangular(2.0, 2.0, 2.0), constant);
    assert_eq!(Variate::log_normal(2.0, 0.0), constant);
    assert_eq!(Variate::log_normal_cv(2.0, 0.0), constant);
    assert_eq!(Variate::constant(0.0).unwrap().length_biased(&mut generator(1)), 0.0);
}

/// Frozen bits: a change here changes every result of every scenario.
#[test]
fn quantiles_have_the_same_bits_everywhere() {
    let quantiles: Vec<u64> =
        continuous().iter().map(|(_, variate)| variate.quantile(0.3).to_bits()).collect();
    let hash = blake3::hash(&quantiles.iter().flat_map(|bits| bits.to_le_bytes()).collect::<Vec<u8>>());
    assert_eq!(&hash.to_hex()[..16], "c7a625f780e1d056");
}

/// Any variate with moderate parameters.
fn any_variate() -> impl Strategy<Value = Variate> {
    let positive = || 0.01..1e6f64;
    let shape = || 0.2..20.0f64;
    prop_oneof![
        positive().prop_map(|mean| Variate::exponential(mean).unwrap()),
        (positive(), shape()).prop_map(|(mean, shape)| Variate::weibull(mean, shape).unwrap()),
        (positive(), 0.01..4.0f64).prop_map(|(mean, sigma)| Variate::log_normal(mean, sigma).unwrap()),
        (positive(), shape()).prop_map(|(mean, shape)| Variate::gamma(mean, shape).unwrap()),
        (0.0..1e3f64, positive()).prop_map(|(min, width)| Variate::uniform(min, min + width).unwrap()),
        (0.0..1e3f64, positive(), positive()).prop_map(|(min, rise, fall)| Variate::triangular(
            min,
            min + rise,
            min + rise + fall
        )
        .unwrap()),
    ]
}

proptest! {
    #[test]
    fn the_distribution_function_undoes_the_quantile(variate in any_variate(), u in 1e-6..0.999_999f64) {
        prop_assert!((variate.cdf(variate.quantile(u)) - u).abs() < 1e-9);
    }

    #[test]
    fn a_luckier_number_never_gives_less(variate in any_variate(), a in 1e-9..1.0f64, b in 1e-9..1.0f64) {
        let (low, high) = (a.min(b), a.max(b));
        prop_assert!(variate.quantile(low) <= variate.quantile(high) * (1.0 + 1e-12));
    }

    #[test]
    fn scaling_scales_every_quantile(variate in any_variate(), u in 1e-6..0.999_999f64, factor in 0.01..100.0f64) {
        let scaled = variate.clone().scaled(factor);
        prop_assert!((scaled.quantile(u) / (variate.quantile(u) * factor) - 1.0).abs() < 1e-9);
        prop_assert!((scaled.mean() / (variate.mean() * factor) - 1.0).abs() < 1e-9);
    }
}
