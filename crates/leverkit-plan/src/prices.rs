//! Moving prices to where they earn most, product by product, where their elasticity and their cost are known.

use std::collections::HashMap;

use leverkit_core::columns::{days, find, numbers};
use leverkit_core::stats::Interval;
use leverkit_core::{DAYS_PER_YEAR, Day, Ledger, Table};
use leverkit_pricing::{ElasticityParams, Error, GroupElasticities, GroupElasticity, elasticity_by, market_panel};

use crate::draws::{Dice, Draws};
use crate::lever::{Engine, Gain, Grade, Lever};

/// Fewer weeks of sales say little of how a product's demand answers.
const FEWEST_WEEKS: u32 = 26;
/// Today's price is that of so many last weeks.
const TODAY: usize = 13;
/// Weeks of the year by which money is told.
const YEAR: usize = 52;

/// What weeks of sales tell of demand.
#[derive(Debug)]
pub struct Market {
    found: GroupElasticities,
    products: HashMap<String, Sold>,
    weeks: usize,
}

/// A product's weeks and what its unit costs.
#[derive(Debug, Clone, Default)]
struct Sold {
    /// Week from 0, units and price.
    weeks: Vec<(usize, f64, f64)>,
    unit_cost: Option<f64>,
}

impl Market {
    /// Elasticities of products week by week, drawn to their mean; `None` where the ledger knows no products or quantities, or prices never moved.
    ///
    /// # Errors
    /// As [`elasticity_by`].
    pub fn of(ledger: &Ledger) -> Result<Option<Self>, Error> {
        if ledger.products().is_none() || ledger.quantities().is_none() {
            return Ok(None);
        }
        let panel = Table::from(market_panel(ledger)?);
        let params = ElasticityParams {
            by: vec!["product".into()],
            period: Some("week".into()),
            min_periods: FEWEST_WEEKS,
            ..ElasticityParams::new("quantity", "price")
        };
        let found = match elasticity_by(&panel, &params) {
            Ok(found) => found,
            // Prices that never move tell nothing, and that is no fault.
            Err(Error::Empty { .. } | Error::NotIdentified { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let products = products(ledger, &panel)?;
        let last = products.values().flat_map(|sold| &sold.weeks).map(|week| week.0).max();
        Ok(last.map(|last| Self { found, products, weeks: last + 1 }))
    }

    /// The mean elasticity of all products; `None` where it is not surely below 0.
    pub fn elasticity(&self) -> Option<Interval> {
        let mean = self.found.categories.first()?.mean?.interval;
        (mean.upper < 0.0).then_some(mean)
    }

    /// The elasticity of a product in each world; what all products share errs in all of them alike.
    fn drawn(&self, group: &GroupElasticity, shared: &Draws, dice: &mut Dice) -> Option<Draws> {
        let shrunk = group.shrunk?;
        let category = self.found.categories.get(group.category)?.mean?;
        let common = (shrunk.weight * category.std_error).min(shrunk.std_error);
        let own = (shrunk.std_error.powi(2) - common.powi(2)).max(0.0).sqrt();
        Some(shared.with(&dice.standard(), |shared, z| shrunk.interval.estimate + common * shared + own * z))
    }
}

/// Moving each price to its optimum; `None` where no product has an elasticity, a cost and a best price within those seen.
///
/// A product's best price is that of its shrunk elasticity (Lerner 1934); where demand answers by less than −1, or the price lies outside those seen, nobody
/// knows it, and the price stays. All others count, those too whose profit may fall: to take the ones that look good would find money in any data.
pub fn move_prices(market: &Market, dice: &mut Dice) -> Option<Lever> {
    let shared = dice.standard();
    let mut money = Draws::new(vec![0.0; dice.worlds()]);
    let (mut looked, mut moved) = (0u32, 0u32);
    for (at, group) in market.found.groups.iter().enumerate() {
        let sold = market.found.keys[0].text(at).and_then(|product| market.products.get(&product));
        let Some(elasticity) = market.drawn(group, &shared, dice) else { continue };
        looked += 1;
        if let Some(price) = sold.and_then(|sold| BestPrice::of(sold, group, market.weeks)) {
            money = money.with(&elasticity, |money, elasticity| money + price.gain(elasticity));
            moved += 1;
        }
    }
    (moved > 0).then(|| Lever {
        name: "move_prices".into(),
        engine: Engine::Pricing,
        parameter: "list_price".into(),
        gain: Gain::Profit,
        facts: vec![("products", f64::from(moved)), ("money", money.mean())],
        money,
        grade: Grade::Model,
        by_thumb: false,
        effort: None,
        n: u64::from(looked),
        subject: None,
        assumed: None,
        trial: None,
    })
}

/// A product's price of today and the one that earns most.
struct BestPrice {
    today: f64,
    best: f64,
    cost: f64,
    /// Units a year at today's price.
    units: f64,
}

impl BestPrice {
    fn of(sold: &Sold, group: &GroupElasticity, weeks: usize) -> Option<Self> {
        let elasticity = group.shrunk?.interval.estimate;
        let cost = sold.unit_cost?;
        let since = |count: usize| sold.weeks.iter().filter(move |week| week.0 + count >= weeks);
        let (units, revenue) =
            since(TODAY).fold((0.0, 0.0), |(units, revenue), week| (units + week.1, revenue + week.1 * week.2));
        let today = revenue / units;
        let (low, high) = sold
            .weeks
            .iter()
            .fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), week| (low.min(week.2), high.max(week.2)));
        let best = cost * elasticity / (1.0 + elasticity);
        let is_known = elasticity < -1.0 && low <= best && best <= high;
        let at_today: f64 = since(YEAR).map(|week| week.1 * (today / week.2).powf(elasticity)).sum();
        let years = weeks.min(YEAR) as f64 * 7.0 / DAYS_PER_YEAR;
        (units > 0.0 && is_known).then(|| Self { today, best, cost, units: at_today / years })
    }

    fn gain(&self, elasticity: f64) -> f64 {
        let revenue = self.units * self.today;
        crate::price_change(revenue, self.units * self.cost, self.best / self.today - 1.0, elasticity)
    }
}

/// Each product's weeks and cost by its name.
fn products(ledger: &Ledger, panel: &Table) -> Result<HashMap<String, Sold>, Error> {
    let names = find(panel, "panel", "product")?.texts();
    let column = |name: &str| numbers(&find(panel, "panel", name)?, "panel");
    let (price, units) = (column("price")?, column("quantity")?);
    let mondays = days(&find(panel, "panel", "week")?, "panel")?;
    let first = mondays.iter().flatten().min().copied().unwrap_or_default();
    let mut sold: HashMap<String, Sold> = HashMap::new();
    for (row, product) in names.into_iter().enumerate() {
        let week = mondays[row].map_or(0, |day: Day| (day - first) / 7) as usize;
        if units[row] > 0.0 && price[row] > 0.0 {
            sold.entry(product.unwrap_or_default()).or_default().weeks.push((week, units[row], price[row]));
        }
    }
    for (name, cost) in unit_costs(ledger) {
        sold.entry(name).and_modify(|sold| sold.unit_cost = Some(cost));
    }
    Ok(sold)
}

/// What a unit of each product costs, of the lines that tell.
fn unit_costs(ledger: &Ledger) -> Vec<(String, f64)> {
    let (Some(products), Some(quantities)) = (ledger.products(), ledger.quantities()) else { return Vec::new() };
    let mut known = vec![(0.0, 0.0); products.dictionary.len()];
    for (line, &code) in products.codes.iter().enumerate() {
        if let (Some(cost), Some(sum)) = (ledger.cost_of(line), known.get_mut(code as usize))
            && quantities[line] > 0.0
        {
            sum.0 += cost;
            sum.1 += quantities[line];
        }
    }
    let name = |code: usize| products.dictionary.values().text(code);
    let each = |(code, (cost, units)): (usize, (f64, f64))| (units > 0.0).then(|| Some((name(code)?, cost / units)))?;
    known.into_iter().enumerate().filter_map(each).collect()
}
