//! The KPI system as record batches.

use leverkit_core::frames::{each, number};
use leverkit_core::{Error, RecordBatch, Tables, batch};

use crate::Direction;

use super::{Earned, Kpi, KpiSystem};

impl Tables for KpiSystem {
    const TABLES: &'static [&'static str] = &["parameters", "positions", "shares", "collection"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "parameters" => self.parameters_batch(),
            "positions" => self.positions_batch(),
            "shares" => self.shares_batch(),
            _ => self.collection_batch(),
        }
    }
}

impl KpiSystem {
    /// Steps 1 and 2, one row per KPI: `parameter`, `value`, `plan`, `direction`, `factors`, `positions` (texts with commas), `n_positions`.
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn parameters_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.kpis();
        batch!(
            "parameter" => each(rows, |row| row.parameter.as_str()),
            "value" => each(rows, |row| row.value),
            "plan" => each(rows, Kpi::planned),
            "direction" => each(rows, |row| if row.direction == Direction::Up { "up" } else { "down" }),
            "factors" => each(rows, |row| row.factors.join(", ")),
            "positions" => each(rows, |row| row.positions.join(", ")),
            "n_positions" => each(rows, |row| row.positions.len() as u32),
        )
    }

    /// Step 3, one row per position and KPI: `position`, `parameter`, `value`, `plan`, `factors`.
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn positions_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(&str, &Kpi)> = self
            .positions()
            .iter()
            .flat_map(|position| self.kpis_of(&position.name).map(|kpi| (position.name.as_str(), kpi)))
            .collect();
        batch!(
            "position" => each(&rows, |row| row.0),
            "parameter" => each(&rows, |row| row.1.parameter.as_str()),
            "value" => each(&rows, |row| row.1.value),
            "plan" => each(&rows, |row| row.1.planned()),
            "factors" => each(&rows, |row| row.1.factors.join(", ")),
        )
    }

    /// Step 4, one row per position and KPI: `position`, `kpis` (how many), `mean_share`, `parameter`, `weight`, `share`, `bonus` (money).
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn shares_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.shares();
        batch!(
            "position" => each(&rows, |row| row.position.clone()),
            "kpis" => each(&rows, |row| row.kpis as u32),
            "mean_share" => each(&rows, |row| row.mean_share),
            "parameter" => each(&rows, |row| row.parameter.clone()),
            "weight" => each(&rows, |row| row.weight),
            "share" => each(&rows, |row| row.share),
            "bonus" => each(&rows, |row| row.bonus),
        )
    }

    /// Step 5, one row per KPI: `parameter`, `source`, `owner`, `period`, `quality`.
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn collection_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.kpis();
        batch!(
            "parameter" => each(rows, |row| row.parameter.as_str()),
            "source" => each(rows, |row| row.source.as_str()),
            "owner" => each(rows, |row| row.owner.as_str()),
            "period" => each(rows, |row| row.period.as_str()),
            "quality" => each(rows, |row| row.quality.as_str()),
        )
    }
}

/// One row per position and KPI: `position`, `parameter`, `plan`, `fact`, `attainment` (share; null for a fact of 0 where less is better), `share` (of the bonus), `bonus`, `earned` (money).
///
/// # Errors
/// Where Arrow refuses.
///
/// ```
/// use leverkit_profit::{KpiSystem, earned_batch};
/// let system = KpiSystem::from_toml(r#"
///     [[kpi]]
///     parameter = "close_rate"
///     value = 0.25
///     positions = ["seller"]
///     [[position]]
///     name = "seller"
///     bonus = 1000.0
/// "#)?;
/// let table = earned_batch(&system.bonus(&[("close_rate".into(), 0.20)])?)?;
/// assert_eq!(table.num_rows(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn earned_batch(rows: &[Earned]) -> Result<RecordBatch, Error> {
    batch!(
        "position" => each(rows, |row| row.position.as_str()),
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "plan" => each(rows, |row| row.plan),
        "fact" => each(rows, |row| row.fact),
        "attainment" => each(rows, |row| number(row.attainment)),
        "share" => each(rows, |row| row.share),
        "bonus" => each(rows, |row| row.bonus),
        "earned" => each(rows, |row| row.earned),
    )
}
