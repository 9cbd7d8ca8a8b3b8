//! Fitting timing models by maximum likelihood: several starts on a sample, then all histories from the best of them with the sample's curvature, so
//! that the whole data are read a dozen times. Time is rescaled inside; parameters and log-likelihood are the user's.

use leverkit_core::stats::bootstrap;
use leverkit_core::{Params, check};
use serde::Serialize;

use crate::estimates::{Convergence, Estimates, covariance};
use crate::histories::Histories;
use crate::models::likelihood::{Effect, Likelihood, parameters};
use crate::models::timing::{Family, History, N, Row};
use crate::optimise::{Objective, Search, curvature, minimise, search};
use crate::{Error, FitParams};

/// The longest T in the internal unit of time.
const LONGEST: f64 = 10.0;
/// Customers of the sample on which starts are tried.
const SAMPLE: usize = 4000;

/// A fitted timing model.
///
/// ```
/// use leverkit_clv::{Columns, Family, Fit, Histories};
/// // Fader, Hardie & Lee (2005): the customer of 2 repeat orders, the last in week 30.43 of 38.86.
/// let columns = Columns { frequency: vec![2.0], recency: vec![30.43], t: vec![38.86], ..Columns::default() };
/// let customers = Histories::new(columns, Family::BetaGeo)?;
/// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
/// assert!((model.expected_purchases(&customers, 39.0)?[0] - 1.226).abs() < 0.001);
/// // The chance to be alive falls as time goes by without an order.
/// assert!(model.probability_alive(&customers, 0.0)?[0] > model.probability_alive(&customers, 13.0)?[0]);
/// // A new customer is expected to order again less often than one who has come back twice.
/// assert!(model.expected_new(39.0)? < 1.226);
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Fit {
    /// The model.
    pub family: Family,
    /// How it was fitted.
    pub params: FitParams,
    /// Parameters, then coefficients of covariates.
    pub estimates: Estimates,
    #[serde(skip)]
    pub(crate) effects: Vec<Effect>,
    /// The covariates' names, in the order that effects count them.
    pub covariates: Vec<String>,
}

/// Fits a model to histories.
///
/// # Errors
/// [`Error::Convergence`] says what was tried where no maximum was found; [`Error::Core`] for a negative penalty or covariates that the
/// model does not know.
///
/// ```
/// use leverkit_clv::{Columns, Family, FitParams, Histories, fit};
/// // 400 customers of 30 weeks: a half never came back, the others up to three times.
/// let frequency: Vec<f64> = (0..400).map(|i| f64::from(i % 2 * (i / 2 % 4))).collect();
/// let recency = frequency.iter().enumerate().map(|(i, x)| x * (3.0 + (i % 7) as f64)).collect();
/// let columns = Columns { recency, t: vec![30.0; 400], frequency, ..Columns::default() };
/// let model = fit(&Histories::new(columns, Family::BetaGeo)?, Family::BetaGeo, &FitParams::default())?;
/// assert_eq!(model.estimates.names, ["r", "alpha", "a", "b"]);
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
pub fn fit(histories: &Histories, family: Family, params: &FitParams) -> Result<Fit, Error> {
    params.check()?;
    let (effects, names) = effects(family, params, &histories.covariates)?;
    let rows = histories.compressed(|row| histories.each[row].weight);
    let problem = Problem::new(histories, rows, family, &effects, params.penalizer)?;
    let found = problem.solve()?;
    let estimates = problem.estimates(&found, names);
    Ok(Fit { family, params: params.clone(), estimates, effects, covariates: histories.covariates.clone() })
}

/// Which coefficients there are, and the names of all parameters.
fn effects(family: Family, params: &FitParams, known: &[String]) -> Result<(Vec<Effect>, Vec<String>), Error> {
    let mut names: Vec<String> = family.parameter_names().iter().map(ToString::to_string).collect();
    let any = !params.purchase_covariates.is_empty() || !params.dropout_covariates.is_empty();
    // α is a time: a larger rate makes it smaller. So is β of Pareto/NBD; a and b of BG/NBD move with signs of their own.
    let dropout: &[(usize, f64, &str)] = match family {
        Family::BetaGeo => &[(2, 1.0, "dropout_coefficient_a"), (3, 1.0, "dropout_coefficient_b")],
        Family::ParetoNbd => &[(3, -1.0, "dropout_coefficient_beta")],
        _ if any => {
            let expected = "a BG/NBD or Pareto/NBD model: the others take none";
            return Err(Error::parameter("covariates", format!("covariates for {}", family.name()), expected));
        }
        _ => &[],
    };
    let purchase: &[(usize, f64, &str)] = &[(1, -1.0, "purchase_coefficient_alpha")];
    let mut effects = Vec::new();
    for (wanted, links) in [(&params.purchase_covariates, purchase), (&params.dropout_covariates, dropout)] {
        for &(parameter, sign, label) in links {
            for name in wanted {
                let covariate = known.iter().position(|known| known == name).ok_or_else(|| {
                    Error::parameter(
                        "covariates",
                        format!("{name:?}"),
                        format!("columns of the summary: {}", known.join(", ")),
                    )
                })?;
                effects.push(Effect { covariate, parameter, sign });
                names.push(format!("{label}_{name}"));
            }
        }
    }
    Ok((effects, names))
}

/// Rows in the internal unit of time, with what is to be minimised over them.
struct Problem<'a> {
    family: Family,
    rows: Vec<Row>,
    patterns: Vec<Vec<f64>>,
    effects: &'a [Effect],
    /// What a covariate's values were divided by.
    sizes: Vec<f64>,
    penalizer: f64,
    /// Internal time for one unit of the user's.
    scale: f64,
    customers: f64,
    orders: f64,
    /// ln of the time scale for each repeat order: what the log-likelihood lost.
    ln_shift: f64,
}

impl<'a> Problem<'a> {
    fn new(
        histories: &Histories,
        mut rows: Vec<Row>,
        family: Family,
        effects: &'a [Effect],
        penalizer: f64,
    ) -> Result<Self, Error> {
        if let Family::Regular(k) = family
            && k > 1
            && !histories.knows_gaps
        {
            return Err(Error::parameter(
                "log_gaps",
                "no such column",
                "sums of the logarithms of gaps, which regular timing needs",
            ));
        }
        let longest = rows.iter().map(|row| row.history.t).fold(0.0, f64::max);
        let scale = if family == Family::BetaGeoBetaBinom || longest == 0.0 { 1.0 } else { LONGEST / longest };
        let ln_scale = scale.ln();
        let (mut customers, mut orders) = (0.0, 0.0);
        for row in &mut rows {
            let History { frequency, recency, t, log_gaps } = row.history;
            let log_gaps = if frequency > 0.0 && histories.knows_gaps { log_gaps + frequency * ln_scale } else { 0.0 };
            row.history = History { frequency, recency: recency * scale, t: t * scale, log_gaps };
            customers += row.weight;
            orders += row.weight * frequency;
        }
        let sizes: Vec<f64> = (0..histories.covariates.len())
            .map(|covariate| {
                let most = histories.patterns.iter().map(|pattern| pattern[covariate].abs()).fold(0.0, f64::max);
                if most > 0.0 { most } else { 1.0 }
            })
            .collect();
        let scaled = |pattern: &Vec<f64>| pattern.iter().zip(&sizes).map(|(value, size)| value / size).collect();
        let patterns = histories.patterns.iter().map(scaled).collect();
        let ln_shift = orders * ln_scale;
        let problem = Self { family, rows, patterns, effects, sizes, penalizer, scale, customers, orders, ln_shift };
        problem.refuse_what_cannot_be_fitted(longest)?;
        Ok(problem)
    }

    fn refuse_what_cannot_be_fitted(&self, longest: f64) -> Result<(), Error> {
        let nothing = |reason: String, hint: &str| {
            let tried = format!("looked at {} customers; no start can succeed", self.customers);
            Err(Error::Convergence { model: self.family.name(), reason, tried, hint: hint.into() })
        };
        if self.orders == 0.0 && self.penalizer == 0.0 {
            return nothing(
                "no customer ordered again, so the rate of orders has no maximum above 0".into(),
                "Take a longer period of observation, or set penalizer",
            );
        }
        if longest == 0.0 {
            return nothing("T is 0 for every customer".into(), "Take a longer period of observation");
        }
        Ok(())
    }

    /// The mean negative log-likelihood with the penalty.
    fn objective<'r>(&'r self, rows: &'r [Row]) -> impl Objective + 'r {
        let likelihood = Likelihood { family: self.family, rows, patterns: &self.patterns, effects: self.effects };
        let customers: f64 = rows.iter().map(|row| row.weight).sum();
        move |theta: &[f64]| {
            let sum = likelihood.at(theta);
            let mut value = -sum.ln / customers;
            let mut gradient: Vec<f64> = sum.gradient.iter().map(|slope| -slope / customers).collect();
            for (i, (at, slope)) in theta.iter().zip(&mut gradient).enumerate() {
                let natural = if i < N { at.exp() } else { *at };
                value += self.penalizer * natural * natural;
                *slope += 2.0 * self.penalizer * natural * if i < N { natural } else { 1.0 };
            }
            (value, gradient)
        }
    }

    /// Starting points: the mean rate with little and with much difference between customers, and different hazards of leaving.
    fn starts(&self) -> Vec<Vec<f64>> {
        let time: f64 = self.rows.iter().map(|row| row.weight * row.history.t).sum();
        let rate = (self.orders.max(0.5) / time) * f64::from(self.family.k());
        let points: [[f64; N]; 3] = match self.family {
            Family::ParetoNbd => {
                [[0.5, 0.5 / rate, 0.5, 5.0], [1.5, 1.5 / rate, 1.0, 15.0], [0.2, 0.2 / rate, 0.2, 1.0]]
            }
            Family::BetaGeoBetaBinom => [[1.0, 1.0, 1.0, 3.0], [0.4, 0.8, 0.5, 4.0], [2.0, 6.0, 0.3, 0.6]],
            _ => [[0.5, 0.5 / rate, 0.8, 2.5], [1.5, 1.0 / rate, 1.0, 1.0], [0.2, 0.2 / rate, 0.1, 1.0]],
        };
        let no_effect = vec![0.0; self.effects.len()];
        points
            .iter()
            .map(|point| point.iter().map(|value| value.ln()).chain(no_effect.iter().copied()).collect())
            .collect()
    }

    fn solve(&self) -> Result<Search, Error> {
        let starts = self.starts();
        let sample = self.sample();
        let on_sample = sample.as_deref().map(|rows| self.objective(rows));
        let found = search(&self.objective(&self.rows), on_sample.as_ref(), &starts);
        if found.converged { Ok(found) } else { Err(self.failure(&found, starts.len())) }
    }

    /// A fixed sample of customers, each as likely as the other; `None` where there are few rows.
    fn sample(&self) -> Option<Vec<Row>> {
        if self.rows.len() <= SAMPLE {
            return None;
        }
        let step = self.customers / SAMPLE as f64;
        let (mut reached, mut next) = (0.0, step / 2.0);
        let mut sample = Vec::with_capacity(SAMPLE);
        for row in &self.rows {
            reached += row.weight;
            let mut weight = 0.0;
            while next < reached {
                weight += 1.0;
                next += step;
            }
            if weight > 0.0 {
                sample.push(Row { weight, ..*row });
            }
        }
        Some(sample)
    }

    fn failure(&self, found: &Search, starts: usize) -> Error {
        let names = self.family.parameter_names();
        let far = found.at.iter().take(N).position(|at| at.abs() > 15.0);
        let reason = match far {
            Some(i) if found.at[i] > 0.0 => format!("{} grows without end: the likelihood has no maximum", names[i]),
            Some(i) => format!("{} falls to 0 without end: the likelihood has no maximum", names[i]),
            None => format!("the slope is still {:.1e} where no step improves the likelihood", found.slope()),
        };
        Error::Convergence {
            model: self.family.name(),
            reason,
            tried: format!(
                "{starts} starts with BFGS and exact gradients on {} distinct histories of {} customers; the best log-likelihood is {:.3} after {} evaluations",
                self.rows.len(),
                self.customers,
                -found.value * self.customers + self.ln_shift,
                found.evaluations
            ),
            hint: "A small penalizer such as 0.001 holds parameters that the data do not, or take another model".into(),
        }
    }

    fn estimates(&self, found: &Search, names: Vec<String>) -> Estimates {
        let objective = self.objective(&self.rows);
        let mut bend = curvature(&objective, &found.at);
        let log_likelihood =
            Likelihood { family: self.family, rows: &self.rows, patterns: &self.patterns, effects: self.effects }
                .at(&found.at)
                .ln
                + self.ln_shift;
        // Coefficients go back to the covariates' own size.
        let size = |i: usize| if i < N { 1.0 } else { self.sizes[self.effects[i - N].covariate] };
        for i in 0..names.len() {
            for j in 0..names.len() {
                bend[(i, j)] *= self.customers * size(i) * size(j);
            }
        }
        let (covariance, verdict) = covariance(&bend, &names);
        Estimates {
            values: self.outward(&found.at),
            is_log: (0..names.len()).map(|i| i < N).collect(),
            names,
            covariance,
            log_likelihood,
            customers: self.customers,
            histories: self.rows.len(),
            convergence: Convergence { starts: 3, evaluations: found.evaluations + 4 * N + 1, slope: found.slope() },
            notes: verdict.into_iter().collect(),
        }
    }
}

impl Fit {
    /// A model with given parameters, as published or kept from an earlier fit.
    ///
    /// # Errors
    /// [`Error::Core`] where one is not above 0.
    pub fn of(family: Family, values: [f64; N]) -> Result<Self, Error> {
        let names: Vec<String> = family.parameter_names().iter().map(ToString::to_string).collect();
        for (name, value) in names.iter().zip(values) {
            check::above_zero(name, value)?;
        }
        let estimates = Estimates::given(names, &values);
        Ok(Self { family, params: FitParams::default(), estimates, effects: Vec::new(), covariates: Vec::new() })
    }

    /// The parameters of customers with these covariates.
    pub(crate) fn parameters_of(&self, theta: &[f64], pattern: &[f64]) -> [f64; N] {
        parameters(theta, pattern, &self.effects)
    }

    /// The log-likelihood of each history, and the sum's gradient by logarithms of parameters and coefficients, at a point of the search's scale.
    ///
    /// ```
    /// use leverkit_clv::{Columns, Family, Fit, Histories};
    /// let columns = Columns { frequency: vec![2.0, 0.0], recency: vec![30.43, 0.0], t: vec![38.86; 2], ..Columns::default() };
    /// let histories = Histories::new(columns, Family::BetaGeo)?;
    /// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
    /// let at = |r: f64| model.log_likelihood_at(&histories, &[r, 4.414, 0.793, 2.426].map(f64::ln));
    /// let (value, gradient) = at(0.243);
    /// let slope = (at(0.243 * 1.001).0 - value) / 1.001_f64.ln();
    /// assert!((gradient[0] - slope).abs() < 1e-2 * slope.abs());
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn log_likelihood_at(&self, histories: &Histories, theta: &[f64]) -> (f64, Vec<f64>) {
        let rows = histories.compressed(|row| histories.each[row].weight);
        let sum =
            Likelihood { family: self.family, rows: &rows, patterns: &histories.patterns, effects: &self.effects }
                .at(theta);
        (sum.ln, sum.gradient)
    }

    /// Parameters of refits to customers drawn with replacement, seeded: rows of values in the order of the estimates. Refits that find no
    /// maximum are left out.
    ///
    /// # Errors
    /// [`Error::Core`] for no replicate.
    ///
    /// ```
    /// use leverkit_clv::{Columns, Family, FitParams, Histories, fit};
    /// let frequency: Vec<f64> = (0..400).map(|i| f64::from(i % 2 * (i / 2 % 4))).collect();
    /// let recency = frequency.iter().enumerate().map(|(i, x)| x * (3.0 + (i % 7) as f64)).collect();
    /// let columns = Columns { recency, t: vec![30.0; 400], frequency, ..Columns::default() };
    /// let histories = Histories::new(columns, Family::BetaGeo)?;
    /// let model = fit(&histories, Family::BetaGeo, &FitParams::default())?;
    /// let refits = model.bootstrap(&histories, 10, 1)?;
    /// assert!(refits.len() <= 10 && refits[0].len() == model.estimates.names.len());
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn bootstrap(&self, histories: &Histories, replicates: usize, seed: u64) -> Result<Vec<Vec<f64>>, Error> {
        let theta = self.estimates.theta();
        let refit = |draws: &[u32]| {
            let rows = histories.compressed(|row| f64::from(draws[row]) * histories.each[row].weight);
            let problem = Problem::new(histories, rows, self.family, &self.effects, self.params.penalizer).ok()?;
            let found = minimise(&problem.objective(&problem.rows), &problem.inward(&theta), None);
            found.converged.then(|| problem.outward(&found.at))
        };
        check::count("replicates", replicates, 1, 1_000_000)?;
        let found = bootstrap(histories.len(), replicates, seed, refit)
            .map_err(|_| Error::parameter("replicates", replicates.to_string(), "at least 1"))?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl Problem<'_> {
    /// A point of the user's scale as the search sees it.
    fn inward(&self, theta: &[f64]) -> Vec<f64> {
        let is_time = self.family.is_time();
        let inward = |(i, at): (usize, &f64)| match is_time.get(i) {
            Some(true) => at + self.scale.ln(),
            Some(false) => *at,
            None => at * self.sizes[self.effects[i - N].covariate],
        };
        theta.iter().enumerate().map(inward).collect()
    }

    /// Values on the user's scale of a point of the search.
    fn outward(&self, at: &[f64]) -> Vec<f64> {
        let is_time = self.family.is_time();
        let outward = |(i, at): (usize, &f64)| match is_time.get(i) {
            Some(true) => at.exp() / self.scale,
            Some(false) => at.exp(),
            None => at / self.sizes[self.effects[i - N].covariate],
        };
        at.iter().enumerate().map(outward).collect()
    }
}
