//! Rows that were set aside, or of which something was assumed: counted, with the money that they carry.

use serde::Serialize;

/// Why rows were set aside, or what was assumed of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// Why.
    pub reason: &'static str,
    /// How many rows.
    pub rows: u64,
    /// The first of them, from 0.
    pub first_row: u64,
    /// Their money as far as it is known, at list price or as revenue; `None` where none is.
    pub money: Option<f64>,
}

/// Rows of one reason, counted on the way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    rows: u64,
    first_row: u64,
    money: Option<f64>,
}

impl Tally {
    /// Counts a row; its money is NaN where it is not known.
    pub(crate) fn note(&mut self, row: usize, money: f64) {
        self.merge(&Self { rows: 1, first_row: row as u64, money: Some(money).filter(|money| money.is_finite()) });
    }

    /// Adds later rows.
    pub(crate) fn merge(&mut self, later: &Self) {
        if self.rows == 0 {
            self.first_row = later.first_row;
        }
        self.rows += later.rows;
        self.money = self.money.map_or(later.money, |money| Some(money + later.money.unwrap_or_default()));
    }

    /// What to tell, if there is anything.
    pub(crate) fn left_out(&self, reason: &'static str) -> Option<LeftOut> {
        let Self { rows, first_row, money } = *self;
        (rows > 0).then_some(LeftOut { reason, rows, first_row, money })
    }
}

/// What to tell of each reason that occurred.
pub(crate) fn all_left_out(reasons: &[&'static str], tallies: &[Tally]) -> Vec<LeftOut> {
    reasons.iter().zip(tallies).filter_map(|(reason, tally)| tally.left_out(reason)).collect()
}

/// Rows without money of their own.
pub(crate) fn rows_left_out(reason: &'static str, rows: &[usize]) -> Vec<LeftOut> {
    let mut tally = Tally::default();
    rows.iter().for_each(|&row| tally.note(row, f64::NAN));
    tally.left_out(reason).into_iter().collect()
}
