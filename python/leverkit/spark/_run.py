"""Runs an analysis over Spark: counts on the executors, the merge and the conclusion in the driver."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import polars as pl

from leverkit import _counts, _engine
from leverkit._lib.frames import as_polars, kind_called
from leverkit.errors import ParameterError, SchemaError
from leverkit.spark._executor import Analysed, Rows
from leverkit.spark._ledger import Ledger, by_key, named

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

R = TypeVar("R")
#: A function over Spark: its parameters are those of the one that it is named after.
Over: TypeAlias = Callable[..., R]


def over(name: str) -> Callable[..., Any]:
    """The function of an analysis over a Spark ledger, or over a Spark DataFrame of events or plans."""
    asked = _counts.ANALYSES[name]

    @wraps(asked.run)
    def of_spark(data: Any, /, *beside: Any, **params: Any) -> Any:
        params = _counts.with_names(asked, beside, params)
        if isinstance(data, Ledger):
            return _of_ledger(name, data, params)
        if asked.of_rows and hasattr(data, "mapInArrow"):
            return _of_rows(name, data, params)
        expected = "a leverkit.spark.Ledger" + (", or a Spark DataFrame" if asked.of_rows else "")
        raise SchemaError(f"{asked.function}: got {type(data).__name__}; expected {expected}")

    return of_spark


def _of_ledger(name: str, ledger: Ledger, params: dict[str, Any]) -> Any:
    asked = _counts.ANALYSES[name]
    tables = _counts.tables_of(asked, params)
    given = {parameter: value for parameter, value in params.items() if parameter not in tables}
    # Counts of its own depend on the parameters; lines do not, and parameters of other analyses may be results.
    told = _counts.as_json(given) if asked.has_own else "{}"
    question = {"analysis": name, "params": told, "currency": ledger.currency, "tells": True}
    reads = asked.reading(given)
    ledger.check()
    counted = ledger._parts.select("counts").mapInArrow(Analysed(reads, question), "counts binary").toArrow()
    parts = [_engine.count_lines(ledger._empty, reads, question, []), *counted["counts"].to_pylist()]
    here = {parameter: _in_driver(asked, parameter, table, given) for parameter, table in tables.items()}
    return _counts.concluded(_engine.merge_counts(parts), as_frames, **given, **here)


def _in_driver(asked: _counts.Analysis, name: str, table: Any, given: dict[str, Any]) -> Any:
    """A table beside the lines in the driver; of a Spark DataFrame the columns that are read."""
    if not hasattr(table, "mapInArrow"):
        return table
    columns, _ = asked.beside[name].columns(table, {**asked.defaults, **given})
    return table.select(*map(named, columns)).toArrow()


def _of_rows(name: str, data: DataFrame, params: dict[str, Any]) -> Any:
    asked = _counts.ANALYSES[name]
    columns, entity = _counts.columns_of_rows(asked, params, data.columns)
    if entity is not None and entity not in data.columns:
        raise SchemaError(
            f'{asked.entity}: there is no column "{entity}"; columns are {", ".join(data.columns)}', role=asked.entity
        )
    question = {"analysis": name, "params": "{}"}
    keyed = by_key(data.select(*map(named, columns)), entity)
    counted = keyed.mapInArrow(Rows(tuple(columns), entity, question), "counts binary").toArrow()
    if not counted.num_rows:
        raise ParameterError("the Spark DataFrame has no row")
    return _counts.concluded(_engine.merge_counts(counted["counts"].to_pylist()), as_frames, **params)


def as_frames(frame: pl.DataFrame) -> Any:
    """Tables with a row for each customer, or several, are Spark DataFrames; all others are small, and polars."""
    if "customer" not in frame.columns:
        return as_polars(frame)
    from pyspark.sql import SparkSession

    return SparkSession.active().createDataFrame(kind_called("pyarrow")(_for_spark(frame)))


def _for_spark(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in types that Spark has: numbers with a sign, categories as text."""
    wide = pl.selectors.unsigned_integer().cast(pl.Int64)
    return frame.with_columns(wide, pl.selectors.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))
