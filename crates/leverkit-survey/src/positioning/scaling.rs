//! Multidimensional scaling: places whose distances are as near to dissimilarities as can be. Classical (Torgerson 1952) and by majorisation, SMACOF (de Leeuw 1977; Borg & Groenen 2005, §8).

use faer::{Mat, Side};
use leverkit_core::stats::budget::{self, Watched};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

/// An improvement of the stress by less than this share ends a search.
const STILL: f64 = 1e-10;
/// Searches from random places, beside the one from the classical solution: stress has many lowest points.
const STARTS: u64 = 8;

/// Dissimilarities of all pairs: a square with zeros on its diagonal.
#[derive(Debug, Clone)]
pub(super) struct Square {
    pub(super) n: usize,
    pub(super) cells: Vec<f64>,
}

impl Square {
    /// By pairs, in the order of [`pairs`].
    pub(super) fn of(n: usize, values: &[f64]) -> Self {
        let mut cells = vec![0.0; n * n];
        for ((one, other), value) in pairs(n).zip(values) {
            cells[one * n + other] = *value;
            cells[other * n + one] = *value;
        }
        Self { n, cells }
    }

    fn sum_of_squares(&self) -> f64 {
        self.cells.iter().map(|cell| cell * cell).sum()
    }
}

/// All pairs of n items.
pub(super) fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |one| (one + 1..n).map(move |other| (one, other)))
}

/// Places of items in some dimensions.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) dimensions: usize,
    pub(super) at: Vec<f64>,
}

impl Places {
    pub(super) fn of(&self, item: usize) -> &[f64] {
        &self.at[item * self.dimensions..][..self.dimensions]
    }

    pub(super) fn distance(&self, one: usize, other: usize) -> f64 {
        self.of(one).iter().zip(self.of(other)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    /// The root of Σ(δ − d)² / Σδ², which is Kruskal's stress-1 where the scale of places is the best one.
    pub(super) fn stress(&self, wanted: &Square) -> f64 {
        (self.errors(wanted).iter().sum::<f64>() / wanted.sum_of_squares()).sqrt()
    }

    /// What each item adds to Σ(δ − d)².
    pub(super) fn errors(&self, wanted: &Square) -> Vec<f64> {
        let of = |one: usize| {
            let row = &wanted.cells[one * wanted.n..][..wanted.n];
            row.iter().enumerate().map(|(other, cell)| (cell - self.distance(one, other)).powi(2)).sum()
        };
        (0..wanted.n).map(of).collect()
    }

    /// Turned onto principal axes, around the middle, the item farthest out on the positive side of each.
    fn settled(mut self) -> Option<Self> {
        let (n, k) = (self.at.len() / self.dimensions, self.dimensions);
        let middle: Vec<f64> =
            (0..k).map(|axis| self.at.iter().skip(axis).step_by(k).sum::<f64>() / n as f64).collect();
        self.at.iter_mut().enumerate().for_each(|(at, x)| *x -= middle[at % k]);
        let places = Mat::from_fn(n, k, |item, axis| self.at[item * k + axis]);
        let eigen = (places.transpose() * &places).self_adjoint_eigen(Side::Lower).ok()?;
        let turned = &places * eigen.U();
        for axis in 0..k {
            let along = |item: usize| turned[(item, k - 1 - axis)];
            let farthest = (0..n).map(along).fold(0.0, |far: f64, x| if x.abs() > far.abs() { x } else { far });
            (0..n).for_each(|item| self.at[item * k + axis] = along(item) * if farthest < 0.0 { -1.0 } else { 1.0 });
        }
        Some(self)
    }
}

/// Places by the largest eigenvalues of the doubly centred squares: −½ J δ² J.
pub(super) fn classical(wanted: &Square, dimensions: usize) -> Option<Places> {
    let n = wanted.n;
    let square = |one: usize, other: usize| wanted.cells[one * n + other].powi(2);
    let means: Vec<f64> = (0..n).map(|one| (0..n).map(|other| square(one, other)).sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    let products = Mat::from_fn(n, n, |one, other| -0.5 * (square(one, other) - means[one] - means[other] + mean));
    let eigen = products.self_adjoint_eigen(Side::Lower).ok()?;
    let values = eigen.S().column_vector();
    let along = |item: usize, axis: usize| {
        n.checked_sub(axis + 1).map_or(0.0, |at| eigen.U()[(item, at)] * values[at].max(0.0).sqrt())
    };
    let at =
        (0..n).flat_map(|item| (0..dimensions).map(move |axis| (item, axis))).map(|(item, axis)| along(item, axis));
    Places { dimensions, at: at.collect() }.settled()
}

/// Places of the lowest stress that is found from the classical solution and from random ones.
pub(super) fn smacof(wanted: &Square, dimensions: usize, seed: u64) -> Option<Places> {
    let size = (wanted.sum_of_squares() / wanted.cells.len() as f64).sqrt();
    let random = |start: u64| {
        let mut random = Pcg64::seed_from_u64(seed ^ (start + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let at = (0..wanted.n * dimensions).map(|_| size * (random.random::<f64>() - 0.5)).collect();
        descend(wanted, Places { dimensions, at })
    };
    let first = descend(wanted, classical(wanted, dimensions)?);
    let others: Vec<Places> = (0..STARTS).into_par_iter().watched().map(random).collect();
    let best = others.into_iter().fold((first.stress(wanted), first), |best, places| {
        let stress = places.stress(wanted);
        // Equal but for rounding: the earlier start stays.
        if stress < best.0 - 1e-9 { (stress, places) } else { best }
    });
    best.1.settled()
}

/// Steps of Guttman's transform, none of which raises the stress.
fn descend(wanted: &Square, mut places: Places) -> Places {
    let n = wanted.n;
    let whole = wanted.sum_of_squares();
    let mut last = f64::INFINITY;
    let mut next = places.clone();
    loop {
        budget::check();
        next.at.fill(0.0);
        let mut errors = 0.0;
        for (one, other) in pairs(n) {
            let (distance, cell) = (places.distance(one, other), wanted.cells[one * n + other]);
            errors += 2.0 * (cell - distance).powi(2);
            let pull = if distance > 0.0 { cell / distance / n as f64 } else { 0.0 };
            for axis in 0..places.dimensions {
                let gap = pull * (places.of(one)[axis] - places.of(other)[axis]);
                next.at[one * places.dimensions + axis] += gap;
                next.at[other * places.dimensions + axis] -= gap;
            }
        }
        // NaN where squares are beyond all numbers.
        let gain = last - errors;
        if gain.is_nan() || gain <= STILL * whole {
            return places;
        }
        last = errors;
        std::mem::swap(&mut places, &mut next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of 1 by 2: distances of a plane are found again by both.
    #[test]
    fn distances_of_a_plane_are_found_again() {
        let corners = [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0], [1.0, 0.3]];
        let distances: Vec<f64> =
            pairs(5).map(|(a, b)| f64::hypot(corners[a][0] - corners[b][0], corners[a][1] - corners[b][1])).collect();
        let wanted = Square::of(5, &distances);
        for places in [classical(&wanted, 2).unwrap(), smacof(&wanted, 2, 1).unwrap()] {
            assert!(places.stress(&wanted) < 1e-4, "{}", places.stress(&wanted));
            for ((a, b), distance) in pairs(5).zip(&distances) {
                assert!((places.distance(a, b) - distance).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn squares_beyond_all_numbers_end_the_search() {
        let start = Places { dimensions: 1, at: vec![0.0, 1.0, 2.0] };
        assert_eq!(descend(&Square::of(3, &[1e200; 3]), start.clone()).at, start.at);
    }

    /// All pairs equally unlike cannot lie in a plane. Best is a square, whose diagonals are √2 of its sides: the squared stress is 1 − (4 + 2√2)² / 48 = ½ − √2/3.
    #[test]
    fn what_does_not_fit_a_plane_has_stress() {
        let places = smacof(&Square::of(4, &[1.0; 6]), 2, 1).unwrap();
        let stress = places.stress(&Square::of(4, &[1.0; 6]));
        assert!((stress - (0.5 - 2.0_f64.sqrt() / 3.0).sqrt()).abs() < 1e-8, "{stress}");
        let in_space = smacof(&Square::of(4, &[1.0; 6]), 3, 1).unwrap();
        assert!(in_space.stress(&Square::of(4, &[1.0; 6])) < 1e-4);
    }
}
