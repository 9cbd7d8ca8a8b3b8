//! Whether those whose need is met return more often: what people say about a need, held against what they do afterwards.

use faer::Mat;
use leverkit_core::analysis::of_model;
use leverkit_core::columns::{days, find};
use leverkit_core::stats::{Estimate, Interval, benjamini_hochberg};
use leverkit_core::{Day, Ledger, LeftOut, Params, Table};
use leverkit_stats::regression::Logistic;
use serde::Serialize;

use super::answered::Answered;
use super::compared::verdict;
use super::params::MetNeedsParams;
use crate::Error;
use crate::answers::{FEW, RATING, Reading};

/// A need, and the return of those for whom it is met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetNeed {
    /// The need.
    pub need: String,
    /// Respondents.
    pub n: u64,
    /// The share for whom it is met.
    pub met: f64,
    /// The share of these who returned.
    pub returned_met: Option<f64>,
    /// The share of the others who did.
    pub returned_unmet: Option<f64>,
    /// Points by which more of the others would return if they were as those for whom it is met, all else equal; `None` where all or none are met.
    pub effect: Option<Estimate>,
    /// By Benjamini & Hochberg over all needs.
    pub q_value: Option<f64>,
    /// Of the others who do not return, the share who would.
    pub kept: Option<Interval>,
    /// `higher`, `lower` or `can't tell`.
    pub verdict: &'static str,
}

/// Needs held against return.
#[derive(Debug, Clone)]
pub struct MetNeeds {
    /// What it was made with.
    pub params: MetNeedsParams,
    /// The needs, as they were given.
    pub needs: Vec<MetNeed>,
    /// Respondents who are compared.
    pub n: u64,
    /// The share of them who returned.
    pub returned: f64,
    /// Respondents who are no customers.
    pub unknown: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Holds met needs against return: a logit of having ordered within the horizon after the answer on all needs, and on orders, money and the days since the last order
/// before it, so that good customers are compared with good ones.
///
/// It is an observed difference: those for whom a need is met may be others in ways that no order shows. Only a test tells what meeting it does.
///
/// # Errors
/// [`Error::Core`] for an unknown column; [`Error::Empty`] where nobody answered; [`Error::NotIdentified`] where no respondent is a customer, the ledger ends before the
/// horizon, fewer than 30 can be compared, all or none returned, or needs go together so closely that they can't be told apart.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Table, batch, parse_day};
/// use leverkit_survey::{MetNeedsParams, met_needs};
/// let happy = |id: i64| id % 2 == 0;
/// let (mut ids, mut days) = (Vec::new(), Vec::new());
/// for id in 0..200_i64 {
///     ids.push(id);
///     days.push(format!("2024-01-{:02}", 1 + id % 20));
///     if id % 10 < if happy(id) { 8 } else { 3 } {
///         ids.push(id);
///         days.push("2024-03-15".to_owned());
///     }
/// }
/// ids.push(999);
/// days.push("2024-08-01".to_owned());
/// let n = ids.len();
/// let lines = batch!("c" => ids, "t" => days, "a" => vec![10.0; n])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let answers = batch!("who" => (0..200_i64).collect::<Vec<_>>(), "easy" => (0..200).map(|id| if happy(id) { 5.0 } else { 2.0 }).collect::<Vec<_>>())?;
/// let found = met_needs(&ledger, &Table::from(answers), &MetNeedsParams::new("who", &["easy"], parse_day("on", "2024-02-01")?))?;
/// assert_eq!(found.needs[0].verdict, "higher");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn met_needs(ledger: &Ledger, table: &Table, params: &MetNeedsParams) -> Result<MetNeeds, Error> {
    params.check()?;
    let mut answered = Answered::read(ledger, table, &params.people(), "met_needs")?;
    let (compared, out) = Compared::read(ledger, table, &answered, params)?;
    let mut notes = std::mem::take(&mut answered.notes);
    notes.extend(out.said(params));
    compared.check()?;
    let fit = Logistic::of(&compared.rows, compared.width, &compared.returned).map_err(of_model("met_needs"))?;
    let needs = judged((0..params.needs.len()).map(|need| compared.need(need, &fit, params)).collect(), params.fdr);
    Ok(MetNeeds {
        needs,
        n: compared.n() as u64,
        returned: compared.share(|_| true).unwrap_or_default(),
        unknown: answered.unknown,
        notes,
        left_out: answered.left_out,
        params: params.clone(),
    })
}

fn judged(mut needs: Vec<MetNeed>, fdr: f64) -> Vec<MetNeed> {
    let p_values: Vec<f64> = needs.iter().map(|need| need.effect.map_or(f64::NAN, |effect| effect.p_value)).collect();
    for (need, q_value) in needs.iter_mut().zip(benjamini_hochberg(&p_values)) {
        need.q_value = Some(q_value).filter(|q| !q.is_nan());
        need.verdict = verdict(need.effect.as_ref(), q_value, fdr);
    }
    needs
}

/// Respondents who can't be compared.
#[derive(Default)]
struct NotCompared {
    unanswered: u64,
    undated: u64,
    new: u64,
    too_late: u64,
}

impl NotCompared {
    fn said(&self, params: &MetNeedsParams) -> Vec<String> {
        let mut notes = Vec::new();
        if self.unanswered > 0 {
            notes.push(format!("{} respondents left out who did not answer on all needs.", self.unanswered));
        }
        if self.undated > 0 {
            notes.push(format!("{} respondents left out whose day of answering is unknown.", self.undated));
        }
        if self.new > 0 {
            notes.push(format!("{} respondents left out who had not ordered before they answered.", self.new));
        }
        if self.too_late > 0 {
            notes.push(format!(
                "{} respondents left out whose {} days after the answer are not over.",
                self.too_late, params.horizon
            ));
        }
        notes
    }
}

/// Respondents who can be compared: their needs and their past, row by row, and whether they returned.
struct Compared {
    /// A row of the logit: 1, the needs, the past.
    width: usize,
    rows: Vec<f64>,
    returned: Vec<bool>,
}

impl Compared {
    fn read(
        ledger: &Ledger,
        table: &Table,
        answered: &Answered,
        params: &MetNeedsParams,
    ) -> Result<(Self, NotCompared), Error> {
        let respondent = find(table, "customer", &params.customer)?;
        let reading = Reading { table, own: &params.scale, respondent: Some(respondent) };
        let answers = reading.numbers("needs", &params.needs.iter().collect::<Vec<_>>(), &RATING)?;
        let asked = params.asked.as_ref().map(|name| days(&find(table, "asked", name)?, "asked")).transpose()?;
        let last = ledger.seen_until(ledger.as_of());
        let horizon = i32::try_from(params.horizon).unwrap_or(i32::MAX);
        let (mut found, mut out) = (Vec::new(), NotCompared::default());
        for (&row, &customer) in answered.rows.iter().zip(&answered.customers) {
            if answers.iter().any(|answers| answers[row].is_nan()) {
                out.unanswered += 1;
                continue;
            }
            let Some(day) = asked.as_ref().map_or(params.on, |asked| asked[row]) else {
                out.undated += 1;
                continue;
            };
            let Some(past) = past(ledger, customer, day) else {
                out.new += 1;
                continue;
            };
            if day + horizon > last {
                out.too_late += 1;
                continue;
            }
            let is_return = |at: &Day| *at > day && *at <= day + horizon;
            let met = answers.iter().map(|answers| f64::from(u8::from(answers[row] >= params.met))).collect();
            found.push(Person { met, past, returned: ledger.customer(customer).order_days.iter().any(is_return) });
        }
        Ok((Self::of(&found, params.needs.len()), out))
    }

    /// The past in standard deviations; what is the same for all is left out.
    fn of(people: &[Person], needs: usize) -> Self {
        let n = people.len() as f64;
        let spread = |at: usize| {
            let mean = people.iter().map(|person| person.past[at]).sum::<f64>() / n;
            let variance = people.iter().map(|person| (person.past[at] - mean).powi(2)).sum::<f64>() / n;
            (variance > 1e-12).then(|| (at, mean, variance.sqrt()))
        };
        let spreads: Vec<(usize, f64, f64)> = (0..3).filter_map(spread).collect();
        let row = |person: &Person| {
            let past: Vec<f64> = spreads.iter().map(|(at, mean, sd)| (person.past[*at] - mean) / sd).collect();
            std::iter::once(1.0).chain(person.met.clone()).chain(past).collect::<Vec<f64>>()
        };
        Self {
            width: 1 + needs + spreads.len(),
            rows: people.iter().flat_map(row).collect(),
            returned: people.iter().map(|person| person.returned).collect(),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let n = self.n();
        let returned = self.returned.iter().filter(|returned| **returned).count();
        if n < FEW {
            let reason = format!("{n} respondents can be compared; at least {FEW} are needed");
            return Err(Error::not_identified("met_needs", reason));
        }
        if returned == 0 || returned == n {
            let reason =
                format!("{returned} of {n} respondents returned; some must, and some must not: change the horizon");
            return Err(Error::not_identified("met_needs", reason));
        }
        Ok(())
    }

    fn n(&self) -> usize {
        self.returned.len()
    }

    fn row(&self, at: usize) -> &[f64] {
        &self.rows[at * self.width..][..self.width]
    }

    /// The share of respondents who returned.
    fn share(&self, is_in: impl Fn(usize) -> bool) -> Option<f64> {
        let inside: Vec<bool> = (0..self.n()).filter(|&at| is_in(at)).map(|at| self.returned[at]).collect();
        let returned = inside.iter().filter(|returned| **returned).count();
        (!inside.is_empty()).then(|| returned as f64 / inside.len() as f64)
    }

    fn need(&self, need: usize, fit: &Logistic, params: &MetNeedsParams) -> MetNeed {
        let column = 1 + need;
        let is_met = |at: usize| self.row(at)[column] == 1.0;
        let unmet: Vec<usize> = (0..self.n()).filter(|&at| !is_met(at)).collect();
        let met = 1.0 - unmet.len() as f64 / self.n() as f64;
        let worlds = (0.0 < met && met < 1.0).then(|| [0.0, 1.0].map(|met| self.mean_chance(&unmet, column, met, fit)));
        MetNeed {
            need: params.needs[need].clone(),
            n: self.n() as u64,
            met,
            returned_met: self.share(is_met),
            returned_unmet: self.share(|at| !is_met(at)),
            effect: worlds.as_ref().map(|worlds| effect(worlds, fit, params.level)),
            q_value: None,
            kept: worlds.as_ref().map(|worlds| kept(worlds, fit, params.level)),
            verdict: "can't tell",
        }
    }

    /// The mean chance of return of some respondents, were their need met or not, and how it changes with each coefficient.
    fn mean_chance(&self, places: &[usize], column: usize, met: f64, fit: &Logistic) -> World {
        let mut world = World { chance: 0.0, gradient: vec![0.0; self.width] };
        for &at in places {
            let mut row = self.row(at).to_vec();
            row[column] = met;
            let chance = fit.chance(&row);
            world.chance += chance / places.len() as f64;
            let slope = chance * (1.0 - chance) / places.len() as f64;
            world.gradient.iter_mut().zip(&row).for_each(|(sum, x)| *sum += slope * x);
        }
        world
    }
}

/// One respondent: needs met, the past, whether they returned.
struct Person {
    met: Vec<f64>,
    past: [f64; 3],
    returned: bool,
}

/// Orders, money and silence before a day, in logarithms; `None` without an order.
fn past(ledger: &Ledger, customer: u32, day: Day) -> Option<[f64; 3]> {
    let lines = ledger.customer(customer);
    let orders = lines.order_days.partition_point(|at| *at <= day);
    let last = *lines.order_days.get(orders.checked_sub(1)?)?;
    let before = lines.days.partition_point(|at| *at <= day);
    let money: f64 = lines.amounts[..before].iter().sum();
    Some([(orders as f64).ln(), money.max(0.0).ln_1p(), f64::from(day - last).ln_1p()])
}

/// A mean chance of return, and its gradient.
struct World {
    chance: f64,
    gradient: Vec<f64>,
}

fn effect([unmet, met]: &[World; 2], fit: &Logistic, level: f64) -> Estimate {
    let gradient: Vec<f64> = met.gradient.iter().zip(&unmet.gradient).map(|(met, unmet)| met - unmet).collect();
    Estimate::normal(met.chance - unmet.chance, error(&gradient, &fit.covariance), level)
}

/// (p₁ − p₀) / (1 − p₀), with limits by the delta method, none above 1.
fn kept([unmet, met]: &[World; 2], fit: &Logistic, level: f64) -> Interval {
    let lost = 1.0 - unmet.chance;
    let slope =
        |(met_slope, unmet_slope): (&f64, &f64)| met_slope / lost - unmet_slope * (1.0 - met.chance) / (lost * lost);
    let gradient: Vec<f64> = met.gradient.iter().zip(&unmet.gradient).map(slope).collect();
    let value = (met.chance - unmet.chance) / lost;
    Estimate::normal(value, error(&gradient, &fit.covariance), level).interval.map(|limit| limit.min(1.0))
}

fn error(gradient: &[f64], covariance: &Mat<f64>) -> f64 {
    let row = |(i, a): (usize, &f64)| gradient.iter().enumerate().map(|(j, b)| a * covariance[(i, j)] * b).sum::<f64>();
    gradient.iter().enumerate().map(row).sum::<f64>().max(0.0).sqrt()
}
