//! Tables of lifetime models: summaries in and out, parameters, predictions, contests.

use leverkit_core::columns::{find, numbers};
use leverkit_core::polars::prelude::*;
use rayon::prelude::*;

use super::dates;
use crate::Error;
use crate::clv::{
    Columns, Contest, Covariate, CustomerSummary, Entry, Errors, Estimates, NextOrder, Summary, Tracking, Validation,
    Values,
};

impl Summary {
    /// One row a customer: `customer`, `frequency` (repeat orders), `recency` and `T` (time in the unit), `monetary_value` (money of a repeat order);
    /// with a holdout `frequency_holdout`, `T_holdout`, `monetary_value_holdout`; `log_gaps` where asked for.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self, log_gaps: bool) -> Result<DataFrame, Error> {
        let numbers = |name: &str, pick: fn(&CustomerSummary) -> f64| {
            Column::new(name.into(), self.each.par_iter().map(pick).collect::<Vec<f64>>())
        };
        let counts = |name: &str, pick: fn(&CustomerSummary) -> u32| {
            Column::new(name.into(), self.each.par_iter().map(|one| i64::from(pick(one))).collect::<Vec<i64>>())
        };
        let mut columns = vec![
            self.customers.clone().with_name("customer".into()).into_column(),
            counts("frequency", |one| one.frequency),
            numbers("recency", |one| one.recency),
            numbers("T", |one| one.t),
            numbers("monetary_value", |one| one.monetary_value),
        ];
        if let Some(holdout) = self.holdout {
            columns.push(counts("frequency_holdout", |one| one.frequency_holdout));
            columns.push(Column::new("T_holdout".into(), vec![holdout; self.each.len()]));
            columns.push(numbers("monetary_value_holdout", |one| one.monetary_value_holdout));
        }
        if log_gaps {
            columns.push(numbers("log_gaps", |one| one.log_gaps));
        }
        Ok(DataFrame::new(self.each.len(), columns)?)
    }
}

impl Columns {
    /// Reads a summary: columns `frequency`, `recency` and `T`, `log_gaps` where there is one, and those named.
    ///
    /// # Errors
    /// [`Error::Core`] where a column is missing or holds no numbers.
    pub fn from_frame(frame: &DataFrame, weights: Option<&str>, covariates: &[String]) -> Result<Self, Error> {
        let read = |name: &str| column(frame, name);
        let covariates: Result<Vec<Covariate>, Error> =
            covariates.iter().map(|name| Ok(Covariate { name: name.clone(), values: read(name)? })).collect();
        Ok(Self {
            frequency: read("frequency")?,
            recency: read("recency")?,
            t: read("T")?,
            log_gaps: frame.column("log_gaps").is_ok().then(|| read("log_gaps")).transpose()?,
            weights: weights.map(read).transpose()?,
            covariates: covariates?,
        })
    }
}

/// A numeric column of a summary.
///
/// # Errors
/// [`Error::Core`] where it is missing or holds no numbers.
pub fn column(frame: &DataFrame, name: &str) -> Result<Vec<f64>, Error> {
    Ok(numbers(&find(frame.columns(), "summary", name)?, "summary")?)
}

impl Estimates {
    /// One row a parameter: `parameter`, `estimate`, `std_error`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self, level: f64) -> Result<DataFrame, Error> {
        let rows = self.table(level);
        Ok(df!(
            "parameter" => rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
            "estimate" => rows.iter().map(|row| row.value).collect::<Vec<_>>(),
            "std_error" => rows.iter().map(|row| row.std_error).collect::<Vec<_>>(),
            "lower" => rows.iter().map(|row| row.lower).collect::<Vec<_>>(),
            "upper" => rows.iter().map(|row| row.upper).collect::<Vec<_>>(),
        )?)
    }
}

impl Values {
    /// One row a customer of the summary: `probability_alive`, `expected_purchases`, `expected_spend`, `lifetime_value`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.each;
        let known = |value: f64| Some(value).filter(|value| value.is_finite());
        Ok(df!(
            "probability_alive" => rows.iter().map(|row| row.probability_alive).collect::<Vec<_>>(),
            "expected_purchases" => rows.iter().map(|row| row.expected_purchases).collect::<Vec<_>>(),
            "expected_spend" => rows.iter().map(|row| row.expected_spend).collect::<Vec<_>>(),
            "lifetime_value" => rows.iter().map(|row| row.value.map(|value| value.estimate)).collect::<Vec<_>>(),
            "lower" => rows.iter().map(|row| row.value.and_then(|value| known(value.lower))).collect::<Vec<_>>(),
            "upper" => rows.iter().map(|row| row.value.and_then(|value| known(value.upper))).collect::<Vec<_>>(),
        )?)
    }
}

/// One row a customer: `probability_alive`, `returns` (chance of an order within the horizon), `median`, `lower`, `upper` and `lost_after` (time from the end of
/// the history).
///
/// # Errors
/// [`Error::Core`] where the frame library refuses.
pub fn next_orders_frame(rows: &[NextOrder]) -> Result<DataFrame, Error> {
    Ok(df!(
        "probability_alive" => rows.iter().map(|row| row.probability_alive).collect::<Vec<_>>(),
        "returns" => rows.iter().map(|row| row.returns).collect::<Vec<_>>(),
        "median" => rows.iter().map(|row| row.median).collect::<Vec<_>>(),
        "lower" => rows.iter().map(|row| row.limits.0).collect::<Vec<_>>(),
        "upper" => rows.iter().map(|row| row.limits.1).collect::<Vec<_>>(),
        "lost_after" => rows.iter().map(|row| row.lost_after).collect::<Vec<_>>(),
    )?)
}

impl Validation {
    /// One row a number of repeat orders: `frequency` (text, the last open), `customers`, `actual`, `predicted` and `naive` orders a customer.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.by_frequency;
        let label = |frequency: u32| if frequency == 7 { "7+".into() } else { frequency.to_string() };
        Ok(df!(
            "frequency" => rows.iter().map(|row| label(row.frequency)).collect::<Vec<String>>(),
            "customers" => rows.iter().map(|row| row.customers as i64).collect::<Vec<_>>(),
            "actual" => rows.iter().map(|row| row.actual).collect::<Vec<_>>(),
            "predicted" => rows.iter().map(|row| row.predicted).collect::<Vec<_>>(),
            "naive" => rows.iter().map(|row| row.naive).collect::<Vec<_>>(),
        )?)
    }

    /// One row for the model and one for the naive baseline: `model`, `mae`, `rmse`, `actual`, `predicted`, `gini`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn errors_frame(&self) -> Result<DataFrame, Error> {
        let rows = [&self.model, &self.naive];
        let each = |pick: fn(&Errors) -> f64| {
            rows.iter().map(|row| Some(pick(row)).filter(|v| v.is_finite())).collect::<Vec<_>>()
        };
        Ok(df!(
            "model" => ["model", "naive"],
            "mae" => each(|row| row.mae),
            "rmse" => each(|row| row.rmse),
            "actual" => each(|row| row.actual),
            "predicted" => each(|row| row.predicted),
            "gini" => each(|row| row.gini),
        )?)
    }
}

impl Tracking {
    /// One row a unit of time: `period`, `end` (its last day), `holdout`, `actual`, `predicted`, `actual_cumulative`, `predicted_cumulative` (repeat orders).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.rows;
        Ok(df!(
            "period" => rows.iter().map(|row| i64::from(row.period)).collect::<Vec<_>>(),
            "end" => dates(rows.iter().map(|row| Some(row.end))),
            "holdout" => rows.iter().map(|row| row.holdout).collect::<Vec<_>>(),
            "actual" => rows.iter().map(|row| row.actual).collect::<Vec<_>>(),
            "predicted" => rows.iter().map(|row| row.predicted).collect::<Vec<_>>(),
            "actual_cumulative" => rows.iter().map(|row| row.actual_cumulative).collect::<Vec<_>>(),
            "predicted_cumulative" => rows.iter().map(|row| row.predicted_cumulative).collect::<Vec<_>>(),
        )?)
    }
}

impl Contest {
    /// One row a contender, best first: `model`, `behind` (log units), `log_likelihood`, `log_score`, `mae`, `rmse`, `actual`, `predicted`, `gini`, `reason`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.entries;
        let each = |pick: fn(&Entry) -> Option<f64>| {
            rows.iter().map(|row| pick(row).filter(|v| v.is_finite())).collect::<Vec<_>>()
        };
        let error = |pick: fn(&Errors) -> f64| rows.iter().map(|row| row.errors.as_ref().map(pick)).collect::<Vec<_>>();
        Ok(df!(
            "model" => rows.iter().map(|row| row.model.as_str()).collect::<Vec<_>>(),
            "behind" => each(|row| row.behind),
            "log_likelihood" => each(|row| row.log_likelihood),
            "log_score" => each(|row| row.log_score),
            "mae" => error(|row| row.mae),
            "rmse" => error(|row| row.rmse),
            "actual" => error(|row| row.actual),
            "predicted" => error(|row| row.predicted),
            "gini" => error(|row| row.gini),
            "reason" => rows.iter().map(|row| row.reason.as_deref()).collect::<Vec<_>>(),
        )?)
    }
}
