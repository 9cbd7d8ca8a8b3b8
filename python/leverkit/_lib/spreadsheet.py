"""Tables for spreadsheets: no text in a cell is taken for a formula, and no column holds what a cell cannot."""

from __future__ import annotations

import json

import polars as pl

from leverkit._lib.result import plain


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before texts that a spreadsheet would take for a formula: names come from the data.

    >>> import polars as pl
    >>> harmless(pl.DataFrame({"name": ["=1+1", "ann"], "n": [-1, 2]}))["name"].to_list()
    ["'=1+1", 'ann']
    """
    text = pl.selectors.by_dtype(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(r"^[=+\-@\t\r]")).then(pl.lit("'") + text).otherwise(text).name.keep()
    )


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
