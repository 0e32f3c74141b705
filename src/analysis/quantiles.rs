//! Quantiles over replications.

/// `values` in ascending order.
pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The `p`-quantile of values in ascending order, `p` in [0, 1], interpolated between order statistics at
/// (n − 1) p: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50
/// (1996), the default of R and NumPy. None without values.
pub fn quantile_type7(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = (libm::floor(place) as usize).min(last);
    let above = (below + 1).min(last);
    Some(sorted[below] + (place - below as f64) * (sorted[above] - sorted[below]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand from the definition: five values at places 0, 1, 2, 3, 4.
    #[test]
    fn is_interpolated_between_order_statistics() {
        let values = sorted(vec![50.0, 10.0, 40.0, 20.0, 30.0]);
        let at = |p| quantile_type7(&values, p).unwrap();
        assert_eq!([0.0, 0.5, 0.625, 1.0].map(at), [10.0, 30.0, 35.0, 50.0]);
        assert!((at(0.05) - 12.0).abs() < 1e-12 && (at(0.95) - 48.0).abs() < 1e-12);
    }

    #[test]
    fn needs_a_value() {
        assert_eq!(quantile_type7(&[], 0.5), None);
        assert_eq!(quantile_type7(&[3.0], 0.9), Some(3.0));
    }
}
