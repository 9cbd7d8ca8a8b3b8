//! A ledger's lines as a market sees them: what a product sold in a week, and at which price.

use leverkit_core::frames::dates;
use leverkit_core::{Column, Day, Ledger, NO_CODE, RecordBatch, Table};
use rayon::prelude::*;

use crate::Error;

/// Units and money of each product and week with sales, from a ledger's lines: `product`, `week` (its first day, a Monday), `quantity`, `revenue`, `price`
/// (revenue over quantity), and for each dimension the value of the product's first line. Weeks in which returns outweigh sales stay as they are.
///
/// # Errors
/// [`Error::Parameter`] for a ledger without products or quantities.
pub fn market_panel(ledger: &Ledger) -> Result<RecordBatch, Error> {
    let missing =
        |role: &str| Error::parameter("ledger", format!("no {role}"), format!("a ledger with the role {role}"));
    let products = ledger.products().ok_or_else(|| missing("product"))?;
    let quantities = ledger.quantities().ok_or_else(|| missing("quantity"))?;
    let monday = |day: Day| day - (day + 3).rem_euclid(7);
    let first = ledger.start().map(monday).unwrap_or_default();
    let cell = |line: usize| (u64::from(products.codes[line]) << 32) | (((ledger.days()[line] - first) / 7) as u64);
    let known = |line: &usize| products.codes[*line] != NO_CODE && !quantities[*line].is_nan();
    let mut lines: Vec<(u64, u32)> =
        (0..ledger.n_lines()).into_par_iter().filter(known).map(|line| (cell(line), line as u32)).collect();
    lines.par_sort_unstable();
    let cells: Vec<&[(u64, u32)]> = lines.chunk_by(|a, b| a.0 == b.0).collect();
    let total = |values: &[f64]| -> Vec<f64> {
        cells.par_iter().map(|cell| cell.iter().map(|(_, line)| values[*line as usize]).sum()).collect()
    };
    let (quantity, revenue) = (total(quantities), total(ledger.amounts()));
    let price: Vec<f64> = revenue.iter().zip(&quantity).map(|(revenue, quantity)| revenue / quantity).collect();
    let product: Vec<u32> = cells.iter().map(|cell| (cell[0].0 >> 32) as u32).collect();
    let week = cells.iter().map(|cell| Some(first + 7 * (cell[0].0 as u32 as Day)));
    let mut columns = vec![
        products.dictionary.values().take(&product)?.renamed("product"),
        Column::new("week", dates(week)),
        Column::new("quantity", quantity),
        Column::new("revenue", revenue),
        Column::new("price", price),
    ];
    let taken = ["product", "week", "quantity", "revenue", "price"];
    for dimension in ledger.dimensions().iter().filter(|dimension| !taken.contains(&dimension.name.as_str())) {
        let mut of_product = vec![NO_CODE; products.dictionary.len()];
        for line in (0..ledger.n_lines()).rev().filter(|line| products.codes[*line] != NO_CODE) {
            of_product[products.codes[line] as usize] = dimension.values.codes[line];
        }
        let codes: Vec<u32> = product.iter().map(|&product| of_product[product as usize]).collect();
        columns.push(dimension.values.dictionary.values().take(&codes)?.renamed(&dimension.name));
    }
    Ok(Table::new(columns)?.to_batch()?)
}
