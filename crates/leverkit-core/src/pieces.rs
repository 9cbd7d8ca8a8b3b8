//! A column in the pieces in which it came: later ones lie beside the earlier, and none is copied.

use std::ops::Range;

/// Values in pieces, in their order.
///
/// ```
/// use leverkit_core::Pieces;
/// let mut paid = Pieces::from(vec![1.5, 2.0]);
/// paid.push(vec![4.0]);
/// assert_eq!((paid.len(), paid.slices().concat()), (3, vec![1.5, 2.0, 4.0]));
/// ```
pub struct Pieces<T> {
    pieces: Vec<Box<dyn AsRef<[T]> + Send + Sync>>,
    len: usize,
}

impl<T> Pieces<T> {
    /// One piece.
    pub fn of(piece: impl AsRef<[T]> + Send + Sync + 'static) -> Self {
        let mut pieces = Self::default();
        pieces.push(piece);
        pieces
    }

    /// Puts a piece behind the others.
    pub fn push(&mut self, piece: impl AsRef<[T]> + Send + Sync + 'static) {
        self.len += piece.as_ref().len();
        self.pieces.push(Box::new(piece));
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.len += other.len;
        self.pieces.append(&mut other.pieces);
    }

    /// Values of all pieces.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces.
    pub fn slices(&self) -> Vec<&[T]> {
        self.pieces.iter().map(|piece| piece.as_ref().as_ref()).collect()
    }
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), len: 0 }
    }
}

impl<T: Send + Sync + 'static> From<Vec<T>> for Pieces<T> {
    fn from(values: Vec<T>) -> Self {
        Self::of(values)
    }
}

/// What rows hold of slices that lie behind each other.
pub(crate) fn cut<'a, T>(slices: &'a [&'a [T]], rows: Range<usize>) -> impl Iterator<Item = &'a [T]> {
    let mut first = 0;
    slices.iter().filter_map(move |slice| {
        let (start, end) = (rows.start.saturating_sub(first), rows.end.saturating_sub(first));
        first += slice.len();
        slice.get(start.min(slice.len())..end.min(slice.len())).filter(|part| !part.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_from_all_slices_that_hold_them() {
        let slices: [&[u8]; 4] = [&[0, 1], &[], &[2, 3, 4], &[5]];
        let of = |rows| cut(&slices, rows).collect::<Vec<_>>();
        assert_eq!(of(1..4), [&[1][..], &[2, 3]]);
        assert_eq!(of(2..6), [&[2, 3, 4][..], &[5]]);
        assert_eq!(of(0..0), [[0_u8; 0]; 0]);
    }
}
