"""The texts that mean "missing" in files, as the whole of a cell."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

#: White space alone is missing too: a few widths of it by name, which costs less than to strip each cell.
_BLANK = ("", *(" " * width for width in range(1, 17)), "\t", "\u00a0")
#: What databases, pandas and people write; and the errors of a workbook's formulas.
TEXTS = (
    "NULL", "null", "(null)", "NaN", "nan", "None", "<NA>", "N/A", "n/a", "\\N", "-",
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!",
)  # fmt: skip

_LONGEST = max(map(len, TEXTS))


def texts(more: Iterable[str] = ()) -> list[str]:
    """All texts that mean missing, with those that the user adds."""
    return list(dict.fromkeys([*_BLANK, *TEXTS, *more]))


def present(text: pl.Expr, missing: list[str]) -> pl.Expr:
    """The cells that hold something; the others are null."""
    return pl.when(~text.is_in(missing)).then(text)


def cleaned(text: pl.Series, missing: list[str]) -> pl.Series:
    """As `present`. Columns whose texts are all longer are told by their lengths alone, but for rare blanks of many spaces."""
    shortest = text.str.len_bytes().min()
    if not isinstance(shortest, int) or shortest > _LONGEST:
        return text
    gone = text.is_in(missing)
    return text.set(gone, None) if gone.any() else text
