//! A norm that rises with size: monotone quantile regression.

use leverkit_core::stats::quantiles;
use rayon::prelude::*;
use serde::Serialize;

/// Sizes are put into at most so many bins of equal numbers of deals.
const BINS: usize = 200;

/// Fewest deals of a bin, where there are so many.
const FEWEST: usize = 10;

/// A point of the norm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Knot {
    /// The size: the median of its bin.
    pub size: f64,
    /// The discount that is normal for it, share of list price.
    pub discount: f64,
    /// Deals of the bin.
    pub deals: u64,
}

/// The norm: straight lines over the logarithm of size between its knots, level beyond them.
///
/// ```
/// use leverkit_pricing::{DiscountNorm, Knot};
/// let knot = |size, discount| Knot { size, discount, deals: 10 };
/// let norm = DiscountNorm { knots: vec![knot(1.0, 0.05), knot(100.0, 0.15)] };
/// // Half-way on the logarithm of size, and level beyond the last knot.
/// assert!((norm.at(10.0) - 0.10).abs() < 1e-12 && norm.at(1000.0) == 0.15);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiscountNorm {
    /// The knots, by size.
    pub knots: Vec<Knot>,
}

impl DiscountNorm {
    /// Fits the quantile of `discount` that never falls with `size` and is nearest to the deals: isotonic quantile regression by pooling
    /// adjacent violators (Robertson & Waltman 1968) over bins of size. Pairs are (size, discount), sizes above 0.
    pub(crate) fn fit(mut pairs: Vec<(f64, f64)>, quantile: f64) -> Self {
        pairs.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let bins = bins(&pairs);
        let level = |from: usize, to: usize| {
            let mut discounts: Vec<f64> = pairs[from..to].iter().map(|pair| pair.1).collect();
            quantiles(&mut discounts, &[quantile])[0]
        };
        // Blocks of bins, each with where it starts and its level.
        let mut blocks: Vec<(usize, usize, f64)> = Vec::new();
        for bin in bins.windows(2) {
            blocks.push((bin[0], bin[1], level(bin[0], bin[1])));
            while let [.., (from, _, before), (_, to, last)] = blocks[..] {
                if before <= last {
                    break;
                }
                blocks.truncate(blocks.len() - 2);
                blocks.push((from, to, level(from, to)));
            }
        }
        let knot = |bin: &[usize]| {
            let block = blocks[blocks.partition_point(|block| block.1 <= bin[0])];
            Knot { size: pairs[usize::midpoint(bin[0], bin[1])].0, discount: block.2, deals: (bin[1] - bin[0]) as u64 }
        };
        Self { knots: bins.windows(2).map(knot).collect() }
    }

    /// Between which knots a size lies: deals of about one size have one number.
    pub(crate) fn bin(&self, size: f64) -> u32 {
        self.knots.partition_point(|knot| knot.size <= size) as u32
    }

    /// The normal discount of a size.
    pub fn at(&self, size: f64) -> f64 {
        let next = self.knots.partition_point(|knot| knot.size <= size);
        let (Some(low), Some(high)) = (next.checked_sub(1).map(|at| self.knots[at]), self.knots.get(next)) else {
            return self.knots[next.min(self.knots.len() - 1)].discount;
        };
        let share = (size / low.size).ln() / (high.size / low.size).ln();
        low.discount + share * (high.discount - low.discount)
    }
}

/// Where bins of equal numbers of deals start and end; deals of one size stay together.
fn bins(pairs: &[(f64, f64)]) -> Vec<usize> {
    let n = pairs.len();
    let count = (n / FEWEST).clamp(1, BINS);
    let mut cuts = vec![0];
    for bin in 1..=count {
        let size = pairs[(n * bin / count).min(n) - 1].0;
        let end = pairs.partition_point(|pair| pair.0 <= size);
        if Some(&end) != cuts.last() {
            cuts.push(end);
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_norm_never_falls(pairs in prop::collection::vec((1.0..1e4f64, -0.2..0.9f64), 1..400), quantile in 0.05..0.95f64) {
            let norm = DiscountNorm::fit(pairs.clone(), quantile);
            prop_assert!(norm.knots.windows(2).all(|pair| pair[0].discount <= pair[1].discount && pair[0].size < pair[1].size));
            prop_assert_eq!(norm.knots.iter().map(|knot| knot.deals).sum::<u64>(), pairs.len() as u64);
            let sizes = [0.5, 1.0, 10.0, 100.0, 1e5];
            prop_assert!(sizes.windows(2).all(|pair| norm.at(pair[0]) <= norm.at(pair[1]) + 1e-12));
        }
    }

    #[test]
    fn violators_are_pooled_to_their_quantile() {
        let pairs: Vec<(f64, f64)> =
            (0..30).map(|i| (f64::from(1 + i / 10), [0.1, 0.3, 0.2][i as usize / 10])).collect();
        let levels: Vec<f64> = DiscountNorm::fit(pairs, 0.5).knots.iter().map(|knot| knot.discount).collect();
        assert_eq!(levels, [0.1, 0.25, 0.25]);
    }
}
