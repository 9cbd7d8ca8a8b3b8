//! Points with several coordinates.

use rayon::prelude::*;

use crate::Error;

/// Points with the same number of coordinates, one after the other.
///
/// ```
/// use leverkit_stats::Points;
/// let points = Points::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2)?;
/// assert_eq!((points.len(), points.width(), points.at(1)), (3, 2, &[3.0, 4.0][..]));
/// assert_eq!(points.take(&[2, 0]).at(0), [5.0, 6.0]);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    values: Vec<f64>,
    width: usize,
}

impl Points {
    /// Points of `width` coordinates each, whose values stand one after the other.
    ///
    /// # Errors
    /// No coordinate, a number of values that is no multiple of it, or a value that is not finite.
    ///
    /// ```
    /// let points = leverkit_stats::Points::new(vec![0.0, 1.0, 2.0, 3.0], 2)?;
    /// assert_eq!((points.len(), points.at(1)), (2, &[2.0, 3.0][..]));
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn new(values: Vec<f64>, width: usize) -> Result<Self, Error> {
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(Error::parameter("width", &width, "the number of coordinates of each point"));
        }
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::parameter("values", value, "numbers that are finite"));
        }
        Ok(Self { values, width })
    }

    /// As [`Self::new`], of values that are known to be sound.
    pub(super) fn of(values: Vec<f64>, width: usize) -> Self {
        Self { values, width }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The number of coordinates.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The coordinates of a point.
    pub fn at(&self, point: usize) -> &[f64] {
        &self.values[point * self.width..][..self.width]
    }

    /// The points in these places, in their order.
    #[must_use]
    pub fn take(&self, places: &[usize]) -> Self {
        let values = places.iter().flat_map(|&place| self.at(place)).copied().collect();
        Self { values, width: self.width }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.width)
    }

    /// Stretches of `length` points.
    pub(super) fn par_stretches(
        &self,
        length: usize,
    ) -> impl IndexedParallelIterator<Item = impl Iterator<Item = &[f64]> + '_> {
        self.values.par_chunks(length * self.width).map(|stretch| stretch.chunks_exact(self.width))
    }
}

/// Distances of so many points are found side by side.
const LANES: usize = 8;

/// Points with their coordinates side by side, in blocks of lanes; the last block has lanes without a point.
pub(super) struct Blocks<'a> {
    pub(super) points: &'a Points,
    /// Each coordinate of each block.
    values: Vec<[f64; LANES]>,
}

impl<'a> Blocks<'a> {
    pub(super) fn of(points: &'a Points) -> Self {
        let block = |block: &[f64], at: usize| {
            std::array::from_fn(|lane| block.get(lane * points.width + at).copied().unwrap_or_default())
        };
        let blocks = points.values.chunks(LANES * points.width);
        Self { points, values: blocks.flat_map(|values| (0..points.width).map(move |at| block(values, at))).collect() }
    }

    /// Lowers squared distances of the points to those to a centre, where that is nearer.
    pub(super) fn draw_near(&self, far: &mut [f64], centre: &[f64]) {
        for (far, block) in far.chunks_mut(LANES).zip(self.values.chunks_exact(self.points.width)) {
            for (far, distance) in far.iter_mut().zip(distances(block, centre)) {
                *far = if distance < *far { distance } else { *far };
            }
        }
    }

    /// Stretches of `length` points, a multiple of the lanes.
    pub(super) fn par_stretches(&self, length: usize) -> impl IndexedParallelIterator<Item = Stretch<'_>> {
        let width = self.points.width;
        self.values.par_chunks(length / LANES * width).map(move |values| Stretch { values, width })
    }
}

/// Blocks of points.
pub(super) struct Stretch<'a> {
    values: &'a [[f64; LANES]],
    width: usize,
}

impl Stretch<'_> {
    /// Finds the nearest centre of each point, without a branch, as which is nearer is hard to foretell; returns the sum of squared distances.
    pub(super) fn nearest(&self, of: &mut [usize], centres: &[Vec<f64>]) -> f64 {
        let mut within = 0.0;
        for (of, block) in of.chunks_mut(LANES).zip(self.values.chunks_exact(self.width)) {
            let (mut least, mut nearest) = ([f64::INFINITY; LANES], [0; LANES]);
            for (cluster, centre) in centres.iter().enumerate() {
                let far = distances(block, centre);
                for lane in 0..LANES {
                    let is_nearer = far[lane] < least[lane];
                    nearest[lane] = if is_nearer { cluster } else { nearest[lane] };
                    least[lane] = if is_nearer { far[lane] } else { least[lane] };
                }
            }
            for (of, (nearest, least)) in of.iter_mut().zip(nearest.into_iter().zip(least)) {
                *of = nearest;
                within += least;
            }
        }
        within
    }
}

/// The squared distances of a block of points to a centre.
fn distances(block: &[[f64; LANES]], centre: &[f64]) -> [f64; LANES] {
    let mut far = [0.0; LANES];
    for (values, centre) in block.iter().zip(centre) {
        far.iter_mut().zip(values).for_each(|(far, value)| *far += (value - centre) * (value - centre));
    }
    far
}
