//! Criterion benches of the kernels.
