//! Results of tests as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Column, Error, LeftOut, RecordBatch, Tables, batch};

use super::design::{LengthPower, TestDesign, TestLength};
use super::randomise::Assignment;

impl Tables for TestDesign {
    const TABLES: &'static [&'static str] = &["table", "false_alarms"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "false_alarms" => self.false_alarms_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl TestDesign {
    /// One row per length: `weeks`, `customers` who could take part, `mean` and `std_dev` of the metric, `correlation` with the weeks before, `saving` (share
    /// of customers that adjusting for them saves), the smallest effect that is found: `smallest` (units of the metric), `smallest_lift` (share of the mean),
    /// `smallest_money` (a year, with all these customers), each also `…_adjusted`; `needed` and `needed_adjusted` (customers, for the lift asked for),
    /// `break_even_lift` (whose first year pays for the test), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.lengths;
        let power = |value: &dyn Fn(LengthPower) -> Option<f64>| each(rows, |row: &TestLength| value(row.power?));
        let money = |power: LengthPower, effect: f64| Some(power.money_per_unit? * effect);
        batch!(
            "weeks" => each(rows, |row| row.weeks),
            "customers" => each(rows, |row| row.customers),
            "mean" => power(&|power| Some(power.mean)),
            "std_dev" => power(&|power| Some(power.std_dev)),
            "correlation" => power(&|power| Some(power.correlation)),
            "saving" => power(&|power| Some(power.saving)),
            "smallest" => power(&|power| Some(power.smallest)),
            "smallest_lift" => power(&|power| power.lift(power.smallest)),
            "smallest_money" => power(&|power| money(power, power.smallest)),
            "smallest_adjusted" => power(&|power| Some(power.smallest_adjusted)),
            "smallest_lift_adjusted" => power(&|power| power.lift(power.smallest_adjusted)),
            "smallest_money_adjusted" => power(&|power| money(power, power.smallest_adjusted)),
            "needed" => power(&|power| power.needed),
            "needed_adjusted" => power(&|power| power.needed_adjusted),
            "break_even_lift" => power(&|power| power.break_even_lift),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }

    /// One row per estimate: `estimate` (difference, adjusted), `false_alarms` (share of re-randomisations of the past with a finding) with `false_alarms_lower`
    /// and `_upper`, `power` where the lift asked for is planted, with limits, `expected_power` by the formula, `spread` of the estimates and their mean
    /// `std_error`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn false_alarms_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.placebos;
        batch!(
            "estimate" => each(rows, |row| row.estimate),
            "false_alarms" => each(rows, |row| row.false_alarms.estimate),
            "false_alarms_lower" => each(rows, |row| row.false_alarms.lower),
            "false_alarms_upper" => each(rows, |row| row.false_alarms.upper),
            "power" => each(rows, |row| row.power.estimate),
            "power_lower" => each(rows, |row| row.power.lower),
            "power_upper" => each(rows, |row| row.power.upper),
            "expected_power" => each(rows, |row| row.expected_power),
            "spread" => each(rows, |row| row.spread),
            "std_error" => each(rows, |row| row.std_error),
        )
    }
}

impl Tables for Assignment {
    const TABLES: &'static [&'static str] = &["table", "balance"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "balance" => self.balance_batch(),
            _ => self.to_batch(),
        }
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Assignment {
    /// One row per unit: the unit, `arm`, `block` (its stratum, or its set of matched neighbours).
    ///
    /// # Errors
    /// [`Error::TwoColumns`] where the unit's column is called as one of ours.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let arms: Vec<&str> = self.arms.iter().map(|arm| self.params.arms[*arm as usize].0.as_str()).collect();
        let units = leverkit_core::Table::new(vec![self.units.clone()])?.to_batch()?;
        let drawn = batch!("arm" => Column::new("arm", arms), "block" => &self.blocks)?;
        leverkit_core::frames::beside(&[units, drawn])
    }

    /// One row per number and arm: `column`, `arm`, `n`, `mean`, `difference` from the first arm's mean in standard deviations.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn balance_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.balance;
        batch!(
            "column" => each(rows, |row| row.column.as_str()),
            "arm" => each(rows, |row| row.arm.as_str()),
            "n" => each(rows, |row| row.n),
            "mean" => each(rows, |row| row.mean),
            "difference" => each(rows, |row| row.difference),
        )
    }
}
