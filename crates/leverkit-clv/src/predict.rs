//! What a fitted timing model predicts: P(alive), expected orders, their distribution, the next order and the time when a customer counts as lost.
//! Equal histories are computed once.

use leverkit_core::check;
use leverkit_core::stats::Interval;
use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;
use serde::Serialize;

use crate::Error;
use crate::fit::Fit;
use crate::histories::Histories;
use crate::models::beta_geo_beta_binom::BetaGeoBetaBinom;
use crate::models::special::panel;
use crate::models::timing::{Family, History, N, Row, Timing};
use crate::models::with_family;

/// Silence is followed this many times as long as a customer's age and the horizon together.
const MOST_SILENCE: f64 = 20.0;

/// Nobody asks farther ahead, whatever the unit, and sums over orders end.
pub(crate) const FARTHEST: f64 = 1e6;

/// Discounted by e^−25, orders count for nothing.
const NOTHING_LEFT: f64 = 25.0;

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
    /// The chance that each customer is alive `t` after the end of their history; BG/BB counts `t` in occasions, so that 1 is the next one, of
    /// which Fader, Hardie & Shang (2010) tell. At the end itself BG/NBD says 1 of every customer without a repeat order.
    ///
    /// # Errors
    /// [`Error::Core`] for a negative time, one above 1,000,000, or where the model needs covariates that the histories lack.
    pub fn probability_alive(&self, histories: &Histories, t: f64) -> Result<Vec<f64>, Error> {
        check_time("future_t", t)?;
        let theta = self.estimates.theta();
        self.each(histories, |pattern, history| self.at(&theta, pattern, history, t, What::Alive))
    }

    /// Orders expected of each customer in the next `t`.
    ///
    /// # Errors
    /// [`Error::Core`] for a negative time, one above 1,000,000, or covariates that are lacking.
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
    ///
    /// ```
    /// use leverkit_clv::{Columns, Family, Fit, Histories};
    /// let columns = Columns { frequency: vec![2.0], recency: vec![30.43], t: vec![38.86], ..Columns::default() };
    /// let customers = Histories::new(columns, Family::BetaGeo)?;
    /// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
    /// let chances: Vec<f64> = (0..50).map(|n| model.purchase_probability(&customers, 39.0, n).map(|each| each[0])).collect::<Result<_, _>>()?;
    /// assert!(chances[0] > chances[1] && (chances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
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

    /// The chances that new customers order 0, 1 … `most` times again in the time `t` of their history, beside the weight of each history.
    pub(crate) fn expected_counts(&self, newcomers: &Histories, most: usize) -> Result<Vec<(f64, Vec<f64>)>, Error> {
        let theta = self.estimates.theta();
        let counts = self.each(newcomers, |pattern, history| {
            let parameters = self.parameters_of(&theta, pattern);
            let first = History { t: 0.0, ..*history };
            with_family!(self.family, Model => {
                let model = Model::new(parameters, self.family.k());
                let alive = alive(&model, &first);
                let mut chances = model.counts_if_alive(&first, history.t, most);
                chances.iter_mut().for_each(|chance| *chance *= alive);
                chances[0] += 1.0 - alive;
                chances
            })
        })?;
        Ok(newcomers.each.iter().map(|row| row.weight).zip(counts).collect())
    }

    /// Orders after the first that are expected of a new customer within `t` of it.
    ///
    /// # Errors
    /// [`Error::Core`] for a negative time, one above 1,000,000, or a model with covariates, whose new customers differ.
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
    /// [`Error::Core`] for a negative time, one above 1,000,000, or shares outside (0, 1).
    ///
    /// ```
    /// use leverkit_clv::{Columns, Family, Fit, Histories};
    /// let columns = Columns { frequency: vec![6.0, 1.0], recency: vec![38.0, 5.0], t: vec![38.86; 2], ..Columns::default() };
    /// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
    /// let next = model.next_order(&Histories::new(columns, Family::BetaGeo)?, 52.0, 0.8, 0.5)?;
    /// assert!(next[0].returns > next[1].returns && next[0].time.estimate < next[1].time.estimate);
    /// assert!(next[0].lost_after.unwrap() > 0.0);
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
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

    /// Orders expected within the horizon, discounted, and their gradient on the scale of the search; of each distinct history. Without a horizon all that
    /// are still to come, the DERT of Fader, Hardie & Lee (2005).
    pub(crate) fn discounted(
        &self,
        histories: &Histories,
        horizon: Option<f64>,
        discount: f64,
    ) -> Result<Vec<(f64, Vec<f64>)>, Error> {
        let theta = self.estimates.theta();
        let horizon = horizon.unwrap_or(NOTHING_LEFT / discount);
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

    /// ∫ e^(−δt) dE(t) = e^(−δH) E(H) + δ ∫ e^(−δt) E(t) dt up to the horizon H, where E(t) are the orders expected in the next t. The integral runs over
    /// ln(1 + t/c): on this scale E is smooth, as models know times by powers of T + t, and 16 points serve for a stretch of 3.5. Occasions of BG/BB
    /// are discounted one by one.
    fn discounted_one(&self, theta: &[f64], pattern: &[f64], history: &History, horizon: f64, discount: f64) -> f64 {
        if discount == 0.0 {
            return self.at(theta, pattern, history, horizon, What::Purchases);
        }
        let orders = |t: f64| self.at(theta, pattern, history, t, What::Purchases);
        if self.family == Family::BetaGeoBetaBinom {
            return self.discounted_occasions(theta, pattern, history, horizon, discount);
        }
        let scale = history.t.max(horizon / 1000.0);
        let length = (horizon / scale).ln_1p();
        let panels = (length / 3.5).ceil();
        let mut sum = (-discount * horizon).exp() * orders(horizon);
        for i in 0..panels as usize {
            panel(length / panels * i as f64, length / panels, |v, weight| {
                let t = scale * v.exp_m1();
                sum += discount * weight * scale * v.exp() * (-discount * t).exp() * orders(t);
            });
        }
        sum
    }

    /// Σ e^(−δi) P(an order at occasion i).
    fn discounted_occasions(
        &self,
        theta: &[f64],
        pattern: &[f64],
        history: &History,
        horizon: f64,
        discount: f64,
    ) -> f64 {
        let model = BetaGeoBetaBinom::new(self.parameters_of(theta, pattern), 1);
        let each = model.chances_if_alive(history, horizon);
        alive(&model, history) * each.zip(1..).map(|(chance, i)| chance * (-discount * f64::from(i)).exp()).sum::<f64>()
    }

    fn at(&self, theta: &[f64], pattern: &[f64], history: &History, t: f64, what: What) -> f64 {
        let parameters = self.parameters_of(theta, pattern);
        with_family!(self.family, Model => {
            let model = Model::new(parameters, self.family.k());
            let alive = alive(&model, history);
            match what {
                What::Alive if t == 0.0 => alive,
                What::Alive => alive * model.stays_if_alive(history, t),
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
            .watched()
            .map(|&row| {
                let row = &histories.each[row as usize];
                of(&histories.patterns[row.pattern as usize], &row.history)
            })
            .collect();
        Ok(which.par_iter().watched().map(|&i| found[i as usize].clone()).collect())
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
    Ok(check::that((0.0..=FARTHEST).contains(&t), parameter, &t, "a time from 0 to 1,000,000 in the summary's unit")?)
}

impl Fit {
    /// The four parameters, without covariates.
    pub fn values(&self) -> [f64; N] {
        self.parameters_of(&self.estimates.theta(), &vec![0.0; self.covariates.len()])
    }
}
