#![doc = include_str!("../README.md")]
//!
//! [`panel`] makes outcomes per unit and period, [`did`] compares those who joined with those who did not yet, [`programme`] holds several
//! designs and their placebos side by side and says what they settle. [`trial`] plans tests, [`holdout`] reads them and [`monitor`] watches
//! them, [`liability`] values points that were earned, [`synthetic`] is for a few shops or cities.

pub mod did;
pub mod holdout;
pub mod liability;
pub mod monitor;
pub mod panel;
pub mod programme;
pub mod synthetic;
pub mod trial;

pub use holdout::*;
pub use leverkit_core::LeftOut;
pub use leverkit_core::analysis::Error;
pub use liability::*;
pub use monitor::*;
pub use synthetic::*;
pub use trial::*;
