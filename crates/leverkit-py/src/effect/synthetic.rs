//! A few treated units, for Python.
