//! Columns less their effects, and least squares on them: the one kernel under every regression with effects.
//!
//! Columns without their effects are never stored: blocks of them are made where they are needed, twice. The first pass gives their cross products and
//! with these the coefficients of any equation in the columns; the second its residuals and the scores that standard errors are made of.

use std::ops::Range;

use crate::budget::Watched;
use faer::Mat;
use faer::prelude::*;
use rayon::prelude::*;

use super::cluster::{Scores, Spread, repaired};
use super::effects::{Absorbed, Levels};
use super::few::Covariance;
use crate::{Error, FTest, par_sum, sums};

/// Rows of a block: a few columns of them stay in a core's cache.
const BLOCK: usize = 1 << 11;
/// A column whose sum of squares falls below this share of what it was is absorbed by the effects.
const ABSORBED: f64 = 1e-16;
/// A column of which the others leave less than this share of the variance is collinear; pyfixest's limit.
const COLLINEAR: f64 = 1e-9;

/// Columns less their effects.
///
/// ```
/// use leverkit_stats::regression::{Levels, Within};
/// let (sales, size) = ([1.0, 3.0, 10.0, 12.0], [5.0, 5.0, 8.0, 8.0]);
/// let within = Within::of(vec![&sales, &size], vec![Levels::of(&[0, 0, 1, 1])?], None)?;
/// // A store's size does not vary within the store.
/// assert_eq!((within.rows(), within.variance(0), within.is_absorbed(1)), (4, 1.0, true));
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub struct Within<'a> {
    columns: Vec<&'a [f64]>,
    pub(crate) effects: Vec<Levels<'a>>,
    weights: Option<&'a [f64]>,
    absorbed: Absorbed,
    /// The block of rows that are no more than one holds: it is needed twice.
    only: Option<Vec<Vec<f64>>>,
    /// Means that are taken off where there is no effect; a column of ones is then the last.
    means: Option<Vec<f64>>,
    /// Cross products.
    pub(crate) gram: Mat<f64>,
    /// Sums of squares before the effects were taken off.
    raw: Vec<f64>,
}

impl<'a> Within<'a> {
    /// Takes the effects off columns, weighing rows; without effects a column of ones is added instead.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no column or rows of several numbers; [`Error::NotConverged`] for effects whose levels hardly overlap.
    pub fn of(columns: Vec<&'a [f64]>, effects: Vec<Levels<'a>>, weights: Option<&'a [f64]>) -> Result<Self, Error> {
        check_rows(&columns, &effects, weights)?;
        let absorbed = Absorbed::of(&columns, &effects, weights)?;
        let rows = columns[0].len() as f64;
        let means = effects.is_empty().then(|| columns.iter().map(|column| par_sum(column) / rows).collect());
        let gram = Mat::new();
        let mut within = Self { columns, effects, weights, absorbed, only: None, means, gram, raw: Vec::new() };
        if within.rows() <= BLOCK {
            let mut only = vec![Vec::new(); within.width()];
            within.fill_block(&(0..within.rows()), &mut only);
            within.only = Some(only);
        }
        within.cross();
        Ok(within)
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns[0].len()
    }

    /// How many columns there are, with the ones.
    pub(crate) fn width(&self) -> usize {
        self.columns.len() + usize::from(self.means.is_some())
    }

    /// The place of the column of ones.
    pub(crate) fn ones(&self) -> Option<usize> {
        self.means.is_some().then_some(self.columns.len())
    }

    /// Calls `work` with the rows of each block and their columns.
    fn blocks(&self, rows: Range<usize>, mut work: impl FnMut(Range<usize>, &[Vec<f64>])) {
        if let Some(only) = &self.only {
            return work(rows, only);
        }
        let mut block = vec![Vec::with_capacity(BLOCK); self.width()];
        for start in rows.clone().step_by(BLOCK) {
            let part = start..(start + BLOCK).min(rows.end);
            self.fill_block(&part, &mut block);
            work(part, &block);
        }
    }

    fn fill_block(&self, rows: &Range<usize>, block: &mut [Vec<f64>]) {
        block.iter_mut().enumerate().for_each(|(at, values)| self.fill(at, rows.clone(), values));
    }

    fn fill(&self, at: usize, rows: Range<usize>, values: &mut Vec<f64>) {
        values.clear();
        let Some(column) = self.columns.get(at) else { return values.resize(rows.len(), 1.0) };
        values.extend_from_slice(&column[rows.clone()]);
        match &self.means {
            Some(means) => values.iter_mut().for_each(|value| *value -= means[at]),
            None => self.absorbed.take_off(&self.effects, at, rows, values),
        }
    }

    /// The cross products, in one pass.
    fn cross(&mut self) {
        let width = self.width();
        let size = width * width + self.columns.len();
        let add = |rows: Range<usize>, table: &mut Vec<f64>| {
            let mut weighted = Vec::with_capacity(BLOCK);
            self.blocks(rows, |rows, block| {
                for a in 0..width {
                    let left = self.weigh(rows.clone(), &block[a], &mut weighted);
                    (a..width).for_each(|b| table[a * width + b] += dot(left, &block[b]));
                }
                for (at, column) in self.columns.iter().enumerate() {
                    let left = self.weigh(rows.clone(), &column[rows.clone()], &mut weighted);
                    table[width * width + at] += dot(left, &column[rows.clone()]);
                }
            });
        };
        let table = sums(self.rows(), size, || vec![0.0; size], add);
        self.gram = Mat::from_fn(width, width, |a, b| table[a.min(b) * width + a.max(b)]);
        self.raw = table[width * width..].to_vec();
    }

    fn weigh<'b>(&self, rows: Range<usize>, values: &'b [f64], room: &'b mut Vec<f64>) -> &'b [f64] {
        let Some(weights) = self.weights else { return values };
        room.clear();
        room.extend(values.iter().zip(&weights[rows]).map(|(value, weight)| value * weight));
        room
    }

    /// Whether the effects leave nothing of a column.
    pub fn is_absorbed(&self, column: usize) -> bool {
        self.raw.get(column).is_some_and(|raw| self.gram[(column, column)] <= ABSORBED * raw)
    }

    /// The columns of these that neither the effects nor those before them determine.
    pub(crate) fn independent(&self, columns: &[usize]) -> Vec<usize> {
        let mut kept: Vec<usize> = Vec::new();
        for &column in columns.iter().filter(|&&column| !self.is_absorbed(column)) {
            let own = self.gram[(column, column)];
            let with = Mat::from_fn(kept.len(), 1, |at, _| self.gram[(kept[at], column)]);
            let inner = Mat::from_fn(kept.len(), kept.len(), |a, b| self.gram[(kept[a], kept[b])]);
            let explained =
                if kept.is_empty() { 0.0 } else { (with.transpose() * scaled_solve(&inner, &with))[(0, 0)] };
            if own > 0.0 && own - explained > COLLINEAR * own {
                kept.push(column);
            }
        }
        kept
    }

    /// What is left of columns when others are taken off by least squares: a matrix from columns to those combinations.
    pub(crate) fn projection(&self, onto: &[usize], columns: &[usize]) -> Mat<f64> {
        let inner = Mat::from_fn(onto.len(), onto.len(), |a, b| self.gram[(onto[a], onto[b])]);
        let with = Mat::from_fn(onto.len(), columns.len(), |a, b| self.gram[(onto[a], columns[b])]);
        scaled_solve(&inner, &with)
    }

    /// Solves `projectedᵀ(target − regressors · β) = 0` with the covariance of β.
    pub(crate) fn solve(&self, equation: &Equation, spread: &Spread<'_>) -> Result<Solved, Error> {
        let (regressors, projected) = (&equation.regressors, &equation.projected);
        let k = regressors.ncols();
        let target = Mat::from_fn(self.width(), 1, |row, _| f64::from(u8::from(row == equation.target)));
        let left = projected.transpose() * &self.gram * regressors;
        let right = projected.transpose() * &self.gram * &target;
        let bread = scaled_solve(&left, &Mat::identity(k, k));
        let mut beta = &bread * &right;
        let errors = &target - regressors * &beta;
        let scores = self.scores(&errors, projected, spread);
        // One step of refinement: what the scores add up to is zero but for rounding.
        let rest = Mat::from_fn(k, 1, |at, _| scores.total[at]);
        beta += &bread * rest;
        let covariance = scores.covariance(self.rows(), &self.effects, spread, &bread)?;
        let errors = &target - regressors * &beta;
        let mut solved = Solved {
            beta: (0..k).map(|at| beta[(at, 0)]).collect(),
            df: covariance.dfs(),
            covariance: covariance.matrix.clone(),
            repaired: false,
            rss: scores.rss,
            errors,
        };
        self.move_intercept(equation, &covariance, &mut solved);
        // Only now: negative eigenvalues depend on where the intercept stands.
        (solved.covariance, solved.repaired) = repaired(solved.covariance);
        Ok(solved)
    }

    /// The mean square of a column less the effects.
    pub fn variance(&self, column: usize) -> f64 {
        self.gram[(column, column)] / self.rows() as f64
    }

    /// Share of a target's variance that its solution explains.
    pub(crate) fn share_explained(&self, target: usize, solved: &Solved) -> f64 {
        1.0 - solved.rss / self.gram[(target, target)]
    }

    /// The residual of each row.
    pub(crate) fn residuals(&self, solved: &Solved) -> Vec<f64> {
        let mut residuals = vec![0.0; self.rows()];
        residuals.par_chunks_mut(BLOCK).watched().enumerate().for_each(|(block, out)| {
            let rows = block * BLOCK..block * BLOCK + out.len();
            let mut values = Vec::with_capacity(BLOCK);
            for at in 0..self.width() {
                self.fill(at, rows.clone(), &mut values);
                out.iter_mut().zip(&values).for_each(|(out, value)| *out += solved.errors[(at, 0)] * value);
            }
        });
        residuals
    }

    fn scores(&self, errors: &Mat<f64>, projected: &Mat<f64>, spread: &Spread<'_>) -> Scores {
        let k = projected.ncols();
        let combine = |block: &[Vec<f64>], by: &Mat<f64>, column: usize, out: &mut Vec<f64>| {
            out.clear();
            out.resize(block[0].len(), 0.0);
            for (at, values) in block.iter().enumerate().filter(|(at, _)| by[(*at, column)] != 0.0) {
                let factor = by[(at, column)];
                out.iter_mut().zip(values).for_each(|(out, value)| *out += factor * value);
            }
        };
        let add = |rows: Range<usize>, scores: &mut Scores| {
            let mut residual = Vec::with_capacity(BLOCK);
            let mut room = Vec::with_capacity(BLOCK);
            let mut columns = vec![Vec::with_capacity(BLOCK); k];
            self.blocks(rows, |rows, block| {
                combine(block, errors, 0, &mut residual);
                scores.rss += dot(self.weigh(rows.clone(), &residual, &mut room), &residual);
                columns.iter_mut().enumerate().for_each(|(at, column)| combine(block, projected, at, column));
                scores.add_information(spread, rows.clone(), &columns, self.weights);
                for column in &mut columns {
                    column.iter_mut().zip(&residual).for_each(|(value, residual)| *value *= residual);
                    if let Some(weights) = self.weights {
                        column.iter_mut().zip(&weights[rows.clone()]).for_each(|(value, weight)| *value *= weight);
                    }
                }
                scores.add(spread, rows, &columns);
            });
        };
        let new = || Scores::new(spread, k);
        sums(self.rows(), new().size(), new, add)
    }

    /// The intercept of centred columns becomes that of the columns as they were.
    fn move_intercept(&self, equation: &Equation, covariance: &Covariance, solved: &mut Solved) {
        let (Some(means), Some(ones)) = (&self.means, self.ones()) else { return };
        let k = solved.beta.len();
        let Some(place) = (0..k).find(|&at| equation.regressors[(ones, at)] != 0.0) else { return };
        let shift =
            |at: usize| -> f64 { (0..means.len()).map(|row| means[row] * equation.regressors[(row, at)]).sum() };
        let turn = Mat::from_fn(k, k, |row, column| match (row == place, row == column) {
            (_, true) => 1.0,
            (true, false) => -shift(column),
            (false, false) => 0.0,
        });
        let known: f64 = (0..k).filter(|&at| at != place).map(|at| shift(at) * solved.beta[at]).sum();
        solved.beta[place] += means[equation.target] - known;
        solved.df[place] = covariance.df(&(0..k).map(|column| turn[(place, column)]).collect::<Vec<_>>());
        solved.covariance = &turn * &solved.covariance * turn.transpose();
    }
}

fn check_rows(columns: &[&[f64]], effects: &[Levels<'_>], weights: Option<&[f64]>) -> Result<(), Error> {
    let Some(rows) = columns.first().map(|column| column.len()).filter(|rows| *rows > 0) else {
        return Err(Error::parameter("columns", &"no row", "at least one row"));
    };
    let lengths = columns.iter().map(|column| column.len()).chain(effects.iter().map(|effect| effect.codes.len()));
    match lengths.chain(weights.map(<[f64]>::len)).find(|length| *length != rows) {
        Some(length) => {
            Err(Error::parameter("columns, effects and weights", &length, "as many rows as the first column"))
        }
        None => Ok(()),
    }
}

/// An equation in the columns: a target, regressors, and what these are projected onto; both matrices lead from columns to regressors.
pub(crate) struct Equation {
    pub(crate) target: usize,
    pub(crate) regressors: Mat<f64>,
    pub(crate) projected: Mat<f64>,
}

impl Equation {
    /// Least squares of one column on others.
    pub(crate) fn least_squares(width: usize, target: usize, columns: &[usize]) -> Self {
        let regressors = selection(width, columns);
        Self { target, projected: regressors.clone(), regressors }
    }
}

/// The matrix that picks columns.
pub(crate) fn selection(width: usize, columns: &[usize]) -> Mat<f64> {
    Mat::from_fn(width, columns.len(), |row, at| f64::from(u8::from(columns[at] == row)))
}

/// What an equation gave.
pub(crate) struct Solved {
    pub(crate) beta: Vec<f64>,
    /// The covariance of the coefficients; NaN where it cannot be told.
    pub(crate) covariance: Mat<f64>,
    /// Degrees of freedom of Student's t, of each coefficient.
    pub(crate) df: Vec<f64>,
    /// Whether the covariance was repaired.
    pub(crate) repaired: bool,
    /// Sum of squared residuals.
    pub(crate) rss: f64,
    /// What the residuals are in the columns.
    pub(crate) errors: Mat<f64>,
}

impl Solved {
    pub(crate) fn std_error(&self, at: usize) -> f64 {
        self.covariance[(at, at)].sqrt()
    }

    /// Wald's F of these coefficients being zero, by the fewest degrees of freedom of one.
    pub(crate) fn wald(&self, places: &[usize]) -> FTest {
        let beta = Mat::from_fn(places.len(), 1, |at, _| self.beta[places[at]]);
        let inner = Mat::from_fn(places.len(), places.len(), |a, b| self.covariance[(places[a], places[b])]);
        let df = places.iter().map(|&place| self.df[place]).fold(f64::INFINITY, f64::min);
        let df1 = places.len() as f64;
        FTest::of((beta.transpose() * scaled_solve(&inner, &beta))[(0, 0)] / df1, df1, df)
    }
}

/// Solves a system whose unknowns may have very different scales: rows and columns are brought to a unit diagonal first.
fn scaled_solve(matrix: &Mat<f64>, right: &Mat<f64>) -> Mat<f64> {
    let scale: Vec<f64> = (0..matrix.nrows()).map(|at| matrix[(at, at)].abs().sqrt().recip()).collect();
    let scaled = Mat::from_fn(matrix.nrows(), matrix.ncols(), |a, b| matrix[(a, b)] * scale[a] * scale[b]);
    let right = Mat::from_fn(right.nrows(), right.ncols(), |a, b| right[(a, b)] * scale[a]);
    let solved = scaled.partial_piv_lu().solve(&right);
    Mat::from_fn(solved.nrows(), solved.ncols(), |a, b| solved[(a, b)] * scale[a])
}

/// The sum of products, in lanes.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (eights, others) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = eights.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    let mut lanes = [0.0; LANES];
    for (a, b) in eights.zip(others) {
        lanes.iter_mut().zip(a.iter().zip(b)).for_each(|(lane, (a, b))| *lane += a * b);
    }
    lanes.iter().sum::<f64>() + rest
}
