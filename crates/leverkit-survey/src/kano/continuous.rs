//! Kano's answers as numbers (`DuMouchel`, in Berger et al. 1993): each feature a point with its uncertainty, in one of four quadrants.

use leverkit_core::stats::bivariate_normal;
use serde::Serialize;

use super::{Evaluation, KanoParams};
use crate::answers::{Answers, Respondents};

/// Answers with the feature: like, must-be, neutral, live with, dislike. Negative answers weigh less, as they are less sure (`DuMouchel`).
const WITH: [f64; 5] = [4.0, 2.0, 0.0, -1.0, -2.0];
/// Answers without it.
const WITHOUT: [f64; 5] = [-2.0, -1.0, 0.0, 2.0, 4.0];
/// Other scales that are in use: with the same weight on both sides, and with none on the negative one.
const OTHERS: [([f64; 5], [f64; 5]); 2] = [
    ([4.0, 2.0, 0.0, -2.0, -4.0], [-4.0, -2.0, 0.0, 2.0, 4.0]),
    ([4.0, 2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0, 4.0]),
];
/// Where the quadrants meet.
const MIDDLE: f64 = 2.0;

/// A quadrant of the continuous map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Quadrant {
    /// High with the feature, low without.
    Attractive,
    /// High on both.
    OneDimensional,
    /// Low with the feature, high without.
    MustBe,
    /// Low on both.
    Indifferent,
}

impl Quadrant {
    /// All of them, in the order of probabilities.
    pub const ALL: [Self; 4] = [Self::Attractive, Self::OneDimensional, Self::MustBe, Self::Indifferent];

    /// Its letter.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Attractive => "A",
            Self::OneDimensional => "O",
            Self::MustBe => "M",
            Self::Indifferent => "I",
        }
    }

    fn of(with: f64, without: f64) -> Self {
        match (with >= MIDDLE, without >= MIDDLE) {
            (true, false) => Self::Attractive,
            (true, true) => Self::OneDimensional,
            (false, true) => Self::MustBe,
            (false, false) => Self::Indifferent,
        }
    }
}

/// A feature on the continuous map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Continuous {
    /// The feature.
    pub feature: String,
    /// Respondents who answered both questions.
    pub n: u64,
    /// Mean of the answers with and without the feature.
    pub means: [f64; 2],
    /// Standard deviations of both.
    pub sds: [f64; 2],
    /// Covariance of both.
    pub covariance: f64,
    /// Variances and covariance of the means.
    pub of_means: [f64; 3],
    /// Means weighted by the respondents' importance; `None` where it was not asked.
    pub weighted: Option<[f64; 2]>,
    /// The quadrant of the means.
    pub quadrant: Quadrant,
    /// The probability of each, in the order of [`Quadrant::ALL`].
    pub probabilities: [f64; 4],
    /// Whether the quadrant is the same on the other scales in use.
    pub is_stable: bool,
}

impl Continuous {
    /// The map of all features with two answers or more.
    pub(super) fn all(answers: &Answers, flipped: &[bool], params: &KanoParams) -> Vec<Self> {
        (0..answers.items.len()).filter_map(|item| Self::of(answers, item, flipped[item], params.evaluation)).collect()
    }

    fn of(answers: &Answers, item: usize, is_flipped: bool, evaluation: Evaluation) -> Option<Self> {
        let pair = if is_flipped { [1, 0] } else { [0, 1] };
        let places = pair.map(|question| answers.cells(question, item));
        let people: Vec<usize> =
            (0..answers.respondents.len()).filter(|&at| places.iter().all(|cells| !cells[at].is_nan())).collect();
        if people.len() < 2 {
            return None;
        }
        let values = |scale: [[f64; 5]; 2]| -> [Vec<f64>; 2] {
            std::array::from_fn(|at| people.iter().map(|&who| scale[at][evaluation.place(places[at][who])]).collect())
        };
        let respondents = &answers.respondents;
        let weights: Vec<f64> = people.iter().map(|&who| respondents.weights[who]).collect();
        let scores = values([WITH, WITHOUT]);
        let means = scores.each_ref().map(|scores| mean(scores, &weights));
        let moment = |a: usize, b: usize| {
            let off = |scores: &[f64], at: usize, mean: f64| scores[at] - mean;
            let products: Vec<f64> =
                (0..people.len()).map(|at| off(&scores[a], at, means[a]) * off(&scores[b], at, means[b])).collect();
            mean(&products, &weights) * people.len() as f64 / (people.len() as f64 - 1.0)
        };
        let spread = [0, 1].map(|at| influence(respondents, &people, &scores[at], means[at]));
        let of_means = [(0, 0), (1, 1), (0, 1)].map(|(a, b)| respondents.covariance(&spread[a], &spread[b]));
        let quadrant = Quadrant::of(means[0], means[1]);
        let elsewhere = |(with, without): &([f64; 5], [f64; 5])| {
            let [with, without] = values([*with, *without]).map(|scores| mean(&scores, &weights));
            Quadrant::of(with, without)
        };
        let importance = (answers.questions() > 2).then(|| answers.cells(2, item));
        Some(Self {
            feature: answers.items[item].clone(),
            n: people.len() as u64,
            sds: [moment(0, 0).sqrt(), moment(1, 1).sqrt()],
            covariance: moment(0, 1),
            weighted: importance.and_then(|importance| by_importance(&scores, &people, &weights, importance)),
            quadrant,
            probabilities: probabilities(means, of_means),
            is_stable: OTHERS.iter().all(|scales| elsewhere(scales) == quadrant),
            means,
            of_means,
        })
    }

    /// Points on the ellipse in which both means lie together at this level.
    pub fn ellipse(&self, level: f64, points: usize) -> Vec<(f64, f64)> {
        let radius = (-2.0 * (1.0 - level).ln()).sqrt();
        let [with, without] = [self.of_means[0].sqrt(), self.of_means[1].sqrt()];
        let correlation = correlation(self.of_means);
        let rest = (1.0 - correlation * correlation).max(0.0).sqrt();
        let point = |at: usize| {
            let (sin, cos) = (std::f64::consts::TAU * at as f64 / points as f64).sin_cos();
            let across = correlation * cos + rest * sin;
            (self.means[0] + radius * with * cos, self.means[1] + radius * without * across)
        };
        (0..=points).map(point).collect()
    }
}

fn mean(values: &[f64], weights: &[f64]) -> f64 {
    values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / weights.iter().sum::<f64>()
}

/// Means weighted by importance as well; `None` where nobody said how important it is.
fn by_importance(scores: &[Vec<f64>; 2], people: &[usize], weights: &[f64], importance: &[f64]) -> Option<[f64; 2]> {
    let of = |(&who, weight): (&usize, &f64)| if importance[who].is_nan() { 0.0 } else { importance[who] * weight };
    let both: Vec<f64> = people.iter().zip(weights).map(of).collect();
    (both.iter().sum::<f64>() > 0.0).then(|| scores.each_ref().map(|scores| mean(scores, &both)))
}

/// What each respondent adds to a mean.
fn influence(respondents: &Respondents, people: &[usize], scores: &[f64], mean: f64) -> Vec<f64> {
    let total: f64 = people.iter().map(|&who| respondents.weights[who]).sum();
    let mut values = vec![0.0; respondents.len()];
    people.iter().zip(scores).for_each(|(&who, score)| values[who] = respondents.weights[who] * (score - mean) / total);
    values
}

fn correlation([with, without, both]: [f64; 3]) -> f64 {
    let correlation = both / (with * without).sqrt();
    if correlation.is_finite() { correlation.clamp(-1.0, 1.0) } else { 0.0 }
}

/// The probability that the true means lie in each quadrant.
fn probabilities(means: [f64; 2], of_means: [f64; 3]) -> [f64; 4] {
    let low = |at: usize| {
        let distance = MIDDLE - means[at];
        let sd = of_means[at].sqrt();
        // Without variance the mean is where it is; the middle itself counts as high.
        if sd > 0.0 {
            distance / sd
        } else if distance > 0.0 {
            f64::INFINITY
        } else {
            f64::NEG_INFINITY
        }
    };
    let (h, k) = (low(0).clamp(-40.0, 40.0), low(1).clamp(-40.0, 40.0));
    let both = bivariate_normal(h, k, correlation(of_means));
    let (below_with, below_without) = (bivariate_normal(h, 40.0, 0.0), bivariate_normal(40.0, k, 0.0));
    [below_without - both, 1.0 - below_with - below_without + both, below_with - both, both].map(|p| p.clamp(0.0, 1.0))
}
