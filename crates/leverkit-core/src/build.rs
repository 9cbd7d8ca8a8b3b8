//! From record batches to a Ledger: read the roles' columns, set bad rows aside, sort by customer and time, number the orders.

use std::sync::Arc;

use arrow_array::RecordBatch;
use rayon::prelude::*;

use crate::calendar::{MICROS_PER_DAY, parse_micros};
use crate::columns::{Times, find, is_text, missing, numbers, times};
use crate::encode::{Encoded, compact, encode};
use crate::gather::{extend, fill_chunks, gather};
use crate::ledger::{Codes, Dictionary, Ledger, NO_CODE, Named, Numbers};
use crate::left_out::Reason;
use crate::orders::{self, Keys};
use crate::quality::{Essentials, Fault, Quality, Rejected, Tally, is_return};
use crate::shuffle::Shuffle;
use crate::{Column, Error, OnInvalid, Returns, Roles, Table};

impl Ledger {
    /// Builds a ledger from record batches of one schema and the roles of their columns.
    ///
    /// # Errors
    /// - [`Error::UnknownColumn`], [`Error::MissingRole`], [`Error::WrongType`] where roles and columns do not fit;
    /// - [`Error::InvalidValue`] for the first bad row with [`OnInvalid::Raise`];
    /// - [`Error::Empty`] where no line is left;
    /// - [`Error::Parameter`] for an unknown time zone.
    ///
    /// ```
    /// use leverkit_core::{Error, Ledger, Roles, batch};
    /// let lines = batch!("client" => [Some("ann"), None], "date" => ["2024-01-05", "2024-01-06"], "paid" => [20.0, 15.0])?;
    /// let ledger = Ledger::from_batches(&[lines.clone()], &Roles::new("client", "date").amount("paid"))?;
    /// assert_eq!(ledger.rejected().rows, [1]);
    ///
    /// let error = Ledger::from_batches(&[lines], &Roles::new("clint", "date").amount("paid")).unwrap_err();
    /// assert!(matches!(error, Error::UnknownColumn { nearest: Some(name), .. } if name == "client"));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn from_batches(batches: &[RecordBatch], roles: &Roles) -> Result<Self, Error> {
        let mut builder = LedgerBuilder::new(roles.clone());
        batches.iter().try_for_each(|batch| builder.push(batch))?;
        builder.finish()
    }

    /// Builds a ledger from a table whose columns may stand in chunks.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`].
    pub fn from_table(table: &Table, roles: &Roles) -> Result<Self, Error> {
        let mut builder = LedgerBuilder::new(roles.clone());
        builder.push_table(table)?;
        builder.finish()
    }
}

/// Builds a ledger from a table that comes in batches. A batch's columns are freed as soon as they are read, all but the ids'.
///
/// ```
/// use leverkit_core::{LedgerBuilder, Roles, batch};
/// let mut builder = LedgerBuilder::new(Roles::new("client", "date").amount("paid"));
/// builder.push(&batch!("client" => ["ann"], "date" => ["2024-01-05"], "paid" => [20.0])?)?;
/// builder.push(&batch!("client" => ["bob"], "date" => ["2024-01-06"], "paid" => [15.0])?)?;
/// assert_eq!(builder.finish()?.n_customers(), 2);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub struct LedgerBuilder {
    roles: Roles,
    lines: Option<Lines<Column>>,
    rejected: Rejected,
}

impl LedgerBuilder {
    /// A builder without lines.
    pub fn new(roles: Roles) -> Self {
        Self { roles, lines: None, rejected: Rejected::default() }
    }

    /// Reads a batch; all must have the same columns.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`].
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.push_table(&Table::from(batch))
    }

    fn push_table(&mut self, table: &Table) -> Result<(), Error> {
        let start = self.lines.as_ref().map_or(0, Lines::len);
        let rows = start + table.rows();
        if rows >= NO_CODE as usize {
            return Err(Error::TooLarge { rows, limit: NO_CODE as usize - 1 });
        }
        let sources = Sources::find(table, &self.roles)?;
        let lines = Lines::read(&sources, &self.roles)?;
        let faults = lines.faults(self.roles.returns == Returns::Drop);
        if !faults.is_empty() {
            let rejected = describe(&faults, start, &sources, &lines.amounts);
            if self.roles.on_invalid == OnInvalid::Raise {
                raise_first(&rejected, &self.roles)?;
            }
            self.rejected.append(&rejected);
        }
        match &mut self.lines {
            None => self.lines = Some(lines),
            Some(known) => known.append(lines)?,
        }
        Ok(())
    }

    /// Encodes and sorts the lines.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`].
    pub fn finish(self) -> Result<Ledger, Error> {
        let Some(lines) = self.lines else {
            return Err(Error::Empty { rows: 0, rejected: 0, hint: NO_ROWS.into() });
        };
        lines.encode(&self.rejected.rows)?.arrange(self.rejected, &self.roles)
    }
}

const NO_ROWS: &str = "the frame is empty";

/// The table's columns by role.
struct Sources {
    customer: Column,
    time: Column,
    /// The amount, or price and quantity whose product it is, each with its role.
    amount: Vec<(&'static str, Column)>,
    order: Option<Column>,
    product: Option<Column>,
    quantity: Option<Column>,
    list_price: Option<Column>,
    unit_cost: Option<Column>,
    discounts: Vec<Named<Column>>,
    dimensions: Vec<Named<Column>>,
}

impl Sources {
    fn find(table: &Table, roles: &Roles) -> Result<Self, Error> {
        let optional =
            |role: &str, name: &Option<String>| name.as_ref().map(|name| find(table, role, name)).transpose();
        let named = |role: &str, name: &str, column: &str| {
            Ok::<_, Error>(Named { name: name.to_owned(), values: find(table, role, column)? })
        };
        Ok(Self {
            customer: find(table, "customer", &roles.customer)?,
            time: find(table, "time", &roles.time)?,
            amount: match (&roles.amount, &roles.price, &roles.quantity) {
                (Some(amount), _, _) => vec![("amount", find(table, "amount", amount)?)],
                (None, Some(price), Some(quantity)) => {
                    vec![("price", find(table, "price", price)?), ("quantity", find(table, "quantity", quantity)?)]
                }
                _ => {
                    return Err(Error::MissingRole {
                        role: "amount".into(),
                        hint: "give amount (money of the line), or price and quantity".into(),
                    });
                }
            },
            order: optional("order", &roles.order)?,
            product: optional("product", &roles.product)?,
            quantity: optional("quantity", &roles.quantity)?,
            list_price: optional("list_price", &roles.list_price)?,
            unit_cost: optional("unit_cost", &roles.unit_cost)?,
            discounts: roles
                .discounts
                .iter()
                .map(|(name, column)| named("discounts", name, column))
                .collect::<Result<_, _>>()?,
            dimensions: roles
                .dimensions
                .iter()
                .map(|column| named("dimensions", column, column))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Lines in input order. Ids are the column itself while batches come in, and codes afterwards.
struct Lines<Id> {
    customers: Id,
    times: Times,
    amounts: Vec<f64>,
    orders: Option<Id>,
    products: Option<Id>,
    quantities: Option<Vec<f64>>,
    list_prices: Option<Vec<f64>>,
    unit_costs: Option<Vec<f64>>,
    discounts: Vec<Named<Vec<f64>>>,
    dimensions: Vec<Named<Id>>,
}

impl<Id> Lines<Id> {
    fn len(&self) -> usize {
        self.amounts.len()
    }
}

impl Lines<Column> {
    fn read(sources: &Sources, roles: &Roles) -> Result<Self, Error> {
        let optional =
            |role: &str, series: &Option<Column>| series.as_ref().map(|series| numbers(series, role)).transpose();
        Ok(Self {
            customers: sources.customer.clone(),
            times: times(&sources.time, roles.time_zone.as_deref(), roles.days_only)?,
            amounts: amounts(&sources.amount)?,
            orders: sources.order.clone(),
            products: sources.product.clone(),
            quantities: optional("quantity", &sources.quantity)?,
            list_prices: optional("list_price", &sources.list_price)?,
            unit_costs: optional("unit_cost", &sources.unit_cost)?,
            discounts: named(&sources.discounts, |series| numbers(series, "discounts"))?,
            dimensions: sources.dimensions.clone(),
        })
    }

    fn append(&mut self, other: Self) -> Result<(), Error> {
        self.customers.append(&other.customers)?;
        self.times.append(other.times);
        extend(&mut self.amounts, &other.amounts);
        let ids = [(&mut self.orders, other.orders), (&mut self.products, other.products)];
        for (ids, more) in ids.into_iter().filter_map(|(ids, more)| ids.as_mut().zip(more)) {
            ids.append(&more)?;
        }
        let numbers = [
            (&mut self.quantities, other.quantities),
            (&mut self.list_prices, other.list_prices),
            (&mut self.unit_costs, other.unit_costs),
        ];
        numbers
            .into_iter()
            .filter_map(|(numbers, more)| numbers.as_mut().zip(more))
            .for_each(|(all, more)| extend(all, &more));
        self.discounts.iter_mut().zip(other.discounts).for_each(|(all, more)| extend(&mut all.values, &more.values));
        for (ids, more) in self.dimensions.iter_mut().zip(other.dimensions) {
            ids.values.append(&more.values)?;
        }
        Ok(())
    }

    fn faults(&self, drop_returns: bool) -> Vec<(usize, Fault)> {
        let missing = missing(&self.customers);
        let essentials = Essentials {
            no_customer: missing.as_deref(),
            times: &self.times,
            amounts: &self.amounts,
            quantities: self.quantities.as_deref(),
            drop_returns,
        };
        (0..self.len())
            .into_par_iter()
            .with_min_len(1 << 16)
            .filter_map(|row| essentials.fault(row).map(|fault| (row, fault)))
            .collect()
    }

    /// Codes the ids. Customers whose rows were all set aside are left out of the dictionary.
    fn encode(self, rejected: &[u32]) -> Result<Lines<Encoded>, Error> {
        let optional = |ids: Option<Column>, role: &str| ids.map(|ids| encode(ids, role)).transpose();
        let mut customers = encode(self.customers, "customer")?;
        if !rejected.is_empty() {
            rejected.iter().for_each(|&row| customers.codes[row as usize] = NO_CODE);
            let (codes, kept) = compact(&customers.codes, customers.values.len());
            customers = Encoded { codes, values: customers.values.take(&kept)? };
        }
        Ok(Lines {
            customers,
            times: self.times,
            amounts: self.amounts,
            orders: optional(self.orders, "order")?,
            products: optional(self.products, "product")?,
            quantities: self.quantities,
            list_prices: self.list_prices,
            unit_costs: self.unit_costs,
            discounts: self.discounts,
            dimensions: self
                .dimensions
                .into_iter()
                .map(|column| Ok(Named { name: column.name, values: encode(column.values, "dimensions")? }))
                .collect::<Result<_, Error>>()?,
        })
    }
}

impl Lines<Encoded> {
    fn arrange(self, rejected: Rejected, roles: &Roles) -> Result<Ledger, Error> {
        let rows = self.len();
        let (shuffle, offsets, days, micros) =
            in_time_order(self.customers.codes, self.customers.values.len(), self.times);
        if shuffle.is_empty() {
            let hint =
                if rows == 0 { NO_ROWS } else { "look at the roles: every row lacks a customer, a time or an amount" };
            return Err(Error::Empty { rows, rejected: rejected.rows.len(), hint: hint.into() });
        }
        let numbers = |values| Arc::new(shuffle.apply(values));
        let codes = |encoded: Encoded| Codes {
            codes: Arc::new(shuffle.apply(encoded.codes)),
            dictionary: Dictionary::new(encoded.values),
        };
        let amounts = numbers(self.amounts);
        let quantities = self.quantities.map(numbers);
        let ids = self.orders.map(codes);
        let products = self.products.map(codes);
        let list_prices = self.list_prices.map(numbers);
        let unit_costs = self.unit_costs.map(numbers);
        let discounts = self
            .discounts
            .into_iter()
            .map(|column| Named { name: column.name, values: numbers(column.values) })
            .collect();
        let dimensions = self
            .dimensions
            .into_iter()
            .map(|column| Named { name: column.name, values: codes(column.values) })
            .collect();
        drop(shuffle);
        let mut ledger = Ledger {
            roles: canonical(roles),
            customers: Dictionary::new(self.customers.values),
            offsets: Arc::new(offsets),
            days: Arc::new(days),
            micros: micros.map(Arc::new),
            amounts,
            orders: Arc::default(),
            order_offsets: Arc::default(),
            order_days: Arc::default(),
            order_ids: None,
            products,
            quantities,
            list_prices,
            unit_costs,
            discounts,
            dimensions,
            span: None,
            as_of: 0,
            quality: Quality { rows: rows as u64, set_aside: rejected.tallies(), ..Quality::default() },
            rejected,
        };
        ledger.number_orders(ids.as_ref())?;
        ledger.span = span(&ledger.days);
        ledger.as_of = ledger.span.map_or(0, |(_, end)| end + 1);
        ledger.tally();
        Ok(ledger)
    }
}

impl Ledger {
    /// Numbers the orders by their ids, or by day where there are none.
    pub(crate) fn number_orders(&mut self, ids: Option<&Codes>) -> Result<(), Error> {
        let keys = ids.map_or(Keys::Days(&self.days), |ids| Keys::Ids(&ids.codes, &self.days));
        let numbered = orders::number(&self.offsets, &keys, |line| !self.is_netted_return(line));
        self.order_days = Arc::new(gather(&numbered.first_lines, &self.days));
        self.order_ids = ids.map(|ids| take_ids(ids, &numbered.first_lines)).transpose()?;
        self.orders = Arc::new(numbered.of_line);
        self.order_offsets = Arc::new(numbered.offsets);
        Ok(())
    }

    /// Whether a line lowers an order instead of making one: a return, unless returns are kept as lines like any other.
    pub fn is_netted_return(&self, line: usize) -> bool {
        self.roles.returns != Returns::Keep && self.is_return(line)
    }

    /// Whether a line has a negative amount or quantity.
    pub(crate) fn is_return(&self, line: usize) -> bool {
        is_return(self.amounts[line], self.quantities.as_ref().map_or(0.0, |quantities| quantities[line]))
    }

    /// Counts what was kept, returns, and unknown optional values.
    fn tally(&mut self) {
        let sum = |lines: &[u32]| Tally {
            rows: lines.len() as u64,
            amount: crate::stats::sum(&gather(lines, &self.amounts)),
        };
        let returns: Vec<u32> = (0..self.n_lines() as u32)
            .into_par_iter()
            .with_min_len(1 << 16)
            .filter(|&line| self.is_return(line as usize))
            .collect();
        let alone: Vec<u32> =
            returns.iter().copied().filter(|&line| self.orders[line as usize] == crate::NO_ORDER).collect();
        self.quality.returns = sum(&returns);
        self.quality.returns_without_order = sum(&alone);
        self.quality.kept = Tally { rows: self.n_lines() as u64, amount: crate::stats::par_sum(&self.amounts) };
        self.quality.unknown = self.unknown();
    }

    fn unknown(&self) -> Vec<(String, u64)> {
        let nan = |values: &Numbers| values.par_iter().filter(|value| value.is_nan()).count() as u64;
        let null = |codes: &Codes| codes.codes.par_iter().filter(|code| **code == NO_CODE).count() as u64;
        let mut counts = Vec::new();
        let mut note = |name: &str, count: Option<u64>| {
            counts.extend(count.filter(|&count| count > 0).map(|count| (name.to_owned(), count)));
        };
        note("product", self.products.as_ref().map(null));
        note("quantity", self.quantities.as_ref().map(nan));
        note("list_price", self.list_prices.as_ref().map(nan));
        note("unit_cost", self.unit_costs.as_ref().map(nan));
        self.discounts.iter().for_each(|column| note(&column.name, Some(nan(&column.values))));
        self.dimensions.iter().for_each(|column| note(&column.name, Some(null(&column.values))));
        counts
    }
}

/// Roles as the ledger's own frame has them: the amount is a column of its own.
fn canonical(roles: &Roles) -> Roles {
    Roles { amount: roles.amount.clone().or_else(|| Some("amount".into())), price: None, ..roles.clone() }
}

fn named<T>(sources: &[Named<Column>], read: impl Fn(&Column) -> Result<T, Error>) -> Result<Vec<Named<T>>, Error> {
    sources.iter().map(|source| Ok(Named { name: source.name.clone(), values: read(&source.values)? })).collect()
}

fn amounts(sources: &[(&'static str, Column)]) -> Result<Vec<f64>, Error> {
    let mut product: Option<Vec<f64>> = None;
    for (role, series) in sources {
        let factor = numbers(series, role)?;
        product = Some(match product {
            None => factor,
            Some(other) => other.into_par_iter().zip(factor).map(|(a, b)| finite_or_nan(a * b)).collect(),
        });
    }
    Ok(product.unwrap_or_default())
}

fn finite_or_nan(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// Looks at the original values of faulty rows for the precise reason. `start` is the number of the batch's first row.
fn describe(faults: &[(usize, Fault)], start: usize, sources: &Sources, amounts: &[f64]) -> Rejected {
    let mut rejected = Rejected::default();
    for &(row, fault) in faults {
        let (reason, value) = match fault {
            Fault::Customer => (Reason::NullCustomer, None),
            Fault::Time => time_fault(&sources.time, row),
            Fault::Amount => amount_fault(&sources.amount, row),
            Fault::Return => (Reason::ReturnDropped, Some(amounts[row].to_string())),
        };
        rejected.rows.push((start + row) as u32);
        rejected.reasons.push(reason);
        rejected.values.push(value);
        rejected.amounts.push(amounts[row]);
    }
    rejected
}

fn time_fault(time: &Column, row: usize) -> (Reason, Option<String>) {
    let text = time.text(row);
    let reason = match &text {
        None => Reason::NullTime,
        Some(text) if is_text(time) && parse_micros(text, &jiff::tz::TimeZone::UTC).is_none() => Reason::UnreadableTime,
        Some(_) => Reason::TimeOutOfRange,
    };
    (reason, text)
}

fn amount_fault(sources: &[(&'static str, Column)], row: usize) -> (Reason, Option<String>) {
    let mut infinite = (Reason::InfiniteAmount, None);
    for (_, column) in sources {
        let value = column.text(row);
        let number = value.as_deref().and_then(|text| text.parse::<f64>().ok());
        if number.is_none_or(f64::is_nan) {
            return (Reason::NullAmount, None);
        }
        if infinite.1.is_none() || number.is_some_and(f64::is_infinite) {
            infinite.1 = value;
        }
    }
    infinite
}

fn raise_first(rejected: &Rejected, roles: &Roles) -> Result<(), Error> {
    let Some(first) = rejected.reasons.iter().position(|&reason| reason != Reason::ReturnDropped) else {
        return Ok(());
    };
    let reason = rejected.reasons[first];
    Err(Error::InvalidValue {
        role: reason.role().into(),
        column: roles.column_of(reason.role()).unwrap_or_default(),
        row: rejected.rows[first] as usize,
        got: rejected.values[first].clone().unwrap_or_else(|| "null".into()),
        reason: reason.text().into(),
        expected: reason.expected().into(),
    })
}

fn take_ids(ids: &Codes, lines: &[u32]) -> Result<Column, Error> {
    ids.dictionary.values().take(&gather(lines, &ids.codes))
}

/// Sorts lines by customer and time; returns the shuffle, the customers' offsets, and the days and clocks in order.
fn in_time_order(codes: Vec<u32>, n_customers: usize, times: Times) -> (Shuffle, Vec<u32>, Vec<i32>, Option<Vec<i64>>) {
    match times {
        Times::Days(days) => {
            let (shuffle, offsets, days) = Shuffle::sort(codes, n_customers, days);
            (shuffle, offsets, days, None)
        }
        Times::Micros(micros) => {
            let (shuffle, offsets, micros) = Shuffle::sort(codes, n_customers, micros);
            let days = fill_chunks(&[micros.len()], |_, rows, out| {
                for (day, micros) in out.iter_mut().zip(&micros[rows]) {
                    day.write(micros.div_euclid(MICROS_PER_DAY) as i32);
                }
            });
            (shuffle, offsets, days, Some(micros))
        }
    }
}

pub(crate) fn span(days: &[i32]) -> Option<(i32, i32)> {
    days.par_iter().map(|&day| (day, day)).reduce_with(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}
