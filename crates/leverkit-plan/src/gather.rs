//! The plan from a ledger: what the engines find, and what they cannot.

use std::fmt::Display;

use leverkit_core::{DAYS_PER_YEAR, Ledger, Params, format_day};
use leverkit_funnel::{BasketRules, EntryParams, EntryProducts, RuleParams, basket_rules, entry_products};
use leverkit_profit::{Base, Formula, MeasureParams, Measurement, measure};
use leverkit_rfm::{LimitDayParams, TriggerParams, Triggers, limit_day, triggers};

use crate::Error;
use crate::demand::Demand;
use crate::dormant::dormant_after;
use crate::draws::Dice;
use crate::fading::{Fading, fading};
use crate::grade::Grade;
use crate::joint::join;
use crate::leaking::Leaking;
use crate::lever::{Gain, Lever};
use crate::levers::{close_leaks, keep_customers, recommend, revive_segments, shift_entries, to_norm, win_back};
use crate::params::{CLOSE_LEAKS, LEVERS, PlanParams, TO_NORM};
use crate::prices::{Market, move_prices};
use crate::result::{LeverLeftOut, Plan};
use crate::year::Year;

/// More products than this are articles, whose pairs tell little.
const MOST_PRODUCTS: usize = 20_000;
/// Why levers that trade price for volume cannot be judged.
const NO_COSTS: &str =
    "unit costs are needed to judge it: a higher price loses sales, and what a lost sale costs is its margin";

/// The levers that the engines find in a ledger, joined through the full formula at the rate of the last twelve complete months (of all complete periods
/// where there are fewer, with a note). An engine that cannot say anything brings no lever, and a note says why.
///
/// # Errors
/// [`Error::Core`] for a parameter out of its range; what [`limit_day`], [`measure`] and [`move_prices`] refuse.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_plan::{PlanParams, plan};
///
/// // A hundred customers order every ten days; a third of them stops half-way.
/// let orders: Vec<(i32, i32)> =
///     (0..100).flat_map(|who| (0..40).map(move |time| (who, time))).filter(|(who, time)| who % 3 > 0 || *time < 20).collect();
/// let lines = batch!(
///     "who" => each(&orders, |order| order.0),
///     "day" => each(&orders, |order| format_day(19_000 + order.1 * 10 + order.0 % 7)),
///     "paid" => vec![25.0; orders.len()],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid"))?;
/// let found = plan(&ledger, &PlanParams { horizon: 30, ..PlanParams::default() })?;
/// assert!(found.levers.iter().any(|planned| planned.lever.name == "keep_customers"));
/// // Nobody has tried or said what a call brings: no lever is sure, and the plan says what to test.
/// assert!(found.levers.iter().all(|planned| !planned.is_sure()) && found.joint.estimate == 0.0);
/// assert!(found.test_first().and_then(|planned| planned.test_size()).is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan(ledger: &Ledger, params: &PlanParams) -> Result<Plan, Error> {
    params.check()?;
    let found = Found::of(ledger, params)?;
    let formula = Formula::full();
    let values = present(&formula, &found.measurement.base, &params.scenario)?;
    let (mut levers, left_out) = found.levers(ledger, &formula, &values, params)?;
    for (name, money) in &params.effort {
        levers.iter_mut().filter(|lever| lever.name == *name).for_each(|lever| lever.effort = Some(*money));
    }
    let joined = join(&formula, &values, &levers, &params.join())?;
    let is_there = |name: &String| joined.levers.iter().any(|planned| planned.lever.name == *name);
    let unused = params.effort.iter().filter(|(name, _)| !is_there(name));
    let unused = unused.map(|(name, _)| format!("{name} has an effort, but the data hold no such lever."));
    let notes = found.notes.into_iter().chain([based_on(&found.measurement.base)]).chain(unused).collect();
    let left_out = joined.left_out.into_iter().chain(left_out).collect();
    Ok(Plan { left_out, notes, ..joined })
}

/// The values of the base, those of the scenario over them.
fn present(formula: &Formula, base: &Base, scenario: &[(String, f64)]) -> Result<Vec<f64>, Error> {
    let mut values = base.values.clone();
    for (name, value) in scenario {
        let position = formula.position(name)?;
        values[position] = *value;
    }
    Ok(values)
}

/// Which periods money a year is told by.
fn based_on(base: &Base) -> String {
    let (start, end) = (format_day(base.start), format_day(base.end));
    if base.is_year {
        return format!("Money a year is that of the last complete year, {start} to {end}.");
    }
    let n = base.periods;
    if n == 1 {
        return format!(
            "Money a year is that of one period, {start} to {end}, times the periods of a year: seasons are not in it, and chance is."
        );
    }
    format!(
        "Money a year is the mean of {n} periods, {start} to {end}, times the periods of a year: there is no complete year, so seasons are not in it."
    )
}

/// What the engines found, and what they could not.
struct Found {
    measurement: Measurement,
    triggers: Option<Triggers>,
    entries: Option<EntryProducts>,
    rules: Option<BasketRules>,
    fading: Option<Fading>,
    leaking: Option<Leaking>,
    market: Option<Market>,
    knows_costs: bool,
    /// Whether there are segments to compare.
    has_segments: bool,
    notes: Vec<String>,
}

impl Found {
    fn of(ledger: &Ledger, params: &PlanParams) -> Result<Self, Error> {
        let mut notes = Vec::new();
        let measurement = measured(ledger, params)?;
        let triggers = attempt(triggers(ledger, &calls(ledger, params)), "triggers", &mut notes);
        let products = params.product.as_ref().map(|dimension| ledger.with_product(dimension)).transpose()?;
        let (entries, rules) = of_products(products.as_ref().unwrap_or(ledger), &mut notes);
        let knows_costs = ledger.unit_costs().is_some();
        Ok(Self {
            triggers,
            entries,
            rules,
            fading: fading(ledger, measurement.base.end),
            // A lever that nobody could judge is not looked for.
            leaking: if knows_costs { leaks(ledger, &mut notes) } else { None },
            market: Market::of(ledger)?,
            knows_costs,
            has_segments: !ledger.dimensions().is_empty(),
            measurement,
            notes,
        })
    }

    /// The levers, and what brings none.
    fn levers(
        &self,
        ledger: &Ledger,
        formula: &Formula,
        values: &[f64],
        params: &PlanParams,
    ) -> Result<(Vec<Lever>, Vec<LeverLeftOut>), Error> {
        let shares = &params.assumptions;
        let mut dice = Dice::new(params.seed, params.draws);
        let demand = self.demand(formula, values, params, &mut dice)?;
        let year = &Year::of(ledger, &self.measurement, &shares.growth, &mut dice);
        let gain = if self.knows_costs { Gain::Profit } else { Gain::Revenue };
        let triggers = self.triggers.as_ref();
        let engines = [
            triggers.and_then(|found| keep_customers(found, year, shares, &mut dice)),
            triggers.and_then(|found| win_back(found, shares, &mut dice)),
            self.fading.as_ref().map(|found| revive_segments(found, year, gain, shares, &mut dice)),
            self.entries.as_ref().and_then(|found| shift_entries(found, year, gain, shares, &mut dice)),
            self.rules.as_ref().and_then(|found| recommend(found, year, gain, shares, &mut dice)),
            self.market.as_ref().and_then(|market| move_prices(market, &mut dice)),
        ];
        let mut left_out = self.without(&engines);
        let mut levers: Vec<Lever> = engines.into_iter().flatten().collect();
        if let Some(found) = &self.leaking {
            let of = |total| close_leaks(total, found.list, year, &demand, shares, &mut dice);
            levers.extend(found.columns.iter().filter_map(of));
        }
        for norm in &self.measurement.norms {
            levers.extend(to_norm(norm, values, params.period.a_year(), &demand, shares, &mut dice)?);
            let reason = norm.reason.as_ref();
            let name = format!("{TO_NORM}{}", norm.parameter);
            left_out.extend(reason.map(|reason| LeverLeftOut { name, reason: reason.clone() }));
        }
        if !self.knows_costs {
            let norm = levers.extract_if(.., |lever| lever.name == "to_norm_discount_rate").map(|lever| lever.name);
            let unjudged = norm.chain(self.unsought(ledger).map(Into::into));
            left_out.extend(unjudged.map(|name| LeverLeftOut { name, reason: NO_COSTS.into() }));
        }
        Ok((levers, left_out))
    }

    /// Levers that trade price for volume, which are not looked for where no cost is known.
    fn unsought(&self, ledger: &Ledger) -> impl Iterator<Item = &'static str> {
        let leaks = (self.has_segments && gives_discounts(ledger)).then(|| CLOSE_LEAKS.trim_end_matches('_'));
        leaks.into_iter().chain(self.market.is_some().then_some("move_prices"))
    }

    /// Why an engine that could look found no lever, in the order of the levers.
    fn without(&self, engines: &[Option<Lever>; 6]) -> Vec<LeverLeftOut> {
        let no_limit =
            self.triggers.iter().flat_map(|found| &found.notes).find(|note| note.starts_with("No limit day"));
        let calls = |otherwise: &str| Some(no_limit.map_or(otherwise.into(), |note| note.trim_end_matches('.').into()));
        let of = |looked: bool, reason: &str| looked.then(|| reason.into());
        let reasons: [Option<String>; 6] = [
            self.triggers.as_ref().and_then(|_| calls("no customer crosses their limit day in the coming period")),
            self.triggers.as_ref().and_then(|_| calls("no customer past their limit day can still return")),
            of(
                self.has_segments,
                "no segment of customers orders again less often than it did, beside the others, or lines are too short to tell",
            ),
            of(
                self.entries.is_some(),
                "no product burns traffic: after none of them fewer customers return than after the others",
            ),
            of(self.rules.is_some(), "no product goes with another beyond chance"),
            of(
                self.market.is_some() && self.knows_costs,
                "no product with a unit cost and an elasticity below −1 has a price that is surely off, and the best one within those seen",
            ),
        ];
        let missing = LEVERS.iter().zip(engines).zip(reasons).filter(|((_, lever), _)| lever.is_none());
        let missing =
            missing.filter_map(|((name, _), reason)| Some(LeverLeftOut { name: (*name).into(), reason: reason? }));
        let no_leak = self.leaking.iter().filter(|found| found.columns.is_empty()).map(|_| LeverLeftOut {
            name: CLOSE_LEAKS.trim_end_matches('_').into(),
            reason: "no value of any column gives more discount than comparable deals".into(),
        });
        missing.chain(no_leak).collect()
    }

    /// How demand answers: by the company's own prices, or as is assumed.
    fn demand(&self, formula: &Formula, values: &[f64], params: &PlanParams, dice: &mut Dice) -> Result<Demand, Error> {
        let assumed = &params.assumptions.elasticity;
        let own = self.market.as_ref().and_then(Market::elasticity).filter(|_| !assumed.is_measured());
        let (elasticity, grade) = match own {
            Some(own) => (dice.normal(own), Grade::Model),
            None => (dice.share(assumed), assumed.grade),
        };
        let point = formula.point(values)?;
        let value = |name: &str| Ok::<f64, Error>(values[formula.position(name)?]);
        let units = point[formula.node("orders")?] * value("items")? * (1.0 + value("upsell_rate")?);
        let revenue = point[formula.node("revenue")?];
        let cost_share = if revenue > 0.0 { units * value("unit_cost")? / revenue } else { 0.0 };
        Ok(Demand { elasticity, grade, cost_share })
    }
}

/// What an engine found; where it refuses there is no lever, and a note says why.
fn attempt<T, E: Display>(found: Result<T, E>, what: &str, notes: &mut Vec<String>) -> Option<T> {
    found.map_err(|error| notes.push(format!("No lever from {what}: {error}."))).ok()
}

fn measured(ledger: &Ledger, params: &PlanParams) -> Result<Measurement, Error> {
    let limit_day = params.limit_day.map_or_else(|| silence(ledger, params), Ok)?;
    let PlanParams { period, replicates, replicates_seed: seed, .. } = *params;
    Ok(measure(ledger, &MeasureParams { period, limit_day, replicates, seed }, &params.books)?)
}

/// The limit day, or what stands for it.
fn silence(ledger: &Ledger, params: &PlanParams) -> Result<u32, Error> {
    let asked = LimitDayParams { p: params.p, horizon: params.horizon, ..LimitDayParams::default() };
    let found = limit_day(ledger, &asked)?.groups.first().and_then(|whole| whole.limit_day);
    found.map_or_else(|| Ok(dormant_after(ledger)?.days), |days| Ok(days.max(1)))
}

/// The calls of one period from now on.
fn calls(ledger: &Ledger, params: &PlanParams) -> TriggerParams {
    let days = (DAYS_PER_YEAR / params.period.a_year()).round() as i32;
    let (kept, won_back) = (params.assumptions.kept.estimate, params.assumptions.won_back.estimate);
    TriggerParams {
        start: None,
        end: Some(ledger.as_of() + days - 1),
        p: params.p,
        horizon: params.horizon,
        // A test may have found that calls do harm: nobody is called then.
        kept: kept.max(0.0),
        won_back: won_back.max(0.0),
    }
}

fn of_products(ledger: &Ledger, notes: &mut Vec<String>) -> (Option<EntryProducts>, Option<BasketRules>) {
    let Some(products) = ledger.products() else { return (None, None) };
    let entries = attempt(entry_products(ledger, &EntryParams::default()), "entry products", notes);
    let few = products.dictionary.len() <= MOST_PRODUCTS;
    let rules =
        few.then(|| attempt(basket_rules(ledger, &RuleParams::default()), "what goes together", notes)).flatten();
    (entries, rules)
}

fn leaks(ledger: &Ledger, notes: &mut Vec<String>) -> Option<Leaking> {
    gives_discounts(ledger).then(|| attempt(Leaking::of(ledger), "leakage", notes)).flatten()
}

fn gives_discounts(ledger: &Ledger) -> bool {
    let roles = ledger.roles();
    roles.list_price.is_some() || !roles.discounts.is_empty()
}
