//! Hedonic regression: what each attribute adds to a price (Rosen 1974).

use leverkit_core::analysis::of_model;
use leverkit_core::columns::{find, numbers};
use leverkit_core::design::{AttributeDesign, Coding, known_rows};
use leverkit_core::left_out::rows_left_out;
use leverkit_core::{Column, LeftOut, Params, Reason, Table};
use leverkit_stats::regression::Fit;
use leverkit_stats::{Interval, Term};
use serde::Serialize;

use super::params::HedonicParams;
use crate::Error;

/// What an attribute is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worth {
    /// The coefficient.
    pub term: Term,
    /// What it adds to the mean price with limits, in money; `None` for the intercept and where it is not identified.
    pub money: Option<Interval>,
    /// The same as a share of the price; `None` without the logarithm too.
    pub share: Option<Interval>,
}

/// A hedonic regression.
#[derive(Debug, Clone, Serialize)]
pub struct Hedonic {
    /// What it was made with.
    pub params: HedonicParams,
    /// The intercept and the attributes.
    pub terms: Vec<Worth>,
    /// For each attribute of texts or flags, the value that the others are compared with.
    pub bases: Vec<(String, String)>,
    /// Prices.
    pub n: u64,
    /// Share of the variance explained; `None` where all prices are equal.
    pub r_squared: Option<f64>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Explains prices by attributes, by least squares with the robust covariance HC1 (MacKinnon & White 1985).
///
/// Of logarithms, a number's coefficient b adds exp(b) − 1 of the price for each unit; that of a text or flag exp(b − s²/2) − 1, s its standard error
/// (Kennedy 1981).
///
/// # Errors
/// [`Error::NotIdentified`] for fewer prices than terms; [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{HedonicParams, hedonic};
/// let prices = batch!("price" => [10.0, 12.1, 20.0, 23.9, 30.1], "size" => [1.0, 1.0, 2.0, 2.0, 3.0], "brand" => ["x", "y", "x", "y", "x"])?;
/// let found = hedonic(&prices.into(), &HedonicParams { log: false, ..HedonicParams::new("price", &["size", "brand"]) })?;
/// assert_eq!(found.bases, [("brand".to_owned(), "x".to_owned())]);
/// assert!((found.terms[1].money.unwrap().estimate - 10.0).abs() < 1.0); // a unit of size is worth about 10
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn hedonic(table: &Table, params: &HedonicParams) -> Result<Hedonic, Error> {
    params.check()?;
    let level = params.level;
    let prices = numbers(&find(table, "price", &params.price)?, "price")?;
    let attributes: Vec<Column> =
        params.attributes.iter().map(|name| find(table, "attributes", name)).collect::<Result<_, _>>()?;
    let is_known = known_rows(table.rows(), &attributes)?;
    let is_price = |price: f64| if params.log { price > 0.0 } else { !price.is_nan() };
    let is_usable = |&row: &usize| is_price(prices[row]) && is_known[row];
    let (kept, out): (Vec<usize>, Vec<usize>) = (0..table.rows()).partition(is_usable);
    let left_out = rows_left_out(Reason::UnknownWorth, &out);
    if kept.is_empty() {
        return Err(Error::empty("hedonic", table.rows(), &left_out));
    }
    let design = AttributeDesign::of(&attributes, &kept, Coding::Dummy)?;
    let names: Vec<String> = std::iter::once("intercept".to_owned()).chain(design.names()).collect();
    let columns: Vec<Vec<f64>> = std::iter::once(vec![1.0; kept.len()]).chain(design.columns(&kept)).collect();
    let is_flag = std::iter::once(false).chain(design.terms.iter().map(|term| term.level.is_some()));
    let y: Vec<f64> = kept.iter().map(|&row| if params.log { prices[row].ln() } else { prices[row] }).collect();
    let fit = Fit::of(&columns, &y).map_err(of_model("hedonic"))?;
    let mean = kept.iter().map(|&row| prices[row]).sum::<f64>() / kept.len() as f64;
    let terms = fit.terms(&names, &fit.robust(), level);
    let worth = |(term, is_flag): (Term, bool)| worth(term, is_flag, params.log, mean);
    Ok(Hedonic {
        params: params.clone(),
        terms: terms.into_iter().zip(is_flag).map(worth).collect(),
        bases: design.bases(),
        n: kept.len() as u64,
        r_squared: fit.share_explained(),
        left_out,
    })
}

fn worth(term: Term, is_flag: bool, log: bool, mean: f64) -> Worth {
    let Some(found) = term.estimate.filter(|_| term.term != "intercept") else {
        return Worth { term, money: None, share: None };
    };
    if !log {
        return Worth { term, money: Some(found.interval), share: None };
    }
    let correction = if is_flag { found.std_error * found.std_error / 2.0 } else { 0.0 };
    let log = found.interval;
    let share = Interval { estimate: log.estimate - correction, ..log }.map(f64::exp_m1);
    Worth { term, money: Some(share.map(|share| mean * share)), share: Some(share) }
}
