//! Rows sorted by the level of the first effect: a pass over them is a step of conjugate gradients, and another lays out the system where it is small or sparse.

use std::ops::Range;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::LltRegularization;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymmetricOrdering, factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, MatMut, Par, Side, Spec};
use rayon::prelude::*;

use crate::budget::Watched;
use crate::sums;

/// So many times the steps of one pass over the rows may laying out and factoring the system cost.
const PASSES: usize = 50;
/// A factor takes at most so many numbers, and so does the system.
const MOST_CELLS: usize = 1 << 24;
/// Operations of a factor for one of a pass, whose memory is met at random.
const IN_A_ROW: usize = 200;
/// Operations of about a second, in which work cannot be stopped.
const MOST_AT_ONCE: usize = 10_000_000_000;
/// The diagonal is heavier by this share of the levels' weights, so that what others determine can be factored too.
const RIDGE: f64 = 1e-10;

/// Rows sorted by the level of the first effect, so that one pass over them is a step: what a level's rows have in common is taken off while they are at hand.
pub(super) struct Sorted {
    /// Where the rows of each level begin, and the end.
    starts: Vec<usize>,
    weights: Vec<f64>,
    /// Places of each row's other levels in the system, side by side.
    places: Vec<u32>,
    width: usize,
    size: usize,
}

impl Sorted {
    /// Of the first effect's levels and their number, those of the others with the place of each one's first in the system, and the system's size.
    pub(super) fn of(
        (first, levels): (&[u32], usize),
        others: &[(&[u32], usize)],
        size: usize,
        weight: impl Fn(usize) -> f64,
    ) -> Self {
        let mut starts = vec![0; levels + 1];
        first.iter().for_each(|&level| starts[level as usize + 1] += 1);
        (0..levels).for_each(|level| starts[level + 1] += starts[level]);
        let (mut next, mut order) = (starts.clone(), vec![0; first.len()]);
        for (row, &level) in first.iter().enumerate() {
            order[next[level as usize]] = row;
            next[level as usize] += 1;
        }
        let places = |&row: &usize| others.iter().map(move |(codes, start)| *start as u32 + codes[row]);
        Self {
            places: order.iter().flat_map(places).collect(),
            weights: order.iter().map(|&row| weight(row)).collect(),
            starts,
            width: others.len(),
            size,
        }
    }

    /// S γ, where a level of the first effect has these weights.
    pub(super) fn image(&self, gamma: &[f64], weight: &[f64]) -> Vec<f64> {
        sums(
            self.weights.len(),
            self.size,
            || vec![0.0; self.size],
            |rows, out: &mut Vec<f64>| {
                let mut known = Vec::new();
                let level_of = |row: usize| self.starts[..weight.len()].partition_point(|start| *start < row);
                (level_of(rows.start)..level_of(rows.end)).for_each(|level| {
                    self.add(self.starts[level]..self.starts[level + 1], gamma, weight[level], &mut known, out);
                });
            },
        )
    }

    /// Adds what the rows of a level have beyond their mean.
    fn add(&self, rows: Range<usize>, gamma: &[f64], weight: f64, known: &mut Vec<f64>, out: &mut [f64]) {
        let places = || self.places[rows.start * self.width..rows.end * self.width].chunks_exact(self.width);
        let weights = &self.weights[rows.clone()];
        known.clear();
        known.extend(places().map(|places| places.iter().map(|&place| gamma[place as usize]).sum::<f64>()));
        let mean = known.iter().zip(weights).map(|(known, weight)| known * weight).sum::<f64>() / weight;
        for ((places, known), weight) in places().zip(known.iter()).zip(weights) {
            let beyond = weight * (known - mean);
            places.iter().for_each(|&place| out[place as usize] += beyond);
        }
    }

    /// S = M − NᵀD⁻¹N from the diagonal on, row by row, for few levels; `None` where steps without it cost less.
    pub(super) fn system(&self, weight: &[f64], other_weight: &[f64]) -> Option<Vec<Vec<f64>>> {
        let profiles = self.profiles();
        if profiles.work() + self.size.pow(3) / 3 > PASSES * self.places.len() {
            return None;
        }
        let mut upper = vec![vec![0.0; self.size]; self.size];
        (0..self.size).for_each(|at| upper[at][at] = other_weight[at]);
        for (row, weight) in self.weights.iter().enumerate() {
            let places = self.places_of(row);
            for (at, &a) in places.iter().enumerate() {
                places[at + 1..].iter().for_each(|&b| upper[a as usize][b as usize] += weight);
            }
        }
        for (level, weight) in weight.iter().enumerate() {
            let (places, weights) = profiles.of(level);
            for (at, (&place, own)) in places.iter().zip(weights).enumerate() {
                let (row, share) = (&mut upper[place as usize], own / weight);
                places[at..].iter().zip(&weights[at..]).for_each(|(&to, other)| row[to as usize] -= share * other);
            }
        }
        Some(upper)
    }

    /// A factor of the system; `None` where steps without one cost less.
    pub(super) fn factor(&self, weight: &[f64], other_weight: &[f64]) -> Option<Factor> {
        let profiles = self.profiles();
        let pass = self.places.len();
        if profiles.work() > PASSES * pass {
            return None;
        }
        let columns = self.columns(&profiles, weight, other_weight)?;
        Factor::of(&columns, (PASSES * IN_A_ROW * pass).min(MOST_AT_ONCE))
    }

    /// For each level of the first effect the places that its rows have, ascending, with the weight of those rows.
    fn profiles(&self) -> Profiles {
        let (mut starts, mut places, mut weights) = (vec![0], Vec::new(), Vec::new());
        let (mut sum, mut touched) = (vec![0.0; self.size], Vec::new());
        for rows in self.starts.windows(2) {
            for row in rows[0]..rows[1] {
                for &place in self.places_of(row) {
                    if sum[place as usize] == 0.0 {
                        touched.push(place);
                    }
                    sum[place as usize] += self.weights[row];
                }
            }
            touched.sort_unstable();
            touched.dedup();
            weights.extend(touched.iter().map(|&place| std::mem::take(&mut sum[place as usize])));
            places.append(&mut touched);
            starts.push(places.len());
        }
        Profiles { starts, places, weights }
    }

    fn places_of(&self, row: usize) -> &[u32] {
        &self.places[row * self.width..(row + 1) * self.width]
    }

    /// S = M − NᵀD⁻¹N from the diagonal down, column by column; `None` where these are too full.
    fn columns(&self, profiles: &Profiles, weight: &[f64], other_weight: &[f64]) -> Option<Vec<Vec<(usize, f64)>>> {
        let rows_of = self.rows_of_places();
        let cells = AtomicUsize::new(0);
        let column = |sum: &mut Vec<f64>, place: usize| {
            let mut touched = Vec::new();
            let mut add = |at: u32, value: f64| {
                let at = at as usize;
                if at >= place {
                    if sum[at] == 0.0 {
                        touched.push(at);
                    }
                    sum[at] += value;
                }
            };
            for of_level in rows_of[place].chunk_by(|a, b| a.0 == b.0) {
                let level = of_level[0].0 as usize;
                for &(_, row) in of_level {
                    self.places_of(row as usize).iter().for_each(|&at| add(at, self.weights[row as usize]));
                }
                let own: f64 = of_level.iter().map(|(_, row)| self.weights[*row as usize]).sum();
                let (places, weights) = profiles.of(level);
                places.iter().zip(weights).for_each(|(&at, other)| add(at, -own * other / weight[level]));
            }
            touched.push(place);
            touched.sort_unstable();
            touched.dedup();
            sum[place] += RIDGE * other_weight[place];
            let column: Vec<(usize, f64)> = touched.into_iter().map(|at| (at, std::mem::take(&mut sum[at]))).collect();
            (cells.fetch_add(column.len(), Relaxed) < MOST_CELLS).then_some(column)
        };
        (0..self.size).into_par_iter().watched().map_init(|| vec![0.0; self.size], column).collect()
    }

    /// The rows that have each place, with their level of the first effect.
    fn rows_of_places(&self) -> Vec<Vec<(u32, u32)>> {
        let mut rows_of = vec![Vec::new(); self.size];
        for (level, rows) in (0..).zip(self.starts.windows(2)) {
            for row in rows[0]..rows[1] {
                self.places_of(row).iter().for_each(|&place| rows_of[place as usize].push((level, row as u32)));
            }
        }
        rows_of
    }
}

/// The places of each level of the first effect, as compressed rows.
struct Profiles {
    starts: Vec<usize>,
    places: Vec<u32>,
    weights: Vec<f64>,
}

impl Profiles {
    /// How many steps it takes to add them up in the system.
    fn work(&self) -> usize {
        self.starts.windows(2).map(|own| (own[1] - own[0]).pow(2)).sum()
    }

    fn of(&self, level: usize) -> (&[u32], &[f64]) {
        let own = self.starts[level]..self.starts[level + 1];
        (&self.places[own.clone()], &self.weights[own])
    }
}

/// A sparse Cholesky factor, its unknowns ordered by least degree (Amestoy, Davis & Duff 1996).
pub(super) struct Factor {
    symbolic: SymbolicCholesky<usize>,
    numbers: Vec<f64>,
}

impl Factor {
    /// `None` where it takes too many numbers or steps, or rounding has made the system no sum of squares.
    fn of(columns: &[Vec<(usize, f64)>], most_steps: usize) -> Option<Self> {
        let n = columns.len();
        let starts = std::iter::once(0).chain(columns.iter().scan(0, |end, column| {
            *end += column.len();
            Some(*end)
        }));
        let starts: Vec<usize> = starts.collect();
        let (places, values): (Vec<usize>, Vec<f64>) = columns.iter().flatten().copied().unzip();
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &starts, None, &places);
        let symbolic = factorize_symbolic_cholesky(
            pattern,
            Side::Lower,
            SymmetricOrdering::Amd,
            CholeskySymbolicParams::default(),
        )
        .ok()?;
        let cells = symbolic.len_val();
        // A factor whose columns are all of one length takes the fewest steps for its numbers.
        if cells > MOST_CELLS || cells / n.max(1) * cells > most_steps {
            return None;
        }
        let mut numbers = vec![0.0; cells];
        let mut memory =
            MemBuffer::try_new(symbolic.factorize_numeric_llt_scratch::<f64>(Par::Seq, Spec::default())).ok()?;
        let stack = MemStack::new(&mut memory);
        let system = SparseColMatRef::new(pattern, &values);
        symbolic
            .factorize_numeric_llt(
                &mut numbers,
                system,
                Side::Lower,
                LltRegularization::default(),
                Par::Seq,
                stack,
                Spec::default(),
            )
            .ok()?;
        Some(Self { symbolic, numbers })
    }

    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut found = right.to_vec();
        let mut memory = MemBuffer::new(self.symbolic.solve_in_place_scratch::<f64>(1, Par::Seq));
        let rows = found.len();
        LltRef::new(&self.symbolic, &self.numbers).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(&mut found, rows, 1),
            Par::Seq,
            MemStack::new(&mut memory),
        );
        found
    }
}
