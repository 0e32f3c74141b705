//! Several comparisons at once: the more one looks, the more luck one sees.
//!
//! Intervals are made simultaneous by Bonferroni's inequality (Law, *Simulation Modeling and Analysis*, 5th ed.,
//! section 9.7), p-values by Holm's step-down method (Holm, Scandinavian Journal of Statistics 6, 1979). Both hold
//! however the comparisons depend on each other, as comparisons with one baseline do.

/// The confidence that each of `comparisons` intervals needs for all of them to hold together with `confidence`.
pub fn bonferroni(confidence: f64, comparisons: usize) -> f64 {
    1.0 - (1.0 - confidence) / comparisons.max(1) as f64
}

/// Holm's adjusted p-values, in the order given: the i-th smallest of m is multiplied by m − i + 1, none falls below
/// a smaller one's, and none exceeds 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]).then(a.cmp(&b)));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        least = least.max(p_values[index] * (p_values.len() - rank) as f64).min(1.0);
        adjusted[index] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three intervals at 98⅓ % hold together at 95 %: 3 · 1⅔ % = 5 %.
    #[test]
    fn bonferroni_shares_the_error() {
        assert!((bonferroni(0.95, 3) - 0.983_333_333_333).abs() < 1e-9);
        assert!((bonferroni(0.9, 5) - 0.98).abs() < 1e-12);
        assert_eq!([bonferroni(0.95, 1), bonferroni(0.95, 0)], [0.95, 0.95]);
    }

    /// By hand, m = 4: 0.005·4 = 0.02; 0.01·3 = 0.03; 0.03·2 = 0.06; 0.04·1 = 0.04, which may not fall below 0.06.
    #[test]
    fn holm_agrees_with_hand() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(close(&holm(&[0.01, 0.04, 0.03, 0.005]), &[0.03, 0.06, 0.06, 0.02]));
        assert!(close(&holm(&[0.6, 0.2, 0.9]), &[1.0, 0.6, 1.0]));
        assert!(close(&holm(&[0.02, 0.02]), &[0.04, 0.04]));
        assert_eq!(holm(&[0.2]), [0.2]);
        assert!(holm(&[]).is_empty());
    }
}
