//! Features against money: whom a feature matters to, what those customers are worth, and what the feature costs.

use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::{Interval, percentile_interval};
use leverkit_core::{Error as CoreError, LeftOut, Params, Reason, Table, check, nearest};
use serde::{Deserialize, Serialize};

use super::{Feature, Kano};
use crate::Error;

/// Which column is what in a table of costs: one row per feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityParams {
    /// The feature, by its name in the survey.
    pub feature: String,
    /// What it costs, money above 0.
    pub cost: String,
    /// The share of customers whom it reaches; all of them without it.
    pub reach: Option<String>,
    /// Margin of the customers whom it reaches, money; shares of customers are compared without it.
    pub margin: Option<String>,
    /// Bootstrap samples of respondents.
    pub replicates: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl PriorityParams {
    /// Costs alone.
    pub fn new(feature: &str, cost: &str) -> Self {
        let (feature, cost) = (feature.into(), cost.into());
        Self { feature, cost, reach: None, margin: None, replicates: 1000, seed: 1 }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        [&self.feature, &self.cost].into_iter().chain(&self.reach).chain(&self.margin).cloned().collect()
    }
}

impl Params for PriorityParams {
    fn check(&self) -> Result<(), CoreError> {
        check::count("replicates", self.replicates, 1, 1_000_000)
    }
}

/// A feature with its cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Priority {
    /// Its place, from 1: the most at stake per money first.
    pub order: u64,
    /// The feature.
    pub feature: String,
    /// Its verdict.
    pub category: String,
    /// What it costs, money.
    pub cost: f64,
    /// The share of customers whom it reaches.
    pub reach: f64,
    /// The share of all customers whom it would satisfy: better × reach.
    pub satisfied: Interval,
    /// The share of all customers whom its absence dissatisfies: −worse × reach.
    pub dissatisfied: Interval,
    /// What is at stake: the share of customers to whom it matters (attractive, one-dimensional, must-be) × reach, or × their margin, money.
    pub stake: Interval,
    /// The same per money of cost.
    pub per_cost: Interval,
    /// The probability that no other feature has more at stake per money.
    pub first: f64,
}

/// Features in the order in which they pay.
#[derive(Debug, Clone)]
pub struct Priorities {
    /// By order.
    pub priorities: Vec<Priority>,
    /// Whether the stake is money.
    pub is_money: bool,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// A feature's row of the table of costs.
struct Cost {
    /// Its place among the judged features, and in the sample.
    at: (usize, usize),
    amount: f64,
    reach: f64,
    margin: Option<f64>,
}

impl Kano {
    /// Orders features by what is at stake per money: the share of customers to whom a feature matters, times those reached or their margin. What they would
    /// pay for it, or whether they would stay, no answer tells, and none is assumed.
    ///
    /// # Errors
    /// [`Error::Core`] for an unknown feature or column, a feature twice, a cost that is not above 0, or a reach that is no share; [`Error::Empty`] for an
    /// empty table.
    pub fn priorities(&self, costs: &Table, params: &PriorityParams) -> Result<Priorities, Error> {
        params.check()?;
        let (rows, left_out) = self.costs(costs, params)?;
        let matters = |shares: &[f64; 6]| shares[..3].iter().sum::<f64>();
        let stakes: Vec<f64> = rows.iter().map(|row| row.margin.unwrap_or(row.reach)).collect();
        let drawn: Vec<Vec<f64>> = self.sample.together(params.replicates, params.seed, |shares| {
            rows.iter().zip(&stakes).map(|(row, stake)| matters(&shares[row.at.1]) * stake / row.amount).collect()
        })?;
        let firsts = firsts(&drawn, rows.len());
        let mut found = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let feature: &Feature = &self.features[row.at.0];
            let own: Vec<f64> = drawn.iter().map(|drawn| drawn[place]).filter(|value| value.is_finite()).collect();
            let per_cost = matters(&feature.shares) * stakes[place] / row.amount;
            let per_cost = percentile_interval(per_cost, &own, self.params.level)?;
            let none = Interval::around(0.0, 0.0);
            let (better, worse) = feature.coefficients.map_or((none, none), |of| (of.better, of.worse));
            found.push(Priority {
                order: 0,
                feature: feature.feature.clone(),
                category: feature.category(),
                cost: row.amount,
                reach: row.reach,
                satisfied: better.map(|share| share * row.reach),
                dissatisfied: Interval {
                    estimate: -worse.estimate * row.reach,
                    lower: -worse.upper * row.reach,
                    upper: -worse.lower * row.reach,
                },
                stake: per_cost.map(|value| value * row.amount),
                per_cost,
                first: firsts[place],
            });
        }
        found.sort_by(|a, b| {
            b.per_cost.estimate.total_cmp(&a.per_cost.estimate).then_with(|| a.feature.cmp(&b.feature))
        });
        found.iter_mut().zip(1..).for_each(|(row, order)| row.order = order);
        let is_money = params.margin.is_some();
        Ok(Priorities { priorities: found, is_money, notes: self.without_cost(&rows), left_out })
    }

    fn without_cost(&self, rows: &[Cost]) -> Vec<String> {
        let is_left = |(at, _): &(usize, &Feature)| !rows.iter().any(|row| row.at.0 == *at);
        let left: Vec<&str> =
            self.features.iter().enumerate().filter(is_left).map(|(_, feature)| feature.feature.as_str()).collect();
        if left.is_empty() { Vec::new() } else { vec![format!("Without a cost, and left out: {}.", left.join(", "))] }
    }

    fn costs(&self, table: &Table, params: &PriorityParams) -> Result<(Vec<Cost>, Vec<LeftOut>), Error> {
        let names = find(table, "feature", &params.feature)?.texts();
        let column = |role: &str, name: &str| numbers(&find(table, role, name)?, role);
        let costs = column("cost", &params.cost)?;
        let reach = params.reach.as_ref().map(|name| column("reach", name)).transpose()?;
        let margin = params.margin.as_ref().map(|name| column("margin", name)).transpose()?;
        let mut tallies = Tallies::default();
        let mut rows: Vec<Cost> = Vec::new();
        for (row, name) in names.iter().enumerate() {
            let reached = reach.as_ref().map_or(1.0, |reach| reach[row]);
            let worth = margin.as_ref().map(|margin| margin[row]);
            let (Some(name), false) = (name, costs[row].is_nan() || reached.is_nan() || worth.is_some_and(f64::is_nan))
            else {
                tallies.note(Reason::NoFeatureOrCost, row, f64::NAN);
                continue;
            };
            let refuse = |role: &str, column: &str, got: String, expected: &str| {
                let (role, column, expected) = (role.into(), column.into(), expected.into());
                Error::from(CoreError::UnknownValue { role, column, row, got, expected })
            };
            let at = self
                .place_of(name)
                .map_err(|expected| refuse("feature", &params.feature, format!("{name:?}"), &expected))?;
            if rows.iter().any(|row| row.at == at) {
                return Err(refuse("feature", &params.feature, format!("{name:?} again"), "each feature once"));
            }
            if costs[row] <= 0.0 {
                return Err(refuse("cost", &params.cost, costs[row].to_string(), "a cost above 0"));
            }
            if !(0.0..=1.0).contains(&reached) {
                let column = params.reach.as_deref().unwrap_or_default();
                return Err(refuse("reach", column, reached.to_string(), "a share of customers, from 0 to 1"));
            }
            rows.push(Cost { at, amount: costs[row], reach: reached, margin: worth });
        }
        let left_out = tallies.left_out(&[Reason::NoFeatureOrCost]);
        if rows.is_empty() { Err(Error::empty("priorities", table.rows(), &left_out)) } else { Ok((rows, left_out)) }
    }

    /// The place of a feature among the judged ones and in the sample; else what would do.
    fn place_of(&self, name: &str) -> Result<(usize, usize), String> {
        let judged = self.features.iter().position(|feature| feature.feature == name);
        let sampled = self.sample.features.iter().position(|feature| feature.name == name);
        judged.zip(sampled).ok_or_else(|| {
            let near = nearest(name, self.features.iter().map(|feature| feature.feature.as_str()));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            format!("a feature of the survey{hint}")
        })
    }
}

/// How often each has the most; those that are level share it.
fn firsts(drawn: &[Vec<f64>], rows: usize) -> Vec<f64> {
    let mut firsts = vec![0.0; rows];
    for values in drawn {
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let level: Vec<usize> = (0..rows).filter(|&at| values[at] == most).collect();
        level.iter().for_each(|&at| firsts[at] += 1.0 / level.len() as f64);
    }
    firsts.iter().map(|first| first / drawn.len() as f64).collect()
}
