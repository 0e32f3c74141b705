//! The noise of demand against theory: a stationary lognormal AR(1) of mean 1.
//!
//! Groups are independent, so a statistic is averaged over a group's path and then compared over groups in units of
//! its standard error. Each such comparison allows 4.5 standard errors: a false alarm in 1.5·10⁵ seeds; the other
//! bounds state theirs. Seeds are fixed.

use fleetcast::environment::demand::level::Level;
use fleetcast::environment::demand::{BLOCK, DemandSeries, LANE_LENGTH, Noise};
use fleetcast::random::{Entity, Streams};
use statrs::distribution::{DiscreteCDF, Poisson};

const BLOCKS: usize = 3;

/// Calls `visit` with the factors of each group.
fn each_path(groups: usize, noise: Noise, mut visit: impl FnMut(&[f32])) {
    let shape = vec![1.0; BLOCKS * BLOCK];
    let series = DemandSeries { name: "flat".into(), mbps_per_user: 1.0, shape, noise: Some(noise) };
    let level = Level::new();
    let mut path = [0.0; BLOCKS * BLOCK];
    for group in 0..groups {
        let name = Entity::named("group", &format!("group-{group}"));
        let mut state = series.noise_state(Streams { seed: 20_260_101, replication: 0 }, name);
        for (index, block) in path.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
            series.block(level, &mut state, index, block);
        }
        visit(&path);
    }
}

/// One number a group, compared with its expectation.
struct Sample {
    what: String,
    expected: f64,
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sample {
    fn new(what: impl Into<String>, expected: f64) -> Sample {
        Sample { what: what.into(), expected, count: 0.0, sum: 0.0, squares: 0.0 }
    }

    fn add(&mut self, values: impl Iterator<Item = f64>) {
        let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
        let deviation = sum / count - self.expected;
        self.count += 1.0;
        self.sum += deviation;
        self.squares += deviation * deviation;
    }

    fn check(&self) {
        let mean = self.sum / self.count;
        let variance = self.squares / self.count - mean * mean;
        let z = mean / (variance / self.count).sqrt();
        assert!(z.abs() < 4.5, "{}: {} + {mean:e} is {z:.1} standard errors off", self.what, self.expected);
    }
}

#[test]
fn moments_and_autocovariance_are_those_of_theory() {
    for noise in
        [Noise { sigma: 0.25, phi: 0.95 }, Noise { sigma: 0.6, phi: -0.4 }, Noise { sigma: 0.4, phi: 0.999 }]
    {
        let covariance = |lag: i32| libm::exp(noise.sigma.powi(2) * noise.phi.powi(lag)) - 1.0;
        let mut mean = Sample::new(format!("mean, {noise:?}"), 1.0);
        let mut first = Sample::new(format!("variance at tick 0, {noise:?}"), covariance(0));
        let mut anywhere = [0, 1, 2, 5, 20, 64, 100].map(|lag| {
            (lag, Sample::new(format!("autocovariance at lag {lag}, {noise:?}"), covariance(lag as i32)))
        });
        let mut borders = [LANE_LENGTH, BLOCK].map(|every| {
            let sample =
                |lag| Sample::new(format!("lag {lag} over borders of {every}, {noise:?}"), covariance(lag));
            (every, [(1, sample(1)), (7, sample(7))])
        });
        each_path(3000, noise, |path| {
            let at = |tick: usize| f64::from(path[tick]) - 1.0;
            mean.add(path.iter().map(|&factor| f64::from(factor)));
            first.add(std::iter::once(at(0) * at(0)));
            for (lag, sample) in &mut anywhere {
                sample.add((*lag..path.len()).map(|tick| at(tick) * at(tick - *lag)));
            }
            for (every, samples) in &mut borders {
                for (lag, sample) in samples {
                    // From the middle before the border to the middle after it.
                    let ticks = (*every..path.len()).step_by(*every).map(|border| border + *lag / 2);
                    sample.add(ticks.map(|tick| at(tick) * at(tick - *lag)));
                }
            }
        });
        mean.check();
        first.check();
        anywhere.iter().for_each(|(_, sample)| sample.check());
        borders.iter().flat_map(|(_, samples)| samples).for_each(|(_, sample)| sample.check());
    }
}

/// With φ = 0 and σ = 1, x are independent standard normals.
fn each_normals(groups: usize, mut visit: impl FnMut(&[f64])) {
    let mut normals = [0.0; BLOCKS * BLOCK];
    each_path(groups, Noise { sigma: 1.0, phi: 0.0 }, |path| {
        for (normal, &factor) in normals.iter_mut().zip(path) {
            *normal = libm::log(f64::from(factor)) + 0.5;
        }
        visit(&normals);
    });
}

fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Kolmogorov and Smirnov's test, false alarm 3·10⁻⁶ (2·exp(−2·2.6²)), and Anderson and Darling's, about 5·10⁻⁶ (the
/// tabled P(A² > 6) is 10⁻³ and falls by a factor of 2.9 a unit).
#[test]
fn normals_follow_the_normal_distribution() {
    let mut all = Vec::new();
    each_normals(300, |normals| all.extend_from_slice(normals));
    all.sort_by(f64::total_cmp);
    let n = all.len() as f64;
    let (mut distance, mut weighted) = (0.0f64, 0.0);
    for (i, &z) in all.iter().enumerate() {
        let (i, opposite) = (i as f64, all[all.len() - 1 - i]);
        distance = distance.max((cdf(z) - i / n).abs()).max((cdf(z) - (i + 1.0) / n).abs());
        weighted += (2.0 * i + 1.0) * (libm::log(cdf(z)) + libm::log(cdf(-opposite)));
    }
    let anderson = -n - weighted / n;
    assert!(distance * n.sqrt() < 2.6, "{}", distance * n.sqrt());
    assert!(anderson < 11.0, "{anderson}");
}

/// Counts beyond 4 and 5 standard deviations on either side; each false alarm at most 2·10⁻⁶.
#[test]
fn tails_are_as_heavy_as_they_should_be() {
    let mut beyond = [(4.0, [0u64; 2]), (4.5, [0; 2]), (5.0, [0; 2])];
    let mut count = 0.0;
    each_normals(7000, |normals| {
        count += normals.len() as f64;
        for &normal in normals.iter().filter(|normal| normal.abs() > 4.0) {
            for (limit, sides) in &mut beyond {
                sides[usize::from(normal > 0.0)] += u64::from(normal.abs() > *limit);
            }
        }
    });
    for (limit, sides) in beyond {
        let expected = Poisson::new(count * cdf(-limit)).unwrap();
        for seen in sides {
            let unlikely = expected.cdf(seen) < 1e-6 || expected.sf(seen.saturating_sub(1)) < 1e-6;
            assert!(!unlikely, "{seen} beyond {limit}, expected {expected:?}");
        }
    }
}

/// Neighbours share a pair of words or follow in one generator; 64 ticks apart they are of neighbouring lanes.
#[test]
fn normals_are_independent() {
    let lags = [1usize, 2, 3, 63, 64, 65, 128, BLOCK];
    let mut samples = lags.map(|lag| {
        [Sample::new(format!("product at lag {lag}"), 0.0), Sample::new(format!("squares at lag {lag}"), 0.0)]
    });
    each_normals(1000, |normals| {
        for (lag, [products, squares]) in lags.iter().zip(&mut samples) {
            let pairs = || normals.iter().zip(&normals[*lag..]);
            products.add(pairs().map(|(a, b)| a * b));
            squares.add(pairs().map(|(a, b)| (a * a - 1.0) * (b * b - 1.0)));
        }
    });
    samples.iter().flatten().for_each(Sample::check);
}
