//! The four curves of a price sensitivity meter, and where two of them cross.

use rayon::prelude::*;

use super::params::Intersection;

/// The weight of answers at or below each price, for each question, and their summed probability to buy.
pub(super) struct Curves {
    pub(super) below: [Vec<f64>; 4],
    pub(super) total: f64,
    pub(super) reach: Option<Vec<f64>>,
}

impl Curves {
    pub(super) fn shares(&self) -> [Vec<f64>; 4] {
        self.below.each_ref().map(|below| below.par_iter().map(|below| below / self.total).collect())
    }

    /// The prices at which two questions' weights add up to the total, as places on the grid: a stretch, or between two places.
    pub(super) fn crossing(&self, (a, b): (usize, usize)) -> Crossing {
        let sum = |at: usize| self.below[a][at] + self.below[b][at] - self.total;
        let slack = 1e-12 * self.total;
        let at = partition(self.below[a].len(), |at| sum(at) < -slack);
        let end = partition(self.below[a].len(), |at| sum(at) <= slack);
        if at < end {
            Crossing::Stretch(at, end - 1)
        } else {
            Crossing::Between(at.max(1), -sum(at.max(1) - 1), sum(at))
        }
    }
}

/// Where two curves cross.
pub(super) enum Crossing {
    /// The curves coincide from one place to another.
    Stretch(usize, usize),
    /// They cross before this place; how far apart they are on both sides.
    Between(usize, f64, f64),
}

impl Crossing {
    /// The price that stands for it.
    pub(super) fn price(&self, prices: &[f64], rule: Intersection) -> f64 {
        match *self {
            Self::Between(at, before, after) => {
                let (low, high) = (prices[at - 1], prices[at]);
                low + (high - low) * before / (before + after)
            }
            Self::Stretch(from, to) => match rule {
                Intersection::Min => prices[from],
                Intersection::Max => prices[to],
                Intersection::Mean => prices[from..=to].iter().sum::<f64>() / (to - from + 1) as f64,
                Intersection::Median => {
                    f64::midpoint(prices[usize::midpoint(from, to)], prices[(from + to).div_ceil(2)])
                }
            },
        }
    }
}

/// The first of `n` places at which `is_before` no longer holds.
fn partition(n: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
