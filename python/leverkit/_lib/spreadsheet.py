"""Tables for spreadsheets: no text in a cell is taken for a formula, and no column holds what a cell cannot."""

from __future__ import annotations

import json
import re

import polars as pl

from leverkit._lib.result import plain

#: What a spreadsheet takes for a formula: also after a sign that separates cells.
_FORMULA = r"^[=+\-@\t\r]"
#: Signed numbers and telephone numbers, which are no formulas.
_NUMBER = r"^[+-]\d[\d.,]*$|^\+\d[\d ()-]{6,}$"


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before texts and names of columns that a spreadsheet would take for a formula: both come from the data.

    >>> import polars as pl
    >>> harmless(pl.DataFrame({"name": ["=1+1", "ann", "-12.5"], "n": [-1, 2, 3]}))["name"].to_list()
    ["'=1+1", 'ann', '-12.5']
    """
    texts = [name for name, dtype in frame.schema.items() if dtype in (pl.String, pl.Categorical, pl.Enum)]
    safe = frame.with_columns(_guarded(pl.col(name).cast(pl.String)) for name in texts)
    return safe.rename({name: f"'{name}" for name in safe.columns if re.match(_FORMULA, name)})


def _guarded(text: pl.Expr) -> pl.Expr:
    is_formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(is_formula).then(pl.lit("'") + text).otherwise(text).name.keep()


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with lists and structs as JSON."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    texts = [
        pl.Series(
            name,
            [
                None if value is None else json.dumps(plain(value), ensure_ascii=False)
                for value in frame[name].to_list()
            ],
            dtype=pl.String,
        )
        for name in nested
    ]
    return frame.with_columns(texts)
