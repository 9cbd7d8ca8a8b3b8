//! What attributes are worth: part-worths with their covariance, and what follows from both: importance and willingness to pay.

use faer::{Mat, Side};
use leverkit_core::design::{AttributeCell, AttributeDesign, AttributeKind};
use leverkit_core::stats::{normal_quantile, quantiles};
use leverkit_stats::{Estimate, Interval, Term};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::Serialize;

/// Part-worths: the coefficients of a model of choices or ratings.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{RatingParams, rating_conjoint};
/// let ratings = batch!(
///     "colour" => ["red", "blue", "red", "blue", "red", "blue"],
///     "price" => [1.0, 1.0, 2.0, 2.0, 3.0, 3.0],
///     "rating" => [8.0, 9.1, 6.1, 7.0, 3.9, 5.0],
/// )?;
/// let params = RatingParams { price: Some("price".into()), ..RatingParams::new("rating", &["colour"]) };
/// let worths = rating_conjoint(&Table::from(ratings), &params)?.part_worths;
/// // A point of price costs two points of rating, red one: so blue is worth half a unit of money more.
/// let red = worths.willingness()[0].clone();
/// assert_eq!((worths.levels().len(), worths.importance().len(), red.term.as_str()), (4, 2, "colour[red]"));
/// assert!(worths.importance()[1].share.unwrap().estimate > worths.importance()[0].share.unwrap().estimate);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PartWorths {
    /// One a term: a number's coefficient is of one unit; a level's is against the base (dummy) or the mean (effects).
    pub terms: Vec<Term>,
    /// For each attribute of levels, the one without a term.
    pub bases: Vec<(String, String)>,
    pub(crate) design: AttributeDesign,
    pub(crate) beta: Vec<f64>,
    pub(crate) covariance: Mat<f64>,
    /// The term of the price.
    pub(crate) price: Option<usize>,
    pub(crate) level: f64,
    /// Coefficients drawn from their distribution, one after the other.
    pub(crate) draws: Vec<f64>,
}

/// A level of an attribute with its utility; the base's too.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelWorth {
    /// The attribute.
    pub attribute: String,
    /// The level; of a number, its least and its greatest value, the utility counted from the least.
    pub level: String,
    /// Utility with limits; `None` where it is not identified.
    pub utility: Option<Estimate>,
}

/// How much an attribute matters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Importance {
    /// The attribute.
    pub attribute: String,
    /// Its greatest utility less its least, over that of all attributes, with simulated limits; `None` where a term of it is not identified.
    pub share: Option<Interval>,
}

/// What a term is worth in money.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Willingness {
    /// The term.
    pub term: String,
    /// −β / β of the price, with limits by the delta method.
    pub money: Option<Estimate>,
    /// Limits by simulation (Krinsky & Robb 1986).
    pub simulated: Option<Interval>,
    /// Why there is none.
    pub reason: Option<String>,
}

impl PartWorths {
    /// Draws `draws` coefficients from the normal distribution of the estimates.
    pub(crate) fn drawn(mut self, draws: usize, seed: u64) -> Self {
        let k = self.beta.len();
        let sure: Vec<usize> = (0..k).filter(|&term| self.covariance[(term, term)] > 0.0).collect();
        let scale: Vec<f64> = sure.iter().map(|&term| self.covariance[(term, term)].sqrt()).collect();
        // Clusters fewer than terms leave a covariance without full rank, so a little is added to the diagonal where need be.
        let scaled = |more: f64| {
            Mat::from_fn(sure.len(), sure.len(), |row, column| {
                let own = if row == column { more } else { 0.0 };
                self.covariance[(sure[row], sure[column])] / (scale[row] * scale[column]) + own
            })
        };
        let Some(factor) = [0.0, 1e-12, 1e-9].into_iter().find_map(|more| scaled(more).llt(Side::Lower).ok()) else {
            return self;
        };
        let mut random = Pcg64::seed_from_u64(seed);
        for _ in 0..draws {
            let normal: Vec<f64> =
                sure.iter().map(|_| normal_quantile(random.random::<f64>().max(f64::MIN_POSITIVE))).collect();
            let mut beta = self.beta.clone();
            for (row, &term) in sure.iter().enumerate() {
                beta[term] += scale[row] * (0..=row).map(|at| factor.L()[(row, at)] * normal[at]).sum::<f64>();
            }
            self.draws.extend(beta);
        }
        self
    }

    /// The middle `level` of a statistic over the draws; `None` without draws.
    fn limits(&self, statistic: impl FnMut(&[f64]) -> f64) -> Option<(f64, f64)> {
        let mut values: Vec<f64> =
            self.draws.chunks_exact(self.beta.len()).map(statistic).filter(|value| !value.is_nan()).collect();
        let tail = (1.0 - self.level) / 2.0;
        match quantiles(&mut values, &[tail, 1.0 - tail])[..] {
            [lower, upper] => Some((lower, upper)),
            _ => None,
        }
    }

    /// An estimate with the limits of its statistic over the draws; NaN without draws.
    pub(crate) fn with_limits(&self, estimate: f64, statistic: impl FnMut(&[f64]) -> f64) -> Interval {
        let (lower, upper) = self.limits(statistic).unwrap_or((f64::NAN, f64::NAN));
        Interval { estimate, lower, upper }
    }

    fn terms_of(&self, attribute: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.beta.len()).filter(move |&term| self.design.terms[term].attribute == attribute)
    }

    /// How a cell of an attribute depends on the coefficients: a weight for each of its terms that plays a part.
    fn weights(&self, attribute: usize, cell: AttributeCell) -> Vec<(usize, f64)> {
        let weight = |term| (term, self.design.value(&self.design.terms[term], cell));
        self.terms_of(attribute).map(weight).filter(|(_, weight)| *weight != 0.0).collect()
    }

    fn cells(&self, attribute: usize) -> Vec<(String, AttributeCell)> {
        match &self.design.attributes[attribute].kind {
            // A number's utility is counted from its least value.
            AttributeKind::Number(low, high) => [(low, 0.0), (high, high - low)]
                .map(|(value, more)| (value.to_string(), AttributeCell::Number(more)))
                .into(),
            AttributeKind::Levels(names, _) => {
                names.iter().enumerate().map(|(at, name)| (name.clone(), AttributeCell::Level(at))).collect()
            }
        }
    }

    /// The utility of every level, the bases among them, and of the ends of every number, counted from its least value.
    pub fn levels(&self) -> Vec<LevelWorth> {
        let worth = |attribute: usize, (level, cell): (String, AttributeCell)| {
            let weights = self.weights(attribute, cell);
            let is_known = weights.iter().all(|(term, _)| self.terms[*term].estimate.is_some());
            let value = weights.iter().map(|(term, weight)| weight * self.beta[*term]).sum();
            let pairs = weights.iter().flat_map(|a| weights.iter().map(move |b| (a, b)));
            let variance: f64 = pairs.map(|(a, b)| a.1 * b.1 * self.covariance[(a.0, b.0)]).sum();
            LevelWorth {
                attribute: self.design.attributes[attribute].name.clone(),
                level,
                utility: is_known.then(|| Estimate::normal(value, variance.max(0.0).sqrt(), self.level)),
            }
        };
        let attributes = 0..self.design.attributes.len();
        attributes
            .flat_map(|at| self.cells(at).into_iter().map(move |cell| (at, cell)))
            .map(|(at, cell)| worth(at, cell))
            .collect()
    }

    /// How much each attribute matters: the range of its utilities over that of all.
    pub fn importance(&self) -> Vec<Importance> {
        let attributes = self.design.attributes.len();
        let weights: Vec<Vec<Vec<(usize, f64)>>> = (0..attributes)
            .map(|at| self.cells(at).into_iter().map(|(_, cell)| self.weights(at, cell)).collect())
            .collect();
        let range = |attribute: usize, beta: &[f64]| {
            let utilities = weights[attribute]
                .iter()
                .map(|cell| cell.iter().map(|(term, weight)| weight * beta[*term]).sum::<f64>());
            let (low, high) =
                utilities.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), u| (low.min(u), high.max(u)));
            high - low
        };
        let share = |attribute: usize, beta: &[f64]| {
            range(attribute, beta) / (0..attributes).map(|at| range(at, beta)).sum::<f64>()
        };
        let is_known = |attribute: usize| self.terms_of(attribute).all(|term| self.terms[term].estimate.is_some());
        (0..attributes)
            .map(|at| {
                let estimate = share(at, &self.beta);
                Importance {
                    attribute: self.design.attributes[at].name.clone(),
                    share: (is_known(at) && estimate.is_finite())
                        .then(|| self.with_limits(estimate, |beta| share(at, beta))),
                }
            })
            .collect()
    }

    /// What each term is worth: −β / β of the price.
    ///
    /// By the delta method its variance is `(V_tt + 2 w V_tp + w² V_pp) / β_p²`, w the willingness itself. Where the price coefficient is not surely
    /// below 0 the ratio has no limits, and none is given.
    pub fn willingness(&self) -> Vec<Willingness> {
        let reason = self.no_price();
        (0..self.beta.len())
            .filter(|term| Some(*term) != self.price)
            .map(|term| {
                let unknown = self.terms[term].reason.clone().or_else(|| reason.clone());
                let found = self.price.filter(|_| unknown.is_none()).map(|price| {
                    let (cost, v) = (self.beta[price], &self.covariance);
                    let money = -self.beta[term] / cost;
                    let variance =
                        (v[(term, term)] + 2.0 * money * v[(term, price)] + money * money * v[(price, price)])
                            / (cost * cost);
                    let drawn = self.limits(|beta| -beta[term] / beta[price]);
                    let drawn = drawn.map(|(lower, upper)| Interval { estimate: money, lower, upper });
                    (Estimate::normal(money, variance.max(0.0).sqrt(), self.level), drawn)
                });
                Willingness {
                    term: self.terms[term].term.clone(),
                    money: found.map(|found| found.0),
                    simulated: found.and_then(|found| found.1),
                    reason: unknown,
                }
            })
            .collect()
    }

    /// Why nothing can be said in money.
    fn no_price(&self) -> Option<String> {
        let Some(price) = self.price else { return Some("no price among the attributes".into()) };
        match self.terms[price].estimate {
            None => self.terms[price].reason.clone(),
            Some(found) if found.interval.upper >= 0.0 => Some(format!(
                "the coefficient of the price, {:.4} ({:.4} to {:.4}), is not surely below 0, so that money is no measure of utility",
                found.interval.estimate, found.interval.lower, found.interval.upper
            )),
            Some(_) => None,
        }
    }
}
