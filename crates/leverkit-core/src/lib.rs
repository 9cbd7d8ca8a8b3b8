//! The data model of leverkit: a [`Ledger`] holds a company's order lines, validated, encoded and sorted once,
//! so that every analysis after that is one linear, parallel pass over it.
//!
//! ```
//! use leverkit_core::{Ledger, Roles, polars::prelude::*};
//!
//! let lines = df!(
//!     "client" => ["ann", "bob", "ann"],
//!     "date" => ["2024-01-05", "2024-01-06", "2024-02-01"],
//!     "paid" => [20.0, 15.0, 30.0],
//! )?;
//! let ledger = Ledger::from_frame(&lines, &Roles::new("client", "date").amount("paid"))?;
//! assert_eq!((ledger.n_customers(), ledger.n_orders(), ledger.n_lines()), (2, 3, 3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`stats`] holds the statistics that the engines share; [`columns`] and [`Groups`] read frames that are no order lines.

mod build;
mod calendar;
pub mod columns;
mod encode;
mod error;
mod gather;
mod groups;
mod ledger;
mod orders;
mod period;
mod quality;
mod roles;
mod shuffle;
mod slice;
pub mod stats;
mod table;

pub use build::LedgerBuilder;
pub use calendar::{Day, MICROS_PER_DAY, NO_MICROS, format_day, parse_day};
pub use encode::{Encoded, encode};
pub use error::{Error, nearest};
pub use gather::{par_parts, zeros};
pub use groups::Groups;
pub use ledger::{Codes, CustomerLines, Dictionary, Ledger, NO_CODE, NO_ORDER, Named, Numbers};
pub use period::{Calendar, Period, Step};
pub use polars;
pub use quality::{Quality, Reason, Rejected, Tally};
pub use roles::{OnInvalid, Returns, Roles};
pub use shuffle::Shuffle;
