//! How often two products are in one order.
//!
//! Where products are few, orders are read one after the other and all pairs counted in one table; where they are many, most pairs never come, and
//! each product is counted with those after it in its own orders.

use std::ops::Range;

use leverkit_core::stats::budget::{self, Watched};
use leverkit_core::zeros;
use rayon::prelude::*;

use crate::products::baskets::Baskets;

/// Products whose pairs are counted in a table, which has 32 MiB for so many.
const FEW: usize = 1 << 12;

/// Orders between two looks at whether the work is to end.
const STRETCH: usize = 1 << 14;

/// What `of_pair` makes of the pairs that were bought together and in how many orders, in order of both codes.
pub(crate) fn pairs<T: Send>(baskets: &Baskets, of_pair: impl Fn(u32, u32, u32) -> Option<T> + Sync) -> Vec<T> {
    if baskets.n_products() <= FEW { by_table(baskets, of_pair) } else { by_product(baskets, of_pair) }
}

fn by_table<T: Send>(baskets: &Baskets, of_pair: impl Fn(u32, u32, u32) -> Option<T> + Sync) -> Vec<T> {
    let products = baskets.n_products();
    let (counts, of_pair) = (table(baskets), &of_pair);
    let of_row = |first: usize| {
        let row = counts[row(first, products)..row(first + 1, products)].iter().zip(first as u32 + 1..);
        let met = row.filter(|(count, _)| **count > 0);
        met.filter_map(move |(count, second)| of_pair(first as u32, second, *count))
    };
    (0..products).into_par_iter().watched().flat_map_iter(of_row).collect()
}

/// Where the counts of a product with those after it begin.
fn row(first: usize, products: usize) -> usize {
    first * (2 * products - first).saturating_sub(1) / 2
}

/// The counts of all pairs. Every thread walks all orders for first products of its own.
fn table(baskets: &Baskets) -> Vec<u32> {
    let products = baskets.n_products();
    let mut counts: Vec<u32> = zeros(row(products, products));
    let mut rest = counts.as_mut_slice();
    let bands: Vec<(Range<usize>, &mut [u32])> = bands(baskets, rayon::current_num_threads())
        .into_iter()
        .map(|band| {
            let cells = row(band.end, products) - row(band.start, products);
            (band, rest.split_off_mut(..cells).unwrap_or_default())
        })
        .collect();
    bands.into_par_iter().watched().for_each(|(band, counts)| {
        let start = row(band.start, products);
        for order in 0..baskets.n_orders() {
            if order.is_multiple_of(STRETCH) {
                budget::check();
            }
            let mut after = baskets.order(order);
            while let [first, others @ ..] = after {
                let first = *first as usize;
                if first >= band.end {
                    break;
                }
                if first >= band.start {
                    let row = &mut counts[row(first, products) - start..];
                    others.iter().for_each(|second| row[*second as usize - first - 1] += 1);
                }
                after = others;
            }
        }
    });
    counts
}

/// Runs of first products that have about equally many pairs.
fn bands(baskets: &Baskets, parts: usize) -> Vec<Range<usize>> {
    let mut ends = vec![0_u64; baskets.n_products()];
    for order in 0..baskets.n_orders() {
        let order = baskets.order(order);
        order.iter().rev().zip(0..).for_each(|(first, others)| ends[*first as usize] += others);
    }
    let mut pairs = 0;
    for end in &mut ends {
        pairs += *end;
        *end = pairs;
    }
    let cut = |part: usize| {
        if part == parts { ends.len() } else { ends.partition_point(|end| *end <= pairs * part as u64 / parts as u64) }
    };
    (0..parts).map(|part| if part == 0 { 0..cut(1) } else { cut(part)..cut(part + 1) }).collect()
}

fn by_product<T: Send>(baskets: &Baskets, of_pair: impl Fn(u32, u32, u32) -> Option<T> + Sync) -> Vec<T> {
    let index = baskets.by_product();
    let of_first = |counts: &mut Vec<u32>, touched: &mut Vec<u32>, first: u32| {
        for &order in index.of(first as usize) {
            let order = baskets.order(order as usize);
            let after = order.partition_point(|product| *product <= first);
            for &second in &order[after..] {
                let count = &mut counts[second as usize];
                if *count == 0 {
                    touched.push(second);
                }
                *count += 1;
            }
        }
        touched.sort_unstable();
        let of_second = |second: u32| of_pair(first, second, std::mem::take(&mut counts[second as usize]));
        touched.drain(..).filter_map(of_second).collect::<Vec<T>>()
    };
    let room = || (vec![0_u32; baskets.n_products()], Vec::new());
    (0..baskets.n_products() as u32)
        .into_par_iter()
        .watched()
        .map_init(room, |(counts, touched), first| of_first(counts, touched, first))
        .flatten_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use leverkit_core::{Ledger, Roles, batch};

    use super::*;

    /// Orders of 1 to 6 of 40 products, some of which are never bought.
    fn baskets() -> Baskets {
        let lines: Vec<(i32, i32)> = (0..3000)
            .map(|line: i32| (line.pow(2) % 1009, (line.wrapping_mul(2_654_435) >> 4).rem_euclid(40)))
            .collect();
        let column = |of: fn(&(i32, i32)) -> i32| lines.iter().map(of).collect::<Vec<_>>();
        let table =
            batch!("c" => column(|line| line.0), "o" => column(|line| line.0), "t" => vec!["2024-01-01"; lines.len()],
            "a" => vec![1.0; lines.len()], "p" => column(|line| line.1))
            .unwrap();
        let roles = Roles::new("c", "t").amount("a").order("o").product("p");
        Baskets::of(&Ledger::from_batches(&[table], &roles).unwrap()).unwrap()
    }

    #[test]
    fn a_table_counts_what_products_count_one_by_one() {
        let baskets = baskets();
        let all = |first, second, count| Some((first, second, count));
        let found = by_table(&baskets, all);
        assert_eq!(found, by_product(&baskets, all));
        let pairs = |order: usize| baskets.order(order).len() * (baskets.order(order).len() - 1) / 2;
        let together: usize = (0..baskets.n_orders()).map(pairs).sum();
        assert!(together > 1000 && found.iter().map(|pair| pair.2 as usize).sum::<usize>() == together);
    }

    #[test]
    fn bands_cover_all_products_once() {
        for parts in [1, 2, 7, 100] {
            let products: Vec<usize> = bands(&baskets(), parts).into_iter().flatten().collect();
            assert!(products.into_iter().eq(0..baskets().n_products()), "{parts}");
        }
    }
}
