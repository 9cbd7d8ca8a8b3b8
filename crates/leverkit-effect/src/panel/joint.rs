//! Estimates that lean on the same units: a base of numbers with their joint covariance, and contrasts of it. Every estimator is a value
//! and its gradient, so that errors, tests and bands of any of them follow from one matrix.

use faer::Mat;

use super::moments::CohortMoments;

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
            periods,
            offset: 0,
            stride: periods,
        }
    }

    /// Effects that were estimated unit by unit, of the same cohorts: `covariance` is theirs, then that of the shares.
    pub(crate) fn of_effects(&self, values: Vec<f64>, covariance: Mat<f64>) -> Self {
        Self { values, covariance, ..self.clone() }
    }

    /// One of the outcomes that stand one after the other, each of so many periods.
    pub(crate) fn outcome(&self, outcome: usize, periods: usize) -> Self {
        Self { periods, offset: outcome * periods, ..self.clone() }
    }

    /// Of units that hang together in clusters: `paths` are those of the units, one after another.
    pub(crate) fn clustered(moments: &CohortMoments, first: &[u32], paths: &[f64], clusters: &[u32]) -> Self {
        let mut joint = Self::of(moments);
        let (periods, numbers) = (joint.periods, joint.values.len());
        let n = joint.n();
        let count = clusters.iter().max().map_or(0, |last| *last as usize + 1);
        let mut scores = Mat::<f64>::zeros(count, numbers + joint.first.len());
        for ((unit_first, path), &cluster) in first.iter().zip(paths.chunks_exact(periods)).zip(clusters) {
            let Ok(cohort) = joint.first.binary_search(unit_first) else { continue };
            for (period, value) in path.iter().enumerate() {
                let at = cohort * periods + period;
                scores[(cluster as usize, at)] += (value - joint.values[at]) / joint.sizes[cohort];
            }
            for (other, size) in joint.sizes.iter().enumerate() {
                let own = if other == cohort { 1.0 } else { 0.0 };
                scores[(cluster as usize, numbers + other)] += (own - size / n) / n;
            }
        }
        joint.covariance = scores.transpose() * &scores;
        joint
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
