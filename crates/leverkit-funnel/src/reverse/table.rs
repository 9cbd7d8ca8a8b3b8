//! Tables of the reverse funnel as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, RecordBatch, Tables, batch};

use crate::reverse::{Forward, Pace, Reverse};

impl Tables for Reverse {
    const TABLES: &'static [&'static str] = &["table", "paces", "weeks", "mix"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "paces" => self.paces_batch(),
            "weeks" => self.weeks_batch(),
            "mix" => self.mix_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Tables for Forward {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }
}

impl Reverse {
    /// One row per stage: `stage`, `seen`, `conversion`, `lower`, `upper` (of the stage before), `needed`, `needed_lower`, `needed_upper` (with the
    /// observed conversions, and with the limits of their posterior), `confident` (the smallest number with the requested chance), `planned` (if the
    /// first stage delivers that).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.stages;
        batch!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "seen" => each(rows, |row| row.seen),
            "conversion" => each(rows, |row| row.conversion.map(|found| found.estimate)),
            "lower" => each(rows, |row| row.conversion.map(|found| found.lower)),
            "upper" => each(rows, |row| row.conversion.map(|found| found.upper)),
            "needed" => each(rows, |row| row.needed.estimate),
            "needed_lower" => each(rows, |row| row.needed.lower),
            "needed_upper" => each(rows, |row| row.needed.upper),
            "confident" => each(rows, |row| row.confident),
            "planned" => each(rows, |row| row.planned),
        )
    }

    /// One row per stage, none without dates: `stage`, `from` (the first day), `per_week`, `capacity` (per week), `weeks_at_capacity`, `fits`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn paces_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.schedule.as_ref().map_or(&[][..], |schedule| &schedule.paces);
        let fits = |pace: &Pace| Some(pace.per_week? <= pace.capacity? * (1.0 + 1e-9));
        batch!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "from" => each(rows, |row| row.from),
            "per_week" => each(rows, |row| row.per_week),
            "capacity" => each(rows, |row| row.capacity),
            "weeks_at_capacity" => each(rows, |row| row.weeks_at_capacity),
            "fits" => each(rows, fits),
        )
    }

    /// One row per week and stage, none without dates: `week` (from 1), `start` (its first day), `stage`, `count`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn weeks_batch(&self) -> Result<RecordBatch, Error> {
        let weeks = self.schedule.as_ref().map_or(&[][..], |schedule| &schedule.weeks);
        let rows: Vec<_> = weeks
            .iter()
            .flat_map(|week| self.stages.iter().zip(&week.counts).map(move |(stage, count)| (week, stage, *count)))
            .collect();
        batch!(
            "week" => each(&rows, |row| row.0.week),
            "start" => each(&rows, |row| row.0.start),
            "stage" => each(&rows, |row| row.1.stage.as_str()),
            "count" => each(&rows, |row| row.2),
        )
    }

    /// One row per lever of the cheapest mix, none if there is no mix: `stage`, `lever` ("number" of the first stage or "conversion"), `from`, `to`, `cost` (money).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn mix_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.mix.as_ref().map_or(&[][..], |mix| &mix.levers);
        batch!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "lever" => each(rows, |row| if row.is_first { "number" } else { "conversion" }),
            "from" => each(rows, |row| row.from),
            "to" => each(rows, |row| row.to),
            "cost" => each(rows, |row| row.cost),
        )
    }
}

impl Forward {
    /// One row per stage: `stage`, `expected`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.stages;
        batch!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "expected" => each(rows, |row| row.expected.estimate),
            "lower" => each(rows, |row| row.expected.lower),
            "upper" => each(rows, |row| row.expected.upper),
        )
    }
}
