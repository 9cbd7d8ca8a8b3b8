//! Leakage: the part of discounts that the size of deals does not explain.

use leverkit_core::stats::{benjamini_hochberg, median};
use leverkit_core::{LeftOut, Params};
use leverkit_stats::Estimate;
use rayon::prelude::*;
use serde::Serialize;

use super::deals::{Deals, Size, size_of};
use super::lines::{Line, usable};
use super::norm::DiscountNorm;
use super::params::LeakageParams;
use crate::Error;

/// What deals of one value of a column gave away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    /// The column; `None` for all deals together.
    pub dimension: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Deals.
    pub deals: u64,
    /// Money at list price.
    pub list: f64,
    /// Money off the list price.
    pub discount: f64,
    /// Money that is normal for deals of such sizes.
    pub explained: f64,
    /// The rest, with limits; below zero where discounts are smaller than normal.
    pub unexplained: Option<Estimate>,
    /// The money of those deals alone whose discount is above the norm.
    pub leak: f64,
    /// Deals with an unusually deep discount.
    pub outliers: u64,
    /// Of no unexplained discount, over all values of the column (Benjamini & Hochberg 1995).
    pub q_value: f64,
}

/// A deal far from the norm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outlier {
    /// Its row, from 0.
    pub row: u32,
    /// Its size.
    pub size: f64,
    /// Its discount, share of list price.
    pub discount: f64,
    /// The normal discount of its size.
    pub norm: f64,
    /// Money beyond the norm.
    pub money: f64,
    /// Robust standard deviations from the norm.
    pub z: f64,
}

/// Discounts against the size of deals.
#[derive(Debug, Clone)]
pub struct Leakage {
    /// What it was made with.
    pub params: LeakageParams,
    /// What made deals large.
    pub size: Size,
    /// The norm.
    pub norm: DiscountNorm,
    /// All deals, then each value of each column.
    pub leaks: Vec<Leak>,
    /// Deals far from the norm, the most money first.
    pub outliers: Vec<Outlier>,
    /// Some deals, evenly drawn, for a picture: size and discount.
    pub sample: Vec<(f64, f64)>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Deals of a picture.
const SAMPLE: usize = 2000;

/// Fits the discount that is normal for the size of a deal and says who gave away more.
///
/// The norm is the quantile of the discount that never falls with size (isotonic quantile regression); what a deal's discount has beyond it
/// is unexplained. Outliers are by the modified z-score of Iglewicz & Hoaglin (1993): 0.6745 · (residual − median) / median absolute deviation.
///
/// # Errors
/// [`Error::Parameter`] for a share outside 0 to 1 or a limit of outliers not above 0; [`Error::Empty`] where no row can be used.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{DealRoles, Deals, LeakageParams, leakage};
/// let units: Vec<i32> = (1..=100).collect();
/// let paid: Vec<f64> = (1..=100).map(|units| if units == 50 { 5.0 } else { 9.0 - f64::from(units) / 100.0 }).collect();
/// let lines = batch!("list" => vec![10.0; 100], "paid" => paid, "units" => units)?;
/// let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").pocket_price("paid").quantity("units"))?;
/// assert_eq!(leakage(&deals, &LeakageParams::default())?.outliers[0].row, 49);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn leakage(deals: &Deals, params: &LeakageParams) -> Result<Leakage, Error> {
    params.check()?;
    let size = size_of(deals, "size", params.size)?;
    let (lines, left_out) = usable("leakage", deals, |block, row| 1.0 - block.price(row))?;
    let large = |line: &Line| if size == Size::Quantity { line.weight } else { line.list };
    let norm = DiscountNorm::fit(lines.iter().map(|line| (large(line), line.value)).collect(), params.quantile);
    let normal: Vec<f64> = lines.par_iter().map(|line| norm.at(large(line))).collect();
    let scores =
        robust_scores(&lines.iter().zip(&normal).map(|(line, normal)| line.value - normal).collect::<Vec<_>>());
    let mut leaks = vec![tally(lines.iter().zip(&normal).zip(&scores), params)];
    for column in &params.by {
        leaks.extend(by_value(deals, column, &lines, &normal, &scores, params)?);
    }
    let mut outliers: Vec<Outlier> = lines
        .iter()
        .zip(normal.iter().zip(&scores))
        .filter(|(_, (_, z))| z.abs() > params.outlier)
        .map(|(line, (&norm, &z))| Outlier {
            row: line.row,
            size: large(line),
            discount: line.value,
            norm,
            money: (line.value - norm) * line.list,
            z,
        })
        .collect();
    outliers.sort_by(|a, b| b.money.total_cmp(&a.money).then(a.row.cmp(&b.row)));
    let step = lines.len().div_ceil(SAMPLE);
    let sample = lines.iter().step_by(step).map(|line| (large(line), line.value)).collect();
    Ok(Leakage { params: params.clone(), size, norm, leaks, outliers, sample, left_out })
}

/// Modified z-scores; where more than half of the residuals are equal, by the mean absolute deviation.
fn robust_scores(residuals: &[f64]) -> Vec<f64> {
    let centre = median(&mut residuals.to_vec()).unwrap_or_default();
    let mut away: Vec<f64> = residuals.iter().map(|residual| (residual - centre).abs()).collect();
    let mean = away.iter().sum::<f64>() / away.len() as f64;
    // 1.4826 and 1.2533 make both the standard deviation of a normal distribution.
    let spread = match median(&mut away) {
        Some(mad) if mad > 1e-12 => 1.482_602_218_505_602 * mad,
        _ => 1.253_314_137_315_5 * mean,
    };
    let score = |residual: &f64| if spread > 1e-12 { (residual - centre) / spread } else { 0.0 };
    residuals.iter().map(score).collect()
}

fn by_value(
    deals: &Deals,
    column: &str,
    lines: &[Line],
    normal: &[f64],
    scores: &[f64],
    params: &LeakageParams,
) -> Result<Vec<Leak>, Error> {
    let groups = deals.groups(std::slice::from_ref(&column.to_owned()))?;
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); groups.len()];
    for (at, line) in lines.iter().enumerate() {
        members[groups.codes()[line.row as usize] as usize].push(at as u32);
    }
    let mut leaks: Vec<Leak> = members
        .par_iter()
        .zip(groups.keys()[0].texts())
        .filter(|(members, _)| !members.is_empty())
        .map(|(members, value)| {
            let rows = members.iter().map(|&at| ((&lines[at as usize], &normal[at as usize]), &scores[at as usize]));
            Leak { dimension: Some(column.to_owned()), value, ..tally(rows, params) }
        })
        .collect();
    let p_values: Vec<f64> =
        leaks.iter().map(|leak| leak.unexplained.map_or(f64::NAN, |estimate| estimate.p_value)).collect();
    leaks.iter_mut().zip(benjamini_hochberg(&p_values)).for_each(|(leak, q_value)| leak.q_value = q_value);
    leaks.sort_by(|a, b| b.excess().total_cmp(&a.excess()));
    Ok(leaks)
}

impl Leak {
    /// Money beyond the norm.
    pub fn excess(&self) -> f64 {
        self.discount - self.explained
    }
}

/// Adds up deals; the limits of their unexplained money take them as drawn from many like them.
fn tally<'a>(rows: impl Iterator<Item = ((&'a Line, &'a f64), &'a f64)>, params: &LeakageParams) -> Leak {
    let (mut n, mut list, mut discount, mut explained, mut leak, mut outliers) = (0u64, 0.0, 0.0, 0.0, 0.0, 0);
    // Welford's way: the mean and the squares about it in one pass.
    let (mut mean, mut squares) = (0.0, 0.0);
    for ((line, normal), z) in rows {
        let excess = (line.value - normal) * line.list;
        n += 1;
        list += line.list;
        discount += line.value * line.list;
        explained += normal * line.list;
        leak += excess.max(0.0);
        outliers += u64::from(*z > params.outlier);
        let away = excess - mean;
        mean += away / n as f64;
        squares += away * (excess - mean);
    }
    let unexplained = (n > 1).then(|| {
        let std_error = (squares / (n - 1) as f64 * n as f64).sqrt();
        Estimate::of(discount - explained, std_error, (n - 1) as f64, params.level)
    });
    Leak {
        dimension: None,
        value: None,
        deals: n,
        list,
        discount,
        explained,
        unexplained,
        leak,
        outliers,
        q_value: f64::NAN,
    }
}
