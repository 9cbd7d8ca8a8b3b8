//! A ledger in the bytes of counts: what is said of it in the header, its columns in sections of equal length.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::{Sectioned, Sections, damaged, raw};
use super::{Reads, unite};
use crate::calendar::day_of_micros;
use crate::ledger::{Codes, Dictionary, NO_CODE, NO_ORDER, Named};
use crate::order_ids::OrderIds;
use crate::quality::Input;
use crate::saved::{rejected_as_batch, rejected_of};
use crate::{Column, Day, Error, Ledger, Plain, Quality, Roles, Shared, Table, batch};

/// Lines, and whether they were a slice of what was built of their input.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    pub(super) ledger: Ledger,
    pub(super) is_slice: bool,
}

impl Lines {
    /// What an analysis reads of a ledger.
    pub(super) fn of(ledger: &Ledger, is_slice: bool, reads: &Reads) -> Self {
        Self { ledger: ledger.reading(reads), is_slice }
    }

    /// As it was built, or a slice of that.
    pub(super) fn of_ledger(ledger: &Ledger, reads: &Reads) -> Self {
        Self::of(ledger, unite::is_slice(ledger), reads)
    }

    pub(super) fn unite(parts: &[&Self]) -> Result<Self, Error> {
        let ledgers: Vec<(&Ledger, bool)> = parts.iter().map(|part| (&part.ledger, part.is_slice)).collect();
        Ok(Self { ledger: unite::unite(&ledgers)?, is_slice: parts.iter().any(|part| part.is_slice) })
    }

    pub(super) fn write(&self) -> Result<Sectioned, Error> {
        write(&self.ledger, self.is_slice)
    }

    pub(super) fn read(contents: &RawValue, sections: &Sections) -> Result<Self, Error> {
        let (ledger, is_slice) = read(contents, sections)?;
        Ok(Self { ledger, is_slice })
    }
}

#[derive(Serialize, Deserialize)]
struct Said {
    roles: Roles,
    /// The roles that were asked for when it was built.
    built_with: Roles,
    span: Option<(Day, Day)>,
    as_of: Day,
    quality: Quality,
    is_slice: bool,
}

pub(super) fn write(ledger: &Ledger, is_slice: bool) -> Result<Sectioned, Error> {
    let said = Said {
        roles: ledger.roles.clone(),
        built_with: ledger.built_with().clone(),
        span: ledger.span,
        as_of: ledger.as_of,
        quality: ledger.quality().clone(),
        is_slice,
    };
    let mut sections = vec![
        ("lines".into(), lines(ledger)?.to_batch()?),
        ("customers".into(), customers(ledger)?),
        ("orders".into(), batch!("day" => ledger.order_days.to_array())?),
        ("deductions".into(), batch!("line" => ledger.deductions.to_array())?),
        ("rejected".into(), rejected_as_batch(ledger.rejected())?),
    ];
    let mut ids = |name: &str, column: &Column| {
        sections.push((name.into(), Table::new(vec![column.apart()])?.to_batch()?));
        Ok::<_, Error>(())
    };
    ids("customer_id", ledger.customers.values())?;
    for (name, of_orders) in [("order_id", &ledger.order_ids), ("loose_order_id", &ledger.loose_ids)] {
        of_orders.as_ref().map(|of_orders| ids(name, &of_orders.column()?)).transpose()?;
    }
    for (name, codes) in coded(ledger) {
        ids(&format!("{name}_id"), codes.dictionary.values())?;
    }
    Ok((raw(&said)?, sections))
}

/// The coded columns of the lines, by their names here.
fn coded(ledger: &Ledger) -> impl Iterator<Item = (String, &Codes)> {
    let product = ledger.products.iter().map(|codes| ("product".into(), codes));
    product.chain(ledger.dimensions.iter().enumerate().map(|(at, named)| (format!("dimension-{at}"), &named.values)))
}

fn lines(ledger: &Ledger) -> Result<Table, Error> {
    let time = match &ledger.micros {
        Some(micros) => Column::new("time", micros.to_array()),
        None => Column::new("day", ledger.days.to_array()),
    };
    let mut columns = vec![time, Column::new("amount", ledger.amounts.to_array())];
    if ledger.orders.iter().any(|&order| order != NO_ORDER) {
        columns.push(Column::new("order", ledger.orders.to_array()));
    }
    let optional =
        [("quantity", &ledger.quantities), ("list_price", &ledger.list_prices), ("unit_cost", &ledger.unit_costs)];
    let optional = optional.into_iter().filter_map(|(name, values)| Some((name.to_owned(), values.as_ref()?)));
    let discounts = ledger.discounts.iter().enumerate().map(|(at, named)| (format!("discount-{at}"), &named.values));
    columns.extend(optional.chain(discounts).map(|(name, values)| Column::new(&name, values.to_array())));
    columns.extend(coded(ledger).map(|(name, codes)| Column::new(&name, codes.codes.to_array())));
    Table::new(columns)
}

/// The customers with their numbers of lines and orders.
fn customers(ledger: &Ledger) -> Result<RecordBatch, Error> {
    let numbers = |starts: &[u32]| starts.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<u32>>();
    batch!(
        "lines" => numbers(&ledger.offsets),
        "orders" => numbers(&ledger.order_offsets),
    )
}

pub(super) fn read(contents: &RawValue, sections: &Sections) -> Result<(Ledger, bool), Error> {
    let said: Said = serde_json::from_str(contents.get()).map_err(|error| damaged(&error.to_string()))?;
    let (lines, customers, orders) =
        (sections.table("lines")?, sections.table("customers")?, sections.table("orders")?);
    let has = |name: &str| lines.column(name).is_some();
    let numbers = |name: &str| has(name).then(|| values::<f64>(lines, name)).transpose();
    let micros: Option<Shared<i64>> = has("time").then(|| values(lines, "time")).transpose()?;
    let ids = |name: &str| sections.get(name).map(|_| sections.column(name).map(OrderIds::Here)).transpose();
    let codes = |name: &str| codes(lines, sections, name);
    let discounts = said.roles.discounts.iter().map(|(name, _)| name);
    let dimensions = said.roles.dimensions.iter();
    let ledger = Ledger {
        customers: Dictionary::new(sections.column("customer_id")?),
        offsets: starts(&values(customers, "lines")?, lines.rows())?,
        order_offsets: starts(&values(customers, "orders")?, orders.rows())?,
        days: match &micros {
            Some(micros) => micros.iter().map(|&micros| day_of_micros(micros)).collect::<Vec<Day>>().into(),
            None => values(lines, "day")?,
        },
        micros,
        amounts: values(lines, "amount")?,
        // Where no line is known to be of an order, nothing travels.
        orders: if has("order") { values(lines, "order")? } else { vec![NO_ORDER; lines.rows()].into() },
        order_days: values(orders, "day")?,
        order_ids: ids("order_id")?,
        loose_ids: ids("loose_order_id")?,
        products: has("product").then(|| codes("product")).transpose()?,
        quantities: numbers("quantity")?,
        list_prices: numbers("list_price")?,
        unit_costs: numbers("unit_cost")?,
        discounts: named(discounts, |at| values(lines, &format!("discount-{at}")))?,
        dimensions: named(dimensions, |at| codes(&format!("dimension-{at}")))?,
        deductions: values(sections.table("deductions")?, "line")?,
        span: said.span,
        as_of: said.as_of,
        input: Arc::new(Input {
            roles: said.built_with,
            quality: said.quality,
            rejected: rejected_of(&sections.table("rejected")?.to_batch()?).ok_or_else(|| missing("rejected"))?,
        }),
        roles: said.roles,
    };
    check(&ledger)?;
    Ok((ledger, said.is_slice))
}

/// Kernels trust the numbers of orders and deductions, and that days are in order and within the ledger's.
fn check(ledger: &Ledger) -> Result<(), Error> {
    let in_lines = |line: &u32| (*line as usize) < ledger.n_lines();
    let loose = ledger.orders.iter().filter(|order| **order == NO_ORDER).count();
    let has = |ids: &Option<OrderIds>, count: usize| match ids {
        Some(OrderIds::Here(ids)) => ids.len() == count,
        _ => true,
    };
    let is_whole = ledger.customers.len() + 1 == ledger.offsets.len()
        && ledger.order_offsets.len() == ledger.offsets.len()
        && ledger.deductions.is_sorted()
        && ledger.deductions.iter().all(in_lines)
        && has(&ledger.order_ids, ledger.n_orders())
        && has(&ledger.loose_ids, loose);
    if !is_whole {
        return Err(damaged("lines and orders do not fit together"));
    }
    let is_seen = |day: &Day| ledger.span.is_some_and(|(start, end)| (start..=end).contains(day));
    if !ledger.days.iter().chain(ledger.order_days.iter()).all(is_seen) {
        return Err(damaged("days lie outside of the ledger's"));
    }
    for customer in 0..ledger.n_customers() as u32 {
        let lines = ledger.customer(customer);
        if !lines.days.is_sorted() || !lines.order_days.is_sorted() {
            return Err(damaged("the days of a customer are out of order"));
        }
        let own = lines.first_order..lines.first_order + lines.order_days.len() as u32;
        if lines.orders.iter().any(|order| *order != NO_ORDER && !own.contains(order)) {
            return Err(damaged("a line is of no order of its customer"));
        }
    }
    Ok(())
}

fn missing(name: &str) -> Error {
    damaged(&format!("there is no column {name:?}"))
}

pub(super) fn values<T: Plain>(table: &Table, name: &str) -> Result<Shared<T>, Error> {
    let array = table.column(name).ok_or_else(|| missing(name))?.array()?;
    let values = array.as_primitive_opt::<T::Arrow>().filter(|array| array.null_count() == 0);
    values.map(Shared::of_array).ok_or_else(|| damaged(&format!("the column {name:?} is of another type")))
}

/// Where the lines or orders of each customer begin, of their numbers.
fn starts(numbers: &[u32], total: usize) -> Result<Shared<u32>, Error> {
    let mut starts = Vec::with_capacity(numbers.len() + 1);
    let mut end = 0_u64;
    starts.push(0);
    for &number in numbers {
        end += u64::from(number);
        starts.push(u32::try_from(end).unwrap_or(u32::MAX));
    }
    if end == total as u64 {
        Ok(starts.into())
    } else {
        Err(damaged("the customers' lines or orders are not all there"))
    }
}

fn codes(lines: &Table, sections: &Sections, name: &str) -> Result<Codes, Error> {
    let (codes, ids) = (values::<u32>(lines, name)?, sections.column(&format!("{name}_id"))?);
    if codes.iter().any(|&code| code != NO_CODE && code as usize >= ids.len()) {
        return Err(damaged(&format!("the column {name:?} has codes without a value")));
    }
    Ok(Codes { codes, dictionary: Dictionary::new(ids) })
}

fn named<'a, T>(
    names: impl Iterator<Item = &'a String>,
    read: impl Fn(usize) -> Result<T, Error>,
) -> Result<Vec<Named<T>>, Error> {
    names.enumerate().map(|(at, name)| Ok(Named { name: name.clone(), values: read(at)? })).collect()
}
