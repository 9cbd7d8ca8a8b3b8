//! Inverses of distribution functions that end for all parameters: between brackets, in a limited number of steps.
//!
//! The library's inverse of the incomplete beta function is a Newton iteration without brackets. It goes on for ever where one parameter is large, and ends
//! far off where a quantile is very near 0 or 1.

use std::cell::Cell;

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

use crate::normal_quantile;

/// Cells of the grid on which a density is added up.
const CELLS: usize = 4096;
/// The logarithm of a density beside its greatest beyond which the rest is nothing.
const REST: f64 = -45.0;
/// Halvings that bring any bracket down to neighbouring numbers.
const MOST_STEPS: usize = 200;
/// Student's t of more degrees of freedom than this is given by its expansion to all digits.
const MANY: f64 = 2000.0;

/// Quantiles of the beta distribution, for any parameters.
///
/// The density is added up over the logit of the share, u = ln(x / (1 − x)), where it is smooth and has one peak: ln f(u) = a ln x + b ln(1 − x) + const. Seen
/// from the peak, its terms of first order cancel.
///
/// ```
/// // `scipy.stats.beta.ppf(0.05, 2, 6)` and `beta.ppf(0.99, 3, 1e7)`, scipy 1.17.
/// let found = leverkit_stats::BetaQuantiles::new(2.0, 6.0).unwrap().at(0.05);
/// assert!((found - 0.053_375_5).abs() < 1e-6);
/// let found = leverkit_stats::BetaQuantiles::new(3.0, 1e7).unwrap().at(0.99);
/// assert!((found / 8.405_942_5e-7 - 1.0).abs() < 1e-5);
/// ```
#[derive(Debug, Clone)]
pub struct BetaQuantiles {
    /// The logit of the peak.
    peak: f64,
    /// The first point of the grid, seen from the peak, and the width of a cell.
    start: f64,
    step: f64,
    /// Densities at the points, and the chances below and above each.
    density: Vec<f64>,
    below: Vec<f64>,
    above: Vec<f64>,
}

impl BetaQuantiles {
    /// The distribution of these parameters; `None` unless both are finite and above 0.
    pub fn new(a: f64, b: f64) -> Option<Self> {
        if !(a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()) {
            return None;
        }
        let log_density = |u: f64| log_density(a, b, u);
        let start = -reach(|distance| log_density(-distance));
        let step = (reach(log_density) - start) / CELLS as f64;
        let points: Vec<f64> = (0..=CELLS).map(|point| start + step * point as f64).collect();
        let density: Vec<f64> = points.iter().map(|u| log_density(*u).exp()).collect();
        let areas = areas(&density, step);
        let total: f64 = areas.iter().sum();
        let density = density.iter().map(|density| density / total).collect();
        let mut below = running(areas.iter().map(|area| area / total));
        let mut above = running(areas.iter().rev().map(|area| area / total));
        above.reverse();
        below.truncate(CELLS + 1);
        Some(Self { peak: a.ln() - b.ln(), start, step, density, below, above })
    }

    /// The quantile of a share; shares nearer to 0 or 1 than 10⁻¹⁵ are that near.
    pub fn at(&self, share: f64) -> f64 {
        let u = if share <= 0.5 {
            let cell = self.below.partition_point(|below| *below < share).clamp(1, CELLS) - 1;
            cell as f64 + self.within(cell, share - self.below[cell])
        } else {
            let cell = self.above.partition_point(|above| *above > 1.0 - share).clamp(1, CELLS) - 1;
            let area = self.above[cell] - self.above[cell + 1];
            cell as f64 + self.within(cell, area - (1.0 - share - self.above[cell + 1]))
        };
        let logit = self.peak + self.start + self.step * u;
        1.0 / (1.0 + (-logit).exp())
    }

    /// The part of a cell below which an area lies; the density is straight within a cell.
    fn within(&self, cell: usize, area: f64) -> f64 {
        let (first, last) = (self.density[cell] * self.step, self.density[cell + 1] * self.step);
        let root = (first * first + 2.0 * (last - first) * area).max(0.0).sqrt();
        if first + root > 0.0 { (2.0 * area / (first + root)).clamp(0.0, 1.0) } else { 0.5 }
    }
}

/// The logarithm of the density beside that at the peak.
fn log_density(a: f64, b: f64, u: f64) -> f64 {
    let (share, rest) = (a / (a + b), b / (a + b));
    if u.abs() > 1e-3 {
        return -a * log_rest(rest, -u) - b * log_rest(share, u);
    }
    // The first terms of the series, where the difference of both would lose all digits of large parameters.
    let skew = (rest - share) / 6.0;
    let tails = (1.0 - 6.0 * share * rest) / 24.0;
    -(a * rest * u) * u * (0.5 + u * (skew + u * tails))
}

/// ln(1 + q (eᵘ − 1)), where eᵘ may be beyond all numbers.
fn log_rest(q: f64, u: f64) -> f64 {
    if q == 0.0 {
        0.0
    } else if u > 30.0 {
        u + (q + (1.0 - q) * (-u).exp()).ln()
    } else {
        (q * u.exp_m1()).ln_1p()
    }
}

/// How far from the peak a density comes to nothing.
fn reach(log_density: impl Fn(f64) -> f64) -> f64 {
    let (mut near, mut far) = (0.0, 1e-160);
    for _ in 0..1100 {
        if log_density(far) < REST {
            break;
        }
        (near, far) = (far, 2.0 * far);
    }
    for _ in 0..20 {
        let middle = f64::midpoint(near, far);
        if log_density(middle) < REST { far = middle } else { near = middle }
    }
    far
}

/// The areas of cells, by cubics through four points.
fn areas(density: &[f64], step: f64) -> Vec<f64> {
    let at = |point: isize| usize::try_from(point).ok().and_then(|point| density.get(point)).copied().unwrap_or(0.0);
    let cell = |cell: isize| 13.0 * (at(cell) + at(cell + 1)) - at(cell - 1) - at(cell + 2);
    (0..density.len() as isize - 1).map(|of| (cell(of) * step / 24.0).max(0.0)).collect()
}

/// Running sums, from 0 on.
fn running(parts: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let later = parts.map(|part| {
        sum += part;
        sum
    });
    let later: Vec<f64> = later.collect();
    [vec![0.0], later].concat()
}

/// The quantile of Student's t; of fewer than one degree of freedom that of one, of infinitely many the normal distribution's.
///
/// ```
/// assert!((leverkit_stats::student_quantile(0.975, 10.0) - 2.228138851986274).abs() < 1e-11);
/// ```
pub fn student_quantile(p: f64, df: f64) -> f64 {
    // A table's lines mostly ask for the same one after the other.
    thread_local! { static LAST: Cell<Option<(f64, f64, f64)>> = const { Cell::new(None) } }
    match LAST.get() {
        Some((known_p, known_df, quantile)) if (known_p, known_df) == (p, df) => quantile,
        _ => {
            let quantile = found(p, df);
            LAST.set(Some((p, df, quantile)));
            quantile
        }
    }
}

fn found(p: f64, df: f64) -> f64 {
    if p.is_nan() || df.is_nan() {
        return f64::NAN;
    }
    if df > MANY {
        return expanded(p, df);
    }
    let Ok(student) = StudentsT::new(0.0, 1.0, df.max(1.0)) else { return f64::NAN };
    let tail = p.min(1.0 - p);
    if tail <= 0.0 {
        return if p > 0.5 { f64::INFINITY } else { f64::NEG_INFINITY };
    }
    let quantile = upper(&student, tail);
    if p < 0.5 { -quantile } else { quantile }
}

/// The t above which a share of at most one half lies, by Newton's steps within a bracket.
fn upper(student: &StudentsT, tail: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0);
    while student.sf(high) > tail && high < 1e300 {
        (low, high) = (high, high * 2.0);
    }
    let mut t = f64::midpoint(low, high);
    for _ in 0..MOST_STEPS {
        let excess = student.sf(t) - tail;
        if excess > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let newton = t + excess / student.pdf(t);
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - t).abs() <= 2.0 * f64::EPSILON * t.abs() {
            return next;
        }
        t = next;
    }
    t
}

/// Student's quantile by the normal one (Abramowitz & Stegun 26.7.5).
fn expanded(p: f64, df: f64) -> f64 {
    let z = normal_quantile(p);
    if !z.is_finite() || df.is_infinite() {
        return z;
    }
    let s = z * z;
    let g1 = z * (s + 1.0) / 4.0;
    let g2 = z * ((5.0 * s + 16.0) * s + 3.0) / 96.0;
    let g3 = z * (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0;
    let g4 = z * ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) / 92_160.0;
    z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_large_parameters_are_those_of_scipy() {
        for (a, b, share, expected) in GOLDEN_BETA {
            let found = BetaQuantiles::new(a, b).unwrap().at(share);
            let near = expected.min(1.0_f64 - expected);
            assert!(
                (found - expected).abs() < 1e-5 * near.max(1e-12),
                "{a}, {b} at {share}: {found} is not {expected}"
            );
        }
    }

    #[test]
    fn quantiles_rise_and_stay_within_the_bounds_for_all_parameters() {
        let sizes = [1e-300, 1e-3, 0.5, 1.0, 3.0, 1e3, 1e8, 1e15, 1e300];
        for (a, b) in sizes.into_iter().flat_map(|a| sizes.map(|b| (a, b))) {
            let beta = BetaQuantiles::new(a, b).unwrap();
            let found: Vec<f64> = (1..100).map(|percent| beta.at(f64::from(percent) / 100.0)).collect();
            assert!(found.windows(2).all(|pair| pair[0] <= pair[1]), "{a}, {b}: {found:?}");
            assert!(found.iter().all(|share| (0.0..=1.0).contains(share)), "{a}, {b}: {found:?}");
        }
        assert!(
            [(0.0, 1.0), (1.0, f64::NAN), (f64::INFINITY, 1.0)]
                .iter()
                .all(|&(a, b)| BetaQuantiles::new(a, b).is_none())
        );
    }

    #[test]
    fn quantiles_of_students_t_are_those_of_scipy() {
        for (p, df, expected) in GOLDEN_STUDENT {
            let found = student_quantile(p, df);
            assert!((found / expected - 1.0).abs() < 1e-11, "{p} of {df}: {found} is not {expected}");
        }
        assert_eq!(student_quantile(0.975, f64::INFINITY), normal_quantile(0.975));
        assert_eq!((student_quantile(0.0, 5.0), student_quantile(1.0, 5.0)), (f64::NEG_INFINITY, f64::INFINITY));
        assert!(student_quantile(f64::NAN, 5.0).is_nan() && student_quantile(0.5, f64::NAN).is_nan());
    }

    /// `scipy.stats.beta.ppf(share, a, b)`, scipy 1.17; of (1000, 10⁸) where `beta.cdf` has the share, from which its own `ppf` is 10⁻⁴ off.
    const GOLDEN_BETA: [(f64, f64, f64, f64); 24] = [
        (2.0, 6.0, 0.001, 0.006981513736329233),
        (2.0, 6.0, 0.5, 0.2284899635065957),
        (2.0, 6.0, 0.975, 0.5787231970431952),
        (3.0, 10000000.0, 0.001, 1.9053335669991996e-08),
        (3.0, 10000000.0, 0.5, 2.674059688787746e-07),
        (3.0, 10000000.0, 0.975, 7.224684335744816e-07),
        (10000000.0, 3.0, 0.001, 0.9999988771135184),
        (10000000.0, 3.0, 0.5, 0.9999997325940311),
        (10000000.0, 3.0, 0.975, 0.9999999381327959),
        (1000.0, 100000000.0, 0.001, 9.05112172710474e-6),
        (1000.0, 100000000.0, 0.5, 9.996566965098097e-06),
        (1000.0, 100000000.0, 0.975, 1.0629101922594712e-5),
        (1000000000000.0, 1000000000000.0, 0.001, 0.49999890743789055),
        (1000000000000.0, 1000000000000.0, 0.5, 0.5),
        (1000000000000.0, 1000000000000.0, 0.975, 0.5000006929519119),
        (100000.0, 3.0, 0.001, 0.9998877187044541),
        (100000.0, 3.0, 0.5, 0.9999732600217842),
        (100000.0, 3.0, 0.975, 0.9999938133597748),
        (0.5, 0.5, 0.001, 2.4673990709169446e-06),
        (0.5, 0.5, 0.5, 0.4999999999999999),
        (0.5, 0.5, 0.975, 0.9984586668665639),
        (2.0, 5.0, 0.001, 0.008255492787746678),
        (2.0, 5.0, 0.5, 0.26444998329566005),
        (2.0, 5.0, 0.975, 0.6412345789976748),
    ];

    /// `scipy.stats.t.ppf(p, df)`, scipy 1.17.
    const GOLDEN_STUDENT: [(f64, f64, f64); 32] = [
        (1e-09, 1.0, -318309886.1837907),
        (0.025, 1.0, -12.706204736174705),
        (0.9, 1.0, 3.0776835371752544),
        (0.975, 1.0, 12.706204736174694),
        (1e-09, 2.5, -3489.583395369981),
        (0.025, 2.5, -3.5746548420036834),
        (0.9, 2.5, 1.7302509288071766),
        (0.975, 2.5, 3.5746548420036817),
        (1e-09, 30.0, -8.445862796274243),
        (0.025, 30.0, -2.042272456301238),
        (0.9, 30.0, 1.3104150253913955),
        (0.975, 30.0, 2.0422724563012378),
        (1e-09, 400.0, -6.139200891706378),
        (0.025, 400.0, -1.965912343229463),
        (0.9, 400.0, 1.2836715995703045),
        (0.975, 400.0, 1.9659123432294627),
        (1e-09, 1999.0, -6.02565154871094),
        (0.025, 1999.0, -1.9611514201705618),
        (0.9, 1999.0, 1.2819752125780834),
        (0.975, 1999.0, 1.9611514201705613),
        (1e-09, 2001.0, -6.025623607399994),
        (0.025, 2001.0, -1.9611502326224415),
        (0.9, 2001.0, 1.281974789000052),
        (0.975, 2001.0, 1.9611502326224413),
        (1e-09, 1000000.0, -5.997862455710896),
        (0.025, 1000000.0, -1.9599663568141072),
        (0.9, 1000000.0, 1.281552412129939),
        (0.975, 1000000.0, 1.959966356814107),
        (1e-09, 1000000000000.0, -5.997807015063127),
        (0.025, 1000000000000.0, -1.9599639845424264),
        (0.9, 1000000000000.0, 1.2815515655454472),
        (0.975, 1000000000000.0, 1.9599639845424262),
    ];
}
