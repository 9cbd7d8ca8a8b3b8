//! Pairwise comparisons: read, checked, and kept as logarithms, in which the reciprocal is the negative.

use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{LeftOut, Reason, Table};

use super::params::AhpParams;
use crate::Error;

/// A pair given both ways may differ by this share from the reciprocal: 0.33 stands for 1/3.
const ROUNDED: f64 = 0.02;

/// What one judge, or a group, says of pairs of items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgements {
    pub(crate) items: usize,
    /// ln of how many times more the row's item matters than the column's; NaN where they were not compared.
    logs: Vec<f64>,
}

impl Judgements {
    pub(crate) fn none(items: usize) -> Self {
        Self { items, logs: vec![f64::NAN; items * items] }
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> Option<f64> {
        Some(self.logs[row * self.items + column]).filter(|log| !log.is_nan())
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, log: f64) {
        self.logs[row * self.items + column] = log;
        self.logs[column * self.items + row] = -log;
    }

    /// The pairs that were compared, each once, with their logarithm.
    pub(crate) fn pairs(&self) -> Vec<(usize, usize, f64)> {
        let all = (0..self.items).flat_map(|row| (row + 1..self.items).map(move |column| (row, column)));
        all.filter_map(|(row, column)| Some((row, column, self.get(row, column)?))).collect()
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.pairs().len() == self.items * (self.items - 1) / 2
    }

    /// Comparisons beyond those that a tree of the items needs: only these can contradict one another.
    pub(crate) fn spare(&self) -> usize {
        (self.pairs().len() + 1).saturating_sub(self.items)
    }

    /// The items that no chain of comparisons ties to the first.
    pub(crate) fn apart(&self) -> Vec<usize> {
        let mut is_tied = vec![false; self.items];
        let mut next = vec![0];
        while let Some(item) = next.pop() {
            if !std::mem::replace(&mut is_tied[item], true) {
                next.extend((0..self.items).filter(|&other| !is_tied[other] && self.get(item, other).is_some()));
            }
        }
        (0..self.items).filter(|&item| !is_tied[item]).collect()
    }

    /// The geometric mean of judges' comparisons, each counted so many times (Aczél & Saaty 1983).
    pub(crate) fn group(judges: &[&Self], times: impl Fn(usize) -> f64) -> Self {
        let items = judges[0].items;
        let mut group = Self::none(items);
        for row in 0..items {
            for column in row + 1..items {
                let known =
                    judges.iter().enumerate().filter_map(|(at, judge)| Some((times(at), judge.get(row, column)?)));
                let (total, sum) = known.fold((0.0, 0.0), |sum, (weight, log)| (sum.0 + weight, sum.1 + weight * log));
                if total > 0.0 {
                    group.set(row, column, sum / total);
                }
            }
        }
        group
    }
}

/// All comparisons, judge by judge.
pub(crate) struct Comparisons {
    pub(crate) items: Vec<String>,
    pub(crate) judges: Vec<(String, Judgements)>,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Comparisons {
    pub(crate) fn read(table: &Table, params: &AhpParams) -> Result<Self, Error> {
        let texts = |role: &str, name: &str| Ok::<_, Error>(find(table, role, name)?.texts());
        let (first, second) = (texts("first", &params.first)?, texts("second", &params.second)?);
        let values = numbers(&find(table, "value", &params.value)?, "value")?;
        let judges = match &params.judge {
            Some(name) => texts("judge", name)?,
            None => vec![Some("1".into()); table.rows()],
        };
        let items = distinct(first.iter().chain(&second));
        let names = distinct(&judges);
        let place =
            |list: &[String], name: &Option<String>| name.as_ref().and_then(|name| list.binary_search(name).ok());
        let mut opinions = vec![Judgements::none(items.len()); names.len()];
        let mut tallies = Tallies::default();
        for row in 0..table.rows() {
            let places = (place(&names, &judges[row]), place(&items, &first[row]), place(&items, &second[row]));
            let (Some(judge), Some(one), Some(other)) = places else {
                tallies.note(Reason::UnknownComparison, row, f64::NAN);
                continue;
            };
            if values[row].is_nan() {
                tallies.note(Reason::UnknownComparison, row, f64::NAN);
                continue;
            }
            let names = (items[one].as_str(), items[other].as_str());
            let log = checked(&opinions[judge], (one, other), names, values[row], row)?;
            if one != other {
                opinions[judge].set(one, other, log);
            }
        }
        let left_out = tallies.left_out(&[Reason::UnknownComparison]);
        if items.len() < 2 || names.is_empty() {
            return Err(Error::empty("ahp", table.rows(), &left_out));
        }
        Ok(Self { items, judges: names.into_iter().zip(opinions).collect(), left_out })
    }
}

/// The logarithm of a comparison that is above 0 and agrees with the reverse, if that was given too.
fn checked(
    judge: &Judgements,
    (one, other): (usize, usize),
    (first, second): (&str, &str),
    value: f64,
    row: usize,
) -> Result<f64, Error> {
    let wrong = |expected: String| {
        Err(Error::parameter("value", format!("{value} for {first:?} against {second:?} in row {row}"), expected))
    };
    if value <= 0.0 {
        return wrong("a number above 0: how many times more the first matters than the second".into());
    }
    if one == other {
        return if value == 1.0 { Ok(0.0) } else { wrong("1, as an item matters as much as itself".into()) };
    }
    match judge.get(one, other) {
        None => Ok(value.ln()),
        Some(known) if (value.ln() - known).abs() <= ROUNDED => Ok(f64::midpoint(value.ln(), known)),
        Some(known) => {
            let expected = known.exp();
            wrong(format!("{expected:.4}, as follows from the same pair before: comparisons must be reciprocal"))
        }
    }
}

/// Names without repetition, sorted.
fn distinct<'a>(names: impl IntoIterator<Item = &'a Option<String>>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().flatten().filter(|name| !name.trim().is_empty()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}
