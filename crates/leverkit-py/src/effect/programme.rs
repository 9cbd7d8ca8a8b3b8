//! A programme judged, for Python.
