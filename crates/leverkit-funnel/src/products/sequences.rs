//! Sequences across orders by `PrefixSpan` (Pei et al. 2004): what is bought in one order, then in a later one, and so on.

use std::collections::HashMap;

use leverkit_core::stats::budget::{self, Watched};
use leverkit_core::{Column, Day, Ledger, Params};
use leverkit_stats::least_count;
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::products::baskets::{Baskets, Index, products};
use crate::products::params::SequenceParams;

/// Sequences, the most frequent first.
#[derive(Debug, Clone, Serialize)]
pub struct Sequences {
    /// What they were found with.
    pub params: SequenceParams,
    /// The sequences.
    pub patterns: Vec<Pattern>,
    /// Customers with an order.
    pub n_customers: u64,
    /// What was left out.
    pub notes: Vec<String>,
    #[serde(skip)]
    pub(crate) names: Column,
}

/// Products bought one after the other, each in a later order than the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// Their codes, in time order.
    pub products: Vec<u32>,
    /// Customers who have it.
    pub customers: u64,
    /// Whether no longer sequence that holds it was found with as many customers.
    pub is_closed: bool,
}

/// Finds sequences of products across customers' orders.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for a support, length or gap out of range, or a ledger without products.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_funnel::{SequenceParams, sequences};
/// let lines = batch!("c" => [1, 1, 2, 2, 3], "t" => ["2024-01-01", "2024-01-11", "2024-01-01", "2024-03-06", "2024-01-01"],
///     "a" => [10.0; 5], "p" => ["tea", "cup", "tea", "cup", "tea"])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles { product: Some("p".into()), ..Roles::new("c", "t").amount("a") })?;
/// let found = sequences(&ledger, &SequenceParams { min_support: Some(0.5), ..SequenceParams::default() })?;
/// assert_eq!(found.patterns.len(), 3); // tea, cup, and tea then cup
/// let near = sequences(&ledger, &SequenceParams { min_support: Some(0.3), max_gap: Some(30), ..SequenceParams::default() })?;
/// assert_eq!(near.patterns.last().map(|pattern| pattern.customers), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sequences(ledger: &Ledger, params: &SequenceParams) -> Result<Sequences, Error> {
    params.check()?;
    let names = products(ledger)?.dictionary.values().clone();
    let baskets = Baskets::of(ledger)?;
    let n_customers = ledger.order_offsets().windows(2).filter(|pair| pair[0] < pair[1]).count();
    let index = baskets.by_product();
    let mine = |least: usize| mine(&Miner::new(ledger, &baskets, params, least), &index);
    let mut notes = Vec::new();
    let patterns = match params.min_support {
        Some(share) => mine(least_count(share, n_customers as u64).max(1) as usize),
        None => most_supported(mine, n_customers, &mut notes),
    };
    Ok(Sequences { params: params.clone(), patterns, n_customers: n_customers as u64, notes, names })
}

/// So many sequences are told where nobody says how many customers they must have.
const MOST: usize = 1000;
/// What fewer customers have is no habit.
const FEWEST: usize = 2;

/// The closed sequences that most customers have. What is asked of them is lowered by a fifth from all customers on until enough are found.
fn most_supported(mine: impl Fn(usize) -> Vec<Pattern>, customers: usize, notes: &mut Vec<String>) -> Vec<Pattern> {
    let mut least = customers.max(FEWEST);
    loop {
        let mut patterns = mine(least);
        patterns.retain(|pattern| pattern.is_closed);
        if patterns.len() < MOST && least > FEWEST {
            least = (least * 4 / 5).max(FEWEST);
            continue;
        }
        if patterns.len() > MOST {
            patterns.truncate(MOST);
            notes.push(format!(
                "These are the {MOST} closed sequences that most customers have, the last {last} of {customers}; min_support shows all from a share of customers on, closed or not.",
                last = patterns[MOST - 1].customers,
            ));
        }
        return patterns;
    }
}

/// All sequences that enough customers have, the most frequent first.
fn mine(miner: &Miner<'_>, index: &Index) -> Vec<Pattern> {
    let (baskets, least) = (miner.baskets, miner.least);
    let found: Vec<Vec<Pattern>> = (0..baskets.n_products() as u32)
        .into_par_iter()
        .watched()
        .map_init(
            || Room::new(baskets.n_products()),
            |room, product| {
                let mut found = Vec::new();
                let places = miner.first(index.of(product as usize));
                if places.customers() >= least {
                    miner.grow(room, &mut vec![product], &places, &mut found);
                }
                found
            },
        )
        .collect();
    let mut patterns: Vec<Pattern> = found.into_iter().flatten().collect();
    close(&mut patterns);
    patterns.sort_by(|a, b| {
        b.customers.cmp(&a.customers).then(a.products.len().cmp(&b.products.len())).then(a.products.cmp(&b.products))
    });
    patterns
}

/// Where customers have come to with a sequence: the orders at which it may end, customer by customer.
#[derive(Default)]
struct Places {
    /// Where each customer's orders begin in `orders`.
    starts: Vec<u32>,
    orders: Vec<u32>,
}

impl Places {
    fn customers(&self) -> usize {
        self.starts.len()
    }

    fn each(&self) -> impl Iterator<Item = &[u32]> {
        let ends = self.starts.iter().skip(1).copied().chain([self.orders.len() as u32]);
        self.starts.iter().zip(ends).map(|(&start, end)| &self.orders[start as usize..end as usize])
    }
}

struct Miner<'a> {
    baskets: &'a Baskets,
    order_days: &'a [Day],
    /// The order after the customer's last, for each order.
    ends: Vec<u32>,
    params: &'a SequenceParams,
    least: usize,
}

/// What a thread reuses: by product, who was counted last, and how many.
struct Room {
    counted: Vec<u32>,
    counts: Vec<u32>,
}

impl Room {
    fn new(products: usize) -> Self {
        Self { counted: vec![u32::MAX; products], counts: vec![0; products] }
    }
}

impl<'a> Miner<'a> {
    fn new(ledger: &'a Ledger, baskets: &'a Baskets, params: &'a SequenceParams, least: usize) -> Self {
        let mut ends = vec![0; ledger.n_orders()];
        for pair in ledger.order_offsets().windows(2) {
            ends[pair[0] as usize..pair[1] as usize].fill(pair[1]);
        }
        Self { baskets, order_days: ledger.order_days(), ends, params, least }
    }

    /// The orders with a product, by customer. Without a limit to gaps the first of each tells all.
    fn first(&self, orders: &[u32]) -> Places {
        let mut places = Places::default();
        let mut last = None;
        for &order in orders {
            let customer = self.ends[order as usize];
            if last != Some(customer) {
                places.starts.push(places.orders.len() as u32);
            } else if self.params.max_gap.is_none() {
                continue;
            }
            places.orders.push(order);
            last = Some(customer);
        }
        places
    }

    fn grow(&self, room: &mut Room, sequence: &mut Vec<u32>, places: &Places, found: &mut Vec<Pattern>) {
        found.push(Pattern { products: sequence.clone(), customers: places.customers() as u64, is_closed: true });
        if sequence.len() >= self.params.max_length {
            return;
        }
        for (product, next) in self.extensions(room, places) {
            sequence.push(product);
            self.grow(room, sequence, &next, found);
            sequence.pop();
        }
    }

    /// Products that enough customers bought after the sequence, and where they have come to with them.
    fn extensions(&self, room: &mut Room, places: &Places) -> Vec<(u32, Places)> {
        let mut touched: Vec<u32> = Vec::new();
        for (customer, ends) in (0..).zip(places.each()) {
            budget::check();
            self.for_each_later(ends, |order| {
                for &product in self.baskets.order(order as usize) {
                    if room.counted[product as usize] != customer {
                        if room.counts[product as usize] == 0 {
                            touched.push(product);
                        }
                        room.counted[product as usize] = customer;
                        room.counts[product as usize] += 1;
                    }
                }
            });
        }
        let mut frequent: Vec<u32> =
            touched.iter().copied().filter(|product| room.counts[*product as usize] as usize >= self.least).collect();
        frequent.sort_unstable();
        for product in touched {
            room.counts[product as usize] = 0;
            room.counted[product as usize] = u32::MAX;
        }
        let place_of: HashMap<u32, usize> =
            frequent.iter().enumerate().map(|(place, product)| (*product, place)).collect();
        let mut next: Vec<Places> = frequent.iter().map(|_| Places::default()).collect();
        let mut last = vec![u32::MAX; frequent.len()];
        for (customer, ends) in (0..).zip(places.each()) {
            budget::check();
            self.for_each_later(ends, |order| {
                for product in self.baskets.order(order as usize) {
                    let Some(&place) = place_of.get(product) else { continue };
                    let next = &mut next[place];
                    if last[place] != customer {
                        next.starts.push(next.orders.len() as u32);
                        last[place] = customer;
                    } else if self.params.max_gap.is_none() {
                        continue;
                    }
                    next.orders.push(order);
                }
            });
        }
        frequent.into_iter().zip(next).collect()
    }

    /// Later orders within the gap of any of the ends, each once, ascending.
    fn for_each_later(&self, ends: &[u32], mut visit: impl FnMut(u32)) {
        let Some(&first) = ends.first() else { return };
        let until = self.ends[first as usize];
        let Some(gap) = self.params.max_gap else {
            return (first + 1..until).for_each(visit);
        };
        let mut next = first + 1;
        for &end in ends {
            let last_day = self.order_days[end as usize] + gap as i32;
            next = next.max(end + 1);
            while next < until && self.order_days[next as usize] <= last_day {
                visit(next);
                next += 1;
            }
        }
    }
}

/// Marks sequences that a longer one with as many customers holds.
fn close(patterns: &mut [Pattern]) {
    let place_of: HashMap<Vec<u32>, usize> =
        patterns.iter().enumerate().map(|(place, pattern)| (pattern.products.clone(), place)).collect();
    let mut held = Vec::new();
    for pattern in patterns.iter().filter(|pattern| pattern.products.len() > 1) {
        budget::check();
        for skip in 0..pattern.products.len() {
            let mut shorter = pattern.products.clone();
            shorter.remove(skip);
            held.extend(place_of.get(&shorter).filter(|&&place| patterns[place].customers == pattern.customers));
        }
    }
    held.into_iter().for_each(|place: usize| patterns[place].is_closed = false);
}
