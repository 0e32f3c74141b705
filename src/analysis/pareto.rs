//! Efficient choices among several objectives.

/// For each point the first other point that dominates it: at least as small in every coordinate and smaller in one.
/// A point without one is Pareto-efficient. All points have the same coordinates, of which less is better; equal
/// points do not dominate each other.
pub fn dominators(points: &[Vec<f64>]) -> Vec<Option<usize>> {
    let of = |point: &Vec<f64>| points.iter().position(|other| dominates(other, point));
    points.iter().map(of).collect()
}

fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_beats_everywhere_is_not_efficient() {
        let points = [vec![1.0, 5.0], vec![2.0, 2.0], vec![3.0, 3.0], vec![2.0, 2.0], vec![1.0, 6.0]];
        assert_eq!(dominators(&points), [None, None, Some(1), None, Some(0)]);
    }

    #[test]
    fn without_objectives_nothing_is_dominated() {
        assert_eq!(dominators(&[vec![], vec![]]), [None, None]);
        assert!(dominators(&[]).is_empty());
    }
}
