//! A ledger's lines as a market sees them: what a product sold in a week, and at which price.

use leverkit_core::frames::each;
use leverkit_core::stats::budget::Watched;
use leverkit_core::{Codes, Column, Day, Ledger, NO_CODE, Period, RecordBatch, Shuffle, Table};
use rayon::prelude::*;

use crate::Error;

/// Units and money of each product and week with sales, from a ledger's lines: `product`, `week` (its first day, a Monday), `quantity`, `revenue`, `price`
/// (revenue over quantity), and for each dimension the value of the product's first line. Weeks in which returns outweigh sales stay as they are.
///
/// # Errors
/// [`Error::Parameter`] for a ledger without products or quantities.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// let lines = batch!("c" => [1, 2, 1], "t" => ["2024-01-01", "2024-01-03", "2024-01-16"], "a" => [6.0, 4.0, 6.0], "p" => ["tea"; 3], "q" => [3, 2, 2])?;
/// let roles = Roles { product: Some("p".into()), quantity: Some("q".into()), ..Roles::new("c", "t").amount("a") };
/// let ledger = Ledger::from_batches(&[lines], &roles)?;
/// assert_eq!(leverkit_pricing::market_panel(&ledger)?.num_rows(), 2);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn market_panel(ledger: &Ledger) -> Result<RecordBatch, Error> {
    let market = Market::of(ledger)?;
    market.panel(&market.cells())
}

/// [`market_panel`] with the weeks between a product's first and last sale in which nobody bought it: none sold, at the price of the sale before, for
/// models that count zeros. Beside it how many weeks were filled in.
///
/// # Errors
/// As [`market_panel`].
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// let lines = batch!("c" => [1, 2, 1], "t" => ["2024-01-01", "2024-01-03", "2024-01-16"], "a" => [6.0, 4.0, 6.0], "p" => ["tea"; 3], "q" => [3, 2, 2])?;
/// let roles = Roles { product: Some("p".into()), quantity: Some("q".into()), ..Roles::new("c", "t").amount("a") };
/// let ledger = Ledger::from_batches(&[lines], &roles)?;
/// let (grid, filled) = leverkit_pricing::market_grid(&ledger)?;
/// assert_eq!((grid.num_rows(), filled), (3, 1));
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn market_grid(ledger: &Ledger) -> Result<(RecordBatch, u64), Error> {
    let market = Market::of(ledger)?;
    let cells = market.cells();
    let grid: Vec<Cell> = cells.chunk_by(|a, b| a.product == b.product).flat_map(filled).collect();
    Ok((market.panel(&grid)?, (grid.len() - cells.len()) as u64))
}

/// How much of what weekly prices vary by is prices, and not who happened to buy: 1 where all customers pay the same in a week. `None` where no product was sold in two weeks to
/// both halves of customers.
///
/// The average price of a week errs where customers have discounts of their own, and a regression on it finds too small an elasticity, in this proportion (Spearman 1904; Fuller
/// 1987). The error is told by two halves of the customers: their prices of one week differ by it alone.
///
/// # Errors
/// As [`market_panel`].
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_pricing::price_reliability;
/// // Two customers pay 10 in one week and 8 in the next.
/// let lines = batch!("c" => [1, 2, 1, 2], "t" => ["2024-01-01", "2024-01-02", "2024-01-08", "2024-01-09"], "a" => [10.0, 10.0, 8.0, 8.0],
///     "p" => ["tea"; 4], "n" => [1.0; 4])?;
/// let roles = Roles { product: Some("p".into()), quantity: Some("n".into()), ..Roles::new("c", "t").amount("a") };
/// assert_eq!(price_reliability(&Ledger::from_batches(&[lines], &roles)?)?, Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn price_reliability(ledger: &Ledger) -> Result<Option<f64>, Error> {
    let market = Market::of(ledger)?;
    let lines = market.lines();
    let weeks: Vec<&[Line]> = lines.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
    let sides = market.sides();
    let told: Vec<(u32, f64, f64)> =
        weeks.par_iter().watched().filter_map(|lines| market.halves(lines, &sides)).collect();
    let (mut noise, mut spread) = (0.0, 0.0);
    for product in told.chunk_by(|a, b| a.0 == b.0) {
        let mean = product.iter().map(|week| week.1).sum::<f64>() / product.len() as f64;
        // A product of one week tells no spread.
        for (_, price, apart) in product.iter().filter(|_| product.len() > 1) {
            spread += (price - mean).powi(2);
            noise += apart;
        }
    }
    Ok((spread > 0.0).then(|| (1.0 - noise / spread).max(0.0)))
}

/// Product, week and place of a line.
type Line = (u32, u32, u32);

/// What a product sold in a week.
#[derive(Clone, Copy)]
struct Cell {
    product: u32,
    week: u32,
    quantity: f64,
    revenue: f64,
    price: f64,
}

/// A product's weeks, those without a line between its first and last sale filled in.
fn filled(cells: &[Cell]) -> Vec<Cell> {
    let sells = |cell: &Cell| cell.quantity > 0.0;
    let sold = cells.iter().position(sells).zip(cells.iter().rposition(sells));
    let Some((first, last)) = sold else { return cells.to_vec() };
    let mut price = cells[first].price;
    let mut grid = cells[..first].to_vec();
    for (at, cell) in cells.iter().enumerate().skip(first) {
        let from = if at == first || at > last { cell.week } else { cells[at - 1].week + 1 };
        grid.extend((from..cell.week).map(|week| Cell { week, quantity: 0.0, revenue: 0.0, price, ..*cell }));
        grid.push(*cell);
        price = if sells(cell) { cell.price } else { price };
    }
    grid
}

/// A ledger that knows products and quantities.
struct Market<'a> {
    ledger: &'a Ledger,
    products: &'a Codes,
    quantities: &'a [f64],
    /// The first week's Monday.
    first: Day,
}

impl<'a> Market<'a> {
    fn of(ledger: &'a Ledger) -> Result<Self, Error> {
        let missing =
            |role: &str| Error::parameter("ledger", format!("no {role}"), format!("a ledger with the role {role}"));
        let monday = |day: Day| Period::Week.start(Period::Week.index(day));
        Ok(Self {
            ledger,
            products: ledger.products().ok_or_else(|| missing("product"))?,
            quantities: ledger.quantities().ok_or_else(|| missing("quantity"))?,
            first: ledger.start().map(monday).unwrap_or_default(),
        })
    }

    /// Lines by product and week.
    fn lines(&self) -> Vec<Line> {
        let all = || (0..self.ledger.n_lines()).into_par_iter().watched();
        let product = |line: usize| if self.quantities[line].is_nan() { NO_CODE } else { self.products.codes[line] };
        let week = |line: usize| (self.ledger.days()[line] - self.first) / 7;
        let (products, weeks): (Vec<u32>, Vec<i32>) = all().map(|line| (product(line), week(line))).unzip();
        let (shuffle, offsets, weeks) = Shuffle::sort(products, self.products.dictionary.len(), weeks);
        let lines = shuffle.apply((0..self.ledger.n_lines() as u32).collect::<Vec<_>>());
        let products = (0..).zip(offsets.windows(2));
        let products = products.flat_map(|(product, own)| std::iter::repeat_n(product, (own[1] - own[0]) as usize));
        products.zip(weeks).zip(lines).map(|((product, week), line)| (product, week as u32, line)).collect()
    }

    /// By product and week.
    fn cells(&self) -> Vec<Cell> {
        let lines = self.lines();
        let cells: Vec<&[Line]> = lines.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
        cells.par_iter().watched().map(|lines| self.cell(lines)).collect()
    }

    /// Product, logarithm of the price, and the square of its error as two halves of the customers, by their shares of units, tell it; `None` where one of them bought nothing.
    fn halves(&self, lines: &[Line], sides: &[u8]) -> Option<(u32, f64, f64)> {
        let mut sums = [(0.0, 0.0); 2];
        for (.., line) in lines {
            let sum = &mut sums[usize::from(sides[*line as usize])];
            *sum = (sum.0 + self.ledger.amounts()[*line as usize], sum.1 + self.quantities[*line as usize]);
        }
        let price = |(money, units): (f64, f64)| (money > 0.0 && units > 0.0).then(|| (money / units).ln());
        let both = (sums[0].0 + sums[1].0, sums[0].1 + sums[1].1);
        let share = sums[0].1 / both.1;
        let apart = price(sums[0])? - price(sums[1])?;
        Some((lines[0].0, price(both)?, apart.powi(2) * share * (1.0 - share)))
    }

    /// The half of customers that each line is of: every other customer.
    fn sides(&self) -> Vec<u8> {
        let customers = self.ledger.offsets().windows(2).zip([1, 0].into_iter().cycle());
        customers.flat_map(|(pair, side)| std::iter::repeat_n(side, (pair[1] - pair[0]) as usize)).collect()
    }

    fn cell(&self, lines: &[Line]) -> Cell {
        let total = |values: &[f64]| -> f64 { lines.iter().map(|(.., line)| values[*line as usize]).sum() };
        let (quantity, revenue) = (total(self.quantities), total(self.ledger.amounts()));
        Cell { product: lines[0].0, week: lines[0].1, quantity, revenue, price: revenue / quantity }
    }

    fn panel(&self, cells: &[Cell]) -> Result<RecordBatch, Error> {
        let product: Vec<u32> = cells.iter().map(|cell| cell.product).collect();
        let numbers = |name: &str, of: fn(&Cell) -> f64| Column::new(name, cells.iter().map(of).collect::<Vec<_>>());
        let mut columns = vec![
            self.products.dictionary.values().take(&product)?.renamed("product"),
            Column::new("week", each(cells, |cell| self.first + 7 * cell.week as i32)),
            numbers("quantity", |cell| cell.quantity),
            numbers("revenue", |cell| cell.revenue),
            numbers("price", |cell| cell.price),
        ];
        let taken = ["product", "week", "quantity", "revenue", "price"];
        for dimension in self.ledger.dimensions().iter().filter(|dimension| !taken.contains(&dimension.name.as_str())) {
            let of_product = self.firsts(&dimension.values.codes);
            let codes: Vec<u32> = product.iter().map(|&product| of_product[product as usize]).collect();
            columns.push(dimension.values.dictionary.values().take(&codes)?.renamed(&dimension.name));
        }
        Ok(Table::new(columns)?.to_batch()?)
    }

    /// The code of each product's first line.
    fn firsts(&self, codes: &[u32]) -> Vec<u32> {
        let mut of_product = vec![NO_CODE; self.products.dictionary.len()];
        for line in (0..self.ledger.n_lines()).rev().filter(|line| self.products.codes[*line] != NO_CODE) {
            of_product[self.products.codes[line] as usize] = codes[line];
        }
        of_product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(week: u32, quantity: f64, price: f64) -> Cell {
        Cell { product: 0, week, quantity, revenue: quantity * price, price }
    }

    #[test]
    fn weeks_between_the_first_and_the_last_sale_are_filled_with_none_sold_at_the_last_price() {
        // A return before the first sale, one between, and one after the last.
        let cells = [(0, -1.0, 9.0), (2, 4.0, 5.0), (4, -1.0, 5.0), (6, 2.0, 3.0), (9, -2.0, 3.0)];
        let found = filled(&cells.map(|(week, quantity, price)| cell(week, quantity, price)));
        let weeks: Vec<(u32, f64, f64)> = found.iter().map(|cell| (cell.week, cell.quantity, cell.price)).collect();
        let expected = [
            (0, -1.0, 9.0),
            (2, 4.0, 5.0),
            (3, 0.0, 5.0),
            (4, -1.0, 5.0),
            (5, 0.0, 5.0),
            (6, 2.0, 3.0),
            (9, -2.0, 3.0),
        ];
        assert_eq!(weeks, expected);
    }

    #[test]
    fn a_product_that_only_comes_back_has_no_weeks_to_fill() {
        assert_eq!(filled(&[cell(1, -1.0, 5.0), cell(5, -1.0, 5.0)]).len(), 2);
    }
}
