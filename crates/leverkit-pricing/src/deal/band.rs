//! The pocket-price band: how far apart the prices are that stay in the pocket (Marn & Rosiello 1992).

use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{Interval, at_least, normal_quantile, par_quantiles};
use leverkit_core::{Column, LeftOut, Params, SortKey};
use rayon::prelude::*;
use serde::Serialize;

use super::deals::{Block, Deals, Size, size_of};
use super::lines::{Line, by_group};
use super::params::BandParams;
use crate::Error;

/// Shares of volume whose pocket price is given.
pub const BAND_QUANTILES: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// The band of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// Deals.
    pub deals: u64,
    /// What deals weigh: units, or money at list price.
    pub volume: f64,
    /// Money at list price.
    pub list: f64,
    /// Money that stays in the pocket.
    pub pocket: f64,
    /// Pocket price, share of list price, up to which each share of [`BAND_QUANTILES`] of the volume lies.
    pub quantiles: [f64; 7],
    /// Limits of the median (Woodruff 1952); `None` with too few deals.
    pub median_limits: Option<Interval>,
    /// Share of the pocket money that lies below the floor; `None` without a floor.
    pub below_floor: Option<f64>,
    /// Deals below the floor.
    pub deals_below_floor: Option<u64>,
    /// What raising the tenth of the volume with the lowest prices to the median is worth, in money, with limits after those of the median.
    pub raise: Interval,
    /// Volume by bin of the pocket price.
    pub histogram: Vec<f64>,
}

/// Pocket-price bands by group.
#[derive(Debug, Clone)]
pub struct PriceBand {
    /// What they were made with.
    pub params: BandParams,
    /// What deals weighed.
    pub weight: Size,
    /// The values of the `by` columns, a row a group.
    pub keys: Vec<Column>,
    /// The bands.
    pub bands: Vec<Band>,
    /// What raising the lowest tenth of each group to its median is worth in all, in money.
    pub raise: Interval,
    /// Edges of the histograms' bins; the first and the last bin hold what lies beyond.
    pub edges: Vec<f64>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

impl Band {
    /// From the lowest to the highest tenth of the volume, share of list price.
    ///
    /// ```
    /// use leverkit_core::batch;
    /// use leverkit_pricing::{BandParams, DealRoles, Deals, price_band};
    /// let lines = batch!("list" => [10.0; 3], "paid" => [9.0, 8.0, 6.0], "units" => [5, 4, 1])?;
    /// let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").pocket_price("paid").quantity("units"))?;
    /// let band = &price_band(&deals, &BandParams::default())?.bands[0];
    /// assert!((band.width() - 0.3).abs() < 1e-12); // from 60 % of list price to 90 %
    /// # Ok::<(), leverkit_pricing::Error>(())
    /// ```
    pub fn width(&self) -> f64 {
        self.quantiles[5] - self.quantiles[1]
    }
}

/// The volume-weighted distribution of the pocket price as a share of list price, by group: each unit counts once, the quantile is the
/// lowest price up to which that share of the volume lies (the inverse of the weighted distribution function).
///
/// Rows without a positive list price and quantity are left out and counted.
///
/// # Errors
/// [`Error::Parameter`] for a level outside 0 to 1 or a floor that is no number; [`Error::Empty`] where no row can be used.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{BandParams, DealRoles, Deals, price_band};
/// let lines = batch!("list" => [10.0, 10.0, 10.0], "paid" => [9.0, 8.0, 6.0], "units" => [5, 4, 1])?;
/// let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").pocket_price("paid").quantity("units"))?;
/// let band = price_band(&deals, &BandParams::default())?.bands[0].clone();
/// assert_eq!((band.quantiles[1], band.quantiles[3]), (0.6, 0.8));
/// assert!((band.raise.estimate - 2.0).abs() < 1e-12); // one unit of ten, from 6 to 8
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn price_band(deals: &Deals, params: &BandParams) -> Result<PriceBand, Error> {
    params.check()?;
    let z = normal_quantile(0.5 + params.level / 2.0);
    let weight = size_of(deals, "weight", params.weight)?;
    let mut found = by_group("price_band", deals, &params.by, Block::price)?;
    if weight == Size::Value {
        found.lines.iter_mut().for_each(|line| line.weight = line.list);
    }
    let edges = edges(&found.lines.iter().map(|line| line.value).collect::<Vec<_>>());
    let bands: Vec<Band> =
        found.slices().into_par_iter().watched().map(|lines| band(lines, params.floor, z, &edges)).collect();
    let raise = in_all(&bands.iter().map(|band| band.raise).collect::<Vec<_>>());
    Ok(PriceBand { params: params.clone(), weight, keys: found.keys, bands, raise, edges, left_out: found.left_out })
}

/// The sum of what groups of their own deals are worth: as they do not depend on each other, its limits lie as far from it as the root of
/// their squared distances (Zou & Donner 2008).
fn in_all(groups: &[Interval]) -> Interval {
    let estimate = groups.iter().map(|group| group.estimate).sum::<f64>();
    let away = |limit: fn(&Interval) -> f64| {
        groups.iter().map(|group| (limit(group) - group.estimate).powi(2)).sum::<f64>().sqrt()
    };
    Interval { estimate, lower: estimate - away(|group| group.lower), upper: estimate + away(|group| group.upper) }
}

fn band(lines: &[Line], floor: Option<f64>, z: f64, edges: &[f64]) -> Band {
    let lines = by_value(lines);
    let sorted = Weighted::of(&lines);
    let median = sorted.quantile(0.5);
    let raise = |to: f64| raise(&lines, 0.1 * sorted.total(), to);
    let limits = sorted.limits(0.5, z);
    let around = limits.unwrap_or(Interval::around(median, 0.0));
    let pocket = lines.iter().map(Line::pocket).sum::<f64>();
    let below = floor.map(|floor| &lines[..lines.partition_point(|line| !at_least(line.value, floor))]);
    let mut histogram = vec![0.0; edges.len() - 1];
    for line in &lines {
        let bin = edges.partition_point(|edge| *edge <= line.value);
        histogram[bin.clamp(1, edges.len() - 1) - 1] += line.weight;
    }
    Band {
        deals: lines.len() as u64,
        volume: sorted.total(),
        list: lines.iter().map(|line| line.list).sum(),
        pocket,
        quantiles: BAND_QUANTILES.map(|share| sorted.quantile(share)),
        median_limits: limits,
        below_floor: below.map(|below| below.iter().map(Line::pocket).sum::<f64>() / pocket),
        deals_below_floor: below.map(|below| below.len() as u64),
        raise: around.map(raise),
        histogram,
    }
}

/// Lines by their value. Equal ones stay in their order, so that sums are the same on any number of threads.
fn by_value(lines: &[Line]) -> Vec<Line> {
    let mut keys: Vec<i128> = lines.iter().zip(0..).map(|(line, place)| line.value.with_row(place)).collect();
    keys.par_sort_unstable();
    keys.into_iter().map(|key| lines[f64::and_row(key).1 as usize]).collect()
}

/// What raising the lowest prices, up to a volume, to a price is worth.
fn raise(lines: &[Line], volume: f64, to: f64) -> f64 {
    let mut left = volume;
    let mut money = 0.0;
    for line in lines {
        let share = (left / line.weight).min(1.0);
        money += share * line.list * (to - line.value).max(0.0);
        left -= line.weight;
        if left <= 0.0 {
            break;
        }
    }
    money
}

/// Values in order with the weight up to each.
pub(crate) struct Weighted<'a> {
    lines: &'a [Line],
    up_to: Vec<f64>,
    effective: f64,
}

impl<'a> Weighted<'a> {
    /// Lines sorted by value, at least one.
    pub(crate) fn of(lines: &'a [Line]) -> Self {
        let mut sum = 0.0;
        let up_to: Vec<f64> = lines
            .iter()
            .map(|line| {
                sum += line.weight;
                sum
            })
            .collect();
        let squares: f64 = lines.iter().map(|line| line.weight * line.weight).sum();
        Self { lines, effective: sum * sum / squares, up_to }
    }

    pub(crate) fn total(&self) -> f64 {
        self.up_to.last().copied().unwrap_or_default()
    }

    /// The least value up to which at least this share of the weight lies.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        // Sums of weights such as 0.1 must not miss their share by a rounding.
        let wanted = share * self.total() * (1.0 - 1e-12);
        let at = self.up_to.partition_point(|sum| *sum < wanted);
        self.lines[at.min(self.lines.len() - 1)].value
    }

    /// Limits of a quantile: those of its share of the weight, read back on the distribution (Woodruff 1952), with the weights' effective
    /// number of deals (Kish 1965).
    pub(crate) fn limits(&self, share: f64, z: f64) -> Option<Interval> {
        let half = z * (share * (1.0 - share) / self.effective).sqrt();
        let (low, high) = (share - half, share + half);
        (low > 0.0 && high < 1.0).then(|| Interval {
            estimate: self.quantile(share),
            lower: self.quantile(low),
            upper: self.quantile(high),
        })
    }
}

/// Edges of at most 40 bins of a round width between the lowest and the highest hundredth of the values.
fn edges(values: &[f64]) -> Vec<f64> {
    const WIDTHS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
    let [low, high] = par_quantiles(values, &[0.01, 0.99])[..] else { return vec![0.0, 1.0] };
    let width = WIDTHS.into_iter().find(|width| high - low <= 38.0 * width).unwrap_or((high - low) / 38.0);
    let first = (low / width).floor();
    let bins = ((high / width).floor() - first) as usize + 1;
    (0..=bins).map(|bin| (first + bin as f64) * width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_at_the_floor_is_not_below_it() {
        // 5.81 / 8.3 is 0.7 but for the last bit.
        let line = |list: f64, pocket: f64| Line { value: pocket / list, weight: 1.0, list, row: 0 };
        let lines = [line(1.0, 0.69), line(8.3, 5.81), line(1.0, 0.8)];
        assert!(lines[1].value < 0.7);
        assert_eq!(band(&lines, Some(0.7), 1.96, &[0.0, 1.0]).deals_below_floor, Some(1));
    }

    #[test]
    fn limits_of_a_sum_of_groups_are_narrower_than_the_sums_of_their_limits() {
        let groups = [Interval { estimate: 10.0, lower: 7.0, upper: 14.0 }, Interval::around(20.0, 4.0)];
        // √(3² + 4²) below, √(4² + 4²) above.
        assert_eq!(in_all(&groups), Interval { estimate: 30.0, lower: 25.0, upper: 30.0 + 32f64.sqrt() });
        assert_eq!(in_all(&groups[..1]), groups[0]);
    }
}
