//! The best of several systems by the fully sequential procedure KN of Kim and Nelson ("A fully sequential procedure
//! for indifference-zone selection in simulation", ACM TOMACS 11, 2001; Law, *Simulation Modeling and Analysis*, 5th
//! ed., chapter 10), in the form for common random numbers and c = 1.
//!
//! After n₀ first observations of every system, S²ᵢₗ being the sample variance of the differences between systems i
//! and l, one observation after the other is taken of every system in contention. With r of them, i stays if for every
//! l still in contention
//!
//! ```text
//! mean_i ≥ mean_l − W_il(r),    W_il(r) = max(0, δ/(2r) · (h² S²_il/δ² − r)),
//! h² = 2η(n₀ − 1),              η = ½ [(2α/(k − 1))^(−2/(n₀ − 1)) − 1],
//! ```
//!
//! until one is left, or r exceeds every ⌊h² S²ᵢₗ/δ²⌋: then the largest mean is selected. If the observations are
//! independent over r, jointly normal over systems, and the best system is ahead by δ, it is selected with probability
//! at least 1 − α.

use super::estimate::variance;

/// The selection, fed observation by observation. Larger is better.
#[derive(Clone, Debug)]
pub struct KimNelson {
    indifference: f64,
    alpha: f64,
    first: usize,
    /// The first observations by system, until their variances are known.
    values: Vec<Vec<f64>>,
    sums: Vec<f64>,
    taken: usize,
    /// h² S²_il by pair of systems.
    scaled: Vec<Vec<f64>>,
    contention: Vec<usize>,
    eliminated_after: Vec<Option<usize>>,
    selected: Option<usize>,
}

impl KimNelson {
    /// Of `systems` with an `indifference` δ > 0, after `first` ≥ 2 observations of each. The best is selected with
    /// probability `confidence` = 1 − α at least, above 1/`systems`.
    pub fn new(systems: usize, indifference: f64, confidence: f64, first: usize) -> KimNelson {
        KimNelson {
            indifference,
            alpha: 1.0 - confidence,
            first: first.max(2),
            values: vec![Vec::new(); systems],
            sums: vec![0.0; systems],
            taken: 0,
            scaled: Vec::new(),
            contention: (0..systems).collect(),
            eliminated_after: vec![None; systems],
            selected: (systems == 1).then_some(0),
        }
    }

    /// The systems in contention, ascending.
    pub fn contention(&self) -> &[usize] {
        &self.contention
    }

    /// The system that was selected, once it is.
    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// The number of observations after which a system was eliminated.
    pub fn eliminated_after(&self, system: usize) -> Option<usize> {
        self.eliminated_after[system]
    }

    /// The observations taken of every system that is in contention.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Takes the next observation, the same replication for all, of every system in contention. Does nothing once a
    /// system is selected.
    pub fn observe(&mut self, value: impl Fn(usize) -> f64) {
        if self.selected.is_some() {
            return;
        }
        for &system in &self.contention {
            let value = value(system);
            self.sums[system] += value;
            if self.taken < self.first {
                self.values[system].push(value);
            }
        }
        self.taken += 1;
        if self.taken == self.first {
            self.scaled = self.scaled_variances();
        }
        if self.taken >= self.first {
            self.screen();
        }
    }

    /// h² S²ᵢₗ for all pairs, from the first observations.
    fn scaled_variances(&mut self) -> Vec<Vec<f64>> {
        let values = std::mem::take(&mut self.values);
        let degrees = (self.first - 1) as f64;
        let share = 2.0 * self.alpha / (values.len() - 1) as f64;
        let eta = 0.5 * (libm::pow(share, -2.0 / degrees) - 1.0);
        let scaled = |a: &[f64], b: &[f64]| {
            let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
            2.0 * eta.max(0.0) * degrees * variance(&differences).unwrap_or(0.0)
        };
        values.iter().map(|a| values.iter().map(|b| scaled(a, b)).collect()).collect()
    }

    fn screen(&mut self) {
        let r = self.taken as f64;
        if r > self.last_stage() {
            return self.end();
        }
        let (sums, scaled, delta) = (&self.sums, &self.scaled, self.indifference);
        let stays = |i: usize, l: usize| {
            let allowance = (scaled[i][l] / delta - delta * r).max(0.0) / (2.0 * r);
            sums[i] / r >= sums[l] / r - allowance
        };
        let old = self.contention.clone();
        self.contention.retain(|&i| old.iter().all(|&l| l == i || stays(i, l)));
        for system in old.into_iter().filter(|system| !self.contention.contains(system)) {
            self.eliminated_after[system] = Some(self.taken);
        }
        if let [only] = self.contention[..] {
            self.selected = Some(only);
        }
    }

    /// The most observations that a screening can need: ⌊h² S²ᵢₗ/δ²⌋ of any pair.
    fn last_stage(&self) -> f64 {
        let largest = self.scaled.iter().flatten().copied().fold(0.0, f64::max);
        libm::floor(largest / (self.indifference * self.indifference))
    }

    /// Selects the largest mean in contention, of equals the first.
    fn end(&mut self) {
        let best = self
            .contention
            .iter()
            .copied()
            .reduce(|best, next| if self.sums[next] > self.sums[best] { next } else { best });
        for &system in self.contention.iter().filter(|&&system| Some(system) != best) {
            self.eliminated_after[system] = Some(self.taken);
        }
        self.contention = best.into_iter().collect();
        self.selected = best;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(systems: &[&[f64]], delta: f64, first: usize) -> KimNelson {
        let mut selection = KimNelson::new(systems.len(), delta, 0.95, first);
        (0..systems[0].len()).for_each(|r| selection.observe(|system| systems[system][r]));
        selection
    }

    /// By hand, k = 2, n₀ = 3, α = 0.05: η = ½(0.1⁻¹ − 1) = 4.5 and h² = 18. The differences 1, 2, 3 have variance 1,
    /// so with δ = 3 there are at most ⌊18/9⌋ = 2 < n₀ stages: the larger mean is selected at once.
    #[test]
    fn ends_after_the_first_stage_where_delta_is_wide() {
        let selection = run(&[&[1.0, 2.0, 3.0], &[0.0, 0.0, 0.0]], 3.0, 3);
        assert_eq!((selection.selected(), selection.taken()), (Some(0), 3));
        assert_eq!([selection.eliminated_after(0), selection.eliminated_after(1)], [None, Some(3)]);
    }

    /// The same with δ = 2, so ⌊18/4⌋ = 4 stages. After 3: W = (18/2 − 2·3)/(2·3) = 0.5 and the mean difference is 2, so
    /// system 1 goes. With the differences −1, 0, 1 nothing is decided after 3; after 4: W = (9 − 8)/8 = 0.125, and the
    /// mean difference is 0 + x/4 for a fourth difference x: 0.4 leaves both, 0.6 does not; after 5 the sum decides.
    #[test]
    fn screens_as_computed_by_hand() {
        let zeros = [0.0; 5];
        let selection = run(&[&zeros[..3], &[1.0, 2.0, 3.0]], 2.0, 3);
        assert_eq!((selection.selected(), selection.eliminated_after(0)), (Some(1), Some(3)));
        let open = run(&[&[-1.0, 0.0, 1.0, 0.4], &zeros[..4]], 2.0, 3);
        assert_eq!((open.selected(), open.contention()), (None, &[0, 1][..]));
        let decided = run(&[&[-1.0, 0.0, 1.0, 0.6], &zeros[..4]], 2.0, 3);
        assert_eq!((decided.selected(), decided.taken()), (Some(0), 4));
        let at_last = run(&[&[-1.0, 0.0, 1.0, 0.4, -0.5], &zeros[..5]], 2.0, 3);
        assert_eq!((at_last.selected(), at_last.eliminated_after(0), at_last.taken()), (Some(1), Some(5), 5));
    }

    #[test]
    fn equal_systems_end_with_the_first() {
        let selection = run(&[&[1.0; 4], &[1.0; 4], &[1.0; 4]], 0.1, 3);
        assert_eq!((selection.selected(), selection.taken()), (Some(0), 3));
        assert_eq!(KimNelson::new(1, 1.0, 0.95, 20).selected(), Some(0));
    }
}
