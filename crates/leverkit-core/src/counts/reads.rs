//! Which columns of a ledger an analysis reads, beside customer, time and amount.

use serde::{Deserialize, Serialize};

use crate::{Codes, Ledger, Named, Roles};

/// The columns that an analysis reads; the others do not travel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // One for each column.
pub struct Reads {
    /// The time of day.
    pub clock: bool,
    /// The ids of orders; which lines are one order is always known.
    pub order: bool,
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
    /// Dimensions by name; `None` for all.
    pub dimensions: Option<Vec<String>>,
}

impl Reads {
    /// All there is.
    pub fn everything() -> Self {
        Self {
            clock: true,
            order: true,
            product: true,
            quantity: true,
            list_price: true,
            unit_cost: true,
            discounts: true,
            dimensions: None,
        }
    }

    fn dimension(&self, name: &String) -> bool {
        self.dimensions.as_ref().is_none_or(|names| names.contains(name))
    }
}

impl Ledger {
    /// The ledger with those columns alone. Orders, returns and deductions stay what they are.
    pub(super) fn reading(&self, reads: &Reads) -> Self {
        let Roles { discounts, dimensions, .. } = &self.roles;
        let roles = Roles {
            discounts: if reads.discounts { discounts.clone() } else { Vec::new() },
            dimensions: dimensions.iter().filter(|name| reads.dimension(name)).cloned().collect(),
            ..self.roles.clone()
        };
        let dimensions = self.dimensions.iter().filter(|dimension| reads.dimension(&dimension.name)).cloned();
        let dimensions: Vec<Named<Codes>> = dimensions.collect();
        let kept = self.clone();
        Self {
            roles,
            micros: kept.micros.filter(|_| reads.clock),
            order_ids: kept.order_ids.filter(|_| reads.order),
            loose_ids: kept.loose_ids.filter(|_| reads.order),
            products: kept.products.filter(|_| reads.product),
            quantities: kept.quantities.filter(|_| reads.quantity),
            list_prices: kept.list_prices.filter(|_| reads.list_price),
            unit_costs: kept.unit_costs.filter(|_| reads.unit_cost),
            discounts: if reads.discounts { kept.discounts } else { Vec::new() },
            dimensions,
            input: kept.input.for_counts(),
            ..self.clone()
        }
    }
}
