//! The lines of some customers, put together from all runs: what a build of these customers alone would have to sort.

use std::ops::Range;

use super::run::Run;
use crate::calendar::MICROS_PER_DAY;
use crate::encode::{Encoded, encode};
use crate::gather::fill_chunks;
use crate::ledger::{Codes, Ledger, NO_CODE, Named, Numbers};
use crate::lines::{Lines, TimePieces};
use crate::{Column, Day, Error, Plain};

/// Codes of a column in each run, as codes of what all runs have together.
pub(super) struct Recoded {
    codes: Vec<Vec<u32>>,
    values: Column,
}

impl Recoded {
    /// Of a column that each run has.
    fn of(columns: &[&Codes], role: &str) -> Result<Self, Error> {
        let all = together(columns.iter().map(|codes| codes.dictionary.values().clone()))?;
        let Encoded { codes, values } = encode(all, role)?;
        let mut rest = codes.as_slice();
        let of_run = |codes: &&Codes| rest.split_off(..codes.dictionary.len()).unwrap_or_default().to_vec();
        Ok(Self { codes: columns.iter().map(of_run).collect(), values })
    }
}

/// The dictionaries of all runs put together.
pub(super) struct Dictionaries {
    products: Option<Recoded>,
    dimensions: Vec<Recoded>,
    has_clock: bool,
}

impl Dictionaries {
    pub(super) fn of(runs: &[Run]) -> Result<Self, Error> {
        let products: Vec<&Codes> = runs.iter().filter_map(|run| run.ledger.products.as_ref()).collect();
        let products = (!products.is_empty()).then(|| Recoded::of(&products, "product")).transpose()?;
        let dimensions = (0..runs[0].ledger.dimensions.len()).map(|index| {
            let columns: Vec<&Codes> = runs.iter().map(|run| &run.ledger.dimensions[index].values).collect();
            Recoded::of(&columns, "dimensions")
        });
        let has_clock = runs.iter().any(|run| run.ledger.micros.is_some());
        Ok(Self { products, dimensions: dimensions.collect::<Result<_, _>>()?, has_clock })
    }
}

/// Some customers of each run.
pub(super) struct Part<'a> {
    runs: &'a [Run],
    customers: &'a [Range<usize>],
    /// Their lines in each run.
    lines: Vec<Range<usize>>,
}

impl<'a> Part<'a> {
    pub(super) fn of(runs: &'a [Run], customers: &'a [Range<usize>]) -> Self {
        let lines_of = |(run, range): (&Run, &Range<usize>)| {
            run.ledger.offsets[range.start] as usize..run.ledger.offsets[range.end] as usize
        };
        Self { runs, customers, lines: runs.iter().zip(customers).map(lines_of).collect() }
    }

    /// The lines, those of earlier runs first: within a run they are in time order, and lines of one time in the order of the input.
    pub(super) fn lines(&self, dictionaries: &Dictionaries) -> Result<Lines<Encoded>, Error> {
        let numbers = |of: fn(&Ledger) -> &Option<Numbers>| {
            let is_there = of(&self.runs[0].ledger).is_some();
            is_there.then(|| self.values(|run| of(&run.ledger).as_deref().unwrap_or_default()).into())
        };
        let first = &self.runs[0].ledger;
        let discounts = first.discounts.iter().enumerate().map(|(index, discount)| Named {
            name: discount.name.clone(),
            values: self.values(|run| &run.ledger.discounts[index].values).into(),
        });
        let dimensions = first.dimensions.iter().zip(&dictionaries.dimensions).enumerate();
        let dimensions = dimensions.map(|(index, (dimension, recoded))| Named {
            name: dimension.name.clone(),
            values: self.codes(recoded, |run| &run.ledger.dimensions[index].values.codes),
        });
        let products = dictionaries.products.as_ref();
        Ok(Lines {
            customers: self.customers()?,
            times: self.times(dictionaries.has_clock),
            amounts: self.values(|run| &run.ledger.amounts).into(),
            orders: self.orders()?,
            products: products.map(|recoded| {
                self.codes(recoded, |run| run.ledger.products.as_ref().map_or(&[], |codes| codes.codes.as_slice()))
            }),
            quantities: numbers(|ledger| &ledger.quantities),
            list_prices: numbers(|ledger| &ledger.list_prices),
            unit_costs: numbers(|ledger| &ledger.unit_costs),
            discounts: discounts.collect(),
            dimensions: dimensions.collect(),
            watched: Vec::new(),
            turned: Vec::new(),
        })
    }

    /// The number of each line's row in the input.
    pub(super) fn rows(&self) -> Vec<u32> {
        self.mapped(|run, line| run.first_row + run.rows.as_ref().map_or(0, |rows| rows[line]))
    }

    fn lengths(&self) -> Vec<usize> {
        self.lines.iter().map(Range::len).collect()
    }

    fn mapped<T: Send>(&self, value: impl Fn(&Run, usize) -> T + Sync) -> Vec<T> {
        fill_chunks(&self.lengths(), |run, lines, out| {
            let first = self.lines[run].start;
            out.iter_mut().zip(lines).for_each(|(slot, line)| {
                slot.write(value(&self.runs[run], first + line));
            });
        })
    }

    fn values<T: Plain>(&self, of: impl Fn(&Run) -> &[T] + Sync) -> Vec<T> {
        fill_chunks(&self.lengths(), |run, lines, out| {
            let first = self.lines[run].start;
            out.write_copy_of_slice(&of(&self.runs[run])[first + lines.start..first + lines.end]);
        })
    }

    fn codes(&self, recoded: &Recoded, of: impl Fn(&Run) -> &[u32] + Sync) -> Encoded {
        let codes = fill_chunks(&self.lengths(), |run, lines, out| {
            let (first, codes) = (self.lines[run].start, &recoded.codes[run]);
            let own = &of(&self.runs[run])[first + lines.start..first + lines.end];
            for (slot, &code) in out.iter_mut().zip(own) {
                slot.write(codes.get(code as usize).copied().unwrap_or(NO_CODE));
            }
        });
        Encoded { codes, values: recoded.values.clone() }
    }

    fn times(&self, has_clock: bool) -> TimePieces {
        if !has_clock {
            return TimePieces::Days(self.values::<Day>(|run| &run.ledger.days).into());
        }
        let micros = self.mapped(|run, line| match &run.ledger.micros {
            Some(micros) => micros[line],
            None => i64::from(run.ledger.days[line]) * MICROS_PER_DAY,
        });
        TimePieces::Micros(micros.into())
    }

    fn customers(&self) -> Result<Encoded, Error> {
        let ids = self.runs.iter().zip(self.customers);
        let all = together(ids.map(|(run, own)| run.ledger.customers.values().slice(own.start, own.len())))?;
        let Encoded { codes: of_customers, values } = encode(all, "customer")?;
        let mut codes = leverkit_stats::room(self.lengths().iter().sum());
        let mut next = of_customers.iter();
        for (run, own) in self.runs.iter().zip(self.customers) {
            for (bounds, &code) in run.ledger.offsets[own.start..=own.end].windows(2).zip(&mut next) {
                codes.extend(std::iter::repeat_n(code, (bounds[1] - bounds[0]) as usize));
            }
        }
        Ok(Encoded { codes, values })
    }

    /// The orders' ids. Those of neighbouring lines stand near each other in a run, so that only few are looked at.
    fn orders(&self) -> Result<Option<Encoded>, Error> {
        let Some(columns) = self.runs.iter().map(|run| run.order_ids.as_ref()).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let used: Vec<Range<u32>> =
            columns.iter().zip(&self.lines).map(|(ids, lines)| used(&ids.codes[lines.clone()])).collect();
        let ids = columns.iter().zip(&used);
        let all = together(ids.map(|(ids, used)| ids.dictionary.values().slice(used.start as usize, used.len())))?;
        let Encoded { codes, values } = encode(all, "order")?;
        let firsts = used.iter().scan(0, |sum, used| {
            *sum += used.len();
            Some(*sum - used.len())
        });
        let firsts: Vec<usize> = firsts.collect();
        let of_lines = fill_chunks(&self.lengths(), |run, lines, out| {
            let first = self.lines[run].start;
            let own = &columns[run].codes[first + lines.start..first + lines.end];
            for (slot, &code) in out.iter_mut().zip(own) {
                let place = code.checked_sub(used[run].start).filter(|_| code != NO_CODE);
                slot.write(place.map_or(NO_CODE, |place| codes[firsts[run] + place as usize]));
            }
        });
        Ok(Some(Encoded { codes: of_lines, values }))
    }
}

/// Bytes of a line.
pub(super) fn width(run: &Run) -> usize {
    let ledger = &run.ledger;
    let ids = 1 + run.order_ids.iter().count() + ledger.products.iter().count() + ledger.dimensions.len();
    let optional = [&ledger.quantities, &ledger.list_prices, &ledger.unit_costs];
    let numbers = 1 + optional.into_iter().flatten().count() + ledger.discounts.len();
    ids * size_of::<u32>() + (1 + numbers) * size_of::<f64>()
}

/// The codes between which all of some lines are.
fn used(codes: &[u32]) -> Range<u32> {
    let known = || codes.iter().copied().filter(|&code| code != NO_CODE);
    known().min().zip(known().max()).map_or(0..0, |(low, high)| low..high + 1)
}

/// Columns of one type, one after the other.
fn together(columns: impl Iterator<Item = Column>) -> Result<Column, Error> {
    let mut all: Option<Column> = None;
    for column in columns {
        match &mut all {
            None => all = Some(column),
            Some(all) => all.append(&column)?,
        }
    }
    Ok(all.unwrap_or_else(|| Column::new("", Vec::<u32>::new())))
}
