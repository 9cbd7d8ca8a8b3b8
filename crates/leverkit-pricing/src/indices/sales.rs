//! What was sold of each product in each period: read, checked, and added up; and what came and went.

use leverkit_core::columns::{find, missing, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Groups, LeftOut, Reason, Table, bucketed};
use serde::Serialize;

use super::bilateral::{Good, logarithmic_mean, matched};
use super::params::IndexParams;
use crate::Error;

/// Why a row cannot be used.
const REASONS: [Reason; 3] = [Reason::NoPeriodOrProduct, Reason::NoPrice, Reason::NoQuantity];

/// Sales by period and product.
#[derive(Debug, Clone)]
pub struct Sales {
    /// The periods, in order.
    pub periods: Column,
    /// Products in all periods.
    pub n_products: usize,
    /// What was left out, with the revenue of those rows where it is known.
    pub left_out: Vec<LeftOut>,
    goods: Vec<Good>,
    starts: Vec<usize>,
}

/// What changed revenue from the period before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Turnover {
    /// Money of the period.
    pub revenue: f64,
    /// Products of the period that the one before did not have, and their money.
    pub entered: (u64, f64),
    /// Of those, how many had been sold in an earlier period.
    pub returned: u64,
    /// Products of the period before that this one does not have, and their money then.
    pub left: (u64, f64),
    /// Money that the change of matched products' prices made.
    pub price: f64,
    /// Money that the change of their quantities made.
    pub quantity: f64,
}

impl Sales {
    pub(crate) fn read(table: &Table, params: &IndexParams) -> Result<Self, Error> {
        let column = |role: &str, name: &str| find(table, role, name);
        let (time, product) = (column("time", &params.time)?, column("product", &params.product)?);
        let prices = numbers(&column("price", &params.price)?, "price")?;
        let units = numbers(&column("quantity", &params.quantity)?, "quantity")?;
        let unknown: Vec<Vec<bool>> = [&time, &product].into_iter().filter_map(missing).collect();
        let (periods, products) = (Groups::in_time(&time, "time")?, Groups::of(table.rows(), &[product])?);
        let mut tallies = Tallies::default();
        let mut rows = Vec::with_capacity(table.rows());
        for row in 0..table.rows() {
            let (price, quantity) = (prices[row], units[row]);
            let wrong = if unknown.iter().any(|unknown| unknown[row]) {
                Reason::NoPeriodOrProduct
            } else if price.is_nan() || price <= 0.0 {
                Reason::NoPrice
            } else if quantity.is_nan() || quantity <= 0.0 {
                Reason::NoQuantity
            } else {
                rows.push((periods.codes()[row], Good { product: products.codes()[row], price, quantity }));
                continue;
            };
            tallies.note(wrong, row, price * quantity);
        }
        let left_out = tallies.left_out(&REASONS);
        if rows.is_empty() {
            return Err(Error::empty("price_index", table.rows(), &left_out));
        }
        let (starts, goods) = added_up(&rows, periods.len(), products.len());
        // Periods without a usable row are no periods of the result.
        let there: Vec<u32> =
            (0..periods.len() as u32).filter(|&at| starts[at as usize] < starts[at as usize + 1]).collect();
        let mut starts = starts;
        starts.dedup();
        Ok(Self { periods: periods.keys()[0].take(&there)?, n_products: products.len(), left_out, goods, starts })
    }

    /// What was sold in a period, in the order of products.
    pub(crate) fn goods(&self, period: usize) -> &[Good] {
        &self.goods[self.starts[period]..self.starts[period + 1]]
    }

    /// A period as text.
    pub(crate) fn name(&self, period: usize) -> String {
        self.periods.text(period).unwrap_or_else(|| period.to_string())
    }

    /// What changed revenue, period by period: revenue − revenue before = price + quantity + entered − left, to rounding.
    ///
    /// Each matched product's change is split by logarithmic means (Montgomery 1937): L(v₁, v₀) · ln(p₁/p₀) for the price, the same with quantities.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_pricing::{IndexParams, price_index};
    /// let (price, units) = ([10.0, 4.0, 12.0, 3.0], [5, 10, 5, 20]);
    /// let sales = Table::from(batch!("week" => [1, 1, 2, 2], "sku" => ["a", "b", "a", "c"], "price" => price, "units" => units)?);
    /// let second = price_index(&sales, &IndexParams::new("week", "sku", "price", "units"))?.sales.turnover()[1];
    /// assert_eq!((second.entered, second.left), ((1, 60.0), (1, 40.0)));
    /// assert!((second.price - 10.0).abs() < 1e-9 && second.quantity.abs() < 1e-9);
    /// # Ok::<(), leverkit_pricing::Error>(())
    /// ```
    pub fn turnover(&self) -> Vec<Turnover> {
        let mut is_known = vec![false; self.n_products];
        (0..self.periods.len())
            .map(|period| {
                let (earlier, later) = (if period == 0 { &[] } else { self.goods(period - 1) }, self.goods(period));
                let found = turnover(earlier, later, &is_known);
                later.iter().for_each(|good| is_known[good.product as usize] = true);
                found
            })
            .collect()
    }
}

fn turnover(earlier: &[Good], later: &[Good], is_known: &[bool]) -> Turnover {
    let pairs = matched(earlier, later);
    let total = |goods: &[Good]| goods.iter().map(Good::value).sum::<f64>();
    let (before, revenue) = (total(earlier), total(later));
    let in_both = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0.value(), sum.1 + pair.1.value()));
    let effect = |ratio: fn(&(Good, Good)) -> f64| {
        pairs.iter().map(|pair| logarithmic_mean(pair.1.value(), pair.0.value()) * ratio(pair).ln()).sum()
    };
    let known = |goods: &[Good]| goods.iter().filter(|good| is_known[good.product as usize]).count();
    let matched_now: Vec<Good> = pairs.iter().map(|pair| pair.1).collect();
    Turnover {
        revenue,
        entered: ((later.len() - pairs.len()) as u64, revenue - in_both.1),
        returned: (known(later) - known(&matched_now)) as u64,
        left: ((earlier.len() - pairs.len()) as u64, before - in_both.0),
        price: effect(|pair| pair.1.price / pair.0.price),
        quantity: effect(|pair| pair.1.quantity / pair.0.quantity),
    }
}

/// One good a period and product, in that order, with where each period begins. The price is the unit value.
fn added_up(rows: &[(u32, Good)], periods: usize, products: usize) -> (Vec<usize>, Vec<Good>) {
    // By product first, then by period: both sorts keep the order, so sums are those of the rows' order.
    let (_, by_product) = bucketed(rows, products, |row| row.1.product as usize);
    let (starts, sorted) = bucketed(&by_product, periods, |row| row.0 as usize);
    let mut goods: Vec<Good> = Vec::with_capacity(sorted.len().min(1 << 20));
    let mut begins = vec![0];
    for period in starts.windows(2) {
        for same in sorted[period[0]..period[1]].chunk_by(|a, b| a.1.product == b.1.product) {
            let (value, quantity) =
                same.iter().fold((0.0, 0.0), |sum, row| (sum.0 + row.1.value(), sum.1 + row.1.quantity));
            // A single row keeps its price to the last bit.
            let price = if same.len() == 1 { same[0].1.price } else { value / quantity };
            goods.push(Good { product: same[0].1.product, price, quantity });
        }
        begins.push(goods.len());
    }
    (begins, goods)
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    #[test]
    fn what_entered_left_and_changed_adds_up_to_the_change_of_revenue() {
        let rows = batch!("week" => [1, 1, 1, 2, 2, 3, 3], "sku" => ["a", "a", "b", "a", "c", "a", "b"],
            "price" => [10.0, 8.0, 4.0, 12.0, 3.0, 11.0, 5.0], "units" => [5.0, 5.0, 10.0, 4.0, 20.0, 4.0, 2.0])
        .unwrap();
        let sales = Sales::read(&rows.into(), &IndexParams::new("week", "sku", "price", "units")).unwrap();
        assert_eq!(sales.goods(0)[0], Good { product: 0, price: 9.0, quantity: 10.0 }, "a unit value");
        let found = sales.turnover();
        assert_eq!(found[1].entered, (1, 60.0));
        assert_eq!(found[1].left, (1, 40.0));
        assert_eq!((found[2].entered.0, found[2].returned), (1, 1), "b is back");
        for pair in found.windows(2) {
            let change = pair[1].price + pair[1].quantity + pair[1].entered.1 - pair[1].left.1;
            assert!((pair[1].revenue - pair[0].revenue - change).abs() < 1e-9);
        }
    }

    #[test]
    fn months_as_text_are_in_the_order_of_time() {
        let rows = batch!("month" => ["Mar", "Jan", "Feb"], "sku" => ["a"; 3], "price" => [3.0, 1.0, 2.0], "units" => [1.0; 3]).unwrap();
        let sales = Sales::read(&rows.into(), &IndexParams::new("month", "sku", "price", "units")).unwrap();
        let periods: Vec<String> = (0..3).map(|at| sales.name(at)).collect();
        assert_eq!(periods, ["Jan", "Feb", "Mar"]);
        assert_eq!((0..3).map(|at| sales.goods(at)[0].price).collect::<Vec<f64>>(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn unusable_rows_are_counted_with_their_money() {
        let rows = batch!("week" => [Some(1), Some(1), None, Some(2)], "sku" => ["a", "a", "a", "a"],
            "price" => [10.0, -1.0, 4.0, 12.0], "units" => [5.0, 5.0, 10.0, 0.0])
        .unwrap();
        let sales = Sales::read(&rows.into(), &IndexParams::new("week", "sku", "price", "units")).unwrap();
        assert_eq!(sales.periods.len(), 1);
        let found: Vec<_> = sales.left_out.iter().map(|left| (left.rows, left.money)).collect();
        assert_eq!(found, [(1, Some(40.0)), (1, Some(-5.0)), (1, Some(0.0))]);
    }
}
