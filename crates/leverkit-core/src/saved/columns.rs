//! A ledger's columns and their files.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};
use serde::de::DeserializeOwned;

use super::file::{self, Mapped};
use super::folder::Home;
use super::manifest::{Files, Manifest};
use crate::ledger::{Codes, Dictionary, Named, Numbers};
use crate::order_ids::{Filed, OrderIds};
use crate::quality::Input;
use crate::{Column, Error, Ledger, Plain, Rejected, Shared, batch};

/// Where the columns of a ledger go: files of their own, or files that grow by the ledgers of one part of the customers after the other.
pub(super) trait Columns {
    /// A value for each line or order.
    fn values<T: Plain>(&mut self, name: &str, values: &Shared<T>) -> Result<(), Error>;

    /// Where the lines or orders of each customer begin, and where the last ones end.
    fn starts(&mut self, name: &str, starts: &Shared<u32>) -> Result<(), Error>;

    /// An id for each customer or order.
    fn ids(&mut self, name: &str, ids: &Column) -> Result<(), Error>;

    /// What codes stand for: the same for all customers.
    fn dictionary(&mut self, name: &str, dictionary: &Dictionary) -> Result<(), Error>;
}

/// Writes the columns of a ledger.
pub(super) fn write(ledger: &Ledger, columns: &mut impl Columns) -> Result<(), Error> {
    write_lines(ledger, columns)?;
    columns.starts("customer_order_starts", &ledger.order_offsets)?;
    columns.values("order_day", &ledger.order_days)?;
    for (name, ids) in [("order_id", &ledger.order_ids), ("loose_order_id", &ledger.loose_ids)] {
        ids.as_ref().map(|ids| columns.ids(name, &ids.column()?)).transpose()?;
    }
    columns.values("order", &ledger.orders)?;
    columns.values("deductions", &ledger.deductions)
}

/// Writes what is known of the lines before their orders are.
pub(super) fn write_lines(ledger: &Ledger, columns: &mut impl Columns) -> Result<(), Error> {
    columns.ids("customer", ledger.customers.values())?;
    columns.starts("customer_starts", &ledger.offsets)?;
    columns.values("day", &ledger.days)?;
    ledger.micros.as_ref().map(|micros| columns.values("time", micros)).transpose()?;
    columns.values("amount", &ledger.amounts)?;
    ledger.products.as_ref().map(|products| write_codes("product", products, columns)).transpose()?;
    let optional =
        [("quantity", &ledger.quantities), ("list_price", &ledger.list_prices), ("unit_cost", &ledger.unit_costs)];
    for (name, values) in optional.into_iter().filter_map(|(name, values)| Some((name, values.as_ref()?))) {
        columns.values(name, values)?;
    }
    for (index, discount) in ledger.discounts.iter().enumerate() {
        columns.values(&format!("discount-{index}"), &discount.values)?;
    }
    for (index, dimension) in ledger.dimensions.iter().enumerate() {
        write_codes(&format!("dimension-{index}"), &dimension.values, columns)?;
    }
    Ok(())
}

pub(super) fn write_codes(name: &str, codes: &Codes, columns: &mut impl Columns) -> Result<(), Error> {
    columns.values(name, &codes.codes)?;
    columns.dictionary(&format!("{name}_id"), &codes.dictionary)
}

/// Writes each column as a file.
pub(super) struct Writer<'a> {
    folder: &'a Path,
    pub(super) files: Files,
}

impl<'a> Writer<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self { folder, files: Files::new() }
    }

    pub(super) fn rejected(&mut self, rejected: &Rejected) -> Result<(), Error> {
        self.batch("rejected", &rejected_as_batch(rejected)?)
    }

    pub(super) fn batch(&mut self, name: &str, batch: &RecordBatch) -> Result<(), Error> {
        let entry = file::write(&self.folder.join(format!("{name}.arrow")), batch)?;
        self.files.insert(name.into(), entry);
        Ok(())
    }
}

impl Columns for Writer<'_> {
    fn values<T: Plain>(&mut self, name: &str, values: &Shared<T>) -> Result<(), Error> {
        self.batch(name, &batch!(name => values.to_array())?)
    }

    fn starts(&mut self, name: &str, starts: &Shared<u32>) -> Result<(), Error> {
        self.values(name, starts)
    }

    /// The ids' own name and what is said of their type stay with them.
    fn ids(&mut self, name: &str, ids: &Column) -> Result<(), Error> {
        self.batch(name, &crate::Table::new(vec![ids.apart()])?.to_batch()?)
    }

    fn dictionary(&mut self, name: &str, dictionary: &Dictionary) -> Result<(), Error> {
        self.ids(name, dictionary.values())
    }
}

fn filed(file: Mapped) -> OrderIds {
    OrderIds::Filed(Arc::new(file))
}

/// A ledger of the files that the manifest names.
pub(super) fn read(home: &Home, manifest: &Manifest) -> Result<Ledger, Error> {
    let (files, said) = (Reader { home, manifest }, &manifest.contents);
    let [customers, orders, lines] = [said.customers, said.orders, said.lines];
    Ok(Ledger {
        orders: files.values("order", lines)?,
        order_offsets: files.starts("customer_order_starts", customers, orders)?,
        order_days: files.values("order_day", orders)?,
        order_ids: files.optional("order_id", |name| files.open(name, orders).map(filed))?,
        loose_ids: files.optional("loose_order_id", |name| files.open(name, files.rows(name)?).map(filed))?,
        deductions: files.values("deductions", files.rows("deductions")?)?,
        input: Arc::new(Input {
            roles: said.built_with.clone(),
            quality: said.quality.clone(),
            rejected: files.rejected()?,
        }),
        ..files.lines()?
    })
}

pub(super) struct Reader<'a> {
    pub(super) home: &'a Home,
    pub(super) manifest: &'a Manifest,
}

impl Reader<'_> {
    /// What [`write_lines`] wrote: a ledger without orders.
    pub(super) fn lines(&self) -> Result<Ledger, Error> {
        let said = &self.manifest.contents;
        let numbers = |name: &str| self.optional(name, |name| self.values::<f64>(name, said.lines));
        Ok(Ledger {
            roles: said.roles.clone(),
            customers: self.ids("customer", said.customers)?,
            offsets: self.starts("customer_starts", said.customers, said.lines)?,
            days: self.values("day", said.lines)?,
            micros: self.optional("time", |name| self.values(name, said.lines))?,
            amounts: self.values("amount", said.lines)?,
            products: self.optional("product", |name| self.codes(name))?,
            quantities: numbers("quantity")?,
            list_prices: numbers("list_price")?,
            unit_costs: numbers("unit_cost")?,
            discounts: self.discounts()?,
            dimensions: self.dimensions()?,
            orders: Shared::default(),
            order_offsets: Shared::default(),
            order_days: Shared::default(),
            order_ids: None,
            loose_ids: None,
            deductions: Shared::default(),
            span: said.span,
            as_of: said.as_of,
            input: Arc::default(),
        })
    }

    pub(super) fn optional<T>(&self, name: &str, read: impl Fn(&str) -> Result<T, Error>) -> Result<Option<T>, Error> {
        self.manifest.contents.files.contains_key(name).then(|| read(name)).transpose()
    }

    fn rows(&self, name: &str) -> Result<usize, Error> {
        Ok(self.home.file(self.manifest, name)?.1.rows)
    }

    /// A file that has so many rows.
    fn open(&self, name: &str, rows: usize) -> Result<Mapped, Error> {
        let (path, entry) = self.home.file(self.manifest, name)?;
        let file = Mapped::open(&path, entry)?;
        if entry.rows == rows { Ok(file) } else { Err(file.damaged(&format!("it has {} rows of {rows}", entry.rows))) }
    }

    pub(super) fn values<T: Plain>(&self, name: &str, rows: usize) -> Result<Shared<T>, Error> {
        let file = self.open(name, rows)?;
        let batch = file.batch()?;
        let values = batch.columns().first().and_then(|array| array.as_primitive_opt::<T::Arrow>());
        let values = values.filter(|array| array.null_count() == 0 && array.len() == rows);
        values.map(Shared::of_array).ok_or_else(|| file.damaged("its values are of another type"))
    }

    /// Where the lines or orders of each customer begin. Kernels trust that they rise.
    fn starts(&self, name: &str, customers: usize, end: usize) -> Result<Shared<u32>, Error> {
        let starts: Shared<u32> = self.values(name, customers + 1)?;
        let is_whole = starts.first() == Some(&0) && starts.last().copied() == u32::try_from(end).ok();
        if is_whole && starts.is_sorted() {
            return Ok(starts);
        }
        Err(self.open(name, customers + 1)?.damaged("its values don't rise"))
    }

    fn ids(&self, name: &str, rows: usize) -> Result<Dictionary, Error> {
        let file = self.open(name, rows)?;
        let column = file.column()?;
        if column.len() == rows {
            Ok(Dictionary::new(column))
        } else {
            Err(file.damaged("its values are not all there"))
        }
    }

    pub(super) fn codes(&self, name: &str) -> Result<Codes, Error> {
        let ids = format!("{name}_id");
        let dictionary = self.ids(&ids, self.rows(&ids)?)?;
        Ok(Codes { codes: self.values(name, self.manifest.contents.lines)?, dictionary })
    }

    fn discounts(&self) -> Result<Vec<Named<Numbers>>, Error> {
        let names = self.manifest.contents.roles.discounts.iter().map(|(name, _)| name);
        let lines = self.manifest.contents.lines;
        named(names, |index| self.values(&format!("discount-{index}"), lines))
    }

    fn dimensions(&self) -> Result<Vec<Named<Codes>>, Error> {
        named(self.manifest.contents.roles.dimensions.iter(), |index| self.codes(&format!("dimension-{index}")))
    }

    fn rejected(&self) -> Result<Rejected, Error> {
        let file = self.open("rejected", self.rows("rejected")?)?;
        rejected_of(&file.batch()?).ok_or_else(|| file.damaged("its columns are others"))
    }
}

fn named<'a, T>(
    names: impl Iterator<Item = &'a String>,
    read: impl Fn(usize) -> Result<T, Error>,
) -> Result<Vec<Named<T>>, Error> {
    names.enumerate().map(|(index, name)| Ok(Named { name: name.clone(), values: read(index)? })).collect()
}

pub(crate) fn rejected_as_batch(rejected: &Rejected) -> Result<RecordBatch, Error> {
    let word = |value: serde_json::Value| value.as_str().map(str::to_owned);
    let reasons = rejected.reasons.iter().map(|reason| serde_json::to_value(reason).ok().and_then(word));
    batch!(
        "row" => rejected.rows.as_slice(),
        "reason" => reasons.collect::<Vec<_>>(),
        "value" => &rejected.values,
        "amount" => rejected.amounts.as_slice(),
    )
}

pub(crate) fn rejected_of(batch: &RecordBatch) -> Option<Rejected> {
    fn of_word<T: DeserializeOwned>(word: Option<&str>) -> Option<T> {
        serde_json::from_value(word?.into()).ok()
    }
    let column = |name| batch.column_by_name(name);
    let texts = |name| column(name)?.as_string_view_opt();
    Some(Rejected {
        rows: column("row")?.as_primitive_opt::<UInt32Type>()?.values().to_vec(),
        reasons: texts("reason")?.iter().map(of_word).collect::<Option<_>>()?,
        values: texts("value")?.iter().map(|value| value.map(str::to_owned)).collect(),
        amounts: column("amount")?.as_primitive_opt::<Float64Type>()?.values().to_vec(),
    })
}
