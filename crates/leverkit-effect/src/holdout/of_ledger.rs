//! A test read off a ledger and the list of who was drawn.

use leverkit_core::{Ledger, Table};

use super::over_time::over_time;
use super::params::{HoldoutParams, WindowParams};
use super::units::Done;
use super::{Holdout, holdout};
use crate::Error;
use crate::trial::Metric;

/// Reads a test off a ledger: [`units_of_ledger`] makes the units, whose metrics of the test are adjusted for the days before, and [`holdout`] compares them.
///
/// # Errors
/// As those of both; [`Error::Core`] for a metric that no ledger has.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Table, batch};
/// use leverkit_effect::holdout::{HoldoutParams, WindowParams, holdout_of_ledger};
/// let lines = batch!("c" => [1, 2, 3, 4, 1], "t" => ["2024-01-01", "2024-01-02", "2024-01-08", "2024-01-09", "2024-01-12"], "a" => [3.0, 4.0, 5.0, 6.0, 7.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let drawn = Table::from(batch!("c" => [1, 2, 3, 4], "arm" => ["none", "none", "mail", "mail"])?);
/// let window = WindowParams::new("c", leverkit_core::parse_day("start", "2024-01-06")?);
/// let found = holdout_of_ledger(&ledger, &drawn, &window, &HoldoutParams::new("arm", "none", &["spend"]))?;
/// assert_eq!(found.effects[0].control, Some(3.5)); // who bought nothing counts
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn holdout_of_ledger(
    ledger: &Ledger,
    drawn: &Table,
    window: &WindowParams,
    params: &HoldoutParams,
) -> Result<Holdout, Error> {
    let sums = params.ratios.iter().flat_map(|(_, above, below)| [above, below]);
    let mut metrics: Vec<Metric> = Vec::new();
    for name in params.metrics.iter().chain(sums) {
        let metric = Metric::named(name)?;
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    let before = params.metrics.iter().map(|metric| (metric.clone(), format!("{metric}_before"))).collect();
    let params = HoldoutParams { before, ..params.clone() };
    let done = Done::of(ledger, drawn, window)?;
    let units = done.units(ledger, drawn, window, &metrics)?;
    let mut found = holdout(&units, &params)?;
    (found.over_time, found.trends) = over_time(ledger, &units, &done, window, &params)?;
    Ok(found)
}
