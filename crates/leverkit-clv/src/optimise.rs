//! Minimising a smooth function of a few parameters whose gradient is known: BFGS that begins with the curvature at its start. Parameters are
//! logarithms and the function is a mean over customers, so that one tolerance suits all data.

use faer::{Mat, Side};
use leverkit_core::stats::budget;

/// A gradient this small moves the log-likelihood by less than rounding does.
const FLAT: f64 = 1e-9;
/// Where rounding stops the search, a gradient this small still is a minimum.
const NEARLY_FLAT: f64 = 1e-6;
/// The longest step in the logarithm of a parameter.
const LONGEST: f64 = 2.0;
/// Beyond e^±30 in the internal unit a parameter has run away.
const FARTHEST: f64 = 30.0;
const MOST_ITERATIONS: usize = 300;
/// Step of central differences of the gradient.
const STEP: f64 = 1e-4;

/// Where a search ended.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) at: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) evaluations: usize,
    pub(crate) converged: bool,
}

impl Search {
    /// The largest slope.
    pub(crate) fn slope(&self) -> f64 {
        largest(&self.gradient)
    }
}

/// The function with its gradient.
pub(crate) trait Objective: Fn(&[f64]) -> (f64, Vec<f64>) {}
impl<F: Fn(&[f64]) -> (f64, Vec<f64>)> Objective for F {}

/// Searches for the minimum from a start. `inverse` is an inverse of the curvature near the minimum where one is known.
pub(crate) fn minimise(f: &impl Objective, start: &[f64], inverse: Option<Mat<f64>>) -> Search {
    let (value, gradient) = f(start);
    let mut here = Search { at: start.to_vec(), value, gradient, evaluations: 1, converged: false };
    if !here.value.is_finite() {
        return here;
    }
    let mut fresh = inverse.is_none();
    let mut inverse = inverse.unwrap_or_else(|| fresh_inverse(f, &mut here));
    for _ in 0..MOST_ITERATIONS {
        budget::check();
        if here.slope() < FLAT {
            here.converged = true;
            break;
        }
        let direction = downhill(&inverse, &here.gradient);
        match line_search(f, &mut here, &direction) {
            Some(step) if largest(&here.at) < FARTHEST => {
                update(&mut inverse, &step.moved, &step.bent);
                fresh = false;
            }
            Some(_) => break,
            None if fresh => {
                here.converged = here.slope() < NEARLY_FLAT;
                break;
            }
            None => {
                inverse = fresh_inverse(f, &mut here);
                fresh = true;
            }
        }
    }
    here
}

/// The best minimum from several starts. Where there is a sample, the starts are tried on it, and the best goes on with all data and the
/// sample's curvature; where that fails, all starts are tried on all data.
pub(crate) fn search<S: Objective>(all: &impl Objective, sample: Option<&S>, starts: &[Vec<f64>]) -> Search {
    if let Some(sample) = sample {
        let tries = starts.iter().map(|start| minimise(sample, start, None)).filter(|found| found.value.is_finite());
        if let Some(best) = tries.reduce(best_of) {
            let found = minimise(all, &best.at, Some(downhill_inverse(&curvature(sample, &best.at))));
            if found.converged {
                return found;
            }
        }
    }
    let tries = starts.iter().map(|start| minimise(all, start, None));
    tries.reduce(best_of).unwrap_or(Search {
        at: Vec::new(),
        value: f64::NAN,
        gradient: Vec::new(),
        evaluations: 0,
        converged: false,
    })
}

/// The one that converged, and of two that did the lower; the earlier of equals. Minima that differ by rounding alone are equal.
fn best_of(a: Search, b: Search) -> Search {
    let evaluations = a.evaluations + b.evaluations;
    let b_wins = match (a.converged, b.converged) {
        (true, true) | (false, false) => b.value < a.value - 1e-12 * a.value.abs() || !a.value.is_finite(),
        (converged, _) => !converged,
    };
    Search { evaluations, ..if b_wins { b } else { a } }
}

/// The second derivatives at a point, by central differences of the gradient.
pub(crate) fn curvature(f: &impl Objective, at: &[f64]) -> Mat<f64> {
    let columns: Vec<Vec<f64>> = (0..at.len())
        .map(|i| {
            let shifted = |by: f64| {
                let mut shifted = at.to_vec();
                shifted[i] += by;
                f(&shifted).1
            };
            shifted(STEP).iter().zip(shifted(-STEP)).map(|(up, down)| (up - down) / (2.0 * STEP)).collect()
        })
        .collect();
    Mat::from_fn(at.len(), at.len(), |i, j| f64::midpoint(columns[i][j], columns[j][i]))
}

/// Eigenvalues in ascending order with their vectors as columns; `None` for a matrix with a value that is no number.
pub(crate) fn eigen(matrix: &Mat<f64>) -> Option<(Vec<f64>, Mat<f64>)> {
    let n = matrix.nrows();
    if (0..n).any(|i| (0..n).any(|j| !matrix[(i, j)].is_finite())) {
        return None;
    }
    let found = matrix.self_adjoint_eigen(Side::Lower).ok()?;
    let values = (0..n).map(|i| found.S().column_vector()[i]).collect();
    Some((values, found.U().to_owned()))
}

/// The inverse of a curvature whose eigenvalues are made positive, so that it always points downhill.
pub(crate) fn downhill_inverse(curvature: &Mat<f64>) -> Mat<f64> {
    let n = curvature.nrows();
    let Some((values, vectors)) = eigen(curvature) else { return Mat::identity(n, n) };
    let least = 1e-8 * values.iter().fold(1e-8_f64, |most, value| most.max(value.abs()));
    Mat::from_fn(n, n, |i, j| {
        (0..n).map(|k| vectors[(i, k)] * vectors[(j, k)] / values[k].abs().max(least)).sum::<f64>()
    })
}

fn fresh_inverse(f: &impl Objective, here: &mut Search) -> Mat<f64> {
    here.evaluations += 2 * here.at.len();
    downhill_inverse(&curvature(f, &here.at))
}

fn downhill(inverse: &Mat<f64>, gradient: &[f64]) -> Vec<f64> {
    let n = gradient.len();
    let mut direction: Vec<f64> = (0..n).map(|i| -(0..n).map(|j| inverse[(i, j)] * gradient[j]).sum::<f64>()).collect();
    let length = largest(&direction);
    if length > LONGEST {
        direction.iter_mut().for_each(|d| *d *= LONGEST / length);
    }
    direction
}

/// A step that was taken: how far, and how the gradient changed.
struct Step {
    moved: Vec<f64>,
    bent: Vec<f64>,
}

/// Backtracks until the value falls enough (Armijo); `None` where no step does.
fn line_search(f: &impl Objective, here: &mut Search, direction: &[f64]) -> Option<Step> {
    let slope = dot(&here.gradient, direction);
    if slope >= 0.0 {
        return None;
    }
    let mut length = 1.0;
    for _ in 0..40 {
        let moved: Vec<f64> = direction.iter().map(|d| d * length).collect();
        let at: Vec<f64> = here.at.iter().zip(&moved).map(|(at, by)| at + by).collect();
        let (value, gradient) = f(&at);
        here.evaluations += 1;
        let noise = 4.0 * f64::EPSILON * here.value.abs();
        if value.is_finite()
            && gradient.iter().all(|g| g.is_finite())
            && value <= here.value + 1e-4 * length * slope + noise
        {
            // Steps as small as rounding must at least flatten the slope, or the search would walk on forever.
            if value >= here.value - noise && largest(&gradient) >= here.slope() {
                return None;
            }
            let bent = gradient.iter().zip(&here.gradient).map(|(new, old)| new - old).collect();
            (here.at, here.value, here.gradient) = (at, value, gradient);
            return Some(Step { moved, bent });
        }
        length *= 0.4;
    }
    None
}

/// The update of Broyden, Fletcher, Goldfarb & Shanno of the inverse, where the function curves up along the step.
fn update(inverse: &mut Mat<f64>, moved: &[f64], bent: &[f64]) {
    let n = moved.len();
    let curve = dot(moved, bent);
    if curve <= 1e-10 * dot(moved, moved).sqrt() * dot(bent, bent).sqrt() {
        return;
    }
    let image: Vec<f64> = (0..n).map(|i| (0..n).map(|j| inverse[(i, j)] * bent[j]).sum()).collect();
    let stretch = (1.0 + dot(bent, &image) / curve) / curve;
    *inverse = Mat::from_fn(n, n, |i, j| {
        inverse[(i, j)] + stretch * moved[i] * moved[j] - (image[i] * moved[j] + moved[i] * image[j]) / curve
    });
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| if value.is_nan() { f64::INFINITY } else { most.max(value.abs()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_valley_is_followed_to_its_end() {
        // Rosenbrock's function.
        let f = |p: &[f64]| {
            let (x, y) = (p[0], p[1]);
            let value = (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
            (value, vec![-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)])
        };
        let found = minimise(&f, &[-1.2, 1.0], None);
        assert!(found.converged && (found.at[0] - 1.0).abs() < 1e-6 && (found.at[1] - 1.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_function_without_minimum_is_no_convergence() {
        assert!(!minimise(&|p: &[f64]| (-p[0], vec![-1.0]), &[0.0], None).converged);
        assert!(!minimise(&|_: &[f64]| (f64::NAN, vec![f64::NAN]), &[0.0], None).converged);
    }
}
