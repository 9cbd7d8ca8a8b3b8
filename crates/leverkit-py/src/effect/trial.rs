//! Tests planned, read and stopped, for Python.
