//! Difference-in-differences, for Python.
