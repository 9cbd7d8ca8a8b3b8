//! A ledger's lines as a market sees them: what a product sold in a week, and at which price.

use leverkit_core::frames::dates;
use leverkit_core::{Codes, Column, Day, Ledger, NO_CODE, RecordBatch, Table};
use rayon::prelude::*;

use crate::Error;

/// Units and money of each product and week with sales, from a ledger's lines: `product`, `week` (its first day, a Monday), `quantity`, `revenue`, `price`
/// (revenue over quantity), and for each dimension the value of the product's first line. Weeks in which returns outweigh sales stay as they are.
///
/// # Errors
/// [`Error::Parameter`] for a ledger without products or quantities.
pub fn market_panel(ledger: &Ledger) -> Result<RecordBatch, Error> {
    let market = Market::of(ledger)?;
    market.panel(&market.cells())
}

/// [`market_panel`] with the weeks between a product's first and last sale in which nobody bought it: none sold, at the price of the sale before, for
/// models that count zeros. Beside it how many weeks were filled in.
///
/// # Errors
/// As [`market_panel`].
pub fn market_grid(ledger: &Ledger) -> Result<(RecordBatch, u64), Error> {
    let market = Market::of(ledger)?;
    let cells = market.cells();
    let grid: Vec<Cell> = cells.chunk_by(|a, b| a.product == b.product).flat_map(filled).collect();
    Ok((market.panel(&grid)?, (grid.len() - cells.len()) as u64))
}

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
        let monday = |day: Day| day - (day + 3).rem_euclid(7);
        Ok(Self {
            ledger,
            products: ledger.products().ok_or_else(|| missing("product"))?,
            quantities: ledger.quantities().ok_or_else(|| missing("quantity"))?,
            first: ledger.start().map(monday).unwrap_or_default(),
        })
    }

    /// By product and week.
    fn cells(&self) -> Vec<Cell> {
        let week = |line: usize| ((self.ledger.days()[line] - self.first) / 7) as u32;
        let known = |line: &usize| self.products.codes[*line] != NO_CODE && !self.quantities[*line].is_nan();
        let lines = (0..self.ledger.n_lines()).into_par_iter().filter(known);
        let mut lines: Vec<(u32, u32, u32)> =
            lines.map(|line| (self.products.codes[line], week(line), line as u32)).collect();
        lines.par_sort_unstable();
        let cells: Vec<&[(u32, u32, u32)]> = lines.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
        cells.par_iter().map(|lines| self.cell(lines)).collect()
    }

    fn cell(&self, lines: &[(u32, u32, u32)]) -> Cell {
        let total = |values: &[f64]| -> f64 { lines.iter().map(|(.., line)| values[*line as usize]).sum() };
        let (quantity, revenue) = (total(self.quantities), total(self.ledger.amounts()));
        Cell { product: lines[0].0, week: lines[0].1, quantity, revenue, price: revenue / quantity }
    }

    fn panel(&self, cells: &[Cell]) -> Result<RecordBatch, Error> {
        let product: Vec<u32> = cells.iter().map(|cell| cell.product).collect();
        let numbers = |name: &str, of: fn(&Cell) -> f64| Column::new(name, cells.iter().map(of).collect::<Vec<_>>());
        let mut columns = vec![
            self.products.dictionary.values().take(&product)?.renamed("product"),
            Column::new("week", dates(cells.iter().map(|cell| Some(self.first + 7 * cell.week as Day)))),
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
