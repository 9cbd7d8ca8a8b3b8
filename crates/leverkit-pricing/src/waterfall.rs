//! The pocket-price waterfall: from list price through named components to pocket price and margin (Marn & Rosiello 1992).

use leverkit_core::Groups;
use leverkit_core::polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::deals::{Block, known};
use crate::grid::Grid;
use crate::sums::{Mergeable, sums};
use crate::{DealRoles, Deals, Error, LeftOut};

/// How to lay out a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WaterfallParams {
    /// Columns whose values have a waterfall each.
    pub by: Vec<String>,
    /// Components that stand on the invoice; they come first, and the invoice price follows them. Without any there is no invoice price.
    pub on_invoice: Vec<String>,
    /// By how much money list price less components may miss a given pocket price in a row.
    pub tolerance: f64,
}

impl Default for WaterfallParams {
    fn default() -> Self {
        Self { by: Vec::new(), on_invoice: Vec::new(), tolerance: 0.01 }
    }
}

/// What a step of the waterfall is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// Where it begins.
    List,
    /// What comes off, below zero.
    Component,
    /// What stands on the invoice.
    Invoice,
    /// What stays in the pocket.
    Pocket,
    /// What the goods cost, below zero.
    Cost,
    /// What is earned.
    Margin,
}

/// A step of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its name: a component's, or that of its kind.
    pub name: String,
    /// What it is.
    pub kind: StepKind,
}

/// One waterfall: money by step, with the rows and units behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fall {
    /// Money of each step; components and cost are below zero.
    pub amounts: Vec<f64>,
    /// Rows.
    pub rows: u64,
    /// Units; `None` without a quantity.
    pub units: Option<f64>,
}

/// Waterfalls by group. Steps add up exactly: list price and components to the pocket price, groups to the total.
#[derive(Debug, Clone)]
pub struct Waterfall {
    /// What it was made with.
    pub params: WaterfallParams,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The values of the `by` columns, a row a group.
    pub keys: Vec<Series>,
    /// The groups' waterfalls.
    pub groups: Vec<Fall>,
    /// All groups together.
    pub total: Fall,
    /// What was left out or assumed.
    pub left_out: Vec<LeftOut>,
}

/// A step in two groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepChange {
    /// The step.
    pub step: Step,
    /// Money of the one.
    pub base: f64,
    /// Money of the other.
    pub against: f64,
    /// Share of list price of the one.
    pub base_share: f64,
    /// Share of list price of the other.
    pub against_share: f64,
    /// Money per unit of the one.
    pub base_per_unit: Option<f64>,
    /// Money per unit of the other.
    pub against_per_unit: Option<f64>,
}

/// Lays out the waterfall: list price, what stands on the invoice, invoice price, what comes off after it, pocket price, cost, margin.
///
/// An unknown component counts as none and is counted in `left_out`; rows without list price, quantity or cost are set aside and counted there.
/// Where the deals have a pocket price, every row is checked against it.
///
/// # Errors
/// [`Error::DoesNotAddUp`] names rows whose components do not lead to the pocket price; [`Error::Parameter`] for an unknown name in
/// `on_invoice`; [`Error::Empty`] where no row can be used.
///
/// ```
/// use leverkit_core::polars::prelude::*;
/// use leverkit_pricing::{DealRoles, Deals, WaterfallParams, waterfall};
/// let frame = df!("list" => [10.0, 12.0], "rebate" => [1.0, 0.5], "units" => [3, 1])?;
/// let deals = Deals::from_frame(&frame, &DealRoles::new("list").component("rebate", "rebate").quantity("units"))?;
/// assert_eq!(waterfall(&deals, &WaterfallParams::default())?.total.amounts, [42.0, -3.5, 38.5]);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn waterfall(deals: &Deals, params: &WaterfallParams) -> Result<Waterfall, Error> {
    let mut sums = Sums::new(params.clone());
    for start in (0..deals.n_rows()).step_by(UNIT) {
        sums.add(&deals.slice(start, UNIT))?;
    }
    sums.finish(deals)
}

/// Lays out a waterfall of rows that come batch by batch, and keeps none of them; the result is that of [`waterfall`] to the last bit.
#[derive(Debug)]
pub struct WaterfallBuilder {
    roles: DealRoles,
    sums: Sums,
    waiting: DataFrame,
}

impl WaterfallBuilder {
    /// A waterfall of deals with these roles.
    pub fn new(roles: DealRoles, params: WaterfallParams) -> Self {
        Self { roles, sums: Sums::new(params), waiting: DataFrame::default() }
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// As [`Deals::from_frame`], or for a batch of other columns than the first.
    pub fn push(&mut self, batch: DataFrame) -> Result<(), Error> {
        if self.waiting.width() == 0 {
            self.waiting = batch;
        } else {
            self.waiting.vstack_mut(&batch)?;
        }
        while self.waiting.height() >= UNIT {
            self.sums.add(&Deals::from_frame(&self.waiting.slice(0, UNIT), &self.roles)?)?;
            self.waiting = self.waiting.slice(UNIT as i64, usize::MAX);
        }
        Ok(())
    }

    /// The waterfall of all rows.
    ///
    /// # Errors
    /// As [`waterfall`].
    pub fn finish(mut self) -> Result<Waterfall, Error> {
        let last = Deals::from_frame(&self.waiting, &self.roles)?;
        if last.n_rows() > 0 {
            self.sums.add(&last)?;
        }
        self.sums.finish(&last)
    }
}

/// Rows that are grouped and summed together: how rows are cut depends on their number alone, so the result depends neither on batches nor on threads.
const UNIT: usize = 1 << 18;

/// What the units of rows have come to.
#[derive(Debug)]
struct Sums {
    params: WaterfallParams,
    rows: usize,
    /// The groups of each unit, and their sums measure by measure.
    units: Vec<(Vec<Series>, Vec<f64>)>,
    unknown: Unknown,
    wrong: Wrong,
}

impl Sums {
    fn new(params: WaterfallParams) -> Self {
        Self { params, rows: 0, units: Vec::new(), unknown: Unknown::default(), wrong: Wrong::default() }
    }

    fn add(&mut self, deals: &Deals) -> Result<(), Error> {
        let order = on_invoice_first(deals.components(), &self.params.on_invoice)?;
        let groups = deals.groups(&self.params.by)?;
        let size = (order.len() + 4) * groups.len();
        let (first_row, tolerance) = (self.rows, self.params.tolerance);
        let new = || Partial { sums: vec![0.0; size], unknown: Unknown::default(), wrong: Wrong::default() };
        let found = sums(deals.n_rows(), size, new, |rows, partial| {
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
        Ok(())
    }

    /// The waterfall of deals like these.
    fn finish(self, like: &Deals) -> Result<Waterfall, Error> {
        self.wrong.check(self.rows)?;
        let order = on_invoice_first(like.components(), &self.params.on_invoice)?;
        let (keys, sums) = together(&self.units, order.len() + 4)?;
        let steps = steps(like, &self.params, &order);
        let groups = falls(&steps, &sums, like.has_units());
        let total = total(&groups, steps.len(), like.has_units());
        let left_out = self.unknown.left_out();
        if total.rows == 0 {
            let reason = left_out.first().map_or("there is no row", |left| left.reason).to_owned();
            return Err(Error::Empty { what: "waterfall".into(), rows: self.rows, reason });
        }
        Ok(Waterfall { params: self.params, steps, keys, groups, total, left_out })
    }
}

/// Puts units together: their groups, and the sums of each group.
fn together(units: &[(Vec<Series>, Vec<f64>)], width: usize) -> Result<(Vec<Series>, Vec<Vec<f64>>), Error> {
    let Some((first, rest)) = units.split_first() else { return Ok((Vec::new(), Vec::new())) };
    let mut keys = first.0.clone();
    for (more, _) in rest {
        for (key, more) in keys.iter_mut().zip(more) {
            key.append(more)?;
        }
    }
    let groups_of = |unit: &(Vec<Series>, Vec<f64>)| unit.1.len() / width;
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

const LIST: usize = 0;
const UNITS: usize = 1;
const COST: usize = 2;
const COMPONENT: usize = 3;

/// What rows can be unknown in, with what is done about it.
const UNKNOWN: [&str; 4] = [
    "list price unknown, row left out",
    "quantity unknown, row left out",
    "cost unknown, row left out",
    "a component unknown, taken as none",
];

/// Sums of a part of the rows, measure by measure: list price, components, cost, units and rows of each group.
struct Partial {
    sums: Vec<f64>,
    unknown: Unknown,
    wrong: Wrong,
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
        let known_row = [(units, UNITS), (list, LIST), (cost, COST)];
        if let Some((_, reason)) = known_row.into_iter().find(|(value, _)| value.is_nan()) {
            return self.unknown.note(reason, view.first_row + row);
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
            self.unknown.note(COMPONENT, view.first_row + row);
        }
        for (after, value) in [cost, units, 1.0].into_iter().enumerate() {
            self.sums[(1 + view.order.len() + after) * groups + code] += value;
        }
    }
}

impl Mergeable for Partial {
    fn merge(&mut self, later: Self) {
        self.sums.merge(later.sums);
        self.unknown.merge(&later.unknown);
        self.wrong.merge(later.wrong);
    }
}

/// How many rows are unknown in what, and the first of them.
#[derive(Debug, Default)]
struct Unknown([Option<(u64, u64)>; 4]);

impl Unknown {
    fn note(&mut self, reason: usize, row: usize) {
        self.0[reason].get_or_insert((0, row as u64)).0 += 1;
    }

    fn merge(&mut self, later: &Self) {
        for (known, more) in self.0.iter_mut().zip(later.0) {
            *known = match (*known, more) {
                (Some((rows, first)), Some((more, _))) => Some((rows + more, first)),
                (known, more) => known.or(more),
            };
        }
    }

    fn left_out(&self) -> Vec<LeftOut> {
        let each = UNKNOWN.iter().zip(self.0);
        each.filter_map(|(reason, found)| found.map(|(rows, first_row)| LeftOut { reason, rows, first_row })).collect()
    }
}

/// Rows that do not add up.
#[derive(Debug, Default)]
struct Wrong {
    rows: Vec<String>,
    count: u64,
}

impl Wrong {
    const NAMED: usize = 5;

    fn look(&mut self, block: &Block, at: usize, row: usize, tolerance: f64) {
        let (list, off, pocket) = (block.list(at), block.off(at), block.pocket(at));
        // A row without a list price is left out; rounding of the numbers themselves is not the components' fault.
        if list.is_nan() || (list - off - pocket).abs() <= tolerance + 1e-12 * list.abs() {
            return;
        }
        self.count += 1;
        if self.rows.len() < Self::NAMED {
            let says = if pocket.is_nan() { "is unknown".to_owned() } else { format!("is {pocket}") };
            self.rows
                .push(format!("row {row}: list price {list} − components {off} = {}, pocket price {says}", list - off));
        }
    }

    fn merge(&mut self, later: Self) {
        self.count += later.count;
        self.rows.extend(later.rows);
        self.rows.truncate(Self::NAMED);
    }

    fn check(&self, rows: usize) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        Err(Error::DoesNotAddUp { rows: self.rows.clone(), count: self.count, total: rows as u64 })
    }
}

fn steps(deals: &Deals, params: &WaterfallParams, order: &[usize]) -> Vec<Step> {
    let step = |name: &str, kind| Step { name: name.into(), kind };
    let mut steps = vec![step("list price", StepKind::List)];
    for (at, &component) in order.iter().enumerate() {
        if at == params.on_invoice.len() && at > 0 {
            steps.push(step("invoice price", StepKind::Invoice));
        }
        steps.push(step(&deals.components()[component], StepKind::Component));
    }
    if !params.on_invoice.is_empty() && params.on_invoice.len() == order.len() {
        steps.push(step("invoice price", StepKind::Invoice));
    }
    steps.push(step("pocket price", StepKind::Pocket));
    if deals.has_cost() {
        steps.extend([step("cost", StepKind::Cost), step("margin", StepKind::Margin)]);
    }
    steps
}

/// The groups' waterfalls, on a grid on which they add up exactly.
fn falls(steps: &[Step], sums: &[Vec<f64>], has_units: bool) -> Vec<Fall> {
    let largest = sums.iter().flat_map(|sums| &sums[..sums.len() - 2]).map(|money| money.abs()).sum();
    let grid = Grid::of(largest);
    let fall = |sums: &Vec<f64>| {
        let mut money = sums.iter().map(|money| grid.round(*money));
        let mut left = 0.0;
        let mut amount = |step: &Step| match step.kind {
            StepKind::Invoice | StepKind::Pocket | StepKind::Margin => left,
            StepKind::List | StepKind::Component | StepKind::Cost => {
                let sign = if step.kind == StepKind::List { 1.0 } else { -1.0 };
                // Adding zero keeps a step of nothing from reading as minus nothing.
                let amount = sign * money.next().unwrap_or_default() + 0.0;
                left += amount;
                amount
            }
        };
        Fall {
            amounts: steps.iter().map(&mut amount).collect(),
            rows: sums[sums.len() - 1] as u64,
            units: has_units.then(|| sums[sums.len() - 2]),
        }
    };
    sums.iter().map(fall).collect()
}

fn total<'a>(falls: impl IntoIterator<Item = &'a Fall>, steps: usize, has_units: bool) -> Fall {
    let none = Fall { amounts: vec![0.0; steps], rows: 0, units: has_units.then_some(0.0) };
    falls.into_iter().fold(none, |mut sum, fall| {
        sum.amounts.iter_mut().zip(&fall.amounts).for_each(|(sum, money)| *sum += money);
        sum.rows += fall.rows;
        sum.units = sum.units.zip(fall.units).map(|(sum, units)| sum + units);
        sum
    })
}

impl Waterfall {
    /// Compares two values of a `by` column, all others together.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a column that the waterfall was not laid out by, or a value that it does not have.
    pub fn compare(&self, by: &str, base: &str, against: &str) -> Result<Vec<StepChange>, Error> {
        let known = || self.params.by.join(", ");
        let column = self.keys.iter().find(|key| key.name() == by).ok_or_else(|| {
            Error::parameter(
                "by",
                format!("{by:?}"),
                format!("a column that the waterfall was laid out by: {}", known()),
            )
        })?;
        let texts = column.cast(&DataType::String)?;
        let texts: Vec<Option<&str>> = texts.str()?.iter().collect();
        let of = |parameter: &str, value: &str| {
            let falls: Vec<&Fall> = self
                .groups
                .iter()
                .zip(&texts)
                .filter(|(_, text)| **text == Some(value))
                .map(|(fall, _)| fall)
                .collect();
            if falls.is_empty() {
                let mut there: Vec<&str> = texts.iter().flatten().copied().collect();
                there.dedup();
                there.truncate(20);
                return Err(Error::parameter(parameter, format!("{value:?}"), format!("one of {}", there.join(", "))));
            }
            Ok(total(falls, self.steps.len(), self.total.units.is_some()))
        };
        let (base, against) = (of("base", base)?, of("against", against)?);
        let change = |(at, step): (usize, &Step)| StepChange {
            step: step.clone(),
            base: base.amounts[at],
            against: against.amounts[at],
            base_share: base.share(at),
            against_share: against.share(at),
            base_per_unit: base.per_unit(at),
            against_per_unit: against.per_unit(at),
        };
        Ok(self.steps.iter().enumerate().map(change).collect())
    }
}

impl Fall {
    /// A step's share of the list price; NaN where that is 0.
    pub fn share(&self, step: usize) -> f64 {
        if self.amounts[0] == 0.0 { f64::NAN } else { self.amounts[step] / self.amounts[0] }
    }

    /// A step's money per unit; `None` without units.
    pub fn per_unit(&self, step: usize) -> Option<f64> {
        self.units.filter(|units| *units != 0.0).map(|units| self.amounts[step] / units)
    }
}
