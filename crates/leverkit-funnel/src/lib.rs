#![doc = include_str!("../README.md")]
//!
//! [`ladder`] follows customers from order to order, [`entry_products`] shows which first products build a base, [`next_products`] what comes next
//! and when, [`roles`] the role of each product, [`basket_rules`] and [`sequences`] what is bought together in an order and across orders.

mod columns;
mod error;
mod events;
pub mod journeys;
pub mod products;
pub mod quantities;
pub mod reverse;
pub mod stages;

pub use error::Error;
pub use events::{EventColumns, EventLog, EventLogBuilder, EventsLeftOut};
pub use journeys::*;
pub use products::*;
pub use quantities::*;
pub use reverse::*;
pub use stages::*;

/// The old name of [`LadderBy`].
#[deprecated(note = "use `LadderBy`")]
pub type By = LadderBy;
/// The old name of [`MixLever`].
#[deprecated(note = "use `MixLever`")]
pub type Lever = MixLever;
/// The old name of [`ProductRoles`].
#[deprecated(note = "use `ProductRoles`")]
pub type Roles = ProductRoles;
/// The old name of [`BasketRule`].
#[deprecated(note = "use `BasketRule`")]
pub type Rule = BasketRule;
/// The old name of [`EventsLeftOut`].
#[deprecated(note = "use `EventsLeftOut`")]
pub type SetAside = EventsLeftOut;
/// The old name of [`QuantityValue`].
#[deprecated(note = "use `QuantityValue`")]
pub type Value = QuantityValue;
