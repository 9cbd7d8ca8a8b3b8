//! Segments whose customers order again less often than they did, beside the customers of the other segments.
//!
//! Seasons, prices and the market move all segments; so each is compared with the others: the logarithm of its rate of repeat orders in the last half-year over that of the year
//! before, less the same of the others. Both rates are of customers in the two years after their first order, so that a segment which wins fewer customers does not look like one
//! that loses them.

use leverkit_core::stats::pooling::{between, credibility};
use leverkit_core::stats::{Estimate, benjamini_hochberg};
use leverkit_core::{CustomerLines, Day, Ledger, NO_CODE};

/// The last half-year, in days, and the year before it.
const HALF: i32 = 183;
const YEAR: i32 = 365;
/// Customers are followed for two years.
const FOLLOWED: i32 = 2 * YEAR;
/// Fewer days before the last half-year do not tell what was usual.
const FEWEST_DAYS: i32 = 90;
/// Fewer repeat orders in either time do not tell a rate.
const FEWEST_ORDERS: f64 = 30.0;
/// A dimension is of customers where so many of them have one value alone.
const KEPT: f64 = 0.95;
/// Of segments with a smaller q-value one in a hundred is expected to be chance: other levers are looked for in the same lines.
const FALSE: f64 = 0.01;

/// Segments of one dimension that fade.
#[derive(Debug, Clone, PartialEq)]
pub struct Fading {
    /// The dimension.
    pub dimension: String,
    /// Those of its values that fade.
    pub segments: Vec<FadingSegment>,
}

/// A segment that fades.
///
/// ```
/// use leverkit_plan::FadingSegment;
/// let south = FadingSegment { value: "south".into(), customers: 100, change: -0.7, error: 0.1, money: [600.0, 300.0], share: 0.3 };
/// // The last half-year brought 300; without the change it would have been twice as much, and so would the year.
/// assert!((south.loss(0.5_f64.ln()) - 600.0).abs() < 1e-9 && south.loss(0.0) == 0.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FadingSegment {
    /// Its value.
    pub value: String,
    /// Customers.
    pub customers: u64,
    /// The logarithm of its rate of repeat orders over what it would be, drawn to none as far as chance explains it.
    pub change: f64,
    /// The standard error of that.
    pub error: f64,
    /// Money of its repeat orders in the last year, before the last half of it and in that half.
    pub money: [f64; 2],
    /// Its share of the money of all segments.
    pub share: f64,
}

impl FadingSegment {
    /// Money a year that does not come, at a change: of the year as it would have been.
    pub fn loss(&self, change: f64) -> f64 {
        (1.0 - change.exp()) * (self.money[0] + self.money[1] * (-change).exp())
    }
}

/// The dimension of customers whose fading segments lose most, up to the last day of the last whole period; `None` where none fades, and where lines are too few.
///
/// A segment fades where its change is below 0 with a q-value of at most 0.01 among all segments (Benjamini & Hochberg 1995); changes are drawn to 0 by empirical Bayes.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
///
/// // Customers of both cities order every twenty days; those of the south leave out two of three orders in the second year.
/// let is_there = |(who, time): &(i32, i32)| who % 3 > 0 || *time < 18 || (who / 3 + time) % 3 == 0;
/// let orders: Vec<(i32, i32)> = (0..300).flat_map(|who| (0..36).map(move |time| (who, time))).filter(is_there).collect();
/// let lines = batch!(
///     "who" => each(&orders, |order| order.0),
///     "day" => each(&orders, |order| format_day(19_000 + order.1 * 20 + order.0 % 15)),
///     "city" => each(&orders, |order| if order.0 % 3 > 0 { "north" } else { "south" }),
///     "paid" => vec![10.0; orders.len()],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid").dimension("city"))?;
/// let found = leverkit_plan::fading(&ledger, ledger.as_of() - 1).unwrap();
/// assert_eq!((found.dimension.as_str(), found.segments[0].value.as_str()), ("city", "south"));
/// assert_eq!(found.segments[0].customers, 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fading(ledger: &Ledger, end: Day) -> Option<Fading> {
    let since = end - HALF + 1;
    let from = ledger.start()?.max(since - YEAR);
    if since - from < FEWEST_DAYS {
        return None;
    }
    let spans = Spans { from, since, end };
    let dimensions: Vec<Segments> =
        (0..ledger.dimensions().len()).filter_map(|at| Segments::of(ledger, at, spans)).collect();
    let p_values: Vec<f64> =
        dimensions.iter().flat_map(|known| known.changes.iter().map(|(_, change)| change.p_value)).collect();
    let mut q_values = benjamini_hochberg(&p_values).into_iter();
    let faded = dimensions.iter().filter_map(|known| known.faded(ledger, &mut q_values));
    let loss = |fading: &Fading| fading.segments.iter().map(|segment| segment.loss(segment.change)).sum::<f64>();
    faded.max_by(|a, b| loss(a).total_cmp(&loss(b)))
}

/// The year before, and the last half-year.
#[derive(Clone, Copy)]
struct Spans {
    from: Day,
    since: Day,
    end: Day,
}

impl Spans {
    /// Which of the two a day is in.
    fn place(&self, day: Day) -> Option<usize> {
        (self.from <= day && day <= self.end).then_some(usize::from(day >= self.since))
    }

    /// Days of each in which a customer, known since a first order, could come again.
    fn days(&self, first: Day) -> [f64; 2] {
        let within = |from: Day, to: Day| f64::from((to.min(first + FOLLOWED) - from.max(first + 1) + 1).max(0));
        [within(self.from, self.since - 1), within(self.since, self.end)]
    }
}

/// Repeat orders in both times, and days in which they could come.
#[derive(Clone, Copy, Default)]
struct Counts([f64; 4]);

impl Counts {
    /// The logarithm of the later rate over the earlier one.
    fn change(&self) -> f64 {
        let [orders, days, later_orders, later_days] = self.0;
        (later_orders / later_days * days / orders).ln()
    }
}

/// Customers of a segment, added up.
#[derive(Clone, Copy, Default)]
struct Tally {
    customers: u64,
    counts: Counts,
    /// Sums of products of the counts by customer: orders of one customer come together.
    products: [[f64; 4]; 4],
    money: [f64; 2],
}

impl Tally {
    fn plus(mut self, other: &Self, sign: f64) -> Self {
        let add = |(own, more): (&mut f64, &f64)| *own += sign * more;
        self.counts.0.iter_mut().zip(&other.counts.0).for_each(add);
        self.products.iter_mut().flatten().zip(other.products.iter().flatten()).for_each(add);
        self
    }

    fn add(&mut self, counts: &Counts, money: [f64; 2]) {
        let products: [[f64; 4]; 4] = counts.0.map(|a| counts.0.map(|b| a * b));
        *self = self.plus(&Self { counts: *counts, products, ..Self::default() }, 1.0);
        self.customers += 1;
        (0..2).for_each(|place| self.money[place] += money[place]);
    }

    /// Variance of the change, by customers: the delta method.
    fn variance(&self) -> f64 {
        let [orders, days, later_orders, later_days] = self.counts.0.map(|count| 1.0 / count);
        let slopes = [-orders, days, later_orders, -later_days];
        (0..4).map(|a| (0..4).map(|b| slopes[a] * self.products[a][b] * slopes[b]).sum::<f64>()).sum()
    }

    fn is_known(&self) -> bool {
        let [orders, days, later_orders, later_days] = self.counts.0;
        orders.min(later_orders) >= FEWEST_ORDERS && days.min(later_days) > 0.0
    }
}

/// The segments of a dimension.
struct Segments {
    dimension: usize,
    tallies: Vec<Tally>,
    /// By segment: its change beside the others.
    changes: Vec<(usize, Estimate)>,
}

impl Segments {
    /// `None` where customers do not keep one value of the dimension.
    fn of(ledger: &Ledger, dimension: usize, spans: Spans) -> Option<Self> {
        let codes = &ledger.dimensions()[dimension].values;
        let known = ledger.par_customers(|| (), |(), lines| customer(ledger, &lines, &codes.codes, spans));
        let keep = known.iter().flatten().filter(|customer| customer.keeps).count() as f64;
        let all = known.iter().flatten().count() as f64;
        if keep < KEPT * all || all == 0.0 {
            return None;
        }
        let mut tallies = vec![Tally::default(); codes.dictionary.len()];
        for customer in known.iter().flatten() {
            tallies[customer.code as usize].add(&customer.counts, customer.money);
        }
        let whole = tallies.iter().fold(Tally::default(), |sum, own| sum.plus(own, 1.0));
        let change = |(at, own): (usize, &Tally)| {
            let others = whole.plus(own, -1.0);
            let change = own.counts.change() - others.counts.change();
            let error = (own.variance() + others.variance()).sqrt();
            (own.is_known() && others.is_known()).then(|| (at, Estimate::normal(change, error, 0.95)))
        };
        let changes = tallies.iter().enumerate().filter_map(change).collect();
        Some(Self { dimension, tallies, changes })
    }

    fn faded(&self, ledger: &Ledger, q_values: &mut impl Iterator<Item = f64>) -> Option<Fading> {
        let dimension = &ledger.dimensions()[self.dimension];
        let pairs: Vec<(f64, f64)> =
            self.changes.iter().map(|(_, change)| (change.interval.estimate, change.std_error.powi(2))).collect();
        let between = between(&pairs, 0.0);
        let all: f64 = self.tallies.iter().map(|tally| tally.money.iter().sum::<f64>()).sum();
        let judged: Vec<(&(usize, Estimate), f64)> = self.changes.iter().zip(q_values).collect();
        let fades = |(change, q): &(&(usize, Estimate), f64)| change.1.interval.estimate < 0.0 && *q <= FALSE;
        let segment = |(change, _): (&(usize, Estimate), f64)| {
            let (at, change) = change;
            let kept = credibility(change.std_error.powi(2), between);
            let tally = &self.tallies[*at];
            Some(FadingSegment {
                value: dimension.values.dictionary.values().text(*at)?,
                customers: tally.customers,
                change: kept * change.interval.estimate,
                error: kept.sqrt() * change.std_error,
                money: tally.money,
                share: if all > 0.0 { tally.money.iter().sum::<f64>() / all } else { 1.0 },
            })
        };
        let segments: Vec<FadingSegment> = judged.into_iter().filter(fades).filter_map(segment).collect();
        (!segments.is_empty()).then(|| Fading { dimension: dimension.name.clone(), segments })
    }
}

/// What a customer did in both times.
struct Known {
    code: u32,
    /// Whether all lines have one value.
    keeps: bool,
    counts: Counts,
    money: [f64; 2],
}

/// `None` without an order or a value.
fn customer(ledger: &Ledger, lines: &CustomerLines<'_>, codes: &[u32], spans: Spans) -> Option<Known> {
    let first = *lines.order_days.first()?;
    let of_lines = &codes[lines.lines()];
    let code = of_lines.first().copied().filter(|code| *code != NO_CODE)?;
    let [days, later_days] = spans.days(first);
    let mut orders = [0.0; 2];
    for day in lines.order_days[1..].iter().filter(|day| **day > first && **day <= first + FOLLOWED) {
        if let Some(place) = spans.place(*day) {
            orders[place] += 1.0;
        }
    }
    let mut money = [0.0; 2];
    for ((line, &day), (&amount, &order)) in lines.lines().zip(lines.days).zip(lines.amounts.iter().zip(lines.orders)) {
        let place = spans.place(day).filter(|_| order != lines.first_order && day > spans.end - YEAR);
        if let Some(place) = place {
            money[place] += amount - ledger.cost_of(line).unwrap_or_default();
        }
    }
    let counts = Counts([orders[0], days, orders[1], later_days]);
    Some(Known { code, keeps: of_lines.iter().all(|other| *other == code), counts, money })
}

#[cfg(test)]
mod tests {
    use leverkit_core::frames::each;
    use leverkit_core::{Roles, batch, format_day};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    const MONTHS: i32 = 18;

    /// Customers of four channels who order every month with a chance of 0.4; those of the first stop every third repeat order in the last half-year, if `fades`. Fewer and
    /// fewer customers come through the last channel, and December sells twice as much.
    fn ledger(fades: bool, seed: u64) -> Ledger {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut orders: Vec<(i32, i32, i32)> = Vec::new();
        for customer in 0..2000 {
            let channel = customer % 4;
            let first = random.random_range(0..MONTHS) * (if channel == 3 { 1 } else { 2 }) / 2;
            for month in first..MONTHS {
                let chance = if month % 12 == 11 { 0.8 } else { 0.4 };
                let kept = if fades && channel == 0 && month >= MONTHS - 6 { 2.0 / 3.0 } else { 1.0 };
                if month == first || random.random::<f64>() < chance * kept {
                    orders.push((customer, 19_000 + 30 * month + random.random_range(0..30), channel));
                }
            }
        }
        let lines = batch!(
            "who" => each(&orders, |order| order.0),
            "day" => each(&orders, |order| format_day(order.1)),
            "channel" => each(&orders, |order| order.2),
            "paid" => vec![10.0; orders.len()],
        );
        let roles = Roles { dimensions: vec!["channel".into()], ..Roles::new("who", "day").amount("paid") };
        Ledger::from_batches(&[lines.unwrap()], &roles).unwrap()
    }

    #[test]
    fn a_channel_that_fades_is_found_with_the_orders_it_loses() {
        let end = Day::from(19_000 + 30 * MONTHS - 1);
        let found = fading(&ledger(true, 1), end).expect("a channel that fades");
        assert_eq!((found.dimension.as_str(), found.segments.len()), ("channel", 1));
        let segment = &found.segments[0];
        assert_eq!(segment.value, "0");
        let truth = (2.0_f64 / 3.0).ln();
        assert!((segment.change - truth).abs() < 2.5 * segment.error, "{} ± {}", segment.change, segment.error);
        assert!(segment.loss(segment.change) > 0.0 && segment.loss(0.0).abs() < 1e-9);
    }

    #[test]
    fn fewer_new_customers_and_seasons_are_no_fading() {
        let end = Day::from(19_000 + 30 * MONTHS - 1);
        let wrong = (0..20).filter(|&seed| fading(&ledger(false, seed), end).is_some()).count();
        assert!(wrong <= 3, "{wrong} of 20 companies in which nothing fades");
    }
}
