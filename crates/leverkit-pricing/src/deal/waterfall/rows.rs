//! What the rows of deals come to: money by group and step, what is unknown, and which rows do not add up.

use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Groups, Reason};

use super::result::{Waterfall, falls, steps, total};
use crate::Error;
use crate::deal::deals::{Block, Deals, known};
use crate::deal::params::WaterfallParams;
use leverkit_stats::{Mergeable, try_sums};

/// Rows that are grouped and summed together: how rows are cut depends on their number alone, so the result depends neither on batches nor on threads.
pub(super) const UNIT: usize = 1 << 18;

/// What the units of rows have come to.
#[derive(Debug)]
pub(super) struct Sums {
    params: WaterfallParams,
    rows: usize,
    /// The groups of each unit, and their sums measure by measure.
    units: Vec<(Vec<Column>, Vec<f64>)>,
    unknown: Tallies,
    wrong: Wrong,
    fractions: Fractions,
}

impl Sums {
    pub(super) fn new(params: WaterfallParams) -> Self {
        Self {
            params,
            rows: 0,
            units: Vec::new(),
            unknown: Tallies::default(),
            wrong: Wrong::default(),
            fractions: Fractions::default(),
        }
    }

    pub(super) fn add(&mut self, deals: &Deals) -> Result<(), Error> {
        let order = on_invoice_first(deals.components(), &self.params.on_invoice)?;
        let groups = deals.groups(&self.params.by)?;
        let size = (order.len() + 4) * groups.len();
        let (first_row, tolerance) = (self.rows, self.params.tolerance);
        let fractions = Fractions::of(deals.components().len());
        let new = || Partial {
            sums: vec![0.0; size],
            unknown: Tallies::default(),
            wrong: Wrong::default(),
            fractions: fractions.clone(),
        };
        let found = try_sums(deals.n_rows(), size, new, |rows, partial| -> Result<(), Error> {
            deals.blocks(rows).try_for_each(|block| {
                let block = block?;
                let view = View {
                    order: &order,
                    groups: &groups,
                    codes: &groups.codes()[block.first_row..],
                    first_row: first_row + block.first_row,
                };
                partial.add(&block, &view, tolerance);
                Ok(())
            })
        })?;
        self.rows += deals.n_rows();
        self.units.push((groups.keys().to_vec(), found.sums));
        self.unknown.merge(&found.unknown);
        self.wrong.merge(found.wrong);
        self.fractions.merge(&found.fractions);
        Ok(())
    }

    /// The waterfall of deals like these.
    pub(super) fn finish(self, like: &Deals) -> Result<Waterfall, Error> {
        self.wrong.check(self.rows)?;
        let order = on_invoice_first(like.components(), &self.params.on_invoice)?;
        let (keys, sums) = together(&self.units, order.len() + 4)?;
        let steps = steps(like, &self.params, &order);
        let groups = falls(&steps, &sums, like.has_units());
        let total = total(&groups, steps.len(), like.has_units());
        let left_out = self.unknown.left_out(&REASONS);
        if total.rows == 0 {
            return Err(Error::empty("waterfall", self.rows, &left_out));
        }
        let notes = self.fractions.note(like.components()).into_iter().collect();
        Ok(Waterfall { params: self.params, steps, keys, groups, total, left_out, notes })
    }
}

/// Puts units together: their groups, and the sums of each group.
fn together(units: &[(Vec<Column>, Vec<f64>)], width: usize) -> Result<(Vec<Column>, Vec<Vec<f64>>), Error> {
    let Some((first, rest)) = units.split_first() else { return Ok((Vec::new(), Vec::new())) };
    let mut keys = first.0.clone();
    for (more, _) in rest {
        for (key, more) in keys.iter_mut().zip(more) {
            key.append(more)?;
        }
    }
    let groups_of = |unit: &(Vec<Column>, Vec<f64>)| unit.1.len() / width;
    let groups = Groups::of(units.iter().map(groups_of).sum(), &keys)?;
    let mut sums = vec![vec![0.0; width]; groups.len()];
    let mut codes = groups.codes().iter();
    for unit in units {
        let n = groups_of(unit);
        for (group, &code) in codes.by_ref().take(n).enumerate() {
            sums[code as usize].iter_mut().enumerate().for_each(|(measure, sum)| *sum += unit.1[measure * n + group]);
        }
    }
    Ok((groups.keys().to_vec(), sums))
}

/// Positions of the components, those on the invoice first.
fn on_invoice_first(names: &[String], on_invoice: &[String]) -> Result<Vec<usize>, Error> {
    if let Some(unknown) = on_invoice.iter().find(|name| !names.contains(name)) {
        return Err(Error::parameter("on_invoice", format!("{unknown:?}"), format!("one of {}", names.join(", "))));
    }
    let (mut first, rest): (Vec<usize>, Vec<usize>) =
        (0..names.len()).partition(|&component| on_invoice.contains(&names[component]));
    first.extend(rest);
    Ok(first)
}

/// What rows can be unknown in.
const REASONS: [Reason; 4] =
    [Reason::UnknownListPrice, Reason::UnknownQuantity, Reason::UnknownCost, Reason::UnknownComponent];

/// Sums of a part of the rows, measure by measure: list price, components, cost, units and rows of each group.
struct Partial {
    sums: Vec<f64>,
    unknown: Tallies,
    wrong: Wrong,
    fractions: Fractions,
}

/// Where a block's rows belong.
struct View<'a> {
    order: &'a [usize],
    groups: &'a Groups,
    codes: &'a [u32],
    first_row: usize,
}

impl Partial {
    fn add(&mut self, block: &Block, view: &View<'_>, tolerance: f64) {
        if block.is_clean() {
            self.add_columns(block, view);
        } else {
            (0..block.len()).for_each(|row| self.add_row(block, row, view));
        }
        self.fractions.look(block);
        if block.pocket.is_some() {
            (0..block.len()).for_each(|row| self.wrong.look(block, row, view.first_row + row, tolerance));
        }
    }

    /// Adds column by column where every number is known: most of the time.
    fn add_columns(&mut self, block: &Block, view: &View<'_>) {
        let components = view.order.iter().map(|&component| &*block.components[component]);
        let columns: Vec<Option<&[f64]>> =
            [Some(&*block.list)].into_iter().chain(components.map(Some)).chain([block.cost.as_deref()]).collect();
        let mut measures = self.sums.chunks_mut(view.groups.len());
        for (column, sums) in columns.into_iter().zip(&mut measures) {
            match (column, block.scale()) {
                (Some(column), scale) if view.groups.len() == 1 => sums[0] += dot(column, scale),
                (Some(column), Some(units)) => {
                    for ((&code, money), units) in view.codes.iter().zip(column).zip(units) {
                        sums[code as usize] += money * units;
                    }
                }
                (Some(column), None) => {
                    view.codes.iter().zip(column).for_each(|(&code, money)| sums[code as usize] += money);
                }
                (None, _) => {}
            }
        }
        if let (Some(sums), Some(units)) = (measures.next(), &block.units) {
            view.codes.iter().zip(units.iter()).for_each(|(&code, units)| sums[code as usize] += units);
        }
        if let Some(sums) = measures.next() {
            view.codes[..block.len()].iter().for_each(|&code| sums[code as usize] += 1.0);
        }
    }

    fn add_row(&mut self, block: &Block, row: usize, view: &View<'_>) {
        let (list, units, cost) = (block.list(row), block.units(row), block.cost(row));
        let known_row =
            [(units, Reason::UnknownQuantity), (list, Reason::UnknownListPrice), (cost, Reason::UnknownCost)];
        if let Some((_, reason)) = known_row.into_iter().find(|(value, _)| value.is_nan()) {
            return self.unknown.note(reason, view.first_row + row, block.worth(row));
        }
        let (groups, code) = (view.groups.len(), view.codes[row] as usize);
        self.sums[code] += list;
        let mut is_known = true;
        for (at, &component) in view.order.iter().enumerate() {
            let money = block.component(component, row);
            is_known &= !money.is_nan();
            self.sums[(1 + at) * groups + code] += known(money);
        }
        if !is_known {
            self.unknown.note(Reason::UnknownComponent, view.first_row + row, list);
        }
        for (after, value) in [cost, units, 1.0].into_iter().enumerate() {
            self.sums[(1 + view.order.len() + after) * groups + code] += value;
        }
    }
}

/// Money of a block: in eight sums side by side, since an addition waits for the one before it.
fn dot(money: &[f64], units: Option<&[f64]>) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    if let Some(units) = units {
        for (money, units) in money.chunks(LANES).zip(units.chunks(LANES)) {
            lanes.iter_mut().zip(money.iter().zip(units)).for_each(|(sum, (money, units))| *sum += money * units);
        }
    } else {
        for money in money.chunks(LANES) {
            lanes.iter_mut().zip(money).for_each(|(sum, money)| *sum += money);
        }
    }
    lanes.iter().sum()
}

impl Mergeable for Partial {
    fn merge(&mut self, later: Self) {
        self.sums.merge(later.sums);
        self.unknown.merge(&later.unknown);
        self.wrong.merge(later.wrong);
        self.fractions.merge(&later.fractions);
    }
}

/// Which components hold nothing but numbers below 1 beside list prices of 10 and more: they may be shares of the price.
#[derive(Debug, Clone, Default)]
struct Fractions {
    /// By component: whether no number speaks against it, and whether one speaks for it.
    seen: Vec<(bool, bool)>,
}

impl Fractions {
    const LEAST_PRICE: f64 = 10.0;

    fn of(components: usize) -> Self {
        Self { seen: vec![(true, false); components] }
    }

    /// A component that is money is told by its first block, and not looked at again.
    fn look(&mut self, block: &Block) {
        for ((could, does), numbers) in self.seen.iter_mut().zip(&block.components).filter(|((could, _), _)| *could) {
            let is_share = |number: f64, list: f64| (0.0..1.0).contains(&number) && list >= Self::LEAST_PRICE;
            *could = numbers
                .iter()
                .zip(block.list.iter())
                .all(|(&number, &list)| number == 0.0 || number.is_nan() || list.is_nan() || is_share(number, list));
            *does |= numbers.iter().any(|number| *number > 0.0);
        }
    }

    fn merge(&mut self, later: &Self) {
        self.seen.resize(later.seen.len(), (true, false));
        self.seen.iter_mut().zip(&later.seen).for_each(|(seen, more)| *seen = (seen.0 && more.0, seen.1 || more.1));
    }

    fn note(&self, components: &[String]) -> Option<String> {
        let shares = components.iter().zip(&self.seen).filter(|(_, seen)| **seen == (true, true));
        let names: Vec<&str> = shares.map(|(name, _)| name.as_str()).collect();
        (!names.is_empty()).then(|| {
            format!(
                "{names}: all numbers are below 1 beside list prices of 10 and more. If they are shares of the price, multiply them by it.",
                names = names.join(", ")
            )
        })
    }
}

/// Rows that do not add up.
#[derive(Debug, Default)]
struct Wrong {
    rows: Vec<String>,
    count: u64,
    /// Of these, how many would if components were taken by magnitude, and how many if they were shares of the price.
    turned: u64,
    as_shares: u64,
}

impl Wrong {
    const NAMED: usize = 5;

    fn look(&mut self, block: &Block, at: usize, row: usize, tolerance: f64) {
        let (list, off, pocket) = (block.list(at), block.off(at), block.pocket(at));
        // A row without a list price is left out; rounding of the numbers themselves is not the components' fault.
        let leads = |off: f64| (list - off - pocket).abs() <= tolerance + 1e-12 * list.abs();
        if list.is_nan() || leads(off) {
            return;
        }
        self.count += 1;
        self.turned += u64::from(leads(block.off_by(at, f64::abs)));
        self.as_shares += u64::from(leads(block.off_shares(at)));
        if self.rows.len() < Self::NAMED {
            let says = if pocket.is_nan() { "is unknown".to_owned() } else { format!("is {pocket}") };
            self.rows
                .push(format!("row {row}: list price {list} − components {off} = {}, pocket price {says}", list - off));
        }
    }

    fn merge(&mut self, later: Self) {
        self.count += later.count;
        self.turned += later.turned;
        self.as_shares += later.as_shares;
        self.rows.extend(later.rows);
        self.rows.truncate(Self::NAMED);
    }

    fn check(&self, rows: usize) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        let way = match self.count {
            count if count == self.turned => "They would if components below zero were deductions: turn their sign",
            count if count == self.as_shares => {
                "They would if the components were shares of the list price: multiply them by it"
            }
            _ => {
                "Name the component that is missing, or set pocket_price=None to take list price less components as the pocket price"
            }
        };
        Err(Error::DoesNotAddUp { rows: self.rows.clone(), count: self.count, total: rows as u64, way })
    }
}
