//! Levers from what the engines found. Each is `None` where the result holds nothing to do.
//!
//! Data tell the money at stake; what share of it an action brings nobody knows before it is tried. That share is an assumption, with limits,
//! named in the lever, to be replaced by the company's own test.

use leverkit_core::DAYS_PER_YEAR;
use leverkit_core::stats::{Interval, normal_quantile};
use leverkit_funnel::{BasketRule, BasketRules, EntryProduct, EntryProducts, Verdict};
use leverkit_pricing::Leakage;
use leverkit_profit::{Formula, OwnNorm};
use leverkit_rfm::{Trigger, TriggerRow, Triggers};

use crate::Error;
use crate::assumptions::{Assumptions, Share};
use crate::demand::{Demand, price_change};
use crate::draws::{Dice, Draws};
use crate::lever::{Assumed, Engine, Gain, Grade, Lever, Trial};

/// Calling customers before their limit day. `triggers` is of some days; as many cross it in the other days of a year.
pub fn keep_customers(triggers: &Triggers, assumptions: &Assumptions, dice: &mut Dice) -> Option<Lever> {
    let times = DAYS_PER_YEAR / f64::from(triggers.end - triggers.start + 1);
    let calls = Calls::of(triggers, Trigger::LimitDay)?;
    let kept = Assumed { name: "kept", share: assumptions.kept };
    Some(Lever {
        parameter: "retention_rate".into(),
        facts: vec![("customers", times * calls.n as f64), ("expected_loss", times * calls.loss.estimate)],
        trial: Some(Trial { control: calls.returning, treated: saved(calls.returning, kept.share) }),
        ..lever(
            "keep_customers",
            Engine::Rfm,
            calls.n,
            kept,
            Grade::Model,
            &dice.normal(scaled(calls.loss, times)),
            dice,
        )
    })
}

/// Winning back customers who are past their limit day, as far as their chance of return says that they can be.
pub fn win_back(triggers: &Triggers, assumptions: &Assumptions, dice: &mut Dice) -> Option<Lever> {
    let calls = Calls::of(triggers, Trigger::WinBack)?;
    let won_back = Assumed { name: "won_back", share: assumptions.won_back };
    Some(Lever {
        parameter: "reactivation_rate".into(),
        facts: vec![("customers", calls.n as f64), ("expected_loss", calls.loss.estimate)],
        trial: Some(Trial { control: calls.returning, treated: saved(calls.returning, won_back.share) }),
        ..lever("win_back", Engine::Rfm, calls.n, won_back, Grade::Model, &dice.normal(calls.loss), dice)
    })
}

/// The share that returns when a share of those who would not is saved.
fn saved(returning: f64, share: Share) -> f64 {
    returning + (1.0 - returning) * share.estimate
}

/// Customers of one trigger.
struct Calls {
    n: u64,
    /// Money a year that is lost if nothing is done and that a call can reach, with the limits of chance: each customer stays or goes on their own.
    loss: Interval,
    /// The share that returns by itself.
    returning: f64,
}

impl Calls {
    fn of(triggers: &Triggers, trigger: Trigger) -> Option<Self> {
        let rows: Vec<&TriggerRow> = triggers.rows.iter().filter(|row| row.trigger == trigger).collect();
        let share = triggers.params.share(trigger);
        let reach = |row: &TriggerRow| if share > 0.0 { row.value_at_risk * row.saved / share } else { 0.0 };
        let estimate: f64 = rows.iter().map(|row| reach(row) * row.probability).sum();
        let variance: f64 = rows.iter().map(|row| reach(row).powi(2) * row.probability * (1.0 - row.probability)).sum();
        let returning = rows.iter().map(|row| 1.0 - row.probability).sum::<f64>() / rows.len() as f64;
        let loss = Interval::around(estimate, normal_quantile(0.975) * variance.sqrt());
        (estimate > 0.0).then_some(Self { n: rows.len() as u64, loss, returning })
    }
}

fn scaled(money: Interval, by: f64) -> Interval {
    money.map(|money| money * by)
}

/// Bringing new customers in with products that build a base instead of those that burn traffic. `years` is how long the ledger is.
///
/// What a moved customer brings is the difference of money within the horizon between both kinds of entry, drawn together as much as their conversions are: the
/// products were told apart by them, so that the raw difference is too great. Customers chose their entry themselves: part of it may be theirs and not the product's.
pub fn shift_entries(found: &EntryProducts, years: f64, assumptions: &Assumptions, dice: &mut Dice) -> Option<Lever> {
    let builds = Entries::of(found, Verdict::BuildsBase)?;
    let burns = Entries::of(found, Verdict::BurnsTraffic)?;
    let kept = ((builds.shrunk - burns.shrunk) / (builds.conversion - burns.conversion)).clamp(0.0, 1.0);
    let gain = kept * (builds.revenue - burns.revenue);
    // The difference is as sure as that of the conversions which told the products apart.
    let width = gain.abs() / builds.certainty.min(burns.certainty);
    let money = scaled(Interval::around(gain, width), burns.customers as f64 / years);
    let moved = Assumed { name: "moved", share: assumptions.moved };
    (kept.is_finite() && years > 0.0).then(|| Lever {
        parameter: "frequency".into(),
        facts: vec![
            ("customers", burns.customers as f64 / years),
            ("products", burns.products as f64),
            ("revenue_after_best", builds.revenue),
            ("revenue_after_worst", burns.revenue),
            ("horizon_days", f64::from(found.horizon)),
        ],
        trial: Some(Trial { control: 0.0, treated: moved.share.estimate }),
        ..lever("shift_entries", Engine::Funnel, burns.customers, moved, Grade::Observed, &dice.normal(money), dice)
    })
}

/// Entry products of one verdict.
struct Entries {
    products: usize,
    customers: u64,
    /// Money of a customer within the horizon.
    revenue: f64,
    /// Share with a second order, as it is and drawn to the average.
    conversion: f64,
    shrunk: f64,
    /// The difference in conversion over half the width of its limits.
    certainty: f64,
}

impl Entries {
    fn of(found: &EntryProducts, verdict: Verdict) -> Option<Self> {
        let of = |product: &&EntryProduct| product.verdict == verdict && product.followed > 0;
        let products: Vec<&EntryProduct> = found.products.iter().filter(of).collect();
        let weights: f64 = products.iter().map(|product| product.followed as f64).sum();
        let weighted = |value: &dyn Fn(&EntryProduct) -> f64| {
            products.iter().map(|product| product.followed as f64 * value(product)).sum::<f64>() / weights
        };
        let certainty = |product: &EntryProduct| {
            product.difference.map_or(1.0, |difference| {
                difference.estimate.abs() / ((difference.upper - difference.lower) / 2.0).max(f64::MIN_POSITIVE)
            })
        };
        let conversion = |product: &EntryProduct| product.conversion.map_or(0.0, |share| share.estimate);
        (!products.is_empty()).then(|| Self {
            products: products.len(),
            customers: products.iter().map(|product| product.customers).sum(),
            revenue: weighted(&|product| product.revenue.unwrap_or_default()),
            conversion: weighted(&conversion),
            shrunk: weighted(&|product| product.shrunk.unwrap_or(conversion(product))),
            certainty: weighted(&certainty).max(1.0),
        })
    }
}

/// Recommending to each order the product that goes with it, where the order does not hold it yet. `years` is how long the ledger is; `gain` what
/// the margin of the rules is: profit where unit costs are known, else revenue.
///
/// An order gets one recommendation, however many products speak for one.
pub fn recommend(
    rules: &BasketRules,
    years: f64,
    gain: Gain,
    assumptions: &Assumptions,
    dice: &mut Dice,
) -> Option<Lever> {
    let mut best: Vec<&BasketRule> = Vec::new();
    for rule in rules.rules.iter().filter(|rule| rule.antecedent.len() == 1 && rule.margin > 0.0 && rule.lift > 1.0) {
        // Rules come by money, so the first of an antecedent is its best.
        if best.iter().all(|known| known.antecedent != rule.antecedent) {
            best.push(rule);
        }
    }
    let sum = |of: &dyn Fn(&BasketRule) -> f64| best.iter().copied().map(of).sum::<f64>();
    let open = sum(&chances);
    let each = sum(&|rule| chances(rule) * each(rule)) / open;
    let orders = open.min(rules.n_orders as f64) / years;
    let confidence = sum(&|rule| rule.count as f64) / sum(&|rule| rule.count as f64 / rule.confidence);
    let taken = Assumed { name: "taken", share: assumptions.taken };
    let money = Draws::new(vec![each * orders; dice.worlds()]);
    (open > 0.0 && years > 0.0).then(|| Lever {
        parameter: "upsell_rate".into(),
        gain,
        facts: vec![("orders", orders), ("rules", best.len() as f64), ("money_each", each)],
        trial: Some(Trial { control: confidence, treated: saved(confidence, taken.share) }),
        ..lever("recommend", Engine::Funnel, rules.n_orders, taken, Grade::Model, &money, dice)
    })
}

/// Orders with the antecedent that lack the consequent.
fn chances(rule: &BasketRule) -> f64 {
    rule.count as f64 * (1.0 / rule.confidence - 1.0)
}

/// Money of the consequent in an order.
fn each(rule: &BasketRule) -> f64 {
    rule.margin / (rule.count as f64 - rule.expected)
}

/// Closing leaks: what values give beyond the others in comparable deals, of the column where that is most. `years` is how long the deals are.
///
/// Less discount is more price: demand answers, so that profit and not revenue is what it earns.
pub fn close_leaks(
    found: &Leakage,
    years: f64,
    demand: &Demand,
    assumptions: &Assumptions,
    dice: &mut Dice,
) -> Option<Lever> {
    let total = found.totals.iter().max_by(|a, b| a.closable.estimate.total_cmp(&b.closable.estimate))?;
    let revenue = (total.list - total.discount) / years;
    let closed = Assumed { name: "closed", share: assumptions.closed };
    let closable = scaled(total.closable, 1.0 / years);
    let shared =
        lever("close_leaks", Engine::Pricing, total.deals, closed, Grade::Assumption, &dice.normal(closable), dice);
    let money = shared.money.with(&demand.elasticity, |money, elasticity| {
        price_change(revenue, revenue * demand.cost_share, money / revenue, elasticity)
    });
    (total.leaking > 0 && years > 0.0 && revenue > 0.0).then(|| Lever {
        parameter: "discount_rate".into(),
        gain: Gain::Profit,
        subject: Some(total.dimension.clone()),
        facts: vec![
            ("values", total.leaking as f64),
            ("deals", total.deals as f64 / years),
            ("closable", closable.estimate),
            ("elasticity", demand.elasticity.mean()),
        ],
        money,
        grade: shared.grade.max(demand.grade),
        ..shared
    })
}

/// Bringing a parameter of the full formula to its norm, from `values` of one period; `periods` are how many the year has. A discount that falls is a price that
/// rises: `demand` answers.
///
/// # Errors
/// As [`Formula::evaluate`].
pub fn to_norm(
    norm: &OwnNorm,
    values: &[f64],
    periods: f64,
    demand: &Demand,
    assumptions: &Assumptions,
    dice: &mut Dice,
) -> Result<Option<Lever>, Error> {
    let Some(way) = &norm.way else { return Ok(None) };
    let reached = Assumed { name: "reached", share: assumptions.reached };
    // The replicates of all norms belong to the same customers: their order is the order of the worlds.
    let ways = Draws::new((0..dice.worlds()).map(|at| way.draws[at % way.draws.len()]).collect());
    let shared = lever(
        &format!("to_norm_{}", norm.parameter),
        Engine::Profit,
        norm.periods as u64,
        reached,
        Grade::Observed,
        &ways,
        dice,
    );
    let moved = Moved { formula: &Formula::full(), values, periods };
    let (money, grade) = match norm.parameter {
        "discount_rate" => (moved.discount(&shared.money, demand)?, shared.grade.max(demand.grade)),
        parameter => (moved.profit(parameter, &shared.money)?, shared.grade),
    };
    Ok(Some(Lever {
        parameter: norm.parameter.into(),
        gain: Gain::Profit,
        subject: Some(norm.parameter.into()),
        facts: vec![("value", way.today), ("norm", way.norm)],
        money,
        grade,
        ..shared
    }))
}

/// A formula of which one parameter moves.
struct Moved<'a> {
    formula: &'a Formula,
    values: &'a [f64],
    periods: f64,
}

impl Moved<'_> {
    /// Profit a year that the parameter's way adds.
    fn profit(&self, parameter: &str, ways: &Draws) -> Result<Draws, Error> {
        let position = self.formula.position(parameter)?;
        let bounds = &self.formula.parameters()[position];
        let mut columns: Vec<Vec<f64>> = self.values.iter().map(|value| vec![*value; ways.values().len()]).collect();
        for (value, way) in columns[position].iter_mut().zip(ways.values()) {
            *value = (*value + way).clamp(bounds.least(), bounds.most());
        }
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let before = self.formula.profit(self.values)?;
        let after = &self.formula.evaluate(&columns)?[self.formula.node(self.formula.profit_name())?];
        Ok(Draws::new(after.iter().map(|after| self.periods * (after - before)).collect()))
    }

    /// Profit a year where the discount moves the price, and the price the quantity.
    fn discount(&self, ways: &Draws, demand: &Demand) -> Result<Draws, Error> {
        let revenue = self.periods * self.formula.point(self.values)?[self.formula.node("revenue")?];
        let paid = 1.0 - self.values[self.formula.position("discount_rate")?];
        let money = |way: f64, elasticity| price_change(revenue, revenue * demand.cost_share, -way / paid, elasticity);
        Ok(ways.with(&demand.elasticity, money))
    }
}

/// What levers have in common: what is at stake times the share that the action brings, drawn as a product.
fn lever(
    name: &str,
    engine: Engine,
    n: u64,
    assumed: Assumed,
    grade: Grade,
    at_stake: &Draws,
    dice: &mut Dice,
) -> Lever {
    Lever {
        name: name.into(),
        engine,
        parameter: String::new(),
        gain: Gain::Revenue,
        money: at_stake.with(&dice.share(&assumed.share), |money, share| money * share),
        grade: grade.max(assumed.share.grade),
        by_thumb: assumed.share.rule_of_thumb,
        effort: None,
        n,
        subject: None,
        facts: Vec::new(),
        assumed: Some(assumed),
        trial: None,
    }
}
