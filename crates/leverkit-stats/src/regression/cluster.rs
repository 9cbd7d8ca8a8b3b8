//! Standard errors: of equal variances, robust, and clustered one or two ways, with the small-sample corrections of fixest and pyfixest, or those of
//! `few` for few clusters.

use std::ops::Range;

use faer::{Mat, Side};

use super::effects::Levels;
use super::few::{Covariance, Leverage, SmallSample};
use crate::{Error, Mergeable};

/// How errors are taken to spread.
///
/// ```
/// use leverkit_stats::regression::{Levels, SmallSample, Spread};
/// let stores = Levels::of(&[0, 0, 1, 1, 2])?;
/// let spread = Spread::Clusters(vec![stores], SmallSample::Cr2);
/// assert_eq!((spread.fewest(), spread.is_corrected()), (Some(3), true));
/// assert_eq!(Spread::Robust.correction(), "HC1: n/(n − k)");
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub enum Spread<'a> {
    /// All alike and independent.
    Equal,
    /// Independent, of any variance: HC1 (MacKinnon & White 1985).
    Robust,
    /// Variances that the model knows: the weights are their inverses.
    Known,
    /// Dependent within clusters of one or two kinds; with two, the third are their intersections (Cameron, Gelbach & Miller 2011).
    Clusters(Vec<Levels<'a>>, SmallSample),
}

impl Spread<'_> {
    fn clusters(&self) -> &[Levels<'_>] {
        match self {
            Self::Clusters(clusters, _) => clusters,
            Self::Equal | Self::Robust | Self::Known => &[],
        }
    }

    /// The fewest clusters of a kind.
    pub fn fewest(&self) -> Option<usize> {
        self.clusters().iter().take(2).map(|levels| levels.len).min()
    }

    /// Whether the leverage of these clusters is corrected.
    fn corrects(&self, clusters: &Levels<'_>) -> bool {
        matches!(self, Self::Clusters(_, small) if small.corrects(clusters.len))
    }

    /// Whether the leverage of clusters is corrected, as there are few.
    pub fn is_corrected(&self) -> bool {
        self.clusters().iter().take(2).any(|clusters| self.corrects(clusters))
    }

    /// The small-sample correction in words.
    pub fn correction(&self) -> &'static str {
        match self {
            Self::Equal => "equal variances, s² = RSS/(n − k)",
            Self::Robust => "HC1: n/(n − k)",
            Self::Known => "inverse information, (n − 1)/(n − k)",
            Self::Clusters(..) if self.is_corrected() => {
                "CR2 with Satterthwaite's degrees of freedom, as there are fewer than 40 clusters"
            }
            Self::Clusters(..) => SmallSample::Fixest.correction(),
        }
    }
}

/// Sums of scores: what the sandwich's filling is made of.
pub(crate) struct Scores {
    pub(crate) rss: f64,
    pub(crate) total: Vec<f64>,
    /// Robust: sums of products of scores.
    squares: Vec<f64>,
    /// For each kind of clusters, each cluster's sums.
    by_cluster: Vec<Vec<f64>>,
    /// For each kind of few clusters, each cluster's sums of products of the regressors: its information.
    information: Vec<Vec<f64>>,
}

impl Scores {
    pub(crate) fn new(spread: &Spread<'_>, k: usize) -> Self {
        let squares = if matches!(spread, Spread::Robust) { k * k } else { 0 };
        let by_cluster = spread.clusters().iter().map(|levels| vec![0.0; levels.len * k]).collect();
        let size = |levels: &Levels<'_>| if spread.corrects(levels) { levels.len * k * k } else { 0 };
        let information = spread.clusters().iter().map(|levels| vec![0.0; size(levels)]).collect();
        Self { rss: 0.0, total: vec![0.0; k], squares: vec![0.0; squares], by_cluster, information }
    }

    /// How many numbers are summed.
    pub(crate) fn size(&self) -> usize {
        let tables = self.by_cluster.iter().chain(&self.information);
        self.total.len() + self.squares.len() + tables.map(Vec::len).sum::<usize>()
    }

    /// Adds the information of some rows, a column of regressors for each coefficient.
    pub(crate) fn add_information(
        &mut self,
        spread: &Spread<'_>,
        rows: Range<usize>,
        columns: &[Vec<f64>],
        weights: Option<&[f64]>,
    ) {
        let k = columns.len();
        let few = spread.clusters().iter().zip(&mut self.information).filter(|(_, sums)| !sums.is_empty());
        for (levels, sums) in few {
            for (at, row) in rows.clone().enumerate() {
                let own = &mut sums[levels.codes[row] as usize * k * k..][..k * k];
                let weight = weights.map_or(1.0, |weights| weights[row]);
                for (left, line) in columns.iter().zip(own.chunks_exact_mut(k)) {
                    let left = weight * left[at];
                    line.iter_mut().zip(columns).for_each(|(sum, right)| *sum += left * right[at]);
                }
            }
        }
    }

    /// Adds the scores of some rows, a column for each coefficient.
    pub(crate) fn add(&mut self, spread: &Spread<'_>, rows: Range<usize>, columns: &[Vec<f64>]) {
        let k = columns.len();
        if !self.squares.is_empty() {
            for (a, left) in columns.iter().enumerate() {
                for (b, right) in columns.iter().enumerate() {
                    self.squares[a * k + b] += left.iter().zip(right).map(|(a, b)| a * b).sum::<f64>();
                }
            }
        }
        let mut kinds = spread.clusters().iter().zip(&mut self.by_cluster);
        let Some((levels, sums)) = kinds.next() else {
            return self.total.iter_mut().zip(columns).for_each(|(total, column)| *total += column.iter().sum::<f64>());
        };
        // Each sum waits for itself: what waits side by side waits once.
        let codes = &levels.codes[rows.clone()];
        for ((at, column), total) in columns.iter().enumerate().zip(&mut self.total) {
            let mut all = 0.0;
            for (&cluster, score) in codes.iter().zip(column) {
                all += score;
                sums[cluster as usize * k + at] += score;
            }
            *total += all;
        }
        for (levels, sums) in kinds {
            let codes = &levels.codes[rows.clone()];
            for (at, column) in columns.iter().enumerate() {
                codes.iter().zip(column).for_each(|(&cluster, score)| sums[cluster as usize * k + at] += score);
            }
        }
    }

    /// The covariance of the coefficients, with degrees of freedom for Student's t.
    pub(crate) fn covariance(
        &self,
        rows: usize,
        effects: &[Levels<'_>],
        spread: &Spread<'_>,
        bread: &Mat<f64>,
    ) -> Result<Covariance, Error> {
        let (n, k) = (rows as f64, bread.nrows());
        let taken = absorbed(effects, spread.clusters());
        let parameters = k as f64 + taken;
        if n <= parameters {
            let reason =
                format!("{n} rows for {parameters} coefficients, those of effects included; more rows are needed");
            return Err(Error::not_identified(reason));
        }
        let rest = n - parameters;
        let plain = |factor: f64, df: f64| Covariance {
            matrix: Mat::from_fn(k, k, |a, b| factor * bread[(a, b)]),
            df,
            few: Vec::new(),
        };
        Ok(match spread {
            Spread::Equal => plain(self.rss / rest, rest),
            Spread::Known => plain((n - 1.0) / rest, f64::INFINITY),
            Spread::Robust => {
                let filling = Mat::from_fn(k, k, |a, b| self.squares[a * k + b]);
                Covariance { matrix: sandwich(bread, &filling, n / rest), df: rest, few: Vec::new() }
            }
            Spread::Clusters(..) => {
                let is_nested = |effect: &Levels<'_>| spread.clusters().iter().any(|ways| effect.is_nested_in(ways));
                // The leverage of clusters holds what effects within them take.
                let apart = taken - f64::from(u8::from(effects.iter().any(is_nested)));
                self.clustered(spread, bread, k, (n - 1.0) / rest, n / (n - apart))
            }
        })
    }

    /// One way of clusters, or both less their intersections. `usual` is CRV1's factor for all that is estimated; `effects` that for effects across clusters,
    /// which their leverage does not tell of.
    fn clustered(&self, spread: &Spread<'_>, bread: &Mat<f64>, k: usize, usual: f64, effects: f64) -> Covariance {
        let g = spread.fewest().unwrap_or_default() as f64;
        if g <= k as f64 {
            // The filling has the rank of the clusters at most: what it says of so many coefficients is nothing.
            let matrix = Mat::from_fn(k, k, |_, _| f64::NAN);
            return Covariance { matrix, df: (g - 1.0).max(1.0), few: Vec::new() };
        }
        let mut few = Vec::new();
        let mut matrix = Mat::<f64>::zeros(k, k);
        let tables = self.by_cluster.iter().zip(&self.information);
        for (at, (sums, information)) in tables.enumerate() {
            let leverage = Some(information).filter(|own| !own.is_empty()).and_then(|own| Leverage::of(bread, own));
            let (part, factor) = match &leverage {
                Some(leverage) => (leverage.covariance(sums), effects),
                None => (sandwich(bread, &filling(sums, k), 1.0), g / (g - 1.0) * usual),
            };
            let is_way = at < 2;
            let factor = if is_way { factor } else { -factor };
            matrix += Mat::from_fn(k, k, |a, b| factor * part[(a, b)]);
            few.extend(leverage.filter(|_| is_way));
        }
        Covariance { matrix, df: g - 1.0, few }
    }
}

fn sandwich(bread: &Mat<f64>, filling: &Mat<f64>, factor: f64) -> Mat<f64> {
    let product = bread * filling * bread.transpose();
    Mat::from_fn(product.nrows(), product.ncols(), |a, b| factor * product[(a, b)])
}

/// A covariance without a variance below zero, which taking off the intersections of two kinds of clusters can leave: its negative eigenvalues become
/// zero (Cameron, Gelbach & Miller 2011). And whether that was needed.
pub(crate) fn repaired(covariance: Mat<f64>) -> (Mat<f64>, bool) {
    let k = covariance.nrows();
    if !(0..k).any(|at| covariance[(at, at)] < 0.0) {
        return (covariance, false);
    }
    let symmetric = Mat::from_fn(k, k, |a, b| f64::midpoint(covariance[(a, b)], covariance[(b, a)]));
    let Ok(eigen) = symmetric.self_adjoint_eigen(Side::Lower) else { return (covariance, false) };
    let part = |a: usize, b: usize, at: usize| eigen.U()[(a, at)] * eigen.S()[at].max(0.0) * eigen.U()[(b, at)];
    (Mat::from_fn(k, k, |a, b| (0..k).map(|at| part(a, b, at)).sum()), true)
}

/// Sums of products of clusters' sums.
fn filling(sums: &[f64], k: usize) -> Mat<f64> {
    let mut filling = Mat::<f64>::zeros(k, k);
    for cluster in sums.chunks(k) {
        for a in 0..k {
            for b in 0..k {
                filling[(a, b)] += cluster[a] * cluster[b];
            }
        }
    }
    filling
}

/// How many coefficients effects count for: their levels, one less for each effect after the first; an effect that is nested in clusters counts for one
/// (fixest's "nonnested").
fn absorbed(effects: &[Levels<'_>], clusters: &[Levels<'_>]) -> f64 {
    let levels: usize = effects.iter().map(|effect| effect.len).sum();
    let nested = effects.iter().filter(|effect| clusters.iter().any(|cluster| effect.is_nested_in(cluster)));
    let nested: usize = nested.map(|effect| effect.len - 1).sum();
    (levels - effects.len().saturating_sub(1)) as f64 - nested as f64
}

impl Mergeable for Scores {
    fn merge(&mut self, later: Self) {
        self.rss += later.rss;
        self.total.merge(later.total);
        self.squares.merge(later.squares);
        self.by_cluster.iter_mut().zip(later.by_cluster).for_each(|(sums, more)| sums.merge(more));
        self.information.iter_mut().zip(later.information).for_each(|(sums, more)| sums.merge(more));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variance_below_zero_is_repaired_and_others_are_left_alone() {
        let sound = Mat::from_fn(2, 2, |a, b| if a == b { 2.0 } else { 1.0 });
        assert_eq!(repaired(sound.clone()), (sound, false));
        // Eigenvalues (0.5 ± √(0.9² + 1.2²))/2 are 1 and −0.5.
        let (found, is_repaired) = repaired(Mat::from_fn(2, 2, |a, b| [[-0.2, 0.6], [0.6, 0.7]][a][b]));
        assert!(is_repaired && (0..2).all(|at| found[(at, at)] >= 0.0));
        let determinant = found[(0, 0)] * found[(1, 1)] - found[(0, 1)] * found[(1, 0)];
        assert!(determinant.abs() < 1e-12, "one eigenvalue is zero");
        assert!((found[(0, 0)] + found[(1, 1)] - 1.0).abs() < 1e-12);
    }
}
