//! Tables of the reverse funnel as polars frames.

use leverkit_core::Day;
use leverkit_core::polars::prelude::*;

use crate::{Error, Forward, Reverse};

impl Reverse {
    /// One row a stage: `stage`, `seen`, `conversion`, `lower`, `upper` (of the stage before), `needed`, `needed_lower`, `needed_upper` (at the conversions
    /// seen, and at those that they may be), `confident` (the smallest number with the chance asked for), `planned` (where the first stage brings that).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.stages;
        Ok(df!(
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
        )?)
    }

    /// One row a stage, none without dates: `stage`, `from` (the first day), `per_week`, `capacity` (a week), `weeks_at_capacity`, `fits`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn paces_frame(&self) -> Result<DataFrame, Error> {
        let rows = self.schedule.as_ref().map_or(&[][..], |schedule| &schedule.paces);
        let fits = |pace: &crate::Pace| Some(pace.per_week? <= pace.capacity? * (1.0 + 1e-9));
        let frame = df!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "per_week" => each(rows, |row| row.per_week),
            "capacity" => each(rows, |row| row.capacity),
            "weeks_at_capacity" => each(rows, |row| row.weeks_at_capacity),
            "fits" => each(rows, fits),
        )?;
        with_dates(frame, 1, "from", each(rows, |row| row.from))
    }

    /// One row a week and stage, none without dates: `week` (from 1), `start` (its first day), `stage`, `count`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn weeks_frame(&self) -> Result<DataFrame, Error> {
        let weeks = self.schedule.as_ref().map_or(&[][..], |schedule| &schedule.weeks);
        let rows: Vec<_> = weeks
            .iter()
            .flat_map(|week| self.stages.iter().zip(&week.counts).map(move |(stage, count)| (week, stage, *count)))
            .collect();
        let frame = df!(
            "week" => each(&rows, |row| row.0.week),
            "stage" => each(&rows, |row| row.1.stage.as_str()),
            "count" => each(&rows, |row| row.2),
        )?;
        with_dates(frame, 1, "start", each(&rows, |row| row.0.start))
    }

    /// One row a lever of the cheapest mix, none where there is none: `stage`, `lever` ("number" of the first stage or "conversion"), `from`, `to`, `cost` (money).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn mix_frame(&self) -> Result<DataFrame, Error> {
        let rows = self.mix.as_ref().map_or(&[][..], |mix| &mix.levers);
        Ok(df!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "lever" => each(rows, |row| if row.is_first { "number" } else { "conversion" }),
            "from" => each(rows, |row| row.from),
            "to" => each(rows, |row| row.to),
            "cost" => each(rows, |row| row.cost),
        )?)
    }
}

impl Forward {
    /// One row a stage: `stage`, `expected`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.stages;
        Ok(df!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "expected" => each(rows, |row| row.expected.estimate),
            "lower" => each(rows, |row| row.expected.lower),
            "upper" => each(rows, |row| row.expected.upper),
        )?)
    }
}

fn with_dates(mut frame: DataFrame, at: usize, name: &str, days: Vec<Day>) -> Result<DataFrame, Error> {
    frame.insert_column(at, Series::new(name.into(), days).cast(&DataType::Date)?.into_column())?;
    Ok(frame)
}

fn each<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
