//! The regularised incomplete gamma function and its inverse: the gamma distribution of scale 1.
//!
//! P(a, x) by its power series for x < a + 1, Q(a, x) by Legendre's continued fraction above (Abramowitz and
//! Stegun 6.5.29 and 6.5.31; modified Lentz evaluation as in Thompson and Barnett, J. Comput. Phys. 64, 1986).
//!
//! The inverse is Newton's method on the logarithm of the smaller tail as a function of y = ln x. The logarithm of
//! a gamma variate has a log-concave density (a y − eʸ), so both tails are log-concave in y: after the first step
//! the iterates approach the root from one side and cannot run away.

use super::normal;

/// Both tails of the gamma distribution with this `shape` and scale 1 at `x` ≥ 0: P and Q = 1 − P, neither
/// through a subtraction that loses digits where it is the small one and `x` is on its side.
pub fn tails(shape: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        (0.0, 1.0)
    } else if x.is_infinite() {
        (1.0, 0.0)
    } else if x < shape + 1.0 {
        let lower = (leading(shape, x) * series(shape, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (leading(shape, x) * shape * continued_fraction(shape, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// The x at which the lower tail is `u` in (0, 1), for the gamma distribution with this `shape` and scale 1.
pub fn quantile(shape: f64, u: f64) -> f64 {
    // P(a, x) ≤ xᵃ/Γ(a+1), and nearly equal for a tiny x.
    let least = (libm::log(u) + libm::lgamma(shape + 1.0)) / shape;
    if least < -36.0 {
        return libm::exp(least);
    }
    let most = libm::log(shape + 9.0 * shape.sqrt() + 40.0);
    let upper_side = u > 0.5;
    let goal = libm::log(if upper_side { 1.0 - u } else { u });
    let mut y = first_guess(shape, u).clamp(least, most);
    // Newton's error is the square of its last step.
    let (mut moved, mut steps) = (f64::INFINITY, 0);
    while moved > 1e-9 && steps < 100 {
        steps += 1;
        let x = libm::exp(y);
        let (lower, upper) = tails(shape, x);
        let density = shape * leading(shape, x);
        let step = if upper_side {
            (libm::log(upper) - goal) * upper / density
        } else {
            (goal - libm::log(lower)) * lower / density
        };
        let next = (y + step).clamp(least, most);
        moved = (next - y).abs();
        y = next;
    }
    libm::exp(y)
}

/// The logarithm of Wilson and Hilferty's approximation (PNAS 17, 1931): the cube root is nearly normal.
fn first_guess(shape: f64, u: f64) -> f64 {
    let spread = 1.0 / (9.0 * shape);
    let root = 1.0 - spread + normal::quantile(u) * spread.sqrt();
    libm::log(shape) + 3.0 * libm::log(root.max(1e-6))
}

/// xᵃ e⁻ˣ / Γ(a + 1).
fn leading(shape: f64, x: f64) -> f64 {
    if shape < 20.0 {
        return libm::exp(shape * libm::log(x) - x - libm::lgamma(shape + 1.0));
    }
    // Large terms would cancel: take Stirling's series for Γ and the distance from the peak.
    let off = (x - shape) / shape;
    let a2 = shape * shape;
    let correction = (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * a2)) / a2) / a2) / shape;
    libm::exp(-shape * (off - libm::log1p(off)) - correction) / (std::f64::consts::TAU * shape).sqrt()
}

fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut divisor) = (1.0, 1.0, shape);
    while term > sum * 1e-17 {
        divisor += 1.0;
        term *= x / divisor;
        sum += term;
    }
    sum
}

fn continued_fraction(shape: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..10_000 {
        let n = f64::from(n);
        let a = n * (shape - n);
        b += 2.0;
        d = 1.0 / not_zero(a * d + b, TINY);
        c = not_zero(b + a / c, TINY);
        let change = c * d;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

fn not_zero(x: f64, tiny: f64) -> f64 {
    if x.abs() < tiny { tiny } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a whole shape the gamma distribution is Erlang's: Q(n, x) = e⁻ˣ Σ xᵏ/k!, k < n.
    #[test]
    fn is_erlangs_for_a_whole_shape() {
        for shape in 1..=40u32 {
            for x in [0.01, 0.5, 1.0, 3.0, 10.0, 35.0, 60.0] {
                let (mut term, mut sum) = (1.0, 0.0);
                for k in 0..shape {
                    sum += term;
                    term *= x / f64::from(k + 1);
                }
                let erlang = sum * libm::exp(-x);
                let (lower, upper) = tails(f64::from(shape), x);
                assert!((upper / erlang - 1.0).abs() < 1e-12, "{shape} {x}: {upper} instead of {erlang}");
                assert!((lower + upper - 1.0).abs() < 1e-15);
            }
        }
    }

    /// With shape ½ it is the square of a normal variate: P(½, x) = erf √x.
    #[test]
    fn is_a_squared_normal_for_shape_a_half() {
        for x in [1e-9, 1e-3, 0.1, 0.7, 2.0, 10.0, 25.0] {
            let (lower, upper) = tails(0.5, x);
            assert!((lower / libm::erf(f64::sqrt(x)) - 1.0).abs() < 1e-13, "{x}");
            assert!((upper / libm::erfc(f64::sqrt(x)) - 1.0).abs() < 1e-12, "{x}");
        }
    }

    /// Chi-squared quantiles, Abramowitz and Stegun table 26.8: half of them are gamma quantiles of half the
    /// degrees of freedom.
    #[test]
    fn agrees_with_published_chi_squared_quantiles() {
        for (degrees, u, published) in [
            (1.0, 0.95, 3.84146),
            (2.0, 0.95, 5.99147),
            (10.0, 0.995, 25.1882),
            (10.0, 0.005, 2.15585),
            (30.0, 0.5, 29.3360),
        ] {
            let computed = 2.0 * quantile(degrees / 2.0, u);
            assert!((computed / published - 1.0).abs() < 4e-6, "{degrees} {u}: {computed}");
        }
    }

    #[test]
    fn inverts_itself_over_all_shapes() {
        for shape in [0.01, 0.1, 0.35, 0.9, 1.0, 2.0, 19.9, 20.1, 150.0, 3e4, 1e6] {
            for u in [2f64.powi(-53), 1e-9, 0.01, 0.3, 0.5, 0.51, 0.9, 0.999_999, 1.0 - 2f64.powi(-53)] {
                let (lower, upper) = tails(shape, quantile(shape, u));
                let tail = if u <= 0.5 { lower / u } else { upper / (1.0 - u) };
                let vanishes = quantile(shape, u) == 0.0;
                assert!(vanishes || (tail - 1.0).abs() < 1e-9, "shape {shape}, {u}: {tail}");
            }
        }
    }
}
