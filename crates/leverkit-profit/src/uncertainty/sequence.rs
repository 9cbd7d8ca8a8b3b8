//! Sobol's low-discrepancy sequence, shifted at random: points that fill the unit cube more evenly than random ones.
//!
//! Direction numbers are those of Joe & Kuo (2008), Constructing Sobol sequences with better two-dimensional projections,
//! set new-joe-kuo-6, the first 64 dimensions. The shift is digital (Matoušek 1998), which keeps the evenness.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const BITS: usize = 32;

/// The most dimensions.
pub(crate) const MOST_DIMENSIONS: usize = 64;

/// The sequence in some dimensions.
pub(crate) struct Sobol {
    /// For each dimension: its direction numbers, and its shift.
    dimensions: Vec<([u32; BITS], u32)>,
}

impl Sobol {
    pub(crate) fn new(dimensions: usize, seed: u64) -> Self {
        let mut random = Pcg64::seed_from_u64(seed);
        let dimensions = (0..dimensions).map(|dimension| (directions(dimension), random.random())).collect();
        Self { dimensions }
    }

    /// The coordinate of a point, above 0 and below 1.
    pub(crate) fn coordinate(&self, point: u32, dimension: usize) -> f64 {
        let (directions, shift) = &self.dimensions[dimension];
        let mut bits = *shift;
        let mut rest = point;
        while rest != 0 {
            bits ^= directions[rest.trailing_zeros() as usize];
            rest &= rest - 1;
        }
        (f64::from(bits) + 0.5) / 4_294_967_296.0
    }
}

/// The direction numbers of a dimension: 2⁻ᵏ in the first, then by the recurrence of its primitive polynomial.
fn directions(dimension: usize) -> [u32; BITS] {
    let mut numbers = [0; BITS];
    let Some((polynomial, initial)) = dimension.checked_sub(1).map(|index| POLYNOMIALS[index]) else {
        return std::array::from_fn(|bit| 1 << (BITS - 1 - bit));
    };
    let degree = initial.len();
    for bit in 0..BITS {
        numbers[bit] = if bit < degree {
            initial[bit] << (BITS - 1 - bit)
        } else {
            let mut number = numbers[bit - degree] ^ (numbers[bit - degree] >> degree);
            for term in 1..degree {
                // The polynomial's inner coefficients, from the highest down.
                if polynomial >> (degree - term) & 1 == 1 {
                    number ^= numbers[bit - term];
                }
            }
            number
        };
    }
    numbers
}

/// Primitive polynomials (as bits) and initial numbers of dimensions 2 to 64.
#[rustfmt::skip]
const POLYNOMIALS: [(u32, &[u32]); MOST_DIMENSIONS - 1] = [
    (3, &[1]),
    (7, &[1, 3]),
    (11, &[1, 3, 1]),
    (13, &[1, 1, 1]),
    (19, &[1, 1, 3, 3]),
    (25, &[1, 3, 5, 13]),
    (37, &[1, 1, 5, 5, 17]),
    (41, &[1, 1, 5, 5, 5]),
    (47, &[1, 1, 7, 11, 19]),
    (55, &[1, 1, 5, 1, 1]),
    (59, &[1, 1, 1, 3, 11]),
    (61, &[1, 3, 5, 5, 31]),
    (67, &[1, 3, 3, 9, 7, 49]),
    (91, &[1, 1, 1, 15, 21, 21]),
    (97, &[1, 3, 1, 13, 27, 49]),
    (103, &[1, 1, 1, 15, 7, 5]),
    (109, &[1, 3, 1, 15, 13, 25]),
    (115, &[1, 1, 5, 5, 19, 61]),
    (131, &[1, 3, 7, 11, 23, 15, 103]),
    (137, &[1, 3, 7, 13, 13, 15, 69]),
    (143, &[1, 1, 3, 13, 7, 35, 63]),
    (145, &[1, 3, 5, 9, 1, 25, 53]),
    (157, &[1, 3, 1, 13, 9, 35, 107]),
    (167, &[1, 3, 1, 5, 27, 61, 31]),
    (171, &[1, 1, 5, 11, 19, 41, 61]),
    (185, &[1, 3, 5, 3, 3, 13, 69]),
    (191, &[1, 1, 7, 13, 1, 19, 1]),
    (193, &[1, 3, 7, 5, 13, 19, 59]),
    (203, &[1, 1, 3, 9, 25, 29, 41]),
    (211, &[1, 3, 5, 13, 23, 1, 55]),
    (213, &[1, 3, 7, 3, 13, 59, 17]),
    (229, &[1, 3, 1, 3, 5, 53, 69]),
    (239, &[1, 1, 5, 5, 23, 33, 13]),
    (241, &[1, 1, 7, 7, 1, 61, 123]),
    (247, &[1, 1, 7, 9, 13, 61, 49]),
    (253, &[1, 3, 3, 5, 3, 55, 33]),
    (285, &[1, 3, 1, 15, 31, 13, 49, 245]),
    (299, &[1, 3, 5, 15, 31, 59, 63, 97]),
    (301, &[1, 3, 1, 11, 11, 11, 77, 249]),
    (333, &[1, 3, 1, 11, 27, 43, 71, 9]),
    (351, &[1, 1, 7, 15, 21, 11, 81, 45]),
    (355, &[1, 3, 7, 3, 25, 31, 65, 79]),
    (357, &[1, 3, 1, 1, 19, 11, 3, 205]),
    (361, &[1, 1, 5, 9, 19, 21, 29, 157]),
    (369, &[1, 3, 7, 11, 1, 33, 89, 185]),
    (391, &[1, 3, 3, 3, 15, 9, 79, 71]),
    (397, &[1, 3, 7, 11, 15, 39, 119, 27]),
    (425, &[1, 1, 3, 1, 11, 31, 97, 225]),
    (451, &[1, 1, 1, 3, 23, 43, 57, 177]),
    (463, &[1, 3, 7, 7, 17, 17, 37, 71]),
    (487, &[1, 3, 1, 5, 27, 63, 123, 213]),
    (501, &[1, 1, 3, 5, 11, 43, 53, 133]),
    (529, &[1, 3, 5, 5, 29, 17, 47, 173, 479]),
    (539, &[1, 3, 3, 11, 3, 1, 109, 9, 69]),
    (545, &[1, 1, 1, 5, 17, 39, 23, 5, 343]),
    (557, &[1, 3, 1, 5, 25, 15, 31, 103, 499]),
    (563, &[1, 1, 1, 11, 11, 17, 63, 105, 183]),
    (601, &[1, 1, 5, 11, 9, 29, 97, 231, 363]),
    (607, &[1, 1, 5, 15, 19, 45, 41, 7, 383]),
    (617, &[1, 3, 7, 7, 31, 19, 83, 137, 221]),
    (623, &[1, 1, 1, 3, 23, 15, 111, 223, 83]),
    (631, &[1, 1, 5, 13, 31, 15, 55, 25, 161]),
    (637, &[1, 1, 3, 13, 25, 47, 39, 87, 257]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_meets_every_slice_once() {
        let sequence = Sobol::new(MOST_DIMENSIONS, 1);
        for dimension in 0..MOST_DIMENSIONS {
            let mut seen = [false; 256];
            (0..256).for_each(|point| seen[(sequence.coordinate(point, dimension) * 256.0) as usize] = true);
            assert!(seen.iter().all(|&slice| slice), "dimension {dimension}");
        }
    }

    /// `scipy.stats.qmc.Sobol(3, scramble=False)` gives (0.5, 0.5, 0.5), (0.75, 0.25, 0.25), (0.25, 0.75, 0.75) as its points 1 to 3,
    /// in the order of Gray's code; in plain order the last two change places.
    #[test]
    fn the_first_points_are_known() {
        let mut sequence = Sobol::new(3, 1);
        sequence.dimensions.iter_mut().for_each(|(_, shift)| *shift = 0);
        let point = |index| [0, 1, 2].map(|dimension| (sequence.coordinate(index, dimension) * 4.0).floor() / 4.0);
        assert_eq!([1, 2, 3].map(point), [[0.5; 3], [0.25, 0.75, 0.75], [0.75, 0.25, 0.25]]);
    }
}
