//! What the service knows: every customer's card and the segments, made once from the file.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;

use leverkit::Ledger;
use leverkit::core::{Column, LedgerBuilder, format_day};
use leverkit::rfm::{self, LimitDayParams, LimitDays, ScoreParams, Scores, SegmentRow};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Serialize;

use crate::Config;

/// Why there is no book.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings cannot be used.
    #[error("{path}: {reason}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be opened.
    #[error("{path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's word on it.
        source: std::io::Error,
    },
    /// The file is no Parquet file.
    #[error("reading the order lines: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Its lines make no ledger.
    #[error(transparent)]
    Ledger(#[from] leverkit::core::Error),
    /// Its customers cannot be scored.
    #[error(transparent)]
    Scores(#[from] rfm::Error),
}

/// All that is said of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// The customer's id, as text.
    pub customer: String,
    /// Their segment; null with the scores for customers with returns alone.
    pub segment: Option<String>,
    /// What to do with them first.
    pub action: Option<String>,
    /// Recency, frequency and monetary score, 1 worst.
    pub scores: Option<[u8; 3]>,
    /// Number of orders.
    pub orders: u32,
    /// Money of all lines, net of returns.
    pub revenue: f64,
    /// The day of the last order.
    pub last_order: Option<String>,
    /// The last day to call them; null where the data show no limit day.
    pub limit_date: Option<String>,
    /// Days from `as_of` to it; negative where it is past.
    pub days_left: Option<i32>,
    /// The chance that they return within the horizon.
    pub return_chance: Option<f64>,
}

/// Everything the service answers from.
#[derive(Debug)]
pub struct Book {
    /// The day from which it looks back.
    pub as_of: String,
    /// Lines in the ledger.
    pub lines: usize,
    /// Rows of the file that could not be used.
    pub rows_set_aside: u64,
    /// What was left out of the scores and limit days, in words.
    pub notes: Vec<String>,
    /// The segments, whether or not they have customers.
    pub segments: Vec<SegmentRow>,
    /// The customers by id.
    pub customers: HashMap<String, Card>,
}

impl Book {
    // --8<-- [start:open]
    /// Opens a saved ledger, or reads a file of lines, and scores its customers.
    ///
    /// # Errors
    /// [`Error`] says at which step: opening, reading, the ledger, the scores.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let ledger = if config.data.is_dir() { Ledger::open(&config.data)? } else { read(config)? };
        let scores = rfm::score(&ledger, &ScoreParams::default())?;
        let asked = LimitDayParams { horizon: config.horizon, p: config.chance, ..LimitDayParams::default() };
        let limits = rfm::limit_day(&ledger, &asked)?;
        Ok(Self::new(&ledger, &scores, &limits))
    }
    // --8<-- [end:open]

    fn new(ledger: &Ledger, scores: &Scores, limits: &LimitDays) -> Self {
        let segments = scores.segment_rows();
        let mut customers = cards(scores, &segments);
        add_limits(&mut customers, ledger, limits);
        Self {
            as_of: format_day(ledger.as_of()),
            lines: ledger.n_lines(),
            rows_set_aside: ledger.quality().rows_set_aside(),
            notes: [scores.notes.as_slice(), limits.notes.as_slice()].concat(),
            segments,
            customers,
        }
    }
}

// --8<-- [start:read]
fn read(config: &Config) -> Result<Ledger, Error> {
    let file = File::open(&config.data).map_err(|source| Error::Open { path: config.data.clone(), source })?;
    let mut builder = LedgerBuilder::new(config.roles.clone());
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
        builder.push(&batch.map_err(parquet::errors::ParquetError::from)?)?;
    }
    Ok(builder.finish()?)
}
// --8<-- [end:read]

fn cards(scores: &Scores, segments: &[SegmentRow]) -> HashMap<String, Card> {
    let ids = texts(scores.customers());
    let card = |(customer, id): (usize, String)| {
        let measures = &scores.measures.each[customer];
        let segment = scores.is_scored(customer).then(|| &segments[usize::from(scores.segments[customer])]);
        let card = Card {
            customer: id.clone(),
            segment: segment.map(|segment| segment.segment.clone()),
            action: segment.map(|segment| segment.action.clone()),
            scores: segment.map(|_| [0, 1, 2].map(|measure| scores.scores[measure][customer])),
            orders: measures.orders,
            revenue: measures.total,
            last_order: measures.order_days().map(|(_, last)| format_day(last)),
            limit_date: None,
            days_left: None,
            return_chance: None,
        };
        (id, card)
    };
    ids.into_iter().enumerate().map(card).collect()
}

fn add_limits(cards: &mut HashMap<String, Card>, ledger: &Ledger, limits: &LimitDays) {
    let ids = texts(ledger.customers().values());
    for limit in &limits.customers {
        if let Some(card) = cards.get_mut(&ids[limit.customer as usize]) {
            card.limit_date = limit.limit_date().map(format_day);
            card.days_left = limit.limit_date().map(|day| day - ledger.as_of());
            card.return_chance = limit.return_chance;
        }
    }
}

/// Ids of any type as text, as they stand in a URL.
fn texts(ids: &Column) -> Vec<String> {
    ids.texts().into_iter().map(Option::unwrap_or_default).collect()
}
