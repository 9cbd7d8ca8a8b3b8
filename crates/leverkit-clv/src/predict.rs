//! What a fitted timing model predicts: P(alive), expected orders, their distribution, the next order and the time when a customer counts as lost.
//! Equal histories are computed once.

use leverkit_core::check;
use leverkit_core::stats::Interval;
use rayon::prelude::*;
use serde::Serialize;

use crate::Error;
use crate::fit::Fit;
use crate::histories::Histories;
use crate::models::timing::{History, N, Row, Timing};
use crate::models::with_family;

/// Silence is followed this many times as long as a customer's age and the horizon together.
const MOST_SILENCE: f64 = 20.0;

/// When the next order is expected, and when a customer who stays silent counts as lost; times from the end of the history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NextOrder {
    /// P(alive) at the end of the history.
    pub probability_alive: f64,
    /// The chance of an order within the horizon.
    pub returns: f64,
    /// Time to the next order if it comes within the horizon: the median, and the limits between which it comes with the level's chance.
    pub time: Interval,
    /// Time after which P(alive) is under the threshold if no order comes; 0 where it is already, `None` where silence does not bring it there within
    /// 20 times age and horizon together.
    pub lost_after: Option<f64>,
}

impl Fit {
    /// The chance that each customer is alive at the end of their history. BG/NBD says 1 of every customer without a repeat order.
    ///
    /// # Errors
    /// [`Error::Core`] where the model needs covariates that the histories lack.
    pub fn probability_alive(&self, histories: &Histories) -> Result<Vec<f64>, Error> {
        let theta = self.estimates.theta();
        self.each(histories, |pattern, history| self.at(&theta, pattern, history, 0.0, What::Alive))
    }

    /// Orders expected of each customer in the next `t`.
    ///
    /// # Errors
    /// [`Error::Core`] for a negative time or covariates that are lacking.
    pub fn expected_purchases(&self, histories: &Histories, t: f64) -> Result<Vec<f64>, Error> {
        check_time("future_t", t)?;
        let theta = self.estimates.theta();
        self.each(histories, |pattern, history| self.at(&theta, pattern, history, t, What::Purchases))
    }

    /// Orders expected from each customer, each within their own length of time.
    pub(crate) fn expected_in_own_time(&self, histories: &Histories, times: &[f64]) -> Vec<f64> {
        let theta = self.estimates.theta();
        let one = |(row, t): (&Row, &f64)| {
            self.at(&theta, &histories.patterns[row.pattern as usize], &row.history, *t, What::Purchases)
        };
        histories.each.par_iter().zip(times).map(one).collect()
    }

    /// The chance that each customer orders exactly `n` times in the next `t`.
    ///
    /// # Errors
    /// As for [`Self::expected_purchases`]; `n` up to 10,000.
    pub fn purchase_probability(&self, histories: &Histories, t: f64, n: usize) -> Result<Vec<f64>, Error> {
        check_time("future_t", t)?;
        if n > 10_000 {
            return Err(Error::parameter("n", n.to_string(), "at most 10,000 orders"));
        }
        let theta = self.estimates.theta();
        self.each(histories, |pattern, history| {
            let parameters = self.parameters_of(&theta, pattern);
            with_family!(self.family, Model => {
                let model = Model::new(parameters, self.family.k());
                let alive = alive(&model, history);
                alive * model.counts_if_alive(history, t, n)[n] + if n == 0 { 1.0 - alive } else { 0.0 }
            })
        })
    }

    /// Orders after the first that are expected of a new customer within `t` of it.
    ///
    /// # Errors
    /// [`Error::Core`] for a negative time, or a model with covariates, whose new customers differ.
    pub fn expected_new(&self, t: f64) -> Result<f64, Error> {
        check_time("t", t)?;
        if !self.effects.is_empty() {
            let expected =
                "a model without covariates: predict for a summary of new customers with frequency 0 and T 0 instead";
            return Err(Error::parameter("t", t.to_string(), expected));
        }
        let parameters = self.parameters_of(&self.estimates.theta(), &[]);
        Ok(with_family!(self.family, Model => Model::new(parameters, self.family.k()).expected_new(t)))
    }

    /// The next order of each customer within `horizon`, with the middle `level` of its time, and when silence makes them lost.
    ///
    /// # Errors
    /// [`Error::Core`] for a time that is not above 0 or shares outside (0, 1).
    pub fn next_order(
        &self,
        histories: &Histories,
        horizon: f64,
        level: f64,
        threshold: f64,
    ) -> Result<Vec<NextOrder>, Error> {
        check_time("horizon", horizon)?;
        for (name, share) in [("level", level), ("threshold", threshold)] {
            check::share(name, share)?;
        }
        let theta = self.estimates.theta();
        self.each(histories, |pattern, history| {
            let parameters = self.parameters_of(&theta, pattern);
            with_family!(self.family, Model => next_order(&Model::new(parameters, self.family.k()), history, horizon, level, threshold))
        })
    }

    /// ln of the orders expected in the next `t`, discounted, and its gradient on the scale of the search; of each distinct history.
    pub(crate) fn discounted(
        &self,
        histories: &Histories,
        horizon: f64,
        discount: f64,
    ) -> Result<Vec<(f64, Vec<f64>)>, Error> {
        let theta = self.estimates.theta();
        self.each(histories, |pattern, history| {
            let at = |theta: &[f64]| self.discounted_one(theta, pattern, history, horizon, discount);
            let value = at(&theta);
            if self.estimates.covariance.is_none() || value <= 0.0 {
                return (value, vec![0.0; theta.len()]);
            }
            let slope = |i: usize| {
                let shifted = |by: f64| {
                    let mut shifted = theta.clone();
                    shifted[i] += by;
                    at(&shifted)
                };
                (shifted(1e-4) - shifted(-1e-4)) / 2e-4
            };
            (value, (0..theta.len()).map(slope).collect())
        })
    }

    /// The horizon is cut into twelve parts, whose orders are discounted at their middle: the error is below a thousandth of the discount.
    fn discounted_one(&self, theta: &[f64], pattern: &[f64], history: &History, horizon: f64, discount: f64) -> f64 {
        if discount == 0.0 {
            return self.at(theta, pattern, history, horizon, What::Purchases);
        }
        let part = horizon / 12.0;
        let (mut before, mut sum) = (0.0, 0.0);
        for i in 1..=12 {
            let until = self.at(theta, pattern, history, part * f64::from(i), What::Purchases);
            sum += (until - before) * (-discount * part * (f64::from(i) - 0.5)).exp();
            before = until;
        }
        sum
    }

    fn at(&self, theta: &[f64], pattern: &[f64], history: &History, t: f64, what: What) -> f64 {
        let parameters = self.parameters_of(theta, pattern);
        with_family!(self.family, Model => {
            let model = Model::new(parameters, self.family.k());
            let alive = alive(&model, history);
            match what {
                What::Alive => alive,
                What::Purchases if t == 0.0 => 0.0,
                What::Purchases => alive * model.expected_if_alive(history, t),
            }
        })
    }

    /// Something of each customer, computed once for equal histories.
    fn each<R: Send + Sync + Clone>(
        &self,
        histories: &Histories,
        of: impl Fn(&[f64], &History) -> R + Sync,
    ) -> Result<Vec<R>, Error> {
        if !self.effects.is_empty() && histories.covariates != self.covariates {
            let expected = format!("the covariates it was fitted with: {}", self.covariates.join(", "));
            return Err(Error::parameter("covariates", histories.covariates.join(", "), expected));
        }
        let (distinct, which) = histories.distinct();
        let found: Vec<R> = distinct
            .par_iter()
            .map(|&row| {
                let row = &histories.each[row as usize];
                of(&histories.patterns[row.pattern as usize], &row.history)
            })
            .collect();
        Ok(which.par_iter().map(|&i| found[i as usize].clone()).collect())
    }
}

#[derive(Clone, Copy)]
enum What {
    Alive,
    Purchases,
}

fn alive<M: Timing>(model: &M, history: &History) -> f64 {
    model.branches(&model.shared(history.frequency), history).join().2
}

fn next_order<M: Timing>(model: &M, history: &History, horizon: f64, level: f64, threshold: f64) -> NextOrder {
    let now = alive(model, history);
    let within = model.returns_if_alive(history, horizon);
    let quantile = |share: f64| crossing(horizon, |t| model.returns_if_alive(history, t) - share * within);
    let tail = (1.0 - level) / 2.0;
    // P(alive) of one who has been silent for u longer is that of the same orders with a longer T.
    let silent = |u: f64| alive(model, &History { t: history.t + u, ..*history });
    let farthest = MOST_SILENCE * (history.t + horizon);
    let lost_after = if now < threshold {
        Some(0.0)
    } else if silent(farthest) >= threshold {
        None
    } else {
        Some(crossing(farthest, |u| threshold - silent(u)))
    };
    NextOrder {
        probability_alive: now,
        returns: now * within,
        time: Interval { estimate: quantile(0.5), lower: quantile(tail), upper: quantile(1.0 - tail) },
        lost_after,
    }
}

/// Where an increasing function of time crosses 0 before `most`, by bisection of the time's logarithm.
fn crossing(most: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = ((most * 1e-9).ln(), most.ln());
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if f(middle.exp()) < 0.0 { low = middle } else { high = middle }
    }
    high.exp()
}

fn check_time(parameter: &str, t: f64) -> Result<(), Error> {
    Ok(check::that(t.is_finite() && t >= 0.0, parameter, &t, "a time, 0 or more, in the summary's unit")?)
}

impl Fit {
    /// The four parameters, without covariates.
    pub fn values(&self) -> [f64; N] {
        self.parameters_of(&self.estimates.theta(), &vec![0.0; self.covariates.len()])
    }
}
