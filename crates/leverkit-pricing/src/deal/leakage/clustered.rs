//! Variances of weighted sums whose terms depend on each other within clusters, for all groups in one pass.
//!
//! A group's excess is `Σ wᵢ eᵢ (1{i in g} / W_g − 1 / W)` but for its estimate; what it varies by is the sum over clusters of the squares of their parts. Two ways
//! of clusters are joined by Cameron, Gelbach & Miller (2011): the one and the other less their intersection, and never less than either alone (MacKinnon, Nielsen
//! & Webb 2024), so that a difference of large numbers is not taken for precision. Where promotions are each of one value, as of a category's products, few decide a value's mean, and
//! the intersection is not taken off (the two terms of Davezies, D'Haultfœuille & Guyonvarch 2021): with it p-values are too small.

use std::ops::Range;

use leverkit_stats::{Estimate, sums};

use super::comparison::{Buckets, Clusters};

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

/// Sums over clusters, for each way: own, shared, and both where these count twice.
pub(super) struct Sums<'a> {
    sets: &'a [u32],
    /// Weight of each group, and of each set.
    weights: &'a [f64],
    totals: Vec<f64>,
    ways: Vec<Vec<f64>>,
}

impl<'a> Sums<'a> {
    /// Adds up deals; `sets` and `weights` are by group.
    pub(super) fn of(items: &[Item], clusters: &Clusters, sets: &'a [u32], weights: &'a [f64]) -> Self {
        let count = sets.iter().max().map_or(0, |max| *max as usize + 1);
        let mut totals = vec![0.0; count];
        sets.iter().zip(weights).for_each(|(&set, weight)| totals[set as usize] += weight);
        let order = Order::of(sets, count);
        let own = clusters.own.buckets();
        let mut ways = vec![order.sums(items, own, false)];
        ways.extend(clusters.shared.as_ref().map(|shared| order.sums(items, shared.buckets(), false)));
        ways.extend((clusters.shared.is_some() && !clusters.is_own).then(|| order.sums(items, own, true)));
        Self { sets, weights, totals, ways }
    }

    /// How far a group's excess is spread.
    pub(super) fn of_group(&self, group: usize) -> Spread {
        joined(self.ways.iter().map(|way| self.of_way(way, group)))
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
    joined(ways)
}

/// One way alone, or both, less their intersection where it counts twice.
fn joined(ways: impl Iterator<Item = Spread>) -> Spread {
    let ways: Vec<Spread> = ways.collect();
    let twice = ways.get(2).map_or(0.0, |both| both.variance);
    match ways[..] {
        [own, shared, ..] => Spread {
            variance: (own.variance + shared.variance - twice).max(own.variance).max(shared.variance),
            clusters: own.clusters.min(shared.clusters),
        },
        [own] => own,
        [] => Spread { variance: f64::NAN, clusters: 0.0 },
    }
}

/// In which order the groups of a cluster are added up: set by set.
struct Order<'a> {
    sets: &'a [u32],
    count: usize,
    /// The place of each group.
    ranks: Vec<u32>,
}

impl<'a> Order<'a> {
    fn of(sets: &'a [u32], count: usize) -> Self {
        let mut groups: Vec<usize> = (0..sets.len()).collect();
        groups.sort_by_key(|&group| sets[group]);
        let mut ranks = vec![0; sets.len()];
        (0..).zip(groups).for_each(|(rank, group)| ranks[group] = rank);
        Self { sets, count, ranks }
    }

    /// Sums over the clusters, or over their parts by the clusters of the second way.
    fn sums(&self, items: &[Item], buckets: &Buckets, split: bool) -> Vec<f64> {
        let size = self.sets.len() * OF_GROUP + self.count * OF_SET;
        let add = |rows: Range<usize>, table: &mut Vec<f64>| {
            let (mut cluster, mut room) = (Vec::new(), Room::default());
            for ends in begun(&buckets.starts, rows).windows(2) {
                cluster.clear();
                cluster.extend(buckets.deals[ends[0]..ends[1]].iter().map(|&deal| items[deal as usize]));
                if split {
                    room.sort(&mut cluster, |item| item.shared);
                    cluster.chunk_by_mut(|a, b| a.shared == b.shared).for_each(|part| self.add(part, &mut room, table));
                } else {
                    self.add(&mut cluster, &mut room, table);
                }
            }
        };
        sums(items.len(), size, || vec![0.0; size], add)
    }

    fn add(&self, items: &mut [Item], room: &mut Room, table: &mut [f64]) {
        room.sort(items, |item| self.ranks[item.group as usize]);
        let set = |item: &Item| self.sets[item.group as usize];
        for of_set in items.chunk_by(|a, b| set(a) == set(b)) {
            let all = total(of_set);
            let start = self.sets.len() * OF_GROUP + set(&of_set[0]) as usize * OF_SET;
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
}

/// The starts of clusters that begin in some rows, with the end of the last.
fn begun(starts: &[usize], rows: Range<usize>) -> &[usize] {
    let from = starts.partition_point(|start| *start < rows.start);
    let to = starts.partition_point(|start| *start < rows.end);
    if from < to { &starts[from..=to] } else { &[] }
}

/// What sorting deals takes beside them, kept from cluster to cluster.
#[derive(Default)]
struct Room {
    keys: Vec<u64>,
    items: Vec<Item>,
}

impl Room {
    /// Sorts deals, those of one key in their order: numbers of key and place, as deals are long.
    fn sort(&mut self, items: &mut [Item], key: impl Fn(&Item) -> u32) {
        if items.is_sorted_by_key(&key) {
            return;
        }
        self.keys.clear();
        self.keys.extend((0_u64..).zip(&*items).map(|(at, item)| u64::from(key(item)) << 32 | at));
        self.keys.sort_unstable();
        self.items.clear();
        self.items.extend(self.keys.iter().map(|&key| items[key as u32 as usize]));
        items.copy_from_slice(&self.items);
    }
}

/// Errors and weights of deals.
fn total(items: &[Item]) -> (f64, f64) {
    items.iter().fold((0.0, 0.0), |(error, weight), item| (error + item.error, weight + item.weight))
}
