//! Estimates that lean on the same units: a base of numbers with their joint covariance, and contrasts of it. Every estimator is a value
//! and its gradient, so that errors, tests and bands of any of them follow from one matrix.

use faer::{Mat, MatRef};

use super::moments::CohortMoments;
use super::read::Sections;

/// Numbers that were estimated together, then the share of each cohort among all units.
#[derive(Debug, Clone)]
pub(crate) struct Joint {
    /// First treated period of each cohort, ascending.
    pub(crate) first: Vec<u32>,
    /// Units of each cohort.
    pub(crate) sizes: Vec<f64>,
    /// The numbers that contrasts are made of: here the mean of each cohort and period, cohort by cohort.
    pub(crate) values: Vec<f64>,
    /// Of the numbers, then of the shares.
    pub(crate) covariance: Mat<f64>,
    /// What clusters add; `None` where units are their own clusters.
    pub(crate) clusters: Option<Clusters>,
    /// How many units each cohort has, whatever their weights.
    pub(crate) counts: Vec<u64>,
    /// Periods of the outcome that is looked at.
    pub(crate) periods: usize,
    /// Where its path begins in that of a cohort, and how long that is: several outcomes may stand one after the other.
    offset: usize,
    stride: usize,
}

/// An estimate: its value, and how it changes with each number and share of its [`Joint`].
#[derive(Debug, Clone)]
pub(crate) struct Contrast {
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
}

/// What clusters add to the numbers.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    /// To the errors of numbers and shares, a row per cluster.
    pub(crate) scores: Mat<f64>,
    /// The share of each cohort that is in the cluster.
    pub(crate) shares: Mat<f64>,
}

/// The units of a panel, with what they are counted by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Units<'a> {
    pub(crate) first: &'a [u32],
    /// One path after another.
    pub(crate) paths: &'a [f64],
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) clusters: Option<&'a [u32]>,
}

impl Units<'_> {
    fn weight(&self, unit: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[unit])
    }

    fn path(&self, unit: usize, periods: usize) -> &[f64] {
        &self.paths[unit * periods..][..periods]
    }

    /// The sum over clusters of the squares of what their units add, and that of each cluster; units without a cluster are taken some at a time.
    fn squared(&self, size: usize, score: impl Fn(usize, &mut [f64])) -> (Mat<f64>, Option<Mat<f64>>) {
        const AT_A_TIME: usize = 1024;
        if let Some(clusters) = self.clusters {
            let count = clusters.iter().max().map_or(0, |last| *last as usize + 1);
            let mut sums = vec![0.0; count * size];
            for (unit, &cluster) in clusters.iter().enumerate() {
                score(unit, &mut sums[cluster as usize * size..][..size]);
            }
            let scores = MatRef::from_row_major_slice(&sums, count, size).to_owned();
            return (scores.transpose() * &scores, Some(scores));
        }
        let mut covariance = Mat::<f64>::zeros(size, size);
        let mut sums = vec![0.0; AT_A_TIME * size];
        for start in (0..self.first.len()).step_by(AT_A_TIME) {
            sums.fill(0.0);
            let units = start..self.first.len().min(start + AT_A_TIME);
            units.for_each(|unit| score(unit, &mut sums[(unit - start) * size..][..size]));
            let scores = MatRef::from_row_major_slice(&sums, AT_A_TIME, size);
            covariance += scores.transpose() * scores;
        }
        (covariance, None)
    }
}

impl Joint {
    /// Of independent units: means of a cohort vary with each other, those of two do not, and shares are multinomial.
    pub(crate) fn of(moments: &CohortMoments) -> Self {
        let (periods, cohorts) = (moments.periods, moments.cohorts.len());
        let sizes: Vec<f64> = moments.cohorts.values().map(|cohort| cohort.n as f64).collect();
        let n: f64 = sizes.iter().sum();
        let numbers = cohorts * periods;
        let mut covariance = Mat::zeros(numbers + cohorts, numbers + cohorts);
        for (cohort, found) in moments.cohorts.values().enumerate() {
            let scale = sizes[cohort] * sizes[cohort];
            for one in 0..periods {
                for two in 0..periods {
                    covariance[(cohort * periods + one, cohort * periods + two)] = found.product(one, two) / scale;
                }
            }
            for other in 0..cohorts {
                let own = if other == cohort { sizes[cohort] / n } else { 0.0 };
                covariance[(numbers + cohort, numbers + other)] = (own - sizes[cohort] * sizes[other] / (n * n)) / n;
            }
        }
        let values = moments.cohorts.values().flat_map(|cohort| cohort.mean.iter().copied()).collect();
        Self {
            first: moments.cohorts.keys().copied().collect(),
            sizes,
            values,
            covariance,
            clusters: None,
            counts: moments.cohorts.values().map(|cohort| cohort.n).collect(),
            periods,
            offset: 0,
            stride: periods,
        }
    }

    /// Effects that were estimated unit by unit, of the same cohorts: `covariance` is theirs, then that of the shares.
    pub(crate) fn of_effects(&self, values: Vec<f64>, covariance: Mat<f64>) -> Self {
        Self { values, covariance, clusters: None, ..self.clone() }
    }

    /// One of the outcomes that stand one after the other, each of so many periods.
    pub(crate) fn outcome(&self, outcome: usize, periods: usize) -> Self {
        Self { periods, offset: outcome * periods, ..self.clone() }
    }

    /// Of units that hang together in clusters, or have weights around a mean of 1, or both.
    pub(crate) fn weighted(moments: &CohortMoments, units: &Units<'_>) -> Self {
        let mut joint = Self::of(moments);
        joint.weigh(units);
        let (periods, numbers) = (joint.periods, joint.values.len());
        let n = joint.n();
        let size = numbers + joint.first.len();
        let score = |unit: usize, into: &mut [f64]| {
            let Ok(cohort) = joint.first.binary_search(&units.first[unit]) else { return };
            let weight = units.weight(unit);
            for (period, value) in units.path(unit, periods).iter().enumerate() {
                let at = cohort * periods + period;
                into[at] += weight * (value - joint.values[at]) / joint.sizes[cohort];
            }
            for (other, size) in joint.sizes.iter().enumerate() {
                let own = if other == cohort { 1.0 } else { 0.0 };
                into[numbers + other] += weight * (own - size / n) / n;
            }
        };
        let (covariance, scores) = units.squared(size, score);
        joint.clusters = scores.map(|scores| Clusters { shares: joint.shares_of(units, scores.nrows()), scores });
        joint.covariance = covariance;
        joint
    }

    /// Of rows that are each another unit: means of a cohort vary by themselves, period by period. `None` stands for a cohort without a row in a period.
    pub(crate) fn of_sections(sections: &Sections) -> Result<Self, (u32, usize)> {
        let periods = sections.periods.len();
        let mut first = sections.first.clone();
        first.sort_unstable();
        first.dedup();
        let numbers = first.len() * periods;
        let cohort = |row: usize| first.partition_point(|known| *known < sections.first[row]);
        let at = |row: usize| cohort(row) * periods + sections.period[row] as usize;
        let (mut values, mut counts) = (vec![0.0; numbers], vec![0.0; numbers]);
        for (row, value) in sections.outcome.iter().enumerate() {
            values[at(row)] += value;
            counts[at(row)] += 1.0;
        }
        if let Some(empty) = counts.iter().position(|count| *count == 0.0) {
            return Err((first[empty / periods], empty % periods));
        }
        values.iter_mut().zip(&counts).for_each(|(sum, count)| *sum /= count);
        let sizes: Vec<f64> = counts.chunks_exact(periods).map(|own| own.iter().sum()).collect();
        let n = sections.outcome.len() as f64;
        let units = Units { first: &sections.first, paths: &[], weights: None, clusters: sections.clusters.as_deref() };
        let score = |row: usize, into: &mut [f64]| {
            into[at(row)] += (sections.outcome[row] - values[at(row)]) / counts[at(row)];
            for (other, size) in sizes.iter().enumerate() {
                let own = if other == cohort(row) { 1.0 } else { 0.0 };
                into[numbers + other] += (own - size / n) / n;
            }
        };
        let (covariance, _) = units.squared(numbers + first.len(), score);
        Ok(Self {
            counts: sizes.iter().map(|size| *size as u64).collect(),
            first,
            sizes,
            values,
            covariance,
            // What redrawing them would need, one share of a cohort for all periods, there is not.
            clusters: None,
            periods,
            offset: 0,
            stride: periods,
        })
    }

    /// The share of each cohort that is in each cluster.
    fn shares_of(&self, units: &Units<'_>, clusters: usize) -> Mat<f64> {
        let mut shares = Mat::zeros(clusters, self.first.len());
        for (unit, &cluster) in units.clusters.unwrap_or_default().iter().enumerate() {
            if let Ok(cohort) = self.first.binary_search(&units.first[unit]) {
                shares[(cluster as usize, cohort)] += units.weight(unit) / self.sizes[cohort];
            }
        }
        shares
    }

    /// Sizes and means by weights.
    fn weigh(&mut self, units: &Units<'_>) {
        let Some(weights) = units.weights else { return };
        let periods = self.periods;
        self.sizes.fill(0.0);
        self.values.fill(0.0);
        for (unit, weight) in weights.iter().enumerate() {
            let Ok(cohort) = self.first.binary_search(&units.first[unit]) else { continue };
            self.sizes[cohort] += weight;
            let own = &mut self.values[cohort * periods..][..periods];
            own.iter_mut().zip(units.path(unit, periods)).for_each(|(sum, value)| *sum += weight * value);
        }
        let sizes = &self.sizes;
        self.values.iter_mut().enumerate().for_each(|(at, sum)| *sum /= sizes[at / periods]);
    }

    /// All units.
    pub(crate) fn n(&self) -> f64 {
        self.sizes.iter().sum()
    }

    /// The share of a cohort among all units.
    pub(crate) fn share(&self, cohort: usize) -> f64 {
        self.sizes[cohort] / self.n()
    }

    /// Where a cohort's mean of a period stands among the numbers.
    pub(crate) fn at(&self, cohort: usize, period: usize) -> usize {
        cohort * self.stride + self.offset + period
    }

    /// A contrast that is nothing yet.
    pub(crate) fn nothing(&self) -> Contrast {
        Contrast { value: 0.0, gradient: vec![0.0; self.covariance.nrows()] }
    }

    /// The covariance of contrasts with each other.
    pub(crate) fn covariance_of(&self, contrasts: &[&Contrast]) -> Mat<f64> {
        let size = self.covariance.nrows();
        let gradients = Mat::from_fn(contrasts.len(), size, |row, column| contrasts[row].gradient[column]);
        &gradients * &self.covariance * gradients.transpose()
    }

    /// The standard error of a contrast.
    pub(crate) fn std_error(&self, contrast: &Contrast) -> f64 {
        let used: Vec<usize> = (0..contrast.gradient.len()).filter(|&at| contrast.gradient[at] != 0.0).collect();
        let row = |&i: &usize| {
            let inner: f64 = used.iter().map(|&j| self.covariance[(i, j)] * contrast.gradient[j]).sum();
            contrast.gradient[i] * inner
        };
        used.iter().map(row).sum::<f64>().max(0.0).sqrt()
    }

    /// The mean of contrasts, each weighed with the share of its cohort; how the shares vary is part of its error.
    pub(crate) fn by_share(&self, parts: &[(usize, &Contrast)]) -> Contrast {
        let total: f64 = parts.iter().map(|(cohort, _)| self.share(*cohort)).sum();
        let mut mean = self.nothing();
        for (cohort, part) in parts {
            mean.add(part, self.share(*cohort) / total);
        }
        let numbers = self.values.len();
        for (cohort, part) in parts {
            mean.gradient[numbers + cohort] += (part.value - mean.value) / total;
        }
        mean
    }

    /// The plain mean of contrasts.
    pub(crate) fn mean<'a>(&self, parts: impl ExactSizeIterator<Item = &'a Contrast>) -> Contrast {
        let (mut mean, times) = (self.nothing(), 1.0 / parts.len() as f64);
        parts.for_each(|part| mean.add(part, times));
        mean
    }
}

impl Contrast {
    /// Adds another, some times.
    pub(crate) fn add(&mut self, other: &Self, times: f64) {
        self.value += times * other.value;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(own, other)| *own += times * other);
    }
}
