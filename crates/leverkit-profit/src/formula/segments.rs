//! A change of profit by segment: how many, which, and how much each.

use leverkit_core::stats;
use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;
use serde::Serialize;

use super::Formula;
use super::attribution::{ChangeMethod, attribute_stretch};
use super::sides::{Sides, stretches};
use crate::Error;

/// A change of profit by segment: how many, which, and how much each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentParts {
    /// Profit of each segment before.
    pub before: Vec<f64>,
    /// Profit of each segment after.
    pub after: Vec<f64>,
    /// Money of the change because the whole grew or shrank.
    pub volume: Vec<f64>,
    /// Money because the segment's share of the whole changed.
    pub mix: Vec<f64>,
    /// Money because a unit of the segment brings more or less.
    pub rate: Vec<f64>,
    /// The parts of the parameters in the change of each segment, as of [`attribute_rows`](crate::attribute_rows).
    pub parts: Vec<Vec<f64>>,
}

/// Attributes the change of profit to segments: profit of a segment = size of the whole × the segment's share × profit per unit of size, and
/// each of the three has its Shapley part. They add up to the change of each segment, and so to that of the whole.
/// The parts of the parameters by the `method` are a second view of the same change. `size` is an expression such as `customers`. A segment without size on one side has its profit per unit from the other.
///
/// # Errors
/// As [`attribute_rows`](crate::attribute_rows); [`Error::UnknownName`] for the size.
///
/// ```
/// use leverkit_profit::{ChangeMethod, Formula, attribute_segments};
/// let formula = Formula::from_expressions("shop", &[("buyers", "visitors * conversion"), ("profit", "buyers * margin")])?;
/// let before = [[100.0, 100.0], [0.5, 0.5], [10.0, 20.0]];
/// let after = [[120.0, 80.0], [0.5, 0.5], [10.0, 20.0]]; // The same buyers in all, fewer of the better ones.
/// let found = attribute_segments(&formula, &before, &after, "buyers", ChangeMethod::Lmdi)?;
/// assert!((found.mix.iter().sum::<f64>() + 100.0).abs() < 1e-9);
/// assert!(found.volume.iter().chain(&found.rate).sum::<f64>().abs() < 1e-9);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn attribute_segments(
    formula: &Formula,
    before: &[impl AsRef<[f64]>],
    after: &[impl AsRef<[f64]>],
    size: &str,
    method: ChangeMethod,
) -> Result<SegmentParts, Error> {
    // The size may be what profit is, such as the revenue of a formula without costs.
    let nodes = [formula.node(size)?, formula.node(formula.profit_name())?];
    let sides = Sides::of(formula, before, after)?;
    let [size, profit] = nodes.map(|node| formula.registers[node]);
    let program = formula.program().up_to(profit);
    let mut own = sides.fill(5 + sides.before.len(), size.max(profit), |stretch, columns| {
        let (own, parts) = columns.split_at_mut(5);
        // Sizes wait where their parts will be, as no part is known before the size of the whole.
        let found = [(stretch.start, profit), (stretch.end, profit), (stretch.start, size), (stretch.end, size)];
        let mut is_finite = true;
        for (column, (registers, register)) in own.iter_mut().zip(found) {
            column.copy_from_slice(&registers.get(register)[..stretch.rows.len()]);
            is_finite &= column.iter().fold(true, |all, value| all & value.is_finite());
        }
        if !is_finite {
            sides.check_nodes(&nodes)?;
        }
        attribute_stretch(&sides, &program, stretch, method, parts)
    })?;
    let parts = own.split_off(5);
    let whole = Whole::of(stats::par_sum(&own[2]), stats::par_sum(&own[3]));
    stretches(&mut own).into_par_iter().watched().for_each(|stretch| whole.split(stretch));
    let [before, after, volume, mix, rate] = std::array::from_fn(|column| std::mem::take(&mut own[column]));
    Ok(SegmentParts { before, after, volume, mix, rate, parts })
}

/// The size of the whole before and after, and what a unit of size is of it.
struct Whole {
    sizes: (f64, f64),
    units: (f64, f64),
}

impl Whole {
    fn of(before: f64, after: f64) -> Self {
        let unit = |size: f64| if size == 0.0 { 0.0 } else { size.recip() };
        Self { sizes: (before, after), units: (unit(before), unit(after)) }
    }

    /// Volume, mix and rate of segments, the first two in the place of their sizes.
    fn split(&self, stretch: Vec<&mut [f64]>) {
        let Ok([before, after, volume, mix, rate]) = <[&mut [f64]; 5]>::try_from(stretch) else { return };
        let has_size = !volume.contains(&0.0) && !mix.contains(&0.0);
        let profits = before.iter().zip(&*after);
        for ((volume, mix, rate), (&start, &end)) in
            volume.iter_mut().zip(mix).zip(rate).map(|((volume, mix), rate)| (volume, mix, rate)).zip(profits)
        {
            let sizes = (*volume, *mix);
            // Nearly always all have a size; without a question about it, several segments are split at once.
            let parts = if has_size {
                self.parts_of(sizes, (start / sizes.0, end / sizes.1))
            } else {
                self.parts((start, end), sizes)
            };
            [*volume, *mix, *rate] = parts;
            *rate += (end - start) - (*volume + *mix + *rate);
        }
    }

    /// The parts of whole, share and rate in the change of their product. Where there is a profit without any size there is no rate, and the
    /// whole change is left to it.
    fn parts(&self, (start, end): (f64, f64), sizes: (f64, f64)) -> [f64; 3] {
        if (sizes.0 == 0.0 && (start != 0.0 || sizes.1 == 0.0)) || (sizes.1 == 0.0 && end != 0.0) {
            return [0.0, 0.0, end - start];
        }
        let rates = match (sizes.0 == 0.0, sizes.1 == 0.0) {
            (true, _) => (end / sizes.1, end / sizes.1),
            (_, true) => (start / sizes.0, start / sizes.0),
            _ => (start / sizes.0, end / sizes.1),
        };
        self.parts_of(sizes, rates)
    }

    fn parts_of(&self, sizes: (f64, f64), rates: (f64, f64)) -> [f64; 3] {
        let shares = (sizes.0 * self.units.0, sizes.1 * self.units.1);
        let part = |x: (f64, f64), y: (f64, f64), z: (f64, f64)| {
            (x.1 - x.0) * ((y.0 * z.0 + y.1 * z.1) * (1.0 / 3.0) + (y.0 * z.1 + y.1 * z.0) * (1.0 / 6.0))
        };
        [part(self.sizes, shares, rates), part(shares, self.sizes, rates), part(rates, self.sizes, shares)]
    }
}
