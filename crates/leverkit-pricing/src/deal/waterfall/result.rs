//! What a waterfall is: its steps, its groups, and how two of them compare.

use leverkit_core::{Column, LeftOut};
use serde::Serialize;

use crate::Error;
use crate::deal::deals::Deals;
use crate::deal::grid::Grid;
use crate::deal::params::WaterfallParams;

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
pub struct WaterfallStep {
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
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{DealRoles, Deals, WaterfallParams, waterfall};
/// let lines = batch!("list" => [10.0, 10.0], "rebate" => [1.0, 2.0], "units" => [3, 1], "region" => ["north", "south"])?;
/// let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").component("rebate", "rebate").quantity("units"))?;
/// let found = waterfall(&deals, &WaterfallParams { by: vec!["region".into()], ..WaterfallParams::default() })?;
/// assert_eq!((found.steps[1].name.as_str(), found.total.share(1), found.total.per_unit(1)), ("rebate", -0.125, Some(-1.25)));
/// let rebate = &found.compare("region", "north", "south")?[1];
/// assert_eq!((rebate.base_share, rebate.against_share), (-0.1, -0.2));
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Waterfall {
    /// What it was made with.
    pub params: WaterfallParams,
    /// The steps, in order.
    pub steps: Vec<WaterfallStep>,
    /// The values of the `by` columns, a row a group.
    pub keys: Vec<Column>,
    /// The groups' waterfalls.
    pub groups: Vec<Fall>,
    /// All groups together.
    pub total: Fall,
    /// What was left out or assumed.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// A step in two groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepChange {
    /// The step.
    pub step: WaterfallStep,
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

/// The steps of deals whose components come in this order, those on the invoice first.
pub(super) fn steps(deals: &Deals, params: &WaterfallParams, order: &[usize]) -> Vec<WaterfallStep> {
    let step = |name: &str, kind| WaterfallStep { name: name.into(), kind };
    let component = |&at: &usize| step(&deals.components()[at], StepKind::Component);
    let is_on_invoice = |at: &&usize| params.on_invoice.contains(&deals.components()[**at]);
    let (on, off) = order.split_at(order.iter().filter(is_on_invoice).count());
    let mut steps = vec![step("list price", StepKind::List)];
    steps.extend(on.iter().map(component));
    if !on.is_empty() {
        steps.push(step("invoice price", StepKind::Invoice));
    }
    steps.extend(off.iter().map(component));
    steps.push(step("pocket price", StepKind::Pocket));
    if deals.has_cost() {
        steps.extend([step("cost", StepKind::Cost), step("margin", StepKind::Margin)]);
    }
    steps
}

/// The groups' waterfalls, on a grid on which they add up exactly.
pub(super) fn falls(steps: &[WaterfallStep], sums: &[Vec<f64>], has_units: bool) -> Vec<Fall> {
    let largest = sums.iter().flat_map(|sums| &sums[..sums.len() - 2]).map(|money| money.abs()).sum();
    let grid = Grid::of(largest);
    let fall = |sums: &Vec<f64>| {
        let mut money = sums.iter().map(|money| grid.round(*money));
        let mut left = 0.0;
        let mut amount = |step: &WaterfallStep| match step.kind {
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

/// Waterfalls added up.
pub(super) fn total<'a>(falls: impl IntoIterator<Item = &'a Fall>, steps: usize, has_units: bool) -> Fall {
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
        let texts = column.texts();
        let of = |parameter: &str, value: &str| {
            let falls: Vec<&Fall> = self
                .groups
                .iter()
                .zip(&texts)
                .filter(|(_, text)| text.as_deref() == Some(value))
                .map(|(fall, _)| fall)
                .collect();
            if falls.is_empty() {
                let mut there: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
                there.dedup();
                there.truncate(20);
                return Err(Error::parameter(parameter, format!("{value:?}"), format!("one of {}", there.join(", "))));
            }
            Ok(total(falls, self.steps.len(), self.total.units.is_some()))
        };
        let (base, against) = (of("base", base)?, of("against", against)?);
        let change = |(at, step): (usize, &WaterfallStep)| StepChange {
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
