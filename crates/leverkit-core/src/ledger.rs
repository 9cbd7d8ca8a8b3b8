//! The Ledger: order lines in customer and time order, as compressed rows of plain columns.

use leverkit_stats::budget;
use std::ops::Range;
use std::sync::Arc;

use leverkit_stats::room;
use rayon::prelude::*;

use crate::day::Day;
use crate::gather::{balanced, par_parts};
use crate::order_ids::OrderIds;
use crate::quality::Input;
use crate::{Column, Quality, Rejected, Roles, Shared};

/// The order number of lines that belong to no order: returns without a purchase.
pub const NO_ORDER: u32 = u32::MAX;

/// The code of a null id.
pub const NO_CODE: u32 = u32::MAX;

/// The distinct values of an id column; a value's position is its code.
///
/// ```
/// use leverkit_core::{Column, Dictionary};
/// let products = Dictionary::new(Column::new("product", ["tea", "milk"]));
/// assert_eq!((products.len(), products.values().text(1)), (2, Some("milk".into())));
/// ```
#[derive(Debug, Clone)]
pub struct Dictionary {
    values: Column,
}

impl Dictionary {
    /// A dictionary of distinct values, in code order.
    pub fn new(values: Column) -> Self {
        Self { values }
    }

    /// How many distinct values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values in code order, of the type they came in.
    pub fn values(&self) -> &Column {
        &self.values
    }
}

/// An id column of the lines: a code for each ([`NO_CODE`] where null) and the dictionary.
#[derive(Debug, Clone)]
pub struct Codes {
    /// A code for each line.
    pub codes: Shared<u32>,
    /// What the codes stand for.
    pub dictionary: Dictionary,
}

/// A named column of the lines.
#[derive(Debug, Clone)]
pub struct Named<T> {
    /// The name: a discount's, or a dimension's column.
    pub name: String,
    /// The values.
    pub values: T,
}

/// A numeric column of the lines; NaN where unknown.
pub type Numbers = Shared<f64>;

/// A company's order lines, grouped by customer and in time order. Cheap to clone: columns are shared.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// let lines = batch!(
///     "client" => ["bob", "ann", "ann"],
///     "date" => ["2024-01-06", "2024-01-09", "2024-01-02"],
///     "product" => ["tea", "milk", "tea"],
///     "paid" => [15.0, 4.0, 16.0],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("client", "date").amount("paid").product("product"))?;
/// assert_eq!((ledger.n_customers(), ledger.n_orders(), ledger.n_lines()), (2, 3, 3));
/// assert_eq!((ledger.start().map(format_day), format_day(ledger.as_of())), (Some("2024-01-02".into()), "2024-01-10".into()));
/// // Lines stand by customer and time: here first both of ann.
/// assert_eq!((ledger.offsets(), ledger.amounts()), (&[0, 2, 3][..], &[16.0, 4.0, 15.0][..]));
/// assert_eq!((ledger.order_offsets(), ledger.orders()), (&[0, 2, 3][..], &[0, 1, 2][..]));
/// let products = ledger.products().unwrap();
/// assert_eq!(products.dictionary.values().text(products.codes[1] as usize), Some("milk".into()));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(crate) roles: Roles,
    pub(crate) customers: Dictionary,
    pub(crate) offsets: Shared<u32>,
    pub(crate) days: Shared<Day>,
    pub(crate) micros: Option<Shared<i64>>,
    pub(crate) amounts: Numbers,
    pub(crate) orders: Shared<u32>,
    pub(crate) order_offsets: Shared<u32>,
    pub(crate) order_days: Shared<Day>,
    pub(crate) order_ids: Option<OrderIds>,
    /// The ids of the lines that belong to no order, in order.
    pub(crate) loose_ids: Option<OrderIds>,
    pub(crate) products: Option<Codes>,
    pub(crate) quantities: Option<Numbers>,
    pub(crate) list_prices: Option<Numbers>,
    pub(crate) unit_costs: Option<Numbers>,
    pub(crate) discounts: Vec<Named<Numbers>>,
    pub(crate) dimensions: Vec<Named<Codes>>,
    pub(crate) span: Option<(Day, Day)>,
    pub(crate) as_of: Day,
    /// Negative lines that are no returns, in order.
    pub(crate) deductions: Shared<u32>,
    pub(crate) input: Arc<Input>,
}

/// One customer's lines, in time order.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// let days = ["2024-01-01", "2024-01-05", "2024-01-02"];
/// let lines = batch!("c" => ["ann", "ann", "bob"], "t" => days, "p" => ["tea", "milk", "tea"], "a" => [1.0, 2.0, 3.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").product("p"))?;
/// let bob = ledger.customer(1);
/// assert_eq!((bob.lines(), bob.amounts, bob.order_days.len()), (2..3, &[3.0][..], 1));
/// assert_eq!(ledger.customer(0).first_lines().collect::<Vec<_>>(), [0, 1]);
/// let products = ledger.products().unwrap();
/// let entry = bob.entry_product(products).and_then(|product| products.dictionary.values().text(product as usize));
/// assert_eq!(entry, Some("tea".into()));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct CustomerLines<'a> {
    /// The customer's code.
    pub code: u32,
    /// Position of the first line among all lines, to reach further columns.
    pub first_line: usize,
    /// Days since 1970-01-01.
    pub days: &'a [Day],
    /// Money of each line.
    pub amounts: &'a [f64],
    /// Order number of each line, or [`NO_ORDER`].
    pub orders: &'a [u32],
    /// The number of the customer's first order.
    pub first_order: u32,
    /// The day of each of the customer's orders, in order; day of an order's first purchase.
    pub order_days: &'a [Day],
}

impl<'a> CustomerLines<'a> {
    /// The lines' positions among all lines.
    pub fn lines(&self) -> Range<usize> {
        self.first_line..self.first_line + self.days.len()
    }

    /// The first line of each of the customer's orders, in the order of the orders, among all lines.
    pub fn first_lines(&self) -> impl Iterator<Item = usize> + 'a {
        let (first_line, mut next, orders) = (self.first_line, self.first_order, self.orders);
        orders.iter().enumerate().filter_map(move |(line, &order)| {
            let fresh = order != NO_ORDER && order == next;
            next += u32::from(fresh);
            fresh.then_some(first_line + line)
        })
    }

    /// The product with the most money in the customer's first order; `None` without an order.
    pub fn entry_product(&self, products: &Codes) -> Option<u32> {
        let mut spent: Vec<(u32, f64)> = Vec::new();
        for line in (0..self.days.len()).filter(|&line| self.orders[line] == self.first_order) {
            let product = products.codes[self.first_line + line];
            match spent.iter_mut().find(|(known, _)| *known == product) {
                Some((_, money)) => *money += self.amounts[line],
                None => spent.push((product, self.amounts[line])),
            }
        }
        // Of equal sums the lower code wins, so the choice does not depend on the order of lines.
        spent.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(product, _)| product)
    }
}

impl Ledger {
    /// Number of customers.
    pub fn n_customers(&self) -> usize {
        self.customers.len()
    }

    /// Number of orders; returns without a purchase do not count.
    pub fn n_orders(&self) -> usize {
        self.order_days.len()
    }

    /// Number of lines.
    pub fn n_lines(&self) -> usize {
        self.days.len()
    }

    /// The first day with a line; `None` in an empty slice.
    pub fn start(&self) -> Option<Day> {
        self.span.map(|(start, _)| start)
    }

    /// The last day with a line; `None` in an empty slice.
    pub fn end(&self) -> Option<Day> {
        self.span.map(|(_, end)| end)
    }

    /// The day from which analyses look back: by default the day after the last line.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The roles it was built with.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// The roles that were asked for when it was built: with these, later lines are read as its own were.
    pub fn built_with(&self) -> &Roles {
        &self.input.roles
    }

    /// The customers' ids in code order.
    pub fn customers(&self) -> &Dictionary {
        &self.customers
    }

    /// Customer `c` owns lines `offsets[c]..offsets[c + 1]`.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The day of each line.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// Local microseconds of each line, where the time column carries a clock.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!("c" => [1], "t" => ["1970-01-02 00:00:01"], "a" => [20.0])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// assert_eq!(ledger.micros(), Some(&[86_401_000_000][..]));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn micros(&self) -> Option<&[i64]> {
        self.micros.as_ref().map(Shared::as_slice)
    }

    /// Money of each line.
    pub fn amounts(&self) -> &[f64] {
        &self.amounts
    }

    /// Order number of each line, or [`NO_ORDER`].
    pub fn orders(&self) -> &[u32] {
        &self.orders
    }

    /// Customer `c` owns orders `order_offsets[c]..order_offsets[c + 1]`.
    pub fn order_offsets(&self) -> &[u32] {
        &self.order_offsets
    }

    /// The day of each order: that of its first purchase.
    pub fn order_days(&self) -> &[Day] {
        &self.order_days
    }

    /// The products, where the role is given.
    pub fn products(&self) -> Option<&Codes> {
        self.products.as_ref()
    }

    /// Units of each line, NaN where unknown, where the role is given.
    pub fn quantities(&self) -> Option<&[f64]> {
        self.quantities.as_ref().map(Shared::as_slice)
    }

    /// List price per unit of each line, NaN where unknown, where the role is given.
    pub fn list_prices(&self) -> Option<&[f64]> {
        self.list_prices.as_ref().map(Shared::as_slice)
    }

    /// Unit cost of each line, NaN where unknown, where the role is given.
    pub fn unit_costs(&self) -> Option<&[f64]> {
        self.unit_costs.as_ref().map(Shared::as_slice)
    }

    /// Cost of a line's goods, money: unit cost times units, where both are known; a line without a quantity role is one unit.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!("c" => [1, 2], "t" => ["2024-01-01"; 2], "a" => [9.0, 5.0], "n" => [3, 1], "cost" => [Some(2.0), None])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").quantity("n").unit_cost("cost"))?;
    /// assert_eq!([ledger.cost_of(0), ledger.cost_of(1)], [Some(6.0), None]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn cost_of(&self, line: usize) -> Option<f64> {
        let units = self.quantities.as_ref().map_or(1.0, |units| units[line]);
        let cost = self.unit_costs.as_ref()?[line] * units;
        (!cost.is_nan()).then_some(cost)
    }

    /// The discounts by name, money of each line.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!("c" => [1], "t" => ["2024-01-05"], "a" => [18.0], "n" => [2], "list" => [10.0], "cost" => [6.0], "promo" => [2.0])?;
    /// let roles = Roles::new("c", "t").amount("a").quantity("n").list_price("list").unit_cost("cost").discount("promo", "promo");
    /// let ledger = Ledger::from_batches(&[lines], &roles)?;
    /// let promo = &ledger.discounts()[0];
    /// assert_eq!((promo.name.as_str(), promo.values.as_slice()), ("promo", &[2.0][..]));
    /// let known = [ledger.quantities(), ledger.list_prices(), ledger.unit_costs()];
    /// assert_eq!(known, [Some(&[2.0][..]), Some(&[10.0][..]), Some(&[6.0][..])]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn discounts(&self) -> &[Named<Numbers>] {
        &self.discounts
    }

    /// The dimensions by column name.
    pub fn dimensions(&self) -> &[Named<Codes>] {
        &self.dimensions
    }

    /// The lines that are deductions, in order: see [`is_deduction`](Self::is_deduction).
    pub fn deductions(&self) -> &[u32] {
        &self.deductions
    }

    /// How many rows were kept and set aside, why, how much money they carry, and what else is worth knowing of them.
    /// It is about the whole input, also where the ledger is a slice of what came in.
    pub fn quality(&self) -> &Quality {
        &self.input.quality
    }

    /// The rows of the input that were set aside.
    pub fn rejected(&self) -> &Rejected {
        &self.input.rejected
    }

    /// The last day on which an order would have been seen, looking back from `as_of`: that day itself, or the day before it
    /// where the lines end earlier.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch, parse_day};
    /// # let lines = batch!("c" => [1, 1], "t" => ["2024-01-01", "2024-01-05"], "a" => [1.0, 2.0])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let day = |text: &str| parse_day("day", text);
    /// // The lines end on 5 January.
    /// assert_eq!(ledger.seen_until(day("2024-01-06")?), day("2024-01-05")?);
    /// assert_eq!(ledger.seen_until(day("2024-01-03")?), day("2024-01-03")?);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn seen_until(&self, as_of: Day) -> Day {
        as_of.min(self.end().unwrap_or(as_of).max(as_of - 1))
    }

    /// Sets the day from which analyses look back.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch, format_day, parse_day};
    /// # let lines = batch!("c" => [1], "t" => ["2024-01-05"], "a" => [2.0])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// assert_eq!(format_day(ledger.as_of()), "2024-01-06");
    /// let month_end = ledger.with_as_of(parse_day("as_of", "2024-01-31")?);
    /// assert_eq!(format_day(month_end.as_of()), "2024-01-31");
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_as_of(mut self, as_of: Day) -> Self {
        self.as_of = as_of;
        self
    }

    /// One customer's lines.
    pub fn customer(&self, code: u32) -> CustomerLines<'_> {
        let customer = code as usize;
        let lines = self.offsets[customer] as usize..self.offsets[customer + 1] as usize;
        let orders = self.order_offsets[customer] as usize..self.order_offsets[customer + 1] as usize;
        CustomerLines {
            code,
            first_line: lines.start,
            days: &self.days[lines.clone()],
            amounts: &self.amounts[lines.clone()],
            orders: &self.orders[lines],
            first_order: orders.start as u32,
            order_days: &self.order_days[orders],
        }
    }

    /// Runs a kernel over every customer, in parallel, and returns the results in customer order.
    /// `scratch` makes what a thread reuses between customers.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// # let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let spend: Vec<f64> = ledger.par_customers(|| (), |(), lines| lines.amounts.iter().sum());
    /// assert_eq!(spend, [3.0, 3.0]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn par_customers<S, R: Send>(
        &self,
        scratch: impl Fn() -> S + Sync,
        kernel: impl Fn(&mut S, CustomerLines<'_>) -> R + Sync,
    ) -> Vec<R> {
        let mut results = room(self.n_customers());
        let ranges = balanced(&self.offsets);
        let mut rest = &mut results.spare_capacity_mut()[..self.n_customers()];
        let pieces: Vec<_> = ranges.iter().map(|range| rest.split_off_mut(..range.len()).unwrap_or_default()).collect();
        ranges.into_par_iter().zip(pieces).for_each(|(range, piece)| {
            let mut scratch = scratch();
            for (customer, slot) in range.zip(piece) {
                budget::check();
                slot.write(kernel(&mut scratch, self.customer(customer as u32)));
            }
        });
        // SAFETY: the ranges cover all customers, and each wrote its piece.
        unsafe { results.set_len(self.n_customers()) };
        results
    }
    /// Adds every customer up in parallel: `add` takes one into a fresh accumulator, `merge` puts the later of two after the earlier.
    /// The parts depend only on the ledger, so that sums are the same on any number of threads.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// # let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let most_orders = ledger.fold_customers(|| 0, |most: &mut usize, lines| *most = lines.order_days.len().max(*most), usize::max);
    /// assert_eq!(most_orders, 2);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn fold_customers<A: Send>(
        &self,
        fresh: impl Fn() -> A + Sync,
        add: impl Fn(&mut A, CustomerLines<'_>) + Sync,
        merge: impl Fn(A, A) -> A,
    ) -> A {
        let parts = par_parts(&self.offsets, |range| {
            let mut part = fresh();
            range.for_each(|customer| add(&mut part, self.customer(customer as u32)));
            part
        });
        parts.into_iter().reduce(merge).unwrap_or_else(fresh)
    }
}
