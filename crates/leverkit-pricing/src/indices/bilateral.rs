//! Price indices between two periods: the formulas, and how much each product moves the result.

use serde::{Deserialize, Serialize};

/// A formula for the change of prices between two periods, over the products sold in both.
///
/// p₀, q₀, p₁, q₁ are prices and quantities of the earlier and the later period, s₀ and s₁ shares of the matched products' revenue.
///
/// ```
/// use leverkit_pricing::IndexFormula;
/// assert!(IndexFormula::Fisher.is_reversible() && !IndexFormula::Laspeyres.is_reversible());
/// assert_eq!(IndexFormula::Laspeyres.reversible().name(), "fisher");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexFormula {
    /// Σp₁q₀ / Σp₀q₀.
    Laspeyres,
    /// Σp₁q₁ / Σp₀q₁.
    Paasche,
    /// √(Laspeyres · Paasche) (Fisher 1922).
    Fisher,
    /// Π(p₁/p₀)^((s₀+s₁)/2) (Törnqvist 1936).
    Tornqvist,
    /// Σp₁√(q₀q₁) / Σp₀√(q₀q₁) (Walsh 1901).
    Walsh,
    /// The geometric mean of p₁/p₀ (Jevons 1865).
    Jevons,
    /// Σp₁ / Σp₀ (Dutot 1738).
    Dutot,
    /// The mean of p₁/p₀ (Carli 1764).
    Carli,
    /// Π(p₁/p₀)^w, w as the logarithmic mean of s₀ and s₁ (Sato 1976, Vartia 1976).
    SatoVartia,
}

impl IndexFormula {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Laspeyres,
        Self::Paasche,
        Self::Fisher,
        Self::Tornqvist,
        Self::Walsh,
        Self::Jevons,
        Self::Dutot,
        Self::Carli,
        Self::SatoVartia,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Laspeyres => "laspeyres",
            Self::Paasche => "paasche",
            Self::Fisher => "fisher",
            Self::Tornqvist => "tornqvist",
            Self::Walsh => "walsh",
            Self::Jevons => "jevons",
            Self::Dutot => "dutot",
            Self::Carli => "carli",
            Self::SatoVartia => "sato-vartia",
        }
    }

    /// Whether the index from 1 to 0 is the reciprocal of that from 0 to 1, which GEKS asks for.
    pub fn is_reversible(self) -> bool {
        !matches!(self, Self::Laspeyres | Self::Paasche | Self::Carli)
    }

    /// The formula whose GEKS tells this one's chain drift: itself, or the reversible one of its kind.
    #[must_use]
    pub fn reversible(self) -> Self {
        match self {
            Self::Laspeyres | Self::Paasche => Self::Fisher,
            Self::Carli => Self::Jevons,
            other => other,
        }
    }
}

/// What was sold of a product in a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Good {
    pub(crate) product: u32,
    pub(crate) price: f64,
    pub(crate) quantity: f64,
}

impl Good {
    pub(crate) fn value(&self) -> f64 {
        self.price * self.quantity
    }
}

/// A product in both periods: what was sold earlier, and later.
pub(crate) type Pair = (Good, Good);

/// The products in both periods; both are in the order of products.
pub(crate) fn matched(earlier: &[Good], later: &[Good]) -> Vec<Pair> {
    let (mut pairs, mut rest) = (Vec::with_capacity(earlier.len().min(later.len())), later);
    for good in earlier {
        while let [first, tail @ ..] = rest
            && first.product < good.product
        {
            rest = tail;
        }
        if let [first, tail @ ..] = rest
            && first.product == good.product
        {
            pairs.push((*good, *first));
            rest = tail;
        }
    }
    pairs
}

/// The logarithm of the index over matched products; NaN without any.
pub(crate) fn log_index(formula: IndexFormula, pairs: &[Pair]) -> f64 {
    if pairs.is_empty() {
        return f64::NAN;
    }
    match kind(formula, pairs) {
        Kind::Ratio(terms) => log_ratio(&terms),
        Kind::Logs(weights) => weighted(pairs, &weights),
        Kind::Fisher(l, p) => 0.5 * (log_ratio(&l) + log_ratio(&p)),
    }
}

/// What a matched product has to do with the logarithm of an index.
#[derive(Clone, Copy)]
pub(crate) struct Influence {
    /// Its weight; all add up to 1.
    pub(crate) weight: f64,
    /// By how much it moves the logarithm, its weight taken as given; all add up to 0.
    pub(crate) moves: f64,
}

/// The influence of each matched product.
pub(crate) fn influences(formula: IndexFormula, pairs: &[Pair]) -> Vec<Influence> {
    match kind(formula, pairs) {
        Kind::Ratio(terms) => ratio_influences(&terms),
        Kind::Logs(weights) => {
            let mean = weighted(pairs, &weights);
            let of = |(pair, weight)| Influence { weight, moves: weight * (log_relative(pair) - mean) };
            pairs.iter().zip(weights).map(of).collect()
        }
        Kind::Fisher(l, p) => {
            let mean = |(l, p): (Influence, Influence)| Influence {
                weight: f64::midpoint(l.weight, p.weight),
                moves: f64::midpoint(l.moves, p.moves),
            };
            ratio_influences(&l).into_iter().zip(ratio_influences(&p)).map(mean).collect()
        }
    }
}

/// A ratio's numerators and denominators, or a weighted mean of logarithms with its weights, or the mean of two ratios' logarithms.
enum Kind {
    Ratio(Vec<(f64, f64)>),
    Logs(Vec<f64>),
    Fisher(Vec<(f64, f64)>, Vec<(f64, f64)>),
}

fn kind(formula: IndexFormula, pairs: &[Pair]) -> Kind {
    let ratio = |weight: fn(&Pair) -> f64| {
        pairs.iter().map(|pair| (pair.1.price * weight(pair), pair.0.price * weight(pair))).collect::<Vec<_>>()
    };
    match formula {
        IndexFormula::Laspeyres => Kind::Ratio(ratio(|pair| pair.0.quantity)),
        IndexFormula::Paasche => Kind::Ratio(ratio(|pair| pair.1.quantity)),
        IndexFormula::Fisher => Kind::Fisher(ratio(|pair| pair.0.quantity), ratio(|pair| pair.1.quantity)),
        IndexFormula::Walsh => Kind::Ratio(ratio(|pair| pair.0.quantity.sqrt() * pair.1.quantity.sqrt())),
        IndexFormula::Dutot => Kind::Ratio(ratio(|_| 1.0)),
        IndexFormula::Carli => Kind::Ratio(ratio(|pair| 1.0 / pair.0.price)),
        IndexFormula::Jevons => Kind::Logs(vec![1.0 / pairs.len() as f64; pairs.len()]),
        IndexFormula::Tornqvist => Kind::Logs(shares(pairs, |a, b| 0.5 * (a + b))),
        IndexFormula::SatoVartia => Kind::Logs(shares(pairs, logarithmic_mean)),
    }
}

/// Weights made of both periods' shares of revenue, adding up to 1.
fn shares(pairs: &[Pair], mean: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let total = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0.value(), sum.1 + pair.1.value()));
    let weights: Vec<f64> = pairs.iter().map(|pair| mean(pair.0.value() / total.0, pair.1.value() / total.1)).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// (a − b) / (ln a − ln b); a where both are equal.
pub(crate) fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let relative = (a - b) / b;
    // Near equality the quotient is 0/0; the series b(1 + x/2 − x²/12) is exact there.
    if relative.abs() < 1e-5 { b * (1.0 + relative / 2.0 - relative * relative / 12.0) } else { (a - b) / (a / b).ln() }
}

fn log_relative(pair: &Pair) -> f64 {
    (pair.1.price / pair.0.price).ln()
}

fn weighted(pairs: &[Pair], weights: &[f64]) -> f64 {
    pairs.iter().zip(weights).map(|(pair, weight)| weight * log_relative(pair)).sum()
}

fn log_ratio(terms: &[(f64, f64)]) -> f64 {
    let (above, below) = totals(terms);
    (above / below).ln()
}

fn ratio_influences(terms: &[(f64, f64)]) -> Vec<Influence> {
    let (above, below) = totals(terms);
    let of = |term: &(f64, f64)| {
        let (after, before) = (term.0 / above, term.1 / below);
        Influence { weight: f64::midpoint(after, before), moves: after - before }
    };
    terms.iter().map(of).collect()
}

fn totals(terms: &[(f64, f64)]) -> (f64, f64) {
    terms.iter().fold((0.0, 0.0), |sum, term| (sum.0 + term.0, sum.1 + term.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(rows: &[(f64, f64, f64, f64)]) -> Vec<Pair> {
        let good = |product: usize, price, quantity| Good { product: product as u32, price, quantity };
        rows.iter().enumerate().map(|(at, row)| (good(at, row.0, row.1), good(at, row.2, row.3))).collect()
    }

    fn index(formula: IndexFormula, pairs: &[Pair]) -> f64 {
        log_index(formula, pairs).exp()
    }

    #[test]
    fn formulas_give_what_hand_computation_gives() {
        // Two products: prices 10 and 4, then 12 and 3; quantities 5 and 10, then 4 and 20.
        let two = pairs(&[(10.0, 5.0, 12.0, 4.0), (4.0, 10.0, 3.0, 20.0)]);
        let close = |formula, expected: f64| assert!((index(formula, &two) - expected).abs() < 1e-14, "{formula:?}");
        close(IndexFormula::Laspeyres, (12.0 * 5.0 + 3.0 * 10.0) / (10.0 * 5.0 + 4.0 * 10.0)); // 90 / 90
        close(IndexFormula::Paasche, (12.0 * 4.0 + 3.0 * 20.0) / (10.0 * 4.0 + 4.0 * 20.0)); // 108 / 120
        close(IndexFormula::Fisher, 0.9f64.sqrt());
        close(IndexFormula::Jevons, (1.2f64 * 0.75).sqrt());
        close(IndexFormula::Dutot, 15.0 / 14.0);
        close(IndexFormula::Carli, 0.975);
        let walsh = [20f64.sqrt(), 200f64.sqrt()];
        close(IndexFormula::Walsh, (12.0 * walsh[0] + 3.0 * walsh[1]) / (10.0 * walsh[0] + 4.0 * walsh[1]));
        let (s0, s1) = (50.0 / 90.0, 48.0 / 108.0);
        let share = f64::midpoint(s0, s1);
        close(IndexFormula::Tornqvist, 1.2f64.powf(share) * 0.75f64.powf(1.0 - share));
        let mean = |a: f64, b: f64| (a - b) / (a.ln() - b.ln());
        let (w, v) = (mean(s1, s0), mean(1.0 - s1, 1.0 - s0));
        close(IndexFormula::SatoVartia, (1.2f64.ln() * w / (w + v) + 0.75f64.ln() * v / (w + v)).exp());
    }

    fn any_pairs() -> impl Strategy<Value = Vec<Pair>> {
        let positive = 0.01..100.0f64;
        prop::collection::vec((positive.clone(), positive.clone(), positive.clone(), positive), 1..20)
            .prop_map(|rows| pairs(&rows))
    }

    proptest! {
        #[test]
        fn an_index_of_equal_prices_is_one_and_of_scaled_prices_the_scale(pairs in any_pairs(), scale in 0.1..10.0f64) {
            for formula in IndexFormula::ALL {
                let same: Vec<Pair> = pairs.iter().map(|pair| (pair.0, Good { price: pair.0.price, ..pair.1 })).collect();
                prop_assert!(log_index(formula, &same).abs() < 1e-12, "{formula:?}");
                let times: Vec<Pair> = pairs.iter().map(|pair| (pair.0, Good { price: scale * pair.1.price, ..pair.1 })).collect();
                // The shares of Törnqvist and Sato–Vartia do not change when all prices do.
                prop_assert!((log_index(formula, &times) - log_index(formula, &pairs) - scale.ln()).abs() < 1e-12, "{formula:?}");
            }
        }

        #[test]
        fn fisher_is_the_geometric_mean_of_laspeyres_and_paasche(pairs in any_pairs()) {
            let product = index(IndexFormula::Laspeyres, &pairs) * index(IndexFormula::Paasche, &pairs);
            prop_assert!((index(IndexFormula::Fisher, &pairs) / product.sqrt() - 1.0).abs() < 1e-12);
        }

        #[test]
        fn reversible_formulas_go_back_where_they_came_from(pairs in any_pairs()) {
            let back: Vec<Pair> = pairs.iter().map(|pair| (pair.1, pair.0)).collect();
            for formula in IndexFormula::ALL.into_iter().filter(|formula| formula.is_reversible()) {
                prop_assert!((log_index(formula, &pairs) + log_index(formula, &back)).abs() < 1e-12, "{formula:?}");
            }
            prop_assert!((log_index(IndexFormula::Laspeyres, &pairs) + log_index(IndexFormula::Paasche, &back)).abs() < 1e-12);
        }

        #[test]
        fn influences_add_up_to_nothing(pairs in any_pairs()) {
            for formula in IndexFormula::ALL {
                prop_assert!(influences(formula, &pairs).iter().map(|found| found.moves).sum::<f64>().abs() < 1e-9, "{formula:?}");
            }
        }
    }
}
