//! Rating conjoint: part-worths from ratings of products, by least squares.

use faer::Mat;
use leverkit_core::analysis::of_model;
use leverkit_core::columns::{find, numbers};
use leverkit_core::design::{AttributeDesign, known_rows};
use leverkit_core::left_out::rows_left_out;
use leverkit_core::{Column, Groups, LeftOut, Params, Reason, Table};
use leverkit_stats::regression::{Covariance, Fit};

use super::params::RatingParams;
use super::part_worths::PartWorths;
use crate::Error;

/// What ratings say of attributes.
#[derive(Debug, Clone)]
pub struct RatingConjoint {
    /// What it was made with.
    pub params: RatingParams,
    /// Part-worths, in points of the rating.
    pub part_worths: PartWorths,
    /// The rating of the base.
    pub intercept: f64,
    /// Share of the variance explained; `None` where ratings are all equal.
    pub r_squared: Option<f64>,
    /// Ratings.
    pub n: u64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Estimates part-worths from ratings, with errors clustered by respondent (Liang & Zeger 1986; CR2 below 40 respondents), or robust (HC1)
/// without.
///
/// # Errors
/// [`Error::Empty`] where no rating can be used; [`Error::NotIdentified`] for fewer ratings than terms; [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{RatingParams, rating_conjoint};
/// let ratings = Table::from(batch!("score" => [9.0, 6.1, 7.0, 4.0, 8.9], "brand" => ["x", "y", "x", "y", "x"], "price" => [1.0, 1.0, 2.0, 2.0, 1.0])?);
/// let found = rating_conjoint(&ratings, &RatingParams { price: Some("price".into()), ..RatingParams::new("score", &["brand"]) })?;
/// assert!((found.part_worths.terms[1].estimate.unwrap().interval.estimate + 2.0).abs() < 0.1); // a unit of price costs two points
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn rating_conjoint(table: &Table, params: &RatingParams) -> Result<RatingConjoint, Error> {
    params.check()?;
    let level = params.level;
    let column = |role: &str, name: &String| find(table, role, name);
    let ratings = numbers(&column("rating", &params.rating)?, "rating")?;
    let mut attributes: Vec<Column> =
        params.attributes.iter().map(|name| column("attributes", name)).collect::<Result<_, _>>()?;
    if let Some(price) = &params.price {
        let prices = column("price", price)?;
        attributes.push(Column::new(prices.name(), numbers(&prices, "price")?));
    }
    let respondents = params.respondent.as_ref().map(|name| column("respondent", name)).transpose()?;
    let needed: Vec<Column> = attributes.iter().chain(&respondents).cloned().collect();
    let is_known = known_rows(table.rows(), &needed)?;
    let (kept, out): (Vec<usize>, Vec<usize>) =
        (0..table.rows()).partition(|&row| is_known[row] && !ratings[row].is_nan());
    let left_out = rows_left_out(Reason::UnknownRating, &out);
    if kept.is_empty() {
        return Err(Error::empty("rating_conjoint", table.rows(), &left_out));
    }
    let design = AttributeDesign::of(&attributes, &kept, params.coding)?;
    let columns: Vec<Vec<f64>> = std::iter::once(vec![1.0; kept.len()]).chain(design.columns(&kept)).collect();
    let y: Vec<f64> = kept.iter().map(|&row| ratings[row]).collect();
    let fit = Fit::of(&columns, &y).map_err(of_model("rating_conjoint"))?;
    let covariance = spread(&fit, respondents.as_ref(), &kept)?;
    let names: Vec<String> = std::iter::once("intercept".into()).chain(design.names()).collect();
    let mut terms = fit.terms(&names, &covariance, level);
    let place = |term: usize| fit.kept.iter().position(|&kept| kept == term + 1);
    let k = design.terms.len();
    let part_worths = PartWorths {
        terms: terms.split_off(1),
        bases: design.bases(),
        beta: (0..k).map(|term| place(term).map_or(0.0, |at| fit.beta[at])).collect(),
        covariance: Mat::from_fn(k, k, |row, across| {
            place(row).zip(place(across)).map_or(0.0, |at| covariance.matrix[at])
        }),
        price: params.price.as_ref().map(|_| k - 1),
        design: design.without_values(),
        level,
        draws: Vec::new(),
    };
    Ok(RatingConjoint {
        params: params.clone(),
        part_worths: part_worths.drawn(params.draws, params.seed),
        intercept: fit.beta[0],
        r_squared: fit.share_explained(),
        n: kept.len() as u64,
        left_out,
    })
}

/// The covariance of the coefficients: clustered by respondent where there are two or more of them.
fn spread(fit: &Fit, respondents: Option<&Column>, kept: &[usize]) -> Result<Covariance, Error> {
    if let Some(respondents) = respondents {
        let places: Vec<u32> = kept.iter().map(|&row| row as u32).collect();
        let clusters = Groups::of(kept.len(), &[respondents.take(&places)?])?;
        if clusters.len() > 1 {
            return Ok(fit.clustered(clusters.codes(), clusters.len()));
        }
    }
    Ok(fit.robust())
}
