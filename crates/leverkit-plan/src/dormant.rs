//! After how many days of silence a customer is dormant, where nobody says.

use leverkit_core::Ledger;
use leverkit_rfm::{GroupLimit, LimitDayParams, limit_day};
use serde::Serialize;

use crate::Error;

/// The share of gaps between orders that have not ended by the day which stands for a limit day.
const STILL_OPEN: f64 = 0.1;

/// Days of silence after which customers count as dormant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dormancy {
    /// The days.
    pub days: u32,
    /// Where they come from, if they are no limit day.
    pub note: Option<String>,
}

/// The limit day; where the data do not tell it, the day by which nine in ten gaps between orders have ended, with a note.
///
/// # Errors
/// As [`limit_day`].
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// let lines = batch!("c" => [1, 1, 1, 2], "t" => ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02"], "a" => [1.0; 4])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// assert!(leverkit_plan::dormant_after(&ledger)?.days >= 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn dormant_after(ledger: &Ledger) -> Result<Dormancy, Error> {
    let found = limit_day(ledger, &LimitDayParams::default())?;
    let Some(whole) = found.groups.iter().find(|group| group.n > 0) else {
        return Ok(Dormancy { days: 1, note: Some("No customer has an order: all are dormant.".into()) });
    };
    Ok(match whole.limit_day {
        Some(days) => Dormancy { days: days.max(1), note: None },
        None => instead(whole),
    })
}

fn instead(group: &GroupLimit) -> Dormancy {
    let ended = group.curve.survival.iter().position(|&share| share <= STILL_OPEN);
    let how = match ended {
        Some(_) => "nine in ten gaps between orders have ended by then",
        None => "no longer gap was seen",
    };
    let days = ended.unwrap_or(group.curve.survival.len().saturating_sub(1)).max(1) as u32;
    let reason = group.reason.as_deref().unwrap_or_default();
    let note = format!(
        "There is no limit day, as {reason}. Customers count as dormant after {days} days: {how}. Set limit_day to change."
    );
    Dormancy { days, note: Some(note) }
}
