//! Did it work: the effect of a programme, a campaign or a test, in money, and whether it would have come anyway.
//!
//! [`panel`] makes outcomes per unit and period, [`did`] compares those who joined with those who did not yet, [`programme`] holds several
//! designs and their placebos side by side and says what they settle. [`trial`] plans and reads tests, [`liability`] values points that were
//! earned, [`synthetic`] is for a few shops or cities.

pub mod did;
mod error;
pub mod liability;
pub mod panel;
pub mod programme;
pub mod synthetic;
pub mod trial;

pub use error::Error;
pub use leverkit_core::LeftOut;
