//! What counts of categories say of their shares, by the Dirichlet distribution.

use statrs::function::gamma::{gamma_lr, ln_gamma};

/// How far on both sides of a category's square root the integral goes: standard deviations of a Gamma variable's root are near ½.
const REACH: f64 = 6.0;
const STEPS: usize = 256;

/// The probability that each category has the largest share, where shares have the Dirichlet distribution of these parameters: counts with ½ added, by the
/// prior of Jeffreys (1946).
///
/// Shares are Gamma variables over their sum, so the largest share is the largest of independent Gamma variables: ∫ fₖ(x) Πⱼ Fⱼ(x) dx. The integral is
/// taken over √x, where the variables are nearly normal and the trapezoid rule is exact to about ten digits.
///
/// ```
/// let found = leverkit_stats::dirichlet_largest(&[95.5, 123.5, 45.5, 33.5, 0.5, 0.5]);
/// assert!((found[1] - 0.971).abs() < 1e-3 && (found.iter().sum::<f64>() - 1.0).abs() < 1e-9);
/// ```
pub fn dirichlet_largest(alphas: &[f64]) -> Vec<f64> {
    let top = alphas.iter().copied().fold(0.0, f64::max).sqrt();
    let (from, to) = ((top - REACH).max(0.0), top + REACH);
    let step = (to - from) / STEPS as f64;
    let norms: Vec<f64> = alphas.iter().map(|&alpha| ln_gamma(alpha)).collect();
    let mut sums = vec![0.0; alphas.len()];
    for at in 1..=STEPS {
        let root = from + step * at as f64;
        let x = root * root;
        let below: Vec<f64> = alphas.iter().map(|&alpha| gamma_lr(alpha, x)).collect();
        for (category, sum) in sums.iter_mut().enumerate() {
            let density = ((alphas[category] - 1.0) * x.ln() - x - norms[category]).exp() * 2.0 * root;
            let others = below.iter().enumerate().filter(|(other, _)| *other != category);
            *sum += density * others.map(|(_, below)| below).product::<f64>() * step;
        }
    }
    let total: f64 = sums.iter().sum();
    sums.iter().map(|sum| sum / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_counts_are_equally_likely_to_lead_and_nothing_known_is_even() {
        for alphas in [vec![0.5; 6], vec![40.5; 4]] {
            let even = 1.0 / alphas.len() as f64;
            assert!(dirichlet_largest(&alphas).iter().all(|share| (share - even).abs() < 1e-9));
        }
    }

    /// Two categories alone: P(p > ½) of a Beta distribution, `scipy.stats.beta.sf(0.5, 30.5, 20.5)` = 0.921692.
    #[test]
    fn of_two_categories_it_is_the_tail_of_beta() {
        assert!((dirichlet_largest(&[30.5, 20.5])[0] - 0.9216923698884198).abs() < 1e-8);
    }
}
