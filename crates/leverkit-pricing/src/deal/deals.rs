//! Deals: rows with a list price and what came off it, read block by block.
//!
//! Columns stay as they came. A [`Block`] holds the money of a few thousand rows in cache, whatever the columns' types and
//! whether they are per unit or per row; all analyses of the deal level work on blocks.

use std::ops::Range;

use leverkit_core::arrow_array::Float64Array;
use leverkit_core::columns::{Values, find, numbers};
use leverkit_core::{Column, Groups, Ledger, Table};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Rows of a block: twelve columns of them stay in a core's cache.
const BLOCK: usize = 1 << 13;

/// Whether money columns are per unit or for the whole row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Money per unit; the row's money is that times its quantity.
    Unit,
    /// Money of the row.
    Line,
}

/// What makes a deal large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Its units.
    Quantity,
    /// Its money at list price.
    Value,
}

/// The size that was asked for, by default units where there are any.
pub(crate) fn size_of(deals: &Deals, parameter: &str, asked: Option<Size>) -> Result<Size, Error> {
    let size = asked.unwrap_or(if deals.has_units() { Size::Quantity } else { Size::Value });
    if size == Size::Quantity && !deals.has_units() {
        let expected = format!("deals with a quantity, or {parameter}=\"value\"");
        return Err(Error::parameter(parameter, "quantity", expected));
    }
    Ok(size)
}

/// Which column is what. All money columns have one basis.
///
/// ```
/// use leverkit_pricing::{Basis, DealRoles};
/// let roles = DealRoles::new("list")
///     .component("rebate", "rebate_paid")
///     .pocket_price("net")
///     .unit_cost("cost")
///     .quantity("units")
///     .customer("client")
///     .order("invoice")
///     .product("sku")
///     .time("day")
///     .basis(Basis::Line);
/// assert_eq!(roles.columns(), ["list", "rebate_paid", "net", "cost", "units", "client", "invoice", "sku", "day"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DealRoles {
    /// The price before anything comes off.
    pub list_price: String,
    /// What comes off, by name, each a column; positive lowers the price.
    #[serde(default)]
    pub components: Vec<(String, String)>,
    /// The price after all that; without it, list price less components.
    #[serde(default)]
    pub pocket_price: Option<String>,
    /// What the goods cost.
    #[serde(default)]
    pub unit_cost: Option<String>,
    /// Units.
    #[serde(default)]
    pub quantity: Option<String>,
    /// Who bought.
    #[serde(default)]
    pub customer: Option<String>,
    /// Rows of one order.
    #[serde(default)]
    pub order: Option<String>,
    /// What was sold.
    #[serde(default)]
    pub product: Option<String>,
    /// When: dates, datetimes or ISO 8601 texts.
    #[serde(default)]
    pub time: Option<String>,
    /// Whether money is per unit or per row; by default per unit where there is a quantity.
    #[serde(default)]
    pub basis: Option<Basis>,
}

impl DealRoles {
    /// Roles with a list price and nothing else.
    pub fn new(list_price: impl Into<String>) -> Self {
        Self {
            list_price: list_price.into(),
            components: Vec::new(),
            pocket_price: None,
            unit_cost: None,
            quantity: None,
            customer: None,
            order: None,
            product: None,
            time: None,
            basis: None,
        }
    }

    /// Adds a component of this name.
    #[must_use]
    pub fn component(mut self, name: impl Into<String>, column: impl Into<String>) -> Self {
        self.components.push((name.into(), column.into()));
        self
    }

    /// Sets the pocket price.
    #[must_use]
    pub fn pocket_price(mut self, column: impl Into<String>) -> Self {
        self.pocket_price = Some(column.into());
        self
    }

    /// Sets the cost.
    #[must_use]
    pub fn unit_cost(mut self, column: impl Into<String>) -> Self {
        self.unit_cost = Some(column.into());
        self
    }

    /// Sets the units.
    #[must_use]
    pub fn quantity(mut self, column: impl Into<String>) -> Self {
        self.quantity = Some(column.into());
        self
    }

    /// Sets who bought.
    #[must_use]
    pub fn customer(mut self, column: impl Into<String>) -> Self {
        self.customer = Some(column.into());
        self
    }

    /// Sets which rows are of one order.
    #[must_use]
    pub fn order(mut self, column: impl Into<String>) -> Self {
        self.order = Some(column.into());
        self
    }

    /// Sets what was sold.
    #[must_use]
    pub fn product(mut self, column: impl Into<String>) -> Self {
        self.product = Some(column.into());
        self
    }

    /// Sets when.
    #[must_use]
    pub fn time(mut self, column: impl Into<String>) -> Self {
        self.time = Some(column.into());
        self
    }

    /// Sets whether money is per unit or per row.
    #[must_use]
    pub fn basis(mut self, basis: Basis) -> Self {
        self.basis = Some(basis);
        self
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.list_price.clone()];
        columns.extend(self.components.iter().map(|(_, column)| column.clone()));
        let money = [&self.pocket_price, &self.unit_cost, &self.quantity];
        let setting = [&self.customer, &self.order, &self.product, &self.time];
        columns.extend(money.into_iter().chain(setting).flatten().cloned());
        columns
    }
}

/// Columns that say what deals have in common besides their price.
#[derive(Debug, Clone, Default)]
pub(crate) struct Setting {
    pub(crate) customer: Option<Column>,
    pub(crate) order: Option<Column>,
    pub(crate) product: Option<Column>,
    pub(crate) time: Option<Column>,
}

impl Setting {
    fn of(table: &Table, roles: &DealRoles) -> Result<Self, Error> {
        let column = |role: &str, name: &Option<String>| name.as_ref().map(|name| find(table, role, name)).transpose();
        Ok(Self {
            customer: column("customer", &roles.customer)?,
            order: column("order", &roles.order)?,
            product: column("product", &roles.product)?,
            time: column("time", &roles.time)?,
        })
    }

    fn of_ledger(ledger: &Ledger) -> Self {
        let offsets = ledger.offsets();
        let customers: Vec<u32> = offsets
            .windows(2)
            .enumerate()
            .flat_map(|(customer, pair)| std::iter::repeat_n(customer as u32, (pair[1] - pair[0]) as usize))
            .collect();
        Self {
            customer: Some(Column::new("customer", customers)),
            order: Some(Column::new("order", ledger.orders().to_vec())),
            product: ledger.products().map(|products| Column::new("product", products.codes.to_vec())),
            time: Some(Column::new("time", ledger.days())),
        }
    }
}

/// Where columns besides the money are found. Those of a ledger are laid out when they are asked for: most analyses take one or none.
#[derive(Debug, Clone)]
enum Source {
    Table(Table),
    Ledger(Box<Ledger>),
}

impl Source {
    fn column(&self, role: &str, name: &str) -> Result<Column, Error> {
        match self {
            Self::Table(table) => Ok(find(table, role, name)?),
            Self::Ledger(ledger) => {
                let own = ledger.columns_of(|column| column == name)?;
                // What is not there is told beside what is.
                let table = if own.columns().is_empty() { ledger.columns_of(|_| true)? } else { own };
                Ok(find(&table, role, name)?)
            }
        }
    }
}

/// Rows with a list price and what came off it.
#[derive(Debug, Clone)]
pub struct Deals {
    source: Source,
    names: Vec<String>,
    list: Column,
    components: Vec<Column>,
    pocket: Option<Column>,
    cost: Option<Column>,
    units: Option<Column>,
    setting: Setting,
    basis: Basis,
}

impl Deals {
    /// Takes deals out of a table, without a copy.
    ///
    /// # Errors
    /// [`Error::Core`] for a column that is not there or holds no numbers; [`Error::Parameter`] for money per unit without a quantity, or two
    /// components of one name.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_pricing::{DealRoles, Deals};
    /// let table = Table::from(batch!("list" => [10.0, 12.0], "rebate" => [1.0, 0.5], "units" => [3, 1])?);
    /// let roles = DealRoles::new("list").component("rebate", "rebate").quantity("units");
    /// assert_eq!(Deals::from_table(&table, &roles)?.n_rows(), 2);
    /// # Ok::<(), leverkit_pricing::Error>(())
    /// ```
    pub fn from_table(table: &Table, roles: &DealRoles) -> Result<Self, Error> {
        let basis = roles.basis.unwrap_or(if roles.quantity.is_some() { Basis::Unit } else { Basis::Line });
        if basis == Basis::Unit && roles.quantity.is_none() {
            return Err(Error::parameter("basis", "unit", "a quantity, or basis=\"line\" for money of the whole row"));
        }
        let names: Vec<String> = roles.components.iter().map(|(name, _)| name.clone()).collect();
        if let Some(name) =
            names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)).map(|(_, name)| name)
        {
            return Err(Error::parameter("components", format!("{name:?} twice"), "a name for each"));
        }
        let column = |role: &str, name: &str| numeric(find(table, role, name)?, role);
        let optional = |role: &str, name: &Option<String>| name.as_ref().map(|name| column(role, name)).transpose();
        Ok(Self {
            list: column("list_price", &roles.list_price)?,
            components: roles
                .components
                .iter()
                .map(|(_, name)| column("components", name))
                .collect::<Result<_, Error>>()?,
            pocket: optional("pocket_price", &roles.pocket_price)?,
            cost: optional("unit_cost", &roles.unit_cost)?,
            units: optional("quantity", &roles.quantity)?,
            setting: Setting::of(table, roles)?,
            source: Source::Table(table.clone()),
            names,
            basis,
        })
    }

    /// The lines of a ledger as deals: the list value is list price × quantity, or paid amount + discounts without a list price; the
    /// components are its discounts, and what else lies between list value and amount as `other`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a ledger with neither list price (and quantity) nor discounts.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// use leverkit_pricing::{Deals, WaterfallParams, waterfall};
    /// let lines = batch!(
    ///     "c" => [1, 2],
    ///     "t" => ["2024-01-01"; 2],
    ///     "paid" => [27.0, 10.0],
    ///     "list" => [10.0, 12.0],
    ///     "n" => [3, 1],
    ///     "promo" => [3.0, 1.5],
    /// )?;
    /// let roles = Roles::new("c", "t").amount("paid").quantity("n").list_price("list").discount("promo", "promo");
    /// let deals = Deals::from_ledger(&Ledger::from_batches(&[lines], &roles)?)?;
    /// // Half a unit of money came off the second line without a name.
    /// assert_eq!((deals.components(), deals.has_units(), deals.has_cost()), (&["promo".to_owned(), "other".into()][..], true, false));
    /// assert_eq!(waterfall(&deals, &WaterfallParams::default())?.total.amounts, [42.0, -4.5, -0.5, 37.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_ledger(ledger: &Ledger) -> Result<Self, Error> {
        let rows = ledger.n_lines();
        let (amounts, discounts) = (ledger.amounts(), ledger.discounts());
        let zero = vec![0.0; rows];
        let off: Vec<f64> = (0..rows)
            .into_par_iter()
            .map(|row| discounts.iter().map(|discount| known(discount.values[row])).sum())
            .collect();
        let (list, other) = match (ledger.list_prices(), ledger.quantities()) {
            (Some(prices), Some(units)) => {
                let list: Vec<f64> = prices.par_iter().zip(units).map(|(price, units)| price * units).collect();
                let other: Vec<f64> =
                    (0..rows).into_par_iter().map(|row| list[row] - off[row] - amounts[row]).collect();
                (list, other)
            }
            _ if !discounts.is_empty() => (amounts.par_iter().zip(&off).map(|(paid, off)| paid + off).collect(), zero),
            _ => {
                return Err(Error::parameter(
                    "ledger",
                    "neither list prices with quantities nor discounts",
                    "a Ledger with list_price=… and quantity=…, or with discounts={name: column}",
                ));
            }
        };
        let column = |values: Vec<f64>| Column::new("", Float64Array::from(values));
        let mut names: Vec<String> = discounts.iter().map(|discount| discount.name.clone()).collect();
        let mut components: Vec<Column> = discounts.iter().map(|discount| column(discount.values.to_vec())).collect();
        if other.par_iter().any(|other| other.abs() >= 0.005) {
            names.push("other".into());
            components.push(column(other));
        }
        let cost: Option<Vec<f64>> = ledger
            .unit_costs()
            .map(|_| (0..rows).into_par_iter().map(|row| ledger.cost_of(row).unwrap_or(f64::NAN)).collect());
        Ok(Self {
            source: Source::Ledger(Box::new(ledger.clone())),
            names,
            list: column(list),
            components,
            pocket: Some(column(amounts.to_vec())),
            cost: cost.map(column),
            units: ledger.quantities().map(|units| column(units.to_vec())),
            setting: Setting::of_ledger(ledger),
            basis: Basis::Line,
        })
    }

    /// Columns to group by, for [`Self::slice`].
    pub(crate) fn columns(&self, by: &[String]) -> Result<Table, Error> {
        Ok(Table::new(by.iter().map(|name| self.column("by", name)).collect::<Result<_, _>>()?)?)
    }

    /// Some of the rows with these columns, without a copy.
    pub(crate) fn slice(&self, start: usize, rows: usize, columns: &Table) -> Self {
        let slice = |column: &Column| column.slice(start, rows);
        Self {
            source: Source::Table(columns.slice(start, rows)),
            names: self.names.clone(),
            list: slice(&self.list),
            components: self.components.iter().map(slice).collect(),
            pocket: self.pocket.as_ref().map(slice),
            cost: self.cost.as_ref().map(slice),
            units: self.units.as_ref().map(slice),
            // What looks at a part of the rows looks at their money alone.
            setting: Setting::default(),
            basis: self.basis,
        }
    }

    /// How many rows came in.
    pub fn n_rows(&self) -> usize {
        self.list.len()
    }

    /// Names of the components.
    pub fn components(&self) -> &[String] {
        &self.names
    }

    /// Whether there is a cost.
    pub fn has_cost(&self) -> bool {
        self.cost.is_some()
    }

    /// Whether there are units.
    pub fn has_units(&self) -> bool {
        self.units.is_some()
    }

    /// What deals have in common besides their price.
    pub(crate) fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Another column of the table.
    pub(crate) fn column(&self, role: &str, name: &str) -> Result<Column, Error> {
        self.source.column(role, name)
    }

    /// Rows grouped by other columns of the table.
    pub(crate) fn groups(&self, by: &[String]) -> Result<Groups, Error> {
        let columns: Vec<Column> = by.iter().map(|name| self.column("by", name)).collect::<Result<_, _>>()?;
        Ok(Groups::of(self.n_rows(), &columns)?)
    }

    /// A block of rows with its money.
    pub(crate) fn block(&self, rows: Range<usize>) -> Result<Block, Error> {
        let read = |column: &Column| Values::of(column, rows.clone(), "deals");
        let optional = |column: &Option<Column>| column.as_ref().map(read).transpose();
        Ok(Block {
            first_row: rows.start,
            is_per_unit: self.basis == Basis::Unit,
            units: optional(&self.units)?,
            list: read(&self.list)?,
            components: self.components.iter().map(read).collect::<Result<_, _>>()?,
            pocket: optional(&self.pocket)?,
            cost: optional(&self.cost)?,
        })
    }

    /// The blocks of a range of rows.
    pub(crate) fn blocks(&self, rows: Range<usize>) -> impl Iterator<Item = Result<Block, Error>> {
        rows.clone().step_by(BLOCK).map(move |start| self.block(start..rows.end.min(start + BLOCK)))
    }

    /// Values of each row, made of blocks on all threads; null where a row cannot be used.
    pub(crate) fn rows<T: Send + Copy>(&self, make: impl Fn(&Block, usize) -> T + Sync) -> Result<Vec<T>, Error> {
        let starts: Vec<usize> = (0..self.n_rows()).step_by(BLOCK).collect();
        let parts: Vec<Vec<T>> = starts
            .into_par_iter()
            .map(|start| {
                let block = self.block(start..self.n_rows().min(start + BLOCK))?;
                Ok((0..block.len()).map(|row| make(&block, row)).collect())
            })
            .collect::<Result<_, Error>>()?;
        Ok(parts.concat())
    }
}

/// Money and units of a few thousand rows, as the columns hold them.
pub(crate) struct Block {
    pub(crate) first_row: usize,
    is_per_unit: bool,
    pub(crate) units: Option<Values>,
    pub(crate) list: Values,
    pub(crate) components: Vec<Values>,
    pub(crate) pocket: Option<Values>,
    pub(crate) cost: Option<Values>,
}

impl Block {
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// What money is multiplied by to be that of the row; `None` where it is already.
    pub(crate) fn scale(&self) -> Option<&[f64]> {
        self.units.as_deref().filter(|_| self.is_per_unit)
    }

    /// Whether every number is known.
    pub(crate) fn is_clean(&self) -> bool {
        let columns = self.components.iter().chain(&self.units).chain(&self.cost);
        columns.chain([&self.list]).all(|column| all_finite(column))
    }

    /// Money of a row; NaN where unknown.
    fn money(&self, column: &[f64], row: usize) -> f64 {
        finite(self.scale().map_or(column[row], |units| column[row] * units[row]))
    }

    pub(crate) fn list(&self, row: usize) -> f64 {
        self.money(&self.list, row)
    }

    pub(crate) fn component(&self, component: usize, row: usize) -> f64 {
        self.money(&self.components[component], row)
    }

    /// 0 without a cost.
    pub(crate) fn cost(&self, row: usize) -> f64 {
        self.cost.as_ref().map_or(0.0, |cost| self.money(cost, row))
    }

    /// What is left of the list price: the pocket price given, or list price less components. An unknown component is none.
    pub(crate) fn pocket(&self, row: usize) -> f64 {
        self.pocket.as_ref().map_or_else(|| self.list(row) - self.off(row), |pocket| self.money(pocket, row))
    }

    /// The pocket price as a share of list price, taken from the columns as they are: units cancel, and equal prices stay equal.
    pub(crate) fn price(&self, row: usize) -> f64 {
        let list = finite(self.list[row]);
        let off = |component: &Values| known(finite(component[row]));
        let left = || list - self.components.iter().map(off).sum::<f64>();
        self.pocket.as_ref().map_or_else(left, |pocket| finite(pocket[row])) / list
    }

    /// What the components take off.
    pub(crate) fn off(&self, row: usize) -> f64 {
        self.off_by(row, |money| money)
    }

    /// The same with each component's money as `taken`.
    pub(crate) fn off_by(&self, row: usize, taken: impl Fn(f64) -> f64) -> f64 {
        (0..self.components.len()).map(|component| taken(known(self.component(component, row)))).sum()
    }

    /// The same with components as shares of the list price.
    pub(crate) fn off_shares(&self, row: usize) -> f64 {
        let shares = self.components.iter().map(|column| known(column[row]));
        shares.sum::<f64>() * self.list(row)
    }

    /// What to tell of a row that is left out: its money at list price, or in the pocket; NaN where neither is known.
    pub(crate) fn worth(&self, row: usize) -> f64 {
        let list = self.list(row);
        if list.is_nan() { self.pocket(row) } else { list }
    }

    /// Units of a row; 1 where they are not known of any.
    pub(crate) fn units(&self, row: usize) -> f64 {
        self.units.as_ref().map_or(1.0, |units| finite(units[row]))
    }
}

/// Whether no number is infinite or NaN, which have all bits of the exponent set.
fn all_finite(values: &[f64]) -> bool {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    !values.iter().fold(false, |wrong, value| wrong | (value.to_bits() & EXPONENT == EXPONENT))
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// An unknown amount counts as none.
pub(crate) fn known(money: f64) -> f64 {
    if money.is_nan() { 0.0 } else { money }
}

/// Checks a column's type before any row is read.
fn numeric(column: Column, role: &str) -> Result<Column, Error> {
    numbers(&column.slice(0, 0), role)?;
    Ok(column)
}
