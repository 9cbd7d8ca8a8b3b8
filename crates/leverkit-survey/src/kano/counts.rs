//! Respondents' categories of each feature, and counts of them.

use leverkit_core::stats::budget::{self, Watched};
use leverkit_core::stats::{Interval, normal_quantile, wilson_share};
use rand::SeedableRng;
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::{Category, Evaluation, Reverse};
use crate::Error;
use crate::answers::{Answers, Respondents};

/// Of a respondent whose pair of answers is not complete.
const NONE: u8 = 6;

/// Who sees each feature how.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) respondents: Respondents,
    pub(super) features: Vec<FeatureCodes>,
}

/// A feature, with each respondent's category.
#[derive(Debug, Clone)]
pub(super) struct FeatureCodes {
    pub(super) name: String,
    codes: Vec<u8>,
    /// Pairs of which one answer is missing.
    pub(super) incomplete: u64,
    /// Whether the absence of the feature is judged.
    pub(super) is_flipped: bool,
}

/// Counts of a feature among some respondents.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counts {
    /// Respondents who answered.
    pub(super) n: u64,
    /// Shares of the categories, weighted.
    pub(super) shares: [f64; 6],
    /// How many respondents of equal weight would tell as much.
    pub(super) effective: f64,
}

impl Sample {
    pub(super) fn of(answers: &Answers, evaluation: Evaluation, reverse: Reverse) -> Self {
        let feature = |(item, name): (usize, &String)| {
            let (with, without) = (answers.cells(0, item), answers.cells(1, item));
            let straight = codes(evaluation, with, without);
            let count = |wanted: &[Category]| {
                straight.iter().filter(|code| wanted.iter().any(|category| *category as u8 == **code)).count()
            };
            let wanted = count(&[Category::Attractive, Category::OneDimensional, Category::MustBe]);
            let is_flipped = reverse == Reverse::Flip && count(&[Category::Reverse]) > wanted;
            let half = |pair: &(&f64, &f64)| pair.0.is_nan() != pair.1.is_nan();
            FeatureCodes {
                name: name.clone(),
                codes: if is_flipped { codes(evaluation, without, with) } else { straight },
                incomplete: with.iter().zip(without).filter(half).count() as u64,
                is_flipped,
            }
        };
        let features = answers.items.iter().enumerate().map(feature).collect();
        Self { respondents: answers.respondents.clone(), features }
    }

    /// Counts of a feature among the respondents of `is_in`; `None` where none of them answered.
    pub(super) fn counts(&self, feature: usize, is_in: impl Fn(usize) -> bool) -> Option<Counts> {
        let codes = &self.features[feature].codes;
        let weights = &self.respondents.weights;
        let (mut sums, mut n) = ([0.0; 7], 0);
        for respondent in (0..codes.len()).filter(|&respondent| codes[respondent] != NONE && is_in(respondent)) {
            sums[codes[respondent] as usize] += weights[respondent];
            n += 1;
        }
        let total: f64 = sums.iter().sum();
        let effective = self.respondents.effective(|respondent| codes[respondent] != NONE && is_in(respondent));
        (n > 0).then(|| Counts { n, shares: std::array::from_fn(|at| sums[at] / total), effective })
    }

    /// The category of a respondent.
    pub(super) fn category(&self, feature: usize, respondent: usize) -> Option<Category> {
        Category::ALL.get(self.features[feature].codes[respondent] as usize).copied()
    }

    /// What each respondent adds to the linearised share, among those whose category is `among`, of those whose category `is`: w(1ᵢₛ − p)/Σw, whose sum
    /// of squares is the variance of p.
    pub(super) fn influence(
        &self,
        feature: usize,
        is: impl Fn(Category) -> bool,
        among: impl Fn(Category) -> bool,
        is_in: impl Fn(usize) -> bool,
    ) -> Option<Influence> {
        let weights = &self.respondents.weights;
        let flag = |respondent: usize| {
            let category = self.category(feature, respondent).filter(|category| is_in(respondent) && among(*category));
            category.map(|category| f64::from(u8::from(is(category))))
        };
        let flags: Vec<Option<f64>> = (0..weights.len()).map(flag).collect();
        let sum = |of: &dyn Fn(f64) -> f64| {
            flags.iter().zip(weights).map(|(flag, weight)| flag.map_or(0.0, |flag| weight * of(flag))).sum::<f64>()
        };
        let total = sum(&|_| 1.0);
        let share = sum(&|flag| flag) / total;
        let own = |(flag, weight): (&Option<f64>, &f64)| flag.map_or(0.0, |flag| weight * (flag - share) / total);
        let values = flags.iter().zip(weights).map(own).collect();
        let effective = self.respondents.effective(|respondent| flags[respondent].is_some());
        (total > 0.0).then_some(Influence { share, values, effective })
    }

    /// Shares of the categories of each feature in resamples of respondents, feature by feature. Where respondents are alike, counts are drawn, not people:
    /// for each feature alone both have the same distribution.
    ///
    /// # Errors
    /// No replicate.
    pub(super) fn resampled(&self, replicates: usize, seed: u64) -> Result<Vec<Vec<[f64; 6]>>, Error> {
        if self.respondents.are_alike() {
            let features = (0..self.features.len()).into_par_iter().watched();
            return Ok(features.map(|feature| self.redrawn(feature, replicates, seed)).collect());
        }
        let drawn = self.together(replicates, seed, <[[f64; 6]]>::to_vec)?;
        Ok((0..self.features.len()).map(|feature| drawn.iter().map(|shares| shares[feature]).collect()).collect())
    }

    /// What follows from the shares of all features together, in resamples of respondents.
    ///
    /// # Errors
    /// No replicate.
    pub(super) fn together<R: Send>(
        &self,
        replicates: usize,
        seed: u64,
        of: impl Fn(&[[f64; 6]]) -> R + Sync,
    ) -> Result<Vec<R>, Error> {
        let features = self.features.len();
        let by_respondent: Vec<u8> = (0..self.respondents.len())
            .flat_map(|respondent| self.features.iter().map(move |feature| feature.codes[respondent]))
            .collect();
        Ok(self.respondents.bootstrap(replicates, seed, |weights| {
            let mut sums = vec![[0.0; 7]; features];
            let drawn = by_respondent.chunks_exact(features).zip(weights).filter(|(_, weight)| **weight > 0.0);
            for (codes, weight) in drawn {
                codes.iter().zip(&mut sums).for_each(|(code, sums)| sums[*code as usize] += weight);
            }
            of(&sums.iter().map(shares).collect::<Vec<_>>())
        })?)
    }

    /// Multinomial counts of n − 1 draws, one binomial after the other.
    fn redrawn(&self, feature: usize, replicates: usize, seed: u64) -> Vec<[f64; 6]> {
        let mut counts = [0_u64; 7];
        self.features[feature].codes.iter().for_each(|&code| counts[code as usize] += 1);
        let n = self.features[feature].codes.len() as u64;
        let mut random = Pcg64::seed_from_u64(seed ^ (feature as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut one = || {
            budget::check();
            let (mut left, mut rest, mut sums) = (n.saturating_sub(1).max(1), n, [0.0; 7]);
            for (sum, &count) in sums.iter_mut().zip(&counts) {
                let drawn = match count {
                    0 => 0,
                    all if all == rest => left,
                    some => Binomial::new(left, some as f64 / rest as f64).map_or(0, |draw| draw.sample(&mut random)),
                };
                *sum = drawn as f64;
                left -= drawn;
                rest -= count;
            }
            shares(&sums)
        };
        (0..replicates).map(|_| one()).collect()
    }
}

/// Sums of weights of the categories as shares; those without an answer, which are last, are left aside.
fn shares(sums: &[f64; 7]) -> [f64; 6] {
    let total: f64 = sums[..6].iter().sum();
    std::array::from_fn(|at| sums[at] / total)
}

fn codes(evaluation: Evaluation, with: &[f64], without: &[f64]) -> Vec<u8> {
    let code = |(with, without): (&f64, &f64)| {
        if with.is_nan() || without.is_nan() { NONE } else { evaluation.of(*with, *without) as u8 }
    };
    with.iter().zip(without).map(code).collect()
}

/// A share with what each respondent adds to it.
pub(super) struct Influence {
    pub(super) share: f64,
    pub(super) values: Vec<f64>,
    effective: f64,
}

impl Influence {
    /// Wilson's limits for as many respondents as the design makes them worth.
    pub(super) fn limits(&self, respondents: &Respondents, level: f64) -> Interval {
        let variance = respondents.covariance(&self.values, &self.values);
        let trials = if variance > 0.0 { self.share * (1.0 - self.share) / variance } else { self.effective };
        wilson_share(self.share, trials, normal_quantile(0.5 + level / 2.0))
    }
}
