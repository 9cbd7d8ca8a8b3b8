//! Norms that a company has kept before: the good quarter of its own periods.

use leverkit_core::stats::quantiles;

use super::result::Measurement;
use crate::{Direction, Formula, Parameter};

/// Fewer complete periods tell no quarter.
const FEWEST_PERIODS: usize = 4;

impl Measurement {
    /// For each parameter of the full formula the value that its best quarter of complete periods reached, as a norm for [`bottlenecks`](crate::bottlenecks);
    /// `None` for counts and totals, for what is assumed, and where there are fewer than four complete periods.
    pub fn own_norms(&self) -> Vec<Option<f64>> {
        let norm = |(at, parameter): (usize, &Parameter)| {
            let measured = self.periods.iter().filter(|period| period.is_complete).map(|period| &period.values[at]);
            let mut values: Vec<f64> =
                measured.filter(|known| known.limits.is_some()).map(|known| known.value).collect();
            let share = if parameter.direction == Direction::Up { 0.75 } else { 0.25 };
            (values.len() >= FEWEST_PERIODS).then(|| quantiles(&mut values, &[share])[0])
        };
        Formula::full().parameters().iter().enumerate().map(norm).collect()
    }
}
