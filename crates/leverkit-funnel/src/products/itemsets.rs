//! Frequent sets of products by Eclat (Zaki 2000): sets grow product by product, each with the list of its orders.

use leverkit_core::stats::budget::{self, Watched};
use leverkit_stats::least_count;
use rayon::prelude::*;
use serde::Serialize;

use crate::products::baskets::{Baskets, Index};

/// A set of products that are bought together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Itemset {
    /// Their codes, ascending.
    pub products: Vec<u32>,
    /// Orders with all of them.
    pub count: u64,
    /// How many of these orders there are of each size, by size.
    #[serde(skip)]
    pub(crate) sizes: Vec<(usize, u64)>,
}

/// All sets of 1 to `max_size` products in at least a share `min_support` of `n` orders.
pub(crate) fn larger(baskets: &Baskets, index: &Index, min_support: f64, max_size: usize, n: u64) -> Vec<Itemset> {
    let least = least_count(min_support, n).max(1) as usize;
    let frequent: Vec<u32> =
        (0..baskets.n_products() as u32).filter(|product| index.of(*product as usize).len() >= least).collect();
    let found: Vec<Vec<Itemset>> = frequent
        .par_iter()
        .watched()
        .enumerate()
        .map(|(place, &first)| {
            let mut found = Vec::new();
            let orders = index.of(first as usize);
            found.push(itemset(baskets, vec![first], orders));
            let candidates = extend(orders, frequent[place + 1..].iter().map(|p| (*p, index.of(*p as usize))), least);
            grow(baskets, &[first], &candidates, least, max_size, &mut found);
            found
        })
        .collect();
    let mut sets: Vec<Itemset> = found.into_iter().flatten().collect();
    sets.sort_by(|a, b| a.products.len().cmp(&b.products.len()).then(a.products.cmp(&b.products)));
    sets
}

/// A product and the orders that it shares with the set before it.
type Candidate = (u32, Vec<u32>);

fn grow(
    baskets: &Baskets,
    set: &[u32],
    candidates: &[Candidate],
    least: usize,
    max_size: usize,
    found: &mut Vec<Itemset>,
) {
    if set.len() >= max_size {
        return;
    }
    for (place, (product, orders)) in candidates.iter().enumerate() {
        let next: Vec<u32> = set.iter().copied().chain([*product]).collect();
        found.push(itemset(baskets, next.clone(), orders));
        if next.len() < max_size {
            let others = candidates[place + 1..].iter().map(|(product, orders)| (*product, orders.as_slice()));
            grow(baskets, &next, &extend(orders, others, least), least, max_size, found);
        }
    }
}

fn itemset(baskets: &Baskets, products: Vec<u32>, orders: &[u32]) -> Itemset {
    let mut sizes: Vec<usize> = orders.iter().map(|order| baskets.order(*order as usize).len()).collect();
    sizes.sort_unstable();
    let sizes = sizes.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect();
    Itemset { sizes, products, count: orders.len() as u64 }
}

/// Products that share enough of the orders.
fn extend<'a>(orders: &[u32], others: impl Iterator<Item = (u32, &'a [u32])>, least: usize) -> Vec<Candidate> {
    others
        .map(|(product, other)| {
            budget::check();
            (product, shared(orders, other))
        })
        .filter(|(_, shared)| shared.len() >= least)
        .collect()
}

/// Values of both ascending lists: the shorter one is walked, the longer one searched ahead.
fn shared(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (short, mut long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut found = Vec::new();
    for &value in short {
        let mut step = 1;
        while step < long.len() && long[step] < value {
            step *= 2;
        }
        let ahead = &long[..long.len().min(step + 1)];
        let place = ahead.partition_point(|other| *other < value);
        long = &long[place..];
        match long.first() {
            Some(other) if *other == value => found.push(value),
            Some(_) => {}
            None => break,
        }
    }
    found
}
