//! Entry products: what customers enter with, and what becomes of them.

use leverkit_core::stats::budget::Watched;
use leverkit_core::{Column, CustomerLines, Day, Ledger, Params};
use leverkit_stats::{DayCounts, Interval, KaplanMeier, Limits, at_most, benjamini_hochberg, normal_quantile};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::products::baskets::{Baskets, Index, products};
use crate::products::ladder::{outcomes, returned_by};
use crate::products::params::EntryParams;
use leverkit_stats::pooling::{between, credibility};
use leverkit_stats::tails::hypergeometric;

/// What an entry product does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// More customers come back than after other entries.
    BuildsBase,
    /// Fewer do.
    BurnsTraffic,
    /// Cannot be distinguished from the others.
    Unclear,
}

/// Entry products and the customers that came with them.
#[derive(Debug, Clone, Serialize)]
pub struct EntryProducts {
    /// What they were computed with.
    pub params: EntryParams,
    /// Days of the comparison: the longest horizon for which half of the customers could be followed.
    pub horizon: u32,
    /// Share of all customers with a second order within that horizon.
    pub conversion: Option<Interval>,
    /// The products, most customers first.
    pub products: Vec<EntryProduct>,
    /// What was left out.
    pub notes: Vec<String>,
    #[serde(skip)]
    pub(crate) names: Column,
}

/// One entry product.
#[derive(Debug, Clone, Serialize)]
pub struct EntryProduct {
    /// The product's code.
    pub product: u32,
    /// Customers whose first order held it.
    pub customers: u64,
    /// Their share of all customers with an order.
    pub share: f64,
    /// Days until half have placed a second order.
    pub median_days: Option<f64>,
    /// Share with a second order within the comparison's horizon, by Kaplan and Meier.
    pub conversion: Option<Interval>,
    /// The same, shrunk to the average by how little the product's own customers tell (empirical Bayes).
    pub shrunk: Option<f64>,
    /// Conversion minus that of the customers who entered without the product.
    pub difference: Option<Interval>,
    /// Of no difference: Fisher's exact test, two-sided.
    pub p_value: Option<f64>,
    /// Among all products.
    pub q_value: Option<f64>,
    /// What it does.
    pub verdict: Verdict,
    /// Customers who were followed for the whole horizon.
    pub followed: u64,
    /// Their money within it, each, the first order included.
    pub revenue: Option<f64>,
    /// Their margin, where unit costs are known.
    pub margin: Option<f64>,
    /// Their money, margin where unit costs are known, minus that of the customers who entered without the product.
    pub money_difference: Option<Interval>,
    /// Share with a second and a third order within each horizon.
    pub steps: Vec<EntryStep>,
}

/// Conversion to an order within a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EntryStep {
    /// 2 or 3.
    pub order: u8,
    /// Days since the first order.
    pub horizon: u32,
    /// Share of customers; `None` where nobody was followed that far.
    pub conversion: Option<Interval>,
}

/// What happened to a customer after the first order.
#[derive(Clone, Copy)]
struct Fate {
    /// Days to the second and third order, or to the last day seen; and whether it came.
    waits: [(u32, bool); 2],
    followed: u32,
    /// Money and margin within the horizon.
    revenue: f64,
    margin: f64,
}

/// Looks at every product of customers' first orders.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for horizons that do not ascend or a ledger without products;
/// [`Error::NothingToFollow`] without an order.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_funnel::{EntryParams, entry_products};
/// let lines = batch!("c" => [1, 1, 2, 2, 3, 4], "t" => ["2024-01-01", "2024-01-11", "2024-01-01", "2024-01-06", "2024-01-01", "2024-02-09"],
///     "a" => [10.0; 6], "p" => ["tea", "tea", "tea", "cup", "cup", "cup"])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles { product: Some("p".into()), ..Roles::new("c", "t").amount("a") })?;
/// let params = EntryParams { horizons: vec![15, 30], min_customers: 1, ..EntryParams::default() };
/// let found = entry_products(&ledger, &params)?;
/// assert_eq!((found.horizon, found.products[0].customers), (30, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn entry_products(ledger: &Ledger, params: &EntryParams) -> Result<EntryProducts, Error> {
    params.check()?;
    let names = products(ledger)?.dictionary.values().clone();
    let baskets = Baskets::first(ledger, 1)?;
    let until = ledger.seen_until(ledger.as_of());
    let horizon = comparison(ledger, params, until)?;
    let fates: Vec<Fate> =
        ledger.par_customers(|| (), |(), lines| fate(ledger, &lines, until, horizon)).into_iter().flatten().collect();
    let longest = params.horizons.last().copied().unwrap_or(horizon);
    // Of each customer with an order there is one basket, at the place of the fate.
    let index = Index::new(baskets.n_products(), fates.len(), |customer| {
        baskets.order(customer).iter().map(move |product| (*product, customer as u32))
    });
    let all = counts(&fates, 0, longest);
    let seen = followed(&fates, horizon);
    let overall = curve(&all, params)?;
    let has_costs = ledger.unit_costs().is_some();
    let money_of = |fate: &Fate| if has_costs { fate.margin } else { fate.revenue };
    let money: Vec<f64> = fates.iter().filter(|fate| fate.followed >= horizon).map(money_of).collect();
    let money = Moments::of(&money);
    let looked_at: Vec<u32> = (0..baskets.n_products() as u32)
        .filter(|product| index.of(*product as usize).len() as u64 >= params.min_customers)
        .collect();
    let mut rows: Vec<EntryProduct> = looked_at
        .par_iter()
        .watched()
        .map(|&product| {
            // Gathered once, as they are gone through many times.
            let own: Vec<Fate> = index.of(product as usize).iter().map(|&customer| fates[customer as usize]).collect();
            entry(product, &own, (fates.len(), &all, seen, &money), (horizon, longest), has_costs, params)
        })
        .collect::<Result<_, _>>()?;
    rows.sort_by(|a, b| b.customers.cmp(&a.customers).then(a.product.cmp(&b.product)));
    judge(&mut rows, params);
    let average = returned_by(&overall, horizon, params.level, seen);
    shrink(&mut rows, average, params);
    let mut notes = Vec::new();
    if horizon < longest {
        notes.push(format!(
            "Products are compared within {horizon} days: fewer than half of the customers could be followed for {longest}."
        ));
    }
    let entered = (0..baskets.n_products()).filter(|product| !index.of(*product).is_empty()).count();
    if rows.len() < entered {
        let few = params.min_customers;
        notes.push(format!("{} entry products with fewer than {few} customers are left out.", entered - rows.len()));
    }
    Ok(EntryProducts { params: params.clone(), horizon, conversion: average, products: rows, notes, names })
}

/// The longest horizon for which at least half of the customers could be followed, or the shortest.
fn comparison(ledger: &Ledger, params: &EntryParams, until: Day) -> Result<u32, Error> {
    let first_days = |offsets: &[u32]| {
        offsets.windows(2).filter(|pair| pair[0] < pair[1]).map(|pair| ledger.order_days()[pair[0] as usize]).collect()
    };
    let days: Vec<Day> = first_days(ledger.order_offsets());
    if days.is_empty() {
        return Err(Error::NothingToFollow { reason: "no customer has an order; look at the ledger's quality".into() });
    }
    let followed = |horizon: u32| days.iter().filter(|day| until - **day >= horizon as i32).count();
    let known = params.horizons.iter().rev().find(|horizon| 2 * followed(**horizon) >= days.len());
    Ok(known.or(params.horizons.first()).copied().unwrap_or(1))
}

fn fate(ledger: &Ledger, lines: &CustomerLines<'_>, until: Day, horizon: u32) -> Option<Fate> {
    let first = *lines.order_days.first()?;
    let wait = |order: usize| {
        let day = lines.order_days.get(order);
        ((day.copied().unwrap_or(until) - first).max(0) as u32, day.is_some())
    };
    let mut fate =
        Fate { waits: [wait(1), wait(2)], followed: (until - first).max(0) as u32, revenue: 0.0, margin: 0.0 };
    for ((line, &day), &amount) in lines.lines().zip(lines.days).zip(lines.amounts) {
        if (0..=horizon as i32).contains(&(day - first)) {
            fate.revenue += amount;
            fate.margin += amount - ledger.cost_of(line).unwrap_or_default();
        }
    }
    Some(fate)
}

/// Waits of some customers for the second (0) or third (1) order, up to the longest horizon.
fn counts(fates: &[Fate], order: usize, longest: u32) -> DayCounts {
    let mut counts = DayCounts::default();
    for fate in fates {
        let (days, observed) = fate.waits[order];
        // Beyond the longest horizon nothing is asked.
        counts.add(0, days.min(longest + 1), observed && days <= longest);
    }
    counts
}

fn curve(counts: &DayCounts, params: &EntryParams) -> Result<KaplanMeier, Error> {
    Ok(KaplanMeier::from_day_counts(counts, params.level, Limits::LogLog)?)
}

fn entry(
    product: u32,
    own: &[Fate],
    (n_all, all, all_seen, all_money): (usize, &DayCounts, u64, &Moments),
    (horizon, longest): (u32, u32),
    has_costs: bool,
    params: &EntryParams,
) -> Result<EntryProduct, Error> {
    let counts_of = [counts(own, 0, longest), counts(own, 1, longest)];
    let curves = [curve(&counts_of[0], params)?, curve(&counts_of[1], params)?];
    let others = curve(&without(all, &counts_of[0]), params)?;
    let seen = followed(own, horizon);
    let difference = difference((&curves[0], seen), (&others, all_seen - seen), horizon, params.level);
    let followed_through: Vec<&Fate> = own.iter().filter(|fate| fate.followed >= horizon).collect();
    let values = |of: fn(&Fate) -> f64| followed_through.iter().map(|fate| of(fate)).collect::<Vec<f64>>();
    let (revenues, margins) = (values(|fate| fate.revenue), values(|fate| fate.margin));
    let own_money = Moments::of(if has_costs { &margins } else { &revenues });
    let steps = [2_u8, 3].into_iter().zip(&curves).flat_map(|(order, curve)| {
        params.horizons.iter().map(move |&horizon| EntryStep {
            order,
            horizon,
            conversion: returned_by(curve, horizon, params.level, followed(own, horizon)),
        })
    });
    Ok(EntryProduct {
        product,
        customers: own.len() as u64,
        share: own.len() as f64 / n_all as f64,
        median_days: curves[0].quantile(0.5),
        conversion: returned_by(&curves[0], horizon, params.level, seen),
        shrunk: None,
        difference: difference.map(|(interval, _)| interval),
        p_value: difference.map(|(_, p)| p),
        q_value: None,
        verdict: Verdict::Unclear,
        followed: seen,
        revenue: Moments::of(&revenues).mean(),
        margin: Moments::of(&margins).mean().filter(|_| has_costs),
        money_difference: own_money.minus(&all_money.without(&own_money), params.level),
        steps: steps.collect(),
    })
}

/// Sums of a money, of which means and their errors are made.
#[derive(Clone, Copy)]
struct Moments {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        let squares = values.iter().map(|value| value * value).sum();
        Self { n: values.len() as f64, sum: values.iter().sum(), squares }
    }

    fn without(&self, own: &Self) -> Self {
        Self { n: self.n - own.n, sum: self.sum - own.sum, squares: self.squares - own.squares }
    }

    fn mean(&self) -> Option<f64> {
        (self.n > 0.0).then(|| self.sum / self.n)
    }

    /// The variance of the mean; `None` for fewer than two.
    fn variance(&self) -> Option<f64> {
        let mean = self.mean()?;
        (self.n > 1.0).then(|| (self.squares / self.n - mean * mean).max(0.0) / (self.n - 1.0))
    }

    /// The difference of two means with its limits.
    fn minus(&self, others: &Self, level: f64) -> Option<Interval> {
        let error = (self.variance()? + others.variance()?).sqrt();
        Some(Interval::around(self.mean()? - others.mean()?, normal_quantile(0.5 + level / 2.0) * error))
    }
}

/// Customers who were seen through a horizon.
fn followed(fates: &[Fate], horizon: u32) -> u64 {
    fates.iter().filter(|fate| fate.followed >= horizon).count() as u64
}

fn without(all: &DayCounts, own: &DayCounts) -> DayCounts {
    let minus = |all: &[u64], own: &[u64]| {
        all.iter().enumerate().map(|(day, count)| count - own.get(day).copied().unwrap_or_default()).collect()
    };
    DayCounts {
        entered: minus(&all.entered, &own.entered),
        events: minus(&all.events, &own.events),
        censored: minus(&all.censored, &own.censored),
    }
}

/// The difference of two shares with Newcombe's (1998) limits from those of both, and Fisher's exact p-value, two-sided by doubling, for as many
/// customers as have a known outcome. `None` where one share is not known. Both curves come with those who were seen through the day.
fn difference(
    (own, own_seen): (&KaplanMeier, u64),
    (others, others_seen): (&KaplanMeier, u64),
    day: u32,
    level: f64,
) -> Option<(Interval, f64)> {
    let (a, b) = (returned_by(own, day, level, own_seen)?, returned_by(others, day, level, others_seen)?);
    let estimate = a.estimate - b.estimate;
    let lower = estimate - (a.estimate - a.lower).hypot(b.upper - b.estimate);
    let upper = estimate + (a.upper - a.estimate).hypot(b.estimate - b.lower);
    let [n_own, n_others] = [own, others].map(|curve| outcomes(curve, day).round());
    let (back, others_back) = ((a.estimate * n_own).round() as u64, (b.estimate * n_others).round() as u64);
    let (n, all, good) = (n_own as u64, (n_own + n_others) as u64, back + others_back);
    let (above, below) = (hypergeometric(back, all, good, n), 1.0 - hypergeometric(back + 1, all, good, n));
    Some((Interval { estimate, lower, upper }, (2.0 * above.min(below)).min(1.0)))
}

fn judge(rows: &mut [EntryProduct], params: &EntryParams) {
    let p_values: Vec<f64> = rows.iter().map(|row| row.p_value.unwrap_or(f64::NAN)).collect();
    for (row, q) in rows.iter_mut().zip(benjamini_hochberg(&p_values)) {
        row.q_value = (!q.is_nan()).then_some(q);
        let apart = row.difference.filter(|_| at_most(q, params.fdr));
        row.verdict = match apart {
            Some(difference) if difference.estimate > 0.0 => Verdict::BuildsBase,
            Some(_) => Verdict::BurnsTraffic,
            None => Verdict::Unclear,
        };
    }
}

/// Shrinks conversions to their average by empirical Bayes: between products they are taken to be normal, with the variance of
/// `DerSimonian` & Laird (1986).
fn shrink(rows: &mut [EntryProduct], average: Option<Interval>, params: &EntryParams) {
    let Some(average) = average else { return };
    let z = normal_quantile(0.5 + params.level / 2.0);
    let variance = |row: &EntryProduct| {
        let width = row.conversion.map_or(0.0, |share| share.upper - share.lower);
        (width / (2.0 * z)).powi(2)
    };
    let known: Vec<(f64, f64)> =
        rows.iter().filter_map(|row| row.conversion.map(|share| (share.estimate, variance(row)))).collect();
    let between = between(&known, average.estimate);
    for row in rows {
        let own = variance(row);
        row.shrunk = row.conversion.map(|share| {
            let weight = credibility(own, between);
            weight * share.estimate + (1.0 - weight) * average.estimate
        });
    }
}
