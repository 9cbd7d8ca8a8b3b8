//! Cross products of rows, block by block.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use crate::parts::{Mergeable, sums};

/// The sum over rows of the products of each two of their `width` values; `fill` writes a row into zeros, and adds where several of its entries fall together.
///
/// ```
/// use leverkit_stats::regression::cross_products;
/// let x = [1.0, 2.0, 3.0];
/// let found = cross_products(3, 2, |row, into| into.copy_from_slice(&[1.0, x[row]]));
/// assert_eq!((found[(0, 0)], found[(0, 1)], found[(1, 1)]), (3.0, 6.0, 14.0));
/// ```
pub fn cross_products(rows: usize, width: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> Mat<f64> {
    const BLOCK: usize = 256;
    let add = |range: Range<usize>, sum: &mut Products| {
        let mut values = vec![0.0; BLOCK.min(range.len()) * width];
        for start in range.clone().step_by(BLOCK) {
            let block = start..range.end.min(start + BLOCK);
            let n = block.len();
            let values = &mut values[..n * width];
            values.fill(0.0);
            block.zip(values.chunks_exact_mut(width)).for_each(|(row, into)| fill(row, into));
            let block = MatRef::from_row_major_slice(values, n, width);
            matmul(sum.0.as_mut(), Accum::Add, block.transpose(), block, 1.0, Par::Seq);
        }
    };
    sums(rows, width * width / 16, || Products(Mat::zeros(width, width)), add).0
}

struct Products(Mat<f64>);

impl Mergeable for Products {
    fn merge(&mut self, later: Self) {
        self.0 += later.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_add_up_to_all_rows() {
        let value = |row: usize, at: usize| ((row * 7 + at * 3) % 11) as f64 - 5.0;
        for rows in [0, 1, 255, 256, 1000] {
            let found = cross_products(rows, 3, |row, into| (0..3).for_each(|at| into[at] = value(row, at)));
            for (i, j) in [(0, 0), (0, 1), (2, 1), (2, 2)] {
                let expected: f64 = (0..rows).map(|row| value(row, i) * value(row, j)).sum();
                assert_eq!(found[(i, j)], expected);
            }
        }
    }
}
