//! Parts of a ledger and ledgers put together.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use hashbrown::HashSet;

use crate::arrange::span;
use crate::calendar::format_day;
use crate::clean::Clean;
use crate::columns::{is_number, numbers};
use crate::day::Day;
use crate::error::nearest;
use crate::gather::gather;
use crate::ledger::{Codes, Dictionary, Ledger, NO_CODE, Named, Numbers};
use crate::order_ids::OrderIds;
use crate::quality::{Input, lines_where};
use crate::{Column, Error, LedgerBuilder, Returns, Roles, Shared};

impl Ledger {
    /// The lines from `start` to `end`, both included; `None` leaves that side open.
    /// `as_of` becomes the day after `end` where that is earlier.
    ///
    /// # Errors
    /// [`Error::Parameter`] where `start` is after `end`.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch, parse_day};
    /// # let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let first_days = ledger.between(None, Some(parse_day("end", "2024-01-02")?))?;
    /// assert_eq!((ledger.n_lines(), first_days.n_lines()), (3, 2));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn between(&self, start: Option<Day>, end: Option<Day>) -> Result<Self, Error> {
        let (from, to) = (start.unwrap_or(Day::MIN), end.unwrap_or(Day::MAX - 1));
        if from > to {
            return Err(Error::parameter("start", format_day(from), format!("a day up to end = {}", format_day(to))));
        }
        let slice = self.retain(|line| (from..=to).contains(&self.days[line]))?;
        let as_of = self.as_of.min(to + 1);
        Ok(slice.with_as_of(as_of))
    }

    /// The lines whose dimension has one of the values, given as text; numbers however they are written.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] where there is no such dimension, [`Error::Parameter`] where it has no such value.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// # let lines = batch!("c" => [1, 2, 3], "t" => ["2024-01-01"; 3], "a" => [1.0, 2.0, 3.0], "shop" => ["north", "south", "north"])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").dimension("shop"))?;
    /// assert_eq!(ledger.where_in("shop", &["north".into()])?.amounts(), [1.0, 3.0]);
    /// let error = ledger.where_in("shop", &["nort".into()]).unwrap_err();
    /// assert_eq!(error.to_string(), r#"shop: got "nort"; expected one of its 2 values; did you mean "north"?"#);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn where_in(&self, dimension: &str, values: &[String]) -> Result<Self, Error> {
        let codes = self.dimension(dimension)?;
        let texts = codes.dictionary.values().texts();
        let known: Vec<&str> = texts.iter().map(|text| text.as_deref().unwrap_or_default()).collect();
        let mut wanted = HashSet::new();
        for value in values {
            let number = value.parse::<f64>().ok().filter(|_| is_number(codes.dictionary.values()));
            let is_it = |text: &&str| *text == value || (number.is_some() && text.parse().ok() == number);
            let code = known.iter().position(is_it).ok_or_else(|| {
                let near = nearest(value, known.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
                Error::parameter(dimension, format!("{value:?}"), format!("one of its {} values{near}", known.len()))
            })?;
            wanted.insert(code as u32);
        }
        self.retain(|line| wanted.contains(&codes.codes[line]))
    }

    /// The same lines at another product level: a dimension takes the product's place.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] where there is no such dimension.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!("c" => [1, 2], "t" => ["2024-01-01"; 2], "a" => [1.0, 3.0], "sku" => ["t-1", "t-2"], "category" => ["tea", "tea"])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").product("sku").dimension("category"))?;
    /// let count = |ledger: &Ledger| ledger.products().map(|products| products.dictionary.len());
    /// assert_eq!((count(&ledger), count(&ledger.with_product("category")?)), (Some(2), Some(1)));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn with_product(&self, dimension: &str) -> Result<Self, Error> {
        if self.roles.product.as_deref() == Some(dimension) {
            return Ok(self.clone());
        }
        let products = self.dimension(dimension)?.clone();
        let roles = Roles { product: Some(dimension.into()), ..self.roles.clone() };
        Ok(Self { products: Some(products), roles, ..self.clone() })
    }

    /// The codes of a dimension.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] where there is no such dimension.
    pub fn dimension(&self, name: &str) -> Result<&Codes, Error> {
        self.dimensions.iter().find(|column| column.name == name).map(|column| &column.values).ok_or_else(|| {
            Error::UnknownColumn {
                role: "dimensions".into(),
                column: name.into(),
                available: self.dimensions.iter().map(|column| column.name.clone()).collect(),
                nearest: nearest(name, self.dimensions.iter().map(|column| column.name.as_str())),
            }
        })
    }

    /// The values of a dimension that occur in lines, as text: numbers in numerical order, everything else in the order of its text. Null does not
    /// count.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] where there is no such dimension.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0], "shop" => [Some(10), Some(9), None])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles { dimensions: vec!["shop".into()], ..Roles::new("c", "t").amount("a") })?;
    /// assert_eq!(ledger.dimension_values("shop")?, ["9", "10"]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn dimension_values(&self, name: &str) -> Result<Vec<String>, Error> {
        let codes = self.dimension(name)?;
        let values = codes.dictionary.values();
        let mut is_used = vec![false; values.len()];
        codes.codes.iter().filter(|&&code| code != NO_CODE).for_each(|&code| is_used[code as usize] = true);
        let order = if is_number(values) { numbers(values, name)? } else { vec![0.0; values.len()] };
        let known = values.texts().into_iter().zip(order).zip(is_used).filter(|(_, is_used)| *is_used);
        let mut used: Vec<(f64, String)> = known.filter_map(|((text, number), _)| Some((number, text?))).collect();
        used.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        Ok(used.into_iter().map(|(_, text)| text).collect())
    }

    /// Cuts the customers into at most `parts` ledgers with about equal numbers of lines.
    /// Each customer is whole in one of them, so that results per customer merge by appending.
    ///
    /// # Errors
    /// [`Error::Parameter`] where `parts` is 0.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!("c" => ["ann", "bob", "ann", "eva"], "t" => ["2024-01-05"; 4], "a" => [1.0, 2.0, 3.0, 4.0])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let parts = ledger.partition(2)?;
    /// assert_eq!(parts.iter().map(Ledger::n_customers).collect::<Vec<_>>(), [1, 2]);
    /// assert_eq!(Ledger::concat(&parts)?.amounts(), ledger.amounts());
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn partition(&self, parts: usize) -> Result<Vec<Self>, Error> {
        if parts == 0 {
            return Err(Error::parameter("parts", "0", "at least 1"));
        }
        let lines = self.n_lines();
        // More parts than lines would be empty.
        let parts = parts.min(lines.max(1));
        let cut = |part: usize| {
            self.offsets[self.offsets.partition_point(|&start| (start as usize) < lines * part / parts)] as usize
        };
        (0..parts)
            .map(|part| cut(part)..cut(part + 1))
            .filter(|range| !range.is_empty())
            .map(|range| self.retain(|line| range.contains(&line)))
            .collect()
    }

    /// Puts ledgers with the same roles together. Lines are sorted anew; orders with the same id, or of the same day, become one.
    /// The quality is that of all inputs, each counted once however many slices of it there are; lines that stand in two inputs are
    /// both kept, and a note counts them.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no ledger or their roles differ.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// let shop = |client: &str, paid: f64| {
    ///     let lines = batch!("client" => [client, "eva"], "date" => ["2024-01-05"; 2], "paid" => [paid; 2])?;
    ///     Ledger::from_batches(&[lines], &Roles::new("client", "date").amount("paid"))
    /// };
    /// let both = Ledger::concat(&[shop("ann", 20.0)?, shop("bob", 15.0)?])?;
    /// // Eva bought in both shops: she is one customer, with one order of that day.
    /// assert_eq!((both.n_customers(), both.n_lines(), both.n_orders()), (3, 4, 3));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn concat(ledgers: &[Self]) -> Result<Self, Error> {
        let Some(first) = ledgers.first() else {
            return Err(Error::parameter("ledgers", "none", "at least one"));
        };
        // What was mended, dropped and set aside was so in each.
        let returns = if first.roles.returns == Returns::Keep { Returns::Keep } else { Returns::Net };
        let mended = Roles { clean: Clean::default(), returns, ..first.roles.clone() };
        let mut builder = LedgerBuilder::new(mended);
        for ledger in ledgers {
            if ledger.roles != first.roles {
                return Err(Error::parameter(
                    "ledgers",
                    format!("{:?}", ledger.roles),
                    format!("the roles of the first: {:?}", first.roles),
                ));
            }
            builder.push(&ledger.to_batch()?)?;
        }
        let ledger = Self { roles: first.roles.clone(), ..builder.finish()? };
        Ok(Self { input: inputs_of(ledgers, &ledger), ..ledger })
    }

    /// The lines for which `keep` holds; customers without a line fall away, orders are numbered anew.
    fn retain(&self, keep: impl Fn(usize) -> bool + Sync) -> Result<Self, Error> {
        self.pick(&lines_where(self.n_lines(), keep))
    }

    /// These lines, which are given in order.
    pub(crate) fn pick(&self, kept: &[u32]) -> Result<Self, Error> {
        let (offsets, customers) = self.offsets_of(kept);
        let numbers = |values: &Numbers| Shared::from(gather(kept, values));
        let codes =
            |column: &Codes| Codes { codes: gather(kept, &column.codes).into(), dictionary: column.dictionary.clone() };
        let order_places = gather(kept, &self.order_places());
        let places = self.deductions.iter().filter_map(|line| kept.binary_search(line).ok());
        let mut slice = Self {
            deductions: places.map(|place| place as u32).collect::<Vec<_>>().into(),
            customers: Dictionary::new(self.customers.values().take(&customers)?),
            offsets: offsets.into(),
            days: gather(kept, &self.days).into(),
            micros: self.micros.as_ref().map(|column| gather(kept, column).into()),
            amounts: numbers(&self.amounts),
            products: self.products.as_ref().map(codes),
            quantities: self.quantities.as_ref().map(numbers),
            list_prices: self.list_prices.as_ref().map(numbers),
            unit_costs: self.unit_costs.as_ref().map(numbers),
            discounts: self
                .discounts
                .iter()
                .map(|column| Named { name: column.name.clone(), values: numbers(&column.values) })
                .collect(),
            dimensions: self
                .dimensions
                .iter()
                .map(|column| Named { name: column.name.clone(), values: codes(&column.values) })
                .collect(),
            ..self.clone()
        };
        slice.renumber(order_places, self.all_order_ids()?.as_ref())?;
        slice.span = span(&slice.days);
        Ok(slice)
    }

    /// Numbers a slice's orders by those of the ledger it came from; `places` tells where its lines' ids stand among all of that one's.
    fn renumber(&mut self, places: Vec<u32>, all_ids: Option<&Column>) -> Result<(), Error> {
        let numbers = Column::new("order", (0..places.iter().max().map_or(0, |last| last + 1)).collect::<Vec<_>>());
        self.number_orders(&Codes { codes: places.into(), dictionary: Dictionary::new(numbers) })?;
        let ids = |places: Option<OrderIds>| match (all_ids, places) {
            (Some(ids), Some(places)) => {
                let places = places.column()?.array()?;
                ids.take(places.as_primitive::<UInt32Type>().values()).map(OrderIds::Here).map(Some)
            }
            _ => Ok(None),
        };
        (self.order_ids, self.loose_ids) = (ids(self.order_ids.take())?, ids(self.loose_ids.take())?);
        Ok(())
    }

    /// Offsets of the customers that keep a line, and their codes.
    fn offsets_of(&self, kept: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let mut offsets = vec![0];
        let mut customers = Vec::new();
        let mut start = 0;
        for customer in 0..self.n_customers() {
            let end = kept[start..].partition_point(|&line| line < self.offsets[customer + 1]) + start;
            if end > start {
                offsets.push(end as u32);
                customers.push(customer as u32);
            }
            start = end;
        }
        (offsets, customers)
    }
}

/// What became of the rows of several ledgers' inputs; what is worth knowing of their lines comes from those put together.
fn inputs_of(ledgers: &[Ledger], together: &Ledger) -> Arc<Input> {
    let mut inputs: Vec<&Arc<Input>> = Vec::new();
    for ledger in ledgers {
        if !inputs.iter().any(|known| Arc::ptr_eq(known, &ledger.input)) {
            inputs.push(&ledger.input);
        }
    }
    if let [one] = inputs.as_slice() {
        return Arc::clone(one);
    }
    let mut all = Input { roles: together.roles.clone(), ..Input::default() };
    inputs.into_iter().for_each(|input| all.merge(input));
    all.quality.notes.retain(|note| note.kind.is_of_input());
    all.quality.notes.extend(together.quality().notes.iter().cloned());
    Arc::new(all)
}
