//! Sums without rounding: the bits of the total depend neither on the order of the values nor on how they were parted.
//!
//! A value is a whole number of units of 2⁻¹⁰⁷⁴; it is added to the bin of 32 binary places in which its last place lies. A bin has room for 2⁴² values.

use serde::{Deserialize, Serialize};

/// Binary places of a bin.
const PLACES: u32 = 32;

/// Bins that finite values and their sums can reach.
const MOST_BINS: usize = 70;

/// A sum that is rounded once, when it is read.
///
/// ```
/// use leverkit_stats::ExactSum;
/// let of = |values: &[f64]| values.iter().copied().collect::<ExactSum>();
/// assert_eq!(of(&[1e16, 0.1, -1e16]).total(), 0.1);
/// assert_eq!(of(&[0.1, 0.2]).merge(&of(&[0.3])).total(), of(&[0.3, 0.2, 0.1]).total());
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Digits", into = "Digits")]
pub struct ExactSum {
    /// The number of the first bin.
    first: usize,
    bins: Vec<i128>,
    /// What was added that is not finite.
    beyond: Option<f64>,
}

impl ExactSum {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            self.add_beyond(value);
            return;
        }
        let bits = value.to_bits();
        let (exponent, fraction) = ((bits >> 52) as u32 & 0x7ff, bits & ((1 << 52) - 1));
        let whole = if exponent == 0 { fraction } else { fraction | 1 << 52 };
        if whole == 0 {
            return;
        }
        let place = exponent.saturating_sub(1);
        let units = i128::from(whole) << (place % PLACES);
        *self.bin((place / PLACES) as usize) += if value < 0.0 { -units } else { units };
    }

    /// Both sums together.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        if let Some(beyond) = other.beyond {
            self.add_beyond(beyond);
        }
        for (at, units) in other.bins.iter().enumerate() {
            *self.bin(other.first + at) += units;
        }
        self
    }

    /// The sum, rounded to the nearest number, to the even one of two; infinite beyond the largest.
    pub fn total(&self) -> f64 {
        if let Some(beyond) = self.beyond {
            return beyond;
        }
        let (is_negative, digits) = self.magnitude();
        let size = rounded(self.first, &digits);
        if is_negative { -size } else { size }
    }

    fn add_beyond(&mut self, value: f64) {
        let sum = self.beyond.map_or(value, |beyond| beyond + value);
        self.beyond = Some(if sum.is_nan() { f64::NAN } else { sum });
    }

    fn bin(&mut self, number: usize) -> &mut i128 {
        if self.bins.is_empty() {
            self.first = number;
        }
        if number < self.first {
            self.bins.splice(0..0, std::iter::repeat_n(0, self.first - number));
            self.first = number;
        }
        let at = number - self.first;
        if at >= self.bins.len() {
            self.bins.resize(at + 1, 0);
        }
        &mut self.bins[at]
    }

    /// The sign, and the digits of its size to the base of 2³², the lowest first.
    fn magnitude(&self) -> (bool, Vec<u32>) {
        let (digits, carry) = carried(self.bins.iter().copied());
        if carry == 0 { (false, digits) } else { (true, carried(self.bins.iter().map(|bin| -bin)).0) }
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = Self::default();
        values.into_iter().for_each(|value| sum.add(value));
        sum
    }
}

/// The digits of a sum of bins, and −1 where it is negative.
fn carried(bins: impl Iterator<Item = i128>) -> (Vec<u32>, i128) {
    let (mut digits, mut carry) = (Vec::new(), 0);
    for bin in bins {
        let sum = bin + carry;
        digits.push(sum as u32);
        carry = sum >> PLACES;
    }
    while carry != 0 && carry != -1 {
        digits.push(carry as u32);
        carry >>= PLACES;
    }
    (digits, carry)
}

/// The number with these digits, of which the lowest is that of bin `first`.
fn rounded(first: usize, digits: &[u32]) -> f64 {
    let Some(top) = digits.iter().rposition(|digit| *digit != 0) else { return 0.0 };
    // The four highest digits hold all places that a number keeps; of those below it only matters whether there are any.
    let digit = |below: usize| top.checked_sub(below).map_or(0, |at| u128::from(digits[at]));
    let window = (0..4).fold(0, |window, below| window << PLACES | digit(below));
    let has_more = digits[..top.saturating_sub(3)].iter().any(|digit| *digit != 0);
    let in_window = u128::BITS - window.leading_zeros();
    let length = (first + top) as u32 * PLACES + (in_window - 3 * PLACES);
    let kept = length.min(53);
    let dropped = in_window - kept;
    let (whole, rest, half) = (window >> dropped, window & ((1 << dropped) - 1), 1 << (dropped - 1));
    let is_up = rest > half || (rest == half && (has_more || whole & 1 == 1));
    // A carry out of the fraction moves the exponent on, up to infinity.
    let bits = (u64::from(length - kept) << 52) + whole as u64 + u64::from(is_up);
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}

/// A sum as it is written: the same for the same sum. The last digit has the sign.
#[derive(Serialize, Deserialize)]
struct Digits(usize, Vec<i64>, Option<Beyond>);

#[derive(Serialize, Deserialize)]
enum Beyond {
    Above,
    Below,
    Unknown,
}

impl From<ExactSum> for Digits {
    fn from(sum: ExactSum) -> Self {
        let (is_negative, digits) = sum.magnitude();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        let kept = digits.iter().rposition(|digit| *digit != 0).map_or(zeros, |last| last + 1);
        let sign = if is_negative { -1 } else { 1 };
        let digits: Vec<i64> = digits[zeros..kept.max(zeros)].iter().map(|digit| sign * i64::from(*digit)).collect();
        let beyond = sum.beyond.map(|beyond| match beyond {
            f64::INFINITY => Beyond::Above,
            f64::NEG_INFINITY => Beyond::Below,
            _ => Beyond::Unknown,
        });
        Self(if digits.is_empty() { 0 } else { sum.first + zeros }, digits, beyond)
    }
}

impl TryFrom<Digits> for ExactSum {
    type Error = &'static str;

    fn try_from(Digits(first, digits, beyond): Digits) -> Result<Self, Self::Error> {
        if first > MOST_BINS || digits.len() > MOST_BINS {
            return Err("a sum beyond all numbers");
        }
        let beyond = beyond.map(|beyond| match beyond {
            Beyond::Above => f64::INFINITY,
            Beyond::Below => f64::NEG_INFINITY,
            Beyond::Unknown => f64::NAN,
        });
        Ok(Self { first, bins: digits.into_iter().map(i128::from).collect(), beyond })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> ExactSum {
        values.iter().copied().collect()
    }

    #[test]
    fn one_value_is_itself_from_the_smallest_to_the_largest() {
        for value in [5e-324, 2.2e-308, f64::MIN_POSITIVE, 0.1, 1.0, 123_456.78, 1e300, f64::MAX] {
            assert_eq!(of(&[value]).total().to_bits(), value.to_bits());
            assert_eq!(of(&[-value]).total().to_bits(), (-value).to_bits());
        }
        assert_eq!(of(&[]).total().to_bits(), 0.0_f64.to_bits());
        assert_eq!(of(&[0.3, -0.3]).total().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn what_is_not_finite_stays_so_and_sums_beyond_the_largest_are_infinite() {
        assert_eq!(of(&[f64::MAX, f64::MAX]).total(), f64::INFINITY);
        assert_eq!(of(&[f64::MAX, f64::MAX, -f64::MAX]).total(), f64::MAX);
        assert_eq!(of(&[1.0, f64::NEG_INFINITY]).total(), f64::NEG_INFINITY);
        assert!(of(&[f64::INFINITY, f64::NEG_INFINITY]).total().is_nan());
    }

    #[test]
    fn halves_are_rounded_to_even_unless_something_is_below_them() {
        let half = f64::EPSILON / 2.0;
        assert_eq!(of(&[1.0, half]).total(), 1.0);
        assert_eq!(of(&[1.0 + f64::EPSILON, half]).total(), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(of(&[1.0, half, 1e-300]).total(), 1.0 + f64::EPSILON);
        assert_eq!(of(&[1.0, half, -1e-300]).total(), 1.0);
    }

    proptest! {
        #[test]
        fn two_values_are_added_as_the_machine_adds_them(one in any::<f64>(), other in any::<f64>()) {
            prop_assume!(one.is_finite() && other.is_finite());
            // The machine rounds one sum of two to the nearest, too; zero has no sign here.
            prop_assert_eq!(of(&[one, other]).total().to_bits(), (one + other + 0.0).to_bits());
        }

        #[test]
        fn any_order_and_any_parts_give_the_same_bits_and_the_same_text(
            values in prop::collection::vec(prop_oneof![any::<f64>().prop_filter("finite", |v| v.is_finite()), -1e6..1e6], 0..40),
            cut in 0_usize..40,
        ) {
            let cut = cut.min(values.len());
            let whole = of(&values);
            let mut back: Vec<f64> = values[cut..].to_vec();
            back.reverse();
            let text = serde_json::to_string(&of(&back)).unwrap();
            let merged = serde_json::from_str::<ExactSum>(&text).unwrap().merge(&of(&values[..cut]));
            prop_assert_eq!(merged.total().to_bits(), whole.total().to_bits());
            prop_assert_eq!(serde_json::to_string(&merged).unwrap(), serde_json::to_string(&whole).unwrap());
        }
    }
}
