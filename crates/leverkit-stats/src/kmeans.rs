//! Exact k-means in one dimension.

use crate::Error;

/// Clusters of one-dimensional values.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// Cut points between neighbouring clusters, midway between their nearest values; one fewer than clusters.
    pub boundaries: Vec<f64>,
    /// The mean of each cluster, ascending.
    pub centres: Vec<f64>,
}

/// The partition of values into `k` clusters with the least weighted squared distance to their means, by dynamic programming
/// (Wang & Song 2011) with divide and conquer: in one dimension clusters are runs, and the best first value of a last run moves
/// up with the run's end. O(k n log n) for `n` distinct values.
///
/// `values` ascend strictly; `weights` are positive and count how often each occurs.
///
/// # Errors
/// `k` is 0 or above the number of values, values do not ascend, or lengths differ.
///
/// ```
/// let clusters = leverkit_stats::kmeans(&[1.0, 2.0, 10.0, 11.0], &[1.0, 1.0, 1.0, 1.0], 2)?;
/// assert_eq!(clusters.boundaries, [6.0]);
/// assert_eq!(clusters.centres, [1.5, 10.5]);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn kmeans(values: &[f64], weights: &[f64], k: usize) -> Result<Clusters, Error> {
    if k == 0 || k > values.len() {
        return Err(Error::parameter("k", &k, "1 to the number of distinct values"));
    }
    if values.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Error::parameter("values", &"values out of order", "strictly ascending values"));
    }
    if weights.len() != values.len() {
        return Err(Error::parameter("weights", &weights.len(), "as many as values"));
    }
    let sums = Sums::of(values, weights);
    let starts = run_starts(&sums, k);
    let ends = starts[1..].iter().copied().chain([values.len()]);
    let centres = starts.iter().zip(ends).map(|(&start, end)| sums.mean(start, end)).collect();
    let boundaries = starts[1..].iter().map(|&start| f64::midpoint(values[start - 1], values[start])).collect();
    Ok(Clusters { boundaries, centres })
}

/// Running sums of weight, weighted values and squares, shifted to the middle value so that squares do not cancel.
struct Sums {
    shift: f64,
    weight: Vec<f64>,
    value: Vec<f64>,
    square: Vec<f64>,
}

impl Sums {
    fn of(values: &[f64], weights: &[f64]) -> Self {
        let shift = values[values.len() / 2];
        let running = |power: i32| {
            let mut total = 0.0;
            let terms = values.iter().zip(weights).map(|(value, weight)| weight * (value - shift).powi(power));
            let sums = terms.map(|term| {
                total += term;
                total
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Self { shift, weight: running(0), value: running(1), square: running(2) }
    }

    fn mean(&self, start: usize, end: usize) -> f64 {
        self.shift + (self.value[end] - self.value[start]) / (self.weight[end] - self.weight[start])
    }

    /// Squared distances of values `start..end` to their mean.
    fn cost(&self, start: usize, end: usize) -> f64 {
        let (weight, value) = (self.weight[end] - self.weight[start], self.value[end] - self.value[start]);
        (self.square[end] - self.square[start] - value * value / weight).max(0.0)
    }
}

/// The first value of each of the `k` best runs.
fn run_starts(sums: &Sums, k: usize) -> Vec<usize> {
    let n = sums.weight.len() - 1;
    let mut costs: Vec<f64> = (0..=n).map(|end| if end == 0 { 0.0 } else { sums.cost(0, end) }).collect();
    let mut choices = Vec::with_capacity(k);
    for clusters in 2..=k {
        let mut layer = Layer { sums, before: &costs, costs: vec![f64::INFINITY; n + 1], choices: vec![0; n + 1] };
        layer.fill(clusters..n + 1, clusters - 1, n - 1);
        let Layer { costs: filled, choices: chosen, .. } = layer;
        costs = filled;
        choices.push(chosen);
    }
    let mut starts = vec![0; k];
    let mut end = n;
    for (cluster, chosen) in choices.iter().enumerate().rev() {
        end = chosen[end] as usize;
        starts[cluster + 1] = end;
    }
    starts
}

/// One more cluster: the best cost of the values up to each end, and where its last run starts.
struct Layer<'a> {
    sums: &'a Sums,
    before: &'a [f64],
    costs: Vec<f64>,
    choices: Vec<u32>,
}

impl Layer<'_> {
    /// Fills the ends whose last run starts within `low..=high`: the middle one by trying all, then both halves within its choice.
    fn fill(&mut self, ends: std::ops::Range<usize>, low: usize, high: usize) {
        if ends.is_empty() {
            return;
        }
        let end = usize::midpoint(ends.start, ends.end);
        let mut best = low;
        for start in low..=high.min(end - 1) {
            let cost = self.before[start] + self.sums.cost(start, end);
            if cost < self.costs[end] {
                self.costs[end] = cost;
                best = start;
            }
        }
        self.choices[end] = best as u32;
        self.fill(ends.start..end, low, best);
        self.fill(end + 1..ends.end, best, high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The least cost over all ways to cut values into k runs.
    fn brute_force(sums: &Sums, from: usize, k: usize) -> f64 {
        let n = sums.weight.len() - 1;
        if k == 1 {
            return sums.cost(from, n);
        }
        (from + 1..=n + 1 - k)
            .map(|end| sums.cost(from, end) + brute_force(sums, end, k - 1))
            .fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn no_other_partition_is_better(gaps in prop::collection::vec((1u8..50, 1u8..5), 1..12), k in 1usize..5) {
            let mut at = 0.0;
            let values: Vec<f64> = gaps.iter().map(|(gap, _)| { at += f64::from(*gap); at }).collect();
            let weights: Vec<f64> = gaps.iter().map(|(_, weight)| f64::from(*weight)).collect();
            let k = k.min(values.len());
            let sums = Sums::of(&values, &weights);
            let starts = run_starts(&sums, k);
            let ends = starts[1..].iter().copied().chain([values.len()]);
            let cost: f64 = starts.iter().zip(ends).map(|(&start, end)| sums.cost(start, end)).sum();
            prop_assert!((cost - brute_force(&sums, 0, k)).abs() <= 1e-9 * (1.0 + cost));
        }
    }
}
