//! Lines in customer and time order, as a Ledger: orders numbered, deductions found, what is to be dropped dropped, and all of it counted.

use std::sync::Arc;

use rayon::prelude::*;

use crate::calendar::day_of_micros;
use crate::clean::Duplicates;
use crate::day::Day;
use crate::deductions;
use crate::encode::Encoded;
use crate::gather::{fill_chunks, gather};
use crate::ledger::{Codes, Dictionary, Ledger, NO_CODE, NO_ORDER, Named, Numbers};
use crate::left_out::Reason;
use crate::lines::{Lines, TimePieces};
use crate::order_ids::OrderIds;
use crate::orders;
use crate::quality::copies::duplicates;
use crate::quality::found::Found;
use crate::quality::notes::notes as notes_on;
use crate::quality::{Input, Quality, QualityNote, Rejected, Seen, Tally, lines_where};
use crate::shuffle::Shuffle;
use crate::signs::Signs;
use crate::{Column, Error, Returns, Roles, Shared};

/// A ledger on its way, with what only its making needs.
pub(crate) struct Sorted {
    pub(crate) ledger: Ledger,
    pub(crate) order_ids: Option<Codes>,
    /// The number of each line's row in the input, where lines may have to be dropped.
    pub(crate) rows: Option<Vec<u32>>,
}

impl Lines<Encoded> {
    /// A ledger, in which no line may be left.
    pub(crate) fn arrange(self, rejected: Rejected, roles: &Roles) -> Result<Ledger, Error> {
        let rows = self.len();
        let mut seen = Seen::default();
        seen.add(&self)?;
        let notes = seen.notes(roles);
        self.sort(roles)?.settle(rows, rejected, notes, roles.clone())
    }

    /// Sorts by customer and time. Customers without a line are left out.
    pub(crate) fn sort(self, roles: &Roles) -> Result<Sorted, Error> {
        let may_drop = roles.returns == Returns::Drop || roles.clean.duplicates == Duplicates::Drop;
        let rows: Option<Vec<u32>> = may_drop.then(|| (0..self.len() as u32).collect());
        let (shuffle, offsets, days, micros) =
            in_time_order(self.customers.codes, self.customers.values.len(), self.times);
        let (offsets, customers) = with_lines(offsets, self.customers.values)?;
        let numbers = |values| Shared::from(shuffle.apply(values));
        let codes = |encoded: Encoded| Codes {
            codes: shuffle.apply(encoded.codes).into(),
            dictionary: Dictionary::new(encoded.values),
        };
        let ledger = Ledger {
            roles: canonical(roles),
            customers: Dictionary::new(customers),
            offsets: offsets.into(),
            days: days.into(),
            micros: micros.map(Shared::from),
            amounts: numbers(self.amounts),
            quantities: self.quantities.map(numbers),
            products: self.products.map(codes),
            list_prices: self.list_prices.map(numbers),
            unit_costs: self.unit_costs.map(numbers),
            discounts: named(self.discounts, numbers),
            dimensions: named(self.dimensions, codes),
            orders: Shared::default(),
            order_offsets: Shared::default(),
            order_days: Shared::default(),
            order_ids: None,
            loose_ids: None,
            deductions: Shared::default(),
            span: None,
            as_of: Day::from(0),
            input: Arc::default(),
        };
        Ok(Sorted { ledger, order_ids: self.orders.map(codes), rows: rows.map(|rows| shuffle.apply(rows)) })
    }
}

impl Sorted {
    /// Settles what each line is and what is worth knowing of all; `notes` are those on the rows as they came in.
    pub(crate) fn settle(
        mut self,
        rows: usize,
        mut rejected: Rejected,
        mut notes: Vec<QualityNote>,
        roles: Roles,
    ) -> Result<Ledger, Error> {
        let mut signs = Signs::of(&self.ledger);
        signs.turn(&mut self.ledger);
        notes.extend(signs.notes(&roles));
        let (ledger, found) = self.settle_lines(&mut rejected)?;
        ledger.conclude(rows, rejected, notes, &found, roles)
    }

    /// Settles what each line is, which is a matter of its customer alone: an order's, a deduction, one to be dropped.
    /// Tells what was found on the way for the notes.
    pub(crate) fn settle_lines(mut self, rejected: &mut Rejected) -> Result<(Ledger, Found), Error> {
        let negative = lines_where(self.ledger.n_lines(), |line| self.ledger.is_negative(line));
        match &self.order_ids {
            Some(ids) => self.ledger.number_orders(ids)?,
            None => self.ledger.number_days(&negative),
        }
        self.ledger.deductions = deductions::find(&self.ledger, &negative).into();
        self.drop_lines(rejected)?;
        let found = Found::of(&self.ledger, self.order_ids.as_ref())?;
        Ok((self.ledger, found))
    }

    /// Drops returns and copies, where that was asked for.
    fn drop_lines(&mut self, rejected: &mut Rejected) -> Result<(), Error> {
        let Some(rows) = self.rows.take() else { return Ok(()) };
        let mut dropped = self.returns_to_drop();
        let is_return: Vec<bool> = self.among(&dropped);
        let copies = self.copies_to_drop().into_iter().filter(|&line| !is_return[line as usize]);
        let reasons = dropped.iter().map(|_| Reason::ReturnDropped).collect::<Vec<_>>();
        dropped.extend(copies);
        if dropped.is_empty() {
            return Ok(());
        }
        for (place, &line) in dropped.iter().enumerate() {
            let (row, amount) = (rows[line as usize], self.ledger.amounts[line as usize]);
            let reason = reasons.get(place).copied().unwrap_or(Reason::DuplicateDropped);
            rejected.push(row, reason, Some(amount.to_string()), amount);
        }
        *rejected = rejected.in_order();
        let is_dropped = self.among(&dropped);
        let kept = lines_where(is_dropped.len(), |line| !is_dropped[line]);
        if let Some(ids) = &mut self.order_ids {
            ids.codes = gather(&kept, &ids.codes).into();
        }
        self.ledger = self.ledger.pick(&kept)?;
        Ok(())
    }

    fn returns_to_drop(&self) -> Vec<u32> {
        let drops = self.ledger.roles.returns == Returns::Drop;
        if drops { lines_where(self.ledger.n_lines(), |line| self.ledger.is_return(line)) } else { Vec::new() }
    }

    fn copies_to_drop(&self) -> Vec<u32> {
        let drops = self.ledger.roles.clean.duplicates == Duplicates::Drop;
        if drops { duplicates(&self.ledger, self.order_ids.as_ref()) } else { Vec::new() }
    }

    fn among(&self, lines: &[u32]) -> Vec<bool> {
        let mut is_among = vec![false; self.ledger.n_lines()];
        lines.iter().for_each(|&line| is_among[line as usize] = true);
        is_among
    }
}

impl Ledger {
    /// Says of settled lines all that is worth knowing of them together.
    pub(crate) fn conclude(
        mut self,
        rows: usize,
        rejected: Rejected,
        mut notes: Vec<QualityNote>,
        found: &Found,
        roles: Roles,
    ) -> Result<Self, Error> {
        self.span = span(&self.days);
        self.as_of = self.span.map_or(Day::from(0), |(_, end)| end + 1);
        notes.extend(notes_on(&self, found)?);
        let quality = self.tally(rows, &rejected, notes);
        self.input = Arc::new(Input { roles, quality, rejected });
        Ok(self)
    }

    /// Numbers the orders by their ids.
    pub(crate) fn number_orders(&mut self, ids: &Codes) -> Result<(), Error> {
        let is_purchase = |line: usize| !self.is_netted_return(line);
        let (orders, first_lines) = orders::by_id(&self.offsets, &ids.codes, &self.days, is_purchase);
        self.order_days = gather(&first_lines, &self.days).into();
        let take = |lines: &[u32]| take_ids(ids, lines).map(OrderIds::Here);
        self.order_ids = Some(take(&first_lines)?);
        self.loose_ids = Some(take(&lines_where(orders.of_line.len(), |line| orders.of_line[line] == NO_ORDER))?);
        self.orders = orders.of_line.into();
        self.order_offsets = orders.offsets.into();
        Ok(())
    }

    /// Numbers the orders by their days; `negative` are the lines below 0.
    fn number_days(&mut self, negative: &[u32]) {
        let returns = if self.roles.returns == Returns::Keep { &[] } else { negative };
        let (orders, days) = orders::by_day(&self.offsets, &self.days, returns);
        self.order_days = days.into();
        self.orders = orders.of_line.into();
        self.order_offsets = orders.offsets.into();
    }

    /// Whether a line lowers an order instead of making one: a return or a deduction, unless returns are kept as lines like any other.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!(
    ///     "c" => [1; 3],
    ///     "t" => ["2024-01-05"; 3],
    ///     "o" => [7; 3],
    ///     "p" => ["tea", "milk", "gift card"],
    ///     "n" => [2, -1, 1],
    ///     "a" => [8.0, -3.0, -5.0],
    /// )?;
    /// let roles = Roles::new("c", "t").amount("a").order("o").product("p").quantity("n");
    /// let ledger = Ledger::from_batches(&[lines], &roles)?;
    /// let returned = (0..ledger.n_lines()).find(|&line| ledger.is_return(line)).unwrap();
    /// let deducted = (0..ledger.n_lines()).find(|&line| ledger.is_deduction(line)).unwrap();
    /// assert_eq!((ledger.amounts()[returned], ledger.amounts()[deducted]), (-3.0, -5.0));
    /// assert!(ledger.is_netted_return(returned) && ledger.is_netted_return(deducted));
    /// assert_eq!(ledger.deductions(), [deducted as u32]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn is_netted_return(&self, line: usize) -> bool {
        self.roles.returns != Returns::Keep && self.is_negative(line)
    }

    /// Whether a line is a return of goods: its amount or quantity is negative, and it is no [deduction](Self::is_deduction).
    pub fn is_return(&self, line: usize) -> bool {
        self.is_negative(line) && !self.is_deduction(line)
    }

    /// Whether a line is a discount, a gift card or the like: it has a negative amount without a negative quantity, stands in an order
    /// beside sales of its day, and its product is not sold in that order.
    pub fn is_deduction(&self, line: usize) -> bool {
        self.amounts[line] < 0.0 && self.deductions.binary_search(&(line as u32)).is_ok()
    }

    /// Whether a line has a negative amount or quantity.
    pub(crate) fn is_negative(&self, line: usize) -> bool {
        self.amounts[line] < 0.0 || self.quantities.as_ref().is_some_and(|quantities| quantities[line] < 0.0)
    }

    /// Counts what was kept, returns, and unknown optional values.
    fn tally(&self, rows: usize, rejected: &Rejected, notes: Vec<QualityNote>) -> Quality {
        let returns = lines_where(self.n_lines(), |line| self.is_return(line));
        let alone: Vec<u32> = returns.iter().copied().filter(|&line| self.orders[line as usize] == NO_ORDER).collect();
        Quality {
            rows: rows as u64,
            kept: Tally { rows: self.n_lines() as u64, amount: crate::stats::par_sum(&self.amounts) },
            returns: Tally::of(&returns, &self.amounts),
            returns_without_order: Tally::of(&alone, &self.amounts),
            set_aside: rejected.tallies(),
            unknown: self.unknown(),
            notes,
        }
    }

    fn unknown(&self) -> Vec<(String, u64)> {
        let nan = |values: &Numbers| values.par_iter().filter(|value| value.is_nan()).count() as u64;
        let null = |codes: &Codes| codes.codes.par_iter().filter(|code| **code == NO_CODE).count() as u64;
        let mut counts = Vec::new();
        let mut note = |name: &str, count: Option<u64>| {
            counts.extend(count.filter(|&count| count > 0).map(|count| (name.to_owned(), count)));
        };
        note("product", self.products.as_ref().map(null));
        note("quantity", self.quantities.as_ref().map(nan));
        note("list_price", self.list_prices.as_ref().map(nan));
        note("unit_cost", self.unit_costs.as_ref().map(nan));
        self.discounts.iter().for_each(|column| note(&column.name, Some(nan(&column.values))));
        self.dimensions.iter().for_each(|column| note(&column.name, Some(null(&column.values))));
        counts
    }
}

/// Roles as the ledger's own frame has them: the amount is a column of its own, times are read, and there is no column without a role.
fn canonical(roles: &Roles) -> Roles {
    Roles {
        amount: roles.amount.clone().or_else(|| Some("amount".into())),
        price: None,
        time_format: None,
        watched: Vec::new(),
        ids_as_text: false, // They are texts now.
        ..roles.clone()
    }
}

fn named<T, U>(columns: Vec<Named<T>>, change: impl Fn(T) -> U) -> Vec<Named<U>> {
    columns.into_iter().map(|column| Named { name: column.name, values: change(column.values) }).collect()
}

fn take_ids(ids: &Codes, lines: &[u32]) -> Result<Column, Error> {
    ids.dictionary.values().take(&gather(lines, &ids.codes))
}

/// Sorts lines by customer and time; returns the shuffle, the customers' offsets, and the days and clocks in order.
fn in_time_order(
    codes: Vec<u32>,
    n_customers: usize,
    times: TimePieces,
) -> (Shuffle, Vec<u32>, Vec<Day>, Option<Vec<i64>>) {
    match times {
        TimePieces::Days(days) => {
            let (shuffle, offsets, days) = Shuffle::sort(codes, n_customers, days);
            (shuffle, offsets, days, None)
        }
        TimePieces::Micros(micros) => {
            let (shuffle, offsets, micros) = Shuffle::sort(codes, n_customers, micros);
            let days = fill_chunks(&[micros.len()], |_, rows, out| {
                for (day, micros) in out.iter_mut().zip(&micros[rows]) {
                    day.write(day_of_micros(*micros));
                }
            });
            (shuffle, offsets, days, Some(micros))
        }
    }
}

/// The customers who have a line, and their offsets.
fn with_lines(offsets: Vec<u32>, customers: Column) -> Result<(Vec<u32>, Column), Error> {
    if offsets.windows(2).all(|bounds| bounds[0] < bounds[1]) {
        return Ok((offsets, customers));
    }
    let kept: Vec<u32> =
        (0..).zip(offsets.windows(2)).filter(|(_, bounds)| bounds[0] < bounds[1]).map(|(code, _)| code).collect();
    let ends = kept.iter().map(|&code| offsets[code as usize + 1]);
    Ok(([0].into_iter().chain(ends).collect(), customers.take(&kept)?))
}

pub(crate) fn span(days: &[Day]) -> Option<(Day, Day)> {
    days.par_iter().map(|&day| (day, day)).reduce_with(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}
