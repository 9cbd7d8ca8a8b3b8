//! Room for large vectors.

/// A vector of `n` zeros that nobody has touched yet, for threads to fill: each meets its own fresh pages, huge ones where large.
///
/// ```
/// assert_eq!(leverkit_stats::zeros::<f64>(3), [0.0; 3]);
/// ```
pub fn zeros<T: Clone + Default>(n: usize) -> Vec<T> {
    // The zeros of numbers come from the system, unwritten.
    let vec = vec![T::default(); n];
    #[cfg(target_os = "linux")]
    advise_huge(vec.as_ptr() as usize, n * size_of::<T>());
    vec
}

/// An empty vector with room for `n` elements. Large ones ask the system for huge pages: the first write to a fresh
/// ordinary page costs more than filling it.
///
/// ```
/// assert!(leverkit_stats::room::<f64>(3).capacity() >= 3);
/// ```
pub fn room<T>(n: usize) -> Vec<T> {
    let vec = Vec::with_capacity(n);
    #[cfg(target_os = "linux")]
    advise_huge(vec.as_ptr() as usize, n * size_of::<T>());
    vec
}

#[cfg(target_os = "linux")]
fn advise_huge(address: usize, bytes: usize) {
    const HUGE: usize = 1 << 21;
    let start = address.next_multiple_of(HUGE);
    let end = (address + bytes) / HUGE * HUGE;
    if end > start {
        // SAFETY: the range lies within one allocation; the advice changes no contents, and refusing it does no harm.
        unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
    }
}
