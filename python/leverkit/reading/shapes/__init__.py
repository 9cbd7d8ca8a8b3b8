"""Exports that people download: which one a file is, what its columns mean, and what makes order lines of it.

A shape is a TOML file (those here, or the user's own). Its rules are few: fields that stand on the first row of an order are filled down,
rows that are no sales are left out and counted, the money of a line is made where no column holds it. Reading files is left to `reading`,
the judging of other numbers and of dates too: a shape works on columns of text.
"""

from leverkit.reading.shapes.find import choose, find, known, load, names_of
from leverkit.reading.shapes.shape import Shape

__all__ = ["Shape", "choose", "find", "known", "load", "names_of"]
