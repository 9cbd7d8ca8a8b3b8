//! Mean, spread and percentiles of any number of values in bounded memory.

use leverkit_core::stats::{median, sum};

/// Bits of a number's fraction that tell bins apart: 512 bins from each power of two to the next.
const FRACTION: u32 = 9;

/// Powers of two that are told apart, from 2⁻²⁴ to 2⁴⁸ times the scale; smaller distances share a bin with zero, greater ones the last.
const POWERS: usize = 72;

const BINS: usize = POWERS << FRACTION;

/// The first bin's place among all that 64 bits could tell apart.
const FIRST: u64 = (1023 - 24) << FRACTION;

/// From where distances are counted, and in which unit: about the median, and how far values are from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    centre: f64,
    unit: f64,
}

impl Scale {
    /// The scale of values that are like those to come. Their unit is a power of two, so that counting in it rounds nothing.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let centre = median(&mut known).unwrap_or(0.0);
        let mut distances: Vec<f64> =
            known.iter().map(|value| (value - centre).abs()).filter(|far| *far > 0.0).collect();
        let unit = median(&mut distances).unwrap_or(1.0).clamp(1e-290, 1e300).log2().floor().exp2();
        Self { centre, unit }
    }
}

/// Values counted in bins by their distance from the centre: a percentile is known to within a 512th of its distance.
pub(crate) struct Tally {
    scale: Scale,
    /// Counts by distance: of values below the centre and of others.
    bins: [Vec<u64>; 2],
    least: f64,
    most: f64,
    n: u64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Tally {
    pub(crate) fn new(scale: Scale) -> Self {
        let (least, most) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { scale, bins: [vec![0; BINS], vec![0; BINS]], least, most, n: 0, mean: 0.0, squares: 0.0 }
    }

    pub(crate) fn add(&mut self, values: &[f64]) {
        for value in values {
            let distance = (value - self.scale.centre) / self.scale.unit;
            let place = (distance.abs().to_bits() >> (52 - FRACTION)).saturating_sub(FIRST);
            self.bins[usize::from(distance >= 0.0)][(place as usize).min(BINS - 1)] += 1;
            self.least = self.least.min(*value);
            self.most = self.most.max(*value);
        }
        let mean = sum(values) / values.len() as f64;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        self.merge_moments(values.len() as u64, mean, squares);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (bins, more) in self.bins.iter_mut().zip(&other.bins) {
            bins.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
        (self.least, self.most) = (self.least.min(other.least), self.most.max(other.most));
        self.merge_moments(other.n, other.mean, other.squares);
    }

    /// Chan, Golub & `LeVeque` (1979).
    fn merge_moments(&mut self, n: u64, mean: f64, squares: f64) {
        let all = self.n + n;
        if all > 0 {
            let (weight, apart) = (n as f64 / all as f64, mean - self.mean);
            self.squares += squares + apart * apart * self.n as f64 * weight;
            self.mean += apart * weight;
            self.n = all;
        }
    }

    pub(crate) fn n(&self) -> u64 {
        self.n
    }

    pub(crate) fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation; 0 of a single value.
    pub(crate) fn std(&self) -> f64 {
        if self.n > 1 { (self.squares / (self.n - 1) as f64).sqrt() } else { 0.0 }
    }

    /// Percentiles 1 to 99, on straight lines across their bins, between the least and the greatest value.
    pub(crate) fn percentiles(&self) -> Vec<f64> {
        let [below, above] = &self.bins;
        let below = below.iter().enumerate().rev().map(|(bin, count)| (-edge(bin + 1), -edge(bin), *count));
        let above = above.iter().enumerate().map(|(bin, count)| (edge(bin), edge(bin + 1), *count));
        let mut bins = below.chain(above).filter(|(_, _, count)| *count > 0);
        let (mut low, mut high, mut count) = bins.next().unwrap_or((0.0, 0.0, 1));
        let mut passed = 0;
        (1..100)
            .map(|percent| {
                let rank = self.n as f64 * f64::from(percent) / 100.0;
                while rank > (passed + count) as f64 {
                    passed += count;
                    let Some(next) = bins.next() else { break };
                    (low, high, count) = next;
                }
                let distance = low + (high - low) * ((rank - passed as f64) / count as f64).clamp(0.0, 1.0);
                (self.scale.centre + distance * self.scale.unit).max(self.least).min(self.most)
            })
            .collect()
    }
}

/// Where a bin begins.
fn edge(bin: usize) -> f64 {
    if bin == 0 { 0.0 } else { f64::from_bits((FIRST + bin as u64) << (52 - FRACTION)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentiles_lie_within_a_bin_of_the_sorted_values(mut values in proptest::collection::vec(-1e6..1e7_f64, 200..2000)) {
            let (first, second) = values.split_at(values.len() / 3);
            let scale = Scale::of(first);
            let (mut whole, mut rest) = (Tally::new(scale), Tally::new(scale));
            whole.add(first);
            rest.add(second);
            whole.merge(&rest);
            values.sort_unstable_by(f64::total_cmp);
            for (percent, found) in (1..).zip(whole.percentiles()) {
                let place = (values.len() * percent).div_ceil(100) - 1;
                let near = values[place];
                let far = (near - scale.centre).abs();
                prop_assert!((found - near).abs() <= far / 256.0 + scale.unit * 1e-6, "{percent}: {found} is not {near}");
            }
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64;
            prop_assert!((whole.mean() - mean).abs() < 1e-9 * 1e7 && (whole.std() / variance.sqrt() - 1.0).abs() < 1e-9);
        }
    }
    #[test]
    fn values_of_any_size_and_any_spread_have_their_percentiles() {
        for (middle, spread) in [(5e16, 5e15), (5e7, 1e4), (0.0, 1e-30), (-1e300, 1e290), (7.0, 0.0)] {
            let values: Vec<f64> = (0..1000).map(|i| middle + spread * (f64::from(i) / 999.0 - 0.5)).collect();
            let mut tally = Tally::new(Scale::of(&values[..100]));
            tally.add(&values);
            for (percent, found) in (1..).zip(tally.percentiles()) {
                let exact = middle + spread * (f64::from(percent) / 100.0 - 0.5);
                assert!(
                    (found - exact).abs() <= 0.004 * spread,
                    "{percent} of {middle}, {spread}: {found} is not {exact}"
                );
            }
        }
    }
}
