//! An example of a service on leverkit: it loads a Parquet file of order lines, scores every customer once and answers over HTTP.
//!
//! [`Config`] says what to load, a [`Book`] is what was made of it, [`serve`] answers from it within [`Limits`]. Scoring happens at loading alone: a request is
//! a look into a map.

mod book;
mod config;
mod routes;
mod serve;

pub use book::{Book, Card, Error};
pub use config::Config;
pub use routes::{Shelf, router};
pub use serve::{Limits, serve};
