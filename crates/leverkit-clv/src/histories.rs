//! Histories of customers, checked once and compressed: equal histories are one weighted row, so that a million customers cost as much as
//! their distinct histories.

use hashbrown::HashMap;
use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;

use crate::Error;
use crate::models::timing::{Family, History, Row};

/// A column of a covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    /// Its name.
    pub name: String,
    /// One value for each customer; constant over time.
    pub values: Vec<f64>,
}

/// Columns of histories as they come, one value for each customer.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Repeat orders.
    pub frequency: Vec<f64>,
    /// Time from the first to the last order.
    pub recency: Vec<f64>,
    /// Time from the first order to the end of observation.
    pub t: Vec<f64>,
    /// Sums of the logarithms of gaps, for models of regular timing.
    pub log_gaps: Option<Vec<f64>>,
    /// How many customers a row represents; by default one.
    pub weights: Option<Vec<f64>>,
    /// What is known of the customers besides.
    pub covariates: Vec<Covariate>,
}

/// Checked histories of customers.
#[derive(Debug, Clone)]
pub struct Histories {
    /// One for each row that came in.
    pub(crate) each: Vec<Row>,
    /// Distinct values of the covariates; one empty pattern if there are none.
    pub(crate) patterns: Vec<Vec<f64>>,
    /// The covariates' names.
    pub(crate) covariates: Vec<String>,
    /// Whether gaps are known.
    pub(crate) knows_gaps: bool,
}

impl Histories {
    /// Checks columns. Models of occasions (BG/BB) need whole numbers throughout.
    ///
    /// # Errors
    /// [`Error::History`] names the column, the row and what was expected; [`Error::Core`] where there is no customer.
    ///
    /// ```
    /// use leverkit_clv::{Columns, Family, Histories};
    /// let columns = Columns { frequency: vec![1.0], recency: vec![5.0], t: vec![3.0], ..Columns::default() };
    /// let error = Histories::new(columns, Family::BetaGeo).unwrap_err();
    /// assert_eq!(error.to_string(), "recency: row 0 holds 5; expected at most T, which is 3");
    /// ```
    pub fn new(columns: Columns, family: Family) -> Result<Self, Error> {
        let n = columns.frequency.len();
        if n == 0 {
            return Err(Error::parameter("summary", "no rows", "at least one customer"));
        }
        let rows: Result<Vec<History>, Error> = (0..n).map(|row| check_row(&columns, row, family)).collect();
        let weights = columns.weights.unwrap_or_else(|| vec![1.0; n]);
        if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight > 0.0)) {
            return Err(Error::history("weights", row, weights[row], "a number above 0"));
        }
        let (patterns, pattern_of) = patterns(&columns.covariates, n)?;
        let each = rows?
            .into_iter()
            .zip(weights)
            .zip(pattern_of)
            .map(|((history, weight), pattern)| Row { history, weight, pattern })
            .collect();
        let covariates = columns.covariates.into_iter().map(|covariate| covariate.name).collect();
        Ok(Self { each, patterns, covariates, knows_gaps: columns.log_gaps.is_some() })
    }

    /// Number of rows that came in.
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// The history of a row.
    pub fn history(&self, row: usize) -> History {
        self.each[row].history
    }

    /// The first row of each distinct history, and which distinct history each row has.
    pub(crate) fn distinct(&self) -> (Vec<u32>, Vec<u32>) {
        let mut known: HashMap<Key, u32, foldhash::fast::FixedState> = HashMap::default();
        let mut first = Vec::new();
        let which = self
            .each
            .iter()
            .enumerate()
            .map(|(i, row)| {
                *known.entry(key(row)).or_insert_with(|| {
                    first.push(i as u32);
                    first.len() as u32 - 1
                })
            })
            .collect();
        (first, which)
    }

    /// Distinct histories in the order of pattern, frequency and times, with their weights added up.
    pub(crate) fn compressed(&self, weight_of: impl Fn(usize) -> f64 + Sync) -> Vec<Row> {
        // Parts depend on the data alone, so that sums of weights are the same on any number of threads.
        let part = self.each.len().div_ceil(8).max(1 << 14);
        let parts: Vec<Distinct> = self
            .each
            .par_chunks(part)
            .watched()
            .enumerate()
            .map(|(i, rows)| {
                let mut distinct = Distinct::default();
                for (j, row) in rows.iter().enumerate() {
                    let weight = weight_of(i * part + j);
                    if weight > 0.0 {
                        *distinct.entry(key(row)).or_insert(0.0) += weight;
                    }
                }
                distinct
            })
            .collect();
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_default();
        for part in parts {
            for (key, weight) in part {
                *all.entry(key).or_insert(0.0) += weight;
            }
        }
        let mut rows: Vec<Row> = all.into_iter().map(|(key, weight)| row(key, weight)).collect();
        rows.par_sort_unstable_by(|a, b| order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal));
        rows
    }
}

type Key = [u64; 5];
type Distinct = HashMap<Key, f64, foldhash::fast::FixedState>;

fn key(row: &Row) -> Key {
    let History { frequency, recency, t, log_gaps } = row.history;
    // Adding 0 makes −0 and 0 one history.
    let bits = |value: f64| (value + 0.0).to_bits();
    [u64::from(row.pattern), bits(frequency), bits(t), bits(recency), bits(log_gaps)]
}

fn row([pattern, frequency, t, recency, log_gaps]: Key, weight: f64) -> Row {
    let history = History {
        frequency: f64::from_bits(frequency),
        recency: f64::from_bits(recency),
        t: f64::from_bits(t),
        log_gaps: f64::from_bits(log_gaps),
    };
    Row { history, weight, pattern: pattern as u32 }
}

fn order(row: &Row) -> (u32, f64, f64, f64, f64) {
    let History { frequency, recency, t, log_gaps } = row.history;
    (row.pattern, frequency, t, recency, log_gaps)
}

/// More repeat orders than this are no count of one customer's, and no likelihood can be told apart there.
const MOST_ORDERS: f64 = 1e9;

/// A longer time since the first order is no time of customers in any unit, and none to add to.
const LONGEST: f64 = 1e9;

/// What `is_count` asks for, in words.
pub(crate) const COUNT: &str = "a whole number of repeat orders, from 0 to 1,000,000,000";

/// Whether a number can be one of repeat orders.
pub(crate) fn is_count(x: f64) -> bool {
    (0.0..=MOST_ORDERS).contains(&x) && x.fract() == 0.0
}

fn check_row(columns: &Columns, row: usize, family: Family) -> Result<History, Error> {
    let (x, recency, t) = (columns.frequency[row], columns.recency[row], columns.t[row]);
    let log_gaps = columns.log_gaps.as_ref().map_or(0.0, |gaps| gaps[row]);
    let wrong = |column, got, expected: &str| Err(Error::history(column, row, got, expected));
    if !is_count(x) {
        return wrong("frequency", x, COUNT);
    }
    if !(0.0..=LONGEST).contains(&t) {
        return wrong("T", t, "a time from 0 to 1,000,000,000");
    }
    if !(recency.is_finite() && recency >= 0.0) {
        return wrong("recency", recency, "a time from the first to the last order, 0 or more");
    }
    if recency > t {
        return wrong("recency", recency, &format!("at most T, which is {t}"));
    }
    if x == 0.0 && recency > 0.0 {
        return wrong("recency", recency, "0, as frequency is 0");
    }
    if family == Family::BetaGeoBetaBinom {
        if t.fract() != 0.0 || t > 100_000.0 {
            return wrong("T", t, "a whole number of occasions, at most 100,000");
        }
        if recency.fract() != 0.0 {
            return wrong("recency", recency, "the number of an occasion");
        }
        if x > recency {
            return wrong("frequency", x, &format!("at most recency, which is {recency}: one order per occasion"));
        }
    }
    if !log_gaps.is_finite() {
        return wrong("log_gaps", log_gaps, "the sum of the logarithms of gaps");
    }
    Ok(History { frequency: x, recency, t, log_gaps: if x == 0.0 { 0.0 } else { log_gaps } })
}

/// The distinct rows of covariates in the order of their first customer, and which each customer has.
fn patterns(covariates: &[Covariate], n: usize) -> Result<(Vec<Vec<f64>>, Vec<u32>), Error> {
    if covariates.is_empty() {
        return Ok((vec![Vec::new()], vec![0; n]));
    }
    for covariate in covariates {
        if let Some(row) = covariate.values.iter().position(|value| !value.is_finite()) {
            return Err(Error::history(&covariate.name, row, covariate.values[row], "a number"));
        }
    }
    let mut known: HashMap<Vec<u64>, u32> = HashMap::new();
    let mut patterns = Vec::new();
    let of_row = (0..n)
        .map(|row| {
            let values: Vec<f64> = covariates.iter().map(|covariate| covariate.values[row] + 0.0).collect();
            *known.entry(values.iter().map(|value| value.to_bits()).collect()).or_insert_with(|| {
                patterns.push(values);
                patterns.len() as u32 - 1
            })
        })
        .collect();
    Ok((patterns, of_row))
}
