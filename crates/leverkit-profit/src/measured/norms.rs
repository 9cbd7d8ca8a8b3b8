//! Norms that a company has kept before: the good quarter of its own periods, without season and luck.
//!
//! The best of many noisy periods lies above their mean even where nothing ever changes. So each period is drawn to the mean of all by its own
//! sampling error before its quarter is taken: θ = μ + B(y − μ) with B = τ²/(τ² + s²), s² from the bootstrap over customers, τ² by the method of moments.

use leverkit_core::Period;
use leverkit_core::stats::quantiles;
use serde::Serialize;

use crate::{Direction, Formula};

/// Season and luck are told apart by the same months of so many years.
const FEWEST_YEARS: usize = 2;
/// Part of the periods that are good.
const GOOD: f64 = 0.25;
/// A norm stands beyond noise where so many of its draws do: there are eight to look at, and one is not to be beyond it by chance.
const SURE: f64 = 0.99;
/// Means that move with the mix of what is sold, whatever happens to the price of any product.
const MIXED: [&str; 2] = ["list_price", "unit_cost"];

/// Customers who left are dormant for good: the longer a company's past, the more of the dormant they are.
const AGEING: &str = "reactivation_rate";

/// What a parameter's complete periods tell of how much better it can be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnNorm {
    /// The parameter.
    pub parameter: &'static str,
    /// Complete periods.
    pub periods: usize,
    /// From its value today to its norm; `None` where there is no norm.
    pub way: Option<Way>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// The way from today's value to the norm, season and luck taken out of both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Way {
    /// The mean of the last quarter of a year.
    pub today: f64,
    /// The quantile of all periods that a quarter of them reached.
    pub norm: f64,
    /// Norm less today, drawn with the error of both.
    #[serde(skip)]
    pub draws: Vec<f64>,
}

/// A parameter by complete period, and what the bootstrap makes of it: a row per replicate.
pub(super) struct Series {
    pub(super) parameter: &'static str,
    pub(super) values: Vec<f64>,
    pub(super) replicates: Vec<Vec<f64>>,
}

/// The norm of each series.
pub(super) fn own_norms(series: &[Series], period: Period) -> Vec<OwnNorm> {
    let norm = |series: &Series| {
        let found = way(series, period.a_year().round() as usize);
        let (way, reason) = found.map_or_else(|reason| (None, Some(reason)), |way| (Some(way), None));
        OwnNorm { parameter: series.parameter, periods: series.values.len(), way, reason }
    };
    series.iter().map(norm).collect()
}

fn way(series: &Series, a_year: usize) -> Result<Way, String> {
    let n = series.values.len();
    if MIXED.contains(&series.parameter) {
        return Err("its mean moves with the mix of what is sold: only prices of the same products have a norm".into());
    }
    if series.parameter == AGEING {
        return Err(
            "it falls as the dormant grow older, whatever is done: those of earlier periods were younger".into()
        );
    }
    if n < FEWEST_YEARS * a_year {
        let fewest = FEWEST_YEARS * a_year;
        return Err(format!("{n} complete periods do not tell a good one from its season: {fewest} would"));
    }
    let values = without_season(&series.values, a_year);
    let errors = errors(series, a_year);
    let shrunk = Shrunk::of(&values, &errors).ok_or("its periods differ no more than by chance")?;
    shrunk.way(&errors, a_year, rises(series.parameter))
}

fn rises(parameter: &str) -> bool {
    Formula::full().parameters().iter().any(|known| known.name == parameter && known.direction == Direction::Up)
}

/// The values less what their place in the year has more than the mean of all. What one month has more in one year alone falls by as much as it moves that place's mean.
fn without_season(values: &[f64], a_year: usize) -> Vec<f64> {
    let centre = mean(values);
    let of_place = |place: usize| mean(&values.iter().skip(place).step_by(a_year).copied().collect::<Vec<f64>>());
    let places: Vec<f64> = (0..a_year).map(of_place).collect();
    values.iter().enumerate().map(|(at, value)| centre + value - places[at % a_year]).collect()
}

/// How far each replicate lies from the mean of all, by period: what is drawn together errs together.
fn errors(series: &Series, a_year: usize) -> Vec<Vec<f64>> {
    let complete = |replicate: &Vec<f64>| -> Vec<f64> {
        let known = replicate.iter().zip(&series.values);
        known.map(|(drawn, value)| if drawn.is_nan() { *value } else { *drawn }).collect()
    };
    let mut drawn: Vec<Vec<f64>> =
        series.replicates.iter().map(|replicate| without_season(&complete(replicate), a_year)).collect();
    for period in 0..series.values.len() {
        let centre = drawn.iter().map(|replicate| replicate[period]).sum::<f64>() / drawn.len() as f64;
        drawn.iter_mut().for_each(|replicate| replicate[period] -= centre);
    }
    drawn
}

/// Periods drawn to their mean.
struct Shrunk {
    values: Vec<f64>,
    /// How much of its own each keeps: B.
    kept: Vec<f64>,
}

impl Shrunk {
    /// `None` where the periods differ no more than their sampling errors, which may be alike in all, make them.
    fn of(values: &[f64], errors: &[Vec<f64>]) -> Option<Self> {
        let (n, centre) = (values.len() as f64, mean(values));
        let over = |of: &dyn Fn(&Vec<f64>) -> f64| errors.iter().map(of).sum::<f64>() / errors.len() as f64;
        let own: Vec<f64> = (0..values.len()).map(|at| over(&|error| error[at].powi(2))).collect();
        let noise = mean(&own) - over(&|error| mean(error).powi(2));
        let spread = values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / n;
        let between = (spread - noise) * n / (n - 1.0);
        // A period of few customers may not vary in the bootstrap at all; it is no surer than the others.
        let usual = mean(&own);
        (between > 1e-12 * centre.powi(2)).then(|| {
            let kept: Vec<f64> = own.iter().map(|own| between / (between + own.max(usual))).collect();
            let shrunk = values.iter().zip(&kept).map(|(value, kept)| centre + kept * (value - centre)).collect();
            Self { values: shrunk, kept }
        })
    }

    fn way(&self, errors: &[Vec<f64>], a_year: usize, rises: bool) -> Result<Way, String> {
        let n = self.values.len();
        let sign = if rises { 1.0 } else { -1.0 };
        let last: Vec<usize> = (n - (a_year / 4).max(1)..n).collect();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| (sign * self.values[b]).total_cmp(&(sign * self.values[a])));
        let good = &order[..((GOOD * n as f64).round() as usize).max(1)];
        let norm = quantiles(&mut self.values.clone(), &[if rises { 1.0 - GOOD } else { GOOD }])[0];
        let today = last.iter().map(|&at| self.values[at]).sum::<f64>() / last.len() as f64;
        // The error that is left in a shrunk period has the variance B s².
        let error = |error: &[f64], periods: &[usize]| {
            periods.iter().map(|&at| self.kept[at].sqrt() * error[at]).sum::<f64>() / periods.len() as f64
        };
        let draws: Vec<f64> =
            errors.iter().map(|drawn| norm - today + error(drawn, good) - error(drawn, &last)).collect();
        let sure = draws.iter().filter(|way| sign * **way > 0.0).count() as f64;
        if sure < SURE * draws.len() as f64 {
            return Err("today's value is as good as its own good quarter, but for chance".into());
        }
        Ok(Way { today, norm, draws })
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
