//! Where one's own prices stand among competitors'.

use leverkit_core::columns::{days, find, numbers};
use leverkit_core::polars::prelude::*;
use leverkit_core::stats::median;
use leverkit_core::{Day, Groups};
use serde::{Deserialize, Serialize};

use crate::error::inside;
use crate::regression::Estimate;
use crate::{Error, LeftOut};

/// Which column is what: one row a price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionParams {
    /// What is sold.
    pub product: String,
    /// Who sells it.
    pub seller: String,
    /// The price, money.
    pub price: String,
    /// One's own name among the sellers.
    pub own: String,
    /// The day of the price; without it all prices are of one time.
    #[serde(default)]
    pub date: Option<String>,
    /// Where it is sold; prices are compared within a store or region.
    #[serde(default)]
    pub store: Option<String>,
    /// Money of one's own sales, which weighs products.
    #[serde(default)]
    pub revenue: Option<String>,
    /// True for the key-value items, by which customers judge a seller.
    #[serde(default)]
    pub key_item: Option<String>,
    /// True where the price is a promotion's.
    #[serde(default)]
    pub promotion: Option<String>,
    /// Confidence level.
    #[serde(default = "level")]
    pub level: f64,
}

fn level() -> f64 {
    0.95
}

impl PositionParams {
    /// Prices by product and seller.
    pub fn new(product: &str, seller: &str, price: &str, own: &str) -> Self {
        Self {
            product: product.into(),
            seller: seller.into(),
            price: price.into(),
            own: own.into(),
            date: None,
            store: None,
            revenue: None,
            key_item: None,
            promotion: None,
            level: level(),
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let optional = [&self.date, &self.store, &self.revenue, &self.key_item, &self.promotion];
        let mut columns = vec![self.product.clone(), self.seller.clone(), self.price.clone()];
        columns.extend(optional.into_iter().flatten().cloned());
        columns
    }
}

/// Own prices against one competitor, or all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Index {
    /// The day; `None` without dates.
    pub day: Option<Day>,
    /// The competitor; `None` for the geometric mean of all.
    pub competitor: Option<String>,
    /// Only key-value items?
    pub key_items: bool,
    /// Only where neither price is a promotion's?
    pub regular: bool,
    /// Products that both sell.
    pub matched: u64,
    /// Products that one sells oneself.
    pub own_products: u64,
    /// 100 times the geometric mean of own price over theirs, over the matched products (Jevons), with limits; `None` with fewer than two.
    pub index: Option<Estimate>,
    /// The same weighted by own revenue.
    pub weighted: Option<Estimate>,
    /// 100 times the geometric mean of all own prices over that of all of theirs, matched or not.
    pub all_products: Option<f64>,
    /// Median of own price over theirs less 1.
    pub median_gap: Option<f64>,
    /// Shares of the matched products at which one is cheaper, equal, dearer.
    pub cheaper: Option<f64>,
    /// At the same price.
    pub equal: Option<f64>,
    /// Dearer.
    pub dearer: Option<f64>,
}

/// Own price of a product among all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProductPosition {
    /// The day; `None` without dates.
    pub day: Option<Day>,
    /// Which product (and store): a row of [`Position::items`].
    pub item: usize,
    /// Own price, money.
    pub own: f64,
    /// Competitors with a price.
    pub competitors: u64,
    /// Their lowest price.
    pub lowest: Option<f64>,
    /// Their median price.
    pub median: Option<f64>,
    /// Their highest price.
    pub highest: Option<f64>,
    /// 1 + how many are cheaper.
    pub rank: u64,
    /// A key-value item?
    pub key_item: bool,
    /// Is the own price a promotion's?
    pub promotion: bool,
}

/// Where own prices stand.
#[derive(Debug, Clone)]
pub struct Position {
    /// What it was made with.
    pub params: PositionParams,
    /// By day, competitor, and scope.
    pub indices: Vec<Index>,
    /// By day and product.
    pub products: Vec<ProductPosition>,
    /// The values of product (and store).
    pub items: Vec<Series>,
    /// How many sellers, oneself included, are as cheap or cheaper over all matched products on the last day, and of how many: the own rank.
    pub rank: (u64, u64),
    /// What was left out or put together.
    pub left_out: Vec<LeftOut>,
}

/// A seller's price of an item on a day.
#[derive(Debug, Clone, Copy)]
struct Offer {
    day: u32,
    item: u32,
    seller: u32,
    price: f64,
    revenue: f64,
    is_key: bool,
    is_promotion: bool,
}

/// Compares own prices with each competitor's and with all of theirs: index, gap, rank, share of products that are cheaper and dearer.
///
/// Several prices of a seller for one product, store and day are averaged; rows without a positive price are left out. Both are counted.
///
/// # Errors
/// [`Error::Parameter`] where `own` is none of the sellers; [`Error::Core`] for an unknown column; [`Error::Empty`] where no row can be used.
///
/// ```
/// use leverkit_core::polars::prelude::*;
/// use leverkit_pricing::{PositionParams, position};
/// let prices = df!("sku" => ["a", "a", "b", "b"], "shop" => ["us", "them", "us", "them"], "price" => [9.0, 10.0, 22.0, 20.0])?;
/// let found = position(&prices, &PositionParams::new("sku", "shop", "price", "us"))?;
/// let index = &found.indices[0];
/// assert_eq!((index.matched, index.cheaper), (2, Some(0.5)));
/// assert!((index.index.unwrap().value - 100.0 * (0.9_f64 * 1.1).sqrt()).abs() < 1e-9);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn position(frame: &DataFrame, params: &PositionParams) -> Result<Position, Error> {
    let level = inside("level", params.level)?;
    let read = Offers::read(frame, params)?;
    let own = read.sellers.iter().position(|name| *name == params.own).ok_or_else(|| {
        Error::parameter("own", format!("{:?}", params.own), format!("one of the sellers {}", read.sellers.join(", ")))
    })? as u32;
    let shelves: Vec<&[Offer]> = read.sorted.chunk_by(|a, b| (a.day, a.item) == (b.day, b.item)).collect();
    let mut indices = Vec::new();
    for shelves in shelves.chunk_by(|a, b| a[0].day == b[0].day) {
        for scope in scopes(params) {
            for competitor in
                std::iter::once(None).chain((0..read.sellers.len() as u32).filter(|&it| it != own).map(Some))
            {
                let index = Matched::of(shelves, own, competitor, scope).index(level);
                let day = read.days[shelves[0][0].day as usize];
                let competitor = competitor.map(|seller| read.sellers[seller as usize].clone());
                indices.push(Index { day, competitor, key_items: scope.0, regular: scope.1, ..index });
            }
        }
    }
    let products = shelves.iter().filter_map(|shelf| product(shelf, own, &read.days)).collect();
    let rank = rank(&indices);
    Ok(Position { params: params.clone(), indices, products, items: read.items, rank, left_out: read.left_out })
}

/// All items and key items, all prices and regular ones, as far as the columns tell them apart.
fn scopes(params: &PositionParams) -> Vec<(bool, bool)> {
    let keys: &[bool] = if params.key_item.is_some() { &[false, true] } else { &[false] };
    let prices: &[bool] = if params.promotion.is_some() { &[false, true] } else { &[false] };
    keys.iter().flat_map(|&key| prices.iter().map(move |&regular| (key, regular))).collect()
}

/// One's rank on the last day: 1 + the competitors that are cheaper over all matched products.
fn rank(indices: &[Index]) -> (u64, u64) {
    let last = indices.iter().map(|index| index.day).max().unwrap_or_default();
    let of_last = indices.iter().filter(|index| index.day == last && !index.key_items && !index.regular);
    let values: Vec<f64> = of_last
        .filter(|index| index.competitor.is_some())
        .filter_map(|index| index.index.map(|index| index.value))
        .collect();
    (1 + values.iter().filter(|value| **value > 100.0).count() as u64, 1 + values.len() as u64)
}

/// Offers, sorted by day, item and seller.
struct Offers {
    sorted: Vec<Offer>,
    sellers: Vec<String>,
    items: Vec<Series>,
    days: Vec<Option<Day>>,
    left_out: Vec<LeftOut>,
}

impl Offers {
    fn read(frame: &DataFrame, params: &PositionParams) -> Result<Self, Error> {
        let column = |role: &str, name: &str| find(frame.columns(), role, name);
        let optional = |role: &str, name: &Option<String>| name.as_ref().map(|name| column(role, name)).transpose();
        let rows = frame.height();
        let prices = numbers(&column("price", &params.price)?, "price")?;
        let sellers = Groups::of(rows, &[column("seller", &params.seller)?])?;
        let mut keys = vec![column("product", &params.product)?];
        keys.extend(optional("store", &params.store)?);
        let items = Groups::of(rows, &keys)?;
        let revenue = optional("revenue", &params.revenue)?.map(|revenue| numbers(&revenue, "revenue")).transpose()?;
        let key_items = flags("key_item", optional("key_item", &params.key_item)?, rows)?;
        let promotions = flags("promotion", optional("promotion", &params.promotion)?, rows)?;
        let dates = optional("date", &params.date)?.map(|dates| days(&dates, "date")).transpose()?;
        let mut known: Vec<Option<Day>> =
            dates.clone().map_or_else(|| vec![None], |dates| dates.into_iter().flatten().map(Some).collect());
        known.sort_unstable();
        known.dedup();
        let mut unusable = Vec::new();
        let mut offers = Vec::with_capacity(rows);
        for row in 0..rows {
            let day = dates.as_ref().map_or(Some(0), |dates| {
                dates[row].map(|day| known.partition_point(|known| *known < Some(day)) as u32)
            });
            match day {
                Some(day) if prices[row] > 0.0 => offers.push(Offer {
                    day,
                    item: items.codes()[row],
                    seller: sellers.codes()[row],
                    price: prices[row],
                    revenue: revenue.as_ref().map_or(0.0, |revenue| crate::deals::known(revenue[row])),
                    is_key: key_items[row],
                    is_promotion: promotions[row],
                }),
                _ => unusable.push(row as u64),
            }
        }
        if offers.is_empty() {
            return Err(Error::Empty {
                what: "position".into(),
                rows,
                reason: "no row has a positive price and a date".into(),
            });
        }
        let texts = sellers.keys()[0].cast(&DataType::String)?;
        let sellers = texts.str()?.iter().map(|name| name.unwrap_or("unknown").to_owned()).collect();
        let mut left_out = tally("price or date unknown or not positive, row left out", &unusable);
        let (offers, repeated) = averaged(offers);
        left_out.extend(tally("several prices of a seller for one product and day, averaged", &repeated));
        Ok(Self { sorted: offers, sellers, items: items.keys().to_vec(), days: known, left_out })
    }
}

fn tally(reason: &'static str, rows: &[u64]) -> Vec<LeftOut> {
    rows.first().map(|&first_row| LeftOut { reason, rows: rows.len() as u64, first_row }).into_iter().collect()
}

/// True, or a number other than 0; an unknown flag is none.
fn flags(role: &str, column: Option<Series>, rows: usize) -> Result<Vec<bool>, Error> {
    let Some(column) = column else { return Ok(vec![false; rows]) };
    let column = if column.dtype().is_bool() { column.cast(&DataType::UInt8)? } else { column };
    Ok(numbers(&column, role)?.into_iter().map(|flag| !flag.is_nan() && flag != 0.0).collect())
}

/// One offer for each day, item and seller: the mean price, a promotion's only if all are.
fn averaged(mut offers: Vec<Offer>) -> (Vec<Offer>, Vec<u64>) {
    offers.sort_by_key(|offer| (offer.day, offer.item, offer.seller));
    let mut repeated = Vec::new();
    let mut at = 0;
    let merged = offers
        .chunk_by(|a, b| (a.day, a.item, a.seller) == (b.day, b.item, b.seller))
        .map(|same| {
            if same.len() > 1 {
                repeated.extend((at..at + same.len() as u64).skip(1));
            }
            at += same.len() as u64;
            Offer {
                price: same.iter().map(|offer| offer.price).sum::<f64>() / same.len() as f64,
                revenue: same.iter().map(|offer| offer.revenue).sum(),
                is_key: same.iter().any(|offer| offer.is_key),
                is_promotion: same.iter().all(|offer| offer.is_promotion),
                ..same[0]
            }
        })
        .collect();
    (merged, repeated)
}

/// Logarithms of own price over theirs, with weights; and of all prices of both.
#[derive(Default)]
struct Matched {
    ratios: Vec<f64>,
    weights: Vec<f64>,
    own: Vec<f64>,
    theirs: Vec<f64>,
}

impl Matched {
    fn of(shelves: &[&[Offer]], own: u32, competitor: Option<u32>, (key_items, regular): (bool, bool)) -> Self {
        let mut found = Self::default();
        for shelf in shelves {
            if key_items && !shelf.iter().any(|offer| offer.is_key) {
                continue;
            }
            let counts = |offer: &&Offer| !(regular && offer.is_promotion);
            let mine = shelf.iter().filter(counts).find(|offer| offer.seller == own);
            let is_theirs =
                |offer: &&Offer| offer.seller != own && competitor.is_none_or(|seller| offer.seller == seller);
            let (sum, n) = shelf
                .iter()
                .filter(counts)
                .filter(is_theirs)
                .fold((0.0, 0), |(sum, n), offer| (sum + offer.price.ln(), n + 1));
            found.own.extend(mine.map(|mine| mine.price.ln()));
            if n > 0 {
                let theirs = sum / f64::from(n);
                found.theirs.push(theirs);
                if let Some(mine) = mine {
                    found.ratios.push(mine.price.ln() - theirs);
                    found.weights.push(mine.revenue);
                }
            }
        }
        found
    }

    fn index(&self, level: f64) -> Index {
        let n = self.ratios.len();
        let share = |is: fn(f64) -> bool| {
            (n > 0).then(|| self.ratios.iter().filter(|ratio| is(**ratio)).count() as f64 / n as f64)
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let all = mean(&self.own) - mean(&self.theirs);
        Index {
            day: None,
            competitor: None,
            key_items: false,
            regular: false,
            matched: n as u64,
            own_products: self.own.len() as u64,
            index: geometric(&self.ratios, &vec![1.0; n], level),
            weighted: geometric(&self.ratios, &self.weights, level),
            all_products: (!all.is_nan()).then(|| 100.0 * all.exp()),
            median_gap: median(&mut self.ratios.clone()).map(f64::exp_m1),
            cheaper: share(|ratio| ratio < -SAME),
            equal: share(|ratio| ratio.abs() <= SAME),
            dearer: share(|ratio| ratio > SAME),
        }
    }
}

/// Prices nearer than this share are the same.
const SAME: f64 = 1e-9;

/// 100 times the weighted geometric mean of ratios, given as logarithms, with limits by Student's t.
fn geometric(ratios: &[f64], weights: &[f64], level: f64) -> Option<Estimate> {
    let (n, total) = (ratios.len() as f64, weights.iter().sum::<f64>());
    if total <= 0.0 || ratios.len() < 2 {
        return None;
    }
    let mean = ratios.iter().zip(weights).map(|(ratio, weight)| ratio * weight).sum::<f64>() / total;
    let squares: f64 = ratios.iter().zip(weights).map(|(ratio, weight)| (weight * (ratio - mean)).powi(2)).sum();
    let std_error = (squares * n / (n - 1.0)).sqrt() / total;
    let log = Estimate::of(mean, std_error, n - 1.0, level);
    let of = |log: f64| 100.0 * log.exp();
    Some(Estimate {
        value: of(mean),
        std_error: of(mean) * std_error,
        lower: of(log.lower),
        upper: of(log.upper),
        ..log
    })
}

fn product(shelf: &[Offer], own: u32, days: &[Option<Day>]) -> Option<ProductPosition> {
    let mine = shelf.iter().find(|offer| offer.seller == own)?;
    let mut theirs: Vec<f64> = shelf.iter().filter(|offer| offer.seller != own).map(|offer| offer.price).collect();
    theirs.sort_unstable_by(f64::total_cmp);
    Some(ProductPosition {
        day: days[mine.day as usize],
        item: mine.item as usize,
        own: mine.price,
        competitors: theirs.len() as u64,
        lowest: theirs.first().copied(),
        highest: theirs.last().copied(),
        rank: 1 + theirs.iter().filter(|price| **price < mine.price * (1.0 - SAME)).count() as u64,
        median: median(&mut theirs),
        key_item: shelf.iter().any(|offer| offer.is_key),
        promotion: mine.is_promotion,
    })
}
