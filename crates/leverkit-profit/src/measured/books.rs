//! The books of marketing and costs, and the steps from reach to first orders that they tell.

use leverkit_core::stats::wilson;
use leverkit_core::{Day, format_day};
use serde::{Deserialize, Serialize};

use super::rates::{LEVEL, share_of};
use super::result::{Measured, Source};
use crate::Error;

/// A row of the company's books: what was counted and paid on a day. `None` where the books do not have it; rows of a period add up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BookEntry {
    /// The day.
    #[serde(deserialize_with = "leverkit_core::iso::day")]
    pub day: Day,
    /// The segment whose it is, where the books tell: [`measure_by`](crate::measure_by) takes each segment's own.
    pub segment: Option<String>,
    /// People or impressions reached.
    pub contacts: Option<f64>,
    /// Visits and calls.
    pub responses: Option<f64>,
    /// Leads.
    pub leads: Option<f64>,
    /// Qualified leads.
    pub qualified: Option<f64>,
    /// Money spent on marketing.
    pub spend: Option<f64>,
    /// Money for delivery, payment and handling of orders.
    pub order_cost: Option<f64>,
    /// Money for care and loyalty of customers.
    pub service_cost: Option<f64>,
    /// Money for payroll, rent and IT.
    pub fixed_cost: Option<f64>,
    /// Taxes on profit, money.
    pub tax: Option<f64>,
}

impl BookEntry {
    pub(super) fn check(&self, row: usize) -> Result<(), Error> {
        let fields = [
            ("contacts", self.contacts),
            ("responses", self.responses),
            ("leads", self.leads),
            ("qualified", self.qualified),
            ("spend", self.spend),
            ("order_cost", self.order_cost),
            ("service_cost", self.service_cost),
            ("fixed_cost", self.fixed_cost),
            ("tax", self.tax),
        ];
        for (parameter, value) in fields {
            if let Some(got) = value.filter(|value| !(value.is_finite() && *value >= 0.0)) {
                let expected = "a number of at least 0".into();
                return Err(Error::Value { parameter: parameter.into(), row, got, expected });
            }
        }
        Ok(())
    }
}

impl BookEntry {
    fn add(&mut self, other: &Self) {
        let plus = |sum: &mut Option<f64>, more: Option<f64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or_default() + more);
            }
        };
        plus(&mut self.contacts, other.contacts);
        plus(&mut self.responses, other.responses);
        plus(&mut self.leads, other.leads);
        plus(&mut self.qualified, other.qualified);
        plus(&mut self.spend, other.spend);
        plus(&mut self.order_cost, other.order_cost);
        plus(&mut self.service_cost, other.service_cost);
        plus(&mut self.fixed_cost, other.fixed_cost);
        plus(&mut self.tax, other.tax);
    }
}

impl BookEntry {
    /// Each number times the same.
    pub(super) fn times(mut self, by: f64) -> Self {
        let numbers = [
            &mut self.contacts,
            &mut self.responses,
            &mut self.leads,
            &mut self.qualified,
            &mut self.spend,
            &mut self.order_cost,
            &mut self.service_cost,
            &mut self.fixed_cost,
            &mut self.tax,
        ];
        numbers.into_iter().flatten().for_each(|number| *number *= by);
        self
    }
}

/// The books of a period in one.
pub(super) fn entry_of(books: &[BookEntry], first: Day, last: Day) -> BookEntry {
    let mut entry = BookEntry { day: first, ..BookEntry::default() };
    books.iter().filter(|other| (first..=last).contains(&other.day)).for_each(|other| entry.add(other));
    entry
}

/// The steps from reach to first orders. Stages that the books do not have fall together with the next one known.
pub(super) fn steps(start: Day, entry: &BookEntry, new: f64) -> Result<Vec<Measured>, Error> {
    let stages = [
        ("reach", entry.contacts),
        ("response_rate", entry.responses),
        ("lead_rate", entry.leads),
        ("qualified_rate", entry.qualified),
        ("close_rate", Some(new)),
    ];
    let known = |stages: &[(&str, Option<f64>)]| stages.iter().find_map(|(_, count)| *count);
    let reach = known(&stages).unwrap_or(new);
    let source = if entry.contacts.is_some() { Source::Books } else { Source::Assumed };
    let mut values = vec![Measured::known("reach", reach, 0.0, source)];
    let mut before = entry.contacts;
    for (parameter, count) in &stages[1..] {
        let rate = match (before, *count) {
            (Some(before), Some(count)) if count > before => {
                let got =
                    format!("{before} in the stage before {parameter} and {count} after it, {}", format_day(start));
                return Err(Error::parameter("leads", got, "stages that hold all of the next: not fewer than it"));
            }
            (Some(before), Some(count)) => share(parameter, count, before),
            _ => Measured::known(parameter, 1.0, 0.0, Source::Assumed),
        };
        values.push(rate);
        before = count.or(before);
    }
    Ok(values)
}

fn share(parameter: &'static str, part: f64, whole: f64) -> Measured {
    let value = if whole > 0.0 { part / whole } else { 0.0 };
    let limits = wilson(part.round() as u64, whole.round() as u64, LEVEL).ok();
    let spread = limits.map(|_| share_of(part, whole));
    Measured { limits, spread, ..Measured::known(parameter, value, whole, Source::Books) }
}
