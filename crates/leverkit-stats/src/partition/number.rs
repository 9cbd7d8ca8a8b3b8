//! How many clusters there are: one, unless more are found again in other samples and closer than in points without clusters.

use faer::{Mat, Side};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::{GOLDEN, Partition, Points, best};
use crate::budget::Watched;
use crate::{Error, adjusted_rand};

/// Starts of each partition.
const STARTS: usize = 3;
const LEAST: &str = "at least 1";
/// Clusters are the same ones again from this mean agreement on.
const STABLE: f64 = 0.8;
/// Agreements that differ by less are equal.
const SAME: f64 = 0.01;

/// A number of clusters, and what speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PartitionFit {
    /// How many clusters.
    pub k: usize,
    /// The share of the points' spread (squared distances to their mean) that lies between clusters.
    pub explained: f64,
    /// How much closer points are to their means than points without clusters would be, in logarithms of squared distances (Tibshirani, Walther & Hastie 2001).
    pub gap: f64,
    /// The standard error of that, from the simulation.
    pub gap_error: f64,
    /// The mean adjusted Rand index of the partitions by two bootstrap samples (Dolnicar & Leisch 2010); 1 for one cluster.
    pub stability: f64,
    /// Whether it is the number to take.
    pub chosen: bool,
}

/// Judges 1 to `most` clusters by `replicates` samples each. A number can be taken if it is *stable*, its mean agreement 0.8 or more, and *earned*: its gap is larger than
/// that of one cluster by more than its standard error. Chosen is the most stable of them, of equals (within 0.01) the largest; one cluster, where none can be taken.
///
/// The reference of the gap is spread evenly over a box along the principal components, which of all distributions with one peak looks most like clusters.
///
/// # Errors
/// Fewer than 2 points, no cluster, or no replicate.
///
/// ```
/// use leverkit_stats::{Points, partition_fits};
/// // Three heaps of points, and one.
/// let at = |i: i32, heaps: i32| [f64::from(i % heaps) * 50.0 + f64::from(i * 37 % 11), f64::from(i * 53 % 13)];
/// let number = |heaps| {
///     let points = Points::new((0..300).flat_map(|i| at(i, heaps)).collect(), 2)?;
///     let fits = partition_fits(&points, 5, 20, 1)?;
///     Ok::<_, leverkit_stats::Error>(fits.iter().find(|fit| fit.chosen).map(|fit| fit.k))
/// };
/// assert_eq!((number(3)?, number(1)?), (Some(3), Some(1)));
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn partition_fits(points: &Points, most: usize, replicates: usize, seed: u64) -> Result<Vec<PartitionFit>, Error> {
    let least =
        [("points", points.len(), 2, "at least 2"), ("most", most, 1, LEAST), ("replicates", replicates, 1, LEAST)];
    for (name, value, least, expected) in least {
        if value < least {
            return Err(Error::parameter(name, &value, expected));
        }
    }
    let even = Even::like(points);
    let total = best(points, 1, 1, seed).within;
    // Points that are all the same are one cluster.
    let most = if total > 0.0 { most } else { 1 };
    let mut fits: Vec<PartitionFit> = (1..=most).map(|k| fit(points, &even, k, replicates, seed, total)).collect();
    let chosen = chosen(&fits);
    fits[chosen].chosen = true;
    Ok(fits)
}

fn fit(points: &Points, even: &Even, k: usize, replicates: usize, seed: u64, total: f64) -> PartitionFit {
    let own = best(points, k, STARTS, seed);
    let (gap, gap_error) = gap(points, even, &own, k, replicates, seed);
    PartitionFit {
        k,
        explained: if total > 0.0 { 1.0 - own.within / total } else { 0.0 },
        gap,
        gap_error,
        stability: if k == 1 { 1.0 } else { stability(points, k, replicates, seed) },
        chosen: false,
    }
}

/// The position of the number to take.
fn chosen(fits: &[PartitionFit]) -> usize {
    let mut taken = 0;
    for (place, fit) in fits.iter().enumerate().skip(1) {
        let is_earned = fit.gap > fits[0].gap + fit.gap_error;
        let rival = if taken == 0 { STABLE } else { fits[taken].stability - SAME };
        if is_earned && fit.stability >= rival.max(STABLE) {
            taken = place;
        }
    }
    taken
}

/// The mean agreement, over all points, of the partitions that two bootstrap samples make.
fn stability(points: &Points, k: usize, replicates: usize, seed: u64) -> f64 {
    let counts = vec![1.0; points.len()];
    let one = |replicate: usize| {
        let mut random = stream(seed, k, replicate);
        adjusted_rand(&resampled(points, k, &mut random), &resampled(points, k, &mut random), &counts)
    };
    let found: Vec<f64> = (0..replicates).into_par_iter().watched().map(one).collect();
    found.iter().sum::<f64>() / replicates as f64
}

/// The gap, and its standard error.
fn gap(points: &Points, even: &Even, own: &Partition, k: usize, replicates: usize, seed: u64) -> (f64, f64) {
    let one = |replicate: usize| {
        let mut random = stream(seed, k + usize::MAX / 2, replicate);
        let reference = even.draw(points.len(), &mut random);
        best(&reference, k, STARTS, random.random()).within.max(f64::MIN_POSITIVE).ln()
    };
    let logs: Vec<f64> = (0..replicates).into_par_iter().watched().map(one).collect();
    let n = replicates as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / n;
    (mean - own.within.max(f64::MIN_POSITIVE).ln(), (variance * (1.0 + 1.0 / n)).sqrt())
}

impl Partition {
    /// How surely each cluster is found again: its mean overlap (Jaccard) with the most similar cluster of partitions that bootstrap samples make (Hennig 2007).
    ///
    /// # Errors
    /// No replicate, or points that are not those of the partition.
    ///
    /// ```
    /// use leverkit_stats::{Points, partition};
    /// let points = Points::new(vec![0.0, 0.1, 0.2, 0.3, 9.0, 9.1, 9.2], 1)?;
    /// let found = partition(&points, 2, 5, 1)?.overlap(&points, 20, 1)?;
    /// assert!(found[0] > 0.9 && found[1] > 0.9);
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn overlap(&self, points: &Points, replicates: usize, seed: u64) -> Result<Vec<f64>, Error> {
        if replicates == 0 || points.len() != self.of.len() {
            return Err(Error::parameter("replicates", &replicates, "at least 1, and the points of the partition"));
        }
        let k = self.centres.len();
        let one = |replicate: usize| {
            let again = resampled(points, k, &mut stream(seed, usize::MAX / 4, replicate));
            overlaps(&self.of, &again, k)
        };
        let found: Vec<Vec<f64>> = (0..replicates).into_par_iter().watched().map(one).collect();
        Ok((0..k).map(|cluster| found.iter().map(|one| one[cluster]).sum::<f64>() / replicates as f64).collect())
    }
}

/// The overlap of each cluster with the most similar one of another partition.
fn overlaps(own: &[usize], again: &[usize], k: usize) -> Vec<f64> {
    let mut both = vec![0.0; k * k];
    own.iter().zip(again).for_each(|(a, b)| both[a * k + b] += 1.0);
    let size = |cluster: usize| both[cluster * k..][..k].iter().sum::<f64>();
    let other: Vec<f64> = (0..k).map(|b| (0..k).map(|a| both[a * k + b]).sum()).collect();
    let share = |a: usize, b: usize| both[a * k + b] / (size(a) + other[b] - both[a * k + b]).max(1.0);
    (0..k).map(|a| (0..k).map(|b| share(a, b)).fold(0.0, f64::max)).collect()
}

/// The clusters that a bootstrap sample gives to all points.
fn resampled(points: &Points, k: usize, random: &mut Pcg64) -> Vec<usize> {
    let places: Vec<usize> = (0..points.len()).map(|_| random.random_range(0..points.len())).collect();
    best(&points.take(&places), k, STARTS, random.random()).nearest(points)
}

fn stream(seed: u64, k: usize, replicate: usize) -> Pcg64 {
    Pcg64::seed_from_u64(seed ^ (k as u64).rotate_left(40) ^ (replicate as u64 + 1).wrapping_mul(GOLDEN))
}

/// Points spread evenly over the box that holds others, along their principal components.
struct Even {
    mean: Vec<f64>,
    /// The components, one after the other, with the range of the points along each.
    axes: Vec<(Vec<f64>, f64, f64)>,
}

impl Even {
    fn like(points: &Points) -> Self {
        let (n, width) = (points.len() as f64, points.width());
        let mean: Vec<f64> = (0..width).map(|i| points.iter().map(|point| point[i]).sum::<f64>() / n).collect();
        let scatter = |i: usize, j: usize| points.iter().map(|p| (p[i] - mean[i]) * (p[j] - mean[j])).sum::<f64>() / n;
        let unit = |axis: usize| (0..width).map(|i| f64::from(u8::from(i == axis))).collect();
        let directions: Vec<Vec<f64>> = match Mat::from_fn(width, width, scatter).self_adjoint_eigen(Side::Lower) {
            Ok(eigen) => (0..width).map(|axis| eigen.U().col(axis).iter().copied().collect()).collect(),
            Err(_) => (0..width).map(unit).collect(),
        };
        let along = |axis: &[f64], point: &[f64]| -> f64 {
            axis.iter().zip(point).zip(&mean).map(|((axis, value), mean)| axis * (value - mean)).sum()
        };
        let axes = directions.into_iter().map(|axis| {
            let range = points.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
                let place = along(&axis, point);
                (low.min(place), high.max(place))
            });
            (axis, range.0, range.1)
        });
        let axes = axes.collect();
        Self { mean, axes }
    }

    fn draw(&self, n: usize, random: &mut Pcg64) -> Points {
        let mut values = Vec::with_capacity(n * self.mean.len());
        for _ in 0..n {
            let start = values.len();
            values.extend_from_slice(&self.mean);
            for (axis, low, high) in &self.axes {
                let place = low + (high - low) * random.random::<f64>();
                values[start..].iter_mut().zip(axis).for_each(|(value, axis)| *value += place * axis);
            }
        }
        Points::of(values, self.mean.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(random: &mut Pcg64) -> f64 {
        // The sum of twelve even numbers is normal enough for a heap of points.
        (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
    }

    fn heaps(centres: &[[f64; 3]], n: usize, seed: u64) -> Points {
        let mut random = Pcg64::seed_from_u64(seed);
        let values = (0..n).flat_map(|i| centres[i % centres.len()].map(|centre| centre + normal(&mut random)));
        let values: Vec<f64> = values.collect();
        Points::new(values, 3).unwrap()
    }

    fn number(points: &Points) -> usize {
        partition_fits(points, 6, 20, 1).unwrap().iter().find(|fit| fit.chosen).unwrap().k
    }

    #[test]
    fn heaps_that_lie_apart_are_counted() {
        for seed in 0..3 {
            assert_eq!(number(&heaps(&[[0.0; 3], [8.0, 0.0, 0.0], [0.0, 8.0, 4.0]], 600, seed)), 3);
            assert_eq!(number(&heaps(&[[0.0; 3], [7.0, 0.0, 0.0]], 400, seed)), 2);
        }
    }

    #[test]
    fn one_cloud_is_one_cluster_also_if_it_is_long_or_somewhat_skewed() {
        for seed in 0..3 {
            let cloud = heaps(&[[0.0; 3]], 500, seed);
            assert_eq!(number(&cloud), 1);
            let stretch = |point: &[f64]| [3.0 * point[0], point[1] + point[0], (point[2] / 3.0).exp()];
            assert_eq!(number(&Points::new(cloud.iter().flat_map(stretch).collect(), 3).unwrap()), 1);
        }
    }

    #[test]
    fn points_that_are_all_the_same_are_one_cluster() {
        let fits = partition_fits(&Points::new(vec![2.0; 30], 3).unwrap(), 4, 5, 1).unwrap();
        assert!(fits.len() == 1 && fits[0].chosen);
    }
}
