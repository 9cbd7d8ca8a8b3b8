//! Levers moved alone, in pairs and all together through the profit formula.

use leverkit_core::stats::{Interval, normal_quantile, percentile_interval};
use leverkit_core::{Error as Core, Params};
use leverkit_profit::{Direction, Error as Profit, Formula, Kind, solve};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::Error;
use crate::error::wrong;
use crate::lever::{Engine, Gain, Lever};
use crate::params::JoinParams;
use crate::result::{LeverLeftOut, Overlap, Plan, PlannedLever};

/// Shapley's value looks at every subset: 4,096 of twelve levers.
const MOST_LEVERS: usize = 12;

/// Joins levers through a formula whose present values are of one period.
///
/// For each lever the value of its parameter is found that earns its money with all others as they are; of levers on one parameter the
/// changes add up. Limits are those of draws: each lever's money by a normal distribution with its own spread on either side of the estimate,
/// independent of the others.
///
/// # Errors
/// [`Error::Core`] for more than twelve levers, two of one name, money that is no number, or `params` out of range; as [`Formula::point`]
/// for the values.
pub fn join(formula: &Formula, values: &[f64], levers: &[Lever], params: &JoinParams) -> Result<Plan, Error> {
    params.check()?;
    check(levers)?;
    let profit = params.periods * formula.profit(values)?;
    let reasons: Vec<Option<String>> = levers.iter().map(|lever| why_not(formula, lever, levers)).collect();
    let known = levers.iter().zip(&reasons).filter(|(_, reason)| reason.is_none()).map(|(lever, _)| lever).collect();
    let left_out = levers
        .iter()
        .zip(&reasons)
        .filter_map(|(lever, reason)| Some(LeverLeftOut { name: lever.name.clone(), reason: reason.clone()? }))
        .collect();
    let joining = Joining { formula, values, levers: known, params };
    let centre = joining.effects(&vec![0.0; joining.levers.len()])?;
    let draws = joining.draws()?;
    let planned = joining.planned(&centre, &draws)?;
    let joint = joining.limits(&draws, &centre, &Effects::of_all)?;
    let mut order: Vec<usize> = (0..planned.len()).collect();
    order.sort_by(|&a, &b| planned[b].net().total_cmp(&planned[a].net()).then(a.cmp(&b)));
    Ok(Plan {
        params: *params,
        profit,
        joint,
        overlaps: overlaps(&centre, &order),
        levers: order.iter().map(|&at| planned[at].clone()).collect(),
        left_out,
        knows_costs: knows_costs(formula, values),
        notes: Vec::new(),
    })
}

fn knows_costs(formula: &Formula, values: &[f64]) -> bool {
    let is_cost = |(parameter, &value): (&leverkit_profit::Parameter, &f64)| {
        parameter.kind == Kind::Money && parameter.direction == Direction::Down && value != 0.0
    };
    formula.parameters().iter().zip(values).any(is_cost)
}

/// Why a lever cannot join the others.
fn why_not(formula: &Formula, lever: &Lever, levers: &[Lever]) -> Option<String> {
    if formula.position(&lever.parameter).is_err() {
        return Some(format!("the formula has no parameter {}", lever.parameter));
    }
    // A norm is a wish; the lever of another engine on the same parameter is the way to it. Both would count the same money twice.
    let way = levers.iter().find(|other| other.engine != Engine::Profit && other.parameter == lever.parameter)?;
    (lever.engine == Engine::Profit).then(|| format!("{} already works on {}", way.name, lever.parameter))
}

fn check(levers: &[Lever]) -> Result<(), Core> {
    if levers.len() > MOST_LEVERS {
        return Err(wrong("levers", levers.len().to_string(), "at most 12: join the small ones"));
    }
    for (at, lever) in levers.iter().enumerate() {
        let Interval { estimate, lower, upper } = lever.money;
        if !(lower <= estimate && estimate <= upper && lower.is_finite() && upper.is_finite()) {
            return Err(wrong(
                &lever.name,
                format!("{estimate} from {lower} to {upper}"),
                "finite money between its limits",
            ));
        }
        if levers[..at].iter().any(|other| other.name == lever.name) {
            return Err(wrong("levers", format!("{} twice", lever.name), "each lever once"));
        }
    }
    Ok(())
}

struct Joining<'a> {
    formula: &'a Formula,
    values: &'a [f64],
    levers: Vec<&'a Lever>,
    params: &'a JoinParams,
}

/// What every subset of the levers adds to profit a year, by the bits of their positions.
struct Effects {
    by_subset: Vec<f64>,
    /// The value of each lever's parameter, and whether a bound stopped it.
    moved: Vec<(f64, bool)>,
}

impl Joining<'_> {
    /// The levers alone and their parts, in the order that they came.
    fn planned(&self, centre: &Effects, draws: &[Effects]) -> Result<Vec<PlannedLever>, Error> {
        let planned = |(at, lever): (usize, &&Lever)| {
            let (new_value, capped) = centre.moved[at];
            Ok(PlannedLever {
                lever: (*lever).clone(),
                value: self.values[self.formula.position(&lever.parameter)?],
                new_value,
                capped,
                alone: self.limits(draws, centre, &|effects| effects.of_subset(1 << at))?,
                part: self.limits(draws, centre, &|effects| effects.shapley(at))?,
            })
        };
        self.levers.iter().enumerate().map(planned).collect()
    }

    /// A number of the effects, with its limits over the draws.
    fn limits(&self, draws: &[Effects], centre: &Effects, of: &dyn Fn(&Effects) -> f64) -> Result<Interval, Error> {
        let replicates: Vec<f64> = draws.iter().map(of).collect();
        percentile_interval(of(centre), &replicates, self.params.level)
            .map_err(|error| wrong("draws", error.to_string(), "finite profit in every draw").into())
    }

    fn draws(&self) -> Result<Vec<Effects>, Error> {
        let mut random = Pcg64::seed_from_u64(self.params.seed);
        let normal: Vec<Vec<f64>> = (0..self.params.draws)
            .map(|_| self.levers.iter().map(|_| random.sample(StandardNormal)).collect())
            .collect();
        normal.par_iter().map(|normal| self.effects(normal)).collect()
    }

    /// The effects where each lever's money lies so many standard deviations from its estimate; its limits are those of 95 %.
    fn effects(&self, normal: &[f64]) -> Result<Effects, Error> {
        let z = normal_quantile(0.975);
        let mut moved = Vec::new();
        for (lever, normal) in self.levers.iter().zip(normal) {
            let Interval { estimate, lower, upper } = lever.money;
            let spread = if *normal < 0.0 { estimate - lower } else { upper - estimate } / z;
            moved.push(self.moved(lever, estimate + normal * spread)?);
        }
        Ok(Effects { by_subset: self.by_subset(&moved)?, moved })
    }

    /// The value of a lever's parameter that earns its money, or the bound at which it stops.
    fn moved(&self, lever: &Lever, money: f64) -> Result<(f64, bool), Error> {
        let node = match lever.gain {
            Gain::Revenue => "revenue",
            Gain::Profit => self.formula.profit_name(),
        };
        let position = self.formula.position(&lever.parameter)?;
        let before = self.formula.point(self.values)?[self.formula.node(node)?];
        match solve(self.formula, self.values, node, before + money / self.params.periods, &lever.parameter) {
            Ok(value) => Ok((value, false)),
            Err(Profit::Core(Core::Parameter { parameter, .. })) if parameter == "target" => {
                let parameter = &self.formula.parameters()[position];
                let rises = (parameter.direction == Direction::Up) == (money > 0.0);
                let bound = if rises { parameter.most() } else { parameter.least() };
                // A parameter without a bound that does not reach the money has no effect on it.
                Ok((if bound.is_finite() { bound } else { self.values[position] }, true))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn by_subset(&self, moved: &[(f64, bool)]) -> Result<Vec<f64>, Error> {
        let subsets = 1usize << moved.len();
        let mut columns: Vec<Vec<f64>> = self.values.iter().map(|&value| vec![value; subsets]).collect();
        for (at, (lever, (value, _))) in self.levers.iter().zip(moved).enumerate() {
            let position = self.formula.position(&lever.parameter)?;
            let change = value - self.values[position];
            (0..subsets).filter(|subset| subset >> at & 1 == 1).for_each(|subset| columns[position][subset] += change);
        }
        for (column, parameter) in columns.iter_mut().zip(self.formula.parameters()) {
            column.iter_mut().for_each(|value| *value = value.clamp(parameter.least(), parameter.most()));
        }
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let profit = self.formula.node(self.formula.profit_name())?;
        let profits = &self.formula.evaluate(&columns)?[profit];
        Ok(profits.iter().map(|after| self.params.periods * (after - profits[0])).collect())
    }
}

impl Effects {
    fn of_subset(&self, subset: usize) -> f64 {
        self.by_subset[subset]
    }

    fn of_all(&self) -> f64 {
        self.by_subset[self.by_subset.len() - 1]
    }

    /// The mean of what the lever adds, over all orders in which levers may be pulled (Shapley 1953).
    fn shapley(&self, at: usize) -> f64 {
        let levers = self.moved.len();
        let weight = |others: usize| 1.0 / (levers as f64 * binomial(levers - 1, others));
        (0..self.by_subset.len())
            .filter(|subset| subset >> at & 1 == 0)
            .map(|subset| {
                let added = self.by_subset[subset | 1 << at] - self.by_subset[subset];
                weight(subset.count_ones() as usize) * added
            })
            .sum()
    }
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, at| product * (n - at) as f64 / (at + 1) as f64)
}

fn overlaps(centre: &Effects, order: &[usize]) -> Vec<Overlap> {
    let pair = |first: usize, second: usize| {
        let (a, b) = (1 << order[first], 1 << order[second]);
        let money = centre.of_subset(a) + centre.of_subset(b) - centre.of_subset(a | b);
        Overlap { first, second, money }
    };
    (0..order.len()).flat_map(|second| (0..second).map(move |first| pair(first, second))).collect()
}
