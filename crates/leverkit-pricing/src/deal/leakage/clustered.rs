//! Variances of weighted sums whose terms depend on each other within clusters, for all groups in one pass.
//!
//! A group's excess is `Σ wᵢ eᵢ (1{i in g} / W_g − 1 / W)` but for its estimate; what it varies by is the sum over clusters of the squares of their parts. Two ways
//! of clusters are joined by Cameron, Gelbach & Miller (2011): the one and the other less their intersection, and never less than either alone (MacKinnon, Nielsen
//! & Webb 2024), so that a difference of large numbers is not taken for precision. Where promotions are each of one value, as of a category's products, few decide a value's mean, and
//! the intersection is not taken off (the two terms of Davezies, D'Haultfœuille & Guyonvarch 2021): with it p-values are too small.

use std::ops::Range;

use leverkit_core::bucketed;
use leverkit_stats::{Estimate, sums};

use super::comparison::Clusters;

/// Sums over the clusters of one way, by group and by set of groups that can be compared.
const OF_GROUP: usize = 6;
const OF_SET: usize = 3;

/// A deal: its group, the weight of its list price and what is left of its discount, in money.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) group: u32,
    pub(super) weight: f64,
    pub(super) error: f64,
    /// The cluster of the second way.
    pub(super) shared: u32,
}

/// A variance and of how many equal clusters it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) variance: f64,
    pub(super) clusters: f64,
}

impl Spread {
    /// Of a mean of `clusters` equal ones, as of a sample: m / (m − 1).
    fn corrected(variance: f64, squares: f64, fourths: f64) -> Self {
        let clusters = squares * squares / fourths;
        Self { variance: variance.max(0.0) * clusters / (clusters - 1.0), clusters }
    }

    /// The same with its variance multiplied.
    pub(super) fn times(self, by: f64) -> Self {
        Self { variance: self.variance * by, ..self }
    }

    /// An estimate whose variance is this one times `scale`.
    pub(super) fn estimate(self, value: f64, scale: f64, level: f64) -> Estimate {
        Estimate::of(value, (self.variance * scale).sqrt(), self.clusters - 1.0, level)
    }
}

/// Sums over clusters, for each way: own, shared, and both.
pub(super) struct Sums<'a> {
    sets: &'a [u32],
    /// Weight of each group, and of each set.
    weights: &'a [f64],
    totals: Vec<f64>,
    ways: Vec<Vec<f64>>,
    has_both: bool,
}

impl<'a> Sums<'a> {
    /// Adds up deals; `sets` and `weights` are by group.
    pub(super) fn of(items: &[Item], clusters: &Clusters, sets: &'a [u32], weights: &'a [f64]) -> Self {
        let count = sets.iter().max().map_or(0, |max| *max as usize + 1);
        let mut totals = vec![0.0; count];
        sets.iter().zip(weights).for_each(|(&set, weight)| totals[set as usize] += weight);
        let own = Bucketed::of(items, &clusters.own);
        let mut ways = vec![own.sums(sets, count, false)];
        if let Some(shared) = &clusters.shared {
            ways.extend([Bucketed::of(items, shared).sums(sets, count, false), own.sums(sets, count, true)]);
        }
        Self { sets, weights, totals, ways, has_both: !clusters.is_own }
    }

    /// How far a group's excess is spread.
    pub(super) fn of_group(&self, group: usize) -> Spread {
        joined(self.ways.iter().map(|way| self.of_way(way, group)), self.has_both)
    }

    fn of_way(&self, way: &[f64], group: usize) -> Spread {
        let set = self.sets[group] as usize;
        let (own, all) = (1.0 / self.weights[group], 1.0 / self.totals[set]);
        let [errors, with_all, squares, fourths, rest_squares, rest_fourths] =
            std::array::from_fn(|at| way[group * OF_GROUP + at]);
        let start = self.sets.len() * OF_GROUP + set * OF_SET;
        let [all_errors, all_squares, all_fourths] = std::array::from_fn(|at| way[start + at]);
        let inner = own - all;
        Spread::corrected(
            errors * own * own - 2.0 * with_all * own * all + all_errors * all * all,
            squares * inner.powi(2) + (all_squares + rest_squares) * all.powi(2),
            fourths * inner.powi(4) + (all_fourths + rest_fourths).max(0.0) * all.powi(4),
        )
    }
}

/// How far the sum of all deals' errors is spread; their weights say how they count.
pub(super) fn of_sum(items: &[Item], clusters: &Clusters) -> Spread {
    let sums = Sums::of(items, clusters, &[0], &[1.0]);
    let ways = sums.ways.iter().map(|way| Spread::corrected(way[OF_GROUP], way[OF_GROUP + 1], way[OF_GROUP + 2]));
    joined(ways, sums.has_both)
}

/// One way alone, or both, less their intersection where it counts twice.
fn joined(ways: impl Iterator<Item = Spread>, has_both: bool) -> Spread {
    match ways.collect::<Vec<_>>()[..] {
        [own, shared, both] => Spread {
            variance: (own.variance + shared.variance - if has_both { both.variance } else { 0.0 })
                .max(own.variance)
                .max(shared.variance),
            clusters: own.clusters.min(shared.clusters),
        },
        [own, ..] => own,
        [] => Spread { variance: f64::NAN, clusters: 0.0 },
    }
}

/// Deals of a cluster side by side.
struct Bucketed {
    starts: Vec<usize>,
    items: Vec<Item>,
}

impl Bucketed {
    fn of(items: &[Item], codes: &[u32]) -> Self {
        let clusters = codes.iter().max().map_or(0, |max| *max as usize + 1);
        let order: Vec<u32> = (0..items.len() as u32).collect();
        let (starts, order) = bucketed(&order, clusters, |&at| codes[at as usize] as usize);
        Self { starts, items: order.iter().map(|&at| items[at as usize]).collect() }
    }

    /// Sums over the clusters, or over their parts by the clusters of the second way.
    fn sums(&self, sets: &[u32], count: usize, split: bool) -> Vec<f64> {
        let size = sets.len() * OF_GROUP + count * OF_SET;
        let add = |rows: Range<usize>, table: &mut Vec<f64>| {
            let mut room = Vec::new();
            for cluster in self.of_rows(rows).windows(2) {
                room.clear();
                room.extend_from_slice(&self.items[cluster[0]..cluster[1]]);
                if split {
                    room.sort_by_key(|item| item.shared);
                    room.chunk_by_mut(|a, b| a.shared == b.shared).for_each(|part| add_cluster(part, sets, table));
                } else {
                    add_cluster(&mut room, sets, table);
                }
            }
        };
        sums(self.items.len(), size, || vec![0.0; size], add)
    }

    /// The starts of clusters that begin in some rows, with the end of the last.
    fn of_rows(&self, rows: Range<usize>) -> &[usize] {
        let from = self.starts.partition_point(|start| *start < rows.start);
        let to = self.starts.partition_point(|start| *start < rows.end);
        if from < to { &self.starts[from..=to] } else { &[] }
    }
}

fn add_cluster(items: &mut [Item], sets: &[u32], table: &mut [f64]) {
    let set = |item: &Item| sets[item.group as usize];
    items.sort_by_key(|item| (set(item), item.group));
    for of_set in items.chunk_by(|a, b| set(a) == set(b)) {
        let all = total(of_set);
        let start = sets.len() * OF_GROUP + set(&of_set[0]) as usize * OF_SET;
        let add = [all.0.powi(2), all.1.powi(2), all.1.powi(4)];
        table[start..].iter_mut().zip(add).for_each(|(sum, more)| *sum += more);
        for of_group in of_set.chunk_by(|a, b| a.group == b.group) {
            let (error, weight) = total(of_group);
            let rest = all.1 - weight;
            let add = [
                error.powi(2),
                error * all.0,
                weight.powi(2),
                weight.powi(4),
                rest.powi(2) - all.1.powi(2),
                rest.powi(4) - all.1.powi(4),
            ];
            let start = of_group[0].group as usize * OF_GROUP;
            table[start..].iter_mut().zip(add).for_each(|(sum, more)| *sum += more);
        }
    }
}

/// Errors and weights of deals.
fn total(items: &[Item]) -> (f64, f64) {
    items.iter().fold((0.0, 0.0), |(error, weight), item| (error + item.error, weight + item.weight))
}
