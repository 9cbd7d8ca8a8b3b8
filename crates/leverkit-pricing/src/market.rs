//! A ledger's lines as a market sees them: what a product sold in a week, and at which price.

use leverkit_core::polars::prelude::*;
use leverkit_core::{Day, Ledger, NO_CODE};
use rayon::prelude::*;

use crate::Error;

/// Units and money of each product and week with sales, from a ledger's lines: `product`, `week` (its first day, a Monday), `quantity`, `revenue`, `price`
/// (revenue over quantity), and for each dimension the value of the product's first line. Weeks in which returns outweigh sales stay as they are.
///
/// # Errors
/// [`Error::Parameter`] for a ledger without products or quantities.
pub fn market_panel(ledger: &Ledger) -> Result<DataFrame, Error> {
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
    let product: Vec<IdxSize> = cells.iter().map(|cell| (cell[0].0 >> 32) as IdxSize).collect();
    let week: Vec<Day> = cells.iter().map(|cell| first + 7 * (cell[0].0 as u32 as Day)).collect();
    let values = |dictionary: &Series, codes: Vec<Option<IdxSize>>, name: &str| -> PolarsResult<Column> {
        Ok(dictionary.take(&codes.into_iter().collect::<IdxCa>())?.with_name(name.into()).into_column())
    };
    let mut columns = vec![
        values(products.dictionary.values(), product.iter().copied().map(Some).collect(), "product")?,
        Series::new("week".into(), week).cast(&DataType::Date)?.into_column(),
        Series::new("quantity".into(), quantity).into_column(),
        Series::new("revenue".into(), revenue).into_column(),
        Series::new("price".into(), price).into_column(),
    ];
    let taken = ["product", "week", "quantity", "revenue", "price"];
    for dimension in ledger.dimensions().iter().filter(|dimension| !taken.contains(&dimension.name.as_str())) {
        let mut of_product = vec![NO_CODE; products.dictionary.len()];
        for line in (0..ledger.n_lines()).rev().filter(|line| products.codes[*line] != NO_CODE) {
            of_product[products.codes[line] as usize] = dimension.values.codes[line];
        }
        let known = |product: &IdxSize| {
            Some(of_product[*product as usize]).filter(|code| *code != NO_CODE).map(|code| code as IdxSize)
        };
        columns.push(values(
            dimension.values.dictionary.values(),
            product.iter().map(known).collect(),
            &dimension.name,
        )?);
    }
    Ok(DataFrame::new(cells.len(), columns)?)
}
