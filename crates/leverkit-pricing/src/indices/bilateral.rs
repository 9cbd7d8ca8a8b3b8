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

/// What a matched product has to do with the logarithm of an index.
#[derive(Clone, Copy)]
pub(crate) struct Influence {
    /// Its weight; all add up to 1.
    pub(crate) weight: f64,
    /// By how much it moves the logarithm, its weight taken as given; all add up to 0.
    pub(crate) moves: f64,
}

/// A formula over the matched products of two periods, with what it adds up over them: the influence of a product follows without the others.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bilateral {
    /// Σp₁w / Σp₀w, w the weight of a product.
    Ratio(fn(&Pair) -> f64, Terms),
    /// Laspeyres and Paasche.
    Fisher(Terms, Terms),
    /// A weighted mean of ln p₁/p₀.
    Logs(Logs),
}

/// A numerator and a denominator, or a product's part of them.
type Terms = (f64, f64);

impl Bilateral {
    /// The formula over these products; `None` without any.
    pub(crate) fn of(formula: IndexFormula, pairs: &[Pair]) -> Option<Self> {
        let ratio = |weight: fn(&Pair) -> f64| Self::Ratio(weight, totals(pairs, weight));
        (!pairs.is_empty()).then(|| match formula {
            IndexFormula::Laspeyres => ratio(earlier_quantity),
            IndexFormula::Paasche => ratio(later_quantity),
            IndexFormula::Fisher => Self::Fisher(totals(pairs, earlier_quantity), totals(pairs, later_quantity)),
            IndexFormula::Walsh => ratio(|pair| pair.0.quantity.sqrt() * pair.1.quantity.sqrt()),
            IndexFormula::Dutot => ratio(|_| 1.0),
            IndexFormula::Carli => ratio(|pair| 1.0 / pair.0.price),
            IndexFormula::Jevons => Self::Logs(Logs::of(pairs, |_, _| 1.0)),
            IndexFormula::Tornqvist => Self::Logs(Logs::of(pairs, |a, b| 0.5 * (a + b))),
            IndexFormula::SatoVartia => Self::Logs(Logs::of(pairs, logarithmic_mean)),
        })
    }

    /// The logarithm of the index.
    pub(crate) fn log(&self) -> f64 {
        let log_ratio = |total: Terms| (total.0 / total.1).ln();
        match *self {
            Self::Ratio(_, total) => log_ratio(total),
            Self::Fisher(laspeyres, paasche) => 0.5 * (log_ratio(laspeyres) + log_ratio(paasche)),
            Self::Logs(logs) => logs.mean,
        }
    }

    /// The influence of one of the products.
    pub(crate) fn influence(&self, pair: &Pair) -> Influence {
        match self {
            Self::Ratio(weight, total) => of_ratio(terms(pair, weight), *total),
            Self::Fisher(laspeyres, paasche) => {
                let one = of_ratio(terms(pair, earlier_quantity), *laspeyres);
                let other = of_ratio(terms(pair, later_quantity), *paasche);
                Influence {
                    weight: f64::midpoint(one.weight, other.weight),
                    moves: f64::midpoint(one.moves, other.moves),
                }
            }
            Self::Logs(logs) => {
                let weight = logs.weight(pair);
                Influence { weight, moves: weight * (log_relative(pair) - logs.mean) }
            }
        }
    }
}

/// A weighted mean of logarithms, with weights made of both periods' shares of revenue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Logs {
    /// What a product's shares make of its weight.
    of_shares: fn(f64, f64) -> f64,
    revenue: (f64, f64),
    /// The sum of what shares make.
    weights: f64,
    mean: f64,
}

impl Logs {
    fn of(pairs: &[Pair], of_shares: fn(f64, f64) -> f64) -> Self {
        let revenue = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0.value(), sum.1 + pair.1.value()));
        let mut logs = Self { of_shares, revenue, weights: 1.0, mean: 0.0 };
        logs.weights = pairs.iter().map(|pair| logs.weight(pair)).sum();
        logs.mean = pairs.iter().map(|pair| logs.weight(pair) * log_relative(pair)).sum();
        logs
    }

    /// The weight of a product; all add up to 1.
    fn weight(&self, pair: &Pair) -> f64 {
        (self.of_shares)(pair.0.value() / self.revenue.0, pair.1.value() / self.revenue.1) / self.weights
    }
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

fn earlier_quantity(pair: &Pair) -> f64 {
    pair.0.quantity
}

fn later_quantity(pair: &Pair) -> f64 {
    pair.1.quantity
}

fn terms(pair: &Pair, weight: impl Fn(&Pair) -> f64) -> Terms {
    (pair.1.price * weight(pair), pair.0.price * weight(pair))
}

fn totals(pairs: &[Pair], weight: impl Fn(&Pair) -> f64) -> Terms {
    pairs.iter().map(|pair| terms(pair, &weight)).fold((0.0, 0.0), |sum, term| (sum.0 + term.0, sum.1 + term.1))
}

fn of_ratio(term: Terms, total: Terms) -> Influence {
    let (after, before) = (term.0 / total.0, term.1 / total.1);
    Influence { weight: f64::midpoint(after, before), moves: after - before }
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

    fn log_index(formula: IndexFormula, pairs: &[Pair]) -> f64 {
        Bilateral::of(formula, pairs).unwrap().log()
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
                let found = Bilateral::of(formula, &pairs).unwrap();
                prop_assert!(pairs.iter().map(|pair| found.influence(pair).moves).sum::<f64>().abs() < 1e-9, "{formula:?}");
            }
        }
    }
}
