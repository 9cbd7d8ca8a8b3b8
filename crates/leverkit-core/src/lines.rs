//! Lines in input order: read from their columns batch by batch, then coded.

use rayon::prelude::*;

use crate::columns::{Times, Values, missing, numbers, times_as};
use crate::encode::{Encoded, encode, encode_as_text, encode_as_text_with_gaps, encode_with_gaps};
use crate::ledger::Named;
use crate::quality::{Essentials, Faulty, lines_where};
use crate::sources::Sources;
use crate::{Column, Day, Error, NO_CODE, Pieces, Roles};

/// Lines in input order. Ids are the column itself while batches come in, and codes afterwards; all else lies in a piece for each batch.
pub(crate) struct Lines<Id> {
    pub(crate) customers: Id,
    pub(crate) times: TimePieces,
    pub(crate) amounts: Pieces<f64>,
    pub(crate) orders: Option<Id>,
    pub(crate) products: Option<Id>,
    pub(crate) quantities: Option<Pieces<f64>>,
    pub(crate) list_prices: Option<Pieces<f64>>,
    pub(crate) unit_costs: Option<Pieces<f64>>,
    pub(crate) discounts: Vec<Named<Pieces<f64>>>,
    pub(crate) dimensions: Vec<Named<Id>>,
    pub(crate) watched: Vec<Named<Id>>,
    /// Rows whose amount was above 0 beside a quantity below, and what it was turned into.
    pub(crate) turned: Vec<(u32, f64)>,
}

type Encoding = fn(Column, &str) -> Result<Encoded, Error>;

/// The times of lines, all with a clock or all without.
pub(crate) enum TimePieces {
    Days(Pieces<Day>),
    Micros(Pieces<i64>),
}

impl From<Times> for TimePieces {
    fn from(times: Times) -> Self {
        match times {
            Times::Days(days) => Self::Days(days.into()),
            Times::Micros(micros) => Self::Micros(micros.into()),
        }
    }
}

impl TimePieces {
    /// Bytes of a row.
    fn width(&self) -> usize {
        match self {
            Self::Days(_) => size_of::<Day>(),
            Self::Micros(_) => size_of::<i64>(),
        }
    }

    /// Adds later rows. Days get a clock of midnight where the others have one.
    fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Days(days), Self::Days(more)) => days.append(more),
            (Self::Micros(micros), other) => micros.append(other.into_micros()),
            (Self::Days(days), other @ Self::Micros(_)) => {
                let mut micros = Self::Days(std::mem::take(days)).into_micros();
                micros.append(other.into_micros());
                *self = Self::Micros(micros);
            }
        }
    }

    fn into_micros(self) -> Pieces<i64> {
        match self {
            Self::Micros(micros) => micros,
            Self::Days(days) => Times::Days(days.slices().concat()).into_micros().into(),
        }
    }
}

impl<Id> Lines<Id> {
    pub(crate) fn len(&self) -> usize {
        self.amounts.len()
    }
}

impl Lines<Column> {
    /// Reads a batch; tells the rows that cannot be kept, too.
    pub(crate) fn read(sources: &Sources, roles: &Roles) -> Result<(Self, Vec<Faulty>), Error> {
        let optional = |role: &str, series: &Option<Column>| {
            series.as_ref().map(|series| Values::finite(series, role).map(Pieces::of)).transpose()
        };
        let quantities = sources.quantity.as_ref().map(|units| Values::finite(units, "quantity")).transpose()?;
        let (amounts, turned) = match (amounts(&sources.amount)?, &quantities) {
            (amounts, Some(units)) => turn_returns(amounts, units),
            (amounts, None) => (amounts, Vec::new()),
        };
        let times = times_as(&sources.time, roles.time_zone.as_deref(), roles.days_only, roles.time_format.as_deref())?;
        let missing = missing(&sources.customer);
        let faulty = Essentials { no_customer: missing.as_deref(), times: &times, amounts: &amounts }.faulty();
        let lines = Self {
            customers: sources.customer.clone(),
            times: times.into(),
            amounts: Pieces::of(amounts),
            orders: sources.order.clone(),
            products: sources.product.clone(),
            quantities: quantities.map(Pieces::of),
            list_prices: optional("list_price", &sources.list_price)?,
            unit_costs: optional("unit_cost", &sources.unit_cost)?,
            discounts: named(&sources.discounts, |series| Values::finite(series, "discounts").map(Pieces::of))?,
            dimensions: sources.dimensions.clone(),
            watched: sources.watched.clone(),
            turned,
        };
        Ok((lines, faulty))
    }

    /// Takes all rows out. The columns stay, so that later rows must fit them.
    pub(crate) fn take(&mut self) -> Self {
        let none = |ids: &Column| ids.slice(0, 0);
        let no_numbers = |numbers: &Option<Pieces<f64>>| numbers.as_ref().map(|_| Pieces::default());
        let no_ids = |ids: &[Named<Column>]| {
            ids.iter().map(|ids| Named { name: ids.name.clone(), values: none(&ids.values) }).collect()
        };
        let discounts =
            self.discounts.iter().map(|known| Named { name: known.name.clone(), values: Pieces::default() });
        let empty = Self {
            customers: none(&self.customers),
            times: TimePieces::Days(Pieces::default()),
            amounts: Pieces::default(),
            orders: self.orders.as_ref().map(none),
            products: self.products.as_ref().map(none),
            quantities: no_numbers(&self.quantities),
            list_prices: no_numbers(&self.list_prices),
            unit_costs: no_numbers(&self.unit_costs),
            discounts: discounts.collect(),
            dimensions: no_ids(&self.dimensions),
            watched: no_ids(&self.watched),
            turned: Vec::new(),
        };
        std::mem::replace(self, empty)
    }

    /// How much memory the rows take.
    pub(crate) fn bytes(&self) -> usize {
        let named = self.dimensions.iter().chain(&self.watched).map(|named| &named.values);
        let ids = [&self.customers].into_iter().chain(&self.orders).chain(&self.products).chain(named);
        let numbers = [&self.quantities, &self.list_prices, &self.unit_costs].into_iter().flatten().count();
        let width = self.times.width() + (1 + numbers + self.discounts.len()) * size_of::<f64>();
        self.len() * width + ids.map(Column::bytes).sum::<usize>()
    }

    pub(crate) fn append(&mut self, other: Self) -> Result<(), Error> {
        let start = self.len() as u32;
        self.turned.extend(other.turned.iter().map(|&(row, amount)| (start + row, amount)));
        self.customers.append(&other.customers)?;
        self.times.append(other.times);
        self.amounts.append(other.amounts);
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
            .for_each(|(all, more)| all.append(more));
        self.discounts.iter_mut().zip(other.discounts).for_each(|(all, more)| all.values.append(more.values));
        let named = self.dimensions.iter_mut().chain(&mut self.watched);
        for (ids, more) in named.zip(other.dimensions.into_iter().chain(other.watched)) {
            ids.values.append(&more.values)?;
        }
        Ok(())
    }

    /// Codes the ids, mended as asked. Customers may be in the dictionary who have no line: rows that were set aside have none.
    pub(crate) fn encode(self, rejected: &[u32], roles: &Roles) -> Result<Lines<Encoded>, Error> {
        let (encoding, of_customers): (Encoding, Encoding) =
            if roles.ids_as_text { (encode_as_text, encode_as_text_with_gaps) } else { (encode, encode_with_gaps) };
        let read = |ids: Column, role: &str, key: &str| roles.clean.mended(encoding(ids, role)?, key);
        let optional = |ids: Option<Column>, role: &str| ids.map(|ids| read(ids, role, role)).transpose();
        let mut customers = roles.clean.mended(of_customers(self.customers, "customer")?, "customer")?;
        rejected.iter().for_each(|&row| customers.codes[row as usize] = NO_CODE);
        let named = |columns: Vec<Named<Column>>, role: &str| {
            let each = |column: Named<Column>| {
                Ok(Named { values: read(column.values, role, &column.name)?, name: column.name })
            };
            columns.into_iter().map(each).collect::<Result<_, Error>>()
        };
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
            dimensions: named(self.dimensions, "dimensions")?,
            watched: named(self.watched, "watched")?,
            turned: self.turned,
        })
    }
}

/// An amount above 0 of a quantity below is the money of a return: it is turned. Tells the rows, too, and what their amount is now.
fn turn_returns(amounts: Values, quantities: &[f64]) -> (Values, Vec<(u32, f64)>) {
    let rows = lines_where(quantities.len(), |row| amounts[row] > 0.0 && quantities[row] < 0.0);
    if rows.is_empty() {
        return (amounts, Vec::new());
    }
    let mut amounts = amounts.into_vec();
    let turn = |row: u32| {
        let amount = &mut amounts[row as usize];
        *amount = -*amount;
        (row, *amount)
    };
    let turned = rows.into_iter().map(turn).collect();
    (Values::Read(amounts), turned)
}

fn named<T>(sources: &[Named<Column>], read: impl Fn(&Column) -> Result<T, Error>) -> Result<Vec<Named<T>>, Error> {
    sources.iter().map(|source| Ok(Named { name: source.name.clone(), values: read(&source.values)? })).collect()
}

fn amounts(sources: &[(&'static str, Column)]) -> Result<Values, Error> {
    if let [(role, series)] = sources {
        return Values::finite(series, role);
    }
    let mut product: Option<Vec<f64>> = None;
    for (role, series) in sources {
        let factor = numbers(series, role)?;
        product = Some(match product {
            None => factor,
            Some(other) => other.into_par_iter().zip(factor).map(|(a, b)| finite_or_nan(a * b)).collect(),
        });
    }
    Ok(Values::Read(product.unwrap_or_default()))
}

fn finite_or_nan(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}
