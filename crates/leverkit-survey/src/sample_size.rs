//! How many answers a survey needs: for an interval that is narrow enough, or for a Kano category that is declared where it is the right one.

use leverkit_core::frames::each;
use leverkit_core::stats::{normal_quantile, wilson_share};
use leverkit_core::{Error as CoreError, LeftOut, Params, RecordBatch, Tables, batch, check};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::Error;

/// More answers than this are not planned.
const MOST: u64 = 10_000_000;

/// What a survey is to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SampleSizeParams {
    /// Half of the width of a share's interval.
    pub half_width: Option<f64>,
    /// The share that is expected; ½ needs the most answers.
    pub share: f64,
    /// Expected shares of a feature's Kano categories, or of any other answers of which the most frequent is to be found.
    pub categories: Vec<f64>,
    /// The probability with which the category is to be declared.
    pub power: f64,
    /// A category is declared where it leads with this probability.
    pub certainty: f64,
    /// Confidence level.
    pub level: f64,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// By how much weights raise variances; 1 without weights.
    pub design_effect: f64,
    /// The share of people asked who answer.
    pub response: f64,
}

impl Default for SampleSizeParams {
    fn default() -> Self {
        Self {
            half_width: None,
            share: 0.5,
            categories: Vec::new(),
            power: 0.8,
            certainty: 0.96,
            level: 0.95,
            population: None,
            design_effect: 1.0,
            response: 1.0,
        }
    }
}

impl Params for SampleSizeParams {
    fn check(&self) -> Result<(), CoreError> {
        let one = self.half_width.is_some() == self.categories.is_empty();
        let given = if self.half_width.is_some() { "both" } else { "neither" };
        check::that(one, "half_width, categories", &format_args!("{given}"), "one of them")?;
        self.half_width.map_or(Ok(()), |half| check::share("half_width", half))?;
        for (name, share) in
            [("share", self.share), ("power", self.power), ("certainty", self.certainty), ("level", self.level)]
        {
            check::share(name, share)?;
        }
        check::share_up_to_one("response", self.response)?;
        check::that(
            self.design_effect >= 1.0 && self.design_effect.is_finite(),
            "design_effect",
            &self.design_effect,
            "1 or more",
        )?;
        self.population.map_or(Ok(()), |population| check::above_zero("population", population))?;
        if self.categories.is_empty() {
            return Ok(());
        }
        let are_shares = self.categories.len() > 1 && self.categories.iter().all(|share| (0.0..=1.0).contains(share));
        let sum: f64 = self.categories.iter().sum();
        check::that(
            are_shares && (sum - 1.0).abs() < 1e-6,
            "categories",
            &self.categories,
            "two shares or more that add up to 1",
        )
    }
}

/// How many answers are needed.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSize {
    /// What it was made with.
    pub params: SampleSizeParams,
    /// Answers that are needed.
    pub answers: u64,
    /// People to ask, given how many answer.
    pub asked: u64,
    /// Half-width, or probability of the right category, by number of answers: of what is needed, and of less and more.
    pub table: Vec<(u64, f64)>,
}

/// How many answers are needed, for Wilson's interval of a share to be as narrow as asked, or for the leading category to be declared with the probability
/// asked for. Answers of a small population count for more: n/(1 − n/N) of a large one.
///
/// The leading category is declared over another where z = (p₁ − p₂) √n / √(p₁ + p₂ − (p₁ − p₂)²) exceeds the quantile of `certainty`; what all others add
/// to the risk is added up (Bonferroni), so that the number is on the safe side.
///
/// # Errors
/// [`Error::Core`] for parameters out of range, and where no number of answers would do, as with two categories that lead together.
///
/// ```
/// use leverkit_survey::{SampleSizeParams, sample_size};
/// let found = sample_size(&SampleSizeParams { half_width: Some(0.05), ..SampleSizeParams::default() })?;
/// assert_eq!(found.answers, 381); // 385 by the usual formula, which is that of Wald's interval
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn sample_size(params: &SampleSizeParams) -> Result<SampleSize, Error> {
    params.check()?;
    let population = params.population.unwrap_or(f64::INFINITY);
    let most = population.min(MOST as f64) as u64;
    let reached = |n: u64| match params.half_width {
        Some(half) => half_width(params, n, population) <= half,
        None => right(params, n, population) >= params.power,
    };
    if most == 0 || !reached(most) {
        let (parameter, got) = match params.half_width {
            Some(half) => ("half_width", half.to_string()),
            None => ("categories", format!("{:?}", params.categories)),
        };
        return Err(Error::parameter(parameter, got, format!("what up to {most} answers can show")));
    }
    // The fewest that do, by halving.
    let (mut low, mut high) = (0, most);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if reached(middle) { high = middle } else { low = middle }
    }
    let value = |n: u64| match params.half_width {
        Some(_) => half_width(params, n, population),
        None => right(params, n, population),
    };
    let steps =
        [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0].map(|times| ((high as f64 * times).round() as u64).clamp(1, most));
    let mut steps = steps.to_vec();
    steps.dedup();
    let asked = (high as f64 / params.response).ceil() as u64;
    Ok(SampleSize { params: params.clone(), answers: high, asked, table: each(&steps, |&n| (n, value(n))) })
}

/// How many answers of a large population, all of one weight, so many are worth.
fn worth(params: &SampleSizeParams, n: u64, population: f64) -> f64 {
    let n = n as f64;
    n / params.design_effect / (1.0 - n / population).max(1e-12)
}

fn half_width(params: &SampleSizeParams, n: u64, population: f64) -> f64 {
    let found = wilson_share(params.share, worth(params, n, population), normal_quantile(0.5 + params.level / 2.0));
    (found.upper - found.lower) / 2.0
}

/// The probability that the leading category is declared.
fn right(params: &SampleSizeParams, n: u64, population: f64) -> f64 {
    let mut shares = params.categories.clone();
    shares.sort_by(|a, b| b.total_cmp(a));
    let (n, limit) = (worth(params, n, population), normal_quantile(params.certainty));
    let missed = |other: &f64| {
        let lead = shares[0] - other;
        let sd = (shares[0] + other - lead * lead).sqrt();
        // One that nobody else is near to is never missed.
        if sd > 0.0 { Normal::standard().cdf(limit - lead * n.sqrt() / sd) } else { 0.0 }
    };
    (1.0 - shares[1..].iter().filter(|share| **share > 0.0).map(missed).sum::<f64>()).max(0.0)
}

impl Tables for SampleSize {
    const TABLES: &'static [&'static str] = &["table"];

    /// One row per number of answers: `answers`, `asked` (people to ask), and `half_width` of the share's interval or the probability `right` to declare the
    /// right category; the other is null.
    fn make(&self, _: &str) -> Result<RecordBatch, CoreError> {
        let is_share = self.params.half_width.is_some();
        batch!(
            "answers" => each(&self.table, |row| row.0),
            "asked" => each(&self.table, |row| (row.0 as f64 / self.params.response).ceil() as u64),
            "half_width" => each(&self.table, |row| Some(row.1).filter(|_| is_share)),
            "right" => each(&self.table, |row| Some(row.1).filter(|_| !is_share)),
        )
    }

    fn left_out(&self) -> &[LeftOut] {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_leaders_need_few_answers_and_ties_cannot_be_told() {
        let params = |categories: &[f64]| SampleSizeParams { categories: categories.to_vec(), ..Default::default() };
        let (clear, near) = (
            sample_size(&params(&[0.7, 0.1, 0.1, 0.1])).unwrap(),
            sample_size(&params(&[0.35, 0.3, 0.2, 0.15])).unwrap(),
        );
        assert!(clear.answers < 20 && near.answers > 1500, "{} and {}", clear.answers, near.answers);
        assert!(sample_size(&params(&[0.4, 0.4, 0.2])).is_err());
    }

    #[test]
    fn a_small_population_and_few_who_answer_change_the_number() {
        let half = SampleSizeParams { half_width: Some(0.05), ..Default::default() };
        let small = sample_size(&SampleSizeParams { population: Some(500.0), response: 0.5, ..half.clone() }).unwrap();
        assert_eq!((small.answers, small.asked), (217, 434));
        assert!(sample_size(&SampleSizeParams { design_effect: 2.0, ..half }).unwrap().answers > 700);
    }
}
