//! The units of a test, by arm: read from a table of them, or made of a ledger and the list of who was drawn.

use std::ops::Range;

use leverkit_core::columns::{find, flags, numbers_or_flags};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Day, Dictionary, Groups, Ledger, LeftOut, NO_CODE, Params, Reason, Table, encode};

use super::params::{HoldoutParams, WindowParams};
use crate::Error;
use crate::trial::Metric;

/// Arms, and the values of their units.
pub(super) struct Units {
    /// The arms' names; the control is the first.
    pub(super) arms: Vec<String>,
    /// The rows of each arm.
    pub(super) rows: Vec<Vec<usize>>,
    table: Table,
    pub(super) left_out: Vec<LeftOut>,
}

impl Units {
    /// Reads arms and their rows; a row whose arm or one of whose numbers is unknown is left out.
    pub(super) fn read(table: &Table, params: &HoldoutParams) -> Result<Self, Error> {
        let groups = Groups::of(table.rows(), &[find(table, "arm", &params.arm)?])?;
        let mut units = Self { arms: Vec::new(), rows: Vec::new(), table: table.clone(), left_out: Vec::new() };
        let unknown = units.unknown(params)?;
        let names = groups.keys()[0].texts();
        let mut rows = vec![Vec::new(); groups.len()];
        let mut tallies = Tallies::default();
        for (row, arm) in groups.codes().iter().enumerate() {
            if names[*arm as usize].is_none() {
                tallies.note(Reason::NoArm, row, f64::NAN);
            } else if unknown[row] {
                tallies.note(Reason::UnknownMetric, row, f64::NAN);
            } else {
                rows[*arm as usize].push(row);
            }
        }
        units.left_out = tallies.left_out(&[Reason::NoArm, Reason::UnknownMetric]);
        let filled = names.into_iter().zip(rows).filter_map(|(name, rows)| Some((name?, rows)));
        (units.arms, units.rows) = filled.filter(|(_, rows)| !rows.is_empty()).unzip();
        units.with_control_first(params)
    }

    fn with_control_first(mut self, params: &HoldoutParams) -> Result<Self, Error> {
        if self.arms.is_empty() {
            return Err(Error::empty("holdout", self.table.rows(), &self.left_out));
        }
        let Some(at) = self.arms.iter().position(|arm| *arm == params.control) else {
            let expected = format!("one of the arms {:?}; column {:?} has no unit of it", self.arms, params.arm);
            return Err(Error::parameter("control", format!("{:?}", params.control), expected));
        };
        if self.arms.len() == 1 {
            return Err(Error::not_identified("holdout", "all units are in the control: there is nobody to compare"));
        }
        self.arms[..=at].rotate_right(1);
        self.rows[..=at].rotate_right(1);
        Ok(self)
    }

    /// Whether one of a row's numbers is unknown.
    fn unknown(&self, params: &HoldoutParams) -> Result<Vec<bool>, Error> {
        let ratios = params.ratios.iter().flat_map(|(_, above, below)| [above, below]);
        let before = params.before.iter().map(|(_, column)| column);
        let mut unknown = vec![false; self.table.rows()];
        for name in params.metrics.iter().chain(before).chain(ratios).chain(&params.score) {
            let values = numbers_or_flags(&find(&self.table, "metrics", name)?, "metrics")?;
            unknown.iter_mut().zip(values).for_each(|(unknown, value)| *unknown |= !value.is_finite());
        }
        if let Some(received) = &params.received {
            let values = flags(&find(&self.table, "received", received)?, "received")?;
            unknown.iter_mut().zip(values).for_each(|(unknown, value)| *unknown |= value.is_nan());
        }
        Ok(unknown)
    }

    /// A column of numbers, all rows.
    pub(super) fn numbers(&self, role: &str, name: &str) -> Result<Vec<f64>, Error> {
        Ok(numbers_or_flags(&find(&self.table, role, name)?, role)?)
    }

    /// The segments of a column.
    pub(super) fn segments(&self, name: &str) -> Result<Groups, Error> {
        Ok(Groups::of(self.table.rows(), &[find(&self.table, "segments", name)?])?)
    }

    /// The sizes of the arms.
    pub(super) fn counts(&self) -> Vec<u64> {
        self.rows.iter().map(|rows| rows.len() as u64).collect()
    }
}

/// The values of some rows.
pub(super) fn pick(values: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|row| values[*row]).collect()
}

/// The list of who was drawn, with what they did in the test and, as `<metric>_before`, in the days before: everyone drawn is a row, with zeros where
/// the ledger has nothing of them.
///
/// # Errors
/// [`Error::Core`] for an unknown column, a missing role, or a test that starts after the ledger's end; [`Error::Value`] for a customer who comes twice.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Table, batch, parse_day};
/// use leverkit_effect::{holdout::{WindowParams, units_of_ledger}, trial::Metric};
/// let lines = batch!("c" => ["ann", "ann", "bob"], "t" => ["2024-01-05", "2024-02-03", "2024-01-20"], "a" => [10.0, 20.0, 5.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let drawn = Table::from(batch!("who" => ["ann", "bob", "eve"], "arm" => ["test", "control", "test"])?);
/// let window = WindowParams::new("who", parse_day("start", "2024-02-01")?);
/// let units = units_of_ledger(&ledger, &drawn, &window, &[Metric::Spend])?;
/// assert_eq!(units.rows(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn units_of_ledger(
    ledger: &Ledger,
    drawn: &Table,
    window: &WindowParams,
    metrics: &[Metric],
) -> Result<Table, Error> {
    Done::of(ledger, drawn, window)?.units(ledger, drawn, window, metrics)
}

/// What those who were drawn did in some days.
pub(super) struct Done {
    /// The ledger's code of each row's customer; [`NO_CODE`] where it has none.
    codes: Vec<u32>,
    /// The days of the test.
    pub(super) days: Range<Day>,
}

impl Done {
    pub(super) fn of(ledger: &Ledger, drawn: &Table, window: &WindowParams) -> Result<Self, Error> {
        window.check()?;
        let end = window.end.map_or(ledger.as_of(), |last| last + 1);
        let seen = ledger.seen_until(ledger.as_of()) + 1;
        if window.start >= end || end > seen {
            let got = format!("{} to {}", leverkit_core::format_day(window.start), leverkit_core::format_day(end - 1));
            let expected = format!("days up to {}, where the ledger ends", leverkit_core::format_day(seen - 1));
            return Err(Error::parameter("start, end", got, expected));
        }
        let codes = places(&find(drawn, "customer", &window.customer)?, ledger.customers(), &window.customer)?;
        Ok(Self { codes, days: window.start..end })
    }

    /// A metric of each row, 0 where the ledger has nothing.
    pub(super) fn values(&self, ledger: &Ledger, metric: Metric, days: &Range<Day>) -> Vec<f64> {
        let done = ledger.par_customers(|| (), |(), customer| metric.of(ledger, &customer, days));
        self.codes.iter().map(|code| if *code == NO_CODE { 0.0 } else { done[*code as usize] }).collect()
    }

    pub(super) fn units(
        &self,
        ledger: &Ledger,
        drawn: &Table,
        window: &WindowParams,
        metrics: &[Metric],
    ) -> Result<Table, Error> {
        metrics.iter().try_for_each(|metric| metric.check(ledger))?;
        let Range { start, end } = self.days;
        let before = start - window.before_days.map_or(end - start, |days| days as i32);
        let mut table = drawn.clone();
        for metric in metrics {
            let name = metric.name();
            for (name, days) in [(name.to_owned(), start..end), (format!("{name}_before"), before..start)] {
                if drawn.column(&name).is_some() {
                    return Err(leverkit_core::Error::TwoColumns { role: "metrics".into(), column: name }.into());
                }
                table = table.with(Column::new(&name, self.values(ledger, *metric, &days)))?;
            }
        }
        Ok(table)
    }
}

/// The ledger's code of each customer in a list; [`NO_CODE`] for those without a line.
fn places(listed: &Column, customers: &Dictionary, name: &str) -> Result<Vec<u32>, Error> {
    let encoded = encode(listed.clone(), "customer")?;
    let mut seen = vec![false; encoded.values.len()];
    for (row, code) in encoded.codes.iter().enumerate().filter(|(_, code)| **code != NO_CODE) {
        if std::mem::replace(&mut seen[*code as usize], true) {
            let got = format!("{:?} again", encoded.values.text(*code as usize).unwrap_or_default());
            let expected = "each customer once: one row per customer who was drawn".into();
            return Err(Error::Value { role: "customer".into(), column: name.into(), row, got, expected });
        }
    }
    let known: std::collections::HashMap<Option<String>, u32> = customers.values().ids().into_iter().zip(0..).collect();
    let of_value: Vec<u32> =
        encoded.values.ids().iter().map(|text| known.get(text).copied().unwrap_or(NO_CODE)).collect();
    Ok(encoded.codes.iter().map(|code| of_value.get(*code as usize).copied().unwrap_or(NO_CODE)).collect())
}
