//! The effect on money, split into customers who return, their orders, and the money of an order. Money is the product of the three, so each
//! gets the mean of what it adds in all orders of adding them (Shapley 1953), and the parts add up to the whole.

use leverkit_stats::Estimate;

use crate::panel::{Contrast, Joint};

/// A factor's part of the effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// `return`: the share of customers who order in a period. `frequency`: orders of those who do. `check`: money of an order.
    pub factor: &'static str,
    /// The factor of members, after joining.
    pub actual: f64,
    /// As it would have been.
    pub counterfactual: f64,
    /// By how much it is up, as a share of what it would have been.
    pub effect: Estimate,
    /// Its part of the effect on money, per member and period.
    pub money: Estimate,
}

const FACTORS: [&str; 3] = ["return", "frequency", "check"];

/// Splits the effect: `actual` and `effects` are of active customers, orders and money. `None` where a factor would have been 0.
pub(super) fn split(joint: &Joint, actual: &[Contrast; 3], effects: &[Contrast; 3], level: f64) -> Option<Vec<Factor>> {
    let values: Vec<f64> = actual.iter().chain(effects).map(|contrast| contrast.value).collect();
    let of = |values: &[f64]| {
        let after = factors(&values[..3]);
        let before = factors(&[0, 1, 2].map(|at| values[at] - values[at + 3]));
        (after, before)
    };
    let (after, before) = of(&values);
    if after.iter().chain(&before).any(|factor| !factor.is_finite() || *factor <= 0.0) {
        return None;
    }
    let contrasts: Vec<&Contrast> = actual.iter().chain(effects).collect();
    let covariance = joint.covariance_of(&contrasts);
    let spread = |value: &dyn Fn(&[f64]) -> f64| {
        let slope = slopes(&values, value);
        let row = |i: usize| (0..6).map(|j| slope[i] * slope[j] * covariance[(i, j)]).sum::<f64>();
        (0..6).map(row).sum::<f64>().max(0.0).sqrt()
    };
    let factor = |at: usize| {
        let share = move |values: &[f64]| {
            let (after, before) = of(values);
            after[at] / before[at] - 1.0
        };
        let money = move |values: &[f64]| {
            let (after, before) = of(values);
            shapley(&after, &before)[at]
        };
        Factor {
            factor: FACTORS[at],
            actual: after[at],
            counterfactual: before[at],
            effect: Estimate::normal(share(&values), spread(&share), level),
            money: Estimate::normal(money(&values), spread(&money), level),
        }
    };
    Some((0..3).map(factor).collect())
}

/// Return, frequency and check from active customers, orders and money.
fn factors(means: &[f64]) -> [f64; 3] {
    [means[0], means[1] / means[0], means[2] / means[1]]
}

fn shapley(after: &[f64; 3], before: &[f64; 3]) -> [f64; 3] {
    std::array::from_fn(|at| {
        let (one, two) = ((at + 1) % 3, (at + 2) % 3);
        let others = (after[one] * after[two] + before[one] * before[two]) / 3.0
            + (after[one] * before[two] + before[one] * after[two]) / 6.0;
        (after[at] - before[at]) * others
    })
}

/// Central differences: the functions are quotients of few numbers.
fn slopes(values: &[f64], of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let slope = |at: usize| {
        let step = 1e-6 * values[at].abs().max(1e-3);
        let moved = |by: f64| {
            let mut values = values.to_vec();
            values[at] += by;
            of(&values)
        };
        (moved(step) - moved(-step)) / (2.0 * step)
    };
    (0..values.len()).map(slope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole() {
        let (after, before) = ([0.6, 1.7, 31.0], [0.5, 1.9, 28.0]);
        let parts = shapley(&after, &before);
        let whole: f64 = after.iter().product::<f64>() - before.iter().product::<f64>();
        assert!((parts.iter().sum::<f64>() - whole).abs() < 1e-12);
    }
}
