//! The price sensitivity meter of van Westendorp (1976), with the extension of Newton, Miller & Smith (1993).
//!
//! Each answer names four prices: too cheap, cheap, expensive, too expensive. The share of answers at or below a price makes four curves; the
//! six points of the method are where two of them add up to one. What a respondent would do at other prices, and so reach and revenue,
//! follows from their stated intents at two of them.

use leverkit_core::stats::{Interval, bootstrap, bootstrap_interval};
use leverkit_core::{LeftOut, Params, Table};
use serde::Serialize;

use super::answers::{Answers, Grid};
use super::curves::Curves;
use super::params::{Intersection, RangeRule, WestendorpParams};
use crate::Error;

/// A price of the method.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PricePoint {
    /// Its name.
    pub name: &'static str,
    /// The price with bootstrap limits; `None` where it is not identified.
    pub price: Option<Interval>,
    /// The lowest and the highest price at which the two curves coincide.
    pub stretch: Option<(f64, f64)>,
    /// What is reached there: reach (share) or revenue (money an answer); `None` for intersections.
    pub value: Option<f64>,
    /// Why there is no price.
    pub reason: Option<String>,
}

/// What answers say of prices.
#[derive(Debug, Clone)]
pub struct Westendorp {
    /// What it was made with.
    pub params: WestendorpParams,
    /// The six intersections, and the prices of most reach and revenue where intents are known.
    pub points: Vec<PricePoint>,
    /// All prices that were named, ascending.
    pub prices: Vec<f64>,
    /// The share of answers at or below each price, for each of the four questions.
    pub shares: [Vec<f64>; 4],
    /// The share of respondents who would buy at each price; empty without intents.
    pub reach: Vec<f64>,
    /// Answers that count.
    pub n: u64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// The question of the price that is too cheap.
const TOO_CHEAP: usize = 0;

/// The names of the points, with the two curves that add up to one there: indices of the four questions.
const POINTS: [(&str, usize, usize); 6] = [
    ("marginal_cheapness", TOO_CHEAP, 1),
    ("marginal_expensiveness", 2, 3),
    ("indifference", 1, 2),
    ("optimal", TOO_CHEAP, 3),
    ("narrower_cheapness", TOO_CHEAP, 2),
    ("narrower_expensiveness", 1, 3),
];

/// Reads van Westendorp's points off the answers.
///
/// With F(p) the share of answers at or below p, 0 at the lowest answer (the curves begin at none), "too cheap" and "cheap" are 1 − F, "expensive" and
/// "too expensive" F. A point lies where F of two questions add up to 1: by linear interpolation between the prices that were named, or, where
/// the sum is 1 over a stretch of them, by the rule of [`Intersection`]. Answers that do not ascend strictly are left out and counted.
///
/// With intents, each respondent's probability to buy is 0 at "too cheap" and "too expensive", what they said at the other two, and
/// linear between (Newton, Miller & Smith 1993). Without "too cheap" its three points have no price, and intents cannot be used. Its mean is the reach; slopes change only at named prices, so all of it takes one sort.
///
/// # Errors
/// [`Error::Empty`] where no answer can be used; [`Error::Parameter`] for a scale without probabilities; [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{WestendorpParams, van_westendorp};
/// let answers = Table::from(batch!("tc" => [3, 4, 5], "c" => [5, 6, 7], "e" => [9, 10, 11], "te" => [12, 13, 13])?);
/// let params = WestendorpParams { min_answers: 3, ..WestendorpParams::new("tc", "c", "e", "te") };
/// let found = van_westendorp(&answers, &params)?;
/// assert_eq!(found.points[2].name, "indifference");
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn van_westendorp(table: &Table, params: &WestendorpParams) -> Result<Westendorp, Error> {
    params.check()?;
    let answers = Answers::read(table, params)?;
    let grid = Grid::of(&answers);
    let curves = grid.curves(&answers, |_| 1.0);
    let whole = Found::of(&curves, &grid.prices, params.intersection);
    let points = if answers.len() < params.min_answers {
        let reason = format!("{} answers; at least {} are needed", answers.len(), params.min_answers);
        names(&curves).map(|name| PricePoint::unknown(name, &reason)).collect()
    } else {
        let replicates = bootstrap(answers.len(), params.replicates(answers.len()), params.seed, |draws| {
            let curves = grid.curves(&answers, |row| f64::from(draws[row]));
            Found::of(&curves, &grid.prices, params.intersection).prices
        })?;
        whole.points(&curves, &replicates, params, answers.len())?
    };
    Ok(Westendorp {
        params: params.clone(),
        points,
        shares: curves.shares(),
        reach: curves
            .reach
            .as_ref()
            .map(|reach| reach.iter().map(|reach| reach / curves.total).collect())
            .unwrap_or_default(),
        prices: grid.prices,
        n: answers.len() as u64,
        left_out: answers.left_out,
    })
}

impl Westendorp {
    /// Lower and upper limit of the range of prices, by the rule asked for.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_survey::{WestendorpParams, van_westendorp};
    /// let answers = Table::from(batch!("tc" => [3, 4, 5], "c" => [5, 6, 7], "e" => [9, 10, 11], "te" => [12, 13, 13])?);
    /// let found = van_westendorp(&answers, &WestendorpParams { min_answers: 3, ..WestendorpParams::new("tc", "c", "e", "te") })?;
    /// let (low, high) = found.range();
    /// assert!(low.price.unwrap().estimate < high.price.unwrap().estimate);
    /// # Ok::<(), leverkit_survey::Error>(())
    /// ```
    pub fn range(&self) -> (&PricePoint, &PricePoint) {
        match self.params.range {
            RangeRule::Accepted => (&self.points[0], &self.points[1]),
            RangeRule::Narrower => (&self.points[4], &self.points[5]),
        }
    }
}

impl PricePoint {
    fn unknown(name: &'static str, reason: &str) -> Self {
        Self { name, price: None, stretch: None, value: None, reason: Some(reason.into()) }
    }
}

fn names(curves: &Curves) -> impl Iterator<Item = &'static str> {
    let peaks = ["reach", "revenue"].into_iter().take(if curves.reach.is_some() { 2 } else { 0 });
    POINTS.iter().map(|point| point.0).chain(peaks)
}

/// The points of one sample.
struct Found {
    prices: Vec<f64>,
    stretches: Vec<(f64, f64)>,
    /// Reach and revenue at their best, of an answer of weight 1.
    peaks: Vec<f64>,
}

impl Found {
    fn of(curves: &Curves, prices: &[f64], rule: Intersection) -> Self {
        // Without "too cheap" its weights lie at the first price; the points that need it are not read.
        let crossings = POINTS.map(|(_, a, b)| curves.crossing((a, b)));
        let mut found = Self {
            prices: crossings.iter().map(|crossing| crossing.price(prices, rule)).collect(),
            stretches: crossings
                .iter()
                .map(|it| (it.price(prices, Intersection::Min), it.price(prices, Intersection::Max)))
                .collect(),
            peaks: Vec::new(),
        };
        if let Some(reach) = &curves.reach {
            for value in [|_: f64, reach: f64| reach, |price: f64, reach: f64| price * reach] {
                let (at, peak) = peak(prices, reach, value);
                found.prices.push(prices[at]);
                found.peaks.push(peak / curves.total);
            }
        }
        found
    }

    fn points(
        &self,
        curves: &Curves,
        replicates: &[Vec<f64>],
        params: &WestendorpParams,
        n: usize,
    ) -> Result<Vec<PricePoint>, Error> {
        let point = |(at, name): (usize, &'static str)| {
            if params.too_cheap.is_none() && POINTS.get(at).is_some_and(|point| point.1 == TOO_CHEAP) {
                return Ok(PricePoint::unknown(name, "nobody was asked which price is too cheap"));
            }
            let drawn: Vec<f64> = replicates.iter().map(|prices| prices[at]).collect();
            let limits = bootstrap_interval(self.prices[at], &drawn, params.level, n)?;
            Ok(PricePoint {
                name,
                price: Some(limits),
                stretch: self.stretches.get(at).copied(),
                value: at.checked_sub(POINTS.len()).map(|peak| self.peaks[peak]),
                reason: None,
            })
        };
        names(curves).enumerate().map(point).collect()
    }
}

/// The first place with the greatest value, and that value.
fn peak(prices: &[f64], reach: &[f64], value: impl Fn(f64, f64) -> f64) -> (usize, f64) {
    let values = prices.iter().zip(reach).map(|(price, reach)| value(*price, *reach));
    values.enumerate().fold((0, f64::NEG_INFINITY), |best, (at, value)| if value > best.1 { (at, value) } else { best })
}
