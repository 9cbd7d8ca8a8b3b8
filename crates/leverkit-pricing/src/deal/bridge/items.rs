//! The items of a bridge: rows added up by item and side.

use std::ops::Range;

use leverkit_core::columns::numbers;
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::budget::Watched;
use leverkit_core::{Column, Groups, LeftOut, Reason, zeros};
use rayon::prelude::*;

use crate::Error;
use crate::deal::params::BridgeParams;
use leverkit_stats::{Mergeable, try_sums};

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

    pub(super) fn add(&mut self, item: usize, more: &[f64]) {
        self.sums[self.width * item..][..self.width].iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}

/// The side of each row: 0 for the base, 1 for the other, 2 for neither.
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
                2
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

/// The rows of a bridge, each with its side and its item.
pub(super) struct Rows<'a> {
    pub(super) columns: &'a Columns,
    pub(super) sides: &'a [u8],
    pub(super) groups: &'a Groups,
}

impl Rows<'_> {
    /// Adds them up: by parts of the rows, or, where items are many beside the rows, by ranges of the items, so that no table is made twice.
    pub(super) fn sums(&self) -> Result<(Items, Vec<LeftOut>), Error> {
        let width = if self.columns.local.is_some() || self.columns.cost.is_some() { 8 } else { 4 };
        let (rows, size) = (self.sides.len(), width * self.groups.len());
        let (sums, tallies) = if rows < 8 * size { self.by_items(width)? } else { self.by_rows(width)? };
        let left_out = tallies.left_out(&[Reason::UnknownInBridge, Reason::NeitherSide]);
        Ok((Items { width, sums }, left_out))
    }

    fn by_rows(&self, width: usize) -> Result<(Vec<f64>, Tallies), Error> {
        let (rows, size) = (self.sides.len(), width * self.groups.len());
        let new = || Partial { sums: zeros(size), tallies: Tallies::default() };
        let found = try_sums(rows, size, new, |rows, part| {
            self.add(rows, 0..self.groups.len(), &mut part.sums, Some(&mut part.tallies))
        })?;
        Ok((found.sums, found.tallies))
    }

    /// Every range of items goes through all rows; the first counts those that are of no item.
    fn by_items(&self, width: usize) -> Result<(Vec<f64>, Tallies), Error> {
        let items = self.groups.len();
        let step = items.div_ceil(rayon::current_num_threads()).max(1);
        let (mut sums, mut tallies) = (zeros(width * items), Tallies::default());
        let counted = std::iter::once(Some(&mut tallies)).chain(std::iter::repeat_with(|| None));
        let ranges: Vec<_> = sums.chunks_mut(width * step).zip(counted).enumerate().collect();
        ranges.into_par_iter().watched().try_for_each(|(at, (sums, tallies))| {
            self.add(0..self.sides.len(), at * step..items.min((at + 1) * step), sums, tallies)
        })?;
        Ok((sums, tallies))
    }

    /// Adds those of some items into these items' sums.
    fn add(
        &self,
        rows: Range<usize>,
        items: Range<usize>,
        sums: &mut [f64],
        mut tallies: Option<&mut Tallies>,
    ) -> Result<(), Error> {
        const BLOCK: usize = 1 << 14;
        let (columns, width) = (self.columns, sums.len() / items.len().max(1));
        for start in rows.clone().step_by(BLOCK) {
            let block = start..rows.end.min(start + BLOCK);
            let read = |role: &str, column: &Column| numbers(&column.slice(start, block.len()), role);
            let (quantity, revenue) = (read("quantity", &columns.quantity)?, read("revenue", &columns.revenue)?);
            let local = columns.local.as_ref().map(|local| read("local_revenue", local)).transpose()?;
            let cost = columns.cost.as_ref().map(|cost| read("cost", cost)).transpose()?;
            for (at, row) in block.enumerate() {
                let side = usize::from(self.sides[row]);
                let (local, cost) =
                    (local.as_ref().map_or(0.0, |local| local[at]), cost.as_ref().map_or(0.0, |cost| cost[at]));
                let reason = if side == 2 {
                    Reason::NeitherSide
                } else if (quantity[at] + revenue[at] + local + cost).is_nan() {
                    Reason::UnknownInBridge
                } else {
                    let item = self.groups.codes()[row] as usize;
                    if items.contains(&item) {
                        let own = &mut sums[width * (item - items.start)..][..width];
                        own[side] += quantity[at];
                        own[2 + side] += revenue[at];
                        if width > 4 {
                            own[4 + side] += local;
                            own[6 + side] += cost;
                        }
                    }
                    continue;
                };
                if let Some(tallies) = &mut tallies {
                    tallies.note(reason, row, revenue[at]);
                }
            }
        }
        Ok(())
    }
}

/// Sums of a part of the rows.
struct Partial {
    sums: Vec<f64>,
    tallies: Tallies,
}

impl Mergeable for Partial {
    fn merge(&mut self, later: Self) {
        self.sums.merge(later.sums);
        self.tallies.merge(&later.tallies);
    }
}

/// Items that have anything on one of the sides.
pub(super) fn with_rows(items: Items, keys: &[Column]) -> Result<(Items, Vec<Column>), Error> {
    let width = items.width;
    let is_used = |sums: &[f64]| sums.iter().any(|sum| *sum != 0.0);
    if items.sums.par_chunks(width).all(is_used) {
        return Ok((items, keys.to_vec()));
    }
    let rows = items.sums.chunks(width).zip(0..).filter(|(sums, _)| is_used(sums));
    let (sums, used): (Vec<&[f64]>, Vec<u32>) = rows.unzip();
    let keys = keys.iter().map(|key| key.take(&used)).collect::<Result<_, _>>()?;
    Ok((Items { width, sums: sums.concat() }, keys))
}
