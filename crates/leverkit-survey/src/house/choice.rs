//! Which characteristics to improve for a budget: a small integer programme, solved exactly.

use leverkit_core::check;
use rayon::prelude::*;
use serde::Serialize;

use super::house_of_quality::HouseOfQuality;
use super::input::Characteristic;
use crate::Error;

/// More characteristics than this may take too long to choose among.
const MOST: usize = 40;

/// A characteristic that could be improved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HouseChoiceRow {
    /// Its name.
    pub characteristic: String,
    /// Its importance, share of all.
    pub importance: f64,
    /// What it costs, money.
    pub cost: f64,
    /// Whether it is chosen.
    pub is_chosen: bool,
    /// In which share of the houses drawn it would be chosen.
    pub probability: f64,
    /// A chosen characteristic in whose way it stands.
    pub conflict: Option<String>,
}

/// What to improve.
#[derive(Debug, Clone)]
pub struct HouseChoice {
    /// The characteristics, in the order of the house.
    pub rows: Vec<HouseChoiceRow>,
    /// What the chosen ones cost, money.
    pub spent: f64,
    /// Their importance together, share of all.
    pub importance: f64,
}

impl HouseOfQuality {
    /// The characteristics with the most importance whose costs fit the budget, and of which no two have a roof below `-conflict`.
    ///
    /// # Errors
    /// [`Error::Core`] for a characteristic without a cost, more than 40 characteristics, or a budget below 0.
    pub fn choose(&self, budget: f64, conflict: f64) -> Result<HouseChoice, Error> {
        check::not_negative("budget", budget)?;
        check::not_negative("conflict", conflict)?;
        let parts = &self.input.characteristics;
        check::that(parts.len() <= MOST, "characteristics", &parts.len(), &format!("at most {MOST} to choose among"))?;
        let cost = |part: &Characteristic| match part.cost {
            Some(cost) if cost >= 0.0 && cost.is_finite() => Ok(cost),
            _ => {
                Err(Error::parameter("cost", format!("none for {:?}", part.name), "0 or more for each characteristic"))
            }
        };
        let costs: Vec<f64> = parts.iter().map(cost).collect::<Result<_, _>>()?;
        let against = |one: &str, other: &str| {
            self.input.roof.iter().any(|cell| {
                let is_pair =
                    (cell.first == one && cell.second == other) || (cell.first == other && cell.second == one);
                is_pair && cell.correlation < -conflict
            })
        };
        let conflicts: Vec<u64> = parts
            .iter()
            .map(|one| {
                let of = |(at, other): (usize, &Characteristic)| u64::from(against(&one.name, &other.name)) << at;
                parts.iter().enumerate().map(of).sum()
            })
            .collect();
        let chosen = best(&self.importance, &costs, &conflicts, budget);
        let again: Vec<u64> = self.drawn.par_iter().map(|worth| best(worth, &costs, &conflicts, budget)).collect();
        let has = |set: u64, at: usize| set >> at & 1 == 1;
        let row = |at: usize| HouseChoiceRow {
            characteristic: parts[at].name.clone(),
            importance: self.importance[at],
            cost: costs[at],
            is_chosen: has(chosen, at),
            probability: again.iter().filter(|set| has(**set, at)).count() as f64 / again.len() as f64,
            conflict: (0..parts.len())
                .find(|&other| has(chosen & conflicts[at], other))
                .map(|other| parts[other].name.clone()),
        };
        let rows: Vec<HouseChoiceRow> = (0..parts.len()).map(row).collect();
        let total = |of: fn(&HouseChoiceRow) -> f64| rows.iter().filter(|row| row.is_chosen).map(of).sum();
        Ok(HouseChoice { spent: total(|row| row.cost), importance: total(|row| row.importance), rows })
    }
}

/// The set of the greatest worth within the budget, as bits: branch and bound, the bound being the knapsack whose last item may be divided (Dantzig 1957).
fn best(worth: &[f64], costs: &[f64], conflicts: &[u64], budget: f64) -> u64 {
    let mut order: Vec<usize> = (0..worth.len()).filter(|&at| worth[at] > 0.0 && costs[at] <= budget).collect();
    // Worth per cost falls; what costs nothing comes first.
    order.sort_by(|a, b| (worth[*b] * costs[*a]).total_cmp(&(worth[*a] * costs[*b])).then(a.cmp(b)));
    let mut search = Search { worth, costs, conflicts, order, best: (0.0, 0) };
    search.branch(0, 0, 0.0, budget);
    search.best.1
}

struct Search<'a> {
    worth: &'a [f64],
    costs: &'a [f64],
    conflicts: &'a [u64],
    order: Vec<usize>,
    best: (f64, u64),
}

impl Search<'_> {
    fn branch(&mut self, depth: usize, chosen: u64, gained: f64, left: f64) {
        if gained > self.best.0 {
            self.best = (gained, chosen);
        }
        if depth == self.order.len() || gained + self.bound(depth, chosen, left) <= self.best.0 * (1.0 + 1e-12) {
            return;
        }
        let at = self.order[depth];
        if self.costs[at] <= left && self.conflicts[at] & chosen == 0 {
            self.branch(depth + 1, chosen | 1 << at, gained + self.worth[at], left - self.costs[at]);
        }
        self.branch(depth + 1, chosen, gained, left);
    }

    fn bound(&self, depth: usize, chosen: u64, mut left: f64) -> f64 {
        let mut most = 0.0;
        for &at in self.order[depth..].iter().filter(|at| self.conflicts[**at] & chosen == 0) {
            if self.costs[at] > left {
                return most + self.worth[at] * left / self.costs[at];
            }
            left -= self.costs[at];
            most += self.worth[at];
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::super::house_of_quality::{house_of_quality, tests::input};
    use super::super::params::HouseParams;
    use super::*;

    /// Tries all sets.
    fn brute_force(worth: &[f64], costs: &[f64], conflicts: &[u64], budget: f64) -> f64 {
        let of = |set: u64, values: &[f64]| -> f64 {
            values.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, value)| value).sum()
        };
        let fits = |set: &u64| {
            let clash = (0..worth.len()).any(|at| set >> at & 1 == 1 && conflicts[at] & set != 0);
            !clash && of(*set, costs) <= budget
        };
        (0..1 << worth.len()).filter(fits).map(|set| of(set, worth)).fold(0.0, f64::max)
    }

    #[test]
    fn no_other_set_is_worth_more() {
        for seed in 0..200_u64 {
            let number = |at: u64| (seed * 7919 + at * 104_729) % 97;
            let worth: Vec<f64> = (0..9).map(|at| number(at) as f64).collect();
            let costs: Vec<f64> = (0..9).map(|at| (number(at + 20) % 30) as f64).collect();
            let pair = (seed % 8) as usize;
            let mut conflicts = vec![0; 9];
            conflicts[pair] |= 1 << (pair + 1);
            conflicts[pair + 1] |= 1 << pair;
            let set = best(&worth, &costs, &conflicts, 60.0);
            let found: f64 = (0..9).filter(|at| set >> at & 1 == 1).map(|at| worth[at]).sum();
            assert_eq!(found, brute_force(&worth, &costs, &conflicts, 60.0), "seed {seed}");
        }
    }

    #[test]
    fn what_stands_in_the_way_is_not_chosen_too() {
        let mut house = input(&[("a", "b", -0.5)]);
        house.characteristics.iter_mut().zip([2.0, 1.0, 1.0, 1.0]).for_each(|(part, cost)| part.cost = Some(cost));
        let found = house_of_quality(&house, &HouseParams::default()).unwrap().choose(3.0, 0.0).unwrap();
        let chosen: Vec<bool> = found.rows.iter().map(|row| row.is_chosen).collect();
        assert_eq!(chosen, [false, true, true, true]); // 0.606 against 0.547 for a and c
        assert_eq!((found.spent, found.rows[0].conflict.as_deref()), (3.0, Some("b")));
    }
}
