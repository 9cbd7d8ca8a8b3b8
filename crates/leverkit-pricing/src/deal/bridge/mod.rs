//! The price–volume–mix bridge between two periods, or plan and fact.
//!
//! This file holds the bridge and the ways to look at it. What items are is left to `items`, how rows become them to `added_up`, how an item's change is split to `effects`.

mod added_up;
mod combinations;
mod dealt;
mod effects;
mod items;
mod parts;
mod remarks;
mod table;

use leverkit_core::columns::find;
use leverkit_core::{Column, Groups, Ledger, LeftOut, Params, Table};
use rayon::prelude::*;
use serde::Serialize;

use self::effects::{Rule, parts, total};
use self::items::{Columns, Items, Rows, sides};
pub use self::parts::{Effect, Parts};
use self::remarks::Remarks;
use crate::Error;
use crate::deal::params::BridgeParams;

/// A price–volume–mix bridge.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{BridgeParams, Effect, price_volume_mix};
/// let sales = batch!(
///     "year" => [1, 1, 2, 2],
///     "region" => ["north", "south", "north", "south"],
///     "sku" => ["a", "a", "a", "a"],
///     "q" => [10, 10, 12, 9],
///     "r" => [100.0, 200.0, 132.0, 180.0],
/// )?;
/// let bridge = price_volume_mix(&sales.into(), &BridgeParams::new("year", "1", "2", &["region", "sku"], "q", "r"))?;
/// assert_eq!(bridge.items().len(), 2);
/// // By region: the north raised its price.
/// let (keys, parts) = bridge.drill(&["region".into()])?;
/// let price = Effect::ALL.iter().position(|effect| effect.name() == "price").unwrap();
/// assert_eq!((keys[0].text(0), parts[0].effects[price]), (Some("north".into()), 12.0));
/// // Seen by sku alone, what the regions shifted is a change of price.
/// let by_sku = &bridge.granularity()?[1];
/// assert_eq!((by_sku.keys.join(", "), by_sku.parts.items, by_sku.parts.residual()), ("sku".into(), 1, 0.0));
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bridge {
    /// What it was made with.
    pub params: BridgeParams,
    /// Both sides and all effects.
    pub total: Parts,
    /// The values of the key columns, a row an item.
    pub keys: Vec<Column>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    items: Items,
}

/// One way to cut items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grain {
    /// The columns whose values are an item.
    pub keys: Vec<String>,
    /// The bridge at that grain.
    pub parts: Parts,
}

/// Most key columns whose combinations are compared.
const MOST_KEYS: usize = 6;

/// Splits the change between two sides into price, volume, mix, new and lost items, and, where known, currency and cost.
///
/// For an item sold on both sides with units q, money per unit p and unit value v (money less cost per unit), base side 0, and V₀ the value
/// of all units of the base over their number:
///
/// - price = q₁ (p₁ − p₀), in local money at the base's exchange rate where that is known
/// - currency = q₁ p₁ˡ (e₁ − e₀), pˡ the local price and e the rate
/// - cost = −q₁ (c₁ − c₀)
/// - volume = (q₁ − q₀) V₀
/// - mix = (q₁ − q₀)(v₀ − V₀)
///
/// An item without units on a side is lost with all its value of the base, and new with all of the other side; one without units on both, such as a
/// credit note, is a step of its own. Numbers lie on a binary grid some 10⁻¹⁵ of the total fine, so
/// that the residual is exactly zero for every item and for every sum of items.
///
/// # Errors
/// [`Error::Core`] for a column that is not there; [`Error::Parameter`] for a side without rows, or no keys; [`Error::NotIdentified`] where the base's
/// units add up to nothing, so that volume and mix cannot be told apart.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{BridgeParams, price_volume_mix};
/// let sales = batch!("year" => [1, 1, 2, 2], "sku" => ["a", "b", "a", "b"], "q" => [10, 10, 12, 9], "r" => [100.0, 200.0, 132.0, 180.0])?;
/// let bridge = price_volume_mix(&sales.into(), &BridgeParams::new("year", "1", "2", &["sku"], "q", "r"))?;
/// let [price, volume, mix, ..] = bridge.total.effects;
/// assert_eq!((price, volume, mix), (12.0, 15.0, -15.0)); // 12·(11 − 10); 1·15; 2·(10 − 15) − 1·(20 − 15)
/// assert_eq!(bridge.total.residual(), 0.0);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn price_volume_mix(table: &Table, params: &BridgeParams) -> Result<Bridge, Error> {
    params.check()?;
    let column = |role: &str, name: &str| find(table, role, name);
    let sides = sides(&column("period", &params.period)?, params)?;
    let keys: Vec<Column> = params.keys.iter().map(|name| column("keys", name)).collect::<Result<_, _>>()?;
    let money = |role: &str, name: &String| column(role, name);
    let columns = Columns {
        quantity: money("quantity", &params.quantity)?,
        revenue: money("revenue", &params.revenue)?,
        local: params.local_revenue.as_ref().map(|name| money("local_revenue", name)).transpose()?,
        cost: params.cost.as_ref().map(|name| money("cost", name)).transpose()?,
    };
    let (items, keys, left_out) = Rows { columns: &columns, sides: &sides }.sums(&keys)?;
    if items.len() == 0 {
        let reason = left_out.first().map_or("no row has units or money", |left| left.reason.text()).to_owned();
        return Err(Error::Empty { what: "price_volume_mix".into(), rows: table.rows(), reason });
    }
    let remarks = Remarks { items: &items, keys: &keys };
    let notes = remarks.checked()?.into_iter().collect();
    Ok(Bridge { params: params.clone(), total: total(&items), keys, left_out, notes, items })
}

/// The same of a ledger's lines, whose columns have the names that they came with.
///
/// # Errors
/// As [`price_volume_mix`].
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_pricing::{BridgeParams, ledger_bridge};
/// let lines = batch!("c" => [1, 1], "t" => ["2023-05-01", "2024-05-01"], "paid" => [100.0, 132.0], "p" => ["a", "a"], "q" => [10, 12])?;
/// let roles = Roles { product: Some("p".into()), quantity: Some("q".into()), ..Roles::new("c", "t").amount("paid") };
/// let ledger = Ledger::from_batches(&[lines], &roles)?;
/// let bridge = ledger_bridge(&ledger, &BridgeParams::new("t", "2023", "2024", &["p"], "q", "paid"))?;
/// let [price, volume, ..] = bridge.total.effects;
/// assert_eq!((price, volume), (12.0, 20.0));
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn ledger_bridge(ledger: &Ledger, params: &BridgeParams) -> Result<Bridge, Error> {
    let wanted = params.columns();
    let table = ledger.columns_of(|name| wanted.iter().any(|wanted| wanted == name))?;
    match price_volume_mix(&table, params) {
        // The error names all columns that there are.
        Err(Error::Core(leverkit_core::Error::UnknownColumn { .. })) => {
            price_volume_mix(&ledger.to_batch()?.into(), params)
        }
        found => found,
    }
}

impl Bridge {
    /// The items, in the order of the keys.
    pub fn items(&self) -> Vec<Parts> {
        let rule = Rule::of(&self.items);
        (0..self.items.len()).into_par_iter().map(|item| parts(&self.items.get(item), rule)).collect()
    }

    /// The effects of the items added up by some of the key columns: the same effects, seen from further above.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a column that is no key.
    pub fn drill(&self, by: &[String]) -> Result<(Vec<Column>, Vec<Parts>), Error> {
        let groups = self.groups(by)?;
        let mut parts = vec![Parts::default(); groups.len()];
        for (item, &code) in self.items().iter().zip(groups.codes()) {
            parts[code as usize].add(item);
        }
        Ok((groups.keys().to_vec(), parts))
    }

    /// The bridge at every grain: each set of key columns taken as the item. The total is the same; what counts as price and what as mix is not.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than six key columns.
    pub fn granularity(&self) -> Result<Vec<Grain>, Error> {
        let keys = &self.params.keys;
        if keys.len() > MOST_KEYS {
            return Err(Error::parameter(
                "keys",
                keys.len().to_string(),
                format!("at most {MOST_KEYS} to compare all grains"),
            ));
        }
        let mut sets: Vec<Vec<String>> = (1_u32..1 << keys.len())
            .map(|set| (0..keys.len()).filter(|at| set >> at & 1 == 1).map(|at| keys[at].clone()).collect())
            .collect();
        sets.sort_by_key(Vec::len);
        sets.into_iter().map(|keys| Ok(Grain { parts: self.at_grain(&keys)?, keys })).collect()
    }

    fn at_grain(&self, by: &[String]) -> Result<Parts, Error> {
        let groups = self.groups(by)?;
        let mut items = Items::zeros(self.items.width, groups.len());
        for (item, &code) in self.items.sums.chunks(self.items.width).zip(groups.codes()) {
            items.add(code as usize, item);
        }
        Ok(total(&items))
    }

    fn groups(&self, by: &[String]) -> Result<Groups, Error> {
        let key = |name: &String| {
            let found = self.keys.iter().find(|key| key.name() == name).cloned();
            found.ok_or_else(|| {
                Error::parameter(
                    "by",
                    format!("{name:?}"),
                    format!("keys of the bridge: {}", self.params.keys.join(", ")),
                )
            })
        };
        let columns: Vec<Column> = by.iter().map(key).collect::<Result<_, _>>()?;
        Ok(Groups::of(self.items.len(), &columns)?)
    }
}
