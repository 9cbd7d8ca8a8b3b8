//! Which column plays which role, and how returns and invalid rows are treated.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::clean::Clean;

/// What becomes of returns: lines with a negative amount or quantity, but for deductions (see [`Ledger::is_deduction`](crate::Ledger::is_deduction)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Returns {
    /// They lower monetary value and do not count as orders.
    #[default]
    Net,
    /// They are left out, and counted in the quality table.
    Drop,
    /// They are lines like any other.
    Keep,
}

/// What becomes of a row with a null customer, an unreadable time or a null or non-finite amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnInvalid {
    /// It is set aside with its row number and reason.
    #[default]
    Reject,
    /// The build stops with an error that names it.
    Raise,
}

/// The roles of a frame's columns.
///
/// Required are `customer`, `time`, and `amount` or both `price` and `quantity`.
///
/// ```
/// use leverkit_core::Roles;
/// let roles = Roles::new("household_id", "transaction_timestamp")
///     .amount("sales_value")
///     .order("basket_id")
///     .product("product_id")
///     .discount("loyalty", "retail_disc")
///     .dimension("store_id");
/// assert_eq!(roles.order.as_deref(), Some("basket_id"));
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Roles {
    /// Who bought: integers, strings, categoricals, any type with equality.
    pub customer: String,
    /// When: dates, datetimes of any unit and zone, or ISO 8601 strings.
    pub time: String,
    /// Money paid for the line, in the ledger's currency.
    pub amount: Option<String>,
    /// Money per unit; with `quantity` it can replace `amount`.
    pub price: Option<String>,
    /// Units of the line.
    pub quantity: Option<String>,
    /// Order id within a customer; without it, all lines of a customer on one day are one order.
    pub order: Option<String>,
    /// What was bought.
    pub product: Option<String>,
    /// Money per unit before discounts.
    pub list_price: Option<String>,
    /// Cost of goods in money per unit.
    pub unit_cost: Option<String>,
    /// Discounts by name: (name, column), money of the line.
    pub discounts: Vec<(String, String)>,
    /// Categorical columns to slice and group by.
    pub dimensions: Vec<String>,
    /// What becomes of returns.
    pub returns: Returns,
    /// What becomes of invalid rows.
    pub on_invalid: OnInvalid,
    /// The IANA zone in which days begin, such as `"Europe/Paris"`; by default that of the time column.
    pub time_zone: Option<String>,
    /// Keep days only and drop the clock: half the memory where no analysis needs the time of day.
    pub days_only: bool,
    /// Whether whole numbers that are ids are texts, as all ids of files are: the ledger's ids are the texts that they are written as.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ids_as_text: bool,
    /// How text times are written, as `strptime` has it, such as `"%d.%m.%Y"`; by default ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// Columns without a role that look like a status or a currency: the quality notes report their values, and nothing else happens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<String>,
    /// What is mended at the door.
    #[serde(skip_serializing_if = "Clean::is_none")]
    pub clean: Clean,
    /// Up to which share of the rows may have a time that is there but cannot be read; by default 0.05.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unreadable: Option<f64>,
}

impl Roles {
    /// Roles with the two columns that every ledger needs.
    pub fn new(customer: impl Into<String>, time: impl Into<String>) -> Self {
        Self { customer: customer.into(), time: time.into(), ..Self::default() }
    }

    /// Sets the column of money paid.
    #[must_use]
    pub fn amount(mut self, column: impl Into<String>) -> Self {
        self.amount = Some(column.into());
        self
    }

    /// Sets the column of price per unit.
    #[must_use]
    pub fn price(mut self, column: impl Into<String>) -> Self {
        self.price = Some(column.into());
        self
    }

    /// Sets the column of units.
    #[must_use]
    pub fn quantity(mut self, column: impl Into<String>) -> Self {
        self.quantity = Some(column.into());
        self
    }

    /// Sets the column of order ids.
    #[must_use]
    pub fn order(mut self, column: impl Into<String>) -> Self {
        self.order = Some(column.into());
        self
    }

    /// Sets the column of products.
    #[must_use]
    pub fn product(mut self, column: impl Into<String>) -> Self {
        self.product = Some(column.into());
        self
    }

    /// Sets the column of list prices.
    #[must_use]
    pub fn list_price(mut self, column: impl Into<String>) -> Self {
        self.list_price = Some(column.into());
        self
    }

    /// Sets the column of unit costs.
    #[must_use]
    pub fn unit_cost(mut self, column: impl Into<String>) -> Self {
        self.unit_cost = Some(column.into());
        self
    }

    /// Adds a named discount.
    #[must_use]
    pub fn discount(mut self, name: impl Into<String>, column: impl Into<String>) -> Self {
        self.discounts.push((name.into(), column.into()));
        self
    }

    /// Adds a dimension.
    #[must_use]
    pub fn dimension(mut self, column: impl Into<String>) -> Self {
        self.dimensions.push(column.into());
        self
    }

    /// Sets what becomes of returns.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Returns, Roles, batch};
    /// let lines = batch!("c" => [1, 1], "t" => ["2024-01-05", "2024-01-09"], "a" => [20.0, -5.0])?;
    /// let of = |returns| Ledger::from_batches(&[lines.clone()], &Roles::new("c", "t").amount("a").returns(returns));
    /// // A return takes money off an order; kept, it is an order of its own.
    /// assert_eq!([of(Returns::Net)?.n_orders(), of(Returns::Drop)?.n_lines(), of(Returns::Keep)?.n_orders()], [1, 1, 2]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn returns(mut self, returns: Returns) -> Self {
        self.returns = returns;
        self
    }

    /// Sets what becomes of invalid rows.
    ///
    /// ```
    /// use leverkit_core::{Error, Ledger, OnInvalid, Roles, batch};
    /// let lines = batch!("c" => [Some(1), None], "t" => ["2024-01-05"; 2], "a" => [20.0, 5.0])?;
    /// let roles = Roles::new("c", "t").amount("a").on_invalid(OnInvalid::Raise);
    /// assert!(matches!(Ledger::from_batches(&[lines], &roles), Err(Error::InvalidValue { row: 1, .. })));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn on_invalid(mut self, on_invalid: OnInvalid) -> Self {
        self.on_invalid = on_invalid;
        self
    }

    /// Sets the zone in which days begin.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch, format_day};
    /// let lines = batch!("c" => [1], "t" => ["2024-01-05T23:30:00Z"], "a" => [20.0])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").time_zone("Europe/Berlin"))?;
    /// assert_eq!(ledger.start().map(format_day), Some("2024-01-06".into()));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<String>) -> Self {
        self.time_zone = Some(zone.into());
        self
    }

    /// Keeps days only.
    #[must_use]
    pub fn days_only(mut self) -> Self {
        self.days_only = true;
        self
    }

    /// Sets how text times are written.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch, format_day};
    /// let lines = batch!("c" => [1, 2], "t" => ["05.01.2024 23:30", "06.01.2024 08:00"], "a" => [20.0, 5.0])?;
    /// let roles = Roles::new("c", "t").amount("a").time_format("%d.%m.%Y %H:%M").days_only();
    /// let ledger = Ledger::from_batches(&[lines], &roles)?;
    /// assert_eq!((ledger.start().map(format_day), ledger.micros()), (Some("2024-01-05".into()), None));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn time_format(mut self, format: impl Into<String>) -> Self {
        self.time_format = Some(format.into());
        self
    }

    /// Adds a column that is watched.
    ///
    /// ```
    /// use leverkit_core::{Ledger, NoteKind, Roles, batch};
    /// let lines = batch!("c" => [1, 2], "t" => ["2024-01-05"; 2], "a" => [20.0, 5.0], "status" => ["paid", "cancelled"])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").watch("status"))?;
    /// let note = &ledger.quality().notes[0];
    /// assert_eq!((note.kind, note.value.as_deref()), (NoteKind::Status, Some("cancelled")));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn watch(mut self, column: impl Into<String>) -> Self {
        self.watched.push(column.into());
        self
    }

    /// Sets what is mended at the door.
    #[must_use]
    pub fn clean(mut self, clean: Clean) -> Self {
        self.clean = clean;
        self
    }

    /// Sets up to which share of the rows may have a time that cannot be read.
    #[must_use]
    pub fn max_unreadable(mut self, share: f64) -> Self {
        self.max_unreadable = Some(share);
        self
    }

    /// All columns that are read: those that play a role, and those that are watched.
    pub fn columns(&self) -> Vec<String> {
        let optional =
            [&self.amount, &self.price, &self.quantity, &self.order, &self.product, &self.list_price, &self.unit_cost];
        let mut columns = vec![self.customer.clone(), self.time.clone()];
        columns.extend(optional.into_iter().flatten().cloned());
        columns.extend(self.discounts.iter().map(|(_, column)| column.clone()));
        columns.extend(self.dimensions.iter().chain(&self.watched).cloned());
        columns
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let share = self.max_unreadable.unwrap_or_default();
        crate::check::that((0.0..=1.0).contains(&share), "max_unreadable", &share, "a share from 0 to 1")?;
        self.clean.check(self)
    }

    /// The column that plays a role; for an amount made of price and quantity, both.
    pub(crate) fn column_of(&self, role: &str) -> Option<String> {
        match role {
            "customer" => Some(self.customer.clone()),
            "time" => Some(self.time.clone()),
            "order" => self.order.clone(),
            "product" => self.product.clone(),
            "quantity" => self.quantity.clone(),
            "" => None,
            _ => {
                self.amount.clone().or_else(|| Some(format!("{} × {}", self.price.as_ref()?, self.quantity.as_ref()?)))
            }
        }
    }
}
