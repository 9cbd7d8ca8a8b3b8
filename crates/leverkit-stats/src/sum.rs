//! Sums whose last bit depends on the values and their order alone.

use rayon::prelude::*;

/// Values of a chunk. Chunks are summed in lanes and their sums pairwise, whatever the number of threads.
const CHUNK: usize = 4096;
const LANES: usize = 8;

/// The sum of values, by fixed chunks reduced pairwise in order: accurate, fast, and the same on every run.
///
/// ```
/// assert_eq!(leverkit_stats::sum(&[0.1; 10]), 1.0);
/// assert_eq!(leverkit_stats::sum(&[]), 0.0);
/// ```
pub fn sum(values: &[f64]) -> f64 {
    pairwise(&values.chunks(CHUNK).map(chunk_sum).collect::<Vec<_>>())
}

/// The sum of values on all threads; the same bits as [`sum`].
///
/// ```
/// let values: Vec<f64> = (0..100_000).map(|i| 1.0 / f64::from(i + 1)).collect();
/// assert_eq!(leverkit_stats::par_sum(&values).to_bits(), leverkit_stats::sum(&values).to_bits());
/// ```
pub fn par_sum(values: &[f64]) -> f64 {
    pairwise(&values.par_chunks(CHUNK).with_min_len(16).map(chunk_sum).collect::<Vec<_>>())
}

/// The sum of values that come one by one; the same bits as [`sum`] of all of them.
///
/// ```
/// let values: Vec<f64> = (0..100_000).map(|i| 1.0 / f64::from(i + 1)).collect();
/// let mut summing = leverkit_stats::Summing::default();
/// values.iter().for_each(|&value| summing.add(value));
/// assert_eq!(summing.total().to_bits(), leverkit_stats::sum(&values).to_bits());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Summing {
    sums: Vec<f64>,
    open: Vec<f64>,
}

impl Summing {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.open.push(value);
        if self.open.len() == CHUNK {
            self.sums.push(chunk_sum(&self.open));
            self.open.clear();
        }
    }

    /// The sum of what was added.
    pub fn total(&self) -> f64 {
        let open = (!self.open.is_empty()).then(|| chunk_sum(&self.open));
        pairwise(&self.sums.iter().copied().chain(open).collect::<Vec<_>>())
    }
}

fn chunk_sum(chunk: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let mut eights = chunk.chunks_exact(LANES);
    for eight in &mut eights {
        lanes.iter_mut().zip(eight).for_each(|(lane, value)| *lane += value);
    }
    lanes.iter_mut().zip(eights.remainder()).for_each(|(lane, value)| *lane += value);
    pairwise(&lanes)
}

fn pairwise(values: &[f64]) -> f64 {
    match values {
        [] => 0.0,
        [value] => *value,
        _ => {
            let (left, right) = values.split_at(values.len() / 2);
            pairwise(left) + pairwise(right)
        }
    }
}
