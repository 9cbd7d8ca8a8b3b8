//! What a survey says of one feature: its category, as far as it is sure, its strengths, and its coefficients.

use leverkit_core::stats::{Error as StatsError, Interval, dirichlet_largest, percentile_interval};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::counts::{Counts, Sample};
use super::{Category, KanoParams};
use crate::answers::FEW;

/// How sure the category of a feature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// One category leads surely.
    Clear,
    /// Two or more categories may lead.
    Unclear,
    /// Many want the feature and many would rather not have it, with fewer between: neither is the view of all.
    Split,
    /// Fewer than 30 answered.
    Few,
}

impl Status {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Unclear => "unclear",
            Self::Split => "split",
            Self::Few => "few",
        }
    }
}

/// What a survey says of a feature.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::kano::Category;
/// use leverkit_survey::{KanoParams, answers::AnswerParams, kano};
/// let without: Vec<&str> = (0..100).map(|row| if row % 10 == 0 { "neutral" } else { "dislike" }).collect();
/// let answers = Table::from(batch!("with" => vec!["like"; 100], "without" => without)?);
/// let found = kano(&answers, &KanoParams::new(AnswerParams::wide(&[("app", &["with", "without"])])))?;
/// let app = &found.features[0];
/// assert_eq!((app.category().as_str(), app.count(Category::Attractive)), ("O", 10.0));
/// assert!(app.is_called_by_fong());
/// // Where better and worse lie together, point by point around.
/// assert_eq!(app.coefficients.unwrap().ellipse(0.95, 24).len(), 25);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feature {
    /// The feature.
    pub feature: String,
    /// Respondents who answered both questions.
    pub n: u64,
    /// Pairs of which one answer is missing.
    pub incomplete: u64,
    /// Shares of the categories, in the order of [`Category::ALL`].
    pub shares: [f64; 6],
    /// The probability that each category is the largest.
    pub probabilities: [f64; 6],
    /// The categories that may lead, the likeliest first: together they lead with the certainty asked for.
    pub declared: Vec<Category>,
    /// The category of most answers.
    pub mode: Category,
    /// The next.
    pub second: Category,
    /// The category by the rule M > O > A > I.
    pub rule: Category,
    /// The share of the first category less that of the second (Lee & Newcomb 1997), with bootstrap limits.
    pub strength: Interval,
    /// The share of attractive, one-dimensional and must-be answers, with bootstrap limits.
    pub total_strength: Interval,
    /// Timko's coefficients; `None` where all answers are reversed or questionable.
    pub coefficients: Option<Coefficients>,
    /// By how many answers the first two must differ by Fong's test, for the record.
    pub fong_limit: f64,
    /// Of the first two categories being equally frequent, two-sided: a test of two counts of one sample, which are negatively correlated.
    pub p_value: f64,
    /// The same among all features, by Benjamini & Hochberg.
    pub q_value: f64,
    /// How sure the category is.
    pub status: Status,
    /// Whether the absence of the feature is judged.
    pub is_flipped: bool,
}

/// Timko's coefficients: how many are satisfied if the feature is there, and dissatisfied if it is not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coefficients {
    /// (A + O) / (A + O + M + I), with Wilson's limits.
    pub better: Interval,
    /// −(M + O) / (A + O + M + I), with Wilson's limits.
    pub worse: Interval,
    /// Standard error of better.
    pub better_se: f64,
    /// Standard error of worse.
    pub worse_se: f64,
    /// Their correlation; 0 where one of them has no variance.
    pub correlation: f64,
}

impl Coefficients {
    /// Points on the ellipse in which both lie together at this level.
    pub fn ellipse(&self, level: f64, points: usize) -> Vec<(f64, f64)> {
        let radius = (-2.0 * (1.0 - level).ln()).sqrt();
        let rest = (1.0 - self.correlation * self.correlation).max(0.0).sqrt();
        let point = |at: usize| {
            let (sin, cos) = (std::f64::consts::TAU * at as f64 / points as f64).sin_cos();
            let across = self.correlation * cos + rest * sin;
            let better = self.better.estimate + radius * self.better_se * cos;
            (better, self.worse.estimate + radius * self.worse_se * across)
        };
        (0..=points).map(point).collect()
    }
}

impl Feature {
    /// Judges a feature by the answers of the respondents of `is_in`; `None` where there are none. `drawn` are its shares in resamples.
    pub(super) fn of(
        sample: &Sample,
        at: usize,
        is_in: impl Fn(usize) -> bool,
        drawn: &[[f64; 6]],
        params: &KanoParams,
    ) -> Result<Option<Self>, StatsError> {
        let Some(counts) = sample.counts(at, &is_in) else { return Ok(None) };
        let shares = counts.shares;
        let alphas = shares.map(|share| share * counts.effective + 0.5);
        let probabilities = dirichlet_largest(&alphas);
        let [mode, second] = leading(&shares);
        let limits = |of: &dyn Fn(&[f64; 6]) -> f64| {
            let drawn: Vec<f64> = drawn.iter().map(of).collect();
            if drawn.is_empty() {
                Ok(Interval::around(of(&shares), f64::NAN))
            } else {
                percentile_interval(of(&shares), &drawn, params.level)
            }
        };
        let declared = declared(&probabilities, params.certainty);
        let feature = &sample.features[at];
        Ok(Some(Self {
            feature: feature.name.clone(),
            n: counts.n,
            incomplete: feature.incomplete,
            status: status(&counts, &shares, declared.len(), params.certainty),
            declared,
            mode,
            second,
            rule: by_rule(&shares, params.tolerance),
            strength: limits(&|shares| shares[mode as usize] - shares[second as usize])?,
            total_strength: limits(&|shares| shares[..3].iter().sum())?,
            coefficients: coefficients(sample, at, &is_in, params.level),
            fong_limit: fong(&counts, mode, second),
            p_value: p_value(&counts, mode, second),
            q_value: f64::NAN,
            is_flipped: feature.is_flipped,
            shares,
            probabilities: std::array::from_fn(|at| probabilities[at]),
        }))
    }

    /// The verdict: a category, two that may both lead, or that it cannot be told.
    pub fn category(&self) -> String {
        match self.declared[..] {
            [one] => one.letter().into(),
            [one, other] => format!("{} or {}", one.letter(), other.letter()),
            _ => "can't tell".into(),
        }
    }

    /// Answers of a category; weighted ones are scaled to the number of respondents.
    pub fn count(&self, category: Category) -> f64 {
        self.shares[category as usize] * self.n as f64
    }

    /// Whether Fong's test calls the first category.
    pub fn is_called_by_fong(&self) -> bool {
        self.count(self.mode) - self.count(self.second) >= self.fong_limit
    }
}

/// The two largest shares; of equal ones the first in the order of categories.
fn leading(shares: &[f64; 6]) -> [Category; 2] {
    let mut order = Category::ALL;
    order.sort_by(|a, b| shares[*b as usize].total_cmp(&shares[*a as usize]));
    [order[0], order[1]]
}

/// The fewest categories that together lead with this probability.
fn declared(probabilities: &[f64], certainty: f64) -> Vec<Category> {
    let mut order = Category::ALL.to_vec();
    order.sort_by(|a, b| probabilities[*b as usize].total_cmp(&probabilities[*a as usize]));
    let mut sum = 0.0;
    let enough = order.iter().position(|category| {
        sum += probabilities[*category as usize];
        sum >= certainty
    });
    order.truncate(enough.map_or(order.len(), |at| at + 1));
    order
}

/// The first of M > O > A > I that is behind the largest by less than the tolerance; reversed and questionable answers can only win outright.
fn by_rule(shares: &[f64; 6], tolerance: f64) -> Category {
    let [mode, _] = leading(shares);
    let is_near = |category: &&Category| shares[mode as usize] - shares[**category as usize] < tolerance;
    if mode.is_core() { Category::ALL[..4].iter().find(is_near).copied().unwrap_or(mode) } else { mode }
}

/// Many want the feature, many would rather not have it, and those in between are surely fewer than both.
fn status(counts: &Counts, shares: &[f64; 6], declared: usize, certainty: f64) -> Status {
    let count = |of: &[Category]| of.iter().map(|category| shares[*category as usize]).sum::<f64>() * counts.effective;
    let wanted = count(&[Category::MustBe, Category::OneDimensional, Category::Attractive]);
    let (between, unwanted) = (count(&[Category::Indifferent]), count(&[Category::Reverse]));
    let surely_more = |many: f64, few: f64| dirichlet_largest(&[many + 0.5, few + 0.5])[0] >= certainty;
    if counts.n < FEW as u64 {
        Status::Few
    } else if surely_more(wanted, between) && surely_more(unwanted, between) {
        Status::Split
    } else if declared == 1 {
        Status::Clear
    } else {
        Status::Unclear
    }
}

/// The right side of Fong's test, 1.65 √((a + b)(2n − a − b) / 2n), in answers.
fn fong(counts: &Counts, first: Category, second: Category) -> f64 {
    let n = counts.n as f64;
    let both = (counts.shares[first as usize] + counts.shares[second as usize]) * n;
    1.65 * (both * (2.0 * n - both) / (2.0 * n)).sqrt()
}

/// Of two shares of one sample being equal: z = (a − b) / √(a + b − (a − b)²/n).
fn p_value(counts: &Counts, first: Category, second: Category) -> f64 {
    let (a, b) = (counts.shares[first as usize], counts.shares[second as usize]);
    let variance = (a + b - (a - b) * (a - b)) / counts.effective;
    if variance > 0.0 { 2.0 * Normal::standard().sf((a - b) / variance.sqrt()) } else { 0.0 }
}

fn coefficients(sample: &Sample, at: usize, is_in: impl Fn(usize) -> bool, level: f64) -> Option<Coefficients> {
    let better = sample.influence(at, Category::is_better, Category::is_core, &is_in)?;
    let worse = sample.influence(at, Category::is_worse, Category::is_core, &is_in)?;
    let covariance = |a: &[f64], b: &[f64]| sample.respondents.covariance(a, b);
    let (better_se, worse_se) =
        (covariance(&better.values, &better.values).sqrt(), covariance(&worse.values, &worse.values).sqrt());
    // Worse is the negative of a share.
    let correlation = -covariance(&better.values, &worse.values) / (better_se * worse_se);
    let share = worse.limits(&sample.respondents, level);
    Some(Coefficients {
        better: better.limits(&sample.respondents, level),
        worse: Interval { estimate: -share.estimate, lower: -share.upper, upper: -share.lower },
        better_se,
        worse_se,
        correlation: if correlation.is_finite() { correlation.clamp(-1.0, 1.0) } else { 0.0 },
    })
}
