//! Natural logarithms of whole columns, several at once where the processor can.

/// ln(y/x) for each pair; NaN where one is not above 0.
pub(crate) fn log_ratios(x: &[f64], y: &[f64]) -> Vec<f64> {
    let mut logs: Vec<f64> =
        x.iter().zip(y).map(|(&x, &y)| if x > 0.0 && y > 0.0 { y / x } else { f64::NAN }).collect();
    // The fast way is for normal numbers; others are rare, seen all at once, and asked for one by one.
    let all_normal = logs.iter().fold(true, |all, ratio| all & is_normal(*ratio));
    let rows = if all_normal { 0..0 } else { 0..logs.len() };
    let odd: Vec<usize> = rows.filter(|&row| !is_normal(logs[row])).collect();
    let values: Vec<f64> = odd.iter().map(|&row| logs[row].ln()).collect();
    logarithms(&mut logs);
    odd.into_iter().zip(values).for_each(|(row, value)| logs[row] = value);
    logs
}

/// Whether a number that is not below 0 is normal, by its bits alone.
fn is_normal(value: f64) -> bool {
    (f64::MIN_POSITIVE.to_bits()..f64::INFINITY.to_bits()).contains(&value.to_bits())
}

fn logarithms(values: &mut [f64]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function was compiled for.
        return unsafe { wide(values) };
    }
    values.iter_mut().for_each(|value| *value = ln(*value));
}

/// The same loop, compiled for wider registers; the same operations in the same order, so the same bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide(values: &mut [f64]) {
    values.iter_mut().for_each(|value| *value = ln(*value));
}

/// The logarithm of a normal number above 0, within one unit in the last place: the method of fdlibm (Sun Microsystems 1993), x = 2ᵏ·(1 + f)
/// with 1 + f around 1, and a polynomial in f/(2 + f).
#[inline(always)]
fn ln(x: f64) -> f64 {
    const LOW: u64 = 0x3fe6_a09e_667f_3bcd; // √½
    let bits = x.to_bits().wrapping_sub(LOW);
    // The exponent as the low bits of a number of 2⁵², which leaves it exact when that is taken off again.
    let k = f64::from_bits(((bits as i64 >> 52) + 1024) as u64 | 0x4330_0000_0000_0000)
        - (4_503_599_627_370_496.0 + 1024.0);
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(LOW)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (0.399_999_999_994_094_2 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73));
    let odd = z
        * (0.666_666_666_666_673_5
            + w * (0.285_714_287_436_623_9 + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)));
    let half_square = 0.5 * f * f;
    let low = s * (half_square + even + odd) + k * 1.908_214_929_270_587_7e-10;
    k * 0.693_147_180_369_123_8 - ((half_square - low) - f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn logarithms_are_those_of_the_standard_library(pairs in proptest::collection::vec((1e-12..1e12_f64, 1e-12..1e12_f64), 1..50)) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            for (found, (x, y)) in log_ratios(&x, &y).into_iter().zip(x.iter().zip(&y)) {
                let expected = (y / x).ln();
                prop_assert!((found - expected).abs() <= 2.0 * f64::EPSILON * expected.abs(), "ln({y}/{x}): {found} is not {expected}");
            }
        }
    }

    #[test]
    fn odd_numbers_have_their_logarithms_too() {
        let (x, y) =
            ([1.0, 0.0, 2.0, -1.0, 1e300, 1e-300, 3.0], [f64::MIN_POSITIVE / 4.0, 1.0, 0.0, 1.0, 1e-300, 1e300, 3.0]);
        let found = log_ratios(&x, &y);
        assert_eq!(found[0], (f64::MIN_POSITIVE / 4.0).ln());
        assert!(found[1].is_nan() && found[2].is_nan() && found[3].is_nan());
        assert_eq!((found[4], found[5], found[6]), (f64::NEG_INFINITY, f64::INFINITY, 0.0));
    }
}
