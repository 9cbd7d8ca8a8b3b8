//! The plan from a ledger: what the engines find, and what they cannot.

use std::fmt::Display;

use leverkit_core::{Day, Ledger, Params};
use leverkit_funnel::{BasketRules, EntryParams, EntryProducts, RuleParams, basket_rules, entry_products};
use leverkit_pricing::{Deals, Leakage, LeakageParams, leakage};
use leverkit_profit::{Formula, MeasureParams, MeasuredPeriod, Measurement, measure};
use leverkit_rfm::{LimitDayParams, TriggerParams, Triggers, limit_day, triggers};

use crate::Error;
use crate::dormant::dormant_after;
use crate::joint::join;
use crate::lever::{Gain, Lever};
use crate::levers::Findings;
use crate::params::{PlanParams, YEAR};
use crate::prices::move_prices;
use crate::result::Plan;

/// More products than this are articles, whose pairs tell little.
const MOST_PRODUCTS: usize = 20_000;

/// The levers that the engines find in a ledger, joined through the full formula at the rate of the last complete period (of the last one
/// where none is complete). An engine that cannot say anything brings no lever, and a note says why.
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
/// assert!(found.levers.iter().any(|planned| planned.lever.name == "win_back"));
/// let parts: f64 = found.levers.iter().map(|planned| planned.part.estimate).sum();
/// assert!((parts - found.joint.estimate).abs() < 1e-6 * found.profit);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan(ledger: &Ledger, params: &PlanParams) -> Result<Plan, Error> {
    params.check()?;
    let found = Found::of(ledger, params)?;
    let formula = Formula::full();
    let values = present(&formula, &found.measurement, &params.scenario)?;
    let mut levers = found.levers(&values, params)?;
    for (name, money) in &params.effort {
        levers.iter_mut().filter(|lever| lever.name == *name).for_each(|lever| lever.effort = Some(*money));
    }
    let joined = join(&formula, &values, &levers, &params.join())?;
    let is_there = |name: &String| joined.levers.iter().any(|planned| planned.lever.name == *name);
    let unused = params.effort.iter().filter(|(name, _)| !is_there(name));
    let unused = unused.map(|(name, _)| format!("{name} has an effort, but the data hold no such lever."));
    let notes = found.notes.into_iter().chain(unused).collect();
    Ok(Plan { notes, ..joined })
}

/// The values of the last complete period, or the last one where none is; those of the scenario stand over them.
fn present(formula: &Formula, found: &Measurement, scenario: &[(String, f64)]) -> Result<Vec<f64>, Error> {
    let last = found.periods.iter().rfind(|period| period.is_complete).or(found.periods.last());
    let mut values = last.map(MeasuredPeriod::scenario).unwrap_or_default();
    for (name, value) in scenario {
        let position = formula.position(name)?;
        values[position] = *value;
    }
    Ok(values)
}

/// What the engines found, and what they could not.
struct Found {
    measurement: Measurement,
    triggers: Option<Triggers>,
    entries: Option<EntryProducts>,
    rules: Option<BasketRules>,
    leakage: Option<Leakage>,
    prices: Option<Lever>,
    /// What the margin of rules is.
    gain: Gain,
    /// How long the lines are.
    years: f64,
    notes: Vec<String>,
}

impl Found {
    fn of(ledger: &Ledger, params: &PlanParams) -> Result<Self, Error> {
        let mut notes = Vec::new();
        let measurement = measured(ledger, params)?;
        let triggers = attempt(triggers(ledger, &calls(ledger, params)), "triggers", &mut notes);
        let products = params.product.as_ref().map(|dimension| ledger.with_product(dimension)).transpose()?;
        let (entries, rules) = of_products(products.as_ref().unwrap_or(ledger), &mut notes);
        let days = ledger.start().zip(ledger.end()).map_or(1, |(start, end)| end - start + 1);
        let years = f64::from(days) / YEAR;
        Ok(Self {
            measurement,
            triggers,
            entries,
            rules,
            leakage: leaks(ledger, &mut notes),
            prices: move_prices(ledger, years)?,
            gain: if ledger.unit_costs().is_some() { Gain::Profit } else { Gain::Revenue },
            years,
            notes,
        })
    }

    fn levers(&self, values: &[f64], params: &PlanParams) -> Result<Vec<Lever>, Error> {
        let findings = Findings {
            measurement: &self.measurement,
            triggers: self.triggers.as_ref(),
            entries: self.entries.as_ref(),
            rules: self.rules.as_ref().map(|rules| (rules, self.gain)),
            leakage: self.leakage.as_ref(),
            prices: self.prices.as_ref(),
            years: self.years,
        };
        findings.levers(values, params.periods(), &params.assumptions)
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
    let days = (YEAR / params.periods()).round() as Day;
    TriggerParams { start: None, end: Some(ledger.as_of() + days - 1), p: params.p, horizon: params.horizon }
}

fn of_products(ledger: &Ledger, notes: &mut Vec<String>) -> (Option<EntryProducts>, Option<BasketRules>) {
    let Some(products) = ledger.products() else { return (None, None) };
    let entries = attempt(entry_products(ledger, &EntryParams::default()), "entry products", notes);
    let few = products.dictionary.len() <= MOST_PRODUCTS;
    let rules =
        few.then(|| attempt(basket_rules(ledger, &RuleParams::default()), "what goes together", notes)).flatten();
    (entries, rules)
}

fn leaks(ledger: &Ledger, notes: &mut Vec<String>) -> Option<Leakage> {
    let roles = ledger.roles();
    if roles.list_price.is_none() && roles.discounts.is_empty() {
        return None;
    }
    let by = LeakageParams { by: roles.dimensions.clone(), ..LeakageParams::default() };
    attempt(Deals::from_ledger(ledger).and_then(|deals| leakage(&deals, &by)), "leakage", notes)
}
