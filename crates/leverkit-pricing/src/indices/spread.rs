//! How far the index of each period is spread if products are a sample.
//!
//! Products are gone through one by one: a product's influence on the index between two periods is computed once, for all periods whose index has that link.

use leverkit_core::stats::WeightedSpread;
use leverkit_core::stats::budget::Watched;
use leverkit_core::{bucketed, zeros};
use rayon::prelude::*;

use super::bilateral::Good;
use super::sales::Sales;
use super::{Link, Pairs};

/// Products of a task.
const WIDTH: usize = 512;
/// Numbers of products and periods that are held at a time.
const MOST_CELLS: usize = 1 << 23;

/// The spread of the logarithm of each period's index, a product of these links; `None` for fewer than two products.
pub(super) fn spreads(sales: &Sales, links: &[Vec<Link>], pairs: &Pairs) -> Vec<Option<WeightedSpread>> {
    let products = Products::of(sales);
    let at_once = (MOST_CELLS / sales.n_products).max(1);
    links.chunks(at_once).flat_map(|links| Job::of(links, pairs).spreads(&products)).collect()
}

/// What was sold of each product, in the order of periods.
struct Products {
    goods: Vec<(u32, Good)>,
    starts: Vec<usize>,
}

impl Products {
    fn of(sales: &Sales) -> Self {
        let of_period = |period: usize| sales.goods(period).iter().map(move |good| (period as u32, *good));
        let goods: Vec<(u32, Good)> = (0..sales.periods.len()).flat_map(of_period).collect();
        let (starts, goods) = bucketed(&goods, sales.n_products, |good| good.1.product as usize);
        Self { goods, starts }
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn goods(&self, product: usize) -> &[(u32, Good)] {
        &self.goods[self.starts[product]..self.starts[product + 1]]
    }
}

/// Some periods' indices.
struct Job<'a> {
    pairs: &'a Pairs,
    periods: usize,
    /// By pair of periods the indices that it is a link of, with its power.
    uses: Vec<Vec<(usize, f64)>>,
    /// By period the last one that it is linked to.
    reach: Vec<usize>,
}

impl<'a> Job<'a> {
    fn of(links: &[Vec<Link>], pairs: &'a Pairs) -> Self {
        let (mut uses, mut reach) = (vec![Vec::new(); pairs.found.len()], vec![0; pairs.n]);
        for (period, links) in links.iter().enumerate() {
            for &(earlier, later, power) in links.iter().filter(|link| link.0 != link.1) {
                uses[pairs.place(earlier, later)].push((period, power));
                reach[earlier] = reach[earlier].max(later);
            }
        }
        Self { pairs, periods: links.len(), uses, reach }
    }

    fn spreads(&self, products: &Products) -> Vec<Option<WeightedSpread>> {
        let mut columns: Vec<Vec<f64>> = (0..2 * self.periods).map(|_| zeros(products.len())).collect();
        let mut tasks: Vec<Vec<&mut [f64]>> = (0..products.len().div_ceil(WIDTH)).map(|_| Vec::new()).collect();
        for column in &mut columns {
            column.chunks_mut(WIDTH).zip(&mut tasks).for_each(|(chunk, task)| task.push(chunk));
        }
        tasks.into_par_iter().watched().enumerate().for_each(|(task, mut columns)| {
            let mut sums = vec![0.0; columns.len()];
            for at in 0..columns[0].len() {
                sums.fill(0.0);
                self.add(products.goods(task * WIDTH + at), &mut sums);
                columns.iter_mut().zip(&sums).for_each(|(column, sum)| column[at] = *sum);
            }
        });
        let (weights, moves) = columns.split_at(self.periods);
        weights.par_iter().zip(moves).watched().map(|(weights, moves)| WeightedSpread::of(weights, moves)).collect()
    }

    /// Adds up a product's weights in each index, and then by how much it moves them. The links of an index come in their order, as pairs of periods do.
    fn add(&self, goods: &[(u32, Good)], sums: &mut [f64]) {
        let (weights, moves) = sums.split_at_mut(self.periods);
        for (at, &(earlier, good)) in goods.iter().enumerate() {
            let reach = self.reach[earlier as usize];
            for &(later, other) in goods[at + 1..].iter().take_while(|later| later.0 as usize <= reach) {
                let place = self.pairs.place(earlier as usize, later as usize);
                let (Some(uses), Some(Some(pair))) = (self.uses.get(place), self.pairs.found.get(place)) else {
                    continue;
                };
                let influence = pair.influence(&(good, other));
                for &(period, power) in uses {
                    weights[period] += power.abs() * influence.weight;
                    moves[period] += power * influence.moves;
                }
            }
        }
    }
}
