//! The special functions of the models, on the log scale and without cancellation: growth of ln Γ and ψ, and the two integrals that
//! papers write with Gauss' ₂F₁. Integrals are summed by Gauss–Legendre panels, so that nothing overflows, nothing is a small difference of
//! large numbers, and derivatives cost no more than values.

use statrs::function::gamma::{digamma, ln_gamma};

/// From here on Stirling's series has 15 digits.
const STIRLING: f64 = 15.0;

/// ln Γ(z + n) − ln Γ(z) for z > 0 and n ≥ 0, without the cancellation of two large logarithms.
pub(crate) fn rise(z: f64, n: f64) -> f64 {
    if n == 0.0 {
        return 0.0;
    }
    if z < STIRLING {
        return ln_gamma(z + n) - ln_gamma(z);
    }
    (z - 0.5) * (n / z).ln_1p() + n * ((z + n).ln() - 1.0) + stirling_rest(z + n) - stirling_rest(z)
}

/// What Stirling's formula for ln Γ leaves (Abramowitz & Stegun 6.1.41).
fn stirling_rest(z: f64) -> f64 {
    let square = 1.0 / (z * z);
    (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0)))) / z
}

/// ψ(z + n) − ψ(z): the derivative of [`rise`] by z.
pub(crate) fn rise_slope(z: f64, n: f64) -> f64 {
    if n == 0.0 {
        return 0.0;
    }
    if z < STIRLING {
        return digamma(z + n) - digamma(z);
    }
    (n / z).ln_1p() + digamma_rest(z + n) - digamma_rest(z)
}

/// ψ(z) − ln z (Abramowitz & Stegun 6.3.18).
fn digamma_rest(z: f64) -> f64 {
    let square = 1.0 / (z * z);
    -0.5 / z - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)))
}

/// (1 − e^(−s·l)) / s, which is l where s is 0.
pub(crate) fn decay(s: f64, l: f64) -> f64 {
    if (s * l).abs() < 1e-300 { l } else { -(-s * l).exp_m1() / s }
}

/// ln(e^a + e^b) and the share of e^a in the sum.
pub(crate) fn log_add(a: f64, b: f64) -> (f64, f64) {
    if b == f64::NEG_INFINITY {
        return (a, 1.0);
    }
    if a == f64::NEG_INFINITY {
        return (b, 0.0);
    }
    let ratio = (-(a - b).abs()).exp();
    let less = ratio / (1.0 + ratio);
    if a >= b { (a + ratio.ln_1p(), 1.0 - less) } else { (b + ratio.ln_1p(), less) }
}

/// Nodes and weights of Gauss–Legendre on [0, 1], 16 points (Abramowitz & Stegun 25.4.29, table 25.4, moved from [−1, 1]).
const NODES: [(f64, f64); 16] = {
    const HALF: [(f64, f64); 8] = [
        (0.09501250983763744, 0.1894506104550685),
        (0.2816035507792589, 0.18260341504492358),
        (0.45801677765722737, 0.16915651939500254),
        (0.6178762444026438, 0.14959598881657674),
        (0.755404408355003, 0.12462897125553388),
        (0.8656312023878318, 0.09515851168249279),
        (0.9445750230732326, 0.062253523938647894),
        (0.9894009349916499, 0.027152459411754096),
    ];
    let mut nodes = [(0.0, 0.0); 16];
    let mut i = 0;
    while i < 8 {
        nodes[7 - i] = (0.5 - HALF[i].0 / 2.0, HALF[i].1 / 2.0);
        nodes[8 + i] = (0.5 + HALF[i].0 / 2.0, HALF[i].1 / 2.0);
        i += 1;
    }
    nodes
};

/// Sums `f` over the nodes of one panel of [from, from + width].
pub(crate) fn panel(from: f64, width: f64, mut f: impl FnMut(f64, f64)) {
    for (node, weight) in NODES {
        f(from + width * node, width * weight);
    }
}

/// The integral ∫ (m + y)^−p (n + y)^−q dy over [y₀, y₁], its logarithm with the means under the integrand that its derivatives are made of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PowerIntegral {
    /// ln of the integral; −∞ over an empty stretch.
    pub(crate) ln: f64,
    /// Mean of ln(m + y).
    pub(crate) ln_m: f64,
    /// Mean of ln(n + y).
    pub(crate) ln_n: f64,
    /// Mean of 1 / (m + y).
    pub(crate) inverse_m: f64,
    /// Mean of 1 / (n + y).
    pub(crate) inverse_n: f64,
}

/// ln ∫ (m + y)^−p (n + y)^−q dy over [from, to], for m, n, p, q > 0.
///
/// With v = ln(min(m, n) + y) the integrand is e^−(p + q − 1)v (1 + δe^−v)^−p′, δ = |m − n|, whose poles lie π away from the real line: panels
/// as wide as its decay admits give 12 digits. It is ₂F₁ by Euler's integral after Pfaff's transformation.
pub(crate) fn power_integral(m: f64, p: f64, n: f64, q: f64, from: f64, to: f64) -> PowerIntegral {
    if m > n {
        let swapped = power_integral(n, q, m, p, from, to);
        return PowerIntegral {
            ln: swapped.ln,
            ln_m: swapped.ln_n,
            ln_n: swapped.ln_m,
            inverse_m: swapped.inverse_n,
            inverse_n: swapped.inverse_m,
        };
    }
    if to <= from {
        return PowerIntegral { ln: f64::NEG_INFINITY, ..PowerIntegral::default() };
    }
    let (gap, decay) = (n - m, p + q - 1.0);
    let start = (m + from).ln();
    let end = start + ((to - from) / (m + from)).ln_1p();
    let at = |v: f64| {
        let inverse = (-v).exp();
        let ratio = (gap * inverse).ln_1p();
        (inverse, ratio, -decay * v - q * ratio)
    };
    let top = at(start).2.max(at(end).2);
    let mut sums = [0.0; 5];
    let mut v = start;
    while v < end {
        let (inverse, _, height) = at(v);
        let slope = -decay + q * gap * inverse / (1.0 + gap * inverse);
        if height < top - 45.0 && slope <= 0.0 {
            break;
        }
        let width = (end - v).min(2.0).min(18.0 / (1.0 + slope.abs()));
        panel(v, width, |v, weight| {
            let (inverse, ratio, height) = at(v);
            let mass = weight * (height - top).exp();
            sums[0] += mass;
            sums[1] += mass * v;
            sums[2] += mass * (v + ratio);
            sums[3] += mass * inverse;
            sums[4] += mass * inverse / (1.0 + gap * inverse);
        });
        v += width;
    }
    let mean = |sum: f64| sum / sums[0];
    PowerIntegral {
        ln: top + sums[0].ln(),
        ln_m: mean(sums[1]),
        ln_n: mean(sums[2]),
        inverse_m: mean(sums[3]),
        inverse_n: mean(sums[4]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn growth_of_the_gamma_function_joins_at_stirling() {
        for n in [1.0, 7.0, 150.0, 2000.0] {
            let (below, above) = (rise(STIRLING - 1e-9, n), rise(STIRLING + 1e-9, n));
            assert!((below - above).abs() < 1e-6 * above.abs(), "{n}: {below} {above}");
            let slopes = (rise_slope(STIRLING - 1e-9, n), rise_slope(STIRLING + 1e-9, n));
            assert!((slopes.0 - slopes.1).abs() < 1e-9, "{n}: {slopes:?}");
        }
        // Γ(z + 2) / Γ(z) = z (z + 1), also where ln Γ has lost all digits of the difference.
        let z = 1e12_f64;
        assert!((rise(z, 2.0) - (z.ln() + (z + 1.0).ln())).abs() < 1e-11);
    }

    #[test]
    fn an_integral_known_in_closed_form() {
        // q = 0 is not allowed, but n = m makes it one power: ∫ (m + y)^−(p + q) dy.
        let (m, p, q, from, to) = (3.0_f64, 4.5, 2.0, 1.0, 50.0);
        let k: f64 = p + q - 1.0;
        let exact = (((m + from).powf(-k) - (m + to).powf(-k)) / k).ln();
        let found = power_integral(m, p, m, q, from, to);
        assert!((found.ln - exact).abs() < 1e-12, "{} {exact}", found.ln);
    }

    /// By many narrow panels.
    fn brute(m: f64, p: f64, n: f64, q: f64, from: f64, to: f64) -> f64 {
        let (start, end) = ((m.min(n) + from).ln(), (m.min(n) + to).ln());
        let ln = |v: f64| {
            let y = v.exp() - m.min(n);
            v - p * (m + y).ln() - q * (n + y).ln()
        };
        let top = (0..=4000).map(|i| ln(start + (end - start) * f64::from(i) / 4000.0)).fold(f64::MIN, f64::max);
        let width = (end - start) / 4000.0;
        let mut sum = 0.0;
        (0..4000).for_each(|i| panel(start + width * f64::from(i), width, |v, w| sum += w * (ln(v) - top).exp()));
        top + sum.ln()
    }

    proptest! {
        #[test]
        fn panels_follow_the_integrand(m in -6.0..9.0_f64, n in -6.0..9.0_f64, r in -3.0..3.0_f64, x in 0_u32..2000, s in -3.0..3.0_f64,
                                       to in -7.0..11.5_f64, share in 0.0..0.999_f64) {
            let (m, n, p, q, to) = (m.exp(), n.exp(), r.exp() + f64::from(x), s.exp() + 1.0, to.exp());
            let found = power_integral(m, p, n, q, to * share, to).ln;
            let exact = brute(m, p, n, q, to * share, to);
            prop_assert!((found - exact).abs() < 1e-9 * exact.abs().max(1.0), "{found} {exact}");
        }
    }
}
