//! Coarsened exact matching (Iacus, King & Porro 2012): members beside controls of the same cell of recency, frequency and money before joining.

use std::collections::BTreeMap;

use leverkit_stats::quantiles;

use crate::did::Part;
use crate::panel::Histories;

/// Cut points of orders and money, among members.
const CUTS: [f64; 4] = [0.2, 0.4, 0.6, 0.8];
const ORDERS: usize = 1;
const SPEND: usize = 2;

/// Recency, frequency and money before a period, coarsened.
type Cell = [usize; 3];

/// The cell of each unit of which members and controls hold some; `None` elsewhere.
pub(super) struct Matched {
    pub(super) cells: Vec<Option<usize>>,
    /// Members and controls of each cell.
    pub(super) counts: Vec<(f64, f64)>,
    /// Members without a control like them.
    pub(super) unmatched: u64,
}

impl Matched {
    pub(super) fn of(histories: &Histories, before: usize, units: &[usize], parts: &[Part]) -> Self {
        let cells = coarsened(histories, before, units, parts);
        let mut counts: BTreeMap<Cell, (f64, f64)> = BTreeMap::new();
        for (cell, part) in cells.iter().zip(parts) {
            let (members, controls) = counts.entry(*cell).or_default();
            match part {
                Part::Treated => *members += 1.0,
                Part::Control => *controls += 1.0,
                Part::Out => {}
            }
        }
        let alone: f64 = counts.values().filter(|count| count.1 == 0.0).map(|count| count.0).sum();
        counts.retain(|_, (members, controls)| *members > 0.0 && *controls > 0.0);
        let places: BTreeMap<Cell, usize> = counts.keys().copied().zip(0..).collect();
        let of_unit = |(cell, part): (&Cell, &Part)| places.get(cell).copied().filter(|_| *part != Part::Out);
        Self {
            cells: cells.iter().zip(parts).map(of_unit).collect(),
            counts: counts.into_values().collect(),
            unmatched: alone as u64,
        }
    }

    /// Members with a control like them.
    pub(super) fn members(&self) -> f64 {
        self.counts.iter().map(|count| count.0).sum()
    }

    /// The mean over members of their value less that of the controls of their cell, and the influence of each unit on it.
    pub(super) fn effect(&self, parts: &[Part], of: impl Fn(usize) -> f64) -> (f64, Vec<f64>) {
        let mut sums = vec![(0.0, 0.0); self.counts.len()];
        for (unit, cell) in self.cells.iter().enumerate().filter_map(|(unit, cell)| Some((unit, (*cell)?))) {
            let (members, controls) = &mut sums[cell];
            *(if parts[unit] == Part::Treated { members } else { controls }) += of(unit);
        }
        let n = self.members();
        let means: Vec<(f64, f64)> =
            sums.iter().zip(&self.counts).map(|(sum, count)| (sum.0 / count.0, sum.1 / count.1)).collect();
        let effect = means.iter().zip(&self.counts).map(|(mean, count)| count.0 / n * (mean.0 - mean.1)).sum::<f64>();
        let influence = |(unit, cell): (usize, &Option<usize>)| {
            let Some(cell) = *cell else { return 0.0 };
            let (mean, count) = (means[cell], self.counts[cell]);
            if parts[unit] == Part::Treated {
                return (of(unit) - mean.1 - effect) / n;
            }
            -(count.0 / n) * (of(unit) - mean.1) / count.1
        };
        (effect, self.cells.iter().enumerate().map(influence).collect())
    }
}

fn coarsened(histories: &Histories, before: usize, units: &[usize], parts: &[Part]) -> Vec<Cell> {
    let total = |unit: usize, outcome: usize| histories.path(unit, outcome)[..before].iter().sum::<f64>();
    let cut = |outcome: usize| {
        let members = units.iter().zip(parts).filter(|(_, part)| **part == Part::Treated);
        let mut totals: Vec<f64> = members.map(|(&unit, _)| total(unit, outcome)).collect();
        quantiles(&mut totals, &CUTS)
    };
    let (orders, spend) = (cut(ORDERS), cut(SPEND));
    let place = |cuts: &[f64], value: f64| cuts.partition_point(|cut| *cut < value);
    let recency = |unit: usize| {
        let last = histories.path(unit, ORDERS)[..before].iter().rposition(|&orders| orders > 0.0);
        // 0, 1, 2, 3 to 4, 5 to 8 … periods ago.
        last.map_or(usize::BITS as usize, |last| {
            (before - 1 - last).next_power_of_two().ilog2() as usize + usize::from(last + 1 < before)
        })
    };
    let cell = |&unit: &usize| [recency(unit), place(&orders, total(unit, ORDERS)), place(&spend, total(unit, SPEND))];
    units.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::NEVER;

    /// Two cells: a member of 12 beside controls of 10 and 8, and one of 25 beside a control of 20; a third has no control like it.
    #[test]
    fn members_are_held_against_those_of_their_cell() {
        let spend = [5.0, 5.0, 5.0, 50.0, 50.0, 500.0];
        let histories = Histories {
            outcomes: vec!["active", "orders", "spend"],
            periods: 1,
            first: vec![1, NEVER, NEVER, 1, NEVER, 1],
            codes: (0..6).collect(),
            paths: spend.iter().flat_map(|spend| [1.0, 1.0, *spend]).collect(),
            ..Histories::default()
        };
        let parts: Vec<Part> =
            histories.first.iter().map(|first| if *first == NEVER { Part::Control } else { Part::Treated }).collect();
        let matched = Matched::of(&histories, 1, &[0, 1, 2, 3, 4, 5], &parts);
        let after = [12.0, 10.0, 8.0, 25.0, 20.0, 900.0];
        let (effect, influence) = matched.effect(&parts, |unit| after[unit]);
        assert_eq!((effect, matched.unmatched, influence[5]), (4.0, 1, 0.0));
        assert!(influence.iter().sum::<f64>().abs() < 1e-12);
    }
}
