//! What each order held: its distinct products and their money.

use std::ops::Range;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{Codes, CustomerLines, Day, Ledger, NO_CODE, NO_ORDER, zeros};
use rayon::prelude::*;

use crate::error::Error;

/// Distinct products by order: order `o` holds `products[starts[o]..ends[o]]`, ascending. They stand where the customer's lines do, so that
/// customers can be laid out side by side.
pub(crate) struct Baskets {
    starts: Vec<u32>,
    ends: Vec<u32>,
    products: Vec<u32>,
    amounts: Vec<f64>,
    margins: Option<Vec<f64>>,
    n_products: usize,
}

/// A product in an order.
struct Item {
    order: u32,
    product: u32,
    amount: f64,
    margin: f64,
}

/// The columns of some customers.
struct Piece<'a> {
    customers: Range<usize>,
    starts: &'a mut [u32],
    ends: &'a mut [u32],
    products: &'a mut [u32],
    amounts: &'a mut [f64],
    margins: &'a mut [f64],
}

/// Pieces that customers are cut into, to share the work evenly.
const PIECES: usize = 64;

/// The products of a ledger.
pub(crate) fn products(ledger: &Ledger) -> Result<&Codes, Error> {
    ledger.products().ok_or_else(|| {
        Error::parameter(
            "ledger",
            "no product",
            "a ledger with the product role, or Ledger.with_product of a dimension",
        )
    })
}

impl Baskets {
    /// Lines without a known product and netted returns belong to no basket.
    pub(crate) fn of(ledger: &Ledger) -> Result<Self, Error> {
        let codes = products(ledger)?;
        let (lines, orders) = (ledger.n_lines(), ledger.n_orders());
        let has_costs = ledger.unit_costs().is_some();
        let mut baskets = Self {
            starts: zeros(orders),
            ends: zeros(orders),
            products: zeros(lines),
            amounts: zeros(lines),
            margins: has_costs.then(|| zeros(lines)),
            n_products: codes.dictionary.len(),
        };
        baskets.pieces(ledger).into_par_iter().watched().for_each(|mut piece| {
            let mut scratch = Vec::new();
            let first = piece.customers.start as u32;
            let (line, order) = (ledger.offsets()[first as usize], ledger.order_offsets()[first as usize]);
            for customer in piece.customers.clone() {
                piece.fill(ledger, codes, &ledger.customer(customer as u32), (line, order), &mut scratch);
            }
        });
        Ok(baskets)
    }

    /// Customers with about equal numbers of lines, each piece with its own part of the columns.
    fn pieces(&mut self, ledger: &Ledger) -> Vec<Piece<'_>> {
        let (offsets, orders) = (ledger.offsets(), ledger.order_offsets());
        let cut = |piece: usize| offsets.partition_point(|start| (*start as usize) < ledger.n_lines() * piece / PIECES);
        let mut margins = self.margins.as_deref_mut().unwrap_or_default();
        let (mut starts, mut ends) = (self.starts.as_mut_slice(), self.ends.as_mut_slice());
        let (mut products, mut amounts) = (self.products.as_mut_slice(), self.amounts.as_mut_slice());
        let mut pieces = Vec::new();
        for piece in 0..PIECES {
            let customers = cut(piece).min(ledger.n_customers())..cut(piece + 1).min(ledger.n_customers());
            let n_lines = (offsets[customers.end] - offsets[customers.start]) as usize;
            let n_orders = (orders[customers.end] - orders[customers.start]) as usize;
            pieces.push(Piece {
                customers,
                starts: starts.split_off_mut(..n_orders).unwrap_or_default(),
                ends: ends.split_off_mut(..n_orders).unwrap_or_default(),
                products: products.split_off_mut(..n_lines).unwrap_or_default(),
                amounts: amounts.split_off_mut(..n_lines).unwrap_or_default(),
                margins: margins.split_off_mut(..n_lines).unwrap_or_default(),
            });
        }
        pieces
    }

    pub(crate) fn n_orders(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn n_products(&self) -> usize {
        self.n_products
    }

    fn items(&self, order: usize) -> Range<usize> {
        self.starts[order] as usize..self.ends[order] as usize
    }

    /// The products of an order, ascending.
    pub(crate) fn order(&self, order: usize) -> &[u32] {
        &self.products[self.items(order)]
    }

    /// Money of each product of an order.
    pub(crate) fn amounts(&self, order: usize) -> &[f64] {
        &self.amounts[self.items(order)]
    }

    /// Margin of each product of an order; its money if no costs are known.
    pub(crate) fn margins(&self, order: usize) -> &[f64] {
        &self.margins.as_ref().unwrap_or(&self.amounts)[self.items(order)]
    }

    /// The orders that hold each product, ascending, as compressed rows.
    pub(crate) fn by_product(&self) -> Index {
        Index::new(self.n_products, self.n_orders(), |order| self.order(order).iter().map(move |p| (*p, order as u32)))
    }
}

impl Piece<'_> {
    /// `first` are the piece's first line and order.
    fn fill(
        &mut self,
        ledger: &Ledger,
        codes: &Codes,
        lines: &CustomerLines<'_>,
        first: (u32, u32),
        scratch: &mut Vec<Item>,
    ) {
        scratch.clear();
        for (line, (&order, &amount)) in lines.lines().zip(lines.orders.iter().zip(lines.amounts)) {
            let product = codes.codes[line];
            if order != NO_ORDER && product != NO_CODE && !ledger.is_netted_return(line) {
                let margin =
                    if self.margins.is_empty() { amount } else { amount - ledger.cost_of(line).unwrap_or_default() };
                scratch.push(Item { order, product, amount, margin });
            }
        }
        scratch.sort_unstable_by_key(|item| (item.order, item.product));
        let mut next = lines.first_line - first.0 as usize;
        let mut items = scratch.iter().peekable();
        for order in lines.first_order..lines.first_order + lines.order_days.len() as u32 {
            let place = (order - first.1) as usize;
            self.starts[place] = first.0 + next as u32;
            while let Some(item) = items.next_if(|item| item.order == order) {
                self.products[next] = item.product;
                self.amounts[next] = item.amount;
                let mut margin = item.margin;
                // A product that stands on several lines of an order is bought once, for all their money.
                while let Some(same) = items.next_if(|same| (same.order, same.product) == (order, item.product)) {
                    self.amounts[next] += same.amount;
                    margin += same.margin;
                }
                if let Some(slot) = self.margins.get_mut(next) {
                    *slot = margin;
                }
                next += 1;
            }
            self.ends[place] = first.0 + next as u32;
        }
    }
}

/// Values by key, as compressed rows, in the order in which they came.
pub(crate) struct Index {
    pub(crate) offsets: Vec<u32>,
    pub(crate) values: Vec<u32>,
}

impl Index {
    /// Sorts by counting: `pairs` gives the keys and values of each of `n` rows. Every thread walks all rows for keys of its own.
    pub(crate) fn new<I: Iterator<Item = (u32, u32)>>(
        keys: usize,
        n: usize,
        pairs: impl Fn(usize) -> I + Sync,
    ) -> Self {
        let mut offsets = vec![0_u32; keys + 1];
        (0..n).flat_map(&pairs).for_each(|(key, _)| offsets[key as usize + 1] += 1);
        for key in 0..keys {
            offsets[key + 1] += offsets[key];
        }
        let mut values: Vec<u32> = zeros(offsets[keys] as usize);
        let threads = rayon::current_num_threads();
        let cut =
            |part: usize| offsets.partition_point(|start| (*start as usize) < offsets[keys] as usize * part / threads);
        let mut rest = values.as_mut_slice();
        let parts: Vec<(Range<usize>, &mut [u32])> = (0..threads)
            .map(|part| {
                let range = cut(part).min(keys)..cut(part + 1).min(keys);
                let n = (offsets[range.end] - offsets[range.start]) as usize;
                (range, rest.split_off_mut(..n).unwrap_or_default())
            })
            .collect();
        parts.into_par_iter().watched().for_each(|(range, values)| {
            let first = offsets[range.start];
            let mut next: Vec<u32> = offsets[range.clone()].iter().map(|start| start - first).collect();
            for (key, value) in (0..n).flat_map(&pairs) {
                if let Some(next) = (key as usize).checked_sub(range.start).and_then(|key| next.get_mut(key)) {
                    values[*next as usize] = value;
                    *next += 1;
                }
            }
        });
        Self { offsets, values }
    }

    pub(crate) fn of(&self, key: usize) -> &[u32] {
        &self.values[self.offsets[key] as usize..self.offsets[key + 1] as usize]
    }
}

/// What came after each order: days to the customer's next one, or to the last day seen.
#[derive(Clone, Copy)]
pub(crate) struct Follow {
    pub(crate) days: u32,
    /// Whether the next order came.
    pub(crate) observed: bool,
}

/// What came after each order of the ledger.
pub(crate) fn follows(ledger: &Ledger) -> Vec<Follow> {
    let until = ledger.seen_until(ledger.as_of());
    let after = |days: &[Day]| {
        let next = days.iter().skip(1).map(|day| (*day, true)).chain([(until, false)]);
        let days = days.iter().copied().zip(next);
        days.map(|(day, (next, observed))| Follow { days: (next - day).max(0) as u32, observed }).collect::<Vec<_>>()
    };
    ledger.fold_customers(
        Vec::new,
        |all: &mut Vec<Follow>, lines| all.extend(after(lines.order_days)),
        |mut left, right| {
            left.extend(right);
            left
        },
    )
}
