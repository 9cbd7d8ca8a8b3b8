//! Quantiles by selection: no full sort.

use rayon::prelude::*;

/// Quantiles by linear interpolation between order statistics: type 7 of Hyndman & Fan (1996), the default of numpy, pandas and R.
///
/// `values` must hold no NaN and is reordered. Without values the result is empty.
///
/// ```
/// let mut values = [4.0, 1.0, 3.0, 2.0];
/// assert_eq!(leverkit_stats::quantiles(&mut values, &[0.5, 0.0, 1.0]), [2.5, 1.0, 4.0]);
/// ```
pub fn quantiles(values: &mut [f64], probabilities: &[f64]) -> Vec<f64> {
    debug_assert!(values.iter().all(|value| !value.is_nan()), "quantiles of NaN");
    if values.is_empty() {
        return Vec::new();
    }
    let places = Places::of(values.len(), probabilities);
    select(values, &places.ranks, 0);
    places.quantiles(|rank| values[rank])
}

/// Quantiles as [`quantiles`], of values that may hold NaN, which are left out, and that stay as they are. Runs on all threads.
///
/// ```
/// let values = [4.0, f64::NAN, 1.0, 3.0, 2.0];
/// assert_eq!(leverkit_stats::par_quantiles(&values, &[0.5, 0.0, 1.0]), [2.5, 1.0, 4.0]);
/// ```
pub fn par_quantiles(values: &[f64], probabilities: &[f64]) -> Vec<f64> {
    chunked_quantiles(&values.chunks(SMALL).collect::<Vec<_>>(), probabilities)
}

/// Quantiles as [`par_quantiles`], of values in chunks of some ten thousand.
///
/// ```
/// assert_eq!(leverkit_stats::chunked_quantiles(&[&[4.0, f64::NAN], &[1.0, 3.0, 2.0]], &[0.5]), [2.5]);
/// ```
pub fn chunked_quantiles(values: &[&[f64]], probabilities: &[f64]) -> Vec<f64> {
    let n: usize = values.iter().map(|chunk| chunk.len()).sum();
    if n < SMALL {
        let mut known: Vec<f64> = values.concat().into_iter().filter(|value| !value.is_nan()).collect();
        return quantiles(&mut known, probabilities);
    }
    let buckets = Buckets::of(values, n);
    let counts = buckets.counts(values);
    let known = counts.iter().sum();
    if known == 0 {
        return Vec::new();
    }
    let places = Places::of(known, probabilities);
    // Only buckets that hold a rank are looked into.
    let wanted = buckets_of(&counts, &places.ranks);
    let members = buckets.members(values, &wanted);
    let found: Vec<Vec<(usize, f64)>> = wanted
        .into_par_iter()
        .zip(members)
        .map(|((_, before, ranks), mut members)| {
            select(&mut members, ranks, before);
            ranks.iter().map(|rank| (*rank, members[rank - before])).collect()
        })
        .collect();
    let found = found.concat();
    places.quantiles(|rank| found[found.partition_point(|(known, _)| *known < rank)].1)
}

/// Quantiles as [`par_quantiles`], of whole numbers from 0 up to a few thousand, such as days and orders, which are counted
/// instead of compared. Other values are selected among.
///
/// ```
/// assert_eq!(leverkit_stats::count_quantiles(&[2.0, f64::NAN, 0.0, 3.0, 2.0], &[0.0, 0.5, 1.0]), [0.0, 2.0, 3.0]);
/// assert_eq!(leverkit_stats::count_quantiles(&[0.5, 1.5], &[0.5]), [1.0]);
/// ```
pub fn count_quantiles(values: &[f64], probabilities: &[f64]) -> Vec<f64> {
    counts(values)
        .map_or_else(|| par_quantiles(values, probabilities), |counts| quantiles_of_counts(&counts, probabilities))
}

/// Quantiles of the numbers 0, 1, 2 …, given how often each occurs.
///
/// ```
/// assert_eq!(leverkit_stats::quantiles_of_counts(&[1, 0, 2, 1], &[0.0, 0.5, 1.0]), [0.0, 2.0, 3.0]);
/// ```
pub fn quantiles_of_counts(counts: &[u64], probabilities: &[f64]) -> Vec<f64> {
    counted(counts, probabilities, |place| place as f64)
}

/// Quantiles of ascending values, given how often each occurs.
///
/// ```
/// assert_eq!(leverkit_stats::quantiles_of_repeated(&[0.5, 2.5], &[1, 3], &[0.0, 1.0 / 6.0, 1.0]), [0.5, 1.5, 2.5]);
/// ```
pub fn quantiles_of_repeated(values: &[f64], counts: &[u64], probabilities: &[f64]) -> Vec<f64> {
    counted(counts, probabilities, |place| values[place])
}

fn counted(counts: &[u64], probabilities: &[f64], value: impl Fn(usize) -> f64) -> Vec<f64> {
    let n: u64 = counts.iter().sum();
    if n == 0 {
        return Vec::new();
    }
    let up_to: Vec<u64> = counts
        .iter()
        .scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        })
        .collect();
    Places::of(n as usize, probabilities).quantiles(|rank| value(up_to.partition_point(|&sum| sum <= rank as u64)))
}

/// How often each number from 0 on occurs; `None` where one is no whole number in reach.
fn counts(values: &[f64]) -> Option<Vec<u64>> {
    const REACH: usize = 1 << 12;
    let part = |chunk: &[f64]| {
        let mut counts = vec![0_u64; REACH];
        for &value in chunk.iter().filter(|value| !value.is_nan()) {
            // A number that is not whole, negative or out of reach does not survive the way there and back.
            let whole = value as usize;
            *counts.get_mut(whole).filter(|_| whole as f64 == value)? += 1;
        }
        Some(counts)
    };
    let parts: Option<Vec<Vec<u64>>> = values.par_chunks(8 * SMALL).map(part).collect();
    let mut parts = parts?.into_iter();
    let first = parts.next().unwrap_or_default();
    Some(parts.fold(first, |mut sum, part| {
        sum.iter_mut().zip(part).for_each(|(sum, count)| *sum += count);
        sum
    }))
}

/// A bucket that holds ranks: which, how many values come before it, and its ranks.
type Bucket<'a> = (usize, usize, &'a [usize]);

/// Fewer values than this are sorted out on one thread.
const SMALL: usize = 1 << 15;

/// So many buckets are counted in the first-level cache.
const BUCKETS: usize = 1 << 12;

/// Values that tell where most lie.
const SAMPLE: usize = 1 << 10;

/// Ordered buckets of numbers: as many for each power of two, in the range where most values lie. What lies beyond it falls into the
/// first and the last bucket.
struct Buckets {
    least: u64,
    shift: u32,
}

impl Buckets {
    fn of(values: &[&[f64]], n: usize) -> Self {
        let every = (n / SAMPLE).max(1);
        let mut sample: Vec<u64> =
            values.iter().copied().flatten().step_by(every).filter_map(|v| ordered(*v)).collect();
        sample.sort_unstable();
        let beyond = sample.len() / 64;
        let least = sample.get(beyond).copied().unwrap_or_default();
        let greatest = sample.iter().rev().nth(beyond).copied().unwrap_or(u64::MAX);
        let bits = u64::BITS - greatest.saturating_sub(least).leading_zeros();
        Self { least, shift: bits.saturating_sub(BUCKETS.ilog2()) }
    }

    fn of_value(&self, value: f64) -> Option<usize> {
        let place = ordered(value)?.saturating_sub(self.least) >> self.shift;
        Some((place as usize).min(BUCKETS - 1))
    }

    /// How many values each bucket holds.
    fn counts(&self, values: &[&[f64]]) -> Vec<usize> {
        let part = |chunks: &[&[f64]]| {
            let mut counts = vec![0_u32; BUCKETS];
            let buckets = chunks.iter().copied().flatten().filter_map(|value| self.of_value(*value));
            buckets.for_each(|bucket| counts[bucket] += 1);
            counts
        };
        let parts: Vec<Vec<u32>> = values.par_chunks(per_thread(values)).map(part).collect();
        (0..BUCKETS).map(|bucket| parts.iter().map(|counts| counts[bucket] as usize).sum()).collect()
    }

    /// The values of each wanted bucket, in one pass over all.
    fn members(&self, values: &[&[f64]], wanted: &[Bucket<'_>]) -> Vec<Vec<f64>> {
        const NOT_WANTED: u16 = u16::MAX;
        let mut slots = vec![NOT_WANTED; BUCKETS];
        for (slot, (bucket, ..)) in wanted.iter().enumerate() {
            slots[*bucket] = slot as u16;
        }
        let part = |chunks: &[&[f64]]| {
            let mut members = vec![Vec::new(); wanted.len()];
            for &value in chunks.iter().copied().flatten() {
                let slot = self.of_value(value).map_or(NOT_WANTED, |bucket| slots[bucket]);
                if slot != NOT_WANTED {
                    members[usize::from(slot)].push(value);
                }
            }
            members
        };
        let parts: Vec<Vec<Vec<f64>>> = values.par_chunks(per_thread(values)).map(part).collect();
        (0..wanted.len()).map(|slot| parts.iter().flat_map(|part| part[slot].iter().copied()).collect()).collect()
    }
}

fn per_thread(values: &[&[f64]]) -> usize {
    values.len().div_ceil(rayon::current_num_threads())
}

/// Bits in the order of `total_cmp`; `None` for NaN.
fn ordered(value: f64) -> Option<u64> {
    let bits = value.to_bits() as i64;
    // Negative numbers in reverse, before the others.
    let ordered = (bits ^ (((bits >> 63) as u64) >> 1) as i64) as u64 ^ (1 << 63);
    (!value.is_nan()).then_some(ordered)
}

fn buckets_of<'a>(counts: &[usize], ranks: &'a [usize]) -> Vec<Bucket<'a>> {
    let mut found = Vec::new();
    let (mut before, mut rest) = (0, ranks);
    for (bucket, &count) in counts.iter().enumerate() {
        let (inside, after) = rest.split_at(rest.partition_point(|&rank| rank < before + count));
        if !inside.is_empty() {
            found.push((bucket, before, inside));
        }
        (before, rest) = (before + count, after);
    }
    found
}

/// Where quantiles lie among sorted values.
struct Places {
    positions: Vec<f64>,
    /// The ranks on both sides of the positions, ascending.
    ranks: Vec<usize>,
    last: usize,
}

impl Places {
    fn of(n: usize, probabilities: &[f64]) -> Self {
        let last = n - 1;
        let positions: Vec<f64> = probabilities.iter().map(|p| whole(p.clamp(0.0, 1.0) * last as f64)).collect();
        let mut ranks: Vec<usize> = positions.iter().flat_map(|h| [*h as usize, (*h as usize + 1).min(last)]).collect();
        ranks.sort_unstable();
        ranks.dedup();
        Self { positions, ranks, last }
    }

    fn quantiles(&self, value: impl Fn(usize) -> f64) -> Vec<f64> {
        self.positions.iter().map(|h| interpolate(&value, *h, self.last)).collect()
    }
}

/// A whole number where rounding alone parts it from one: 0.28 · 25 is 7.000000000000001, and interpolation there would miss the value of rank 7.
fn whole(position: f64) -> f64 {
    let nearest = position.round();
    if (position - nearest).abs() <= 4.0 * f64::EPSILON * position { nearest } else { position }
}

/// The middle value, or the mean of the two; `None` without values.
///
/// ```
/// assert_eq!(leverkit_stats::median(&mut [3.0, 1.0, 2.0]), Some(2.0));
/// ```
pub fn median(values: &mut [f64]) -> Option<f64> {
    quantiles(values, &[0.5]).first().copied()
}

fn interpolate(value: impl Fn(usize) -> f64, h: f64, last: usize) -> f64 {
    let low = h as usize;
    let (a, b) = (value(low), value((low + 1).min(last)));
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
            let expected: Vec<f64> = p.iter().map(|p| interpolate(|rank| sorted[rank], whole(p * (sorted.len() - 1) as f64), sorted.len() - 1)).collect();
            prop_assert_eq!(quantiles(&mut values, &p), expected);
        }
    }
    #[test]
    fn a_quantile_that_falls_on_a_value_is_that_value() {
        for n in 2..400_usize {
            let values: Vec<f64> = (0..n).map(|i| 10.0 + 0.1 * i as f64).collect();
            for rank in 0..n {
                let p = rank as f64 / (n - 1) as f64;
                assert_eq!(quantiles(&mut values.clone(), &[p]), [values[rank]], "{rank} of {n}");
            }
        }
    }

    #[test]
    fn buckets_give_what_selection_gives() {
        let values: Vec<f64> = (0..200_000_i64)
            .map(|i| match i % 9 {
                0 => f64::NAN,
                1 => 7.0,
                2 => -((i % 1000) as f64) / 8.0,
                3 => f64::from((i % 2) as i32) * -0.0,
                _ => ((i * 7919) % 100_003) as f64 / 100.0,
            })
            .collect();
        let mut known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        let mut probabilities: Vec<f64> = (0..=256).map(|k| f64::from(k) / 256.0).collect();
        probabilities.extend([0.1, 0.8, 0.999]);
        assert_eq!(par_quantiles(&values, &probabilities), quantiles(&mut known, &probabilities));
        assert_eq!(par_quantiles(&vec![f64::NAN; 100_000], &probabilities), [0.0; 0]);
        let days: Vec<f64> = (0..400_000_i64).map(|i| ((i * 7919) % 700) as f64).collect();
        assert_eq!(count_quantiles(&days, &probabilities), par_quantiles(&days, &probabilities));
    }
}
