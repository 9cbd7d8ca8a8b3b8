//! The parameters of the full formula, measured from order lines and from the books of marketing and costs.

use leverkit_core::stats::{Interval, bootstrap, percentile_interval, wilson};
use leverkit_core::{Calendar, CustomerLines, Day, Ledger, Period, format_day};
use serde::{Deserialize, Serialize};

use crate::Error;

/// How to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureParams {
    /// The calendar period by which to measure.
    pub period: Period,
    /// Days of silence up to which a customer is active at the start of a period, and after which dormant.
    pub limit_day: u32,
    /// Bootstrap replicates behind each interval.
    pub replicates: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl Default for MeasureParams {
    fn default() -> Self {
        Self { period: Period::Month, limit_day: 365, replicates: 1000, seed: 1 }
    }
}

/// A row of the company's books: what was counted and paid on a day. `None` where the books do not have it; rows of a period add up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// The day.
    pub day: Day,
    /// People or impressions reached.
    pub contacts: Option<f64>,
    /// Visits and calls.
    pub responses: Option<f64>,
    /// Leads.
    pub leads: Option<f64>,
    /// Qualified leads.
    pub qualified: Option<f64>,
    /// Money spent on marketing.
    pub spend: Option<f64>,
    /// Money for delivery, payment and handling of orders.
    pub order_cost: Option<f64>,
    /// Money for care and loyalty of customers.
    pub service_cost: Option<f64>,
    /// Money for payroll, rent and IT.
    pub fixed_cost: Option<f64>,
    /// Taxes on profit, money.
    pub tax: Option<f64>,
}

impl Entry {
    fn check(&self, row: usize) -> Result<(), Error> {
        let fields = [
            ("contacts", self.contacts),
            ("responses", self.responses),
            ("leads", self.leads),
            ("qualified", self.qualified),
            ("spend", self.spend),
            ("order_cost", self.order_cost),
            ("service_cost", self.service_cost),
            ("fixed_cost", self.fixed_cost),
            ("tax", self.tax),
        ];
        for (parameter, value) in fields {
            if let Some(got) = value.filter(|value| !(value.is_finite() && *value >= 0.0)) {
                let expected = "a number of at least 0".into();
                return Err(Error::Value { parameter: parameter.into(), row, got, expected });
            }
        }
        Ok(())
    }
}

/// Where a measured value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The order lines.
    Lines,
    /// The books.
    Books,
    /// Neither: a value that leaves revenue as it is.
    Assumed,
}

/// A parameter of the full formula in a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The parameter.
    pub parameter: &'static str,
    /// Its value.
    pub value: f64,
    /// 95 % limits; `None` for counts and totals, which are known, and for what is assumed.
    pub limits: Option<(f64, f64)>,
    /// What it was divided by: customers, orders, leads …; 0 for counts and totals.
    pub n: f64,
    /// Where it comes from.
    pub source: Source,
}

/// A period of the company.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredPeriod {
    /// Its first day.
    pub start: Day,
    /// Its last day.
    pub end: Day,
    /// Whether the lines hold it whole, and before it as many days as the limit day looks back.
    pub is_complete: bool,
    /// The parameters, in the order of the full formula.
    pub values: Vec<Measured>,
    /// Customers with an order.
    pub customers: f64,
    /// Customers whose first order it holds.
    pub new: f64,
    /// Orders.
    pub orders: f64,
    /// Money, net of returns.
    pub revenue: f64,
}

/// A parameter that could not be measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Missing {
    /// The parameter.
    pub parameter: &'static str,
    /// The value that it was given: with it the measured revenue stays exact.
    pub assumed: &'static str,
    /// What would measure it.
    pub needed: &'static str,
}

/// The parameters of the full formula by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    /// What it was measured with.
    pub params: MeasureParams,
    /// The periods, in time order.
    pub periods: Vec<MeasuredPeriod>,
    /// What could not be measured in any period.
    pub missing: Vec<Missing>,
}

/// What could be missing, with what would measure it.
const NEEDS: [(&str, &str, &str); 16] = [
    ("reach", "the count of the first stage known", "contacts by day in the spend or leads table"),
    ("response_rate", "1", "contacts and responses by day in the leads table"),
    ("lead_rate", "1", "responses and leads by day in the leads table"),
    ("qualified_rate", "1", "leads and qualified leads by day in the leads table"),
    ("close_rate", "1", "leads or qualified leads by day in the leads table"),
    ("referral_rate", "0", "who brought each new customer; they are among the new ones"),
    ("items", "lines per order", "quantity, a role of the order lines"),
    ("list_price", "the price paid", "list_price or discounts, roles of the order lines"),
    ("discount_rate", "0", "list_price or discounts, roles of the order lines"),
    ("upsell_rate", "0", "which lines were sold beyond what was asked for; they are among the items"),
    ("unit_cost", "0", "unit_cost, a role of the order lines"),
    ("order_cost", "0", "costs of the item order_cost"),
    ("contact_cost", "0", "spend by day in the spend table"),
    ("service_cost", "0", "costs of the item service_cost"),
    ("fixed_cost", "0", "costs of the item fixed_cost"),
    ("tax_rate", "0", "costs of the item tax"),
];

/// Groups of customers that the bootstrap draws: enough for the limits, few enough to be drawn a thousand times for each period.
const GROUPS: usize = 400;

/// What a group of customers did in a period.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    base: f64,
    retained: f64,
    dormant: f64,
    returned: f64,
    new: f64,
    orders: f64,
    units: f64,
    list: f64,
    gross: f64,
    refunds: f64,
    cost: f64,
}

impl Sums {
    fn add(&mut self, other: &Self, times: f64) {
        self.base += times * other.base;
        self.retained += times * other.retained;
        self.dormant += times * other.dormant;
        self.returned += times * other.returned;
        self.new += times * other.new;
        self.orders += times * other.orders;
        self.units += times * other.units;
        self.list += times * other.list;
        self.gross += times * other.gross;
        self.refunds += times * other.refunds;
        self.cost += times * other.cost;
    }

    fn customers(&self) -> f64 {
        self.new + self.retained + self.returned
    }

    /// The parameters that lines tell, with what each is divided by.
    fn rates(&self) -> [(&'static str, f64, f64); 8] {
        let over = |name, part: f64, whole: f64| (name, if whole == 0.0 { 0.0 } else { part / whole }, whole);
        [
            over("retention_rate", self.retained, self.base),
            over("reactivation_rate", self.returned, self.dormant),
            over("frequency", self.orders, self.customers()),
            over("items", self.units, self.orders),
            over("list_price", self.list, self.units),
            over("discount_rate", self.list - self.gross, self.list),
            over("return_rate", self.refunds, self.gross),
            over("unit_cost", self.cost, self.units),
        ]
    }
}

/// Measures the parameters of the full formula by period: base and dormant by the limit day at the period's start, retention and reactivation,
/// frequency, items, list price, discount, returns and unit cost from the order lines; the steps from reach to first orders and the costs
/// from the books. 95 % limits of what lines tell are percentiles of a bootstrap over customers, those of the steps are Wilson's.
///
/// Measured values put into the full formula give back the period's revenue, unless it holds refunds without a sale. What cannot be measured takes a value that leaves it so, and
/// stands in `missing`.
///
/// # Errors
/// [`Error::Parameter`] for a limit day or replicates of 0, for a ledger without lines, and where a stage of the books counts fewer than
/// the stage after it; [`Error::Value`] for an entry below 0.
///
/// ```
/// use leverkit_core::{Ledger, Period, Roles, batch};
/// use leverkit_profit::{Formula, MeasureParams, measure};
/// let lines = batch!("who" => [1, 1, 2, 2], "day" => ["2024-01-05", "2024-02-09", "2024-01-20", "2024-02-02"], "paid" => [10.0, 12.0, 20.0, 18.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid"))?;
/// let found = measure(&ledger, &MeasureParams { limit_day: 30, ..MeasureParams::default() }, &[])?;
/// let formula = Formula::full();
/// let february = formula.point(&found.periods[1].scenario())?;
/// assert_eq!(february[formula.node("revenue")?], 30.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn measure(ledger: &Ledger, params: &MeasureParams, books: &[Entry]) -> Result<Measurement, Error> {
    if params.limit_day == 0 {
        return Err(Error::parameter("limit_day", "0", "at least 1 day"));
    }
    books.iter().enumerate().try_for_each(|(row, entry)| entry.check(row))?;
    let (Some(start), Some(end)) = (ledger.start(), ledger.end()) else {
        return Err(Error::parameter("ledger", "no line", "lines to measure"));
    };
    let calendar = Calendar::new(params.period, start, end);
    let groups = GROUPS.min(ledger.n_customers());
    let sums = add_up(ledger, &calendar, groups, params.limit_day as Day);
    let seen = ledger.seen_until(ledger.as_of());
    let mut periods = Vec::new();
    for (period, by_group) in sums.chunks(groups).enumerate() {
        let (first, last) = (calendar.start_of(period), calendar.start_of(period + 1) - 1);
        let is_complete = first >= start + params.limit_day as Day && last <= seen;
        let mut entry = Entry { day: first, ..Entry::default() };
        books.iter().filter(|other| (first..=last).contains(&other.day)).for_each(|other| entry.add(other));
        periods.push(measure_period(ledger, params, (first, last, is_complete), by_group, &entry)?);
    }
    let assumed = |parameter: &str| {
        let mut of = periods.iter().flat_map(|period| &period.values).filter(|value| value.parameter == parameter);
        of.all(|value| value.source == Source::Assumed)
    };
    let needs = NEEDS.iter().filter(|(parameter, _, _)| assumed(parameter));
    let missing = needs.map(|&(parameter, assumed, needed)| Missing { parameter, assumed, needed }).collect();
    Ok(Measurement { params: params.clone(), periods, missing })
}

impl MeasuredPeriod {
    /// The values in the order of the full formula, ready to be put into it.
    pub fn scenario(&self) -> Vec<f64> {
        self.values.iter().map(|measured| measured.value).collect()
    }
}

impl Entry {
    fn add(&mut self, other: &Self) {
        let plus = |sum: &mut Option<f64>, more: Option<f64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or_default() + more);
            }
        };
        plus(&mut self.contacts, other.contacts);
        plus(&mut self.responses, other.responses);
        plus(&mut self.leads, other.leads);
        plus(&mut self.qualified, other.qualified);
        plus(&mut self.spend, other.spend);
        plus(&mut self.order_cost, other.order_cost);
        plus(&mut self.service_cost, other.service_cost);
        plus(&mut self.fixed_cost, other.fixed_cost);
        plus(&mut self.tax, other.tax);
    }
}

/// Sums by period and group of customers: those of a period stand together.
fn add_up(ledger: &Ledger, calendar: &Calendar, groups: usize, limit_day: Day) -> Vec<Sums> {
    let fresh = || vec![Sums::default(); calendar.periods() * groups];
    let add = |sums: &mut Vec<Sums>, customer: CustomerLines<'_>| {
        // Neighbours in the ledger may be alike; groups mix them.
        let group = (u64::from(customer.code).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize % groups;
        add_orders(sums, calendar, groups, group, limit_day, customer.order_days);
        add_lines(sums, ledger, calendar, groups, group, customer);
    };
    let merge = |mut left: Vec<Sums>, right: Vec<Sums>| {
        left.iter_mut().zip(&right).for_each(|(left, right)| left.add(right, 1.0));
        left
    };
    ledger.fold_customers(fresh, add, merge)
}

fn add_orders(sums: &mut [Sums], calendar: &Calendar, groups: usize, group: usize, limit_day: Day, days: &[Day]) {
    let Some(first) = days.first() else { return };
    let (mut from, mut last) = (0, None);
    for period in calendar.of(*first)..calendar.periods() {
        let end = calendar.start_of(period + 1);
        let orders = days[from..].iter().take_while(|day| **day < end).count();
        let sums = &mut sums[period * groups + group];
        let came = f64::from(u8::from(orders > 0));
        match last {
            None => sums.new += came,
            Some(last) if calendar.start_of(period) - last <= limit_day => {
                sums.base += 1.0;
                sums.retained += came;
            }
            Some(_) => {
                sums.dormant += 1.0;
                sums.returned += came;
            }
        }
        sums.orders += orders as f64;
        from += orders;
        last = days[..from].last().copied();
    }
}

fn add_lines(
    sums: &mut [Sums],
    ledger: &Ledger,
    calendar: &Calendar,
    groups: usize,
    group: usize,
    customer: CustomerLines<'_>,
) {
    let known = |column: Option<&[f64]>, line: usize| column.map(|values| values[line]).filter(|value| !value.is_nan());
    for ((line, &day), &amount) in customer.lines().zip(customer.days).zip(customer.amounts) {
        let sums = &mut sums[calendar.of(day) * groups + group];
        if amount < 0.0 {
            sums.refunds -= amount;
            continue;
        }
        let units = known(ledger.quantities(), line).unwrap_or(1.0).max(0.0);
        let discounts: f64 = ledger.discounts().iter().filter_map(|named| known(Some(&named.values), line)).sum();
        let list = known(ledger.list_prices(), line).map_or(amount + discounts, |price| price * units);
        sums.units += units;
        sums.list += list;
        sums.gross += amount;
        sums.cost += ledger.cost_of(line).unwrap_or_default();
    }
}

fn measure_period(
    ledger: &Ledger,
    params: &MeasureParams,
    (start, end, is_complete): (Day, Day, bool),
    by_group: &[Sums],
    entry: &Entry,
) -> Result<MeasuredPeriod, Error> {
    let draw = |times: &[u32]| {
        let mut sums = Sums::default();
        by_group.iter().zip(times).for_each(|(group, times)| sums.add(group, f64::from(*times)));
        sums
    };
    let whole = draw(&vec![1; by_group.len()]);
    let wrong = |error: leverkit_core::stats::StatsError| Error::syntax("measure", error.to_string());
    let replicates = bootstrap(by_group.len(), params.replicates, params.seed, |times| {
        draw(times).rates().map(|(_, value, whole)| if whole == 0.0 { f64::NAN } else { value })
    })
    .map_err(wrong)?;
    let from_lines = |parameter: &'static str| -> Measured {
        let rates = whole.rates();
        let place = rates.iter().position(|rate| rate.0 == parameter).unwrap_or_default();
        let (_, value, n) = rates[place];
        let draws: Vec<f64> = replicates.iter().map(|rates| rates[place]).collect();
        let limits = percentile_interval(value, &draws, 0.95).ok().filter(|_| n > 0.0);
        let limits = limits.map(|interval| (interval.lower, interval.upper));
        let has_role = match parameter {
            "items" => ledger.quantities().is_some(),
            "list_price" | "discount_rate" => ledger.list_prices().is_some() || !ledger.discounts().is_empty(),
            "unit_cost" => ledger.unit_costs().is_some(),
            _ => true,
        };
        let source = if has_role { Source::Lines } else { Source::Assumed };
        Measured { parameter, value, limits: limits.filter(|_| has_role), n, source }
    };
    let steps = steps(start, entry, whole.new)?;
    let reach = steps[0].value;
    let count = |parameter, value| Measured { parameter, value, limits: None, n: 0.0, source: Source::Lines };
    let assumed = |parameter| Measured { parameter, value: 0.0, limits: None, n: 0.0, source: Source::Assumed };
    let cost = |parameter, money: Option<f64>, n: f64| match money {
        Some(money) if n > 0.0 => Measured { parameter, value: money / n, limits: None, n, source: Source::Books },
        _ => assumed(parameter),
    };
    let mut values = steps;
    values.extend([
        count("base", whole.base),
        from_lines("retention_rate"),
        count("dormant", whole.dormant),
        from_lines("reactivation_rate"),
        assumed("referral_rate"),
        from_lines("frequency"),
        from_lines("items"),
        from_lines("list_price"),
        from_lines("discount_rate"),
        assumed("upsell_rate"),
        from_lines("return_rate"),
        from_lines("unit_cost"),
        cost("order_cost", entry.order_cost, whole.orders),
        cost("contact_cost", entry.spend, reach),
        cost("service_cost", entry.service_cost, whole.customers()),
        cost("fixed_cost", entry.fixed_cost, 1.0),
    ]);
    let costs: f64 = [Some(whole.cost), entry.order_cost, entry.service_cost, entry.spend, entry.fixed_cost]
        .into_iter()
        .flatten()
        .sum();
    values.push(cost("tax_rate", entry.tax, whole.gross - whole.refunds - costs));
    Ok(MeasuredPeriod {
        start,
        end,
        is_complete,
        values,
        customers: whole.customers(),
        new: whole.new,
        orders: whole.orders,
        revenue: whole.gross - whole.refunds,
    })
}

/// The steps from reach to first orders. Stages that the books do not have fall together with the next one known.
fn steps(start: Day, entry: &Entry, new: f64) -> Result<Vec<Measured>, Error> {
    let stages = [
        ("reach", entry.contacts),
        ("response_rate", entry.responses),
        ("lead_rate", entry.leads),
        ("qualified_rate", entry.qualified),
        ("close_rate", Some(new)),
    ];
    let known = |stages: &[(&str, Option<f64>)]| stages.iter().find_map(|(_, count)| *count);
    let reach = known(&stages).unwrap_or(new);
    let source = if entry.contacts.is_some() { Source::Books } else { Source::Assumed };
    let mut values = vec![Measured { parameter: "reach", value: reach, limits: None, n: 0.0, source }];
    let mut before = entry.contacts;
    for (parameter, count) in &stages[1..] {
        let rate = match (before, *count) {
            (Some(before), Some(count)) if count > before => {
                let got =
                    format!("{before} in the stage before {parameter} and {count} after it, {}", format_day(start));
                return Err(Error::parameter("leads", got, "stages that hold all of the next: not fewer than it"));
            }
            (Some(before), Some(count)) => share(parameter, count, before),
            _ => Measured { parameter, value: 1.0, limits: None, n: 0.0, source: Source::Assumed },
        };
        values.push(rate);
        before = count.or(before);
    }
    Ok(values)
}

fn share(parameter: &'static str, part: f64, whole: f64) -> Measured {
    let value = if whole > 0.0 { part / whole } else { 0.0 };
    let limits: Option<Interval> = wilson(part.round() as u64, whole.round() as u64, 0.95).ok();
    Measured {
        parameter,
        value,
        limits: limits.map(|interval| (interval.lower, interval.upper)),
        n: whole,
        source: Source::Books,
    }
}
