//! Prices as offers: one for each day, item and seller.

use leverkit_core::columns::{self, days, find, numbers};
use leverkit_core::design::known_rows;
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Day, Groups, LeftOut, Reason, Table};

use crate::Error;
use crate::competitors::params::PositionParams;

/// A seller's price of an item on a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) day: u32,
    pub(super) item: u32,
    pub(super) seller: u32,
    pub(super) price: f64,
    /// Money of own sales; 0 where unknown.
    pub(super) revenue: f64,
    pub(super) is_key: bool,
    pub(super) is_promotion: bool,
    row: usize,
}

/// Offers, sorted by day, item and seller.
pub(super) struct Offers {
    pub(super) sorted: Vec<Offer>,
    pub(super) sellers: Vec<String>,
    pub(super) items: Vec<Column>,
    pub(super) days: Vec<Option<Day>>,
    pub(super) left_out: Vec<LeftOut>,
}

impl Offers {
    pub(super) fn read(table: &Table, params: &PositionParams) -> Result<Self, Error> {
        let column = |role: &str, name: &str| find(table, role, name);
        let optional = |role: &str, name: &Option<String>| name.as_ref().map(|name| column(role, name)).transpose();
        let rows = table.rows();
        let prices = numbers(&column("price", &params.price)?, "price")?;
        let seller = column("seller", &params.seller)?;
        let mut keys = vec![column("product", &params.product)?];
        keys.extend(optional("store", &params.store)?);
        let items = Groups::of(rows, &keys)?;
        keys.push(seller.clone());
        let (sellers, has_keys) = (Groups::of(rows, &[seller])?, known_rows(rows, &keys)?);
        let revenue = optional("revenue", &params.revenue)?.map(|revenue| numbers(&revenue, "revenue")).transpose()?;
        let key_items = flags("key_item", optional("key_item", &params.key_item)?, rows)?;
        let promotions = flags("promotion", optional("promotion", &params.promotion)?, rows)?;
        let dates = optional("date", &params.date)?.map(|dates| days(&dates, "date")).transpose()?;
        let mut known: Vec<Option<Day>> =
            dates.clone().map_or_else(|| vec![None], |dates| dates.into_iter().flatten().map(Some).collect());
        known.sort_unstable();
        known.dedup();
        let mut tallies = Tallies::default();
        let mut offers = Vec::with_capacity(rows);
        for row in 0..rows {
            let money = revenue.as_ref().map_or(f64::NAN, |revenue| revenue[row]);
            let day = dates.as_ref().map_or(Some(0), |dates| {
                dates[row].map(|day| known.partition_point(|known| *known < Some(day)) as u32)
            });
            match day {
                _ if !has_keys[row] => tallies.note(Reason::UnknownKey, row, money),
                Some(day) if prices[row] > 0.0 => offers.push(Offer {
                    day,
                    item: items.codes()[row],
                    seller: sellers.codes()[row],
                    price: prices[row],
                    revenue: if money.is_nan() { 0.0 } else { money },
                    is_key: key_items[row],
                    is_promotion: promotions[row],
                    row,
                }),
                _ => tallies.note(Reason::NoPriceOrDate, row, money),
            }
        }
        if offers.is_empty() {
            return Err(Error::Empty {
                what: "position".into(),
                rows,
                reason: "no row has a positive price, a date, a product and a seller".into(),
            });
        }
        // The unknown one is the last, and has no offer.
        let sellers = sellers.keys()[0].texts().into_iter().flatten().collect();
        let (sorted, repeated) = averaged(offers);
        repeated.iter().for_each(|&row| tallies.note(Reason::RepeatedPrice, row, f64::NAN));
        let left_out = tallies.left_out(&[Reason::UnknownKey, Reason::NoPriceOrDate, Reason::RepeatedPrice]);
        Ok(Self { sorted, sellers, items: items.keys().to_vec(), days: known, left_out })
    }
}

/// True or 1; an unknown flag is none.
fn flags(role: &str, column: Option<Column>, rows: usize) -> Result<Vec<bool>, Error> {
    let Some(column) = column else { return Ok(vec![false; rows]) };
    Ok(columns::flags(&column, role)?.into_iter().map(|flag| flag == 1.0).collect())
}

/// One offer for each day, item and seller: the mean price, a promotion's only if all are. And the rows that were averaged into another.
fn averaged(mut offers: Vec<Offer>) -> (Vec<Offer>, Vec<usize>) {
    offers.sort_by_key(|offer| (offer.day, offer.item, offer.seller));
    let mut repeated = Vec::new();
    let merged = offers
        .chunk_by(|a, b| (a.day, a.item, a.seller) == (b.day, b.item, b.seller))
        .map(|same| {
            repeated.extend(same[1..].iter().map(|offer| offer.row));
            Offer {
                price: same.iter().map(|offer| offer.price).sum::<f64>() / same.len() as f64,
                revenue: same.iter().map(|offer| offer.revenue).sum(),
                is_key: same.iter().any(|offer| offer.is_key),
                is_promotion: same.iter().all(|offer| offer.is_promotion),
                ..same[0]
            }
        })
        .collect();
    repeated.sort_unstable();
    (merged, repeated)
}
