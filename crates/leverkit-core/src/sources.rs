//! The columns of a table by role, and what is wrong with a row of them.

use jiff::tz::TimeZone;

use crate::calendar::parse_text;
use crate::columns::{find, is_text};
use crate::ledger::Named;
use crate::left_out::Reason;
use crate::quality::{Fault, Faulty, Rejected};
use crate::texts::is_blank;
use crate::{Column, Error, Roles, Table};

/// The table's columns by role.
pub(crate) struct Sources {
    pub(crate) customer: Column,
    pub(crate) time: Column,
    /// The amount, or price and quantity whose product it is, each with its role.
    pub(crate) amount: Vec<(&'static str, Column)>,
    pub(crate) order: Option<Column>,
    pub(crate) product: Option<Column>,
    pub(crate) quantity: Option<Column>,
    pub(crate) list_price: Option<Column>,
    pub(crate) unit_cost: Option<Column>,
    pub(crate) discounts: Vec<Named<Column>>,
    pub(crate) dimensions: Vec<Named<Column>>,
    /// Columns without a role that are told of.
    pub(crate) watched: Vec<Named<Column>>,
    time_format: Option<String>,
}

impl Sources {
    pub(crate) fn find(table: &Table, roles: &Roles) -> Result<Self, Error> {
        let optional =
            |role: &str, name: &Option<String>| name.as_ref().map(|name| find(table, role, name)).transpose();
        let ids = |role: &str, name: &Option<String>| {
            optional(role, name)?.map(|column| roles.clean.known_ids(column, role)).transpose()
        };
        let named = |role: &str, name: &str, column: &str| {
            Ok::<_, Error>(Named { name: name.to_owned(), values: find(table, role, column)? })
        };
        Ok(Self {
            customer: roles.clean.known_ids(find(table, "customer", &roles.customer)?, "customer")?,
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
            order: ids("order", &roles.order)?,
            product: ids("product", &roles.product)?,
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
                .map(|column| {
                    let values = roles.clean.known_ids(find(table, "dimensions", column)?, column)?;
                    Ok(Named { name: column.clone(), values })
                })
                .collect::<Result<_, Error>>()?,
            watched: roles.watched.iter().map(|column| named("watched", column, column)).collect::<Result<_, _>>()?,
            time_format: roles.time_format.clone(),
        })
    }

    /// Looks at the original values of faulty rows for the precise reason. `start` is the number of the first row.
    pub(crate) fn describe(&self, faulty: &[Faulty], start: usize) -> Rejected {
        let mut rejected = Rejected::default();
        for &Faulty { row, fault, amount } in faulty {
            let (reason, value) = match fault {
                Fault::Customer => (Reason::NullCustomer, self.customer.text(row)),
                Fault::Time => self.time_fault(row),
                Fault::Amount => self.amount_fault(row),
            };
            rejected.push((start + row) as u32, reason, value, amount);
        }
        rejected
    }

    fn time_fault(&self, row: usize) -> (Reason, Option<String>) {
        let text = self.time.text(row);
        let is_read = |text: &str| parse_text(text, &TimeZone::UTC, self.time_format.as_deref()).is_some();
        let reason = match &text {
            None => Reason::NullTime,
            Some(text) if is_blank(text) => Reason::NullTime,
            Some(text) if is_text(&self.time) && !is_read(text) => Reason::UnreadableTime,
            Some(_) => Reason::TimeOutOfRange,
        };
        (reason, text)
    }

    fn amount_fault(&self, row: usize) -> (Reason, Option<String>) {
        let mut infinite = (Reason::InfiniteAmount, None);
        for (_, column) in &self.amount {
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
}
