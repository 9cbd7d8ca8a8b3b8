//! k-means of points with several coordinates, and how many clusters there are.

mod number;
mod points;

pub use number::{PartitionFit, partition_fits};
pub use points::Points;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::Error;
use crate::budget::{self, Watched};
use points::Blocks;

/// Points are added up in stretches of this many, a multiple of the lanes of distances, in their order: sums are then the same on any number of threads.
const STRETCH: usize = 1 << 12;
/// What one more seed of a stream is multiplied by.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Points in clusters.
///
/// ```
/// use leverkit_stats::{Points, partition};
/// let points = Points::new(vec![0.0, 0.1, 0.2, 9.0, 9.1], 1)?;
/// let found = partition(&points, 2, 5, 1)?;
/// let more = Points::new(vec![0.4, 8.0], 1)?;
/// assert_eq!(found.nearest(&more), [0, 1]);
/// assert_eq!(found.refined(&more).centres, [[0.4], [8.0]]);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// The mean of each cluster, coordinate by coordinate; the cluster with most points is the first.
    pub centres: Vec<Vec<f64>>,
    /// The cluster of each point.
    pub of: Vec<usize>,
    /// The sum of squared distances of points to the means of their clusters.
    pub within: f64,
}

/// The best of `starts` partitions into `k` clusters by Lloyd's algorithm (1982), each from means that are drawn apart from each other (k-means++, Arthur &
/// Vassilvitskii 2007). Coordinates should have comparable scales. Fewer distinct points than `k` make fewer clusters.
///
/// # Errors
/// No point, `k` of 0, or no start.
///
/// ```
/// use leverkit_stats::{Points, partition};
/// let points = Points::new(vec![0.0, 0.0, 0.1, 0.0, 9.0, 9.0, 9.1, 9.0, 9.0, 9.1], 2)?;
/// let found = partition(&points, 2, 5, 1)?;
/// assert_eq!(found.of, [1, 1, 0, 0, 0]);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn partition(points: &Points, k: usize, starts: usize, seed: u64) -> Result<Partition, Error> {
    for (name, value) in [("points", points.len()), ("k", k), ("starts", starts)] {
        if value == 0 {
            return Err(Error::parameter(name, &value, "at least 1"));
        }
    }
    Ok(best(points, k, starts, seed))
}

/// As [`partition`], of parameters that are known to be sound.
fn best(points: &Points, k: usize, starts: usize, seed: u64) -> Partition {
    let blocks = Blocks::of(points);
    let one = |start: usize| {
        let mut random = Pcg64::seed_from_u64(seed ^ (start as u64).wrapping_mul(GOLDEN));
        lloyd(&blocks, drawn_apart(&blocks, k, &mut random))
    };
    let found: Vec<Partition> = (0..starts).into_par_iter().watched().map(one).collect();
    // The first of equals, so that the number of threads decides nothing.
    let mut found = found.into_iter();
    let mut least = found.next().unwrap_or_default();
    for other in found {
        if other.within < least.within {
            least = other;
        }
    }
    least.by_size()
}

impl Default for Partition {
    fn default() -> Self {
        Self { centres: Vec::new(), of: Vec::new(), within: f64::INFINITY }
    }
}

impl Partition {
    /// The cluster whose mean is nearest to each point.
    pub fn nearest(&self, points: &Points) -> Vec<usize> {
        assigned(&Blocks::of(points), &self.centres).0
    }

    /// The partition of other points by Lloyd's algorithm from these means, such as of all from those of a sample.
    #[must_use]
    pub fn refined(&self, points: &Points) -> Self {
        lloyd(&Blocks::of(points), self.centres.clone()).by_size()
    }

    /// Clusters by the number of their points; of equals the one with the lower coordinates.
    fn by_size(self) -> Self {
        let mut sizes = vec![0_usize; self.centres.len()];
        self.of.iter().for_each(|cluster| sizes[*cluster] += 1);
        let mut order: Vec<usize> = (0..sizes.len()).filter(|cluster| sizes[*cluster] > 0).collect();
        order.sort_by(|&a, &b| {
            let coordinates = self.centres[a].iter().zip(&self.centres[b]).map(|(a, b)| a.total_cmp(b));
            sizes[b].cmp(&sizes[a]).then(coordinates.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then))
        });
        let mut place = vec![0; sizes.len()];
        order.iter().enumerate().for_each(|(to, &from)| place[from] = to);
        Self {
            centres: order.iter().map(|&cluster| self.centres[cluster].clone()).collect(),
            of: self.of.iter().map(|&cluster| place[cluster]).collect(),
            within: self.within,
        }
    }
}

/// First means: each point is drawn with a chance that grows with its squared distance to the means so far.
fn drawn_apart(blocks: &Blocks<'_>, k: usize, random: &mut Pcg64) -> Vec<Vec<f64>> {
    let n = blocks.points.len();
    let mut centres = vec![blocks.points.at(random.random_range(0..n)).to_vec()];
    let mut far = vec![f64::INFINITY; n];
    blocks.draw_near(&mut far, &centres[0]);
    while centres.len() < k {
        let total: f64 = far.iter().sum();
        if total <= 0.0 {
            break;
        }
        let mut left = random.random::<f64>() * total;
        let chosen = far.iter().position(|far| {
            left -= far;
            left < 0.0
        });
        let centre = blocks.points.at(chosen.unwrap_or(n - 1)).to_vec();
        blocks.draw_near(&mut far, &centre);
        centres.push(centre);
    }
    centres
}

fn lloyd(blocks: &Blocks<'_>, mut centres: Vec<Vec<f64>>) -> Partition {
    let (mut of, mut within) = assigned(blocks, &centres);
    loop {
        budget::check();
        centres = means(blocks.points, &of, centres);
        let (again, sum) = assigned(blocks, &centres);
        // Each step lowers the sum until no point moves; where rounding lets points move to and fro, it does not.
        let is_settled = again == of || sum >= within;
        (of, within) = (again, sum);
        if is_settled {
            return Partition { centres, of, within };
        }
    }
}

/// The nearest mean of each point, and the sum of squared distances.
fn assigned(blocks: &Blocks<'_>, centres: &[Vec<f64>]) -> (Vec<usize>, f64) {
    let mut of = vec![0; blocks.points.len()];
    let stretches = of.par_chunks_mut(STRETCH).zip(blocks.par_stretches(STRETCH));
    let sums: Vec<f64> = stretches.map(|(of, stretch)| stretch.nearest(of, centres)).collect();
    (of, sums.iter().sum())
}

/// The mean of each cluster's points; a cluster without any keeps its own.
fn means(points: &Points, of: &[usize], centres: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let (k, width) = (centres.len(), points.width());
    let parts: Vec<(Vec<f64>, Vec<u64>)> = points
        .par_stretches(STRETCH)
        .zip(of.par_chunks(STRETCH))
        .map(|(stretch, of)| {
            let (mut sums, mut counts) = (vec![0.0; k * width], vec![0_u64; k]);
            for (point, &cluster) in stretch.zip(of) {
                counts[cluster] += 1;
                sums[cluster * width..][..width].iter_mut().zip(point).for_each(|(sum, value)| *sum += value);
            }
            (sums, counts)
        })
        .collect();
    let (mut sums, mut counts) = (vec![0.0; k * width], vec![0_u64; k]);
    for (part, more) in parts {
        sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
        counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
    }
    let mean = |(cluster, centre): (usize, Vec<f64>)| match counts[cluster] {
        0 => centre,
        n => sums[cluster * width..][..width].iter().map(|sum| sum / n as f64).collect(),
    };
    centres.into_iter().enumerate().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_come_by_size_and_fewer_distinct_points_make_fewer() {
        let points = Points::new(vec![5.0, 5.0, 5.0, 1.0], 1).unwrap();
        let found = partition(&points, 3, 4, 1).unwrap();
        assert_eq!((found.centres, found.of, found.within), (vec![vec![5.0], vec![1.0]], vec![0, 0, 0, 1], 0.0));
    }

    #[test]
    fn steps_go_on_until_no_point_moves() {
        // Means that start at one end of a line spread over it in some four hundred steps.
        let points = Points::new((0..4000).map(f64::from).collect(), 1).unwrap();
        let crowded = Partition { centres: (0..16).map(|at| vec![f64::from(at)]).collect(), ..Partition::default() };
        let found = crowded.refined(&points);
        assert_eq!(found.refined(&points), found);
    }

    #[test]
    fn in_one_dimension_it_finds_the_exact_partition() {
        let values: Vec<f64> = (0..60).map(|i| f64::from(i % 3) * 10.0 + f64::from(i) * 0.01).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let exact = crate::kmeans(&sorted, &vec![1.0; 60], 3).unwrap();
        let mut found: Vec<f64> = partition(&Points::new(values, 1).unwrap(), 3, 10, 1).unwrap().centres.concat();
        found.sort_by(f64::total_cmp);
        assert!(found.iter().zip(&exact.centres).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
