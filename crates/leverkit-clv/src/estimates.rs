//! What a fit found, whatever the model: values, their covariance on the scale of the search, and what is to be said about them.

use faer::Mat;
use leverkit_core::stats::normal_quantile;
use serde::Serialize;

use crate::optimise::eigen;

/// A standard deviation of this much on the log scale is a factor of e^±2 within the 95 % limits: the data do not tell.
const NOT_IDENTIFIED: f64 = 1.0;

/// One estimated parameter. Limits are those of its logarithm, made back, where the parameter is positive by nature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParameterEstimate {
    /// Its name.
    pub name: String,
    /// Its value, on the user's axis of time.
    pub value: f64,
    /// Its standard error by the observed information; `None` where the likelihood has no curvature.
    pub std_error: Option<f64>,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
}

/// How the fit went.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Convergence {
    /// Starting points that were tried.
    pub starts: usize,
    /// Evaluations of the likelihood on all histories.
    pub evaluations: usize,
    /// The largest slope of the mean log-likelihood by the logarithm of a parameter.
    pub slope: f64,
}

/// Parameters with all that belongs to them.
///
/// ```
/// use leverkit_clv::{Columns, Family, FitParams, Histories, fit};
/// # let frequency: Vec<f64> = (0..400).map(|i| f64::from(i % 2 * (i / 2 % 4))).collect();
/// # let recency = frequency.iter().enumerate().map(|(i, x)| x * (3.0 + (i % 7) as f64)).collect();
/// # let columns = Columns { recency, t: vec![30.0; 400], frequency, ..Columns::default() };
/// let histories = Histories::new(columns, Family::BetaGeo)?;
/// let estimates = fit(&histories, Family::BetaGeo, &FitParams { penalizer: 0.01, ..FitParams::default() })?.estimates;
/// let r = &estimates.table(0.95)[0];
/// assert!(r.name == "r" && r.lower.unwrap() < r.value && r.value < r.upper.unwrap());
/// assert_eq!(estimates.covariance_of_values().unwrap().len(), 4);
/// assert_eq!(estimates.aic(), 2.0 * (4.0 - estimates.log_likelihood));
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Estimates {
    /// Their names.
    pub names: Vec<String>,
    /// Their values on the user's axis of time.
    pub values: Vec<f64>,
    /// Whether the search ran over the logarithm.
    pub is_log: Vec<bool>,
    /// Covariance on the scale of the search, row by row; `None` where the likelihood has no curvature.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// The log-likelihood of all customers, without penalty, in the user's unit of time.
    pub log_likelihood: f64,
    /// Customers (the sum of weights).
    pub customers: f64,
    /// Distinct histories.
    pub histories: usize,
    /// How the fit went.
    pub convergence: Convergence,
    /// Which parameters the data cannot distinguish, and what was left out.
    pub notes: Vec<String>,
}

impl Estimates {
    /// Each parameter with its confidence limits.
    pub fn table(&self, level: f64) -> Vec<ParameterEstimate> {
        let z = normal_quantile(0.5 + level / 2.0);
        let one = |i: usize| {
            let value = self.values[i];
            let deviation = self.deviation(i);
            let limit = |side: f64| {
                deviation.map(|sd| if self.is_log[i] { value * (side * sd).exp() } else { value + side * sd })
            };
            ParameterEstimate {
                name: self.names[i].clone(),
                value,
                std_error: deviation.map(|sd| if self.is_log[i] { value * sd } else { sd }),
                lower: limit(-z),
                upper: limit(z),
            }
        };
        (0..self.values.len()).map(one).collect()
    }

    /// The covariance of the parameters themselves, row by row, by the delta method; `None` where the likelihood has no curvature.
    pub fn covariance_of_values(&self) -> Option<Vec<Vec<f64>>> {
        let slope = |i: usize| if self.is_log[i] { self.values[i] } else { 1.0 };
        let row =
            |(i, row): (usize, &Vec<f64>)| row.iter().enumerate().map(|(j, cell)| cell * slope(i) * slope(j)).collect();
        self.covariance.as_ref().map(|covariance| covariance.iter().enumerate().map(row).collect())
    }

    /// Of parameters that were given, not fitted.
    pub(crate) fn given(names: Vec<String>, values: &[f64]) -> Self {
        Self {
            is_log: vec![true; names.len()],
            names,
            values: values.to_vec(),
            covariance: None,
            log_likelihood: f64::NAN,
            customers: 0.0,
            histories: 0,
            convergence: Convergence { starts: 0, evaluations: 0, slope: f64::NAN },
            notes: vec!["Parameters were given, not fitted: there are no standard errors.".into()],
        }
    }

    /// Standard deviation on the scale of the search.
    fn deviation(&self, i: usize) -> Option<f64> {
        self.covariance.as_ref().map(|covariance| covariance[i][i].sqrt())
    }

    /// The point on the scale of the search.
    pub(crate) fn theta(&self) -> Vec<f64> {
        self.values.iter().zip(&self.is_log).map(|(value, is_log)| if *is_log { value.ln() } else { *value }).collect()
    }

    /// Akaike's information criterion.
    pub fn aic(&self) -> f64 {
        2.0 * (self.values.len() as f64 - self.log_likelihood)
    }
}

/// The covariance by the inverse of the curvature of the whole log-likelihood, with the verdict on what it does not tell.
pub(crate) fn covariance(curvature: &Mat<f64>, names: &[String]) -> (Option<Vec<Vec<f64>>>, Option<String>) {
    let n = names.len();
    let Some((values, vectors)) = eigen(curvature) else {
        return (
            None,
            Some("The likelihood has no curvature that could be measured: standard errors are not given.".into()),
        );
    };
    let weakest: Vec<f64> = (0..n).map(|i| vectors[(i, 0)]).collect();
    if values[0] <= 1e-10 * values[n - 1].abs() || values[0] <= 0.0 {
        return (None, Some(trade_off(names, &weakest, None)));
    }
    let matrix = (0..n)
        .map(|i| (0..n).map(|j| (0..n).map(|k| vectors[(i, k)] * vectors[(j, k)] / values[k]).sum()).collect())
        .collect();
    let deviation = values[0].sqrt().recip();
    let verdict = (deviation > NOT_IDENTIFIED).then(|| trade_off(names, &weakest, Some(deviation)));
    (Some(matrix), verdict)
}

/// In words: which parameters can move together at hardly any cost.
fn trade_off(names: &[String], direction: &[f64], deviation: Option<f64>) -> String {
    let strongest = direction.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    let moving: Vec<&str> = names
        .iter()
        .zip(direction)
        .filter(|(_, d)| d.abs() > 0.35 * strongest)
        .map(|(name, _)| name.as_str())
        .collect();
    let which = match moving[..] {
        [one] => format!("{one} is not identified: the data do not determine its size"),
        _ => format!("{} trade off: they can move together with hardly any loss of likelihood", moving.join(" and ")),
    };
    match deviation {
        Some(sd) => format!(
            "{which} (within the 95 % limits by a factor of {:.0} up or down). What they predict together is known, but not each one separately.",
            (1.96 * sd * strongest).min(30.0).exp()
        ),
        None => format!(
            "{which}. The likelihood is flat there: standard errors are not given; what they predict together is known."
        ),
    }
}
