//! Levers moved alone, in pairs and all together through the profit formula.

use leverkit_core::stats::budget::Watched;
use leverkit_core::{Error as Core, Params};
use leverkit_profit::{Direction, Error as Profit, Formula, Kind, solve};
use rayon::prelude::*;

use crate::Error;
use crate::decide::Decision;
use crate::draws::Draws;
use crate::error::wrong;
use crate::lever::{EXPECTED_LOSS, Engine, Gain, Lever};
use crate::params::JoinParams;
use crate::result::{LeverLeftOut, Overlap, Plan, PlannedLever};

/// Shapley's value looks at every subset: 4,096 of twelve levers.
const MOST_LEVERS: usize = 12;
/// A lever is sure where so many of its worlds earn money.
const SURE: f64 = 0.95;

/// Joins levers through a formula whose present values are of one period.
///
/// In each world the value of a lever's parameter is found that earns its money with all others as they are; of levers on one parameter the
/// changes add up. Only sure levers are joined: those that earn money in 95 % of the worlds and rest on no rule of thumb.
///
/// # Errors
/// [`Error::Core`] for more than twelve sure levers, two of one name, money that is no number or not of the same worlds, or `params` out of range; as
/// [`Formula::point`] for the values.
///
/// ```
/// use leverkit_plan::{Draws, Engine, Gain, Grade, JoinParams, Lever, join};
/// use leverkit_profit::Formula;
///
/// let lever = |name: &str, parameter: &str| Lever {
///     name: name.into(),
///     engine: Engine::Profit,
///     parameter: parameter.into(),
///     gain: Gain::Revenue,
///     money: Draws::new(vec![12_000.0; 100]),
///     grade: Grade::Test,
///     by_thumb: false,
///     effort: None,
///     n: 500,
///     subject: None,
///     facts: Vec::new(),
///     assumed: None,
///     trial: None,
/// };
/// // A month has 1,000 leads, of whom a tenth buys two pieces at 50: each lever alone is a tenth more.
/// let (formula, month) = (Formula::minimal(), [1000.0, 0.1, 50.0, 2.0]);
/// let found = join(&formula, &month, &[lever("ads", "leads"), lever("script", "conversion")], &JoinParams::default())?;
/// assert!((found.joint.estimate - 25_200.0).abs() < 1.0);
/// # Ok::<(), leverkit_plan::Error>(())
/// ```
pub fn join(formula: &Formula, values: &[f64], levers: &[Lever], params: &JoinParams) -> Result<Plan, Error> {
    params.check()?;
    check(levers)?;
    let profit = params.periods * formula.profit(values)?;
    let joining = Joining { formula, values, params };
    let known: Vec<&Lever> = levers.iter().filter(|lever| formula.position(&lever.parameter).is_ok()).collect();
    let moved = known.iter().map(|lever| joining.moves(lever)).collect::<Result<Vec<_>, Error>>()?;
    let is_sure = |lever: &Lever, moves: &Moves| moves.alone.chance() >= SURE && !lever.by_thumb;
    let all: Vec<(&Lever, Moves)> = known.into_iter().zip(moved).collect();
    let ways: Vec<&Lever> = all.iter().filter(|each| is_sure(each.0, &each.1)).map(|each| each.0).collect();
    let idle = all.iter().filter(|(lever, moves)| is_idle(lever, moves)).map(|(lever, _)| LeverLeftOut {
        name: lever.name.clone(),
        reason: format!("{} moves no profit in the periods by which money a year is told", lever.parameter),
    });
    let left_out = levers.iter().filter_map(|lever| left_out(formula, lever, &ways)).chain(idle).collect::<Vec<_>>();
    let stays = |lever: &Lever| left_out.iter().all(|left| left.name != lever.name);
    let (known, moved): (Vec<&Lever>, Vec<Moves>) = all.into_iter().filter(|(lever, _)| stays(lever)).unzip();
    let alone: Vec<&Draws> = moved.iter().map(|moves| &moves.alone).collect();
    let decisions = Decision::of(&known, &alone);
    let sure: Vec<usize> = (0..known.len()).filter(|&at| is_sure(known[at], &moved[at])).collect();
    if sure.len() > MOST_LEVERS {
        return Err(wrong("levers", sure.len().to_string(), "at most 12: join the small ones").into());
    }
    let joint = Joint::of(&joining, &sure, &moved)?;
    let planned = |at: usize| {
        let place = sure.iter().position(|&sure| sure == at);
        let position = formula.position(&known[at].parameter)?;
        Ok(PlannedLever {
            lever: in_profit(known[at], alone[at]),
            claimed: known[at].money.interval(params.level),
            value: values[position],
            new_value: moved[at].centre.0,
            capped: moved[at].centre.1,
            alone: alone[at].interval(params.level),
            part: place.map(|place| joint.part(place).interval(params.level)),
            chance: alone[at].chance(),
            decision: decisions[at],
        })
    };
    let mut levers = (0..known.len()).map(planned).collect::<Result<Vec<PlannedLever>, Error>>()?;
    let mut order: Vec<usize> = (0..levers.len()).collect();
    let unsure = |at: usize| levers[at].part.is_none();
    order.sort_by(|&a, &b| unsure(a).cmp(&unsure(b)).then(levers[b].net().total_cmp(&levers[a].net())).then(a.cmp(&b)));
    let overlaps = joint.overlaps(&order, &sure);
    levers = order.iter().map(|&at| levers[at].clone()).collect();
    Ok(Plan {
        params: *params,
        profit,
        joint: joint.all().interval(params.level),
        overlaps,
        levers,
        left_out,
        knows_costs: knows_costs(formula, values),
        notes: Vec::new(),
    })
}

/// The lever with what would be lost in profit, as its value is; engines tell it in revenue.
fn in_profit(lever: &Lever, alone: &Draws) -> Lever {
    let (money, share) = (lever.money.mean(), alone.mean() / lever.money.mean());
    let mut lever = lever.clone();
    if lever.gain == Gain::Revenue && money != 0.0 {
        lever.facts.iter_mut().filter(|(fact, _)| *fact == EXPECTED_LOSS).for_each(|(_, value)| *value *= share);
    }
    lever
}

/// Whether a lever promises money that its parameter cannot bring: a retention rate brings none where there was nobody to retain.
fn is_idle(lever: &Lever, moves: &Moves) -> bool {
    let is_nothing = |money: &f64| *money == 0.0;
    moves.alone.values().iter().all(is_nothing) && !lever.money.values().iter().all(is_nothing)
}

fn knows_costs(formula: &Formula, values: &[f64]) -> bool {
    let is_cost = |(parameter, &value): (&leverkit_profit::Parameter, &f64)| {
        parameter.kind == Kind::Money && parameter.direction == Direction::Down && value != 0.0
    };
    formula.parameters().iter().zip(values).any(is_cost)
}

/// A lever that cannot join the others, with the reason. `ways` are the sure ones.
fn left_out(formula: &Formula, lever: &Lever, ways: &[&Lever]) -> Option<LeverLeftOut> {
    let left_out = |reason| Some(LeverLeftOut { name: lever.name.clone(), reason });
    if formula.position(&lever.parameter).is_err() {
        return left_out(format!("the formula has no parameter {}", lever.parameter));
    }
    // A norm is a wish; the sure lever of another engine on the same parameter is the way to it. Both would count the same money twice.
    let way = ways.iter().find(|other| other.engine != Engine::Profit && other.parameter == lever.parameter)?;
    if lever.engine == Engine::Profit {
        left_out(format!("{} already works on {}", way.name, lever.parameter))
    } else {
        None
    }
}

fn check(levers: &[Lever]) -> Result<(), Core> {
    for (at, lever) in levers.iter().enumerate() {
        let money = lever.money.values();
        if money.is_empty() || money.len() != levers[0].money.values().len() {
            return Err(wrong(
                &lever.name,
                format!("money of {} worlds", money.len()),
                "as many as of the first lever",
            ));
        }
        if let Some(money) = money.iter().find(|money| !money.is_finite()) {
            return Err(wrong(&lever.name, money.to_string(), "finite money in every world"));
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
    params: &'a JoinParams,
}

/// What a lever does to its parameter.
struct Moves {
    position: usize,
    /// The change of the parameter in each world.
    changes: Vec<f64>,
    /// Its value where the lever earns its mean, and whether a bound stopped it.
    centre: (f64, bool),
    /// Profit a year of the lever alone.
    alone: Draws,
}

impl Joining<'_> {
    fn moves(&self, lever: &Lever) -> Result<Moves, Error> {
        let position = self.formula.position(&lever.parameter)?;
        let moved = lever.money.values().par_iter().watched().map(|money| Ok(self.moved(lever, *money)?.0));
        let moved = moved.collect::<Result<Vec<f64>, Error>>()?;
        let changes: Vec<f64> = moved.iter().map(|value| value - self.values[position]).collect();
        let profits = self.profits(changes.len(), &[(position, &changes)])?;
        let before = self.params.periods * self.formula.profit(self.values)?;
        let alone = Draws::new(profits).map(|after| after - before);
        Ok(Moves { position, changes, centre: self.moved(lever, lever.money.mean())?, alone })
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

    /// Profit a year in each of so many worlds, with the changes of some parameters.
    fn profits(&self, worlds: usize, changes: &[(usize, &[f64])]) -> Result<Vec<f64>, Error> {
        let mut columns: Vec<Vec<f64>> = self.values.iter().map(|&value| vec![value; worlds]).collect();
        for (position, changes) in changes {
            columns[*position].iter_mut().zip(*changes).for_each(|(value, change)| *value += change);
        }
        for (column, parameter) in columns.iter_mut().zip(self.formula.parameters()) {
            column.iter_mut().for_each(|value| *value = value.clamp(parameter.least(), parameter.most()));
        }
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let profits = &self.formula.evaluate(&columns)?[self.formula.node(self.formula.profit_name())?];
        Ok(profits.iter().map(|profit| self.params.periods * profit).collect())
    }
}

/// What every subset of the sure levers adds to profit a year, by the bits of their places.
struct Joint {
    by_subset: Vec<Draws>,
}

impl Joint {
    fn of(joining: &Joining<'_>, sure: &[usize], moved: &[Moves]) -> Result<Self, Error> {
        let worlds = moved.first().map_or(1, |moves| moves.changes.len());
        let before = joining.params.periods * joining.formula.profit(joining.values)?;
        let added = |subset: usize| {
            let pulled = sure.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1);
            let changes: Vec<(usize, &[f64])> =
                pulled.map(|(_, &at)| (moved[at].position, moved[at].changes.as_slice())).collect();
            Ok(Draws::new(joining.profits(worlds, &changes)?).map(|after| after - before))
        };
        let by_subset = (0..1usize << sure.len()).into_par_iter().watched().map(added).collect::<Result<_, Error>>()?;
        Ok(Self { by_subset })
    }

    fn all(&self) -> &Draws {
        &self.by_subset[self.by_subset.len() - 1]
    }

    /// The mean of what the lever adds, over all orders in which levers may be pulled (Shapley 1953): parts add up to the joint effect.
    fn part(&self, place: usize) -> Draws {
        let levers = self.by_subset.len().ilog2() as usize;
        let weight = |others: usize| 1.0 / (levers as f64 * binomial(levers - 1, others));
        let without = (0..self.by_subset.len()).filter(|subset| subset >> place & 1 == 0);
        without.fold(self.by_subset[0].clone(), |part, subset| {
            let weight = weight(subset.count_ones() as usize);
            let added =
                self.by_subset[subset | 1 << place].with(&self.by_subset[subset], |with, without| with - without);
            part.with(&added, |part, added| part + weight * added)
        })
    }

    /// What pairs of sure levers, which come first in `order`, share.
    fn overlaps(&self, order: &[usize], sure: &[usize]) -> Vec<Overlap> {
        let bit = |rank: usize| 1 << sure.iter().position(|&at| at == order[rank]).unwrap_or_default();
        let mean = |subset: usize| self.by_subset[subset].mean();
        let pair = |first: usize, second: usize| {
            let (a, b) = (bit(first), bit(second));
            Overlap { first, second, money: mean(a) + mean(b) - mean(a | b) }
        };
        (0..sure.len())
            .flat_map(|second| (0..second).map(move |first| (first, second)))
            .map(|(a, b)| pair(a, b))
            .collect()
    }
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, at| product * (n - at) as f64 / (at + 1) as f64)
}
