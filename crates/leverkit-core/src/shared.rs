//! Columns of the lines: values that are shared and never change, in memory of their own or in a file that is mapped into memory.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float64Type, TimestampMicrosecondType, UInt32Type};
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_buffer::{Buffer, ScalarBuffer};

use crate::Day;

/// A value that a column may hold.
///
/// # Safety
/// The type has the size, alignment and bits of the native type of its Arrow type, and every pattern of bits is a value.
pub unsafe trait Plain: Copy + Send + Sync + std::panic::RefUnwindSafe + 'static {
    /// The type of a saved column.
    type Arrow: ArrowPrimitiveType;
}

// SAFETY: these are the native types themselves.
unsafe impl Plain for u32 {
    type Arrow = UInt32Type;
}
unsafe impl Plain for i64 {
    type Arrow = TimestampMicrosecondType;
}
unsafe impl Plain for f64 {
    type Arrow = Float64Type;
}
// SAFETY: a `Day` is an `i32` by `repr(transparent)`.
unsafe impl Plain for Day {
    type Arrow = Date32Type;
}

/// A column that is cheap to clone, and is read as a slice.
///
/// ```
/// let amounts = leverkit_core::Shared::from(vec![20.0, 15.0]);
/// assert_eq!(amounts.as_slice(), [20.0, 15.0]);
/// assert_eq!((amounts.len(), amounts.clone()[1]), (2, 15.0));
/// ```
pub struct Shared<T> {
    bytes: Buffer,
    values: PhantomData<T>,
}

impl<T: Plain> Shared<T> {
    /// The values.
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: the bytes come from a vector of `T`, or from an array whose native type has the bits of `T`; they don't change.
        unsafe { std::slice::from_raw_parts(self.bytes.as_ptr().cast(), self.bytes.len() / size_of::<T>()) }
    }

    /// The values as an Arrow array, without a copy.
    pub(crate) fn to_array(&self) -> ArrayRef {
        Arc::new(PrimitiveArray::<T::Arrow>::new(ScalarBuffer::from(self.bytes.clone()), None))
    }

    /// The values of an Arrow array, without a copy.
    pub(crate) fn of_array(array: &PrimitiveArray<T::Arrow>) -> Self {
        Self { bytes: array.values().inner().clone(), values: PhantomData }
    }
}

impl<T: Plain> From<Vec<T>> for Shared<T> {
    fn from(values: Vec<T>) -> Self {
        let (start, bytes) = (NonNull::from(values.as_slice()).cast(), size_of_val(values.as_slice()));
        // SAFETY: the buffer owns the vector, which nobody changes any more.
        let bytes = unsafe { Buffer::from_custom_allocation(start, bytes, Arc::new(values)) };
        Self { bytes, values: PhantomData }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), values: PhantomData }
    }
}

impl<T: Plain> Default for Shared<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T: Plain> Deref for Shared<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}
