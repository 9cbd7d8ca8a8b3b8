"""A ledger over Spark: order lines that are built, coded and sorted on the executors, customers whole in one partition, and kept there."""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit import errors
from leverkit._lib import numbers
from leverkit._lib.numbers import counted
from leverkit._lib.roles import DatedRoles, Unpack
from leverkit.errors import ParameterError, SchemaError
from leverkit.ledger import ROLES, columns_of, part_of
from leverkit.spark._executor import KEPT, ROW, Lines

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: What adds up over partitions, of what is said of rows: the others are of all lines together.
_ADDS_UP = ("kept", "rejected", "dropped")
_QUALITY = {
    "status": pl.String,
    "reason": pl.String,
    "role": pl.String,
    "column": pl.String,
    "rows": pl.Int64,
    "share": pl.Float64,
    "amount": pl.Float64,
}
_REJECTED = {
    "row": pl.Int64,
    "role": pl.String,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "amount": pl.Float64,
}


class Ledger:
    """A company's order lines in a Spark DataFrame, classic or Connect. One shuffle brings each customer's lines together; the engine builds a ledger
    of each partition, which is kept for the analyses of `leverkit.spark`.

    Results are those of `leverkit.Ledger` with the rows in the order that the DataFrame has, to the last bit, whatever the number of partitions.

    Parameters
    ----------
    data
        A Spark DataFrame. Columns without a role are not read.
    **roles
        The columns' roles and what to do with returns and invalid rows, as in `leverkit.Ledger`. Ids of customers cannot be cleaned here, since the
        shuffle goes by them: clean the column before.

    Raises
    ------
    SchemaError
        A column is missing or has a type that its role cannot use.
    ParameterError
        A parameter is out of its range, or `clean` has steps for customers.
    DataError
        When the lines are first needed: no line is left, or a row is invalid and ``on_invalid="raise"``.

    Examples
    --------
    The how-to on Spark shows it with a session; what is no Spark DataFrame is refused:

    >>> import leverkit as lk
    >>> lk.spark.Ledger({"client": ["ann"]}, customer="client", time="date", amount="paid")
    Traceback (most recent call last):
    leverkit.errors.SchemaError: expected a Spark DataFrame, got dict
    """

    def __init__(self, data: DataFrame, **roles: Unpack[DatedRoles]) -> None:
        self._roles = _checked(data, roles)
        columns = columns_of(self._roles)
        # Errors in columns and parameters come from an empty part, before anything runs.
        if not set(columns) <= set(data.columns):
            part_of(pl.DataFrame(schema=dict.fromkeys(data.columns, pl.Null)), self._roles, days_only=False)
        lines = data.select(*map(named, columns))
        self._empty = part_of(lines.limit(0).toArrow(), self._roles, days_only=False)
        keyed = by_key(lines, self._roles["customer"])
        self._parts = keyed.mapInArrow(Lines(self._roles), "counts binary, about string").persist()

    @property
    def currency(self) -> str | None:
        """The currency of all money; None if none was given."""
        return self._roles.get("currency")

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return self._sum("customers")

    @property
    def n_orders(self) -> int:
        """Number of orders; returns without a purchase do not count."""
        return self._sum("orders")

    @property
    def n_lines(self) -> int:
        """Number of lines."""
        return self._sum("lines")

    @property
    def start(self) -> dt.date | None:
        """The first day with a line; None if there is no line."""
        return min((dt.date.fromisoformat(part["start"]) for part in self._abouts if part["start"]), default=None)

    @property
    def end(self) -> dt.date | None:
        """The last day with a line; None if there is no line."""
        return max((dt.date.fromisoformat(part["end"]) for part in self._abouts if part["end"]), default=None)

    @property
    def quality(self) -> pl.DataFrame:
        """What happened to the rows of all partitions: `status`, `reason`, `role`, `column`, `rows`, `share` (of all rows), `amount` (money)."""
        found: dict[tuple[str, ...], list[float]] = {}
        for row in (row for part in self._abouts for row in part["quality"] if row["status"] in _ADDS_UP):
            sums = found.setdefault((row["status"], row["reason"], row["role"], row["column"]), [0, 0.0])
            sums[0] += row["rows"]
            sums[1] += row["amount"] or 0.0
        total = sum(rows for rows, _ in found.values())
        table = [(*key, rows, rows / total if total else None, money) for key, (rows, money) in found.items()]
        return pl.DataFrame(table, _QUALITY, orient="row").sort("rows", descending=True, maintain_order=True)

    @property
    def rejected(self) -> pl.DataFrame:
        """The first thousand rejected rows: `row`, `role`, `column`, `value`, `reason`, `amount`. The row is the number that
        ``pyspark.sql.functions.monotonically_increasing_id`` gives it in the DataFrame."""
        rows = [row for part in self._abouts for row in part["rejected"]]
        return pl.DataFrame(rows, _REJECTED).sort("row").head(KEPT)

    def unpersist(self) -> None:
        """Frees what the executors keep; an analysis after it builds the ledger again."""
        self._parts.unpersist()

    def check(self) -> None:
        """Builds the ledger where that was not done yet, and raises what went wrong."""
        self._sum("lines")

    @cached_property
    def _abouts(self) -> list[dict[str, Any]]:
        """What is said of each partition; an error of one is that of all."""
        told = self._parts.select("about").toArrow()["about"].to_pylist()
        found = [json.loads(about) for about in told if about]
        for about in found:
            if "error" in about:
                raise getattr(errors, about["error"])(about["message"])
        return found

    def _sum(self, name: str) -> int:
        return sum(part[name] for part in self._abouts)

    def __repr__(self) -> str:
        lost = sum(rows for status, rows in self.quality.select("status", "rows").rows() if status != "kept")
        said = f"; {counted(lost, 'row')} set aside" if lost else ""
        return (
            f"leverkit.spark.Ledger({counted(self.n_customers, 'customer')}, {counted(self.n_orders, 'order')}, "
            f"{counted(self.n_lines, 'line')}, {self.start} to {self.end}{said})"
        )


def by_key(data: DataFrame, key: str | None) -> DataFrame:
    """The rows with their numbers, those of one key in one partition; rows without one are spread, as many of them may be. Without a key they stay where they are."""
    from pyspark.sql import functions as F

    numbered = data.withColumn(ROW, F.monotonically_increasing_id())
    if key is None:
        return numbered
    return numbered.repartition(F.when(named(key).isNull(), F.col(ROW)).otherwise(F.xxhash64(named(key))))


def named(column: str) -> Column:
    """A column by its name, whatever is in it."""
    from pyspark.sql import functions as F

    return F.col("`{}`".format(column.replace("`", "``")))


def _checked(data: Any, roles: Mapping[str, Any]) -> dict[str, Any]:
    if not hasattr(data, "mapInArrow"):
        raise SchemaError(f"expected a Spark DataFrame, got {type(data).__name__}")
    unknown = next((role for role in roles if role not in ROLES), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, ROLES, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"roles are {', '.join(sorted(ROLES))}"
        raise TypeError(f"unknown argument {unknown!r}; {hint}")
    numbers.checked_currency(roles.get("currency"))
    clean = roles.get("clean")
    if isinstance(clean, Mapping) and "customer" in clean:
        raise ParameterError(
            "clean: customers cannot be cleaned after the shuffle by customer; clean the column before, such as with trim and lower",
            parameter="clean",
        )
    return dict(roles)
