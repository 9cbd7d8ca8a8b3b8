//! Few treated units as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::Synthetic;

impl Tables for Synthetic {
    const TABLES: &'static [&'static str] =
        &["effects", "paths", "weights", "time_weights", "placebos", "placebo_gaps", "earlier"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "paths" => self.paths_batch(),
            "weights" => self.weights_batch(),
            "time_weights" => self.time_weights_batch(),
            "placebos" => self.placebos_batch(),
            "placebo_gaps" => self.placebo_gaps_batch(),
            "earlier" => self.earlier_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Synthetic {
    /// One row per method: `method` (`synthetic`, `synthetic_did`, `augmented`, `did`), `effect` (mean gap from the start on), `lift` (share of the counterfactual),
    /// `std_error` (of the donors' placebos), `lower`, `upper`, `p_value`, `rmspe` before the start.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.effects;
        batch!(
            "method" => each(rows, |row| row.method),
            "effect" => each(rows, |row| row.effect),
            "lift" => each(rows, |row| row.lift),
            "std_error" => each(rows, |row| row.std_error),
            "lower" => each(rows, |row| row.limits.map(|limits| limits.0)),
            "upper" => each(rows, |row| row.limits.map(|limits| limits.1)),
            "p_value" => each(rows, |row| row.p_value),
            "rmspe" => each(rows, |row| row.rmspe),
        )
    }

    /// One row per period: `time`, `is_after`, `observed`, and the counterfactual by each method.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn paths_batch(&self) -> Result<RecordBatch, Error> {
        let [synthetic, synthetic_did, augmented, did] = [0, 1, 2, 3].map(|at: usize| &self.effects[at].path);
        batch!(
            "time" => each(&self.times, String::as_str),
            "is_after" => (0..self.times.len()).map(|at| at >= self.before).collect::<Vec<_>>(),
            "observed" => &self.observed,
            "synthetic" => synthetic,
            "synthetic_did" => synthetic_did,
            "augmented" => augmented,
            "did" => did,
        )
    }

    /// One row per donor: `unit`, and its weight by each method.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn weights_batch(&self) -> Result<RecordBatch, Error> {
        let [synthetic, synthetic_did, augmented] = [0, 1, 2].map(|at: usize| &self.effects[at].weights);
        batch!(
            "unit" => each(&self.donors, String::as_str),
            "synthetic" => synthetic,
            "synthetic_did" => synthetic_did,
            "augmented" => augmented,
        )
    }

    /// One row per period before the start: `time`, `weight` in synthetic difference-in-differences.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn time_weights_batch(&self) -> Result<RecordBatch, Error> {
        let weights = self.effects[1].time_weights.as_deref().unwrap_or_default();
        batch!("time" => each(&self.times[..weights.len()], String::as_str), "weight" => weights)
    }

    /// One row per unit in the treated's place, the treated first: `unit`, `is_treated`, `rmspe_before`, `rmspe_after`, `ratio`, `effect`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn placebos_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.placebos;
        batch!(
            "unit" => each(rows, |row| row.unit.as_str()),
            "is_treated" => (0..rows.len()).map(|at| at == 0).collect::<Vec<_>>(),
            "rmspe_before" => each(rows, |row| row.rmspe_before),
            "rmspe_after" => each(rows, |row| row.rmspe_after),
            "ratio" => each(rows, |row| row.ratio),
            "effect" => each(rows, |row| row.effect),
        )
    }

    /// One row per unit and period: `unit`, `time`, `gap` from its synthetic control.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn placebo_gaps_batch(&self) -> Result<RecordBatch, Error> {
        let all = || {
            self.placebos
                .iter()
                .flat_map(|row| self.times.iter().zip(&row.gaps).map(move |(time, gap)| (row, time, gap)))
        };
        batch!(
            "unit" => all().map(|(row, _, _)| row.unit.as_str()).collect::<Vec<_>>(),
            "time" => all().map(|(_, time, _)| time.as_str()).collect::<Vec<_>>(),
            "gap" => all().map(|(_, _, gap)| *gap).collect::<Vec<_>>(),
        )
    }

    /// One row per earlier start: `start`, `effect` from then to the real start, `rmspe` before.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn earlier_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.earlier;
        batch!(
            "start" => each(rows, |row| row.start.as_str()),
            "effect" => each(rows, |row| row.effect),
            "rmspe" => each(rows, |row| row.rmspe),
        )
    }
}
