//! The multinomial logit of `McFadden` (1974), by Newton's method.
//!
//! P(j) = exp(xⱼ·β) / Σ exp(xₖ·β) over the alternatives of a situation. The log-likelihood is concave, so its one maximum is found from 0.

use crate::budget;
use faer::prelude::*;
use faer::{Mat, Side};
use rayon::prelude::*;

use super::few::{Covariance, Leverage, SmallSample};
use crate::{Error, sums, zeros};

/// The variance that a term keeps beside the others, as a share of its own, under which it counts as one of them.
const COLLINEAR: f64 = 1e-10;

/// A direction that keeps less than this share of the information it has at β = 0 has none: its coefficient grows without limit.
const SEPARATED: f64 = 1e-8;

const MOST_STEPS: usize = 100;

/// What alternatives offer, row by row, those of a situation beside each other, and which was chosen.
///
/// ```
/// use leverkit_stats::regression::{LogitFit, Situations};
/// let prices = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0];
/// let rows: Vec<usize> = (0..8).collect();
/// let data = Situations::new(&rows, vec![0, 2, 4, 6, 8], vec![0, 0, 0, 1], 1, |row, terms| terms[0] = prices[row])?;
/// assert_eq!((data.count(), data.term(1, 0)), (4, 2.0));
/// let fit = LogitFit::of(&data)?;
/// let mut shares = Vec::new();
/// data.shares(0, &fit.beta, &mut shares);
/// assert!((shares[0] - 0.75).abs() < 1e-9);
/// // Two respondents chose twice each.
/// assert_ne!(fit.clustered(&data, &[0, 0, 1, 1], 2).matrix, fit.plain().matrix);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug)]
pub struct Situations {
    /// Terms of a row, padded with zeros to a width that the kernel is compiled for.
    x: Vec<f64>,
    width: usize,
    /// How many terms a row has.
    pub terms: usize,
    /// Where each situation begins.
    pub starts: Vec<usize>,
    chosen: Vec<u32>,
    /// What was taken off each term: its mean.
    means: Vec<f64>,
    /// The sum of squares of each term after that.
    squares: Vec<f64>,
}

/// Widths that the kernel is compiled for.
const WIDTHS: [usize; 8] = [2, 4, 8, 12, 16, 32, 64, 128];

/// Calls a kernel compiled for the width.
macro_rules! with_width {
    ($width:expr, $call:ident ( $($argument:expr),* )) => {
        match $width {
            2 => $call::<2>($($argument),*),
            4 => $call::<4>($($argument),*),
            8 => $call::<8>($($argument),*),
            12 => $call::<12>($($argument),*),
            16 => $call::<16>($($argument),*),
            32 => $call::<32>($($argument),*),
            64 => $call::<64>($($argument),*),
            _ => $call::<128>($($argument),*),
        }
    };
}

impl Situations {
    /// Lays out the terms that `fill` writes for each of `rows`, those of a situation beside each other. Situation `i` holds the places from
    /// `starts[i]` up to `starts[i + 1]`, of which the one at `chosen[i]` was chosen. The terms' means come off, which changes no probability
    /// and saves digits.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than 128 terms, starts that do not cover the rows, or a choice that is none of its situation.
    pub fn new(
        rows: &[usize],
        starts: Vec<usize>,
        chosen: Vec<u32>,
        terms: usize,
        fill: impl Fn(usize, &mut [f64]) + Sync,
    ) -> Result<Self, Error> {
        check_layout(rows.len(), &starts, &chosen)?;
        let Some(&width) = WIDTHS.iter().find(|width| **width >= terms) else {
            return Err(Error::parameter("terms", &terms, "at most 128"));
        };
        let mut x = zeros::<f64>(rows.len() * width);
        x.par_chunks_mut(width).zip(rows).for_each(|(out, &row)| fill(row, &mut out[..terms]));
        let total = |x: &[f64], of: fn(f64) -> f64| {
            sums(
                rows.len(),
                width,
                || vec![0.0; width],
                |part, sum: &mut Vec<f64>| {
                    let part = x[part.start * width..part.end * width].chunks_exact(width);
                    part.for_each(|row| sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += of(*x)));
                },
            )
        };
        let means: Vec<f64> = total(&x, |x| x).into_iter().map(|sum| sum / rows.len() as f64).collect();
        x.par_chunks_mut(width).for_each(|row| row.iter_mut().zip(&means).for_each(|(x, mean)| *x -= mean));
        let squares = total(&x, |x| x * x);
        Ok(Self { x, width, terms, starts, chosen, means, squares })
    }

    /// How many situations there are.
    pub fn count(&self) -> usize {
        self.chosen.len()
    }

    /// The terms of a row, as they were given.
    pub fn term(&self, row: usize, term: usize) -> f64 {
        self.x[row * self.width + term] + self.means[term]
    }

    /// The chance of each alternative of a situation.
    pub fn shares(&self, situation: usize, beta: &[f64], shares: &mut Vec<f64>) {
        let rows = self.starts[situation]..self.starts[situation + 1];
        shares.clear();
        shares.extend(rows.map(|row| dot(&self.x[row * self.width..][..self.terms], beta)));
        softmax(shares);
    }

    fn padded(&self, beta: &[f64]) -> Vec<f64> {
        let mut padded = vec![0.0; self.width];
        padded[..self.terms].copy_from_slice(beta);
        padded
    }

    /// Gradient and information of each cluster at β, one after the other.
    fn by_cluster(&self, beta: &[f64], clusters: &[u32], n_clusters: usize) -> (Vec<f64>, Vec<f64>) {
        let (width, k, padded) = (self.width, self.terms, self.padded(beta));
        let mut sums = vec![vec![0.0; 1 + width + width * width]; n_clusters];
        for (situation, &cluster) in clusters.iter().enumerate() {
            let sum = &mut sums[cluster as usize];
            with_width!(width, add_situations(self, situation..situation + 1, &padded, sum));
        }
        let scores = sums.iter().flat_map(|sum| sum[1..=k].to_vec()).collect();
        let line = |sum: &Vec<f64>, row: usize| sum[1 + width + row * width..][..k].to_vec();
        (scores, sums.iter().flat_map(|sum| (0..k).flat_map(|row| line(sum, row)).collect::<Vec<_>>()).collect())
    }

    /// Log-likelihood, gradient and information at β.
    fn at(&self, beta: &[f64]) -> Point {
        let (width, k, padded) = (self.width, self.terms, self.padded(beta));
        let size = 1 + width + width * width;
        let found = sums(
            self.count(),
            size,
            || vec![0.0; size],
            |part, sum: &mut Vec<f64>| with_width!(width, add_situations(self, part, &padded, sum)),
        );
        Point {
            log_likelihood: found[0],
            gradient: found[1..=k].to_vec(),
            information: Mat::from_fn(k, k, |row, column| found[1 + width + row * width + column]),
        }
    }

    /// Each situation's gradient.
    fn scores(&self, beta: &[f64]) -> Vec<f64> {
        let k = self.terms;
        let mut scores = vec![0.0; self.count() * k];
        scores.par_chunks_mut(k).enumerate().for_each_init(Vec::new, |shares, (situation, score)| {
            self.shares(situation, beta, shares);
            let start = self.starts[situation];
            score.copy_from_slice(&self.x[(start + self.chosen[situation] as usize) * self.width..][..k]);
            for (at, share) in shares.iter().enumerate() {
                let row = &self.x[(start + at) * self.width..][..k];
                score.iter_mut().zip(row).for_each(|(score, x)| *score -= share * x);
            }
        });
        scores
    }
}

fn check_layout(rows: usize, starts: &[usize], chosen: &[u32]) -> Result<(), Error> {
    let covers = starts.first() == Some(&0) && starts.last() == Some(&rows) && starts.len() == chosen.len() + 1;
    if rows == 0 || !covers {
        return Err(Error::parameter("starts", &starts.len(), "one per situation from 0 on, and the number of rows"));
    }
    let has_choice = |(bounds, &choice): (&[usize], &u32)| bounds[0] + (choice as usize) < bounds[1];
    match starts.windows(2).zip(chosen).position(|pair| !has_choice(pair)) {
        Some(situation) => {
            Err(Error::parameter("chosen", &chosen[situation], "the place of an alternative of its situation"))
        }
        None => Ok(()),
    }
}

struct Point {
    log_likelihood: f64,
    gradient: Vec<f64>,
    information: Mat<f64>,
}

/// Adds log-likelihood, gradient, and information Σ P (x − x̄)(x − x̄)ᵀ, x̄ the mean of the alternatives by their chances.
fn add_situations<const W: usize>(data: &Situations, part: std::ops::Range<usize>, beta: &[f64], sum: &mut [f64]) {
    let (rows, _) = data.x.as_chunks::<W>();
    let mut own = [0.0; W];
    own.copy_from_slice(beta);
    let (head, information) = sum.split_at_mut(1 + W);
    let (information, _) = information.as_chunks_mut::<W>();
    let mut shares = Vec::new();
    for situation in part {
        let rows = &rows[data.starts[situation]..data.starts[situation + 1]];
        let chosen = data.chosen[situation] as usize;
        shares.clear();
        shares.extend(rows.iter().map(|row| dot(row, &own)));
        let utility = shares[chosen];
        head[0] += utility - softmax(&mut shares);
        let mut mean = [0.0; W];
        for (row, share) in rows.iter().zip(&shares) {
            mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += share * x);
        }
        head[1..].iter_mut().zip(rows[chosen]).zip(mean).for_each(|((gradient, x), mean)| *gradient += x - mean);
        for (row, share) in rows.iter().zip(&shares) {
            let mut off = *row;
            off.iter_mut().zip(mean).for_each(|(off, mean)| *off -= mean);
            for (line, x) in information.iter_mut().zip(off) {
                let weight = share * x;
                line.iter_mut().zip(off).for_each(|(sum, x)| *sum += weight * x);
            }
        }
    }
}

/// Utilities become chances; returns the logarithm of the sum of their exponentials.
///
/// ```
/// let mut shares = [0.0, 3f64.ln()];
/// assert!((leverkit_stats::regression::softmax(&mut shares) - 4f64.ln()).abs() < 1e-12);
/// assert!((shares[1] - 0.75).abs() < 1e-12);
/// ```
pub fn softmax(utilities: &mut [f64]) -> f64 {
    let top = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    utilities.iter_mut().for_each(|utility| *utility = (*utility - top).exp());
    let total: f64 = utilities.iter().sum();
    utilities.iter_mut().for_each(|share| *share /= total);
    top + total.ln()
}

fn dot(row: &[f64], beta: &[f64]) -> f64 {
    row.iter().zip(beta).map(|(x, beta)| x * beta).sum()
}

fn add(sum: &mut [f64], row: &[f64]) {
    sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
}

/// The fit of a logit.
#[derive(Debug, Clone)]
pub struct LogitFit {
    /// One per term; 0 where it is not identified.
    pub beta: Vec<f64>,
    /// Why a term is not identified.
    pub reasons: Vec<Option<String>>,
    /// At these coefficients.
    pub log_likelihood: f64,
    /// With all alternatives equally likely.
    pub null: f64,
    /// The inverse of the information; zero where a term is not identified.
    pub covariance: Mat<f64>,
    /// How many steps were taken.
    pub steps: usize,
}

impl LogitFit {
    /// Fits by Newton's method; terms that are not identified get the reason.
    ///
    /// # Errors
    /// [`Error::NotIdentified`] where the information cannot be inverted; [`Error::NotConverged`] where the likelihood still rises after a hundred steps.
    ///
    /// ```
    /// use leverkit_stats::regression::{LogitFit, Situations};
    /// // Four choices between a cheap and a dear product, three of them for the cheap one: exp(β) is 3.
    /// let dear = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];
    /// let rows: Vec<usize> = (0..8).collect();
    /// let data = Situations::new(&rows, vec![0, 2, 4, 6, 8], vec![0, 0, 0, 1], 1, |row, terms| terms[0] = dear[row])?;
    /// assert!((LogitFit::of(&data)?.beta[0] + 3f64.ln()).abs() < 1e-9);
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn of(data: &Situations) -> Result<Self, Error> {
        let k = data.terms;
        let start = data.at(&vec![0.0; k]);
        let (kept, mut reasons) = identified(&start.information, &data.squares);
        let information = part_of(&start.information, &kept);
        let (beta, end, steps) = climb(data, start, &kept)?;
        let found = part_of(&end.information, &kept);
        for at in separated(&information, &found) {
            reasons[kept[at]] = Some("it, or a combination with others, parts the chosen from the others perfectly: the estimate grows without limit".into());
        }
        let sure: Vec<usize> = kept.into_iter().filter(|&term| reasons[term].is_none()).collect();
        let beta = (0..k).map(|term| if reasons[term].is_none() { beta[term] } else { 0.0 }).collect();
        Ok(Self {
            beta,
            reasons,
            log_likelihood: end.log_likelihood,
            null: -(0..data.count()).map(|at| ((data.starts[at + 1] - data.starts[at]) as f64).ln()).sum::<f64>(),
            covariance: spread(&inverse(&part_of(&end.information, &sure))?, &sure, k),
            steps,
        })
    }

    /// The covariance under clusters: H⁻¹ (Σ sₘsₘᵀ) H⁻¹ · G/(G−1), sₘ the gradient of cluster m; below [`FEW_CLUSTERS`](super::FEW_CLUSTERS) CR2 with the
    /// information of each cluster. Limits are normal, or Student's where clusters are few.
    pub fn clustered(&self, data: &Situations, clusters: &[u32], n_clusters: usize) -> Covariance {
        if SmallSample::Cr2.corrects(n_clusters) {
            let (scores, information) = data.by_cluster(&self.beta, clusters, n_clusters);
            if let Some(leverage) = Leverage::of(&self.covariance, &information) {
                let matrix = leverage.covariance(&scores);
                return Covariance { matrix, df: f64::INFINITY, few: vec![leverage] };
            }
        }
        let (k, g) = (data.terms, n_clusters as f64);
        let mut sums = vec![0.0; n_clusters * k];
        for (score, &cluster) in data.scores(&self.beta).chunks_exact(k).zip(clusters) {
            add(&mut sums[cluster as usize * k..][..k], score);
        }
        let scores = MatRef::from_row_major_slice(&sums, n_clusters, k);
        let found = &self.covariance * (scores.transpose() * scores) * &self.covariance;
        let matrix = Mat::from_fn(k, k, |row, column| found[(row, column)] * g / (g - 1.0));
        Covariance { matrix, df: f64::INFINITY, few: Vec::new() }
    }

    /// The covariance under independent choices, the inverse of the information; limits are normal.
    pub fn plain(&self) -> Covariance {
        Covariance { matrix: self.covariance.clone(), df: f64::INFINITY, few: Vec::new() }
    }
}

/// Newton's steps, halved where the log-likelihood would fall, until one more could no longer raise it by 10⁻¹⁶.
fn climb(data: &Situations, start: Point, kept: &[usize]) -> Result<(Vec<f64>, Point, usize), Error> {
    let (mut beta, mut point) = (vec![0.0; data.terms], start);
    for step in 0..MOST_STEPS {
        budget::check();
        let gradient = Mat::from_fn(kept.len(), 1, |at, _| point.gradient[kept[at]]);
        let direction = solve(&part_of(&point.information, kept), &gradient);
        let gain: f64 = (0..kept.len()).map(|at| direction[(at, 0)] * gradient[(at, 0)]).sum();
        if gain.is_nan() || gain < 2e-16 {
            return Ok((beta, point, step));
        }
        let mut length = 1.0;
        let (next, found) = loop {
            budget::check();
            let mut next = beta.clone();
            kept.iter().enumerate().for_each(|(at, &term)| next[term] += length * direction[(at, 0)]);
            let found = data.at(&next);
            if found.log_likelihood >= point.log_likelihood - 1e-12 * point.log_likelihood.abs() || length < 1e-6 {
                break (next, found);
            }
            length /= 2.0;
        };
        (beta, point) = (next, found);
    }
    Err(Error::NotConverged {
        what: "multinomial logit",
        steps: MOST_STEPS,
        hint: "bring columns to comparable scales, or leave out those that hardly vary",
    })
}

/// The terms that vary within situations and are no combination of those before them, by elimination, with the reason for each other.
fn identified(information: &Mat<f64>, squares: &[f64]) -> (Vec<usize>, Vec<Option<String>>) {
    let k = information.nrows();
    let (mut rest, mut kept, mut reasons) = (information.clone(), Vec::new(), vec![None; k]);
    for term in 0..k {
        let (own, pivot) = (information[(term, term)], rest[(term, term)]);
        // What is equal within situations leaves nothing but rounding.
        if own <= 1e-20 * squares[term] {
            reasons[term] = Some("does not vary within any situation".into());
        } else if pivot <= COLLINEAR * own {
            reasons[term] = Some("collinear with the terms before it, left out".into());
        } else {
            kept.push(term);
            let line: Vec<f64> = (0..k).map(|column| rest[(term, column)]).collect();
            (term + 1..k).for_each(|row| {
                let factor = line[row] / pivot;
                (term + 1..k).for_each(|column| rest[(row, column)] -= factor * line[column]);
            });
        }
    }
    (kept, reasons)
}

/// Terms that take part in a direction whose information is gone: H v = λ M v, M the information at 0, with λ near 0.
fn separated(at_zero: &Mat<f64>, information: &Mat<f64>) -> Vec<usize> {
    let n = at_zero.nrows();
    let Ok(factor) = at_zero.llt(Side::Lower) else { return Vec::new() };
    let mut inverse = Mat::<f64>::identity(n, n);
    faer::linalg::triangular_solve::solve_lower_triangular_in_place(factor.L(), inverse.as_mut(), faer::Par::Seq);
    let Ok(eigen) = (&inverse * information * inverse.transpose()).self_adjoint_eigen(Side::Lower) else {
        return Vec::new();
    };
    let mut found: Vec<usize> = Vec::new();
    for direction in (0..n).filter(|&at| eigen.S()[at] < SEPARATED) {
        let moved: Vec<f64> = (0..n)
            .map(|term| {
                (0..n).map(|at| inverse[(at, term)] * eigen.U()[(at, direction)]).sum::<f64>()
                    * at_zero[(term, term)].sqrt()
            })
            .collect();
        let most = moved.iter().fold(0.0f64, |most, moved| most.max(moved.abs()));
        found.extend((0..n).filter(|&term| moved[term].abs() > 0.05 * most));
    }
    found
}

/// Solves by Cholesky after scaling to a unit diagonal; information that is nearly gone gets a little more, so that steps stay finite.
fn solve(information: &Mat<f64>, right: &Mat<f64>) -> Mat<f64> {
    let n = information.nrows();
    let scale: Vec<f64> = (0..n).map(|at| information[(at, at)].max(f64::MIN_POSITIVE).sqrt()).collect();
    let scaled = |more: f64| {
        Mat::from_fn(n, n, |row, column| {
            information[(row, column)] / (scale[row] * scale[column]) + if row == column { more } else { 0.0 }
        })
    };
    let right = Mat::from_fn(n, right.ncols(), |row, column| right[(row, column)] / scale[row]);
    let factor = [0.0, 1e-12, 1e-8, 1e-4, 1.0].into_iter().find_map(|more| scaled(more).llt(Side::Lower).ok());
    let found = factor.map_or_else(|| right.clone(), |factor| factor.solve(&right));
    Mat::from_fn(n, right.ncols(), |row, column| found[(row, column)] / scale[row])
}

fn inverse(information: &Mat<f64>) -> Result<Mat<f64>, Error> {
    let found = solve(information, &Mat::identity(information.nrows(), information.nrows()));
    let is_finite = (0..found.nrows()).all(|at| found[(at, at)].is_finite() && found[(at, at)] > 0.0);
    if is_finite {
        Ok(found)
    } else {
        Err(Error::not_identified("the information cannot be inverted; leave out terms"))
    }
}

fn part_of(matrix: &Mat<f64>, kept: &[usize]) -> Mat<f64> {
    Mat::from_fn(kept.len(), kept.len(), |row, column| matrix[(kept[row], kept[column])])
}

/// A matrix of some terms as one of all, with zeros for the others.
fn spread(matrix: &Mat<f64>, kept: &[usize], k: usize) -> Mat<f64> {
    let mut whole = Mat::zeros(k, k);
    for (row, &to) in kept.iter().enumerate() {
        for (column, &across) in kept.iter().enumerate() {
            whole[(to, across)] = matrix[(row, column)];
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    /// Situations of `j` alternatives that were chosen among by a logit of these coefficients.
    fn simulated(n: usize, j: usize, beta: &[f64]) -> (Vec<Vec<f64>>, Vec<u32>) {
        let mut random = Pcg64::seed_from_u64(5);
        let rows: Vec<Vec<f64>> =
            (0..n * j).map(|_| beta.iter().map(|_| random.random::<f64>() * 2.0 - 1.0).collect()).collect();
        let chosen = rows
            .chunks(j)
            .map(|alternatives| {
                let mut shares: Vec<f64> = alternatives.iter().map(|row| dot(row, beta)).collect();
                softmax(&mut shares);
                let mut rest = random.random::<f64>();
                shares
                    .iter()
                    .position(|share| {
                        rest -= share;
                        rest < 0.0
                    })
                    .unwrap_or(0) as u32
            })
            .collect();
        (rows, chosen)
    }

    fn situations(rows: &[Vec<f64>], j: usize, chosen: Vec<u32>) -> Situations {
        let (places, terms): (Vec<usize>, usize) = ((0..rows.len()).collect(), rows[0].len());
        let starts = (0..=rows.len() / j).map(|at| at * j).collect();
        Situations::new(&places, starts, chosen, terms, |row, out| out.copy_from_slice(&rows[row])).unwrap()
    }

    #[test]
    fn planted_coefficients_are_found_and_the_gradient_is_nothing_there() {
        let truth = [1.0, -0.5, 0.3];
        let (rows, chosen) = simulated(20_000, 4, &truth);
        let data = situations(&rows, 4, chosen);
        let fit = LogitFit::of(&data).unwrap();
        for (at, truth) in truth.iter().enumerate() {
            assert!((fit.beta[at] - truth).abs() < 4.0 * fit.covariance[(at, at)].sqrt(), "{:?}", fit.beta);
        }
        assert!(data.at(&fit.beta).gradient.iter().all(|gradient| gradient.abs() < 1e-4));
        assert!(fit.log_likelihood > fit.null && fit.steps < 10);
        // A cluster of one situation each: the robust errors of a true model are near those of the information.
        let clusters: Vec<u32> = (0..20_000).collect();
        let robust = fit.clustered(&data, &clusters, 20_000).matrix;
        assert!((0..3).all(|at| (robust[(at, at)] / fit.covariance[(at, at)] - 1.0).abs() < 0.1));
    }

    #[test]
    fn results_do_not_depend_on_threads() {
        let (rows, chosen) = simulated(200_000, 3, &[0.7, -0.2]);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| LogitFit::of(&situations(&rows, 3, chosen.clone())).unwrap())
        };
        let (one, four) = (run(1), run(4));
        assert_eq!(one.log_likelihood.to_bits(), four.log_likelihood.to_bits());
        assert_eq!(one.beta, four.beta);
    }

    #[test]
    fn terms_that_say_nothing_have_a_reason() {
        let (rows, chosen) = simulated(500, 3, &[1.0, 0.5]);
        // A copy times 3, a constant of the situation, and one that is 1 for the chosen alone.
        let rows: Vec<Vec<f64>> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let is_chosen = at % 3 == chosen[at / 3] as usize;
                vec![row[0], 3.0 * row[0] + 7.0, (at / 3) as f64, f64::from(u8::from(is_chosen)), row[1]]
            })
            .collect();
        let fit = LogitFit::of(&situations(&rows, 3, chosen)).unwrap();
        assert!(fit.reasons[1].as_deref().unwrap().starts_with("collinear"));
        assert_eq!(fit.reasons[2].as_deref(), Some("does not vary within any situation"));
        assert!(fit.reasons[3].as_deref().unwrap().contains("grows without limit"));
        assert!(fit.log_likelihood > -1e-6, "the choices are explained without rest");
    }

    #[test]
    fn one_term_that_parts_some_choices_leaves_the_others_alone() {
        let (mut rows, chosen) = simulated(3000, 3, &[1.0, 0.5]);
        // A flag that is rare, and always chosen where it is: only its own estimate grows without limit.
        rows.iter_mut()
            .enumerate()
            .for_each(|(at, row)| row.push(f64::from(u8::from(at % 3 == chosen[at / 3] as usize && at % 30 < 3))));
        let fit = LogitFit::of(&situations(&rows, 3, chosen)).unwrap();
        assert_eq!(fit.reasons.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
        assert!((fit.beta[0] - 1.0).abs() < 4.0 * fit.covariance[(0, 0)].sqrt());
    }

    #[test]
    fn a_term_far_from_nought_keeps_its_digits() {
        let (rows, chosen) = simulated(3000, 3, &[1.0, 0.5]);
        let far: Vec<Vec<f64>> = rows.iter().map(|row| vec![row[0] + 1e6, row[1]]).collect();
        let (near, far) = (
            LogitFit::of(&situations(&rows, 3, chosen.clone())).unwrap(),
            LogitFit::of(&situations(&far, 3, chosen)).unwrap(),
        );
        assert!((near.beta[0] - far.beta[0]).abs() < 1e-8);
    }
}
