//! Whether customers have drifted from those that a model was made from, by measure and bin.

use arrow_array::RecordBatch;
use leverkit_stats::{Drifted, Stability, stability};
use serde::Serialize;

use crate::frames::each;
use crate::{Error, batch};

/// How customers share out over the bins of a measure, beside those whom a model was made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    /// The measure's name.
    pub measure: String,
    /// How many customers the shares of before are known from; infinite for those that a model expects.
    pub n_before: f64,
    /// The bins, in their order.
    pub bins: Vec<DriftBin>,
    /// How far the shares are from those of before; `None` without customers, or where all are in one bin.
    pub stability: Option<Stability>,
}

/// The customers of one bin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DriftBin {
    /// Its number, or score.
    pub bin: u32,
    /// Its lower bound; `None` is open, or differs from group to group.
    pub lower: Option<f64>,
    /// Its upper bound; `None` as for the lower.
    pub upper: Option<f64>,
    /// The share of customers in it before.
    pub before: f64,
    /// How many customers are in it now.
    pub now: u64,
}

impl Drift {
    /// Compares the customers of bins with the shares of before.
    ///
    /// ```
    /// use leverkit_core::{Drift, DriftBin};
    /// let bin = |bin, before, now| DriftBin { bin, lower: None, upper: None, before, now };
    /// let found = Drift::new("recency", 1000.0, vec![bin(1, 0.5, 900), bin(2, 0.5, 100)]);
    /// let note = found.note("make the cut points anew").unwrap();
    /// assert_eq!(note, "recency has drifted far (population stability index 0.88): make the cut points anew.");
    /// ```
    pub fn new(measure: &str, n_before: f64, bins: Vec<DriftBin>) -> Self {
        let (before, now): (Vec<f64>, Vec<u64>) = bins.iter().map(|bin| (bin.before, bin.now)).unzip();
        Self { measure: measure.into(), n_before, stability: stability(&before, n_before, &now), bins }
    }

    /// Whether they have drifted.
    pub fn verdict(&self) -> Drifted {
        self.stability.map_or(Drifted::Unclear, |found| found.verdict)
    }

    /// What to say where they have, or where it cannot be told; `None` where they are stable.
    pub fn note(&self, advice: &str) -> Option<String> {
        let Some(Stability { psi, psi_by_chance, verdict, .. }) = self.stability else {
            return Some(format!(
                "{}: whether customers have drifted is unknown, because those of before and of now do not fill two bins.",
                self.measure
            ));
        };
        let measure = &self.measure;
        match verdict {
            Drifted::Stable => None,
            Drifted::Unclear => Some(format!(
                "{measure}: too few customers to tell whether they have drifted (population stability index {psi:.2}, by chance up to {psi_by_chance:.2})."
            )),
            Drifted::Moderate => Some(format!(
                "{measure} has drifted somewhat (population stability index {psi:.2}): {advice} if it goes on."
            )),
            Drifted::Major => {
                Some(format!("{measure} has drifted far (population stability index {psi:.2}): {advice}."))
            }
        }
    }

    /// The notes on all measures; one sentence where all are stable.
    ///
    /// ```
    /// use leverkit_core::{Drift, DriftBin, stats::Drifted};
    /// let bin = |bin, before, now| DriftBin { bin, lower: None, upper: None, before, now };
    /// let drift = |high| Drift::new("recency", 1000.0, vec![bin(1, 0.5, high), bin(2, 0.5, 500)]);
    /// assert_eq!(drift(500).verdict(), Drifted::Stable);
    /// assert_eq!(Drift::notes(&[drift(500)], "fit anew"), ["The customers have not drifted."]);
    /// assert_eq!(Drift::notes(&[drift(500), drift(4500)], "fit anew").len(), 1);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn notes(drifts: &[Self], advice: &str) -> Vec<String> {
        let notes: Vec<String> = drifts.iter().filter_map(|drift| drift.note(advice)).collect();
        if notes.is_empty() { vec!["The customers have not drifted.".into()] } else { notes }
    }

    /// One row per measure: `measure`, `customers_before` (null for shares that a model expects), `customers`, `psi`, `psi_by_chance` (exceeded once in
    /// a hundred), `chi_squared`, `df`, `p_value`, `verdict` ("stable", "unclear", "moderate" or "major").
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(drifts: &[Self]) -> Result<RecordBatch, Error> {
        let number = |pick: fn(&Stability) -> f64| each(drifts, |drift| drift.stability.as_ref().map(pick));
        batch!(
            "measure" => each(drifts, |drift| drift.measure.as_str()),
            "customers_before" => each(drifts, |drift| drift.n_before.is_finite().then_some(drift.n_before as i64)),
            "customers" => each(drifts, |drift| drift.customers() as i64),
            "psi" => number(|found| found.psi),
            "psi_by_chance" => number(|found| found.psi_by_chance),
            "chi_squared" => number(|found| found.chi_squared),
            "df" => each(drifts, |drift| drift.stability.map(|found| found.df)),
            "p_value" => number(|found| found.p_value),
            "verdict" => each(drifts, |drift| drift.verdict().name()),
        )
    }

    /// One row per measure and bin: `measure`, `bin`, `lower`, `upper`, `share_before`, `customers`, `share`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn bins_to_batch(drifts: &[Self]) -> Result<RecordBatch, Error> {
        let rows: Vec<(&Self, &DriftBin)> =
            drifts.iter().flat_map(|drift| drift.bins.iter().map(move |bin| (drift, bin))).collect();
        let share =
            |drift: &Self, now: u64| Some(now as f64 / drift.customers() as f64).filter(|share| share.is_finite());
        batch!(
            "measure" => each(&rows, |(drift, _)| drift.measure.as_str()),
            "bin" => each(&rows, |(_, bin)| bin.bin),
            "lower" => each(&rows, |(_, bin)| bin.lower),
            "upper" => each(&rows, |(_, bin)| bin.upper),
            "share_before" => each(&rows, |(_, bin)| bin.before),
            "customers" => each(&rows, |(_, bin)| bin.now as i64),
            "share" => each(&rows, |(drift, bin)| share(drift, bin.now)),
        )
    }

    fn customers(&self) -> u64 {
        self.bins.iter().map(|bin| bin.now).sum()
    }
}
