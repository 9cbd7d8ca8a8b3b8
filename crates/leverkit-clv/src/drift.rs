//! Whether customers still behave as a fitted model says: its shares of frequencies, and of spend, beside those of a summary.
//!
//! What a model expects takes the time since the first order into account, so that customers who have merely grown older have not drifted.

use leverkit_core::{Drift, DriftBin};
use rayon::prelude::*;
use serde::Serialize;
use statrs::function::beta::checked_beta_reg;

use crate::fit::Fit;
use crate::histories::Histories;
use crate::models::timing::{History, Row};
use crate::spend::{SpendFit, spenders};
use crate::{Error, Estimates};

/// Frequencies from here on are one bin.
const MANY: usize = 7;
/// Bins of spend, of equal chance.
const FIFTHS: usize = 5;

/// Whether customers have drifted from what a model says of them.
#[derive(Debug, Clone, Serialize)]
pub struct ModelDrift {
    /// The comparison, by measure.
    pub drift: Vec<Drift>,
    /// What follows from it.
    pub notes: Vec<String>,
}

impl ModelDrift {
    fn of(drift: Drift) -> Self {
        let drift = vec![drift];
        Self { notes: Drift::notes(&drift, "fit the model anew"), drift }
    }
}

impl Fit {
    /// Compares how many customers have 0, 1 … 7 and more repeat orders with what the model expects in the time since each one's first order.
    ///
    /// # Errors
    /// [`Error::Core`] where the model needs covariates that the histories lack.
    ///
    /// ```
    /// use leverkit_clv::{Columns, Family, Fit, Histories};
    /// use leverkit_core::stats::Drifted;
    /// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
    /// // Customers of whom each has ordered three times are not those of the model: it expects 63 % without a repeat order.
    /// let columns = Columns { frequency: vec![3.0; 500], recency: vec![20.0; 500], t: vec![39.0; 500], ..Columns::default() };
    /// let found = model.drift(&Histories::new(columns, Family::BetaGeo)?)?;
    /// assert_eq!(found.drift[0].verdict(), Drifted::Major);
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn drift(&self, histories: &Histories) -> Result<ModelDrift, Error> {
        let mut now = [0_u64; MANY + 1];
        for row in &histories.each {
            now[(row.history.frequency as usize).min(MANY)] += 1;
        }
        let counts = self.expected_counts(&newcomers(histories), MANY)?;
        let mut expected = [0.0; MANY + 1];
        for (weight, chances) in &counts {
            for (total, chance) in expected.iter_mut().zip(chances) {
                *total += weight * chance;
            }
        }
        expected[MANY] = (histories.len() as f64 - expected[..MANY].iter().sum::<f64>()).max(0.0);
        let bin = |frequency: usize| DriftBin {
            bin: frequency as u32,
            lower: Some(frequency as f64),
            upper: (frequency < MANY).then_some(frequency as f64),
            before: expected[frequency] / histories.len() as f64,
            now: now[frequency],
        };
        Ok(ModelDrift::of(Drift::new("frequency", known(&self.estimates), (0..=MANY).map(bin).collect())))
    }
}

/// The customers on the day of their first order, with the time that has gone by since then; equal ones are one.
fn newcomers(histories: &Histories) -> Histories {
    let fresh = |row: &Row| {
        let history = History { frequency: 0.0, recency: 0.0, t: row.history.t, log_gaps: 0.0 };
        Row { history, weight: 1.0, pattern: row.pattern }
    };
    let all = Histories { each: histories.each.par_iter().map(fresh).collect(), ..histories.clone() };
    Histories { each: all.compressed(|_| 1.0), ..all }
}

impl SpendFit {
    /// Compares customers' mean spend per repeat order with what the model expects of as many orders, in fifths of equal chance.
    ///
    /// For x orders of mean m, x·m / (x·m + v) has the beta distribution of p·x and q (Fader & Hardie 2013).
    ///
    /// # Errors
    /// [`Error::History`] for values that cannot be, as in [`fit_spend`](crate::fit_spend).
    ///
    /// ```
    /// use leverkit_clv::SpendFit;
    /// use leverkit_core::stats::Drifted;
    /// let model = SpendFit::of([6.25, 3.74, 15.44])?;
    /// // The model expects a mean of 35; customers who all spend 400 are others.
    /// let found = model.drift(&[2.0; 300], &[400.0; 300])?;
    /// assert_eq!(found.drift[0].verdict(), Drifted::Major);
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn drift(&self, frequency: &[f64], monetary: &[f64]) -> Result<ModelDrift, Error> {
        let (spenders, left_out) = spenders(frequency, monetary, None)?;
        let [p, q, v] = self.estimates.values[..] else {
            return Err(Error::parameter("parameters", "others", "p, q and v"));
        };
        let mut now = [0_u64; FIFTHS];
        for (spender, _) in &spenders {
            let money = spender.x * spender.mean;
            let below = checked_beta_reg(p * spender.x, q, money / (money + v)).unwrap_or(0.0);
            now[((below * FIFTHS as f64) as usize).min(FIFTHS - 1)] += 1;
        }
        let share = 1.0 / FIFTHS as f64;
        let bin =
            |fifth: usize| DriftBin { bin: fifth as u32 + 1, lower: None, upper: None, before: share, now: now[fifth] };
        let drift = Drift::new("monetary_value", known(&self.estimates), (0..FIFTHS).map(bin).collect());
        let mut found = ModelDrift::of(drift);
        found.notes.extend(left_out);
        Ok(found)
    }
}

/// How many customers the model was made from; given parameters are taken as known for sure.
fn known(estimates: &Estimates) -> f64 {
    if estimates.customers > 0.0 { estimates.customers } else { f64::INFINITY }
}
