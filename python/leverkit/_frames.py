"""Tables in and out: any Arrow-compatible frame goes in, results come out as frames of the same kind.

The kinds are remembered as a function from a polars frame to the user's kind.
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

import polars as pl

from leverkit.errors import SchemaError

ToNative = Callable[[pl.DataFrame], Any]


def kind_of(data: Any) -> ToNative:
    """How to turn a polars frame into the kind of `data`; polars where that is unclear."""
    if isinstance(data, (pl.DataFrame, pl.LazyFrame)):
        return as_polars
    module = type(data).__module__.partition(".")[0]
    if module in ("duckdb", "_duckdb"):
        return _to_duckdb
    kinds: dict[str, ToNative] = {"pandas": _to_pandas, "pyarrow": _to_pyarrow, "narwhals": _to_narwhals}
    return kinds.get(module, as_polars)


def as_polars(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def _to_pandas(frame: pl.DataFrame) -> Any:
    return frame.to_pandas()


def _to_pyarrow(frame: pl.DataFrame) -> Any:
    return frame.to_arrow()


def _to_narwhals(frame: pl.DataFrame) -> Any:
    import narwhals as nw

    return nw.from_native(frame)


def _to_duckdb(frame: pl.DataFrame) -> Any:
    import duckdb

    return duckdb.from_arrow(frame.to_arrow())


def _native(data: Any) -> Any:
    """What a narwhals frame holds; anything else as it is. Narwhals is not imported for this: its frame's owner did."""
    return data.to_native() if type(data).__module__.partition(".")[0] == "narwhals" else data


def only(data: Any, columns: list[str]) -> Any:
    """The columns of a lazy frame that are needed, batch by batch from the streaming engine; other frames as they are.

    A column that is missing is left to the engine's error, which names the columns that there are.
    """
    if isinstance(data, (str, PathLike)):
        path = str(data)
        reader = "scan_csv" if path.endswith(".csv") else "scan_parquet"
        raise SchemaError(f"expected a table, got the path {path!r}: read it with polars.{reader}({path!r})")
    data = _native(data)
    if isinstance(data, pl.LazyFrame):
        names = data.collect_schema().names()
        found = [name for name in dict.fromkeys(columns) if name in names]
        if len(found) < len(set(columns)):
            return pl.DataFrame(schema=data.collect_schema())
        return data.select(found).collect_batches(engine="streaming")
    return data


def from_engine(frame: Any) -> pl.DataFrame:
    """A table of the engine as a polars frame, without a copy."""
    return pl.DataFrame(frame)


def polars_of(data: Any) -> pl.DataFrame:
    """Any frame as a polars frame, whole."""
    data = _native(data)
    if isinstance(data, pl.LazyFrame):
        return data.collect()
    if not hasattr(data, "__arrow_c_stream__"):
        raise SchemaError(f"expected a table (polars, pandas, pyarrow, DuckDB …); got {type(data).__name__}")
    return pl.DataFrame(data)
