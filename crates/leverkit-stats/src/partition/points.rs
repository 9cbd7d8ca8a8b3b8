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

/// The squared distance of two points.
pub(super) fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}
