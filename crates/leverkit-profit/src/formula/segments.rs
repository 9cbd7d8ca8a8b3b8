//! A change of profit by segment: how many, which, and how much each.

use leverkit_core::stats::budget::Watched;
use leverkit_core::{stats, zeros};
use rayon::prelude::*;
use serde::Serialize;

use super::Formula;
use super::attribution::{slices, stretches};
use super::program::WIDTH;
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
}

/// Attributes the change of profit to segments: profit of a segment = size of the whole × the segment's share × profit per unit of size, and
/// each of the three has its Shapley part. They add up to the change of each segment, and so to that of the whole.
/// `size` is an expression such as `customers`. A segment without size on one side has its profit per unit from the other.
///
/// # Errors
/// As [`attribute_rows`](crate::attribute_rows); [`Error::UnknownName`] for the size.
///
/// ```
/// use leverkit_profit::{Formula, attribute_segments};
/// let formula = Formula::from_expressions("shop", &[("buyers", "visitors * conversion"), ("profit", "buyers * margin")])?;
/// let before = [[100.0, 100.0], [0.5, 0.5], [10.0, 20.0]];
/// let after = [[120.0, 80.0], [0.5, 0.5], [10.0, 20.0]]; // The same buyers in all, fewer of the better ones.
/// let found = attribute_segments(&formula, &before, &after, "buyers")?;
/// assert!((found.mix.iter().sum::<f64>() + 100.0).abs() < 1e-9);
/// assert!(found.volume.iter().chain(&found.rate).sum::<f64>().abs() < 1e-9);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn attribute_segments(
    formula: &Formula,
    before: &[impl AsRef<[f64]>],
    after: &[impl AsRef<[f64]>],
    size: &str,
) -> Result<SegmentParts, Error> {
    let (size, profit) = (formula.node(size)?, formula.node(formula.profit_name())?);
    // The size may be what profit is, such as the revenue of a formula without costs.
    let evaluated = |side: &[&[f64]]| {
        let mut found = formula.evaluate_nodes(side, &[size, profit])?.into_iter();
        Ok::<_, Error>((found.next().unwrap_or_default(), found.next().unwrap_or_default()))
    };
    let (sizes_before, before) = evaluated(&slices(before))?;
    let (sizes_after, after) = evaluated(&slices(after))?;
    if before.len() != after.len() {
        return Err(Error::parameter("after", format!("{} rows", after.len()), format!("{}, as before", before.len())));
    }
    let whole = Whole::of(stats::par_sum(&sizes_before), stats::par_sum(&sizes_after));
    let mut columns: Vec<Vec<f64>> = (0..3).map(|_| zeros(before.len())).collect();
    stretches(&mut columns).into_par_iter().watched().enumerate().for_each(|(stretch, mut parts)| {
        for at in 0..parts[0].len() {
            let segment = stretch * WIDTH + at;
            let (start, end) = (before[segment], after[segment]);
            let [volume, mix, rate] = whole.parts((start, end), (sizes_before[segment], sizes_after[segment]));
            let rest = (end - start) - (volume + mix + rate);
            parts.iter_mut().zip([volume, mix, rate + rest]).for_each(|(part, money)| part[at] = money);
        }
    });
    let [volume, mix, rate] = std::array::from_fn(|part| std::mem::take(&mut columns[part]));
    Ok(SegmentParts { before, after, volume, mix, rate })
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
        let shares = (sizes.0 * self.units.0, sizes.1 * self.units.1);
        let part = |x: (f64, f64), y: (f64, f64), z: (f64, f64)| {
            (x.1 - x.0) * ((y.0 * z.0 + y.1 * z.1) * (1.0 / 3.0) + (y.0 * z.1 + y.1 * z.0) * (1.0 / 6.0))
        };
        [part(self.sizes, shares, rates), part(shares, self.sizes, rates), part(rates, self.sizes, shares)]
    }
}
