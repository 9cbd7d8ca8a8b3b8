//! Correspondence analysis (Benzécri 1973; Greenacre 1984) and how sure a map of it is.

use faer::{Mat, Side};
use leverkit_core::stats::budget::Watched;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use crate::Error;

/// Counts of rows by columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counts {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) cells: Vec<f64>,
}

impl Counts {
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, cells: vec![0.0; rows * columns] }
    }

    pub(crate) fn total(&self) -> f64 {
        self.cells.iter().sum()
    }

    pub(crate) fn row_sums(&self) -> Vec<f64> {
        self.cells.chunks_exact(self.columns).map(|row| row.iter().sum()).collect()
    }

    pub(crate) fn column_sums(&self) -> Vec<f64> {
        (0..self.columns).map(|column| self.cells.iter().skip(column).step_by(self.columns).sum()).collect()
    }

    /// What each cell would hold if columns did not depend on rows.
    pub(crate) fn expected(&self) -> Vec<f64> {
        let (rows, columns, total) = (self.row_sums(), self.column_sums(), self.total());
        rows.iter().flat_map(|row| columns.iter().map(move |column| row * column / total)).collect()
    }
}

/// A place on the map.
pub(crate) type Place = [f64; 2];

/// Principal coordinates on the first two axes, and the inertia of all axes.
pub(crate) struct Axes {
    pub(crate) rows: Vec<Place>,
    pub(crate) columns: Vec<Place>,
    /// What rows, and columns, add to the inertia.
    pub(crate) parts: Vec<f64>,
    /// The share of each one's distance from the centre that two axes show; `None` in the centre.
    pub(crate) shown: Vec<Option<f64>>,
    pub(crate) inertias: Vec<f64>,
}

/// Singular vectors of the standardised residuals, by the eigenvectors of their smaller product. Empty rows and columns lie in the centre.
pub(crate) fn axes_of(counts: &Counts) -> Option<Axes> {
    if counts.rows > counts.columns {
        let turned = Counts {
            rows: counts.columns,
            columns: counts.rows,
            cells: (0..counts.cells.len())
                .map(|at| counts.cells[at % counts.rows * counts.columns + at / counts.rows])
                .collect(),
        };
        let found = axes_of(&turned)?;
        let (mut parts, mut shown) = (found.parts, found.shown);
        parts.rotate_left(counts.columns);
        shown.rotate_left(counts.columns);
        let mut found = Axes { rows: found.columns, columns: found.rows, parts, shown, inertias: found.inertias };
        found.orient();
        return Some(found);
    }
    let total = counts.total();
    let (row_mass, column_mass) = (shares(counts.row_sums(), total), shares(counts.column_sums(), total));
    let residual = |row: usize, column: usize| {
        let product = row_mass[row] * column_mass[column];
        if product > 0.0 {
            (counts.cells[row * counts.columns + column] / total - product) / product.sqrt()
        } else {
            0.0
        }
    };
    let residuals = Mat::from_fn(counts.rows, counts.columns, residual);
    let eigen = (&residuals * residuals.transpose()).self_adjoint_eigen(Side::Lower).ok()?;
    let values = eigen.S().column_vector();
    let place = |axis: usize| counts.rows.checked_sub(axis + 1);
    let axes = counts.rows.min(counts.columns) - 1;
    let inertias: Vec<f64> = (0..axes).filter_map(place).map(|at| values[at].max(0.0)).collect();
    let by_mass = |value: f64, mass: f64| if mass > 0.0 { value / mass.sqrt() } else { 0.0 };
    let row_place = |row: usize, axis: usize| {
        place(axis).map_or(0.0, |at| by_mass(eigen.U()[(row, at)] * values[at].max(0.0).sqrt(), row_mass[row]))
    };
    let column_place = |column: usize, axis: usize| {
        let sum = |at: usize| (0..counts.rows).map(|row| residuals[(row, column)] * eigen.U()[(row, at)]).sum::<f64>();
        place(axis).map_or(0.0, |at| by_mass(sum(at), column_mass[column]))
    };
    let of_row = |row: usize| (0..counts.columns).map(|column| residual(row, column).powi(2)).sum::<f64>();
    let of_column = |column: usize| (0..counts.rows).map(|row| residual(row, column).powi(2)).sum::<f64>();
    let rows: Vec<Place> = (0..counts.rows).map(|row| [row_place(row, 0), row_place(row, 1)]).collect();
    let columns: Vec<Place> =
        (0..counts.columns).map(|column| [column_place(column, 0), column_place(column, 1)]).collect();
    let parts: Vec<f64> = (0..counts.rows).map(of_row).chain((0..counts.columns).map(of_column)).collect();
    let weighed = |([x, y], mass): (&Place, &f64)| mass * (x * x + y * y);
    let on_map = rows.iter().zip(&row_mass).chain(columns.iter().zip(&column_mass)).map(weighed);
    let shown = on_map.zip(&parts).map(|(shown, part)| share(shown, *part)).collect();
    let mut found = Axes { rows, columns, parts, shown, inertias };
    found.orient();
    Some(found)
}

impl Axes {
    /// The sign of an axis is free: the column farthest out lies on its positive side.
    pub(super) fn orient(&mut self) {
        for axis in 0..2 {
            let farthest = self
                .columns
                .iter()
                .map(|place| place[axis])
                .fold(0.0, |far: f64, x| if x.abs() > far.abs() { x } else { far });
            if farthest < 0.0 {
                self.rows.iter_mut().chain(&mut self.columns).for_each(|place| place[axis] = -place[axis]);
            }
        }
    }

    pub(crate) fn inertia(&self) -> f64 {
        self.inertias.iter().sum()
    }

    fn places(&self) -> Vec<Place> {
        self.rows.iter().chain(&self.columns).copied().collect()
    }

    /// Its places, turned onto another's.
    pub(super) fn onto(&self, other: &Self) -> Vec<Place> {
        aligned(&self.places(), &other.places())
    }
}

/// How much of a distance is shown; `None` where there is none.
pub(super) fn share(shown: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (shown / whole).min(1.0))
}

fn shares(sums: Vec<f64>, total: f64) -> Vec<f64> {
    sums.into_iter().map(|sum| sum / total).collect()
}

/// Turns, and mirrors where that is nearer, places onto others (orthogonal Procrustes; Schönemann 1966), in two dimensions in closed form.
pub(crate) fn aligned(places: &[Place], onto: &[Place]) -> Vec<Place> {
    let mut m = [[0.0; 2]; 2];
    for (place, onto) in places.iter().zip(onto) {
        (0..2).for_each(|a| (0..2).for_each(|b| m[a][b] += place[a] * onto[b]));
    }
    let (turn_cos, turn_sin) = (m[0][0] + m[1][1], m[0][1] - m[1][0]);
    let (flip_cos, flip_sin) = (m[0][0] - m[1][1], m[0][1] + m[1][0]);
    let is_flipped = flip_cos.hypot(flip_sin) > turn_cos.hypot(turn_sin);
    let (cos, sin) = if is_flipped { (flip_cos, flip_sin) } else { (turn_cos, turn_sin) };
    let length = cos.hypot(sin);
    if length == 0.0 {
        return places.to_vec();
    }
    let (cos, sin) = (cos / length, sin / length);
    let of = |[x, y]: &Place| {
        if is_flipped { [cos * x + sin * y, sin * x - cos * y] } else { [cos * x - sin * y, sin * x + cos * y] }
    };
    places.iter().map(of).collect()
}

/// How places scatter around their mean: standard deviations and correlation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scatter {
    /// Standard deviation across.
    pub sd_x: f64,
    /// Standard deviation upwards.
    pub sd_y: f64,
    /// Their correlation.
    pub correlation: f64,
}

impl Scatter {
    pub(crate) fn of(places: &(impl Iterator<Item = Place> + Clone)) -> Self {
        let n = places.clone().count() as f64;
        let mean = |axis: usize| places.clone().map(|place| place[axis]).sum::<f64>() / n;
        let (x, y) = (mean(0), mean(1));
        let product = |a: usize, b: usize, centre: (f64, f64)| {
            places.clone().map(|place| (place[a] - centre.0) * (place[b] - centre.1)).sum::<f64>() / (n - 1.0)
        };
        let (sd_x, sd_y) = (product(0, 0, (x, x)).sqrt(), product(1, 1, (y, y)).sqrt());
        let correlation = product(0, 1, (x, y)) / (sd_x * sd_y);
        Self { sd_x, sd_y, correlation: if correlation.is_nan() { 0.0 } else { correlation.clamp(-1.0, 1.0) } }
    }
}

/// A row or column on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapPoint {
    /// What it is: the name of the rows, or of the columns.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Principal coordinate on the first axis; of the dimensions on a map of scores, that of their direction.
    pub x: f64,
    /// And on the second.
    pub y: f64,
    /// How far the place scatters over samples; `None` for supplementary points of counts.
    pub scatter: Option<Scatter>,
    /// Its share of all counts; on a map of scores, brands weigh alike, and dimensions do.
    pub mass: f64,
    /// Its share of the inertia; 0 for supplementary points.
    pub inertia: f64,
    /// The share of its distance from the centre that the map shows (cos²).
    pub quality: Option<f64>,
}

/// An axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapAxis {
    /// From 1.
    pub axis: usize,
    /// Its inertia.
    pub inertia: f64,
    /// Its share of all.
    pub share: f64,
    /// The chance of such an axis where rows and columns have nothing to do with one another.
    pub p_value: f64,
}

/// A map of rows and columns, and whether it shows more than chance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Map {
    /// Rows, then columns, then supplementary ones.
    pub points: Vec<MapPoint>,
    /// All axes.
    pub axes: Vec<MapAxis>,
    /// Total inertia: χ² over the number of counts.
    pub inertia: f64,
    /// The chance of as much inertia where rows and columns have nothing to do with one another, by permutation.
    pub p_value: f64,
}

/// From this p-value on, a map is no finding.
pub(crate) const CHANCE: f64 = 0.05;

/// Names of rows and columns, and what they are called.
pub(crate) struct Names<'a> {
    pub(crate) kinds: [&'static str; 2],
    pub(crate) rows: &'a [String],
    pub(crate) columns: &'a [String],
}

/// The map of counts, with the places in resampled and the inertias in permuted counts.
pub(crate) fn map(counts: &Counts, names: &Names<'_>, drawn: &[Counts], permuted: &[Vec<f64>]) -> Result<Map, Error> {
    let axes = axes_of(counts)
        .filter(|axes| axes.inertia() > 0.0)
        .ok_or_else(|| Error::not_identified("map", "all rows have the same profile, so nothing tells them apart"))?;
    let places: Vec<Vec<Place>> =
        drawn.par_iter().watched().filter_map(|counts| Some(axes_of(counts)?.onto(&axes))).collect();
    let total = counts.total();
    let masses: Vec<f64> = counts.row_sums().into_iter().chain(counts.column_sums()).map(|sum| sum / total).collect();
    Ok(Map::of(&axes, names, &masses, &places, permuted))
}

impl Map {
    /// A map by its axes and masses, with the places in samples and the inertias where nothing is related.
    pub(super) fn of(
        axes: &Axes,
        names: &Names<'_>,
        masses: &[f64],
        drawn: &[Vec<Place>],
        permuted: &[Vec<f64>],
    ) -> Self {
        let (own, inertia) = (axes.places(), axes.inertia());
        let point = |at: usize| {
            let rows = names.rows.len();
            let [x, y] = own[at];
            MapPoint {
                kind: names.kinds[usize::from(at >= rows)],
                name: if at < rows { names.rows[at].clone() } else { names.columns[at - rows].clone() },
                x,
                y,
                scatter: Some(Scatter::of(&drawn.iter().map(|places| places[at]))),
                mass: masses[at],
                inertia: axes.parts[at] / inertia,
                quality: axes.shown[at],
            }
        };
        let as_great = |own: f64, of: &dyn Fn(&Vec<f64>) -> f64| {
            chance(permuted.iter().filter(|inertias| of(inertias) >= own * (1.0 - 1e-12)).count(), permuted.len())
        };
        let map_axis = |(at, own): (usize, &f64)| MapAxis {
            axis: at + 1,
            inertia: *own,
            share: own / inertia,
            p_value: as_great(*own, &|inertias| inertias.get(at).copied().unwrap_or_default()),
        };
        Self {
            points: (0..own.len()).map(point).collect(),
            p_value: as_great(inertia, &|inertias| inertias.iter().sum()),
            inertia,
            axes: axes.inertias.iter().enumerate().map(map_axis).collect(),
        }
    }

    /// What is to be said of a map that may be chance.
    pub(super) fn doubt(&self) -> Option<String> {
        doubt(self.p_value)
    }
}

/// What is to be said of a map that may be chance.
pub(super) fn doubt(p_value: f64) -> Option<String> {
    (p_value > CHANCE)
        .then(|| format!("The map shows no more than chance (p = {p_value:.3}): do not read distances on it."))
}

/// The p-value where so many of all permutations show as much (Phipson & Smyth 2010).
pub(super) fn chance(as_great: usize, of: usize) -> f64 {
    (as_great + 1) as f64 / (of + 1) as f64
}

/// Inertias where each person's columns are dealt anew to the same person's rows: as many of each as before, but nothing to do with one another.
pub(crate) fn permuted(
    people: &[Vec<u32>],
    weight: impl Fn(usize) -> f64 + Sync,
    (rows, columns): (usize, usize),
    times: usize,
    seed: u64,
) -> Vec<Vec<f64>> {
    let one = |draw: u64| {
        let mut random = Pcg64::seed_from_u64(seed ^ (draw + 1).wrapping_mul(0xD1B5_4A32_D192_ED03));
        let mut counts = Counts::zeros(rows, columns);
        let mut dealt: Vec<u32> = Vec::new();
        for (person, cells) in people.iter().enumerate() {
            dealt.clear();
            dealt.extend(cells.iter().map(|cell| cell % columns as u32));
            dealt.shuffle(&mut random);
            for (cell, column) in cells.iter().zip(&dealt) {
                counts.cells[*cell as usize / columns * columns + *column as usize] += weight(person);
            }
        }
        axes_of(&counts).map_or_else(Vec::new, |axes| axes.inertias)
    };
    (0..times as u64).into_par_iter().watched().map(one).collect()
}

/// Counts of people who each have some cells, and a weight.
pub(crate) fn counted(people: &[Vec<u32>], weight: impl Fn(usize) -> f64, (rows, columns): (usize, usize)) -> Counts {
    let mut counts = Counts::zeros(rows, columns);
    for (cells, weight) in people.iter().enumerate().map(|(person, cells)| (cells, weight(person))) {
        cells.iter().filter(|_| weight != 0.0).for_each(|cell| counts.cells[*cell as usize] += weight);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn smoke() -> Counts {
        let cells = [4, 2, 3, 2, 4, 3, 7, 4, 25, 10, 12, 4, 18, 24, 33, 13, 10, 6, 7, 2];
        Counts { rows: 5, columns: 4, cells: cells.map(f64::from).to_vec() }
    }

    /// R's `ca(smoke)` (Nenadić & Greenacre 2007).
    #[test]
    fn smoke_has_the_axes_of_ca() {
        let axes = axes_of(&smoke()).unwrap();
        for (found, expected) in axes.inertias.iter().zip([0.0747591059, 0.0100171805, 0.0004135741]) {
            assert!((found - expected).abs() < 1e-9, "{found}");
        }
        assert!((axes.inertia() - 0.0851898605).abs() < 1e-9);
        assert!((axes.rows[0][0].abs() - 0.065768).abs() < 1e-6 && (axes.rows[0][1].abs() - 0.193737).abs() < 1e-6);
    }

    #[test]
    fn turned_counts_have_the_same_map() {
        let counts = smoke();
        let turned =
            Counts { rows: 4, columns: 5, cells: (0..20).map(|at| counts.cells[at % 5 * 4 + at / 5]).collect() };
        let (one, other) = (axes_of(&counts).unwrap(), axes_of(&turned).unwrap());
        for (a, b) in one.rows.iter().zip(&other.columns) {
            assert!((a[0].abs() - b[0].abs()).abs() < 1e-10 && (a[1].abs() - b[1].abs()).abs() < 1e-10);
        }
        assert!((one.parts[0] - other.parts[4]).abs() < 1e-12);
    }

    #[test]
    fn turned_and_mirrored_places_come_back() {
        let onto = [[1.0, 0.2], [-0.5, 0.7], [0.1, -1.0]];
        let (cos, sin) = (0.6, 0.8);
        for flip in [1.0, -1.0] {
            let moved: Vec<Place> = onto.iter().map(|[x, y]| [cos * x - sin * y, flip * (sin * x + cos * y)]).collect();
            for (found, expected) in aligned(&moved, &onto).iter().zip(onto) {
                assert!((found[0] - expected[0]).abs() < 1e-12 && (found[1] - expected[1]).abs() < 1e-12);
            }
        }
    }
}
