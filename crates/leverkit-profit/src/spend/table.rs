//! How money is spread, as a record batch.

use leverkit_core::frames::each;
use leverkit_core::{Error, RecordBatch, Tables, batch};

use super::SpendPlan;

impl Tables for SpendPlan {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }
}

impl SpendPlan {
    /// One row per lever: `parameter`, `value`, `new_value`, `effort` (money), `return_on_effort` (of the next unit of money).
    ///
    /// # Errors
    /// Where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        batch!(
            "parameter" => each(&self.steps, |row| row.parameter.as_str()),
            "value" => each(&self.steps, |row| row.value),
            "new_value" => each(&self.steps, |row| row.new_value),
            "effort" => each(&self.steps, |row| row.effort),
            "return_on_effort" => each(&self.steps, |row| row.return_on_effort),
        )
    }
}
