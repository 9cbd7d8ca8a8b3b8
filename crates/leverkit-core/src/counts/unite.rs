//! Ledgers of other customers put together: each customer's lines and orders are taken over as they are, in the order of the customers.

use std::sync::Arc;

use leverkit_stats::{budget, par_sum, room};

use crate::append::{sign, time_of};
use crate::ledger::{Codes, Dictionary, NO_CODE, NO_ORDER, Named, Numbers};
use crate::order_ids::OrderIds;
use crate::quality::Input;
use crate::signs::Signs;
use crate::union::as_texts_of;
use crate::{Column, Day, Encoded, Error, Ledger, Plain, Shared, Tally, encode};

/// The ledger of the customers of several, each of whom is in one of them; which of them are slices is known.
pub(super) fn unite(parts: &[(&Ledger, bool)]) -> Result<Ledger, Error> {
    let ledgers: Vec<&Ledger> = parts.iter().map(|(part, _)| *part).collect();
    ledgers.iter().try_for_each(|part| same_roles(ledgers[0], part))?;
    if let [one] = ledgers.as_slice() {
        return Ok((*one).clone());
    }
    let mut together = Blocks::of(&ledgers)?.laid()?;
    // Whether a discount is turned is for all lines together to say.
    let mut signs = Signs::default();
    if !parts.iter().any(|(_, is_slice)| *is_slice) {
        signs.look(&together);
        signs.turn(&mut together);
    }
    let notes = signs.notes(&together.roles);
    let mut input = input_of(parts, &together);
    if !notes.is_empty() {
        Arc::make_mut(&mut input).quality.notes.extend(notes);
    }
    Ok(Ledger { input, ..together })
}

/// What is known of all customers beside their lines, of what is known of those of each part, and whether it was a slice.
pub(super) fn unite_abouts(parts: &[(&Ledger, bool)]) -> Result<Ledger, Error> {
    let abouts: Vec<&Ledger> = parts.iter().map(|(about, _)| *about).collect();
    abouts.iter().try_for_each(|about| same_roles(abouts[0], about))?;
    let together = Blocks::of(&abouts)?.laid()?;
    Ok(Ledger { input: input_of(parts, &together), ..together })
}

/// Whether a part is a slice of a ledger, and not all that was built of its input.
pub(super) fn is_slice(part: &Ledger) -> bool {
    part.n_lines() as u64 != part.quality().kept.rows
}

fn same_roles(first: &Ledger, other: &Ledger) -> Result<(), Error> {
    let pairs = [(&first.roles, &other.roles), (&first.input.roles, &other.input.roles)];
    match pairs.into_iter().find(|(own, other)| own != other) {
        None => Ok(()),
        Some((own, other)) => Err(Error::counts(
            &format!("the lines of some counts have other roles: {own:?} and {other:?}"),
            "build all parts with the same roles",
        )),
    }
}

/// Values of several columns together: their codes in each, and the values in order.
pub(super) struct Union {
    codes: Vec<Vec<u32>>,
    values: Column,
}

impl Union {
    pub(super) fn of(columns: &[&Column], role: &str) -> Result<Self, Error> {
        let first = columns.iter().find(|column| !column.is_empty()).or(columns.first());
        let mut all = first.map_or_else(|| Column::new(role, Vec::<u32>::new()), |first| first.slice(0, 0));
        for column in columns.iter().filter(|column| !column.is_empty()) {
            all.append(&as_texts_of(&all, column)).map_err(|error| error.of_role(role))?;
        }
        let Encoded { codes, values } = encode(all, role)?;
        let mut rest = codes.as_slice();
        let mut own = |column: &&Column| rest.split_off(..column.len()).unwrap_or_default().to_vec();
        Ok(Self { codes: columns.iter().map(&mut own).collect(), values })
    }

    /// Fails where a value is in two columns, each of which has no value twice.
    pub(super) fn check_apart(&self, what: &str) -> Result<(), Error> {
        let mut is_seen = vec![false; self.values.len()];
        for &code in self.codes.iter().flatten() {
            if std::mem::replace(&mut is_seen[code as usize], true) {
                let value = self.values.text(code as usize).unwrap_or_default();
                let problem = format!("the {what} {value:?} is in two parts");
                return Err(Error::counts(
                    &problem,
                    &format!("split the rows by {what}, so that each is whole in one part"),
                ));
            }
        }
        Ok(())
    }
}

/// Where the lines of each customer come from.
struct Blocks<'a> {
    parts: &'a [&'a Ledger],
    customers: Column,
    /// The part of each customer, and the customer's code in it, in the order of the customers.
    order: Vec<(usize, usize)>,
    offsets: Vec<u32>,
    order_offsets: Vec<u32>,
}

impl<'a> Blocks<'a> {
    fn of(parts: &'a [&'a Ledger]) -> Result<Self, Error> {
        let columns: Vec<&Column> = parts.iter().map(|part| part.customers.values()).collect();
        let union = Union::of(&columns, "customer")?;
        union.check_apart("customer")?;
        let mut order = vec![(0, 0); union.values.len()];
        for (part, codes) in union.codes.iter().enumerate() {
            codes.iter().enumerate().for_each(|(customer, &code)| order[code as usize] = (part, customer));
        }
        let lines: usize = parts.iter().map(|part| part.n_lines()).sum();
        if lines >= NO_CODE as usize {
            return Err(Error::TooLarge { rows: lines, limit: NO_CODE as usize - 1 });
        }
        let ends = |starts: fn(&Ledger) -> &[u32]| {
            let of_customer = |end: &mut u32, &(part, customer): &(usize, usize)| {
                *end += of(starts(parts[part]), customer).len() as u32;
                Some(*end)
            };
            std::iter::once(0).chain(order.iter().scan(0, of_customer)).collect()
        };
        let (offsets, order_offsets) = (ends(Ledger::offsets), ends(Ledger::order_offsets));
        Ok(Self { parts, customers: union.values, order, offsets, order_offsets })
    }

    fn laid(&self) -> Result<Ledger, Error> {
        let first = self.parts[0];
        Ok(Ledger {
            customers: Dictionary::new(self.customers.clone()),
            days: self.lines(Ledger::days),
            micros: self.micros(),
            amounts: self.lines(Ledger::amounts),
            orders: self.orders(),
            order_days: self
                .values(Ledger::order_offsets, &self.parts.iter().map(|part| part.order_days()).collect::<Vec<_>>()),
            order_ids: self.order_ids()?,
            loose_ids: self.loose_ids()?,
            products: self.optional_codes(|part| part.products.as_ref(), "product")?,
            quantities: self.optional(|part| part.quantities.as_ref(), "quantity")?,
            list_prices: self.optional(|part| part.list_prices.as_ref(), "list_price")?,
            unit_costs: self.optional(|part| part.unit_costs.as_ref(), "unit_cost")?,
            discounts: self.discounts(),
            dimensions: self.dimensions()?,
            span: self.parts.iter().filter_map(|part| part.span).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
            as_of: self.as_of()?,
            deductions: self.deductions().into(),
            offsets: self.offsets.clone().into(),
            order_offsets: self.order_offsets.clone().into(),
            ..first.clone()
        })
    }

    /// Values of lines or orders, whose starts are given, customer by customer.
    fn values<T: Plain>(&self, starts: fn(&Ledger) -> &[u32], columns: &[&[T]]) -> Shared<T> {
        let mut all = room(columns.iter().map(|column| column.len()).sum());
        for &(part, customer) in &self.order {
            budget::check();
            all.extend_from_slice(&columns[part][of(starts(self.parts[part]), customer)]);
        }
        all.into()
    }

    fn lines<T: Plain>(&self, values: impl Fn(&'a Ledger) -> &'a [T]) -> Shared<T> {
        self.values(Ledger::offsets, &self.parts.iter().map(|part| values(part)).collect::<Vec<_>>())
    }

    /// What all parts have, or none.
    fn all_have<T>(&self, column: impl Fn(&'a Ledger) -> Option<T>, role: &str) -> Result<Option<Vec<T>>, Error> {
        let columns: Vec<T> = self.parts.iter().filter_map(|part| column(part)).collect();
        match columns.len() {
            0 => Ok(None),
            all if all == self.parts.len() => Ok(Some(columns)),
            some => {
                let problem = format!("{some} of {} counts have {role}, the others do not", self.parts.len());
                Err(Error::counts(&problem, "build all parts from the same columns"))
            }
        }
    }

    /// The times of lines, where a part has a clock: days begin at midnight.
    fn micros(&self) -> Option<Shared<i64>> {
        self.parts.iter().find(|part| part.micros.is_some())?;
        let of_part = |part: &&Ledger| (0..part.n_lines()).map(|line| time_of(part, line)).collect();
        let columns: Vec<Vec<i64>> = self.parts.iter().map(of_part).collect();
        Some(self.values(Ledger::offsets, &columns.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    fn optional<T: Plain>(
        &self,
        column: impl Fn(&'a Ledger) -> Option<&'a Shared<T>>,
        role: &str,
    ) -> Result<Option<Shared<T>>, Error> {
        let columns = self.all_have(|part| column(part).map(Shared::as_slice), role)?;
        Ok(columns.map(|columns| self.values(Ledger::offsets, &columns)))
    }

    fn optional_codes(
        &self,
        column: impl Fn(&'a Ledger) -> Option<&'a Codes>,
        role: &str,
    ) -> Result<Option<Codes>, Error> {
        self.all_have(column, role)?.map(|columns| self.codes(&columns, role)).transpose()
    }

    fn codes(&self, columns: &[&Codes], role: &str) -> Result<Codes, Error> {
        let values: Vec<&Column> = columns.iter().map(|codes| codes.dictionary.values()).collect();
        let union = Union::of(&values, role)?;
        let known = |part: usize, code: u32| union.codes[part].get(code as usize).copied().unwrap_or(NO_CODE);
        let mut all = room(self.offsets[self.order.len()] as usize);
        for &(part, customer) in &self.order {
            let own = &columns[part].codes[of(&self.parts[part].offsets, customer)];
            all.extend(own.iter().map(|&code| known(part, code)));
        }
        Ok(Codes { codes: all.into(), dictionary: Dictionary::new(union.values) })
    }

    fn discounts(&self) -> Vec<Named<Numbers>> {
        let columns = self.parts[0].roles.discounts.iter().enumerate();
        columns.map(|(at, (name, column))| Named { name: name.clone(), values: self.discount(at, column) }).collect()
    }

    /// A discount as it came in: where it was turned in a part it is turned back, but for slices, where it was settled before.
    fn discount(&self, at: usize, column: &str) -> Numbers {
        let as_it_came = |part: &&Ledger| {
            let sign = if is_slice(part) { |value| value } else { sign(part, column) };
            part.discounts[at].values.iter().map(|&value| sign(value)).collect()
        };
        let columns: Vec<Vec<f64>> = self.parts.iter().map(as_it_came).collect();
        self.values(Ledger::offsets, &columns.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn dimensions(&self) -> Result<Vec<Named<Codes>>, Error> {
        let names = self.parts[0].dimensions.iter().map(|dimension| &dimension.name).enumerate();
        let of_name = |(at, name): (usize, &String)| {
            let columns: Vec<&Codes> = self.parts.iter().map(|part| &part.dimensions[at].values).collect();
            Ok(Named { name: name.clone(), values: self.codes(&columns, "dimensions")? })
        };
        names.map(of_name).collect()
    }

    /// The number of each line's order, counted through all customers.
    fn orders(&self) -> Shared<u32> {
        let mut all = room(self.offsets[self.order.len()] as usize);
        for (&(part, customer), &start) in self.order.iter().zip(&self.order_offsets) {
            let part = self.parts[part];
            let (own, before) = (of(&part.offsets, customer), part.order_offsets[customer]);
            let number = |&order: &u32| if order == NO_ORDER { NO_ORDER } else { order - before + start };
            all.extend(part.orders[own].iter().map(number));
        }
        all.into()
    }

    fn order_ids(&self) -> Result<Option<OrderIds>, Error> {
        self.ids(|part| part.order_ids.as_ref(), |part, customer| of(&part.order_offsets, customer).len())
    }

    fn loose_ids(&self) -> Result<Option<OrderIds>, Error> {
        let loose = |part: &Ledger, customer: usize| {
            part.orders[of(&part.offsets, customer)].iter().filter(|&&order| order == NO_ORDER).count()
        };
        self.ids(|part| part.loose_ids.as_ref(), loose)
    }

    /// Ids, of which each customer has the next few of the part's.
    fn ids(
        &self,
        ids: impl Fn(&'a Ledger) -> Option<&'a OrderIds>,
        count: impl Fn(&Ledger, usize) -> usize,
    ) -> Result<Option<OrderIds>, Error> {
        let Some(columns) = self.all_have(ids, "order ids")? else { return Ok(None) };
        let columns = columns.into_iter().map(OrderIds::column).collect::<Result<Vec<_>, _>>()?;
        let mut next: Vec<u32> = Vec::with_capacity(columns.len());
        let mut all = columns.iter().find(|column| !column.is_empty()).unwrap_or(&columns[0]).slice(0, 0);
        for column in &columns {
            next.push(all.len() as u32);
            if !column.is_empty() {
                all.append(&as_texts_of(&all, column)).map_err(|error| error.of_role("order"))?;
            }
        }
        let mut rows = Vec::with_capacity(all.len());
        for &(part, customer) in &self.order {
            let own = count(self.parts[part], customer) as u32;
            rows.extend(next[part]..next[part] + own);
            next[part] += own;
        }
        Ok(Some(OrderIds::Here(all.take(&rows)?)))
    }

    fn deductions(&self) -> Vec<u32> {
        let mut all = Vec::new();
        for (&(part, customer), &start) in self.order.iter().zip(&self.offsets) {
            let (part, own) = (self.parts[part], of(&self.parts[part].offsets, customer));
            let place = |line: usize| part.deductions.partition_point(|&known| (known as usize) < line);
            let of_customer = &part.deductions[place(own.start)..place(own.end)];
            all.extend(of_customer.iter().map(|&line| line - own.start as u32 + start));
        }
        all
    }

    /// The day to look back from: that of the parts where one is given, else the day after the last line of all.
    fn as_of(&self) -> Result<Day, Error> {
        let is_given = |part: &&&Ledger| part.end().is_some_and(|end| part.as_of != end + 1);
        let Some(given) = self.parts.iter().find(is_given).map(|part| part.as_of) else {
            let ends = self.parts.iter().filter_map(|part| part.end());
            return Ok(ends.max().map_or(self.parts[0].as_of, |end| end + 1));
        };
        match self.parts.iter().find(|part| part.end().is_some() && part.as_of != given) {
            None => Ok(given),
            Some(other) => Err(Error::counts(
                &format!("some counts look back from {given} and others from {}", other.as_of),
                "give all parts the same as_of",
            )),
        }
    }
}

/// The lines, or orders, of a customer.
fn of(starts: &[u32], customer: usize) -> std::ops::Range<usize> {
    starts[customer] as usize..starts[customer + 1] as usize
}

/// What became of all rows: each input counts once, however many slices of it there are.
fn input_of(parts: &[(&Ledger, bool)], together: &Ledger) -> Arc<Input> {
    let mut inputs: Vec<&Arc<Input>> = Vec::new();
    for (part, is_slice) in parts {
        if !is_slice || !inputs.iter().any(|known| known.is_same(&part.input)) {
            inputs.push(&part.input);
        }
    }
    if let [one] = inputs.as_slice() {
        return Arc::clone(one);
    }
    let mut all = Input { roles: together.input.roles.clone(), ..Input::default() };
    inputs.into_iter().for_each(|input| all.add_part(input));
    if all.quality.kept.rows == together.n_lines() as u64 {
        all.quality.kept = Tally { amount: par_sum(&together.amounts), ..all.quality.kept };
    }
    Arc::new(all)
}
