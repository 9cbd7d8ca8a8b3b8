//! The levels of one effect against each other, beside other effects: who lies above the others in comparable rows.

use crate::budget::Watched;
use rayon::prelude::*;

use super::effects::{Absorbed, Levels, Problem, Profile, Semidefinite, pairs};
use crate::Error;

/// How the levels of one effect differ.
#[derive(Debug, Clone)]
pub struct Contrasts {
    /// What each level lies above the weighted mean of the levels that it can be compared with; these sum to zero by weight.
    pub above: Vec<f64>,
    /// The sum of each level's weights.
    pub weights: Vec<f64>,
    /// Which levels can be compared: those of one number. Others have no level of the other effects in common, not even by way of third ones.
    pub comparable: Vec<u32>,
    /// By how much the variance of `above` is greater because the other effects are estimated too: 1 where these are spread evenly over the levels.
    /// Where the equations are too many to be solved at once it is not known, and 1.
    pub inflation: Vec<f64>,
    /// What is left of each row.
    pub residuals: Vec<f64>,
}

/// Compares the levels of an effect beside others, by least squares with weights.
///
/// # Errors
/// [`Error::Parameter`] for rows of several numbers or none; [`Error::NotConverged`] for effects whose levels hardly overlap.
///
/// ```
/// use leverkit_stats::regression::{Levels, contrasts};
/// // Rep 1 gives two points more than rep 0 in both products; she sells the second more often.
/// let (rep, product) = ([0, 0, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1]);
/// let discount = [0.10, 0.10, 0.15, 0.12, 0.17, 0.17];
/// let found = contrasts(&discount, Levels::of(&rep)?, &[Levels::of(&product)?], &[1.0; 6])?;
/// assert!((found.above[1] - 0.01).abs() < 1e-12 && (found.above[0] + 0.01).abs() < 1e-12);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn contrasts(
    target: &[f64],
    levels: Levels<'_>,
    others: &[Levels<'_>],
    weights: &[f64],
) -> Result<Contrasts, Error> {
    check_rows(target, levels, others, weights)?;
    let effects: Vec<Levels<'_>> = [levels].into_iter().chain(others.iter().copied()).collect();
    let problem = Problem::of(&[target], &effects, Some(weights));
    let system = problem.system();
    let absorbed = problem.solved(system.as_ref())?;
    let (weights, profiles) = problem.profiles(0);
    let comparable = comparable(levels, others);
    let groups = Groups { weights: &weights, of: &comparable };
    let base = if problem.is_first(0) { 1.0 } else { 0.0 };
    Ok(Contrasts {
        above: groups.centred(absorbed.coefficients(0, 0)),
        inflation: system
            .map_or_else(|| vec![1.0; weights.len()], |system| inflation(&groups, &profiles, &system, base)),
        residuals: residuals(&absorbed, &effects, target),
        comparable,
        weights,
    })
}

fn check_rows(target: &[f64], levels: Levels<'_>, others: &[Levels<'_>], weights: &[f64]) -> Result<(), Error> {
    let rows = target.len();
    let mut lengths = others.iter().map(|effect| effect.codes.len()).chain([levels.codes.len(), weights.len()]);
    match lengths.find(|length| *length != rows || *length == 0) {
        Some(length) => {
            Err(Error::parameter("levels and weights", &length, "as many rows as the target has, at least one"))
        }
        None => Ok(()),
    }
}

fn residuals(absorbed: &Absorbed, effects: &[Levels<'_>], target: &[f64]) -> Vec<f64> {
    const PIECE: usize = 1 << 14;
    let mut left = target.to_vec();
    left.par_chunks_mut(PIECE).watched().enumerate().for_each(|(piece, values)| {
        let start = piece * PIECE;
        absorbed.take_off(effects, 0, start..start + values.len(), values);
    });
    left
}

/// Levels in sets that can be compared.
struct Groups<'a> {
    weights: &'a [f64],
    of: &'a [u32],
}

impl Groups<'_> {
    /// Weighted sums by set.
    fn sums(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.of.iter().max().map_or(0, |max| *max as usize + 1)];
        self.of
            .iter()
            .zip(self.weights)
            .zip(values)
            .for_each(|((&set, weight), value)| sums[set as usize] += weight * value);
        sums
    }

    /// Values less the weighted mean of their set.
    fn centred(&self, values: &[f64]) -> Vec<f64> {
        let (sums, weights) = (self.sums(values.iter().copied()), self.sums(std::iter::repeat(1.0)));
        self.of.iter().zip(values).map(|(&set, value)| value - sums[set as usize] / weights[set as usize]).collect()
    }
}

/// cᵀ(XᵀWX)⁻c of each contrast c between a level and the mean of its set, over what it is without other effects: 1/w − 1/W.
fn inflation(groups: &Groups<'_>, profiles: &[Profile], system: &Semidefinite, base: f64) -> Vec<f64> {
    let inverse = system.inverse();
    let totals = groups.sums(std::iter::repeat(1.0));
    let mut means = vec![vec![0.0; inverse.len()]; totals.len()];
    for ((&set, weight), profile) in groups.of.iter().zip(groups.weights).zip(profiles) {
        profile.iter().for_each(|(at, share)| means[set as usize][*at] += weight * share / totals[set as usize]);
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let images: Vec<Vec<f64>> =
        means.par_iter().watched().map(|mean| inverse.iter().map(|row| dot(row, mean)).collect()).collect();
    let squares: Vec<f64> = means.iter().zip(&images).map(|(mean, image)| dot(mean, image)).collect();
    let of_level = |level: usize| {
        let (set, profile) = (groups.of[level] as usize, &profiles[level]);
        let own: f64 =
            profile.iter().map(|(a, x)| profile.iter().map(|(b, y)| x * inverse[*a][*b] * y).sum::<f64>()).sum();
        let with_mean: f64 = profile.iter().map(|(at, share)| share * images[set][*at]).sum();
        let alone = 1.0 / groups.weights[level] - 1.0 / totals[set];
        // A level that is its whole set is compared with nothing.
        if alone <= 0.0 { 1.0 } else { (base + (own - 2.0 * with_mean + squares[set]) / alone).max(1.0) }
    };
    (0..profiles.len()).into_par_iter().watched().map(of_level).collect()
}

/// Numbers levels by what can be compared: within each of the other effects, levels are connected by the levels that they share.
fn comparable(levels: Levels<'_>, others: &[Levels<'_>]) -> Vec<u32> {
    others.iter().fold(vec![0; levels.len], |sets, other| pairs(&sets, &connected(levels, *other)))
}

/// The least level that each is connected with.
fn connected(levels: Levels<'_>, other: Levels<'_>) -> Vec<u32> {
    let mut parents: Vec<u32> = (0..levels.len as u32).collect();
    let mut seen = vec![u32::MAX; other.len];
    for (&level, &by) in levels.codes.iter().zip(other.codes) {
        let known = std::mem::replace(&mut seen[by as usize], level);
        if known != u32::MAX && known != level {
            let (a, b) = (root(&mut parents, known), root(&mut parents, level));
            parents[a.max(b) as usize] = a.min(b);
        }
    }
    (0..levels.len as u32).map(|level| root(&mut parents, level)).collect()
}

fn root(parents: &mut [u32], mut level: u32) -> u32 {
    while parents[level as usize] != level {
        parents[level as usize] = parents[parents[level as usize] as usize];
        level = parents[level as usize];
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.linalg.pinv` of the weighted normal equations of this design, numpy 2: cᵀ(XᵀWX)⁺c over 1/w − 1/W.
    #[test]
    fn levels_that_hardly_share_others_are_known_less() {
        let (group, product) = ([0, 0, 0, 0, 1, 1, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 1, 1, 0, 1]);
        let weights = [1.0, 2.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 2.0, 2.0];
        let target: Vec<f64> = (0..10).map(|row| f64::from(row % 3)).collect();
        let found = |group: &[u32], product: &[u32]| {
            contrasts(&target, Levels::all(group), &[Levels::all(product)], &weights).unwrap()
        };
        let one = found(&group, &product);
        assert!(one.comparable.iter().all(|set| *set == 0));
        assert!(one.above.iter().zip(&one.weights).map(|(above, weight)| above * weight).sum::<f64>().abs() < 1e-12);
        // The group as the larger effect and as the smaller one.
        let wide: Vec<u32> = product
            .iter()
            .enumerate()
            .map(|(row, code)| code + 2 * u32::from(row % 3 == 0) + 4 * u32::from(row % 3 == 1))
            .collect();
        for (product, expected) in [(product.to_vec(), PLAIN), (wide, WIDE)] {
            let every: Vec<u32> = (0..10).collect();
            let product = super::super::effects::compact(&Levels::all(&product), &every);
            for (found, expected) in found(&group, &product).inflation.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
            }
        }
    }

    const PLAIN: [f64; 3] = [5.0 / 3.0, 17.0 / 9.0, 34.0 / 33.0];
    const WIDE: [f64; 3] = [3.2, 4.933_333_333_333_334, 2.054_545_454_545_454_4];

    #[test]
    fn who_shares_no_product_is_not_compared() {
        let (rep, product) = ([0, 1, 2, 3, 3], [0, 0, 1, 1, 2]);
        let found =
            contrasts(&[1.0, 3.0, 0.0, 4.0, 9.0], Levels::all(&rep), &[Levels::all(&product)], &[1.0; 5]).unwrap();
        assert_eq!(found.comparable, [0, 0, 1, 1]);
        assert!((found.above[1] - 1.0).abs() < 1e-12 && (found.above[3] - 4.0 / 3.0).abs() < 1e-12);
    }
}
