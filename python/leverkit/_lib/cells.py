"""How the values of a column are written for a person: told by the column's name and type, as every table of leverkit names its columns the same way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import day, told

Write = Callable[[Any], str]

_SHARE = re.compile(
    r"(^|_)(share|rate|conversion|retention|probability|chance|survival|confidence|support|shrunk|lift|importance|youden"
    r"|from_previous|from_first|room|reached_share)(_|$)"
)
_MONEY = re.compile(
    r"(^|_)(money|monetary|revenue|profit|margin|check|spend|amount|paid|at_risk|bonus|value_of_knowing|claimed|alone|part|net|effort|lost)(_|$)"
)
_P_VALUE = re.compile(r"(^|_)[pq]_value$")
_LIMIT = re.compile(r"(^|_)(lower|upper|std_error)$")
#: Whole numbers that name something and are no counts.
_NAME = re.compile(r"(^|_)(customer|product|order_id|row|year|seed|rfm|r|f|m|rank|score|group|id)$")


def writers(frame: pl.DataFrame) -> dict[str, Write]:
    """How to write each column; limits are written as what stands before them."""
    found: dict[str, Write] = {}
    before: Write = numbers.number
    for column in frame.iter_columns():
        is_limit = _LIMIT.search(column.name) and column.dtype.is_float()
        write = before if is_limit else _writer(column)
        if column.dtype.is_float():
            before = write
        found[column.name] = _or_dash(write)
    return found


def is_number(dtype: pl.DataType) -> bool:
    """Whether a column is set to the right."""
    return dtype.is_numeric()


def _writer(column: pl.Series) -> Write:
    if column.dtype.is_float() or column.dtype.is_decimal():
        return _of_floats(column)
    if column.dtype.is_integer():
        return str if _NAME.search(column.name) else numbers.count
    if column.dtype in (pl.Date, pl.Datetime):
        return _when
    if column.dtype == pl.List:
        return lambda values: ", ".join(map(str, values))
    return lambda value: told(str(value))


def _of_floats(column: pl.Series) -> Write:
    if _P_VALUE.search(column.name):
        return _p_value
    if _SHARE.search(column.name) and _is_within_one(column):
        return numbers.percent
    return numbers.money if _MONEY.search(column.name) else numbers.number


def _is_within_one(column: pl.Series) -> bool:
    """Whether all values can be shares: a ratio such as a lift of 2.4 is none."""
    return bool((column.drop_nulls().drop_nans().abs() <= 1).all())


def _or_dash(write: Write) -> Write:
    return lambda value: "–" if value is None or value != value else write(value)


def _when(value: Any) -> str:
    """A day, with the time where it has one."""
    clock = f" {value:%H:%M}" if hasattr(value, "hour") and (value.hour or value.minute) else ""
    return f"{day(value)}{clock}"


def _p_value(value: float) -> str:
    return f"< {numbers.decimal(0.001, 3)}" if value < 0.001 else numbers.decimal(value, 3)
