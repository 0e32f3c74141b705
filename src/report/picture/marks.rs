//! Dots, and round numbers on an axis that may go below 0.

use super::axis::round_ticks;
use super::canvas::Canvas;
use super::palette::Colour;

/// A filled circle, as a polygon of sixteen corners.
pub fn dot(canvas: &Canvas<'_>, (x, y): (f64, f64), radius: f64, fill: Colour, alpha: f64) {
    let corner = |index: i32| {
        let angle = f64::from(index) * std::f64::consts::PI / 8.0;
        (x + radius * libm::cos(angle), y + radius * libm::sin(angle))
    };
    let corners: Vec<(f64, f64)> = (0..16).map(corner).collect();
    canvas.polygon(&corners, fill, alpha);
}

/// Round numbers within [`low`, `high`], multiples of one step, about `most` at most.
pub fn signed_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let steps = round_ticks(high - low, most);
    let step = steps.get(1).copied().unwrap_or(1.0);
    let first = libm::ceil(low / step - 1e-9) as i64;
    let last = libm::floor(high / step + 1e-9) as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_go_below_zero_and_meet_it() {
        assert_eq!(signed_ticks(-12.0, 9.0, 5), [-10.0, -5.0, 0.0, 5.0]);
        assert_eq!(signed_ticks(0.4, 2.1, 5), [1.0, 2.0].map(|tick: f64| tick).to_vec());
        assert!(signed_ticks(-1e9, 3e9, 6).contains(&0.0));
    }
}
