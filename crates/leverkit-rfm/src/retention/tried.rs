//! Norms that are tried: how customers lie between them, and which separates best those who bought again.

use leverkit_core::stats::{at_least, at_most, chunked_quantiles, quantiles_of_repeated};
use rayon::prelude::*;

use super::panel::{NormMeasure, Numbered, Panel, Rows};

/// Norms that are tried: the distinct values, or this many quantiles of them.
const CANDIDATES: usize = 256;
/// Rows are counted in so many parts at once.
const PARTS: usize = 8;

/// Norms that are tried and, for each group of customers, how many lie between them and whether they returned.
pub(super) struct Tried {
    candidates: Vec<f64>,
    is_better_low: bool,
    /// By group and place between candidates: who did not return, who did.
    counts: Vec<[u32; 2]>,
}

impl Tried {
    pub(super) fn count(measure: NormMeasure, panel: &Panel, parts: &[&Rows], groups: usize) -> Self {
        let numbered = match measure {
            NormMeasure::Recency => Numbered::recencies(panel),
            NormMeasure::OrdersPerYear => Numbered::orders_per_year(panel, parts),
            NormMeasure::AverageCheck => return Self::of_checks(parts, groups),
        };
        let candidates = numbered_candidates(&numbered, parts);
        let is_better_low = measure.is_better_low();
        let places: Vec<usize> =
            numbered.values.iter().map(|&value| place(&candidates, is_better_low, value)).collect();
        let cells = groups * (candidates.len() + 1);
        let counts = sums(parts, cells, |rows, counts: &mut [[u32; 2]]| {
            for row in &rows.rows {
                let cell = row.group as usize * (candidates.len() + 1) + places[numbered.of(row)];
                counts[cell][usize::from(row.returned)] += 1;
            }
        });
        Self { candidates, is_better_low, counts }
    }

    fn of_checks(parts: &[&Rows], groups: usize) -> Self {
        let is_better_low = NormMeasure::AverageCheck.is_better_low();
        let candidates = check_candidates(parts);
        let cells = groups * (candidates.len() + 1);
        let counts = sums(parts, cells, |rows, counts: &mut [[u32; 2]]| {
            for (row, &check) in rows.rows.iter().zip(&rows.checks) {
                let cell = row.group as usize * (candidates.len() + 1) + place(&candidates, is_better_low, check);
                counts[cell][usize::from(row.returned)] += 1;
            }
        });
        Self { candidates, is_better_low, counts }
    }

    /// The candidate with the greatest Youden index, where group `g` counts `weight(g)` times. `None` where all returned or none did.
    pub(super) fn best(&self, weight: impl Fn(usize) -> u32) -> Option<(f64, f64)> {
        let mut places = vec![[0_u64; 2]; self.candidates.len() + 1];
        for (group, counts) in self.counts.chunks(self.candidates.len() + 1).enumerate() {
            let weight = u64::from(weight(group));
            if weight == 0 {
                continue;
            }
            for (place, counts) in places.iter_mut().zip(counts) {
                place[0] += weight * u64::from(counts[0]);
                place[1] += weight * u64::from(counts[1]);
            }
        }
        let total = places.iter().fold([0, 0], |sum, place| [sum[0] + place[0], sum[1] + place[1]]);
        if total.contains(&0) {
            return None;
        }
        // Sensitivity + specificity − 1 over the same denominator: whole numbers, so rounding decides nothing.
        let youden =
            |part: [u64; 2]| i128::from(part[1]) * i128::from(total[0]) - i128::from(part[0]) * i128::from(total[1]);
        let mut passed = [0, 0];
        let mut best = None;
        for (place, &candidate) in places.iter().zip(&self.candidates) {
            passed = [passed[0] + place[0], passed[1] + place[1]];
            let youden = if self.is_better_low { youden(passed) } else { -youden(passed) };
            if best.is_none_or(|(_, greatest)| youden > greatest) {
                best = Some((candidate, youden));
            }
        }
        let all = total[0] as f64 * total[1] as f64;
        best.filter(|(_, youden)| *youden > 0).map(|(candidate, youden)| (candidate, youden as f64 / all))
    }
}

/// Whether a value lies within a norm; averages of equal checks differ by rounding.
pub(super) fn keeps(is_better_low: bool, value: f64, norm: f64) -> bool {
    if is_better_low { at_most(value, norm) } else { at_least(value, norm) }
}

/// How many candidates a value keeps where more is better, or does not keep where less is.
fn place(candidates: &[f64], is_better_low: bool, value: f64) -> usize {
    candidates.partition_point(|&norm| keeps(is_better_low, value, norm) != is_better_low)
}

fn numbered_candidates(numbered: &Numbered, parts: &[&Rows]) -> Vec<f64> {
    let counts = sums(parts, numbered.values.len(), |rows, counts: &mut [u64]| {
        rows.rows.iter().for_each(|row| counts[numbered.of(row)] += 1);
    });
    let mut seen: Vec<(f64, u64)> =
        numbered.values.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect();
    seen.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (values, counts): (Vec<f64>, Vec<u64>) = seen.into_iter().unzip();
    let is_few = counts.iter().sum::<u64>() <= CANDIDATES as u64;
    distinct(if is_few { values } else { quantiles_of_repeated(&values, &counts, &probabilities()) })
}

fn check_candidates(parts: &[&Rows]) -> Vec<f64> {
    let checks: Vec<&[f64]> = parts.iter().map(|part| part.checks.as_slice()).collect();
    if checks.iter().map(|part| part.len()).sum::<usize>() > CANDIDATES {
        return distinct(chunked_quantiles(&checks, &probabilities()));
    }
    let mut values = checks.concat();
    values.sort_unstable_by(f64::total_cmp);
    distinct(values)
}

fn probabilities() -> Vec<f64> {
    (0..CANDIDATES).map(|k| k as f64 / (CANDIDATES - 1) as f64).collect()
}

fn distinct(mut ascending: Vec<f64>) -> Vec<f64> {
    ascending.dedup();
    ascending
}

/// Counts the rows of all parts into so many cells.
pub(super) fn sums<C: Cell>(parts: &[&Rows], cells: usize, add: impl Fn(&Rows, &mut [C]) + Sync) -> Vec<C> {
    let count = |parts: &[&Rows]| {
        let mut counts = vec![C::default(); cells];
        parts.iter().for_each(|part| add(part, &mut counts));
        counts
    };
    let merge = |mut left: Vec<C>, right: Vec<C>| {
        left.iter_mut().zip(right).for_each(|(sum, more)| sum.merge(more));
        left
    };
    let parts = parts.par_chunks(parts.len().div_ceil(PARTS).max(1)).map(count);
    parts.reduce_with(merge).unwrap_or_else(|| vec![C::default(); cells])
}

/// A count, or several.
pub(super) trait Cell: Copy + Default + Send {
    fn merge(&mut self, more: Self);
}

impl Cell for u64 {
    fn merge(&mut self, more: Self) {
        *self += more;
    }
}

impl<C: Copy + Default + Send + std::ops::AddAssign, const N: usize> Cell for [C; N]
where
    [C; N]: Default,
{
    fn merge(&mut self, more: Self) {
        self.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}
