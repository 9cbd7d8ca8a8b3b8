//! How far two partitions of the same things agree.

/// The adjusted Rand index of two partitions (Hubert & Arabie 1985): 1 where they are the same, 0 as by chance.
///
/// `one` and `other` name the part of each thing by a number from 0, `counts` say how many things each stands for.
///
/// ```
/// use leverkit_stats::adjusted_rand;
/// assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[1, 1, 0, 0], &[1.0; 4]), 1.0);
/// // `sklearn.metrics.adjusted_rand_score([0, 0, 1, 1], [0, 0, 1, 2])`
/// assert!((adjusted_rand(&[0, 0, 1, 1], &[0, 0, 1, 2], &[1.0; 4]) - 0.571_428_6).abs() < 1e-6);
/// ```
pub fn adjusted_rand(one: &[usize], other: &[usize], counts: &[f64]) -> f64 {
    let (rows, columns) = (most(one), most(other));
    let mut table = vec![0.0; rows * columns];
    one.iter().zip(other).zip(counts).for_each(|((a, b), count)| table[a * columns + b] += count);
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let sum = |values: Vec<f64>| values.into_iter().map(pairs).sum::<f64>();
    let of_rows = sum(table.chunks_exact(columns).map(|row| row.iter().sum()).collect());
    let of_columns = sum((0..columns).map(|column| table.iter().skip(column).step_by(columns).sum()).collect());
    let together = sum(table.clone());
    let expected = of_rows * of_columns / pairs(counts.iter().sum());
    let greatest = f64::midpoint(of_rows, of_columns);
    if greatest == expected { 1.0 } else { (together - expected) / (greatest - expected) }
}

fn most(parts: &[usize]) -> usize {
    parts.iter().max().map_or(0, |part| part + 1)
}
