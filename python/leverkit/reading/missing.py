"""The texts that mean "missing" in files, as the whole of a cell."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

#: White space alone is missing too: a few widths of it by name, which costs less than to strip each cell.
_BLANK = ("", *(" " * width for width in range(1, 17)), "\t", "\u00a0")
#: What databases, pandas and people write; and the errors of a workbook's formulas.
TEXTS = (
    "NULL",
    "null",
    "(null)",
    "NaN",
    "nan",
    "None",
    "<NA>",
    "N/A",
    "n/a",
    "\\N",
    "-",
    "\u2013",
    "\u2014",
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
)

_LONGEST = max(map(len, TEXTS))


def texts(more: Iterable[str] = ()) -> list[str]:
    """All texts that mean missing, with those that the user adds."""
    return list(dict.fromkeys([*_BLANK, *TEXTS, *more]))


def present(text: pl.Expr, missing: list[str]) -> pl.Expr:
    """The cells that hold something; the others are null."""
    return pl.when(~text.is_in(missing)).then(text)


def cleaned(batch: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """As `present` for columns of text. Those whose texts are all longer are told by their lengths alone, but for rare blanks of many spaces."""
    shortest = batch.select(pl.col(columns).str.len_bytes().min()).row(0) if columns else ()
    doubtful = [
        name for name, length in zip(columns, shortest, strict=True) if length is not None and length <= _LONGEST
    ]
    gone = [name for name in doubtful if batch[name].is_in(texts()).any()]
    return batch.with_columns(present(pl.col(gone), texts()).name.keep()) if gone else batch
