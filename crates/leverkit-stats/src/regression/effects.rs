//! Effects absorbed: what products, weeks and stores have in common is taken off columns without a column for each of their levels.
//!
//! The effect with the most levels is eliminated exactly. What remains is a system in the levels of the others, their Schur complement: solved exactly
//! while it is small (laid out by all pairs of levels, or by those that rows have where these are few), by conjugate gradients where it is not, which a sparse factor of the system leads there in a few steps even where levels hardly overlap. Only the
//! coefficients of levels are stored; columns less their effects are made block by block by whoever needs them.

use std::borrow::Cow;
use std::ops::Range;

use crate::budget::{self, Watched};
use rayon::prelude::*;

use super::sorted::{Factor, Sorted};
use crate::{Error, sums};

/// Up to so many levels beside those of the largest effect, the system is solved exactly.
const EXACT_LEVELS: usize = 1000;
/// A level whose pivot falls below this share of its weight is determined by the levels before it.
const DETERMINED: f64 = 1e-11;
/// Conjugate gradients end when the residual is this share of what it was.
const TOLERANCE: f64 = 1e-12;
const MOST_STEPS: usize = 5000;
/// Steps after which those without a factor must have led a third of the way, and those with one must end.
const FEW_STEPS: usize = 40;

/// A category of each row: an effect to absorb, or clusters.
#[derive(Debug, Clone, Copy)]
pub struct Levels<'a> {
    /// The level of each row; every level from 0 on has a row.
    pub codes: &'a [u32],
    /// How many levels there are.
    pub len: usize,
}

impl<'a> Levels<'a> {
    /// The levels that these codes name; [`compact`] closes gaps among codes.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level below the highest that no row has.
    ///
    /// ```
    /// use leverkit_stats::regression::Levels;
    /// assert_eq!(Levels::of(&[0, 1, 1, 2])?.len, 3);
    /// assert!(Levels::of(&[0, 2]).is_err());
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn of(codes: &'a [u32]) -> Result<Self, Error> {
        let levels = Self::all(codes);
        let mut is_used = vec![false; levels.len];
        codes.iter().for_each(|&code| is_used[code as usize] = true);
        match is_used.iter().position(|used| !used) {
            Some(level) => Err(Error::parameter("codes", &format!("no row of level {level}"), "a row of every level")),
            None => Ok(levels),
        }
    }

    /// The levels of codes of which each up to the highest is known to have a row.
    pub fn all(codes: &'a [u32]) -> Self {
        Self { codes, len: codes.iter().max().map_or(0, |max| *max as usize + 1) }
    }

    /// Whether each level lies within one of these.
    ///
    /// ```
    /// use leverkit_stats::regression::Levels;
    /// let (stores, regions) = (Levels::of(&[0, 1, 2, 2])?, Levels::of(&[0, 0, 1, 1])?);
    /// assert!(stores.is_nested_in(&regions) && !regions.is_nested_in(&stores));
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn is_nested_in(&self, outer: &Levels<'_>) -> bool {
        if std::ptr::eq(self.codes, outer.codes) {
            return true;
        }
        let mut within = vec![u32::MAX; self.len];
        self.codes.iter().zip(outer.codes).all(|(&level, &outer)| {
            let known = &mut within[level as usize];
            if *known == u32::MAX {
                *known = outer;
            }
            *known == outer
        })
    }
}

/// Marks the rows that are the only one of a level, until every level left has two: their effect fits them whatever else is said (Correia 2015).
/// `None` where there is none.
///
/// ```
/// use leverkit_stats::regression::{Levels, without_singletons};
/// assert_eq!(without_singletons(&[Levels::of(&[0, 0, 1])?], 3), Some(vec![true, true, false]));
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn without_singletons(effects: &[Levels<'_>], rows: usize) -> Option<Vec<bool>> {
    let mut counts: Vec<Vec<u32>> = effects.iter().map(|effect| vec![0; effect.len]).collect();
    for (effect, counts) in effects.iter().zip(&mut counts) {
        effect.codes.iter().for_each(|&level| counts[level as usize] += 1);
    }
    if counts.iter().flatten().all(|&count| count != 1) {
        return None;
    }
    let mut kept = vec![true; rows];
    loop {
        let mut changed = false;
        for row in 0..rows {
            let alone = |(effect, counts): (&Levels<'_>, &Vec<u32>)| counts[effect.codes[row] as usize] == 1;
            if kept[row] && effects.iter().zip(&counts).any(alone) {
                kept[row] = false;
                changed = true;
                effects.iter().zip(&mut counts).for_each(|(effect, counts)| counts[effect.codes[row] as usize] -= 1);
            }
        }
        if !changed {
            return Some(kept);
        }
    }
}

/// The levels of some rows as the ranks of those that there are.
///
/// ```
/// use leverkit_stats::regression::{Levels, compact};
/// assert_eq!(compact(&Levels::all(&[7, 3, 9, 3]), &[1, 2, 3]), [0, 1, 0]);
/// ```
pub fn compact(levels: &Levels<'_>, rows: &[u32]) -> Vec<u32> {
    let codes: Vec<u32> = rows.iter().map(|&row| levels.codes[row as usize]).collect();
    Ranked::of(codes.into(), levels.len).codes.into_owned()
}

/// The levels of some rows as the ranks of those that there are: the codes that came in, where all are there.
///
/// ```
/// use leverkit_stats::regression::Ranked;
/// let (some, all) = (Ranked::of(vec![3, 9, 3].into(), 10), Ranked::of((&[0, 1, 0][..]).into(), 2));
/// assert_eq!((some.levels().codes, some.levels().len), (&[0, 1, 0][..], 2));
/// assert_eq!((all.levels().codes, all.levels().len), (&[0, 1, 0][..], 2));
/// ```
#[derive(Debug, Clone)]
pub struct Ranked<'a> {
    codes: Cow<'a, [u32]>,
    len: usize,
}

impl<'a> Ranked<'a> {
    /// Of codes below `len`.
    pub fn of(codes: Cow<'a, [u32]>, len: usize) -> Self {
        if len > 16 * codes.len() {
            let (codes, len) = ranked(&codes);
            return Self { codes: codes.into(), len };
        }
        let mut ranks = vec![0; len];
        codes.iter().for_each(|&code| ranks[code as usize] = 1);
        let mut before = 0;
        for rank in &mut ranks {
            before += std::mem::replace(rank, before);
        }
        if before as usize == len {
            return Self { codes, len };
        }
        Self { codes: codes.iter().map(|&code| ranks[code as usize]).collect(), len: before as usize }
    }

    /// The levels.
    pub fn levels(&self) -> Levels<'_> {
        Levels { codes: &self.codes, len: self.len }
    }
}

/// Codes as the ranks of those that there are, and how many these are.
fn ranked<T: Copy + Ord>(codes: &[T]) -> (Vec<u32>, usize) {
    let mut known = codes.to_vec();
    known.sort_unstable();
    known.dedup();
    (codes.iter().map(|code| known.partition_point(|known| known < code) as u32).collect(), known.len())
}

/// Levels for the pairs of two kinds of levels, such as the third kind of clusters of [`Spread::Clusters`](super::Spread::Clusters).
///
/// ```
/// assert_eq!(leverkit_stats::regression::pairs(&[0, 0, 1, 1], &[0, 0, 0, 1]), [0, 0, 1, 2]);
/// ```
pub fn pairs(one: &[u32], two: &[u32]) -> Vec<u32> {
    let width = two.iter().max().map_or(0, |max| u64::from(*max) + 1);
    let codes = one.iter().zip(two).map(|(one, two)| u64::from(*one) * width + u64::from(*two));
    let narrow: Result<Vec<u32>, _> = codes.clone().map(u32::try_from).collect();
    match narrow {
        Ok(codes) => {
            let len = Levels::all(&codes).len;
            Ranked::of(codes.into(), len).codes.into_owned()
        }
        Err(_) => ranked(&codes.collect::<Vec<_>>()).0,
    }
}

/// The coefficients of effects: for each effect and column, one a level.
pub(crate) struct Absorbed(Tables);

/// For each effect and column a number for each level.
type Tables = Vec<Vec<Vec<f64>>>;

impl Absorbed {
    /// Finds what of columns the effects explain, by least squares with these weights.
    pub(crate) fn of(columns: &[&[f64]], effects: &[Levels<'_>], weights: Option<&[f64]>) -> Result<Self, Error> {
        if effects.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let problem = Problem::of(columns, effects, weights);
        problem.solved(problem.system().as_ref())
    }

    /// The coefficients of an effect's levels for a column.
    pub(super) fn coefficients(&self, effect: usize, column: usize) -> &[f64] {
        &self.0[effect][column]
    }

    /// Takes the effects off some rows of a column.
    pub(crate) fn take_off(&self, effects: &[Levels<'_>], column: usize, rows: Range<usize>, values: &mut [f64]) {
        for (effect, coefficients) in effects.iter().zip(&self.0) {
            let of_level = &coefficients[column];
            let codes = &effect.codes[rows.clone()];
            values.iter_mut().zip(codes).for_each(|(value, &level)| *value -= of_level[level as usize]);
        }
    }
}

/// Places in a system with what stands there.
pub(super) type Profile = Vec<(usize, f64)>;

/// The normal equations of the effects.
pub(super) struct Problem<'a> {
    /// The effects, the one with the most levels first.
    effects: Vec<Levels<'a>>,
    /// Their places as given.
    order: Vec<usize>,
    weights: Option<&'a [f64]>,
    columns: usize,
    /// For each effect, level by level: the weight and the sum of each column.
    sums: Vec<f64>,
    /// Weights of pairs of a level of the first effect and one of the others; of two of the others after that. Only where the solution is exact.
    pairs: Vec<f64>,
    is_exact: bool,
}

impl<'a> Problem<'a> {
    pub(super) fn of(columns: &[&[f64]], effects: &[Levels<'a>], weights: Option<&'a [f64]>) -> Self {
        let rows = effects[0].codes.len();
        let mut order: Vec<usize> = (0..effects.len()).collect();
        order.sort_by_key(|&effect| std::cmp::Reverse(effects[effect].len));
        let effects: Vec<Levels<'a>> = order.iter().map(|&effect| effects[effect]).collect();
        let (first, others) = (effects[0].len, effects[1..].iter().map(|effect| effect.len).sum::<usize>());
        let cells = first * others + others * others;
        let is_exact = others <= EXACT_LEVELS && cells <= (4 * rows).max(1 << 22);
        let mut problem =
            Self { effects, order, weights, columns: columns.len(), sums: Vec::new(), pairs: Vec::new(), is_exact };
        let split = (first + others) * (columns.len() + 1);
        let size = split + if is_exact { cells } else { 0 };
        let mut sums = sums(rows, size, || vec![0.0; size], |rows, table| problem.add(columns, rows, table, split));
        problem.pairs = sums.split_off(split);
        problem.sums = sums;
        problem
    }

    /// Adds up some rows.
    fn add(&self, columns: &[&[f64]], rows: Range<usize>, table: &mut [f64], split: usize) {
        let width = self.columns + 1;
        let (sums, pairs) = table.split_at_mut(split);
        let mut start = 0;
        for effect in &self.effects {
            for row in rows.clone() {
                let place = start + effect.codes[row] as usize * width;
                let slots = &mut sums[place..place + width];
                let weight = self.weight(row);
                slots[0] += weight;
                slots[1..].iter_mut().zip(columns).for_each(|(sum, column)| *sum += weight * column[row]);
            }
            start += effect.len * width;
        }
        if !pairs.is_empty() {
            self.add_pairs(rows, pairs);
        }
    }

    fn add_pairs(&self, rows: Range<usize>, pairs: &mut [f64]) {
        let (starts, others) = self.starts();
        let square = self.effects[0].len * others;
        for (at, one) in self.effects[1..].iter().enumerate() {
            for row in rows.clone() {
                pairs[self.effects[0].codes[row] as usize * others + starts[at] + one.codes[row] as usize] +=
                    self.weight(row);
            }
            for (two, start) in self.effects[at + 2..].iter().zip(&starts[at + 1..]) {
                for row in rows.clone() {
                    let (a, b) = (starts[at] + one.codes[row] as usize, start + two.codes[row] as usize);
                    pairs[square + a * others + b] += self.weight(row);
                }
            }
        }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Where each of the other effects' levels start among all of theirs, and how many these are.
    fn starts(&self) -> (Vec<usize>, usize) {
        let mut all = 0;
        let starts = self.effects[1..].iter().map(|effect| {
            all += effect.len;
            all - effect.len
        });
        (starts.collect(), all)
    }

    /// The weight of each level of the first effect, or the sums of a column by it; and the same of the others.
    fn of_levels(&self, part: usize) -> (Vec<f64>, Vec<f64>) {
        let all = self.sums.iter().skip(part).step_by(self.columns + 1).copied();
        let mut first: Vec<f64> = all.collect();
        let others = first.split_off(self.effects[0].len);
        (first, others)
    }

    /// Solves with the system that is left when the largest effect is eliminated, step by step without it.
    pub(super) fn solved(&self, system: Option<&Semidefinite>) -> Result<Absorbed, Error> {
        let tables = if let Some(system) = system { self.exact(system) } else { self.iterated(&self.sorted())? };
        Ok(self.as_given(tables))
    }

    fn sorted(&self) -> Sorted {
        let ((starts, size), first) = (self.starts(), self.effects[0]);
        let others: Vec<(&[u32], usize)> = self.effects[1..].iter().map(|effect| effect.codes).zip(starts).collect();
        Sorted::of((first.codes, first.len), &others, size, |row| self.weight(row))
    }

    fn as_given(&self, tables: Tables) -> Absorbed {
        let mut by_effect = vec![Vec::new(); self.effects.len()];
        tables.into_iter().zip(&self.order).for_each(|(table, &effect)| by_effect[effect] = table);
        Absorbed(by_effect)
    }

    /// S = M − NᵀD⁻¹N, eliminated; `None` where it is too large.
    pub(super) fn system(&self) -> Option<Semidefinite> {
        if !self.is_exact {
            return None;
        }
        let (_, others) = self.starts();
        let (weight, other_weight) = self.of_levels(0);
        let (table, square) = self.pairs.split_at(weight.len() * others);
        let mut schur: Vec<Vec<f64>> = (0..others).map(|a| square[a * others..(a + 1) * others].to_vec()).collect();
        schur.par_iter_mut().enumerate().for_each(|(a, row)| {
            row[a] = other_weight[a];
            for (pairs, weight) in table.chunks(others.max(1)).zip(&weight) {
                if pairs[a] != 0.0 {
                    let share = pairs[a] / weight;
                    row[a..].iter_mut().zip(&pairs[a..]).for_each(|(cell, pair)| *cell -= share * pair);
                }
            }
        });
        Some(Semidefinite::of(schur, &other_weight))
    }

    /// Solves by elimination: S γ = r, then α = D⁻¹(s − Nγ).
    fn exact(&self, system: &Semidefinite) -> Tables {
        let (_, others) = self.starts();
        let (weight, _) = self.of_levels(0);
        let table = &self.pairs[..weight.len() * others];
        let solve = |column: usize| {
            let (first, mut rest) = self.of_levels(column + 1);
            for ((pairs, weight), sum) in table.chunks(others.max(1)).zip(&weight).zip(&first) {
                rest.iter_mut().zip(pairs).for_each(|(rest, pair)| *rest -= pair * (sum / weight));
            }
            let gamma = system.solve(rest);
            let mut alpha = first;
            for (level, (alpha, weight)) in alpha.iter_mut().zip(&weight).enumerate() {
                let pairs = &table[level * others..(level + 1) * others];
                let known: f64 = pairs.iter().zip(&gamma).map(|(pair, gamma)| pair * gamma).sum();
                *alpha = (*alpha - known) / weight;
            }
            (alpha, gamma)
        };
        self.by_effect((0..self.columns).into_par_iter().watched().map(solve).collect())
    }

    /// The weight of each level of an effect, and what of the levels of the system it is made of: all its rows have them, or these shares do.
    pub(super) fn profiles(&self, effect: usize) -> (Vec<f64>, Vec<Profile>) {
        let (starts, others) = self.starts();
        let (first, rest) = self.of_levels(0);
        let place = self.order.iter().position(|&known| known == effect).unwrap_or_default();
        let Some(place) = place.checked_sub(1) else {
            let shares = self.pairs.chunks(others.max(1)).zip(&first).map(|(pairs, weight)| {
                pairs
                    .iter()
                    .enumerate()
                    .filter(|(_, pair)| **pair != 0.0)
                    .map(|(at, pair)| (at, pair / weight))
                    .collect()
            });
            let profiles = shares.chain(std::iter::repeat(Vec::new())).take(first.len()).collect();
            return (first, profiles);
        };
        let own = starts[place]..starts[place] + self.effects[place + 1].len;
        (rest[own.clone()].to_vec(), own.map(|at| vec![(at, 1.0)]).collect())
    }

    /// Whether an effect is the one that was eliminated.
    pub(super) fn is_first(&self, effect: usize) -> bool {
        self.order[0] == effect
    }

    /// Solves without a table of all pairs of levels: at once where the system is small; otherwise by conjugate gradients, or, where these get on slowly, by a factor of
    /// the system, if it has one that pays.
    fn iterated(&self, sorted: &Sorted) -> Result<Tables, Error> {
        let (weight, other_weight) = self.of_levels(0);
        let scales = (weight.as_slice(), other_weight.as_slice());
        if let Some(upper) =
            (other_weight.len() <= EXACT_LEVELS).then(|| sorted.system(&weight, &other_weight)).flatten()
        {
            let system = Semidefinite::of(upper, &other_weight);
            return self.step_by_step(scales, |right| Ok(system.solve(right.values.clone())));
        }
        self.step_by_step(scales, |right| right.conjugate(sorted, scales, FEW_STEPS))
            .or_else(|slow| {
                let factor = sorted.factor(&weight, &other_weight).ok_or(slow)?;
                self.step_by_step(scales, |right| right.refined(sorted, scales, &factor))
            })
            .or_else(|_| self.step_by_step(scales, |right| right.conjugate(sorted, scales, MOST_STEPS)))
    }

    /// Solves each column for the levels of the others by some steps, and then for those of the first.
    fn step_by_step(
        &self,
        (weight, other_weight): (&[f64], &[f64]),
        steps: impl Fn(&Right) -> Result<Vec<f64>, Error>,
    ) -> Result<Tables, Error> {
        let solve = |column: usize| {
            let (first, rest) = self.of_levels(column + 1);
            let alpha: Vec<f64> = first.iter().zip(weight).map(|(sum, weight)| sum / weight).collect();
            let known = self.spread(&alpha);
            let values = rest.iter().zip(&known).map(|(rest, known)| rest - known).collect();
            let enough = (TOLERANCE * TOLERANCE * length(&rest, other_weight)).max(f64::MIN_POSITIVE);
            let gamma = steps(&Right { values, enough })?;
            let known = self.gather(&gamma);
            let alpha = first.iter().zip(&known).zip(weight).map(|((sum, known), w)| (sum - known) / w);
            Ok((alpha.collect(), gamma))
        };
        Ok(self.by_effect((0..self.columns).map(solve).collect::<Result<_, Error>>()?))
    }

    /// Nγ: sums of the others' coefficients by level of the first effect.
    fn gather(&self, gamma: &[f64]) -> Vec<f64> {
        let (starts, _) = self.starts();
        self.sums_over_rows(self.effects[0].len, |row, out| {
            let of = |(effect, start): (&Levels<'_>, &usize)| gamma[start + effect.codes[row] as usize];
            let sum: f64 = self.effects[1..].iter().zip(&starts).map(of).sum();
            out[self.effects[0].codes[row] as usize] += self.weight(row) * sum;
        })
    }

    /// Nᵀα: sums of the first effect's coefficients by levels of the others.
    fn spread(&self, alpha: &[f64]) -> Vec<f64> {
        let (starts, others) = self.starts();
        self.sums_over_rows(others, |row, out| {
            let known = self.weight(row) * alpha[self.effects[0].codes[row] as usize];
            let effects = self.effects[1..].iter().zip(&starts);
            effects.for_each(|(effect, start)| out[start + effect.codes[row] as usize] += known);
        })
    }

    fn sums_over_rows(&self, size: usize, add: impl Fn(usize, &mut [f64]) + Sync) -> Vec<f64> {
        let rows = self.effects[0].codes.len();
        sums(rows, size, || vec![0.0; size], |rows, out: &mut Vec<f64>| rows.for_each(|row| add(row, out)))
    }

    /// Coefficients of each column, dealt to the effects.
    fn by_effect(&self, solved: Vec<(Vec<f64>, Vec<f64>)>) -> Tables {
        let (starts, _) = self.starts();
        let mut tables = vec![Vec::new(); self.effects.len()];
        for (alpha, gamma) in solved {
            for ((effect, start), table) in self.effects[1..].iter().zip(&starts).zip(&mut tables[1..]) {
                table.push(gamma[*start..start + effect.len].to_vec());
            }
            tables[0].push(alpha);
        }
        tables
    }
}

/// The right side of the system for a column, and how near to it is enough.
struct Right {
    values: Vec<f64>,
    enough: f64,
}

impl Right {
    /// By conjugate gradients, preconditioned by the weights of levels. They are given up after `FEW_STEPS`, where so many are allowed, unless these led a third of the way.
    fn conjugate(
        &self,
        sorted: &Sorted,
        (weight, scale): (&[f64], &[f64]),
        most_steps: usize,
    ) -> Result<Vec<f64>, Error> {
        let mut residual = self.values.clone();
        let mut gamma = vec![0.0; residual.len()];
        let mut direction = scaled(&residual, scale);
        let mut size = dot(&residual, &direction);
        let start = size;
        for step in 0..MOST_STEPS {
            budget::check();
            if size <= self.enough {
                return Ok(gamma);
            }
            // What is no number, as beside levels without weight, no step mends.
            if !size.is_finite() || (step == most_steps && (size / start).powi(3) > self.enough / start) {
                break;
            }
            let image = sorted.image(&direction, weight);
            let along = size / dot(&direction, &image);
            gamma.iter_mut().zip(&direction).for_each(|(gamma, direction)| *gamma += along * direction);
            residual.iter_mut().zip(&image).for_each(|(residual, image)| *residual -= along * image);
            let fresh = scaled(&residual, scale);
            let next = dot(&residual, &fresh);
            let keep = next / size;
            direction.iter_mut().zip(&fresh).for_each(|(old, fresh)| *old = fresh + keep * *old);
            size = next;
        }
        Err(NOT_CONVERGED)
    }

    /// By a factor of nearly the system: what is left of the right side is solved for again. What others determine may drift, which changes no row.
    fn refined(&self, sorted: &Sorted, (weight, scale): (&[f64], &[f64]), factor: &Factor) -> Result<Vec<f64>, Error> {
        let (mut gamma, mut residual) = (vec![0.0; self.values.len()], self.values.clone());
        for _ in 0..FEW_STEPS {
            budget::check();
            if length(&residual, scale) <= self.enough {
                return Ok(gamma);
            }
            gamma.iter_mut().zip(factor.solve(&residual)).for_each(|(gamma, more)| *gamma += more);
            let image = sorted.image(&gamma, weight);
            residual = self.values.iter().zip(&image).map(|(value, image)| value - image).collect();
        }
        Err(NOT_CONVERGED)
    }
}

const NOT_CONVERGED: Error = Error::NotConverged {
    what: "effects",
    steps: MOST_STEPS,
    hint: "levels of effects hardly overlap; absorb fewer effects, or coarser ones",
};

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn scaled(values: &[f64], scale: &[f64]) -> Vec<f64> {
    values.iter().zip(scale).map(|(value, scale)| value / scale).collect()
}

/// The squares of values, each beside the weight of its level.
fn length(values: &[f64], scale: &[f64]) -> f64 {
    dot(values, &scaled(values, scale))
}

/// A symmetric system of sums of squares, some of whose unknowns the others determine: these are set to zero.
pub(super) struct Semidefinite {
    /// `UᵀDU`: rows of D·U from the diagonal on; the row is `None` where the unknown is determined.
    rows: Vec<Option<Vec<f64>>>,
}

impl Semidefinite {
    /// Eliminates; `scale` is what each diagonal element is measured against.
    fn of(mut upper: Vec<Vec<f64>>, scale: &[f64]) -> Self {
        let mut rows = Vec::with_capacity(upper.len());
        for at in 0..upper.len() {
            let (done, rest) = upper.split_at_mut(at + 1);
            let row = &done[at];
            let pivot = row[at];
            if pivot <= DETERMINED * scale[at] {
                rows.push(None);
                continue;
            }
            for (below, target) in rest.iter_mut().enumerate() {
                let column = at + 1 + below;
                let share = row[column] / pivot;
                if share != 0.0 {
                    target[column..].iter_mut().zip(&row[column..]).for_each(|(cell, value)| *cell -= share * value);
                }
            }
            rows.push(Some(row[at..].to_vec()));
        }
        Self { rows }
    }

    /// The inverse, with zeros for what is determined.
    pub(super) fn inverse(&self) -> Vec<Vec<f64>> {
        let unit = |at: usize| (0..self.rows.len()).map(|row| f64::from(u8::from(row == at))).collect();
        (0..self.rows.len())
            .into_par_iter()
            .watched()
            .map(|at| if self.rows[at].is_some() { self.solve(unit(at)) } else { vec![0.0; self.rows.len()] })
            .collect()
    }

    fn solve(&self, mut right: Vec<f64>) -> Vec<f64> {
        for (at, row) in self.rows.iter().enumerate() {
            let Some(row) = row else { continue };
            let share = right[at] / row[0];
            right[at + 1..].iter_mut().zip(&row[1..]).for_each(|(right, value)| *right -= share * value);
        }
        for (at, row) in self.rows.iter().enumerate().rev() {
            let (here, after) = right[at..].split_at_mut(1);
            here[0] = row.as_ref().map_or(0.0, |row| {
                let known: f64 = row[1..].iter().zip(after.iter()).map(|(value, known)| value * known).sum();
                (here[0] - known) / row[0]
            });
        }
        right
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn levels(codes: &[u32]) -> Levels<'_> {
        Levels { codes, len: codes.iter().max().map_or(0, |max| *max as usize + 1) }
    }

    /// Codes in which every level has a row.
    fn compact(codes: &[u32]) -> Vec<u32> {
        let mut known = codes.to_vec();
        known.sort_unstable();
        known.dedup();
        codes.iter().map(|code| known.partition_point(|known| known < code) as u32).collect()
    }

    type Way = fn(&Problem<'_>) -> Absorbed;

    const EXACT: Way = |problem| problem.solved(problem.system().as_ref()).unwrap();
    const FACTORED: Way = |problem| {
        let (sorted, (weight, other_weight)) = (problem.sorted(), problem.of_levels(0));
        let scales = (weight.as_slice(), other_weight.as_slice());
        let factor = sorted.factor(&weight, &other_weight).unwrap();
        problem.as_given(problem.step_by_step(scales, |right| right.refined(&sorted, scales, &factor)).unwrap())
    };
    const AT_ONCE: Way = |problem| {
        let (sorted, (weight, other_weight)) = (problem.sorted(), problem.of_levels(0));
        let system = Semidefinite::of(sorted.system(&weight, &other_weight).unwrap(), &other_weight);
        let scales = (weight.as_slice(), other_weight.as_slice());
        problem.as_given(problem.step_by_step(scales, |right| Ok(system.solve(right.values.clone()))).unwrap())
    };
    const PLAIN: Way = |problem| {
        let (sorted, (weight, other_weight)) = (problem.sorted(), problem.of_levels(0));
        let scales = (weight.as_slice(), other_weight.as_slice());
        problem.as_given(problem.step_by_step(scales, |right| right.conjugate(&sorted, scales, MOST_STEPS)).unwrap())
    };

    fn residual(column: &[f64], effects: &[Levels<'_>], weights: Option<&[f64]>, way: Way) -> Vec<f64> {
        let columns = [column];
        let found = way(&Problem::of(&columns, effects, weights));
        let mut out = column.to_vec();
        found.take_off(effects, 0, 0..column.len(), &mut out);
        out
    }

    proptest! {
        #[test]
        fn what_is_left_is_orthogonal_to_every_level(
            rows in prop::collection::vec((0u32..6, 0u32..4, 0u32..3, -5.0..5.0f64, 0.1..4.0f64), 8..60), weighted: bool,
        ) {
            let codes: Vec<Vec<u32>> = vec![
                compact(&rows.iter().map(|row| row.0).collect::<Vec<_>>()),
                compact(&rows.iter().map(|row| row.1).collect::<Vec<_>>()),
                compact(&rows.iter().map(|row| row.2).collect::<Vec<_>>()),
            ];
            let effects: Vec<Levels<'_>> = codes.iter().map(|codes| levels(codes)).collect();
            let column: Vec<f64> = rows.iter().map(|row| row.3).collect();
            let weights: Vec<f64> = rows.iter().map(|row| row.4).collect();
            let weights = weighted.then_some(weights.as_slice());
            for n in 1..=3 {
                let exact = residual(&column, &effects[..n], weights, EXACT);
                for effect in &effects[..n] {
                    let mut sums = vec![0.0; effect.len];
                    for (row, &level) in effect.codes.iter().enumerate() {
                        sums[level as usize] += exact[row] * weights.map_or(1.0, |weights| weights[row]);
                    }
                    prop_assert!(sums.iter().all(|sum| sum.abs() < 1e-9), "{sums:?}");
                }
                for way in [AT_ONCE, FACTORED, PLAIN] {
                    let iterated = residual(&column, &effects[..n], weights, way);
                    prop_assert!(exact.iter().zip(&iterated).all(|(a, b)| (a - b).abs() < 1e-9));
                }
            }
        }
    }

    /// Clients who stay with a rep but for a few who go on to the next one: reps hang together by a thread, at which steps without a factor pull for ever.
    #[test]
    fn levels_that_hardly_overlap_are_solved_in_a_few_steps() {
        let (clients, reps, months) = (8000, 2000, 6);
        let rows = (0..clients * months).map(|row| (row / months, row % months));
        let rep = |(client, month): (u32, u32)| (client / 4 + u32::from(client % 4 == 0 && month > 3)) % reps;
        let codes: [Vec<u32>; 3] =
            [rows.clone().map(|row| row.0).collect(), rows.clone().map(rep).collect(), rows.map(|row| row.1).collect()];
        let effects = codes.each_ref().map(|codes| levels(codes));
        let sales: Vec<f64> = (0..codes[0].len())
            .map(|row| f64::from(codes[1][row]).sqrt() + f64::from(codes[2][row]) + (row as f64 * 0.7).sin())
            .collect();
        let problem = Problem::of(&[&sales], &effects, None);
        assert!(problem.system().is_none());
        let left = residual(&sales, &effects, None, |problem| problem.solved(None).unwrap());
        for effect in &effects {
            let mut sums = vec![0.0; effect.len];
            effect.codes.iter().zip(&left).for_each(|(&level, left)| sums[level as usize] += left);
            assert!(sums.iter().all(|sum| sum.abs() < 1e-7));
        }
    }

    #[test]
    fn a_row_alone_in_its_level_takes_others_with_it() {
        // Row 3 is alone in store 2; without it product 1 has row 2 alone; without that store 1 keeps rows 1 and 4.
        let (product, store) = ([0, 0, 1, 1, 0], [0, 1, 1, 2, 1]);
        let kept = without_singletons(&[levels(&product), levels(&store)], 5).unwrap();
        assert_eq!(kept, [false, true, false, false, true]);
        assert!(without_singletons(&[levels(&[0, 0, 1, 1])], 4).is_none());
    }

    #[test]
    fn stores_lie_within_regions_but_not_regions_within_stores() {
        let (store, region) = ([0, 1, 2, 0], [0, 0, 1, 0]);
        assert!(levels(&store).is_nested_in(&levels(&region)));
        assert!(!levels(&region).is_nested_in(&levels(&store)));
    }
}
