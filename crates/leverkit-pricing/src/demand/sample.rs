//! The rows that an elasticity is estimated on: columns as the model takes them, dense codes of categories, and what was left out with its revenue.

use std::borrow::Cow;
use std::ops::Range;

use leverkit_core::analysis::of_model;
use leverkit_core::columns::{find, missing};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Groups, LeftOut, Reason, Table};
use leverkit_stats::regression::{Design, Levels, separated, without_empty_levels, without_singletons};
use rayon::prelude::*;

use super::numbers::Numbers;
use super::params::{DemandModel, ElasticityParams};
use crate::Error;

/// What a column of numbers is to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Quantity,
    Price,
    CrossPrice,
    Control,
    Instrument,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::CrossPrice => "cross_prices",
            Self::Control => "controls",
            Self::Instrument => "instruments",
        }
    }
}

/// The role of what groups are kinds of.
pub(crate) const CATEGORY: &str = "category";

/// Which columns are taken, and how.
pub(crate) struct Wanted<'a> {
    pub(crate) numbers: Vec<(Role, &'a str)>,
    /// One column, or several; each combination is a level: "product^store".
    pub(crate) categories: Vec<(&'static str, &'a str)>,
    /// Logarithms of prices.
    pub(crate) log_price: bool,
    /// Logarithms of quantities.
    pub(crate) log_quantity: bool,
    /// Quantities may not be below zero.
    pub(crate) counts: bool,
}

impl ElasticityParams {
    /// What is read of a table.
    pub(crate) fn wanted(&self) -> Wanted<'_> {
        let mut numbers = vec![(Role::Quantity, self.quantity.as_str()), (Role::Price, self.price.as_str())];
        numbers.extend(self.cross_prices.iter().map(|name| (Role::CrossPrice, name.as_str())));
        numbers.extend(self.controls.iter().map(|name| (Role::Control, name.as_str())));
        numbers.extend(self.instruments.iter().map(|name| (Role::Instrument, name.as_str())));
        let effects = self.effects.iter().map(|name| ("effects", name.as_str()));
        let categories = effects.chain(self.cluster.iter().map(|name| ("cluster", name.as_str())));
        Wanted {
            numbers,
            categories: categories.collect(),
            log_price: self.log,
            log_quantity: self.log && self.model == DemandModel::Ols,
            counts: self.model == DemandModel::Ppml,
        }
    }
}

/// A category of each row.
pub(crate) struct Category {
    role: String,
    pub(crate) name: String,
    codes: Vec<u32>,
    len: usize,
    /// The values of the levels, a column each.
    pub(crate) keys: Vec<Column>,
}

impl Category {
    fn read(table: &Table, role: &str, name: &str) -> Result<Self, Error> {
        let columns: Vec<Column> = name.split('^').map(|part| find(table, role, part)).collect::<Result<_, _>>()?;
        let groups = Groups::of(table.rows(), &columns)?;
        let (keys, len) = (groups.keys().to_vec(), groups.len());
        Ok(Self { role: role.into(), name: name.into(), codes: groups.into_codes(), len, keys })
    }

    pub(crate) fn levels(&self) -> Levels<'_> {
        Levels { codes: &self.codes, len: self.len }
    }

    /// Whether a level is a null of its only column.
    pub(crate) fn is_null(&self, level: usize) -> bool {
        self.keys.iter().all(|key| !key.is_valid(level))
    }

    /// The names of the levels.
    pub(crate) fn names(&self) -> Vec<String> {
        let texts: Vec<Vec<Option<String>>> = self.keys.iter().map(Column::texts).collect();
        let name = |level: usize| {
            let parts = texts.iter().map(|key| key[level].as_deref().unwrap_or("unknown"));
            parts.collect::<Vec<_>>().join(" · ")
        };
        (0..self.len).map(name).collect()
    }

    /// Which levels have a null among their values, where that is of no use: a group without a category is drawn to the mean of all.
    fn unknown(&self) -> Vec<bool> {
        if self.role == CATEGORY {
            return Vec::new();
        }
        let missing: Vec<Vec<bool>> = self.keys.iter().filter_map(missing).collect();
        let levels = if missing.is_empty() { 0..0 } else { 0..self.len };
        levels.map(|level| missing.iter().any(|key| key[level])).collect()
    }
}

/// Columns of the rows that can be used.
pub(crate) struct Sample {
    pub(crate) rows: usize,
    /// Rows that came in.
    pub(crate) given: usize,
    numbers: Vec<(Role, String, Numbers)>,
    categories: Vec<Category>,
    log_price: bool,
    log_quantity: bool,
    knows_revenue: bool,
    /// The places of the rows among those given; `None` where all are there.
    places: Option<Vec<u32>>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Why a row cannot be used.
const REASONS: [Reason; 7] = [
    Reason::UnknownQuantity,
    Reason::UnknownPrice,
    Reason::PriceNotPositive,
    Reason::ReturnedQuantity,
    Reason::ZeroQuantity,
    Reason::UnknownRegressor,
    Reason::UnknownLevel,
];

/// Rows that are looked at together: most of them have nothing wrong, which is quickly seen column by column.
pub(crate) const STRETCH: usize = 1 << 14;

/// From which number on no value of a column is wrong.
fn least(role: Role, takes_log: bool, counts: bool) -> f64 {
    if takes_log {
        f64::MIN_POSITIVE
    } else if counts && role == Role::Quantity {
        0.0
    } else {
        f64::MIN
    }
}

/// Whether all values are numbers from `least` on.
fn all_from(values: &[f64], least: f64) -> bool {
    values.iter().fold(true, |all, value| all & (least..=f64::MAX).contains(value))
}

impl Sample {
    /// Reads what is wanted and leaves out the rows that cannot be used.
    pub(crate) fn read(table: &Table, wanted: &Wanted<'_>) -> Result<Self, Error> {
        let given = table.rows();
        let mut numbers = Vec::with_capacity(wanted.numbers.len());
        for &(role, name) in &wanted.numbers {
            let column = find(table, role.name(), name)?;
            numbers.push((role, name.to_owned(), Numbers::of(&column, role.name())?));
        }
        let mut categories: Vec<Category> = Vec::new();
        for &(role, name) in &wanted.categories {
            if categories.iter().all(|known| known.name != name) {
                categories.push(Category::read(table, role, name)?);
            }
        }
        let (log_price, log_quantity) = (wanted.log_price, wanted.log_quantity);
        let knows_revenue = log_price && (log_quantity || wanted.counts);
        let mut sample = Self {
            rows: given,
            given,
            numbers,
            categories,
            log_price,
            log_quantity,
            knows_revenue,
            places: None,
            left_out: Vec::new(),
        };
        sample.select(wanted)?;
        sample.take_logarithms();
        Ok(sample)
    }

    /// Leaves out the rows that the model cannot take.
    fn select(&mut self, wanted: &Wanted<'_>) -> Result<(), Error> {
        let logs = |role: Role| match role {
            Role::Quantity => wanted.log_quantity,
            Role::Price | Role::CrossPrice => wanted.log_price,
            Role::Control | Role::Instrument => false,
        };
        let wrong_number = |(role, _, values): &(Role, String, Numbers), row: usize| {
            let value = values[row];
            let positive = logs(*role);
            match role {
                Role::Quantity if !value.is_finite() => Some(Reason::UnknownQuantity),
                Role::Price if !value.is_finite() => Some(Reason::UnknownPrice),
                Role::Price if positive && value <= 0.0 => Some(Reason::PriceNotPositive),
                Role::Quantity if (positive || wanted.counts) && value < 0.0 => Some(Reason::ReturnedQuantity),
                Role::Quantity if positive && value == 0.0 => Some(Reason::ZeroQuantity),
                Role::CrossPrice | Role::Control | Role::Instrument
                    if !value.is_finite() || positive && value <= 0.0 =>
                {
                    Some(Reason::UnknownRegressor)
                }
                _ => None,
            }
        };
        let unknown: Vec<Vec<bool>> = self.categories.iter().map(Category::unknown).collect();
        let wrong = |row: usize| {
            let number = self.numbers.iter().find_map(|column| wrong_number(column, row));
            let mut categories = self.categories.iter().zip(&unknown);
            let is_unknown =
                |(category, unknown): (&Category, &Vec<bool>)| unknown.get(category.codes[row] as usize) == Some(&true);
            number.or_else(|| categories.any(is_unknown).then_some(Reason::UnknownLevel))
        };
        let bounds: Vec<f64> = self.numbers.iter().map(|(role, ..)| least(*role, logs(*role), wanted.counts)).collect();
        let is_known = unknown.iter().all(Vec::is_empty);
        let is_clean = |rows: &Range<usize>| {
            let mut columns = self.numbers.iter().zip(&bounds);
            is_known && columns.all(|((_, _, values), &least)| all_from(&values.rows(rows.clone()), least))
        };
        let what: Vec<(usize, Reason)> = (0..self.given.div_ceil(STRETCH))
            .into_par_iter()
            .map(|stretch| stretch * STRETCH..self.given.min((stretch + 1) * STRETCH))
            .filter(|rows| !is_clean(rows))
            .flat_map_iter(|rows| rows.filter_map(|row| wrong(row).map(|reason| (row, reason))))
            .collect();
        let revenue = |row: usize| self.numbers[0].2[row] * self.numbers[1].2[row];
        if !what.is_empty() {
            let mut tallies = Tallies::default();
            let mut kept = vec![true; self.given];
            for &(row, reason) in &what {
                tallies.note(reason, row, if self.knows_revenue { revenue(row) } else { f64::NAN });
                kept[row] = false;
            }
            self.left_out = tallies.left_out(&REASONS);
            self.keep(&kept)?;
        }
        if self.rows == 0 {
            return Err(Error::empty("elasticity", self.given, &self.left_out));
        }
        Ok(())
    }

    fn take_logarithms(&mut self) {
        for (role, _, values) in &mut self.numbers {
            let takes = match role {
                Role::Quantity => self.log_quantity,
                Role::Price | Role::CrossPrice => self.log_price,
                Role::Control | Role::Instrument => false,
            };
            if takes {
                values.map(f64::ln);
            }
        }
    }

    /// Leaves out rows that are alone in a level of an effect.
    pub(crate) fn drop_singletons(&mut self, effects: &[String]) -> Result<(), Error> {
        if let Some(kept) = without_singletons(&self.levels(effects)?, self.rows) {
            self.drop_rows(&kept, Reason::Singleton)?;
        }
        Ok(())
    }

    /// Leaves out rows without sales that a Poisson model can fit with −∞: they say nothing of the price, and the likelihood has no maximum with
    /// them.
    pub(crate) fn drop_separated(&mut self, effects: &[String]) -> Result<(), Error> {
        if let Some(kept) = without_empty_levels(&self.design(false), &self.levels(effects)?) {
            self.drop_rows(&kept, Reason::Separated)?;
        }
        if let Some(kept) = separated(&self.design(false), &self.levels(effects)?).map_err(of_model("elasticity"))? {
            self.drop_rows(&kept, Reason::Separated)?;
        }
        Ok(())
    }

    /// The levels of categories.
    pub(crate) fn levels(&self, names: &[String]) -> Result<Vec<Levels<'_>>, Error> {
        names.iter().map(|name| Ok(self.category(name)?.levels())).collect()
    }

    /// The columns of the model: quantity, price, cross prices and controls, with instruments where they are wanted.
    pub(crate) fn design(&self, with_instruments: bool) -> Design<'_> {
        let mut columns: Vec<(&str, &[f64])> =
            self.explaining().into_iter().map(|(name, values)| (name, &**values)).collect();
        let explaining = columns.len();
        if with_instruments {
            columns.extend(self.numbers(Role::Instrument).map(|(name, values)| (name, &**values)));
        }
        let instruments = columns.len() - explaining;
        let (names, values) = columns.into_iter().unzip();
        Design { names, values, instruments }
    }

    /// The columns of the model without instruments, the quantity first, then the price.
    pub(crate) fn explaining(&self) -> Vec<(&str, &Numbers)> {
        let roles = [Role::Quantity, Role::Price, Role::CrossPrice, Role::Control];
        roles.into_iter().flat_map(|role| self.numbers(role)).collect()
    }

    /// Leaves out rows for a reason.
    pub(crate) fn drop_rows(&mut self, kept: &[bool], reason: Reason) -> Result<(), Error> {
        let mut tallies = Tallies::default();
        let place = |row: usize| self.places.as_ref().map_or(row, |places| places[row] as usize);
        for row in (0..self.rows).filter(|&row| !kept[row]) {
            let revenue = self.revenue(|column| column[row..=row].into());
            tallies.note(reason, place(row), revenue.unwrap_or(f64::NAN));
        }
        let left_out = tallies.left_out(&[reason]);
        self.keep(kept)?;
        if self.rows == 0 {
            return Err(Error::empty("elasticity", self.given, &left_out));
        }
        self.left_out.extend(left_out);
        Ok(())
    }

    fn keep(&mut self, kept: &[bool]) -> Result<(), Error> {
        let rows: Vec<u32> = (0..self.rows as u32).filter(|&row| kept[row as usize]).collect();
        for (_, _, values) in &mut self.numbers {
            *values = values.at(&rows);
        }
        for category in &mut self.categories {
            category.keep(&rows)?;
        }
        self.rows = rows.len();
        self.places = Some(match &self.places {
            None => rows,
            Some(places) => rows.iter().map(|&row| places[row as usize]).collect(),
        });
        Ok(())
    }

    /// The columns of a role.
    pub(crate) fn numbers(&self, role: Role) -> impl Iterator<Item = (&str, &Numbers)> {
        self.numbers.iter().filter(move |column| column.0 == role).map(|(_, name, values)| (name.as_str(), values))
    }

    /// A category that was wanted; another is an error that names it.
    pub(crate) fn category(&self, name: &str) -> Result<&Category, Error> {
        let found = self.categories.iter().find(|category| category.name == name);
        found.ok_or_else(|| {
            let known: Vec<&str> = self.categories.iter().map(|category| category.name.as_str()).collect();
            Error::parameter("category", format!("{name:?}"), format!("one of those read: {}", known.join(", ")))
        })
    }

    /// The revenue of rows, where it is known; `of` takes these rows of a column.
    pub(crate) fn revenue<'a>(&'a self, of: impl Fn(&'a Numbers) -> Cow<'a, [f64]>) -> Option<f64> {
        if !self.knows_revenue {
            return None;
        }
        let level = |value: f64, log: bool| if log { value.exp() } else { value };
        let of_row = |(&quantity, &price)| level(quantity, self.log_quantity) * level(price, self.log_price);
        let (quantities, prices) = (of(&self.numbers[0].2), of(&self.numbers[1].2));
        Some(quantities.iter().zip(&*prices).map(of_row).sum())
    }
}

impl Category {
    /// Keeps rows; levels without one are renumbered away.
    fn keep(&mut self, rows: &[u32]) -> Result<(), Error> {
        let mut fresh = vec![u32::MAX; self.len];
        rows.iter().for_each(|&row| fresh[self.codes[row as usize] as usize] = 0);
        let there: Vec<u32> = (0..self.len as u32).filter(|&level| fresh[level as usize] == 0).collect();
        there.iter().enumerate().for_each(|(new, &old)| fresh[old as usize] = new as u32);
        self.codes =
            rows.par_iter().with_min_len(1 << 12).map(|&row| fresh[self.codes[row as usize] as usize]).collect();
        self.len = there.len();
        for key in &mut self.keys {
            *key = key.take(&there)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    #[test]
    fn a_category_that_was_not_read_is_named() {
        let sales = batch!("units" => [1.0, 2.0], "price" => [2.0, 1.0], "shop" => ["a", "b"]).unwrap();
        let params = ElasticityParams::new("units", "price").effects(&["shop"]);
        let sample = Sample::read(&sales.into(), &params.wanted()).unwrap();
        assert_eq!(sample.category("shop").unwrap().names(), ["a", "b"]);
        let error = sample.category("week").err().unwrap();
        insta::assert_snapshot!(error, @r#"category: got "week"; expected one of those read: shop"#);
    }
    #[test]
    fn a_wrong_row_is_found_wherever_it_stands() {
        let n = 3 * STRETCH as i32 + 7;
        for at in [0, STRETCH as i32 - 1, STRETCH as i32, n - 1] {
            for (units, reason) in
                [(f64::NAN, Reason::UnknownQuantity), (0.0, Reason::ZeroQuantity), (-2.0, Reason::ReturnedQuantity)]
            {
                let units: Vec<f64> = (0..n).map(|row| if row == at { units } else { 3.0 }).collect();
                let sales = batch!("units" => units, "price" => vec![2.0; n as usize]).unwrap();
                let sample = Sample::read(&sales.into(), &ElasticityParams::new("units", "price").wanted()).unwrap();
                let found: Vec<_> = sample.left_out.iter().map(|left| (left.reason, left.rows)).collect();
                assert_eq!((sample.rows, found), (n as usize - 1, vec![(reason, 1)]));
            }
        }
    }
}
