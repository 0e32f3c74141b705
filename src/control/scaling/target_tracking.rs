//! The rule of the Kubernetes Horizontal Pod Autoscaler, applied to connectors.
//!
//! desired = ⌈current × metric ÷ target⌉, nothing if the ratio is within the tolerance of 1. A connector whose link is down
//! has no metric: it counts as at the target when scaling in and as idle when scaling out. One that is not ready yet is
//! left out, but counts as idle when scaling out. If the ratio with them reverses the direction or is within the tolerance,
//! nothing is done. Connectors that are being removed are ignored.
//!
//! Kubernetes documentation, Horizontal Pod Autoscaling, "Algorithm details"
//! (<https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details>). All of it is in
//! integers, so the edges of the tolerance are exact.

use super::{Mean, View};

/// Ratios and tolerances are counted in millionths.
const WHOLE: i128 = 1_000_000;

/// The metric is to stay at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetTracking {
    /// The target in hundredths of a percent of CPU, > 0.
    pub target: i64,
    /// How far the ratio may be from 1, in millionths.
    pub tolerance: i64,
}

/// metric ÷ target as a fraction.
#[derive(Clone, Copy)]
struct Ratio {
    above: i128,
    below: i128,
}

impl TargetTracking {
    pub(super) fn recommends(&self, view: &View) -> Option<usize> {
        let average = view.average.filter(|_| view.serving > 0)?;
        let base = self.ratio(average, view.serving, 0, 0);
        let (scales_in, scales_out) = (base.above < base.below, base.above > base.below);
        let not_ready = if scales_out { view.not_ready } else { 0 };
        let at_target = if scales_in { view.missing } else { 0 };
        let ratio = self.ratio(average, view.serving, at_target, view.missing - at_target + not_ready);
        let reverses = scales_in && ratio.above > ratio.below || scales_out && ratio.above < ratio.below;
        if reverses || self.tolerates(ratio) {
            return Some(view.current);
        }
        Some((view.current as i128 * ratio.above + ratio.below - 1).div_euclid(ratio.below) as usize)
    }

    /// The ratio of `serving` connectors at `average`, some more at the target and some idle.
    fn ratio(&self, average: Mean, serving: usize, at_target: usize, idle: usize) -> Ratio {
        let (sum, number, target) =
            (i128::from(average.sum), i128::from(average.number), i128::from(self.target));
        let used = serving as i128 * sum + at_target as i128 * target * number;
        Ratio { above: used, below: (serving + at_target + idle) as i128 * target * number }
    }

    fn tolerates(&self, ratio: Ratio) -> bool {
        (ratio.above - ratio.below).abs() * WHOLE <= i128::from(self.tolerance) * ratio.below
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::view;
    use super::*;

    /// Worked out by hand from the documentation, target 60 %, tolerance 0.1: (serving, missing, not ready, percent,
    /// desired).
    #[test]
    fn the_documentation_by_hand() {
        let rule = TargetTracking { target: 6_000, tolerance: 100_000 };
        let table = [
            // The formula: 4 × 120/60 = 8, 4 × 30/60 = 2, 4 × 80/60 = 5.33, 4 × 46/60 = 3.07.
            (4, 0, 0, 120, 8),
            (4, 0, 0, 30, 2),
            (4, 0, 0, 80, 6),
            (4, 0, 0, 46, 4),
            (4, 0, 0, 45, 3),
            (4, 0, 0, 60, 4),
            // The tolerance includes its edges: 66/60 = 1.1 and 54/60 = 0.9; then 10 × 67/60 = 11.2 and 10 × 53/60 = 8.8.
            (10, 0, 0, 66, 10),
            (10, 0, 0, 67, 12),
            (10, 0, 0, 54, 10),
            (10, 0, 0, 53, 9),
            // Missing when scaling out is idle: (3·90 + 0)/4 = 67.5, ratio 1.125, 4 × 1.125 = 4.5.
            (3, 1, 0, 90, 5),
            // (3·80)/4 = 60, within the tolerance; (2·90)/4 = 45 reverses the direction.
            (3, 1, 0, 80, 4),
            (2, 2, 0, 90, 4),
            // Missing when scaling in is at the target: (3·30 + 60)/4 = 37.5, ratio 0.625, 4 × 0.625 = 2.5.
            (3, 1, 0, 30, 3),
            // (3·48 + 60)/4 = 51, ratio 0.85, 4 × 0.85 = 3.4; (1·48 + 3·60)/4 = 57, within the tolerance.
            (3, 1, 0, 48, 4),
            (1, 3, 0, 48, 4),
            // Not ready when scaling out is idle: (4·100 + 0)/5 = 80, ratio 1.33, 5 × 1.33 = 6.67.
            (4, 0, 1, 100, 7),
            (4, 0, 4, 90, 8),
            // Not ready when scaling in is left out: 30/60, 5 × 0.5 = 2.5.
            (4, 0, 1, 30, 3),
            // Both: (4·120)/6 = 80, ratio 1.33, 6 × 1.33 = 8; in: (4·30 + 60)/5 = 36, ratio 0.6, 6 × 0.6 = 3.6.
            (4, 1, 1, 120, 8),
            (4, 1, 1, 30, 4),
        ];
        for (serving, missing, not_ready, percent, desired) in table {
            let current = serving + missing + not_ready;
            let of = View { serving, missing, not_ready, ..view(0, current, percent) };
            let told = format!("{serving} {missing} {not_ready} at {percent} %");
            assert_eq!(rule.recommends(&of), Some(desired), "{told}");
        }
    }

    #[test]
    fn without_a_metric_nothing_is_recommended() {
        let rule = TargetTracking { target: 6_000, tolerance: 100_000 };
        assert_eq!(rule.recommends(&View { average: None, ..view(0, 4, 90) }), None);
        assert_eq!(rule.recommends(&View { serving: 0, missing: 4, ..view(0, 4, 90) }), None);
    }
}
