//! Discounts, gift cards and the like, entered as negative lines of an order: they lower its revenue, and no goods come back.

use leverkit_stats::budget::Watched;
use rayon::prelude::*;

use crate::day::Day;
use crate::ledger::{Ledger, NO_CODE, NO_ORDER};

/// The negative lines that are no returns, in order: those without a negative quantity, of the day of a sale in the same order, whose
/// product is not sold in that order. A refund comes later, or is of goods that were sold. `negative` are the lines below 0.
pub(crate) fn find(ledger: &Ledger, negative: &[u32]) -> Vec<u32> {
    let units = ledger.quantities();
    let may_be = |line: usize| {
        ledger.amounts[line] < 0.0 && ledger.orders[line] != NO_ORDER && !units.is_some_and(|units| units[line] < 0.0)
    };
    let candidates: Vec<u32> = negative.iter().copied().filter(|&line| may_be(line as usize)).collect();
    let customer = |line: u32| ledger.offsets.partition_point(|&start| start <= line) - 1;
    let by_customer: Vec<&[u32]> = candidates.chunk_by(|a, b| customer(*a) == customer(*b)).collect();
    by_customer
        .into_par_iter()
        .watched()
        .map(|lines| of_customer(ledger, customer(lines[0]), lines))
        .collect::<Vec<_>>()
        .concat()
}

/// A customer's deductions among negative lines.
fn of_customer(ledger: &Ledger, customer: usize, candidates: &[u32]) -> Vec<u32> {
    let first_order = ledger.order_offsets[customer];
    let mut is_wanted = vec![false; (ledger.order_offsets[customer + 1] - first_order) as usize];
    let place = |line: usize| (ledger.orders[line] - first_order) as usize;
    candidates.iter().for_each(|&line| is_wanted[place(line as usize)] = true);
    let own = ledger.offsets[customer] as usize..ledger.offsets[customer + 1] as usize;
    let is_sale =
        |line: &usize| ledger.orders[*line] != NO_ORDER && is_wanted[place(*line)] && !ledger.is_negative(*line);
    let sales: Vec<usize> = own.filter(is_sale).collect();
    let mut days: Vec<(u32, Day)> = sales.iter().map(|&line| (ledger.orders[line], ledger.days[line])).collect();
    days.sort_unstable();
    let goods = Goods::of(ledger, &sales);
    let is_deduction = |line: usize| {
        days.binary_search(&(ledger.orders[line], ledger.days[line])).is_ok() && !goods.sold_with(ledger, line)
    };
    candidates.iter().copied().filter(|&line| is_deduction(line as usize)).collect()
}

/// What is sold in which order.
struct Goods(Vec<(u32, u32)>);

impl Goods {
    fn of(ledger: &Ledger, sales: &[usize]) -> Self {
        let products = ledger.products().map_or(&[][..], |products| products.codes.as_slice());
        let sold = sales.iter().filter_map(|&line| Some((ledger.orders[line], *products.get(line)?)));
        let mut sold: Vec<(u32, u32)> = sold.filter(|(_, product)| *product != NO_CODE).collect();
        sold.sort_unstable();
        Self(sold)
    }

    /// Whether a line's product is sold in its order.
    fn sold_with(&self, ledger: &Ledger, line: usize) -> bool {
        let product = ledger.products().map(|products| products.codes[line]);
        product.is_some_and(|product| self.0.binary_search(&(ledger.orders[line], product)).is_ok())
    }
}
