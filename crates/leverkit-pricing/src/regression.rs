//! Least squares with the covariances that pricing needs.

use faer::Mat;
use faer::prelude::*;
use leverkit_core::stats::normal_quantile;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::Error;

/// A column that is nearer to the others than this share of its own length is taken as one of them.
const COLLINEAR: f64 = 1e-9;

/// An estimated coefficient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// Its name.
    pub term: String,
    /// Its estimate with everything that follows from it; `None` where it is not identified.
    pub estimate: Option<Estimate>,
    /// Why there is no estimate.
    pub reason: Option<String>,
}

/// An estimate with its standard error and what follows from both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub std_error: f64,
    /// Lower limit, by Student's t.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// The estimate over its standard error.
    pub t: f64,
    /// Of no effect, two-sided.
    pub p_value: f64,
}

impl Estimate {
    /// An estimate with limits and test by Student's t of `df` degrees of freedom.
    pub(crate) fn of(value: f64, std_error: f64, df: f64, level: f64) -> Self {
        if df.is_infinite() {
            // The limit of Student's t, whose quantiles the library would look for without end.
            return Self::normal(value, std_error, level);
        }
        // One degree is the least that there is; a statistic of it is wide enough to promise nothing.
        let student = StudentsT::new(0.0, 1.0, df.max(1.0)).ok();
        let quantile = student.map_or(f64::NAN, |student| student.inverse_cdf(0.5 + level / 2.0));
        let t = value / std_error;
        // Nothing over nothing is no statistic, and the distribution refuses it.
        let p_value = student.filter(|_| !t.is_nan()).map_or(f64::NAN, |student| 2.0 * student.cdf(-t.abs()));
        Self { value, std_error, lower: value - quantile * std_error, upper: value + quantile * std_error, t, p_value }
    }

    /// An estimate with limits and test by the normal distribution, as of maximum likelihood.
    pub(crate) fn normal(value: f64, std_error: f64, level: f64) -> Self {
        let (half, t) = (normal_quantile(0.5 + level / 2.0) * std_error, value / std_error);
        let p_value = if t.is_nan() { f64::NAN } else { 2.0 * Normal::standard().cdf(-t.abs()) };
        Self { value, std_error, lower: value - half, upper: value + half, t, p_value }
    }
}

/// A least-squares fit of `y` on columns; collinear columns are left out, the later ones of those that are.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    /// Which columns are in.
    pub(crate) kept: Vec<usize>,
    /// Their coefficients.
    pub(crate) beta: Vec<f64>,
    pub(crate) residuals: Vec<f64>,
    pub(crate) r_squared: f64,
    /// The columns that are in.
    columns: Vec<Vec<f64>>,
    /// (XᵀX)⁻¹.
    bread: Mat<f64>,
}

impl Fit {
    /// Fits by Householder's QR.
    pub(crate) fn of(model: &str, columns: &[Vec<f64>], y: &[f64]) -> Result<Self, Error> {
        let kept = independent(columns);
        if y.len() <= kept.len() {
            let reason =
                format!("{} rows for {} coefficients; more rows than coefficients are needed", y.len(), kept.len());
            return Err(Error::not_identified(model, reason));
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
    pub(crate) fn share_explained(&self) -> Option<f64> {
        Some(self.r_squared).filter(|share| share.is_finite())
    }

    /// Rows less coefficients.
    pub(crate) fn df(&self) -> f64 {
        (self.residuals.len() - self.beta.len()) as f64
    }

    /// The variance of the residuals.
    pub(crate) fn sigma2(&self) -> f64 {
        square(&self.residuals) / self.df()
    }

    /// The covariance of the coefficients under equal variances: s²(XᵀX)⁻¹.
    pub(crate) fn plain(&self) -> Mat<f64> {
        let sigma2 = self.sigma2();
        Mat::from_fn(self.beta.len(), self.beta.len(), |row, column| sigma2 * self.bread[(row, column)])
    }

    /// The covariance under unequal variances, HC1 of MacKinnon & White (1985).
    pub(crate) fn robust(&self) -> Mat<f64> {
        let clusters: Vec<u32> = (0..self.residuals.len() as u32).collect();
        let correction = self.residuals.len() as f64 / self.df();
        self.sandwich(&clusters, self.residuals.len(), correction)
    }

    /// The covariance under clusters (Liang & Zeger 1986), times G/(G−1) · (n−1)/(n−k).
    pub(crate) fn clustered(&self, clusters: &[u32], n_clusters: usize) -> Mat<f64> {
        let (rows, g) = (self.residuals.len() as f64, n_clusters as f64);
        self.sandwich(clusters, n_clusters, g / (g - 1.0) * (rows - 1.0) / self.df())
    }

    fn sandwich(&self, clusters: &[u32], n_clusters: usize, correction: f64) -> Mat<f64> {
        let mut scores = Mat::<f64>::zeros(n_clusters, self.beta.len());
        for (at, column) in self.columns.iter().enumerate() {
            for ((value, residual), &cluster) in column.iter().zip(&self.residuals).zip(clusters) {
                scores[(cluster as usize, at)] += value * residual;
            }
        }
        let meat = scores.transpose() * &scores;
        let product = &self.bread * meat * &self.bread;
        Mat::from_fn(self.beta.len(), self.beta.len(), |row, column| correction * product[(row, column)])
    }

    /// The coefficients with their tests, by name; those left out with the reason.
    pub(crate) fn terms(&self, names: &[String], covariance: &Mat<f64>, df: f64, level: f64) -> Vec<Term> {
        let term = |(at, name): (usize, &String)| {
            let place = self.kept.iter().position(|&kept| kept == at);
            let estimate =
                place.map(|place| Estimate::of(self.beta[place], covariance[(place, place)].sqrt(), df, level));
            let reason = estimate.is_none().then(|| "collinear with the terms before it, left out".to_owned());
            Term { term: name.clone(), estimate, reason }
        };
        names.iter().enumerate().map(term).collect()
    }
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
