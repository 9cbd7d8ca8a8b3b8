//! Least squares: on plain columns by QR, and within effects by cross products.

use faer::Mat;
use faer::prelude::*;

use super::cluster::Spread;
use super::design::{Design, Fitted, INTEREST, TARGET};
use super::few::{Covariance, Leverage, SmallSample};
use super::within::{Equation, Within};
use crate::{Error, Estimate, Term};

/// A column that is nearer to the others than this share of its own length is taken as one of them.
const COLLINEAR: f64 = 1e-9;

/// A least-squares fit of `y` on columns; collinear columns are left out, the later ones of those that are.
///
/// ```
/// use leverkit_stats::regression::Fit;
/// let slope: Vec<f64> = (0..8).map(f64::from).collect();
/// let y = [1.0, 3.1, 4.9, 7.0, 9.2, 10.8, 13.1, 15.0];
/// let fit = Fit::of(&[vec![1.0; 8], slope.clone(), slope], &y)?;
/// // The second slope says the same as the first.
/// assert_eq!((&fit.kept[..], fit.df()), (&[0, 1][..], 6.0));
/// assert!(fit.share_explained().unwrap() > 0.999 && fit.sigma2() < 0.02);
/// let names = ["intercept", "slope", "again"].map(String::from);
/// let terms = fit.terms(&names, &fit.robust(), 0.95);
/// assert!(terms[1].estimate.is_some() && terms[2].reason.is_some());
/// let clustered = fit.clustered(&[0, 0, 1, 1, 2, 2, 3, 3], 4);
/// assert!(clustered.matrix[(1, 1)] > 0.0 && clustered.df(&[0.0, 1.0]) < 4.0);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fit {
    /// Which columns are in.
    pub kept: Vec<usize>,
    /// Their coefficients.
    pub beta: Vec<f64>,
    /// What they leave of `y`, row by row.
    pub residuals: Vec<f64>,
    /// Share of the variance explained; NaN where `y` does not vary.
    pub r_squared: f64,
    /// The columns that are in.
    columns: Vec<Vec<f64>>,
    /// (XᵀX)⁻¹.
    bread: Mat<f64>,
}

impl Fit {
    /// Fits by Householder's QR.
    ///
    /// # Errors
    /// [`Error::NotIdentified`] for fewer rows than coefficients, or no column.
    ///
    /// ```
    /// use leverkit_stats::regression::Fit;
    /// let fit = Fit::of(&[vec![1.0; 4], vec![0.0, 1.0, 2.0, 3.0]], &[1.0, 3.1, 4.9, 7.0])?;
    /// assert!((fit.beta[0] - 1.03).abs() < 1e-12 && (fit.beta[1] - 1.98).abs() < 1e-12);
    /// let terms = fit.terms(&["intercept".into(), "slope".into()], &fit.plain(), 0.95);
    /// assert!((terms[1].estimate.unwrap().std_error - 0.042426).abs() < 1e-5);
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn of(columns: &[Vec<f64>], y: &[f64]) -> Result<Self, Error> {
        if columns.is_empty() {
            return Err(Error::not_identified("no column; at least one is needed"));
        }
        let kept = independent(columns);
        if y.len() <= kept.len() {
            let reason =
                format!("{} rows for {} coefficients; more rows than coefficients are needed", y.len(), kept.len());
            return Err(Error::not_identified(reason));
        }
        let columns: Vec<Vec<f64>> = kept.iter().map(|&column| columns[column].clone()).collect();
        let qr = matrix(&columns, y.len()).qr();
        let solution = qr.solve_lstsq(Mat::from_fn(y.len(), 1, |row, _| y[row]));
        let beta: Vec<f64> = (0..kept.len()).map(|at| solution[(at, 0)]).collect();
        let r_inverse = inverse_of_upper(qr.thin_R());
        let bread = &r_inverse * r_inverse.transpose();
        let residuals: Vec<f64> = (0..y.len())
            .map(|row| y[row] - columns.iter().zip(&beta).map(|(column, beta)| column[row] * beta).sum::<f64>())
            .collect();
        let mean = y.iter().sum::<f64>() / y.len() as f64;
        let total: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
        // Equal values have no variance but that of rounding, and nothing explains it.
        let r_squared = if total > 1e-24 * square(y) { 1.0 - square(&residuals) / total } else { f64::NAN };
        Ok(Self { kept, beta, residuals, r_squared, columns, bread })
    }

    /// Share of the variance explained; `None` where there is none to explain.
    pub fn share_explained(&self) -> Option<f64> {
        Some(self.r_squared).filter(|share| share.is_finite())
    }

    /// Rows less coefficients.
    pub fn df(&self) -> f64 {
        (self.residuals.len() - self.beta.len()) as f64
    }

    /// The variance of the residuals.
    pub fn sigma2(&self) -> f64 {
        square(&self.residuals) / self.df()
    }

    /// The covariance of the coefficients under equal variances: s²(XᵀX)⁻¹.
    pub fn plain(&self) -> Covariance {
        let sigma2 = self.sigma2();
        let matrix = Mat::from_fn(self.beta.len(), self.beta.len(), |row, column| sigma2 * self.bread[(row, column)]);
        Covariance { matrix, df: self.df(), few: Vec::new() }
    }

    /// The covariance under unequal variances, HC1 of MacKinnon & White (1985).
    pub fn robust(&self) -> Covariance {
        let clusters: Vec<u32> = (0..self.residuals.len() as u32).collect();
        let correction = self.residuals.len() as f64 / self.df();
        let matrix = self.sandwich(&clusters, self.residuals.len(), correction);
        Covariance { matrix, df: self.df(), few: Vec::new() }
    }

    /// The covariance under clusters: below [`FEW_CLUSTERS`](super::FEW_CLUSTERS) CR2, else that of Liang & Zeger (1986) times G/(G−1) · (n−1)/(n−k).
    pub fn clustered(&self, clusters: &[u32], n_clusters: usize) -> Covariance {
        let (rows, g) = (self.residuals.len() as f64, n_clusters as f64);
        if SmallSample::Cr2.corrects(n_clusters)
            && let Some(leverage) = Leverage::of(&self.bread, &self.information(clusters, n_clusters))
        {
            let matrix = leverage.covariance(&self.scores(clusters, n_clusters));
            return Covariance { matrix, df: g - 1.0, few: vec![leverage] };
        }
        let matrix = self.sandwich(clusters, n_clusters, g / (g - 1.0) * (rows - 1.0) / self.df());
        Covariance { matrix, df: g - 1.0, few: Vec::new() }
    }

    /// Sums of scores, a row per cluster.
    fn scores(&self, clusters: &[u32], n_clusters: usize) -> Vec<f64> {
        let k = self.beta.len();
        let mut scores = vec![0.0; n_clusters * k];
        for (at, column) in self.columns.iter().enumerate() {
            for ((value, residual), &cluster) in column.iter().zip(&self.residuals).zip(clusters) {
                scores[cluster as usize * k + at] += value * residual;
            }
        }
        scores
    }

    /// Sums of products of columns, a matrix per cluster.
    fn information(&self, clusters: &[u32], n_clusters: usize) -> Vec<f64> {
        let k = self.beta.len();
        let mut sums = vec![0.0; n_clusters * k * k];
        for (a, left) in self.columns.iter().enumerate() {
            for (b, right) in self.columns.iter().enumerate() {
                for ((left, right), &cluster) in left.iter().zip(right).zip(clusters) {
                    sums[cluster as usize * k * k + a * k + b] += left * right;
                }
            }
        }
        sums
    }

    fn sandwich(&self, clusters: &[u32], n_clusters: usize, correction: f64) -> Mat<f64> {
        let scores = self.scores(clusters, n_clusters);
        let scores = MatRef::from_row_major_slice(&scores, n_clusters, self.beta.len());
        let product = &self.bread * (scores.transpose() * scores) * &self.bread;
        Mat::from_fn(self.beta.len(), self.beta.len(), |row, column| correction * product[(row, column)])
    }

    /// The coefficients with their tests, by name; those left out with the reason.
    pub fn terms(&self, names: &[String], covariance: &Covariance, level: f64) -> Vec<Term> {
        let dfs = covariance.dfs();
        let term = |(at, name): (usize, &String)| {
            let place = self.kept.iter().position(|&kept| kept == at);
            let estimate =
                place.map(|at| Estimate::of(self.beta[at], covariance.matrix[(at, at)].sqrt(), dfs[at], level));
            let reason = estimate.is_none().then(|| "collinear with the terms before it, left out".to_owned());
            Term { term: name.clone(), estimate, reason }
        };
        names.iter().enumerate().map(term).collect()
    }
}

/// Least squares of the target on the regressors, within effects.
///
/// # Errors
/// [`Error::NoVariation`] where effects determine the regressor of interest; [`Error::NotIdentified`] for fewer rows than coefficients.
///
/// ```
/// use leverkit_stats::regression::{Design, Levels, Spread, least_squares};
/// let (price, sales) = ([1.0, 2.0, 3.0, 1.0, 2.0, 3.0], [9.0, 7.1, 5.0, 5.0, 2.9, 1.0]);
/// let shop = [0, 0, 0, 1, 1, 1];
/// let design = Design::new(("sales", &sales), ("price", &price), &[])?;
/// let found = least_squares(&design, &design.within(vec![Levels::of(&shop)?])?, &Spread::Equal, 0.95)?;
/// assert!((found.terms[0].estimate.unwrap().interval.estimate + 2.0).abs() < 1e-12);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn least_squares(
    design: &Design<'_>,
    within: &Within<'_>,
    spread: &Spread<'_>,
    level: f64,
) -> Result<Fitted, Error> {
    let kept = within.independent(&design.explaining(within));
    if kept.first() != Some(&INTEREST) {
        return Err(design.no_variation());
    }
    let solved = within.solve(&Equation::least_squares(within.width(), TARGET, &kept), spread)?;
    Ok(Fitted {
        terms: design.terms(within, &kept, &solved, level),
        df: solved.df[0],
        r_squared: Some(within.share_explained(TARGET, &solved)),
        repaired: solved.repaired,
    })
}

/// The columns that are no combination of those before them: the diagonal of R is a column's distance from those.
fn independent(columns: &[Vec<f64>]) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    loop {
        let qr = Mat::from_fn(columns[0].len(), kept.len(), |row, at| columns[kept[at]][row]).qr();
        let near = |at: &usize| qr.R()[(*at, *at)].abs() <= COLLINEAR * square(&columns[kept[*at]]).sqrt();
        match (0..kept.len().min(columns[0].len())).find(near) {
            Some(at) => drop(kept.remove(at)),
            None => return kept,
        }
    }
}

fn matrix(columns: &[Vec<f64>], rows: usize) -> Mat<f64> {
    Mat::from_fn(rows, columns.len(), |row, column| columns[column][row])
}

fn inverse_of_upper(upper: MatRef<'_, f64>) -> Mat<f64> {
    let size = upper.ncols();
    let mut inverse = Mat::identity(size, size);
    faer::linalg::triangular_solve::solve_upper_triangular_in_place(upper, inverse.as_mut(), faer::Par::Seq);
    inverse
}

fn square(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}
