//! Where one's own prices stand among competitors'.
//!
//! This file goes through days, sellers and products. Reading prices is left to `offers`, the index to `index`.

mod index;
mod offers;

use leverkit_core::stats::median;
use leverkit_core::{Column, Day, LeftOut, Params, Table, nearest};
use serde::Serialize;

pub use self::index::PositionIndex;
use self::index::{Matched, SAME};
use self::offers::{Offer, Offers};

use super::params::PositionParams;
use crate::Error;

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

/// Prices further apart than this many times are hardly of the same unit.
const UNLIKELY: f64 = 5.0;

/// Where own prices stand.
#[derive(Debug, Clone)]
pub struct Position {
    /// What it was made with.
    pub params: PositionParams,
    /// By day, competitor, and scope.
    pub indices: Vec<PositionIndex>,
    /// By day and product.
    pub products: Vec<ProductPosition>,
    /// The values of product (and store).
    pub items: Vec<Column>,
    /// How many sellers, oneself included, are as cheap or cheaper over all matched products on the last day, and of how many: the own rank.
    pub rank: (u64, u64),
    /// What was left out or put together.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Compares own prices with those of each competitor and of all together: index, gap, rank, shares of cheaper and more expensive products.
///
/// Several prices of a seller for one product, store and day are averaged; rows without a positive price are left out. Both are counted.
///
/// # Errors
/// [`Error::Parameter`] where `own` is none of the sellers; [`Error::Core`] for an unknown column; [`Error::Empty`] where no row can be used.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{PositionParams, position};
/// let prices = batch!("sku" => ["a", "a", "b", "b"], "shop" => ["us", "them", "us", "them"], "price" => [9.0, 10.0, 22.0, 20.0])?;
/// let found = position(&prices.into(), &PositionParams::new("sku", "shop", "price", "us"))?;
/// let index = &found.indices[0];
/// assert_eq!((index.matched, index.cheaper), (2, Some(0.5)));
/// assert!((index.index.unwrap().interval.estimate - 100.0 * (0.9_f64 * 1.1).sqrt()).abs() < 1e-9);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn position(table: &Table, params: &PositionParams) -> Result<Position, Error> {
    params.check()?;
    let level = params.level;
    let read = Offers::read(table, params)?;
    let own = read.sellers.iter().position(|name| *name == params.own);
    let own = own.ok_or_else(|| unknown_seller(&params.own, &read.sellers))? as u32;
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
                indices.push(PositionIndex { day, competitor, key_items: scope.0, regular: scope.1, ..index });
            }
        }
    }
    let products = shelves.iter().filter_map(|shelf| product(shelf, own, &read.days)).collect();
    let (rank, notes) = (rank(&indices), of_last_day(&indices).filter_map(far_apart).collect());
    Ok(Position { params: params.clone(), indices, products, items: read.items, rank, left_out: read.left_out, notes })
}

fn unknown_seller(own: &str, sellers: &[String]) -> Error {
    const NAMED: usize = 12;
    let more = if sellers.len() > NAMED { " …" } else { "" };
    let near = nearest(own, sellers.iter().map(String::as_str)).map(|name| format!("; did you mean {name:?}?"));
    let known = sellers.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    Error::parameter("own", format!("{own:?}"), format!("one of the sellers {known}{more}{}", near.unwrap_or_default()))
}

/// All items and key items, all prices and regular ones, as far as the columns tell them apart.
fn scopes(params: &PositionParams) -> Vec<(bool, bool)> {
    let keys: &[bool] = if params.key_item.is_some() { &[false, true] } else { &[false] };
    let prices: &[bool] = if params.promotion.is_some() { &[false, true] } else { &[false] };
    keys.iter().flat_map(|&key| prices.iter().map(move |&regular| (key, regular))).collect()
}

/// One's rank on the last day: 1 + the competitors that are cheaper over all matched products.
fn rank(indices: &[PositionIndex]) -> (u64, u64) {
    let values: Vec<f64> =
        of_last_day(indices).filter_map(|index| index.index.map(|index| index.interval.estimate)).collect();
    (1 + values.iter().filter(|value| **value > 100.0).count() as u64, 1 + values.len() as u64)
}

/// The indices against each competitor on the last day, over all items and prices.
fn of_last_day(indices: &[PositionIndex]) -> impl Iterator<Item = &PositionIndex> {
    let last = indices.iter().map(|index| index.day).max().unwrap_or_default();
    let is_whole = |index: &&PositionIndex| index.competitor.is_some() && !index.key_items && !index.regular;
    indices.iter().filter(move |index| index.day == last).filter(is_whole)
}

/// Says so where prices are too far apart to be of the same unit.
fn far_apart(index: &PositionIndex) -> Option<String> {
    let ratio = index.index?.interval.estimate / 100.0;
    let competitor = index.competitor.as_ref().filter(|_| !(1.0 / UNLIKELY..=UNLIKELY).contains(&ratio))?;
    Some(format!(
        "Own prices are {ratio:.3} times those of {competitor}: check that both are in the same unit and currency, such as euro and not cent."
    ))
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
