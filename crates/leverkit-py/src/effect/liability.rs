//! Points that were earned, for Python.
