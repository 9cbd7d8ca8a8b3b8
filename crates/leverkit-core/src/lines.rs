//! Lines in input order: read from their columns batch by batch, then coded.

use rayon::prelude::*;

use crate::columns::{Times, missing, numbers, times_as};
use crate::encode::{Encoded, compact, encode, encode_as_text};
use crate::gather::extend;
use crate::ledger::Named;
use crate::quality::{Essentials, Fault, lines_where};
use crate::sources::Sources;
use crate::{Column, Error, NO_CODE, Roles};

/// Lines in input order. Ids are the column itself while batches come in, and codes afterwards.
pub(crate) struct Lines<Id> {
    pub(crate) customers: Id,
    pub(crate) times: Times,
    pub(crate) amounts: Vec<f64>,
    pub(crate) orders: Option<Id>,
    pub(crate) products: Option<Id>,
    pub(crate) quantities: Option<Vec<f64>>,
    pub(crate) list_prices: Option<Vec<f64>>,
    pub(crate) unit_costs: Option<Vec<f64>>,
    pub(crate) discounts: Vec<Named<Vec<f64>>>,
    pub(crate) dimensions: Vec<Named<Id>>,
    pub(crate) watched: Vec<Named<Id>>,
    /// Rows whose amount was above 0 beside a quantity below, and was turned.
    pub(crate) turned: Vec<u32>,
}

impl<Id> Lines<Id> {
    pub(crate) fn len(&self) -> usize {
        self.amounts.len()
    }
}

impl Lines<Column> {
    pub(crate) fn read(sources: &Sources, roles: &Roles) -> Result<Self, Error> {
        let optional =
            |role: &str, series: &Option<Column>| series.as_ref().map(|series| numbers(series, role)).transpose();
        let quantities = optional("quantity", &sources.quantity)?;
        let mut amounts = amounts(&sources.amount)?;
        Ok(Self {
            customers: sources.customer.clone(),
            times: times_as(&sources.time, roles.time_zone.as_deref(), roles.days_only, roles.time_format.as_deref())?,
            turned: quantities.as_ref().map(|units| turn_returns(&mut amounts, units)).unwrap_or_default(),
            amounts,
            orders: sources.order.clone(),
            products: sources.product.clone(),
            quantities,
            list_prices: optional("list_price", &sources.list_price)?,
            unit_costs: optional("unit_cost", &sources.unit_cost)?,
            discounts: named(&sources.discounts, |series| numbers(series, "discounts"))?,
            dimensions: sources.dimensions.clone(),
            watched: sources.watched.clone(),
        })
    }

    /// Takes all rows out. The columns stay, so that later rows must fit them.
    pub(crate) fn take(&mut self) -> Self {
        let none = |ids: &Column| ids.slice(0, 0);
        let no_numbers = |numbers: &Option<Vec<f64>>| numbers.as_ref().map(|_| Vec::new());
        let no_ids = |ids: &[Named<Column>]| {
            ids.iter().map(|ids| Named { name: ids.name.clone(), values: none(&ids.values) }).collect()
        };
        let discounts = self.discounts.iter().map(|known| Named { name: known.name.clone(), values: Vec::new() });
        let empty = Self {
            customers: none(&self.customers),
            times: Times::Days(Vec::new()),
            amounts: Vec::new(),
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
        self.turned.extend(other.turned.iter().map(|row| start + row));
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
        let named = self.dimensions.iter_mut().chain(&mut self.watched);
        for (ids, more) in named.zip(other.dimensions.into_iter().chain(other.watched)) {
            ids.values.append(&more.values)?;
        }
        Ok(())
    }

    pub(crate) fn faults(&self) -> Vec<(usize, Fault)> {
        let missing = missing(&self.customers);
        let essentials = Essentials { no_customer: missing.as_deref(), times: &self.times, amounts: &self.amounts };
        let rows = lines_where(self.len(), |row| essentials.fault(row).is_some());
        rows.into_iter().filter_map(|row| Some((row as usize, essentials.fault(row as usize)?))).collect()
    }

    /// Codes the ids, mended as asked. Customers whose rows were all set aside are left out of the dictionary.
    pub(crate) fn encode(self, rejected: &[u32], roles: &Roles) -> Result<Lines<Encoded>, Error> {
        let encoding = if roles.ids_as_text { encode_as_text } else { encode };
        let read = |ids: Column, role: &str, key: &str| roles.clean.mended(encoding(ids, role)?, key);
        let optional = |ids: Option<Column>, role: &str| ids.map(|ids| read(ids, role, role)).transpose();
        let mut customers = read(self.customers, "customer", "customer")?;
        if !rejected.is_empty() {
            rejected.iter().for_each(|&row| customers.codes[row as usize] = NO_CODE);
            let (codes, kept) = compact(&customers.codes, customers.values.len());
            customers = Encoded { codes, values: customers.values.take(&kept)? };
        }
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

/// An amount above 0 of a quantity below is the money of a return: it is turned. Tells the rows.
fn turn_returns(amounts: &mut [f64], quantities: &[f64]) -> Vec<u32> {
    const PIECE: usize = 1 << 16;
    let turn = |(piece, (amounts, quantities)): (usize, (&mut [f64], &[f64]))| {
        let rows = (0..).map(|row| piece * PIECE + row);
        let signs =
            amounts.iter_mut().zip(quantities).zip(rows).filter(|((a, quantity), _)| **a > 0.0 && **quantity < 0.0);
        let turned = signs.map(|((amount, _), row)| {
            *amount = -*amount;
            row as u32
        });
        turned.collect::<Vec<u32>>()
    };
    let pieces = amounts.par_chunks_mut(PIECE).zip(quantities.par_chunks(PIECE)).enumerate();
    pieces.map(turn).collect::<Vec<_>>().concat()
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
