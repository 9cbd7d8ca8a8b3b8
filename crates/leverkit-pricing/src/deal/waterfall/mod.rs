//! The pocket-price waterfall: from list price through named components to pocket price and margin (Marn & Rosiello 1992).
//!
//! This file goes through the deals; adding up the rows is left to `rows`, what comes of it to `result`.

mod result;
mod rows;
mod table;

use leverkit_core::{Params, RecordBatch, Table};

pub use self::result::{Fall, StepChange, StepKind, Waterfall, WaterfallStep};
use self::rows::{Sums, UNIT};
pub use self::table::comparison_batch;
use super::deals::{DealRoles, Deals};
use super::params::WaterfallParams;
use crate::Error;

/// Lays out the waterfall: list price, what stands on the invoice, invoice price, what comes off after it, pocket price, cost, margin.
///
/// An unknown component counts as none and is counted in `left_out`; rows without list price, quantity or cost are left out and counted there.
/// Where the deals have a pocket price, every row is checked against it.
///
/// # Errors
/// [`Error::DoesNotAddUp`] names rows whose components do not lead to the pocket price; [`Error::Parameter`] for an unknown name in
/// `on_invoice` or a tolerance below zero; [`Error::Empty`] where no row can be used.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{DealRoles, Deals, WaterfallParams, waterfall};
/// let lines = batch!("list" => [10.0, 12.0], "rebate" => [1.0, 0.5], "units" => [3, 1])?;
/// let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").component("rebate", "rebate").quantity("units"))?;
/// assert_eq!(waterfall(&deals, &WaterfallParams::default())?.total.amounts, [42.0, -3.5, 38.5]);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn waterfall(deals: &Deals, params: &WaterfallParams) -> Result<Waterfall, Error> {
    params.check()?;
    let by = deals.columns(&params.by)?;
    let mut sums = Sums::new(params.clone());
    for start in (0..deals.n_rows()).step_by(UNIT) {
        sums.add(&deals.slice(start, UNIT, &by))?;
    }
    sums.finish(deals)
}

/// Lays out a waterfall of rows that come batch by batch, and keeps none of them; the result is that of [`waterfall`] to the last bit.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{DealRoles, WaterfallBuilder, WaterfallParams};
/// let roles = DealRoles::new("list").component("rebate", "rebate").quantity("units");
/// let mut builder = WaterfallBuilder::new(roles, WaterfallParams::default())?;
/// builder.push(&batch!("list" => [10.0], "rebate" => [1.0], "units" => [3])?)?;
/// builder.push(&batch!("list" => [12.0], "rebate" => [0.5], "units" => [1])?)?;
/// assert_eq!(builder.finish()?.total.amounts, [42.0, -3.5, 38.5]);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
#[derive(Debug)]
pub struct WaterfallBuilder {
    roles: DealRoles,
    sums: Sums,
    waiting: Table,
}

impl WaterfallBuilder {
    /// A waterfall of deals with these roles.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a tolerance below zero.
    pub fn new(roles: DealRoles, params: WaterfallParams) -> Result<Self, Error> {
        params.check()?;
        Ok(Self { roles, sums: Sums::new(params), waiting: Table::default() })
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// As [`Deals::from_table`], or for a batch of other columns than the first.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.waiting.append(&batch.into())?;
        while self.waiting.rows() >= UNIT {
            self.sums.add(&Deals::from_table(&self.waiting.slice(0, UNIT), &self.roles)?)?;
            self.waiting = self.waiting.slice(UNIT, self.waiting.rows() - UNIT);
        }
        Ok(())
    }

    /// The waterfall of all rows.
    ///
    /// # Errors
    /// As [`waterfall`].
    pub fn finish(mut self) -> Result<Waterfall, Error> {
        let last = Deals::from_table(&self.waiting, &self.roles)?;
        if last.n_rows() > 0 {
            self.sums.add(&last)?;
        }
        self.sums.finish(&last)
    }
}
