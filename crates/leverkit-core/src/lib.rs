#![doc = include_str!("../README.md")]
//!
//! [`stats`] holds the statistics that the engines share; [`columns`] and [`Groups`] read tables other than order lines.

pub mod analysis;
mod arrange;
mod build;
mod calendar;
pub mod check;
mod clean;
pub mod columns;
mod day;
mod deductions;
pub mod design;
mod encode;
mod error;
pub mod estimates;
pub mod frames;
mod gather;
mod groups;
mod in_time;
pub mod iso;
mod ledger;
pub mod left_out;
mod lines;
mod orders;
mod period;
mod quality;
mod result;
mod roles;
mod shuffle;
mod slice;
mod sources;
mod spelling;
mod table;
mod texts;
mod words;

pub use arrow_array::{self, RecordBatch};
pub use arrow_schema;
pub use build::LedgerBuilder;
pub use calendar::{DAYS_PER_YEAR, MICROS_PER_DAY, NO_MICROS, format_day, parse_day};
pub use check::Params;
pub use clean::{Clean, Duplicates, IdStep, MissingTexts};
pub use day::Day;
pub use encode::{Encoded, encode};
pub use error::{Error, nearest};
pub use frames::{Cell, Column, IntoArray, IntoColumn, Table};
pub use gather::par_parts;
pub use groups::{Groups, bucketed, names_and_none};
pub use ledger::{Codes, CustomerLines, Dictionary, Ledger, NO_CODE, NO_ORDER, Named, Numbers};
pub use left_out::{LeftOut, Reason};
pub use leverkit_stats::{self as stats, zeros};
pub use period::{Calendar, Period, Step};
pub use quality::{NoteKind, Quality, QualityNote, Rejected, Tally};
pub use result::Tables;
pub use roles::{OnInvalid, Returns, Roles};
pub use shuffle::Shuffle;
pub use words::counted;
