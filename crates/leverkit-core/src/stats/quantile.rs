//! Quantiles by selection: no full sort.

/// Quantiles by linear interpolation between order statistics: type 7 of Hyndman & Fan (1996), the default of numpy, pandas and R.
///
/// `values` must hold no NaN and is reordered. Without values the result is empty.
///
/// ```
/// let mut values = [4.0, 1.0, 3.0, 2.0];
/// assert_eq!(leverkit_core::stats::quantiles(&mut values, &[0.5, 0.0, 1.0]), [2.5, 1.0, 4.0]);
/// ```
pub fn quantiles(values: &mut [f64], probabilities: &[f64]) -> Vec<f64> {
    debug_assert!(values.iter().all(|value| !value.is_nan()), "quantiles of NaN");
    if values.is_empty() {
        return Vec::new();
    }
    let last = values.len() - 1;
    let positions: Vec<f64> = probabilities.iter().map(|p| p.clamp(0.0, 1.0) * last as f64).collect();
    let mut ranks: Vec<usize> = positions.iter().flat_map(|h| [*h as usize, (*h as usize + 1).min(last)]).collect();
    ranks.sort_unstable();
    ranks.dedup();
    select(values, &ranks, 0);
    positions.iter().map(|h| interpolate(values, *h)).collect()
}

/// The middle value, or the mean of the two; `None` without values.
///
/// ```
/// assert_eq!(leverkit_core::stats::median(&mut [3.0, 1.0, 2.0]), Some(2.0));
/// ```
pub fn median(values: &mut [f64]) -> Option<f64> {
    quantiles(values, &[0.5]).first().copied()
}

fn interpolate(values: &[f64], h: f64) -> f64 {
    let low = h as usize;
    let (a, b) = (values[low], values[(low + 1).min(values.len() - 1)]);
    // Equal neighbours are returned as they are: interpolation could round off them.
    if a == b { a } else { a + (h - low as f64) * (b - a) }
}

/// Puts the values of the given ranks in their sorted places; `ranks` ascend and count from `offset`.
/// Selecting the middle rank first halves the work on both sides.
fn select(values: &mut [f64], ranks: &[usize], offset: usize) {
    let Some(&rank) = ranks.get(ranks.len() / 2) else { return };
    let (left, _, right) = values.select_nth_unstable_by(rank - offset, f64::total_cmp);
    select(left, &ranks[..ranks.len() / 2], offset);
    select(right, &ranks[ranks.len() / 2 + 1..], rank + 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn selection_gives_what_sorting_gives(mut values in prop::collection::vec(-1e6..1e6f64, 1..200), p in prop::collection::vec(0.0..=1.0f64, 0..8)) {
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let expected: Vec<f64> = p.iter().map(|p| interpolate(&sorted, p * (sorted.len() - 1) as f64)).collect();
            prop_assert_eq!(quantiles(&mut values, &p), expected);
        }
    }
}
