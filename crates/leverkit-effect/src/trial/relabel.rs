//! A/A tests on history: many re-randomisations of the same customers in one pass.
//!
//! Each re-randomisation gives every customer a random bit. Eight customers make a table of the sums of all 256 subsets of them, so that a
//! re-randomisation adds one entry for eight customers (the method of Arlazarov, Dinic, Kronrod & Faradzhev 1970, "four Russians").

use leverkit_core::check;
use leverkit_core::stats::budget::{self, Watched};
use leverkit_stats::Mergeable;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

/// Customers of one table of subsets.
const GROUP: usize = 8;
/// Customers of one task: each has a random stream of its own, so that results do not depend on threads.
const PIECE: usize = 1 << 15;
/// Binary digits to which the share of treated is rounded.
const DIGITS: u32 = 12;

/// Sums of the treated of one re-randomisation: value, square, adjusted value, its square.
type Sums = [f64; 4];

/// The treated of one re-randomisation.
#[derive(Debug, Clone, Copy, Default)]
struct Treated {
    n: u32,
    sums: Sums,
}

impl Treated {
    fn add(&mut self, n: u32, sums: &Sums) {
        self.n += n;
        self.sums.iter_mut().zip(sums).for_each(|(sum, more)| *sum += more);
    }
}

/// The difference of means that a re-randomisation shows, and its standard error: plain, and adjusted for the pre-period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shown {
    pub(crate) plain: (f64, f64),
    pub(crate) adjusted: (f64, f64),
}

/// Re-randomises `replicates` times; values and adjusted values are centred by the caller.
pub(crate) fn relabel(values: &[f64], adjusted: &[f64], share: f64, replicates: usize, seed: u64) -> Vec<Shown> {
    let digits = digits(share);
    let parts: Vec<Relabelled> = (0..values.len().div_ceil(PIECE))
        .into_par_iter()
        .watched()
        .map(|piece| {
            let rows = piece * PIECE..values.len().min((piece + 1) * PIECE);
            let random = Pcg64::seed_from_u64(seed ^ (piece as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            Relabelled::of(&values[rows.clone()], &adjusted[rows], &digits, replicates, random)
        })
        .collect();
    let start = Relabelled { treated: vec![Treated::default(); replicates], all: Treated::default() };
    let merged = parts.into_iter().fold(start, |mut sum, part| {
        sum.merge(part);
        sum
    });
    merged.treated.iter().map(|treated| shown(treated, &merged.all)).collect()
}

/// What some customers add to every re-randomisation.
struct Relabelled {
    treated: Vec<Treated>,
    all: Treated,
}

impl Relabelled {
    fn of(values: &[f64], adjusted: &[f64], digits: &[bool], replicates: usize, mut random: Pcg64) -> Self {
        let mut treated = vec![Treated::default(); replicates];
        let mut all = Treated::default();
        let mut bytes = vec![0_u8; replicates];
        let mut more = vec![0_u8; replicates];
        let mut subsets = [Sums::default(); 1 << GROUP];
        for (values, adjusted) in values.chunks(GROUP).zip(adjusted.chunks(GROUP)) {
            budget::check();
            fill_subsets(&mut subsets, values, adjusted);
            draw(&mut bytes, &mut more, digits, &mut random);
            let full = u8::MAX >> (GROUP - values.len());
            for (treated, byte) in treated.iter_mut().zip(&bytes) {
                let subset = byte & full;
                treated.add(subset.count_ones(), &subsets[subset as usize]);
            }
            all.add(values.len() as u32, &subsets[full as usize]);
        }
        Self { treated, all }
    }
}

impl Mergeable for Relabelled {
    fn merge(&mut self, later: Self) {
        self.treated.iter_mut().zip(&later.treated).for_each(|(sum, more)| sum.add(more.n, &more.sums));
        self.all.add(later.all.n, &later.all.sums);
    }
}

/// The sums of every subset: each is a smaller one and the customer of its highest bit.
fn fill_subsets(subsets: &mut [Sums; 1 << GROUP], values: &[f64], adjusted: &[f64]) {
    for (customer, (value, adjusted)) in values.iter().zip(adjusted).enumerate() {
        let own = [*value, value * value, *adjusted, adjusted * adjusted];
        let (smaller, larger) = subsets.split_at_mut(1 << customer);
        for (larger, smaller) in larger.iter_mut().zip(smaller.iter()) {
            *larger = std::array::from_fn(|at| smaller[at] + own[at]);
        }
    }
}

/// Random bytes each of whose bits is set with the share that the binary digits write, from the last digit to the first.
fn draw(bytes: &mut [u8], more: &mut [u8], digits: &[bool], random: &mut Pcg64) {
    bytes.fill(0);
    for &digit in digits.iter().rev() {
        random.fill_bytes(more);
        for (byte, more) in bytes.iter_mut().zip(more.iter()) {
            *byte = if digit { *byte | more } else { *byte & more };
        }
    }
}

/// The binary digits of a share behind the point, without zeros at the end.
fn digits(share: f64) -> Vec<bool> {
    let scaled = ((share * f64::from(1 << DIGITS)).round() as u32).clamp(1, (1 << DIGITS) - 1);
    (scaled.trailing_zeros()..DIGITS).rev().map(|digit| scaled >> digit & 1 == 1).collect()
}

fn shown(treated: &Treated, all: &Treated) -> Shown {
    let (n, rest) = (f64::from(treated.n), f64::from(all.n - treated.n));
    let of = |at: usize| {
        let (sum, squares) = (treated.sums[at], treated.sums[at + 1]);
        let (other, other_squares) = (all.sums[at] - sum, all.sums[at + 1] - squares);
        let variance = |sum: f64, squares: f64, n: f64| (squares - sum * sum / n) / (n - 1.0) / n;
        (sum / n - other / rest, (variance(sum, squares, n) + variance(other, other_squares, rest)).sqrt())
    };
    Shown { plain: of(0), adjusted: of(2) }
}

/// Whether so many re-randomisations can be told apart from chance and kept in memory.
pub(crate) fn check_replicates(replicates: usize) -> Result<(), leverkit_core::Error> {
    check::count("replicates", replicates, 100, 100_000)
}

#[cfg(test)]
mod tests {
    use leverkit_stats::sum;

    use super::*;

    fn values(n: usize) -> Vec<f64> {
        let raw: Vec<f64> = (0..n).map(|at| ((at * 7919) % 101) as f64).collect();
        let mean = sum(&raw) / n as f64;
        raw.iter().map(|value| value - mean).collect()
    }

    #[test]
    fn estimates_spread_as_their_standard_error_says() {
        let values = values(4003);
        let shown = relabel(&values, &values, 0.5, 2000, 1);
        let spread = (shown.iter().map(|shown| shown.plain.0.powi(2)).sum::<f64>() / 2000.0).sqrt();
        let said = shown.iter().map(|shown| shown.plain.1).sum::<f64>() / 2000.0;
        assert!((spread / said - 1.0).abs() < 0.05, "{spread} {said}");
        assert!(shown.iter().all(|shown| shown.plain == shown.adjusted));
    }

    #[test]
    fn one_replicate_sums_what_its_bits_choose() {
        let (values, mut random) = ([1.0, 2.0, 4.0], Pcg64::seed_from_u64(3));
        let mut bytes = [0_u8; 16];
        random.clone().fill_bytes(&mut bytes);
        let found = Relabelled::of(&values, &values, &[true], 16, random.clone());
        for (treated, byte) in found.treated.iter().zip(bytes) {
            assert_eq!((treated.n, treated.sums[0]), ((byte & 7).count_ones(), f64::from(byte & 7)));
        }
        assert_eq!((found.all.n, found.all.sums), (3, [7.0, 21.0, 7.0, 21.0]));
        random.fill_bytes(&mut bytes);
    }

    #[test]
    fn a_tenth_of_the_customers_is_treated_where_asked() {
        assert_eq!(digits(0.5), [true]);
        assert_eq!(digits(0.75), [true, true]);
        let values = values(40_000);
        let treated = Relabelled::of(&values[..8192], &values[..8192], &digits(0.1), 100, Pcg64::seed_from_u64(1));
        let mean = treated.treated.iter().map(|treated| f64::from(treated.n)).sum::<f64>() / 100.0 / 8192.0;
        assert!((mean - 0.1).abs() < 0.001, "{mean}");
    }
}
