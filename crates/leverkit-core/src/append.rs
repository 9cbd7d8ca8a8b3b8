//! Later lines put to a ledger: both are in customer and time order already, so that one pass merges them.
//!
//! The result is the ledger that would be built of all lines at once. Orders are whole in one of the two, which is what makes it so: what a line
//! is, a return, a deduction or a copy, is settled within its order.

use hashbrown::HashSet;
use leverkit_stats::budget;

use crate::arrange::Sorted;
use crate::calendar::MICROS_PER_DAY;
use crate::gather::fill_chunks;
use crate::ledger::{Codes, Dictionary, NO_CODE, NO_ORDER, Named, Numbers};
use crate::orders::id_or_day;
use crate::quality::{Input, NoteKind};
use crate::union::Union;
use crate::{Column, Day, Error, Ledger, Plain, Shared};

/// What becomes of orders of the later lines that the ledger has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repeated {
    /// They are an error.
    #[default]
    Refuse,
    /// They take the place of those in the ledger.
    Replace,
}

impl Ledger {
    /// The ledger with later lines: what would be built of all lines at once. Build them with [`Ledger::built_with`].
    /// Row numbers of rejected rows count on. A day to look back from that is the day after the last line moves along.
    ///
    /// # Errors
    /// - [`Error::Repeated`] for orders that are in both, with [`Repeated::Refuse`];
    /// - [`Error::Parameter`] where the roles differ, [`Error::WrongType`] where ids are of other types;
    /// - [`Error::TooLarge`] for more lines than a ledger holds.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Repeated, Roles, batch};
    /// let monday = batch!("client" => ["ann", "bob"], "date" => ["2024-01-01", "2024-01-01"], "paid" => [20.0, 15.0])?;
    /// let tuesday = batch!("client" => ["ann"], "date" => ["2024-01-02"], "paid" => [30.0])?;
    /// let ledger = Ledger::from_batches(&[monday], &Roles::new("client", "date").amount("paid"))?;
    /// let later = Ledger::from_batches(&[tuesday], ledger.built_with())?;
    /// assert_eq!(ledger.append(&later, Repeated::Refuse)?.amounts(), [20.0, 30.0, 15.0]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn append(&self, later: &Self, repeated: Repeated) -> Result<Self, Error> {
        self.check_roles(later)?;
        let own = customers(self, later)?;
        let orders = Orders::of(self, later)?;
        let known = orders.in_both(self, later, &own);
        if known.is_empty() {
            return merge(self, later, &own, &orders, 0);
        }
        if repeated == Repeated::Refuse {
            return Err(self.repeated(&known)?);
        }
        let kept: Vec<u32> = (0..self.n_lines() as u32).filter(|line| known.binary_search(line).is_err()).collect();
        let rest = self.pick(&kept)?;
        merge(&rest, later, &customers(&rest, later)?, &Orders::of(&rest, later)?, known.len() as u64)
    }

    fn check_roles(&self, later: &Self) -> Result<(), Error> {
        let rows = self.n_lines() + later.n_lines();
        if rows >= NO_CODE as usize {
            return Err(Error::TooLarge { rows, limit: NO_CODE as usize - 1 });
        }
        if self.roles == later.roles {
            return Ok(());
        }
        Err(Error::parameter(
            "lines",
            format!("{:?}", later.roles),
            format!("the roles of the ledger: {:?}", self.roles),
        ))
    }

    /// The error that these lines are of orders that come again.
    fn repeated(&self, lines: &[u32]) -> Result<Error, Error> {
        let places = self.order_places();
        let orders: HashSet<u32> = lines.iter().map(|&line| places[line as usize]).collect();
        let first = lines[0] as usize;
        let customer = self.offsets.partition_point(|&start| start as usize <= first) - 1;
        let id = self.all_order_ids()?.and_then(|ids| ids.text(places[first] as usize));
        Ok(Error::Repeated {
            orders: orders.len(),
            order: id.map_or_else(|| format!("that of {}", self.days[first]), |id| format!("{id:?}")),
            customer: self.customers.values().text(customer).unwrap_or_default(),
        })
    }

    /// The ids of the orders, and behind them those of the lines without an order; none without the role.
    pub(crate) fn all_order_ids(&self) -> Result<Option<Column>, Error> {
        let Some((ids, loose)) = self.order_ids.as_ref().zip(self.loose_ids.as_ref()) else { return Ok(None) };
        let mut all = ids.column()?;
        all.append(&loose.column()?)?;
        Ok(Some(all))
    }

    /// Where each line's id stands among [all](Self::all_order_ids): at its order, or behind the orders at its turn among the lines without one.
    pub(crate) fn order_places(&self) -> Vec<u32> {
        let mut loose = self.n_orders() as u32..;
        let place = |&order: &u32| if order == NO_ORDER { loose.next().unwrap_or(NO_CODE) } else { order };
        self.orders.iter().map(place).collect()
    }
}

/// The codes of the lines of both, in the merged order.
fn codes_of(union: Union, from: &[u32], first: &Codes, second: &Codes) -> Codes {
    let known = |codes: &[u32], code: u32| codes.get(code as usize).copied().unwrap_or(NO_CODE);
    let codes = pick(
        from,
        first.codes.len(),
        |line| known(&union.first, first.codes[line]),
        |line| known(&union.second, second.codes[line]),
    );
    Codes { codes: codes.into(), dictionary: Dictionary::new(union.values) }
}

fn customers(first: &Ledger, second: &Ledger) -> Result<Union, Error> {
    Union::of(first.customers.values(), second.customers.values(), "customer")
}

/// What makes lines of a customer one order, in both ledgers: the code of an id, or the day.
struct Orders {
    /// For each line of each ledger, a code, and all values; none without ids.
    ids: Option<([Vec<u32>; 2], Column)>,
}

impl Orders {
    fn of(first: &Ledger, second: &Ledger) -> Result<Self, Error> {
        let Some((known, more)) = first.all_order_ids()?.zip(second.all_order_ids()?) else {
            return Ok(Self { ids: None });
        };
        let union = Union::of(&known, &more, "order")?;
        let of_lines = |ledger: &Ledger, codes: &[u32]| {
            ledger.order_places().into_iter().map(|place| codes[place as usize]).collect::<Vec<u32>>()
        };
        let codes = [of_lines(first, &union.first), of_lines(second, &union.second)];
        Ok(Self { ids: Some((codes, union.values)) })
    }

    fn key(&self, ledger: usize, line: usize, day: Day) -> u64 {
        let id = self.ids.as_ref().map_or(NO_CODE, |(codes, _)| codes[ledger][line]);
        id_or_day(id, day)
    }

    /// The lines of the first ledger whose orders are in the second too.
    fn in_both(&self, first: &Ledger, second: &Ledger, customers: &Union) -> Vec<u32> {
        let mut found = Vec::new();
        let mut keys = HashSet::new();
        for [own, later] in pairs(customers) {
            let (Some(own), Some(later)) = (own, later) else { continue };
            budget::check();
            keys.clear();
            keys.extend(lines_of(second, later).map(|line| self.key(1, line, second.days[line])));
            let is_known = |line: &usize| keys.contains(&self.key(0, *line, first.days[*line]));
            found.extend(lines_of(first, own).filter(is_known).map(|line| line as u32));
        }
        found
    }
}

/// Each customer of either ledger, in order: their codes in the two.
fn pairs(customers: &Union) -> impl Iterator<Item = [Option<u32>; 2]> {
    let (mut first, mut second) = ((0..).zip(&customers.first).peekable(), (0..).zip(&customers.second).peekable());
    (0..customers.values.len() as u32).map(move |code| {
        let own = first.next_if(|(_, of)| **of == code).map(|(own, _)| own);
        [own, second.next_if(|(_, of)| **of == code).map(|(own, _)| own)]
    })
}

fn lines_of(ledger: &Ledger, customer: u32) -> std::ops::Range<usize> {
    ledger.offsets[customer as usize] as usize..ledger.offsets[customer as usize + 1] as usize
}

/// Merges two ledgers without a common order; `replaced` lines of the first are there no more.
fn merge(first: &Ledger, second: &Ledger, customers: &Union, orders: &Orders, replaced: u64) -> Result<Ledger, Error> {
    let both = Both { first, second };
    let (from, offsets) = both.in_order(customers);
    let codes = |known: &Codes, more: &Codes, role: &str| {
        let union = Union::of(known.dictionary.values(), more.dictionary.values(), role)?;
        Ok::<_, Error>(codes_of(union, &from, known, more))
    };
    let numbers = |known: &Option<Numbers>, more: &Option<Numbers>| both.optional(&from, known.as_ref(), more.as_ref());
    let order_ids = orders.ids.as_ref().map(|(codes, values)| Codes {
        codes: both.values(&from, &codes[0], &codes[1]),
        dictionary: Dictionary::new(values.clone()),
    });
    let dimensions = first.dimensions.iter().zip(&second.dimensions).map(|(known, more)| {
        Ok(Named { name: known.name.clone(), values: codes(&known.values, &more.values, "dimensions")? })
    });
    let ledger = Ledger {
        customers: Dictionary::new(customers.values.clone()),
        offsets: offsets.into(),
        days: both.values(&from, &first.days, &second.days),
        micros: both.micros(&from),
        amounts: both.values(&from, &first.amounts, &second.amounts),
        products: first
            .products
            .as_ref()
            .zip(second.products.as_ref())
            .map(|(a, b)| codes(a, b, "product"))
            .transpose()?,
        quantities: numbers(&first.quantities, &second.quantities),
        list_prices: numbers(&first.list_prices, &second.list_prices),
        unit_costs: numbers(&first.unit_costs, &second.unit_costs),
        discounts: both.discounts(&from),
        dimensions: dimensions.collect::<Result<_, Error>>()?,
        deductions: Shared::default(),
        ..first.clone()
    };
    let Input { roles, mut quality, mut rejected } = first.input.as_ref().clone();
    let later = second.input.as_ref();
    rejected.append(&later.rejected.counted_from(quality.rows));
    quality.merge(&later.quality);
    // Discounts were turned back: whether they are turned is for all lines together to say.
    let is_of_rows = |kind: NoteKind| kind.is_of_input() && kind != NoteKind::DiscountTurned;
    let notes = quality.notes.into_iter().filter(|note| is_of_rows(note.kind)).collect();
    let rows = (quality.rows - replaced) as usize;
    let merged = Sorted { ledger, order_ids, rows: None }.settle(rows, rejected, notes, roles)?;
    let looks_back_from_the_end = first.end().is_none_or(|end| first.as_of == end + 1);
    Ok(if looks_back_from_the_end { merged } else { merged.with_as_of(first.as_of) })
}

struct Both<'a> {
    first: &'a Ledger,
    second: &'a Ledger,
}

impl Both<'_> {
    /// Where each line of the merged order comes from, lines of the second behind those of the first; and the customers' offsets.
    /// Of lines of one time the earlier ledger's come first.
    fn in_order(&self, customers: &Union) -> (Vec<u32>, Vec<u32>) {
        let (n, all) = (self.first.n_lines(), self.first.n_lines() + self.second.n_lines());
        let (mut from, mut offsets) = (leverkit_stats::room(all), Vec::with_capacity(customers.values.len() + 1));
        offsets.push(0);
        for [own, later] in pairs(customers) {
            budget::check();
            let mut own = own.map_or(0..0, |code| lines_of(self.first, code)).peekable();
            let later = later.map_or(0..0, |code| lines_of(self.second, code));
            for line in later {
                let time = time_of(self.second, line);
                while let Some(before) = own.next_if(|&own| time_of(self.first, own) <= time) {
                    from.push(before as u32);
                }
                from.push((n + line) as u32);
            }
            from.extend(own.map(|line| line as u32));
            offsets.push(from.len() as u32);
        }
        (from, offsets)
    }

    fn values<T: Plain>(&self, from: &[u32], first: &[T], second: &[T]) -> Shared<T> {
        pick(from, self.first.n_lines(), |line| first[line], |line| second[line]).into()
    }

    fn optional(&self, from: &[u32], first: Option<&Numbers>, second: Option<&Numbers>) -> Option<Numbers> {
        first.zip(second).map(|(first, second)| self.values(from, first, second))
    }

    fn micros(&self, from: &[u32]) -> Option<Shared<i64>> {
        if self.first.micros.is_none() && self.second.micros.is_none() {
            return None;
        }
        let n = self.first.n_lines();
        Some(pick(from, n, |line| time_of(self.first, line), |line| time_of(self.second, line)).into())
    }

    /// The discounts as they came in: those that were turned are turned back.
    fn discounts(&self, from: &[u32]) -> Vec<Named<Numbers>> {
        let columns = self.first.roles.discounts.iter().map(|(_, column)| column);
        let signs = columns.map(|column| [sign(self.first, column), sign(self.second, column)]);
        let both = self.first.discounts.iter().zip(&self.second.discounts).zip(signs);
        both.map(|((known, more), [own, later])| {
            let n = self.first.n_lines();
            let values = pick(from, n, |line| own(known.values[line]), |line| later(more.values[line]));
            Named { name: known.name.clone(), values: values.into() }
        })
        .collect()
    }
}

/// How a discount's values become those that came in.
pub(crate) fn sign(ledger: &Ledger, column: &str) -> fn(f64) -> f64 {
    let is_it = |note: &crate::QualityNote| note.kind == NoteKind::DiscountTurned && note.column == column;
    if ledger.quality().notes.iter().any(is_it) { |value| 0.0 - value } else { |value| value }
}

/// A line's time in microseconds; days begin at midnight.
pub(crate) fn time_of(ledger: &Ledger, line: usize) -> i64 {
    ledger.micros.as_ref().map_or_else(|| i64::from(ledger.days[line]) * MICROS_PER_DAY, |micros| micros[line])
}

/// The values of lines of the first ledger, and of the second from `n` on.
fn pick<T: Send>(
    from: &[u32],
    n: usize,
    first: impl Fn(usize) -> T + Sync,
    second: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    fill_chunks(&[from.len()], |_, rows, out| {
        for (slot, &line) in out.iter_mut().zip(&from[rows]) {
            let line = line as usize;
            slot.write(if line < n { first(line) } else { second(line - n) });
        }
    })
}
