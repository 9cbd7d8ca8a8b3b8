//! Means, variances and covariances of an outcome and of what was known before.

use leverkit_stats::sum;

/// Moments of pairs (outcome, pre-period value), with n − 1 in variances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moments {
    pub(crate) n: f64,
    pub(crate) mean: f64,
    pub(crate) pre_mean: f64,
    pub(crate) variance: f64,
    pub(crate) pre_variance: f64,
    pub(crate) covariance: f64,
}

impl Moments {
    /// The moments of two columns of equal length; two passes, so that large means cost no digits.
    pub(crate) fn of(values: &[f64], pre: &[f64]) -> Self {
        let n = values.len() as f64;
        let (mean, pre_mean) = (sum(values) / n, sum(pre) / n);
        let product = |f: &dyn Fn(f64, f64) -> f64| {
            let products: Vec<f64> =
                values.iter().zip(pre).map(|(value, before)| f(value - mean, before - pre_mean)).collect();
            sum(&products) / (n - 1.0)
        };
        Self {
            n,
            mean,
            pre_mean,
            variance: product(&|y, _| y * y),
            pre_variance: product(&|_, x| x * x),
            covariance: product(&|y, x| y * x),
        }
    }

    /// The slope of the outcome on the pre-period value; 0 where that does not vary.
    pub(crate) fn theta(&self) -> f64 {
        if self.pre_variance > 0.0 { self.covariance / self.pre_variance } else { 0.0 }
    }

    /// The correlation; 0 where one of them does not vary.
    pub(crate) fn correlation(&self) -> f64 {
        let scale = (self.variance * self.pre_variance).sqrt();
        if scale > 0.0 { self.covariance / scale } else { 0.0 }
    }

    /// The variance of the outcome that the pre-period value does not explain.
    pub(crate) fn adjusted_variance(&self) -> f64 {
        self.variance * (1.0 - self.correlation().powi(2))
    }
}
