//! The price–volume–mix bridge between two periods, or plan and fact.

use std::ops::Range;

use leverkit_core::columns::{find, numbers};
use leverkit_core::polars::prelude::*;
use leverkit_core::{Groups, zeros};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::grid::Grid;
use crate::sums::{Mergeable, sums};
use crate::{Error, LeftOut};

/// What to bridge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BridgeParams {
    /// The column that tells the two sides apart.
    pub period: String,
    /// Its values on the one side, as text; of dates also years and months such as `2024-03`.
    pub base: Vec<String>,
    /// Its values on the other side.
    pub against: Vec<String>,
    /// Columns whose values together are an item with one price.
    pub keys: Vec<String>,
    /// Units.
    pub quantity: String,
    /// Money of the row, in the currency of the result.
    pub revenue: String,
    /// The same money in the currency of the sale: splits off what exchange rates did.
    #[serde(default)]
    pub local_revenue: Option<String>,
    /// Cost of the row: the bridge is then one of margin.
    #[serde(default)]
    pub cost: Option<String>,
}

/// What lies between the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Of prices of items sold on both sides.
    Price,
    /// Of units of items sold on both sides, at the average of all.
    Volume,
    /// Of items that earn more or less than the average.
    Mix,
    /// Of items without units on the base side.
    New,
    /// Of items without units on the other side.
    Lost,
    /// Of exchange rates.
    Currency,
    /// Of what the goods cost.
    Cost,
}

impl Effect {
    /// All effects, in the order of the bridge.
    pub const ALL: [Self; 7] =
        [Self::Price, Self::Volume, Self::Mix, Self::New, Self::Lost, Self::Currency, Self::Cost];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Volume => "volume",
            Self::Mix => "mix",
            Self::New => "new",
            Self::Lost => "lost",
            Self::Currency => "currency",
            Self::Cost => "cost",
        }
    }
}

/// A bridge, or a part of it: both sides and what lies between them. The effects add up to the change exactly.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Parts {
    /// Units on both sides.
    pub quantity: [f64; 2],
    /// Money on both sides.
    pub value: [f64; 2],
    /// Money of each effect, in the order of [`Effect::ALL`].
    pub effects: [f64; 7],
    /// Items.
    pub items: u64,
}

impl Parts {
    /// What the effects leave of the change: zero.
    pub fn residual(&self) -> f64 {
        self.effects.iter().fold(self.value[1] - self.value[0], |rest, effect| rest - effect)
    }

    fn add(&mut self, other: &Self) {
        for side in 0..2 {
            self.quantity[side] += other.quantity[side];
            self.value[side] += other.value[side];
        }
        self.effects.iter_mut().zip(other.effects).for_each(|(sum, effect)| *sum += effect);
        self.items += other.items;
    }
}

/// A price–volume–mix bridge.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// What it was made with.
    pub params: BridgeParams,
    /// Both sides and all effects.
    pub total: Parts,
    /// The values of the key columns, a row an item.
    pub keys: Vec<Series>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
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

/// Units, money, local money and cost of an item on both sides.
type Sums = [f64; 8];

/// The sums of items, one after the other: of units and money alone where nothing else is known.
#[derive(Debug, Clone)]
struct Items {
    width: usize,
    sums: Vec<f64>,
}

impl Items {
    /// Memory that threads meet fresh.
    fn zeros(width: usize, items: usize) -> Self {
        Self { width, sums: zeros(width * items) }
    }

    fn len(&self) -> usize {
        self.sums.len() / self.width
    }

    fn get(&self, item: usize) -> Sums {
        let mut sums = [0.0; 8];
        sums[..self.width].copy_from_slice(&self.sums[self.width * item..][..self.width]);
        sums
    }

    /// Sums over all items, by fixed runs of them.
    fn sum<const N: usize>(&self, of: impl Fn(&Sums) -> [f64; N] + Sync) -> [f64; N] {
        const RUN: usize = 1 << 14;
        let add = |sum: [f64; N], more: [f64; N]| std::array::from_fn(|at| sum[at] + more[at]);
        let run = |run: usize| {
            let items = run * RUN..self.len().min((run + 1) * RUN);
            items.map(|item| of(&self.get(item))).fold([0.0; N], add)
        };
        let runs: Vec<[f64; N]> = (0..self.len().div_ceil(RUN)).into_par_iter().map(run).collect();
        runs.into_iter().fold([0.0; N], add)
    }

    fn add(&mut self, item: usize, more: &[f64]) {
        self.sums[self.width * item..][..self.width].iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}

/// How items become parts: the base's average value of a unit, and the grid of the numbers.
#[derive(Debug, Clone, Copy)]
struct Rule {
    average: f64,
    grid: Grid,
}

impl Rule {
    fn of(items: &Items) -> Self {
        let [value, cost, units] = items.sum(|sums| [sums[2], sums[6], sums[0]]);
        let average = (value - cost) / units;
        let average = if average.is_finite() { average } else { 0.0 };
        let [largest] = items.sum(|sums| [magnitude(sums, average)]);
        Self { average, grid: Grid::of(largest) }
    }
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
/// An item without units on one side is new or lost with all its value. Numbers lie on a binary grid some 10⁻¹⁵ of the total fine, so
/// that the residual is exactly zero for every item and for every sum of items.
///
/// # Errors
/// [`Error::Core`] for a column that is not there; [`Error::Parameter`] for a side without rows, or no keys.
///
/// ```
/// use leverkit_core::polars::prelude::*;
/// use leverkit_pricing::{BridgeParams, price_volume_mix};
/// let sales = df!("year" => [1, 1, 2, 2], "sku" => ["a", "b", "a", "b"], "q" => [10, 10, 12, 9], "r" => [100.0, 200.0, 132.0, 180.0])?;
/// let bridge = price_volume_mix(&sales, &BridgeParams::new("year", "1", "2", &["sku"], "q", "r"))?;
/// let [price, volume, mix, ..] = bridge.total.effects;
/// assert_eq!((price, volume, mix), (12.0, 15.0, -15.0)); // 12·(11 − 10); 1·15; 2·(10 − 15) − 1·(20 − 15)
/// assert_eq!(bridge.total.residual(), 0.0);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn price_volume_mix(frame: &DataFrame, params: &BridgeParams) -> Result<Bridge, Error> {
    if params.keys.is_empty() {
        return Err(Error::parameter("keys", "none", "the columns whose values are an item, such as [\"sku\"]"));
    }
    let column = |role: &str, name: &str| find(frame.columns(), role, name);
    let sides = sides(&column("period", &params.period)?, params)?;
    let keys: Vec<Series> = params.keys.iter().map(|name| column("keys", name)).collect::<Result<_, _>>()?;
    let groups = Groups::of(frame.height(), &keys)?;
    let money = |role: &str, name: &String| column(role, name);
    let columns = Columns {
        quantity: money("quantity", &params.quantity)?,
        revenue: money("revenue", &params.revenue)?,
        local: params.local_revenue.as_ref().map(|name| money("local_revenue", name)).transpose()?,
        cost: params.cost.as_ref().map(|name| money("cost", name)).transpose()?,
    };
    let width = if columns.local.is_some() || columns.cost.is_some() { 8 } else { 4 };
    let new = || Partial { items: Items::zeros(width, groups.len()), unknown: None, elsewhere: None };
    let add = |rows: Range<usize>, partial: &mut Partial| partial.add(rows, &columns, &sides, groups.codes());
    let found = sums(frame.height(), width * groups.len(), new, add)?;
    let left_out = found.left_out();
    let (items, keys) = with_rows(found.items, groups.keys())?;
    let total = total(&items);
    Ok(Bridge { params: params.clone(), total, keys, items, left_out })
}

impl BridgeParams {
    /// A bridge of revenue between two values of a column.
    pub fn new(period: &str, base: &str, against: &str, keys: &[&str], quantity: &str, revenue: &str) -> Self {
        Self {
            period: period.into(),
            base: vec![base.into()],
            against: vec![against.into()],
            keys: keys.iter().map(|&key| key.into()).collect(),
            quantity: quantity.into(),
            revenue: revenue.into(),
            local_revenue: None,
            cost: None,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.period.clone(), self.quantity.clone(), self.revenue.clone()];
        columns.extend(self.keys.iter().cloned());
        columns.extend([&self.local_revenue, &self.cost].into_iter().flatten().cloned());
        columns
    }
}

/// The side of each row: 0 for the base, 1 for the other, 2 for neither.
fn sides(period: &Series, params: &BridgeParams) -> Result<Vec<u8>, Error> {
    let groups = Groups::of(period.len(), std::slice::from_ref(period))?;
    let Some(values) = groups.keys().first() else { return Ok(Vec::new()) };
    let is_time = values.dtype().is_temporal();
    let texts = values.cast(&DataType::String)?;
    let texts: Vec<&str> = texts.str()?.iter().map(Option::unwrap_or_default).collect();
    let side_of = |parameter: &str, wanted: &[String]| {
        let is_in = |text: &&str| wanted.iter().any(|wanted| *text == wanted || is_time && within(text, wanted));
        let found: Vec<bool> = texts.iter().map(is_in).collect();
        if found.contains(&true) {
            return Ok(found);
        }
        let mut there = texts.iter().take(12).copied().collect::<Vec<_>>().join(", ");
        if texts.len() > 12 {
            there.push_str(" …");
        }
        Err(Error::parameter(
            parameter,
            format!("{wanted:?}"),
            format!("values of column {:?}: {there}", params.period),
        ))
    };
    let (base, against) = (side_of("base", &params.base)?, side_of("against", &params.against)?);
    if let Some(both) = (0..texts.len()).find(|&value| base[value] && against[value]) {
        return Err(Error::parameter(
            "against",
            format!("{:?}, which is in the base too", texts[both]),
            "other values than the base's",
        ));
    }
    let of: Vec<u8> = (0..texts.len())
        .map(|value| {
            if base[value] {
                0
            } else if against[value] {
                1
            } else {
                2
            }
        })
        .collect();
    Ok(groups.codes().par_iter().map(|&code| of[code as usize]).collect())
}

/// Whether a time lies within a year, month or day that its text begins with.
fn within(text: &str, wanted: &str) -> bool {
    text.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(['-', ' ', 'T']))
}

struct Columns {
    quantity: Series,
    revenue: Series,
    local: Option<Series>,
    cost: Option<Series>,
}

/// Sums of a part of the rows.
struct Partial {
    items: Items,
    unknown: Option<(u64, u64)>,
    elsewhere: Option<(u64, u64)>,
}

impl Partial {
    fn add(&mut self, rows: Range<usize>, columns: &Columns, sides: &[u8], codes: &[u32]) -> Result<(), Error> {
        const BLOCK: usize = 1 << 14;
        for start in rows.clone().step_by(BLOCK) {
            let block = start..rows.end.min(start + BLOCK);
            let read = |role: &str, series: &Series| numbers(&series.slice(start as i64, block.len()), role);
            let (quantity, revenue) = (read("quantity", &columns.quantity)?, read("revenue", &columns.revenue)?);
            let local = columns.local.as_ref().map(|local| read("local_revenue", local)).transpose()?;
            let cost = columns.cost.as_ref().map(|cost| read("cost", cost)).transpose()?;
            for (at, row) in block.enumerate() {
                let side = usize::from(sides[row]);
                let (local, cost) =
                    (local.as_ref().map_or(0.0, |local| local[at]), cost.as_ref().map_or(0.0, |cost| cost[at]));
                let counter = if side == 2 {
                    &mut self.elsewhere
                } else if (quantity[at] + revenue[at] + local + cost).is_nan() {
                    &mut self.unknown
                } else {
                    let mut sums = [0.0; 8];
                    (sums[side], sums[2 + side], sums[4 + side], sums[6 + side]) =
                        (quantity[at], revenue[at], local, cost);
                    self.items.add(codes[row] as usize, &sums);
                    continue;
                };
                counter.get_or_insert((0, row as u64)).0 += 1;
            }
        }
        Ok(())
    }

    fn left_out(&self) -> Vec<LeftOut> {
        let reasons = [
            ("quantity, revenue or cost unknown, row left out", self.unknown),
            ("neither base nor against, row left out", self.elsewhere),
        ];
        let each = reasons.into_iter();
        each.filter_map(|(reason, found)| found.map(|(rows, first_row)| LeftOut { reason, rows, first_row })).collect()
    }
}

impl Mergeable for Partial {
    fn merge(&mut self, later: Self) {
        self.items.sums.merge(later.items.sums);
        for (known, more) in [(&mut self.unknown, later.unknown), (&mut self.elsewhere, later.elsewhere)] {
            *known = match (*known, more) {
                (Some((rows, first)), Some((more, _))) => Some((rows + more, first)),
                (known, more) => known.or(more),
            };
        }
    }
}

/// Items that have anything on one of the sides.
fn with_rows(items: Items, keys: &[Series]) -> Result<(Items, Vec<Series>), Error> {
    let width = items.width;
    let is_used = |sums: &[f64]| sums.iter().any(|sum| *sum != 0.0);
    if items.sums.par_chunks(width).all(is_used) {
        return Ok((items, keys.to_vec()));
    }
    let rows = items.sums.chunks(width).zip(0..).filter(|(sums, _)| is_used(sums));
    let (sums, used): (Vec<&[f64]>, Vec<IdxSize>) = rows.unzip();
    let places = IdxCa::from_vec("".into(), used);
    let keys = keys.iter().map(|key| key.take(&places)).collect::<PolarsResult<_>>()?;
    Ok((Items { width, sums: sums.concat() }, keys))
}

/// A bound of all that an item's numbers can come to.
fn magnitude(sums: &Sums, average: f64) -> f64 {
    let [q0, q1, r0, r1, l0, l1, c0, c1] = *sums;
    let [price, currency, cost] = rates(sums);
    let volume = (q1 - q0).abs() * average.abs();
    2.0 * (r0.abs() + r1.abs() + l0.abs() + l1.abs() + c0.abs() + c1.abs() + volume)
        + price.abs()
        + currency.abs()
        + cost.abs()
}

/// Price, currency and cost of an item sold on both sides.
fn rates(sums: &Sums) -> [f64; 3] {
    let [q0, q1, r0, r1, l0, l1, c0, c1] = *sums;
    if q0 == 0.0 || q1 == 0.0 {
        return [0.0; 3];
    }
    let cost = -(c1 - q1 * (c0 / q0));
    if l0 == 0.0 {
        return [r1 - q1 * (r0 / q0), 0.0, cost];
    }
    let rate = r0 / l0;
    [(l1 - q1 * (l0 / q0)) * rate, r1 - l1 * rate, cost]
}

fn parts(sums: &Sums, Rule { average, grid }: Rule) -> Parts {
    let [q0, q1, r0, r1, _, _, c0, c1] = *sums;
    let value = [grid.round(r0) - grid.round(c0), grid.round(r1) - grid.round(c1)];
    let change = value[1] - value[0];
    let mut effects = [0.0; 7];
    let mut set = |effect: Effect, money: f64| effects[effect as usize] = money;
    if q0 == 0.0 {
        set(Effect::New, change);
    } else if q1 == 0.0 {
        set(Effect::Lost, change);
    } else {
        let [price, currency, cost] = rates(sums).map(|money| grid.round(money));
        let volume = grid.round((q1 - q0) * average);
        set(Effect::Price, price);
        set(Effect::Volume, volume);
        set(Effect::Currency, currency);
        set(Effect::Cost, cost);
        // What is left is (q₁ − q₀)(v₀ − V₀); taken as the rest, it adds up on the grid.
        set(Effect::Mix, change - price - volume - currency - cost);
    }
    Parts { quantity: [q0, q1], value, effects, items: 1 }
}

/// All items together; sums on the grid are the same in any order.
fn total(items: &Items) -> Parts {
    let rule = Rule::of(items);
    let add = |mut sum: Parts, item: Parts| {
        sum.add(&item);
        sum
    };
    (0..items.len())
        .into_par_iter()
        .map(|item| parts(&items.get(item), rule))
        .fold(Parts::default, add)
        .reduce(Parts::default, add)
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
    pub fn drill(&self, by: &[String]) -> Result<(Vec<Series>, Vec<Parts>), Error> {
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
            let found = self.keys.iter().find(|key| key.name().as_str() == name).cloned();
            found.ok_or_else(|| {
                Error::parameter(
                    "by",
                    format!("{name:?}"),
                    format!("keys of the bridge: {}", self.params.keys.join(", ")),
                )
            })
        };
        let columns: Vec<Series> = by.iter().map(key).collect::<Result<_, _>>()?;
        Ok(Groups::of(self.items.len(), &columns)?)
    }
}
