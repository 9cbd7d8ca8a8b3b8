//! Levers from what the engines found. Each is `None` where the result holds nothing to do.
//!
//! Data tell the money at stake; what share of it an action brings nobody knows before it is tried. That share is an assumption, with limits,
//! named in the lever, to be replaced by the company's own test.

use leverkit_core::stats::{Interval, normal_quantile};
use leverkit_funnel::{BasketRule, BasketRules, EntryProduct, EntryProducts, Verdict};
use leverkit_pricing::{Estimate, Leak, Leakage};
use leverkit_profit::{Bottleneck, Formula, Measurement, bottlenecks};
use leverkit_rfm::{Trigger, TriggerRow, Triggers};

use crate::Error;
use crate::assumptions::Assumptions;
use crate::lever::{Assumed, Engine, Gain, Lever};
use crate::params::YEAR;

/// So many parameters are named that fall short of their norm: those with the most money.
const MOST_NORMS: usize = 3;

/// What the engines found of one company; what is `None` brings no lever.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The formula, measured.
    pub measurement: &'a Measurement,
    /// Whom to call.
    pub triggers: Option<&'a Triggers>,
    /// Entry products.
    pub entries: Option<&'a EntryProducts>,
    /// What goes together, and whether its margin is revenue or profit.
    pub rules: Option<(&'a BasketRules, Gain)>,
    /// Leaks.
    pub leakage: Option<&'a Leakage>,
    /// What moving prices brings.
    pub prices: Option<&'a Lever>,
    /// How long the lines are.
    pub years: f64,
}

impl Findings<'_> {
    /// All levers, for the values of one period of the full formula; `periods` are how many the year has.
    ///
    /// # Errors
    /// As [`bottlenecks`].
    pub fn levers(&self, values: &[f64], periods: f64, assumptions: &Assumptions) -> Result<Vec<Lever>, Error> {
        let engines = [
            self.triggers.and_then(|found| keep_customers(found, assumptions)),
            self.triggers.and_then(|found| win_back(found, assumptions)),
            self.entries.and_then(|found| shift_entries(found, self.years, assumptions)),
            self.rules.and_then(|(found, gain)| recommend(found, self.years, gain, assumptions)),
            self.leakage.and_then(|found| close_leaks(found, self.years, assumptions)),
            self.prices.cloned(),
        ];
        let formula = Formula::full();
        let last = self.measurement.periods.iter().rfind(|period| period.is_complete);
        let norms = bottlenecks(&formula, values, &self.measurement.own_norms())?;
        let parameters = norms.iter().filter(|norm| norm.profit_change > 0.0).take(MOST_NORMS).filter_map(|norm| {
            let known = last?.values.iter().find(|known| known.parameter == norm.parameter)?;
            to_norm(norm, known.limits, known.n as u64, periods, assumptions)
        });
        Ok(engines.into_iter().flatten().chain(parameters).collect())
    }
}

/// Money times a share, both with limits: the squares of their relative widths add up, as of independent estimates.
fn times(money: Interval, share: Interval) -> Interval {
    let width = |money_width: f64, share_width: f64| (money_width * share.estimate).hypot(share_width * money.estimate);
    let estimate = money.estimate * share.estimate;
    Interval {
        estimate,
        lower: estimate - width(money.estimate - money.lower, share.estimate - share.lower),
        upper: estimate + width(money.upper - money.estimate, share.upper - share.estimate),
    }
}

fn scaled(money: Interval, by: f64) -> Interval {
    Interval { estimate: money.estimate * by, lower: money.lower * by, upper: money.upper * by }
}

/// Calling customers before their limit day. `triggers` is of some days; as many cross it in the other days of a year.
pub fn keep_customers(triggers: &Triggers, assumptions: &Assumptions) -> Option<Lever> {
    let days = f64::from(triggers.end - triggers.start + 1);
    let (n, loss) = expected_loss(triggers, Trigger::LimitDay)?;
    Some(Lever {
        name: "keep_customers".into(),
        parameter: "retention_rate".into(),
        facts: vec![("customers", n as f64), ("days", days), ("expected_loss", loss.estimate)],
        ..lever(
            Engine::Rfm,
            Gain::Revenue,
            scaled(loss, YEAR / days),
            n,
            Assumed { name: "kept", share: assumptions.kept },
        )
    })
}

/// Winning back customers who are past their limit day.
pub fn win_back(triggers: &Triggers, assumptions: &Assumptions) -> Option<Lever> {
    let (n, loss) = expected_loss(triggers, Trigger::WinBack)?;
    Some(Lever {
        name: "win_back".into(),
        parameter: "reactivation_rate".into(),
        facts: vec![("customers", n as f64), ("expected_loss", loss.estimate)],
        ..lever(Engine::Rfm, Gain::Revenue, loss, n, Assumed { name: "won_back", share: assumptions.won_back })
    })
}

/// What is lost if nothing is done, with the limits of chance: each customer stays or goes on their own.
fn expected_loss(triggers: &Triggers, trigger: Trigger) -> Option<(u64, Interval)> {
    let rows: Vec<&TriggerRow> = triggers.rows.iter().filter(|row| row.trigger == trigger).collect();
    let estimate: f64 = rows.iter().map(|row| row.expected_loss()).sum();
    let variance: f64 =
        rows.iter().map(|row| row.value_at_risk.powi(2) * row.probability * (1.0 - row.probability)).sum();
    let width = normal_quantile(0.975) * variance.sqrt();
    let loss = Interval { estimate, lower: (estimate - width).max(0.0), upper: estimate + width };
    (estimate > 0.0).then_some((rows.len() as u64, loss))
}

/// Bringing new customers in with products that build a base instead of those that burn traffic. `years` is how long the ledger is.
///
/// What a moved customer brings is the difference of money within the horizon between both kinds of entry. Customers chose their entry
/// themselves, so part of the difference may be theirs and not the product's.
pub fn shift_entries(found: &EntryProducts, years: f64, assumptions: &Assumptions) -> Option<Lever> {
    let builds = entries(found, Verdict::BuildsBase)?;
    let burns = entries(found, Verdict::BurnsTraffic)?;
    let gain = builds.revenue - burns.revenue;
    let customers = burns.customers as f64;
    // The difference is as sure as that of the conversions which told the products apart.
    let width = 1.0 / builds.certainty.min(burns.certainty);
    let each = Interval { estimate: gain, lower: gain * (1.0 - width).max(0.0), upper: gain * (1.0 + width) };
    (gain > 0.0 && years > 0.0).then(|| Lever {
        name: "shift_entries".into(),
        parameter: "frequency".into(),
        facts: vec![
            ("customers", customers),
            ("products", burns.products as f64),
            ("revenue_after_best", builds.revenue),
            ("revenue_after_worst", burns.revenue),
            ("horizon_days", f64::from(found.horizon)),
        ],
        ..lever(
            Engine::Funnel,
            Gain::Revenue,
            scaled(each, customers / years),
            burns.customers,
            Assumed { name: "moved", share: assumptions.moved },
        )
    })
}

/// Entry products of one verdict.
struct Entries {
    products: usize,
    customers: u64,
    /// Money of a customer within the horizon.
    revenue: f64,
    /// The difference in conversion over half the width of its limits.
    certainty: f64,
}

fn entries(found: &EntryProducts, verdict: Verdict) -> Option<Entries> {
    let of = |product: &&EntryProduct| product.verdict == verdict && product.followed > 0;
    let products: Vec<&EntryProduct> = found.products.iter().filter(of).collect();
    let weighted = |value: &dyn Fn(&EntryProduct) -> f64| {
        let weights: f64 = products.iter().map(|product| product.followed as f64).sum();
        products.iter().map(|product| product.followed as f64 * value(product)).sum::<f64>() / weights
    };
    let certainty = |product: &EntryProduct| {
        product.difference.map_or(1.0, |difference| {
            difference.estimate.abs() / ((difference.upper - difference.lower) / 2.0).max(f64::MIN_POSITIVE)
        })
    };
    (!products.is_empty()).then(|| Entries {
        products: products.len(),
        customers: products.iter().map(|product| product.customers).sum(),
        revenue: weighted(&|product| product.revenue.unwrap_or_default()),
        certainty: weighted(&certainty).max(1.0),
    })
}

/// Recommending to each order the product that goes with it, where the order does not hold it yet. `years` is how long the ledger is; `gain` what
/// the margin of the rules is: profit where unit costs are known, else revenue.
///
/// An order gets one recommendation, however many products speak for one.
pub fn recommend(rules: &BasketRules, years: f64, gain: Gain, assumptions: &Assumptions) -> Option<Lever> {
    let mut best: Vec<&BasketRule> = Vec::new();
    for rule in rules.rules.iter().filter(|rule| rule.antecedent.len() == 1 && rule.margin > 0.0 && rule.lift > 1.0) {
        // Rules come by money, so the first of an antecedent is its best.
        if best.iter().all(|known| known.antecedent != rule.antecedent) {
            best.push(rule);
        }
    }
    let open: f64 = best.iter().map(|rule| chances(rule)).sum();
    let money: f64 = best.iter().map(|rule| chances(rule) * each(rule)).sum();
    let orders = open.min(rules.n_orders as f64);
    let a_year = money / open * orders / years;
    (open > 0.0 && years > 0.0 && a_year > 0.0).then(|| Lever {
        name: "recommend".into(),
        parameter: "upsell_rate".into(),
        facts: vec![("orders", orders), ("rules", best.len() as f64), ("money_each", money / open)],
        ..lever(
            Engine::Funnel,
            gain,
            Interval { estimate: a_year, lower: a_year, upper: a_year },
            rules.n_orders,
            Assumed { name: "taken", share: assumptions.taken },
        )
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

/// Closing leaks: discounts beyond the norm of values that give away significantly more, of the column where they are worth most. `years` is how
/// long the deals are.
pub fn close_leaks(found: &Leakage, years: f64, assumptions: &Assumptions) -> Option<Lever> {
    let leaks_of = |column: &String| -> Vec<(&Leak, Estimate)> {
        let of = |leak: &&Leak| leak.dimension.as_ref() == Some(column) && leak.q_value <= 0.05;
        let sure = |leak: &'_ Leak| leak.unexplained.filter(|found| found.interval.lower > 0.0);
        found.leaks.iter().filter(of).filter_map(|leak| Some((leak, sure(leak)?))).collect()
    };
    let total = |leaks: &[(&Leak, Estimate)]| leaks.iter().map(|(_, found)| found.interval.estimate).sum::<f64>();
    let columns = found.params.by.iter().map(|column| (column, leaks_of(column)));
    let (column, leaks) = columns.max_by(|a, b| total(&a.1).total_cmp(&total(&b.1)))?;
    let width =
        leaks.iter().map(|(_, found)| (found.interval.upper - found.interval.estimate).powi(2)).sum::<f64>().sqrt();
    let estimate = total(&leaks);
    let money = Interval { estimate, lower: (estimate - width).max(0.0), upper: estimate + width };
    let deals = leaks.iter().map(|(leak, _)| leak.deals).sum();
    (estimate > 0.0 && years > 0.0).then(|| Lever {
        name: "close_leaks".into(),
        parameter: "discount_rate".into(),
        subject: Some(column.clone()),
        facts: vec![("values", leaks.len() as f64), ("deals", deals as f64), ("unexplained", estimate)],
        ..lever(
            Engine::Pricing,
            Gain::Revenue,
            scaled(money, 1.0 / years),
            deals,
            Assumed { name: "closed", share: assumptions.closed },
        )
    })
}

/// Raising a parameter of the formula to its norm. `limits` are those of its value, `periods` how many the year has.
pub fn to_norm(
    found: &Bottleneck,
    limits: Option<Interval>,
    n: u64,
    periods: f64,
    assumptions: &Assumptions,
) -> Option<Lever> {
    let money = found.profit_change * periods;
    let way = found.norm - found.value;
    // As the value's limits shorten or lengthen the way to the norm, so they do the money.
    let at = |value: f64| (money * (found.norm - value) / way).max(0.0);
    let ends = limits.map_or((money, money), |limits| (at(limits.lower), at(limits.upper)));
    let money = Interval { estimate: money, lower: ends.0.min(ends.1), upper: ends.0.max(ends.1) };
    (money.estimate > 0.0).then(|| Lever {
        name: format!("to_norm_{}", found.parameter),
        parameter: found.parameter.clone(),
        subject: Some(found.parameter.clone()),
        facts: vec![("value", found.value), ("norm", found.norm)],
        ..lever(Engine::Profit, Gain::Profit, money, n, Assumed { name: "reached", share: assumptions.reached })
    })
}

/// What levers have in common: the money at stake times the share that the action brings.
fn lever(engine: Engine, gain: Gain, at_stake: Interval, n: u64, assumed: Assumed) -> Lever {
    Lever {
        name: String::new(),
        engine,
        parameter: String::new(),
        gain,
        money: times(at_stake, assumed.share),
        effort: None,
        n,
        subject: None,
        facts: Vec::new(),
        assumed: Some(assumed),
    }
}
