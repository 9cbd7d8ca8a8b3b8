//! The parameters of the full formula, measured from order lines and from the books of marketing and costs.

pub(crate) mod books;
pub(crate) mod norms;
pub(crate) mod params;
mod rates;
pub(crate) mod result;
pub(crate) mod segments;
mod sums;
mod table;

use leverkit_core::stats::{Interval, bootstrap, budget, normal_quantile};
use leverkit_core::{Calendar, Day, Ledger, Params, Period};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use crate::Error;
use books::{BookEntry, entry_of, steps};
use norms::{Series, own_norms};
use params::MeasureParams;
use rates::{Rate, correlations, rates};
use result::{Base, Measured, MeasuredPeriod, Measurement, Missing, Source};
use sums::{Sums, add_up};

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

/// Without their roles the lines still tell these: lines per order, and the price paid.
const ALSO_TOLD: [&str; 2] = ["items", "list_price"];

/// Groups of customers that limits and the bootstrap are made of: enough for both, few enough to be drawn a thousand times for each period.
const GROUPS: usize = 400;

/// Measures the parameters of the full formula by period: base and dormant by the limit day at the period's start, retention and reactivation,
/// frequency, items, list price, discount, returns and unit cost from the order lines; the steps from reach to first orders and the costs
/// from the books. 95 % limits of counts of customers and of the steps are Wilson's; those of other ratios come from how customers differ
/// ([`Ratio`](leverkit_core::stats::Ratio)).
///
/// Measured values put into the full formula give back the period's revenue, unless it holds refunds without a sale. What cannot be measured takes a value that leaves it so, and
/// stands in `missing`.
///
/// # Errors
/// [`Error::Core`] for a limit day or replicates of 0, for a ledger without lines, and where a stage of the books counts fewer than
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
pub fn measure(ledger: &Ledger, params: &MeasureParams, books: &[BookEntry]) -> Result<Measurement, Error> {
    params.check()?;
    books.iter().enumerate().try_for_each(|(row, entry)| entry.check(row))?;
    let (Some(start), Some(end)) = (ledger.start(), ledger.end()) else {
        return Err(Error::parameter("ledger", "no line", "lines to measure"));
    };
    let calendar = Calendar::new(params.period, start, end);
    let groups = GROUPS.min(ledger.n_customers());
    let sums = add_up(ledger, &calendar, groups, params.limit_day as i32);
    let seen = ledger.seen_until(ledger.as_of());
    let span = |period: usize| {
        let (first, last) = (calendar.start_of(period), calendar.start_of(period + 1) - 1);
        (first, last, first >= start + params.limit_day as i32 && last <= seen)
    };
    let spans: Vec<(Day, Day, bool)> = (0..calendar.periods()).map(span).collect();
    let lines = sums.chunks(groups).map(|of_period| Lines::new(ledger, params, of_period));
    let lines = lines.collect::<Result<Vec<_>, Error>>()?;
    let measured = lines.iter().zip(&spans);
    let periods = measured
        .map(|(lines, &span)| measure_period(lines, span, &entry_of(books, span.0, span.1)))
        .collect::<Result<Vec<_>, Error>>()?;
    let assumed = |parameter: &str| {
        let mut of = periods.iter().flat_map(|period| &period.values).filter(|value| value.parameter == parameter);
        of.all(|value| value.source == Source::Assumed)
    };
    let needs = NEEDS.iter().filter(|(parameter, _, _)| assumed(parameter));
    let missing = needs.map(|&(parameter, assumed, needed)| Missing { parameter, assumed, needed }).collect();
    let base = base(&lines, &spans, (start, seen), books, params.period)?;
    let norms = own_norms(&series(&lines, &periods, params.seed), params.period);
    Ok(Measurement { params: params.clone(), periods, base, norms, missing })
}

/// The average of the last periods that the lines hold whole, a year of them where there are so many; of all where none is whole.
fn base(
    lines: &[Lines<'_>],
    spans: &[(Day, Day, bool)],
    (start, seen): (Day, Day),
    books: &[BookEntry],
    period: Period,
) -> Result<Base, Error> {
    let a_year = period.a_year().round() as usize;
    let whole: Vec<usize> = (0..spans.len()).filter(|&at| spans[at].0 >= start && spans[at].1 <= seen).collect();
    let known = if whole.is_empty() { (0..spans.len()).collect() } else { whole };
    let last = &known[known.len().saturating_sub(a_year)..];
    let (first_day, last_day) = (spans[last[0]].0, spans[last[last.len() - 1]].1);
    let part = 1.0 / last.len() as f64;
    let mut mean = Lines { ledger: lines[0].ledger, whole: Sums::default(), replicates: Vec::new(), rates: rates(&[]) };
    last.iter().for_each(|&at| mean.whole.add(&lines[at].whole, part));
    let entry = entry_of(books, first_day, last_day).times(part);
    let values = measure_period(&mean, (first_day, last_day, true), &entry)?.scenario();
    let is_year = last.len() == a_year;
    Ok(Base { start: first_day, end: last_day, periods: last.len(), is_year, values })
}

/// The parameters that have limits, by complete period, with the replicates of all periods drawn together: a customer errs in all of them.
fn series(lines: &[Lines<'_>], periods: &[MeasuredPeriod], seed: u64) -> Vec<Series> {
    let complete: Vec<usize> = (0..periods.len()).filter(|&at| periods[at].is_complete).collect();
    let Some(&first) = complete.first() else { return Vec::new() };
    let parameters = periods[first].values.iter().enumerate().map(|(place, known)| (place, known.parameter));
    let of = |(place, parameter): (usize, &'static str)| {
        let value = |at: &usize| &periods[*at].values[place];
        // The last stretch in which there was something to divide by.
        let mut known: Vec<usize> = complete.iter().rev().copied().take_while(|at| value(at).is_told()).collect();
        known.reverse();
        let limits: Vec<Interval> = known.iter().filter_map(|at| value(at).limits).collect();
        let rate = Sums::default().rates().iter().position(|rate| rate.0 == parameter);
        let replicates = match rate {
            Some(rate) => (0..lines[first].replicates.len())
                .map(|replicate| known.iter().map(|&at| lines[at].replicates[replicate][rate]).collect())
                .collect(),
            None => drawn(&limits, lines[first].replicates.len(), seed),
        };
        let values = limits.iter().map(|limits| limits.estimate).collect();
        (!known.is_empty()).then_some(Series { parameter, values, replicates })
    };
    parameters.filter_map(of).collect()
}

/// Replicates of what the books count: normal within the limits, each period on its own.
fn drawn(limits: &[Interval], replicates: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = Pcg64::seed_from_u64(seed);
    let width = 2.0 * normal_quantile(0.975);
    let mut one = |limits: &Interval| {
        limits.estimate + (limits.upper - limits.lower) / width * random.sample::<f64, _>(StandardNormal)
    };
    let mut replicate = |_| {
        budget::check();
        limits.iter().map(&mut one).collect()
    };
    (0..replicates).map(&mut replicate).collect()
}

/// What the lines of a period tell.
struct Lines<'a> {
    ledger: &'a Ledger,
    whole: Sums,
    /// The rates of each replicate; NaN where there is nothing to divide by.
    replicates: Vec<[f64; 8]>,
    rates: Vec<Option<Rate>>,
}

impl<'a> Lines<'a> {
    fn new(ledger: &'a Ledger, params: &MeasureParams, by_group: &[Sums]) -> Result<Self, Error> {
        let draw = |times: &[u32]| {
            let mut sums = Sums::default();
            by_group.iter().zip(times).for_each(|(group, times)| sums.add(group, f64::from(*times)));
            sums
        };
        let replicates = bootstrap(by_group.len(), params.replicates, params.seed, |times| {
            draw(times).rates().map(|(_, part, whole)| if whole == 0.0 { f64::NAN } else { part / whole })
        })
        .map_err(|error| Error::syntax("measure", error.to_string()))?;
        Ok(Self { ledger, whole: draw(&vec![1; by_group.len()]), replicates, rates: rates(by_group) })
    }

    /// A rate with its limits, or what stands for it where the ledger lacks its role.
    fn rate(&self, parameter: &'static str) -> Measured {
        let of_all = self.whole.rates();
        let place = of_all.iter().position(|rate| rate.0 == parameter).unwrap_or_default();
        let (_, part, whole) = of_all[place];
        let source = if self.has_role(parameter) { Source::Lines } else { Source::Assumed };
        match &self.rates[place] {
            Some(rate) if source == Source::Lines || ALSO_TOLD.contains(&parameter) => rate.measured(whole, source),
            _ => Measured::known(parameter, if whole == 0.0 { 0.0 } else { part / whole }, whole, source),
        }
    }

    fn has_role(&self, parameter: &str) -> bool {
        match parameter {
            "items" => self.ledger.quantities().is_some(),
            "list_price" | "discount_rate" => {
                self.ledger.list_prices().is_some()
                    || !(self.ledger.discounts().is_empty() && self.ledger.deductions().is_empty())
            }
            "unit_cost" => self.ledger.unit_costs().is_some(),
            _ => true,
        }
    }
}

fn count(parameter: &'static str, value: f64) -> Measured {
    Measured::known(parameter, value, 0.0, Source::Lines)
}

fn assumed(parameter: &'static str) -> Measured {
    Measured::known(parameter, 0.0, 0.0, Source::Assumed)
}

/// Money of the books for each of `n`.
fn cost(parameter: &'static str, money: Option<f64>, n: f64) -> Measured {
    match money {
        Some(money) if n > 0.0 => Measured::known(parameter, money / n, n, Source::Books),
        _ => assumed(parameter),
    }
}

fn measure_period(
    lines: &Lines<'_>,
    (start, end, is_complete): (Day, Day, bool),
    entry: &BookEntry,
) -> Result<MeasuredPeriod, Error> {
    let whole = &lines.whole;
    let mut values = steps(start, entry, whole.new)?;
    let reach = values[0].value;
    let costs: f64 = [Some(whole.cost), entry.order_cost, entry.service_cost, entry.spend, entry.fixed_cost]
        .into_iter()
        .flatten()
        .sum();
    values.extend([
        count("base", whole.base),
        lines.rate("retention_rate"),
        count("dormant", whole.dormant),
        lines.rate("reactivation_rate"),
        assumed("referral_rate"),
        lines.rate("frequency"),
        lines.rate("items"),
        lines.rate("list_price"),
        lines.rate("discount_rate"),
        assumed("upsell_rate"),
        lines.rate("return_rate"),
        lines.rate("unit_cost"),
        cost("order_cost", entry.order_cost, whole.orders),
        cost("contact_cost", entry.spend, reach),
        cost("service_cost", entry.service_cost, whole.customers()),
        cost("fixed_cost", entry.fixed_cost, 1.0),
        cost("tax_rate", entry.tax, whole.gross - whole.refunds - costs),
    ]);
    Ok(MeasuredPeriod {
        start,
        end,
        is_complete,
        values,
        correlations: correlations(&lines.rates),
        customers: whole.customers(),
        new: whole.new,
        orders: whole.orders,
        revenue: whole.gross - whole.refunds,
    })
}
