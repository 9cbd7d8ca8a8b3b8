//! Numbers that add up exactly.

/// Multiples of a power of two, fine enough for money and coarse enough that no sum of them is ever rounded: whatever is
/// added up, in whatever order, the residual is exactly zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    step: f64,
}

impl Grid {
    /// A grid for numbers whose absolute values add up to at most `total`: its step is some 10⁻¹⁵ of that.
    pub(crate) fn of(total: f64) -> Self {
        let exponent = if total > 0.0 && total.is_finite() { total.log2().ceil() as i32 - 52 } else { -52 };
        Self { step: 2f64.powi(exponent.max(-1000)) }
    }

    /// The multiple that is nearest.
    pub(crate) fn round(self, value: f64) -> f64 {
        whole(value / self.step) * self.step
    }
}

/// The nearest whole number, halves away from zero, as [`f64::round`] has it: without a call for each number, so that several are rounded at once.
fn whole(value: f64) -> f64 {
    // From here on all numbers are whole; adding and taking off so much rounds what is smaller, halves to even.
    const ALL: f64 = 4_503_599_627_370_496.0;
    let size = value.abs();
    let even = (size + ALL) - ALL;
    let away = if size - even == 0.5 { even + 1.0 } else { even };
    (if size < ALL { away } else { size }).copysign(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whole_numbers_are_those_of_the_standard_library(value in any::<f64>(), near in -1e4..1e4f64) {
            let halves = (near * 2.0).round() / 2.0;
            for value in [value, near, halves, halves.next_up(), halves.next_down(), 4_503_599_627_370_496.0 - halves] {
                prop_assert_eq!(whole(value).to_bits(), value.round().to_bits());
            }
        }

        #[test]
        fn sums_in_any_order_are_the_same(values in prop::collection::vec(-1e9..1e9f64, 1..200)) {
            let grid = Grid::of(values.iter().map(|value| value.abs()).sum());
            let rounded: Vec<f64> = values.iter().map(|value| grid.round(*value)).collect();
            let (forth, back) = (rounded.iter().sum::<f64>(), rounded.iter().rev().sum::<f64>());
            prop_assert_eq!(forth, back);
            prop_assert_eq!(rounded.iter().fold(forth, |rest, value| rest - value), 0.0);
            prop_assert!((forth - values.iter().sum::<f64>()).abs() < 1e-3);
        }
    }
}
