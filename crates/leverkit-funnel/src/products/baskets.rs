//! What each order held: its distinct products and their money.

use std::ops::Range;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{Codes, CustomerLines, Day, Ledger, NO_CODE, zeros};
use rayon::prelude::*;

use crate::error::Error;

/// Distinct products by order: order `o` holds `products[starts[o]..ends[o]]`, ascending. Orders of a customer that are left out have no number.
pub(crate) struct Baskets {
    /// Customer `c` has the orders `offsets[c]..offsets[c + 1]`.
    offsets: Vec<u32>,
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
    /// The place of its first product among all.
    first: u32,
    /// Orders and products laid out so far.
    n_orders: usize,
    n_items: usize,
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
        Self::first(ledger, u32::MAX)
    }

    /// The first orders of each customer, so many at most: the lines of others are not laid out.
    pub(crate) fn first(ledger: &Ledger, most: u32) -> Result<Self, Error> {
        let codes = products(ledger)?;
        let cuts = cuts(ledger);
        let rooms: Vec<usize> =
            cuts.par_iter().map(|customers| lines_of_first(ledger, customers.clone(), most)).collect();
        let offsets = offsets(ledger, most);
        let (orders, items) = (offsets[ledger.n_customers()] as usize, rooms.iter().sum());
        let has_costs = ledger.unit_costs().is_some();
        let mut baskets = Self {
            offsets,
            starts: zeros(orders),
            ends: zeros(orders),
            products: zeros(items),
            amounts: zeros(items),
            margins: has_costs.then(|| zeros(items)),
            n_products: codes.dictionary.len(),
        };
        baskets.pieces(cuts, &rooms).into_par_iter().watched().for_each(|mut piece| {
            let mut scratch = Vec::new();
            for customer in piece.customers.clone() {
                piece.fill(ledger, codes, &ledger.customer(customer as u32), most, &mut scratch);
            }
        });
        Ok(baskets)
    }

    /// Each piece of customers with its own part of the columns.
    fn pieces(&mut self, cuts: Vec<Range<usize>>, rooms: &[usize]) -> Vec<Piece<'_>> {
        let mut margins = self.margins.as_deref_mut().unwrap_or_default();
        let (mut starts, mut ends) = (self.starts.as_mut_slice(), self.ends.as_mut_slice());
        let (mut products, mut amounts) = (self.products.as_mut_slice(), self.amounts.as_mut_slice());
        let (mut pieces, mut first) = (Vec::new(), 0);
        for (customers, &room) in cuts.into_iter().zip(rooms) {
            let n_orders = (self.offsets[customers.end] - self.offsets[customers.start]) as usize;
            pieces.push(Piece {
                customers,
                first,
                n_orders: 0,
                n_items: 0,
                starts: starts.split_off_mut(..n_orders).unwrap_or_default(),
                ends: ends.split_off_mut(..n_orders).unwrap_or_default(),
                products: products.split_off_mut(..room).unwrap_or_default(),
                amounts: amounts.split_off_mut(..room).unwrap_or_default(),
                margins: margins.split_off_mut(..room).unwrap_or_default(),
            });
            first += room as u32;
        }
        pieces
    }

    /// Customer `c` has the orders `offsets()[c]..offsets()[c + 1]`.
    pub(crate) fn offsets(&self) -> &[u32] {
        &self.offsets
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

/// Customers cut into pieces of about equal numbers of lines.
fn cuts(ledger: &Ledger) -> Vec<Range<usize>> {
    let cut = |piece: usize| {
        let before = ledger.offsets().partition_point(|start| (*start as usize) < ledger.n_lines() * piece / PIECES);
        before.min(ledger.n_customers())
    };
    (0..PIECES).map(|piece| cut(piece)..cut(piece + 1)).collect()
}

/// Lines of the first orders of some customers.
fn lines_of_first(ledger: &Ledger, customers: Range<usize>, most: u32) -> usize {
    let lines = |customer: usize| {
        let lines = ledger.customer(customer as u32);
        if lines.order_days.len() <= most as usize {
            return lines.orders.len();
        }
        lines.orders.iter().filter(|order| **order < lines.first_order + most).count()
    };
    customers.map(lines).sum()
}

/// Where each customer's orders begin if only the first ones count, and where the last end.
fn offsets(ledger: &Ledger, most: u32) -> Vec<u32> {
    let mut end = 0;
    let mut offsets = vec![0];
    offsets.extend(ledger.order_offsets().windows(2).map(|pair| {
        end += (pair[1] - pair[0]).min(most);
        end
    }));
    offsets
}

impl Piece<'_> {
    /// Lays out a customer's first orders.
    fn fill(&mut self, ledger: &Ledger, codes: &Codes, lines: &CustomerLines<'_>, most: u32, scratch: &mut Vec<Item>) {
        scratch.clear();
        let end = lines.first_order + (lines.order_days.len() as u32).min(most);
        for (line, (&order, &amount)) in lines.lines().zip(lines.orders.iter().zip(lines.amounts)) {
            // Lines without an order have the greatest number.
            if order >= end {
                continue;
            }
            let product = codes.codes[line];
            if product != NO_CODE && !ledger.is_netted_return(line) {
                let margin =
                    if self.margins.is_empty() { amount } else { amount - ledger.cost_of(line).unwrap_or_default() };
                scratch.push(Item { order, product, amount, margin });
            }
        }
        // Stable: money is added up in the order of lines, whichever orders are laid out.
        scratch.sort_by_key(|item| (item.order, item.product));
        let mut items = scratch.iter().peekable();
        for order in lines.first_order..end {
            self.starts[self.n_orders] = self.first + self.n_items as u32;
            while let Some(item) = items.next_if(|item| item.order == order) {
                self.products[self.n_items] = item.product;
                self.amounts[self.n_items] = item.amount;
                let mut margin = item.margin;
                // A product that stands on several lines of an order is bought once, for all their money.
                while let Some(same) = items.next_if(|same| (same.order, same.product) == (order, item.product)) {
                    self.amounts[self.n_items] += same.amount;
                    margin += same.margin;
                }
                if let Some(slot) = self.margins.get_mut(self.n_items) {
                    *slot = margin;
                }
                self.n_items += 1;
            }
            self.ends[self.n_orders] = self.first + self.n_items as u32;
            self.n_orders += 1;
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

/// What came after each of the first orders of customers, so many at most.
pub(crate) fn follows(ledger: &Ledger, most: u32) -> Vec<Follow> {
    let until = ledger.seen_until(ledger.as_of());
    ledger.fold_customers(
        Vec::new,
        |all, lines| all.extend(after(lines.order_days, until).take(most as usize)),
        |mut left, right| {
            left.extend(right);
            left
        },
    )
}

fn after(days: &[Day], until: Day) -> impl Iterator<Item = Follow> {
    let next = days.iter().skip(1).map(|day| (*day, true)).chain([(until, false)]);
    let days = days.iter().copied().zip(next);
    days.map(|(day, (next, observed))| Follow { days: (next - day).max(0) as u32, observed })
}
