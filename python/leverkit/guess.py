"""Guesses which column plays which role from common column names, in English and Russian, and from values if a sample is given.

No guess is silent: each has its reason, and if two columns are equally good, neither is chosen and both are named. The command line reads the data
and tells the user.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from leverkit.errors import DataError
from leverkit.reading.numbers import judge
from leverkit.reading.shapes.rules import filled

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_NUMBERS = {"amount", "quantity", "price", "list_price", "unit_cost"}
#: Units after a name: in brackets, after a comma, a slash, or a currency at the end.
_UNIT = re.compile(
    r"\s*[(\[].*?[)\]]|,.*$|/\s*(unit|item|each|ea|pcs?|шт|ед)\b.*$|[ _]+(usd|eur|gbp|chf|jpy|cny|rub|руб|uah|kzt)\.?$",
    re.IGNORECASE,
)

_CLOCK = r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?$"


@dataclass(frozen=True)
class Guesses:
    """Columns by role (`dimensions` holds a list), why each was chosen, and what was left open because it is ambiguous."""

    roles: dict[str, str | list[str]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)


def guess_roles(
    columns: Mapping[str, str | pl.DataType],
    sample: pl.DataFrame | None = None,
    given: Mapping[str, Any] | None = None,
) -> Guesses:
    """Guesses the roles of a frame's columns from their names, and from their types or values where these rule a role out.

    A price is guessed only if no column is the amount, because an amount says more: it is net of discounts. A column that repeats the order's total
    on each of its lines is not an amount per line; if price × quantity adds up to it, that is used instead.

    Parameters
    ----------
    columns
        Types by column name: a polars schema, or the types' names.
    sample
        Some rows, whole orders if possible: a text column counts as numeric if its values are numbers.
    given
        Roles that are already known; their columns are not guessed again.

    Examples
    --------
    >>> guesses = guess_roles({"household_id": "Int64", "InvoiceDate": "Date", "total": "Float64", "revenue": "Float64"})
    >>> guesses.roles
    {'customer': 'household_id', 'time': 'InvoiceDate'}
    >>> guesses.unclear
    {'amount': 'total or revenue'}
    """
    given = given or {}
    guesses = Guesses()
    free = {column: dtype for column, dtype in columns.items() if column not in _used(given)}
    for role in _names():
        if role not in (*given, "amount", "price", "dimensions"):
            _guess(role, free, guesses, sample)
    if not {"amount", "price"} & set(given):
        _guess_money(free, guesses, sample, given)
    dimensions = [column for column in free if _plain(column) in _names()["dimensions"][0]]
    if dimensions and "dimensions" not in given:
        guesses.roles["dimensions"] = dimensions
        guesses.reasons["dimensions"] = "guessed from their names"
    return guesses


@cache
def _names() -> dict[str, list[set[str]]]:
    """For each role the usual names; those of an earlier group are better."""
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {role: [set(group) for group in groups] for role, groups in content.items()}


def _used(given: Mapping[str, Any]) -> set[str]:
    columns = [value for value in given.values() if isinstance(value, str)]
    return {*columns, *(given.get("discounts") or {}).values(), *(given.get("dimensions") or [])}


def _guess(role: str, columns: Mapping[str, Any], guesses: Guesses, sample: pl.DataFrame | None) -> None:
    named = [[column for column in columns if _plain(column) in names] for names in _names()[role]]
    groups = [[column for column in group if _fits(role, column, str(columns[column]), sample)] for group in named]
    best, *lesser = [group for group in groups if group] or [[]]
    if len(best) == 1:
        guesses.roles[role] = best[0]
        others = " or ".join(column for group in lesser for column in group)
        guesses.reasons[role] = f"guessed from its name, rather than {others}" if others else "guessed from its name"
    elif best:
        guesses.unclear[role] = " or ".join(best)


def _guess_money(
    columns: Mapping[str, Any], guesses: Guesses, sample: pl.DataFrame | None, given: Mapping[str, Any]
) -> None:
    """The amount, or else the price; a column with totals of orders is neither."""
    _guess("price", columns, guesses, sample)
    totals = _order_totals(columns, {**guesses.roles, **given}, sample)
    _guess("amount", {column: dtype for column, dtype in columns.items() if column not in totals}, guesses, sample)
    if {"amount"} & {*guesses.roles, *guesses.unclear}:
        for part in (guesses.roles, guesses.reasons, guesses.unclear):
            part.pop("price", None)
    elif totals and all(totals.values()):
        guesses.reasons["price"] += (
            f", rather than {' or '.join(totals)}: price × quantity of an order adds up to it, so that it is no line's"
        )
    elif totals:
        guesses.roles.pop("price")
        guesses.unclear["amount"] = f"{' or '.join(totals)} (the same on all lines of an order) or price × quantity"


def _order_totals(columns: Mapping[str, Any], roles: Mapping[str, Any], sample: pl.DataFrame | None) -> dict[str, bool]:
    """Columns named like an amount that repeat one value on all lines of each order, and whether price × quantity adds up to it."""
    order = [roles["order"]] if "order" in roles else [roles[role] for role in ("customer", "time") if role in roles]
    if sample is None or not order or not {"price", "quantity"} <= roles.keys():
        return {}
    names = set().union(*_names()["amount"])
    candidates = [
        name for name in columns if _plain(name) in names and _fits("amount", name, str(columns[name]), sample)
    ]
    return {
        name: adds_up
        for name in candidates
        if (adds_up := repeats_total(sample, name, order, roles["price"], roles["quantity"])) is not None
    }


def repeats_total(sample: pl.DataFrame, amount: str, order: list[str], price: str, quantity: str) -> bool | None:
    """Whether the lines' price × quantity adds up to the amount, where it is the same on all lines of each order; None where it is not.

    Orders of one line say nothing, and neither do lines that all cost the same.
    """
    total, each, count = (_numbers(sample, column) for column in (amount, price, quantity))
    if total is None or each is None or count is None:
        return None
    lines = sample.select(*order, total=total, line=each * count)
    orders = (
        lines.drop_nulls()
        .group_by(order)
        .agg(
            pl.len().alias("lines"),
            pl.col("total").first(),
            one_total=pl.col("total").n_unique() == 1,
            differ=(pl.col("line") - pl.col("total")).abs().max() > 0.005,
            sum=pl.col("line").sum(),
        )
        .filter(pl.col("lines") > 1)
    )
    if not (orders.height and orders["one_total"].all() and orders["differ"].all()):
        return None
    # A sample may end within an order.
    return _most((orders["sum"] - orders["total"]).abs() <= 0.01 * orders["lines"])


def _plain(column: str) -> str:
    """A name without case, unit, spaces and separators: `Customer ID`, `customer_id` and `CustomerID` are one."""
    return re.sub(r"[\W_]", "", _UNIT.sub("", column).casefold().replace("ё", "е"))


def _fits(role: str, column: str, dtype: str, sample: pl.DataFrame | None) -> bool:
    is_number = dtype.startswith(("Int", "UInt", "Float", "Decimal"))
    is_text = dtype.startswith(("String", "Utf8", "Object"))
    values = _values(sample, column) if is_text else None
    if role in _NUMBERS:
        return "%" not in column and (is_number or (values is not None and _are_numbers(values)))
    if role == "time":
        return dtype.startswith("Date") or (is_text and not (values is not None and _most(values.str.contains(_CLOCK))))
    # Ids may be floats: that is what integers with missing values become in pandas.
    return not dtype.startswith(("Date", "Bool", "List", "Struct"))


def _values(sample: pl.DataFrame | None, column: str) -> pl.Series | None:
    """The texts of the column that are there; None where there are none."""
    if sample is None or column not in sample.columns:
        return None
    texts = sample.select(filled(column)).to_series().drop_nulls()
    return texts if texts.len() else None


def _are_numbers(texts: pl.Series) -> bool:
    try:
        read = judge(texts.name, texts)
    except DataError:
        # Numbers, but of two readings: whoever reads them asks.
        return True
    return read is not None and _most(texts.to_frame().select(read.expr(pl.col(texts.name)).is_not_null()).to_series())


def _most(passed: pl.Series) -> bool:
    """Whether nine of ten pass."""
    return passed.filter(passed).len() >= 0.9 * passed.len()


def _numbers(sample: pl.DataFrame, column: str) -> pl.Expr | None:
    """The column as numbers; None where their reading is not clear."""
    if sample.schema[column].is_numeric():
        return pl.col(column).cast(pl.Float64)
    try:
        read = judge(column, sample.select(filled(column)).to_series().drop_nulls())
    except DataError:
        return None
    return read.expr(filled(column)) if read else None
