//! Two waves of a survey compared: what delights today is taken for granted tomorrow.

use leverkit_core::stats::{Estimate, benjamini_hochberg};
use leverkit_core::{Error as CoreError, LeftOut};
use serde::Serialize;
use std::collections::HashMap;

use super::counts::{Influence, Sample};
use super::{Category, Feature, Kano};
use crate::Error;

/// What a feature's coefficients did between two waves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Movement {
    /// The feature.
    pub feature: String,
    /// Its verdict in the first wave.
    pub from: String,
    /// Its verdict in the second.
    pub to: String,
    /// The change of better.
    pub better: Estimate,
    /// The change of worse: below 0, its absence dissatisfies more people than before.
    pub worse: Estimate,
    /// Of neither having moved: Wald's test of both together, two degrees of freedom.
    pub p_value: f64,
    /// The same among all features, by Benjamini & Hochberg.
    pub q_value: f64,
}

impl Movement {
    /// Whether the feature surely moved, among all that were looked at.
    pub fn has_moved(&self) -> bool {
        self.q_value <= 0.05
    }
}

/// Two waves compared.
#[derive(Debug, Clone)]
pub struct Drift {
    /// Features of both waves, in the order of the first.
    pub movements: Vec<Movement>,
    /// Respondents of both waves; 0 where waves are of different people.
    pub in_both: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out: nothing.
    pub left_out: Vec<LeftOut>,
}

impl Kano {
    /// Compares with a later wave, feature by feature. With `same_people`, respondents are matched by their ids, and what they say in both waves is not taken
    /// as independent.
    ///
    /// # Errors
    /// [`Error::Core`] where the waves have no feature in common, or nobody is in both of them.
    pub fn drift(&self, later: &Self, same_people: bool) -> Result<Drift, Error> {
        let pairs = if same_people { matched(&self.sample, &later.sample)? } else { Vec::new() };
        let place = |kano: &Self, name: &str| kano.sample.features.iter().position(|feature| feature.name == name);
        let mut movements = Vec::new();
        for before in &self.features {
            let after = later.features.iter().find(|after| after.feature == before.feature);
            let places = place(self, &before.feature).zip(place(later, &before.feature));
            let Some((after, (first, second))) = after.zip(places) else { continue };
            let waves = Waves { first: &self.sample, second: &later.sample, pairs: &pairs };
            movements.extend(waves.movement(before, after, (first, second), self.params.level));
        }
        if movements.is_empty() {
            let names = |kano: &Self| kano.features.iter().map(|feature| feature.feature.clone()).collect::<Vec<_>>();
            return Err(CoreError::Parameter {
                parameter: "later".into(),
                got: format!("{:?}", names(later)),
                expected: format!("a wave with features of the first: {:?}", names(self)),
            }
            .into());
        }
        let q_values = benjamini_hochberg(&movements.iter().map(|of| of.p_value).collect::<Vec<_>>());
        movements.iter_mut().zip(q_values).for_each(|(of, q_value)| of.q_value = q_value);
        Ok(Drift { notes: self.not_in_both(later), movements, in_both: pairs.len() as u64, left_out: Vec::new() })
    }

    fn not_in_both(&self, later: &Self) -> Vec<String> {
        let missing = |of: &Self, other: &Self| -> Vec<String> {
            let is_there = |name: &String| other.features.iter().any(|feature| feature.feature == *name);
            of.features.iter().map(|feature| feature.feature.clone()).filter(|name| !is_there(name)).collect()
        };
        let only: Vec<String> = missing(self, later).into_iter().chain(missing(later, self)).collect();
        if only.is_empty() {
            Vec::new()
        } else {
            vec![format!("In one wave alone, and not compared: {}.", only.join(", "))]
        }
    }
}

/// Places of the respondents who are in both samples.
fn matched(first: &Sample, second: &Sample) -> Result<Vec<(usize, usize)>, Error> {
    let later: HashMap<String, usize> =
        second.respondents.ids.texts().into_iter().enumerate().filter_map(|(at, id)| Some((id?, at))).collect();
    let ids = first.respondents.ids.texts();
    let pairs: Vec<(usize, usize)> =
        ids.iter().enumerate().filter_map(|(at, id)| Some((at, *later.get(id.as_ref()?)?))).collect();
    if pairs.is_empty() {
        let expected = "respondents of both waves under the same ids; leave it out where waves are of different people";
        return Err(Error::parameter("same_people", "true, but no respondent is in both waves", expected));
    }
    Ok(pairs)
}

struct Waves<'a> {
    first: &'a Sample,
    second: &'a Sample,
    pairs: &'a [(usize, usize)],
}

/// Better and worse of a wave; worse as the share of which it is the negative.
struct Wave<'a> {
    sample: &'a Sample,
    coefficients: [Influence; 2],
}

impl<'a> Wave<'a> {
    fn of(sample: &'a Sample, feature: usize) -> Option<Self> {
        let of = |is: fn(Category) -> bool| sample.influence(feature, is, Category::is_core, |_| true);
        Some(Self { sample, coefficients: [of(Category::is_better)?, of(Category::is_worse)?] })
    }

    fn covariance(&self, a: usize, b: usize) -> f64 {
        self.sample.respondents.covariance(&self.coefficients[a].values, &self.coefficients[b].values)
    }
}

impl Waves<'_> {
    fn movement(&self, before: &Feature, after: &Feature, places: (usize, usize), level: f64) -> Option<Movement> {
        let (first, second) = (Wave::of(self.first, places.0)?, Wave::of(self.second, places.1)?);
        let across = |a: usize, b: usize| {
            let (a, b) = (&first.coefficients[a].values, &second.coefficients[b].values);
            self.pairs.iter().map(|&(one, other)| a[one] * b[other]).sum::<f64>()
        };
        let covariance =
            |a: usize, b: usize| first.covariance(a, b) + second.covariance(a, b) - across(a, b) - across(b, a);
        let change = [0, 1].map(|at| second.coefficients[at].share - first.coefficients[at].share);
        let [[bb, bw], [_, ww]] = [[covariance(0, 0), covariance(0, 1)], [covariance(1, 0), covariance(1, 1)]];
        let estimate = |change: f64, variance: f64| Estimate::normal(change, variance.max(0.0).sqrt(), level);
        Some(Movement {
            feature: before.feature.clone(),
            from: before.category(),
            to: after.category(),
            better: estimate(change[0], bb),
            worse: estimate(-change[1], ww),
            p_value: wald(change, [bb, bw, ww]),
            q_value: f64::NAN,
        })
    }
}

/// P(χ² of two degrees ≥ dᵀV⁻¹d), which is exp(−x/2); where both coefficients are one, of the one. Nothing moved has no surprise in it.
fn wald([better, worse]: [f64; 2], [bb, bw, ww]: [f64; 3]) -> f64 {
    let determinant = bb * ww - bw * bw;
    if better == 0.0 && worse == 0.0 {
        return 1.0;
    }
    if determinant > 1e-12 * bb * ww {
        let distance = (better * better * ww - 2.0 * better * worse * bw + worse * worse * bb) / determinant;
        return (-distance / 2.0).exp();
    }
    let (change, variance) = if bb >= ww { (better, bb) } else { (worse, ww) };
    if variance > 0.0 { Estimate::normal(change, variance.sqrt(), 0.95).p_value } else { 0.0 }
}
