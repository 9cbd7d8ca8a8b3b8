//! Four ways to make the path that the treated would have had of the donors'.

use faer::prelude::*;
use faer::{Mat, Side};

use super::simplex::weights;

/// A treated path with donors' paths, and how many periods come before the start.
pub(super) struct Problem<'a> {
    pub(super) treated: &'a [f64],
    pub(super) donors: Vec<&'a [f64]>,
    pub(super) before: usize,
    /// How many units the treated path is the mean of.
    pub(super) units: usize,
}

/// A counterfactual: weights of the donors, and what comes on top to meet the level before the start.
#[derive(Debug, Clone)]
pub(super) struct Fitted {
    pub(super) weights: Vec<f64>,
    /// Weights of the periods before the start, by which the level is met; none where the level is met by the donors alone.
    pub(super) time_weights: Option<Vec<f64>>,
    pub(super) path: Vec<f64>,
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn weighted(weights: &[f64], values: impl Iterator<Item = f64>) -> f64 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}

impl Problem<'_> {
    /// The donors' weighted path.
    fn mix(&self, weights: &[f64]) -> Vec<f64> {
        (0..self.treated.len()).map(|at| weighted(weights, self.donors.iter().map(|path| path[at]))).collect()
    }

    /// Each donor's path less the treated's, in these periods.
    fn gaps(&self, periods: usize) -> Vec<Vec<f64>> {
        let gap =
            |path: &&[f64]| path[..periods].iter().zip(self.treated).map(|(own, treated)| own - treated).collect();
        self.donors.iter().map(gap).collect()
    }

    /// Abadie, Diamond & Hainmueller (2010), by outcomes before the start alone.
    pub(super) fn synthetic(&self) -> Fitted {
        let weights = weights(&self.gaps(self.before), 0.0);
        Fitted { path: self.mix(&weights), weights, time_weights: None }
    }

    /// Difference-in-differences: all donors and all periods before the start alike.
    pub(super) fn did(&self) -> Fitted {
        let weights = vec![1.0 / self.donors.len() as f64; self.donors.len()];
        self.levelled(weights, vec![1.0 / self.before as f64; self.before])
    }

    /// Synthetic difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens & Wager 2021): weights of donors and of periods, each up to a level.
    pub(super) fn synthetic_did(&self) -> Fitted {
        let (before, after) = (self.before, self.treated.len() - self.before);
        let changes: Vec<f64> =
            self.donors.iter().flat_map(|path| path[..before].windows(2).map(|pair| pair[1] - pair[0])).collect();
        let centre = mean(&changes);
        let spread = changes.iter().map(|change| (change - centre).powi(2)).sum::<f64>() / (changes.len() - 1) as f64;
        let penalty = ((self.units * after) as f64).sqrt() * spread;
        let units = weights(&centred(self.gaps(before)), penalty * before as f64);
        // Periods before the start are weighted so that they tell the donors' mean after it.
        let later: Vec<f64> = self.donors.iter().map(|path| mean(&path[before..])).collect();
        let of_period = |at: usize| self.donors.iter().zip(&later).map(|(path, later)| path[at] - later).collect();
        let periods = centred((0..before).map(of_period).collect());
        let times = weights(&periods, 1e-12 * spread * self.donors.len() as f64);
        self.levelled(units, times)
    }

    /// The donors' weighted path, shifted to the treated's level in the weighted periods before the start.
    fn levelled(&self, weights: Vec<f64>, times: Vec<f64>) -> Fitted {
        let mix = self.mix(&weights);
        let shift = weighted(&times, self.treated.iter().zip(&mix).map(|(treated, mix)| treated - mix));
        Fitted { path: mix.iter().map(|value| value + shift).collect(), weights, time_weights: Some(times) }
    }

    /// Ridge-augmented synthetic control (Ben-Michael, Feller & Rothstein 2021): what the weights miss before the start is made up by a ridge regression,
    /// whose penalty is chosen by leaving out one period at a time.
    pub(super) fn augmented(&self) -> Fitted {
        let start = self.synthetic().weights;
        let all: Vec<usize> = (0..self.before).collect();
        let scale = self.gram(&all).diagonal().column_vector().iter().sum::<f64>();
        let error = |penalty: f64| -> f64 {
            let missed = |left: usize| {
                let others: Vec<usize> = all.iter().copied().filter(|at| *at != left).collect();
                let weights = self.augment(&start, &others, penalty);
                (self.treated[left] - weighted(&weights, self.donors.iter().map(|path| path[left]))).powi(2)
            };
            all.iter().map(|&left| missed(left)).sum()
        };
        let penalties = (0..=12).map(|power| scale * 10f64.powf(-0.5 * f64::from(power)));
        let best = penalties.map(|penalty| (error(penalty), penalty)).min_by(|a, b| a.0.total_cmp(&b.0));
        let weights = self.augment(&start, &all, best.map_or(scale, |best| best.1));
        Fitted { path: self.mix(&weights), weights, time_weights: None }
    }

    /// Weights with what they miss in these periods made up: w + Xᵀ(XXᵀ + λI)⁻¹ r, X the donors' outcomes less their mean.
    fn augment(&self, weights: &[f64], periods: &[usize], penalty: f64) -> Vec<f64> {
        let mut gram = self.gram(periods);
        (0..periods.len()).for_each(|at| gram[(at, at)] += penalty);
        let missed = Mat::from_fn(periods.len(), 1, |at, _| {
            self.treated[periods[at]] - weighted(weights, self.donors.iter().map(|path| path[periods[at]]))
        });
        let Ok(factor) = gram.llt(Side::Lower) else { return weights.to_vec() };
        let solved = factor.solve(&missed);
        let add =
            |donor: usize| (0..periods.len()).map(|at| self.off(donor, periods[at]) * solved[(at, 0)]).sum::<f64>();
        weights.iter().enumerate().map(|(donor, weight)| weight + add(donor)).collect()
    }

    /// A donor's outcome less the mean of all donors.
    fn off(&self, donor: usize, period: usize) -> f64 {
        let all = self.donors.iter().map(|path| path[period]).sum::<f64>() / self.donors.len() as f64;
        self.donors[donor][period] - all
    }

    fn gram(&self, periods: &[usize]) -> Mat<f64> {
        let off: Vec<Vec<f64>> =
            periods.iter().map(|&at| (0..self.donors.len()).map(|donor| self.off(donor, at)).collect()).collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
        Mat::from_fn(periods.len(), periods.len(), |a, b| product(&off[a], &off[b]))
    }

    /// The mean gap between the treated and a counterfactual from the start on.
    pub(super) fn effect(&self, fitted: &Fitted) -> f64 {
        mean(&self.gap(&fitted.path)[self.before..])
    }

    /// The treated's path less a counterfactual.
    pub(super) fn gap(&self, path: &[f64]) -> Vec<f64> {
        self.treated.iter().zip(path).map(|(treated, path)| treated - path).collect()
    }
}

/// Columns less their means: a level is free.
fn centred(columns: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let less_mean = |column: Vec<f64>| {
        let centre = mean(&column);
        column.into_iter().map(|value| value - centre).collect()
    };
    columns.into_iter().map(less_mean).collect()
}

/// The root of the mean square.
pub(super) fn rms(values: &[f64]) -> f64 {
    (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt()
}
