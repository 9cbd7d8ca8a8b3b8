//! What is bought together: pairs judged by an exact test instead of a minimum support, and larger sets of products.

use std::collections::HashMap;
use std::ops::Range;

use leverkit_core::{Column, Ledger, Params};
use leverkit_stats::tails::{ln_pmf, poisson};
use leverkit_stats::{at_most, benjamini_hochberg_of, room, sums};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::products::baskets::{Baskets, products};
use crate::products::chance::Chance;
use crate::products::itemsets::{Itemset, larger};
use crate::products::params::RuleParams;
use crate::products::together;

/// Basket rules, the most margin first.
#[derive(Debug, Clone, Serialize)]
pub struct BasketRules {
    /// What they were found with.
    pub params: RuleParams,
    /// The rules.
    pub rules: Vec<BasketRule>,
    /// Sets of products that reach the minimum support, where larger ones than pairs were asked for.
    pub itemsets: Vec<Itemset>,
    /// Orders with a known product.
    pub n_orders: u64,
    /// Pairs that could have been bought together.
    pub tests: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    #[serde(skip)]
    pub(crate) names: Column,
}

/// Who buys `antecedent` buys `consequent` too.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BasketRule {
    /// Codes of the products on one side.
    pub antecedent: Vec<u32>,
    /// The code of the product on the other.
    pub consequent: u32,
    /// Orders with all of them.
    pub count: u64,
    /// Orders that chance would bring, given how often each product is bought and how large orders are.
    pub expected: f64,
    /// Their share of all orders.
    pub support: f64,
    /// Share of orders with the antecedent that hold the consequent.
    pub confidence: f64,
    /// Confidence over the share of all orders that hold the consequent.
    pub lift: f64,
    /// Support minus that of independent products (Piatetsky-Shapiro 1991).
    pub leverage: f64,
    /// (1 − share of the consequent) ÷ (1 − confidence) (Brin et al. 1997); infinite where confidence is 1.
    pub conviction: f64,
    /// Zhang's metric (2000), from −1 to 1.
    pub zhang: f64,
    /// Chance of as many orders or more if products were independent, given both: at most that of the Poisson distribution, which this is.
    pub p_value: f64,
    /// Among all pairs, by Benjamini & Hochberg.
    pub q_value: f64,
    /// Orders beyond those of chance, times the consequent's average margin in an order: money; 0 where the lift is not above 1.
    pub margin: f64,
    /// The consequent's average margin in an order that holds it: money.
    pub each: f64,
    /// Its standard error; orders of one customer are drawn together.
    pub each_error: f64,
}

/// Finds what is bought together more often than chance would have it, the most money first.
///
/// The null: products are independent, each is bought as often as it is, and orders have the sizes that they have (the Rasch model,
/// conditional on the sizes).
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for shares out of range or a ledger without products; [`Error::NothingToFollow`]
/// without an order of known products.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_funnel::{RuleParams, basket_rules};
/// // Of 200 orders a half holds tea and milk together, the other half bread alone.
/// let rows: Vec<(i32, &str)> = (0..200).flat_map(|n| if n % 2 == 0 { vec![(n, "tea"), (n, "milk")] } else { vec![(n, "bread")] }).collect();
/// let lines = batch!("c" => rows.iter().map(|row| row.0).collect::<Vec<_>>(), "t" => vec!["2024-01-01"; rows.len()],
///     "a" => vec![5.0; rows.len()], "p" => rows.iter().map(|row| row.1).collect::<Vec<_>>())?;
/// let ledger = Ledger::from_batches(&[lines], &Roles { product: Some("p".into()), ..Roles::new("c", "t").amount("a") })?;
/// let found = basket_rules(&ledger, &RuleParams::default())?;
/// assert!(found.rules.iter().all(|rule| rule.count == 100));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn basket_rules(ledger: &Ledger, params: &RuleParams) -> Result<BasketRules, Error> {
    params.check()?;
    let names = products(ledger)?.dictionary.values().clone();
    let baskets = Baskets::of(ledger)?;
    let market = Market::new(ledger, &baskets)?;
    let tests = market.tests();
    let mut pairs = pairs(&baskets, &market, params.fdr);
    let p_values: Vec<f64> = pairs.iter().map(|pair| pair.p_value).collect();
    for (pair, q) in pairs.iter_mut().zip(benjamini_hochberg_of(&p_values, tests)) {
        pair.q_value = q;
    }
    pairs.retain(|pair| at_most(pair.q_value, params.fdr));
    let mut rules = market.rules_of_pairs(&pairs);
    let mut itemsets = Vec::new();
    if params.max_size > 2 {
        itemsets = larger(&baskets, &baskets.by_product(), params.min_support, params.max_size, market.n as u64);
        rules.extend(market.larger_rules(&itemsets, params.fdr));
        rules.par_sort_by(|a, b| {
            let by_products = || (&a.antecedent, a.consequent).cmp(&(&b.antecedent, b.consequent));
            b.margin.total_cmp(&a.margin).then_with(by_products)
        });
    }
    let notes = market.chance.note().into_iter().collect();
    Ok(BasketRules { params: params.clone(), rules, itemsets, n_orders: market.n as u64, tests, notes, names })
}

/// How often each product is bought, and how large orders are.
struct Market {
    /// Orders with each product.
    frequencies: Vec<u32>,
    chance: Chance,
    /// Average margin of each product in the orders that hold it.
    margins: Vec<f64>,
    /// The standard errors of these.
    errors: Vec<f64>,
    /// Orders with a known product.
    n: f64,
}

#[derive(Clone, Copy)]
struct Pair {
    products: (u32, u32),
    count: u64,
    expected: f64,
    p_value: f64,
    q_value: f64,
}

impl Market {
    fn new(ledger: &Ledger, baskets: &Baskets) -> Result<Self, Error> {
        let mut frequencies = vec![0_u32; baskets.n_products()];
        let mut margins = vec![0.0; baskets.n_products()];
        // How many orders there are of each size.
        let mut sizes = vec![0; baskets.n_products() + 1];
        for order in 0..baskets.n_orders() {
            let products = baskets.order(order);
            sizes[products.len()] += 1;
            for (&product, margin) in products.iter().zip(baskets.margins(order)) {
                frequencies[product as usize] += 1;
                margins[product as usize] += margin;
            }
        }
        let n: u64 = sizes[1..].iter().sum();
        if n == 0 {
            let reason = "no order holds a known product; look at the ledger's quality".into();
            return Err(Error::NothingToFollow { reason });
        }
        for (margin, frequency) in margins.iter_mut().zip(&frequencies) {
            *margin /= f64::from((*frequency).max(1));
        }
        let chance = Chance::of(&frequencies, &sizes);
        let errors = margin_errors(ledger, baskets, &frequencies, &margins);
        Ok(Self { frequencies, chance, margins, errors, n: n as f64 })
    }

    fn frequency(&self, product: u32) -> f64 {
        f64::from(self.frequencies[product as usize])
    }

    /// Pairs of products that are bought at all.
    fn tests(&self) -> u64 {
        let bought = self.frequencies.iter().filter(|frequency| **frequency > 0).count() as u64;
        bought * bought.saturating_sub(1) / 2
    }

    /// The rules of pairs both ways, the most margin first. Pairs are sorted, and not rules, which are many times larger; they move with their margins, as to look
    /// each up afterwards would wait for memory.
    fn rules_of_pairs(&self, pairs: &[Pair]) -> Vec<BasketRule> {
        let one_way = |at: usize| {
            let Pair { products: (a, b), count, expected, .. } = pairs[at / 2];
            let (from, to) = if at.is_multiple_of(2) { (a, b) } else { (b, a) };
            (self.margin(count, expected, self.frequency(from), to), Pair { products: (from, to), ..pairs[at / 2] })
        };
        let mut ways = room(2 * pairs.len());
        (0..2 * pairs.len()).into_par_iter().map(one_way).collect_into_vec(&mut ways);
        ways.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.products.cmp(&b.1.products)));
        let rule = |(_, pair): &(f64, Pair)| {
            let (from, to) = pair.products;
            let rule = self.rule(vec![from], self.frequency(from), to, pair.count, pair.expected);
            BasketRule { p_value: pair.p_value, q_value: pair.q_value, ..rule }
        };
        let mut rules = room(ways.len());
        ways.par_iter().map(rule).collect_into_vec(&mut rules);
        rules
    }

    /// The consequent's margin beyond chance.
    fn margin(&self, count: u64, expected: f64, n_antecedent: f64, consequent: u32) -> f64 {
        let lift = count as f64 / n_antecedent / (self.frequency(consequent) / self.n);
        let surplus = if at_most(lift, 1.0) { 0.0 } else { count as f64 - expected };
        surplus * self.margins[consequent as usize]
    }

    fn rule(&self, antecedent: Vec<u32>, n_antecedent: f64, consequent: u32, count: u64, expected: f64) -> BasketRule {
        let (all, share_of_a) = (count as f64 / self.n, n_antecedent / self.n);
        let share_of_b = self.frequency(consequent) / self.n;
        let confidence = count as f64 / n_antecedent;
        let leverage = all - share_of_a * share_of_b;
        let lift = confidence / share_of_b;
        let widest = f64::max(all * (1.0 - share_of_a), share_of_a * (share_of_b - all));
        BasketRule {
            antecedent,
            consequent,
            count,
            expected,
            support: all,
            confidence,
            lift,
            leverage,
            conviction: (1.0 - share_of_b) / (1.0 - confidence),
            zhang: if widest == 0.0 { 0.0 } else { leverage / widest },
            p_value: 1.0,
            q_value: 1.0,
            margin: self.margin(count, expected, n_antecedent, consequent),
            each: self.margins[consequent as usize],
            each_error: self.errors[consequent as usize],
        }
    }

    /// Rules of sets of three and more with one consequent: it is expected in the orders with the antecedent as often as chance puts it beside these
    /// products.
    fn larger_rules(&self, itemsets: &[Itemset], fdr: f64) -> Vec<BasketRule> {
        let known: HashMap<&[u32], &Itemset> = itemsets.iter().map(|set| (set.products.as_slice(), set)).collect();
        let mut rules = Vec::new();
        for set in itemsets.iter().filter(|set| set.products.len() > 2) {
            for place in 0..set.products.len() {
                let mut antecedent = set.products.clone();
                let consequent = antecedent.remove(place);
                let Some(side) = known.get(antecedent.as_slice()) else { continue };
                let beside = |size: usize| self.chance.beside(consequent, &antecedent, size);
                let expected = side.sizes.iter().map(|(size, orders)| *orders as f64 * beside(*size)).sum();
                let mut rule = self.rule(antecedent, side.count as f64, consequent, set.count, expected);
                rule.p_value = poisson(set.count, expected);
                rules.push(rule);
            }
        }
        let p_values: Vec<f64> = rules.iter().map(|rule| rule.p_value).collect();
        let q_values = benjamini_hochberg_of(&p_values, p_values.len() as u64);
        rules.iter_mut().zip(q_values).for_each(|(rule, q)| rule.q_value = q);
        rules.retain(|rule| at_most(rule.q_value, fdr));
        rules
    }
}

/// The standard errors of products' margins in an order, of customers drawn anew: ratios of two sums over them. Of one customer alone it is taken to be as great as the
/// margin.
fn margin_errors(ledger: &Ledger, baskets: &Baskets, frequencies: &[u32], margins: &[f64]) -> Vec<f64> {
    let size = margins.len();
    let add = |customers: Range<usize>, table: &mut Vec<f64>| add_squares(ledger, baskets, margins, customers, table);
    let found = sums(ledger.n_customers(), 2 * size, || vec![0.0; 2 * size], add);
    let (customers, squares) = found.split_at(size);
    let error = |product: usize| {
        let (n, orders) = (customers[product], f64::from(frequencies[product]));
        if n < 2.0 { margins[product].abs() } else { (squares[product] * n / (n - 1.0)).sqrt() / orders }
    };
    (0..size).map(error).collect()
}

/// Adds up, for each product, the customers who bought it, and after all of these the squares of how far their orders' margins together are from the mean.
fn add_squares(ledger: &Ledger, baskets: &Baskets, means: &[f64], customers: Range<usize>, table: &mut [f64]) {
    let (bought, squares) = table.split_at_mut(means.len());
    let (mut away, mut touched) = (vec![None; means.len()], Vec::new());
    for customer in customers {
        let orders = &ledger.order_offsets()[customer..=customer + 1];
        for order in orders[0] as usize..orders[1] as usize {
            for (&product, margin) in baskets.order(order).iter().zip(baskets.margins(order)) {
                let known = away[product as usize].get_or_insert_with(|| {
                    touched.push(product as usize);
                    0.0
                });
                *known += margin - means[product as usize];
            }
        }
        for product in touched.drain(..) {
            bought[product] += 1.0;
            squares[product] += away[product].take().unwrap_or(0.0_f64).powi(2);
        }
    }
}

/// All pairs that may turn out significant. A p-value is at least the chance of exactly that count: where this alone exceeds the share of
/// false discoveries, the pair cannot pass, and its tail is not added up.
fn pairs(baskets: &Baskets, market: &Market, fdr: f64) -> Vec<Pair> {
    together::pairs(baskets, |first, second, count| {
        let (count, expected) = (u64::from(count), market.chance.pair(first, second));
        let is_open = fdr >= 1.0 || (count as f64 > expected && at_most(ln_pmf(count, expected).exp(), fdr));
        let pair =
            || Pair { products: (first, second), count, expected, p_value: poisson(count, expected), q_value: 1.0 };
        is_open.then(pair)
    })
}
