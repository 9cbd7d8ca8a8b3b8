//! The items of a bridge, and the rows that they are added up from.

use std::ops::Range;

use leverkit_core::columns::Values;
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::budget;
use leverkit_core::{Column, Groups, Reason, zeros};
use rayon::prelude::*;

use crate::Error;
use crate::deal::params::BridgeParams;

/// Units, money, local money and cost of an item on both sides.
pub(super) type Sums = [f64; 8];

/// The sums of items, one after the other: of units and money alone where nothing else is known.
#[derive(Debug, Clone)]
pub(super) struct Items {
    pub(super) width: usize,
    pub(super) sums: Vec<f64>,
}

impl Items {
    /// Memory that threads meet fresh.
    pub(super) fn zeros(width: usize, items: usize) -> Self {
        Self { width, sums: zeros(width * items) }
    }

    pub(super) fn len(&self) -> usize {
        self.sums.len() / self.width
    }

    pub(super) fn get(&self, item: usize) -> Sums {
        let mut sums = [0.0; 8];
        sums[..self.width].copy_from_slice(&self.sums[self.width * item..][..self.width]);
        sums
    }

    /// Sums over all items, by fixed runs of them.
    pub(super) fn sum<const N: usize>(&self, of: impl Fn(&Sums) -> [f64; N] + Sync) -> [f64; N] {
        const RUN: usize = 1 << 14;
        let add = |sum: [f64; N], more: [f64; N]| std::array::from_fn(|at| sum[at] + more[at]);
        let run = |run: usize| {
            let items = run * RUN..self.len().min((run + 1) * RUN);
            items.map(|item| of(&self.get(item))).fold([0.0; N], add)
        };
        let runs: Vec<[f64; N]> = (0..self.len().div_ceil(RUN)).into_par_iter().map(run).collect();
        runs.into_iter().fold([0.0; N], add)
    }

    /// Adds all that another item has.
    pub(super) fn add(&mut self, item: usize, more: &[f64]) {
        self.sums[self.width * item..][..self.width].iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}

/// The side of rows that are on neither.
pub(super) const NEITHER: u8 = 2;

/// The side of each row: 0 for the base, 1 for the other, [`NEITHER`].
pub(super) fn sides(period: &Column, params: &BridgeParams) -> Result<Vec<u8>, Error> {
    let groups = Groups::of(period.len(), std::slice::from_ref(period))?;
    let Some(values) = groups.keys().first() else { return Ok(Vec::new()) };
    let is_time = values.data_type().is_temporal();
    let texts: Vec<String> = values.texts().into_iter().map(Option::unwrap_or_default).collect();
    if texts.is_empty() {
        return Err(Error::empty("price_volume_mix", 0, &[]));
    }
    let side_of = |parameter: &str, wanted: &[String]| {
        let is_in = |text: &String| wanted.iter().any(|wanted| text == wanted || is_time && within(text, wanted));
        let found: Vec<bool> = texts.iter().map(is_in).collect();
        if found.contains(&true) {
            return Ok(found);
        }
        let mut there = texts.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(", ");
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
                NEITHER
            }
        })
        .collect();
    Ok(groups.codes().par_iter().map(|&code| of[code as usize]).collect())
}

/// Whether a time lies within a year, month or day that its text begins with.
fn within(text: &str, wanted: &str) -> bool {
    text.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(['-', ' ', 'T', '.']))
}

/// What is added up.
pub(super) struct Columns {
    pub(super) quantity: Column,
    pub(super) revenue: Column,
    pub(super) local: Option<Column>,
    pub(super) cost: Option<Column>,
}

impl Columns {
    fn by_role(&self) -> [(&'static str, Option<&Column>); 4] {
        [
            ("quantity", Some(&self.quantity)),
            ("revenue", Some(&self.revenue)),
            ("local_revenue", self.local.as_ref()),
            ("cost", self.cost.as_ref()),
        ]
    }
}

/// The rows of a bridge, each with its side.
pub(super) struct Rows<'a> {
    pub(super) columns: &'a Columns,
    pub(super) sides: &'a [u8],
}

/// Items that have anything on one of the sides, the numbers of their combinations of keys, and what was left out.
pub(super) type Found = (Items, Vec<u32>, Tallies);

impl Rows<'_> {
    /// Reads rows: units and money of each, or why it is left out, with its revenue.
    pub(super) fn read<const N: usize>(
        &self,
        rows: Range<usize>,
        mut take: impl FnMut(usize, Result<[f64; N], (Reason, f64)>),
    ) -> Result<(), Error> {
        const BLOCK: usize = 1 << 14;
        for start in rows.clone().step_by(BLOCK) {
            budget::check();
            let block = start..rows.end.min(start + BLOCK);
            let zero = vec![0.0; block.len()];
            let mut columns = Vec::with_capacity(N);
            for (role, column) in self.columns.by_role().into_iter().take(N) {
                columns.push(column.map(|column| Values::of(column, block.clone(), role)).transpose()?);
            }
            let columns: [&[f64]; N] = std::array::from_fn(|column| columns[column].as_deref().unwrap_or(&zero));
            for (at, row) in block.enumerate() {
                let money = columns.map(|column| column[at]);
                let reason = if self.sides[row] == NEITHER {
                    Reason::NeitherSide
                } else if money.iter().all(|money| money.is_finite()) {
                    take(row, Ok(money));
                    continue;
                } else {
                    Reason::UnknownInBridge
                };
                take(row, Err((reason, money[1])));
            }
        }
        Ok(())
    }
}

/// Adds a row to its item.
pub(super) fn add<const N: usize>(sums: &mut [f64], item: usize, side: usize, money: &[f64; N]) {
    let own = &mut sums[2 * N * item..][..2 * N];
    for (column, money) in money.iter().enumerate() {
        own[2 * column + side] += money;
    }
}

/// Whether sums of an item have anything on one of the sides.
pub(super) fn is_used(sums: &[f64]) -> bool {
    sums.iter().any(|sum| *sum != 0.0)
}

/// The numbered items that have.
pub(super) fn with_rows(items: Items, numbers: Vec<u32>) -> (Items, Vec<u32>) {
    let width = items.width;
    if items.sums.par_chunks(width).all(is_used) {
        return (items, numbers);
    }
    let used = items.sums.chunks(width).zip(numbers).filter(|(sums, _)| is_used(sums));
    let (sums, numbers): (Vec<&[f64]>, Vec<u32>) = used.unzip();
    (Items { width, sums: sums.concat() }, numbers)
}
