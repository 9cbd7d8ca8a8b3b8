//! Respondents: the unit of all inference, with their weights, strata and segments.

use leverkit_core::stats::Error as StatsError;
use leverkit_core::stats::budget::Watched;
use leverkit_core::{Column, Groups};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

/// Fewer respondents than this are few: results are given, and say so.
pub const FEW: usize = 30;

/// Who answered.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::answers::{AnswerParams, Answers, Question, RATING};
/// let table = Table::from(batch!("score" => [9, 7, 8, 2], "weight" => [1.0, 1.0, 1.0, 3.0])?);
/// let params = AnswerParams { weight: Some("weight".into()), ..AnswerParams::wide(&[("shop", &["score"])]) };
/// let answers = Answers::read("scores", &table, &params, &[Question { role: "score", scale: &RATING }], |_, _| 0)?;
/// let people = &answers.respondents;
/// // One counts three times: together they tell as much as three of equal weight.
/// assert_eq!((people.len(), people.are_alike(), people.effective(|_| true)), (4, false, 3.0));
/// // Of an endless population nothing is taken off a variance.
/// assert_eq!((people.unsampled(), people.covariance(&people.weights, &people.weights)), (1.0, 4.0));
/// let scores = answers.cells(0, 0);
/// let means = people.bootstrap(200, 1, |weights| {
///     weights.iter().zip(scores).map(|(weight, score)| weight * score).sum::<f64>() / weights.iter().sum::<f64>()
/// })?;
/// assert!(means.iter().all(|mean| (2.0..=9.0).contains(mean)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Respondents {
    /// One id per respondent, in order.
    pub ids: Column,
    /// One weight per respondent, 1 where none are given.
    pub weights: Vec<f64>,
    /// Segments, where asked for: a code per respondent, with the segments' names as the key; those without one come last.
    pub segments: Option<Groups>,
    /// The members of each stratum.
    pub(super) strata: Vec<Vec<u32>>,
    /// How many people there are to be asked.
    pub(super) population: Option<f64>,
}

impl Respondents {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// What is left of a variance where many of those who are there were asked: 1 − n/N (Cochran 1977, §2.6).
    pub fn unsampled(&self) -> f64 {
        self.population.map_or(1.0, |population| 1.0 - self.len() as f64 / population)
    }

    /// How many respondents of equal weight would tell as much as those of `is_in`: (Σw)² / Σw² (Kish 1965), over the share that was not asked.
    pub fn effective(&self, is_in: impl Fn(usize) -> bool) -> f64 {
        let own = |(at, weight): (usize, &f64)| is_in(at).then_some(*weight);
        let (sum, squares) = self
            .weights
            .iter()
            .enumerate()
            .filter_map(own)
            .fold((0.0, 0.0), |(sum, squares), weight| (sum + weight, squares + weight * weight));
        if sum > 0.0 { sum * sum / squares / self.unsampled() } else { 0.0 }
    }

    /// Whether all weights are equal, there are no strata, and the population is large: then respondents are exchangeable.
    pub fn are_alike(&self) -> bool {
        self.weights.windows(2).all(|pair| pair[0] == pair[1]) && self.strata.len() == 1 && self.population.is_none()
    }

    /// The covariance of two totals Σaᵢ and Σbᵢ, by what each respondent adds to them, weight included (Cochran 1977, §5.9): Σₕ (1 − n/N) nₕ/(nₕ − 1)
    /// Σ (a − āₕ)(b − b̄ₕ). Strata of one respondent add nothing.
    pub fn covariance(&self, a: &[f64], b: &[f64]) -> f64 {
        let of = |members: &Vec<u32>| {
            let n = members.len() as f64;
            let mean = |values: &[f64]| members.iter().map(|&at| values[at as usize]).sum::<f64>() / n;
            let (mean_a, mean_b) = (mean(a), mean(b));
            let products = members.iter().map(|&at| (a[at as usize] - mean_a) * (b[at as usize] - mean_b));
            products.sum::<f64>() * n / (n - 1.0)
        };
        self.unsampled() * self.strata.iter().filter(|members| members.len() > 1).map(of).sum::<f64>()
    }

    /// Some of them, by their places in ascending order.
    pub(crate) fn picked(&self, places: &[u32]) -> Result<Self, leverkit_core::Error> {
        let new = |old: &u32| places.binary_search(old).ok().map(|at| at as u32);
        let segments = self.segments.as_ref().map(|groups| {
            let codes: Vec<u32> = places.iter().map(|&at| groups.codes()[at as usize]).collect();
            Groups::of(places.len(), &[groups.keys()[0].take(&codes)?])
        });
        Ok(Self {
            ids: self.ids.take(places)?,
            weights: places.iter().map(|&at| self.weights[at as usize]).collect(),
            segments: segments.transpose()?,
            strata: self.strata.iter().map(|members| members.iter().filter_map(new).collect()).collect(),
            population: self.population,
        })
    }

    /// Replicates of a statistic that gets each respondent's weight in the resample (Rao, Wu & Yue 1992): of a stratum of n, n − 1 are drawn with
    /// replacement, r times each, and a weight becomes w·(1 + √(1 − n/N)·(r·n/(n − 1) − 1)). Strata of one respondent do not vary. Each replicate has its
    /// own random stream, so results do not depend on threads.
    ///
    /// # Errors
    /// No replicate.
    pub fn bootstrap<R: Send>(
        &self,
        replicates: usize,
        seed: u64,
        statistic: impl Fn(&[f64]) -> R + Sync,
    ) -> Result<Vec<R>, StatsError> {
        if replicates == 0 {
            let (got, expected) = ("0".to_owned(), "at least 1");
            return Err(StatsError::Parameter { parameter: "replicates", got, expected });
        }
        let kept = self.unsampled().sqrt();
        let one = |(draws, weights): &mut (Vec<u32>, Vec<f64>), replicate: u64| {
            let mut random = Pcg64::seed_from_u64(seed ^ replicate.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            draws.fill(0);
            weights.copy_from_slice(&self.weights);
            for members in self.strata.iter().filter(|members| members.len() > 1) {
                let n = members.len();
                (1..n).for_each(|_| draws[members[random.random_range(0..n)] as usize] += 1);
                let scale = n as f64 / (n as f64 - 1.0);
                for &member in members {
                    let times = f64::from(draws[member as usize]) * scale;
                    weights[member as usize] *= 1.0 + kept * (times - 1.0);
                }
            }
            statistic(weights)
        };
        let room = || (vec![0; self.len()], vec![0.0; self.len()]);
        Ok((0..replicates as u64).into_par_iter().watched().map_init(room, one).collect())
    }
}
