//! Price indices over time: fixed base, chained, period on period, and multilateral (GEKS) with window splices.
//!
//! Every one of them is a product of indices between two periods, each to some power. So an index is its [`links`](Index::links); its value, and how far
//! single products move it, follow from those of the pairs.

mod bilateral;
mod params;
mod sales;
mod spread;
mod table;

use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{Interval, WeightedSpread, at_most, student_quantile};
use leverkit_core::{Params, Table, counted};
use rayon::prelude::*;
use serde::Serialize;

use self::bilateral::{Bilateral, Good, matched};
use self::spread::spreads;
use crate::Error;

pub use self::bilateral::IndexFormula;
pub use self::params::{Base, IndexParams, Splice};
pub use self::sales::{Sales, Turnover};

/// The index of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodIndex {
    /// The index with limits, 1 in the base; `None` where periods share no product. The limits of a single product are NaN: it has no spread.
    pub index: Option<Interval>,
    /// Products sold in both this period and the one it is compared with.
    pub matched: u64,
    /// Products sold.
    pub products: u64,
    /// Share of the period's revenue that matched products make.
    pub coverage: f64,
    /// Why there is no index.
    pub reason: Option<String>,
}

/// How far chaining has drifted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    /// The formula on the first period.
    pub fixed: f64,
    /// The formula chained.
    pub chained: f64,
    /// GEKS of the formula, or of the reversible one of its kind, over all periods.
    pub geks: f64,
}

impl Drift {
    /// Chained over GEKS less 1.
    pub fn share(&self) -> f64 {
        self.chained / self.geks - 1.0
    }
}

/// A price index over time.
#[derive(Debug, Clone)]
pub struct PriceIndex {
    /// What it was made with.
    pub params: IndexParams,
    /// One a period, in order.
    pub periods: Vec<PeriodIndex>,
    /// What was sold.
    pub sales: Sales,
    /// Whether the index is chained and lies further from GEKS than `drift_alarm` in the last period.
    pub alarm: bool,
    /// Whether the products that the last period is compared over make less than a tenth of its revenue.
    pub thin: bool,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Products that make less of a period's revenue stand for themselves alone.
const LEAST_COVERAGE: f64 = 0.1;

/// A power of the index between two periods: earlier, later, exponent.
type Link = (usize, usize, f64);

/// Computes a price index. Prices are unit values: a product's revenue over its quantity, period by period. Products are matched by their key; a pair of
/// periods is compared over those sold in both.
///
/// Limits take products as a sample: the variance of the logarithm is Σ dᵢ²/(1 − wᵢ), dᵢ how far product i of weight wᵢ moves it over all links, and they are
/// Student's ([`WeightedSpread`]).
///
/// # Errors
/// [`Error::Parameter`] for GEKS of a formula that cannot be reversed; [`Error::Empty`] where no row can be used; [`Error::NotIdentified`]
/// for a single period; [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_pricing::{IndexFormula, IndexParams, price_index};
/// let sales = Table::from(batch!("week" => [1, 1, 2, 2], "sku" => ["a", "b", "a", "b"], "price" => [10.0, 4.0, 12.0, 3.0], "units" => [5, 10, 4, 20])?);
/// let params = IndexParams { formula: IndexFormula::Paasche, ..IndexParams::new("week", "sku", "price", "units") };
/// let found = price_index(&sales, &params)?;
/// assert!((found.periods[1].index.unwrap().estimate - 0.9).abs() < 1e-12); // 108 / 120
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn price_index(table: &Table, params: &IndexParams) -> Result<PriceIndex, Error> {
    params.check()?;
    let sales = Sales::read(table, params)?;
    let n = sales.periods.len();
    if n < 2 {
        return Err(Error::not_identified("price_index", format!("{n} period; at least two are needed")));
    }
    let index = Index::of(params, n);
    let pairs = Pairs::of(&sales, params.formula, &index);
    let spreads = spreads(&sales, &index.links, &pairs);
    let period = |(period, spread)| index.period(period, spread, &sales, params, &pairs);
    let periods = spreads.into_par_iter().enumerate().watched().map(period).collect();
    let found = PriceIndex { params: params.clone(), periods, sales, alarm: false, thin: false, notes: Vec::new() };
    Ok(found.judged())
}

impl PriceIndex {
    /// The index with what is to be said of its drift and its gaps.
    fn judged(mut self) -> Self {
        if let Some(last) = self.last_drift() {
            self.alarm = !at_most(last.share().abs(), self.params.drift_alarm);
            self.notes.push(drift_note(self.params.formula, &last, self.alarm));
        }
        let reasons: Vec<&String> = self.periods.iter().filter_map(|period| period.reason.as_ref()).collect();
        if let Some(first) = reasons.first() {
            let periods = counted(reasons.len(), "period has", "periods have");
            self.notes.push(format!("{periods} no index: {first}."));
        }
        self.thin = self.periods.last().is_some_and(is_thin);
        self.notes.extend(self.thin_note());
        self
    }

    /// Says in how many periods hardly any revenue is compared, and where the least is.
    fn thin_note(&self) -> Option<String> {
        let thin: Vec<(usize, &PeriodIndex)> = self.periods.iter().enumerate().filter(|row| is_thin(row.1)).collect();
        let (at, least) = thin.iter().min_by(|a, b| a.1.coverage.total_cmp(&b.1.coverage))?;
        Some(format!(
            "In {} of {} periods the products compared make less than {:.0} % of revenue (in {} {:.2} %): the index says nothing of the others.",
            thin.len(),
            self.periods.len(),
            100.0 * LEAST_COVERAGE,
            self.sales.name(*at),
            100.0 * least.coverage
        ))
    }

    /// Where the three ways end, if the index is chained and its drift is known.
    fn last_drift(&self) -> Option<Drift> {
        let is_chained = self.params.base == Base::Chained && !self.params.geks;
        is_chained.then(|| self.drift().pop()).flatten().filter(|last| last.share().is_finite())
    }

    /// For each period, what chaining makes of the formula beside GEKS.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_pricing::{IndexFormula, IndexParams, price_index};
    /// // A sale in the second week, and prices as before in the third.
    /// let weeks = [1, 1, 2, 2, 3, 3];
    /// let (price, units) = ([10.0, 4.0, 5.0, 4.0, 10.0, 4.0], [5, 10, 50, 10, 1, 10]);
    /// let sales = Table::from(batch!("week" => weeks, "sku" => ["a", "b", "a", "b", "a", "b"], "price" => price, "units" => units)?);
    /// let found = price_index(&sales, &IndexParams { formula: IndexFormula::Laspeyres, ..IndexParams::new("week", "sku", "price", "units") })?;
    /// let last = &found.drift()[2];
    /// // On the first week nothing has changed; chained, the index has drifted up.
    /// assert!(last.fixed == 1.0 && last.chained > 1.2 && last.share() > 0.0);
    /// # Ok::<(), leverkit_pricing::Error>(())
    /// ```
    pub fn drift(&self) -> Vec<Drift> {
        let n = self.sales.periods.len();
        let formula = self.params.formula;
        let series = |formula: IndexFormula, geks: bool, base: Base| {
            let index = Index::of(&IndexParams { formula, geks, base, window: None, ..self.params.clone() }, n);
            let pairs = Pairs::of(&self.sales, formula, &index);
            (0..n).map(|period| pairs.sum(&index.links[period]).exp()).collect::<Vec<f64>>()
        };
        let (fixed, chained) = (series(formula, false, Base::Fixed), series(formula, false, Base::Chained));
        let geks = series(formula.reversible(), true, Base::Fixed);
        fixed
            .into_iter()
            .zip(chained)
            .zip(geks)
            .map(|((fixed, chained), geks)| Drift { fixed, chained, geks })
            .collect()
    }
}

/// Whether a period is compared over products of hardly any revenue.
fn is_thin(period: &PeriodIndex) -> bool {
    period.index.is_some() && period.coverage < LEAST_COVERAGE
}

/// What chaining has made of the index, in words.
fn drift_note(formula: IndexFormula, &Drift { fixed, chained, geks }: &Drift, alarm: bool) -> String {
    let fixed = if fixed.is_finite() { format!("{fixed:.2}") } else { "unknown".into() };
    let said = format!(
        "the chained {} index ends at {chained:.2}, GEKS, which cannot drift, at {geks:.2}, the fixed base at {fixed}",
        formula.name()
    );
    if alarm {
        format!("Chain drift: {said}. Use formula=\"geks-…\" or base=\"fixed\".")
    } else {
        format!("No chain drift to speak of: {said}.")
    }
}

/// The links of each period's index, and the period that it is compared with.
struct Index {
    links: Vec<Vec<Link>>,
    against: Vec<usize>,
}

impl Index {
    fn of(params: &IndexParams, n: usize) -> Self {
        let before = |period: usize| period.saturating_sub(1);
        let links = match (params.geks, params.base) {
            (true, base) => {
                let levels = geks(n, params.window.unwrap_or(n).min(n), params.splice);
                match base {
                    Base::Fixed | Base::Chained => levels,
                    Base::Period => (0..n).map(|period| less(&levels[period], &levels[before(period)])).collect(),
                }
            }
            (false, Base::Fixed) => (0..n).map(|period| vec![(0, period, 1.0)]).collect(),
            (false, Base::Chained) => {
                (0..n).map(|period| (1..=period).map(|later| (later - 1, later, 1.0)).collect()).collect()
            }
            (false, Base::Period) => (0..n).map(|period| vec![(before(period), period, 1.0)]).collect(),
        };
        let is_fixed = !params.geks && params.base == Base::Fixed;
        let against = (0..n).map(|period| if is_fixed { 0 } else { before(period) }).collect();
        Self { links, against }
    }

    fn period(
        &self,
        period: usize,
        spread: Option<WeightedSpread>,
        sales: &Sales,
        params: &IndexParams,
        pairs: &Pairs,
    ) -> PeriodIndex {
        let goods = sales.goods(period);
        let shared = matched(sales.goods(self.against[period]), goods);
        let value = |goods: &mut dyn Iterator<Item = f64>| goods.sum::<f64>();
        let coverage = value(&mut shared.iter().map(|pair| pair.1.value())) / value(&mut goods.iter().map(Good::value));
        let log = pairs.sum(&self.links[period]);
        let half = || match &spread {
            Some(spread) => student_quantile(0.5 + params.level / 2.0, spread.df) * spread.variance.sqrt(),
            None if self.links[period].iter().all(|link| link.0 == link.1) => 0.0,
            None => f64::NAN,
        };
        let limits = || Interval::around(log, half()).map(f64::exp);
        let missing = self.links[period].iter().find(|link| pairs.log(link.0, link.1).is_nan());
        PeriodIndex {
            index: (!log.is_nan()).then(limits),
            matched: shared.len() as u64,
            products: goods.len() as u64,
            coverage,
            reason: missing
                .map(|&(a, b, _)| format!("no product is sold in both {} and {}", sales.name(a), sales.name(b))),
        }
    }
}

/// GEKS (Gini 1931, Eltető & Köves 1964, Szulc 1964): from the first period of a window to period t over every period l of it,
/// ∏ (P₀ₗ · Pₗₜ)^(1/T). Windows that begin later are spliced on.
fn geks(n: usize, window: usize, splice: Splice) -> Vec<Vec<Link>> {
    // The level of a period in a window, less a constant of the window: the mean over l of ln Pₗₜ.
    let level = |start: usize, period: usize| -> Vec<Link> {
        (start..start + window).map(|l| (l, period, 1.0 / window as f64)).collect()
    };
    let mut levels: Vec<Vec<Link>> = (0..window).map(|period| less(&level(0, period), &level(0, 0))).collect();
    for period in window..n {
        let (start, last) = (period + 1 - window, period - 1);
        let over: Vec<usize> = match splice {
            Splice::Movement => vec![last],
            Splice::Window => vec![start],
            Splice::Half => vec![period - window / 2],
            Splice::Mean => (start..period).collect(),
        };
        // ln Iₜ = ln Iₜ₋₁ + mean over s of [new(t) − new(s)] − [old(t−1) − old(s)].
        let mut links = levels[last].clone();
        for &s in &over {
            let share = 1.0 / over.len() as f64;
            let steps = [
                (level(start, period), 1.0),
                (level(start, s), -1.0),
                (level(start - 1, last), -1.0),
                (level(start - 1, s), 1.0),
            ];
            for (level, sign) in steps {
                links.extend(level.into_iter().map(|(a, b, power)| (a, b, sign * share * power)));
            }
        }
        levels.push(gathered(links));
    }
    levels
}

fn less(links: &[Link], others: &[Link]) -> Vec<Link> {
    gathered(links.iter().copied().chain(others.iter().map(|&(a, b, power)| (a, b, -power))).collect())
}

/// Each pair once, from the earlier to the later period.
fn gathered(links: Vec<Link>) -> Vec<Link> {
    let forward = |(a, b, power): Link| if a <= b { (a, b, power) } else { (b, a, -power) };
    let mut links: Vec<Link> = links.into_iter().filter(|link| link.0 != link.1).map(forward).collect();
    links.sort_by_key(|link| (link.0, link.1));
    links.dedup_by(|next, kept| {
        let is_same = (next.0, next.1) == (kept.0, kept.1);
        if is_same {
            kept.2 += next.2;
        }
        is_same
    });
    links.retain(|link| link.2.abs() > 1e-15);
    links
}

/// The pairs of periods that are linked, and what the formula makes of each.
struct Pairs {
    n: usize,
    /// By pair of periods the place of what was found; that of a pair which is not linked lies beyond.
    places: Vec<u32>,
    found: Vec<Option<Bilateral>>,
}

impl Pairs {
    fn of(sales: &Sales, formula: IndexFormula, index: &Index) -> Self {
        let n = sales.periods.len();
        let mut linked: Vec<(usize, usize)> = index.links.iter().flatten().map(|link| (link.0, link.1)).collect();
        linked.retain(|pair| pair.0 != pair.1);
        linked.sort_unstable();
        linked.dedup();
        let compared = |&(a, b): &(usize, usize)| Bilateral::of(formula, &matched(sales.goods(a), sales.goods(b)));
        let found = linked.par_iter().watched().map(compared).collect();
        let mut places = vec![u32::MAX; n * n];
        linked.iter().zip(0..).for_each(|(&(a, b), place)| places[a * n + b] = place);
        Self { n, places, found }
    }

    /// The place of a pair among those found.
    fn place(&self, earlier: usize, later: usize) -> usize {
        self.places[earlier * self.n + later] as usize
    }

    /// The logarithm of the index between two periods; NaN where they share no product.
    fn log(&self, earlier: usize, later: usize) -> f64 {
        let found = |place: usize| self.found[place].map_or(f64::NAN, |pair| pair.log());
        if earlier == later { 0.0 } else { found(self.place(earlier, later)) }
    }

    fn sum(&self, links: &[Link]) -> f64 {
        links.iter().map(|&(a, b, power)| power * self.log(a, b)).sum()
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::columns::numbers;
    use leverkit_core::{Column, batch};
    use proptest::prelude::*;

    use super::*;

    /// Weeks of sales: each row a week, product, price, quantity.
    fn sales(rows: &[(i32, i32, f64, f64)]) -> Table {
        let (weeks, products): (Vec<i32>, Vec<i32>) = rows.iter().map(|row| (row.0, row.1)).unzip();
        let (prices, units): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (row.2, row.3)).unzip();
        batch!("week" => weeks, "sku" => products, "price" => prices, "units" => units).unwrap().into()
    }

    fn params() -> IndexParams {
        IndexParams::new("week", "sku", "price", "units")
    }

    fn values(table: &Table, params: &IndexParams) -> Vec<f64> {
        price_index(table, params).unwrap().periods.iter().map(|period| period.index.unwrap().estimate).collect()
    }

    fn panel() -> impl Strategy<Value = Table> {
        let one = (0.1..10.0f64, 0.1..50.0f64);
        prop::collection::vec(one, 4 * 7).prop_map(|cells| {
            let rows: Vec<_> =
                cells.iter().enumerate().map(|(at, cell)| ((at / 4) as i32, (at % 4) as i32, cell.0, cell.1)).collect();
            sales(&rows)
        })
    }

    proptest! {
        #[test]
        fn geks_is_transitive_and_a_window_of_all_periods_is_none(panel in panel()) {
            let whole = values(&panel, &IndexParams { geks: true, ..params() });
            // From 2 to 5 within a panel whose base is 2: the same ratio as seen from 0, since all periods are in both.
            let reversed: Vec<f64> = {
                let weeks: Vec<i32> = (0..28).map(|row| 6 - row / 4).collect();
                let turned = panel.clone().with(Column::new("week", weeks)).unwrap();
                values(&turned, &IndexParams { geks: true, ..params() })
            };
            for (a, b) in [(2, 5), (0, 6), (3, 4)] {
                prop_assert!((whole[b] / whole[a] - reversed[6 - b] / reversed[6 - a]).abs() < 1e-10 * whole[b] / whole[a]);
            }
            let steps = values(&panel, &IndexParams { geks: true, base: Base::Period, ..params() });
            prop_assert!((steps.iter().product::<f64>() / whole[6] - 1.0).abs() < 1e-10);
            for splice in [Splice::Movement, Splice::Window, Splice::Half, Splice::Mean] {
                let windowed = values(&panel, &IndexParams { geks: true, window: Some(7), splice, ..params() });
                prop_assert_eq!(&windowed, &whole);
            }
        }

        #[test]
        fn splices_follow_prices_that_move_together(panel in panel(), steps in prop::collection::vec(0.8..1.25f64, 7)) {
            // All prices move by the same factor from week to week: every index must be that factor, whatever the quantities.
            let mut rows = Vec::new();
            let mut level = 1.0;
            let units = numbers(panel.column("units").unwrap(), "units").unwrap();
            for (week, step) in steps.iter().enumerate() {
                level *= if week == 0 { 1.0 } else { *step };
                (0..4).for_each(|sku| rows.push((week as i32, sku, level * (1.0 + f64::from(sku)), units[week * 4 + sku as usize])));
            }
            let expected = level;
            for splice in [Splice::Movement, Splice::Window, Splice::Half, Splice::Mean] {
                let found = values(&sales(&rows), &IndexParams { geks: true, window: Some(3), splice, ..params() });
                prop_assert!((found[6] / expected - 1.0).abs() < 1e-10, "{:?}", splice);
            }
        }
    }

    #[test]
    fn a_chained_index_is_the_product_of_its_steps() {
        let rows = [
            (1, 1, 10.0, 5.0),
            (1, 2, 4.0, 10.0),
            (2, 1, 12.0, 4.0),
            (2, 2, 3.0, 20.0),
            (3, 1, 10.0, 5.0),
            (3, 2, 4.0, 10.0),
        ];
        let of = |base| values(&sales(&rows), &IndexParams { formula: IndexFormula::Laspeyres, base, ..params() });
        let (chained, steps) = (of(Base::Chained), of(Base::Period));
        assert!((chained[2] - steps[1] * steps[2]).abs() < 1e-14);
        // Prices are back where they were, so the index on a fixed base is 1 and chaining has drifted: 1 · 120/108.
        assert!((of(Base::Fixed)[2] - 1.0).abs() < 1e-14);
        assert!((chained[2] - 120.0 / 108.0).abs() < 1e-14);
        let drift =
            price_index(&sales(&rows), &IndexParams { formula: IndexFormula::Laspeyres, ..params() }).unwrap().drift();
        assert!((drift[2].share() - (120.0 / 108.0 - 1.0)).abs() < 1e-12, "{drift:?}");
        let chained = IndexParams { formula: IndexFormula::Laspeyres, base: Base::Chained, ..params() };
        let found = price_index(&sales(&rows), &chained).unwrap();
        assert!(found.alarm);
        insta::assert_snapshot!(found.notes[0], @r#"Chain drift: the chained laspeyres index ends at 1.11, GEKS, which cannot drift, at 1.00, the fixed base at 1.00. Use formula="geks-…" or base="fixed"."#);
        let patient = price_index(&sales(&rows), &IndexParams { drift_alarm: 0.2, ..chained }).unwrap();
        assert!(!patient.alarm && patient.notes[0].starts_with("No chain drift to speak of"));
    }

    #[test]
    fn the_movement_splice_goes_on_by_the_last_step_of_the_new_window() {
        let rows: Vec<_> = (0..5)
            .flat_map(|week| {
                (0..3).map(move |sku| {
                    (week, sku, 1.0 + f64::from((week * 7 + sku * 5) % 11), 1.0 + f64::from((week * 3 + sku * 2) % 5))
                })
            })
            .collect();
        let given = IndexParams { geks: true, window: Some(3), splice: Splice::Movement, ..params() };
        let whole = values(&sales(&rows), &given);
        let last = values(&sales(&rows[6..]), &IndexParams { window: None, ..given });
        assert!((whole[4] / whole[3] - last[2] / last[1]).abs() < 1e-12);
    }

    #[test]
    fn periods_without_a_common_product_have_no_index() {
        let rows = [(1, 1, 10.0, 5.0), (2, 2, 12.0, 4.0), (3, 1, 11.0, 5.0)];
        let found = price_index(&sales(&rows), &params()).unwrap();
        assert_eq!(found.periods[1].reason.as_deref(), Some("no product is sold in both 1 and 2"));
        assert!(found.periods[1].index.is_none());
        let alone = found.periods[2].index.unwrap();
        assert!(alone.lower.is_nan() && alone.upper.is_nan(), "one product has no spread");
        let error = price_index(&sales(&rows[..1]), &params()).unwrap_err();
        insta::assert_snapshot!(error, @"price_index: not identified: 1 period; at least two are needed");
        let error = price_index(&sales(&rows), &IndexParams { geks: true, formula: IndexFormula::Carli, ..params() })
            .unwrap_err();
        insta::assert_snapshot!(error, @r#"formula: got "geks-carli"; expected a formula that can be reversed: geks-fisher, geks-tornqvist, geks-walsh, geks-jevons, geks-dutot or geks-sato-vartia"#);
    }

    #[test]
    fn limits_hold_the_truth_as_often_as_they_say() {
        // Relatives of 200 products scatter about a rise of 10 %.
        let rows: Vec<_> = (0..200)
            .flat_map(|sku| {
                let noise = 0.1 * (f64::from((sku * 7919) % 1000) / 500.0 - 1.0);
                [(1, sku, 5.0, 10.0), (2, sku, 5.0 * (1.1f64.ln() + noise).exp(), 10.0)]
            })
            .collect();
        let found = price_index(&sales(&rows), &IndexParams { formula: IndexFormula::Jevons, ..params() }).unwrap();
        let Interval { estimate: index, lower, upper } = found.periods[1].index.unwrap();
        assert!(lower < 1.1 && 1.1 < upper && lower < index && index < upper);
        // The standard error of a mean of uniform noise of half-width 0.1 is 0.1 / √3 / √200.
        let half = (upper / index).ln();
        assert!((half / 1.96 - 0.1 / 3f64.sqrt() / 200f64.sqrt()).abs() < 3e-4, "{half}");
    }
}
