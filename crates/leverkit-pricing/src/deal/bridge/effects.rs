//! How the change of an item becomes price, volume, mix and the others.

use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;

use super::items::{Items, Sums};
use super::parts::{Effect, Parts};
use crate::deal::grid::Grid;

/// How items become parts: the base's average value of a unit, and the grid of the numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    average: f64,
    grid: Grid,
}

impl Rule {
    pub(super) fn of(items: &Items) -> Self {
        let [value, cost, units] = items.sum(|sums| [sums[2], sums[6], sums[0]]);
        let average = (value - cost) / units;
        let average = if average.is_finite() { average } else { 0.0 };
        let [largest] = items.sum(|sums| [magnitude(sums, average)]);
        Self { average, grid: Grid::of(largest) }
    }
}

/// A bound of all that an item's numbers can come to.
fn magnitude(sums: &Sums, average: f64) -> f64 {
    let [q0, q1, r0, r1, l0, l1, c0, c1] = *sums;
    let [price, currency, cost] = rates(sums);
    let volume = (q1 - q0).abs() * average.abs();
    2.0 * (r0.abs() + r1.abs() + l0.abs() + l1.abs() + c0.abs() + c1.abs() + volume)
        + price.abs()
        + currency.abs()
        + cost.abs()
}

/// Price, currency and cost of an item sold on both sides.
fn rates(sums: &Sums) -> [f64; 3] {
    let [q0, q1, r0, r1, l0, l1, c0, c1] = *sums;
    if !is_on_both_sides(q0, q1) {
        return [0.0; 3];
    }
    let cost = -(c1 - q1 * (c0 / q0));
    if l0 == 0.0 {
        return [r1 - q1 * (r0 / q0), 0.0, cost];
    }
    let rate = r0 / l0;
    [(l1 - q1 * (l0 / q0)) * rate, r1 - l1 * rate, cost]
}

/// Whether an item has units on both sides. Units that returns have undone leave a rounding behind, and no price.
pub(super) fn is_on_both_sides(q0: f64, q1: f64) -> bool {
    const NOTHING: f64 = 1e-12;
    q0.abs() > NOTHING * q1.abs() && q1.abs() > NOTHING * q0.abs()
}

pub(super) fn parts(sums: &Sums, Rule { average, grid }: Rule) -> Parts {
    let [q0, q1, r0, r1, _, _, c0, c1] = *sums;
    let value = [grid.round(r0) - grid.round(c0), grid.round(r1) - grid.round(c1)];
    let mut effects = [0.0; 8];
    let mut set = |effect: Effect, money: f64| effects[effect as usize] = money;
    if is_on_both_sides(q0, q1) {
        let [price, currency, cost] = rates(sums).map(|money| grid.round(money));
        let volume = grid.round((q1 - q0) * average);
        set(Effect::Price, price);
        set(Effect::Volume, volume);
        set(Effect::Currency, currency);
        set(Effect::Cost, cost);
        // What is left is (q₁ − q₀)(v₀ − V₀); taken as the rest, it adds up on the grid.
        set(Effect::Mix, value[1] - value[0] - price - volume - currency - cost);
    } else if q0 == 0.0 && q1 == 0.0 {
        set(Effect::WithoutUnits, value[1] - value[0]);
    } else {
        // Adding zero keeps nothing from reading as minus nothing.
        set(Effect::New, value[1]);
        set(Effect::Lost, 0.0 - value[0]);
    }
    Parts { quantity: [q0, q1], value, effects, items: 1 }
}

/// All items together; sums on the grid are the same in any order.
pub(super) fn total(items: &Items) -> Parts {
    let rule = Rule::of(items);
    let add = |mut sum: Parts, item: Parts| {
        sum.add(&item);
        sum
    };
    (0..items.len())
        .into_par_iter()
        .watched()
        .map(|item| parts(&items.get(item), rule))
        .fold(Parts::default, add)
        .reduce(Parts::default, add)
}
