//! What all designs without covariates need of a panel: for each cohort its size, its mean path, and how periods vary together. Counted over
//! any part of the units, merged, and written to bytes; the panel itself is never built.

use std::collections::BTreeMap;

use leverkit_core::stats::budget::Watched;
use leverkit_stats::regression::cross_products;
use leverkit_stats::sums;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The first treated period of those who never are.
pub const NEVER: u32 = u32::MAX;

/// One cohort: the units that were first treated in the same period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// How many units.
    pub n: u64,
    /// The mean outcome of each period.
    pub mean: Vec<f64>,
    /// Sums of products of deviations from the means, period by period: lower triangle, row by row.
    pub products: Vec<f64>,
}

impl Moments {
    fn new(periods: usize) -> Self {
        Self { n: 0, mean: vec![0.0; periods], products: vec![0.0; periods * (periods + 1) / 2] }
    }

    /// Of some of the units whose paths stand one after another.
    fn of(periods: usize, units: &[usize], paths: &[f64]) -> Self {
        let path = |at: usize| &paths[units[at] * periods..][..periods];
        let add = |part: std::ops::Range<usize>, sums: &mut Vec<f64>| {
            part.for_each(|at| sums.iter_mut().zip(path(at)).for_each(|(sum, value)| *sum += value));
        };
        let mut mean = sums(units.len(), periods, || vec![0.0; periods], add);
        mean.iter_mut().for_each(|sum| *sum /= units.len() as f64);
        let squares = cross_products(units.len(), periods, |at, into| {
            into.iter_mut().zip(path(at)).zip(&mean).for_each(|((into, value), mean)| *into = value - mean);
        });
        let products = (0..periods).flat_map(|row| (0..=row).map(move |column| (row, column)));
        Self { n: units.len() as u64, products: products.map(|at| squares[at]).collect(), mean }
    }

    /// Adds the path of a unit (Welford 1962).
    fn add(&mut self, path: &[f64], deviations: &mut Vec<f64>) {
        self.n += 1;
        let n = self.n as f64;
        deviations.clear();
        deviations.extend(path.iter().zip(&self.mean).map(|(value, mean)| value - mean));
        self.mean.iter_mut().zip(deviations.iter()).for_each(|(mean, deviation)| *mean += deviation / n);
        add_products(&mut self.products, deviations, (n - 1.0) / n);
    }

    /// Adds other units (Chan, Golub & `LeVeque` 1983).
    fn merge(&mut self, other: &Self) {
        let (n, m) = (self.n as f64, other.n as f64);
        let all = n + m;
        if all == 0.0 {
            return;
        }
        let apart: Vec<f64> = other.mean.iter().zip(&self.mean).map(|(theirs, ours)| theirs - ours).collect();
        self.mean.iter_mut().zip(&apart).for_each(|(mean, apart)| *mean += apart * m / all);
        self.products.iter_mut().zip(&other.products).for_each(|(ours, theirs)| *ours += theirs);
        add_products(&mut self.products, &apart, n * m / all);
        self.n += other.n;
    }

    /// The sum of products of two periods.
    pub(crate) fn product(&self, one: usize, two: usize) -> f64 {
        let (row, column) = (one.max(two), one.min(two));
        self.products[row * (row + 1) / 2 + column]
    }
}

fn add_products(products: &mut [f64], deviations: &[f64], times: f64) {
    let mut row = 0;
    for (at, deviation) in deviations.iter().enumerate() {
        let scaled = times * deviation;
        products[row..=row + at].iter_mut().zip(deviations).for_each(|(sum, other)| *sum += scaled * other);
        row += at + 1;
    }
}

/// The moments of all cohorts, by first treated period.
///
/// ```
/// use leverkit_effect::panel::{CohortMoments, NEVER};
/// let mut all = CohortMoments::new(2);
/// all.add(1, &[3.0, 5.0]);
/// let mut others = CohortMoments::new(2);
/// others.add(NEVER, &[2.0, 2.0]);
/// others.add(1, &[5.0, 9.0]);
/// let all = all.merge(others);
/// assert_eq!((all.cohorts[&1].mean.as_slice(), all.n()), ([4.0, 7.0].as_slice(), 3));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortMoments {
    /// How many periods.
    pub periods: usize,
    /// By first treated period, counted from 0; [`NEVER`] comes last.
    pub cohorts: BTreeMap<u32, Moments>,
    #[serde(skip)]
    scratch: Vec<f64>,
}

impl CohortMoments {
    /// Of no unit yet.
    pub fn new(periods: usize) -> Self {
        Self { periods, cohorts: BTreeMap::new(), scratch: Vec::new() }
    }

    /// Counts paths, one after another, each with its first treated period.
    pub fn of(periods: usize, first: &[u32], paths: &[f64]) -> Self {
        let mut units: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        first.iter().enumerate().for_each(|(unit, &first)| units.entry(first).or_default().push(unit));
        let moments = |(first, units): (u32, Vec<usize>)| (first, Moments::of(periods, &units, paths));
        Self { cohorts: units.into_par_iter().watched().map(moments).collect(), ..Self::new(periods) }
    }

    /// Counts a unit.
    pub fn add(&mut self, first: u32, path: &[f64]) {
        self.cohorts.entry(first).or_insert_with(|| Moments::new(self.periods)).add(path, &mut self.scratch);
    }

    /// With the units of another part.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (first, theirs) in other.cohorts {
            self.cohorts.entry(first).or_insert_with(|| Moments::new(self.periods)).merge(&theirs);
        }
        self
    }

    /// How many units.
    pub fn n(&self) -> u64 {
        self.cohorts.values().map(|cohort| cohort.n).sum()
    }
}
