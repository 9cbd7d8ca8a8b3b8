//! Levers from what the engines found. Each is `None` where the result holds nothing to do.
//!
//! Data tell the money at stake; what share of it an action brings nobody knows before it is tried. That share is an assumption, with limits,
//! named in the lever, to be replaced by the company's own test.

use leverkit_core::DAYS_PER_YEAR;
use leverkit_core::stats::{Interval, normal_quantile};
use leverkit_funnel::{BasketRule, BasketRules, EntryProduct, EntryProducts, Verdict};
use leverkit_pricing::LeakTotal;
use leverkit_profit::{Formula, OwnNorm};
use leverkit_rfm::{Trigger, TriggerRow, Triggers};

use crate::Error;
use crate::assumptions::{Assumptions, Share};
use crate::demand::{Demand, price_change};
use crate::draws::{Dice, Draws};
use crate::fading::Fading;
use crate::grade::Grade;
use crate::lever::{Assumed, EXPECTED_LOSS, Engine, Gain, Lever, Trial};
use crate::params::{CLOSE_LEAKS, TO_NORM};
use crate::year::Year;

/// Calling customers before their limit day. `triggers` is of some days; as many cross it in the other days of a year.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_plan::{Assumptions, Dice, Year, keep_customers};
/// use leverkit_profit::{MeasureParams, measure};
/// use leverkit_rfm::{TriggerParams, triggers};
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
/// let month = TriggerParams { horizon: 30, end: Some(ledger.as_of() + 29), ..TriggerParams::default() };
///
/// let (shares, mut dice) = (Assumptions::default(), Dice::new(1, 1000));
/// let year = Year::of(&ledger, &measure(&ledger, &MeasureParams::default(), &[])?, &shares.growth, &mut dice);
/// let lever = keep_customers(&triggers(&ledger, &month)?, &year, &shares, &mut dice).unwrap();
/// assert_eq!((lever.parameter.as_str(), lever.n), ("retention_rate", 66));
/// // What a call keeps is a rule of thumb until it is tried.
/// assert!(lever.money.mean() > 0.0 && lever.by_thumb && lever.trial.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn keep_customers(triggers: &Triggers, year: &Year, assumptions: &Assumptions, dice: &mut Dice) -> Option<Lever> {
    let times = DAYS_PER_YEAR / f64::from(triggers.end - triggers.start + 1);
    let calls = Calls::of(triggers, Trigger::LimitDay)?;
    let kept = Assumed { name: "kept", share: assumptions.kept };
    let loss = dice.normal(scaled(calls.loss, times)).with(&year.next(1.0, dice), |loss, next| loss * next);
    Some(Lever {
        parameter: "retention_rate".into(),
        facts: vec![("customers", times * calls.n as f64), (EXPECTED_LOSS, times * calls.loss.estimate)],
        trial: Some(Trial { control: calls.returning, treated: saved(calls.returning, kept.share) }),
        ..lever("keep_customers", Engine::Rfm, calls.n, kept, Grade::Model, &loss, dice)
    })
}

/// Winning back customers who are past their limit day, as far as their chance of return says that they can be.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_plan::{Assumptions, Dice, win_back};
/// use leverkit_rfm::{TriggerParams, triggers};
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
/// let calls = triggers(&ledger, &TriggerParams { horizon: 30, ..TriggerParams::default() })?;
/// // Silent for two hundred days, they do not come back within thirty: a call reaches nobody.
/// assert!(calls.rows.iter().any(|row| row.saved == 0.0));
/// assert!(win_back(&calls, &Assumptions::default(), &mut Dice::new(1, 1000)).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn win_back(triggers: &Triggers, assumptions: &Assumptions, dice: &mut Dice) -> Option<Lever> {
    let calls = Calls::of(triggers, Trigger::WinBack)?;
    let won_back = Assumed { name: "won_back", share: assumptions.won_back };
    Some(Lever {
        parameter: "reactivation_rate".into(),
        facts: vec![("customers", calls.n as f64), (EXPECTED_LOSS, calls.loss.estimate)],
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

/// Bringing new customers in with other products than those that burn traffic; `gain` is what the money of entries is: profit where unit costs are known, else revenue.
///
/// What a moved customer brings is the difference of money within the horizon to the customers who entered without such a product; the products were told apart by conversions, and not by
/// it. Customers come all through a year and are in it for half of it on average. They chose their
/// entry themselves: whether the product burns them or draws those who would not return anyway no data tell, so that as long as `caused` is not set it does so in one of two worlds.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_funnel::{EntryParams, entry_products};
/// use leverkit_plan::{Assumptions, Dice, Gain, Year, shift_entries};
/// use leverkit_profit::{MeasureParams, measure};
///
/// // Who comes for the bait never comes back; the others order five times more.
/// let orders: Vec<(i32, i32)> = (0..200).flat_map(|who| (0..if who % 2 == 0 { 1 } else { 6 }).map(move |time| (who, time))).collect();
/// let lines = batch!(
///     "who" => each(&orders, |order| order.0),
///     "day" => each(&orders, |order| format_day(19_000 + order.0 * 2 + order.1 * 20)),
///     "what" => each(&orders, |order| if order.0 % 2 == 0 { "bait" } else { "tea" }),
///     "paid" => vec![10.0; orders.len()],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid").product("what"))?;
///
/// let (shares, mut dice) = (Assumptions::default(), Dice::new(1, 1000));
/// let year = Year::of(&ledger, &measure(&ledger, &MeasureParams::default(), &[])?, &shares.growth, &mut dice);
/// let found = entry_products(&ledger, &EntryParams::default())?;
/// let lever = shift_entries(&found, &year, Gain::Revenue, &shares, &mut dice).unwrap();
/// assert_eq!((lever.n, lever.parameter.as_str()), (100, "frequency"));
/// assert!(lever.money.mean() > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn shift_entries(
    found: &EntryProducts,
    year: &Year,
    gain: Gain,
    assumptions: &Assumptions,
    dice: &mut Dice,
) -> Option<Lever> {
    let burns = Burning::of(found)?;
    let in_a_year = DAYS_PER_YEAR / (2.0 * f64::from(found.horizon));
    let newcomers = year.newcomers * burns.share;
    let caused = if assumptions.caused.rule_of_thumb {
        dice.coin(assumptions.caused.estimate)
    } else {
        dice.share(&assumptions.caused)
    };
    let next = year.next(burns.share, dice).with(&caused, |next, caused| next * caused);
    let at_stake = dice.normal(scaled(burns.loss, in_a_year * newcomers)).with(&next, |money, next| money * next);
    let moved = Assumed { name: "moved", share: assumptions.moved };
    (newcomers > 0.0).then(|| Lever {
        parameter: "frequency".into(),
        gain,
        facts: vec![
            ("customers", newcomers),
            ("products", burns.products as f64),
            ("loss_each", burns.loss.estimate),
            ("caused", assumptions.caused.estimate),
            ("horizon_days", f64::from(found.horizon)),
        ],
        trial: Some(Trial { control: 0.0, treated: moved.share.estimate }),
        ..lever("shift_entries", Engine::Funnel, burns.customers, moved, Grade::Observed, &at_stake, dice)
    })
}

/// Entry products that burn traffic.
struct Burning {
    products: usize,
    customers: u64,
    /// Their share of all customers.
    share: f64,
    /// Money that a customer brings less within the horizon.
    loss: Interval,
}

impl Burning {
    fn of(found: &EntryProducts) -> Option<Self> {
        let burns = |product: &&EntryProduct| product.verdict == Verdict::BurnsTraffic && product.followed > 0;
        let products: Vec<&EntryProduct> = found.products.iter().filter(burns).collect();
        let weights: f64 = products.iter().map(|product| product.followed as f64).sum();
        let weighted = |value: &dyn Fn(&EntryProduct) -> Option<f64>| {
            products
                .iter()
                .map(|product| Some(product.followed as f64 * value(product)?))
                .sum::<Option<f64>>()
                .map(|sum| sum / weights)
        };
        let loss = |product: &EntryProduct| Some(product.money_difference?.map(|money| -money));
        // A customer may have entered with several of them: errors are not taken to even out.
        let loss = Interval {
            estimate: weighted(&|product| Some(loss(product)?.estimate))?,
            lower: weighted(&|product| Some(loss(product)?.upper))?,
            upper: weighted(&|product| Some(loss(product)?.lower))?,
        };
        Some(Self {
            products: products.len(),
            customers: products.iter().map(|product| product.customers).sum(),
            share: products.iter().map(|product| product.share).sum::<f64>().min(1.0),
            loss,
        })
        .filter(|burning| burning.products > 0)
    }
}

/// Bringing customers of segments that order again less often than they did back to what they would order; `gain` is what the money of orders is.
///
/// ```
/// # use leverkit_core::frames::each;
/// # use leverkit_core::{Ledger, Roles, batch, format_day};
/// # use leverkit_profit::{MeasureParams, measure};
/// # use leverkit_plan::Year;
/// use leverkit_plan::{Assumptions, Dice, Fading, FadingSegment, Gain, revive_segments};
/// # // A hundred customers order every ten days; a third of them stops half-way.
/// # let orders: Vec<(i32, i32)> =
/// #     (0..100).flat_map(|who| (0..40).map(move |time| (who, time))).filter(|(who, time)| who % 3 > 0 || *time < 20).collect();
/// # let lines = batch!(
/// #     "who" => each(&orders, |order| order.0),
/// #     "day" => each(&orders, |order| format_day(19_000 + order.1 * 10 + order.0 % 7)),
/// #     "paid" => vec![25.0; orders.len()],
/// # )?;
/// # let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid"))?;
/// let (shares, mut dice) = (Assumptions::default(), Dice::new(1, 1000));
/// # let year = Year::of(&ledger, &measure(&ledger, &MeasureParams::default(), &[])?, &shares.growth, &mut dice);
/// // Customers in the south order a quarter less often than they did.
/// let south = FadingSegment {
///     value: "south".into(),
///     customers: 100,
///     change: -0.3,
///     error: 0.05,
///     money: [50_000.0, 20_000.0],
///     share: 0.3,
/// };
/// let found = Fading { dimension: "city".into(), segments: vec![south] };
/// let lever = revive_segments(&found, &year, Gain::Revenue, &shares, &mut dice);
/// assert_eq!(lever.subject.as_deref(), Some("city: south"));
/// assert!(lever.money.mean() > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn revive_segments(found: &Fading, year: &Year, gain: Gain, assumptions: &Assumptions, dice: &mut Dice) -> Lever {
    let mut loss = Draws::new(vec![0.0; dice.worlds()]);
    for segment in &found.segments {
        let change = Interval::around(segment.change, normal_quantile(0.975) * segment.error);
        let foregone = dice.normal(change).map(|change| segment.loss(change));
        let foregone = foregone.with(&year.next(segment.share, dice), |foregone, next| foregone * next);
        loss = loss.with(&foregone, |loss, foregone| loss + foregone);
    }
    let customers: u64 = found.segments.iter().map(|segment| segment.customers).sum();
    let values: Vec<&str> = found.segments.iter().map(|segment| segment.value.as_str()).collect();
    let usual: f64 = found.segments.iter().map(|segment| segment.money[1] * (-segment.change).exp()).sum();
    let now: f64 = found.segments.iter().map(|segment| segment.money[1]).sum();
    let reached = Assumed { name: "reached", share: assumptions.reached };
    Lever {
        parameter: "frequency".into(),
        gain,
        subject: Some(format!("{}: {}", found.dimension, values.join(", "))),
        facts: vec![("customers", customers as f64), ("fewer", 1.0 - now / usual), ("loss", loss.mean())],
        ..lever("revive_segments", Engine::Rfm, customers, reached, Grade::Observed, &loss, dice)
    }
}

/// Recommending to each order the product that goes with it, where the order does not hold it yet; `gain` is what
/// the margin of the rules is: profit where unit costs are known, else revenue.
///
/// An order gets one recommendation, however many products speak for one.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_funnel::{RuleParams, basket_rules};
/// use leverkit_plan::{Assumptions, Dice, Gain, Year, recommend};
/// use leverkit_profit::{MeasureParams, measure};
///
/// // Half of the orders hold tea and milk, a sixth tea alone, and a third bread.
/// let milk = (0..600).filter(|order| order % 2 == 0).map(|order| (order, "milk"));
/// let first = (0..600).map(|order| (order, if order % 2 == 0 || order % 6 == 1 { "tea" } else { "bread" }));
/// let bought: Vec<(i32, &str)> = first.chain(milk).collect();
/// let lines = batch!(
///     "who" => each(&bought, |line| line.0 % 60),
///     "day" => each(&bought, |line| format_day(19_000 + line.0 / 2)),
///     "order" => each(&bought, |line| line.0),
///     "what" => each(&bought, |line| line.1),
///     "paid" => vec![5.0; bought.len()],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid").order("order").product("what"))?;
///
/// let (shares, mut dice) = (Assumptions::default(), Dice::new(1, 1000));
/// let year = Year::of(&ledger, &measure(&ledger, &MeasureParams::default(), &[])?, &shares.growth, &mut dice);
/// let rules = basket_rules(&ledger, &RuleParams::default())?;
/// let lever = recommend(&rules, &year, Gain::Revenue, &shares, &mut dice).unwrap();
/// assert_eq!((lever.parameter.as_str(), lever.n), ("upsell_rate", 600));
/// assert!(lever.money.mean() > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn recommend(
    rules: &BasketRules,
    year: &Year,
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
    let each = sum(&|rule| chances(rule) * rule.each) / open;
    // All rules are of the same customers: their errors are not taken to even out.
    let error = sum(&|rule| chances(rule) * rule.each_error) / open;
    let offered = open.min(rules.n_orders as f64);
    let orders = offered / year.years;
    let confidence = sum(&|rule| rule.count as f64) / sum(&|rule| rule.count as f64 / rule.confidence);
    let taken = Assumed { name: "taken", share: assumptions.taken };
    let money = dice.normal(Interval::around(each * orders, normal_quantile(0.975) * error * orders));
    let money = money.with(&year.next(offered / rules.n_orders as f64, dice), |money, next| money * next);
    (open > 0.0 && orders.is_finite()).then(|| Lever {
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

/// Closing leaks: what values of a column give beyond the others in comparable deals. `list` is the money of all deals at list price.
///
/// Less discount is more price: demand answers, so that profit and not revenue is what it earns.
///
/// ```
/// # use leverkit_core::frames::each;
/// # use leverkit_core::{Ledger, Roles, batch, format_day};
/// # use leverkit_profit::{MeasureParams, measure};
/// # use leverkit_plan::Year;
/// use leverkit_core::stats::Interval;
/// use leverkit_plan::{Assumptions, Demand, Dice, Gain, Grade, close_leaks};
/// use leverkit_pricing::LeakTotal;
/// # // A hundred customers order every ten days; a third of them stops half-way.
/// # let orders: Vec<(i32, i32)> =
/// #     (0..100).flat_map(|who| (0..40).map(move |time| (who, time))).filter(|(who, time)| who % 3 > 0 || *time < 20).collect();
/// # let lines = batch!(
/// #     "who" => each(&orders, |order| order.0),
/// #     "day" => each(&orders, |order| format_day(19_000 + order.1 * 10 + order.0 % 7)),
/// #     "paid" => vec![25.0; orders.len()],
/// # )?;
/// # let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid"))?;
/// let (shares, mut dice) = (Assumptions::default(), Dice::new(1, 1000));
/// # let year = Year::of(&ledger, &measure(&ledger, &MeasureParams::default(), &[])?, &shares.growth, &mut dice);
/// // Two of eight sellers give 5,000 more than the others do in comparable deals.
/// let sellers = LeakTotal {
///     dimension: "seller".into(),
///     values: 8,
///     leaking: 2,
///     deals: 200,
///     list: 100_000.0,
///     discount: 20_000.0,
///     closable: Interval { estimate: 5000.0, lower: 3000.0, upper: 7000.0 },
///     between: 0.02,
///     within: vec!["size"],
///     clusters: Vec::new(),
/// };
/// let demand = Demand { elasticity: dice.share(&shares.elasticity), grade: Grade::Assumption, cost_share: 0.6 };
/// let lever = close_leaks(&sellers, 400_000.0, &year, &demand, &shares, &mut dice).unwrap();
/// assert_eq!((lever.name.as_str(), lever.gain), ("close_leaks_seller", Gain::Profit));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn close_leaks(
    total: &LeakTotal,
    list: f64,
    year: &Year,
    demand: &Demand,
    assumptions: &Assumptions,
    dice: &mut Dice,
) -> Option<Lever> {
    let revenue = (total.list - total.discount) / year.years;
    let closed = Assumed { name: "closed", share: assumptions.closed };
    let closable = scaled(total.closable, 1.0 / year.years);
    let name = format!("{CLOSE_LEAKS}{}", total.dimension);
    let shared = lever(&name, Engine::Pricing, total.deals, closed, Grade::Model, &dice.normal(closable), dice);
    let money = shared.money.with(&demand.elasticity, |money, elasticity| {
        price_change(revenue, revenue * demand.cost_share, money / revenue, elasticity)
    });
    (revenue > 0.0).then(|| Lever {
        parameter: "discount_rate".into(),
        gain: Gain::Profit,
        subject: Some(total.dimension.clone()),
        facts: vec![
            ("values", total.leaking as f64),
            ("deals", total.deals as f64 / year.years),
            ("closable", closable.estimate),
            ("elasticity", demand.elasticity.mean()),
        ],
        money: money.with(&year.next(total.list / list, dice), |money, next| money * next),
        grade: shared.grade.max(demand.grade),
        ..shared
    })
}

/// Bringing a parameter of the full formula to its norm, from `values` of one period; `periods` are how many the year has. A discount that falls is a price that
/// rises: `demand` answers.
///
/// # Errors
/// As [`Formula::evaluate`].
///
/// ```
/// # use leverkit_core::frames::each;
/// # use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_plan::{Assumptions, Demand, Dice, Gain, Grade, to_norm};
/// use leverkit_profit::{MeasureParams, OwnNorm, Way, measure};
/// # // A hundred customers order every ten days; a third of them stops half-way.
/// # let orders: Vec<(i32, i32)> =
/// #     (0..100).flat_map(|who| (0..40).map(move |time| (who, time))).filter(|(who, time)| who % 3 > 0 || *time < 20).collect();
/// # let lines = batch!(
/// #     "who" => each(&orders, |order| order.0),
/// #     "day" => each(&orders, |order| format_day(19_000 + order.1 * 10 + order.0 % 7)),
/// #     "paid" => vec![25.0; orders.len()],
/// # )?;
/// # let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid"))?;
/// let month = measure(&ledger, &MeasureParams::default(), &[])?.base.values;
/// let (shares, mut dice) = (Assumptions::default(), Dice::new(1, 1000));
/// let demand = Demand { elasticity: dice.share(&shares.elasticity), grade: Grade::Assumption, cost_share: 0.6 };
/// // In a quarter of the months customers ordered 3.5 times, and now 3.
/// let way = Way { today: 3.0, norm: 3.5, draws: vec![0.4, 0.5, 0.6] };
/// let norm = OwnNorm { parameter: "frequency", periods: 24, way: Some(way), reason: None };
/// let lever = to_norm(&norm, &month, 12.0, &demand, &shares, &mut dice)?.unwrap();
/// assert_eq!((lever.name.as_str(), lever.gain), ("to_norm_frequency", Gain::Profit));
/// assert!(lever.money.mean() > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
        &format!("{TO_NORM}{}", norm.parameter),
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

/// A formula in which one parameter moves.
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
