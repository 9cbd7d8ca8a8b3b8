//! Features by segment of respondents, and whether segments differ.

use leverkit_core::stats::benjamini_hochberg;
use leverkit_core::stats::budget::Watched;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::counts::Sample;
use super::{Category, Feature, KanoParams};
use crate::Error;

/// Below this expected count the χ² distribution is no guide, and labels are shuffled instead.
const LEAST_EXPECTED: f64 = 5.0;

/// A feature in a segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentFeature {
    /// The segment.
    pub segment: String,
    /// What it says of the feature.
    pub feature: Feature,
}

/// Whether segments see a feature differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The feature.
    pub feature: String,
    /// The likelihood ratio of segments and categories being independent.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub df: u64,
    /// Of no difference: by χ², or by shuffled segments where expected counts are below 5.
    pub p_value: f64,
    /// The same among all features, by Benjamini & Hochberg.
    pub q_value: f64,
    /// How: `likelihood_ratio`, or `shuffled`.
    pub test: &'static str,
}

/// The segments of a sample that have a name, with the code of each.
fn named(sample: &Sample) -> Vec<(u32, String)> {
    let Some(groups) = &sample.respondents.segments else { return Vec::new() };
    groups.keys()[0].texts().into_iter().zip(0..).filter_map(|(name, code)| Some((code, name?))).collect()
}

/// Each segment's features.
pub(super) fn features(sample: &Sample, params: &KanoParams) -> Result<Vec<SegmentFeature>, Error> {
    let Some(groups) = &sample.respondents.segments else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (code, segment) in named(sample) {
        for at in 0..sample.features.len() {
            let is_in = |respondent: usize| groups.codes()[respondent] == code;
            let feature = Feature::of(sample, at, is_in, &[], params)?;
            found.extend(feature.map(|feature| SegmentFeature { segment: segment.clone(), feature }));
        }
    }
    Ok(found)
}

/// Whether segments differ, feature by feature.
pub(super) fn differences(sample: &Sample, params: &KanoParams) -> Vec<Difference> {
    let Some(groups) = &sample.respondents.segments else { return Vec::new() };
    let segments = named(sample).len();
    let one = |at: usize| Split::of(sample, at, groups.codes(), segments)?.test(params, at);
    let mut found: Vec<Difference> = (0..sample.features.len()).into_par_iter().watched().filter_map(one).collect();
    let q_values = benjamini_hochberg(&found.iter().map(|of| of.p_value).collect::<Vec<_>>());
    found.iter_mut().zip(q_values).for_each(|(of, q_value)| of.q_value = q_value);
    found
}

/// A feature's categories by segment.
struct Split {
    feature: String,
    /// Segment, category and weight of each respondent; weights add up to the effective number.
    people: Vec<(u32, u8, f64)>,
    segments: usize,
}

impl Split {
    fn of(sample: &Sample, at: usize, codes: &[u32], segments: usize) -> Option<Self> {
        let own = |respondent: usize| Some((codes[respondent], sample.category(at, respondent)?));
        let known: Vec<usize> = (0..codes.len())
            .filter(|&respondent| own(respondent).is_some_and(|(segment, _)| (segment as usize) < segments))
            .collect();
        let total: f64 = known.iter().map(|&respondent| sample.respondents.weights[respondent]).sum();
        let is_known = |respondent: usize| known.binary_search(&respondent).is_ok();
        let scale = sample.respondents.effective(is_known) / total;
        let person = |&respondent: &usize| {
            let (segment, category) = own(respondent)?;
            Some((segment, category as u8, sample.respondents.weights[respondent] * scale))
        };
        let people: Vec<_> = known.iter().filter_map(person).collect();
        let feature = sample.features[at].name.clone();
        (!people.is_empty()).then_some(Self { feature, people, segments })
    }

    fn test(&self, params: &KanoParams, at: usize) -> Option<Difference> {
        let table = self.table(self.people.iter().map(|person| person.0));
        let (statistic, df, least) = likelihood_ratio(&table);
        if df == 0 {
            return None;
        }
        let (p_value, test) = if least >= LEAST_EXPECTED {
            (ChiSquared::new(df as f64).map_or(f64::NAN, |chi| chi.sf(statistic)), "likelihood_ratio")
        } else {
            (self.shuffled(statistic, params, at), "shuffled")
        };
        Some(Difference { feature: self.feature.clone(), statistic, df, p_value, q_value: f64::NAN, test })
    }

    fn table(&self, segments: impl Iterator<Item = u32>) -> Vec<[f64; 6]> {
        let mut table = vec![[0.0; 6]; self.segments];
        segments
            .zip(&self.people)
            .for_each(|(segment, &(_, category, weight))| table[segment as usize][category as usize] += weight);
        table
    }

    /// The share of shuffled segments that differ as much: an exact test but for the number of shuffles.
    fn shuffled(&self, statistic: f64, params: &KanoParams, at: usize) -> f64 {
        let mut random = Pcg64::seed_from_u64(params.seed ^ (at as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03));
        let mut labels: Vec<u32> = self.people.iter().map(|person| person.0).collect();
        let mut as_far = 1;
        for _ in 0..params.replicates {
            labels.shuffle(&mut random);
            // What differs by rounding alone is as far.
            as_far += usize::from(likelihood_ratio(&self.table(labels.iter().copied())).0 >= statistic * (1.0 - 1e-9));
        }
        as_far as f64 / (params.replicates + 1) as f64
    }
}

/// 2 Σ n ln(n/e) of rows and columns that are not empty, its degrees of freedom, and the least expected count.
fn likelihood_ratio(table: &[[f64; 6]]) -> (f64, u64, f64) {
    let rows: Vec<f64> = table.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..Category::ALL.len()).map(|at| table.iter().map(|row| row[at]).sum()).collect();
    let total: f64 = rows.iter().sum();
    let (mut statistic, mut least) = (0.0, f64::INFINITY);
    for (row, counts) in rows.iter().zip(table).filter(|(row, _)| **row > 0.0) {
        for (column, count) in columns.iter().zip(counts).filter(|(column, _)| **column > 0.0) {
            let expected = row * column / total;
            least = least.min(expected);
            statistic += if *count > 0.0 { 2.0 * count * (count / expected).ln() } else { 0.0 };
        }
    }
    let filled = |of: &[f64]| of.iter().filter(|sum| **sum > 0.0).count().saturating_sub(1) as u64;
    (statistic.max(0.0), filled(&rows) * filled(&columns), least)
}
