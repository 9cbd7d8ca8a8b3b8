//! Cut points: how a value of a measure becomes a score, kept so that every score can be explained and applied again.

use leverkit_core::stats::{self, at_least, at_most};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::measures::Measure;
use super::params::ScoreMethod;
use crate::Error;

/// Which bound of a bin belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// Values from the lower bound on, below the upper.
    Lower,
    /// Values above the lower bound, up to the upper.
    Upper,
    /// None: the score goes by rank, bounds are what was observed.
    Rank,
}

/// Customers of one score: how many, and the least and greatest value among them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The score.
    pub score: u8,
    /// Lower bound; `None` is open.
    pub lower: Option<f64>,
    /// Upper bound; `None` is open.
    pub upper: Option<f64>,
    /// The least value; `None` without customers.
    pub minimum: Option<f64>,
    /// The greatest value; `None` without customers.
    pub maximum: Option<f64>,
    /// How many customers have the score.
    pub customers: u64,
}

/// The cut points of one measure, for all customers or within scores of the measures before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The measure.
    pub measure: Measure,
    /// The scores within which it holds: of recency, or of recency and frequency; empty for all customers.
    pub within: Vec<u8>,
    /// The number of scores.
    pub bins: u8,
    /// Ascending cut points, one fewer than bins; equal neighbours leave scores between them unused.
    pub edges: Vec<f64>,
    /// Which bound belongs to a bin.
    pub includes: Bound,
    /// The customers of each score that can be reached, best first.
    pub observed: Vec<Bin>,
}

impl Cut {
    /// Cuts all values at their quantiles; NaN are left out.
    pub(crate) fn at_quantiles(measure: Measure, bins: u8, values: &[f64]) -> Self {
        let quantiles = match measure {
            Measure::Recency | Measure::Frequency => stats::count_quantiles,
            Measure::Monetary => stats::par_quantiles,
        };
        Self::at(measure, bins, quantiles(values, &fractions(bins)))
    }

    /// Cuts at these quantiles.
    pub(crate) fn at(measure: Measure, bins: u8, edges: Vec<f64>) -> Self {
        Self { measure, within: Vec::new(), bins, edges, includes: Bound::Upper, observed: Vec::new() }
    }

    /// Cuts values (without NaN) into bins. `values` is reordered.
    pub(crate) fn find(
        measure: Measure,
        within: Vec<u8>,
        bins: u8,
        method: ScoreMethod,
        edges: &[f64],
        values: &mut [f64],
    ) -> Result<Self, Error> {
        let (edges, includes) = match method {
            ScoreMethod::Quantile | ScoreMethod::Nested => (stats::quantiles(values, &fractions(bins)), Bound::Upper),
            ScoreMethod::EqualWidth => (equal_width_edges(values, bins), Bound::Upper),
            ScoreMethod::Kmeans => (kmeans_edges(values, bins)?, Bound::Upper),
            ScoreMethod::Thresholds => {
                (edges.to_vec(), if measure.is_better_low() { Bound::Upper } else { Bound::Lower })
            }
            ScoreMethod::Rank => (Vec::new(), Bound::Rank),
        };
        let bins = if method == ScoreMethod::Kmeans { edges.len() as u8 + 1 } else { bins };
        Ok(Self { measure, within, bins, edges, includes, observed: Vec::new() })
    }

    /// Whether every value has a score among the bins, and these are at most so many: cut points from a file may be any.
    pub(crate) fn fits(&self, most: u8) -> bool {
        self.edges.len() < usize::from(self.bins) && self.bins <= most
    }

    /// The score of a value.
    pub(crate) fn score(&self, value: f64) -> u8 {
        // Counting over the few edges takes no branches, unlike a search.
        let below: u8 = match self.includes {
            Bound::Lower => self.edges.iter().map(|edge| u8::from(at_least(value, *edge))).sum(),
            Bound::Upper | Bound::Rank => self.edges.iter().map(|edge| u8::from(!at_most(value, *edge))).sum(),
        };
        if self.measure.is_better_low() { self.bins - below } else { below + 1 }
    }

    /// The scores of all values, 0 for NaN; edge by edge over stretches of values, which the compiler turns into vector code.
    pub(crate) fn score_all(&self, values: &[f64]) -> Vec<u8> {
        const STRETCH: usize = 1 << 12;
        let mut scores = vec![0; values.len()];
        scores.par_chunks_mut(STRETCH).zip(values.par_chunks(STRETCH)).for_each(|(scores, values)| {
            for &edge in &self.edges {
                let pairs = scores.iter_mut().zip(values);
                match self.includes {
                    Bound::Lower => pairs.for_each(|(below, &value)| *below += u8::from(at_least(value, edge))),
                    Bound::Upper | Bound::Rank => {
                        pairs.for_each(|(below, &value)| *below += u8::from(!at_most(value, edge)));
                    }
                }
            }
            for (below, value) in scores.iter_mut().zip(values) {
                let score = if self.measure.is_better_low() { self.bins - *below } else { *below + 1 };
                *below = if value.is_nan() { 0 } else { score };
            }
        });
        scores
    }

    /// Notes down who got which score; scores between equal cut points are left out.
    pub(crate) fn observe(&mut self, scored: impl Iterator<Item = (f64, u8)>) {
        let mut bins: Vec<Bin> = (1..=self.bins).rev().map(|score| self.empty_bin(score)).collect();
        for (value, score) in scored {
            bins[usize::from(self.bins - score)].add(value);
        }
        bins.retain(|bin| bin.customers > 0 || bin.lower.is_none() || bin.lower != bin.upper);
        self.observed = bins;
    }

    fn empty_bin(&self, score: u8) -> Bin {
        let below = usize::from(if self.measure.is_better_low() { self.bins - score } else { score - 1 });
        let lower = below.checked_sub(1).and_then(|edge| self.edges.get(edge)).copied();
        Bin { score, lower, upper: self.edges.get(below).copied(), minimum: None, maximum: None, customers: 0 }
    }

    /// What to say where customers share fewer scores than there are bins.
    pub(crate) fn note(&self, wanted: u8) -> Option<String> {
        let used: Vec<String> =
            self.observed.iter().rev().filter(|bin| bin.customers > 0).map(|bin| bin.score.to_string()).collect();
        let fullest = self.observed.iter().max_by_key(|bin| bin.customers)?;
        if !self.within.is_empty() || used.len() >= usize::from(wanted) {
            return None;
        }
        let customers: u64 = self.observed.iter().map(|bin| bin.customers).sum();
        Some(format!(
            "{} uses {} of {wanted} scores ({}): too few distinct values, {:.0} % of customers lie in {}.",
            self.measure.name(),
            used.len(),
            used.join(", "),
            100.0 * fullest.customers as f64 / customers as f64,
            fullest.span(),
        ))
    }
}

impl Bin {
    fn add(&mut self, value: f64) {
        self.minimum = Some(self.minimum.map_or(value, |least| least.min(value)));
        self.maximum = Some(self.maximum.map_or(value, |greatest| greatest.max(value)));
        self.customers += 1;
    }

    /// The observed values in words, such as `7–11`.
    pub(crate) fn span(&self) -> String {
        match (self.minimum, self.maximum) {
            (Some(least), Some(greatest)) if least == greatest => number(least),
            (Some(least), Some(greatest)) => format!("{}–{}", number(least), number(greatest)),
            _ => "no customer".into(),
        }
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The shares of customers below each cut point of bins of equal size.
pub(crate) fn fractions(bins: u8) -> Vec<f64> {
    (1..bins).map(|k| f64::from(k) / f64::from(bins)).collect()
}

fn equal_width_edges(values: &[f64], bins: u8) -> Vec<f64> {
    let (least, greatest) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)));
    (1..bins).map(|k| least + (greatest - least) * f64::from(k) / f64::from(bins)).collect()
}

fn kmeans_edges(values: &mut [f64], bins: u8) -> Result<Vec<f64>, Error> {
    values.sort_unstable_by(f64::total_cmp);
    let mut distinct: Vec<f64> = Vec::new();
    let mut weights: Vec<f64> = Vec::new();
    for &value in &*values {
        match (distinct.last(), weights.last_mut()) {
            (Some(&last), Some(weight)) if last == value => *weight += 1.0,
            _ => {
                distinct.push(value);
                weights.push(1.0);
            }
        }
    }
    let clusters = usize::from(bins).min(distinct.len());
    let found = stats::kmeans(&distinct, &weights, clusters).map_err(|error| Error::format("k-means", &error))?;
    Ok(found.boundaries)
}

/// The bucket of rank `rank` (from 0) among `n`, as SQL's `ntile`: the first `n % bins` buckets hold one more.
pub(crate) fn ntile(rank: usize, n: usize, bins: u8) -> u8 {
    let (size, larger) = (n / usize::from(bins), n % usize::from(bins));
    let bucket =
        if rank < larger * (size + 1) { rank / (size + 1) } else { larger + (rank - larger * (size + 1)) / size };
    bucket as u8 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntile_gives_the_first_buckets_one_more() {
        let buckets: Vec<u8> = (0..12).map(|rank| ntile(rank, 12, 5)).collect();
        assert_eq!(buckets, [1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!((0..3).map(|rank| ntile(rank, 3, 5)).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn sums_of_the_same_money_in_another_order_get_the_same_score() {
        let (there, back) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert_ne!(there, back);
        for includes in [Bound::Upper, Bound::Lower] {
            for edge in [there, back] {
                let cut = Cut { includes, ..Cut::at(Measure::Monetary, 2, vec![edge]) };
                assert_eq!(cut.score(there), cut.score(back));
                assert_eq!(cut.score_all(&[there, back]), [cut.score(there); 2]);
            }
        }
    }

    #[test]
    fn values_that_most_customers_share_leave_scores_unused() {
        let mut values = vec![1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let mut cut = Cut::find(Measure::Frequency, vec![], 5, ScoreMethod::Quantile, &[], &mut values).unwrap();
        let scored: Vec<(f64, u8)> = values.iter().map(|&value| (value, cut.score(value))).collect();
        cut.observe(scored.into_iter());
        assert_eq!(cut.score(1.0), 1);
        assert_eq!(cut.score(5.0), 5);
        insta::assert_snapshot!(cut.note(5).unwrap(), @"frequency uses 3 of 5 scores (1, 4, 5): too few distinct values, 60 % of customers lie in 1.");
    }
}
