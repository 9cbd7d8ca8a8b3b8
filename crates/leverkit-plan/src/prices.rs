//! Moving prices to where they earn most, product by product, where their elasticity and their cost are known.

use std::collections::HashMap;

use leverkit_core::columns::{days, find, numbers};
use leverkit_core::stats::Interval;
use leverkit_core::{DAYS_PER_YEAR, Day, Ledger, Table};
use leverkit_pricing::{ElasticityParams, Error, GroupElasticities, elasticity_by, market_panel, price_reliability};

use crate::draws::{Dice, Draws};
use crate::grade::Grade;
use crate::lever::{Engine, Gain, Lever};

/// Fewer weeks of sales say little of how a product's demand answers.
const FEWEST_WEEKS: u32 = 26;
/// Less reliable prices of weeks are those of customers: what they vary by is not a price that all see.
const LEAST_RELIABLE: f64 = 0.25;
/// A price is off where so many worlds say on which side the best one lies.
const OFF: f64 = 0.95;
/// Today's price is that of so many last weeks.
const TODAY: usize = 13;
/// Weeks of the year by which money is told.
const YEAR: usize = 52;

/// What weeks of sales tell of demand.
#[derive(Debug)]
pub struct Market {
    all: Fit,
    /// What best prices are looked for by; `None` where no cost is known, or the weeks are too few.
    halved: Option<Halved>,
}

/// The odd and the even weeks, each on its own, and what products sold in them.
#[derive(Debug)]
struct Halved {
    halves: [Fit; 2],
    products: HashMap<String, Sold>,
    weeks: usize,
}

/// Elasticities of products by some weeks.
#[derive(Debug)]
struct Fit {
    found: GroupElasticities,
    /// The places of products among the groups.
    places: HashMap<String, usize>,
    /// How much of what prices of weeks vary by is prices: elasticities by them are too small in this proportion.
    reliability: f64,
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
        // Where no week has two customers, a price is that of a deal, and nobody else's discount is in it.
        let reliability = price_reliability(ledger)?.unwrap_or(1.0);
        let panel = Table::from(market_panel(ledger)?);
        let Some(all) = Fit::of(&panel, FEWEST_WEEKS, reliability)? else { return Ok(None) };
        let halved = ledger.unit_costs().map(|_| Halved::of(ledger, &panel, reliability)).transpose()?.flatten();
        Ok(Some(Self { all, halved }))
    }

    /// The mean elasticity of all products; `None` where it is not surely below 0.
    ///
    /// ```
    /// use leverkit_core::frames::each;
    /// use leverkit_core::{Ledger, Roles, batch, format_day};
    /// // Eighty weeks of four products; demand answers to their prices by −3.
    /// let price = |week: i32, what: i32| [7.0, 8.0, 9.0, 10.0, 11.0, 10.0][((week * 7 + what * 5 + week / 5) % 6) as usize];
    /// let units = |price: f64| (400_000.0 * price.powi(-3)).round();
    /// let sold: Vec<(i32, i32)> = (0..80).flat_map(|week| (0..4).map(move |what| (week, what))).collect();
    /// let lines = batch!(
    ///     "who" => each(&sold, |&(week, what)| week * 10 + what % 3),
    ///     "day" => each(&sold, |&(week, _)| format_day(19_000 + week * 7)),
    ///     "what" => each(&sold, |&(_, what)| what),
    ///     "units" => each(&sold, |&(week, what)| units(price(week, what))),
    ///     "paid" => each(&sold, |&(week, what)| price(week, what) * units(price(week, what))),
    /// )?;
    /// let roles = Roles::new("who", "day").amount("paid").product("what").quantity("units");
    /// let market = leverkit_plan::Market::of(&Ledger::from_batches(&[lines], &roles)?)?.unwrap();
    /// assert!((market.elasticity().unwrap().estimate + 3.0).abs() < 0.1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn elasticity(&self) -> Option<Interval> {
        let mean = self.all.found.categories.first()?.mean?.interval;
        (mean.upper < 0.0 && self.all.tells()).then(|| mean.map(|elasticity| elasticity / self.all.reliability))
    }
}

impl Halved {
    fn of(ledger: &Ledger, panel: &Table, reliability: f64) -> Result<Option<Self>, Error> {
        let [odd, even] = halves(panel)?.map(|half| Fit::of(&half, FEWEST_WEEKS / 2, reliability));
        let products = products(ledger, panel)?;
        let last = products.values().flat_map(|sold| &sold.weeks).map(|week| week.0).max();
        let halves = odd?.zip(even?).map(|(odd, even)| [odd, even]);
        Ok(halves.zip(last).map(|(halves, last)| Self { halves, products, weeks: last + 1 }))
    }
}

impl Fit {
    /// `None` where prices never moved.
    fn of(panel: &Table, fewest: u32, reliability: f64) -> Result<Option<Self>, Error> {
        let params = ElasticityParams {
            by: vec!["product".into()],
            period: Some("week".into()),
            min_periods: fewest,
            ..ElasticityParams::new("quantity", "price")
        };
        let found = match elasticity_by(panel, &params) {
            Ok(found) => found,
            // Prices that never move tell nothing, and that is no fault.
            Err(Error::Empty { .. } | Error::NotIdentified { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let name = |at: usize| Some((found.keys[0].text(at)?, at));
        let places = (0..found.groups.len()).filter_map(name).collect();
        Ok(Some(Self { found, places, reliability }))
    }

    /// Whether prices of weeks tell demand at all.
    fn tells(&self) -> bool {
        self.reliability >= LEAST_RELIABLE
    }

    /// The elasticity of a product in each world, as the others' pull it; what all products share errs in all of them alike.
    fn drawn(&self, product: &str, shared: &Draws, dice: &mut Dice) -> Option<Draws> {
        let group = &self.found.groups[*self.places.get(product)?];
        let (shrunk, mean) = (group.shrunk?, self.found.categories.get(group.category)?.mean?);
        let common = (shrunk.weight * mean.std_error).min(shrunk.std_error);
        let own = (shrunk.std_error.powi(2) - common.powi(2)).max(0.0).sqrt();
        let elasticity =
            |shared: f64, z: f64| (shrunk.interval.estimate + common * shared + own * z) / self.reliability;
        self.tells().then(|| shared.with(&dice.standard(), elasticity))
    }
}

/// The odd and the even weeks of a panel.
fn halves(panel: &Table) -> Result<[Table; 2], Error> {
    let weeks = days(&find(panel, "panel", "week")?, "panel")?;
    let half = |parity: i32| {
        let is_one =
            |row: &u32| weeks[*row as usize].is_some_and(|day| i32::from(day).div_euclid(7).rem_euclid(2) == parity);
        let rows: Vec<u32> = (0..weeks.len() as u32).filter(is_one).collect();
        let columns = panel.columns().iter().map(|column| column.take(&rows)).collect::<Result<Vec<_>, _>>()?;
        Ok::<Table, Error>(Table::new(columns)?)
    };
    Ok([half(0)?, half(1)?])
}

/// Moving prices that are off to their optimum; `None` where none is, or where doing so is expected to lose money.
///
/// A product's best price is that of its elasticity (Lerner 1934). The price that looks best promises too much, whatever it is: so one half of the weeks says which prices are off, and where to
/// move them, and the other half what that earns, and the other way round; the mean of both counts. A price is off where it lies on one side of the best one in 95 % of the worlds; where
/// demand answers by less than −1, or the best price lies outside those seen, nobody knows it, and the price stays.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_plan::{Dice, Market, move_prices};
///
/// // Eighty weeks of four products at prices of 7 to 11, and at last of 10.5 and 11. Demand answers by −3, a unit costs 5: the best price is 7.50.
/// let price = |week: i32, what: i32| match week {
///     66.. => 10.5 + 0.5 * f64::from((week + what) % 2),
///     _ => [7.0, 8.0, 9.0, 10.0, 11.0, 10.0][((week * 7 + what * 5 + week / 5) % 6) as usize],
/// };
/// let units = |price: f64| (400_000.0 * price.powi(-3)).round();
/// let sold: Vec<(i32, i32)> = (0..80).flat_map(|week| (0..4).map(move |what| (week, what))).collect();
/// let lines = batch!(
///     "who" => each(&sold, |&(week, what)| week * 10 + what % 3),
///     "day" => each(&sold, |&(week, _)| format_day(19_000 + week * 7)),
///     "what" => each(&sold, |&(_, what)| what),
///     "units" => each(&sold, |&(week, what)| units(price(week, what))),
///     "paid" => each(&sold, |&(week, what)| price(week, what) * units(price(week, what))),
///     "cost" => vec![5.0; sold.len()],
/// )?;
/// let roles = Roles::new("who", "day").amount("paid").product("what").quantity("units").unit_cost("cost");
/// let market = Market::of(&Ledger::from_batches(&[lines], &roles)?)?.unwrap();
/// let lever = move_prices(&market, &mut Dice::new(1, 1000)).unwrap();
/// assert_eq!(lever.parameter, "list_price");
/// assert!(lever.money.mean() > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn move_prices(market: &Market, dice: &mut Dice) -> Option<Lever> {
    let Halved { halves, products, weeks } = market.halved.as_ref()?;
    let shared = [dice.standard(), dice.standard()];
    let mut money = Draws::new(vec![0.0; dice.worlds()]);
    let (mut looked, mut moved) = (0u32, 0u32);
    let mut products: Vec<(&String, &Sold)> = products.iter().collect();
    products.sort_by_key(|(name, _)| *name);
    for (name, sold) in products {
        let drawn = [0, 1].map(|half| halves[half].drawn(name, &shared[half], dice));
        let [Some(odd), Some(even)] = drawn else { continue };
        looked += 1;
        let best = [(&odd, &even), (&even, &odd)]
            .map(|(chooses, judges)| Some((BestPrice::of(sold, chooses, *weeks)?, judges)));
        moved += u32::from(best.iter().any(Option::is_some));
        for (price, elasticity) in best.into_iter().flatten() {
            money = money.with(elasticity, |money, elasticity| money + price.gain(elasticity) / 2.0);
        }
    }
    (moved > 0 && money.mean() > 0.0).then(|| Lever {
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
    /// `None` where today's price may as well be the best one.
    fn of(sold: &Sold, elasticity: &Draws, weeks: usize) -> Option<Self> {
        let cost = sold.unit_cost?;
        let since = |count: usize| sold.weeks.iter().filter(move |week| week.0 + count >= weeks);
        let (units, revenue) =
            since(TODAY).fold((0.0, 0.0), |(units, revenue), week| (units + week.1, revenue + week.1 * week.2));
        let today = revenue / units;
        let (low, high) = sold
            .weeks
            .iter()
            .fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), week| (low.min(week.2), high.max(week.2)));
        let best_at =
            |elasticity: f64| if elasticity < -1.0 { cost * elasticity / (1.0 + elasticity) } else { f64::INFINITY };
        let above = elasticity.map(|elasticity| best_at(elasticity) - today).chance();
        let elasticity = elasticity.mean();
        let best = best_at(elasticity);
        let is_known = !(1.0 - OFF..=OFF).contains(&above) && low <= best && best <= high;
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
