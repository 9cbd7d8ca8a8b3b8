//! Which columns of a ledger an analysis reads, beside customer, time and amount.

use serde::{Deserialize, Serialize};

use crate::ledger::NO_ORDER;
use crate::{Codes, Ledger, Named, Period, Roles};

/// The columns that an analysis reads; the others do not travel.
///
/// ```
/// use leverkit_core::counts::Reads;
/// let products_alone = Reads { product: true, dimensions: Some(Vec::new()), ..Reads::default() };
/// assert!(!products_alone.clock && Reads::everything().clock);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // One for each column.
pub struct Reads {
    /// The time of day.
    pub clock: bool,
    /// The ids of orders.
    pub order: bool,
    /// Whether it does not matter which lines are of one order; the days of orders are always known.
    pub lines_alone: bool,
    /// Products.
    pub product: bool,
    /// Units.
    pub quantity: bool,
    /// List prices.
    pub list_price: bool,
    /// Costs of a unit.
    pub unit_cost: bool,
    /// All discounts.
    pub discounts: bool,
    /// Dimensions by name, and other columns that are called so; `None` for all dimensions.
    pub dimensions: Option<Vec<String>>,
    /// Whether the days of orders are all that is read, and no line.
    pub orders_alone: bool,
    /// The periods in which a customer's lines are one, where their money and costs and the days of orders are all that is read.
    pub added_up: Option<Period>,
}

impl Reads {
    /// All there is.
    pub fn everything() -> Self {
        Self {
            clock: true,
            order: true,
            lines_alone: false,
            product: true,
            quantity: true,
            list_price: true,
            unit_cost: true,
            discounts: true,
            dimensions: None,
            orders_alone: false,
            added_up: None,
        }
    }

    fn dimension(&self, name: &String) -> bool {
        self.dimensions.as_ref().is_none_or(|names| names.contains(name))
    }

    /// Whether a column is read for its role, or by its name.
    fn column(&self, is_read: bool, name: Option<&String>) -> bool {
        let names = self.dimensions.as_ref();
        is_read || names.zip(name).is_some_and(|(names, name)| names.contains(name))
    }
}

impl Ledger {
    /// The ledger with those columns alone; without lines or added up by period where that is enough. Orders, returns and deductions stay what they are.
    pub(super) fn reading(&self, reads: &Reads) -> Self {
        let read = self.with_columns(reads);
        match reads.added_up {
            _ if reads.orders_alone => read.orders_alone(),
            Some(period) => read.added_up(period),
            None => read,
        }
    }

    fn with_columns(&self, reads: &Reads) -> Self {
        let Roles { discounts, dimensions, .. } = &self.roles;
        let has_discounts = reads.discounts || discounts.iter().any(|(_, column)| reads.column(false, Some(column)));
        let roles = Roles {
            discounts: if has_discounts { discounts.clone() } else { Vec::new() },
            dimensions: dimensions.iter().filter(|name| reads.dimension(name)).cloned().collect(),
            ..self.roles.clone()
        };
        let dimensions = self.dimensions.iter().filter(|dimension| reads.dimension(&dimension.name)).cloned();
        let dimensions: Vec<Named<Codes>> = dimensions.collect();
        let (kept, has) = (self.clone(), &self.roles);
        let has_order = reads.column(reads.order, has.order.as_ref());
        let orders = if reads.lines_alone { vec![NO_ORDER; self.n_lines()].into() } else { kept.orders };
        Self {
            roles,
            orders,
            micros: kept.micros.filter(|_| reads.column(reads.clock, Some(&has.time))),
            order_ids: kept.order_ids.filter(|_| has_order),
            loose_ids: kept.loose_ids.filter(|_| has_order),
            products: kept.products.filter(|_| reads.column(reads.product, has.product.as_ref())),
            quantities: kept.quantities.filter(|_| reads.column(reads.quantity, has.quantity.as_ref())),
            list_prices: kept.list_prices.filter(|_| reads.column(reads.list_price, has.list_price.as_ref())),
            unit_costs: kept.unit_costs.filter(|_| reads.column(reads.unit_cost, has.unit_cost.as_ref())),
            discounts: if has_discounts { kept.discounts } else { Vec::new() },
            dimensions,
            input: kept.input.for_counts(),
            ..self.clone()
        }
    }
}
